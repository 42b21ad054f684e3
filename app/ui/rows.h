/*
 * app/ui/rows.h - a list of rows that can be scrolled: a basket, or things to choose from.
 *
 * It has widgets for the rows in sight alone, and asks the desk for what these say; what a basket of 2,000 lines costs
 * is what a screen of it costs. The row at hand is kept in sight.
 */
#ifndef CF_UI_ROWS_H
#define CF_UI_ROWS_H

#include "app/ui/row.h"

#define CF_TYPE_ROWS (cf_rows_get_type())
G_DECLARE_FINAL_TYPE(CfRows, cf_rows, CF, ROWS, GtkWidget)

/* `touched` is called for a touch on row i; NULL: nothing is. To be put into a GtkScrolledWindow (cf_rows_scrolled). */
typedef void cf_rows_touched(gpointer ctx, guint i);
CfRows *cf_rows_new(struct cf_desk *desk, cf_row_read *read, cf_rows_touched *touched, gpointer ctx);
GtkWidget *cf_rows_scrolled(CfRows *rows);
/* The desk has n rows now, and may say something else in each. */
void cf_rows_refresh(CfRows *rows, size_t n);

#endif
