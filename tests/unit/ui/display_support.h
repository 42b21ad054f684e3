/*
 * tests/unit/ui/display_support.h - a display of the test's own (Xvfb), so that tests of the windows run anywhere, side
 * by side, and show nothing to anybody.
 */
#ifndef CF_TESTS_UI_DISPLAY_SUPPORT_H
#define CF_TESTS_UI_DISPLAY_SUPPORT_H

#include <gtk/gtk.h>

#include "app/ui/ui.h"

/*
 * First in main(): starts Xvfb, and begins the program anew with the environment that GTK and LeakSanitizer read at
 * their start; then initialises GTK. Returns false, with a skip in TAP for `name`, where there is no Xvfb. Xvfb ends
 * with the program. With CF_TEST_DISPLAY set to a display, that one is used, to look on.
 */
bool display_open(char **argv, const char *name);

/* Runs the main loop until `is` says so; the test fails after a minute. */
void display_until(bool (*is)(void *ctx), void *ctx);
/* Until both windows have been laid out and drawn as they now are. */
void display_drawn(struct cf_ui *ui);
/* The window as it is drawn, as a texture to save or to look at. Unref it. */
GdkTexture *display_picture(GtkWindow *window);

#endif
