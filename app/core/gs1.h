/*
 * app/core/gs1.h - GS1 element strings and Digital Links: which trade item, and how much of it.
 *
 * Of all application identifiers (AI) only those that name and measure a trade item are kept: 01, 30, 37, 310n. The
 * others are measured by the table of gs1.c, checked in form and passed over. Pure; bounded by the text's length.
 *
 * Sources: GS1 General Specifications sections 3 (AIs), 7.8 (element strings in concatenation, predefined lengths) and
 * 7.11 (character sets); GS1 Digital Link Standard: URI Syntax; GS1 Barcode Syntax Dictionary (the test compares).
 */
#ifndef CF_CORE_GS1_H
#define CF_CORE_GS1_H

#include "app/core/gtin.h"

#define CF_GS1_SEPARATOR 0x1D /* what a scanner sends for FNC1 between element strings */
#define CF_GS1_ELEMENTS_MAX 32

struct cf_gs1 {
    cf_gtin gtin;      /* AI 01 */
    int32_t qty_milli; /* a net weight in kilograms (310n, to the nearest gram), else a count (30, 37); 0: not stated */
};

/*
 * Each fills *ret only if AI 01 is there with a right check digit.
 *
 *   CF_E_CODE_PREFIX  not of this form, an unknown AI, or no AI 01
 *   CF_E_GTIN_CHECK   AI 01 with a wrong check digit
 *   CF_E_QUANTITY     a quantity of 0, beyond CF_QTY_MILLI_MAX, or two that differ
 */
/* "0106901234567892310300019510AB<GS>21X", with or without a leading separator. */
enum cf_rc cf_gs1_parse_elements(cf_bytes text, struct cf_gs1 *ret, struct cf_error *err) CF_MUST_CHECK;
/* "(01)06901234567892(3103)000195(10)AB": as people write it, and some scanners send it. */
enum cf_rc cf_gs1_parse_brackets(cf_bytes text, struct cf_gs1 *ret, struct cf_error *err) CF_MUST_CHECK;
/* "https://example.com/01/06901234567892/10/AB?3103=000195": the last path pair of key 01 with 12 to 14 digits. Eight
 * digits are not taken: "/2026/01/20260122" is a date in many an address, and the standard asks for 14. */
enum cf_rc cf_gs1_parse_link(cf_bytes text, struct cf_gs1 *ret, struct cf_error *err) CF_MUST_CHECK;
bool cf_gs1_is_link(cf_bytes text); /* begins with http:// or https:// */

/* Digits of the AI that begins with these two digits (2..4), 0 if unknown; *ret_fixed: value length if predefined, so
 * that no separator need follow, else 0. For tests. */
unsigned cf_gs1_ai_digits(const uint8_t first_two[2], unsigned *ret_fixed);

#endif
