/*
 * app/ui/fields.h - labelled figures, one below the other: total, received, change. One is the figure that counts.
 */
#ifndef CF_UI_FIELDS_H
#define CF_UI_FIELDS_H

#include <gtk/gtk.h>

#include "app/desk/page.h"

GtkWidget *cf_fields_new(void);
void cf_fields_refresh(GtkWidget *widget, const struct cf_page_field *fields, size_t n);

#endif
