#!/usr/bin/env python3
"""Vouchers: points are taken at the centre and spent in a store that is offline, at one place, once."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

MASK = "scan 9520000010072"


def names(lines):
    return ["ok" if line["ok"] else line["error"]["name"] for line in lines]


def sell_with(world, till, voucher, who=None):
    """One sale with a voucher; "ok", or why it was refused (the sale is then cancelled)."""
    shown = [f"member {who}"] if who else []
    lines = world.sell(till, [MASK, *shown, f"coupon {voucher}"], check=False)
    verdict = next((name for name in names(lines) if name != "ok"), "ok")
    if verdict == "ok":
        assert all(coupon["effective"] for coupon in lines[-1]["sale"]["coupons"]), lines[-1]
    world.sell(till, ["tender cash due" if verdict == "ok" else "cancel"])
    return verdict


def expect(got, wanted):
    assert got == wanted, f"{got}, not {wanted}"


def points(world):
    shown = world.api("GET", f"/v1/members/{world.who['member']}")
    assert world.api("GET", "/v1/health")["points_that_do_not_add_up"] == 0
    return shown["points"], shown["points_in_vouchers"]


def buy(world, request, **where):
    return world.api("POST", f"/v1/members/{world.who['member']}/vouchers",
                     {"campaign": world.campaign, "request_id": request, **(where or {"store": world.far})})


def points_are_earned_in_a_store(world):
    world.sell(world.near_till, [MASK, "quantity 5", f"member {world.member_code(world.who)}", "tender cash due"])
    world.sync(world.near_till)
    expect(points(world), (199, 0))


def points_buy_a_voucher_and_no_more_than_there_are(world):
    world.voucher = buy(world, "v1")
    expect(points(world), (99, 100))
    expect(buy(world, "v1"), world.voucher)
    shop.refused(lambda: buy(world, "v2"), "POINTS")
    shop.refused(lambda: world.claim(world.campaign, member=world.who["member"]), "CAMPAIGN_CLOSED")
    expect(points(world), (99, 100))
    assert world.voucher["home"] == world.terminal(world.far_till), world.voucher


def a_voucher_is_good_in_its_store_which_was_offline_since_before(world):
    code = world.voucher["code"]
    world.cut()
    try:
        expect(sell_with(world, world.near_till, code, world.member_code(world.who)), "COUPON_HOME")
        shop.refused(lambda: world.redeem(code, "online", member=world.who["member"]), "COUPON_HOME")
        expect(sell_with(world, world.far_till, code), "MEMBER_REQUIRED")
        expect(sell_with(world, world.far_till, code, world.who["card"]), "MEMBER_STATIC")
        expect(sell_with(world, world.far_till, code, world.member_code(world.join_member("Wang Fang"))), "MEMBER_OTHER")
        expect(sell_with(world, world.far_till, code, world.member_code(world.who)), "ok")
        expect(sell_with(world, world.far_till, code, world.member_code(world.who)), "COUPON_SPENT")
    finally:
        world.join()


def the_sync_settles_it(world):
    assert not world.sync(world.far_till)["results"]
    have, reserved = points(world)
    expect((have > 99, reserved), (True, 0))
    figures = world.figures(world.campaign)
    expect((figures["spent"], figures["outstanding"]), (1, 0))
    shop.refused(lambda: world.redeem(world.voucher["code"], "online 2", member=world.who["member"]), "COUPON_HOME", "COUPON_SPENT")
    world.quiet()


def its_home_gives_it_up_and_the_points_come_back_once(world):
    before = points(world)[0]
    voucher = buy(world, "v3")
    world.sync(world.far_till)
    expect(points(world), (before - 100, 100))
    world.counterfoil("release", "--json", "--dir", world.far_till, voucher["code"])
    expect(points(world), (before - 100, 100))
    expect(sell_with(world, world.far_till, voucher["code"], world.member_code(world.who)), "COUPON_GENERATION")
    world.sync(world.far_till)
    expect(points(world), (before, 0))
    world.sync(world.far_till)
    expect(points(world), (before, 0))
    shop.refused(lambda: world.api("POST", "/v1/coupons/pin", {"code": voucher["code"], "store": world.store}), "STATE")


with shop.open() as the_world:
    the_world.far = the_world.api("POST", "/v1/stores", {"name": "Far store", "currency": "CNY", "tax_inclusive": True})["store"]
    the_world.put_products(the_world.far)
    the_world.near_till, the_world.far_till = the_world.till("Till 1"), the_world.till("Far 1", the_world.far)
    the_world.campaign = the_world.launch("Ten off for points", policy="pinned", budget=10, points_price=100)
    the_world.who = the_world.join_member()
    for each in (the_world.near_till, the_world.far_till):
        the_world.sync(each)
    journey.run([
        points_are_earned_in_a_store,
        points_buy_a_voucher_and_no_more_than_there_are,
        a_voucher_is_good_in_its_store_which_was_offline_since_before,
        the_sync_settles_it,
        its_home_gives_it_up_and_the_points_come_back_once,
    ], the_world)
