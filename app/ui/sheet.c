/*
 * app/ui/sheet.c - see sheet.h.
 *
 * GTK asks a window after each change of a text for its least size, and where its height follows from its width it
 * searches the widths for it, a measure of everything at each step. A sheet has one size to tell, so nothing is
 * searched and no text makes a window grow.
 */
#include "app/ui/sheet.h"

#define LEAST_PX 240 /* no screen has less, either way */

struct _CfSheet {
    GtkWidget parent;
    GtkWidget *child;
};
G_DEFINE_FINAL_TYPE(CfSheet, cf_sheet, GTK_TYPE_WIDGET)

static GtkSizeRequestMode request_mode(GtkWidget *widget)
{
    (void)widget;
    return GTK_SIZE_REQUEST_CONSTANT_SIZE;
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                    int *minimum_baseline, int *natural_baseline)
{
    (void)widget;
    (void)orientation;
    (void)for_size;
    *minimum = *natural = LEAST_PX;
    *minimum_baseline = *natural_baseline = -1;
}

/* What is too large all the same is cut at the right and below. */
static void allocate(GtkWidget *widget, int width, int height, int baseline)
{
    GtkWidget *child = CF_SHEET(widget)->child;
    int least_width, least_height;
    gtk_widget_measure(child, GTK_ORIENTATION_HORIZONTAL, -1, &least_width, NULL, NULL, NULL);
    width = MAX(width, least_width);
    gtk_widget_measure(child, GTK_ORIENTATION_VERTICAL, width, &least_height, NULL, NULL, NULL);
    gtk_widget_allocate(child, width, MAX(height, least_height), baseline, NULL);
}

static void dispose(GObject *object)
{
    g_clear_pointer(&CF_SHEET(object)->child, gtk_widget_unparent);
    G_OBJECT_CLASS(cf_sheet_parent_class)->dispose(object);
}

static void cf_sheet_class_init(CfSheetClass *klass)
{
    GTK_WIDGET_CLASS(klass)->get_request_mode = request_mode;
    GTK_WIDGET_CLASS(klass)->measure = measure;
    GTK_WIDGET_CLASS(klass)->size_allocate = allocate;
    G_OBJECT_CLASS(klass)->dispose = dispose;
}

static void cf_sheet_init(CfSheet *sheet)
{
    (void)sheet;
}

GtkWidget *cf_sheet_new(GtkWidget *child)
{
    CfSheet *sheet = g_object_new(CF_TYPE_SHEET, NULL);
    sheet->child = child;
    gtk_widget_set_parent(child, GTK_WIDGET(sheet));
    return GTK_WIDGET(sheet);
}
