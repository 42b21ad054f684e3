/*
 * tests/unit/core/reward_test.c - each kind of reward by hand: what it takes off which line, and in which words.
 *
 * What must hold for all of them is in promotion_property_test.c; baskets of public engines are in
 * tests/cases/promotions.jsonl.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

static struct cf_priced *priced;
static struct cf_cart *cart;

static int make_room(void **state)
{
    (void)state;
    return cf_priced_new(&priced, NULL) == CF_OK && cf_cart_new(core_cny, &cart, NULL) == CF_OK ? 0 : -1;
}

static int free_room(void **state)
{
    (void)state;
    cf_priced_free(priced);
    cf_cart_free(cart);
    return 0;
}

/* Three masks of 39.00, a cream of 100.00, 0.500 kg of tea at 60.00. */
static void fill_cart(void)
{
    static const struct {
        const char *name;
        uint64_t product;
        int64_t qty_milli, price;
    } goods[] = {{"masks", 1, 3000, 3900}, {"cream", 2, 1000, 10000}, {"tea", 3, 500, 6000}};
    cf_cart_clear(cart);
    for (size_t i = 0; i < 3; i++) {
        struct cf_cart_line line = core_line(goods[i].product, goods[i].qty_milli, goods[i].price, 1300);
        uint32_t line_no;
        (void)snprintf(line.name, sizeof line.name, "%s", goods[i].name);
        assert_int_equal(CF_OK, cf_cart_add(cart, &line, &line_no, NULL));
    }
}

static void price(const struct cf_promotion *p, size_t n)
{
    struct cf_offer offers[4] = {{0}};
    struct cf_price_facts facts = core_facts();
    struct cf_error err = {0};
    for (size_t i = 0; i < n; i++) {
        if (cf_promotion_check(&p[i], &err) != CF_OK)
            fail_msg("%s", err.detail);
        offers[i] = (struct cf_offer){.promotion = &p[i], .coupon_held = true};
    }
    if (cf_price(cart, offers, n, CF_TAX_INCLUSIVE, core_now, &facts, priced, &err) != CF_OK)
        fail_msg("%s", err.detail);
    core_assert_consistent(cart, priced, CF_TAX_INCLUSIVE);
}

#define BASE .campaign = 1, .version = 1, .name = "Week"
#define MASKS .goods = {.n_products = 1, .products = {1}}

static const struct {
    struct cf_promotion promotion;
    int64_t off[3];
    const char *reason;
} rows[] = {
    {{BASE, MASKS, .kind = CF_REWARD_GROUP, .group_qty = 3, .get_qty = 1, .percent_bp = 5000},
     {1950, 0, 0},
     "Week: -¥19.50 (1 of 3 masks at half price)"},
    {{BASE, MASKS, .kind = CF_REWARD_GROUP, .group_qty = 2, .get_qty = 1, .percent_bp = 10000},
     {3900, 0, 0},
     "Week: -¥39.00 (1 of 3 masks free)"},
    {{BASE, MASKS, .kind = CF_REWARD_GROUP, .group_qty = 3, .off = CF_OFF_PRICE, .amount_minor = 10000},
     {1700, 0, 0},
     "Week: -¥17.00 (3 masks for ¥100.00 for each 3)"},
    {{BASE, .kind = CF_REWARD_GROUP, .group_qty = 5, .get_qty = 1, .percent_bp = 10000},
     {0, 0, 3000},
     "Week: -¥30.00 (1 of 5 tea free)"},
    {{BASE, MASKS, .kind = CF_REWARD_BUY_GET, .buy = {.n_products = 1, .products = {2}}, .buy_qty = 1, .get_qty = 2,
      .percent_bp = 2500},
     {1950, 0, 0},
     "Week: -¥19.50 (2 of 3 masks at 25% off)"},
    {{BASE, MASKS, .kind = CF_REWARD_BUY_GET, .buy = {.n_products = 1, .products = {2}}, .buy_minor = 5000,
      .get_qty = 1, .off = CF_OFF_PRICE, .amount_minor = 100},
     {7600, 0, 0},
     "Week: -¥76.00 (2 of 3 masks for ¥1.00)"},
    {{BASE, .kind = CF_REWARD_BUNDLE, .off = CF_OFF_PRICE, .amount_minor = 12000, .n_slots = 2,
      .slots = {{.qty = 1, .goods = {.n_products = 1, .products = {1}}},
                {.qty = 1, .goods = {.n_products = 1, .products = {2}}}}},
     {533, 1367, 0},
     "Week: -¥19.00 (1 set for ¥120.00)"},
    {{BASE, .kind = CF_REWARD_TIERED, .n_tiers = 2, .tiers = {{10000, 500}, {20000, 1000}}},
     {1170, 1000, 300},
     "Week: -¥24.70 (10% from ¥200.00 on)"},
    {{BASE, MASKS, .kind = CF_REWARD_TIERED, .tier_by = CF_TIER_BY_QTY, .off = CF_OFF_PRICE, .n_tiers = 1,
      .tiers = {{3000, 3500}}},
     {1200, 0, 0},
     "Week: -¥12.00 (¥35.00 each from 3 on)"},
    {{BASE, .kind = CF_REWARD_LINE_AMOUNT, .amount_minor = 4000},
     {4000, 4000, 3000},
     "Week: -¥110.00 (¥40.00 off each of 3 lines)"},
    {{BASE, .kind = CF_REWARD_UNIT_PRICE, .amount_minor = 5000}, {0, 5000, 500}, "Week: -¥55.00 (¥50.00 each)"},
    {{BASE, .kind = CF_REWARD_ORDER_AMOUNT, .off = CF_OFF_PRICE, .amount_minor = 20000},
     {2226, 1903, 571},
     "Week: -¥47.00 (for ¥200.00)"},
    {{BASE, MASKS, .kind = CF_REWARD_GIFT, .get_qty = 1}, {3900, 0, 0}, "Week: -¥39.00 (1 masks as a gift)"},
    {{BASE, .kind = CF_REWARD_LINE_PERCENT, .percent_bp = 10000, .max_units = 1},
     {0, 0, 3000},
     "Week: -¥30.00 (100% off at most 1 pieces)"},
    {{BASE, .kind = CF_REWARD_GROUP, .group_qty = 5, .get_qty = 1, .get_nth = 2, .percent_bp = 10000},
     {3900, 0, 0},
     "Week: -¥39.00 (1 of 5 masks free)"},
    {{BASE, .kind = CF_REWARD_GROUP, .group_qty = 5, .get_qty = 2, .get_nth = 4, .percent_bp = 10000},
     {3900, 10000, 0},
     "Week: -¥139.00 (2 of 5 pieces free)"},
    {{BASE, MASKS, .kind = CF_REWARD_GROUP, .group_qty = 1, .get_qty = 1, .max_units = 2, .percent_bp = 5000},
     {3900, 0, 0},
     "Week: -¥39.00 (2 of 3 masks at half price)"},
    {{BASE, .kind = CF_REWARD_GROUP, .group_qty = 2, .get_qty = 1, .pick_across = true, .max_units = 1,
      .percent_bp = 10000},
     {3900, 0, 0},
     "Week: -¥39.00 (1 of 5 masks free)"},
    {{BASE, MASKS, .kind = CF_REWARD_UNIT_AMOUNT, .amount_minor = 500, .skip_units = 1},
     {1000, 0, 0},
     "Week: -¥10.00 (¥5.00 off each of 3, after the first 1 of a line)"},
};

static void each_kind_takes_off_what_it_says_in_words(void **state)
{
    (void)state;
    fill_cart();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        price(&rows[i].promotion, 1);
        if (priced->n_applied != 1)
            fail_msg("row %zu gives nothing: %s", i, priced->refused[0].reason);
        assert_string_equal(rows[i].reason, priced->applied[0].reason);
        for (size_t k = 0; k < 3; k++)
            if (rows[i].off[k] != priced->lines[k].discount_minor)
                fail_msg("row %zu, line %zu: %lld", i, k, (long long)priced->lines[k].discount_minor);
    }
}

static void a_floor_gives_what_it_cannot_take_to_the_others(void **state)
{
    (void)state;
    struct cf_promotion p = {BASE, .kind = CF_REWARD_ORDER_AMOUNT, .amount_minor = 2000};
    struct cf_cart_line floored = core_line(1, 1000, 5000, 0), other = core_line(2, 1000, 2000, 0);
    uint32_t line_no;
    floored.floor_minor = 4500;
    cf_cart_clear(cart);
    assert_int_equal(CF_OK, cf_cart_add(cart, &floored, &line_no, NULL));
    assert_int_equal(CF_OK, cf_cart_add(cart, &other, &line_no, NULL));
    price(&p, 1);
    assert_int_equal(500, priced->lines[0].discount_minor);
    assert_int_equal(1500, priced->lines[1].discount_minor);
    p.amount_minor = 9000;
    price(&p, 1);
    assert_int_equal(2500, priced->discount_minor);
    assert_string_equal("Week: -¥25.00 (¥90.00 cut to the goods' floor prices)", priced->applied[0].reason);
}

static void effects_count_and_are_told(void **state)
{
    (void)state;
    struct cf_promotion p[] = {
        {BASE, MASKS, .kind = CF_REWARD_EFFECT, .points_bp = 30000, .points_more = 5},
        {BASE, .kind = CF_REWARD_EFFECT, .issue_campaign = 77, .free_delivery = true},
        {BASE, .goods = {.n_products = 1, .products = {9}}, .kind = CF_REWARD_GIFT, .get_qty = 2},
    };
    fill_cart();
    for (uint32_t i = 0; i < 3; i++)
        p[i].campaign = 1 + i;
    price(p, 3);
    assert_int_equal(0, priced->discount_minor + (int64_t)priced->n_refused);
    assert_int_equal(2 * 11700, priced->points_net_minor);
    assert_int_equal(5, priced->points_more);
    assert_true(priced->free_delivery);
    assert_int_equal(4, priced->n_effects);
    assert_int_equal(77, priced->effects[1].number);
    assert_int_equal(CF_EFFECT_GIFT, priced->effects[3].kind);
    assert_int_equal(2000, priced->effects[3].qty_milli);
}

static void points_count_on_what_the_promotion_itself_made_cheaper(void **state)
{
    (void)state;
    struct cf_promotion p = {BASE, MASKS, .kind = CF_REWARD_LINE_PERCENT, .percent_bp = 1000, .points_bp = 20000};
    fill_cart();
    for (unsigned row = 0; row < 3; row++) {
        p.skip_discounted = row == 1;
        p.claims = row == 2;
        price(&p, 1);
        assert_int_equal(1170, priced->discount_minor);
        assert_int_equal(11700 - 1170, priced->points_net_minor);
    }
}

static void what_another_has_claimed_counts_no_more(void **state)
{
    (void)state;
    struct cf_promotion p[2] = {
        {BASE, MASKS, .kind = CF_REWARD_GROUP, .group_qty = 2, .get_qty = 1, .percent_bp = 10000, .claims = true},
        {BASE, MASKS, .kind = CF_REWARD_UNIT_AMOUNT, .amount_minor = 500, .claims = true}};
    p[1].campaign = 2;
    fill_cart();
    price(p, 2); /* one of three masks is left */
    assert_int_equal(3900 + 500, priced->discount_minor);
    p[1].kind = CF_REWARD_LINE_PERCENT;
    p[1].amount_minor = 0;
    p[1].percent_bp = 1000;
    p[1].on_gross = true;
    price(p, 2);
    assert_int_equal(3900 + 390, priced->discount_minor);
}

/* The dearest goods there can be, as many as there can be. */
/* A hundred of cheap and dear pieces: what is got is not paid for, and most of them can be got. */
static void spend_pays_for_as_many_as_it_can(void **state)
{
    (void)state;
    struct cf_promotion p = {BASE, .kind = CF_REWARD_BUY_GET, .buy_minor = 1000, .get_qty = 1, .percent_bp = 10000};
    struct cf_cart_line dear = core_line(1, 10000, 10000, 0), cheap = core_line(2, 10000, 100, 0);
    uint32_t line_no;
    cf_cart_clear(cart);
    assert_int_equal(CF_OK, cf_cart_add(cart, &dear, &line_no, NULL));
    assert_int_equal(CF_OK, cf_cart_add(cart, &cheap, &line_no, NULL));
    price(&p, 1);
    assert_int_equal(8 * 10000, priced->lines[0].discount_minor); /* 18 free of 20: the two left pay for 20 */
    assert_int_equal(10 * 100, priced->lines[1].discount_minor);
}

static void claimed_pieces_count_for_no_minimum_of_another_that_claims(void **state)
{
    (void)state;
    struct cf_promotion p[2] = {
        {BASE, .kind = CF_REWARD_BUY_GET, .priority = 2, .buy_qty = 2, .get_qty = 1, .percent_bp = 10000,
         .claims = true},
        {BASE, .kind = CF_REWARD_ORDER_AMOUNT, .amount_minor = 100, .needs_coupon = true, .claims = true}};
    struct cf_cart_line masks = core_line(1, 5000, 1000, 0);
    uint32_t line_no;
    cf_cart_clear(cart);
    assert_int_equal(CF_OK, cf_cart_add(cart, &masks, &line_no, NULL));
    p[1].min_qty_milli = 3000; /* three of the five are used */
    price(p, 2);
    assert_int_equal(1, priced->n_applied);
    assert_string_equal("needs 3, basket has 2", priced->refused[0].reason);
    p[1].min_qty_milli = 2000;
    price(p, 2);
    assert_int_equal(2, priced->n_applied);
    p[1].min_qty_milli = 0;
    p[1].min_spend_minor = 2001;
    price(p, 2);
    assert_string_equal("needs ¥20.01, basket has ¥20.00", priced->refused[0].reason);
    p[1].min_spend_minor = 2000;
    price(p, 2);
    assert_int_equal(2, priced->n_applied);
    p[1].claims = false; /* who does not claim counts them all */
    p[1].min_spend_minor = 5000;
    price(p, 2);
    assert_int_equal(2, priced->n_applied);
}

/* 10 % off the sale for masks with a cream: masks alone are not enough, however many. */
static void each_of_the_goods_to_buy_may_have_to_be_there(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint64_t beside;
        int64_t min_spend_minor, min_qty_milli;
        const char *refusal;
    } baskets[] = {
        {"of both there is one", 2, 0, 1000, NULL},
        {"of the cream there is one", 2, 0, 2000, "needs 2 of each of the goods to buy, basket has 1"},
        {"both cost enough", 2, 10000, 0, NULL},
        {"tea costs 30.00", 3, 3001, 0, "needs ¥30.01 of each of the goods to buy, basket has ¥30.00"},
        {"there is no such thing", 9, 0, 1, "needs 0.001 of each of the goods to buy, basket has 0"},
    };
    for (size_t i = 0; i < sizeof baskets / sizeof *baskets; i++) {
        struct cf_promotion p = {BASE,
                                 .kind = CF_REWARD_ORDER_PERCENT,
                                 .percent_bp = 1000,
                                 .min_over = CF_OVER_BUY,
                                 .buy_each = true,
                                 .buy = {.products = {1, baskets[i].beside}, .n_products = 2},
                                 .min_spend_minor = baskets[i].min_spend_minor,
                                 .min_qty_milli = baskets[i].min_qty_milli,
                                 .needs_coupon = true};
        fill_cart();
        price(&p, 1);
        assert_int_equal(baskets[i].refusal == NULL, priced->n_applied);
        if (baskets[i].refusal != NULL)
            assert_string_equal(baskets[i].refusal, priced->refused[0].reason);
    }
    struct cf_promotion alone = {BASE, .kind = CF_REWARD_ORDER_PERCENT, .percent_bp = 1000, .buy_each = true};
    assert_int_equal(CF_E_RANGE, cf_promotion_check(&alone, NULL));
}

static void gifts_and_limited_rewards_claim_the_pieces_that_they_reach(void **state)
{
    (void)state;
    const struct cf_promotion first_of[] = {
        {BASE, MASKS, .kind = CF_REWARD_GIFT, .priority = 2, .get_qty = 1, .claims = true},
        {BASE, MASKS, .kind = CF_REWARD_LINE_PERCENT, .priority = 2, .percent_bp = 10000, .max_units = 1,
         .claims = true},
        {BASE, MASKS, .kind = CF_REWARD_UNIT_AMOUNT, .priority = 2, .amount_minor = 3900, .max_units = 1,
         .claims = true},
        {BASE, MASKS, .kind = CF_REWARD_UNIT_PRICE, .priority = 2, .max_units = 1, .claims = true},
    };
    fill_cart();
    for (size_t i = 0; i < sizeof first_of / sizeof *first_of; i++) {
        struct cf_promotion p[2] = {
            first_of[i], {BASE, MASKS, .kind = CF_REWARD_GROUP, .group_qty = 2, .percent_bp = 10000, .claims = true}};
        price(p, 2); /* one is used, two are left */
        assert_int_equal(3 * 3900, priced->lines[0].discount_minor);
        p[1].group_qty = 3;
        price(p, 2);
        assert_int_equal(3900, priced->lines[0].discount_minor);
    }
}

static void no_kind_overflows_at_the_largest_figures(void **state)
{
    (void)state;
    struct chance chance = {77};
    for (size_t try = 0; try < 2000; try++) {
        struct cf_promotion p = core_any_promotion_by_chance(&chance, 1);
        struct cf_cart_line line =
            core_line(1 + chance_below(&chance, 3), CF_QTY_MILLI_MAX, CF_PRICE_MINOR_MAX / 50, 1300);
        struct cf_price_facts facts = core_facts();
        struct cf_offer offer = {.promotion = &p, .coupon_held = true};
        uint32_t line_no;
        if (chance_of(&chance, 50))
            p.amount_minor = CF_PRICE_MINOR_MAX;
        p.goods = (struct cf_goods){.n_products = p.kind == CF_REWARD_GIFT, .products = {line.product}};
        cf_cart_clear(cart);
        assert_int_equal(CF_OK, cf_cart_add(cart, &line, &line_no, NULL));
        (void)!cf_cart_add(cart, &line, &line_no, NULL);
        enum cf_rc rc = cf_price(cart, &offer, 1, CF_TAX_INCLUSIVE, core_now, &facts, priced, NULL);
        assert_true(rc == CF_OK || rc == CF_E_OVERFLOW);
        if (rc == CF_OK)
            core_assert_consistent(cart, priced, CF_TAX_INCLUSIVE);
    }
}

/* Twenty of 1.00 off, each alone in its group, and twenty of 2.00 off of which one can be had. */
static void offers_beyond_twenty_do_not_push_out_those_that_bar_nobody(void **state)
{
    (void)state;
    static struct cf_promotion p[40];
    static struct cf_offer offers[40];
    fill_cart();
    struct cf_price_facts facts = core_facts();
    for (uint32_t i = 0; i < 40; i++) {
        p[i] = core_promotion(1 + i, CF_REWARD_ORDER_AMOUNT, i < 20 ? 100 : 200);
        p[i].choose = CF_CHOOSE_BEST;
        p[i].group = i < 20 ? 1 + i : 99;
        offers[i] = (struct cf_offer){.promotion = &p[i]};
    }
    for (size_t n = 1; n <= 40; n++) {
        assert_int_equal(CF_OK, cf_price(cart, offers, n, CF_TAX_INCLUSIVE, core_now, &facts, priced, NULL));
        assert_int_equal(priced->discount_minor, n <= 20 ? 100 * n : 2200);
    }
}

static void more_than_twenty_that_compete_are_searched_within_a_bound(void **state)
{
    (void)state;
    static struct cf_promotion p[60];
    static struct cf_offer offers[60];
    fill_cart();
    for (uint32_t i = 0; i < 60; i++) {
        p[i] = core_promotion(1 + i, i % 2 == 0 ? CF_REWARD_ORDER_PERCENT : CF_REWARD_ORDER_AMOUNT, 100 + 7 * (i % 9));
        p[i].goods = (struct cf_goods){.n_products = i % 4 != 0, .products = {1 + i % 3}};
        p[i].choose = CF_CHOOSE_BEST;
        p[i].group = i % 5 == 0 ? 1 + i % 2 : 0;
        p[i].exclusive = i % 11 == 3;
        p[i].skip_discounted = i % 7 == 2;
        offers[i] = (struct cf_offer){.promotion = &p[i], .coupon_held = true};
    }
    struct cf_price_facts facts = core_facts();
    assert_int_equal(CF_OK, cf_price(cart, offers, 60, CF_TAX_INCLUSIVE, core_now, &facts, priced, NULL));
    core_assert_consistent(cart, priced, CF_TAX_INCLUSIVE);
    assert_true(priced->choice.n_competing > CF_CHOICE_EXACT_MAX && !priced->choice.exact);
    assert_true(priced->choice.bound_minor >= 0 && priced->choice.bound_minor <= priced->net_minor);
    int64_t total = priced->total_minor;
    assert_int_equal(CF_OK, cf_price(cart, offers, 60, CF_TAX_INCLUSIVE, core_now, &facts, priced, NULL));
    assert_int_equal(total, priced->total_minor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_takes_off_what_it_says_in_words),
        cmocka_unit_test(a_floor_gives_what_it_cannot_take_to_the_others),
        cmocka_unit_test(effects_count_and_are_told),
        cmocka_unit_test(points_count_on_what_the_promotion_itself_made_cheaper),
        cmocka_unit_test(what_another_has_claimed_counts_no_more),
        cmocka_unit_test(spend_pays_for_as_many_as_it_can),
        cmocka_unit_test(claimed_pieces_count_for_no_minimum_of_another_that_claims),
        cmocka_unit_test(each_of_the_goods_to_buy_may_have_to_be_there),
        cmocka_unit_test(gifts_and_limited_rewards_claim_the_pieces_that_they_reach),
        cmocka_unit_test(no_kind_overflows_at_the_largest_figures),
        cmocka_unit_test(offers_beyond_twenty_do_not_push_out_those_that_bar_nobody),
        cmocka_unit_test(more_than_twenty_that_compete_are_searched_within_a_bound),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_room, free_room);
}
