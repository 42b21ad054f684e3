/*
 * tests/unit/core/gtin_test.c - Global Trade Item Numbers: lengths, check digits, one number for one product.
 */
#include "app/core/gtin.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/core/core_cmocka.h"

static void digits_are_taken_or_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *digits;
        enum cf_rc rc;
        uint64_t number;
        const char *why;
    } rows[] = {
        {"96385074", CF_OK, 96385074, "GTIN-8"},
        {"036000291452", CF_OK, 36000291452, "GTIN-12"},
        {"4006381333931", CF_OK, 4006381333931, "GTIN-13"},
        {"6901234567892", CF_OK, 6901234567892, "GTIN-13 of China"},
        {"10614141000415", CF_OK, 10614141000415, "GTIN-14, a case"},
        {"06901234567892", CF_OK, 6901234567892, "GTIN-14 form of a GTIN-13: the same product"},
        {"0036000291452", CF_OK, 36000291452, "GTIN-13 form of a GTIN-12: the same product"},
        {"99999999999997", CF_OK, 99999999999997, "the largest"},
        {"00000000000000", CF_E_GTIN_CHECK, 0, "all zeros fit their check digit, but name nothing"},
        {"00000000", CF_E_GTIN_CHECK, 0, "all zeros, short"},
        {"6901234567891", CF_E_GTIN_CHECK, 0, "a wrong check digit"},
        {"6901234567829", CF_E_GTIN_CHECK, 0, "two digits swapped"},
        {"", CF_E_GTIN_LENGTH, 0, "nothing"},
        {"1234567", CF_E_GTIN_LENGTH, 0, "7 digits"},
        {"690123456789", CF_E_GTIN_CHECK, 0, "a GTIN-13 that lost its last digit looks like a GTIN-12"},
        {"69012345678", CF_E_GTIN_LENGTH, 0, "11 digits"},
        {"069012345678920", CF_E_GTIN_LENGTH, 0, "15 digits"},
        {"690123456789X", CF_E_GTIN_LENGTH, 0, "a letter"},
        {"-901234567892", CF_E_GTIN_LENGTH, 0, "a sign"},
        {" 690123456789", CF_E_GTIN_LENGTH, 0, "a space"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        cf_gtin gtin = {42};
        enum cf_rc rc = cf_gtin_parse(cf_bytes_str(rows[k].digits), &gtin, NULL);
        if (rc != rows[k].rc || gtin.number != (rc == CF_OK ? rows[k].number : 42))
            fail_msg("%s: %s, %llu", rows[k].why, cf_rc_name(rc), (unsigned long long)gtin.number);
    }
}

static void every_wrong_digit_is_noticed(void **state)
{
    (void)state;
    char digits[] = "6901234567892";
    for (size_t k = 0; k < 13; k++) {
        char right = digits[k];
        for (int digit = 0; digit < 10; digit++) {
            digits[k] = (char)('0' + digit);
            cf_gtin gtin;
            enum cf_rc rc = cf_gtin_parse(cf_bytes_str(digits), &gtin, NULL);
            assert_int_equal(rc, digits[k] == right ? CF_OK : CF_E_GTIN_CHECK);
        }
        digits[k] = right;
    }
}

static void a_number_is_written_as_14_digits(void **state)
{
    (void)state;
    char text[CF_GTIN_TEXT_MAX];
    cf_gtin_format((cf_gtin){96385074}, text);
    assert_string_equal(text, "00000096385074");
    cf_gtin_format((cf_gtin){99999999999997}, text);
    assert_string_equal(text, "99999999999997");
    assert_int_equal(cf_gtin_check_digit(690123456789), 2);
    assert_int_equal(cf_gtin_check_digit(9999999999999), 7);
    assert_int_equal(cf_gtin_check_digit(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_taken_or_refused_by_name),
        cmocka_unit_test(every_wrong_digit_is_noticed),
        cmocka_unit_test(a_number_is_written_as_14_digits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
