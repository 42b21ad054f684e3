#!/usr/bin/env python3
"""Two outputs under weston's kiosk shell, as in a shop: each window on its own, keys typed while the shopper's has the
focus, one output only, and an output that is unplugged during a sale.

weston draws into two windows of an Xvfb; what is on an output is read from that server's memory.
"""
import ctypes
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "journey"))
import screen  # noqa: E402
screen.with_bindings()
import journey  # noqa: E402
import shop  # noqa: E402

WIDTH, HEIGHT = screen.SIZE
SOAP = "9520000010003"
INI = """[core]
shell=kiosk-shell.so
backend=x11-backend.so
idle-time=0
[output]
name=X1
mode={w}x{h}
app-ids=counterfoil.cashier
[output]
name=X2
mode={w}x{h}
app-ids=counterfoil.shopper
"""


class Weston:
    """A compositor of so many outputs, side by side on our X server."""

    def __init__(self, desk, outputs):
        self.desk = desk
        self.folder = tempfile.mkdtemp(prefix="cf-weston-")
        os.chmod(self.folder, 0o700)
        with open(os.path.join(self.folder, "weston.ini"), "w", encoding="ascii") as file:
            file.write(INI.format(w=WIDTH, h=HEIGHT))
        self.log = os.path.join(self.folder, "weston.log")
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.folder)
        self.process = subprocess.Popen(
            ["weston", f"--config={self.folder}/weston.ini", "--use-pixman", f"--output-count={outputs}", "--socket=till",
             f"--log={self.log}"], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        screen.until(lambda: self.answers(), f"weston: {self.said()}")
        self.outputs = screen.until(lambda: self.windows(outputs), "the outputs of weston")
        for n, window in enumerate(self.outputs):
            self.xdo("windowmove", window, str(n * WIDTH), "0")

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"weston ended: {self.said()}")
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(os.path.join(self.folder, "till")) == 0

    def said(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-1500:]

    def windows(self, outputs):
        found = [line.split("window id ")[1].split()[0].rstrip(",.") for line in self.said().splitlines() if "window id " in line]
        return found if len(found) == outputs else None

    def xdo(self, *words):
        return subprocess.run(["xdotool", *words], check=True, capture_output=True, text=True).stdout

    def open(self, folder, *options):
        self.till_log = open(os.path.join(self.folder, "till.log"), "ab")
        environment = dict(self.environment, GDK_BACKEND="wayland", WAYLAND_DISPLAY="till", GTK_A11Y="none",
                           DBUS_SESSION_BUS_ADDRESS="disabled:")
        environment.pop("DISPLAY")
        self.till = subprocess.Popen([os.path.join(journey.BIN, "counterfoil-till"), "--dir", folder, "--kiosk", *options],
                                     env=environment, stdout=self.till_log, stderr=self.till_log)

    def picture(self, n):
        path = os.path.join(self.folder, f"output-{n}.pgm")
        self.desk.grey(path, (n * WIDTH, 0, WIDTH, HEIGHT))
        with open(path, "rb") as file:
            return file.read().split(b"\n", 1)[1]

    def row(self, n, y):
        return self.picture(n)[y * WIDTH:(y + 1) * WIDTH]

    def is_cashier(self, n):
        """The bar's blue edge stands at the left, below the status."""
        edge = self.row(n, 70)
        return edge[2] < 120 and edge[12] > 200  # left of where the text begins

    def is_shopper(self, n):
        """White head, and no bar below it."""
        return self.row(n, 20)[500] == 255 and not self.is_cashier(n) and self.row(n, 70)[2] > 200

    def unplug(self, n):
        """As the window's own close button would: weston takes the output away."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        display = ctypes.c_void_p(x11.XOpenDisplay(None))
        window = int(self.outputs[n])

        class Message(ctypes.Structure):  # XClientMessageEvent, padded to an XEvent
            _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
                        ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong),
                        ("format", ctypes.c_int), ("data", ctypes.c_long * 5), ("pad", ctypes.c_long * 24)]

        protocols = x11.XInternAtom(display, b"WM_PROTOCOLS", 0)
        message = Message(type=33, window=window, message_type=protocols, format=32)
        message.data[0] = x11.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
        x11.XSendEvent(display, ctypes.c_ulong(window), 0, 0, ctypes.byref(message))
        x11.XSync(display, 0)
        x11.XCloseDisplay(display)

    def close(self):
        if hasattr(self, "till"):
            if self.till.poll() is None:
                self.till.kill()
            self.till.wait()
            self.till_log.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def settled(weston, n):
    """The picture of an output once two looks at it agree."""
    def same():
        before = weston.picture(n)
        time.sleep(0.2)
        return before if before == weston.picture(n) else None
    return screen.until(same, f"output {n} at rest")


def changes(weston, n, before, what):
    return screen.until(lambda: weston.picture(n) != before, what)


def each_window_is_on_its_output(world, desk, folder):
    weston = Weston(desk, 2)
    try:
        weston.open(folder)
        screen.until(lambda: weston.is_cashier(0), "the cashier's window on the first output")
        screen.until(lambda: weston.is_shopper(1), "the shopper's window on the second output")
    finally:
        weston.close()


def keys_typed_on_the_shoppers_output_reach_the_cashier(world, desk, folder):
    weston = Weston(desk, 2)
    try:
        weston.open(folder)
        screen.until(lambda: weston.is_cashier(0) and weston.is_shopper(1), "both windows")
        before = settled(weston, 1)
        weston.xdo("mousemove", str(WIDTH + 300), "400", "click", "1")
        weston.xdo("windowfocus", weston.outputs[1])
        weston.xdo("type", "--delay", "2", SOAP)
        weston.xdo("key", "Return")
        changes(weston, 1, before, "the goods on the shopper's output")
        before = settled(weston, 1)
        weston.xdo("windowfocus", weston.outputs[0])
        weston.xdo("type", "--delay", "2", SOAP)
        weston.xdo("key", "Return")
        changes(weston, 1, before, "the goods typed on the cashier's output")
    finally:
        weston.close()


def with_one_output_the_cashier_has_it(world, desk, folder):
    weston = Weston(desk, 1)
    try:
        weston.open(folder)
        screen.until(lambda: weston.is_cashier(0), "the cashier's window on the only output")
        before = settled(weston, 0)
        weston.xdo("windowfocus", weston.outputs[0])
        weston.xdo("type", "--delay", "2", SOAP)
        weston.xdo("key", "Return")
        changes(weston, 0, before, "the goods on the only output")
        assert weston.is_cashier(0)
    finally:
        weston.close()


def an_output_that_is_unplugged_during_a_sale_leaves_the_cashier_at_work(world, desk, folder):
    weston = Weston(desk, 2)
    try:
        weston.open(folder)
        screen.until(lambda: weston.is_cashier(0) and weston.is_shopper(1), "both windows")
        weston.unplug(1)
        screen.until(lambda: not weston.is_shopper(1), "the second output gone")
        before = settled(weston, 0)
        assert weston.is_cashier(0), "the cashier's window is covered"
        weston.xdo("windowfocus", weston.outputs[0])
        weston.xdo("type", "--delay", "2", SOAP)
        weston.xdo("key", "Return")
        changes(weston, 0, before, "the goods on the output that is left")
        assert weston.is_cashier(0), "the cashier's window is covered"
        assert weston.till.poll() is None, "the till ended"
    finally:
        weston.close()


STEPS = [each_window_is_on_its_output, keys_typed_on_the_shoppers_output_reach_the_cashier,
         with_one_output_the_cashier_has_it,
         an_output_that_is_unplugged_during_a_sale_leaves_the_cashier_at_work]


def main():
    why = screen.missing()
    if not why and not shutil.which("weston"):
        why = "weston is not installed"
    if not os.path.exists(os.path.join(journey.BIN, "counterfoil-till")):
        why = "counterfoil-till is not built: GTK 4 is not installed"
    if why:
        print(f"1..1\nok 1 - two outputs # SKIP {why}")
        return
    with shop.open(netns=False) as world, screen.Screen(journey.BUILD) as desk:
        journey.run(STEPS, world, desk, world.till("Till 1"))


main()
