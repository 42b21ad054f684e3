#!/usr/bin/env python3
"""The windows' bench runs to its end and prints every figure. How fast they are is not judged here, nor anywhere in CI.

build: release (a bench of a build with sanitizers would be none)
"""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "journey"))
import journey  # noqa: E402

TOOLS = os.path.join(journey.SOURCE, "tools")
# What must be there, by a part of its name, with its unit.
FIGURES = [("drawn in both windows, 200 lines, p50", "ms"), ("drawn in both windows, 200 lines, p99", "ms"),
           ("processor time of this process, p50", "ms"), ("ready to run while others ran, p50", "ms"),
           ("typed at once -> drawn", "ms"), ("sales on both windows", "MB"), ("first frame of both windows", "s"),
           ("goods scanned at once, drawn", "s"), ("processor while idle", "%"), ("memory (PSS), both windows", "MB")]
AT_REST = ("processor while idle", "ready to run while others ran")  # may be nothing at all


def bench(*words, **environment):
    return subprocess.run(words, capture_output=True, text=True, check=False,
                          env=dict(os.environ, CF_BUILD=journey.BUILD, CF_SOURCE=journey.SOURCE, PYTHONPATH=TOOLS,
                                   **environment))


def every_figure_of_the_windows_comes_out(folder):
    done = bench(sys.executable, os.path.join(journey.SOURCE, "tests", "bench", "screens_bench.py"), folder,
                 CF_BENCH_SHORT="1")
    assert done.returncode == 0, done.stderr[-2000:]
    figures = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for part, unit in FIGURES:
        found = [figure for figure in figures if part in figure["figure"]]
        assert len(found) == 1, (part, done.stdout)
        assert found[0]["unit"] == unit and (found[0]["value"] > 0 or part in AT_REST), found


def a_bench_that_cannot_measure_says_why(_folder):
    program = os.path.join(journey.BUILD, "bench", "screens_bench")
    done = bench(program, "sales", "/nowhere", "0")
    assert done.returncode == 3 and "0 is no number" in done.stderr, (done.returncode, done.stderr)
    done = bench(program, "empty", DISPLAY=":does-not-exist", GDK_BACKEND="x11")
    assert done.returncode == 3 and "there is no display" in done.stderr, (done.returncode, done.stderr)


def main():
    if not os.path.exists(os.path.join(journey.BUILD, "bench", "screens_bench")) or not shutil.which("Xvfb"):
        print("1..1\nok 1 - the bench of the windows # SKIP GTK 4 or Xvfb is not installed")
        return
    folder = journey.folder("cf-bench-")
    try:
        journey.run([every_figure_of_the_windows_comes_out, a_bench_that_cannot_measure_says_why], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
