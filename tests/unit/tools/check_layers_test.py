#!/usr/bin/env python3
"""tools/check-layers finds each kind of violation, and nothing in code that keeps the rules.   build: release"""
import os
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("CF_SOURCE") or os.path.dirname(os.path.abspath(__file__)) + "/../../.."

# name, path, text, the findings (line, rule, a word of the message)
CASES = [
    ("a folder of the core may not use the store", "app/core/a.c", '#include "app/store/journal.h"\n', [(1, "layer", "app/store")]),
    ("a driver may not use the application", "drivers/camera/a.c", '#include "app/core/cart.h"\n', [(1, "layer", "app/core")]),
    ("base may not use its own crypto", "base/a.c", '#include "base/crypto/crypto.h"\n', [(1, "layer", "base/crypto")]),
    ("an unknown folder is named", "app/misc/a.c", "\n", [(1, "layer", "no line")]),
    ("an include is a path from the root", "app/core/a.c", '#include "cart.h"\n', [(1, "include", "root")]),
    ("a source file is no header", "app/core/a.c", '#include "app/core/cart.c"\n', [(1, "include", "no header")]),
    ("sqlite stays in the stores", "app/terminal/a.c", "\n#include <sqlite3.h>\n", [(2, "foreign", "app/store")]),
    ("sqlite stays behind the port at the centre", "sync/central/a.c", "#include <sqlite3.h>\n", [(1, "foreign", "sqlite")]),
    ("mbedtls stays out of the centre", "sync/central/a.c", "#include <mbedtls/ssl.h>\n", [(1, "foreign", "base/crypto/mbedtls")]),
    ("openssl stays off the terminal", "sync/client/a.c", "#include <openssl/ssl.h>\n", [(1, "foreign", "sync/central")]),
    ("zbar stays in the camera", "app/cli/a.c", "#include <zbar.h>\n", [(1, "foreign", "drivers/camera")]),
    ("a library that nobody owns is refused", "app/cli/a.c", "# include <curl/curl.h>\n", [(1, "foreign", "no line")]),
    ("the core reads no clock", "app/core/a.c", "#include <time.h>\n", [(1, "pure", "time.h")]),
    ("the core asks no clock of the environment", "app/core/a.c", "int f(void)\n{\n    return cf_env_wall(e).us > 0;\n}\n", [(3, "banned", "cf_env_wall")]),
    ("the core prints nothing", "app/core/a.c", 'void f(void)\n{\n    printf("x");\n}\n', [(3, "banned", "printf")]),
    ("the core may format", "app/core/a.c", '#include <stdio.h>\nint x = snprintf(a, 1, "x");\n', []),
    ("money is no float", "app/core/a.c", "float price;\nlong double tax;\n", [(1, "exact", "float"), (2, "exact", "double")]),
    ("a till's float is not C's", "app/core/a.c", "int64_t float_minor; /* the cash float, a double check */\n", []),
    ("a font may be measured in floats", "app/receipt/a.c", "double x;\n", []),
    ("strcpy is banned", "base/a.c", "void f(void)\n{\n    strcpy(a, b);\n}\n", [(3, "banned", "strcpy")]),
    ("sprintf is banned in tests too", "tests/unit/a.c", 'int x = sprintf (a, "x");\n', [(1, "banned", "sprintf")]),
    ("atoi, strtok, system and alloca are banned", "app/cli/a.c", "x = atoi(strtok(a, b)) + system(c) + alloca(d);\n",
     [(1, "banned", "atoi"), (1, "banned", "strtok"), (1, "banned", "system"), (1, "banned", "alloca")]),
    ("sscanf is for tests only", "app/cli/a.c", 'x = sscanf(a, "%d", &b);\n', [(1, "banned", "sscanf")]),
    ("... where it may stay", "tests/unit/a.c", 'x = sscanf(a, "%d", &b);\n', []),
    ("comments and strings are not code", "app/core/a.c", '/* strcpy(a, b); float\n * #include <sqlite3.h> */\n// gets(x)\nchar *t = "system(\\"float\\")";\n', []),
    ("a line is counted past a comment of many", "app/core/a.c", "/*\n\n*/ int x; /* a */ float y;\n", [(3, "exact", "float")]),
    ("members and longer names are others", "sync/client/a.c", "x = ops->random(p) + e.time(q) + cf_env_system() + my_strcpy(a);\n", []),
    ("embedded SQL is included by its bare name", "app/store/a.c", '#include "sql_journal_schema.h"\n#include <sqlite3.h>\n', []),
    ("a folder below takes its parent's line", "drivers/printer/sub/a.c", '#include "base/error.h"\n#include "drivers/port/port.h"\n', []),
    ("who may use all drivers may use each", "app/terminal/a.c", '#include "drivers/port/port.h"\n', []),
]
HEADERS = ["app/core/cart.h", "app/core/cart.c", "app/store/journal.h", "base/error.h", "base/crypto/crypto.h", "drivers/port/port.h"]


def write(root, path, text):
    os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
    with open(os.path.join(root, path), "w", encoding="utf-8") as file:
        file.write(text)


def run_case(path, text, expected):
    """None if the findings are those expected, else what was printed."""
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(root + "/tools")
        shutil.copy(os.path.join(SOURCE, "tools/layers.txt"), root + "/tools/layers.txt")
        for header in HEADERS:
            write(root, header, "\n")
        write(root, path, text)
        done = subprocess.run([os.path.join(SOURCE, "tools/check-layers"), root], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()[:-1]
    good = len(lines) == len(expected) and done.returncode == (1 if expected else 0) and all(
        line.startswith(f"{path}:{number}: {rule}: ") and word in line for line, (number, rule, word) in zip(lines, expected))
    return None if good else done.stdout + done.stderr


def main():
    failed = 0
    for number, (name, path, text, expected) in enumerate(CASES, 1):
        printed = run_case(path, text, expected)
        failed += printed is not None
        print(f"{'ok' if printed is None else 'not ok'} {number} - {name}")
        for line in (printed or "").splitlines():
            print(f"# {line}")
    print(f"1..{len(CASES)}")
    return 1 if failed else 0


sys.exit(main())
