/* Rows of text: wrapping, alignment, and QR codes that can be read off the page. */
#include "app/receipt/text_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/receipt/qr.h"
#include "base/text.h"
#include "tests/support/shared_data.h"
#include "tests/unit/receipt/sample.h"

/* The document as text; the receipt is freed. */
static char *render(struct cf_receipt *receipt, unsigned columns)
{
    struct cf_buf buf;
    const char *text;
    cf_buf_init(&buf, CF_TEXT_VIEW_BYTES_MAX);
    assert_int_equal(cf_receipt_text(receipt, columns, &buf, NULL), CF_OK);
    assert_int_equal(cf_buf_cstr(&buf, &text, NULL), CF_OK);
    char *copy = strdup(text);
    cf_buf_done(&buf);
    cf_receipt_free(receipt);
    return copy;
}

static struct cf_receipt *new_receipt(void)
{
    struct cf_receipt *receipt = NULL;
    assert_int_equal(cf_receipt_new(&receipt, NULL), CF_OK);
    return receipt;
}

static void columns_wrap_at_the_left_and_keep_the_right_whole(void **state)
{
    (void)state;
    static const struct {
        const char *left, *right, *expected;
        const char *why;
    } rows[] = {
        {"Tea", "1.00", "Tea                 1.00\n", "short"},
        {"", "1.00", "                    1.00\n", "no left"},
        {"Tea", "", "Tea\n", "no right: no spaces at the end"},
        {"A tea that is long", "1.00", "A tea that is long  1.00\n", "just fits"},
        {"A tea that is too long", "1.00", "A tea that is too\nlong                1.00\n", "amount on the last row"},
        {"  2 x 99.00 with a remark", "198.00", "  2 x 99.00 with\n  a remark        198.00\n", "indent is kept"},
        {"绿茶面膜十片装礼盒绿茶", "1.00", "绿茶面膜十片装礼盒\n绿茶                1.00\n", "Chinese breaks anywhere"},
        {"Tea 绿茶面膜十片装礼", "1.00", "Tea 绿茶面膜十片装\n礼                  1.00\n",
         "an early space is no reason"},
        {"Unbreakableunbreakable", "1.00", "Unbreakableunbreaka\nble                 1.00\n", "a word too long"},
        {"Tea", "9999999999999.99", "Tea\n        9999999999999.99\n", "a wide amount has a row of its own"},
        {"Tea", "123456789012345678901234", "Tea\n123456789012345678901234\n", "as wide as the paper"},
        {"a\u0301e\u0301", "1", "a\u0301e\u0301                     1\n", "marks take no column"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_receipt *r = new_receipt();
        assert_int_equal(cf_receipt_add_columns(r, 0, rows[i].left, rows[i].right, NULL), CF_OK);
        char *got = render(r, 24);
        if (strcmp(got, rows[i].expected) != 0) {
            fail_msg("%s: got \"%s\", not \"%s\"", rows[i].why, got, rows[i].expected);
        }
        free(got);
    }
}

static void text_is_aligned_and_wrapped(void **state)
{
    (void)state;
    struct cf_receipt *r = new_receipt();
    assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_CENTRE, CF_STYLE_WIDE | CF_STYLE_BOLD, "店 Shop", NULL), CF_OK);
    assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_RIGHT, 0, "right", NULL), CF_OK);
    assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_LEFT, 0, "one two three four five six", NULL), CF_OK);
    assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_LEFT, 0, "", NULL), CF_OK);
    assert_int_equal(cf_receipt_add_rule(r, NULL), CF_OK);
    assert_int_equal(cf_receipt_add_blank(r, NULL), CF_OK);
    assert_int_equal(cf_receipt_add_cut(r, NULL), CF_OK);
    char *got = render(r, 24);
    assert_string_equal(got, "        店 Shop\n"
                             "                   right\n"
                             "one two three four five\n"
                             "six\n"
                             "------------------------\n"
                             "\n");
    free(got);
}

static void columns_of_the_paper_are_bounded(void **state)
{
    (void)state;
    struct cf_receipt *r = sample_receipt();
    struct cf_buf buf;
    cf_buf_init(&buf, CF_TEXT_VIEW_BYTES_MAX);
    assert_int_equal(cf_receipt_text(r, 23, &buf, NULL), CF_E_RANGE);
    assert_int_equal(cf_receipt_text(r, 201, &buf, NULL), CF_E_RANGE);
    assert_int_equal(buf.n, 0);
    buf.max = 100;
    assert_int_equal(cf_receipt_text(r, 48, &buf, NULL), CF_E_LIMIT);
    cf_buf_done(&buf);
    cf_receipt_free(r);
}

/* The modules under the half blocks of the text, row by row from its first row that has any. */
static void read_half_blocks(const char *text, const struct cf_qr *qr)
{
    const char *line = strstr(text, "█▀▀▀▀▀█"); /* top of a finder pattern */
    assert_non_null(line);
    size_t left = 0;
    while (line - left > text && line[-1 - (ptrdiff_t)left] == ' ') {
        left++;
    }
    line -= left;
    for (unsigned y = 0; y < qr->side; y += 2) {
        char row[2048];
        size_t n = strcspn(line, "\n");
        assert_true(n < sizeof row);
        memcpy(row, line, n);
        row[n] = '\0';
        cf_bytes bytes = cf_bytes_str(row);
        size_t at = left;
        for (unsigned x = 0; x < qr->side; x++) {
            uint32_t c = at < bytes.n ? cf_text_next(bytes, &at) : ' ';
            bool upper = c == 0x2580 || c == 0x2588, lower = c == 0x2584 || c == 0x2588;
            assert_int_equal(upper, qr->module[y * qr->side + x]);
            assert_int_equal(lower, y + 1 < qr->side ? qr->module[(y + 1) * qr->side + x] : 0);
        }
        line += n + 1;
    }
}

static void half_blocks_show_the_modules_of_the_code(void **state)
{
    (void)state;
    static struct cf_qr qr;
    assert_int_equal(cf_qr_make(cf_bytes_str(sample_coupon), CF_QR_M, &qr, NULL), CF_OK);
    char *text = render(sample_receipt(), 60);
    read_half_blocks(text, &qr);
    free(text);
}

/* Every line as wide as the paper at most, none with a space at its end, no control character anywhere. */
static void assert_clean_page(const char *text, unsigned columns)
{
    cf_bytes whole = cf_bytes_str(text), line;
    assert_true(cf_text_is_utf8(whole));
    for (size_t at = 0; cf_shared_data_line(whole, &at, &line);) {
        char row[4096];
        size_t n = cf_text_clean(line, row, sizeof row);
        assert_int_equal(n, line.n);
        assert_memory_equal(row, line.p, n); /* cleaning finds nothing */
        assert_true(cf_text_columns(row) <= columns);
        assert_true(n == 0 || row[n - 1] != ' ');
    }
}

static void naughty_strings_stay_within_the_paper(void **state)
{
    (void)state;
    struct cf_buf file;
    cf_bytes line;
    cf_buf_init(&file, 1u << 20);
    if (!cf_shared_data_read("strings/blns.txt", &file)) {
        skip();
    }
    for (size_t at = 0; cf_shared_data_line(cf_buf_bytes(&file), &at, &line);) {
        char name[4096];
        size_t n = line.n < sizeof name ? line.n : sizeof name - 1;
        memcpy(name, line.p, n);
        name[n] = '\0';
        for (unsigned columns = 24; columns <= 48; columns += 8) {
            struct cf_receipt *r = new_receipt();
            assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_CENTRE, 0, name, NULL), CF_OK);
            assert_int_equal(cf_receipt_add_columns(r, 0, name, "12.50", NULL), CF_OK);
            assert_int_equal(cf_receipt_add_columns(r, 0, "name", name, NULL), CF_OK);
            char *text = render(r, columns);
            assert_clean_page(text, columns);
            assert_non_null(strstr(text, "12.50\n"));
            free(text);
        }
    }
    cf_buf_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_wrap_at_the_left_and_keep_the_right_whole),
        cmocka_unit_test(text_is_aligned_and_wrapped),
        cmocka_unit_test(columns_of_the_paper_are_bounded),
        cmocka_unit_test(half_blocks_show_the_modules_of_the_code),
        cmocka_unit_test(naughty_strings_stay_within_the_paper),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
