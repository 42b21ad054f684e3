/*
 * app/core/cash_rounding.h - what can be paid in coins, and what foreign money is worth.
 *
 * Prices and totals are to the minor unit; coins are not. What is paid otherwise is never rounded: of a mixed payment
 * only the part that is left for cash is. Knows neither sale nor tender. Pure; thread-safe.
 *
 * Source of the steps: Unicode CLDR, supplemental/currencyData, `fractions` (UTS 35 part 3: _cashRounding in units of
 * _cashDigits). CLDR counts digits as people use them and this code as ISO 4217 has them, so that a step is written
 * here in ISO's minor units: CLDR rounds a forint to 5 of no digits, which is 500 of ISO's two.
 */
#ifndef CF_CORE_CASH_ROUNDING_H
#define CF_CORE_CASH_ROUNDING_H

#include "base/money.h"

enum cf_cash_way {
    CF_CASH_NEAREST = 1, /* a half away from zero */
    CF_CASH_DOWN = 2,    /* in the shopper's favour, as 抹零 does */
    CF_CASH_UP = 3,
};
#define CF_CASH_STEP_MAX INT64_C(1000000)

struct cf_cash_rule {
    int64_t step_minor; /* 1..CF_CASH_STEP_MAX; 1: nothing is rounded */
    enum cf_cash_way way;
};

/* How a currency is paid in cash where the store says nothing else. */
struct cf_cash_rule cf_cash_rule_of(cf_currency currency);
bool cf_cash_rule_is_plausible(const struct cf_cash_rule *rule);
const char *cf_cash_way_name(enum cf_cash_way way); /* "nearest", "down", "up"; NULL for none of them */
bool cf_cash_way_parse(const char *name, enum cf_cash_way *ret);

/*
 * What cash settles where `due_minor` is left to be paid (or, below zero, given back): *ret_rounding is to be added
 * to the amount due, which then is a whole number of steps. An amount and its negative round alike, so a refund gives
 * back what was taken.
 *
 *   1234 by 10 down: -4      1234 by 10 nearest: -4      1235 by 10 nearest: +5      -1234 by 10 down: +4
 *
 * CF_E_OVERFLOW at the edge of int64, CF_E_RANGE for an implausible rule.
 */
enum cf_rc cf_cash_rounding(int64_t due_minor, const struct cf_cash_rule *rule, int64_t *ret_rounding,
                            struct cf_error *err) CF_MUST_CHECK;

/* What a unit of foreign money is worth here, times 10^8: 1 USD = 7.1234 CNY is 712340000. */
#define CF_RATE_SCALE INT64_C(100000000)
#define CF_RATE_MAX (INT64_C(1000000) * CF_RATE_SCALE)

struct cf_rate {
    cf_currency currency; /* foreign */
    int64_t rate_e8;      /* 1..CF_RATE_MAX */
};

/* "7.1234" to 712340000; at most 8 digits after the point. CF_E_MONEY_SYNTAX, CF_E_RANGE. */
enum cf_rc cf_rate_parse(const char *text, int64_t *ret_e8, struct cf_error *err) CF_MUST_CHECK;
#define CF_RATE_TEXT_MAX 24
void cf_rate_format(int64_t rate_e8, char text[CF_RATE_TEXT_MAX]); /* "7.1234", without zeros at the end */

/*
 * What `foreign_minor` of it is worth in `home`, rounded once to the nearest minor unit, half away from zero.
 * CF_E_RANGE for a rate out of range, CF_E_CURRENCY if both are the same currency, CF_E_OVERFLOW.
 */
enum cf_rc cf_convert(int64_t foreign_minor, const struct cf_rate *rate, cf_currency home, int64_t *ret_minor,
                      struct cf_error *err) CF_MUST_CHECK;
/* The least amount of it that settles `due_minor` (>= 0) of `home`, in steps of what its own cash has (`step_minor`,
 * 1: none). Errors as above. */
enum cf_rc cf_convert_due(int64_t due_minor, const struct cf_rate *rate, cf_currency home, int64_t step_minor,
                          int64_t *ret_foreign_minor, struct cf_error *err) CF_MUST_CHECK;

#endif
