/*
 * app/ui/keys.c - see keys.h.
 *
 * A GtkButton drops what comes within 250 ms after it was activated by a keyboard, so the keyboard calls the desk
 * itself (cashier_window.c) and buttons are for fingers alone. None of them takes the focus.
 */
#include "app/ui/keys.h"

#include <string.h>

#include "app/ui/labels.h"

#define COLUMNS 4
#define FEW_COLUMNS 2 /* where so many keys a row have room for all: wider ones, for longer words */
#define ROWS 4        /* of plain keys; the last is the place of the ways to pay, where a page has them */
#define TENDERS 12    /* columns of the lowest row: 1, 2, 3 or 4 keys share them */

#define KEY_CHARS 9 /* of a word in a key; no word makes all keys wider */
#define WIDE_KEY_CHARS 20
#define NOTE_LONG_FROM 8 /* characters of an amount: "¥100.00" is 7 */
#define NOTE_LONGER_FROM 10

/* One that is on every page: a character, or an act. */
struct digit {
    const char *label;
    enum cf_desk_do act;
    char character; /* SWITCH: digits and letters change places */
    int column, row, width, height;
    const char *style;
};

#define SWITCH '\1'

static const struct digit digits[] = {
    {"7", CF_DO_NOTHING, '7', 0, 0, 1, 1, "digit"},       {"8", CF_DO_NOTHING, '8', 1, 0, 1, 1, "digit"},
    {"9", CF_DO_NOTHING, '9', 2, 0, 1, 1, "digit"},       {"⌫", CF_DO_ERASE, 0, 3, 0, 1, 1, "digit"},
    {"4", CF_DO_NOTHING, '4', 0, 1, 1, 1, "digit"},       {"5", CF_DO_NOTHING, '5', 1, 1, 1, 1, "digit"},
    {"6", CF_DO_NOTHING, '6', 2, 1, 1, 1, "digit"},       {"Esc", CF_DO_BACK, 0, 3, 1, 1, 1, "escape"},
    {"1", CF_DO_NOTHING, '1', 0, 2, 1, 1, "digit"},       {"2", CF_DO_NOTHING, '2', 1, 2, 1, 1, "digit"},
    {"3", CF_DO_NOTHING, '3', 2, 2, 1, 1, "digit"},       {"Enter", CF_DO_ENTER, 0, 3, 2, 1, 2, "confirm"},
    {"ABC", CF_DO_NOTHING, SWITCH, 0, 3, 1, 1, "escape"}, {"0", CF_DO_NOTHING, '0', 1, 3, 1, 1, "digit"},
    {".", CF_DO_NOTHING, '.', 2, 3, 1, 1, "digit"},
};

/* In the alphabet's order: whoever seldom types finds them, and six rows stand where digits and keys stood. */
#define LETTER(letter, column, row)                                                                                    \
    {                                                                                                                  \
        letter, CF_DO_NOTHING, letter[0], column, row, 1, 1, "digit"                                                   \
    }
static const struct digit letters[] = {
    LETTER("A", 0, 0),
    LETTER("B", 1, 0),
    LETTER("C", 2, 0),
    LETTER("D", 3, 0),
    LETTER("E", 4, 0),
    LETTER("F", 0, 1),
    LETTER("G", 1, 1),
    LETTER("H", 2, 1),
    LETTER("I", 3, 1),
    LETTER("J", 4, 1),
    LETTER("K", 0, 2),
    LETTER("L", 1, 2),
    LETTER("M", 2, 2),
    LETTER("N", 3, 2),
    LETTER("O", 4, 2),
    LETTER("P", 0, 3),
    LETTER("Q", 1, 3),
    LETTER("R", 2, 3),
    LETTER("S", 3, 3),
    LETTER("T", 4, 3),
    LETTER("U", 0, 4),
    LETTER("V", 1, 4),
    LETTER("W", 2, 4),
    LETTER("X", 3, 4),
    LETTER("Y", 4, 4),
    LETTER("Z", 0, 5),
    {"␣", CF_DO_NOTHING, ' ', 1, 5, 1, 1, "digit"},
    {"⌫", CF_DO_ERASE, 0, 2, 5, 1, 1, "digit"},
    {"123", CF_DO_NOTHING, SWITCH, 3, 5, 1, 1, "escape"},
    {"Enter", CF_DO_ENTER, 0, 4, 5, 1, 1, "confirm"},
};

struct slot {
    struct cf_keys *keys;
    GtkWidget *button, *label, *hint;
    struct cf_page_key key; /* as it is shown; its hint is the label's */
};

struct cf_keys {
    cf_keys_touched *touched;
    gpointer ctx;
    GtkWidget *box, *digits, *letters, *plain, *tender;
    enum cf_page_id page;     /* that letters are typed on */
    size_t n_plain, n_tender; /* as they are attached now */
    struct slot slots[CF_PAGE_KEYS_MAX];
};

static void show_letters(struct cf_keys *keys, bool shown)
{
    gtk_widget_set_visible(keys->letters, shown);
    gtk_widget_set_visible(keys->digits, !shown);
    gtk_widget_set_visible(keys->plain, !shown);
}

static void touch_digit(GtkButton *button, struct cf_keys *keys)
{
    const struct digit *digit = g_object_get_data(G_OBJECT(button), "digit");
    if (digit->character == SWITCH)
        show_letters(keys, !gtk_widget_get_visible(keys->letters));
    else
        keys->touched(keys->ctx, digit->act, digit->character);
}

static void touch_slot(GtkButton *button, struct slot *slot)
{
    (void)button;
    slot->keys->touched(slot->keys->ctx, slot->key.act, slot->key.arg);
}

static GtkWidget *new_grid(const char *style)
{
    GtkWidget *grid = gtk_grid_new();
    gtk_widget_add_css_class(grid, "keys");
    gtk_widget_add_css_class(grid, style);
    gtk_grid_set_row_homogeneous(GTK_GRID(grid), TRUE);
    gtk_grid_set_column_homogeneous(GTK_GRID(grid), TRUE);
    return grid;
}

static void make_key(GtkWidget *button)
{
    gtk_widget_set_focus_on_click(button, FALSE);
    gtk_widget_set_focusable(button, FALSE);
}

static GtkWidget *new_digits(struct cf_keys *keys, const struct digit *all, gsize n, const char *style)
{
    GtkWidget *grid = new_grid(style);
    for (gsize i = 0; i < n; i++) {
        const struct digit *digit = &all[i];
        GtkWidget *button = gtk_button_new_with_label(digit->label);
        gtk_widget_add_css_class(button, digit->style);
        make_key(button);
        g_object_set_data(G_OBJECT(button), "digit", (gpointer)digit);
        g_signal_connect(button, "clicked", G_CALLBACK(touch_digit), keys);
        gtk_grid_attach(GTK_GRID(grid), button, digit->column, digit->row, digit->width, digit->height);
    }
    return grid;
}

static void new_slot(struct cf_keys *keys, struct slot *slot)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    slot->keys = keys;
    slot->key.act = CF_DOS; /* none: whatever is shown first differs */
    slot->button = g_object_ref_sink(gtk_button_new());
    slot->label = cf_label_add(box, "key", 0.5F);
    slot->hint = cf_label_add(box, "hint", 0.5F);
    gtk_label_set_wrap(GTK_LABEL(slot->label), TRUE);
    gtk_label_set_justify(GTK_LABEL(slot->label), GTK_JUSTIFY_CENTER);
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    gtk_button_set_child(GTK_BUTTON(slot->button), box);
    make_key(slot->button);
    g_signal_connect(slot->button, "clicked", G_CALLBACK(touch_slot), slot);
}

static void free_keys(gpointer data)
{
    struct cf_keys *keys = data;
    for (gsize i = 0; i < G_N_ELEMENTS(keys->slots); i++) {
        g_object_unref(keys->slots[i].button);
    }
    g_free(keys);
}

struct cf_keys *cf_keys_new(cf_keys_touched *touched, gpointer ctx)
{
    struct cf_keys *keys = g_new0(struct cf_keys, 1);
    keys->touched = touched;
    keys->ctx = ctx;
    keys->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    keys->plain = new_grid("plain-keys");
    keys->tender = new_grid("tender-keys");
    keys->n_plain = keys->n_tender = SIZE_MAX;
    gtk_widget_add_css_class(keys->box, "keyboard");
    gtk_widget_set_vexpand(keys->plain, TRUE);
    keys->digits = new_digits(keys, digits, G_N_ELEMENTS(digits), "digits");
    keys->letters = new_digits(keys, letters, G_N_ELEMENTS(letters), "letters");
    gtk_widget_set_vexpand(keys->letters, TRUE);
    gtk_box_append(GTK_BOX(keys->box), keys->digits);
    gtk_box_append(GTK_BOX(keys->box), keys->letters);
    gtk_box_append(GTK_BOX(keys->box), keys->plain);
    gtk_box_append(GTK_BOX(keys->box), keys->tender);
    for (gsize i = 0; i < G_N_ELEMENTS(keys->slots); i++) {
        new_slot(keys, &keys->slots[i]);
    }
    g_object_set_data_full(G_OBJECT(keys->box), "keys", keys, free_keys);
    return keys;
}

GtkWidget *cf_keys_widget(struct cf_keys *keys)
{
    return keys->box;
}

/* --- places ---------------------------------------------------------------------------------------------------------
 */

static void empty(GtkWidget *grid)
{
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(grid)) != NULL) {
        gtk_grid_remove(GTK_GRID(grid), child);
    }
}

/* A place without a key, as high as one. */
static GtkWidget *new_gap(void)
{
    GtkWidget *gap = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_add_css_class(gap, "no-key");
    return gap;
}

/* Only when a page has another number of keys than the one before: what only turns grey or gets another word stays
 * where it is. */
static void place(struct cf_keys *keys, const struct cf_cashier_page *page, size_t n_plain, size_t n_tender)
{
    int rows = n_tender > 0 ? ROWS - 1 : ROWS, plain = 0, tender = 0;
    if (keys->n_plain == n_plain && keys->n_tender == n_tender) {
        return;
    }
    keys->n_plain = n_plain;
    keys->n_tender = n_tender;
    empty(keys->plain);
    empty(keys->tender);
    int columns = (int)n_plain <= rows * FEW_COLUMNS ? FEW_COLUMNS : COLUMNS;
    rows = MAX(rows, ((int)n_plain + columns - 1) / columns);
    cf_style_set(keys->plain, "few", columns == FEW_COLUMNS);
    int tenders_a_row = (int)MIN(MAX(n_tender, 1), COLUMNS), width = TENDERS / tenders_a_row;
    for (size_t i = 0; i < page->n_keys; i++) {
        if (page->keys[i].look == CF_KEY_TENDER) {
            gtk_grid_attach(GTK_GRID(keys->tender), keys->slots[i].button, tender % tenders_a_row * width,
                            tender / tenders_a_row, width, 1);
            gtk_label_set_max_width_chars(GTK_LABEL(keys->slots[i].label), KEY_CHARS);
            tender++;
        } else {
            gtk_grid_attach(GTK_GRID(keys->plain), keys->slots[i].button, plain % columns, plain / columns, 1, 1);
            gtk_label_set_max_width_chars(GTK_LABEL(keys->slots[i].label),
                                          columns == FEW_COLUMNS ? WIDE_KEY_CHARS : KEY_CHARS);
            plain++;
        }
    }
    for (; plain < rows * columns; plain++) {
        gtk_grid_attach(GTK_GRID(keys->plain), new_gap(), plain % columns, plain / columns, 1, 1);
    }
    gtk_widget_set_visible(keys->tender, n_tender > 0);
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

/* An amount on a key gets smaller type the longer it is, and goes on in a second row before it makes the key wider. */
static void fit_amount(GtkWidget *label, const struct cf_page_key *key)
{
    glong n = key->act == CF_DO_NOTE ? g_utf8_strlen(key->label, -1) : 0;
    cf_style_set(label, "long", n >= NOTE_LONG_FROM && n < NOTE_LONGER_FROM);
    cf_style_set(label, "longer", n >= NOTE_LONGER_FROM);
    gtk_label_set_wrap_mode(GTK_LABEL(label), n > 0 ? PANGO_WRAP_CHAR : PANGO_WRAP_WORD);
}

static bool is_shown(const struct slot *slot, const struct cf_page_key *key)
{
    return slot->key.act == key->act && slot->key.arg == key->arg && slot->key.look == key->look &&
           slot->key.enabled == key->enabled && strcmp(slot->key.label, key->label) == 0 &&
           strcmp(gtk_label_get_text(GTK_LABEL(slot->hint)), key->hint) == 0;
}

/* Most keys of most refreshes say what they said. */
static void refresh_slot(struct slot *slot, const struct cf_page_key *key)
{
    static const char *const styles[] = {"plain", "tender", "confirm", "destructive"};
    if (is_shown(slot, key)) {
        return;
    }
    slot->key = *key;
    slot->key.hint = NULL;
    gtk_widget_set_sensitive(slot->button, key->enabled);
    fit_amount(slot->label, key);
    cf_label_say(slot->label, key->label);
    cf_label_say(slot->hint, key->hint);
    gtk_widget_set_visible(slot->hint, key->hint[0] != '\0');
    for (gsize i = 0; i < G_N_ELEMENTS(styles); i++) {
        cf_style_set(slot->button, styles[i], g_strcmp0(styles[i], style_of(key->look)) == 0);
    }
    gtk_accessible_update_property(GTK_ACCESSIBLE(slot->button), GTK_ACCESSIBLE_PROPERTY_LABEL, key->label, -1);
}

void cf_keys_refresh(struct cf_keys *keys, const struct cf_cashier_page *page)
{
    size_t n_tender = 0, n_plain;
    if (keys->page != page->id) {
        keys->page = page->id;
        show_letters(keys, false); /* another page, other keys: they are to be seen */
    }
    for (size_t i = 0; i < page->n_keys; i++) {
        n_tender += page->keys[i].look == CF_KEY_TENDER;
        refresh_slot(&keys->slots[i], &page->keys[i]);
    }
    n_plain = page->n_keys - n_tender;
    /* Which slots are ways to pay may differ between two pages of the same numbers. */
    for (size_t i = 0; i < page->n_keys; i++) {
        GtkWidget *at = gtk_widget_get_parent(keys->slots[i].button);
        if (at != (page->keys[i].look == CF_KEY_TENDER ? keys->tender : keys->plain)) {
            keys->n_plain = SIZE_MAX;
        }
    }
    place(keys, page, n_plain, n_tender);
}
