/*
 * app/core/measure.h - barcodes of restricted circulation that hold a price or a weight (EAN-13 from 02 and 20 to 29).
 *
 * Whoever prints such labels decides what their digits mean, so a store says it by templates. A template is thirteen
 * characters, one for each digit:
 *
 *   0..9  the digit itself; the first two are 02 or 20 to 29
 *   I     the item, 1 to 8 digits: its PLU, or its own barcode of this form with P, W and V at 0
 *   P, W  the price, or the weight: 3 to 8 digits
 *   V     the check digit of the price or weight that stands right after it, of 4 or 5 digits
 *   C     the check digit of the symbol, always last
 *
 *   "21IIIIIPPPPPC"   "02IIIIIVPPPPC"   "23IIIIVWWWWWC"
 *
 * Source: GS1 General Specifications 2.1.11 (restricted circulation), 7.9.2 to 7.9.4 (price and weight check digits).
 * Pure.
 */
#ifndef CF_CORE_MEASURE_H
#define CF_CORE_MEASURE_H

#include "app/core/gtin.h"
#include "base/money.h"

#define CF_MEASURE_DIGITS 13
#define CF_MEASURES_MAX 16
#define CF_MEASURE_DECIMALS_MAX 4

struct cf_measure {
    char pattern[CF_MEASURE_DIGITS + 1];
    uint8_t decimals; /* of the price in the store's currency, of the weight in kilograms */
};
struct cf_measured {
    bool is_price;       /* else a weight */
    uint32_t item;       /* the item's digits as a number */
    cf_gtin item_gtin;   /* the barcode with price, weight and their check digit at 0 */
    int64_t price_minor; /* 1..CF_PRICE_MINOR_MAX, of a price */
    int32_t qty_milli;   /* 1..CF_QTY_MILLI_MAX, of a weight */
};

/* CF_E_RANGE, with the reason, for a template that means nothing. */
enum cf_rc cf_measure_check(const struct cf_measure *measure, struct cf_error *err) CF_MUST_CHECK;
/* Could a template mean this number at all? */
bool cf_gtin_is_restricted(cf_gtin gtin);
/*
 * By the first template that fits; *ret_found is false, and all is well, if none does.
 *
 *   CF_E_MEASURE_CHECK  the check digit of price or weight is wrong
 *   CF_E_PRICE, CF_E_QUANTITY  it is 0, or finer than the currency or a gram
 */
enum cf_rc cf_measure_read(const struct cf_measure *measures, size_t n, cf_gtin gtin, cf_currency currency,
                           bool *ret_found, struct cf_measured *ret, struct cf_error *err) CF_MUST_CHECK;
/* The check digit of 4 or 5 digits (7.9.3, 7.9.4). */
unsigned cf_measure_check_digit(const uint8_t *digits, size_t n);

#endif
