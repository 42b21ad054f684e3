/*
 * app/ui/qr.h - a QR code as a widget: whole pixels a module, four modules of quiet zone, at least 360 pixels a side on
 * the smallest screen and in proportion on larger ones.
 */
#ifndef CF_UI_QR_H
#define CF_UI_QR_H

#include <gtk/gtk.h>

#define CF_TYPE_QR (cf_qr_widget_get_type())
G_DECLARE_FINAL_TYPE(CfQrWidget, cf_qr_widget, CF, QR_WIDGET, GtkWidget)

GtkWidget *cf_qr_widget_new(void);
/* FALSE: the text is empty, or longer than any code; the widget then is an empty square. */
gboolean cf_qr_widget_say(CfQrWidget *qr, const char *text);

#endif
