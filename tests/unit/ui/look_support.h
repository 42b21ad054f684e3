/*
 * tests/unit/ui/look_support.h - what must be true of every picture of a window, read off the widgets and the pixels:
 * no text is cut, no two widgets overlap, nothing stands outside, keys are large enough and apart, type is large
 * enough, and every text has the contrast of WCAG 2.1 (4.5 : 1) against what it stands on.
 */
#ifndef CF_TESTS_UI_LOOK_SUPPORT_H
#define CF_TESTS_UI_LOOK_SUPPORT_H

#include <gtk/gtk.h>

/* What a picture may break because of what was given to it. */
enum look_allowed {
    LOOK_NOTHING = 0,
    LOOK_CUT_NAMES = 1, /* names of goods, choices and people may end in "…": they came from outside */
};

/* Prints each finding as a diagnostic line; how many there are. `percent`: the scale in use. */
unsigned look_at(GtkWindow *window, GdkTexture *picture, const char *name, unsigned percent, enum look_allowed allowed);

#endif
