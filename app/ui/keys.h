/*
 * app/ui/keys.h - the keys beside the basket: digits that never change, and as many more as a page has.
 *
 * A page greys what cannot be done; nothing moves under a finger while it stays. The ways to pay stand lowest. "ABC"
 * puts letters in the place of digits and keys, until "123" or another page.
 */
#ifndef CF_UI_KEYS_H
#define CF_UI_KEYS_H

#include <gtk/gtk.h>

#include "app/desk/desk.h"

/* Called for a touch on a key of the page, or for a digit (act CF_DO_NOTHING, the character as arg). */
typedef void cf_keys_touched(gpointer ctx, enum cf_desk_do act, gint64 arg);

struct cf_keys;
/* Owned by the widget that cf_keys_widget gives. */
struct cf_keys *cf_keys_new(cf_keys_touched *touched, gpointer ctx);
GtkWidget *cf_keys_widget(struct cf_keys *keys);
void cf_keys_refresh(struct cf_keys *keys, const struct cf_cashier_page *page);

#endif
