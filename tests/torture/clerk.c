/*
 * tests/torture/clerk.c - see clerk.h.
 *
 * After each call of the till: if the machine is off, nothing that it said counts, and the step ends.
 */
#include "tests/torture/clerk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/store/journal_private.h"
#include "tests/torture/book.h"

#define LOG_FULL 8192 /* frames: more than app/store/journal.c lets stand */

static const char *const goods[] = {"6901234567892", "4006381333931", "5901234123457"};

static struct cf_till_view view_of(const struct shop *shop)
{
    struct cf_till_view view;
    cf_till_view(shop->till, &view);
    return view;
}

/* A step of the open sale: its outcome, or CF_E_IO with the power gone. A refusal is none of our business. */
static bool stepped(struct shop *shop, const char *what, enum cf_rc rc)
{
    if (!shop_till_is_on(shop)) {
        shop_log(shop, "the power goes while: %s", what);
        return false;
    }
    shop->book.step_under_way = false;
    if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)
        shop_violation(shop, "%s: %s: %s", what, cf_rc_name(rc), shop_err.detail);
    shop_log(shop, "%s: %s", what, cf_rc_name(rc));
    book_step(shop);
    return !shop->failed;
}

#define step(shop, what, call) ((shop)->book.step_under_way = true, stepped(shop, what, call))

/* --- paper ---------------------------------------------------------------------------------------------------------
 */

/* As the shipped program does it: after the commit, and then the mark that it is on paper. */
static void print(struct shop *shop, uint64_t seq, bool is_copy)
{
    struct cf_receipt *receipt = NULL;
    enum cf_rc rc = cf_till_receipt(shop->till, seq, &receipt, &shop_err);
    if (!shop_till_is_on(shop)) {
        cf_receipt_free(receipt);
        return;
    }
    if (rc != CF_OK) {
        shop_violation(shop, "no receipt of record %llu: %s: %s", (unsigned long long)seq, cf_rc_name(rc),
                       shop_err.detail);
        return;
    }
    book_paper(shop, seq, is_copy, receipt);
    cf_receipt_free(receipt);
    shop_must(shop, cf_till_printed(shop->till, seq, CF_PRINT_DONE, &shop_err));
}

void clerk_reprint(struct shop *shop)
{
    uint64_t seq = 0;
    while (!shop->failed && shop_till_is_on(shop)) {
        enum cf_rc rc = cf_till_unprinted(shop->till, &seq, &shop_err);
        if (rc == CF_E_NOT_FOUND || !shop_till_is_on(shop))
            return;
        if (rc != CF_OK) {
            shop_violation(shop, "what waits for the printer: %s: %s", cf_rc_name(rc), shop_err.detail);
            return;
        }
        shop->count.copies++;
        shop_log(shop, "  a copy of record %llu is printed", (unsigned long long)seq);
        print(shop, seq, shop->fault != TORTURE_PRINT_TWICE);
    }
}

/* --- at the till ----------------------------------------------------------------------------------------------------
 */

/* What the till just recorded besides: its newest record. */
static void note_head(struct shop *shop, bool is_sale)
{
    struct cf_journal_head head;
    if (cf_journal_head(cf_till_journal(shop->till), &head, &shop_err) == CF_OK)
        book_recorded(shop, head.seq, &head.hash, is_sale);
}

static void pay(struct shop *shop)
{
    struct cf_till_view view = view_of(shop);
    struct cf_till_sold sold = {.committed = false};
    struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = 100, .reference = "A-1"};
    struct cf_journal_head head;
    if (cf_cart_live_count(view.cart) == 0)
        return;
    if (view.due_minor > 100 && shop_percent(shop, 25) &&
        !step(shop, "a card pays a part", cf_till_tender(shop->till, &card, &sold, &shop_err)))
        return;
    struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = view_of(shop).due_minor};
    if (shop->fault == TORTURE_PRINT_FIRST && cf_journal_head(cf_till_journal(shop->till), &head, &shop_err) == CF_OK)
        book_paper(shop, head.seq + 1, false, NULL);
    shop->book.tender_under_way = true;
    enum cf_rc rc = cf_till_tender(shop->till, &cash, &sold, &shop_err);
    if (!shop_till_is_on(shop)) {
        shop->book.step_under_way = true; /* the tender is a step, too */
        shop_log(shop, "the power goes while a sale is paid");
        return;
    }
    shop->book.tender_under_way = false;
    shop_log(shop, "paid: %s, record %llu", cf_rc_name(rc), (unsigned long long)sold.at.seq);
    if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)
        shop_violation(shop, "paying: %s: %s", cf_rc_name(rc), shop_err.detail);
    if (rc != CF_OK && shop->fault == TORTURE_PRINT_FIRST)
        shop->book.n_promises--; /* the paper is torn up */
    if (rc != CF_OK || !sold.committed) {
        book_step(shop);
        return;
    }
    shop->count.sales++;
    book_recorded(shop, sold.at.seq, &sold.at.hash, true);
    book_sale_is_over(shop);
    if (shop->fault != TORTURE_PRINT_FIRST)
        print(shop, sold.at.seq, false);
}

static void scan_coupon(struct shop *shop)
{
    if (shop->book.n_coupons == 0)
        return;
    const char *text = shop->book.coupon[shop_chance(shop, shop->book.n_coupons)].text;
    (void)step(shop, "a coupon", cf_till_scan(shop->till, cf_bytes_str(text), NULL, &shop_err));
}

static void cancel(struct shop *shop)
{
    enum cf_rc rc = CF_OK;
    if (!step(shop, "cancel", rc = cf_till_cancel(shop->till, &shop_err)) || rc != CF_OK)
        return;
    note_head(shop, false);
    book_sale_is_over(shop);
}

static void leave_or_pay(struct shop *shop)
{
    uint64_t dice = shop_chance(shop, 14);
    if (dice == 0)
        cancel(shop);
    else if (dice == 1)
        (void)step(shop, "park", cf_till_park(shop->till, "p", &shop_err));
    else if (dice == 2)
        shop_log(shop, "the shopper is still looking");
    else
        pay(shop);
}

static bool pick(struct shop *shop)
{
    for (uint64_t n = 1 + shop_chance(shop, 3); n > 0; n--)
        if (!step(shop, "goods", cf_till_scan(shop->till, cf_bytes_str(goods[shop_chance(shop, 3)]), NULL, &shop_err)))
            return false;
    if (shop_percent(shop, 30) && !step(shop, "two of it", cf_till_quantity(shop->till, 0, 2000, &shop_err)))
        return false;
    if (shop_percent(shop, 10) && !step(shop, "not this", cf_till_void(shop->till, 0, &shop_err)))
        return false;
    if (shop_percent(shop, 30) &&
        !step(shop, "a member", cf_till_scan(shop->till, cf_bytes_str(shop->card), NULL, &shop_err)))
        return false;
    if (shop_percent(shop, 50))
        scan_coupon(shop);
    return shop_till_is_on(shop) && !shop->failed;
}

static void serve(struct shop *shop)
{
    enum cf_checkout_state state = view_of(shop).state;
    if (state == CF_CHECKOUT_IDLE && shop_percent(shop, 10) &&
        !step(shop, "recall", cf_till_recall(shop->till, "p", &shop_err)))
        return;
    state = view_of(shop).state;
    if (state == CF_CHECKOUT_TENDERING && !step(shop, "untender", cf_till_untender(shop->till, &shop_err)))
        return;
    if (shop->book.n_states + 16 > TORTURE_STATES_MAX) {
        cancel(shop);
        return;
    }
    if (pick(shop))
        leave_or_pay(shop);
}

/* Goods of some sale come back, all or one of them; the money is given after the commit, with a receipt. */
static void take_back(struct shop *shop)
{
    char receipt[48];
    struct cf_till_returned returned;
    struct cf_asked_line line = {.line_no = 1, .qty_milli = 1000};
    const struct promise *promise = NULL;
    if (shop->book.n_promises > 0)
        promise = &shop->book.promise[shop_chance(shop, shop->book.n_promises)];
    if (!promise || !promise->is_sale || shop->no_returns)
        return;
    (void)snprintf(receipt, sizeof receipt, "%u-%u-%06llu", shop->terminal, shop->epoch,
                   (unsigned long long)promise->seq);
    struct cf_till_return what = {.receipt = receipt, .is_void = shop_percent(shop, 15)};
    if (!what.is_void && shop_percent(shop, 60)) {
        what.n_lines = 1;
        what.lines = &line;
    }
    unsigned loss_percent = shop->loss_percent;
    if (shop_percent(shop, 60))
        shop->loss_percent = 100; /* offline, too */
    shop->book.tender_under_way = true;
    enum cf_rc rc = cf_till_return(shop->till, &what, &returned, &shop_err);
    shop->loss_percent = loss_percent;
    if (!shop_till_is_on(shop)) {
        shop_log(shop, "the power goes while goods come back");
        return;
    }
    shop->book.tender_under_way = false;
    shop_log(shop, "goods of %s come back: %s", receipt, cf_rc_name(rc));
    if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)
        shop_violation(shop, "a return: %s: %s", cf_rc_name(rc), shop_err.detail);
    if (rc != CF_OK)
        return;
    shop->count.returns++;
    book_recorded(shop, returned.at.seq, &returned.at.hash, true);
    print(shop, returned.at.seq, false);
}

static void close_day(struct shop *shop)
{
    struct cf_till_report report;
    enum cf_rc rc = cf_till_z_report(shop->till, &report, &shop_err);
    if (!shop_till_is_on(shop))
        return;
    shop_log(shop, "the day is closed: %s", cf_rc_name(rc));
    if (rc == CF_OK)
        note_head(shop, false);
    else if (cf_rc_class(rc) == CF_CLASS_BROKEN)
        shop_violation(shop, "Z: %s: %s", cf_rc_name(rc), shop_err.detail);
}

/* Between sales, as if the log had grown to the size at which it is moved into the file. */
static void rest(struct shop *shop)
{
    cf_till_journal(shop->till)->wal_frames = LOG_FULL;
    shop_log(shop, "rest");
    shop_must(shop, cf_till_rest(shop->till, &shop_err));
}

static void restart_programs(struct shop *shop)
{
    shop_log(shop, "the programs are ended and started");
    shop_close_till(shop);
    if (!shop_till_is_on(shop))
        return;
    if (shop_open_till(shop, &shop_err) != CF_OK && shop_till_is_on(shop))
        shop_violation(shop, "the till does not open: %s: %s", cf_rc_name(shop_err.rc), shop_err.detail);
    if (shop->till && shop_till_is_on(shop))
        clerk_reprint(shop);
}

static enum cf_rc sync(struct shop *shop)
{
    struct cf_sync_report report;
    cf_disk_as(shop->till_disk, 1);
    enum cf_rc rc = cf_sync_cycle(shop->sync, &report, &shop_err);
    if (rc == CF_OK)
        rc = cf_replica_publish(cf_link_replica(shop->link), &shop_err);
    if (shop_till_is_on(shop))
        cf_disk_as(shop->till_disk, 0);
    shop->count.cycles++;
    shop_log(shop, "sync: %s, acknowledged %llu of %llu", cf_rc_name(rc), (unsigned long long)report.acknowledged,
             (unsigned long long)report.recorded);
    if (rc != CF_OK && rc != CF_E_LINK_DOWN && rc != CF_E_TIMEOUT && shop_till_is_on(shop))
        shop_violation(shop, "sync: %s: %s", cf_rc_name(rc), shop_err.detail);
    return rc;
}

/* --- at the centre --------------------------------------------------------------------------------------------------
 */

static void claim(struct shop *shop)
{
    char body[64];
    int status = 0;
    struct book *book = &shop->book;
    if (book->n_coupons == TORTURE_COUPONS_MAX)
        return;
    (void)snprintf(body, sizeof body, "{\"campaign\":%u}", shop->campaign[shop_chance(shop, TORTURE_CAMPAIGNS)]);
    json_t *json = shop_call(shop, "POST", "/v1/coupons/claim", body, &status);
    shop_log(shop, "a shopper claims: %d", json ? status : 0);
    if (json && status == 201) {
        uint32_t campaign = (uint32_t)json_integer_value(json_object_get(json, "campaign"));
        uint32_t index = (uint32_t)json_integer_value(json_object_get(json, "index"));
        for (size_t k = 0; k < book->n_coupons; k++)
            if (book->coupon[k].campaign == campaign && book->coupon[k].index == index)
                shop_violation(shop, "coupon %u/%u was given out twice", campaign, index);
        book->coupon[book->n_coupons].campaign = campaign;
        book->coupon[book->n_coupons].index = index;
        (void)snprintf(book->coupon[book->n_coupons].text, sizeof book->coupon[0].text, "%s",
                       json_string_value(json_object_get(json, "code")));
        book->n_coupons++;
    } else if (json && status / 100 == 5) {
        shop_violation(shop, "a claim was answered %d", status);
    }
    json_decref(json);
}

static void order(struct shop *shop)
{
    int status = 0;
    struct book *book = &shop->book;
    if (book->n_coupons == 0 || book->n_orders == TORTURE_ORDERS_MAX)
        return;
    char code[CF_CODE_TEXT_MAX];
    struct order *order = &book->order[book->n_orders];
    memcpy(code, book->coupon[shop_chance(shop, book->n_coupons)].text, sizeof code);
    (void)snprintf(order->body, sizeof order->body,
                   "{\"code\":\"%s\",\"channel\":%u,\"request_id\":\"order-%zu-%llu\","
                   "\"order\":{\"lines\":[{\"product\":1,\"qty_milli\":1000}]}}",
                   code, shop->channel, book->n_orders, (unsigned long long)shop->n_events);
    json_t *json = shop_call(shop, "POST", "/v1/coupons/redeem", order->body, &status);
    shop_log(shop, "the online shop redeems: %d", json ? status : 0);
    if (json && status / 100 == 2) {
        cf_buf_init(&order->answer, 1u << 20);
        if (cf_buf_append(&order->answer, shop->response.body.p, shop->response.body.n, NULL) != CF_OK)
            abort();
        book->n_orders++;
        shop->count.orders++;
    } else if (json && status / 100 == 5) {
        shop_violation(shop, "an order was answered %d", status);
    }
    json_decref(json);
}

static void restart_centre(struct shop *shop)
{
    shop_log(shop, "the centre is ended and started");
    shop_close_centre(shop);
    if (cf_disk_is_off(shop->centre_disk))
        return;
    if (shop_open_centre(shop, &shop_err) != CF_OK && !cf_disk_is_off(shop->centre_disk))
        shop_violation(shop, "the centre does not open: %s: %s", cf_rc_name(shop_err.rc), shop_err.detail);
}

void clerk_step(struct shop *shop)
{
    uint64_t dice = shop_chance(shop, 100);
    shop->now_us += (int64_t)(1 + shop_chance(shop, 600)) * CF_US_PER_S;
    if (dice < 40)
        serve(shop);
    else if (dice < 46)
        take_back(shop);
    else if (dice < 68)
        (void)sync(shop);
    else if (dice < 76)
        claim(shop);
    else if (dice < 82)
        order(shop);
    else if (dice < 86)
        rest(shop);
    else if (dice < 90)
        close_day(shop);
    else if (dice < 96)
        restart_programs(shop);
    else
        restart_centre(shop);
}

void clerk_finish(struct shop *shop)
{
    enum cf_rc rc = CF_E_TIMEOUT;
    shop->loss_percent = 0;
    for (int k = 0; k < 2 && !shop->failed; k++) {
        if (view_of(shop).state == CF_CHECKOUT_TENDERING)
            (void)step(shop, "untender", cf_till_untender(shop->till, &shop_err));
        if (view_of(shop).state != CF_CHECKOUT_IDLE)
            cancel(shop);
        if (k == 0)
            (void)step(shop, "recall", cf_till_recall(shop->till, "p", &shop_err));
    }
    for (int k = 0; k < 4 && rc != CF_OK && !shop->failed; k++)
        rc = sync(shop);
    if (rc != CF_OK)
        shop_violation(shop, "the records do not get through: %s: %s", cf_rc_name(rc), shop_err.detail);
}
