/*
 * sync/central/baskets.h - a basket of the online shop: what it costs, and that it was bought.
 */
#ifndef CF_CENTRAL_BASKETS_H
#define CF_CENTRAL_BASKETS_H

#include "sync/central/order.h"

/* A basket that the centre priced, and that is bought now. Inside a transaction. */
struct cf_basket {
    uint32_t channel, store; /* through whom, by whose prices */
    bool has_member;
    cf_sub member;
    const char *reference; /* the shop's own name for it; "": none */
    bool ordered;          /* an order to be picked up comes of it, which is the member's purchase */
    const char *request_id;
};
/* What the member earns by it; 0 without one. CF_E_MEMBER_UNKNOWN. */
enum cf_rc cf_basket_points(struct cf_central *central, const struct cf_basket *basket,
                            const struct cf_order_priced *priced, int64_t *ret, struct cf_error *err) CF_MUST_CHECK;
/* Writes it down, books the member's points and puts both into priced->json. */
enum cf_rc cf_basket_buy(struct cf_central *central, const struct cf_basket *basket,
                         const struct cf_order_priced *priced, struct cf_error *err) CF_MUST_CHECK;

#endif
