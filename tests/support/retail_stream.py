"""The real receipts of a shop (UCI Online Retail), sold through one `counterfoil sell` and held against both ends.

The data lies beside a checkout, in ../shared/data/retail, and is not part of it. It is dirty: returns, negative and zero
quantities, prices of fractions of a penny or below zero. Nothing is cleaned here: each line is rung up as it comes, and a
line that the till refuses is taken off the sale again and counted under the name of its error.
"""
import collections
import decimal
import gzip
import json
import os
import subprocess

# Twelve of all kinds, for goods that nobody made them for.
PROMOTIONS = [
    {"kind": "order_percent", "percent_bp": 300, "min_spend_minor": 5000},
    {"kind": "order_amount", "amount_minor": 250, "min_spend_minor": 10000, "choose": "best", "group": 1},
    {"kind": "order_percent", "percent_bp": 700, "min_spend_minor": 20000, "choose": "best", "group": 1},
    {"kind": "line_percent", "percent_bp": 500, "unit_min_minor": 500},
    {"kind": "unit_amount", "amount_minor": 3, "max_units": 12, "priority": 3},
    {"kind": "group", "group_qty": 3, "get_qty": 1, "percent_bp": 10000, "max_times": 2, "priority": 5},
    {"kind": "group", "group_qty": 2, "get_qty": 1, "percent_bp": 5000, "by_line": True, "max_times": 1, "choose": "best"},
    {"kind": "buy_get", "buy_minor": 5000, "get_qty": 1, "percent_bp": 2500, "max_times": 3, "pick": "dearest"},
    {"kind": "tiered", "tiers": [{"from": 1000, "value": 100}, {"from": 3000, "value": 250}], "max_discount_minor": 900},
    {"kind": "tiered", "tier_by": "quantity", "tier_by_line": True, "tiers": [{"from": 12000, "value": 400}], "rounding": "unit"},
    {"kind": "order_percent", "percent_bp": 100, "tenders": ["card"], "round_to": "down"},
    {"kind": "line_amount", "amount_minor": 5, "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
                                                            "sunday"], "skip_discounted": True},
]

LINES_AT_ONCE = 30  # steps that are sent before their answers are read: few enough for the pipes


def path(source):
    top = os.environ.get("CF_SHARED_DATA") or os.path.join(source, "..", "shared", "data")
    return os.path.join(top, "retail", "online-retail.jsonl.gz")


def receipts(source, limit=None):
    """The first receipts, or None if the data is not there."""
    if not os.path.exists(path(source)):
        return None
    with gzip.open(path(source), "rt", encoding="utf-8") as file:
        return [json.loads(line) for line, _ in zip(file, range(limit or 10 ** 9))]


def products(stream):
    """A catalogue of all that they hold. A name that is empty is the code; a price is what it cost first."""
    goods = {}
    for receipt in stream:
        for line in receipt["lines"]:
            known = goods.setdefault(line["sku"], {"code": line["sku"], "name": "", "price_minor": 0, "tax_bp": 2000})
            known["name"] = known["name"] or line["desc"].strip()[:60]
            if not known["price_minor"] and isinstance(line["unit_price"], int) and line["unit_price"] > 0:
                known["price_minor"] = line["unit_price"]
    for product in goods.values():
        product["name"] = product["name"] or product["code"]
    return list(goods.values())


def store(world, stream):
    """A store of the world with these goods."""
    number = world.api("POST", "/v1/stores", {"name": "Online Retail", "currency": "GBP", "tax_inclusive": True,
                                              "utc_offset_min": 0})["store"]
    goods = products(stream)
    for at in range(0, len(goods), 2000):
        world.api("POST", "/v1/catalogue", {"store": number, "products": goods[at:at + 2000]})
    return number


def launch(world):
    """The promotions, live at once; gives how many."""
    for number, promotion in enumerate(PROMOTIONS, 1):
        world.api("POST", "/v1/campaigns", {"name": f"Promotion {number}", "policy": "automatic", "promotion": promotion})
    return len(PROMOTIONS)


class Broken(Exception):
    """`counterfoil sell` ended, or answered what it should not."""


class Till:
    """One `counterfoil sell --json`, fed receipt by receipt."""

    def __init__(self, world, folder):
        self.process = subprocess.Popen(
            world.at_store([os.path.join(world.bin, "counterfoil"), "sell", "--json", "--dir", folder]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.sold = 0              # receipts
        self.empty = 0             # receipts of which no line was accepted
        self.lines = 0             # accepted
        self.gross_minor = 0       # of the accepted lines, added up here
        self.refused = collections.Counter()  # lines by the error's name
        self.unnamed = 0

    def ask(self, steps):
        self.process.stdin.write("".join(step + "\n" for step in steps))
        self.process.stdin.flush()
        answers = []
        for _ in steps:
            line = self.process.stdout.readline()
            if not line:
                raise Broken(f"counterfoil sell ended with status {self.process.wait()} at {steps[len(answers)]!r}")
            answers.append(json.loads(line))
        return answers

    def ring_up(self, lines):
        """Rings up some lines; gives the numbers of those to be taken off again."""
        steps = []
        for line in lines:
            price = decimal.Decimal(str(line["unit_price"])) / 100
            steps += [f"scan {line['sku']}", f"quantity {line['qty']}", f"price {price:f}"]
        answers = self.ask(steps)
        off = []
        for at, line in enumerate(lines):
            scan, *changes = answers[3 * at:3 * at + 3]
            refusals = [answer for answer in (scan, *changes) if not answer["ok"]]
            if not scan["ok"]:
                raise Broken(f"{line['sku']}: {scan}")
            if refusals:
                name = refusals[0]["error"]["name"]
                self.refused[name] += 1
                self.unnamed += not (name and refusals[0]["error"]["text"])
                off.append(scan["line"]["no"])
            else:
                self.lines += 1
                self.gross_minor += line["qty"] * int(line["unit_price"])
        return off

    def sell(self, receipt, number):
        lines, off = receipt["lines"], []
        for at in range(0, len(lines), LINES_AT_ONCE):
            off += self.ring_up(lines[at:at + LINES_AT_ONCE])
        for at in range(0, len(off), LINES_AT_ONCE):
            for answer in self.ask([f"void {no}" for no in off[at:at + LINES_AT_ONCE]]):
                if not answer["ok"]:
                    raise Broken(f"receipt {receipt['no']}: {answer}")
        if len(off) == len(lines):
            self.empty += 1
            answer, = self.ask(["cancel"])
        else:
            self.sold += 1
            answer, = self.ask([("tender cash due", f"tender card due POS-{number}", f"tender mobile due M{number}")[number % 3]
                                if not self.is_free(lines, off) else "tender cash 0"])
            if "sold" not in answer:
                raise Broken(f"receipt {receipt['no']}: {answer}")
        if not answer["ok"]:
            raise Broken(f"receipt {receipt['no']}: {answer}")

    def is_free(self, lines, off):
        """Is there nothing to pay? Lines are numbered from 1 in the order of scanning."""
        return not any(line["unit_price"] and at + 1 not in off for at, line in enumerate(lines))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        return self.process.returncode


def trade(world, folder, stream, progress=lambda done: None):
    """Sells all of it; gives the till and how its program ended. `progress` hears how many receipts are done."""
    till = Till(world, folder)
    for number, receipt in enumerate(stream):
        till.sell(receipt, number)
        progress(number + 1)
    return till, till.close()


def told(world):
    """What the centre says of the first terminal that there is."""
    return world.api("GET", f"/v1/reports/terminals/{world.api('GET', '/v1/terminals')['terminals'][0]['terminal']}")


def compare(x_report, centre):
    """What differs between the till's X report and the centre's totals of its epoch, as text; empty if nothing."""
    totals = centre["epochs"][-1]["totals"]
    pairs = [(name, x_report[name], totals[name]) for name in
             ("sales", "lines", "gross_minor", "discount_minor", "tax_minor", "total_minor", "points")]
    pairs += [(f"tender {kind}", x_report["tenders"][kind], totals["tender_minor"][kind])
              for kind in ("cash", "card", "mobile")]
    pairs += [("rates", x_report["rates"], totals["rates"])]
    pairs += [("acknowledged", x_report["recorded"], centre["epochs"][-1]["acknowledged"])]
    return [f"{name}: till {till}, centre {centre}" for name, till, centre in pairs if till != centre]
