/* Civil time of stores: the rules of POSIX TZ strings, held against the C library's, and what is no such string. */
#include "base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct {
    const char *text;
    const char *why;
} zones[] = {
    {"UTC0", "no offset"},
    {"CST-8", "Shanghai: east of Greenwich, no summer time"},
    {"<+0545>-5:45", "Kathmandu: a name of digits, three quarters of an hour"},
    {"CET-1CEST,M3.5.0,M10.5.0/3", "Berlin: last Sundays"},
    {"EST5EDT,M3.2.0,M11.1.0", "New York: the second and the first Sunday, at two by default"},
    {"AEST-10AEDT,M10.1.0,M4.1.0/3", "Sydney: summer over the new year"},
    {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "Lord Howe: half an hour of summer time"},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", "Dublin: its standard time is that of summer"},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "Nuuk: the turn is on the day before"},
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", "Gaza: the turn is two days after"},
};

static void offsets_are_those_of_the_c_library(void **state)
{
    (void)state;
    const char *kept = getenv("TZ");
    char *before = kept != NULL ? strdup(kept) : NULL;
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        struct cf_zone zone;
        struct cf_error err = {0};
        if (cf_zone_parse(zones[i].text, &zone, &err) != CF_OK)
            fail_msg("%s: %s", zones[i].why, err.detail);
        assert_int_equal(0, setenv("TZ", zones[i].text, 1));
        tzset();
        for (int64_t s = 1704067200; s < 1704067200 + INT64_C(3) * 366 * 86400; s += 1799) {
            time_t at = (time_t)s;
            struct tm tm;
            assert_non_null(localtime_r(&at, &tm));
            int offset = cf_zone_offset_min(&zone, cf_wall_from_s(s));
            struct cf_civil_time civil = cf_civil_at(cf_wall_from_s(s), offset);
            if (offset * 60 != tm.tm_gmtoff || civil.minute != tm.tm_hour * 60 + tm.tm_min ||
                civil.weekday % 7 != tm.tm_wday ||
                civil.date != (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday))
                fail_msg("%s at %lld: %d and %ld", zones[i].why, (long long)s, offset, tm.tm_gmtoff / 60);
        }
    }
    if (before != NULL)
        (void)setenv("TZ", before, 1);
    else
        (void)unsetenv("TZ");
    free(before);
    tzset();
}

static const char *const bad[] = {
    "",
    "Europe/Berlin",
    "CET",
    "CE-1",
    "CET-1CEST",
    "CET-1CEST,M3.5.0",
    "CET-1CEST,M3.5.0,M10.5.0/3,",
    "CET-1CEST,M13.5.0,M10.5.0",
    "CET-1CEST,M0.5.0,M10.5.0",
    "CET-1CEST,M3.6.0,M10.5.0",
    "CET-1CEST,M3.0.0,M10.5.0",
    "CET-1CEST,M3.5.7,M10.5.0",
    "CET-1CEST,J60,J300",
    "CET-1CEST,M3.5.0/168,M10.5.0",
    "CET-25",
    "CET-24",
    "CET-1:00:30",
    "CET-23:30CEST,M3.5.0,M10.5.0",
    "<+1>-1",
    "<+01-1",
    "CET-1 ",
    "CET-1CEST,M3.5.0,M10.5.0/3                                                   ",
};

static void what_is_no_zone_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cf_zone zone = {.standard_min = 77};
        struct cf_error err = {0};
        if (cf_zone_parse(bad[i], &zone, &err) != CF_E_RANGE || zone.standard_min != 77 || err.detail[0] == '\0')
            fail_msg("taken: %s", bad[i]);
    }
}

static void dates_are_counted_and_clamped(void **state)
{
    (void)state;
    int64_t days = 0;
    assert_true(cf_date_days(19700101, &days));
    assert_int_equal(0, days);
    assert_true(cf_date_days(20240229, &days));
    assert_int_equal(19782, days);
    assert_false(cf_date_days(20230229, &days));
    assert_false(cf_date_days(20231301, &days));
    assert_false(cf_date_days(20230100, &days));
    assert_false(cf_date_days(UINT32_MAX, &days));
    assert_int_equal(1439, cf_civil_at((cf_wall){INT64_MAX}, 60).minute);
    assert_int_equal(0, cf_civil_at((cf_wall){INT64_MIN}, -60).minute);
    struct cf_zone zone;
    assert_int_equal(CF_OK, cf_zone_parse("CET-1CEST,M3.5.0,M10.5.0/3", &zone, NULL));
    (void)cf_zone_offset_min(&zone, (cf_wall){INT64_MAX});
    (void)cf_zone_offset_min(&zone, (cf_wall){INT64_MIN});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_those_of_the_c_library),
        cmocka_unit_test(what_is_no_zone_is_refused),
        cmocka_unit_test(dates_are_counted_and_clamped),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
