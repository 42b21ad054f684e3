#!/usr/bin/env python3
"""The public Wycheproof sets for ECDSA P-256 with SHA-256, in DER and in P1363, on both implementations.

The sets are not ours to keep here: tools/fetch-wycheproof puts them beside the builds (or $CF_WYCHEPROOF
names a folder that has them). Everything that a set does not call valid has to be refused, the merely "acceptable" too.
"""
import json
import os
import subprocess

FILES = (("der", "ecdsa_secp256r1_sha256_test.json"), ("p1363", "ecdsa_secp256r1_sha256_p1363_test.json"))
IMPLEMENTATIONS = ("mbedtls", "openssl")


def vectors(path, form):
    """Yields (number, comment, line for the tool, whether it is valid)."""
    with open(path, encoding="utf-8") as text:
        groups = json.load(text)["testGroups"]
    for group in groups:
        key = group.get("publicKey") or group["key"]  # the older schema's name
        assert group["sha"] == "SHA-256" and key["curve"] == "secp256r1", path
        for test in group["tests"]:
            fields = (form, key["uncompressed"], test["msg"] or "-", test["sig"] or "-")
            yield test["tcId"], test["comment"], " ".join(fields), test["result"] == "valid"


def check(number, tool, path, form):
    """Prints one TAP line a set."""
    label = f"every vector of {os.path.basename(path)} on {tool}"
    if not os.path.exists(path):
        print(f"ok {number} - {label} # SKIP the Wycheproof sets are not here: run tools/fetch-wycheproof")
        return
    tests = list(vectors(path, form))
    program = os.path.join(os.environ["CF_BUILD"], "tests/unit/crypto", f"tool_{tool}")
    run = subprocess.run([program, "verify"], input="".join(t[2] + "\n" for t in tests), text=True,
                         capture_output=True, check=False)
    answers = run.stdout.split()
    expected = ["valid" if t[3] else "invalid" for t in tests]
    wrong = [f"vector {t[0]} ({t[1]}): {got}, not {want}" for t, got, want in zip(tests, answers, expected) if got != want]
    good = run.returncode == 0 and len(answers) == len(tests) and not wrong and len(tests) > 200
    print(f"{'ok' if good else 'not ok'} {number} - {label} ({len(tests)} vectors, {expected.count('valid')} valid)")
    for line in (wrong + run.stderr.splitlines())[:20]:
        print("#", line)


def main():
    folder = os.environ.get("CF_WYCHEPROOF") or os.path.join(os.path.dirname(os.environ["CF_BUILD"]), "wycheproof")
    cases = [(tool, form, name) for tool in IMPLEMENTATIONS for form, name in FILES]
    print(f"1..{len(cases)}")
    for number, (tool, form, name) in enumerate(cases, 1):
        check(number, tool, os.path.join(folder, name), form)


if __name__ == "__main__":
    main()
