/*
 * app/desk/desk_shopper.c - what the shopper sees, and the page around what the cashier does.
 */
#include "app/desk/desk_private.h"

#include <string.h>

/* --- one row ---------------------------------------------------------------------------------------------------------
 */

/* Off a line stands what took the most off it: a discount by hand before promotions; and that there was more. */
static void put_why(const struct cf_till_view *view, size_t at, char ret[CF_PAGE_TEXT_MAX])
{
    const struct cf_priced_why *why = &view->priced->why[at];
    const struct cf_hand_discount *given;
    const char *reason = NULL;
    char text[CF_PAGE_TEXT_MAX];
    size_t n_given = cf_cart_discounts(view->cart, &given), n_more = why->n_applied;
    for (size_t i = 0; i < n_given && reason == NULL; i++) {
        bool of_line = given[i].line_no == cf_cart_at(view->cart, at)->line_no;
        reason = of_line || (given[i].line_no == 0 && why->n_applied == 0) ? view->priced->hand[i].reason : NULL;
    }
    if (reason == NULL && why->n_applied > 0) {
        reason = view->priced->applied[why->most].reason;
        n_more--;
    }
    desk_put(ret, CF_PAGE_TEXT_MAX, "%s", reason != NULL ? cf_text_of_form(reason, text, sizeof text) : "");
    if (reason != NULL && n_more > 0) {
        size_t n = strlen(ret);
        desk_put(text, sizeof text, cf_text_of_n("%lu more", "%lu more", n_more), (unsigned long)n_more);
        desk_put(ret + n, CF_PAGE_TEXT_MAX - n, " · %s", text);
    }
}

static void fill_line(const struct cf_desk *desk, const struct cf_till_view *view, size_t at, struct cf_page_line *ret)
{
    const struct cf_cart_line *line = cf_cart_at(view->cart, at);
    const struct cf_priced_line *priced = &view->priced->lines[at];
    char quantity[CF_PAGE_AMOUNT_MAX], unit[CF_PAGE_AMOUNT_MAX];
    memset(ret, 0, sizeof *ret);
    ret->line_no = line->line_no;
    ret->is_void = line->voided;
    ret->at_hand = line == desk_line_at_hand(desk, view);
    desk_put(ret->name, sizeof ret->name, "%s", line->name);
    desk_quantity(line->qty_milli, quantity, sizeof quantity);
    desk_money(desk, line->unit_price_minor, unit);
    desk_put(ret->terms, sizeof ret->terms, line->weighed ? "%s kg × %s" : "%s × %s", quantity, unit);
    desk_money(desk, priced->net_minor, ret->amount);
    if (priced->discount_minor > 0) {
        desk_money(desk, -priced->discount_minor, ret->off);
        put_why(view, at, ret->off_why);
    }
}

void cf_desk_line(struct cf_desk *desk, size_t row, struct cf_page_line *ret)
{
    struct cf_till_view view;
    memset(ret, 0, sizeof *ret);
    if (desk->till == NULL) {
        return;
    }
    cf_till_view(desk->till, &view);
    if (row < cf_cart_count(view.cart)) {
        fill_line(desk, &view, row, ret);
    }
}

void cf_desk_shopper_line(struct cf_desk *desk, size_t row, struct cf_page_line *ret)
{
    struct cf_till_view view;
    memset(ret, 0, sizeof *ret);
    if (desk->till == NULL) {
        return;
    }
    cf_till_view(desk->till, &view);
    for (size_t i = 0, live = 0; i < cf_cart_count(view.cart); i++) {
        if (!cf_cart_at(view.cart, i)->voided && live++ == row) {
            fill_line(desk, &view, i, ret);
            return;
        }
    }
}

void cf_desk_choice(struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    const struct desk_page *page = desk_page_of(desk_page_now(desk));
    memset(ret, 0, sizeof *ret);
    if (page->choice != NULL) {
        page->choice(desk, row, ret);
        ret->at_hand = row == desk->choice;
    }
}

/* --- the cashier's page ----------------------------------------------------------------------------------------------
 */

/* The end of what is typed, a PIN as dots. */
static void fill_entry(const struct cf_desk *desk, struct cf_cashier_page *page)
{
    bool pin = desk->asks == DESK_ASKS_PIN &&
               (page->id == CF_PAGE_SIGN_ON || page->id == CF_PAGE_LOCKED || page->id == CF_PAGE_OVERRIDE);
    size_t from = desk->n_entry > CF_PAGE_ENTRY_MAX ? desk->n_entry - CF_PAGE_ENTRY_MAX : 0;
    for (size_t i = from; i <= desk->n_entry; i++) {
        page->entry[i - from] = pin && i < desk->n_entry ? '*' : desk->entry[i];
    }
}

void cf_desk_cashier(struct cf_desk *desk, struct cf_cashier_page *ret)
{
    struct cf_till_view view;
    struct cf_till_user user;
    memset(ret, 0, sizeof *ret);
    ret->progress_percent = -1;
    if (desk->till == NULL) {
        desk_first_cashier(desk, ret);
        return;
    }
    cf_till_view(desk->till, &view);
    cf_till_user(desk->till, &user);
    ret->id = desk_page_now(desk);
    const struct desk_page *page = desk_page_of(ret->id);
    desk_put(ret->place, sizeof ret->place, "%s", desk->place);
    desk_put(ret->who, sizeof ret->who, "%s", user.is ? user.name : "");
    ret->online = desk->online;
    ret->unsent = desk->unsent;
    ret->training = cf_till_is_training(desk->till);
    ret->bar = desk->bar;
    ret->tone = desk->tone;
    ret->n_tones = desk->n_tones;
    if (ret->bar.kind == CF_BAR_PROMPT) {
        desk_put(ret->bar.what, sizeof ret->bar.what, "%s", page->prompt(desk));
    }
    desk_put(ret->entry_label, sizeof ret->entry_label, "%s", page->asks != NULL ? page->asks(desk) : "");
    fill_entry(desk, ret);
    page->fill(desk, &view, ret);
    bool there = ret->id == CF_PAGE_OVERRIDE || ret->id == CF_PAGE_IDLE || ret->id == CF_PAGE_LINES;
    if (desk->refused_act != CF_DO_NOTHING && !there) {
        desk_key(desk, ret, CF_DO_OVERRIDE, _("Manager allows it"), CF_KEY_CONFIRM, true);
    }
    if (ret->id == CF_PAGE_SIGN_ON || ret->id == CF_PAGE_LOCKED) {
        return; /* nobody's basket is shown to nobody */
    }
    ret->n_lines = cf_cart_count(view.cart);
    desk_items(desk, &view, ret->items);
    desk_member(desk, &view, ret->member);
    if (view.priced->discount_minor > 0) {
        desk_money(desk, view.priced->discount_minor, ret->saved);
    }
    desk_money(desk, view.exchange_minor > 0 ? desk_difference(&view) : view.priced->total_minor, ret->total);
}

/* --- the shopper's page ----------------------------------------------------------------------------------------------
 */

static enum cf_shopper_look look_of(const struct cf_desk *desk, const struct cf_till_view *view)
{
    enum cf_page_id page = desk_page_now(desk);
    if (page == CF_PAGE_SIGN_ON || page == CF_PAGE_LOCKED || page == CF_PAGE_CLOSED || desk_closes_day(desk)) {
        return CF_SHOPPER_CLOSED;
    }
    if (page == CF_PAGE_WAIT || page == CF_PAGE_UNKNOWN || page == CF_PAGE_DECIDE) {
        return CF_SHOPPER_PAY;
    }
    if (view->state == CF_CHECKOUT_IDLE) {
        return desk->done ? CF_SHOPPER_THANKS : CF_SHOPPER_WELCOME;
    }
    return page == CF_PAGE_CASH || page == CF_PAGE_TENDER || page == CF_PAGE_MOBILE || page == CF_PAGE_GIFT ||
                   page == CF_PAGE_SLIP
               ? CF_SHOPPER_PAY
               : CF_SHOPPER_BASKET;
}

/* What the shopper is to do while somebody else takes the money. */
static void fill_waiting(const struct cf_desk *desk, const struct cf_till_view *view, struct cf_shopper_page *ret)
{
    switch ((int)desk_page_now(desk)) {
    case CF_PAGE_WAIT:
        desk_put(ret->hint, sizeof ret->hint, "%s",
                 desk->wait.kind == CF_TENDER_CARD ? _("Please follow the card terminal")
                                                   : _("Please confirm the payment on your phone"));
        return;
    case CF_PAGE_UNKNOWN:
    case CF_PAGE_DECIDE:
        desk_put(ret->hint, sizeof ret->hint, "%s", _("Please wait. Do not pay again"));
        return;
    case CF_PAGE_MOBILE:
        desk_put(ret->hint, sizeof ret->hint, "%s", _("Please show the payment code on your phone"));
        break;
    case CF_PAGE_GIFT:
        desk_put(ret->hint, sizeof ret->hint, "%s", _("Please show your gift card"));
        break;
    default:
        break;
    }
    desk_tender_fields(desk, view, ret->fields, &ret->n_fields);
}

static void fill_basket(const struct cf_desk *desk, const struct cf_till_view *view, struct cf_shopper_page *ret)
{
    int64_t difference_minor = desk_difference(view);
    desk_put(ret->title, sizeof ret->title, "%s", difference_minor < 0 ? _("You get back") : _("To pay"));
    ret->n_lines = cf_cart_live_count(view->cart);
    desk_items(desk, view, ret->items);
    desk_member_shopper(desk, view, ret->member);
    desk_money(desk, difference_minor < 0 ? -difference_minor : difference_minor, ret->total);
    if (view->priced->discount_minor > 0) {
        desk_money(desk, view->priced->discount_minor, ret->saved);
    }
    if (view->has_member && view->points > 0) {
        unsigned long points = (unsigned long)view->points;
        desk_put(ret->points, sizeof ret->points, cf_text_of_n("%lu point", "%lu points", points), points);
    }
    if (desk->has_relay) {
        desk_put(ret->qrs[0].text, sizeof ret->qrs[0].text, "%s", desk->relay);
        desk_put(ret->qrs[0].hint, sizeof ret->qrs[0].hint, "%s",
                 _("Scan this with your phone, and show the ticket that it fetches"));
        ret->n_qrs = 1;
    }
}

void cf_desk_shopper(struct cf_desk *desk, struct cf_shopper_page *ret)
{
    struct cf_till_view view;
    memset(ret, 0, sizeof *ret);
    if (desk->till == NULL) {
        desk_first_shopper(ret);
        return;
    }
    cf_till_view(desk->till, &view);
    ret->look = look_of(desk, &view);
    desk_put(ret->store, sizeof ret->store, "%s", cf_till_store(desk->till)->name);
    switch (ret->look) {
    case CF_SHOPPER_CLOSED:
        desk_put(ret->title, sizeof ret->title, "%s", _("This lane is closed"));
        desk_put(ret->hint, sizeof ret->hint, "%s", desk_closes_day(desk) ? _("The day is being closed") : "");
        return;
    case CF_SHOPPER_WELCOME: {
        desk_put(ret->title, sizeof ret->title, "%s", _("Welcome"));
        desk_put(ret->hint, sizeof ret->hint, "%s", _("Show your member code at any time before you pay"));
        const char *join = desk->join[0] != '\0' ? desk->join : cf_till_rules(desk->till)->join;
        if (join[0] != '\0') {
            desk_put(ret->qrs[0].text, sizeof ret->qrs[0].text, "%s", join);
            desk_put(ret->qrs[0].hint, sizeof ret->qrs[0].hint, "%s", _("Become a member: scan this with your phone"));
            ret->n_qrs = 1;
        }
        return;
    }
    case CF_SHOPPER_THANKS:
        desk_put(ret->title, sizeof ret->title, "%s", _("Thank you"));
        desk_done_fields(desk, ret->fields, &ret->n_fields);
        if (desk->n_qrs > 0 && ret->n_fields > 3 && desk->received_minor > 0) { /* no room: what she gave she knows */
            ret->n_fields--;
            memmove(&ret->fields[1], &ret->fields[2], (ret->n_fields - 1) * sizeof ret->fields[0]);
        }
        memcpy(ret->qrs, desk->qrs, sizeof ret->qrs);
        ret->n_qrs = desk->n_qrs;
        return;
    case CF_SHOPPER_BASKET:
        fill_basket(desk, &view, ret);
        return;
    case CF_SHOPPER_PAY:
        fill_basket(desk, &view, ret);
        fill_waiting(desk, &view, ret);
        return;
    }
}
