/* A keyboard's events: keys and not characters, and what the kernel lost. */
#include "drivers/scanner/evdev_proto.h"

#include <linux/input.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cf_evdev evdev;

static unsigned press(uint16_t key)
{
    unsigned result = cf_evdev_take(&evdev, EV_KEY, key, 1);
    result |= cf_evdev_take(&evdev, EV_SYN, SYN_REPORT, 0);
    result |= cf_evdev_take(&evdev, EV_KEY, key, 0);
    return result | cf_evdev_take(&evdev, EV_SYN, SYN_REPORT, 0);
}

static void shifted(uint16_t key)
{
    (void)cf_evdev_take(&evdev, EV_KEY, KEY_LEFTSHIFT, 1);
    assert_int_equal(press(key), CF_SCANNER_NONE);
    (void)cf_evdev_take(&evdev, EV_KEY, KEY_LEFTSHIFT, 0);
}

static void is_text(const char *wanted)
{
    assert_int_equal(evdev.wedge.n, strlen(wanted));
    assert_memory_equal(evdev.wedge.text, wanted, strlen(wanted));
}

static void keys_up_to_enter_are_a_scan(void **state)
{
    static const uint16_t digits[] = {KEY_0, KEY_1, KEY_2, KEY_3, KEY_4, KEY_5, KEY_6, KEY_7, KEY_8, KEY_9};
    (void)state;
    cf_evdev_init(&evdev);
    assert_int_equal(press(KEY_RIGHTBRACE), CF_SCANNER_NONE);
    shifted(KEY_E);
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++)
        assert_int_equal(press(digits[i]), CF_SCANNER_NONE);
    (void)press(KEY_KP7);
    (void)cf_evdev_take(&evdev, EV_KEY, KEY_LEFTCTRL, 1); /* GS */
    (void)press(KEY_RIGHTBRACE);
    (void)cf_evdev_take(&evdev, EV_KEY, KEY_LEFTCTRL, 0);
    shifted(KEY_SLASH);
    assert_int_equal(press(KEY_ENTER), CF_SCANNER_SCAN);
    is_text("]E01234567897\x1d?");
}

static void a_key_that_repeats_is_typed_once_and_other_events_are_nothing(void **state)
{
    (void)state;
    cf_evdev_init(&evdev);
    (void)cf_evdev_take(&evdev, EV_MSC, MSC_SCAN, 0x70004);
    (void)cf_evdev_take(&evdev, EV_LED, LED_NUML, 1);
    (void)cf_evdev_take(&evdev, EV_KEY, KEY_1, 1);
    (void)cf_evdev_take(&evdev, EV_KEY, KEY_1, 2);
    (void)cf_evdev_take(&evdev, EV_KEY, KEY_1, 2);
    (void)cf_evdev_take(&evdev, EV_KEY, KEY_1, 0);
    (void)press(KEY_1);
    assert_int_equal(cf_wedge_gap(&evdev.wedge), CF_SCANNER_SCAN);
    is_text("11");
}

static void a_key_that_no_scanner_types_makes_it_no_scan(void **state)
{
    static const uint16_t keys[] = {KEY_F5, KEY_VOLUMEUP, KEY_MAX, KEY_BACKSPACE, KEY_LEFT};
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        cf_evdev_init(&evdev);
        (void)press(KEY_1);
        (void)press(keys[i]);
        assert_int_equal(press(KEY_ENTER), CF_SCANNER_LOST);
        (void)press(KEY_2);
        assert_int_equal(press(KEY_ENTER), CF_SCANNER_SCAN);
        is_text("2");
    }
}

static void what_the_kernel_dropped_is_no_scan_and_the_next_is_whole(void **state)
{
    (void)state;
    cf_evdev_init(&evdev);
    (void)press(KEY_1);
    (void)cf_evdev_take(&evdev, EV_KEY, KEY_LEFTSHIFT, 1);
    assert_int_equal(cf_evdev_take(&evdev, EV_SYN, SYN_DROPPED, 0), CF_SCANNER_NONE);
    assert_int_equal(cf_evdev_take(&evdev, EV_KEY, KEY_ENTER, 1), CF_SCANNER_NONE); /* of which nothing is known */
    (void)cf_evdev_take(&evdev, EV_SYN, SYN_REPORT, 0);
    assert_int_equal(press(KEY_ENTER), CF_SCANNER_LOST);
    (void)press(KEY_A);
    assert_int_equal(press(KEY_ENTER), CF_SCANNER_SCAN);
    is_text("a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_up_to_enter_are_a_scan),
        cmocka_unit_test(a_key_that_repeats_is_typed_once_and_other_events_are_nothing),
        cmocka_unit_test(a_key_that_no_scanner_types_makes_it_no_scan),
        cmocka_unit_test(what_the_kernel_dropped_is_no_scan_and_the_next_is_whole),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
