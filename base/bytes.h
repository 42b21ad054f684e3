/*
 * base/bytes.h - views of bytes, and buffers that grow up to a stated maximum.
 */
#ifndef CF_BASE_BYTES_H
#define CF_BASE_BYTES_H

#include "base/error.h"

/* A view; owns nothing. p may be NULL only if n is 0. */
typedef struct {
    const uint8_t *p;
    size_t n;
} cf_bytes;

static inline cf_bytes cf_bytes_of(const void *p, size_t n)
{
    return (cf_bytes){p, n};
}
cf_bytes cf_bytes_str(const char *text); /* without the NUL */
bool cf_bytes_equal(cf_bytes a, cf_bytes b);
/* Equal in time that does not depend on the contents. */
bool cf_bytes_equal_secret(const void *a, const void *b, size_t n);
void cf_bytes_wipe(void *p, size_t n);

/* A growing buffer: p[0..n), never more than max bytes. Initialise with cf_buf_init; free with cf_buf_done. */
struct cf_buf {
    uint8_t *p;
    size_t n;
    size_t cap;
    size_t max;
};
void cf_buf_init(struct cf_buf *buf, size_t max);
void cf_buf_done(struct cf_buf *buf); /* accepts a zeroed struct */
/* A buffer over n + 1 bytes of the caller (contents and the NUL of cf_buf_cstr): holds at most n, never allocates. Not
 * to be passed to cf_buf_done. */
static inline void cf_buf_init_fixed(struct cf_buf *buf, uint8_t *p, size_t n)
{
    *buf = (struct cf_buf){.p = p, .cap = n + 1, .max = n};
}
void cf_buf_clear(struct cf_buf *buf);
/* CF_E_LIMIT beyond max, CF_E_NO_MEMORY. On an error the buffer is unchanged. */
enum cf_rc cf_buf_append(struct cf_buf *buf, const void *p, size_t n, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_buf_append_str(struct cf_buf *buf, const char *text, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_buf_printf(struct cf_buf *buf, struct cf_error *err, const char *format, ...)
    CF_PRINTF(3, 4) CF_MUST_CHECK;
enum cf_rc cf_buf_reserve(struct cf_buf *buf, size_t more, struct cf_error *err) CF_MUST_CHECK;
static inline cf_bytes cf_buf_bytes(const struct cf_buf *buf)
{
    return (cf_bytes){buf->p, buf->n};
}
/* The contents as a C string: appends a NUL that does not count. */
enum cf_rc cf_buf_cstr(struct cf_buf *buf, const char **ret_text, struct cf_error *err) CF_MUST_CHECK;

/* Lower-case hex; text has room for 2 * n + 1. */
void cf_hex_encode(cf_bytes bytes, char *text);
/* Exactly n bytes from 2 * n hex digits, either case. CF_E_ENCODING. */
enum cf_rc cf_hex_decode(const char *text, uint8_t *ret, size_t n, struct cf_error *err) CF_MUST_CHECK;

void cf_put_be32(uint8_t p[4], uint32_t v);
void cf_put_be64(uint8_t p[8], uint64_t v);
uint32_t cf_get_be32(const uint8_t p[4]);
uint64_t cf_get_be64(const uint8_t p[8]);

#define CF_CLEANUP(function) __attribute__((cleanup(function)))

#endif
