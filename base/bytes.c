/*
 * base/bytes.c - views, bounded buffers, hex and big-endian integers.
 */
#include "base/bytes.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_CAP_MIN 64

cf_bytes cf_bytes_str(const char *text)
{
    return (cf_bytes){(const uint8_t *)text, strlen(text)};
}

bool cf_bytes_equal(cf_bytes a, cf_bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool cf_bytes_equal_secret(const void *a, const void *b, size_t n)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    unsigned difference = 0;
    for (size_t i = 0; i < n; i++)
        difference |= (unsigned)(x[i] ^ y[i]);
    return difference == 0;
}

void cf_bytes_wipe(void *p, size_t n)
{
    if (n > 0)
        explicit_bzero(p, n);
}

void cf_buf_init(struct cf_buf *buf, size_t max)
{
    assert(max < SIZE_MAX);
    *buf = (struct cf_buf){.max = max};
}

void cf_buf_done(struct cf_buf *buf)
{
    free(buf->p);
    *buf = (struct cf_buf){.max = buf->max};
}

void cf_buf_clear(struct cf_buf *buf)
{
    buf->n = 0;
}

/* Makes room for `extra` bytes after the contents, which may be one beyond max: the NUL of cf_buf_cstr. */
static enum cf_rc grow(struct cf_buf *buf, size_t extra, struct cf_error *err)
{
    size_t need = buf->n + extra;
    if (need <= buf->cap)
        return CF_OK;
    size_t cap = buf->cap < BUF_CAP_MIN ? BUF_CAP_MIN : buf->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (cap > buf->max + 1)
        cap = buf->max + 1;
    uint8_t *p = realloc(buf->p, cap);
    if (p == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a buffer of %zu bytes", cap);
    buf->p = p;
    buf->cap = cap;
    return CF_OK;
}

enum cf_rc cf_buf_reserve(struct cf_buf *buf, size_t more, struct cf_error *err)
{
    assert(buf->n <= buf->max);
    if (more > buf->max - buf->n)
        return cf_fail(err, CF_E_LIMIT, "more than the %zu bytes that are allowed", buf->max);
    return grow(buf, more, err);
}

enum cf_rc cf_buf_append(struct cf_buf *buf, const void *p, size_t n, struct cf_error *err)
{
    enum cf_rc rc = cf_buf_reserve(buf, n, err);
    if (rc != CF_OK)
        return rc;
    if (n > 0)
        memcpy(buf->p + buf->n, p, n);
    buf->n += n;
    return CF_OK;
}

enum cf_rc cf_buf_append_str(struct cf_buf *buf, const char *text, struct cf_error *err)
{
    return cf_buf_append(buf, text, strlen(text), err);
}

enum cf_rc cf_buf_printf(struct cf_buf *buf, struct cf_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        return cf_fail(err, CF_E_INTERNAL, "a text could not be formatted");

    enum cf_rc rc = cf_buf_reserve(buf, (size_t)length, err);
    if (rc == CF_OK)
        rc = grow(buf, (size_t)length + 1, err);
    if (rc != CF_OK)
        return rc;
    va_start(args, format);
    (void)vsnprintf((char *)buf->p + buf->n, (size_t)length + 1, format, args);
    va_end(args);
    buf->n += (size_t)length;
    return CF_OK;
}

enum cf_rc cf_buf_cstr(struct cf_buf *buf, const char **ret_text, struct cf_error *err)
{
    enum cf_rc rc = grow(buf, 1, err);
    if (rc != CF_OK)
        return rc;
    buf->p[buf->n] = '\0';
    *ret_text = (const char *)buf->p;
    return CF_OK;
}

void cf_hex_encode(cf_bytes bytes, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.n; i++) {
        text[2 * i] = digits[bytes.p[i] >> 4];
        text[2 * i + 1] = digits[bytes.p[i] & 15];
    }
    text[2 * bytes.n] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum cf_rc cf_hex_decode(const char *text, uint8_t *ret, size_t n, struct cf_error *err)
{
    size_t digits = 0;
    while (hex_value(text[digits]) >= 0 && digits / 2 < n)
        digits++;
    if (digits != 2 * n || text[digits] != '\0')
        return cf_fail(err, CF_E_ENCODING, "not %zu hex digits", 2 * n);
    for (size_t i = 0; i < n; i++)
        ret[i] = (uint8_t)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
    return CF_OK;
}

void cf_put_be32(uint8_t p[4], uint32_t v)
{
    for (size_t i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

void cf_put_be64(uint8_t p[8], uint64_t v)
{
    for (size_t i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (56 - 8 * i));
}

uint32_t cf_get_be32(const uint8_t p[4])
{
    uint32_t v = 0;
    for (size_t i = 0; i < 4; i++)
        v = v << 8 | p[i];
    return v;
}

uint64_t cf_get_be64(const uint8_t p[8])
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}
