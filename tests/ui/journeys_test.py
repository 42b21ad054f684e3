#!/usr/bin/env python3
"""Sales at the two windows, each by touch and by keyboard alone: clicked by accessible name, read off the labels, and the
QR code on the shopper's screen read from the pixels."""
import json
import os
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "journey"))
import screen  # noqa: E402
screen.with_bindings()
import journey  # noqa: E402
import shop  # noqa: E402
from zvt_terminal import Terminal  # noqa: E402

MASK, FIVE_MASKS, BALM = "9520000010003", "9520000010072", "9520000010218"  # 9.90, 39.90, 11.90


class Lane:
    """A till of the world with a card terminal, and what a shopper carries."""

    def __init__(self, world, desk):
        self.world, self.desk = world, desk
        self.campaign = world.launch("Ten percent")
        self.dear = world.launch("Ten off", promotion={"kind": "order_amount", "amount_minor": 1000, "min_spend_minor": 20000})
        self.gift = world.launch("Ten off next time", budget=100,
                                 promotion={"kind": "order_amount", "amount_minor": 1000, "min_spend_minor": 2000},
                                 issue_in_store={"min_spend_minor": 5000, "valid_days": 30, "range_per_terminal": 100})
        self.shopper = world.join_member()
        self.other_store = world.api("POST", "/v1/stores", {"name": "The other one", "currency": "CNY", "tax_inclusive": True,
                                                            "utc_offset_min": 480})["store"]
        self.terminal = Terminal()
        self.folder = world.till("Till 1")
        self.open()

    def open(self, *options):
        self.till = self.desk.open(self.folder, "--label", "Till 1", "--card", self.terminal.address, "--no-scanners", *options)

    def sold(self, change):
        """The sale is done: the change is the largest figure, and both windows say it."""
        screen.until(lambda: self.till.described("Change") == change, f"{change} of change")
        screen.until(lambda: self.till.described("Change", self.till.shopper) == change, "the same on the shopper's")

    def pay_cash(self, amount, change, by):
        self.till.do("Cash", by)
        self.till.sees("hands over")
        self.till.enter(amount, by)
        self.sold(change)

    def receipt(self):
        """The number of the newest sale."""
        shown = self.world.counterfoil("journal", "show", "--json", "--dir", self.folder)
        return str([line for line in shown if line["type"] == "sale"][-1]["sale"]["sale_no"])


def back_to_the_start(till, by, news):
    """What was said goes first, then the page. What a finger did is waited for: it comes a quarter of a second later."""
    if by == "touch":
        till.click("Esc")
        screen.until(lambda: not any(news in text for text in till.texts(till.cashier)), f"that {news!r} is gone")
        till.click("Back")
    else:
        for _ in range(3):
            till.press("Esc")
    till.sees("Scan goods or a member code")


# --- each of these is a journey by touch and one by keyboard alone: `by` says which -----------------------------------

def plain_sale(lane, by):
    till = lane.till
    for code, total in [(MASK, "¥9.90"), (FIVE_MASKS, "¥49.80")]:
        till.scan(code)
        till.totals(total)
    screen.until(lambda: till.described("Total", till.shopper) == "¥49.80", "the total on the shopper's window")
    till.shows("Thing 1")
    lane.pay_cash("100", "¥50.20", by)


def member_with_a_coupon(lane, by):
    till = lane.till
    till.scan(lane.world.member_code(lane.shopper))
    till.sees("L** M**, tier")  # asked of the centre beside the sale, and masked there
    till.shows("L** M** · ")
    till.scan(FIVE_MASKS)
    till.totals("¥39.90")
    till.scan(lane.world.claim(lane.campaign, member=lane.shopper["member"]))  # far longer than an entry
    till.totals("¥35.91")
    till.sees("Saved ¥3.99")
    till.shows("Saved ¥3.99")
    till.do("Coupons", by)
    till.sees("Ten percent")
    till.do("Back", by)
    lane.pay_cash("40", "¥4.09", by)


def refused_coupon(lane, by):
    till = lane.till
    till.scan(MASK)
    till.totals("¥9.90")
    till.scan(lane.world.claim(lane.dear))
    till.sees("200.00")  # what it needs
    till.totals("¥9.90")
    till.scan("9520000999992")
    screen.until(lambda: till.described("Reason"), "why such goods are refused")
    till.do("Esc", by) if by == "touch" else till.press("Esc")
    lane.pay_cash("10", "¥0.10", by)


def sale_that_is_parked_and_recalled(lane, by):
    till = lane.till
    till.scan(FIVE_MASKS)
    till.totals("¥39.90")
    till.do("Park", by)
    till.sees("A name to find it again")
    till.scan("Umbrella")
    till.totals("¥0.00")
    till.scan(MASK)
    till.totals("¥9.90")
    lane.pay_cash("10", "¥0.10", by)
    till.do("Recall", by)
    till.sees("Umbrella")
    till.click("Enter") if by == "touch" else till.press("Enter")
    till.totals("¥39.90")
    lane.pay_cash("50", "¥10.10", by)


def basket_that_is_quoted_and_sold_by_its_number(lane, by):
    till = lane.till
    till.scan(FIVE_MASKS)
    till.totals("¥39.90")
    till.do("Park", by)
    till.sees("A quotation: how many days")
    till.do("Quotation", by)
    code = till.sees("Quotation CQ1:").split("CQ1:")[1].split(":")[0]
    till.totals("¥0.00")
    till.do("Recall", by)
    till.sees("A quotation: scan its code")
    till.scan("CQ1:" + code)
    till.totals("¥39.90")
    lane.pay_cash("40", "¥0.10", by)


def goods_found_by_name(lane, by):
    till = lane.till
    till.do("Search", by)
    till.letters("THING", by)
    till.click("Enter") if by == "touch" else till.press("Enter")
    till.sees("Thing 1")
    till.click("Enter") if by == "touch" else till.press("Enter")
    till.totals("¥9.90")
    lane.pay_cash("10", "¥0.10", by)


def goods_that_the_store_has_not(lane, by):
    """Asked for instead of sold; the list has it, and it is withdrawn before and after the centre has heard."""
    till = lane.till
    for key in ("Special order", "From another store"):
        till.scan(FIVE_MASKS)
        till.totals("¥39.90")
        till.do("Park", by)
        till.sees("An order: for whom")
        till.digits("13800138000", by)
        till.do(key, by)
        if key == "From another store":
            till.sees("Which store has the goods")
            till.digits(str(lane.other_store), by)
            till.do("Fetched there", by)
        till.sees("Asked for: ¥39.90")
        till.totals("¥0.00")
        if key == "From another store":
            lane.world.sync(lane.folder)
            lane.world.sync(lane.folder)
        till.do("Manager", by)
        till.do("Goods asked for", by)
        till.sees("Order" if key == "From another store" else "the centre has not heard of it yet")
        till.do("Withdraw", by)
        till.sees("The centre tells whoever it concerns")
        back_to_the_start(till, by, "The centre tells whoever it concerns")


def sale_paid_by_card_and_in_cash(lane, by):
    till, held = lane.till, lane.terminal.holds()
    till.scan(FIVE_MASKS)
    till.totals("¥39.90")
    till.do("Pay", by)
    till.sees("How is it paid?")
    till.digits("20", by)
    till.do("Card", by)
    screen.until(lambda: till.described("Due") == "¥19.90", "what is left to pay after the card")
    assert lane.terminal.holds() == held + 2000
    till.do("Cash", by)
    till.sees("hands over")
    till.enter("10", by)
    screen.until(lambda: "¥9.90" in (till.described("Due"), till.described("Due in cash")), "what is left after the note")
    if not till.described("Due in cash"):
        till.do("Cash", by)
        till.sees("hands over")
    till.enter("10", by)
    lane.sold("¥0.10")


def payment_that_nobody_knows_of(lane, by):
    """The line is cut after the terminal took it, and before: each is asked about, and neither is paid twice."""
    till, held = lane.till, lane.terminal.holds()
    for does, taken in (("cut-after", True), ("cut-before", False)):
        till.scan(FIVE_MASKS)
        till.totals("¥39.90")
        lane.terminal.does = does
        till.do("Pay", by)
        till.sees("How is it paid?")
        till.do("Card", by)
        till.sees("whether it was paid is not known")
        till.shows("Do not pay again")
        lane.terminal.does = "agree"
        till.do("Ask again", by)
        if taken:
            lane.sold("¥0.00")
        else:
            lane.pay_cash("40", "¥0.10", by)
        assert lane.terminal.holds() == held + 3990, lane.terminal.receipts


def return_of_goods(lane, by):
    till = lane.till
    till.scan(MASK)
    till.scan(BALM)
    till.totals("¥21.80")
    lane.pay_cash("30", "¥8.20", by)
    receipt = lane.receipt()
    till.do("Return", by)
    till.sees("Scan the code on the receipt")
    till.scan(receipt)
    till.sees("Sold 1, left 1")
    till.click("Enter") if by == "touch" else till.press("Enter")
    till.sees("✓ Thing 0")
    till.do("Take back these", by)
    till.sees("Why do they come back?")
    till.press("Down") if by == "keys" else till.sees("Faulty or damaged")
    till.click("Enter") if by == "touch" else till.press("Enter")
    till.sees("Taken back: ¥9.90")
    till.sees("Cash ¥9.90")
    shown = lane.world.counterfoil("journal", "show", "--json", "--dir", lane.folder)
    said = [line for line in shown if line["type"] == "return"][-1]["return"]["reason"]
    assert said == ("Faulty or damaged" if by == "touch" else "Does not fit"), said


def day_that_is_closed_after_a_blind_count(lane, by):
    till = lane.till
    till.scan(MASK)
    till.totals("¥9.90")
    lane.pay_cash("10", "¥0.10", by)
    till.do("Manager", by)
    till.do("Close the day", by)
    till.sees("The drawer is not counted")
    till.do("Count drawer", by)
    till.sees("How many of each?")
    assert not any("9.90" in text for text in till.texts(till.cashier)), "a blind count says what should be there"
    till.enter("3", by)
    screen.until(lambda: till.described("Counted") == "¥300.00", "three of the largest note")
    till.do("Count", by)
    till.sees("The drawer is not as it should be")
    assert not any("short" in text or "over by" in text for text in till.texts(till.cashier))
    till.enter("1", by)  # the reason, as a finger can type it
    till.do("Manager", by)
    till.do("Close the day", by)
    till.sees("The drawer is counted")
    till.do("Close the day", by)
    till.sees("It cannot be opened again")
    till.click("Enter") if by == "touch" else till.press("Enter")
    till.sees("The day is closed")
    till.shows("This lane is closed")
    till.do("Back", by)
    till.shows("Welcome")


def sale_offline_with_the_coupon_of_another(lane, by):
    """Offline, a sale puts a coupon on the shopper's screen; read from the pixels, it takes something off the next sale."""
    till = lane.till
    lane.world.cut()
    try:
        till.scan(lane.world.member_code(lane.shopper))
        till.sees("Member ")  # nobody tells her name
        for _ in range(2):
            till.scan(FIVE_MASKS)
        till.totals("¥79.80")
        lane.pay_cash("100", "¥20.20", by)
        code = screen.until(lambda: read_code(lane), "a code on the shopper's screen")
        till.scan(FIVE_MASKS)
        till.totals("¥39.90")
        till.scan(code)
        till.totals("¥29.90")
        till.shows("Saved ¥10.00")
        lane.pay_cash("30", "¥0.10", by)
        till.scan(FIVE_MASKS)
        till.totals("¥39.90")
        till.scan(code)
        till.sees("already")
        till.totals("¥39.90")
        lane.pay_cash("50", "¥10.10", by)
    finally:
        lane.world.join()


JOURNEYS = [plain_sale, member_with_a_coupon, refused_coupon, sale_that_is_parked_and_recalled,
            basket_that_is_quoted_and_sold_by_its_number, goods_found_by_name, goods_that_the_store_has_not,
            sale_paid_by_card_and_in_cash, payment_that_nobody_knows_of, return_of_goods, day_that_is_closed_after_a_blind_count,
            sale_offline_with_the_coupon_of_another]


def both_ways(journeys):
    """A step by touch and one by keyboard alone, for each."""
    steps = []
    for way in journeys:
        for by, name in (("touch", "touch"), ("keys", "keyboard_alone")):
            def step(lane, way=way, by=by):
                way(lane, by)
            step.__name__ = f"a_{way.__name__}_by_{name}"
            steps.append(step)
    return steps


# --- and these once ---------------------------------------------------------------------------------------------------

def keys_go_to_the_cashier_while_the_shoppers_window_has_the_focus(lane):
    till = lane.till
    till.focus("Shopper")
    till.scan(MASK)
    till.totals("¥9.90")
    till.focus("Cashier")
    lane.pay_cash("10", "¥0.10", "keys")


def a_coupon_on_the_shoppers_screen_is_good_in_the_online_shop(lane):
    till = lane.till
    for _ in range(2):
        till.scan(FIVE_MASKS)
    till.totals("¥79.80")
    lane.pay_cash("100", "¥20.20", "touch")
    code = screen.until(lambda: read_code(lane), "a code on the shopper's screen")
    order = {"channel": lane.world.channel, "code": code, "request_id": "screen-1",
             "order": {"lines": [{"code": FIVE_MASKS, "qty_milli": 1000}]}}
    lane.world.sync(lane.folder)
    assert lane.world.api("POST", "/v1/coupons/redeem", order)


def read_code(lane):
    """The coupon that stands on the shopper's half of the screen."""
    picture = os.path.join(lane.world.folder, "shopper.pgm")
    lane.desk.grey(picture, (screen.SIZE[0], 0, *screen.SIZE))
    done = subprocess.run([journey.COUNTERFOIL, "decode", "--json", picture], capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        for symbol in json.loads(line).get("symbols", []) if line.startswith("{") else []:
            if symbol["text"].startswith("CP"):
                return symbol["text"]
    return None


def a_scanner_that_types_four_thousand_characters_is_refused_and_the_sale_goes_on(lane):
    till = lane.till
    till.scan(MASK)
    till.totals("¥9.90")
    for _ in range(40):
        till.type("9520000010003" * 8)
    till.press("Enter")
    screen.until(lambda: till.described("Reason"), "why such a text is refused")
    till.totals("¥9.90")
    till.press("Esc")
    lane.pay_cash("10", "¥0.10", "keys")


def fifty_scans_a_second_are_fifty_lines(lane):
    """As fast as the keyboard takes them."""
    till = lane.till
    till.xdo("key", "--delay", "0", *[*MASK, "Return"] * 50)
    till.totals("¥495.00")
    screen.until(lambda: till.described("Total", till.shopper) == "¥495.00", "the total on the shopper's window")
    lane.pay_cash("500", "¥5.00", "keys")


def the_till_is_as_it_was_after_it_was_killed(lane):
    lane.till.scan(FIVE_MASKS)
    lane.till.totals("¥39.90")
    lane.till.kill()
    lane.open()
    lane.till.totals("¥39.90")
    lane.pay_cash("50", "¥10.10", "keys")


def no_file_of_the_till_knows_a_members_name(lane):
    lane.till.close()
    sub = bytes.fromhex(lane.shopper["member"])
    needles = {"the name": b"Lin Mei", "the name as shown": b"L** M**", "the pseudonym": sub}
    found = set()
    for top, _, files in os.walk(lane.folder):
        for name in files:
            with open(os.path.join(top, name), "rb") as file:
                content = file.read()
            found |= {what for what, needle in needles.items() if needle in content}
    assert found == {"the pseudonym"}, found  # which is in the records: so the search finds what there is
    lane.open()


def a_printer_that_is_off_is_said_and_stops_no_sale(lane):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = "127.0.0.1:%d" % listener.getsockname()[1]  # closed again by the time it is called
    lane.till.close()
    lane.open("--printer", nobody)
    till = lane.till
    for _ in range(2):
        till.scan(MASK)
        till.totals("¥9.90")
        lane.pay_cash("10", "¥0.10", "keys")
        screen.until(lambda: till.described("Receipt") == "not printed", "that there is no receipt")


def a_receipt_is_printed_for_who_asks_for_one(lane):
    papers = os.path.join(lane.folder, "papers")
    os.mkdir(papers)
    lane.till.close()
    lane.open("--print", papers, "--receipts", "asked")
    for by in ("touch", "keys"):
        for key, says, n in [("No paper", "none, by choice", 0), ("Print", "printed", 1)]:
            before = len(os.listdir(papers))
            lane.till.scan(MASK)
            lane.till.totals("¥9.90")
            lane.pay_cash("10", "¥0.10", by)
            screen.until(lambda: lane.till.described("Receipt") == "not asked for yet", "that nothing is printed yet")
            lane.till.sees("Does the shopper want a receipt?")
            lane.till.do(key, by)
            screen.until(lambda: lane.till.described("Receipt") == says, f"that it is {says}")
            assert len(os.listdir(papers)) == before + n, (key, os.listdir(papers))


PULSE = b"\x1bp\0\x19\xfa"


def print_on(server, paper, is_there):
    """A printer on the network that prints whatever it is given."""
    connection, _ = server.accept()
    with connection:
        while data := connection.recv(65536):
            paper += data
            if data.startswith(b"\x10\x04"):
                connection.sendall(b"\x12\x12\x12\x12")
            if paper.endswith(b"\x1dr\x01"):
                connection.sendall(b"\0")
                is_there.set()


def the_drawer_does_not_wait_for_who_asks_for_a_receipt(lane):
    paper, is_there = bytearray(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        printer = threading.Thread(target=print_on, args=(server, paper, is_there))
        printer.start()
        lane.till.close()
        lane.open("--printer", "127.0.0.1:%d" % server.getsockname()[1], "--printer-model", "80mm-gb18030", "--receipts", "asked")
        till = lane.till
        till.do("Manager", "keys")
        till.do("Devices", "keys")
        till.sees("Back")
        screen.until(lambda: is_there.is_set(), "that the printer was found")
        till.press("Esc")
        till.scan(MASK)
        till.totals("¥9.90")
        lane.pay_cash("10", "¥0.10", "keys")
        screen.until(lambda: PULSE in paper, "that the drawer opens")
        assert b"9.90" not in paper, "nothing is printed yet"
        till.do("Print", "keys")
        screen.until(lambda: till.described("Receipt") == "printed", "that it is printed")
        assert b"9.90" in paper and paper.count(PULSE) == 1, "the receipt, and the drawer once"
        lane.till.close()
        printer.join()
    lane.open()


def a_day_becomes_files_while_the_till_goes_on(lane):
    place = os.path.join(lane.world.folder, "stick")
    lane.till.close()
    lane.open("--exports", place)
    till = lane.till
    for by, form, key, table in (("touch", "csv", "Tables (CSV)", "bons.csv"), ("keys", "json", "JSON", "day.jsonl")):
        till.do("Manager", by)
        till.do("Export", by)
        till.sees("Which day, and in which form?")
        if by == "keys":  # a closed day; by touch the open one, which is at hand
            till.press("Down")
            screen.until(lambda: till.key("Audit file"), "that a closed day is chosen")
        if not os.path.exists(place):
            till.do(key, by)
            till.sees("The place for exports is not there")
            os.mkdir(place)
            till.do("Esc", by) if by == "touch" else till.press("Esc")
        till.do(key, by)
        till.sees("The day is exported")
        name = till.sees(f"-{form}")
        theirs = os.path.join(lane.world.folder, f"theirs-{form}")
        lane.world.counterfoil("export", form, "--json", "--dir", lane.folder, "--out", theirs,
                               *(["--z", name[1:5].lstrip("0")] if by == "keys" else []))
        for file in (table, "journal.jsonl" if form == "json" else "journal.csv"):
            with open(os.path.join(place, name, file), "rb") as ours, open(os.path.join(theirs, file), "rb") as same:
                assert ours.read() == same.read(), file
        assert not [left for left in os.listdir(place) if left.endswith(".part")], os.listdir(place)
        if by == "keys":
            till.do(key, by)
            till.sees("exported in this form already")
        back_to_the_start(till, by, "The day is exported")


def a_fresh_till_is_set_up_at_its_windows(lane):
    """Before the first sync a till has no price, and cannot be opened: the windows say so, and what comes."""
    world = lane.world
    for n, by in enumerate(("touch", "keys"), 2):
        folder = world.till(f"Till {n}", sync=False)
        world.cut()
        try:
            till = lane.desk.open(folder, "--label", f"Till {n}", "--no-scanners")
            till.sees("This till waits for the centre")
            till.shows("This lane is closed")
            till.scan(MASK)  # does no harm
            till.do("Sync now", by)
            till.sees("not heard to the end")
        finally:
            world.join()
        till.do("Sync now", by)
        till.sees("Scan goods or a member code")  # by itself, once all has come
        till.place((till.cashier, 0), (till.shopper, screen.SIZE[0]))
        till.scan(MASK)
        till.totals("¥9.90")
        till.do("Cash", by)
        till.sees("hands over")
        till.enter("10", by)
        screen.until(lambda t=till: t.described("Change") == "¥0.10", "change at the new till")
        till.close()
        world.sync(folder)


def nothing_leaked_and_centre_and_till_agree(lane):
    lane.till.close()
    lane.world.sync(lane.folder)
    lane.world.quiet()
    lane.world.counterfoil("journal", "verify", "--json", "--dir", lane.folder)


STEPS = [*both_ways(JOURNEYS), keys_go_to_the_cashier_while_the_shoppers_window_has_the_focus,
         a_coupon_on_the_shoppers_screen_is_good_in_the_online_shop,
         a_scanner_that_types_four_thousand_characters_is_refused_and_the_sale_goes_on, fifty_scans_a_second_are_fifty_lines,
         the_till_is_as_it_was_after_it_was_killed, no_file_of_the_till_knows_a_members_name, a_printer_that_is_off_is_said_and_stops_no_sale,
         a_receipt_is_printed_for_who_asks_for_one,
         the_drawer_does_not_wait_for_who_asks_for_a_receipt, a_day_becomes_files_while_the_till_goes_on, a_fresh_till_is_set_up_at_its_windows,
         nothing_leaked_and_centre_and_till_agree]


def main():
    why = screen.missing()
    if not os.path.exists(os.path.join(journey.BIN, "counterfoil-till")):
        why = "counterfoil-till is not built: GTK 4 is not installed"
    if why:
        print(f"1..1\nok 1 - journeys at the windows # SKIP {why}")
        return
    with shop.open(netns=False) as world, screen.Screen(journey.BUILD) as desk:
        journey.run(STEPS, Lane(world, desk))


main()
