#!/usr/bin/env python3
"""Goods that a store has not: asked for at its till without a link, of the brand's shop or of another store; accepted,
refused with a reason, sent, ready; fetched and paid as an order; seen by all who have a part in it, and nobody else knows
for whom it is."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402
from orders_test import CREAM, MASK, cut, sync  # noqa: E402


def requests(world, till):
    return {one["slip"]: one for one in world.sell(till, ["requests"])[0]["requests"]}


def orders(world, till):
    return {one["order"]: one for one in world.sell(till, ["orders"])[0]["orders"]}


def ask(world, till, words, *goods):
    done = world.sell(till, [*[f"scan {code}" for code in goods or (CREAM,)], words])
    return done[-1]["asked"]


def refusals(lines):
    return [line["error"]["name"] for line in lines if not line.get("ok", True)]


def placed(world, slip):
    """The order of a slip, as the shop sees it."""
    terminal, epoch, seq = (int(part) for part in slip["receipt"].split("-"))
    for one in world.api("GET", "/v1/orders")["orders"]:
        order = world.api("GET", f"/v1/orders/{one['order']}")
        request = order.get("request", {})
        if (request.get("terminal"), request.get("epoch"), request.get("seq")) == (terminal, epoch, seq):
            return order
    raise AssertionError(f"no order of slip {slip}")


def a_special_order_is_made_without_a_link_and_fetched_when_the_shop_has_the_goods(world):
    a, b = world.tills
    paper = os.path.join(world.folder, "paper-special")
    os.makedirs(paper)
    with cut(world):
        done = world.sell(a, [f"scan {CREAM}", f"scan {MASK}", "quantity 2", "special Li Na, 138 0013 8000", "total"],
                          "--print", paper, "--views")
        slip = done[3]["asked"]
        assert (slip["lines"], slip["total_minor"]) == (2, 15470), done  # at the catalogue's prices
        assert done[4]["sale"]["state"] == "idle", done
        waiting = requests(world, a)[slip["receipt"]]
        assert (waiting["order"], waiting["state"], waiting["name"]) == (0, "asked", "Li Na"), waiting
        assert waiting["may"] == ["withdraw"], waiting
    text = "".join(open(os.path.join(paper, name), encoding="utf-8").read()
                   for name in os.listdir(paper) if name.endswith(".txt"))
    assert "GOODS ORDERED" in text and "Li Na" in text and "138 0013 8000" in text and "154.70" in text, text
    sync(world, a, b)
    order = placed(world, slip)
    assert (order["state"], order["kind"], order["store"]) == ("placed", "unpaid", world.store), order
    request = order["request"]
    assert (request["state"], request["asked"], request["name"], request["reach"]) == \
        ("asked", None, "Li Na", "138 0013 8000"), order
    path = f"/v1/orders/{order['order']}"
    assert [one["order"] for one in world.api("GET", "/v1/orders?request=1")["orders"]] == [order["order"]]
    assert world.api("POST", f"{path}/answer", {"act": "accept"})["request"]["state"] == "accepted"
    assert world.api("POST", f"{path}/answer", {"act": "send"})["request"]["state"] == "sent"
    sync(world, a, b)
    seen = requests(world, a)[slip["receipt"]]
    assert (seen["order"], seen["state"], seen["name"]) == (order["order"], "sent", "Li Na"), seen
    assert seen["may"] == ["withdraw", "ready"], seen
    other = requests(world, b)[slip["receipt"]]
    assert other["state"] == "sent" and "name" not in other, other  # for whom it is stays where it was said
    assert orders(world, a) == {}
    with cut(world):
        world.sell(b, [f"answer {order['order']} ready"])  # the goods came with the van
    sync(world, b)
    now = world.api("GET", path)
    assert (now["state"], now["request"]["state"]) == ("ready", "ready"), now
    sync(world, a, b)
    listed = orders(world, a)[order["order"]]
    assert (listed["kind"], listed["total_minor"], listed["lines"]) == ("unpaid", 15470, 2), listed
    home = a if now["home"] == world.terminal(a) else b
    with cut(world):
        sold = world.sell(home, [f"order {order['order']}", "tender cash due"])[-1]["sold"]
        assert sold["total_minor"] == 15470, sold
    sync(world, home, a, b)
    now = world.api("GET", path)
    assert (now["state"], now["request"]["state"]) == ("handed_out", "over") and "name" not in now["request"], now
    assert slip["receipt"] not in requests(world, a) and order["order"] not in orders(world, a)
    world.quiet()


def another_store_is_asked_accepts_and_sends_and_both_see_it(world):
    a, b = world.tills
    with cut(world):
        slip = ask(world, a, f"transfer {world.other} here Wang, wang@example.net", MASK)
    sync(world, a, b, world.far)
    order = placed(world, slip)
    assert (order["store"], order["request"]["asked"]) == (world.store, world.other), order
    with cut(world):  # the store asked has no link either
        seen = requests(world, world.far)[slip["receipt"]]
        assert (seen["asking"], seen["fetched_in"], seen["lines"]) == (world.store, world.store, 1), seen
        assert "name" not in seen and seen["may"] == ["accept", "refuse", "send"], seen
        world.sell(world.far, [f"answer {order['order']} accept"])
        done = world.sell(a, [f"answer {order['order']} accept", f"answer {order['order']} ready"], check=False)
        assert refusals(done) == ["ORDER_HOME", "ORDER_STATE"], done
        done = world.sell(world.far, [f"answer {order['order']} ready", f"answer {order['order']} refuse"], check=False)
        assert refusals(done) == ["ORDER_HOME", "USER_REASON"], done
    sync(world, world.far)
    world.sell(world.far, [f"answer {order['order']} send"])
    sync(world, world.far, a)
    assert requests(world, a)[slip["receipt"]]["state"] == "sent"
    world.sell(a, [f"answer {slip['receipt']} ready"])  # by the slip, as well
    sync(world, a, a, world.far)
    assert slip["receipt"] not in requests(world, world.far)  # nothing is left for it to do
    assert world.sell(a, [f"order {order['order']}", "tender card due R1"])[-1]["sold"]["total_minor"] == 3990
    sync(world, a)
    assert world.api("GET", f"/v1/orders/{order['order']}")["state"] == "handed_out"
    world.quiet()


def a_shopper_fetches_the_goods_in_the_store_that_has_them(world):
    a, _ = world.tills
    slip = ask(world, a, f"transfer {world.other} there Wang, wang@example.net", CREAM, MASK)
    sync(world, a, world.far)
    order = placed(world, slip)
    assert order["store"] == world.other, order
    with cut(world):
        world.sell(world.far, [f"answer {order['order']} ready"])
    sync(world, world.far, world.far, a)
    assert requests(world, a)[slip["receipt"]]["state"] == "ready"
    code = world.api("GET", f"/v1/orders/{order['order']}")["code"]
    assert refusals(world.sell(a, [f"pickup {code}"], check=False)) == ["ORDER_HOME"]
    with cut(world):
        done = world.sell(world.far, [f"pickup {code}", "void 1", "tender cash due"])
        assert done[-1]["sold"]["total_minor"] == 3990, done
    sync(world, world.far, world.far)
    assert world.sell(world.far, [f"order {order['order']}", "tender cash due"])[-1]["sold"]["total_minor"] == 7490
    sync(world, world.far, a)
    assert slip["receipt"] not in requests(world, a)
    world.quiet()


def what_is_refused_says_why_until_it_was_seen(world):
    a, b = world.tills
    slip = ask(world, a, f"transfer {world.other} here Wang, wang@example.net")
    sync(world, a, world.far)
    order = placed(world, slip)
    with cut(world):
        world.sell(world.far, [f"answer {order['order']} refuse the last one is broken"])
    sync(world, world.far, a, b, world.far)
    seen = requests(world, b)[slip["receipt"]]
    assert (seen["state"], seen["reason"], seen["may"]) == ("refused", "the last one is broken", ["withdraw"]), seen
    assert slip["receipt"] not in requests(world, world.far)
    now = world.api("GET", f"/v1/orders/{order['order']}")
    assert now["state"] == "cancelled" and now["request"]["name"] == "Wang", now  # who is still to be told
    world.sell(b, [f"answer {order['order']} withdraw"])
    sync(world, b, a, b)
    assert slip["receipt"] not in requests(world, a) and slip["receipt"] not in requests(world, b)
    assert "name" not in world.api("GET", f"/v1/orders/{order['order']}")["request"]
    world.quiet()


def what_is_withdrawn_is_fetched_by_nobody_and_a_word_that_crosses_it_is_no_fault(world):
    a, _ = world.tills
    with cut(world):
        slip = ask(world, a, f"transfer {world.other} here Wang, wang@example.net")
        world.sell(a, [f"answer {slip['receipt']} withdraw"])  # before anybody heard of it
    other = ask(world, a, f"transfer {world.other} here Wang, wang@example.net")
    sync(world, a, world.far)
    assert placed(world, slip)["state"] == "cancelled"
    order = placed(world, other)
    with cut(world):
        world.sell(world.far, [f"answer {order['order']} accept"])
        world.sell(a, [f"answer {order['order']} withdraw"])
    sync(world, a, world.far, world.far, a)
    now = world.api("GET", f"/v1/orders/{order['order']}")
    assert (now["state"], now["request"]["state"]) == ("cancelled", "withdrawn"), now
    assert requests(world, world.far) == {} and other["receipt"] not in requests(world, a)
    world.quiet()


def who_wants_to_be_forgotten_is_forgotten_at_the_centre_and_at_the_till(world):
    a, _ = world.tills
    slip = ask(world, a, "special Xiaolongnu, 139 9999 0000")
    who = world.join_member("Yang Guo")
    with cut(world):
        world.sell(a, [f"scan {MASK}", f"member {who['card']}", "special"])
    sync(world, a)
    order = placed(world, slip)
    world.counterfoil("report", "z", "--json", "--dir", a)
    sync(world, a)
    world.api("POST", f"/v1/orders/{order['order']}/forget", {})
    world.api("POST", f"/v1/members/{who['member']}/erase", {})
    sync(world, a)
    world.sell(a, [f"scan {MASK}", "tender cash due"])
    sync(world, a)
    assert "name" not in world.api("GET", f"/v1/orders/{order['order']}")["request"]
    for name in os.listdir(a):
        with open(os.path.join(a, name), "rb") as file:
            content = file.read()
        for trace in (b"Xiaolongnu", b"139 9999 0000", bytes.fromhex(who["member"])):
            assert trace not in content, (name, trace)
    assert world.counterfoil("journal", "verify", "--dir", a, "--json")[0]["ok"]
    for one in world.api("GET", "/v1/orders?request=1")["orders"]:
        assert "member" not in world.api("GET", f"/v1/orders/{one['order']}"), one
    world.quiet()


def only_goods_for_somebody_are_ordered(world):
    a, _ = world.tills
    done = world.sell(a, ["special Li, 1", f"scan {MASK}", "special", "special Li", f"transfer {world.store} here Li, 1",
                          "transfer x here Li, 1", "tender cash 1.00", "special Li, 1", "untender", "void 1",
                          "special Li, 1", "cancel"], check=False)
    assert refusals(done) == ["SALE_NONE", "REQUEST_WHO", "REQUEST_WHO", "ARGUMENT", "ARGUMENT", "SALE_TENDERED",
                              "SALE_EMPTY"], done
    assert refusals(world.sell(a, [f"scan {MASK}", "special Li, 1"], "--training", check=False)) == ["TRAINING"]
    assert refusals(world.sell(a, ["answer 99 accept", "answer 1-1-1 withdraw", "answer x accept", "answer 1 eat"],
                               check=False)) == ["ORDER_UNKNOWN", "ORDER_UNKNOWN", "ARGUMENT", "ARGUMENT"]
    slip = ask(world, a, f"transfer {world.other + 50} here Li, 1")  # a store that there is not
    sync(world, a, a)
    assert any(one["result"] == "STORE_UNKNOWN" for one in world.counterfoil("results", "--json", "--dir", a))
    assert [alarm["name"] for alarm in world.api("GET", "/v1/alarms")["alarms"]] == ["STORE_UNKNOWN"]
    assert requests(world, a)[slip["receipt"]]["order"] == 0  # nobody was told of it


if __name__ == "__main__":
    with shop.open() as world:
        world.tills = [world.till("Till 1"), world.till("Till 2")]
        world.other = world.api("POST", "/v1/stores", {"name": "Other store", "currency": "CNY", "tax_inclusive": True,
                                                       "utc_offset_min": 480})["store"]
        world.put_products(world.other)
        world.far = world.till("Till far", world.other)
        journey.run([
            a_special_order_is_made_without_a_link_and_fetched_when_the_shop_has_the_goods,
            another_store_is_asked_accepts_and_sends_and_both_see_it,
            a_shopper_fetches_the_goods_in_the_store_that_has_them,
            what_is_refused_says_why_until_it_was_seen,
            what_is_withdrawn_is_fetched_by_nobody_and_a_word_that_crosses_it_is_no_fault,
            who_wants_to_be_forgotten_is_forgotten_at_the_centre_and_at_the_till,
            only_goods_for_somebody_are_ordered,
        ], world)
