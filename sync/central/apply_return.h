/*
 * sync/central/apply_return.h - what a return does at the centre: the goods, the points, the rights, each once.
 *
 * Inside a transaction. All that follows from returns depends on which there are of a sale, not on the order in which
 * they, or the sale, are heard of: a return that comes before its sale waits for it. What came back of a line is the
 * sum of all returns, at most what was sold; points and rights follow from these sums alone. Returns that together take
 * back more than was sold are one conflict for each that went too far, in the order of their time.
 */
#ifndef CF_CENTRAL_APPLY_RETURN_H
#define CF_CENTRAL_APPLY_RETURN_H

#include "app/core/record.h"
#include "app/core/payment.h"
#include "app/core/sale_return.h"
#include "sync/central/ledger.h"

struct cf_returns; /* scratch space */

enum cf_rc cf_returns_new(struct cf_returns **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_returns_free(struct cf_returns *returns);

/* A RETURN record, which is written already. *ret_what: CF_OK, or what is wrong with it, as cf_apply_record. */
enum cf_rc cf_apply_return(struct cf_central *central, struct cf_returns *returns, const struct cf_log *log,
                           uint64_t id, const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                           struct cf_error *err) CF_MUST_CHECK;
/* A record has arrived: returns of it that waited are applied, or told that it is no sale. */
enum cf_rc cf_apply_waiting_returns(struct cf_central *central, struct cf_returns *returns, uint64_t sale_id,
                                    struct cf_error *err) CF_MUST_CHECK;

/* The log shows that its till had heard all up to this number of the downward log: rights that were waiting for it to
 * hear that they are over come back. */
enum cf_rc cf_apply_heard(struct cf_central *central, struct cf_returns *returns, const struct cf_log *log,
                          uint64_t cursor, struct cf_error *err) CF_MUST_CHECK;

/* A till gave up what it had asked to be kept for it (sync/wire/sale_ask.h), whether the ask has arrived or not. */
enum cf_rc cf_return_claim_void(struct cf_central *central, const struct cf_log *log,
                                const uint8_t key[CF_REQUEST_KEY_BYTES], struct cf_error *err) CF_MUST_CHECK;
/* The return came of it. */
enum cf_rc cf_return_claim_confirm(struct cf_central *central, const struct cf_log *log,
                                   const uint8_t key[CF_REQUEST_KEY_BYTES], struct cf_error *err) CF_MUST_CHECK;

/* The sale of a record; *ret_found false if it is not there. CF_E_RETURN_SALE if that record is no sale that can be
 * read, CF_E_RETURN_ERASED. */
enum cf_rc cf_return_original(struct cf_central *central, uint64_t id, struct cf_sale *ret, cf_bytes *ret_body,
                              bool *ret_found, struct cf_error *err) CF_MUST_CHECK;

/* Is a refund, which ended, one that its return owes, and the first of it? Else *ret_what and `why` say so. */
enum cf_rc cf_apply_refund(struct cf_central *central, struct cf_returns *r, const struct cf_log *log,
                           const struct cf_record *record, const struct cf_payment_record *refund, enum cf_rc *ret_what,
                           struct cf_error *why, struct cf_error *err) CF_MUST_CHECK;

#endif
