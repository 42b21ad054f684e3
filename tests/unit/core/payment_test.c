/*
 * tests/unit/core/payment_test.c - every event in every state of a payment, and the record of one.
 */
#include "app/core/payment.h"

#include <string.h>

#include "tests/unit/core/core_cmocka.h"

#define N_STATES 13
#define N_EVENTS 8

#define ASKED CF_PAYMENT_ASKED
#define UNKNOWN CF_PAYMENT_UNKNOWN
#define APPROVED CF_PAYMENT_APPROVED
#define DECLINED CF_PAYMENT_DECLINED
#define REVERSING CF_PAYMENT_REVERSING
#define REV_UNKNOWN CF_PAYMENT_REVERSAL_UNKNOWN
#define REVERSED CF_PAYMENT_REVERSED
#define GIVEN_UP CF_PAYMENT_GIVEN_UP
#define ELSEWHERE CF_PAYMENT_ELSEWHERE
#define OWED CF_PAYMENT_OWED
#define REFUNDING CF_PAYMENT_REFUNDING
#define REF_UNKNOWN CF_PAYMENT_REFUND_UNKNOWN
#define REFUNDED CF_PAYMENT_REFUNDED
#define OPEN 0   /* refused: its outcome has to be known first */
#define NEVER -1 /* refused: it makes no sense */

/* Where each event leads, by state. No row leads from a payment that may have been taken to one that was not, but for
 * the answer of whoever takes the money, or a manager's word. */
static const int leads_to[N_STATES][N_EVENTS] = {
    /*                YES,      NO,       NO_ANSWER,   RETRY,     REVERSE,   TAKEN,    NOT_TAKEN, ELSEWHERE */
    [ASKED - 1] = {APPROVED, DECLINED, UNKNOWN, OPEN, OPEN, OPEN, OPEN, OPEN},
    [UNKNOWN - 1] = {APPROVED, DECLINED, UNKNOWN, ASKED, OPEN, APPROVED, GIVEN_UP, OPEN},
    [APPROVED - 1] = {NEVER, NEVER, NEVER, NEVER, REVERSING, NEVER, NEVER, ELSEWHERE},
    [DECLINED - 1] = {NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER},
    [REVERSING - 1] = {REVERSED, APPROVED, REV_UNKNOWN, OPEN, OPEN, OPEN, OPEN, OPEN},
    [REV_UNKNOWN - 1] = {REVERSED, APPROVED, REV_UNKNOWN, REVERSING, OPEN, APPROVED, REVERSED, ELSEWHERE},
    [REVERSED - 1] = {NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER},
    [GIVEN_UP - 1] = {NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER},
    [ELSEWHERE - 1] = {NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER},
    [OWED - 1] = {NEVER, NEVER, NEVER, NEVER, REFUNDING, NEVER, NEVER, ELSEWHERE},
    [REFUNDING - 1] = {REFUNDED, OWED, REF_UNKNOWN, OPEN, OPEN, OPEN, OPEN, OPEN},
    [REF_UNKNOWN - 1] = {REFUNDED, OWED, REF_UNKNOWN, REFUNDING, OPEN, OWED, REFUNDED, ELSEWHERE},
    [REFUNDED - 1] = {NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER},
};

static void each_event_leads_where_the_table_says(void **state)
{
    (void)state;
    for (int s = 1; s <= N_STATES; s++)
        for (int e = 1; e <= N_EVENTS; e++) {
            enum cf_payment_state next = (enum cf_payment_state)99;
            int expected = leads_to[s - 1][e - 1];
            enum cf_rc rc = cf_payment_step((enum cf_payment_state)s, (enum cf_payment_event)e, &next, NULL);
            enum cf_rc want = expected > 0 ? CF_OK : expected == OPEN ? CF_E_PAYMENT_OPEN : CF_E_STATE;
            if (rc != want || (int)next != (expected > 0 ? expected : 99))
                fail_msg("%s, event %d: %s, then %d", cf_payment_state_name((enum cf_payment_state)s), e,
                         cf_rc_name(rc), (int)next);
        }
}

static void a_payment_is_open_or_over_or_approved(void **state)
{
    (void)state;
    for (int s = 1; s <= N_STATES; s++) {
        enum cf_payment_state at = (enum cf_payment_state)s;
        int n = cf_payment_is_open(at) + cf_payment_is_over(at) + (at == CF_PAYMENT_APPROVED);
        assert_int_equal(n, 1);
        assert_non_null(cf_payment_state_name(at));
    }
}

/* Whatever happens: what may have been taken is only forgotten as not taken by an answer or a decision. */
static void money_that_may_be_taken_is_never_silently_unpaid(void **state)
{
    (void)state;
    for (int s = 1; s <= N_STATES; s++)
        for (int e = 1; e <= N_EVENTS; e++) {
            enum cf_payment_state from = (enum cf_payment_state)s, next;
            enum cf_payment_event event = (enum cf_payment_event)e;
            if (cf_payment_step(from, event, &next, NULL) != CF_OK || !cf_payment_is_over(next))
                continue;
            assert_true(event == CF_PAYMENT_YES || event == CF_PAYMENT_NO || cf_payment_is_decision(event));
        }
}

static struct cf_payment_record sample(void)
{
    struct cf_payment_record record = {.kind = CF_TENDER_CARD,
                                       .amount_minor = 1999,
                                       .currency = {"CNY"},
                                       .state = CF_PAYMENT_GIVEN_UP,
                                       .business_day = 20261122,
                                       .cashier = "cashier",
                                       .by = "Li",
                                       .reason = "the slip says declined"};
    memset(record.id, 7, sizeof record.id);
    return record;
}

static enum cf_rc encode(const struct cf_payment_record *record)
{
    struct cf_buf buf;
    cf_buf_init(&buf, 1024);
    enum cf_rc rc = cf_payment_record_encode(record, &buf, NULL);
    cf_buf_done(&buf);
    return rc;
}

static void a_record_comes_back_as_it_was(void **state)
{
    (void)state;
    struct cf_payment_record record = sample(), read;
    struct cf_buf buf;
    cf_buf_init(&buf, 1024);
    assert_int_equal(cf_payment_record_encode(&record, &buf, NULL), CF_OK);
    assert_int_equal(cf_payment_record_decode(cf_buf_bytes(&buf), &read, NULL), CF_OK);
    assert_memory_equal(read.id, record.id, sizeof read.id);
    assert_int_equal(read.kind, record.kind);
    assert_int_equal(read.amount_minor, record.amount_minor);
    assert_int_equal(read.state, record.state);
    assert_int_equal(read.business_day, record.business_day);
    assert_string_equal(read.currency.code, "CNY");
    assert_string_equal(read.by, record.by);
    assert_string_equal(read.reason, record.reason);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(cf_payment_record_decode(cf_bytes_of(buf.p, n), &read, NULL), CF_E_RECORD);
    cf_buf_done(&buf);
}

static void the_record_of_a_refund_names_its_return(void **state)
{
    (void)state;
    struct cf_payment_record record = sample(), read;
    struct cf_buf buf;
    record.state = CF_PAYMENT_REFUNDED;
    record.by[0] = record.reason[0] = '\0';
    record.return_seq = INT64_MAX;
    record.tender_no = 3;
    cf_buf_init(&buf, 1024);
    assert_int_equal(cf_payment_record_encode(&record, &buf, NULL), CF_OK);
    assert_int_equal(cf_payment_record_decode(cf_buf_bytes(&buf), &read, NULL), CF_OK);
    assert_int_equal(read.return_seq, INT64_MAX);
    assert_int_equal(read.tender_no, 3);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(cf_payment_record_decode(cf_bytes_of(buf.p, n), &read, NULL), CF_E_RECORD);
    cf_buf_done(&buf);
}

static void a_record_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct cf_payment_record record = sample();
    record.by[0] = '\0';
    record.reason[0] = '\0';
    assert_int_equal(encode(&record), CF_E_RECORD); /* nobody decided */
    record.state = CF_PAYMENT_REVERSED;
    assert_int_equal(encode(&record), CF_OK); /* nobody had to */
    record = sample();
    record.reason[0] = '\0';
    assert_int_equal(encode(&record), CF_E_RECORD); /* a decision without a reason */
    record = sample();
    record.amount_minor = 0;
    assert_int_equal(encode(&record), CF_E_RECORD);
    record = sample();
    record.kind = CF_TENDER_CASH;
    assert_int_equal(encode(&record), CF_E_RECORD); /* nobody else takes cash */
    record = sample();
    record.currency.code[0] = 'c';
    assert_int_equal(encode(&record), CF_E_RECORD);
    for (int s = 1; s <= N_STATES; s++) {
        record = sample();
        record.state = (enum cf_payment_state)s;
        bool may = s == APPROVED || s == REVERSED || s == GIVEN_UP || s == ELSEWHERE;
        assert_int_equal(encode(&record), may ? CF_OK : CF_E_RECORD);
        record.return_seq = 12;
        assert_int_equal(encode(&record), CF_E_RECORD); /* a refund of no tender */
        record.tender_no = 1;
        bool refund = s == OWED || s == REFUNDED || s == ELSEWHERE;
        assert_int_equal(encode(&record), refund ? CF_OK : CF_E_RECORD);
        record.tender_no = CF_TENDERS_MAX + 1;
        assert_int_equal(encode(&record), CF_E_RECORD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_leads_where_the_table_says),
        cmocka_unit_test(a_payment_is_open_or_over_or_approved),
        cmocka_unit_test(money_that_may_be_taken_is_never_silently_unpaid),
        cmocka_unit_test(a_record_comes_back_as_it_was),
        cmocka_unit_test(the_record_of_a_refund_names_its_return),
        cmocka_unit_test(a_record_that_makes_no_sense_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
