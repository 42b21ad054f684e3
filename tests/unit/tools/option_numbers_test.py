#!/usr/bin/env python3
"""Every command-line option means one thing: no table of options has a number or a name twice, with the shared ones
(CF_PAYER_OPTIONS ...) in it.   build: release"""
import collections
import glob
import os
import re
import sys

SOURCE = os.environ.get("CF_SOURCE") or os.path.dirname(os.path.abspath(__file__)) + "/../../.."

SHARED = re.compile(r"^#define (CF_\w+_OPTIONS)\b((?:.*\\\n)*.*)", re.M)
TABLE = re.compile(r"struct option (\w+)\[\] = \{(.*?)\};", re.S)
OPTION = re.compile(r'\{\s*"([a-z0-9-]+)",\s*(?:no|required|optional)_argument,\s*NULL,\s*(\'.\'|\w+)\s*\}')


def number(text):
    return ord(text[1]) if text[0] == "'" else int(text, 0)


def tables(files):
    """(path, options as (name, number)) of each table; a macro stands for what it is defined as."""
    shared = {name: body.replace("\\\n", "\n") for text in files.values() for name, body in SHARED.findall(text)}
    for path, text in files.items():
        for _, body in TABLE.findall(text):
            body = re.sub(r"\bCF_\w+_OPTIONS\b", lambda used: shared[used[0]], body)
            assert len(OPTION.findall(body)) == body.count("_argument"), f"{path}: not every option is understood"
            yield path, [(name, number(value)) for name, value in OPTION.findall(body)]


def twice(options):
    """Options of a table that cannot both be meant."""
    return [[option for option in options if option[k] == value]
            for k in (0, 1) for value, n in collections.Counter(option[k] for option in options).items() if n > 1]


def sources():
    return {path: open(path, encoding="utf-8").read()
            for path in glob.glob(os.path.join(SOURCE, "app", "**", "*.[ch]"), recursive=True)
            + glob.glob(os.path.join(SOURCE, "sync", "**", "*.[ch]"), recursive=True)}


PLANTED = """#define CF_A_OPTIONS \\
    {"card", required_argument, NULL, 0x320}, \\
    { \\
        "word", required_argument, NULL, 'W' \\
    }
static const struct option options[] = {{"why", required_argument, NULL, '%s'}, CF_A_OPTIONS, {0}};
"""


def a_clash_is_found(files):
    (_, clashing), = tables({"a.c": PLANTED % "W"})
    assert twice(clashing) == [[("why", ord("W")), ("word", ord("W"))]], clashing
    (_, good), = tables({"a.c": PLANTED % "w"})
    assert len(good) == 3 and not twice(good), good


def no_command_has_an_option_that_is_another_too(files):
    found = list(tables(files))
    assert len(found) == sum(text.count("getopt_long(") for text in files.values()) > 10, len(found)
    assert any(len(options) > 20 for _, options in found), "the shared options are in none"
    clashes = [(path, pair) for path, options in found for pair in twice(options)]
    assert not clashes, clashes


def main():
    files, failed = sources(), 0
    steps = [a_clash_is_found, no_command_has_an_option_that_is_another_too]
    for k, step in enumerate(steps, 1):
        name = step.__name__.replace("_", " ")
        try:
            step(files)
            print(f"ok {k} - {name}")
        except AssertionError as wrong:
            failed += 1
            print(f"not ok {k} - {name}\n# {wrong}")
    print(f"1..{len(steps)}")
    return 1 if failed else 0


sys.exit(main())
