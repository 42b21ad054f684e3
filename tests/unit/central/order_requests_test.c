/*
 * tests/unit/central/order_requests_test.c - what a till says of goods that were asked for, and that no till which
 * keeps the rules says: an alarm, and never a state.
 */
#include "app/core/order_request.h"
#include "tests/unit/central/centre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void says(struct centre *centre, struct till *till, const struct cf_request_record *record)
{
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    struct upload *upload = upload_new(till);
    struct cf_answer answer;
    struct cf_refusal refusal;
    cf_buf_init(&body, CF_REQUEST_BYTES_MAX);
    assert_int_equal(cf_request_record_encode(record, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_ORDER, cf_buf_bytes(&body));
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    upload_free(upload);
}

static struct cf_request_record ask(uint32_t asked, uint32_t at)
{
    return (struct cf_request_record){.act = CF_REQUEST_ASK,
                                      .business_day = 20261122,
                                      .cashier = "Li",
                                      .asked = asked,
                                      .at = at,
                                      .who = {{1, 2, 3}},
                                      .name = "Wang",
                                      .reach = "138",
                                      .n_lines = 1,
                                      .lines = {{.product = PRODUCT_ID,
                                                 .name = "Thing",
                                                 .qty_milli = 1000,
                                                 .unit_price_minor = PRODUCT_PRICE,
                                                 .tax_bp = 1300}}};
}

/* Of the first record of that till. */
static struct cf_request_record act(const struct till *of, enum cf_request_act act)
{
    return (struct cf_request_record){.act = act,
                                      .business_day = 20261122,
                                      .of = {.terminal = of->terminal, .epoch = of->epoch, .seq = 1},
                                      .reason = "so"};
}

static void says_act(struct centre *centre, struct till *till, const struct till *of, enum cf_request_act what)
{
    const struct cf_request_record record = act(of, what);
    says(centre, till, &record);
}

static size_t alarms(struct centre *centre, const char *last)
{
    json_t *json = centre_expect(centre, "GET", "/v1/alarms", NULL, 200);
    const json_t *list = json_object_get(json, "alarms");
    size_t n = json_array_size(list);
    if (last != NULL) {
        assert_true(n > 0);
        assert_string_equal(json_text(json_array_get(list, n - 1), "name"), last);
    }
    json_decref(json);
    return n;
}

static void request_is(struct centre *centre, uint32_t order, const char *state, const char *request)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/orders/%u", (unsigned)order);
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    assert_string_equal(json_text(json, "state"), state);
    assert_string_equal(json_text(json_object_get(json, "request"), "state"), request);
    json_decref(json);
}

static size_t n_orders(struct centre *centre)
{
    json_t *json = centre_expect(centre, "GET", "/v1/orders", NULL, 200);
    size_t n = json_array_size(json_object_get(json, "orders"));
    json_decref(json);
    return n;
}

static uint32_t another_store(struct centre *centre)
{
    json_t *json = centre_expect(centre, "POST", "/v1/stores",
                                 "{\"name\": \"Other\", \"currency\": \"CNY\", \"tax_inclusive\": true, "
                                 "\"utc_offset_min\": 480}",
                                 201);
    uint32_t store = (uint32_t)json_int(json, "store");
    json_decref(json);
    return store;
}

static void what_is_not_theirs_to_say_changes_nothing(void **state)
{
    struct centre *centre = *state;
    struct till here, there, liar;
    uint32_t other = another_store(centre), third = another_store(centre);
    till_enrol(centre, &here, centre->store_id);
    till_enrol(centre, &there, other);
    till_enrol(centre, &liar, third);
    struct cf_request_record record = ask(other, centre->store_id);
    says(centre, &here, &record);
    request_is(centre, 1, "placed", "asked");
    assert_int_equal(alarms(centre, NULL), 0);
    for (int what = CF_REQUEST_WITHDRAW; what <= CF_REQUEST_ACT_LAST; what++) {
        says_act(centre, &liar, &here, (enum cf_request_act)what);
        assert_int_equal(alarms(centre, "ORDER_HOME"), (size_t)what - 1);
        request_is(centre, 1, "placed", "asked");
    }
    says_act(centre, &here, &here, CF_REQUEST_ACCEPT); /* for the store that it asked */
    alarms(centre, "ORDER_HOME");
    says_act(centre, &here, &here, CF_REQUEST_ARRIVE); /* before a word of those who have them */
    alarms(centre, "ORDER_STATE");
    says_act(centre, &there, &liar, CF_REQUEST_ACCEPT); /* of what nobody asked for */
    alarms(centre, "ORDER_UNKNOWN");
    request_is(centre, 1, "placed", "asked");
    says_act(centre, &there, &here, CF_REQUEST_ACCEPT);
    request_is(centre, 1, "placed", "accepted");
    till_done(&here);
    till_done(&there);
    till_done(&liar);
}

static void what_was_handed_out_is_not_refused_nor_withdrawn(void **state)
{
    struct centre *centre = *state;
    struct till here, there;
    uint32_t other = another_store(centre);
    till_enrol(centre, &here, centre->store_id);
    till_enrol(centre, &there, other);
    struct cf_request_record record = ask(other, other);
    says(centre, &here, &record);
    says_act(centre, &there, &here, CF_REQUEST_ARRIVE);
    request_is(centre, 1, "ready", "ready");
    says_act(centre, &there, &here, CF_REQUEST_REFUSE);
    assert_int_equal(alarms(centre, "ORDER_STATE"), 1);
    request_is(centre, 1, "ready", "ready");
    json_decref(centre_expect(centre, "POST", "/v1/orders/1/cancel", NULL, 200));
    request_is(centre, 1, "recalled", "withdrawn");     /* until its home has heard */
    says_act(centre, &there, &here, CF_REQUEST_REFUSE); /* crossed it: no fault */
    assert_int_equal(alarms(centre, NULL), 1);
    till_done(&here);
    till_done(&there);
}

static void goods_that_were_never_sold_so_and_places_that_have_no_part_are_not_booked(void **state)
{
    struct centre *centre = *state;
    struct till till, there;
    uint32_t other = another_store(centre), third = another_store(centre);
    till_enrol(centre, &till, centre->store_id);
    struct cf_request_record record = ask(0, centre->store_id);
    record.lines[0].unit_price_minor = 1;
    says(centre, &till, &record);
    assert_int_equal(alarms(centre, "ORDER_LINE"), 1);
    record = ask(0, centre->store_id);
    record.lines[0].product = PRODUCT_ID + 99;
    says(centre, &till, &record);
    alarms(centre, "ORDER_LINE");
    record = ask(other, third);
    says(centre, &till, &record);
    alarms(centre, "ORDER_HOME");
    record = ask(centre->store_id, centre->store_id);
    says(centre, &till, &record);
    alarms(centre, "ORDER_HOME");
    record = ask(third + 7, centre->store_id);
    says(centre, &till, &record);
    alarms(centre, "STORE_UNKNOWN");
    assert_int_equal(n_orders(centre), 0);
    size_t before = alarms(centre, NULL);
    till_enrol(centre, &there, other);
    says_act(centre, &till, &till, CF_REQUEST_WITHDRAW); /* it asked, and does not wait for it any more: no fault */
    assert_int_equal(alarms(centre, NULL), before);
    says_act(centre, &there, &till, CF_REQUEST_WITHDRAW);
    assert_int_equal(alarms(centre, "ORDER_HOME"), before + 1);
    says_act(centre, &till, &till, CF_REQUEST_ACCEPT);
    assert_int_equal(alarms(centre, "ORDER_HOME"), before + 2);
    till_done(&there);
    record = ask(0, centre->store_id);
    record.is_member = true; /* of whom nobody knows: booked, for nobody */
    says(centre, &till, &record);
    alarms(centre, "MEMBER_UNKNOWN");
    assert_int_equal(n_orders(centre), 1);
    till_done(&till);
}

/* What a till says of it then is refused whole, and its upload goes on. */
static void what_is_waited_for_is_not_moved_and_what_is_moved_not_withdrawn(void **state)
{
    struct centre *centre = *state;
    struct till here, there;
    uint32_t other = another_store(centre), third = another_store(centre);
    char to_third[64];
    (void)snprintf(to_third, sizeof to_third, "{\"store\": %u}", (unsigned)third);
    till_enrol(centre, &here, centre->store_id);
    till_enrol(centre, &there, other);
    struct cf_request_record record = ask(other, centre->store_id);
    says(centre, &here, &record);
    json_decref(centre_expect(centre, "POST", "/v1/orders/1/move", to_third, 409));
    says_act(centre, &there, &here, CF_REQUEST_ACCEPT);
    request_is(centre, 1, "placed", "accepted");
    says_act(centre, &there, &here, CF_REQUEST_SEND);
    says_act(centre, &here, &here, CF_REQUEST_ARRIVE);
    request_is(centre, 1, "ready", "ready");
    assert_int_equal(alarms(centre, NULL), 0);
    json_decref(centre_expect(centre, "POST", "/v1/orders/1/move", to_third, 200));
    request_is(centre, 1, "recalled", "ready");
    says_act(centre, &here, &here, CF_REQUEST_WITHDRAW);
    assert_int_equal(alarms(centre, "ORDER_STATE"), 1);
    request_is(centre, 1, "recalled", "ready");
    till_done(&here);
    till_done(&there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_not_theirs_to_say_changes_nothing, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(what_was_handed_out_is_not_refused_nor_withdrawn, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(what_is_waited_for_is_not_moved_and_what_is_moved_not_withdrawn, centre_start,
                                        centre_stop),
        cmocka_unit_test_setup_teardown(goods_that_were_never_sold_so_and_places_that_have_no_part_are_not_booked,
                                        centre_start, centre_stop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
