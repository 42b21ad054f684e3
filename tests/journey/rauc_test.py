#!/usr/bin/env python3
"""RAUC itself installs what the centre announced: its own service on a bus of the test's, two slots that are files, and
`counterfoil-boot` as its boot loader. What it did not sign is refused by it, whatever the centre says."""
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

HARDWARE = "counter-x86"
SIZE = 2 << 20


class Rauc:
    """Its service, and what it signs with."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(self.path("mnt"))
        for name in ("vendor", "stranger"):
            self.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                     self.path(name + ".key"), "-out", self.path(name + ".pem"), "-subj", "/CN=" + name, "-days", "30")
        for slot in "ab":
            with open(self.path("slot-" + slot), "wb") as file:
                file.truncate(SIZE)
        boot = os.path.join(journey.BIN, "counterfoil-boot")
        self.boot = [boot, "--env", self.path("grubenv")]
        self.run(*self.boot, "create")
        self.write("backend", f'#!/bin/sh\nexec {boot} --env {self.path("grubenv")} "$@"\n', 0o755)
        self.write("system.conf", f"""[system]
compatible={HARDWARE}
bootloader=custom
mountprefix={self.path("mnt")}
activate-installed=false
[keyring]
path={self.path("vendor.pem")}
[handlers]
bootloader-custom-backend={self.path("backend")}
[slot.rootfs.0]
device={self.path("slot-a")}
type=raw
bootname=A
[slot.rootfs.1]
device={self.path("slot-b")}
type=raw
bootname=B
""")
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True)
        self.environment = dict(os.environ, DBUS_SESSION_BUS_ADDRESS=self.bus.stdout.readline().strip(),
                                DBUS_STARTER_BUS_TYPE="session")
        self.service = subprocess.Popen(["rauc", "--conf", self.path("system.conf"), "--override-boot-slot=A", "service"],
                                        env=self.environment, stdout=subprocess.DEVNULL,
                                        stderr=open(self.path("service.log"), "ab"))
        journey.until(lambda: subprocess.run(["rauc", "status"], env=self.environment, capture_output=True, check=False).returncode == 0,
              "RAUC's service")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    @staticmethod
    def run(*words):
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def bundle(self, version, signer="vendor"):
        content = random.Random(version).randbytes(SIZE)
        inside = self.path("in-" + version)
        os.makedirs(inside)
        with open(os.path.join(inside, "rootfs.img"), "wb") as file:
            file.write(content)
        with open(os.path.join(inside, "manifest.raucm"), "w", encoding="ascii") as file:
            file.write(f"[update]\ncompatible={HARDWARE}\nversion={version}\n[bundle]\nformat=plain\n"
                       "[image.rootfs]\nfilename=rootfs.img\n")
        path = self.path(f"{version}.raucb")
        self.run("rauc", "--cert", self.path(signer + ".pem"), "--key", self.path(signer + ".key"), "bundle",
                 "--keyring=" + self.path(signer + ".pem"), inside, path)
        return path, content

    def slot(self, name):
        with open(self.path("slot-" + name), "rb") as file:
            return file.read()

    def close(self):
        for process in (self.service, self.bus):
            process.terminate()
            process.wait()


def start(world):
    root = os.path.join(world.folder, "root")
    os.makedirs(os.path.join(root, "etc"), exist_ok=True)
    with open(os.path.join(root, "etc", "os-release"), "w", encoding="ascii") as file:
        file.write(f"IMAGE_ID={HARDWARE}\nIMAGE_VERSION=1.0\n")
    world.sync_process = subprocess.Popen(
        world.at_store([os.path.join(journey.BIN, "counterfoil-sync"), "--dir", world.lane, "--every", "1", "--root", root,
                        "--restart", "/bin/true"]), env=world.rauc.environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)


def said(world):
    return world.api("GET", "/v1/machines")["machines"][0]


def roll_out(world, version, signer="vendor"):
    path, content = world.rauc.bundle(version, signer)
    format = world.counterfoil("health", "--format", "--json")[0]
    release = json.loads(subprocess.run(
        [os.path.join(journey.BIN, "counterfoil-central"), "release", world.centre, "add", path, "--version", version,
         "--hardware", HARDWARE, "--schema", str(format["schema"]), "--readable-from", str(format["readable_from"])],
        check=True, capture_output=True, text=True).stdout)["release"]
    journey.until(lambda: said(world).get("version"), "a first report")
    world.api("POST", "/v1/rollouts", {"release": release})
    return content


def what_rauc_did_not_sign_it_refuses_and_the_shop_sells_on(world):
    before = world.rauc.slot("b")
    roll_out(world, "1.1", "stranger")
    journey.until(lambda: said(world).get("update") == "failed", "the failure")
    assert said(world)["update_error"] == "UPDATE_INSTALL"
    assert world.rauc.slot("b") == before
    world.sell(world.lane, ["scan " + shop.GOODS[0][0], "tender cash due"])


def what_it_signed_is_in_the_other_slot_and_starts_after_the_close_alone(world):
    running = hashlib.sha256(world.rauc.slot("a")).digest()
    content = roll_out(world, "1.2")
    journey.until(lambda: said(world).get("update") == "installed", f"the installation: {said(world)}")
    assert world.rauc.slot("b") == content
    assert hashlib.sha256(world.rauc.slot("a")).digest() == running, "the slot that runs was touched"
    assert world.rauc.run(*world.rauc.boot, "get-primary").strip() == "A", "it was activated before its hour"
    world.counterfoil("report", "z", "--json", "--dir", world.lane)
    journey.until(lambda: world.rauc.run(*world.rauc.boot, "get-primary").strip() == "B", "the other slot to be next")


def main():
    missing = [name for name in ("rauc", "mksquashfs", "dbus-daemon") if not shutil.which(name)]
    if missing or not os.path.exists(os.path.join(journey.BIN, "counterfoil-boot")):
        print(f"1..1\nok 1 - RAUC # SKIP {' '.join(missing) or 'counterfoil-boot'} is not here")
        return
    if os.geteuid() != 0 or subprocess.run(["losetup", "-f"], capture_output=True, check=False).returncode:
        print("1..1\nok 1 - RAUC # SKIP it mounts its bundle, and there is no loop device here")
        return
    with shop.open() as world:
        world.lane = world.till("Till 1")
        world.rauc = Rauc(os.path.join(world.folder, "rauc"))
        try:
            start(world)
            journey.run([what_rauc_did_not_sign_it_refuses_and_the_shop_sells_on,
                         what_it_signed_is_in_the_other_slot_and_starts_after_the_close_alone], world)
        finally:
            world.sync_process.kill()
            world.sync_process.wait()
            world.rauc.close()


main()
