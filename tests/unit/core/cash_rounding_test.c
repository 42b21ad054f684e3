/*
 * tests/unit/core/cash_rounding_test.c - coins, and what foreign money is worth.
 */
#include "app/core/cash_rounding.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/shared_data.h"
#include "tests/unit/core/core_cmocka.h"

static cf_currency currency(const char *code)
{
    cf_currency ret;
    assert_int_equal(cf_currency_parse(code, &ret, NULL), CF_OK);
    return ret;
}

static void what_is_due_is_brought_to_whole_coins(void **state)
{
    (void)state;
    static const struct {
        int64_t due, step;
        enum cf_cash_way way;
        enum cf_rc rc;
        int64_t rounding;
        const char *why;
    } rows[] = {
        {1234, 1, CF_CASH_NEAREST, CF_OK, 0, "to the minor unit nothing is rounded"},
        {1234, 10, CF_CASH_DOWN, CF_OK, -4, "to the jiao, as a stall does"},
        {1299, 100, CF_CASH_DOWN, CF_OK, -99, "to the yuan"},
        {1200, 100, CF_CASH_DOWN, CF_OK, 0, "a whole yuan stays"},
        {9, 10, CF_CASH_DOWN, CF_OK, -9, "less than a coin is free"},
        {1232, 5, CF_CASH_NEAREST, CF_OK, -2, "rappen"},
        {1233, 5, CF_CASH_NEAREST, CF_OK, 2, "rappen"},
        {1225, 50, CF_CASH_NEAREST, CF_OK, 25, "a half goes up: 25 oere are 50"},
        {1224, 50, CF_CASH_NEAREST, CF_OK, -24, "less than half goes down"},
        {1231, 10, CF_CASH_UP, CF_OK, 9, "up"},
        {1230, 10, CF_CASH_UP, CF_OK, 0, "up stays where it is whole"},
        {-1234, 10, CF_CASH_DOWN, CF_OK, 4, "a refund gives back what was taken"},
        {-1225, 50, CF_CASH_NEAREST, CF_OK, -25, "also at the half"},
        {-1231, 10, CF_CASH_UP, CF_OK, -9, "and up"},
        {0, 50, CF_CASH_UP, CF_OK, 0, "nothing is nothing"},
        {INT64_MAX, 10, CF_CASH_DOWN, CF_OK, -7, "the largest amount, down"},
        {INT64_MAX, 10, CF_CASH_UP, CF_E_OVERFLOW, 99, "and up there is no room"},
        {INT64_MIN, 10, CF_CASH_UP, CF_E_OVERFLOW, 99, "nor below"},
        {INT64_MIN, 3, CF_CASH_DOWN, CF_OK, 2, "the smallest amount"},
        {100, 0, CF_CASH_DOWN, CF_E_RANGE, 99, "no step"},
        {100, -5, CF_CASH_DOWN, CF_E_RANGE, 99, "a step below zero"},
        {100, CF_CASH_STEP_MAX + 1, CF_CASH_DOWN, CF_E_RANGE, 99, "a step beyond reason"},
        {100, 5, (enum cf_cash_way)0, CF_E_RANGE, 99, "no way"},
        {100, 5, (enum cf_cash_way)4, CF_E_RANGE, 99, "no such way"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct cf_cash_rule rule = {rows[i].step, rows[i].way};
        int64_t rounding = 99;
        enum cf_rc rc = cf_cash_rounding(rows[i].due, &rule, &rounding, NULL);
        if (rc != rows[i].rc || rounding != rows[i].rounding)
            fail_msg("%s: %s %lld", rows[i].why, cf_rc_name(rc), (long long)rounding);
    }
}

static void a_rounding_is_less_than_a_coin_and_leaves_whole_coins(void **state)
{
    (void)state;
    for (enum cf_cash_way way = CF_CASH_NEAREST; way <= CF_CASH_UP; way++)
        for (int64_t step = 1; step <= 50; step++)
            for (int64_t due = -230; due <= 230; due++) {
                const struct cf_cash_rule rule = {step, way};
                int64_t rounding, back;
                assert_int_equal(cf_cash_rounding(due, &rule, &rounding, NULL), CF_OK);
                assert_int_equal(cf_cash_rounding(-due, &rule, &back, NULL), CF_OK);
                assert_true((due + rounding) % step == 0 && rounding < step && -rounding < step);
                assert_true(back == -rounding);
            }
}

/* One number that CLDR has for a currency, as text between quotes. -1: not there. */
static long field(const char *from, const char *to, const char *name)
{
    char quoted[32];
    (void)snprintf(quoted, sizeof quoted, "\"%s\": \"", name);
    const char *found = strstr(from, quoted);
    if (found == NULL || found >= to)
        return -1;
    long value = 0;
    for (const char *c = found + strlen(quoted); *c >= '0' && *c <= '9'; c++)
        value = value * 10 + (*c - '0');
    return value;
}

static int64_t ten_to(unsigned n)
{
    return n == 0 ? 1 : 10 * ten_to(n - 1);
}

/* The step of a currency that CLDR lists: _cashRounding of _cashDigits, which are _digits if they are not there. */
static int64_t step_of_cldr(const char *from, const char *to, cf_currency of)
{
    long digits = field(from, to, "_cashDigits"), rounding = field(from, to, "_cashRounding");
    digits = digits >= 0 ? digits : field(from, to, "_digits");
    assert_in_range(digits, 0, 4);
    int64_t unit = ten_to(cf_currency_digits(of) - (unsigned)digits);
    return rounding > 0 ? rounding * unit : unit;
}

static void shared_cldr_agrees_with_our_table(void **state)
{
    (void)state;
    struct cf_buf file;
    cf_buf_init(&file, 1000000);
    if (!cf_shared_data_read("money/currencyData.json", &file)) {
        skip();
    }
    assert_int_equal(cf_buf_append(&file, "", 1, NULL), CF_OK);
    const char *at = strstr((const char *)cf_buf_bytes(&file).p, "\"fractions\"");
    const char *end = strstr(at, "\"region\"");
    size_t checked = 0, rounded = 0;
    assert_non_null(end);
    while ((at = strstr(at + 1, "\": {")) != NULL && at < end) {
        char code[4] = {at[-3], at[-2], at[-1], '\0'};
        cf_currency of;
        const char *to = strchr(at, '}');
        if (at[-4] != '"' || cf_currency_parse(code, &of, NULL) != CF_OK || strcmp(cf_currency_sign(of), "¤") == 0)
            continue; /* "DEFAULT", and money that is no more */
        struct cf_cash_rule rule = cf_cash_rule_of(of);
        int64_t step = step_of_cldr(at, to, of);
        if (rule.step_minor != step || rule.way != CF_CASH_NEAREST)
            fail_msg("%s: CLDR has steps of %lld, we of %lld", code, (long long)step, (long long)rule.step_minor);
        checked++;
        rounded += step > 1;
    }
    assert_in_range(checked, 50, 100);
    assert_in_range(rounded, 31, 31); /* as many as the table has rows: none of ours is unknown to CLDR */
    cf_buf_done(&file);
}

static void money_that_nobody_rounds_is_paid_to_the_minor_unit(void **state)
{
    (void)state;
    static const char *const codes[] = {"CNY", "EUR", "GBP", "USD", "JPY", "KWD", "XXX"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        assert_int_equal(cf_cash_rule_of(currency(codes[i])).step_minor, 1);
    enum cf_cash_way way;
    assert_true(cf_cash_way_parse("down", &way) && way == CF_CASH_DOWN);
    assert_false(cf_cash_way_parse("Down", &way));
    assert_false(cf_cash_way_parse("", &way));
}

static void a_rate_is_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum cf_rc rc;
        int64_t e8;
        const char *written;
    } rows[] = {
        {"7.1234", CF_OK, 712340000, "7.1234"},
        {"7", CF_OK, 700000000, "7"},
        {"0.00000001", CF_OK, 1, "0.00000001"},
        {"1000000", CF_OK, CF_RATE_MAX, "1000000"},
        {"1000000.00000001", CF_E_RANGE, 0, NULL},
        {"99999999999999999999", CF_E_MONEY_SYNTAX, 0, NULL},
        {"0", CF_E_RANGE, 0, NULL},
        {"", CF_E_MONEY_SYNTAX, 0, NULL},
        {".5", CF_E_MONEY_SYNTAX, 0, NULL},
        {"5.", CF_E_MONEY_SYNTAX, 0, NULL},
        {"-1", CF_E_MONEY_SYNTAX, 0, NULL},
        {"1e3", CF_E_MONEY_SYNTAX, 0, NULL},
        {"1.123456789", CF_E_MONEY_SYNTAX, 0, NULL},
        {"1.2.3", CF_E_MONEY_SYNTAX, 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t e8 = 0;
        char text[CF_RATE_TEXT_MAX];
        enum cf_rc rc = cf_rate_parse(rows[i].text, &e8, NULL);
        if (rc != rows[i].rc || e8 != rows[i].e8)
            fail_msg("\"%s\": %s %lld", rows[i].text, cf_rc_name(rc), (long long)e8);
        if (rc == CF_OK) {
            cf_rate_format(e8, text);
            assert_string_equal(text, rows[i].written);
        }
    }
}

static void foreign_money_is_worth_its_rate(void **state)
{
    (void)state;
    static const struct {
        int64_t foreign;
        const char *code;
        int64_t rate_e8;
        enum cf_rc rc;
        int64_t worth;
        const char *why;
    } rows[] = {
        {2000, "USD", 712340000, CF_OK, 14247, "20.00 at 7.1234 are 142.468, rounded once"},
        {1000, "JPY", 4712000, CF_OK, 4712, "1000 yen have no minor unit: at 0.04712 they are 47.12"},
        {1500, "KWD", 2320000000, CF_OK, 3480, "1.500 dinar have three digits"},
        {-2000, "USD", 712340000, CF_OK, -14247, "given back as taken"},
        {1, "JPY", 1, CF_OK, 0, "next to nothing"},
        {INT64_MAX, "USD", CF_RATE_MAX, CF_E_OVERFLOW, 99, "more than there is"},
        {100, "USD", 0, CF_E_RANGE, 99, "no rate"},
        {100, "USD", CF_RATE_MAX + 1, CF_E_RANGE, 99, "a rate beyond reason"},
        {100, "CNY", CF_RATE_SCALE, CF_E_CURRENCY, 99, "its own money"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct cf_rate rate = {currency(rows[i].code), rows[i].rate_e8};
        int64_t worth = 99;
        enum cf_rc rc = cf_convert(rows[i].foreign, &rate, currency("CNY"), &worth, NULL);
        if (rc != rows[i].rc || worth != rows[i].worth)
            fail_msg("%s: %s %lld", rows[i].why, cf_rc_name(rc), (long long)worth);
    }
}

static void the_least_foreign_money_that_settles_is_found(void **state)
{
    (void)state;
    static const int64_t rates[] = {1, 99, 4712000, 99999999, 100000001, 712340000, CF_RATE_MAX};
    static const int64_t dues[] = {0, 1, 2, 99, 100, 1234, 14247, 99999999, INT64_C(1000000000000)};
    static const int64_t steps[] = {1, 5, 100};
    for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++)
        for (size_t d = 0; d < sizeof dues / sizeof dues[0]; d++)
            for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
                const struct cf_rate rate = {currency("USD"), rates[r]};
                int64_t foreign, worth;
                enum cf_rc rc = cf_convert_due(dues[d], &rate, currency("CNY"), steps[s], &foreign, NULL);
                if (rc == CF_E_OVERFLOW && rates[r] < 100 && dues[d] > 100000000)
                    continue; /* a fortune in money of no worth */
                assert_int_equal(rc, CF_OK);
                assert_true(foreign >= 0 && foreign % steps[s] == 0);
                assert_int_equal(cf_convert(foreign, &rate, currency("CNY"), &worth, NULL), CF_OK);
                assert_true(worth >= dues[d]);
                if (foreign >= steps[s]) {
                    assert_int_equal(cf_convert(foreign - steps[s], &rate, currency("CNY"), &worth, NULL), CF_OK);
                    assert_true(worth < dues[d]);
                }
            }
    const struct cf_rate rate = {currency("USD"), 1};
    int64_t foreign = 99;
    assert_int_equal(cf_convert_due(INT64_MAX, &rate, currency("CNY"), 1, &foreign, NULL), CF_E_OVERFLOW);
    assert_int_equal(cf_convert_due(-1, &rate, currency("CNY"), 1, &foreign, NULL), CF_E_RANGE);
    assert_int_equal(foreign, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_is_brought_to_whole_coins),
        cmocka_unit_test(a_rounding_is_less_than_a_coin_and_leaves_whole_coins),
        cmocka_unit_test(shared_cldr_agrees_with_our_table),
        cmocka_unit_test(money_that_nobody_rounds_is_paid_to_the_minor_unit),
        cmocka_unit_test(a_rate_is_read_and_written),
        cmocka_unit_test(foreign_money_is_worth_its_rate),
        cmocka_unit_test(the_least_foreign_money_that_settles_is_found),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
