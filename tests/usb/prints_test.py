#!/usr/bin/env python3
"""Receipts on a printer: over a USB that is played, and over the network. What comes out is looked at as a picture."""
import json
import os
import socket
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "journey")]
import counter  # noqa: E402
import journey  # noqa: E402
import shop  # noqa: E402

MASK = "9520000010003"
PULSE = b"\x1bp\0\x19\xfa"
RASTER = b"\x1dv0\0"


class Clerk(counter.Clerk):
    def __init__(self, world, till, at, place, *more):
        super().__init__(world, till, at, "--printer", place, "--printer-model", "80mm-gb18030", *more)


def pictures(paper):
    """Each raster picture as (width, height, rows of bits)."""
    at = paper.find(RASTER)
    while at >= 0:
        width, height = (int.from_bytes(paper[at + k:at + k + 2], "little") for k in (4, 6))
        yield 8 * width, height, paper[at + 8:at + 8 + width * height]
        at = paper.find(RASTER, at + 8 + width * height)


def codes(world, paper):
    """What a camera reads off the paper."""
    found = []
    for n, (width, height, bits) in enumerate(pictures(paper)):
        margin, stride = 40, width // 8
        rows = [b"\xff" * (width + 2 * margin)] * margin
        for y in range(height):
            row = bits[y * stride:(y + 1) * stride]
            rows.append(b"\xff" * margin + bytes(0 if row[x // 8] & 0x80 >> x % 8 else 255 for x in range(width)) +
                        b"\xff" * margin)
        rows += [b"\xff" * (width + 2 * margin)] * margin
        path = os.path.join(world.folder, f"paper-{n}.pgm")
        with open(path, "wb") as file:
            file.write(b"P5 %d %d 255\n" % (width + 2 * margin, height + 2 * margin) + b"".join(rows))
        found += [symbol["text"] for line in world.counterfoil("decode", "--json", path) for symbol in line["symbols"]]
    return found


def a_receipt_comes_out_and_its_code_is_read_off_the_paper(world, at):
    till = world.till("Till paper")
    at.order("printer")
    with Clerk(world, till, at, "usb") as clerk:
        up = clerk.told()
        assert up["event"] == "device" and up["works"], up
        clerk.step(f"scan {MASK}")
        sold = clerk.step("tender cash due")["sold"]
        done = clerk.told()
        assert done == {"event": "printed", "receipt": sold["receipt"], "ok": True}, done
    paper = at.paper(os.path.join(world.folder, "paper"))
    assert paper.startswith(PULSE + b"\x1b@\x1c.") and sold["receipt"].encode() in paper, paper[:400]
    at.order("no printer")
    assert len(codes(world, paper)) == len(list(pictures(paper))) > 0, "every code on the paper is read"


def without_a_printer_it_sells_and_prints_a_marked_copy_when_there_is_one(world, at):
    till = world.till("Till off")
    with Clerk(world, till, at, "usb") as clerk:
        clerk.step(f"scan {MASK}")
        sold = clerk.step("tender cash due")
        assert sold["ok"] and sold["print_error"]["name"] == "PRINTER_OFF", sold
        assert clerk.step(f"scan {MASK}")["ok"], "the next sale"
        clerk.step("cancel")
    at.order("printer")
    with Clerk(world, till, at, "usb") as clerk:
        lines = [clerk.told() for _ in range(3)]
    events = [line["event"] for line in lines]
    assert sorted(events) == ["device", "printed", "reprinted"], lines
    assert all(line.get("ok", True) for line in lines), lines
    paper = at.paper(os.path.join(world.folder, "paper"))
    assert sold["sold"]["receipt"].encode() in paper and b"COPY" in paper, paper[:400]
    assert PULSE not in paper, "a copy opens nothing"
    at.order("no printer")


def the_drawer_opens_where_cash_moves_and_nowhere_else(world, at):
    till = world.till("Till drawer")
    at.order("printer")
    with Clerk(world, till, at, "usb") as clerk:
        assert clerk.told()["works"]
        receipt = None
        for steps, opens in [((f"scan {MASK}", "tender card due X1"), False), ((f"scan {MASK}", "tender cash 20"), True),
                             (("return {}",), True), (("no-sale coins",), True), ((f"scan {MASK}", "tender card 5.00 X2",
                                                                                  "tender cash due"), True)]:
            for step in steps:
                done = clerk.step(step.format(receipt))
                assert done["ok"], done
            receipt = done.get("sold", {}).get("receipt", receipt)
            assert clerk.told()["ok"]
            paper = at.paper(os.path.join(world.folder, "paper"))
            assert paper.count(PULSE) == (1 if opens else 0), (steps, paper[:20])
    at.order("no printer")


def serve(server, paper, confirms, go=None):
    connection, _ = server.accept()
    with connection:
        while data := connection.recv(65536):
            paper += data
            if data.startswith(b"\x10\x04"):
                connection.sendall(b"\x12\x12\x12\x12")
            if paper.endswith(b"\x1dr\x01"):
                if not confirms and b"\x1b@" in paper:  # after a receipt, and not before the first
                    return
                if go is not None and b"\x1b@" in paper:
                    go.wait()
                connection.sendall(b"\0")


class Display:
    """A shopper's display on a serial port: CD5220, two rows of twenty."""
    def __init__(self):
        self.master, self.slave = os.openpty()
        self.place = os.ttyname(self.slave)
        self.rows, self.rest = ["", ""], b""

    def until(self, shows):
        """Reads until it shows that; a till that never shows it is ended by whoever runs the test."""
        while not shows(*self.rows):
            self.rest += os.read(self.master, 4096)
            *commands, self.rest = self.rest.split(b"\r")
            for command in commands:
                assert len(command) >= 23 and command[-23:-21] == b"\x1bQ" and command[-21:-20] in (b"A", b"B"), command
                self.rows[command[-21] - ord("A")] = command[-20:].decode()

    def close(self):
        os.close(self.slave)
        os.close(self.master)


def the_next_scan_does_not_wait_for_a_printer_that_is_slow(world, at):
    till, paper, go = world.till("Till slow"), bytearray(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        printer = threading.Thread(target=serve, args=(server, paper, True, go))
        printer.start()
        with Clerk(world, till, at, f"127.0.0.1:{server.getsockname()[1]}") as clerk:
            assert clerk.told()["works"]
            receipts = []
            for _ in range(3):  # each is sold before the first is on paper
                assert clerk.step(f"scan {MASK}")["ok"]
                receipts.append(clerk.step("tender cash due")["sold"]["receipt"])
            go.set()
            assert [clerk.told() for _ in receipts] == [
                {"event": "printed", "receipt": receipt, "ok": True} for receipt in receipts]
        printer.join()
    at_bytes = [paper.index(receipt.encode()) for receipt in receipts]
    assert at_bytes == sorted(at_bytes)


def the_shopper_reads_goods_total_and_change(world, at):
    def row(left, minor):
        amount = f"Y{minor / 100:.2f}"  # it has no other sign for the yuan
        return left.ljust(20 - len(amount)) + amount

    def sold_for(done):
        assert "sold" in done, done
        return done["sold"]["change_minor"]

    till, display = world.till("Till pole"), Display()
    with shop.Clerk(world, till, "--display", f"{display.place}@9600,cd5220") as clerk:
        assert json.loads(clerk.process.stdout.readline())["works"]
        display.until(lambda first, second: first == "Journey store".ljust(20) and second == " " * 20)
        clerk.step(f"scan {MASK}")
        display.until(lambda _, second: second.startswith("TOTAL"))
        total = round(float(display.rows[1].split("Y")[-1]) * 100)
        assert total > 100 and display.rows[1] == row("TOTAL", total), display.rows
        assert not display.rows[0].startswith("Journey"), display.rows
        clerk.step("tender card 1.00 X1")
        display.until(lambda *rows: rows == (row("PAID", 100), row("DUE", total - 100)))
        change = sold_for(clerk.step("tender cash 50"))
        display.until(lambda *rows: rows == (row("TOTAL", total), row("CHANGE", change)))
        clerk.step(f"scan {MASK}")
        display.until(lambda _, second: second == row("TOTAL", total))
        clerk.step("cancel")
        display.until(lambda first, _: first == "Journey store".ljust(20))
    display.close()


def one_command_prints_and_waits_for_its_paper(world, at):
    till, paper = world.till("Till alone"), bytearray()
    steps = [("drawer", "float", "--dir", till, "100"), ("report", "x", "--dir", till)]
    for command in steps:
        with socket.create_server(("127.0.0.1", 0)) as server:
            printer = threading.Thread(target=serve, args=(server, paper, True))
            printer.start()
            place = f"127.0.0.1:{server.getsockname()[1]}"
            world.counterfoil(*command[:2], "--json", "--printer", place, "--printer-model", "80mm-gb18030", *command[2:])
            printer.join()
        assert b"\x1b@\x1c." in paper and paper.endswith(b"\x1dr\x01"), command
        assert paper.startswith(b"\x10\x04"), command
        assert (PULSE in paper) == (command[0] == "drawer"), command
        paper.clear()
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = f"127.0.0.1:{server.getsockname()[1]}"
    failed = world.counterfoil("drawer", "drop", "--json", "--printer", nobody, "--dir", till, "5", check=False)
    assert failed[-1]["print_error"]["name"] == "PRINTER_OFF", failed


def over_the_network_it_is_the_same(world, at):
    till, paper = world.till("Till net"), bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:
        printer = threading.Thread(target=serve, args=(server, paper, True))
        printer.start()
        with Clerk(world, till, at, f"127.0.0.1:{server.getsockname()[1]}") as clerk:
            assert clerk.told()["works"]
            clerk.step(f"scan {MASK}")
            sold = clerk.step("tender cash due")["sold"]
            assert clerk.told() == {"event": "printed", "receipt": sold["receipt"], "ok": True}
        printer.join()
    assert sold["receipt"].encode() in paper


def says(server, before, after, go):
    """A printer that answers the probe with `before`, and later says `after`, all in one piece."""
    connection, _ = server.accept()
    with connection:
        while data := connection.recv(65536):
            if data.startswith(b"\x10\x04"):
                connection.sendall(before)
                go.wait()
                connection.sendall(after)


def drawer_and_paper_are_told_each_time_they_change(world, at):
    def told(clerk):
        line = clerk.told()
        assert line["event"] == "device", line
        return "works" if line["works"] else line["error"]["name"]

    till = world.till("Till sensor")
    shut, high, low = b"\x10\0\0\x0f", b"\x14\0\0\x0f", b"\x10\0\x03\x0f"  # "shut" where high is open
    for sensor, before, after, expected in [
            (["high"], b"\x12\x12\x12\x12", high + shut + low + shut,
             ["works", "DRAWER_OPEN", "works", "PRINTER_PAPER_LOW", "works"]),
            (["high"], b"\x16\x12\x12\x12", shut, ["works", "DRAWER_OPEN", "works"]),
            ([], b"\x12\x12\x12\x1e", shut, ["works", "PRINTER_PAPER_LOW", "works"]),
            (["low"], b"\x12\x12\x12\x12", high + shut + high, ["works", "DRAWER_OPEN", "works", "DRAWER_OPEN", "works"]),
            ([], b"\x16\x12\x12\x12", shut + high + low + shut, ["works", "PRINTER_PAPER_LOW", "works"])]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            go = threading.Event()
            printer = threading.Thread(target=says, args=(server, before, after, go))
            printer.start()
            options = [option for level in sensor for option in ("--drawer-sensor", level)]
            with Clerk(world, till, at, f"127.0.0.1:{server.getsockname()[1]}", *options) as clerk:
                first = told(clerk)
                go.set()
                assert [first, *(told(clerk) for _ in expected[1:])] == expected, expected
                assert clerk.step("total")["ok"], "nothing more was told"
            printer.join()
    assert journey.counterfoil("sell", "--dir", till, "--drawer-sensor", "open")[0] == journey.USAGE


def a_printer_that_goes_in_mid_receipt_leaves_it_unknown_and_nothing_is_sent_again(world, at):
    till, paper = world.till("Till doubt"), bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:
        printer = threading.Thread(target=serve, args=(server, paper, False))
        printer.start()
        with Clerk(world, till, at, f"127.0.0.1:{server.getsockname()[1]}") as clerk:
            assert clerk.told()["works"]
            clerk.step(f"scan {MASK}")
            sold = clerk.step("tender cash due")["sold"]
            unknown = clerk.told()
            assert not unknown["ok"] and unknown["error"]["name"] == "PRINT_UNKNOWN", unknown
            gone = clerk.told()
            assert not gone["works"] and gone["error"]["name"] == "PRINTER_OFF", gone
        printer.join()
    assert paper.count(sold["receipt"].encode()) == 1
    assert not world.sell(till, ["total"])[0].get("event"), "nothing waits to be printed"


def a_printer_that_goes_while_it_prints_what_waited_is_no_reason_not_to_sell(world, at):
    till, paper = world.till("Till waits"), bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = f"127.0.0.1:{server.getsockname()[1]}"
    with Clerk(world, till, at, nobody) as clerk:
        assert not clerk.told()["works"]
        for _ in range(2):
            clerk.step(f"scan {MASK}")
            assert clerk.step("tender cash due")["print_error"]["name"] == "PRINTER_OFF"
    with socket.create_server(("127.0.0.1", 0)) as server:
        printer = threading.Thread(target=serve, args=(server, paper, False))
        printer.start()
        with Clerk(world, till, at, f"127.0.0.1:{server.getsockname()[1]}") as clerk:
            assert clerk.told()["works"]
            unknown = clerk.told()
            assert unknown["event"] == "printed" and unknown["error"]["name"] == "PRINT_UNKNOWN", unknown
            gone = clerk.told()
            assert not gone["works"], gone
            server.close()
            assert clerk.step(f"scan {MASK}")["ok"]
        printer.join()


def a_place_that_is_none_is_said(world, at):
    till = world.till("Till nowhere")
    for place in ("printer.local", "192.0.2.7:0", "/dev/ttyS0@7"):
        lines = world.counterfoil("sell", "--json", "--dir", till, "--printer", place, stdin="", check=False)
        assert lines[-1]["error"]["name"] == "ARGUMENT", lines


with counter.play() as played, shop.open(netns=False) as opened:
    journey.run([a_receipt_comes_out_and_its_code_is_read_off_the_paper,
                 without_a_printer_it_sells_and_prints_a_marked_copy_when_there_is_one,
                 the_drawer_opens_where_cash_moves_and_nowhere_else,
                 over_the_network_it_is_the_same,
                 drawer_and_paper_are_told_each_time_they_change,
                 a_printer_that_goes_in_mid_receipt_leaves_it_unknown_and_nothing_is_sent_again,
                 a_printer_that_goes_while_it_prints_what_waited_is_no_reason_not_to_sell,
                 the_next_scan_does_not_wait_for_a_printer_that_is_slow,
                 the_shopper_reads_goods_total_and_change,
                 one_command_prints_and_waits_for_its_paper,
                 a_place_that_is_none_is_said], opened, played)
