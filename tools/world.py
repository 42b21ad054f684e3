"""A centre and a store on this machine, in two network namespaces joined by one cable that can be pulled.

For the demo, `./dev run` and the journeys: real processes, real TLS. As root, the centre and the store each get a network
namespace (ip netns) joined by a veth pair, and pulling the cable takes the link down. Without the right to make
namespaces, the store reaches the centre through a relay on loopback instead, and pulling the cable ends the relay.
"""
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading

CENTRE_NAME = "centre.test"  # of the centre as the store knows it


class Refused(Exception):
    """The API or a command said no; `status` is the HTTP or exit status, `answer` the JSON it gave."""

    def __init__(self, what, status, answer):
        super().__init__(f"{what}: {status} {json.dumps(answer, ensure_ascii=False)}")
        self.status = status
        self.answer = answer

    @property
    def name(self):
        """The error's name in the registry, e.g. COUPON_SPENT."""
        return (self.answer or {}).get("error", {}).get("name")


class Relay:
    """Carries bytes from 127.0.0.1:port to 127.0.0.3:port until it is cut."""

    def __init__(self, ports):
        self.ports = ports
        self.open_sockets = set()
        self.listeners = []
        self.join()

    def join(self):
        for port in self.ports:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen(64)
            self.listeners.append(listener)
            threading.Thread(target=self.accept, args=(listener, port), daemon=True).start()

    def accept(self, listener, port):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return  # cut
            try:
                far = socket.create_connection(("127.0.0.3", port))
            except OSError:  # the centre is down: so is this call, not the relay
                near.close()
                continue
            self.open_sockets |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        for end in self.listeners + list(self.open_sockets):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        self.listeners, self.open_sockets = [], set()


class Cable:
    """Two namespaces and a veth pair: a new one joined to a new one, or to one that is there (`centre`)."""

    def __init__(self, centre=None, net="10.77.0"):
        tag = secrets.token_hex(3)
        self.made = [] if centre else [f"cf-c-{tag}"]
        self.centre, self.store, self.net = centre or self.made[0], f"cf-s-{tag}", net
        self.made.append(self.store)
        self.near, self.far = f"cfs{tag}", f"cfc{tag}"
        try:
            self.lay()
        except (subprocess.CalledProcessError, OSError):
            self.close()
            raise

    def lay(self):
        run = lambda *words: subprocess.run(["ip", *words], check=True, capture_output=True)
        for netns in self.made:
            run("netns", "add", netns)
        run("link", "add", self.near, "netns", self.store, "type", "veth", "peer", "name", self.far, "netns", self.centre)
        for netns, device, address in ((self.centre, self.far, f"{self.net}.1/24"), (self.store, self.near, f"{self.net}.2/24")):
            run("-n", netns, "link", "set", "lo", "up")
            run("-n", netns, "addr", "add", address, "dev", device)
            run("-n", netns, "link", "set", device, "up")
        # In the store the centre's name is its address at the other end of the cable.
        os.makedirs(f"/etc/netns/{self.store}", exist_ok=True)
        with open(f"/etc/netns/{self.store}/hosts", "w", encoding="ascii") as hosts:
            hosts.write(f"{self.net}.1 {CENTRE_NAME}\n127.0.0.1 localhost\n")

    def cut(self):
        subprocess.run(["ip", "-n", self.store, "link", "set", self.near, "down"], check=True)

    def join(self):
        subprocess.run(["ip", "-n", self.store, "link", "set", self.near, "up"], check=True)

    def close(self):
        for netns in reversed(self.made):
            subprocess.run(["ip", "netns", "del", netns], check=False, capture_output=True)
        shutil.rmtree(f"/etc/netns/{self.store}", ignore_errors=True)


class Lan:
    """A store's network: a namespace a lane, each on a wire of its own to the store's switch, and the switch on the cable
    to the centre. Pulling the cable leaves the lanes in reach of each other; a lane's own wire can be pulled too."""

    def __init__(self, cable, lanes):
        self.cable = cable
        self.lanes = [f"{cable.store}-{n}" for n in range(lanes)]
        try:
            self.lay()
        except (subprocess.CalledProcessError, OSError):
            self.close()
            raise

    def run(self, *words):
        subprocess.run(["ip", *words], check=True, capture_output=True)

    def address(self, lane):
        return f"10.78.{lane}.2"

    def lay(self):
        switch, tag = self.cable.store, self.cable.store[-6:]
        subprocess.run(["ip", "netns", "exec", switch, "sysctl", "-qw", "net.ipv4.ip_forward=1"], check=True, capture_output=True)
        self.run("-n", self.cable.centre, "route", "add", "10.78.0.0/16", "via", f"{self.cable.net}.2")
        for lane, netns in enumerate(self.lanes):
            near, far = f"cfl{lane}{tag}", f"cfw{lane}{tag}"
            self.run("netns", "add", netns)
            self.run("link", "add", near, "netns", netns, "type", "veth", "peer", "name", far, "netns", switch)
            self.run("-n", netns, "link", "set", "lo", "up")
            self.run("-n", netns, "addr", "add", f"{self.address(lane)}/24", "dev", near)
            self.run("-n", switch, "addr", "add", f"10.78.{lane}.1/24", "dev", far)
            self.run("-n", netns, "link", "set", near, "up")
            self.run("-n", switch, "link", "set", far, "up")
            self.run("-n", netns, "route", "add", "default", "via", f"10.78.{lane}.1")
            os.makedirs(f"/etc/netns/{netns}", exist_ok=True)
            shutil.copy(f"/etc/netns/{switch}/hosts", f"/etc/netns/{netns}/hosts")

    def unplug(self, lane):
        self.run("-n", self.cable.store, "link", "set", f"cfw{lane}{self.cable.store[-6:]}", "down")

    def plug(self, lane):
        self.run("-n", self.cable.store, "link", "set", f"cfw{lane}{self.cable.store[-6:]}", "up")

    def close(self):
        for netns in self.lanes:
            subprocess.run(["ip", "netns", "del", netns], check=False, capture_output=True)
            shutil.rmtree(f"/etc/netns/{netns}", ignore_errors=True)


class World:
    """A centre (its API for the online channel on loopback) and the tills of a store."""

    def __init__(self, build, folder=None, netns=True):
        self.bin = os.path.join(build, "bin")
        self.folder = folder or tempfile.mkdtemp(prefix="cf-world-")
        self.cable = self.relay = self.server = self.mobile = None
        if netns and os.geteuid() == 0 and shutil.which("ip"):
            try:
                self.cable = Cable()
            except (subprocess.CalledProcessError, OSError):
                self.cable = None
        self.lan = None
        self.lane_of = {}  # a till's folder -> its lane
        self.key = None
        self.api_port = self.terminals_port = 0  # chosen by the system at the first start, the same ones ever after

    # --- processes ---

    def at_centre(self, words):
        return ["ip", "netns", "exec", self.cable.centre, *words] if self.cable else list(words)

    def at_store(self, words):
        """In the store; where a till has a lane of its own (--dir says which till), there."""
        netns = self.cable.store if self.cable else None
        if self.lan and "--dir" in words:
            lane = self.lane_of.get(words[list(words).index("--dir") + 1])
            netns = netns if lane is None else self.lan.lanes[lane]
        return ["ip", "netns", "exec", netns, *words] if netns else list(words)

    def lay_lan(self, lanes):
        """Gives the store a network of so many lanes; needs the right to make namespaces."""
        self.lan = Lan(self.cable, lanes)

    def start_centre(self, brand="Counterfoil"):
        """Starts the centre, if it does not run; makes it first if there is none."""
        self.centre = os.path.join(self.folder, "centre")
        if not os.path.isdir(self.centre):
            os.makedirs(self.centre)
            made = subprocess.run([os.path.join(self.bin, "counterfoil-central"), "init", self.centre, "--name", brand,
                                   "--host", "localhost", "--host", CENTRE_NAME], check=True, capture_output=True, text=True)
            self.key = json.loads(made.stdout)["api_key"]
        elif self.server:
            return
        address = "0.0.0.0" if self.cable else "127.0.0.3"
        self.server = subprocess.Popen(
            self.at_centre([os.path.join(self.bin, "counterfoil-central"), "serve", self.centre,
                            "--terminals", f"{address}:{self.terminals_port}", "--api", f"{address}:{self.api_port}"]),
            stdout=subprocess.PIPE, stderr=open(os.path.join(self.folder, "centre.log"), "ab"), text=True)
        ports = json.loads(self.server.stdout.readline())
        self.api_port, self.terminals_port = ports["api"], ports["terminals"]
        if not self.cable and not self.relay:
            self.relay = Relay([self.api_port, self.terminals_port])

    def stop_centre(self):
        if self.server:
            self.server.terminate()
            self.server.wait()
            self.server.stdout.close()
            self.server = None

    def kill_centre(self):
        """As a power cut would: no farewell."""
        if self.server:
            self.server.kill()
            self.server.wait()
            self.server.stdout.close()
            self.server = None

    def cut(self):
        """Pulls the cable between store and centre."""
        (self.cable or self.relay).cut()

    def join(self):
        (self.cable or self.relay).join()

    def close(self):
        self.stop_centre()
        if self.relay:
            self.relay.cut()
        for cable in (self.mobile, self.cable):
            if cable:
                cable.close()

    # --- the online channel ---

    def api_address(self):
        """Where the API is, seen from the centre's side of the cable."""
        return "127.0.0.1" if self.cable else "127.0.0.3"

    def phone(self, method, path, body=None):
        """One call of the centre's API over the mobile network, which the store's cable is no part of."""
        if self.cable and not self.mobile:
            self.mobile = Cable(self.cable.centre, "10.78.0")
        return self.api(method, path, body, over=self.mobile)

    def api(self, method, path, body=None, headers=(), over=None):
        """One call of the centre's API, from the centre's side of the cable (or over another network)."""
        address = f"{over.net}.1" if over else self.api_address()
        words = ["curl", "-sS", "--cacert", os.path.join(self.centre, "ca.pem"), "--resolve",
                 f"localhost:{self.api_port}:{address}", "-X", method, "-w", "\n%{http_code}",
                 "-H", f"Authorization: Bearer {self.key}", f"https://localhost:{self.api_port}{path}"]
        for header in headers:
            words += ["-H", header]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "--data-binary", "@-"]
        at = ["ip", "netns", "exec", over.store, *words] if over else self.at_centre(words)
        done = subprocess.run(at, input=json.dumps(body) if body is not None else None,
                              capture_output=True, text=True, check=False)
        text, _, status = done.stdout.rpartition("\n")
        if done.returncode or not status.isdigit():
            raise Refused(f"{method} {path}", done.returncode, {"curl": done.stderr.strip()})
        answer = json.loads(text) if text.strip() else None
        if int(status) >= 300:
            raise Refused(f"{method} {path}", int(status), answer)
        return answer

    # --- the store ---

    def counterfoil(self, *words, stdin=None, check=True):
        """One call of `counterfoil` in the store; gives the JSON objects that it printed."""
        done = subprocess.run(self.at_store([os.path.join(self.bin, "counterfoil"), *words]), input=stdin,
                              capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if check and done.returncode:
            bad = next((line for line in lines if not line.get("ok", True)), {"stderr": done.stderr.strip()})
            raise Refused(" ".join(words[:2]), done.returncode, bad)
        return lines

    def centre_host(self):
        """The centre's name, seen from the store."""
        return CENTRE_NAME if self.cable else "localhost"

    def enrol(self, store, label, lane=None):
        """A new till: its folder."""
        made = self.api("POST", "/v1/terminals", {"store": store, "label": label})
        folder = os.path.join(self.folder, label.lower().replace(" ", "-"))
        os.makedirs(folder, mode=0o700)
        if lane is not None:
            self.lane_of[folder] = lane
        self.counterfoil("enrol", "--json", "--dir", folder, "--centre", f"{self.centre_host()}:{self.api_port}",
                         made["enrol_code"])
        return folder

    def sync(self, till):
        return self.counterfoil("sync", "now", "--json", "--dir", till)[0]

    def counterfoil_sync(self, till):
        """One round of the sync service."""
        subprocess.run(self.at_store([os.path.join(self.bin, "counterfoil-sync"), "--dir", till, "--once"]), check=True,
                       stderr=open(os.path.join(self.folder, "sync.log"), "ab"))

    def sell(self, till, steps, *options, check=True):
        """Runs a script of steps; gives one JSON object a step."""
        return self.counterfoil("sell", "--json", "--dir", till, *options, stdin="\n".join(steps) + "\n", check=check)
