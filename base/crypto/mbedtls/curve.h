/*
 * base/crypto/mbedtls/curve.h - P-256 loaded once for the process, and what the other files here share.
 *
 * Internal to this folder. Thread-safe.
 */
#ifndef CF_BASE_CRYPTO_MBEDTLS_CURVE_H
#define CF_BASE_CRYPTO_MBEDTLS_CURVE_H

#include "base/crypto/crypto.h"

#include <mbedtls/ecp.h>

/* The curve with the generator's multiples already computed: from then on mbedTLS only reads it, although its functions
 * take it without const, so threads may share it. Lives as long as the process. */
enum cf_rc cf_curve(mbedtls_ecp_group **ret, struct cf_error *err) CF_MUST_CHECK;

/* Decompresses and checks (in range, on the curve). CF_E_CODE_KEY. */
enum cf_rc cf_curve_point(mbedtls_ecp_group *curve, const cf_public_key *key, mbedtls_ecp_point *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/* `point` is on the curve, in affine coordinates. */
enum cf_rc cf_curve_compress(const mbedtls_ecp_point *point, cf_public_key *ret, struct cf_error *err) CF_MUST_CHECK;

/* mbedTLS's callback for secret randomness. */
int cf_curve_random(void *unused, unsigned char *ret, size_t n);

/* Does this code of any of its modules mean want of memory? */
bool cf_mbedtls_is_memory(int code);
/* A fault inside mbedTLS, not a judgement on the input. */
enum cf_rc cf_mbedtls_fail(struct cf_error *err, int code, const char *what);

#endif
