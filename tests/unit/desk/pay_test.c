/*
 * tests/unit/desk/pay_test.c - payments that somebody else takes never stop the desk: a worker's thread waits for them,
 * over a bank that agrees, refuses, is away, or is not heard.
 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "app/counter/pay_worker.h"
#include "tests/unit/desk/desk_support.h"
#include "tests/unit/terminal/bank_support.h"

struct lane {
    struct counter counter;
    struct bank *bank;
    struct cf_pay_worker *card, *mobile;
    int64_t now_ms;
};

static enum cf_desk_payer_state payer_state(void *ctx)
{
    return (enum cf_desk_payer_state)cf_pay_worker_state(ctx);
}

static void payer_stop(void *ctx)
{
    cf_pay_worker_stop(ctx);
}

static struct cf_pay_worker *worker_of(const struct cf_pay_port *inner, struct cf_pay_port *ret_port,
                                       struct cf_desk_payer *ret_payer)
{
    struct cf_pay_worker *worker = NULL;
    assert_ok(cf_pay_worker_new(inner, &worker, NULL));
    *ret_port = cf_pay_worker_port(worker);
    *ret_payer = (struct cf_desk_payer){.is = true, .ctx = worker, .state = payer_state, .stop = payer_stop};
    return worker;
}

static void open_lane(struct lane *lane, const struct cf_pay_port *card)
{
    const struct cf_pay_port bank = bank_port(lane->bank);
    shop_init(&lane->counter.shop);
    lane->card = worker_of(card != NULL ? card : &bank, &lane->counter.shop.card, &lane->counter.card);
    lane->mobile = worker_of(&bank, &lane->counter.shop.mobile, &lane->counter.mobile);
    shop_open(&lane->counter.shop);
    counter_open(&lane->counter);
}

static void close_lane(struct lane *lane)
{
    cf_desk_free(lane->counter.desk);
    shop_done(&lane->counter.shop);
    cf_pay_worker_free(lane->card);
    cf_pay_worker_free(lane->mobile);
    bank_free(lane->bank);
}

static int setup(void **state)
{
    static struct lane lane;
    memset(&lane, 0, sizeof lane);
    lane.bank = bank_new();
    open_lane(&lane, NULL);
    *state = &lane;
    return 0;
}

static int teardown(void **state)
{
    close_lane(*state);
    return 0;
}

/* Ticks until nobody is waited for; however long the other thread takes. */
static enum cf_page_id settle(struct lane *lane)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    enum cf_page_id page;
    while ((page = counter_look(&lane->counter)) == CF_PAGE_WAIT) {
        if (cf_pay_worker_state(lane->card) == CF_PAY_WORKER_BUSY ||
            cf_pay_worker_state(lane->mobile) == CF_PAY_WORKER_BUSY) {
            nanosleep(&nap, NULL);
            continue;
        }
        lane->now_ms += 2000;
        cf_desk_tick(lane->counter.desk, lane->now_ms);
    }
    return page;
}

static void begin_card(struct lane *lane)
{
    counter_scan(&lane->counter, SOAP);
    cf_desk_act(lane->counter.desk, CF_DO_TENDER, 0);
    cf_desk_act(lane->counter.desk, CF_DO_CARD, 0);
}

static void a_card_pays_and_the_desk_waits_without_stopping(void **state)
{
    struct lane *lane = *state;
    begin_card(lane);
    assert_int_equal(counter_look(&lane->counter), CF_PAGE_WAIT);
    assert_int_equal(lane->counter.shopper.look, CF_SHOPPER_PAY);
    assert_string_equal(lane->counter.shopper.hint, "Please follow the card terminal");
    assert_string_equal(counter_field(lane->counter.cashier.fields, lane->counter.cashier.n_fields, "Card"), "¥10.00");
    cf_desk_act(lane->counter.desk, CF_DO_CANCEL, 0); /* not now */
    assert_int_equal(settle(lane), CF_PAGE_DONE);
    assert_int_equal(bank_holds(lane->bank), 1000);
    assert_true(shop_last_is(&lane->counter.shop, CF_RECORD_SALE));
    assert_int_equal(lane->counter.printed, 1);
}

static void a_card_that_is_refused_leaves_the_sale_to_be_paid(void **state)
{
    struct lane *lane = *state;
    lane->bank->pays = BANK_REFUSES;
    begin_card(lane);
    assert_int_equal(settle(lane), CF_PAGE_LINES);
    assert_int_equal(lane->counter.cashier.bar.kind, CF_BAR_REFUSED);
    assert_int_equal(bank_holds(lane->bank), 0);
    cf_desk_act(lane->counter.desk, CF_DO_NOTE, 1000);
    assert_int_equal(counter_look(&lane->counter), CF_PAGE_DONE);
}

static void a_terminal_that_is_away_says_so_and_nothing_is_taken(void **state)
{
    struct lane *lane = *state;
    lane->bank->pays = BANK_IS_AWAY;
    begin_card(lane);
    assert_int_equal(settle(lane), CF_PAGE_LINES);
    assert_int_equal(lane->counter.cashier.bar.kind, CF_BAR_REFUSED);
}

static void a_payment_that_nobody_heard_of_can_be_asked_about(void **state)
{
    struct lane *lane = *state;
    lane->bank->pays = BANK_IS_NOT_HEARD;
    begin_card(lane);
    assert_int_equal(settle(lane), CF_PAGE_UNKNOWN);
    assert_string_equal(lane->counter.shopper.hint, "Please wait. Do not pay again");
    counter_scan(&lane->counter, SOAP); /* refused: the sale stands still */
    assert_int_equal(counter_look(&lane->counter), CF_PAGE_UNKNOWN);
    cf_desk_act(lane->counter.desk, CF_DO_QUERY, 0);
    assert_int_equal(settle(lane), CF_PAGE_DONE);
    assert_int_equal(bank_holds(lane->bank), 1000);
}

static void a_manager_decides_where_nobody_knows(void **state)
{
    struct lane *lane = *state;
    lane->bank->pays = BANK_NEVER_HEARS;
    lane->bank->answers = BANK_NEVER_HEARS;
    begin_card(lane);
    assert_int_equal(settle(lane), CF_PAGE_UNKNOWN);
    cf_desk_act(lane->counter.desk, CF_DO_DECIDE, 0);
    assert_int_equal(counter_look(&lane->counter), CF_PAGE_DECIDE);
    assert_true(lane->counter.cashier.modal);
    cf_desk_act(lane->counter.desk, CF_DO_NOT_TAKEN, 0);
    counter_enter(&lane->counter, "slip says no");
    assert_int_equal(counter_look(&lane->counter), CF_PAGE_LINES);
    assert_true(shop_last_is(&lane->counter.shop, CF_RECORD_PAYMENT));
}

static void a_split_payment_is_given_back_whole(void **state)
{
    struct lane *lane = *state;
    counter_scan(&lane->counter, SOAP);
    cf_desk_act(lane->counter.desk, CF_DO_TENDER, 0);
    counter_type(&lane->counter, "4");
    cf_desk_act(lane->counter.desk, CF_DO_CARD, 0);
    assert_int_equal(settle(lane), CF_PAGE_TENDER);
    assert_string_equal(counter_field(lane->counter.cashier.fields, lane->counter.cashier.n_fields, "Due"), "¥6.00");
    cf_desk_act(lane->counter.desk, CF_DO_UNTENDER, 0);
    assert_int_equal(settle(lane), CF_PAGE_LINES);
    assert_int_equal(bank_holds(lane->bank), 0);
}

static void a_phone_pays_by_its_code_from_the_basket(void **state)
{
    struct lane *lane = *state;
    counter_scan(&lane->counter, SOAP);
    counter_scan(&lane->counter, "130123456789012345");
    assert_int_equal(settle(lane), CF_PAGE_DONE);
    assert_string_equal(lane->bank->code, "130123456789012345");
}

static void a_kill_while_a_payment_runs_finds_it_again(void **state)
{
    struct lane *lane = *state;
    lane->bank->pays = BANK_IS_NOT_HEARD;
    begin_card(lane);
    assert_int_equal(settle(lane), CF_PAGE_UNKNOWN);
    cf_desk_free(lane->counter.desk);
    shop_restart(&lane->counter.shop); /* which asks what became of it */
    counter_open(&lane->counter);
    assert_int_equal(settle(lane), CF_PAGE_DONE);
    assert_int_equal(bank_holds(lane->bank), 1000);
    shop_verify(&lane->counter.shop);
}

static void goods_of_a_card_sale_come_back_to_the_card(void **state)
{
    struct lane *lane = *state;
    begin_card(lane);
    assert_int_equal(settle(lane), CF_PAGE_DONE);
    cf_desk_act(lane->counter.desk, CF_DO_RETURN, 0);
    counter_enter(&lane->counter, "1");
    assert_int_equal(counter_look(&lane->counter), CF_PAGE_RETURN_LINES);
    assert_int_equal(lane->counter.cashier.n_choices, 1);
    cf_desk_act(lane->counter.desk, CF_DO_TAKE_BACK, 0);
    cf_desk_act(lane->counter.desk, CF_DO_ENTER, 0); /* for the first reason */
    assert_int_equal(settle(lane), CF_PAGE_IDLE);
    assert_int_equal(bank_holds(lane->bank), 0);
}

/* What is dearer than what is taken for it: the rest goes back to the card, once the terminal has answered. */
static void the_rest_of_an_exchange_goes_back_to_the_card(void **state)
{
    struct lane *lane = *state;
    struct counter *counter = &lane->counter;
    counter_scan(counter, TEA); /* 25.00 */
    cf_desk_act(counter->desk, CF_DO_TENDER, 0);
    cf_desk_act(counter->desk, CF_DO_CARD, 0);
    assert_int_equal(settle(lane), CF_PAGE_DONE);
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    counter_enter(counter, "1");
    cf_desk_act(counter->desk, CF_DO_EXCHANGE, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* for the first reason */
    counter_scan(counter, SOAP);                /* 10.00 */
    cf_desk_act(counter->desk, CF_DO_CASH, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    assert_int_equal(settle(lane), CF_PAGE_DONE);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Given back: Card"),
                        "¥15.00");
    assert_int_equal(bank_holds(lane->bank), 1000);
    shop_verify(&counter->shop);
}

static void the_card_terminal_closes_its_day_beside_ours(void **state)
{
    struct lane *lane = *state;
    struct counter *counter = &lane->counter;
    const struct timespec nap = {.tv_nsec = 1000000};
    begin_card(lane);
    assert_int_equal(settle(lane), CF_PAGE_DONE);
    cf_desk_act(counter->desk, CF_DO_CLOSE, 0);
    assert_true(counter_key(counter, CF_DO_CARD_DAY)->enabled);
    cf_desk_act(counter->desk, CF_DO_CARD_DAY, 0);
    assert_false(counter_key(counter, CF_DO_CARD_DAY)->enabled); /* once */
    while (!counter_key(counter, CF_DO_CARD_DAY)->enabled) {
        nanosleep(&nap, NULL);
        cf_desk_tick(counter->desk, lane->now_ms);
    }
    assert_int_equal(counter_look(counter), CF_PAGE_CLOSE);
    assert_string_equal(counter->cashier.bar.what, "The card terminal has closed its day");
    assert_string_equal(counter->cashier.bar.why, "¥10.00"); /* as the terminal says */
}

/* --- a shopper who looks for a card ----------------------------------------------------------------------------------
 */

struct slow {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopped;
};

static void slow_pay(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    struct slow *slow = ctx;
    (void)order;
    (void)again;
    pthread_mutex_lock(&slow->lock);
    while (!slow->stopped) {
        pthread_cond_wait(&slow->changed, &slow->lock);
    }
    pthread_mutex_unlock(&slow->lock);
    *ret = (struct cf_pay_answer){.outcome = CF_PAY_NO, .text = "stopped at the terminal"};
}

static void slow_stop(void *ctx)
{
    struct slow *slow = ctx;
    pthread_mutex_lock(&slow->lock);
    slow->stopped = true;
    pthread_cond_signal(&slow->changed);
    pthread_mutex_unlock(&slow->lock);
}

static void a_payment_that_is_waited_for_can_be_stopped(void **state)
{
    static const struct cf_pay_ops ops = {.pay = slow_pay, .stop = slow_stop};
    struct slow slow = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    const struct cf_pay_port port = {&ops, &slow};
    struct lane lane = {.bank = bank_new()};
    (void)state;
    open_lane(&lane, &port);
    begin_card(&lane);
    counter_look(&lane.counter);
    assert_string_equal(counter_field(lane.counter.cashier.fields, lane.counter.cashier.n_fields, "Time left"),
                        "90 seconds");
    assert_true(cf_desk_tick(lane.counter.desk, 30000));
    counter_look(&lane.counter);
    assert_string_equal(counter_field(lane.counter.cashier.fields, lane.counter.cashier.n_fields, "Time left"),
                        "60 seconds");
    assert_true(cf_desk_press(lane.counter.desk, "F12"));
    assert_int_equal(settle(&lane), CF_PAGE_LINES);
    assert_string_equal(lane.counter.cashier.bar.why, "stopped at the terminal");
    close_lane(&lane);
}

/* --- a terminal that is called for a while --------------------------------------------------------------------------
 */

struct called {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool answers;
    unsigned asked; /* to pay */
};

static enum cf_rc called_mark(void *ctx, struct cf_pay_mark *ret, struct cf_error *err)
{
    struct called *called = ctx;
    (void)err;
    pthread_mutex_lock(&called->lock);
    while (!called->answers) {
        pthread_cond_wait(&called->changed, &called->lock);
    }
    pthread_mutex_unlock(&called->lock);
    *ret = (struct cf_pay_mark){.n = 0};
    return CF_OK;
}

static void called_pay(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    struct called *called = ctx;
    (void)order;
    (void)again;
    pthread_mutex_lock(&called->lock);
    called->asked++;
    pthread_mutex_unlock(&called->lock);
    *ret = (struct cf_pay_answer){.outcome = CF_PAY_YES, .reference = "1"};
}

/* As one that says just then that it is there. */
static void called_stop(void *ctx)
{
    struct called *called = ctx;
    pthread_mutex_lock(&called->lock);
    called->answers = true;
    pthread_cond_signal(&called->changed);
    pthread_mutex_unlock(&called->lock);
}

static void a_payment_that_is_stopped_while_the_terminal_is_called_is_not_asked_for(void **state)
{
    static const struct cf_pay_ops ops = {.mark = called_mark, .pay = called_pay, .stop = called_stop};
    struct called called = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    const struct cf_pay_port port = {&ops, &called};
    struct lane lane = {.bank = bank_new()};
    (void)state;
    open_lane(&lane, &port);
    begin_card(&lane);
    assert_int_equal(counter_look(&lane.counter), CF_PAGE_WAIT);
    assert_true(cf_desk_press(lane.counter.desk, "F12"));
    assert_int_equal(settle(&lane), CF_PAGE_LINES);
    assert_int_equal(called.asked, 0);
    assert_int_equal(lane.counter.cashier.bar.kind, CF_BAR_NEWS);
    begin_card(&lane); /* and one that is wanted is */
    assert_int_equal(settle(&lane), CF_PAGE_DONE);
    assert_int_equal(called.asked, 1);
    close_lane(&lane);
}

/* As a driver whose call has just begun when it is told to stop: it begins without that, and has to be told again. */
static void deaf_pay(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    struct slow *slow = ctx;
    (void)order;
    (void)again;
    pthread_mutex_lock(&slow->lock);
    for (int heard = 0; heard < 2; heard++) {
        while (!slow->stopped) {
            pthread_cond_wait(&slow->changed, &slow->lock);
        }
        slow->stopped = false;
    }
    pthread_mutex_unlock(&slow->lock);
    *ret = (struct cf_pay_answer){.outcome = CF_PAY_NO, .text = "stopped at the terminal"};
}

static void a_stop_that_was_not_heard_is_told_again(void **state)
{
    static const struct cf_pay_ops ops = {.pay = deaf_pay, .stop = slow_stop};
    struct slow slow = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    const struct cf_pay_port port = {&ops, &slow};
    struct lane lane = {.bank = bank_new()};
    (void)state;
    open_lane(&lane, &port);
    begin_card(&lane);
    assert_true(cf_desk_press(lane.counter.desk, "F12"));
    assert_int_equal(settle(&lane), CF_PAGE_LINES);
    assert_string_equal(lane.counter.cashier.bar.why, "stopped at the terminal");
    close_lane(&lane);
}

/* --- somebody who goes away meanwhile --------------------------------------------------------------------------------
 */

/* The sale is in the name of whoever sold it, and not of nobody. */
static void a_till_is_not_locked_while_a_payment_runs(void **state)
{
    struct lane *lane = *state;
    counter_send_user(&lane->counter, 7, "Anna", CF_ROLE_CASHIER);
    counter_sign_on(&lane->counter, "7");
    assert_int_equal(counter_look(&lane->counter), CF_PAGE_IDLE);
    begin_card(lane);
    cf_desk_act(lane->counter.desk, CF_DO_LOCK, 0);
    assert_int_equal(counter_look(&lane->counter), CF_PAGE_WAIT);
    assert_int_equal(lane->counter.cashier.bar.kind, CF_BAR_REFUSED);
    assert_int_equal(settle(lane), CF_PAGE_DONE);
    struct cf_sale *sale = shop_sale_of(&lane->counter.shop, shop_records(&lane->counter.shop));
    assert_string_equal(sale->cashier, "7");
    cf_sale_free(sale);
    cf_desk_act(lane->counter.desk, CF_DO_LOCK, 0);
    assert_int_equal(counter_look(&lane->counter), CF_PAGE_SIGN_ON);
}

#define LANE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LANE_TEST(a_card_pays_and_the_desk_waits_without_stopping),
        LANE_TEST(a_card_that_is_refused_leaves_the_sale_to_be_paid),
        LANE_TEST(a_terminal_that_is_away_says_so_and_nothing_is_taken),
        LANE_TEST(a_payment_that_nobody_heard_of_can_be_asked_about),
        LANE_TEST(a_manager_decides_where_nobody_knows),
        LANE_TEST(a_split_payment_is_given_back_whole),
        LANE_TEST(a_phone_pays_by_its_code_from_the_basket),
        LANE_TEST(a_kill_while_a_payment_runs_finds_it_again),
        LANE_TEST(goods_of_a_card_sale_come_back_to_the_card),
        LANE_TEST(the_rest_of_an_exchange_goes_back_to_the_card),
        LANE_TEST(a_till_is_not_locked_while_a_payment_runs),
        LANE_TEST(the_card_terminal_closes_its_day_beside_ours),
        cmocka_unit_test(a_payment_that_is_waited_for_can_be_stopped),
        cmocka_unit_test(a_payment_that_is_stopped_while_the_terminal_is_called_is_not_asked_for),
        cmocka_unit_test(a_stop_that_was_not_heard_is_told_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
