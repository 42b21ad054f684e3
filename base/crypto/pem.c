/*
 * base/crypto/pem.c - see pem.h.
 */
#include "base/crypto/pem.h"

#include <stdio.h>
#include <string.h>

#define LINE_CHARACTERS 64
#define LABEL_MAX 32

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Up to three bytes as four characters. */
static void encode_group(const uint8_t *p, size_t n, char out[4])
{
    uint32_t bits = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
    out[0] = alphabet[bits >> 18];
    out[1] = alphabet[bits >> 12 & 63];
    out[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
    out[3] = n > 2 ? alphabet[bits & 63] : '=';
}

enum cf_rc cf_pem_encode(const char *label, cf_bytes der, char ret_pem[CF_PEM_MAX], struct cf_error *err)
{
    if (der.n > CF_DER_MAX) {
        return cf_fail(err, CF_E_LIMIT, "%zu bytes are too many for a %s", der.n, label);
    }
    size_t at = (size_t)snprintf(ret_pem, CF_PEM_MAX, "-----BEGIN %s-----\n", label);
    for (size_t i = 0; i < der.n; i += 3) {
        encode_group(der.p + i, der.n - i, ret_pem + at);
        at += 4;
        if ((i / 3 + 1) % (LINE_CHARACTERS / 4) == 0 || der.n - i <= 3) {
            ret_pem[at++] = '\n';
        }
    }
    snprintf(ret_pem + at, CF_PEM_MAX - at, "-----END %s-----\n", label);
    return CF_OK;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_space(const char *text)
{
    while (is_space(*text)) {
        text++;
    }
    return text;
}

/* "-----BEGIN LABEL-----"; NULL if the text does not start so. */
static const char *skip_boundary(const char *text, const char *word, const char *label)
{
    char boundary[LABEL_MAX + 24];
    int n = snprintf(boundary, sizeof boundary, "-----%s %s-----", word, label);
    return strncmp(text, boundary, (size_t)n) == 0 ? text + n : NULL;
}

static int value_of(char c)
{
    const char *found = c == '\0' ? NULL : strchr(alphabet, c);
    return found == NULL ? -1 : (int)(found - alphabet);
}

/* Four characters at a time up to the dash of the END line; padding only at the end, unused bits zero. */
static const char *decode_body(const char *text, uint8_t ret_der[CF_DER_MAX], size_t *ret_n)
{
    size_t n = 0;
    for (bool last = false; *(text = skip_space(text)) != '-';) {
        uint32_t bits = 0;
        size_t padding = 0;
        for (int i = 0; i < 4; i++) {
            text = skip_space(text);
            int value = value_of(*text);
            padding += *text == '=';
            if (last || (value < 0 && *text != '=') || (value >= 0 && padding > 0)) {
                return NULL;
            }
            bits = bits << 6 | (value < 0 ? 0 : (uint32_t)value);
            text++;
        }
        size_t bytes = 3 - padding;
        if (padding > 2 || (bits & ((1U << 8 * padding) - 1)) != 0 || bytes > CF_DER_MAX - n) {
            return NULL;
        }
        for (size_t i = 0; i < bytes; i++) {
            ret_der[n++] = (uint8_t)(bits >> (16 - 8 * i));
        }
        last = padding > 0;
    }
    *ret_n = n;
    return text;
}

bool cf_pem_decode(const char *pem, const char *label, uint8_t ret_der[CF_DER_MAX], size_t *ret_n)
{
    size_t n = 0;
    const char *text = skip_boundary(skip_space(pem), "BEGIN", label);
    text = text == NULL ? NULL : decode_body(text, ret_der, &n);
    text = text == NULL ? NULL : skip_boundary(text, "END", label);
    if (text == NULL || *skip_space(text) != '\0' || n == 0) {
        return false;
    }
    *ret_n = n;
    return true;
}
