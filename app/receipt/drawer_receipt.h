/*
 * app/receipt/drawer_receipt.h - the slip of cash that went in or out of the drawer besides sales, and of a count.
 *
 * A count's slip says what was counted and not what was expected: that stands on the Z report. Pure.
 */
#ifndef CF_RECEIPT_DRAWER_RECEIPT_H
#define CF_RECEIPT_DRAWER_RECEIPT_H

#include "app/core/drawer.h"
#include "app/receipt/sale_receipt.h"

struct cf_drawer_receipt {
    const struct cf_store_info *store;
    const struct cf_drawer_event *event;
    cf_currency currency;
    uint32_t terminal, epoch;
    uint64_t seq;
    cf_wall at;
    const char *chain_tag; /* as sale_receipt.h */
};

/* A new document, free with cf_receipt_free. Errors of cf_sale_receipt_build. */
enum cf_rc cf_drawer_receipt_build(const struct cf_drawer_receipt *facts, struct cf_receipt **ret,
                                   struct cf_error *err) CF_MUST_CHECK;

#endif
