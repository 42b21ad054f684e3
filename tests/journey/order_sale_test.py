#!/usr/bin/env python3
"""Orders that are not paid yet: their goods go into a sale of the store that fetches them, at the order's prices, and the
sale's record hands them out; offline, once, in whole or in part; what is cancelled is given back."""
import csv
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import orders_test  # noqa: E402
import shop  # noqa: E402
from orders_test import CREAM, MASK, cut, state, sync  # noqa: E402

SOAP = "9520000010003"  # 9.90


def place(world, lines=((MASK, 2, 3500), (CREAM, 1, 7000)), **pick_up):
    """Two masks at 35.00 and a cream at 70.00, to be paid in the store."""
    world.counter += 1
    where = {"store": world.store, "ready_from": "2026-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z", **pick_up}
    return world.api("POST", "/v1/orders", {
        "request_id": f"unpaid-{world.counter}", "reference": f"U-{world.counter}", "paid": False, "pick_up": where,
        "lines": [{"code": code, "qty_milli": n * 1000, "unit_price_minor": price} for code, n, price in lines]})


def refusals(lines):
    return [line["error"]["name"] for line in lines if not line["ok"]]


def the_order_is_paid_and_handed_out_by_one_sale_without_a_link(world):
    a, b = world.tills
    order = place(world)
    assert (order["kind"], order["total_minor"]) == ("unpaid", 14000), order
    sync(world, a, b)
    paper = os.path.join(world.folder, "paper-unpaid")
    os.makedirs(paper)
    with cut(world):
        done = world.sell(b, [f"pickup {order['code']}"], check=False)
        assert refusals(done) == ["ORDER_HOME"], done
        done = world.sell(a, [f"scan {SOAP}", f"pickup {order['code']}", "tender card 50.00 A1", "tender cash 200.00"],
                          "--print", paper, "--views")
        assert done[1]["sale"]["total_minor"] == 14891, done  # a tenth off the soap, and of nothing else
        sold = done[-1]["sold"]
        assert refusals(world.sell(a, [f"pickup {order['code']}"], check=False)) == ["ORDER_DONE"]
    text = "".join(open(os.path.join(paper, name), encoding="utf-8").read()
                   for name in os.listdir(paper) if name.endswith(".txt"))
    assert "Order " in text and str(order["order"]) in text and "Ordered" in text, text
    sync(world, a, b)
    now = state(world, order)
    assert now["state"] == "handed_out" and "code" not in now, now
    assert [(one["amount_minor"], one["sale"], one["conflict"]) for one in now["handed_out"]] == [(14000, True, False)], now
    report = world.counterfoil("report", "x", "--json", "--dir", a)[0]
    assert report["orders_paid_here"] == {"orders": 1, "paid_minor": 14000}, report
    back = world.sell(a, [f"return {sold['receipt']} 2 1"])[-1]
    assert back["ok"], back
    sync(world, a)
    now = state(world, order)
    assert now["state"] == "handed_out", now  # goods that come back are a return of that sale
    assert now["handed_out"][0]["returned"] == [{"line": 1, "qty_milli": 1000}], now
    z = world.counterfoil("report", "z", "--json", "--dir", a)[0]
    assert z["orders_paid_here"]["orders"] == 1, z
    folder = os.path.join(world.folder, "day-unpaid")
    os.makedirs(folder)
    world.counterfoil("export", "csv", "--dir", a, "--out", folder, "--z", str(z["z_no"]))
    with open(os.path.join(folder, "bons.csv"), encoding="utf-8", newline="") as file:
        assert [bon["of"] for bon in csv.DictReader(file) if bon["kind"] == "sale"] == [f"order {order['order']}"]
    sync(world, a)
    world.quiet()


def what_is_void_when_the_sale_ends_is_still_ordered(world):
    a, _ = world.tills
    order = place(world)
    sync(world, a)
    with cut(world):
        done = world.sell(a, [f"pickup {order['code']}", "void 1", "pay-order 2", "pay-order 1=1", "tender cash due"],
                          check=False)
        assert refusals(done) == ["ORDER_LINE"], done  # the cream is in the sale already
        assert done[-1]["sold"]["total_minor"] == 10500, done
    sync(world, a)
    now = state(world, order)
    assert (now["state"], now["generation"], now["total_minor"]) == ("partly_handed_out", 2, 3500), now
    sync(world, a)
    done = world.sell(a, [f"pickup {order['code']}", "tender card due R2"])
    assert done[-1]["sold"]["total_minor"] == 3500, done
    sync(world, a)
    assert state(world, order)["state"] == "handed_out"
    world.quiet()


def its_prices_stand_and_a_cancelled_sale_leaves_it_as_it_was(world):
    a, _ = world.tills
    order, other, paid = place(world), place(world), orders_test.place(world)
    sync(world, a)
    done = world.sell(a, [f"pickup {order['code']}", "price 1.00 1", "quantity 5 1", "discount 5% 1 nice",
                          f"pickup {other['code']}", "hand-out", f"pickup {paid['code']}", "pay-order",
                      f"order {paid['order']}", "cancel"],
                      check=False)
    assert refusals(done) == ["PRICE_AGREED", "PRICE_AGREED", "DISCOUNT_ROOM", "ORDER_TWICE", "SALE_OPEN",
                              "ORDER_PAID", "ORDER_PAID"], done
    done = world.sell(a, [f"pickup {order['code']}", "cancel", "hand-out"], check=False)
    assert refusals(done) == ["ORDER_UNPAID"], done
    with cut(world):
        assert world.sell(a, [f"order {order['order']}", "tender cash due"])[-1]["sold"]["total_minor"] == 14000
    shop.refused(lambda: place(world, store=world.store + 77), "STORE_UNKNOWN")
    world.counter += 1
    shop.refused(lambda: world.api("POST", "/v1/orders", {
        "request_id": "inexact", "paid": False, "pick_up": {"store": world.store, "expires": "2099-01-01T00:00:00Z"},
        "lines": [{"code": MASK, "qty_milli": 3000, "unit_price_minor": 333, "amount_minor": 1000}]}), "JSON_RANGE")
    for left in (other, paid):
        world.api("POST", f"/v1/orders/{left['order']}/cancel", {})
    world.sync(a)
    world.sell(a, ["scan " + MASK, "tender cash due"])
    sync(world, a)
    assert state(world, order)["state"] == "handed_out" and state(world, other)["state"] == "cancelled"
    world.quiet()


def what_the_centre_held_for_a_sale_that_is_cancelled_or_has_none_of_it_goes_back(world):
    a, b = world.tills
    order = place(world, online_only=True)
    sync(world, a, b)
    pick = f"pickup {order['code']}"
    with shop.Clerk(world, a, "--online") as clerk:
        assert clerk.step(pick)["sale"]["total_minor"] == 14000
        assert refusals(world.sell(b, [pick], "--online", check=False)) == ["ORDER_DONE"]  # till A holds it
        assert clerk.step("cancel")["ok"]
    sync(world, a)
    with shop.Clerk(world, b, "--online") as clerk:
        assert clerk.step(pick)["ok"]
        assert clerk.step("void 1")["ok"] and clerk.step("void 2")["ok"] and clerk.step("scan " + SOAP)["ok"]
        assert clerk.step("tender cash due")["ok"]
    sync(world, b)
    assert state(world, order)["state"] == "ready"
    assert world.sell(a, [pick, "tender cash due"], "--online")[-1]["sold"]["total_minor"] == 14000
    sync(world, a)
    assert state(world, order)["state"] == "handed_out"
    world.quiet()


def what_is_all_void_is_given_back_before_anything_is_paid(world):
    a, b = world.tills
    order = place(world, online_only=True)
    sync(world, a, b)
    pick = f"pickup {order['code']}"
    clerk = shop.Clerk(world, a, "--online")
    assert clerk.step(f"scan {SOAP}")["ok"] and clerk.step(pick)["ok"]
    assert clerk.step("void 2")["ok"] and clerk.step("void 3")["ok"]
    clerk.process.kill()  # whatever happens behind that, nobody holds it any more
    clerk.process.wait()
    sync(world, a)
    assert world.sell(b, [pick, "tender cash due"], "--online")[-1]["sold"]["total_minor"] == 14000
    assert world.sell(a, ["tender cash due"])[-1]["sold"]["total_minor"] == 891
    sync(world, a, b)
    assert state(world, order)["state"] == "handed_out"
    world.quiet()


def a_sale_that_was_parked_does_not_hand_out_what_was_called_back_since(world):
    a, _ = world.tills
    order = place(world)
    world.sync(a)
    done = world.sell(a, [f"pickup {order['code']}", "park later here"])
    assert done[-1]["ok"], done
    world.api("POST", f"/v1/orders/{order['order']}/cancel", {})
    sync(world, a)
    world.sell(a, ["scan " + MASK, "tender cash due"])
    sync(world, a)
    assert state(world, order)["state"] == "cancelled"
    done = world.sell(a, ["recall later", "tender cash due", "cancel"], check=False)
    assert refusals(done) == ["ORDER_CANCELLED"], done
    sync(world, a)
    world.quiet()


def a_kill_in_the_middle_of_the_sale_leaves_it_open_and_sells_it_once(world):
    a, _ = world.tills
    order = place(world)
    world.sync(a)
    clerk = shop.Clerk(world, a)
    assert clerk.step(f"pickup {order['code']}")["ok"]
    clerk.process.kill()
    clerk.process.wait()
    done = world.sell(a, [f"pickup {order['code']}", "total", "tender cash due"], check=False)
    assert refusals(done) == ["ORDER_LINE"], done  # all of it is in the sale that is still open
    assert done[-1]["sold"]["total_minor"] == 14000, done
    status, out, _ = journey.counterfoil("journal", "verify", "--dir", a)
    assert status == 0, out
    sync(world, a)
    assert state(world, order)["state"] == "handed_out"
    world.quiet()


def what_is_paid_at_two_tills_is_one_conflict_and_both_sales_stand(world):
    a, _ = world.tills
    order = place(world)
    world.sync(a)
    world.api("POST", f"/v1/orders/{order['order']}/move", {"store": world.other})
    now = world.api("POST", f"/v1/orders/{order['order']}/force", {"by": "Lin", "reason": "the till burnt"})
    world.sync(world.far)
    with cut(world):
        for till, code in ((world.far, now["code"]), (a, order["code"])):  # A was not burnt, and has not heard
            world.sell(till, [f"pickup {code}", "tender cash due"])
    sync(world, world.far, a, a)
    told = state(world, order)
    assert told["state"] == "handed_out", told
    assert sorted(one["conflict"] for one in told["handed_out"]) == [False, True], told
    alarms = [alarm["name"] for alarm in world.api("GET", "/v1/alarms")["alarms"]]
    assert alarms == ["ORDER_STATE", "ORDER_DONE"], alarms


if __name__ == "__main__":
    with shop.open() as world:
        world.launch("A tenth", policy="automatic")
        world.tills = [world.till("Till 1"), world.till("Till 2")]
        world.other = world.api("POST", "/v1/stores", {"name": "Other store", "currency": "CNY", "tax_inclusive": True,
                                                       "utc_offset_min": 480})["store"]
        world.put_products(world.other)
        world.far = world.till("Till far", world.other)
        journey.run([
            the_order_is_paid_and_handed_out_by_one_sale_without_a_link,
            what_is_void_when_the_sale_ends_is_still_ordered,
            its_prices_stand_and_a_cancelled_sale_leaves_it_as_it_was,
            what_the_centre_held_for_a_sale_that_is_cancelled_or_has_none_of_it_goes_back,
            what_is_all_void_is_given_back_before_anything_is_paid,
            a_sale_that_was_parked_does_not_hand_out_what_was_called_back_since,
            a_kill_in_the_middle_of_the_sale_leaves_it_open_and_sells_it_once,
            what_is_paid_at_two_tills_is_one_conflict_and_both_sales_stand,
        ], world)
