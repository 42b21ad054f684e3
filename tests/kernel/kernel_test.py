#!/usr/bin/env python3
# build: release
"""The devices on a real kernel: the test bodies of tests/usb with devices at vhci_hcd, keyboards of
uinput, the kernel's own gadgets, and vivid as a camera, in one boot of Debian's kernel in QEMU, without KVM."""
import os
import re
import sys

import machine

BUILD = os.environ["CF_BUILD"]
CLIP = "/run/clip.y4m"
SECONDS = 600  # of a machine that is shared: what is not done by then is not seen, which is no failure of what is tested


def programs():
    """With the command of devices first: what cameras there are, and a clip of one."""
    kernel = os.path.join(BUILD, "kernel")
    devices = os.path.join(BUILD, "bin", "counterfoil") + " devices --json"
    command = [f"{devices} list", f"{devices} --camera /dev/video0 --seconds 1 record {CLIP}"]
    return command + [os.path.join(kernel, name) for name in ("kernel_keyboard", "kernel_gadget", "kernel_camera",
                                                              "kernel_usb", "kernel_printer")]


def main():
    n, failed, begun, ended, stopped, cameras = 0, False, None, False, False, 0
    seen = []
    try:
        for line in machine.run(os.path.join(BUILD, "kernel", "machine"), os.path.join(BUILD, "kernel", "kernel_init"),
                                programs(), SECONDS):
            seen.append(line)
            if os.environ.get("CF_KERNEL_LOG"):
                print(f"# {line}", file=sys.stderr)
            if found := re.search(r"# begin (\S+)", line):
                begun = os.path.basename(found[1])
            elif line.startswith("# end ") and not line.endswith(" 0"):
                print(f"# {line}")
                failed = True
            elif line.startswith("# the machine ends"):
                ended = True
            elif line.startswith("# the machine is stopped"):
                stopped = True
            elif found := re.match(r"(ok|not ok) \d+ (- |# SKIP )(.*)", line):
                n += 1
                if "SKIP" in found[2]:  # of which cmocka says "not ok"
                    print(f"ok {n} - {begun}: {found[3]} # SKIP it is only played", flush=True)
                else:
                    print(f"{found[1]} {n} - {begun}: {found[3]}", flush=True)
                    failed = failed or found[1] != "ok"
            elif line.startswith("#"):
                print(line)
            cameras += line.startswith("{") and '"vivid"' in line
    except machine.Missing as missing:
        print(f"1..1\nok 1 - devices on a real kernel # SKIP {missing}")
        return 0
    if ended:
        n += 1
        failed = failed or cameras != 2
        print(f"{'ok' if cameras == 2 else 'not ok'} {n} - counterfoil devices: names both cameras")
    n += 1
    good = (ended and n > 2 or stopped) and not failed
    late = f" # SKIP it was not done within {SECONDS} s" if stopped else ""
    print(f"{'ok' if good else 'not ok'} {n} - the machine ran its whole plan{late}")
    print(f"1..{n}")
    if not good:
        print("\n".join(f"# {line}" for line in seen[-40:]))
    return 0 if good else 1


sys.exit(main())
