#!/usr/bin/env python3
"""What a member gets once, by a first purchase or an nth visit: a printed card says nothing of purchases, a till remembers
its own sales, the centre is asked where it can be, and what two tills gave without a link the centre finds."""
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

MASK = shop.GOODS[1][0]
FULL, LESS = 3990, 3490


def agreed(world):
    """A member who agreed that promotions know how often they bought."""
    who = world.join_member()
    return fresh(world, who)


def fresh(world, who):
    """The phone fetches its card again."""
    who["card"] = world.api("POST", f"/v1/members/{who['member']}/facts", {})["card"]
    return who


def buy(world, till, code, *options, more=()):
    return world.sell(till, [f"scan {MASK}", f"member {code}", *more, "tender cash due"], *options)[-1]["sold"]


def paid(world, till, code, *options):
    return buy(world, till, code, *options)["total_minor"]


def alarms(world):
    return [alarm["name"] for alarm in world.api("GET", "/v1/alarms")["alarms"]]


def again(world, campaign):
    """What is open of what was given again."""
    return [one for one in world.api("GET", f"/v1/conflicts?open=1&campaign={campaign}")["conflicts"]
            if one["kind"] == "given_again"]


def figures_of(world, campaign):
    return world.api("GET", f"/v1/campaigns/{campaign}/figures")


def launch(world, **promotion):
    campaign = world.api("POST", "/v1/campaigns", {
        "name": "Once", "policy": "automatic", "promotion": {"kind": "order_amount", "amount_minor": 500, **promotion}})["campaign"]
    for till in world.tills:
        world.sync(till)
    return campaign


def stop(world, campaign):
    world.api("PATCH", f"/v1/campaigns/{campaign}", {"stopped": True})
    for till in world.tills:
        world.sync(till)


def a_printed_card_says_nothing_of_purchases(world):
    a, _ = world.tills
    world.first = launch(world, first_purchase=True)
    who = agreed(world)
    assert [paid(world, a, who["card"]) for _ in range(2)] == [FULL, FULL]
    world.sync(a)
    world.quiet()


def a_phone_has_it_once_at_a_till(world):
    a, _ = world.tills
    who = agreed(world)
    assert paid(world, a, world.member_code(who)) == LESS
    assert [paid(world, a, world.member_code(who)) for _ in range(2)] == [FULL, FULL]  # the same card in the phone
    assert paid(world, a, who["card"]) == FULL
    world.sync(a)
    assert paid(world, a, world.member_code(who)) == FULL
    world.sync(a)
    assert paid(world, a, world.member_code(fresh(world, who))) == FULL  # the card knows of the others now
    world.sync(a)
    world.quiet()


def who_showed_paper_first_may_show_the_phone_as_well(world):
    a, _ = world.tills
    who = agreed(world)
    with shop.Clerk(world, a) as clerk:
        clerk.step(f"scan {MASK}")
        assert clerk.step(f"member {who['card']}")["sale"]["total_minor"] == FULL
        assert clerk.step(f"member {world.member_code(who)}")["sale"]["total_minor"] == LESS
        assert clerk.step("tender cash due")["ok"]
    world.sync(a)
    world.quiet()


def a_coupon_says_what_to_do(world):
    a, _ = world.tills
    campaign = world.launch("Welcome", policy="leased", budget=10, lease_per_terminal=5,
                            promotion={"kind": "order_amount", "amount_minor": 100, "first_purchase": True})
    for till in world.tills:
        world.sync(till)
    who = agreed(world)
    with shop.Clerk(world, a) as clerk:
        clerk.step(f"scan {MASK}")
        clerk.step(f"member {who['card']}")
        told = json.dumps(clerk.step(f"coupon {world.claim(campaign)}"))
        assert "not known here: show the member code on the phone" in told, told
        told = json.dumps(clerk.step(f"member {world.member_code(who)}"))
        assert "not known here" not in told, told
        clerk.step("cancel")
    stop(world, campaign)


def an_order_that_was_paid_online_is_a_purchase(world):
    a, _ = world.tills
    campaign = launch(world, first_purchase=True)
    before = len(alarms(world))
    who = agreed(world)
    order = world.api("POST", "/v1/orders", {
        "request_id": "visits-1", "member": who["member"], "lines": [{"code": MASK, "qty_milli": 1000}],
        "pick_up": {"store": world.store, "ready_from": "2099-01-01T00:00:00Z", "expires": "2099-02-01T00:00:00Z"}})
    fresh(world, who)
    assert paid(world, a, world.member_code(who)) == FULL
    assert paid(world, a, who["card"], "--online") == FULL
    other = agreed(world)
    world.api("POST", "/v1/orders", {
        "request_id": "visits-2", "member": other["member"], "lines": [{"code": MASK, "qty_milli": 1000}],
        "pick_up": {"store": world.store, "ready_from": "2099-01-01T00:00:00Z", "expires": "2099-02-01T00:00:00Z"}})
    assert paid(world, a, world.member_code(other)) == LESS  # the phone's card is of before the order
    world.sync(a)
    found = again(world, campaign)
    assert len(found) == 1 and "before" not in found[0], found
    assert alarms(world)[before:] == ["GIVEN_AGAIN"], alarms(world)
    assert order["state"] in ("placed", "ready"), order
    stop(world, campaign)


def a_parked_sale_is_no_first_purchase_when_another_was(world):
    a, _ = world.tills
    who = agreed(world)
    done = world.sell(a, [f"scan {MASK}", f"member {world.member_code(who)}", "park aside",
                          f"scan {MASK}", f"member {world.member_code(who)}", "tender cash due",
                          "recall aside", "tender cash due"])
    assert [line["sold"]["total_minor"] for line in done if "sold" in line] == [LESS, FULL], done
    world.sync(a)
    world.quiet()


def what_came_back_whole_was_no_purchase(world):
    a, _ = world.tills
    who = agreed(world)
    sold = buy(world, a, world.member_code(who))
    assert sold["total_minor"] == LESS
    assert world.sell(a, [f"return {sold['receipt']}"])[-1]["ok"]
    assert paid(world, a, world.member_code(who)) == LESS
    assert paid(world, a, world.member_code(who)) == FULL
    world.sync(a)
    world.quiet()


def the_centre_is_asked_where_it_answers(world):
    a, b = world.tills
    who = agreed(world)
    assert paid(world, a, who["card"], "--online") == LESS  # on paper: the centre says that it is the first
    world.sync(a)
    assert paid(world, b, who["card"], "--online") == FULL
    assert paid(world, b, world.member_code(who), "--online") == FULL  # though the phone's card is of before
    late = agreed(world)
    assert paid(world, a, late["card"], "--online") == LESS
    assert paid(world, a, late["card"], "--online") == FULL  # the centre has not heard; the till knows its own
    nobody = world.join_member()  # who did not agree
    assert paid(world, a, nobody["card"], "--online") == FULL
    for till in world.tills:
        world.sync(till)
    world.quiet()


def what_two_tills_gave_without_a_link_the_centre_finds(world, order):
    a, b = world.tills
    who = agreed(world)
    first = buy(world, a, world.member_code(who))
    second = buy(world, b, world.member_code(who))
    assert [first["total_minor"], second["total_minor"]] == [LESS, LESS]
    told = [world.sync(world.tills[k]) for k in order]
    assert all(not result["rc"] for one in told for result in one["results"] or []), told
    found = again(world, world.first)
    assert len(found) == 1 and found[0]["cost_minor"] == 500, found
    assert found[0]["sale"]["terminal"] == world.terminal(b) and found[0]["before"]["terminal"] == world.terminal(a), found
    assert alarms(world) == ["GIVEN_AGAIN"], alarms(world)  # and nothing about a wrong price, or what the till should have known
    figures = figures_of(world, world.first)
    assert (figures["given_again"], figures["given_again_minor"]) == (1, 500), figures
    world.sync(b)
    results = world.counterfoil("results", "--json", "--dir", b)
    assert "GIVEN_AGAIN" in json.dumps(results), results
    # the first one comes back whole: then the second was the first
    assert world.sell(a, [f"return {first['receipt']}"])[-1]["ok"]
    world.sync(a)
    assert again(world, world.first) == [] and alarms(world) == []
    assert figures_of(world, world.first)["given_again"] == 0


def it_is_found_whoever_is_heard_first(world):
    what_two_tills_gave_without_a_link_the_centre_finds(world, (0, 1))
    what_two_tills_gave_without_a_link_the_centre_finds(world, (1, 0))


def visits_are_counted_at_a_till_and_at_the_centre(world):
    a, b = world.tills
    stop(world, world.first)
    third = launch(world, visit_nth=3)
    who = agreed(world)
    assert [paid(world, a, world.member_code(who)) for _ in range(4)] == [FULL, FULL, LESS, FULL]  # nothing was sent
    world.sync(a)
    # the card is of today, and so is what was sent: whether it has those in it this till cannot say
    assert paid(world, a, world.member_code(who)) == FULL
    other = agreed(world)
    prices = []
    for till in (a, b, a, b):
        prices.append(paid(world, till, other["card"], "--online"))
        world.sync(till)
    assert prices == [FULL, FULL, LESS, FULL], prices
    for till in world.tills:
        world.sync(till)
    world.quiet()
    stop(world, third)


def the_same_visit_at_two_tills_is_found(world):
    a, b = world.tills
    second = launch(world, visit_nth=2)
    who = agreed(world)
    for till in world.tills:
        assert [paid(world, till, world.member_code(who)) for _ in range(2)] == [FULL, LESS]
    for till in world.tills:
        world.sync(till)
    found = again(world, second)
    assert len(found) == 1 and found[0]["sale"]["terminal"] == world.terminal(b), found
    assert alarms(world) == ["GIVEN_AGAIN"], alarms(world)
    stop(world, second)


def a_shop_day_of_random_visits_accuses_no_honest_till(world):
    """Paper and phones, links that come and go, goods that come back: what is found is what a model of the day says."""
    campaign = launch(world, first_purchase=True)
    chance = random.Random(20261123)
    members = [agreed(world) for _ in range(4)]
    sales = []  # in the order of time: member, gave, stands, receipt, till
    for _ in range(36):
        till, who = chance.choice(world.tills), chance.choice(members)
        what = chance.random()
        if what < 0.2:
            world.sync(till)
        elif what < 0.3:
            fresh(world, who)
        elif what < 0.4 and any(one["till"] == till and one["stands"] for one in sales):
            one = chance.choice([one for one in sales if one["till"] == till and one["stands"]])
            assert world.sell(till, [f"return {one['receipt']}"])[-1]["ok"]
            one["stands"] = False
        else:
            code = who["card"] if chance.random() < 0.3 else world.member_code(who)
            sold = buy(world, till, code, *(["--online"] if chance.random() < 0.3 else []))
            sales.append({"who": who["member"], "gave": sold["total_minor"] == LESS, "stands": True, "till": till,
                          "receipt": sold["receipt"]})
    for till in world.tills:
        world.sync(till)
    expected = sum(1 for k, one in enumerate(sales) if one["gave"] and one["stands"]
                   and any(other["who"] == one["who"] and other["stands"] for other in sales[:k]))
    assert len(again(world, campaign)) == expected, (expected, again(world, campaign))
    assert "FACT" not in alarms(world) and set(alarms(world)) <= {"GIVEN_AGAIN"}, alarms(world)
    assert sum(one["gave"] for one in sales) >= len(members)
    stop(world, campaign)


def who_is_forgotten_is_forgotten_here_too(world):
    a, b = world.tills
    campaign = launch(world, first_purchase=True)
    who = agreed(world)
    assert paid(world, a, world.member_code(who)) == LESS
    assert paid(world, b, world.member_code(who)) == LESS
    for till in world.tills:
        world.sync(till)
    assert len(again(world, campaign)) == 1
    world.api("POST", f"/v1/members/{who['member']}/erase")
    found = again(world, campaign)
    assert len(found) == 1 and found[0]["member"] is None and found[0]["cost_minor"] == 500, found
    for till in world.tills:
        subprocess.run(world.at_store([journey.COUNTERFOIL, "report", "z", "--json", "--dir", till]), check=True, capture_output=True)
        world.sync(till)
        world.sell(till, [f"scan {MASK}", "tender cash due"])
        world.sync(till)
        world.sell(till, [f"scan {MASK}", "tender cash due"])
        held = open(os.path.join(till, "journal.db"), "rb").read()
        assert bytes.fromhex(who["member"]) not in held
        assert world.counterfoil("journal", "verify", "--json", "--dir", till)[0]["ok"]


if __name__ == "__main__":
    with shop.open() as world:
        world.tills = [world.till("Till 1"), world.till("Till 2")]
        journey.run([
            a_printed_card_says_nothing_of_purchases,
            a_phone_has_it_once_at_a_till,
            who_showed_paper_first_may_show_the_phone_as_well,
            a_coupon_says_what_to_do,
            a_parked_sale_is_no_first_purchase_when_another_was,
            what_came_back_whole_was_no_purchase,
            the_centre_is_asked_where_it_answers,
            it_is_found_whoever_is_heard_first,
            visits_are_counted_at_a_till_and_at_the_centre,
            the_same_visit_at_two_tills_is_found,
            a_shop_day_of_random_visits_accuses_no_honest_till,
            an_order_that_was_paid_online_is_a_purchase,
            who_is_forgotten_is_forgotten_here_too,
        ], world)
