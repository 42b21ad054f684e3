#!/usr/bin/env python3
"""Rights are divided before the link is lost: budgets are never exceeded, a pinned coupon redeems at its home alone, what
the centre was asked without an answer is given back, and an old epoch keeps its facts but spends nothing more."""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402
from shop import Clerk  # noqa: E402


def names(lines):
    return ["ok" if line["ok"] else line["error"]["name"] for line in lines if "ok" in line]


def expect(got, wanted):
    assert got == wanted, f"{got}, not {wanted}"


def sell_with(world, till, coupon, *options):
    """One sale with one coupon; "ok", or why the coupon was refused (the sale is then cancelled)."""
    lines = world.sell(till, ["scan 9520000010072", f"coupon {coupon}"], *options, check=False)
    verdict = names(lines)[-1]
    world.sell(till, ["tender cash due" if verdict == "ok" else "cancel"])
    return verdict


def a_budget_is_never_exceeded_by_two_offline_tills_and_the_online_channel(world):
    campaign = world.launch("Twelve", budget=12, lease_per_terminal=4)
    for till in world.tills:
        world.sync(till)
    coupons = [world.claim(campaign) for _ in range(24)]
    world.cut()
    try:
        at = [[sell_with(world, till, coupon) for coupon in coupons[n * 7:n * 7 + 7]] for n, till in enumerate(world.tills)]
        online = []
        for n, coupon in enumerate(coupons[14:21]):
            try:
                world.redeem(coupon, f"twelve {n}")
                online.append("ok")
            except shop.Refused as refusal:
                online.append(refusal.name)
    finally:
        world.join()
    assert at == [["ok"] * 4 + ["COUPON_LEASE"] * 3] * 2, at
    assert online == ["ok"] * 4 + ["COUPON_BUDGET"] * 3, online
    for till in world.tills:
        synced = world.sync(till)
        assert not synced["results"], synced
    figures = world.figures(campaign)
    assert figures["spent"] == 12 and figures["free"] == 0 and figures["over"] == 0, figures
    assert figures["spent"] + figures["free"] + figures["outstanding"] + figures["stranded"] == 12, figures
    world.quiet()


def what_is_risked_offline_and_what_is_lost_stay_within_the_risk_budget(world):
    """Every coupon is shown at every till while nobody hears of anybody; then all is told."""
    campaign = world.launch("Trust", policy="optimistic", budget=100, risk_budget_minor=4000, risk_per_terminal_minor=1000,
                            promotion={"kind": "order_amount", "amount_minor": 300})
    for till in world.tills:
        world.sync(till)
    coupons = [world.claim(campaign) for _ in range(4)]
    before = world.api("GET", f"/v1/campaigns/{campaign}/figures")["risk"]
    world.cut()
    try:
        for till in world.tills:
            for coupon in coupons[:3]:
                expect(sell_with(world, till, coupon), "ok")
            lines = world.sell(till, ["scan 9520000010072", f"coupon {coupons[3]}"], check=False)
            held = lines[-1]["sale"]["coupons"][0]
            assert "too much" in held["reason"], held
            sold = world.sell(till, ["tender cash due"])[-1]["sold"]
            assert sold, sold
    finally:
        world.join()
    for n, till in enumerate(world.tills):
        world.sync(till)
        risk = world.api("GET", f"/v1/campaigns/{campaign}/figures")["risk"]
        assert risk["free_minor"] + risk["unverified_minor"] + risk["lost_minor"] == before["budget_minor"], risk
        expect(risk["lost_minor"], 900 * n)
    expect(world.figures(campaign)["spent"], 3)
    for coupon in coupons[:3]:
        shop.refused(lambda code=coupon: world.redeem(code, f"trust {code[-12:]}"), "COUPON_SPENT")
    world.redeem(coupons[3], "trust")
    expect(world.api("GET", "/v1/reports/invariants"), {"broken": []})


def one_bearer_coupon_shown_everywhere_stays_within_the_budget_and_is_reported(world):
    campaign = world.launch("Six", budget=6, lease_per_terminal=2)
    for till in world.tills:
        world.sync(till)
    coupon = world.claim(campaign)
    world.cut()
    try:
        expect([sell_with(world, till, coupon) for till in world.tills], ["ok", "ok"])
        expect([sell_with(world, till, coupon) for till in world.tills], ["COUPON_SPENT"] * 2)
    finally:
        world.join()
    for till in world.tills:
        world.sync(till)
    figures = world.figures(campaign)
    assert figures["spent"] == 2 and figures["over"] == 0, figures
    conflicts = [one for one in world.api("GET", "/v1/conflicts")["conflicts"] if one["campaign"] == campaign]
    assert len(conflicts) == 1 and conflicts[0]["kind"] == "duplicate" and conflicts[0]["loser"] == "absorb", conflicts
    shop.refused(lambda: world.redeem(coupon, "six"), "COUPON_SPENT")
    # The till that was second is told so, and its manager until somebody has looked at it.
    loser = conflicts[0]["second"]
    for till in world.tills:
        world.sync(till)
        told = world.counterfoil("results", "--json", "--dir", till)
        report, = world.counterfoil("report", "x", "--json", "--dir", till)
        second = world.terminal(till) == loser["place"]
        assert [one["seq"] for one in told] == [loser["seq"]] * second, (told, loser)
        assert report["conflicts_open"] == second and report["faults_open"] == 0, report
    world.api("POST", f"/v1/conflicts/{conflicts[0]['conflict']}/settle")
    for till in world.tills:
        world.sync(till)
        assert not world.counterfoil("results", "--json", "--dir", till)
        settled = world.counterfoil("results", "--all", "--json", "--dir", till)
        assert [one["open"] for one in settled] == [False] * (world.terminal(till) == loser["place"]), settled


STRICTER = [  # a change, and what a coupon comes to that is shown after the next page
    ({"promotion": {"kind": "order_percent", "percent_bp": 500}}, "ok"), ({"stopped": True}, "COUPON_ENDED"),
    ({"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}, "COUPON_ENDED"),
    ({"channels": ["online"]}, "COUPON_CHANNEL"), ({"stores": ["other"]}, "COUPON_STORE"), ({"per_day": 1}, "COUPON_LIMIT"),
]


def a_campaign_that_became_stricter_refuses_no_sale_of_before(world):
    """The till is offline when marketing changes its mind, and sells by what it knows; then the change has come down."""
    other = world.api("POST", "/v1/stores", {"name": "Other", "currency": "CNY", "tax_inclusive": True})["store"]
    till, beside = world.tills
    for number, (change, after) in enumerate(STRICTER):
        campaign = world.launch(f"Stricter {number}", budget=50, lease_per_terminal=5, per_day=40)
        for each in world.tills:
            world.sync(each)
        coupons = [world.claim(campaign) for _ in range(3)]
        world.cut()
        expect(sell_with(world, till, coupons[0]), "ok")
        world.join()
        world.api("PATCH", f"/v1/campaigns/{campaign}", {**change, **({"stores": [other]} if "stores" in change else {})})
        world.cut()
        expect(sell_with(world, till, coupons[1]), "ok")
        world.join()
        synced = world.sync(till)
        assert not synced["results"], (change, synced)
        expect(sell_with(world, till, coupons[2]), after)
        for each in (till, beside, till, beside):  # what nobody here can spend any more comes back
            world.sell(each, ["scan 9520000010003", "tender cash due"])
            world.sync(each)
        shown = world.api("GET", f"/v1/campaigns/{campaign}/figures")
        left = sum(one["left"] for one in shown["holders"])
        assert (left == 0) == (after not in ("ok", "COUPON_LIMIT")), (change, shown)
        expect([(one["version"], one["uses"]) for one in shown["versions"]], [(1, 2)] + [(2, 1)] * (after == "ok"))
    world.quiet()


def a_pinned_coupon_redeems_at_its_home_which_was_offline_since_before_the_claim(world):
    campaign = world.launch("Pinned", policy="pinned", budget=10)
    far = world.api("POST", "/v1/stores", {"name": "Far store", "currency": "CNY", "tax_inclusive": True})["store"]
    world.put_products(far)
    home, beside = world.till("Far 1", far), world.till("Far 2", far)
    for till in world.tills:
        world.sync(till)
    world.cut()
    try:
        claimed = world.api("POST", "/v1/coupons/claim", {"campaign": campaign, "pin_store": far})
        assert claimed["home"] == world.terminal(home), claimed
        coupon = claimed["code"]
        for till in (beside, *world.tills):
            expect(sell_with(world, till, coupon), "COUPON_HOME")
        shop.refused(lambda: world.redeem(coupon, "pinned 1"), "COUPON_HOME")
        shop.refused(lambda: world.api("POST", "/v1/coupons/pin", {"code": coupon, "store": world.store}), "STATE")
        expect(sell_with(world, home, coupon), "ok")
        expect(sell_with(world, home, coupon), "COUPON_SPENT")
    finally:
        world.join()
    for till in (home, beside):
        world.sync(till)
    figures = world.figures(campaign)
    assert figures["spent"] == 1 and figures["free"] == 9, figures
    shop.refused(lambda: world.redeem(coupon, "pinned 2"), "COUPON_SPENT", "COUPON_HOME")
    # One without a home goes online, and once.
    loose = world.claim(campaign)
    expect(sell_with(world, world.tills[0], loose), "COUPON_ONLINE")
    world.redeem(loose, "loose 1")
    shop.refused(lambda: world.redeem(loose, "loose 2"), "COUPON_SPENT")


def an_online_only_coupon_needs_the_centre_s_word(world):
    campaign = world.launch("Ask", policy="online_only", budget=20)
    till = world.tills[0]
    for each in world.tills:
        world.sync(each)
    first, second = world.claim(campaign), world.claim(campaign)
    expect(sell_with(world, till, first), "COUPON_ONLINE")  # without --online nobody is asked
    expect(sell_with(world, till, first, "--online"), "ok")
    expect(sell_with(world, till, first, "--online"), "COUPON_SPENT")
    expect(sell_with(world, world.tills[1], first, "--online"), "COUPON_SPENT")
    shop.refused(lambda: world.redeem(first, "ask 1"), "COUPON_SPENT")
    world.redeem(second, "ask 2")
    expect(sell_with(world, till, second, "--online"), "COUPON_SPENT")
    world.cut()
    try:
        third = world.claim(campaign)
        expect(sell_with(world, till, third, "--online"), "COUPON_ONLINE")
    finally:
        world.join()
    # Asked, granted, and then the sale is given up: the right comes back with the record that says so.
    fourth = world.claim(campaign)
    with Clerk(world, till, "--online") as clerk:
        clerk.step("scan 9520000010072")
        assert clerk.step(f"coupon {fourth}")["ok"]
        clerk.step("cancel")
    shop.refused(lambda: world.redeem(fourth, "ask 4"), "COUPON_SPENT")
    world.sync(till)
    world.redeem(fourth, "ask 4 again")
    # The same request again gets the same answer and takes nothing.
    again = world.redeem(fourth, "ask 4 again")
    assert again["campaign"] == campaign, again
    assert world.figures(campaign)["spent"] == 3, world.figures(campaign)


def an_ask_without_an_answer_is_refused_and_undone(world):
    """Once the centre stops in mid-air (it may still take the right later), once the cable is pulled."""
    campaign = world.launch("Mid-air", policy="online_only", budget=20)
    till = world.tills[0]
    world.sync(till)
    for how in ("the centre hangs", "the cable is pulled"):
        warm, lost = world.claim(campaign), world.claim(campaign)
        spent = world.figures(campaign)["spent"]
        with Clerk(world, till, "--online") as clerk:
            clerk.step("scan 9520000010072")
            assert clerk.step(f"coupon {warm}")["ok"], how  # the connection is open now
            if how == "the centre hangs":
                world.server.send_signal(signal.SIGSTOP)
            else:
                world.cut()
            try:
                answer = clerk.step(f"coupon {lost}")
                assert not answer["ok"] and answer["error"]["name"] == "COUPON_ONLINE", (how, answer)
                assert clerk.step("total")["sale"]["lines"] == 1
            finally:
                if how == "the centre hangs":
                    world.server.send_signal(signal.SIGCONT)
                else:
                    world.join()
            assert "sold" in clerk.step("tender cash due"), how
        # A relay that ends (no right to make namespaces) says goodbye to the open connection: then nothing was sent.
        silent = how == "the centre hangs" or world.cable
        types = [line["type"] for line in world.counterfoil("journal", "show", "--json", "--dir", till)]
        assert types[-2:] == ["void_request" if silent else "sale", "sale"], (how, types[-3:])
        world.sync(till)
        assert world.figures(campaign)["spent"] == spent + 1, (how, world.figures(campaign))
        expect(sell_with(world, till, lost, "--online"), "ok")  # nobody had it: it is still good
    assert world.figures(campaign)["spent"] == 4, world.figures(campaign)


def with_a_link_the_centre_s_word_spares_the_lease(world):
    campaign = world.launch("Spare", budget=30, lease_per_terminal=2)
    till = world.tills[0]
    world.sync(till)
    coupons = [world.claim(campaign) for _ in range(8)]
    expect([sell_with(world, till, coupon, "--online") for coupon in coupons[:4]], ["ok"] * 4)
    world.cut()
    try:
        expect([sell_with(world, till, coupon) for coupon in coupons[4:8]], ["ok"] * 2 + ["COUPON_LEASE"] * 2)
    finally:
        world.join()
    world.sync(till)
    figures = world.figures(campaign)
    assert figures["spent"] == 6 and figures["over"] == 0, figures


def an_in_store_coupon_redeems_online_before_its_till_has_uploaded(world):
    campaign = world.launch("Come again", policy="online_only", budget=30, channels=["online"],
                            promotion={"kind": "order_amount", "amount_minor": 500},
                            issue_in_store={"min_spend_minor": 5000, "valid_days": 10, "range_per_terminal": 3})
    till, paper = world.tills[1], os.path.join(world.folder, "paper")
    os.makedirs(paper)
    world.sync(till)
    world.cut()
    try:
        gifts = []
        for _ in range(5):
            sold = world.sell(till, ["scan 9520000010140", "tender cash due"], "--print", paper, "--views")[-1]["sold"]
            symbols = world.counterfoil("decode", "--json", os.path.join(paper, f"{sold['receipt']}.png"), check=False)
            gifts += [symbol["text"] for frame in symbols for symbol in frame.get("symbols", []) if symbol["text"].startswith("CP1:")]
        assert len(gifts) == 3 and len(set(gifts)) == 3, gifts  # its range, and not one more
        for n, gift in enumerate(gifts[:2]):
            assert world.redeem(gift, f"gift {n}")["discount_minor"] == 500
            shop.refused(lambda gift=gift, n=n: world.redeem(gift, f"gift {n} again"), "COUPON_SPENT")
        assert sell_with(world, world.tills[0], gifts[2]) in ("COUPON_CHANNEL", "CODE_KEY", "COUPON_CAMPAIGN")
    finally:
        world.join()
    synced = world.sync(till)
    assert not synced["results"], synced
    figures = world.figures(campaign)
    assert figures["spent"] == 2 and figures["over"] == 0, figures


def enrolling_again_makes_a_new_epoch_and_keeps_the_old_one_s_facts(world):
    campaign = world.launch("Epochs", budget=50, lease_per_terminal=5)
    till = world.till("Till again")
    terminal = world.terminal(till)
    coupons = [world.claim(campaign) for _ in range(6)]
    world.cut()
    expect(sell_with(world, till, coupons[0]), "ok")
    expect(sell_with(world, till, coupons[1]), "ok")
    world.join()
    old = shop.copy_of(till, "till-old")
    code = lambda: world.api("POST", "/v1/terminals", {"terminal": terminal})["enrol_code"]
    again = ["enrol", "--json", "--dir", till, "--centre", f"{world.centre_host()}:{world.api_port}"]
    # What is not at the centre yet would be stuck: enrolling says so.
    refusal = shop.refused(lambda: world.counterfoil(*again, code()), "STATE")
    assert refusal.status == 1
    enrolled = world.counterfoil(*again, "--leave-unsent", code())[0]
    assert enrolled["terminal"] == terminal and enrolled["epoch"] == 2, enrolled
    assert os.path.exists(os.path.join(till, "journal-1.db")), os.listdir(till)
    world.sync(till)
    figures = world.figures(campaign)
    assert figures["stranded"] == 5 and figures["spent"] == 0, figures  # of the old epoch nobody knows
    # The old epoch turns up after all, with its late sales.
    late = world.sync(old)
    assert late["fenced"] and late["acknowledged"] == late["recorded"], late
    epochs = {one["epoch"]: one for one in world.report(till)["epochs"]}
    assert epochs[1]["state"] == "replaced" and epochs[1]["totals"]["sales"] == 2, epochs
    figures = world.figures(campaign)
    assert figures["spent"] == 2 and figures["stranded"] == 3 and figures["over"] == 0, figures
    # It sells and earns, and spends nothing more.
    expect(sell_with(world, old, coupons[2]), "QUARANTINED")
    assert "sold" in world.sell(old, ["scan 9520000010003", "tender cash due"])[-1]
    world.sync(old)
    assert {one["epoch"]: one for one in world.report(till)["epochs"]}[1]["totals"]["sales"] == 3
    # The new epoch spends its own.
    expect(sell_with(world, till, coupons[3]), "ok")
    world.sync(till)
    assert world.figures(campaign)["spent"] == 3, world.figures(campaign)
    # A code is used once.
    used = code()
    world.counterfoil(*again, used)
    world.sync(till)
    shop.refused(lambda: world.counterfoil(*again, used), "ENROL_USED", "ENROL_CODE")
    assert "sold" in world.sell(till, ["scan 9520000010003", "tender cash due"])[-1]  # a refused code changes nothing
    world.sync(till)


def a_used_machine_brings_along_no_lease_of_the_terminal_that_it_was(world):
    campaign = world.launch("Used machine", budget=60, lease_per_terminal=4)
    till = world.till("Used machine")
    for _ in range(3):  # what was granted adds up
        world.cut()
        coupons = [world.claim(campaign) for _ in range(3)]
        expect([sell_with(world, till, coupon) for coupon in coupons], ["ok"] * 3)
        world.join()
        world.sync(till)
    made = world.api("POST", "/v1/terminals", {"store": world.store, "label": "Another lane"})
    world.counterfoil("enrol", "--json", "--dir", till, "--centre", f"{world.centre_host()}:{world.api_port}",
                      made["enrol_code"])
    world.sync(till)
    coupons = [world.claim(campaign) for _ in range(6)]
    world.cut()
    expect([sell_with(world, till, coupon) for coupon in coupons], ["ok"] * 4 + ["COUPON_LEASE"] * 2)
    world.join()
    world.sync(till)
    figures = world.figures(campaign)
    assert figures["spent"] == 13 and figures["over"] == 0, figures
    mine = f"of campaign {campaign} "
    assert not [alarm for alarm in world.api("GET", "/v1/alarms")["alarms"] if mine in alarm["text"] + " "]


with shop.open() as opened:
    opened.tills = [opened.till("Till 1"), opened.till("Till 2")]
    journey.run([a_campaign_that_became_stricter_refuses_no_sale_of_before,
                 a_budget_is_never_exceeded_by_two_offline_tills_and_the_online_channel,
                 one_bearer_coupon_shown_everywhere_stays_within_the_budget_and_is_reported,
                 what_is_risked_offline_and_what_is_lost_stay_within_the_risk_budget,
                 a_pinned_coupon_redeems_at_its_home_which_was_offline_since_before_the_claim,
                 an_online_only_coupon_needs_the_centre_s_word, an_ask_without_an_answer_is_refused_and_undone,
                 with_a_link_the_centre_s_word_spares_the_lease,
                 an_in_store_coupon_redeems_online_before_its_till_has_uploaded,
                 enrolling_again_makes_a_new_epoch_and_keeps_the_old_one_s_facts,
                 a_used_machine_brings_along_no_lease_of_the_terminal_that_it_was], opened)
