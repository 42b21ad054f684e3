/*
 * sync/central/order.h - an online order, priced with the same cf_price as at a till.
 */
#ifndef CF_CENTRAL_ORDER_H
#define CF_CENTRAL_ORDER_H

#include "app/core/campaign.h"
#include "sync/central/json_in.h"
#include "sync/central/state.h"

enum cf_rc cf_order_scratch_new(struct cf_order_scratch **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_order_scratch_free(struct cf_order_scratch *scratch);

/* An automatic promotion that gave something and is counted. */
struct cf_order_use {
    uint32_t campaign, version;
    int64_t cost_minor;
};
struct cf_order_priced {
    const struct cf_cart *cart;     /* valid until the next call, as the next */
    const struct cf_priced *priced; /* line by line as the cart */
    size_t n_uses;
    const struct cf_order_use *uses; /* valid until the next call: to be taken with the order */
    int64_t coupon_minor;            /* what the coupon takes off */
    struct cf_programme programme;   /* of the store: what its sales earn */
    json_t *json;                    /* the caller's to json_decref: lines, sums and reasons */
};
/*
 * Prices {"store"?, "tender"?, "lines": [{"code" | "product", "qty_milli"}]} by the catalogue of that store, or of
 * `store`, with every automatic promotion of the online channel of which enough is left and, if not NULL, the coupon's
 * campaign. member: whose order it is, or NULL. Looks into the ledger: forget it behind a reading.
 *
 *   CF_E_PRODUCT_UNKNOWN, CF_E_QUANTITY, CF_E_COUPON_* if the coupon does not apply, CF_E_JSON_*
 */
enum cf_rc cf_order_price(struct cf_central *central, uint32_t channel, uint32_t store, const json_t *order,
                          const struct cf_campaign *coupon, const cf_sub *member, struct cf_order_priced *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/* Takes what counted promotions of the order gave, within every limit. Inside the transaction that priced it. */
enum cf_rc cf_order_take_uses(struct cf_central *central, const struct cf_order_priced *priced, uint32_t channel,
                              const char *request_id, struct cf_error *err) CF_MUST_CHECK;

#endif
