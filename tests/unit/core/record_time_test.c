/*
 * tests/unit/core/record_time_test.c - when a record was written, whatever the till's clock said; and who was first.
 */
#include "app/core/adjudication.h"
#include "app/core/record_time.h"

#include <string.h>

#include "tests/unit/core/core_cmocka.h"

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define NOON INT64_C(1795000000000) /* when this till's first boot begins, in truth */
#define RECEIVED (NOON + 40 * DAY)

/* A log under construction: each record is added with what its till believed of the time. */
struct log {
    size_t n;
    struct cf_boot_time boot[8];
    uint64_t seq;
};

static struct cf_record record_at(uint8_t boot, int64_t mono_ms, int64_t wall_ms, enum cf_time_quality quality)
{
    struct cf_record record = {.mono_ms = mono_ms, .wall_ms = wall_ms, .time_quality = quality};
    memset(record.boot_id, boot, sizeof record.boot_id);
    return record;
}

static bool add(struct log *log, uint8_t boot, int64_t mono_ms, int64_t wall_ms, enum cf_time_quality quality,
                int64_t cursor_at_ms)
{
    struct cf_record record = record_at(boot, mono_ms, wall_ms, quality);
    const struct cf_record_evidence evidence = {cursor_at_ms, RECEIVED};
    struct cf_boot_time *last = log->n > 0 ? &log->boot[log->n - 1] : NULL;
    record.seq = ++log->seq;
    if (last != NULL && cf_boot_time_goes_on(last, &record))
        return cf_boot_time_add(last, &record, &evidence);
    cf_boot_time_begin(&log->boot[log->n++], last, &record, &evidence);
    return log->boot[log->n - 1].anchored;
}

static void close_log(struct log *log)
{
    for (size_t i = log->n; i-- > 1;)
        (void)cf_boot_time_bound(&log->boot[i - 1], &log->boot[i]);
}

static void assert_near(int64_t a, int64_t b, int64_t error)
{
    if (a < b - error || a > b + error)
        fail_msg("%lld is %lld ms from %lld", (long long)a, (long long)(a - b), (long long)b);
}

/* --- boots in which signed time was seen -------------------------------------------------------------------------- */

static void signed_time_dates_what_was_written_before_it_in_the_same_boot(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int64_t clock_error_ms;
        enum cf_time_quality quality;
    } rows[] = {
        {"ten years ahead", 10 * YEAR, CF_TIME_UNKNOWN},
        {"ten years behind", -10 * YEAR, CF_TIME_UNKNOWN},
        {"back to 1970 at each boot", -NOON, CF_TIME_UNKNOWN},
        {"held, and half a minute off", 30 * SECOND, CF_TIME_HELD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct log log = {.n = 0};
        assert_false(add(&log, 1, 5 * SECOND, NOON + rows[i].clock_error_ms, rows[i].quality, CF_RECORD_TIME_NONE));
        assert_true(add(&log, 1, 5 * SECOND + 2 * HOUR, NOON + 2 * HOUR, CF_TIME_SYNCED, CF_RECORD_TIME_NONE));
        struct cf_record_time time =
            cf_record_time(&log.boot[0], 5 * SECOND, NOON + rows[i].clock_error_ms, rows[i].quality);
        assert_int_equal(log.n, 1);
        assert_true(time.certain);
        assert_int_equal(time.at_ms, NOON);
        assert_int_equal(time.order_ms, NOON);
        assert_true(time.lo_ms >= NOON - 5 * SECOND && time.hi_ms <= NOON + 5 * SECOND);
        assert_true(time.lo_ms < NOON && time.hi_ms > NOON);
    }
}

static void a_record_with_signed_time_keeps_its_own(void **state)
{
    (void)state;
    struct log log = {.n = 0};
    (void)add(&log, 1, 0, NOON, CF_TIME_SYNCED, CF_RECORD_TIME_NONE);
    /* Ten days on: the monotonic clock has lost a minute, which the till has heard since. */
    (void)add(&log, 1, 10 * DAY - 60 * SECOND, NOON + 10 * DAY, CF_TIME_SYNCED, CF_RECORD_TIME_NONE);
    assert_int_equal(cf_record_time(&log.boot[0], 10 * DAY - 60 * SECOND, NOON + 10 * DAY, CF_TIME_SYNCED).at_ms,
                     NOON + 10 * DAY);
}

static void a_till_that_claims_signed_time_is_not_believed_against_the_evidence(void **state)
{
    (void)state;
    struct log log = {.n = 0};
    /* Later than it was received; earlier than the part of our log that it had. */
    assert_false(add(&log, 1, 0, RECEIVED + DAY, CF_TIME_SYNCED, NOON));
    assert_false(add(&log, 1, HOUR, NOON - DAY, CF_TIME_SYNCED, NOON));
    struct cf_record_time time = cf_record_time(&log.boot[0], HOUR, NOON - DAY, CF_TIME_SYNCED);
    assert_false(time.certain);
    assert_true(time.lo_ms >= NOON - HOUR && time.hi_ms <= RECEIVED + HOUR);
    assert_true(add(&log, 1, 2 * HOUR, NOON + 2 * HOUR, CF_TIME_SYNCED, NOON));
    assert_near(cf_record_time(&log.boot[0], HOUR, NOON - DAY, CF_TIME_SYNCED).at_ms, NOON + HOUR, 0);
}

/* --- boots in which it was not ------------------------------------------------------------------------------------ */

static void what_stands_around_a_boot_bounds_it(void **state)
{
    (void)state;
    struct log log = {.n = 0};
    (void)add(&log, 1, 0, NOON, CF_TIME_SYNCED, CF_RECORD_TIME_NONE);
    (void)add(&log, 2, 7 * SECOND, 0, CF_TIME_UNKNOWN, CF_RECORD_TIME_NONE);
    (void)add(&log, 2, 7 * SECOND + 3 * HOUR, 3 * HOUR, CF_TIME_UNKNOWN, CF_RECORD_TIME_NONE);
    (void)add(&log, 3, 9 * SECOND, 0, CF_TIME_UNKNOWN, CF_RECORD_TIME_NONE);
    struct cf_record_time before = cf_record_time(&log.boot[1], 7 * SECOND, 0, CF_TIME_UNKNOWN);
    assert_int_equal(before.order_ms, INT64_MAX); /* nothing in the log bounds it yet: it yields to all that is known */
    assert_true(before.hi_ms <= RECEIVED + 10 * SECOND);
    (void)add(&log, 4, 0, NOON + 2 * DAY, CF_TIME_SYNCED, CF_RECORD_TIME_NONE);
    close_log(&log);
    struct cf_record_time first = cf_record_time(&log.boot[1], 7 * SECOND, 0, CF_TIME_UNKNOWN);
    assert_false(first.certain);
    assert_near(first.lo_ms, NOON, 10 * SECOND);
    assert_near(first.hi_ms, NOON + 2 * DAY - 3 * HOUR, 20 * SECOND); /* three hours of its own boot came after it */
    struct cf_record_time last = cf_record_time(&log.boot[1], 7 * SECOND + 3 * HOUR, 3 * HOUR, CF_TIME_UNKNOWN);
    assert_near(last.lo_ms, NOON + 3 * HOUR, 10 * SECOND);
    assert_near(last.hi_ms, NOON + 2 * DAY, 20 * SECOND);
    struct cf_record_time next = cf_record_time(&log.boot[2], 9 * SECOND, 0, CF_TIME_UNKNOWN);
    assert_near(next.lo_ms, NOON + 3 * HOUR, 10 * SECOND);
    assert_near(next.hi_ms, NOON + 2 * DAY, 20 * SECOND);
}

static void a_clock_that_was_right_once_is_asked_between_the_bounds(void **state)
{
    (void)state;
    struct log log = {.n = 0};
    (void)add(&log, 1, 0, NOON, CF_TIME_SYNCED, CF_RECORD_TIME_NONE);
    (void)add(&log, 2, 0, NOON + HOUR, CF_TIME_HELD, CF_RECORD_TIME_NONE);
    (void)add(&log, 3, 0, NOON + DAY, CF_TIME_SYNCED, CF_RECORD_TIME_NONE);
    close_log(&log);
    assert_int_equal(cf_record_time(&log.boot[1], 0, NOON + HOUR, CF_TIME_HELD).order_ms, NOON + HOUR);
    assert_near(cf_record_time(&log.boot[1], 0, NOON - 10 * YEAR, CF_TIME_HELD).order_ms, NOON, 3 * SECOND);
    assert_near(cf_record_time(&log.boot[1], 0, NOON + 10 * YEAR, CF_TIME_HELD).order_ms, NOON + DAY, 3 * SECOND);
}

static void a_monotonic_clock_that_falls_is_another_boot(void **state)
{
    (void)state;
    struct log log = {.n = 0};
    (void)add(&log, 1, HOUR, NOON, CF_TIME_SYNCED, CF_RECORD_TIME_NONE);
    (void)add(&log, 1, HOUR - 1, 0, CF_TIME_UNKNOWN, CF_RECORD_TIME_NONE);
    assert_int_equal(log.n, 2);
    assert_false(log.boot[1].anchored);
}

static void any_numbers_give_an_interval(void **state)
{
    (void)state;
    static const int64_t numbers[] = {INT64_MIN, INT64_MIN + 1, -YEAR, -1, 0, 1, NOON, INT64_MAX - 1, INT64_MAX};
    const size_t n = sizeof numbers / sizeof *numbers;
    for (size_t i = 0; i < n * n * n * 3; i++) {
        struct log log = {.n = 0};
        int64_t mono = numbers[i % n], wall = numbers[i / n % n], cursor = numbers[i / n / n % n];
        enum cf_time_quality quality = (enum cf_time_quality)(i % 3);
        (void)add(&log, 1, numbers[(i + 1) % n], numbers[(i + 2) % n], quality, cursor);
        (void)add(&log, 2, mono, wall, quality, cursor);
        (void)add(&log, 3, wall, mono, CF_TIME_SYNCED, CF_RECORD_TIME_NONE);
        close_log(&log);
        struct cf_record_time time = cf_record_time(&log.boot[1], mono, wall, quality);
        assert_true(time.lo_ms <= time.hi_ms);
        assert_true(time.lo_ms <= time.at_ms && time.at_ms <= time.hi_ms);
    }
}

/* The truth is inside the interval of every record of a till that is honest about what it knows. */
static void the_truth_is_in_the_interval(void **state)
{
    (void)state;
    uint64_t chance = 88172645463325252u;
    for (unsigned round = 0; round < 500; round++) {
        struct log log = {.n = 0};
        struct {
            int64_t mono_ms, wall_ms, true_ms;
            enum cf_time_quality quality;
            size_t boot;
        } written[24];
        int64_t now = NOON, mono = 0, cursor_at = CF_RECORD_TIME_NONE;
        uint8_t boot = 1;
        bool synced = false, ever = false;
        for (size_t i = 0; i < 24; i++) {
            chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
            int64_t step = (int64_t)(chance % 20) * HOUR + (int64_t)(chance >> 32) % 5000;
            now += step;
            mono += step + step / 10000; /* 100 ppm fast */
            if (chance >> 8 & 1 && log.n < 7) {
                boot++, mono = (int64_t)(chance >> 40) % HOUR, synced = false;
            } else if (chance >> 9 & 1) {
                synced = ever = true, cursor_at = now;
            }
            written[i].quality = synced ? CF_TIME_SYNCED : ever ? CF_TIME_HELD : CF_TIME_UNKNOWN;
            written[i].wall_ms = synced ? now + (int64_t)(chance >> 20) % SECOND
                                 : ever ? now + (int64_t)(chance >> 20) % (20 * SECOND)
                                        : (int64_t)(chance >> 16);
            written[i].mono_ms = mono;
            written[i].true_ms = now;
            (void)add(&log, boot, mono, written[i].wall_ms, written[i].quality, cursor_at);
            written[i].boot = log.n - 1;
        }
        close_log(&log);
        for (size_t i = 0; i < 24; i++) {
            struct cf_record_time time =
                cf_record_time(&log.boot[written[i].boot], written[i].mono_ms, written[i].wall_ms, written[i].quality);
            if (written[i].true_ms < time.lo_ms || written[i].true_ms > time.hi_ms)
                fail_msg("round %u, record %zu: %lld is not in [%lld, %lld]", round, i, (long long)written[i].true_ms,
                         (long long)time.lo_ms, (long long)time.hi_ms);
            if (time.certain)
                assert_near(time.at_ms, written[i].true_ms, 120 * SECOND);
        }
    }
}

/* --- who was first ------------------------------------------------------------------------------------------------ */

static void the_first_is_by_time_and_then_by_numbers_nobody_chose(void **state)
{
    (void)state;
    const struct cf_use_rank base = {.at_ms = NOON, .place = 5, .epoch = 2, .seq = 7, .n = 1};
    struct cf_use_rank rows[8];
    for (size_t i = 0; i < 8; i++)
        rows[i] = base;
    rows[0].at_ms--, rows[0].place = 9, rows[0].seq = 99; /* the time alone decides */
    rows[1].place--, rows[1].epoch = 9;
    rows[2].epoch--, rows[2].seq = 99;
    rows[3].seq--, rows[3].n = 5;
    rows[4].n--;
    rows[6].request_key[15] = 1;
    rows[7].at_ms = INT64_MAX, rows[7].place = 1;
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++) {
            int order = cf_use_compare(&rows[i], &rows[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_time_dates_what_was_written_before_it_in_the_same_boot),
        cmocka_unit_test(a_record_with_signed_time_keeps_its_own),
        cmocka_unit_test(a_till_that_claims_signed_time_is_not_believed_against_the_evidence),
        cmocka_unit_test(what_stands_around_a_boot_bounds_it),
        cmocka_unit_test(a_clock_that_was_right_once_is_asked_between_the_bounds),
        cmocka_unit_test(a_monotonic_clock_that_falls_is_another_boot),
        cmocka_unit_test(any_numbers_give_an_interval),
        cmocka_unit_test(the_truth_is_in_the_interval),
        cmocka_unit_test(the_first_is_by_time_and_then_by_numbers_nobody_chose),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
