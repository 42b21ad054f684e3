/*
 * app/receipt/open_return_receipt.h - what is printed for goods that came back without a receipt.
 *
 * It only lays out: every amount comes from the record. Pure.
 */
#ifndef CF_RECEIPT_OPEN_RETURN_RECEIPT_H
#define CF_RECEIPT_OPEN_RETURN_RECEIPT_H

#include "app/core/open_return.h"
#include "app/receipt/sale_receipt.h"

struct cf_open_return_receipt {
    const struct cf_store_info *store;
    const struct cf_open_return *back;
    const struct cf_receipt_coupon *credit; /* the code of what was given out in the place of cash; NULL: it was cash */
    const struct cf_receipt_line *lines;    /* back->n_lines */
    uint32_t terminal, epoch;
    uint64_t seq;
    cf_wall at;
    const char *chain_tag; /* as sale_receipt.h */
};

/* A new document, free with cf_receipt_free. Errors of cf_sale_receipt_build. */
enum cf_rc cf_open_return_receipt_build(const struct cf_open_return_receipt *facts, struct cf_receipt **ret,
                                        struct cf_error *err) CF_MUST_CHECK;

#endif
