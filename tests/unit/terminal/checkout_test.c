/*
 * tests/unit/terminal/checkout_test.c - every event in every state: where it leads, or why not.
 */
#include "app/terminal/checkout.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/terminal/terminal_cmocka.h"

#define IDLE CF_CHECKOUT_IDLE
#define SELLING CF_CHECKOUT_SELLING
#define TENDERING CF_CHECKOUT_TENDERING
#define PAID CF_CHECKOUT_PAID
#define PAYING CF_CHECKOUT_PAYING
#define N_STATES 5
#define N_EVENTS 16
#define SEEN(goods, all_paid)                                                                                          \
    {                                                                                                                  \
        .has_goods = (goods), .settled = (all_paid)                                                                    \
    }
/* After something became of a payment. */
#define AFTER(open, paid, all_paid)                                                                                    \
    {                                                                                                                  \
        .has_goods = true, .settled = (all_paid), .payment_open = (open), .has_paid = (paid)                           \
    }

struct row {
    enum cf_checkout_state state;
    enum cf_checkout_event event;
    struct cf_checkout_facts facts; /* {has goods, settled} */
    enum cf_rc rc;
    enum cf_checkout_state next;
    const char *why;
};

static const struct row rows[] = {
    {IDLE, CF_EVENT_GOODS, SEEN(false, false), CF_OK, SELLING, "the first article opens a sale"},
    {IDLE, CF_EVENT_MEMBER, SEEN(false, false), CF_OK, SELLING, "so does a member"},
    {IDLE, CF_EVENT_COUPON, SEEN(false, false), CF_OK, SELLING, "and a coupon: any order"},
    {IDLE, CF_EVENT_RECALL, SEEN(false, false), CF_OK, SELLING, "a parked sale comes back"},
    {IDLE, CF_EVENT_CLOSE_DAY, SEEN(false, false), CF_OK, IDLE, "only between sales"},
    {IDLE, CF_EVENT_RETURN, SEEN(false, false), CF_OK, IDLE, "a return is no sale"},
    {IDLE, CF_EVENT_CHANGE_LINE, SEEN(false, false), CF_E_SALE_NONE, IDLE, "no line to change"},
    {IDLE, CF_EVENT_TENDER, SEEN(false, true), CF_E_SALE_NONE, IDLE, "no money without a sale"},
    {IDLE, CF_EVENT_UNTENDER, SEEN(false, false), CF_E_SALE_NONE, IDLE, "nothing to give back"},
    {IDLE, CF_EVENT_COMMITTED, SEEN(false, false), CF_E_SALE_NONE, IDLE, "nothing to commit"},
    {IDLE, CF_EVENT_CANCEL, SEEN(false, false), CF_E_SALE_NONE, IDLE, "nothing to cancel"},
    {IDLE, CF_EVENT_PARK, SEEN(false, false), CF_E_SALE_NONE, IDLE, "nothing to park"},

    {IDLE, CF_EVENT_PAY, SEEN(false, false), CF_E_SALE_NONE, IDLE, "no money without a sale"},
    {IDLE, CF_EVENT_REVERSE, SEEN(false, false), CF_E_SALE_NONE, IDLE, "nothing was taken"},
    {IDLE, CF_EVENT_PAYMENT, SEEN(false, false), CF_E_SALE_NONE, IDLE, "nothing was asked for"},
    {IDLE, CF_EVENT_REFUND, SEEN(false, false), CF_OK, PAYING, "a return owes what a card had paid"},

    {SELLING, CF_EVENT_GOODS, SEEN(true, false), CF_OK, SELLING, "more goods"},
    {SELLING, CF_EVENT_MEMBER, SEEN(true, false), CF_OK, SELLING, "the member may come late"},
    {SELLING, CF_EVENT_COUPON, SEEN(true, false), CF_OK, SELLING, "the coupon too"},
    {SELLING, CF_EVENT_CHANGE_LINE, SEEN(true, false), CF_OK, SELLING, "prices still move"},
    {SELLING, CF_EVENT_TENDER, SEEN(false, true), CF_E_SALE_EMPTY, SELLING, "a sale of nothing is no sale"},
    {SELLING, CF_EVENT_TENDER, SEEN(false, false), CF_E_SALE_EMPTY, SELLING, "however it is paid"},
    {SELLING, CF_EVENT_TENDER, SEEN(true, false), CF_OK, TENDERING, "a part is paid"},
    {SELLING, CF_EVENT_TENDER, SEEN(true, true), CF_OK, PAID, "all is paid at once"},
    {SELLING, CF_EVENT_CANCEL, SEEN(true, false), CF_OK, IDLE, "the shopper walked away"},
    {SELLING, CF_EVENT_PARK, SEEN(true, false), CF_OK, IDLE, "the shopper forgot the milk"},
    {SELLING, CF_EVENT_RECALL, SEEN(true, false), CF_E_SALE_OPEN, SELLING, "one sale at a time"},
    {SELLING, CF_EVENT_CLOSE_DAY, SEEN(true, false), CF_E_SALE_OPEN, SELLING, "a sale belongs to a day"},
    {SELLING, CF_EVENT_RETURN, SEEN(true, false), CF_E_SALE_OPEN, SELLING, "one thing at a time"},
    {SELLING, CF_EVENT_UNTENDER, SEEN(true, false), CF_E_STATE, SELLING, "nothing was paid"},
    {SELLING, CF_EVENT_COMMITTED, SEEN(true, false), CF_E_STATE, SELLING, "nothing was paid"},

    {SELLING, CF_EVENT_PAY, SEEN(true, false), CF_OK, PAYING, "the terminal is asked"},
    {SELLING, CF_EVENT_PAY, SEEN(false, false), CF_E_SALE_EMPTY, SELLING, "for nothing"},
    {SELLING, CF_EVENT_REVERSE, SEEN(true, false), CF_E_STATE, SELLING, "nothing was taken"},
    {SELLING, CF_EVENT_PAYMENT, SEEN(true, false), CF_E_STATE, SELLING, "nothing was asked for"},
    {SELLING, CF_EVENT_REFUND, SEEN(true, false), CF_E_STATE, SELLING, "a return is between sales"},

    {TENDERING, CF_EVENT_TENDER, SEEN(true, false), CF_OK, TENDERING, "another part"},
    {TENDERING, CF_EVENT_TENDER, SEEN(true, true), CF_OK, PAID, "the last part"},
    {TENDERING, CF_EVENT_UNTENDER, SEEN(true, false), CF_OK, SELLING, "the money goes back"},
    {TENDERING, CF_EVENT_GOODS, SEEN(true, false), CF_E_SALE_TENDERED, TENDERING, "the price stands still"},
    {TENDERING, CF_EVENT_MEMBER, SEEN(true, false), CF_E_SALE_TENDERED, TENDERING, "points are part of the price"},
    {TENDERING, CF_EVENT_COUPON, SEEN(true, false), CF_E_SALE_TENDERED, TENDERING, "the price stands still"},
    {TENDERING, CF_EVENT_CHANGE_LINE, SEEN(true, false), CF_E_SALE_TENDERED, TENDERING, "the price stands still"},
    {TENDERING, CF_EVENT_PARK, SEEN(true, false), CF_E_SALE_TENDERED, TENDERING, "money lies on the counter"},
    {TENDERING, CF_EVENT_CANCEL, SEEN(true, false), CF_E_SALE_TENDERED, TENDERING, "money lies on the counter"},
    {TENDERING, CF_EVENT_RECALL, SEEN(true, false), CF_E_SALE_OPEN, TENDERING, "one sale at a time"},
    {TENDERING, CF_EVENT_CLOSE_DAY, SEEN(true, false), CF_E_SALE_OPEN, TENDERING, "a sale belongs to a day"},
    {TENDERING, CF_EVENT_RETURN, SEEN(true, false), CF_E_SALE_OPEN, TENDERING, "one thing at a time"},
    {TENDERING, CF_EVENT_COMMITTED, SEEN(true, false), CF_E_STATE, TENDERING, "not all is paid"},

    {TENDERING, CF_EVENT_PAY, SEEN(true, false), CF_OK, PAYING, "the rest by card"},
    {TENDERING, CF_EVENT_REVERSE, SEEN(true, false), CF_OK, PAYING, "the card is asked to give back"},
    {TENDERING, CF_EVENT_PAYMENT, AFTER(false, false, false), CF_OK, SELLING, "settled elsewhere, and nothing is left"},
    {TENDERING, CF_EVENT_PAYMENT, AFTER(false, true, false), CF_OK, TENDERING, "the cash is still there"},

    {TENDERING, CF_EVENT_REFUND, SEEN(true, false), CF_E_STATE, TENDERING, "a return is between sales"},
    {PAYING, CF_EVENT_REFUND, SEEN(false, false), CF_OK, PAYING, "and another card"},
    {PAYING, CF_EVENT_PAYMENT, SEEN(false, false), CF_OK, IDLE, "the last refund is given"},
    {PAID, CF_EVENT_REFUND, SEEN(true, true), CF_E_STATE, PAID, "a return is between sales"},

    {PAYING, CF_EVENT_PAYMENT, AFTER(true, false, false), CF_OK, PAYING, "no answer: it is not unpaid, but unknown"},
    {PAYING, CF_EVENT_PAYMENT, AFTER(true, true, false), CF_OK, PAYING, "unknown, though cash lies there too"},
    {PAYING, CF_EVENT_PAYMENT, AFTER(true, true, true), CF_OK, PAYING, "paid in full, but a reversal is not known"},
    {PAYING, CF_EVENT_PAYMENT, AFTER(false, false, false), CF_OK, SELLING, "declined"},
    {PAYING, CF_EVENT_PAYMENT, AFTER(false, true, false), CF_OK, TENDERING, "a part is paid"},
    {PAYING, CF_EVENT_PAYMENT, AFTER(false, true, true), CF_OK, PAID, "all is paid"},
    {PAYING, CF_EVENT_COMMITTED, SEEN(true, true), CF_E_PAYMENT_OPEN, PAYING, "never sold while it is unknown"},
    {PAYING, CF_EVENT_CANCEL, SEEN(true, false), CF_E_PAYMENT_OPEN, PAYING, "nor dropped"},
    {PAYING, CF_EVENT_UNTENDER, SEEN(true, false), CF_E_PAYMENT_OPEN, PAYING, "nor taken for unpaid"},
    {PAYING, CF_EVENT_PARK, SEEN(true, false), CF_E_PAYMENT_OPEN, PAYING, "nor put aside"},
    {PAYING, CF_EVENT_TENDER, SEEN(true, false), CF_E_PAYMENT_OPEN, PAYING, "nor paid twice"},
    {PAYING, CF_EVENT_PAY, SEEN(true, false), CF_E_PAYMENT_OPEN, PAYING, "one payment at a time"},
    {PAYING, CF_EVENT_REVERSE, SEEN(true, false), CF_E_PAYMENT_OPEN, PAYING, "one thing at a time"},
    {PAYING, CF_EVENT_GOODS, SEEN(true, false), CF_E_PAYMENT_OPEN, PAYING, "the price stands still"},
    {PAYING, CF_EVENT_MEMBER, SEEN(true, false), CF_E_PAYMENT_OPEN, PAYING, "points are part of the price"},
    {PAYING, CF_EVENT_COUPON, SEEN(true, false), CF_E_PAYMENT_OPEN, PAYING, "the price stands still"},
    {PAYING, CF_EVENT_CHANGE_LINE, SEEN(true, false), CF_E_PAYMENT_OPEN, PAYING, "the price stands still"},
    {PAYING, CF_EVENT_RECALL, SEEN(true, false), CF_E_SALE_OPEN, PAYING, "one sale at a time"},
    {PAYING, CF_EVENT_CLOSE_DAY, SEEN(true, false), CF_E_SALE_OPEN, PAYING, "a sale belongs to a day"},
    {PAYING, CF_EVENT_RETURN, SEEN(true, false), CF_E_SALE_OPEN, PAYING, "one thing at a time"},

    {PAID, CF_EVENT_PAY, SEEN(true, true), CF_E_STATE, PAID, "nothing is due"},
    {PAID, CF_EVENT_REVERSE, SEEN(true, true), CF_OK, PAYING, "it could not be committed: the money goes back"},
    {PAID, CF_EVENT_PAYMENT, AFTER(false, false, false), CF_OK, SELLING, "settled elsewhere"},
    {PAID, CF_EVENT_COMMITTED, SEEN(true, true), CF_OK, IDLE, "the sale is a fact"},
    {PAID, CF_EVENT_UNTENDER, SEEN(true, true), CF_OK, SELLING, "the disk was full: the money goes back"},
    {PAID, CF_EVENT_GOODS, SEEN(true, true), CF_E_SALE_TENDERED, PAID, "too late"},
    {PAID, CF_EVENT_MEMBER, SEEN(true, true), CF_E_SALE_TENDERED, PAID, "too late"},
    {PAID, CF_EVENT_COUPON, SEEN(true, true), CF_E_SALE_TENDERED, PAID, "too late"},
    {PAID, CF_EVENT_CHANGE_LINE, SEEN(true, true), CF_E_SALE_TENDERED, PAID, "too late"},
    {PAID, CF_EVENT_PARK, SEEN(true, true), CF_E_SALE_TENDERED, PAID, "it is paid for"},
    {PAID, CF_EVENT_CANCEL, SEEN(true, true), CF_E_SALE_TENDERED, PAID, "it is paid for"},
    {PAID, CF_EVENT_TENDER, SEEN(true, true), CF_E_STATE, PAID, "nothing is due"},
    {PAID, CF_EVENT_RECALL, SEEN(true, true), CF_E_SALE_OPEN, PAID, "one sale at a time"},
    {PAID, CF_EVENT_RETURN, SEEN(true, true), CF_E_SALE_OPEN, PAID, "one thing at a time"},
    {PAID, CF_EVENT_CLOSE_DAY, SEEN(true, true), CF_E_SALE_OPEN, PAID, "a sale belongs to a day"},
};
#define N_ROWS (sizeof rows / sizeof *rows)

static void each_event_leads_where_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct row *row = &rows[i];
        struct cf_error err = {.rc = CF_OK};
        enum cf_checkout_state next = row->state;
        enum cf_rc rc = cf_checkout_step(row->state, row->event, &row->facts, &next, &err);
        if (rc != row->rc || next != row->next)
            fail_msg("%s, event %d (%s): %s, then %s", cf_checkout_state_name(row->state), (int)row->event, row->why,
                     cf_rc_name(rc), cf_checkout_state_name(next));
        if (rc != CF_OK && strstr(err.detail, cf_checkout_state_name(row->state)) == NULL)
            fail_msg("the detail \"%s\" does not say the state", err.detail);
    }
}

static void the_table_has_every_state_and_event(void **state)
{
    (void)state;
    bool seen[N_STATES][N_EVENTS] = {{false}};
    for (size_t i = 0; i < N_ROWS; i++)
        seen[rows[i].state][rows[i].event] = true;
    for (size_t s = 0; s < N_STATES; s++)
        for (size_t e = 0; e < N_EVENTS; e++)
            if (!seen[s][e])
                fail_msg("no row for state %zu, event %zu", s, e);
}

static void a_refused_event_leaves_the_state_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        enum cf_checkout_state next = (enum cf_checkout_state)99;
        if (rows[i].rc == CF_OK)
            continue;
        assert_rc(cf_checkout_step(rows[i].state, rows[i].event, &rows[i].facts, &next, NULL), rows[i].rc);
        assert_int_equal((int)next, 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_leads_where_the_table_says),
        cmocka_unit_test(the_table_has_every_state_and_event),
        cmocka_unit_test(a_refused_event_leaves_the_state_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
