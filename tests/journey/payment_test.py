#!/usr/bin/env python3
"""Card terminals and payment providers at a real till: every answer, lines that are cut, a till that is killed."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402
from psp_sandbox import Sandbox  # noqa: E402
from zvt_terminal import Terminal  # noqa: E402

THING, OTHER = "scan 9520000010072", "scan 9520000010218"  # 39.90 and 11.90
WECHAT, ALIPAY = "134567890123456789", "2812345678901234"


def sell(world, till, steps, *options):
    return world.sell(till, steps, *options, check=False)


def card_total(world, till):
    """What the till's books say was taken by card and by phone."""
    totals = world.counterfoil("report", "x", "--json", "--dir", till)[0]
    return totals["tenders"]["card"], totals["tenders"]["mobile"]


def error_of(line):
    return line["error"]["name"]


def a_card_pays_and_parts_are_paid_otherwise(world):
    terminal, till = Terminal(), world.till("Till card")
    lines = sell(world, till, [THING, "tender card 20.00", "tender cash 5.00", "tender card due"], "--card", terminal.address)
    assert lines[-1]["sold"]["total_minor"] == 3990, lines
    assert terminal.holds() == 3490 == card_total(world, till)[0]
    terminal.does = "decline"
    lines = sell(world, till, [THING, "tender card due", "tender cash 50.00"], "--card", terminal.address)
    assert error_of(lines[1]) == "PAYMENT_DECLINED" and lines[2]["sold"]["change_minor"] == 1010, lines
    assert terminal.holds() == 3490
    lines = sell(world, till, ["card-close"], "--card", terminal.address)
    assert lines[0]["ok"], lines


def a_line_that_is_cut_leaves_a_payment_unknown_until_it_is_asked_about(world):
    terminal, till = Terminal(), world.till("Till cut")
    for does, taken in (("cut-before", False), ("cut-after", True), ("garbage", True)):
        for way in ("pay-query", "pay-retry", "restart"):
            held = terminal.holds()
            terminal.does = does
            lines = sell(world, till, [THING, "tender card due", "cancel", "tender cash due", "untender"], "--card",
                         terminal.address)
            assert error_of(lines[1]) == "PAYMENT_UNKNOWN", lines
            assert lines[1]["sale"]["payment"]["state"] == "unknown", lines
            assert [error_of(line) for line in lines[2:]] == ["PAYMENT_OPEN"] * 3, lines
            if way == "restart":  # the start has asked about it, and committed the sale if it was paid
                lines = sell(world, till, ["total"], "--card", terminal.address)
                assert "payment" not in lines[-1]["sale"], lines
                sold = lines[-1]["sale"]["state"] == "idle"
                assert sold == taken, lines
            else:  # a till without its terminal starts too, and still does not know
                lines = sell(world, till, ["pay-query", "total"])
                assert error_of(lines[0]) == "PAYMENT_PORT" and lines[1]["sale"]["payment"]["state"] == "unknown", lines
                terminal.does = "agree"
                continue_with = [way] if way == "pay-retry" or taken else [way, "tender cash due"]
                # the start asks too, so a retry finds nothing open if that has settled it
                lines = sell(world, till, continue_with, "--card", terminal.address)
                sold = taken
            if not taken and sell(world, till, ["total"])[-1]["sale"]["state"] == "selling":
                sell(world, till, ["cancel"])
            assert terminal.holds() == held + (3990 if taken else 0), (does, way, terminal.receipts)
            assert card_total(world, till)[0] == terminal.holds(), (does, way)


def a_manager_decides_on_record(world):
    terminal, till = Terminal(), world.till("Till manager")
    terminal.does = "cut-before"
    lines = sell(world, till, [THING, "tender card due"], "--card", terminal.address)
    assert error_of(lines[1]) == "PAYMENT_UNKNOWN", lines
    lines = sell(world, till, ["pay-decide not-taken", "pay-decide perhaps Wang no idea",
                               "pay-decide not-taken Wang the slip says declined", "cancel"])
    assert [error_of(line) for line in lines[:2]] == ["ARGUMENT"] * 2 and lines[2]["ok"] and lines[3]["ok"], lines
    types = [line["type"] for line in world.counterfoil("journal", "show", "--json", "--dir", till)]
    assert types[-2:] == ["payment", "cancelled"], types
    world.sync(till)
    world.counterfoil("journal", "verify", "--json", "--dir", till)


def what_was_paid_goes_back_before_a_sale_is_cancelled(world):
    terminal, till = Terminal(), world.till("Till back")
    lines = sell(world, till, [THING, "tender card 10.00", "tender card 5.00", "cancel", "untender", "cancel"], "--card",
                 terminal.address)
    assert error_of(lines[3]) == "SALE_TENDERED" and lines[4]["ok"] and lines[5]["ok"], lines
    assert terminal.holds() == 0 and len(terminal.receipts) == 4, terminal.receipts


def refunded(lines):
    return [line["returned"]["refund"] for line in lines if "returned" in line]


def what_a_card_or_phone_paid_goes_back_with_the_goods(world):
    terminal, sandbox, till = Terminal(), Sandbox(world.folder), world.till("Till refund")
    ports = ["--card", terminal.address, *sandbox.options()]
    lines = sell(world, till, [THING, "quantity 2", "tender card 40.00", f"scan {WECHAT}"], *ports)
    receipt = lines[-1]["sold"]["receipt"]
    lines = sell(world, till, [f"return {receipt} 1 1", f"return {receipt} 1 1"], *ports)
    assert [line["returned"]["total_minor"] for line in lines] == [3990, 3990], lines
    assert refunded(lines) == ["done", "done"], lines
    assert terminal.holds() == 0 and sandbox.holds() == 0, (terminal.receipts, sandbox.payments)
    lines = sell(world, till, [THING, "tender card due"], "--card", terminal.address)
    receipt = lines[-1]["sold"]["receipt"]
    lines = sell(world, till, [f"return {receipt}"])  # nobody to ask: by hand, as the receipt says
    assert refunded(lines) == ["by_hand"] and terminal.holds() == 3990, lines
    terminal.receipts.clear()
    for does, given in (("cut-before", False), ("cut-after", True), ("decline", False)):
        lines = sell(world, till, [THING, "tender card due"], "--card", terminal.address)
        receipt = lines[-1]["sold"]["receipt"]
        terminal.does = does
        done = journey.counterfoil("return", receipt, "--json", "--dir", till, "--card", terminal.address)
        back = json.loads(done[1])
        assert back["returned"]["refund"] == ("owed" if does == "decline" else "unknown"), back
        lines = sell(world, till, ["total", OTHER, "pay-query"], "--card", terminal.address)
        if given:  # the start has asked about it
            assert lines[0]["sale"]["state"] == "idle" and lines[1]["ok"], lines
            sell(world, till, ["cancel"])
        else:
            assert error_of(lines[1]) == "PAYMENT_OPEN" and error_of(lines[2]) == "PAYMENT_KEPT", lines
            lines = sell(world, till, ["pay-retry", OTHER, "cancel"], "--card", terminal.address)
            assert all(line["ok"] for line in lines), lines
        assert terminal.holds() == 0, (does, terminal.receipts)
        terminal.receipts.clear()
    sandbox.does = "agree"
    lines = sell(world, till, [THING, f"scan {ALIPAY}"], *sandbox.options())
    receipt, held = lines[-1]["sold"]["receipt"], sandbox.holds()
    sandbox.does = "cut-after"
    lines = sell(world, till, [f"return {receipt}", "pay-query", OTHER, "cancel"], *sandbox.options())
    assert refunded(lines) == ["unknown"] and all(line["ok"] for line in lines), lines
    assert sandbox.holds() == held - 3990, sandbox.payments
    kinds = [line["type"] for line in world.counterfoil("journal", "show", "--json", "--dir", till)]
    assert kinds.count("payment") == 7, kinds
    world.sync(till)
    world.counterfoil("journal", "verify", "--json", "--dir", till)


def a_password_is_told_to_the_terminal_and_a_reason_to_the_journal(world):
    terminal, till = Terminal(), world.till("Till password")
    card = ["--card", terminal.address, "--card-password", "271828"]
    lines = sell(world, till, [THING, "quantity 2", "tender card due"], *card)
    receipt = lines[-1]["sold"]["receipt"]
    for options in (["--reason", "too small", *card], [*card, "--reason", "too small"]):
        back = world.counterfoil("return", receipt, "--json", "--dir", till, "--line", "1", "--quantity", "1", *options)[0]
        assert back["returned"]["refund"] == "done", back
    assert terminal.passwords == {"271828"} and terminal.holds() == 0, (terminal.passwords, terminal.receipts)
    shown = world.counterfoil("journal", "show", "--json", "--dir", till)
    assert [line["return"]["reason"] for line in shown if line["type"] == "return"] == ["too small"] * 2, shown
    assert "271828" not in json.dumps(shown)


SCRIPT = [THING, "tender card 20.00", "tender cash 5.00", "tender card due", OTHER, "tender card 3.00", "tender card 4.00",
          "untender", "cancel"]


def killed_at(world, till, n):
    """Whether the script was killed at the n-th thing on the line; the books are held against the terminal's after it."""
    terminal, here = Terminal(), shop.copy_of(till, "killed")
    process = subprocess.Popen(
        world.at_store([journey.COUNTERFOIL, "sell", "--json", "--dir", here, "--card", terminal.address]),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    terminal.kill(n, process)
    process.communicate("\n".join(SCRIPT) + "\n", timeout=60)
    was_killed = process.returncode < 0
    terminal.kill(0, None)
    status = sell(world, here, ["total"], "--card", terminal.address)[-1]["sale"]
    assert "payment" not in status, (n, status)
    if status["state"] != "idle":
        ending = ["untender"] if status["state"] == "tendering" else []
        lines = sell(world, here, [*ending, "cancel"], "--card", terminal.address)
        assert all(line["ok"] for line in lines), (n, lines)
    assert card_total(world, here)[0] == terminal.holds(), (n, status, terminal.receipts)
    return was_killed


def a_till_that_is_killed_at_any_moment_of_a_payment_loses_and_doubles_nothing(world):
    till = world.till("Till kill")
    n, kills, step = 1, 0, 5 if journey.IS_ASAN else 2
    while killed_at(world, till, n):
        n, kills = n + step, kills + 1
        assert n < 500
    assert kills >= 15, kills


def the_code_on_a_phone_pays_the_rest(world):
    sandbox, till = Sandbox(world.folder), world.till("Till phone")
    lines = sell(world, till, [THING, "tender cash 10.00", f"scan {WECHAT}", OTHER, f"scan {ALIPAY}"], *sandbox.options())
    assert lines[2]["sold"]["total_minor"] == 3990 and lines[4]["sold"]["total_minor"] == 1190, lines
    assert sandbox.holds() == 2990 + 1190 == card_total(world, till)[1]
    sandbox.does = "decline"
    lines = sell(world, till, [OTHER, f"scan {WECHAT}", "cancel"], *sandbox.options())
    assert error_of(lines[1]) == "PAYMENT_DECLINED" and "not enough money" in lines[1]["error"]["detail"], lines
    for does, ends in (("cut-before", "selling"), ("cut-after", "idle")):
        sandbox.does = does
        lines = sell(world, till, [OTHER, f"scan {WECHAT}"], *sandbox.options())
        assert error_of(lines[1]) == "PAYMENT_UNKNOWN", lines
        lines = sell(world, till, ["total"], *sandbox.options())
        assert lines[-1]["sale"]["state"] == ends, (does, lines)
        if ends == "selling":
            sell(world, till, ["cancel"])
        assert card_total(world, till)[1] == sandbox.holds(), (does, sandbox.payments)
    sandbox.does = "pend"
    lines = sell(world, till, [OTHER, f"scan {WECHAT}", "pay-query"], *sandbox.options())
    assert [error_of(line) for line in lines[1:]] == ["PAYMENT_UNKNOWN"] * 2, lines
    list(sandbox.payments.values())[-1]["state"] = "paid"  # the shopper has confirmed it
    lines = sell(world, till, ["total"], *sandbox.options())
    assert lines[-1]["sale"]["state"] == "idle", lines
    lines = sell(world, till, [OTHER, "tender cash 1.00", f"scan {ALIPAY}"], *sandbox.options())
    assert lines[2]["sold"], lines
    assert card_total(world, till)[1] == sandbox.holds()


def a_provider_who_does_not_know_the_shop_takes_nothing(world):
    sandbox, till = Sandbox(world.folder), world.till("Till stranger")
    with open(sandbox.key_file, "w", encoding="ascii") as file:
        file.write("wrong\n")
    lines = sell(world, till, [OTHER, f"scan {WECHAT}", "tender cash due"], *sandbox.options())
    assert error_of(lines[1]) == "PAYMENT_DECLINED" and lines[2]["sold"], lines
    lines = sell(world, till, [OTHER, f"scan {WECHAT}", "tender cash due"])
    assert error_of(lines[1]) == "UNSUPPORTED" and lines[2]["sold"], lines
    done = journey.counterfoil("sell", "--dir", till, "--psp", "localhost:1")
    assert done[0] == journey.USAGE, done


with shop.open(netns=False) as opened:  # the terminal is a thread of this program
    journey.run([a_card_pays_and_parts_are_paid_otherwise, what_a_card_or_phone_paid_goes_back_with_the_goods,
                 a_password_is_told_to_the_terminal_and_a_reason_to_the_journal, a_line_that_is_cut_leaves_a_payment_unknown_until_it_is_asked_about,
                 a_manager_decides_on_record, what_was_paid_goes_back_before_a_sale_is_cancelled,
                 a_till_that_is_killed_at_any_moment_of_a_payment_loses_and_doubles_nothing,
                 the_code_on_a_phone_pays_the_rest, a_provider_who_does_not_know_the_shop_takes_nothing], opened)
