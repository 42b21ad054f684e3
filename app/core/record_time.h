/*
 * app/core/record_time.h - when was a record of a till's log really written?
 *
 * A till's hardware clock may say anything; its monotonic clock does not. So all records of one boot share one unknown:
 * the offset from monotonic to true time. Signed time seen in the boot tells it, for the records before it too. Where
 * none was seen, what stands around the boot bounds it: the records before it, the part of the centre's log that the
 * till had, the next boot whose time is known, and the moment the centre received them. docs/time.md.
 *
 * Pure, for any numbers that a record may claim: sums stop at the ends of 64 bits. Milliseconds since 1970.
 */
#ifndef CF_CORE_RECORD_TIME_H
#define CF_CORE_RECORD_TIME_H

#include "app/core/record.h"

/* A run of records of one log with one boot id and a monotonic clock that does not fall. */
struct cf_boot_time {
    uint8_t boot_id[CF_BOOT_ID_BYTES];
    uint64_t first_seq, last_seq;
    int64_t first_mono_ms, last_mono_ms;
    bool anchored; /* signed time was seen: here is the first record that says so */
    int64_t anchor_mono_ms, anchor_wall_ms;
    /* true time - monotonic time is not below lo, nor above received; nor above hi, if a later boot's time is known */
    int64_t lo_offset_ms;
    bool has_hi;
    int64_t hi_offset_ms;
    int64_t received_offset_ms;
};

/* What else is known of the moment at which a record was written. */
struct cf_record_evidence {
    int64_t cursor_at_ms; /* it was not before this: the age of what its till had of the centre's log */
    int64_t received_ms;  /* nor after this */
};
#define CF_RECORD_TIME_NONE INT64_MIN /* no lower bound */

/* Does the record belong to this run? */
bool cf_boot_time_goes_on(const struct cf_boot_time *boot, const struct cf_record *record);
/* A run that begins with `record`, after `previous` of the same log (NULL: the first). */
void cf_boot_time_begin(struct cf_boot_time *ret, const struct cf_boot_time *previous, const struct cf_record *record,
                        const struct cf_record_evidence *evidence);
/* The next record of the run. True if it is the one that anchors it. */
bool cf_boot_time_add(struct cf_boot_time *boot, const struct cf_record *record,
                      const struct cf_record_evidence *evidence);
/* `later` is the next run of the log, anchored or itself bounded: so this one was over by then. No effect on one that
 * is anchored. True if this one is bounded now and was not before. */
bool cf_boot_time_bound(struct cf_boot_time *boot, const struct cf_boot_time *later);

struct cf_record_time {
    bool certain; /* signed time was seen in its boot */
    int64_t at_ms, lo_ms, hi_ms;
    /*
     * What uses of a right are put in order by (adjudication.h): like at_ms, but by the log alone and not by when it
     * was received, so that the order of uploads has no say. A record whose time nothing bounds comes last.
     */
    int64_t order_ms;
};
struct cf_record_time cf_record_time(const struct cf_boot_time *boot, int64_t mono_ms, int64_t wall_ms,
                                     enum cf_time_quality quality);

#endif
