"""A display, a bus and a till in two windows for the journeys: clicked by the names that a screen reader would read out,
typed at as by a keyboard, and looked at in the pixels.

    with Screen(build, folder) as screen:
        till = screen.open(till_folder)
        till.scan("9520000010003")
        till.click("Cash")

Nothing waits for a time: each look is repeated until it is as expected, or so long that something must be broken. A look
asks for the children of all widgets of a level at once, and for what they say in one call (GetItems of AT-SPI's cache): to
ask one after another takes a thousand calls and, on a busy machine, as many turns of three processes.
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE_S = 300  # of a build with sanitizers beside ten others at work
CALL_MS = 300000
ROOT = "/org/a11y/atspi/accessible/root"
LABEL, BUTTON = 29, 43  # AtspiRole
SENSITIVE = 24          # AtspiStateType
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
        import gi  # noqa: F401
    except ImportError:
        return "python3-gi is not installed"
    return None


def until(look, what):
    """What `look` gives once it is true; an object that went away meanwhile is looked for again."""
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
        self.bus_of_readers = self.connect()
        return self

    def connect(self):
        """To the bus of screen readers, which the session's knows."""
        from gi.repository import Gio, GLib
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None,
                                    Gio.DBusCallFlags.NONE, CALL_MS).unpack()[0]
        # GTK tells nothing where nobody reads.
        enable = GLib.Variant("(ssv)", ("org.a11y.Status", "IsEnabled", GLib.Variant("b", True)))
        session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set", enable, None,
                          Gio.DBusCallFlags.NONE, CALL_MS)
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        return Gio.DBusConnection.new_for_address_sync(address, flags)

    def call(self, name, path, method, arguments=None):
        """A method "interface.Method" of an object on the bus of screen readers."""
        from gi.repository import Gio
        interface, method = method.rsplit(".", 1)
        return self.bus_of_readers.call_sync(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE,
                                             CALL_MS).unpack()

    def call_each(self, name, paths, method):
        """The same of many objects, not one after another: its answers, nothing of those that went away."""
        from gi.repository import Gio, GLib
        interface, method = method.rsplit(".", 1)
        answers = {}

        def answered(bus, result, path):
            try:
                answers[path] = bus.call_finish(result).unpack()
            except GLib.Error:
                answers[path] = ([],)
        for path in paths:
            self.bus_of_readers.call(name, path, interface, method, None, None, Gio.DBusCallFlags.NONE, CALL_MS, None,
                                     answered, path)
        while len(answers) < len(set(paths)):
            GLib.MainContext.default().iteration(True)
        return [answers[path] for path in paths]

    @staticmethod
    def first_action():
        from gi.repository import GLib
        return GLib.Variant("(i)", (0,))

    def reader_name(self, pid):
        """What a process is called on that bus, once it is there."""
        from gi.repository import GLib
        for name, _path in self.call("org.a11y.atspi.Registry", ROOT, "org.a11y.atspi.Accessible.GetChildren")[0]:
            owner = self.call("org.freedesktop.DBus", "/org/freedesktop/DBus",
                              "org.freedesktop.DBus.GetConnectionUnixProcessID", GLib.Variant("(s)", (name,)))
            if owner[0] == pid:
                return name
        return None

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


class Item:
    """What a screen reader knows of a widget."""

    def __init__(self, path, name, role, description, states):
        self.path, self.name, self.role, self.description = path, name, role, description
        self.states = states[0] | states[1] << 32
        self.children = []

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def texts(self):
        return [item.name for item in self.walk() if item.role == LABEL and item.name]


class Till:
    """`counterfoil-till` and its two windows."""

    cashier, shopper = "Cashier", "Shopper"

    def __init__(self, screen, folder, options, environment):
        self.screen = screen
        self.log = open(folder.rstrip("/") + ".windows.log", "ab")
        self.process = subprocess.Popen(
            [os.path.join(screen.build, "bin", "counterfoil-till"), "--dir", folder, "--size", f"{SIZE[0]}x{SIZE[1]}",
             *options], stdout=self.log, stderr=self.log, env=dict(os.environ, **environment))
        self.name = until(self.find_name, "the till on the bus of screen readers")
        for window in (self.cashier, self.shopper):
            until(lambda w=window: self.look(w), f"window {window}")
        self.place((self.cashier, 0), (self.shopper, SIZE[0]))

    # --- processes and windows ---

    def find_name(self):
        if self.process.poll() is not None:
            raise AssertionError(f"counterfoil-till ended with {self.process.returncode}: {self.said()}")
        return self.screen.reader_name(self.process.pid)

    def look(self, window):
        """The items of a window as they are now, children in their order; None while it is not there."""
        if self.process.poll() is not None:
            raise AssertionError(f"counterfoil-till ended with {self.process.returncode}: {self.said()}")
        ask = self.screen.call_each
        paths, items = [ROOT], {}
        level = {}
        while paths:  # what is hidden is no child of anything
            answers = ask(self.name, paths, "org.a11y.atspi.Accessible.GetChildren")
            level.update((path, [child for _name, child in answer[0]]) for path, answer in zip(paths, answers))
            paths = [child for path in paths for child in level[path]]
        told = self.screen.call(self.name, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache.GetItems")[0]
        for ref, _app, _parent, _index, _n, _interfaces, name, role, description, states in told:
            items[ref[1]] = Item(ref[1], name, role, description, states)
        for path, children in level.items():
            if path in items:
                items[path].children = [items[child] for child in children if child in items]
        return next((item for item in items[ROOT].children if item.name == window), None)

    def said(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def xdo(self, *words):
        return subprocess.run(["xdotool", *words], check=True, capture_output=True, text=True).stdout

    def place(self, *places):
        """Side by side: there is no window manager."""
        self.x_ids = {}
        for name, x in places:
            self.x_ids[name] = until(lambda n=name: self.xdo("search", "--all", "--onlyvisible", "--pid", str(self.process.pid), "--name",
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

    def described(self, description, window=None):
        """The text of the label that is described so."""
        return next((item.name for item in self.items(window or self.cashier) if item.description == description), None)

    def items(self, window):
        """All of a window; nothing while it is not there."""
        top = self.look(window)
        return top.walk() if top else []

    def texts(self, window):
        return [item.name for item in self.items(window) if item.role == LABEL and item.name]

    def key(self, name):
        return next((item for item in self.items(self.cashier) if item.role == BUTTON and item.name == name and
                     item.states >> SENSITIVE & 1), None)

    def sees(self, text, window=None):
        """Waits until a label of the cashier's window (or another) holds the text."""
        return until(lambda: next((t for t in self.texts(window or self.cashier) if text in t), None),
                     f"a label with {text!r}")

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
        self.screen.call(self.name, button.path, "org.a11y.atspi.Action.DoAction", self.screen.first_action())

    def strike(self, name):
        """The key of the keyboard that is printed on the key of that name."""
        def hint():
            button = self.key(name)
            return [text for text in button.texts() if text != name][-1:] if button else None
        self.press(until(hint, f"what is printed on {name!r}")[0])

    def digits(self, digits, by):
        """By "touch" on the screen's own, or by "keys"."""
        if by == "keys":
            self.type(digits)
        for n, digit in enumerate(digits if by == "touch" else "", 1):
            self.click(digit)
            until(lambda k=n: self.described("Entry") == digits[:k], f"{digits[:n]} in the entry")

    def letters(self, letters, by):
        """As digits, in capitals; the page's own keys are under them, until "123"."""
        if by == "touch":
            self.click("ABC")
        self.digits(letters, by)

    def enter(self, digits, by):
        self.digits(digits, by)
        self.click("Enter") if by == "touch" else self.press("Enter")

    def do(self, name, by):
        (self.click if by == "touch" else self.strike)(name)
