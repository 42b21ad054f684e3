#!/usr/bin/env python3
"""What printer_models.txt says of a model is what the public printer database says of it, where that knows the model:
columns and dots of the paper, the numbers of code pages, and that it prints QR codes by itself."""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "journey"))
import journey  # noqa: E402

# Ours, and theirs: models that both know.
SAME = {"epson-tm-t88v": "TM-T88V", "epson-tm-t20iii": "TM-T20III", "epson-tm-m30iii": "TM-m30III",
        "epson-tm-t70ii-china": "TM-T70II-CH"}


def ours():
    models, model = {}, None
    with open(os.path.join(journey.SOURCE, "app", "receipt", "printer_models.txt"), encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "model":
                model = models.setdefault(words[1], {"pages": {}})
            elif words[0] == "page":
                model["pages"][words[1]] = words[2]
            else:
                model[words[0]] = words[1:]
    return models


def database():
    path = os.path.join(journey.SHARED, "escpos", "printer-db", "capabilities.json")
    if not os.path.exists(path):
        raise journey.Skip("the printer database is not here")
    with open(path, encoding="utf-8") as file:
        return json.load(file)["profiles"]


def each():
    theirs, models = database(), ours()
    for name, profile in SAME.items():
        yield name, models[name], theirs[profile]


def paper_is_as_wide():
    for name, model, profile in each():
        assert int(model["dots"][0]) == profile["media"]["width"]["pixels"], name
        assert int(model["columns"][0]) == profile["fonts"]["0"]["columns"], name


def code_pages_have_their_numbers():
    checked = 0
    for name, model, profile in each():
        for number, charset in model["pages"].items():
            theirs = profile["codePages"].get(number)
            assert theirs is not None and theirs.replace("_", "-") == charset, \
                (name, number, charset, theirs)
            checked += 1
    assert checked > 10, checked


def codes_are_printed_by_those_that_can():
    for name, model, profile in each():
        assert (model.get("qr") == ["native"]) == profile["features"]["qrCode"], name


journey.run([paper_is_as_wide, code_pages_have_their_numbers, codes_are_printed_by_those_that_can])
