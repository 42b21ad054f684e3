"""A counter whose devices are played (play_counter.c), for scripts that run whole programs at it."""
import contextlib
import json
import os
import subprocess
import sys

import journey
import shop

PLAYER = os.path.join(journey.BUILD, "tests", "usb", "play_counter")


class Counter:
    def __init__(self, player):
        self.player = player
        self.preload, self.root = player.stdout.readline().split()

    def order(self, text):
        self.player.stdin.write(text + "\n")
        self.player.stdin.flush()

    def paper(self, path):
        """What the printer printed since this was last asked, as it came."""
        self.order(f"paper {path}")
        assert self.player.stdout.readline() == "written\n"
        with open(path, "rb") as file:
            return file.read()

    def variables(self):
        """Of a program that stands at this counter. With a sanitizer in it, its library need not be the first."""
        options = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
        return {"LD_PRELOAD": self.preload, "UMOCKDEV_DIR": self.root, "ASAN_OPTIONS": options}

    @contextlib.contextmanager
    def environment(self):
        before = dict(os.environ)
        os.environ.update(self.variables())
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


class Clerk(shop.Clerk):
    """A till at a played counter: it sells by what is typed, and by those of its devices that the words name."""

    def __init__(self, world, till, at, *words):
        self.at = at
        with at.environment():
            super().__init__(world, till, *words)

    def told(self):
        line = self.process.stdout.readline()
        assert line, "the till ended"
        return json.loads(line)

    def order(self, text):
        self.at.order(text)
        return self.told()


@contextlib.contextmanager
def play():
    """Ends the script with a skip where nothing can be played."""
    player = os.path.exists(PLAYER) and subprocess.Popen([PLAYER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        played = player and Counter(player)
    except ValueError:  # it wrote nothing
        played = None
    if not played:
        print("1..1\nok 1 - a played counter # SKIP umockdev is not installed, or does not start here")
        sys.exit(0)
    try:
        yield played
    finally:
        player.stdin.close()
        player.wait()
        player.stdout.close()
