/*
 * base/base45.c - base45 (RFC 9285), strictly: nothing is skipped, guessed or folded. Pure; thread-safe.
 */
#include "base/base45.h"

#define BASE 45

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

enum cf_rc cf_base45_encode(cf_bytes in, char *text, size_t cap, struct cf_error *err)
{
    /* Divided, not multiplied, so that no length can overflow. */
    if (cap == 0 || in.n / 2 + in.n % 2 > (cap - 1) / 3)
        return cf_fail(err, CF_E_LIMIT, "no room for %zu bytes as base45", in.n);

    size_t at = 0;
    for (size_t i = 0; i + 1 < in.n; i += 2) {
        unsigned value = in.p[i] * 256U + in.p[i + 1];
        text[at++] = alphabet[value % BASE];
        text[at++] = alphabet[value / BASE % BASE];
        text[at++] = alphabet[value / (BASE * BASE)];
    }
    if (in.n % 2 == 1) {
        unsigned value = in.p[in.n - 1];
        text[at++] = alphabet[value % BASE];
        text[at++] = alphabet[value / BASE];
    }
    text[at] = '\0';
    return CF_OK;
}

/* A digit's value, BASE if the character is not in the alphabet. */
static unsigned digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - (unsigned)'0';
    if (c >= 'A' && c <= 'Z')
        return c - (unsigned)'A' + 10;
    switch (c) {
    case ' ':
        return 36;
    case '$':
        return 37;
    case '%':
        return 38;
    case '*':
        return 39;
    case '+':
        return 40;
    case '-':
        return 41;
    case '.':
        return 42;
    case '/':
        return 43;
    case ':':
        return 44;
    default:
        return BASE;
    }
}

/* The value of a group of 2 or 3 digits, least digit first; UINT32_MAX for a foreign character. */
static uint32_t group_value(const uint8_t *p, size_t digits)
{
    uint32_t value = 0;
    for (size_t i = digits; i > 0; i--) {
        unsigned digit = digit_of(p[i - 1]);
        if (digit == BASE)
            return UINT32_MAX;
        value = value * BASE + digit;
    }
    return value;
}

enum cf_rc cf_base45_decode(cf_bytes text, uint8_t *out, size_t cap, size_t *ret_n, struct cf_error *err)
{
    if (text.n % 3 == 1)
        return cf_fail(err, CF_E_BASE45, "%zu characters is no length of base45", text.n);
    size_t n = text.n / 3 * 2 + text.n % 3 / 2;
    if (n > cap)
        return cf_fail(err, CF_E_LIMIT, "%zu bytes of base45, where at most %zu are expected", n, cap);

    size_t written = 0;
    for (size_t at = 0; at < text.n;) {
        size_t digits = text.n - at >= 3 ? 3 : 2;
        uint32_t value = group_value(text.p + at, digits);
        if (value > (digits == 3 ? UINT16_MAX : UINT8_MAX))
            return cf_fail(err, CF_E_BASE45, "characters %zu to %zu are not base45", at + 1, at + digits);
        if (digits == 3)
            out[written++] = (uint8_t)(value >> 8);
        out[written++] = (uint8_t)value;
        at += digits;
    }
    *ret_n = written;
    return CF_OK;
}
