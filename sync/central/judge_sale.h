/*
 * sync/central/judge_sale.h - each sale that arrives, judged again: one table of what in its record money or rights
 * depend on, what that is held against, and the alarm.
 *
 * The same code that priced the sale at the till prices it again (cf_sale_rejudge). Then each claim that the pricing
 * went by is held against all that this centre EVER said of it: a till sells by what it last heard, and its sales may
 * lie in a queue for days. None of it refuses a sale, which was made. Whose right a coupon was is adjudicate.h's.
 */
#ifndef CF_CENTRAL_JUDGE_SALE_H
#define CF_CENTRAL_JUDGE_SALE_H

#include "app/core/open_return.h"
#include "app/core/record.h"
#include "app/core/sale.h"
#include "sync/central/ledger.h"

struct cf_judge;

enum cf_rc cf_judge_new(struct cf_judge **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_judge_free(struct cf_judge *judge);

/* Before the sales of a batch: what is remembered of other stores, or of an older catalogue, is checked. */
enum cf_rc cf_judge_begin(struct cf_central *central, struct cf_judge *judge, const struct cf_log *log,
                          struct cf_error *err) CF_MUST_CHECK;
/*
 * Judges the sale of a record, which is in the store already. sold_at: as the centre dates it.
 *
 * *ret_what: CF_OK, or CF_E_RECORD with why, if it does not come out to the cent: for the till to hear. Every other
 * claim that cannot be true is an alarm, at most one a row of the table.
 */
enum cf_rc cf_judge_sale(struct cf_central *central, struct cf_judge *judge, const struct cf_log *log, uint64_t id,
                         const struct cf_record *record, const struct cf_sale *sale, cf_wall sold_at,
                         enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err) CF_MUST_CHECK;

/* Goods that came back without a receipt: who took them back and who allowed it, what they were said to cost, coins. */
enum cf_rc cf_judge_open_return(struct cf_central *central, struct cf_judge *judge, const struct cf_log *log,
                                uint64_t id, const struct cf_record *record, const struct cf_open_return *back,
                                struct cf_error *err) CF_MUST_CHECK;
/* The largest coin that cash is rounded to: of those that the store of the log or its currency ever had. */
enum cf_rc cf_judge_coin(struct cf_central *central, const struct cf_log *log, cf_currency currency,
                         int64_t *ret_step_minor, struct cf_error *err) CF_MUST_CHECK;

#endif
