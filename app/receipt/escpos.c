/*
 * app/receipt/escpos.c - rows as ESC/POS commands (Epson's "ESC/POS Command Reference"; names as there).
 */
#include "app/receipt/escpos.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "app/receipt/layout.h"
#include "app/receipt/qr.h"
#include "base/text.h"

#define ESC "\x1b"
#define GS "\x1d"
#define FS "\x1c"
#define LF "\n"

#define QR_SCALE_MAX 6 /* dots a module: 0.75 mm at 203 dpi */
#define QR_SCALE_MIN 3 /* less is more than a worn head and a phone's camera bear */
#define FEED_LINES "\x04"

static const struct cf_escpos_profile default_profile = {
    .name = "80mm-gb18030",
    .columns = 48,
    .dots = 576,
    .gb18030 = true,
    .code_page_number = 0,
    .code_page = "CP437",
    .native_qr = false,
    .cutter = true,
};

const struct cf_escpos_profile *cf_escpos_profile_default(void)
{
    return &default_profile;
}

struct job {
    const struct cf_escpos_profile *profile;
    iconv_t charset;
    struct cf_buf *out;
    /* The printer's state, so that a command is sent only where something changes. */
    bool chinese;
    uint32_t style;
    enum cf_receipt_align align;
};

/* One character as the printer takes it. n is 0 for what has no width of its own: a mark over another character. */
struct glyph {
    uint8_t byte[4];
    size_t n;
};

/* Where the printer's character set has a twin of a common sign, but not the sign itself. */
static const char *twin_of(const char *character, bool gb18030)
{
    static const struct {
        const char *from, *gb, *other;
    } twins[] = {
        {"¥", "￥", "¥"}, {"£", "￡", "£"}, {"\u00a0", " ", " "}, {"–", "—", "-"},
        {"‑", "-", "-"},  {"’", "’", "'"},  {"…", "…", "."},
    };
    for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
        if (strcmp(character, twins[i].from) == 0) {
            return gb18030 ? twins[i].gb : twins[i].other;
        }
    }
    return character;
}

/* Printers know GB18030's two-byte part and, of its four-byte part, the Chinese characters of extension A. */
static bool is_printable(const struct glyph *glyph, bool gb18030, uint32_t code_point)
{
    if (glyph->n == 1) {
        return glyph->byte[0] >= ' ' && glyph->byte[0] != 0x7F && !(gb18030 && glyph->byte[0] >= 0x80);
    }
    return gb18030 && (glyph->n == 2 || (glyph->n == 4 && code_point >= 0x3400 && code_point <= 0x4DBF));
}

static struct glyph glyph_of(const struct job *job, const char *character)
{
    if (cf_text_columns(character) == 0) {
        return (struct glyph){.n = 0};
    }
    bool gb18030 = job->profile->gb18030;
    character = twin_of(character, gb18030);
    struct glyph glyph = {0};
    char in[5];
    size_t in_n = strlen(character);
    memcpy(in, character, in_n + 1);
    char *from = in, *to = (char *)glyph.byte;
    size_t room = sizeof glyph.byte;
    size_t at = 0;
    uint32_t code_point = cf_text_next(cf_bytes_str(character), &at);
    (void)iconv(job->charset, NULL, NULL, NULL, NULL);
    size_t failed = iconv(job->charset, &from, &in_n, &to, &room);
    glyph.n = sizeof glyph.byte - room;
    if (failed != 0 || !is_printable(&glyph, gb18030, code_point)) {
        return (struct glyph){.byte = {'?'}, .n = 1};
    }
    return glyph;
}

/* In Chinese mode everything but ASCII takes two columns, whatever Unicode says of it. */
static unsigned measure(void *ctx, const char *character)
{
    struct glyph glyph = glyph_of(ctx, character);
    return glyph.n == 0 ? 0 : glyph.n == 1 ? 1 : 2;
}

static enum cf_rc put(struct job *job, const void *bytes, size_t n, struct cf_error *err)
{
    return cf_buf_append(job->out, bytes, n, err);
}
#define PUT(job, literal, err) put(job, literal, sizeof(literal) - 1, err)

static enum cf_rc set_chinese(struct job *job, bool chinese, struct cf_error *err)
{
    if (job->chinese == chinese) {
        return CF_OK;
    }
    job->chinese = chinese;
    return chinese ? PUT(job, FS "&", err) : PUT(job, FS ".", err);
}

static enum cf_rc set_look(struct job *job, enum cf_receipt_align align, uint32_t style, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    uint32_t changed = job->style ^ style;
    if ((changed & CF_STYLE_BOLD) != 0) {
        rc = put(job, (uint8_t[]){0x1B, 'E', (style & CF_STYLE_BOLD) != 0}, 3, err);
    }
    if (rc == CF_OK && (changed & (CF_STYLE_TALL | CF_STYLE_WIDE)) != 0) {
        unsigned size = ((style & CF_STYLE_TALL) != 0 ? 0x01u : 0) | ((style & CF_STYLE_WIDE) != 0 ? 0x10u : 0);
        rc = put(job, (uint8_t[]){0x1D, '!', (uint8_t)size}, 3, err);
    }
    if (rc == CF_OK && job->align != align) {
        rc = put(job, (uint8_t[]){0x1B, 'a', (uint8_t)align}, 3, err);
    }
    job->style = style;
    job->align = align;
    return rc;
}

static enum cf_rc put_text(struct job *job, const struct cf_row *row, struct cf_error *err)
{
    enum cf_rc rc = set_look(job, row->align, row->style, err);
    char character[5];
    for (size_t at = 0; rc == CF_OK && cf_layout_next(row->text, &at, character);) {
        struct glyph glyph = glyph_of(job, character);
        if (glyph.n > 0) {
            rc = set_chinese(job, glyph.n > 1, err);
            rc = rc != CF_OK ? rc : put(job, glyph.byte, glyph.n, err);
        }
    }
    rc = rc != CF_OK ? rc : set_chinese(job, false, err);
    return rc != CF_OK ? rc : PUT(job, LF, err);
}

/* Bits of one row of modules, each `scale` dots wide, from the left. */
static void raster_row(const struct cf_qr *qr, unsigned y, unsigned scale, uint8_t *row, size_t row_bytes)
{
    memset(row, 0, row_bytes);
    for (unsigned dot = 0; dot < qr->side * scale; dot++) {
        if (qr->module[y * qr->side + dot / scale] != 0) {
            row[dot / 8] = (uint8_t)(row[dot / 8] | 0x80u >> dot % 8);
        }
    }
}

/* GS v 0: a raster picture. The quiet zone is the paper: the code is centred and has a blank line above and below. */
static enum cf_rc put_qr_raster(struct job *job, const char *payload, struct cf_error *err)
{
    struct cf_qr qr;
    enum cf_rc rc = cf_qr_make(cf_bytes_str(payload), CF_QR_M, &qr, err);
    if (rc != CF_OK) {
        return rc;
    }
    unsigned scale = job->profile->dots / (qr.side + 2 * CF_QR_QUIET_ZONE);
    scale = scale > QR_SCALE_MAX ? QR_SCALE_MAX : scale;
    if (scale < QR_SCALE_MIN) {
        return cf_fail(err, CF_E_CODE_SIZE, "a QR code of %u modules does not fit %u dots", qr.side,
                       job->profile->dots);
    }
    uint8_t row[(CF_QR_SIDE_MAX * QR_SCALE_MAX + 7) / 8];
    unsigned dots = qr.side * scale;
    unsigned row_bytes = (dots + 7) / 8;
    uint8_t head[] = {0x1D,
                      'v',
                      '0',
                      0,
                      (uint8_t)(row_bytes & 0xFF),
                      (uint8_t)(row_bytes >> 8),
                      (uint8_t)(dots & 0xFF),
                      (uint8_t)(dots >> 8)};
    rc = put(job, head, sizeof head, err);
    for (unsigned y = 0; y < dots && rc == CF_OK; y++) {
        raster_row(&qr, y / scale, scale, row, row_bytes);
        rc = put(job, row, row_bytes, err);
    }
    return rc;
}

/* GS ( k, cn = 49: model 2, module size, level M, store, print. */
static enum cf_rc put_qr_native(struct job *job, const char *payload, struct cf_error *err)
{
    size_t n = strlen(payload) + 3; /* cn, fn, m and the data */
    const uint8_t store[] = {0x1D, '(', 'k', (uint8_t)(n & 0xFF), (uint8_t)(n >> 8), '1', 'P', '0'};
    enum cf_rc rc = PUT(job,
                        GS "(k\x04\x00"
                           "1A2\x00",
                        err);
    rc = rc != CF_OK ? rc
                     : PUT(job,
                           GS "(k\x03\x00"
                              "1C\x06",
                           err);
    rc = rc != CF_OK ? rc
                     : PUT(job,
                           GS "(k\x03\x00"
                              "1E1",
                           err);
    rc = rc != CF_OK ? rc : put(job, store, sizeof store, err);
    rc = rc != CF_OK ? rc : put(job, payload, n - 3, err);
    return rc != CF_OK ? rc
                       : PUT(job,
                             GS "(k\x03\x00"
                                "1Q0",
                             err);
}

static enum cf_rc put_qr(struct job *job, const char *payload, struct cf_error *err)
{
    enum cf_rc rc = set_look(job, CF_ALIGN_CENTRE, 0, err);
    rc = rc != CF_OK ? rc : PUT(job, LF, err);
    if (rc == CF_OK) {
        rc = job->profile->native_qr ? put_qr_native(job, payload, err) : put_qr_raster(job, payload, err);
    }
    return rc != CF_OK ? rc : PUT(job, LF, err);
}

static enum cf_rc put_rule(struct job *job, struct cf_error *err)
{
    char rule[CF_LAYOUT_COLUMNS_MAX];
    memset(rule, '-', job->profile->columns);
    enum cf_rc rc = set_look(job, CF_ALIGN_LEFT, 0, err);
    rc = rc != CF_OK ? rc : put(job, rule, job->profile->columns, err);
    return rc != CF_OK ? rc : PUT(job, LF, err);
}

static enum cf_rc put_cut(struct job *job, struct cf_error *err)
{
    enum cf_rc rc = set_look(job, CF_ALIGN_LEFT, 0, err);
    if (rc != CF_OK) {
        return rc;
    }
    /* GS V 66 feeds to the knife by itself; without a knife, feed until the tear bar has passed the last line. */
    return job->profile->cutter ? PUT(job, GS "VB\x00", err) : PUT(job, ESC "d" FEED_LINES, err);
}

static enum cf_rc put_row(void *ctx, const struct cf_row *row, struct cf_error *err)
{
    struct job *job = ctx;
    switch (row->kind) {
    case CF_RECEIPT_TEXT:
    case CF_RECEIPT_COLUMNS:
        return put_text(job, row, err);
    case CF_RECEIPT_QR:
        return put_qr(job, row->text, err);
    case CF_RECEIPT_RULE:
        return put_rule(job, err);
    case CF_RECEIPT_BLANK:
        return PUT(job, LF, err);
    case CF_RECEIPT_CUT:
        return put_cut(job, err);
    }
    assert(false);
    return CF_E_INTERNAL;
}

static enum cf_rc put_job(struct job *job, const struct cf_receipt *receipt, struct cf_error *err)
{
    enum cf_rc rc = PUT(job, ESC "@" FS ".", err);
    if (rc == CF_OK && !job->profile->gb18030) {
        rc = put(job, (uint8_t[]){0x1B, 't', job->profile->code_page_number}, 3, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_layout layout = {
        .columns = job->profile->columns, .wide = true, .ctx = job, .measure = measure, .row = put_row};
    rc = cf_layout_walk(&layout, receipt, err);
    /* Leave the printer as the next job, perhaps another program's, expects it. */
    rc = rc != CF_OK ? rc : set_look(job, CF_ALIGN_LEFT, 0, err);
    return rc;
}

enum cf_rc cf_receipt_escpos(const struct cf_receipt *receipt, const struct cf_escpos_profile *profile,
                             struct cf_buf *ret, struct cf_error *err)
{
    if (profile->columns < 24 || profile->columns > 96 || profile->dots < 8 || profile->dots > 2048 ||
        profile->dots % 8 != 0) {
        return cf_fail(err, CF_E_RANGE, "printer profile %s: %u columns, %u dots", profile->name, profile->columns,
                       profile->dots);
    }
    const char *charset = profile->gb18030 ? "GB18030" : profile->code_page;
    struct job job = {.profile = profile, .out = ret, .charset = iconv_open(charset, "UTF-8")};
    if (job.charset == (iconv_t)-1) { /* NOLINT(performance-no-int-to-ptr): iconv_open(3) returns this */
        return cf_fail(err, errno == ENOMEM ? CF_E_NO_MEMORY : CF_E_UNSUPPORTED, "character set %s", charset);
    }
    size_t before = ret->n;
    enum cf_rc rc = put_job(&job, receipt, err);
    if (rc != CF_OK) {
        ret->n = before;
    }
    iconv_close(job.charset);
    return rc;
}
