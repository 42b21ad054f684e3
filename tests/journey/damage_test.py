#!/usr/bin/env python3
# build: release -- hundreds of processes
"""A journal with a flipped byte, a replica that is garbage, two programs at one journal: clear errors, nothing lost."""
import json
import os
import random
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402


def call(world, *words, stdin=""):
    done = subprocess.run(world.at_store([journey.COUNTERFOIL, *words]), input=stdin, capture_output=True, text=True,
                          check=False, timeout=60)
    assert done.returncode >= 0, (words, done.returncode, done.stderr)
    journey.assert_clean(done.stdout.encode() + done.stderr.encode(), str(words))
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")], done.stderr


def sold(world):
    """A till with a few records; closed, so that all of it is in journal.db itself."""
    till = world.till("Till damage")
    for n in range(4):
        world.sell(till, ["scan 9520000010072", "scan 9520000010218", f"quantity {n + 1}", "tender cash due"])
    world.counterfoil("report", "z", "--json", "--dir", till)
    world.sell(till, ["scan 9520000010003", "park desk", "scan 9520000010003"])
    return till


def flip(path, offset, bit):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ (1 << bit)]))


def a_till_does_not_sell_on_a_journal_with_one_flipped_byte(world):
    till = world.till_sold
    size = os.path.getsize(os.path.join(till, "journal.db"))
    assert size > 16000, size
    wal = os.path.join(till, "journal.db-wal")
    assert not os.path.exists(wal) or os.path.getsize(wal) == 0, "the journal must be closed"
    with open(os.path.join(till, "journal.db"), "rb") as file:
        content = file.read()
    whole = journal(world, till)
    chance = random.Random(2)
    # Free pages and the slack of pages hold nothing: flips there may pass, and then all must be as it was.
    used = [at for at in range(size) if content[at] != 0]
    offsets = sorted(chance.sample(used, 110) + chance.sample(range(size), 20) + list(range(16)) + [24, 28, 40, 60, 96])
    refused = passed = 0
    for offset in offsets:
        here = shop.copy_of(till, "flipped")
        flip(os.path.join(here, "journal.db"), offset, chance.randrange(8))
        status, lines, err = call(world, "sell", "--json", "--dir", here, stdin="total\n")
        checked, verdict, err_of_verify = call(world, "journal", "verify", "--json", "--dir", here)
        if status == 0:
            passed += 1
            assert checked == 0 and verdict[0]["ok"], (offset, verdict)
            now = journal(world, here)  # each start is a record; damage may set the till apart
            assert now[:len(whole)] == whole and all(kind in ("start", "quarantine") for _, _, kind in now[len(whole):]), (
                offset, [a for a, b in zip(now, whole) if a != b], now[len(whole):], lines)
            assert lines[-1]["sale"]["gross_minor"] == 990, (offset, lines)
            continue
        refused += 1
        assert status == journey.BROKEN, (offset, status, lines, err)
        assert lines[0]["error"]["name"] in ("JOURNAL_BROKEN", "SCHEMA_NEWER"), (offset, lines)
        assert "another till" in lines[0]["error"]["text"] or "Update" in lines[0]["error"]["text"], lines
        assert checked == journey.BROKEN and not verdict[0]["ok"], (offset, verdict, err_of_verify)
        status, lines, err = call(world, "report", "x", "--json", "--dir", here)
        assert status == journey.BROKEN, (offset, lines)
    assert refused > 100, (refused, passed)


def journal(world, till):
    return [(line["seq"], line["hash"], line["type"]) for line in call(world, "journal", "show", "--json", "--dir", till)[1]]


def verify_names_the_first_bad_record(world):

    till = world.till_sold
    n = len(journal(world, till))
    for bad in range(1, n + 1):
        for column, change in (("body", lambda v: v[:5] + bytes([v[5] ^ 1]) + v[6:]), ("hash", lambda v: bytes(32)),
                               ("wall_ms", lambda v: v + 1), ("mono_ms", lambda v: v ^ 4)):
            here = shop.copy_of(till, "named")
            db = sqlite3.connect(os.path.join(here, "journal.db"))
            value = db.execute(f"SELECT {column} FROM record WHERE seq = ?", (bad,)).fetchone()[0]
            if column == "body" and len(value) < 7:
                continue
            db.execute(f"UPDATE record SET {column} = ? WHERE seq = ?", (change(value), bad))
            db.commit()
            db.close()
            status, lines, err = call(world, "journal", "verify", "--json", "--dir", here)
            assert status == journey.BROKEN and lines[0]["first_bad"] == bad, (bad, column, lines, err)
            assert lines[0]["error"]["name"] == "JOURNAL_BROKEN", lines
            status, _, err = call(world, "journal", "verify", "--dir", here)
            assert status == journey.BROKEN and "damaged" in err, err
    here = shop.copy_of(till, "named")
    db = sqlite3.connect(os.path.join(here, "journal.db"))
    db.execute("DELETE FROM record WHERE seq = 2")
    db.commit()
    db.close()
    assert call(world, "journal", "verify", "--json", "--dir", here)[1][0]["first_bad"] == 2


def a_journal_cut_short_is_refused(world):
    size = os.path.getsize(os.path.join(world.till_sold, "journal.db"))
    for left in (0, 1, 15, 16, 100, 4095, 4096, 8192, size // 2, size - 4096, size - 1):
        here = shop.copy_of(world.till_sold, "short")
        os.truncate(os.path.join(here, "journal.db"), left)
        status, lines, err = call(world, "sell", "--json", "--dir", here, stdin="scan 9520000010003\n")
        assert status == journey.BROKEN, (left, lines, err)
        assert lines[0]["error"]["name"] in ("JOURNAL_BROKEN", "JOURNAL_NONE"), (left, lines)
    here = shop.copy_of(world.till_sold, "short")
    os.unlink(os.path.join(here, "journal.db"))
    status, lines, err = call(world, "sell", "--json", "--dir", here, stdin="scan 9520000010003\n")
    assert status == journey.BROKEN and lines[0]["error"]["name"] in ("JOURNAL_NONE", "JOURNAL_BROKEN"), lines


def a_till_with_a_broken_journal_is_enrolled_again_and_sells(world):
    till = world.till("Till broken")
    world.sell(till, ["scan 9520000010003", "tender cash due"])
    world.sync(till)
    path = os.path.join(till, "journal.db")
    with open(path, "wb") as file:
        file.write(random.Random(4).randbytes(20000))
    call(world, "sell", "--json", "--dir", till)
    enrol = ["enrol", "--json", "--dir", till, "--centre", f"{world.centre_host()}:{world.api_port}"]
    code = world.api("POST", "/v1/terminals", {"terminal": world.terminal(till)})["enrol_code"]
    status, lines, _ = call(world, *enrol, code)
    assert status == journey.BROKEN and "--leave-unsent" in lines[0]["error"]["detail"], lines
    assert call(world, *enrol, "--leave-unsent", code)[0] == 0
    assert any(name.startswith("journal-broken") for name in os.listdir(till)), os.listdir(till)
    world.sync(till)
    assert world.sell(till, ["scan 9520000010003", "tender cash due"])[-1]["sold"]["sale_no"] == 1
    world.sync(till)
    assert sorted(one["totals"]["sales"] for one in world.report(till)["epochs"]) == [1, 1]


def a_replica_that_is_garbage_is_refused_and_rebuilt(world):
    chance = random.Random(3)
    damages = {
        "noise": lambda path, size: open(path, "wb").write(chance.randbytes(size)),
        "a text": lambda path, size: open(path, "wb").write(b"this is no database\n" * 100),
        "nothing": lambda path, size: os.truncate(path, 0),
        "half": lambda path, size: os.truncate(path, size // 2),
        "a noisy page": lambda path, size: write_at(path, 4096 * 3, chance.randbytes(4096)),
        "a header of noise": lambda path, size: write_at(path, 0, chance.randbytes(100)),
    }
    for name, damage in damages.items():
        here = shop.copy_of(world.till_sold, "garbage")
        path = os.path.join(here, "replica.db")
        for beside in ("-wal", "-shm"):
            if os.path.exists(path + beside):
                os.unlink(path + beside)
        damage(path, os.path.getsize(path))
        status, lines, err = call(world, "sell", "--json", "--dir", here, stdin="total\n")
        if name == "a noisy page" and status == 0:
            # Found only when that page is read: never a wrong price, and a sync finds it.
            status = journey.BROKEN
            lines = [{"error": {"name": "REPLICA_BROKEN"}}]
        assert status == journey.BROKEN and lines[0]["error"]["name"] in ("REPLICA_BROKEN", "REPLICA_NONE"), (name, lines, err)
        status, lines, err = call(world, "sync", "now", "--json", "--dir", here)
        assert status == 0, (name, lines, err)
        if name not in ("nothing",):
            assert lines[0]["rebuilt"], (name, lines)
        status, lines, err = call(world, "sell", "--json", "--dir", here, stdin="cancel\nscan 9520000010072\ntender cash due\n")
        assert lines[-1]["sold"]["total_minor"] == 3990, (name, lines, err)


def damage_rows(till):
    with sqlite3.connect(os.path.join(till, "replica.db")) as replica:
        assert replica.execute("UPDATE store SET entry = x'ff00'").rowcount == 1
    replica.close()


def a_damaged_row_of_the_replica_is_fetched_again_by_the_next_sync(world):
    here = shop.copy_of(world.till_sold, "row")
    damage_rows(here)
    status, lines, err = call(world, "sell", "--json", "--dir", here, stdin="total\n")
    assert status == journey.BROKEN and lines[0]["error"]["name"] == "REPLICA_BROKEN", (lines, err)
    status, lines, err = call(world, "sync", "now", "--json", "--dir", here)
    assert status == 0 and lines[0]["rebuilt"], (lines, err)
    status, lines, err = call(world, "sell", "--json", "--dir", here, stdin="cancel\nscan 9520000010072\ntender cash due\n")
    assert lines[-1]["sold"]["total_minor"] == 3990, (lines, err)
    status, lines, err = call(world, "sync", "now", "--json", "--dir", here)
    assert status == 0 and not lines[0]["rebuilt"], (lines, err)


def one_damaged_product_stops_no_till_with_or_without_a_link(world):
    here = world.till("Till product")
    world.sync(here)
    with sqlite3.connect(os.path.join(here, "replica.db")) as replica:
        number = replica.execute("SELECT product FROM barcode WHERE code = '09520000010072'").fetchone()[0]
        assert replica.execute("UPDATE product SET entry = x'ff00' WHERE id = ?", (number,)).rowcount == 1
    replica.close()
    steps = "scan 9520000010072\nscan 9520000010003\ntender cash due\n"
    status, lines, err = call(world, "sell", "--json", "--dir", here, stdin=steps)
    assert [line["error"]["name"] for line in lines if not line["ok"]] == ["GOODS_DAMAGED"] and "sold" in lines[-1], (
        lines, err)
    world.cut()
    for _ in range(2):  # the sync begins anew, and nobody is there: the till sells all the same
        status, lines, err = call(world, "sync", "now", "--json", "--dir", here)
        assert status != 0, lines
        status, lines, err = call(world, "sell", "--json", "--dir", here, stdin="scan 9520000010003\ntender cash due\n")
        assert status == 0 and "sold" in lines[-1], (lines, err)
    world.join()
    status, lines, err = call(world, "sync", "now", "--json", "--dir", here)
    assert status == 0 and lines[0]["rebuilt"], (lines, err)
    status, lines, err = call(world, "sell", "--json", "--dir", here, stdin="scan 9520000010072\ntender cash due\n")
    assert status == 0 and lines[-1]["sold"]["total_minor"] == 3990, (lines, err)


def a_sync_that_runs_all_day_fetches_a_damaged_row_again_too(world):
    till = world.till("Till row")
    world.sync(till)
    damage_rows(till)
    service = subprocess.Popen(world.at_store([os.path.join(journey.BIN, "counterfoil-sync"), "--dir", till, "--every", "1"]),
                               stderr=subprocess.DEVNULL)
    try:
        status, lines, err = call(world, "sell", "--json", "--dir", till, stdin="total\n")
        assert status == journey.BROKEN and lines[0]["error"]["name"] == "REPLICA_BROKEN", (lines, err)
        deadline = time.monotonic() + 60
        while status != 0 and time.monotonic() < deadline:
            time.sleep(0.2)
            status, lines, err = call(world, "sell", "--json", "--dir", till, stdin="scan 9520000010072\ntender cash due\n")
        assert status == 0 and lines[-1]["sold"]["total_minor"] == 3990, (lines, err)
    finally:
        service.terminate()
        assert service.wait(20) == 0, "counterfoil-sync did not end cleanly"


def write_at(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def two_programs_at_one_journal_and_readers_beside_them(world):
    till = world.till("Till shared")
    seller = subprocess.Popen(world.at_store([journey.COUNTERFOIL, "sell", "--json", "--dir", till]), text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    service = subprocess.Popen(world.at_store([os.path.join(journey.BIN, "counterfoil-sync"), "--dir", till, "--every", "1"]),
                               stderr=subprocess.DEVNULL)

    def step(text):
        seller.stdin.write(text + "\n")
        seller.stdin.flush()
        return json.loads(seller.stdout.readline())

    try:
        for n in range(12):
            assert step("scan 9520000010072")["ok"]
            for words in (["sell", "--json", "--dir", till], ["report", "x", "--json", "--dir", till],
                          ["report", "z", "--json", "--dir", till]):
                status, lines, err = call(world, *words, stdin="scan 9520000010003\n")
                assert status == journey.BROKEN and lines[0]["error"]["name"] == "JOURNAL_LOCKED", (words, lines, err)
            for words in (["journal", "verify"], ["journal", "show"], ["sync", "status"]):
                status, lines, err = call(world, *words, "--json", "--dir", till)
                assert status == 0, (words, lines, err)
            status, lines, err = call(world, "sync", "now", "--json", "--dir", till)  # one of the two syncs at a time
            assert status == 0 or lines[0]["error"]["name"] == "BUSY", (lines, err)
            assert "sold" in step("tender cash due"), n
        seller.stdin.close()
        assert seller.wait(20) == 0
    finally:
        seller.kill()
        seller.stdout.close()
        service.terminate()
        assert service.wait(20) == 0, "counterfoil-sync did not end cleanly"
        seller.wait()
    world.sync(till)
    report = world.report(till)["epochs"][0]
    assert report["totals"]["sales"] == 12 and report["totals"]["total_minor"] == 12 * 3990, report
    status = world.counterfoil("sync", "status", "--json", "--dir", till)[0]
    assert status["equal"], status


with shop.open() as opened:
    opened.till_sold = sold(opened)
    journey.run([a_till_does_not_sell_on_a_journal_with_one_flipped_byte, verify_names_the_first_bad_record,
                 a_journal_cut_short_is_refused,
                 a_till_with_a_broken_journal_is_enrolled_again_and_sells, a_replica_that_is_garbage_is_refused_and_rebuilt,
                 a_damaged_row_of_the_replica_is_fetched_again_by_the_next_sync,
                 one_damaged_product_stops_no_till_with_or_without_a_link,
                 a_sync_that_runs_all_day_fetches_a_damaged_row_again_too, two_programs_at_one_journal_and_readers_beside_them], opened)
