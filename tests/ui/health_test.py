#!/usr/bin/env python3
"""`counterfoil health` on real programs: what decides whether a system that was just started is kept."""
import contextlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "journey"))
import screen  # noqa: E402
screen.with_bindings()
import journey  # noqa: E402
import shop  # noqa: E402


def health(world, folder=None):
    """{check: its line}, and the exit status."""
    done = subprocess.run([journey.COUNTERFOIL, "health", "--json", "--dir", folder or world.lane], capture_output=True,
                          text=True, check=False)
    journey.assert_clean(done.stderr.encode(), "health")
    return {line["check"]: line for line in map(json.loads, done.stdout.splitlines())}, done.returncode


def good(checks):
    return {name for name, line in checks.items() if line["ok"]}


def a_till_that_runs_in_no_window_is_not_well_and_says_so_line_by_line(world):
    checks, status = health(world)
    assert status == journey.BROKEN and good(checks) == {"journal", "scan"}, checks
    assert checks["till"]["detail"] == checks["sync"]["detail"] == "it does not run", checks


def windows_and_sync_that_run_make_it_well(world):
    heard = os.path.join(world.folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(heard)
        manager.settimeout(screen.PATIENCE_S)
        world.till_windows = world.screen.open(world.lane, NOTIFY_SOCKET=heard, WATCHDOG_USEC="1000000")
        said = set()
        while said < {b"READY=1", b"WATCHDOG=1"}:
            said.add(manager.recv(64))
        assert said == {b"READY=1", b"WATCHDOG=1"}, said
    world.sync_process = subprocess.Popen(world.at_store([os.path.join(journey.BIN, "counterfoil-sync"), "--dir", world.lane]),
                                          stderr=subprocess.DEVNULL)
    screen.until(lambda: health(world)[1] == 0, "a machine that is well")
    checks, _ = health(world)
    assert checks["scan"]["detail"] == "Thing 0 is ¥9.90", checks


def nothing_of_it_is_in_the_books_and_a_sale_goes_on(world):
    world.till_windows.scan(shop.GOODS[0][0])
    before = subprocess.run([journey.COUNTERFOIL, "journal", "show", "--json", "--dir", world.lane], capture_output=True,
                            check=True).stdout
    assert health(world)[1] == 0
    after = subprocess.run([journey.COUNTERFOIL, "journal", "show", "--json", "--dir", world.lane], capture_output=True,
                           check=True).stdout
    assert before == after and not [name for name in os.listdir(world.tmp) if name.startswith("cf-training-")]


def a_store_with_users_is_well_with_nobody_logged_in(world):
    world.api("POST", f"/v1/stores/{world.store}/users", {"user": 7, "name": "Chen", "role": "manager", "pin": "258013"})
    world.sync_process.terminate()
    assert world.sync_process.wait(60) == 0
    world.sync(world.lane)
    checks, status = health(world)
    assert status == journey.BROKEN and good(checks) == {"till", "journal", "scan"}, checks


def a_till_that_was_killed_is_not_well(world):
    world.till_windows.process.kill()
    world.till_windows.process.wait()
    checks, status = health(world)
    assert status == journey.BROKEN and "till" not in good(checks), checks


def a_damaged_journal_is_not_well(world):
    copy = shop.copy_of(world.lane, "damaged")
    with contextlib.closing(sqlite3.connect(os.path.join(copy, "journal.db"))) as books, books:
        books.execute("UPDATE record SET wall_ms = wall_ms + 1 WHERE seq = 1")
    checks, status = health(world, copy)
    assert status == journey.BROKEN and good(checks) == {"scan"}, checks


def a_machine_that_is_nobodys_till_has_its_windows_alone(world):
    empty = os.path.join(world.folder, "empty")
    os.mkdir(empty)
    checks, status = health(world, empty)
    assert status == journey.BROKEN and good(checks) == {"enrolment"}, checks


def main():
    why = screen.missing()
    if not os.path.exists(os.path.join(journey.BIN, "counterfoil-till")):
        why = "counterfoil-till is not built: GTK 4 is not installed"
    if why:
        print(f"1..1\nok 1 - health # SKIP {why}")
        return
    with screen.Screen(journey.BUILD) as display, shop.open() as world:
        world.screen = display
        world.tmp = os.environ["TMPDIR"] = os.path.join(world.folder, "tmp")
        os.mkdir(world.tmp)
        world.lane = world.till("Till 1")
        world.sell(world.lane, ["scan " + shop.GOODS[0][0], "tender cash due"])
        try:
            journey.run([a_till_that_runs_in_no_window_is_not_well_and_says_so_line_by_line,
                         windows_and_sync_that_run_make_it_well, nothing_of_it_is_in_the_books_and_a_sale_goes_on,
                         a_store_with_users_is_well_with_nobody_logged_in, a_till_that_was_killed_is_not_well,
                         a_damaged_journal_is_not_well, a_machine_that_is_nobodys_till_has_its_windows_alone], world)
        finally:
            if hasattr(world, "sync_process") and world.sync_process.poll() is None:
                world.sync_process.kill()
                world.sync_process.wait()


main()
