/*
 * app/receipt/request_receipt.h - what is printed when goods are asked for that the store has not.
 *
 * No sale: nothing is paid; the amounts are what is to be paid when the goods are fetched. Pure.
 */
#ifndef CF_RECEIPT_REQUEST_RECEIPT_H
#define CF_RECEIPT_REQUEST_RECEIPT_H

#include "app/core/order_request.h"
#include "app/receipt/sale_receipt.h"

struct cf_request_receipt {
    const struct cf_store_info *store;
    const struct cf_request_record *request; /* that asks */
    cf_currency currency;
    uint32_t terminal, epoch;
    uint64_t seq;
    cf_wall at;
    const char *chain_tag; /* as sale_receipt.h */
};

/* A new document, free with cf_receipt_free. Errors of cf_sale_receipt_build; CF_E_RANGE. */
enum cf_rc cf_request_receipt_build(const struct cf_request_receipt *facts, struct cf_receipt **ret,
                                    struct cf_error *err) CF_MUST_CHECK;

#endif
