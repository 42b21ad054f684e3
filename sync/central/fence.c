/*
 * sync/central/fence.c - see fence.h.
 */
#include "sync/central/fence.h"

#include "app/core/incarnation.h"

#include <stdio.h>

#include "base/plant.h"

enum cf_rc cf_fence(struct cf_central *central, struct cf_log *log, uint64_t record, enum cf_rc what, const char *text,
                    struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (log->state == CF_LOG_ACTIVE && !CF_PLANTED(fork_not_fenced)) {
        rc = cf_ledger_strand(central, log, err);
        if (rc == CF_OK) {
            rc = cf_store_run(central->store, CF_Q_LOG_SET_STATE,
                              CF_ARGS(cf_v_int((int64_t)log->id), cf_v_int(CF_LOG_FORKED)), err);
        }
        if (rc == CF_OK) {
            log->state = CF_LOG_FORKED;
        }
    }
    return rc == CF_OK ? cf_central_alarm(central, record, what, text, err) : rc;
}

/* --- incarnations ------------------------------------------------------------------------------------------------- */

enum cf_incarnation_verdict cf_fence_judge_incarnation(const struct cf_batch *batch, uint64_t known)
{
    if (batch->incarnation >= known) {
        return CF_INCARNATION_IN_ORDER;
    }
    return batch->told > batch->incarnation ? CF_INCARNATION_RESTORED : CF_INCARNATION_LATE;
}

enum cf_rc cf_fence_known_incarnation(struct cf_central *central, const struct cf_log *log, uint64_t *ret,
                                      struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_LOG_INCARNATION, CF_ARGS(cf_v_int((int64_t)log->id)), row, &found, err);
    if (rc == CF_OK) {
        *ret = found ? (uint64_t)row[0].i : 0;
    }
    return rc;
}

enum cf_rc cf_fence_by_batch(struct cf_central *central, struct cf_log *log, const struct cf_batch *batch,
                             struct cf_error *err)
{
    uint64_t known = 0;
    char text[160];
    enum cf_rc rc = cf_fence_known_incarnation(central, log, &known, err);
    if (rc != CF_OK) {
        return rc;
    }
    switch (cf_fence_judge_incarnation(batch, known)) {
    case CF_INCARNATION_IN_ORDER:
        if (batch->incarnation == known) {
            return CF_OK;
        }
        return cf_store_run(central->store, CF_Q_LOG_INCARNATION_SET,
                            CF_ARGS(cf_v_int((int64_t)log->id), cf_v_int((int64_t)batch->incarnation), cf_v_int(0)),
                            err);
    case CF_INCARNATION_LATE:
        return CF_OK;
    case CF_INCARNATION_RESTORED:
        break;
    }
    if (log->state != CF_LOG_ACTIVE) {
        return CF_OK;
    }
    (void)snprintf(text, sizeof text, "terminal %lu, epoch %lu speaks as start %llu after start %llu: set apart",
                   (unsigned long)log->terminal, (unsigned long)log->epoch, (unsigned long long)batch->incarnation,
                   (unsigned long long)known);
    return cf_fence(central, log, 0, CF_E_INCARNATION, text, err);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* Within one chain each start has a number of its own, above those before. */
static enum cf_rc take_start(struct cf_central *central, struct cf_log *log, uint64_t id, const struct cf_start *start,
                             struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    char text[160];
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_LOG_INCARNATION, CF_ARGS(cf_v_int((int64_t)log->id)), row, &found, err);
    if (rc != CF_OK || !found) {
        return rc;
    }
    if (start->incarnation > (uint64_t)row[1].i) {
        return cf_store_run(central->store, CF_Q_LOG_INCARNATION_SET,
                            CF_ARGS(cf_v_int((int64_t)log->id), cf_v_int(0), cf_v_int((int64_t)start->incarnation)),
                            err);
    }
    if (log->state != CF_LOG_ACTIVE) { /* in quarantine nothing is counted up any more */
        return CF_OK;
    }
    (void)snprintf(text, sizeof text, "terminal %lu, epoch %lu began its start %llu again: set apart",
                   (unsigned long)log->terminal, (unsigned long)log->epoch, (unsigned long long)start->incarnation);
    return cf_fence(central, log, id, CF_E_INCARNATION, text, err);
}

static enum cf_rc take_quarantine(struct cf_central *central, struct cf_log *log, uint64_t id,
                                  const struct cf_quarantine *quarantine, struct cf_error *err)
{
    char text[200];
    (void)snprintf(text, sizeof text,
                   "terminal %lu, epoch %lu is in quarantine since %s (its start %llu, the mark's %llu): set apart",
                   (unsigned long)log->terminal, (unsigned long)log->epoch, cf_quarantine_text(quarantine->why),
                   (unsigned long long)quarantine->journal_incarnation,
                   (unsigned long long)quarantine->mark_incarnation);
    return cf_fence(central, log, id, CF_E_QUARANTINED, text, err);
}

enum cf_rc cf_fence_by_record(struct cf_central *central, struct cf_log *log, const struct cf_record *record,
                              struct cf_error *err)
{
    struct cf_start start;
    struct cf_quarantine quarantine;
    uint64_t id = cf_record_id(log->id, record->seq);
    if (record->type == CF_RECORD_START && cf_start_decode(record->body, &start, NULL) == CF_OK) {
        return take_start(central, log, id, &start, err);
    }
    if (record->type == CF_RECORD_QUARANTINE && cf_quarantine_decode(record->body, &quarantine, NULL) == CF_OK) {
        return take_quarantine(central, log, id, &quarantine, err);
    }
    return CF_OK;
}
