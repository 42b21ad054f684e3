#!/usr/bin/env python3
"""counterfoil-sync all day long: it sends by itself, lives through lost links and a restarted centre, and ends
when it is told to; a sale never waits for it."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402


def start(world, till):
    return subprocess.Popen(world.at_store([os.path.join(journey.BIN, "counterfoil-sync"), "--dir", till, "--every", "1"]),
                            stderr=open(os.path.join(world.folder, "service.log"), "ab"))


def sell(world, till):
    return world.sell(till, ["scan 9520000010003", "tender cash due"])[-1]["sold"]["seq"]


def wait_until_sent(world, till, within_s):
    """Until all of the till's records are acknowledged; the seconds it took."""
    began = time.monotonic()
    while time.monotonic() - began < within_s:
        if world.counterfoil("sync", "status", "--json", "--dir", till)[0]["equal"]:
            return time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError(world.counterfoil("sync", "status", "--json", "--dir", till)[0])


def what_is_sold_is_sent_without_being_asked(world):
    for _ in range(3):
        sell(world, world.lane)
        wait_until_sent(world, world.lane, 15)
    assert world.report(world.lane)["epochs"][0]["totals"]["sales"] == 3


def a_new_price_comes_down_by_itself_and_holds_from_the_next_sale(world):
    world.api("POST", "/v1/catalogue", {"store": world.store, "products": [
        {"codes": [shop.GOODS[0][0]], "name": "Dearer", "price_minor": 1234, "tax_bp": 1300, "categories": [1]}]})
    began = time.monotonic()
    while world.sell(world.lane, ["scan " + shop.GOODS[0][0], "cancel"])[0]["line"]["unit_price_minor"] != 1234:
        assert time.monotonic() - began < 15
        time.sleep(0.2)


def sales_go_on_without_a_link_and_are_sent_when_it_returns(world):
    world.cut()
    try:
        for _ in range(5):
            began = time.monotonic()
            sell(world, world.lane)
            assert time.monotonic() - began < 5, "a sale waited for the network"
        time.sleep(3)  # the service notices, and begins to back off
        assert world.service.poll() is None
    finally:
        world.join()
    wait_until_sent(world, world.lane, 40)


def a_restarted_centre_is_found_again(world):
    world.kill_centre()
    sell(world, world.lane)
    time.sleep(2)
    world.start_centre()
    wait_until_sent(world, world.lane, 40)


def a_service_that_hangs_keeps_nobody_from_selling(world):
    world.service.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        for _ in range(5):
            sell(world, world.lane)
        assert time.monotonic() - began < 10
        assert world.counterfoil("journal", "verify", "--json", "--dir", world.lane)[0]["ok"]
        assert world.counterfoil("report", "x", "--json", "--dir", world.lane)[0]
    finally:
        world.service.send_signal(signal.SIGCONT)
    wait_until_sent(world, world.lane, 15)


def a_till_at_work_is_not_enrolled_again(world):
    wait_until_sent(world, world.lane, 15)
    code = world.api("POST", "/v1/terminals", {"terminal": world.terminal(world.lane)})["enrol_code"]
    enrol = ["enrol", "--json", "--dir", world.lane, "--centre", f"{world.centre_host()}:{world.api_port}", code]
    shop.refused(lambda: world.counterfoil(*enrol), "BUSY")  # the service
    world.service.terminate()
    assert world.service.wait(20) == 0
    with shop.Clerk(world, world.lane) as clerk:
        clerk.step("scan 9520000010003")
        shop.refused(lambda: world.counterfoil(*enrol), "JOURNAL_LOCKED")
        assert "sold" in clerk.step("tender cash due")
    shop.refused(lambda: world.counterfoil(*enrol), "STATE")  # that sale is not sent yet
    world.sync(world.lane)
    # The code was not spent by any of these.
    assert world.counterfoil(*enrol)[0]["epoch"] == 2
    world.service = start(world, world.lane)
    began = time.monotonic()
    while True:  # it has no prices until the service has fetched them for the new epoch
        try:
            assert sell(world, world.lane) == 2  # behind the record of its start
            break
        except shop.Refused as refusal:
            assert refusal.name in ("REPLICA_NONE", "REPLICA_BROKEN", "PRODUCT_UNKNOWN"), refusal
            assert time.monotonic() - began < 30, refusal
            time.sleep(0.3)
    wait_until_sent(world, world.lane, 40)
    totals = {one["epoch"]: one["totals"]["sales"] for one in world.report(world.lane)["epochs"]}
    assert totals == {1: 15, 2: 1}, totals
    world.quiet()


def it_ends_at_once_when_told_to(world):
    for number, with_link in ((signal.SIGTERM, True), (signal.SIGINT, False)):
        service = start(world, world.other)
        if not with_link:
            world.cut()
        time.sleep(2)
        began = time.monotonic()
        service.send_signal(number)
        assert service.wait(20) == 0
        assert time.monotonic() - began < 12
    world.join()
    with open(os.path.join(world.folder, "service.log"), "rb") as file:
        journey.assert_clean(file.read(), "the log")


with shop.open() as opened:
    opened.lane, opened.other = opened.till("Till 1"), opened.till("Till 2")
    opened.service = start(opened, opened.lane)
    try:
        journey.run([what_is_sold_is_sent_without_being_asked, a_new_price_comes_down_by_itself_and_holds_from_the_next_sale,
                     sales_go_on_without_a_link_and_are_sent_when_it_returns, a_restarted_centre_is_found_again,
                     a_service_that_hangs_keeps_nobody_from_selling, a_till_at_work_is_not_enrolled_again,
                     it_ends_at_once_when_told_to], opened)
    finally:
        opened.service.kill()
        opened.service.wait()
