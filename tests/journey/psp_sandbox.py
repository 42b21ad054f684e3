"""A payment provider for the journeys: the API of docs/payments.md over TLS, idempotent by id, and lines that are cut.

`does` is what it does with the next payment or refund: agree, decline, pend, cut-before (it decides), cut-after. Its certificate
is made here by openssl, since Python cannot.
"""
import http.server
import json
import os
import ssl
import subprocess
import threading


class Sandbox:
    KEY = "sandbox-key-1"

    def __init__(self, folder):
        self.does, self.payments = "agree", {}
        self.ca, self.key_file = os.path.join(folder, "psp.pem"), os.path.join(folder, "psp.key")
        private = os.path.join(folder, "psp-private.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", private,
                        "-out", self.ca], check=True, capture_output=True)
        with open(self.key_file, "w", encoding="ascii") as file:
            file.write(self.KEY + "\n")
        sandbox = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = sandbox.answer(self.path, request)
                if status is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, private)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = "localhost:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def options(self):
        return ["--psp", self.address, "--psp-ca", self.ca, "--psp-key", self.key_file]

    def holds(self):
        return sum(p["amount_minor"] * {"paid": 1, "refunded": -1}.get(p["state"], 0) for p in self.payments.values())

    def refund(self, request):
        """A part of a payment, under an id of its own; never more than it took."""
        paid = self.payments[request["of"]]
        assert paid["state"] == "paid" and paid["reference"] == request["reference"], (paid, request)
        given = sum(p["amount_minor"] for p in self.payments.values()
                    if p.get("of") == request["of"] and p["state"] == "refunded")
        assert given + request["amount_minor"] <= paid["amount_minor"], (given, request, paid)
        return {"state": "refunded", "of": request["of"]}

    def answer(self, path, request):
        if request.get("key") != self.KEY:
            return 401, {"error": "key", "reason": "no such shop"}
        known = self.payments.get(request["id"])
        does = "agree"
        if path in ("/v1/pay", "/v1/refund") and known is None:
            does, self.does = self.does, "agree"
            if does == "cut-before":
                return None, None
            state = {"decline": "declined", "pend": "pending"}.get(does, "paid")
            known = {
                "id": request["id"], "amount_minor": request["amount_minor"], "currency": request["currency"],
                "state": state, "reference": f"SB-{len(self.payments) + 1}", "reason": "not enough money" if state ==
                "declined" else ""}
            if path == "/v1/refund" and state == "paid":
                known.update(self.refund(request))
            self.payments[request["id"]] = known
            assert path == "/v1/refund" or request["code"].isdigit(), request
        elif path == "/v1/close" and known is None:
            known = self.payments[request["id"]] = {"id": request["id"], "state": "closed", "amount_minor": 0}
        elif path == "/v1/reverse" and known and known["state"] == "paid":
            known["state"] = "reversed"
        if does == "cut-after":
            return None, None
        return 200, known or {"id": request["id"], "state": "none"}
