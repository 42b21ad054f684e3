/*
 * app/ui/panel.h - the panel of those who try a till out: a key for each sample code, which is scanned when it is
 * touched, as if a scanner had read it. No part of a till in a shop.
 */
#ifndef CF_UI_PANEL_H
#define CF_UI_PANEL_H

#include "app/ui/cashier_window.h"

/*
 * `path`: a file of lines "label TAB code", read again at each touch, since a member's code lives for a minute. NULL if
 * there is no such file. `desk` stays the caller's and outlives the window. Destroy it as a window.
 */
GtkWindow *cf_panel_new(struct cf_desk *desk, const char *path, cf_ui_changed *changed, gpointer ctx);

#endif
