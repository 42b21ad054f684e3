/*
 * base/cbor.h - deterministic CBOR (RFC 8949 section 4.2.1) of exactly expected shapes.
 *
 * A reader is told what comes next and refuses anything else: longer integers than needed, indefinite lengths, tags,
 * floats, and maps but where a map is asked for. It allocates nothing and never recurses; strings are views into the
 * input. A writer appends to a cf_buf. Errors are sticky: call through, then check once with ..._end.
 */
#ifndef CF_BASE_CBOR_H
#define CF_BASE_CBOR_H

#include "base/bytes.h"

struct cf_cbor_reader {
    const uint8_t *p;
    size_t n;
    size_t at;
    enum cf_rc rc; /* first error; CF_OK so far */
};

void cf_cbor_read_init(struct cf_cbor_reader *r, cf_bytes in);
/* Each returns false after the first error (now or earlier) and leaves its output zeroed. */
bool cf_cbor_read_array(struct cf_cbor_reader *r, size_t *ret_count, size_t max_count);
bool cf_cbor_read_array_of(struct cf_cbor_reader *r, size_t count); /* exactly `count` */
bool cf_cbor_read_map_of(struct cf_cbor_reader *r, size_t count);
/* The caller sees to it that keys ascend. */
bool cf_cbor_read_map(struct cf_cbor_reader *r, size_t *ret_count, size_t max_count);
bool cf_cbor_read_uint(struct cf_cbor_reader *r, uint64_t *ret, uint64_t max);
/* For the field of a struct: the number, or 0 after an error. */
uint32_t cf_cbor_read_u32(struct cf_cbor_reader *r);
uint8_t cf_cbor_read_u8(struct cf_cbor_reader *r);
bool cf_cbor_read_int(struct cf_cbor_reader *r, int64_t *ret);
bool cf_cbor_read_bool(struct cf_cbor_reader *r, bool *ret);
bool cf_cbor_read_bytes(struct cf_cbor_reader *r, cf_bytes *ret, size_t max);
bool cf_cbor_read_bytes_of(struct cf_cbor_reader *r, uint8_t *ret, size_t n); /* exactly n, copied */
/* Text must be well-formed UTF-8 without NUL, of at most max bytes. */
bool cf_cbor_read_text(struct cf_cbor_reader *r, cf_bytes *ret, size_t max);
/* Copied and NUL-terminated; refuses NUL and control characters. cap includes the NUL. */
bool cf_cbor_read_cstr(struct cf_cbor_reader *r, char *ret, size_t cap);
/* If null comes next, consumes it and returns true; else leaves it and returns false. */
bool cf_cbor_read_null(struct cf_cbor_reader *r);
/* Skips one item of any allowed type whose containers nest at most 8 deep, and gives its bytes. The keys of a map must
 * ascend bytewise (section 4.2.1). */
bool cf_cbor_read_any(struct cf_cbor_reader *r, cf_bytes *ret);
/* Marks the input as malformed: for rules that a caller checks itself. */
void cf_cbor_read_refuse(struct cf_cbor_reader *r);
/* CF_OK if all was read without an error and nothing is left; CF_E_CBOR_SHORT, _SHAPE or _TRAILING. */
enum cf_rc cf_cbor_read_end(const struct cf_cbor_reader *r, struct cf_error *err) CF_MUST_CHECK;

struct cf_cbor_writer {
    struct cf_buf *out;
    enum cf_rc rc;
};

void cf_cbor_write_init(struct cf_cbor_writer *w, struct cf_buf *out);
void cf_cbor_write_array(struct cf_cbor_writer *w, size_t count);
void cf_cbor_write_map(struct cf_cbor_writer *w, size_t count);
void cf_cbor_write_uint(struct cf_cbor_writer *w, uint64_t v);
void cf_cbor_write_int(struct cf_cbor_writer *w, int64_t v);
void cf_cbor_write_bool(struct cf_cbor_writer *w, bool v);
void cf_cbor_write_null(struct cf_cbor_writer *w);
void cf_cbor_write_bytes(struct cf_cbor_writer *w, cf_bytes v);
void cf_cbor_write_text(struct cf_cbor_writer *w, const char *text);
void cf_cbor_write_raw(struct cf_cbor_writer *w, cf_bytes encoded); /* one item encoded before */
/* CF_E_LIMIT or CF_E_NO_MEMORY from the buffer, CF_E_ENCODING if a text was not UTF-8; on an error the buffer holds a
 * part. */
enum cf_rc cf_cbor_write_end(const struct cf_cbor_writer *w, struct cf_error *err) CF_MUST_CHECK;

#endif
