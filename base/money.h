/*
 * base/money.h - integer money: minor units and a currency.
 *
 * No float anywhere. One scaling function, cf_muldiv_round, does every multiplication of an amount, and it has one
 * rounding: half away from zero. Pure; thread-safe.
 */
#ifndef CF_BASE_MONEY_H
#define CF_BASE_MONEY_H

#include "base/error.h"

/* ISO 4217 alphabetic code, upper case, NUL-terminated. */
typedef struct {
    char code[4];
} cf_currency;

/* An amount in minor units ("fen", "pence") of a currency. */
typedef struct {
    int64_t minor;
    cf_currency currency;
} cf_money;

/* Three capital letters, listed or not; else CF_E_CURRENCY. */
enum cf_rc cf_currency_parse(const char *text, cf_currency *ret, struct cf_error *err) CF_MUST_CHECK;
bool cf_currency_equal(cf_currency a, cf_currency b);
/* Digits after the point as ISO 4217 has them (0 for JPY, 3 for KWD, 2 for unlisted currencies). */
unsigned cf_currency_digits(cf_currency currency);
/* The three-digit numeric code of ISO 4217 (156 for CNY), as barcodes have it; 0 for an unlisted currency. */
unsigned cf_currency_number(cf_currency currency);
/* The sign a receipt shows ("¥", "£", "$", "€"), else the code itself; "¤" for a currency unknown to ISO 4217. UTF-8,
 * static. */
const char *cf_currency_sign(cf_currency currency);

/* Checked arithmetic: CF_E_OVERFLOW beyond int64, CF_E_CURRENCY for different currencies. */
enum cf_rc cf_money_add(cf_money a, cf_money b, cf_money *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_money_subtract(cf_money a, cf_money b, cf_money *ret, struct cf_error *err) CF_MUST_CHECK;

/* Parses "12", "12.5", "-0.05" into minor units of `currency`; no sign but '-', no grouping, not more digits after
 * the point than the currency has. CF_E_MONEY_SYNTAX, CF_E_OVERFLOW. */
enum cf_rc cf_money_parse(const char *text, cf_currency currency, cf_money *ret, struct cf_error *err) CF_MUST_CHECK;

#define CF_MONEY_TEXT_MAX 40
/* "-12.50" into text (NUL-terminated); without sign or code. */
void cf_money_format(cf_money money, char text[CF_MONEY_TEXT_MAX]);
/* "¥12.50", "-¥0.05"; a code instead of a sign stands apart: "CHF 12.50". */
void cf_money_format_signed(cf_money money, char text[CF_MONEY_TEXT_MAX]);

/* a * b / c in 128 bits, rounded half away from zero. c > 0 (asserted). CF_E_OVERFLOW if it does not fit. */
enum cf_rc cf_muldiv_round(int64_t a, int64_t b, int64_t c, int64_t *ret, struct cf_error *err) CF_MUST_CHECK;

/* Shares `amount` over n parts in proportion to weight[] (each >= 0, sum > 0, else CF_E_RANGE) by largest remainder;
 * equal remainders go to the lower index. The shares sum to amount exactly; amount may be negative. `ret_share` has n
 * entries and may not overlap weight. CF_E_LIMIT: n > CF_ALLOCATE_MAX. No heap; about 80 kB of stack. */
#define CF_ALLOCATE_MAX 4096
enum cf_rc cf_allocate(int64_t amount, const int64_t *weight, size_t n, int64_t *ret_share,
                       struct cf_error *err) CF_MUST_CHECK;

/* Overflow-checked int64 arithmetic for sums within one currency. */
enum cf_rc cf_add_i64(int64_t a, int64_t b, int64_t *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_sub_i64(int64_t a, int64_t b, int64_t *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
