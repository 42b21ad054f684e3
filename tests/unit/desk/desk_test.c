/*
 * tests/unit/desk/desk_test.c - a cashier works at a desk without a screen: what both pages say after each act.
 */
#include <string.h>

#include "app/desk/desk.h"
#include "app/desk/language.h"
#include "tests/unit/terminal/till_support.h"

struct counter {
    struct shop shop;
    struct cf_desk *desk;
    unsigned printed, copies, good, bad;
    bool paper_is_out;
    struct cf_cashier_page cashier;
    struct cf_shopper_page shopper;
};

static enum cf_rc print(void *ctx, uint64_t seq, bool copy, struct cf_error *err)
{
    struct counter *counter = ctx;
    (void)seq;
    if (counter->paper_is_out) {
        return cf_fail(err, CF_E_IO, "the printer is out of paper");
    }
    *(copy ? &counter->copies : &counter->printed) += 1;
    return CF_OK;
}

static void tone(void *ctx, bool good)
{
    struct counter *counter = ctx;
    *(good ? &counter->good : &counter->bad) += 1;
}

static void open_desk(struct counter *counter)
{
    const struct cf_desk_ports ports = {.ctx = counter, .print = print, .tone = tone};
    assert_ok(cf_desk_new(counter->shop.till, "Till 1", &ports, &counter->desk, NULL));
}

static int setup(void **state)
{
    static struct counter counter;
    memset(&counter, 0, sizeof counter);
    shop_init(&counter.shop);
    shop_open(&counter.shop);
    open_desk(&counter);
    *state = &counter;
    return 0;
}

static int teardown(void **state)
{
    struct counter *counter = *state;
    cf_desk_free(counter->desk);
    shop_done(&counter->shop);
    return 0;
}

/* What there is to see now; the id of the cashier's page. */
static enum cf_page_id look(struct counter *counter)
{
    cf_desk_cashier(counter->desk, &counter->cashier);
    cf_desk_shopper(counter->desk, &counter->shopper);
    return counter->cashier.id;
}

static void scan(struct counter *counter, const char *text)
{
    cf_desk_scan(counter->desk, cf_bytes_str(text));
}

static void type(struct counter *counter, const char *text)
{
    for (; *text != '\0'; text++) {
        cf_desk_type(counter->desk, *text);
    }
}

static void enter(struct counter *counter, const char *text)
{
    type(counter, text);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
}

static const struct cf_page_key *key(struct counter *counter, enum cf_desk_do act)
{
    look(counter);
    for (size_t i = 0; i < counter->cashier.n_keys; i++) {
        if (counter->cashier.keys[i].act == act) {
            return &counter->cashier.keys[i];
        }
    }
    return NULL;
}

static const char *field(const struct cf_page_field *fields, size_t n, const char *label)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].label, label) == 0) {
            return fields[i].value;
        }
    }
    return "";
}

static void a_plain_sale_by_scanner_and_one_touch(void **state)
{
    struct counter *counter = *state;
    struct cf_page_line line;
    assert_int_equal(look(counter), CF_PAGE_IDLE);
    assert_int_equal(counter->shopper.look, CF_SHOPPER_WELCOME);
    assert_false(key(counter, CF_DO_CASH)->enabled);
    scan(counter, CREAM);
    scan(counter, SOAP);
    assert_int_equal(look(counter), CF_PAGE_LINES);
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
    assert_int_equal(look(counter), CF_PAGE_CASH);
    assert_int_equal(counter->shopper.look, CF_SHOPPER_PAY);
    assert_string_equal(field(counter->cashier.fields, counter->cashier.n_fields, "Due in cash"), "¥45.91");
    assert_int_equal(key(counter, CF_DO_NOTE)->arg, 4591);
    cf_desk_act(counter->desk, CF_DO_NOTE, 5000);
    assert_int_equal(look(counter), CF_PAGE_DONE);
    assert_string_equal(field(counter->cashier.fields, counter->cashier.n_fields, "Change"), "¥4.09");
    assert_string_equal(field(counter->shopper.fields, counter->shopper.n_fields, "Change"), "¥4.09");
    assert_int_equal(counter->printed, 1);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_SALE));
    cf_desk_tick(counter->desk, 9999);
    assert_int_equal(look(counter), CF_PAGE_DONE);
    cf_desk_tick(counter->desk, 10000);
    assert_int_equal(look(counter), CF_PAGE_IDLE);
}

static void a_quantity_may_be_typed_before_or_after_its_key(void **state)
{
    struct counter *counter = *state;
    struct cf_page_line line;
    scan(counter, SOAP);
    type(counter, "3");
    cf_desk_act(counter->desk, CF_DO_QUANTITY, 0);
    look(counter);
    assert_string_equal(counter->cashier.total, "¥30.00");
    scan(counter, APPLES);
    cf_desk_act(counter->desk, CF_DO_QUANTITY, 0);
    assert_int_equal(look(counter), CF_PAGE_QUANTITY);
    enter(counter, "0.345");
    assert_int_equal(look(counter), CF_PAGE_LINES);
    cf_desk_line(counter->desk, 1, &line);
    assert_string_equal(line.terms, "0.345 kg × ¥12.80");
    assert_string_equal(counter->cashier.items, "4 items");
    cf_desk_act(counter->desk, CF_DO_PREVIOUS, 0);
    cf_desk_act(counter->desk, CF_DO_VOID, 0);
    cf_desk_line(counter->desk, 0, &line);
    assert_true(line.is_void);
    look(counter);
    assert_int_equal(counter->shopper.n_lines, 1);
    cf_desk_shopper_line(counter->desk, 0, &line);
    assert_int_equal(line.line_no, 2);
}

static void a_refusal_says_what_and_why_until_the_next_good_scan(void **state)
{
    struct counter *counter = *state;
    scan(counter, "4999999999995");
    assert_int_equal(look(counter), CF_PAGE_IDLE);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_true(counter->cashier.bar.what[0] != '\0');
    assert_int_equal(counter->bad, 1);
    cf_desk_tick(counter->desk, 60000);
    look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    scan(counter, SOAP);
    look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_PROMPT);
    type(counter, "12");
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    look(counter);
    assert_string_equal(counter->cashier.entry, "");
    assert_int_equal(look(counter), CF_PAGE_LINES);
}

static void a_coupon_is_shown_with_its_rule_and_can_be_taken_off(void **state)
{
    struct counter *counter = *state;
    struct cf_page_choice choice;
    scan(counter, SOAP);
    scan(counter, shop_coupon(LEASED, 1)); /* from 50.00 on */
    look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_NEWS);
    assert_non_null(strstr(counter->cashier.bar.why, "needs"));
    cf_desk_act(counter->desk, CF_DO_COUPONS, 0);
    assert_int_equal(look(counter), CF_PAGE_COUPONS);
    assert_int_equal(counter->cashier.n_choices, 1);
    cf_desk_choice(counter->desk, 0, &choice);
    assert_false(choice.good);
    cf_desk_act(counter->desk, CF_DO_UNTAKE, 0);
    assert_int_equal(look(counter), CF_PAGE_LINES);
    cf_desk_act(counter->desk, CF_DO_COUPONS, 0);
    look(counter);
    assert_int_equal(counter->cashier.n_choices, 0);
}

static void a_sale_that_was_killed_is_on_the_screens_again(void **state)
{
    struct counter *counter = *state;
    scan(counter, CREAM);
    scan(counter, shop_member(&counter->shop, 1));
    look(counter);
    const struct cf_cashier_page before = counter->cashier;
    cf_desk_free(counter->desk);
    shop_restart(&counter->shop);
    open_desk(counter);
    look(counter);
    assert_int_equal(counter->cashier.id, before.id);
    assert_string_equal(counter->cashier.total, before.total);
    assert_string_equal(counter->cashier.member, before.member);
}

static void a_sale_is_sold_though_there_is_no_paper(void **state)
{
    struct counter *counter = *state;
    counter->paper_is_out = true;
    scan(counter, SOAP);
    type(counter, "10");
    cf_desk_act(counter->desk, CF_DO_CASH, 0);
    assert_int_equal(look(counter), CF_PAGE_DONE);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_string_equal(counter->cashier.bar.why, "the printer is out of paper");
    counter->paper_is_out = false;
    cf_desk_act(counter->desk, CF_DO_REPRINT, 0);
    assert_int_equal(counter->copies, 1);
}

static void cancelling_asks_first(void **state)
{
    struct counter *counter = *state;
    scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_CANCEL, 0);
    assert_int_equal(look(counter), CF_PAGE_CANCEL);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    assert_int_equal(look(counter), CF_PAGE_LINES);
    cf_desk_act(counter->desk, CF_DO_CANCEL, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    assert_int_equal(look(counter), CF_PAGE_IDLE);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_CANCELLED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plain_sale_by_scanner_and_one_touch, setup, teardown),
        cmocka_unit_test_setup_teardown(a_quantity_may_be_typed_before_or_after_its_key, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refusal_says_what_and_why_until_the_next_good_scan, setup, teardown),
        cmocka_unit_test_setup_teardown(a_coupon_is_shown_with_its_rule_and_can_be_taken_off, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sale_that_was_killed_is_on_the_screens_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sale_is_sold_though_there_is_no_paper, setup, teardown),
        cmocka_unit_test_setup_teardown(cancelling_asks_first, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
