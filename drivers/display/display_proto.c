/*
 * drivers/display/display_proto.c - see display_proto.h.
 */
#include "drivers/display/display_proto.h"

#include <assert.h>
#include <iconv.h>
#include <string.h>

#include "base/text.h"

/* One row as the display takes it: so many bytes are so many columns, in both character sets. */
struct cells {
    uint8_t byte[CF_DISPLAY_COLUMNS];
    size_t n;
};

/* U+00C0 to U+017F without their accents. */
static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty"
                            "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlL"
                            "lLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

static char plain(uint32_t code_point)
{
    static const struct {
        uint32_t from;
        char to;
    } signs[] = {{0xA0, ' '},   {0xA5, 'Y'},   {0xA3, 'L'},    {0x20AC, 'E'},  {0x2013, '-'},
                 {0x2014, '-'}, {0x2011, '-'}, {0x2019, '\''}, {0x2018, '\''}, {0x201C, '"'},
                 {0x201D, '"'}, {0xD7, 'x'},   {0xFFE5, 'Y'}};
    if (code_point >= ' ' && code_point < 0x7F)
        return (char)code_point;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (signs[i].from == code_point)
            return signs[i].to;
    if (code_point >= 0xC0 && code_point - 0xC0 < sizeof latin - 1)
        return latin[code_point - 0xC0];
    return '\0';
}

/* Its two bytes; 0: it has none. */
static size_t chinese(iconv_t charset, const uint8_t *from, size_t n, uint8_t ret[2])
{
    char in[4], out[4];
    char *at = in, *to = out;
    size_t room = sizeof out;
    memcpy(in, from, n);
    (void)iconv(charset, NULL, NULL, NULL, NULL);
    if (iconv(charset, &at, &n, &to, &room) != 0 || sizeof out - room != 2)
        return 0;
    memcpy(ret, out, 2);
    return 2;
}

#define NO_CHARSET ((iconv_t)-1) /* NOLINT(performance-no-int-to-ptr): iconv_open(3) returns this */

static void put_text(iconv_t charset, const char *text, size_t columns, struct cells *ret)
{
    cf_bytes in = cf_bytes_of(text, strnlen(text, CF_DISPLAY_ROW_BYTES));
    ret->n = 0;
    for (size_t at = 0; at < in.n;) {
        size_t from = at;
        uint32_t code_point = cf_text_next(in, &at);
        uint8_t byte[2] = {(uint8_t)plain(code_point), 0};
        size_t n = byte[0] != 0 && code_point < 0x80 ? 1 : 0;
        if (n == 0 && charset != NO_CHARSET)
            n = chinese(charset, in.p + from, at - from, byte);
        if (n == 0 && plain(code_point) != '\0')
            n = 1;
        if (ret->n + n > columns)
            return;
        memcpy(ret->byte + ret->n, byte, n);
        ret->n += n;
    }
}

static void put_row(iconv_t charset, const struct cf_display_row *row, uint8_t ret[CF_DISPLAY_COLUMNS])
{
    struct cells left, right;
    memset(ret, ' ', CF_DISPLAY_COLUMNS);
    put_text(charset, row->right, CF_DISPLAY_COLUMNS, &right);
    size_t room = CF_DISPLAY_COLUMNS - right.n;
    put_text(charset, row->left, right.n > 0 && room > 0 ? room - 1 : room, &left);
    memcpy(ret, left.byte, left.n);
    memcpy(ret + CF_DISPLAY_COLUMNS - right.n, right.byte, right.n);
}

static void put(struct cf_display_frame *frame, const void *bytes, size_t n)
{
    assert(frame->n + n <= sizeof frame->bytes);
    memcpy(frame->bytes + frame->n, bytes, n);
    frame->n += n;
}

enum cf_rc cf_display_encode(const struct cf_display_model *model, const struct cf_display_text *text, bool first,
                             struct cf_display_frame *ret, struct cf_error *err)
{
    struct cf_display_frame frame = {.n = 0};
    uint8_t cells[CF_DISPLAY_COLUMNS];
    iconv_t charset = model->gb18030 ? iconv_open("GB18030", "UTF-8") : NO_CHARSET;
    if (model->gb18030 && charset == NO_CHARSET)
        return cf_fail(err, CF_E_UNSUPPORTED, "character set GB18030");
    if (first)
        put(&frame, "\x1b@", 2);
    if (first && model->language == CF_DISPLAY_ESCPOS)
        put(&frame, "\x1f\x43\0\x1f\x01", 5); /* no cursor; what is written stands, nothing scrolls */
    if (first && model->language == CF_DISPLAY_CD5220)
        put(&frame, "\x1b_\0", 3);
    for (unsigned row = 0; row < CF_DISPLAY_ROWS; row++) {
        put_row(charset, &text->row[row], cells);
        if (model->language == CF_DISPLAY_ESCPOS)
            put(&frame, (uint8_t[]){0x1f, '$', 1, (uint8_t)(row + 1)}, 4);
        else
            put(&frame, (uint8_t[]){0x1b, 'Q', (uint8_t)('A' + row)}, 3);
        put(&frame, cells, sizeof cells);
        if (model->language == CF_DISPLAY_CD5220)
            put(&frame, "\r", 1);
    }
    if (charset != NO_CHARSET)
        iconv_close(charset);
    *ret = frame;
    return CF_OK;
}
