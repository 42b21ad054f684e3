/*
 * app/receipt/build.h - building a receipt block by block, and the head that all receipts have. Private to app/receipt.
 *
 * Errors are sticky: build through, check once.
 */
#ifndef CF_RECEIPT_BUILD_H
#define CF_RECEIPT_BUILD_H

#include "app/receipt/sale_receipt.h"

#define CF_BUILD_AMOUNT_MAX (CF_MONEY_TEXT_MAX + 8)

struct cf_build {
    struct cf_receipt *receipt;
    cf_currency currency;
    enum cf_rc rc;
    struct cf_error *err;
};
struct cf_build_head {
    const struct cf_store_info *store;
    const char *title; /* NULL: a sale */
    uint32_t terminal, epoch;
    uint64_t seq;
    cf_wall at;
    const char *cashier;
};

void cf_build_text(struct cf_build *b, enum cf_receipt_align align, uint32_t style, const char *content);
void cf_build_rule(struct cf_build *b);
void cf_build_blank(struct cf_build *b);
void cf_build_columns(struct cf_build *b, uint32_t style, const char *right, const char *format, ...) CF_PRINTF(4, 5);
void cf_build_qr(struct cf_build *b, const char *payload, const char *caption);
/* A code that the shopper keeps, and until when it is good. */
void cf_build_code(struct cf_build *b, const struct cf_receipt_coupon *coupon, const char *title, int utc_offset_min);
void cf_build_head(struct cf_build *b, const struct cf_build_head *head);
/* What a signing device said, or that it is out of order; nothing if there is none. */
void cf_build_fiscal(struct cf_build *b, const struct cf_fiscal_answer *fiscal);
/* The tag of the record's hash ("" or NULL: none yet), and the cut. */
void cf_build_foot(struct cf_build *b, const char *thanks, const char *chain_tag);
struct cf_return_receipt;
/* The goods that came back in exchange, and how their refund was given: return_receipt.c. */
void cf_build_returned(struct cf_build *b, const struct cf_return_receipt *facts);
/* Room for somebody to sign. */
void cf_build_signature(struct cf_build *b);
/* The receipt, which is the caller's from here; on an error, which is returned, it is freed and *ret unchanged. */
enum cf_rc cf_build_end(struct cf_build *b, struct cf_receipt **ret) CF_MUST_CHECK;

/* "-12.50", in the receipt's currency. */
const char *cf_build_amount(const struct cf_build *b, int64_t minor, char out[CF_BUILD_AMOUNT_MAX]);
/* "2", or "0.345" of what is weighed. */
void cf_build_quantity(int64_t qty_milli, bool weighed, char out[32]);
/* "**** 1a2b" */
void cf_build_member(cf_sub member, char out[16]);
const char *cf_build_tender(enum cf_tender_kind kind); /* "Cash 现金" */
const char *cf_build_or_empty(const char *content);

#endif
