/*
 * app/terminal/till_forget.c - the till forgets whom it was told to forget, and baskets beyond the return window.
 *
 * Before anything of the till's next record is stamped: so a record whose down cursor is at or behind an erasure tells
 * the centre that this till has carried it out.
 */
#include "app/terminal/till_internal.h"

#include "app/core/erasure.h"

static enum cf_rc take_mark(void *ctx, const struct cf_erase_mark *mark, struct cf_error *err)
{
    return cf_erase_marks_add(ctx, mark, err);
}

enum cf_rc till_forget(struct cf_till *till, struct cf_error *err)
{
    struct cf_erase_marks marks = {.n = 0};
    uint64_t n = 0;
    int64_t days = till->return_window_days > 0 ? till->return_window_days : till->rules.return_window_days;
    struct cf_clock_reading clock = cf_till_clock(till);
    /* By the earliest that it can be: a clock that runs ahead seals nothing too soon. */
    struct cf_journal_forget what = {.acknowledged_seq = till->sync.acknowledged_seq};
    if (clock.quality != CF_TIME_UNKNOWN) {
        what.now = clock.now.lo;
        what.sealed_before.us = clock.now.lo.us - days * 86400 * CF_US_PER_S;
    }
    enum cf_rc rc = cf_replica_erasures(till->replica, take_mark, &marks, err);
    what.marks = marks.at;
    what.n_marks = marks.n;
    if (rc == CF_OK)
        rc = cf_journal_forget(till->journal, &what, &n, err);
    cf_erase_marks_done(&marks);
    return rc;
}
