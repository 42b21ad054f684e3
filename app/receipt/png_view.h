/*
 * app/receipt/png_view.h - a receipt document as a picture of 80 mm paper: 640 dots wide, 576 of them printable,
 * 48 cells of 12 x 24 dots.
 *
 * What the printer's dots would show, for a screen, an e-mail or a test that reads the codes back. FreeType and libpng
 * stay inside.
 */
#ifndef CF_RECEIPT_PNG_VIEW_H
#define CF_RECEIPT_PNG_VIEW_H

#include "app/receipt/receipt.h"

#define CF_PNG_VIEW_HEIGHT_MAX 200000 /* dots */
#define CF_PNG_VIEW_BYTES_MAX (32u * 1024u * 1024u)

/* font_path: a TrueType or OpenType file of fixed pitch with Chinese; NULL: $CF_RECEIPT_FONT, else where Debian puts
 * fonts-wqy-microhei. Appends the PNG file to *ret. CF_E_NOT_FOUND: no such font (the detail names the package);
 * CF_E_LIMIT, CF_E_NO_MEMORY, CF_E_CODE_SIZE. */
enum cf_rc cf_receipt_png(const struct cf_receipt *receipt, const char *font_path, struct cf_buf *ret,
                          struct cf_error *err) CF_MUST_CHECK;

#endif
