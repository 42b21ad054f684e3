/*
 * app/core/gtin.h - Global Trade Item Numbers (GS1 General Specifications, section 3; check digit: section 7.9).
 *
 * GTIN-8, -12 and -13 are GTIN-14s with leading zeros, so one number names a product whatever symbol carried it. Pure.
 */
#ifndef CF_CORE_GTIN_H
#define CF_CORE_GTIN_H

#include "base/bytes.h"

typedef struct {
    uint64_t number; /* 1 .. 99999999999999, check digit included */
} cf_gtin;

#define CF_GTIN_TEXT_MAX 15

/* Digits only, of length 8, 12, 13 or 14. CF_E_GTIN_LENGTH, CF_E_GTIN_CHECK. */
enum cf_rc cf_gtin_parse(cf_bytes digits, cf_gtin *ret, struct cf_error *err) CF_MUST_CHECK;
/* The check digit (0..9) for the digits before it (at most 13 digits as a number). */
unsigned cf_gtin_check_digit(uint64_t digits_before);
/* 14 digits. */
void cf_gtin_format(cf_gtin gtin, char text[CF_GTIN_TEXT_MAX]);

#endif
