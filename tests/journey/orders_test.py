#!/usr/bin/env python3
"""Orders of the online shop are picked up in a store, offline too: each is handed out once, by whose home it is, in whole or
in part; what is cancelled or moved waits until its home has heard; what two tills want is one's."""
import concurrent.futures
import contextlib
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

MASK, CREAM = "9520000010072", "9520000010140"  # 39.90, 74.90


def place(world, lines=((MASK, 2), (CREAM, 1)), ready=True, **pick_up):
    """An order of the online shop; the answer of the centre."""
    world.counter += 1
    where = {"store": world.store, "expires": "2099-01-01T00:00:00Z", **pick_up}
    if ready:
        where.setdefault("ready_from", "2026-01-01T00:00:00Z")
    return world.api("POST", "/v1/orders", {
        "request_id": f"order-{world.counter}", "reference": f"W-{world.counter}", "pick_up": where,
        "lines": [{"code": code, "qty_milli": n * 1000} for code, n in lines]})


def state(world, order):
    return world.api("GET", f"/v1/orders/{order['order']}")


def pick_up(world, till, order, lines="", *options):
    """What handing it out came to: the answer, or the name it was refused by."""
    done = world.sell(till, [f"pickup {order['code']}", f"hand-out {lines}".strip()], *options, check=False)
    for line in done:
        if not line["ok"] and line["error"]["name"] != "ORDER_UNKNOWN" or line is done[0] and not line["ok"]:
            return line["error"]["name"]
    return done[-1]["handed_out"]


@contextlib.contextmanager
def cut(world):
    world.cut()
    try:
        yield
    finally:
        world.join()


def sync(world, *tills):
    for till in tills:
        world.sync(till)


def an_order_is_handed_out_by_its_home_without_a_link_and_once(world):
    a, b = world.tills
    order = place(world)
    assert order["home"] == world.terminal(a) and order["state"] == "ready", order
    assert order["total_minor"] == 15470, order
    assert pick_up(world, a, order) == "ORDER_UNKNOWN"  # nobody has told it
    sync(world, a, b)
    paper = os.path.join(world.folder, "paper-orders")
    os.makedirs(paper)
    with cut(world):
        assert pick_up(world, b, order) == "ORDER_HOME"
        out = pick_up(world, a, order, "", "--print", paper, "--views")
        assert out["whole"] and out["amount_minor"] == 15470, out
        assert pick_up(world, a, order) == "ORDER_DONE"
    text = "".join(open(os.path.join(paper, name), encoding="utf-8").read()
                   for name in os.listdir(paper) if name.endswith(".txt"))
    assert "PICK-UP" in text and "Paid online" in text and f"{order['order']}" in text, text
    sync(world, a, b)
    now = state(world, order)
    assert now["state"] == "handed_out" and len(now["handed_out"]) == 1 and not now["handed_out"][0]["conflict"], now
    assert "code" not in now, now
    assert pick_up(world, b, order) == "ORDER_DONE"
    report = world.counterfoil("report", "x", "--json", "--dir", a)[0]
    assert report["orders_handed_out"] == {"orders": 1, "paid_online_minor": 15470}, report
    assert report["total_minor"] == 0, report
    world.quiet()


def a_part_is_handed_out_and_the_rest_once_the_centre_has_heard(world):
    a, _ = world.tills
    order = place(world)
    world.sync(a)
    assert pick_up(world, a, order, "3=1") == "LINE_NONE"
    assert pick_up(world, a, order, "1=3") == "ORDER_LINE"
    first = pick_up(world, a, order, "1=1")
    assert not first["whole"] and first["amount_minor"] == 3990, first
    assert pick_up(world, a, order) == "ORDER_DONE"  # the rest is the next generation
    sync(world, a)
    now = state(world, order)
    assert now["state"] == "partly_handed_out" and now["generation"] == 2 and now["total_minor"] == 11480, now
    rest = pick_up(world, a, order)  # by the code of before
    assert rest["whole"] and rest["amount_minor"] == 11480 and rest["generation"] == 2, rest
    world.sync(a)
    assert state(world, order)["state"] == "handed_out"
    world.quiet()


def what_waits_for_its_goods_comes_down_when_they_are_there(world):
    a, _ = world.tills
    order = place(world, ready=False)
    assert order["state"] == "placed", order
    world.sync(a)
    assert pick_up(world, a, order) == "ORDER_UNKNOWN"
    world.api("POST", f"/v1/orders/{order['order']}/ready", {})
    world.sync(a)
    assert pick_up(world, a, order)["whole"]
    early = place(world, ready_from="2098-01-01T00:00:00Z")
    late = place(world, ready_from="2025-01-01T00:00:00Z", expires="2025-02-01T00:00:00Z")
    world.sync(a)
    assert pick_up(world, a, early) == "ORDER_EARLY"
    assert pick_up(world, a, late) == "ORDER_EXPIRED"
    assert state(world, late)["overdue"]
    world.api("POST", f"/v1/orders/{late['order']}/cancel", {})
    sync(world, a, a)
    world.quiet()


def what_is_cancelled_waits_until_its_home_has_heard(world):
    a, _ = world.tills
    kept, given = place(world), place(world)
    world.sync(a)
    with cut(world):
        out = pick_up(world, a, given)
        assert out["whole"], out
        for order in (kept, given):
            now = world.api("POST", f"/v1/orders/{order['order']}/cancel", {})
            assert now["state"] == "recalled", now
    sync(world, a)
    assert state(world, given)["state"] == "handed_out"  # a fact: it was, before the till had heard
    assert state(world, kept)["state"] == "recalled"
    assert pick_up(world, a, kept) == "ORDER_CANCELLED"
    world.sell(a, ["scan " + MASK, "tender cash due"])
    sync(world, a)
    assert state(world, kept)["state"] == "cancelled"
    shop.refused(lambda: world.api("POST", f"/v1/orders/{given['order']}/cancel", {}), "ORDER_STATE")
    world.quiet()


def an_order_goes_to_another_store_once_its_home_has_heard(world):
    a, _ = world.tills
    order = place(world)
    world.sync(a)
    moved = world.api("POST", f"/v1/orders/{order['order']}/move", {"store": world.other})
    assert moved["state"] == "recalled" and moved["goes_to"] == world.other, moved
    world.sync(world.far)
    assert pick_up(world, world.far, order) == "ORDER_HOME"
    world.sync(a)  # hears
    world.sell(a, ["scan " + MASK, "tender cash due"])
    world.sync(a)  # says so
    now = state(world, order)
    assert now["state"] == "ready" and now["store"] == world.other and now["generation"] == 2, now
    assert pick_up(world, a, order) == "ORDER_CANCELLED"
    world.sync(world.far)
    with cut(world):
        assert pick_up(world, world.far, now)["whole"]
    world.sync(world.far)
    assert state(world, order)["state"] == "handed_out"
    world.quiet()


def any_till_may_ask_the_centre_for_an_order_that_is_nowhere_at_home(world):
    a, b = world.tills
    order, second = place(world, online_only=True), place(world, online_only=True)
    assert order["home"] == 0, order
    sync(world, a, b)
    assert pick_up(world, a, order) == "ORDER_ASK"
    with cut(world):
        assert pick_up(world, a, order, "", "--online") == "ORDER_ASK"
    world.sync(a)  # whatever was left open by the cut
    assert pick_up(world, a, order, "", "--online")["whole"]
    assert pick_up(world, b, order, "", "--online") == "ORDER_DONE"  # nobody has told the centre that A gave it out
    now = world.api("POST", f"/v1/orders/{second['order']}/cancel", {})
    assert now["state"] == "cancelled", now
    assert pick_up(world, b, second, "", "--online") == "ORDER_CANCELLED"
    sync(world, a, b)
    assert state(world, order)["state"] == "handed_out"
    world.quiet()


def of_two_tills_that_ask_at_once_one_hands_it_out(world):
    order = place(world, online_only=True)
    sync(world, *world.tills)
    answers = []
    while not any(isinstance(answer, dict) for answer in answers):
        # On a machine that is very slow nobody may have waited for the answer: then nobody got it, and both ask again.
        assert len(answers) < 10 and all(answer == "ORDER_ASK" for answer in answers), answers
        with concurrent.futures.ThreadPoolExecutor() as both:
            answers += both.map(lambda till: pick_up(world, till, order, "", "--online"), world.tills)
        sync(world, *world.tills)
    assert sum(isinstance(answer, dict) for answer in answers) == 1, answers
    assert [one["conflict"] for one in state(world, order)["handed_out"]] == [False]
    world.quiet()


def what_was_at_home_at_a_hub_finds_a_new_home_once_all_tills_have_heard(world):
    a, b = world.tills
    hub = {"terminal": world.terminal(b), "host": "127.0.0.1", "port": 9}  # nobody is there
    world.api("POST", f"/v1/stores/{world.store}/hub", hub)
    order = place(world)
    assert order["home"] == world.store, order
    sync(world, a, b)
    assert pick_up(world, a, order) == "ORDER_ASK"
    world.api("DELETE", f"/v1/stores/{world.store}/hub")
    now = state(world, order)
    assert now["state"] == "recalled" and now["goes_to"] == world.store, now
    for till in (a, b):
        assert state(world, order)["state"] == "recalled"
        world.sync(till)
        world.sell(till, ["scan " + MASK, "tender cash due"])
        world.sync(till)
    now = state(world, order)
    assert (now["state"], now["generation"], now["home"]) == ("ready", 2, world.terminal(a)), now
    world.sync(a)
    with cut(world):
        assert pick_up(world, a, order)["whole"]
    world.sync(a)
    world.quiet()


def a_kill_between_commit_and_print_hands_nothing_out_twice(world):
    a, _ = world.tills
    order = place(world)
    world.sync(a)
    paper = os.path.join(world.folder, "paper-kill")
    os.makedirs(paper)
    clerk = shop.Clerk(world, a, "--print", paper)
    assert clerk.step(f"pickup {order['code']}")["ok"]
    shutil.rmtree(paper)  # the printer is gone: committed, not printed
    answer = clerk.step("hand-out")
    assert answer["handed_out"]["whole"] and "print_error" in answer, answer
    clerk.process.kill()
    clerk.process.wait()
    os.makedirs(paper)
    lines = world.sell(a, [f"pickup {order['code']}", f"reprint {answer['handed_out']['seq']}"], "--print", paper,
                       "--views", check=False)
    assert lines[-2]["error"]["name"] == "ORDER_DONE" and lines[-1]["ok"], lines
    views = [name for name in os.listdir(paper) if name.endswith(".txt")]
    with open(os.path.join(paper, views[-1]), encoding="utf-8") as file:
        assert "COPY" in file.read(), views
    world.sync(a)
    assert len(state(world, order)["handed_out"]) == 1
    status, out, _ = journey.counterfoil("journal", "verify", "--dir", a)
    assert status == 0, out
    world.quiet()


def what_a_person_moves_without_evidence_and_is_handed_out_twice_is_one_conflict(world):
    a, _ = world.tills
    order = place(world)
    world.sync(a)
    shop.refused(lambda: world.api("POST", f"/v1/orders/{order['order']}/force", {"by": "Lin", "reason": "?"}), "ORDER_STATE")
    world.api("POST", f"/v1/orders/{order['order']}/move", {"store": world.other})
    now = world.api("POST", f"/v1/orders/{order['order']}/force", {"by": "Lin", "reason": "the till burnt"})
    assert now["state"] == "ready" and now["generation"] == 2, now
    world.sync(world.far)
    with cut(world):
        assert pick_up(world, world.far, now)["whole"]
        assert pick_up(world, a, order)["whole"]  # it was not burnt, and has not heard
    sync(world, world.far, a, a)
    told = state(world, order)
    assert told["state"] == "handed_out", told
    assert sorted(one["conflict"] for one in told["handed_out"]) == [False, True], told
    alarms = world.api("GET", "/v1/alarms")["alarms"]
    assert [alarm["name"] for alarm in alarms] == ["ORDER_STATE", "ORDER_DONE"], alarms
    results = world.counterfoil("results", "--json", "--dir", a)
    assert any(one["result"] == "ORDER_DONE" and one["conflict"] for one in results), results


if __name__ == "__main__":
    with shop.open() as world:
        world.tills = [world.till("Till 1"), world.till("Till 2")]
        world.other = world.api("POST", "/v1/stores", {"name": "Other store", "currency": "CNY", "tax_inclusive": True,
                                                       "utc_offset_min": 480})["store"]
        world.put_products(world.other)
        world.far = world.till("Till far", world.other)
        journey.run([
            an_order_is_handed_out_by_its_home_without_a_link_and_once,
            a_part_is_handed_out_and_the_rest_once_the_centre_has_heard,
            what_waits_for_its_goods_comes_down_when_they_are_there,
            what_is_cancelled_waits_until_its_home_has_heard,
            an_order_goes_to_another_store_once_its_home_has_heard,
            any_till_may_ask_the_centre_for_an_order_that_is_nowhere_at_home,
            of_two_tills_that_ask_at_once_one_hands_it_out,
            what_was_at_home_at_a_hub_finds_a_new_home_once_all_tills_have_heard,
            a_kill_between_commit_and_print_hands_nothing_out_twice,
            what_a_person_moves_without_evidence_and_is_handed_out_twice_is_one_conflict,
        ], world)
