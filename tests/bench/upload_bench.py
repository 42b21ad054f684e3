#!/usr/bin/env python3
"""10,000 sales uploaded over loopback TLS into a real centre, beside the same rows written straight into SQLite.

A sale is 10 lines, a coupon and two tenders. Before each round till and centre are put back to what they were before the
upload; then `counterfoil sync now` runs, from its start to its end, then insert_floor with the same rows.
"""
import json
import os
import sqlite3
import subprocess
import sys
import time

from bench import BUILD, Centre, Seller, copy, figure, median, small_catalogue

SALES = int(os.environ.get("CF_BENCH_SALES", "10000"))
ROUNDS = 5
LINES = 10
MEGABYTE = 1_000_000


def prepare(centre):
    """A store of 2,000 products, a till with a lease, and as many coupons as sales."""
    codes, products = small_catalogue()
    store = centre.new_store(products)
    till = centre.enrol(store, "Till 1")
    campaign = centre.api("POST", "/v1/campaigns", {
        "name": "Welcome back", "policy": "leased", "budget": 10 * SALES, "lease_per_terminal": 2 * SALES,
        "channels": ["store", "online"], "promotion": {"kind": "order_percent", "percent_bp": 1000}})["campaign"]
    coupons = [centre.api("POST", "/v1/coupons/claim", {"campaign": campaign})["code"] for _ in range(SALES)]
    centre.sync(till)
    return till, codes, coupons


def sell_all(centre, till, codes, coupons):
    seller = Seller(centre, till)
    for number, coupon in enumerate(coupons):
        seller.ask([f"scan {codes[(number * 31 + k * 7) % len(codes)]}" for k in range(LINES)] +
                   [f"coupon {coupon}", f"tender card 1.00 POS-{number:06d}", "tender cash due"])
    seller.close()


def rows_of(database):
    """How many rows each table holds."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        names = [name for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def upload(centre, till):
    """Seconds, the till's report, and the processor's seconds that the centre took."""
    cpu = cpu_s(centre)
    started = time.monotonic()
    report = centre.sync(till)
    return time.monotonic() - started, report, cpu_s(centre) - cpu


def cpu_s(centre):
    with open(f"/proc/{centre.server.pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def floor(centre, scratch, after):
    work = os.path.join(scratch, "floor")
    copy(os.path.join(scratch, "centre-before"), work)
    done = subprocess.run([os.path.join(BUILD, "bench", "insert_floor"), os.path.join(work, "member.db"),
                           after, str(SALES)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def check(report, rows, before):
    """Is everything there, normalised? Says what is not."""
    new = {name: rows[name] - before[name] for name in rows}
    started = report["pushed"] - SALES  # each start of a till is a record too
    expected = {"record": SALES + started, "sale": SALES, "sale_line": SALES * LINES, "sale_tender": SALES * 2,
                "sale_discount": SALES, "redemption": SALES, "conflict": 0, "alarm": 0}
    wrong = {name: new.get(name) for name, n in expected.items() if new.get(name) != n}
    if wrong or not 0 <= started <= 2 or report["results"]:
        raise RuntimeError(f"not all arrived as it should: {wrong} {report}")


def main():
    scratch = sys.argv[1]
    centre = Centre(scratch)
    times, floors, ratios, wire, cpus, floor_cpus = [], [], [], [], [], []
    try:
        centre.start_centre()
        till, codes, coupons = prepare(centre)
        sell_all(centre, till, codes, coupons)
        centre.stop_centre()
        copy(centre.centre, os.path.join(scratch, "centre-before"))
        copy(till, os.path.join(scratch, "till-before"))
        before = rows_of(os.path.join(centre.centre, "member.db"))
        for number in range(ROUNDS):
            copy(os.path.join(scratch, "centre-before"), centre.centre)
            copy(os.path.join(scratch, "till-before"), till)
            centre.start_centre()
            seconds, report, cpu = upload(centre, till)
            if number == 0:
                check(report, rows_of(os.path.join(centre.centre, "member.db")), before)
                again(centre, scratch, till)
            centre.stop_centre()
            direct = floor(centre, scratch, os.path.join(centre.centre, "member.db"))
            times.append(seconds)
            floors.append(direct["seconds"])
            ratios.append(direct["seconds"] / seconds)
            cpus.append(cpu)
            floor_cpus.append(direct["cpu_seconds"])
            wire.append(report["wire_bytes_up"] + report["wire_bytes_down"])
    finally:
        centre.close()
    figure("upload", f"{SALES:,} sales uploaded, median of {ROUNDS} rounds", SALES / median(times), "/s",
           f"its {direct['rows']:,} rows straight into SQLite", SALES / median(floors), median(ratios),
           "median of ratios >= 0.65", median(ratios) >= 0.65)
    figure("upload", "time of that upload, from the start of the process to its end", median(times), "s",
           "the rows alone", median(floors))
    figure("upload", "processor time of the centre for it", median(cpus), "s", "the rows alone", median(floor_cpus),
           median([ours / rows for ours, rows in zip(cpus, floor_cpus)]))
    figure("upload", f"on the wire for {SALES:,} sales, both ways, with TLS", max(wire) / MEGABYTE, "MB",
           goal="<= 4 MB", met=max(wire) <= 4 * MEGABYTE)


def again(centre, scratch, till):
    """Synced again nothing is sent; sent again from the first record on, nothing changes."""
    database = os.path.join(centre.centre, "member.db")
    rows = rows_of(database)
    _, second, _ = upload(centre, till)
    copy(os.path.join(scratch, "till-before"), till)
    _, third, _ = upload(centre, till)
    same = rows_of(database) == rows
    figure("upload", "records sent by a second sync", second["pushed"], "", goal="0", met=second["pushed"] == 0)
    figure("upload", "rows that change when all is sent again from the start", 0 if same else 1, "",
           goal="0", met=same and third["acknowledged"] >= SALES)


main()
