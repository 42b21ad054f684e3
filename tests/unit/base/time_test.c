/* Instants as text and as civil dates, at the edges of calendars and of int64. */
#include "base/time.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct {
    const char *text;
    int64_t us;
    const char *why;
} good[] = {
    {"1970-01-01T00:00:00Z", 0, "the epoch"},
    {"1970-01-01", 0, "a date alone is midnight UTC"},
    {"2026-11-22T07:05:09Z", INT64_C(1795331109000000), "an instant of today"},
    {"2026-11-22T15:05:09+08:00", INT64_C(1795331109000000), "the same one in Shanghai"},
    {"2026-11-22T01:35:09-05:30", INT64_C(1795331109000000), "... and west, with half an hour"},
    {"2026-11-22t07:05:09z", INT64_C(1795331109000000), "RFC 3339 section 5.6: lower case is allowed"},
    {"2026-11-22T07:05:09.25Z", INT64_C(1795331109250000), "a fraction"},
    {"2026-11-22T07:05:09.123456789Z", INT64_C(1795331109123456), "finer than we keep"},
    {"2026-11-22T07:05:09-00:00", INT64_C(1795331109000000), "RFC 3339 section 4.3: unknown offset"},
    {"1969-12-31T23:59:59Z", INT64_C(-1000000), "before the epoch"},
    {"1969-12-31T23:59:59.75Z", INT64_C(-250000), "a fraction counts forwards before the epoch too"},
    {"2000-02-29", INT64_C(951782400000000), "a leap day of a century"},
    {"2024-02-29", INT64_C(1709164800000000), "a leap day"},
    {"0000-01-01T00:00:00Z", INT64_C(-62167219200000000), "the first instant"},
    {"9999-12-31T23:59:59Z", INT64_C(253402300799000000), "the last second"},
    {"2038-01-19T03:14:08Z", INT64_C(2147483648000000), "beyond 32 bits"},
};

static void instants_are_parsed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        cf_wall wall = {77};
        if (cf_wall_parse(good[i].text, &wall, NULL) != CF_OK || wall.us != good[i].us)
            fail_msg("%s: %" PRId64, good[i].why, wall.us);
    }
}

static const char *const bad[] = {
    "",
    "2026",
    "2026-11",
    "2026-11-2",
    "2026-1-22",
    "26-11-22",
    "2026-00-22",
    "2026-13-22",
    "2026-11-00",
    "2026-11-31",
    "2025-02-29",
    "1900-02-29",
    "2026-02-30",
    "2026-11-22T",
    "2026-11-22Z",
    "2026-11-22T07:05Z",
    "2026-11-22T07:05:09",
    "2026-11-22 07:05:09Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T07:60:00Z",
    "2026-11-22T07:05:60Z",
    "2016-12-31T23:59:60Z",
    "2026-11-22T07:05:09.Z",
    "2026-11-22T07:05:09,5Z",
    "2026-11-22T07:05:09.1234567890Z",
    "2026-11-22T07:05:09+0800",
    "2026-11-22T07:05:09+24:00",
    "2026-11-22T07:05:09+08:60",
    "2026-11-22T07:05:09+08",
    "2026-11-22T07:05:09ZZ",
    "2026-11-22T07:05:09Z ",
    " 2026-11-22",
    "-026-11-22",
    "2026/11/22",
    "+2026-11-22",
    "2026-11-22T07:05:09 Z",
    "12026-11-22",
    "２０２６-11-22",
};

static void what_is_no_instant_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cf_wall wall = {77};
        struct cf_error err = {0};
        if (cf_wall_parse(bad[i], &wall, &err) != CF_E_RANGE)
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(wall.us, 77);
        assert_int_equal(err.rc, CF_E_RANGE);
    }
}

static const struct {
    int64_t us;
    int offset_min;
    const char *text;
    uint32_t date;
    const char *why;
} shown[] = {
    {0, 0, "1970-01-01T00:00:00Z", 19700101, "the epoch"},
    {-1, 0, "1969-12-31T23:59:59Z", 19691231, "one microsecond before is another day"},
    {INT64_C(1795331109999999), 0, "2026-11-22T07:05:09Z", 20261122, "fractions are cut"},
    {INT64_C(1795331109000000), 480, "2026-11-22T15:05:09+08:00", 20261122, "Shanghai"},
    {INT64_C(1795331109000000), -600, "2026-11-21T21:05:09-10:00", 20261121, "Honolulu: the day before"},
    {INT64_C(1795331109000000), 1439, "2026-11-23T07:04:09+23:59", 20261123, "the largest offset"},
    {INT64_C(1795331109000000), -1439, "2026-11-21T07:06:09-23:59", 20261121, "the smallest offset"},
    {INT64_C(1795331109000000), -5, "2026-11-22T07:00:09-00:05", 20261122, "a negative offset below an hour"},
    {INT64_C(951782400000000), 0, "2000-02-29T00:00:00Z", 20000229, "a leap day"},
    {INT64_MAX, 0, "9999-12-31T23:59:59Z", 99991231, "clamped"},
    {INT64_MAX, 1439, "9999-12-31T23:59:59+23:59", 99991231, "clamped with an offset"},
    {INT64_MIN, -1439, "0000-01-01T00:00:00-23:59", 101, "clamped at the other end"},
    {INT64_C(253402300799000000), 1, "9999-12-31T23:59:59+00:01", 99991231, "pushed over the end by its offset"},
};

static void instants_are_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        char text[CF_WALL_TEXT_MAX];
        cf_wall_format((cf_wall){shown[i].us}, shown[i].offset_min, text);
        if (strcmp(text, shown[i].text) != 0)
            fail_msg("%s: %s", shown[i].why, text);
        assert_int_equal(cf_wall_date((cf_wall){shown[i].us}, shown[i].offset_min), shown[i].date);
    }
}

/* Every 11th day of 0000 to 9999 against the C library, and back. */
static void days_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t s = INT64_C(-62167219200); s <= INT64_C(253402300799); s += 86400 * 11 + 4321) {
        time_t when = (time_t)s;
        struct tm tm;
        char wanted[CF_WALL_TEXT_MAX];
        char text[CF_WALL_TEXT_MAX];
        cf_wall again;
        assert_non_null(gmtime_r(&when, &tm));
        assert_true(strftime(wanted, sizeof wanted, "-%m-%dT%H:%M:%SZ", &tm) > 0); /* %Y pads differently */
        cf_wall_format(cf_wall_from_s(s), 0, text);
        assert_string_equal(text + 4, wanted);
        assert_int_equal(strtol(text, NULL, 10), tm.tm_year + 1900);
        assert_int_equal(cf_wall_parse(text, &again, NULL), CF_OK);
        assert_true(cf_wall_s(again) == s);
    }
}

static void seconds_are_floored_and_conversions_saturate(void **state)
{
    (void)state;
    assert_int_equal(cf_wall_s((cf_wall){-1}), -1);
    assert_int_equal(cf_wall_s((cf_wall){999999}), 0);
    assert_int_equal(cf_wall_s((cf_wall){-1000000}), -1);
    assert_true(cf_wall_from_s(INT64_MAX).us == INT64_MAX);
    assert_true(cf_wall_from_s(INT64_MIN).us == INT64_MIN);
    assert_true(cf_mono_since((cf_mono){INT64_MAX}, (cf_mono){-1}).us == INT64_MAX);
    assert_true(cf_mono_since((cf_mono){INT64_MIN}, (cf_mono){1}).us == INT64_MIN);
    assert_int_equal(cf_mono_since((cf_mono){7}, (cf_mono){5}).us, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_parsed),
        cmocka_unit_test(what_is_no_instant_is_refused),
        cmocka_unit_test(instants_are_shown),
        cmocka_unit_test(days_agree_with_the_c_library),
        cmocka_unit_test(seconds_are_floored_and_conversions_saturate),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
