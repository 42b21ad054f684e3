/*
 * base/cbor.c - reads and writes deterministic CBOR (RFC 8949 section 4.2.1).
 *
 * Not a general decoder: no tags, floats, indefinite lengths, or simple values but false, true and null. A count is
 * held against the bytes that are left, so that no caller sizes anything by a number that the input made up.
 * No state beside the caller's structs; thread-safe for distinct ones.
 */
#include "base/cbor.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

/* Major types and simple values, RFC 8949 sections 3.1 and 3.3. */
enum major { MAJOR_UINT = 0, MAJOR_NINT = 1, MAJOR_BYTES = 2, MAJOR_TEXT = 3, MAJOR_ARRAY = 4, MAJOR_MAP = 5 };
#define BYTE_FALSE 0xf4
#define BYTE_TRUE 0xf5
#define BYTE_NULL 0xf6

#define ANY_NESTING_MAX 8

void cf_cbor_read_init(struct cf_cbor_reader *r, cf_bytes in)
{
    *r = (struct cf_cbor_reader){.p = in.p, .n = in.n};
}

static bool refuse(struct cf_cbor_reader *r, enum cf_rc rc)
{
    if (r->rc == CF_OK)
        r->rc = rc;
    return false;
}

void cf_cbor_read_refuse(struct cf_cbor_reader *r)
{
    (void)refuse(r, CF_E_CBOR_SHAPE);
}

static size_t left(const struct cf_cbor_reader *r)
{
    return r->n - r->at;
}

/* The first byte of the next item, not consumed. */
static bool peek(struct cf_cbor_reader *r, uint8_t *ret_byte)
{
    if (r->rc != CF_OK)
        return false;
    if (left(r) == 0)
        return refuse(r, CF_E_CBOR_SHORT);
    *ret_byte = r->p[r->at];
    return true;
}

/* Consumes a head of major types 0 to 5 and gives its type and argument, which must be of the shortest form. */
static bool read_head(struct cf_cbor_reader *r, enum major *ret_major, uint64_t *ret_value)
{
    uint8_t first;
    if (!peek(r, &first))
        return false;
    if (first >> 5 > MAJOR_MAP)
        return refuse(r, CF_E_CBOR_SHAPE);

    unsigned info = first & 31U;
    uint64_t value = info;
    size_t more = 0;
    if (info > 27)
        return refuse(r, CF_E_CBOR_SHAPE);
    if (info >= 24) {
        more = (size_t)1 << (info - 24);
        if (left(r) - 1 < more)
            return refuse(r, CF_E_CBOR_SHORT);
        value = 0;
        for (size_t i = 1; i <= more; i++)
            value = value << 8 | r->p[r->at + i];
        /* The smallest value that needs this many bytes. */
        uint64_t least = more == 1 ? 24 : UINT64_C(1) << (4 * more);
        if (value < least)
            return refuse(r, CF_E_CBOR_SHAPE);
    }
    r->at += 1 + more;
    *ret_major = (enum major)(first >> 5);
    *ret_value = value;
    return true;
}

static bool read_head_of(struct cf_cbor_reader *r, enum major wanted, uint64_t *ret_value)
{
    uint8_t first;
    enum major major;
    if (!peek(r, &first))
        return false;
    if (first >> 5 != wanted)
        return refuse(r, CF_E_CBOR_SHAPE);
    return read_head(r, &major, ret_value);
}

static bool read_count(struct cf_cbor_reader *r, enum major major, size_t *ret_count, size_t max_count)
{
    *ret_count = 0;
    uint64_t count;
    if (!read_head_of(r, major, &count))
        return false;
    if (count > max_count)
        return refuse(r, CF_E_CBOR_SHAPE);
    if (count > left(r))
        return refuse(r, CF_E_CBOR_SHORT);
    *ret_count = (size_t)count;
    return true;
}

bool cf_cbor_read_array(struct cf_cbor_reader *r, size_t *ret_count, size_t max_count)
{
    return read_count(r, MAJOR_ARRAY, ret_count, max_count);
}

bool cf_cbor_read_map(struct cf_cbor_reader *r, size_t *ret_count, size_t max_count)
{
    return read_count(r, MAJOR_MAP, ret_count, max_count);
}

static bool read_count_of(struct cf_cbor_reader *r, enum major major, size_t count)
{
    uint64_t found;
    if (!read_head_of(r, major, &found))
        return false;
    return found == count || refuse(r, CF_E_CBOR_SHAPE);
}

bool cf_cbor_read_array_of(struct cf_cbor_reader *r, size_t count)
{
    return read_count_of(r, MAJOR_ARRAY, count);
}

bool cf_cbor_read_map_of(struct cf_cbor_reader *r, size_t count)
{
    return read_count_of(r, MAJOR_MAP, count);
}

bool cf_cbor_read_uint(struct cf_cbor_reader *r, uint64_t *ret, uint64_t max)
{
    *ret = 0;
    uint64_t value;
    if (!read_head_of(r, MAJOR_UINT, &value))
        return false;
    if (value > max)
        return refuse(r, CF_E_CBOR_SHAPE);
    *ret = value;
    return true;
}

uint32_t cf_cbor_read_u32(struct cf_cbor_reader *r)
{
    uint64_t value;
    cf_cbor_read_uint(r, &value, UINT32_MAX);
    return (uint32_t)value;
}

uint8_t cf_cbor_read_u8(struct cf_cbor_reader *r)
{
    uint64_t value;
    cf_cbor_read_uint(r, &value, UINT8_MAX);
    return (uint8_t)value;
}

bool cf_cbor_read_int(struct cf_cbor_reader *r, int64_t *ret)
{
    *ret = 0;
    enum major major;
    uint64_t value;
    if (!read_head(r, &major, &value))
        return false;
    if ((major != MAJOR_UINT && major != MAJOR_NINT) || value > INT64_MAX)
        return refuse(r, CF_E_CBOR_SHAPE);
    *ret = major == MAJOR_UINT ? (int64_t)value : -1 - (int64_t)value;
    return true;
}

bool cf_cbor_read_bool(struct cf_cbor_reader *r, bool *ret)
{
    *ret = false;
    uint8_t first;
    if (!peek(r, &first))
        return false;
    if (first != BYTE_FALSE && first != BYTE_TRUE)
        return refuse(r, CF_E_CBOR_SHAPE);
    r->at++;
    *ret = first == BYTE_TRUE;
    return true;
}

static bool read_string(struct cf_cbor_reader *r, enum major major, cf_bytes *ret, size_t max)
{
    *ret = (cf_bytes){NULL, 0};
    uint64_t length;
    if (!read_head_of(r, major, &length))
        return false;
    if (length > max)
        return refuse(r, CF_E_CBOR_SHAPE);
    if (length > left(r))
        return refuse(r, CF_E_CBOR_SHORT);
    cf_bytes found = {r->p + r->at, (size_t)length};
    if (major == MAJOR_TEXT && !cf_text_is_utf8(found))
        return refuse(r, CF_E_CBOR_SHAPE);
    r->at += found.n;
    *ret = found;
    return true;
}

bool cf_cbor_read_bytes(struct cf_cbor_reader *r, cf_bytes *ret, size_t max)
{
    return read_string(r, MAJOR_BYTES, ret, max);
}

bool cf_cbor_read_bytes_of(struct cf_cbor_reader *r, uint8_t *ret, size_t n)
{
    cf_bytes found;
    bool good = read_string(r, MAJOR_BYTES, &found, n) && (found.n == n || refuse(r, CF_E_CBOR_SHAPE));
    if (n > 0 && good)
        memcpy(ret, found.p, n);
    else if (n > 0)
        memset(ret, 0, n);
    return good;
}

bool cf_cbor_read_text(struct cf_cbor_reader *r, cf_bytes *ret, size_t max)
{
    return read_string(r, MAJOR_TEXT, ret, max);
}

bool cf_cbor_read_cstr(struct cf_cbor_reader *r, char *ret, size_t cap)
{
    assert(cap > 0);
    cf_bytes found;
    memset(ret, 0, cap);
    if (!read_string(r, MAJOR_TEXT, &found, cap - 1))
        return false;
    return cf_text_accept(found, ret, cap, NULL) == CF_OK || refuse(r, CF_E_CBOR_SHAPE);
}

bool cf_cbor_read_null(struct cf_cbor_reader *r)
{
    if (r->rc != CF_OK || left(r) == 0 || r->p[r->at] != BYTE_NULL)
        return false;
    r->at++;
    return true;
}

/* A container that read_any is inside of. */
struct frame {
    uint64_t items_left; /* a map has two for each pair */
    bool is_map;
    size_t item_at;    /* where the current item began */
    cf_bytes last_key; /* p is NULL before the first */
};

/* Reads one item; of a container its head only, and then gives how many items are inside. */
static bool read_shallow(struct cf_cbor_reader *r, bool *ret_is_container, bool *ret_is_map, uint64_t *ret_items)
{
    uint8_t first;
    if (!peek(r, &first))
        return false;
    *ret_is_container = false;
    if (first == BYTE_FALSE || first == BYTE_TRUE || first == BYTE_NULL) {
        r->at++;
        return true;
    }

    cf_bytes string;
    int64_t negative;
    enum major major = (enum major)(first >> 5);
    switch (major) {
    case MAJOR_UINT:
        return read_head(r, &major, ret_items);
    case MAJOR_NINT:
        return cf_cbor_read_int(r, &negative);
    case MAJOR_BYTES:
    case MAJOR_TEXT:
        return read_string(r, major, &string, SIZE_MAX);
    case MAJOR_ARRAY:
    case MAJOR_MAP:
        if (!read_head(r, &major, ret_items))
            return false;
        *ret_is_container = true;
        *ret_is_map = major == MAJOR_MAP;
        if (*ret_items > left(r) / (*ret_is_map ? 2 : 1))
            return refuse(r, CF_E_CBOR_SHORT);
        *ret_items *= *ret_is_map ? 2 : 1;
        return true;
    }
    return refuse(r, CF_E_CBOR_SHAPE);
}

/* Counts the item that ended here; a key of a map must be greater, bytewise, than the one before it. */
static bool end_item(struct cf_cbor_reader *r, struct frame *frame)
{
    bool is_key = frame->is_map && frame->items_left % 2 == 0;
    frame->items_left--;
    if (!is_key)
        return true;
    cf_bytes key = {r->p + frame->item_at, r->at - frame->item_at};
    cf_bytes last = frame->last_key;
    frame->last_key = key;
    if (last.p == NULL)
        return true;
    /* No encoded item is the beginning of another, so that the shorter length is enough to compare. */
    int order = memcmp(last.p, key.p, last.n < key.n ? last.n : key.n);
    return order < 0 || refuse(r, CF_E_CBOR_SHAPE);
}

bool cf_cbor_read_any(struct cf_cbor_reader *r, cf_bytes *ret)
{
    *ret = (cf_bytes){NULL, 0};
    struct frame frames[ANY_NESTING_MAX];
    size_t depth = 0;
    size_t from = r->at;
    do {
        bool is_container = false;
        bool is_map = false;
        uint64_t items = 0;
        if (depth > 0)
            frames[depth - 1].item_at = r->at;
        if (!read_shallow(r, &is_container, &is_map, &items))
            return false;
        if (is_container) {
            if (depth == ANY_NESTING_MAX)
                return refuse(r, CF_E_CBOR_SHAPE);
            frames[depth++] = (struct frame){.items_left = items, .is_map = is_map};
        } else if (depth > 0 && !end_item(r, &frames[depth - 1])) {
            return false;
        }
        while (depth > 0 && frames[depth - 1].items_left == 0) {
            depth--;
            if (depth > 0 && !end_item(r, &frames[depth - 1]))
                return false;
        }
    } while (depth > 0);
    *ret = (cf_bytes){r->p + from, r->at - from};
    return true;
}

enum cf_rc cf_cbor_read_end(const struct cf_cbor_reader *r, struct cf_error *err)
{
    if (r->rc == CF_E_CBOR_SHORT)
        return cf_fail(err, r->rc, "CBOR of %zu bytes ends too early, in the item at byte %zu", r->n, r->at);
    if (r->rc != CF_OK)
        return cf_fail(err, r->rc, "CBOR is not of the expected shape at byte %zu", r->at);
    if (left(r) > 0)
        return cf_fail(err, CF_E_CBOR_TRAILING, "%zu bytes follow the CBOR", left(r));
    return CF_OK;
}

void cf_cbor_write_init(struct cf_cbor_writer *w, struct cf_buf *out)
{
    *w = (struct cf_cbor_writer){.out = out};
}

void cf_cbor_write_raw(struct cf_cbor_writer *w, cf_bytes encoded)
{
    if (w->rc == CF_OK)
        w->rc = cf_buf_append(w->out, encoded.p, encoded.n, NULL);
}

static void write_head(struct cf_cbor_writer *w, enum major major, uint64_t value)
{
    uint8_t head[9];
    size_t more = value < 24 ? 0 : value <= UINT8_MAX ? 1 : value <= UINT16_MAX ? 2 : value <= UINT32_MAX ? 4 : 8;
    unsigned info = more == 0 ? (unsigned)value : more == 1 ? 24 : more == 2 ? 25 : more == 4 ? 26 : 27;
    head[0] = (uint8_t)((unsigned)major << 5 | info);
    for (size_t i = 1; i <= more; i++)
        head[i] = (uint8_t)(value >> (8 * (more - i)));
    cf_cbor_write_raw(w, cf_bytes_of(head, 1 + more));
}

void cf_cbor_write_array(struct cf_cbor_writer *w, size_t count)
{
    write_head(w, MAJOR_ARRAY, count);
}

void cf_cbor_write_map(struct cf_cbor_writer *w, size_t count)
{
    write_head(w, MAJOR_MAP, count);
}

void cf_cbor_write_uint(struct cf_cbor_writer *w, uint64_t v)
{
    write_head(w, MAJOR_UINT, v);
}

void cf_cbor_write_int(struct cf_cbor_writer *w, int64_t v)
{
    if (v >= 0)
        write_head(w, MAJOR_UINT, (uint64_t)v);
    else
        write_head(w, MAJOR_NINT, (uint64_t)(-1 - v));
}

static void write_byte(struct cf_cbor_writer *w, uint8_t byte)
{
    cf_cbor_write_raw(w, cf_bytes_of(&byte, 1));
}

void cf_cbor_write_bool(struct cf_cbor_writer *w, bool v)
{
    write_byte(w, v ? BYTE_TRUE : BYTE_FALSE);
}

void cf_cbor_write_null(struct cf_cbor_writer *w)
{
    write_byte(w, BYTE_NULL);
}

void cf_cbor_write_bytes(struct cf_cbor_writer *w, cf_bytes v)
{
    write_head(w, MAJOR_BYTES, v.n);
    cf_cbor_write_raw(w, v);
}

void cf_cbor_write_text(struct cf_cbor_writer *w, const char *text)
{
    cf_bytes v = cf_bytes_str(text);
    /* Else a record is written that no reader takes. */
    if (w->rc == CF_OK && !cf_text_is_utf8(v))
        w->rc = CF_E_ENCODING;
    write_head(w, MAJOR_TEXT, v.n);
    cf_cbor_write_raw(w, v);
}

enum cf_rc cf_cbor_write_end(const struct cf_cbor_writer *w, struct cf_error *err)
{
    if (w->rc == CF_OK)
        return CF_OK;
    return cf_fail(err, w->rc, "CBOR could not be written after %zu bytes", w->out->n);
}
