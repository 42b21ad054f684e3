"""A receipt printer as it prints: ESC/POS bytes in; lines of text, pictures and codes out, and all of it as one picture.

It knows the commands of Epson's public ESC/POS reference that receipts are made of, those too that we never send: so that
what others wrote can be held against it, and it against them. A byte that it does not understand is an error, not a guess.
Text is not drawn: it is kept as text, and has the height of its line in the picture. QR codes that the printer makes itself
are drawn by libqrencode.
"""
import ctypes
import struct
import zlib

DOTS = 576
LINE = 30
PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}
# How many bytes follow ESC, GS and FS with this letter, where that is a number.
ESC = {ord(c): n for c, n in {"!": 1, "-": 1, "2": 0, "3": 1, " ": 1, "E": 1, "G": 1, "M": 1, "a": 1, "d": 1, "J": 1, "R": 1,
                              "t": 1, "{": 1, "V": 1, "$": 2, "\\": 2, "p": 3, "c": 2, "S": 0, "T": 1, "r": 1, "=": 1,
                              "@": 0}.items()}
GS = {ord(c): n for c, n in {"!": 1, "B": 1, "L": 2, "W": 2, "a": 1, "r": 1, "h": 1, "w": 1, "H": 1, "f": 1, "b": 1, "P": 2,
                             "I": 1}.items()}
FS = {ord(c): n for c, n in {"&": 0, ".": 0, "!": 1, "-": 1, "S": 2, "C": 1, "W": 1}.items()}


class _Code(ctypes.Structure):
    _fields_ = [("version", ctypes.c_int), ("width", ctypes.c_int), ("data", ctypes.POINTER(ctypes.c_ubyte))]


def qr_rows(data, level, dots):
    """The code as rows of 0 and 1, with the quiet zone that a printer leaves to whoever lays out the paper."""
    library = ctypes.CDLL("libqrencode.so.4")
    library.QRcode_encodeData.restype = ctypes.POINTER(_Code)
    code = library.QRcode_encodeData(len(data), data, 0, level).contents
    rows = []
    for y in range(code.width):
        row = [code.data[y * code.width + x] & 1 for x in range(code.width) for _ in range(dots)]
        rows += [row] * dots
    return rows


def bits(width_bytes, data):
    rows = [data[at:at + width_bytes] for at in range(0, len(data), width_bytes)]
    return [[row[x // 8] >> 7 - x % 8 & 1 for x in range(8 * width_bytes)] for row in rows]


class Printer:
    def __init__(self):
        self.items = []  # ("text", str), ("picture", rows), ("qr", bytes, rows), ("barcode", str), ("cut",), ("pulse",)
        self.reset()

    def reset(self):
        self.page, self.chinese, self.align, self.line = "cp437", False, 0, []
        self.graphics, self.qr, self.qr_dots, self.qr_level = None, b"", 3, 0

    # --- what came out

    @property
    def text(self):
        return "\n".join(item[1] for item in self.items if item[0] == "text")

    def rows(self):
        """The paper as rows of 0 and 1."""
        paper = []
        for kind, *what in self.items:
            if kind == "text":
                paper += [[0] * DOTS] * LINE
            elif kind in ("picture", "qr"):
                rows, align = what[-2:]
                left = {0: 0, 1: (DOTS - len(rows[0])) // 2, 2: DOTS - len(rows[0])}[align]
                paper += [([0] * left + row + [0] * DOTS)[:DOTS] for row in rows]
        return paper

    def png(self, path, margin=40):
        white = [[0] * (DOTS + 2 * margin)] * margin
        rows = white + [[0] * margin + row + [0] * margin for row in self.rows()] + white
        raw = b"".join(b"\0" + bytes(0 if dot else 255 for dot in row) for row in rows)

        def chunk(name, data):
            return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

        with open(path, "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", DOTS + 2 * margin, len(rows), 8, 0, 0, 0, 0)) +
                       chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))

    # --- what comes in

    def feed(self):
        self.items.append(("text", "".join(self.line).rstrip()))
        self.line = []

    def picture(self, kind, rows, *data):
        if self.line:
            self.feed()
        self.items.append((kind, *data, rows, self.align))

    def take(self, data):
        at = 0
        while at < len(data):
            byte = data[at]
            if byte in (0x1b, 0x1c, 0x1d):
                at = {0x1b: self.escape, 0x1c: self.chinese_command, 0x1d: self.group}[byte](data, at + 1)
            elif byte == 0x10 and data[at + 1] == 4:
                at += 3
            elif byte == 0x0a:
                self.feed()
                at += 1
            elif byte == 0x0d:
                at += 1
            elif byte < 0x20:
                raise ValueError(f"byte {byte:02x} at {at}")
            else:
                end = at + 1
                while end < len(data) and data[end] >= 0x20:
                    end += 1
                self.line.append(data[at:end].decode("gb18030" if self.chinese else self.page))
                at = end
        if self.line:
            self.feed()
        return self

    def escape(self, data, at):
        letter, after = data[at], at + 1
        if letter == ord("*"):
            columns = data[after + 1] | data[after + 2] << 8
            return after + 3 + columns * (3 if data[after] in (32, 33) else 1)
        if letter not in ESC:
            raise ValueError(f"ESC {letter:02x} at {at}")
        if letter == ord("@"):
            self.reset()
        elif letter == ord("t"):
            self.page = PAGES[data[after]]
        elif letter == ord("a"):
            self.align = data[after] % 48
        elif letter == ord("d"):
            self.feed()
        elif letter == ord("$") and self.line and data[after:after + 2] != b"\0\0":
            self.line.append(" ")
        elif letter == ord("p"):
            self.items.append(("pulse",))
        return after + ESC[letter]

    def chinese_command(self, data, at):
        letter, after = data[at], at + 1
        if letter == ord("("):  # of fonts and labels: nothing that is seen here
            return after + 3 + int.from_bytes(data[after + 1:after + 3], "little")
        if letter not in FS:
            raise ValueError(f"FS {letter:02x} at {at}")
        if letter in (ord("&"), ord(".")):
            self.chinese = letter == ord("&")
        return after + FS[letter]

    def group(self, data, at):
        letter, after = data[at], at + 1
        if letter == ord("V"):
            if self.line:
                self.feed()
            self.items.append(("cut",))
            return after + (2 if data[after] >= 65 else 1)
        if letter == ord("v"):
            width, height = (int.from_bytes(data[after + k:after + k + 2], "little") for k in (2, 4))
            end = after + 6 + width * height
            self.picture("picture", bits(width, data[after + 6:end]))
            return end
        if letter == ord("k"):
            return self.barcode(data, after)
        if letter == ord("("):
            end = after + 3 + int.from_bytes(data[after + 1:after + 3], "little")
            self.function(data[after], data[after + 3:end])
            return end
        if letter == ord("8"):
            end = after + 5 + int.from_bytes(data[after + 1:after + 5], "little")
            self.function(data[after], data[after + 5:end])
            return end
        if letter not in GS:
            raise ValueError(f"GS {letter:02x} at {at}")
        return after + GS[letter]

    def barcode(self, data, at):
        if data[at] >= 65:
            start, end = at + 2, at + 2 + data[at + 1]
            after = end
        else:
            start, end = at + 1, data.index(b"\0", at + 1)
            after = end + 1
        self.items.append(("barcode", data[start:end].decode("ascii")))
        return after

    def function(self, letter, data):
        """GS ( and GS 8: what is longer than a few bytes."""
        if letter == ord("L") and data[1] == 112:
            width, height = (int.from_bytes(data[k:k + 2], "little") for k in (6, 8))
            self.graphics = [row[:width] for row in bits((width + 7) // 8, data[10:10 + (width + 7) // 8 * height])]
        elif letter == ord("L") and data[1] in (2, 50):
            self.picture("picture", self.graphics)
        elif letter == ord("k") and data[0] == 49:
            self.qr_function(data[1], data[2:])
        elif letter not in (ord("A"), ord("E"), ord("K")):
            raise ValueError(f"GS ( {letter:02x}")

    def qr_function(self, number, data):
        if number == 67:
            self.qr_dots = data[0]
        elif number == 69:
            self.qr_level = data[0] - 48
        elif number == 80:
            self.qr = data[1:]
        elif number == 81:
            self.picture("qr", qr_rows(self.qr, self.qr_level, self.qr_dots), self.qr)
