/*
 * drivers/camera/decoder.c - a frame to its symbols, by zbar.
 *
 * One scanner and one image object serve every frame, and zbar reads the frame's own pixels, so that decoding costs
 * what zbar costs. Only the symbologies of a shop are on: each one more costs time and can misread.
 */
#include <stdlib.h>
#include <string.h>

#include <zbar.h>

#include "drivers/camera/camera.h"

#define FOURCC_Y800 ((unsigned long)'Y' | (unsigned long)'8' << 8 | (unsigned long)'0' << 16 | (unsigned long)'0' << 24)

struct cf_decoder {
    zbar_image_scanner_t *scanner;
    zbar_image_t *image; /* holds the symbols of the last frame */
    uint8_t *packed;     /* rows without padding, for frames that have some: zbar takes no stride */
    size_t packed_n;
    uint8_t expanded[CF_SYMBOLS_MAX][13]; /* UPC-E of the last frame */
    size_t n_expanded;
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

static bool configure(zbar_image_scanner_t *scanner)
{
    bool ok = zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0) == 0;
    for (size_t i = 0; i < SYMBOLOGIES; i++) {
        ok = ok && (symbologies[i].type == ZBAR_NONE ||
                    zbar_image_scanner_set_config(scanner, symbologies[i].type, ZBAR_CFG_ENABLE, 1) == 0);
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
    decoder->image = zbar_image_create();
    if (decoder->scanner == NULL || decoder->image == NULL) {
        cf_decoder_free(decoder);
        return cf_fail(err, CF_E_NO_MEMORY, "decoder");
    }
    if (!configure(decoder->scanner)) {
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
    free(decoder->packed);
    free(decoder);
}

static enum cf_rc pack(struct cf_decoder *decoder, const struct cf_frame *frame, const uint8_t **ret_pixels,
                       struct cf_error *err)
{
    size_t n = (size_t)frame->width * frame->height;
    if (n > decoder->packed_n) {
        uint8_t *packed = realloc(decoder->packed, n);
        if (packed == NULL) {
            return cf_fail(err, CF_E_NO_MEMORY, "frame of %u x %u", frame->width, frame->height);
        }
        decoder->packed = packed;
        decoder->packed_n = n;
    }
    for (uint32_t row = 0; row < frame->height; row++) {
        memcpy(decoder->packed + (size_t)row * frame->width, frame->grey + row * frame->stride, frame->width);
    }
    *ret_pixels = decoder->packed;
    return CF_OK;
}

static uint32_t clamp(int v, uint32_t max)
{
    return v < 0 ? 0 : (uint32_t)v > max ? max : (uint32_t)v;
}

static void measure_box(const zbar_symbol_t *from, const struct cf_frame *frame, struct cf_symbol *ret)
{
    unsigned points = zbar_symbol_get_loc_size(from);
    if (points == 0) {
        return;
    }
    uint32_t left = UINT32_MAX, top = UINT32_MAX, right = 0, bottom = 0;
    for (unsigned i = 0; i < points; i++) {
        uint32_t x = clamp(zbar_symbol_get_loc_x(from, i), frame->width - 1);
        uint32_t y = clamp(zbar_symbol_get_loc_y(from, i), frame->height - 1);
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

/* Makes the GTINs of all symbologies comparable: 13 digits but for EAN-8. false: the text is not what it should be. */
static bool normalise(struct cf_decoder *decoder, struct cf_symbol *symbol)
{
    if (symbol->symbology == CF_SYMBOLOGY_EAN13 && symbol->text.n == 13 && symbol->text.p[0] == '0') {
        symbol->symbology = CF_SYMBOLOGY_UPCA;
    }
    if (symbol->symbology == CF_SYMBOLOGY_UPCE) {
        if (decoder->n_expanded == CF_SYMBOLS_MAX ||
            !expand_upce(symbol->text, decoder->expanded[decoder->n_expanded])) {
            return false;
        }
        symbol->text = cf_bytes_of(decoder->expanded[decoder->n_expanded++], 13);
    }
    return true;
}

/* false: not a symbol of ours. */
static bool translate(struct cf_decoder *decoder, const zbar_symbol_t *from, const struct cf_frame *frame,
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
            measure_box(from, frame, ret);
            return normalise(decoder, ret);
        }
    }
    return false;
}

/* Inserts in reading order; what is there already, or does not fit, is left out. */
static void insert(struct cf_symbols *symbols, const struct cf_symbol *symbol)
{
    for (size_t i = 0; i < symbols->n; i++) {
        if (symbols->symbol[i].symbology == symbol->symbology &&
            cf_bytes_equal(symbols->symbol[i].text, symbol->text)) {
            return;
        }
    }
    if (symbols->n == CF_SYMBOLS_MAX) {
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

enum cf_rc cf_decode(struct cf_decoder *decoder, const struct cf_frame *frame, struct cf_symbols *ret,
                     struct cf_error *err)
{
    if (frame->width == 0 || frame->height == 0 || frame->width > CF_FRAME_SIDE_MAX ||
        frame->height > CF_FRAME_SIDE_MAX || frame->stride < frame->width ||
        (uint64_t)frame->width * frame->height > CF_FRAME_PIXELS_MAX) {
        return cf_fail(err, CF_E_IMAGE_SIZE, "frame of %u x %u", frame->width, frame->height);
    }
    const uint8_t *pixels = frame->grey;
    if (frame->stride != frame->width) {
        enum cf_rc rc = pack(decoder, frame, &pixels, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    zbar_image_set_size(decoder->image, frame->width, frame->height);
    zbar_image_set_data(decoder->image, pixels, (unsigned long)frame->width * frame->height, NULL);
    if (zbar_scan_image(decoder->scanner, decoder->image) < 0) {
        return cf_fail(err, CF_E_INTERNAL, "zbar could not scan a frame of %u x %u", frame->width, frame->height);
    }
    *ret = (struct cf_symbols){0};
    decoder->n_expanded = 0;
    const zbar_symbol_t *from = zbar_image_first_symbol(decoder->image);
    for (; from != NULL; from = zbar_symbol_next(from)) {
        struct cf_symbol symbol;
        if (!translate(decoder, from, frame, &symbol)) {
            continue;
        }
        if (symbol.symbology != CF_SYMBOLOGY_QR && symbol.quality < CF_QUALITY_FLOOR_1D) {
            ret->n_weak++;
            continue;
        }
        insert(ret, &symbol);
    }
    return CF_OK;
}
