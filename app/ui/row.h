/*
 * app/ui/row.h - one row of a basket or of things to choose from: what it says, and the widget that says it.
 */
#ifndef CF_UI_ROW_H
#define CF_UI_ROW_H

#include <gtk/gtk.h>

#include "app/desk/desk.h"

struct cf_row {
    char name[CF_PAGE_TEXT_MAX], terms[CF_PAGE_TEXT_MAX], why[CF_PAGE_TEXT_MAX];
    char amount[CF_PAGE_AMOUNT_MAX], off[CF_PAGE_AMOUNT_MAX];
    bool at_hand, is_void, is_choice, good;
};

/* What reads row i from the desk. */
typedef void cf_row_read(struct cf_desk *desk, size_t i, struct cf_row *ret);
void cf_row_line(struct cf_desk *desk, size_t i, struct cf_row *ret);         /* of the cashier's basket */
void cf_row_shopper_line(struct cf_desk *desk, size_t i, struct cf_row *ret); /* of the shopper's */
void cf_row_choice(struct cf_desk *desk, size_t i, struct cf_row *ret);

/* A row that says nothing yet, of the CSS name "line". */
GtkWidget *cf_row_new(void);
void cf_row_show(GtkWidget *widget, const struct cf_row *row);

#endif
