/*
 * sync/central/catalogue_past.h - pricing a sale again by an earlier state of the catalogue.
 *
 * A record names no categories, and a till prices by the catalogue that it has: one that is older than the centre's
 * while sales wait in a queue, and that may move on while a sale is open. A sale that does not come out by today's
 * categories is therefore tried by those that its goods had before. Only if no state of the catalogue explains it is it
 * wrong.
 */
#ifndef CF_CENTRAL_CATALOGUE_PAST_H
#define CF_CENTRAL_CATALOGUE_PAST_H

#include "app/core/sale.h"
#include "sync/central/state.h"

struct cf_catalogue_past;

enum cf_rc cf_catalogue_past_new(struct cf_catalogue_past **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_catalogue_past_free(struct cf_catalogue_past *past);

/* A new batch of a store: the look-ups of one batch are bounded. */
void cf_catalogue_past_begin(struct cf_catalogue_past *past, uint32_t store);
/*
 * As cf_sale_rejudge, by the states of the catalogue that its goods have been through, with `now` for today's.
 * *ret_what is CF_OK if one of them explains the sale, and unchanged if none does. An error is one of the store.
 */
enum cf_rc cf_catalogue_past_rejudge(struct cf_central *central, struct cf_catalogue_past *past,
                                     const struct cf_sale *sale, cf_wall at, const struct cf_sale_lookup *now,
                                     struct cf_cart *cart, struct cf_priced *priced, enum cf_rc *ret_what,
                                     struct cf_error *err) CF_MUST_CHECK;

#endif
