/*
 * tests/unit/core/points_test.c - points a sale earns, and tiers.
 */
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

static void points_are_rounded_down_once(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int64_t minor_per_point;
        uint32_t tier_bp;
        int64_t net, points;
        enum cf_rc rc;
    } rows[] = {
        {"a point a whole yuan", 100, 10000, 4700, 47, CF_OK},
        {"a cent short of one more", 100, 10000, 4799, 47, CF_OK},
        {"half as much again", 100, 15000, 4799, 71, CF_OK},             /* 71.985; 70.5 if it were rounded twice */
        {"a third, whose remainders add up", 100, 13333, 300, 3, CF_OK}, /* 3.9999 */
        {"a tier that earns nothing", 100, 0, 4700, 0, CF_OK},
        {"nothing spent", 100, 10000, 0, 0, CF_OK},
        {"money cannot be taken back here", 100, 10000, -1, 0, CF_E_RANGE},
        {"no rate", 0, 10000, 100, 0, CF_E_RANGE},
        {"no rate", INT64_MIN, 10000, 100, 0, CF_E_RANGE},
        {"int64 edge", 1, 10000, INT64_MAX, INT64_MAX, CF_OK},
        {"int64 edge, 10 points fewer than can be counted", 1, 10001, INT64_MAX, 0, CF_E_OVERFLOW},
        {"int64 edge below", INT64_MAX, UINT32_MAX, INT64_MAX, 429496, CF_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_programme programme = {.minor_per_point = rows[i].minor_per_point,
                                         .tier_bp = {[3] = rows[i].tier_bp}};
        int64_t points = 0;
        enum cf_rc rc = cf_points_earned(&programme, 3, rows[i].net, &points, NULL);
        if (rc != rows[i].rc || points != rows[i].points)
            fail_msg("%s: %s %lld", rows[i].why, cf_rc_name(rc), (long long)points);
        assert_int_equal(CF_E_RANGE, cf_points_earned(&programme, 10, 1, &points, NULL));
    }
}

/* Points of two campaigns beside those of the goods: parts of points fall to whom the sum makes whole. */
static void points_by_campaign_and_the_rest_are_the_points_of_the_sale(void **state)
{
    (void)state;
    struct cf_programme programme = {.minor_per_point = 100, .tier_bp = {10000}};
    struct cf_priced *priced;
    struct cf_points_given given[CF_EFFECTS_MAX] = {{0}};
    static const struct {
        const char *why;
        int64_t net, half, third;
        size_t n;
        int64_t points[3];
    } rows[] = {
        {"whole points", 1000, 500, 300, 3, {5, 3, 2}},
        {"parts of points make one", 1050, 30, 30, 2, {1, 2, 0}}, /* 10.5, 10.8, 11.1: the second makes the eleventh */
        {"too little for one", 1000, 10, 10, 1, {2, 0, 0}},
    };
    assert_int_equal(CF_OK, cf_priced_new(&priced, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = 0;
        int64_t all = 0, sum = 0;
        /* campaign 9 twice, by two coupons of it; 7 gives money as well; 8 gives no money's worth */
        const struct cf_effect effects[] = {
            {.kind = CF_EFFECT_POINTS, .campaign = 9, .points_net_minor = rows[i].third - 5},
            {.kind = CF_EFFECT_COUPON, .campaign = 3},
            {.kind = CF_EFFECT_POINTS, .campaign = 7, .points_net_minor = rows[i].half},
            {.kind = CF_EFFECT_POINTS, .campaign = 11, .points_more = 2},
            {.kind = CF_EFFECT_POINTS, .campaign = 9, .points_net_minor = 5},
        };
        priced->n_effects = sizeof effects / sizeof effects[0];
        memcpy(priced->effects, effects, sizeof effects);
        priced->net_minor = rows[i].net + 700;
        priced->points_net_minor = rows[i].half + rows[i].third - 700; /* a gift card of 7.00 earns nothing */
        priced->points_more = 2;
        assert_int_equal(CF_OK, cf_points_of(&programme, 0, priced, &all, NULL));
        assert_int_equal(CF_OK, cf_points_by_campaign(&programme, 0, priced, given, &n, NULL));
        for (size_t k = 0; k < n; k++) {
            sum += given[k].points;
            assert_true(given[k].points > 0 && (k == 0 || given[k - 1].campaign < given[k].campaign));
        }
        print_message("# %s\n", rows[i].why);
        assert_int_equal(n, rows[i].n);
        assert_int_equal(given[n - 1].campaign, 11);
        assert_int_equal(given[n - 1].points, 2);
        assert_int_equal(rows[i].net / 100, all - sum);
        if (n == 3)
            assert_true(given[0].points == rows[i].points[0] && given[1].points == rows[i].points[1]);
    }
    priced->net_minor = 0;
    priced->points_net_minor = -1;
    size_t n = 77;
    assert_int_equal(CF_E_RANGE, cf_points_by_campaign(&programme, 0, priced, given, &n, NULL));
    assert_int_equal(n, 77);
    cf_priced_free(priced);
}

static void a_tier_is_reached_at_its_first_point(void **state)
{
    (void)state;
    struct cf_programme programme = {.tier_from_points = {0, 1000, INT64_MAX, 5000, INT64_MAX, INT64_MAX, INT64_MAX,
                                                          INT64_MAX, INT64_MAX, INT64_MAX}};
    assert_int_equal(0, cf_tier_of_points(&programme, 0));
    assert_int_equal(0, cf_tier_of_points(&programme, -1));
    assert_int_equal(0, cf_tier_of_points(&programme, 999));
    assert_int_equal(1, cf_tier_of_points(&programme, 1000));
    assert_int_equal(1, cf_tier_of_points(&programme, 4999));
    assert_int_equal(3, cf_tier_of_points(&programme, 5000));
    assert_int_equal(3, cf_tier_of_points(&programme, INT64_MAX)); /* an unused tier is out of reach */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_rounded_down_once),
        cmocka_unit_test(points_by_campaign_and_the_rest_are_the_points_of_the_sale),
        cmocka_unit_test(a_tier_is_reached_at_its_first_point),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
