/*
 * drivers/camera/decoder.c - a picture to its symbols, by zbar.
 *
 * Two scanners and one image object serve every picture, and zbar reads the caller's own pixels. Only the symbologies
 * of a shop are on: each one more costs time and can misread. The second scanner looks for QR codes alone.
 */
#include <stdlib.h>
#include <string.h>

#include <zbar.h>

#include "drivers/camera/decoder.h"

#define FOURCC_Y800 ((unsigned long)'Y' | (unsigned long)'8' << 8 | (unsigned long)'0' << 16 | (unsigned long)'0' << 24)

#define READS_MAX 32              /* bar codes of one frame, right or wrong, of both passes */
#define TEXTS_BYTES (64u * 1024u) /* of one frame: nine of the longest, or sixteen of 4 KiB */

struct read {
    struct cf_symbol symbol;
    enum cf_pass_kind kind;
};

struct cf_decoder {
    zbar_image_scanner_t *scanner, *qr_scanner, *bar_scanner;
    zbar_image_t *image; /* holds the symbols of the last pass */
    uint8_t *scratch;    /* of cf_decode: see still.c */
    size_t scratch_n;
    size_t n_reads;
    struct read read[READS_MAX]; /* of the frame, not judged yet */
    size_t n_text;
    uint8_t text[TEXTS_BYTES]; /* of the frame's symbols and reads */
};

/* UPC-A is EAN-13 with a leading 0, and zbar reports it so as long as ZBAR_UPCA is off. */
static const struct {
    zbar_symbol_type_t type; /* ZBAR_NONE: not enabled */
    enum cf_symbology symbology;
    const char *name;
    const char *aim, *aim_gs1;
} symbologies[] = {
    {ZBAR_EAN13, CF_SYMBOLOGY_EAN13, "EAN-13", "E0", "E0"},       {ZBAR_EAN8, CF_SYMBOLOGY_EAN8, "EAN-8", "E4", "E4"},
    {ZBAR_NONE, CF_SYMBOLOGY_UPCA, "UPC-A", "E0", "E0"},          {ZBAR_UPCE, CF_SYMBOLOGY_UPCE, "UPC-E", "E0", "E0"},
    {ZBAR_CODE128, CF_SYMBOLOGY_CODE128, "Code 128", "C0", "C1"}, {ZBAR_QRCODE, CF_SYMBOLOGY_QR, "QR", "Q1", "Q3"},
};
#define SYMBOLOGIES (sizeof symbologies / sizeof symbologies[0])

const char *cf_symbology_name(enum cf_symbology symbology)
{
    for (size_t i = 0; i < SYMBOLOGIES; i++) {
        if (symbologies[i].symbology == symbology) {
            return symbologies[i].name;
        }
    }
    abort(); /* no value of the enumeration */
}

static bool configure(zbar_image_scanner_t *scanner, bool bars, bool qr)
{
    bool ok = zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0) == 0;
    for (size_t i = 0; i < SYMBOLOGIES; i++) {
        bool wanted = symbologies[i].type != ZBAR_NONE && (symbologies[i].type == ZBAR_QRCODE ? qr : bars);
        ok = ok && (!wanted || zbar_image_scanner_set_config(scanner, symbologies[i].type, ZBAR_CFG_ENABLE, 1) == 0);
    }
    /* Else zbar guesses a character set and "converts" the payload. */
    return ok && zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1) == 0;
}

enum cf_rc cf_decoder_new(struct cf_decoder **ret, struct cf_error *err)
{
    struct cf_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "decoder");
    }
    decoder->scanner = zbar_image_scanner_create();
    decoder->qr_scanner = zbar_image_scanner_create();
    decoder->bar_scanner = zbar_image_scanner_create();
    decoder->image = zbar_image_create();
    if (decoder->scanner == NULL || decoder->qr_scanner == NULL || decoder->bar_scanner == NULL ||
        decoder->image == NULL) {
        cf_decoder_free(decoder);
        return cf_fail(err, CF_E_NO_MEMORY, "decoder");
    }
    if (!configure(decoder->scanner, true, true) || !configure(decoder->qr_scanner, false, true) ||
        !configure(decoder->bar_scanner, true, false)) {
        cf_decoder_free(decoder);
        return cf_fail(err, CF_E_UNSUPPORTED, "this zbar lacks a symbology or binary QR codes");
    }
    zbar_image_set_format(decoder->image, FOURCC_Y800);
    *ret = decoder;
    return CF_OK;
}

void cf_decoder_free(struct cf_decoder *decoder)
{
    if (decoder == NULL) {
        return;
    }
    if (decoder->image != NULL) {
        zbar_image_destroy(decoder->image);
    }
    if (decoder->scanner != NULL) {
        zbar_image_scanner_destroy(decoder->scanner);
    }
    if (decoder->qr_scanner != NULL) {
        zbar_image_scanner_destroy(decoder->qr_scanner);
    }
    if (decoder->bar_scanner != NULL) {
        zbar_image_scanner_destroy(decoder->bar_scanner);
    }
    free(decoder->scratch);
    free(decoder);
}

uint8_t *cf_decoder_scratch(struct cf_decoder *decoder, size_t n)
{
    if (n > decoder->scratch_n) {
        uint8_t *scratch = realloc(decoder->scratch, n);
        if (scratch == NULL) {
            return NULL;
        }
        decoder->scratch = scratch;
        decoder->scratch_n = n;
    }
    return decoder->scratch;
}

/* Where a place of the picture is in the frame. */
static uint32_t place(int at, uint32_t size, uint32_t from, const struct cf_pass *pass)
{
    uint32_t inside = at < 0 ? 0 : (uint32_t)at >= size ? size - 1 : (uint32_t)at;
    return from + inside * pass->parts / pass->times;
}

static void measure_box(const zbar_symbol_t *from, const struct cf_pass *pass, struct cf_symbol *ret)
{
    unsigned points = pass->warped ? 0 : zbar_symbol_get_loc_size(from);
    if (points == 0) {
        ret->x = pass->left;
        ret->y = pass->top;
        ret->width = pass->warped ? pass->width * pass->parts / pass->times : 0;
        ret->height = pass->warped ? pass->height * pass->parts / pass->times : 0;
        return;
    }
    uint32_t left = UINT32_MAX, top = UINT32_MAX, right = 0, bottom = 0;
    for (unsigned i = 0; i < points; i++) {
        uint32_t x = place(zbar_symbol_get_loc_x(from, i), pass->width, pass->left, pass);
        uint32_t y = place(zbar_symbol_get_loc_y(from, i), pass->height, pass->top, pass);
        left = x < left ? x : left;
        right = x > right ? x : right;
        top = y < top ? y : top;
        bottom = y > bottom ? y : bottom;
    }
    ret->x = left;
    ret->y = top;
    ret->width = right - left + 1;
    ret->height = bottom - top + 1;
}

/* The EAN-13 digits that a UPC-E symbol stands for (GS1 General Specifications, section 5.2.2.4.2). */
static bool expand_upce(cf_bytes upce, uint8_t ret[13])
{
    if (upce.n != 8) {
        return false;
    }
    const uint8_t *d = upce.p; /* number system, six digits, check digit */
    memset(ret, '0', 13);
    ret[1] = d[0];
    memcpy(ret + 2, d + 1, 2);
    ret[12] = d[7];
    if (d[6] <= '2') {
        ret[4] = d[6];
        memcpy(ret + 9, d + 3, 3);
    } else if (d[6] == '3') {
        ret[4] = d[3];
        memcpy(ret + 10, d + 4, 2);
    } else if (d[6] == '4') {
        memcpy(ret + 4, d + 3, 2);
        ret[11] = d[5];
    } else {
        memcpy(ret + 4, d + 3, 3);
        ret[11] = d[6];
    }
    return true;
}

/* Room for a text that lasts as long as the frame's symbols; NULL: too many, or too long. */
static uint8_t *take_text(struct cf_decoder *decoder, size_t n)
{
    if (n > sizeof decoder->text - decoder->n_text) {
        return NULL;
    }
    uint8_t *text = decoder->text + decoder->n_text;
    decoder->n_text += n;
    return text;
}

/* Makes the GTINs of all symbologies comparable: 13 digits but for EAN-8. false: the text is not what it should be. */
static bool normalise(struct cf_symbol *symbol, uint8_t expanded[13])
{
    if (symbol->symbology == CF_SYMBOLOGY_EAN13 && symbol->text.n == 13 && symbol->text.p[0] == '0') {
        symbol->symbology = CF_SYMBOLOGY_UPCA;
    }
    if (symbol->symbology == CF_SYMBOLOGY_UPCE) {
        if (!expand_upce(symbol->text, expanded)) {
            return false;
        }
        symbol->text = cf_bytes_of(expanded, 13);
    }
    return true;
}

/* false: not a symbol of ours. The text is zbar's, or lies in `expanded`. */
static bool translate(const zbar_symbol_t *from, const struct cf_pass *pass, uint8_t expanded[13],
                      struct cf_symbol *ret)
{
    zbar_symbol_type_t type = zbar_symbol_get_type(from);
    for (size_t i = 0; i < SYMBOLOGIES; i++) {
        if (symbologies[i].type == type && type != ZBAR_NONE) {
            bool gs1 = (zbar_symbol_get_modifiers(from) & 1u << ZBAR_MOD_GS1) != 0;
            *ret = (struct cf_symbol){
                .symbology = symbologies[i].symbology,
                .text = cf_bytes_of(zbar_symbol_get_data(from), zbar_symbol_get_data_length(from)),
                .quality = zbar_symbol_get_quality(from),
            };
            memcpy(ret->aim, gs1 ? symbologies[i].aim_gs1 : symbologies[i].aim, 3);
            measure_box(from, pass, ret);
            return normalise(ret, expanded);
        }
    }
    return false;
}

static bool same(const struct cf_symbol *one, const struct cf_symbol *other)
{
    return one->symbology == other->symbology && cf_bytes_equal(one->text, other->text);
}

static bool has(const struct cf_symbols *symbols, const struct cf_symbol *symbol)
{
    for (size_t i = 0; i < symbols->n; i++) {
        if (same(&symbols->symbol[i], symbol)) {
            return true;
        }
    }
    return false;
}

/* Inserts in reading order; what is there already, or does not fit, is left out. The text must last. */
static void insert(struct cf_symbols *symbols, const struct cf_symbol *symbol)
{
    if (symbols->n == CF_SYMBOLS_MAX || has(symbols, symbol)) {
        return;
    }
    size_t at = symbols->n++;
    for (; at > 0; at--) {
        const struct cf_symbol *before = &symbols->symbol[at - 1];
        if (before->y < symbol->y || (before->y == symbol->y && before->x <= symbol->x)) {
            break;
        }
        symbols->symbol[at] = *before;
    }
    symbols->symbol[at] = *symbol;
}

/* ---- passes ------------------------------------------------------------------------------------------------------ */

void cf_decoder_begin(struct cf_decoder *decoder, struct cf_symbols *ret)
{
    decoder->n_text = 0;
    decoder->n_reads = 0;
    *ret = (struct cf_symbols){0};
}

/* Of zbar's memory into ours; false: no room. */
static bool keep_text(struct cf_decoder *decoder, struct cf_symbol *symbol)
{
    uint8_t *text = take_text(decoder, symbol->text.n);
    if (text == NULL) {
        return false;
    }
    memcpy(text, symbol->text.p, symbol->text.n);
    symbol->text = cf_bytes_of(text, symbol->text.n);
    return true;
}

enum cf_rc cf_decoder_pass(struct cf_decoder *decoder, const struct cf_pass *pass, struct cf_symbols *ret,
                           struct cf_error *err)
{
    zbar_image_scanner_t *scanner = pass->kind == CF_PASS_QR       ? decoder->qr_scanner
                                    : pass->kind == CF_PASS_TURNED ? decoder->bar_scanner
                                                                   : decoder->scanner;
    zbar_image_set_size(decoder->image, pass->width, pass->height);
    zbar_image_set_data(decoder->image, pass->pixels, (unsigned long)pass->width * pass->height, NULL);
    if (zbar_scan_image(scanner, decoder->image) < 0) {
        return cf_fail(err, CF_E_INTERNAL, "zbar could not scan a picture of %u x %u", pass->width, pass->height);
    }
    const zbar_symbol_t *from = zbar_image_first_symbol(decoder->image);
    for (; from != NULL; from = zbar_symbol_next(from)) {
        struct cf_symbol symbol;
        uint8_t expanded[13];
        if (!translate(from, pass, expanded, &symbol) || has(ret, &symbol)) {
            continue;
        }
        if (symbol.symbology == CF_SYMBOLOGY_QR) {
            if (ret->n < CF_SYMBOLS_MAX && keep_text(decoder, &symbol)) {
                insert(ret, &symbol);
            }
        } else if (decoder->n_reads < READS_MAX && keep_text(decoder, &symbol)) {
            decoder->read[decoder->n_reads++] = (struct read){.symbol = symbol, .kind = pass->kind};
        }
    }
    return CF_OK;
}

/* ---- bar codes --------------------------------------------------------------------------------------------------- */

bool cf_decoder_doubts(const struct cf_decoder *decoder, struct cf_box *ret)
{
    uint32_t left = UINT32_MAX, top = UINT32_MAX, right = 0, bottom = 0;
    for (size_t i = 0; i < decoder->n_reads; i++) {
        const struct cf_symbol *symbol = &decoder->read[i].symbol;
        left = symbol->x < left ? symbol->x : left;
        top = symbol->y < top ? symbol->y : top;
        right = symbol->x + symbol->width > right ? symbol->x + symbol->width : right;
        bottom = symbol->y + symbol->height > bottom ? symbol->y + symbol->height : bottom;
    }
    if (decoder->n_reads > 0) {
        *ret = (struct cf_box){.x = left, .y = top, .width = right - left, .height = bottom - top};
    }
    return decoder->n_reads > 0;
}

static bool overlap(const struct cf_symbol *one, const struct cf_symbol *other)
{
    return one->x < other->x + other->width && other->x < one->x + one->width && one->y < other->y + other->height &&
           other->y < one->y + one->height;
}

/* The best quality at which passes of a kind read this very code. */
static int quality_of(const struct cf_decoder *decoder, enum cf_pass_kind kind, const struct cf_symbol *symbol)
{
    int best = 0;
    for (size_t i = 0; i < decoder->n_reads; i++) {
        const struct read *read = &decoder->read[i];
        if (read->kind == kind && same(&read->symbol, symbol) && read->symbol.quality > best) {
            best = read->symbol.quality;
        }
    }
    return best;
}

/* Whether a pass of that kind read another code at the same place, and not faintly. */
static bool contradicted(const struct cf_decoder *decoder, enum cf_pass_kind kind, const struct cf_symbol *symbol)
{
    for (size_t i = 0; i < decoder->n_reads; i++) {
        const struct read *read = &decoder->read[i];
        if (read->kind == kind && read->symbol.quality >= CF_QUALITY_FLOOR_1D && !same(&read->symbol, symbol) &&
            overlap(&read->symbol, symbol)) {
            return true;
        }
    }
    return false;
}

static bool believed(const struct cf_decoder *decoder, const struct cf_symbol *symbol)
{
    int frame = quality_of(decoder, CF_PASS_FRAME, symbol), turned = quality_of(decoder, CF_PASS_TURNED, symbol);
    int thresholded = quality_of(decoder, CF_PASS_THRESHOLDED, symbol);
    int more = frame > turned ? frame : turned, less = frame > turned ? turned : frame;
    bool strong =
        more >= CF_QUALITY_FLOOR_1D && less >= CF_QUALITY_TURNED && !contradicted(decoder, CF_PASS_THRESHOLDED, symbol);
    bool confirmed = less > 0 && thresholded >= CF_QUALITY_CONFIRMS && !contradicted(decoder, CF_PASS_FRAME, symbol);
    return strong || confirmed;
}

void cf_decoder_judge(struct cf_decoder *decoder, struct cf_symbols *ret)
{
    struct cf_symbols weak = {0};
    for (size_t i = 0; i < decoder->n_reads; i++) {
        const struct read *read = &decoder->read[i];
        struct cf_symbol symbol = read->symbol;
        if (!believed(decoder, &symbol)) {
            insert(&weak, &symbol);
        } else if (read->kind == CF_PASS_FRAME) { /* who knows the place best */
            int thresholded = quality_of(decoder, CF_PASS_THRESHOLDED, &symbol);
            symbol.quality = thresholded > symbol.quality ? thresholded : symbol.quality;
            insert(ret, &symbol);
        }
    }
    ret->n_weak += weak.n;
    decoder->n_reads = 0;
}

enum cf_rc cf_frame_check(const struct cf_frame *frame, struct cf_error *err)
{
    if (frame->width == 0 || frame->height == 0 || frame->width > CF_FRAME_SIDE_MAX ||
        frame->height > CF_FRAME_SIDE_MAX || frame->stride < frame->width ||
        (uint64_t)frame->width * frame->height > CF_FRAME_PIXELS_MAX) {
        return cf_fail(err, CF_E_IMAGE_SIZE, "frame of %u x %u", frame->width, frame->height);
    }
    return CF_OK;
}
