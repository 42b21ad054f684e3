/* Money: exact, checked, rounded in one way, and shared out so that the parts sum to the whole. */
#include "base/money.h"
#include "tests/support/shared_data.h"
#include "tests/unit/base/heap.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* xorshift64*: the same numbers at each run. */
static uint64_t random_state = UINT64_C(88172645463325252);
static uint64_t random_u64(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

static cf_currency currency_of(const char *code)
{
    cf_currency currency;
    assert_int_equal(cf_currency_parse(code, &currency, NULL), CF_OK);
    return currency;
}

static void a_currency_is_three_capital_letters(void **state)
{
    (void)state;
    static const char *const refused[] = {"", "G", "GB", "gbp", "GBPX", "GB1", "G P", " GBP", "£", "\xff\xff\xff"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        cf_currency currency = {"OLD"};
        assert_int_equal(cf_currency_parse(refused[i], &currency, NULL), CF_E_CURRENCY);
        assert_string_equal(currency.code, "OLD");
    }
    assert_true(cf_currency_equal(currency_of("CNY"), currency_of("CNY")));
    assert_false(cf_currency_equal(currency_of("CNY"), currency_of("CNH")));
}

static void currencies_have_the_digits_of_iso_4217(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        unsigned digits;
        const char *sign;
    } rows[] = {
        {"CNY", 2, "¥"},   {"JPY", 0, "¥"},   {"GBP", 2, "£"},   {"USD", 2, "$"},   {"EUR", 2, "€"},
        {"KWD", 3, "KWD"}, {"TND", 3, "TND"}, {"CLF", 4, "CLF"}, {"AED", 2, "AED"}, {"ZWG", 2, "ZWG"},
        {"ISK", 0, "ISK"}, {"HUF", 2, "HUF"}, {"QQQ", 2, "¤"},   {"AAA", 2, "¤"},   {"ZZZ", 2, "¤"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(cf_currency_digits(currency_of(rows[i].code)), rows[i].digits);
        assert_string_equal(cf_currency_sign(currency_of(rows[i].code)), rows[i].sign);
    }
    assert_int_equal(cf_currency_number(currency_of("CNY")), 156);
    assert_int_equal(cf_currency_number(currency_of("ZWG")), 924);
    assert_int_equal(cf_currency_number(currency_of("ALL")), 8);
    assert_int_equal(cf_currency_number(currency_of("QQQ")), 0);
}

/* CLDR counts the digits that people use: where it has fewer than ISO 4217, the coins fell out of use. */
static void shared_cldr_digits_are_never_more_than_ours(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) file;
    cf_buf_init(&file, 8 << 20);
    if (!cf_shared_data_read("money/currencyData.json", &file))
        skip();
    static const char code_key[] = "        \"";                  /* "GBP": { */
    static const char digits_key[] = "          \"_digits\": \""; /* "_digits": "2" */
    cf_bytes line;
    char code[4] = "";
    unsigned compared = 0;
    for (size_t at = 0; cf_shared_data_line(cf_buf_bytes(&file), &at, &line);) {
        char text[128];
        assert_true(line.n < sizeof text);
        (void)snprintf(text, sizeof text, "%.*s", (int)line.n, (const char *)line.p);
        if (strncmp(text, code_key, strlen(code_key)) == 0 && strlen(text) == strlen("        \"GBP\": {"))
            memcpy(code, text + strlen(code_key), 3);
        if (strncmp(text, digits_key, strlen(digits_key)) != 0 || strlen(code) != 3)
            continue;
        unsigned digits = (unsigned)(text[strlen(digits_key)] - '0');
        assert_true(cf_currency_digits(currency_of(code)) >= digits);
        compared++;
        code[0] = '\0';
    }
    assert_true(compared > 50);
}

struct parse_row {
    const char *text;
    const char *currency;
    enum cf_rc rc;
    int64_t minor;
    const char *why;
};

static const struct parse_row parses[] = {
    {"12", "GBP", CF_OK, 1200, "whole"},
    {"12.5", "GBP", CF_OK, 1250, "fewer digits than the currency has"},
    {"12.50", "GBP", CF_OK, 1250, "all digits"},
    {"-0.05", "GBP", CF_OK, -5, "negative below one"},
    {"0", "GBP", CF_OK, 0, "zero"},
    {"-0", "GBP", CF_OK, 0, "there is one zero"},
    {"007", "GBP", CF_OK, 700, "leading zeros change nothing"},
    {"12", "JPY", CF_OK, 12, "no minor unit"},
    {"1.234", "KWD", CF_OK, 1234, "three digits"},
    {"92233720368547758.07", "GBP", CF_OK, INT64_MAX, "the largest"},
    {"-92233720368547758.08", "GBP", CF_OK, INT64_MIN, "the smallest"},
    {"92233720368547758.08", "GBP", CF_E_OVERFLOW, 0, "one more than the largest"},
    {"-92233720368547758.09", "GBP", CF_E_OVERFLOW, 0, "one less than the smallest"},
    {"92233720368547759", "GBP", CF_E_OVERFLOW, 0, "overflows by scaling only"},
    {"99999999999999999999999999999999", "JPY", CF_E_OVERFLOW, 0, "far too many digits"},
    {"18446744073709551616", "JPY", CF_E_OVERFLOW, 0, "2^64, which wraps to 0"},
    {"", "GBP", CF_E_MONEY_SYNTAX, 0, "nothing"},
    {"-", "GBP", CF_E_MONEY_SYNTAX, 0, "a sign alone"},
    {"+1", "GBP", CF_E_MONEY_SYNTAX, 0, "no plus"},
    {"--1", "GBP", CF_E_MONEY_SYNTAX, 0, "two signs"},
    {".5", "GBP", CF_E_MONEY_SYNTAX, 0, "nothing before the point"},
    {"5.", "GBP", CF_E_MONEY_SYNTAX, 0, "nothing after the point"},
    {".", "GBP", CF_E_MONEY_SYNTAX, 0, "a point alone"},
    {"1.234", "GBP", CF_E_MONEY_SYNTAX, 0, "a fraction of a penny"},
    {"1.230", "GBP", CF_E_MONEY_SYNTAX, 0, "... even of zero"},
    {"1.0", "JPY", CF_E_MONEY_SYNTAX, 0, "yen have no point"},
    {"1,000", "GBP", CF_E_MONEY_SYNTAX, 0, "no grouping"},
    {"1,5", "EUR", CF_E_MONEY_SYNTAX, 0, "no decimal comma"},
    {"1e3", "GBP", CF_E_MONEY_SYNTAX, 0, "no exponent"},
    {"0x10", "GBP", CF_E_MONEY_SYNTAX, 0, "no hex"},
    {" 1", "GBP", CF_E_MONEY_SYNTAX, 0, "no space"},
    {"1 ", "GBP", CF_E_MONEY_SYNTAX, 0, "no space after"},
    {"£1", "GBP", CF_E_MONEY_SYNTAX, 0, "no currency sign"},
    {"1.2.3", "KWD", CF_E_MONEY_SYNTAX, 0, "two points"},
    {"١٢", "KWD", CF_E_MONEY_SYNTAX, 0, "digits of another script"},
    {"NaN", "GBP", CF_E_MONEY_SYNTAX, 0, "no number"},
};

static void amounts_are_parsed_exactly_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parses / sizeof parses[0]; i++) {
        const struct parse_row *row = &parses[i];
        cf_money money = {77, {"OLD"}};
        struct cf_error err = {0};
        enum cf_rc rc = cf_money_parse(row->text, currency_of(row->currency), &money, &err);
        if (rc != row->rc || (rc == CF_OK && money.minor != row->minor))
            fail_msg("%s: %s %" PRId64, row->why, cf_rc_name(rc), money.minor);
        if (rc != CF_OK) {
            assert_int_equal(err.rc, rc);
            assert_int_equal(money.minor, 77);
        }
    }
}

static void amounts_are_shown_with_the_digits_of_their_currency(void **state)
{
    (void)state;
    static const struct {
        int64_t minor;
        const char *currency;
        const char *text;
        const char *signed_text;
    } rows[] = {
        {1250, "CNY", "12.50", "¥12.50"},
        {-5, "CNY", "-0.05", "-¥0.05"},
        {0, "GBP", "0.00", "£0.00"},
        {12, "JPY", "12", "¥12"},
        {-12, "JPY", "-12", "-¥12"},
        {1, "KWD", "0.001", "KWD 0.001"},
        {-1250, "CHF", "-12.50", "-CHF 12.50"},
        {5, "QQQ", "0.05", "¤0.05"},
        {INT64_MAX, "USD", "92233720368547758.07", "$92233720368547758.07"},
        {INT64_MIN, "USD", "-92233720368547758.08", "-$92233720368547758.08"},
        {INT64_MIN, "CLF", "-922337203685477.5808", "-CLF 922337203685477.5808"},
        {INT64_MIN, "TWD", "-92233720368547758.08", "-NT$92233720368547758.08"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[CF_MONEY_TEXT_MAX];
        cf_money money = {rows[i].minor, currency_of(rows[i].currency)};
        cf_money again;
        cf_money_format(money, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(cf_money_parse(text, money.currency, &again, NULL), CF_OK);
        assert_true(again.minor == money.minor);
        cf_money_format_signed(money, text);
        assert_string_equal(text, rows[i].signed_text);
    }
    char text[CF_MONEY_TEXT_MAX];
    cf_money_format((cf_money){150, {""}}, text);
    assert_string_equal(text, "1.50");
}

static void sums_beyond_int64_or_of_two_currencies_are_refused(void **state)
{
    (void)state;
    cf_money largest = {INT64_MAX, {"GBP"}};
    cf_money smallest = {INT64_MIN, {"GBP"}};
    cf_money one = {1, {"GBP"}};
    cf_money cent = {1, {"EUR"}};
    cf_money ret = {77, {"OLD"}};
    assert_int_equal(cf_money_add(largest, one, &ret, NULL), CF_E_OVERFLOW);
    assert_int_equal(cf_money_subtract(smallest, one, &ret, NULL), CF_E_OVERFLOW);
    assert_int_equal(cf_money_subtract(one, smallest, &ret, NULL), CF_E_OVERFLOW);
    assert_int_equal(cf_money_add(one, cent, &ret, NULL), CF_E_CURRENCY);
    assert_int_equal(cf_money_subtract(one, cent, &ret, NULL), CF_E_CURRENCY);
    assert_int_equal(ret.minor, 77);
    assert_int_equal(cf_money_add(largest, smallest, &ret, NULL), CF_OK);
    assert_true(ret.minor == -1 && cf_currency_equal(ret.currency, one.currency));
    assert_int_equal(cf_money_subtract(largest, largest, &ret, NULL), CF_OK);
    assert_int_equal(ret.minor, 0);

    int64_t sum = 77;
    assert_int_equal(cf_add_i64(INT64_MAX, 1, &sum, NULL), CF_E_OVERFLOW);
    assert_int_equal(cf_sub_i64(INT64_MIN, 1, &sum, NULL), CF_E_OVERFLOW);
    assert_int_equal(sum, 77);
    assert_int_equal(cf_add_i64(INT64_MAX, INT64_MIN, &sum, NULL), CF_OK);
    assert_int_equal(sum, -1);
    assert_int_equal(cf_sub_i64(-1, INT64_MIN, &sum, NULL), CF_OK);
    assert_true(sum == INT64_MAX);
}

static void scaling_rounds_half_away_from_zero(void **state)
{
    (void)state;
    static const struct {
        int64_t a, b, c;
        enum cf_rc rc;
        int64_t result;
        const char *why;
    } rows[] = {
        {5, 1, 2, CF_OK, 3, "2.5 to 3"},
        {-5, 1, 2, CF_OK, -3, "-2.5 to -3"},
        {5, -1, 2, CF_OK, -3, "... whichever factor has the sign"},
        {-5, -1, 2, CF_OK, 3, "two signs are none"},
        {7, 1, 3, CF_OK, 2, "2.33 down"},
        {8, 1, 3, CF_OK, 3, "2.67 up"},
        {-7, 1, 3, CF_OK, -2, "-2.33 towards zero"},
        {1, 1, 2, CF_OK, 1, "0.5 up"},
        {1, 1, 3, CF_OK, 0, "0.33 to nothing"},
        {0, INT64_MIN, 1, CF_OK, 0, "zero of anything"},
        {1999, 1500, 10000, CF_OK, 300, "15 % of 19.99 is 2.9985"},
        {INT64_MAX, INT64_MAX, INT64_MAX, CF_OK, INT64_MAX, "a product of 126 bits"},
        {INT64_MIN, INT64_MAX, INT64_MAX, CF_OK, INT64_MIN, "the most negative result"},
        {INT64_MIN, 1, 1, CF_OK, INT64_MIN, "the most negative itself"},
        {INT64_MIN, -1, 1, CF_E_OVERFLOW, 0, "it has no positive twin"},
        {INT64_MAX, 2, 1, CF_E_OVERFLOW, 0, "twice the largest"},
        {INT64_MIN, INT64_MIN, 1, CF_E_OVERFLOW, 0, "2^126"},
        {INT64_MIN, INT64_MIN, INT64_MAX, CF_E_OVERFLOW, 0, "2^63 and a bit"},
        {INT64_MAX, 3, 2, CF_E_OVERFLOW, 0, "half as much again"},
        {INT64_MAX, 1, INT64_MAX, CF_OK, 1, "the largest divisor"},
        {INT64_MAX / 2, 1, INT64_MAX, CF_OK, 0, "just below a half"},
        {INT64_MAX / 2 + 1, 1, INT64_MAX, CF_OK, 1, "just above a half"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t result = 77;
        enum cf_rc rc = cf_muldiv_round(rows[i].a, rows[i].b, rows[i].c, &result, NULL);
        if (rc != rows[i].rc || result != (rc == CF_OK ? rows[i].result : 77))
            fail_msg("%s: %s %" PRId64, rows[i].why, cf_rc_name(rc), result);
    }
}

static void scaling_is_within_half_a_unit_of_the_exact_value(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        int64_t a = (int64_t)random_u64() >> (random_u64() % 63);
        int64_t b = (int64_t)random_u64() >> (random_u64() % 63);
        int64_t c = (int64_t)(random_u64() >> (1 + random_u64() % 62)) | 1;
        c += (int64_t)(random_u64() % 2) * (c < INT64_MAX);
        int64_t result;
        __int128 product = (__int128)a * b;
        if (cf_muldiv_round(a, b, c, &result, NULL) != CF_OK) {
            __int128 whole = product / c;
            assert_true(whole >= INT64_MAX || whole <= INT64_MIN);
            continue;
        }
        __int128 twice_error = 2 * ((__int128)result * c - product);
        assert_true(twice_error <= c && twice_error >= -(__int128)c);
        /* On an exact half the result is the one farther from zero. */
        if (twice_error == c)
            assert_true(product > 0);
        if (twice_error == -(__int128)c)
            assert_true(product < 0);
    }
}

/* The definition, slowly: floors of the magnitudes, then one unit after the other to the largest remainder. */
static void allocate_by_definition(int64_t amount, const int64_t *weight, size_t n, int64_t *share)
{
    unsigned __int128 sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (uint64_t)weight[i];
    unsigned __int128 remainder[64];
    uint64_t size = amount < 0 ? UINT64_C(0) - (uint64_t)amount : (uint64_t)amount;
    uint64_t rest = size;
    uint64_t part[64];
    for (size_t i = 0; i < n; i++) {
        part[i] = (uint64_t)((unsigned __int128)size * (uint64_t)weight[i] / sum);
        remainder[i] = (unsigned __int128)size * (uint64_t)weight[i] % sum;
        rest -= part[i];
    }
    for (; rest > 0; rest--) {
        size_t best = 0;
        for (size_t i = 1; i < n; i++)
            if (remainder[i] > remainder[best])
                best = i;
        part[best]++;
        remainder[best] = 0;
    }
    for (size_t i = 0; i < n; i++)
        share[i] = (int64_t)(amount < 0 ? UINT64_C(0) - part[i] : part[i]);
}

static void shares_follow_the_definition_and_sum_to_the_amount(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        int64_t weight[64];
        int64_t share[64];
        int64_t wanted[64];
        int64_t taken_back[64];
        size_t n = 1 + random_u64() % 64;
        unsigned shift = (unsigned)(1 + random_u64() % 63);
        for (size_t i = 0; i < n; i++)
            weight[i] = random_u64() % 4 == 0 ? 0 : (int64_t)(random_u64() >> shift);
        weight[random_u64() % n] = 1;
        int64_t amount = (int64_t)random_u64() >> (random_u64() % 64);
        if (amount == INT64_MIN)
            amount++;
        assert_int_equal(cf_allocate(amount, weight, n, share, NULL), CF_OK);
        assert_int_equal(cf_allocate(-amount, weight, n, taken_back, NULL), CF_OK);
        allocate_by_definition(amount, weight, n, wanted);
        __int128 sum = 0;
        for (size_t i = 0; i < n; i++) {
            assert_true(share[i] == wanted[i]);
            assert_true(share[i] == -taken_back[i]);
            assert_true(weight[i] != 0 || share[i] == 0);
            sum += share[i];
        }
        assert_true(sum == amount);
    }
}

static void equal_remainders_go_to_the_lower_index(void **state)
{
    (void)state;
    static const int64_t equal[] = {1, 1, 1, 1, 1, 1, 1};
    int64_t share[7];
    assert_int_equal(cf_allocate(10, equal, 7, share, NULL), CF_OK);
    static const int64_t wanted[] = {2, 2, 2, 1, 1, 1, 1};
    assert_memory_equal(share, wanted, sizeof wanted);
    assert_int_equal(cf_allocate(-10, equal, 7, share, NULL), CF_OK);
    for (size_t i = 0; i < 7; i++)
        assert_true(share[i] == -wanted[i]);

    static const int64_t prices[] = {999, 1, 500};
    assert_int_equal(cf_allocate(-1000, prices, 3, share, NULL), CF_OK);
    assert_true(share[0] == -666 && share[1] == -1 && share[2] == -333);
}

static void the_largest_sharing_fits_and_takes_no_heap(void **state)
{
    (void)state;
    static int64_t weight[CF_ALLOCATE_MAX];
    static int64_t share[CF_ALLOCATE_MAX];
    static const int64_t amounts[] = {INT64_MIN, INT64_MAX, 4095, -1, 0};
    for (size_t i = 0; i < CF_ALLOCATE_MAX; i++)
        weight[i] = INT64_MAX;
    for (size_t a = 0; a < sizeof amounts / sizeof amounts[0]; a++) {
        uint64_t heap_calls_before = heap_calls;
        assert_int_equal(cf_allocate(amounts[a], weight, CF_ALLOCATE_MAX, share, NULL), CF_OK);
        assert_int_equal(heap_calls, heap_calls_before);
        __int128 sum = 0;
        for (size_t i = 0; i < CF_ALLOCATE_MAX; i++) {
            sum += share[i];
            assert_true(i == 0 || amounts[a] < 0 ? true : share[i] <= share[i - 1]);
        }
        assert_true(sum == amounts[a]);
    }
    int64_t whole;
    static const int64_t one = 1;
    assert_int_equal(cf_allocate(INT64_MIN, &one, 1, &whole, NULL), CF_OK);
    assert_true(whole == INT64_MIN);
}

static void what_cannot_be_shared_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static int64_t weight[CF_ALLOCATE_MAX + 1];
    static int64_t share[CF_ALLOCATE_MAX + 1];
    weight[0] = 1;
    share[0] = 77;
    assert_int_equal(cf_allocate(5, weight, CF_ALLOCATE_MAX + 1, share, NULL), CF_E_LIMIT);
    assert_int_equal(cf_allocate(5, weight, 0, share, NULL), CF_E_RANGE);
    assert_int_equal(cf_allocate(5, weight + 1, 10, share, NULL), CF_E_RANGE);
    weight[5] = -1;
    struct cf_error err = {0};
    assert_int_equal(cf_allocate(5, weight, 10, share, &err), CF_E_RANGE);
    assert_non_null(strstr(err.detail, "part 5"));
    assert_int_equal(share[0], 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_currency_is_three_capital_letters),
        cmocka_unit_test(currencies_have_the_digits_of_iso_4217),
        cmocka_unit_test(shared_cldr_digits_are_never_more_than_ours),
        cmocka_unit_test(amounts_are_parsed_exactly_or_refused),
        cmocka_unit_test(amounts_are_shown_with_the_digits_of_their_currency),
        cmocka_unit_test(sums_beyond_int64_or_of_two_currencies_are_refused),
        cmocka_unit_test(scaling_rounds_half_away_from_zero),
        cmocka_unit_test(scaling_is_within_half_a_unit_of_the_exact_value),
        cmocka_unit_test(shares_follow_the_definition_and_sum_to_the_amount),
        cmocka_unit_test(equal_remainders_go_to_the_lower_index),
        cmocka_unit_test(the_largest_sharing_fits_and_takes_no_heap),
        cmocka_unit_test(what_cannot_be_shared_is_refused_and_changes_nothing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
