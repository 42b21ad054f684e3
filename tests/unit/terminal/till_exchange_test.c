/*
 * tests/unit/terminal/till_exchange_test.c - goods back and goods out in one: both or neither.
 */
#include <string.h>

#include "app/receipt/text_view.h"
#include "tests/unit/terminal/returns_support.h"

static enum cf_rc exchange(struct shop *shop, uint64_t seq, int64_t *ret_worth)
{
    const struct cf_till_return what = {.receipt = returns_receipt(seq)};
    return cf_till_exchange(shop->till, &what, ret_worth, &shop->err);
}

static enum cf_rc exchange_line(struct shop *shop, uint64_t seq, uint32_t line_no, int64_t qty_milli)
{
    const struct cf_asked_line line = {line_no, qty_milli};
    const struct cf_till_return what = {.receipt = returns_receipt(seq), .n_lines = 1, .lines = &line};
    return cf_till_exchange(shop->till, &what, NULL, &shop->err);
}

static int64_t given(const struct cf_till_returned *back, enum cf_tender_kind kind)
{
    int64_t sum = 0;
    for (size_t i = 0; i < back->n_tenders; i++)
        sum += back->tenders[i].kind == kind ? back->tenders[i].amount_minor : 0;
    return sum;
}

/* --- the money -----------------------------------------------------------------------------------------------------
 */

static void dearer_goods_are_paid_by_what_came_back_and_the_difference(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold first = shop_sell(shop, SOAP), sold; /* 10.00 */
    int64_t worth = 0;
    assert_ok(exchange(shop, first.at.seq, &worth));
    assert_int_equal(worth, 1000);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
    assert_int_equal(shop_view(shop).exchange_minor, 1000);
    assert_int_equal(shop_records(shop), first.at.seq); /* nothing is on record yet */
    assert_ok(shop_scan(shop, TEA));                    /* 25.00 */
    assert_int_equal(shop_due(shop), 1500);
    sold = shop_pay_all(shop);
    assert_true(sold.exchanged);
    assert_int_equal(sold.at.seq, first.at.seq + 2);
    assert_int_equal(sold.back.at.seq, first.at.seq + 1);
    assert_int_equal(sold.sale_no, sold.back.return_no + 1);
    assert_int_equal(sold.back.exchange_minor, 1000);
    assert_int_equal(sold.back.n_tenders, 0);
    assert_int_equal(sold.change_minor, 0);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_true(sale->has_exchange);
    assert_int_equal(sale->exchange.seq, sold.back.at.seq);
    assert_int_equal(sale->tenders.n, 2);
    assert_int_equal(sale->tenders.tender[0].kind, CF_TENDER_EXCHANGE);
    assert_int_equal(sale->tenders.tender[1].amount_minor, 1500);
    cf_sale_free(sale);
    shop_verify(shop);
    assert_rc(exchange(shop, first.at.seq, NULL), CF_E_RETURN_EMPTY); /* it is back */
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
}

static void cheaper_goods_are_settled_without_a_coin_and_the_rest_is_given_back(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold first = shop_sell(shop, TEA), sold; /* 25.00 */
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(exchange(shop, first.at.seq, NULL)); /* behind the goods as well */
    assert_int_equal(shop_due(shop), 0);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 0, "", &sold));
    assert_true(sold.committed);
    assert_int_equal(sold.back.exchange_minor, 1000);
    assert_int_equal(given(&sold.back, CF_TENDER_CASH), 1500);
    struct cf_till_report report;
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    assert_int_equal(report.z.totals.tender_minor[CF_TENDER_EXCHANGE], 1000);
    assert_int_equal(report.z.totals.returned.tender_minor[CF_TENDER_EXCHANGE], 1000);
    assert_int_equal(report.expected_minor, 1000); /* 25.00 in, 15.00 out */
    shop_verify(shop);
}

/* The coupon that was given with goods does not pay for those that go out for them. */
static void a_coupon_of_goods_that_come_back_does_not_pay_for_the_others(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold first = shop_sell(shop, TEA);
    struct cf_sale *sale = shop_sale_of(shop, first.at.seq);
    assert_int_equal(sale->n_issued, 1);
    const struct cf_coupon fields = {
        .campaign = sale->issued[0].campaign, .index = sale->issued[0].index, .exp_s = sale->issued[0].exp_s};
    const char *coupon = shop_sign_coupon(&fields, sale->issued[0].grant_id, TILL);
    cf_sale_free(sale);
    assert_ok(exchange(shop, first.at.seq, NULL));
    assert_ok(shop_scan(shop, TEA));
    assert_rc(shop_scan(shop, coupon), CF_E_COUPON_REVOKED);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(shop_scan(shop, TEA)); /* the other way round */
    assert_ok(shop_scan(shop, coupon));
    assert_rc(exchange(shop, first.at.seq, NULL), CF_E_COUPON_REVOKED);
    (void)shop_pay_all(shop); /* nothing came back: it is good */
    shop_verify(shop);
}

static void a_card_gets_the_rest_before_the_drawer_does(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold first, sold;
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 2000, "slip 1", &first));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 500, "", &first));
    assert_ok(exchange(shop, first.at.seq, NULL));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 0, "", &sold));
    assert_int_equal(given(&sold.back, CF_TENDER_CARD), 1500);
    assert_int_equal(given(&sold.back, CF_TENDER_CASH), 0);
}

static void what_was_bought_by_exchange_comes_back_too(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold first = shop_sell(shop, SOAP), sold;
    struct cf_till_returned back;
    assert_ok(exchange(shop, first.at.seq, NULL));
    assert_ok(shop_scan(shop, TEA));
    sold = shop_pay_all(shop);
    const struct cf_till_return what = {.receipt = returns_receipt(sold.at.seq)};
    assert_ok(cf_till_return(shop->till, &what, &back, &shop->err));
    assert_int_equal(back.total_minor, 2500);
    assert_int_equal(given(&back, CF_TENDER_CASH), 2500);
}

static void nothing_is_exchanged_for_nothing(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold free_of_charge, first;
    assert_ok(shop_scan(shop, GIFT)); /* 0.00 */
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 0, "", &free_of_charge));
    assert_rc(exchange(shop, free_of_charge.at.seq, NULL), CF_E_RETURN_EMPTY);
    first = shop_sell(shop, SOAP);
    assert_ok(exchange(shop, first.at.seq, NULL));
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 0, "", NULL), CF_E_SALE_EMPTY);
    assert_ok(shop_scan(shop, GIFT));
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 0, "", NULL), CF_E_TENDER_ZERO);
    assert_rc(shop_pay(shop, CF_TENDER_EXCHANGE, 100, "", NULL), CF_E_ARGUMENT);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    shop_verify(shop);
}

/* --- both or neither ------------------------------------------------------------------------------------------------
 */

static void a_cancelled_exchange_leaves_both_undone(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold first = shop_sell(shop, SOAP);
    assert_ok(exchange(shop, first.at.seq, NULL));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_true(shop_last_is(shop, CF_RECORD_CANCELLED));
    assert_ok(exchange(shop, first.at.seq, NULL)); /* as if nothing had been */
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    shop_verify(shop);
}

static void an_open_exchange_is_open_after_a_restart(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold first = shop_sell(shop, SOAP), sold;
    assert_ok(exchange_line(shop, first.at.seq, 1, 0));
    shop_restart(shop);
    assert_int_equal(shop_view(shop).exchange_minor, 1000);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 500, "slip 1", NULL));
    assert_int_equal(shop_due(shop), 1000);
    shop_reboot(shop);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_TENDERING);
    assert_int_equal(shop_due(shop), 1000);
    assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_int_equal(shop_due(shop), 1500);
    sold = shop_pay_all(shop);
    assert_true(sold.exchanged);
    shop_verify(shop);
}

static void one_return_a_sale_and_nothing_is_parked_or_taken_back_meanwhile(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold first = shop_sell(shop, SOAP), second = shop_sell(shop, TEA);
    const struct cf_till_return what = {.receipt = returns_receipt(second.at.seq)};
    const struct cf_till_return whole = {.receipt = returns_receipt(second.at.seq), .is_void = true};
    assert_rc(cf_till_exchange(shop->till, &whole, NULL, &shop->err), CF_E_RETURN_VOID);
    assert_ok(exchange(shop, first.at.seq, NULL));
    assert_rc(exchange(shop, second.at.seq, NULL), CF_E_EXCHANGE_OPEN);
    assert_rc(cf_till_return(shop->till, &what, NULL, &shop->err), CF_E_SALE_OPEN);
    assert_ok(shop_scan(shop, TEA));
    assert_rc(cf_till_park(shop->till, "later", &shop->err), CF_E_EXCHANGE_OPEN);
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 100, "slip 1", NULL));
    assert_rc(exchange(shop, second.at.seq, NULL), CF_E_SALE_TENDERED);
}

/* --- with somebody to ask -------------------------------------------------------------------------------------------
 */

static void goods_that_are_kept_for_an_exchange_are_let_go_when_it_is_cancelled(void **state)
{
    struct shop *shop = *state;
    static struct other_sale told;
    struct cf_till_sold first = shop_sell(shop, SOAP), sold;
    other_sale_of(shop, first.at.seq, &told);
    shop_go_online(shop, CF_OK);
    assert_ok(exchange(shop, first.at.seq, NULL));
    assert_ok(shop_scan(shop, TEA));
    shop_restart(shop); /* the answer is a step: nothing is undone */
    assert_int_equal(shop_view(shop).exchange_minor, 1000);
    uint64_t before = shop_facts(shop);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_int_equal(shop_facts(shop), before + 2); /* the key is undone, and the sale cancelled */
    assert_ok(exchange(shop, first.at.seq, NULL));
    assert_ok(shop_scan(shop, TEA));
    before = shop_facts(shop);
    sold = shop_pay_all(shop);
    assert_true(sold.exchanged);
    assert_int_equal(shop_facts(shop), before + 2); /* the return keeps the key */
    shop_restart(shop);
    assert_int_equal(shop_facts(shop), before + 2);
    other_sale_done(shop, &told);
    shop_verify(shop);
}

static void the_sale_of_another_till_is_kept_with_the_step(void **state)
{
    struct shop *shop = *state;
    static struct other_sale told;
    struct cf_till_sold first = shop_sell(shop, SOAP), sold;
    const struct cf_till_return what = {.receipt = "22-1-000005"};
    other_sale_of(shop, first.at.seq, &told);
    assert_rc(cf_till_exchange(shop->till, &what, NULL, &shop->err), CF_E_RETURN_ELSEWHERE);
    shop_go_online(shop, CF_OK);
    assert_ok(cf_till_exchange(shop->till, &what, NULL, &shop->err));
    other_sale_done(shop, &told);
    shop->net_rc = CF_E_LINK_DOWN; /* from here on without a link */
    shop_restart(shop);
    assert_ok(shop_scan(shop, TEA));
    sold = shop_pay_all(shop);
    assert_int_equal(sold.back.of.terminal, 22);
    assert_int_equal(sold.back.exchange_minor, 1000);
    shop_verify(shop);
}

/* --- paper
 * ------------------------------------------------------------------------------------------------------------
 */

static void why_goods_come_back_is_kept_over_a_kill_and_stands_on_record_and_paper(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold first = shop_sell(shop, SOAP), sold;
    struct cf_till_return what = {.receipt = returns_receipt(first.at.seq),
                                  .reason = "1234567890123456789012345678901234567890123456789"};
    assert_rc(cf_till_exchange(shop->till, &what, NULL, &shop->err), CF_E_USER_REASON);
    what.reason = "Does not fit";
    assert_ok(cf_till_exchange(shop->till, &what, NULL, &shop->err));
    shop_restart(shop);
    assert_ok(shop_scan(shop, TEA));
    sold = shop_pay_all(shop);
    struct cf_receipt *receipt;
    struct cf_buf text CF_CLEANUP(cf_buf_done);
    cf_buf_init(&text, 1 << 16);
    assert_string_equal(returns_reason(shop, sold.back.at.seq), "Does not fit");
    assert_ok(cf_till_receipt(shop->till, sold.at.seq, &receipt, &shop->err));
    assert_ok(cf_receipt_text(receipt, CF_TEXT_VIEW_COLUMNS, &text, &shop->err));
    assert_ok(cf_buf_append(&text, "", 1, &shop->err));
    assert_non_null(strstr((const char *)text.p, "Reason 原因: Does not fit"));
    cf_receipt_free(receipt);
    shop_verify(shop);
}

static void the_receipt_shows_what_came_back_and_what_went_out(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold first = shop_sell(shop, SOAP), sold;
    struct cf_receipt *receipt;
    struct cf_buf text CF_CLEANUP(cf_buf_done);
    cf_buf_init(&text, 1 << 16);
    assert_ok(exchange(shop, first.at.seq, NULL));
    assert_ok(shop_scan(shop, TEA));
    sold = shop_pay_all(shop);
    assert_ok(cf_till_receipt(shop->till, sold.at.seq, &receipt, &shop->err));
    assert_ok(cf_receipt_text(receipt, CF_TEXT_VIEW_COLUMNS, &text, &shop->err));
    assert_ok(cf_buf_append(&text, "", 1, &shop->err));
    const char *shown = (const char *)text.p;
    assert_non_null(strstr(shown, "EXCHANGE"));
    assert_non_null(strstr(shown, returns_receipt(first.at.seq)));
    assert_non_null(strstr(shown, "Exchange 换货"));
    cf_receipt_free(receipt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(dearer_goods_are_paid_by_what_came_back_and_the_difference, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(cheaper_goods_are_settled_without_a_coin_and_the_rest_is_given_back, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(a_coupon_of_goods_that_come_back_does_not_pay_for_the_others, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(a_card_gets_the_rest_before_the_drawer_does, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(what_was_bought_by_exchange_comes_back_too, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_exchanged_for_nothing, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_exchange_leaves_both_undone, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(an_open_exchange_is_open_after_a_restart, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(one_return_a_sale_and_nothing_is_parked_or_taken_back_meanwhile, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(goods_that_are_kept_for_an_exchange_are_let_go_when_it_is_cancelled, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(the_sale_of_another_till_is_kept_with_the_step, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(why_goods_come_back_is_kept_over_a_kill_and_stands_on_record_and_paper,
                                        shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(the_receipt_shows_what_came_back_and_what_went_out, shop_setup, shop_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
