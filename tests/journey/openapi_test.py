#!/usr/bin/env python3
"""docs/openapi.json against the running server: every path, method and status in it is met, every answer has the stated
shape, and the server has no route that is not in it."""
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
from central_listener import CENTRAL, Centre, Tap  # noqa: E402

with open(os.path.join(os.environ["CF_SOURCE"], "docs", "openapi.json"), encoding="utf-8") as document:
    SPEC = json.load(document)
LARGE = b" " * (8 * 1024 * 1024 + 1)
PEN = {"code": "4006381333931", "name": "Pen", "price_minor": 1000, "tax_bp": 1300, "categories": [3]}

tap = Tap()
centre = Centre()
members = []
met = set()  # (method, path of the document, status)


# --- shapes ---

TYPES = {"integer": lambda v: isinstance(v, int) and not isinstance(v, bool), "string": lambda v: isinstance(v, str),
         "boolean": lambda v: isinstance(v, bool), "object": lambda v: isinstance(v, dict), "array": lambda v: isinstance(v, list),
         "null": lambda v: v is None}


def fits(value, schema, where):
    """The part of JSON Schema that the document uses."""
    if "$ref" in schema:
        return fits(value, SPEC["components"]["schemas"][schema["$ref"].rpartition("/")[2]], where)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(TYPES[kind](value) for kind in kinds), f"{where}: {value!r} is no {kinds}"
    if isinstance(value, dict):
        for name in schema.get("required", []):
            assert name in value, f"{where}: {name} is missing"
        for name, item in value.items():
            assert name in schema["properties"], f"{where}: {name} is not in the document"
            fits(item, schema["properties"][name], f"{where}.{name}")
    if isinstance(value, list):
        for item in value:
            fits(item, schema["items"], f"{where}[]")
    if isinstance(value, str):
        assert re.search(schema.get("pattern", ""), value), f"{where}: {value!r}"
        assert value in schema.get("enum", [value]), f"{where}: {value!r}"
    return None


def operation(method, path):
    """The path of the document that this one is an instance of."""
    for template, operations in SPEC["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path.partition("?")[0]) and method.lower() in operations:
            return template, operations[method.lower()]
    raise AssertionError(f"{method} {path} is not in the document")


def call(method, path, status, body=None, key=True, headers=()):
    """One call, which must answer this status in the shape that the document states."""
    template, described = operation(method, path)
    answer = centre.api(method, path, body, key if described.get("security") != [] else None, headers)
    assert answer.status == status, f"{method} {path}: {answer.status} {answer.body[:300]}"
    assert str(status) in described["responses"], f"{method} {template}: {status} is not in the document"
    content = described["responses"][str(status)]["content"]
    assert answer.kind in content, f"{method} {template}: {answer.kind}"
    fits(answer.json if answer.kind == "application/json" else answer.body.decode(), content[answer.kind]["schema"], template)
    met.add((method, template, str(status)))
    return answer.json


# --- tests ---

def the_document_and_the_server_have_the_same_routes():
    lines = subprocess.run([CENTRAL, "--routes"], check=True, capture_output=True, text=True).stdout.split("\n")
    served = {tuple(line.split()[1:3]) for line in lines if line.startswith("api ")}
    described = {(method.upper(), path) for path, operations in SPEC["paths"].items() for method in operations}
    assert served == described, served ^ described
    for line in lines:
        words = line.split()
        if words and words[0] == "api":
            one = SPEC["paths"][words[2]][words[1].lower()]
            assert (one.get("security") == []) == (len(words) == 3), line
            assert len(words) == 3 or one["x-roles"] == words[3].split(",")[1:], (line, one["x-roles"])


def every_reference_of_the_document_leads_somewhere():
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(SPEC)):
        assert name in SPEC["components"]["schemas"], name
    assert SPEC["openapi"].startswith("3.1.")


def stores_channels_and_terminals():
    call("GET", "/v1/ca", 200)
    store = call("POST", "/v1/stores", 201, {"name": "Shop", "currency": "CNY", "address": "1 Road", "utc_offset_min": 480,
                                             "time_zone": "CST-8"})
    call("GET", "/v1/stores", 200)
    call("POST", "/v1/channels", 201, {"name": "Web", "store": store["store"]})
    call("POST", "/v1/channels", 404, {"name": "Web", "store": 99})
    call("GET", "/v1/channels", 200)
    code = call("POST", "/v1/terminals", 201, {"store": 1, "label": "Lane 1"})
    call("POST", "/v1/terminals", 404, {"store": 99})
    body = json.loads(centre.tool("enrolment", code["enrol_code"], os.path.join(centre.top, "till")))
    call("POST", "/v1/enrol", 200, body)
    call("POST", "/v1/enrol", 409, body)
    unknown = centre.tool("enrolment", "0000000000" + code["enrol_code"].replace("-", "")[10:], os.path.join(centre.top, "other"))
    call("POST", "/v1/enrol", 403, json.loads(unknown))
    call("POST", "/v1/terminals", 201, {"terminal": code["terminal"]})
    hub = {"terminal": code["terminal"], "host": "10.0.0.5", "port": 8443}
    waiting = call("POST", "/v1/terminals", 201, {"store": 1, "label": "Lane 2"})["terminal"]
    call("GET", "/v1/stores/1/hub", 200)
    call("GET", "/v1/stores/99/hub", 404)
    call("DELETE", "/v1/stores/1/hub", 404)
    call("POST", "/v1/stores/1/hub", 404, dict(hub, terminal=99))
    call("POST", "/v1/stores/1/hub", 409, dict(hub, terminal=waiting))
    call("POST", "/v1/stores/1/hub", 201, hub)
    call("GET", "/v1/stores/1/hub", 200)
    call("DELETE", "/v1/stores/1/hub", 200)
    call("GET", "/v1/terminals", 200)
    call("GET", f"/v1/reports/terminals/{code['terminal']}", 200)
    call("GET", "/v1/reports/terminals/99", 404)
    call("GET", f"/v1/sales?terminal={code['terminal']}", 200)
    call("GET", "/v1/sales?terminal=99", 404)
    call("GET", "/v1/sales", 400)


def users():
    anna = {"user": 7, "name": "Anna", "role": "cashier", "pin": "271828", "badge": "B7"}
    call("POST", "/v1/stores/99/users", 404, anna)
    assert call("POST", "/v1/stores/1/users", 201, anna)["badge"] is True
    assert call("POST", "/v1/stores/1/users", 200, {"user": 7, "role": "supervisor"})["name"] == "Anna"
    call("POST", "/v1/stores/1/users", 409, dict(anna, user=8))
    assert len(call("GET", "/v1/stores/1/users", 200)["users"]) == 1
    call("GET", "/v1/stores/99/users", 404)
    call("DELETE", "/v1/stores/1/users/8", 404)
    call("DELETE", "/v1/stores/1/users/7", 200)


def catalogue_and_members():
    call("POST", "/v1/catalogue", 200, {"store": 1, "products": [PEN]})
    call("POST", "/v1/catalogue?store=1", 200, json.dumps(dict(PEN, price_minor=1000)) + "\n" + '{"code":"OWN-1","name":"x","price_minor":5}')
    call("POST", "/v1/catalogue", 404, {"store": 99, "products": []})
    call("GET", "/v1/catalogue?store=1", 200)
    call("GET", "/v1/catalogue?store=99", 404)
    call("GET", "/v1/catalogue", 400)
    rules = {"measures": [{"pattern": "21IIIIIPPPPPC", "decimals": 2}], "tax_rounding": "line", "sells_past_best": True,
             "cash": {"step_minor": 10, "way": "down"}, "rates": [{"currency": "USD", "rate": "7.1234", "step_minor": 100}],
             "return_window_days": 90, "variance_limit": 500, "join": "https://shop.example/join",
             "return_reasons": ["Faulty", "Does not fit"]}
    assert call("GET", "/v1/stores/1/settings", 200)["measures"] == []
    assert call("PUT", "/v1/stores/1/settings", 200, rules) == dict(rules, store=1)
    assert call("GET", "/v1/stores/1/settings", 200) == dict(rules, store=1)
    call("PUT", "/v1/stores/99/settings", 404, {})
    call("GET", "/v1/stores/99/settings", 404)
    call("PUT", "/v1/stores/1/settings", 200, {})
    prices = {"name": "Week 47", "stores": [1], "from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z", "tiers": [2],
              "priority": 5, "reduced": True, "prices": [{"code": PEN["code"], "price_minor": 900}]}
    call("PUT", "/v1/price-lists/7", 200, prices)
    call("PUT", "/v1/price-lists/7", 404, dict(prices, stores=[99]))
    shown = call("GET", "/v1/price-lists?store=1", 200)["price_lists"]
    assert [(one["list"], one["prices"], one["tiers"]) for one in shown] == [(7, 1, [2])], shown
    call("GET", "/v1/price-lists?store=99999999999", 400)
    member = call("POST", "/v1/members", 201, {"name": "Lin Mei", "device_key": centre.tool("device-key").strip()})["member"]
    members.append(member)
    call("GET", f"/v1/members/{member}", 200)
    call("GET", "/v1/members/0000000000000001", 404)
    facts = {"birthday": "02-29", "segments": [7, 300]}
    assert call("POST", f"/v1/members/{member}/facts", 200, facts)["member"] == member
    call("POST", f"/v1/members/{member}/facts", 400, "{")
    call("POST", f"/v1/members/{member}/facts", 422, {"birthday": "02-30"})
    call("POST", "/v1/members/0000000000000001/facts", 404, facts)
    return member


ORDER = {"lines": [{"code": PEN["code"], "qty_milli": 2000}]}
TEN_OFF = {"kind": "order_percent", "percent_bp": 1000}


def claims_and_redemptions():
    member = catalogue_and_members()
    campaign = call("POST", "/v1/campaigns", 201, {
        "name": "Ten off", "policy": "online_only", "budget": 2, "promotion": TEN_OFF, "from": "2020-01-01T00:00:00Z",
        "to": "2099-01-01T00:00:00Z", "issue_in_store": {"valid_days": 30, "range_per_terminal": 10}})["campaign"]
    call("POST", "/v1/campaigns", 404, {"name": "x", "policy": "leased", "budget": 1, "stores": [99], "promotion": TEN_OFF})
    call("POST", "/v1/campaigns", 501, {"name": "x", "policy": "leased", "budget": 1, "per_member_day": 1, "promotion": TEN_OFF})
    call("GET", "/v1/campaigns", 200)
    call("GET", f"/v1/campaigns/{campaign}", 200)
    call("GET", "/v1/campaigns/99", 404)
    call("PATCH", "/v1/campaigns/99", 404, {"stopped": True})
    call("PATCH", f"/v1/campaigns/{campaign}", 200, {"budget": 3})
    call("GET", "/v1/grants", 200)
    claimed = call("POST", "/v1/coupons/claim", 201, {"campaign": campaign, "member": member}, headers={"Idempotency-Key": "a"})
    again = call("POST", "/v1/coupons/claim", 201, {"campaign": campaign, "member": member}, headers={"Idempotency-Key": "a"})
    assert again == claimed
    call("POST", "/v1/coupons/claim", 409, {"campaign": campaign}, headers={"Idempotency-Key": "a"})
    call("POST", "/v1/coupons/claim", 404, {"campaign": 99})
    bearer = call("POST", "/v1/coupons/claim", 201, {"campaign": campaign, "member": None, "pin_store": None})
    asked = {"code": claimed["code"], "member": member}
    call("POST", "/v1/coupons/verify", 200, asked)
    call("POST", "/v1/coupons/verify", 200, dict(asked, order=ORDER))
    call("POST", "/v1/coupons/verify", 404, dict(asked, member="0000000000000001"))
    call("POST", "/v1/coupons/redeem", 404, dict(asked, request_id="r0", order={"lines": [{"code": "none", "qty_milli": 1000}]}))
    redeemed = call("POST", "/v1/coupons/redeem", 200, dict(asked, request_id="r1", order=ORDER))
    assert (redeemed["total_minor"], redeemed["points"]) == (1800, 18), redeemed
    call("POST", "/v1/coupons/redeem", 409, dict(asked, request_id="r2", order=ORDER))
    call("POST", "/v1/coupons/verify", 409, asked)
    other = call("POST", "/v1/coupons/claim", 201, {"campaign": campaign})
    lane = call("GET", "/v1/terminals", 200)["terminals"][0]
    relayed = {"code": other["code"], "challenge": journey.challenge(lane["terminal"], lane["store"]), "request_id": "p1"}
    call("POST", "/v1/coupons/relay", 404, dict(relayed, challenge=journey.challenge(99, lane["store"])))
    assert call("POST", "/v1/coupons/relay", 200, relayed)["till"] == lane["terminal"]
    call("POST", "/v1/coupons/relay", 409, dict(relayed, request_id="p2", code=bearer["code"]))
    call("PATCH", f"/v1/campaigns/{campaign}", 200, {"stopped": True})
    call("POST", "/v1/coupons/redeem", 410, {"code": bearer["code"], "request_id": "r3", "order": ORDER})
    call("POST", "/v1/coupons/verify", 410, {"code": bearer["code"]})
    call("POST", "/v1/coupons/relay", 410, {"code": bearer["code"], "request_id": "p3",
                                            "challenge": journey.challenge(lane["terminal"], lane["store"], nonce=b"12345678")})


def baskets():
    member = call("POST", "/v1/members", 201, {"name": "Basket", "device_key": centre.tool("device-key").strip()})["member"]
    asked = {"channel": None, "member": member, "order": dict(ORDER, tender="card")}
    priced = call("POST", "/v1/baskets/price", 200, asked)
    assert priced["points"] == 20, priced
    call("POST", "/v1/baskets/price", 404, dict(asked, member="0000000000000001"))
    call("POST", "/v1/baskets/price", 409, {"order": {"lines": []}})
    bought = call("POST", "/v1/baskets", 201, dict(asked, request_id="b1", reference="W-9"))
    assert bought["total_minor"] == priced["total_minor"], bought
    call("POST", "/v1/baskets", 409, dict(asked, request_id="b1"))
    call("POST", "/v1/baskets", 404, dict(asked, request_id="b2", channel=99))


def figures():
    campaign = call("POST", "/v1/campaigns", 201, {
        "name": "Trust", "policy": "optimistic", "budget": 50, "risk_budget_minor": 20000, "risk_per_terminal_minor": 5000,
        "loser": "flag_member", "on_return": "burn", "promotion": TEN_OFF})["campaign"]
    risk = call("GET", f"/v1/campaigns/{campaign}/figures", 200)["risk"]
    assert risk["free_minor"] + risk["unverified_minor"] == 20000 and risk["outstanding_minor"] == 5000, risk
    campaign = call("POST", "/v1/campaigns", 201, {
        "name": "All limits", "policy": "leased", "budget": 50, "budget_minor": 25000, "lease_per_terminal": 5, "per_store": 20,
        "per_day": 10, "lease_reserve_percent": 20, "promotion": {"kind": "order_amount", "amount_minor": 500}})["campaign"]
    path = f"/v1/campaigns/{campaign}/channel-leases"
    channel = call("GET", "/v1/channels", 200)["channels"][0]["channel"]
    shown = call("POST", path, 200, {"channel": channel, "units": 7})
    assert [holder["left"] for holder in shown["holders"]] == [5, 7] and shown["money"]["outstanding_minor"] == 2500, shown
    call("POST", path, 404, {"channel": 99, "units": 7})
    call("POST", path, 409, {"channel": channel, "units": 1000})
    call("GET", "/v1/campaigns/99/figures", 404)
    assert call("GET", "/v1/reports/invariants", 200) == {"broken": []}


def pinning():
    campaign = call("POST", "/v1/campaigns", 201, {"name": "At home", "policy": "pinned", "budget": 5, "promotion": TEN_OFF})["campaign"]
    claimed = call("POST", "/v1/coupons/claim", 201, {"campaign": campaign})
    call("POST", "/v1/coupons/pin", 404, {"code": claimed["code"], "store": 99})
    pinned = call("POST", "/v1/coupons/pin", 200, {"code": claimed["code"], "store": 1})
    assert pinned["generation"] == 1 and pinned["home"]
    call("POST", "/v1/coupons/pin", 409, {"code": pinned["code"], "store": None})


def vouchers():
    member = members[-1]  # who has 18 points of an order
    path = f"/v1/members/{member}/vouchers"
    campaign = call("POST", "/v1/campaigns", 201, {
        "name": "For points", "policy": "pinned", "budget": 5, "points_price": 10, "promotion": TEN_OFF})["campaign"]
    assert call("GET", f"/v1/campaigns/{campaign}", 200)["points_price"] == 10
    call("POST", "/v1/coupons/claim", 409, {"campaign": campaign, "member": member})
    voucher = call("POST", path, 201, {"campaign": campaign, "store": 1, "request_id": "v1"})
    assert voucher["points_price"] == 10 and voucher["home"], voucher
    assert call("POST", path, 201, {"campaign": campaign, "store": 1, "request_id": "v1"}) == voucher
    call("POST", path, 409, {"campaign": campaign, "store": 1, "request_id": "v2"})
    call("POST", path, 404, {"campaign": campaign, "place": 99, "request_id": "v3"})
    shown = call("GET", f"/v1/members/{member}", 200)
    assert (shown["points"], shown["points_in_vouchers"]) == (8, 10), shown


def orders():
    soon = {"store": 1, "ready_from": "2026-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z"}
    order = {"pick_up": soon, "lines": [{"code": PEN["code"], "qty_milli": 2000}], "request_id": "o1", "reference": "W-1"}
    made = call("POST", "/v1/orders", 201, order)
    assert call("POST", "/v1/orders", 201, order) == made
    assert made["state"] == "ready" and made["code"].startswith("PU1:"), made
    call("POST", "/v1/orders", 409, dict(order, reference="W-2"))
    call("POST", "/v1/orders", 404, dict(order, request_id="o2", pick_up=dict(soon, store=99)))
    call("POST", "/v1/orders", 422, dict(order, request_id="o3", pick_up=dict(soon, expires="2025-01-01T00:00:00Z")))
    call("POST", "/v1/orders", 422, dict(order, request_id="o4", lines=[{"code": PEN["code"], "qty_milli": 500}]))
    path = f"/v1/orders/{made['order']}"
    assert call("GET", path, 200)["handed_out"] == []
    call("GET", "/v1/orders/99", 404)
    assert [one["order"] for one in call("GET", "/v1/orders?store=1&state=2", 200)["orders"]] == [made["order"]]
    call("GET", "/v1/orders?after=x", 400)
    call("POST", path + "/ready", 409, {})
    call("POST", path + "/force", 409, {"by": "Lin", "reason": "no"})
    call("POST", path + "/move", 404, {"store": 99})
    assert call("POST", path + "/move", 200, {"store": 1})["state"] == "recalled"  # its till has to hear
    call("POST", path + "/cancel", 409)
    moved = call("POST", path + "/force", 200, {"by": "Lin", "reason": "it burnt"})
    assert moved["state"] == "ready" and moved["generation"] == 2, moved
    assert call("POST", path + "/cancel", 200)["state"] == "recalled"
    call("POST", path + "/move", 409, {"store": 1})
    waiting = call("POST", "/v1/orders", 201, dict(order, request_id="o5", pick_up={"store": 1, "expires": soon["expires"]}))
    assert waiting["state"] == "placed", waiting
    call("POST", f"/v1/orders/{waiting['order']}/answer", 409, {"act": "accept"})  # the shop itself placed it
    call("POST", f"/v1/orders/{waiting['order']}/answer", 422, {"act": "ask"})
    call("POST", f"/v1/orders/{waiting['order']}/answer", 422, {"act": "refuse"})
    with_request = call("POST", "/v1/orders", 201, dict(order, request_id="o6", pick_up={"store": 1, "expires": soon["expires"]}))
    asked = f"/v1/orders/{with_request['order']}"
    # Stores ask by their tills alone, which this test has none of: one is put there as a centre would.
    with sqlite3.connect(os.path.join(centre.folder, "member.db")) as database:
        database.execute("INSERT INTO order_request VALUES (?, 7, 5, 1, 7, 1, 0, 1, 1, 99, 'Lin', '', '', 0)", (with_request["order"],))
    call("POST", asked + "/forget", 409)  # a member, who is forgotten as one
    with sqlite3.connect(os.path.join(centre.folder, "member.db")) as database:
        database.execute("UPDATE order_request SET is_member = 0")
    assert [one["order"] for one in call("GET", "/v1/orders?request=1", 200)["orders"]] == [with_request["order"]]
    assert call("POST", asked + "/answer", 200, {"act": "accept"})["request"]["name"] == "Lin"
    assert "name" not in call("POST", asked + "/forget", 200)["request"]
    assert call("POST", asked + "/answer", 200, {"act": "refuse", "reason": "no more"})["state"] == "cancelled"
    assert call("POST", f"/v1/orders/{waiting['order']}/forget", 200)["order"] == waiting["order"]
    assert call("GET", "/v1/orders?request=1", 200)["orders"] == []
    assert call("POST", f"/v1/orders/{waiting['order']}/ready", 200, {})["state"] == "ready"
    for act, body in (("ready", {}), ("cancel", None), ("move", {"store": 1}), ("force", {"by": "Lin", "reason": "no"}),
                      ("answer", {"act": "accept"}), ("forget", None)):
        call("POST", f"/v1/orders/99/{act}", 404, body)
    sold = call("POST", "/v1/orders", 201, dict(order, request_id="o9", reference="W-9",
                                               channel=call("GET", "/v1/channels", 200)["channels"][0]["channel"]))
    assert sold["priced"]["total_minor"] == sold["total_minor"], sold


def machines():
    bundle = os.path.join(centre.top, "bundle")
    with open(bundle, "wb") as file:
        file.write(b"a system")
    add = [CENTRAL, "release", centre.folder, "add", bundle, "--version", "2.1", "--hardware", "counter-x86", "--schema", "17"]
    release = json.loads(subprocess.run(add, check=True, capture_output=True, text=True).stdout)["release"]
    assert call("GET", "/v1/releases", 200)["releases"][0]["version"] == "2.1"
    again = subprocess.run(add, check=False, capture_output=True, text=True)
    assert again.returncode == 1 and "EXISTS" in again.stderr, again
    begun = call("POST", "/v1/rollouts", 201, {"release": release, "store": 1, "percent_bp": 500, "at": "03:30"})
    assert (begun["at"], begun["meant"], begun["state"]) == ("03:30", 0, "runs"), begun
    call("POST", "/v1/rollouts", 404, {"release": 99})
    call("POST", "/v1/rollouts", 404, {"release": release, "store": 99})
    for at in ("24:00", "3:30", "soon", "0::00", "12:60"):
        call("POST", "/v1/rollouts", 422, {"release": release, "at": at})
    second = call("POST", "/v1/rollouts", 201, {"release": release})
    shown = call("GET", "/v1/rollouts", 200)["rollouts"]
    assert [(one["state"], one["why"]) for one in shown] == [("stopped", "another roll-out began"), ("runs", "")], shown
    one = f"/v1/rollouts/{second['rollout']}"
    call("PATCH", one, 422, {"percent_bp": 1})
    assert call("PATCH", one, 200, {"widen": True})["widened"] is True
    assert call("PATCH", one, 200, {"stop": True})["why"] == "by hand"
    call("PATCH", one, 409, {"stop": True})
    call("PATCH", "/v1/rollouts/99", 404, {})
    call("GET", "/v1/machines?store=x", 400)
    till = call("GET", "/v1/machines?store=1", 200)["machines"][0]["terminal"]
    logs = f"/v1/machines/{till}/logs"
    call("GET", logs, 404)
    number = call("POST", logs, 202)["number"]
    call("POST", "/v1/machines/99/logs", 404)
    assert call("GET", logs, 403)["error"]["name"] == "LOGS_CONSENT"
    with contextlib.closing(sqlite3.connect(os.path.join(centre.folder, "member.db"))) as database, database:  # as one came
        database.execute("UPDATE machine_logs SET came_us = asked_us, text = ? WHERE number = ?", (b"one\ntwo\n", number))
    assert call("GET", logs, 200)["lines"] == ["one", "two"]


def quotes():
    # Tills make them, which this test has none of: two are put there as a centre would, one that is over. One line, 10.00.
    sale = bytes([0x94, 1, 1]) + b"\x1a" + (20261122).to_bytes(4, "big") + b"\x61A" + bytes([0]) + b"\x63CNY" + bytes(
        [1, 0xf6, 0x81, 0, 0x85, 1, 1]) + b"\x19" + (1000).to_bytes(2, "big") + bytes([0, 0, 0x80, 0x80, 0x80, 0x81, 0x83, 2])
    sale += b"\x19" + (1000).to_bytes(2, "big") + b"\x69quotation"
    for figure in (1000, 0, 0, 1000, 0, 0):  # gross, discount, tax, total, change, points
        sale += b"\x19" + figure.to_bytes(2, "big") if figure else bytes([0])
    with sqlite3.connect(os.path.join(centre.folder, "member.db")) as database:
        database.execute("INSERT INTO log (id, terminal, epoch, sign_key, state, seq, head, reported_seq, enrolled_us, contact_us, cursor)"
                         " VALUES (7777, 7777, 1, x'', 1, 2, x'', 2, 0, 0, 0)")
        for seq, expires in ((1, 4070908800), (2, 1)):
            body = bytes([0x83, 1]) + (b"\x1a" + expires.to_bytes(4, "big") if expires > 23 else bytes([expires]))
            body += b"\x58" + bytes([len(sale)]) + sale
            identity = (7777 << 40) + seq
            database.execute("INSERT INTO record (id, hash, type, rc, wall_ms, mono_ms, time_quality, down_cursor, boot_id, salt, body)"
                             " VALUES (?, ?, 20, 0, 0, 0, 2, 0, x'', x'', ?)", (identity, bytes(range(32)), body))
            database.execute("INSERT INTO quote (id, store, number, at_us, expires_s, total_minor) VALUES (?, 1, ?, 0, ?, 1000)",
                             (identity, seq, expires))
    told = call("GET", "/v1/quotes/7777-1-000001", 200)
    assert told["total_minor"] == 1000 and not told["used"] and told == call("GET", "/v1/quotes/CQ1:7777-1-1-00010203", 200), told
    call("GET", "/v1/quotes/CQ1:7777-1-1-00010204", 422)
    call("GET", "/v1/quotes/9-9-9", 404)
    call("POST", "/v1/quotes/9-9-9/use", 404, {"reference": "W-1"})
    call("POST", "/v1/quotes/7777-1-2/use", 410, {"reference": "W-1"})
    assert call("POST", "/v1/quotes/7777-1-1/use", 200, {"reference": "W-1"})["reference"] == "W-1"
    call("POST", "/v1/quotes/7777-1-1/use", 409, {"reference": "W-2"})
    with sqlite3.connect(os.path.join(centre.folder, "member.db")) as database:
        for table, least in (("quote", 0), ("record", 0), ("log", 7777)):
            database.execute(f"DELETE FROM {table} WHERE id >= ?", (least or 7777 << 40,))


def erasures():
    member = members[-1]
    assert call("POST", f"/v1/members/{member}/erase", 200) == {"erased": True}
    call("POST", f"/v1/members/{member}/erase", 404)
    erasure = call("GET", "/v1/reports/erasures", 200)["erasures"][0]
    assert erasure["records_erased"] and erasure["tills_waiting"] <= erasure["tills"], erasure


def monitors():
    call("GET", "/v1/health", 200)
    # Conflicts come of tills alone, which this test has none of: one is put there as a centre would.
    with sqlite3.connect(os.path.join(centre.folder, "member.db")) as database:
        database.execute("INSERT INTO conflict (kind, campaign, idx, record, loser, member, state, at_us) VALUES (1, 1, 7, 0, 2, 9, 1, 0)")
    conflict = call("GET", "/v1/conflicts?open=1&campaign=1", 200)["conflicts"][0]["conflict"]
    assert call("GET", "/v1/members?flagged=1", 200)["members"][0]["conflicts"] == 1
    call("GET", "/v1/members", 400)
    assert call("GET", "/v1/reports/lag", 200)["terminals"]
    assert call("GET", "/v1/reports/lag?store=99", 200)["terminals"] == []
    call("GET", "/v1/reports/lag?store=x", 400)
    assert call("GET", "/v1/reports/returns", 200)["reasons"] == []
    call("GET", "/v1/reports/returns?store=x", 400)
    call("POST", f"/v1/conflicts/{conflict}/settle", 200)
    call("POST", "/v1/conflicts/99/settle", 404)
    assert call("GET", "/v1/conflicts?open=1", 200)["conflicts"] == []
    call("GET", "/v1/alarms", 200)
    call("GET", "/v1/conflicts?after=x", 400)
    call("GET", "/v1/alarms?after=x", 400)


def gift_cards():
    call("GET", "/v1/value-terms", 200)
    call("PUT", "/v1/value-terms", 200, {"cards_per_terminal": 5, "points": 10, "minor": 1})
    body = {"amount_minor": 5000, "currency": "CNY", "request_id": "g1"}
    card = call("POST", "/v1/gift-cards", 201, body)
    assert call("POST", "/v1/gift-cards", 201, body)["account"] == card["account"]
    call("POST", "/v1/gift-cards", 409, dict(body, amount_minor=1))
    call("POST", "/v1/gift-cards/verify", 200, {"code": card["code"]})
    spend = {"code": card["code"], "amount_minor": 2000, "currency": "CNY", "order": "web 1", "request_id": "s1"}
    call("POST", "/v1/gift-cards/spend", 200, spend)
    assert call("POST", "/v1/gift-cards/spend", 200, spend)["balance_minor"] == 3000
    call("POST", "/v1/gift-cards/spend", 409, dict(spend, amount_minor=3001, request_id="s2"))
    second = call("POST", "/v1/gift-cards/spend", 200, dict(spend, amount_minor=3000, order="web 2", request_id="s2"))
    assert second["balance_minor"] == 0, second
    for _ in range(2):  # an answer may get lost
        undone = call("POST", f"/v1/gift-cards/spend/{second['payment']}/undo", 200)
        assert (undone["amount_minor"], undone["balance_minor"], undone["spent_minor"]) == (3000, 3000, 2000), undone
    call("POST", "/v1/gift-cards/spend/99/undo", 404)
    path = f"/v1/gift-cards/{card['account']}"
    till = next(one["terminal"] for one in call("GET", "/v1/terminals", 200)["terminals"] if one["epoch"])
    at_till = {"terminal": till, "amount_minor": 1000, "request_id": "h1"}
    assert call("POST", path + "/home", 200, at_till)["homes"][0]["left_minor"] == 1000
    call("POST", path + "/home", 409, dict(at_till, amount_minor=9999, request_id="h2"))
    call("POST", path + "/home", 404, dict(at_till, terminal=99, request_id="h3"))
    call("POST", path + "/recall", 200, {"terminal": till})
    call("POST", path + "/recall", 404, {"terminal": 99})
    call("POST", path + "/block", 200, {"blocked": True})
    call("POST", "/v1/gift-cards/spend", 409, dict(spend, request_id="s3"))
    call("POST", path + "/block", 200, {"blocked": False})
    call("POST", "/v1/gift-cards/99/block", 404, {"blocked": True})
    assert call("GET", path, 200)["homed_minor"] == 1000
    call("GET", "/v1/gift-cards/99", 404)
    assert call("GET", "/v1/reports/value", 200)["accounts"][0]["owed_minor"] == 3000
    assert call("GET", "/v1/reports/invariants", 200) == {"broken": []}


ROLES = ("shop", "marketing", "manager", "technician", "auditor")
keys = {}


def keys_of_roles():
    for role in ROLES:
        made = call("POST", "/v1/keys", 201, {"role": role, "name": f"The {role}"})
        keys[role] = made["api_key"]
    call("POST", "/v1/keys", 422, {"role": "owner", "name": "x"})
    listed = call("GET", "/v1/keys", 200)["keys"]
    assert [(one["role"], one["used"]) for one in listed] == [(role, None) for role in ROLES], listed
    assert centre.api("GET", "/v1/stores", None, keys["auditor"]).status == 200
    assert [one["role"] for one in call("GET", "/v1/keys", 200)["keys"] if one["used"]] == ["auditor"]
    assert not any(key in json.dumps(listed) for key in keys.values())
    # by hand, while it serves
    made = json.loads(subprocess.run([CENTRAL, "api-key", centre.folder, "add", "auditor", "Ernst"], check=True,
                                     capture_output=True, text=True).stdout)
    assert centre.api("GET", "/v1/alarms", None, made["api_key"]).status == 200
    told = json.loads(subprocess.run([CENTRAL, "api-key", centre.folder, "list"], check=True, capture_output=True, text=True).stdout)
    assert told == call("GET", "/v1/keys", 200), told
    subprocess.run([CENTRAL, "api-key", centre.folder, "revoke", str(made["key"])], check=True)
    assert subprocess.run([CENTRAL, "api-key", centre.folder, "revoke", str(made["key"])], check=False, capture_output=True).returncode != 0
    assert subprocess.run([CENTRAL, "api-key", centre.folder, "add", "king", "x"], check=False, capture_output=True).returncode != 0
    refused = centre.api("GET", "/v1/stores", None, made["api_key"])
    assert (refused.status, refused.name) == (401, "TOKEN"), refused.body
    spare = call("POST", "/v1/keys", 201, {"role": "shop", "name": "Spare"})["key"]
    call("DELETE", f"/v1/keys/{spare}", 200)
    call("DELETE", f"/v1/keys/{spare}", 404)


def each_key_may_do_only_its_part():
    for template, operations in SPEC["paths"].items():
        for method, described in operations.items():
            for role in ROLES:
                if described.get("security") != [] and role not in described["x-roles"]:
                    refused = call(method.upper(), re.sub(r"\{\w+\}", "1", template), 403, key=keys[role])
                    assert refused["error"]["name"] == "KEY_ROLE" and role in refused["error"]["detail"], refused


def every_operation_refuses_what_is_not_for_it():
    for template, operations in SPEC["paths"].items():
        path = re.sub(r"\{\w+\}", "1", template)
        for method, described in operations.items():
            method = method.upper()
            if described.get("security") != []:
                call(method, path, 401, key=None)
                call(method, path, 401, key="cfk_0000000000000000000000000000000000000000")
            if "requestBody" in described:
                call(method, path, 400, b"{")
                call(method, path, 422, {"nonsense": 1})
                call(method, path, 413, LARGE)


def every_status_of_the_document_was_met():
    described = {(method.upper(), path, status) for path, operations in SPEC["paths"].items()
                 for method, one in operations.items() for status in one["responses"]}
    assert met == described, sorted(described - met)


for test in (
        the_document_and_the_server_have_the_same_routes,
        every_reference_of_the_document_leads_somewhere,
        stores_channels_and_terminals,
        users,
        claims_and_redemptions,
        baskets,
        figures,
        pinning,
        vouchers,
        orders,
        quotes,
        machines,
        monitors,
        erasures,
        gift_cards,
        keys_of_roles,
        each_key_may_do_only_its_part,
        every_operation_refuses_what_is_not_for_it,
        every_status_of_the_document_was_met):
    tap.test(test)
centre.close()
sys.exit(tap.end())
