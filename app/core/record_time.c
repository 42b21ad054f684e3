/*
 * app/core/record_time.c - see record_time.h.
 */
#include "app/core/record_time.h"

#include <string.h>

/* As a till reckons (app/terminal/clock.h), and a minute in which the centre's own clock may have been set right. */
#define SIGNED_ERROR_MS 2000
#define DRIFT_PART 5000 /* 200 ppm */
#define CLAIM_SLACK_MS 60000

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return a < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

static int64_t minus(int64_t a, int64_t b)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference))
        return a < 0 ? INT64_MIN : INT64_MAX;
    return difference;
}

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How far the monotonic clock may have gone wrong between two readings. */
static int64_t drift(int64_t a_mono_ms, int64_t b_mono_ms)
{
    return (a_mono_ms > b_mono_ms ? minus(a_mono_ms, b_mono_ms) : minus(b_mono_ms, a_mono_ms)) / DRIFT_PART;
}

/* A till that says to have the signed time is believed unless it cannot be: before it had what its cursor says, or
 * after it was received. */
static bool is_believed(const struct cf_boot_time *boot, int64_t mono_ms, int64_t wall_ms, enum cf_time_quality quality)
{
    int64_t slack = plus(CLAIM_SLACK_MS, drift(boot->first_mono_ms, mono_ms));
    int64_t lo = boot->lo_offset_ms == CF_RECORD_TIME_NONE ? INT64_MIN : plus(boot->lo_offset_ms, mono_ms);
    return quality == CF_TIME_SYNCED && wall_ms >= minus(lo, slack) &&
           wall_ms <= plus(plus(boot->received_offset_ms, mono_ms), slack);
}

/* --- a run of records --------------------------------------------------------------------------------------------- */

bool cf_boot_time_goes_on(const struct cf_boot_time *boot, const struct cf_record *record)
{
    return memcmp(boot->boot_id, record->boot_id, CF_BOOT_ID_BYTES) == 0 && record->mono_ms >= boot->last_mono_ms;
}

bool cf_boot_time_add(struct cf_boot_time *boot, const struct cf_record *record,
                      const struct cf_record_evidence *evidence)
{
    boot->last_seq = record->seq;
    boot->last_mono_ms = record->mono_ms;
    if (evidence->cursor_at_ms != CF_RECORD_TIME_NONE)
        boot->lo_offset_ms = later_of(boot->lo_offset_ms, minus(evidence->cursor_at_ms, record->mono_ms));
    boot->received_offset_ms = earlier_of(boot->received_offset_ms, minus(evidence->received_ms, record->mono_ms));
    if (boot->anchored || !is_believed(boot, record->mono_ms, record->wall_ms, record->time_quality))
        return false;
    boot->anchored = true;
    boot->anchor_mono_ms = record->mono_ms;
    boot->anchor_wall_ms = record->wall_ms;
    return true;
}

/* The earliest that the last record of a run can have been written. */
static int64_t earliest_end(const struct cf_boot_time *boot)
{
    if (!boot->anchored)
        return boot->lo_offset_ms == CF_RECORD_TIME_NONE ? CF_RECORD_TIME_NONE
                                                         : plus(boot->lo_offset_ms, boot->last_mono_ms);
    int64_t slack = plus(SIGNED_ERROR_MS, drift(boot->anchor_mono_ms, boot->last_mono_ms));
    return minus(plus(boot->anchor_wall_ms, minus(boot->last_mono_ms, boot->anchor_mono_ms)), slack);
}

void cf_boot_time_begin(struct cf_boot_time *ret, const struct cf_boot_time *previous, const struct cf_record *record,
                        const struct cf_record_evidence *evidence)
{
    int64_t since = previous == NULL ? CF_RECORD_TIME_NONE : earliest_end(previous);
    struct cf_boot_time boot = {.first_seq = record->seq, .first_mono_ms = record->mono_ms};
    memcpy(boot.boot_id, record->boot_id, CF_BOOT_ID_BYTES);
    boot.lo_offset_ms = since == CF_RECORD_TIME_NONE ? CF_RECORD_TIME_NONE : minus(since, record->mono_ms);
    boot.received_offset_ms = INT64_MAX;
    (void)cf_boot_time_add(&boot, record, evidence);
    *ret = boot;
}

bool cf_boot_time_bound(struct cf_boot_time *boot, const struct cf_boot_time *later)
{
    if (boot->anchored || boot->has_hi || !(later->anchored || later->has_hi))
        return false;
    int64_t begins = later->anchored
                         ? plus(plus(later->anchor_wall_ms, minus(later->first_mono_ms, later->anchor_mono_ms)),
                                plus(SIGNED_ERROR_MS, drift(later->first_mono_ms, later->anchor_mono_ms)))
                         : plus(later->hi_offset_ms, later->first_mono_ms);
    boot->has_hi = true;
    boot->hi_offset_ms = minus(begins, boot->last_mono_ms);
    return true;
}

/* --- one record --------------------------------------------------------------------------------------------------- */

static struct cf_record_time around(int64_t at_ms, int64_t error_ms)
{
    return (struct cf_record_time){.certain = true,
                                   .at_ms = at_ms,
                                   .lo_ms = minus(at_ms, error_ms),
                                   .hi_ms = plus(at_ms, error_ms),
                                   .order_ms = at_ms};
}

struct cf_record_time cf_record_time(const struct cf_boot_time *boot, int64_t mono_ms, int64_t wall_ms,
                                     enum cf_time_quality quality)
{
    int64_t error = plus(SIGNED_ERROR_MS, drift(mono_ms, boot->anchor_mono_ms));
    if (boot->anchored && is_believed(boot, mono_ms, wall_ms, quality))
        return around(wall_ms, error);
    if (boot->anchored)
        return around(plus(boot->anchor_wall_ms, minus(mono_ms, boot->anchor_mono_ms)), error);
    int64_t wrong = drift(boot->first_mono_ms, boot->last_mono_ms);
    int64_t lo =
        boot->lo_offset_ms == CF_RECORD_TIME_NONE ? INT64_MIN : minus(plus(boot->lo_offset_ms, mono_ms), wrong);
    int64_t hi = boot->has_hi ? plus(plus(boot->hi_offset_ms, mono_ms), wrong) : INT64_MAX;
    int64_t received = plus(plus(boot->received_offset_ms, mono_ms), wrong);
    struct cf_record_time time = {.lo_ms = lo, .hi_ms = later_of(lo, earlier_of(hi, received))};
    /* A clock that was right once says more than the ends of what is possible; one that never was says nothing. */
    time.order_ms = quality == CF_TIME_HELD ? earlier_of(later_of(wall_ms, lo), hi) : hi;
    time.at_ms = earlier_of(later_of(time.order_ms, time.lo_ms), time.hi_ms);
    return time;
}
