#!/usr/bin/env python3
"""Every text of the source is in every catalogue, whole and with the same figures in it; and another language is one more
file: a catalogue made on the spot is spoken by the desk's own test."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ["CF_SOURCE"]
# What the registry of errors says is met by cashiers as much as the windows' own texts: none waits for its words.
ERRORS_WAITING_MAX = 0


def entries(path):
    """msgid -> [msgstr...] of a .po file, by gettext's own tool for what is not obvious."""
    text = subprocess.run(["msgcat", "--no-wrap", path], check=True, capture_output=True, text=True).stdout
    found = {}
    for block in text.split("\n\n"):
        if "#, fuzzy" in block or re.search(r"^#, .*fuzzy", block, re.M):
            continue
        ids = re.findall(r'^msgid "(.*)"$', block, re.M)
        strings = re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', block, re.M)
        if ids and ids[0]:
            found[ids[0]] = strings
    return found


def errors():
    with open(os.path.join(SOURCE, "base", "error_registry.def"), encoding="utf-8") as file:
        return set(re.findall(r'^CF_ERROR\([^"]*"([^"]*)"', file.read(), re.M))


def figures(text):
    return sorted(re.sub(r"%\d+\$", "%", figure) for figure in re.findall(r"%(?:\d+\$)?[0-9]*(?:ll|l|z)?[a-z]", text))


def main():
    names = ["every text is in every catalogue", "no text lost or gained a figure", "another language is one more file"]
    print(f"1..{len(names)}", flush=True)
    if not shutil.which("xgettext") or not shutil.which("msgfmt"):
        for i, name in enumerate(names):
            print(f"ok {i + 1} - {name} # SKIP gettext is not installed")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        pot = os.path.join(work, "all.pot")
        subprocess.run([os.path.join(SOURCE, "tools", "make-texts"), "--pot", pot], check=True)
        wanted = set(entries(pot))
        missing, broken = [], []
        for name in sorted(os.listdir(os.path.join(SOURCE, "po"))):
            if not name.endswith(".po"):
                continue
            has = entries(os.path.join(SOURCE, "po", name))
            lacks = [text for text in sorted(wanted) if not has.get(text) or not all(has[text])]
            waiting = [text for text in lacks if text in errors()]
            for text in waiting:
                print(f"# {name} waits for: {text}")
            missing += [f"{name}: {text}" for text in lacks if text not in waiting or len(waiting) > ERRORS_WAITING_MAX]
            broken += [f"{name}: {text}" for text in sorted(wanted & set(has))
                       for other in has[text] if figures(other) != figures(text)]
        for i, problems in enumerate((missing, broken)):
            for problem in problems:
                print(f"# {problem}")
            print(f"{'not ok' if problems else 'ok'} {i + 1} - {names[i]}", flush=True)
            failed += bool(problems)
        third = os.path.join(work, "xx", "LC_MESSAGES")
        os.makedirs(third)
        subprocess.run(["msgen", "-o", os.path.join(work, "xx.po"), pot], check=True)
        with open(os.path.join(work, "xx.po"), encoding="utf-8") as file:
            text = re.sub(r'^(msgstr(?:\[\d\])? ")(.+"$)', r"\1<xx> \2", file.read(), flags=re.M)
        text = text.replace("<xx> Project-Id", "Project-Id")
        text = re.sub(r'msgstr ""\n"Project', 'msgstr ""\n"Project', text)
        with open(os.path.join(work, "xx.po"), "w", encoding="utf-8") as file:
            file.write(text.replace("charset=CHARSET", "charset=UTF-8").replace(
                "nplurals=INTEGER; plural=EXPRESSION", "nplurals=2; plural=n != 1"))
        subprocess.run(["msgfmt", "-o", os.path.join(third, "counterfoil.mo"), os.path.join(work, "xx.po")], check=True)
        probe = subprocess.run([os.path.join(os.environ["CF_BUILD"], "tests", "unit", "desk", "language_test")],
                               env=dict(os.environ, CF_TEXTS=work, CF_TEXTS_LANGUAGE="xx"), capture_output=True,
                               text=True, check=False)
        said = "# <xx> Welcome" in probe.stdout
        print(f"{'ok' if said else 'not ok'} 3 - {names[2]}")
        failed += not said
    return 1 if failed else 0


sys.exit(main())
