/*
 * app/ui/qr.c - see qr.h.
 */
#include "app/ui/qr.h"

#include "app/receipt/qr.h"

#define SIDE_PX 360 /* at 96 dpi, what 1024x768 has */

struct _CfQrWidget {
    GtkWidget parent;
    char *text;
    struct cf_qr code;
    gboolean is;
};
G_DEFINE_FINAL_TYPE(CfQrWidget, cf_qr_widget, GTK_TYPE_WIDGET)

/* Pixels a module: the fewest that reach the side asked for. */
static int module_px(CfQrWidget *qr)
{
    int dpi = 96 * 1024, modules = (int)qr->code.side + 2 * CF_QR_QUIET_ZONE;
    g_object_get(gtk_widget_get_settings(GTK_WIDGET(qr)), "gtk-xft-dpi", &dpi, NULL);
    int side = (int)((gint64)SIDE_PX * dpi / (96 * 1024));
    return (side + modules - 1) / modules;
}

static int side_px(CfQrWidget *qr)
{
    return qr->is ? module_px(qr) * ((int)qr->code.side + 2 * CF_QR_QUIET_ZONE) : SIDE_PX;
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                    int *minimum_baseline, int *natural_baseline)
{
    (void)orientation;
    (void)for_size;
    *minimum = *natural = side_px(CF_QR_WIDGET(widget));
    *minimum_baseline = *natural_baseline = -1;
}

static graphene_rect_t square(int x, int y, int width, int height)
{
    return GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height);
}

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    static const GdkRGBA light = {1, 1, 1, 1}, dark = {0, 0, 0, 1};
    CfQrWidget *qr = CF_QR_WIDGET(widget);
    if (!qr->is) {
        return;
    }
    int n = (int)qr->code.side, px = module_px(qr), side = side_px(qr);
    int left = (gtk_widget_get_width(widget) - side) / 2, top = (gtk_widget_get_height(widget) - side) / 2;
    graphene_rect_t rect = square(left, top, side, side);
    gtk_snapshot_append_color(into, &light, &rect);
    left += CF_QR_QUIET_ZONE * px;
    top += CF_QR_QUIET_ZONE * px;
    for (int y = 0; y < n; y++) {
        for (int x = 0, end; x < n; x = end + 1) {
            for (end = x; end < n && qr->code.module[y * n + end] != 0; end++) {
            }
            if (end > x) {
                rect = square(left + x * px, top + y * px, (end - x) * px, px);
                gtk_snapshot_append_color(into, &dark, &rect);
            }
        }
    }
}

static void finalize(GObject *object)
{
    g_free(CF_QR_WIDGET(object)->text);
    G_OBJECT_CLASS(cf_qr_widget_parent_class)->finalize(object);
}

static void cf_qr_widget_class_init(CfQrWidgetClass *klass)
{
    GTK_WIDGET_CLASS(klass)->measure = measure;
    GTK_WIDGET_CLASS(klass)->snapshot = snapshot;
    G_OBJECT_CLASS(klass)->finalize = finalize;
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(klass), "qr");
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void cf_qr_widget_init(CfQrWidget *qr)
{
    gtk_widget_set_halign(GTK_WIDGET(qr), GTK_ALIGN_CENTER);
    gtk_widget_set_valign(GTK_WIDGET(qr), GTK_ALIGN_CENTER);
}

GtkWidget *cf_qr_widget_new(void)
{
    return g_object_new(CF_TYPE_QR, NULL);
}

gboolean cf_qr_widget_say(CfQrWidget *qr, const char *text)
{
    if (g_strcmp0(text, qr->text) == 0) {
        return qr->is;
    }
    g_free(qr->text);
    qr->text = g_strdup(text);
    qr->is = cf_qr_make(cf_bytes_str(text), CF_QR_M, &qr->code, NULL) == CF_OK;
    gtk_widget_queue_resize(GTK_WIDGET(qr));
    return qr->is;
}
