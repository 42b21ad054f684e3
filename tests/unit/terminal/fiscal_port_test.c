/*
 * tests/unit/terminal/fiscal_port_test.c - a double of a signing device: it signs, it is slow to answer, it is gone.
 */
#include <stdio.h>
#include <string.h>

#include "app/receipt/text_view.h"
#include "tests/unit/terminal/terminal_cmocka.h"
#include "tests/unit/terminal/till_support.h"

/* A device with counters of its own, that may be out of order at either call. */
struct tse {
    bool no_start, no_finish, garbage;
    uint64_t transactions, signatures;
    struct cf_fiscal_facts seen;
};

static enum cf_rc tse_start(void *ctx, uint64_t sale_no, uint64_t *ret_transaction, struct cf_error *err)
{
    struct tse *tse = ctx;
    (void)sale_no;
    if (tse->no_start)
        return cf_fail(err, CF_E_FISCAL, "no answer");
    *ret_transaction = ++tse->transactions;
    return CF_OK;
}

static enum cf_rc tse_finish(void *ctx, uint64_t transaction, const struct cf_fiscal_facts *facts,
                             struct cf_sale_fiscal *ret, struct cf_error *err)
{
    struct tse *tse = ctx;
    if (tse->no_finish)
        return cf_fail(err, CF_E_FISCAL, "transaction %llu was not finished", (unsigned long long)transaction);
    tse->seen = *facts;
    ret->counter = ++tse->signatures;
    snprintf(ret->serial, sizeof ret->serial, "TSE-0042");
    snprintf(ret->signature, sizeof ret->signature, tse->garbage ? "\x1b[31m" : "c2lnbmF0dXJl%llu",
             (unsigned long long)tse->signatures);
    return CF_OK;
}

static struct cf_sale *sell(struct shop *shop, struct tse *tse, char receipt[8192])
{
    static const struct cf_fiscal_ops ops = {tse_start, tse_finish};
    struct cf_till_sold sold;
    struct cf_sale *sale;
    struct cf_receipt *document;
    struct cf_buf text CF_CLEANUP(cf_buf_done);
    const char *plain;
    shop->fiscal = (struct cf_fiscal_port){&ops, tse};
    shop_restart(shop);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 1500, "C1", NULL));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 5000, "", &sold));
    assert_true(sold.committed);
    assert_ok(cf_sale_new(&sale, &shop->err));
    assert_ok(cf_journal_sale(cf_till_journal(shop->till), sold.at.seq, sale, &shop->err));
    assert_ok(cf_till_receipt(shop->till, sold.at.seq, &document, &shop->err));
    cf_buf_init(&text, CF_TEXT_VIEW_BYTES_MAX);
    assert_ok(cf_receipt_text(document, CF_TEXT_VIEW_COLUMNS, &text, &shop->err));
    assert_ok(cf_buf_cstr(&text, &plain, &shop->err));
    snprintf(receipt, 8192, "%s", plain);
    cf_receipt_free(document);
    return sale;
}

static void a_device_signs_what_was_sold_and_the_receipt_says_so(void **state)
{
    struct shop *shop = *state;
    struct tse tse = {.no_start = false};
    char receipt[8192];
    struct cf_sale *sale = sell(shop, &tse, receipt);
    assert_true(sale->fiscal.is);
    assert_string_equal(sale->fiscal.serial, "TSE-0042");
    assert_int_equal(sale->fiscal.transaction, 1);
    assert_int_equal(tse.seen.total_minor, 3500);
    assert_int_equal(tse.seen.other_minor, 1500);
    assert_int_equal(tse.seen.cash_minor, 2000); /* change taken off */
    int64_t due = 0;
    for (size_t i = 0; i < tse.seen.n_rates; i++)
        due += tse.seen.rates[i].due_minor;
    assert_int_equal(due, 3500);
    assert_non_null(strstr(receipt, "c2lnbmF0dXJl1"));
    cf_sale_free(sale);
    shop_verify(shop);
}

static void an_outage_stops_no_sale_and_is_on_record(void **state)
{
    struct shop *shop = *state;
    static const struct {
        struct tse tse;
        uint64_t transaction;
        const char *why;
    } rows[] = {
        {{.no_start = true}, 0, "the device is gone"},
        {{.no_finish = true}, 1, "it went in between"},
        {{.garbage = true}, 1, "what it says is no text"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tse tse = rows[i].tse;
        char receipt[8192];
        struct cf_sale *sale = sell(shop, &tse, receipt);
        if (!sale->fiscal.is || sale->fiscal.signature[0] != '\0' || sale->fiscal.transaction != rows[i].transaction)
            fail_msg("%s", rows[i].why);
        assert_non_null(strstr(receipt, "Signing device out of order"));
        cf_sale_free(sale);
    }
    shop_verify(shop);
}

static void without_a_device_the_record_has_not_a_byte_more(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    struct cf_sale *sale;
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1000, "", &sold));
    assert_ok(cf_sale_new(&sale, &shop->err));
    assert_ok(cf_journal_sale(cf_till_journal(shop->till), sold.at.seq, sale, &shop->err));
    assert_false(sale->fiscal.is);
    cf_sale_free(sale);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_device_signs_what_was_sold_and_the_receipt_says_so, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(an_outage_stops_no_sale_and_is_on_record, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(without_a_device_the_record_has_not_a_byte_more, shop_setup, shop_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
