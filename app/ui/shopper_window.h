/*
 * app/ui/shopper_window.h - the window in front of the shopper: every price and discount, and what is to be paid.
 */
#ifndef CF_UI_SHOPPER_WINDOW_H
#define CF_UI_SHOPPER_WINDOW_H

#include <gtk/gtk.h>

#include "app/desk/desk.h"

struct cf_shopper_window;
/* `desk` stays the caller's and outlives the window, which owns this and frees it when it is destroyed. */
struct cf_shopper_window *cf_shopper_window_new(struct cf_desk *desk);
GtkWindow *cf_shopper_window_widget(struct cf_shopper_window *window);
/* The shop's picture (logo.h), where no sale is open. Takes a reference; NULL: none. */
void cf_shopper_window_logo(struct cf_shopper_window *window, GdkTexture *texture);
void cf_shopper_window_refresh(struct cf_shopper_window *window);

#endif
