/*
 * tests/unit/desk/kill_test.c - a till is killed (SIGKILL) in each state that a sale may be in, and the next start
 * shows the cashier and the shopper what they saw. How long that took is told; it is less than a second on any machine
 * that would be a till.
 */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/counter/pay_worker.h"
#include "tests/unit/desk/desk_support.h"
#include "tests/unit/terminal/bank_support.h"

/* What both of them saw, through a pipe. */
struct seen {
    struct cf_cashier_page cashier;
    struct cf_shopper_page shopper;
    struct cf_page_line first;
};

static struct cf_pay_worker *worker; /* of the card terminal, here or in the child */

static enum cf_desk_payer_state payer_state(void *ctx)
{
    return (enum cf_desk_payer_state)cf_pay_worker_state(ctx);
}

static void plug_in(struct counter *counter, const struct cf_pay_port *inner)
{
    assert_ok(cf_pay_worker_new(inner, &worker, NULL));
    counter->shop.card = cf_pay_worker_port(worker);
    counter->card = (struct cf_desk_payer){.is = true, .ctx = worker, .state = payer_state};
}

static void see(struct counter *counter, struct seen *ret)
{
    memset(ret, 0, sizeof *ret);
    counter_look(counter);
    ret->cashier = counter->cashier;
    ret->shopper = counter->shopper;
    if (ret->cashier.n_lines > 0) {
        cf_desk_line(counter->desk, 0, &ret->first);
    }
}

/* --- the states -----------------------------------------------------------------------------------------------------
 */

static void with_member_and_coupons(struct counter *counter)
{
    counter_scan(counter, TEA);
    counter_type(counter, "3");
    cf_desk_act(counter->desk, CF_DO_QUANTITY, 0);
    counter_scan(counter, shop_member(&counter->shop, 1));
    counter_scan(counter, shop_coupon(LEASED, 1)); /* 20 % off */
    counter_scan(counter, shop_coupon(OTHER_STORE, 1));
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
}

static void half_paid(struct counter *counter)
{
    with_member_and_coupons(counter);
    cf_desk_act(counter->desk, CF_DO_TENDER, 0);
    counter_enter(counter, "20");
}

static void waiting_for_a_card(struct counter *counter)
{
    half_paid(counter);
    cf_desk_act(counter->desk, CF_DO_CARD, 0);
}

static void in_the_middle_of_an_exchange(struct counter *counter)
{
    counter_scan(counter, TEA);
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    counter_enter(counter, "1");
    cf_desk_act(counter->desk, CF_DO_EXCHANGE, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* for the first reason */
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
}

static void parked(struct counter *counter)
{
    counter_scan(counter, TEA);
    cf_desk_act(counter->desk, CF_DO_PARK, 0);
    counter_enter(counter, "blue bag");
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
}

static void done(struct counter *counter)
{
    counter_scan(counter, TEA);
    cf_desk_act(counter->desk, CF_DO_NOTE, 5000);
}

/* On a page that lies on top of the sale: that is not kept, the sale is. */
static void about_to_cancel(struct counter *counter)
{
    with_member_and_coupons(counter);
    cf_desk_act(counter->desk, CF_DO_CANCEL, 0);
}

static const struct row {
    const char *name;
    void (*act)(struct counter *counter);
    enum cf_page_id before, after;
    bool asks; /* whether a receipt is wanted */
} rows[] = {
    {"a basket with a member and coupons", with_member_and_coupons, CF_PAGE_LINES, CF_PAGE_LINES, false},
    {"half paid", half_paid, CF_PAGE_TENDER, CF_PAGE_TENDER, false},
    {"a card is waited for: what became of it is not known", waiting_for_a_card, CF_PAGE_WAIT, CF_PAGE_UNKNOWN, false},
    {"an exchange", in_the_middle_of_an_exchange, CF_PAGE_LINES, CF_PAGE_LINES, false},
    {"a parked sale", parked, CF_PAGE_IDLE, CF_PAGE_IDLE, false},
    {"a sale that is done", done, CF_PAGE_DONE, CF_PAGE_DONE, false},
    {"a sale that is done, and a receipt that is asked for", done, CF_PAGE_DONE, CF_PAGE_DONE, true},
    {"a question whether to cancel", about_to_cancel, CF_PAGE_CANCEL, CF_PAGE_LINES, false},
};

/* --- the kill -------------------------------------------------------------------------------------------------------
 */

/* A shopper who never shows a card. */
static void never_pay(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    (void)ctx;
    (void)order;
    (void)again;
    (void)ret;
    for (;;) {
        pause();
    }
}

static void live_and_wait(struct counter *counter, const struct row *row, int to)
{
    static const struct cf_pay_ops ops = {.pay = never_pay};
    static struct seen seen;
    const struct cf_pay_port port = {&ops, NULL};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    plug_in(counter, &port);
    shop_open(&counter->shop);
    counter_open(counter);
    row->act(counter);
    see(counter, &seen);
    for (size_t at = 0; at < sizeof seen;) {
        ssize_t n = write(to, (const char *)&seen + at, sizeof seen - at);
        if (n <= 0) {
            _exit(2);
        }
        at += (size_t)n;
    }
    for (;;) {
        pause();
    }
}

static void kill_in_state(struct counter *counter, const struct row *row, struct seen *ret)
{
    int ends[2], status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        live_and_wait(counter, row, ends[1]);
    }
    close(ends[1]);
    for (size_t at = 0; at < sizeof *ret;) {
        ssize_t n = read(ends[0], (char *)ret + at, sizeof *ret - at);
        assert_true(n > 0);
        at += (size_t)n;
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    close(ends[0]);
}

static void expect_same(const struct seen *before, const struct seen *after, bool asks)
{
    assert_string_equal(after->cashier.total, before->cashier.total);
    assert_string_equal(after->cashier.items, before->cashier.items);
    assert_string_equal(after->cashier.saved, before->cashier.saved);
    assert_string_equal(after->cashier.member, before->cashier.member);
    assert_int_equal(after->cashier.n_lines, before->cashier.n_lines);
    assert_memory_equal(&after->first, &before->first, sizeof before->first);
    assert_int_equal(after->shopper.look == CF_SHOPPER_CLOSED, false);
    assert_string_equal(after->shopper.total, before->shopper.total);
    assert_int_equal(after->shopper.n_lines, before->shopper.n_lines);
    assert_string_equal(after->shopper.points, before->shopper.points);
    assert_int_equal(after->shopper.n_qrs, before->shopper.n_qrs);
    if (asks) {
        assert_string_equal(after->cashier.bar.what, before->cashier.bar.what);
        assert_memory_equal(after->cashier.keys, before->cashier.keys, offsetof(struct cf_page_key, hint));
    }
    if (after->cashier.id == before->cashier.id && (asks || after->cashier.id != CF_PAGE_DONE)) {
        assert_int_equal(after->cashier.n_fields, before->cashier.n_fields); /* paper is not known again */
        assert_memory_equal(after->cashier.fields, before->cashier.fields, sizeof after->cashier.fields);
    }
}

static void a_till_that_is_killed_comes_back_as_it_was(void **state)
{
    static struct counter counter;
    static struct seen before, after;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bank *bank = bank_new();
        const struct cf_pay_port port = bank_port(bank);
        bank->pays = bank->answers = BANK_NEVER_HEARS;
        memset(&counter, 0, sizeof counter);
        counter.asks = rows[i].asks;
        shop_init(&counter.shop);
        kill_in_state(&counter, &rows[i], &before);
        assert_int_equal(before.cashier.id, rows[i].before);
        plug_in(&counter, &port);
        int64_t from_us = cf_env_mono(cf_env_system()).us;
        shop_open(&counter.shop);
        counter_open(&counter);
        see(&counter, &after);
        print_message("# %s: %lld ms\n", rows[i].name,
                      (long long)((cf_env_mono(cf_env_system()).us - from_us) / CF_US_PER_MS));
        while (after.cashier.id == CF_PAGE_WAIT) { /* the start asked what became of it */
            static int64_t now_ms;
            cf_desk_tick(counter.desk, now_ms += 2000);
            see(&counter, &after);
        }
        assert_int_equal(after.cashier.id, rows[i].after);
        expect_same(&before, &after, rows[i].asks);
        cf_desk_free(counter.desk);
        shop_done(&counter.shop);
        cf_pay_worker_free(worker);
        bank_free(bank);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_till_that_is_killed_comes_back_as_it_was),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
