/*
 * app/ui/cashier_window.h - the window in front of the cashier: status, the bar, the basket, figures and keys.
 *
 * It draws the desk's cashier page and passes on touches and keys. It decides nothing.
 */
#ifndef CF_UI_CASHIER_WINDOW_H
#define CF_UI_CASHIER_WINDOW_H

#include <gtk/gtk.h>

#include "app/desk/desk.h"

/* Called after each touch or key, so that both windows are drawn anew. */
typedef void cf_ui_changed(gpointer ctx);

struct cf_cashier_window;
/* `desk` stays the caller's and outlives the window, which owns this and frees it when it is destroyed. */
struct cf_cashier_window *cf_cashier_window_new(struct cf_desk *desk, cf_ui_changed *changed, gpointer ctx);
GtkWindow *cf_cashier_window_widget(struct cf_cashier_window *window);
void cf_cashier_window_refresh(struct cf_cashier_window *window);
/* A key of the keyboard, wherever the focus is: TRUE if it was one of ours. */
gboolean cf_cashier_window_key(struct cf_cashier_window *window, guint keyval, GdkModifierType modifiers);

#endif
