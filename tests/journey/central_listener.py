"""A running counterfoil-central for the script tests: a folder of its own, real TLS, TAP output."""
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile

BUILD = os.environ["CF_BUILD"]
CENTRAL = os.path.join(BUILD, "bin", "counterfoil-central")
TOOL = os.path.join(BUILD, "tests", "unit", "central", "certificate_tool")


class Tap:
    """Runs the functions given to `test`, prints one line for each."""

    def __init__(self):
        self.n = self.failed = 0

    def test(self, function):
        self.n += 1
        name = function.__name__
        try:
            function()
            print(f"ok {self.n} - {name}", flush=True)
        except Exception as why:  # noqa: BLE001 - whatever it is, this test failed
            self.failed += 1
            print(f"not ok {self.n} - {name}")
            print("\n".join(f"# {line}" for line in f"{type(why).__name__}: {why}".splitlines()), flush=True)

    def end(self):
        print(f"1..{self.n}")
        return 1 if self.failed else 0


class Answer:
    def __init__(self, status, kind, body):
        self.status, self.kind, self.body = status, kind, body
        self.json = json.loads(body) if kind == "application/json" else None

    @property
    def name(self):
        return self.json["error"]["name"]


class Centre:
    def __init__(self, *options, folder=None):
        self.top = tempfile.mkdtemp(prefix="cf-central-")
        self.folder = folder or os.path.join(self.top, "centre")
        self.options = options
        made = subprocess.run([CENTRAL, "init", self.folder, "--name", "Test", "--host", "localhost", "--host", "127.0.0.1"],
                              check=True, capture_output=True, text=True)
        self.key = json.loads(made.stdout)["api_key"]
        self.process = None
        self.connection = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [CENTRAL, "serve", self.folder, "--terminals", "127.0.0.1:0", "--api", "127.0.0.1:0", *self.options],
            stdout=subprocess.PIPE, stderr=open(os.path.join(self.top, "log"), "ab"), text=True)
        self.ports = json.loads(self.process.stdout.readline())
        self.api_port, self.terminals_port = self.ports["api"], self.ports["terminals"]

    def stop(self):
        """Ends it by SIGTERM; gives the exit status."""
        if self.connection:
            self.connection.close()
            self.connection = None
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        return status

    def close(self):
        if self.process.poll() is None:
            self.stop()
        with open(os.path.join(self.top, "log"), encoding="utf-8", errors="replace") as log:
            for line in log:
                print(f"# log: {line.rstrip()}")
        shutil.rmtree(self.top, ignore_errors=True)

    def context(self, certificate=None, version=None):
        context = ssl.create_default_context(cafile=os.path.join(self.folder, "ca.pem"))
        if certificate:
            context.load_cert_chain(certificate + ".pem", certificate + ".key.pem")
        if version:
            context.minimum_version = context.maximum_version = version
        return context

    def exchange(self, connection, method, path, body=None, headers=()):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        connection.request(method, path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers.get_content_type(), answer.read())

    def api(self, method, path, body=None, key=True, headers=()):
        """One call over a connection that is kept."""
        headers = dict(headers)
        if key:
            headers["Authorization"] = f"Bearer {self.key if key is True else key}"
        for attempt in (1, 2):
            if not self.connection:
                self.connection = http.client.HTTPSConnection("localhost", self.api_port, context=self.context(), timeout=60)
            try:
                return self.exchange(self.connection, method, path, body, headers)
            except (http.client.RemoteDisconnected, ConnectionError):
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        return None

    def tool(self, *words):
        return subprocess.run([TOOL, *map(str, words)], check=True, capture_output=True, text=True).stdout

    def certificate(self, name, common_name, start=-1, end=30, folder=None):
        """A client certificate by this centre's CA (or that of `folder`): the path without its ending."""
        path = os.path.join(self.top, name)
        self.tool("certificate", folder or self.folder, path, common_name, start, end)
        return path

    def enrol(self, store=1, label="Lane"):
        """A new terminal: its number and the path of its certificate without the ending."""
        made = self.api("POST", "/v1/terminals", {"store": store, "label": label}).json
        path = os.path.join(self.top, f"terminal-{made['terminal']}")
        answer = self.api("POST", "/v1/enrol", self.tool("enrolment", made["enrol_code"], path), key=None)
        assert answer.status == 200, answer.body
        with open(path + ".pem", "w", encoding="ascii") as file:
            file.write(answer.json["certificate"])
        return answer.json["terminal"], path

    def terminal(self, certificate, version=None):
        return http.client.HTTPSConnection("localhost", self.terminals_port,
                                           context=self.context(certificate, version), timeout=60)


def cbor(value):
    """Deterministic CBOR of what the wire needs."""
    def head(major, n):
        for size, code in ((1, 24), (2, 25), (4, 26), (8, 27)):
            if n < 24:
                return bytes([major << 5 | n])
            if n < 1 << 8 * size:
                return bytes([major << 5 | code]) + n.to_bytes(size, "big")
        raise ValueError(n)
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    return head(4, len(value)) + b"".join(map(cbor, value))


def empty_batch(terminal, epoch):
    """A batch without records, badly signed."""
    return cbor([1, terminal, epoch, bytes(8), 0, 0, 1, bytes(32), [], [], bytes(32), bytes(63) + b"\1"])
