#!/usr/bin/env python3
"""Every naughty string as a name at the centre (product, SKU, member, campaign, store, channel, terminal) and on the till:
stored as it is or refused by name; never a control byte in an answer, a log, a receipt or on a terminal."""
import glob
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402


def texts():
    return [text.decode("utf-8", "replace") for text in journey.naughty()]


def ask(world, method, path, bodies):
    """Many requests over one connection, by one curl; gives (status, raw answer) of each."""
    folder = journey.folder()
    config = [f'cacert = "{world.centre}/ca.pem"', f'resolve = "localhost:{world.api_port}:{world.api_address()}"', "silent"]
    for n, body in enumerate(bodies):
        with open(os.path.join(folder, f"{n}.json"), "w", encoding="utf-8") as file:
            json.dump(body, file, ensure_ascii=n % 2 == 0)
        if n:
            config += ["next", "silent", f'cacert = "{world.centre}/ca.pem"', f'resolve = "localhost:{world.api_port}:{world.api_address()}"']
        config += [f'url = "https://localhost:{world.api_port}{path}"', f'request = "{method}"',
                   f'header = "Authorization: Bearer {world.key}"', f'data-binary = "@{folder}/{n}.json"',
                   f'output = "{folder}/{n}.out"', 'write-out = "%{http_code}\\n"']
    done = subprocess.run(world.at_centre(["curl", "-K", "-"]), input="\n".join(config), capture_output=True, text=True, check=True)
    statuses = [int(line) for line in done.stdout.split()]
    assert len(statuses) == len(bodies), (len(statuses), done.stderr)
    answers = []
    for n, status in enumerate(statuses):
        with open(os.path.join(folder, f"{n}.out"), "rb") as file:
            answers.append((status, file.read()))
    return answers


def check(answers, bodies):
    """Each is taken (2xx) or refused by name (4xx), in clean JSON. Gives what was taken."""
    taken = []
    for (status, raw), body in zip(answers, bodies):
        assert 200 <= status < 500, (status, raw, body)
        journey.assert_clean(raw, str(body)[:120])
        answer = json.loads(raw)
        if status < 300:
            taken.append((body, answer))
        else:
            assert answer["error"]["name"] and answer["error"]["text"], (body, answer)
    return taken


def has_control(text):
    return bool(journey.control_bytes(text.encode("utf-8", "surrogatepass"), b""))


def every_naughty_string_as_product_name_is_kept_as_it_is_or_refused(world):
    bodies = [{"store": world.store, "products": [{"codes": [f"N{n}"], "name": text, "name_other": text, "price_minor": 100 + n}]}
              for n, text in enumerate(texts())]
    taken = check(ask(world, "POST", "/v1/catalogue", bodies), bodies)
    world.named = {body["products"][0]["codes"][0]: body["products"][0]["name"] for body, _ in taken}
    assert len(world.named) > 300, len(world.named)
    for name in world.named.values():
        assert not has_control(name), ascii(name)
    refused = [body["products"][0]["name"] for body in bodies if body["products"][0]["codes"][0] not in world.named]
    for name in refused:
        assert has_control(name) or len(name.encode()) > 90, ascii(name)


def every_naughty_string_as_sku_sells_that_product_or_is_refused(world):
    bodies = [{"store": world.store, "products": [{"codes": [text], "name": "A thing", "price_minor": 7}]} for text in texts()]
    taken = check(ask(world, "POST", "/v1/catalogue", bodies), bodies)
    world.skus = [body["products"][0]["codes"][0] for body, _ in taken]
    assert len(world.skus) > 20, len(world.skus)


def they_come_down_and_are_sold_and_printed_without_a_control_byte(world):
    till = world.till("Till names")
    paper = os.path.join(world.folder, "paper")
    os.makedirs(paper)
    label = next(text for text in texts() if has_control(text))
    n_sold = 0
    items = list(world.named.items())
    for at in range(0, len(items), 150):
        some = items[at:at + 150]
        lines = world.sell(till, [*(f"scan {code}" for code, _ in some), "tender cash due"], "--print", paper, "--views",
                           "--label", label, "--cashier", texts()[at % 400])
        for (code, name), line in zip(some, lines):
            assert line["line"]["name"] == name, (code, name, line)
            n_sold += 1
    assert n_sold == len(items)
    lines = world.sell(till, [*(f"scan {code}" for code in world.skus), "tender cash due"], "--print", paper, "--views", check=False)
    refused = [(code, line) for code, line in zip(world.skus, lines) if not line["ok"]]
    assert not refused, refused[:5]
    receipts = glob.glob(os.path.join(paper, "*.txt"))
    assert len(receipts) >= 3, receipts
    for path in receipts:
        with open(path, "rb") as file:
            journey.assert_clean(file.read(), path)
    wild = [text for text in journey.naughty() if journey.control_bytes(text, b"")]
    for path in glob.glob(os.path.join(paper, "*.escpos")):
        with open(path, "rb") as file:
            job = file.read()
        for text in wild:
            assert text not in job, (path, text)
    for words in (["journal", "show"], ["journal", "show", "--json"], ["report", "x"]):
        status, out, err = journey.counterfoil(*words, "--dir", till)
        assert status == 0
        journey.assert_clean(out + err, str(words))
    # As text, to a terminal.
    code, _ = items[0]
    done = subprocess.run(world.at_store([journey.COUNTERFOIL, "sell", "--dir", till]), check=False, capture_output=True,
                          input="".join(f"scan {c}\n" for c, _ in items[:200]).encode() + b"cancel\n")
    assert done.returncode == 0, done
    journey.assert_clean(done.stdout + done.stderr, "sell")
    synced = world.sync(till)
    assert synced["recorded"] == synced["acknowledged"] and not synced["results"], synced
    world.quiet()


def every_naughty_string_as_the_name_of_a_member_a_campaign_a_place(world):
    key = world.counterfoil("code", "phone-key", "--json", "--out", os.path.join(world.folder, "phone.pem"))[0]["device_key"]
    for path, make in (
            ("/v1/members", lambda text: {"name": text, "device_key": key}),
            ("/v1/campaigns", lambda text: {"name": text, "policy": "leased", "budget": 1,
                                            "promotion": {"kind": "order_percent", "percent_bp": 100}}),
            ("/v1/channels", lambda text: {"name": text, "store": world.store}),
            ("/v1/stores", lambda text: {"name": text, "address": text, "tax_id": text, "currency": "CNY"}),
            ("/v1/stores", lambda text: {"name": "A store", "currency": text}),
            ("/v1/terminals", lambda text: {"store": world.store, "label": text}),
            ("/v1/coupons/verify", lambda text: {"code": text}),
            ("/v1/coupons/redeem", lambda text: {"code": text, "request_id": text, "order": {"lines": [{"code": text, "qty_milli": 1000}]}}),
            ("/v1/enrol", lambda text: {"secret": text, "csr": text, "sign_key": text, "proof": text})):
        bodies = [make(text) for text in texts()[::3 if "members" not in path else 1]]
        taken = check(ask(world, "POST", path, bodies), bodies)
        for body, answer in taken:
            name = body.get("name", body.get("label"))
            assert name is None or not has_control(name), ascii(name)
            if path == "/v1/members":
                assert world.api("GET", f"/v1/members/{answer['member']}")["name"] == body["name"]
    for path in ("/v1/campaigns", "/v1/channels", "/v1/stores", "/v1/terminals"):
        world.api("GET", path)


def the_log_of_the_centre_is_clean(world):
    world.stop_centre()
    for path in glob.glob(os.path.join(world.folder, "*.log")) + glob.glob(os.path.join(world.centre, "*.log")):
        with open(path, "rb") as file:
            journey.assert_clean(file.read(), path, b"\n\t")


with shop.open() as opened:
    journey.run([every_naughty_string_as_product_name_is_kept_as_it_is_or_refused,
                 every_naughty_string_as_sku_sells_that_product_or_is_refused,
                 they_come_down_and_are_sold_and_printed_without_a_control_byte,
                 every_naughty_string_as_the_name_of_a_member_a_campaign_a_place, the_log_of_the_centre_is_clean], opened)
