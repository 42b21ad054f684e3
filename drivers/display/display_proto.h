/*
 * drivers/display/display_proto.h - what a shopper's display of two rows of twenty shows, as the bytes that make it
 * show that.
 *
 * Two sets of commands cover most displays: Epson's ("ESC/POS Command Reference" for DM-D displays: ESC @, US C, US $)
 * and CD5220's ("CD5220 standard mode": ESC @, ESC Q A, ESC Q B). Text is GB18030's two-byte part where the display has
 * it; of other characters, Latin letters lose their accents and the rest is left out. Pure.
 */
#ifndef CF_DRIVERS_DISPLAY_PROTO_H
#define CF_DRIVERS_DISPLAY_PROTO_H

#include "base/bytes.h"

#define CF_DISPLAY_ROWS 2
#define CF_DISPLAY_COLUMNS 20
#define CF_DISPLAY_ROW_BYTES 127 /* of UTF-8, without the NUL */
#define CF_DISPLAY_FRAME_MAX 128 /* bytes that a display is sent at once */

enum cf_display_language { CF_DISPLAY_ESCPOS = 1, CF_DISPLAY_CD5220 = 2 };

struct cf_display_model {
    enum cf_display_language language;
    bool gb18030;
};
/* A row is a left and a right part: the right one stands whole at the right edge, the left one has what is left. */
struct cf_display_row {
    char left[CF_DISPLAY_ROW_BYTES + 1], right[CF_DISPLAY_ROW_BYTES + 1];
};
struct cf_display_text {
    struct cf_display_row row[CF_DISPLAY_ROWS];
};
struct cf_display_frame {
    uint8_t bytes[CF_DISPLAY_FRAME_MAX];
    size_t n;
};

/* first: since the display was switched on, or is used by us: begins with what makes it plain. CF_E_UNSUPPORTED: iconv
 * knows no GB18030. */
enum cf_rc cf_display_encode(const struct cf_display_model *model, const struct cf_display_text *text, bool first,
                             struct cf_display_frame *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
