#!/usr/bin/env python3
"""The Debian packages: made twice from one build they are the same bytes, and what they install holds together.

That they install on a bare Debian is `./dev image-test`'s to show; here they are made and looked into. build: release
"""
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["CF_SOURCE"], "tests/journey"))
import journey  # noqa: E402

BUILD = os.environ["CF_BUILD"]
NAMES = ["counterfoil", "counterfoil-till", "counterfoil-sync", "counterfoil-central"]
EXPOSURE_MAX = 2.0  # of systemd-analyze security: "OK"; a service without sandbox has 9.6
EPOCH = "1700000000"
OTHERS = re.compile(r"Unit (?!counterfoil)\S+ not found|Command /usr/bin/weston is not executable")


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def make(folder):
    """Makes the packages in a folder of their own, each renamed to its name alone."""
    run("cpack", "-G", "DEB", "-B", folder, cwd=BUILD, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH})
    for name in os.listdir(folder):
        if name.endswith(".deb"):
            package = run("dpkg-deb", "-f", os.path.join(folder, name), "Package").strip()
            os.rename(os.path.join(folder, name), os.path.join(folder, f"{package}.deb"))


def the_same_build_gives_the_same_bytes(work):
    for folder in ("again", "first"):
        make(os.path.join(work, folder))
    for name in NAMES:
        one, other = (os.path.join(work, folder, f"{name}.deb") for folder in ("again", "first"))
        assert filecmp.cmp(one, other, shallow=False), name


def installed(work):
    root = os.path.join(work, "root")
    if not os.path.exists(root):
        os.mkdir(root)
        for name in NAMES:
            run("dpkg-deb", "-x", os.path.join(work, "first", f"{name}.deb"), root)
    return root


def every_program_has_its_page_and_runs(work):
    root = installed(work)
    for name in NAMES:
        program = os.path.join(root, "usr/bin", name)
        usage = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
        assert usage.returncode == 0 and name in usage.stdout, (name, usage)
        pages = [page for section in ("man1", "man8") for page in os.listdir(os.path.join(root, "usr/share/man", section))
                 if re.fullmatch(rf"{name}\.[18]\.gz", page)]
        assert len(pages) == 1, (name, pages)


def what_systemd_would_say(root, unit):
    """Its complaints about a unit, without those about what other packages install; it names whichever it misses first."""
    said = subprocess.run(["systemd-analyze", "verify", f"--root={root}", "--man=no", unit], capture_output=True,
                          text=True, check=False).stderr
    return [line for line in said.splitlines() if not OTHERS.search(line)]


def systemd_understands_every_unit_and_finds_it_shut(work):
    root = installed(work)
    folder = os.path.join(root, "usr/lib/systemd/system")
    units = sorted(os.listdir(folder))
    assert len(units) == 4, units
    for unit in units:
        path = os.path.join(folder, unit)
        complaints = what_systemd_would_say(root, path)
        assert not complaints, (unit, complaints)
        said = run("systemd-analyze", "security", "--offline=true", path)
        exposure = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", said).group(1))
        assert exposure <= EXPOSURE_MAX, (unit, exposure)


def a_complaint_of_systemd_would_be_seen(work):
    """The test above can fail: a unit with a mistake in it, and one that is open."""
    root = os.path.join(work, "wrong")
    shutil.copytree(installed(work), root)
    path = os.path.join(root, "usr/lib/systemd/system/counterfoil-wrong.service")
    with open(path, "w", encoding="ascii") as file:
        file.write("[Service]\nExecStart=/usr/bin/counterfoil-sync\nRestrt=always\n")
    assert any("Restrt" in line for line in what_systemd_would_say(root, path))
    said = run("systemd-analyze", "security", "--offline=true", path)
    assert float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", said).group(1)) > 2 * EXPOSURE_MAX


def users_and_folders_are_made_as_the_programs_expect_them(work):
    """In a root of their own: the folder of the till is shared, and by its group alone."""
    root = installed(work)
    for name in ("etc", "var/lib"):
        os.makedirs(os.path.join(root, name), exist_ok=True)
    run("systemd-sysusers", f"--root={root}", "counterfoil.conf", "counterfoil-central.conf")
    with open(os.path.join(root, "etc/passwd"), encoding="ascii") as file:
        users = {line.split(":")[0]: line.split(":") for line in file}
    assert users["counterfoil-till"][2] != users["counterfoil-sync"][2], users
    assert users["counterfoil-till"][3] == users["counterfoil-sync"][3], users
    assert "counterfoil-central" in users, users
    run("systemd-tmpfiles", "--create", f"--root={root}", "counterfoil.conf")
    about = os.stat(os.path.join(root, "var/lib/counterfoil/till"))
    assert about.st_mode & 0o7777 == 0o2770, oct(about.st_mode)
    assert str(about.st_gid) == users["counterfoil-till"][3], about


def they_can_be_made_here(_):
    missing = [name for name in ("cpack", "dpkg-shlibdeps", "systemd-analyze", "systemd-sysusers")
               if shutil.which(name) is None]
    if missing or os.geteuid() != 0 or not os.path.exists(os.path.join(BUILD, "bin/counterfoil-till")):
        raise journey.Skip(f"it needs root, the windows, and {' '.join(missing) or 'nothing more'}")


def main():
    steps = [the_same_build_gives_the_same_bytes, every_program_has_its_page_and_runs,
             systemd_understands_every_unit_and_finds_it_shut, a_complaint_of_systemd_would_be_seen,
             users_and_folders_are_made_as_the_programs_expect_them]
    with tempfile.TemporaryDirectory(prefix="cf-packages-") as work:
        try:
            they_can_be_made_here(work)
        except journey.Skip:
            steps = [they_can_be_made_here]
        journey.run(steps, work)


if __name__ == "__main__":
    main()
