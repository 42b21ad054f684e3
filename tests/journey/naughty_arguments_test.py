#!/usr/bin/env python3
"""Every naughty string as an argument of every command: no crash, the right class of exit status, no control byte out."""
import concurrent.futures
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402

# {}: the string. Each shape with the exit statuses that it may end with.
SHAPES = [
    (["{}"], {2}),
    (["sell", "--dir", "{}"], {1, 2, 3}),
    (["sell", "{}"], {2}),
    (["sell", "--dir", "/nonexistent", "--label", "{}", "--cashier", "{}"], {1, 2, 3}),
    (["sell", "--dir", "/nonexistent", "--print", "{}"], {1, 2, 3}),
    (["sell", "--{}"], {2}),
    (["report", "{}", "--dir", "/nonexistent"], {2}),
    (["report", "x", "--json", "--dir", "{}"], {1, 2, 3}),
    (["results", "--json", "--dir", "{}"], {0, 1, 2, 3}),
    (["results", "{}", "--dir", "/nonexistent"], {2}),
    (["journal", "verify", "--dir", "{}"], {1, 2, 3}),
    (["journal", "show", "--json", "--dir", "/nonexistent", "--from", "{}"], {2, 3}),
    (["journal", "{}"], {2}),
    (["sync", "now", "--dir", "{}"], {1, 2, 3}),
    (["sync", "status", "--json", "--dir", "{}"], {1, 2, 3}),
    (["sync", "{}", "--dir", "/nonexistent"], {2}),
    (["enrol", "--dir", "/proc/nowhere", "--centre", "localhost:1", "{}"], {1, 2, 3}),
    (["enrol", "--dir", "/proc/nowhere", "--centre", "{}", "CODE"], {2}),
    (["enrol", "--json", "--dir", "/proc/nowhere/{}", "--centre", "localhost:1", "{}"], {1, 2, 3}),
    (["code", "inspect", "{}"], {1, 2}),
    (["code", "inspect", "--json", "{}"], {1, 2}),
    (["code", "verify", "--dir", "/nonexistent", "{}"], {1, 2, 3}),
    (["code", "{}"], {2}),
    (["code", "phone-code", "--key", "{}", "--card", "{}", "--counter", "1"], {1, 2, 3}),
    (["code", "phone-code", "--key", "/nonexistent", "--card", "MS1:A", "--counter", "{}"], {1, 2, 3}),
    (["code", "phone-code", "--key", "/nonexistent", "--card", "MS1:A", "--counter", "1", "--at", "{}"], {1, 2}),
    (["code", "render", "--out", "/proc/nowhere", "--scale", "{}", "A"], {1, 2, 3}),
    (["code", "render", "--out", "/proc/nowhere", "--level", "{}", "A"], {1, 2, 3}),
    (["decode", "{}"], {1, 2, 3}),
    (["devices", "replay", "{}"], {1, 2, 3}),
    (["devices", "--use", "{}", "list"], {2}),
    (["classify", "{}"], {0, 2}),
    (["price", "{}"], {0, 2}),
    (["price", "--currency", "{}"], {0, 1, 2}),
    (["counterfoil-sync", "--once", "--dir", "{}"], {1, 2, 3}),
    (["counterfoil-sync", "--dir", "/nonexistent", "--once", "--every", "{}"], {2, 3}),
    (["counterfoil-sync", "--once", "--dir", "/nonexistent", "--log", "/proc/nowhere/{}"], {2, 3}),
    (["counterfoil-sync", "{}"], {2}),
    (["counterfoil-central", "serve", "{}", "--terminals", "127.0.0.1:0", "--api", "127.0.0.1:0"], {1, 2, 3}),
    (["counterfoil-central", "serve", "/nonexistent", "--terminals", "{}", "--api", "{}"], {1, 2, 3}),
    (["counterfoil-central", "init", "/proc/nowhere/{}", "--name", "{}"], {1, 2, 3}),
    (["counterfoil-central", "import-catalogue", "/nonexistent", "{}", "{}"], {1, 2, 3}),
    (["counterfoil-central", "rotate-keys", "/nonexistent", "{}", "--lead-days", "{}"], {1, 2, 3}),
    (["counterfoil-central", "{}"], {2}),
]


def try_one(job):
    shape, allowed, text = job
    words = [os.fsencode(word).replace(b"{}", text) for word in shape]
    if not shape[0].startswith("counterfoil-"):
        words.insert(0, b"counterfoil")
    words[0] = os.path.join(os.fsencode(journey.BIN), words[0])
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)
    status, out, err = done.returncode, done.stdout, done.stderr
    problem = None
    if status < 0 or b"Sanitizer" in err:
        problem = f"died: {status}"
    elif status not in allowed and text not in (b"--help", b"-h", b"help"):
        problem = f"status {status}, not of {sorted(allowed)}"
    elif status != 0 and not out and not err:
        problem = "said nothing"
    elif found := journey.control_bytes(out) or journey.control_bytes(err):
        problem = f"printed {found}"
    return problem and f"{problem}: {shape} with {text!r}: {out[:200]!r} {err[:300]!r}"


def every_naughty_string_is_an_argument_of_every_command():
    commands = {}
    for shape, allowed in SHAPES:
        commands.setdefault(shape[0], []).append((shape, allowed))
    jobs = [(*shapes[number % len(shapes)], text)  # each string to each command, in one of its shapes
            for number, text in enumerate(journey.naughty()) for shapes in commands.values()
            if not journey.IS_ASAN or number % 11 == 0]  # thousands of processes take too long with a sanitizer
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        problems = [problem for problem in pool.map(try_one, jobs) if problem]
    assert not problems, f"{len(problems)} of {len(jobs)}:\n" + "\n".join(problems[:12])


def every_naughty_string_is_drawn_as_a_code_and_read_back_or_refused():
    """A QR code may hold anything: what is drawn is read back to the byte, and printed without control bytes."""
    folder = journey.folder()
    drawn = []
    for number, text in enumerate(journey.naughty()):
        if journey.IS_ASAN and number % 8:
            continue
        path = os.path.join(folder, f"{number}.png")
        status, out, err = journey.counterfoil("code", "render", "--scale", "4", "--out", path, "--", text)
        assert status in (0, 1, 2), (text, status, err)
        journey.assert_clean(out + err, "render")
        if status == 0 and number % 8 == 0:
            drawn.append((path, text))
    assert len(drawn) > 40, len(drawn)
    status, out, err = journey.counterfoil("decode", "--json", *(path for path, _ in drawn))
    journey.assert_clean(out + err, "decode")
    read = {line["file"]: line for line in map(json.loads, out.splitlines())}
    wrong = [(path, text, read.get(path)) for path, text in drawn
             if not any(symbol["text"].encode() == text for symbol in read[path].get("symbols", []))]
    assert len(wrong) <= len(drawn) // 10, wrong[:5]  # zbar guesses at character sets; codes of ours are ASCII
    status, out, err = journey.counterfoil("decode", *(path for path, _ in drawn))
    journey.assert_clean(out + err, "decode in text")


def every_naughty_string_is_classified_and_priced_without_a_control_byte():
    texts = journey.naughty()
    status, out, err = journey.counterfoil("classify", stdin=b"\n".join(texts) + b"\n")
    assert status == 0 and len(out.splitlines()) == len(texts), (status, err)
    journey.assert_clean(out + err, "classify")
    for text, line in zip(texts, out.splitlines()):
        assert json.loads(line)["text"] == text.rstrip(b"\r").decode("utf-8", "replace"), (text, line)
    carts = [json.dumps({"id": name, "cart": [{"line": name, "sku": name, "qty": 1, "unit_price": 100, "categories": [name]}],
                         "promotions": [{"type": "order_percent", "percent": 10, "coupon": name, "category": name}],
                         "context": {"now": "2026-11-22", "coupons": [name]}}, ensure_ascii=False).encode()
             for name in (text.decode("utf-8", "replace") for text in texts)]
    status, out, err = journey.counterfoil("price", stdin=b"\n".join(carts) + b"\n")
    assert status in (0, 1) and len(out.splitlines()) == len(texts), (status, err, len(out.splitlines()))
    journey.assert_clean(out + err, "price")
    for cart, line in zip(carts, out.splitlines()):
        assert json.loads(line)["id"] == json.loads(cart)["id"]
    # Each as the whole line, which is hardly ever JSON.
    status, out, err = journey.counterfoil("price", stdin=b"\n".join(texts) + b"\n")
    assert status in (1, 2), status
    journey.assert_clean(out + err, "price")


def output_that_goes_nowhere_is_an_error():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([journey.COUNTERFOIL, "classify"], input=b"9520000010072\n" * 10, stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == journey.BROKEN and done.stderr, done


journey.run([every_naughty_string_is_an_argument_of_every_command,
             every_naughty_string_is_drawn_as_a_code_and_read_back_or_refused,
             every_naughty_string_is_classified_and_priced_without_a_control_byte, output_that_goes_nowhere_is_an_error])
