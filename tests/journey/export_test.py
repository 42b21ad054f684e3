#!/usr/bin/env python3
"""A closed day as files: the sums of each form are the Z report's to the cent, with returns, discounts, several rates of tax,
change and cash besides sales; and nothing that is there is written over. What is no sale stands in the journal beside them, record by
record."""
import csv
import json
import os
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

MASK, CREAM, PEN = "9520000010072", "9520000010140", "9520000010300"


def export(world, till, form, *options, check=True):
    folder = os.path.join(world.folder, f"export-{os.path.basename(till)}-{form}")
    return folder, world.counterfoil("export", form, "--dir", till, "--out", folder, "--json", *options, check=check)[0]


def table(folder, name, **dialect):
    with open(os.path.join(folder, name), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, **dialect))


def fen(text):
    """"12,50000" of the audit file."""
    whole, _, part = text.partition(",")
    assert part[2:].strip("0") == "", text
    return int(whole + part[:2].ljust(2, "0"))


def a_day_is_sold_and_closed(world):
    world.till_1 = till = world.till("Till 1")
    world.api("POST", "/v1/catalogue", {"store": world.store, "products": [
        {"codes": [PEN], "name": "Pen", "price_minor": 333, "tax_bp": 600, "categories": [1]}]})
    world.launch("Ten percent", policy="automatic")
    world.sync(till)
    world.sell(till, ["float 200.00", f"scan {MASK}", "quantity 3", f"scan {PEN}", "quantity 7", f"scan {CREAM}",
                      "tender card 100.00 C1", "tender cash 200.00", "paid-out 3.33 milk", "drop 50.00"])
    receipt = world.sell(till, [f"scan {PEN}", f"scan {MASK}", "tender mobile due M1"])[-1]["sold"]["receipt"]
    world.counterfoil("return", receipt, "--json", "--dir", till, "--line", "1", "--reason", "=1+1 does not write")
    world.back = f"{receipt}: =1+1 does not write", receipt  # notes of the day's returns: the exchange has no reason
    world.sell(till, [f"exchange {receipt} 2", f"scan {CREAM}", "tender cash due"])
    world.sell(till, [f"scan {CREAM}", "tender cash due", "count 100x2 =1+1 is a reason"])
    world.z = world.counterfoil("report", "z", "--dir", till, "--json")[0]
    world.sell(till, [f"scan {PEN}", "tender cash due"])  # of the next day
    assert world.z["returned"]["returns"] == 2 and len(world.z["rates"]) == 2 and world.z["discount_minor"] > 0, world.z


def totals_of(z):
    return (z["total_minor"] - z["returned"]["total_minor"], z["tax_minor"] - z["returned"]["tax_minor"])


def the_csv_sums_to_the_z(world):
    folder, done = export(world, world.till_1, "csv", "--z", "1")
    bons = [bon for bon in table(folder, "bons.csv") if bon["kind"] in ("sale", "return", "void")]
    assert len(bons) == world.z["sales"] + 2 and done["bons"] == len(bons) + 4, (bons, done)
    assert (sum(int(b["total_minor"]) for b in bons), sum(int(b["tax_minor"]) for b in bons)) == totals_of(world.z), bons
    lines, taxes = table(folder, "lines.csv"), table(folder, "taxes.csv")
    for name in ("gross_minor", "net_minor", "tax_minor"):
        assert sum(int(x[name]) for x in lines) == sum(int(x[name]) for x in taxes), name
    assert sum(int(t["gross_minor"]) for t in taxes) == totals_of(world.z)[0], taxes
    for rate in world.z["rates"]:
        back = sum(r["net_minor"] for r in world.z["returned"]["rates"] if r["tax_bp"] == rate["tax_bp"])
        assert sum(int(t["gross_minor"]) for t in taxes if int(t["tax_bp"]) == rate["tax_bp"]) == rate["net_minor"] - back
    for kind, minor in world.z["tenders"].items():
        paid = sum(int(p["amount_minor"]) for p in table(folder, "payments.csv") if p["kind"] == kind)
        assert paid == minor - world.z["returned"]["tenders"].get(kind, 0), kind
    reasons = [b["reason"] for b in table(folder, "bons.csv") if b["kind"] == "variance"]
    assert reasons == ["'=1+1 is a reason"], reasons  # no formula for a spreadsheet
    for name, kind in (("bons.csv", "kind"), ("journal.csv", "what")):
        assert [x["reason"] for x in table(folder, name) if x[kind] == "return"] == ["'=1+1 does not write", ""], name
    assert export(world, world.till_1, "csv", "--z", "1", check=False)[1]["ok"] is False  # nothing is written over


def the_json_sums_to_the_z(world):
    folder, _ = export(world, world.till_1, "json", "--z", "1")
    with open(os.path.join(folder, "day.jsonl"), encoding="utf-8") as file:
        day, *bons = [json.loads(line) for line in file]
    assert day["z_no"] == 1 and day["business_day"] == world.z["business_day"], day
    sold = [b for b in bons if b["kind"] in ("sale", "return")]
    assert sum(b["total_minor"] for b in sold) == totals_of(world.z)[0], sold
    assert [b["reason"] for b in sold if b["kind"] == "return"] == ["=1+1 does not write", ""], sold
    assert all(sum(t["tax_minor"] for t in b["taxes"]) == b["tax_minor"] for b in sold), sold
    assert all(sum(p["amount_minor"] for p in b["payments"]) == b["total_minor"] + b["rounding_minor"] for b in sold)


def the_audit_file_sums_to_the_z_and_its_index_describes_it(world):
    assert export(world, world.till_1, "audit", check=False)[1]["error"]["name"] == "STATE"  # the day is open
    folder, _ = export(world, world.till_1, "audit", "--z", "1")
    tables = {}
    for item in xml.etree.ElementTree.parse(os.path.join(folder, "index.xml")).iter("Table"):
        url = item.find("URL").text
        tables[url] = table(folder, url, delimiter=";")
        columns = [name.text for name in item.iter("Name")][1:]
        with open(os.path.join(folder, url), encoding="utf-8") as file:
            assert file.readline().strip().split(";") == columns, url
        assert all(None not in row and None not in row.values() for row in tables[url]), url
    sold = [c for c in tables["businesscases.csv"] if c["GV_TYP"] == "Umsatz"]
    assert sum(fen(c["Z_UMS_BRUTTO"]) for c in sold) == totals_of(world.z)[0], sold
    assert sum(fen(c["Z_UST"]) for c in sold) == totals_of(world.z)[1], sold
    assert tuple(t["BON_NOTIZ"] for t in tables["transactions.csv"] if t["BON_NAME"] == "return") == world.back, world.back
    beleg = {t["BON_ID"] for t in tables["transactions.csv"] if t["BON_TYP"] == "Beleg"}
    for name, brutto in (("transactions_vat.csv", "BON_BRUTTO"), ("lines_vat.csv", "POS_BRUTTO")):
        assert sum(fen(r[brutto]) for r in tables[name] if r["BON_ID"] in beleg) == totals_of(world.z)[0], name
    drawer = world.z["drawer"]
    cash = fen(tables["cashpointclosing.csv"][0]["Z_SE_BARZAHLUNGEN"])
    assert cash == drawer["counted_minor"] + world.z["drawer"]["expected_minor"] - drawer["expected_at_count_minor"], cash
    assert len(tables["transactions_tse.csv"]) == len(tables["transactions.csv"]) and all(
        len(row["TSE_TA_SIG"]) == 64 for row in tables["transactions_tse.csv"])
    assert all(row["TSE_ID"] == "1" and row["TSE_TA_ENDE"] and not row["TSE_TA_FEHLER"] for row in tables["transactions_tse.csv"])
    device, = tables["tse.csv"]
    assert device["TSE_ID"] == "1" and device["TSE_SIG_ALGO"], device
    refused = world.counterfoil("export", "csv", "--dir", world.till_1, "--out", os.path.join(world.folder, "x"), "--json",
                                "--z", "9", check=False)[0]
    assert refused["error"]["name"] == "NOT_FOUND", refused


ANNA, MARA = 7, 90
PINS = {ANNA: "271828", MARA: "161803"}


def a_day_with_all_that_is_no_sale(world):
    """By a cashier and a manager, with cash rounded to whole yuan."""
    for user, role in ((ANNA, "cashier"), (MARA, "manager")):
        world.api("POST", f"/v1/stores/{world.store}/users", {"user": user, "name": str(user), "role": role, "pin": PINS[user]})
    world.api("PUT", f"/v1/stores/{world.store}/settings", {"cash": {"step_minor": 100, "way": "down"}})
    world.till_2 = till = world.till("Till 2")
    mara = f"{MARA} {PINS[MARA]}"
    world.sell(till, [f"login {mara}", "float 100.00", f"login {ANNA} {PINS[ANNA]}",
                      f"scan {MASK}", f"override {mara} =torn box", "price 10.00", f"scan {PEN}", "void", f"scan {PEN}",
                      f"override {mara} ask Mara", "discount 1.00 last bent clip", "tender cash due",
                      f"scan {CREAM}", f"scan {PEN}", "void", "cancel",
                      f"override {mara} a note", "no-sale coins", f"scan {CREAM}", "quote 3",
                      f"scan {CREAM}", "special Li Na, 138 0013 8000", "lock"])
    receipt = world.sell(till, [f"login {mara}", f"scan {PEN}", "quantity 2", "tender cash due"])[-1]["sold"]["receipt"]
    world.counterfoil("return", receipt, "--json", "--dir", till, "--line", "1")
    world.sell(till, [f"scan {PEN}", f"scan {MASK}", "tender cash due"])
    world.z2 = world.counterfoil("report", "z", "--dir", till, "--json")[0]
    assert world.z2["rounding_minor"] < 0, world.z2


def the_journal_names_every_record_of_the_day(world):
    folder, done = export(world, world.till_2, "csv", "--z", "1")
    rows = table(folder, "journal.csv")
    assert [int(row["seq"]) for row in rows] == list(range(1, len(rows) + 1)) and rows[-1]["type"] == "z_report", rows
    assert all(row["at"] and len(row["hash"]) == 64 for row in rows), rows
    seen = [[row[key] for key in ("type", "what", "no", "user", "by", "concerns", "reason", "amount_minor")]
            for row in rows if row["type"] not in ("start", "z_report")]
    sale, receipt = [row for row in rows if row["type"] == "sale"], next(r["concerns"] for r in rows if r["type"] == "return")
    total = [row["amount_minor"] for row in sale]
    assert seen == [
        ["user", "login", "0", "90", "", "", "", "0"],
        ["drawer", "float", "0", "90", "", "", "", "10000"],
        ["user", "login", "0", "7", "", "", "", "0"],
        ["user", "override", "1", "7", "90", "price override", "'=torn box", "2990"],
        ["user", "override", "1", "7", "90", "discount", "ask Mara", "100"],
        ["sale", "sale", "1", "7", "", "", "", total[0]],
        ["cancelled", "cancelled", "2", "7", "", "", "1 lines, ¥74.90", "7490"],
        ["user", "override", "0", "7", "90", "no sale", "a note", "0"],
        ["drawer", "no sale", "0", "7", "", "", "coins", "0"],
        ["quote", "quote", "3", "7", "", "", "", "6741"],
        ["order", "order", "0", "7", "", "shop", "", "7490"],
        ["user", "lock", "0", "7", "", "", "", "0"],
        ["user", "login", "0", "90", "", "", "", "0"],
        ["sale", "sale", "4", "90", "", "", "", total[1]],
        ["return", "return", "5", "90", "", receipt, "", "-" + total[1]],
        ["sale", "sale", "6", "90", "", "", "", total[2]],
    ], seen
    assert not any("Li Na" in value for row in rows for value in row.values()), rows  # who the shopper is
    assert sum(int(row["void_lines"]) for row in rows) == 2 and sum(int(r["void_lines_minor"]) for r in rows) == 666, rows
    bons = table(folder, "bons.csv")  # money alone, so that they still sum to the Z
    assert len(bons) == done["bons"] == 6 and [b["void_lines"] for b in bons] == ["0", "1", "0", "0", "0", "0"], bons


def changed_prices_and_discounts_by_hand_stand_with_their_lines(world):
    folder, _ = export(world, world.till_2, "json", "--z", "1")
    with open(os.path.join(folder, "day.jsonl"), encoding="utf-8") as file:
        sale = next(bon for bon in map(json.loads, file) if bon["kind"] == "sale")
    assert [(x["price"], x["unit_price_minor"], x["shelf_minor"]) for x in sale["lines"]] == [
        ("override", 1000, 3990), ("catalogue", 333, 0)], sale
    assert sale["by_hand"] == [{"line": 2, "percent_bp": 0, "amount_minor": 100, "user": ANNA, "reason": "bent clip"}], sale
    assert (sale["void_lines"], sale["void_lines_minor"]) == (1, 333), sale
    csv_folder = os.path.join(world.folder, "export-till-2-csv")
    given, = table(csv_folder, "discounts.csv")
    assert list(given.values())[1:] == ["2", "0", "100", "7", "bent clip"], given
    assert [(x["price"], x["shelf_minor"]) for x in table(csv_folder, "lines.csv")][0] == ("override", "3990")
    with open(os.path.join(folder, "journal.jsonl"), encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    for mine, other in zip(rows, table(csv_folder, "journal.csv"), strict=True):
        assert {k: str(v) for k, v in mine.items()} == {k: v.removeprefix("'") for k, v in other.items()}, (mine, other)


def audit_tables(world):
    """By file; the rows of a file with a BON_ID are those of one bon."""
    folder = os.path.join(world.folder, "export-till-2-audit")
    if not os.path.isdir(folder):
        export(world, world.till_2, "audit", "--z", "1")
    return {name: table(folder, name, delimiter=";") for name in os.listdir(folder) if name.endswith(".csv")}


def of_bon(tables, name, bon, column):
    return sum(fen(row[column]) for row in tables[name] if row["BON_ID"] == bon["BON_ID"])


def the_audit_file_names_what_was_broken_off(world):
    tables = audit_tables(world)
    broken, = [bon for bon in tables["transactions.csv"] if bon["BON_TYP"] == "AVBelegabbruch"]
    assert (broken["BON_NAME"], broken["BEDIENER_NAME"], broken["UMS_BRUTTO"], broken["BON_NOTIZ"]) == \
        ("cancelled", "7", "0,00", "1 lines, ¥74.90"), broken
    paid, = [row for row in tables["datapayment.csv"] if row["BON_ID"] == broken["BON_ID"]]
    assert (paid["ZAHLART_TYP"], paid["BASISWAEH_BETRAG"]) == ("Keine", "0,00"), paid
    assert all(row["ZAHLART_TYP"] != "Keine" for row in tables["payment.csv"]), tables["payment.csv"]
    signed = [row["BON_ID"] for row in tables["transactions_tse.csv"]]
    assert signed == [bon["BON_ID"] for bon in tables["transactions.csv"]], signed


def rounded_cash_is_a_business_case_so_that_cases_equal_payments(world):
    tables = audit_tables(world)
    cases = sum(fen(row["Z_UMS_BRUTTO"]) for row in tables["businesscases.csv"])
    assert cases == sum(fen(row["Z_ZAHLART_BETRAG"]) for row in tables["payment.csv"]), tables["businesscases.csv"]
    assert cases == fen(tables["cashpointclosing.csv"][0]["Z_SE_ZAHLUNGEN"]), cases
    rounding, = [row for row in tables["businesscases.csv"] if row["GV_NAME"] == "rounding"]
    assert (rounding["GV_TYP"], rounding["UST_SCHLUESSEL"], fen(rounding["Z_UST"])) == ("DifferenzSollIst", "5", 0), rounding
    back = world.z2["returned"]
    assert fen(rounding["Z_UMS_BRUTTO"]) == world.z2["rounding_minor"] + back["total_minor"] - sum(back["tenders"].values()) != 0, world.z2
    sold = sum(fen(row["Z_UMS_BRUTTO"]) for row in tables["businesscases.csv"] if row["GV_TYP"] == "Umsatz")
    assert sold == totals_of(world.z2)[0], tables["businesscases.csv"]  # revenue and its tax are as priced
    for bon in tables["transactions.csv"]:
        if bon["BON_TYP"] != "Beleg" and bon["BON_NAME"] != "float":
            continue
        sums = [fen(bon["UMS_BRUTTO"]), of_bon(tables, "transactions_vat.csv", bon, "BON_BRUTTO"),
                of_bon(tables, "lines_vat.csv", bon, "POS_BRUTTO"), of_bon(tables, "datapayment.csv", bon, "BASISWAEH_BETRAG")]
        assert len(set(sums)) == 1, (bon, sums)


def the_audit_file_has_quotations_and_orders_beside_the_sums(world):
    tables = audit_tables(world)
    for kind, name, gross in (("AVSonstige", "quote", 6741), ("AVBestellung", "order", 7490)):
        bon, = [row for row in tables["transactions.csv"] if row["BON_NAME"] == name]
        assert (bon["BON_TYP"], fen(bon["UMS_BRUTTO"])) == (kind, gross), bon
        assert of_bon(tables, "lines_vat.csv", bon, "POS_BRUTTO") == of_bon(tables, "transactions_vat.csv", bon, "BON_BRUTTO") == gross
        assert of_bon(tables, "transactions_vat.csv", bon, "BON_UST") > 0, bon
        paid, = [row for row in tables["datapayment.csv"] if row["BON_ID"] == bon["BON_ID"]]
        assert paid["ZAHLART_TYP"] == "Keine" and fen(paid["BASISWAEH_BETRAG"]) == 0, paid


def points_stand_by_campaign_in_the_z_report_and_in_every_form(world):
    """A member's: twice the points on everything, twenty more on creams; and half of it comes back."""
    double = world.launch("Double points", policy="automatic", promotion={"kind": "effect", "points_bp": 20000})
    creams = world.launch("Cream week", policy="automatic",
                          promotion={"kind": "effect", "points_more": 20, "min_spend_minor": 7490})
    till, who = world.till("Till 3"), world.join_member()
    world.sync(till)
    sold = world.sell(till, [f"login {MARA} {PINS[MARA]}", f"scan {CREAM}", "quantity 2", f"member {world.member_code(who)}",
                             "tender cash due"])[-1]["sold"]
    paid = sold["total_minor"]
    assert sold["points"] == paid * 2 // 100 + 20, sold
    back = world.counterfoil("return", sold["receipt"], "--json", "--dir", till, "--line", "1", "--quantity", "1")[0]["returned"]
    x = world.counterfoil("report", "x", "--dir", till, "--json")[0]
    text = subprocess.run(world.at_store([journey.COUNTERFOIL, "report", "x", "--dir", till]), stdout=subprocess.PIPE,
                          text=True, check=True).stdout
    z = world.counterfoil("report", "z", "--dir", till, "--json")[0]
    given = {c["campaign"]: (c["points"], c["points_back"]) for c in z["campaigns"] if c["points"]}
    assert given == {double: (sold["points"] - 20 - paid // 100, given[double][0] // 2), creams: (20, 10)}, (given, sold)
    assert x["campaigns"] == z["campaigns"] and f"campaign {creams}" in text and "20  points given, 10 taken back" in text, text
    folder, _ = export(world, till, "csv", "--z", "1")
    rows = [(int(r["campaign"]), int(r["points"])) for r in table(folder, "points.csv")]
    assert sum(p for _, p in rows) == sold["points"] - back["points"], rows
    assert [p for c, p in rows if c == creams] == [20, -10] and [c for c, _ in rows] == [0, double, creams] * 2, rows
    folder, _ = export(world, till, "json", "--z", "1")
    with open(os.path.join(folder, "day.jsonl"), encoding="utf-8") as file:
        assert [(p["campaign"], p["points"]) for bon in file for p in json.loads(bon).get("points", [])] == rows
    folder, _ = export(world, till, "audit", "--z", "1")
    assert [(int(r["AKTION"]), int(r["PUNKTE"])) for r in table(folder, "points.csv", delimiter=";")] == rows
    for _ in range(2):
        world.sync(till)
    assert all(r["agrees"] for r in world.report(till)["epochs"][0]["z_reports"]) and not world.api("GET", "/v1/alarms")["alarms"]


def a_folder_comes_to_be_whole_or_not_at_all(world):
    """Nothing is left of an export that fails; what a kill left goes with the next; each says how far it is."""
    out = os.path.join(world.folder, "stick-z1")

    def run(form, *options):
        return subprocess.run(world.at_store([journey.COUNTERFOIL, "export", form, "--dir", world.till_1, "--out", out, "--progress",
                                              *options]), capture_output=True, text=True, check=False)
    failed = run("audit")  # of the open day there is none
    assert failed.returncode != 0 and failed.stdout.splitlines()[-1].startswith("error "), failed
    assert not os.path.exists(out) and not os.path.exists(out + ".part")
    os.mkdir(out + ".part")
    with open(os.path.join(out + ".part", "bons.csv"), "w", encoding="utf-8") as file:
        file.write("half of a")
    done = run("csv", "--z", "1")
    assert done.returncode == 0 and not os.path.exists(out + ".part"), done
    written, in_all = done.stdout.splitlines()[-1].split()
    assert written == in_all == str(len(table(out, "journal.csv"))), done.stdout
    assert run("csv", "--z", "1").returncode != 0, "what is there was written over"


if __name__ == "__main__":
    with shop.open() as world:
        journey.run([
            a_day_is_sold_and_closed,
            the_csv_sums_to_the_z,
            the_json_sums_to_the_z,
            the_audit_file_sums_to_the_z_and_its_index_describes_it,
            a_day_with_all_that_is_no_sale,
            the_journal_names_every_record_of_the_day,
            changed_prices_and_discounts_by_hand_stand_with_their_lines,
            the_audit_file_names_what_was_broken_off,
            rounded_cash_is_a_business_case_so_that_cases_equal_payments,
            the_audit_file_has_quotations_and_orders_beside_the_sums,
            points_stand_by_campaign_in_the_z_report_and_in_every_form,
            a_folder_comes_to_be_whole_or_not_at_all,
        ], world)
