#!/usr/bin/env python3
# build: release
"""Receipts that others' programs encode (receiptline and @point-of-sale/receipt-printer-encoder, of npm) on our model of
a printer: so that what it makes of our own receipts is not only what we think that the bytes mean."""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "journey")]
import journey  # noqa: E402
import paper  # noqa: E402

FOLDER = os.path.join(journey.BUILD, "npm")
VERSIONS = ["receiptline@4.0.4", "@point-of-sale/receipt-printer-encoder@4.0.1"]
URL = "https://shop.example/c?x=1"
EAN = "9520000010003"
ENCODER = """
const Encoder = require('@point-of-sale/receipt-printer-encoder').default || require('@point-of-sale/receipt-printer-encoder');
const e = new Encoder({language: 'esc-pos', columns: 42});
process.stdout.write(Buffer.from(e.initialize().codepage('cp858').line('Café 0,75 €').bold(true).line('TOTAL 12.50')
  .align('center').qrcode('%s', {model: 2, size: 6, errorlevel: 'm'}).barcode('%s', 'ean13', {height: 60})
  .newline().pulse().cut().encode()).toString('hex'));
""" % (URL, EAN)
RECEIPTLINE = """
const text = 'Café | 0,75\\n^^TOTAL | ^^12.50\\n{code:%s; option:qrcode,6,m}\\n{code:%s; option:ean,2,60}\\n=\\n';
process.stdout.write(Buffer.from(require('receiptline').transform(text, {cpl: 42, encoding: 'cp437', command: 'escpos'}),
  'latin1').toString('hex'));
""" % (URL, EAN)


def fetch():
    """Why they are not here; None: they are."""
    if not shutil.which("npm") or not shutil.which("node"):
        return "npm is not installed"
    os.makedirs(FOLDER, exist_ok=True)
    try:
        done = subprocess.run(["npm", "install", "--prefix", FOLDER, "--no-save", "--no-package-lock", "--ignore-scripts",
                               "--no-audit", "--no-fund", *VERSIONS], capture_output=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "npm does not come to an end"
    return None if done.returncode == 0 else "npm cannot fetch them"


def encoded(program):
    done = subprocess.run(["node", "-e", program], cwd=FOLDER, capture_output=True, text=True, timeout=300, check=True)
    return bytes.fromhex(done.stdout)


def read(printed, name):
    """What a camera reads of the paper."""
    path = os.path.join(FOLDER, f"{name}.png")
    printed.png(path)
    done = subprocess.run([journey.COUNTERFOIL, "decode", "--json", path], capture_output=True, text=True, timeout=300, check=False)
    return [symbol["text"] for line in done.stdout.splitlines() for symbol in json.loads(line).get("symbols", [])]


def kinds(printed):
    return [item[0] for item in printed.items if item[0] != "text"]


def an_encoder_that_uses_the_printers_own_codes_prints():
    printed = paper.Printer().take(encoded(ENCODER))
    assert "Café 0,75 €" in printed.text and "TOTAL 12.50" in printed.text, printed.text
    assert kinds(printed) == ["qr", "barcode", "pulse", "cut"], kinds(printed)
    assert ("barcode", EAN) == next(item for item in printed.items if item[0] == "barcode")
    assert read(printed, "encoder") == [URL]


def an_encoder_that_draws_its_codes_prints():
    printed = paper.Printer().take(encoded(RECEIPTLINE))
    lines = [line.split() for line in printed.text.splitlines() if line.strip()]
    assert lines[:2] == [["Café", "0,75"], ["TOTAL", "12.50"]], lines
    assert kinds(printed)[:2] == ["picture", "barcode"] and kinds(printed)[-1] == "cut", kinds(printed)
    assert read(printed, "receiptline") == [URL]


missing = fetch()
if missing:
    print(f"1..1\nok 1 - receipts that others encode # SKIP {missing}")
else:
    journey.run([an_encoder_that_uses_the_printers_own_codes_prints, an_encoder_that_draws_its_codes_prints])
