/*
 * app/receipt/pick_up_receipt.h - what is printed when an order that was paid online is handed out.
 *
 * No sale: the amounts are what was paid online. What is left of the order stands below. Pure.
 */
#ifndef CF_RECEIPT_PICK_UP_RECEIPT_H
#define CF_RECEIPT_PICK_UP_RECEIPT_H

#include "app/core/order.h"
#include "app/receipt/sale_receipt.h"

struct cf_pick_up_receipt {
    const struct cf_store_info *store;
    const struct cf_order *order;
    const struct cf_pick_up *taken; /* of this order */
    cf_currency currency;
    uint32_t terminal, epoch;
    uint64_t seq;
    cf_wall at;
    const char *chain_tag; /* as sale_receipt.h */
};

/* A new document, free with cf_receipt_free. Errors of cf_sale_receipt_build; CF_E_ORDER_LINE. */
enum cf_rc cf_pick_up_receipt_build(const struct cf_pick_up_receipt *facts, struct cf_receipt **ret,
                                    struct cf_error *err) CF_MUST_CHECK;

#endif
