#!/usr/bin/env python3
"""`counterfoil sell` with a scanner on a USB that is played: plugged in while it sells, read, pulled out, put back."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "journey")]
import counter  # noqa: E402
import journey  # noqa: E402
import shop  # noqa: E402

MASK, BALM = "9520000010003", "9520000010218"


class Clerk(counter.Clerk):
    """Leaves no scanner behind."""

    def __init__(self, world, till, at):
        super().__init__(world, till, at, "--scanners")

    def __exit__(self, *why):
        super().__exit__(*why)
        self.at.order("unplug")


def goods_and_members_are_scanned_while_the_script_waits(world, at):
    till = world.till("Till scanner")
    member = world.member_code(world.join_member())
    with Clerk(world, till, at) as clerk:
        assert clerk.order("plug") == {"event": "device", "name": "HID POS Scanner", "works": True}
        first = clerk.order(f"scan {MASK}")
        assert first["ok"] and first["verb"] == "scan" and first["line"]["no"] == 1, first
        who = clerk.order(f"scan {member}")
        assert who["ok"] and who["kind"] == "member_code", who
        typed = clerk.step(f"scan {BALM}")
        assert typed["line"]["no"] == 2, typed
        unknown = clerk.order("scan 4006381333931")
        assert not unknown["ok"] and unknown["error"]["name"], unknown
        assert clerk.step("tender cash due")["sold"]["total_minor"] == 990 + 1190, "both lines and no third"


def a_scanner_that_is_pulled_out_is_told_and_goes_on_when_it_is_back(world, at):
    till = world.till("Till cable")
    with Clerk(world, till, at) as clerk:
        assert clerk.order("plug")["works"]
        gone = clerk.order("unplug")
        assert not gone["works"] and gone["error"]["name"] == "DEVICE_GONE", gone
        assert clerk.step("total")["ok"], "the till sells on"
        assert clerk.order("plug")["works"]
        assert clerk.order(f"scan {MASK}")["line"]["no"] == 1
        clerk.step("cancel")


def a_scanner_on_a_serial_port_scans_too(world, _):
    till = world.till("Till serial")
    scanner, port = os.openpty()
    with shop.Clerk(world, till, "--scanner", os.ttyname(port)) as clerk:
        up = json.loads(clerk.process.stdout.readline())
        assert up["event"] == "device" and up["works"], up
        os.write(scanner, f"]E0{MASK}\r".encode())
        first = json.loads(clerk.process.stdout.readline())
        assert first["ok"] and first["line"]["no"] == 1, first
        assert clerk.step("cancel")["ok"]
    os.close(scanner)
    os.close(port)


def what_is_used_as_what_is_checked(world, at):
    till = world.till("Till rules")
    for rule in ("05e0:1200", "05e0:1200=toaster", "x"):
        done = subprocess.run([journey.COUNTERFOIL, "sell", "--dir", till, "--use", rule], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
        assert done.returncode == journey.USAGE, (rule, done)


with counter.play() as played, shop.open(netns=False) as opened:
    journey.run([goods_and_members_are_scanned_while_the_script_waits,
                 a_scanner_that_is_pulled_out_is_told_and_goes_on_when_it_is_back,
                 a_scanner_on_a_serial_port_scans_too,
                 what_is_used_as_what_is_checked], opened, played)
