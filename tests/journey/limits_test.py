#!/usr/bin/env python3
"""An automatic promotion with limits: a total, a budget in money, so many a day and a store. Each use takes what was
leased to its till before, so that tills which hear of nobody never give more than the limit, and say so when nothing is
left of it."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

PEN, MASK, SERUM, TEA = (good[0] for good in shop.GOODS)
OFF = {"kind": "order_amount", "amount_minor": 100}


def launch(world, name, promotion=None, **terms):
    return world.api("POST", "/v1/campaigns", {"name": name, "policy": "automatic", "promotion": promotion or OFF, **terms})["campaign"]


def end(world, campaign):
    world.api("PATCH", f"/v1/campaigns/{campaign}", {"stopped": True})
    for till in world.tills:
        world.sync(till)


def sell(world, till, code=MASK):
    """One sale; what it cost, and by what rule a promotion was left out (or None)."""
    lines = world.sell(till, [f"scan {code}", "total", "tender cash due"])
    left_out = next(line["sale"]["left_out"] for line in reversed(lines) if "sale" in line) if any(
        "left_out" in line.get("sale", {}) for line in lines) else None
    return lines[-1]["sold"]["total_minor"], left_out


def sells(world, till, n, code=MASK):
    return [sell(world, till, code)[0] for _ in range(n)]


def synced(world):
    for till in world.tills * 2:
        answer = world.sync(till)
        assert not answer["results"], answer


def a_total_is_never_exceeded_by_tills_that_hear_of_nobody(world):
    campaign = launch(world, "Ten in all", budget=10, lease_per_terminal=4, channels=["store"])
    synced(world)
    world.cut()
    try:
        given = [sells(world, till, 7) for till in world.tills]
        cost, left_out = sell(world, world.tills[0])
    finally:
        world.join()
    assert given == [[3890] * 4 + [3990] * 3] * 2 and cost == 3990, given
    assert [(one["campaign"], one["rule"], one["reason"]) for one in left_out] == [
        (campaign, "COUPON_LEASE", "nothing is left of it at this till until the next sync")], left_out
    said = subprocess.run(world.at_store([journey.COUNTERFOIL, "sell", "--dir", world.tills[0]]), input=f"scan {MASK}\ntotal\ncancel\n",
                          capture_output=True, text=True, check=True).stdout
    assert "without Ten in all: nothing is left of it" in said, said
    synced(world)
    assert world.figures(campaign)["spent"] == 8, world.figures(campaign)
    rest = [cost for till in world.tills for cost in sells(world, till, 2)]  # the two that were left are topped up
    assert sorted(rest) == [3890] * 2 + [3990] * 2, rest
    synced(world)
    figures = world.figures(campaign)
    assert figures["spent"] == 10 and figures["free"] == figures["outstanding"] == figures["over"] == 0, figures
    world.quiet()
    end(world, campaign)


def a_budget_in_money_is_kept_to_the_cent(world):
    campaign = launch(world, "Money", {"kind": "order_percent", "percent_bp": 1000, "max_discount_minor": 500}, budget=1000,
                      budget_minor=2000, lease_per_terminal=400, channels=["store"])
    synced(world)
    world.cut()
    try:
        given = [3990 - cost for till in world.tills for cost in sells(world, till, 5)]
        _, left_out = sell(world, world.tills[0])
    finally:
        world.join()
    assert sum(given) <= 2000 and set(given) <= {0, 399} and given.count(399) >= 2, given
    assert left_out[0]["rule"] == "COUPON_LEASE" and "takes ¥3.99 off" in left_out[0]["reason"], left_out
    synced(world)
    money = world.api("GET", f"/v1/campaigns/{campaign}/figures")["money"]
    assert money["spent_minor"] == sum(given) and money["over_minor"] == 0, (money, given)
    world.quiet()
    end(world, campaign)


def so_many_a_day_and_a_store(world):
    a_day = launch(world, "Eight a day", budget=1000, lease_per_terminal=50, per_day=8, channels=["store"])
    synced(world)
    given = [sells(world, till, 8).count(3890) for till in world.tills]
    assert 0 < sum(given) <= 8 and max(given) < 8, given
    end(world, a_day)
    a_store = launch(world, "Five a store", budget=1000, lease_per_terminal=50, per_store=5, channels=["store"])
    synced(world)
    given = [sells(world, till, 6).count(3890) for till in world.tills]
    assert sum(given) == 5, given
    synced(world)
    assert sum(sells(world, till, 2).count(3890) for till in world.tills) == 0
    end(world, a_store)
    world.quiet()


def what_comes_back_is_free_again_as_the_campaign_says(world):
    for on_return, again in (("give_back", 3890), ("burn", 3990)):
        campaign = launch(world, f"Once, {on_return}", budget=1, on_return=on_return, channels=["store"])
        synced(world)
        sold = {till: world.sell(till, [f"scan {MASK}", "tender cash due"])[-1]["sold"] for till in world.tills}
        at = next(till for till in world.tills if sold[till]["total_minor"] == 3890)
        back = world.counterfoil("return", sold[at]["receipt"], "--json", "--dir", at)[0]["returned"]
        assert back["total_minor"] == 3890, back
        assert back["rights"] == [{"campaign": campaign, "index": None, "given_back": on_return == "give_back", "cost_minor": 100,
                                   "campaign_over": False}], back
        synced(world)
        assert world.figures(campaign)["spent"] == (0 if on_return == "give_back" else 1), world.figures(campaign)
        assert min(sell(world, till)[0] for till in world.tills) == again
        synced(world)
        assert world.figures(campaign)["spent"] == 1, world.figures(campaign)
        end(world, campaign)
    world.quiet()


def the_online_shop_spends_from_the_same_budget(world):
    campaign = launch(world, "Everywhere", budget=4, lease_per_terminal=1, promotion={**OFF, "channels": ["store", "online"]})
    synced(world)
    buy = lambda n: world.api("POST", "/v1/baskets", {"channel": world.channel, "request_id": f"every {n}", "order": {  # noqa: E731
        "lines": [{"code": MASK, "qty_milli": 1000}]}})["total_minor"]
    asked = world.api("POST", "/v1/baskets/price", {"order": {"lines": [{"code": MASK, "qty_milli": 1000}]}})
    assert asked["total_minor"] == 3890 and world.figures(campaign)["spent"] == 0
    world.cut()
    try:
        stores = [cost for till in world.tills for cost in sells(world, till, 2)]
        online = [buy(n) for n in range(4)]
        assert buy(0) == online[0]
    finally:
        world.join()
    assert stores == [3890, 3990] * 2 and online == [3890, 3890, 3990, 3990], (stores, online)
    synced(world)
    figures = world.figures(campaign)
    assert figures["spent"] == 4 and figures["over"] == 0, figures
    world.quiet()
    end(world, campaign)


def it_has_no_coupon_and_no_quotation_promises_it(world):
    till = world.tills[0]
    campaign = launch(world, "Few", budget=100, channels=["store"])
    synced(world)
    shop.refused(lambda: world.claim(campaign), "CAMPAIGN_CLOSED")
    shop.refused(lambda: launch(world, "Beside", {**OFF, "with_campaign": campaign}), "JSON_RANGE")
    quoted = world.sell(till, [f"scan {MASK}", "quote"])[-1]["quote"]
    assert quoted["total_minor"] == 3990, quoted
    assert world.api("GET", f"/v1/campaigns/{campaign}")["policy"] == "automatic"
    end(world, campaign)
    world.quiet()


REFUSED = [  # what, by what name, and what the detail says
    ({"budget_minor": 1000}, "JSON_TYPE", "budget: missing"),
    ({"per_day": 5}, "JSON_TYPE", "(per_day)"),
    ({"per_store": 5}, "JSON_TYPE", "(per_store)"),
    ({"budget": 5, "per_member_claims": 1}, "UNSUPPORTED", "per_member_claims: two tills apart"),
    ({"per_member_claims": 1}, "UNSUPPORTED", "per_member_claims: two tills apart"),
    ({"budget": 5, "per_member_day": 1}, "UNSUPPORTED", "per_member_day: two tills apart"),
    ({"budget": 5, "risk_budget_minor": 1}, "JSON_TYPE", "risk_budget_minor: only an optimistic"),
    ({"budget": 5, "issue_in_store": {"valid_days": 1, "range_per_terminal": 5}}, "JSON_TYPE", "issue_in_store"),
    ({"budget": 5, "budget_minor": 100, "promotion": {"kind": "order_percent", "percent_bp": 1000}}, "JSON_TYPE", "max_discount_minor: missing"),
]


def what_cannot_be_kept_is_refused_by_name(world):
    for terms, name, says in REFUSED:
        refusal = shop.refused(lambda: world.api("POST", "/v1/campaigns", {"name": "x", "policy": "automatic", "promotion": OFF, **terms}), name)
        assert says in str(refusal), (terms, refusal)
    plain = launch(world, "Without counting")
    refusal = shop.refused(lambda: world.api("PATCH", f"/v1/campaigns/{plain}", {"budget": 5}), "UNSUPPORTED")
    assert "given without counting" in str(refusal), refusal
    end(world, plain)


def main():
    with shop.open() as world:
        world.tills = [world.till("Till 1"), world.till("Till 2")]
        journey.run([
            a_total_is_never_exceeded_by_tills_that_hear_of_nobody,
            a_budget_in_money_is_kept_to_the_cent,
            so_many_a_day_and_a_store,
            what_comes_back_is_free_again_as_the_campaign_says,
            the_online_shop_spends_from_the_same_budget,
            it_has_no_coupon_and_no_quotation_promises_it,
            what_cannot_be_kept_is_refused_by_name,
        ], world)


main()
