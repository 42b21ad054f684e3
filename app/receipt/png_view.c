/*
 * app/receipt/png_view.c - rows as dots: FreeType draws the glyphs, libpng writes the file.
 *
 * Two walks over the same layout: the first measures the paper, the second draws on it.
 */
#include "app/receipt/png_view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

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

static const char *const font_paths[] = {
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",
};

struct paper {
    FT_Library library;
    FT_Face face;
    uint8_t *grey; /* NULL while measuring */
    uint32_t height;
    uint32_t y; /* top of the next row */
};

static void paper_done(struct paper *paper)
{
    if (paper->face != NULL) {
        FT_Done_Face(paper->face);
    }
    if (paper->library != NULL) {
        FT_Done_FreeType(paper->library);
    }
    free(paper->grey);
}

static const char *find_font(void)
{
    const char *named = getenv("CF_RECEIPT_FONT");
    if (named != NULL && named[0] != '\0') {
        return named;
    }
    for (size_t i = 0; i < sizeof font_paths / sizeof font_paths[0]; i++) {
        if (access(font_paths[i], R_OK) == 0) {
            return font_paths[i];
        }
    }
    return NULL;
}

/* The face of fixed pitch in the file (a collection holds several), else its first. */
static FT_Error open_face(struct paper *paper, const char *path)
{
    FT_Error failed = FT_New_Face(paper->library, path, 0, &paper->face);
    FT_Long count = failed ? 0 : paper->face->num_faces;
    for (FT_Long i = 1; i < count && i < 16; i++) {
        FT_Face face;
        if (FT_New_Face(paper->library, path, i, &face) != 0) {
            continue;
        }
        bool is_mono = FT_IS_FIXED_WIDTH(face) || (face->family_name != NULL && strstr(face->family_name, "Mono"));
        if (is_mono) {
            FT_Done_Face(paper->face);
            paper->face = face;
            break;
        }
        FT_Done_Face(face);
    }
    return failed;
}

static enum cf_rc open_font(struct paper *paper, const char *path, struct cf_error *err)
{
    path = path != NULL ? path : find_font();
    if (path == NULL || access(path, R_OK) != 0) {
        return cf_fail(err, CF_E_NOT_FOUND, "no font %s for the picture of a receipt: install fonts-wqy-microhei",
                       path != NULL ? path : "file");
    }
    if (FT_Init_FreeType(&paper->library) != 0) {
        paper->library = NULL;
        return cf_fail(err, CF_E_NO_MEMORY, "FreeType");
    }
    if (open_face(paper, path) != 0) {
        paper->face = NULL;
        return cf_fail(err, CF_E_NOT_FOUND, "%s is not a font that can be read: install fonts-wqy-microhei", path);
    }
    if (FT_Set_Pixel_Sizes(paper->face, 0, CELL_HEIGHT) != 0) {
        return cf_fail(err, CF_E_NOT_FOUND, "%s has no glyphs of %u dots: install fonts-wqy-microhei", path,
                       CELL_HEIGHT);
    }
    return CF_OK;
}

static unsigned measure(void *ctx, const char *character)
{
    (void)ctx;
    return cf_text_columns(character);
}

static void darken(struct paper *paper, int64_t x, int64_t y, uint8_t ink)
{
    if (x >= 0 && x < (int64_t)WIDTH && y >= 0 && y < (int64_t)paper->height) {
        uint8_t *dot = &paper->grey[(size_t)y * WIDTH + (size_t)x];
        *dot = (uint8_t)(*dot > ink ? *dot - ink : 0);
    }
}

static void draw_glyph(struct paper *paper, uint32_t code_point, int64_t x, int64_t baseline, uint32_t style)
{
    FT_Matrix stretch = {.xx = (style & CF_STYLE_WIDE) != 0 ? 0x20000 : 0x10000,
                         .yy = (style & CF_STYLE_TALL) != 0 ? 0x20000 : 0x10000};
    FT_Face face = paper->face;
    FT_Set_Transform(face, &stretch, NULL);
    bool is_stretched = (style & (CF_STYLE_WIDE | CF_STYLE_TALL)) != 0;
    if (FT_Load_Char(face, code_point, is_stretched ? FT_LOAD_NO_BITMAP | FT_LOAD_NO_HINTING : FT_LOAD_NO_BITMAP) !=
        0) {
        return; /* a glyph that the font is broken at stays white */
    }
    if ((style & CF_STYLE_BOLD) != 0 && face->glyph->format == FT_GLYPH_FORMAT_OUTLINE) {
        FT_Outline_Embolden(&face->glyph->outline, 64);
    }
    if (FT_Render_Glyph(face->glyph, FT_RENDER_MODE_NORMAL) != 0) {
        return;
    }
    const FT_Bitmap *bitmap = &face->glyph->bitmap;
    for (unsigned row = 0; row < bitmap->rows; row++) {
        for (unsigned column = 0; column < bitmap->width; column++) {
            uint8_t ink = bitmap->buffer[(size_t)row * (size_t)bitmap->pitch + column];
            darken(paper, x + face->glyph->bitmap_left + column, baseline - face->glyph->bitmap_top + row, ink);
        }
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
    char character[5];
    for (size_t at = 0; cf_layout_next(row->text, &at, character);) {
        size_t first = 0;
        uint32_t code_point = cf_text_next(cf_bytes_str(character), &first);
        if (code_point != ' ') {
            draw_glyph(paper, code_point, x, baseline, row->style);
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
    enum cf_rc rc = open_font(&paper, font_path, err);
    rc = rc != CF_OK ? rc : draw(&paper, receipt, err);
    return rc != CF_OK ? rc : cf_png_write(paper.grey, WIDTH, paper.height, ret, err);
}
