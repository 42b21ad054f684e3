/*
 * app/receipt/logo.h - a shop's logo as the dots of its printer, from a PNG. Hides libpng.
 */
#ifndef CF_RECEIPT_LOGO_H
#define CF_RECEIPT_LOGO_H

#include "base/bytes.h"

#define CF_LOGO_PNG_BYTES_MAX (1024u * 1024u)
#define CF_LOGO_PNG_SIDE_MAX 4096u /* dots of the file's picture, either way */
#define CF_LOGO_HEIGHT_MAX 600u    /* on paper: 75 mm at 203 dpi */

struct cf_logo {
    unsigned row_bytes, height; /* 8 dots a byte, the left one in its highest bit; 1 is black */
    struct cf_buf bits;
};

/* Made smaller where it is wider than `dots` or too high, never larger; greys are scattered (Floyd and Steinberg,
 * 1976), what is transparent is paper. Free with cf_logo_done. CF_E_LIMIT: the file or its picture is too large;
 * CF_E_ARGUMENT: it is no PNG that can be read; CF_E_NO_MEMORY. */
enum cf_rc cf_logo_from_png(cf_bytes png, unsigned dots, struct cf_logo *ret, struct cf_error *err) CF_MUST_CHECK;
void cf_logo_done(struct cf_logo *logo); /* accepts one of zeroes */

#endif
