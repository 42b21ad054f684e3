#!/usr/bin/env python3
"""The whole program at a counter that is played: a scanner's code, a sale, the receipt on the printer, the drawer. The paper
is what a printer makes of the bytes (paper.py), as a picture, and its codes are read off it."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "journey")]
import counter  # noqa: E402
import journey  # noqa: E402
import paper  # noqa: E402
import shop  # noqa: E402

MASK, BALM = "9520000010003", "9520000010218"
WORDS = "--scanners", "--printer", "usb", "--printer-model", "80mm-gb18030"


def printed(world, at):
    return paper.Printer().take(at.paper(os.path.join(world.folder, "paper")))


def read(world, receipt, name):
    path = os.path.join(world.folder, f"{name}.png")
    receipt.png(path)
    return [symbol["text"] for line in world.counterfoil("decode", "--json", path) for symbol in line["symbols"]]


def kinds(receipt):
    return [item[0] for item in receipt.items if item[0] != "text"]


def a_scan_is_sold_printed_and_opens_the_drawer(world, at):
    at.order("printer")
    with counter.Clerk(world, world.till("Till whole"), at, *WORDS) as clerk:
        up = [clerk.told(), clerk.order("plug")]
        assert all(line["works"] for line in up), up
        assert clerk.order(f"scan {MASK}")["line"]["no"] == 1
        assert clerk.order(f"scan {BALM}")["line"]["no"] == 2
        sold = clerk.step("tender cash 50")["sold"]
        assert clerk.told() == {"event": "printed", "receipt": sold["receipt"], "ok": True}
        receipt = printed(world, at)
        assert kinds(receipt)[0] == "pulse" and kinds(receipt)[-1] == "cut", kinds(receipt)
        assert sold["receipt"] in receipt.text and "21.80" in receipt.text and "50.00" in receipt.text, receipt.text
        pictures = [kind for kind in kinds(receipt) if kind in ("picture", "qr")]
        codes = read(world, receipt, "receipt")
        assert len(codes) == len(pictures) > 0, (codes, pictures)
        scanned = clerk.order(f"scan {codes[0]}")
        assert scanned["verb"] == "scan", scanned  # what stands on paper is what a scanner can give back
        clerk.step("cancel")
        assert clerk.order(f"scan {MASK}")["line"]["no"] == 1
        card = clerk.step("tender card due X1")["sold"]
        assert clerk.told()["ok"]
        receipt = printed(world, at)
        assert "pulse" not in kinds(receipt) and card["receipt"] in receipt.text, "no cash, no drawer"
        at.order("unplug")
        assert not clerk.told()["works"]
    at.order("no printer")


with counter.play() as played, shop.open(netns=False) as opened:
    journey.run([a_scan_is_sold_printed_and_opens_the_drawer], opened, played)
