/*
 * app/ui/sheet.h - the ground of a window: as large as the window, whatever stands on it.
 */
#ifndef CF_UI_SHEET_H
#define CF_UI_SHEET_H

#include <gtk/gtk.h>

#define CF_TYPE_SHEET (cf_sheet_get_type())
G_DECLARE_FINAL_TYPE(CfSheet, cf_sheet, CF, SHEET, GtkWidget)

/* With that one widget on it. */
GtkWidget *cf_sheet_new(GtkWidget *child);

#endif
