/*
 * app/receipt/escpos.c - rows as ESC/POS commands (Epson's "ESC/POS Command Reference"; names as there).
 */
#include "app/receipt/escpos.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "app/receipt/layout.h"
#include "app/receipt/logo.h"
#include "app/receipt/pen.h"
#include "app/receipt/qr.h"
#include "base/text.h"

#define ESC "\x1b"
#define GS "\x1d"
#define FS "\x1c"
#define LF "\n"

#define QR_SCALE_MAX 6 /* dots a module: 0.75 mm at 203 dpi */
#define QR_SCALE_MIN 3 /* less is more than a worn head and a phone's camera bear */
#define FEED_LINES "\x04"
#define LINE_DOTS 30 /* 24 of the characters, and what a printer leaves between lines */
#define LINE_BASELINE 22
#define DARK 100        /* of 255: thinner strokes than that are lost on paper */
#define CACHE_SLOTS 512 /* a power of 2 */
#define ROW_DOTS_MAX 2048

static const struct cf_escpos_profile default_profile = {
    .name = "80mm-gb18030",
    .columns = 48,
    .dots = 576,
    .gb18030 = true,
    .cutter = true,
    .pulse_pin = 2,
    .pulse_on = 25,
    .pulse_off = 250,
};

const struct cf_escpos_profile *cf_escpos_profile_default(void)
{
    return &default_profile;
}

enum cf_rc cf_escpos_profile_check(const struct cf_escpos_profile *profile, struct cf_error *err)
{
    if (profile->columns < 24 || profile->columns > 96 || profile->dots < 8 || profile->dots > ROW_DOTS_MAX ||
        profile->dots % 8 != 0) {
        return cf_fail(err, CF_E_RANGE, "printer profile %s: %u columns, %u dots", profile->name, profile->columns,
                       profile->dots);
    }
    return CF_OK;
}

size_t cf_escpos_pulse(const struct cf_escpos_profile *profile, uint8_t ret[CF_ESCPOS_PULSE_BYTES])
{
    if (profile->pulse_pin == 0) {
        return 0;
    }
    ret[0] = 0x1B;
    ret[1] = 'p';
    ret[2] = profile->pulse_pin == 5 ? 1 : 0;
    ret[3] = profile->pulse_on;
    ret[4] = profile->pulse_off;
    return CF_ESCPOS_PULSE_BYTES;
}

/* By what a printer has a character. */
enum script {
    SCRIPT_NONE,    /* a mark over another: no width of its own */
    SCRIPT_ASCII,   /* in every page, and beside Chinese */
    SCRIPT_PAGE,    /* `page` of the profile */
    SCRIPT_CHINESE, /* between FS & and FS . */
    SCRIPT_UTF8,    /* while FS ( C has chosen it */
    SCRIPT_DOTS,    /* by none: drawn, or '?' */
};
enum mode { MODE_PLAIN, MODE_CHINESE, MODE_UTF8 };

/* One character as the printer takes it. */
struct glyph {
    enum script script;
    uint8_t page, columns;
    uint8_t byte[4];
    size_t n;
};
struct slot {
    uint32_t code_point; /* 0: empty */
    struct glyph glyph;
};

struct job {
    const struct cf_escpos_profile *profile;
    const struct cf_escpos_extras *extras;
    iconv_t chinese, page[CF_ESCPOS_PAGES_MAX], utf8[CF_ESCPOS_UTF8_MAX];
    struct cf_buf *out;
    /* The printer's state, so that a command is sent only where something changes. */
    enum mode mode;
    int page_now; /* -1: whatever it was switched on with */
    uint32_t style;
    enum cf_receipt_align align;
    struct slot slot[CACHE_SLOTS];
    uint8_t row[2 * LINE_DOTS * (ROW_DOTS_MAX / 8)]; /* a line of dots, of double height */
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

#define NO_CHARSET ((iconv_t)-1) /* NOLINT(performance-no-int-to-ptr): iconv_open(3) returns this */

/* Its bytes in that character set; 0: it has none. */
static size_t encode(iconv_t charset, const char *character, uint8_t ret[4])
{
    char in[5];
    size_t in_n = strlen(character), room = 4;
    memcpy(in, character, in_n + 1);
    char *from = in, *to = (char *)ret;
    (void)iconv(charset, NULL, NULL, NULL, NULL);
    return iconv(charset, &from, &in_n, &to, &room) == 0 ? 4 - room : 0;
}

/* A page has its own characters at 128 and above; what iconv has below are pictures for control codes. */
static bool is_in_page(const struct job *job, const char *character, struct glyph *ret)
{
    uint8_t bytes[4];
    for (size_t i = 0; i < job->profile->n_pages; i++) {
        if (encode(job->page[i], character, bytes) == 1 && bytes[0] >= 0x80) {
            *ret = (struct glyph){.script = SCRIPT_PAGE, .page = (uint8_t)i, .columns = 1, .byte = {bytes[0]}, .n = 1};
            return true;
        }
    }
    return false;
}

/* Printers know GB18030's two-byte part and, of its four-byte part, the Chinese characters of extension A. In that mode
 * everything takes two columns, whatever Unicode says of it. */
static bool is_chinese(const struct job *job, const char *character, uint32_t code_point, struct glyph *ret)
{
    struct glyph glyph = {.script = SCRIPT_CHINESE, .columns = 2};
    if (!job->profile->gb18030) {
        return false;
    }
    glyph.n = encode(job->chinese, twin_of(character, true), glyph.byte);
    if (glyph.n != 2 && !(glyph.n == 4 && code_point >= 0x3400 && code_point <= 0x4DBF)) {
        return false;
    }
    *ret = glyph;
    return true;
}

static bool is_in_utf8(const struct job *job, const char *character, struct glyph *ret)
{
    uint8_t bytes[4];
    for (size_t i = 0; i < job->profile->n_utf8; i++) {
        if (encode(job->utf8[i], character, bytes) > 0) {
            *ret = (struct glyph){
                .script = SCRIPT_UTF8, .columns = (uint8_t)cf_text_columns(character), .n = strlen(character)};
            memcpy(ret->byte, character, ret->n);
            return true;
        }
    }
    return false;
}

static bool is_ascii(const char *character)
{
    return character[0] >= ' ' && character[0] < 0x7F && character[1] == '\0';
}

static struct glyph find_glyph(const struct job *job, const char *character, uint32_t code_point)
{
    struct glyph glyph;
    if (cf_text_columns(character) == 0) {
        return (struct glyph){.script = SCRIPT_NONE};
    }
    if (is_ascii(character) || is_ascii(twin_of(character, false))) {
        const char *twin = is_ascii(character) ? character : twin_of(character, false);
        if (is_ascii(character) || !is_chinese(job, character, code_point, &glyph)) {
            return (struct glyph){.script = SCRIPT_ASCII, .columns = 1, .byte = {(uint8_t)twin[0]}, .n = 1};
        }
        return glyph;
    }
    if (is_in_page(job, character, &glyph) || is_chinese(job, character, code_point, &glyph) ||
        is_in_utf8(job, character, &glyph)) {
        return glyph;
    }
    bool drawn = job->extras->pen != NULL && job->profile->raster_text;
    uint8_t columns = drawn ? (uint8_t)cf_text_columns(character) : 1;
    return (struct glyph){.script = SCRIPT_DOTS, .columns = columns, .byte = {'?'}, .n = 1};
}

static struct glyph glyph_of(struct job *job, const char *character)
{
    size_t at = 0;
    uint32_t code_point = cf_text_next(cf_bytes_str(character), &at);
    struct slot *slot = &job->slot[code_point % CACHE_SLOTS];
    if (slot->code_point != code_point || code_point == 0) {
        slot->code_point = code_point;
        slot->glyph = find_glyph(job, character, code_point);
    }
    return slot->glyph;
}

static unsigned measure(void *ctx, const char *character)
{
    return glyph_of(ctx, character).columns;
}

static enum cf_rc put(struct job *job, const void *bytes, size_t n, struct cf_error *err)
{
    return cf_buf_append(job->out, bytes, n, err);
}
#define PUT(job, literal, err) put(job, literal, sizeof(literal) - 1, err)

static enum cf_rc leave_mode(struct job *job, struct cf_error *err)
{
    enum mode mode = job->mode;
    job->mode = MODE_PLAIN;
    switch (mode) {
    case MODE_CHINESE:
        return PUT(job, FS ".", err);
    case MODE_UTF8:
        return PUT(job,
                   FS "(C\x02\x00"
                      "01",
                   err);
    case MODE_PLAIN:
        break;
    }
    return CF_OK;
}

static enum cf_rc set_mode(struct job *job, enum mode mode, struct cf_error *err)
{
    if (job->mode == mode) {
        return CF_OK;
    }
    enum cf_rc rc = leave_mode(job, err);
    if (rc == CF_OK && mode != MODE_PLAIN) {
        rc = mode == MODE_CHINESE ? PUT(job, FS "&", err)
                                  : PUT(job,
                                        FS "(C\x02\x00"
                                           "02",
                                        err);
    }
    job->mode = rc == CF_OK ? mode : job->mode;
    return rc;
}

/* What the character needs to be taken for what it is. */
static enum cf_rc set_script(struct job *job, const struct glyph *glyph, struct cf_error *err)
{
    enum mode mode = MODE_PLAIN;
    if (glyph->script == SCRIPT_CHINESE || glyph->script == SCRIPT_UTF8) {
        mode = glyph->script == SCRIPT_CHINESE ? MODE_CHINESE : MODE_UTF8;
    }
    enum cf_rc rc = set_mode(job, mode, err);
    if (rc == CF_OK && glyph->script == SCRIPT_PAGE && job->page_now != glyph->page) {
        rc = put(job, (uint8_t[]){0x1B, 't', job->profile->page[glyph->page].number}, 3, err);
        job->page_now = glyph->page;
    }
    return rc;
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

/* ---- a line as dots ---- */

/* GS v 0: a raster picture. */
static enum cf_rc put_raster_head(struct job *job, unsigned row_bytes, unsigned height, struct cf_error *err)
{
    const uint8_t head[] = {0x1D,
                            'v',
                            '0',
                            0,
                            (uint8_t)(row_bytes & 0xFF),
                            (uint8_t)(row_bytes >> 8),
                            (uint8_t)(height & 0xFF),
                            (uint8_t)(height >> 8)};
    return put(job, head, sizeof head, err);
}

struct canvas {
    uint8_t *bits;
    unsigned row_bytes, height;
};

static void blacken(void *ctx, int64_t x, int64_t y, uint8_t black)
{
    const struct canvas *canvas = ctx;
    if (black >= DARK && x >= 0 && y >= 0 && x < (int64_t)canvas->row_bytes * 8 && y < (int64_t)canvas->height) {
        canvas->bits[(size_t)y * canvas->row_bytes + (size_t)x / 8] |= (uint8_t)(0x80u >> x % 8);
    }
}

/* The whole row, so that its characters keep their columns. */
static enum cf_rc put_drawn(struct job *job, const struct cf_row *row, struct cf_error *err)
{
    unsigned across = (row->style & CF_STYLE_WIDE) != 0 ? 2 : 1, down = (row->style & CF_STYLE_TALL) != 0 ? 2 : 1;
    unsigned cell = job->profile->dots / job->profile->columns * across, taken = row->columns * cell;
    unsigned room = taken < job->profile->dots ? job->profile->dots - taken : 0;
    struct canvas canvas = {.bits = job->row, .row_bytes = job->profile->dots / 8, .height = LINE_DOTS * down};
    const struct cf_ink ink = {blacken, &canvas};
    int64_t x = row->align == CF_ALIGN_LEFT ? 0 : row->align == CF_ALIGN_RIGHT ? room : room / 2;
    char character[5];
    memset(job->row, 0, (size_t)canvas.row_bytes * canvas.height);
    for (size_t at = 0; cf_layout_next(row->text, &at, character);) {
        size_t first = 0;
        uint32_t code_point = cf_text_next(cf_bytes_str(character), &first);
        if (code_point != ' ') {
            job->extras->pen->draw(job->extras->pen->ctx, code_point, x, (int64_t)LINE_BASELINE * down, row->style,
                                   &ink);
        }
        x += (int64_t)glyph_of(job, character).columns * cell;
    }
    enum cf_rc rc = set_look(job, CF_ALIGN_LEFT, 0, err);
    rc = rc != CF_OK ? rc : put_raster_head(job, canvas.row_bytes, canvas.height, err);
    return rc != CF_OK ? rc : put(job, job->row, (size_t)canvas.row_bytes * canvas.height, err);
}

static bool is_drawn(struct job *job, const char *text)
{
    char character[5];
    if (!job->profile->raster_text || job->extras->pen == NULL) {
        return false;
    }
    for (size_t at = 0; cf_layout_next(text, &at, character);) {
        if (glyph_of(job, character).script == SCRIPT_DOTS) {
            return true;
        }
    }
    return false;
}

static enum cf_rc put_text(struct job *job, const struct cf_row *row, struct cf_error *err)
{
    if (is_drawn(job, row->text)) {
        return put_drawn(job, row, err);
    }
    enum cf_rc rc = set_look(job, row->align, row->style, err);
    char character[5];
    for (size_t at = 0; rc == CF_OK && cf_layout_next(row->text, &at, character);) {
        struct glyph glyph = glyph_of(job, character);
        if (glyph.n > 0) {
            rc = set_script(job, &glyph, err);
            rc = rc != CF_OK ? rc : put(job, glyph.byte, glyph.n, err);
        }
    }
    rc = rc != CF_OK ? rc : leave_mode(job, err);
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

/* The quiet zone is the paper: the code is centred and has a blank line above and below. */
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
    rc = put_raster_head(job, row_bytes, dots, err);
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

static enum cf_rc put_logo(struct job *job, const struct cf_logo *logo, struct cf_error *err)
{
    if (logo == NULL || logo->row_bytes * 8 > job->profile->dots) {
        return CF_OK;
    }
    enum cf_rc rc = set_look(job, CF_ALIGN_CENTRE, 0, err);
    rc = rc != CF_OK ? rc : put_raster_head(job, logo->row_bytes, logo->height, err);
    return rc != CF_OK ? rc : put(job, logo->bits.p, logo->bits.n, err);
}

static enum cf_rc put_job(struct job *job, const struct cf_receipt *receipt, struct cf_error *err)
{
    uint8_t pulse[CF_ESCPOS_PULSE_BYTES];
    size_t n = job->extras->opens_drawer ? cf_escpos_pulse(job->profile, pulse) : 0;
    enum cf_rc rc = put(job, pulse, n, err);
    rc = rc != CF_OK ? rc : PUT(job, ESC "@" FS ".", err);
    if (rc == CF_OK && job->profile->n_utf8 > 0) {
        rc = PUT(job,
                 FS "(C\x02\x00"
                    "01",
                 err);
    }
    rc = rc != CF_OK ? rc : put_logo(job, job->extras->logo, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_layout layout = {
        .columns = job->profile->columns, .wide = true, .ctx = job, .measure = measure, .row = put_row};
    rc = cf_layout_walk(&layout, receipt, err);
    /* Leave the printer as the next job, perhaps another program's, expects it. */
    return rc != CF_OK ? rc : set_look(job, CF_ALIGN_LEFT, 0, err);
}

/* ---- character sets ---- */

static enum cf_rc open_charset(const char *name, iconv_t *ret, struct cf_error *err)
{
    *ret = iconv_open(name, "UTF-8");
    return *ret != NO_CHARSET
               ? CF_OK
               : cf_fail(err, errno == ENOMEM ? CF_E_NO_MEMORY : CF_E_UNSUPPORTED, "character set %s", name);
}

static enum cf_rc open_charsets(struct job *job, struct cf_error *err)
{
    const struct cf_escpos_profile *profile = job->profile;
    enum cf_rc rc = profile->gb18030 ? open_charset("GB18030", &job->chinese, err) : CF_OK;
    for (size_t i = 0; i < profile->n_pages && rc == CF_OK; i++) {
        rc = open_charset(profile->page[i].charset, &job->page[i], err);
    }
    for (size_t i = 0; i < profile->n_utf8 && rc == CF_OK; i++) {
        rc = open_charset(profile->utf8[i], &job->utf8[i], err);
    }
    return rc;
}

static void close_charset(iconv_t charset)
{
    if (charset != NO_CHARSET) {
        iconv_close(charset);
    }
}

static struct job *job_new(const struct cf_escpos_profile *profile, const struct cf_escpos_extras *extras,
                           struct cf_buf *out)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return NULL;
    }
    job->profile = profile;
    job->extras = extras;
    job->out = out;
    job->page_now = -1;
    job->chinese = NO_CHARSET;
    for (size_t i = 0; i < CF_ESCPOS_PAGES_MAX; i++) {
        job->page[i] = NO_CHARSET;
    }
    for (size_t i = 0; i < CF_ESCPOS_UTF8_MAX; i++) {
        job->utf8[i] = NO_CHARSET;
    }
    return job;
}

static void job_free(struct job *job)
{
    close_charset(job->chinese);
    for (size_t i = 0; i < CF_ESCPOS_PAGES_MAX; i++) {
        close_charset(job->page[i]);
    }
    for (size_t i = 0; i < CF_ESCPOS_UTF8_MAX; i++) {
        close_charset(job->utf8[i]);
    }
    free(job);
}

enum cf_rc cf_receipt_escpos_with(const struct cf_receipt *receipt, const struct cf_escpos_profile *profile,
                                  const struct cf_escpos_extras *extras, struct cf_buf *ret, struct cf_error *err)
{
    enum cf_rc rc = cf_escpos_profile_check(profile, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct job *job = job_new(profile, extras, ret);
    if (job == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "print job");
    }
    size_t before = ret->n;
    rc = open_charsets(job, err);
    rc = rc != CF_OK ? rc : put_job(job, receipt, err);
    if (rc != CF_OK) {
        ret->n = before;
    }
    job_free(job);
    return rc;
}

enum cf_rc cf_receipt_escpos(const struct cf_receipt *receipt, const struct cf_escpos_profile *profile,
                             struct cf_buf *ret, struct cf_error *err)
{
    static const struct cf_escpos_extras none = {0};
    return cf_receipt_escpos_with(receipt, profile, &none, ret, err);
}
