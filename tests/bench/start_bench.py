#!/usr/bin/env python3
"""Start to ready with 20,000 and 1,000,000 products, and the memory of `counterfoil sell` and `counterfoil-sync`.

Ready is the answer to the first step, a scan, which is in the pipe when the process starts. The two catalogues take
turns; the floor is a process that starts and says its help. Memory is the kernel's high-water mark (VmHWM): of a till
that sold a long sale of goods from all over the catalogue, and of the sync that fetched a million products as a snapshot
from a real centre and then idles.
"""
import json
import os
import random
import signal
import subprocess
import sys
import time

from bench import BUILD, Centre, Seller, barcode, figure, median, write_catalogue

ROUNDS = 15
SIZES = (20_000, 1_000_000)
GOALS_S = (0.2, 0.5)
MEMORY_GOAL_MB = 48
IMPORTED = int(os.environ.get("CF_BENCH_PRODUCTS", "1000000"))


def high_water_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024 / 1e6


def start_s(centre, till, code):
    """From the start of the process to its first answer."""
    read, write = os.pipe()
    os.write(write, f"scan {code}\ncancel\n".encode())
    os.close(write)
    started = time.monotonic()
    process = subprocess.Popen([os.path.join(centre.bin, "counterfoil"), "sell", "--json", "--dir", till], stdin=read,
                               stdout=subprocess.PIPE)
    os.close(read)
    answer = process.stdout.readline()
    seconds = time.monotonic() - started
    process.communicate()
    if not json.loads(answer)["ok"] or process.returncode:
        raise RuntimeError(f"counterfoil sell: {answer}")
    return seconds


def floor_s(centre):
    started = time.monotonic()
    subprocess.run([os.path.join(centre.bin, "counterfoil"), "sell", "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def measure_starts(centre, tills):
    times, floors = [[], []], []
    for number in range(ROUNDS + 1):
        floors.append(floor_s(centre))
        for at, till in enumerate(tills):
            times[at].append(start_s(centre, till, barcode(1 + number * 997)))
    for at, size in enumerate(SIZES):
        seconds = median(times[at][1:])
        figure("start", f"start to the first answer, {size:,} products, p50", seconds, "s", "start of the process alone",
               median(floors[1:]), goal=f"<= {GOALS_S[at]} s", met=seconds <= GOALS_S[at])
        figure("start", f"start to the first answer, {size:,} products, the slowest of {ROUNDS}", max(times[at][1:]), "s")


def measure_sell(centre, till):
    chance = random.Random(5)
    seller = Seller(centre, till)
    for _ in range(20):
        for _ in range(10):
            seller.ask([f"scan {barcode(chance.randrange(1, SIZES[1]))}" for _ in range(20)])
        seller.ask(["tender cash due"])
    value = high_water_mb(seller.process.pid)
    seller.close()
    figure("memory", "counterfoil sell, 1,000,000 products, VmHWM after 20 sales of 200 lines", value, "MB",
           goal=f"<= {MEMORY_GOAL_MB} MB", met=value <= MEMORY_GOAL_MB)


def import_catalogue(centre, store):
    """By the program, as a head office would."""
    path = write_catalogue(centre.folder, IMPORTED)
    centre.stop_centre()
    started = time.monotonic()
    subprocess.run([os.path.join(centre.bin, "counterfoil-central"), "import-catalogue", centre.centre, str(store), path],
                   check=True, stdout=subprocess.DEVNULL)
    figure("memory", f"import of {IMPORTED:,} products into the centre", time.monotonic() - started, "s")
    centre.start_centre()


def measure_sync(centre, till):
    process = subprocess.Popen([os.path.join(centre.bin, "counterfoil-sync"), "--dir", till, "--every", "1"],
                               stderr=subprocess.DEVNULL)
    started = time.monotonic()
    status = {}
    try:
        while time.monotonic() - started < 600:
            time.sleep(0.5)
            if process.poll() is not None:
                raise RuntimeError(f"counterfoil-sync ended with {process.returncode}")
            if products_of(centre, till):
                break
        else:
            raise RuntimeError("the catalogue did not come in 600 s")
        seconds = time.monotonic() - started
        time.sleep(3)
        value = high_water_mb(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    figure("memory", f"counterfoil-sync, {IMPORTED:,} products fetched, VmHWM", value, "MB",
           goal=f"<= {MEMORY_GOAL_MB} MB", met=value <= MEMORY_GOAL_MB)
    figure("memory", "time until they could be sold", seconds, "s")


def products_of(centre, till):
    """Is the last product there?"""
    try:
        answers = centre.counterfoil("sell", "--json", "--dir", till, stdin=f"scan {barcode(IMPORTED)}\ncancel\n", check=False)
        return bool(answers) and answers[0]["ok"]
    except (KeyError, ValueError):
        return False


def main():
    centre = Centre(sys.argv[1])
    try:
        centre.start_centre()
        store = centre.new_store([{"codes": ["9520000010072"], "name": "Article", "price_minor": 100}])
        tills = [centre.enrol(store, f"Till {size}") for size in SIZES]
        fetching = centre.enrol(store, "Till that fetches")
        for till, size in zip(tills, SIZES):
            centre.sync(till)
            subprocess.run([os.path.join(BUILD, "bench", "fill_replica"), till, str(size)], check=True,
                           stdout=subprocess.DEVNULL)
        measure_starts(centre, tills)
        measure_sell(centre, tills[1])
        import_catalogue(centre, store)
        measure_sync(centre, fetching)
    finally:
        centre.close()


main()
