/*
 * app/receipt/png_write.h - internal: grey pixels as a PNG file. Hides libpng.
 */
#ifndef CF_RECEIPT_PNG_WRITE_H
#define CF_RECEIPT_PNG_WRITE_H

#include "base/bytes.h"

/* Appends the file. CF_E_NO_MEMORY, CF_E_LIMIT. */
enum cf_rc cf_png_write(const uint8_t *grey, uint32_t width, uint32_t height, struct cf_buf *ret,
                        struct cf_error *err) CF_MUST_CHECK;

#endif
