/* Report descriptors: where fields stand, and what is no descriptor. */
#include "drivers/port/hid_report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/drivers/scanner/descriptors.h"

static struct cf_hid_report report;

static enum cf_rc parse(const void *p, size_t n)
{
    return cf_hid_report_parse(cf_bytes_of(p, n), &report, NULL);
}

static void fields_stand_where_the_items_before_them_end(void **state)
{
    (void)state;
    cf_bytes keyboard = descriptor_keyboard();
    assert_int_equal(cf_hid_report_parse(keyboard, &report, NULL), CF_OK);
    const struct cf_hid_field *shift = cf_hid_report_find(&report, CF_HID_INPUT, CF_HID_USAGE(7, 0xe1));
    const struct cf_hid_field *keys = cf_hid_report_find(&report, CF_HID_INPUT, CF_HID_USAGE(7, 0));
    const struct cf_hid_field *led = cf_hid_report_find(&report, CF_HID_OUTPUT, CF_HID_USAGE(8, 2));
    assert_non_null(shift);
    assert_non_null(keys);
    assert_non_null(led);
    assert_int_equal(shift->bit_offset, 1);
    assert_int_equal(keys->bit_offset, 16);
    assert_true(keys->is_array);
    assert_int_equal(keys->count, 6);
    assert_int_equal(led->bit_offset, 1); /* output reports are counted by themselves */
    assert_true(cf_hid_report_has_application(&report, CF_HID_USAGE(1, 6)));
    assert_false(cf_hid_report_has_application(&report, CF_HID_USAGE(0x8c, 2)));
}

static void push_pop_long_items_and_wide_usages_are_understood(void **state)
{
    (void)state;
    static const uint8_t d[] = {0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0xfe, 0x02, 0x77, 0xaa, 0xbb, /* a long item */
                                0xa4, 0x05, 0x01, 0x75, 0x04, 0xb4,                               /* pushed, popped */
                                0x75, 0x08, 0x95, 0x02, 0x0b, 0xfe, 0x00, 0x8c, 0x00, 0x81, 0x02, 0xc0};
    assert_int_equal(parse(d, sizeof d), CF_OK);
    assert_int_equal(report.n, 1);
    assert_int_equal(report.field[0].usage, CF_HID_USAGE(0x8c, 0xfe));
    assert_int_equal(report.field[0].bits, 8);
    assert_int_equal(report.field[0].count, 2);
}

static void what_is_no_descriptor_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = {
        {"\x05", 1},                                              /* ends within an item */
        {"\x27\x01\x02\x03", 4},                                  /* of four bytes */
        {"\xfe", 1},                                              /* within a long item */
        {"\xfe\x05\x00\x01", 4},                                  /* whose length is not there */
        {"\xb4", 1},                                              /* a pop without its push */
        {"\xa4\xa4\xa4\xa4\xa4\xa4\xa4\xa4\xa4", 9},              /* pushes without end */
        {"\xc0", 1},                                              /* the end of nothing */
        {"\xa1\x01", 2},                                          /* a beginning without end */
        {"\x85\x00", 2},                                          /* report id 0 */
        {"\x86\x00\x01", 3},                                      /* report id 256 */
        {"\x75\xff\x96\xff\xff\x09\x01\x81\x02", 9},              /* a report of two megabytes */
        {"\x77\xff\xff\xff\xff\x97\xff\xff\xff\xff\x81\x02", 12}, /* as many bits as can be said */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(parse(rows[i].bytes, rows[i].n), CF_E_DEVICE_FORMAT);
}

static void a_descriptor_cut_anywhere_is_refused_or_read_but_never_beyond_its_end(void **state)
{
    (void)state;
    cf_bytes whole = descriptor_honeywell();
    for (size_t n = 0; n < whole.n; n++) {
        uint8_t *cut = malloc(n + 1);
        assert_non_null(cut);
        memcpy(cut, whole.p, n);
        enum cf_rc rc = parse(cut, n);
        assert_true(rc == CF_OK || rc == CF_E_DEVICE_FORMAT);
        assert_true(n < 6 || rc == CF_E_DEVICE_FORMAT); /* its collection never ends */
        free(cut);
    }
}

static void more_fields_than_a_device_has_are_a_limit(void **state)
{
    (void)state;
    uint8_t d[4 + 4 * (CF_HID_FIELDS_MAX + 1)] = {0x75, 0x01, 0x95, 0x01};
    for (size_t i = 0; i <= CF_HID_FIELDS_MAX; i++)
        memcpy(d + 4 + 4 * i, "\x09\x01\x81\x02", 4);
    assert_int_equal(parse(d, sizeof d), CF_E_LIMIT);
    assert_int_equal(parse(d, sizeof d - 4), CF_OK);
    assert_int_equal(report.n, CF_HID_FIELDS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_stand_where_the_items_before_them_end),
        cmocka_unit_test(push_pop_long_items_and_wide_usages_are_understood),
        cmocka_unit_test(what_is_no_descriptor_is_refused),
        cmocka_unit_test(a_descriptor_cut_anywhere_is_refused_or_read_but_never_beyond_its_end),
        cmocka_unit_test(more_fields_than_a_device_has_are_a_limit),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
