/*
 * tests/unit/core/order_request_test.c - goods that were asked for: who may say what of them and when, and the shapes
 * of what is said.
 */
#include "app/core/order_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { HOME = -1, STATE = -2 };
#define ASKED CF_REQUEST_ASKED
#define ACCEPTED CF_REQUEST_ACCEPTED
#define SENT CF_REQUEST_SENT
#define READY CF_REQUEST_READY
#define REFUSED CF_REQUEST_REFUSED
#define WITHDRAWN CF_REQUEST_WITHDRAWN
#define OVER CF_REQUEST_OVER

/* What follows in each state, in the order of enum cf_request_state. */
static const struct {
    const char *why;
    enum cf_request_act act;
    unsigned parties;
    int follows[CF_REQUEST_STATE_LAST];
} rows[] = {
    {"the store asked, where they are not fetched",
     CF_REQUEST_ACCEPT,
     CF_PARTY_ASKED,
     {ACCEPTED, ACCEPTED, SENT, READY, REFUSED, WITHDRAWN, OVER}},
    {"it may change its mind until the goods are there",
     CF_REQUEST_REFUSE,
     CF_PARTY_ASKED,
     {REFUSED, REFUSED, REFUSED, STATE, REFUSED, WITHDRAWN, STATE}},
    {"it sends them without a word before",
     CF_REQUEST_SEND,
     CF_PARTY_ASKED,
     {SENT, SENT, SENT, READY, REFUSED, WITHDRAWN, OVER}},
    {"it does not see them arrive", CF_REQUEST_ARRIVE, CF_PARTY_ASKED, {HOME, HOME, HOME, HOME, HOME, HOME, HOME}},
    {"where they are, there is nothing to send",
     CF_REQUEST_SEND,
     CF_PARTY_ASKED | CF_PARTY_KEEPING,
     {STATE, STATE, STATE, STATE, STATE, STATE, STATE}},
    {"where they are, they are ready at once",
     CF_REQUEST_ARRIVE,
     CF_PARTY_ASKED | CF_PARTY_KEEPING,
     {READY, READY, READY, READY, REFUSED, WITHDRAWN, OVER}},
    {"the store that waits hears a word first",
     CF_REQUEST_ARRIVE,
     CF_PARTY_ASKING | CF_PARTY_KEEPING,
     {STATE, READY, READY, READY, REFUSED, WITHDRAWN, OVER}},
    {"it answers nothing of its own",
     CF_REQUEST_ACCEPT,
     CF_PARTY_ASKING | CF_PARTY_KEEPING,
     {HOME, HOME, HOME, HOME, HOME, HOME, HOME}},
    {"it takes it back until they were handed out",
     CF_REQUEST_WITHDRAW,
     CF_PARTY_ASKING | CF_PARTY_KEEPING,
     {WITHDRAWN, WITHDRAWN, WITHDRAWN, WITHDRAWN, WITHDRAWN, WITHDRAWN, STATE}},
    {"it does not take them from where they are fetched",
     CF_REQUEST_ARRIVE,
     CF_PARTY_ASKING,
     {HOME, HOME, HOME, HOME, HOME, HOME, HOME}},
    {"another store has no word in it", CF_REQUEST_REFUSE, CF_PARTY_NONE, {HOME, HOME, HOME, HOME, HOME, HOME, HOME}},
    {"nor takes it back",
     CF_REQUEST_WITHDRAW,
     CF_PARTY_ASKED | CF_PARTY_KEEPING,
     {HOME, HOME, HOME, HOME, HOME, HOME, HOME}},
    {"the shop may say it all",
     CF_REQUEST_ARRIVE,
     CF_PARTY_SHOP,
     {READY, READY, READY, READY, REFUSED, WITHDRAWN, OVER}},
    {"the shop refuses",
     CF_REQUEST_REFUSE,
     CF_PARTY_SHOP,
     {REFUSED, REFUSED, REFUSED, STATE, REFUSED, WITHDRAWN, STATE}},
    {"nobody asks twice",
     CF_REQUEST_ASK,
     CF_PARTY_SHOP | CF_PARTY_ASKING | CF_PARTY_ASKED,
     {HOME, HOME, HOME, HOME, HOME, HOME, HOME}},
};

static void each_says_what_is_theirs_to_say_and_what_comes_late_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int from = ASKED; from <= OVER; from++) {
            enum cf_request_state next = 0;
            enum cf_rc rc = cf_request_step((enum cf_request_state)from, rows[i].act, rows[i].parties, &next, NULL);
            int follows = rows[i].follows[from - 1];
            enum cf_rc expected = follows == HOME ? CF_E_ORDER_HOME : follows == STATE ? CF_E_ORDER_STATE : CF_OK;
            if (rc != expected || (rc == CF_OK && (int)next != follows))
                fail_msg("%s, from %s", rows[i].why, cf_request_state_name((enum cf_request_state)from));
        }
    }
}

static void a_store_is_all_that_it_is(void **state)
{
    (void)state;
    assert_int_equal(cf_request_parties(3, 3, 4, 3), CF_PARTY_ASKING | CF_PARTY_KEEPING);
    assert_int_equal(cf_request_parties(4, 3, 4, 3), CF_PARTY_ASKED);
    assert_int_equal(cf_request_parties(4, 3, 4, 4), CF_PARTY_ASKED | CF_PARTY_KEEPING);
    assert_int_equal(cf_request_parties(5, 3, 4, 4), CF_PARTY_NONE);
}

static struct cf_request_record an_ask(void)
{
    return (struct cf_request_record){
        .act = CF_REQUEST_ASK,
        .business_day = 20261122,
        .cashier = "Li",
        .asked = 4,
        .at = 3,
        .who = {{1, 2, 3}},
        .name = "Wang",
        .reach = "138",
        .n_lines = 1,
        .lines = {{.product = 5, .name = "Soap", .qty_milli = 3000, .unit_price_minor = 990, .tax_bp = 1300}}};
}

static void is(const struct cf_request_record *record, bool good)
{
    static struct cf_request_record back;
    struct cf_buf bytes CF_CLEANUP(cf_buf_done);
    cf_buf_init(&bytes, CF_REQUEST_BYTES_MAX);
    assert_int_equal(cf_request_record_encode(record, &bytes, NULL) == CF_OK, good);
    if (good) {
        assert_int_equal(cf_request_record_decode(cf_buf_bytes(&bytes), &back, NULL), CF_OK);
        assert_memory_equal(&back, record, sizeof back);
    } else {
        assert_int_equal(bytes.n, 0);
    }
}

static void a_record_says_who_wants_what_and_its_order_is_to_be_paid(void **state)
{
    static struct cf_order order;
    struct cf_request_record ask = an_ask();
    (void)state;
    is(&ask, true);
    assert_int_equal(cf_request_order(&ask, 99, &order, NULL), CF_OK);
    assert_int_equal(order.kind, CF_ORDER_UNPAID);
    assert_int_equal(order.total_minor, 2970);
    assert_int_equal(order.store, 3);
    assert_true(cf_request_forget(&ask));
    is(&ask, true); /* nobody's */
    assert_false(cf_request_forget(&ask));
    struct cf_request_record ready = {.act = CF_REQUEST_ARRIVE, .of = {.terminal = 5, .epoch = 1, .seq = 9}};
    is(&ready, true);
}

static void what_no_till_writes_is_no_record(void **state)
{
    (void)state;
    struct cf_request_record r = an_ask();
    r.name[0] = '\0'; /* no member, and no name */
    is(&r, false);
    r = an_ask();
    r.name[1] = '\x01';
    is(&r, false);
    r = an_ask();
    r.at = 0;
    is(&r, false);
    r = an_ask();
    r.n_lines = 0;
    is(&r, false);
    r = an_ask();
    r.lines[0].qty_milli = 1500; /* half a piece */
    is(&r, false);
    r = an_ask();
    r.lines[0].unit_price_minor = -1;
    is(&r, false);
    r = an_ask();
    r.who = (cf_sub){{0}}; /* a name, and nothing to forget it by */
    is(&r, false);
    r = (struct cf_request_record){.act = CF_REQUEST_REFUSE, .of = {.terminal = 5, .epoch = 1, .seq = 9}};
    is(&r, false); /* without a reason */
    r.act = CF_REQUEST_ACCEPT;
    r.of.seq = 0;
    is(&r, false);
    r.act = (enum cf_request_act)7;
    r.of.seq = 9;
    is(&r, false);
}

static void too_much_money_is_no_order(void **state)
{
    static struct cf_order order;
    struct cf_request_record ask = an_ask();
    (void)state;
    ask.lines[0].unit_price_minor = CF_PRICE_MINOR_MAX;
    assert_int_equal(cf_request_order(&ask, 99, &order, NULL), CF_E_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_says_what_is_theirs_to_say_and_what_comes_late_changes_nothing),
        cmocka_unit_test(a_store_is_all_that_it_is),
        cmocka_unit_test(a_record_says_who_wants_what_and_its_order_is_to_be_paid),
        cmocka_unit_test(what_no_till_writes_is_no_record),
        cmocka_unit_test(too_much_money_is_no_order),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
