/*
 * tests/drivers/card/card_test.c - a card terminal over TCP that does everything wrong which a terminal can: what the
 * port says of a payment and of a reversal, then and when it is asked.
 */
#include "drivers/card/card.h"

#include <stdio.h>
#include <string.h>

#include "tests/drivers/card/terminal_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define assert_ok(call) assert_int_equal(call, CF_OK)

struct world {
    struct terminal terminal;
    struct cf_card *card;
    struct cf_pay_port port;
    struct cf_pay_order order;
};

static void plug_in(struct world *w, int64_t payment_ms)
{
    struct cf_card_config config = {
        .host = "127.0.0.1",
        .port = w->terminal.port,
        .connect_timeout = {10 * CF_US_PER_S},
        .answer_timeout = {10 * CF_US_PER_S},
        .payment_timeout = {payment_ms * CF_US_PER_MS},
    };
    assert_ok(cf_card_new(&config, &w->card, NULL));
    w->port = cf_card_port(w->card);
}

static int setup(void **state)
{
    static struct world world;
    memset(&world, 0, sizeof world);
    terminal_start(&world.terminal);
    plug_in(&world, 20000);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    cf_card_free(w->card);
    terminal_stop(&w->terminal);
    return 0;
}

/* A new order with the mark of now. */
static void begin(struct world *w, int64_t amount, const char *reference)
{
    memset(&w->order, 0, sizeof w->order);
    w->order.amount_minor = amount;
    w->order.reference = reference;
    w->order.currency = (cf_currency){"EUR"};
    assert_ok(w->port.ops->mark(w->port.ctx, &w->order.mark, NULL));
}

static struct cf_pay_answer pay(struct world *w, bool again)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    w->port.ops->pay(w->port.ctx, &w->order, again, &answer);
    return answer;
}

static struct cf_pay_answer query(struct world *w)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    w->port.ops->query(w->port.ctx, &w->order, &answer);
    return answer;
}

static struct cf_pay_answer reverse(struct world *w, bool again)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    w->port.ops->reverse(w->port.ctx, &w->order, again, &answer);
    return answer;
}

static struct cf_pay_answer query_reverse(struct world *w)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    w->port.ops->query_reverse(w->port.ctx, &w->order, &answer);
    return answer;
}

static const struct {
    enum terminal_does does;
    enum cf_pay_outcome then, asked; /* the answer, and the answer to a query */
    bool taken;
    const char *why;
} rows[] = {
    {T_AGREES, CF_PAY_YES, CF_PAY_YES, true, "all is well"},
    {T_SLOW, CF_PAY_YES, CF_PAY_YES, true, "byte by byte"},
    {T_DECLINES, CF_PAY_NO, CF_PAY_NO, false, "declined"},
    {T_ABORTS, CF_PAY_NO, CF_PAY_NO, false, "nobody showed a card"},
    {T_REFUSES, CF_PAY_NO, CF_PAY_NO, false, "no such command"},
    {T_CUTS_BEFORE, CF_PAY_UNKNOWN, CF_PAY_NO, false, "cut before it decides"},
    {T_CUTS_AFTER, CF_PAY_UNKNOWN, CF_PAY_YES, true, "cut after it has decided"},
    {T_CUTS_AFTER_STATUS, CF_PAY_UNKNOWN, CF_PAY_YES, true, "cut before the end of it"},
    {T_CUTS_IN_THE_MIDDLE, CF_PAY_UNKNOWN, CF_PAY_YES, true, "cut in the middle of the answer"},
    {T_GARBAGE, CF_PAY_UNKNOWN, CF_PAY_YES, true, "nonsense"},
    {T_HALF_STATUS, CF_PAY_UNKNOWN, CF_PAY_YES, true, "an answer that cannot be read"},
    {T_NO_STATUS, CF_PAY_UNKNOWN, CF_PAY_YES, true, "no answer at all"},
    {T_OTHER_AMOUNT, CF_PAY_UNKNOWN, CF_PAY_YES, true, "another amount, as it says at first"},
    {T_YES_THEN_ABORTS, CF_PAY_UNKNOWN, CF_PAY_YES, true, "yes, and then an abort"},
    {T_DECLINES_SILENTLY, CF_PAY_UNKNOWN, CF_PAY_NO, false, "declined, and the line was cut"},
};
#define N_ROWS (sizeof rows / sizeof *rows)

static void a_payment_is_known_or_unknown_and_then_found_out(void **state)
{
    struct world *w = *state;
    int64_t held = 0;
    for (size_t i = 0; i < N_ROWS; i++) {
        int64_t amount = 1000 + (int64_t)i;
        begin(w, amount, NULL);
        w->terminal.does = rows[i].does;
        struct cf_pay_answer then = pay(w, false), asked = query(w);
        held += rows[i].taken ? amount : 0;
        if (then.outcome != rows[i].then || asked.outcome != rows[i].asked || terminal_holds(&w->terminal) != held)
            fail_msg("%s: %d (%s), asked %d (%s), the terminal holds %lld", rows[i].why, (int)then.outcome, then.text,
                     (int)asked.outcome, asked.text, (long long)terminal_holds(&w->terminal));
        if (rows[i].then == CF_PAY_YES)
            assert_string_equal(then.reference, asked.reference);
        if (rows[i].asked == CF_PAY_YES) {
            char expected[32];
            snprintf(expected, sizeof expected, "52500038-%04u-%06u", w->terminal.n, w->terminal.n + 100);
            assert_string_equal(asked.reference, expected);
        }
    }
}

static void a_retry_takes_the_money_once(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < N_ROWS; i++) {
        begin(w, 500, NULL);
        int64_t held = terminal_holds(&w->terminal);
        w->terminal.does = rows[i].does;
        struct cf_pay_answer then = pay(w, false);
        if (then.outcome != CF_PAY_UNKNOWN)
            continue;
        struct cf_pay_answer again = pay(w, true);
        bool kept_a_refusal = rows[i].does == T_DECLINES_SILENTLY;
        if (again.outcome != (kept_a_refusal ? CF_PAY_NO : CF_PAY_YES) ||
            terminal_holds(&w->terminal) != held + (kept_a_refusal ? 0 : 500))
            fail_msg("%s: %d (%s), the terminal holds %lld more", rows[i].why, (int)again.outcome, again.text,
                     (long long)(terminal_holds(&w->terminal) - held));
        assert_int_equal(pay(w, true).outcome, again.outcome);
    }
}

static void a_reversal_is_known_or_unknown_and_then_found_out(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < N_ROWS; i++) {
        char reference[CF_PAY_REFERENCE_MAX + 1];
        begin(w, 700, NULL);
        struct cf_pay_answer paid = pay(w, false);
        assert_int_equal(paid.outcome, CF_PAY_YES);
        memcpy(reference, paid.reference, sizeof reference);
        begin(w, 700, reference);
        w->terminal.does = rows[i].does;
        struct cf_pay_answer then = reverse(w, false), asked = query_reverse(w);
        int64_t held = terminal_holds(&w->terminal);
        if (then.outcome != rows[i].then || asked.outcome != rows[i].asked || held != (rows[i].taken ? 0 : 700))
            fail_msg("%s: %d (%s), asked %d (%s), the terminal holds %lld", rows[i].why, (int)then.outcome, then.text,
                     (int)asked.outcome, asked.text, (long long)held);
        struct cf_pay_answer again = reverse(w, true);
        if (rows[i].taken)
            assert_int_equal(again.outcome, CF_PAY_YES);
        if (terminal_holds(&w->terminal) != 0) { /* a refusal that was kept stays one: a new attempt then */
            begin(w, 700, reference);
            assert_int_equal(reverse(w, false).outcome, CF_PAY_YES);
        }
        assert_int_equal(terminal_holds(&w->terminal), 0);
    }
}

static struct cf_pay_answer refund(struct world *w, bool again)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    w->port.ops->refund(w->port.ctx, &w->order, again, &answer);
    return answer;
}

static struct cf_pay_answer query_refund(struct world *w)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    w->port.ops->query_refund(w->port.ctx, &w->order, &answer);
    return answer;
}

/* A part of a payment, and all of it: each is given once, whatever the line does. */
static void a_refund_is_known_or_unknown_and_then_found_out(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < N_ROWS; i++)
        for (int whole = 0; whole < 2; whole++) {
            char reference[CF_PAY_REFERENCE_MAX + 1];
            int64_t held = terminal_holds(&w->terminal), amount = whole ? 700 : 300;
            w->terminal.n = 0; /* it has room for a few */
            held = 0;
            begin(w, 700, NULL);
            struct cf_pay_answer paid = pay(w, false);
            assert_int_equal(paid.outcome, CF_PAY_YES);
            memcpy(reference, paid.reference, sizeof reference);
            begin(w, amount, reference);
            w->order.whole = whole;
            held += 700;
            w->terminal.does = rows[i].does;
            struct cf_pay_answer then = refund(w, false), asked = query_refund(w);
            int64_t given = held - terminal_holds(&w->terminal);
            if (then.outcome != rows[i].then || asked.outcome != rows[i].asked || given != (rows[i].taken ? amount : 0))
                fail_msg("%s: %d (%s), asked %d (%s), given %lld", rows[i].why, (int)then.outcome, then.text,
                         (int)asked.outcome, asked.text, (long long)given);
            struct cf_pay_answer again = refund(w, true);
            if (rows[i].taken)
                assert_int_equal(again.outcome, CF_PAY_YES);
            given = held - terminal_holds(&w->terminal);
            assert_int_equal(given, again.outcome == CF_PAY_YES ? amount : 0);
            if (given != 0) /* all of it is a reversal: without a card */
                assert_int_equal(w->terminal.receipts[w->terminal.n - 1].refund, !whole);
        }
}

/* What another terminal took, or was refused as a reversal, is given back to a card that is shown. */
static void what_cannot_be_reversed_is_refunded(void **state)
{
    struct world *w = *state;
    begin(w, 700, NULL);
    assert_int_equal(pay(w, false).outcome, CF_PAY_YES);
    begin(w, 700, "11111111-0001-000101");
    w->order.whole = true;
    assert_int_equal(refund(w, false).outcome, CF_PAY_YES);
    assert_true(w->terminal.receipts[1].refund);
    assert_int_equal(query_refund(w).outcome, CF_PAY_YES);
    begin(w, 700, "52500038-0099-000199");
    w->order.whole = true;
    assert_int_equal(refund(w, false).outcome, CF_PAY_NO); /* its day is over: it does not know that receipt */
    begin(w, 700, "SLIP 17");
    w->order.whole = true;
    assert_int_equal(refund(w, false).outcome, CF_PAY_YES);
    w->order.currency = (cf_currency){"XXX"};
    assert_int_equal(refund(w, false).outcome, CF_PAY_NO);
}

static void a_shopper_who_takes_too_long_is_sent_away(void **state)
{
    struct world *w = *state;
    cf_card_free(w->card);
    plug_in(w, 50);
    begin(w, 500, NULL);
    w->terminal.does = T_SILENT;
    struct cf_pay_answer answer = pay(w, false);
    assert_int_equal(answer.outcome, CF_PAY_NO);
    assert_int_equal(terminal_holds(&w->terminal), 0);
}

static void a_terminal_that_is_busy_or_away_is_asked_for_nothing(void **state)
{
    struct world *w = *state;
    struct cf_pay_mark mark;
    begin(w, 500, NULL);
    w->terminal.busy = true;
    assert_int_equal(w->port.ops->mark(w->port.ctx, &mark, NULL), CF_E_PAYMENT_LINK);
    assert_int_equal(query(w).outcome, CF_PAY_UNKNOWN); /* it may be at it still */
    assert_int_equal(pay(w, true).outcome, CF_PAY_UNKNOWN);
    w->terminal.busy = false;
    assert_int_equal(query(w).outcome, CF_PAY_NO);
    assert_int_equal(pay(w, true).outcome, CF_PAY_YES);
    uint16_t port = w->terminal.port;
    terminal_stop(&w->terminal);
    assert_int_equal(w->port.ops->mark(w->port.ctx, &mark, NULL), CF_E_PAYMENT_LINK);
    assert_int_equal(query(w).outcome, CF_PAY_UNKNOWN);
    assert_true(port != 0);
    terminal_start(&w->terminal);
}

/* Nothing that does not fit is taken for an answer. */
static void what_does_not_fit_is_unknown(void **state)
{
    struct world *w = *state;
    begin(w, 500, NULL);
    assert_int_equal(pay(w, false).outcome, CF_PAY_YES);
    begin(w, 500, NULL);
    struct cf_pay_order first = w->order;
    w->terminal.does = T_CUTS_BEFORE;
    assert_int_equal(pay(w, false).outcome, CF_PAY_UNKNOWN);
    w->terminal.tid = 11111111; /* the terminal was exchanged */
    assert_int_equal(query(w).outcome, CF_PAY_UNKNOWN);
    w->terminal.tid = 52500038;
    w->terminal.forgets = true;
    assert_int_equal(query(w).outcome, CF_PAY_UNKNOWN);
    w->terminal.forgets = false;
    begin(w, 600, NULL); /* somebody else pays there */
    assert_int_equal(pay(w, false).outcome, CF_PAY_YES);
    w->order = first;
    assert_int_equal(query(w).outcome, CF_PAY_UNKNOWN); /* another amount */
    begin(w, 500, NULL);
    assert_int_equal(pay(w, false).outcome, CF_PAY_YES);
    w->order = first;
    assert_int_equal(query(w).outcome, CF_PAY_UNKNOWN); /* the right amount, and something in between */
    w->order.mark.n = 0;
    assert_int_equal(query(w).outcome, CF_PAY_UNKNOWN);
    w->order.reference = "SLIP 17";
    assert_int_equal(reverse(w, false).outcome, CF_PAY_NO);
    assert_int_equal(query_reverse(w).outcome, CF_PAY_NO);
}

static void the_day_is_closed(void **state)
{
    struct world *w = *state;
    struct cf_pay_totals totals;
    assert_ok(w->port.ops->end_of_day(w->port.ctx, &totals, NULL));
    assert_true(totals.known);
    assert_int_equal(totals.total_minor, 1234);
    w->terminal.busy = true;
    assert_int_equal(w->port.ops->end_of_day(w->port.ctx, &totals, NULL), CF_E_PAYMENT_LINK);
}

static void a_terminal_is_set_up_right(void **state)
{
    struct world *w = *state;
    struct cf_card *card = NULL;
    struct cf_card_config config = {.host = "127.0.0.1", .port = 1, .password = "12345"};
    assert_int_equal(cf_card_new(&config, &card, NULL), CF_E_ARGUMENT);
    assert_null(card);
    begin(w, 500, NULL);
    w->order.currency = (cf_currency){"JPY"}; /* amounts of ZVT have two decimals */
    assert_int_equal(pay(w, false).outcome, CF_PAY_NO);
    assert_int_equal(w->terminal.n, 0);
}

/* --- stopped, and used by somebody else -----------------------------------------------------------------------------
 */

static void stop(void *ctx)
{
    struct world *w = ctx;
    w->port.ops->stop(w->port.ctx);
}

static void what_is_stopped_while_the_line_is_made_is_not_asked_for(void **state)
{
    struct world *w = *state;
    w->order = (struct cf_pay_order){.amount_minor = 1234, .currency = {"EUR"}};
    w->terminal.registers = stop;
    w->terminal.ctx = w;
    struct cf_pay_answer answer = pay(w, false);
    assert_int_equal(answer.outcome, CF_PAY_NO);
    assert_string_equal(answer.text, "stopped before it was asked for");
    assert_int_equal(w->terminal.n, 0);
}

static void a_stop_that_came_too_late_does_not_stop_the_next(void **state)
{
    struct world *w = *state;
    begin(w, 1234, NULL);
    assert_int_equal(pay(w, false).outcome, CF_PAY_YES);
    stop(w);
    begin(w, 1234, NULL);
    stop(w);
    assert_int_equal(pay(w, false).outcome, CF_PAY_YES);
    assert_int_equal(terminal_holds(&w->terminal), 2468);
}

/* Somebody takes the same amount at the terminal by hand, between our mark and our order, which then is lost: its
 * receipt would have been the one after the mark. */
static void the_receipt_of_somebody_else_is_not_taken_for_ours(void **state)
{
    struct world *w = *state;
    begin(w, 1234, NULL);
    const struct cf_pay_mark mark = w->order.mark;
    assert_int_equal(pay(w, false).outcome, CF_PAY_YES); /* as it were, theirs */
    w->order.mark = mark;
    w->terminal.does = T_CUTS_BEFORE;
    struct cf_pay_answer answer = pay(w, false);
    assert_int_equal(answer.outcome, CF_PAY_NO);
    assert_non_null(strstr(answer.text, "something else"));
    assert_int_equal(terminal_holds(&w->terminal), 1234);
}

int main(void)
{
#define with_terminal(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        with_terminal(a_payment_is_known_or_unknown_and_then_found_out),
        with_terminal(a_retry_takes_the_money_once),
        with_terminal(a_reversal_is_known_or_unknown_and_then_found_out),
        with_terminal(a_refund_is_known_or_unknown_and_then_found_out),
        with_terminal(what_cannot_be_reversed_is_refunded),
        with_terminal(a_shopper_who_takes_too_long_is_sent_away),
        with_terminal(a_terminal_that_is_busy_or_away_is_asked_for_nothing),
        with_terminal(what_does_not_fit_is_unknown),
        with_terminal(the_day_is_closed),
        with_terminal(a_terminal_is_set_up_right),
        cmocka_unit_test_setup_teardown(what_is_stopped_while_the_line_is_made_is_not_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stop_that_came_too_late_does_not_stop_the_next, setup, teardown),
        cmocka_unit_test_setup_teardown(the_receipt_of_somebody_else_is_not_taken_for_ours, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
