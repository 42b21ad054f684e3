/*
 * base/crypto/pem.h - one PEM block (RFC 7468, its strict form) in or out.
 *
 * Internal to base/crypto. Exactly one block with nothing around it but white space; no headers, hence no encryption.
 * Thread-safe.
 */
#ifndef CF_BASE_CRYPTO_PEM_H
#define CF_BASE_CRYPTO_PEM_H

#include "base/crypto/crypto.h"

/* The most DER that fits CF_PEM_MAX characters. */
#define CF_DER_MAX 2944

/* "CERTIFICATE", "CERTIFICATE REQUEST", ... CF_E_LIMIT beyond CF_DER_MAX bytes. */
enum cf_rc cf_pem_encode(const char *label, cf_bytes der, char ret_pem[CF_PEM_MAX], struct cf_error *err) CF_MUST_CHECK;
/* False unless pem is one block of that label of at most CF_DER_MAX bytes. */
bool cf_pem_decode(const char *pem, const char *label, uint8_t ret_der[CF_DER_MAX], size_t *ret_n) CF_MUST_CHECK;

#endif
