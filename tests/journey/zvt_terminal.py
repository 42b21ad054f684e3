"""A card terminal that speaks ZVT over TCP, for the journeys: keeps receipts, and does wrong what it is told to.

Written from the specification and not from our driver. `does` is what it does with the next payment, reversal or refund:
agree, decline, cut-before (it decides), cut-after, garbage. `passwords` are those that it was told. `kill(n, process)` has a process killed at the n-th thing that
passes over the line, counted from now.
"""
import socket
import threading


def bcd(number, size):
    return bytes.fromhex(f"{number:0{2 * size}d}")


def of_bcd(data):
    return int(data.hex())


class Cut(Exception):
    """The line is cut here."""


class Terminal:
    TID = 52500038

    def __init__(self):
        self.does, self.receipts, self.passed, self.kill_at, self.victim = "agree", [], 0, 0, None
        self.passwords = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def holds(self):
        """Minor units that were taken and not reversed."""
        paid = sum(r["amount"] for r in self.receipts
                   if r["good"] and not r["original"] and not r["reversed"] and not r["refund"])
        return paid - sum(r["amount"] for r in self.receipts if r["good"] and r["refund"])

    def kill(self, at, process):
        self.passed, self.kill_at, self.victim = 0, at, process

    def serve(self):
        while True:
            line, _ = self.listener.accept()
            with line:
                try:
                    while True:
                        self.command(line, *self.receive(line))
                except (Cut, OSError):
                    pass

    # --- the line

    def thing_passes(self):
        self.passed += 1
        if self.passed == self.kill_at:
            self.victim.kill()
            raise Cut

    def exactly(self, line, n):
        data = b""
        while len(data) < n:
            more = line.recv(n - len(data))
            if not more:
                raise Cut
            data += more
        return data

    def receive(self, line):
        head = self.exactly(line, 3)
        n = head[2] if head[2] != 255 else int.from_bytes(self.exactly(line, 2), "little")
        data = self.exactly(line, n)
        self.thing_passes()
        return head[:2].hex(), data

    def send(self, line, control, data=b""):
        self.thing_passes()
        n = bytes([len(data)]) if len(data) < 255 else b"\xff" + len(data).to_bytes(2, "little")
        line.sendall(bytes.fromhex(control) + n + data)

    def tell(self, line, control, data=b""):
        self.send(line, control, data)
        control, _ = self.receive(line)
        if control != "8000":
            raise Cut

    # --- commands

    def command(self, line, control, data):
        if control in ("0600", "0630", "0631"):  # registration, reversal, refund
            self.passwords.add(data[:3].hex())
        if control in ("0600", "0650"):
            self.send(line, "8000")
            self.tell(line, "060f")
        elif control == "0620":
            self.send(line, "8000")
            if self.receipts:
                self.tell_status(line, len(self.receipts))
            self.tell(line, "060f" if self.receipts else "061e", b"" if self.receipts else b"\x66")
        elif control == "0601":
            assert data[0] == 0x04, data
            self.transact(line, of_bcd(data[1:7]), 0)
        elif control == "0630":
            assert data[3] == 0x87, data
            number = of_bcd(data[4:6])
            receipt = self.receipts[number - 1] if 0 < number <= len(self.receipts) else None
            if not receipt or receipt["reversed"] or not receipt["good"]:
                self.send(line, "8000")
                self.tell(line, "061e", b"\x66")
            else:
                self.transact(line, receipt["amount"], number)
        elif control == "0631":
            assert data[3] == 0x04 and data[10] == 0x49, data
            self.transact(line, of_bcd(data[4:10]), 0, True)
        else:
            self.send(line, "8483")

    def tell_status(self, line, number):
        receipt = self.receipts[number - 1]
        data = b"\x27" + (b"\x00" if receipt["good"] else b"\x05") + b"\x04" + bcd(receipt["amount"], 6)
        data += b"\x49\x01\x56\x29" + bcd(self.TID, 4) + b"\x0b" + bcd(number + 500, 3) + b"\x87" + bcd(number, 2)
        data += b"\x22\xf0\xf4\x12\x34\xee\xee\x8b\xf0\xf5VISA\x00\x0c\x12\x00\x00\x0d\x11\x22"
        if receipt["original"]:
            data += b"\x37" + bcd(receipt["original"] + 500, 3)
        self.tell(line, "040f", data + b"\x06\x04\x1f\x10\x01\x00" + b"")

    def transact(self, line, amount, original, refund=False):
        does, self.does = self.does, "agree"
        if does == "cut-before":
            raise Cut
        self.send(line, "8000")
        self.tell(line, "04ff", b"\x0a\x01")
        if does == "decline":
            self.tell(line, "040f", b"\x27\x6c")
            self.tell(line, "061e", b"\x6c")
            return
        self.receipts.append(
            {"amount": amount, "good": True, "original": original, "reversed": False, "refund": refund})
        number = len(self.receipts)
        if original:
            self.receipts[original - 1]["reversed"] = True
        if does == "cut-after":
            raise Cut
        if does == "garbage":
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            raise Cut
        self.tell_status(line, number)
        self.tell(line, "06d3", b"\x06\x82\x01\x2c" + b"x" * 300)  # the slip, in an APDU with a long length
        self.tell(line, "060f")
