#!/usr/bin/env python3
"""Training: everything as in earnest, and afterwards the till's folder is what it was, to the byte."""
import hashlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402


def journal_of(till):
    """What a training session must not touch: the journal, its log, the witness of its head, the number of starts."""
    names = [name for name in os.listdir(till) if name.startswith("journal")]
    paths = sorted(os.path.join(till, name) for name in names) + [till + ".incarnation"]
    return {path: hashlib.sha256(open(path, "rb").read()).hexdigest() for path in paths if os.path.exists(path)}


def training_leaves_no_trace(world):
    till = world.till("Till trainee")
    coupon = world.claim(world.campaign)
    world.sell(till, ["scan 9520000010003", "tender cash due"])
    world.sync(till)
    head = world.counterfoil("report", "x", "--json", "--dir", till)[0]
    before = journal_of(till)
    assert len(before) >= 2, before
    out = os.path.join(world.folder, "paper")
    os.makedirs(out)
    under = os.path.join(world.folder, "tmp")
    os.makedirs(under)
    os.environ["TMPDIR"] = under
    lines = world.sell(till, ["scan 9520000010072", f"coupon {coupon}", "tender cash due", "scan 9520000010218", "park x",
                              "recall x", "cancel", "scan 9520000010072", "tender cash 1.00", "relay"], "--training",
                       "--print", out, "--views", check=False)
    del os.environ["TMPDIR"]
    assert lines[0]["event"] == "training", lines
    assert lines[2].get("ok") and lines[3]["sold"]["total_minor"] == 3591, lines  # it is practised, lease or none
    assert lines[3]["sold"]["receipt"].split("-")[1] == "999999999", lines
    assert lines[-1]["error"]["name"] in ("TRAINING", "SALE_TENDERED"), lines
    assert os.listdir(under) == [], os.listdir(under)
    texts = [open(os.path.join(out, name), encoding="utf-8").read() for name in os.listdir(out) if name.endswith(".txt")]
    assert len(texts) == 1 and all("TRAINING" in text for text in texts), texts
    assert journal_of(till) == before
    after = world.counterfoil("report", "x", "--json", "--dir", till)[0]
    assert after["recorded"] == head["recorded"] and after["recorded_head"] == head["recorded_head"], (head, after)
    # The coupon is as good as it was, the next sale has the next number, and the centre has heard of nothing.
    sold = world.sell(till, ["scan 9520000010072", f"coupon {coupon}", "tender cash due"])[-1]["sold"]
    assert sold["sale_no"] == 2 and sold["total_minor"] == 3591, sold
    world.sync(till)
    world.quiet()


def a_receipt_of_a_training_session_is_nobodys(world):
    till = world.till("Till trainee two")
    sold = world.sell(till, ["scan 9520000010072", "tender cash due"], "--training")[-1]["sold"]
    refusal = world.sell(till, [f"return {sold['receipt']}"], check=False)[-1]["error"]
    assert refusal["name"] in ("RETURN_SALE", "RETURN_ELSEWHERE"), refusal


def written(till):
    """The same but for what reading the journal leaves beside it: an index, and a log with nothing in it."""
    empty = hashlib.sha256(b"").hexdigest()
    return {path: hashed for path, hashed in journal_of(till).items() if not path.endswith("-shm") and hashed != empty}


USERS = {7: ("Anna", "cashier", "271828"), 80: ("Tim", "technician", "141421"), 90: ("Mara", "manager", "161803")}
ANNA, TIM, MARA = (f"{user} {pin}" for user, (_, _, pin) in USERS.items())


def where_the_store_has_users_one_who_may_begins_it_and_all_log_in(world):
    till = world.till("Till trainee three")
    for user, (name, role, pin) in USERS.items():
        world.api("POST", f"/v1/stores/{world.store}/users", {"user": user, "name": name, "role": role, "pin": pin})
    world.sync(till)

    def train(*steps):
        before = written(till)
        lines = world.sell(till, list(steps), "--training", check=False)
        assert written(till) == before
        return ["ok" if line.get("ok") else line["error"]["name"] for line in lines if "event" not in line], lines

    assert train(f"login {MARA}")[0] == ["USER_NONE"]  # not with a PIN whose wrong ones nobody would remember
    world.sell(till, [f"login {ANNA}"])
    assert train("scan 9520000010072")[0] == ["PERMIT"]
    world.sell(till, [f"login {TIM}"])
    steps = [("scan 9520000010072", "USER_NONE"), (f"login {TIM}", "ok"), ("scan 9520000010072", "PERMIT"),
             ("login 7 999990", "USER_PIN"), (f"login {ANNA}", "ok"), ("scan 9520000010072", "ok"), ("price 1.00", "PERMIT"),
             (f"override {MARA} torn box", "ok"), ("price 1.00", "ok"), ("tender cash due", "ok"), ("no-sale coins", "PERMIT"),
             (f"login {MARA}", "ok"), ("no-sale coins", "ok"), ("lock", "ok")]
    names, lines = train(*(step for step, _ in steps))
    assert names == [name for _, name in steps], lines
    who = world.counterfoil("user", "who", "--dir", till, "--json")[0]
    assert who["user"] == 80, who
    world.sell(till, ["lock"])
    assert train("total")[0] == ["USER_NONE"]
    world.sync(till)
    world.quiet()


with shop.open(netns=False) as opened:
    opened.campaign = opened.launch("Ten percent")
    journey.run([training_leaves_no_trace, a_receipt_of_a_training_session_is_nobodys,
                 where_the_store_has_users_one_who_may_begins_it_and_all_log_in], opened)
