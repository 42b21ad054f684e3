/* Layouts that makers choose, reports that belong together, and what comes of those that do not. */
#include "drivers/scanner/hid_pos_proto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/drivers/scanner/descriptors.h"

static struct cf_hid_pos pos;

static enum cf_rc layout_of(cf_bytes descriptor, struct cf_hid_pos_layout *ret)
{
    static struct cf_hid_report report;
    enum cf_rc rc = cf_hid_report_parse(descriptor, &report, NULL);
    return rc == CF_OK ? cf_hid_pos_layout_find(&report, ret, NULL) : rc;
}

static void be(cf_bytes descriptor)
{
    struct cf_hid_pos_layout layout;
    assert_int_equal(layout_of(descriptor, &layout), CF_OK);
    cf_hid_pos_init(&pos, &layout);
}

static unsigned send(const char *aim, const char *data, size_t n, int more)
{
    uint8_t report[POS_REPORT_BYTES];
    report_honeywell(report, aim, data, n, more);
    return cf_hid_pos_take(&pos, cf_bytes_of(report, sizeof report));
}

static void assert_text(const char *text)
{
    assert_true(cf_bytes_equal(cf_hid_pos_text(&pos), cf_bytes_str(text)));
}

static void each_makers_layout_is_read_from_its_descriptor(void **state)
{
    (void)state;
    struct cf_hid_pos_layout l;
    assert_int_equal(layout_of(descriptor_honeywell(), &l), CF_OK);
    assert_int_equal(l.report_id, 2);
    assert_true(l.has_length && l.has_aim && l.has_more);
    assert_int_equal(l.length_at, 1);
    assert_int_equal(l.aim_at, 2);
    assert_int_equal(l.data_at, 5);
    assert_int_equal(l.data_bytes, 56);
    assert_int_equal(l.more_bit, 63 * 8);
    assert_int_equal(layout_of(descriptor_quio(), &l), CF_OK);
    assert_true(l.has_length && !l.has_aim && l.has_more);
    assert_int_equal(l.data_at, 2);
    assert_int_equal(l.more_bit, 63 * 8);
    assert_int_equal(layout_of(descriptor_microscan(), &l), CF_OK);
    assert_int_equal(l.data_at, 5);
    assert_int_equal(layout_of(descriptor_plain(), &l), CF_OK);
    assert_int_equal(l.report_id, 0);
    assert_true(!l.has_length && !l.has_aim && !l.has_more);
    assert_int_equal(l.data_bytes, 32);
    assert_int_equal(layout_of(descriptor_terse(), &l), CF_OK);
    assert_int_equal(l.data_at, 5);
}

static void a_keyboard_or_mouse_is_no_scanner(void **state)
{
    (void)state;
    struct cf_hid_pos_layout l;
    assert_int_equal(layout_of(descriptor_keyboard(), &l), CF_E_NOT_FOUND);
    assert_int_equal(layout_of(descriptor_mouse(), &l), CF_E_NOT_FOUND);
    assert_int_equal(layout_of((cf_bytes){0}, &l), CF_E_NOT_FOUND);
}

static void a_scan_carries_its_aim_identifier_in_front(void **state)
{
    (void)state;
    be(descriptor_honeywell());
    assert_int_equal(send("]E0", "5901234123457", 13, 0), CF_SCANNER_SCAN);
    assert_text("]E05901234123457");
    assert_int_equal(send(NULL, "4011", 4, 0), CF_SCANNER_SCAN);
    assert_text("4011");
    assert_int_equal(send("\x01\x02\x03", "4011", 4, 0), CF_SCANNER_SCAN); /* no identifier, whatever it is */
    assert_text("4011");
}

static void data_beyond_one_report_goes_on_in_the_next(void **state)
{
    (void)state;
    char text[3 + 199 + 1] = "]Q1";
    memset(text + 3, 'x', 199);
    be(descriptor_honeywell());
    assert_int_equal(send("]Q1", text + 3, 56, 1), CF_SCANNER_NONE);
    assert_int_equal(send("]Q1", text + 3, 56, 1), CF_SCANNER_NONE);
    assert_int_equal(send("]Q1", text + 3, 56, 1), CF_SCANNER_NONE);
    assert_int_equal(send("]Q1", text + 3, 31, 0), CF_SCANNER_SCAN);
    assert_text(text);
}

static void a_line_end_and_an_empty_scan_are_left_out(void **state)
{
    (void)state;
    be(descriptor_honeywell());
    assert_int_equal(send("]C1", "ABC\r\n", 5, 0), CF_SCANNER_SCAN);
    assert_text("]C1ABC");
    assert_int_equal(send("]C1", "\r", 1, 0), CF_SCANNER_NONE);
    assert_int_equal(send("]C1", "", 0, 0), CF_SCANNER_NONE);
}

static void without_a_length_zeros_end_the_data(void **state)
{
    (void)state;
    uint8_t report[32] = "4006381333931";
    be(descriptor_plain());
    assert_int_equal(cf_hid_pos_take(&pos, cf_bytes_of(report, sizeof report)), CF_SCANNER_SCAN);
    assert_text("4006381333931");
    memset(report, '7', sizeof report);
    assert_int_equal(cf_hid_pos_take(&pos, cf_bytes_of(report, sizeof report)), CF_SCANNER_SCAN);
    assert_int_equal(cf_hid_pos_text(&pos).n, 32);
}

static void other_reports_of_the_device_are_passed_over(void **state)
{
    (void)state;
    uint8_t trigger[] = {4, 1};
    be(descriptor_honeywell());
    assert_int_equal(send("]Q1", "ab", 2, 1), CF_SCANNER_NONE);
    assert_int_equal(cf_hid_pos_take(&pos, cf_bytes_of(trigger, sizeof trigger)), CF_SCANNER_NONE);
    assert_int_equal(cf_hid_pos_take(&pos, (cf_bytes){0}), CF_SCANNER_NONE);
    assert_int_equal(send("]Q1", "cd", 2, 0), CF_SCANNER_SCAN);
    assert_text("]Q1abcd");
}

static void a_short_report_loses_the_scan_and_not_the_next(void **state)
{
    (void)state;
    uint8_t report[POS_REPORT_BYTES];
    be(descriptor_honeywell());
    for (size_t n = 1; n < POS_REPORT_BYTES; n++) {
        report_honeywell(report, "]E0", "5901234123457", 13, 0);
        uint8_t *cut = malloc(n); /* of its own, so that a read beyond it is seen */
        assert_non_null(cut);
        memcpy(cut, report, n);
        assert_int_equal(cf_hid_pos_take(&pos, cf_bytes_of(cut, n)), CF_SCANNER_LOST);
        free(cut);
        assert_int_equal(send("]E0", "5901234123457", 13, 0), CF_SCANNER_SCAN);
    }
}

static void a_lost_end_never_joins_two_codes(void **state)
{
    (void)state;
    be(descriptor_honeywell());
    assert_int_equal(send("]Q1", "first", 5, 1), CF_SCANNER_NONE);
    assert_int_equal(send("]E0", "5901234123457", 13, 0), CF_SCANNER_LOST | CF_SCANNER_SCAN);
    assert_text("]E05901234123457");
    assert_int_equal(send("]Q1", "first", 5, 1), CF_SCANNER_NONE);
    assert_int_equal(cf_hid_pos_gap(&pos), CF_SCANNER_LOST);
    assert_int_equal(send("]Q1", "second", 6, 0), CF_SCANNER_SCAN);
    assert_text("]Q1second");
    assert_int_equal(cf_hid_pos_gap(&pos), CF_SCANNER_NONE);
}

static void a_megabyte_is_too_long_once_and_then_over(void **state)
{
    (void)state;
    unsigned seen = 0, said = 0;
    char data[56];
    memset(data, 'm', sizeof data);
    be(descriptor_honeywell());
    for (size_t n = 0; n < 1024 * 1024; n += sizeof data) {
        unsigned result = send("]Q1", data, sizeof data, 1);
        seen |= result;
        said += result != CF_SCANNER_NONE;
    }
    assert_int_equal(seen, CF_SCANNER_TOO_LONG);
    assert_int_equal(said, 1);
    assert_int_equal(send("]Q1", data, sizeof data, 0), CF_SCANNER_NONE);
    assert_int_equal(send("]Q1", "ok", 2, 0), CF_SCANNER_SCAN);
    assert_text("]Q1ok");
}

static void the_longest_symbol_is_a_scan(void **state)
{
    (void)state;
    char digits[56];
    memset(digits, '8', sizeof digits);
    be(descriptor_honeywell());
    size_t left = CF_SCANNER_DATA_MAX;
    for (; left > sizeof digits; left -= sizeof digits)
        assert_int_equal(send("]Q1", digits, sizeof digits, 1), CF_SCANNER_NONE);
    assert_int_equal(send("]Q1", digits, left, 0), CF_SCANNER_SCAN);
    assert_int_equal(cf_hid_pos_text(&pos).n, CF_SCANNER_TEXT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_makers_layout_is_read_from_its_descriptor),
        cmocka_unit_test(a_keyboard_or_mouse_is_no_scanner),
        cmocka_unit_test(a_scan_carries_its_aim_identifier_in_front),
        cmocka_unit_test(data_beyond_one_report_goes_on_in_the_next),
        cmocka_unit_test(a_line_end_and_an_empty_scan_are_left_out),
        cmocka_unit_test(without_a_length_zeros_end_the_data),
        cmocka_unit_test(other_reports_of_the_device_are_passed_over),
        cmocka_unit_test(a_short_report_loses_the_scan_and_not_the_next),
        cmocka_unit_test(a_lost_end_never_joins_two_codes),
        cmocka_unit_test(a_megabyte_is_too_long_once_and_then_over),
        cmocka_unit_test(the_longest_symbol_is_a_scan),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
