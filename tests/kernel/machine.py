"""A machine that is emulated by software alone, with Debian's own kernel and the host's files as its root, read only.

Nothing of the host is changed: the packages of kernel and udev are downloaded and unpacked in the build folder, never
installed. What runs in it is named by a plan (init.c). Its clock runs by the instructions that it executes, so that a busy
host makes a test slow and not wrong.
"""
import gzip
import io
import lzma
import os
import re
import shutil
import subprocess
import tarfile

TOO_SLOW = 124  # what timeout(1) ends with
FOLDERS = ("drivers/usb", "drivers/hid", "drivers/input", "drivers/virtio", "drivers/media", "drivers/char",
           "drivers/video", "drivers/block", "net/9p", "net/core", "fs", "lib", "crypto", "sound", "mm")
MODULES = ("virtio_pci", "9pnet_virtio", "9p", "configfs", "usbhid", "hid-generic", "usblp", "cdc-acm", "evdev", "uinput",
           "vhci-hcd", "dummy_hcd", "usb_f_hid", "usb_f_printer", "usb_f_acm", "vivid")
ARGUMENTS = {
    "dummy_hcd": "num=3",
    # A webcam, and one that shows what is written to its own output.
    "vivid": "n_devs=2 node_types=0x1,0x101 num_inputs=1,1 input_types=0,3 num_outputs=1,1 output_types=1,1 no_error_inj=1",
}


class Missing(Exception):
    """What this machine needs is not here, and cannot be fetched."""


def ask(*words, **more):
    try:
        return subprocess.run(words, check=True, capture_output=True, timeout=300, **more).stdout
    except (OSError, subprocess.SubprocessError) as failure:
        raise Missing(f"{words[0]}: {failure}") from failure


def package(name, folder):
    """The package as a file, by apt's own client."""
    for entry in os.listdir(folder):
        if entry.startswith(f"{name}_") and entry.endswith(".deb"):
            return os.path.join(folder, entry)
    ask("apt-get", "download", name, cwd=folder)
    return package(name, folder)


def kernel_package():
    found = re.search(rb"Depends: (linux-image-[0-9][^\s]*-amd64)", ask("apt-cache", "depends", "linux-image-amd64"))
    if not found:
        raise Missing("apt knows of no linux-image-amd64")
    return found[1].decode()


def members(deb):
    process = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
        yield from ((entry, tar) for entry in tar if entry.isfile())
    process.stdout.close()
    process.wait()


def name_of(path):
    return os.path.basename(path)[:-len(".ko")].replace("-", "_")


def in_order(wanted, modules):
    """Each after what it needs."""
    order = []

    def add(name):
        if name in order or name not in modules:
            return
        needs = re.search(rb"\0depends=([^\0]*)\0", modules[name])
        for other in needs[1].decode().split(",") if needs else ():
            add(other.replace("-", "_"))
        order.append(name)

    for name in wanted:
        add(name.replace("-", "_"))
    return order


def unpack(folder):
    """vmlinux, modules in the order of their names, and udevadm, once."""
    done = os.path.join(folder, "done")
    if os.path.exists(done):
        with open(done, encoding="ascii") as file:
            if file.read() == " ".join(MODULES):
                return
    kernel, modules = None, {}
    for entry, tar in members(package(kernel_package(), folder)):
        inside = entry.name.split("/kernel/", 1)[-1]
        if entry.name.startswith("./boot/vmlinuz"):
            kernel = tar.extractfile(entry).read()
        elif entry.name.endswith(".ko") and inside.startswith(FOLDERS):
            modules[name_of(entry.name)] = tar.extractfile(entry).read()
    if kernel is None:
        raise Missing("no kernel is in its package")
    plain = lzma.LZMADecompressor().decompress(kernel[kernel.index(b"\xfd7zXZ\0"):])
    with open(os.path.join(folder, "vmlinux"), "wb") as file:
        file.write(plain)
    shutil.rmtree(os.path.join(folder, "modules"), ignore_errors=True)
    os.mkdir(os.path.join(folder, "modules"))
    for at, name in enumerate(in_order(MODULES, modules)):
        with open(os.path.join(folder, "modules", f"{at:02}-{name}.ko"), "wb") as file:
            file.write(modules[name])
    for entry, tar in members(package("udev", folder)):
        if entry.name.endswith("/bin/udevadm"):
            with open(os.path.join(folder, "udevadm"), "wb") as file:
                file.write(tar.extractfile(entry).read())
            os.chmod(os.path.join(folder, "udevadm"), 0o755)
    with open(done, "w", encoding="ascii") as file:
        file.write(" ".join(MODULES))


def archive(files):
    """An initramfs: cpio's "new" format (Documentation/driver-api/early-userspace/buffer-format.rst of Linux)."""
    out = io.BytesIO()
    folders = sorted({os.path.dirname(path) for path in files} - {""}) + ["host"]
    entries = [(path, 0o040755, b"") for path in folders] + [(path, 0o100755, data) for path, data in files.items()]
    for at, (path, mode, data) in enumerate(entries + [("TRAILER!!!", 0, b"")]):
        name = path.encode() + b"\0"
        fields = (at + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        out.write(b"070701" + b"".join(b"%08x" % field for field in fields) + name)
        out.write(b"\0" * (-out.tell() % 4) + data)
        out.write(b"\0" * (-out.tell() % 4))
    return gzip.compress(out.getvalue(), 1)


def initramfs(folder, init, plan):
    files, names = {}, []
    for entry in sorted(os.listdir(os.path.join(folder, "modules"))):
        with open(os.path.join(folder, "modules", entry), "rb") as file:
            files[f"m/{entry}"] = file.read()
        names.append(f"/m/{entry} {ARGUMENTS.get(entry[3:-3], '')}".strip())
    with open(init, "rb") as file:
        files["init"] = file.read()
    files["modules"] = "".join(f"{name}\n" for name in names).encode()
    files["plan"] = "".join(f"{line}\n" for line in [os.path.join(folder, "udevadm"), *plan]).encode()
    return archive(files)


def run(folder, init, plan, seconds):
    """Boots, runs the plan and gives the lines that came over its serial port as they come."""
    os.makedirs(folder, exist_ok=True)
    if not shutil.which("qemu-system-x86_64"):
        raise Missing("qemu-system-x86 is not installed")
    unpack(folder)
    image = os.path.join(folder, f"initramfs-{os.getpid()}")
    with open(image, "wb") as file:
        file.write(initramfs(folder, init, plan))
    words = ["timeout", "-k", "10", str(seconds), "qemu-system-x86_64", "-accel", "tcg", "-icount", "shift=3,sleep=on",
             "-cpu", "max,la57=off", "-smp", "1", "-m", "768", "-machine", "q35", "-nodefaults", "-nographic", "-no-reboot",
             "-serial", "stdio", "-kernel", os.path.join(folder, "vmlinux"), "-initrd", image,
             "-append", "console=ttyS0 quiet panic=-1 mitigations=off nokaslr tsc=reliable random.trust_cpu=on",
             "-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap",
             "-device", "virtio-9p-pci,fsdev=root,mount_tag=host"]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for line in process.stdout:
            yield line.decode("utf-8", "replace").rstrip("\r\n")
        if process.wait() == TOO_SLOW:
            yield "# the machine is stopped: it took too long"
    finally:
        process.stdout.close()
        process.wait()
        os.unlink(image)
