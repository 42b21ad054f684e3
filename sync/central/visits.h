/*
 * sync/central/visits.h - what promotions gave because it was a member's first purchase, or their nth visit: each once.
 *
 * A till without a link cannot know what the member bought elsewhere a moment before, and gives it by what the phone's
 * card claims. So it is found here: of the purchases of a member of which something is left, in the order of their
 * time, a later one that was given as the first, or as an nth that an earlier one had from the same campaign, is one
 * conflict each. Which there are depends on the sales and returns alone, not on the order in which they were heard of.
 * Whether a till should have known is another question: facts.c. Inside a transaction.
 */
#ifndef CF_CENTRAL_VISITS_H
#define CF_CENTRAL_VISITS_H

#include "app/core/sale.h"
#include "sync/central/state.h"

/* A member's sale, which is written down already. */
enum cf_rc cf_visits_sold(struct cf_central *central, uint64_t id, const struct cf_sale *sale,
                          struct cf_error *err) CF_MUST_CHECK;
/* Nothing is left of it: it is no purchase any more. Again: nothing. */
enum cf_rc cf_visits_gone(struct cf_central *central, uint64_t id, const struct cf_sale *sale,
                          struct cf_error *err) CF_MUST_CHECK;

#endif
