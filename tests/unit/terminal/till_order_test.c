/*
 * tests/unit/terminal/till_order_test.c - orders that are picked up: who is asked before anything is handed out, and
 * what is left of it where nobody answers.
 */
#include "tests/unit/terminal/till_support.h"

#include <string.h>

#include <cmocka.h>

#define ORDER 7u

static struct cf_order an_order(uint32_t generation, uint32_t home, uint32_t home_epoch)
{
    struct cf_order order = {.kind = CF_ORDER_PICK_UP,
                             .number = ORDER,
                             .generation = generation,
                             .store = SHOP_STORE,
                             .home = home,
                             .home_epoch = home_epoch,
                             .ready_s = TEST_NOW_S - TEST_DAY_S,
                             .expires_s = TEST_NOW_S + TEST_DAY_S,
                             .total_minor = 9000,
                             .n_lines = 2};
    order.lines[0] = (struct cf_order_line){
        .product = 1, .name = "Cream", .qty_milli = 2000, .unit_price_minor = 3990, .amount_minor = 7000};
    order.lines[1] = (struct cf_order_line){
        .product = 2, .name = "Soap", .qty_milli = 1000, .unit_price_minor = 1000, .amount_minor = 2000};
    return order;
}

static void comes_down(struct shop *shop, const struct cf_order *order)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_ORDER};
    struct cf_buf bytes;
    cf_buf_init(&bytes, CF_ORDER_BYTES_MAX);
    assert_ok(cf_order_encode(order, &bytes, NULL));
    entry.order = cf_buf_bytes(&bytes);
    shop_send(shop, CF_TOPIC_ORDERS, &entry);
    cf_buf_done(&bytes);
}

static void is_gone(struct shop *shop, uint32_t generation, bool handed_out)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_ORDER_GONE};
    entry.order_gone = (struct cf_order_gone){ORDER, generation, handed_out};
    shop_send(shop, CF_TOPIC_ORDERS, &entry);
}

/* What the shopper shows. */
static enum cf_rc show(struct shop *shop, uint32_t generation)
{
    const struct cf_order_code fields = {ORDER, SHOP_STORE, generation, TEST_NOW_S + TEST_DAY_S};
    struct cf_code code;
    char text[CF_CODE_TEXT_MAX];
    assert_ok(cf_order_code_sign(&fields, KID_ALL, test_key(ISSUER), &code, NULL));
    assert_ok(cf_code_text(&code, text, NULL));
    return shop_scan(shop, text);
}

static enum cf_rc hand_out(struct shop *shop, const struct cf_taken_line *lines, size_t n)
{
    struct cf_till_handed_out out;
    return cf_till_hand_out(shop->till, lines, n, &out, &shop->err);
}

static enum cf_rc show_and_hand_out(struct shop *shop)
{
    enum cf_rc rc = show(shop, 1);
    return rc == CF_OK ? hand_out(shop, NULL, 0) : rc;
}

static void after_the_pause(struct shop *shop)
{
    shop->mono_us += 31 * CF_US_PER_S;
    shop->wall_us += 31 * CF_US_PER_S;
}

static void its_home_hands_it_out_once_and_asks_nobody(void **state)
{
    struct shop *shop = *state;
    const struct cf_order order = an_order(1, SHOP_TILL, shop->epoch);
    shop_pulled(shop);
    comes_down(shop, &order);
    shop_restart(shop);
    assert_rc(hand_out(shop, NULL, 0), CF_E_ORDER_UNKNOWN); /* nobody has shown a code */
    assert_ok(show_and_hand_out(shop));
    assert_true(shop_last_is(shop, CF_RECORD_PICK_UP));
    assert_int_equal(shop->asked + shop->claimed, 0);
    assert_rc(show(shop, 1), CF_E_ORDER_DONE);
    shop_restart(shop);
    assert_rc(show(shop, 1), CF_E_ORDER_DONE);
    is_gone(shop, 1, true);
    assert_rc(show(shop, 1), CF_E_ORDER_DONE);
    shop_verify(shop);
}

static void the_rest_is_the_next_generation_and_the_first_code_is_good_for_it(void **state)
{
    struct shop *shop = *state;
    struct cf_order order = an_order(1, SHOP_TILL, shop->epoch);
    const struct cf_taken_line one = {1, 1000};
    shop_pulled(shop);
    comes_down(shop, &order);
    shop_restart(shop);
    assert_ok(show(shop, 1));
    assert_ok(hand_out(shop, &one, 1));
    assert_rc(show(shop, 1), CF_E_ORDER_DONE);
    assert_ok(cf_order_rest(&order, &one, 1, NULL));
    comes_down(shop, &order);
    assert_rc(show(shop, 3), CF_E_ORDER_GENERATION);
    assert_ok(show_and_hand_out(shop));
    shop_verify(shop);
}

static void what_is_not_ours_or_over_is_refused_by_name(void **state)
{
    struct shop *shop = *state;
    struct cf_order order = an_order(1, SHOP_TILL + 1, 1);
    shop_pulled(shop);
    assert_rc(show(shop, 1), CF_E_ORDER_UNKNOWN);
    comes_down(shop, &order);
    assert_rc(show(shop, 1), CF_E_ORDER_HOME);
    is_gone(shop, 1, false);
    assert_rc(show(shop, 1), CF_E_ORDER_CANCELLED);
    order = an_order(2, SHOP_TILL, shop->epoch);
    comes_down(shop, &order);
    assert_ok(show(shop, 1));
    assert_ok(shop_scan(shop, TEA)); /* not inside a sale */
    assert_rc(hand_out(shop, NULL, 0), CF_E_SALE_OPEN);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    is_gone(shop, 2, false); /* cancelled since it was scanned */
    assert_rc(hand_out(shop, NULL, 0), CF_E_ORDER_CANCELLED);
    shop_verify(shop);
}

static void the_hub_of_its_store_is_asked_and_believed(void **state)
{
    struct shop *shop = *state;
    const struct cf_order order = an_order(1, SHOP_STORE, 0);
    comes_down(shop, &order);
    shop_restart(shop);
    assert_rc(show_and_hand_out(shop), CF_E_ORDER_ASK); /* there is none yet */
    shop_send_hub(shop, 4);
    shop_restart(shop);
    shop->lan_verdict = CF_E_COUPON_SPENT; /* the till beside this one */
    uint64_t records = shop_records(shop);
    assert_rc(show_and_hand_out(shop), CF_E_ORDER_DONE);
    assert_int_equal(shop_records(shop), records); /* nothing was taken, so nothing goes back */
    shop->lan_verdict = CF_OK;
    assert_ok(show_and_hand_out(shop));
    assert_true(shop_last_is(shop, CF_RECORD_PICK_UP));
    assert_int_equal(shop->asked, 0);
    shop_verify(shop);
}

static void a_hub_that_does_not_answer_leaves_a_void_request_and_no_goods(void **state)
{
    struct shop *shop = *state;
    const struct cf_order order = an_order(1, SHOP_STORE, 0);
    comes_down(shop, &order);
    shop_send_hub(shop, 4);
    shop_restart(shop);
    shop->lan_rc = CF_E_SERVER;
    assert_rc(show_and_hand_out(shop), CF_E_ORDER_ASK);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
    shop->lan_rc = CF_OK;
    after_the_pause(shop);
    assert_rc(show(shop, 1), CF_E_ORDER_ASK); /* in doubt until it is acknowledged */
    shop_acknowledge(shop);
    shop_restart(shop);
    assert_ok(show_and_hand_out(shop));
    shop_verify(shop);
}

static void the_centre_is_asked_with_a_key_that_a_missing_answer_voids(void **state)
{
    struct shop *shop = *state;
    const struct cf_order order = an_order(1, 0, 0);
    comes_down(shop, &order);
    shop_restart(shop);
    assert_rc(show_and_hand_out(shop), CF_E_ORDER_ASK);
    assert_int_equal(shop->asked, 0); /* this till asks nobody */
    shop->ask_online = true;
    shop_restart(shop);
    shop->net_rc = CF_E_SERVER;
    assert_rc(show_and_hand_out(shop), CF_E_ORDER_ASK);
    assert_int_equal(shop->asked, 1);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
    shop_acknowledge(shop);
    shop_restart(shop);
    after_the_pause(shop);
    shop->net_rc = CF_OK;
    shop->net_reply = CF_E_ORDER_DONE;
    assert_rc(show_and_hand_out(shop), CF_E_ORDER_DONE);
    shop->net_reply = CF_OK;
    assert_ok(show_and_hand_out(shop));
    assert_true(shop_last_is(shop, CF_RECORD_PICK_UP));
    shop_verify(shop);
}

/* --- paid here ---------------------------------------------------------------------------------------------------- */

static struct cf_order unpaid_order(uint32_t home, uint32_t home_epoch)
{
    struct cf_order order = an_order(1, home, home_epoch);
    order.kind = CF_ORDER_UNPAID;
    order.lines[0].unit_price_minor = 3500;
    order.lines[1].unit_price_minor = 2000;
    return order;
}

static int64_t total(struct shop *shop)
{
    struct cf_till_view view;
    cf_till_view(shop->till, &view);
    return view.priced->total_minor;
}

static void pay(struct shop *shop)
{
    const struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = total(shop), .reference = "A1"};
    assert_ok(cf_till_tender(shop->till, &card, NULL, &shop->err));
}

static void one_that_is_not_paid_is_sold_beside_other_goods(void **state)
{
    struct shop *shop = *state;
    const struct cf_order order = unpaid_order(SHOP_TILL, shop->epoch);
    shop_pulled(shop);
    comes_down(shop, &order);
    shop_restart(shop);
    assert_ok(shop_scan(shop, CREAM));
    int64_t before = total(shop);
    assert_ok(show(shop, 1));
    assert_int_equal(total(shop), before + 9000);
    assert_rc(cf_till_price(shop->till, 2, 1, &shop->err), CF_E_PRICE_AGREED);
    assert_rc(cf_till_quantity(shop->till, 2, 1000, &shop->err), CF_E_PRICE_AGREED);
    assert_rc(cf_till_pay_order(shop->till, NULL, 0, &shop->err), CF_E_ORDER_LINE);
    assert_rc(hand_out(shop, NULL, 0), CF_E_SALE_OPEN);
    shop_restart(shop); /* a kill */
    assert_int_equal(total(shop), before + 9000);
    pay(shop);
    assert_true(shop_last_is(shop, CF_RECORD_SALE));
    assert_rc(show(shop, 1), CF_E_ORDER_DONE);
    shop_verify(shop);
}

static void what_the_hub_holds_for_it_goes_back_when_the_sale_is_cancelled_or_has_none_of_it(void **state)
{
    struct shop *shop = *state;
    const struct cf_order order = unpaid_order(SHOP_STORE, 0);
    comes_down(shop, &order);
    shop_send_hub(shop, 4);
    shop_restart(shop);
    assert_ok(show(shop, 1));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_true(shop_last_is(shop, CF_RECORD_CANCELLED));
    uint64_t records = shop_records(shop);
    assert_ok(show(shop, 1)); /* the hub has heard that it was given back */
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_void(shop->till, 1, &shop->err));
    assert_ok(cf_till_void(shop->till, 2, &shop->err));
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST)); /* before anything is paid: no kill leaves it held */
    pay(shop);
    assert_int_equal(shop_records(shop), records + 2);
    assert_true(shop_last_is(shop, CF_RECORD_SALE));
    assert_ok(show(shop, 1));
    pay(shop);
    assert_rc(show(shop, 1), CF_E_ORDER_DONE);
    shop_verify(shop);
}

static void one_that_was_called_back_meanwhile_is_not_sold(void **state)
{
    struct shop *shop = *state;
    const struct cf_order order = unpaid_order(SHOP_TILL, shop->epoch);
    const struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = 9000};
    shop_pulled(shop);
    comes_down(shop, &order);
    shop_restart(shop);
    assert_ok(show(shop, 1));
    is_gone(shop, 1, false);
    assert_rc(cf_till_tender(shop->till, &cash, NULL, &shop->err), CF_E_ORDER_CANCELLED);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    shop_verify(shop);
}

int main(void)
{
#define in_shop(test) cmocka_unit_test_setup_teardown(test, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        in_shop(its_home_hands_it_out_once_and_asks_nobody),
        in_shop(the_rest_is_the_next_generation_and_the_first_code_is_good_for_it),
        in_shop(what_is_not_ours_or_over_is_refused_by_name),
        in_shop(the_hub_of_its_store_is_asked_and_believed),
        in_shop(a_hub_that_does_not_answer_leaves_a_void_request_and_no_goods),
        in_shop(the_centre_is_asked_with_a_key_that_a_missing_answer_voids),
        in_shop(one_that_is_not_paid_is_sold_beside_other_goods),
        in_shop(what_the_hub_holds_for_it_goes_back_when_the_sale_is_cancelled_or_has_none_of_it),
        in_shop(one_that_was_called_back_meanwhile_is_not_sold),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
