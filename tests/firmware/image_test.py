#!/usr/bin/env python3
# build: release
"""The parts of `./dev image` that need no machine: which drivers it picks, its list of parts, its packet filter, its updates.

What the image does when it runs is `./dev image-test`'s.
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["CF_SOURCE"], "tests/journey"))
import journey  # noqa: E402

IMAGE = os.path.join(journey.SOURCE, "firmware/image")


def run(name, *words, **more):
    return subprocess.run([os.path.join(IMAGE, name), *words], capture_output=True, text=True, check=False, **more)


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def drivers_come_with_what_they_need_and_after_it(work):
    source = os.path.join(work, "modules", "6.1")
    for name in ("dm-mod", "dm-verity", "soft", "other", "ext4"):
        put(os.path.join(source, f"kernel/{name}.ko"), name)
    put(os.path.join(source, "modules.dep"), "kernel/dm-verity.ko: kernel/dm-mod.ko\nkernel/dm-mod.ko:\nkernel/soft.ko:\n"
                                             "kernel/other.ko:\nkernel/ext4.ko:\n")
    put(os.path.join(source, "modules.softdep"), "# Soft dependencies\nsoftdep ext4 pre: soft\n")
    put(os.path.join(source, "modules.builtin"), "kernel/fs/tmpfs.ko\n")
    for name in ("modules.order", "modules.builtin.modinfo"):
        put(os.path.join(source, name), "")
    listed = os.path.join(work, "list")
    put(listed, "# all\n[start]\ndm_verity # by another name\ntmpfs\next4\n[root]\nother\n")
    to = os.path.join(work, "to")
    done = run("modules.py", source, listed, "start", to)
    assert done.stdout.split() == [f"kernel/{name}.ko" for name in ("dm-mod", "dm-verity", "soft", "ext4")], done
    assert sorted(os.listdir(os.path.join(to, "lib/modules/6.1/kernel"))) == ["dm-mod.ko", "dm-verity.ko", "ext4.ko", "soft.ko"]
    put(listed, "[start]\nno_such_driver\n")
    done = run("modules.py", source, listed, "start", to)
    assert done.returncode != 0 and "no_such_driver" in done.stderr, done


def nothing_that_is_plugged_in_can_be_mounted(_):
    with open(os.path.join(IMAGE, "modules.txt"), encoding="ascii") as file:
        names = {line.split("#")[0].strip() for line in file}
    assert {"dm_verity", "dm_crypt", "ext4", "usbhid", "i6300esb"} <= names
    wrong = names & {"usb_storage", "uas", "ums_realtek", "ntfs3", "exfat", "hfsplus", "btrfs", "xfs", "f2fs", "udf", "isofs",
                     "thunderbolt", "firewire_ohci", "firewire_sbp2"}
    assert not wrong, wrong


def the_list_of_parts_names_each_with_its_bytes_and_is_the_same_twice(work):
    deb = os.path.join(work, "a.deb")
    put(deb, "debian")
    listing = os.path.join(work, "root.packages")
    put(listing, f"counterfoil\t0.1.0\tamd64\t{deb}\nzlib1g\t1:1.2.13\tamd64\t/nowhere/z.deb\n")
    first, again = (run("make-sbom", listing, "name", "0.1.0.5", "1700000000", deb).stdout for _ in range(2))
    assert first == again
    document = json.loads(first)
    assert document["spdxVersion"] == "SPDX-2.3" and document["creationInfo"]["created"] == "2023-11-14T22:13:20Z"
    ours, theirs = document["packages"]
    assert ours["checksums"][0]["checksumValue"] == hashlib.sha256(b"debian").hexdigest()
    assert theirs["externalRefs"][0]["referenceLocator"] == "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64", theirs
    names = {entry["SPDXID"] for entry in document["packages"] + document["files"]}
    for relation in document["relationships"]:
        assert relation["relatedSpdxElement"] in names, relation
    put(deb, "other bytes")
    assert run("make-sbom", listing, "name", "0.1.0.5", "1700000000", deb).stdout != first


def the_packet_filter_is_understood(_):
    if not shutil.which("nft") or os.geteuid() != 0:
        raise journey.Skip("it needs root and nft")
    done = subprocess.run(["nft", "--check", "--file", os.path.join(IMAGE, "root/etc/nftables.conf")], capture_output=True,
                          text=True, check=False)
    if "Operation not supported" in done.stderr or "not permitted" in done.stderr:
        raise journey.Skip("this kernel has no nftables")
    assert done.returncode == 0, done.stderr


def users_of_the_image_are_those_of_the_packages_by_fixed_numbers(_):
    def users(path):
        with open(path, encoding="ascii") as file:
            return dict(re.findall(r"^u\s+(\S+)\s+(\S+)", file.read(), re.M))
    packaged = users(os.path.join(journey.SOURCE, "firmware/packages/counterfoil.sysusers"))
    fixed = users(os.path.join(IMAGE, "root/etc/sysusers.d/counterfoil.conf"))
    assert set(packaged) <= set(fixed)
    numbers = [number.split(":")[0] for number in fixed.values()]
    assert all(number.isdigit() for number in numbers) and len(set(numbers)) == len(numbers), fixed
    with open(os.path.join(IMAGE, "root/etc/nftables.conf"), encoding="ascii") as file:
        assert set(re.findall(r"skuid (\d+)", file.read())) == {fixed["counterfoil-till"].split(":")[0]}


def an_update_is_signed_and_a_strangers_is_not_ours(work):
    missing = [name for name in ("rauc", "mksquashfs", "openssl") if not shutil.which(name)]
    if missing:
        raise journey.Skip(f"it needs {' '.join(missing)}")
    keys, slot = os.path.join(work, "keys"), os.path.join(work, "slot")
    assert run("make-keys", keys).returncode == 0
    for ending in ("root", "boot"):
        put(f"{slot}.{ending}", ending * 4096)
    for key, good in (("sign", True), ("other", False)):
        bundle = os.path.join(work, f"{key}.raucb")
        done = run("make-bundle", slot, "0.1.0.5", f"{keys}/{key}.key", f"{keys}/{key}.pem", bundle)
        assert done.returncode == 0, done
        said = subprocess.run(["rauc", f"--conf={IMAGE}/root/etc/rauc/system.conf", f"--keyring={keys}/ca.pem", "info", "--output-format=json", bundle],
                              capture_output=True, text=True, check=False)
        assert (said.returncode == 0) == good, (key, said)
        if good:
            about = json.loads(said.stdout)
            assert (about["compatible"], about["version"]) == ("counterfoil-x86-64", "0.1.0.5"), about


def main():
    with tempfile.TemporaryDirectory(prefix="cf-image-") as work:
        journey.run([drivers_come_with_what_they_need_and_after_it, nothing_that_is_plugged_in_can_be_mounted,
                     the_list_of_parts_names_each_with_its_bytes_and_is_the_same_twice, the_packet_filter_is_understood,
                     users_of_the_image_are_those_of_the_packages_by_fixed_numbers,
                     an_update_is_signed_and_a_strangers_is_not_ours], work)


if __name__ == "__main__":
    main()
