/*
 * base/crypto/pin.c - see pin.h.
 */
#include "base/crypto/pin.h"

#include <argon2.h>
#include <string.h>

#define LANES 1 /* a till has few cores, and none to spare while it sells */

enum cf_rc cf_pin_check(const char *pin, struct cf_error *err)
{
    size_t n = strspn(pin, "0123456789");
    if (pin[n] != '\0' || n < CF_PIN_DIGITS_MIN || n > CF_PIN_DIGITS_MAX)
        return cf_fail(err, CF_E_RANGE, "a PIN has %d to %d digits", CF_PIN_DIGITS_MIN, CF_PIN_DIGITS_MAX);
    int step = pin[1] - pin[0];
    bool row = step >= -1 && step <= 1;
    for (size_t i = 2; row && i < n; i++)
        row = pin[i] - pin[i - 1] == step;
    return row ? cf_fail(err, CF_E_RANGE, "a PIN is not one digit again and again, nor digits in a row") : CF_OK;
}

enum cf_rc cf_pin_hash(cf_bytes pin, struct cf_pin_verifier *verifier, struct cf_error *err)
{
    if (pin.n == 0 || pin.n > CF_PIN_DIGITS_MAX || verifier->memory_kib < CF_PIN_MEMORY_KIB_MIN ||
        verifier->memory_kib > CF_PIN_MEMORY_KIB_MAX || verifier->passes < 1 || verifier->passes > CF_PIN_PASSES_MAX)
        return cf_fail(err, CF_E_RANGE, "a PIN of %zu characters, %u KiB, %u passes", pin.n, verifier->memory_kib,
                       verifier->passes);
    int failed = argon2id_hash_raw(verifier->passes, verifier->memory_kib, LANES, pin.p, pin.n, verifier->salt,
                                   CF_PIN_SALT_BYTES, verifier->hash, CF_PIN_HASH_BYTES);
    return failed == ARGON2_OK ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "a PIN: %s", argon2_error_message(failed));
}

enum cf_rc cf_pin_verify(cf_bytes pin, const struct cf_pin_verifier *verifier, struct cf_error *err)
{
    struct cf_pin_verifier tried = *verifier;
    if (pin.n == 0 || pin.n > CF_PIN_DIGITS_MAX)
        return cf_fail(err, CF_E_USER_PIN, "it has %zu characters", pin.n);
    enum cf_rc rc = cf_pin_hash(pin, &tried, err);
    if (rc == CF_OK && !cf_bytes_equal_secret(tried.hash, verifier->hash, CF_PIN_HASH_BYTES))
        rc = cf_fail(err, CF_E_USER_PIN, "another is expected");
    cf_bytes_wipe(&tried, sizeof tried);
    return rc;
}
