"""A display, a bus and a till in two windows for the journeys: clicked by the names that a screen reader would read out,
typed at as by a keyboard, and looked at in the pixels.

    with Screen(build, folder) as screen:
        till = screen.open(till_folder)
        till.scan("9520000010003")
        till.click("Cash")

Nothing waits for a time: each look is repeated until it is as expected, or a minute is over.
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE_S = 60
SIZE = (1024, 768)
X11_NAMES = {"Enter": "Return", "Esc": "Escape", "Ins": "Insert", "Del": "Delete", "PgUp": "Prior", "PgDn": "Next"}


def with_bindings():
    """Goes on in the system's Python where this one has no bindings of AT-SPI (Debian puts them there)."""
    try:
        import gi  # noqa: F401
    except ImportError:
        system = "/usr/bin/python3"
        if sys.executable != system and os.path.exists(system) and "CF_UI_SYSTEM_PYTHON" not in os.environ:
            os.execve(system, [system, *sys.argv], dict(os.environ, CF_UI_SYSTEM_PYTHON="1"))


def missing():
    """What is not installed here, or None."""
    for program in ("Xvfb", "dbus-daemon", "xdotool"):
        if not shutil.which(program):
            return program + " is not installed"
    if not os.path.exists("/usr/share/dbus-1/services/org.a11y.Bus.service"):
        return "at-spi2-core is not installed"
    try:
        import gi
        gi.require_version("Atspi", "2.0")
    except (ImportError, ValueError):
        return "python3-gi or gir1.2-atspi-2.0 is not installed"
    return None


def until(look, what):
    """What `look` gives once it is true; an AT-SPI object that went away meanwhile is looked for again."""
    from gi.repository import GLib
    end, seen = time.monotonic() + PATIENCE_S, None
    while time.monotonic() < end:
        try:
            seen = look()
            if seen:
                return seen
        except GLib.Error as error:
            seen = error
        time.sleep(0.01)
    raise AssertionError(f"not within {PATIENCE_S} s: {what} (last: {seen!r})")


class Screen:
    """An X server and a session bus of our own."""

    def __init__(self, build):
        self.build = build
        self.frames = tempfile.mkdtemp(prefix="cf-frames-")
        self.server = self.bus = None
        self.tills = []

    def __enter__(self):
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{2 * SIZE[0]}x{SIZE[1]}x24", "-fbdir", self.frames,
             "-nolisten", "tcp", "-noreset"], pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as ready:
            os.environ["DISPLAY"] = ":" + ready.readline().strip()
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().strip()
        os.environ.pop("WAYLAND_DISPLAY", None)
        os.environ.update(GDK_BACKEND="x11", GSETTINGS_BACKEND="memory", GTK_A11Y="atspi", LC_ALL="C.UTF-8",
                          LSAN_OPTIONS=f"print_suppressions=0:suppressions={HERE}/lsan.supp")
        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi
        Atspi.init()
        self.atspi = Atspi
        return self

    def __exit__(self, *_):
        for till in self.tills:
            till.kill()
        for process in (self.bus, self.server):
            if process:
                process.terminate()
                process.wait()
        shutil.rmtree(self.frames, ignore_errors=True)

    def open(self, folder, *options, **environment):
        till = Till(self, folder, options, environment)
        self.tills.append(till)
        return till

    def grey(self, path, box):
        """Writes what is on the screen in box (x, y, width, height) as a PGM, from the server's own memory (XWD)."""
        with open(os.path.join(self.frames, "Xvfb_screen0"), "rb") as file:
            data = file.read()
        header = struct.unpack(">25I", data[:100])
        start = header[0] + header[19] * 12
        stride, step = header[12], header[11] // 8
        x, y, width, height = box
        rows = bytearray()
        for row in range(y, y + height):
            at = start + row * stride + x * step
            rows += data[at + 1:at + 1 + width * step:step]  # the green of B, G, R, x
        with open(path, "wb") as file:
            file.write(b"P5 %d %d 255\n" % (width, height) + rows)


class Till:
    """`counterfoil-till` and its two windows."""

    def __init__(self, screen, folder, options, environment):
        self.screen, self.atspi = screen, screen.atspi
        self.log = open(folder.rstrip("/") + ".windows.log", "ab")
        self.process = subprocess.Popen(
            [os.path.join(screen.build, "bin", "counterfoil-till"), "--dir", folder, "--size", f"{SIZE[0]}x{SIZE[1]}",
             *options], stdout=self.log, stderr=self.log, env=dict(os.environ, **environment))
        self.cashier = until(lambda: self.window("Cashier"), "the cashier's window")
        self.shopper = until(lambda: self.window("Shopper"), "the shopper's window")
        self.place(("Cashier", 0), ("Shopper", SIZE[0]))

    # --- processes and windows ---

    def window(self, name):
        if self.process.poll() is not None:
            raise AssertionError(f"counterfoil-till ended with {self.process.returncode}: {self.said()}")
        desktop = self.atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            app = desktop.get_child_at_index(i)
            if app and app.get_process_id() == self.process.pid:
                for j in range(app.get_child_count()):
                    window = app.get_child_at_index(j)
                    if window and window.get_name() == name:
                        return window
        return None

    def said(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def xdo(self, *words):
        return subprocess.run(["xdotool", *words], check=True, capture_output=True, text=True).stdout

    def place(self, *places):
        """Side by side: there is no window manager."""
        self.x_ids = {}
        for name, x in places:
            self.x_ids[name] = until(lambda n=name: self.xdo("search", "--onlyvisible", "--pid", str(self.process.pid), "--name",
                                                             f"^{n}$").split(), f"window {name}")[0]
            self.xdo("windowmove", self.x_ids[name], str(x), "0")
        self.focus("Cashier")

    def focus(self, name):
        self.xdo("windowfocus", "--sync", self.x_ids[name])

    def close(self):
        """As closing the program does; its leaks are found then, if it is built to."""
        self.process.terminate()
        status = self.process.wait(PATIENCE_S)
        self.log.close()
        assert status == 0, f"counterfoil-till ended with {status}: {self.said()}"

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    # --- what is there ---

    def walk(self, root):
        yield root
        for i in range(root.get_child_count()):
            child = root.get_child_at_index(i)
            if child:
                yield from self.walk(child)

    def showing(self, item):
        return item.get_state_set().contains(self.atspi.StateType.VISIBLE)

    def find(self, root, is_it):
        root.clear_cache()
        return next((item for item in self.walk(root) if is_it(item)), None)

    def described(self, description, root=None):
        """The text of the label that is described so."""
        item = self.find(root or self.cashier, lambda i: i.get_description() == description)
        return item.get_name() if item else None

    def texts(self, root):
        root.clear_cache()
        return [item.get_name() for item in self.walk(root) if item.get_role_name() == "label" and item.get_name()]

    def key(self, name):
        return self.find(self.cashier, lambda i: i.get_role_name() == "push button" and i.get_name() == name and
                         i.get_state_set().contains(self.atspi.StateType.SENSITIVE))

    def sees(self, text, root=None):
        """Waits until a label of the cashier's window (or another) holds the text."""
        return until(lambda: next((t for t in self.texts(root or self.cashier) if text in t), None), f"a label with {text!r}")

    def shows(self, text):
        return self.sees(text, self.shopper)

    def totals(self, amount):
        until(lambda: self.described("Total") == amount, f"a total of {amount}, not {self.described('Total')}")

    # --- what a cashier does ---

    def type(self, text):
        """As a keyboard, or a scanner that is one; a very long text in pieces that fit one line of arguments."""
        self.xdo("type", "--delay", "1", text)

    def press(self, key):
        self.xdo("key", X11_NAMES.get(key, key))

    def scan(self, code):
        self.type(code)
        self.press("Enter")

    def click(self, name):
        """By a finger. GTK lets a button be activated four times a second at most: what it did is waited for."""
        button = until(lambda: self.key(name), f"a key {name!r} that is not grey")
        self.atspi.Action.do_action(button, 0)

    def strike(self, name):
        """The key of the keyboard that is printed on the key of that name."""
        def hint():
            button = self.key(name)
            return [t for t in self.texts(button) if t != name][-1:] if button else None
        self.press(until(hint, f"what is printed on {name!r}")[0])

    def digits(self, digits, by):
        """By "touch" on the screen's own, or by "keys"."""
        if by == "keys":
            self.type(digits)
        for n, digit in enumerate(digits if by == "touch" else "", 1):
            self.click(digit)
            until(lambda k=n: self.described("Entry") == digits[:k], f"{digits[:n]} in the entry")

    def enter(self, digits, by):
        self.digits(digits, by)
        self.click("Enter") if by == "touch" else self.press("Enter")

    def do(self, name, by):
        (self.click if by == "touch" else self.strike)(name)
