/*
 * app/receipt/day_receipt.h - an X or Z report on paper.
 *
 * It only lays out: every amount comes from the report. Pure.
 */
#ifndef CF_RECEIPT_DAY_RECEIPT_H
#define CF_RECEIPT_DAY_RECEIPT_H

#include "app/core/report.h"
#include "app/receipt/sale_receipt.h"

struct cf_day_parked {
    const char *label, *user;
    cf_wall at; /* 0: not known */
    int64_t total_minor;
};
struct cf_day_receipt {
    const struct cf_store_info *store;
    const struct cf_z_report *z; /* of an X: what a Z would say now */
    bool is_z;
    bool heads_agree;
    uint64_t recorded_seq;
    int64_t expected_minor; /* cash in the drawer */
    cf_currency currency;
    const char *cashier;
    uint32_t terminal, epoch;
    uint64_t seq;
    cf_wall at;
    const struct cf_day_parked *parked; /* sales that stay parked */
    size_t n_parked;
    const char *chain_tag; /* of a Z, as sale_receipt.h; NULL of an X, which is no record */
};

/* A new document, free with cf_receipt_free. Errors of cf_sale_receipt_build. */
enum cf_rc cf_day_receipt_build(const struct cf_day_receipt *facts, struct cf_receipt **ret,
                                struct cf_error *err) CF_MUST_CHECK;

#endif
