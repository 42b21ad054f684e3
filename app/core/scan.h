/*
 * app/core/scan.h - what a scanned text is, before anything is looked up.
 *
 * Takes what a scanner or camera read, with or without an AIM symbology identifier (ISO/IEC 15424: "]E0", "]C1", "]Q3")
 * in front, and sorts it by its own form alone. Whether a product exists or a coupon is genuine is decided later. Pure.
 */
#ifndef CF_CORE_SCAN_H
#define CF_CORE_SCAN_H

#include "app/core/gs1.h"

#define CF_PLU_MAX 999999
#define CF_SCAN_TEXT_MAX 4296 /* the largest alphanumeric QR symbol, ISO/IEC 18004 */

enum cf_scan_kind {
    CF_SCAN_PRODUCT,     /* a GTIN with a right check digit */
    CF_SCAN_GS1,         /* a GS1 element string or Digital Link that carries a GTIN (AI 01) */
    CF_SCAN_GS1_COUPON,  /* a manufacturer's coupon (AI 8110, 8112): gs1_coupon.h takes it apart */
    CF_SCAN_PLU,         /* "#4011": a number that people look up and type */
    CF_SCAN_SKU,         /* another short printable text: looked up in the catalogue as a shop's own code */
    CF_SCAN_MEMBER_CARD, /* MS1: */
    CF_SCAN_MEMBER_CODE, /* MC1: */
    CF_SCAN_COUPON,      /* CP1: */
    CF_SCAN_TICKET,      /* CT1: */
    CF_SCAN_VALUE,       /* GC1: a gift card or store credit */
    CF_SCAN_ORDER,       /* PU1: */
    CF_SCAN_QUOTE,       /* CQ1: */
    CF_SCAN_PAYMENT,     /* a shopper's mobile payment code: 18 digits 10..15 (WeChat), 16..24 digits 25..30 (Alipay) */
    CF_SCAN_COMMAND,     /* CF:..., a command barcode of this till */
    CF_SCAN_UNKNOWN,     /* none of these; `rc` says why */
};

struct cf_scan {
    enum cf_scan_kind kind;
    enum cf_rc
        rc;        /* why UNKNOWN: CF_E_SCAN_EMPTY, _CODE_SIZE, _GTIN_CHECK, _CODE_PREFIX (nothing known here), _BASE45
                      (ours, but damaged), _QUANTITY (GS1), _GS1_DATE, _ENCODING (control characters, no UTF-8); else CF_OK */
    char aim[4];   /* "E0" from "]E0", or "" */
    cf_bytes text; /* a view into the input: without AIM identifier and surrounding white space */
    cf_gtin gtin;  /* of PRODUCT and GS1 */
    int32_t qty_milli; /* of GS1 with a net weight (AI 310n, 320n) in kilograms or a count (AI 30, 37); else 0 */
    struct cf_gs1 gs1; /* of GS1 and GS1_COUPON */
    uint32_t plu;      /* of PLU: 1..CF_PLU_MAX */
};

/* Never fails: what cannot be sorted is CF_SCAN_UNKNOWN. */
void cf_scan_classify(cf_bytes scanned, struct cf_scan *ret);
const char *cf_scan_kind_name(enum cf_scan_kind kind); /* "product", "member_code", ... */

#endif
