/*
 * app/core/gtin.c - see gtin.h.
 */
#include "app/core/gtin.h"

#include <assert.h>

#define GTIN_MAX UINT64_C(99999999999999)

unsigned cf_gtin_check_digit(uint64_t digits_before)
{
    assert(digits_before <= GTIN_MAX / 10);
    unsigned sum = 0;
    /* Weights 3, 1, 3, ... from the right (GS1 General Specifications 7.9): leading zeros add nothing, hence one rule
     * for every length. */
    for (unsigned weight = 3; digits_before != 0; weight = 4 - weight) {
        sum += (unsigned)(digits_before % 10) * weight;
        digits_before /= 10;
    }
    return (10 - sum % 10) % 10;
}

enum cf_rc cf_gtin_parse(cf_bytes digits, cf_gtin *ret, struct cf_error *err)
{
    if (digits.n != 8 && digits.n != 12 && digits.n != 13 && digits.n != 14)
        return cf_fail(err, CF_E_GTIN_LENGTH, "%zu characters, not 8, 12, 13 or 14 digits", digits.n);
    uint64_t number = 0;
    for (size_t k = 0; k < digits.n; k++) {
        if (digits.p[k] < '0' || digits.p[k] > '9')
            return cf_fail(err, CF_E_GTIN_LENGTH, "character %zu is no digit", k + 1);
        number = number * 10 + (uint64_t)(digits.p[k] - '0');
    }
    unsigned expected = cf_gtin_check_digit(number / 10);
    if (number % 10 != expected)
        return cf_fail(err, CF_E_GTIN_CHECK, "the check digit is %u, not %u", (unsigned)(number % 10), expected);
    if (number == 0)
        return cf_fail(err, CF_E_GTIN_CHECK, "all digits are 0");
    ret->number = number;
    return CF_OK;
}

void cf_gtin_format(cf_gtin gtin, char text[CF_GTIN_TEXT_MAX])
{
    assert(gtin.number <= GTIN_MAX);
    uint64_t rest = gtin.number;
    for (size_t k = CF_GTIN_TEXT_MAX - 1; k-- > 0;) {
        text[k] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    text[CF_GTIN_TEXT_MAX - 1] = '\0';
}
