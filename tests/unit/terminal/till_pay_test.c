/*
 * tests/unit/terminal/till_pay_test.c - payments that somebody else takes: every answer, no answer, restarts,
 * reversals, a manager's word; the till's journal against the bank's books.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/terminal/bank_support.h"
#include "tests/unit/terminal/till_support.h"

static struct bank *bank;

static int pay_setup(void **state)
{
    int rc = shop_setup(state);
    struct shop *shop = *state;
    bank = bank_new();
    shop->card = shop->mobile = bank_port(bank);
    shop_restart(shop);
    return rc;
}

static int pay_teardown(void **state)
{
    bank_free(bank);
    return shop_teardown(state);
}

static enum cf_rc pay(struct shop *shop, int64_t amount_minor, struct cf_till_sold *ret)
{
    struct cf_till_pay what = {.kind = CF_TENDER_CARD, .amount_minor = amount_minor};
    return cf_till_pay(shop->till, &what, ret, &shop->err);
}

/* --- the books ------------------------------------------------------------------------------------------------------
 */

struct books {
    int64_t sold_minor;    /* by tenders of committed sales that a bank took */
    int64_t decided_minor; /* given up or settled elsewhere, by name */
    unsigned reversed, records;
};

static enum cf_rc read_books(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                             const struct cf_sha256 *hash, struct cf_error *err)
{
    struct books *books = ctx;
    (void)body_hash;
    (void)hash;
    if (record->type == CF_RECORD_SALE) {
        struct cf_sale *sale = NULL;
        assert_ok(cf_sale_new(&sale, err));
        assert_ok(cf_sale_decode(record->body, sale, err));
        for (size_t i = 0; i < sale->tenders.n; i++)
            if (sale->tenders.tender[i].kind != CF_TENDER_CASH)
                books->sold_minor += sale->tenders.tender[i].amount_minor;
        cf_sale_free(sale);
    } else if (record->type == CF_RECORD_PAYMENT) {
        struct cf_payment_record payment;
        assert_ok(cf_payment_record_decode(record->body, &payment, err));
        books->records++;
        books->reversed += payment.state == CF_PAYMENT_REVERSED;
        if (payment.state == CF_PAYMENT_GIVEN_UP || payment.state == CF_PAYMENT_ELSEWHERE)
            books->decided_minor += payment.amount_minor;
    }
    return CF_OK;
}

static struct books books_of(struct shop *shop)
{
    struct books books = {.records = 0};
    assert_ok(cf_journal_read(cf_till_journal(shop->till), 1, 100000, read_books, &books, &shop->err));
    return books;
}

/* --- answers --------------------------------------------------------------------------------------------------------
 */

static void an_approved_payment_sells(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(pay(shop, 1000, &sold));
    assert_true(sold.committed);
    assert_int_equal(bank_holds(bank), 1000);
    assert_int_equal(books_of(shop).sold_minor, 1000);
    assert_int_equal(books_of(shop).records, 0);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_string_equal(sale->tenders.tender[0].reference, "BANK-0");
    cf_sale_free(sale);
    shop_verify(shop);
}

static void a_declined_payment_leaves_the_sale_as_it_was(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, SOAP));
    bank->pays = BANK_REFUSES;
    assert_rc(pay(shop, 1000, NULL), CF_E_PAYMENT_DECLINED);
    assert_non_null(strstr(shop->err.detail, "card refused"));
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
    assert_false(shop_view(shop).has_payment);
    assert_ok(shop_scan(shop, TEA)); /* the price moves again */
    (void)shop_pay_all(shop);
    assert_int_equal(bank_holds(bank), 0);
}

static void parts_are_paid_in_different_ways(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    assert_ok(shop_scan(shop, TEA));
    assert_ok(pay(shop, 1000, &sold));
    assert_false(sold.committed);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_TENDERING);
    assert_int_equal(shop_due(shop), 1500);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 500, "", NULL));
    bank->pays = BANK_REFUSES;
    assert_rc(pay(shop, 1000, &sold), CF_E_PAYMENT_DECLINED);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_TENDERING);
    bank->pays = BANK_AGREES;
    assert_ok(pay(shop, 1000, &sold));
    assert_true(sold.committed);
    assert_int_equal(bank_holds(bank), 2000);
    assert_int_equal(books_of(shop).sold_minor, 2000);
}

static void what_is_asked_for_is_due(void **state)
{
    struct shop *shop = *state;
    assert_rc(pay(shop, 1000, NULL), CF_E_SALE_NONE);
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(pay(shop, 1001, NULL), CF_E_TENDER_OVER);
    assert_rc(pay(shop, -1, NULL), CF_E_TENDER_ZERO);
    struct cf_till_pay cash = {.kind = CF_TENDER_CASH, .amount_minor = 1000};
    assert_rc(cf_till_pay(shop->till, &cash, NULL, NULL), CF_E_PAYMENT_PORT);
    struct cf_till_pay phone = {.kind = CF_TENDER_MOBILE, .amount_minor = 1000};
    assert_rc(cf_till_pay(shop->till, &phone, NULL, NULL), CF_E_ARGUMENT);
    assert_int_equal(bank->asked, 0);
    bank->pays = BANK_IS_AWAY;
    assert_rc(pay(shop, 1000, NULL), CF_E_PAYMENT_LINK);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING); /* nothing was asked */
    shop->card = (struct cf_pay_port){.ops = NULL};
    shop_restart(shop);
    assert_rc(pay(shop, 1000, NULL), CF_E_PAYMENT_PORT);
}

static void the_code_on_a_phone_pays_the_rest(void **state)
{
    struct shop *shop = *state;
    struct cf_till_scanned scanned;
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 500, "", NULL));
    assert_ok(cf_till_scan(shop->till, cf_bytes_str("134567890123456789"), &scanned, &shop->err));
    assert_int_equal(scanned.kind, CF_SCAN_PAYMENT);
    assert_true(scanned.sold.committed);
    assert_string_equal(bank->code, "134567890123456789");
    assert_int_equal(bank_holds(bank), 2000);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, "2812345678901234")); /* sixteen digits, 28: the other provider */
    assert_int_equal(bank_holds(bank), 4500);
    assert_rc(shop_scan(shop, "134567890123456789"), CF_E_SALE_NONE);
}

/* --- unknown --------------------------------------------------------------------------------------------------------
 */

static void everything_stands_still(struct shop *shop, enum cf_payment_state expected)
{
    struct cf_till_sold sold;
    struct cf_till_report report;
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.state, CF_CHECKOUT_PAYING);
    assert_true(view.has_payment);
    assert_int_equal(view.payment.state, expected);
    assert_rc(shop_scan(shop, SOAP), CF_E_PAYMENT_OPEN);
    assert_rc(cf_till_quantity(shop->till, 1, 2000, NULL), CF_E_PAYMENT_OPEN);
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 10000, "", NULL), CF_E_PAYMENT_OPEN);
    assert_rc(pay(shop, 100, NULL), CF_E_PAYMENT_OPEN);
    assert_rc(cf_till_untender(shop->till, NULL), CF_E_PAYMENT_OPEN);
    assert_rc(cf_till_cancel(shop->till, NULL), CF_E_PAYMENT_OPEN);
    assert_rc(cf_till_park(shop->till, "x", NULL), CF_E_PAYMENT_OPEN);
    assert_rc(cf_till_settle(shop->till, &sold, NULL), CF_E_STATE);
    assert_rc(cf_till_z_report(shop->till, &report, NULL), CF_E_SALE_OPEN);
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
}

static void an_unknown_payment_is_asked_about(void **state)
{
    static const struct {
        enum bank_does pays;
        bool taken;
        const char *why;
    } rows[] = {
        {BANK_IS_NOT_HEARD, true, "the line was cut after the bank had decided"},
        {BANK_NEVER_HEARS, false, "before"},
        {BANK_NO_IS_NOT_HEARD, false, "after it had refused"},
    };
    struct shop *shop = *state;
    int64_t held = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int restart = 0; restart < 2; restart++) {
            struct cf_till_sold sold = {.committed = false};
            assert_ok(shop_scan(shop, TEA));
            bank->pays = rows[i].pays;
            bank->answers = BANK_NEVER_HEARS;
            assert_rc(pay(shop, 2500, &sold), CF_E_PAYMENT_UNKNOWN);
            everything_stands_still(shop, CF_PAYMENT_UNKNOWN);
            assert_rc(cf_till_payment_query(shop->till, &sold, NULL), CF_E_PAYMENT_UNKNOWN);
            everything_stands_still(shop, CF_PAYMENT_UNKNOWN);
            uint64_t facts = shop_facts(shop);
            if (restart) { /* nobody answers there either; at the next start somebody does */
                shop_restart(shop);
                everything_stands_still(shop, CF_PAYMENT_UNKNOWN);
                bank->answers = BANK_AGREES;
                shop_reboot(shop);
            } else {
                bank->answers = BANK_AGREES;
                assert_rc(cf_till_payment_query(shop->till, &sold, NULL),
                          rows[i].taken ? CF_OK : CF_E_PAYMENT_DECLINED);
                assert_int_equal(sold.committed, rows[i].taken);
            }
            bank->pays = BANK_AGREES;
            held += rows[i].taken ? 2500 : 0;
            if (shop_facts(shop) != facts + rows[i].taken)
                fail_msg("%s: %llu records", rows[i].why, (unsigned long long)shop_facts(shop));
            if (!rows[i].taken) {
                assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
                (void)shop_pay_all(shop);
            }
            assert_int_equal(bank_holds(bank), held);
            assert_int_equal(books_of(shop).sold_minor, held);
        }
    shop_verify(shop);
}

static void a_retry_takes_the_money_once(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    assert_ok(shop_scan(shop, TEA));
    bank->pays = BANK_IS_NOT_HEARD;
    assert_rc(pay(shop, 2500, &sold), CF_E_PAYMENT_UNKNOWN);
    assert_rc(cf_till_payment_retry(shop->till, NULL, &sold, NULL), CF_E_PAYMENT_UNKNOWN);
    assert_rc(cf_till_payment_retry(shop->till, NULL, &sold, NULL), CF_E_PAYMENT_UNKNOWN);
    bank->pays = BANK_AGREES;
    assert_ok(cf_till_payment_retry(shop->till, NULL, &sold, &shop->err));
    assert_true(sold.committed);
    assert_int_equal(bank->asked, 4);
    assert_int_equal(bank->n, 1); /* one id */
    assert_int_equal(bank_holds(bank), 2500);
    assert_int_equal(books_of(shop).sold_minor, 2500);
    assert_rc(cf_till_payment_retry(shop->till, NULL, &sold, NULL), CF_E_STATE);
    assert_rc(cf_till_payment_query(shop->till, &sold, NULL), CF_E_STATE);
}

/* --- a manager's word -----------------------------------------------------------------------------------------------
 */

static enum cf_rc decide(struct shop *shop, enum cf_payment_event event, const char *by, const char *reason)
{
    struct cf_till_decision what = {.event = event, .by = by, .reason = reason};
    return cf_till_payment_decide(shop->till, &what, NULL, &shop->err);
}

static void a_manager_decides_with_a_reason(void **state)
{
    struct shop *shop = *state;
    shop->card = bank_port(bank);
    assert_ok(shop_scan(shop, TEA));
    assert_rc(decide(shop, CF_PAYMENT_SAY_TAKEN, "Wang", "slip"), CF_E_STATE); /* of what? */
    bank->pays = BANK_NEVER_HEARS;
    bank->answers = BANK_NEVER_HEARS;
    assert_rc(pay(shop, 2500, NULL), CF_E_PAYMENT_UNKNOWN);
    assert_rc(decide(shop, CF_PAYMENT_SAY_NOT_TAKEN, "", "slip"), CF_E_ARGUMENT);
    assert_rc(decide(shop, CF_PAYMENT_SAY_NOT_TAKEN, "Wang", ""), CF_E_ARGUMENT);
    assert_rc(decide(shop, CF_PAYMENT_SAY_NOT_TAKEN, "Wang\n", "slip"), CF_E_ENCODING);
    assert_rc(decide(shop, CF_PAYMENT_YES, "Wang", "slip"), CF_E_ARGUMENT);
    assert_rc(decide(shop, CF_PAYMENT_SETTLE_ELSEWHERE, "Wang", "slip"), CF_E_PAYMENT_OPEN);
    assert_ok(decide(shop, CF_PAYMENT_SAY_NOT_TAKEN, "Wang", "the slip says declined"));
    assert_true(shop_last_is(shop, CF_RECORD_PAYMENT));
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
    shop_restart(shop);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_int_equal(books_of(shop).decided_minor, 2500);

    assert_ok(shop_scan(shop, TEA));
    assert_rc(pay(shop, 2500, NULL), CF_E_PAYMENT_UNKNOWN);
    struct cf_till_sold sold;
    struct cf_till_decision taken = {
        .event = CF_PAYMENT_SAY_TAKEN, .by = "Wang", .reason = "slip seen", .reference = "SLIP 17"};
    assert_ok(cf_till_payment_decide(shop->till, &taken, &sold, &shop->err));
    assert_true(sold.committed);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_string_equal(sale->tenders.tender[0].reference, "SLIP 17");
    cf_sale_free(sale);
    assert_int_equal(books_of(shop).records, 2);
    shop_verify(shop);
}

/* --- giving back ----------------------------------------------------------------------------------------------------
 */

static void a_payment_goes_back_before_the_sale_is_cancelled(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, TEA));
    assert_ok(pay(shop, 1000, NULL));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 500, "", NULL));
    assert_ok(pay(shop, 600, NULL));
    assert_rc(cf_till_cancel(shop->till, NULL), CF_E_SALE_TENDERED);
    assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_int_equal(bank_holds(bank), 0);
    assert_int_equal(books_of(shop).reversed, 2);
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.state, CF_CHECKOUT_SELLING);
    assert_int_equal(view.due_minor, 2500);
    shop_restart(shop);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    shop_verify(shop);
}

static void a_reversal_that_is_not_known_is_asked_about(void **state)
{
    struct shop *shop = *state;
    static const enum bank_does ways[] = {BANK_NEVER_HEARS, BANK_IS_NOT_HEARD};
    for (size_t i = 0; i < 2; i++) {
        assert_ok(shop_scan(shop, TEA));
        assert_ok(pay(shop, 1000, NULL));
        bank->reverses = ways[i];
        bank->answers = BANK_NEVER_HEARS;
        assert_rc(cf_till_untender(shop->till, &shop->err), CF_E_PAYMENT_UNKNOWN);
        everything_stands_still(shop, CF_PAYMENT_REVERSAL_UNKNOWN);
        shop_restart(shop);
        everything_stands_still(shop, CF_PAYMENT_REVERSAL_UNKNOWN);
        bank->reverses = bank->answers = BANK_AGREES;
        if (ways[i] == BANK_NEVER_HEARS) { /* it has not gone back: it is still a tender, and is asked back again */
            assert_rc(cf_till_payment_query(shop->till, NULL, NULL), CF_E_PAYMENT_KEPT);
            assert_int_equal(shop_view(shop).state, CF_CHECKOUT_TENDERING);
            assert_int_equal(shop_view(shop).tenders->n, 1);
            assert_ok(cf_till_untender(shop->till, &shop->err));
        } else {
            assert_ok(cf_till_payment_query(shop->till, NULL, &shop->err));
        }
        assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
        assert_int_equal(bank_holds(bank), 0);
        assert_int_equal(books_of(shop).reversed, i + 1);
        (void)shop_pay_all(shop);
    }
    shop_verify(shop);
}

static void what_a_bank_will_not_give_back_is_settled_elsewhere(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, TEA));
    assert_ok(pay(shop, 1000, NULL));
    bank->reverses = BANK_REFUSES;
    assert_rc(cf_till_untender(shop->till, &shop->err), CF_E_PAYMENT_KEPT);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_TENDERING);
    assert_ok(decide(shop, CF_PAYMENT_SETTLE_ELSEWHERE, "Wang", "given back in cash"));
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    struct books books = books_of(shop);
    assert_int_equal(books.decided_minor, 1000);
    assert_int_equal(bank_holds(bank), 1000); /* and by name in the books */
    shop_verify(shop);
}

/* --- a price that changes while a payment is under way --------------------------------------------------------------
 */

static void a_price_that_fell_after_a_payment_gives_it_back(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, CREAM)); /* 39.90, 10 % off without a coupon */
    int64_t due = shop_due(shop);
    bank->pays = BANK_IS_NOT_HEARD;
    bank->answers = BANK_NEVER_HEARS;
    assert_rc(pay(shop, due, NULL), CF_E_PAYMENT_UNKNOWN);
    struct cf_campaign more = shop_campaign(AUTOMATIC);
    more.version = 2;
    more.promotion.version = 2;
    more.promotion.percent_bp = 5000;
    shop_send_campaign(shop, &more);
    bank->answers = BANK_AGREES;
    shop_restart(shop);
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.state, CF_CHECKOUT_TENDERING);
    assert_true(view.priced->total_minor < due);
    assert_rc(shop_pay(shop, CF_TENDER_CASH, due, "", NULL), CF_E_PAYMENT_PRICE);
    assert_rc(pay(shop, 100, NULL), CF_E_PAYMENT_PRICE);
    assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_int_equal(bank_holds(bank), 0);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
    (void)shop_pay_all(shop);
    shop_verify(shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_approved_payment_sells, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(a_declined_payment_leaves_the_sale_as_it_was, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(parts_are_paid_in_different_ways, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(what_is_asked_for_is_due, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(the_code_on_a_phone_pays_the_rest, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(an_unknown_payment_is_asked_about, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(a_retry_takes_the_money_once, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(a_manager_decides_with_a_reason, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(a_payment_goes_back_before_the_sale_is_cancelled, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(a_reversal_that_is_not_known_is_asked_about, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(what_a_bank_will_not_give_back_is_settled_elsewhere, pay_setup, pay_teardown),
        cmocka_unit_test_setup_teardown(a_price_that_fell_after_a_payment_gives_it_back, pay_setup, pay_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
