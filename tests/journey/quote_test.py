#!/usr/bin/env python3
"""Quotations: a priced basket that nobody pays, offline too; sold later at its prices, at the till that made it or at
another through the centre, once; below them only by what promotions give."""
import csv
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402
from orders_test import CREAM, MASK, cut, sync  # noqa: E402

SOAP = "9520000010003"  # 9.90


def refusals(lines):
    return [line["error"]["name"] for line in lines if not line["ok"]]


def quote(world, till, *steps, options=()):
    return world.sell(till, [*steps, "quote"], *options)[-1]["quote"]


def price_of_mask(world, price):
    world.api("POST", "/v1/catalogue", {"store": world.store, "products": [
        {"codes": [MASK], "name": "Thing 1", "price_minor": price, "tax_bp": 1300, "categories": [1]}]})


def alarms(world):
    return [alarm["name"] for alarm in world.api("GET", "/v1/alarms")["alarms"]]


def it_is_made_and_sold_under_without_a_link_and_once(world):
    a, _ = world.tills
    paper = os.path.join(world.folder, "paper")
    os.makedirs(paper)
    with cut(world):
        made = quote(world, a, f"scan {MASK}", "quantity 2", f"scan {CREAM}", "discount 5% sale regular",
                     options=("--print", paper, "--views"))
        assert made["total_minor"] == 14696, made
        assert made["code"].startswith("CQ1:"), made
        report = world.counterfoil("report", "x", "--json", "--dir", a)[0]
        assert report["sales"] == 0 and report["total_minor"] == 0, report
        done = world.sell(a, [f"scan {made['code']}", "price 1.00 1", f"scan {SOAP}", "discount 5% sale more",
                              "discount none sale none", "tender cash due"], "--print", paper, "--views", check=False)
        assert refusals(done) == ["PRICE_AGREED"], done
        assert done[-1]["sold"]["total_minor"] == 14696 + 990, done
        for name in (made["code"], made["receipt"], str(made["number"])):
            assert refusals(world.sell(a, [f"unquote {name}"], check=False)) == ["QUOTE_USED"]
        # what it was can be sold again, at today's prices, if somebody says so
        done = world.sell(a, [f"unquote {made['number']} today", "tender cash due"])
        assert done[-1]["sold"]["total_minor"] == 15470, done
    text = "".join(open(os.path.join(paper, name), encoding="utf-8").read()
                   for name in sorted(os.listdir(paper)) if name.endswith(".txt"))
    assert "QUOTATION" in text and "NOT A RECEIPT" in text and "As quoted" in text, text
    sync(world, a)
    told = world.api("GET", f"/v1/quotes/{made['receipt']}")
    assert told["used"] and told["total_minor"] == 14696 and len(told["lines"]) == 2, told
    status, out, _ = journey.counterfoil("journal", "verify", "--dir", a)
    assert status == 0, out
    world.quiet()


def another_till_sells_under_it_through_the_centre_at_its_prices(world):
    a, b = world.tills
    made = quote(world, a, f"scan {MASK}", "quantity 3")
    assert refusals(world.sell(b, [f"unquote {made['code']}"], check=False)) == ["QUOTE_ELSEWHERE"]  # no link
    assert refusals(world.sell(b, [f"unquote {made['code']}"], "--online", check=False)) == ["QUOTE_UNKNOWN"]
    sync(world, a)
    price_of_mask(world, 4990)
    sync(world, a, b)
    with shop.Clerk(world, b, "--online") as clerk:
        assert clerk.step(f"unquote {made['code']}")["sale"]["total_minor"] == 11970
        assert clerk.step("tender cash due")["sold"]["total_minor"] == 11970
    sync(world, b)
    assert refusals(world.sell(a, [f"unquote {made['code']}"], "--online", check=False)) == ["QUOTE_USED"]
    price_of_mask(world, 3990)
    sync(world, a, b)
    world.quiet()


def what_costs_less_today_is_told_and_what_promotions_give_is_taken(world):
    a, _ = world.tills
    made, other = (quote(world, a, f"scan {MASK}", f"scan {CREAM}") for _ in range(2))
    price_of_mask(world, 2990)
    sync(world, a)
    done = world.sell(a, [f"unquote {made['number']}", "cancel", f"unquote {made['number']} today", "cancel"])
    assert (done[0]["quote"]["cheaper_now"], done[0]["sale"]["total_minor"]) == (1, 11480), done
    assert done[2]["sale"]["total_minor"] == 10480, done
    campaign = world.launch("A tenth", policy="automatic")
    sync(world, a)
    done = world.sell(a, [f"unquote {made['number']}", "tender cash due"])
    assert not done[0]["sale"]["quote_stands"] and done[-1]["sold"]["total_minor"] == 10332, done
    better = quote(world, a, f"scan {MASK}", f"scan {CREAM}", "discount 20% sale regular")
    world.api("PATCH", f"/v1/campaigns/{campaign}", {"stopped": True})
    price_of_mask(world, 3990)
    sync(world, a)
    done = world.sell(a, [f"unquote {better['number']}", "tender cash due"])
    assert done[0]["sale"]["quote_stands"] and done[-1]["sold"]["total_minor"] == better["total_minor"] == 7546, done
    # a part of it: at the unit prices that were quoted, and all of it again once it is back
    done = world.sell(a, [f"unquote {other['number']}", "void 2", f"unquote {other['number']}", "void 1",
                          "tender cash due"])
    assert [step["sale"]["total_minor"] for step in done[:4]] == [11480, 3990, 11480, 7490], done
    assert done[-1]["sold"]["total_minor"] == 7490, done
    sync(world, a)
    world.quiet()


def a_member_who_is_forgotten_leaves_the_prices(world):
    a, b = world.tills
    who = world.join_member("Quoted")
    made = quote(world, a, f"member {who['card']}", f"scan {SOAP}")
    sync(world, a)
    assert world.api("GET", f"/v1/quotes/{made['code']}")["member"] == who["member"]
    world.api("POST", f"/v1/members/{who['member']}/erase", {})
    told = world.api("GET", f"/v1/quotes/{made['code']}")
    assert "member" not in told and told["total_minor"] == 990, told
    world.counterfoil("report", "z", "--json", "--dir", a)
    sync(world, a, a)
    world.sell(a, [f"scan {SOAP}", "tender cash due"])
    done = world.sell(a, [f"unquote {made['code']}", "tender cash due"], "--online")  # our own record may be erased
    assert done[-1]["sold"]["total_minor"] == 990, done
    sync(world, a, b)
    world.quiet()


def the_online_shop_uses_one_and_what_is_no_such_code_is_refused_by_name(world):
    a, _ = world.tills
    made, left = quote(world, a, f"scan {SOAP}"), quote(world, a, f"scan {MASK}")
    sync(world, a)
    path = f"/v1/quotes/{made['code']}/use"
    assert world.api("POST", path, {"reference": "W-77"})["reference"] == "W-77"
    assert world.api("POST", path, {"reference": "W-77"})["used"]
    shop.refused(lambda: world.api("POST", path, {"reference": "W-78"}), "QUOTE_USED")
    other = made["code"][:-1] + ("0" if made["code"][-1] != "0" else "1")
    shop.refused(lambda: world.api("GET", f"/v1/quotes/{other}"), "QUOTE_ALTERED")
    shop.refused(lambda: world.api("GET", "/v1/quotes/9-9-9"), "QUOTE_UNKNOWN")
    assert refusals(world.sell(a, [f"unquote {made['code']}"], "--online", check=False)) == ["QUOTE_USED"]
    wrong = left["code"][:-1] + ("0" if left["code"][-1] != "0" else "1")
    done = world.sell(a, [f"unquote {wrong}", "unquote 999999", "unquote nonsense", "quote", f"scan {SOAP}", "quote 91",
                          f"unquote {left['number']}", "sell-card 5.00", "cancel",
                          f"unquote {left['number']}", "quote", "cancel"], check=False)
    assert refusals(done) == ["QUOTE_ALTERED", "QUOTE_UNKNOWN", "QUOTE_UNKNOWN", "SALE_NONE", "ARGUMENT", "QUOTE_TWICE",
                              "VALUE_RANGE", "QUOTE_GOODS"], done
    sync(world, a)
    world.quiet()


def what_a_member_gets_once_is_in_no_quotation(world):
    a, _ = world.tills
    campaign = world.api("POST", "/v1/campaigns", {"name": "First", "policy": "automatic", "promotion": {
        "kind": "order_amount", "amount_minor": 500, "first_purchase": True}})["campaign"]
    sync(world, a)
    who = world.join_member()
    who["card"] = world.api("POST", f"/v1/members/{who['member']}/facts", {})["card"]
    made = [quote(world, a, f"member {world.member_code(who)}", f"scan {MASK}") for _ in range(2)]
    assert [one["total_minor"] for one in made] == [3990, 3990], made  # else each had it
    listed = world.sell(a, ["quotes"])[-1]["quotes"]
    assert [one["code"] for one in listed[:2]] == [made[1]["code"], made[0]["code"]], listed
    done = world.sell(a, [f"unquote {made[0]['code']}", f"member {world.member_code(who)}", "tender cash due"])
    assert done[-1]["sold"]["total_minor"] == 3490, done  # when it is sold, it is given
    assert [one["used"] for one in world.sell(a, ["quotes"])[-1]["quotes"][:2]] == [False, True]
    world.api("PATCH", f"/v1/campaigns/{campaign}", {"stopped": True})
    sync(world, a)
    world.quiet()


def what_two_tills_sell_under_one_is_an_alarm_and_both_sales_stand(world):
    a, b = world.tills
    made = quote(world, a, f"scan {SOAP}")
    sync(world, a)
    with shop.Clerk(world, b, "--online") as clerk:
        assert clerk.step(f"unquote {made['code']}")["ok"]
        assert clerk.step("tender cash due")["ok"]
    with cut(world):
        assert world.sell(a, [f"unquote {made['code']}", "tender cash due"])[-1]["ok"]  # it has not heard
    sync(world, b, a, a)
    assert alarms(world) == ["QUOTE_USED"], alarms(world)


if __name__ == "__main__":
    with shop.open() as world:
        world.tills = [world.till("Till 1"), world.till("Till 2")]
        journey.run([
            it_is_made_and_sold_under_without_a_link_and_once,
            another_till_sells_under_it_through_the_centre_at_its_prices,
            what_costs_less_today_is_told_and_what_promotions_give_is_taken,
            a_member_who_is_forgotten_leaves_the_prices,
            the_online_shop_uses_one_and_what_is_no_such_code_is_refused_by_name,
            what_a_member_gets_once_is_in_no_quotation,
            what_two_tills_sell_under_one_is_an_alarm_and_both_sales_stand,
        ], world)
