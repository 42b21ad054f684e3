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
        results.append(retail_stream.launch(world) == 12)
        world.sync(folder)
        till, status = retail_stream.trade(world, folder, stream)
        results.append(status < 3 and till.sold + till.empty == len(stream))
        first = world.sync(folder)
        x_report, = world.counterfoil("report", "x", "--json", "--dir", folder)
        print(f"# {till.sold} sold, {x_report['discount_minor']} of {x_report['gross_minor']} off")
        results.append(x_report["discount_minor"] > x_report["gross_minor"] // 50)
        different = retail_stream.compare(x_report, retail_stream.told(world))
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
