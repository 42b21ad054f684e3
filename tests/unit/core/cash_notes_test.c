/*
 * tests/unit/core/cash_notes_test.c - what a shopper is likely to hand over.
 */
#include "app/core/cash_notes.h"

#include "app/core/drawer.h"
#include "tests/unit/core/core_cmocka.h"

static const int64_t yuan[] = {10000, 5000, 2000, 1000, 500, 100};

static void notes_that_cover_an_amount_are_offered(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int64_t due;
        size_t n;
        int64_t expected[CF_CASH_SUGGESTIONS_MAX];
    } rows[] = {
        {"every note covers it in its own way", 4190, 6, {4190, 4200, 4500, 5000, 6000, 10000}},
        {"one note is enough", 10000, 1, {10000}},
        {"a fen: who has coins has the exact amount", 1, 6, {1, 500, 1000, 2000, 5000, 10000}},
        {"beyond the largest note", 12345, 6, {12345, 12500, 13000, 14000, 15000, 20000}},
        {"nothing is due", 0, 0, {0}},
        {"less than nothing", -5, 0, {0}},
        {"more than there are notes for", INT64_MAX, 1, {INT64_MAX}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t got[CF_CASH_SUGGESTIONS_MAX];
        size_t n = cf_cash_suggest(rows[i].due, yuan, sizeof yuan / sizeof yuan[0], got);
        if (n != rows[i].n)
            fail_msg("%s: %zu", rows[i].why, n);
        for (size_t k = 0; k < n; k++)
            if (got[k] != rows[i].expected[k])
                fail_msg("%s: %lld at %zu", rows[i].why, (long long)got[k], k);
    }
}

/* Of each currency: rising, each enough, the exact amount first. */
static void suggestions_rise_and_are_enough(void **state)
{
    (void)state;
    static const char *const codes[] = {"CNY", "EUR", "USD", "GBP", "JPY", "KWD", "CHF", "XXX"};
    for (size_t c = 0; c < sizeof codes / sizeof codes[0]; c++)
        for (int64_t due = 1; due < 100000; due += 37) {
            int64_t values[CF_DENOMINATIONS_MAX], got[CF_CASH_SUGGESTIONS_MAX];
            cf_currency currency;
            assert_int_equal(CF_OK, cf_currency_parse(codes[c], &currency, NULL));
            size_t n_values = cf_denominations(currency, values);
            size_t n = cf_cash_suggest(due, values, n_values, got);
            assert_true(n >= 1 && n <= CF_CASH_SUGGESTIONS_MAX && got[0] == due);
            for (size_t k = 1; k < n; k++)
                assert_true(got[k] > got[k - 1]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_that_cover_an_amount_are_offered),
        cmocka_unit_test(suggestions_rise_and_are_enough),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
