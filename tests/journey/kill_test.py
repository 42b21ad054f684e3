#!/usr/bin/env python3
# build: release -- hundreds of processes, and time matters
"""Processes are killed at random moments, a hundred times: what was answered is there, and there once.

CF_KILLS=N kills each of `counterfoil sell` and `counterfoil-sync` N times (./dev torture kills).
"""
import glob
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

KILLS = int(os.environ.get("CF_KILLS", "100"))
SYNC_KILLS = int(os.environ.get("CF_KILLS", "0"))  # at least; without a number as many as there are in 25 s


class Clerk:
    """Types steps into `counterfoil sell` until it is killed, and remembers each answer."""

    def __init__(self, world, till, paper):
        self.words = world.at_store([journey.COUNTERFOIL, "sell", "--json", "--dir", till, "--print", paper])

    def work(self, steps, kill_after_s):
        """Gives the answers in order, the step that was on its way (or None), and what was told of reprints."""
        process = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        timer = threading.Timer(kill_after_s, process.send_signal, (signal.SIGKILL,))
        timer.start()
        answers, events, sent = [], [], None
        try:
            for step in steps:
                sent = step
                process.stdin.write(step + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
                while line.startswith('{"event"'):
                    events.append(json.loads(line))
                    line = process.stdout.readline()
                if not line.endswith("\n"):
                    break
                answers.append(json.loads(line))
                sent = None
        except BrokenPipeError:
            pass
        timer.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
        return answers, sent, events


def books(world, till):
    """The journal's sales, in order."""
    return [line["sale"] for line in world.counterfoil("journal", "show", "--json", "--dir", till) if line["type"] == "sale"]


def steps_of(chance):
    """Sales without end, of random lines, quantities and payments."""
    while True:
        for _ in range(chance.randrange(1, 4)):
            yield "scan " + chance.choice([code for code, _, _ in shop.GOODS])
            if chance.random() < 0.4:
                yield f"quantity {chance.randrange(1, 9)}"
        yield "total"
        if chance.random() < 0.3:
            yield "tender card 1.00 A1"
        yield "tender cash due"


def kills_of_sell_lose_nothing_and_sell_nothing_twice(world):
    till, paper = world.till("Till kill"), os.path.join(world.folder, "paper")
    os.makedirs(paper)
    chance = random.Random(20261122)
    clerk = Clerk(world, till, paper)
    clerk.work(["total"], 30)
    began = time.monotonic()
    clerk.work(["total"], 30)
    whole_s = time.monotonic() - began  # of a start with one answer, on this machine now
    paying = False  # where the open sale stood at the last start
    sold = []  # totals, as told
    state = {"gross_minor": 0, "lines": 0, "due_minor": 0}  # of the open sale as last answered
    for kill in range(KILLS):
        script = itertools.chain(["tender cash due"] if paying else [], steps_of(chance))
        answers, sent, _ = clerk.work(script, chance.random() * (2 * whole_s + 0.04))
        for answer in answers:
            assert answer["ok"], (kill, answer)
            if "sold" in answer:
                sold.append((answer["sold"]["seq"], answer["sold"]["total_minor"]))
                state = {"gross_minor": 0, "lines": 0, "due_minor": 0}
            else:
                state = {key: answer["sale"][key] for key in state}
        # Another start, which prints what was perhaps not printed, and tells where the sale stands.
        after, _, events = clerk.work(["total"], 30)
        now = {key: after[0]["sale"][key] for key in state}
        paying = after[0]["sale"]["state"] == "tendering"
        journal = books(world, till)
        if len(journal) == len(sold) + 1:
            # The kill fell between the commit and its answer: sold once, reprinted as a copy.
            assert sent and sent.startswith("tender"), (kill, sent, state, now)
            assert now["lines"] == 0, (kill, now)
            assert events or os.listdir(paper), (kill, events)
            sold.append((None, journal[-1]["total_minor"]))
            state = now
        else:
            assert len(journal) == len(sold), (kill, len(journal), len(sold), sent)
            if sent is None:
                assert now == state, (kill, now, state)
            elif now != state:  # the step that was on its way is there, or not; nothing between
                assert now["gross_minor"] >= state["gross_minor"] or sent.startswith("quantity") or now["due_minor"] < state["due_minor"], (
                    kill, sent, now, state)
            state = now
    for (_, told), kept in zip(sold, books(world, till)):
        assert told == kept["total_minor"], (told, kept)
    numbers = [sale["sale_no"] for sale in books(world, till)]
    assert numbers == list(range(1, len(numbers) + 1)), numbers
    assert len(sold) >= 20, len(sold)
    # Each sale is on paper.
    names = {os.path.basename(path).split(".")[0] for path in glob.glob(os.path.join(paper, "*.escpos"))}
    seqs = {line["seq"] for line in world.counterfoil("journal", "show", "--json", "--dir", till) if line["type"] == "sale"}
    printed = {int(name.split("-")[2]) for name in names if len(name.split("-")) >= 3}
    assert seqs <= printed, (sorted(seqs - printed), sorted(names)[:5])
    assert world.counterfoil("journal", "verify", "--json", "--dir", till)[0]["ok"]
    world.sell(till, ["untender", "cancel"], check=False)
    synced = world.sync(till)
    assert synced["recorded"] == synced["acknowledged"], synced
    totals = world.report(till)["epochs"][0]["totals"]
    assert totals["sales"] == len(sold) and totals["total_minor"] == sum(total for _, total in sold), (totals, len(sold))
    world.quiet()


def a_receipt_that_was_perhaps_not_printed_comes_again_as_a_copy(world):
    """A printer that fails after the commit, then a kill: the next start prints it with the mark of a copy."""
    till = world.till("Till copy")
    gone = os.path.join(world.folder, "printer")
    os.makedirs(gone)
    clerk = Clerk(world, till, gone)
    process = subprocess.Popen(clerk.words + ["--views"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdin.write("scan 9520000010003\n")
    process.stdin.flush()
    process.stdout.readline()
    os.rmdir(gone)
    process.stdin.write("tender cash due\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()
    assert answer["sold"] and not answer["printed"] and answer["print_error"]["name"], answer
    os.makedirs(gone)
    lines = world.counterfoil("sell", "--json", "--dir", till, "--print", gone, "--views", stdin=f"reprint {answer['sold']['seq']}\n")
    assert lines[-1]["ok"], lines
    views = sorted(glob.glob(os.path.join(gone, "*.txt")))
    assert views, os.listdir(gone)
    with open(views[-1], encoding="utf-8") as file:
        assert "COPY" in file.read().upper()
    assert len(books(world, till)) == 1


def kills_of_the_sync_and_of_the_centre_lose_and_double_nothing(world):
    """Uploads are broken off at random moments on both sides, again and again, until all is there."""
    tills = [world.till(f"Till up {n}") for n in (1, 2)]
    expected = {}
    campaign = world.launch("Two percent", promotion={"kind": "order_percent", "percent_bp": 200}, budget=400, lease_per_terminal=100)
    member = world.join_member("Kim")
    for till in tills:
        world.sync(till)
    coupons = iter([world.claim(campaign) for _ in range(24)])
    for till in tills:
        total = 0
        steps = []
        for n in range(330):
            steps += ["scan 9520000010072"] + ([f"coupon {next(coupons)}"] if n % 30 == 0 else []) + ["tender cash due"]
            if n == 7:
                steps.insert(-1, f"member {world.member_code(member)}")
        lines = world.sell(till, steps)
        sold = [line["sold"]["total_minor"] for line in lines if "sold" in line]
        assert len(sold) == 330
        expected[till] = (len(sold), sum(sold))
    chance = random.Random(7)
    centre_kills = sync_kills = 0
    started = time.monotonic()
    while time.monotonic() - started < 25 or sync_kills < SYNC_KILLS:
        services = [subprocess.Popen(world.at_store([os.path.join(journey.BIN, "counterfoil-sync"), "--dir", till, "--every", "1", "--once"]),
                                     stderr=subprocess.DEVNULL) for till in tills]
        time.sleep(chance.random() * 0.12)
        if chance.random() < 0.6:
            world.kill_centre()
            centre_kills += 1
        for service in services:
            if chance.random() < 0.7:
                sync_kills += service.poll() is None
                service.kill()
            service.wait()
        world.start_centre()
        states = [world.counterfoil("sync", "status", "--json", "--dir", till)[0] for till in tills]
        if all(state["equal"] for state in states) and centre_kills >= 5 and sync_kills >= SYNC_KILLS:
            break
        if all(state["equal"] for state in states):
            for till in tills:
                lines = world.sell(till, ["scan 9520000010072", "tender cash due"] * 40)
                sold = [line["sold"]["total_minor"] for line in lines if "sold" in line]
                expected[till] = (expected[till][0] + len(sold), expected[till][1] + sum(sold))
    for till in tills:
        synced = world.sync(till)
        assert synced["recorded"] == synced["acknowledged"] and not synced["results"], synced
        report = world.report(till)["epochs"]
        assert len(report) == 1 and report[0]["state"] == "active", report
        totals = report[0]["totals"]
        assert (totals["sales"], totals["total_minor"]) == expected[till], (totals, expected[till])
        assert world.sync(till)["pushed"] == 0
    figures = world.figures(campaign)
    assert figures["spent"] == 22 and figures["over"] == 0, figures
    assert world.api("GET", f"/v1/members/{member['member']}")["points"] == 2 * 39, "points were doubled or lost"
    world.quiet()
    assert centre_kills >= 5, (centre_kills, sync_kills)
    print(f"# {sync_kills} kills of counterfoil-sync, {centre_kills} of counterfoil-central")


with shop.open() as opened:
    journey.run([kills_of_sell_lose_nothing_and_sell_nothing_twice,
                 a_receipt_that_was_perhaps_not_printed_comes_again_as_a_copy,
                 kills_of_the_sync_and_of_the_centre_lose_and_double_nothing], opened)
