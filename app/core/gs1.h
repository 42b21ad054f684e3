/*
 * app/core/gs1.h - GS1 element strings and Digital Links: which trade item, and how much of it.
 *
 * Of all application identifiers (AI) those that name, measure, price and date a trade item are kept, and coupons. The
 * others are measured by the table of gs1.c, checked in form and passed over. Pure; bounded by the text's length.
 *
 * Sources: GS1 General Specifications sections 3 (AIs), 7.8 (element strings in concatenation, predefined lengths),
 * 7.11 (character sets) and 7.12 (dates); GS1 Digital Link Standard: URI Syntax; GS1 Barcode Syntax Dictionary (the
 * test compares).
 */
#ifndef CF_CORE_GS1_H
#define CF_CORE_GS1_H

#include "app/core/gtin.h"
#include "base/money.h"

#define CF_GS1_SEPARATOR 0x1D /* what a scanner sends for FNC1 between element strings */
#define CF_GS1_ELEMENTS_MAX 32
#define CF_GS1_TEXT_MAX 20 /* of a batch or serial number */

enum cf_gs1_coupon_kind {
    CF_GS1_COUPON_NONE = 0,
    CF_GS1_COUPON_NORTH_AMERICA = 8110, /* gs1_coupon.h says what is in them */
    CF_GS1_COUPON_POSITIVE_OFFER = 8112,
};

/* What a code states. Numbers are 0 and texts empty where it states nothing. */
struct cf_gs1 {
    cf_gtin gtin; /* AI 01; 0 only for a coupon */
    int32_t
        qty_milli; /* a net weight in kilograms (310n; 320n from pounds; to the nearest gram), else a count (30, 37) */
    bool is_weight;
    char batch[CF_GS1_TEXT_MAX + 1];       /* 10 */
    char serial[CF_GS1_TEXT_MAX + 1];      /* 21 */
    uint32_t use_by, sell_by, best_before; /* 17, 16, 15: YYMMDD as they stand there; cf_gs1_date makes a day of them */
    bool has_price;                        /* 392n and 393n, else 390n and 391n: what this very piece costs */
    int64_t price;                         /* with `price_decimals` digits after the point */
    uint8_t price_decimals;
    uint16_t price_currency; /* ISO 4217's number; 0: the shop's own */
    enum cf_gs1_coupon_kind coupon_kind;
    cf_bytes coupon; /* its value, a view into the text */
};

/*
 * Each fills *ret only if AI 01 is there with a right check digit, or a coupon (8110, 8112) is.
 *
 *   CF_E_CODE_PREFIX  not of this form, an unknown AI, neither AI 01 nor a coupon, or two values that differ
 *   CF_E_GTIN_CHECK   AI 01 with a wrong check digit
 *   CF_E_QUANTITY     a quantity of 0, beyond CF_QTY_MILLI_MAX, or two that differ
 *   CF_E_GS1_DATE     a month or day that does not exist
 */
/* "0106901234567892310300019510AB<GS>21X", with or without a leading separator. */
enum cf_rc cf_gs1_parse_elements(cf_bytes text, struct cf_gs1 *ret, struct cf_error *err) CF_MUST_CHECK;
/* "(01)06901234567892(3103)000195(10)AB": as people write it, and some scanners send it. */
enum cf_rc cf_gs1_parse_brackets(cf_bytes text, struct cf_gs1 *ret, struct cf_error *err) CF_MUST_CHECK;
/* "https://example.com/01/06901234567892/10/AB?3103=000195": the last path pair of key 01 with 12 to 14 digits. Eight
 * digits are not taken: "/2026/01/20260122" is a date in many an address, and the standard asks for 14. */
enum cf_rc cf_gs1_parse_link(cf_bytes text, struct cf_gs1 *ret, struct cf_error *err) CF_MUST_CHECK;
bool cf_gs1_is_link(cf_bytes text); /* begins with http:// or https:// */

/* The day that YYMMDD means on `today` (20261122): the century is the one that brings it within 49 years back and 50
 * ahead (7.12), and day 00 is the last of its month. 0 if there is no such day. */
uint32_t cf_gs1_date(uint32_t yymmdd, uint32_t today);
/* Is it sold too late on `today`? *ret_day is the last day on which it might be. Of dates that are there the earliest
 * counts; `best_before_counts`: goods past their best are not sold here either. */
bool cf_gs1_is_past(const struct cf_gs1 *gs1, uint32_t today, bool best_before_counts, uint32_t *ret_day);
/* The price in minor units of `currency`. CF_E_PRICE: none, 0 or too large, or more digits than the currency has;
 * CF_E_CURRENCY: it is in another. */
enum cf_rc cf_gs1_price(const struct cf_gs1 *gs1, cf_currency currency, int64_t *ret_minor,
                        struct cf_error *err) CF_MUST_CHECK;

/* Digits of the AI that begins with these two digits (2..4), 0 if unknown; *ret_fixed: value length if predefined, so
 * that no separator need follow, else 0. For tests. */
unsigned cf_gs1_ai_digits(const uint8_t first_two[2], unsigned *ret_fixed);

#endif
