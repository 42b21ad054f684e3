/*
 * sync/central/catalogue.h - the products of a store: what they cost, how they are taxed, which categories they are in.
 */
#ifndef CF_CENTRAL_CATALOGUE_H
#define CF_CENTRAL_CATALOGUE_H

#include "app/core/down.h"
#include "sync/central/state.h"

/* CF_E_PRODUCT_UNKNOWN, also for one that is gone. */
enum cf_rc cf_catalogue_product(struct cf_central *central, uint32_t store, uint64_t id, struct cf_product *ret,
                                struct cf_error *err) CF_MUST_CHECK;
/* code: as scanned: a GTIN of any length, or the shop's own code. */
enum cf_rc cf_catalogue_by_code(struct cf_central *central, uint32_t store, const char *code, struct cf_product *ret,
                                struct cf_error *err) CF_MUST_CHECK;

#endif
