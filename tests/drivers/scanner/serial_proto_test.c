/* Lines of a scanner on a serial line, cut anywhere. */
#include "drivers/scanner/serial_proto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cf_serial_scan scan;
static char heard[256]; /* what was scanned, '|' after each */

static void feed(const char *bytes, size_t n)
{
    cf_bytes in = cf_bytes_of(bytes, n);
    while (in.n > 0) {
        size_t used = 0;
        if (cf_serial_scan_take(&scan, in, &used) == CF_SCANNER_SCAN) {
            size_t at = strlen(heard);
            memcpy(heard + at, scan.text, scan.n);
            memcpy(heard + at + scan.n, "|", 2);
        }
        assert_true(used > 0 && used <= in.n);
        in = cf_bytes_of(in.p + used, in.n - used);
    }
}

static void ends_of_any_kind_end_a_scan_wherever_the_bytes_are_cut(void **state)
{
    (void)state;
    static const char stream[] = "]E05901234123457\r\n\x02]C1(01)\x1dX\x03\r\r\n4011\n";
    for (size_t cut = 1; cut < sizeof stream - 1; cut++) {
        cf_serial_scan_init(&scan);
        memset(heard, 0, sizeof heard);
        for (size_t at = 0; at < sizeof stream - 1; at += cut)
            feed(stream + at, sizeof stream - 1 - at < cut ? sizeof stream - 1 - at : cut);
        assert_string_equal(heard, "]E05901234123457|]C1(01)\x1dX|4011|");
        assert_false(cf_serial_scan_is_open(&scan));
    }
}

static void without_an_end_a_pause_ends_the_scan(void **state)
{
    (void)state;
    cf_serial_scan_init(&scan);
    memset(heard, 0, sizeof heard);
    feed("4011", 4);
    assert_true(cf_serial_scan_is_open(&scan));
    assert_int_equal(cf_serial_scan_gap(&scan), CF_SCANNER_SCAN);
    assert_true(cf_bytes_equal(cf_serial_scan_text(&scan), cf_bytes_str("4011")));
    assert_int_equal(cf_serial_scan_gap(&scan), CF_SCANNER_NONE);
}

static void lost_bytes_and_endless_ones_are_no_scan(void **state)
{
    (void)state;
    size_t used;
    cf_serial_scan_init(&scan);
    memset(heard, 0, sizeof heard);
    feed("40", 2);
    cf_serial_scan_damage(&scan);
    assert_int_equal(cf_serial_scan_take(&scan, cf_bytes_str("11\r"), &used), CF_SCANNER_LOST);
    for (size_t i = 0; i < 1024 * 1024; i++)
        assert_int_equal(cf_serial_scan_take(&scan, cf_bytes_str("x"), &used), CF_SCANNER_NONE);
    assert_int_equal(cf_serial_scan_take(&scan, cf_bytes_str("\r"), &used), CF_SCANNER_TOO_LONG);
    feed("ok\r", 3);
    assert_string_equal(heard, "ok|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_of_any_kind_end_a_scan_wherever_the_bytes_are_cut),
        cmocka_unit_test(without_an_end_a_pause_ends_the_scan),
        cmocka_unit_test(lost_bytes_and_endless_ones_are_no_scan),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
