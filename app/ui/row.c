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

static GtkWidget *label(const char *style, float xalign)
{
    GtkWidget *widget = gtk_label_new("");
    gtk_widget_add_css_class(widget, style);
    gtk_label_set_xalign(GTK_LABEL(widget), xalign);
    return widget;
}

/* [name        amount]
 * [terms, why     off] */
GtkWidget *cf_row_new(void)
{
    GtkWidget *line =
        g_object_new(GTK_TYPE_BOX, "css-name", "line", "accessible-role", GTK_ACCESSIBLE_ROLE_LIST_ITEM, NULL);
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
    gtk_box_append(GTK_BOX(line), grid);
    return line;
}

static void say(GtkWidget *grid, int column, int row, const char *text)
{
    cf_label_say(gtk_grid_get_child_at(GTK_GRID(grid), column, row), text);
}

void cf_row_show(GtkWidget *widget, const struct cf_row *row)
{
    GtkWidget *grid = gtk_widget_get_first_child(widget);
    char terms[2 * CF_PAGE_TEXT_MAX];
    g_snprintf(terms, sizeof terms, "%s%s%s", row->terms, row->why[0] != '\0' ? "  ·  " : "", row->why);
    say(grid, 0, 0, row->name);
    say(grid, 1, 0, row->amount);
    say(grid, 0, 1, terms);
    say(grid, 1, 1, row->off);
    cf_style_set(widget, "at-hand", row->at_hand);
    cf_style_set(widget, "void", row->is_void);
    cf_style_set(widget, "refused", row->is_choice && !row->good);
}
