"""What the benchmarks of real processes share: figures as JSON lines, as bench.h prints them, and a centre that can be put
back to what it was."""
import http.client
import json
import os
import shutil
import ssl
import subprocess

from world import World

BUILD = os.environ["CF_BUILD"]
SOURCE = os.environ["CF_SOURCE"]


def median(values):
    return sorted(values)[(len(values) - 1) // 2]


def figure(row, what, value, unit, floor=None, floor_value=None, ratio=None, goal=None, met=None):
    """One line; `ratio` is that of value to floor, or the median of the rounds' ratios."""
    line = {"row": row, "figure": what, "value": value, "unit": unit}
    if floor is not None:
        line.update(floor=floor, floor_value=floor_value)
    if ratio is not None:
        line["ratio"] = ratio
    if goal is not None:
        line.update(goal=goal, met=bool(met))
    print(json.dumps(line), flush=True)


class Centre(World):
    """A centre on loopback without anything between it and its tills. It keeps its ports when started again."""

    def __init__(self, folder):
        super().__init__(BUILD, folder, netns=False)
        self.api_port = self.terminals_port = 0
        self.log = open(os.path.join(folder, "centre.log"), "ab")

    def start_centre(self, brand="Bench"):
        self.centre = os.path.join(self.folder, "centre")
        if not os.path.isdir(self.centre):
            made = subprocess.run([os.path.join(self.bin, "counterfoil-central"), "init", self.centre, "--name", brand,
                                   "--host", "localhost"], check=True, capture_output=True, text=True)
            self.key = json.loads(made.stdout)["api_key"]
        self.server = subprocess.Popen([os.path.join(self.bin, "counterfoil-central"), "serve", self.centre,
                                        "--terminals", f"127.0.0.1:{self.terminals_port}",
                                        "--api", f"127.0.0.1:{self.api_port}"],
                                       stdout=subprocess.PIPE, stderr=self.log, text=True)
        ports = json.loads(self.server.stdout.readline())
        self.api_port, self.terminals_port = ports["api"], ports["terminals"]
        self.connection = http.client.HTTPSConnection(
            "localhost", self.api_port, context=ssl.create_default_context(cafile=os.path.join(self.centre, "ca.pem")))

    def api(self, method, path, body=None, headers=()):
        """As World.api, on one kept connection: a bench makes thousands of calls. One that lay idle is made again."""
        for last_try in (False, True):
            try:
                self.connection.request(method, path, json.dumps(body) if body is not None else None,
                                        {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"})
                answer = self.connection.getresponse()
                text = answer.read()
                break
            except (http.client.RemoteDisconnected, ConnectionError):
                self.connection.close()
                if last_try:
                    raise
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text)

    def stop_centre(self):
        if self.server:
            self.connection.close()
        super().stop_centre()

    def new_store(self, products, currency="CNY"):
        store = self.api("POST", "/v1/stores", {"name": "Bench store", "currency": currency, "tax_inclusive": True,
                                                "utc_offset_min": 0})["store"]
        self.api("POST", "/v1/catalogue", {"store": store, "products": products})
        return store


def gtin13(number):
    digits = f"{number:012d}"
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return digits + str(-total % 10)


def barcode(k):
    """Of product k, as world_barcode of world.c makes it."""
    return gtin13(400000000000 + k * 387420489 % 100000000000)


def write_catalogue(folder, products):
    """A file of this many products for `counterfoil-central import-catalogue`; its path."""
    path = os.path.join(folder, "catalogue.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        for k in range(1, products + 1):
            file.write(json.dumps({"codes": [barcode(k)], "name": f"Rose face mask {k} ml", "name_other": f"玫瑰面膜 {k}",
                                   "price_minor": 99 + k * 7919 % 20000, "tax_bp": 1300,
                                   "categories": [1 + k % 20, 100 + k % 300]}, ensure_ascii=False) + "\n")
    return path


def small_catalogue(products=2000):
    """Their codes, and the products as the API takes them."""
    codes = [gtin13(400000000000 + k * 7919) for k in range(products)]
    return codes, [{"codes": [code], "name": f"Article {k}", "price_minor": 100 + k * 37 % 5000, "tax_bp": 1300,
                    "categories": [1 + k % 20]} for k, code in enumerate(codes)]


def copy(source, target):
    """A folder as it is, in place of what was there."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


class Seller:
    """One `counterfoil sell --json` on a till's folder."""

    def __init__(self, world, folder):
        self.process = subprocess.Popen([os.path.join(world.bin, "counterfoil"), "sell", "--json", "--dir", folder],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, steps):
        """Few enough that the answers fit into a pipe."""
        self.process.stdin.write("".join(step + "\n" for step in steps))
        self.process.stdin.flush()
        answers = [json.loads(self.process.stdout.readline()) for _ in steps]
        bad = [answer for answer in answers if not answer["ok"]]
        if bad:
            raise RuntimeError(f"counterfoil sell: {bad[0]}")
        return answers

    def close(self):
        self.process.stdin.close()
        if self.process.wait():
            raise RuntimeError(f"counterfoil sell ended with {self.process.returncode}")
