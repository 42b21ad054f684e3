/* What a shopper's display shows, by both sets of commands, on a model that reads the bytes. */
#include "drivers/display/display_proto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/drivers/display/fake_display.h"

static void shows(const struct cf_display_model *model, const struct cf_display_text *text, const char *first,
                  const char *second, const char *why)
{
    struct fake_display display;
    struct cf_display_frame frame;
    char row[2][CF_DISPLAY_COLUMNS * 4 + 1];
    fake_display_init(&display, model->language);
    for (int round = 0; round < 2; round++) { /* over what stood there before */
        assert_int_equal(cf_display_encode(model, text, round == 0, &frame, NULL), CF_OK);
        fake_display_take(&display, cf_bytes_of(frame.bytes, frame.n));
    }
    assert_int_equal(display.n_unknown, 0);
    assert_int_equal(display.n_resets, 1);
    assert_int_equal(display.n_command, 0);
    fake_display_row(&display, 0, row[0]);
    fake_display_row(&display, 1, row[1]);
    if (strcmp(row[0], first) != 0 || strcmp(row[1], second) != 0)
        fail_msg("%s: \"%s\" \"%s\"", why, row[0], row[1]);
}

static void rows_are_what_was_asked_for(void **state)
{
    static const struct {
        struct cf_display_text text;
        bool gb18030;
        const char *first, *second, *why;
    } rows[] = {
        {{{{"Soap", "1.50"}, {"TOTAL", "12.50"}}}, false, "Soap            1.50", "TOTAL          12.50", "plain"},
        {{{{"A very long name of goods", "1.50"}, {"", ""}}},
         false,
         "A very long nam 1.50",
         "                    ",
         "the price stands whole"},
        {{{{"Crème brûlée", "€5"}, {"¥12.50", ""}}},
         false,
         "Creme brulee      E5",
         "Y12.50              ",
         "letters lose their accents"},
        {{{{"保湿面霜 Cream", "1.50"}, {"合计", "9"}}},
         false,
         " Cream          1.50",
         "                   9",
         "what it cannot write is left out"},
        {{{{"保湿面霜 Cream", "1.50"}, {"合计", "9"}}},
         true,
         "保湿面霜 Cream  1.50",
         "合计               9",
         "Chinese takes two columns"},
        {{{{"保湿面霜保湿面霜", "1.50"}, {"x保湿面霜保湿面霜保湿面霜", ""}}},
         true,
         "保湿面霜保湿面  1.50",
         "x保湿面霜保湿面霜保 ",
         "and is never cut in half"},
        {{{{"a\x1b@\x1f"
            "b\r",
            "\n1"},
           {"\xff\xfe", ""}}},
         false,
         "a@b                1",
         "                    ",
         "no byte of a name is a command"},
        {{{{"left", "a right part that is too long"}, {"", ""}}},
         false,
         "a right part that is",
         "                    ",
         "what does not fit is cut"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int language = CF_DISPLAY_ESCPOS; language <= CF_DISPLAY_CD5220; language++) {
            const struct cf_display_model model = {(enum cf_display_language)language, rows[i].gb18030};
            shows(&model, &rows[i].text, rows[i].first, rows[i].second, rows[i].why);
        }
    }
}

static void every_character_takes_what_the_row_has_and_no_more(void **state)
{
    struct cf_display_text text = {.row = {{.left = ""}}};
    struct cf_display_frame frame;
    (void)state;
    for (uint32_t c = 1; c < 0x11000; c++) {
        struct fake_display display;
        char *to = text.row[0].left;
        for (int i = 0; i < 30; i++) {
            if (c < 0x80) {
                *to++ = (char)c;
            } else if (c < 0x800) {
                *to++ = (char)(0xc0 | c >> 6);
                *to++ = (char)(0x80 | (c & 0x3f));
            } else {
                *to++ = (char)(0xe0 | (c >> 12 & 15));
                *to++ = (char)(0x80 | (c >> 6 & 0x3f));
                *to++ = (char)(0x80 | (c & 0x3f));
            }
        }
        *to = '\0';
        const struct cf_display_model model = {CF_DISPLAY_CD5220, (c & 1) != 0};
        assert_int_equal(cf_display_encode(&model, &text, false, &frame, NULL), CF_OK);
        assert_int_equal(frame.n, 2 * (3 + CF_DISPLAY_COLUMNS + 1));
        fake_display_init(&display, CF_DISPLAY_CD5220);
        fake_display_take(&display, cf_bytes_of(frame.bytes, frame.n));
        assert_int_equal(display.n_unknown + display.n_resets, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_what_was_asked_for),
        cmocka_unit_test(every_character_takes_what_the_row_has_and_no_more),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
