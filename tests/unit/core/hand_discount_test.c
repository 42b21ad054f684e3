/*
 * tests/unit/core/hand_discount_test.c - discounts by hand: after promotions, never below the floor, shared to the
 * cent.
 */
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

static struct cf_priced *priced;

static int make_room(void **state)
{
    (void)state;
    return cf_priced_new(&priced, NULL) == CF_OK ? 0 : -1;
}

static int free_room(void **state)
{
    (void)state;
    cf_priced_free(priced);
    return 0;
}

static struct cf_hand_discount by_hand(uint32_t line_no, uint32_t percent_bp, int64_t asked_minor)
{
    return (struct cf_hand_discount){
        .line_no = line_no, .percent_bp = percent_bp, .asked_minor = asked_minor, .user = 7, .reason = "dented"};
}

static void give(struct cf_cart *cart, uint32_t line_no, uint32_t percent_bp, int64_t asked_minor)
{
    const struct cf_hand_discount discount = by_hand(line_no, percent_bp, asked_minor);
    assert_int_equal(CF_OK, cf_cart_discount(cart, &discount, NULL));
}

static void it_comes_after_promotions_and_says_of_what(void **state)
{
    (void)state;
    const struct cf_cart_line line = core_line(1, 1000, 10000, 0);
    struct cf_promotion promotion = core_promotion(1, CF_REWARD_ORDER_PERCENT, 2000);
    const struct cf_offer offer = {.promotion = &promotion, .coupon_held = true};
    struct cf_cart *cart = core_cart(&line, 1);
    give(cart, 1, 1000, 0); /* 10 % of 80.00 */
    give(cart, 0, 0, 500);
    core_price(cart, &offer, 1, CF_TAX_INCLUSIVE, priced);
    core_assert_consistent(cart, priced, CF_TAX_INCLUSIVE);
    assert_int_equal(priced->hand[0].amount_minor, 800);
    assert_string_equal(priced->hand[0].reason, "By hand: -¥8.00 (10% of ¥80.00, dented)");
    assert_int_equal(priced->hand[1].amount_minor, 500);
    assert_string_equal(priced->hand[1].reason, "By hand: -¥5.00 (dented)");
    assert_int_equal(priced->total_minor, 10000 - 2000 - 800 - 500);
    cf_cart_free(cart);
}

static void it_stops_at_floors_and_the_other_lines_take_what_these_cannot(void **state)
{
    (void)state;
    struct cf_cart_line lines[3] = {core_line(1, 1000, 10000, 0), core_line(2, 1000, 10000, 0),
                                    core_line(3, 1000, 9000, 0)};
    lines[0].floor_minor = 9900; /* may lose 1.00 */
    lines[2].delivery = true;    /* a charge: not of the sale's goods */
    struct cf_cart *cart = core_cart(lines, 3);
    give(cart, 0, 1000, 0);
    core_price(cart, NULL, 0, CF_TAX_INCLUSIVE, priced);
    core_assert_consistent(cart, priced, CF_TAX_INCLUSIVE);
    assert_int_equal(priced->lines[0].discount_minor, 100);
    assert_int_equal(priced->lines[1].discount_minor, 1900);
    assert_int_equal(priced->lines[2].discount_minor, 0);
    give(cart, 0, 0, 50000); /* all that there is, and no more */
    core_price(cart, NULL, 0, CF_TAX_INCLUSIVE, priced);
    assert_int_equal(priced->hand[1].amount_minor, 8100);
    assert_int_equal(priced->total_minor, 9900 + 9000);
    assert_non_null(strstr(priced->hand[1].reason, "as far as it goes"));
    cf_cart_free(cart);
}

static void odd_cents_are_shared_exactly_and_whatever_the_order_of_scanning(void **state)
{
    (void)state;
    struct cf_cart_line lines[3] = {core_line(1, 1000, 333, 600), core_line(2, 1000, 334, 1300),
                                    core_line(3, 1000, 333, 900)};
    struct cf_cart_line back[3] = {lines[2], lines[1], lines[0]};
    struct cf_cart *cart = core_cart(lines, 3), *other = core_cart(back, 3);
    give(cart, 0, 0, 100);
    give(other, 0, 0, 100);
    core_price(cart, NULL, 0, CF_TAX_EXCLUSIVE, priced);
    core_assert_consistent(cart, priced, CF_TAX_EXCLUSIVE);
    int64_t total = priced->total_minor, tax = priced->tax_minor;
    core_price(other, NULL, 0, CF_TAX_EXCLUSIVE, priced);
    assert_int_equal(priced->total_minor, total);
    assert_int_equal(priced->tax_minor, tax);
    cf_cart_free(cart);
    cf_cart_free(other);
}

static void small_ones_add_up_for_whoever_must_permit_them(void **state)
{
    (void)state;
    const struct cf_cart_line lines[2] = {core_line(1, 1000, 10000, 0), core_line(2, 1000, 10000, 0)};
    struct cf_cart *cart = core_cart(lines, 2);
    for (int i = 0; i < 3; i++)
        give(cart, 1, 400, 0);
    give(cart, 2, 500, 0);
    give(cart, 0, 100, 0);
    core_price(cart, NULL, 0, CF_TAX_INCLUSIVE, priced);
    struct cf_act_size size = cf_priced_hand_size(cart, priced);
    assert_int_equal(size.percent_bp, 3 * 400 + 100);
    assert_int_equal(size.minor, priced->discount_minor);
    assert_int_equal(CF_OK, cf_cart_undiscount(cart, 1, NULL));
    core_price(cart, NULL, 0, CF_TAX_INCLUSIVE, priced);
    assert_int_equal(cf_priced_hand_size(cart, priced).percent_bp, 600);
    assert_int_equal(CF_E_NOT_FOUND, cf_cart_undiscount(cart, 1, NULL));
    cf_cart_free(cart);
}

static void one_on_a_line_that_is_void_comes_to_nothing(void **state)
{
    (void)state;
    const struct cf_cart_line lines[2] = {core_line(1, 1000, 10000, 0), core_line(2, 1000, 5000, 0)};
    struct cf_cart *cart = core_cart(lines, 2);
    give(cart, 1, 0, 100);
    assert_int_equal(CF_OK, cf_cart_void(cart, 1, NULL));
    core_price(cart, NULL, 0, CF_TAX_INCLUSIVE, priced);
    assert_int_equal(priced->hand[0].amount_minor, 0);
    assert_int_equal(priced->hand[0].percent_bp, 0);
    assert_int_equal(priced->total_minor, 5000);
    const struct cf_hand_discount again = by_hand(1, 100, 0);
    assert_int_equal(CF_E_LINE_VOID, cf_cart_discount(cart, &again, NULL));
    cf_cart_free(cart);
}

static void what_is_no_discount_is_refused(void **state)
{
    (void)state;
    struct cf_hand_discount rows[] = {
        by_hand(0, 0, 0),                      /* nothing */
        by_hand(0, 10001, 0),                  /* more than all */
        by_hand(0, 100, 100),                  /* both */
        by_hand(0, 0, -1),                     /* a surcharge */
        by_hand(0, 0, INT64_MAX),              /* beyond any price */
        by_hand(CF_CART_LINES_MAX + 1, 100, 0) /* beyond any line */
    };
    struct cf_hand_discount unnamed = by_hand(0, 100, 0), odd = unnamed;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(CF_E_RANGE, cf_hand_discount_check(&rows[i], NULL));
    unnamed.reason[0] = '\0';
    assert_int_equal(CF_E_USER_REASON, cf_hand_discount_check(&unnamed, NULL));
    odd.reason[0] = '\x1b';
    assert_int_not_equal(CF_OK, cf_hand_discount_check(&odd, NULL));
    const struct cf_cart_line line = core_line(1, 1000, 10000, 0);
    struct cf_cart *cart = core_cart(&line, 1);
    for (int i = 0; i < CF_HAND_DISCOUNTS_MAX; i++)
        give(cart, 0, 1, 0);
    unnamed = by_hand(0, 1, 0);
    assert_int_equal(CF_E_LIMIT, cf_cart_discount(cart, &unnamed, NULL));
    cf_cart_free(cart);
}

static void a_record_that_states_another_amount_is_found(void **state)
{
    (void)state;
    const struct cf_cart_line lines[2] = {core_line(1, 1000, 10000, 0), core_line(2, 1000, 10000, 0)};
    const struct cf_sale_lookup lookup = {.categories = core_categories};
    struct cf_cart *cart = core_cart(lines, 2), *scratch = core_cart(NULL, 0);
    struct cf_sale *sale, *read;
    struct cf_buf bytes;
    struct cf_error err;
    cf_buf_init(&bytes, CF_SALE_BYTES_MAX);
    assert_int_equal(CF_OK, cf_sale_new(&sale, NULL));
    assert_int_equal(CF_OK, cf_sale_new(&read, NULL));
    give(cart, 2, 500, 0);
    core_price(cart, NULL, 0, CF_TAX_INCLUSIVE, priced);
    core_sale(cart, NULL, priced, CF_TAX_INCLUSIVE, sale);
    assert_int_equal(CF_OK, cf_sale_encode(sale, &bytes, &err));
    assert_int_equal(CF_OK, cf_sale_decode(cf_buf_bytes(&bytes), read, &err));
    assert_int_equal(1, read->n_by_hand);
    assert_string_equal("dented", read->by_hand[0].asked.reason);
    assert_int_equal(CF_OK, cf_sale_rejudge(read, core_now, &lookup, scratch, priced, &err));
    read->by_hand[0].asked.percent_bp = 400; /* says 4 % and took 5 */
    assert_int_equal(CF_E_RECORD, cf_sale_rejudge(read, core_now, &lookup, scratch, priced, &err));
    read->by_hand[0].asked.percent_bp = 500;
    read->by_hand[0].asked.line_no = 1; /* took it off the other line */
    assert_int_equal(CF_E_RECORD, cf_sale_rejudge(read, core_now, &lookup, scratch, priced, &err));
    read->by_hand[0].asked.line_no = 3;
    assert_int_equal(CF_E_RECORD, cf_sale_check(read, &err));
    read->n_by_hand = 0; /* took it off and does not say so */
    assert_int_equal(CF_E_RECORD, cf_sale_check(read, &err));
    cf_sale_free(sale);
    cf_sale_free(read);
    cf_cart_free(cart);
    cf_cart_free(scratch);
    cf_buf_done(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_after_promotions_and_says_of_what),
        cmocka_unit_test(it_stops_at_floors_and_the_other_lines_take_what_these_cannot),
        cmocka_unit_test(odd_cents_are_shared_exactly_and_whatever_the_order_of_scanning),
        cmocka_unit_test(small_ones_add_up_for_whoever_must_permit_them),
        cmocka_unit_test(one_on_a_line_that_is_void_comes_to_nothing),
        cmocka_unit_test(what_is_no_discount_is_refused),
        cmocka_unit_test(a_record_that_states_another_amount_is_found),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_room, free_room);
}
