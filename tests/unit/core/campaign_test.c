/*
 * tests/unit/core/campaign_test.c - campaigns and their promotions: what passes the check, and CBOR there and back.
 */
#include <stdio.h>
#include <string.h>

#include "app/core/campaign.h"
#include "app/core/promotion_fields.h"
#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

static struct cf_campaign good_campaign(void)
{
    struct cf_campaign c = {0};
    c.id = 42;
    c.version = 7;
    (void)snprintf(c.name, sizeof c.name, "Skin care week 护肤周");
    c.policy = CF_POLICY_LEASED;
    c.channels = CF_CHANNEL_STORE | CF_CHANNEL_ONLINE;
    c.from.us = core_now.us - CF_US_PER_S;
    c.to.us = core_now.us + CF_US_PER_S;
    c.n_stores = 2;
    c.stores[0] = 3;
    c.stores[1] = UINT32_MAX;
    c.promotion = core_promotion(42, CF_REWARD_ORDER_PERCENT, 2000);
    c.promotion.version = 7;
    c.promotion.needs_coupon = true;
    c.promotion.priority = -5;
    c.promotion.goods.n_products = 2;
    c.promotion.goods.products[1] = UINT64_MAX;
    c.promotion.goods.n_categories = 1;
    c.promotion.goods.categories[0] = 9;
    c.promotion.min_spend_minor = 20000;
    c.promotion.max_discount_minor = 5000;
    c.issue_in_store = true;
    c.issue_min_minor = 10000;
    c.issue_valid_days = 30;
    c.loser = CF_LOSER_FLAG_MEMBER;
    c.on_return = CF_ON_RETURN_BURN;
    c.per_store = 40;
    c.per_day = 30;
    c.per_member = 0;
    c.money_limited = true;
    return c;
}

static void a_good_campaign_comes_back_as_it_went(void **state)
{
    (void)state;
    struct cf_campaign c = good_campaign(), back;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    memset(&back, 0xEE, sizeof back);
    cf_buf_init(&bytes, CF_CAMPAIGN_BYTES_MAX);
    assert_int_equal(CF_OK, cf_campaign_encode(&c, &bytes, NULL));
    assert_int_equal(CF_OK, cf_campaign_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_memory_equal(&c, &back, sizeof c);
}

/* One that applies without a coupon has a form of its own, and no other campaign changes its bytes for it. */
static void a_campaign_without_coupons_comes_back_as_it_went_and_is_counted_by_leases(void **state)
{
    (void)state;
    struct cf_campaign c = good_campaign(), back;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes, plain;
    cf_buf_init(&bytes, CF_CAMPAIGN_BYTES_MAX);
    cf_buf_init(&plain, CF_CAMPAIGN_BYTES_MAX);
    c.issue_in_store = false;
    assert_int_equal(CF_OK, cf_campaign_encode(&c, &plain, NULL));
    c.without_coupon = true;
    assert_int_equal(CF_OK, cf_campaign_encode(&c, &bytes, NULL));
    memset(&back, 0xEE, sizeof back);
    assert_int_equal(CF_OK, cf_campaign_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_memory_equal(&c, &back, sizeof c);
    assert_int_equal(bytes.n, plain.n + 2); /* the field, and the count of fields */
    bytes.p[bytes.n - 1] = 0xF4;            /* false: that has another form */
    assert_int_equal(CF_E_CBOR_SHAPE, cf_campaign_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_int_equal(CF_OK, cf_campaign_peek(cf_buf_bytes(&plain), &back, NULL));
    c.per_member = 1;
    assert_int_equal(CF_E_UNSUPPORTED, cf_campaign_check(&c, NULL));
    c.per_member = 0;
    c.issue_in_store = true;
    assert_int_equal(CF_E_RANGE, cf_campaign_check(&c, NULL));
    c.issue_in_store = false;
    c.per_day = 0;
    c.policy = CF_POLICY_PINNED;
    assert_int_equal(CF_E_RANGE, cf_campaign_check(&c, NULL));
}

/* Every number at its maximum and every list full. */
static struct cf_promotion full_promotion(const struct cf_campaign *c)
{
    struct cf_promotion p = c->promotion;
    for (size_t i = 0; i < cf_promotion_n_fields; i++)
        if (strcmp(cf_promotion_fields[i].name, "guests_only") != 0)
            cf_promotion_set(&p, &cf_promotion_fields[i], cf_promotion_fields[i].max);
    p.goods.n_products = CF_GOODS_PRODUCTS_MAX;
    memset(p.goods.products, 0xFF, sizeof p.goods.products);
    p.goods.n_categories = CF_GOODS_CATEGORIES_MAX;
    memset(p.goods.categories, 0xFF, sizeof p.goods.categories);
    memset(&p.buy, 0xFF, sizeof p.buy);
    p.buy.n_products = CF_FEW_PRODUCTS_MAX;
    p.buy.n_categories = CF_FEW_CATEGORIES_MAX;
    memset((uint8_t *)&p.buy + offsetof(struct cf_goods_few, n_categories) + 1, 0,
           sizeof p.buy - offsetof(struct cf_goods_few, n_categories) - 1);
    p.except = p.buy;
    p.n_slots = CF_SLOTS_MAX;
    for (size_t i = 0; i < CF_SLOTS_MAX; i++) {
        p.slots[i].qty = CF_GROUP_QTY_MAX;
        p.slots[i].goods = p.buy;
    }
    p.n_tiers = CF_TIERS_MAX;
    for (size_t i = 0; i < CF_TIERS_MAX; i++)
        p.tiers[i] = (struct cf_tier){CF_PRICE_MINOR_MAX - CF_TIERS_MAX + (int64_t)i, CF_PRICE_MINOR_MAX};
    p.n_hours = CF_HOURS_MAX;
    for (size_t i = 0; i < CF_HOURS_MAX; i++)
        p.hours[i] = (struct cf_hours){1439, 1440};
    p.n_segments = CF_PROMOTION_SEGMENTS_MAX;
    memset(p.segments, 0xFF, sizeof p.segments);
    p.n_stores = CF_PROMOTION_STORES_MAX;
    memset(p.stores, 0xFF, sizeof p.stores);
    memset(p.goods_name, 'g', CF_GOODS_NAME_MAX);
    memset(p.buy_name, 'b', CF_GOODS_NAME_MAX);
    return p;
}

static void the_fullest_promotion_comes_back_as_it_went(void **state)
{
    (void)state;
    struct cf_campaign c = good_campaign(), back;
    struct cf_error err = {0};
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    memset(c.name, 'n', CF_NAME_MAX);
    memset(c.promotion.name, 'n', CF_NAME_MAX);
    c.n_stores = CF_CAMPAIGN_STORES_MAX;
    memset(c.stores, 0xFF, sizeof c.stores);
    c.promotion = full_promotion(&c);
    cf_buf_init(&bytes, CF_CAMPAIGN_BYTES_MAX);
    if (cf_campaign_encode(&c, &bytes, &err) != CF_OK)
        fail_msg("%s", err.detail);
    assert_int_equal(CF_OK, cf_campaign_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_memory_equal(&c, &back, sizeof c);
    struct cf_campaign plain = good_campaign();
    assert_true(cf_promotion_is_plain(&plain.promotion));
    for (size_t i = 0; i < cf_promotion_n_fields; i++) {
        plain = good_campaign();
        cf_promotion_set(&plain.promotion, &cf_promotion_fields[i], 1);
        assert_false(cf_promotion_is_plain(&plain.promotion));
        assert_ptr_equal(&cf_promotion_fields[i], cf_promotion_field_named(cf_promotion_fields[i].name));
        assert_true(i == 0 || cf_promotion_fields[i].key > cf_promotion_fields[i - 1].key);
    }
}

/* What a till of the first version kept in its replica: nothing after issue_valid_days. */
static void a_campaign_of_version_1_is_still_read(void **state)
{
    (void)state;
    struct cf_campaign c = good_campaign(), back;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    c.loser = CF_LOSER_ABSORB;
    c.on_return = CF_ON_RETURN_GIVE_BACK;
    c.per_store = c.per_day = 0;
    c.money_limited = false;
    cf_buf_init(&bytes, CF_CAMPAIGN_BYTES_MAX);
    assert_int_equal(CF_OK, cf_campaign_encode(&c, &bytes, NULL));
    assert_int_equal(0x97, bytes.p[0]);
    assert_int_equal(2, bytes.p[1]);
    bytes.p[0] = 0x8F;
    bytes.p[1] = 1;
    assert_int_equal(CF_OK, cf_campaign_decode(cf_bytes_of(bytes.p, bytes.n - 8), &back, NULL));
    assert_memory_equal(&c, &back, sizeof c);
}

static void the_largest_campaign_fits(void **state)
{
    (void)state;
    struct cf_campaign c = good_campaign(), back;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    memset(c.name, 'n', CF_NAME_MAX);
    memset(c.promotion.name, 'n', CF_NAME_MAX);
    c.n_stores = CF_CAMPAIGN_STORES_MAX;
    memset(c.stores, 0xFF, sizeof c.stores);
    c.promotion.goods.n_products = CF_GOODS_PRODUCTS_MAX;
    memset(c.promotion.goods.products, 0xFF, sizeof c.promotion.goods.products);
    c.promotion.goods.n_categories = CF_GOODS_CATEGORIES_MAX;
    memset(c.promotion.goods.categories, 0xFF, sizeof c.promotion.goods.categories);
    cf_buf_init(&bytes, CF_CAMPAIGN_BYTES_MAX);
    assert_int_equal(CF_OK, cf_campaign_encode(&c, &bytes, NULL));
    assert_int_equal(CF_OK, cf_campaign_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_int_equal(CF_GOODS_PRODUCTS_MAX, back.promotion.goods.n_products);
}

/* Puts `value` in place of one field of a good campaign. */
#define FIELD(field) offsetof(struct cf_campaign, field), sizeof(((struct cf_campaign *)NULL)->field)
static const struct {
    const char *why;
    size_t offset, size;
    int64_t value;
    enum cf_rc rc;
} rows[] = {
    {"campaigns are numbered from 1", FIELD(id), 0, CF_E_RANGE},
    {"another campaign's promotion", FIELD(promotion.campaign), 43, CF_E_RANGE},
    {"another version's promotion", FIELD(promotion.version), 6, CF_E_RANGE},
    {"no name", FIELD(name[0]), 0, CF_E_RANGE},
    {"a control character in the name", FIELD(name[0]), 27, CF_E_RANGE},
    {"half a character in the name", FIELD(name[0]), 0x80, CF_E_RANGE},
    {"a control character in the promotion's name", FIELD(promotion.name[0]), '\n', CF_E_RANGE},
    {"a promotion needs no name", FIELD(promotion.name[0]), 0, CF_OK},
    {"a share of a day in a lease that counts money", FIELD(policy), CF_POLICY_OPTIMISTIC, CF_E_UNSUPPORTED},
    {"pinned coupons come on any day", FIELD(policy), CF_POLICY_PINNED, CF_E_UNSUPPORTED},
    {"coupons that tills issue are nobody's", FIELD(per_member), 2, CF_E_UNSUPPORTED},
    {"tills apart cannot count a member's day", FIELD(per_member_day), 1, CF_E_UNSUPPORTED},
    {"no such policy", FIELD(policy), 5, CF_E_UNSUPPORTED},
    {"coupons of an automatic promotion", FIELD(policy), CF_POLICY_AUTOMATIC, CF_E_RANGE},
    {"an automatic promotion with a policy", FIELD(promotion.needs_coupon), 0, CF_E_RANGE},
    {"no such channel", FIELD(channels), 4, CF_E_RANGE},
    {"coupons that redeem nowhere", FIELD(channels), 0, CF_E_RANGE},
    {"ends as it begins", FIELD(to.us), INT64_C(1795330799000000), CF_E_RANGE},
    {"ends before it begins", FIELD(to.us), INT64_MIN, CF_E_RANGE},
    {"begins at the beginning of time", FIELD(from.us), INT64_MIN, CF_OK},
    {"more stores than there is room for", FIELD(n_stores), CF_CAMPAIGN_STORES_MAX + 1, CF_E_RANGE},
    {"all stores", FIELD(n_stores), 0, CF_OK},
    {"issues from less than nothing", FIELD(issue_min_minor), -1, CF_E_RANGE},
    {"issues coupons that hold no day", FIELD(issue_valid_days), 0, CF_E_RANGE},
    {"issues coupons for 100 years", FIELD(issue_valid_days), 36525, CF_E_RANGE},
    {"no such reward", FIELD(promotion.kind), 0, CF_E_UNSUPPORTED},
    {"a reward of a later version", FIELD(promotion.kind), 14, CF_E_UNSUPPORTED},
    {"0 %", FIELD(promotion.percent_bp), 0, CF_E_RANGE},
    {"100 %", FIELD(promotion.percent_bp), 10000, CF_OK},
    {"more than 100 %", FIELD(promotion.percent_bp), 10001, CF_E_RANGE},
    {"an amount of nothing", FIELD(promotion.kind), CF_REWARD_ORDER_AMOUNT, CF_E_RANGE},
    {"an amount below zero", FIELD(promotion.amount_minor), -1, CF_E_RANGE},
    {"minimum spend below zero", FIELD(promotion.min_spend_minor), -1, CF_E_RANGE},
    {"minimum spend at the int64 edge", FIELD(promotion.min_spend_minor), INT64_MAX, CF_E_RANGE},
    {"minimum quantity below zero", FIELD(promotion.min_qty_milli), -1, CF_E_RANGE},
    {"a cap below zero", FIELD(promotion.max_discount_minor), -1, CF_E_RANGE},
    {"a window with an end only", FIELD(promotion.to.us), 1, CF_OK},
    {"a window with a beginning only", FIELD(promotion.from.us), 1, CF_E_RANGE},
    {"more products than there is room for", FIELD(promotion.goods.n_products), CF_GOODS_PRODUCTS_MAX + 1, CF_E_RANGE},
    {"more categories than there is room for", FIELD(promotion.goods.n_categories), CF_GOODS_CATEGORIES_MAX + 1,
     CF_E_RANGE},
};

static void a_campaign_is_taken_or_refused_by_the_name_of_its_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_campaign c = good_campaign();
        struct cf_error err = {0};
        struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
        memcpy((uint8_t *)&c + rows[i].offset, &rows[i].value, rows[i].size);
        cf_buf_init(&bytes, CF_CAMPAIGN_BYTES_MAX);
        enum cf_rc rc = cf_campaign_encode(&c, &bytes, &err);
        if (rc != rows[i].rc)
            fail_msg("%s: %s %s", rows[i].why, cf_rc_name(rc), err.detail);
        assert_int_equal(rc == CF_OK, bytes.n > 0);
        assert_int_equal(rc == CF_OK, err.detail[0] == '\0');
    }
}

static void a_buffer_that_is_too_small_is_left_alone(void **state)
{
    (void)state;
    struct cf_campaign c = good_campaign();
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, 50);
    assert_int_equal(CF_OK, cf_buf_append_str(&bytes, "before", NULL));
    assert_int_equal(CF_E_LIMIT, cf_campaign_encode(&c, &bytes, NULL));
    assert_int_equal(6, bytes.n);
}

static void a_changed_byte_is_refused_or_gives_a_campaign_that_passes(void **state)
{
    (void)state;
    struct cf_campaign c = good_campaign(), back;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_CAMPAIGN_BYTES_MAX);
    assert_int_equal(CF_OK, cf_campaign_encode(&c, &bytes, NULL));
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_not_equal(CF_OK, cf_campaign_decode(cf_bytes_of(bytes.p, n), &back, NULL));
    for (size_t at = 0; at < bytes.n; at++)
        for (unsigned change = 1; change < 256; change++) {
            bytes.p[at] ^= (uint8_t)change;
            if (cf_campaign_decode(cf_buf_bytes(&bytes), &back, NULL) == CF_OK) {
                struct cf_buf CF_CLEANUP(cf_buf_done) again;
                cf_buf_init(&again, CF_CAMPAIGN_BYTES_MAX);
                assert_int_equal(CF_OK, cf_campaign_encode(&back, &again, NULL));
                assert_true(cf_bytes_equal(cf_buf_bytes(&bytes), cf_buf_bytes(&again)));
            }
            bytes.p[at] ^= (uint8_t)change;
        }
}

static void goods_without_a_list_are_all_goods(void **state)
{
    (void)state;
    struct cf_goods goods = {0};
    struct cf_cart_line line = core_line(5, 1000, 100, 0); /* categories 1 and 12 */
    struct cf_cart_line plain = line;
    plain.n_categories = 0;
    assert_true(cf_goods_cover(&goods, &line));
    assert_true(cf_goods_cover(&goods, &plain));
    goods.n_categories = 2;
    goods.categories[1] = 12;
    assert_true(cf_goods_cover(&goods, &line));
    assert_false(cf_goods_cover(&goods, &plain));
    goods.n_products = 1;
    goods.products[0] = 5;
    assert_true(cf_goods_cover(&goods, &plain));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_campaign_comes_back_as_it_went),
        cmocka_unit_test(a_campaign_without_coupons_comes_back_as_it_went_and_is_counted_by_leases),
        cmocka_unit_test(the_fullest_promotion_comes_back_as_it_went),
        cmocka_unit_test(a_campaign_of_version_1_is_still_read),
        cmocka_unit_test(the_largest_campaign_fits),
        cmocka_unit_test(a_campaign_is_taken_or_refused_by_the_name_of_its_field),
        cmocka_unit_test(a_buffer_that_is_too_small_is_left_alone),
        cmocka_unit_test(a_changed_byte_is_refused_or_gives_a_campaign_that_passes),
        cmocka_unit_test(goods_without_a_list_are_all_goods),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
