#!/usr/bin/env python3
"""docs/guarantee.md names tests: each of them is there."""
import os
import re

SOURCE = os.environ.get("CF_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def defined():
    """Every function of a test, and every planted mistake."""
    names = set(re.findall(r'"([a-z_]+)"', read("tests/sim/runner.c")))
    for top, _, files in os.walk(os.path.join(SOURCE, "tests")):
        for name in files:
            if name.endswith("_test.c") or name.endswith("_test.py"):
                text = read(os.path.join(top, name))
                names |= set(re.findall(r"^ *(?:static void|def) ([a-z_0-9]+)\(", text, re.M))
    return names


named = {name for name in re.findall(r"`([a-z_0-9]+)`", read("docs/guarantee.md")) if name.count("_") >= 1}
missing = sorted(named - defined() - {"online_only", "this_form"})
print("1..2")
print("ok 1 - the page names tests" if len(named) > 80 else f"not ok 1 - the page names tests\n# only {len(named)}")
print("ok 2 - each of them is there" if not missing else f"not ok 2 - each of them is there\n# {' '.join(missing)}")
raise SystemExit(1 if missing or len(named) <= 80 else 0)
