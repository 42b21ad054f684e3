/*
 * tests/unit/desk/desk_test.c - a cashier works at a desk without a screen: what both pages say after each act.
 */
#include <string.h>

#include "tests/unit/desk/desk_support.h"

static void a_plain_sale_by_scanner_and_one_touch(void **state)
{
    struct counter *counter = *state;
    struct cf_page_line line;
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_int_equal(counter->shopper.look, CF_SHOPPER_WELCOME);
    assert_false(counter_key(counter, CF_DO_CASH)->enabled);
    counter_scan(counter, CREAM);
    counter_scan(counter, SOAP);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_int_equal(counter->cashier.n_lines, 2);
    assert_string_equal(counter->cashier.items, "2 items");
    cf_desk_line(counter->desk, 0, &line);
    assert_string_equal(line.terms, "1 × ¥39.90");
    assert_string_equal(line.off, "-¥3.99"); /* 10 % off its category */
    assert_string_equal(line.amount, "¥35.91");
    cf_desk_line(counter->desk, 1, &line);
    assert_true(line.at_hand);
    assert_string_equal(counter->cashier.total, "¥45.91");
    assert_string_equal(counter->shopper.total, "¥45.91");
    cf_desk_act(counter->desk, CF_DO_CASH, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_CASH);
    assert_int_equal(counter->shopper.look, CF_SHOPPER_PAY);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Due in cash"), "¥45.91");
    assert_int_equal(counter_key(counter, CF_DO_NOTE)->arg, 4591);
    cf_desk_act(counter->desk, CF_DO_NOTE, 5000);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Change"), "¥4.09");
    assert_string_equal(counter_field(counter->shopper.fields, counter->shopper.n_fields, "Change"), "¥4.09");
    assert_int_equal(counter->printed, 1);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_SALE));
    cf_desk_tick(counter->desk, 9999);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    cf_desk_tick(counter->desk, 10000);
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
}

static void a_quantity_may_be_typed_before_or_after_its_key(void **state)
{
    struct counter *counter = *state;
    struct cf_page_line line;
    counter_scan(counter, SOAP);
    counter_type(counter, "3");
    cf_desk_act(counter->desk, CF_DO_QUANTITY, 0);
    counter_look(counter);
    assert_string_equal(counter->cashier.total, "¥30.00");
    counter_scan(counter, APPLES);
    cf_desk_act(counter->desk, CF_DO_QUANTITY, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_QUANTITY);
    counter_enter(counter, "0.345");
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    cf_desk_line(counter->desk, 1, &line);
    assert_string_equal(line.terms, "0.345 kg × ¥12.80");
    assert_string_equal(counter->cashier.items, "4 items");
    cf_desk_act(counter->desk, CF_DO_PREVIOUS, 0);
    cf_desk_act(counter->desk, CF_DO_VOID, 0);
    cf_desk_line(counter->desk, 0, &line);
    assert_true(line.is_void);
    counter_look(counter);
    assert_int_equal(counter->shopper.n_lines, 1);
    cf_desk_shopper_line(counter->desk, 0, &line);
    assert_int_equal(line.line_no, 2);
}

static void a_refusal_says_what_and_why_until_the_next_good_scan(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, "4999999999995");
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_true(counter->cashier.bar.what[0] != '\0');
    assert_int_equal(counter->bad, 1);
    cf_desk_tick(counter->desk, 60000);
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    counter_scan(counter, SOAP);
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_PROMPT);
    counter_type(counter, "12");
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    counter_look(counter);
    assert_string_equal(counter->cashier.entry, "");
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
}

static void a_coupon_is_shown_with_its_rule_and_can_be_taken_off(void **state)
{
    struct counter *counter = *state;
    struct cf_page_choice choice;
    counter_scan(counter, SOAP);
    counter_scan(counter, shop_coupon(LEASED, 1)); /* from 50.00 on */
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_NEWS);
    assert_non_null(strstr(counter->cashier.bar.why, "needs"));
    cf_desk_act(counter->desk, CF_DO_COUPONS, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_COUPONS);
    assert_int_equal(counter->cashier.n_choices, 1);
    cf_desk_choice(counter->desk, 0, &choice);
    assert_false(choice.good);
    cf_desk_act(counter->desk, CF_DO_UNTAKE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    cf_desk_act(counter->desk, CF_DO_COUPONS, 0);
    counter_look(counter);
    assert_int_equal(counter->cashier.n_choices, 0);
}

static void a_sale_that_was_killed_is_on_the_screens_again(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, CREAM);
    counter_scan(counter, shop_member(&counter->shop, 1));
    counter_look(counter);
    const struct cf_cashier_page before = counter->cashier;
    cf_desk_free(counter->desk);
    shop_restart(&counter->shop);
    counter_open(counter);
    counter_look(counter);
    assert_int_equal(counter->cashier.id, before.id);
    assert_string_equal(counter->cashier.total, before.total);
    assert_string_equal(counter->cashier.member, before.member);
}

static void a_sale_is_sold_though_there_is_no_paper(void **state)
{
    struct counter *counter = *state;
    counter->paper_is_out = true;
    counter_scan(counter, SOAP);
    counter_type(counter, "10");
    cf_desk_act(counter->desk, CF_DO_CASH, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_string_equal(counter->cashier.bar.why, "the printer is out of paper");
    counter->paper_is_out = false;
    cf_desk_act(counter->desk, CF_DO_REPRINT, 0);
    assert_int_equal(counter->copies, 1);
}

static bool is_waiting(struct counter *counter)
{
    uint64_t seq = 0;
    return cf_till_unprinted(counter->shop.till, &seq, NULL) == CF_OK;
}

static void sell_and_be_asked(struct counter *counter)
{
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    assert_string_equal(counter->cashier.bar.what, "Sold. Does the shopper want a receipt?");
    assert_true(is_waiting(counter));
}

static const char *paper(struct counter *counter)
{
    counter_look(counter);
    return counter_field(counter->cashier.fields, counter->cashier.n_fields, "Receipt");
}

static void a_receipt_that_is_asked_for_is_the_shoppers_choice(void **state)
{
    struct counter *counter = *state;
    counter->asks = true;
    counter_restart(counter);
    sell_and_be_asked(counter);
    assert_int_equal(counter->asked, 1); /* the drawer does not wait for an answer */
    assert_int_equal(counter->printed, 0);
    assert_string_equal(paper(counter), "not asked for yet");
    assert_true(cf_desk_press(counter->desk, counter_key(counter, CF_DO_PRINT)->hint));
    assert_int_equal(counter->printed, 1);
    assert_string_equal(paper(counter), "printed");
    assert_false(counter_key(counter, CF_DO_NO_PAPER)->enabled);
    cf_desk_act(counter->desk, CF_DO_NO_PAPER, 0); /* a code that is scanned too late */
    assert_int_equal(counter->skipped, 0);

    sell_and_be_asked(counter);
    assert_true(cf_desk_press(counter->desk, counter_key(counter, CF_DO_NO_PAPER)->hint));
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    assert_string_equal(paper(counter), "none, by choice");
    assert_int_equal(counter->printed, 1);
    assert_false(is_waiting(counter));            /* for anybody who starts the till later */
    cf_desk_act(counter->desk, CF_DO_REPRINT, 0); /* she thinks better of it: it is kept, and marked */
    assert_int_equal(counter->copies, 1);
    assert_int_equal(counter->skipped, 1);
}

/* Each row is how a cashier passes the question by. */
static void a_receipt_that_nobody_asked_for_is_none(void **state)
{
    static const struct {
        const char *why;
        enum cf_desk_do act;
        bool scans;
        int64_t after_ms;
        unsigned skipped;
    } rows[] = {
        {"the next shopper's goods are scanned", CF_DO_NOTHING, true, 0, 1},
        {"Esc", CF_DO_BACK, false, 0, 1},
        {"locked", CF_DO_LOCK, false, 0, 1},
        {"ten seconds are short for an answer", CF_DO_NOTHING, false, 12000, 0},
        {"a minute is none", CF_DO_NOTHING, false, 61000, 1},
        {"looking for goods is not selling them", CF_DO_SEARCH, false, 0, 0},
    };
    struct counter *counter = *state;
    counter->asks = true;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t from_ms = (int64_t)i * 1000000;
        counter_restart(counter);
        cf_desk_tick(counter->desk, from_ms);
        sell_and_be_asked(counter);
        counter->skipped = 0;
        cf_desk_act(counter->desk, rows[i].act, 0);
        if (rows[i].scans) {
            counter_scan(counter, TEA);
            cf_desk_act(counter->desk, CF_DO_CANCEL, 0);
            cf_desk_act(counter->desk, CF_DO_ENTER, 0);
        }
        cf_desk_tick(counter->desk, from_ms + rows[i].after_ms);
        print_message("# %s\n", rows[i].why);
        assert_int_equal(counter->skipped, rows[i].skipped);
        assert_int_equal(is_waiting(counter), rows[i].skipped == 0);
        cf_desk_act(counter->desk, CF_DO_BACK, 0);
        cf_desk_act(counter->desk, CF_DO_BACK, 0);
    }
    assert_int_equal(counter->printed + counter->copies, 0);
}

/* What was asked before a kill may have been printed before it: the paper says so. */
static void a_receipt_that_is_asked_for_again_after_a_restart_is_marked(void **state)
{
    struct counter *counter = *state;
    counter->asks = true;
    counter_restart(counter);
    sell_and_be_asked(counter);
    counter_restart(counter);
    assert_string_equal(paper(counter), "not asked for yet");
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_PROMPT);
    cf_desk_act(counter->desk, CF_DO_PRINT, 0);
    assert_int_equal(counter->printed, 0);
    assert_int_equal(counter->copies, 1);
    assert_int_equal(counter->asked, 1); /* nor is the drawer opened again */
}

/* How much cash to give back is told with the printer off too, and what was recorded does not look refused. */
static void what_was_done_is_told_though_there_is_no_paper(void **state)
{
    struct counter *counter = *state;
    struct cf_error jam;
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    counter->paper_is_out = true;
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    counter_enter(counter, "1");
    cf_desk_act(counter->desk, CF_DO_TAKE_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* for the first reason */
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_NEWS);
    assert_string_equal(counter->cashier.bar.what, "Taken back: ¥10.00");
    assert_memory_equal(counter->cashier.bar.why, "Cash ¥10.00 · ", strlen("Cash ¥10.00 · "));
    assert_non_null(strstr(counter->cashier.bar.why, "the printer is out of paper"));
    cf_desk_act(counter->desk, CF_DO_OPEN_RETURN, 0);
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_TAKE_BACK, 0);
    counter_enter(counter, "torn");
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_NEWS);
    assert_string_equal(counter->cashier.bar.what, "Give back ¥10.00 in cash");
    assert_non_null(strstr(counter->cashier.bar.why, "the printer is out of paper"));
    counter->paper_is_out = false;
    cf_desk_act(counter->desk, CF_DO_FLOAT, 0);
    counter_enter(counter, "100.00");
    (void)!cf_fail(&jam, CF_E_IO, "the paper is jammed"); /* as a printer says that was given it */
    for (int i = 0; i < 2; i++) {
        cf_desk_printed(counter->desk, 4, &jam);
        counter_look(counter);
        assert_int_equal(counter->cashier.bar.kind, CF_BAR_NEWS);
        assert_string_equal(counter->cashier.bar.what, "Float");
        assert_memory_equal(counter->cashier.bar.why, "Recorded · ", strlen("Recorded · "));
        assert_non_null(strstr(counter->cashier.bar.why, "the paper is jammed"));
    }
}

/* A coupon for the online shop, on receipts from 20.00 on, and the receipt's own code. */
static void a_sale_of_just_now_is_on_the_screens_again_with_its_codes(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, TEA);
    cf_desk_act(counter->desk, CF_DO_NOTE, 5000);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    const struct cf_shopper_page before = counter->shopper;
    assert_int_equal(before.n_qrs, 2);
    counter_restart(counter);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Change"), "¥25.00");
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Received"), "¥50.00");
    assert_int_equal(counter->shopper.n_qrs, 2);
    assert_string_equal(counter->shopper.qrs[0].text, before.qrs[0].text);
    assert_string_equal(counter->shopper.qrs[1].text, before.qrs[1].text);
    cf_desk_tick(counter->desk, 7000000); /* of a machine that has run for two hours */
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    cf_desk_tick(counter->desk, 7010000);
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
}

static void an_older_sale_is_the_last_one_and_can_be_printed_again(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, TEA);
    cf_desk_act(counter->desk, CF_DO_NOTE, 5000);
    cf_desk_act(counter->desk, CF_DO_NO_SALE, 0); /* what comes after it does not hide it */
    counter_enter(counter, "change");
    assert_true(shop_last_is(&counter->shop, CF_RECORD_DRAWER));
    counter->shop.wall_us += 61 * CF_US_PER_S;
    counter->shop.mono_us += 61 * CF_US_PER_S;
    counter_restart(counter);
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Last sale"), "¥25.00");
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Change"), "¥25.00");
    assert_true(counter_key(counter, CF_DO_REPRINT)->enabled);
    cf_desk_act(counter->desk, CF_DO_REPRINT, 0);
    assert_int_equal(counter->copies, 1);
}

/* Each line says what took the most off it, not what took most off the sale. */
static void each_line_says_what_took_off_what_it_costs_less(void **state)
{
    struct counter *counter = *state;
    struct cf_page_line line;
    counter_scan(counter, CREAM); /* 10 % off its category */
    counter_scan(counter, TEA);
    counter_scan(counter, SOAP);
    counter_scan(counter, shop_coupon(LEASED, 1)); /* 20 % off all from 50.00 on */
    cf_desk_line(counter->desk, 0, &line);
    assert_non_null(strstr(line.off_why, "20%"));
    assert_non_null(strstr(line.off_why, " · 1 more"));
    cf_desk_line(counter->desk, 1, &line);
    assert_non_null(strstr(line.off_why, "20%"));
    assert_null(strstr(line.off_why, "more"));
    cf_desk_act(counter->desk, CF_DO_DISCOUNT, 0); /* of the soap */
    counter_enter(counter, "5%");
    counter_enter(counter, "dented");
    cf_desk_line(counter->desk, 2, &line);
    assert_non_null(strstr(line.off_why, "dented"));
    cf_desk_line(counter->desk, 1, &line);
    assert_null(strstr(line.off_why, "dented"));
}

static void cancelling_asks_first(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_CANCEL, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_CANCEL);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    cf_desk_act(counter->desk, CF_DO_CANCEL, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_CANCELLED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COUNTER_TEST(a_plain_sale_by_scanner_and_one_touch),
        COUNTER_TEST(a_quantity_may_be_typed_before_or_after_its_key),
        COUNTER_TEST(a_refusal_says_what_and_why_until_the_next_good_scan),
        COUNTER_TEST(a_coupon_is_shown_with_its_rule_and_can_be_taken_off),
        COUNTER_TEST(a_sale_that_was_killed_is_on_the_screens_again),
        COUNTER_TEST(a_sale_is_sold_though_there_is_no_paper),
        COUNTER_TEST(a_receipt_that_is_asked_for_is_the_shoppers_choice),
        COUNTER_TEST(a_receipt_that_nobody_asked_for_is_none),
        COUNTER_TEST(a_receipt_that_is_asked_for_again_after_a_restart_is_marked),
        COUNTER_TEST(what_was_done_is_told_though_there_is_no_paper),
        COUNTER_TEST(a_sale_of_just_now_is_on_the_screens_again_with_its_codes),
        COUNTER_TEST(an_older_sale_is_the_last_one_and_can_be_printed_again),
        COUNTER_TEST(each_line_says_what_took_off_what_it_costs_less),
        COUNTER_TEST(cancelling_asks_first),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
