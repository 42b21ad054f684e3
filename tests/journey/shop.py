"""A small shop for the journeys: a World with a store, an online channel, a few products, and helpers around them.

    with shop.open() as world:
        till = world.till("Till 1")
        world.launch("Ten percent", policy="leased", budget=20)
"""
import contextlib
import json
import os
import shutil
import subprocess

import journey
from world import Refused, World

# (code, price in minor units, category); GTINs of GS1's example range
GOODS = [("9520000010003", 990, 1), ("9520000010072", 3990, 1), ("9520000010140", 7490, 1), ("9520000010218", 1190, 2)]


class Shop(World):
    def __init__(self, netns=True):
        super().__init__(journey.BUILD, folder=journey.folder("cf-shop-"), netns=netns)
        self.counter = 0

    def stock(self):
        self.store = self.api("POST", "/v1/stores", {"name": "Journey store", "currency": "CNY", "tax_inclusive": True,
                                                     "utc_offset_min": 480})["store"]
        self.channel = self.api("POST", "/v1/channels", {"name": "Journey mall", "store": self.store})["channel"]
        self.put_products(self.store)

    def put_products(self, store):
        self.api("POST", "/v1/catalogue", {"store": store, "products": [
            {"codes": [code], "name": f"Thing {number}", "price_minor": price, "tax_bp": 1300, "categories": [category]}
            for number, (code, price, category) in enumerate(GOODS)]})

    def till(self, label, store=None, sync=True):
        """A new till that has all there is; its folder."""
        folder = self.enrol(store or self.store, label)
        if sync:
            self.sync(folder)
        return folder

    def terminal(self, till):
        """The place id of a till by its folder."""
        return next(item["terminal"] for item in self.api("GET", "/v1/terminals")["terminals"]
                    if item["label"].lower().replace(" ", "-") == os.path.basename(till))

    def launch(self, name="A campaign", **terms):
        """A campaign that takes 10 % off everything unless told otherwise; its number."""
        body = {"name": name, "policy": "leased", "channels": ["store", "online"],
                "promotion": {"kind": "order_percent", "percent_bp": 1000}, **terms}
        if body["policy"] == "leased":
            body = {"budget": 1000, "lease_per_terminal": 20, **body}
        return self.api("POST", "/v1/campaigns", body)["campaign"]

    def claim(self, campaign, **more):
        return self.api("POST", "/v1/coupons/claim", {"campaign": campaign, **more})["code"]

    def join_member(self, name="Lin Mei"):
        """A member: {"member", "card", "phone"}."""
        phone = os.path.join(self.folder, f"phone-{self.counter}.pem")
        self.counter += 1
        key = self.counterfoil("code", "phone-key", "--json", "--out", phone)[0]["device_key"]
        joined = self.api("POST", "/v1/members", {"name": name, "device_key": key})
        return {"member": joined["member"], "card": joined["card"], "phone": phone, "name": joined["name"]}

    def member_code(self, who, at=None):
        self.counter += 1
        return self.counterfoil("code", "phone-code", "--json", "--key", who["phone"], "--card", who["card"],
                                "--counter", str(self.counter), *(["--at", at] if at else []))[0]["code"]

    def redeem(self, code, request_id, **more):
        """The online channel redeems; gives the order's figures."""
        return self.api("POST", "/v1/coupons/redeem", {
            "channel": self.channel, "code": code, "request_id": request_id,
            "order": {"lines": [{"code": GOODS[1][0], "qty_milli": 3000}]}, **more})

    def report(self, till):
        return self.api("GET", f"/v1/reports/terminals/{self.terminal(till)}")

    def figures(self, campaign):
        return self.api("GET", f"/v1/campaigns/{campaign}")["figures"]

    def quiet(self):
        """No alarm, no conflict, and budgets add up."""
        alarms, conflicts = self.api("GET", "/v1/alarms")["alarms"], self.api("GET", "/v1/conflicts")["conflicts"]
        assert not alarms and not conflicts, (alarms, conflicts)
        health = self.api("GET", "/v1/health")
        assert health["budgets_that_do_not_add_up"] == 0, health


class Clerk:
    """`counterfoil sell` at a till, step by step as they are typed."""

    def __init__(self, world, till, *options):
        self.process = subprocess.Popen(world.at_store([journey.COUNTERFOIL, "sell", "--json", "--dir", till, *options]),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def step(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@contextlib.contextmanager
def open(stock=True, netns=True):  # noqa: A001 -- shop.open reads well
    world = Shop(netns)
    try:
        world.start_centre("Journey")
        if stock:
            world.stock()
        yield world
    finally:
        world.close()
        shutil.rmtree(world.folder, ignore_errors=True)


def refused(call, *names):
    """Runs `call`, which has to be refused by one of these names; gives the refusal."""
    try:
        done = call()
    except Refused as refusal:
        assert refusal.name in names, f"{refusal.name}, not {' or '.join(names)}: {refusal}"
        return refusal
    raise AssertionError(f"it had to be refused as {' or '.join(names)}, and gave {done}")


def copy_of(till, name, incarnation=True):
    """A copy of a till's folder beside it; of a whole image, so that the number of its starts is copied too, or not."""
    path = os.path.join(os.path.dirname(till), name)
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(till, path)
    if os.path.exists(path + ".incarnation"):
        os.remove(path + ".incarnation")
    if incarnation and os.path.exists(till + ".incarnation"):
        shutil.copy(till + ".incarnation", path + ".incarnation")
    return path
