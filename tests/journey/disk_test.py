#!/usr/bin/env python3
# build: release -- the disk shim cannot come before a sanitizer
"""A disk that fills up at each write of a sale, or cannot be written: a clear error, nothing lost, and it sells again."""
import glob
import json
import os
import sqlite3
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

FIELDS = "n_fsync n_fdatasync n_writes delay_us full_from sync_fails_from read_only".split()


def shim():
    found = glob.glob(os.path.join(journey.BUILD, "lib", "*sync_shim.so"))
    if not found:
        raise journey.Skip("the disk shim is not built")
    return found[0]


def sell(world, till, steps, *options, **environment):
    """Like World.sell, on the disk to order; gives (status, JSON lines, stderr)."""
    done = subprocess.run(
        world.at_store([journey.COUNTERFOIL, "sell", "--json", "--dir", till, *options]), input="\n".join(steps) + "\n",
        capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "LD_PRELOAD": shim(), **{name: str(value) for name, value in environment.items()}})
    assert done.returncode >= 0, (done.returncode, done.stderr)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def sales(world, till):
    """The sales in the journal: (seq, total)."""
    return [(line["seq"], line["sale"]["total_minor"]) for line in world.counterfoil("journal", "show", "--json", "--dir", till)
            if line["type"] == "sale"]


STEPS = ["scan 9520000010072", "quantity 2", "scan 9520000010218", "coupon {}", "tender cash due"]


def the_disk_fills_up_at_each_write_of_a_sale(world):
    till = world.till("Till full")
    state = os.path.join(world.folder, "shim")
    coupon = world.claim(world.campaign)
    steps = [step.format(coupon) for step in STEPS]
    counted = shop.copy_of(till, "counted")
    status, lines, _ = sell(world, counted, steps, "--print", counted, CF_SHIM_STATE=state)
    assert status == 0 and lines[-1]["sold"], lines
    with open(state, "rb") as file:
        writes = dict(zip(FIELDS, struct.unpack("7Q", file.read(56))))["n_writes"]
    assert 8 < writes < 400, writes
    refusals, sold_unprinted = 0, 0
    for at in range(1, writes + 1):
        here = shop.copy_of(till, "filling")
        status, lines, err = sell(world, here, steps, "--print", here, CF_SHIM_FULL_FROM=at)
        names = {line["error"]["name"] for line in lines if "error" in line}
        sold = [line["sold"] for line in lines if "sold" in line]
        assert len(sold) <= 1, lines
        journal = sales(world, here)
        assert len(journal) == len(sold), (at, journal, lines)  # what was told is what is there
        if not sold:
            refusals += 1
            assert status == journey.BROKEN and names & {"DISK_FULL"}, (at, status, lines, err)
        elif status:
            # Sold, and then something failed: paper, or the rest between sales. It is said.
            assert status == journey.BROKEN, (at, status, lines)
            sold_unprinted += 1
        assert not err or "DISK_FULL" in err, (at, err)
        # Space is freed. The steps that were answered are still there, or the sale is done; it goes through once.
        status, again, err = sell(world, here, ["total"], "--print", here)
        assert status == 0, (at, again, err)
        if sold:
            assert again[-1]["sale"]["lines"] == 0, (at, again)
        else:
            answered = [line for line in lines if line.get("ok")]
            assert again[-1]["sale"]["gross_minor"] == (answered[-1]["sale"]["gross_minor"] if answered else 0), (at, lines, again)
            rest = steps[len(answered):]
            status, again, err = sell(world, here, rest, "--print", here)
            assert status == 0 and again[-1]["sold"]["total_minor"] == 8253, (at, again, err)
        assert [total for _, total in sales(world, here)] == [8253], at
        verdict = world.counterfoil("journal", "verify", "--json", "--dir", here)[0]
        assert verdict["ok"], verdict
        assert glob.glob(os.path.join(here, "*.escpos")), (at, os.listdir(here))  # its receipt is on paper, or a copy
    assert refusals >= 5 and sold_unprinted >= 1, (refusals, sold_unprinted, writes)


def a_small_disk_that_is_really_full_stops_a_sale_and_loses_nothing(world):
    """As above on a file system of its own: no shim, SQLite and kernel as they are."""
    till = world.till("Till small")
    mount = os.path.join(world.folder, "mount")
    os.makedirs(mount)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", mount], check=False,
                                           capture_output=True).returncode:
        raise journey.Skip("no right to mount a file system")
    try:
        here = os.path.join(mount, "till")
        subprocess.run(["cp", "-a", till, here], check=True)
        filler = os.path.join(mount, "filler")
        told, status = 0, 0
        with open(filler, "wb") as file:
            free = os.statvfs(mount).f_bavail * 4096
            file.write(b"x" * (free - 40 * 4096))
        for _ in range(400):
            done = subprocess.run(world.at_store([journey.COUNTERFOIL, "sell", "--json", "--dir", here]), capture_output=True,
                                  text=True, input="scan 9520000010003\ntender cash due\n" * 5, check=False)
            status = done.returncode
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            told += sum("sold" in line for line in lines)
            # The last that fitted may have been a sale, whose printing could not be noted: it stands, and the next is refused.
            if any("error" in line for line in lines):
                break
        assert status == journey.BROKEN, (status, told)
        assert lines[-1]["error"]["name"] == "DISK_FULL", (lines, done.stderr)
        assert told > 0
        os.unlink(filler)
        assert len(sales(world, here)) == told
        lines = world.sell(here, ["cancel"], check=False) and world.sell(here, ["scan 9520000010003", "tender cash due"])
        assert lines[-1]["sold"], lines
        assert len(sales(world, here)) == told + 1
        assert world.counterfoil("journal", "verify", "--json", "--dir", here)[0]["ok"]
        synced = world.sync(here)
        assert synced["recorded"] == synced["acknowledged"], synced
    finally:
        subprocess.run(["umount", mount], check=False)


def a_disk_that_cannot_be_written_refuses_every_sale_by_name(world):
    till = world.till("Till read only")
    status, lines, err = sell(world, till, ["scan 9520000010003", "tender cash due"], CF_SHIM_READ_ONLY=1)
    assert status == journey.BROKEN and lines[0]["error"]["name"] == "READ_ONLY", (status, lines, err)
    assert not sales(world, till)
    status, lines, err = sell(world, till, ["scan 9520000010003", "tender cash due"])
    assert status == 0 and lines[-1]["sold"]


def syncing_onto_a_full_disk_says_so_and_goes_on_later(world):
    till = world.till("Till sync", sync=False)
    counted = shop.copy_of(till, "counted-sync")
    state = os.path.join(world.folder, "shim-sync")

    def sync(folder, **environment):
        done = subprocess.run(world.at_store([journey.COUNTERFOIL, "sync", "now", "--json", "--dir", folder]),
                              capture_output=True, text=True, check=False, timeout=60,
                              env={**os.environ, "LD_PRELOAD": shim(), **environment})
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    status, answer, err = sync(counted, CF_SHIM_STATE=state)
    assert status == 0, (answer, err)
    with open(state, "rb") as file:
        writes = dict(zip(FIELDS, struct.unpack("7Q", file.read(56))))["n_writes"]
    for at in range(1, writes + 1, max(1, writes // 25)):
        here = shop.copy_of(till, "filling-sync")
        status, answer, err = sync(here, CF_SHIM_FULL_FROM=str(at))
        assert status in (0, journey.BROKEN) and (status == 0 or answer["error"]["name"] == "DISK_FULL"), (at, answer, err)
        status, answer, err = sync(here)
        assert status == 0, (at, answer, err)
        assert world.sell(here, ["scan 9520000010003", "tender cash due"])[-1]["sold"]["total_minor"] == 990


def another_replica_is_not_begun_where_it_would_take_the_till_s_room(world):
    till = world.till("Till replica", sync=False)
    world.api("POST", "/v1/catalogue", {"store": world.store, "products": [
        {"codes": [f"M{n:06d}"], "name": f"Mass {n} " + "n" * 40, "price_minor": 100 + n, "tax_bp": 1300, "categories": [1]}
        for n in range(2500)]})
    world.sync(till)
    mount = os.path.join(world.folder, "mount-replica")
    os.makedirs(mount)
    used = sum(os.path.getsize(os.path.join(till, name)) for name in os.listdir(till))
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={used // 1024 + 500}k", "none", mount],
                                           check=False, capture_output=True).returncode:
        raise journey.Skip("no right to mount a file system")
    try:
        here = shop.copy_of(till, os.path.join(mount, "till"))
        db = sqlite3.connect(os.path.join(here, "replica.db"))
        done = db.execute("UPDATE product SET entry = x'ff00' WHERE instr(entry, CAST('Mass 7 n' AS BLOB)) > 0")
        assert done.rowcount == 1, done.rowcount
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        damaged = world.sell(here, ["scan M000007"], check=False)[-1]
        assert damaged["error"]["name"] == "GOODS_DAMAGED", damaged
        for _ in range(3):
            world.sync(here)
            assert world.sell(here, ["scan 9520000010003", "tender cash due"])[-1]["sold"]["total_minor"] == 990
        assert not [name for name in os.listdir(here) if name.startswith("replica.next")]
        subprocess.run(["mount", "-o", "remount,size=64m", mount], check=True)
        world.sync(here)  # there is room: all of it comes again
        assert world.sell(here, ["scan M000007", "cancel"])[0]["ok"]
    finally:
        subprocess.run(["umount", mount], check=False)


with shop.open() as opened:
    opened.campaign = opened.launch("Ten percent")
    journey.run([the_disk_fills_up_at_each_write_of_a_sale, a_small_disk_that_is_really_full_stops_a_sale_and_loses_nothing,
                 a_disk_that_cannot_be_written_refuses_every_sale_by_name, syncing_onto_a_full_disk_says_so_and_goes_on_later,
                 another_replica_is_not_begun_where_it_would_take_the_till_s_room], opened)
