/*
 * base/crypto/der.c - strict DER in and DER out; see der.h.
 */
#include "base/crypto/der.h"

#include <assert.h>
#include <string.h>

/* X.690 section 10.1: the shortest form, definite. Two length bytes are more than anything here needs. */
static bool take_length(const uint8_t *p, size_t n, size_t *ret_header, size_t *ret_length)
{
    if (n < 2) {
        return false;
    }
    if (p[1] < 0x80) {
        *ret_header = 2;
        *ret_length = p[1];
        return true;
    }
    if (p[1] == 0x81 && n >= 3 && p[2] >= 0x80) {
        *ret_header = 3;
        *ret_length = p[2];
        return true;
    }
    if (p[1] == 0x82 && n >= 4 && p[2] != 0) {
        *ret_header = 4;
        *ret_length = (size_t)p[2] << 8 | p[3];
        return true;
    }
    return false;
}

bool cf_der_take(cf_bytes *rest, uint8_t tag, cf_bytes *ret_contents)
{
    size_t header = 0;
    size_t length = 0;
    if (rest->n == 0 || rest->p[0] != tag || !take_length(rest->p, rest->n, &header, &length) ||
        length > rest->n - header) {
        return false;
    }
    *ret_contents = cf_bytes_of(rest->p + header, length);
    *rest = cf_bytes_of(rest->p + header + length, rest->n - header - length);
    return true;
}

bool cf_der_take_unsigned(cf_bytes *rest, uint8_t *ret, size_t n)
{
    cf_bytes after = *rest;
    cf_bytes value;
    if (!cf_der_take(&after, CF_DER_INTEGER, &value) || value.n == 0 || (value.p[0] & 0x80) != 0) {
        return false;
    }
    if (value.p[0] == 0 && value.n > 1) {
        if ((value.p[1] & 0x80) == 0) {
            return false; /* a zero in front that the sign does not ask for */
        }
        value = cf_bytes_of(value.p + 1, value.n - 1);
    }
    if (value.n > n) {
        return false;
    }
    memset(ret, 0, n - value.n);
    memcpy(ret + n - value.n, value.p, value.n);
    *rest = after;
    return true;
}

bool cf_der_read_signature(cf_bytes der, cf_signature *ret)
{
    cf_bytes body;
    cf_signature read;
    if (!cf_der_take(&der, CF_DER_SEQUENCE, &body) || der.n != 0 || !cf_der_take_unsigned(&body, read.rs, 32) ||
        !cf_der_take_unsigned(&body, read.rs + 32, 32) || body.n != 0) {
        return false;
    }
    *ret = read;
    return true;
}

size_t cf_der_write_signature(const cf_signature *signature, uint8_t ret_der[CF_DER_SIGNATURE_MAX])
{
    struct cf_der_writer out = {.p = ret_der, .cap = CF_DER_SIGNATURE_MAX};
    size_t body = cf_der_open(&out, CF_DER_SEQUENCE);
    cf_der_put_unsigned(&out, signature->rs, 32);
    cf_der_put_unsigned(&out, signature->rs + 32, 32);
    cf_der_close(&out, body);
    assert(!out.full);
    return out.n;
}

void cf_der_put_raw(struct cf_der_writer *out, cf_bytes der)
{
    if (out->full || der.n > out->cap - out->n) {
        out->full = true;
        return;
    }
    if (der.n > 0) {
        memcpy(out->p + out->n, der.p, der.n);
        out->n += der.n;
    }
}

/* Tag and length in front of contents of n bytes; returns how many bytes. */
static size_t header_of(uint8_t tag, size_t n, uint8_t ret[4])
{
    ret[0] = tag;
    if (n < 0x80) {
        ret[1] = (uint8_t)n;
        return 2;
    }
    if (n < 0x100) {
        ret[1] = 0x81;
        ret[2] = (uint8_t)n;
        return 3;
    }
    assert(n < 0x10000);
    ret[1] = 0x82;
    ret[2] = (uint8_t)(n >> 8);
    ret[3] = (uint8_t)n;
    return 4;
}

size_t cf_der_open(struct cf_der_writer *out, uint8_t tag)
{
    cf_der_put_raw(out, cf_bytes_of(&tag, 1));
    return out->n;
}

void cf_der_close(struct cf_der_writer *out, size_t opened)
{
    if (out->full) {
        return;
    }
    uint8_t header[4];
    size_t n = out->n - opened;
    size_t length_bytes = header_of(0, n, header) - 1;
    if (length_bytes > out->cap - out->n) {
        out->full = true;
        return;
    }
    memmove(out->p + opened + length_bytes, out->p + opened, n);
    memcpy(out->p + opened, header + 1, length_bytes);
    out->n += length_bytes;
}

void cf_der_put(struct cf_der_writer *out, uint8_t tag, cf_bytes contents)
{
    size_t element = cf_der_open(out, tag);
    cf_der_put_raw(out, contents);
    cf_der_close(out, element);
}

void cf_der_put_unsigned(struct cf_der_writer *out, const uint8_t *big_endian, size_t n)
{
    while (n > 1 && big_endian[0] == 0) {
        big_endian++;
        n--;
    }
    size_t element = cf_der_open(out, CF_DER_INTEGER);
    if ((big_endian[0] & 0x80) != 0) {
        cf_der_put_raw(out, cf_bytes_of("\0", 1));
    }
    cf_der_put_raw(out, cf_bytes_of(big_endian, n));
    cf_der_close(out, element);
}

void cf_der_put_bits(struct cf_der_writer *out, cf_bytes contents)
{
    size_t element = cf_der_open(out, CF_DER_BIT_STRING);
    cf_der_put_raw(out, cf_bytes_of("\0", 1)); /* no unused bits */
    cf_der_put_raw(out, contents);
    cf_der_close(out, element);
}
