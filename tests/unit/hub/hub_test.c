/*
 * tests/unit/hub/hub_test.c - in one store a right is one till's, and a hub that is not itself any more says so.
 */
#include "sync/wire/sale_ask.h"
#include "tests/unit/hub/hub_world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct cf_batch batch;
static struct cf_buf bytes; /* of the batch */

#define A (&world->till[0])
#define B (&world->till[1])
#define C (&world->till[2])

/* The till's next record, brought to the hub; its number. */
static uint64_t bring(struct hub_world *world, struct hub_till *till)
{
    batch_sign(till, &batch, &bytes);
    assert_rc(hub_push(world, till, &batch), CF_OK);
    return till->seq;
}

/* --- claims ------------------------------------------------------------------------------------------------------- */

static void a_right_is_the_first_till_s_that_asks(void **state)
{
    struct hub_world *world = *state;
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_E_COUPON_SPENT);
    assert_rc(hub_claim(world, A, 3, 7, 5), CF_E_COUPON_SPENT); /* the same till, another sale */
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);             /* the same ask again */
    assert_rc(hub_claim(world, B, 2, 7, 6), CF_OK);
    assert_rc(hub_claim(world, B, 2, 8, 5), CF_OK);
}

static void a_right_given_up_is_free_and_its_key_takes_nothing_any_more(void **state)
{
    struct hub_world *world = *state;
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    assert_rc(hub_release(world, B, 1, 7, 5), CF_OK); /* not B's to give up */
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_E_COUPON_SPENT);
    assert_rc(hub_release(world, A, 1, 7, 5), CF_OK);
    assert_rc(hub_release(world, A, 1, 7, 5), CF_OK);
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_OK);
    assert_rc(hub_release(world, A, 1, 7, 5), CF_OK); /* says nothing of B's */
    assert_rc(hub_claim(world, C, 9, 7, 5), CF_E_COUPON_SPENT);
}

static void a_claim_that_comes_after_its_release_takes_nothing(void **state)
{
    struct hub_world *world = *state;
    assert_rc(hub_release(world, A, 1, 7, 5), CF_OK);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_E_COUPON_REQUEST);
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_OK);
}

static void what_the_centre_knows_as_redeemed_is_refused(void **state)
{
    struct hub_world *world = *state;
    down_redeemed(world, 7, 5);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_E_COUPON_SPENT);
    assert_rc(hub_claim(world, A, 1, 7, 6), CF_OK);
}

/* Each generation of an order is a right of its own (app/core/order.h). */
static void an_order_is_handed_out_by_the_first_till_that_asks_and_its_rest_by_another(void **state)
{
    struct hub_world *world = *state;
    assert_rc(hub_claim(world, A, 1, CF_ORDER_SPACE + 1, 7), CF_OK);
    assert_rc(hub_claim(world, B, 2, CF_ORDER_SPACE + 1, 7), CF_E_COUPON_SPENT);
    batch_begin(A, &batch);
    make_pick_up(A, &batch, 7, 1, 1);
    (void)bring(world, A);
    assert_ok(hub_reopen(world));
    assert_rc(hub_claim(world, B, 3, CF_ORDER_SPACE + 1, 7), CF_E_COUPON_SPENT);
    assert_rc(hub_claim(world, A, 1, CF_ORDER_SPACE + 1, 7), CF_E_COUPON_SPENT); /* its hand-out is made */
    assert_rc(hub_claim(world, B, 4, CF_ORDER_SPACE + 2, 7), CF_OK);
    assert_rc(hub_release(world, B, 4, CF_ORDER_SPACE + 2, 7), CF_OK);
    assert_rc(hub_claim(world, C, 5, CF_ORDER_SPACE + 2, 7), CF_OK);
}

static void a_restart_forgets_nothing(void **state)
{
    struct hub_world *world = *state;
    down_store_lease(world, 7, 1, 10);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    assert_int_equal(hub_sublease(world, A, 7, 0, 4), 4);
    assert_ok(hub_reopen(world));
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_E_COUPON_SPENT);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    assert_int_equal(hub_sublease(world, A, 7, 4, 4), 4);
    assert_int_equal(A->witness.incarnation, 2);
}

/* --- who may ask -------------------------------------------------------------------------------------------------- */

static void only_terminals_of_the_store_are_heard_and_only_their_newest_epoch_spends(void **state)
{
    struct hub_world *world = *state;
    struct hub_till stranger = *B;
    stranger.terminal = OTHER_TERMINAL;
    assert_rc(hub_claim(world, &stranger, 1, 7, 5), CF_E_CERTIFICATE);
    down_terminal(world, B->terminal, 2, false, C->key);
    assert_rc(hub_claim(world, B, 1, 7, 5), CF_E_FENCED);
    assert_rc(hub_release(world, B, 1, 7, 5), CF_E_FENCED);
    assert_int_equal(hub_sublease(world, B, 7, 0, 1), -1);
    struct hub_till again = *B;
    again.epoch = 2;
    assert_rc(hub_claim(world, &again, 1, 7, 5), CF_OK);
    down_terminal(world, B->terminal, 2, true, C->key);
    assert_rc(hub_claim(world, &again, 2, 7, 6), CF_E_FENCED);
}

static void an_ask_in_another_till_s_name_is_refused(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_claim claim = {.terminal = A->terminal, .epoch = 1, .campaign = 7, .index = 5};
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    assert_ok(cf_hub_claim_encode(&claim, &body, &err));
    assert_rc(hub_ask(world, B, CF_PATH_HUB_CLAIM, cf_buf_bytes(&body)), CF_E_CERTIFICATE);
}

static void tills_of_another_assignment_are_told_so(void **state)
{
    struct hub_world *world = *state;
    world->hub_epoch = 2;
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_E_HUB_EPOCH);
    world->hub_epoch = 1;
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
}

/* --- sub-leases --------------------------------------------------------------------------------------------------- */

static void sub_leases_never_sum_to_more_than_the_store_was_granted(void **state)
{
    struct hub_world *world = *state;
    int64_t granted[HUB_TILLS] = {0}, lease = 0;
    uint32_t x = 7;
    for (int round = 0; round < 300; round++) {
        x = x * 1664525u + 1013904223u;
        size_t k = (x >> 8) % HUB_TILLS;
        if (x >> 28 == 0) {
            lease += (x >> 16) % 9;
            down_store_lease(world, 7, 1, lease);
        }
        int64_t left = (int64_t)((x >> 12) % 4), want = (int64_t)((x >> 20) % 12);
        int64_t now = hub_sublease(world, &world->till[k], 7, left, want);
        assert_true(now >= granted[k]); /* cumulative: never falls */
        assert_true(now - granted[k] <= (want > left ? want - left : 0));
        granted[k] = now;
        assert_true(granted[0] + granted[1] + granted[2] <= lease);
        if (round % 50 == 49)
            assert_ok(hub_reopen(world));
    }
    assert_true(granted[0] + granted[1] + granted[2] > 0);
    assert_int_equal(hub_sublease(world, A, 8, 0, 5), 0); /* nothing was granted of that campaign */
}

static void the_first_to_ask_does_not_take_all(void **state)
{
    struct hub_world *world = *state;
    down_store_lease(world, 7, 1, 10);
    assert_int_equal(hub_sublease(world, A, 7, 0, 100), 5);
    assert_int_equal(hub_sublease(world, B, 7, 0, 100), 3);
    assert_int_equal(hub_sublease(world, C, 7, 0, 100), 1);
    assert_int_equal(hub_sublease(world, C, 7, 0, 100), 2);
    assert_int_equal(hub_sublease(world, C, 7, 0, 100), 2);
}

static void a_lease_of_an_assignment_before_is_not_sub_leased(void **state)
{
    struct hub_world *world = *state;
    down_store_lease(world, 7, 1, 10);
    world->hub_epoch = 2;
    assert_ok(hub_reopen(world));
    A->has_witness = false;
    assert_int_equal(hub_sublease(world, A, 7, 0, 4), 0);
    down_store_lease(world, 7, 2, 3);
    assert_int_equal(hub_sublease(world, A, 7, 0, 4), 2);
}

/* --- what comes back of a lease ----------------------------------------------------------------------------------- */

static void gives_back_money(struct hub_world *world, struct hub_till *till, uint32_t hub_epoch, uint32_t campaign,
                             int64_t units, int64_t minor)
{
    const struct cf_hub_lease_return given = {hub_epoch, {campaign, units, minor}};
    batch_begin(till, &batch);
    make_sublease_return(till, &batch, &given);
    (void)bring(world, till);
}

static void gives_back(struct hub_world *world, struct hub_till *till, uint32_t hub_epoch, uint32_t campaign,
                       int64_t units)
{
    gives_back_money(world, till, hub_epoch, campaign, units, 0);
}

static void what_a_till_gives_back_is_lent_to_another(void **state)
{
    struct hub_world *world = *state;
    down_store_lease(world, 7, 1, 6);
    assert_int_equal(hub_sublease(world, A, 7, 0, 3), 3);
    assert_int_equal(hub_sublease(world, B, 7, 0, 3), 2);
    assert_int_equal(hub_sublease(world, B, 7, 2, 3), 3);
    assert_int_equal(hub_sublease(world, C, 7, 0, 3), 0);
    gives_back(world, A, 1, 7, 2);
    assert_ok(hub_reopen(world));
    assert_int_equal(hub_sublease(world, C, 7, 0, 3), 1);
    assert_int_equal(hub_sublease(world, C, 7, 1, 3), 2);
    assert_int_equal(hub_sublease(world, C, 7, 2, 3), 2); /* 3 of A's are used or may be, 3 of B's, and these */
    assert_int_equal(hub_sublease(world, A, 7, 1, 1), 3); /* what it ever had never falls */
    gives_back(world, C, 1, 7, 2);
    assert_int_equal(hub_sublease(world, C, 7, 0, 0), 2); /* it lacks nothing any more */
    assert_int_equal(hub_sublease(world, A, 7, 1, 3), 4);
}

static void nothing_comes_back_that_was_not_lent_or_may_be_spent(void **state)
{
    struct hub_world *world = *state;
    int64_t keep;
    down_store_lease(world, 7, 1, 4);
    assert_int_equal(hub_sublease(world, A, 7, 0, 2), 2);
    assert_int_equal(hub_sublease_spent(world, B, 7, 0, 2, 0, &keep), 1);
    assert_int_equal(hub_sublease_spent(world, B, 7, 0, 2, 1, &keep), 2); /* and spent one of these */
    gives_back(world, A, 1, 7, 3);                                        /* more than it had */
    gives_back(world, A, 2, 7, 2);                                        /* of another assignment */
    gives_back(world, A, 1, 8, 1);                                        /* of another campaign */
    gives_back(world, B, 1, 7, 2);                                        /* what it said is spent */
    gives_back(world, C, 1, 7, 1);                                        /* nothing was lent to it */
    assert_int_equal(hub_sublease(world, C, 7, 0, 4), 0);
    /* The same record once more, from a till that did not hear the answer, is one. */
    batch_begin(A, &batch);
    const struct cf_hub_lease_return one = {1, {7, 1, 0}};
    make_sublease_return(A, &batch, &one);
    batch_sign(A, &batch, &bytes);
    assert_ok(hub_push(world, A, &batch));
    assert_ok(hub_push(world, A, &batch));
    assert_int_equal(hub_sublease(world, C, 7, 0, 4), 1);
    assert_int_equal(hub_sublease(world, C, 7, 1, 4), 1);
    /* Of a till that was set apart nothing comes back: its twin may have spent it. */
    down_terminal(world, A->terminal, 1, true, A->key);
    gives_back(world, A, 1, 7, 1);
    assert_int_equal(hub_sublease(world, C, 7, 1, 4), 1);
}

static void while_a_till_lacks_the_others_keep_twice_what_they_use(void **state)
{
    struct hub_world *world = *state;
    int64_t keep = 0;
    down_store_lease(world, 7, 1, 6);
    assert_int_equal(hub_sublease_spent(world, A, 7, 0, 3, 0, &keep), 3);
    assert_int_equal(keep, CF_HUB_SUBLEASE_WANT_MAX);
    assert_int_equal(hub_sublease_spent(world, B, 7, 0, 3, 0, &keep), 2);
    assert_int_equal(hub_sublease_spent(world, B, 7, 2, 3, 0, &keep), 3);
    assert_int_equal(keep, CF_HUB_SUBLEASE_WANT_MAX);
    assert_int_equal(hub_sublease_spent(world, C, 7, 0, 3, 0, &keep), 0);
    assert_int_equal(keep, CF_HUB_SUBLEASE_WANT_MAX); /* nobody else lacks */
    assert_int_equal(hub_sublease_spent(world, A, 7, 2, 3, 1, &keep), 3);
    assert_int_equal(keep, 2); /* it used one */
    assert_int_equal(hub_sublease_spent(world, B, 7, 3, 3, 0, &keep), 3);
    assert_int_equal(keep, 1);
    gives_back(world, B, 1, 7, 2);
    assert_int_equal(hub_sublease_spent(world, B, 7, 1, 3, 0, &keep), 3); /* and does not ask for it again */
    assert_int_equal(hub_sublease_spent(world, C, 7, 0, 2, 0, &keep), 1);
    assert_int_equal(hub_sublease_spent(world, C, 7, 1, 2, 0, &keep), 2);
    assert_int_equal(hub_sublease_spent(world, A, 7, 2, 2, 1, &keep), 3); /* C has what it asked for */
    assert_int_equal(keep, CF_HUB_SUBLEASE_WANT_MAX);
}

static void what_the_hub_gives_back_to_the_centre_is_lent_no_more(void **state)
{
    struct hub_world *world = *state;
    down_store_lease(world, 7, 1, 10);
    assert_int_equal(hub_sublease(world, B, 7, 0, 3), 3);
    assert_int_equal(hub_giveback(world, B, 7, 0), -1); /* whose log does not tell the centre of it */
    assert_int_equal(hub_giveback(world, A, 7, 8), 2);  /* 3 of the 8 are B's */
    assert_int_equal(hub_giveback(world, A, 7, 8), 2);
    assert_ok(hub_reopen(world));
    assert_int_equal(hub_giveback(world, A, 7, 8), 2);
    assert_int_equal(hub_sublease(world, C, 7, 0, 9), 3);
    assert_int_equal(hub_giveback(world, A, 7, 0), 4); /* what is out stays out */
    assert_int_equal(hub_sublease(world, C, 7, 3, 9), 3);
    gives_back(world, C, 1, 7, 3);
    assert_int_equal(hub_giveback(world, A, 7, 0), 7);
    assert_int_equal(hub_sublease(world, C, 7, 0, 9), 3);
    down_store_lease(world, 7, 1, 12); /* leased again */
    assert_int_equal(hub_sublease(world, C, 7, 0, 9), 4);
    assert_int_equal(hub_giveback(world, A, 9, 0), 0);
}

/* --- money and days ----------------------------------------------------------------------------------------------- */

#define TODAY 20261122u
#define TOMORROW 20261123u

static struct cf_hub_sublease_asked wants(int64_t left, int64_t want, int64_t left_minor)
{
    return (struct cf_hub_sublease_asked){
        .campaign = 7, .left = left, .want = want, .left_minor = left_minor, .day = TODAY};
}

static void lease_money(struct hub_world *world, int64_t granted, int64_t granted_minor, uint32_t per_day)
{
    const struct cf_lease_grant grant = {
        .campaign = 7, .epoch = 1, .granted = granted, .granted_minor = granted_minor, .per_day = per_day};
    down_store_grant(world, &grant);
}

static void money_goes_along_with_units_and_no_further_than_the_store_was_granted(void **state)
{
    struct hub_world *world = *state;
    down_counted_campaign(world, 7, true, 500, 0);
    lease_money(world, 8, 4000, 0);
    struct cf_hub_subleased got = hub_lend(world, A, wants(0, 4, 0));
    assert_true(got.granted == 4 && got.granted_minor == 2000 && got.day_granted == 0);
    got = hub_lend(world, A, wants(4, 4, 2000)); /* asked again it has what it wants */
    assert_true(got.granted == 4 && got.granted_minor == 2000);
    got = hub_lend(world, A, wants(3, 3, 1000)); /* a dear use: of 3,000 its part is that of 3 of 7 units */
    assert_true(got.granted == 4 && got.granted_minor == 2286);
    got = hub_lend(world, B, wants(0, 1, 0)); /* one of four that are left */
    assert_true(got.granted == 1 && got.granted_minor == 500);
    got = hub_lend(world, C, wants(0, 9, 0));
    assert_true(got.granted == 2 && got.granted_minor == 809);
    got = hub_lend(world, C, wants(2, 9, 809));
    assert_true(got.granted == 3 && got.granted_minor == 1214); /* nothing is left: 2,286 + 500 + 1,214 */
    assert_ok(hub_reopen(world));
    got = hub_lend(world, A, wants(1, 9, 0));
    assert_true(got.granted == 4 && got.granted_minor == 2286);
}

static void units_without_money_are_lent_to_nobody_and_a_use_needs_enough(void **state)
{
    struct hub_world *world = *state;
    int64_t keep = 0;
    down_counted_campaign(world, 7, true, 500, 0);
    lease_money(world, 9, 600, 0);
    struct cf_hub_subleased got = hub_lend(world, A, wants(0, 1, 0));
    assert_true(got.granted == 1 && got.granted_minor == 500); /* not a ninth of it, which would do for no use */
    got = hub_lend(world, B, wants(0, 1, 0));
    assert_true(got.granted == 1 && got.granted_minor == 100);
    got = hub_lend(world, C, wants(0, 1, 0));
    assert_true(got.granted == 0 && got.granted_minor == 0);
    got = hub_lend(world, A, wants(1, 1, 500));
    assert_int_equal(got.keep, 1); /* others lack */
    /* A till of an earlier version counts no money: it gets nothing to spend. */
    lease_money(world, 20, 9000, 0);
    assert_int_equal(hub_sublease_spent(world, C, 7, 0, 4, 0, &keep), 0);
}

static void money_comes_back_with_its_record_and_goes_to_the_centre_with_what_is_left(void **state)
{
    struct hub_world *world = *state;
    int64_t minor = 0;
    down_counted_campaign(world, 7, true, 500, 0);
    lease_money(world, 8, 4000, 0);
    assert_int_equal(hub_lend(world, B, wants(0, 4, 0)).granted_minor, 2000);
    struct cf_hub_sublease_asked told = wants(3, 3, 1700);
    told.spent = 1;
    told.spent_minor = 300;
    struct cf_hub_subleased got = hub_lend(world, B, told);
    assert_true(got.granted == 4 && got.granted_minor == 2000);
    gives_back_money(world, B, 1, 7, 1, 1701); /* more than is unspent: nothing comes back */
    assert_int_equal(hub_giveback_money(world, A, 7, 0, &minor), 4);
    assert_int_equal(minor, 2000); /* nothing of what is out */
    gives_back_money(world, B, 1, 7, 2, 900);
    assert_int_equal(hub_giveback_money(world, A, 7, 0, &minor), 6);
    assert_int_equal(minor, 2900);
    assert_int_equal(hub_giveback_money(world, A, 7, 0, &minor), 6); /* once */
    gives_back_money(world, B, 1, 7, 0, 100);                        /* money alone: its units are all spent */
    assert_int_equal(hub_giveback_money(world, A, 7, 0, &minor), 6);
    assert_int_equal(minor, 3000);
    got = hub_lend(world, C, wants(0, 4, 0));
    assert_true(got.granted == 0 && got.granted_minor == 0);
}

static void what_is_to_be_kept_keeps_its_part_of_the_money(void **state)
{
    struct hub_world *world = *state;
    int64_t minor = 0;
    down_counted_campaign(world, 7, true, 500, 0);
    lease_money(world, 8, 4000, 0);
    assert_int_equal(hub_giveback_money(world, A, 7, 6, &minor), 2);
    assert_int_equal(minor, 1000);
    assert_int_equal(hub_giveback_money(world, A, 7, 6, &minor), 2);
    assert_int_equal(minor, 1000);
}

static void a_share_of_a_day_is_divided_and_whole_again_on_the_next(void **state)
{
    struct hub_world *world = *state;
    down_counted_campaign(world, 7, false, 0, 20);
    lease_money(world, 30, 0, 4);
    struct cf_hub_sublease_asked asked = wants(0, 9, 0);
    assert_int_equal(hub_lend(world, A, asked).day_granted, 2);
    asked.left = 9;
    asked.day_left = 2;
    assert_int_equal(hub_lend(world, A, asked).day_granted, 3);
    assert_int_equal(hub_lend(world, B, wants(0, 9, 0)).day_granted, 1);
    assert_int_equal(hub_lend(world, C, wants(0, 9, 0)).day_granted, 0);
    assert_ok(hub_reopen(world));
    assert_int_equal(hub_lend(world, C, wants(6, 9, 0)).day_granted, 0); /* nothing of it comes back that day */
    asked.day = TOMORROW;
    asked.day_left = 0;
    assert_int_equal(hub_lend(world, A, asked).day_granted, 2); /* nothing of yesterday's counts */
    asked.day = TODAY;
    assert_int_equal(hub_lend(world, A, asked).day_granted, 3); /* by a clock that went back */
    lease_money(world, 30, 0, 2); /* the limit was lowered: what is out falls with it, and none of it is lent again */
    assert_int_equal(hub_lend(world, A, asked).day_granted, 1);
    assert_int_equal(hub_lend(world, B, wants(0, 9, 0)).day_granted, 0);
    assert_int_equal(hub_lend(world, C, wants(0, 9, 0)).day_granted, 0);
    lease_money(world, 30, 0, 1);
    asked.day = TOMORROW + 1;
    assert_int_equal(hub_lend(world, A, asked).day_granted, 1);
    assert_int_equal(hub_lend(world, B, (struct cf_hub_sublease_asked){7, 1, 9, 0, TOMORROW + 1, 0, 0, 0}).day_granted,
                     0);
}

static void no_till_fills_the_disk_with_days(void **state)
{
    struct hub_world *world = *state;
    down_counted_campaign(world, 7, false, 0, 20);
    lease_money(world, 30, 0, 4);
    unsigned n_lent = 0;
    for (uint32_t n = 0; n < 500; n++)
        n_lent += hub_lend(world, A, (struct cf_hub_sublease_asked){7, 1, 9, 0, TODAY + n, 0, 0, 0}).day_granted > 0;
    assert_int_equal(n_lent, 400);
    assert_true(hub_lend(world, A, (struct cf_hub_sublease_asked){7, 1, 9, 0, TODAY, 0, 0, 0}).day_granted > 0);
    assert_true(hub_lend(world, B, wants(1, 9, 0)).day_granted > 0); /* the others' days are theirs */
}

/* Whatever tills say of themselves. */
static void in_no_column_sub_leases_sum_to_more_than_the_store_was_granted(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_subleased had[HUB_TILLS] = {{.granted = 0}};
    int64_t lease = 0, money = 0, day[2][HUB_TILLS] = {{0}};
    uint32_t x = 7;
    down_counted_campaign(world, 7, true, 300, 40);
    for (unsigned round = 0; round < 300; round++) {
        x = x * 1664525u + 1013904223u;
        unsigned k = (x >> 8) % HUB_TILLS, d = (x >> 5) & 1;
        if ((x >> 28) == 0) {
            lease += (x >> 16) % 9;
            money += (x >> 12) % 3000;
            lease_money(world, lease, money, 6);
        }
        struct cf_hub_sublease_asked asked = {.campaign = 7,
                                              .left = (x >> 12) % 4,
                                              .want = (x >> 20) % 12,
                                              .day = d ? TODAY : TOMORROW,
                                              .left_minor = (x >> 9) % 1000,
                                              .day_left = (x >> 15) % 3};
        if ((x >> 25) == 3) /* a liar */
            asked.left_minor = asked.day_left = INT32_MAX;
        struct cf_hub_subleased now = hub_lend(world, &world->till[k], asked);
        assert_true(now.granted >= had[k].granted && now.granted_minor >= had[k].granted_minor);
        assert_true(now.day_granted >= day[d][k]);
        had[k] = now;
        day[d][k] = now.day_granted;
        assert_true(had[0].granted + had[1].granted + had[2].granted <= lease);
        assert_true(had[0].granted_minor + had[1].granted_minor + had[2].granted_minor <= money);
        assert_true(day[d][0] + day[d][1] + day[d][2] <= 6);
        if (round % 50 == 49)
            assert_ok(hub_reopen(world));
    }
    assert_true(had[0].granted_minor > 0 && had[1].granted_minor > 0 && had[2].granted_minor > 0);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void records_settle_what_was_claimed(void **state)
{
    struct hub_world *world = *state;
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    assert_rc(hub_claim(world, A, 2, 7, 6), CF_OK);
    batch_begin(A, &batch);
    make_sale(A, &batch, 7, 5, 1);
    make_void(A, &batch, 7, 6, 2);
    make_sale(A, &batch, 7, 8, 9); /* sold while the hub was away */
    batch_sign(A, &batch, &bytes);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    assert_int_equal(hub_answer.ack_seq, 3);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_E_COUPON_SPENT);
    assert_rc(hub_claim(world, B, 3, 7, 6), CF_OK);
    assert_rc(hub_claim(world, B, 4, 7, 8), CF_E_COUPON_SPENT);
    /* Again: nothing changes. */
    uint64_t seq = A->witness.seq;
    assert_rc(hub_push(world, A, &batch), CF_OK);
    assert_int_equal(hub_answer.ack_seq, 3);
    assert_rc(hub_claim(world, B, 3, 7, 6), CF_OK);
    assert_int_equal(B->witness.seq, seq + 1);
}

static void a_return_frees_what_its_sale_used(void **state)
{
    struct hub_world *world = *state;
    down_campaign(world, 7, CF_ON_RETURN_GIVE_BACK);
    batch_begin(A, &batch);
    make_sale(A, &batch, 7, 5, 5);
    make_sale(A, &batch, 7, 6, 6);
    make_sale(A, &batch, 7, 8, 8);
    make_return(A, &batch, A, 3, 7, 8); /* in one batch with its sale */
    batch_sign(A, &batch, &bytes);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    batch_begin(B, &batch);
    make_return(B, &batch, A, 1, 7, 5);
    make_return(B, &batch, B, 2, 7, 6); /* of a sale that is not the one that used it */
    batch_sign(B, &batch, &bytes);
    assert_rc(hub_push(world, B, &batch), CF_OK);
    assert_rc(hub_claim(world, C, 1, 7, 5), CF_OK);
    assert_rc(hub_claim(world, C, 2, 7, 6), CF_E_COUPON_SPENT);
    assert_rc(hub_claim(world, C, 3, 7, 8), CF_OK);
}

static void a_coupon_of_a_receipt_whose_goods_came_back_is_nobodys_in_the_store(void **state)
{
    struct hub_world *world = *state;
    batch_begin(A, &batch);
    make_issuing_sale(A, &batch, 7, 5);
    make_issuing_sale(A, &batch, 7, 6);
    (void)bring(world, A);
    assert_rc(hub_claim(world, C, 1, 7, 6), CF_OK);
    batch_begin(B, &batch);
    make_plain_return(B, &batch, A, 1, 0);
    make_plain_return(B, &batch, A, 2, 0);
    (void)bring(world, B);
    assert_rc(hub_claim(world, C, 2, 7, 5), CF_E_COUPON_SPENT);
    assert_rc(hub_release(world, C, 1, 7, 6), CF_OK); /* held when its goods came back: it is free for nobody after */
    assert_rc(hub_claim(world, A, 3, 7, 6), CF_E_COUPON_SPENT);
}

/* A till that lies: each story ends with the right of another till, which must be spent still. */
static void lie_about_another_sale(struct hub_world *world)
{
    make_return(B, &batch, A, 2, 7, 5); /* A's record 2 is no sale of it */
}
static void lie_about_the_goods(struct hub_world *world)
{
    (void)world;
    make_false_return(B, &batch, A, 1, 7, 5, 1000);
}
static void lie_that_it_used_it_itself(struct hub_world *world)
{
    make_sale(B, &batch, 7, 5, 9);
    make_return(B, &batch, B, 1, 7, 5);
}
static void lie_that_it_took_its_own_use_back_first(struct hub_world *world)
{
    make_return(B, &batch, B, 2, 7, 5);
    make_sale(B, &batch, 7, 5, 9);
}

static void no_made_up_return_frees_what_another_till_used(void **state)
{
    struct hub_world *world = *state;
    static void (*const lies[])(struct hub_world *) = {lie_about_another_sale, lie_about_the_goods,
                                                       lie_that_it_used_it_itself,
                                                       lie_that_it_took_its_own_use_back_first};
    down_campaign(world, 7, CF_ON_RETURN_GIVE_BACK);
    batch_begin(A, &batch);
    make_sale(A, &batch, 7, 5, 5);
    make_sale(A, &batch, 0, 0, 0);
    (void)bring(world, A);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        batch_begin(B, &batch);
        lies[i](world);
        (void)bring(world, B);
        assert_rc(hub_claim(world, C, (uint8_t)(20 + i), 7, 5), CF_E_COUPON_SPENT);
        assert_ok(hub_reopen(world));
    }
}

static void no_made_up_sale_and_return_free_what_another_till_holds(void **state)
{
    struct hub_world *world = *state;
    down_campaign(world, 7, CF_ON_RETURN_GIVE_BACK);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    batch_begin(B, &batch);
    make_sale(B, &batch, 7, 5, 9);
    make_return(B, &batch, B, 1, 7, 5);
    (void)bring(world, B);
    assert_rc(hub_claim(world, C, 2, 7, 5), CF_E_COUPON_SPENT);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK); /* its own still */
    assert_rc(hub_release(world, A, 1, 7, 5), CF_OK);
    assert_rc(hub_claim(world, C, 2, 7, 5), CF_OK);
}

static void what_a_campaign_burns_or_a_till_that_was_set_apart_used_stays_used(void **state)
{
    struct hub_world *world = *state;
    down_campaign(world, 7, CF_ON_RETURN_BURN);
    down_campaign(world, 8, CF_ON_RETURN_GIVE_BACK);
    batch_begin(A, &batch);
    make_sale(A, &batch, 7, 5, 5);
    make_sale(A, &batch, 8, 5, 6);
    make_sale(A, &batch, 9, 5, 7); /* nobody here knows campaign 9 */
    (void)bring(world, A);
    down_terminal(world, A->terminal, 1, true, A->key);
    batch_begin(B, &batch);
    make_return(B, &batch, A, 1, 7, 5);
    make_return(B, &batch, A, 2, 8, 5);
    make_return(B, &batch, A, 3, 9, 5);
    (void)bring(world, B);
    assert_rc(hub_claim(world, C, 1, 7, 5), CF_E_COUPON_SPENT);
    assert_rc(hub_claim(world, C, 2, 8, 5), CF_E_COUPON_SPENT);
    assert_rc(hub_claim(world, C, 3, 9, 5), CF_E_COUPON_SPENT);
}

static void a_late_copy_of_an_ask_holds_nothing_once_its_use_is_back(void **state)
{
    struct hub_world *world = *state;
    down_campaign(world, 7, CF_ON_RETURN_GIVE_BACK);
    assert_rc(hub_claim(world, A, 5, 7, 5), CF_OK);
    batch_begin(A, &batch);
    make_sale(A, &batch, 7, 5, 5);
    make_return(A, &batch, A, 1, 7, 5);
    (void)bring(world, A);
    assert_rc(hub_claim(world, A, 5, 7, 5), CF_E_COUPON_REQUEST);
    assert_rc(hub_claim(world, C, 6, 7, 5), CF_OK);
}

static void a_batch_that_is_not_genuine_is_refused_whole(void **state)
{
    struct hub_world *world = *state;
    batch_begin(A, &batch);
    make_sale(A, &batch, 7, 5, 1);
    batch_sign(A, &batch, &bytes);
    struct hub_till before = *A;
    batch.signature.rs[5] ^= 1;
    assert_rc(hub_push(world, A, &batch), CF_E_PROTOCOL);
    batch.signature.rs[5] ^= 1;
    batch.records[0].wall_ms++;
    assert_rc(hub_push(world, A, &batch), CF_E_PROTOCOL);
    batch.records[0].wall_ms--;
    assert_rc(hub_push(world, B, &batch), CF_E_CERTIFICATE);
    assert_rc(hub_claim(world, B, 3, 7, 5), CF_OK);
    *A = before;
    assert_rc(hub_push(world, A, &batch), CF_OK);
}

static void a_till_begins_behind_what_the_centre_has_of_it(void **state)
{
    struct hub_world *world = *state;
    A->seq = 40;
    batch_begin(A, &batch);
    batch_sign(A, &batch, &bytes); /* a question */
    assert_int_equal(A->seq, 40);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    assert_int_equal(hub_answer.ack_seq, 40);
    batch_begin(A, &batch);
    make_sale(A, &batch, 0, 0, 0);
    batch_sign(A, &batch, &bytes);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    assert_int_equal(hub_answer.ack_seq, 41);
    A->seq = 60; /* what lies between is at the centre */
    batch_begin(A, &batch);
    make_sale(A, &batch, 0, 0, 0);
    batch_sign(A, &batch, &bytes);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    assert_int_equal(hub_answer.ack_seq, 61);
}

static void a_till_with_two_histories_is_set_apart(void **state)
{
    struct hub_world *world = *state;
    batch_begin(A, &batch);
    make_sale(A, &batch, 0, 0, 0);
    batch_sign(A, &batch, &bytes);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    struct hub_till copy = *A;
    batch_begin(A, &batch);
    make_sale(A, &batch, 7, 1, 1);
    batch_sign(A, &batch, &bytes);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    batch_begin(&copy, &batch);
    make_sale(&copy, &batch, 7, 2, 2);
    batch_sign(&copy, &batch, &bytes);
    assert_rc(hub_push(world, &copy, &batch), CF_E_FORK);
    assert_rc(hub_claim(world, A, 3, 7, 9), CF_E_FENCED);
    assert_rc(hub_claim(world, &copy, 4, 7, 9), CF_E_FENCED);
    assert_ok(hub_reopen(world));
    assert_rc(hub_claim(world, A, 3, 7, 9), CF_E_FENCED);
    assert_rc(hub_claim(world, B, 5, 7, 9), CF_OK);
}

/* Held for a ticket that the shopper's phone had fetched. */
static void a_challenge_that_ended_unused_frees_its_right(void **state)
{
    struct hub_world *world = *state;
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_hub_claim claim = {.terminal = A->terminal, .epoch = 1, .campaign = 7, .index = 5};
    uint8_t nonce[CF_NONCE_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8}, other[CF_NONCE_BYTES] = {9};
    cf_challenge_key(A->terminal, 1, nonce, claim.request_key);
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    assert_ok(cf_hub_claim_encode(&claim, &body, &err));
    assert_rc(hub_ask(world, A, CF_PATH_HUB_CLAIM, cf_buf_bytes(&body)), CF_OK);
    assert_rc(hub_claim(world, B, 3, 7, 5), CF_E_COUPON_SPENT);
    batch_begin(A, &batch);
    make_closed(A, &batch, other);
    batch_sign(A, &batch, &bytes);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    assert_rc(hub_claim(world, B, 3, 7, 5), CF_E_COUPON_SPENT);
    batch_begin(A, &batch);
    make_closed(A, &batch, nonce);
    batch_sign(A, &batch, &bytes);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    assert_rc(hub_ask(world, A, CF_PATH_HUB_CLAIM, cf_buf_bytes(&body)), CF_OK); /* a late copy */
    assert_rc(hub_claim(world, B, 3, 7, 5), CF_OK);
}

/* --- goods that come back ----------------------------------------------------------------------------------------- */

static struct cf_sale_reply reply;

/* qty 0 with line 0: all that is left. The reply's rc, or the refusal. */
static enum cf_rc ask_back(struct hub_world *world, struct hub_till *till, uint8_t key, const struct hub_till *seller,
                           uint64_t seq, uint32_t line, int64_t qty_milli)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    const struct cf_asked_line one = {line, qty_milli};
    struct cf_sale_ask ask = {.terminal = till->terminal,
                              .epoch = till->epoch,
                              .of = {.terminal = seller->terminal, .epoch = seller->epoch, .seq = seq},
                              .all = line == 0,
                              .n_lines = line != 0,
                              .lines = &one};
    memset(ask.request_key, key, sizeof ask.request_key);
    cf_buf_init(&body, CF_SALE_ASK_BYTES_MAX);
    assert_ok(cf_sale_ask_encode(&ask, &body, &err));
    enum cf_rc rc = hub_ask(world, till, CF_PATH_HUB_SALE, cf_buf_bytes(&body));
    if (rc != CF_OK)
        return rc;
    assert_ok(cf_sale_reply_decode(world->frame.body, &reply, &err));
    return reply.rc;
}

static uint64_t bring_sale(struct hub_world *world, struct hub_till *till)
{
    batch_begin(till, &batch);
    make_sale(till, &batch, 0, 0, 0);
    return bring(world, till);
}

static void a_sale_of_another_till_is_found(void **state)
{
    struct hub_world *world = *state;
    batch_begin(A, &batch);
    make_void(A, &batch, 7, 6, 2);
    make_sale(A, &batch, 0, 0, 0);
    (void)bring(world, A);
    assert_rc(ask_back(world, B, 1, A, 2, 0, 0), CF_OK);
    assert_true(cf_bytes_equal(reply.sale, batch.records[1].body));
    assert_int_equal(reply.n_before, 0);
    assert_rc(ask_back(world, B, 5, A, 1, 0, 0), CF_E_RETURN_SALE); /* no sale */
    assert_rc(ask_back(world, B, 3, A, 3, 0, 0), CF_E_RETURN_SALE); /* no record */
}

static void goods_are_kept_for_the_first_that_asks(void **state)
{
    struct hub_world *world = *state;
    uint64_t seq = bring_sale(world, A); /* two lines of one piece */
    assert_rc(ask_back(world, B, 1, A, seq, 1, 1000), CF_OK);
    assert_ok(hub_reopen(world));
    assert_rc(ask_back(world, C, 2, A, seq, 1, 1000), CF_E_RETURN_QUANTITY);
    assert_rc(ask_back(world, A, 3, A, seq, 1, 1000), CF_E_RETURN_QUANTITY); /* its own till no less */
    assert_rc(ask_back(world, C, 4, A, seq, 3, 1000), CF_E_LINE_NONE);
    assert_rc(ask_back(world, B, 1, A, seq, 1, 1000), CF_OK); /* the same ask again */
    assert_int_equal(reply.n_before, 0);
    assert_rc(ask_back(world, C, 1, A, seq, 0, 0), CF_E_COUPON_REQUEST); /* somebody else's key */
    assert_rc(ask_back(world, C, 5, A, seq, 0, 0), CF_OK);               /* what is left */
    assert_int_equal(reply.n_before, 1);
    assert_int_equal(reply.before[0].line_no, 1);
    assert_int_equal(reply.before[0].qty_milli, 1000);
    assert_rc(ask_back(world, A, 6, A, seq, 0, 0), CF_E_RETURN_EMPTY);
}

static void goods_given_up_are_free_and_their_key_keeps_nothing_any_more(void **state)
{
    struct hub_world *world = *state;
    uint64_t seq = bring_sale(world, A);
    assert_rc(ask_back(world, B, 1, A, seq, 0, 0), CF_OK);
    assert_rc(hub_release(world, C, 9, 0, 0), CF_OK); /* another key */
    assert_rc(ask_back(world, C, 2, A, seq, 0, 0), CF_E_RETURN_EMPTY);
    assert_rc(hub_release(world, B, 1, 0, 0), CF_OK);
    assert_rc(ask_back(world, B, 1, A, seq, 0, 0), CF_E_COUPON_REQUEST); /* a late copy */
    assert_rc(ask_back(world, C, 2, A, seq, 0, 0), CF_OK);
    batch_begin(C, &batch);
    make_void(C, &batch, 0, 0, 2);
    (void)bring(world, C);
    assert_rc(ask_back(world, A, 3, A, seq, 0, 0), CF_OK);
}

static void what_is_back_stays_back(void **state)
{
    struct hub_world *world = *state;
    uint64_t seq = bring_sale(world, A);
    assert_rc(ask_back(world, B, 1, A, seq, 0, 0), CF_OK);
    batch_begin(B, &batch);
    make_plain_return(B, &batch, A, seq, 1);
    (void)bring(world, B);
    assert_rc(ask_back(world, B, 1, A, seq, 0, 0), CF_E_COUPON_REQUEST); /* a late copy */
    assert_rc(hub_release(world, B, 1, 0, 0), CF_OK);                    /* says nothing of what was done */
    assert_rc(ask_back(world, A, 2, A, seq, 0, 0), CF_E_RETURN_EMPTY);
    assert_rc(ask_back(world, C, 3, A, seq, 1, 1000), CF_E_RETURN_QUANTITY);
    seq = bring_sale(world, A); /* a return that nobody was asked about */
    batch_begin(A, &batch);
    make_plain_return(A, &batch, A, seq, 0);
    (void)bring(world, A);
    assert_rc(ask_back(world, C, 4, A, seq, 0, 0), CF_E_RETURN_EMPTY);
}

static void a_till_that_is_before_its_own_records_is_waited_for(void **state)
{
    struct hub_world *world = *state;
    assert_rc(ask_back(world, A, 1, A, 1, 0, 0), CF_E_RETURN_SALE); /* it takes back what nobody heard of */
    assert_int_equal(bring_sale(world, A), 1);
    assert_rc(ask_back(world, B, 2, A, 1, 0, 0), CF_E_RETURN_ELSEWHERE);
    batch_begin(A, &batch);
    make_plain_return(A, &batch, A, 1, 0);
    (void)bring(world, A);
    assert_rc(ask_back(world, B, 3, A, 1, 0, 0), CF_E_RETURN_EMPTY);
}

static void a_till_that_was_set_apart_takes_nothing_back_and_gives_nothing_up(void **state)
{
    struct hub_world *world = *state;
    uint64_t seq = bring_sale(world, A);
    assert_rc(ask_back(world, B, 1, A, seq, 0, 0), CF_OK);
    down_terminal(world, B->terminal, 1, true, B->key);
    assert_rc(ask_back(world, B, 2, A, seq, 0, 0), CF_E_FENCED);
    batch_begin(B, &batch);
    make_void(B, &batch, 0, 0, 1);
    (void)bring(world, B);
    assert_rc(ask_back(world, C, 3, A, seq, 0, 0), CF_E_RETURN_EMPTY);
}

/* --- signed pages --------------------------------------------------------------------------------------------------
 */

/* A page as the centre would sign it; the hub does not look at the signature. */
static void keep_page(struct cf_hub_store *store, uint64_t from, uint64_t n, uint8_t previous, uint8_t after)
{
    static struct cf_page page;
    struct cf_buf CF_CLEANUP(cf_buf_done) payload, CF_CLEANUP(cf_buf_done) cose;
    cf_buf_init(&payload, 1 << 16);
    cf_buf_init(&cose, 1 << 16);
    page = (struct cf_page){.topic = CF_TOPIC_CAMPAIGNS, .from = from, .n_entries = n};
    memset(page.previous.digest, previous, CF_SHA256_BYTES);
    memset(page.after.digest, after, CF_SHA256_BYTES);
    for (size_t i = 0; i < n; i++)
        page.entries[i] = cf_bytes_of("\x81\x05", 2);
    assert_ok(cf_page_encode(&page, &payload, &err));
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, &cose);
    cf_cbor_write_array(&w, 4);
    cf_cbor_write_bytes(&w, cf_bytes_of("x", 1));
    cf_cbor_write_map(&w, 0);
    cf_cbor_write_bytes(&w, cf_buf_bytes(&payload));
    cf_cbor_write_bytes(&w, cf_bytes_of("s", 1));
    assert_ok(cf_cbor_write_end(&w, &err));
    struct cf_hub_page kept = {CF_TOPIC_CAMPAIGNS, from, from + n, page.previous};
    assert_ok(cf_hub_store_set_page(store, &kept, cf_buf_bytes(&cose), &err));
}

static size_t pulled_pages(struct hub_world *world, struct hub_till *till, uint64_t version, uint8_t digest,
                           size_t *ret_manifests)
{
    struct cf_pull pull = {.terminal = till->terminal, .epoch = 1, .n_topics = 2, .max_bytes = 1 << 20};
    static struct cf_pulled pulled;
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    pull.topics[0].topic = CF_TOPIC_CAMPAIGNS;
    pull.topics[0].version = version;
    memset(pull.topics[0].digest.digest, digest, CF_SHA256_BYTES);
    pull.topics[1].topic = CF_TOPIC_LEASES; /* nobody else's to give */
    assert_ok(cf_pull_encode(&pull, &body, &err));
    assert_rc(hub_ask(world, till, CF_PATH_HUB_PULL, cf_buf_bytes(&body)), CF_OK);
    assert_ok(cf_pulled_decode(world->frame.body, &pulled, &err));
    assert_int_equal(pulled.cursor, 0);
    if (ret_manifests != NULL)
        *ret_manifests = pulled.n_manifests;
    return pulled.n_pages;
}

static void pages_are_given_from_just_where_a_till_stands(void **state)
{
    struct hub_world *world = *state;
    struct cf_hub_store *store = NULL;
    size_t manifests = 0;
    assert_ok(cf_hub_store_open(world->folder, &store, &err)); /* as the sync does, beside the hub */
    keep_page(store, 0, 3, 0x00, 0x33);
    keep_page(store, 3, 2, 0x33, 0x55);
    keep_page(store, 5, 4, 0x55, 0x99);
    assert_int_equal(pulled_pages(world, A, 0, 0x00, NULL), 3);
    assert_int_equal(pulled_pages(world, A, 3, 0x33, NULL), 2);
    assert_int_equal(pulled_pages(world, A, 4, 0x44, &manifests), 0); /* between two pages: the hub cannot sign */
    assert_int_equal(pulled_pages(world, A, 3, 0x34, &manifests), 0); /* another history */
    assert_int_equal(pulled_pages(world, A, 9, 0x99, &manifests), 0);
    assert_int_equal(manifests, 0);
    assert_ok(cf_hub_store_set_manifest(store, CF_TOPIC_CAMPAIGNS, 7, cf_bytes_of("manifest", 8), &err));
    assert_int_equal(pulled_pages(world, A, 4, 0x44, &manifests), 0);
    assert_int_equal(manifests, 1);
    assert_int_equal(pulled_pages(world, A, 8, 0x88, &manifests), 0);
    assert_int_equal(manifests, 0); /* it would throw the till back */
    assert_ok(cf_hub_store_set_chunk(store, CF_TOPIC_CAMPAIGNS, cf_bytes_of("chunk", 5), &err));
    char path[100] = "/h1/chunk/3/";
    struct cf_sha256 hash = cf_sha256(cf_bytes_of("chunk", 5));
    cf_hex_encode(cf_bytes_of(hash.digest, sizeof hash.digest), path + strlen(path));
    struct cf_hub_request request = {.method = "GET", .path = path, .terminal = A->terminal, .epoch = 1};
    cf_hub_handle(world->hub, &request, &world->response);
    assert_int_equal(world->response.status, 200);
    assert_int_equal(world->response.body.n, 5);
    request.terminal = OTHER_TERMINAL;
    cf_hub_handle(world->hub, &request, &world->response);
    assert_int_equal(world->response.status, 403);
    cf_hub_store_close(store);
}

/* --- a hub that is not itself any more ---------------------------------------------------------------------------- */

static void save_disk(struct hub_world *world)
{
    hub_shut(world);
    copy_file(in_folder(world->folder, "hub.db"), in_folder(world->folder, "hub.old"));
    copy_file(world->incarnation_path, in_folder(world->folder, "mark.old"));
}

static void put_old_disk_back(struct hub_world *world)
{
    hub_shut(world);
    remove(in_folder(world->folder, "hub.db-wal"));
    remove(in_folder(world->folder, "hub.db-shm"));
    copy_file(in_folder(world->folder, "hub.old"), in_folder(world->folder, "hub.db"));
}

/* The whole machine, with what stands outside of the folder. */
static void put_old_machine_back(struct hub_world *world)
{
    put_old_disk_back(world);
    copy_file(in_folder(world->folder, "mark.old"), world->incarnation_path);
}

static void an_old_disk_is_known_at_once_by_the_mark_outside_of_it(void **state)
{
    struct hub_world *world = *state;
    save_disk(world);
    assert_ok(hub_reopen(world)); /* one start, in which nothing was done */
    put_old_disk_back(world);
    assert_rc(hub_reopen(world), CF_E_HUB_FENCED);
    assert_rc(hub_reopen(world), CF_E_HUB_FENCED); /* and stays so */
    world->hub_epoch = 2;                          /* until it is assigned anew */
    assert_ok(hub_reopen(world));
}

/* While the hub runs, as a backup does it. */
static void copy_running(struct hub_world *world)
{
    copy_file(in_folder(world->folder, "hub.db"), in_folder(world->folder, "hub.old"));
    copy_file(in_folder(world->folder, "hub.db-wal"), in_folder(world->folder, "wal.old"));
}

static void a_disk_of_the_same_start_that_is_a_step_behind_is_known_too(void **state)
{
    struct hub_world *world = *state;
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    copy_running(world);
    assert_rc(hub_claim(world, A, 2, 7, 6), CF_OK);
    put_old_disk_back(world);
    copy_file(in_folder(world->folder, "wal.old"), in_folder(world->folder, "hub.db-wal"));
    assert_rc(hub_reopen(world), CF_E_HUB_FENCED);
}

/* What was given back to the centre may not be lent by a hub that does not know of it any more. */
static void an_old_disk_from_before_the_lease_was_given_back_is_known_at_once(void **state)
{
    struct hub_world *world = *state;
    down_store_lease(world, 7, 1, 10);
    assert_int_equal(hub_sublease(world, B, 7, 0, 3), 3);
    copy_running(world);
    assert_int_equal(hub_giveback(world, A, 7, 0), 7);
    put_old_disk_back(world);
    copy_file(in_folder(world->folder, "wal.old"), in_folder(world->folder, "hub.db-wal"));
    assert_rc(hub_reopen(world), CF_E_HUB_FENCED);
}

static void a_disk_of_the_same_start_at_the_same_step_is_in_order(void **state)
{
    struct hub_world *world = *state;
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    copy_running(world);
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_E_COUPON_SPENT); /* changes nothing */
    put_old_disk_back(world);
    copy_file(in_folder(world->folder, "wal.old"), in_folder(world->folder, "hub.db-wal"));
    assert_ok(hub_reopen(world));
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_E_COUPON_SPENT);
}

static void no_power_cut_sets_an_honest_hub_apart(void **state)
{
    struct hub_world *world = *state;
    static const struct {
        const char *what;
        bool start_in_db, settled_lost, torn;
    } cuts[] = {
        {"before the start is in hub.db", false, true, false},
        {"before the start is settled", true, true, false},
        {"while a step is settled", true, false, true},
        {"before the settled steps are on the disk", true, true, false},
    };
    for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
        uint8_t mark[1024];
        struct cf_buf content;
        print_message("# %s\n", cuts[k].what);
        assert_ok(hub_reopen(world));
        assert_rc(hub_claim(world, A, (uint8_t)(1 + k), 7, (uint32_t)k), CF_OK);
        hub_shut(world);
        if (!cuts[k].start_in_db)
            save_disk(world);
        if (!cuts[k].start_in_db) {
            assert_ok(hub_reopen(world));
            put_old_disk_back(world);
        }
        cf_buf_init_fixed(&content, mark, sizeof mark);
        assert_ok(cf_env_system()->ops->file_read(NULL, world->incarnation_path, &content, &err));
        if (cuts[k].settled_lost)
            memset(mark + 512, 0, 512);
        if (cuts[k].torn)
            memset(mark + 512 + 40, 0, 30);
        assert_ok(
            cf_env_system()->ops->file_replace(NULL, world->incarnation_path, cf_buf_bytes(&content), 0600, &err));
        assert_ok(hub_reopen(world));
        assert_rc(hub_claim(world, B, 99, 7, (uint32_t)k), CF_E_COUPON_SPENT);
    }
}

static void the_first_start_of_an_assignment_may_be_cut_anywhere(void **state)
{
    struct hub_world *world = *state;
    uint8_t mark[1024];
    struct cf_buf content;
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    world->hub_epoch = 2;
    for (int lost = 0; lost < 2; lost++) {
        assert_ok(hub_reopen(world));
        hub_shut(world);
        cf_buf_init_fixed(&content, mark, sizeof mark);
        assert_ok(cf_env_system()->ops->file_read(NULL, world->incarnation_path, &content, &err));
        memset(mark + 512, 0, 512); /* the intent alone */
        assert_ok(
            cf_env_system()->ops->file_replace(NULL, world->incarnation_path, cf_buf_bytes(&content), 0600, &err));
        assert_ok(hub_reopen(world));
        world->hub_epoch++;
    }
}

static void an_old_machine_is_known_by_the_first_till_that_saw_more(void **state)
{
    struct hub_world *world = *state;
    save_disk(world);
    assert_ok(hub_reopen(world));
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    put_old_machine_back(world); /* the mark with it: here nothing can tell */
    assert_ok(hub_reopen(world));
    assert_rc(hub_claim(world, B, 2, 7, 9), CF_OK); /* B never saw it */
    assert_rc(hub_claim(world, A, 3, 7, 6), CF_E_HUB_FENCED);
    assert_rc(hub_claim(world, B, 2, 7, 9), CF_E_HUB_FENCED);
    assert_rc(hub_reopen(world), CF_E_HUB_FENCED);
}

static void a_database_that_is_gone_is_no_new_beginning(void **state)
{
    struct hub_world *world = *state;
    assert_ok(hub_reopen(world));
    hub_shut(world);
    for (const char *const *name = (const char *const[]){"hub.db", "hub.db-wal", "hub.db-shm", NULL}; *name; name++)
        remove(in_folder(world->folder, *name));
    assert_rc(hub_reopen(world), CF_E_HUB_FENCED);
}

static void a_folder_moved_without_its_incarnation_is_set_apart(void **state)
{
    struct hub_world *world = *state;
    hub_shut(world);
    unlink(world->incarnation_path);
    assert_rc(hub_reopen(world), CF_E_HUB_FENCED);
}

static void a_copy_is_set_apart_at_the_first_contact_that_differs(void **state)
{
    struct hub_world *world = *state;
    save_disk(world);
    assert_ok(hub_reopen(world));
    assert_rc(hub_claim(world, A, 1, 7, 1), CF_OK);
    struct hub_till a = *A; /* A knows the one, B the other copy */
    put_old_machine_back(world);
    assert_ok(hub_reopen(world));
    for (uint8_t k = 0; k < 5; k++) /* further on than the first, so that only the hashes tell */
        assert_rc(hub_claim(world, B, (uint8_t)(10 + k), 7, 10u + k), CF_OK);
    *A = a;
    assert_rc(hub_claim(world, A, 2, 7, 2), CF_E_HUB_FENCED);
}

static void a_witness_that_nobody_signed_sets_nobody_apart(void **state)
{
    struct hub_world *world = *state;
    assert_rc(hub_claim(world, A, 1, 7, 1), CF_OK);
    A->witness.seq += 100;
    assert_rc(hub_claim(world, A, 2, 7, 2), CF_E_PROTOCOL);
    assert_rc(hub_claim(world, B, 2, 7, 2), CF_OK);
}

static void a_new_assignment_keeps_what_was_used_and_held(void **state)
{
    struct hub_world *world = *state;
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    world->hub_epoch = 2;
    assert_ok(hub_reopen(world));
    B->has_witness = false;
    assert_rc(hub_claim(world, B, 2, 7, 5), CF_E_COUPON_SPENT);
    world->hub_epoch = 1; /* an assignment that is over does not come back */
    assert_rc(hub_reopen(world), CF_E_HUB_EPOCH);
}

static void a_new_hub_gives_nothing_before_it_has_heard_the_centre(void **state)
{
    struct hub_world *world = *state;
    down_store_lease(world, 7, 2, 10);
    assert_rc(hub_claim(world, A, 1, 7, 5), CF_OK);
    world->is_new = true;
    world->hub_epoch = 2;
    assert_ok(hub_reopen(world));
    A->has_witness = B->has_witness = false;
    assert_rc(hub_claim(world, B, 2, 7, 6), CF_E_HUB_NEW);
    assert_int_equal(hub_sublease(world, B, 7, 0, 4), -1);
    assert_rc(ask_back(world, B, 9, A, 1, 0, 0), CF_E_HUB_NEW);
    assert_rc(hub_release(world, A, 1, 7, 5), CF_OK); /* what comes back it takes */
    batch_begin(A, &batch);
    make_sale(A, &batch, 0, 0, 0);
    batch_sign(A, &batch, &bytes);
    assert_rc(hub_push(world, A, &batch), CF_OK);
    hub_hears(world);
    assert_rc(hub_claim(world, B, 2, 7, 6), CF_OK);
    assert_int_equal(hub_sublease(world, B, 7, 0, 4), 4);
    assert_ok(hub_reopen(world)); /* a restart has not forgotten it */
    assert_rc(hub_claim(world, B, 3, 7, 7), CF_OK);
}

/* --- hostile ------------------------------------------------------------------------------------------------------ */

static void no_message_however_broken_stops_the_hub(void **state)
{
    struct hub_world *world = *state;
    static const char *const paths[] = {CF_PATH_HUB_CLAIM,
                                        CF_PATH_HUB_RELEASE,
                                        CF_PATH_HUB_SUBLEASE,
                                        CF_PATH_HUB_SALE,
                                        CF_PATH_HUB_RECORDS,
                                        CF_PATH_HUB_PULL,
                                        "/h1/",
                                        "/h1/claim/x",
                                        "/",
                                        ""};
    struct cf_buf CF_CLEANUP(cf_buf_done) frame;
    cf_buf_init(&frame, CF_HUB_BODY_MAX);
    batch_begin(A, &batch);
    make_sale(A, &batch, 7, 5, 1);
    batch_sign(A, &batch, &bytes);
    struct cf_hub_frame good = {.hub_epoch = 1, .body = cf_buf_bytes(&bytes)};
    assert_ok(cf_hub_frame_encode(&good, &frame, &err));
    uint32_t x = 99;
    for (int round = 0; round < 3000; round++) {
        x = x * 1664525u + 1013904223u;
        size_t n = round % 3 == 0 ? (x >> 8) % frame.n : frame.n;
        size_t at = (x >> 4) % frame.n;
        uint8_t kept = frame.p[at];
        frame.p[at] ^= (uint8_t)(1u << ((x >> 29) & 7));
        struct cf_hub_request request = {.method = x & 0x10000 ? "POST" : "GET",
                                         .path = paths[(x >> 20) % (sizeof paths / sizeof *paths)],
                                         .body = cf_bytes_of(frame.p, n),
                                         .terminal = A->terminal,
                                         .epoch = 1};
        cf_hub_handle(world->hub, &request, &world->response);
        assert_true(world->response.status == 200 || world->response.body.n > 0);
        frame.p[at] = kept;
    }
    assert_rc(hub_claim(world, B, 1, 70, 5), CF_OK);
}

static void chunks_with_odd_names_are_not_found(void **state)
{
    struct hub_world *world = *state;
    static const char *const paths[] = {"/h1/chunk/",
                                        "/h1/chunk/2",
                                        "/h1/chunk/2/",
                                        "/h1/chunk//x",
                                        "/h1/chunk/0/00",
                                        "/h1/chunk/2/zz",
                                        "/h1/chunk/../../etc/passwd"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct cf_hub_request request = {.method = "GET", .path = paths[i], .terminal = A->terminal, .epoch = 1};
        cf_hub_handle(world->hub, &request, &world->response);
        assert_int_equal(world->response.status, 404);
    }
}

/* --- torture ------------------------------------------------------------------------------------------------------ */

struct granted {
    uint8_t till;
    uint8_t key;
    uint32_t index;
};

/* The hub in a process of its own: tells each right that it granted, after it answered. */
static void serve_until_killed(struct hub_world *world, int out, uint32_t from)
{
    if (hub_reopen(world) != CF_OK)
        _exit(2);
    for (uint32_t i = from;; i++) {
        struct granted granted = {(uint8_t)(i % HUB_TILLS), (uint8_t)(1 + i % 250), i};
        if (hub_claim(world, &world->till[granted.till], granted.key, 7, i) != CF_OK)
            _exit(3);
        if (write(out, &granted, sizeof granted) != (ssize_t)sizeof granted)
            _exit(4);
    }
}

static void a_hub_killed_at_random_never_grants_a_right_twice(void **state)
{
    struct hub_world *world = *state;
    static struct granted all[200000];
    size_t n = 0;
    uint32_t x = 4711;
    hub_shut(world);
    for (uint32_t round = 0; round < 25; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            serve_until_killed(world, ends[1], round * 100000);
        }
        close(ends[1]);
        x = x * 1664525u + 1013904223u;
        /* However slow the machine: every other round it has given something before it is killed. */
        if (round % 2 == 1 && n < sizeof all / sizeof *all && read(ends[0], &all[n], sizeof all[n]) > 0)
            n++;
        usleep((x >> 8) % 60000);
        assert_int_equal(kill(child, SIGKILL), 0);
        while (n < sizeof all / sizeof *all && read(ends[0], &all[n], sizeof all[n]) == (ssize_t)sizeof all[n])
            n++;
        close(ends[0]);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
    }
    assert_true(n > 0);
    assert_ok(hub_reopen(world));
    for (size_t k = 0; k < n; k++) {
        struct hub_till *other = &world->till[(all[k].till + 1) % HUB_TILLS];
        assert_rc(hub_claim(world, other, 251, 7, all[k].index), CF_E_COUPON_SPENT);
        assert_rc(hub_claim(world, &world->till[all[k].till], all[k].key, 7, all[k].index), CF_OK);
    }
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
        IN_A_HUB(a_right_is_the_first_till_s_that_asks),
        IN_A_HUB(a_right_given_up_is_free_and_its_key_takes_nothing_any_more),
        IN_A_HUB(a_claim_that_comes_after_its_release_takes_nothing),
        IN_A_HUB(what_the_centre_knows_as_redeemed_is_refused),
        IN_A_HUB(an_order_is_handed_out_by_the_first_till_that_asks_and_its_rest_by_another),
        IN_A_HUB(a_restart_forgets_nothing),
        IN_A_HUB(only_terminals_of_the_store_are_heard_and_only_their_newest_epoch_spends),
        IN_A_HUB(an_ask_in_another_till_s_name_is_refused),
        IN_A_HUB(tills_of_another_assignment_are_told_so),
        IN_A_HUB(sub_leases_never_sum_to_more_than_the_store_was_granted),
        IN_A_HUB(the_first_to_ask_does_not_take_all),
        IN_A_HUB(a_lease_of_an_assignment_before_is_not_sub_leased),
        IN_A_HUB(what_a_till_gives_back_is_lent_to_another),
        IN_A_HUB(nothing_comes_back_that_was_not_lent_or_may_be_spent),
        IN_A_HUB(while_a_till_lacks_the_others_keep_twice_what_they_use),
        IN_A_HUB(what_the_hub_gives_back_to_the_centre_is_lent_no_more),
        IN_A_HUB(money_goes_along_with_units_and_no_further_than_the_store_was_granted),
        IN_A_HUB(units_without_money_are_lent_to_nobody_and_a_use_needs_enough),
        IN_A_HUB(money_comes_back_with_its_record_and_goes_to_the_centre_with_what_is_left),
        IN_A_HUB(what_is_to_be_kept_keeps_its_part_of_the_money),
        IN_A_HUB(a_share_of_a_day_is_divided_and_whole_again_on_the_next),
        IN_A_HUB(no_till_fills_the_disk_with_days),
        IN_A_HUB(in_no_column_sub_leases_sum_to_more_than_the_store_was_granted),
        IN_A_HUB(records_settle_what_was_claimed),
        IN_A_HUB(a_return_frees_what_its_sale_used),
        IN_A_HUB(a_coupon_of_a_receipt_whose_goods_came_back_is_nobodys_in_the_store),
        IN_A_HUB(no_made_up_return_frees_what_another_till_used),
        IN_A_HUB(no_made_up_sale_and_return_free_what_another_till_holds),
        IN_A_HUB(what_a_campaign_burns_or_a_till_that_was_set_apart_used_stays_used),
        IN_A_HUB(a_late_copy_of_an_ask_holds_nothing_once_its_use_is_back),
        IN_A_HUB(a_batch_that_is_not_genuine_is_refused_whole),
        IN_A_HUB(a_till_begins_behind_what_the_centre_has_of_it),
        IN_A_HUB(a_till_with_two_histories_is_set_apart),
        IN_A_HUB(a_challenge_that_ended_unused_frees_its_right),
        IN_A_HUB(a_sale_of_another_till_is_found),
        IN_A_HUB(goods_are_kept_for_the_first_that_asks),
        IN_A_HUB(goods_given_up_are_free_and_their_key_keeps_nothing_any_more),
        IN_A_HUB(what_is_back_stays_back),
        IN_A_HUB(a_till_that_is_before_its_own_records_is_waited_for),
        IN_A_HUB(a_till_that_was_set_apart_takes_nothing_back_and_gives_nothing_up),
        IN_A_HUB(pages_are_given_from_just_where_a_till_stands),
        IN_A_HUB(an_old_disk_is_known_at_once_by_the_mark_outside_of_it),
        IN_A_HUB(an_old_disk_from_before_the_lease_was_given_back_is_known_at_once),
        IN_A_HUB(a_disk_of_the_same_start_that_is_a_step_behind_is_known_too),
        IN_A_HUB(a_disk_of_the_same_start_at_the_same_step_is_in_order),
        IN_A_HUB(no_power_cut_sets_an_honest_hub_apart),
        IN_A_HUB(the_first_start_of_an_assignment_may_be_cut_anywhere),
        IN_A_HUB(an_old_machine_is_known_by_the_first_till_that_saw_more),
        IN_A_HUB(a_database_that_is_gone_is_no_new_beginning),
        IN_A_HUB(a_folder_moved_without_its_incarnation_is_set_apart),
        IN_A_HUB(a_copy_is_set_apart_at_the_first_contact_that_differs),
        IN_A_HUB(a_witness_that_nobody_signed_sets_nobody_apart),
        IN_A_HUB(a_new_assignment_keeps_what_was_used_and_held),
        IN_A_HUB(a_new_hub_gives_nothing_before_it_has_heard_the_centre),
        IN_A_HUB(no_message_however_broken_stops_the_hub),
        IN_A_HUB(chunks_with_odd_names_are_not_found),
        IN_A_HUB(a_hub_killed_at_random_never_grants_a_right_twice),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hub", tests, setup_all, teardown_all);
}
