/*
 * tests/unit/wire/enrol_code_test.c - the code that a technician types.
 */
#include "sync/wire/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_code_comes_out_as_it_went_in(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        struct cf_enrol_code x, y;
        char text[CF_ENROL_TEXT_MAX];
        for (size_t k = 0; k < 8; k++) {
            x.secret[k] = (uint8_t)(i * 7 + k);
            x.ca_fingerprint[k] = (uint8_t)(i ^ k * 31);
        }
        cf_enrol_code_format(&x, text);
        assert_int_equal(strlen(text), 31);
        assert_int_equal(cf_enrol_code_parse(text, &y, NULL), CF_OK);
        assert_memory_equal(&x, &y, sizeof x);
    }
}

static void a_code_may_be_typed_in_many_ways(void **state)
{
    (void)state;
    struct cf_enrol_code x, y;
    assert_int_equal(cf_enrol_code_parse("01234-56789-ABCDE-FGHJK-MN0QR-4", &x, NULL), CF_OK);
    const char *const ways[] = {
        "0123456789ABCDEFGHJKMN0QR4",      "0123456789abcdefghjkmn0qr4",  " O1234 56789 abcde fghjk mnOqr 4 ",
        "oI234-56789-ABCDE-FGHJK-MNoQR-4", "0l23456789-ABCDEFGHJKMN0QR4", "0L23-4567-89AB-CDEF-GHJK-MN0Q-R4",
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        assert_int_equal(cf_enrol_code_parse(ways[i], &y, NULL), CF_OK);
        assert_memory_equal(&x, &y, sizeof x);
    }
}

static void what_is_no_code_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *why;
    } rows[] = {
        {"", "nothing"},
        {"01234-56789-ABCDE-FGHJK-MN0QR", "one character short"},
        {"01234-56789-ABCDE-FGHJK-MN0QR-44", "one too many"},
        {"01234-56789-ABCDE-FGHJK-MN0QU-4", "U is not in the alphabet"},
        {"01234-56789-ABCDE-FGHJK-MN0QR-5", "bits after the end are not zero"},
        {"01234-56789-ABCDE-FGHJK-MN0Q\xc3\xa9-4", "not ASCII"},
        {"01234_56789_ABCDE_FGHJK_MN0QR_4", "not a separator"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_enrol_code code = {{42}, {42}};
        if (cf_enrol_code_parse(rows[i].text, &code, NULL) != CF_E_ENROL_CODE)
            fail_msg("%s: %s", rows[i].text, rows[i].why);
        assert_int_equal(code.secret[0], 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_comes_out_as_it_went_in),
        cmocka_unit_test(a_code_may_be_typed_in_many_ways),
        cmocka_unit_test(what_is_no_code_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
