/*
 * app/receipt/sale_receipt.h - what is printed for a sale.
 *
 * It only lays out: every amount comes from the record of the sale, except the tax of each rate, which is derived with
 * the rounding of pricing.h and whose sum is the sale's tax. Labels are English and Chinese. Pure.
 */
#ifndef CF_RECEIPT_SALE_RECEIPT_H
#define CF_RECEIPT_SALE_RECEIPT_H

#include "app/core/sale.h"
#include "app/receipt/receipt.h"

#define CF_CHAIN_TAG_CHARS 8 /* hex digits of the record's hash */

/* The store as its receipts show it. Any text may be "" or NULL: then its row is left out. */
struct cf_store_info {
    const char *name;
    const char *address;
    const char *terminal_label; /* "Till 1" */
    const char *tax_id;
    int utc_offset_min;
};

struct cf_receipt_line {
    const char *name;
    bool weighed; /* the quantity is kilograms: three decimals */
};

/* A coupon that the till issued with this sale. */
struct cf_receipt_coupon {
    const char *qr_text; /* "CP1:..." */
    const char *caption; /* what it gives: "10% off your next order" */
    int64_t exp_s;       /* Unix seconds; 0: not shown */
};

struct cf_return_receipt;

struct cf_sale_receipt {
    const struct cf_store_info *store;
    const struct cf_return_receipt *back; /* goods that came back in exchange; NULL: none. Its head is not read */
    const struct cf_sale *sale;
    const struct cf_receipt_line *lines; /* sale->n_lines, in the order of sale->lines */
    const char *const *discount_reasons; /* sale->n_discounts; NULL or a NULL entry: the campaign's number is shown */
    const char *const *by_hand_reasons;  /* sale->n_by_hand; NULL or a NULL entry: the reason alone is shown */
    const char *const *coupons_used;     /* sale->n_redemptions names; NULL or a NULL entry as above */
    const struct cf_receipt_coupon *coupons_issued;
    size_t n_coupons_issued;               /* <= CF_SALE_ISSUED_MAX */
    const struct cf_receipt_coupon *cards; /* gift cards that were sold: n_cards */
    size_t n_cards;
    const struct cf_receipt_coupon *quote; /* it is no sale but a quotation, with this code and good so long; or NULL */
    uint32_t terminal, epoch;
    uint64_t seq; /* receipt number: terminal-epoch-seq */
    cf_wall at;
    const char *chain_tag; /* first CF_CHAIN_TAG_CHARS hex digits of the record's hash; "" or NULL: none yet */
};

/* A new document, free with cf_receipt_free. CF_E_OVERFLOW, CF_E_LIMIT, CF_E_CODE_SIZE, CF_E_ENCODING (a coupon's
 * text), CF_E_NO_MEMORY. */
enum cf_rc cf_sale_receipt_build(const struct cf_sale_receipt *facts, struct cf_receipt **ret,
                                 struct cf_error *err) CF_MUST_CHECK;

#define CF_RECEIPT_NO_MAX 48
/* "1001-1-000042" */
void cf_receipt_no_format(uint32_t terminal, uint32_t epoch, uint64_t seq, char text[CF_RECEIPT_NO_MAX]);

#endif
