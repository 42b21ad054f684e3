/*
 * tests/unit/core/permit_test.c - who may do what, and up to what amount.
 */
#include <string.h>

#include "app/core/permit.h"
#include "tests/unit/core/core_cmocka.h"

static void every_act_has_a_name_and_somebody_who_may_do_it(void **state)
{
    (void)state;
    for (int act = 1; act <= CF_ACTS_MAX; act++) {
        assert_string_not_equal("unknown", cf_act_name((enum cf_act)act));
        assert_true(cf_permit_of(CF_ROLE_MANAGER, (enum cf_act)act).may);
        assert_int_equal(INT64_MAX, cf_permit_of(CF_ROLE_MANAGER, (enum cf_act)act).up_to_minor);
    }
}

static void a_higher_role_may_whatever_a_lower_one_may(void **state)
{
    (void)state;
    for (int act = 1; act <= CF_ACTS_MAX; act++)
        for (int role = CF_ROLE_CASHIER; role < CF_ROLE_MANAGER; role++) {
            struct cf_permit low = cf_permit_of((enum cf_role)role, (enum cf_act)act);
            struct cf_permit high = cf_permit_of((enum cf_role)(role + 1), (enum cf_act)act);
            assert_true(!low.may || high.may);
            assert_true(low.up_to_minor <= high.up_to_minor);
            assert_true(low.up_to_bp <= high.up_to_bp);
        }
}

static void a_permit_ends_at_its_amount(void **state)
{
    (void)state;
    static const struct {
        enum cf_role role;
        enum cf_act act;
        struct cf_act_size size;
        cf_currency currency;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {CF_ROLE_CASHIER, CF_ACT_VOID_LINE, {20000, 0}, {"CNY"}, CF_OK, "exactly the limit"},
        {CF_ROLE_CASHIER, CF_ACT_VOID_LINE, {20001, 0}, {"CNY"}, CF_E_PERMIT, "one fen beyond"},
        {CF_ROLE_CASHIER, CF_ACT_VOID_LINE, {20000, 0}, {"JPY"}, CF_OK, "20000 yen: as much as 200.00 of another"},
        {CF_ROLE_CASHIER, CF_ACT_VOID_LINE, {200000, 0}, {"KWD"}, CF_OK, "200.000 dinar"},
        {CF_ROLE_CASHIER, CF_ACT_VOID_LINE, {200001, 0}, {"KWD"}, CF_E_PERMIT, "a thousandth beyond is beyond"},
        {CF_ROLE_CASHIER, CF_ACT_DISCOUNT, {100, 500}, {"CNY"}, CF_OK, "five percent"},
        {CF_ROLE_CASHIER, CF_ACT_DISCOUNT, {100, 501}, {"CNY"}, CF_E_PERMIT, "a hundredth of a percent beyond"},
        {CF_ROLE_CASHIER, CF_ACT_NO_SALE, {0, 0}, {"CNY"}, CF_E_PERMIT, "not at all"},
        {CF_ROLE_TECHNICIAN, CF_ACT_SELL, {0, 0}, {"CNY"}, CF_E_PERMIT, "looks after the machine only"},
        {CF_ROLE_MANAGER, CF_ACT_RETURN, {INT64_MAX, 0}, {"CNY"}, CF_OK, "no limit"},
        {CF_ROLE_NONE, CF_ACT_Z_REPORT, {0, 0}, {"CNY"}, CF_OK, "a store without users works as ever"},
        {(enum cf_role)9, CF_ACT_SELL, {0, 0}, {"CNY"}, CF_E_PERMIT, "a role of a newer version may nothing"},
        {CF_ROLE_NONE, (enum cf_act)(CF_ACTS_MAX + 1), {0, 0}, {"CNY"}, CF_E_PERMIT, "an act that is not known"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum cf_rc rc = cf_permit_check(rows[i].role, rows[i].act, &rows[i].size, rows[i].currency, NULL);
        if (rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].why, cf_rc_name(rc));
    }
}

static void a_role_reads_as_it_is_written(void **state)
{
    (void)state;
    for (int role = CF_ROLE_CASHIER; role <= CF_ROLE_TECHNICIAN; role++) {
        enum cf_role read = CF_ROLE_NONE;
        assert_true(cf_role_parse(cf_role_name((enum cf_role)role), &read));
        assert_int_equal(role, read);
    }
    enum cf_role role = CF_ROLE_MANAGER;
    assert_false(cf_role_parse("none", &role));
    assert_false(cf_role_parse("Manager", &role));
    assert_int_equal(CF_ROLE_MANAGER, role);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_act_has_a_name_and_somebody_who_may_do_it),
        cmocka_unit_test(a_higher_role_may_whatever_a_lower_one_may),
        cmocka_unit_test(a_permit_ends_at_its_amount),
        cmocka_unit_test(a_role_reads_as_it_is_written),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
