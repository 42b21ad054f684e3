#!/usr/bin/env python3
"""Fonts that are missing: the windows stay in their places with another one, and say so where there is none at all."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "journey"))
import screen  # noqa: E402
screen.with_bindings()
import journey  # noqa: E402

OTHER = "/usr/share/fonts/truetype/wqy"  # fonts-wqy-microhei
CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""


def with_fonts(folder, fonts):
    """The environment of a machine that has these alone."""
    path = os.path.join(folder, "fonts.conf")
    with open(path, "w", encoding="ascii") as file:
        file.write(CONFIGURATION.format(fonts=fonts, folder=folder))
    return dict(os.environ, FONTCONFIG_FILE=path)


def every_page_stays_in_its_place_without_our_font(folder):
    if not os.path.isdir(OTHER):
        raise journey.Skip("fonts-wqy-microhei is not installed")
    done = subprocess.run([os.path.join(journey.BUILD, "tests", "unit", "ui", "screens_test")], capture_output=True, text=True,
                          env=dict(with_fonts(folder, OTHER), CF_TEST_FILTER="english_on_a_small_screen"), check=False)
    assert done.returncode == 0 and "ok 1 - english_on_a_small_screen" in done.stdout, done.stdout[-2000:]


def without_any_font_the_till_says_which_to_install(folder):
    nothing = os.path.join(folder, "nothing")
    os.mkdir(nothing)
    done = subprocess.run([os.path.join(journey.BIN, "counterfoil-till"), "--dir", folder], capture_output=True, text=True,
                          env=with_fonts(folder, nothing), timeout=screen.PATIENCE_S, check=False)
    assert done.returncode == journey.BROKEN, (done.returncode, done.stderr[-2000:])
    assert "install fonts-inter" in done.stderr, done.stderr[-2000:]


def main():
    why = screen.missing()
    if not os.path.exists(os.path.join(journey.BIN, "counterfoil-till")):
        why = "counterfoil-till is not built: GTK 4 is not installed"
    if why:
        print(f"1..1\nok 1 - missing fonts # SKIP {why}")
        return
    folder = journey.folder("cf-fonts-")
    try:
        with screen.Screen(journey.BUILD):
            journey.run([every_page_stays_in_its_place_without_our_font, without_any_font_the_till_says_which_to_install],
                        folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
