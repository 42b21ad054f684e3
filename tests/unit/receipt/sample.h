/*
 * tests/unit/receipt/sample.h - one sale that shows everything a receipt can, for golden and round-trip tests.
 */
#ifndef CF_TESTS_RECEIPT_SAMPLE_H
#define CF_TESTS_RECEIPT_SAMPLE_H

#include "app/receipt/sale_receipt.h"

/* A coupon's text of the longest CP1 (111 bytes of COSE: 167 characters and the prefix). */
extern const char sample_coupon[];

/* Fills a document's facts; everything pointed to is static and may be changed by the test that holds it. */
struct sample {
    struct cf_sale sale;
    struct cf_sale_line sale_lines[8];
    struct cf_receipt_line lines[8];
    const char *reasons[2];
    const char *coupons_used[1];
    struct cf_receipt_coupon issued[1];
    struct cf_store_info store;
    struct cf_sale_receipt facts;
};

/* 2026-11-22 15:05:09 at +08:00, tax inclusive at 13 % and 9 %, member, discounts, cash and card, an issued coupon. */
void sample_init(struct sample *sample);
/* sample_init, built; aborts on failure. Free with cf_receipt_free. */
struct cf_receipt *sample_receipt(void);

/* A random string of n characters of the base45 alphabet, the same for each seed. */
void sample_base45(char *text, size_t n, uint32_t seed);

#endif
