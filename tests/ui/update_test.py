#!/usr/bin/env python3
"""An update from the centre to a machine that runs it: fetched while it sells, resumed after kills, installed into the
other slot, activated at the close of the day and never in a sale; and everything that must not be installed.

The machine is real but for its slots: `slots.py` below is a program that keeps two of them as files. What RAUC itself
does with a bundle is tried in QEMU (tests/firmware).
"""
import datetime
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "journey"))
import screen  # noqa: E402
screen.with_bindings()
import journey  # noqa: E402
import shop  # noqa: E402

HARDWARE = "counter-x86"
SLOTS = """#!/usr/bin/env python3
import os, shutil, sys
here = os.path.dirname(os.path.abspath(__file__))
if sys.argv[1] == "install":
    if os.path.exists(os.path.join(here, "refuse")):
        sys.exit(1)
    shutil.copy(sys.argv[2], os.path.join(here, "slot-b.part"))
    os.rename(os.path.join(here, "slot-b.part"), os.path.join(here, "slot-b"))
elif sys.argv[1:] == ["status", "mark-active", "other"]:
    open(os.path.join(here, "primary-is-b"), "w").close()
else:
    sys.exit(2)
"""
RESTART = """#!/bin/sh
touch "$(dirname "$0")/restarted"
"""


class Machine:
    """A till with two slots, and the files that say what it is."""

    def __init__(self, world, label):
        self.world, self.till = world, world.till(label)
        self.number = world.terminal(self.till)
        self.root = os.path.join(world.folder, label.replace(" ", "-") + "-root")
        for folder in ("etc", "proc", "slots", "sys/class/thermal/thermal_zone0", "sys/class/watchdog/watchdog0"):
            os.makedirs(os.path.join(self.root, folder))
        self.write("proc/cmdline", "quiet rauc.slot=A root=/dev/x\n")
        self.write("proc/uptime", "4711.25 100.00\n")
        self.write("sys/class/thermal/thermal_zone0/temp", "45500\n")
        self.write("sys/class/watchdog/watchdog0/bootstatus", "32\n")
        self.write("slots/slots.py", SLOTS, 0o755)
        self.write("slots/restart", RESTART, 0o755)
        self.runs("1.0")
        self.sync = None

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.root, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, mode)

    def runs(self, version):
        self.write("etc/os-release", f'ID=debian\nIMAGE_ID={HARDWARE}\nIMAGE_VERSION="{version}"\n')

    def has(self, name):
        return os.path.exists(os.path.join(self.root, "slots", name))

    def start(self, boot_id=None):
        """The sync; in another boot of the machine, if its id is given."""
        words = [os.path.join(journey.BIN, "counterfoil-sync"), "--dir", self.till, "--every", "1", "--root", self.root,
                 "--installer", os.path.join(self.root, "slots", "slots.py"),
                 "--restart", os.path.join(self.root, "slots", "restart"), "--log", os.path.join(self.root, "sync.log")]
        words = self.world.at_store(words)
        if boot_id:
            self.write("boot_id", boot_id + "\n")
            words = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"',
                     os.path.join(self.root, "boot_id"), *words]
        self.sync = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        if self.sync:
            self.sync.kill()
            self.sync.wait()
            self.sync = None

    def said(self):
        """What the centre knows of it."""
        return next(one for one in self.world.api("GET", "/v1/machines")["machines"] if one["terminal"] == self.number)

    def until(self, update, what=""):
        screen.until(lambda: self.said().get("update") == update, f"{update} {what}: {self.said()}")

    def sells(self):
        return self.world.sell(self.till, ["scan " + shop.GOODS[0][0], "tender cash due"])[-1]["sold"]["seq"]


def release(world, version, size=3 << 20, **options):
    """Makes a bundle and gives it to the centre: its number and its content."""
    content = random.Random(version).randbytes(size)
    path = os.path.join(world.folder, "bundle-" + version)
    with open(path, "wb") as file:
        file.write(content)
    words = {"version": version, "hardware": HARDWARE, "schema": world.format["schema"],
             "readable-from": world.format["readable_from"], **{key.replace("_", "-"): value for key, value in options.items()}}
    done = subprocess.run([os.path.join(journey.BIN, "counterfoil-central"), "release", world.centre, "add", path,
                           *[word for key, value in words.items() for word in ("--" + key, str(value))]],
                          capture_output=True, text=True, check=True)
    made = json.loads(done.stdout)
    assert made["sha256"] == hashlib.sha256(content).hexdigest() and made["size"] == size, made
    return made["release"], content


def roll_out(world, number, **options):
    return world.api("POST", "/v1/rollouts", {"release": number, **options})


def rollout(world, number):
    return next(one for one in world.api("GET", "/v1/rollouts")["rollouts"] if one["rollout"] == number)


def close_the_day(world, machine):
    world.counterfoil("report", "z", "--json", "--dir", machine.till)


# --- steps ---

def a_machine_tells_what_it_is(world, machine):
    machine.start()
    screen.until(lambda: machine.said().get("version"), "a first report")
    said = machine.said()
    assert (said["version"], said["hardware"], said["slot"], said["uptime_s"], said["temperature_mc"], said["watchdog_boots"],
            said["update"]) == ("1.0", HARDWARE, "A", 4711, 45500, 1, "idle"), said
    assert said["disk_size"] > said["disk_free"] > 0 and said["schema"] == world.format["schema"], said
    machine.kill()
    machine.start()
    machine.write("../" + os.path.basename(machine.till) + "/faults", "Scanner: unplugged\n")
    screen.until(lambda: machine.said()["faults"] == ["Scanner: unplugged"], "the fault")
    assert machine.said()["watchdog_boots"] == 1, "one boot was counted twice"


def a_bundle_is_given_in_pieces_to_terminals_alone(world, machine):
    number, content = release(world, "1.1")
    world.first = number
    names = [f"/t1/bundle/{hashlib.sha256(content).hexdigest()}", "/t1/bundle/" + "0" * 64, "/t1/bundle/xyz"]
    address = world.api_address()

    def get(path, *options):
        done = subprocess.run(world.at_centre([
            "curl", "-sS", "--cacert", os.path.join(world.centre, "ca.pem"), "--resolve",
            f"localhost:{world.terminals_port}:{address}", "-D", "-", "-o", "/dev/null", *options,
            f"https://localhost:{world.terminals_port}{path}"]), capture_output=True, text=True, check=False)
        head = done.stdout.splitlines() or [""]
        status = head[0].split()[1] if head[0] else None
        return status, {line.split(": ")[0].lower(): line.split(": ")[1] for line in head[1:] if ": " in line}
    identity = ["--cert", os.path.join(machine.till, "tls.cert.pem"), "--key", os.path.join(machine.till, "tls.key.pem")]
    status, head = get(names[0], *identity, "-H", "Range: bytes=100-299")
    assert status == "206" and head.get("content-range") == f"bytes 100-299/{len(content)}", (status, head)
    status, head = get(names[0], *identity, "-H", f"Range: bytes={len(content) - 5}-")
    assert status == "206" and head["content-length"] == "5", (status, head)
    status, head = get(names[0], *identity, "-H", "Range: bytes=0-")
    assert status == "206" and head["content-length"] == str(1 << 20), (status, head)
    for path, wanted, ranges in ((names[0], "400", []), (names[0], "400", ["Range: bytes=5-4"]),
                                 (names[0], "400", ["Range: bytes=-5"]), (names[0], "400", ["Range: bytes=0-1,3-4"]),
                                 (names[0], "422", [f"Range: bytes={len(content)}-"]), (names[1], "404", ["Range: bytes=0-9"]),
                                 (names[2], "404", ["Range: bytes=0-9"])):
        status, _ = get(path, *identity, *[word for text in ranges for word in ("-H", text)])
        assert status == wanted, (path, ranges, status)
    assert get(names[0], "-H", "Range: bytes=0-9")[0] is None, "without a certificate"


def it_is_fetched_through_kills_and_cuts_and_installed_while_the_shop_sells(world, machine):
    machine.kill()
    begun = roll_out(world, world.first, bytes_per_s=1 << 20)
    assert (begun["meant"], begun["first"], begun["told"], begun["state"]) == (1, 1, 1, "runs"), begun
    chance = random.Random(7)
    for _ in range(30):
        machine.start()
        time.sleep(chance.uniform(0.2, 1.2))
        machine.sells()
        machine.kill()
        if machine.said()["update"] in ("installed", "installing", "verified"):
            break
    machine.start()
    machine.until("installed")
    with open(os.path.join(machine.root, "slots", "slot-b"), "rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == \
            next(one["sha256"] for one in world.api("GET", "/v1/releases")["releases"] if one["release"] == world.first)


def it_waits_for_the_close_of_the_day_and_the_end_of_the_sale(world, machine):
    machine.sells()
    time.sleep(3)
    assert not machine.has("restarted") and machine.said()["update"] == "installed"
    with shop.Clerk(world, machine.till) as clerk:
        clerk.step("scan " + shop.GOODS[0][0])
        clerk.step("cancel")
    close_the_day(world, machine)
    screen.until(lambda: machine.has("restarted"), "the restart")
    assert machine.has("primary-is-b")
    machine.until("activating")
    machine.kill()  # as the machine goes down


def no_sale_begins_while_it_goes_down(world, machine):
    before = machine.world.counterfoil("journal", "verify", "--json", "--dir", machine.till)[0]["records"]
    shop.refused(lambda: machine.sells(), "UPDATE_RESTART")
    after = machine.world.counterfoil("journal", "verify", "--json", "--dir", machine.till)[0]["records"]
    assert after - before <= 1, "the start of that till alone"


def the_new_system_is_activated_once_it_is_healthy_and_every_sale_is_there(world, machine):
    sales = world.report(machine.till)["epochs"][0]["totals"]["sales"]
    machine.kill()
    machine.runs("1.1")
    machine.start("11111111-2222-4333-8444-555555555555")
    time.sleep(2)
    assert machine.said()["update"] == "activating", "nothing has drawn a window yet"
    windows = world.screen.open(machine.till)
    machine.until("activated")
    windows.process.terminate()
    windows.process.wait()
    assert machine.said()["version"] == "1.1"
    machine.sells()
    world.sync_after(machine)
    assert world.report(machine.till)["epochs"][0]["totals"]["sales"] == sales + 1
    assert rollout(world, 1)["activated"] == 1


def what_does_not_suit_is_told_to_nobody(world, machine):
    for version, options in (("1.0.9", {}), ("2.0", {"hardware": "kiosk-arm"}),
                             ("2.1", {"schema": world.format["schema"] + 2, "readable_from": world.format["schema"] + 1})):
        number, _ = release(world, version, 1000, **options)
        begun = roll_out(world, number)
        assert (begun["meant"], begun["told"]) == (0, 0), (version, begun)
        world.api("PATCH", f"/v1/rollouts/{begun['rollout']}", {"stop": True})
    assert machine.said()["update"] == "activated"


def what_was_altered_at_the_centre_is_never_installed(world, machine):
    number, content = release(world, "1.2", 100000)
    path = os.path.join(world.centre, "releases", hashlib.sha256(content).hexdigest())
    with open(path, "r+b") as file:
        file.seek(50000)
        file.write(bytes([content[50000] ^ 1]))
    begun = roll_out(world, number)
    screen.until(lambda: rollout(world, begun["rollout"])["state"] == "stopped", "the roll-out to stop")
    said = machine.said()
    assert (said["update"], said["update_error"]) == ("failed", "UPDATE_ALTERED"), said
    assert "UPDATE_ALTERED" in rollout(world, begun["rollout"])["why"]
    with open(os.path.join(machine.root, "slots", "slot-b"), "rb") as file:
        assert file.read() != content


def what_cannot_be_installed_stops_its_roll_out_and_is_told(world, machine):
    number, _ = release(world, "1.3", 100000)
    machine.write("slots/refuse", "")
    begun = roll_out(world, number)
    screen.until(lambda: rollout(world, begun["rollout"])["state"] == "stopped", "the roll-out to stop")
    assert machine.said()["update_error"] == "UPDATE_INSTALL"
    os.remove(os.path.join(machine.root, "slots", "refuse"))
    assert any("UPDATE_INSTALL" in json.dumps(alarm) for alarm in world.api("GET", "/v1/alarms")["alarms"])
    machine.sells()


def a_new_system_that_goes_back_keeps_every_sale(world, machine):
    number, _ = release(world, "1.4", 200000)
    os.remove(os.path.join(machine.root, "slots", "restarted"))
    begun = roll_out(world, number)
    machine.until("installed")
    machine.sells()
    close_the_day(world, machine)
    screen.until(lambda: machine.has("restarted"), "the restart")
    machine.until("activating")
    records = world.counterfoil("journal", "verify", "--json", "--dir", machine.till)[0]
    machine.kill()
    machine.start("99999999-2222-4333-8444-555555555555")  # and it is 1.1 that runs
    machine.until("failed")
    assert rollout(world, begun["rollout"])["state"] == "stopped"
    after = world.counterfoil("journal", "verify", "--json", "--dir", machine.till)[0]
    assert after["head"] == records["head"] and after["records"] == records["records"]
    machine.sells()


def the_shop_sells_on_after_a_restart_of_the_sync(world, machine):
    machine.kill()
    machine.start()
    machine.sells()


def what_lies_at_the_machine_of_an_update_that_failed_goes(world, machine):
    screen.until(lambda: not os.path.exists(os.path.join(machine.till, "update", "bundle")), "the bundle to go")


def at_a_set_hour_it_restarts_with_the_day_open(world, machine):
    store_time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=8)
    later, now = (store_time + datetime.timedelta(hours=2)).strftime("%H:%M"), store_time.strftime("%H:%M")
    number, _ = release(world, "1.5", 100000)
    os.remove(os.path.join(machine.root, "slots", "restarted"))
    machine.sells()
    roll_out(world, number, at=later)
    machine.until("installed")
    with shop.Clerk(world, machine.till) as clerk:  # a whole round of the sync passes: this sale is sent
        clerk.step("scan " + shop.GOODS[0][0])
        assert "sold" in clerk.step("tender cash due")
    world.sync_after(machine)
    assert not machine.has("restarted") and machine.said()["update"] == "installed"
    with shop.Clerk(world, machine.till) as clerk:
        clerk.step("scan " + shop.GOODS[0][0])
        roll_out(world, number, at=now)
        machine.until("installed", "again")
        screen.until(lambda: not os.path.exists(os.path.join(machine.till, "restarting")), "nothing while somebody sells")
        assert not machine.has("restarted")
        assert "sold" in clerk.step("tender cash due")
    screen.until(lambda: machine.has("restarted"), "the restart")


def main():
    why = screen.missing()
    if not os.path.exists(os.path.join(journey.BIN, "counterfoil-till")):
        why = "counterfoil-till is not built: GTK 4 is not installed"
    elif os.geteuid() != 0 or not shutil.which("unshare"):
        why = "another boot of the machine needs the right to make mount namespaces"
    if why:
        print(f"1..1\nok 1 - updates # SKIP {why}")
        return
    with screen.Screen(journey.BUILD) as display, shop.open() as world:
        world.screen = display
        world.format = world.counterfoil("health", "--json", "--format")[0]
        machine = Machine(world, "Till 1")
        world.sync_after = lambda m: screen.until(
            lambda: world.counterfoil("sync", "status", "--json", "--dir", m.till)[0]["equal"], "all to be sent")
        try:
            journey.run([a_machine_tells_what_it_is, a_bundle_is_given_in_pieces_to_terminals_alone,
                         it_is_fetched_through_kills_and_cuts_and_installed_while_the_shop_sells,
                         it_waits_for_the_close_of_the_day_and_the_end_of_the_sale, no_sale_begins_while_it_goes_down,
                         the_new_system_is_activated_once_it_is_healthy_and_every_sale_is_there,
                         what_does_not_suit_is_told_to_nobody, what_was_altered_at_the_centre_is_never_installed,
                         what_cannot_be_installed_stops_its_roll_out_and_is_told, a_new_system_that_goes_back_keeps_every_sale,
                         the_shop_sells_on_after_a_restart_of_the_sync,
                         what_lies_at_the_machine_of_an_update_that_failed_goes,
                         at_a_set_hour_it_restarts_with_the_day_open], world, machine)
        finally:
            machine.kill()


main()
