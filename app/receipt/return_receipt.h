/*
 * app/receipt/return_receipt.h - what is printed for a return, and for a void.
 *
 * It only lays out: every amount comes from the record of the return. Pure.
 */
#ifndef CF_RECEIPT_RETURN_RECEIPT_H
#define CF_RECEIPT_RETURN_RECEIPT_H

#include "app/core/sale_return.h"
#include "app/receipt/sale_receipt.h"

struct cf_return_receipt {
    const struct cf_store_info *store;
    const struct cf_return *back;
    const struct cf_receipt_line *lines;    /* back->n_lines, in the order of back->lines */
    const char *const *coupons;             /* back->n_rights names; a NULL entry: the campaign's number alone */
    const bool *over;                       /* back->n_rights: the campaign is over by now; NULL: of none */
    const struct cf_receipt_coupon *credit; /* the code of the store credit that was given out; NULL: none */
    size_t n_stay;                          /* lines of the sale that do not come back although all was asked for */
    uint32_t terminal, epoch;
    uint64_t seq;
    cf_wall at;
    const char *chain_tag; /* as sale_receipt.h */
};

/* A new document, free with cf_receipt_free. Errors of cf_sale_receipt_build. */
enum cf_rc cf_return_receipt_build(const struct cf_return_receipt *facts, struct cf_receipt **ret,
                                   struct cf_error *err) CF_MUST_CHECK;

#endif
