/*
 * base/crypto/key_generate.c - a fresh private key, the same way with either library.
 */
#include "base/crypto/crypto.h"
#include "base/crypto/random.h"

/* A random 256-bit string is no scalar of P-256 with probability 2^-32, so this many in a row is a broken kernel. */
#define TRIES_MAX 8

/* FIPS 186-4 section B.4.2: candidates until one is in [1, n-1]. */
enum cf_rc cf_private_key_generate(struct cf_private_key **ret, struct cf_error *err)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    enum cf_rc rc = CF_E_RANGE;
    for (int i = 0; i < TRIES_MAX && rc == CF_E_RANGE; i++) {
        cf_random_secret(scalar, sizeof scalar);
        rc = cf_private_key_load(scalar, ret, err);
    }
    cf_bytes_wipe(scalar, sizeof scalar);
    return rc == CF_E_RANGE ? cf_fail(err, CF_E_INTERNAL, "the system's randomness gives no private key") : rc;
}
