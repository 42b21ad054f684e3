/* ESC/POS jobs, taken apart by escpos_parser: only our own commands, whole text, codes that scan. */
#include "app/receipt/escpos.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/receipt/qr.h"
#include "drivers/camera/camera.h"
#include "tests/support/shared_data.h"
#include "tests/unit/receipt/escpos_parser.h"
#include "tests/unit/receipt/sample.h"

static struct cf_buf job_of(const struct cf_receipt *receipt, const struct cf_escpos_profile *profile)
{
    struct cf_buf job;
    cf_buf_init(&job, CF_ESCPOS_BYTES_MAX);
    assert_int_equal(cf_receipt_escpos(receipt, profile, &job, NULL), CF_OK);
    return job;
}

static void a_whole_sale_prints_and_leaves_the_printer_plain(void **state)
{
    (void)state;
    struct cf_receipt *r = sample_receipt();
    struct cf_buf job = job_of(r, cf_escpos_profile_default());
    struct paper paper;
    paper_print(cf_buf_bytes(&job), "ASCII", &paper);
    const char *text = (const char *)paper.text.p;
    assert_non_null(strstr(text, "Hydrating Face Cream 50 ml 保湿面霜\n"));
    assert_non_null(strstr(text, "上海市南京东路88号\n"));
    assert_non_null(strstr(text, "￥357.24\n")); /* the yen sign of GB 2312 */
    assert_null(strchr(text, '?'));
    assert_int_equal(paper.columns_most, 48);
    assert_int_equal(paper.n_resets, 1);
    assert_int_equal(paper.n_cuts, 1);
    assert_int_equal(paper.n_pictures, 2); /* the coupon, and the name of the sale */
    assert_true(paper.ends_plain);
    paper_done(&paper);
    cf_buf_done(&job);
    cf_receipt_free(r);
}

static void a_job_begins_with_reset_and_chinese_mode_off(void **state)
{
    (void)state;
    struct cf_receipt *r = sample_receipt();
    struct cf_buf job = job_of(r, cf_escpos_profile_default());
    assert_memory_equal(job.p, "\x1b@\x1c.", 4);
    cf_buf_done(&job);
    cf_receipt_free(r);
}

static void the_raster_code_is_read_by_a_camera(void **state)
{
    (void)state;
    struct cf_receipt *r = sample_receipt();
    struct cf_buf job = job_of(r, cf_escpos_profile_default());
    struct paper paper;
    struct cf_frame frame;
    struct cf_decoder *decoder = NULL;
    struct cf_symbols symbols;
    paper_print(cf_buf_bytes(&job), "ASCII", &paper);
    uint8_t *grey = paper_photograph(&paper.pictures[0], &frame);
    assert_int_equal(cf_decoder_new(&decoder, NULL), CF_OK);
    assert_int_equal(cf_decode(decoder, &frame, &symbols, NULL), CF_OK);
    assert_int_equal(symbols.n, 1);
    assert_true(cf_bytes_equal(symbols.symbol[0].text, cf_bytes_str(sample_coupon)));
    cf_decoder_free(decoder);
    free(grey);
    paper_done(&paper);
    cf_buf_done(&job);
    cf_receipt_free(r);
}

static void a_native_code_carries_its_payload(void **state)
{
    (void)state;
    struct cf_escpos_profile profile = *cf_escpos_profile_default();
    profile.native_qr = true;
    profile.cutter = false;
    struct cf_receipt *r = NULL;
    char payload[CF_RECEIPT_QR_MAX + 1];
    sample_base45(payload, CF_RECEIPT_QR_MAX, 3);
    assert_int_equal(cf_receipt_new(&r, NULL), CF_OK);
    assert_int_equal(cf_receipt_add_qr(r, payload, "caption", NULL), CF_OK);
    assert_int_equal(cf_receipt_add_cut(r, NULL), CF_OK);
    struct cf_buf job = job_of(r, &profile);
    struct paper paper;
    paper_print(cf_buf_bytes(&job), "ASCII", &paper);
    assert_int_equal(paper.n_native_qr, 1);
    assert_string_equal(paper.native_qr, payload);
    assert_int_equal(paper.n_pictures, 0);
    assert_int_equal(paper.n_cuts, 0);
    paper_done(&paper);
    cf_buf_done(&job);
    cf_receipt_free(r);
}

static struct cf_escpos_profile one_page(void)
{
    struct cf_escpos_profile profile = *cf_escpos_profile_default();
    profile.gb18030 = false;
    profile.n_pages = 1;
    profile.page[0] = (struct cf_escpos_page){0, "CP437"};
    return profile;
}

static void characters_that_a_printer_lacks_become_question_marks_and_rows_stay_aligned(void **state)
{
    (void)state;
    static const struct {
        const char *left;
        bool gb18030;
        const char *expected;
        const char *why;
    } rows[] = {
        {"茶", true, "茶                  1.00\n", "Chinese takes two columns"},
        {"茶", false, "?                   1.00\n", "a code page has none"},
        {"¥", true, "￥                  1.00\n", "the yen sign of GB 2312 takes two"},
        {"¥", false, "¥                   1.00\n", "that of CP437 one"},
        {"é", true, "é                  1.00\n", "a letter of GB 2312 takes two, whatever Unicode says"},
        {"é", false, "é                   1.00\n", "CP437 has it"},
        {"ñ", true, "?                   1.00\n", "four bytes of GB18030 that few printers know"},
        {"㐀", true, "㐀                  1.00\n", "but these are names of people and places"},
        {"😀", true, "?                   1.00\n", "emoji"},
        {"a\u0301", true, "a                   1.00\n", "a mark over a letter has no cell of its own"},
        {"\u263a", false, "?                   1.00\n", "CP437 draws it at byte 1, which is a control"},
        {"\x1b", true, "?                   1.00\n", "a control character, replaced on its way in"},
    };
    struct cf_escpos_profile profile = one_page();
    profile.columns = 24;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_receipt *r = NULL;
        struct paper paper;
        profile.gb18030 = rows[i].gb18030;
        profile.n_pages = rows[i].gb18030 ? 0 : 1;
        assert_int_equal(cf_receipt_new(&r, NULL), CF_OK);
        assert_int_equal(cf_receipt_add_columns(r, 0, rows[i].left, "1.00", NULL), CF_OK);
        struct cf_buf job = job_of(r, &profile);
        paper_print(cf_buf_bytes(&job), rows[i].gb18030 ? "ASCII" : "CP437", &paper);
        if (strcmp((const char *)paper.text.p, rows[i].expected) != 0) {
            fail_msg("%s: \"%s\"", rows[i].why, (const char *)paper.text.p);
        }
        paper_done(&paper);
        cf_buf_done(&job);
        cf_receipt_free(r);
    }
}

static void naughty_strings_never_become_commands(void **state)
{
    (void)state;
    struct cf_escpos_profile profile = one_page();
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
        struct cf_receipt *r = NULL;
        assert_int_equal(cf_receipt_new(&r, NULL), CF_OK);
        assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_CENTRE, CF_STYLE_ALL, name, NULL), CF_OK);
        assert_int_equal(cf_receipt_add_columns(r, 0, name, "12.50", NULL), CF_OK);
        assert_int_equal(cf_receipt_add_qr(r, "CP1:A", name, NULL), CF_OK);
        for (int gb18030 = 0; gb18030 <= 1; gb18030++) {
            struct paper paper;
            profile.gb18030 = gb18030 == 1;
            profile.n_pages = gb18030 == 1 ? 0 : 1;
            struct cf_buf job = job_of(r, &profile);
            paper_print(cf_buf_bytes(&job), gb18030 ? "ASCII" : "CP437", &paper);
            assert_true(paper.columns_most <= 48);
            assert_non_null(strstr((const char *)paper.text.p, "12.50\n"));
            paper_done(&paper);
            cf_buf_done(&job);
        }
        cf_receipt_free(r);
    }
    cf_buf_done(&file);
}

static void every_byte_as_a_name_never_becomes_a_command(void **state)
{
    (void)state;
    struct cf_escpos_profile profile = one_page();
    for (unsigned byte = 1; byte < 256; byte++) {
        for (int gb18030 = 0; gb18030 <= 1; gb18030++) {
            const char name[] = {'a', (char)byte, (char)byte, '@', '\0'};
            struct cf_receipt *r = NULL;
            struct paper paper;
            profile.gb18030 = gb18030 == 1;
            profile.n_pages = gb18030 == 1 ? 0 : 1;
            assert_int_equal(cf_receipt_new(&r, NULL), CF_OK);
            assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_LEFT, 0, name, NULL), CF_OK);
            struct cf_buf job = job_of(r, &profile);
            paper_print(cf_buf_bytes(&job), gb18030 ? "ASCII" : "CP437", &paper);
            assert_int_equal(paper.n_resets, 1);
            paper_done(&paper);
            cf_buf_done(&job);
            cf_receipt_free(r);
        }
    }
}

static void a_profile_out_of_range_is_refused(void **state)
{
    (void)state;
    const struct cf_escpos_profile good = *cf_escpos_profile_default();
    struct cf_escpos_profile bad[6];
    enum cf_rc rc[6] = {CF_E_RANGE, CF_E_RANGE, CF_E_RANGE, CF_E_RANGE, CF_E_UNSUPPORTED, CF_E_CODE_SIZE};
    for (size_t i = 0; i < 6; i++) {
        bad[i] = good;
    }
    bad[0].columns = 23;
    bad[1].columns = 97;
    bad[2].dots = 570;
    bad[3].dots = 4096;
    bad[4] = one_page();
    memcpy(bad[4].page[0].charset, "no such page", 13);
    bad[5].dots = 128; /* too narrow for the sample's coupon */
    struct cf_receipt *r = sample_receipt();
    struct cf_buf job;
    cf_buf_init(&job, CF_ESCPOS_BYTES_MAX);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(cf_receipt_escpos(r, &bad[i], &job, NULL), rc[i]);
        assert_int_equal(job.n, 0);
    }
    cf_buf_done(&job);
    cf_receipt_free(r);
}

static void a_job_that_does_not_fit_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    struct cf_receipt *r = sample_receipt();
    struct cf_buf whole = job_of(r, cf_escpos_profile_default());
    for (size_t max = 1; max < whole.n; max += 97) {
        struct cf_buf job;
        cf_buf_init(&job, max);
        assert_int_equal(cf_buf_append(&job, "x", 1, NULL), CF_OK);
        assert_int_equal(cf_receipt_escpos(r, cf_escpos_profile_default(), &job, NULL), CF_E_LIMIT);
        assert_int_equal(job.n, 1);
        cf_buf_done(&job);
    }
    cf_buf_done(&whole);
    cf_receipt_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_sale_prints_and_leaves_the_printer_plain),
        cmocka_unit_test(a_job_begins_with_reset_and_chinese_mode_off),
        cmocka_unit_test(the_raster_code_is_read_by_a_camera),
        cmocka_unit_test(a_native_code_carries_its_payload),
        cmocka_unit_test(characters_that_a_printer_lacks_become_question_marks_and_rows_stay_aligned),
        cmocka_unit_test(naughty_strings_never_become_commands),
        cmocka_unit_test(every_byte_as_a_name_never_becomes_a_command),
        cmocka_unit_test(a_profile_out_of_range_is_refused),
        cmocka_unit_test(a_job_that_does_not_fit_leaves_the_buffer_as_it_was),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
