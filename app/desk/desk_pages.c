/*
 * app/desk/desk_pages.c - what both screens show, made anew from till and desk each time it is asked for. See desk.h.
 */
#include "app/desk/desk_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/core/cash_notes.h"

#define NOTES_MAX 4 /* suggestions that have room as keys */

/* --- small texts ----------------------------------------------------------------------------------------------------
 */

const char *cf_desk_money(const struct cf_desk *desk, int64_t minor, char ret[CF_PAGE_AMOUNT_MAX])
{
    _Static_assert(CF_PAGE_AMOUNT_MAX >= CF_MONEY_TEXT_MAX, "an amount fits");
    cf_money_format_signed((cf_money){minor, cf_till_store(desk->till)->currency}, ret);
    return ret;
}

/* "3", "0.345" */
static void quantity_text(int64_t qty_milli, char *ret, size_t n)
{
    if (qty_milli % 1000 == 0) {
        snprintf(ret, n, "%lld", (long long)(qty_milli / 1000));
    } else {
        snprintf(ret, n, "%lld.%03lld", (long long)(qty_milli / 1000), (long long)(qty_milli % 1000));
    }
}

/* Pieces that are not weighed, and each weighed line as one: what a shopper counts on the belt. */
static unsigned long count_items(const struct cf_cart *cart)
{
    int64_t n = 0;
    for (size_t i = 0; i < cf_cart_count(cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(cart, i);
        if (!line->voided) {
            n += line->weighed ? 1 : line->qty_milli / 1000;
        }
    }
    return (unsigned long)n;
}

static void items_text(const struct cf_till_view *view, char ret[CF_PAGE_ENTRY_MAX])
{
    unsigned long n = count_items(view->cart);
    snprintf(ret, CF_PAGE_ENTRY_MAX, cf_text_of_n("%lu item", "%lu items", n), n);
}

static void member_text(const struct cf_till_view *view, char ret[CF_PAGE_ENTRY_MAX])
{
    if (!view->has_member) {
        ret[0] = '\0';
    } else if (view->member_live) {
        snprintf(ret, CF_PAGE_ENTRY_MAX, _("Member %02x%02x…, tier %u"), view->member.b[0], view->member.b[1],
                 view->tier);
    } else {
        snprintf(ret, CF_PAGE_ENTRY_MAX, _("Card %02x%02x…, earns only"), view->member.b[0], view->member.b[1]);
    }
}

/* --- one row ---------------------------------------------------------------------------------------------------------
 */

static void fill_line(const struct cf_desk *desk, const struct cf_till_view *view, size_t at, struct cf_page_line *ret)
{
    const struct cf_cart_line *line = cf_cart_at(view->cart, at);
    const struct cf_priced_line *priced = &view->priced->lines[at];
    const struct cf_cart_line *at_hand = cf_desk_line_at_hand(desk, view);
    char quantity[CF_PAGE_AMOUNT_MAX], unit[CF_PAGE_AMOUNT_MAX];
    memset(ret, 0, sizeof *ret);
    ret->line_no = line->line_no;
    ret->is_void = line->voided;
    ret->at_hand = line == at_hand;
    snprintf(ret->name, sizeof ret->name, "%s", line->name);
    quantity_text(line->qty_milli, quantity, sizeof quantity);
    cf_desk_money(desk, line->unit_price_minor, unit);
    snprintf(ret->terms, sizeof ret->terms, line->weighed ? "%s kg × %s" : "%s × %s", quantity, unit);
    cf_desk_money(desk, priced->net_minor, ret->amount);
    if (priced->discount_minor > 0) {
        cf_desk_money(desk, -priced->discount_minor, ret->off);
    }
}

void cf_desk_line(struct cf_desk *desk, size_t row, struct cf_page_line *ret)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    fill_line(desk, &view, row, ret);
}

void cf_desk_shopper_line(struct cf_desk *desk, size_t row, struct cf_page_line *ret)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    for (size_t i = 0, live = 0; i < cf_cart_count(view.cart); i++) {
        if (!cf_cart_at(view.cart, i)->voided && live++ == row) {
            fill_line(desk, &view, i, ret);
            return;
        }
    }
    memset(ret, 0, sizeof *ret);
}

void cf_desk_choice(struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    memset(ret, 0, sizeof *ret);
    if (row >= view.n_coupons) {
        return;
    }
    const struct cf_till_coupon *coupon = &view.coupons[row];
    snprintf(ret->title, sizeof ret->title, "%s", coupon->name);
    snprintf(ret->detail, sizeof ret->detail, "%s", coupon->reason);
    ret->good = coupon->rc == CF_OK;
    ret->at_hand = row == desk->choice;
    if (ret->good) {
        cf_desk_money(desk, -coupon->amount_minor, ret->value);
    }
}

/* --- the cashier's page ----------------------------------------------------------------------------------------------
 */

static void add_key(struct cf_cashier_page *page, enum cf_desk_do act, const char *label, const char *hint,
                    enum cf_key_look look, bool enabled)
{
    struct cf_page_key *key = &page->keys[page->n_keys++];
    *key = (struct cf_page_key){.act = act, .look = look, .enabled = enabled, .hint = hint};
    snprintf(key->label, sizeof key->label, "%s", label);
}

static void add_field(struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n, const char *label, const char *value,
                      bool large)
{
    struct cf_page_field *field = &fields[(*n)++];
    snprintf(field->label, sizeof field->label, "%s", label);
    snprintf(field->value, sizeof field->value, "%s", value);
    field->large = large;
}

/* The keys of a sale are always at their places: what cannot be done now is grey, and nothing moves under a finger. */
static void sale_keys(const struct cf_till_view *view, struct cf_cashier_page *page)
{
    bool selling = view->state == CF_CHECKOUT_SELLING;
    bool goods = selling && cf_cart_live_count(view->cart) > 0;
    add_key(page, CF_DO_COUPONS, _("Coupons"), "F3", CF_KEY_PLAIN, view->n_coupons > 0);
    add_key(page, CF_DO_PARK, _("Park"), "F4", CF_KEY_PLAIN, goods);
    add_key(page, CF_DO_RECALL, _("Recall"), "F5", CF_KEY_PLAIN, view->state == CF_CHECKOUT_IDLE);
    add_key(page, CF_DO_QUANTITY, _("Quantity"), "F6", CF_KEY_PLAIN, goods);
    add_key(page, CF_DO_PRICE, _("Price"), "F7", CF_KEY_PLAIN, goods);
    add_key(page, CF_DO_VOID, _("Void line"), "F8", CF_KEY_DESTRUCTIVE, goods);
    add_key(page, CF_DO_CANCEL, _("Cancel sale"), "F12", CF_KEY_DESTRUCTIVE, selling);
    add_key(page, CF_DO_LOCK, _("Lock"), "F1", CF_KEY_PLAIN, true);
    add_key(page, CF_DO_CASH, _("Cash"), "F9", CF_KEY_TENDER, goods || view->state == CF_CHECKOUT_TENDERING);
}

static void cash_keys(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    int64_t values[CF_DENOMINATIONS_MAX], amounts[CF_CASH_SUGGESTIONS_MAX], due = view->due_minor;
    char text[CF_PAGE_AMOUNT_MAX];
    if (cf_till_due_in_cash(desk->till, view->currency, &due, NULL) != CF_OK) {
        due = view->due_minor;
    }
    size_t n = cf_cash_suggest(due, values, cf_denominations(view->currency, values), amounts);
    for (size_t i = 0; i < n && i < NOTES_MAX; i++) {
        add_key(page, CF_DO_NOTE, cf_desk_money(desk, amounts[i], text), "", CF_KEY_TENDER, true);
        page->keys[page->n_keys - 1].arg = amounts[i];
    }
    if (view->state == CF_CHECKOUT_TENDERING) {
        add_key(page, CF_DO_UNTENDER, _("Give back"), "F8", CF_KEY_DESTRUCTIVE, true);
    }
    add_key(page, CF_DO_BACK, _("Back"), "Esc", CF_KEY_PLAIN, view->state == CF_CHECKOUT_SELLING);
    add_field(page->fields, &page->n_fields, _("Total"), cf_desk_money(desk, view->priced->total_minor, text), false);
    add_field(page->fields, &page->n_fields, _("Due in cash"), cf_desk_money(desk, due, text), true);
}

static void done_fields(const struct cf_desk *desk, struct cf_page_field fields[CF_PAGE_FIELDS_MAX], size_t *n)
{
    char text[CF_PAGE_AMOUNT_MAX];
    add_field(fields, n, _("Total"), cf_desk_money(desk, desk->sold.total_minor, text), false);
    if (desk->received_minor > 0) {
        add_field(fields, n, _("Received"), cf_desk_money(desk, desk->received_minor, text), false);
    }
    add_field(fields, n, _("Change"), cf_desk_money(desk, desk->sold.change_minor, text), true);
}

/* What to do on this page, when nothing else is to be said. */
static const char *prompt_of(const struct cf_desk *desk, enum cf_page_id page)
{
    switch (page) {
    case CF_PAGE_SIGN_ON:
    case CF_PAGE_LOCKED:
        return desk->asks == CF_ASKS_USER ? _("Type your number, or scan your badge") : _("Type your PIN");
    case CF_PAGE_OVERRIDE:
        return desk->asks == CF_ASKS_USER  ? _("Who allows it? Number or badge")
               : desk->asks == CF_ASKS_PIN ? _("Their PIN")
                                           : _("Why? It stays on record");
    case CF_PAGE_IDLE:
        return _("Scan goods or a member code");
    case CF_PAGE_LINES:
        return _("Scan goods or a coupon, or choose how to pay");
    case CF_PAGE_ASK:
        return desk->asked.rc == CF_E_GOODS_PRICE ? _("What do these goods cost?")
               : desk->asked.rc == CF_E_GOODS_AGE
                   ? _("Is the shopper old enough? Touch \"Seen\", or type the date of birth")
                   : _("Scan or type the serial number");
    case CF_PAGE_QUANTITY:
        return _("How many?");
    case CF_PAGE_PRICE:
        return _("The new price of one");
    case CF_PAGE_COUPONS:
        return _("Coupons of this sale");
    case CF_PAGE_CASH:
        return _("Type what the shopper hands over, or touch a note");
    case CF_PAGE_DONE:
        return _("Sold. Scan for the next shopper");
    case CF_PAGE_PARK:
        return _("A name to find this sale again");
    case CF_PAGE_RECALL:
        return _("The name that it was parked under");
    case CF_PAGE_CANCEL:
        return _("Cancel the whole sale? Enter cancels it, Esc goes on selling");
    }
    return "";
}

static const char *entry_label_of(const struct cf_desk *desk, enum cf_page_id page)
{
    switch (page) {
    case CF_PAGE_SIGN_ON:
    case CF_PAGE_LOCKED:
    case CF_PAGE_OVERRIDE:
        return desk->asks == CF_ASKS_USER ? _("Number") : desk->asks == CF_ASKS_PIN ? _("PIN") : _("Reason");
    case CF_PAGE_QUANTITY:
        return _("Quantity");
    case CF_PAGE_PRICE:
        return _("Price");
    case CF_PAGE_CASH:
        return _("Received");
    case CF_PAGE_PARK:
    case CF_PAGE_RECALL:
        return _("Name");
    case CF_PAGE_ASK:
        return _("Answer");
    case CF_PAGE_IDLE:
    case CF_PAGE_LINES:
    case CF_PAGE_DONE:
        return _("Code");
    case CF_PAGE_COUPONS:
    case CF_PAGE_CANCEL:
        return "";
    }
    return "";
}

static void fill_entry(const struct cf_desk *desk, struct cf_cashier_page *page)
{
    bool pin = desk->asks == CF_ASKS_PIN &&
               (page->id == CF_PAGE_SIGN_ON || page->id == CF_PAGE_LOCKED || page->id == CF_PAGE_OVERRIDE);
    snprintf(page->entry_label, sizeof page->entry_label, "%s", entry_label_of(desk, page->id));
    for (size_t i = 0; i <= desk->n_entry; i++) {
        page->entry[i] = pin && i < desk->n_entry ? '*' : desk->entry[i];
    }
}

static void page_keys(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    switch (page->id) {
    case CF_PAGE_SIGN_ON:
    case CF_PAGE_LOCKED:
        break;
    case CF_PAGE_CASH:
        cash_keys(desk, view, page);
        break;
    case CF_PAGE_ASK:
        add_key(page, CF_DO_SEEN, _("Seen"), "F2", CF_KEY_CONFIRM, desk->asked.rc == CF_E_GOODS_AGE);
        add_key(page, CF_DO_BACK, _("Back"), "Esc", CF_KEY_PLAIN, true);
        break;
    case CF_PAGE_COUPONS:
        page->n_choices = view->n_coupons;
        add_key(page, CF_DO_UNTAKE, _("Take off"), "F8", CF_KEY_DESTRUCTIVE, view->n_coupons > 0);
        add_key(page, CF_DO_BACK, _("Back"), "Esc", CF_KEY_PLAIN, true);
        break;
    case CF_PAGE_CANCEL:
        add_key(page, CF_DO_ENTER, _("Cancel sale"), "Enter", CF_KEY_DESTRUCTIVE, true);
        add_key(page, CF_DO_BACK, _("Go on selling"), "Esc", CF_KEY_PLAIN, true);
        break;
    case CF_PAGE_DONE:
        done_fields(desk, page->fields, &page->n_fields);
        add_key(page, CF_DO_REPRINT, _("Print again"), "F2", CF_KEY_PLAIN, true);
        sale_keys(view, page);
        break;
    case CF_PAGE_IDLE:
    case CF_PAGE_LINES:
        sale_keys(view, page);
        break;
    case CF_PAGE_QUANTITY:
    case CF_PAGE_PRICE:
    case CF_PAGE_PARK:
    case CF_PAGE_RECALL:
    case CF_PAGE_OVERRIDE:
        add_key(page, CF_DO_BACK, _("Back"), "Esc", CF_KEY_PLAIN, true);
        break;
    }
    if (desk->refused_act != CF_DO_NOTHING && page->id != CF_PAGE_OVERRIDE) {
        add_key(page, CF_DO_OVERRIDE, _("Manager"), "F11", CF_KEY_CONFIRM, true);
    }
}

void cf_desk_cashier(struct cf_desk *desk, struct cf_cashier_page *ret)
{
    struct cf_till_view view;
    struct cf_till_user user;
    cf_till_view(desk->till, &view);
    cf_till_user(desk->till, &user);
    memset(ret, 0, sizeof *ret);
    ret->id = cf_desk_page(desk);
    snprintf(ret->place, sizeof ret->place, "%s", desk->place);
    snprintf(ret->who, sizeof ret->who, "%s", user.is ? user.name : "");
    ret->online = desk->online;
    ret->unsent = desk->unsent;
    ret->training = cf_till_is_training(desk->till);
    ret->bar = desk->bar;
    if (ret->bar.kind == CF_BAR_PROMPT) {
        snprintf(ret->bar.what, sizeof ret->bar.what, "%s", prompt_of(desk, ret->id));
    }
    fill_entry(desk, ret);
    page_keys(desk, &view, ret);
    if (ret->id == CF_PAGE_SIGN_ON || ret->id == CF_PAGE_LOCKED) {
        return; /* nobody's basket is shown to nobody */
    }
    ret->n_lines = cf_cart_count(view.cart);
    items_text(&view, ret->items);
    member_text(&view, ret->member);
    cf_desk_money(desk, view.priced->discount_minor, ret->saved);
    cf_desk_money(desk, view.priced->total_minor, ret->total);
}

/* --- the shopper's page ----------------------------------------------------------------------------------------------
 */

static enum cf_shopper_look look_of(const struct cf_desk *desk, const struct cf_till_view *view)
{
    enum cf_page_id page = cf_desk_page(desk);
    if (page == CF_PAGE_SIGN_ON || page == CF_PAGE_LOCKED) {
        return CF_SHOPPER_CLOSED;
    }
    if (view->state == CF_CHECKOUT_IDLE) {
        return desk->done ? CF_SHOPPER_THANKS : CF_SHOPPER_WELCOME;
    }
    return page == CF_PAGE_CASH ? CF_SHOPPER_PAY : CF_SHOPPER_BASKET;
}

void cf_desk_shopper(struct cf_desk *desk, struct cf_shopper_page *ret)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    memset(ret, 0, sizeof *ret);
    ret->look = look_of(desk, &view);
    snprintf(ret->store, sizeof ret->store, "%s", cf_till_store(desk->till)->name);
    switch (ret->look) {
    case CF_SHOPPER_CLOSED:
        snprintf(ret->title, sizeof ret->title, "%s", _("This lane is closed"));
        return;
    case CF_SHOPPER_WELCOME:
        snprintf(ret->title, sizeof ret->title, "%s", _("Welcome"));
        snprintf(ret->hint, sizeof ret->hint, "%s", _("Show your member code at any time before you pay"));
        return;
    case CF_SHOPPER_THANKS:
        snprintf(ret->title, sizeof ret->title, "%s", _("Thank you"));
        done_fields(desk, ret->fields, &ret->n_fields);
        return;
    case CF_SHOPPER_BASKET:
    case CF_SHOPPER_PAY:
        break;
    }
    snprintf(ret->title, sizeof ret->title, "%s", _("To pay"));
    ret->n_lines = cf_cart_live_count(view.cart);
    items_text(&view, ret->items);
    member_text(&view, ret->member);
    cf_desk_money(desk, view.priced->total_minor, ret->total);
    if (view.priced->discount_minor > 0) {
        cf_desk_money(desk, view.priced->discount_minor, ret->saved);
    }
    if (view.has_member && view.points > 0) {
        unsigned long points = (unsigned long)view.points;
        snprintf(ret->points, sizeof ret->points, cf_text_of_n("%lu point", "%lu points", points), points);
    }
}
