#!/usr/bin/env python3
"""A till's folder of several users, as the packages install it: the till sells, the sync sends, and nobody else reads."""
import json
import os
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

GROUP, TILL, SYNC, STRANGER = 64230, 64231, 64232, 64233  # of nobody: they need no entry in /etc/passwd


def run(user, group, *words, stdin=None):
    return subprocess.run(["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *words], input=stdin,
                          capture_output=True, text=True, timeout=120, check=False)


def counterfoil(user, *words, stdin=None):
    """The last JSON line of a call that has to succeed."""
    done = run(user, GROUP, os.path.join(os.environ["CF_TEST_BIN"], "counterfoil"), *words, stdin=stdin)
    assert done.returncode == 0, (words[0], done.stdout, done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def sell(till):
    return counterfoil(TILL, "sell", "--json", "--dir", till, stdin="scan 9520000010072\ntender cash due\n")["sold"]


def shared_till(world, name, mode):
    """A folder for the tills of this group, with a till in it that the till's user enrolled."""
    box = os.path.join(world.folder, name)
    os.mkdir(box)
    os.chown(box, TILL, GROUP)
    os.chmod(box, mode)
    till = os.path.join(box, "till")
    os.mkdir(till)
    os.chown(till, TILL, GROUP)
    os.chmod(till, mode)
    made = world.api("POST", "/v1/terminals", {"store": world.store, "label": name})
    counterfoil(TILL, "enrol", "--json", "--dir", till, "--centre", f"{world.centre_host()}:{world.api_port}",
                made["enrol_code"])
    return till


def is_public(path):
    """Certificates and the till's own number: what it shows to everybody whom it talks to."""
    return os.path.basename(path) == "identity.cbor" or path.endswith(".pem") and "key" not in path


def private_files_below(folder):
    return [path for top, _, names in os.walk(folder) for path in (os.path.join(top, name) for name in names)
            if not is_public(path)]


def till_and_sync_are_users_of_their_own(world):
    till = shared_till(world, "Shared", 0o2770)
    sync = os.path.join(os.environ["CF_TEST_BIN"], "counterfoil-sync")
    for round_number in range(3):
        # The sync goes first in the first round: it makes the replica, and the till must be able to read it.
        done = run(SYNC, GROUP, sync, "--dir", till, "--once")
        assert done.returncode == 0, done.stderr
        assert sell(till)["sale_no"] == round_number + 1
    done = run(SYNC, GROUP, sync, "--dir", till, "--once")
    assert done.returncode == 0, done.stderr
    status = counterfoil(TILL, "sync", "status", "--json", "--dir", till)
    assert status["acknowledged"] == status["recorded"], status
    counterfoil(TILL, "journal", "verify", "--json", "--dir", till)
    world.quiet()


def nobody_else_reads_a_file_of_a_till(world):
    for name, mode in (("Stranger", 0o2770), ("Alone", 0o700)):
        till = shared_till(world, name, mode)
        counterfoil(TILL, "sync", "now", "--json", "--dir", till)
        sell(till)
        files = private_files_below(os.path.dirname(till))
        assert len(files) >= 5, files
        for path in files:
            bits = stat.S_IMODE(os.stat(path).st_mode)
            assert bits & (0o007 if mode == 0o2770 else 0o077) == 0, (path, oct(bits))
        # The folder is opened by its owner's mistake: its files still are not.
        os.chmod(till, 0o755)
        os.chmod(os.path.dirname(till), 0o755)
        for path in files:
            assert run(STRANGER, STRANGER, "cat", path).returncode != 0, path


def somebody_else_can_be_played_here():
    raise journey.Skip("only root may be other users, by setpriv")


def main():
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        journey.run([somebody_else_can_be_played_here])
    with shop.open(netns=False) as world:
        # Other users must reach the folder, which may stand in one of the test runner's, and the programs, wherever
        # this was built.
        for path in (world.folder, os.path.dirname(world.folder)):
            os.chmod(path, os.stat(path).st_mode | 0o011)
        programs = os.path.join(world.folder, "bin")
        os.mkdir(programs)
        for name in ("counterfoil", "counterfoil-sync"):
            shutil.copy(os.path.join(journey.BIN, name), programs)
        os.chmod(programs, 0o755)
        os.environ["CF_TEST_BIN"] = programs
        journey.run([till_and_sync_are_users_of_their_own, nobody_else_reads_a_file_of_a_till], world)


if __name__ == "__main__":
    main()
