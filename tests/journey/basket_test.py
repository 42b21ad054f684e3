#!/usr/bin/env python3
"""Baskets of the online shop without a coupon: what /v1/baskets/price says is what /v1/baskets books and what a till
would charge, with the same promotions; and an order that is placed with a channel is sold at that price."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

PEN, MASK, SERUM, TEA = (good[0] for good in shop.GOODS)


def lines(*codes):
    return [{"code": code, "qty_milli": 1000} for code in codes]


def ask(world, *codes, **more):
    order = {"lines": lines(*codes), **({"tender": more.pop("tender")} if "tender" in more else {})}
    return world.api("POST", "/v1/baskets/price", {"channel": world.channel, "order": order, **more})


def buy(world, request_id, *codes, **more):
    return world.api("POST", "/v1/baskets", {"channel": world.channel, "order": {"lines": lines(*codes)}, "request_id": request_id, **more})


def launch(world, name, promotion, **terms):
    return world.api("POST", "/v1/campaigns", {"name": name, "policy": "automatic", "promotion": promotion, **terms})["campaign"]


def an_online_basket_meets_the_automatic_promotions_of_its_channel(world):
    launch(world, "Web week", {"kind": "order_percent", "percent_bp": 1000}, channels=["online"])
    launch(world, "Shop week", {"kind": "order_percent", "percent_bp": 5000}, channels=["store"])
    launch(world, "Also at the till", {"kind": "line_percent", "percent_bp": 1000, "scope": {"categories": [2]}, "priority": 1})
    launch(world, "Free delivery", {"kind": "effect", "free_delivery": True, "min_spend_minor": 5000, "channels": ["online"]})
    launch(world, "By card", {"kind": "order_amount", "amount_minor": 100, "tenders": ["card"], "channels": ["online"]})
    small = ask(world, TEA)
    assert small["total_minor"] == 964 and "free_delivery" not in small, small  # 11.90 - 1.19, then 10 % of 10.71
    assert len(small["reasons"]) == 2 and "points" not in small, small
    large = ask(world, SERUM, TEA)
    assert large["free_delivery"] and large["total_minor"] == 7490 + 1071 - 856, large
    assert ask(world, TEA, tender="card")["total_minor"] == 864
    shop.refused(lambda: ask(world, TEA, tender="cash"), "JSON_TYPE")
    shop.refused(lambda: ask(world, "NO-SUCH"), "PRODUCT_UNKNOWN")
    shop.refused(lambda: world.api("POST", "/v1/baskets/price", {"order": {"lines": []}}), "SALE_EMPTY")


def goods_that_would_be_free_are_named(world):
    gift = launch(world, "A pen", {"kind": "gift", "get_qty": 1, "min_spend_minor": 3000, "scope": {"products": [PEN]}, "channels": ["online"]})
    assert ask(world, MASK)["gifts"] == [{"product": int(PEN), "qty_milli": 1000}]
    priced = ask(world, MASK, PEN)
    assert "gifts" not in priced and priced["total_minor"] == 3990 - 399, priced
    world.api("PATCH", f"/v1/campaigns/{gift}", {"stopped": True})


def asking_changes_nothing_and_buying_books_points_once(world):
    who = world.join_member()
    asked = ask(world, MASK, member=who["member"])
    assert asked["total_minor"] == 3591 and asked["points"] == 35, asked
    balance = lambda: world.api("GET", f"/v1/members/{who['member']}")["points"]  # noqa: E731
    assert balance() == 0
    bought = buy(world, "b-1", MASK, member=who["member"], reference="W-77")
    assert {name: bought[name] for name in asked} == asked and bought["basket"] >= 1, bought
    assert buy(world, "b-1", MASK, member=who["member"], reference="W-77") == bought and balance() == 35
    shop.refused(lambda: buy(world, "b-1", SERUM, member=who["member"]), "COUPON_REQUEST")
    assert "points" not in buy(world, "b-2", MASK)
    assert world.api("GET", "/v1/health")["points_that_do_not_add_up"] == 0


def what_is_bought_online_is_a_purchase(world):
    who = world.join_member()
    world.api("POST", f"/v1/members/{who['member']}/facts", {})
    first = launch(world, "Welcome", {"kind": "order_amount", "amount_minor": 500, "first_purchase": True, "channels": ["online"]})
    assert ask(world, MASK, member=who["member"])["total_minor"] == 3990 - 399 - 500
    assert buy(world, "b-3", MASK, member=who["member"])["total_minor"] == 3990 - 399 - 500
    assert ask(world, MASK, member=who["member"])["total_minor"] == 3990 - 399
    world.api("PATCH", f"/v1/campaigns/{first}", {"stopped": True})
    world.api("POST", f"/v1/members/{who['member']}/erase", {"reason": "asked"})
    shop.refused(lambda: ask(world, MASK, member=who["member"]), "MEMBER_UNKNOWN")


def an_order_placed_with_a_channel_is_sold_at_that_price(world):
    who = world.join_member()
    order = {"request_id": "o-1", "reference": "W-78", "member": who["member"], "channel": world.channel, "lines": lines(SERUM, TEA),
             "pick_up": {"store": world.store, "ready_from": "2026-01-01T00:00:00Z", "expires": "2036-01-01T00:00:00Z"}}
    asked = ask(world, SERUM, TEA, member=who["member"])
    placed = world.api("POST", "/v1/orders", order)
    assert placed["total_minor"] == asked["total_minor"] and placed["priced"]["free_delivery"], placed
    assert [line["amount_minor"] for line in placed["lines"]] == [line["gross_minor"] - line["discount_minor"] for line in asked["lines"]]
    assert world.api("POST", "/v1/orders", order) == placed
    assert world.api("GET", f"/v1/members/{who['member']}")["points"] == asked["points"] == placed["priced"]["points"]
    world.sync(world.lane)
    handed = world.sell(world.lane, [f"pickup {placed['code']}", "hand-out"])
    assert not any("error" in line for line in handed), handed
    world.sync(world.lane)
    assert world.api("GET", f"/v1/orders/{placed['order']}")["state"] == "handed_out"
    shop.refused(lambda: world.api("POST", "/v1/orders", {**order, "request_id": "o-2", "paid": False}), "JSON_TYPE")
    shop.refused(lambda: world.api("POST", "/v1/orders", {**order, "request_id": "o-3", "lines": [{**lines(TEA)[0], "amount_minor": 1}]}), "JSON_TYPE")
    assert world.api("GET", "/v1/alarms")["alarms"] == []


def main():
    with shop.open() as world:
        world.lane = world.till("Till 1")
        journey.run([
            an_online_basket_meets_the_automatic_promotions_of_its_channel,
            goods_that_would_be_free_are_named,
            asking_changes_nothing_and_buying_books_points_once,
            what_is_bought_online_is_a_purchase,
            an_order_placed_with_a_channel_is_sold_at_that_price,
        ], world)


main()
