/*
 * app/ui/shopper_window.c - see shopper_window.h.
 */
#include "app/ui/shopper_window.h"

#include "app/desk/language.h"
#include "app/ui/fields.h"
#include "app/ui/rows.h"

struct cf_shopper_window {
    struct cf_desk *desk;
    GtkWidget *window, *stack;
    GListStore *rows;
    GtkWidget *items, *title, *total, *saved, *points, *member; /* beside the basket */
    GtkWidget *greeting, *hint, *fields;                        /* without one */
};

static GtkWidget *add_label(GtkWidget *box, const char *style)
{
    GtkWidget *label = gtk_label_new("");
    gtk_widget_add_css_class(label, style);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_justify(GTK_LABEL(label), GTK_JUSTIFY_CENTER);
    gtk_box_append(GTK_BOX(box), label);
    return label;
}

static GtkWidget *new_basket(struct cf_shopper_window *w)
{
    GtkWidget *page = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 24);
    GtkWidget *panel = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *side = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
    gtk_widget_add_css_class(panel, "panel");
    gtk_widget_set_hexpand(panel, TRUE);
    w->items = add_label(panel, "row-name");
    gtk_box_append(GTK_BOX(panel), cf_rows_view(w->rows));
    gtk_widget_set_valign(side, GTK_ALIGN_CENTER);
    gtk_widget_set_size_request(side, 380, -1);
    w->title = add_label(side, "title");
    w->total = add_label(side, "total");
    gtk_widget_add_css_class(w->total, "figure");
    w->saved = add_label(side, "saved");
    w->points = add_label(side, "points");
    w->member = add_label(side, "points");
    gtk_box_append(GTK_BOX(page), panel);
    gtk_box_append(GTK_BOX(page), side);
    return page;
}

static GtkWidget *new_greeting(struct cf_shopper_window *w)
{
    GtkWidget *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 24);
    gtk_widget_set_valign(page, GTK_ALIGN_CENTER);
    w->greeting = add_label(page, "greeting");
    w->hint = add_label(page, "hint");
    w->fields = cf_fields_new();
    gtk_box_append(GTK_BOX(page), w->fields);
    return page;
}

static void say(GtkWidget *label, const char *text)
{
    gtk_label_set_text(GTK_LABEL(label), text);
}

void cf_shopper_window_refresh(struct cf_shopper_window *w)
{
    struct cf_shopper_page page;
    char text[CF_PAGE_TEXT_MAX];
    cf_desk_shopper(w->desk, &page);
    gboolean basket = page.look == CF_SHOPPER_BASKET || page.look == CF_SHOPPER_PAY;
    cf_rows_refresh(w->rows, w->desk, page.n_lines, cf_desk_shopper_line);
    say(w->items, page.items);
    say(w->title, page.title);
    say(w->total, page.total);
    g_snprintf(text, sizeof text, _("Saved %s"), page.saved);
    say(w->saved, page.saved[0] != '\0' ? text : "");
    g_snprintf(text, sizeof text, _("You will earn %s"), page.points);
    say(w->points, page.points[0] != '\0' ? text : "");
    say(w->member, page.member);
    say(w->greeting, page.title);
    say(w->hint, page.hint);
    cf_fields_refresh(w->fields, page.fields, page.n_fields);
    gtk_stack_set_visible_child_name(GTK_STACK(w->stack), basket ? "basket" : "greeting");
}

static void destroyed(GtkWidget *widget, struct cf_shopper_window *w)
{
    (void)widget;
    g_object_unref(w->rows);
    g_free(w);
}

struct cf_shopper_window *cf_shopper_window_new(struct cf_desk *desk)
{
    struct cf_shopper_window *w = g_new0(struct cf_shopper_window, 1);
    w->desk = desk;
    w->rows = g_list_store_new(CF_TYPE_ROW);
    w->window = gtk_window_new();
    w->stack = gtk_stack_new();
    gtk_window_set_title(GTK_WINDOW(w->window), _("Shopper"));
    gtk_widget_add_css_class(w->window, "shopper");
    gtk_stack_add_named(GTK_STACK(w->stack), new_basket(w), "basket");
    gtk_stack_add_named(GTK_STACK(w->stack), new_greeting(w), "greeting");
    gtk_window_set_child(GTK_WINDOW(w->window), w->stack);
    g_signal_connect(w->window, "destroy", G_CALLBACK(destroyed), w);
    cf_shopper_window_refresh(w);
    return w;
}

GtkWindow *cf_shopper_window_widget(struct cf_shopper_window *w)
{
    return GTK_WINDOW(w->window);
}
