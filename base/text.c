/*
 * base/text.c - UTF-8 decoding, cleaning and width.
 *
 * Not a text shaper: no normalisation, no bidirectional order, no grapheme clusters. Pure; thread-safe.
 */
#include "base/text.h"

#include <assert.h>
#include <string.h>

#define REPLACEMENT_UTF8 "\xEF\xBF\xBD"
#define REPLACEMENT_BYTES 3

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0U) == 0x80U;
}

/* The length of the well-formed character at p (RFC 3629 section 4), 0 if there is none. */
static size_t decode(const uint8_t *p, size_t n, uint32_t *ret_code_point)
{
    static const uint32_t least_of_length[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = p[0];
    if (first < 0x80) {
        *ret_code_point = first;
        return 1;
    }
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || n < length)
        return 0;
    uint32_t code_point = first & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(p[i]))
            return 0;
        code_point = code_point << 6 | (p[i] & 0x3FU);
    }
    bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < least_of_length[length] || code_point > 0x10FFFF || is_surrogate)
        return 0;
    *ret_code_point = code_point;
    return length;
}

bool cf_text_is_utf8(cf_bytes bytes)
{
    uint32_t code_point;
    for (size_t at = 0; at < bytes.n;) {
        size_t length = decode(bytes.p + at, bytes.n - at, &code_point);
        if (length == 0 || code_point == 0)
            return false;
        at += length;
    }
    return true;
}

bool cf_text_is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) || code_point == 0x2028 ||
           code_point == 0x2029 || (code_point >= 0x202A && code_point <= 0x202E) ||
           (code_point >= 0x2066 && code_point <= 0x2069) || code_point == 0xFEFF;
}

uint32_t cf_text_next(cf_bytes in, size_t *at)
{
    assert(*at < in.n);
    uint32_t code_point;
    size_t length = decode(in.p + *at, in.n - *at, &code_point);
    *at += length == 0 ? 1 : length;
    return length == 0 ? CF_TEXT_REPLACEMENT : code_point;
}

size_t cf_text_clean(cf_bytes in, char *out, size_t cap)
{
    assert(cap > 0);
    size_t n = 0;
    for (size_t at = 0; at < in.n;) {
        const uint8_t *from = in.p + at;
        uint32_t code_point = 0;
        size_t length = decode(from, in.n - at, &code_point);
        at += length == 0 ? 1 : length;
        if (length == 0 || cf_text_is_control(code_point)) {
            from = (const uint8_t *)REPLACEMENT_UTF8;
            length = REPLACEMENT_BYTES;
        }
        if (length > cap - 1 - n)
            break;
        memcpy(out + n, from, length);
        n += length;
    }
    out[n] = '\0';
    return n;
}

enum cf_rc cf_text_accept(cf_bytes in, char *out, size_t cap, struct cf_error *err)
{
    for (size_t at = 0; at < in.n;) {
        uint32_t code_point = 0;
        size_t length = decode(in.p + at, in.n - at, &code_point);
        if (length == 0)
            return cf_fail(err, CF_E_ENCODING, "the text is not UTF-8 at byte %zu", at);
        if (cf_text_is_control(code_point))
            return cf_fail(err, CF_E_ENCODING, "the text has the control character U+%04X at byte %zu", code_point, at);
        at += length;
    }
    if (in.n >= cap)
        return cf_fail(err, CF_E_LIMIT, "the text has %zu bytes, where at most %zu fit", in.n, cap > 0 ? cap - 1 : 0);
    if (in.n > 0)
        memcpy(out, in.p, in.n);
    out[in.n] = '\0';
    return CF_OK;
}

struct width_range {
    uint32_t first;
    uint32_t last;
    unsigned columns;
};

static const struct width_range widths[] = {
#define CF_WIDTH(first, last, columns) {(first), (last), (columns)},
#include "base/text_width.def"
#undef CF_WIDTH
};

static unsigned columns_of(uint32_t code_point)
{
    if (code_point < 0x300) /* most text by far */
        return 1;
    size_t low = 0;
    size_t high = sizeof widths / sizeof widths[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (widths[middle].last < code_point)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < sizeof widths / sizeof widths[0] && widths[low].first <= code_point;
    return found ? widths[low].columns : 1;
}

unsigned cf_text_columns(const char *text)
{
    cf_bytes in = cf_bytes_str(text);
    unsigned columns = 0;
    for (size_t at = 0; at < in.n;)
        columns += columns_of(cf_text_next(in, &at));
    return columns;
}

size_t cf_text_fit(const char *text, unsigned columns)
{
    cf_bytes in = cf_bytes_str(text);
    size_t fit = 0;
    for (size_t at = 0; at < in.n; fit = at) {
        unsigned width = columns_of(cf_text_next(in, &at));
        if (width > columns)
            break;
        columns -= width;
    }
    return fit;
}
