/*
 * app/ui/rows.c - see rows.h.
 *
 * GtkListView of GTK 4.8 keeps widgets for two hundred rows, measures each of them whenever one text changes, and has
 * no way to bring a row into sight before the second frame after it came. Here the rows in sight are placed in one go:
 * from the heights of those that were seen, and a usual height for those that were not.
 */
#include "app/ui/rows.h"

#define USUAL_PX 60
#define TRIES 8 /* at finding a place: each one knows the heights of more rows */

/* A widget of ours and the row that it shows, or showed before it went out of sight. */
struct shown {
    GtkWidget *widget;
    struct cf_row row;
    guint i, news, pass; /* news: of which refresh; pass: the last look for a place that wanted it */
};

struct _CfRows {
    GtkWidget parent;
    struct cf_desk *desk;
    cf_row_read *read;
    cf_rows_touched *touched;
    gpointer ctx;
    GtkAdjustment *across, *down;
    GtkScrollablePolicy across_policy, down_policy;
    GArray *heights;             /* of each row (int); 0: never seen */
    GArray *shown;               /* struct shown */
    int usual_px, width, height; /* 0 x 0 until it has a place */
    int y;                       /* of all rows, where what is in sight begins */
    guint first;   /* the first that is in sight, and where it begins. Not worked out anew from heights: */
    int first_top; /* those above that were never seen count for the usual one, which changes */
    guint news, pass, hand;
    bool follow; /* bring the row at hand into sight */
};

enum { ACROSS = 1, DOWN, ACROSS_POLICY, DOWN_POLICY };

G_DEFINE_FINAL_TYPE_WITH_CODE(CfRows, cf_rows, GTK_TYPE_WIDGET, G_IMPLEMENT_INTERFACE(GTK_TYPE_SCROLLABLE, NULL))

/* --- where rows are -------------------------------------------------------------------------------------------------
 */

static int height_of(const CfRows *rows, guint i)
{
    int height = g_array_index(rows->heights, int, i);
    return height > 0 ? height : rows->usual_px;
}

static int height_before(const CfRows *rows, guint i)
{
    int height = 0;
    while (i-- > 0) {
        height += height_of(rows, i);
    }
    return height;
}

/* The row at `y` from the top of them all, and where it begins; the number of rows if there is none so far down. */
static guint row_at(const CfRows *rows, int y, int *ret_top)
{
    guint i = 0;
    int top = 0;
    while (i < rows->heights->len && top + height_of(rows, i) <= y) {
        top += height_of(rows, i++);
    }
    *ret_top = top;
    return i;
}

/* --- their widgets --------------------------------------------------------------------------------------------------
 */

static struct shown *shown_at(const CfRows *rows, guint at)
{
    return &g_array_index(rows->shown, struct shown, at);
}

static struct shown *shown_of(const CfRows *rows, guint i)
{
    for (guint at = 0; at < rows->shown->len; at++) {
        if (shown_at(rows, at)->i == i) {
            return shown_at(rows, at);
        }
    }
    return NULL;
}

/* A widget for row i: that of the row farthest from it which this pass does not want, or a new one. */
static struct shown *take_widget(CfRows *rows, guint i)
{
    struct shown *best = NULL;
    guint farthest = 0;
    for (guint at = 0; at < rows->shown->len; at++) {
        struct shown *shown = shown_at(rows, at);
        guint far = shown->i > i ? shown->i - i : i - shown->i;
        if (shown->pass != rows->pass && far >= farthest) {
            farthest = far;
            best = shown;
        }
    }
    if (best == NULL) {
        struct shown new = {.widget = cf_row_new()};
        gtk_widget_set_parent(new.widget, GTK_WIDGET(rows));
        g_array_append_val(rows->shown, new);
        best = shown_at(rows, rows->shown->len - 1);
    }
    best->i = i;
    best->news = rows->news - 1;
    return best;
}

/* True: it says something else than before. */
static bool renew(CfRows *rows, struct shown *shown)
{
    struct cf_row row;
    if (shown->news == rows->news) {
        return false;
    }
    shown->news = rows->news;
    rows->read(rows->desk, shown->i, &row);
    if (memcmp(&row, &shown->row, sizeof row) == 0) {
        return false;
    }
    shown->row = row;
    cf_row_show(shown->widget, &row);
    return true;
}

/* The widget of row i, which says what the desk says. */
static struct shown *show(CfRows *rows, guint i)
{
    struct shown *shown = shown_of(rows, i);
    if (shown == NULL) {
        shown = take_widget(rows, i);
    }
    shown->pass = rows->pass;
    renew(rows, shown);
    gtk_widget_set_visible(shown->widget, TRUE);
    return shown;
}

/* --- placing them ---------------------------------------------------------------------------------------------------
 */

/* Gives each row from `y` on a widget and a height, until the view is full. Other widgets are not there, for a screen
 * reader neither. */
static void fill(CfRows *rows, int y)
{
    int top;
    rows->pass++;
    rows->first = row_at(rows, y, &top);
    rows->first_top = top;
    for (guint i = rows->first; i < rows->heights->len && top < y + rows->height; i++) {
        int least;
        gtk_widget_measure(show(rows, i)->widget, GTK_ORIENTATION_VERTICAL, rows->width, &least, NULL, NULL, NULL);
        g_array_index(rows->heights, int, i) = rows->usual_px = least;
        top += least;
    }
    for (guint at = 0; at < rows->shown->len; at++) {
        gtk_widget_set_visible(shown_at(rows, at)->widget, shown_at(rows, at)->pass == rows->pass);
    }
}

/* From where to look at them, rather than from `y`: no farther than they go, with the row at hand in sight. */
static int better_place(const CfRows *rows, int y)
{
    int end = height_before(rows, rows->heights->len);
    if (rows->follow && rows->hand < rows->heights->len) {
        int top = height_before(rows, rows->hand);
        y = MIN(MAX(y, top + height_of(rows, rows->hand) - rows->height), top);
    }
    return CLAMP(y, 0, MAX(end - rows->height, 0));
}

/* A screen reader goes by their order. */
static void put_in_order(CfRows *rows)
{
    GtkWidget *before = NULL;
    int top = rows->first_top;
    for (guint i = rows->first; i < rows->heights->len && top < rows->y + rows->height; i++) {
        GtkWidget *widget = shown_of(rows, i)->widget;
        if (gtk_widget_get_prev_sibling(widget) != before) {
            gtk_widget_insert_after(widget, GTK_WIDGET(rows), before);
        }
        top += height_of(rows, i);
        before = widget;
    }
}

/* Finds where the rows in sight are, and has them say what the desk says. To be done before they are allocated, as far
 * as it is known that it must be: a row that is new, or says something new, asks for an allocation of all. */
static void arrange(CfRows *rows)
{
    rows->y = better_place(rows, (int)gtk_adjustment_get_value(rows->down));
    fill(rows, rows->y);
    for (int i = 0, better; i < TRIES && (better = better_place(rows, rows->y)) != rows->y; i++) {
        rows->y = better;
        fill(rows, rows->y);
    }
    put_in_order(rows);
}

static void scrolled(GtkAdjustment *adjustment, CfRows *rows)
{
    (void)adjustment;
    arrange(rows);
    gtk_widget_queue_allocate(GTK_WIDGET(rows));
}

static void place(CfRows *rows)
{
    int top = rows->first_top;
    for (guint i = rows->first; i < rows->heights->len && top < rows->y + rows->height; i++) {
        GskTransform *at = gsk_transform_translate(NULL, &GRAPHENE_POINT_INIT(0, (float)(top - rows->y)));
        gtk_widget_allocate(shown_of(rows, i)->widget, rows->width, height_of(rows, i), -1, at);
        top += height_of(rows, i);
    }
}

static void tell_scrollbars(CfRows *rows)
{
    int end = MAX(height_before(rows, rows->heights->len), rows->height);
    double value = gtk_adjustment_get_value(rows->down); /* of a finger's; a part of a pixel stays */
    g_signal_handlers_block_by_func(rows->down, scrolled, rows);
    gtk_adjustment_configure(rows->down, (int)value == rows->y ? value : rows->y, 0, end, rows->usual_px, rows->height,
                             rows->height);
    g_signal_handlers_unblock_by_func(rows->down, scrolled, rows);
    gtk_adjustment_configure(rows->across, 0, 0, rows->width, rows->width, rows->width, rows->width);
}

static void allocate(GtkWidget *widget, int width, int height, int baseline)
{
    CfRows *rows = CF_ROWS(widget);
    (void)baseline;
    if (rows->width != width && rows->heights->len > 0) { /* and with it how often a text breaks */
        memset(rows->heights->data, 0, rows->heights->len * sizeof(int));
    }
    rows->follow = rows->follow || rows->width != width || rows->height != height;
    rows->width = width;
    rows->height = height;
    arrange(rows);
    rows->follow = false;
    place(rows);
    tell_scrollbars(rows);
}

/* --- what the desk says ---------------------------------------------------------------------------------------------
 */

/* Most often the last one. The first, where none is. */
static guint hand_of(CfRows *rows)
{
    struct cf_row row;
    for (guint i = rows->heights->len; i-- > 1;) {
        rows->read(rows->desk, i, &row);
        if (row.at_hand) {
            return i;
        }
    }
    return 0;
}

void cf_rows_refresh(CfRows *rows, size_t n)
{
    guint hand = rows->hand;
    bool changed = rows->heights->len != n;
    g_array_set_size(rows->heights, (guint)n); /* new ones are 0 */
    rows->news++;
    rows->hand = hand_of(rows);
    changed = changed || rows->hand != hand;
    for (guint at = 0; at < rows->shown->len; at++) {
        struct shown *shown = shown_at(rows, at);
        if (shown->pass == rows->pass && shown->i < n) {
            changed = renew(rows, shown) || changed;
        }
    }
    if (changed) {
        rows->follow = true;
        arrange(rows);
        gtk_widget_queue_allocate(GTK_WIDGET(rows));
    }
}

/* --- a widget that can be scrolled ----------------------------------------------------------------------------------
 */

static void set_adjustment(CfRows *rows, GtkAdjustment **which, GtkAdjustment *adjustment)
{
    if (*which != NULL) {
        g_signal_handlers_disconnect_by_data(*which, rows);
        g_object_unref(*which);
    }
    *which = g_object_ref_sink(adjustment != NULL ? adjustment : gtk_adjustment_new(0, 0, 0, 0, 0, 0));
    if (which == &rows->down) {
        g_signal_connect(*which, "value-changed", G_CALLBACK(scrolled), rows);
    }
    gtk_widget_queue_allocate(GTK_WIDGET(rows));
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    CfRows *rows = CF_ROWS(object);
    switch (id) {
    case ACROSS:
        set_adjustment(rows, &rows->across, g_value_get_object(value));
        return;
    case DOWN:
        set_adjustment(rows, &rows->down, g_value_get_object(value));
        return;
    case ACROSS_POLICY:
        rows->across_policy = (GtkScrollablePolicy)g_value_get_enum(value);
        return;
    case DOWN_POLICY:
        rows->down_policy = (GtkScrollablePolicy)g_value_get_enum(value);
        return;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    const CfRows *rows = CF_ROWS(object);
    switch (id) {
    case ACROSS:
        g_value_set_object(value, rows->across);
        return;
    case DOWN:
        g_value_set_object(value, rows->down);
        return;
    case ACROSS_POLICY:
        g_value_set_enum(value, (gint)rows->across_policy);
        return;
    case DOWN_POLICY:
        g_value_set_enum(value, (gint)rows->down_policy);
        return;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static GtkSizeRequestMode request_mode(GtkWidget *widget)
{
    (void)widget;
    return GTK_SIZE_REQUEST_CONSTANT_SIZE;
}

/* As large as there is room: what it says asks for none. */
static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                    int *minimum_baseline, int *natural_baseline)
{
    (void)widget;
    (void)orientation;
    (void)for_size;
    *minimum = *natural = 0;
    *minimum_baseline = *natural_baseline = -1;
}

static void dispose(GObject *object)
{
    CfRows *rows = CF_ROWS(object);
    for (guint at = 0; at < rows->shown->len; at++) {
        gtk_widget_unparent(shown_at(rows, at)->widget);
    }
    g_array_set_size(rows->shown, 0);
    g_signal_handlers_disconnect_by_data(rows->across, rows);
    g_signal_handlers_disconnect_by_data(rows->down, rows);
    G_OBJECT_CLASS(cf_rows_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    CfRows *rows = CF_ROWS(object);
    g_array_unref(rows->heights);
    g_array_unref(rows->shown);
    g_object_unref(rows->across);
    g_object_unref(rows->down);
    G_OBJECT_CLASS(cf_rows_parent_class)->finalize(object);
}

static void cf_rows_class_init(CfRowsClass *klass)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);
    GObjectClass *object = G_OBJECT_CLASS(klass);
    object->set_property = set_property;
    object->get_property = get_property;
    object->dispose = dispose;
    object->finalize = finalize;
    g_object_class_override_property(object, ACROSS, "hadjustment");
    g_object_class_override_property(object, DOWN, "vadjustment");
    g_object_class_override_property(object, ACROSS_POLICY, "hscroll-policy");
    g_object_class_override_property(object, DOWN_POLICY, "vscroll-policy");
    widget->get_request_mode = request_mode;
    widget->measure = measure;
    widget->size_allocate = allocate;
    gtk_widget_class_set_css_name(widget, "lines");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_LIST);
}

static void cf_rows_init(CfRows *rows)
{
    rows->heights = g_array_new(FALSE, TRUE, sizeof(int));
    rows->shown = g_array_new(FALSE, TRUE, sizeof(struct shown));
    rows->usual_px = USUAL_PX;
    set_adjustment(rows, &rows->across, NULL);
    set_adjustment(rows, &rows->down, NULL);
    gtk_widget_set_overflow(GTK_WIDGET(rows), GTK_OVERFLOW_HIDDEN);
}

/* --- making one -----------------------------------------------------------------------------------------------------
 */

static void released(GtkGestureClick *gesture, int n_press, double x, double y, CfRows *rows)
{
    int top = rows->first_top;
    guint i = rows->first;
    (void)gesture;
    (void)n_press;
    (void)x;
    while (i < rows->heights->len && top + height_of(rows, i) <= (int)y + rows->y) {
        top += height_of(rows, i++);
    }
    if (i < rows->heights->len) {
        rows->touched(rows->ctx, i);
    }
}

CfRows *cf_rows_new(struct cf_desk *desk, cf_row_read *read, cf_rows_touched *touched, gpointer ctx)
{
    CfRows *rows = g_object_new(CF_TYPE_ROWS, NULL);
    rows->desk = desk;
    rows->read = read;
    rows->touched = touched;
    rows->ctx = ctx;
    if (touched != NULL) {
        GtkGesture *touch = gtk_gesture_click_new();
        g_signal_connect(touch, "released", G_CALLBACK(released), rows);
        gtk_widget_add_controller(GTK_WIDGET(rows), GTK_EVENT_CONTROLLER(touch));
    }
    return rows;
}

GtkWidget *cf_rows_scrolled(CfRows *rows)
{
    GtkWidget *window = gtk_scrolled_window_new();
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(window), GTK_POLICY_EXTERNAL, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_overlay_scrolling(GTK_SCROLLED_WINDOW(window), TRUE);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(window), GTK_WIDGET(rows));
    gtk_widget_set_vexpand(window, TRUE);
    return window;
}
