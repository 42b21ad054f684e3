/*
 * tests/unit/desk/member_test.c - who a member is: asked beside the sale, shown while it lasts, and gone with it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/desk/desk_support.h"

static struct {
    unsigned asked, forgotten;
    enum cf_desk_heard heard;
    cf_sub member;
} centre;

static void ask(void *ctx, cf_sub member)
{
    (void)ctx;
    centre.asked++;
    centre.member = member;
}

static enum cf_desk_heard look(void *ctx, struct cf_desk_member *ret)
{
    (void)ctx;
    if (centre.heard == CF_DESK_HEARD) {
        *ret = (struct cf_desk_member){.points = 1240, .n_usable = 3, .n_coupons = 1};
        snprintf(ret->shown, sizeof ret->shown, "王**");
        snprintf(ret->coupons[0].name, sizeof ret->coupons[0].name, "Ten off");
        ret->coupons[0].n = 3;
    }
    return centre.heard;
}

static void forget(void *ctx)
{
    (void)ctx;
    centre.forgotten++;
}

static int setup(void **state)
{
    memset(&centre, 0, sizeof centre);
    if (counter_setup(state) != 0) {
        return 1;
    }
    struct counter *counter = *state;
    counter->members = (struct cf_desk_members){ask, look, forget};
    cf_desk_free(counter->desk);
    counter_open(counter);
    return 0;
}

/* Time goes on: the desk looks at what there is to hear. */
static void wait_ms(struct counter *counter, int64_t ms)
{
    static int64_t now_ms = 1000;
    now_ms += ms;
    (void)cf_desk_tick(counter->desk, now_ms);
    counter_look(counter);
}

static void she_is_shown_once_the_centre_has_told(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, shop_member(&counter->shop, 1));
    counter_scan(counter, SOAP);
    counter_look(counter);
    assert_non_null(strstr(counter->cashier.member, "Member "));
    wait_ms(counter, 200);
    assert_int_equal(centre.asked, 1);
    wait_ms(counter, 200); /* no answer yet: everything goes on */
    assert_non_null(strstr(counter->cashier.member, "Member "));
    centre.heard = CF_DESK_HEARD;
    wait_ms(counter, 200);
    assert_string_equal(counter->cashier.member, "王**, tier 2");
    assert_string_equal(counter->shopper.member, "王** · 1240 points");
    assert_string_equal(counter->shopper.total, "¥10.00");
    cf_desk_act(counter->desk, CF_DO_MEMBER, 0);
    counter_look(counter);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Points"), "1240");
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Usable coupons"), "3");
    assert_int_equal(counter->cashier.n_choices, 1);
    struct cf_page_choice choice;
    cf_desk_choice(counter->desk, 0, &choice);
    assert_string_equal(choice.title, "Ten off");
    wait_ms(counter, 60000);
    assert_int_equal(centre.asked, 1); /* once a member */
}

static void she_is_forgotten_with_the_sale(void **state)
{
    struct counter *counter = *state;
    centre.heard = CF_DESK_HEARD;
    counter_scan(counter, shop_member(&counter->shop, 1));
    counter_scan(counter, SOAP);
    wait_ms(counter, 200);
    wait_ms(counter, 200);
    assert_string_equal(counter->cashier.member, "王**, tier 2");
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    assert_string_equal(counter->shopper.member, "");
    wait_ms(counter, 200);
    assert_int_equal(centre.forgotten, 1);
    counter_scan(counter, SOAP);
    wait_ms(counter, 200);
    assert_string_equal(counter->cashier.member, "");
    assert_int_equal(centre.asked, 1);
}

static void a_centre_that_does_not_answer_keeps_nobody_waiting(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, shop_member(&counter->shop, 1));
    counter_scan(counter, SOAP);
    centre.heard = CF_DESK_HEARD_FAILED;
    wait_ms(counter, 200);
    wait_ms(counter, 200);
    assert_int_not_equal(counter->cashier.bar.kind, CF_BAR_REFUSED); /* offline is no error */
    wait_ms(counter, 5000);
    assert_int_equal(centre.asked, 1);
    wait_ms(counter, 6000);
    assert_int_equal(centre.asked, 2); /* again after a while */
    centre.heard = CF_DESK_HEARD;
    wait_ms(counter, 200);
    assert_string_equal(counter->cashier.member, "王**, tier 2");
}

static void who_the_centre_does_not_know_stays_a_number(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, shop_member(&counter->shop, 1));
    counter_scan(counter, SOAP);
    centre.heard = CF_DESK_HEARD_NOBODY;
    wait_ms(counter, 200);
    wait_ms(counter, 200);
    wait_ms(counter, 60000);
    assert_int_equal(centre.asked, 1);
    assert_non_null(strstr(counter->cashier.member, "Member "));
    cf_desk_act(counter->desk, CF_DO_MEMBER, 0);
    counter_look(counter);
    assert_true(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Name and points")[0] != '\0');
}

static void what_was_said_of_her_says_her_name_too(void **state)
{
    struct counter *counter = *state;
    centre.heard = CF_DESK_HEARD;
    counter_scan(counter, SOAP);
    counter_scan(counter, shop_member(&counter->shop, 1));
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_NEWS);
    wait_ms(counter, 200);
    wait_ms(counter, 200);
    assert_string_equal(counter->cashier.bar.what, "王**, tier 2");
}

/* A sale that is recalled, or taken up after a kill, asks anew: nothing was kept. */
static void after_a_kill_the_centre_is_asked_again(void **state)
{
    struct counter *counter = *state;
    centre.heard = CF_DESK_HEARD;
    counter_scan(counter, shop_member(&counter->shop, 1));
    counter_scan(counter, SOAP);
    wait_ms(counter, 200);
    wait_ms(counter, 200);
    counter_restart(counter);
    counter_look(counter);
    assert_non_null(strstr(counter->cashier.member, "Member "));
    wait_ms(counter, 200);
    wait_ms(counter, 200);
    assert_int_equal(centre.asked, 2);
    assert_string_equal(counter->cashier.member, "王**, tier 2");
}

static void nobody_sees_her_on_a_locked_till(void **state)
{
    struct counter *counter = *state;
    counter_send_user(counter, 7, "Anna", CF_ROLE_CASHIER);
    counter_sign_on(counter, "7");
    centre.heard = CF_DESK_HEARD;
    counter_scan(counter, shop_member(&counter->shop, 1));
    counter_scan(counter, SOAP);
    wait_ms(counter, 200);
    wait_ms(counter, 200);
    assert_string_equal(counter->cashier.member, "王**, tier 2");
    cf_desk_act(counter->desk, CF_DO_LOCK, 0);
    wait_ms(counter, 200);
    assert_int_equal(counter->cashier.id, CF_PAGE_LOCKED);
    assert_string_equal(counter->cashier.member, "");
    assert_string_equal(counter->shopper.member, "");
}

#define MEMBER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, counter_teardown)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        MEMBER_TEST(she_is_shown_once_the_centre_has_told),
        MEMBER_TEST(she_is_forgotten_with_the_sale),
        MEMBER_TEST(a_centre_that_does_not_answer_keeps_nobody_waiting),
        MEMBER_TEST(who_the_centre_does_not_know_stays_a_number),
        MEMBER_TEST(what_was_said_of_her_says_her_name_too),
        MEMBER_TEST(after_a_kill_the_centre_is_asked_again),
        MEMBER_TEST(nobody_sees_her_on_a_locked_till),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
