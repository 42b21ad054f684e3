"""A machine emulated by QEMU that starts the disk of `./dev image`: its screens, its keyboard, its plug, and (over the second
serial port, by tests/image/agent in the initramfs of the machine under test) a shell.

QEMU runs by software alone: /dev/kvm may open here and be of no use. All waiting ends by what the machine does; limits
are there for a machine that never does it, and wide, since others use the processors of this one too.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import time
import zlib

CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd"
PATIENCE_S = 900
CPU = "qemu64,+ssse3,+sse4.1,+sse4.2,+aes,+pclmulqdq,+popcnt,+rdrand"


class Stuck(Exception):
    """The machine did not do what was waited for."""


class Machine:
    def __init__(self, folder, disk, name="machine", more=()):
        self.folder, self.disk, self.name, self.more = folder, disk, name, list(more)
        self.process = self.shell = self.qmp = None
        self.log = os.path.join(folder, f"{name}.log")

    def path(self, ending):
        return os.path.join(self.folder, f"{self.name}.{ending}")

    def plug_in(self):
        variables = self.path("vars")
        if not os.path.exists(variables):
            shutil.copy(VARIABLES, variables)
        for ending in ("shell", "qmp"):
            if os.path.exists(self.path(ending)):
                os.unlink(self.path(ending))
        words = ["nice", "-n", "5", "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg,thread=multi,tb-size=512", "-cpu",
                 CPU, "-smp", "1", "-m", "768", "-uuid", "43460001-0000-4000-8000-00000000abcd", "-display", "none", "-vga", "none",
                 "-device", "virtio-gpu-pci,id=gpu,max_outputs=2,xres=1280,yres=800",
                 "-nic", "user,model=virtio-net-pci", "-device", "virtio-rng-pci",
                 "-device", "qemu-xhci", "-device", "usb-kbd", "-device", "i6300esb", "-action", "watchdog=reset",
                 "-serial", f"file:{self.log}", "-serial", f"unix:{self.path('shell')},server,nowait",
                 "-qmp", f"unix:{self.path('qmp')},server,nowait",
                 "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={CODE}",
                 "-drive", f"if=pflash,format=raw,unit=1,file={variables}",
                 "-drive", f"file={self.disk},if=none,id=disk,format=raw,cache=writeback,discard=unmap",
                 "-device", "virtio-blk-pci,drive=disk,bootindex=0", *self.more]
        with open(self.path("out"), "ab") as out:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.qmp = self.connect("qmp").makefile("rw")
        self.qmp.readline()
        self.ask("qmp_capabilities")
        self.shell = self.connect("shell")
        self.shell.settimeout(1)
        return self

    def connect(self, ending):
        until = time.monotonic() + 60
        while True:
            try:
                link = socket.socket(socket.AF_UNIX)
                link.connect(self.path(ending))
                return link
            except OSError:
                link.close()
                if time.monotonic() > until or self.process.poll() is not None:
                    with open(self.path("out"), encoding="utf-8", errors="replace") as said:
                        raise Stuck(f"QEMU does not run: {said.read()[-500:]}") from None
                time.sleep(0.2)

    def pull_the_plug(self):
        """No farewell, as a power cut."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for link in (self.shell, self.qmp):
            if link:
                link.close()

    def __enter__(self):
        return self.plug_in()

    def __exit__(self, *_):
        self.pull_the_plug()

    def ask(self, what, **arguments):
        self.qmp.write(json.dumps({"execute": what, "arguments": arguments}) + "\n")
        self.qmp.flush()
        while True:
            answer = json.loads(self.qmp.readline())
            if "error" in answer:
                raise Stuck(f"{what}: {answer['error']}")
            if "return" in answer:
                return answer["return"]

    def keys(self, *names):
        """Pressed together."""
        self.ask("send-key", keys=[{"type": "qcode", "data": name} for name in names])

    def picture(self, screen, path):
        self.ask("screendump", filename=path, device="gpu", head=screen, format="png")
        return path

    # --- inside ---

    def run(self, command, limit_s=PATIENCE_S):
        """(status, output) of a line of the shell; it is asked again and again while nobody answers (the machine starts)."""
        mark = f"m{time.monotonic_ns()}"
        line = f"\n{{ {command}\n}} >/run/agent/said 2>&1 </dev/null; s=$?; echo; echo {mark}''b; cat /run/agent/said; echo; echo {mark}''e$s\n"
        until = time.monotonic() + limit_s
        heard, sent = b"", 0.0
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise Stuck("QEMU ended")
            if time.monotonic() - sent > 120:
                self.shell.sendall(line.encode())
                sent = time.monotonic()
            try:
                heard += self.shell.recv(65536)
            except TimeoutError:
                continue
            text = heard.decode("utf-8", "replace").replace("\r", "")
            found = re.search(rf"^{mark}b\n(.*?)\n?{mark}e(\d+)$", text, re.M | re.S)
            if found:
                return int(found[2]), found[1].strip()
        raise Stuck(f"no answer to: {command}\n{self.tail()}")

    def says(self, command):
        status, text = self.run(command)
        if status != 0:
            raise Stuck(f"{command}: {status}: {text}")
        return text

    def wait(self, command, what, limit_s=PATIENCE_S):
        """Until the command succeeds; its output."""
        until = time.monotonic() + limit_s
        while True:
            status, text = self.run(command, max(1, until - time.monotonic()))
            if status == 0:
                return text
            if time.monotonic() > until:
                raise Stuck(f"not within {limit_s} s: {what}: {text}\n{self.tail()}")
            time.sleep(2)

    def wait_for_line(self, pattern, what, since=0, limit_s=PATIENCE_S):
        """Until a line of its first serial port matches; where that line ends."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            with open(self.log, "rb") as file:
                file.seek(since)
                found = re.search(pattern, file.read())
            if found:
                return since + found.end()
            if self.process.poll() is not None:
                raise Stuck(f"QEMU ended before: {what}")
            time.sleep(1)
        raise Stuck(f"not within {limit_s} s: {what}\n{self.tail()}")

    def heard(self):
        """How much came over the first serial port so far."""
        return os.path.getsize(self.log)

    def tail(self):
        with open(self.log, "rb") as file:
            return file.read()[-2000:].decode("utf-8", "replace")


def colours(path):
    """How many colours a PNG of 8 bits a channel has (as QEMU writes it), and its size."""
    with open(path, "rb") as file:
        data = file.read()
    at, width, height, kind, packed = 8, 0, 0, 0, b""
    while at < len(data):
        size, name = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        body = data[at + 8:at + 8 + size]
        if name == b"IHDR":
            width, height, kind = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big"), body[9]
        elif name == b"IDAT":
            packed += body
        at += 12 + size
    step = {2: 3, 6: 4}[kind]
    raw, before, seen = zlib.decompress(packed), bytearray(width * step), set()
    for row in range(height):
        start = row * (width * step + 1)
        line = bytearray(raw[start + 1:start + 1 + width * step])
        unfilter(raw[start], line, before, step)
        before = line
        if row % 4 == 0:
            seen.update(bytes(line[x:x + 3]) for x in range(0, len(line), step))
    return len(seen), (width, height)


def unfilter(kind, line, before, step):
    """PNG, section 9.2."""
    for x in range(len(line)):
        left = line[x - step] if x >= step else 0
        above, corner = before[x], before[x - step] if x >= step else 0
        if kind == 1:
            line[x] = (line[x] + left) & 255
        elif kind == 2:
            line[x] = (line[x] + above) & 255
        elif kind == 3:
            line[x] = (line[x] + (left + above) // 2) & 255
        elif kind == 4:
            guess = left + above - corner
            near = min((abs(guess - left), 0, left), (abs(guess - above), 1, above), (abs(guess - corner), 2, corner))[2]
            line[x] = (line[x] + near) & 255
