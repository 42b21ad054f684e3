/*
 * base/crypto/pin.h - a PIN as it is kept: what it takes to verify one, and not the PIN.
 *
 * Argon2id (RFC 9106) of Debian's libargon2: a PIN has few digits, so that all that stands between a stolen disk and
 * the PIN is what one guess costs, and memory is what a graphics card has least of (docs/adr/0010). Thread-safe.
 */
#ifndef CF_BASE_CRYPTO_PIN_H
#define CF_BASE_CRYPTO_PIN_H

#include "base/bytes.h"

#define CF_PIN_SALT_BYTES 16
#define CF_PIN_HASH_BYTES 32
#define CF_PIN_DIGITS_MIN 6
#define CF_PIN_DIGITS_MAX 12

/* What a new verifier is made with; those of before keep their own. */
#define CF_PIN_MEMORY_KIB 47104
#define CF_PIN_PASSES 2
/* A till takes no verifier that would keep a cashier waiting, or that is worth nothing. */
#define CF_PIN_MEMORY_KIB_MIN 1024
#define CF_PIN_MEMORY_KIB_MAX 131072
#define CF_PIN_PASSES_MAX 8

struct cf_pin_verifier {
    uint8_t salt[CF_PIN_SALT_BYTES];
    uint32_t memory_kib;
    uint32_t passes;
    uint8_t hash[CF_PIN_HASH_BYTES];
};

/* Digits, not too few and not too many, and not all the same or in a row: CF_E_RANGE. */
enum cf_rc cf_pin_check(const char *pin, struct cf_error *err) CF_MUST_CHECK;
/* verifier->salt, memory_kib and passes are given; makes the hash. CF_E_NO_MEMORY, CF_E_RANGE. */
enum cf_rc cf_pin_hash(cf_bytes pin, struct cf_pin_verifier *verifier, struct cf_error *err) CF_MUST_CHECK;
/* CF_OK, CF_E_USER_PIN; CF_E_NO_MEMORY. Compares in constant time. */
enum cf_rc cf_pin_verify(cf_bytes pin, const struct cf_pin_verifier *verifier, struct cf_error *err) CF_MUST_CHECK;

#endif
