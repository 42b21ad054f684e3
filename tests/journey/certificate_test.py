#!/usr/bin/env python3
"""Certificates of another authority, expired, of another terminal or store, or none at all: refused by name at either
end, and nothing is taken from them."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402


def openssl(*words, days_ago=None):
    command = ["openssl", *words]
    if days_ago:
        if not shutil.which("faketime"):
            raise journey.Skip("faketime is not here")
        command = ["faketime", "-f", f"{-days_ago:+d}d", *command]
    subprocess.run(command, check=True, capture_output=True)


def make_key(folder, name):
    path = os.path.join(folder, name + ".key")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
    return path


def make_certificate(folder, name, ca, ca_key, subject, days_ago=None):
    """A client certificate for `subject`; gives (certificate, key)."""
    key, request, path = make_key(folder, name), os.path.join(folder, name + ".csr"), os.path.join(folder, name + ".pem")
    extensions = os.path.join(folder, "extensions")
    with open(extensions, "w", encoding="ascii") as file:
        file.write("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n")
    openssl("req", "-new", "-key", key, "-subj", subject, "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "5", "-extfile", extensions,
            "-out", path, days_ago=days_ago)
    return path, key


def subject_of(certificate):
    done = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-subject", "-nameopt", "multiline"], check=True,
                          capture_output=True, text=True)
    return "".join("/" + {"commonName": "CN", "organizationName": "O"}[line.split("=")[0].strip()] + "=" + line.split("=", 1)[1].strip()
                   for line in done.stdout.splitlines()[1:] if line.split("=")[0].strip() in ("commonName", "organizationName"))


def post(world, certificate=None, key=None, path="/t1/records", body=b"\x80"):
    """A bare request to the terminals' port; gives (curl's status, HTTP status, body)."""
    words = ["curl", "-sS", "--cacert", os.path.join(world.centre, "ca.pem"), "--resolve",
             f"localhost:{world.terminals_port}:{world.api_address()}", "-X", "POST", "-w", "\n%{http_code}", "--data-binary", "@-"]
    if certificate:
        words += ["--cert", certificate, "--key", key]
    done = subprocess.run(world.at_centre([*words, f"https://localhost:{world.terminals_port}{path}"]), input=body,
                          capture_output=True, check=False)
    text, _, status = done.stdout.rpartition(b"\n")
    return done.returncode, int(status or 0), text


def with_certificate(world, certificate, key):
    """A copy of till 1 that shows this certificate instead of its own."""
    here = shop.copy_of(world.tills[0], "disguised")
    shutil.copy(certificate, os.path.join(here, "tls.cert.pem"))
    shutil.copy(key, os.path.join(here, "tls.key.pem"))
    return here


def refused_sync(world, till, *names):
    done = subprocess.run(world.at_store([journey.COUNTERFOIL, "sync", "now", "--json", "--dir", till]), capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode == journey.BROKEN, done
    error = json.loads(done.stdout)["error"]
    assert error["name"] in names, error
    return error


def without_a_certificate_the_handshake_fails(world):
    curl, http, _ = post(world)
    assert curl != 0 and http == 0, (curl, http)


def a_certificate_of_another_authority_is_refused_in_the_handshake(world):
    key = make_key(world.pki, "other-ca")
    ca = os.path.join(world.pki, "other-ca.pem")
    openssl("req", "-x509", "-new", "-key", key, "-subj", subject_of(os.path.join(world.centre, "ca.pem")) or "/CN=x", "-days", "30", "-out", ca)
    pair = make_certificate(world.pki, "foreign", ca, key, subject_of(os.path.join(world.tills[0], "tls.cert.pem")))
    curl, http, _ = post(world, *pair)
    assert curl != 0 and http == 0, (curl, http)
    refused_sync(world, with_certificate(world, *pair), "CERTIFICATE", "TLS")


def an_expired_certificate_is_refused_in_the_handshake(world):
    subject = subject_of(os.path.join(world.tills[0], "tls.cert.pem"))
    ca, ca_key = os.path.join(world.centre, "ca.pem"), os.path.join(world.centre, "ca.key.pem")
    good = make_certificate(world.pki, "fresh", ca, ca_key, subject)
    assert post(world, *good)[1] == 400, "a genuine certificate gets as far as the message"
    pair = make_certificate(world.pki, "expired", ca, ca_key, subject, days_ago=10)
    curl, http, _ = post(world, *pair)
    assert curl != 0 and http == 0, (curl, http)
    refused_sync(world, with_certificate(world, *pair), "CERTIFICATE", "TLS")
    early = make_certificate(world.pki, "early", ca, ca_key, subject, days_ago=-10)
    curl, http, _ = post(world, *early)
    assert curl != 0 and http == 0, (curl, http)


def a_certificate_of_another_terminal_or_store_than_in_the_batch_is_refused(world):
    before = [world.report(till) for till in world.tills]
    world.sell(world.tills[0], ["scan 9520000010003", "tender cash due"])
    for other in world.tills[1:]:
        here = with_certificate(world, os.path.join(other, "tls.cert.pem"), os.path.join(other, "tls.key.pem"))
        refused_sync(world, here, "CERTIFICATE")
    assert [world.report(till) for till in world.tills] == before


def a_certificate_that_names_no_terminal_is_refused(world):
    ca, ca_key = os.path.join(world.centre, "ca.pem"), os.path.join(world.centre, "ca.key.pem")
    for n, subject in enumerate(("/CN=t999999-e1", "/CN=t3-e99", "/CN=nobody", "/CN=t3", "/CN=t3-e1x", "/CN=t-1-e1", "/CN=t03-e1",
                                 "/CN=t18446744073709551619-e1", "/CN=localhost")):
        curl, http, text = post(world, *make_certificate(world.pki, f"odd{n}", ca, ca_key, subject))
        assert curl != 0 or http in (400, 403), (subject, curl, http, text)
        here = with_certificate(world, os.path.join(world.pki, f"odd{n}.pem"), os.path.join(world.pki, f"odd{n}.key"))
        refused_sync(world, here, "CERTIFICATE")
    curl, http, text = post(world, os.path.join(world.centre, "server.pem"), os.path.join(world.centre, "server.key.pem"))
    assert curl != 0 or http == 403, (curl, http, text)


def a_till_does_not_talk_to_a_centre_of_another_authority(world):
    here = shop.copy_of(world.tills[0], "mistrusting")
    shutil.copy(os.path.join(world.pki, "other-ca.pem"), os.path.join(here, "ca.pem"))
    refused_sync(world, here, "CERTIFICATE", "TLS")
    # An enrolment code names its centre: another one is not enrolled at.
    made = world.api("POST", "/v1/terminals", {"store": world.store, "label": "Till elsewhere"})["enrol_code"]
    with shop.open() as elsewhere:
        folder = os.path.join(elsewhere.folder, "astray")
        os.makedirs(folder)
        shop.refused(lambda: elsewhere.counterfoil("enrol", "--json", "--dir", folder, "--centre",
                                                   f"{elsewhere.centre_host()}:{elsewhere.api_port}", made), "CERTIFICATE", "TLS", "ENROL_CODE")
        assert not os.path.exists(os.path.join(folder, "journal.db")), os.listdir(folder)


def the_tills_themselves_go_on(world):
    for till in world.tills:
        synced = world.sync(till)
        assert synced["recorded"] == synced["acknowledged"], synced
    assert world.report(world.tills[0])["epochs"][0]["totals"]["sales"] == 2
    world.quiet()


with shop.open() as opened:
    opened.pki = journey.folder()
    far = opened.api("POST", "/v1/stores", {"name": "Far store", "currency": "CNY", "tax_inclusive": True})["store"]
    opened.put_products(far)
    opened.tills = [opened.till("Till 1"), opened.till("Till 2"), opened.till("Far 1", far)]
    opened.sell(opened.tills[0], ["scan 9520000010003", "tender cash due"])
    journey.run([without_a_certificate_the_handshake_fails, a_certificate_of_another_authority_is_refused_in_the_handshake,
                 an_expired_certificate_is_refused_in_the_handshake,
                 a_certificate_of_another_terminal_or_store_than_in_the_batch_is_refused,
                 a_certificate_that_names_no_terminal_is_refused, a_till_does_not_talk_to_a_centre_of_another_authority,
                 the_tills_themselves_go_on], opened)
