/*
 * base/money.c - currencies, amounts, the one scaling function and the one sharing function.
 *
 * Pure; thread-safe; allocates nothing.
 */
#include "base/money.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct currency_row {
    char code[4];
    unsigned digits;
    const char *sign; /* NULL: the code */
};

/* Active codes of ISO 4217 with their minor units, in order. (CLDR counts digits as people use them, which is not the
 * same: it has 0 for IQD and PKR.) */
static const struct currency_row currencies[] = {
    {"AED", 2, NULL},  {"AFN", 2, NULL}, {"ALL", 2, NULL}, {"AMD", 2, NULL}, {"ANG", 2, NULL}, {"AOA", 2, NULL},
    {"ARS", 2, NULL},  {"AUD", 2, "A$"}, {"AWG", 2, NULL}, {"AZN", 2, NULL}, {"BAM", 2, NULL}, {"BBD", 2, NULL},
    {"BDT", 2, NULL},  {"BGN", 2, NULL}, {"BHD", 3, NULL}, {"BIF", 0, NULL}, {"BMD", 2, NULL}, {"BND", 2, NULL},
    {"BOB", 2, NULL},  {"BRL", 2, "R$"}, {"BSD", 2, NULL}, {"BTN", 2, NULL}, {"BWP", 2, NULL}, {"BYN", 2, NULL},
    {"BZD", 2, NULL},  {"CAD", 2, "C$"}, {"CDF", 2, NULL}, {"CHF", 2, NULL}, {"CLF", 4, NULL}, {"CLP", 0, NULL},
    {"CNY", 2, "¥"},   {"COP", 2, NULL}, {"CRC", 2, NULL}, {"CUP", 2, NULL}, {"CVE", 2, NULL}, {"CZK", 2, NULL},
    {"DJF", 0, NULL},  {"DKK", 2, NULL}, {"DOP", 2, NULL}, {"DZD", 2, NULL}, {"EGP", 2, NULL}, {"ERN", 2, NULL},
    {"ETB", 2, NULL},  {"EUR", 2, "€"},  {"FJD", 2, NULL}, {"FKP", 2, NULL}, {"GBP", 2, "£"},  {"GEL", 2, NULL},
    {"GHS", 2, NULL},  {"GIP", 2, NULL}, {"GMD", 2, NULL}, {"GNF", 0, NULL}, {"GTQ", 2, NULL}, {"GYD", 2, NULL},
    {"HKD", 2, "HK$"}, {"HNL", 2, NULL}, {"HTG", 2, NULL}, {"HUF", 2, NULL}, {"IDR", 2, NULL}, {"ILS", 2, NULL},
    {"INR", 2, "₹"},   {"IQD", 3, NULL}, {"IRR", 2, NULL}, {"ISK", 0, NULL}, {"JMD", 2, NULL}, {"JOD", 3, NULL},
    {"JPY", 0, "¥"},   {"KES", 2, NULL}, {"KGS", 2, NULL}, {"KHR", 2, NULL}, {"KMF", 0, NULL}, {"KPW", 2, NULL},
    {"KRW", 0, "₩"},   {"KWD", 3, NULL}, {"KYD", 2, NULL}, {"KZT", 2, NULL}, {"LAK", 2, NULL}, {"LBP", 2, NULL},
    {"LKR", 2, NULL},  {"LRD", 2, NULL}, {"LSL", 2, NULL}, {"LYD", 3, NULL}, {"MAD", 2, NULL}, {"MDL", 2, NULL},
    {"MGA", 2, NULL},  {"MKD", 2, NULL}, {"MMK", 2, NULL}, {"MNT", 2, NULL}, {"MOP", 2, NULL}, {"MRU", 2, NULL},
    {"MUR", 2, NULL},  {"MVR", 2, NULL}, {"MWK", 2, NULL}, {"MXN", 2, NULL}, {"MYR", 2, NULL}, {"MZN", 2, NULL},
    {"NAD", 2, NULL},  {"NGN", 2, NULL}, {"NIO", 2, NULL}, {"NOK", 2, NULL}, {"NPR", 2, NULL}, {"NZD", 2, NULL},
    {"OMR", 3, NULL},  {"PAB", 2, NULL}, {"PEN", 2, NULL}, {"PGK", 2, NULL}, {"PHP", 2, NULL}, {"PKR", 2, NULL},
    {"PLN", 2, NULL},  {"PYG", 0, NULL}, {"QAR", 2, NULL}, {"RON", 2, NULL}, {"RSD", 2, NULL}, {"RUB", 2, NULL},
    {"RWF", 0, NULL},  {"SAR", 2, NULL}, {"SBD", 2, NULL}, {"SCR", 2, NULL}, {"SDG", 2, NULL}, {"SEK", 2, NULL},
    {"SGD", 2, "S$"},  {"SHP", 2, NULL}, {"SLE", 2, NULL}, {"SOS", 2, NULL}, {"SRD", 2, NULL}, {"SSP", 2, NULL},
    {"STN", 2, NULL},  {"SVC", 2, NULL}, {"SYP", 2, NULL}, {"SZL", 2, NULL}, {"THB", 2, NULL}, {"TJS", 2, NULL},
    {"TMT", 2, NULL},  {"TND", 3, NULL}, {"TOP", 2, NULL}, {"TRY", 2, NULL}, {"TTD", 2, NULL}, {"TWD", 2, "NT$"},
    {"TZS", 2, NULL},  {"UAH", 2, NULL}, {"UGX", 0, NULL}, {"USD", 2, "$"},  {"UYI", 0, NULL}, {"UYU", 2, NULL},
    {"UYW", 4, NULL},  {"UZS", 2, NULL}, {"VED", 2, NULL}, {"VES", 2, NULL}, {"VND", 0, NULL}, {"VUV", 0, NULL},
    {"WST", 2, NULL},  {"XAF", 0, NULL}, {"XCD", 2, NULL}, {"XOF", 0, NULL}, {"XPF", 0, NULL}, {"YER", 2, NULL},
    {"ZAR", 2, NULL},  {"ZMW", 2, NULL}, {"ZWG", 2, NULL},
};

#define CURRENCY_ROWS (sizeof currencies / sizeof currencies[0])
#define DIGITS_UNLISTED 2

static const struct currency_row *find_currency(cf_currency currency)
{
    size_t low = 0;
    size_t high = CURRENCY_ROWS;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(currencies[middle].code, currency.code, sizeof currency.code);
        if (order == 0)
            return &currencies[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

enum cf_rc cf_currency_parse(const char *text, cf_currency *ret, struct cf_error *err)
{
    cf_currency found = {""};
    for (size_t i = 0; i < 3; i++) {
        if (text[i] < 'A' || text[i] > 'Z')
            return cf_fail(err, CF_E_CURRENCY, "a currency is three capital letters, not \"%.20s\"", text);
        found.code[i] = text[i];
    }
    if (text[3] != '\0')
        return cf_fail(err, CF_E_CURRENCY, "a currency is three capital letters, not \"%.20s\"", text);
    *ret = found;
    return CF_OK;
}

bool cf_currency_equal(cf_currency a, cf_currency b)
{
    return memcmp(a.code, b.code, sizeof a.code) == 0;
}

unsigned cf_currency_digits(cf_currency currency)
{
    const struct currency_row *row = find_currency(currency);
    return row == NULL ? DIGITS_UNLISTED : row->digits;
}

const char *cf_currency_sign(cf_currency currency)
{
    const struct currency_row *row = find_currency(currency);
    if (row == NULL)
        return "¤";
    return row->sign == NULL ? row->code : row->sign;
}

enum cf_rc cf_add_i64(int64_t a, int64_t b, int64_t *ret, struct cf_error *err)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return cf_fail(err, CF_E_OVERFLOW, "%" PRId64 " + %" PRId64 " is too large", a, b);
    *ret = sum;
    return CF_OK;
}

enum cf_rc cf_sub_i64(int64_t a, int64_t b, int64_t *ret, struct cf_error *err)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference))
        return cf_fail(err, CF_E_OVERFLOW, "%" PRId64 " - %" PRId64 " is too large", a, b);
    *ret = difference;
    return CF_OK;
}

static enum cf_rc same_currency(cf_money a, cf_money b, struct cf_error *err)
{
    if (!cf_currency_equal(a.currency, b.currency))
        return cf_fail(err, CF_E_CURRENCY, "%.3s and %.3s", a.currency.code, b.currency.code);
    return CF_OK;
}

enum cf_rc cf_money_add(cf_money a, cf_money b, cf_money *ret, struct cf_error *err)
{
    cf_money sum = a;
    enum cf_rc rc = same_currency(a, b, err);
    if (rc == CF_OK)
        rc = cf_add_i64(a.minor, b.minor, &sum.minor, err);
    if (rc == CF_OK)
        *ret = sum;
    return rc;
}

enum cf_rc cf_money_subtract(cf_money a, cf_money b, cf_money *ret, struct cf_error *err)
{
    cf_money difference = a;
    enum cf_rc rc = same_currency(a, b, err);
    if (rc == CF_OK)
        rc = cf_sub_i64(a.minor, b.minor, &difference.minor, err);
    if (rc == CF_OK)
        *ret = difference;
    return rc;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Is it -?[0-9]+(\.[0-9]{1,digits})? whole. */
static bool is_amount(const char *text, unsigned digits)
{
    const char *p = text + (text[0] == '-');
    if (!is_digit(*p))
        return false;
    while (is_digit(*p))
        p++;
    if (*p == '\0')
        return true;
    if (*p != '.' || !is_digit(p[1]))
        return false;
    unsigned decimals = 0;
    for (p++; is_digit(*p) && decimals < digits; p++)
        decimals++;
    return decimals > 0 && *p == '\0';
}

enum cf_rc cf_money_parse(const char *text, cf_currency currency, cf_money *ret, struct cf_error *err)
{
    unsigned digits = cf_currency_digits(currency);
    if (!is_amount(text, digits))
        return cf_fail(err, CF_E_MONEY_SYNTAX,
                       "\"%.40s\" is not an amount of %.3s, which has %u digits after the point", text, currency.code,
                       digits);

    bool negative = text[0] == '-';
    bool after_point = false;
    unsigned decimals = 0;
    bool overflow = false;
    int64_t minor = 0;
    for (const char *p = text + negative; *p != '\0' || decimals < digits;) {
        int64_t digit = 0; /* the decimals that are not written are zeros */
        if (*p == '.') {
            after_point = true;
            p++;
            continue;
        }
        if (*p != '\0')
            digit = *p++ - '0';
        else
            after_point = true;
        decimals += after_point;
        /* Towards its sign, since the most negative amount has no positive twin. */
        overflow |= __builtin_mul_overflow(minor, 10, &minor);
        overflow |= __builtin_add_overflow(minor, negative ? -digit : digit, &minor);
    }
    if (overflow)
        return cf_fail(err, CF_E_OVERFLOW, "\"%.40s\" is too large", text);
    *ret = (cf_money){minor, currency};
    return CF_OK;
}

static uint64_t magnitude(int64_t v)
{
    return v < 0 ? UINT64_C(0) - (uint64_t)v : (uint64_t)v;
}

static void format_with(const char *sign, const char *gap, cf_money money, char text[CF_MONEY_TEXT_MAX])
{
    unsigned digits = cf_currency_digits(money.currency);
    uint64_t unit = 1;
    for (unsigned i = 0; i < digits; i++)
        unit *= 10;
    const char *minus = money.minor < 0 ? "-" : "";
    uint64_t minor = magnitude(money.minor);
    int length;
    if (digits == 0)
        length = snprintf(text, CF_MONEY_TEXT_MAX, "%s%s%s%" PRIu64, minus, sign, gap, minor);
    else
        length = snprintf(text, CF_MONEY_TEXT_MAX, "%s%s%s%" PRIu64 ".%0*" PRIu64, minus, sign, gap, minor / unit,
                          (int)digits, minor % unit);
    assert(length > 0 && length < CF_MONEY_TEXT_MAX);
}

void cf_money_format(cf_money money, char text[CF_MONEY_TEXT_MAX])
{
    format_with("", "", money, text);
}

void cf_money_format_signed(cf_money money, char text[CF_MONEY_TEXT_MAX])
{
    const struct currency_row *row = find_currency(money.currency);
    bool is_code = row != NULL && row->sign == NULL;
    format_with(cf_currency_sign(money.currency), is_code ? " " : "", money, text);
}

enum cf_rc cf_muldiv_round(int64_t a, int64_t b, int64_t c, int64_t *ret, struct cf_error *err)
{
    assert(c > 0);
    bool negative = (a < 0) != (b < 0);
    unsigned __int128 product = (unsigned __int128)magnitude(a) * magnitude(b);
    unsigned __int128 quotient = (product + (uint64_t)c / 2) / (uint64_t)c;
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    if (quotient > limit)
        return cf_fail(err, CF_E_OVERFLOW, "%" PRId64 " * %" PRId64 " / %" PRId64 " is too large", a, b, c);
    uint64_t value = (uint64_t)quotient;
    *ret = (int64_t)(negative ? UINT64_C(0) - value : value);
    return CF_OK;
}

/*
 * The remainder from which on parts take a left-over unit, when `units` parts do: found digit by digit from the top, in
 * base 256, so that the time is linear whatever the remainders are. *ret_above: how many parts are above it.
 */
static unsigned __int128 find_threshold(uint64_t units, size_t n, const unsigned __int128 *remainder,
                                        unsigned __int128 largest, uint64_t *ret_above)
{
    unsigned __int128 prefix = 0;
    uint64_t above = 0;
    unsigned shift = 0;
    while (shift < 120 && largest >> shift > UINT8_MAX)
        shift += 8;
    for (;; shift -= 8) {
        uint16_t count[256] = {0};
        for (size_t i = 0; i < n; i++)
            if (shift == 120 || remainder[i] >> (shift + 8) == prefix)
                count[(uint8_t)(remainder[i] >> shift)]++;
        unsigned digit = UINT8_MAX;
        while (above + count[digit] < units) {
            above += count[digit];
            assert(digit > 0);
            digit--;
        }
        prefix = prefix << 8 | digit;
        if (shift == 0)
            break;
    }
    *ret_above = above;
    return prefix;
}

/* Gives one unit each to the `units` parts with the largest remainders, of equal ones to the first. */
static void share_rest(uint64_t units, size_t n, const unsigned __int128 *remainder, unsigned __int128 largest,
                       int64_t step, int64_t *share)
{
    assert(units < n);
    if (units == 0)
        return;
    uint64_t above;
    unsigned __int128 threshold = find_threshold(units, n, remainder, largest, &above);
    uint64_t equal = units - above;
    for (size_t i = 0; i < n; i++) {
        bool takes = remainder[i] > threshold;
        if (remainder[i] == threshold && equal > 0) {
            takes = true;
            equal--;
        }
        if (takes)
            share[i] += step;
    }
}

enum cf_rc cf_allocate(int64_t amount, const int64_t *weight, size_t n, int64_t *ret_share, struct cf_error *err)
{
    if (n > CF_ALLOCATE_MAX)
        return cf_fail(err, CF_E_LIMIT, "%zu parts, where at most %d are shared over", n, CF_ALLOCATE_MAX);
    unsigned __int128 weights = 0;
    for (size_t i = 0; i < n; i++) {
        if (weight[i] < 0)
            return cf_fail(err, CF_E_RANGE, "the weight of part %zu is negative", i);
        weights += (uint64_t)weight[i];
    }
    if (weights == 0)
        return cf_fail(err, CF_E_RANGE, "all weights are zero");

    /* By magnitude, so that taking an amount back shares it out as it was given. */
    unsigned __int128 remainder[CF_ALLOCATE_MAX], largest = 0;
    uint64_t rest = magnitude(amount);
    int64_t step = amount < 0 ? -1 : 1;
    for (size_t i = 0; i < n; i++) {
        unsigned __int128 product = (unsigned __int128)magnitude(amount) * (uint64_t)weight[i];
        uint64_t whole;
        /* Sums of a shop fit 64 bits, where a division takes a fraction of the time. */
        if (product <= UINT64_MAX && weights <= UINT64_MAX) {
            whole = (uint64_t)product / (uint64_t)weights;
            remainder[i] = (uint64_t)product % (uint64_t)weights;
        } else {
            whole = (uint64_t)(product / weights);
            remainder[i] = product % weights;
        }
        largest = remainder[i] > largest ? remainder[i] : largest;
        ret_share[i] = (int64_t)(amount < 0 ? UINT64_C(0) - whole : whole);
        rest -= whole;
    }
    share_rest(rest, n, remainder, largest, step, ret_share);
    return CF_OK;
}
