#!/usr/bin/env python3
"""What public engines' tests state about promotions, priced by `counterfoil price`. promotions.jsonl has the facts of those
tests in our words, one case a line: cart, promotions, what must come off. docs/pricing.md says which house rules each
engine's answers stand for. No case is left out."""
import copy
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("CF_SOURCE", os.path.dirname(os.path.dirname(HERE)))
PROGRAM = os.path.join(os.environ.get("CF_BUILD", os.path.join(SOURCE, "build", "release")), "bin", "counterfoil")
ENGINES = {"sylius": 137, "shopware": 49, "odoo": 33, "solidus": 27, "vendure": 26, "medusa": 21, "saleor": 15, "magento": 11}


def text_of(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


CASES = [json.loads(line) for line in text_of("tests", "cases", "promotions.jsonl").splitlines()]


def price(cases):
    done = subprocess.run([PROGRAM, "price"], input="".join(json.dumps(case) + "\n" for case in cases),
                          capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(cases), (done.returncode, done.stderr, len(answers))
    return answers


def differences(case, answer):
    if not answer["ok"]:
        return [f"refused: {answer['error']['detail']}"]
    found = []
    for field, stated in case["expect"].items():
        if field == "line_discounts":
            found += [f"{line}: {answer[field].get(line)}, stated {off}" for line, off in stated.items() if answer[field].get(line) != off]
        elif answer[field] != stated:
            found.append(f"{field}: {answer[field]}, stated {stated}")
    return found


def of_engine(engine):
    def comes_to_what_its_tests_state():
        cases = [case for case in CASES if case["id"].startswith(engine + "-")]
        assert len(cases) == ENGINES[engine], len(cases)
        wrong = [(case["id"], case["title"], differences(case, answer)) for case, answer in zip(cases, price(cases))
                 if differences(case, answer)]
        assert not wrong, wrong
    comes_to_what_its_tests_state.__name__ = f"each_case_of_{engine}_comes_to_what_its_tests_state"
    return comes_to_what_its_tests_state


def the_order_of_scanning_changes_no_figure():
    turned = [dict(case, cart=case["cart"][::-1]) for case in CASES]
    wrong = [(case["id"], differences(case, answer)) for case, answer in zip(turned, price(turned)) if differences(case, answer)]
    assert not wrong, wrong


def the_page_counts_the_cases():
    page = text_of("docs", "pricing.md")
    assert len(CASES) == sum(ENGINES.values()) and f"{len(CASES)} cases" in page
    for engine, n in ENGINES.items():
        assert re.search(rf"\| {engine} \| {n} \|", page, re.I), engine
    assert len({case["id"] for case in CASES}) == len(CASES)


def words_of(table):
    """{word of shops: our field} of a table of app/cli/price_words.c."""
    rows = re.search(rf"static const struct word {table}\[\] = \{{(.*?)\n\}};", text_of("app", "cli", "price_words.c"), re.S).group(1)
    return {says: field for field, texts in re.findall(r'\{"(\w+)",((?:\s*"[\w ]+")+)\}', rows) for says in texts.replace('"', " ").split()}


def each_word_means_what_the_table_says():
    words = words_of("of_promotion")
    cases = []
    for says, field in words.items():
        for case in CASES:
            at = next((i for i, promotion in enumerate(case["promotions"]) if field in promotion), None)
            if at is None or any(other in case["promotions"][at] for other in words if words[other] == field):
                continue
            renamed = copy.deepcopy(case)
            renamed["promotions"][at][says] = renamed["promotions"][at].pop(field)
            cases.append(renamed)
            break
    assert len(cases) > 200, len(cases)
    wrong = [(case["promotions"], differences(case, answer)) for case, answer in zip(cases, price(cases)) if differences(case, answer)]
    assert not wrong, wrong


def a_field_that_nobody_knows_is_refused_by_its_name():
    places = [("a case", lambda case: case), ("a cart line", lambda case: case["cart"][0]),
              ("a promotion", lambda case: case["promotions"][-1]), ("a context", lambda case: case.setdefault("context", {})),
              ("a customer", lambda case: case.setdefault("context", {}).setdefault("customer", {})),
              ("tax", lambda case: case.setdefault("context", {}).setdefault("tax", {}))]
    for what, place in places:
        cases = [copy.deepcopy(case) for case in CASES if what != "a customer" or "customer_group" not in case.get("context", {})]
        for case in cases:
            if what == "a customer" and isinstance(case.get("context", {}).get("customer"), str):
                case["context"].pop("customer")
            place(case)["wibble"] = 1
        for case, answer in zip(cases, price(cases)):
            assert not answer["ok"] and answer["error"]["name"] == "UNSUPPORTED", (what, case["id"], answer)
            assert answer["error"]["detail"] == f'{what} with "wibble"', (what, answer["error"])


def a_figure_that_the_type_does_not_take_is_refused_by_its_name():
    cart = [{"sku": "a", "unit_price": 1000, "qty": 3}]
    for more, named in (({"tiers": [[0, 10]]}, "tiers"), ({"group_size": 2}, "group_qty"), ({"buy_quantity": 2}, "buy_qty"),
                        ({"pick": "dearest"}, "pick"), ({"pick": "cheapest"}, "pick"), ({"gather": "dearest"}, "gather"), ({"partial": True}, "partial"), ({"max_quantity": 1}, "max_units"),
                        ({"price": 5}, "price"), ({"items": []}, "items"), ({"gift_sku": "b"}, "gift_skus"),
                        ({"buy_sku": "a"}, "buy"), ({"position": 2}, "get_nth"), ({"picker": "vertical"}, "picker")):
        answer = price([{"id": 1, "cart": cart, "promotions": [{"type": "order_percent", "percent": 10, **more}]}])[0]
        assert not answer["ok"] and named in answer["error"]["detail"], (more, answer)


def two_fields_that_mean_the_same_are_refused():
    cart = [{"sku": "a", "unit_price": 1000, "price": 900}]
    promotion = {"type": "order_fixed", "amount": 100, "min_total": 100, "min_spend": 200}
    for case in ({"cart": cart}, {"cart": [{"sku": "a", "price": 1}], "promotions": [promotion]}):
        answer = price([case])[0]
        assert not answer["ok"] and "means the same" in answer["error"]["detail"], answer


def other_shapes_say_the_same():
    cart = [{"sku": "a", "qty": 3, "unit_price": 1000, "categories": ["T"]}, {"sku": "b", "qty": 1, "unit_price": 500}]
    ten, exclusive = {"type": "order_percent", "percent": 10}, {"tax": {"mode": "exclusive", "rate": 20}}
    held = {"coupons": ["X"]}
    rows = [
        ({**ten, "coupon": {"code": "X", "usage_limit": 2, "used": 2}}, held, 0),
        ({**ten, "coupon": {"code": "X", "usage_limit": 2, "used": 1}}, held, 350),
        ({**ten, "coupon": {"code": "X", "expires": "2021-12-23"}}, {**held, "now": "2021-12-24"}, 0),
        ({**ten, "coupon": "X", "usage_limit": 2}, {**held, "coupon_uses": {"X": 2}}, 0),
        ({**ten, "coupon": "X", "usage_limit": 2}, {**held, "uses": 1}, 350),
        ({"type": "tier_percent", "tiers": {"0": 10, "3000": 20}}, {}, 700),
        ({"type": "tier_percent", "base_percent": 10, "tiers": [{"from": 3000, "percent": 20}]}, {}, 700),
        ({"type": "order_fixed", "amount": 100, "min_total": 4000, "min_total_with_tax": True}, exclusive, 100),
        ({"type": "order_fixed", "amount": 100, "min_total": 4000, "min_total_with_tax": False}, exclusive, 0),
        ({"type": "line_percent", "percent": 10, "category": "T", "rounding": "half_up"}, {}, 300),
        ({"type": "n_for_m", "n": 3, "m": 2, "category": "T"}, {}, 1000),
        ({"type": "nth_percent", "nth": 2, "percent": 50, "category": "T"}, {}, 500),
        ({"type": "bundle", "items": [{"sku": "a", "qty": 2}, {"sku": "b"}], "bundle_price": 2000}, {}, 500),
        ({"type": "buy_x_get_y", "buy_amount": 1000, "get_skus": ["b"]}, {}, 500),
        ({"type": "line_fixed", "value": 200}, {}, 400),
        ({"type": "line_percent", "value": 20, "skus": ["a"]}, {}, 600),
        ({**ten, "contains": "b"}, {}, 350),
        ({**ten, "contains": ["b", "c"]}, {}, 350),
        ({**ten, "requires_skus": ["b", "c"], "match": "all"}, {}, 0),
        ({**ten, "requires_skus": ["a", "b"], "requires_all": True}, {}, 350),
        ({**ten, "requires_all": ["a", "c"]}, {}, 0),
        ({**ten, "requires_all_skus": ["a", "b"], "requires_quantity": 2}, {}, 0),
        ({**ten, "requires": [{"category": "T", "total": 500}, {"sku": "b", "total": 500}]}, {}, 350),
        ({**ten, "requires": [{"category": "T", "total": 600}, {"sku": "b", "total": 600}]}, {}, 0),
        ({**ten, "not_contains_sku": "b"}, {}, 0),
        ({**ten, "not_contains_sku": "c"}, {}, 350),
        ({**ten, "requires_skus": ["b"], "match": "none"}, {}, 0),
        ({**ten, "has_category": "T", "min_total": 3001}, {}, 0),
        ({**ten, "min_category_total": {"category": "T", "amount": 3000}}, {}, 350),
        ({**ten, "min_total": 3500, "min_total_operator": "gt"}, {}, 0),
        ({**ten, "min_total": 3499, "min_total_inclusive": False}, {}, 350),
        ({**ten, "min_total_above": 3500}, {}, 0),
        ({**ten, "min_total_with_tax": 4200}, exclusive, 350),
        ({**ten, "min_total_with_tax": 4201}, exclusive, 0),
        ({**ten, "min_total": 4201, "min_total_basis": "gross"}, exclusive, 0),
        ({"type": "line_fixed", "amount": 100, "allocation": "each"}, {}, 400),
        ({"type": "line_fixed", "amount": 100, "allocation": "each", "max_quantity": 2}, {}, 300),
        ({"type": "line_fixed", "amount": 100, "allocation": "across"}, {}, 100),
        ({"type": "line_fixed", "amount": 100, "allocation": "once", "max_quantity": 2}, {}, 200),
        ({"type": "line_percent", "percent": 10, "once_per_order": True}, {}, 50),
        ({"type": "line_percent", "percent": 10, "target": "most_expensive"}, {}, 100),
        ({"type": "buy_x_get_y", "buy_sku": "a", "get_sku": "a", "buy_quantity": 1, "repeat": False}, {}, 1000),
        ({"type": "line_percent", "percent": 10, "price_range": {"min": 600}}, {}, 300),
        ({**ten, "budget": {"type": "usage", "limit": 5, "used": 5}}, {}, 0),
        ({**ten, "budget": {"type": "spend", "limit": 500, "used": 151}}, {}, 0),
        ({"type": "group", "group_size": 3, "percent": 100, "apply_to_nth": "1", "sorter": "PRICE_ASC", "packager": "PRICE_ASC", "picker": "HORIZONTAL",
          "max_applications": "ALL"}, {}, 500),
        ({**ten, "country": "US"}, {"shipping_country": "UK"}, 0),
        ({**ten, "customers": ["anna"]}, {"customer": "anna"}, 350),
        ({"type": "flexi_rate", "amount": 100, "additional_amount": 10}, {}, 220),
        (ten, {"tax": {"mode": "none"}}, 350),
    ]
    for (promotion, _, off), answer in zip(rows, price([{"cart": cart, "promotions": [p], "context": c} for p, c, _ in rows])):
        assert answer["ok"] and answer["discount"] == off, (promotion, answer)
    two = [ten, {"type": "order_fixed", "amount": 400}]
    for more, off in (({}, 750), ({"combination": "best_of"}, 400), ({"context": {"best_of": True}}, 400), ({"choose": "best"}, 750)):
        answer = price([{"cart": cart, "promotions": two, **more}])[0]
        assert answer["ok"] and answer["discount"] == off, (more, answer)
    reduced_first = [{**ten, "exclude_discounted": True}, {"type": "line_percent", "percent": 50, "skus": ["a"], "catalog": True}]
    answer = price([{"cart": cart, "promotions": reduced_first}])[0]
    assert answer["discount"] == 1550, answer
    answer = price([{"cart": cart + [{"sku": "post", "unit_price": 500, "kind": "shipping"}], "promotions": [{"type": "free_shipping"}]}])[0]
    assert answer["discount"] == 500, answer


def what_makes_no_sense_is_refused_and_gives_no_money_back():
    line = {"sku": "a", "unit_price": 1000, "qty": 1}
    off = {"type": "order_fixed", "amount": 100}
    refused = [
        ({"cart": [{**line, "qty": -1}]}, "QUANTITY"),
        ({"cart": [{**line, "qty": 0}]}, "QUANTITY"),
        ({"cart": [{**line, "unit_price": -1}]}, "PRICE"),
        ({"cart": [{**line, "unit_price": 2**63 - 1}]}, "PRICE"),
        ({"cart": [{**line, "unit_price": 2**63}]}, "JSON_RANGE"),
        ({"cart": [line], "promotions": [{**off, "amount": -100}]}, "RANGE"),
        ({"cart": [line], "promotions": [{**off, "amount": 2**63 - 1}]}, "JSON_RANGE"),
        ({"cart": [line], "promotions": [{"type": "order_percent", "percent": 101}]}, "RANGE"),
        ({"cart": [line], "promotions": [{"type": "order_percent", "percent": -1}]}, "RANGE"),
        ({"cart": [line], "promotions": [{**off, "min_total": 500, "max_total": 100}]}, "RANGE"),
        ({"cart": [line], "promotions": [{**off, "min_total": -1}]}, "RANGE"),
        ({"cart": [line], "promotions": [{**off, "valid_from": "2026-02-01", "valid_to": "2026-01-01"}]}, "RANGE"),
        ({"cart": [line], "promotions": [{**off, "members_only": True, "guests_only": True}]}, "RANGE"),
        ({"cart": [line], "promotions": [{"type": "line_percent", "percent": 50, "pick": "cheapest"}]}, "UNSUPPORTED"),
        ({"cart": [line], "context": {"tax": {"mode": "exclusive", "inclusive": True}}}, "RANGE"),
    ]
    for (case, name), answer in zip(refused, price([case for case, _ in refused])):
        assert not answer["ok"] and answer["error"]["name"] == name, (case, answer)
    nothing = [{**line, "unit_price": 0}]
    for promotion in ({"type": "fixed_price", "price": 5000}, off, {"type": "line_fixed_per_unit", "amount": 10},
                      {"type": "n_for_m", "n": 1, "m": 0}, {"type": "order_percent", "percent": 100}):
        for cart in (nothing, [line]):
            answer = price([{"cart": cart, "promotions": [promotion] * 3}])[0]
            assert 0 <= answer["discount"] <= answer["gross"] and answer["total"] >= 0, (promotion, answer)
    many = [{"line": f"l{i}", "sku": f"s{i % 700}", "unit_price": 95 + i, "qty": 1} for i in range(1114)]
    answer = price([{"cart": many, "promotions": [{"type": "order_percent", "percent": 7}, {**off, "amount": 12345}]}])[0]
    assert answer["discount"] == sum(answer["line_discounts"].values()) == answer["gross"] - answer["total"], answer["discount"]


TESTS = [of_engine(engine) for engine in ENGINES] + [
    the_order_of_scanning_changes_no_figure,
    the_page_counts_the_cases,
    each_word_means_what_the_table_says,
    a_field_that_nobody_knows_is_refused_by_its_name,
    a_figure_that_the_type_does_not_take_is_refused_by_its_name,
    two_fields_that_mean_the_same_are_refused,
    other_shapes_say_the_same,
    what_makes_no_sense_is_refused_and_gives_no_money_back,
]


def main():
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, test in enumerate(TESTS, 1):
        try:
            test()
            print(f"ok {number} - {test.__name__}")
        except AssertionError as error:
            failed += 1
            print(f"not ok {number} - {test.__name__}\n# {str(error)[:3000]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
