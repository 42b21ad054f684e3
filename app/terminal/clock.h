/*
 * app/terminal/clock.h - what a till may believe about the true time.
 *
 * Signed time of the centre, seen in this boot, carried forward by the monotonic clock, is trusted. After a reboot the
 * hardware clock is believed while it is consistent with what is known: not before the last known instant, and not
 * further beyond it than a till is ever left alone. Anything else is in doubt: the lower bound stays, the upper is
 * open. Pure but for reading the clocks of env. docs/time.md.
 */
#ifndef CF_TERMINAL_CLOCK_H
#define CF_TERMINAL_CLOCK_H

#include "app/core/coupon.h"
#include "app/core/record.h"
#include "app/store/replica.h"

#define CF_CLOCK_SYNCED_ERROR_S 2
#define CF_CLOCK_DRIFT_PPM 200
#define CF_CLOCK_HELD_ERROR_S 30
#define CF_CLOCK_ALONE_MAX_DAYS 60

struct cf_clock_reading {
    struct cf_time_interval now;
    cf_wall best; /* whole milliseconds */
    enum cf_time_quality quality;
};

/* last_record: the wall time of the newest record of the journal, 0 if none: time does not run before it. */
void cf_clock_read(const struct cf_sync_state *sync, cf_wall last_record, const struct cf_env *env,
                   struct cf_clock_reading *ret);

#endif
