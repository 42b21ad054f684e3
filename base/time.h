/*
 * base/time.h - instants and durations as distinct types; the clock itself is in env.h.
 *
 * A wall instant can jump, a monotonic one cannot but means nothing in another boot: the types keep them apart.
 */
#ifndef CF_BASE_TIME_H
#define CF_BASE_TIME_H

#include "base/error.h"

typedef struct {
    int64_t us;
} cf_wall; /* microseconds since 1970-01-01T00:00:00Z, no leap seconds */
typedef struct {
    int64_t us;
} cf_mono; /* microseconds since an arbitrary point of this boot */
typedef struct {
    int64_t us;
} cf_duration; /* microseconds */

#define CF_US_PER_S INT64_C(1000000)
#define CF_US_PER_MS INT64_C(1000)

/* Both saturate: the times of a record from outside may be anything. */
static inline cf_duration cf_mono_since(cf_mono later, cf_mono earlier)
{
    int64_t us;
    if (__builtin_sub_overflow(later.us, earlier.us, &us))
        us = later.us < earlier.us ? INT64_MIN : INT64_MAX;
    return (cf_duration){us};
}
static inline int64_t cf_wall_s(cf_wall wall)
{
    return wall.us / CF_US_PER_S - (wall.us % CF_US_PER_S < 0);
}
static inline cf_wall cf_wall_from_s(int64_t s)
{
    int64_t us;
    if (__builtin_mul_overflow(s, CF_US_PER_S, &us))
        us = s < 0 ? INT64_MIN : INT64_MAX;
    return (cf_wall){us};
}

#define CF_WALL_TEXT_MAX 40
/* "2026-11-22T07:05:09Z"; with an offset in minutes east of UTC: "2026-11-22T15:05:09+08:00". RFC 3339. Years outside
 * 0000..9999 are clamped. The offset lies within a day (asserted). */
void cf_wall_format(cf_wall wall, int utc_offset_min, char text[CF_WALL_TEXT_MAX]);
/* RFC 3339 date-time, or a date alone (midnight UTC). CF_E_RANGE, also for a leap second. */
enum cf_rc cf_wall_parse(const char *text, cf_wall *ret, struct cf_error *err) CF_MUST_CHECK;
/* The civil date at that offset as year * 10000 + month * 100 + day, e.g. 20261122: a business day. */
uint32_t cf_wall_date(cf_wall wall, int utc_offset_min);

#endif
