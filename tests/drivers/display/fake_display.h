/*
 * tests/drivers/display/fake_display.h - a shopper's display of two rows of twenty: shows what its bytes say.
 *
 * It takes bytes in parts of any size and never fails: what it does not know it leaves out, as displays do. No ends of
 * memory can be reached by it (tests/fuzz/display_fuzz.c).
 */
#ifndef CF_TESTS_FAKE_DISPLAY_H
#define CF_TESTS_FAKE_DISPLAY_H

#include "drivers/display/display_proto.h"

struct fake_display {
    enum cf_display_language language;
    uint8_t cell[CF_DISPLAY_ROWS][CF_DISPLAY_COLUMNS];
    unsigned row, column;
    uint8_t command[8]; /* as far as it came */
    size_t n_command;
    bool in_row; /* CD5220: between ESC Q A and CR */
    unsigned n_resets, n_unknown;
};
void fake_display_init(struct fake_display *display, enum cf_display_language language);
void fake_display_take(struct fake_display *display, cf_bytes bytes);
/* UTF-8, the cells read as GB18030; a cell that is no character is '?'. */
void fake_display_row(const struct fake_display *display, unsigned row, char ret[CF_DISPLAY_COLUMNS * 4 + 1]);

#endif
