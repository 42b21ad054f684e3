"""What the journeys share: TAP, where things are, the list of naughty strings, and looks at what a program printed.

A journey is a script that names its steps as functions: `journey.run([a_thing_happens, ...], world)` calls each in order
with the given arguments and prints one TAP line for it; a raised exception is `not ok`, journey.Skip a skip. Later steps
run even if an earlier one failed.
"""
import os
import subprocess
import sys
import tempfile
import time
import traceback
import unicodedata

SOURCE = os.environ.get("CF_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("CF_BUILD") or os.path.join(SOURCE, "build", "release")
BIN = os.path.join(BUILD, "bin")
SHARED = os.environ.get("CF_SHARED_DATA") or os.path.join(os.path.dirname(SOURCE), "shared", "data")
IS_ASAN = os.environ.get("CF_BUILD_KIND") == "asan"
COUNTERFOIL = os.path.join(BIN, "counterfoil")
sys.path.insert(0, os.path.join(SOURCE, "tools"))

REFUSED, USAGE, BROKEN = 1, 2, 3  # exit status
PATIENCE_S = 300  # of a build with sanitizers beside others at work


class Skip(Exception):
    """Raised by a step that cannot run here; its text says why."""


def run(steps, *arguments):
    """Runs the steps and ends the script."""
    failed = 0
    print(f"1..{len(steps)}", flush=True)
    for number, step in enumerate(steps, 1):
        name = step.__name__.replace("_", " ")
        try:
            step(*arguments)
            print(f"ok {number} - {name}", flush=True)
        except Skip as skip:
            print(f"ok {number} - {name} # SKIP {skip}", flush=True)
        except Exception:  # whatever it was, the other steps still have their say
            failed += 1
            print(f"not ok {number} - {name}")
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()[-40:]), end="", flush=True)
    sys.exit(1 if failed else 0)


def until(look, what):
    """What `look` sees, once it sees something."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        seen = look()
        if seen:
            return seen
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE_S} s: {what}")


def folder(prefix="cf-journey-"):
    """A new folder; the runner removes its parent."""
    return tempfile.mkdtemp(prefix=prefix)


def naughty():
    """Every naughty string as bytes, or Skip where the list is not here."""
    path = os.path.join(SHARED, "strings", "blns.txt")
    if not os.path.exists(path):
        raise Skip("the list of naughty strings is not here")
    with open(path, "rb") as file:
        lines = [line for line in file.read().split(b"\n") if line and not line.startswith(b"#")]
    assert len(lines) > 400, len(lines)
    return lines


def counterfoil(*words, stdin=b"", timeout=60, wrap=(), **environment):
    """Runs the program as it is; gives (status, stdout, stderr) in bytes. A death by signal is a negative status."""
    done = subprocess.run([*wrap, COUNTERFOIL, *words], input=stdin, capture_output=True, timeout=timeout, check=False,
                          env={**os.environ, **environment} if environment else None)
    return done.returncode, done.stdout, done.stderr


def challenge(till, store, epoch=1, nonce=b"\x01\x02\x03\x04\x05\x06\x07\x08"):
    """The CN1 text that a till would show (docs/codes.md)."""
    def number(value):
        return bytes([value]) if value < 24 else bytes([24, value]) if value < 256 else b"\x19" + value.to_bytes(2, "big")
    data = b"\x85\x01" + number(till) + number(epoch) + b"\x48" + nonce + number(store)
    alphabet, text = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", "CN1:"
    for at in range(0, len(data), 2):
        pair = data[at:at + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            text += alphabet[value % 45]
            value //= 45
    return text


BIDI = set(range(0x202A, 0x202F)) | set(range(0x2066, 0x206A)) | {0x2028, 0x2029, 0xFEFF}


def control_bytes(data, allowed=b"\n"):
    """What in `data` must not reach a terminal, a log or paper: controls, bidirectional marks, bytes that are no UTF-8."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8: {error}"
    allowed = set(allowed.decode())
    found = {char for char in text
             if char not in allowed and (unicodedata.category(char) == "Cc" or ord(char) in BIDI)}
    return " ".join(f"U+{ord(char):04X}" for char in sorted(found))


def assert_clean(data, what, allowed=b"\n"):
    found = control_bytes(data, allowed)
    assert not found, f"{what}: {found} in {data[:300]!r}"
