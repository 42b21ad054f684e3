#!/usr/bin/env python3
"""`counterfoil sell` with a scale that is played: on a serial port (a PTY), and a HID scale on a played USB. Goods take
their weight from it, never one that is not at rest, and the receipt says weight and price of a kilogram."""
import json
import os
import select
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "journey")]
import counter  # noqa: E402
import journey  # noqa: E402
import shop  # noqa: E402

HAM, CHEESE = "#12345", "#12346"


class Scale(threading.Thread):
    """Answers "W" over a PTY, as the DIVA's manual says (drivers/scale/toledo_proto.h)."""

    def __init__(self, parity):
        super().__init__(daemon=True)
        self.parity, self.answer, self.asked = parity, None, 0
        self.near, self.far = os.openpty()
        self.place = os.ttyname(self.far)
        self.stop_read, self.stop_write = os.pipe()

    def bits(self, text):
        raw = text.encode("ascii")
        return bytes(b | 0x80 if self.parity and bin(b).count("1") % 2 else b for b in raw)

    def run(self):
        while self.stop_read not in (ready := select.select([self.near, self.stop_read], [], [])[0]):
            for byte in os.read(self.near, 64) if ready else b"":
                if bytes([byte]) == self.bits("W"):
                    self.asked += 1
                    if self.answer is not None:
                        os.write(self.near, self.bits(f"\x02{self.answer}\r"))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *why):
        os.write(self.stop_write, b"x")
        self.join()
        for fd in (self.near, self.far, self.stop_read, self.stop_write):
            os.close(fd)


class Clerk(shop.Clerk):
    def told(self):
        return json.loads(self.process.stdout.readline())


def stock(world):
    world.api("POST", "/v1/catalogue", {"store": world.store, "products": [
        {"plu": 12345, "name": "Ham", "price_minor": 2000, "weighed": True},
        {"plu": 12346, "name": "Cheese", "price_minor": 1000, "weighed": True}]})


def till_of(world, name):
    till = world.till(name)
    world.sync(till)
    return till


def refused(answer):
    assert not answer["ok"], answer
    return answer["error"]["name"]


def until(step, good):
    """Asks again: what the scale says reaches the till when it does."""
    end = time.monotonic() + 60
    while not good(answer := step()):
        assert time.monotonic() < end, answer
        time.sleep(0.05)
    return answer


def sells_by(clerk, put_on):
    """The same for each kind of scale; put_on(state or grams)."""
    put_on("moving")
    assert clerk.step(f"scan {HAM}")["asks"] == "weight"
    put_on(345)
    sold = until(lambda: clerk.step("weigh"), lambda answer: answer["ok"])
    assert sold["line"]["qty_milli"] == 345, sold
    assert clerk.step(f"scan {HAM}")["asks"] == "weight"
    assert refused(clerk.step("weigh")) == "SCALE_SAME", "what was sold is still there"
    put_on("empty")
    until(lambda: clerk.step("weigh"), lambda answer: refused(answer) == "SCALE_EMPTY")
    put_on("under")
    until(lambda: clerk.step("weigh"), lambda answer: refused(answer) == "SCALE_UNDER")
    put_on("over")
    until(lambda: clerk.step("weigh"), lambda answer: refused(answer) == "SCALE_OVER")
    put_on(1012)
    until(lambda: clerk.step("weigh 2"), lambda answer: refused(answer) == "SCALE_TARE")
    assert clerk.step("weigh 0.012")["line"]["qty_milli"] == 1000, "less the tare"
    assert clerk.step(f"scan {CHEESE}")["asks"] == "weight"
    assert clerk.step("quantity 0.2")["line"]["qty_milli"] == 200, "typed"
    sold = clerk.step("tender cash due")["sold"]
    assert sold["total_minor"] == 690 + 2000 + 200, sold
    return sold


def a_scale_on_a_serial_port_weighs_goods(world, _):
    def play(parity):
        till = till_of(world, f"Till scale {parity}")
        paper = os.path.join(till, "paper")
        os.mkdir(paper)
        with Scale(parity) as scale, Clerk(world, till, "--scale", scale.place, "--print", paper, "--views") as clerk:
            states = {"moving": "?A", "empty": "?P", "under": "?D", "over": "?B"}

            def put_on(what):
                scale.answer = states.get(what) or f"{what // 1000:02}.{what % 1000:03}"

            put_on("empty")
            assert clerk.told()["works"]
            sold = sells_by(clerk, put_on)
        text = "".join(open(os.path.join(paper, name), encoding="utf-8").read()
                       for name in os.listdir(paper) if name.endswith(".txt"))
        assert "0.345 kg x " in text and "1.000 kg x " in text, (sold, text)

    play(True)
    play(False)


def a_scale_that_is_silent_sells_nothing_and_is_told(world, _):
    till = till_of(world, "Till silent")
    with Scale(True) as scale, Clerk(world, till, "--scale", scale.place) as clerk:
        told = clerk.told()
        assert not told["works"] and told["error"]["name"] == "SCALE_OFF", told
        assert clerk.step(f"scan {HAM}")["asks"] == "weight"
        assert refused(clerk.step("weigh")) == "SCALE_OFF"
        scale.answer = "00.500"
        assert clerk.told()["works"]
        assert clerk.step("weigh")["line"]["qty_milli"] == 500
        scale.answer = None
        assert clerk.told()["error"]["name"] == "SCALE_OFF", "its last weight is none any more"
        clerk.step("cancel")


def a_scale_on_the_usb_weighs_goods(world, at):
    till = till_of(world, "Till hid")
    with at.environment():
        clerk = Clerk(world, till, "--scale", "usb")
    with clerk:
        status = {"moving": 3, "empty": 2, "under": 5, "over": 6}

        def put_on(what):
            at.order(f"weigh {status.get(what, 4)} {what if isinstance(what, int) else 0}")

        at.order("scale")
        put_on("empty")
        assert clerk.told()["works"]
        sells_by(clerk, put_on)
        put_on(500)
        at.order("no scale")
        told = clerk.told()
        assert not told["works"] and told["error"]["name"] == "SCALE_OFF", told
        assert clerk.step(f"scan {HAM}")["asks"] == "weight"
        assert refused(clerk.step("weigh")) == "SCALE_OFF", "what was pulled out weighs nothing"
        clerk.step("cancel")


with counter.play() as played, shop.open(netns=False) as opened:
    stock(opened)
    journey.run([a_scale_on_a_serial_port_weighs_goods, a_scale_that_is_silent_sells_nothing_and_is_told,
                 a_scale_on_the_usb_weighs_goods], opened, played)
