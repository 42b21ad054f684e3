#!/usr/bin/env python3
"""The listener of counterfoil-central: real processes, real TLS, and clients that mean no good."""
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from central_listener import CENTRAL, Centre, Tap, empty_batch  # noqa: E402

warnings.simplefilter("ignore", DeprecationWarning)  # old TLS is asked for on purpose
tap = Tap()
centre = Centre("--request-seconds", "2", "--connections", "40")
centre.api("POST", "/v1/stores", {"name": "Shop", "currency": "CNY"})
terminal, own = centre.enrol()
_, other = centre.enrol()


def expect(answer, status, name=None):
    assert answer.status == status, f"{answer.status} {answer.body[:300]}"
    if name:
        assert answer.name == name, answer.body


def refused_in_handshake(certificate, version, reasons):
    """No byte of HTTP is answered: TLS itself says no."""
    connection = centre.terminal(certificate, version)
    try:
        connection.connect()
        connection.request("POST", "/t1/pull", body=b"x")
        answer = connection.getresponse()
        raise AssertionError(f"answered {answer.status}")
    except (ssl.SSLEOFError, ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected):
        pass  # the alert was overtaken by the end of the connection
    except ssl.SSLError as why:
        assert any(reason in str(why).lower() for reason in reasons), why
    finally:
        connection.close()


def both_versions(certificate, *reasons):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        refused_in_handshake(certificate, version, reasons)


def a_client_without_a_certificate_is_refused_inside_the_handshake():
    before = centre.api("GET", "/v1/health").json["listener"]["handshakes_failed"]
    both_versions(None, "handshake failure", "certificate required")
    after = centre.api("GET", "/v1/health").json["listener"]["handshakes_failed"]
    assert after == before + 2, (before, after)


def a_certificate_of_another_ca_is_refused_inside_the_handshake():
    foreign = Centre()
    try:
        both_versions(centre.certificate("foreign", f"t{terminal}-e1", folder=foreign.folder), "unknown ca", "decrypt error",
                      "bad certificate")
    finally:
        foreign.close()


def an_expired_certificate_is_refused_inside_the_handshake():
    both_versions(centre.certificate("expired", f"t{terminal}-e1", -30, -1), "certificate expired")


def a_certificate_that_is_not_valid_yet_is_refused_inside_the_handshake():
    both_versions(centre.certificate("early", f"t{terminal}-e1", 2, 30), "bad certificate", "certificate")


def the_certificate_of_another_terminal_does_not_carry_a_batch():
    for certificate, status in ((other, 403), (own, 400)):  # 400: its own, but badly signed
        connection = centre.terminal(certificate)
        expect(centre.exchange(connection, "POST", "/t1/records", empty_batch(terminal, 1)), status)
        connection.close()


def a_certificate_that_names_no_terminal_is_of_no_use():
    for number, name in enumerate(("localhost", "t0-e1", "t1-e1x", "t-1-e1", "t01-e1", "t4294967296-e1")):
        connection = centre.terminal(centre.certificate(f"odd{number}", name))
        expect(centre.exchange(connection, "POST", "/t1/pull", b"x"), 403)
        connection.close()


def the_api_is_not_on_the_port_of_the_terminals_nor_theirs_on_the_apis():
    connection = centre.terminal(own)
    expect(centre.exchange(connection, "GET", "/v1/stores", headers={"Authorization": f"Bearer {centre.key}"}), 404)
    connection.close()
    expect(centre.api("POST", "/t1/pull", b"x"), 404, "NOT_FOUND")


def tls_older_than_1_2_is_refused():
    context = centre.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        with socket.create_connection(("127.0.0.1", centre.api_port)) as raw, context.wrap_socket(raw, server_hostname="localhost"):
            raise AssertionError("connected")
    except (ssl.SSLError, ConnectionError):
        pass


def reconnects_resume_their_session_with_the_client_certificate():
    context = centre.context(own, ssl.TLSVersion.TLSv1_2)  # what a till speaks
    before = centre.api("GET", "/v1/health").json["listener"]
    session = None
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", centre.terminals_port)) as raw:
            with context.wrap_socket(raw, server_hostname="localhost", session=session) as tls:
                tls.sendall(b"POST /t1/pull HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx")
                assert tls.recv(100).startswith(b"HTTP/1.1 400"), "it must still know the terminal"
                session = tls.session
    after = centre.api("GET", "/v1/health").json["listener"]
    assert after["handshakes_resumed"] - before["handshakes_resumed"] == 19, (before, after)


def bad_json_is_a_clear_error():
    rows = [
        (b"hello", 400, "JSON_SYNTAX"), (b"", 400, "JSON_SYNTAX"), (b"{", 400, "JSON_SYNTAX"), (b"\xff\xfe", 400, "JSON_SYNTAX"),
        (b'{"name":"\xff","currency":"CNY"}', 400, "JSON_SYNTAX"), (b"{\"a\":1,\"a\":2}", 400, "JSON_SYNTAX"),
        (b'{"name":7,"currency":"CNY"}', 422, "JSON_TYPE"), (b"[1]", 422, "JSON_TYPE"),
        (b'{"name":"x","currency":"CNY","utc_offset_min":99999999999999999999}', 422, "JSON_RANGE"),
        (b"[" * 10000 + b"]" * 10000, 400, "JSON_DEPTH"), (b'{"a":' * 10000, 400, "JSON_DEPTH"),
    ]
    for body, status, name in rows:
        expect(centre.api("POST", "/v1/stores", body), status, name)
    assert len(centre.api("GET", "/v1/stores").json["stores"]) == 1


def ten_megabytes_are_refused_as_json():
    expect(centre.api("POST", "/v1/members", b" " * 10_000_000), 413, "BODY_SIZE")
    expect(centre.api("GET", "/v1/health"), 200)


def more_than_is_read_at_all_is_refused_too():
    connection = http.client.HTTPSConnection("localhost", centre.api_port, context=centre.context(), timeout=60)
    try:
        answer = centre.exchange(connection, "POST", "/v1/members", b" " * 20_000_000, {"Authorization": f"Bearer {centre.key}"})
        assert answer.status == 413, answer.status
    finally:
        connection.close()


def what_is_not_http_is_answered_or_closed():
    for junk in (b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 40000, b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
                 b"POST /v1/stores HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"GET /" + b"%00" * 20 + b" HTTP/1.1\r\nHost: x\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", centre.api_port), timeout=20) as raw:
            with centre.context().wrap_socket(raw, server_hostname="localhost") as tls:
                tls.sendall(junk)
                try:
                    answer = tls.recv(65536)
                except (ConnectionError, ssl.SSLError):
                    answer = b""
                assert answer == b"" or answer.startswith(b"HTTP/1."), answer[:80]
    expect(centre.api("GET", "/v1/health"), 200)


def a_head_that_is_too_long_is_refused():
    answer = centre.api("GET", "/v1/health", headers={"X-Long": "x" * 20000})
    assert answer.status == 400, answer.status
    centre.connection.close()
    centre.connection = None


def a_client_that_sends_a_byte_now_and_then_is_closed():
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", centre.api_port), timeout=30) as raw:
        with centre.context().wrap_socket(raw, server_hostname="localhost") as tls:
            try:
                for byte in b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"y" * 100:
                    tls.sendall(bytes([byte]))
                    time.sleep(0.1)
                    assert time.monotonic() - started < 9, "still open"
            except (ConnectionError, ssl.SSLError):
                pass
    assert 1.5 < time.monotonic() - started < 9
    assert centre.api("GET", "/v1/health").json["listener"]["closed_slow"] >= 1


def a_client_that_never_finishes_its_handshake_is_closed():
    with socket.create_connection(("127.0.0.1", centre.terminals_port), timeout=10) as raw:
        raw.sendall(b"\x16\x03\x01")
        started = time.monotonic()
        try:
            assert raw.recv(10) == b""
        except ConnectionError:
            pass
        assert time.monotonic() - started < 9


def a_client_that_does_not_read_its_answer_harms_nobody():
    raw = socket.create_connection(("127.0.0.1", centre.api_port))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    tls = centre.context().wrap_socket(raw, server_hostname="localhost")
    tls.sendall(f"GET /v1/campaigns HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {centre.key}\r\n\r\n".encode() * 5)
    expect(centre.api("GET", "/v1/health"), 200)
    tls.close()


def a_full_house_waits_and_then_goes_on():
    idle = []
    for _ in range(60):  # beyond --connections 40: the rest waits in the kernel's queue
        idle.append(socket.create_connection(("127.0.0.1", centre.api_port), timeout=10))
    time.sleep(0.3)
    for connection in idle:
        connection.close()
    centre.connection and centre.connection.close()
    centre.connection = None
    answer = centre.api("GET", "/v1/health")
    expect(answer, 200)
    assert answer.json["listener"]["connections"] <= 40, answer.json


def many_requests_share_a_connection_without_waiting():
    started = time.monotonic()
    for _ in range(50):
        expect(centre.api("GET", "/v1/ca", key=None), 200)
    assert time.monotonic() - started < 1.5, "40 ms each would be the delayed ACK"


def ports_are_told_on_stdout_and_in_a_file():
    with open(os.path.join(centre.folder, "ports.json"), encoding="ascii") as file:
        assert json.load(file) == centre.ports
    assert centre.ports["pid"] == centre.process.pid


def a_catalogue_is_imported_while_it_serves():
    path = os.path.join(centre.top, "products.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        for number in range(3000):
            print(json.dumps({"code": f"S{number}", "name": f"商品 {number}", "price_minor": 100 + number, "tax_bp": 1300}), file=file)
    words = [CENTRAL, "import-catalogue", centre.folder, "1", path]
    made = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    assert made == {"products": 3000, "changed": 3000}, made
    assert json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)["changed"] == 0
    assert centre.api("GET", "/v1/catalogue?store=1").json["products"] == 3000
    with open(path, "a", encoding="utf-8") as file:
        print('{"code":"S1","name":', file=file)
    failed = subprocess.run(words, capture_output=True, text=True, check=False)
    assert failed.returncode == 2 and "line 3001" in failed.stderr, failed


def usage_is_told_with_status_2():
    for words in ([], ["dance"], ["init"], ["serve"], ["serve", centre.folder, "--api"], ["import-catalogue", "x"]):
        done = subprocess.run([CENTRAL, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 2 and "counterfoil-central init" in done.stderr, (words, done)
    assert subprocess.run([CENTRAL, "--help"], capture_output=True, check=False).returncode == 0
    again = subprocess.run([CENTRAL, "init", centre.folder], capture_output=True, text=True, check=False)
    assert again.returncode == 1 and "EXISTS" in again.stderr, again
    none = subprocess.run([CENTRAL, "serve", os.path.join(centre.top, "none")], capture_output=True, text=True, check=False)
    assert none.returncode == 1 and "NOT_FOUND" in none.stderr, none


def private_keys_are_for_their_owner_only():
    for folder, _, files in os.walk(centre.folder):
        for name in files:
            if name.endswith(".key.pem"):
                assert os.stat(os.path.join(folder, name)).st_mode & 0o077 == 0, name
    with open(os.path.join(centre.folder, "member.db"), "rb") as file:
        assert centre.key.encode() not in file.read()


def sigterm_ends_it_cleanly_and_it_starts_again():
    assert centre.stop() == 0
    centre.start()
    assert len(centre.api("GET", "/v1/stores").json["stores"]) == 1


for test in (
        a_client_without_a_certificate_is_refused_inside_the_handshake,
        a_certificate_of_another_ca_is_refused_inside_the_handshake,
        an_expired_certificate_is_refused_inside_the_handshake,
        a_certificate_that_is_not_valid_yet_is_refused_inside_the_handshake,
        the_certificate_of_another_terminal_does_not_carry_a_batch,
        a_certificate_that_names_no_terminal_is_of_no_use,
        the_api_is_not_on_the_port_of_the_terminals_nor_theirs_on_the_apis,
        tls_older_than_1_2_is_refused,
        reconnects_resume_their_session_with_the_client_certificate,
        bad_json_is_a_clear_error,
        ten_megabytes_are_refused_as_json,
        more_than_is_read_at_all_is_refused_too,
        what_is_not_http_is_answered_or_closed,
        a_head_that_is_too_long_is_refused,
        a_client_that_sends_a_byte_now_and_then_is_closed,
        a_client_that_never_finishes_its_handshake_is_closed,
        a_client_that_does_not_read_its_answer_harms_nobody,
        a_full_house_waits_and_then_goes_on,
        many_requests_share_a_connection_without_waiting,
        ports_are_told_on_stdout_and_in_a_file,
        a_catalogue_is_imported_while_it_serves,
        usage_is_told_with_status_2,
        private_keys_are_for_their_owner_only,
        sigterm_ends_it_cleanly_and_it_starts_again):
    tap.test(test)
centre.close()
sys.exit(tap.end())
