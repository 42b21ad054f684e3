/*
 * tests/bench/bare.h - one signature verification by mbedTLS alone: the floor of whatever checks a coupon.
 *
 * mbedtls_ecdsa_verify with group, key, hash and signature ready: what any program that verifies by Debian's mbedTLS
 * has to spend.
 */
#ifndef CF_TESTS_BENCH_BARE_H
#define CF_TESTS_BENCH_BARE_H

#include <mbedtls/ecdsa.h>

#include "base/crypto/crypto.h"

struct bare {
    mbedtls_ecp_group curve;
    mbedtls_ecp_point key;
    mbedtls_mpi r, s;
    struct cf_sha256 hash;
};

/* With a genuine signature by this key. */
void bare_init(struct bare *bare, const struct cf_private_key *signer);
void bare_done(struct bare *bare);
/* Verifies once and says how long it took. */
double bare_verify_ms(struct bare *bare);

#endif
