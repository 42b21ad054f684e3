/*
 * app/terminal/clock.c - see clock.h.
 */
#include "app/terminal/clock.h"

#include <string.h>

#define DAY_US (INT64_C(86400) * CF_US_PER_S)

/* Beyond any uptime: a monotonic clock that says more contradicts itself, and sums stay far from overflow. */
#define BOOT_MAX_US (INT64_C(100) * 365 * DAY_US)

static cf_wall whole_ms(int64_t us)
{
    return (cf_wall){us - us % CF_US_PER_MS};
}

static struct cf_clock_reading around(int64_t best_us, int64_t error_us, enum cf_time_quality quality)
{
    return (struct cf_clock_reading){
        .now = {.lo = {best_us - error_us}, .hi = {best_us + error_us}},
        .best = whole_ms(best_us),
        .quality = quality,
    };
}

/* A clock that contradicts what is known: time is at least `floor`, and nobody can say how much more. */
static struct cf_clock_reading in_doubt(int64_t floor_us)
{
    return (struct cf_clock_reading){
        .now = {.lo = {floor_us}, .hi = {INT64_MAX}},
        .best = whole_ms(floor_us),
        .quality = CF_TIME_UNKNOWN,
    };
}

void cf_clock_read(const struct cf_sync_state *sync, cf_wall last_record, const struct cf_env *env,
                   struct cf_clock_reading *ret)
{
    if (!sync->has_time) {
        /* Never synced: only records of our own say anything. */
        *ret = in_doubt(last_record.us);
        if (cf_env_wall(env).us > last_record.us)
            ret->best = whole_ms(cf_env_wall(env).us);
        return;
    }
    uint8_t boot[CF_BOOT_ID_BYTES];
    env->ops->boot_id(env->ctx, boot);
    if (memcmp(boot, sync->boot_id, sizeof boot) == 0) {
        int64_t passed_us = cf_mono_since(cf_env_mono(env), sync->local_mono).us;
        if (passed_us >= 0 && passed_us <= BOOT_MAX_US) {
            int64_t error_us = CF_CLOCK_SYNCED_ERROR_S * CF_US_PER_S + passed_us / 1000000 * CF_CLOCK_DRIFT_PPM;
            *ret = around(sync->centre_wall.us + passed_us, error_us, CF_TIME_SYNCED);
            return;
        }
    }
    int64_t floor_us = sync->centre_wall.us > last_record.us ? sync->centre_wall.us : last_record.us;
    int64_t error_us = CF_CLOCK_HELD_ERROR_S * CF_US_PER_S;
    int64_t offset_us = 0, best_us = 0, ahead_us = 0;
    /* Clocks may say anything, so every difference is checked. */
    bool fits = !__builtin_sub_overflow(sync->centre_wall.us, sync->local_wall.us, &offset_us) &&
                !__builtin_add_overflow(cf_env_wall(env).us, offset_us, &best_us) &&
                !__builtin_sub_overflow(best_us, floor_us, &ahead_us);
    if (fits && ahead_us >= -error_us && ahead_us <= CF_CLOCK_ALONE_MAX_DAYS * DAY_US)
        *ret = around(best_us, error_us, CF_TIME_HELD);
    else
        *ret = in_doubt(floor_us);
}
