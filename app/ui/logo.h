/*
 * app/ui/logo.h - the shop's own picture on the shopper's window: as a texture of bounded size, and as a widget as
 * large as the style gives it.
 */
#ifndef CF_UI_LOGO_H
#define CF_UI_LOGO_H

#include <gtk/gtk.h>

#include "base/error.h"

#define CF_TYPE_LOGO (cf_logo_widget_get_type())
G_DECLARE_FINAL_TYPE(CfLogoWidget, cf_logo_widget, CF, LOGO_WIDGET, GtkWidget)

/* Reads a PNG (app/receipt/logo.h has its bounds), once; made smaller where it is larger than a screen shows it. *ret
 * is to be unreffed. CF_E_LIMIT: the file or its picture is too large; CF_E_ARGUMENT: it is no PNG; errors of the file.
 */
enum cf_rc cf_logo_read(const char *path, GdkTexture **ret, struct cf_error *err) CF_MUST_CHECK;

GtkWidget *cf_logo_widget_new(void);
/* Its proportions are kept, and it is never made larger. Takes a reference; NULL: nothing is drawn. */
void cf_logo_widget_show(CfLogoWidget *logo, GdkTexture *texture);

#endif
