/*
 * tests/unit/core/user_test.c - what people did, as a record; and how long a guess waits.
 */
#include <string.h>

#include "app/core/user.h"
#include "tests/unit/core/core_cmocka.h"

static struct cf_user_event an_override(void)
{
    return (struct cf_user_event){.kind = CF_USER_OVERRIDE,
                                  .user = 7,
                                  .shown = "7",
                                  .role = CF_ROLE_CASHIER,
                                  .by = 90,
                                  .by_shown = "Mara",
                                  .by_role = CF_ROLE_MANAGER,
                                  .act = CF_ACT_PRICE,
                                  .size = {6490, 8665},
                                  .sale_no = 12,
                                  .reason = "torn box"};
}

static enum cf_rc round_trip(const struct cf_user_event *event, struct cf_user_event *ret)
{
    struct cf_buf first CF_CLEANUP(cf_buf_done), second CF_CLEANUP(cf_buf_done);
    cf_buf_init(&first, 1000);
    cf_buf_init(&second, 1000);
    enum cf_rc rc = cf_user_event_encode(event, &first, NULL);
    if (rc != CF_OK) {
        assert_int_equal(first.n, 0);
        return rc;
    }
    assert_int_equal(CF_OK, cf_user_event_decode(cf_buf_bytes(&first), ret, NULL));
    assert_int_equal(CF_OK, cf_user_event_encode(ret, &second, NULL));
    assert_true(cf_bytes_equal(cf_buf_bytes(&first), cf_buf_bytes(&second)));
    return CF_OK;
}

static void an_event_comes_back_as_it_was(void **state)
{
    (void)state;
    struct cf_user_event event = an_override(), back;
    assert_int_equal(CF_OK, round_trip(&event, &back));
    assert_string_equal(back.reason, "torn box");
    assert_int_equal(back.size.percent_bp, 8665);
    assert_int_equal(back.by, 90);
    event =
        (struct cf_user_event){.kind = CF_USER_LOGIN, .user = 7, .shown = "7", .role = CF_ROLE_CASHIER, .badge = true};
    assert_int_equal(CF_OK, round_trip(&event, &back));
    assert_true(back.badge);
}

static void what_makes_no_sense_is_no_event(void **state)
{
    (void)state;
    struct cf_user_event event, back;
    event = an_override();
    event.by = event.user; /* nobody allows anything to themselves */
    assert_int_equal(CF_E_RECORD, round_trip(&event, &back));
    event = an_override();
    event.reason[0] = '\0';
    assert_int_equal(CF_E_RECORD, round_trip(&event, &back));
    event = an_override();
    event.act = (enum cf_act)(CF_ACTS_MAX + 1);
    assert_int_equal(CF_E_RECORD, round_trip(&event, &back));
    event = an_override();
    event.size.minor = -1;
    assert_int_equal(CF_E_RECORD, round_trip(&event, &back));
    event = an_override();
    event.kind = CF_USER_LOCK; /* a lock allows nothing */
    assert_int_equal(CF_E_RECORD, round_trip(&event, &back));
    event = (struct cf_user_event){.kind = CF_USER_LOGIN};
    assert_int_equal(CF_E_RECORD, round_trip(&event, &back));
}

static void a_guess_waits_longer_each_time_and_an_hour_at_most(void **state)
{
    (void)state;
    static const struct {
        uint32_t n;
        int64_t wait_s;
    } rows[] = {{0, 0}, {4, 0}, {5, 30}, {6, 60}, {7, 120}, {11, 1920}, {12, 3600}, {13, 3600}, {UINT32_MAX, 3600}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(rows[i].wait_s, cf_user_wait_s(rows[i].n));
}

static void a_user_is_shown_by_number_unless_the_brand_gave_a_name(void **state)
{
    (void)state;
    struct cf_user user = {.store = 1, .user = 7, .name = "Anna Chen"};
    char shown[CF_USER_NAME_MAX + 1];
    cf_user_shown(&user, shown);
    assert_string_equal(shown, "7");
    memcpy(user.on_receipt, "Anna", 5);
    cf_user_shown(&user, shown);
    assert_string_equal(shown, "Anna");
}

static void a_pin_is_verified_by_its_own_parameters_and_weak_ones_are_refused(void **state)
{
    (void)state;
    struct cf_pin_verifier pin = {.salt = {1, 2, 3}, .memory_kib = CF_PIN_MEMORY_KIB_MIN, .passes = 1};
    assert_int_equal(CF_OK, cf_pin_hash(cf_bytes_str("271828"), &pin, NULL));
    assert_int_equal(CF_OK, cf_pin_verify(cf_bytes_str("271828"), &pin, NULL));
    assert_int_equal(CF_E_USER_PIN, cf_pin_verify(cf_bytes_str("271829"), &pin, NULL));
    assert_int_equal(CF_E_USER_PIN, cf_pin_verify(cf_bytes_str(""), &pin, NULL));
    assert_int_equal(CF_E_USER_PIN, cf_pin_verify(cf_bytes_str("2718281828459"), &pin, NULL));
    pin.salt[0] ^= 1;
    assert_int_equal(CF_E_USER_PIN, cf_pin_verify(cf_bytes_str("271828"), &pin, NULL));
    pin.memory_kib = CF_PIN_MEMORY_KIB_MAX + 1; /* would keep a cashier waiting */
    assert_int_equal(CF_E_RANGE, cf_pin_verify(cf_bytes_str("271828"), &pin, NULL));
    static const char *const weak[] = {"12345", "1234567890123", "123456", "987654", "111111", "27182x", ""};
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++)
        assert_int_equal(CF_E_RANGE, cf_pin_check(weak[i], NULL));
    assert_int_equal(CF_OK, cf_pin_check("112358", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_comes_back_as_it_was),
        cmocka_unit_test(what_makes_no_sense_is_no_event),
        cmocka_unit_test(a_guess_waits_longer_each_time_and_an_hour_at_most),
        cmocka_unit_test(a_user_is_shown_by_number_unless_the_brand_gave_a_name),
        cmocka_unit_test(a_pin_is_verified_by_its_own_parameters_and_weak_ones_are_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
