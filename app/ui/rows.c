/*
 * app/ui/rows.c - see rows.h.
 */
#include "app/ui/rows.h"

#include <string.h>

#include "app/ui/labels.h"

struct _CfRowItem {
    GObject parent;
    struct cf_row row;
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

void cf_rows_refresh(GListStore *rows, struct cf_desk *desk, size_t n, cf_rows_read *read)
{
    struct cf_row row;
    guint there = g_list_model_get_n_items(G_LIST_MODEL(rows));
    if (there > n) {
        g_list_store_splice(rows, (guint)n, there - (guint)n, NULL, 0);
    }
    for (guint i = 0; i < n; i++) {
        memset(&row, 0, sizeof row);
        read(desk, i, &row);
        g_autoptr(CfRowItem) old = g_list_model_get_item(G_LIST_MODEL(rows), i);
        if (old != NULL && memcmp(&old->row, &row, sizeof row) == 0) {
            continue;
        }
        g_autoptr(CfRowItem) item = g_object_new(CF_TYPE_ROW, NULL);
        item->row = row;
        gpointer additions = item;
        g_list_store_splice(rows, i, old != NULL ? 1 : 0, &additions, 1);
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

static void bind(GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
    (void)factory;
    (void)data;
    CfRowItem *item = gtk_list_item_get_item(list_item);
    const struct cf_row *row = &item->row;
    GtkWidget *grid = gtk_list_item_get_child(list_item), *box = gtk_widget_get_parent(grid);
    char terms[2 * CF_PAGE_TEXT_MAX];
    g_snprintf(terms, sizeof terms, "%s%s%s", row->terms, row->why[0] != '\0' ? "  ·  " : "", row->why);
    say(grid, 0, 0, row->name);
    say(grid, 1, 0, row->amount);
    say(grid, 0, 1, terms);
    say(grid, 1, 1, row->off);
    cf_style_set(box, "at-hand", row->at_hand);
    cf_style_set(box, "void", row->is_void);
    cf_style_set(box, "refused", row->is_choice && !row->good);
}

/* --- keeping the row at hand in sight -------------------------------------------------------------------------------
 */

/* GTK 4.8 has no gtk_list_view_scroll_to, and its action stops a row short while the new row has no size: so it is
 * asked for after the layout of two frames, each of which then is laid out once more; and again when the view got
 * another height, as it does when a window opens. */
struct follow {
    int frames, height;
};

static void scroll_to_hand(GtkWidget *view)
{
    GListModel *rows = G_LIST_MODEL(gtk_list_view_get_model(GTK_LIST_VIEW(view)));
    for (guint i = g_list_model_get_n_items(rows); i-- > 0;) {
        g_autoptr(CfRowItem) item = g_list_model_get_item(rows, i);
        if (item->row.at_hand || i == 0) {
            gtk_widget_activate_action(view, "list.scroll-to-item", "u", i);
            return;
        }
    }
}

static void after_layout(GdkFrameClock *clock, GtkWidget *view)
{
    (void)clock;
    struct follow *follow = g_object_get_data(G_OBJECT(view), "follow");
    int height = gtk_widget_get_height(view);
    if (follow->height != height) {
        follow->height = height;
        follow->frames = 2;
    }
    if (follow->frames > 0) {
        follow->frames--;
        scroll_to_hand(view);
        if (follow->frames > 0) {
            gtk_widget_queue_allocate(view);
        }
    }
}

static void changed(GListModel *rows, guint at, guint gone, guint come, GtkWidget *view)
{
    struct follow *follow = g_object_get_data(G_OBJECT(view), "follow");
    (void)rows;
    (void)at;
    (void)gone;
    (void)come;
    follow->frames = 2;
    gtk_widget_queue_allocate(view);
}

static void realized(GtkWidget *view, gpointer data)
{
    (void)data;
    g_signal_connect_object(gtk_widget_get_frame_clock(view), "layout", G_CALLBACK(after_layout), view,
                            G_CONNECT_AFTER);
}

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
    g_object_set_data_full(G_OBJECT(view), "follow", g_new0(struct follow, 1), g_free);
    g_signal_connect_object(rows, "items-changed", G_CALLBACK(changed), view, G_CONNECT_AFTER);
    g_signal_connect(view, "realize", G_CALLBACK(realized), NULL);
    GtkWidget *scrolled = gtk_scrolled_window_new();
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_overlay_scrolling(GTK_SCROLLED_WINDOW(scrolled), TRUE);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), view);
    gtk_widget_set_vexpand(scrolled, TRUE);
    return scrolled;
}
