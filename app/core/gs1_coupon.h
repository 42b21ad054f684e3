/*
 * app/core/gs1_coupon.h - what a manufacturer's coupon says: AI 8110 and AI 8112.
 *
 * Only taken apart: a till does not honour such a coupon, since whoever issued it would have to pay for it and there is
 * no clearing house here (docs/goods.md). Pure.
 *
 * Source: GS1 US, North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols (8110); GS1 General
 * Specifications 3.9 (8110, 8112). "VLI" is a digit that says how long the next number is.
 */
#ifndef CF_CORE_GS1_COUPON_H
#define CF_CORE_GS1_COUPON_H

#include "app/core/gs1.h"

#define CF_GS1_PREFIX_MAX 12
#define CF_GS1_COUPON_SERIAL_MAX 15
#define CF_GS1_RETAILER_MAX 13

/* What has to be bought. */
struct cf_gs1_requirement {
    uint32_t value; /* up to 5 digits: units, money, grams, by `code` */
    uint8_t code;   /* 0 units, 1 money before tax, 2 money in all, 3 lb, 4 money off, 9 none */
    uint16_t family;
    char prefix[CF_GS1_PREFIX_MAX + 1]; /* company whose goods these are; "": the first one's */
};
struct cf_gs1_coupon {
    enum cf_gs1_coupon_kind kind;
    char funder[CF_GS1_PREFIX_MAX + 1]; /* 8110: primary company prefix; 8112: coupon funder */
    uint32_t offer;                     /* six digits */
    char serial[CF_GS1_COUPON_SERIAL_MAX + 1];
    /* 8110 only */
    uint32_t save_value;
    size_t n_requirements; /* 1..3 */
    struct cf_gs1_requirement requirements[3];
    uint8_t rules;            /* how they go together: 0 any, 1 all, 2 first and one other, 3 first or both others */
    uint32_t starts, expires; /* YYMMDD; 0: not stated */
    char retailer[CF_GS1_RETAILER_MAX + 1];
    uint8_t save_code, save_item, store_coupon; /* field 9 */
    bool no_doubling;
    /* 8112 only */
    uint8_t format;
};

/* CF_E_CODE_SHAPE for a value that is not of this form, to the last digit; CF_E_GS1_DATE. */
enum cf_rc cf_gs1_coupon_parse(enum cf_gs1_coupon_kind kind, cf_bytes digits, struct cf_gs1_coupon *ret,
                               struct cf_error *err) CF_MUST_CHECK;

#endif
