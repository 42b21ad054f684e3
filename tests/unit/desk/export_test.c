/*
 * tests/unit/desk/export_test.c - a day becomes files: which ones there are to choose from, how far it is, how it
 * ended.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/desk/desk_support.h"

static int with_a_stick(void **state)
{
    int rc = counter_setup(state);
    struct counter *counter = *state;
    cf_desk_free(counter->desk);
    counter->exports = true;
    counter_open(counter);
    return rc;
}

#define STICK_TEST(name) cmocka_unit_test_setup_teardown(name, with_a_stick, counter_teardown)

static void close_a_day(struct counter *counter)
{
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_NOTE, 10000);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_SALE));
    cf_desk_act(counter->desk, CF_DO_CLOSE, 0);
    cf_desk_act(counter->desk, CF_DO_CLOSE, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    counter_settle(counter);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_Z_REPORT));
}

static void tick(struct counter *counter)
{
    counter->now_ms += 200;
    cf_desk_tick(counter->desk, counter->now_ms);
    counter_look(counter);
}

static void closed_days_are_listed_from_the_newest_and_the_open_one_first(void **state)
{
    struct counter *counter = *state;
    struct cf_page_choice choice;
    close_a_day(counter);
    close_a_day(counter);
    cf_desk_act(counter->desk, CF_DO_EXPORT, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_EXPORT);
    assert_int_equal(counter->cashier.n_choices, 3);
    cf_desk_choice(counter->desk, 0, &choice);
    assert_string_equal(choice.title, "The open day");
    cf_desk_choice(counter->desk, 1, &choice);
    assert_non_null(strstr(choice.title, "Z report 2"));
    cf_desk_choice(counter->desk, 2, &choice);
    assert_non_null(strstr(choice.title, "Z report 1"));
    assert_string_equal(choice.detail, "1 sale");
    assert_false(counter_key(counter, CF_DO_EXPORT_AUDIT)->enabled); /* only of a day that is over */
    cf_desk_act(counter->desk, CF_DO_EXPORT_AUDIT, 0);
    assert_int_equal(counter->exported, 0);
    cf_desk_act(counter->desk, CF_DO_NEXT, 0);
    cf_desk_act(counter->desk, CF_DO_NEXT, 0);
    cf_desk_act(counter->desk, CF_DO_EXPORT_AUDIT, 0);
    assert_int_equal(counter->exported, 1);
    assert_int_equal(counter->form, CF_FORM_AUDIT);
    assert_int_equal(counter->z_no, 1);
}

static void it_says_how_far_it_is_and_sales_go_on(void **state)
{
    struct counter *counter = *state;
    counter->export_goes_on = true;
    cf_desk_act(counter->desk, CF_DO_EXPORT, 0);
    cf_desk_act(counter->desk, CF_DO_EXPORT_CSV, 0);
    assert_int_equal(counter->exported, 1);
    counter_look(counter);
    assert_int_equal(counter->cashier.progress_percent, 0);
    assert_false(counter_key(counter, CF_DO_EXPORT_CSV)->enabled);
    cf_desk_act(counter->desk, CF_DO_EXPORT_JSON, 0);
    assert_int_equal(counter->exported, 1); /* one at a time */
    counter->exporting = (struct cf_desk_exporting){.done = 512, .all = 2048};
    tick(counter);
    assert_int_equal(counter->cashier.progress_percent, 25);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    counter_scan(counter, SOAP);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_int_equal(counter->cashier.progress_percent, -1);
    counter->export_goes_on = false;
    snprintf(counter->exporting.name, sizeof counter->exporting.name, "open-csv");
    tick(counter);
    assert_int_equal(counter->cashier.id, CF_PAGE_LINES);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_NEWS);
    assert_string_equal(counter->cashier.bar.why, "open-csv");
}

static void what_went_wrong_is_told(void **state)
{
    static const struct {
        enum cf_rc at_once, later;
        const char *says, *why;
    } rows[] = {
        {CF_E_NOT_FOUND, CF_OK, "place for exports", "nobody put the stick in"},
        {CF_E_EXISTS, CF_OK, "already", "it is there"},
        {CF_E_BUSY, CF_OK, "Busy", "another one goes on"},
        {CF_OK, CF_E_DISK_FULL, "Nothing of it is left", "the stick is full"},
        {CF_OK, CF_E_PERMIT, "Nothing of it is left", "a cashier is logged in"},
    };
    struct counter *counter = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        counter->export_rc = rows[i].at_once;
        counter->exporting.rc = rows[i].later;
        cf_desk_act(counter->desk, CF_DO_EXPORT, 0);
        cf_desk_act(counter->desk, CF_DO_EXPORT_CSV, 0);
        tick(counter);
        assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
        assert_non_null(strstr(counter->cashier.bar.what, rows[i].says));
        assert_int_equal(counter->cashier.progress_percent, -1);
    }
}

static void without_a_place_for_it_nothing_is_exported(void **state)
{
    struct counter *counter = *state;
    cf_desk_act(counter->desk, CF_DO_MANAGER, 0);
    assert_false(counter_key(counter, CF_DO_EXPORT)->enabled);
    cf_desk_act(counter->desk, CF_DO_EXPORT, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_MANAGER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STICK_TEST(closed_days_are_listed_from_the_newest_and_the_open_one_first),
        STICK_TEST(it_says_how_far_it_is_and_sales_go_on),
        STICK_TEST(what_went_wrong_is_told),
        COUNTER_TEST(without_a_place_for_it_nothing_is_exported),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
