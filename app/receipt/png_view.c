/*
 * app/receipt/png_view.c - rows as dots, in a file.
 *
 * Two walks over the same layout: the first measures the paper, the second draws on it.
 */
#include "app/receipt/png_view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/receipt/font.h"
#include "app/receipt/layout.h"
#include "app/receipt/png_write.h"
#include "app/receipt/qr.h"
#include "base/text.h"

#define COLUMNS 48u
#define CELL_WIDTH 12u
#define CELL_HEIGHT 24u
#define LEADING 8u /* dots between lines: a printer feeds 1/6 inch, about 32 dots, a line */
#define BASELINE 20u
#define DOTS (COLUMNS * CELL_WIDTH)
#define MARGIN 32u /* what an 80 mm printer cannot reach, on each side; and above and below */
#define WIDTH (DOTS + 2 * MARGIN)
#define QR_SCALE_MAX 6u
#define RULE_HEIGHT 20u

struct paper {
    struct cf_font *font;
    uint8_t *grey; /* NULL while measuring */
    uint32_t height;
    uint32_t y; /* top of the next row */
};

static void paper_done(struct paper *paper)
{
    cf_font_free(paper->font);
    free(paper->grey);
}

static unsigned measure(void *ctx, const char *character)
{
    (void)ctx;
    return cf_text_columns(character);
}

static void darken(void *ctx, int64_t x, int64_t y, uint8_t ink)
{
    struct paper *paper = ctx;
    if (x >= 0 && x < (int64_t)WIDTH && y >= 0 && y < (int64_t)paper->height) {
        uint8_t *dot = &paper->grey[(size_t)y * WIDTH + (size_t)x];
        *dot = (uint8_t)(*dot > ink ? *dot - ink : 0);
    }
}

static void draw_text(struct paper *paper, const struct cf_row *row)
{
    unsigned across = (row->style & CF_STYLE_WIDE) != 0 ? 2 : 1;
    unsigned down = (row->style & CF_STYLE_TALL) != 0 ? 2 : 1;
    unsigned taken = row->columns * CELL_WIDTH * across;
    unsigned room = taken < DOTS ? DOTS - taken : 0;
    int64_t x = MARGIN + (row->align == CF_ALIGN_LEFT ? 0 : row->align == CF_ALIGN_RIGHT ? room : room / 2);
    int64_t baseline = (int64_t)paper->y + BASELINE * down;
    const struct cf_ink ink = {darken, paper};
    char character[5];
    for (size_t at = 0; cf_layout_next(row->text, &at, character);) {
        size_t first = 0;
        uint32_t code_point = cf_text_next(cf_bytes_str(character), &first);
        if (code_point != ' ') {
            cf_font_draw(paper->font, code_point, x, baseline, row->style, &ink);
        }
        x += (int64_t)(cf_text_columns(character) * CELL_WIDTH * across);
    }
}

static void draw_qr(struct paper *paper, const struct cf_qr *qr, unsigned scale)
{
    uint32_t left = MARGIN + (DOTS - qr->side * scale) / 2;
    uint32_t top = paper->y + CF_QR_QUIET_ZONE * scale;
    for (uint32_t y = 0; y < qr->side * scale; y++) {
        for (uint32_t x = 0; x < qr->side * scale; x++) {
            if (qr->module[y / scale * qr->side + x / scale] != 0) {
                darken(paper, left + x, top + y, UINT8_MAX);
            }
        }
    }
}

static enum cf_rc put_qr(struct paper *paper, const char *payload, uint32_t *ret_height, struct cf_error *err)
{
    struct cf_qr qr;
    enum cf_rc rc = cf_qr_make(cf_bytes_str(payload), CF_QR_M, &qr, err);
    if (rc != CF_OK) {
        return rc;
    }
    unsigned scale = DOTS / (qr.side + 2 * CF_QR_QUIET_ZONE);
    scale = scale > QR_SCALE_MAX ? QR_SCALE_MAX : scale;
    if (paper->grey != NULL) {
        draw_qr(paper, &qr, scale);
    }
    *ret_height = (qr.side + 2 * CF_QR_QUIET_ZONE) * scale;
    return CF_OK;
}

static void draw_rule(struct paper *paper)
{
    for (uint32_t x = 0; x < DOTS; x++) {
        darken(paper, MARGIN + x, paper->y + RULE_HEIGHT / 2 - 1, UINT8_MAX);
        darken(paper, MARGIN + x, paper->y + RULE_HEIGHT / 2, UINT8_MAX);
    }
}

static enum cf_rc put_row(void *ctx, const struct cf_row *row, struct cf_error *err)
{
    struct paper *paper = ctx;
    bool draw = paper->grey != NULL;
    uint32_t height = 0;
    enum cf_rc rc = CF_OK;
    switch (row->kind) {
    case CF_RECEIPT_TEXT:
    case CF_RECEIPT_COLUMNS:
        height = ((row->style & CF_STYLE_TALL) != 0 ? 2 * CELL_HEIGHT : CELL_HEIGHT) + LEADING;
        if (draw) {
            draw_text(paper, row);
        }
        break;
    case CF_RECEIPT_RULE:
        height = RULE_HEIGHT;
        if (draw) {
            draw_rule(paper);
        }
        break;
    case CF_RECEIPT_QR:
        rc = put_qr(paper, row->text, &height, err);
        break;
    case CF_RECEIPT_BLANK:
        height = CELL_HEIGHT + LEADING;
        break;
    case CF_RECEIPT_CUT:
        break;
    }
    if (rc == CF_OK && paper->y + height > CF_PNG_VIEW_HEIGHT_MAX) {
        return cf_fail(err, CF_E_LIMIT, "a picture of a receipt is at most %d dots high", CF_PNG_VIEW_HEIGHT_MAX);
    }
    paper->y += rc == CF_OK ? height : 0;
    return rc;
}

static enum cf_rc draw(struct paper *paper, const struct cf_receipt *receipt, struct cf_error *err)
{
    struct cf_layout layout = {.columns = COLUMNS, .wide = true, .ctx = paper, .measure = measure, .row = put_row};
    paper->y = MARGIN;
    enum cf_rc rc = cf_layout_walk(&layout, receipt, err);
    if (rc != CF_OK) {
        return rc;
    }
    paper->height = paper->y + MARGIN;
    size_t dots = (size_t)WIDTH * paper->height;
    paper->grey = malloc(dots);
    if (paper->grey == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "picture of a receipt, %u dots high", paper->height);
    }
    memset(paper->grey, UINT8_MAX, dots);
    paper->y = MARGIN;
    return cf_layout_walk(&layout, receipt, err);
}

enum cf_rc cf_receipt_png(const struct cf_receipt *receipt, const char *font_path, struct cf_buf *ret,
                          struct cf_error *err)
{
    CF_CLEANUP(paper_done) struct paper paper = {0};
    enum cf_rc rc = cf_font_new(font_path, CELL_HEIGHT, &paper.font, err);
    rc = rc != CF_OK ? rc : draw(&paper, receipt, err);
    return rc != CF_OK ? rc : cf_png_write(paper.grey, WIDTH, paper.height, ret, err);
}
