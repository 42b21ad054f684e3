/*
 * tests/unit/central/order_book_test.c - orders at the centre: what a till says that is not their home changes nothing,
 * and what waits for one till does not keep others waiting.
 */
#include "app/core/incarnation.h"
#include "app/core/order.h"
#include "tests/unit/central/centre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint32_t place(struct centre *centre, uint32_t terminal)
{
    static unsigned n;
    char body[320];
    (void)snprintf(body, sizeof body,
                   "{\"request_id\": \"o%u\", \"lines\": [{\"product\": %llu, \"qty_milli\": 1000}], \"pick_up\": "
                   "{\"store\": %u, \"terminal\": %u, \"ready_from\": \"2020-01-01T00:00:00Z\", "
                   "\"expires\": \"2090-01-01T00:00:00Z\"}}",
                   ++n, (unsigned long long)PRODUCT_ID, (unsigned)centre->store_id, (unsigned)terminal);
    json_t *json = centre_expect(centre, "POST", "/v1/orders", body, 201);
    uint32_t order = (uint32_t)json_int(json, "order");
    json_decref(json);
    return order;
}

static void state_is(struct centre *centre, uint32_t order, const char *state, size_t told, size_t conflicts)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/orders/%u", (unsigned)order);
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    const json_t *list = json_object_get(json, "handed_out");
    assert_string_equal(json_text(json, "state"), state);
    assert_int_equal(json_array_size(list), told);
    for (size_t i = 0; i < json_array_size(list); i++) {
        conflicts -= json_is_true(json_object_get(json_array_get(list, i), "conflict")) ? 1 : 0;
    }
    assert_int_equal(conflicts, 0);
    json_decref(json);
}

static void hands_out(struct centre *centre, struct till *till, uint32_t order, enum cf_right_source source)
{
    struct cf_pick_up taken = {.claim = {.order = order, .generation = 1, .source = source, .request_key = {7}},
                               .business_day = 20261122,
                               .cashier = "Li",
                               .amount_minor = PRODUCT_PRICE,
                               .n_lines = 1,
                               .lines = {{1, 1000}}};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    struct upload *upload = upload_new(till);
    struct cf_answer answer;
    struct cf_refusal refusal;
    taken.claim.hub_epoch = source == CF_RIGHT_STORE ? 1 : 0;
    cf_buf_init(&body, CF_PICK_UP_BYTES_MAX);
    assert_int_equal(cf_pick_up_encode(&taken, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_PICK_UP, cf_buf_bytes(&body));
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    upload_free(upload);
}

static void what_another_than_its_home_says_ends_no_order(void **state)
{
    struct centre *centre = *state;
    struct till home, liar;
    till_enrol(centre, &home, centre->store_id);
    till_enrol(centre, &liar, centre->store_id);
    uint32_t order = place(centre, home.terminal);
    hands_out(centre, &liar, order, CF_RIGHT_HOME);
    hands_out(centre, &liar, order, CF_RIGHT_STORE);
    hands_out(centre, &liar, order, CF_RIGHT_CENTRE);
    state_is(centre, order, "ready", 3, 3);
    hands_out(centre, &home, order, CF_RIGHT_HOME);
    state_is(centre, order, "handed_out", 4, 3);
    till_done(&home);
    till_done(&liar);
}

/* A till that hands out what it has not, again and again: the order keeps some of it, the alarms say it all. */
static void what_a_liar_says_again_and_again_fills_no_book(void **state)
{
    struct centre *centre = *state;
    struct till home, liar;
    till_enrol(centre, &home, centre->store_id);
    till_enrol(centre, &liar, centre->store_id);
    uint32_t order = place(centre, home.terminal);
    for (int i = 0; i < 70; i++) {
        hands_out(centre, &liar, order, CF_RIGHT_HOME);
    }
    hands_out(centre, &liar, order + 7, CF_RIGHT_HOME); /* never placed */
    state_is(centre, order, "ready", 64, 64);
    hands_out(centre, &home, order, CF_RIGHT_HOME);
    state_is(centre, order, "handed_out", 65, 64);
    till_done(&home);
    till_done(&liar);
}

/* One till of the store is gone with more recalled orders than are looked at at once. */
static void what_waits_for_one_till_keeps_no_other_waiting(void **state)
{
    struct centre *centre = *state;
    struct till gone, till;
    char path[64];
    uint32_t order = 0;
    till_enrol(centre, &gone, centre->store_id);
    for (int i = 0; i < 130; i++) {
        if (i == 65) {
            till_enrol_again(centre, &gone); /* its epoch of before says nothing any more */
            till_enrol(centre, &till, centre->store_id);
        }
        order = place(centre, i == 129 ? till.terminal : gone.terminal);
        (void)snprintf(path, sizeof path, "/v1/orders/%u/cancel", (unsigned)order);
        json_decref(centre_expect(centre, "POST", path, NULL, 200));
    }
    state_is(centre, order, "recalled", 0, 0);
    const struct till_clock heard = {.boot = 7,
                                     .mono_ms = 1,
                                     .wall_ms = centre->now.us / CF_US_PER_MS,
                                     .quality = CF_TIME_SYNCED,
                                     .down_cursor = 1000000};
    const struct sold sold = {.n_lines = 1};
    till.clock = &heard;
    till_sells(centre, &till, &sold);
    state_is(centre, order, "cancelled", 0, 0);
    till_done(&gone);
    till_done(&till);
}

static void sets_itself_apart(struct centre *centre, struct till *till)
{
    const struct cf_quarantine quarantine = {CF_QUARANTINE_RESTORED, 4, 6};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    struct upload *upload = upload_new(till);
    struct cf_answer answer;
    struct cf_refusal refusal;
    cf_buf_init(&body, 256);
    assert_int_equal(cf_quarantine_encode(&quarantine, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_QUARANTINE, cf_buf_bytes(&body));
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    upload_free(upload);
}

/* There may be copies of it, and each would hand the order out. */
static void a_till_that_was_set_apart_is_no_orders_home(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    char body[256], path[64];
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    static const char form[] =
        "{\"request_id\": \"%s\", \"lines\": [{\"product\": %llu, \"qty_milli\": 1000}], \"pick_up\": "
        "{\"store\": %u, \"terminal\": %u, \"expires\": \"2090-01-01T00:00:00Z\"}}";
    (void)snprintf(body, sizeof body, form, "before", (unsigned long long)PRODUCT_ID, (unsigned)centre->store_id,
                   (unsigned)till.terminal);
    json_t *json = centre_expect(centre, "POST", "/v1/orders", body, 201);
    assert_int_equal(json_int(json, "home"), till.terminal);
    (void)snprintf(path, sizeof path, "/v1/orders/%u/ready", (unsigned)json_int(json, "order"));
    json_decref(json);
    sets_itself_apart(centre, &till);
    json = centre_expect(centre, "POST", path, "{}", 200); /* the goods are there, and are fetched through the centre */
    assert_int_equal(json_int(json, "home"), 0);
    json_decref(json);
    (void)snprintf(body, sizeof body, form, "behind", (unsigned long long)PRODUCT_ID, (unsigned)centre->store_id,
                   (unsigned)till.terminal);
    centre_refuses(centre, "POST", "/v1/orders", body, "STATE");
    till_enrol_again(centre, &till);
    json = centre_expect(centre, "POST", "/v1/orders", body, 201);
    assert_int_equal(json_int(json, "home"), till.terminal);
    json_decref(json);
    till_done(&till);
    till_done(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_another_than_its_home_says_ends_no_order, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(what_a_liar_says_again_and_again_fills_no_book, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(what_waits_for_one_till_keeps_no_other_waiting, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(a_till_that_was_set_apart_is_no_orders_home, centre_start, centre_stop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
