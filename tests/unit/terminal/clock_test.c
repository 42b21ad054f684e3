/*
 * tests/unit/terminal/clock_test.c - what a till believes of the time: synced, rebooted, set back, set forward.
 */
#include "app/terminal/clock.h"

#include <string.h>

#include "tests/unit/terminal/terminal_cmocka.h"

#define S CF_US_PER_S
#define DAY (INT64_C(86400) * S)
#define YEAR (365 * DAY)
#define CENTRE (INT64_C(1795334400) * S) /* 2026-11-22T08:00:00Z */

struct world {
    int64_t wall_us, mono_us;
    uint8_t boot;
};

static cf_wall wall_now(void *ctx)
{
    return (cf_wall){((const struct world *)ctx)->wall_us};
}

static cf_mono mono_now(void *ctx)
{
    return (cf_mono){((const struct world *)ctx)->mono_us};
}

static void boot_id(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    memset(ret_id, ((const struct world *)ctx)->boot, CF_BOOT_ID_BYTES);
}

static const struct cf_env_ops ops = {.wall_now = wall_now, .mono_now = mono_now, .boot_id = boot_id};

/* The centre's time was heard when our wall clock was `off_us` ahead, 100 s after the boot number 1. */
static struct cf_sync_state heard(int64_t off_us)
{
    struct cf_sync_state sync = {
        .has_time = true, .centre_wall = {CENTRE}, .local_wall = {CENTRE + off_us}, .local_mono = {100 * S}};
    memset(sync.boot_id, 1, sizeof sync.boot_id);
    return sync;
}

struct row {
    const char *why;
    int64_t off_us;  /* of our wall clock, when the centre was heard */
    int64_t last_us; /* newest record, since the centre's time; INT64_MIN: none */
    uint8_t boot;    /* 1: the same as then */
    int64_t wall_us; /* ours now, since the centre's time */
    int64_t mono_us; /* now */
    enum cf_time_quality quality;
    int64_t best_us;  /* since the centre's time */
    int64_t error_us; /* lo = best - error; -1: hi is open */
};

static const struct row rows[] = {
    {"just synced", 0, INT64_MIN, 1, 0, 100 * S, CF_TIME_SYNCED, 0, 2 * S},
    {"an hour later", 0, INT64_MIN, 1, 3600 * S, 3700 * S, CF_TIME_SYNCED, 3600 * S, 2 * S + 720000},
    {"the wall clock is set back 10 years: the monotonic one goes on", 0, 0, 1, -10 * YEAR, 160 * S, CF_TIME_SYNCED,
     60 * S, 2 * S + 12000},
    {"the wall clock is set forward 70 years", 0, 0, 1, 70 * YEAR, 160 * S, CF_TIME_SYNCED, 60 * S, 2 * S + 12000},
    {"our clock was wrong by years all along", -10 * YEAR, INT64_MIN, 1, -10 * YEAR, 110 * S, CF_TIME_SYNCED, 10 * S,
     2 * S + 2000},
    {"a record of ours that is beyond the signed time does not bend it", 0, DAY, 1, 0, 100 * S, CF_TIME_SYNCED, 0,
     2 * S},
    {"rebooted, the hardware clock went on", 0, 60 * S, 2, 3600 * S, 5 * S, CF_TIME_HELD, 3600 * S, 30 * S},
    {"rebooted, with the offset that was known", 7 * S, 60 * S, 2, 3607 * S, 5 * S, CF_TIME_HELD, 3600 * S, 30 * S},
    {"rebooted, years off as before: the offset is known", -10 * YEAR, 60 * S, 2, 3600 * S - 10 * YEAR, 5 * S,
     CF_TIME_HELD, 3600 * S, 30 * S},
    {"rebooted, a little before the last record", 0, 60 * S, 2, 40 * S, 5 * S, CF_TIME_HELD, 40 * S, 30 * S},
    {"rebooted, 31 s before the last record", 0, 60 * S, 2, 29 * S, 5 * S, CF_TIME_UNKNOWN, 60 * S, -1},
    {"rebooted, the clock lost its battery: back 10 years", 0, 60 * S, 2, -10 * YEAR, 5 * S, CF_TIME_UNKNOWN, 60 * S,
     -1},
    {"rebooted, forward 70 years", 0, 60 * S, 2, 70 * YEAR, 5 * S, CF_TIME_UNKNOWN, 60 * S, -1},
    {"rebooted, alone for 60 days", 0, INT64_MIN, 2, 60 * DAY, 5 * S, CF_TIME_HELD, 60 * DAY, 30 * S},
    {"rebooted, alone for longer than a till ever is", 0, INT64_MIN, 2, 60 * DAY + S, 5 * S, CF_TIME_UNKNOWN, 0, -1},
    {"rebooted, but it has sold all the while", 0, 50 * DAY, 2, 100 * DAY, 5 * S, CF_TIME_HELD, 100 * DAY, 30 * S},
    {"the same boot id with a monotonic clock that ran backwards is not believed", 0, 0, 1, -YEAR, 50 * S,
     CF_TIME_UNKNOWN, 0, -1},
};

static void the_clock_believes_what_is_consistent(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct world world = {.wall_us = CENTRE + row->wall_us, .mono_us = row->mono_us, .boot = row->boot};
        struct cf_env env = {.ops = &ops, .ctx = &world};
        struct cf_sync_state sync = heard(row->off_us);
        struct cf_clock_reading reading;
        cf_wall last = {row->last_us == INT64_MIN ? 0 : CENTRE + row->last_us};
        cf_clock_read(&sync, last, &env, &reading);
        int64_t lo_us = row->best_us - (row->error_us < 0 ? 0 : row->error_us);
        int64_t hi_us = row->error_us < 0 ? INT64_MAX - CENTRE : row->best_us + row->error_us;
        if (reading.quality != row->quality || reading.best.us != CENTRE + row->best_us ||
            reading.now.lo.us != CENTRE + lo_us || reading.now.hi.us != CENTRE + hi_us)
            fail_msg("%s: quality %d, best %lld us, lo %lld us", row->why, (int)reading.quality,
                     (long long)(reading.best.us - CENTRE), (long long)(reading.now.lo.us - CENTRE));
    }
}

static void a_till_that_never_heard_the_centre_knows_only_its_records(void **state)
{
    (void)state;
    struct world world = {.wall_us = CENTRE, .mono_us = 5 * S, .boot = 1};
    struct cf_env env = {.ops = &ops, .ctx = &world};
    struct cf_sync_state sync = {.has_time = false};
    struct cf_clock_reading reading;
    cf_clock_read(&sync, (cf_wall){CENTRE - DAY}, &env, &reading);
    assert_int_equal(reading.quality, CF_TIME_UNKNOWN);
    assert_true(reading.now.lo.us == CENTRE - DAY && reading.now.hi.us == INT64_MAX);
    assert_true(reading.best.us == CENTRE); /* something has to stand on the receipt */
    world.wall_us = CENTRE - YEAR;
    cf_clock_read(&sync, (cf_wall){CENTRE - DAY}, &env, &reading);
    assert_true(reading.best.us == CENTRE - DAY); /* never before a record of ours */
}

static void the_best_guess_is_in_whole_milliseconds(void **state)
{
    (void)state;
    struct world world = {.wall_us = CENTRE, .mono_us = 100 * S + 1999, .boot = 1};
    struct cf_env env = {.ops = &ops, .ctx = &world};
    struct cf_sync_state sync = heard(0);
    struct cf_clock_reading reading;
    cf_clock_read(&sync, (cf_wall){0}, &env, &reading);
    assert_true(reading.best.us == CENTRE + 1000);
}

/* Whatever the clocks say, nothing overflows and the interval is one. */
static void absurd_clocks_are_survived(void **state)
{
    (void)state;
    static const int64_t absurd[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, CENTRE, INT64_MAX - 1, INT64_MAX};
    const size_t n = sizeof absurd / sizeof *absurd;
    for (size_t i = 0; i < n * n * n * 2; i++) {
        struct world world = {
            .wall_us = absurd[i % n], .mono_us = absurd[i / n % n], .boot = (uint8_t)(1 + i / (n * n * n))};
        struct cf_env env = {.ops = &ops, .ctx = &world};
        struct cf_sync_state sync = heard(0);
        struct cf_clock_reading reading;
        sync.local_wall.us = absurd[i / (n * n) % n];
        sync.local_mono.us = absurd[(i + 3) % n];
        cf_clock_read(&sync, (cf_wall){CENTRE}, &env, &reading);
        assert_true(reading.now.lo.us <= reading.now.hi.us);
        assert_true(reading.now.lo.us >= CENTRE - 2 * CF_CLOCK_HELD_ERROR_S * S);
        assert_true(reading.best.us % CF_US_PER_MS == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_believes_what_is_consistent),
        cmocka_unit_test(a_till_that_never_heard_the_centre_knows_only_its_records),
        cmocka_unit_test(the_best_guess_is_in_whole_milliseconds),
        cmocka_unit_test(absurd_clocks_are_survived),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
