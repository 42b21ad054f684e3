#!/usr/bin/env python3
"""150 receipts of a real shop with 12 promotions of all kinds live: till and centre price every one alike. build: release"""
import os
import sys
import tempfile

SOURCE = os.environ["CF_SOURCE"]
sys.path[:0] = [os.path.join(SOURCE, "tools"), os.path.join(SOURCE, "tests", "support")]
import retail_stream  # noqa: E402
from world import World  # noqa: E402

RECEIPTS = 150
NAMES = ["12 promotions are launched", "every receipt is rung up and the till lives", "most receipts have a discount",
         "the centre prices each receipt as the till did, to the penny"]
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


def main():
    stream = retail_stream.receipts(SOURCE, RECEIPTS)
    print(f"1..{len(NAMES)}")
    if stream is None:
        for number, name in enumerate(NAMES, 1):
            print(f"ok {number} - {name} # SKIP no retail/online-retail.jsonl.gz beside this checkout")
        return 0
    world = World(os.environ["CF_BUILD"], tempfile.mkdtemp(prefix="cf-retail-"), netns=False)
    results = []
    try:
        world.start_centre()
        folder = world.enrol(retail_stream.store(world, stream), "Till 1")
        for number, promotion in enumerate(PROMOTIONS, 1):
            world.api("POST", "/v1/campaigns", {"name": f"Promotion {number}", "policy": "automatic", "promotion": promotion})
        results.append(len(PROMOTIONS) == 12)
        world.sync(folder)
        till = retail_stream.Till(world, folder)
        for number, receipt in enumerate(stream):
            till.sell(receipt, number)
        status = till.close()
        results.append(status < 3 and till.sold + till.empty == len(stream))
        first = world.sync(folder)
        x_report, = world.counterfoil("report", "x", "--json", "--dir", folder)
        centre = world.api("GET", f"/v1/reports/terminals/{world.api('GET', '/v1/terminals')['terminals'][0]['terminal']}")
        print(f"# {till.sold} sold, {x_report['discount_minor']} of {x_report['gross_minor']} off")
        results.append(x_report["discount_minor"] > x_report["gross_minor"] // 50)
        different = retail_stream.compare(x_report, centre)
        alarms = world.api("GET", "/v1/alarms")["alarms"]
        for line in different + [str(item) for item in first["results"] + alarms][:10]:
            print(f"# {line}")
        results.append(not different and not first["results"] and not alarms and x_report["equal"])
    except (retail_stream.Broken, OSError, ValueError, KeyError, RuntimeError) as error:
        print(f"# {type(error).__name__}: {error}")
    finally:
        world.close()
    for number, name in enumerate(NAMES, 1):
        ok = number <= len(results) and results[number - 1]
        print(f"{'ok' if ok else 'not ok'} {number} - {name}")
    return 0 if len(results) == len(NAMES) and all(results) else 1


sys.exit(main())
