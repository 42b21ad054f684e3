/*
 * app/ui/rows.c - see rows.h.
 */
#include "app/ui/rows.h"

#include <string.h>

struct _CfRow {
    GObject parent;
    struct cf_page_line line;
};
G_DEFINE_FINAL_TYPE(CfRow, cf_row, G_TYPE_OBJECT)

static void cf_row_class_init(CfRowClass *klass)
{
    (void)klass;
}

static void cf_row_init(CfRow *row)
{
    (void)row;
}

const struct cf_page_line *cf_row_line(CfRow *row)
{
    return &row->line;
}

void cf_rows_refresh(GListStore *rows, struct cf_desk *desk, size_t n, cf_rows_read *read)
{
    struct cf_page_line line;
    guint there = g_list_model_get_n_items(G_LIST_MODEL(rows));
    if (there > n) {
        g_list_store_splice(rows, (guint)n, there - (guint)n, NULL, 0);
    }
    for (guint i = 0; i < n; i++) {
        memset(&line, 0, sizeof line);
        read(desk, i, &line);
        g_autoptr(CfRow) old = g_list_model_get_item(G_LIST_MODEL(rows), i);
        if (old != NULL && memcmp(&old->line, &line, sizeof line) == 0) {
            continue;
        }
        g_autoptr(CfRow) row = g_object_new(CF_TYPE_ROW, NULL);
        row->line = line;
        gpointer item = row;
        g_list_store_splice(rows, i, old != NULL ? 1 : 0, &item, 1);
    }
}

/* --- drawing one ----------------------------------------------------------------------------------------------------
 */

static GtkWidget *label(const char *style, float xalign)
{
    GtkWidget *widget = gtk_label_new("");
    gtk_widget_add_css_class(widget, style);
    gtk_label_set_xalign(GTK_LABEL(widget), xalign);
    return widget;
}

/* [name        amount]
 * [terms          off] */
static void set_up(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
    (void)factory;
    (void)data;
    GtkWidget *grid = gtk_grid_new();
    GtkWidget *name = label("row-name", 0), *terms = label("row-terms", 0);
    GtkWidget *amount = label("row-amount", 1), *off = label("row-off", 1);
    gtk_widget_add_css_class(grid, "row-box");
    gtk_widget_add_css_class(amount, "figure");
    gtk_widget_add_css_class(terms, "figure");
    gtk_widget_add_css_class(off, "figure");
    gtk_label_set_ellipsize(GTK_LABEL(name), PANGO_ELLIPSIZE_END);
    gtk_widget_set_hexpand(name, TRUE);
    gtk_grid_attach(GTK_GRID(grid), name, 0, 0, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), amount, 1, 0, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), terms, 0, 1, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), off, 1, 1, 1, 1);
    gtk_list_item_set_child(item, grid);
}

static void say(GtkWidget *grid, int column, int row, const char *text)
{
    gtk_label_set_text(GTK_LABEL(gtk_grid_get_child_at(GTK_GRID(grid), column, row)), text);
}

static void set_class(GtkWidget *widget, const char *style, gboolean on)
{
    if (on) {
        gtk_widget_add_css_class(widget, style);
    } else {
        gtk_widget_remove_css_class(widget, style);
    }
}

static void bind(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
    (void)factory;
    (void)data;
    const struct cf_page_line *line = cf_row_line(gtk_list_item_get_item(item));
    GtkWidget *grid = gtk_list_item_get_child(item);
    say(grid, 0, 0, line->name);
    say(grid, 1, 0, line->amount);
    say(grid, 0, 1, line->terms);
    say(grid, 1, 1, line->off);
    set_class(grid, "at-hand", line->at_hand);
    set_class(grid, "void", line->is_void);
}

/* --- keeping the row at hand in sight
 * --------------------------------------------------------------------------------- */

/* GTK 4.8 has no gtk_list_view_scroll_to, and its action stops a row short while the new row has no size: so it is
 * asked for after the layout of the frame, which then is laid out once more. */
static void after_layout(GdkFrameClock *clock, GtkWidget *view)
{
    (void)clock;
    GListModel *rows = G_LIST_MODEL(gtk_list_view_get_model(GTK_LIST_VIEW(view)));
    if (g_object_get_data(G_OBJECT(view), "follow") == NULL) {
        return;
    }
    g_object_set_data(G_OBJECT(view), "follow", NULL);
    for (guint i = g_list_model_get_n_items(rows); i-- > 0;) {
        g_autoptr(CfRow) row = g_list_model_get_item(rows, i);
        if (row->line.at_hand || i == 0) {
            gtk_widget_activate_action(view, "list.scroll-to-item", "u", i);
            return;
        }
    }
}

static void changed(GListModel *rows, guint at, guint gone, guint come, GtkWidget *view)
{
    (void)rows;
    (void)at;
    (void)gone;
    (void)come;
    g_object_set_data(G_OBJECT(view), "follow", GINT_TO_POINTER(1));
    gtk_widget_queue_allocate(view);
}

static void realized(GtkWidget *view, gpointer data)
{
    (void)data;
    g_signal_connect_object(gtk_widget_get_frame_clock(view), "layout", G_CALLBACK(after_layout), view,
                            G_CONNECT_AFTER);
}

GtkWidget *cf_rows_view(GListStore *rows)
{
    GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
    g_signal_connect(factory, "setup", G_CALLBACK(set_up), NULL);
    g_signal_connect(factory, "bind", G_CALLBACK(bind), NULL);
    GtkSelectionModel *model = GTK_SELECTION_MODEL(gtk_no_selection_new(G_LIST_MODEL(g_object_ref(rows))));
    GtkWidget *view = gtk_list_view_new(model, factory);
    gtk_list_view_set_show_separators(GTK_LIST_VIEW(view), TRUE);
    gtk_widget_set_focusable(view, FALSE);
    g_signal_connect_object(rows, "items-changed", G_CALLBACK(changed), view, G_CONNECT_AFTER);
    g_signal_connect(view, "realize", G_CALLBACK(realized), NULL);
    GtkWidget *scrolled = gtk_scrolled_window_new();
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), view);
    gtk_widget_set_vexpand(scrolled, TRUE);
    return scrolled;
}
