/*
 * tests/unit/hub/upward_test.c - what the hub's terminal brings to the centre, and hears of its hub there.
 */
#include "tests/unit/hub/hub_world.h"

#include <stdlib.h>
#include <string.h>

static struct cf_batch batch;
static struct cf_buf bytes;
#define A (&world->till[0])
#define B (&world->till[1])

static const cf_wall LATE = {INT64_MAX};

static void push_a_sale(struct hub_world *world, struct hub_till *till)
{
    batch_begin(till, &batch);
    make_sale(till, &batch, 0, 0, 0);
    batch_sign(till, &batch, &bytes);
    assert_rc(hub_push(world, till, &batch), CF_OK);
}

static struct cf_hub_store *opened(struct hub_world *world)
{
    struct cf_hub_store *store = NULL;
    assert_ok(cf_hub_store_open(world->folder, &store, &err));
    return store;
}

static void answer_watermark(struct hub_world *world, uint64_t seq)
{
    static struct cf_answer answer;
    answer = (struct cf_answer){.ack_seq = seq};
    world->net_status = 200;
    cf_buf_clear(&world->net_answer);
    assert_ok(cf_answer_encode(&answer, &world->net_answer, &err));
}

static void what_a_till_did_not_bring_itself_is_brought_as_it_signed_it(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_relayed relayed;
    push_a_sale(world, B);
    struct cf_hub_store *store = opened(world);
    answer_watermark(world, 1);
    assert_ok(cf_hub_relay(store, &world->env, (cf_wall){0}, &relayed, &err)); /* it has its time */
    assert_int_equal(world->net_calls, 0);
    assert_ok(cf_hub_relay(store, &world->env, LATE, &relayed, &err));
    assert_int_equal(relayed.batches, 1);
    assert_true(cf_bytes_equal(cf_buf_bytes(&world->net_asked), cf_buf_bytes(&bytes)));
    assert_ok(cf_hub_relay(store, &world->env, LATE, &relayed, &err)); /* once is enough */
    assert_int_equal(world->net_calls, 1);
    cf_hub_store_close(store);
}

static void a_batch_that_the_centre_refuses_does_not_stop_the_others(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_relayed relayed;
    push_a_sale(world, A);
    push_a_sale(world, B);
    struct cf_hub_store *store = opened(world);
    world->net_status = 403;
    assert_ok(cf_hub_relay(store, &world->env, LATE, &relayed, &err));
    assert_int_equal(relayed.refused, 2);
    world->net_rc = CF_E_LINK_DOWN;
    assert_rc(cf_hub_relay(store, &world->env, LATE, &relayed, &err), CF_E_LINK_DOWN);
    world->net_rc = CF_OK;
    world->net_status = 500;
    unsigned calls = (unsigned)world->net_calls;
    assert_rc(cf_hub_relay(store, &world->env, LATE, &relayed, &err), CF_E_SERVER);
    assert_int_equal((unsigned)world->net_calls - calls, 2); /* what the centre fails at is one till's */
    answer_watermark(world, 1);
    assert_ok(cf_hub_relay(store, &world->env, LATE, &relayed, &err));
    assert_int_equal(relayed.batches, 2);
    cf_hub_store_close(store);
}

/* --- what nobody can ask for any more ----------------------------------------------------------------------------- */

static int64_t late_us;

static cf_wall late_wall(void *ctx)
{
    (void)ctx;
    return (cf_wall){test_env()->ops->wall_now(test_env()->ctx).us + late_us};
}

static void tidy(struct hub_world *world, struct cf_hub_store *store, int days_later, bool heard)
{
    struct cf_env_ops ops = world->ops;
    const struct cf_env later = {&ops, world};
    late_us = (int64_t)days_later * 86400 * CF_US_PER_S;
    ops.wall_now = late_wall;
    assert_ok(cf_hub_tidy(store, world->replica, &later, heard, &err));
}

static void a_use_is_forgotten_once_what_the_centre_says_of_it_has_come_down(void **state)
{
    struct hub_world *world = *state;
    batch_begin(A, &batch);
    make_sale(A, &batch, 7, 5, 1);
    batch_sign(A, &batch, &bytes);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    struct cf_hub_store *store = opened(world);
    tidy(world, store, 0, true);
    tidy(world, store, 400, true); /* however old: the centre does not have it */
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_E_COUPON_SPENT);
    assert_ok(cf_hub_store_acknowledge(store, A->terminal, 1, 1, &err));
    tidy(world, store, 0, true); /* that round may have begun before the centre had it */
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_E_COUPON_SPENT);
    tidy(world, store, 0, false);
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_E_COUPON_SPENT);
    tidy(world, store, 0, true); /* now all has come down that the centre has to say: here, that it is free */
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_OK);
    tidy(world, store, 400, true);
    assert_rc(hub_claim(world, A, 3, 7, 5), CF_E_COUPON_SPENT); /* what is held stays held */
    cf_hub_store_close(store);
}

static void what_was_given_up_is_forgotten_after_the_return_window(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_store *store = opened(world);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    assert_rc(hub_release(world, A, 1, 7, 5), CF_OK);
    tidy(world, store, CF_RETURN_WINDOW_DAYS - 1, true);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_E_COUPON_REQUEST);
    tidy(world, store, CF_RETURN_WINDOW_DAYS + 1, true);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK); /* a copy that is as late holds, and gives nothing away */
    cf_hub_store_close(store);
}

static void reply_with(struct hub_world *world, enum cf_rc rc, const struct cf_hub_witness *witness)
{
    struct cf_hub_report_reply reply = {.rc = rc, .has_witness = witness != NULL};
    if (witness != NULL)
        reply.witness = *witness;
    world->net_status = 200;
    cf_buf_clear(&world->net_answer);
    assert_ok(cf_hub_report_reply_encode(&reply, &world->net_answer, &err));
}

static void a_hub_that_the_centre_saw_further_on_sets_itself_apart_and_says_why(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_store *store = opened(world);
    reply_with(world, CF_OK, NULL);
    assert_ok(cf_hub_tell_centre(store, &world->env, A->key, &err));
    assert_rc(hub_claim(world, A, 1, 7, 1), CF_OK);
    struct cf_hub_witness seen = A->witness; /* and it has gone on meanwhile: no fault */
    assert_rc(hub_claim(world, A, 2, 7, 2), CF_OK);
    reply_with(world, CF_OK, &seen);
    assert_ok(cf_hub_tell_centre(store, &world->env, A->key, &err));
    /* Something that nobody signed is no proof. */
    seen.seq += 7;
    reply_with(world, CF_OK, &seen);
    assert_rc(cf_hub_tell_centre(store, &world->env, A->key, &err), CF_E_PROTOCOL);
    assert_rc(hub_claim(world, A, 3, 7, 3), CF_OK);
    /* What it did sign is. */
    uint8_t signed_bytes[CF_HUB_WITNESS_SIGNED_BYTES];
    cf_hub_witness_signed_bytes(&seen, HUB_STORE, 1, signed_bytes);
    assert_ok(cf_sign(A->key, cf_bytes_of(signed_bytes, sizeof signed_bytes), &seen.signature, &err));
    reply_with(world, CF_OK, &seen);
    unsigned calls = world->net_calls;
    assert_rc(cf_hub_tell_centre(store, &world->env, A->key, &err), CF_E_HUB_FENCED);
    assert_int_equal(world->net_calls, calls + 2);
    struct cf_hub_report told;
    assert_ok(cf_hub_report_decode(cf_buf_bytes(&world->net_asked), &told, &err));
    assert_true(told.has_proof);
    assert_memory_equal(&told.proof, &seen, sizeof seen);
    assert_rc(hub_claim(world, B, 4, 7, 4), CF_E_HUB_FENCED);
    /* That was lost, or its own start had set it apart before the centre was asked: it is told again until it is heard.
     */
    assert_rc(cf_hub_tell_centre(store, &world->env, A->key, &err), CF_E_HUB_FENCED);
    assert_int_equal(world->net_calls, calls + 4);
    reply_with(world, CF_E_FENCED, &seen);
    assert_rc(cf_hub_tell_centre(store, &world->env, A->key, &err), CF_E_HUB_FENCED);
    assert_int_equal(world->net_calls, calls + 5);
    cf_hub_store_close(store);
}

static void a_hub_that_the_centre_set_apart_is_so_here_too(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_store *store = opened(world);
    reply_with(world, CF_E_FENCED, NULL);
    assert_rc(cf_hub_tell_centre(store, &world->env, A->key, &err), CF_E_HUB_FENCED);
    assert_rc(hub_claim(world, B, 4, 7, 4), CF_E_HUB_FENCED);
    assert_rc(hub_reopen(world), CF_E_HUB_FENCED);
    cf_hub_store_close(store);
}

static int setup_all(void **state)
{
    (void)state;
    cf_buf_init(&bytes, CF_BATCH_BYTES_MAX);
    return 0;
}

static int teardown_all(void **state)
{
    (void)state;
    cf_buf_done(&bytes);
    return 0;
}

#define IN_A_HUB(test) cmocka_unit_test_setup_teardown(test, hub_setup, hub_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HUB(what_a_till_did_not_bring_itself_is_brought_as_it_signed_it),
        IN_A_HUB(a_batch_that_the_centre_refuses_does_not_stop_the_others),
        IN_A_HUB(a_use_is_forgotten_once_what_the_centre_says_of_it_has_come_down),
        IN_A_HUB(what_was_given_up_is_forgotten_after_the_return_window),
        IN_A_HUB(a_hub_that_the_centre_saw_further_on_sets_itself_apart_and_says_why),
        IN_A_HUB(a_hub_that_the_centre_set_apart_is_so_here_too),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hub and centre", tests, setup_all, teardown_all);
}
