/*
 * tests/unit/desk/work_test.c - what takes long is done in steps, and both screens say so: the reports of a long day.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/desk/desk_support.h"

#define LONG_DAY 1500 /* sales: some steps of reading */

static enum cf_rc no_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                             struct cf_error *err)
{
    (void)ctx;
    (void)committed;
    return cf_buf_append(ret_receipt, "receipt", 7, err);
}

/* One sale at the counter, and the same again and again in the journal. */
static void sell_all_day(struct counter *counter)
{
    struct cf_sale *sale = NULL;
    struct cf_journal_head head;
    struct cf_committed at;
    struct cf_journal *journal = cf_till_journal(counter->shop.till);
    struct cf_stamp stamp = {.wall = cf_till_clock(counter->shop.till).best, .time_quality = CF_TIME_SYNCED};
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_NOTE, 10000);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_SALE));
    assert_ok(cf_sale_new(&sale, NULL));
    assert_ok(cf_journal_head(journal, &head, NULL));
    assert_ok(cf_journal_sale(journal, head.seq, sale, NULL));
    for (int i = 1; i < LONG_DAY; i++) {
        sale->sale_no++;
        assert_ok(cf_journal_commit_sale(journal, sale, &stamp, no_receipt, NULL, &at, NULL));
        assert_ok(cf_journal_print_mark(journal, at.seq, CF_PRINT_DONE, NULL));
    }
    cf_sale_free(sale);
    counter_restart(counter); /* it has read nothing of the day yet */
}

static int progress(struct counter *counter)
{
    counter_look(counter);
    return counter->cashier.progress_percent;
}

static void a_long_day_is_read_in_steps_that_are_seen(void **state)
{
    struct counter *counter = *state;
    int before = 0;
    unsigned steps = 0;
    sell_all_day(counter);
    cf_desk_act(counter->desk, CF_DO_DAY, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_WORK);
    assert_string_equal(counter->cashier.bar.what, "Reading the day's receipts ...");
    for (; cf_desk_is_busy(counter->desk); steps++) {
        assert_in_range(progress(counter), before, 99);
        assert_string_not_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Records read"), "");
        before = counter->cashier.progress_percent;
        assert_true(cf_desk_tick(counter->desk, 16 * (int64_t)(steps + 1)));
    }
    assert_true(steps > 2);
    assert_true(before > 0);
    assert_int_equal(counter_look(counter), CF_PAGE_DAY);
    assert_int_equal(counter->cashier.progress_percent, -1);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Sales"), "1500");
    /* Now it is read: the next report comes at once, and counts what was sold since. */
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_NOTE, 10000);
    cf_desk_act(counter->desk, CF_DO_DAY, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_DAY);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Sales"), "1501");
}

static void go_to_the_question(struct counter *counter)
{
    cf_desk_act(counter->desk, CF_DO_CLOSE, 0);
    counter_settle(counter);
    cf_desk_act(counter->desk, CF_DO_CLOSE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_CLOSING);
}

static void a_close_is_seen_on_both_screens_before_it_happens(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_NOTE, 10000);
    go_to_the_question(counter);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_WORK);
    assert_string_equal(counter->cashier.bar.what, "Closing the day ...");
    assert_true(counter->cashier.modal);
    assert_int_equal(counter->shopper.look, CF_SHOPPER_CLOSED);
    assert_string_equal(counter->shopper.hint, "The day is being closed");
    assert_false(shop_last_is(&counter->shop, CF_RECORD_Z_REPORT));
    assert_true(counter_settle(counter) >= 2); /* one to be drawn, then the work */
    assert_int_equal(counter_look(counter), CF_PAGE_CLOSED);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_Z_REPORT));
    assert_string_equal(counter->shopper.hint, "");
}

static void a_close_of_a_long_day_has_all_of_its_sales(void **state)
{
    struct counter *counter = *state;
    sell_all_day(counter);
    go_to_the_question(counter);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    counter_settle(counter);
    assert_int_equal(counter_look(counter), CF_PAGE_CLOSED);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Sales"), "1500");
    shop_verify(&counter->shop);
}

static void nothing_is_closed_once_it_was_stopped(void **state)
{
    struct counter *counter = *state;
    sell_all_day(counter);
    cf_desk_act(counter->desk, CF_DO_CLOSE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_WORK);
    counter_scan(counter, SOAP); /* not now: it would be sold in the middle of a report */
    assert_int_equal(counter_look(counter), CF_PAGE_WORK);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    counter_scan(counter, "CF!cash");
    assert_int_equal(counter_look(counter), CF_PAGE_WORK);
    cf_desk_act(counter->desk, CF_DO_BACK, 0); /* what was said */
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    assert_int_not_equal(counter_look(counter), CF_PAGE_WORK);
    assert_int_equal(counter_settle(counter), 0);
    go_to_the_question(counter);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    assert_int_equal(counter_settle(counter), 0);
    assert_false(shop_last_is(&counter->shop, CF_RECORD_Z_REPORT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COUNTER_TEST(a_long_day_is_read_in_steps_that_are_seen),
        COUNTER_TEST(a_close_is_seen_on_both_screens_before_it_happens),
        COUNTER_TEST(a_close_of_a_long_day_has_all_of_its_sales),
        COUNTER_TEST(nothing_is_closed_once_it_was_stopped),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
