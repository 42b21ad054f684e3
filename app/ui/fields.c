/*
 * app/ui/fields.c - see fields.h.
 */
#include "app/ui/fields.h"

GtkWidget *cf_fields_new(void)
{
    GtkWidget *grid = gtk_grid_new();
    gtk_grid_set_column_spacing(GTK_GRID(grid), 24);
    gtk_grid_set_row_spacing(GTK_GRID(grid), 8);
    gtk_widget_set_valign(grid, GTK_ALIGN_CENTER);
    gtk_widget_set_halign(grid, GTK_ALIGN_CENTER);
    gtk_widget_set_vexpand(grid, TRUE);
    for (int i = 0; i < CF_PAGE_FIELDS_MAX; i++) {
        GtkWidget *label = gtk_label_new(""), *value = gtk_label_new("");
        gtk_widget_add_css_class(label, "field-label");
        gtk_widget_add_css_class(value, "field");
        gtk_widget_add_css_class(value, "figure");
        gtk_label_set_xalign(GTK_LABEL(label), 0);
        gtk_label_set_xalign(GTK_LABEL(value), 1);
        gtk_grid_attach(GTK_GRID(grid), label, 0, i, 1, 1);
        gtk_grid_attach(GTK_GRID(grid), value, 1, i, 1, 1);
    }
    return grid;
}

void cf_fields_refresh(GtkWidget *widget, const struct cf_page_field *fields, size_t n)
{
    for (int i = 0; i < CF_PAGE_FIELDS_MAX; i++) {
        GtkWidget *label = gtk_grid_get_child_at(GTK_GRID(widget), 0, i);
        GtkWidget *value = gtk_grid_get_child_at(GTK_GRID(widget), 1, i);
        gboolean is = (size_t)i < n;
        gtk_widget_set_visible(label, is);
        gtk_widget_set_visible(value, is);
        if (!is) {
            continue;
        }
        gtk_label_set_text(GTK_LABEL(label), fields[i].label);
        gtk_label_set_text(GTK_LABEL(value), fields[i].value);
        if (fields[i].large) {
            gtk_widget_add_css_class(value, "large");
        } else {
            gtk_widget_remove_css_class(value, "large");
        }
    }
}
