/*
 * app/terminal/till_start.c - the start of a till: its incarnation, and what it may do from here on.
 *
 * The mark outside of the folder first (durable), then the START record, then the mark again: cut short anywhere, the
 * next start goes on from there. Whether the journal is the one that sold last is app/core/incarnation.c's to decide; a
 * quarantine is a record, so that nothing but a new enrolment ends it.
 */
#include "app/terminal/till_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/version.h"

bool till_is_quarantined(const struct cf_till *till)
{
    return till->quarantine != CF_QUARANTINE_NONE || till->sync.fenced;
}

enum cf_quarantine_why cf_till_quarantine(const struct cf_till *till)
{
    if (till->quarantine == CF_QUARANTINE_NONE && till->sync.fenced)
        return CF_QUARANTINE_FENCED;
    return till->quarantine;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static enum cf_rc append(struct cf_till *till, enum cf_record_type type, cf_bytes body, struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_committed at;
    enum cf_rc rc = cf_journal_append(till->journal, type, body, false, &stamp, &at, err);
    if (rc == CF_OK)
        till_note_time(till, at.wall, stamp.time_quality);
    return rc;
}

static enum cf_rc append_start(struct cf_till *till, uint64_t incarnation, struct cf_error *err)
{
    struct cf_start start = {.version = CF_VERSION, .incarnation = incarnation};
    cf_buf_clear(&till->scratch);
    struct cf_journal_head head;
    enum cf_rc rc = cf_start_encode(&start, &till->scratch, err);
    if (rc == CF_OK)
        rc = append(till, CF_RECORD_START, cf_buf_bytes(&till->scratch), err);
    if (rc == CF_OK)
        rc = cf_journal_head(till->journal, &head, err);
    if (rc == CF_OK)
        till->start_seq = head.seq;
    return rc;
}

static enum cf_rc enter_quarantine(struct cf_till *till, const struct cf_quarantine *quarantine, struct cf_error *err)
{
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_quarantine_encode(quarantine, &till->scratch, err);
    if (rc == CF_OK)
        rc = append(till, CF_RECORD_QUARANTINE, cf_buf_bytes(&till->scratch), err);
    if (rc == CF_OK)
        till->quarantine = quarantine->why;
    return rc;
}

/* What the centre said of this till, into the journal, where a lost replica cannot take it away. */
static enum cf_rc note_fence(struct cf_till *till, struct cf_error *err)
{
    if (!till->sync.fenced || till->quarantine != CF_QUARANTINE_NONE)
        return CF_OK;
    struct cf_journal_standing standing;
    enum cf_rc rc = cf_journal_standing(till->journal, &standing, err);
    struct cf_quarantine fenced = {.why = CF_QUARANTINE_FENCED, .journal_incarnation = standing.incarnation};
    return rc == CF_OK ? enter_quarantine(till, &fenced, err) : rc;
}

/* --- the start ---------------------------------------------------------------------------------------------------- */

static enum cf_rc gather(struct cf_till *till, const struct cf_incarnation_store *store,
                         const struct cf_journal_standing *standing, struct cf_incarnation_facts *ret,
                         struct cf_journal_head *ret_head, struct cf_error *err)
{
    struct cf_incarnation_facts facts = {
        .terminal = till->terminal, .epoch = till->epoch, .incarnation = standing->incarnation, .holds_marked = true};
    enum cf_rc rc = cf_journal_head(till->journal, ret_head, err);
    if (rc == CF_OK)
        rc = store->ops->read(store->ctx, &facts.found, &facts.mark, err);
    if (rc == CF_OK && facts.found == CF_MARK_FOUND && facts.mark.seq > 0)
        rc = cf_journal_holds(till->journal, facts.mark.seq, &facts.mark.hash, &facts.holds_marked, err);
    if (rc != CF_OK)
        return rc;
    facts.seq = ret_head->seq;
    *ret = facts;
    return CF_OK;
}

static enum cf_rc start_in_order(struct cf_till *till, const struct cf_incarnation_store *store,
                                 const struct cf_journal_standing *standing, const struct cf_journal_head *head,
                                 uint64_t incarnation, struct cf_error *err)
{
    struct cf_incarnation_mark mark = {
        .terminal = till->terminal,
        .epoch = till->epoch,
        .incarnation = incarnation,
        .before = standing->incarnation,
        .seq = head->seq,
        .hash = head->hash,
    };
    enum cf_rc rc = store->ops->intend(store->ctx, &mark, err);
    if (rc != CF_OK)
        return rc;
    cf_journal_keep_mark(till->journal, store, &mark);
    return append_start(till, incarnation, err);
}

enum cf_rc till_start(struct cf_till *till, const struct cf_incarnation_store *store, struct cf_error *err)
{
    struct cf_journal_standing standing;
    struct cf_incarnation_facts facts;
    struct cf_journal_head head;
    uint64_t incarnation = 0;
    enum cf_rc rc = cf_journal_standing(till->journal, &standing, err);
    if (rc != CF_OK)
        return rc;
    till->quarantine = standing.quarantine;
    if (till->quarantine == CF_QUARANTINE_NONE)
        rc = gather(till, store, &standing, &facts, &head, err);
    if (rc != CF_OK)
        return rc;
    if (till->quarantine == CF_QUARANTINE_NONE) {
        enum cf_quarantine_why why = cf_incarnation_judge(&facts, &incarnation);
        if (why == CF_QUARANTINE_NONE) {
            rc = start_in_order(till, store, &standing, &head, incarnation, err);
            return rc == CF_OK ? note_fence(till, err) : rc;
        }
        struct cf_quarantine quarantine = {
            .why = why,
            .journal_incarnation = standing.incarnation,
            .mark_incarnation = facts.found == CF_MARK_FOUND ? facts.mark.incarnation : 0,
        };
        rc = enter_quarantine(till, &quarantine, err);
    }
    /* A start as any other, but nothing is counted up any more: who copies whom is not for this till to say. */
    return rc == CF_OK ? append_start(till, standing.incarnation, err) : rc;
}
