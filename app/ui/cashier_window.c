/*
 * app/ui/cashier_window.c - see cashier_window.h.
 */
#include "app/ui/cashier_window.h"

#include "app/desk/language.h"
#include "app/ui/fields.h"
#include "app/ui/keys.h"
#include "app/ui/rows.h"

#define SIDE_PX 420

struct cf_cashier_window {
    struct cf_desk *desk;
    cf_ui_changed *changed;
    gpointer ctx;
    struct cf_cashier_page page; /* as it was drawn last */
    GtkWidget *window;
    GtkWidget *place, *who, *link, *training, *clock;
    GtkWidget *bar, *what, *why;
    GtkWidget *stack, *fields, *choices;
    GListStore *rows;
    GtkWidget *items, *saved, *member, *total;
    GtkWidget *entry_label, *entry;
    struct cf_keys *keys;
};

static GtkWidget *add_label(GtkWidget *box, const char *style, float xalign)
{
    GtkWidget *label = gtk_label_new("");
    if (style != NULL) {
        gtk_widget_add_css_class(label, style);
    }
    gtk_label_set_xalign(GTK_LABEL(label), xalign);
    gtk_box_append(GTK_BOX(box), label);
    return label;
}

static void say(GtkWidget *label, const char *text)
{
    gtk_label_set_text(GTK_LABEL(label), text);
}

/* --- parts
 * ------------------------------------------------------------------------------------------------------------ */

static GtkWidget *new_status(struct cf_cashier_window *w)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 16);
    gtk_widget_add_css_class(box, "status");
    w->place = add_label(box, NULL, 0);
    w->who = add_label(box, NULL, 0);
    w->training = add_label(box, "pill", 0);
    gtk_widget_add_css_class(w->training, "training");
    gtk_widget_set_valign(w->training, GTK_ALIGN_CENTER);
    GtkWidget *gap = add_label(box, NULL, 0);
    gtk_widget_set_hexpand(gap, TRUE);
    w->link = add_label(box, "pill", 1);
    gtk_widget_set_valign(w->link, GTK_ALIGN_CENTER);
    w->clock = add_label(box, "figure", 1);
    return box;
}

static GtkWidget *new_bar(struct cf_cashier_window *w)
{
    w->bar = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_add_css_class(w->bar, "bar");
    w->what = add_label(w->bar, "what", 0);
    w->why = add_label(w->bar, "why", 0);
    gtk_label_set_ellipsize(GTK_LABEL(w->what), PANGO_ELLIPSIZE_END);
    gtk_label_set_ellipsize(GTK_LABEL(w->why), PANGO_ELLIPSIZE_END);
    gtk_accessible_update_property(GTK_ACCESSIBLE(w->what), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "Message", -1);
    return w->bar;
}

static GtkWidget *new_sums(struct cf_cashier_window *w)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    GtkWidget *left = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_add_css_class(box, "sums");
    gtk_widget_set_hexpand(left, TRUE);
    gtk_widget_set_valign(left, GTK_ALIGN_CENTER);
    w->items = add_label(left, NULL, 0);
    w->saved = add_label(left, "saved", 0);
    w->member = add_label(left, NULL, 0);
    gtk_box_append(GTK_BOX(box), left);
    w->total = add_label(box, "total", 1);
    gtk_widget_add_css_class(w->total, "figure");
    gtk_accessible_update_property(GTK_ACCESSIBLE(w->total), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "Total", -1);
    return box;
}

static GtkWidget *new_basket(struct cf_cashier_window *w)
{
    GtkWidget *panel = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_add_css_class(panel, "panel");
    gtk_widget_set_hexpand(panel, TRUE);
    w->rows = g_list_store_new(CF_TYPE_ROW);
    w->fields = cf_fields_new();
    w->choices = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);
    w->stack = gtk_stack_new();
    gtk_stack_add_named(GTK_STACK(w->stack), cf_rows_view(w->rows), "basket");
    gtk_stack_add_named(GTK_STACK(w->stack), w->fields, "fields");
    gtk_stack_add_named(GTK_STACK(w->stack), w->choices, "choices");
    gtk_box_append(GTK_BOX(panel), w->stack);
    gtk_box_append(GTK_BOX(panel), new_sums(w));
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
    GtkWidget *side = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);
    gtk_widget_set_size_request(side, SIDE_PX, -1);
    w->entry_label = add_label(side, "entry-label", 0);
    w->entry = add_label(side, "entry", 1);
    gtk_widget_add_css_class(w->entry, "figure");
    gtk_label_set_ellipsize(GTK_LABEL(w->entry), PANGO_ELLIPSIZE_START);
    w->keys = cf_keys_new(touched, w);
    gtk_box_append(GTK_BOX(side), cf_keys_widget(w->keys));
    return side;
}

/* --- the keyboard
 * ------------------------------------------------------------------------------------------------------ */

static guint hint_key(const char *hint)
{
    return hint[0] == 'F' ? gdk_keyval_from_name(hint) : g_strcmp0(hint, "Esc") == 0 ? GDK_KEY_Escape : 0;
}

gboolean cf_cashier_window_key(struct cf_cashier_window *w, guint keyval, GdkModifierType modifiers)
{
    static const struct {
        guint keyval;
        enum cf_desk_do act;
    } fixed[] = {
        {GDK_KEY_Return, CF_DO_ENTER},    {GDK_KEY_KP_Enter, CF_DO_ENTER}, {GDK_KEY_Escape, CF_DO_BACK},
        {GDK_KEY_BackSpace, CF_DO_ERASE}, {GDK_KEY_Down, CF_DO_NEXT},      {GDK_KEY_Up, CF_DO_PREVIOUS},
    };
    if ((modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0) {
        return FALSE;
    }
    for (size_t i = 0; i < w->page.n_keys; i++) {
        if (w->page.keys[i].enabled && keyval != 0 && hint_key(w->page.keys[i].hint) == keyval) {
            touched(w, w->page.keys[i].act, w->page.keys[i].arg);
            return TRUE;
        }
    }
    for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++) {
        if (fixed[i].keyval == keyval) {
            touched(w, fixed[i].act, 0);
            return TRUE;
        }
    }
    gunichar character = gdk_keyval_to_unicode(keyval);
    if (character >= ' ' && character <= '~') {
        touched(w, CF_DO_NOTHING, character);
        return TRUE;
    }
    return FALSE;
}

static gboolean pressed(GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType modifiers,
                        gpointer ctx)
{
    (void)controller;
    (void)keycode;
    return cf_cashier_window_key(ctx, keyval, modifiers);
}

/* --- drawing it anew
 * ----------------------------------------------------------------------------------------------------- */

static void refresh_status(struct cf_cashier_window *w)
{
    char text[CF_PAGE_TEXT_MAX];
    say(w->place, w->page.place);
    say(w->who, w->page.who);
    gtk_widget_set_visible(w->training, w->page.training);
    say(w->training, _("Training"));
    gtk_widget_remove_css_class(w->link, w->page.online ? "offline" : "online");
    gtk_widget_add_css_class(w->link, w->page.online ? "online" : "offline");
    if (w->page.unsent > 0) {
        g_snprintf(text, sizeof text, "%s · %s %llu", w->page.online ? _("Online") : _("Offline"), _("to send:"),
                   (unsigned long long)w->page.unsent);
    } else {
        g_snprintf(text, sizeof text, "%s", w->page.online ? _("Online") : _("Offline"));
    }
    say(w->link, text);
}

static void refresh_bar(struct cf_cashier_window *w)
{
    const struct cf_page_bar *bar = &w->page.bar;
    gtk_widget_remove_css_class(w->bar, "refused");
    gtk_widget_remove_css_class(w->bar, "news");
    if (bar->kind != CF_BAR_PROMPT) {
        gtk_widget_add_css_class(w->bar, bar->kind == CF_BAR_REFUSED ? "refused" : "news");
    }
    say(w->what, bar->what);
    say(w->why, bar->why);
}

static void refresh_choices(struct cf_cashier_window *w)
{
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(w->choices)) != NULL) {
        gtk_box_remove(GTK_BOX(w->choices), child);
    }
    for (size_t i = 0; i < w->page.n_choices; i++) {
        struct cf_page_choice choice;
        cf_desk_choice(w->desk, i, &choice);
        GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
        GtkWidget *title = add_label(box, "row-name", 0), *detail = add_label(box, "row-terms", 0);
        gtk_widget_add_css_class(box, "row-box");
        if (choice.at_hand) {
            gtk_widget_add_css_class(box, "at-hand");
        }
        gtk_label_set_wrap(GTK_LABEL(detail), TRUE);
        say(title, choice.title);
        say(detail, choice.detail);
        gtk_box_append(GTK_BOX(w->choices), box);
    }
}

void cf_cashier_window_refresh(struct cf_cashier_window *w)
{
    char saved[CF_PAGE_TEXT_MAX];
    cf_desk_cashier(w->desk, &w->page);
    refresh_status(w);
    refresh_bar(w);
    cf_rows_refresh(w->rows, w->desk, w->page.n_lines, cf_desk_line);
    refresh_choices(w);
    cf_fields_refresh(w->fields, w->page.fields, w->page.n_fields);
    gtk_stack_set_visible_child_name(GTK_STACK(w->stack), w->page.n_choices > 0 ? "choices"
                                                          : w->page.id == CF_PAGE_DONE || w->page.id == CF_PAGE_CASH
                                                              ? "fields"
                                                              : "basket");
    g_snprintf(saved, sizeof saved, _("Saved %s"), w->page.saved);
    say(w->items, w->page.items);
    say(w->saved, w->page.saved[0] != '\0' ? saved : "");
    say(w->member, w->page.member);
    say(w->total, w->page.total);
    say(w->entry_label, w->page.entry_label);
    say(w->entry, w->page.entry);
    cf_keys_refresh(w->keys, &w->page);
}

static void destroyed(GtkWidget *widget, struct cf_cashier_window *w)
{
    (void)widget;
    g_object_unref(w->rows);
    g_free(w);
}

struct cf_cashier_window *cf_cashier_window_new(struct cf_desk *desk, cf_ui_changed *changed, gpointer ctx)
{
    struct cf_cashier_window *w = g_new0(struct cf_cashier_window, 1);
    GtkWidget *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *body = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    w->desk = desk;
    w->changed = changed;
    w->ctx = ctx;
    w->window = gtk_window_new();
    gtk_window_set_title(GTK_WINDOW(w->window), _("Cashier"));
    gtk_widget_add_css_class(w->window, "cashier");
    gtk_widget_add_css_class(body, "body");
    gtk_widget_set_vexpand(body, TRUE);
    gtk_box_append(GTK_BOX(page), new_status(w));
    gtk_box_append(GTK_BOX(page), new_bar(w));
    gtk_box_append(GTK_BOX(body), new_basket(w));
    gtk_box_append(GTK_BOX(body), new_side(w));
    gtk_box_append(GTK_BOX(page), body);
    gtk_window_set_child(GTK_WINDOW(w->window), page);
    GtkEventController *keyboard = gtk_event_controller_key_new();
    gtk_event_controller_set_propagation_phase(keyboard, GTK_PHASE_CAPTURE);
    g_signal_connect(keyboard, "key-pressed", G_CALLBACK(pressed), w);
    gtk_widget_add_controller(w->window, keyboard);
    g_signal_connect(w->window, "destroy", G_CALLBACK(destroyed), w);
    cf_cashier_window_refresh(w);
    return w;
}

GtkWindow *cf_cashier_window_widget(struct cf_cashier_window *w)
{
    return GTK_WINDOW(w->window);
}
