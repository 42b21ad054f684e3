/*
 * app/ui/shopper_window.c - see shopper_window.h.
 *
 *   head: whose counter, which member
 *   basket                 |  code or hint      or:  greeting, figures, codes
 *   foot: count, saved, points          to pay
 */
#include "app/ui/shopper_window.h"

#include "app/desk/language.h"
#include "app/ui/fields.h"
#include "app/ui/labels.h"
#include "app/ui/logo.h"
#include "app/ui/qr.h"
#include "app/ui/rows.h"
#include "app/ui/sheet.h"

/* A code with what it is for. */
struct code {
    GtkWidget *box, *qr, *hint;
};

struct cf_shopper_window {
    struct cf_desk *desk;
    GtkWidget *window, *stack;
    CfRows *rows;
    GtkWidget *store, *member;
    GtkWidget *beside, *basket_hint, *items, *title, *total, *saved, *points; /* with a basket */
    struct code pay;
    GtkWidget *logo, *greeting, *hint, *fields, *codes_box; /* without one */
    struct code codes[CF_PAGE_QRS_MAX];
    gboolean has_logo;
};

static GtkWidget *new_box(GtkOrientation orientation, const char *style)
{
    GtkWidget *box = gtk_box_new(orientation, 0);
    gtk_widget_add_css_class(box, style);
    return box;
}

static GtkWidget *add_sentence(GtkWidget *box, const char *style)
{
    GtkWidget *label = cf_label_add(box, style, 0.5F);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_justify(GTK_LABEL(label), GTK_JUSTIFY_CENTER);
    return label;
}

static void new_code(struct code *code, GtkWidget *into)
{
    code->box = new_box(GTK_ORIENTATION_VERTICAL, "code");
    code->qr = cf_qr_widget_new();
    gtk_box_append(GTK_BOX(code->box), code->qr);
    code->hint = add_sentence(code->box, "code-hint");
    gtk_label_set_max_width_chars(GTK_LABEL(code->hint), 28);
    gtk_widget_set_valign(code->box, GTK_ALIGN_CENTER);
    gtk_box_append(GTK_BOX(into), code->box);
}

static GtkWidget *new_head(struct cf_shopper_window *w)
{
    GtkWidget *head = new_box(GTK_ORIENTATION_HORIZONTAL, "head");
    w->store = cf_label_add(head, "store", 0);
    w->member = cf_label_add(head, "member", 1);
    gtk_label_set_ellipsize(GTK_LABEL(w->store), PANGO_ELLIPSIZE_END);
    gtk_widget_set_hexpand(w->store, TRUE);
    return head;
}

static GtkWidget *new_foot(struct cf_shopper_window *w)
{
    GtkWidget *foot = new_box(GTK_ORIENTATION_HORIZONTAL, "foot"), *left = new_box(GTK_ORIENTATION_VERTICAL, "left");
    GtkWidget *right = new_box(GTK_ORIENTATION_VERTICAL, "right");
    gtk_widget_set_valign(left, GTK_ALIGN_CENTER);
    gtk_widget_set_hexpand(left, TRUE);
    w->items = cf_label_add(left, "items", 0);
    w->saved = cf_label_add(left, "saved", 0);
    w->points = cf_label_add(left, "points", 0);
    gtk_widget_add_css_class(w->saved, "figure");
    w->title = cf_label_add(right, "title", 1);
    w->total = cf_label_add(right, "total", 1);
    gtk_widget_add_css_class(w->total, "figure");
    gtk_accessible_update_property(GTK_ACCESSIBLE(w->total), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "Total", -1);
    gtk_box_append(GTK_BOX(foot), left);
    gtk_box_append(GTK_BOX(foot), right);
    return foot;
}

static GtkWidget *new_basket(struct cf_shopper_window *w)
{
    GtkWidget *page = new_box(GTK_ORIENTATION_VERTICAL, "with-basket");
    GtkWidget *middle = new_box(GTK_ORIENTATION_HORIZONTAL, "middle");
    GtkWidget *panel = new_box(GTK_ORIENTATION_VERTICAL, "panel");
    gtk_widget_set_hexpand(panel, TRUE);
    gtk_widget_set_overflow(panel, GTK_OVERFLOW_HIDDEN);
    gtk_widget_set_vexpand(middle, TRUE);
    w->rows = cf_rows_new(w->desk, cf_row_shopper_line, NULL, NULL);
    gtk_box_append(GTK_BOX(panel), cf_rows_scrolled(w->rows));
    gtk_box_append(GTK_BOX(middle), panel);
    w->beside = new_box(GTK_ORIENTATION_VERTICAL, "beside");
    gtk_widget_set_valign(w->beside, GTK_ALIGN_CENTER);
    new_code(&w->pay, w->beside);
    w->basket_hint = add_sentence(w->beside, "ask"); /* what she is to do now */
    gtk_label_set_max_width_chars(GTK_LABEL(w->basket_hint), 14);
    gtk_box_append(GTK_BOX(middle), w->beside);
    gtk_box_append(GTK_BOX(page), middle);
    gtk_box_append(GTK_BOX(page), new_foot(w));
    return page;
}

static GtkWidget *new_greeting(struct cf_shopper_window *w)
{
    GtkWidget *page = new_box(GTK_ORIENTATION_VERTICAL, "without-basket");
    gtk_widget_set_valign(page, GTK_ALIGN_CENTER);
    w->logo = cf_logo_widget_new();
    gtk_box_append(GTK_BOX(page), w->logo);
    w->greeting = add_sentence(page, "greeting");
    w->hint = add_sentence(page, "hint");
    w->fields = cf_fields_new();
    gtk_widget_set_vexpand(w->fields, FALSE);
    gtk_box_append(GTK_BOX(page), w->fields);
    w->codes_box = new_box(GTK_ORIENTATION_HORIZONTAL, "codes");
    gtk_widget_set_halign(w->codes_box, GTK_ALIGN_CENTER);
    for (gsize i = 0; i < G_N_ELEMENTS(w->codes); i++) {
        new_code(&w->codes[i], w->codes_box);
    }
    gtk_box_append(GTK_BOX(page), w->codes_box);
    return page;
}

/* --- drawing it anew ------------------------------------------------------------------------------------------------
 */

static void refresh_code(struct code *code, const struct cf_page_qr *says)
{
    gboolean is = cf_qr_widget_say(CF_QR_WIDGET(code->qr), says != NULL ? says->text : "");
    gtk_widget_set_visible(code->box, says != NULL && is);
    if (cf_label_say(code->hint, says != NULL ? says->hint : "")) {
        gtk_accessible_update_property(GTK_ACCESSIBLE(code->qr), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       says != NULL ? says->hint : "", -1);
    }
}

static void refresh_basket(struct cf_shopper_window *w, const struct cf_shopper_page *page)
{
    char text[CF_PAGE_TEXT_MAX];
    cf_rows_refresh(w->rows, page->n_lines);
    cf_label_say(w->items, page->items);
    cf_label_say(w->title, page->title);
    cf_label_say_figure(w->total, page->total);
    g_snprintf(text, sizeof text, _("Saved %s"), page->saved);
    cf_label_say(w->saved, page->saved[0] != '\0' ? text : "");
    gtk_widget_set_visible(w->saved, page->saved[0] != '\0');
    g_snprintf(text, sizeof text, _("You will earn %s"), page->points);
    cf_label_say(w->points, page->points[0] != '\0' ? text : "");
    gtk_widget_set_visible(w->points, page->points[0] != '\0');
    cf_label_say(w->basket_hint, page->hint);
    gtk_widget_set_visible(w->basket_hint, page->hint[0] != '\0');
    gtk_widget_set_visible(w->beside, page->hint[0] != '\0' || page->n_qrs > 0);
}

static void refresh_greeting(struct cf_shopper_window *w, const struct cf_shopper_page *page)
{
    gboolean between_sales = page->look == CF_SHOPPER_CLOSED || page->look == CF_SHOPPER_WELCOME;
    gtk_widget_set_visible(w->logo, w->has_logo && between_sales);
    cf_label_say(w->greeting, page->title);
    cf_label_say(w->hint, page->hint);
    gtk_widget_set_visible(w->hint, page->hint[0] != '\0');
    cf_fields_refresh(w->fields, page->fields, page->n_fields);
    gtk_widget_set_visible(w->fields, page->n_fields > 0);
    gtk_widget_set_visible(w->codes_box, page->n_qrs > 0);
    cf_style_set(w->window, "has-codes", page->n_qrs > 0);
}

void cf_shopper_window_refresh(struct cf_shopper_window *w)
{
    struct cf_shopper_page page;
    cf_desk_shopper(w->desk, &page);
    gboolean basket = page.look == CF_SHOPPER_BASKET || page.look == CF_SHOPPER_PAY;
    cf_label_say(w->store, page.store);
    cf_label_say(w->member, page.member);
    refresh_code(&w->pay, basket && page.n_qrs > 0 ? &page.qrs[0] : NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(w->codes); i++) {
        refresh_code(&w->codes[i], !basket && i < page.n_qrs ? &page.qrs[i] : NULL);
    }
    refresh_basket(w, &page);
    refresh_greeting(w, &page);
    cf_style_set(w->window, "closed", page.look == CF_SHOPPER_CLOSED);
    gtk_stack_set_visible_child_name(GTK_STACK(w->stack), basket ? "basket" : "greeting");
}

static void destroyed(GtkWidget *widget, struct cf_shopper_window *w)
{
    (void)widget;
    g_free(w);
}

struct cf_shopper_window *cf_shopper_window_new(struct cf_desk *desk)
{
    struct cf_shopper_window *w = g_new0(struct cf_shopper_window, 1);
    GtkWidget *all = new_box(GTK_ORIENTATION_VERTICAL, "all");
    w->desk = desk;
    w->window = gtk_window_new();
    w->stack = gtk_stack_new();
    gtk_window_set_title(GTK_WINDOW(w->window), _("Shopper"));
    gtk_widget_add_css_class(w->window, "shopper");
    gtk_box_append(GTK_BOX(all), new_head(w));
    gtk_widget_set_vexpand(w->stack, TRUE);
    gtk_stack_set_hhomogeneous(GTK_STACK(w->stack), FALSE);
    gtk_stack_set_vhomogeneous(GTK_STACK(w->stack), FALSE);
    gtk_stack_add_named(GTK_STACK(w->stack), new_basket(w), "basket");
    gtk_stack_add_named(GTK_STACK(w->stack), new_greeting(w), "greeting");
    gtk_box_append(GTK_BOX(all), w->stack);
    gtk_window_set_child(GTK_WINDOW(w->window), cf_sheet_new(all));
    g_signal_connect(w->window, "destroy", G_CALLBACK(destroyed), w);
    cf_shopper_window_refresh(w);
    return w;
}

void cf_shopper_window_logo(struct cf_shopper_window *w, GdkTexture *texture)
{
    struct cf_shopper_page page;
    cf_desk_shopper(w->desk, &page);
    cf_logo_widget_show(CF_LOGO_WIDGET(w->logo), texture);
    gtk_accessible_update_property(GTK_ACCESSIBLE(w->logo), GTK_ACCESSIBLE_PROPERTY_LABEL, page.store, -1);
    w->has_logo = texture != NULL;
    cf_shopper_window_refresh(w);
}

GtkWindow *cf_shopper_window_widget(struct cf_shopper_window *w)
{
    return GTK_WINDOW(w->window);
}
