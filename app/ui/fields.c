/*
 * app/ui/fields.c - see fields.h.
 */
#include "app/ui/fields.h"

#include "app/ui/labels.h"

#define DENSE_FROM 6 /* rows that have room to breathe */

GtkWidget *cf_fields_new(void)
{
    GtkWidget *fields = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_add_css_class(fields, "fields");
    gtk_widget_set_valign(fields, GTK_ALIGN_CENTER);
    gtk_widget_set_halign(fields, GTK_ALIGN_CENTER);
    gtk_widget_set_vexpand(fields, TRUE);
    for (int i = 0; i < CF_PAGE_FIELDS_MAX; i++) {
        GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
        gtk_widget_add_css_class(row, "field-row");
        GtkWidget *label = cf_label_add(row, "field-label", 0), *value = cf_label_add(row, "field", 1);
        gtk_widget_add_css_class(value, "figure");
        gtk_label_set_wrap(GTK_LABEL(label), TRUE);
        gtk_label_set_wrap(GTK_LABEL(value), TRUE);
        gtk_label_set_natural_wrap_mode(GTK_LABEL(label), GTK_NATURAL_WRAP_NONE);
        gtk_label_set_natural_wrap_mode(GTK_LABEL(value), GTK_NATURAL_WRAP_NONE);
        gtk_label_set_wrap_mode(GTK_LABEL(value), PANGO_WRAP_WORD);
        gtk_label_set_justify(GTK_LABEL(value), GTK_JUSTIFY_RIGHT);
        gtk_widget_set_hexpand(value, TRUE);
        gtk_widget_set_halign(value, GTK_ALIGN_END);
        gtk_box_append(GTK_BOX(fields), row);
    }
    return fields;
}

void cf_fields_refresh(GtkWidget *widget, const struct cf_page_field *fields, size_t n)
{
    GtkWidget *row = gtk_widget_get_first_child(widget);
    cf_style_set(widget, "dense", n > DENSE_FROM);
    for (size_t i = 0; i < CF_PAGE_FIELDS_MAX; i++, row = gtk_widget_get_next_sibling(row)) {
        GtkWidget *label = gtk_widget_get_first_child(row), *value = gtk_widget_get_last_child(row);
        gtk_widget_set_visible(row, i < n);
        if (i < n) {
            cf_style_set(row, "large", fields[i].large);
            cf_label_say(label, fields[i].label);
            cf_label_say_figure(value, fields[i].value);
            gtk_accessible_update_property(GTK_ACCESSIBLE(value), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, fields[i].label,
                                           -1);
        }
    }
}
