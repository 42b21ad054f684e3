/*
 * app/ui/rows.h - rows of a basket or of things to choose from, as a list that GTK draws: one object a row, which
 * changes in place.
 */
#ifndef CF_UI_ROWS_H
#define CF_UI_ROWS_H

#include <gtk/gtk.h>

#include "app/desk/desk.h"

/* What one row says. */
struct cf_row {
    char name[CF_PAGE_TEXT_MAX], terms[CF_PAGE_TEXT_MAX], why[CF_PAGE_TEXT_MAX];
    char amount[CF_PAGE_AMOUNT_MAX], off[CF_PAGE_AMOUNT_MAX];
    bool at_hand, is_void, is_choice, good;
};
/* What reads row i from the desk; `ret` is all zero before. */
typedef void cf_rows_read(struct cf_desk *desk, size_t i, struct cf_row *ret);
void cf_rows_line(struct cf_desk *desk, size_t i, struct cf_row *ret);         /* of the cashier's basket */
void cf_rows_shopper_line(struct cf_desk *desk, size_t i, struct cf_row *ret); /* of the shopper's */
void cf_rows_choice(struct cf_desk *desk, size_t i, struct cf_row *ret);

#define CF_TYPE_ROW (cf_row_item_get_type())
G_DECLARE_FINAL_TYPE(CfRowItem, cf_row_item, CF, ROW_ITEM, GObject)

/* A list view of `rows` (of CF_TYPE_ROW), that keeps the row at hand in sight; its "touched" is called for a touch on
 * row i. One view of such rows, before they are first refreshed. */
typedef void cf_rows_touched(gpointer ctx, guint i);
GtkWidget *cf_rows_view(GListStore *rows, cf_rows_touched *touched, gpointer ctx);
/* Makes them say what the desk says. What is as it was costs nothing; what changed out of sight is drawn once it is in
 * sight. */
void cf_rows_refresh(GListStore *rows, struct cf_desk *desk, size_t n, cf_rows_read *read);

#endif
