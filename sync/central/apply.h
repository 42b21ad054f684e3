/*
 * sync/central/apply.h - what one record of a till's log does at the centre.
 *
 * Inside a transaction. Nothing that a record says is refused: it is a fact. What is wrong with it is told by its rc,
 * in an alarm, and to the till as a result; the record itself is stored in any case, and the next one is not held up.
 */
#ifndef CF_CENTRAL_APPLY_H
#define CF_CENTRAL_APPLY_H

#include "app/core/record.h"
#include "sync/central/ledger.h"

struct cf_applier;

enum cf_rc cf_applier_new(struct cf_applier **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_applier_free(struct cf_applier *applier);

/* Before the first record of a batch, of which those beyond `after_seq` will be applied: what is remembered of other
 * stores or batches is checked, and what the records say about time is read. */
enum cf_rc cf_apply_begin(struct cf_central *central, struct cf_applier *applier, const struct cf_log *log,
                          const struct cf_record *records, size_t n, uint64_t after_seq,
                          struct cf_error *err) CF_MUST_CHECK;
/* hash_known: false for a record whose place in the chain cannot be computed. *ret_what: CF_OK, or what is wrong with
 * the record. An error of the function itself means that nothing of the batch may stand. */
enum cf_rc cf_apply_record(struct cf_central *central, struct cf_applier *applier, const struct cf_log *log,
                           const struct cf_record *record, const struct cf_sha256 *hash, bool hash_known,
                           enum cf_rc *ret_what, struct cf_error *err) CF_MUST_CHECK;
/* After the last, which was written when the till had heard all up to `cursor`: what waited for that, and leases and
 * issuing ranges that run low are renewed. */
enum cf_rc cf_apply_end(struct cf_central *central, struct cf_applier *applier, const struct cf_log *log,
                        uint64_t cursor, const cf_public_key *till_key, struct cf_error *err) CF_MUST_CHECK;

#endif
