/*
 * sync/central/facts.h - what a till's sale says of its shopper and its moment, held against what the centre knows.
 *
 * Facts are what promotions judged by. The money was judged by them already; here is whether they can be true. None of
 * it refuses a sale: it was made. Each that cannot be true is an alarm by its name, for a manager.
 */
#ifndef CF_CENTRAL_FACTS_H
#define CF_CENTRAL_FACTS_H

#include "app/core/sale.h"
#include "sync/central/places.h"
#include "sync/central/state.h"

/* id: of the record, whose sale is in the store already. priced_at: by the till's clock. sold_at: as the centre dates
 * it. */
enum cf_rc cf_facts_judge(struct cf_central *central, const struct cf_log *log, uint64_t id,
                          const struct cf_store_settings *settings, const struct cf_sale *sale, cf_wall priced_at,
                          cf_wall sold_at, struct cf_error *err) CF_MUST_CHECK;

#endif
