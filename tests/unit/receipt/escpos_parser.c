/*
 * tests/unit/receipt/escpos_parser.c - the printer of escpos_parser.h.
 */
#include "tests/unit/receipt/escpos_parser.h"

#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct printer {
    cf_bytes job;
    size_t at;
    struct paper *paper;
    iconv_t chinese_charset, charset;
    iconv_t utf8;
    const struct cf_escpos_profile *profile; /* NULL: one page, and Chinese */
    bool utf8_mode;
    bool chinese, chinese_sure; /* the mode, and whether it was said since the last reset */
    bool bold;
    uint8_t size, align;
    unsigned line_columns;
};

static uint8_t take(struct printer *p)
{
    if (p->at >= p->job.n) {
        fail_msg("the job ends inside a command");
    }
    return p->job.p[p->at++];
}

static void expect(struct printer *p, uint8_t byte)
{
    uint8_t got = take(p);
    if (got != byte) {
        fail_msg("byte %02x where %02x should be, at %zu", got, byte, p->at - 1);
    }
}

static void print_character(struct printer *p, size_t n)
{
    char *from = (char *)p->job.p + p->at;
    char utf8[8];
    char *to = utf8;
    size_t in = n, room = sizeof utf8;
    iconv_t charset = p->chinese ? p->chinese_charset : p->utf8_mode ? p->utf8 : p->charset;
    if (p->at + n > p->job.n || iconv(charset, &from, &in, &to, &room) != 0) {
        fail_msg("not a character at %zu", p->at);
    }
    assert_int_equal(cf_buf_append(&p->paper->text, utf8, sizeof utf8 - room, NULL), CF_OK);
    p->at += n;
    p->line_columns += (n > 1 && !p->utf8_mode ? 2u : 1u) * ((p->size & 0x10) != 0 ? 2u : 1u);
    if (p->line_columns > p->paper->columns_most) {
        p->paper->columns_most = p->line_columns;
    }
}

static void text(struct printer *p, uint8_t first)
{
    if (first == '\n') {
        p->at++;
        p->line_columns = 0;
        assert_int_equal(cf_buf_append(&p->paper->text, "\n", 1, NULL), CF_OK);
        return;
    }
    if (first < ' ' || first == 0x7F) {
        fail_msg("control byte %02x in text, at %zu", first, p->at);
    }
    if (p->chinese) {
        if (first < 0x81 || p->at + 1 >= p->job.n) {
            fail_msg("half a Chinese character, or ASCII in Chinese mode, at %zu", p->at);
        }
        print_character(p, p->job.p[p->at + 1] >= '0' && p->job.p[p->at + 1] <= '9' ? 4 : 2);
        return;
    }
    if (!p->chinese_sure) {
        fail_msg("text after a reset without FS ., at %zu", p->at);
    }
    print_character(p, !p->utf8_mode || first < 0x80 ? 1 : first < 0xe0 ? 2 : 3);
}

static void choose_page(struct printer *p, uint8_t number)
{
    p->paper->n_pages++;
    if (p->profile == NULL)
        return;
    for (size_t i = 0; i < p->profile->n_pages; i++) {
        if (p->profile->page[i].number == number) {
            iconv_close(p->charset);
            p->charset = iconv_open("UTF-8", p->profile->page[i].charset);
            return;
        }
    }
    fail_msg("page %u, which this model has not, at %zu", number, p->at - 1);
}

/* FS ( C, function 48: 1 is a byte a character, 2 is UTF-8. */
static void choose_encoding(struct printer *p)
{
    static const uint8_t head[] = {'C', 2, 0, '0'};
    for (size_t i = 0; i < sizeof head; i++) {
        uint8_t got = take(p);
        assert_int_equal(got, head[i]);
    }
    uint8_t which = take(p);
    assert_true(which == '1' || which == '2');
    assert_true(p->profile != NULL && p->profile->n_utf8 > 0);
    p->utf8_mode = which == '2';
    p->paper->n_utf8 += p->utf8_mode ? 1 : 0;
}

static void escape(struct printer *p)
{
    switch (take(p)) {
    case '@':
        p->bold = false;
        p->size = p->align = 0;
        p->chinese_sure = false; /* some printers keep the mode over a reset */
        p->paper->n_resets++;
        return;
    case 'E':
        p->bold = take(p) != 0;
        return;
    case 'a':
        p->align = take(p);
        assert_true(p->align <= 2);
        assert_int_equal(p->line_columns, 0); /* has an effect only at the beginning of a line */
        return;
    case 't':
        choose_page(p, take(p));
        return;
    case 'd':
        (void)take(p);
        return;
    default:
        fail_msg("unknown ESC command at %zu", p->at - 1);
    }
}

static void picture(struct printer *p)
{
    expect(p, '0');
    expect(p, 0);
    unsigned width = take(p);
    width |= (unsigned)take(p) << 8;
    unsigned height = take(p);
    height |= (unsigned)take(p) << 8;
    assert_true(p->paper->n_pictures < PAPER_PICTURES_MAX);
    assert_true((size_t)width * height <= p->job.n - p->at);
    p->paper->pictures[p->paper->n_pictures++] =
        (struct picture){.width_bytes = width, .height = height, .bits = p->job.p + p->at};
    p->at += (size_t)width * height;
}

static void native_qr(struct printer *p)
{
    expect(p, 'k');
    size_t n = take(p);
    n |= (size_t)take(p) << 8;
    assert_true(n >= 3 && n <= p->job.n - p->at);
    const uint8_t *data = p->job.p + p->at;
    assert_int_equal(data[0], '1');
    if (data[1] == 'P') {
        assert_true(n - 3 < sizeof p->paper->native_qr);
        memcpy(p->paper->native_qr, data + 3, n - 3);
        p->paper->native_qr[n - 3] = '\0';
    } else if (data[1] == 'Q') {
        p->paper->n_native_qr++;
    } else {
        assert_true(data[1] == 'A' || data[1] == 'C' || data[1] == 'E');
    }
    p->at += n;
}

static void group(struct printer *p)
{
    switch (take(p)) {
    case '!':
        p->size = take(p);
        assert_int_equal(p->size & ~0x11, 0);
        return;
    case 'v':
        picture(p);
        return;
    case '(':
        native_qr(p);
        return;
    case 'V':
        expect(p, 'B');
        expect(p, 0);
        p->paper->n_cuts++;
        return;
    default:
        fail_msg("unknown GS command at %zu", p->at - 1);
    }
}

static void step(struct printer *p)
{
    uint8_t first = p->job.p[p->at];
    if (first == 0x1B) {
        p->at++;
        escape(p);
    } else if (first == 0x1D) {
        p->at++;
        group(p);
    } else if (first == 0x1C) {
        p->at++;
        uint8_t mode = take(p);
        if (mode == '(') {
            choose_encoding(p);
            return;
        }
        assert_true(mode == '&' || mode == '.');
        assert_true(mode == '.' || p->profile == NULL || p->profile->gb18030);
        p->chinese = mode == '&';
        p->chinese_sure = true;
    } else {
        text(p, first);
    }
}

static void print(cf_bytes job, const char *charset, const struct cf_escpos_profile *profile, struct paper *ret)
{
    memset(ret, 0, sizeof *ret);
    cf_buf_init(&ret->text, 16u * 1024 * 1024);
    struct printer printer = {.job = job,
                              .profile = profile,
                              .utf8 = iconv_open("UTF-8", "UTF-8"),
                              .paper = ret,
                              .chinese_charset = iconv_open("UTF-8", "GB18030"),
                              .charset = iconv_open("UTF-8", charset)};
    while (printer.at < job.n) {
        step(&printer);
    }
    ret->ends_plain =
        !printer.bold && printer.size == 0 && printer.align == 0 && !printer.chinese && !printer.utf8_mode;
    iconv_close(printer.utf8);
    iconv_close(printer.chinese_charset);
    iconv_close(printer.charset);
    assert_int_equal(cf_buf_append(&ret->text, "", 1, NULL), CF_OK);
}

void paper_print(cf_bytes job, const char *charset, struct paper *ret)
{
    print(job, charset, NULL, ret);
}

void paper_print_as(cf_bytes job, const struct cf_escpos_profile *profile, struct paper *ret)
{
    print(job, "ASCII", profile, ret);
}

uint8_t *paper_photograph(const struct picture *picture, struct cf_frame *ret)
{
    uint32_t margin = 40, width = picture->width_bytes * 8 + 2 * margin, height = picture->height + 2 * margin;
    uint8_t *grey = malloc((size_t)width * height);
    memset(grey, 255, (size_t)width * height);
    for (uint32_t y = 0; y < picture->height; y++) {
        for (uint32_t x = 0; x < picture->width_bytes * 8; x++) {
            if ((picture->bits[y * picture->width_bytes + x / 8] & 0x80 >> x % 8) != 0) {
                grey[(y + margin) * width + x + margin] = 0;
            }
        }
    }
    *ret = (struct cf_frame){.grey = grey, .width = width, .height = height, .stride = width};
    return grey;
}

bool paper_reads_code(const struct cf_frame *frame)
{
    struct cf_decoder *decoder = NULL;
    struct cf_symbols symbols;
    assert_int_equal(cf_decoder_new(&decoder, NULL), CF_OK);
    assert_int_equal(cf_decode(decoder, frame, &symbols, NULL), CF_OK);
    cf_decoder_free(decoder);
    return symbols.n == 1;
}

void paper_done(struct paper *paper)
{
    cf_buf_done(&paper->text);
}
