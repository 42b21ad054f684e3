/*
 * app/core/cash_rounding.c - see cash_rounding.h.
 */
#include "app/core/cash_rounding.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* CLDR's `fractions`, as ISO minor units; a currency that is not here is paid to the minor unit. A test holds each row
 * against CLDR. Some of these roundings are law, some are merely what coins there are; CLDR has none for AUD, NZD and
 * the euro of some countries: there the store's settings say it. */
static const struct {
    char code[4];
    int32_t step_minor;
} steps[] = {
    {"AFN", 100}, {"ALL", 100}, {"AMD", 100}, {"CAD", 5},   {"CHF", 5},    {"COP", 100}, {"CRC", 100}, {"CZK", 100},
    {"DKK", 50},  {"GYD", 100}, {"HUF", 500}, {"IDR", 100}, {"IQD", 1000}, {"IRR", 100}, {"KPW", 100}, {"LAK", 100},
    {"LBP", 100}, {"MGA", 100}, {"MMK", 100}, {"MNT", 100}, {"MUR", 100},  {"NOK", 100}, {"PKR", 100}, {"RSD", 100},
    {"SEK", 100}, {"SOS", 100}, {"SYP", 100}, {"TWD", 100}, {"TZS", 100},  {"UZS", 100}, {"YER", 100},
};

static const char *const ways[] = {[CF_CASH_NEAREST] = "nearest", [CF_CASH_DOWN] = "down", [CF_CASH_UP] = "up"};
#define N_WAYS (sizeof ways / sizeof ways[0])

struct cf_cash_rule cf_cash_rule_of(cf_currency currency)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (memcmp(steps[i].code, currency.code, sizeof currency.code) == 0) {
            return (struct cf_cash_rule){steps[i].step_minor, CF_CASH_NEAREST};
        }
    }
    return (struct cf_cash_rule){1, CF_CASH_NEAREST};
}

const char *cf_cash_way_name(enum cf_cash_way way)
{
    return (size_t)way < N_WAYS ? ways[way] : NULL;
}

bool cf_cash_way_parse(const char *name, enum cf_cash_way *ret)
{
    for (size_t i = CF_CASH_NEAREST; i < N_WAYS; i++) {
        if (strcmp(ways[i], name) == 0) {
            *ret = (enum cf_cash_way)i;
            return true;
        }
    }
    return false;
}

bool cf_cash_rule_is_plausible(const struct cf_cash_rule *rule)
{
    return rule->step_minor >= 1 && rule->step_minor <= CF_CASH_STEP_MAX && cf_cash_way_name(rule->way) != NULL;
}

enum cf_rc cf_cash_rounding(int64_t due_minor, const struct cf_cash_rule *rule, int64_t *ret_rounding,
                            struct cf_error *err)
{
    if (!cf_cash_rule_is_plausible(rule)) {
        return cf_fail(err, CF_E_RANGE, "cash in steps of %lld", (long long)rule->step_minor);
    }
    int64_t over = due_minor % rule->step_minor; /* as C has it: of the sign of due_minor */
    int64_t beyond = over < 0 ? -over : over;
    bool away = beyond != 0 &&
                (rule->way == CF_CASH_UP || (rule->way == CF_CASH_NEAREST && beyond >= rule->step_minor - beyond));
    int64_t rounding = -over, settled;
    if (away) {
        rounding = over < 0 ? -(rule->step_minor - beyond) : rule->step_minor - beyond;
    }
    enum cf_rc rc = cf_add_i64(due_minor, rounding, &settled, err);
    if (rc == CF_OK) {
        *ret_rounding = rounding;
    }
    return rc;
}

/* --- foreign money ------------------------------------------------------------------------------------------------ */

#define RATE_DIGITS 8

enum cf_rc cf_rate_parse(const char *text, int64_t *ret_e8, struct cf_error *err)
{
    int64_t value = 0;
    unsigned after = 0;
    size_t digits = 0;
    bool point = false;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '.' && !point && digits > 0) {
            point = true;
        } else if (*c >= '0' && *c <= '9' && after < RATE_DIGITS && value <= CF_RATE_MAX) {
            value = value * 10 + (*c - '0');
            digits++;
            after += point ? 1 : 0;
        } else {
            return cf_fail(err, CF_E_MONEY_SYNTAX, "a rate is a number with at most %d digits after the point",
                           RATE_DIGITS);
        }
    }
    if (digits == 0 || (point && after == 0)) {
        return cf_fail(err, CF_E_MONEY_SYNTAX, "a rate is a number like 7.1234");
    }
    for (; after < RATE_DIGITS && value <= CF_RATE_MAX; after++) {
        value *= 10;
    }
    if (after < RATE_DIGITS || value < 1 || value > CF_RATE_MAX) {
        return cf_fail(err, CF_E_RANGE, "a rate is above 0 and at most 1000000");
    }
    *ret_e8 = value;
    return CF_OK;
}

void cf_rate_format(int64_t rate_e8, char text[CF_RATE_TEXT_MAX])
{
    int n =
        snprintf(text, CF_RATE_TEXT_MAX, "%" PRId64 ".%08" PRId64, rate_e8 / CF_RATE_SCALE, rate_e8 % CF_RATE_SCALE);
    while (n > 0 && text[n - 1] == '0') {
        text[--n] = '\0';
    }
    if (n > 0 && text[n - 1] == '.') {
        text[n - 1] = '\0';
    }
}

static int64_t ten_to(unsigned n)
{
    int64_t power = 1;
    while (n-- > 0) {
        power *= 10;
    }
    return power;
}

static enum cf_rc check_rate(const struct cf_rate *rate, cf_currency home, struct cf_error *err)
{
    if (rate->rate_e8 < 1 || rate->rate_e8 > CF_RATE_MAX) {
        return cf_fail(err, CF_E_RANGE, "a rate of %lld hundred millionths", (long long)rate->rate_e8);
    }
    if (cf_currency_equal(rate->currency, home)) {
        return cf_fail(err, CF_E_CURRENCY, "%.3s is this store's own currency", home.code);
    }
    return CF_OK;
}

enum cf_rc cf_convert(int64_t foreign_minor, const struct cf_rate *rate, cf_currency home, int64_t *ret_minor,
                      struct cf_error *err)
{
    enum cf_rc rc = check_rate(rate, home, err);
    if (rc != CF_OK) {
        return rc;
    }
    /* At most 10^14 * 10^4 and 10^8 * 10^4: both fit. */
    int64_t up = rate->rate_e8 * ten_to(cf_currency_digits(home));
    int64_t down = CF_RATE_SCALE * ten_to(cf_currency_digits(rate->currency));
    return cf_muldiv_round(foreign_minor, up, down, ret_minor, err);
}

enum cf_rc cf_convert_due(int64_t due_minor, const struct cf_rate *rate, cf_currency home, int64_t step_minor,
                          int64_t *ret_foreign_minor, struct cf_error *err)
{
    int64_t enough = 0, foreign = 0, worth;
    enum cf_rc rc = check_rate(rate, home, err);
    if (rc == CF_OK && (due_minor < 0 || step_minor < 1 || step_minor > CF_CASH_STEP_MAX)) {
        rc = cf_fail(err, CF_E_RANGE, "%lld due, in steps of %lld", (long long)due_minor, (long long)step_minor);
    }
    if (rc == CF_OK) {
        rc = cf_muldiv_round(due_minor, CF_RATE_SCALE * ten_to(cf_currency_digits(rate->currency)),
                             rate->rate_e8 * ten_to(cf_currency_digits(home)), &enough, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    /* More is worth no less, so halving finds the least number of steps; `enough` is by one at most too little. */
    int64_t low = 0, high = enough / step_minor + 1;
    while (rc == CF_OK && low < high) {
        int64_t middle = low + (high - low) / 2;
        rc = cf_muldiv_round(middle, step_minor, 1, &foreign, err);
        rc = rc == CF_OK ? cf_convert(foreign, rate, home, &worth, err) : rc;
        if (rc == CF_OK && worth >= due_minor) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    rc = rc == CF_OK ? cf_muldiv_round(low, step_minor, 1, &foreign, err) : rc;
    if (rc == CF_OK) {
        *ret_foreign_minor = foreign;
    }
    return rc;
}
