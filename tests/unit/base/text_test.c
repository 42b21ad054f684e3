/* Text from outside: what is UTF-8, what never reaches paper or a terminal, and how wide the rest is. */
#include "base/text.h"
#include "tests/support/shared_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct utf8_row {
    const char *bytes;
    size_t n;
    bool good;
    const char *why;
};

#define ROW(text, good, why)                                                                                           \
    {                                                                                                                  \
        text, sizeof(text) - 1, good, why                                                                              \
    }

static const struct utf8_row utf8_rows[] = {
    ROW("", true, "nothing"),
    ROW("abc", true, "ASCII"),
    ROW("\x7f", true, "DEL is well-formed, though a control"),
    ROW("\xc2\x80", true, "the first of two bytes"),
    ROW("\xdf\xbf", true, "the last of two bytes"),
    ROW("\xe0\xa0\x80", true, "the first of three bytes"),
    ROW("\xed\x9f\xbf", true, "the last before the surrogates"),
    ROW("\xee\x80\x80", true, "the first after the surrogates"),
    ROW("\xef\xbf\xbf", true, "the last of three bytes"),
    ROW("\xf0\x90\x80\x80", true, "the first of four bytes"),
    ROW("\xf4\x8f\xbf\xbf", true, "U+10FFFF"),
    ROW("a\0b", false, "a NUL"),
    ROW("\x80", false, "a continuation alone"),
    ROW("\xbf", false, "the last continuation alone"),
    ROW("\xc0\x80", false, "overlong NUL"),
    ROW("\xc1\xbf", false, "overlong DEL"),
    ROW("\xe0\x9f\xbf", false, "overlong in three bytes"),
    ROW("\xf0\x8f\xbf\xbf", false, "overlong in four bytes"),
    ROW("\xed\xa0\x80", false, "the first surrogate"),
    ROW("\xed\xbf\xbf", false, "the last surrogate"),
    ROW("\xf4\x90\x80\x80", false, "U+110000"),
    ROW("\xf5\x80\x80\x80", false, "F5 begins nothing"),
    ROW("\xf8\x88\x80\x80\x80", false, "five bytes"),
    ROW("\xfe", false, "FE"),
    ROW("\xff", false, "FF"),
    ROW("\xc3", false, "cut after one of two"),
    ROW("\xe6\xb0", false, "cut after two of three"),
    ROW("\xf0\x90\x85", false, "cut after three of four"),
    ROW("\xc3(", false, "no continuation"),
    ROW("\xe6(\xb4", false, "no continuation in the middle"),
    ROW("\xf0\x90\x85(", false, "no continuation at the end"),
};

static void only_rfc_3629_is_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof utf8_rows / sizeof utf8_rows[0]; i++)
        if (cf_text_is_utf8(cf_bytes_of(utf8_rows[i].bytes, utf8_rows[i].n)) != utf8_rows[i].good)
            fail_msg("%s", utf8_rows[i].why);
}

static size_t encode(uint32_t cp, char out[5])
{
    size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const unsigned lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i > 1; i--, cp >>= 6)
        out[i - 1] = (char)(0x80U | (cp & 0x3FU));
    out[0] = (char)(lead[n] | cp);
    out[n] = '\0';
    return n;
}

static void every_code_point_is_decoded_and_every_control_replaced(void **state)
{
    (void)state;
    unsigned controls = 0;
    for (uint32_t cp = 1; cp <= 0x10FFFF; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        char text[5];
        char clean[8];
        size_t at = 0;
        cf_bytes in = cf_bytes_of(text, encode(cp, text));
        assert_int_equal(cf_text_next(in, &at), cp);
        assert_int_equal(at, in.n);
        size_t n = cf_text_clean(in, clean, sizeof clean);
        assert_string_equal(clean, cf_text_is_control(cp) ? "\xef\xbf\xbd" : text);
        assert_int_equal(n, strlen(clean));
        assert_int_equal(cf_text_accept(in, clean, sizeof clean, NULL), cf_text_is_control(cp) ? CF_E_ENCODING : CF_OK);
        controls += cf_text_is_control(cp);
    }
    /* 31 C0 beside NUL, DEL, 32 C1, 2 separators, 5 embeddings and overrides, 4 isolates, U+FEFF */
    assert_int_equal(controls, 31 + 1 + 32 + 2 + 5 + 4 + 1);
}

static void cleaning_replaces_each_bad_byte_and_keeps_the_rest(void **state)
{
    (void)state;
#define R "\xef\xbf\xbd"
    static const struct {
        const char *in;
        size_t n;
        const char *out;
        const char *why;
    } rows[] = {
        {"Tea \x1b[31m", 9, "Tea " R "[31m", "an escape sequence loses its teeth"},
        {"a\nb\tc\rd", 7, "a" R "b" R "c" R "d", "line ends and tabs move a printer's head"},
        {"a\0b", 3, "a" R "b", "a NUL in the middle does not end the text"},
        {"\xe6\xb0", 2, R R, "each byte of a cut character"},
        {"\xe6\xb0X", 3, R R "X", "what follows a cut character stays"},
        {"\xed\xa0\x80", 3, R R R, "a surrogate"},
        {"\xe2\x80\xaegnp.exe\xe2\x80\xac", 13, R "gnp.exe" R, "right-to-left override"},
        {"\xc2\x9b"
         "31m",
         5, R "31m", "the C1 form of ESC ["},
        {"\xef\xbb\xbfx", 4, R "x", "a byte order mark"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[64];
        (void)cf_text_clean(cf_bytes_of(rows[i].in, rows[i].n), out, sizeof out);
        if (strcmp(out, rows[i].out) != 0)
            fail_msg("%s: %s", rows[i].why, out);
    }
#undef R
}

static void cleaning_cuts_between_characters(void **state)
{
    (void)state;
    cf_bytes in = cf_bytes_str("a水é\x01z");
    static const char *const cut[] = {"", "a", "a", "a", "a水", "a水", "a水é", "a水é", "a水é", "a水é\xef\xbf\xbd"};
    for (size_t room = 0; room < sizeof cut / sizeof cut[0]; room++) {
        char out[16];
        memset(out, 'X', sizeof out);
        assert_int_equal(cf_text_clean(in, out, room + 1), strlen(cut[room]));
        assert_string_equal(out, cut[room]);
        assert_int_equal(out[room + 1], 'X');
    }
}

static void accepting_copies_whole_or_refuses(void **state)
{
    (void)state;
    char out[8] = "before";
    assert_int_equal(cf_text_accept(cf_bytes_str("水水水"), out, sizeof out, NULL), CF_E_LIMIT);
    assert_int_equal(cf_text_accept(cf_bytes_str("a\x1b"), out, sizeof out, NULL), CF_E_ENCODING);
    assert_int_equal(cf_text_accept(cf_bytes_str("\xff"), out, sizeof out, NULL), CF_E_ENCODING);
    assert_int_equal(cf_text_accept(cf_bytes_of("a\0b", 3), out, sizeof out, NULL), CF_E_ENCODING);
    assert_string_equal(out, "before");
    assert_int_equal(cf_text_accept(cf_bytes_str("7 bytes"), out, sizeof out, NULL), CF_OK);
    assert_string_equal(out, "7 bytes");
    assert_int_equal(cf_text_accept(cf_bytes_of(NULL, 0), out, 1, NULL), CF_OK);
    assert_string_equal(out, "");
    assert_int_equal(cf_text_accept(cf_bytes_of(NULL, 0), out, 0, NULL), CF_E_LIMIT);
}

static void columns_are_those_of_a_receipt(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned columns;
        const char *why;
    } rows[] = {
        {"", 0, "nothing"},
        {"Shampoo", 7, "ASCII"},
        {"洗发水 500ml", 12, "Chinese takes two each"},
        {"ｶﾅ", 2, "half-width katakana"},
        {"ＡＢ", 4, "full-width Latin"},
        {"café", 4, "composed"},
        {"cafe\xcc\x81", 4, "a combining accent takes none"},
        {"한국어", 6, "Hangul syllables"},
        {"\xe1\x84\x80\xe1\x85\xa1", 2, "a syllable of two letters"},
        {"¥12.50", 6, "the yen sign is narrow"},
        {"（）、。", 8, "Chinese punctuation"},
        {"a\xe2\x80\x8d"
         "b",
         2, "a joiner takes none"},
        {"\xf0\x9f\x8d\xb5", 2, "an emoji"},
        {"\xf0\xa0\x80\x80", 2, "CJK extension B"},
        {"\xff", 1, "a malformed byte, as the replacement that stands for it"},
        {"สบู่", 2, "Thai marks above and below take none"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned columns = cf_text_columns(rows[i].text);
        if (columns != rows[i].columns)
            fail_msg("%s: %u", rows[i].why, columns);
    }
}

static void a_fitted_prefix_is_whole_and_as_long_as_can_be(void **state)
{
    (void)state;
    assert_int_equal(cf_text_fit("abc", 0), 0);
    assert_int_equal(cf_text_fit("abc", 2), 2);
    assert_int_equal(cf_text_fit("abc", 9), 3);
    assert_int_equal(cf_text_fit("洗发水", 1), 0);
    assert_int_equal(cf_text_fit("洗发水", 3), 3);
    assert_int_equal(cf_text_fit("洗发水", 4), 6);
    /* The accent belongs to the last letter that fits. */
    assert_int_equal(cf_text_fit("e\xcc\x81"
                                 "a",
                                 1),
                     3);
}

/* Nothing that moves a printer's head, a cursor or the reading direction. */
static void assert_harmless(const char *text)
{
    cf_bytes in = cf_bytes_str(text);
    assert_true(cf_text_is_utf8(in));
    for (size_t at = 0; at < in.n;)
        assert_false(cf_text_is_control(cf_text_next(in, &at)));
}

static void no_naughty_string_gets_a_control_character_through(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) file;
    cf_buf_init(&file, 1 << 20);
    if (!cf_shared_data_read("strings/blns.txt", &file))
        skip();
    cf_bytes line;
    size_t lines = 0;
    size_t refused = 0;
    for (size_t at = 0; cf_shared_data_line(cf_buf_bytes(&file), &at, &line); lines++) {
        char *clean = malloc(3 * line.n + 1);
        char *accepted = malloc(line.n + 1);
        assert_non_null(clean);
        assert_non_null(accepted);
        (void)cf_text_clean(line, clean, 3 * line.n + 1);
        assert_harmless(clean);
        if (cf_text_accept(line, accepted, line.n + 1, NULL) == CF_OK) {
            assert_harmless(accepted);
            assert_string_equal(accepted, clean);
            assert_int_equal(cf_text_fit(accepted, cf_text_columns(accepted)), line.n);
        } else {
            refused++;
        }
        free(clean);
        free(accepted);
    }
    assert_true(lines > 500);
    assert_true(refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_rfc_3629_is_utf8),
        cmocka_unit_test(every_code_point_is_decoded_and_every_control_replaced),
        cmocka_unit_test(cleaning_replaces_each_bad_byte_and_keeps_the_rest),
        cmocka_unit_test(cleaning_cuts_between_characters),
        cmocka_unit_test(accepting_copies_whole_or_refuses),
        cmocka_unit_test(columns_are_those_of_a_receipt),
        cmocka_unit_test(a_fitted_prefix_is_whole_and_as_long_as_can_be),
        cmocka_unit_test(no_naughty_string_gets_a_control_character_through),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
