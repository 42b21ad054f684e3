/* HID scales: what their reports weigh in grams, and what is no weight. */
#include "drivers/scale/hid_scale_proto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/drivers/scale/scales.h"

static struct cf_hid_scale_layout layout_of(cf_bytes descriptor)
{
    static struct cf_hid_report report;
    struct cf_hid_scale_layout layout;
    assert_int_equal(cf_hid_report_parse(descriptor, &report, NULL), CF_OK);
    assert_int_equal(cf_hid_scale_layout_find(&report, &layout, NULL), CF_OK);
    return layout;
}

static void a_weight_at_rest_is_grams_whatever_its_unit_and_power(void **state)
{
    (void)state;
    static const struct {
        unsigned unit;
        int exponent;
        unsigned weight;
        int32_t grams;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {SCALE_G, 0, 345, 345, CF_OK, "grams as they are"},
        {SCALE_KG, -3, 345, 345, CF_OK, "kilograms with three decimals"},
        {SCALE_KG, -2, 34, 340, CF_OK, "kilograms with two"},
        {SCALE_G, -1, 3455, 346, CF_OK, "a finer scale: half a gram is rounded up"},
        {SCALE_G, -1, 3454, 345, CF_OK, "and less is not"},
        {SCALE_MG, 3, 345, 345, CF_OK, "thousands of milligrams"},
        {SCALE_OZ, -1, 25, 71, CF_OK, "2.5 ounces are 70.87 g"},
        {SCALE_LB, -2, 100, 454, CF_OK, "a pound is 453.59 g"},
        {SCALE_KG, 0, 1000, 1000000, CF_OK, "a tonne is the most"},
        {SCALE_KG, 0, 1001, 0, CF_E_SCALE_FAULT, "more than that is no scale's"},
        {SCALE_G, 0, 0, 0, CF_E_SCALE_EMPTY, "at rest, but nothing on it"},
        {SCALE_MG, 0, 499, 0, CF_E_SCALE_EMPTY, "less than half a gram costs nothing and is not sold"},
        {SCALE_CARAT, 0, 5, 0, CF_E_SCALE_FAULT, "a unit that goods are not sold by"},
        {0, 0, 5, 0, CF_E_SCALE_FAULT, "no unit"},
        {200, 0, 5, 0, CF_E_SCALE_FAULT, "a unit that does not exist"},
        {SCALE_G, 7, 1, 0, CF_E_SCALE_FAULT, "a power that no scale has"},
        {SCALE_G, -128, 65535, 0, CF_E_SCALE_FAULT, "nor this"},
    };
    struct cf_hid_scale_layout layout = layout_of(scale_descriptor());
    assert_int_equal(layout.report_bytes, SCALE_REPORT_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t report[SCALE_REPORT_BYTES];
        struct cf_weight weight;
        scale_report(report, SCALE_STABLE, rows[i].unit, rows[i].exponent, rows[i].weight);
        assert_true(cf_hid_scale_take(&layout, cf_bytes_of(report, sizeof report), &weight));
        if (weight.rc != rows[i].rc || weight.weight_g != rows[i].grams)
            fail_msg("%s: %d, %d g", rows[i].why, (int)weight.rc, (int)weight.weight_g);
    }
}

static void only_what_is_at_rest_weighs(void **state)
{
    (void)state;
    static const enum cf_rc rows[] = {
        CF_E_SCALE_FAULT, CF_E_SCALE_FAULT, CF_E_SCALE_EMPTY, CF_E_SCALE_MOVING, CF_OK,
        CF_E_SCALE_UNDER, CF_E_SCALE_OVER,  CF_E_SCALE_FAULT, CF_E_SCALE_ZERO,   CF_E_SCALE_FAULT};
    struct cf_hid_scale_layout layout = layout_of(scale_descriptor());
    for (unsigned status = 0; status < sizeof rows / sizeof rows[0]; status++) {
        uint8_t report[SCALE_REPORT_BYTES];
        struct cf_weight weight;
        scale_report(report, status, SCALE_G, 0, 500);
        assert_true(cf_hid_scale_take(&layout, cf_bytes_of(report, sizeof report), &weight));
        assert_int_equal(weight.rc, rows[status]);
        assert_int_equal(weight.weight_g, rows[status] == CF_OK ? 500 : 0);
        assert_true(weight.rc == CF_OK || weight.why != NULL);
    }
}

static void parts_are_where_the_descriptor_says(void **state)
{
    (void)state;
    struct cf_weight weight;
    struct cf_hid_scale_layout layout = layout_of(scale_descriptor_other());
    const uint8_t stable[] = {0x59, 0x01, 0, 0, 0x23, 0x00}; /* 345, status 3 of 0..7, unit 2 of 1..12 */
    assert_true(cf_hid_scale_take(&layout, cf_bytes_of(stable, sizeof stable), &weight));
    assert_int_equal(weight.rc, CF_OK);
    assert_int_equal(weight.weight_g, 345);
    const uint8_t negative[] = {0xff, 0xff, 0xff, 0xff, 0x23, 0x00};
    assert_true(cf_hid_scale_take(&layout, cf_bytes_of(negative, sizeof negative), &weight));
    assert_int_equal(weight.rc, CF_E_SCALE_UNDER);
    const uint8_t tenths[] = {0x59, 0x01, 0, 0, 0x23, 0xff};
    assert_true(cf_hid_scale_take(&layout, cf_bytes_of(tenths, sizeof tenths), &weight));
    assert_int_equal(weight.weight_g, 35);
}

static void other_reports_and_half_ones_are_passed_over(void **state)
{
    (void)state;
    struct cf_weight weight;
    struct cf_hid_scale_layout layout = layout_of(scale_descriptor());
    uint8_t report[SCALE_REPORT_BYTES];
    scale_report(report, SCALE_STABLE, SCALE_G, 0, 500);
    for (size_t n = 0; n < sizeof report; n++)
        assert_false(cf_hid_scale_take(&layout, cf_bytes_of(report, n), &weight));
    report[0] = 4;
    assert_false(cf_hid_scale_take(&layout, cf_bytes_of(report, sizeof report), &weight));
}

static void what_is_no_scale_is_none(void **state)
{
    (void)state;
    static const uint8_t keyboard[] = {0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0xc0};
    static struct cf_hid_report report;
    struct cf_hid_scale_layout layout;
    assert_int_equal(cf_hid_report_parse(cf_bytes_of(keyboard, sizeof keyboard), &report, NULL), CF_OK);
    assert_int_equal(cf_hid_scale_layout_find(&report, &layout, NULL), CF_E_NOT_FOUND);
    assert_int_equal(cf_hid_report_parse(scale_descriptor_no_unit(), &report, NULL), CF_OK);
    assert_int_equal(cf_hid_scale_layout_find(&report, &layout, NULL), CF_E_DEVICE_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_weight_at_rest_is_grams_whatever_its_unit_and_power),
        cmocka_unit_test(only_what_is_at_rest_weighs),
        cmocka_unit_test(parts_are_where_the_descriptor_says),
        cmocka_unit_test(other_reports_and_half_ones_are_passed_over),
        cmocka_unit_test(what_is_no_scale_is_none),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
