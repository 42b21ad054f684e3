/*
 * app/ui/rows.h - the rows of a basket as a list that GTK draws: one object a row, replaced when it says something
 * else.
 */
#ifndef CF_UI_ROWS_H
#define CF_UI_ROWS_H

#include <gtk/gtk.h>

#include "app/desk/desk.h"

#define CF_TYPE_ROW (cf_row_get_type())
G_DECLARE_FINAL_TYPE(CfRow, cf_row, CF, ROW, GObject)

const struct cf_page_line *cf_row_line(CfRow *row);

/* What reads row i from the desk: cf_desk_line or cf_desk_shopper_line. */
typedef void cf_rows_read(struct cf_desk *desk, size_t row, struct cf_page_line *ret);
/* Makes `rows` say what the desk says: rows that are as they were stay the same objects, so that nothing else is drawn.
 */
void cf_rows_refresh(GListStore *rows, struct cf_desk *desk, size_t n, cf_rows_read *read);
/* A list view of them, that keeps the row at hand in sight. */
GtkWidget *cf_rows_view(GListStore *rows);

#endif
