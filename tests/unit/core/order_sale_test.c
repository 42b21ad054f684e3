/*
 * tests/unit/core/order_sale_test.c - orders that are paid where they are picked up: what the sale's record says of
 * them, what it is held against, and that no promotion and no hand touches prices that were agreed.
 */
#include "app/core/order.h"

#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"
#include "tests/unit/core/keys_support.h"

static struct cf_order an_order(void)
{
    struct cf_order order = {.kind = CF_ORDER_UNPAID,
                             .number = 7,
                             .generation = 1,
                             .store = 301,
                             .home = 301,
                             .expires_s = 1800000000,
                             .total_minor = 9000,
                             .n_lines = 2};
    order.lines[0] = (struct cf_order_line){.product = 5,
                                            .name = "Mask",
                                            .qty_milli = 2000,
                                            .unit_price_minor = 3500,
                                            .amount_minor = 7000,
                                            .tax_bp = 1300};
    order.lines[1] = (struct cf_order_line){.product = 6,
                                            .name = "Apples",
                                            .qty_milli = 1500,
                                            .unit_price_minor = 1333,
                                            .amount_minor = 2000,
                                            .tax_bp = 900,
                                            .weighed = true};
    return order;
}

/* A soap, then both lines of the order, the second one first. */
static struct cf_sale *a_sale(void)
{
    struct cf_sale *sale;
    assert_rc(cf_sale_new(&sale, NULL), CF_OK);
    sale->sale_no = 1;
    sale->business_day = 20261122;
    memcpy(sale->cashier, "Lin", 4);
    memcpy(sale->currency.code, "CNY", 4);
    sale->tax_mode = CF_TAX_INCLUSIVE;
    sale->n_lines = 3;
    sale->lines[0] = (struct cf_sale_line){.product = 9, .qty_milli = 1000, .unit_price_minor = 990};
    sale->lines[1] = (struct cf_sale_line){.product = 6, .qty_milli = 1500, .unit_price_minor = 1333, .tax_bp = 900};
    sale->lines[1].extra = (struct cf_line_extra){.origin = CF_PRICE_ORDER, .list = 2};
    sale->lines[2] = (struct cf_sale_line){.product = 5, .qty_milli = 2000, .unit_price_minor = 3500, .tax_bp = 1300};
    sale->lines[2].extra = (struct cf_line_extra){.origin = CF_PRICE_ORDER, .list = 1};
    sale->gross_minor = sale->total_minor = 990 + 2000 + 7000;
    sale->tax_minor = 165 + 805;
    sale->order = (struct cf_order_claim){.order = 7, .generation = 1, .source = CF_RIGHT_STORE, .hub_epoch = 4};
    cf_tenders_init(&sale->tenders, sale->total_minor);
    const struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = sale->total_minor};
    assert_rc(cf_tenders_add(&sale->tenders, &cash, NULL), CF_OK);
    return sale;
}

static void a_sale_says_which_order_it_paid_for(void **state)
{
    (void)state;
    struct cf_sale *sale = a_sale(), *back;
    struct cf_buf bytes, again;
    struct cf_pick_up taken;
    cf_buf_init(&bytes, CF_SALE_BYTES_MAX);
    cf_buf_init(&again, CF_SALE_BYTES_MAX);
    assert_rc(cf_sale_new(&back, NULL), CF_OK);
    assert_rc(cf_sale_encode(sale, &bytes, NULL), CF_OK);
    assert_rc(cf_sale_decode(cf_buf_bytes(&bytes), back, NULL), CF_OK);
    assert_memory_equal(&back->order, &sale->order, sizeof sale->order);
    assert_rc(cf_sale_encode(back, &again, NULL), CF_OK);
    assert_true(cf_bytes_equal(cf_buf_bytes(&bytes), cf_buf_bytes(&again)));
    assert_true(cf_pick_up_of_sale(back, &taken));
    assert_int_equal(taken.n_lines, 2);
    assert_int_equal(taken.lines[0].line_no, 1);
    assert_int_equal(taken.lines[1].qty_milli, 1500);
    assert_int_equal(taken.amount_minor, 9000);
    struct cf_order order = an_order();
    assert_true(cf_pick_up_is_whole(&order, taken.lines, taken.n_lines));
    cf_sale_free(back);
    cf_sale_free(sale);
    cf_buf_done(&again);
    cf_buf_done(&bytes);
}

static void a_sale_that_contradicts_its_order_is_not_recorded(void **state)
{
    (void)state;
    for (int row = 0; row < 8; row++) {
        struct cf_sale *sale = a_sale();
        struct cf_buf bytes;
        const char *why = "";
        cf_buf_init(&bytes, CF_SALE_BYTES_MAX);
        switch (row) {
        case 0:
            why = "lines of no order";
            sale->order.order = 0;
            break;
        case 1:
            why = "an order without lines";
            sale->lines[1].extra = sale->lines[2].extra = (struct cf_line_extra){.origin = CF_PRICE_CATALOGUE};
            break;
        case 2:
            why = "a line twice";
            sale->lines[1].extra.list = 1;
            break;
        case 3:
            why = "line 65";
            sale->lines[1].extra.list = CF_ORDER_LINES_MAX + 1;
            break;
        case 4:
            why = "a discount on what was agreed";
            sale->lines[2].discount_minor = sale->discount_minor = 1;
            sale->n_discounts = 1;
            sale->discounts[0] =
                (struct cf_sale_discount){.campaign = 1, .version = 1, .redemption = -1, .amount_minor = 1};
            sale->total_minor--;
            break;
        case 5:
            why = "by the word of a lease";
            sale->order.source = CF_RIGHT_LEASE;
            break;
        case 6:
            why = "by a hub without its epoch";
            sale->order.hub_epoch = 0;
            break;
        case 7:
            why = "more than a line of an order may come to: the centre could keep no such hand-out";
            sale->lines[2].unit_price_minor = CF_PRICE_MINOR_MAX;
            sale->lines[2].qty_milli = 100000;
            sale->lines[2].tax_bp = 0;
            sale->gross_minor = sale->total_minor = 990 + 2000 + 100 * CF_PRICE_MINOR_MAX;
            sale->tax_minor = 165;
            sale->tenders.total_minor = sale->tenders.tender[0].amount_minor = sale->total_minor;
            break;
        }
        if (cf_sale_encode(sale, &bytes, NULL) == CF_OK)
            fail_msg("%s was recorded", why);
        cf_buf_done(&bytes);
        cf_sale_free(sale);
    }
}

static void its_lines_are_held_against_the_order(void **state)
{
    (void)state;
    struct cf_order order = an_order();
    struct cf_sale *sale = a_sale();
    assert_rc(cf_order_judge_sale(&order, sale, NULL), CF_OK);
    sale->lines[2].unit_price_minor--;
    assert_rc(cf_order_judge_sale(&order, sale, NULL), CF_E_ORDER_LINE);
    sale->lines[2].unit_price_minor++;
    sale->lines[1].product = 5;
    assert_rc(cf_order_judge_sale(&order, sale, NULL), CF_E_ORDER_LINE);
    sale->lines[1].product = 6;
    sale->lines[1].tax_bp = 0;
    assert_rc(cf_order_judge_sale(&order, sale, NULL), CF_E_ORDER_LINE);
    sale->lines[1].tax_bp = 900;
    order.n_lines = 1;
    assert_rc(cf_order_judge_sale(&order, sale, NULL), CF_E_ORDER_LINE);
    cf_sale_free(sale);
}

static void what_is_left_of_an_unpaid_order_costs_what_its_quantity_does(void **state)
{
    (void)state;
    struct cf_order order = an_order();
    const struct cf_taken_line some[] = {{1, 1000}, {2, 501}};
    struct cf_pick_up taken;
    assert_rc(cf_pick_up_make(&order, some, 2, &taken, NULL), CF_OK);
    assert_int_equal(taken.amount_minor, 3500 + 668); /* 0.501 kg at 13.33 */
    assert_rc(cf_order_rest(&order, some, 2, NULL), CF_OK);
    assert_int_equal(order.lines[1].amount_minor, 1332); /* 0.999 kg at 13.33 */
    assert_rc(cf_order_check(&order, NULL), CF_OK);
    order.lines[0].amount_minor++;
    order.total_minor++;
    assert_rc(cf_order_check(&order, NULL), CF_E_RANGE); /* nothing but its price */
}

static void no_promotion_and_no_hand_touches_what_was_agreed(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(1, 1000, 1000, 0), core_line(1, 3000, 1000, 0)};
    struct cf_priced *priced;
    struct cf_promotion tenth = core_promotion(1, CF_REWARD_ORDER_PERCENT, 1000);
    struct cf_promotion from_20 = core_promotion(2, CF_REWARD_ORDER_AMOUNT, 100);
    from_20.min_spend_minor = 2000;
    const struct cf_offer offers[] = {{.promotion = &tenth}, {.promotion = &from_20, .coupon_held = true}};
    assert_rc(cf_priced_new(&priced, NULL), CF_OK);
    for (int row = 0; row < 2; row++) {
        lines[1].extra.origin = row == 0 ? CF_PRICE_ORDER : CF_PRICE_CATALOGUE;
        lines[1].extra.list = row == 0 ? 1 : 0;
        struct cf_cart *cart = core_cart(lines, 2);
        const struct cf_hand_discount by_hand = {.percent_bp = 1000, .reason = "nice"};
        assert_rc(cf_cart_discount(cart, &by_hand, NULL), CF_OK);
        core_price(cart, offers, 2, CF_TAX_INCLUSIVE, priced);
        /* A tenth of 10.00 and then of 9.00; and 10.00 do not reach the 20.00 that the coupon needs. */
        assert_int_equal(priced->discount_minor, row == 0 ? 100 + 90 : 400 + 100 + 350);
        assert_int_equal(priced->lines[1].net_minor == 3000, row == 0);
        assert_int_equal(priced->n_refused, row == 0 ? 1 : 0);
        cf_cart_free(cart);
    }
    cf_priced_free(priced);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sale_says_which_order_it_paid_for),
        cmocka_unit_test(a_sale_that_contradicts_its_order_is_not_recorded),
        cmocka_unit_test(its_lines_are_held_against_the_order),
        cmocka_unit_test(what_is_left_of_an_unpaid_order_costs_what_its_quantity_does),
        cmocka_unit_test(no_promotion_and_no_hand_touches_what_was_agreed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
