#!/usr/bin/env python3
"""Promotions as documents: schema, page, centre and till say the same. Each worked promotion of docs/promotions.md is
valid, is accepted, and is sold at the price that the page states; what contradicts itself is refused by its path."""
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

try:
    import jsonschema
except ImportError:
    jsonschema = None

CODES = {"pen": shop.GOODS[0][0], "mask": shop.GOODS[1][0], "serum": shop.GOODS[2][0], "tea": shop.GOODS[3][0]}


def text_of(*path):
    with open(os.path.join(journey.SOURCE, *path), encoding="utf-8") as file:
        return file.read()


SCHEMA = json.loads(text_of("docs", "promotion.schema.json"))


def examples():
    """(title, promotions, lines of the basket) of the page."""
    worked = text_of("docs", "promotions.md").partition("## Worked promotions")[2]
    found = []
    for section in re.split(r"^### ", worked, flags=re.M)[1:]:
        promotions = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, re.S)]
        basket = re.search(r"```basket\n(.*?)```", section, re.S).group(1).split("\n")
        found.append((section.partition("\n")[0], promotions, [line for line in basket if line]))
    assert len(found) >= 12, len(found)
    return found


def minor(text):
    whole, _, cents = text.partition(".")
    return int(whole) * 100 + int(cents)


# --- schema and code ---

def the_schema_is_one_and_describes_each_field(_world):
    if jsonschema is None:
        raise journey.Skip("python3-jsonschema is not installed")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for name, field in SCHEMA["properties"].items():
        assert field["description"], name
        if field["type"] in ("integer", "boolean") or "enum" in field and name != "kind":
            assert "default" in field, name


def the_schema_names_the_fields_of_the_code_and_no_others(_world):
    table = text_of("app", "core", "promotion_fields.c")
    coded = {"member_tiers" if name == "tiers_mask" else name for name in re.findall(r'^    \{\d+, "(\w+)",', table, re.M)}
    own = set(re.findall(r'\.name = "(\w+)"', text_of("sync", "central", "promotion_json.c").partition("static void add_own")[2]
                         .partition("static void add_table")[0]))
    assert len(coded) > 40 and len(own) > 12, (len(coded), len(own))
    assert coded | own == set(SCHEMA["properties"]), (coded | own) ^ set(SCHEMA["properties"])
    page = text_of("docs", "promotions.md")
    for name in SCHEMA["properties"]:
        assert f"| `{name}` |" in page, name


def the_words_of_the_schema_are_those_of_the_code(_world):
    table = text_of("app", "core", "promotion_fields.c")
    for name, words in re.findall(r'\{\d+, "(\w+)", WORD, AT\(\w+\), \d+, \{([^}]*)\}\}', table):
        assert re.findall(r'"(\w+)"', words) == SCHEMA["properties"][name]["enum"], name
        assert SCHEMA["properties"][name]["default"] == SCHEMA["properties"][name]["enum"][0], name


# --- the page ---

def each_example_is_valid(_world):
    if jsonschema is None:
        raise journey.Skip("python3-jsonschema is not installed")
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for title, promotions, _ in examples():
        for promotion in promotions:
            wrong = list(validator.iter_errors(promotion))
            assert not wrong, (title, wrong)


def member_of(world, words):
    """The card of a new member, who agreed or did not."""
    who = world.join_member()
    if words == ["birthday"]:
        # the store is 8 hours east
        day = time.strftime("%m-%d", time.gmtime(time.time() + 8 * 3600))
        return world.api("POST", f"/v1/members/{who['member']}/facts", {"birthday": day})["card"]
    if words == ["phone"]:
        who["card"] = world.api("POST", f"/v1/members/{who['member']}/facts", {})["card"]
        return world.member_code(who)
    return who["card"]


def sell(world, title, basket):
    """One sale as the basket says; its figures against those that the page states."""
    steps, pay, stated = [], "cash", {}
    for line in basket:
        word, *rest = line.split()
        if word == "member":
            steps.append(f"member {member_of(world, rest)}")
        elif word == "pay":
            pay = rest[0]
        elif word in ("total", "points", "issued"):
            stated[word] = rest[0]
        else:
            steps += [f"scan {CODES[rest[0]]}", f"quantity {word}"]
    lines = world.sell(world.lane, [*steps, f"tender {pay} due" + (" A-1" if pay != "cash" else "")])
    sold = lines[-1]["sold"]
    assert sold["total_minor"] == minor(stated["total"]), f"{title}: {sold['total_minor']}, stated {stated['total']}"
    if "points" in stated:
        assert sold["points"] == int(stated["points"]), f"{title}: {sold['points']} points"
    return stated


def each_example_comes_to_its_price_and_is_judged_the_same(world):
    world.next_visit = world.launch("Next visit", issue_in_store={"by_promotion": True, "valid_days": 30, "range_per_terminal": 100})
    assert world.next_visit == 1
    for title, promotions, basket in examples():
        launched = [world.api("POST", "/v1/campaigns", {"name": title, "policy": "automatic", "promotion": promotion})["campaign"]
                    for promotion in promotions]
        world.sync(world.lane)
        if not any(line.startswith("at ") for line in basket):
            sell(world, title, basket)
        for campaign in launched:
            world.api("PATCH", f"/v1/campaigns/{campaign}", {"stopped": True})
    world.sync(world.lane)
    assert world.api("GET", "/v1/alarms")["alarms"] == []


def a_coupon_was_issued_where_a_promotion_gave_it_and_nowhere_else(world):
    sales = world.api("GET", f"/v1/sales?terminal={world.terminal(world.lane)}&lines=true")["sales"]
    assert len(sales) == len([1 for _, _, basket in examples() if not any(line.startswith("at ") for line in basket)]), len(sales)
    issued = world.counterfoil("report", "x", "--json", "--dir", world.lane)[0]["coupons_issued"]
    assert issued == 1, issued


# --- what is refused ---

REFUSED = [
    ("promotion.surprise", {"kind": "order_percent", "percent_bp": 1, "surprise": 1}),
    ("promotion.kind", {"kind": "free_money"}),
    ("promotion.percent_bp", {"kind": "order_percent", "percent_bp": 10001}),
    ("promotion.percent_bp", {"kind": "unit_price", "amount_minor": 100, "percent_bp": 10}),
    ("promotion.percent_bp", {"kind": "group", "group_qty": 2, "off": "price", "amount_minor": 1, "percent_bp": 5}),
    ("promotion.amount_minor", {"kind": "group", "group_qty": 2, "amount_minor": 1, "percent_bp": 5}),
    ("promotion.amount_minor", {"kind": "order_amount", "amount_minor": -1}),
    ("promotion.buy_qty", {"kind": "buy_get", "get_qty": 1, "percent_bp": 10000}),
    ("promotion.get_qty", {"kind": "buy_get", "buy_qty": 1, "percent_bp": 10000}),
    ("promotion.get_qty", {"kind": "group", "group_qty": 2, "get_qty": 3, "percent_bp": 10000}),
    ("promotion.slots", {"kind": "bundle", "off": "price", "amount_minor": 1}),
    ("promotion.slots", {"kind": "order_percent", "percent_bp": 1, "slots": [{"qty": 1, "categories": [1]}]}),
    ("promotion.slots[0].qty", {"kind": "bundle", "off": "price", "slots": [{"qty": 0, "categories": [1]}]}),
    ("promotion.slots[1].products", {"kind": "bundle", "off": "price", "slots": [{"qty": 1, "categories": [1]}, {"qty": 1}]}),
    ("promotion.tiers[1].from", {"kind": "tiered", "tiers": [{"from": 5, "value": 1}, {"from": 5, "value": 2}]}),
    ("promotion.tiers[0].value", {"kind": "tiered", "tiers": [{"from": 5, "value": 10001}]}),
    ("promotion.tiers", {"kind": "tiered"}),
    ("promotion.weekdays", {"kind": "order_percent", "percent_bp": 1, "weekdays": []}),
    ("promotion.weekdays[1]", {"kind": "order_percent", "percent_bp": 1, "weekdays": ["monday", "caturday"]}),
    ("promotion.hours[0].to", {"kind": "order_percent", "percent_bp": 1, "hours": [{"from": "17:00", "to": "17:00"}]}),
    ("promotion.hours[0].from", {"kind": "order_percent", "percent_bp": 1, "hours": [{"from": "24:00", "to": "01:00"}]}),
    ("promotion.tenders[0]", {"kind": "order_percent", "percent_bp": 1, "tenders": ["goats"]}),
    ("promotion.member_tiers", {"kind": "order_percent", "percent_bp": 1, "member_tiers": [10]}),
    ("promotion.rounding", {"kind": "order_percent", "percent_bp": 1, "rounding": "wildly"}),
    ("promotion.guests_only", {"kind": "order_percent", "percent_bp": 1, "guests_only": True, "members_only": True}),
    ("promotion.max_spend_minor", {"kind": "order_percent", "percent_bp": 1, "max_spend_minor": 5, "min_spend_minor": 6}),
    ("promotion.issue_campaign", {"kind": "effect", "issue_campaign": 4000}),
    ("promotion.with_campaign", {"kind": "order_percent", "percent_bp": 1, "with_campaign": 4000}),
    ("promotion.stores[1]", {"kind": "order_percent", "percent_bp": 1, "stores": [1, 4000]}),
]


def a_coupon_that_goes_along_is_used_up_and_only_if_something_was_given(world):
    companion = world.launch("Companion", budget=50, lease_per_terminal=10,
                             promotion={"kind": "order_amount", "amount_minor": 100, "min_spend_minor": 900000})
    beside = world.api("POST", "/v1/campaigns", {"name": "Beside it", "policy": "automatic", "promotion": {
        "kind": "order_percent", "percent_bp": 1000, "min_spend_minor": 3000, "with_campaign": companion}})["campaign"]
    world.sync(world.lane)
    coupons = [world.claim(companion) for _ in range(2)]
    pay = "tender cash due"
    assert world.sell(world.lane, [f"scan {CODES['tea']}", f"coupon {coupons[0]}", pay])[-1]["sold"]["total_minor"] == 1190
    sold = world.sell(world.lane, [f"scan {CODES['mask']}", f"coupon {coupons[0]}", f"coupon {coupons[1]}", pay])[-1]["sold"]
    assert sold["total_minor"] == 3990 - 399, sold
    again = world.sell(world.lane, [f"scan {CODES['mask']}", f"coupon {coupons[0]}", "cancel"], check=False)
    assert again[1]["error"]["name"] == "COUPON_SPENT", again
    world.sync(world.lane)
    figures = world.figures(companion)
    assert figures["spent"] == 1, figures
    assert world.sell(world.lane, [f"scan {CODES['mask']}", f"coupon {coupons[1]}", pay])[-1]["sold"]["total_minor"] == 3990 - 399
    world.sync(world.lane)
    assert world.figures(companion)["spent"] == 2 and world.api("GET", "/v1/alarms")["alarms"] == []
    world.api("PATCH", f"/v1/campaigns/{beside}", {"stopped": True})


def what_contradicts_itself_is_refused_by_its_path(world):
    for path, promotion in REFUSED:
        refusal = shop.refused(lambda: world.api("POST", "/v1/campaigns", {"name": "x", "policy": "automatic", "promotion": promotion}),
                               "JSON_TYPE", "JSON_RANGE", "RANGE", "STORE_UNKNOWN")
        assert path in str(refusal), f"{promotion}: {refusal}"


TEN = {"kind": "order_percent", "percent_bp": 1000}
BUNDLE = {"kind": "bundle", "off": "price", "amount_minor": 100}
BOTH_SAY = [  # the path by which the centre refuses it, or None where it takes it; the document; why the row is here
    (None, {**TEN, "scope": {}}, "all goods, said in so many words"),
    (None, {**TEN, "scope": {"products": [int(CODES["tea"])]}}, "one list is enough"),
    (None, {**TEN, "scope": {"products": [CODES["tea"], int(CODES["pen"])]}}, "codes as the import has them, beside ids"),
    ("promotion.scope.products[0]", {**TEN, "scope": {"products": [1.5]}}, "neither an id nor a code"),
    ("promotion.scope.products[1]", {**TEN, "scope": {"products": [int(CODES["tea"]), ""]}}, "a code of nothing"),
    (None, {**TEN, "except": {"categories": [1]}}, "one list is enough"),
    (None, {**BUNDLE, "slots": [{"qty": 1, "categories": [1]}]}, "one list is enough"),
    ("promotion.scope", {**TEN, "scope": None}, "null must not cover all goods"),
    ("promotion.scope.products", {**TEN, "scope": {"products": None}}, "null must not cover all goods"),
    ("promotion.scope.products", {**TEN, "scope": {"products": []}}, "a filter that found nothing must not cover all goods"),
    ("promotion.scope.categories", {**TEN, "scope": {"products": [int(CODES["tea"])], "categories": []}}, "empty beside one that is not"),
    ("promotion.stores", {**TEN, "stores": None}, "null must not mean all stores"),
    ("promotion.stores", {**TEN, "stores": []}, "nor must none"),
    ("promotion.segments", {**TEN, "segments": None}, "null must not mean everybody"),
    ("promotion.member_tiers", {**TEN, "member_tiers": None}, "a list with code of its own"),
    ("promotion.weekdays", {**TEN, "weekdays": None}, "a mask"),
    ("promotion.hours", {**TEN, "hours": None}, "a list of objects"),
    ("promotion.min_spend_minor", {**TEN, "min_spend_minor": None}, "null must not mean from the first cent"),
    ("promotion.members_only", {**TEN, "members_only": None}, "a flag of the table"),
    ("promotion.rounding", {**TEN, "rounding": None}, "a word of the table"),
    ("promotion.rounding", {**TEN, "rounding": ""}, "no word at all"),
    ("promotion.kind", {"kind": None}, "what is required"),
    ("promotion.percent_bp", {"kind": "unit_price", "amount_minor": 100, "percent_bp": None}, "null where a kind has no use for it"),
    ("promotion.except.products", {**TEN, "except": {"products": []}}, "excepts nothing"),
    ("promotion.except.products", {**TEN, "except": {}}, "excepts nothing"),
    ("promotion.except", {**TEN, "except": None}, "excepts nothing"),
    ("promotion.buy.products", {**TEN, "buy": {}}, "names nothing"),
    ("promotion.slots", {**BUNDLE, "slots": []}, "a bundle of nothing"),
    ("promotion.slots[0].products", {**BUNDLE, "slots": [{"qty": 1}]}, "a slot for nothing"),
    ("promotion.slots[0].products", {**BUNDLE, "slots": [{"qty": 1, "products": []}]}, "a slot for nothing"),
    ("promotion.slots[0].categories", {**BUNDLE, "slots": [{"qty": 1, "products": [int(CODES["tea"])], "categories": None}]}, "null in a slot"),
    ("promotion.tiers[0].value", {"kind": "tiered", "tiers": [{"from": 1, "value": None}]}, "null in a tier"),
]


def schema_and_centre_refuse_the_same_nulls_and_empty_lists(world):
    for path, promotion, why in BOTH_SAY:
        make = {"name": "x", "policy": "automatic", "promotion": promotion}
        if path is None:
            campaign = world.api("POST", "/v1/campaigns", make)["campaign"]
            world.api("PATCH", f"/v1/campaigns/{campaign}", {"stopped": True})
        else:
            refusal = shop.refused(lambda: world.api("POST", "/v1/campaigns", make), "JSON_TYPE", "JSON_RANGE")
            assert f"{path}:" in str(refusal), f"{why}: {promotion}: {refusal}"
    if jsonschema is None:
        raise journey.Skip("python3-jsonschema is not installed")
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for path, promotion, why in BOTH_SAY:
        assert validator.is_valid(promotion) == (path is None), f"{why}: {promotion}"


UNKNOWN = [  # what names goods that there are not, and where it stands
    ("promotion.scope.products[0]", {**TEN, "scope": {"products": [1]}}),
    ("promotion.scope.products[1]", {**TEN, "scope": {"products": [CODES["tea"], "NO-SUCH"]}}),
    ("promotion.except.products[0]", {**TEN, "except": {"products": ["NO-SUCH"]}}),
    ("promotion.buy.products[0]", {"kind": "buy_get", "buy": {"products": [9999999]}, "buy_qty": 1, "get_qty": 1, "percent_bp": 10000}),
    ("promotion.slots[1].products[0]", {**BUNDLE, "slots": [{"qty": 1, "categories": [1]}, {"qty": 1, "products": ["#4099"]}]}),
]


def goods_that_no_catalogue_has_are_refused_by_their_place(world):
    for path, promotion in UNKNOWN:
        refusal = shop.refused(lambda: world.api("POST", "/v1/campaigns", {"name": "x", "policy": "automatic", "promotion": promotion}),
                               "PRODUCT_UNKNOWN")
        assert f"{path}:" in str(refusal), f"{promotion}: {refusal}"


def goods_without_a_gtin_are_named_as_the_import_names_them(world):
    world.api("POST", "/v1/catalogue", {"store": world.store, "products": [
        {"code": "COMB-7", "name": "Comb", "price_minor": 1000}, {"code": "APPLES", "plu": 4011, "name": "Apples", "price_minor": 500, "weighed": True}]})
    campaign = world.api("POST", "/v1/campaigns", {"name": "Own goods", "policy": "automatic", "promotion": {
        "kind": "line_percent", "percent_bp": 5000, "scope": {"products": ["COMB-7", "#4011"]}}})["campaign"]
    world.sync(world.lane)
    sold = world.sell(world.lane, ["scan COMB-7", "scan #4011", "quantity 2", f"scan {CODES['pen']}", "tender cash due"])[-1]["sold"]
    assert sold["total_minor"] == 500 + 500 + 990, sold
    shown = world.api("GET", f"/v1/campaigns/{campaign}")["promotion"]
    world.api("PATCH", f"/v1/campaigns/{campaign}", {"promotion": shown})  # the ids that were found are accepted again
    # Two stores that mean different goods by one code: an id must say which.
    other = world.api("POST", "/v1/stores", {"name": "Other", "currency": "CNY", "tax_inclusive": True})["store"]
    world.api("POST", "/v1/catalogue", {"store": other, "products": [{"id": 77, "code": "COMB-7", "name": "Another comb", "price_minor": 900}]})
    both = {"name": "Which", "policy": "automatic", "promotion": {**TEN, "scope": {"products": ["COMB-7"]}}}
    assert "is product" in str(shop.refused(lambda: world.api("POST", "/v1/campaigns", both), "JSON_RANGE"))
    one = world.api("POST", "/v1/campaigns", {**both, "stores": [other]})
    assert one["promotion"]["scope"]["products"] == [77], one
    # Goods that the shop has no more are no goods; a campaign that named them can still be stopped.
    world.api("POST", "/v1/catalogue", {"store": world.store, "products": [{"code": "COMB-7", "name": "Comb", "price_minor": 1000, "gone": True}]})
    shop.refused(lambda: world.api("PATCH", f"/v1/campaigns/{campaign}", {"promotion": shown}), "PRODUCT_UNKNOWN")
    for each in (campaign, one["campaign"]):
        world.api("PATCH", f"/v1/campaigns/{each}", {"stopped": True})
    world.sync(world.lane)
    assert world.api("GET", "/v1/alarms")["alarms"] == []


def a_whole_number_with_a_fraction_is_what_only_the_centre_refuses(world):
    """To JSON Schema 1000.0 is an integer; money is read by nothing that knows fractions."""
    promotion = {"kind": "order_percent", "percent_bp": 1000.0}
    refusal = shop.refused(lambda: world.api("POST", "/v1/campaigns", {"name": "x", "policy": "automatic", "promotion": promotion}),
                           "JSON_TYPE")
    assert "promotion.percent_bp:" in str(refusal), refusal


def a_window_that_never_opens_is_refused(world):
    body = {"name": "x", "policy": "automatic", "from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z",  # a Monday
            "promotion": {"kind": "order_percent", "percent_bp": 1, "weekdays": ["friday"]}}
    refusal = shop.refused(lambda: world.api("POST", "/v1/campaigns", body), "JSON_RANGE")
    assert "promotion.weekdays" in str(refusal), refusal
    body["promotion"]["weekdays"] = ["sunday", "monday"]
    world.api("POST", "/v1/campaigns", body)


def what_was_accepted_is_shown_as_it_was_made(world):
    made = {"kind": "tiered", "tiers": [{"from": 1000, "value": 500}], "weekdays": ["monday", "sunday"], "tenders": ["card"],
            "hours": [{"from": "22:00", "to": "02:30"}], "member_tiers": [1, 3], "segments": [7], "choose": "best", "group": 4,
            "rounding": "line", "members_only": True}
    campaign = world.api("POST", "/v1/campaigns", {"name": "Shown", "policy": "automatic", "promotion": made})["campaign"]
    shown = world.api("GET", f"/v1/campaigns/{campaign}")["promotion"]
    assert {name: shown[name] for name in made} == made, shown
    world.api("PATCH", f"/v1/campaigns/{campaign}", {"promotion": shown})
    assert world.api("GET", f"/v1/campaigns/{campaign}")["promotion"] == shown


def main():
    with shop.open() as world:
        world.lane = world.till("Till 1")
        journey.run([
            the_schema_is_one_and_describes_each_field,
            the_schema_names_the_fields_of_the_code_and_no_others,
            the_words_of_the_schema_are_those_of_the_code,
            each_example_is_valid,
            each_example_comes_to_its_price_and_is_judged_the_same,
            a_coupon_was_issued_where_a_promotion_gave_it_and_nowhere_else,
            a_coupon_that_goes_along_is_used_up_and_only_if_something_was_given,
            what_contradicts_itself_is_refused_by_its_path,
            schema_and_centre_refuse_the_same_nulls_and_empty_lists,
            goods_that_no_catalogue_has_are_refused_by_their_place,
            goods_without_a_gtin_are_named_as_the_import_names_them,
            a_whole_number_with_a_fraction_is_what_only_the_centre_refuses,
            a_window_that_never_opens_is_refused,
            what_was_accepted_is_shown_as_it_was_made,
        ], world)


main()
