/*
 * tests/unit/cli/sell_script_test.c - one line of a sell script: label, verb, words.
 */
#include "app/cli/sell_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/shared_data.h"

static void a_line_is_taken_apart_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum cf_rc rc;
        enum sell_verb verb;
        const char *label;
        const char *rest;
        size_t n_words;
        const char *why;
    } rows[] = {
        {"", CF_OK, SELL_NOTHING, "", "", 0, "a blank line"},
        {" \t ", CF_OK, SELL_NOTHING, "", "", 0, "only blanks"},
        {"# scan 1", CF_OK, SELL_NOTHING, "", "", 0, "a comment"},
        {"   # scan 1", CF_OK, SELL_NOTHING, "", "", 0, "a comment, indented"},
        {"scan 9520000010072", CF_OK, SELL_SCAN, "", "9520000010072", 0, "goods"},
        {"plu 4011", CF_OK, SELL_PLU, "", "4011", 1, "a number"},
        {"age seen", CF_OK, SELL_AGE, "", "seen", 1, "an answer"},
        {"age", CF_E_ARGUMENT, SELL_NOTHING, "", "", 0, "no answer"},
        {"serial S 1", CF_E_ARGUMENT, SELL_NOTHING, "", "", 0, "a serial number is one word"},
        {"mask: scan 9520000010072", CF_OK, SELL_SCAN, "mask", "9520000010072", 0, "a label"},
        {"two-masks_2:   scan 1", CF_OK, SELL_SCAN, "two-masks_2", "1", 0, "all that a label may hold"},
        {"coupon CP1:A B  C ", CF_OK, SELL_COUPON, "", "CP1:A B  C ", 0, "base45 has a space: nothing is trimmed"},
        {"scan  9520", CF_OK, SELL_SCAN, "", " 9520", 0, "one space ends the verb, the next belongs to the text"},
        {"scan label: 1", CF_OK, SELL_SCAN, "", "label: 1", 0, "a colon later is no label"},
        {"scan # 5", CF_OK, SELL_SCAN, "", "# 5", 0, "no comment behind a text, which may hold anything"},
        {"scan-image a file.png", CF_OK, SELL_SCAN_IMAGE, "", "a file.png", 0, "a path with a space"},
        {"tender cash 1.00", CF_OK, SELL_TENDER, "", "cash 1.00", 2, "cash"},
        {"tender\tcard\tdue\tA1", CF_OK, SELL_TENDER, "", "card\tdue\tA1", 3, "tabs part words too"},
        {"void", CF_OK, SELL_VOID, "", "", 0, "no word where none is needed"},
        {"void 2", CF_OK, SELL_VOID, "", "2", 1, "one word where one may be"},
        {"total ", CF_OK, SELL_TOTAL, "", "", 0, "a blank at the end is no word"},
        {"park desk", CF_OK, SELL_PARK, "", "desk", 1, "a word"},
        {"relay", CF_OK, SELL_RELAY, "", "", 0, "a code for the shopper's phone"},
        {"scan", CF_E_ARGUMENT, 0, "", "", 0, "no text"},
        {"scan ", CF_E_ARGUMENT, 0, "", "", 0, "an empty text"},
        {"MASK: scan 1", CF_E_ARGUMENT, 0, "", "", 0, "labels are lower case, so that MC1: is none"},
        {"mask:scan 1", CF_E_ARGUMENT, 0, "", "", 0, "a label ends its word"},
        {": scan 1", CF_E_ARGUMENT, 0, "", "", 0, "an empty label"},
        {"mask:", CF_E_ARGUMENT, 0, "", "", 0, "a label and nothing else"},
        {"Scan 1", CF_E_ARGUMENT, 0, "", "", 0, "verbs are lower case"},
        {"sca 1", CF_E_ARGUMENT, 0, "", "", 0, "not shortened"},
        {"MC1:ABC", CF_E_ARGUMENT, 0, "", "", 0, "a code without a verb"},
        {"tender cash", CF_E_ARGUMENT, 0, "", "", 0, "a word too few"},
        {"tender cash 1 2 3", CF_E_ARGUMENT, 0, "", "", 0, "a word too many"},
        {"quantity 1 2 3", CF_E_ARGUMENT, 0, "", "", 0, "a word too many"},
        {"void 1 2", CF_E_ARGUMENT, 0, "", "", 0, "a word too many"},
        {"park a b c", CF_E_ARGUMENT, 0, "", "", 0, "a label of one word, and where"},
        {"cancel now please", CF_E_ARGUMENT, 0, "", "", 0, "words where there are none"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sell_step step;
        struct cf_error err;
        memset(&step, 0x5a, sizeof step);
        enum cf_rc rc = sell_step_parse(cf_bytes_str(rows[i].line), &step, &err);
        if (rc != rows[i].rc)
            fail_msg("%s (%s): %s", rows[i].why, rows[i].line, rc == CF_OK ? "taken" : cf_rc_name(rc));
        if (rc != CF_OK) {
            assert_int_equal(((const unsigned char *)&step)[0], 0x5a); /* unchanged */
            assert_true(err.detail[0] != '\0');
            continue;
        }
        assert_int_equal(step.verb, rows[i].verb);
        assert_string_equal(step.label, rows[i].label);
        assert_int_equal(step.n_words, rows[i].n_words);
        assert_int_equal(step.rest.n, strlen(rows[i].rest));
        assert_memory_equal(step.rest.p ? (const void *)step.rest.p : "", rows[i].rest, step.rest.n);
    }
}

static void the_words_of_a_step_are_what_stood_between_the_blanks(void **state)
{
    (void)state;
    struct sell_step step;
    assert_int_equal(sell_step_parse(cf_bytes_str("pay: tender  mobile \t 12.50 A#1"), &step, NULL), CF_OK);
    assert_int_equal(step.n_words, 3);
    assert_string_equal(step.word[0], "mobile");
    assert_string_equal(step.word[1], "12.50");
    assert_string_equal(step.word[2], "A#1");
}

static void a_word_or_label_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char line[400];
    struct sell_step step;
    struct cf_error err;
    memset(line, 'a', sizeof line);
    for (size_t n = SELL_WORD_MAX - 1; n <= SELL_WORD_MAX + 2; n++) {
        int made = snprintf(line, sizeof line, "park %.*s", (int)n,
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        assert_true(made > 0);
        assert_int_equal(sell_step_parse(cf_bytes_str(line), &step, &err), n <= SELL_WORD_MAX ? CF_OK : CF_E_ARGUMENT);
        made = snprintf(line, sizeof line, "%.*s: total", (int)n,
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        assert_true(made > 0);
        assert_int_equal(sell_step_parse(cf_bytes_str(line), &step, &err),
                         n + 1 <= SELL_WORD_MAX ? CF_OK : CF_E_ARGUMENT);
    }
}

static void a_nul_does_not_hide_the_end_of_a_word(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = {
        {"total\0x", 7},
        {"tender cash 5\0000.00", 16},
        {"mask\0: total", 12},
        {"park a\0b", 8},
    };
    struct sell_step step;
    struct cf_error err;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(sell_step_parse(cf_bytes_of(rows[i].bytes, rows[i].n), &step, &err), CF_E_ARGUMENT);
}

static void every_naughty_string_is_a_text_and_nothing_else(void **state)
{
    (void)state;
    struct cf_buf all;
    cf_bytes naughty;
    size_t at = 0, n = 0;
    cf_buf_init(&all, 1u << 20);
    if (!cf_shared_data_read("strings/blns.txt", &all)) {
        print_message("the list of naughty strings is not here\n");
        cf_buf_done(&all);
        skip();
    }
    while (cf_shared_data_line(cf_buf_bytes(&all), &at, &naughty)) {
        struct sell_step step;
        struct cf_error err;
        char line[4096];
        if (naughty.n == 0 || naughty.n > sizeof line - 16)
            continue;
        n++;
        memcpy(line, "scan ", 5);
        memcpy(line + 5, naughty.p, naughty.n);
        assert_int_equal(sell_step_parse(cf_bytes_of(line, 5 + naughty.n), &step, &err), CF_OK);
        assert_int_equal(step.verb, SELL_SCAN);
        assert_int_equal(step.rest.n, naughty.n);
        assert_memory_equal(step.rest.p, naughty.p, naughty.n);
        /* Without a verb it may be a comment, and else is refused. */
        if (sell_step_parse(naughty, &step, &err) == CF_OK)
            assert_int_equal(step.verb, SELL_NOTHING);
        else
            assert_int_equal(err.rc, CF_E_ARGUMENT);
    }
    assert_true(n > 400);
    cf_buf_done(&all);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_taken_apart_or_refused),
        cmocka_unit_test(the_words_of_a_step_are_what_stood_between_the_blanks),
        cmocka_unit_test(a_word_or_label_that_is_too_long_is_refused),
        cmocka_unit_test(a_nul_does_not_hide_the_end_of_a_word),
        cmocka_unit_test(every_naughty_string_is_a_text_and_nothing_else),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sell_script", tests, NULL, NULL);
}
