"""Pictures for the demo and the journeys: an EAN-13 symbol as PGM, drawn by ISO/IEC 15420 section 4.2."""

LEFT_ODD = "0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011".split()
LEFT_EVEN = [code[::-1].translate(str.maketrans("01", "10")) for code in LEFT_ODD]
RIGHT = [code.translate(str.maketrans("01", "10")) for code in LEFT_ODD]
PARITY = "OOOOOO OOEOEE OOEEOE OOEEEO OEOOEE OEEOOE OEEEOO OEOEOE OEOEEO OEEOEO".split()


def ean13_modules(digits):
    """The 95 modules of 13 digits, '1' for a bar."""
    left = "".join((LEFT_ODD if parity == "O" else LEFT_EVEN)[int(digit)]
                   for parity, digit in zip(PARITY[int(digits[0])], digits[1:7]))
    right = "".join(RIGHT[int(digit)] for digit in digits[7:])
    return "101" + left + "01010" + right + "101"


def write_ean13(path, digits, scale=4, height=160, quiet=11):
    """Writes the symbol with its quiet zones as a binary PGM."""
    row = bytes(b for module in "0" * quiet + ean13_modules(digits) + "0" * quiet
                for b in (b"\x00" if module == "1" else b"\xff") * scale)
    blank = b"\xff" * len(row)
    rows = [blank] * 20 + [row] * height + [blank] * 20
    with open(path, "wb") as file:
        file.write(b"P5\n%d %d\n255\n" % (len(row), len(rows)) + b"".join(rows))
