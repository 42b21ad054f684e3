/*
 * sync/central/adjudicate.h - uses of rights as facts: which of a right's uses was first, and what the others lead to.
 *
 * Inside a transaction. Nothing is refused here: every use is written down. The first use keeps the right; each other
 * one is one conflict, with the campaign's policy for it; a use that nothing covered is a conflict of a kind of its
 * own. Who is first, which conflicts there are and what the budget shows depend on the uses alone, not on the order in
 * which they were heard of (docs/adr/0006): a use that is told late may turn the first one into a duplicate.
 */
#ifndef CF_CENTRAL_ADJUDICATE_H
#define CF_CENTRAL_ADJUDICATE_H

#include "sync/central/coupon_row.h"

enum cf_conflict_kind {
    CF_CONFLICT_DUPLICATE = 1, /* the right had been used before */
    CF_CONFLICT_AWAY = 2,      /* it is reserved for another place */
    CF_CONFLICT_STRANDED = 3,  /* it had been written off together with its home */
    CF_CONFLICT_BEYOND = 4,    /* nothing that its place held covered it */
    CF_CONFLICT_RETURN = 5,    /* of no right: goods were taken back that were back already */
    CF_CONFLICT_VALUE = 6,     /* of no right: an account paid what was not there; the index is its number */
    CF_CONFLICT_REVOKED = 7,   /* it was issued with goods that are all back */
    CF_CONFLICT_AGAIN = 8,     /* of no right: a member was given again what each gets once; visits.h */
};
const char *cf_conflict_kind_name(enum cf_conflict_kind kind); /* "duplicate", ...; "unknown" */
const char *cf_loser_name(enum cf_loser loser);                /* "absorb", "charge", "flag_member" */

/* Writes the use down and puts it in its place among the others of its right. A use whose `source` is CF_SOURCE_NONE
 * was covered by nothing: it takes from what is free or overdraws if it is the first, and is left to the campaign's
 * policy for duplicates if it is not. */
enum cf_rc cf_adjudicate_use(struct cf_central *central, struct cf_account *account, struct cf_coupon_row *coupon,
                             struct cf_use *use, int64_t *ret_redemption, struct cf_error *err) CF_MUST_CHECK;
/* A use that was taken online never took place: what it took goes back, and the next use of the right is the first.
 * What it took in money is the caller's to give back. */
enum cf_rc cf_adjudicate_undo(struct cf_central *central, uint32_t campaign, uint32_t index, int64_t redemption,
                              struct cf_error *err) CF_MUST_CHECK;
/* The time of these records, first to last, is known better now: their disputes are decided again. */
enum cf_rc cf_adjudicate_again(struct cf_central *central, uint64_t first_record, uint64_t last_record,
                               struct cf_error *err) CF_MUST_CHECK;

/* One conflict. Idempotent by (redemption, kind). Told to nobody yet. */
struct cf_conflict {
    enum cf_conflict_kind kind;
    uint32_t campaign, index;
    int64_t redemption; /* 0: it is about no use, but about `record` */
    uint64_t record;    /* only if redemption is 0 */
    enum cf_loser loser;
    bool has_member; /* who is flagged */
    cf_sub member;
};
enum cf_rc cf_conflict_add(struct cf_central *central, const struct cf_conflict *conflict,
                           struct cf_error *err) CF_MUST_CHECK;
/* Tells the till that wrote this record what is open about it now: one result a record, the newest is what counts. For
 * record 0, or one of an epoch that has ended, nobody is told. */
enum cf_rc cf_conflict_tell(struct cf_central *central, uint64_t record, struct cf_error *err) CF_MUST_CHECK;
/* The terminal begins a new epoch, whose records are numbered from 1 again: what it was told of the old ones is over
 * there, and stays in the manager's list. */
enum cf_rc cf_conflict_new_epoch(struct cf_central *central, uint32_t terminal, struct cf_error *err) CF_MUST_CHECK;

#endif
