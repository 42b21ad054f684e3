/*
 * sync/central/promotion_json.h - a promotion as the JSON document that docs/promotions.md describes, both ways.
 *
 * docs/promotion.schema.json says the same for machines; a test holds schema, page and this together. What is refused
 * is named by its path ("promotion.tiers[1].from: ...").
 */
#ifndef CF_CENTRAL_PROMOTION_JSON_H
#define CF_CENTRAL_PROMOTION_JSON_H

#include "app/core/promotion.h"
#include "sync/central/json_in.h"
#include "sync/central/promotion_goods.h"

/* Fills everything but campaign, version, name, from, to and needs_coupon, which the campaign says. CF_E_JSON_*;
 * CF_E_PRODUCT_UNKNOWN for goods that no catalogue of `in` has. */
enum cf_rc cf_promotion_json_read(const struct cf_promotion_goods *in, const json_t *json, struct cf_promotion *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
/* What a promotion in itself cannot mean: contradictions, windows that never open, what gives nothing. Call once the
 * campaign's fields are in it. CF_E_JSON_RANGE naming the path. */
enum cf_rc cf_promotion_json_judge(const struct cf_promotion *promotion, struct cf_error *err) CF_MUST_CHECK;
/* The document that reads as this promotion; fields that have their default are left out. */
json_t *cf_promotion_json_write(const struct cf_promotion *promotion);

#endif
