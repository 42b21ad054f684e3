/*
 * app/receipt/font.h - internal: characters as dots. Hides FreeType and finds the font.
 */
#ifndef CF_RECEIPT_FONT_H
#define CF_RECEIPT_FONT_H

#include "app/receipt/pen.h"

/* path: NULL for CF_RECEIPT_FONT's, or the one of Debian's fonts-wqy-microhei. dots: height of a line's characters.
 * CF_E_NOT_FOUND: no such font; CF_E_NO_MEMORY. */
struct cf_font;
enum cf_rc cf_font_new(const char *path, unsigned dots, struct cf_font **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_font_free(struct cf_font *font); /* accepts NULL */

/* At `x` of its left edge and `baseline`; style as in cf_receipt_style. What the font is broken at stays white. */
void cf_font_draw(struct cf_font *font, uint32_t code_point, int64_t x, int64_t baseline, uint32_t style,
                  const struct cf_ink *ink);

#endif
