/*
 * app/ui/labels.c - see labels.h.
 */
#include "app/ui/labels.h"

#include <string.h>

#define CLEAN_MAX 1024
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

/* Names come from outside and were cut to size on their way: half a character at the end is left off, and what would
 * break the line or steer a terminal is a space. */
static const char *clean(const char *text, char ret[CLEAN_MAX])
{
    const char *end;
    g_utf8_validate(text, -1, &end);
    gsize n = MIN((gsize)(end - text), CLEAN_MAX - 1);
    memcpy(ret, text, n);
    ret[n] = '\0';
    g_utf8_validate(ret, -1, &end); /* its own size may have cut one too */
    ret[end - ret] = '\0';
    for (char *c = ret; *c != '\0'; c++) {
        if (g_ascii_iscntrl(*c)) {
            *c = ' ';
        }
    }
    return ret;
}

gboolean cf_label_say(GtkWidget *label, const char *text)
{
    char cleaned[CLEAN_MAX];
    if (strcmp(gtk_label_get_text(GTK_LABEL(label)), clean(text, cleaned)) == 0) {
        return FALSE;
    }
    gtk_label_set_text(GTK_LABEL(label), cleaned);
    return TRUE;
}

void cf_label_say_figure(GtkWidget *label, const char *text)
{
    glong n = g_utf8_strlen(text, -1);
    cf_style_set(label, "long", n >= LONG_FROM && n < LONGER_FROM);
    cf_style_set(label, "longer", n >= LONGER_FROM);
    cf_label_say(label, text);
}

void cf_style_set(GtkWidget *widget, const char *style, gboolean on)
{
    if (on) {
        gtk_widget_add_css_class(widget, style);
    } else {
        gtk_widget_remove_css_class(widget, style);
    }
}
