/*
 * base/crypto/openssl/library.h - what the files of this folder share of OpenSSL 3.
 *
 * Internal to this folder. Algorithms are fetched once for the process, since a fetch costs more than a small hash.
 * The curve arithmetic uses EC_KEY and friends, which OpenSSL 3 calls deprecated: its newer interface takes neither the
 * nonce of RFC 6979 (before 3.2) nor a point without building a parameter list. Thread-safe.
 */
#ifndef CF_BASE_CRYPTO_OPENSSL_LIBRARY_H
#define CF_BASE_CRYPTO_OPENSSL_LIBRARY_H

#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/crypto/crypto.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

/* They live as long as the process; abort if libcrypto has no such algorithm. */
const EVP_MD *cf_openssl_sha256(void);
const EVP_CIPHER *cf_openssl_aes_256_gcm(void);
/* P-256, only ever read. */
const EC_GROUP *cf_openssl_curve(void);

/* A fault inside OpenSSL, not a judgement on the input; empties its error queue. */
enum cf_rc cf_openssl_fail(struct cf_error *err, const char *what);

/* Decompresses and checks (in range, on the curve). CF_E_CODE_KEY. Free with EC_POINT_free. */
enum cf_rc cf_openssl_point(const cf_public_key *key, EC_POINT **ret, struct cf_error *err) CF_MUST_CHECK;

/* k of RFC 6979 section 3.2 for P-256 and SHA-256, the (attempt+1)-th that is in range. Free with BN_clear_free; NULL
 * without memory. */
BIGNUM *cf_openssl_nonce(const uint8_t scalar[CF_P256_PRIVATE_BYTES], const struct cf_sha256 *hash, unsigned attempt);

#endif
