#!/usr/bin/env python3
"""Goods come back: at the till that sold them without a link, at another till of the store through the centre; points and
coupons are given back once, and two tills that take back the same goods are found out."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

MASK = "9520000010072"  # 39.90


def sell(world, till, *steps):
    """One sale; its receipt's number."""
    lines = world.sell(till, [*steps, "tender cash due"])
    return lines[-1]["sold"]["receipt"]


def take_back(world, till, receipt, *options, check=True):
    """The answer of `counterfoil return`, or the name it was refused by."""
    lines = world.counterfoil("return", receipt, "--json", "--dir", till, *options, check=check)
    return lines[0]["returned"] if lines[0]["ok"] else lines[0]["error"]["name"]


def coupon_at(world, till, coupon):
    lines = world.sell(till, [f"scan {MASK}", f"coupon {coupon}"], check=False)
    world.sell(till, ["cancel"])
    return "ok" if lines[-1]["ok"] else lines[-1]["error"]["name"]


def points(world, who):
    return world.api("GET", f"/v1/members/{who['member']}")["points"]


def a_coupon_and_points_come_back_with_the_goods_and_the_coupon_is_good_at_another_till(world):
    a, b = world.tills
    campaign = world.launch("Ten", budget=20, lease_per_terminal=4)
    coupon, who = world.claim(campaign), world.join_member()
    for till in world.tills:
        world.sync(till)
    receipt = sell(world, a, f"scan {MASK}", "quantity 2", f"member {world.member_code(who)}", f"coupon {coupon}")
    for till in world.tills:
        world.sync(till)
    earned = points(world, who)
    assert earned == 71, earned
    assert coupon_at(world, b, coupon) == "COUPON_SPENT"
    half = take_back(world, a, receipt, "--line", "1", "--quantity", "1")
    assert half["total_minor"] == 3591 and not half["rights"], half
    rest = take_back(world, a, receipt)
    assert rest["total_minor"] == 3591 and rest["rights"][0]["given_back"], rest
    assert take_back(world, a, receipt, check=False) == "RETURN_EMPTY"
    assert half["points"] + rest["points"] == earned
    for till in (a, b, a):
        world.sync(till)
    assert points(world, who) == 0, points(world, who)
    figures = world.figures(campaign)
    assert figures["spent"] == 0 and figures["over"] == 0, figures
    assert coupon_at(world, b, coupon) == "ok"
    assert coupon_at(world, a, coupon) == "ok"
    world.quiet()


def another_till_of_the_store_asks_the_centre_and_without_it_refuses(world):
    a, b = world.tills
    receipt = sell(world, a, f"scan {MASK}", "quantity 3")
    world.sync(a)
    assert take_back(world, b, receipt, check=False) == "RETURN_ELSEWHERE"
    world.cut()
    try:
        assert take_back(world, b, receipt, "--online", check=False) == "RETURN_ELSEWHERE"
    finally:
        world.join()
    assert take_back(world, b, receipt, "--online", "--line", "1", "--quantity", "2")["total_minor"] == 7980
    # B has not sent it yet; what is kept for it is not there for A, once A asks.
    assert take_back(world, a, receipt, "--online", "--line", "1", "--quantity", "2", check=False) == "RETURN_QUANTITY"
    assert take_back(world, a, receipt, "--online")["total_minor"] == 3990
    assert take_back(world, b, receipt, "--online", check=False) == "RETURN_EMPTY"
    for till in world.tills:
        assert not world.sync(till)["results"]
    world.quiet()


def a_whole_sale_is_voided_on_its_day_and_the_days_agree(world):
    a, _ = world.tills
    receipt = sell(world, a, f"scan {MASK}")
    lines = world.sell(a, [f"void-sale {receipt}", f"void-sale {receipt}"], check=False)
    assert lines[0]["returned"]["total_minor"] == 3990, lines
    assert lines[1]["error"]["name"] == "RETURN_VOID", lines
    report = world.counterfoil("report", "z", "--json", "--dir", a)[0]
    assert report["returned"]["voids"] == 1, report
    world.sync(a)
    epoch = world.report(a)["epochs"][0]
    assert epoch["z_reports"][-1]["agrees"], epoch
    assert epoch["totals"]["returned"]["total_minor"] == report["returned"]["total_minor"], epoch
    status, out, _ = journey.counterfoil("journal", "verify", "--dir", a)
    assert status == 0, out


def goods_are_exchanged_in_one_step_and_both_records_agree(world):
    a, b = world.tills
    campaign = world.launch("Twelve", budget=20, lease_per_terminal=4)
    coupon, who = world.claim(campaign), world.join_member()
    for till in world.tills:
        world.sync(till)
    receipt = sell(world, a, f"scan {MASK}", f"member {world.member_code(who)}", f"coupon {coupon}")
    world.sync(a)
    # At another till, with the centre; then the link goes. The mask (39.90 less the coupon) for a dearer one.
    world.sell(b, [f"exchange {receipt}"], "--online")
    world.cut()
    try:
        lines = world.sell(b, ["scan 9520000010140", "total", "tender cash due"])
    finally:
        world.join()
    assert lines[-2]["sale"]["due_minor"] == 7490 - 3591, lines[-2]
    returned = lines[-1]["returned"]
    assert returned["exchange_minor"] == 3591 and not returned["tenders"], returned
    assert returned["rights"][0]["given_back"], returned
    # And back again for a cheaper one: the rest is given back, without a link.
    receipt = lines[-1]["sold"]["receipt"]
    lines = world.sell(b, [f"exchange {receipt} 1=1", f"scan {MASK}", "tender cash due"])
    returned = lines[-1]["returned"]
    assert returned["exchange_minor"] == 3990, returned
    assert [(one["kind"], one["amount_minor"]) for one in returned["tenders"]] == [("cash", 3500)], returned
    # One that is cancelled changes nothing, and lets the goods go.
    receipt = lines[-1]["sold"]["receipt"]
    world.sell(b, [f"exchange {receipt}", "scan 9520000010140", "cancel"], "--online")
    for till in (b, a, b):
        assert not world.sync(till)["results"]
    assert points(world, who) == 0
    assert coupon_at(world, a, coupon) == "COUPON_SPENT"  # its own journal does not hear of that return
    assert take_back(world, a, receipt, "--online")["total_minor"] == 3990
    report = world.counterfoil("report", "z", "--json", "--dir", b)[0]
    assert report["tenders"]["exchange"] == report["returned"]["tenders"]["exchange"] == 3591 + 3990, report
    for till in (b, a):
        world.sync(till)
    assert world.report(b)["epochs"][0]["z_reports"][-1]["agrees"]
    status, out, _ = journey.counterfoil("journal", "verify", "--dir", b)
    assert status == 0, out
    world.quiet()


def goods_that_two_tills_take_back_are_one_conflict(world):
    a, b = world.tills
    receipt = sell(world, a, f"scan {MASK}")
    world.sync(a)
    assert take_back(world, a, receipt)["total_minor"] == 3990  # without a link
    assert take_back(world, b, receipt, "--online")["total_minor"] == 3990  # the centre has not heard of it
    for till in (b, a, b):
        world.sync(till)
    conflicts = world.api("GET", "/v1/conflicts")["conflicts"]
    assert len(conflicts) == 1 and conflicts[0]["kind"] == "return", conflicts
    assert conflicts[0]["return"]["refund_minor"] == 3990, conflicts
    assert [alarm["name"] for alarm in world.api("GET", "/v1/alarms")["alarms"]] == ["RETURN_TWICE"]


def more_without_a_receipt_than_one_till_may_give_is_found(world):
    before = len(world.api("GET", "/v1/alarms")["alarms"])
    for till in world.tills:
        assert world.sell(till, [f"return-goods {MASK}*20 nobody kept the receipt"])[-1]["ok"]  # 798.00
        refused = world.sell(till, [f"return-goods {MASK}*6 nor of these"], check=False)[-1]
        assert refused["error"]["name"] == "RETURN_LIMIT", refused
        blank = world.sell(till, [f"return-goods {MASK}   "], check=False)[-1]
        assert not blank["ok"], blank
    for till in world.tills:
        world.sync(till)
    alarms = world.api("GET", "/v1/alarms")["alarms"][before:]
    assert [(one["name"], one["terminal"]) for one in alarms] == [("RETURN_LIMIT", world.terminal(world.tills[1]))], alarms


if __name__ == "__main__":
    with shop.open() as world:
        world.tills = [world.till("Till 1"), world.till("Till 2")]
        journey.run([
            a_coupon_and_points_come_back_with_the_goods_and_the_coupon_is_good_at_another_till,
            another_till_of_the_store_asks_the_centre_and_without_it_refuses,
            a_whole_sale_is_voided_on_its_day_and_the_days_agree,
            goods_are_exchanged_in_one_step_and_both_records_agree,
            goods_that_two_tills_take_back_are_one_conflict,
            more_without_a_receipt_than_one_till_may_give_is_found,
        ], world)
