/* Which of several printers on the USB gets the receipts. */
#include "app/counter/printer_role.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct cf_port_info first = {.bus = CF_PORT_USB, .vendor = 0x04b8, .product = 0x0202, .serial = "SN1"};
static const struct cf_port_info second = {.bus = CF_PORT_USB, .vendor = 0x04b8, .product = 0x0202, .serial = "SN2"};
static const struct cf_port_info third = {.bus = CF_PORT_USB, .vendor = 0x1504, .product = 0x0006, .path = "1-2:0"};

static void the_first_stays_the_one_whatever_comes_after_it(void **state)
{
    struct cf_printer_role role;
    (void)state;
    cf_printer_role_init(&role, NULL);
    assert_false(cf_printer_role_is(&role, &first));
    assert_true(cf_printer_role_take(&role, &first));
    assert_false(cf_printer_role_take(&role, &second));
    assert_true(cf_printer_role_take(&role, &first)); /* it was switched off and on */
    assert_true(cf_printer_role_is(&role, &first));
    assert_false(cf_printer_role_is(&role, &second));
}

static void the_first_spare_takes_over_when_it_is_unplugged(void **state)
{
    struct cf_printer_role role;
    (void)state;
    cf_printer_role_init(&role, NULL);
    assert_true(cf_printer_role_take(&role, &first));
    assert_false(cf_printer_role_take(&role, &second));
    assert_false(cf_printer_role_take(&role, &third));
    assert_true(cf_printer_role_leave(&role, &first));
    assert_string_equal(role.identity, "04b8:0202/SN2");
    assert_false(cf_printer_role_take(&role, &first)); /* back again: a spare now */
    assert_false(cf_printer_role_leave(&role, &third));
    assert_true(cf_printer_role_leave(&role, &second));
    assert_string_equal(role.identity, "04b8:0202/SN1");
    assert_false(cf_printer_role_leave(&role, &first));
    assert_string_equal(role.identity, "");
    assert_true(cf_printer_role_take(&role, &third));
    assert_string_equal(role.identity, "1504:0006@1-2:0");
}

static void one_that_is_named_is_waited_for(void **state)
{
    struct cf_printer_role role;
    (void)state;
    cf_printer_role_init(&role, "04b8:0202/SN2");
    assert_false(cf_printer_role_take(&role, &first));
    assert_true(cf_printer_role_take(&role, &second));
    assert_false(cf_printer_role_leave(&role, &second));
    assert_false(cf_printer_role_is(&role, &first));
    assert_true(cf_printer_role_take(&role, &second));
}

static void more_spares_than_are_kept_are_no_harm(void **state)
{
    struct cf_printer_role role;
    struct cf_port_info info = third;
    (void)state;
    cf_printer_role_init(&role, NULL);
    assert_true(cf_printer_role_take(&role, &first));
    for (int i = 0; i < 20; i++) {
        (void)snprintf(info.path, sizeof info.path, "1-%d:0", i);
        assert_false(cf_printer_role_take(&role, &info));
    }
    assert_int_equal(role.n_spares, CF_PRINTER_SPARES_MAX);
    assert_false(cf_printer_role_leave(&role, &info));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_stays_the_one_whatever_comes_after_it),
        cmocka_unit_test(the_first_spare_takes_over_when_it_is_unplugged),
        cmocka_unit_test(one_that_is_named_is_waited_for),
        cmocka_unit_test(more_spares_than_are_kept_are_no_harm),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
