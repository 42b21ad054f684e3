#!/usr/bin/env python3
# build: release -- libfaketime cannot come before a sanitizer
"""A till whose clock was set back 10 years or forward 70: it sells, takes no coupon and no live code on a guess, and the
next sync heals it. In a boot that has heard the centre's time, its clock may say what it likes."""
import json
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

CLOCKS = {"10 years back": "-3650d", "70 years forward": "+25550d"}


def till_at(world, clock, boot, *words, stdin=None):
    """Runs counterfoil in the store with a clock that is off by `clock`, in another boot if `boot` names one."""
    command = [journey.COUNTERFOIL, *words]
    if clock:
        if not shutil.which("faketime"):
            raise journey.Skip("faketime is not here")
        command = ["faketime", "--exclude-monotonic", "-f", clock, *command]
    if boot:
        path = os.path.join(world.folder, "boot_id")
        with open(path, "w", encoding="ascii") as file:
            file.write(boot + "\n")
        command = ["unshare", "-m", "sh", "-c", f'mount --bind "{path}" /proc/sys/kernel/random/boot_id && exec "$@"', "sh", *command]
    done = subprocess.run(world.at_store(command), input=stdin, capture_output=True, text=True, check=False, timeout=60)
    if boot and ("mount" in done.stderr or "unshare" in done.stderr):
        raise journey.Skip("no right to name another boot")
    assert done.returncode >= 0 and not done.stderr, (done.returncode, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def sell(world, till, steps, clock=None, boot=None):
    return till_at(world, clock, boot, "sell", "--json", "--dir", till, stdin="\n".join(steps) + "\n")


def verdict(line):
    return "ok" if line["ok"] else line["error"]["name"]


def replayed(world, till, coupon, clock=None, boot=None, uploaded=True):
    """The same coupon again, at this till by its clock, and (once the centre has the record) online: refused by name."""
    lines = sell(world, till, ["scan 9520000010072", f"coupon {coupon}", "cancel"], clock, boot)
    assert verdict(lines[1]) == "COUPON_SPENT", lines
    if uploaded:
        world.counter += 1
        shop.refused(lambda: world.redeem(coupon, f"again {world.counter}"), "COUPON_SPENT")


def in_a_boot_that_heard_the_centre_the_clock_may_say_anything(world):
    for name, clock in CLOCKS.items():
        till = world.till("Till same " + clock[1:])
        coupon = world.claim(world.campaign)
        lines = sell(world, till, ["scan 9520000010072", f"member {world.member_code(world.lin)}", f"coupon {coupon}",
                                   "tender cash due"], clock)
        assert [verdict(line) for line in lines] == ["ok"] * 4, (name, lines)
        replayed(world, till, coupon, clock, uploaded=False)
        synced = till_at(world, clock, None, "sync", "now", "--json", "--dir", till)[0]
        assert synced["recorded"] == synced["acknowledged"] and not synced["results"], (name, synced)
        replayed(world, till, coupon, clock)
    world.quiet()


def after_a_restart_a_clock_in_doubt_sells_but_decides_nothing_by_the_time(world):
    for n, (name, clock) in enumerate(CLOCKS.items()):
        boot = f"0badb007-0000-4000-8000-00000000000{n}"
        till = world.till("Till other " + clock[1:])
        world.cut()
        try:
            coupon, code = world.claim(world.campaign), world.member_code(world.lin)
            lines = sell(world, till, ["scan 9520000010072", f"member {code}", f"coupon {coupon}", f"member {world.lin['card']}",
                                       "tender cash due"], clock, boot)
            assert verdict(lines[0]) == "ok" and verdict(lines[-1]) == "ok" and lines[-1]["sold"]["total_minor"] == 3990, (name, lines)
            assert [verdict(line) for line in lines[1:3]] == ["CLOCK_DOUBT"] * 2, (name, lines)
            assert "Sync" in lines[1]["error"]["text"], lines[1]
            assert verdict(lines[3]) == "ok", (name, lines[3])  # a printed card earns
        finally:
            world.join()
        synced = till_at(world, clock, boot, "sync", "now", "--json", "--dir", till)[0]
        assert synced.get("ok") and synced["recorded"] == synced["acknowledged"] and not synced["results"], (name, synced)
        # The sync brought the time: what was refused is taken.
        lines = sell(world, till, ["scan 9520000010072", f"member {world.member_code(world.lin)}", f"coupon {coupon}", "tender cash due"],
                     clock, boot)
        assert [verdict(line) for line in lines] == ["ok"] * 4, (name, lines)
        synced = till_at(world, clock, boot, "sync", "now", "--json", "--dir", till)[0]
        assert synced["recorded"] == synced["acknowledged"] and not synced["results"], (name, synced)
        replayed(world, till, coupon, clock, boot)
        sale = [line for line in world.counterfoil("journal", "show", "--json", "--dir", till) if line["type"] == "sale"][-1]
        assert sale["at"].startswith(world.this_year), (name, sale)
    world.quiet()


def a_restart_with_a_right_clock_goes_on_as_before(world):
    till = world.till("Till restart")
    boot = "0badb007-0000-4000-8000-0000000000ff"
    lines = sell(world, till, ["scan 9520000010072", f"member {world.member_code(world.lin)}", f"coupon {world.claim(world.campaign)}",
                               "tender cash due"], None, boot)
    assert [verdict(line) for line in lines] == ["ok"] * 4, lines
    world.sync(till)
    world.quiet()


def an_expired_coupon_stays_expired_when_the_clock_goes_back(world):

    to = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    over = world.launch("Over", to=to)
    coupon = world.claim(over)
    till = world.till("Till over")
    time.sleep(7)
    world.sync(till)  # the centre's time of now is the floor
    for name, clock in CLOCKS.items():
        line = sell(world, till, ["scan 9520000010072", f"coupon {coupon}", "cancel"], clock)[1]
        assert verdict(line) in ("COUPON_EXPIRED", "COUPON_ENDED"), (name, line)
        line = sell(world, till, ["scan 9520000010072", f"coupon {coupon}", "cancel"], clock, "0badb007-0000-4000-8000-0000000000aa")[1]
        assert verdict(line) in ("COUPON_EXPIRED", "COUPON_ENDED"), (name, line)


def a_till_whose_clock_is_wrong_can_be_enrolled_and_synced(world):
    """The centre's certificate is not yet valid, or expired, by such a clock: it is judged by what the centre signed."""
    for name, clock in CLOCKS.items():
        made = world.api("POST", "/v1/terminals", {"store": world.store, "label": "Till new " + clock[1:]})
        folder = os.path.join(world.folder, "till-new-" + clock[1:])
        os.makedirs(folder, mode=0o700)
        line = till_at(world, clock, None, "enrol", "--json", "--dir", folder, "--centre", f"{world.centre_host()}:{world.api_port}",
                       made["enrol_code"])[0]
        assert line["ok"], (name, line)
        line = till_at(world, clock, None, "sync", "now", "--json", "--dir", folder)[0]
        assert line["ok"] and line["entries"] > 0, (name, line)
        lines = sell(world, folder, ["scan 9520000010072", f"member {world.member_code(world.lin)}", "tender cash due"], clock)
        assert [verdict(one) for one in lines] == ["ok"] * 3, (name, lines)


with shop.open() as opened:
    opened.campaign = opened.launch("Ten percent", lease_per_terminal=10)
    opened.lin = opened.join_member()
    opened.this_year = opened.api("GET", "/v1/health")["now"][:4]
    journey.run([in_a_boot_that_heard_the_centre_the_clock_may_say_anything,
                 after_a_restart_a_clock_in_doubt_sells_but_decides_nothing_by_the_time,
                 a_restart_with_a_right_clock_goes_on_as_before, an_expired_coupon_stays_expired_when_the_clock_goes_back,
                 a_till_whose_clock_is_wrong_can_be_enrolled_and_synced], opened)
