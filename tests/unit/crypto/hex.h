/*
 * tests/unit/crypto/hex.h - bytes of a test vector, as the standards print them.
 */
#ifndef CF_TESTS_UNIT_CRYPTO_HEX_H
#define CF_TESTS_UNIT_CRYPTO_HEX_H

#include "base/bytes.h"

#define HEX_BYTES_MAX 512

struct hex {
    uint8_t p[HEX_BYTES_MAX];
    size_t n;
};

/* Fails the test on anything but pairs of hex digits. */
struct hex hex(const char *digits);
static inline cf_bytes hex_view(const struct hex *hex)
{
    return cf_bytes_of(hex->p, hex->n);
}
/* Fails the test unless p[0..n) is what the digits say. */
void assert_hex(const void *p, size_t n, const char *digits);

#endif
