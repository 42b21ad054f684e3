#!/usr/bin/env python3
"""Goods that ask something, from the catalogue to the receipt and back to the centre: a store's own labels, ages, serial
numbers, deposits, recalls, prices of lists; and a price that was never said is noticed."""
import os
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402


def with_check_digit(digits):
    weights = [3 if (len(digits) - at) % 2 else 1 for at in range(len(digits))]
    return digits + str(-sum(int(digit) * weight for digit, weight in zip(digits, weights)) % 10)


BEER = with_check_digit("952000001900")
PHONE = with_check_digit("952000001901")
MILK = with_check_digit("952000001902")


def stock(world):
    world.api("POST", "/v1/catalogue", {"store": world.store, "products": [
        {"code": "BOTTLE", "name": "Bottle", "price_minor": 25},
        {"code": BEER, "name": "Beer", "price_minor": 2000, "tax_bp": 1300, "min_age": 18, "deposit": "BOTTLE"},
        {"code": PHONE, "name": "Phone", "price_minor": 300000, "tax_bp": 1300, "serialised": True},
        {"code": MILK, "name": "Milk", "price_minor": 1200, "tax_bp": 900, "recalled": ["L7"]},
        {"code": "FLOWERS", "name": "Flowers", "price_minor": 0, "open_price": True},
        {"plu": 12345, "name": "Ham", "price_minor": 9900, "weighed": True},
    ]})


def asked(line):
    return line.get("asks") or ("ok" if line["ok"] else line["error"]["name"])


def goods_ask_and_are_answered(world):
    till = world.tills[0]
    world.sync(till)
    steps = [f"scan {BEER}", "age seen", f"scan {PHONE}", "serial S1", f"scan (01)0{PHONE}(21)S1", "scan FLOWERS",
             "price 15", f"scan (01)0{MILK}(10)L7", f"scan (01)0{MILK}(17)200101", f"scan (01)0{MILK}(10)L8", "tender cash due"]
    lines = world.sell(till, steps, check=False)
    assert [asked(line) for line in lines] == [
        "age", "ok", "serial", "ok", "GOODS_SERIAL_TWICE", "price", "ok", "GOODS_RECALLED", "GOODS_EXPIRED", "ok", "ok"], lines
    assert lines[-1]["sold"]["total_minor"] == 2000 + 25 + 300000 + 1500 + 1200, lines[-1]
    lines = world.sell(till, [f"scan {BEER}", "age 2025-01-01", "cancel"], check=False)
    assert [asked(line) for line in lines][:2] == ["age", "GOODS_YOUNG"], lines
    receipt = world.sell(till, [f"scan {BEER}", "age 1990-01-31", "quantity 3", "tender cash due"])[-1]["sold"]["receipt"]
    back = world.counterfoil("return", receipt, "--json", "--dir", till, "--line", "1", "--quantity", "2")[0]["returned"]
    assert back["total_minor"] == 2 * 2025, back
    world.sync(till)
    world.quiet()


def a_store_reads_its_labels_as_its_settings_say(world):
    till = world.tills[0]
    price, weight = with_check_digit("211234501995"), with_check_digit("231234500345")
    lines = world.sell(till, [f"scan {price}"], check=False)
    assert asked(lines[0]) == "PRODUCT_UNKNOWN", lines
    world.api("PUT", f"/v1/stores/{world.store}/settings", {"measures": [
        {"pattern": "21IIIIIPPPPPC", "decimals": 2}, {"pattern": "23IIIIIWWWWWC", "decimals": 3}]})
    world.sync(till)
    lines = world.sell(till, [f"scan {price}", f"scan {weight}", "plu 12345", "quantity 0.5", "tender cash due"])
    assert lines[-1]["sold"]["total_minor"] == 1995 + 3416 + 4950, lines[-1]
    world.sync(till)
    world.quiet()


def a_price_list_holds_until_it_is_taken_away(world):
    till = world.tills[0]
    listed = {"name": "Week", "stores": [world.store], "reduced": True, "prices": [{"code": MILK, "price_minor": 1100}]}
    world.api("PUT", "/v1/price-lists/1", listed)
    world.sync(till)
    assert world.sell(till, [f"scan {MILK}", "tender cash due"])[-1]["sold"]["total_minor"] == 1100
    world.api("PUT", "/v1/price-lists/1", dict(listed, prices=[]))
    assert world.sell(till, [f"scan {MILK}", "tender cash due"])[-1]["sold"]["total_minor"] == 1100  # has not heard of it
    world.sync(till)
    assert world.sell(till, [f"scan {MILK}", "tender cash due"])[-1]["sold"]["total_minor"] == 1200
    world.sell(till, [f"scan {MILK}", "price 9", "tender cash due"])  # what a cashier says is the cashier's affair
    world.sync(till)
    world.quiet()


def a_price_that_was_never_said_is_noticed(world):
    """A till whose replica somebody changed: the books add up, and the price is nobody's."""
    till = world.tills[0]
    with sqlite3.connect(os.path.join(till, "replica.db")) as replica:
        entry = bytes(replica.execute("SELECT entry FROM product WHERE instr(entry, 'Milk') > 0").fetchone()[0])
        changed = entry.replace(b"\x19" + (1200).to_bytes(2, "big"), b"\x19" + (600).to_bytes(2, "big"))
        assert changed != entry
        replica.execute("UPDATE product SET entry = ? WHERE instr(entry, 'Milk') > 0", (changed,))
    replica.close()
    assert world.sell(till, [f"scan {MILK}", "tender cash due"])[-1]["sold"]["total_minor"] == 600
    world.sync(till)
    alarms = world.api("GET", "/v1/alarms")["alarms"]
    assert [alarm["name"] for alarm in alarms] == ["PRICE"], alarms


if __name__ == "__main__":
    with shop.open() as world:
        stock(world)
        world.tills = [world.till("Till 1")]
        journey.run([
            goods_ask_and_are_answered,
            a_store_reads_its_labels_as_its_settings_say,
            a_price_list_holds_until_it_is_taken_away,
            a_price_that_was_never_said_is_noticed,
        ], world)
