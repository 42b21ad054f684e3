#!/usr/bin/env python3
"""The two windows with a scanner and a printer on a USB that is played: no keystroke is involved."""
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "ui"), os.path.join(os.path.dirname(HERE), "journey")]
import screen  # noqa: E402
screen.with_bindings()
import counter  # noqa: E402
import journey  # noqa: E402
import shop  # noqa: E402


def a_scan_is_a_line_on_both_windows(till, at):
    at.order("plug")
    at.order("scan 9520000010003")
    till.totals("¥9.90")


def a_scanner_that_is_pulled_out_is_said_and_goes_on_when_it_is_back(till, at):
    at.order("unplug")
    till.sees("The device was unplugged. Plug it in again.")
    at.order("plug")
    at.order("scan 9520000010218")
    till.totals("¥21.80")


def without_a_printer_it_is_sold_and_said(till, at):
    till.do("Cash", "touch")
    till.sees("hands over")
    till.enter("30", "touch")
    till.sees("The receipt printer is off or not connected. Switch it on, then print again.")


def with_one_it_is_printed_again_and_the_next_scan_goes_on(till, at):
    at.order("printer")
    screen.until(lambda: printed_again(till, at), "a receipt on the paper")
    at.order("scan 9520000010003")
    till.totals("¥9.90")


def printed_again(till, at):
    till.click("Print again")
    time.sleep(0.5)  # a cashier looks, too
    return b"\x1b@\x1c." in at.paper(os.path.join(os.path.dirname(till.log.name), "paper"))


def nothing_leaks_when_the_windows_are_closed_with_a_scanner_in_use(till, at):
    till.close()
    at.order("unplug")
    at.order("no printer")


def main():
    why = screen.missing()
    if not os.path.exists(os.path.join(journey.BIN, "counterfoil-till")):
        why = "counterfoil-till is not built: GTK 4 is not installed"
    if why:
        print(f"1..1\nok 1 - scans at the windows # SKIP {why}")
        return
    with counter.play() as at, shop.open(netns=False) as world, screen.Screen(journey.BUILD) as desk:
        till = desk.open(world.till("Till 1"), "--printer", "usb", "--printer-model", "80mm-gb18030", **at.variables())
        journey.run([a_scan_is_a_line_on_both_windows,
                     a_scanner_that_is_pulled_out_is_said_and_goes_on_when_it_is_back,
                     without_a_printer_it_is_sold_and_said,
                     with_one_it_is_printed_again_and_the_next_scan_goes_on,
                     nothing_leaks_when_the_windows_are_closed_with_a_scanner_in_use], till, at)


main()
