#!/usr/bin/env python3
"""A store with a hub: while it answers no right is accepted twice in the store, with or without the centre; without it each
till spends its own; a burnt till loses no receipt that the hub has; a hub on an old disk is set apart, and replaced."""
import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

PORT = 8443
HUB, A, B = 0, 1, 2  # lanes


def expect(got, wanted):
    assert got == wanted, f"{got}, not {wanted}"


def sell_with(world, till, coupon):
    """One sale with one coupon; "ok", or why the coupon was refused (the sale is then cancelled)."""
    lines = world.sell(till, ["scan 9520000010072", f"coupon {coupon}"], check=False)
    verdict = "ok" if lines[-1]["ok"] else lines[-1]["error"]["name"]
    world.sell(till, ["tender cash due" if verdict == "ok" else "cancel"])
    return verdict


@contextlib.contextmanager
def patient_cashiers():
    """A till that waits for its hub for long: what the step tells is not how fast this machine is just now."""
    os.environ["CF_HUB_PATIENCE_MS"] = "10000"
    try:
        yield
    finally:
        del os.environ["CF_HUB_PATIENCE_MS"]


class Service:
    """counterfoil-sync of one till, all day."""

    def __init__(self, world, till):
        self.log = till + ".log"
        self.process = subprocess.Popen(
            world.at_store([os.path.join(world.bin, "counterfoil-sync"), "--dir", till, "--every", "1", "--relay-after", "1",
                            "--log", self.log]), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait()


def until(what, condition, patience_s=120):
    """Waits for the condition; gives what it gave."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.3)
    raise AssertionError(f"in vain: {what}")


def hub_answers(world, till):
    """Has this till's sync heard the hub of this epoch?"""
    return os.path.exists(os.path.join(till, "hub.witness"))


def assign(world, till):
    made = world.api("POST", f"/v1/stores/{world.store}/hub", {
        "terminal": world.terminal(till), "host": world.lan.address(world.lane_of[till]), "port": PORT})
    return made["hub_epoch"]


def states(world):
    return [one["state"] for one in world.api("GET", f"/v1/stores/{world.store}/hub")["hubs"]]


def figure(world, campaign, epoch, what):
    hub = world.api("GET", f"/v1/stores/{world.store}/hub")["hubs"][epoch - 1]
    return next((lease[what] for lease in hub["leases"] if lease["campaign"] == campaign), 0)


def status(world, till):
    return world.counterfoil("sync", "status", "--json", "--dir", till)[0]


def has_all(world, till):
    """All that the till recorded is at the centre."""
    now = status(world, till)
    return now["recorded"] == now["acknowledged"]


def catch_up(world, *tills):
    """Waits until what the centre made just now has come down: two more rounds of each till's service."""
    for till in tills:
        for _ in range(2):
            before = status(world, till)["last_contact"]
            until("a round of " + till, lambda: status(world, till)["last_contact"] > before)


# --- the steps ---

def a_terminal_becomes_the_hub_and_every_till_hears_it(world):
    world.campaign = world.launch("Leased", budget=100, lease_per_terminal=6)
    world.pinned = world.launch("Pinned", policy="pinned", budget=20)
    # What is leased is 3 units and the money of one use to each terminal, and to the store.
    world.cash = world.launch("In money", budget=20, lease_per_terminal=3, budget_minor=6000,
                              promotion={"kind": "order_amount", "amount_minor": 1000})
    world.hub = world.enrol(world.store, "Hub", lane=HUB)
    world.tills = [world.enrol(world.store, "Lane A", lane=A), world.enrol(world.store, "Lane B", lane=B)]
    expect(assign(world, world.hub), 1)
    world.services = {till: Service(world, till) for till in [world.hub, *world.tills]}
    for till in world.tills:
        until("the hub answers " + till, lambda: hub_answers(world, till))
    expect(figure(world, world.campaign, 1, "granted"), 6)


STRANGERS = """
import socket, ssl, sys, time
address = (sys.argv[1], int(sys.argv[2]))
mute = [socket.create_connection(address) for _ in range(150)]          # say nothing
loud = [socket.create_connection(address) for _ in range(20)]
for one in loud:
    one.sendall(b"GET /h1/claim HTTP/1.1\\r\\n\\r\\n" * 50)                # not TLS
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
try:                                                                     # TLS, and no certificate
    with context.wrap_socket(socket.create_connection(address)) as tls:
        tls.sendall(b"POST /h1/claim HTTP/1.1\\r\\nContent-Length: 0\\r\\n\\r\\n")
        print("answered" if tls.recv(100) else "closed", flush=True)
except OSError:
    print("closed", flush=True)
sys.stdin.read()
"""


def strangers_on_the_store_s_network_do_not_keep_the_tills_from_the_hub(world):
    a, b = world.tills
    coupon = world.claim(world.campaign)
    catch_up(world, a, b, world.hub)
    crowd = subprocess.Popen(["ip", "netns", "exec", world.lan.lanes[B], sys.executable, "-c", STRANGERS,
                              world.lan.address(HUB), str(PORT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        expect(crowd.stdout.readline().strip(), "closed")
        with patient_cashiers():
            expect(sell_with(world, a, coupon), "ok")
            expect(sell_with(world, b, coupon), "COUPON_SPENT")
    finally:
        crowd.communicate("")


@patient_cashiers()
def with_the_centre_out_of_reach_one_coupon_is_accepted_once_in_the_store(world):
    coupons = [world.claim(world.campaign) for _ in range(4)]
    catch_up(world, world.hub, *world.tills)
    world.cut()
    a, b = world.tills
    for n, coupon in enumerate(coupons):
        first, second = (a, b) if n % 2 else (b, a)
        expect(sell_with(world, first, coupon), "ok")
        expect(sell_with(world, second, coupon), "COUPON_SPENT")
        expect(sell_with(world, world.hub, coupon), "COUPON_SPENT")


@patient_cashiers()
def a_cancelled_sale_frees_the_coupon_for_the_next_lane(world):
    a, b = world.tills
    coupon = world.spare
    world.sell(a, ["scan 9520000010072", f"coupon {coupon}"])
    expect(sell_with(world, b, coupon), "COUPON_SPENT")
    world.sell(a, ["cancel"])
    expect(sell_with(world, b, coupon), "ok")


@patient_cashiers()
def a_coupon_pinned_to_the_store_is_good_at_any_lane_once(world):
    a, b = world.tills
    expect(world.homes, [world.store] * 3)
    expect(sell_with(world, b, world.at_home[0]), "ok")
    expect(sell_with(world, a, world.at_home[0]), "COUPON_SPENT")


@patient_cashiers()
def without_the_hub_each_till_spends_its_own(world):
    a, b = world.tills
    world.lan.unplug(HUB)
    expect(sell_with(world, a, world.at_home[1]), "COUPON_HUB")
    expect(sell_with(world, a, world.loose[0]), "ok")  # its own lease
    expect(sell_with(world, b, world.loose[1]), "ok")
    world.lan.plug(HUB)
    expect(sell_with(world, b, world.at_home[1]), "ok")  # at once: this is another start of the till
    expect(sell_with(world, a, world.at_home[1]), "COUPON_SPENT")


def given_by(world, till, coupon):
    """What a sale with this coupon takes off."""
    lines = world.sell(till, ["scan 9520000010072", f"coupon {coupon}"], check=False)
    if not lines[-1]["ok"]:
        world.sell(till, ["cancel"])
        return 0
    return 3990 - world.sell(till, ["tender cash due"])[-1]["sold"]["total_minor"]


@patient_cashiers()
def a_budget_in_money_is_divided_by_the_hub_and_kept_with_it_and_without(world):
    def each_sells():
        return [given_by(world, till, world.notes.pop()) for till in (*world.tills, world.hub)]

    given = each_sells()  # by the hub's word, of what each has
    world.lan.unplug(HUB)
    given += each_sells()
    world.lan.plug(HUB)
    given += each_sells()
    # Each terminal's own lease, and what the store was leased: nothing beyond.
    expect(sorted(given), [0] * 5 + [1000] * 4)
    world.given = sum(given)


def told(world, till, *steps):
    """Of each step: ok, or the name of its refusal."""
    return ["ok" if line["ok"] else line["error"]["name"]
            for line in world.sell(till, list(steps), check=False) if "step" in line]


def parked(world, till):
    line = world.sell(till, ["parked"])[-1]
    assert line["hub"], line
    return {one["label"]: one for one in line["parked"]}


@patient_cashiers()
def a_sale_parked_at_one_lane_is_recalled_at_another_once(world):
    a, b = world.tills
    line = world.sell(a, ["scan 9520000010072", "quantity 2", "scan 9520000010003", "discount 1.00 sale a torn bag",
                          f"coupon {world.loose[14]}", "park bag"])[-1]
    expect((line["parked"]["where"], line["parked"]["coupons_given_back"]), ("hub", 1))
    there = parked(world, b)["bag"]
    expect((there["where"], there["lines"], there["total_minor"], there["terminal"]),
           ("hub", 2, 7980 + 990 - 100, world.terminal(a)))
    expect(told(world, a, "scan 9520000010003", "park bag", "cancel"), ["ok", "EXISTS", "ok"])
    expect(told(world, b, "recall bag", "scan 9520000010003", "park here_only here", "recall here_only"), ["ok"] * 4)
    expect(told(world, a, "recall bag"), ["PARKED_NONE"])
    expect(told(world, b, f"coupon {world.loose[14]}"), ["ok"])  # it was given back, and is judged anew
    sold = world.sell(b, ["tender cash due"])[-1]["sold"]
    assert sold["total_minor"] < 7980 + 2 * 990 - 100, sold
    world.lan.unplug(HUB)
    expect(world.sell(a, ["scan 9520000010003", "park cable"])[-1]["parked"], {
        "where": "here", "coupons_given_back": 0, "why": "LINK_DOWN"})
    expect(told(world, b, "recall cable"), ["PARKED_NONE"])
    expect(told(world, a, "recall cable", "cancel"), ["ok", "ok"])
    world.lan.plug(HUB)
    expect(parked(world, a), {})


def killed(world, till, after_s, *steps):
    """Types steps into a till that is killed so long after it began."""
    process = subprocess.Popen(world.at_store([journey.COUNTERFOIL, "sell", "--json", "--dir", till]), stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, text=True)
    timer = threading.Timer(after_s, process.send_signal, (signal.SIGKILL,))
    timer.start()
    with contextlib.suppress(BrokenPipeError):
        process.communicate("\n".join(steps) + "\n")
    timer.cancel()
    process.wait()


@patient_cashiers()
def a_till_killed_while_it_parks_or_recalls_neither_loses_a_sale_nor_doubles_it(world):
    a, b = world.tills
    chance = random.Random(7)
    n_sold = 0
    for n in range(12):
        world.sell(a, ["scan 9520000010003"])
        killed(world, a, chance.uniform(0.01, 0.25), f"park k{n}")
        killed(world, b, chance.uniform(0.01, 0.25), f"recall k{n}")
        places = []
        for till in (a, b):
            lines = world.sell(till, ["total", "parked"])  # the list settles what was cut short
            places += [till] * (lines[0]["sale"]["state"] == "selling")
            places += [till + one["label"] for one in lines[1]["parked"] if one["where"] != "hub"]
        places += [label for label, one in parked(world, a).items() if one["where"] == "hub"]
        assert len(places) == 1, (n, places)
        for till in (a, b):
            if world.sell(till, ["total"])[-1]["sale"]["state"] == "selling" or told(world, till, f"recall k{n}") == ["ok"]:
                n_sold += told(world, till, "tender cash due") == ["ok"]
    expect(n_sold, 12)
    expect((parked(world, a), parked(world, b)), ({}, {}))


def take_back(world, till, receipt, *options):
    """What `counterfoil return` gave back in money, or the name it was refused by."""
    answer = world.counterfoil("return", receipt, "--json", "--dir", till, *options, check=False)[0]
    return answer["returned"]["total_minor"] if answer["ok"] else answer["error"]["name"]


@patient_cashiers()
def goods_sold_at_one_lane_come_back_at_another_once(world):
    a, b = world.tills
    receipt = world.sell(a, ["scan 9520000010072", "quantity 3", "tender cash due"])[-1]["sold"]["receipt"]
    recorded = int(status(world, a)["recorded"])
    until("the hub has the sale", lambda: at_the_hub(world, world.terminal(a), recorded))
    expect(take_back(world, b, receipt, "--line", "1", "--quantity", "2"), 7980)
    expect(take_back(world, a, receipt, "--line", "1", "--quantity", "2"), "RETURN_QUANTITY")
    expect(take_back(world, b, receipt, "--line", "1", "--quantity", "2"), "RETURN_QUANTITY")
    expect(take_back(world, a, receipt), 3990)  # what is left
    expect(take_back(world, a, receipt), "RETURN_EMPTY")
    expect(take_back(world, b, receipt), "RETURN_EMPTY")
    expect(take_back(world, world.hub, receipt), "RETURN_EMPTY")
    whole = world.sell(a, ["scan 9520000010072", "tender cash due"])[-1]["sold"]["receipt"]
    world.lan.unplug(HUB)
    expect(take_back(world, b, whole), "RETURN_ELSEWHERE")
    world.lan.plug(HUB)
    recorded = int(status(world, a)["recorded"])
    until("the hub has the sale", lambda: at_the_hub(world, world.terminal(a), recorded))
    expect(take_back(world, b, whole), 3990)
    expect(take_back(world, a, whole), "RETURN_EMPTY")


def at_the_hub(world, terminal, recorded):
    with open_hub(world.hub) as db:
        row = db.execute("SELECT seq FROM till WHERE terminal = ?", (terminal,)).fetchone()
    return row and row[0] >= recorded


def no_till_spends_more_than_its_lease_and_sub_lease(world):
    world.lan.unplug(HUB)
    verdicts = [sell_with(world, world.tills[0], coupon) for coupon in world.loose[2:14]]
    world.lan.plug(HUB)
    good = verdicts.count("ok")
    expect(verdicts, ["ok"] * good + ["COUPON_LEASE"] * (12 - good))
    # Of 6 of its own 3 or more were spent before; of the store's 6 a till gets 3, 2 or 1, as it asked first, second or last.
    assert 3 <= good <= 6, verdicts


def a_burnt_till_loses_no_receipt_that_the_hub_has(world):
    b = world.tills[1]
    terminal = world.terminal(b)
    before = world.report(b)["epochs"][0]["totals"]["sales"]
    for _ in range(3):
        world.sell(b, ["scan 9520000010003", "tender cash due"])
    with patient_cashiers():
        expect(world.sell(b, ["scan 9520000010072", "park saved"])[-1]["parked"]["where"], "hub")
    recorded = int(world.counterfoil("sync", "status", "--json", "--dir", b)[0]["recorded"])
    until("the hub has the records", lambda: at_the_hub(world, terminal, recorded))
    world.services.pop(b).stop(signal.SIGKILL)
    shutil.rmtree(b)
    with patient_cashiers():
        expect(told(world, world.tills[0], "recall saved", "tender cash due"), ["ok", "ok"])  # what it had parked is there
    world.join()
    epoch = until("its receipts at the centre", lambda: next(
        (one for one in world.report_of(terminal)["epochs"] if one["acknowledged"] >= recorded), None))
    assert epoch["totals"]["sales"] >= before + 3, epoch
    assert epoch["state"] == "active", epoch
    returned = epoch["totals"]["returned"]  # one return of each ask that was answered with yes
    expect((returned["returns"], returned["total_minor"]), (2, 7980 + 3990))


def money(world):
    return world.api("GET", f"/v1/campaigns/{world.cash}/figures")["money"]


def what_the_store_spent_is_booked_on_its_lease(world):
    until("all of lane A", lambda: has_all(world, world.tills[0]))
    until("the money of both lanes", lambda: money(world)["spent_minor"] == world.given)
    expect((money(world)["over_minor"], figure(world, world.cash, 1, "spent_minor")), (0, world.given - 3000))
    figures = world.figures(world.campaign)
    assert figures["over"] == 0, figures
    assert figures["free"] + figures["outstanding"] + figures["spent"] + figures["stranded"] == 100, figures
    assert figure(world, world.campaign, 1, "spent") >= 1
    assert world.api("GET", "/v1/health")["budgets_that_do_not_add_up"] == 0
    conflicts = world.api("GET", "/v1/conflicts")["conflicts"]
    assert not conflicts, conflicts


def lent(world, campaign, till):
    """What the hub lent to this till, and had back."""
    with open_hub(world.hub) as db:
        return db.execute("SELECT granted, returned FROM sublease WHERE campaign = ? AND terminal = ?",
                          (campaign, world.terminal(till))).fetchone() or (0, 0)


def lent_money(world):
    with open_hub(world.hub) as db:
        return [row[0] for row in db.execute("SELECT granted_minor FROM sublease WHERE campaign = ?", (world.cash,))]


def what_was_lent_and_leased_comes_back_once_its_campaign_is_stopped(world):
    a = world.tills[0]
    campaign = world.launch("Short", budget=100, lease_per_terminal=6)
    until("lane A has a part", lambda: lent(world, campaign, a)[0] > 0)
    expect(figure(world, campaign, 1, "granted"), 6)
    world.api("PATCH", f"/v1/campaigns/{campaign}", {"stopped": True})
    catch_up(world, a, world.hub)
    world.sell(a, ["scan 9520000010003", "tender cash due"])  # then it rests
    until("the hub has it back", lambda: len(set(lent(world, campaign, a))) == 1)

    def all_came_back():
        world.sell(world.hub, ["scan 9520000010003", "tender cash due"])
        return figure(world, campaign, 1, "returned") == 6

    until("the centre has it back", all_came_back)
    store = next(one for one in world.api("GET", f"/v1/campaigns/{campaign}/figures")["holders"] if one["holder"] == "store")
    expect((store["left"], store["spent"], store["returned"]), (0, 0, 6))
    assert world.api("GET", "/v1/health")["budgets_that_do_not_add_up"] == 0


def every_campaign_is_divided_however_many_there_are(world):
    """More than a message holds: the last one is lent, and comes back."""
    a = world.tills[0]
    campaigns = [world.launch(f"One of many {n}", budget=20, lease_per_terminal=2) for n in range(260)]
    until("lane A has a part of the last", lambda: lent(world, campaigns[-1], a)[0] > 0)
    assert all(lent(world, campaign, a)[0] > 0 for campaign in campaigns)
    world.api("PATCH", f"/v1/campaigns/{campaigns[-1]}", {"channels": ["online"]})  # nobody here needs it any more
    catch_up(world, a, world.hub)
    world.sell(a, ["scan 9520000010003", "tender cash due"])
    until("the hub has it back", lambda: len(set(lent(world, campaigns[-1], a))) == 1)

    def came_back():
        world.sell(world.hub, ["scan 9520000010003", "tender cash due"])
        return figure(world, campaigns[-1], 1, "returned") == 2

    until("the centre has it back", came_back)


def what_only_the_hub_has_heard_reaches_a_lane_without_the_centre(world):
    a = world.tills[0]
    world.services.pop(a).stop()
    world.api("POST", "/v1/catalogue", {"store": world.store, "products": [
        {"codes": ["9520000010287"], "name": "News", "price_minor": 1234, "tax_bp": 1300}]})
    expect(told(world, a, "scan 9520000010287"), ["PRODUCT_UNKNOWN"])
    catch_up(world, world.hub)
    world.cut()
    world.services[a] = Service(world, a)
    until("lane A has heard", lambda: told(world, a, "scan 9520000010287") == ["ok"])
    expect(world.sell(a, ["tender cash due"])[-1]["sold"]["total_minor"], 1234)
    world.join()


def a_hub_with_an_old_disk_is_set_apart(world):
    a = world.tills[0]
    world.services[world.hub].stop()
    shutil.copy(os.path.join(world.hub, "hub.db"), os.path.join(world.hub, "hub.old"))
    before = steps(world)
    world.services[world.hub] = Service(world, world.hub)
    until("the hub goes on", lambda: steps(world) > before)
    coupon, other = world.claim(world.campaign), world.claim(world.campaign)
    catch_up(world, a, world.hub)
    until("the hub is back", lambda: sell_with(world, a, coupon) in ("ok", "COUPON_SPENT"))
    time.sleep(2)
    world.services[world.hub].stop()
    for end in ("-wal", "-shm"):
        if os.path.exists(os.path.join(world.hub, "hub.db" + end)):
            os.remove(os.path.join(world.hub, "hub.db" + end))
    os.replace(os.path.join(world.hub, "hub.old"), os.path.join(world.hub, "hub.db"))
    world.services[world.hub] = Service(world, world.hub)
    until("it is set apart", lambda: states(world) == ["fenced"])
    until("its tills know", lambda: "HUB" not in sell_with(world, a, other))
    assert world.api("GET", "/v1/health")["budgets_that_do_not_add_up"] == 0


@patient_cashiers()
def a_new_hub_takes_over(world):
    a = world.tills[0]
    expect(assign(world, a), 2)
    until("lane A is the hub", lambda: "hub of its store, epoch 2" in world.services[a].said())
    coupon = world.claim(world.campaign)
    catch_up(world, a, world.hub)
    world.cut()
    until("it answers", lambda: sell_with(world, world.hub, coupon) in ("ok", "COUPON_SPENT"))
    expect(sell_with(world, a, coupon), "COUPON_SPENT")
    world.join()
    expect(states(world), ["fenced", "active"])
    assert world.api("GET", "/v1/health")["budgets_that_do_not_add_up"] == 0


def open_hub(folder):
    return contextlib.closing(sqlite3.connect(f"file:{folder}/hub.db?mode=ro", uri=True))


def steps(world):
    with open_hub(world.hub) as db:
        return db.execute("SELECT seq FROM state").fetchone()[0]


def prepared(world):
    """What the steps need that only the centre gives, while it can be reached."""
    pinned = [world.api("POST", "/v1/coupons/claim", {"campaign": world.pinned, "pin_store": world.store}) for _ in range(3)]
    world.at_home = [one["code"] for one in pinned]
    world.homes = [one["home"] for one in pinned]
    world.notes = [world.claim(world.cash) for _ in range(9)]
    until("the store's money is lent", lambda: sum(lent_money(world)) == 1000)
    world.spare = world.claim(world.campaign)
    world.loose = [world.claim(world.campaign) for _ in range(15)]


with shop.open() as opened:
    if not opened.cable:
        def a_store_with_a_hub(world):
            raise journey.Skip("needs the right to make network namespaces")
        journey.run([a_store_with_a_hub], opened)
    opened.lay_lan(3)
    opened.services = {}
    opened.report_of = lambda terminal: opened.api("GET", f"/v1/reports/terminals/{terminal}")

    def rights_are_made_ahead(world):
        prepared(world)

    try:
        journey.run([a_terminal_becomes_the_hub_and_every_till_hears_it, rights_are_made_ahead,
                     strangers_on_the_store_s_network_do_not_keep_the_tills_from_the_hub,
                     with_the_centre_out_of_reach_one_coupon_is_accepted_once_in_the_store,
                     a_cancelled_sale_frees_the_coupon_for_the_next_lane,
                     a_coupon_pinned_to_the_store_is_good_at_any_lane_once, without_the_hub_each_till_spends_its_own,
                     a_budget_in_money_is_divided_by_the_hub_and_kept_with_it_and_without,
                     a_sale_parked_at_one_lane_is_recalled_at_another_once,
                     a_till_killed_while_it_parks_or_recalls_neither_loses_a_sale_nor_doubles_it,
                     goods_sold_at_one_lane_come_back_at_another_once,
                     no_till_spends_more_than_its_lease_and_sub_lease, a_burnt_till_loses_no_receipt_that_the_hub_has,
                     what_the_store_spent_is_booked_on_its_lease,
                     what_was_lent_and_leased_comes_back_once_its_campaign_is_stopped,
                     every_campaign_is_divided_however_many_there_are,
                     what_only_the_hub_has_heard_reaches_a_lane_without_the_centre, a_hub_with_an_old_disk_is_set_apart,
                     a_new_hub_takes_over], opened)
    finally:
        for service in opened.services.values():
            service.stop()
