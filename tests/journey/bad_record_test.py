#!/usr/bin/env python3
"""A record that cannot be right arrives at the centre in a good batch: it is stored, set aside and reported, and the rest
applies. And a till that was copied: one history counts, the other is named a fork."""
import hashlib
import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402


def head(major, value):
    """The head of a CBOR item, as short as it can be (RFC 8949 section 4.2.1)."""
    for size, info in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 256 ** size:
            return bytes([major << 5 | info]) + value.to_bytes(size, "big")
    raise ValueError(value)


def number(value):
    return head(0, value) if value >= 0 else head(1, -1 - value)


def rewrite(till, changes):
    """Changes records of a closed journal ({seq: {column: function}}) and chains all anew, as app/core/record.h says: what
    a till of a newer version, or with a fault of its own, might send."""
    db = sqlite3.connect(os.path.join(till, "journal.db"))
    terminal, epoch = db.execute("SELECT terminal, epoch FROM identity").fetchone()
    link = hashlib.sha256(b"cf-chain" + terminal.to_bytes(4, "big") + epoch.to_bytes(4, "big")).digest()
    columns = "seq boot_id mono_ms wall_ms time_quality down_cursor type salt body".split()
    for row in db.execute(f"SELECT {', '.join(columns)} FROM record ORDER BY seq").fetchall():
        record = dict(zip(columns, row))
        for column, change in changes.get(record["seq"], {}).items():
            record[column] = change(record[column])
        body_hash = hashlib.sha256(record["salt"] + record["body"]).digest()
        header = (head(4, 9) + number(terminal) + number(epoch) + number(record["seq"]) + head(2, 16) + record["boot_id"] +
                  b"".join(number(record[name]) for name in ("mono_ms", "wall_ms", "time_quality", "down_cursor", "type")))
        link = hashlib.sha256(link + header + body_hash).digest()
        db.execute("UPDATE record SET type = ?, wall_ms = ?, body = ?, body_hash = ?, hash = ? WHERE seq = ?",
                   (record["type"], record["wall_ms"], record["body"], body_hash, link, record["seq"]))
    db.execute("UPDATE state SET head_hash = ?", (link,))
    db.commit()
    db.close()


def the_chain_of_this_test_is_that_of_the_till(world):
    till = world.till("Till chain")
    world.sell(till, ["scan 9520000010003", "tender cash due", "scan 9520000010072", "tender cash due"])
    before = world.counterfoil("journal", "verify", "--json", "--dir", till)[0]
    rewrite(till, {})
    after = world.counterfoil("journal", "verify", "--json", "--dir", till)[0]
    assert after["ok"] and after["head"] == before["head"], (before, after)


def one_bad_record_is_set_aside_and_the_rest_applies(world):
    def one_more_cent(body):  # on the line's price, 3990 = 0x0f96: its sums no longer come out
        at = body.index(b"\x19\x0f\x96")
        return body[:at] + b"\x19\x0f\x97" + body[at + 3:]

    rows = [("cut short", {"body": lambda body: body[:-3]}), ("no CBOR", {"body": lambda body: b"\xff" * 40}),
            ("nothing", {"body": lambda body: b""}), ("trailing bytes", {"body": lambda body: body + b"\x00"}),
            ("an array of everything", {"body": lambda body: b"\x9b" + b"\xff" * 8}), ("a text", {"body": lambda body: b"\x78\x20" + b"x" * 32}),
            ("of a type to come", {"type": lambda _: 77}), ("deep nesting", {"body": lambda body: b"\x81" * 5000 + b"\x00"}),
            ("a sale called a Z report", {"type": lambda _: 2}), ("a cent too much", {"body": one_more_cent}),
            ("of the year 60000", {"wall_ms": lambda _: 1831316400000000})]
    flagged = 0
    for n, (name, change) in enumerate(rows):
        till = world.till(f"Till bad {n}")
        world.sell(till, ["scan 9520000010072", "tender cash due"] * 5)
        rewrite(till, {4: change})  # the first is that of the start
        synced = world.sync(till)
        assert synced["acknowledged"] == synced["recorded"] == 6, (name, synced)
        epoch = world.report(till)["epochs"][0]
        bad = [one for one in synced["results"] if one["seq"] == 4]
        if name != "of the year 60000":
            assert bad and bad[0]["result"] == "RECORD", (name, synced)
            assert epoch["set_aside"] == 1, (name, epoch)
            flagged += 1
        whole = name == "of the year 60000"  # a sale all the same: the centre does not decide by the clock of a till
        assert epoch["totals"]["sales"] == (5 if whole else 4), (name, epoch)
        # The queue is not blocked: what comes after goes on, and again changes nothing.
        db = sqlite3.connect(os.path.join(till, "journal.db"))
        stored = db.execute("SELECT count(*) FROM record").fetchone()[0]
        db.close()
        assert stored == 6
        again = world.sync(till)
        assert again["pushed"] == 0 and again["acknowledged"] == 6, (name, again)
        assert world.report(till)["epochs"][0]["totals"]["sales"] == (5 if whole else 4)
    alarms = world.api("GET", "/v1/alarms")["alarms"]
    assert len([one for one in alarms if one["name"] == "RECORD"]) >= flagged, alarms
    for one in alarms:
        journey.assert_clean(json.dumps(one, ensure_ascii=False).encode(), "an alarm")


def a_batch_that_was_not_signed_by_its_till_is_refused_whole(world):
    till, other = world.till("Till sign"), world.till("Till other sign")
    world.sell(till, ["scan 9520000010072", "tender cash due"])
    good = os.path.join(till, "sign.key")
    with open(good, "rb") as file:
        key = file.read()
    with open(os.path.join(other, "sign.key"), "rb") as file:
        foreign = file.read()
    with open(good, "wb") as file:
        file.write(foreign)
    refusal = shop.refused(lambda: world.sync(till), "PROTOCOL", "CODE_SIGNATURE", "NOT_ENROLLED")
    assert refusal.status == journey.BROKEN
    assert world.report(till)["epochs"][0]["acknowledged"] == 0
    with open(good, "wb") as file:
        file.write(key)
    assert world.sync(till)["acknowledged"] == 2  # the start and the sale


def of_a_till_and_its_copy_one_history_counts_and_the_other_is_a_fork(world):
    campaign = world.launch("Forked", budget=60, lease_per_terminal=3)
    till = world.till("Till fork")
    world.sell(till, ["scan 9520000010072", "tender cash due"])
    world.sync(till)
    copy = shop.copy_of(till, "till-copy")
    coupons = [world.claim(campaign) for _ in range(4)]
    world.sell(till, ["scan 9520000010072", f"coupon {coupons[0]}", "tender cash due"])
    world.sell(copy, ["scan 9520000010003", f"coupon {coupons[1]}", "tender cash due"])
    world.sync(till)
    shop.refused(lambda: world.sync(copy), "FORK")
    epoch = world.report(till)["epochs"][0]
    assert epoch["totals"]["sales"] == 2 and epoch["state"] != "active", epoch
    # The one whose history counts still brings its facts, is told that it was set apart, and spends nothing more.
    world.sell(till, ["scan 9520000010003", "tender cash due"])
    late = world.sync(till)
    assert late["fenced"] and late["acknowledged"] == late["recorded"], late
    lines = world.sell(till, ["scan 9520000010072", f"coupon {coupons[2]}", "cancel"], check=False)
    assert lines[0]["event"] == "quarantined" and lines[2]["error"]["name"] == "QUARANTINED", lines
    assert any(one["name"] == "FORK" for one in world.api("GET", "/v1/alarms")["alarms"])
    figures = world.figures(campaign)
    assert figures["spent"] == 1 and figures["stranded"] == 2 and figures["over"] == 0, figures


def a_till_restored_from_a_backup_is_named_before_it_doubles_anything(world):
    till = world.till("Till restored")
    world.sell(till, ["scan 9520000010072", "tender cash due"])
    world.sync(till)
    backup = shop.copy_of(till, "till-backup")
    world.sell(till, ["scan 9520000010072", "tender cash due"])
    world.sync(till)
    # The old state comes back under the same name; it sells what the centre has never seen.
    world.sell(backup, ["scan 9520000010003", "tender cash due"])
    shop.refused(lambda: world.sync(backup), "FORK")
    assert world.report(till)["epochs"][0]["totals"]["sales"] == 2
    # Without a sale of its own it is behind what the centre acknowledged: that is a fork too, not a fresh start.
    again = world.till("Till older")
    world.sell(again, ["scan 9520000010072", "tender cash due"])
    world.sync(again)
    behind = shop.copy_of(again, "till-older-backup")
    world.sell(again, ["scan 9520000010072", "tender cash due"])
    world.sync(again)
    shop.refused(lambda: world.sync(behind), "FORK", "GAP")


with shop.open() as opened:
    journey.run([the_chain_of_this_test_is_that_of_the_till, one_bad_record_is_set_aside_and_the_rest_applies,
                 a_batch_that_was_not_signed_by_its_till_is_refused_whole,
                 of_a_till_and_its_copy_one_history_counts_and_the_other_is_a_fork,
                 a_till_restored_from_a_backup_is_named_before_it_doubles_anything], opened)
