/*
 * app/core/measure.c - see measure.h.
 */
#include "app/core/measure.h"

#include <assert.h>
#include <string.h>

#include "app/core/cart.h"

/* GS1 General Specifications, figure 7.9.2-1: a digit times its weighting factor. "2-": times 2, the tens taken off the
 * units; "5+": times 5, the tens added to the units; "5-": taken off. */
static const unsigned two_minus[] = {0, 2, 4, 6, 8, 9, 1, 3, 5, 7};
static const unsigned three[] = {0, 3, 6, 9, 2, 5, 8, 1, 4, 7};
static const unsigned five_plus[] = {0, 5, 1, 6, 2, 7, 3, 8, 4, 9};
static const unsigned five_minus[] = {0, 5, 9, 4, 8, 3, 7, 2, 6, 1};

unsigned cf_measure_check_digit(const uint8_t *d, size_t n)
{
    assert(n == 4 || n == 5);
    if (n == 4)
        return (two_minus[d[0]] + two_minus[d[1]] + three[d[2]] + five_minus[d[3]]) * 3u % 10;
    unsigned sum = five_plus[d[0]] + two_minus[d[1]] + five_minus[d[2]] + five_plus[d[3]] + two_minus[d[4]];
    unsigned wanted = (10 - sum % 10) % 10, digit = 0;
    while (five_minus[digit] != wanted)
        digit++;
    return digit;
}

/* Where a run of one letter stands. */
struct run {
    size_t at, n;
};

static struct run find_run(const char *pattern, char letter)
{
    const char *first = strchr(pattern, letter);
    struct run run = {0};
    if (first != NULL) {
        run.at = (size_t)(first - pattern);
        while (pattern[run.at + run.n] == letter)
            run.n++;
    }
    return run;
}

static bool is_one_run(const char *pattern, char letter)
{
    struct run run = find_run(pattern, letter);
    return run.n > 0 && strchr(pattern + run.at + run.n, letter) == NULL;
}

static bool is_restricted(uint64_t first_two)
{
    return first_two == 2 || (first_two >= 20 && first_two <= 29);
}

bool cf_gtin_is_restricted(cf_gtin gtin)
{
    return gtin.number < UINT64_C(10000000000000) && is_restricted(gtin.number / UINT64_C(100000000000));
}

enum cf_rc cf_measure_check(const struct cf_measure *measure, struct cf_error *err)
{
    const char *p = measure->pattern;
    if (strnlen(p, sizeof measure->pattern) != CF_MEASURE_DIGITS || strspn(p, "0123456789IPWVC") != CF_MEASURE_DIGITS)
        return cf_fail(err, CF_E_RANGE, "a template has %d characters of 0 to 9, I, P, W, V and C", CF_MEASURE_DIGITS);
    bool digits = p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9';
    if (!digits || !is_restricted((uint64_t)(p[0] - '0') * 10 + (uint64_t)(p[1] - '0')))
        return cf_fail(err, CF_E_RANGE, "%s: a template begins with 02 or 20 to 29", p);
    if (p[CF_MEASURE_DIGITS - 1] != 'C' || !is_one_run(p, 'C') || find_run(p, 'C').n != 1)
        return cf_fail(err, CF_E_RANGE, "%s: the last character is C, and no other", p);
    bool price = strchr(p, 'P') != NULL;
    struct run value = find_run(p, price ? 'P' : 'W'), item = find_run(p, 'I'), check = find_run(p, 'V');
    if ((price && strchr(p, 'W') != NULL) || !is_one_run(p, price ? 'P' : 'W') || value.n < 3 || value.n > 8)
        return cf_fail(err, CF_E_RANGE, "%s: either P or W, 3 to 8 of them side by side", p);
    if (!is_one_run(p, 'I') || item.n > 8)
        return cf_fail(err, CF_E_RANGE, "%s: I stands 1 to 8 times, side by side", p);
    if (check.n != 0 && (check.n != 1 || !is_one_run(p, 'V') || check.at + 1 != value.at || value.n < 4 || value.n > 5))
        return cf_fail(err, CF_E_RANGE, "%s: V stands once, right before 4 or 5 of P or W", p);
    if (measure->decimals > CF_MEASURE_DECIMALS_MAX)
        return cf_fail(err, CF_E_RANGE, "%s: %u digits after the point", p, (unsigned)measure->decimals);
    return CF_OK;
}

static bool fits(const char *pattern, const uint8_t digits[CF_MEASURE_DIGITS])
{
    for (size_t k = 0; k < CF_MEASURE_DIGITS; k++)
        if (pattern[k] >= '0' && pattern[k] <= '9' && pattern[k] - '0' != digits[k])
            return false;
    return true;
}

static int64_t number_at(const uint8_t digits[CF_MEASURE_DIGITS], struct run run)
{
    int64_t value = 0;
    for (size_t k = 0; k < run.n; k++)
        value = value * 10 + digits[run.at + k];
    return value;
}

static cf_gtin without_value(const char *pattern, const uint8_t digits[CF_MEASURE_DIGITS])
{
    uint64_t number = 0;
    for (size_t k = 0; k + 1 < CF_MEASURE_DIGITS; k++) {
        bool value = pattern[k] == 'P' || pattern[k] == 'W' || pattern[k] == 'V';
        number = number * 10 + (value ? 0 : digits[k]);
    }
    return (cf_gtin){number * 10 + cf_gtin_check_digit(number)};
}

/* A number with `decimals` digits after its point, as one with `digits`. False if it is finer. */
static bool rescale(int64_t value, unsigned decimals, unsigned digits, int64_t *ret)
{
    for (; decimals > digits; decimals--) {
        if (value % 10 != 0)
            return false;
        value /= 10;
    }
    for (; decimals < digits; decimals++)
        value *= 10; /* at most 8 digits and 4 more */
    *ret = value;
    return true;
}

static enum cf_rc read_value(const struct cf_measure *measure, const uint8_t digits[CF_MEASURE_DIGITS],
                             cf_currency currency, struct cf_measured *ret, struct cf_error *err)
{
    ret->is_price = strchr(measure->pattern, 'P') != NULL;
    struct run value = find_run(measure->pattern, ret->is_price ? 'P' : 'W');
    struct run check = find_run(measure->pattern, 'V');
    int64_t scaled = 0;
    if (check.n != 0 && cf_measure_check_digit(digits + value.at, value.n) != digits[check.at])
        return cf_fail(err, CF_E_MEASURE_CHECK, "the check digit of the %s is %u, not %u",
                       ret->is_price ? "price" : "weight", (unsigned)digits[check.at],
                       cf_measure_check_digit(digits + value.at, value.n));
    bool exact =
        rescale(number_at(digits, value), measure->decimals, ret->is_price ? cf_currency_digits(currency) : 3, &scaled);
    int64_t most = ret->is_price ? CF_PRICE_MINOR_MAX : CF_QTY_MILLI_MAX;
    if (!exact || scaled < 1 || scaled > most)
        return cf_fail(err, ret->is_price ? CF_E_PRICE : CF_E_QUANTITY, "the barcode holds a %s of %lld",
                       ret->is_price ? "price" : "weight", (long long)number_at(digits, value));
    if (ret->is_price)
        ret->price_minor = scaled;
    else
        ret->qty_milli = (int32_t)scaled;
    return CF_OK;
}

enum cf_rc cf_measure_read(const struct cf_measure *measures, size_t n, cf_gtin gtin, cf_currency currency,
                           bool *ret_found, struct cf_measured *ret, struct cf_error *err)
{
    uint8_t digits[CF_MEASURE_DIGITS];
    uint64_t rest = gtin.number;
    for (size_t k = CF_MEASURE_DIGITS; k-- > 0; rest /= 10)
        digits[k] = (uint8_t)(rest % 10);
    for (size_t k = 0; k < n && rest == 0; k++) {
        if (!fits(measures[k].pattern, digits))
            continue;
        struct cf_measured measured = {
            .item = (uint32_t)number_at(digits, find_run(measures[k].pattern, 'I')),
            .item_gtin = without_value(measures[k].pattern, digits),
        };
        enum cf_rc rc = read_value(&measures[k], digits, currency, &measured, err);
        if (rc != CF_OK)
            return rc;
        *ret = measured;
        *ret_found = true;
        return CF_OK;
    }
    *ret_found = false;
    return CF_OK;
}
