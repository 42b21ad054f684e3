/*
 * tests/unit/core/drawer_test.c - counting, what is expected, and the record.
 */
#include <string.h>

#include "app/core/drawer.h"
#include "tests/unit/core/core_cmocka.h"

static const cf_currency cny = {"CNY"};

static void a_count_takes_each_note_and_coin_of_the_currency_once(void **state)
{
    (void)state;
    struct cf_drawer_count count = {.n = 0};
    assert_int_equal(CF_OK, cf_drawer_count_add(&count, cny, 100, 4, NULL));
    assert_int_equal(CF_OK, cf_drawer_count_add(&count, cny, 10000, 3, NULL));
    assert_int_equal(CF_OK, cf_drawer_count_add(&count, cny, 50, 0, NULL));
    assert_int_equal(CF_E_DRAWER_COUNT, cf_drawer_count_add(&count, cny, 100, 1, NULL)); /* again */
    assert_int_equal(CF_E_DRAWER_COUNT, cf_drawer_count_add(&count, cny, 300, 1, NULL)); /* no such note */
    assert_int_equal(CF_E_DRAWER_COUNT, cf_drawer_count_add(&count, cny, -100, 1, NULL));
    assert_int_equal(CF_E_RANGE, cf_drawer_count_add(&count, cny, 200, CF_PIECES_MAX + 1, NULL));
    assert_int_equal(30400, cf_drawer_count_total(&count));
    assert_int_equal(10000, count.pieces[0].value_minor); /* the largest first */
}

static void denominations_fall_and_any_currency_has_some(void **state)
{
    (void)state;
    static const char *const codes[] = {"CNY", "EUR", "USD", "GBP", "JPY", "HKD", "CHF", "KRW", "SEK", "KWD", "XYZ"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        int64_t minor[CF_DENOMINATIONS_MAX];
        cf_currency currency = {""};
        memcpy(currency.code, codes[i], 4);
        size_t n = cf_denominations(currency, minor);
        assert_true(n >= 8);
        for (size_t k = 1; k < n; k++)
            assert_true(minor[k] < minor[k - 1] && minor[k] > 0);
    }
}

static void events_come_back_and_what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct cf_drawer_event event;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {{.kind = CF_DRAWER_FLOAT, .user = "7", .business_day = 20261122, .amount_minor = 20000}, CF_OK, "a float"},
        {{.kind = CF_DRAWER_PAID_OUT, .amount_minor = 300, .reason = "milk"}, CF_OK, "paid out"},
        {{.kind = CF_DRAWER_PAID_OUT, .amount_minor = 300}, CF_E_RECORD, "paid out without a reason"},
        {{.kind = CF_DRAWER_NO_SALE, .reason = "coins"}, CF_OK, "no sale"},
        {{.kind = CF_DRAWER_DROP,
          .amount_minor = 5,
          .fiscal = {true, "TSE-0042", 17, 34, "c2ln", 1795377598, 1795377600}},
         CF_OK,
         "signed"},
        {{.kind = CF_DRAWER_DROP, .amount_minor = 5, .fiscal = {.is = true, .transaction = 17}},
         CF_OK,
         "the device failed"},
        {{.kind = CF_DRAWER_DROP, .amount_minor = 5, .fiscal = {.is = true, .serial = "TSE-0042"}},
         CF_E_RECORD,
         "a device that signed nothing"},
        {{.kind = CF_DRAWER_NO_SALE, .reason = "coins", .fiscal = {.is = true}},
         CF_E_RECORD,
         "no cash moves, so nobody is asked"},
        {{.kind = CF_DRAWER_NO_SALE, .amount_minor = 1, .reason = "coins"}, CF_E_RECORD, "a no sale with an amount"},
        {{.kind = CF_DRAWER_DROP, .amount_minor = 0}, CF_E_RECORD, "a drop of nothing"},
        {{.kind = CF_DRAWER_DROP, .amount_minor = -5}, CF_E_RECORD, "a drop below nothing"},
        {{.kind = CF_DRAWER_DROP, .amount_minor = INT64_MAX}, CF_E_RECORD, "more than there is"},
        {{.kind = CF_DRAWER_COUNT, .amount_minor = 30000, .expected_minor = -5, .count = {1, {{10000, 3}}}},
         CF_OK,
         "a count"},
        {{.kind = CF_DRAWER_COUNT, .amount_minor = 29999, .count = {1, {{10000, 3}}}},
         CF_E_RECORD,
         "a count that is not its pieces"},
        {{.kind = CF_DRAWER_FLOAT, .amount_minor = 5, .expected_minor = 5}, CF_E_RECORD, "a float that expects"},
        {{.kind = (enum cf_drawer_kind)9, .amount_minor = 5}, CF_E_RECORD, "of a later version"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_buf first CF_CLEANUP(cf_buf_done), second CF_CLEANUP(cf_buf_done);
        struct cf_drawer_event back;
        cf_buf_init(&first, 1000);
        cf_buf_init(&second, 1000);
        enum cf_rc rc = cf_drawer_event_encode(&rows[i].event, &first, NULL);
        if (rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].why, cf_rc_name(rc));
        if (rc != CF_OK)
            continue;
        assert_int_equal(CF_OK, cf_drawer_event_decode(cf_buf_bytes(&first), &back, NULL));
        assert_true(back.fiscal.is == rows[i].event.fiscal.is);
        assert_string_equal(back.fiscal.signature, rows[i].event.fiscal.signature);
        assert_int_equal(CF_OK, cf_drawer_event_encode(&back, &second, NULL));
        assert_true(cf_bytes_equal(cf_buf_bytes(&first), cf_buf_bytes(&second)));
    }
}

static void expected_is_what_came_in_less_what_went_out(void **state)
{
    (void)state;
    static const struct cf_drawer_event events[] = {
        {.kind = CF_DRAWER_FLOAT, .amount_minor = 20000},
        {.kind = CF_DRAWER_PAID_IN, .amount_minor = 500},
        {.kind = CF_DRAWER_PAID_OUT, .amount_minor = 300},
        {.kind = CF_DRAWER_DROP, .amount_minor = 10000},
        {.kind = CF_DRAWER_NO_SALE},
        {.kind = CF_DRAWER_FLOAT, .amount_minor = 1000},
        {.kind = CF_DRAWER_COUNT, .amount_minor = 7, .expected_minor = 9},
    };
    struct cf_drawer_totals totals = {.float_minor = 0};
    int64_t expected = 0;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        assert_int_equal(CF_OK, cf_drawer_add(&totals, &events[i], NULL));
    assert_int_equal(CF_OK, cf_drawer_expected(&totals, 8980, 3990, &expected, NULL));
    assert_int_equal(20000 + 1000 + 500 - 300 - 10000 + 8980 - 3990, expected);
    assert_int_equal(1, totals.n_no_sale);
    assert_int_equal(7, totals.counted_minor);
    totals.float_minor = INT64_MAX;
    assert_int_equal(CF_E_OVERFLOW, cf_drawer_expected(&totals, 1, 0, &expected, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_count_takes_each_note_and_coin_of_the_currency_once),
        cmocka_unit_test(denominations_fall_and_any_currency_has_some),
        cmocka_unit_test(events_come_back_and_what_makes_no_sense_is_refused),
        cmocka_unit_test(expected_is_what_came_in_less_what_went_out),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
