#!/usr/bin/env python3
"""Codes that are damaged, forged, of elsewhere or of another time, at a till, at the centre and from pictures: each is
refused by its own name, and the open sale is as it was."""
import json
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402

B45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def decode45(text):
    """RFC 9285."""
    out = bytearray()
    for at in range(0, len(text), 3):
        value = sum(B45.index(char) * 45 ** k for k, char in enumerate(text[at:at + 3]))
        out += value.to_bytes(2 if len(text) - at >= 3 else 1, "big")
    return bytes(out)


def encode45(data):
    out = []
    for at in range(0, len(data), 2):
        value = int.from_bytes(data[at:at + 2], "big")
        out += [B45[value // 45 ** k % 45] for k in range(3 if len(data) - at >= 2 else 2)]
    return "".join(out)


def with_bytes(code, change):
    """The code with its COSE bytes changed."""
    prefix, body = code[:4], code[4:]
    data = bytearray(decode45(body))
    change(data)
    return prefix + encode45(bytes(data))


def put(at, value):
    def change(data):
        data[at] = value
    return change


def flip(at, bit=0):
    def change(data):
        data[at] ^= 1 << bit
    return change


KID, VERSION, CAMPAIGN = 8, 14, 15  # where they stand in the bytes, by docs/codes.md; checked below


def spoilt(coupon):
    """Each way of damage: (what, text, names that it may be refused by)."""
    data = decode45(coupon[4:])
    assert encode45(data) == coupon[4:]
    shape = {"CODE_SHAPE", "BASE45", "CODE_SIZE"}
    rows = [("cut by n characters", coupon[:-n], shape | {"CODE_PREFIX"}) for n in (1, 2, 3, 4, 30, 64, 100, len(coupon) - 4)]
    rows += [("extended", coupon + more, shape) for more in ("0", "00", "000", "A" * 30, "ZZZ", "::", coupon[4:], "0" * 400)]
    rows += [("lower case", coupon[:4] + coupon[4:].lower(), {"BASE45", "CODE_PREFIX"}),
             ("a lower-case prefix", coupon.lower(), {"CODE_PREFIX", "BASE45"}),
             ("a foreign character", coupon[:10] + "!" + coupon[11:], {"BASE45", "CODE_PREFIX"}),
             ("a wrong prefix", "CX1:" + coupon[4:], {"CODE_PREFIX"}), ("no prefix", coupon[4:], {"CODE_PREFIX"}),
             ("a newer prefix", "CP2:" + coupon[4:], {"CODE_PREFIX"}),
             ("a coupon called a card", "MS1:" + coupon[4:], {"CODE_SHAPE", "CODE_USAGE", "CODE_SIGNATURE"}),
             ("a coupon called a live code", "MC1:" + coupon[4:], {"CODE_SHAPE"}),
             ("a coupon called a ticket", "CT1:" + coupon[4:], {"CODE_SHAPE", "CODE_USAGE", "CODE_SIGNATURE", "UNSUPPORTED"}),
             ("a wrong kid", with_bytes(coupon, flip(KID)), {"CODE_KEY"}),
             ("an unknown version", with_bytes(coupon, put(VERSION, 3)), {"CODE_VERSION"}),
             ("the version with a home's epoch, without one", with_bytes(coupon, put(VERSION, 2)), {"CODE_SHAPE"}),
             ("another campaign", with_bytes(coupon, flip(CAMPAIGN, 1)), {"CODE_SIGNATURE"}),
             ("zeros for a signature", with_bytes(coupon, lambda d: d.__setitem__(slice(-64, None), bytes(64))), {"CODE_SIGNATURE"}),
             ("ones for a signature", with_bytes(coupon, lambda d: d.__setitem__(slice(-64, None), b"\xff" * 64)), {"CODE_SIGNATURE"})]
    chance = random.Random(1)
    rows += [("one flipped bit", with_bytes(coupon, flip(chance.randrange(len(data)), chance.randrange(8))),
              shape | {"CODE_SIGNATURE", "CODE_KEY", "CODE_VERSION", "CODE_USAGE"}) for _ in range(120)]
    return rows


def a_damaged_coupon_is_refused_by_name_and_the_sale_is_unharmed(world):
    coupon = world.claim(world.campaign)
    data = decode45(coupon[4:])
    shown = world.counterfoil("code", "inspect", "--json", coupon)[0]
    assert data[KID - 1:KID + 3].hex() == shown["kid"] or data[KID:KID + 4].hex() == shown["kid"], (data.hex(), shown)
    rows = spoilt(coupon)
    steps = ["scan 9520000010072"]
    for n, (_, text, _) in enumerate(rows):
        steps += [f"bad{n}: coupon {text}", f"bads{n}: scan {text}"]
    lines = world.sell(world.tills[0], steps, check=False)
    answers = {line.get("label"): line for line in lines}
    for n, (what, text, names) in enumerate(rows):
        for label in (f"bad{n}", f"bads{n}"):
            line = answers[label]
            if line["ok"] and label.startswith("bads"):
                raise AssertionError((what, text, line))
            # 1 to 32 characters may be a shop's own code; what is called a card is no coupon.
            extra = {"PRODUCT_UNKNOWN"} if label.startswith("bads") else {"CODE_PREFIX"} if "called" in what else set()
            assert not line["ok"] and line["error"]["name"] in names | extra, (what, label, text, line)
    last = world.sell(world.tills[0], ["total", f"good: coupon {coupon}", "tender cash due"])
    assert last[0]["sale"]["lines"] == 1 and last[0]["sale"]["gross_minor"] == 3990, last[0]
    assert last[-1]["sold"]["total_minor"] == 3591, last[-1]


def the_centre_and_code_verify_refuse_the_same_codes_by_the_same_names(world):
    coupon = world.claim(world.campaign)
    for n, (what, text, names) in enumerate(spoilt(coupon)):
        if n % 3 and what == "one flipped bit":
            continue
        status, out, err = journey.counterfoil("code", "verify", "--json", "--dir", world.tills[0], text)
        journey.assert_clean(out + err, what)
        error = json.loads(out)["error"]
        assert status in (1, 2) and error["name"] in names, (what, text, error)
        refusal = shop.refused(lambda code=text: world.api("POST", "/v1/coupons/verify", {"code": code}), *names, "LIMIT",
                               "JSON_RANGE", "JSON_TYPE")
        assert refusal.status in (400, 404, 422), refusal
        shop.refused(lambda code=text: world.redeem(code, f"spoilt {n}"), *names, "LIMIT", "JSON_RANGE", "JSON_TYPE")
    assert world.api("POST", "/v1/coupons/verify", {"code": coupon, "channel": world.channel})["campaign"] == world.campaign
    assert json.loads(journey.counterfoil("code", "verify", "--json", "--dir", world.tills[0], coupon)[1])["genuine"]


def genuine_coupons_of_elsewhere_or_of_another_time_are_refused_by_name(world):
    other_store = world.api("POST", "/v1/stores", {"name": "Other", "currency": "CNY", "tax_inclusive": True})["store"]
    stamp = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    soon_over = world.launch("Over in a moment", to=stamp(4))
    ended = time.monotonic() + 4 + 14  # the till allows its clock some seconds of error
    rows = [("COUPON_STORE", world.claim(world.launch("Other store", stores=[other_store]))),
            ("COUPON_EARLY", world.claim(world.launch("Next week", **{"from": stamp(7 * 86400), "to": stamp(8 * 86400)}))),
            ("COUPON_CHANNEL", world.claim(world.launch("Online", policy="online_only", budget=5, channels=["online"]))),
            ("COUPON_ONLINE", world.claim(world.launch("Ask first", policy="online_only", budget=5))),
            ("MEMBER_REQUIRED", world.claim(world.campaign, member=world.lin["member"]))]
    stopped = world.launch("Stopped")
    rows.append(("COUPON_ENDED", world.claim(stopped)))
    world.api("PATCH", f"/v1/campaigns/{stopped}", {"stopped": True})
    over = world.claim(soon_over)
    world.sync(world.tills[0])
    world.cut()
    try:
        unknown = world.claim(world.launch("Launched after the cut"))
        rows.append(("COUPON_CAMPAIGN", unknown))
        lines = world.sell(world.tills[0], ["scan 9520000010072", *(f"n{n}: coupon {code}" for n, (_, code) in enumerate(rows))],
                           check=False)
        got = [(line["error"]["name"] if not line["ok"] else "ok") for line in lines[1:]]
        assert got == [name for name, _ in rows], (got, [name for name, _ in rows])
        other = world.join_member("Somebody else")
        lines = world.sell(world.tills[0], [f"member {world.member_code(other)}", f"coupon {rows[4][1]}"], check=False)
        assert lines[0]["ok"] and lines[1]["error"]["name"] == "MEMBER_OTHER", lines
        time.sleep(max(0, ended - time.monotonic()))
        line = world.sell(world.tills[0], [f"coupon {over}"], check=False)[0]
        assert line["error"]["name"] in ("COUPON_EXPIRED", "COUPON_ENDED"), line
        last = world.sell(world.tills[0], ["total", "cancel"])
        assert last[0]["sale"]["lines"] == 1 and not last[0]["sale"].get("coupons"), last
    finally:
        world.join()


def one_coupon_twice_on_a_sale_and_in_a_second_sale(world):
    coupon = world.claim(world.campaign)
    lines = world.sell(world.tills[0], ["scan 9520000010072", f"coupon {coupon}", f"coupon {coupon}", "tender cash due",
                                        "scan 9520000010072", f"coupon {coupon}", "cancel"], check=False)
    assert [line.get("error", {}).get("name") for line in lines] == [None, None, "COUPON_TWICE", None, None, "COUPON_SPENT", None]


def malleable(code):
    """The same right with the other signature that anyone can make of it: (r, n - s)."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

    def change(data):
        data[-32:] = (order - int.from_bytes(data[-32:], "big")).to_bytes(32, "big")
    return with_bytes(code, change)


def the_other_signature_of_a_coupon_is_the_same_coupon(world):
    coupon = world.claim(world.campaign)
    assert malleable(coupon) != coupon
    lines = world.sell(world.tills[0], ["scan 9520000010072", f"coupon {coupon}", f"coupon {malleable(coupon)}", "tender cash due",
                                        "scan 9520000010072", f"coupon {malleable(coupon)}", "cancel"], check=False)
    assert [line.get("error", {}).get("name") for line in lines] == [None, None, "COUPON_TWICE", None, None, "COUPON_SPENT", None]


def pictures_that_are_none_or_hold_too_much_are_refused_by_name(world):
    folder = journey.folder()
    at = lambda name: os.path.join(folder, name)
    chance = random.Random(5)
    coupon = world.claim(world.campaign)
    world.counterfoil("code", "render", "--out", at("good.png"), coupon)
    with open(at("good.png"), "rb") as file:
        good = file.read()
    contents = {
        "empty.png": b"", "text.png": b"this is no picture\n" * 50, "noise.png": chance.randbytes(5000),
        "cut.png": good[:len(good) // 2], "header.png": good[:33], "noisy.png": good[:60] + chance.randbytes(len(good) - 60),
        "huge.pgm": b"P5\n2000000000 2000000000\n255\n", "negative.pgm": b"P5\n-5 5\n255\n" + bytes(25), "short.pgm": b"P5\n100 100\n255\nabc",
        "huge.y4m": b"YUV4MPEG2 W99999999 H99999999 F25:1\nFRAME\n", "nothing.y4m": b"YUV4MPEG2 W64 H64 F25:1\n",
        "riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 " + chance.randbytes(200), "journal.png": open(os.path.join(world.tills[0], "journal.db"), "rb").read(),
    }
    for name, content in contents.items():
        with open(at(name), "wb") as file:
            file.write(content)
    os.mkdir(at("folder.png"))
    names = [*contents, "folder.png", "missing.png"]
    for name in names:
        status, out, err = journey.counterfoil("decode", "--json", at(name))
        assert status in (1, 2, 3), (name, status, out, err)
        journey.assert_clean(out + err, name)
        status, out, err = journey.counterfoil("decode", at(name))
        assert name.encode() in err, (name, err)
    lines = world.sell(world.tills[0], ["scan 9520000010072", *(f"scan-image {at(name)}" for name in names), "total", "cancel"], check=False)
    for name, line in zip(names, lines[1:]):
        assert not line["ok"] and line["error"]["name"] in ("IMAGE_FORMAT", "IMAGE_SIZE", "IMAGE_EMPTY", "NOT_FOUND", "IO"), (name, line)
    assert lines[-2]["ok"] and lines[-2]["sale"]["lines"] == 1, lines[-2:]
    # A QR code of 3 KB is read, and refused by its size; two different barcodes in one frame are not guessed at.
    for text, level in (("CP1:" + "A" * 2996, "L"), ("9" * 3000, "L")):
        status, out, err = journey.counterfoil("code", "render", "--level", level, "--scale", "4", "--out", at("large.png"), text)
        assert status == 0, (out, err)
        line = world.sell(world.tills[0], [f"scan-image {at('large.png')}"], check=False)[0]
        assert line["error"]["name"] in ("CODE_SIZE", "GTIN_LENGTH", "CODE_PREFIX"), line
    assert world.sell(world.tills[0], ["total"])[0]["sale"]["state"] == "idle"
    # A folder for receipts that is none is refused before anything is sold.
    for name in ("missing", next(iter(contents))):
        lines = world.sell(world.tills[0], ["scan 9520000010072"], "--print", at(name), check=False)
        assert len(lines) == 1 and not lines[0]["ok"] and name in lines[0]["error"]["detail"], lines


def every_naughty_string_as_coupon_member_and_scan(world):
    texts = journey.naughty()
    steps = [b"scan 9520000010072"]
    for text in texts:
        steps += [b"coupon " + text, b"member " + text, b"scan " + text, b"coupon CP1:" + text, b"scan MC1:" + text,
                  b"scan-image " + text, b"park " + text, b"tender card 0.01 " + text, text]
    done = subprocess.run(world.at_store([journey.COUNTERFOIL, "sell", "--json", "--dir", world.tills[1]]),
                          input=b"\n".join(steps) + b"\n", capture_output=True, check=False)
    assert done.returncode in (1, 2), (done.returncode, done.stderr)
    journey.assert_clean(done.stdout + done.stderr, "sell --json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    taken = [line for line in lines[1:] if line["ok"] and line["verb"] not in ("park", "tender")]
    assert not taken, taken[:3]
    # The same as text, after whatever was parked and paid is put away.
    text_till = world.tills[2]
    done = subprocess.run(world.at_store([journey.COUNTERFOIL, "sell", "--dir", text_till, "--print", text_till, "--views"]),
                          input=b"\n".join([b"scan 9520000010072", *(b"x: coupon " + t for t in texts), *(b"scan " + t for t in texts),
                                            *texts, b"untender", b"tender cash due"]) + b"\n", capture_output=True, check=False)
    assert done.returncode in (1, 2), (done.returncode, done.stderr)
    journey.assert_clean(done.stdout + done.stderr, "sell as text")
    assert b"sold: " in done.stdout, done.stdout[-600:]


with shop.open() as opened:
    opened.campaign = opened.launch("Ten percent", lease_per_terminal=50)
    opened.lin = opened.join_member()
    opened.tills = [opened.till(f"Till {n}") for n in (1, 2, 3)]
    journey.run([a_damaged_coupon_is_refused_by_name_and_the_sale_is_unharmed,
                 the_centre_and_code_verify_refuse_the_same_codes_by_the_same_names,
                 genuine_coupons_of_elsewhere_or_of_another_time_are_refused_by_name,
                 one_coupon_twice_on_a_sale_and_in_a_second_sale, the_other_signature_of_a_coupon_is_the_same_coupon,
                 pictures_that_are_none_or_hold_too_much_are_refused_by_name,
                 every_naughty_string_as_coupon_member_and_scan], opened)
