/*
 * sync/central/quote.h - quotations that tills made: kept, found for other tills and the online shop, and held against
 * what is sold under them, each once.
 *
 * What was quoted is in the record; here stands when it ends and what used it. Inside a transaction, but for the
 * handlers.
 */
#ifndef CF_CENTRAL_QUOTE_H
#define CF_CENTRAL_QUOTE_H

#include "app/core/quote.h"
#include "sync/central/ledger.h"
#include "sync/central/state.h"

/* Keeps the quotation of a record, which judge_sale.h has judged. A member who is to be forgotten is not kept for long.
 * *ret_what: CF_E_RECORD with why, if it is good for longer than any may be. */
enum cf_rc cf_quote_apply(struct cf_central *central, const struct cf_log *log, uint64_t id, cf_wall at,
                          const struct cf_sale *quoted, int64_t expires_s, enum cf_rc *ret_what, struct cf_error *why,
                          struct cf_error *err) CF_MUST_CHECK;
/* What a sale says of its quotation, if it names one: it uses it, and once. What is odd about that (CF_E_QUOTE_*) is
 * added to what was before; the sale stands. */
enum cf_rc cf_quote_apply_sale(struct cf_central *central, uint64_t id, cf_wall at, const struct cf_sale *sale,
                               enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err) CF_MUST_CHECK;

#endif
