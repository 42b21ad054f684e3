/*
 * tests/unit/core/pricing_test.c - the house rules of pricing, one by one, with the figures worked out by hand.
 */
#include <stdio.h>
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

static void price(const struct cf_cart_line *lines, size_t n_lines, const struct cf_promotion *promotions,
                  size_t n_promotions, enum cf_tax_mode mode)
{
    struct cf_offer offers[CF_OFFERS_MAX];
    struct cf_cart *cart = core_cart(lines, n_lines);
    for (size_t i = 0; i < n_promotions; i++)
        offers[i] = (struct cf_offer){&promotions[i], true, (uint32_t)i, false};
    core_price(cart, offers, n_promotions, mode, priced);
    core_assert_consistent(cart, priced, mode);
    cf_cart_free(cart);
}

static void price_one(const struct cf_cart_line *lines, size_t n_lines, struct cf_promotion promotion)
{
    price(lines, n_lines, &promotion, 1, CF_TAX_INCLUSIVE);
}

static void an_empty_cart_costs_nothing(void **state)
{
    (void)state;
    price(NULL, 0, NULL, 0, CF_TAX_INCLUSIVE);
    assert_int_equal(0, priced->total_minor);
    price_one(NULL, 0, core_promotion(1, CF_REWARD_ORDER_AMOUNT, 100));
    assert_int_equal(1, priced->n_refused);
    assert_int_equal(CF_E_COUPON_SCOPE, priced->refused[0].rc);
}

/* Cases that Sylius, Vendure and Solidus test in their own suites. */
static void one_promotion_takes_off_what_other_shops_take_off(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int64_t qty, price;
        enum cf_reward_kind kind;
        int64_t amount_or_bp, min_spend, min_qty, discount;
    } rows[] = {
        {"10.00 off the order", 1000, 10000, CF_REWARD_ORDER_AMOUNT, 1000, 0, 0, 1000},
        {"an amount beyond the total is cut to it", 1000, 10000, CF_REWARD_ORDER_AMOUNT, 20000, 0, 0, 10000},
        {"20% off the order", 1000, 10000, CF_REWARD_ORDER_PERCENT, 2000, 0, 0, 2000},
        {"100% off the order", 1000, 10000, CF_REWARD_ORDER_PERCENT, 10000, 0, 0, 10000},
        {"exactly the quantity needed", 4000, 10000, CF_REWARD_ORDER_AMOUNT, 1000, 0, 4000, 1000},
        {"one unit fewer", 3000, 10000, CF_REWARD_ORDER_AMOUNT, 1000, 0, 4000, 0},
        {"exactly the spend needed", 1000, 8000, CF_REWARD_ORDER_AMOUNT, 1000, 8000, 0, 1000},
        {"one cent less", 1000, 7999, CF_REWARD_ORDER_AMOUNT, 1000, 8000, 0, 0},
        {"10.00 off each of three", 3000, 10000, CF_REWARD_UNIT_AMOUNT, 1000, 0, 0, 3000},
        {"off each, cut to the line", 3000, 900, CF_REWARD_UNIT_AMOUNT, 1000, 0, 0, 2700},
        {"5.00 off a kilogram, 0.345 kg", 345, 2000, CF_REWARD_UNIT_AMOUNT, 500, 0, 0, 173},
        {"half a cent is rounded away from zero", 1000, 50, CF_REWARD_ORDER_PERCENT, 100, 0, 0, 1},
        {"less than half a cent is nothing", 1000, 49, CF_REWARD_ORDER_PERCENT, 100, 0, 0, 0},
        {"0.01% of much", 1000, 1000000, CF_REWARD_LINE_PERCENT, 1, 0, 0, 100},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_cart_line line = core_line(1, rows[i].qty, rows[i].price, 0);
        struct cf_promotion p = core_promotion(1, rows[i].kind, rows[i].amount_or_bp);
        p.min_spend_minor = rows[i].min_spend;
        p.min_qty_milli = rows[i].min_qty;
        price_one(&line, 1, p);
        if (priced->discount_minor != rows[i].discount)
            fail_msg("%s: %lld", rows[i].why, (long long)priced->discount_minor);
        assert_int_equal(rows[i].discount > 0, priced->n_applied);
        assert_int_equal(rows[i].discount == 0, priced->n_refused);
    }
}

static void a_discount_on_the_order_is_shared_by_what_lines_cost(void **state)
{
    (void)state;
    /* Solidus: 15.00 over 20, 30 and 100. */
    struct cf_cart_line lines[] = {core_line(1, 1000, 2000, 0), core_line(2, 1000, 3000, 0),
                                   core_line(3, 1000, 10000, 0)};
    price_one(lines, 3, core_promotion(1, CF_REWARD_ORDER_AMOUNT, 1500));
    assert_int_equal(200, priced->lines[0].discount_minor);
    assert_int_equal(300, priced->lines[1].discount_minor);
    assert_int_equal(1000, priced->lines[2].discount_minor);
    /* 1.00 over three equal lines: the odd cent falls on the lowest product, wherever it was scanned. */
    struct cf_cart_line equal[] = {core_line(8, 1000, 500, 0), core_line(5, 1000, 500, 0), core_line(6, 1000, 500, 0)};
    price_one(equal, 3, core_promotion(1, CF_REWARD_ORDER_AMOUNT, 100));
    assert_int_equal(33, priced->lines[0].discount_minor);
    assert_int_equal(34, priced->lines[1].discount_minor);
    assert_int_equal(33, priced->lines[2].discount_minor);
}

static void a_percentage_of_the_order_is_rounded_once_and_of_lines_each(void **state)
{
    (void)state;
    /* 10% of three times 0.05: 1.5 cents together, 0.5 each. */
    struct cf_cart_line lines[] = {core_line(1, 1000, 5, 0), core_line(2, 1000, 5, 0), core_line(3, 1000, 5, 0)};
    price_one(lines, 3, core_promotion(1, CF_REWARD_ORDER_PERCENT, 1000));
    assert_int_equal(2, priced->discount_minor);
    price_one(lines, 3, core_promotion(1, CF_REWARD_LINE_PERCENT, 1000));
    assert_int_equal(3, priced->discount_minor);
}

static void goods_are_covered_by_product_or_by_category(void **state)
{
    (void)state;
    /* Products 1 and 5 share category 1; product 2 is in category 2. */
    struct cf_cart_line lines[] = {core_line(1, 1000, 1000, 0), core_line(2, 1000, 1000, 0),
                                   core_line(5, 1000, 1000, 0)};
    struct cf_promotion p = core_promotion(1, CF_REWARD_LINE_PERCENT, 1000);
    p.goods.n_categories = 1;
    p.goods.categories[0] = 1;
    price_one(lines, 3, p);
    assert_int_equal(100, priced->lines[0].discount_minor);
    assert_int_equal(0, priced->lines[1].discount_minor);
    assert_int_equal(100, priced->lines[2].discount_minor);
    p.goods.n_products = 1;
    p.goods.products[0] = 2;
    price_one(lines, 3, p);
    assert_int_equal(300, priced->discount_minor);
    p.goods.n_categories = 0;
    p.goods.products[0] = 3;
    price_one(lines, 3, p);
    assert_int_equal(CF_E_COUPON_SCOPE, priced->refused[0].rc);
    assert_string_equal("nothing in the basket is covered", priced->refused[0].reason);
}

static void higher_priority_comes_first_then_the_lower_campaign(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 1000, 10000, 0);
    struct cf_promotion p[] = {core_promotion(2, CF_REWARD_ORDER_AMOUNT, 1000),
                               core_promotion(1, CF_REWARD_ORDER_PERCENT, 2000)};
    p[0].priority = 1;
    p[1].priority = 4;
    price(&line, 1, p, 2, CF_TAX_INCLUSIVE);
    assert_int_equal(7000, priced->total_minor); /* 20% of 100.00, then 10.00 */
    p[0].priority = 5;
    price(&line, 1, p, 2, CF_TAX_INCLUSIVE);
    assert_int_equal(7200, priced->total_minor); /* 10.00, then 20% of 90.00 */
    assert_int_equal(0, priced->applied[0].offer);
    p[0].priority = 4;
    price(&line, 1, p, 2, CF_TAX_INCLUSIVE);
    assert_int_equal(7000, priced->total_minor); /* campaign 1 first */
}

static void a_minimum_is_judged_on_covered_goods_before_discounts(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(1, 1000, 10980, 0), core_line(2, 1000, 50000, 0)};
    struct cf_promotion p[] = {core_promotion(1, CF_REWARD_ORDER_PERCENT, 5000),
                               core_promotion(2, CF_REWARD_ORDER_AMOUNT, 1000)};
    p[1].goods.n_products = 1;
    p[1].goods.products[0] = 1;
    p[1].min_spend_minor = 20000;
    price(lines, 2, p, 2, CF_TAX_INCLUSIVE);
    assert_int_equal(1, priced->n_refused);
    assert_int_equal(1, priced->refused[0].offer);
    assert_int_equal(CF_E_COUPON_MINIMUM, priced->refused[0].rc);
    assert_int_equal(9020, priced->refused[0].shortfall_minor);
    assert_string_equal("needs ¥200.00 of covered goods, basket has ¥109.80", priced->refused[0].reason);
    memcpy(p[1].goods_name, "skin care", sizeof "skin care");
    price(lines, 2, p, 2, CF_TAX_INCLUSIVE);
    assert_string_equal("needs ¥200.00 of skin care, basket has ¥109.80", priced->refused[0].reason);
    p[1].goods_name[0] = '\0';
    p[1].min_spend_minor = 10980; /* met by the gross, although 54.90 is left of it */
    price(lines, 2, p, 2, CF_TAX_INCLUSIVE);
    assert_int_equal(2, priced->n_applied);
    p[1].min_qty_milli = 2000;
    price(lines, 2, p, 2, CF_TAX_INCLUSIVE);
    assert_string_equal("needs 2 of covered goods, basket has 1", priced->refused[0].reason);
    assert_int_equal(0, priced->refused[0].shortfall_minor);
    assert_int_equal(1000, priced->refused[0].shortfall_milli);
}

static void a_window_over_midnight_is_of_the_day_on_which_it_begins(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        unsigned weekday, minute;
        bool gives;
    } rows[] = {
        {"Friday at ten in the evening", 5, 22 * 60, true},
        {"a minute before that", 5, 22 * 60 - 1, false},
        {"Saturday just before two is Friday's night", 6, 119, true},
        {"Saturday at two", 6, 120, false},
        {"Friday at one is Thursday's night", 5, 60, false},
        {"Saturday at ten in the evening", 6, 22 * 60, false},
        {"Monday at one is Sunday's night", 1, 60, true},
        {"Sunday at one is Saturday's night", 7, 60, false},
    };
    struct cf_promotion p = core_promotion(1, CF_REWARD_ORDER_PERCENT, 5000);
    struct cf_cart_line line = core_line(1, 1000, 1000, 0);
    p.weekdays = 1u << 4 | 1u << 6; /* Friday and Sunday */
    p.hours[p.n_hours++] = (struct cf_hours){22 * 60, 2 * 60};
    const struct cf_offer offer = {&p, true, 0, false};
    struct cf_cart *cart = core_cart(&line, 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_price_facts facts = core_facts();
        facts.weekday = (uint8_t)rows[i].weekday;
        facts.minute = (uint16_t)rows[i].minute;
        if (cf_price(cart, &offer, 1, CF_TAX_INCLUSIVE, core_now, &facts, priced, NULL) != CF_OK ||
            (priced->n_applied == 1) != rows[i].gives)
            fail_msg("%s", rows[i].why);
    }
    cf_cart_free(cart);
}

static void a_promotion_holds_from_its_first_instant_to_before_its_last(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 1000, 1000, 0);
    struct cf_promotion p = core_promotion(1, CF_REWARD_ORDER_PERCENT, 1000);
    p.from = core_now;
    p.to.us = core_now.us + 1;
    price_one(&line, 1, p);
    assert_int_equal(1, priced->n_applied);
    p.from.us = core_now.us + 1;
    p.to.us = core_now.us + 2;
    price_one(&line, 1, p);
    assert_int_equal(CF_E_COUPON_EARLY, priced->refused[0].rc);
    assert_string_equal("valid from 2026-11-22T07:00:00Z", priced->refused[0].reason);
    p.from.us = core_now.us - 1;
    p.to = core_now;
    price_one(&line, 1, p);
    assert_int_equal(CF_E_COUPON_ENDED, priced->refused[0].rc);
}

static void an_exclusive_promotion_stands_alone(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 1000, 10000, 0);
    struct cf_promotion p[] = {core_promotion(1, CF_REWARD_ORDER_AMOUNT, 1000),
                               core_promotion(2, CF_REWARD_ORDER_AMOUNT, 300)};
    p[1].exclusive = true;
    price(&line, 1, p, 2, CF_TAX_INCLUSIVE);
    assert_int_equal(1000, priced->discount_minor);
    assert_int_equal(CF_E_COUPON_COMBINE, priced->refused[0].rc);
    assert_string_equal("cannot be combined with Promotion 1", priced->refused[0].reason);
    p[1].priority = 1;
    price(&line, 1, p, 2, CF_TAX_INCLUSIVE);
    assert_int_equal(300, priced->discount_minor);
    assert_int_equal(0, priced->refused[0].offer);
    p[1].min_spend_minor = 10001; /* one that does not apply bars nobody */
    price(&line, 1, p, 2, CF_TAX_INCLUSIVE);
    assert_int_equal(1000, priced->discount_minor);
    assert_int_equal(CF_E_COUPON_MINIMUM, priced->refused[0].rc);
}

static void a_cap_is_shared_like_what_it_caps(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(1, 1000, 10000, 0), core_line(2, 1000, 30000, 0)};
    struct cf_promotion p = core_promotion(1, CF_REWARD_LINE_PERCENT, 5000);
    p.max_discount_minor = 1000;
    price_one(lines, 2, p);
    assert_int_equal(250, priced->lines[0].discount_minor);
    assert_int_equal(750, priced->lines[1].discount_minor);
    assert_string_equal("Promotion 1: -¥10.00 (50% off each of 2 lines, at most ¥10.00)", priced->applied[0].reason);
}

static void a_promotion_that_takes_nothing_off_is_not_used(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 1000, 10000, 0);
    struct cf_promotion p[] = {core_promotion(1, CF_REWARD_ORDER_PERCENT, 10000),
                               core_promotion(2, CF_REWARD_ORDER_AMOUNT, 300)};
    price(&line, 1, p, 2, CF_TAX_INCLUSIVE);
    assert_int_equal(0, priced->total_minor);
    assert_int_equal(CF_E_COUPON_NO_EFFECT, priced->refused[0].rc);
    assert_string_equal("takes nothing off goods that cost ¥0.00 after other discounts", priced->refused[0].reason);
}

static void only_coupons_in_hand_are_judged_aloud(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 1000, 10000, 0);
    struct cf_cart *cart = core_cart(&line, 1);
    struct cf_promotion p = core_promotion(1, CF_REWARD_ORDER_AMOUNT, 100);
    struct cf_offer offer = {&p, false, 9, false};
    p.min_spend_minor = 20000;
    core_price(cart, &offer, 1, CF_TAX_INCLUSIVE, priced);
    assert_int_equal(0, priced->n_refused + priced->n_applied);
    p.min_spend_minor = 0;
    p.needs_coupon = true;
    core_price(cart, &offer, 1, CF_TAX_INCLUSIVE, priced);
    assert_int_equal(0, priced->n_refused + priced->n_applied);
    offer.coupon_held = true;
    core_price(cart, &offer, 1, CF_TAX_INCLUSIVE, priced);
    assert_int_equal(1, priced->n_applied);
    cf_cart_free(cart);
}

static void tax_is_computed_once_a_rate_and_shared(void **state)
{
    (void)state;
    /* 13% in 1.00: 11.504 cents a line; 34.5 in the three together. 9% in 10.00: 82.57. */
    struct cf_cart_line lines[] = {core_line(1, 1000, 100, 1300), core_line(2, 1000, 100, 1300),
                                   core_line(9, 1000, 1000, 900), core_line(3, 1000, 100, 1300)};
    price(lines, 4, NULL, 0, CF_TAX_INCLUSIVE);
    assert_int_equal(35 + 83, priced->tax_minor);
    assert_int_equal(12, priced->lines[0].tax_minor);
    assert_int_equal(12, priced->lines[1].tax_minor);
    assert_int_equal(83, priced->lines[2].tax_minor);
    assert_int_equal(11, priced->lines[3].tax_minor);
    assert_int_equal(1300, priced->total_minor);
    price(lines, 4, NULL, 0, CF_TAX_EXCLUSIVE);
    assert_int_equal(39 + 90, priced->tax_minor);
    assert_int_equal(1300 + 129, priced->total_minor);
    /* Vendure: 20% off 50.00, 20% tax on top. */
    struct cf_cart_line one = core_line(1, 1000, 5000, 2000);
    struct cf_promotion p = core_promotion(1, CF_REWARD_ORDER_PERCENT, 2000);
    price(&one, 1, &p, 1, CF_TAX_EXCLUSIVE);
    assert_int_equal(4000, priced->net_minor);
    assert_int_equal(4800, priced->total_minor);
}

/* The worked example of docs/pricing.md: keep both the same. */
static void the_example_of_the_page_on_pricing_is_true(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(1, 2000, 3990, 1300), core_line(5, 3000, 990, 1300),
                                   core_line(2, 345, 12800, 900)};
    struct cf_promotion p[] = {core_promotion(1, CF_REWARD_ORDER_PERCENT, 1500),
                               core_promotion(2, CF_REWARD_ORDER_AMOUNT, 1500)};
    static const struct cf_priced_line expected[] = {
        {7980, 1938, 6042, 695}, {2970, 722, 2248, 259}, {4416, 483, 3933, 325}};
    (void)snprintf(p[0].name, sizeof p[0].name, "Skin care week");
    p[0].priority = 10;
    p[0].goods.n_categories = 1;
    p[0].goods.categories[0] = 1;
    (void)snprintf(p[1].name, sizeof p[1].name, "Welcome");
    p[1].min_spend_minor = 10000;
    price(lines, 3, p, 2, CF_TAX_INCLUSIVE);
    assert_memory_equal(expected, priced->lines, sizeof expected);
    assert_string_equal("Skin care week: -¥16.43 (15% of ¥109.50)", priced->applied[0].reason);
    assert_string_equal("Welcome: -¥15.00", priced->applied[1].reason);
    assert_int_equal(1279, priced->tax_minor);
    assert_int_equal(12223, priced->total_minor);
}

static void a_reason_says_how_the_amount_came_about(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(1, 2000, 975, 0), core_line(2, 1000, 7800, 0)};
    struct cf_promotion p = core_promotion(1, CF_REWARD_ORDER_PERCENT, 2000);
    (void)snprintf(p.name, sizeof p.name, "Skin care week");
    price_one(lines, 2, p);
    assert_string_equal("Skin care week: -¥19.50 (20% of ¥97.50)", priced->applied[0].reason);
    p = core_promotion(1, CF_REWARD_ORDER_AMOUNT, 1000);
    price_one(lines, 2, p);
    assert_string_equal("Promotion 1: -¥10.00", priced->applied[0].reason);
    p.amount_minor = 10000;
    p.name[0] = '\0';
    price_one(lines, 2, p);
    assert_string_equal("Promotion: -¥97.50 (¥100.00 cut to what the goods still cost)", priced->applied[0].reason);
    p = core_promotion(1, CF_REWARD_UNIT_AMOUNT, 150);
    price_one(lines, 2, p);
    assert_string_equal("Promotion 1: -¥4.50 (¥1.50 off each of 3)", priced->applied[0].reason);
    p = core_promotion(1, CF_REWARD_LINE_PERCENT, 1250);
    price_one(lines, 1, p);
    assert_string_equal("Promotion 1: -¥2.44 (12.5% off ¥19.50)", priced->applied[0].reason);
}

static void a_long_reason_is_cut_between_characters(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, CF_QTY_MILLI_MAX, CF_PRICE_MINOR_MAX, 0);
    struct cf_promotion p = core_promotion(1, CF_REWARD_ORDER_AMOUNT, CF_PRICE_MINOR_MAX);
    p.max_discount_minor = CF_PRICE_MINOR_MAX - 1;
    for (size_t length = 80; length + 3 <= CF_NAME_MAX; length++) {
        memset(p.name, 0, sizeof p.name);
        memset(p.name, 'x', length);
        memcpy(p.name + length - length % 3, "霜", 3);
        for (size_t at = 0; at + 3 <= length; at += 3)
            memcpy(p.name + at, "霜", 3);
        price_one(&line, 1, p);
        assert_true(strlen(priced->applied[0].reason) <= CF_REASON_MAX);
        struct cf_promotion copy = core_promotion(1, CF_REWARD_ORDER_AMOUNT, 1);
        memcpy(copy.name, priced->applied[0].reason, CF_NAME_MAX);
        copy.name[93] = '\0';
        assert_int_equal(CF_OK, cf_promotion_check(&copy, NULL));
    }
}

static void figures_at_the_edge_of_int64_are_exact_or_refused(void **state)
{
    (void)state;
    struct cf_cart_line big = core_line(1, CF_QTY_MILLI_MAX, CF_PRICE_MINOR_MAX, 1300);
    struct cf_cart *cart = core_cart(NULL, 0);
    struct cf_promotion p = core_promotion(1, CF_REWARD_ORDER_PERCENT, 3333);
    struct cf_offer offer = {&p, true, 0, false};
    struct cf_error err;
    uint32_t line_no;
    for (size_t i = 0; i < 92; i++)
        assert_int_equal(CF_OK, cf_cart_add(cart, &big, &line_no, NULL));
    core_price(cart, &offer, 1, CF_TAX_INCLUSIVE, priced);
    core_assert_consistent(cart, priced, CF_TAX_INCLUSIVE);
    /* 92 * 99,999 * 10^12 and 13 % of it on top do not fit. */
    memset(priced, 0xEE, sizeof *priced);
    assert_int_equal(CF_E_OVERFLOW, cf_price(cart, NULL, 0, CF_TAX_EXCLUSIVE, core_now, NULL, priced, &err));
    static const struct cf_priced zero;
    assert_memory_equal(&zero, priced, sizeof zero);
    cf_cart_free(cart);
}

static void what_cannot_be_priced_is_refused_whole(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 1000, 1000, 0);
    struct cf_cart *cart = core_cart(&line, 1);
    struct cf_promotion p = core_promotion(1, (enum cf_reward_kind)14, 100);
    static struct cf_offer offers[CF_OFFERS_MAX + 1];
    offers[0] = (struct cf_offer){&p, true, 0, false};
    assert_int_equal(CF_E_UNSUPPORTED, cf_price(cart, offers, 1, CF_TAX_INCLUSIVE, core_now, NULL, priced, NULL));
    p = core_promotion(1, CF_REWARD_ORDER_PERCENT, 10001);
    assert_int_equal(CF_E_RANGE, cf_price(cart, offers, 1, CF_TAX_INCLUSIVE, core_now, NULL, priced, NULL));
    p = core_promotion(1, CF_REWARD_UNIT_AMOUNT, -1);
    assert_int_equal(CF_E_RANGE, cf_price(cart, offers, 1, CF_TAX_INCLUSIVE, core_now, NULL, priced, NULL));
    assert_int_equal(CF_E_LIMIT,
                     cf_price(cart, offers, CF_OFFERS_MAX + 1, CF_TAX_INCLUSIVE, core_now, NULL, priced, NULL));
    assert_int_equal(0, priced->n_lines);
    cf_cart_free(cart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_cart_costs_nothing),
        cmocka_unit_test(one_promotion_takes_off_what_other_shops_take_off),
        cmocka_unit_test(a_discount_on_the_order_is_shared_by_what_lines_cost),
        cmocka_unit_test(a_percentage_of_the_order_is_rounded_once_and_of_lines_each),
        cmocka_unit_test(goods_are_covered_by_product_or_by_category),
        cmocka_unit_test(higher_priority_comes_first_then_the_lower_campaign),
        cmocka_unit_test(a_minimum_is_judged_on_covered_goods_before_discounts),
        cmocka_unit_test(a_window_over_midnight_is_of_the_day_on_which_it_begins),
        cmocka_unit_test(a_promotion_holds_from_its_first_instant_to_before_its_last),
        cmocka_unit_test(an_exclusive_promotion_stands_alone),
        cmocka_unit_test(a_cap_is_shared_like_what_it_caps),
        cmocka_unit_test(a_promotion_that_takes_nothing_off_is_not_used),
        cmocka_unit_test(only_coupons_in_hand_are_judged_aloud),
        cmocka_unit_test(tax_is_computed_once_a_rate_and_shared),
        cmocka_unit_test(the_example_of_the_page_on_pricing_is_true),
        cmocka_unit_test(a_reason_says_how_the_amount_came_about),
        cmocka_unit_test(a_long_reason_is_cut_between_characters),
        cmocka_unit_test(figures_at_the_edge_of_int64_are_exact_or_refused),
        cmocka_unit_test(what_cannot_be_priced_is_refused_whole),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_room, free_room);
}
