/*
 * tests/unit/terminal/crash/pay_crash_test.c - a till that is killed at each write to its disk, and at each moment
 * inside of a bank, while it sells by card, pays in parts, gives back and takes goods back: what the bank holds is in
 * the till's books or named as unknown, never lost, never doubled.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/sync_shim.h"
#include "tests/unit/terminal/bank_support.h"
#include "tests/unit/terminal/crash/kill_support.h"
#include "tests/unit/terminal/till_support.h"

static struct shop untouched; /* copied for each kill */

static int kill_setup(void **state)
{
    (void)state;
    shop_init(&untouched);
    return 0;
}

static int kill_teardown(void **state)
{
    (void)state;
    memset(cf_sync_shim(), 0, sizeof *cf_sync_shim());
    shop_done(&untouched);
    return 0;
}

static enum cf_rc pay(struct shop *shop, int64_t amount_minor)
{
    struct cf_till_pay what = {.kind = CF_TENDER_CARD, .amount_minor = amount_minor};
    return cf_till_pay(shop->till, &what, NULL, &shop->err);
}

/* All of the newest sale, which two cards paid in part. */
static enum cf_rc take_back(struct shop *shop, const struct cf_till_sold *sold, int64_t qty_milli)
{
    char receipt[64];
    struct cf_till_returned back;
    const struct cf_asked_line line = {1, qty_milli};
    const struct cf_till_return what = {.receipt = receipt, .n_lines = 1, .lines = &line};
    (void)snprintf(receipt, sizeof receipt, "%u-1-%llu", SHOP_TILL, (unsigned long long)sold->at.seq);
    enum cf_rc rc = cf_till_return(shop->till, &what, &back, &shop->err);
    return rc == CF_OK ? back.refund.rc : rc;
}

static enum cf_rc pay_rest(struct shop *shop, struct cf_till_sold *ret)
{
    struct cf_till_pay what = {.kind = CF_TENDER_CARD};
    return cf_till_pay(shop->till, &what, ret, &shop->err);
}

/* One sale in three parts, one that is given back and cancelled, and one whose goods come back in two parts. */
static bool sell(struct shop *shop)
{
    struct cf_till_sold sold;
    bool ok = shop_scan(shop, TEA) == CF_OK && pay(shop, 1000) == CF_OK &&
              shop_pay(shop, CF_TENDER_CASH, 500, "", NULL) == CF_OK && pay(shop, 1000) == CF_OK;
    ok = ok && shop_scan(shop, TEA) == CF_OK && pay(shop, 700) == CF_OK && pay(shop, 800) == CF_OK &&
         cf_till_untender(shop->till, &shop->err) == CF_OK && cf_till_cancel(shop->till, &shop->err) == CF_OK;
    ok = ok && shop_scan(shop, SOAP) == CF_OK && cf_till_quantity(shop->till, 0, 2000, &shop->err) == CF_OK &&
         pay(shop, 700) == CF_OK && pay_rest(shop, &sold) == CF_OK && take_back(shop, &sold, 1000) == CF_OK &&
         take_back(shop, &sold, 1000) == CF_OK;
    return ok;
}

struct books {
    int64_t sold_minor;     /* by card, less what was refunded */
    unsigned reversed;      /* and refunded */
    int64_t refunds_minor;  /* that returns asked for */
    int64_t refunded_minor; /* of them, given */
};

static enum cf_rc read_books(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                             const struct cf_sha256 *hash, struct cf_error *err)
{
    struct books *books = ctx;
    struct cf_sale *sale = NULL;
    (void)body_hash;
    (void)hash;
    if (record->type == CF_RECORD_PAYMENT) {
        struct cf_payment_record payment;
        assert_ok(cf_payment_record_decode(record->body, &payment, err));
        books->reversed++;
        books->refunded_minor += payment.state == CF_PAYMENT_REFUNDED ? payment.amount_minor : 0;
        return CF_OK;
    }
    if (record->type == CF_RECORD_RETURN) {
        struct cf_return *back = NULL;
        assert_ok(cf_return_new(&back, err));
        assert_ok(cf_return_decode(record->body, back, err));
        for (size_t i = 0; i < back->n_tenders; i++)
            books->refunds_minor += back->tenders[i].has_id ? back->tenders[i].amount_minor : 0;
        cf_return_free(back);
        return CF_OK;
    }
    if (record->type != CF_RECORD_SALE)
        return CF_OK;
    assert_ok(cf_sale_new(&sale, err));
    assert_ok(cf_sale_decode(record->body, sale, err));
    for (size_t i = 0; i < sale->tenders.n; i++)
        if (sale->tenders.tender[i].kind == CF_TENDER_CARD)
            books->sold_minor += sale->tenders.tender[i].amount_minor;
    cf_sale_free(sale);
    return CF_OK;
}

static int64_t tendered(struct shop *shop)
{
    struct cf_till_view view = shop_view(shop);
    if (cf_cart_live_count(view.cart) == 0) /* a refund is open, and no sale */
        return 0;
    int64_t sum = 0;
    for (size_t i = 0; view.state != CF_CHECKOUT_SELLING && view.state != CF_CHECKOUT_IDLE && i < view.tenders->n; i++)
        if (view.tenders->tender[i].kind == CF_TENDER_CARD)
            sum += view.tenders->tender[i].amount_minor;
    return sum;
}

/* The bank's books against the till's, to the cent. What is unknown may be taken or not (or, of a reversal, may be
 * given back or not), and is the only thing that may. */
static void check_books(struct shop *shop, const struct bank *bank, bool answers)
{
    struct books books = {.reversed = 0};
    struct cf_till_view view = shop_view(shop);
    unsigned returned = 0;
    assert_ok(cf_journal_read(cf_till_journal(shop->till), 1, 100000, read_books, &books, &shop->err));
    int64_t differs = bank_holds(bank) - (books.sold_minor - books.refunded_minor) - tendered(shop);
    for (size_t i = 0; i < bank->n; i++)
        returned += bank->payments[i].returned + bank->payments[i].given;
    bool owed = view.has_payment && view.payment.state == CF_PAYMENT_OWED;
    assert_true(books.refunded_minor <= books.refunds_minor);
    if (!view.has_payment)
        assert_int_equal(books.refunded_minor, books.refunds_minor); /* nothing that is owed is forgotten */
    if (owed) {
        assert_int_equal(differs, 0);
        return;
    }
    if (answers && view.has_payment)
        fail_msg("the bank answered, and the payment is still %s", cf_payment_state_name(view.payment.state));
    if (!view.has_payment) {
        assert_int_equal(differs, 0);
        assert_int_equal(books.reversed, returned); /* on record once */
        return;
    }
    bool back = view.payment.state == CF_PAYMENT_REVERSAL_UNKNOWN || view.payment.state == CF_PAYMENT_REFUND_UNKNOWN;
    assert_true(back || view.payment.state == CF_PAYMENT_UNKNOWN);
    if (differs != 0 && differs != (back ? -view.payment.amount_minor : view.payment.amount_minor))
        fail_msg("the bank holds %lld more than the till knows", (long long)differs);
}

/* However it stands: the shopper pays the rest in cash, or takes everything back. */
static void finish(struct shop *shop, bool sells)
{
    struct cf_till_view view = shop_view(shop);
    if (view.has_payment && view.payment.state == CF_PAYMENT_OWED) {
        assert_ok(cf_till_payment_retry(shop->till, NULL, NULL, &shop->err));
        assert_false(shop_view(shop).has_payment);
        return;
    }
    if (view.state == CF_CHECKOUT_IDLE)
        return;
    if (sells) {
        assert_ok(shop_pay(shop, CF_TENDER_CASH, shop_due(shop), "", NULL));
        return;
    }
    if (view.state != CF_CHECKOUT_SELLING)
        assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
}

/* Returns false when the script came to its end. */
static bool kill_once(uint64_t at_write, unsigned at_hook, enum bank_does answers)
{
    struct shop shop;
    struct bank *bank = bank_new();
    uint64_t n = at_write + at_hook;
    shop_copy(&shop, &untouched);
    shop.card = bank_port(bank);
    cf_sync_shim()->kill_at = at_write;
    bank->kill_at_hook = at_hook;
    bool killed = kill_in_child(&shop, sell);
    cf_sync_shim()->kill_at = 0;
    bank->kill_at_hook = 0;
    bank->answers = answers;
    shop.random += 1u << 20; /* ids that the child has not had */
    shop_open(&shop);
    check_books(&shop, bank, answers == BANK_AGREES);
    if (answers != BANK_AGREES && shop_view(&shop).has_payment) {
        bank->answers = BANK_AGREES;
        (void)!cf_till_payment_query(shop.till, NULL, &shop.err);
        check_books(&shop, bank, true);
    }
    finish(&shop, n % 2 == 0);
    check_books(&shop, bank, true);
    if (n % 8 == 0)
        shop_verify(&shop);
    shop_close(&shop);
    shop_done(&shop);
    bank_free(bank);
    return killed;
}

static void a_kill_inside_of_the_bank_loses_and_doubles_nothing(void **state)
{
    (void)state;
    unsigned n = 0;
    while (n < 900 && kill_once(0, n + 1, n % 2 ? BANK_AGREES : BANK_NEVER_HEARS))
        n++;
    assert_in_range(n, 20, 899);
}

static void a_kill_at_any_write_loses_and_doubles_nothing(void **state)
{
    (void)state;
    uint64_t n = 0;
    while (n < 900 && kill_once(n + 1, 0, n % 3 ? BANK_AGREES : BANK_NEVER_HEARS))
        n++;
    assert_in_range(n, 20, 899);
}

/* The disk fills up at any write of a payment or a reversal. Nobody may be told that nothing was paid when it was. */
static void a_full_disk_at_any_write_leaves_what_was_paid_on_the_sale(void **state)
{
    (void)state;
    struct cf_sync_shim *shim = cf_sync_shim();
    struct bank *bank = bank_new();
    struct shop shop;
    unsigned cut[2] = {0};
    shop_copy(&shop, &untouched);
    shop.card = bank_port(bank);
    shop_open(&shop);
    for (uint64_t n = 0; n < 400; n++) {
        bool gives_back = n % 2;
        assert_ok(shop_scan(&shop, TEA));
        if (gives_back)
            assert_ok(pay(&shop, 700));
        shim->full_from = shim->n_writes + 1 + n / 2;
        enum cf_rc rc = gives_back ? cf_till_untender(shop.till, &shop.err) : pay(&shop, 2500);
        bool whole = shim->n_writes < shim->full_from;
        shim->full_from = 0;
        if (rc != CF_OK && rc != CF_E_DISK_FULL)
            fail_msg("with room for %llu writes: %s: %s", (unsigned long long)(n / 2), cf_rc_name(rc), shop.err.detail);
        cut[gives_back] += rc != CF_OK;
        if (rc != CF_OK && n % 4 < 2)
            shop_restart(&shop);
        else if (shop_view(&shop).has_payment)
            (void)!cf_till_payment_query(shop.till, NULL, &shop.err);
        if (shop_view(&shop).state == CF_CHECKOUT_PAID)
            assert_ok(cf_till_settle(shop.till, NULL, &shop.err));
        check_books(&shop, bank, true);
        finish(&shop, false);
        check_books(&shop, bank, true);
        if (whole && gives_back)
            break;
    }
    assert_true(cut[0] >= 2 && cut[1] >= 2);
    shop_verify(&shop);
    shop_close(&shop);
    shop_done(&shop);
    bank_free(bank);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_kill_inside_of_the_bank_loses_and_doubles_nothing, kill_setup, kill_teardown),
        cmocka_unit_test_setup_teardown(a_kill_at_any_write_loses_and_doubles_nothing, kill_setup, kill_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_at_any_write_leaves_what_was_paid_on_the_sale, kill_setup,
                                        kill_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
