/*
 * tests/unit/desk/exchange_test.c - goods come back and pay for others at the desk: what both pages say of the
 * difference, and what is left on the counter when it is settled, cancelled or killed.
 */
#include <string.h>

#include "tests/unit/desk/desk_support.h"

/* Sells these for cash; their receipt is the last. */
static void sell(struct counter *counter, const char *const *codes)
{
    for (; *codes != NULL; codes++) {
        counter_scan(counter, *codes);
    }
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
}

static const char *cashier_field(struct counter *counter, const char *label)
{
    counter_look(counter);
    return counter_field(counter->cashier.fields, counter->cashier.n_fields, label);
}

/* Soap (10.00) of receipt 1 comes back for something else. */
static void bring_back_the_soap(struct counter *counter)
{
    static const char *const soap[] = {SOAP, NULL};
    sell(counter, soap);
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    counter_enter(counter, "1");
    assert_int_equal(counter_look(counter), CF_PAGE_RETURN_LINES);
    cf_desk_act(counter->desk, CF_DO_EXCHANGE, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* for the first reason */
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
}

static void the_shopper_pays_the_difference_and_sees_no_other_figure(void **state)
{
    struct counter *counter = *state;
    bring_back_the_soap(counter);
    assert_string_equal(counter->cashier.bar.what, "In exchange: ¥10.00");
    assert_string_equal(counter->cashier.total, "-¥10.00");
    assert_string_equal(counter->shopper.title, "You get back");
    assert_string_equal(counter->shopper.total, "¥10.00");
    counter_scan(counter, TEA); /* 25.00 */
    counter_look(counter);
    assert_string_equal(counter->cashier.items, "1 item · ¥10.00 came back");
    assert_string_equal(counter->cashier.total, "¥15.00");
    assert_string_equal(counter->shopper.title, "To pay");
    assert_string_equal(counter->shopper.total, "¥15.00");
    assert_false(counter_key(counter, CF_DO_PARK)->enabled);
    assert_false(counter_key(counter, CF_DO_RETURN)->enabled); /* once a sale */
    cf_desk_act(counter->desk, CF_DO_CASH, 0);
    assert_string_equal(cashier_field(counter, "Came back"), "-¥10.00");
    assert_string_equal(cashier_field(counter, "Due in cash"), "¥15.00");
    counter_enter(counter, "20");
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    assert_string_equal(cashier_field(counter, "Change"), "¥5.00");
    assert_string_equal(cashier_field(counter, "Came back"), "-¥10.00");
    assert_true(shop_last_is(&counter->shop, CF_RECORD_SALE));
    shop_verify(&counter->shop);
}

static void what_is_over_is_given_back_and_said_largest(void **state)
{
    static const char *const tea[] = {TEA, NULL};
    struct counter *counter = *state;
    sell(counter, tea);
    counter_scan(counter, SOAP); /* the new goods may come first */
    assert_string_equal(counter_key(counter, CF_DO_RETURN)->label, "Exchange");
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    assert_false(counter_key(counter, CF_DO_OPEN_RETURN)->enabled);
    counter_enter(counter, "1");
    assert_false(counter_key(counter, CF_DO_TAKE_BACK)->enabled);
    cf_desk_act(counter->desk, CF_DO_EXCHANGE, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* for the first reason */
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_string_equal(counter->shopper.title, "You get back");
    assert_string_equal(counter->shopper.total, "¥15.00");
    cf_desk_act(counter->desk, CF_DO_CASH, 0);
    assert_string_equal(cashier_field(counter, "To give back"), "¥15.00");
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* without a coin */
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    assert_string_equal(cashier_field(counter, "Given back: Cash"), "¥15.00");
    assert_string_equal(cashier_field(counter, "Change"), "");
    assert_string_equal(counter_field(counter->shopper.fields, counter->shopper.n_fields, "Given back: Cash"),
                        "¥15.00");
    shop_verify(&counter->shop);
}

static void some_of_a_line_comes_back(void **state)
{
    struct counter *counter = *state;
    struct cf_page_choice choice;
    counter_scan(counter, SOAP);
    counter_type(counter, "3");
    cf_desk_act(counter->desk, CF_DO_QUANTITY, 0);
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    counter_enter(counter, "1");
    counter_enter(counter, "many");
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    counter_enter(counter, "2");
    cf_desk_choice(counter->desk, 0, &choice);
    assert_non_null(strstr(choice.title, "✓ 2 × "));
    cf_desk_act(counter->desk, CF_DO_EXCHANGE, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* for the first reason */
    counter_scan(counter, TEA);
    counter_look(counter);
    assert_string_equal(counter->cashier.total, "¥5.00");
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    counter_enter(counter, "1");
    counter_enter(counter, "2"); /* one is left */
    cf_desk_act(counter->desk, CF_DO_TAKE_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* for the first reason */
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
}

static void an_exchange_that_was_killed_is_on_both_screens_again(void **state)
{
    struct counter *counter = *state;
    bring_back_the_soap(counter);
    counter_scan(counter, TEA);
    cf_desk_free(counter->desk);
    shop_restart(&counter->shop);
    counter_open(counter);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_string_equal(counter->shopper.total, "¥15.00");
    cf_desk_act(counter->desk, CF_DO_CANCEL, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    cf_desk_act(counter->desk, CF_DO_RETURN, 0); /* the goods did not come back */
    counter_enter(counter, "1");
    cf_desk_act(counter->desk, CF_DO_TAKE_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* for the first reason */
    counter_look(counter);
    assert_string_equal(counter->cashier.bar.what, "Taken back: ¥10.00");
}

static void an_exchange_for_nothing_says_what_is_missing(void **state)
{
    struct counter *counter = *state;
    bring_back_the_soap(counter);
    assert_string_equal(cashier_field(counter, "To give back"), "¥10.00");
    assert_false(counter_key(counter, CF_DO_CASH)->enabled);
    counter_scan(counter, "CF!note");
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_int_equal(counter->cashier.id, CF_PAGE_LINES);
}

/* 718.20 comes back: more than a cashier may take back alone. */
static void somebody_else_allows_an_exchange_and_says_why(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, CREAM);
    counter_type(counter, "20");
    cf_desk_act(counter->desk, CF_DO_QUANTITY, 0);
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    counter_send_user(counter, 7, "Somebody", CF_ROLE_CASHIER);
    counter_send_user(counter, 8, "Somebody", CF_ROLE_SUPERVISOR);
    counter_sign_on(counter, "7");
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    counter_enter(counter, "1");
    cf_desk_act(counter->desk, CF_DO_EXCHANGE, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* for the first reason */
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_int_equal(counter->cashier.id, CF_PAGE_RETURN_WHY);
    cf_desk_act(counter->desk, CF_DO_OVERRIDE, 0);
    counter_sign_on(counter, "8");
    counter_look(counter);
    assert_string_equal(counter->cashier.entry_label, "Reason");
    counter_enter(counter, "wrong shade");
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_string_equal(counter->shopper.title, "You get back");
    assert_string_equal(counter->shopper.total, "¥718.20");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COUNTER_TEST(the_shopper_pays_the_difference_and_sees_no_other_figure),
        COUNTER_TEST(what_is_over_is_given_back_and_said_largest),
        COUNTER_TEST(some_of_a_line_comes_back),
        COUNTER_TEST(an_exchange_that_was_killed_is_on_both_screens_again),
        COUNTER_TEST(an_exchange_for_nothing_says_what_is_missing),
        COUNTER_TEST(somebody_else_allows_an_exchange_and_says_why),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
