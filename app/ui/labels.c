/*
 * app/ui/labels.c - see labels.h.
 */
#include "app/ui/labels.h"

#define LONG_FROM 12 /* characters of an amount: "¥123,456.78" is 11 */
#define LONGER_FROM 16

GtkWidget *cf_label_add(GtkWidget *box, const char *style, float xalign)
{
    GtkWidget *label = gtk_label_new("");
    gtk_widget_add_css_class(label, style);
    gtk_label_set_xalign(GTK_LABEL(label), xalign);
    gtk_box_append(GTK_BOX(box), label);
    return label;
}

void cf_label_say(GtkWidget *label, const char *text)
{
    gtk_label_set_text(GTK_LABEL(label), text);
}

void cf_label_say_figure(GtkWidget *label, const char *text)
{
    glong n = g_utf8_strlen(text, -1);
    cf_style_set(label, "long", n >= LONG_FROM && n < LONGER_FROM);
    cf_style_set(label, "longer", n >= LONGER_FROM);
    gtk_label_set_text(GTK_LABEL(label), text);
}

void cf_style_set(GtkWidget *widget, const char *style, gboolean on)
{
    if (on) {
        gtk_widget_add_css_class(widget, style);
    } else {
        gtk_widget_remove_css_class(widget, style);
    }
}
