/*
 * app/ui/keys.c - see keys.h.
 *
 * A GtkButton drops what comes within 250 ms after it was activated by a keyboard, so the keyboard calls the desk
 * itself (cashier_window.c) and buttons are for fingers alone.
 */
#include "app/ui/keys.h"

#define COLUMNS 4

struct digit {
    const char *label;
    enum cf_desk_do act;
    char character;
    int column, row, width, height;
    const char *style;
};

static const struct digit digits[] = {
    {"7", CF_DO_NOTHING, '7', 0, 0, 1, 1, "digit"}, {"8", CF_DO_NOTHING, '8', 1, 0, 1, 1, "digit"},
    {"9", CF_DO_NOTHING, '9', 2, 0, 1, 1, "digit"}, {"⌫", CF_DO_ERASE, 0, 3, 0, 1, 1, "digit"},
    {"4", CF_DO_NOTHING, '4', 0, 1, 1, 1, "digit"}, {"5", CF_DO_NOTHING, '5', 1, 1, 1, 1, "digit"},
    {"6", CF_DO_NOTHING, '6', 2, 1, 1, 1, "digit"}, {"Esc", CF_DO_BACK, 0, 3, 1, 1, 1, "plain"},
    {"1", CF_DO_NOTHING, '1', 0, 2, 1, 1, "digit"}, {"2", CF_DO_NOTHING, '2', 1, 2, 1, 1, "digit"},
    {"3", CF_DO_NOTHING, '3', 2, 2, 1, 1, "digit"}, {"Enter", CF_DO_ENTER, 0, 3, 2, 1, 2, "confirm"},
    {"0", CF_DO_NOTHING, '0', 0, 3, 2, 1, "digit"}, {".", CF_DO_NOTHING, '.', 2, 3, 1, 1, "digit"},
};

struct slot {
    struct cf_keys *keys;
    GtkWidget *button, *label, *hint;
    enum cf_desk_do act;
    gint64 arg;
};

struct cf_keys {
    cf_keys_touched *touched;
    gpointer ctx;
    GtkWidget *box;
    struct slot slots[CF_PAGE_KEYS_MAX];
};

static void touch_digit(GtkButton *button, struct cf_keys *keys)
{
    const struct digit *digit = g_object_get_data(G_OBJECT(button), "digit");
    keys->touched(keys->ctx, digit->act, digit->character);
}

static void touch_slot(GtkButton *button, struct slot *slot)
{
    (void)button;
    slot->keys->touched(slot->keys->ctx, slot->act, slot->arg);
}

static GtkWidget *new_grid(void)
{
    GtkWidget *grid = gtk_grid_new();
    gtk_grid_set_row_spacing(GTK_GRID(grid), 8);
    gtk_grid_set_column_spacing(GTK_GRID(grid), 8);
    gtk_grid_set_row_homogeneous(GTK_GRID(grid), TRUE);
    gtk_grid_set_column_homogeneous(GTK_GRID(grid), TRUE);
    gtk_widget_set_vexpand(grid, TRUE);
    return grid;
}

static GtkWidget *new_digits(struct cf_keys *keys)
{
    GtkWidget *grid = new_grid();
    for (gsize i = 0; i < G_N_ELEMENTS(digits); i++) {
        const struct digit *digit = &digits[i];
        GtkWidget *button = gtk_button_new_with_label(digit->label);
        gtk_widget_add_css_class(button, digit->style);
        gtk_widget_set_focus_on_click(button, FALSE);
        gtk_widget_set_focusable(button, FALSE);
        g_object_set_data(G_OBJECT(button), "digit", (gpointer)digit);
        g_signal_connect(button, "clicked", G_CALLBACK(touch_digit), keys);
        gtk_grid_attach(GTK_GRID(grid), button, digit->column, digit->row, digit->width, digit->height);
    }
    return grid;
}

static GtkWidget *new_slot(struct cf_keys *keys, struct slot *slot)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    slot->keys = keys;
    slot->button = gtk_button_new();
    slot->label = gtk_label_new("");
    slot->hint = gtk_label_new("");
    gtk_label_set_wrap(GTK_LABEL(slot->label), TRUE);
    gtk_label_set_justify(GTK_LABEL(slot->label), GTK_JUSTIFY_CENTER);
    gtk_widget_add_css_class(slot->hint, "hint");
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    gtk_box_append(GTK_BOX(box), slot->label);
    gtk_box_append(GTK_BOX(box), slot->hint);
    gtk_button_set_child(GTK_BUTTON(slot->button), box);
    gtk_widget_set_focus_on_click(slot->button, FALSE);
    g_signal_connect(slot->button, "clicked", G_CALLBACK(touch_slot), slot);
    return slot->button;
}

struct cf_keys *cf_keys_new(cf_keys_touched *touched, gpointer ctx)
{
    struct cf_keys *keys = g_new0(struct cf_keys, 1);
    keys->touched = touched;
    keys->ctx = ctx;
    keys->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);
    gtk_box_append(GTK_BOX(keys->box), new_digits(keys));
    GtkWidget *grid = new_grid();
    for (int i = 0; i < CF_PAGE_KEYS_MAX; i++) {
        gtk_grid_attach(GTK_GRID(grid), new_slot(keys, &keys->slots[i]), i % COLUMNS, i / COLUMNS, 1, 1);
    }
    gtk_box_append(GTK_BOX(keys->box), grid);
    g_object_set_data_full(G_OBJECT(keys->box), "keys", keys, g_free);
    return keys;
}

GtkWidget *cf_keys_widget(struct cf_keys *keys)
{
    return keys->box;
}

static const char *style_of(enum cf_key_look look)
{
    switch (look) {
    case CF_KEY_PLAIN:
        return "plain";
    case CF_KEY_TENDER:
        return "tender";
    case CF_KEY_CONFIRM:
        return "confirm";
    case CF_KEY_DESTRUCTIVE:
        return "destructive";
    }
    return "plain";
}

static void refresh_slot(struct slot *slot, const struct cf_page_key *key)
{
    static const char *const styles[] = {"plain", "tender", "confirm", "destructive"};
    gtk_widget_set_opacity(slot->button, key != NULL ? 1 : 0);
    gtk_widget_set_sensitive(slot->button, key != NULL && key->enabled);
    if (key == NULL) {
        return;
    }
    slot->act = key->act;
    slot->arg = key->arg;
    gtk_label_set_text(GTK_LABEL(slot->label), key->label);
    gtk_label_set_text(GTK_LABEL(slot->hint), key->hint);
    gtk_widget_set_visible(slot->hint, key->hint[0] != '\0');
    for (gsize i = 0; i < G_N_ELEMENTS(styles); i++) {
        if (g_strcmp0(styles[i], style_of(key->look)) == 0) {
            gtk_widget_add_css_class(slot->button, styles[i]);
        } else {
            gtk_widget_remove_css_class(slot->button, styles[i]);
        }
    }
    gtk_accessible_update_property(GTK_ACCESSIBLE(slot->button), GTK_ACCESSIBLE_PROPERTY_LABEL, key->label, -1);
}

void cf_keys_refresh(struct cf_keys *keys, const struct cf_cashier_page *page)
{
    for (size_t i = 0; i < CF_PAGE_KEYS_MAX; i++) {
        refresh_slot(&keys->slots[i], i < page->n_keys ? &page->keys[i] : NULL);
    }
}
