#!/usr/bin/env python3
"""1,500 receipts of a real shop, as dirty as they are, through one till and up to a real centre. build: release"""
import os
import sys
import tempfile
import time

SOURCE = os.environ["CF_SOURCE"]
sys.path[:0] = [os.path.join(SOURCE, "tools"), os.path.join(SOURCE, "tests", "support")]
import retail_stream  # noqa: E402
from world import World  # noqa: E402

RECEIPTS = 1500
NAMES = ["every receipt is rung up and the till lives", "each refused line is named",
         "the till's totals are those of the accepted lines", "the centre's totals are those of the till, to the penny",
         "a second sync changes nothing"]


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
        world.sync(folder)
        started = time.monotonic()
        till, status = retail_stream.trade(world, folder, stream)
        print(f"# {till.sold} sold, {till.empty} all refused, {till.lines} lines, refused {dict(till.refused)}, "
              f"{time.monotonic() - started:.1f} s")
        results.append(status < 3 and till.sold + till.empty == len(stream))
        results.append(sum(till.refused.values()) > 0 and till.unnamed == 0)
        first, again = world.sync(folder), world.sync(folder)
        x_report, = world.counterfoil("report", "x", "--json", "--dir", folder)
        centre = retail_stream.told(world)
        results.append((x_report["sales"], x_report["lines"], x_report["gross_minor"]) ==
                       (till.sold, till.lines, till.gross_minor))
        different = retail_stream.compare(x_report, centre)
        for line in different + [f"set aside at the centre: {result}" for result in first["results"]]:
            print(f"# {line}")
        results.append(not different and not first["results"] and x_report["equal"])
        results.append(again["pushed"] == 0 and centre["epochs"][-1]["acknowledged"] == first["acknowledged"])
    except (retail_stream.Broken, OSError, ValueError, KeyError) as error:
        print(f"# {type(error).__name__}: {error}")
    finally:
        world.close()
    for number, name in enumerate(NAMES, 1):
        ok = number <= len(results) and results[number - 1]
        print(f"{'ok' if ok else 'not ok'} {number} - {name}")
    return 0 if len(results) == len(NAMES) and all(results) else 1


sys.exit(main())
