#!/usr/bin/env python3
"""The two windows: a scan to its frame, the start of `counterfoil-till` with a million products, its memory and its idleness.

A display of its own (Xvfb). What is in the process that draws is screens_bench.c; here `counterfoil-till` is a process
like any other, typed at by the X server's own test keys (XTEST) and looked at in the server's memory, once a millisecond.

Start: from the start of the process until both windows are in the pictures; "ready to scan": until the total of an
article, typed as soon as they are, is in both. Floor: two empty windows of a program that does nothing else.
Memory: PSS, which counts a page shared with others by its share. Idle: by the clock of the process's processor time.

CF_BENCH_SHORT=1 does each thing, once or a few times, for the test that a figure comes out (tests/ui/bench_test.py).
"""
import ctypes
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
import time

from bench import BUILD, Centre, barcode, figure, median

BENCH = os.path.join(BUILD, "bench", "screens_bench")
SHORT = os.environ.get("CF_BENCH_SHORT") == "1"
PRODUCTS = int(os.environ.get("CF_BENCH_PRODUCTS", "1000" if SHORT else "1000000"))
ROUNDS = 1 if SHORT else 11
FRAME_ROUNDS = 1 if SHORT else 25
SALES = 20 if SHORT else 5000
PATIENCE_S = 600 if SHORT else 120
SMALL, LARGE = (1024, 768), (1920, 1080)
LINES = 40 if SHORT else 500
IDLE_S = 1 if SHORT else 20


class Display:
    """An X server: its windows by name, its keys, its pixels."""

    def __init__(self):
        self.frames = tempfile.mkdtemp(prefix="cf-frames-")
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{2 * LARGE[0]}x{LARGE[1]}x24", "-fbdir", self.frames,
             "-nolisten", "tcp", "-noreset"], pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as ready:
            self.name = ":" + ready.readline().strip()
        self.environment = dict(os.environ, DISPLAY=self.name, GDK_BACKEND="x11", GSETTINGS_BACKEND="memory",
                                LC_ALL="C.UTF-8", DBUS_SESSION_BUS_ADDRESS="disabled:", GTK_A11Y="none")
        self.environment.pop("WAYLAND_DISPLAY", None)
        with open(os.path.join(self.frames, "Xvfb_screen0"), "rb") as file:
            self.pixels = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        header = [int.from_bytes(self.pixels[at:at + 4], "big") for at in range(0, 100, 4)]  # XWD
        self.start, self.stride = header[0] + header[19] * 12, header[12]
        self.x11, self.xtst = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.x11.XDefaultRootWindow.restype = self.x11.XStringToKeysym.restype = ctypes.c_ulong
        self.x11.XSetErrorHandler(ERRORS)
        self.x = ctypes.c_void_p(self.x11.XOpenDisplay(self.name.encode()))
        self.root = ctypes.c_ulong(self.x11.XDefaultRootWindow(self.x))

    def close(self):
        self.x11.XCloseDisplay(self.x)
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.frames, ignore_errors=True)

    def window(self, name):
        """Its id, once it is there."""
        root, parent, children, n = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        self.x11.XQueryTree(self.x, self.root, ctypes.byref(root), ctypes.byref(parent), ctypes.byref(children),
                            ctypes.byref(n))
        found = None
        for i in range(n.value):
            title = ctypes.c_char_p()
            if self.x11.XFetchName(self.x, ctypes.c_ulong(children[i]), ctypes.byref(title)) and title.value == name.encode():
                found = ctypes.c_ulong(children[i])
        if n.value:
            self.x11.XFree(children)
        return found

    def move(self, window, x):
        self.x11.XMoveWindow(self.x, window, x, 0)
        self.x11.XSync(self.x, 0)

    def focus(self, window):
        self.x11.XSetInputFocus(self.x, window, 1, ctypes.c_ulong(0))
        self.x11.XSync(self.x, 0)

    def type(self, keys):
        for key in keys:
            code = self.x11.XKeysymToKeycode(self.x, ctypes.c_ulong(self.x11.XStringToKeysym(key.encode())))
            for down in (1, 0):
                self.xtst.XTestFakeKeyEvent(self.x, code, down, ctypes.c_ulong(0))
        self.x11.XSync(self.x, 0)

    def scan(self, code):
        self.type([*code, "Return"])

    def pixel(self, x, y):
        at = self.start + y * self.stride + x * 4
        return self.pixels[at:at + 3]

    def picture(self, x, y, width, height):
        rows = (self.start + row * self.stride + x * 4 for row in range(y, y + height))
        return b"".join(self.pixels[at:at + width * 4] for at in rows)


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
def ERRORS(_display, _event):
    """A window that went away while it was asked for its name is not found, that is all."""
    return 0


def until(look, what, every_s=0.001):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        seen = look()
        if seen:
            return seen
        time.sleep(every_s)
    raise RuntimeError(f"not within {PATIENCE_S} s: {what}")


def black(pixel):
    return pixel == b"\0\0\0"


class Till:
    """`counterfoil-till`, its windows side by side."""

    def __init__(self, display, folder, size):
        self.display, self.size = display, size
        self.began = time.monotonic()
        self.process = subprocess.Popen([os.path.join(BUILD, "bin", "counterfoil-till"), "--dir", folder, "--size",
                                         f"{size[0]}x{size[1]}"], env=display.environment)
        self.shopper = until(lambda: display.window("Shopper"), "the shopper's window")
        self.cashier = until(lambda: display.window("Cashier"), "the cashier's window")
        display.move(self.shopper, size[0])
        until(lambda: not black(display.pixel(size[0] // 2, size[1] // 2)) and
              not black(display.pixel(size[0] + size[0] // 2, size[1] // 2)), "the first frames")
        self.first_s = time.monotonic() - self.began

    def totals(self):
        """Where both windows say what is to be paid."""
        width, height = self.size
        return [self.display.picture(x + width * 3 // 10, height * 85 // 100, width * 7 // 10 - 1, height * 14 // 100)
                for x in (0, width)]

    def scan_first(self, code):
        """The goods typed at once; seconds from the start until both windows have their price."""
        before = self.totals()
        self.display.focus(self.cashier)
        self.display.scan(code)
        until(lambda: all(a != b for a, b in zip(before, self.totals())), "the price of the first goods")
        return time.monotonic() - self.began

    def settle(self):
        def same():
            before = self.totals()
            time.sleep(1)
            return before == self.totals()
        until(same, "windows at rest")

    def close(self):
        self.process.terminate()
        if self.process.wait(PATIENCE_S):
            raise RuntimeError(f"counterfoil-till ended with {self.process.returncode}")


class Empty:
    """Two empty windows, the floor."""

    def __init__(self, display):
        began = time.monotonic()
        self.process = subprocess.Popen([BENCH, "empty"], env=display.environment)
        until(lambda: not black(display.pixel(LARGE[0] // 2, LARGE[1] // 2)), "an empty window")
        self.first_s = time.monotonic() - began

    def close(self):
        self.process.terminate()
        self.process.wait()


def pss_mb(process):
    with open(f"/proc/{process.pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) * 1024 / 1e6


def ran_s(process):
    """What all its threads have run, those that ended too: the processor-time clock of another process (clock(3))."""
    return time.clock_gettime(~process.pid << 3 | 2)


def gone(display):
    """Nothing is left in the picture of whoever was there before."""
    until(lambda: black(display.pixel(10, 10)) and black(display.pixel(SMALL[0] + 500, 10)), "an empty screen")


def measure_start(display, till):
    first, ready, floors = [], [], []
    for number in range(ROUNDS + 1):
        empty = Empty(display)
        floors.append(empty.first_s)
        empty.close()
        gone(display)
        opened = Till(display, till, SMALL)
        first.append(opened.first_s)
        ready.append(opened.scan_first(barcode(1 + number * 997)))
        opened.close()
        subprocess.run([os.path.join(BUILD, "bin", "counterfoil"), "sell", "--json", "--dir", till], input="cancel\n",
                       check=True, text=True, stdout=subprocess.DEVNULL)
        gone(display)
    for what, times, goal in (("first frame of both windows", first, 0.3), ("goods scanned at once, drawn", ready, 0.5)):
        seconds = median(times[1:])
        figure("screens", f"start -> {what}, {PRODUCTS:,} products, p50 of {ROUNDS}", seconds, "s",
               "start of two empty windows", median(floors[1:]), ratio=seconds / median(floors[1:]), goal=f"<= {goal} s",
               met=seconds <= goal)


def measure_rest(display, till):
    """Idleness, then memory with a long sale open."""
    empty = Empty(display)
    floor_mb = pss_mb(empty.process)
    opened = Till(display, till, LARGE)
    opened.settle()
    before = ran_s(opened.process), ran_s(empty.process), time.monotonic()
    time.sleep(IDLE_S)
    after = ran_s(opened.process), ran_s(empty.process), time.monotonic()
    idle, floor = [100 * (after[i] - before[i]) / (after[2] - before[2]) for i in (0, 1)]
    figure("screens", f"processor while idle, of one core, over {IDLE_S} s", idle, "%", "two empty windows", floor,
           goal="<= 1 %", met=idle <= 1)
    display.focus(opened.cashier)
    for number in range(LINES):
        display.scan(barcode(1 + number * 1999))
        if number % 20 == 19:
            opened.settle()  # an X server has room for so many keys
    value = pss_mb(opened.process)
    figure("screens", f"memory (PSS), both windows 1920x1080, {LINES} lines", value, "MB", "two empty windows", floor_mb,
           ratio=value / floor_mb, goal="<= 80 MB", met=value <= 80)
    opened.close()
    empty.close()


def main():
    if not os.path.exists(BENCH) or not shutil.which("Xvfb"):
        print("# GTK 4 or Xvfb is not installed: no figures of the windows", file=sys.stderr)
        return
    display, centre = Display(), Centre(sys.argv[1])
    try:
        for what, times in (("frames", FRAME_ROUNDS), ("sales", SALES)):
            folder = os.path.join(sys.argv[1], what)
            os.mkdir(folder)
            subprocess.run([BENCH, what, folder, str(times)], env=display.environment, check=True)
        centre.start_centre()
        till = centre.enrol(centre.new_store([{"codes": ["9520000010072"], "name": "Article", "price_minor": 100}]), "Till")
        centre.sync(till)
        subprocess.run([os.path.join(BUILD, "bench", "fill_replica"), till, str(PRODUCTS)], check=True,
                       stdout=subprocess.DEVNULL)
        measure_start(display, till)
        measure_rest(display, till)
    finally:
        centre.close()
        display.close()


main()
