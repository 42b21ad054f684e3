/*
 * app/receipt/font.c - see font.h.
 */
#include "app/receipt/font.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include "app/receipt/receipt.h"

static const char *const font_paths[] = {
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",
};

struct cf_font {
    FT_Library library;
    FT_Face face;
};

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
static FT_Error open_face(struct cf_font *font, const char *path)
{
    FT_Error failed = FT_New_Face(font->library, path, 0, &font->face);
    FT_Long count = failed ? 0 : font->face->num_faces;
    for (FT_Long i = 1; i < count && i < 16; i++) {
        FT_Face face;
        if (FT_New_Face(font->library, path, i, &face) != 0) {
            continue;
        }
        bool is_mono = FT_IS_FIXED_WIDTH(face) || (face->family_name != NULL && strstr(face->family_name, "Mono"));
        if (is_mono) {
            FT_Done_Face(font->face);
            font->face = face;
            break;
        }
        FT_Done_Face(face);
    }
    return failed;
}

static enum cf_rc open_font(struct cf_font *font, const char *path, unsigned dots, struct cf_error *err)
{
    path = path != NULL ? path : find_font();
    if (path == NULL || access(path, R_OK) != 0) {
        return cf_fail(err, CF_E_NOT_FOUND, "no font %s for the picture of a receipt: install fonts-wqy-microhei",
                       path != NULL ? path : "file");
    }
    if (FT_Init_FreeType(&font->library) != 0) {
        font->library = NULL;
        return cf_fail(err, CF_E_NO_MEMORY, "FreeType");
    }
    if (open_face(font, path) != 0) {
        font->face = NULL;
        return cf_fail(err, CF_E_NOT_FOUND, "%s is not a font that can be read: install fonts-wqy-microhei", path);
    }
    if (FT_Set_Pixel_Sizes(font->face, 0, dots) != 0) {
        return cf_fail(err, CF_E_NOT_FOUND, "%s has no glyphs of %u dots: install fonts-wqy-microhei", path, dots);
    }
    return CF_OK;
}

enum cf_rc cf_font_new(const char *path, unsigned dots, struct cf_font **ret, struct cf_error *err)
{
    struct cf_font *font = calloc(1, sizeof *font);
    if (font == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "font");
    }
    enum cf_rc rc = open_font(font, path, dots, err);
    if (rc != CF_OK) {
        cf_font_free(font);
        return rc;
    }
    *ret = font;
    return CF_OK;
}

void cf_font_free(struct cf_font *font)
{
    if (font == NULL) {
        return;
    }
    if (font->face != NULL) {
        FT_Done_Face(font->face);
    }
    if (font->library != NULL) {
        FT_Done_FreeType(font->library);
    }
    free(font);
}

void cf_font_draw(struct cf_font *font, uint32_t code_point, int64_t x, int64_t baseline, uint32_t style,
                  const struct cf_ink *ink)
{
    FT_Matrix stretch = {.xx = (style & CF_STYLE_WIDE) != 0 ? 0x20000 : 0x10000,
                         .yy = (style & CF_STYLE_TALL) != 0 ? 0x20000 : 0x10000};
    FT_Face face = font->face;
    FT_Set_Transform(face, &stretch, NULL);
    bool is_stretched = (style & (CF_STYLE_WIDE | CF_STYLE_TALL)) != 0;
    if (FT_Load_Char(face, code_point, is_stretched ? FT_LOAD_NO_BITMAP | FT_LOAD_NO_HINTING : FT_LOAD_NO_BITMAP) !=
        0) {
        return;
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
            uint8_t black = bitmap->buffer[(size_t)row * (size_t)bitmap->pitch + column];
            if (black > 0) {
                ink->dot(ink->ctx, x + face->glyph->bitmap_left + column, baseline - face->glyph->bitmap_top + row,
                         black);
            }
        }
    }
}

/* ---- as a pen ---- */

static void draw(void *ctx, uint32_t code_point, int64_t x, int64_t baseline, uint32_t style, const struct cf_ink *ink)
{
    cf_font_draw(ctx, code_point, x, baseline, style, ink);
}

enum cf_rc cf_pen_open(const char *font_path, struct cf_pen *ret, struct cf_error *err)
{
    struct cf_font *font = NULL;
    enum cf_rc rc = cf_font_new(font_path, CF_PEN_DOTS, &font, err);
    if (rc == CF_OK) {
        *ret = (struct cf_pen){draw, font};
    }
    return rc;
}

void cf_pen_close(struct cf_pen *pen)
{
    cf_font_free(pen->ctx);
    *pen = (struct cf_pen){NULL, NULL};
}
