#!/usr/bin/env python3
"""25,900 receipts of a real shop, as dirty as they are, through one `counterfoil sell` and up to a real centre."""
import os
import sys
import time

from bench import SOURCE, Centre, figure

sys.path.insert(0, os.path.join(SOURCE, "tests", "support"))
import retail_stream  # noqa: E402


def main():
    stream = retail_stream.receipts(SOURCE)
    if stream is None:
        print("# no retail/online-retail.jsonl.gz beside this checkout: skipped")
        return
    centre = Centre(sys.argv[1])
    try:
        centre.start_centre()
        folder = centre.enrol(retail_stream.store(centre, stream), "Till 1")
        centre.sync(folder)
        terminal = centre.api("GET", "/v1/terminals")["terminals"][0]["terminal"]
        till = retail_stream.Till(centre, folder)
        started = time.monotonic()
        for number, receipt in enumerate(stream):
            till.sell(receipt, number)
        status = till.close()
        sold_s = time.monotonic() - started
        started = time.monotonic()
        first = centre.sync(folder)
        synced_s = time.monotonic() - started
        started = time.monotonic()
        centre.counterfoil("sell", "--json", "--dir", folder, stdin="total\n")
        start_s = time.monotonic() - started
        x_report, = centre.counterfoil("report", "x", "--json", "--dir", folder)
        different = retail_stream.compare(x_report, centre.api("GET", f"/v1/reports/terminals/{terminal}"))
    finally:
        centre.close()
    for line in different + [f"set aside at the centre: {result}" for result in first["results"][:20]]:
        print(f"# {line}")
    figure("stream", f"receipts rung up of {len(stream):,} ({till.sold:,} sold, {till.empty:,} with every line refused)",
           till.sold + till.empty, "", goal="runs to the end",
           met=till.sold + till.empty == len(stream) and status < 3)
    named = ", ".join(f"{name} {n:,}" for name, n in till.refused.most_common())
    figure("stream", f"lines refused ({named})", sum(till.refused.values()), "", goal="each is named", met=not till.unnamed)
    own = (x_report["sales"], x_report["lines"], x_report["gross_minor"]) == (till.sold, till.lines, till.gross_minor)
    figure("stream", f"control total of {till.lines:,} accepted lines, till and centre", x_report["total_minor"] / 100, "GBP",
           goal="agree to the penny", met=own and not different and not first["results"] and x_report["equal"])
    figure("stream", "time to sell them, driven by a script", sold_s, "s")
    figure("stream", "time to sync them", synced_s, "s")
    figure("stream", "start and end of `counterfoil sell` on that till", start_s, "s")


main()
