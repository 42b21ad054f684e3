/*
 * sync/central/fence.h - setting a terminal's epoch apart: why, and what that does.
 *
 * A fenced epoch has no rights any more (what it held and has not accounted for is stranded); its records are still
 * facts. Nothing but a new enrolment, which makes a new epoch, follows on it. Inside a transaction.
 */
#ifndef CF_CENTRAL_FENCE_H
#define CF_CENTRAL_FENCE_H

#include "sync/central/ledger.h"
#include "sync/wire/wire.h"

/* Sets log->state too. An epoch that is fenced or replaced already stays what it is; the alarm is raised all the same.
 * `record` is where it came to light. */
enum cf_rc cf_fence(struct cf_central *central, struct cf_log *log, uint64_t record, enum cf_rc what, const char *text,
                    struct cf_error *err) CF_MUST_CHECK;

/* What a batch's incarnation says, beside the highest that was heard of its log. */
enum cf_incarnation_verdict {
    CF_INCARNATION_IN_ORDER,
    CF_INCARNATION_LATE,     /* lower: an earlier message that comes late, or a till that was put back. Ask it. */
    CF_INCARNATION_RESTORED, /* lower, and its sender was told so: no late message, but a till that was put back */
};
enum cf_incarnation_verdict cf_fence_judge_incarnation(const struct cf_batch *batch, uint64_t known);
enum cf_rc cf_fence_known_incarnation(struct cf_central *central, const struct cf_log *log, uint64_t *ret,
                                      struct cf_error *err) CF_MUST_CHECK;

/* Before its batch is applied: fences if the verdict is RESTORED, and remembers the incarnation. */
enum cf_rc cf_fence_by_batch(struct cf_central *central, struct cf_log *log, const struct cf_batch *batch,
                             struct cf_error *err) CF_MUST_CHECK;
/* Before a new record is applied: a till that says itself that it is in quarantine, or a second start of one number. */
enum cf_rc cf_fence_by_record(struct cf_central *central, struct cf_log *log, const struct cf_record *record,
                              struct cf_error *err) CF_MUST_CHECK;

#endif
