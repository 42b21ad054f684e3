#!/usr/bin/env python3
# build: release -- spin and a compiler of its own
"""The model of leases, epochs and upload is checked, and must find each mistake that is planted in it (docs/model.md).

    model_test.py          the quick bounds, as TAP
    model_test.py --full   larger bounds too (./dev model)
    model_test.py --trail NAME   the shortest history found for one of the planted mistakes, in words
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
TIMEOUT_S = 900

COPY = ["COPIES=1", "LATES=0", "ENROLMENTS=0", "BOOTS=0"]
ENROL = ["COPIES=0", "LATES=1", "ENROLMENTS=1", "BOOTS=1"]
HUB = ["RESTORES=0", "RESTARTS=1"]
HUB_PINS = [*HUB, "PIN_LATE=1", "BUDGET=1", "LEASE=1"]
HUB_GIVES = ["RESTORES=0", "RESTARTS=1", "RIGHT=0", "GIVES=2"]
HUB_GIVES_DISK = ["RESTORES=1", "RESTARTS=2", "RIGHT=0", "ASSIGNMENTS=1", "GIVES=1"]
HUB_DISK = ["RESTORES=1", "RESTARTS=2", "RIGHT=0", "ASSIGNMENTS=1"]
# (name, model, bounds, planted mistake or None, only with --full)
RUNS = [
    ("a copy or a backup of the till", "leases.pml", COPY, None, False),
    ("the till is started, enrolled again, messages come late or twice", "leases.pml", ENROL, None, False),
    ("a copy and a new enrolment together", "leases.pml", ["COPIES=1", "LATES=0", "ENROLMENTS=1", "BOOTS=0", "SEQ_MAX=3"], None, True),
    ("a copy while messages come late or twice", "leases.pml", ["COPIES=1", "LATES=1", "ENROLMENTS=0", "BOOTS=0", "SEQ_MAX=3"], None, True),
    ("a larger budget and longer logs", "leases.pml", ["COPIES=0", "LATES=1", "ENROLMENTS=1", "BOOTS=1", "BUDGET=3"], None, True),
    ("reclaiming a dead till's lease", "leases.pml", ENROL, "RECLAIM_DEAD", False),
    ("reclaiming at expiry with a slow till clock", "leases.pml", ENROL, "RECLAIM_EXPIRED", False),
    ("restoring a backup without a marker", "leases.pml", COPY, "NO_MARKER", False),
    ("enrolling again into the current epoch", "leases.pml", ENROL, "SAME_EPOCH", False),
    ("knowing records again by their number alone", "leases.pml", COPY, "SEQ_ONLY", False),
    ("freeing what a replaced log had not spent", "leases.pml", ENROL, "STRAND_FREE", False),
    ("a store's hub, its right, its sub-leases and its end", "hub.pml", HUB, None, False),
    ("a right that is pinned while the hub changes", "hub.pml", HUB_PINS, None, False),
    ("a right that is good by whichever hub a till hears", "hub.pml", HUB_PINS, "HOME_NO_EPOCH", False),
    ("a hub whose old disk is put back", "hub.pml", HUB_DISK, None, False),
    ("a store's lease and sub-leases come back", "hub.pml", HUB_GIVES, None, False),
    ("they come back, and the hub's old disk is put back", "hub.pml", HUB_GIVES_DISK, None, True),
    ("what goes back to the hub, counted at the centre as well", "hub.pml", HUB_GIVES, "COUNTED_TWICE", False),
    ("telling the centre before the hub has lowered it", "hub.pml", HUB_GIVES, "TOLD_FIRST", False),
    ("a new hub that goes on in the epoch of the old one", "hub.pml", HUB, "SAME_HUB_EPOCH", False),
    ("a hub that lets go of a right whose till is silent", "hub.pml", HUB, "HUB_TIMEOUT", False),
    ("a new hub that answers before it knows what was stranded", "hub.pml", HUB, "HUB_EARLY", False),
    ("freeing what an ended hub had not accounted for", "hub.pml", HUB, "STRAND_FREE", False),
    ("a hub whose old disk is put back, unnoticed", "hub.pml", HUB_DISK, "HUB_NO_MARKER", False),
]


def verifier(model, switches, folder, optimise):
    subprocess.run(["spin", "-a", *[f"-D{switch}" for switch in switches], os.path.join(FOLDER, model)],
                   cwd=folder, check=True, stdout=subprocess.PIPE)
    subprocess.run(["gcc", "-w", "-O2" if optimise else "-O0", "-DSAFETY", "-DNOCLAIM", "-DCOLLAPSE", "-DVECTORSZ=2048", "-o", "pan", "pan.c"],
                   cwd=folder, check=True)


def check(model, switches, mistake):
    """(errors, states, transitions, depth, seconds, the assertion that failed)"""
    with tempfile.TemporaryDirectory(prefix="cf-model-") as folder:
        verifier(model, switches, folder, optimise=mistake is None)  # a mistake is found before a compiler is done
        started = time.monotonic()
        told = subprocess.run(["./pan", "-m50000", "-E"], cwd=folder, check=True, stdout=subprocess.PIPE, timeout=TIMEOUT_S, text=True).stdout
        seconds = time.monotonic() - started
    errors = re.search(r"depth reached (\d+), errors: (\d+)", told)
    assert errors and "max search depth too small" not in told, told
    number = lambda pattern: int(re.search(pattern, told).group(1))  # noqa: E731
    failed = re.search(r"assertion violated (.*) \(at depth", told)
    return (int(errors.group(2)), number(r"(\d+) states, stored"), number(r"(\d+) transitions"), int(errors.group(1)),
            seconds, failed.group(1) if failed else None)


def missing_functions():
    """What docs/model.md says implements a step and is not in the file that it names."""
    missing = []
    source = os.path.dirname(os.path.dirname(FOLDER))
    with open(os.path.join(source, "docs", "model.md"), encoding="utf-8") as page:
        rows = [line.split("|")[2] for line in page if re.match(r"\|.*\| .* in [a-z/_]+\.c", line)]
    for names, path in (part for row in rows for part in re.findall(r"((?:`\w+`[^`]*?)+) in ([a-z/_]+\.c)", row)):
        try:
            with open(os.path.join(source, path), encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            text = ""
        missing += [f"{name} in {path}" for name in re.findall(r"`(\w+)`", names) if not re.search(rf"\b{name}\(", text)]
    return len(rows), missing


def trail(mistake):
    name, model, bounds, _, _ = next(run for run in RUNS if run[3] == mistake)
    print(name)
    with tempfile.TemporaryDirectory(prefix="cf-model-") as folder:
        switches = [*bounds, mistake]
        verifier(model, switches, folder, optimise=True)
        subprocess.run(["./pan", "-m600", "-E", "-i"], cwd=folder, check=False, stdout=subprocess.DEVNULL, timeout=TIMEOUT_S)
        told = subprocess.run(["spin", "-t", "-k", f"{model}.trail", *[f"-D{switch}" for switch in switches], os.path.join(FOLDER, model)],
                              cwd=folder, check=False, stdout=subprocess.PIPE, text=True).stdout
    print(told.split("#processes")[0])


def main():
    if "--trail" in sys.argv:
        return trail(sys.argv[sys.argv.index("--trail") + 1])
    runs = [run for run in RUNS if "--full" in sys.argv or not run[4]]
    print(f"1..{len(runs) + 1}")
    n_rows, missing = missing_functions()
    if missing:
        print("# not found: " + ", ".join(missing))
    print(f"{'not ' if missing or n_rows < 10 else ''}ok 1 - each function of docs/model.md is in the file that it names")
    if shutil.which("spin") is None:
        for number, run in enumerate(runs, 2):
            print(f"ok {number} - {run[0]} # SKIP spin is not installed (./dev model installs it)")
        return 0
    failures = len(missing)
    for number, (name, model, bounds, mistake, _) in enumerate(runs, 2):
        errors, states, transitions, depth, seconds, failed = check(model, bounds + ([mistake] if mistake else []), mistake)
        good = errors == (1 if mistake else 0)
        failures += not good
        print(f"# {model} {' '.join(bounds)}{' ' + mistake if mistake else ''}: {states} states, {transitions} transitions, "
              f"depth {depth}, {seconds:.1f} s{'; fails: ' + failed if failed else ''}")
        what = f"it finds the mistake: {name}" if mistake else f"no invariant fails: {name}"
        print(f"{'' if good else 'not '}ok {number} - {what}", flush=True)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
