/*
 * base/crypto/openssl/library.h - what the files of this folder share of OpenSSL 3.
 *
 * Internal to this folder. It uses SHA256_ and EC_KEY functions that OpenSSL 3 calls deprecated. The newer interface
 * allocates for every hash, which could then fail, and takes neither the nonce of RFC 6979 (before 3.2) nor a point
 * without building a parameter list; for a prepared key it is no faster. Thread-safe.
 */
#ifndef CF_BASE_CRYPTO_OPENSSL_LIBRARY_H
#define CF_BASE_CRYPTO_OPENSSL_LIBRARY_H

#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/crypto/crypto.h"

#include <openssl/bn.h>
#include <openssl/ec.h>

/* P-256, loaded once, only ever read; lives as long as the process. */
enum cf_rc cf_openssl_curve(const EC_GROUP **ret, struct cf_error *err) CF_MUST_CHECK;

/* Empties OpenSSL's error queue of this thread; true if want of memory was among it, so that a failure was no judgement
 * on the input. */
bool cf_openssl_was_memory(void);
/* A fault inside OpenSSL, not a judgement on the input; empties its error queue. */
enum cf_rc cf_openssl_fail(struct cf_error *err, const char *what);

/* Decompresses and checks (in range, on the curve). CF_E_CODE_KEY. Free with EC_POINT_free. */
enum cf_rc cf_openssl_point(const EC_GROUP *curve, const cf_public_key *key, EC_POINT **ret,
                            struct cf_error *err) CF_MUST_CHECK;

/* k of RFC 6979 section 3.2 for P-256 and SHA-256. Free with BN_clear_free; NULL without memory. */
BIGNUM *cf_openssl_nonce(const BIGNUM *order, const uint8_t scalar[CF_P256_PRIVATE_BYTES],
                         const struct cf_sha256 *hash);

#endif
