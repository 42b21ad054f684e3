/*
 * app/receipt/pen.h - what draws characters for printers that have none for them: a port, so that escpos.h needs no
 * font.
 */
#ifndef CF_RECEIPT_PEN_H
#define CF_RECEIPT_PEN_H

#include <stdint.h>

#include "base/error.h"

#define CF_PEN_DOTS 24 /* height of a line's characters, and twice the width of most */

/* Where dots go: `black` is 1..255. */
struct cf_ink {
    void (*dot)(void *ctx, int64_t x, int64_t y, uint8_t black);
    void *ctx;
};
struct cf_pen {
    /* One character, CF_PEN_DOTS high, its left edge at x; style as in cf_receipt_style. */
    void (*draw)(void *ctx, uint32_t code_point, int64_t x, int64_t baseline, uint32_t style, const struct cf_ink *ink);
    void *ctx;
};

/* One that draws by a font of the system: NULL, or its path. CF_E_NOT_FOUND: there is none; CF_E_NO_MEMORY. */
enum cf_rc cf_pen_open(const char *font_path, struct cf_pen *ret, struct cf_error *err) CF_MUST_CHECK;
void cf_pen_close(struct cf_pen *pen); /* accepts one of zeroes */

#endif
