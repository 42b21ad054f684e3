#!/usr/bin/env python3
"""The machine beside its till: logs that the centre gets only where the store agrees, and a factory reset that loses no
record."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402


def start(world):
    world.service = subprocess.Popen(
        world.at_store([os.path.join(journey.BIN, "counterfoil-sync"), "--dir", world.lane, "--every", "1",
                        "--log", os.path.join(world.folder, "sync.log")]), stderr=subprocess.DEVNULL)


def stop(world):
    world.service.terminate()
    assert world.service.wait(journey.PATIENCE_S) == 0


def machine(world, verb):
    return world.counterfoil("machine", verb, "--json", "--dir", world.lane)[0]


def a_cycle_passes(world):
    """Two sales, each sent: what came down before the second was looked at."""
    for _ in range(2):
        world.sell(world.lane, ["scan " + shop.GOODS[0][0], "tender cash due"])
        journey.until(lambda: world.counterfoil("sync", "status", "--json", "--dir", world.lane)[0]["equal"], "the sale to be sent")


def logs(world):
    return world.api("GET", f"/v1/machines/{world.terminal(world.lane)}/logs")["lines"]


def logs_that_the_store_does_not_show_stay_where_they_are(world):
    start(world)
    a_cycle_passes(world)
    world.api("POST", f"/v1/machines/{world.terminal(world.lane)}/logs")
    a_cycle_passes(world)
    shop.refused(lambda: logs(world), "LOGS_CONSENT")
    assert machine(world, "status")["logs_until"] == ""


def logs_come_once_it_agrees_and_only_those_of_the_last_hour(world):
    path = os.path.join(world.folder, "sync.log")
    stop(world)
    with open(path, "r+", encoding="utf-8") as file:
        written = file.read()
        file.seek(0)
        file.write("2020-01-01T00:00:00Z INFO sync: of long ago\n" + written)
    start(world)
    assert machine(world, "show-logs")["logs_until"]
    journey.until(lambda: not refused(world), "the logs")
    lines = logs(world)
    assert any("sent" in line for line in lines) and not any("long ago" in line for line in lines), lines
    shown = next(one for one in world.api("GET", "/v1/machines")["machines"] if one["terminal"] == world.terminal(world.lane))
    assert "logs_until" in shown, shown
    assert machine(world, "hide-logs")["logs_until"] == ""


def refused(world):
    try:
        logs(world)
    except shop.Refused:
        return True
    return False


def a_consent_of_yesterday_or_of_another_clock_shows_nothing(world):
    path = os.path.join(world.lane, "logs.consent")
    now = int(time.time())
    for until_s in (now - 1, now + 7200, 0, 1 << 63, (1 << 64) - 1):
        with open(path, "wb") as file:
            file.write(until_s.to_bytes(8, "big"))
        assert machine(world, "status")["logs_until"] == "", until_s
    with open(path, "wb") as file:
        file.write(b"rubbish that is no instant")
    assert machine(world, "status")["logs_until"] == ""


def can_log_in(world, user):
    try:
        world.counterfoil("user", "login", user, "--json", "--dir", world.lane, stdin="258013\n")
    except shop.Refused:
        return False
    return True


def only_a_manager_agrees_for_the_store(world):
    for user, name, role in ((1, "Bo", "cashier"), (2, "Chen", "manager"), (3, "Dai", "technician")):
        world.api("POST", f"/v1/stores/{world.store}/users", {"user": user, "name": name, "role": role, "pin": "258013"})
    journey.until(lambda: world.counterfoil("user", "who", "--json", "--dir", world.lane)[0].get("users"), "a user")
    shop.refused(lambda: machine(world, "show-logs"), "USER_NONE")
    journey.until(lambda: can_log_in(world, "3"), "the last user")
    for user in "1", "3":
        world.counterfoil("user", "login", user, "--json", "--dir", world.lane, stdin="258013\n")
        shop.refused(lambda: machine(world, "show-logs"), "PERMIT")
    world.counterfoil("user", "login", "2", "--json", "--dir", world.lane, stdin="258013\n")
    assert machine(world, "show-logs")["logs_until"]


def a_reset_waits_for_the_sync_to_end_and_for_every_record(world):
    shop.refused(lambda: machine(world, "reset"), "BUSY")
    stop(world)
    world.sell(world.lane, ["scan " + shop.GOODS[0][0], "tender cash due"])
    shop.refused(lambda: machine(world, "reset"), "STATE")
    world.sync(world.lane)
    with shop.Clerk(world, world.lane) as clerk:
        clerk.step("scan " + shop.GOODS[0][0])
        shop.refused(lambda: machine(world, "reset"), "JOURNAL_LOCKED")
        clerk.step("cancel")
    shop.refused(lambda: machine(world, "reset"), "STATE")  # the start of that till, at least
    world.sync(world.lane)


def after_a_reset_it_is_nobodys_till_and_becomes_one_again(world):
    number = world.terminal(world.lane)
    sales = sum(one["totals"]["sales"] for one in world.report(world.lane)["epochs"])
    machine(world, "reset")
    left = {name for name in os.listdir(world.lane) if os.path.isfile(os.path.join(world.lane, name))}
    assert left <= {"journal.lock", "replica.lock", "sync.alive", "replica.info"}, left
    shop.refused(lambda: world.sync(world.lane), "NOT_ENROLLED")
    code = world.api("POST", "/v1/terminals", {"terminal": number})["enrol_code"]
    world.counterfoil("enrol", "--json", "--dir", world.lane, "--centre", f"{world.centre_host()}:{world.api_port}", code)
    world.sync(world.lane)
    world.counterfoil("user", "login", "1", "--json", "--dir", world.lane, stdin="258013\n")
    world.sell(world.lane, ["scan " + shop.GOODS[0][0], "tender cash due"])
    world.sync(world.lane)
    assert sum(one["totals"]["sales"] for one in world.report(world.lane)["epochs"]) == sales + 1
    world.quiet()


def only_a_manager_leaves_records_behind(world):
    reset = ["machine", "reset", "--leave-unsent", "--json", "--dir", world.lane]
    world.sell(world.lane, ["scan " + shop.GOODS[0][0], "tender cash due"])
    for user in "1", "3":
        world.counterfoil("user", "login", user, "--json", "--dir", world.lane, stdin="258013\n")
        shop.refused(lambda: world.counterfoil(*reset), "PERMIT")
    world.counterfoil("user", "login", "2", "--json", "--dir", world.lane, stdin="258013\n")
    shop.refused(lambda: machine(world, "reset"), "STATE")
    world.counterfoil(*reset)
    shop.refused(lambda: world.sync(world.lane), "NOT_ENROLLED")


with shop.open() as opened:
    opened.lane = opened.till("Till 1")
    try:
        journey.run([logs_that_the_store_does_not_show_stay_where_they_are,
                     logs_come_once_it_agrees_and_only_those_of_the_last_hour,
                     a_consent_of_yesterday_or_of_another_clock_shows_nothing, only_a_manager_agrees_for_the_store,
                     a_reset_waits_for_the_sync_to_end_and_for_every_record,
                     after_a_reset_it_is_nobodys_till_and_becomes_one_again, only_a_manager_leaves_records_behind], opened)
    finally:
        if opened.service.poll() is None:
            opened.service.kill()
            opened.service.wait()
