/*
 * sync/central/promotion_goods.h - the goods that a promotion's document names, found in the catalogues they are in.
 */
#ifndef CF_CENTRAL_PROMOTION_GOODS_H
#define CF_CENTRAL_PROMOTION_GOODS_H

#include "app/core/campaign.h"
#include "sync/central/json_in.h"
#include "sync/central/state.h"

/* The catalogues are those of the campaign's stores, or of all stores if it names none. */
struct cf_promotion_goods {
    struct cf_central *central;
    const struct cf_campaign *terms;
};
/*
 * One element of a list of products: an id, or a text as an import names goods (a GTIN of any length, the shop's own
 * code, a PLU). `path` is of the list, for details.
 *
 *   CF_E_PRODUCT_UNKNOWN  no store has it
 *   CF_E_JSON_RANGE       stores mean other goods by the code; its ids are then named
 *   CF_E_JSON_TYPE        neither a number nor a text
 */
enum cf_rc cf_promotion_goods_find(const struct cf_promotion_goods *goods, const json_t *list, size_t at,
                                   const char *path, uint64_t *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
