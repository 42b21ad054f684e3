/*
 * tests/unit/crypto/hex.c - see hex.h.
 */
#include "tests/unit/crypto/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

struct hex hex(const char *digits)
{
    struct hex read = {.n = strlen(digits) / 2};
    assert_true(strlen(digits) % 2 == 0 && read.n <= HEX_BYTES_MAX);
    assert_int_equal(cf_hex_decode(digits, read.p, read.n, NULL), CF_OK);
    return read;
}

void assert_hex(const void *p, size_t n, const char *digits)
{
    char text[2 * HEX_BYTES_MAX + 1];
    assert_true(n <= HEX_BYTES_MAX);
    cf_hex_encode(cf_bytes_of(p, n), text);
    assert_string_equal(text, digits);
}
