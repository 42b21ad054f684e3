/*
 * tests/unit/desk/request_test.c - goods that the store has not: asked for where a sale is put aside, listed, and
 * spoken of as far as it is this store's to say.
 */
#include <string.h>

#include "tests/unit/desk/desk_support.h"

static void put_aside(struct counter *counter, const char *who, enum cf_desk_do act)
{
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_PARK, 0);
    counter_type(counter, who);
    cf_desk_act(counter->desk, act, 0);
    counter_look(counter);
}

static void a_basket_is_asked_for_instead_of_sold(void **state)
{
    struct counter *counter = *state;
    put_aside(counter, "Li Na, 138 0013 8000", CF_DO_SPECIAL);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_ORDER));
    assert_int_equal(counter->cashier.id, CF_PAGE_IDLE);
    assert_int_equal(counter->cashier.n_lines, 0);
    assert_non_null(strstr(counter->cashier.bar.what, "Asked for: ¥"));
    assert_int_equal(counter->printed, 1);
}

static void nobody_is_asked_for_without_a_name_or_a_member(void **state)
{
    struct counter *counter = *state;
    put_aside(counter, "", CF_DO_SPECIAL);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_int_equal(counter->cashier.n_lines, 1); /* the sale is still there */
    assert_false(shop_last_is(&counter->shop, CF_RECORD_ORDER));
}

static void another_store_is_named_by_its_number(void **state)
{
    struct counter *counter = *state;
    put_aside(counter, "Wang, 139", CF_DO_TRANSFER);
    assert_int_equal(counter->cashier.id, CF_PAGE_TRANSFER);
    assert_false(counter_key(counter, CF_DO_FETCHED_THERE)->enabled);
    counter_enter(counter, "two");
    assert_int_equal(counter_look(counter), CF_PAGE_TRANSFER);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    counter_type(counter, "702");
    cf_desk_act(counter->desk, CF_DO_FETCHED_THERE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_ORDER));
    cf_desk_act(counter->desk, CF_DO_REQUESTS, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_REQUESTS);
    struct cf_page_choice choice;
    cf_desk_choice(counter->desk, 0, &choice);
    assert_non_null(strstr(choice.detail, "asks store 702"));
    assert_non_null(strstr(choice.detail, "Wang"));
}

static void what_was_asked_for_is_withdrawn_and_nothing_else_is_ours_to_say(void **state)
{
    struct counter *counter = *state;
    put_aside(counter, "13800138000", CF_DO_SPECIAL);
    cf_desk_act(counter->desk, CF_DO_REQUESTS, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_REQUESTS);
    assert_int_equal(counter->cashier.n_choices, 1);
    uint64_t before = shop_records(&counter->shop);
    static const enum cf_desk_do not_ours[] = {CF_DO_ACCEPT, CF_DO_REFUSE, CF_DO_GOODS_SENT, CF_DO_GOODS_THERE};
    for (size_t i = 0; i < sizeof not_ours / sizeof not_ours[0]; i++) {
        assert_false(counter_key(counter, not_ours[i])->enabled);
        cf_desk_act(counter->desk, not_ours[i], 0);
    }
    assert_int_equal(shop_records(&counter->shop), before);
    assert_true(counter_key(counter, CF_DO_WITHDRAW)->enabled);
    cf_desk_act(counter->desk, CF_DO_WITHDRAW, 0);
    counter_look(counter);
    assert_int_equal(shop_records(&counter->shop), before + 1);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_NEWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COUNTER_TEST(a_basket_is_asked_for_instead_of_sold),
        COUNTER_TEST(nobody_is_asked_for_without_a_name_or_a_member),
        COUNTER_TEST(another_store_is_named_by_its_number),
        COUNTER_TEST(what_was_asked_for_is_withdrawn_and_nothing_else_is_ours_to_say),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
