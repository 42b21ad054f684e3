/*
 * app/desk/desk.c - what happens at the desk: acts, characters and scans become calls of the till. See desk.h.
 */
#include "app/desk/desk_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LOOK_MS 1000    /* between two looks at what the sync has left word of */
#define ONLINE_S 30     /* since the centre last answered */
#define THANKS_MS 10000 /* how long the last sale stays on the screens when nobody does anything */

/* --- making one ----------------------------------------------------------------------------------------------------
 */

enum cf_rc cf_desk_new(struct cf_till *till, const char *place, const struct cf_desk_ports *ports, struct cf_desk **ret,
                       struct cf_error *err)
{
    struct cf_desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "desk");
    }
    desk->till = till;
    desk->ports = *ports;
    desk->over = CF_PAGE_LINES;
    snprintf(desk->place, sizeof desk->place, "%s", place);
    cf_asked_init(&desk->asked);
    *ret = desk;
    return CF_OK;
}

void cf_desk_free(struct cf_desk *desk)
{
    if (desk != NULL) {
        cf_asked_done(&desk->asked);
        explicit_bzero(desk->pin, sizeof desk->pin);
        explicit_bzero(desk->entry, sizeof desk->entry);
        free(desk);
    }
}

/* --- saying --------------------------------------------------------------------------------------------------------
 */

static void tone(struct cf_desk *desk, bool good)
{
    if (desk->ports.tone != NULL) {
        desk->ports.tone(desk->ports.ctx, good);
    }
}

static void say_nothing(struct cf_desk *desk)
{
    desk->bar = (struct cf_page_bar){.kind = CF_BAR_PROMPT};
}

static void say_news(struct cf_desk *desk, const char *text)
{
    desk->bar = (struct cf_page_bar){.kind = CF_BAR_NEWS};
    snprintf(desk->bar.what, sizeof desk->bar.what, "%s", text);
}

static void say_refused(struct cf_desk *desk, const struct cf_error *err)
{
    desk->bar = (struct cf_page_bar){.kind = CF_BAR_REFUSED};
    snprintf(desk->bar.what, sizeof desk->bar.what, "%s", _(cf_rc_text(err->rc)));
    snprintf(desk->bar.why, sizeof desk->bar.why, "%s", err->detail);
    tone(desk, false);
}

static void clear_entry(struct cf_desk *desk)
{
    explicit_bzero(desk->entry, sizeof desk->entry);
    desk->n_entry = 0;
}

/* Back to what the till's state says. */
static void leave(struct cf_desk *desk)
{
    desk->over = CF_PAGE_LINES;
    desk->choice = 0;
    clear_entry(desk);
}

static void enter(struct cf_desk *desk, enum cf_page_id page)
{
    desk->over = page;
    desk->choice = 0;
    desk->asks = CF_ASKS_USER;
    clear_entry(desk);
    say_nothing(desk);
}

/* --- which page ----------------------------------------------------------------------------------------------------
 */

enum cf_page_id cf_desk_page(const struct cf_desk *desk)
{
    struct cf_till_user user;
    struct cf_till_view view;
    cf_till_user(desk->till, &user);
    cf_till_view(desk->till, &view);
    if (user.users && !user.is) {
        return view.state == CF_CHECKOUT_IDLE ? CF_PAGE_SIGN_ON : CF_PAGE_LOCKED;
    }
    if (desk->over != CF_PAGE_LINES) {
        return desk->over;
    }
    switch (view.state) {
    case CF_CHECKOUT_IDLE:
        return desk->done ? CF_PAGE_DONE : CF_PAGE_IDLE;
    case CF_CHECKOUT_SELLING:
        return CF_PAGE_LINES;
    case CF_CHECKOUT_TENDERING:
    case CF_CHECKOUT_PAID:
    case CF_CHECKOUT_PAYING:
        return CF_PAGE_CASH;
    }
    return CF_PAGE_IDLE;
}

const struct cf_cart_line *cf_desk_line_at_hand(const struct cf_desk *desk, const struct cf_till_view *view)
{
    for (size_t i = cf_cart_count(view->cart); i-- > 0;) {
        const struct cf_cart_line *line = cf_cart_at(view->cart, i);
        if (!line->voided && (desk->line_no == 0 || line->line_no == desk->line_no)) {
            return line;
        }
    }
    return NULL;
}

/* --- the outcome of a call -----------------------------------------------------------------------------------------
 */

/* A refusal is said; one for want of a permit is remembered, so that it can be done once somebody allows it. */
static void outcome(struct cf_desk *desk, enum cf_rc rc, const struct cf_error *err, enum cf_desk_do act, int64_t arg)
{
    if (rc == CF_OK) {
        leave(desk);
        say_nothing(desk);
        return;
    }
    desk->refused_act = rc == CF_E_PERMIT ? act : CF_DO_NOTHING;
    desk->refused_arg = arg;
    memcpy(desk->refused_entry, desk->entry, sizeof desk->refused_entry);
    clear_entry(desk);
    say_refused(desk, err);
}

static void print(struct cf_desk *desk, bool copy)
{
    struct cf_error err;
    if (desk->ports.print == NULL) {
        return;
    }
    desk->has_paper = desk->ports.print(desk->ports.ctx, desk->sold.at.seq, copy, &err) == CF_OK;
    if (!desk->has_paper) {
        say_refused(desk, &err);
    }
}

/* The sale is in the journal: the drawer, the paper and the screens come after. */
static void sold(struct cf_desk *desk, const struct cf_till_sold *sold, int64_t received_minor)
{
    desk->done = true;
    desk->touched_ms = desk->now_ms;
    desk->sold = *sold;
    desk->received_minor = received_minor;
    desk->line_no = 0;
    leave(desk);
    say_nothing(desk);
    tone(desk, true);
    print(desk, false);
}

/* --- logging in, and being allowed ---------------------------------------------------------------------------------
 */

static void do_again(struct cf_desk *desk)
{
    enum cf_desk_do act = desk->refused_act;
    desk->refused_act = CF_DO_NOTHING;
    if (desk->refused_entry[0] != '\0') {
        desk->n_entry = strlen(desk->refused_entry);
        memcpy(desk->entry, desk->refused_entry, sizeof desk->entry);
        desk->over = act == CF_DO_PRICE ? CF_PAGE_PRICE : CF_PAGE_QUANTITY;
        cf_desk_act(desk, CF_DO_ENTER, 0);
        return;
    }
    cf_desk_act(desk, act, desk->refused_arg);
}

/* User, PIN, and for an override a reason, one after the other. */
static void answer_who(struct cf_desk *desk, bool override)
{
    struct cf_error err;
    enum cf_rc rc;
    switch (desk->asks) {
    case CF_ASKS_USER:
        memcpy(desk->user, desk->entry, sizeof desk->user);
        desk->asks = CF_ASKS_PIN;
        clear_entry(desk);
        return;
    case CF_ASKS_PIN:
        memcpy(desk->pin, desk->entry, sizeof desk->pin);
        clear_entry(desk);
        if (override) {
            desk->asks = CF_ASKS_REASON;
            return;
        }
        break;
    case CF_ASKS_REASON:
        break;
    }
    rc = override ? cf_till_override(desk->till, desk->user, desk->pin, desk->entry, &err)
                  : cf_till_login(desk->till, desk->user, desk->pin, &err);
    explicit_bzero(desk->pin, sizeof desk->pin);
    desk->asks = CF_ASKS_USER;
    clear_entry(desk);
    if (rc != CF_OK) {
        say_refused(desk, &err);
        return;
    }
    leave(desk);
    say_nothing(desk);
    if (override) {
        do_again(desk);
    }
}

/* --- goods ----------------------------------------------------------------------------------------------------------
 */

static void scan_asked(struct cf_desk *desk, cf_bytes text)
{
    struct cf_till_scanned scanned;
    struct cf_error err;
    bool asks = false;
    enum cf_rc rc = cf_asked_scan(&desk->asked, desk->till, text, &scanned, &asks, &err);
    if (rc == CF_OK && asks) {
        enter(desk, CF_PAGE_ASK);
        snprintf(desk->bar.why, sizeof desk->bar.why, "%s", err.detail);
        return;
    }
    if (rc != CF_OK) {
        leave(desk);
        say_refused(desk, &err);
        return;
    }
    desk->done = false;
    desk->line_no = 0;
    leave(desk);
    say_nothing(desk);
    tone(desk, true);
    if (scanned.sold.committed) {
        sold(desk, &scanned.sold, 0);
        return;
    }
    if (scanned.kind == CF_SCAN_COUPON || scanned.kind == CF_SCAN_TICKET) {
        struct cf_till_view view;
        cf_till_view(desk->till, &view);
        say_news(desk, view.coupons[scanned.coupon].reason);
    }
}

void cf_desk_scan(struct cf_desk *desk, cf_bytes text)
{
    enum cf_page_id page = cf_desk_page(desk);
    if (page == CF_PAGE_SIGN_ON || page == CF_PAGE_LOCKED || page == CF_PAGE_OVERRIDE) {
        /* A badge says who; the PIN is still to be typed. */
        if (desk->asks == CF_ASKS_USER && text.n > 0 && text.n <= CF_PAGE_ENTRY_MAX) {
            clear_entry(desk);
            memcpy(desk->entry, text.p, text.n);
            desk->n_entry = text.n;
            answer_who(desk, page == CF_PAGE_OVERRIDE);
        }
        return;
    }
    if (page == CF_PAGE_ASK && desk->asked.rc == CF_E_GOODS_SERIAL) {
        struct cf_error err;
        char serial[CF_PAGE_ENTRY_MAX + 1];
        enum cf_rc rc = cf_text_accept(text, serial, sizeof serial, &err);
        if (rc == CF_OK) {
            rc = cf_asked_serial(&desk->asked, serial, &err);
        }
        if (rc == CF_OK) {
            scan_asked(desk, cf_buf_bytes(&desk->asked.text));
        } else {
            say_refused(desk, &err);
        }
        return;
    }
    scan_asked(desk, text);
}

/* What was typed answers what the goods ask. */
static void answer_goods(struct cf_desk *desk)
{
    struct cf_till_view view;
    struct cf_error err;
    cf_money price;
    enum cf_rc rc;
    cf_till_view(desk->till, &view);
    if (desk->asked.rc == CF_E_GOODS_AGE) {
        rc = cf_asked_age(&desk->asked, desk->entry, &err);
    } else if (desk->asked.rc == CF_E_GOODS_SERIAL) {
        rc = cf_asked_serial(&desk->asked, desk->entry, &err);
    } else {
        rc = cf_money_parse(desk->entry, view.currency, &price, &err);
        if (rc == CF_OK) {
            rc = cf_asked_price(&desk->asked, price.minor, &err);
        }
    }
    clear_entry(desk);
    if (rc == CF_OK) {
        scan_asked(desk, cf_buf_bytes(&desk->asked.text));
    } else {
        say_refused(desk, &err);
    }
}

/* "2", "0.345": thousandths. */
static enum cf_rc parse_milli(const char *text, int64_t *ret, struct cf_error *err)
{
    /* A quantity has three digits after the point, like the dinar. */
    cf_money thousandths;
    enum cf_rc rc = cf_money_parse(text, (cf_currency){"KWD"}, &thousandths, err);
    if (rc == CF_OK) {
        *ret = thousandths.minor;
    }
    return rc;
}

/* What was typed becomes the quantity or the price of the line at hand. */
static void change_line(struct cf_desk *desk, enum cf_page_id page)
{
    struct cf_till_view view;
    struct cf_error err;
    cf_money price;
    int64_t qty_milli;
    cf_till_view(desk->till, &view);
    enum cf_rc rc;
    if (page == CF_PAGE_QUANTITY) {
        rc = parse_milli(desk->entry, &qty_milli, &err);
        if (rc == CF_OK) {
            rc = cf_till_quantity(desk->till, desk->line_no, qty_milli, &err);
        }
        outcome(desk, rc, &err, CF_DO_QUANTITY, 0);
    } else {
        rc = cf_money_parse(desk->entry, view.currency, &price, &err);
        if (rc == CF_OK) {
            rc = cf_till_price(desk->till, desk->line_no, price.minor, &err);
        }
        outcome(desk, rc, &err, CF_DO_PRICE, 0);
    }
}

/* --- money ----------------------------------------------------------------------------------------------------------
 */

static void tender_cash(struct cf_desk *desk, int64_t amount_minor)
{
    struct cf_till_sold done = {.committed = false};
    struct cf_error err;
    struct cf_tender tender = {.kind = CF_TENDER_CASH, .amount_minor = amount_minor};
    enum cf_rc rc = cf_till_tender(desk->till, &tender, &done, &err);
    if (rc == CF_OK && done.committed) {
        sold(desk, &done, amount_minor);
        return;
    }
    outcome(desk, rc, &err, CF_DO_NOTE, amount_minor);
    if (rc == CF_OK) {
        desk->over = CF_PAGE_CASH;
    }
}

static void tender_typed(struct cf_desk *desk)
{
    struct cf_till_view view;
    struct cf_error err;
    cf_money amount;
    cf_till_view(desk->till, &view);
    enum cf_rc rc = cf_money_parse(desk->entry, view.currency, &amount, &err);
    if (rc == CF_OK) {
        tender_cash(desk, amount.minor);
    } else {
        outcome(desk, rc, &err, CF_DO_NOTHING, 0);
    }
}

/* --- acts -----------------------------------------------------------------------------------------------------------
 */

static void enter_key(struct cf_desk *desk)
{
    enum cf_page_id page = cf_desk_page(desk);
    struct cf_error err;
    if (page == CF_PAGE_CANCEL) {
        outcome(desk, cf_till_cancel(desk->till, &err), &err, CF_DO_CANCEL, 1);
        return;
    }
    if (desk->n_entry == 0) {
        return;
    }
    switch (page) {
    case CF_PAGE_SIGN_ON:
    case CF_PAGE_LOCKED:
    case CF_PAGE_OVERRIDE:
        answer_who(desk, page == CF_PAGE_OVERRIDE);
        return;
    case CF_PAGE_ASK:
        answer_goods(desk);
        return;
    case CF_PAGE_QUANTITY:
    case CF_PAGE_PRICE:
        change_line(desk, page);
        return;
    case CF_PAGE_CASH:
        tender_typed(desk);
        return;
    case CF_PAGE_PARK:
        outcome(desk, cf_till_park(desk->till, desk->entry, &err), &err, CF_DO_NOTHING, 0);
        return;
    case CF_PAGE_RECALL:
        outcome(desk, cf_till_recall(desk->till, desk->entry, &err), &err, CF_DO_NOTHING, 0);
        return;
    case CF_PAGE_IDLE:
    case CF_PAGE_LINES:
    case CF_PAGE_DONE: {
        char text[CF_PAGE_ENTRY_MAX + 1];
        size_t n = desk->n_entry;
        memcpy(text, desk->entry, sizeof text);
        clear_entry(desk);
        scan_asked(desk, (cf_bytes){(const uint8_t *)text, n});
        return;
    }
    case CF_PAGE_COUPONS:
    case CF_PAGE_CANCEL:
        return;
    }
}

static void move(struct cf_desk *desk, int by)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    if (cf_desk_page(desk) == CF_PAGE_COUPONS) {
        if (by < 0 ? desk->choice > 0 : desk->choice + 1 < view.n_coupons) {
            desk->choice = by < 0 ? desk->choice - 1 : desk->choice + 1;
        }
        return;
    }
    const struct cf_cart_line *at = cf_desk_line_at_hand(desk, &view);
    if (at == NULL) {
        return;
    }
    size_t n = cf_cart_count(view.cart);
    for (size_t i = at->line_no - 1; by < 0 ? i-- > 0 : ++i < n;) {
        if (!cf_cart_at(view.cart, i)->voided) {
            desk->line_no = cf_cart_at(view.cart, i)->line_no;
            return;
        }
    }
}

/* Acts that only change what is on the screen. */
static bool turn_page(struct cf_desk *desk, enum cf_desk_do act)
{
    static const struct {
        enum cf_desk_do act;
        enum cf_page_id page;
    } turns[] = {
        {CF_DO_QUANTITY, CF_PAGE_QUANTITY}, {CF_DO_PRICE, CF_PAGE_PRICE},       {CF_DO_COUPONS, CF_PAGE_COUPONS},
        {CF_DO_PARK, CF_PAGE_PARK},         {CF_DO_RECALL, CF_PAGE_RECALL},     {CF_DO_CASH, CF_PAGE_CASH},
        {CF_DO_CANCEL, CF_PAGE_CANCEL},     {CF_DO_OVERRIDE, CF_PAGE_OVERRIDE},
    };
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        if (turns[i].act == act) {
            enter(desk, turns[i].page);
            return true;
        }
    }
    return false;
}

/* Esc: what was typed goes first, then what was said, then the page. */
static void back(struct cf_desk *desk)
{
    if (desk->n_entry > 0) {
        clear_entry(desk);
    } else if (desk->bar.kind != CF_BAR_PROMPT) {
        say_nothing(desk);
    } else {
        desk->asks = CF_ASKS_USER;
        leave(desk);
    }
}

void cf_desk_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    desk->touched_ms = desk->now_ms;
    struct cf_error err;
    enum cf_page_id page = cf_desk_page(desk);
    bool closed = page == CF_PAGE_SIGN_ON || page == CF_PAGE_LOCKED;
    if (closed && act != CF_DO_ENTER && act != CF_DO_BACK && act != CF_DO_ERASE) {
        return;
    }
    /* An entry before QUANTITY or CASH is its answer: 3 QUANTITY, 50 CASH. */
    if ((act == CF_DO_QUANTITY || act == CF_DO_CASH) && desk->n_entry > 0 && page == CF_PAGE_LINES) {
        desk->over = act == CF_DO_QUANTITY ? CF_PAGE_QUANTITY : CF_PAGE_CASH;
        enter_key(desk);
        return;
    }
    if (act == CF_DO_CANCEL && arg == 1) { /* done again, once it was allowed */
        outcome(desk, cf_till_cancel(desk->till, &err), &err, CF_DO_CANCEL, 1);
        return;
    }
    if (turn_page(desk, act)) {
        return;
    }
    switch ((int)act) {
    case CF_DO_ENTER:
        enter_key(desk);
        break;
    case CF_DO_BACK:
        back(desk);
        break;
    case CF_DO_ERASE:
        if (desk->n_entry > 0) {
            desk->entry[--desk->n_entry] = '\0';
        }
        break;
    case CF_DO_NEXT:
        move(desk, 1);
        break;
    case CF_DO_PREVIOUS:
        move(desk, -1);
        break;
    case CF_DO_PICK:
        cf_desk_point(desk, (size_t)arg);
        break;
    case CF_DO_VOID:
        outcome(desk, cf_till_void(desk->till, desk->line_no, &err), &err, act, arg);
        if (desk->bar.kind != CF_BAR_REFUSED) {
            desk->line_no = 0;
        }
        break;
    case CF_DO_UNTAKE:
        outcome(desk, cf_till_untake(desk->till, (uint32_t)desk->choice + 1, &err), &err, act, arg);
        break;
    case CF_DO_NOTE:
        tender_cash(desk, arg);
        break;
    case CF_DO_UNTENDER:
        outcome(desk, cf_till_untender(desk->till, &err), &err, act, arg);
        break;
    case CF_DO_LOCK:
        outcome(desk, cf_till_lock(desk->till, &err), &err, act, arg);
        break;
    case CF_DO_REPRINT:
        if (desk->done) {
            print(desk, true);
        }
        break;
    case CF_DO_SEEN:
        if (page == CF_PAGE_ASK) {
            snprintf(desk->entry, sizeof desk->entry, "seen");
            answer_goods(desk);
        }
        break;
    default:
        break;
    }
}

void cf_desk_type(struct cf_desk *desk, char character)
{
    if (character < ' ' || character > '~' || desk->n_entry == CF_PAGE_ENTRY_MAX) {
        return;
    }
    desk->entry[desk->n_entry++] = character;
}

void cf_desk_point(struct cf_desk *desk, size_t row)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    if (cf_desk_page(desk) == CF_PAGE_COUPONS) {
        desk->choice = row < view.n_coupons ? row : desk->choice;
    } else if (row < cf_cart_count(view.cart) && !cf_cart_at(view.cart, row)->voided) {
        desk->line_no = cf_cart_at(view.cart, row)->line_no;
    }
}

/* --- the keyboard ---------------------------------------------------------------------------------------------------
 */

bool cf_desk_press(struct cf_desk *desk, const char *key)
{
    static const struct {
        const char *key;
        enum cf_desk_do act;
    } fixed[] = {
        {"Enter", CF_DO_ENTER}, {"Esc", CF_DO_BACK},    {"Backspace", CF_DO_ERASE},
        {"Down", CF_DO_NEXT},   {"Up", CF_DO_PREVIOUS},
    };
    struct cf_cashier_page page;
    cf_desk_cashier(desk, &page);
    for (size_t i = 0; i < page.n_keys; i++) {
        if (page.keys[i].enabled && strcmp(page.keys[i].hint, key) == 0) {
            cf_desk_act(desk, page.keys[i].act, page.keys[i].arg);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (strcmp(fixed[i].key, key) == 0) {
            cf_desk_act(desk, fixed[i].act, 0);
            return true;
        }
    }
    return false;
}

/* --- time -----------------------------------------------------------------------------------------------------------
 */

void cf_desk_link(struct cf_desk *desk, bool online, uint64_t unsent)
{
    desk->online = online;
    desk->unsent = unsent;
}

/* What the sync has left word of. */
static bool look_at_link(struct cf_desk *desk)
{
    struct cf_till_link link;
    bool was = desk->online;
    uint64_t unsent = desk->unsent;
    if (cf_till_link(desk->till, &link, NULL) != CF_OK) {
        return false;
    }
    desk->online = link.last_contact.us != 0 && !link.fenced &&
                   link.now.us - link.last_contact.us < ONLINE_S * CF_US_PER_S &&
                   link.last_contact.us - link.now.us < ONLINE_S * CF_US_PER_S;
    desk->unsent = link.recorded - link.acknowledged;
    return was != desk->online || unsent != desk->unsent;
}

bool cf_desk_tick(struct cf_desk *desk, int64_t now_ms)
{
    bool changed = false;
    desk->now_ms = now_ms;
    if (desk->done && now_ms - desk->touched_ms >= THANKS_MS) {
        desk->done = false;
        changed = true;
    }
    if (now_ms >= desk->look_ms) {
        desk->look_ms = now_ms + LOOK_MS;
        changed = look_at_link(desk) || changed;
    }
    return changed;
}
