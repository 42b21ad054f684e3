/*
 * tests/unit/core/sale_rejudge_test.c - the centre prices a till's sale again: honest ones pass, altered ones do not.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

#define OFFERS 6

/* What the centre knows, and a sale to judge. */
struct scene {
    struct cf_campaign campaigns[OFFERS];
    struct cf_offer offers[OFFERS];
    struct cf_cart *cart;
    bool knows_categories;
};
static struct scene scene;
static struct cf_cart *scratch;
static struct cf_priced *priced;
static struct cf_sale *sale;

static int make_room(void **state)
{
    (void)state;
    return cf_cart_new(core_cny, &scratch, NULL) == CF_OK && cf_priced_new(&priced, NULL) == CF_OK &&
                   cf_sale_new(&sale, NULL) == CF_OK
               ? 0
               : -1;
}

static int free_room(void **state)
{
    (void)state;
    cf_cart_free(scratch);
    cf_priced_free(priced);
    cf_sale_free(sale);
    return 0;
}

static bool look_up_categories(void *ctx, uint64_t product, uint32_t *ret, size_t max, size_t *ret_n)
{
    const struct scene *s = ctx;
    return s->knows_categories && core_categories(NULL, product, ret, max, ret_n);
}

/* Gives a copy that the next look-up overwrites, as sale.h allows. */
static const struct cf_campaign *look_up_campaign(void *ctx, uint32_t campaign, uint32_t version)
{
    static struct cf_campaign found;
    const struct scene *s = ctx;
    memset(&found, 0xEE, sizeof found);
    if (campaign < 1 || campaign > OFFERS || s->campaigns[campaign - 1].version != version)
        return NULL;
    found = s->campaigns[campaign - 1];
    return &found;
}

static enum cf_rc judge(struct cf_error *err)
{
    struct cf_sale_lookup lookup = {&scene, look_up_categories, look_up_campaign};
    return cf_sale_rejudge(sale, core_now, &lookup, scratch, priced, err);
}

static void sell_by_chance(uint64_t seed)
{
    struct chance chance = {seed};
    struct cf_cart_line lines[20];
    size_t n = 2 + chance_below(&chance, 19);
    enum cf_tax_mode mode = chance_of(&chance, 50) ? CF_TAX_INCLUSIVE : CF_TAX_EXCLUSIVE;
    memset(&scene, 0, sizeof scene);
    scene.knows_categories = true;
    for (size_t i = 0; i < n; i++)
        lines[i] = core_line_by_chance(&chance);
    scene.cart = core_cart(lines, n);
    (void)!cf_cart_void(scene.cart, 1, NULL);
    for (size_t i = 0; i < OFFERS; i++) {
        scene.campaigns[i].id = (uint32_t)(1 + i);
        scene.campaigns[i].version = 1;
        scene.campaigns[i].promotion = core_promotion_by_chance(&chance, (uint32_t)(1 + i));
        scene.offers[i] =
            (struct cf_offer){&scene.campaigns[i].promotion, scene.campaigns[i].promotion.needs_coupon, 0, false};
    }
    core_price(scene.cart, scene.offers, OFFERS, mode, priced);
    core_sale(scene.cart, scene.offers, priced, mode, sale);
    cf_cart_free(scene.cart);
}

static void whatever_a_till_sold_honestly_is_confirmed(void **state)
{
    (void)state;
    size_t n_discounts = 0;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        struct cf_error err = {0};
        sell_by_chance(seed);
        n_discounts += sale->n_discounts;
        assert_int_equal(CF_OK, cf_sale_check(sale, NULL));
        if (judge(&err) != CF_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, err.detail);
    }
    assert_true(n_discounts > 1000);
}

/* 30.00 + 20.00 with 10% off by a coupon of campaign 1; 13% tax inside. */
static void sell_two(void)
{
    struct cf_cart_line lines[] = {core_line(1, 1000, 3000, 1300), core_line(2, 1000, 2000, 1300)};
    memset(&scene, 0, sizeof scene);
    scene.knows_categories = true;
    scene.campaigns[0].id = 1;
    scene.campaigns[0].version = 1;
    scene.campaigns[0].promotion = core_promotion(1, CF_REWARD_ORDER_PERCENT, 1000);
    scene.campaigns[0].promotion.needs_coupon = true;
    scene.campaigns[0].promotion.goods.n_categories = 1;
    scene.campaigns[0].promotion.goods.categories[0] = 1;
    scene.offers[0] = (struct cf_offer){&scene.campaigns[0].promotion, true, 0, false};
    struct cf_cart *cart = core_cart(lines, 2);
    core_price(cart, scene.offers, 1, CF_TAX_INCLUSIVE, priced);
    core_sale(cart, scene.offers, priced, CF_TAX_INCLUSIVE, sale);
    cf_cart_free(cart);
}

static void assert_refused(const char *detail)
{
    struct cf_error err = {0};
    assert_int_equal(CF_E_RECORD, judge(&err));
    assert_string_equal(detail, err.detail);
}

static void a_difference_is_named_with_its_size(void **state)
{
    (void)state;
    sell_two();
    assert_int_equal(CF_OK, judge(NULL));
    sale->discounts[0].amount_minor += 100;
    assert_refused("discount 1 (campaign 1) is 400 in the record and 300 when priced again: 100 too much");
    sell_two();
    sale->lines[0].discount_minor -= 10;
    sale->lines[1].discount_minor += 10;
    assert_int_equal(CF_OK, cf_sale_check(sale, NULL)); /* adds up, and yet is not what the promotion says */
    assert_refused("line 1: discount is 290 in the record and 300 when priced again: 10 too little");
    sell_two();
    sale->tax_minor--;
    assert_int_equal(CF_OK, cf_sale_check(sale, NULL));
    assert_refused("tax is 540 in the record and 541 when priced again: 1 too little");
    sell_two();
    sale->total_minor++;
    assert_refused("total is 4701 in the record and 4700 when priced again: 1 too much");
    sell_two();
    sale->gross_minor = INT64_MIN;
    assert_refused("gross is -9223372036854775808 in the record and 5000 when priced again: 9223372036854780808 "
                   "too little");
}

static void an_offer_that_does_not_stand_is_refused(void **state)
{
    (void)state;
    sell_two();
    sale->discounts[0].version = 2;
    assert_refused("discount 1: campaign 1 version 2 is not known");
    sell_two();
    sale->discounts[0].redemption = -1;
    assert_refused("discount 1: campaign 1 needs a coupon and none was redeemed");
    sell_two();
    scene.campaigns[0].promotion.to.us = core_now.us;
    assert_refused("discount 1 (campaign 1) is 300 in the record and 0 when priced again: 300 too much");
    sell_two();
    scene.knows_categories = false;
    assert_refused("line 1: product 1 is not known");
    sell_two();
    (void)snprintf(sale->currency.code, sizeof sale->currency.code, "GBP");
    assert_refused("the sale is in GBP, the store's goods are in CNY");
    sell_two();
    scene.campaigns[0].promotion.kind = (enum cf_reward_kind)99;
    assert_refused("cannot be priced again: campaign 1: kind of reward 99");
}

static void categories_are_asked_for_only_where_a_promotion_needs_them(void **state)
{
    (void)state;
    sell_two();
    scene.knows_categories = false;
    scene.campaigns[0].promotion.goods.n_categories = 0;
    scene.campaigns[0].promotion.goods.n_products = 1;
    scene.campaigns[0].promotion.goods.products[0] = 1;
    assert_int_equal(CF_OK, judge(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_a_till_sold_honestly_is_confirmed),
        cmocka_unit_test(a_difference_is_named_with_its_size),
        cmocka_unit_test(an_offer_that_does_not_stand_is_refused),
        cmocka_unit_test(categories_are_asked_for_only_where_a_promotion_needs_them),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_room, free_room);
}
