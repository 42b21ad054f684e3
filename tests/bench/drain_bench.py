#!/usr/bin/env python3
"""A store that was offline for 30 days of 2,000 sales each empties its queue over 1 Mbit/s with 80 ms of latency.

A sale has 1 to 9 lines, one in ten a coupon. The floor is the link itself: the bytes on the wire at its rate. Through
slow_link.py, since netem is not in every kernel.
"""
import os
import random
import subprocess
import sys
import time

from bench import BUILD, Seller, figure, small_catalogue
from slow_link import SlowLink
from world import World

SALES = int(os.environ.get("CF_BENCH_QUEUE", "60000"))
RATE = 1_000_000
ROUND_TRIP_S = 0.080


def prepare(world):
    codes, products = small_catalogue()
    store = world.api("POST", "/v1/stores", {"name": "Far store", "currency": "CNY", "tax_inclusive": True,
                                             "utc_offset_min": 480})["store"]
    world.api("POST", "/v1/catalogue", {"store": store, "products": products})
    till = world.enrol(store, "Till 1")
    coupons = SALES // 10
    campaign = world.api("POST", "/v1/campaigns", {
        "name": "Welcome back", "policy": "leased", "budget": 10 * SALES, "lease_per_terminal": SALES,
        "channels": ["store", "online"], "promotion": {"kind": "order_percent", "percent_bp": 1000}})["campaign"]
    claimed = [world.api("POST", "/v1/coupons/claim", {"campaign": campaign})["code"] for _ in range(min(coupons, 600))]
    world.sync(till)
    return till, codes, claimed


def sell_all(world, till, codes, coupons):
    """Every coupon once, spread over the first sales; the others have none."""
    chance = random.Random(3)
    seller = Seller(world, till)
    for number in range(SALES):
        steps = [f"scan {chance.choice(codes)}" for _ in range(chance.randint(1, 9))]
        if number % 10 == 0 and number // 10 < len(coupons):
            steps.append(f"coupon {coupons[number // 10]}")
        seller.ask(steps + ["tender cash due"])
    seller.close()


def main():
    world = World(BUILD, sys.argv[1], netns=False)
    try:
        world.start_centre()
        till, codes, coupons = prepare(world)
        sell_all(world, till, codes, coupons)
        world.relay.cut()
        link = world.relay = SlowLink([world.api_port, world.terminals_port], RATE, ROUND_TRIP_S)
        started = time.monotonic()
        pushed = 0
        while pushed < SALES:
            report = world.sync(till)
            pushed += report["pushed"]
            if not report["pushed"]:
                raise RuntimeError(f"nothing more goes up: {report}")
        seconds = time.monotonic() - started
    finally:
        world.close()
    wire = link.up.carried + link.down.carried
    at_rate = link.up.carried * 8 / RATE
    figure("drain", f"{SALES:,} sales over 1 Mbit/s with 80 ms of latency", seconds / 60, "min",
           "those bytes at the link's rate", at_rate / 60, seconds / at_rate, "<= 10 min", seconds <= 600)
    figure("drain", "on the wire for a sale, both ways, with TLS", wire / SALES, "bytes", goal="<= 600 bytes",
           met=wire <= 600 * SALES)


main()
