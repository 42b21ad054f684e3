/*
 * app/ui/cashier_window.c - see cashier_window.h.
 *
 *   status                                    (lane, who, link, clock)
 *   bar                                       (what to do, or what was refused)
 *   panel: basket, or choices and figures  |  entry
 *   sums                                   |  digits, keys, ways to pay
 */
#include "app/ui/cashier_window.h"

#include "app/desk/language.h"
#include "app/ui/fields.h"
#include "app/ui/keys.h"
#include "app/ui/labels.h"
#include "app/ui/rows.h"
#include "app/ui/sheet.h"

#define FIELDS_OVER_BASKET 4 /* so many leave room for some lines on the smallest screen */
#define SCAN_MAX 4096        /* of a scanner that types; a longer text is refused whole */

struct cf_cashier_window {
    struct cf_desk *desk;
    cf_ui_changed *changed;
    gpointer ctx;
    struct cf_cashier_page page; /* as it was drawn last */
    GtkWidget *window;
    GtkWidget *place, *who, *link, *training, *clock;
    guint ticking;
    GtkWidget *bar, *what, *why, *progress;
    int percent;                                            /* as the progress shows it */
    GtkWidget *stack, *figures, *fields, *choices, *basket; /* figures: the fields, as far as there is room */
    CfRows *rows, *choice_rows;
    GtkWidget *sums, *items, *saved, *member, *total;
    GtkWidget *entry_box, *entry_label, *entry;
    struct cf_keys *keys;
    GByteArray *typed; /* since the last key that is no character: what a scanner types is longer than an entry */
};

/* --- parts ----------------------------------------------------------------------------------------------------------
 */

static GtkWidget *new_box(GtkOrientation orientation, const char *style)
{
    GtkWidget *box = gtk_box_new(orientation, 0);
    gtk_widget_add_css_class(box, style);
    return box;
}

static GtkWidget *new_status(struct cf_cashier_window *w)
{
    GtkWidget *box = new_box(GTK_ORIENTATION_HORIZONTAL, "status");
    w->place = cf_label_add(box, "place", 0);
    w->who = cf_label_add(box, "who", 0);
    w->training = cf_label_add(box, "pill", 0.5F);
    gtk_widget_add_css_class(w->training, "training");
    GtkWidget *gap = cf_label_add(box, "gap", 0);
    gtk_widget_set_hexpand(gap, TRUE);
    w->link = cf_label_add(box, "pill", 0.5F);
    w->clock = cf_label_add(box, "figure", 1);
    gtk_widget_add_css_class(w->clock, "clock");
    gtk_widget_set_valign(w->training, GTK_ALIGN_CENTER);
    gtk_widget_set_valign(w->link, GTK_ALIGN_CENTER);
    gtk_label_set_ellipsize(GTK_LABEL(w->who), PANGO_ELLIPSIZE_END);
    return box;
}

static GtkWidget *new_bar(struct cf_cashier_window *w)
{
    w->bar = new_box(GTK_ORIENTATION_VERTICAL, "bar");
    w->what = cf_label_add(w->bar, "what", 0);
    w->why = cf_label_add(w->bar, "why", 0);
    gtk_label_set_ellipsize(GTK_LABEL(w->what), PANGO_ELLIPSIZE_END);
    gtk_label_set_ellipsize(GTK_LABEL(w->why), PANGO_ELLIPSIZE_END);
    gtk_widget_set_vexpand(w->what, TRUE);
    gtk_widget_set_vexpand(w->why, TRUE);
    w->progress = gtk_progress_bar_new(); /* always there, so that nothing moves when long work begins */
    GtkWidget *both = gtk_overlay_new();
    gtk_overlay_set_child(GTK_OVERLAY(both), w->bar);
    gtk_overlay_add_overlay(GTK_OVERLAY(both), w->progress);
    gtk_widget_set_valign(w->progress, GTK_ALIGN_END);
    gtk_widget_set_vexpand(both, FALSE); /* whatever its parts want: it is as high on every page */
    gtk_accessible_update_property(GTK_ACCESSIBLE(w->what), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "Message", -1);
    gtk_accessible_update_property(GTK_ACCESSIBLE(w->why), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "Reason", -1);
    return both;
}

static GtkWidget *new_sums(struct cf_cashier_window *w)
{
    GtkWidget *box = w->sums = new_box(GTK_ORIENTATION_HORIZONTAL, "sums");
    GtkWidget *left = new_box(GTK_ORIENTATION_VERTICAL, "sums-left");
    gtk_widget_set_hexpand(left, TRUE);
    gtk_widget_set_valign(left, GTK_ALIGN_CENTER);
    w->items = cf_label_add(left, "items", 0);
    w->saved = cf_label_add(left, "saved", 0);
    w->member = cf_label_add(left, "member", 0);
    gtk_widget_add_css_class(w->saved, "figure");
    gtk_label_set_ellipsize(GTK_LABEL(w->member), PANGO_ELLIPSIZE_END);
    gtk_box_append(GTK_BOX(box), left);
    w->total = cf_label_add(box, "total", 1);
    gtk_widget_add_css_class(w->total, "figure");
    /* Never cut, since its type gets smaller; but what it needed in large type must not make the window wider. */
    gtk_label_set_ellipsize(GTK_LABEL(w->total), PANGO_ELLIPSIZE_END);
    gtk_accessible_update_property(GTK_ACCESSIBLE(w->total), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "Total", -1);
    return box;
}

static void point(gpointer ctx, guint i)
{
    struct cf_cashier_window *w = ctx;
    cf_desk_point(w->desk, i);
    w->changed(w->ctx);
}

/* An empty basket: a barcode, pale, where goods will be. */
static GtkWidget *new_empty(void)
{
    static const char *const stripes[] = {"wide", "thin", "thin",   "middle", "wide", "thin", "middle",
                                          "thin", "wide", "middle", "thin",   "wide", "thin", "middle"};
    GtkWidget *empty = new_box(GTK_ORIENTATION_HORIZONTAL, "barcode");
    gtk_widget_set_halign(empty, GTK_ALIGN_CENTER);
    gtk_widget_set_valign(empty, GTK_ALIGN_CENTER);
    gtk_widget_set_vexpand(empty, TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(stripes); i++) {
        GtkWidget *stripe = new_box(GTK_ORIENTATION_VERTICAL, "stripe");
        gtk_widget_add_css_class(stripe, stripes[i]);
        gtk_box_append(GTK_BOX(empty), stripe);
    }
    return empty;
}

static GtkWidget *new_panel(struct cf_cashier_window *w)
{
    GtkWidget *panel = new_box(GTK_ORIENTATION_VERTICAL, "panel"), *page = new_box(GTK_ORIENTATION_VERTICAL, "page");
    gtk_widget_set_hexpand(panel, TRUE);
    w->rows = cf_rows_new(w->desk, cf_row_line, point, w);
    w->choice_rows = cf_rows_new(w->desk, cf_row_choice, point, w);
    w->fields = cf_fields_new();
    w->figures = gtk_scrolled_window_new();
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(w->figures), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(w->figures), TRUE);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(w->figures), w->fields);
    w->choices = cf_rows_scrolled(w->choice_rows);
    gtk_box_append(GTK_BOX(page), w->figures);
    gtk_box_append(GTK_BOX(page), w->choices);
    w->basket = cf_rows_scrolled(w->rows);
    gtk_box_append(GTK_BOX(page), w->basket);
    w->stack = gtk_stack_new();
    gtk_stack_add_named(GTK_STACK(w->stack), page, "page");
    gtk_stack_add_named(GTK_STACK(w->stack), new_empty(), "empty");
    gtk_box_append(GTK_BOX(panel), w->stack);
    gtk_box_append(GTK_BOX(panel), new_sums(w));
    gtk_widget_set_overflow(panel, GTK_OVERFLOW_HIDDEN);
    return panel;
}

static void touched(gpointer ctx, enum cf_desk_do act, gint64 arg)
{
    struct cf_cashier_window *w = ctx;
    if (act == CF_DO_NOTHING) {
        cf_desk_type(w->desk, (char)arg);
    } else {
        cf_desk_act(w->desk, act, arg);
    }
    w->changed(w->ctx);
}

static GtkWidget *new_side(struct cf_cashier_window *w)
{
    GtkWidget *side = new_box(GTK_ORIENTATION_VERTICAL, "side");
    w->entry_box = new_box(GTK_ORIENTATION_HORIZONTAL, "entry");
    w->entry_label = cf_label_add(w->entry_box, "entry-label", 0);
    w->entry = cf_label_add(w->entry_box, "entry-text", 1);
    gtk_widget_set_hexpand(w->entry, TRUE);
    gtk_widget_add_css_class(w->entry, "figure");
    gtk_label_set_ellipsize(GTK_LABEL(w->entry), PANGO_ELLIPSIZE_START);
    gtk_accessible_update_property(GTK_ACCESSIBLE(w->entry), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "Entry", -1);
    gtk_box_append(GTK_BOX(side), w->entry_box);
    w->keys = cf_keys_new(touched, w);
    gtk_widget_set_vexpand(cf_keys_widget(w->keys), TRUE);
    gtk_box_append(GTK_BOX(side), cf_keys_widget(w->keys));
    gtk_widget_set_hexpand(side, FALSE); /* whatever its parts want: its width never changes */
    return side;
}

/* --- the keyboard ---------------------------------------------------------------------------------------------------
 */

static gboolean type(struct cf_cashier_window *w, guint keyval)
{
    gunichar character = gdk_keyval_to_unicode(keyval);
    if (character < ' ' || character > '~') {
        return FALSE;
    }
    guint8 byte = (guint8)character;
    if (w->typed->len <= SCAN_MAX) { /* one beyond it is enough to be refused for its length */
        g_byte_array_append(w->typed, &byte, 1);
    }
    if (w->typed->len <= CF_PAGE_ENTRY_MAX) {
        touched(w, CF_DO_NOTHING, character);
    }
    return TRUE;
}

/* Enter after more than anybody types is the end of what a scanner typed. */
static gboolean end_scan(struct cf_cashier_window *w, guint keyval)
{
    if ((keyval != GDK_KEY_Return && keyval != GDK_KEY_KP_Enter) || w->typed->len <= CF_PAGE_ENTRY_MAX) {
        return FALSE;
    }
    cf_desk_act(w->desk, CF_DO_BACK, 0); /* the part of it that went into the entry */
    cf_desk_scan(w->desk, (cf_bytes){w->typed->data, w->typed->len});
    w->changed(w->ctx);
    return TRUE;
}

/* By the names that stand on keyboards. */
static const char *name_of(guint keyval)
{
    static const struct {
        guint keyval;
        const char *name;
    } names[] = {
        {GDK_KEY_Return, "Enter"},  {GDK_KEY_KP_Enter, "Enter"},  {GDK_KEY_Escape, "Esc"},
        {GDK_KEY_Up, "Up"},         {GDK_KEY_Down, "Down"},       {GDK_KEY_BackSpace, "Backspace"},
        {GDK_KEY_Insert, "Ins"},    {GDK_KEY_Delete, "Del"},      {GDK_KEY_Home, "Home"},
        {GDK_KEY_End, "End"},       {GDK_KEY_Page_Up, "PgUp"},    {GDK_KEY_Page_Down, "PgDn"},
        {GDK_KEY_Tab, "Tab"},       {GDK_KEY_KP_Up, "Up"},        {GDK_KEY_KP_Down, "Down"},
        {GDK_KEY_KP_Insert, "Ins"}, {GDK_KEY_KP_Delete, "Del"},   {GDK_KEY_KP_Home, "Home"},
        {GDK_KEY_KP_End, "End"},    {GDK_KEY_KP_Page_Up, "PgUp"}, {GDK_KEY_KP_Page_Down, "PgDn"},
    };
    static const char *const functions[] = {"F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].keyval == keyval) {
            return names[i].name;
        }
    }
    return keyval >= GDK_KEY_F1 && keyval <= GDK_KEY_F12 ? functions[keyval - GDK_KEY_F1] : NULL;
}

static gboolean press(struct cf_cashier_window *w, guint keyval)
{
    const char *name = name_of(keyval);
    if (name == NULL || !cf_desk_press(w->desk, name)) {
        return FALSE;
    }
    w->changed(w->ctx);
    return TRUE;
}

gboolean cf_cashier_window_key(struct cf_cashier_window *w, guint keyval, GdkModifierType modifiers)
{
    if ((modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0) {
        return FALSE;
    }
    if (type(w, keyval)) {
        return TRUE;
    }
    if (keyval == GDK_KEY_Shift_L || keyval == GDK_KEY_Shift_R) {
        return FALSE; /* part of typing a capital letter */
    }
    gboolean ours = end_scan(w, keyval) || press(w, keyval);
    g_byte_array_set_size(w->typed, 0);
    return ours;
}

static gboolean pressed(GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType modifiers,
                        gpointer ctx)
{
    (void)controller;
    (void)keycode;
    return cf_cashier_window_key(ctx, keyval, modifiers);
}

/* --- drawing it anew ------------------------------------------------------------------------------------------------
 */

static gboolean tick(gpointer ctx)
{
    struct cf_cashier_window *w = ctx;
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *text = g_date_time_format(now, "%H:%M");
    cf_label_say(w->clock, text);
    return G_SOURCE_CONTINUE;
}

static void refresh_status(struct cf_cashier_window *w)
{
    char text[CF_PAGE_TEXT_MAX];
    cf_label_say(w->place, w->page.place);
    cf_label_say(w->who, w->page.who);
    gtk_widget_set_visible(w->training, w->page.training);
    cf_label_say(w->training, _("Training"));
    cf_style_set(w->link, "offline", !w->page.online);
    cf_style_set(w->link, "online", w->page.online);
    if (w->page.unsent > 0) {
        g_snprintf(text, sizeof text, "%s · %s %llu", w->page.online ? _("Online") : _("Offline"), _("to send:"),
                   (unsigned long long)w->page.unsent);
    } else {
        g_snprintf(text, sizeof text, "%s", w->page.online ? _("Online") : _("Offline"));
    }
    cf_label_say(w->link, text);
}

static void refresh_bar(struct cf_cashier_window *w)
{
    const struct cf_page_bar *bar = &w->page.bar;
    cf_style_set(w->bar, "refused", bar->kind == CF_BAR_REFUSED);
    cf_style_set(w->bar, "news", bar->kind == CF_BAR_NEWS);
    if (w->percent != w->page.progress_percent) { /* a bar is laid out anew by what it shows already */
        w->percent = w->page.progress_percent;
        gtk_widget_set_opacity(w->progress, w->percent >= 0 ? 1 : 0);
        gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(w->progress), MAX(w->percent, 0) / 100.0);
    }
    cf_label_say(w->what, bar->what);
    cf_label_say(w->why, bar->why);
    gtk_widget_set_visible(w->why, bar->why[0] != '\0');
    gtk_widget_set_valign(w->what, bar->why[0] != '\0' ? GTK_ALIGN_END : GTK_ALIGN_CENTER);
    gtk_widget_set_valign(w->why, GTK_ALIGN_START);
}

/* What is paid for stands below the figures of paying, as long as these leave room. */
static void refresh_panel(struct cf_cashier_window *w)
{
    const struct cf_cashier_page *page = &w->page;
    bool basket = page->n_lines > 0 && page->n_choices == 0 && page->n_fields <= FIELDS_OVER_BASKET;
    cf_rows_refresh(w->rows, page->n_lines);
    cf_rows_refresh(w->choice_rows, page->n_choices);
    cf_fields_refresh(w->fields, page->fields, page->n_fields);
    gtk_widget_set_visible(w->figures, page->n_fields > 0);
    gtk_widget_set_visible(w->choices, page->n_choices > 0);
    gtk_widget_set_visible(w->basket, basket);
    gtk_widget_set_vexpand(w->figures, page->n_choices == 0 && !basket);
    cf_style_set(w->figures, "above", basket);
    bool empty = page->n_choices == 0 && page->n_fields == 0 && !basket;
    gtk_stack_set_visible_child_name(GTK_STACK(w->stack), empty ? "empty" : "page");
}

void cf_cashier_window_refresh(struct cf_cashier_window *w)
{
    char saved[CF_PAGE_TEXT_MAX];
    cf_desk_cashier(w->desk, &w->page);
    refresh_status(w);
    refresh_bar(w);
    refresh_panel(w);
    g_snprintf(saved, sizeof saved, _("Saved %s"), w->page.saved);
    cf_style_set(w->window, "modal", w->page.modal);
    cf_label_say(w->items, w->page.items);
    cf_label_say(w->saved, w->page.saved[0] != '\0' ? saved : "");
    cf_label_say(w->member, w->page.member);
    cf_label_say_figure(w->total, w->page.total);
    gtk_widget_set_visible(w->sums, w->page.total[0] != '\0'); /* nobody's basket is shown to nobody */
    cf_style_set(w->sums, "nothing", w->page.n_lines == 0);
    cf_style_set(w->entry_box, "asks", w->page.entry_label[0] != '\0');
    cf_label_say(w->entry_label, w->page.entry_label);
    cf_label_say(w->entry, w->page.entry);
    cf_keys_refresh(w->keys, &w->page);
}

/* --- making one -----------------------------------------------------------------------------------------------------
 */

static void destroyed(GtkWidget *widget, struct cf_cashier_window *w)
{
    (void)widget;
    g_source_remove(w->ticking);
    g_byte_array_unref(w->typed);
    g_free(w);
}

struct cf_cashier_window *cf_cashier_window_new(struct cf_desk *desk, cf_ui_changed *changed, gpointer ctx)
{
    struct cf_cashier_window *w = g_new0(struct cf_cashier_window, 1);
    GtkWidget *page = new_box(GTK_ORIENTATION_VERTICAL, "all"), *body = new_box(GTK_ORIENTATION_HORIZONTAL, "body");
    w->desk = desk;
    w->changed = changed;
    w->ctx = ctx;
    w->typed = g_byte_array_new();
    w->window = gtk_window_new();
    gtk_window_set_title(GTK_WINDOW(w->window), _("Cashier"));
    gtk_widget_add_css_class(w->window, "cashier");
    gtk_widget_set_vexpand(body, TRUE);
    gtk_box_append(GTK_BOX(page), new_status(w));
    gtk_box_append(GTK_BOX(page), new_bar(w));
    gtk_box_append(GTK_BOX(body), new_panel(w));
    gtk_box_append(GTK_BOX(body), new_side(w));
    gtk_box_append(GTK_BOX(page), body);
    gtk_window_set_child(GTK_WINDOW(w->window), cf_sheet_new(page));
    GtkEventController *keyboard = gtk_event_controller_key_new();
    gtk_event_controller_set_propagation_phase(keyboard, GTK_PHASE_CAPTURE);
    g_signal_connect(keyboard, "key-pressed", G_CALLBACK(pressed), w);
    gtk_widget_add_controller(w->window, keyboard);
    g_signal_connect(w->window, "destroy", G_CALLBACK(destroyed), w);
    w->ticking = g_timeout_add_seconds(10, tick, w);
    tick(w);
    cf_cashier_window_refresh(w);
    return w;
}

GtkWindow *cf_cashier_window_widget(struct cf_cashier_window *w)
{
    return GTK_WINDOW(w->window);
}
