/*
 * sync/central/redeem.h - what a till's records say of redemptions that it had asked for online.
 *
 * Inside a transaction.
 */
#ifndef CF_CENTRAL_REDEEM_H
#define CF_CENTRAL_REDEEM_H

#include "app/core/sale.h"
#include "sync/central/ledger.h"
#include "sync/wire/redeem.h"

/* Takes the right of `code` for the terminal under the request key, with every limit; ask->coupon is not read. The same
 * key for the same right again is CF_OK and takes nothing. CF_E_FENCED for a log that is not active. */
enum cf_rc cf_redeem_for_till(struct cf_central *central, const struct cf_redeem_ask *ask, const struct cf_code *code,
                              struct cf_error *err) CF_MUST_CHECK;
/* The sale of `record` carries this redemption, which took `cost_minor` off. *ret_known: it was taken online under this
 * key, and is now confirmed; else the caller counts it. */
enum cf_rc cf_redeem_confirm(struct cf_central *central, const struct cf_log *log,
                             const struct cf_redemption *redemption, int64_t cost_minor, uint64_t record,
                             bool *ret_known, struct cf_error *err) CF_MUST_CHECK;
/* The till undoes the key: what it took is given back, and it can never take anything later. What another epoch of the
 * terminal asked for is not this log's to undo, nor is it what this log sold: its disk may have sold with it. */
enum cf_rc cf_redeem_void(struct cf_central *central, const struct cf_log *log, const uint8_t key[CF_REQUEST_KEY_BYTES],
                          uint32_t campaign, uint32_t index, struct cf_error *err) CF_MUST_CHECK;

#endif
