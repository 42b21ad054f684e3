/*
 * app/counter/showing.c - see showing.h.
 */
#include "app/counter/showing.h"

#include <stdio.h>

enum word { WORD_TOTAL, WORD_DUE, WORD_PAID, WORD_CHANGE };

static const char *word_of(const struct cf_showing *showing, enum word word)
{
    static const char *const words[][2] = {
        [WORD_TOTAL] = {"TOTAL", "合计"},
        [WORD_DUE] = {"DUE", "应付"},
        [WORD_PAID] = {"PAID", "已付"},
        [WORD_CHANGE] = {"CHANGE", "找零"},
    };
    return words[word][showing->chinese ? 1 : 0];
}

static void put(struct cf_display_row *row, const char *left, int64_t minor, cf_currency currency)
{
    char text[CF_MONEY_TEXT_MAX];
    cf_money_format_signed((cf_money){.minor = minor, .currency = currency}, text);
    (void)snprintf(row->left, sizeof row->left, "%s", left);
    (void)snprintf(row->right, sizeof row->right, "%s", text);
}

static int64_t paid(const struct cf_till_view *view)
{
    return view->priced->total_minor - view->exchange_minor - view->due_minor;
}

/* The goods scanned last that are still in the sale. */
static void put_line(const struct cf_till_view *view, struct cf_display_row *row)
{
    for (size_t i = cf_cart_count(view->cart); i > 0; i--) {
        const struct cf_cart_line *line = cf_cart_at(view->cart, i - 1);
        int64_t gross_minor = 0;
        if (line->voided || cf_line_gross(line, &gross_minor, NULL) != CF_OK)
            continue;
        put(row, line->name, gross_minor, view->currency);
        return;
    }
}

static void put_sale(const struct cf_showing *showing, const struct cf_till_view *view, struct cf_display_text *text)
{
    if (paid(view) > 0) {
        put(&text->row[0], word_of(showing, WORD_PAID), paid(view), view->currency);
        put(&text->row[1], word_of(showing, WORD_DUE), view->due_minor, view->currency);
        return;
    }
    put_line(view, &text->row[0]);
    put(&text->row[1], word_of(showing, WORD_TOTAL), view->priced->total_minor, view->currency);
}

/* The last sale, if it ended since it was last looked at. */
static void look_at_end(struct cf_showing *showing, struct cf_till *till, cf_currency currency)
{
    struct cf_till_sold sold;
    int64_t cash_minor = 0;
    bool is_new = cf_till_last_sale(till, &sold, &cash_minor, NULL) == CF_OK && sold.at.seq != showing->last_sale;
    showing->selling = false;
    if (!is_new)
        return;
    showing->last_sale = sold.at.seq;
    showing->ended = showing->known;
    showing->end = (struct cf_display_text){.row = {{.left = ""}}};
    put(&showing->end.row[0], word_of(showing, WORD_TOTAL), sold.total_minor, currency);
    put(&showing->end.row[1], word_of(showing, WORD_CHANGE), sold.change_minor, currency);
}

void cf_showing_look(struct cf_showing *showing, struct cf_till *till)
{
    struct cf_display_text text = {.row = {{.left = ""}}};
    struct cf_till_view view;
    if (showing->devices == NULL)
        return;
    cf_till_view(till, &view);
    if (cf_cart_live_count(view.cart) > 0) {
        showing->selling = true;
        showing->ended = false;
        put_sale(showing, &view, &text);
    } else {
        if (showing->selling || !showing->known)
            look_at_end(showing, till, view.currency);
        if (showing->ended)
            text = showing->end;
        else if (showing->greeting != NULL)
            (void)snprintf(text.row[0].left, sizeof text.row[0].left, "%s", showing->greeting);
    }
    showing->known = true;
    cf_devices_show(showing->devices, &text);
}
