/* Scales on a serial port: their answers, whole, cut and damaged. */
#include "drivers/scale/toledo_proto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool answers(struct cf_toledo *toledo, const char *bytes, size_t n, struct cf_weight *ret)
{
    bool answered = false;
    for (size_t i = 0; i < n; i++)
        answered = cf_toledo_take(toledo, (uint8_t)bytes[i], ret) || answered;
    return answered;
}

static void an_answer_is_a_weight_or_a_state(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        bool is;
        enum cf_rc rc;
        int32_t grams;
        const char *why;
    } rows[] = {
        {"\x02"
         "00.345\r",
         true, CF_OK, 345, "three decimals: kilograms"},
        {"\x02"
         "12.345\r",
         true, CF_OK, 12345, "all digits"},
        {"\x02"
         "00.345N\r",
         true, CF_OK, 345, "net: a tare is off already"},
        {"\x02"
         " 0.345\r",
         true, CF_OK, 345, "a space for the zero"},
        {"\x02"
         "01.00\r",
         true, CF_OK, 454, "two decimals: pounds"},
        {"\x02"
         "00.000\r",
         true, CF_E_SCALE_EMPTY, 0, "nothing on it"},
        {"\x02?A\r", true, CF_E_SCALE_MOVING, 0, "bit 0"},
        {"\x02?B\r", true, CF_E_SCALE_OVER, 0, "bit 1"},
        {"\x02?D\r", true, CF_E_SCALE_UNDER, 0, "bit 2"},
        {"\x02?H\r", true, CF_E_SCALE_ZERO, 0, "bit 3"},
        {"\x02?P\r", true, CF_E_SCALE_EMPTY, 0, "bit 4"},
        {"\x02?Q\r", true, CF_E_SCALE_MOVING, 0, "moving at zero: it moves"},
        {"\x02?@\r", true, CF_E_SCALE_MOVING, 0, "no bit, and no weight either: not yet"},
        {"\x02?!\r", false, CF_OK, 0, "bit 6 is always set"},
        {"\x02?\r", false, CF_OK, 0, "no status"},
        {"\x02?AA\r", false, CF_OK, 0, "two of them"},
        {"\x02\r", false, CF_OK, 0, "nothing"},
        {"\x02"
         "N\r",
         false, CF_OK, 0, "no digits"},
        {"\x02"
         "345\r",
         false, CF_OK, 0, "no point: of what?"},
        {"\x02"
         "0.3\r",
         false, CF_OK, 0, "one decimal: of what?"},
        {"\x02"
         "0.3.45\r",
         false, CF_OK, 0, "two points"},
        {"\x02"
         "-0.345\r",
         false, CF_OK, 0, "a sign"},
        {"\x02"
         "0 .345\r",
         false, CF_OK, 0, "a space in it"},
        {"\x02"
         "1234567.345\r",
         false, CF_OK, 0, "more digits than there are"},
        {"\x02"
         "00.345",
         false, CF_OK, 0, "no end"},
        {"00.345\r", false, CF_OK, 0, "no beginning"},
        {"\x02"
         "000000000000000000000000000.345\r",
         false, CF_OK, 0, "too long"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_toledo toledo;
        struct cf_weight weight = {.rc = CF_OK};
        cf_toledo_init(&toledo, false);
        bool is = answers(&toledo, rows[i].answer, strlen(rows[i].answer), &weight);
        if (is != rows[i].is || weight.rc != rows[i].rc || weight.weight_g != rows[i].grams)
            fail_msg("%s: %d %d %d g", rows[i].why, is, (int)weight.rc, (int)weight.weight_g);
    }
}

static void a_bit_that_turned_over_is_no_weight(void **state)
{
    (void)state;
    char good[] = "\x02"
                  "00.345\r";
    for (size_t i = 0; i < sizeof good - 1; i++) {
        uint8_t byte = (uint8_t)good[i];
        if (__builtin_parity(byte) != 0)
            good[i] = (char)(byte | 0x80);
    }
    struct cf_toledo toledo;
    struct cf_weight weight;
    cf_toledo_init(&toledo, true);
    assert_true(answers(&toledo, good, sizeof good - 1, &weight));
    assert_int_equal(weight.weight_g, 345);
    for (size_t bit = 0; bit < 8 * (sizeof good - 1); bit++) {
        char bad[sizeof good];
        memcpy(bad, good, sizeof good);
        bad[bit / 8] = (char)(bad[bit / 8] ^ 1 << bit % 8);
        cf_toledo_init(&toledo, true);
        assert_false(answers(&toledo, bad, sizeof good - 1, &weight));
        assert_true(answers(&toledo, good, sizeof good - 1, &weight)); /* the next one is whole again */
    }
}

static void the_question_has_the_parity_of_its_line(void **state)
{
    (void)state;
    struct cf_toledo toledo;
    cf_toledo_init(&toledo, false);
    assert_int_equal(cf_toledo_question(&toledo), 'W');
    cf_toledo_init(&toledo, true);
    assert_int_equal(cf_toledo_question(&toledo), 0xd7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_a_weight_or_a_state),
        cmocka_unit_test(a_bit_that_turned_over_is_no_weight),
        cmocka_unit_test(the_question_has_the_parity_of_its_line),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
