/*
 * app/ui/row.c - see row.h.
 */
#include "app/ui/row.h"

#include "app/ui/labels.h"

/* --- what it says ---------------------------------------------------------------------------------------------------
 */

static void take_line(const struct cf_page_line *line, struct cf_row *ret)
{
    memset(ret, 0, sizeof *ret); /* compared as a whole */
    g_strlcpy(ret->name, line->name, sizeof ret->name);
    g_strlcpy(ret->terms, line->terms, sizeof ret->terms);
    g_strlcpy(ret->why, line->off_why, sizeof ret->why);
    g_strlcpy(ret->amount, line->amount, sizeof ret->amount);
    g_strlcpy(ret->off, line->off, sizeof ret->off);
    ret->is_void = line->is_void;
    ret->at_hand = line->at_hand;
}

void cf_row_line(struct cf_desk *desk, size_t i, struct cf_row *ret)
{
    struct cf_page_line line;
    cf_desk_line(desk, i, &line);
    take_line(&line, ret);
}

void cf_row_shopper_line(struct cf_desk *desk, size_t i, struct cf_row *ret)
{
    struct cf_page_line line;
    cf_desk_shopper_line(desk, i, &line);
    take_line(&line, ret);
}

void cf_row_choice(struct cf_desk *desk, size_t i, struct cf_row *ret)
{
    struct cf_page_choice choice;
    cf_desk_choice(desk, i, &choice);
    memset(ret, 0, sizeof *ret);
    g_strlcpy(ret->name, choice.title, sizeof ret->name);
    g_strlcpy(ret->terms, choice.detail, sizeof ret->terms);
    g_strlcpy(ret->amount, choice.value, sizeof ret->amount);
    ret->at_hand = choice.at_hand;
    ret->is_choice = true;
    ret->good = choice.good;
}

/* --- the widget -----------------------------------------------------------------------------------------------------
 */

/* The labels of a row, in the order of its children:
 *
 *   [name        amount]
 *   [terms, why     off]
 *
 * The right column is as wide as its longer text, and the left one has the rest: to be told that costs a label of two
 * lines one layout, where a grid would have it try what width it would like. */
enum place { NAME, AMOUNT, TERMS, OFF, PLACES };

struct cells {
    int left, right, upper, lower; /* widths and heights */
};

static void labels_of(GtkWidget *box, GtkWidget *ret[PLACES])
{
    ret[NAME] = gtk_widget_get_first_child(box);
    for (int i = NAME + 1; i < PLACES; i++) {
        ret[i] = gtk_widget_get_next_sibling(ret[i - 1]);
    }
}

static int natural(GtkWidget *label, GtkOrientation orientation, int for_size)
{
    int natural;
    gtk_widget_measure(label, orientation, for_size, NULL, &natural, NULL, NULL);
    return natural;
}

static struct cells cells_for(GtkWidget *labels[PLACES], int width)
{
    struct cells cells;
    cells.right = MAX(natural(labels[AMOUNT], GTK_ORIENTATION_HORIZONTAL, -1),
                      natural(labels[OFF], GTK_ORIENTATION_HORIZONTAL, -1));
    cells.left = MAX(width - cells.right, 0);
    cells.upper =
        MAX(natural(labels[NAME], GTK_ORIENTATION_VERTICAL, -1), natural(labels[AMOUNT], GTK_ORIENTATION_VERTICAL, -1));
    cells.lower = 0; /* a row of one text has it in the middle */
    if (gtk_label_get_text(GTK_LABEL(labels[TERMS]))[0] != '\0' ||
        gtk_label_get_text(GTK_LABEL(labels[OFF]))[0] != '\0') {
        cells.lower = MAX(natural(labels[TERMS], GTK_ORIENTATION_VERTICAL, cells.left),
                          natural(labels[OFF], GTK_ORIENTATION_VERTICAL, -1));
    }
    return cells;
}

static GtkSizeRequestMode height_for_width(GtkWidget *box)
{
    (void)box;
    return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* Its width is the list's to say. */
static void measure(GtkWidget *box, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                    int *minimum_baseline, int *natural_baseline)
{
    GtkWidget *labels[PLACES];
    *minimum = *natural = 0;
    *minimum_baseline = *natural_baseline = -1;
    if (orientation == GTK_ORIENTATION_VERTICAL && for_size > 0) {
        labels_of(box, labels);
        struct cells cells = cells_for(labels, for_size);
        *minimum = *natural = cells.upper + cells.lower;
    }
}

static void allocate(GtkWidget *box, int width, int height, int baseline)
{
    GtkWidget *labels[PLACES];
    (void)height;
    (void)baseline;
    labels_of(box, labels);
    struct cells cells = cells_for(labels, width);
    const GtkAllocation places[PLACES] = {
        [NAME] = {0, 0, cells.left, cells.upper},
        [AMOUNT] = {cells.left, 0, cells.right, cells.upper},
        [TERMS] = {0, cells.upper, cells.left, cells.lower},
        [OFF] = {cells.left, cells.upper, cells.right, cells.lower},
    };
    for (int i = 0; i < PLACES; i++) {
        gtk_widget_size_allocate(labels[i], &places[i], -1);
    }
}

GtkWidget *cf_row_new(void)
{
    GtkWidget *line =
        g_object_new(GTK_TYPE_BOX, "css-name", "line", "accessible-role", GTK_ACCESSIBLE_ROLE_LIST_ITEM, NULL);
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    gtk_widget_set_layout_manager(box, gtk_custom_layout_new(height_for_width, measure, allocate));
    gtk_widget_add_css_class(box, "row-box");
    gtk_widget_set_hexpand(box, TRUE);
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    GtkWidget *name = cf_label_add(box, "row-name", 0), *amount = cf_label_add(box, "row-amount", 1);
    GtkWidget *terms = cf_label_add(box, "row-terms", 0), *off = cf_label_add(box, "row-off", 1);
    gtk_widget_add_css_class(amount, "figure");
    gtk_widget_add_css_class(terms, "figure");
    gtk_widget_add_css_class(off, "figure");
    gtk_label_set_ellipsize(GTK_LABEL(name), PANGO_ELLIPSIZE_END);
    gtk_label_set_ellipsize(GTK_LABEL(terms), PANGO_ELLIPSIZE_END);
    gtk_label_set_wrap(GTK_LABEL(terms), TRUE); /* why a coupon is refused is a sentence */
    gtk_label_set_wrap_mode(GTK_LABEL(terms), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_lines(GTK_LABEL(terms), 2);
    gtk_widget_set_valign(off, GTK_ALIGN_START);
    gtk_box_append(GTK_BOX(line), box);
    return line;
}

void cf_row_show(GtkWidget *widget, const struct cf_row *row)
{
    GtkWidget *labels[PLACES];
    char terms[2 * CF_PAGE_TEXT_MAX];
    labels_of(gtk_widget_get_first_child(widget), labels);
    g_snprintf(terms, sizeof terms, "%s%s%s", row->terms, row->why[0] != '\0' ? "  ·  " : "", row->why);
    cf_label_say(labels[NAME], row->name);
    cf_label_say(labels[AMOUNT], row->amount);
    cf_label_say(labels[TERMS], terms);
    cf_label_say(labels[OFF], row->off);
    cf_style_set(widget, "at-hand", row->at_hand);
    cf_style_set(widget, "void", row->is_void);
    cf_style_set(widget, "refused", row->is_choice && !row->good);
}
