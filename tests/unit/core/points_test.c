/*
 * tests/unit/core/points_test.c - points a sale earns, and tiers.
 */
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
        cmocka_unit_test(a_tier_is_reached_at_its_first_point),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
