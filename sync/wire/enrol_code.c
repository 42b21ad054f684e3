/*
 * sync/wire/enrol_code.c - the one-time code that a technician types. See wire.h. Pure.
 *
 * Crockford base32: 128 bits, then two zero bits, in 26 characters. No I, L, O, U.
 */
#include "sync/wire/wire.h"

#include <string.h>

#define CODE_CHARS 26
#define CODE_BYTES 16
#define GROUP_CHARS 5

static const char ALPHABET[33] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void cf_enrol_code_format(const struct cf_enrol_code *code, char text[CF_ENROL_TEXT_MAX])
{
    uint8_t bytes[CODE_BYTES + 1] = {0}; /* the zero bits follow */
    memcpy(bytes, code->secret, CF_ENROL_SECRET_BYTES);
    memcpy(bytes + CF_ENROL_SECRET_BYTES, code->ca_fingerprint, sizeof code->ca_fingerprint);
    char *out = text;
    for (size_t i = 0; i < CODE_CHARS; i++) {
        if (i > 0 && i % GROUP_CHARS == 0)
            *out++ = '-';
        size_t bit = i * 5;
        unsigned two = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
        *out++ = ALPHABET[two >> (11 - bit % 8) & 31U];
    }
    *out = '\0';
}

/* 0..31, or -1. */
static int digit_of(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'I' || c == 'L')
        c = '1';
    if (c == 'O')
        c = '0';
    const char *found = c == '\0' ? NULL : strchr(ALPHABET, c);
    return found == NULL ? -1 : (int)(found - ALPHABET);
}

enum cf_rc cf_enrol_code_parse(const char *text, struct cf_enrol_code *ret, struct cf_error *err)
{
    uint8_t bytes[CODE_BYTES + 1] = {0};
    size_t n = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == ' ' || *at == '-')
            continue;
        int digit = digit_of(*at);
        if (digit < 0)
            return cf_fail(err, CF_E_ENROL_CODE, "character %zu is not one that codes have", (size_t)(at - text) + 1);
        if (n == CODE_CHARS)
            return cf_fail(err, CF_E_ENROL_CODE, "the code has more than %d characters", CODE_CHARS);
        size_t bit = n * 5;
        unsigned two = (unsigned)digit << (11 - bit % 8);
        bytes[bit / 8] |= (uint8_t)(two >> 8);
        bytes[bit / 8 + 1] |= (uint8_t)two;
        n++;
    }
    if (n != CODE_CHARS)
        return cf_fail(err, CF_E_ENROL_CODE, "the code has %zu characters, not %d", n, CODE_CHARS);
    if (bytes[CODE_BYTES] != 0)
        return cf_fail(err, CF_E_ENROL_CODE, "the last character is not one that a code ends in");
    memcpy(ret->secret, bytes, CF_ENROL_SECRET_BYTES);
    memcpy(ret->ca_fingerprint, bytes + CF_ENROL_SECRET_BYTES, sizeof ret->ca_fingerprint);
    return CF_OK;
}
