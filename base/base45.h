/*
 * base/base45.h - base45 (RFC 9285): bytes as text that a QR code holds in alphanumeric mode.
 */
#ifndef CF_BASE_BASE45_H
#define CF_BASE_BASE45_H

#include "base/bytes.h"

#define CF_BASE45_ENCODED_MAX(n) (((n) + 1) / 2 * 3)

/* Writes the text and a NUL to `text` (cap >= CF_BASE45_ENCODED_MAX(n) + 1, else CF_E_LIMIT). */
enum cf_rc cf_base45_encode(cf_bytes in, char *text, size_t cap, struct cf_error *err) CF_MUST_CHECK;
/* CF_E_BASE45: length 1 mod 3, a triple over 65535, a pair over 255, a character outside the alphabet (lower case
 * included). CF_E_LIMIT: more than cap bytes. On an error `out` may hold a part. */
enum cf_rc cf_base45_decode(cf_bytes text, uint8_t *out, size_t cap, size_t *ret_n, struct cf_error *err) CF_MUST_CHECK;

#endif
