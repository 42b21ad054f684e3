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
    uint8_t digits;
    uint16_t number;
    const char *sign; /* NULL: the code */
};

/* Active codes of ISO 4217 with their minor units and their numeric codes, in order. (CLDR counts digits as people use
 * them, which is not the same: it has 0 for IQD and PKR.) */
static const struct currency_row currencies[] = {
    {"AED", 2, 784, NULL}, {"AFN", 2, 971, NULL}, {"ALL", 2, 8, NULL},    {"AMD", 2, 51, NULL},  {"ANG", 2, 532, NULL},
    {"AOA", 2, 973, NULL}, {"ARS", 2, 32, NULL},  {"AUD", 2, 36, "A$"},   {"AWG", 2, 533, NULL}, {"AZN", 2, 944, NULL},
    {"BAM", 2, 977, NULL}, {"BBD", 2, 52, NULL},  {"BDT", 2, 50, NULL},   {"BGN", 2, 975, NULL}, {"BHD", 3, 48, NULL},
    {"BIF", 0, 108, NULL}, {"BMD", 2, 60, NULL},  {"BND", 2, 96, NULL},   {"BOB", 2, 68, NULL},  {"BRL", 2, 986, "R$"},
    {"BSD", 2, 44, NULL},  {"BTN", 2, 64, NULL},  {"BWP", 2, 72, NULL},   {"BYN", 2, 933, NULL}, {"BZD", 2, 84, NULL},
    {"CAD", 2, 124, "C$"}, {"CDF", 2, 976, NULL}, {"CHF", 2, 756, NULL},  {"CLF", 4, 990, NULL}, {"CLP", 0, 152, NULL},
    {"CNY", 2, 156, "¥"},  {"COP", 2, 170, NULL}, {"CRC", 2, 188, NULL},  {"CUP", 2, 192, NULL}, {"CVE", 2, 132, NULL},
    {"CZK", 2, 203, NULL}, {"DJF", 0, 262, NULL}, {"DKK", 2, 208, NULL},  {"DOP", 2, 214, NULL}, {"DZD", 2, 12, NULL},
    {"EGP", 2, 818, NULL}, {"ERN", 2, 232, NULL}, {"ETB", 2, 230, NULL},  {"EUR", 2, 978, "€"},  {"FJD", 2, 242, NULL},
    {"FKP", 2, 238, NULL}, {"GBP", 2, 826, "£"},  {"GEL", 2, 981, NULL},  {"GHS", 2, 936, NULL}, {"GIP", 2, 292, NULL},
    {"GMD", 2, 270, NULL}, {"GNF", 0, 324, NULL}, {"GTQ", 2, 320, NULL},  {"GYD", 2, 328, NULL}, {"HKD", 2, 344, "HK$"},
    {"HNL", 2, 340, NULL}, {"HTG", 2, 332, NULL}, {"HUF", 2, 348, NULL},  {"IDR", 2, 360, NULL}, {"ILS", 2, 376, NULL},
    {"INR", 2, 356, "₹"},  {"IQD", 3, 368, NULL}, {"IRR", 2, 364, NULL},  {"ISK", 0, 352, NULL}, {"JMD", 2, 388, NULL},
    {"JOD", 3, 400, NULL}, {"JPY", 0, 392, "¥"},  {"KES", 2, 404, NULL},  {"KGS", 2, 417, NULL}, {"KHR", 2, 116, NULL},
    {"KMF", 0, 174, NULL}, {"KPW", 2, 408, NULL}, {"KRW", 0, 410, "₩"},   {"KWD", 3, 414, NULL}, {"KYD", 2, 136, NULL},
    {"KZT", 2, 398, NULL}, {"LAK", 2, 418, NULL}, {"LBP", 2, 422, NULL},  {"LKR", 2, 144, NULL}, {"LRD", 2, 430, NULL},
    {"LSL", 2, 426, NULL}, {"LYD", 3, 434, NULL}, {"MAD", 2, 504, NULL},  {"MDL", 2, 498, NULL}, {"MGA", 2, 969, NULL},
    {"MKD", 2, 807, NULL}, {"MMK", 2, 104, NULL}, {"MNT", 2, 496, NULL},  {"MOP", 2, 446, NULL}, {"MRU", 2, 929, NULL},
    {"MUR", 2, 480, NULL}, {"MVR", 2, 462, NULL}, {"MWK", 2, 454, NULL},  {"MXN", 2, 484, NULL}, {"MYR", 2, 458, NULL},
    {"MZN", 2, 943, NULL}, {"NAD", 2, 516, NULL}, {"NGN", 2, 566, NULL},  {"NIO", 2, 558, NULL}, {"NOK", 2, 578, NULL},
    {"NPR", 2, 524, NULL}, {"NZD", 2, 554, NULL}, {"OMR", 3, 512, NULL},  {"PAB", 2, 590, NULL}, {"PEN", 2, 604, NULL},
    {"PGK", 2, 598, NULL}, {"PHP", 2, 608, NULL}, {"PKR", 2, 586, NULL},  {"PLN", 2, 985, NULL}, {"PYG", 0, 600, NULL},
    {"QAR", 2, 634, NULL}, {"RON", 2, 946, NULL}, {"RSD", 2, 941, NULL},  {"RUB", 2, 643, NULL}, {"RWF", 0, 646, NULL},
    {"SAR", 2, 682, NULL}, {"SBD", 2, 90, NULL},  {"SCR", 2, 690, NULL},  {"SDG", 2, 938, NULL}, {"SEK", 2, 752, NULL},
    {"SGD", 2, 702, "S$"}, {"SHP", 2, 654, NULL}, {"SLE", 2, 925, NULL},  {"SOS", 2, 706, NULL}, {"SRD", 2, 968, NULL},
    {"SSP", 2, 728, NULL}, {"STN", 2, 930, NULL}, {"SVC", 2, 222, NULL},  {"SYP", 2, 760, NULL}, {"SZL", 2, 748, NULL},
    {"THB", 2, 764, NULL}, {"TJS", 2, 972, NULL}, {"TMT", 2, 934, NULL},  {"TND", 3, 788, NULL}, {"TOP", 2, 776, NULL},
    {"TRY", 2, 949, NULL}, {"TTD", 2, 780, NULL}, {"TWD", 2, 901, "NT$"}, {"TZS", 2, 834, NULL}, {"UAH", 2, 980, NULL},
    {"UGX", 0, 800, NULL}, {"USD", 2, 840, "$"},  {"UYI", 0, 940, NULL},  {"UYU", 2, 858, NULL}, {"UYW", 4, 927, NULL},
    {"UZS", 2, 860, NULL}, {"VED", 2, 926, NULL}, {"VES", 2, 928, NULL},  {"VND", 0, 704, NULL}, {"VUV", 0, 548, NULL},
    {"WST", 2, 882, NULL}, {"XAF", 0, 950, NULL}, {"XCD", 2, 951, NULL},  {"XOF", 0, 952, NULL}, {"XPF", 0, 953, NULL},
    {"YER", 2, 886, NULL}, {"ZAR", 2, 710, NULL}, {"ZMW", 2, 967, NULL},  {"ZWG", 2, 924, NULL},
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

unsigned cf_currency_number(cf_currency currency)
{
    const struct currency_row *row = find_currency(currency);
    return row != NULL ? row->number : 0;
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
