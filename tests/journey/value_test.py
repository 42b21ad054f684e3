#!/usr/bin/env python3
"""Gift cards, store credit and points as money: sold online and spent in a store, sold in a store without a link and spent
there alone until the centre has heard of it, homed at a till, shown at two tills at once, given back by returns, killed in
between: never a cent more than was put on, and every attempt to spend twice is refused by name."""
import concurrent.futures
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

MASK = "9520000010072"  # 39.90


def expect(got, wanted):
    assert got == wanted, f"{got}, not {wanted}"


def issue(world, amount_minor, **more):
    world.counter += 1
    return world.api("POST", "/v1/gift-cards", {"amount_minor": amount_minor, "currency": "CNY",
                                                "request_id": f"card-{world.counter}", **more})


def card(world, account):
    return world.api("GET", f"/v1/gift-cards/{account}")


def figures(world, account):
    """balance, homed, held, spent."""
    got = card(world, account)
    return tuple(got[f"{name}_minor"] for name in ("balance", "homed", "held", "spent"))


def sound(world):
    expect(world.api("GET", "/v1/reports/invariants")["broken"], [])
    health = world.api("GET", "/v1/health")
    expect(health["points_that_do_not_add_up"], 0)


def pay(world, till, code, *options, goods=MASK, amount="due", rest="tender cash due"):
    """One sale that a card pays as far as it goes, and cash the rest; "ok", or why the card was refused (then cash pays)."""
    lines = world.sell(till, [f"scan {goods}", f"giftcard {amount} {code}"], *options, check=False)
    verdict = "ok" if lines[-1]["ok"] else lines[-1]["error"]["name"]
    if not (verdict == "ok" and "sold" in lines[-1]):
        world.sell(till, [rest], *options)
    return verdict


def sell_card(world, till, amount, *options):
    lines = world.sell(till, [f"sell-card {amount}", "tender cash due"], *options)
    return lines[-1]["gift_cards"][0]


def home(world, account, till, amount_minor):
    world.counter += 1
    return world.api("POST", f"/v1/gift-cards/{account}/home",
                     {"terminal": world.terminal(till), "amount_minor": amount_minor, "request_id": f"home-{world.counter}"})


def refused(call):
    try:
        call()
    except shop.Refused as why:
        return why.name
    return "ok"


# --- steps ---

def a_card_that_was_sold_online_pays_in_a_store_to_the_cent(world):
    a, _ = world.tills
    made = issue(world, 10000)
    expect(pay(world, a, made["code"], "--online"), "ok")
    expect(figures(world, made["account"]), (6010, 0, 3990, 0))  # held until the record is here
    world.sync(a)
    expect(figures(world, made["account"]), (6010, 0, 0, 3990))
    expect(pay(world, a, made["code"], "--online", amount="10.00"), "ok")
    expect(pay(world, a, made["code"], "--online", goods="9520000010140", amount="60.00"), "VALUE_SHORT")
    expect(pay(world, a, made["code"], "--online", goods="9520000010140"), "ok")  # 50.10 of 74.90, the rest in cash
    expect(pay(world, a, made["code"], "--online"), "VALUE_EMPTY")
    world.sync(a)
    expect(figures(world, made["account"]), (0, 0, 0, 10000))
    sound(world)


def without_a_link_a_card_is_refused_by_name(world):
    a, _ = world.tills
    made = issue(world, 5000)
    expect(pay(world, a, made["code"]), "VALUE_OFFLINE")
    world.cut()
    expect(pay(world, a, made["code"], "--online"), "VALUE_OFFLINE")
    world.join()
    world.sync(a)
    expect(figures(world, made["account"]), (5000, 0, 0, 0))
    forged = made["code"][:-2] + ("AA" if made["code"][-2:] != "AA" else "BB")
    assert pay(world, a, forged, "--online") in ("CODE_SIGNATURE", "CODE_SHAPE", "BASE45")
    sound(world)


def what_is_given_back_or_cancelled_is_on_the_card_again(world):
    a, _ = world.tills
    made = issue(world, 3000)
    world.sell(a, [f"scan {MASK}", f"giftcard due {made['code']}", "untender", "cancel"], "--online")
    expect(figures(world, made["account"]), (3000, 0, 0, 0))  # said at once
    world.sell(a, [f"scan {MASK}", f"giftcard due {made['code']}"], "--online")
    world.cut()
    world.sell(a, ["untender", "park later"], "--online")
    world.join()
    expect(figures(world, made["account"]), (0, 0, 3000, 0))  # only the record can say it
    world.sync(a)
    expect(figures(world, made["account"]), (3000, 0, 0, 0))
    world.sell(a, ["recall later", "cancel"])
    expect(pay(world, a, made["code"], "--online", rest="tender cash due"), "ok")
    world.sync(a)
    expect(figures(world, made["account"]), (0, 0, 0, 3000))
    sound(world)


def a_card_sold_without_a_link_is_good_there_and_elsewhere_when_the_centre_has_heard(world):
    a, b = world.tills
    sold = sell_card(world, a, "50.00")
    code, account = sold["code"], sold["account"]
    expect(pay(world, b, code), "VALUE_OFFLINE")  # nobody else has it
    expect(pay(world, b, code, "--online"), "VALUE_UNKNOWN")  # the centre has not heard of it
    expect(pay(world, a, code), "ok")  # 39.90 of it, there
    expect(pay(world, a, code, goods="9520000010218"), "ok")  # the last 10.10, the rest in cash
    expect(pay(world, a, code), "VALUE_OFFLINE")
    world.sync(a)
    expect(figures(world, account), (0, 0, 0, 5000))

    sold = sell_card(world, a, "60.00")
    code, account = sold["code"], sold["account"]
    expect(pay(world, a, code), "ok")
    world.sync(a)
    expect(figures(world, account), (0, 2010, 0, 3990))  # what is left is the seller's until it says so
    expect(pay(world, b, code, "--online"), "VALUE_EMPTY")
    world.sell(a, ["scan 9520000010003", "tender cash due"])  # between sales it gives it up
    world.sync(a)
    expect(figures(world, account), (2010, 0, 0, 3990))
    expect(pay(world, a, code), "VALUE_OFFLINE")  # not here any more
    expect(pay(world, b, code, "--online", goods="9520000010218"), "ok")
    world.sync(b)
    expect(figures(world, account), (820, 0, 0, 5180))
    sound(world)


def an_amount_that_lies_at_a_till_is_spent_there_without_a_link_and_nowhere_else(world):
    a, b = world.tills
    made = issue(world, 10000)
    account, code = made["account"], made["code"]
    expect(refused(lambda: home(world, account, a, 10001)), "VALUE_SHORT")
    home(world, account, a, 4500)
    world.sync(a)
    world.sync(b)
    expect(figures(world, account), (5500, 4500, 0, 0))
    expect(pay(world, b, code), "VALUE_OFFLINE")
    expect(pay(world, a, code), "ok")  # 39.90 of 45.00
    expect(pay(world, a, code, amount="20.00"), "VALUE_OFFLINE")  # 5.10 lie there
    expect(pay(world, a, code, "--online"), "ok")  # 5.10 from here, 34.80 from the centre
    world.sync(a)
    expect(figures(world, account), (2020, 0, 0, 7980))
    home(world, account, a, 2000)
    world.sync(a)
    world.api("POST", f"/v1/gift-cards/{account}/recall", {"terminal": world.terminal(a)})
    world.sync(a)
    world.sell(a, ["scan 9520000010003", "tender cash due"])
    world.sync(a)
    expect(figures(world, account), (2020, 0, 0, 7980))
    expect(pay(world, a, code), "VALUE_OFFLINE")
    sound(world)


def a_card_that_is_shown_at_two_tills_at_once_never_gives_more_than_it_holds(world):
    made = issue(world, 5000)  # 39.90 twice is too much
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        wanted = [pool.submit(pay, world, till, made["code"], "--online", amount="39.90") for till in world.tills]
        wanted.append(pool.submit(refused, lambda: world.api("POST", "/v1/gift-cards/spend", {
            "code": made["code"], "amount_minor": 3990, "currency": "CNY", "order": "web-1", "request_id": "race-1"})))
        verdicts = sorted(one.result() for one in wanted)
    expect(verdicts, ["VALUE_SHORT", "VALUE_SHORT", "ok"])
    for till in world.tills:
        world.sync(till)
    expect(figures(world, made["account"]), (1010, 0, 0, 3990))
    sound(world)


def a_till_that_is_killed_between_asking_and_selling_loses_nobodys_money(world):
    a, b = world.tills
    made = issue(world, 9000)
    clerk = shop.Clerk(world, a, "--online")
    assert clerk.step(f"scan {MASK}")["ok"]
    assert clerk.step(f"giftcard 30.00 {made['code']}")["ok"]
    clerk.process.send_signal(signal.SIGKILL)
    clerk.process.wait()
    clerk.process.stdin.close()
    clerk.process.stdout.close()
    expect(figures(world, made["account"]), (6000, 0, 3000, 0))
    expect(pay(world, b, made["code"], "--online", goods="9520000010140", amount="70.00"), "VALUE_SHORT")
    lines = world.sell(a, ["total", "tender cash due"], "--online")  # it is where it was
    expect(lines[0]["sale"]["due_minor"], 990)
    world.sync(a)
    expect(figures(world, made["account"]), (6000, 0, 0, 3000))
    world.kill_centre()
    expect(pay(world, a, made["code"], "--online"), "VALUE_OFFLINE")
    world.start_centre("Journey")
    world.sync(a)
    expect(figures(world, made["account"]), (6000, 0, 0, 3000))
    sound(world)


def goods_that_come_back_refund_the_card_that_paid_and_never_more(world):
    a, _ = world.tills
    made = issue(world, 3000)
    world.sell(a, [f"scan {MASK}", f"giftcard due {made['code']}"], "--online")
    receipt = world.sell(a, ["tender cash due"], "--online")[-1]["sold"]["receipt"]
    world.sync(a)
    expect(figures(world, made["account"]), (0, 0, 0, 3000))
    back = world.counterfoil("return", receipt, "--json", "--dir", a)[0]["returned"]
    expect(sum(tender["amount_minor"] for tender in back["tenders"] if tender["kind"] == "gift_card"), 3000)
    world.sync(a)
    expect(figures(world, made["account"]), (3000, 0, 0, 0))
    sound(world)


def goods_that_come_back_are_paid_with_store_credit_without_a_link(world):
    a, b = world.tills
    sold = world.sell(a, [f"scan {MASK}", "tender cash due"])[-1]["sold"]
    back = world.sell(a, [f"return {sold['receipt']} as-credit"])[-1]["returned"]
    expect([one["kind"] for one in back["tenders"]], [])
    credit = back["store_credit"]
    expect(credit["amount_minor"], 3990)
    expect(world.sell(b, [f"balance {credit['code']}"], check=False)[-1]["ok"], False)  # it lies at the till that gave it
    world.sync(a)
    expect(figures(world, credit["account"]), (0, 3990, 0, 0))
    world.sell(a, ["scan 9520000010003", "tender cash due"])  # between sales it gives it up
    world.sync(a)
    expect(figures(world, credit["account"]), (3990, 0, 0, 0))
    lines = world.sell(b, [f"scan {MASK}", f"credit due {credit['code']}"], "--online")
    assert "sold" in lines[-1], lines
    world.sync(b)
    expect(figures(world, credit["account"]), (0, 0, 0, 3990))
    # Without a receipt as well.
    back = world.sell(a, [f"credit-goods {MASK} no receipt, but ours"])[-1]["returned"]
    expect((back["cash_minor"], back["store_credit"]["amount_minor"]), (0, 3990))
    lines = world.sell(a, [f"scan {MASK}", f"credit due {back['store_credit']['code']}"])
    assert "sold" in lines[-1], lines
    world.sync(a)
    expect(figures(world, back["store_credit"]["account"]), (0, 0, 0, 3990))
    sound(world)


def all_of_a_sale_with_a_gift_card_comes_back_but_for_the_card(world):
    a, _ = world.tills
    lines = world.sell(a, [f"scan {MASK}", "sell-card 20.00", "price 5.00", "tender cash due"], check=False)
    assert lines[2]["error"]["name"] == "VALUE_CARD", lines  # it is sold at what is on it
    sold = lines[-1]["sold"]
    back = world.sell(a, [f"return {sold['receipt']}"])[-1]["returned"]
    expect((back["total_minor"], back["lines_that_stay"]), (3990, 1))
    lines = world.sell(a, [f"return {sold['receipt']}"], check=False)
    expect(lines[-1]["error"]["name"], "VALUE_CARD")
    world.sync(a)
    sound(world)


def points_pay_with_a_link_and_a_live_code(world):
    a, _ = world.tills
    who = world.join_member()
    world.sell(a, [f"member {world.member_code(who)}", "scan 9520000010140", "quantity 4", "tender cash due"])
    world.sync(a)
    points = world.api("GET", f"/v1/members/{who['member']}")["points"]
    assert points > 20, points
    lines = world.sell(a, [f"member {who['card']}", f"scan {MASK}", "points 10", "cancel"], "--online", check=False)
    expect(lines[2]["error"]["name"], "MEMBER_STATIC")
    world.sell(a, ["cancel"], check=False)
    lines = world.sell(a, [f"member {world.member_code(who)}", f"scan {MASK}", "points 10"], check=False)
    expect(lines[2]["error"]["name"], "VALUE_OFFLINE")
    world.sell(a, ["cancel"])
    world.sell(a, [f"member {world.member_code(who)}", f"scan {MASK}", "points 10", "untender", "points 20",
                   "tender cash due"], "--online")
    world.sync(a)
    got = world.api("GET", f"/v1/members/{who['member']}")["points"]
    assert got >= points - 20, (got, points)
    sound(world)


def step(world, till, *steps, options=()):
    """The last answer, or the name that the first refused step was refused by."""
    lines = world.sell(till, list(steps), *options, check=False)
    bad = next((line for line in lines if not line["ok"]), None)
    return bad["error"]["name"] if bad else lines[-1]


def money_is_put_on_a_card_with_a_link_or_where_it_lies(world):
    a, b = world.tills
    made = issue(world, 1000)
    code = made["code"]
    expect(step(world, a, f"top-up 40.00 {code}"), "VALUE_OFFLINE")  # whether there is such a card nobody here knows
    expect(step(world, a, f"top-up 0.00 {code}", options=["--online"]), "VALUE_CARD")
    expect(step(world, a, f"top-up 999990.01 {code}", options=["--online"]), "VALUE_CARD")  # more than a card holds
    expect(step(world, a, *[f"top-up 600000.00 {code}"] * 2, options=["--online"]), "VALUE_CARD")  # nor both of them
    world.sell(a, ["cancel"])
    sold = step(world, a, f"top-up 40.00 {code}", "tender cash 50.00", options=["--online"])["sold"]
    expect((sold["total_minor"], sold["change_minor"]), (4000, 1000))
    expect(figures(world, made["account"]), (1000, 0, 0, 0))
    expect(pay(world, a, code), "ok")  # 39.90 of what was put on lies here, and is good without a link
    expect(pay(world, b, code, "--online", amount="10.01"), "VALUE_SHORT")  # elsewhere only what the centre has
    sold = step(world, a, f"top-up 20.00 {code}", "tender cash due")["sold"]  # it is known here by now
    world.sync(a)
    expect(figures(world, made["account"]), (1000, 2010, 0, 3990))
    world.sell(a, ["scan 9520000010003", "tender cash due"])  # between sales it is given up
    world.sync(a)
    expect(figures(world, made["account"]), (3010, 0, 0, 3990))
    expect(pay(world, b, code, "--online", goods="9520000010003"), "ok")
    world.sync(b)
    expect(figures(world, made["account"]), (2020, 0, 0, 4980))
    world.api("POST", f"/v1/gift-cards/{made['account']}/block", {"blocked": True})
    expect(step(world, b, f"top-up 5.00 {code}", options=["--online"]), "VALUE_BLOCKED")
    again = world.counterfoil("return", sold["receipt"], "--json", "--dir", a, check=False)[0]
    expect(again["error"]["name"], "VALUE_CARD")  # whoever has the card has the money
    sound(world)


def a_blocked_card_is_refused_where_its_money_lies_once_the_till_has_heard(world):
    a, b = world.tills
    made = issue(world, 20000)
    account, code = made["account"], made["code"]
    home(world, account, a, 15000)
    world.sync(a)
    world.api("POST", f"/v1/gift-cards/{account}/block", {"blocked": True})
    expect(pay(world, a, code), "ok")  # it has not heard
    world.sync(a)
    alarm = [one for one in world.api("GET", "/v1/alarms")["alarms"] if one["name"] == "VALUE_BLOCKED"]
    expect((len(alarm), alarm[0]["terminal"]), (1, world.terminal(a)))
    for options in ([], ["--online"]):
        expect(pay(world, a, code, *options), "VALUE_BLOCKED")
        expect(step(world, a, f"refund-card lost {code}", options=options), "VALUE_BLOCKED")
        expect(step(world, a, f"top-up 5.00 {code}", options=options), "VALUE_BLOCKED")
    expect(pay(world, b, code, "--online"), "VALUE_BLOCKED")
    world.api("POST", f"/v1/gift-cards/{account}/block", {"blocked": False})
    world.sync(a)
    expect(pay(world, a, code), "ok")
    world.sync(a)


def a_card_is_taken_back_for_what_is_left_on_it_and_never_twice(world):
    a, b = world.tills
    made = issue(world, 6000)
    code = made["code"]
    expect(step(world, a, f"refund-card unwanted {code}"), "VALUE_OFFLINE")
    expect(pay(world, b, code, "--online", amount="10.00"), "ok")
    before = world.counterfoil("report", "x", "--dir", a, "--json")[0]
    back = step(world, a, f"refund-card a gift, unwanted {code}", options=["--online"])["returned"]
    expect((back["total_minor"], back["cash_minor"]), (5000, 5000))
    expect(step(world, a, f"refund-card again {code}", options=["--online"]), "VALUE_EMPTY")
    expect(pay(world, b, code, "--online"), "VALUE_EMPTY")
    for till in (a, b):
        world.sync(till)
    expect(figures(world, made["account"]), (0, 0, 0, 6000))
    sold = sell_card(world, a, "30.00")  # unused, and without a link: all of it lies here
    expect(step(world, b, f"refund-card wrong {sold['code']}"), "VALUE_OFFLINE")
    expect(step(world, a, f"refund-card wrong {sold['code']}")["returned"]["cash_minor"], 3000)
    expect(step(world, a, f"refund-card wrong {sold['code']}"), "VALUE_OFFLINE")
    x = world.counterfoil("report", "x", "--dir", a, "--json")[0]
    expect(x["drawer"]["expected_minor"], before["drawer"]["expected_minor"] - 5000)  # 30.00 came in, and went
    expect(x["cards_taken_back"], {"cards": 2, "amount_minor": 8000})
    expect([u["open_returns"] for u in x["users"]], [u["open_returns"] for u in before["users"]])  # no goods
    world.sync(a)
    expect(figures(world, sold["account"]), (0, 0, 0, 3000))
    sound(world)


def the_days_and_the_figures_agree(world):
    a, b = world.tills
    for till in (a, b):
        report = world.counterfoil("report", "z", "--json", "--dir", till)[0]
        assert report["tenders"]["gift_card"] > 0 or till == b, report["tenders"]
        world.sync(till)
        assert world.report(till)["epochs"][0]["z_reports"][-1]["agrees"]
        status, out, _ = journey.counterfoil("journal", "verify", "--dir", till)
        assert status == 0, out
    owed = world.api("GET", "/v1/reports/value")["accounts"]
    assert all(one["over_minor"] == 0 and one["owed_minor"] + one["spent_minor"] == one["issued_minor"] for one in owed), owed
    expect(world.api("GET", "/v1/conflicts")["conflicts"], [])
    expect(world.api("GET", "/v1/alarms")["alarms"], [])
    sound(world)


if __name__ == "__main__":
    with shop.open() as world:
        world.api("PUT", "/v1/value-terms", {"cards_per_terminal": 20, "points": 1, "minor": 10})
        world.tills = [world.till("Till 1"), world.till("Till 2")]
        journey.run([
            a_card_that_was_sold_online_pays_in_a_store_to_the_cent,
            without_a_link_a_card_is_refused_by_name,
            what_is_given_back_or_cancelled_is_on_the_card_again,
            a_card_sold_without_a_link_is_good_there_and_elsewhere_when_the_centre_has_heard,
            an_amount_that_lies_at_a_till_is_spent_there_without_a_link_and_nowhere_else,
            a_card_that_is_shown_at_two_tills_at_once_never_gives_more_than_it_holds,
            a_till_that_is_killed_between_asking_and_selling_loses_nobodys_money,
            goods_that_come_back_refund_the_card_that_paid_and_never_more,
            goods_that_come_back_are_paid_with_store_credit_without_a_link,
            all_of_a_sale_with_a_gift_card_comes_back_but_for_the_card,
            points_pay_with_a_link_and_a_live_code,
            money_is_put_on_a_card_with_a_link_or_where_it_lies,
            a_card_is_taken_back_for_what_is_left_on_it_and_never_twice,
            the_days_and_the_figures_agree,
            a_blocked_card_is_refused_where_its_money_lies_once_the_till_has_heard,
        ], world)
