#!/usr/bin/env python3
"""A member is forgotten: at the centre and at every till, down to the bytes of every file of the till's folder; the chain
still verifies, the Z report does not change, and the report names the till that has not heard of it."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

NAME = "Lin Meihua of Hangzhou"
MASK = "scan 9520000010072"


def found_in(folder, needles):
    """Where any of the needles stands in the files of a folder."""
    hits = []
    for top, _, files in os.walk(folder):
        for name in files:
            with open(os.path.join(top, name), "rb") as file:
                content = file.read()
            hits += [(name, what) for what, needle in needles.items() if needle in content]
    return hits


def member_sale(world, till, member):
    lines = world.sell(till, [f"member {world.member_code(member)}", "scan 9520000010072", "tender cash due"])
    return [line for line in lines if "sold" in line][0]["sold"]


def needles_of(member):
    sub = bytes.fromhex(member["member"])
    return {"the pseudonym": sub, "its hex": member["member"].encode(), "its hex in capitals": member["member"].upper().encode(),
            "the name": NAME.encode()}


def a_member_is_forgotten_everywhere(world):
    till, other = world.till("Till forgets"), world.till("Till late")
    member = world.join_member(NAME)
    needles = needles_of(member)
    member_sale(world, till, member)
    world.sell(till, ["scan 9520000010003", "tender cash due"])
    member_sale(world, till, member)
    assert found_in(till, {"the pseudonym": needles["the pseudonym"]}), "the test would find nothing at all"
    world.counterfoil("report", "z", "--json", "--dir", till)
    world.sync(till)
    # Enrolled again: what was the journal stands beside the new one.
    code = world.api("POST", "/v1/terminals", {"terminal": world.terminal(till)})["enrol_code"]
    world.counterfoil("enrol", "--json", "--dir", till, "--centre", f"{world.centre_host()}:{world.api_port}", code)
    world.sync(till)
    second = member_sale(world, till, member)
    world.sell(till, ["scan 9520000010003", "tender cash due"])
    z = world.counterfoil("report", "z", "--json", "--dir", till)[0]
    world.sync(till)
    before = world.report(till)
    assert world.api("POST", f"/v1/members/{member['member']}/erase", {})["erased"]
    shop.refused(lambda: world.api("GET", f"/v1/members/{member['member']}"), "MEMBER_UNKNOWN")
    shop.refused(lambda: world.api("POST", f"/v1/members/{member['member']}/erase", {}), "MEMBER_UNKNOWN")
    report = world.api("GET", "/v1/reports/erasures")["erasures"][0]
    assert report["tills_waiting"] >= 2 and report["slowest_till"], report
    world.sync(till)
    world.sell(till, ["scan 9520000010003", "tender cash due"])  # the till's start carries it out
    world.sync(till)
    assert not found_in(till, needles), found_in(till, needles)
    verdict = world.counterfoil("journal", "verify", "--json", "--dir", till)[0]
    assert verdict["ok"] and verdict["erased"] == 1, verdict
    assert os.path.exists(os.path.join(till, "journal-1.db")), os.listdir(till)
    world.counterfoil("journal", "show", "--json", "--dir", till)
    out = os.path.join(world.folder, "export-erased")
    world.counterfoil("export", "json", "--json", "--dir", till, "--out", out, "--z", "1")
    with open(os.path.join(out, "journal.jsonl"), encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assert [row["what"] for row in rows if row["seq"] == second["seq"]] == ["erased"], rows  # a row, but no gap
    assert sum(row["what"] == "sale" for row in rows) == 1 and not found_in(out, needles), rows
    shop.refused(lambda: world.sell(till, [f"reprint {second['seq']}"], "--print", journey.folder("paper")), "NOT_FOUND")
    after = world.report(till)
    for old, new in zip(before["epochs"], after["epochs"]):
        assert new["totals"]["gross_minor"] >= old["totals"]["gross_minor"], (old, new)
    assert z["sales"] == 2, z
    # The one that was not heard of is named.
    report = world.api("GET", "/v1/reports/erasures")["erasures"][0]
    assert report["slowest_till"] == world.terminal(other) and report["records_erased"], report
    world.sync(other)
    world.sell(other, ["scan 9520000010003", "tender cash due"])
    world.sync(other)
    report = world.api("GET", "/v1/reports/erasures")["erasures"][0]
    assert report["slowest_till"] != world.terminal(other), report


def what_was_not_sent_goes_up_first(world):
    till = world.till("Till offline")
    member = world.join_member(NAME)
    needles = needles_of(member)
    world.sync(till)
    world.cut()
    member_sale(world, till, member)
    world.counterfoil("report", "z", "--json", "--dir", till)
    world.join()
    world.api("POST", f"/v1/members/{member['member']}/erase", {})
    synced = world.sync(till)  # up, and then down comes the erasure
    assert synced["acknowledged"] == synced["recorded"] and not synced["results"], synced
    world.sell(till, ["scan 9520000010003", "tender cash due"])
    world.sync(till)
    assert not found_in(till, needles), found_in(till, needles)
    assert world.report(till)["epochs"][0]["totals"]["sales"] == 2, world.report(till)  # the fact is there
    assert world.api("GET", "/v1/reports/erasures")["erasures"][0]["records_erased"]
    assert world.counterfoil("journal", "verify", "--json", "--dir", till)[0]["ok"]


def whatever_a_till_wrote_of_a_member_is_gone(world):
    """Coupons, returns, exchanges, quotations, parked and cancelled sales, asks, a code for the phone, goods ordered."""
    till, beside = world.till("Till writes"), world.till("Till beside")
    member = world.join_member(NAME)
    needles = {**needles_of(member), "a name": b"Li Na Zhang", "how to be reached": b"138 0013 8000"}
    leased, asked = world.launch("Hers"), world.launch("Asked for", policy="online_only", budget=9)
    tills = (till, beside)

    def shown():
        return f"member {world.member_code(member)}"

    def each(*steps):
        for one in tills:
            world.sell(one, ["scan 9520000010003", "tender cash due"])
            for step in steps:
                step(one)

    each(world.sync)
    first = world.sell(till, [MASK, "quantity 5", shown(), "tender cash due"])[-1]["sold"]["receipt"]
    coupon = world.claim(leased, member=member["member"])
    second = world.sell(till, [MASK, shown(), f"coupon {coupon}", "tender cash due"])[-1]["sold"]["receipt"]
    world.sell(till, [MASK, shown(), "park bag here", "recall bag", "cancel", MASK, shown(), "quote", MASK, shown(), "special",
                      MASK, "special Li Na Zhang, 138 0013 8000"])
    with shop.Clerk(world, till, "--online") as clerk:
        for step in (MASK, shown(), "relay", f"coupon {world.claim(asked, member=member['member'])}", "cancel"):
            assert clerk.step(step)["ok"], step
    each(world.sync)
    world.sell(till, [f"return {second}", f"exchange {first} 1=1", MASK, "tender cash due"])
    world.sell(beside, [f"return {first} 1 1"], "--online")
    each(world.sync, lambda one: world.counterfoil("report", "z", "--json", "--dir", one), world.sync)
    for one in tills:
        assert ("journal.db", "the pseudonym") in found_in(one, needles), found_in(one, needles)
    orders = world.api("GET", "/v1/orders")["orders"]
    unnamed = [one["order"] for one in orders  # of whom no member is known
               if world.api("GET", f"/v1/orders/{one['order']}")["request"].get("name")]
    for order in orders:
        world.api("POST", f"/v1/orders/{order['order']}/answer", {"act": "refuse", "reason": "none left"})
        if order["order"] in unnamed:
            world.api("POST", f"/v1/orders/{order['order']}/forget", {})
    world.api("POST", f"/v1/members/{member['member']}/erase", {})
    each(world.sync, lambda one: world.counterfoil("report", "z", "--json", "--dir", one), world.sync)
    each(world.sync)
    for one in tills:
        assert not found_in(one, needles), found_in(one, needles)
        assert world.counterfoil("journal", "verify", "--json", "--dir", one)[0]["ok"]


with shop.open() as opened:
    journey.run([a_member_is_forgotten_everywhere, what_was_not_sent_goes_up_first,
                 whatever_a_till_wrote_of_a_member_is_gone], opened)
