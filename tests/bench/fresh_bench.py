#!/usr/bin/env python3
"""A fresh till: from the enrolment code to the first sale, with 1,000,000 products and a campaign of 10,000,000 coupons of
which 1,000,000 are redeemed, over 20 Mbit/s with 20 ms of latency; then another till whose connections break on the way.

The floor is the link itself: the bytes on the wire at its rate. Through slow_link.py, since netem is not in every kernel.
"""
import os
import random
import signal
import subprocess
import sys
import time

from bench import BUILD, barcode, figure, write_catalogue
from slow_link import SlowLink
from world import World

PRODUCTS = int(os.environ.get("CF_BENCH_PRODUCTS", "1000000"))
COUPONS = 10_000_000
RATE = 20_000_000
ROUND_TRIP_S = 0.020
BREAKS = 6


def fill(world):
    store = world.api("POST", "/v1/stores", {"name": "New store", "currency": "CNY", "tax_inclusive": True,
                                             "utc_offset_min": 480})["store"]
    campaign = world.api("POST", "/v1/campaigns", {
        "name": "Ten million", "policy": "leased", "budget": COUPONS, "lease_per_terminal": 10,
        "channels": ["store", "online"], "promotion": {"kind": "order_percent", "percent_bp": 1000}})["campaign"]
    coupon = world.api("POST", "/v1/coupons/claim", {"campaign": campaign})["code"]
    path = write_catalogue(world.folder, PRODUCTS)
    world.stop_centre()
    subprocess.run([os.path.join(world.bin, "counterfoil-central"), "import-catalogue", world.centre, str(store), path],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run([os.path.join(BUILD, "bench", "fill_redeemed"), world.centre, str(campaign), str(COUPONS)], check=True)
    world.start_centre()
    return store, coupon


def sells(world, till, coupon):
    """Is the last product there, and is the coupon judged by what is known of its ten million?"""
    steps = [f"scan {barcode(PRODUCTS)}", f"coupon {coupon}", "cancel"]
    try:
        answers = world.counterfoil("sell", "--json", "--dir", till, stdin="\n".join(steps) + "\n", check=False)
        return len(answers) >= 2 and answers[0]["ok"] and answers[1]["ok"]
    except (KeyError, ValueError, IndexError):
        return False


def fresh(world, link, store, coupon, label, breaks):
    """Seconds from the code to the first sale; bytes carried; breaks met."""
    chance = random.Random(9)
    before = link.up.carried + link.down.carried
    cuts = link.cuts
    started = time.monotonic()
    till = world.enrol(store, label)
    sync = subprocess.Popen([os.path.join(world.bin, "counterfoil-sync"), "--dir", till, "--every", "1"],
                            stderr=subprocess.DEVNULL)
    try:
        while not sells(world, till, coupon):
            if time.monotonic() - started > 600:
                raise RuntimeError("the till could not sell after 600 s")
            if breaks and link.cut_at is None and link.cuts - cuts < breaks:
                link.cut_at = link.down.carried + chance.randrange(1, 12_000_000)
            time.sleep(0.2)
        seconds = time.monotonic() - started
    finally:
        link.cut_at = None
        sync.send_signal(signal.SIGTERM)
        sync.wait()
    return seconds, link.up.carried + link.down.carried - before, link.cuts - cuts


def main():
    world = World(BUILD, sys.argv[1], netns=False)
    try:
        world.start_centre()
        store, coupon = fill(world)
        world.relay.cut()
        link = world.relay = SlowLink([world.api_port, world.terminals_port], RATE, ROUND_TRIP_S)
        seconds, wire, _ = fresh(world, link, store, coupon, "Till 1", 0)
        second, _, _ = fresh(world, link, store, coupon, "Till 2", 0)
        broken, broken_wire, cuts = fresh(world, link, store, coupon, "Till 3", BREAKS)
    finally:
        world.close()
    at_rate = wire * 8 / RATE
    figure("fresh till", f"enrolled and selling, {PRODUCTS:,} products and 10 M coupons, 20 Mbit/s: the first of a store",
           seconds, "s", "those bytes at the link's rate", at_rate, seconds / at_rate, "<= 120 s", seconds <= 120)
    figure("fresh till", "the second, whose snapshot is made", second, "s", "those bytes at the link's rate", at_rate,
           second / at_rate, "<= 120 s", second <= 120)
    figure("fresh till", f"a third whose connections broke {cuts} times on the way", broken, "s", goal="<= 120 s",
           met=broken <= 120 and cuts == BREAKS)
    figure("fresh till", "what it fetched, against one that was left alone", broken_wire / 1e6, "MB", "left alone",
           wire / 1e6, broken_wire / wire)


main()
