/* Keys of a scanner that types: characters by usage, where a scan ends, and keys that no scanner has. */
#include "drivers/scanner/wedge_proto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cf_wedge wedge;

static unsigned key(uint8_t modifiers, uint8_t usage)
{
    uint8_t report[CF_WEDGE_REPORT_BYTES] = {modifiers, 0, usage};
    unsigned result = cf_wedge_take(&wedge, cf_bytes_of(report, sizeof report));
    memset(report, 0, sizeof report);
    return result | cf_wedge_take(&wedge, cf_bytes_of(report, sizeof report));
}

static void assert_text(const char *text)
{
    assert_true(cf_bytes_equal(cf_wedge_text(&wedge), cf_bytes_str(text)));
}

static void a_scan_is_what_is_typed_up_to_enter(void **state)
{
    (void)state;
    cf_wedge_init(&wedge);
    assert_int_equal(key(0, 0x1e), CF_SCANNER_NONE);
    assert_int_equal(key(0, 0x1e), CF_SCANNER_NONE); /* the same key twice */
    assert_int_equal(key(0x02, 0x04), CF_SCANNER_NONE);
    assert_int_equal(key(0x20, 0x1d), CF_SCANNER_NONE); /* the other Shift */
    assert_int_equal(key(0, 0x27), CF_SCANNER_NONE);
    assert_true(cf_wedge_is_open(&wedge));
    assert_int_equal(key(0, 0x28), CF_SCANNER_SCAN);
    assert_text("11AZ0");
    assert_false(cf_wedge_is_open(&wedge));
    assert_int_equal(cf_wedge_gap(&wedge), CF_SCANNER_NONE);
    assert_int_equal(key(0, 0x2b), CF_SCANNER_NONE); /* Tab after Enter: nothing was typed */
}

static void every_printable_character_has_its_key(void **state)
{
    (void)state;
    static const struct {
        uint8_t modifiers, usage;
        char c;
    } rows[] = {
        {0x02, 0x30, '}'},  {0, 0x30, ']'},    {0, 0x38, '/'},     {0x02, 0x33, ':'}, {0x02, 0x38, '?'},
        {0x02, 0x23, '^'},  {0, 0x2c, ' '},    {0x02, 0x1f, '@'},  {0x02, 0x2d, '_'}, {0, 0x31, '\\'},
        {0, 0x35, '`'},     {0x02, 0x35, '~'}, {0, 0x54, '/'},     {0, 0x57, '+'},    {0, 0x62, '0'},
        {0, 0x59, '1'},     {0, 0x63, '.'},    {0x01, 0x30, 0x1d}, /* GS, between the parts of a GS1 code */
        {0x10, 0x04, 0x01},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[2] = {rows[i].c, '\0'};
        cf_wedge_init(&wedge);
        assert_int_equal(key(rows[i].modifiers, rows[i].usage), CF_SCANNER_NONE);
        assert_int_equal(key(0, 0x58), CF_SCANNER_SCAN);
        assert_text(text);
    }
}

static void without_enter_a_pause_ends_the_scan(void **state)
{
    (void)state;
    cf_wedge_init(&wedge);
    (void)key(0, 0x1e);
    (void)key(0, 0x1f);
    assert_int_equal(cf_wedge_gap(&wedge), CF_SCANNER_SCAN);
    assert_text("12");
    (void)key(0, 0x20);
    assert_int_equal(cf_wedge_gap(&wedge), CF_SCANNER_SCAN);
    assert_text("3");
}

static void keys_that_go_down_without_the_others_going_up_count(void **state)
{
    (void)state;
    uint8_t one[8] = {0, 0, 0x1e}, two[8] = {0, 0, 0x1e, 0x1f}, three[8] = {0, 0, 0x20, 0x1f};
    cf_wedge_init(&wedge);
    (void)cf_wedge_take(&wedge, cf_bytes_of(one, 8));
    (void)cf_wedge_take(&wedge, cf_bytes_of(two, 8));
    (void)cf_wedge_take(&wedge, cf_bytes_of(two, 8));
    (void)cf_wedge_take(&wedge, cf_bytes_of(three, 8));
    assert_int_equal(cf_wedge_gap(&wedge), CF_SCANNER_SCAN);
    assert_text("123");
}

static void what_is_not_understood_is_no_scan(void **state)
{
    (void)state;
    static const uint8_t rollover[8] = {0, 0, 1, 1, 1, 1, 1, 1};
    static const uint8_t enter_and_more[8] = {0, 0, 0x28, 0x1e};
    cf_wedge_init(&wedge);
    (void)key(0, 0x1e);
    (void)key(0, 0x3a); /* F1 */
    assert_int_equal(key(0, 0x28), CF_SCANNER_LOST);
    (void)key(0x04, 0x1e); /* with Alt */
    assert_int_equal(key(0, 0x28), CF_SCANNER_LOST);
    (void)cf_wedge_take(&wedge, cf_bytes_of(rollover, 8));
    assert_int_equal(cf_wedge_gap(&wedge), CF_SCANNER_LOST);
    (void)key(0, 0x1e);
    (void)cf_wedge_take(&wedge, cf_bytes_of(rollover, 3)); /* short */
    assert_int_equal(key(0, 0x28), CF_SCANNER_LOST);
    (void)key(0, 0x1e);
    assert_int_equal(cf_wedge_take(&wedge, cf_bytes_of(enter_and_more, 8)), CF_SCANNER_SCAN);
    assert_text("1");
    assert_int_equal(cf_wedge_gap(&wedge), CF_SCANNER_LOST);
    (void)key(0, 0);
    (void)key(0, 0x1e);
    assert_int_equal(key(0, 0x28), CF_SCANNER_SCAN);
    assert_text("1");
}

static void typing_without_end_is_too_long_once(void **state)
{
    (void)state;
    unsigned seen = 0;
    cf_wedge_init(&wedge);
    for (size_t i = 0; i < 3 * CF_SCANNER_TEXT_MAX; i++)
        seen |= key(0, 0x1e);
    assert_int_equal(seen, CF_SCANNER_NONE);
    assert_int_equal(key(0, 0x28), CF_SCANNER_TOO_LONG);
    (void)key(0, 0x1f);
    assert_int_equal(key(0, 0x28), CF_SCANNER_SCAN);
    assert_text("2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scan_is_what_is_typed_up_to_enter),
        cmocka_unit_test(every_printable_character_has_its_key),
        cmocka_unit_test(without_enter_a_pause_ends_the_scan),
        cmocka_unit_test(keys_that_go_down_without_the_others_going_up_count),
        cmocka_unit_test(what_is_not_understood_is_no_scan),
        cmocka_unit_test(typing_without_end_is_too_long_once),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
