/*
 * app/desk/desk_pay.c - how a sale is paid: cash, and the choice of other ways, one after the other until nothing is
 * due; and the page of a sale that is done. Whoever is waited for is desk_wait.c's.
 */
#include "app/desk/desk_private.h"

#include <stdio.h>
#include <string.h>

#include "app/core/cash_notes.h"
#include "app/receipt/receipt.h"

#define JUST_NOW_S 60    /* since a sale that is shown again after a start */
#define NOTES_MAX 4      /* suggestions that have room as keys */
#define NOTES_IN_HAND 20 /* of the largest kind, more than the sale costs: nobody hands over more than that */

/* --- a sale that is done
 * ----------------------------------------------------------------------------------------------
 */

void desk_print(struct cf_desk *desk, uint64_t seq, bool copy)
{
    struct cf_error err;
    desk->printed_seq = seq;
    if (desk->ports.print == NULL) {
        return;
    }
    desk->has_paper = desk->ports.print(desk->ports.ctx, seq, copy, &err) == CF_OK;
    if (!desk->has_paper) {
        cf_desk_trouble(desk, &err);
    }
}

void cf_desk_printed(struct cf_desk *desk, uint64_t seq, const struct cf_error *err)
{
    if (desk->printed_seq == seq) {
        desk->has_paper = err->rc == CF_OK;
    }
    if (err->rc != CF_OK) {
        cf_desk_trouble(desk, err);
    }
}

static bool is_printing(const struct cf_desk *desk)
{
    return desk->ports.printing != NULL && desk->ports.printing(desk->ports.ctx, desk->printed_seq);
}

/* --- where a receipt is asked for --- */

static void ask_paper(struct cf_desk *desk, uint64_t seq)
{
    struct cf_error err;
    desk->printed_seq = seq;
    desk->asked_seq = seq;
    desk->asked_doubt = false;
    desk->has_paper = false;
    if (desk->ports.ask(desk->ports.ctx, seq, &err) != CF_OK) { /* the drawer has to be opened by hand */
        cf_desk_trouble(desk, &err);
    }
}

/* The first one is the original, unless it may have been printed before a restart. */
static void print_asked(struct cf_desk *desk)
{
    uint64_t seq = desk->asked_seq;
    desk->asked_seq = 0;
    desk_say_nothing(desk);
    desk_print(desk, seq, desk->asked_doubt);
}

static void skip_asked(struct cf_desk *desk)
{
    struct cf_error err;
    uint64_t seq = desk->asked_seq;
    desk->asked_seq = 0;
    desk->no_paper = true;
    if (desk->ports.skip(desk->ports.ctx, seq, &err) != CF_OK) {
        cf_desk_trouble(desk, &err);
    }
}

void desk_paper_look(struct cf_desk *desk)
{
    if (desk->asked_seq != 0 && !desk->done) {
        skip_asked(desk);
    }
}

/* The codes on the sale's receipt are for the shopper's phone too: a coupon for the online shop, and the receipt's own
 * code by which goods come back. */
static void keep_qrs(struct cf_desk *desk, uint64_t seq)
{
    struct cf_receipt *receipt = NULL;
    desk->n_qrs = 0;
    if (cf_till_receipt(desk->till, seq, &receipt, NULL) != CF_OK) {
        return;
    }
    for (size_t i = cf_receipt_count(receipt); i-- > 0 && desk->n_qrs < CF_PAGE_QRS_MAX;) {
        struct cf_receipt_block block = cf_receipt_at(receipt, i);
        if (block.kind == CF_RECEIPT_QR && strlen(block.text) < CF_PAGE_QR_TEXT_MAX) {
            struct cf_page_qr *qr = &desk->qrs[desk->n_qrs++];
            desk_put(qr->text, sizeof qr->text, "%s", block.text);
            desk_put(qr->hint, sizeof qr->hint, "%s",
                     strncmp(block.text, "CP1:", 4) == 0 ? _("A coupon for the online shop and our stores")
                                                         : _("Your receipt, for returns and on your phone"));
        }
    }
    cf_receipt_free(receipt);
}

static void keep_last(struct cf_desk *desk, const struct cf_till_sold *sold, int64_t received_minor)
{
    desk->sold = *sold;
    desk->received_minor = received_minor;
    desk->has_last = true;
    desk->last_total_minor = sold->total_minor;
    desk->last_change_minor = sold->change_minor;
    keep_qrs(desk, sold->at.seq);
}

/* After a start: a sale of just now is on the screens again, with its codes; an older one is the last sale. */
void desk_sold_resume(struct cf_desk *desk)
{
    struct cf_till_view view;
    struct cf_till_sold sold;
    uint64_t waiting = 0;
    int64_t received_minor = 0;
    cf_till_view(desk->till, &view);
    if (view.state != CF_CHECKOUT_IDLE || cf_till_last_sale(desk->till, &sold, &received_minor, NULL) != CF_OK) {
        return;
    }
    keep_last(desk, &sold, received_minor);
    desk->printed_seq = sold.at.seq;
    desk->has_paper = cf_till_unprinted(desk->till, &waiting, NULL) != CF_OK || waiting > sold.at.seq;
    int64_t ago_us = cf_till_clock(desk->till).best.us - sold.at.wall.us;
    desk->done = ago_us >= 0 && ago_us < JUST_NOW_S * CF_US_PER_S;
    if (desk->done && desk->ports.ask != NULL && !desk->has_paper && waiting == sold.at.seq) {
        desk->asked_seq = sold.at.seq;
        desk->asked_doubt = true;
    }
}

void desk_sold(struct cf_desk *desk, const struct cf_till_sold *sold, int64_t received_minor)
{
    desk->done = true;
    desk->resumed = false;
    desk->touched_ms = desk->now_ms;
    keep_last(desk, sold, received_minor);
    desk->line_no = 0;
    desk->has_relay = false;
    desk->refused_act = CF_DO_NOTHING;
    desk->slip.over[0] = '\0';
    desk_leave(desk);
    desk_say_nothing(desk);
    desk_tone(desk, true);
    desk->no_paper = false;
    if (desk->ports.ask != NULL) {
        ask_paper(desk, sold->at.seq);
    } else {
        desk_print(desk, sold->at.seq, false);
    }
    desk->look_ms = 0; /* there is one more to be sent */
    if (sold->exchanged) {
        desk_refunds(desk, &sold->back);
    }
}

static const char *prompt_done(const struct cf_desk *desk)
{
    if (desk->asked_seq != 0) {
        return _("Sold. Does the shopper want a receipt?");
    }
    return desk->ports.print != NULL && desk->has_paper && !is_printing(desk)
               ? _("Sold, and the receipt is printed. Scan for the next shopper")
               : _("Sold. Scan for the next shopper");
}

static const char *asks_code(const struct cf_desk *desk)
{
    (void)desk;
    return _("Code");
}

static const char *paper_text(const struct cf_desk *desk)
{
    return is_printing(desk)      ? _("is being printed")
           : desk->asked_seq != 0 ? _("not asked for yet")
           : desk->has_paper      ? _("printed")
           : desk->no_paper       ? _("none, by choice")
                                  : _("not printed");
}

/* Where it is asked for, both keys keep their places. */
static void paper_keys(struct cf_desk *desk, struct cf_cashier_page *page)
{
    if (desk->asked_seq != 0) {
        desk_key(desk, page, CF_DO_PRINT, _("Print"), CF_KEY_CONFIRM, true);
    } else {
        desk_key(desk, page, CF_DO_REPRINT, _("Print again"), CF_KEY_PLAIN, desk->ports.print != NULL);
    }
    if (desk->ports.ask != NULL) {
        desk_key(desk, page, CF_DO_NO_PAPER, _("No paper"), CF_KEY_PLAIN, desk->asked_seq != 0);
    }
}

static void fill_done(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    desk_done_fields(desk, page->fields, &page->n_fields);
    if (desk->ports.print != NULL) {
        desk_field(page->fields, &page->n_fields, _("Receipt"), paper_text(desk), false);
    }
    paper_keys(desk, page);
    desk_key(desk, page, CF_DO_SEARCH, _("Search"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_MEMBER, _("Member"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_RECALL, _("Recall"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_RETURN, _("Return"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_MANAGER, _("Manager"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_LOCK, _("Lock"), CF_KEY_PLAIN, true);
}

static void enter_code(struct cf_desk *desk)
{
    char text[CF_PAGE_ENTRY_MAX + 1];
    size_t n = desk->n_entry;
    memcpy(text, desk->entry, n);
    desk_clear_entry(desk);
    cf_desk_scan(desk, (cf_bytes){(const uint8_t *)text, n});
}

/* Esc: the next shopper may come. */
static bool act_done(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_BACK && desk->n_entry == 0 && desk->bar.kind == CF_BAR_PROMPT) {
        desk->done = false;
        return true;
    }
    if (act == CF_DO_PRINT && desk->asked_seq != 0) {
        print_asked(desk);
        return true;
    }
    if (act == CF_DO_NO_PAPER && desk->asked_seq != 0) {
        desk_say_nothing(desk);
        skip_asked(desk);
        return true;
    }
    return false;
}

const struct desk_page desk_page_done = {
    .prompt = prompt_done, .asks = asks_code, .fill = fill_done, .enter = enter_code, .act = act_done};

/* What is due may depend on how it is paid: it is shown before anybody is asked for it. 0: it is open again. */
static void expect_kind(struct cf_desk *desk, uint32_t kind)
{
    struct cf_till_view view;
    struct cf_error err;
    cf_till_view(desk->till, &view);
    if (view.state == CF_CHECKOUT_SELLING && cf_till_announce(desk->till, (enum cf_tender_kind)kind, &err) != CF_OK) {
        desk_say_refused(desk, &err);
    }
}

static bool act_of_kind(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_BACK && desk->n_entry == 0) {
        expect_kind(desk, 0);
    }
    return false;
}

/* --- cash
 * -------------------------------------------------------------------------------------------------------------
 */

static int64_t due_in_cash(const struct cf_desk *desk, const struct cf_till_view *view)
{
    int64_t due = view->due_minor;
    return cf_till_due_in_cash(desk->till, view->currency, &due, NULL) == CF_OK ? due : view->due_minor;
}

static const char *prompt_cash(const struct cf_desk *desk)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    if (desk_difference(&view) < 0) {
        return _("Nothing is due. Confirm, and give the rest back as it was paid");
    }
    return _("Type what the shopper hands over, or touch a note");
}

static const char *asks_cash(const struct cf_desk *desk)
{
    (void)desk;
    return _("Received");
}

/* The amount itself, and what the largest notes make of it: nobody hands over 374.60 for 374.57. */
static void note_keys(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    int64_t values[CF_DENOMINATIONS_MAX], amounts[CF_CASH_SUGGESTIONS_MAX];
    char text[CF_PAGE_AMOUNT_MAX];
    size_t n = cf_cash_suggest(due_in_cash(desk, view), values, cf_denominations(view->currency, values), amounts);
    size_t shown = n < NOTES_MAX ? n : NOTES_MAX;
    for (size_t i = 0; i < shown; i++) {
        int64_t amount = amounts[i == 0 ? 0 : n - shown + i];
        desk_key(desk, page, CF_DO_NOTE, desk_money(desk, amount, text), CF_KEY_TENDER, true);
        page->keys[page->n_keys - 1].arg = amount;
        page->keys[page->n_keys - 1].hint = "";
    }
}

static void fill_cash(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    note_keys(desk, view, page);
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0 || view->due_minor == 0);
    desk_key(desk, page, CF_DO_UNTENDER, _("Give back"), CF_KEY_DESTRUCTIVE, view->tenders->n > 0);
    desk_back_key(desk, page);
    if (desk_difference(view) < 0) {
        desk_tender_fields(desk, view, page->fields, &page->n_fields);
        return;
    }
    desk_money_field(desk, page->fields, &page->n_fields, _("Total"), view->priced->total_minor, false);
    if (view->exchange_minor > 0) {
        desk_money_field(desk, page->fields, &page->n_fields, _("Came back"), -view->exchange_minor, false);
    }
    desk_money_field(desk, page->fields, &page->n_fields, _("Due in cash"), due_in_cash(desk, view), true);
}

void desk_pay_cash(struct cf_desk *desk, int64_t amount_minor)
{
    struct cf_till_sold done = {.committed = false};
    struct cf_till_view view;
    struct cf_error err;
    int64_t values[CF_DENOMINATIONS_MAX];
    struct cf_tender tender = {.kind = CF_TENDER_CASH, .amount_minor = amount_minor};
    cf_till_view(desk->till, &view);
    if (cf_denominations(view.currency, values) > 0 && amount_minor - view.due_minor > values[0] * NOTES_IN_HAND) {
        desk_clear_entry(desk);
        desk_say_no(desk, _("That is more cash than anybody hands over."), _("Type the amount again"));
        return;
    }
    enum cf_rc rc = cf_till_tender(desk->till, &tender, &done, &err);
    if (rc == CF_OK && done.committed) {
        desk_sold(desk, &done, amount_minor);
    } else if (rc == CF_E_PAYMENT_LINK) { /* what goes back to a card is asked for first */
        desk_paid(desk, rc, NULL, desk_busy_kind(desk), CF_DO_NOTE, &err);
        desk->wait.amount_minor = desk->wait.is ? amount_minor : 0;
    } else {
        desk_outcome(desk, rc, &err, CF_DO_NOTE, amount_minor);
    }
}

static void enter_cash(struct cf_desk *desk)
{
    struct cf_error err;
    int64_t amount_minor = 0;
    enum cf_rc rc = desk->n_entry > 0 ? desk_parse_money(desk, &amount_minor, &err) : CF_OK;
    if (rc == CF_OK) {
        desk_pay_cash(desk, amount_minor);
    } else {
        desk_clear_entry(desk);
        desk_say_refused(desk, &err);
    }
}

const struct desk_page desk_page_cash = {.prompt = prompt_cash,
                                         .asks = asks_cash,
                                         .fill = fill_cash,
                                         .enter = enter_cash,
                                         .act = act_of_kind,
                                         .empty_too = true};

/* --- how to pay
 * -------------------------------------------------------------------------------------------------------
 */

static const char *prompt_tender(const struct cf_desk *desk)
{
    (void)desk;
    return _("How is it paid? Type an amount first to pay a part");
}

static const char *asks_amount(const struct cf_desk *desk)
{
    (void)desk;
    return _("Amount");
}

static void fill_tender(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    bool due = view->due_minor > 0;
    bool live = view->has_member && view->member_live;
    desk_tender_fields(desk, view, page->fields, &page->n_fields);
    desk_key(desk, page, CF_DO_CASH, _("Cash"), CF_KEY_TENDER, true);
    desk_key(desk, page, CF_DO_CARD, _("Card"), CF_KEY_TENDER, due);
    desk_key(desk, page, CF_DO_MOBILE, _("Mobile"), CF_KEY_TENDER, due && desk->ports.mobile.is);
    desk_key(desk, page, CF_DO_GIFT, _("Gift card"), CF_KEY_TENDER, due);
    desk_key(desk, page, CF_DO_POINTS, _("Points"), CF_KEY_PLAIN, due && live && desk->online);
    desk_key(desk, page, CF_DO_UNTENDER, _("Give back"), CF_KEY_DESTRUCTIVE, view->tenders->n > 0);
    desk_back_key(desk, page);
    page->keys[page->n_keys - 1].enabled = view->state == CF_CHECKOUT_SELLING;
}

/* What stands there is cash, if nothing else is said. */
static void enter_tender(struct cf_desk *desk)
{
    enter_cash(desk);
}

/* The amount that was typed, 0 for all that is due; false: it is none. */
static bool take_amount(struct cf_desk *desk, int64_t *ret_minor)
{
    struct cf_error err;
    *ret_minor = 0;
    enum cf_rc rc = desk->n_entry > 0 ? desk_parse_money(desk, ret_minor, &err) : CF_OK;
    desk_clear_entry(desk);
    if (rc != CF_OK) {
        desk_say_refused(desk, &err);
    }
    return rc == CF_OK;
}

const struct desk_page desk_page_tender = {
    .prompt = prompt_tender, .asks = asks_amount, .fill = fill_tender, .enter = enter_tender};

/* --- a card terminal that is not connected
 * ----------------------------------------------------------------------------
 */

static const char *prompt_slip(const struct cf_desk *desk)
{
    (void)desk;
    return _("Take the payment at the card terminal, then type the number on its slip");
}

static const char *asks_slip(const struct cf_desk *desk)
{
    (void)desk;
    return _("Slip number");
}

static void fill_slip(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    desk_money_field(desk, page->fields, &page->n_fields, _("Card"), desk->slip.asked_minor, true);
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
    desk_back_key(desk, page);
}

/* More was charged than is due by now: the same slip is refused until the sale is over. */
static void say_over(struct cf_desk *desk, const struct cf_tender *tender)
{
    struct cf_till_view view;
    char what[CF_PAGE_TEXT_MAX], charged[CF_PAGE_AMOUNT_MAX], due[CF_PAGE_AMOUNT_MAX];
    cf_till_view(desk->till, &view);
    snprintf(desk->slip.over, sizeof desk->slip.over, "%s", tender->reference);
    desk->slip.over_minor = tender->amount_minor;
    desk_put(what, sizeof what, _("The slip is over %s, and %s is due."),
             desk_money(desk, tender->amount_minor, charged), desk_money(desk, view.due_minor, due));
    desk_say_no(desk, what, _("Refund it at the card terminal; then go back, and take what is due"));
}

/* The card is charged by now: what is recorded is what was asked for, whatever the price became since. */
static void enter_slip(struct cf_desk *desk)
{
    struct cf_till_sold sold = {.committed = false};
    struct cf_till_view view;
    struct cf_error err;
    struct cf_tender tender = {.kind = CF_TENDER_CARD, .amount_minor = desk->slip.asked_minor};
    char what[CF_PAGE_TEXT_MAX], amount[CF_PAGE_AMOUNT_MAX];
    snprintf(tender.reference, sizeof tender.reference, "%.*s", (int)sizeof tender.reference - 1, desk->entry);
    if (desk->slip.over[0] != '\0' && strcmp(desk->slip.over, tender.reference) == 0) {
        tender.amount_minor = desk->slip.over_minor;
    }
    enum cf_rc rc = cf_till_tender(desk->till, &tender, &sold, &err);
    bool has_risen = rc == CF_E_PRICE_ROSE;
    if (has_risen) { /* it is a part of what is due now */
        rc = cf_till_tender(desk->till, &tender, &sold, &err);
    }
    if (rc == CF_OK) {
        desk->slip.asked_minor = 0;
    }
    desk_paid(desk, rc, &sold, CF_TENDER_CARD, CF_DO_NOTHING, &err);
    cf_till_view(desk->till, &view);
    if (rc == CF_OK && has_risen && !sold.committed) {
        desk_put(what, sizeof what, _("The slip is taken: %s"), desk_money(desk, tender.amount_minor, amount));
        desk_say(desk, what, _(cf_rc_text(CF_E_PRICE_ROSE)));
    } else if (rc != CF_OK && (view.state == CF_CHECKOUT_SELLING || view.state == CF_CHECKOUT_TENDERING)) {
        desk->over = CF_PAGE_SLIP;
        if (rc == CF_E_TENDER_OVER) {
            say_over(desk, &tender);
        }
    }
}

const struct desk_page desk_page_slip = {
    .prompt = prompt_slip, .asks = asks_slip, .fill = fill_slip, .enter = enter_slip, .act = act_of_kind};

/* --- codes that pay
 * ---------------------------------------------------------------------------------------------------
 */

static const char *prompt_mobile(const struct cf_desk *desk)
{
    (void)desk;
    return _("Scan the payment code on the shopper's phone");
}

static const char *prompt_gift(const struct cf_desk *desk)
{
    return desk->online ? _("Scan the gift card, or store credit")
                        : _("Scan the gift card. Offline only cards that this till sold can pay");
}

static const char *asks_code_of(const struct cf_desk *desk)
{
    (void)desk;
    return _("Code");
}

static int64_t amount_of(const struct cf_desk *desk, const struct cf_till_view *view)
{
    return desk->wait.amount_minor != 0 ? desk->wait.amount_minor : view->due_minor;
}

static void fill_code(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    desk_money_field(desk, page->fields, &page->n_fields, _("To pay"), amount_of(desk, view), true);
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
    desk_back_key(desk, page);
}

static void scan_mobile(struct cf_desk *desk, cf_bytes text)
{
    char code[CF_PAY_CODE_MAX + 1];
    int64_t amount_minor = desk->wait.amount_minor;
    cf_bytes bare = text.n > 3 && text.p[0] == ']' ? (cf_bytes){text.p + 3, text.n - 3} : text;
    if (bare.n == 0 || bare.n >= sizeof code) {
        desk_say_no(desk, _("That is no payment code."), _("Scan the code on the shopper's phone"));
        return;
    }
    desk_put(code, sizeof code, "%.*s", (int)bare.n, (const char *)bare.p);
    desk_pay(desk, CF_TENDER_MOBILE, amount_minor, code);
}

static void scan_gift(struct cf_desk *desk, cf_bytes text)
{
    struct cf_till_sold sold = {.committed = false};
    struct cf_till_valued valued = {.left_minor = 0};
    struct cf_error err;
    char what[CF_PAGE_TEXT_MAX], amount[CF_PAGE_AMOUNT_MAX];
    const struct cf_till_value card = {.code = text, .amount_minor = desk->wait.amount_minor};
    enum cf_rc rc = cf_till_value(desk->till, &card, &sold, &valued, &err);
    desk_paid(desk, rc, &sold, CF_TENDER_GIFT_CARD, CF_DO_NOTHING, &err);
    if (rc == CF_OK) {
        desk_put(what, sizeof what, _("Left on the card: %s"), desk_money(desk, valued.left_minor, amount));
        desk_say(desk, what, "");
    }
}

/* Typed is as scanned. */
static void enter_scan(struct cf_desk *desk)
{
    char text[CF_PAGE_ENTRY_MAX + 1];
    size_t n = desk->n_entry;
    memcpy(text, desk->entry, n);
    desk_clear_entry(desk);
    cf_desk_scan(desk, (cf_bytes){(const uint8_t *)text, n});
}

const struct desk_page desk_page_mobile = {
    .prompt = prompt_mobile, .asks = asks_code_of, .fill = fill_code, .enter = enter_scan, .scan = scan_mobile};
const struct desk_page desk_page_gift = {
    .prompt = prompt_gift, .asks = asks_code_of, .fill = fill_code, .enter = enter_scan, .scan = scan_gift};

/* --- acts
 * -------------------------------------------------------------------------------------------------------------
 */

static void pay_points(struct cf_desk *desk, int64_t amount_minor)
{
    struct cf_till_sold sold = {.committed = false};
    struct cf_error err;
    const struct cf_till_value points = {
        .kind = CF_TENDER_POINTS, .amount_minor = amount_minor, .points = INT64_C(1000000000)};
    enum cf_rc rc = cf_till_value(desk->till, &points, &sold, NULL, &err);
    desk_paid(desk, rc, &sold, CF_TENDER_POINTS, CF_DO_NOTHING, &err);
}

/* A page that was left may have been left after the card was charged: what it was to be charged with is not forgotten.
 */
static void ask_slip(struct cf_desk *desk, enum cf_desk_do act, int64_t asked_minor)
{
    char what[CF_PAGE_TEXT_MAX], before[CF_PAGE_AMOUNT_MAX];
    int64_t before_minor = desk->slip.asked_minor;
    if (act != CF_DO_CARD) {
        return;
    }
    desk->slip.asked_minor = asked_minor;
    if (before_minor != 0 && before_minor != asked_minor) {
        desk_put(what, sizeof what, _("The card was to be charged with %s before."),
                 desk_money(desk, before_minor, before));
        desk_say(desk, what, _("If it was: go back, type that amount, and take Card again"));
    }
}

/* Another way than cash, for what was typed or for all that is due. */
static void pay_otherwise(struct cf_desk *desk, enum cf_desk_do act)
{
    struct cf_till_view view;
    int64_t amount_minor = 0;
    if (!take_amount(desk, &amount_minor)) {
        return;
    }
    if (act == CF_DO_POINTS) {
        pay_points(desk, amount_minor);
    } else if (act == CF_DO_CARD && desk->ports.card.is) {
        desk_pay(desk, CF_TENDER_CARD, amount_minor, NULL);
    } else {
        desk_enter(desk, act == CF_DO_CARD ? CF_PAGE_SLIP : act == CF_DO_MOBILE ? CF_PAGE_MOBILE : CF_PAGE_GIFT);
        desk->wait.amount_minor = amount_minor;
        expect_kind(desk, act == CF_DO_CARD     ? CF_TENDER_CARD
                          : act == CF_DO_MOBILE ? CF_TENDER_MOBILE
                                                : CF_TENDER_GIFT_CARD);
        cf_till_view(desk->till, &view);
        ask_slip(desk, act, amount_minor != 0 ? amount_minor : view.due_minor);
    }
}

static void give_back(struct cf_desk *desk)
{
    struct cf_till_view view;
    struct cf_error err;
    cf_till_view(desk->till, &view);
    enum cf_tender_kind kind = view.tenders->n > 0 ? view.tenders->tender[view.tenders->n - 1].kind : CF_TENDER_CASH;
    enum cf_rc rc = cf_till_untender(desk->till, &err);
    desk_paid(desk, rc, NULL, kind, CF_DO_UNTENDER, &err);
}

/* The last record, marked as a copy; one that may not have been printed, and is not under way, needs no
 * leave. */
static void reprint(struct cf_desk *desk)
{
    struct cf_error err;
    uint64_t waiting = 0;
    if (desk->asked_seq != 0 && desk->asked_seq == desk->printed_seq) {
        print_asked(desk);
        return;
    }
    bool waits =
        !is_printing(desk) && cf_till_unprinted(desk->till, &waiting, NULL) == CF_OK && waiting == desk->printed_seq;
    enum cf_rc rc = waits ? CF_OK : cf_till_note_reprint(desk->till, desk->printed_seq, &err);
    if (rc == CF_OK) {
        desk_say_nothing(desk);
        desk_print(desk, desk->printed_seq, true);
    } else {
        desk_outcome(desk, rc, &err, CF_DO_REPRINT, 0);
    }
}

bool desk_pay_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    switch ((int)act) {
    case CF_DO_CASH: /* an entry before CASH is its answer: 50 CASH */
        if (desk->n_entry > 0 && desk->n_entry < 8) {
            desk->over = CF_PAGE_CASH;
            expect_kind(desk, CF_TENDER_CASH);
            enter_cash(desk);
        } else {
            desk_enter(desk, CF_PAGE_CASH);
            expect_kind(desk, CF_TENDER_CASH);
        }
        return true;
    case CF_DO_TENDER:
        desk_enter(desk, CF_PAGE_TENDER);
        expect_kind(desk, 0); /* the price of now */
        return true;
    case CF_DO_NOTE: {
        struct cf_till_view view;
        cf_till_view(desk->till, &view);
        desk_pay_cash(desk,
                      arg > 0 ? arg : due_in_cash(desk, &view)); /* a command barcode without an amount: exactly */
        return true;
    }
    case CF_DO_CARD:
    case CF_DO_MOBILE:
    case CF_DO_GIFT:
    case CF_DO_POINTS:
        pay_otherwise(desk, act);
        return true;
    case CF_DO_UNTENDER:
        give_back(desk);
        return true;
    case CF_DO_REPRINT:
        if (desk->printed_seq != 0) {
            reprint(desk);
        }
        return true;
    default:
        return false;
    }
}
