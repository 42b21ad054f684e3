#!/usr/bin/env python3
"""25,900 receipts of a real shop, as dirty as they are, through one `counterfoil sell` and up to a real centre: once as the
shop priced them, and once with 12 promotions live."""
import os
import sys
import time

from bench import SOURCE, Centre, figure

sys.path.insert(0, os.path.join(SOURCE, "tests", "support"))
import retail_stream  # noqa: E402


class Progress:
    """A line on stderr every thousand receipts: this takes long, and says so instead of nothing."""

    def __init__(self, name, n):
        self.name, self.n, self.started = name, n, time.monotonic()

    def __call__(self, done):
        if done % 1000 == 0 or done == self.n:
            print(f"    {self.name}: {done:,} of {self.n:,} receipts, {time.monotonic() - self.started:.0f} s", file=sys.stderr,
                  flush=True)

    def say(self, what):
        print(f"    {self.name}: {what}, {time.monotonic() - self.started:.0f} s", file=sys.stderr, flush=True)


class Run:
    """All of it, at one till of a fresh centre; and what both ends say of it then."""

    def __init__(self, folder, stream, with_promotions):
        os.makedirs(folder, mode=0o700)
        centre = Centre(folder)
        try:
            centre.start_centre()
            till = centre.enrol(retail_stream.store(centre, stream), "Till 1")
            if with_promotions:
                retail_stream.launch(centre)
            centre.sync(till)
            started = time.monotonic()
            progress = Progress("with promotions" if with_promotions else "as priced", len(stream))
            self.till, self.status = retail_stream.trade(centre, till, stream, progress)
            self.sold_s = time.monotonic() - started
            started = time.monotonic()
            self.results = centre.sync(till)["results"]
            self.synced_s = time.monotonic() - started
            progress.say("synced")
            self.x_report, = centre.counterfoil("report", "x", "--json", "--dir", till)
            self.different = retail_stream.compare(self.x_report, retail_stream.told(centre))
            self.alarms = centre.api("GET", "/v1/alarms")["alarms"]
            started = time.monotonic()
            centre.counterfoil("sell", "--json", "--dir", till, stdin="total\n")
            self.start_s = time.monotonic() - started
        finally:
            centre.close()
        for line in self.different + [str(one) for one in (self.results + self.alarms)[:20]]:
            print(f"# {line}")

    def is_whole(self, stream):
        return self.till.sold + self.till.empty == len(stream) and self.status < 3

    def agrees(self):
        own = (self.x_report["sales"], self.x_report["lines"], self.x_report["gross_minor"])
        return (own == (self.till.sold, self.till.lines, self.till.gross_minor) and self.x_report["equal"] and
                not self.different and not self.results and not self.alarms)


def main():
    stream = retail_stream.receipts(SOURCE)
    if stream is None:
        print("# no retail/online-retail.jsonl.gz beside this checkout: skipped")
        return
    plain = Run(os.path.join(sys.argv[1], "plain"), stream, False)
    till = plain.till
    figure("stream", f"receipts rung up of {len(stream):,} ({till.sold:,} sold, {till.empty:,} with every line refused)",
           till.sold + till.empty, "", goal="runs to the end", met=plain.is_whole(stream))
    named = ", ".join(f"{name} {n:,}" for name, n in till.refused.most_common())
    figure("stream", f"lines refused ({named})", sum(till.refused.values()), "", goal="each is named", met=not till.unnamed)
    figure("stream", f"control total of {till.lines:,} accepted lines, till and centre", plain.x_report["total_minor"] / 100,
           "GBP", goal="agree to the penny", met=plain.agrees())
    figure("stream", "time to sell them, driven by a script", plain.sold_s, "s")
    figure("stream", "time to sync them", plain.synced_s, "s")
    figure("stream", "start and end of `counterfoil sell` on that till", plain.start_s, "s")
    cheaper = Run(os.path.join(sys.argv[1], "promotions"), stream, True)
    figure("stream", f"with 12 promotions live: receipts priced alike by till and centre, {cheaper.x_report['discount_minor'] / 100:,.2f} "
           f"of {cheaper.x_report['gross_minor'] / 100:,.2f} GBP off", cheaper.till.sold, "", goal="all, to the penny, no alarm",
           met=cheaper.is_whole(stream) and cheaper.agrees() and cheaper.x_report["discount_minor"] > 0)
    figure("stream", "time to sell them with 12 promotions", cheaper.sold_s, "s")
    figure("stream", "time to sync and judge them", cheaper.synced_s, "s")


main()
