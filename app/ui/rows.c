/*
 * app/ui/rows.c - see rows.h.
 */
#include "app/ui/rows.h"

#include <string.h>

#include "app/ui/labels.h"

/* A row of the list keeps its object while it is there, and what it says changes in place: to replace the object would
 * have GTK make the row anew. GTK has widgets for two hundred rows, where a screen shows ten; when a scan changes every
 * price, those out of sight are left as they are until somebody scrolls to them. */
struct _CfRowItem {
    GObject parent;
    struct cf_row row;
    GtkListItem *shown_in; /* NULL: GTK has no widget for it now */
    bool stale;            /* its widget says what it said before */
};
G_DEFINE_FINAL_TYPE(CfRowItem, cf_row_item, G_TYPE_OBJECT)

static void cf_row_item_class_init(CfRowItemClass *klass)
{
    (void)klass;
}

static void cf_row_item_init(CfRowItem *item)
{
    (void)item;
}

/* --- what they say --------------------------------------------------------------------------------------------------
 */

static void take_line(const struct cf_page_line *line, struct cf_row *ret)
{
    g_strlcpy(ret->name, line->name, sizeof ret->name);
    g_strlcpy(ret->terms, line->terms, sizeof ret->terms);
    g_strlcpy(ret->why, line->off_why, sizeof ret->why);
    g_strlcpy(ret->amount, line->amount, sizeof ret->amount);
    g_strlcpy(ret->off, line->off, sizeof ret->off);
    ret->is_void = line->is_void;
    ret->at_hand = line->at_hand;
}

void cf_rows_line(struct cf_desk *desk, size_t i, struct cf_row *ret)
{
    struct cf_page_line line;
    cf_desk_line(desk, i, &line);
    take_line(&line, ret);
}

void cf_rows_shopper_line(struct cf_desk *desk, size_t i, struct cf_row *ret)
{
    struct cf_page_line line;
    cf_desk_shopper_line(desk, i, &line);
    take_line(&line, ret);
}

void cf_rows_choice(struct cf_desk *desk, size_t i, struct cf_row *ret)
{
    struct cf_page_choice choice;
    cf_desk_choice(desk, i, &choice);
    g_strlcpy(ret->name, choice.title, sizeof ret->name);
    g_strlcpy(ret->terms, choice.detail, sizeof ret->terms);
    g_strlcpy(ret->amount, choice.value, sizeof ret->amount);
    ret->at_hand = choice.at_hand;
    ret->is_choice = true;
    ret->good = choice.good;
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
 * [terms, why     off] */
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
    gtk_label_set_ellipsize(GTK_LABEL(terms), PANGO_ELLIPSIZE_END);
    gtk_label_set_wrap(GTK_LABEL(terms), TRUE); /* why a coupon is refused is a sentence */
    gtk_label_set_wrap_mode(GTK_LABEL(terms), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_lines(GTK_LABEL(terms), 2);
    gtk_widget_set_valign(off, GTK_ALIGN_START);
    gtk_widget_set_hexpand(name, TRUE);
    gtk_widget_set_valign(grid, GTK_ALIGN_CENTER);
    gtk_grid_attach(GTK_GRID(grid), name, 0, 0, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), amount, 1, 0, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), terms, 0, 1, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), off, 1, 1, 1, 1);
    gtk_list_item_set_child(item, grid);
}

static void say(GtkWidget *grid, int column, int row, const char *text)
{
    cf_label_say(gtk_grid_get_child_at(GTK_GRID(grid), column, row), text);
}

static void show(CfRowItem *item)
{
    const struct cf_row *row = &item->row;
    GtkWidget *grid = gtk_list_item_get_child(item->shown_in), *box = gtk_widget_get_parent(grid);
    char terms[2 * CF_PAGE_TEXT_MAX];
    item->stale = false;
    g_snprintf(terms, sizeof terms, "%s%s%s", row->terms, row->why[0] != '\0' ? "  ·  " : "", row->why);
    say(grid, 0, 0, row->name);
    say(grid, 1, 0, row->amount);
    say(grid, 0, 1, terms);
    say(grid, 1, 1, row->off);
    cf_style_set(box, "at-hand", row->at_hand);
    cf_style_set(box, "void", row->is_void);
    cf_style_set(box, "refused", row->is_choice && !row->good);
}

static void bind(GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
    (void)factory;
    (void)data;
    CfRowItem *item = gtk_list_item_get_item(list_item);
    item->shown_in = list_item;
    show(item);
}

static void unbind(GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
    (void)factory;
    (void)data;
    CfRowItem *item = gtk_list_item_get_item(list_item);
    item->shown_in = NULL;
    item->stale = false;
}

/* --- what is in sight -----------------------------------------------------------------------------------------------
 */

/* GTK 4.8 has no gtk_list_view_scroll_to, and its action stops a row short while the new row has no size: so it is
 * asked for after the layout of two frames, each of which then is laid out once more; and again when the view got
 * another height, as it does when a window opens. */
struct sight {
    GtkWidget *view;
    GListStore *rows;
    int follow_frames, height;
    bool stale; /* some row is */
};

static void scroll_to_hand(struct sight *sight)
{
    for (guint i = g_list_model_get_n_items(G_LIST_MODEL(sight->rows)); i-- > 0;) {
        g_autoptr(CfRowItem) item = g_list_model_get_item(G_LIST_MODEL(sight->rows), i);
        if (item->row.at_hand || i == 0) {
            gtk_widget_activate_action(sight->view, "list.scroll-to-item", "u", i);
            return;
        }
    }
}

/* A list view hides the rows that it gives no place. */
static bool is_in_sight(const CfRowItem *item)
{
    GtkWidget *row = gtk_widget_get_parent(gtk_list_item_get_child(item->shown_in));
    return row == NULL || gtk_widget_get_child_visible(row);
}

static void show_stale(struct sight *sight)
{
    sight->stale = false;
    for (guint i = g_list_model_get_n_items(G_LIST_MODEL(sight->rows)); i-- > 0;) {
        g_autoptr(CfRowItem) item = g_list_model_get_item(G_LIST_MODEL(sight->rows), i);
        if (item->stale && is_in_sight(item)) {
            show(item);
        }
        sight->stale = sight->stale || item->stale;
    }
}

static void after_layout(GdkFrameClock *clock, struct sight *sight)
{
    (void)clock;
    int height = gtk_widget_get_height(sight->view);
    if (sight->height != height) {
        sight->height = height;
        sight->follow_frames = 2;
    }
    if (sight->stale) {
        show_stale(sight);
    }
    if (sight->follow_frames > 0) {
        sight->follow_frames--;
        scroll_to_hand(sight);
        if (sight->follow_frames > 0) {
            gtk_widget_queue_allocate(sight->view);
        }
    }
}

static void realized(GtkWidget *view, struct sight *sight)
{
    g_signal_connect(gtk_widget_get_frame_clock(view), "layout", G_CALLBACK(after_layout), sight);
}

static void unrealized(GtkWidget *view, struct sight *sight)
{
    g_signal_handlers_disconnect_by_data(gtk_widget_get_frame_clock(view), sight);
}

/* --- making them say what the desk says -----------------------------------------------------------------------------
 */

/* True: row i says something else than before. */
static bool refresh_one(GListStore *rows, struct sight *sight, guint i, const struct cf_row *row)
{
    g_autoptr(CfRowItem) item = g_list_model_get_item(G_LIST_MODEL(rows), i);
    if (item == NULL) {
        item = g_object_new(CF_TYPE_ROW, NULL);
        item->row = *row;
        g_list_store_append(rows, item);
        return true;
    }
    if (memcmp(&item->row, row, sizeof *row) == 0) {
        return false;
    }
    item->row = *row;
    if (item->shown_in != NULL && is_in_sight(item)) {
        show(item);
    } else if (item->shown_in != NULL) {
        item->stale = sight->stale = true;
    }
    return true;
}

void cf_rows_refresh(GListStore *rows, struct cf_desk *desk, size_t n, cf_rows_read *read)
{
    struct sight *sight = g_object_get_data(G_OBJECT(rows), "sight");
    struct cf_row row;
    guint there = g_list_model_get_n_items(G_LIST_MODEL(rows));
    bool changed = there > n;
    if (there > n) {
        g_list_store_splice(rows, (guint)n, there - (guint)n, NULL, 0);
    }
    for (guint i = 0; i < n; i++) {
        memset(&row, 0, sizeof row);
        read(desk, i, &row);
        changed = refresh_one(rows, sight, i, &row) || changed;
    }
    if (changed) {
        sight->follow_frames = 2;
        gtk_widget_queue_allocate(sight->view);
    }
}

/* --- a list of them -------------------------------------------------------------------------------------------------
 */

struct touch {
    cf_rows_touched *touched;
    gpointer ctx;
};

static void activated(GtkListView *view, guint i, struct touch *touch)
{
    (void)view;
    touch->touched(touch->ctx, i);
}

GtkWidget *cf_rows_view(GListStore *rows, cf_rows_touched *touched, gpointer ctx)
{
    GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
    g_signal_connect(factory, "setup", G_CALLBACK(set_up), NULL);
    g_signal_connect(factory, "bind", G_CALLBACK(bind), NULL);
    g_signal_connect(factory, "unbind", G_CALLBACK(unbind), NULL);
    GtkSelectionModel *model = GTK_SELECTION_MODEL(gtk_no_selection_new(G_LIST_MODEL(g_object_ref(rows))));
    GtkWidget *view = gtk_list_view_new(model, factory);
    gtk_list_view_set_show_separators(GTK_LIST_VIEW(view), TRUE);
    gtk_widget_set_focusable(view, FALSE);
    if (touched != NULL) {
        struct touch *touch = g_new0(struct touch, 1);
        *touch = (struct touch){touched, ctx};
        gtk_list_view_set_single_click_activate(GTK_LIST_VIEW(view), TRUE);
        g_signal_connect_data(view, "activate", G_CALLBACK(activated), touch, (GClosureNotify)(void (*)(void))g_free,
                              0);
    }
    struct sight *sight = g_new0(struct sight, 1);
    *sight = (struct sight){.view = view, .rows = rows};
    g_object_set_data_full(G_OBJECT(rows), "sight", sight, g_free); /* the view holds the rows, so they go last */
    g_signal_connect(view, "realize", G_CALLBACK(realized), sight);
    g_signal_connect(view, "unrealize", G_CALLBACK(unrealized), sight);
    GtkWidget *scrolled = gtk_scrolled_window_new();
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_EXTERNAL, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_overlay_scrolling(GTK_SCROLLED_WINDOW(scrolled), TRUE);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), view);
    gtk_widget_set_vexpand(scrolled, TRUE);
    return scrolled;
}
