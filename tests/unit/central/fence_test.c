/*
 * Tests of sync/central/fence: which till is set apart, when, and which is not though it looks like it.
 */
#include "tests/unit/central/centre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/core/incarnation.h"

static const struct sold one_pen = {.n_lines = 1};

static void add_start(struct centre *centre, struct till *till, struct upload *upload, uint64_t incarnation)
{
    struct cf_start start = {.version = "1", .incarnation = incarnation};
    struct cf_buf body;
    cf_buf_init(&body, 256);
    assert_int_equal(cf_start_encode(&start, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_START, cf_buf_bytes(&body));
    cf_buf_done(&body);
    upload->batch.incarnation = incarnation;
}

static void add_quarantine(struct centre *centre, struct till *till, struct upload *upload)
{
    struct cf_quarantine quarantine = {CF_QUARANTINE_RESTORED, 4, 6};
    struct cf_buf body;
    cf_buf_init(&body, 256);
    assert_int_equal(cf_quarantine_encode(&quarantine, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_QUARANTINE, cf_buf_bytes(&body));
    cf_buf_done(&body);
}

/* A start and a sale of it; the name of the refusal, or CF_OK. *ret_fenced: the answer says so. */
static enum cf_rc start_and_sell(struct centre *centre, struct till *till, uint64_t incarnation, uint64_t told,
                                 bool *ret_fenced, struct cf_refusal *ret_refusal)
{
    struct cf_answer answer = {.n_results = 0};
    struct upload *upload = upload_new(till);
    add_start(centre, till, upload, incarnation);
    upload_sale(centre, till, upload, &one_pen);
    upload->batch.told = told;
    int status = upload_send(centre, till, upload, &answer, ret_refusal);
    upload_free(upload);
    *ret_fenced = false;
    for (size_t i = 0; status == 200 && i < answer.n_results; i++) {
        *ret_fenced = *ret_fenced || (answer.results[i].seq == 0 && answer.results[i].rc == CF_E_FENCED);
    }
    return status == 200 ? CF_OK : ret_refusal->rc;
}

static enum cf_rc ask(struct centre *centre, struct till *till, uint64_t incarnation, uint64_t told, bool *ret_fenced,
                      struct cf_refusal *ret_refusal)
{
    struct cf_answer answer = {.n_results = 0};
    struct upload *upload = upload_new(till);
    upload->batch.incarnation = incarnation;
    upload->batch.told = told;
    int status = upload_send(centre, till, upload, &answer, ret_refusal);
    upload_free(upload);
    *ret_fenced = status == 200 && answer.n_results > 0 && answer.results[0].rc == CF_E_FENCED;
    return status == 200 ? CF_OK : ret_refusal->rc;
}

static int64_t alarms(struct centre *centre)
{
    return centre_count(centre, "/v1/alarms", "alarms");
}

static void a_till_that_is_started_again_and_again_is_in_order(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_refusal refusal;
    bool fenced;
    till_enrol(centre, &till, centre->store_id);
    for (uint64_t n = 1; n < 6; n++) {
        assert_int_equal(start_and_sell(centre, &till, n, 0, &fenced, &refusal), CF_OK);
        assert_false(fenced);
        assert_int_equal(ask(centre, &till, n, 0, &fenced, &refusal), CF_OK);
        assert_false(fenced);
    }
    assert_int_equal(alarms(centre), 0);
    till_done(&till);
}

static void a_late_message_of_an_earlier_start_fences_nobody_and_is_not_taken(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_refusal refusal;
    bool fenced;
    till_enrol(centre, &till, centre->store_id);
    assert_int_equal(start_and_sell(centre, &till, 1, 0, &fenced, &refusal), CF_OK);
    struct till late = till; /* what it sent, and what took its time */
    assert_int_equal(ask(centre, &till, 2, 0, &fenced, &refusal), CF_OK);
    assert_int_equal(start_and_sell(centre, &late, 1, 0, &fenced, &refusal), CF_E_INCARNATION);
    assert_int_equal(refusal.incarnation, 2);
    assert_int_equal(refusal.ack_seq, 2);
    assert_int_equal(start_and_sell(centre, &till, 2, 0, &fenced, &refusal), CF_OK);
    assert_false(fenced);
    assert_int_equal(alarms(centre), 0);
    till_done(&till);
}

static void a_till_that_fell_back_is_set_apart_once_it_was_told(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_refusal refusal;
    bool fenced;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "leased", 100, ",\"lease_per_terminal\":10");
    assert_int_equal(start_and_sell(centre, &till, 1, 0, &fenced, &refusal), CF_OK);
    assert_int_equal(ask(centre, &till, 5, 0, &fenced, &refusal), CF_OK);
    /* An image of start 1 was put back; its own start made it 2. */
    assert_int_equal(ask(centre, &till, 2, 0, &fenced, &refusal), CF_E_INCARNATION);
    assert_int_equal(alarms(centre), 0);
    struct till again = till;
    assert_int_equal(start_and_sell(centre, &till, 2, refusal.incarnation, &fenced, &refusal), CF_OK);
    assert_true(fenced); /* and what it sold is a fact all the same */
    assert_int_equal(alarms(centre), 1);
    assert_int_equal(centre_figures(centre, campaign).stranded, 10);
    assert_int_equal(centre_figures(centre, campaign).outstanding, 0);
    centre_adds_up(centre, campaign);
    /* It says so again, or another number: it stays what it is. */
    assert_int_equal(start_and_sell(centre, &till, 6, 0, &fenced, &refusal), CF_OK);
    assert_true(fenced);
    (void)again;
    till_done(&till);
}

static void two_starts_of_one_number_in_one_chain_set_apart(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_refusal refusal;
    bool fenced;
    till_enrol(centre, &till, centre->store_id);
    assert_int_equal(start_and_sell(centre, &till, 3, 0, &fenced, &refusal), CF_OK);
    assert_false(fenced);
    assert_int_equal(start_and_sell(centre, &till, 3, 0, &fenced, &refusal), CF_OK);
    assert_true(fenced);
    till_done(&till);
}

/* What a till in quarantine gives back is not taken: it may have spent it in a history that nobody sees any more. */
static void a_till_that_says_it_is_in_quarantine_is_set_apart(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_answer answer;
    struct cf_refusal refusal;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "leased", 100, ",\"lease_per_terminal\":10");
    struct upload *upload = upload_new(&till);
    add_start(centre, &till, upload, 1);
    upload_sale(centre, &till, upload, &one_pen);
    add_quarantine(centre, &till, upload);
    upload_sale(centre, &till, upload, &one_pen);
    assert_int_equal(upload_send(centre, &till, upload, &answer, &refusal), 200);
    assert_int_equal(answer.ack_seq, 4);
    upload_free(upload);
    struct figures figures = centre_figures(centre, campaign);
    assert_int_equal(figures.stranded, 10);
    assert_int_equal(figures.free, 90);
    centre_adds_up(centre, campaign);
    json_t *json = centre_expect(centre, "GET", "/v1/alarms", NULL, 200);
    const json_t *alarm = json_array_get(json_object_get(json, "alarms"), 0);
    assert_string_equal(json_text(alarm, "name"), "QUARANTINED");
    assert_non_null(strstr(json_text(alarm, "text"), "an older one that was put back"));
    json_decref(json);
    till_done(&till);
}

static void enrolling_again_begins_a_new_count(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_refusal refusal;
    bool fenced;
    till_enrol(centre, &till, centre->store_id);
    assert_int_equal(start_and_sell(centre, &till, 9, 0, &fenced, &refusal), CF_OK);
    assert_int_equal(start_and_sell(centre, &till, 9, 0, &fenced, &refusal), CF_OK);
    assert_true(fenced);
    till_enrol_again(centre, &till);
    assert_int_equal(start_and_sell(centre, &till, 1, 0, &fenced, &refusal), CF_OK);
    assert_false(fenced);
    till_done(&till);
}

int main(void)
{
#define at_a_centre(test) cmocka_unit_test_setup_teardown(test, centre_start, centre_stop)
    const struct CMUnitTest tests[] = {
        at_a_centre(a_till_that_is_started_again_and_again_is_in_order),
        at_a_centre(a_late_message_of_an_earlier_start_fences_nobody_and_is_not_taken),
        at_a_centre(a_till_that_fell_back_is_set_apart_once_it_was_told),
        at_a_centre(two_starts_of_one_number_in_one_chain_set_apart),
        at_a_centre(a_till_that_says_it_is_in_quarantine_is_set_apart),
        at_a_centre(enrolling_again_begins_a_new_count),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
