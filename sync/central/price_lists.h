/*
 * sync/central/price_lists.h - was this price ever said, by the catalogue or by a price list?
 *
 * A till prices by what it last heard, which may be long ago, and a sale may lie in its queue for days. So what it
 * charged is held against all that was ever said, and only a price that was never said is looked at by a person.
 */
#ifndef CF_CENTRAL_PRICE_LISTS_H
#define CF_CENTRAL_PRICE_LISTS_H

#include "sync/central/state.h"

/* list 0: the catalogue. */
enum cf_rc cf_price_note(struct cf_central *central, uint32_t store, uint64_t product, uint32_t list,
                         int64_t price_minor, struct cf_error *err) CF_MUST_CHECK;
/* *ret_said is true also for a product of which no price was ever noted. */
enum cf_rc cf_price_was_said(struct cf_central *central, uint32_t store, uint64_t product, uint32_t list,
                             int64_t price_minor, bool *ret_said, struct cf_error *err) CF_MUST_CHECK;

#endif
