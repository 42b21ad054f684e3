/*
 * tests/unit/client/pull_test.c - what comes down: genuine, in order, whole, and each topic for itself.
 */
#include "tests/unit/client/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct world w;
static struct cf_sync_report report;
static struct cf_error err;

static int setup_fresh(void **state)
{
    (void)state;
    world_init(&w);
    world_start(&w);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    world_give_keys(&w);
    world_start(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static void assert_all_topics_are_same(void)
{
    for (enum cf_topic topic = CF_TOPIC_KEYS; topic <= CF_TOPICS_MAX; topic++)
        if (!world_topic_is_same(&w, topic))
            fail_msg("%s: %zu entries here, %zu there", cf_topic_name(topic), w.here[topic].n, w.log[topic].n);
}

static void publish_all(size_t n)
{
    for (enum cf_topic topic = CF_TOPIC_PRICES; topic <= CF_TOPICS_MAX; topic++)
        world_publish(&w, topic, n);
}

/* --- pages -------------------------------------------------------------------------------------------------------- */

static void all_topics_come_down_in_pages(void **state)
{
    (void)state;
    publish_all(30);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_all_topics_are_same();
    assert_int_equal(report.entries, (CF_TOPICS_MAX - 1) * 30);
    assert_int_equal(report.pages, (CF_TOPICS_MAX - 1) * 8);
    assert_int_equal(report.pages_refused, 0);
    assert_int_equal(w.progress.down_cursor, 1 + (CF_TOPICS_MAX - 1) * 30);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_int_equal(report.entries, 0);
}

static void the_cursor_moves_only_when_all_is_here(void **state)
{
    (void)state;
    publish_all(2);
    w.bad_page_topics = 1U << CF_TOPIC_GRANTS;
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_E_PAGE);
    assert_int_equal(w.progress.down_cursor, 0);
    w.bad_page_topics = 0;
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_int_equal(w.progress.down_cursor, 1 + (CF_TOPICS_MAX - 1) * 2);
}

static void a_page_that_nobody_signed_holds_no_other_topic(void **state)
{
    (void)state;
    publish_all(20);
    w.bad_page_topics = 1U << CF_TOPIC_PRICES | 1U << CF_TOPIC_CAMPAIGNS;
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_E_PAGE);
    assert_int_equal(w.here[CF_TOPIC_PRICES].n, 0);
    assert_int_equal(w.here[CF_TOPIC_CAMPAIGNS].n, 0);
    for (enum cf_topic topic = CF_TOPIC_REDEEMED; topic <= CF_TOPICS_MAX; topic++)
        assert_true(world_topic_is_same(&w, topic));
    assert_true(w.pull_requests < 30);
    w.bad_page_topics = 0;
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_all_topics_are_same();
}

static void pages_for_another_place_are_refused(void **state)
{
    (void)state;
    publish_all(3);
    w.page_scope_shift = 1;
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_E_PAGE);
    for (enum cf_topic topic = CF_TOPIC_PRICES; topic <= CF_TOPICS_MAX; topic++)
        assert_int_equal(w.here[topic].n, 0);
}

static void a_cycle_pushes_pulls_and_pushes_what_came_meanwhile(void **state)
{
    (void)state;
    world_record(&w, 5);
    publish_all(3);
    assert_int_equal(cf_sync_cycle(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
    assert_all_topics_are_same();
    assert_int_equal(report.pushed, 5);
    assert_true(report.time_verified);
}

static void sell_while_pulling(struct world *world)
{
    if (world->pull_requests == 1 && world->n_records == 0)
        world_record(world, 3);
}

static void what_is_sold_during_a_pull_is_pushed_by_the_same_cycle(void **state)
{
    (void)state;
    w.during = sell_while_pulling;
    assert_int_equal(cf_sync_cycle(w.sync, &report, &err), CF_OK);
    assert_int_equal(report.pushed, 3);
    assert_true(world_is_drained(&w));
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static void a_fresh_till_begins_with_the_keys(void **state)
{
    (void)state;
    publish_all(5);
    w.wall_us = 0; /* and does not know the time */
    assert_int_equal(cf_sync_cycle(w.sync, &report, &err), CF_OK);
    assert_all_topics_are_same();
    assert_int_equal(cf_keyring_version(w.keyring), 1);
    assert_true(report.time_verified); /* by a statement that had waited for its key */
}

static void a_centre_without_keys_ends_the_pull(void **state)
{
    (void)state;
    publish_all(5);
    w.here[CF_TOPIC_KEYS] = w.log[CF_TOPIC_KEYS]; /* "we have them", but the ring is empty */
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_E_PAGE);
    assert_true(w.pull_requests <= 3);
    w.here[CF_TOPIC_KEYS] = (struct log){.n = 0};
}

static void a_key_set_may_bring_the_key_that_signs_its_page(void **state)
{
    (void)state;
    world_publish_keys(&w, true);
    w.sign_with_next = true;
    publish_all(5);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_all_topics_are_same();
    assert_int_equal(cf_keyring_version(w.keyring), 2);
}

static void a_key_set_of_another_root_is_refused(void **state)
{
    (void)state;
    struct cf_private_key *mine = w.root;
    assert_int_equal(cf_private_key_generate(&w.root, NULL), CF_OK);
    world_publish_keys(&w, true);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_E_PAGE);
    assert_int_equal(cf_keyring_version(w.keyring), 1);
    assert_int_equal(w.here[CF_TOPIC_KEYS].n, 1);
    cf_private_key_free(mine);
}

static void keys_read_again_from_their_start_are_no_error(void **state)
{
    (void)state;
    world_publish_keys(&w, false);
    world_publish_keys(&w, true);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    /* A rebuilt replica, while the ring still holds the newest set. */
    world_forget(&w, CF_TOPIC_KEYS);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_true(world_topic_is_same(&w, CF_TOPIC_KEYS));
    assert_int_equal(cf_keyring_version(w.keyring), 3);
}

static void keys_of_a_centre_begun_anew_start_again_from_zero(void **state)
{
    (void)state;
    world_publish_keys(&w, false);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    w.here[CF_TOPIC_KEYS].digests[2].digest[5] ^= 1; /* a digest that the centre does not know */
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_true(world_topic_is_same(&w, CF_TOPIC_KEYS));
}

/* --- gaps and snapshots ------------------------------------------------------------------------------------------- */

static void a_page_that_does_not_follow_on_is_replaced_by_a_snapshot(void **state)
{
    (void)state;
    publish_all(3);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    world_publish(&w, CF_TOPIC_PRICES, 40);
    world_publish(&w, CF_TOPIC_CAMPAIGNS, 3);
    w.gap_page_topics = 1U << CF_TOPIC_PRICES;
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_all_topics_are_same();
    assert_int_equal(report.snapshots, 1);
    assert_int_equal(report.chunks, 9); /* 43 entries by 5 */
    assert_true(report.pages_refused >= 1);
}

static void a_till_whose_replica_the_centre_does_not_know_gets_a_snapshot(void **state)
{
    (void)state;
    publish_all(12);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    w.here[CF_TOPIC_REDEEMED].digests[12].digest[0] ^= 1;
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_int_equal(report.snapshots, 1);
    assert_all_topics_are_same();
}

static void leases_start_again_from_zero_instead(void **state)
{
    (void)state;
    publish_all(12);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    w.here[CF_TOPIC_LEASES].digests[12].digest[0] ^= 1;
    world_publish(&w, CF_TOPIC_LEASES, 2);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_int_equal(report.snapshots, 0);
    assert_all_topics_are_same();
}

static void a_gap_that_stays_is_given_up(void **state)
{
    (void)state;
    publish_all(2);
    world_publish(&w, CF_TOPIC_LEASES, 20);
    w.gap_page_topics = 1U << CF_TOPIC_LEASES; /* no snapshot helps: leases have none */
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_E_PAGE);
    assert_int_equal(w.here[CF_TOPIC_LEASES].n, 0);
    assert_true(world_topic_is_same(&w, CF_TOPIC_RESULTS));
    assert_true(w.pull_requests < 20);
}

static void an_empty_snapshot_is_one_too(void **state)
{
    (void)state;
    publish_all(3);
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    w.log[CF_TOPIC_GRANTS].n = 0; /* a centre begun anew */
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_int_equal(w.here[CF_TOPIC_GRANTS].n, 0);
    w.log[CF_TOPIC_GRANTS].n = 3;
}

static unsigned cut_at;

static enum fault cut_at_one_chunk(struct world *world, unsigned exchange, const char *path)
{
    (void)exchange;
    if (strncmp(path, CF_PATH_CHUNK, sizeof CF_PATH_CHUNK - 1) != 0)
        return FAULT_NONE;
    return world->chunk_requests + 1 == cut_at ? FAULT_ANSWER_LOST : FAULT_NONE;
}

static void a_snapshot_cut_at_any_chunk_goes_on_there(void **state)
{
    (void)state;
    world_publish(&w, CF_TOPIC_PRICES, 48); /* ten chunks */
    w.snapshots_offered = 1U << CF_TOPIC_PRICES;
    w.fault = cut_at_one_chunk;
    for (cut_at = 1; cut_at <= 10; cut_at++) {
        world_forget(&w, CF_TOPIC_PRICES);
        w.chunk_requests = 0;
        assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_E_TIMEOUT);
        assert_int_equal(report.chunks, cut_at - 1);
        assert_int_equal(w.staged[CF_TOPIC_PRICES].announced, 10);
        assert_int_equal(w.here[CF_TOPIC_PRICES].n, 0); /* the old state until the swap */
        world_start(&w);
        assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
        assert_int_equal(report.chunks, 10 - (cut_at - 1));
        assert_int_equal(w.chunk_requests, 11); /* only the lost one twice */
        assert_true(world_topic_is_same(&w, CF_TOPIC_PRICES));
    }
}

static void publish_once(struct world *world)
{
    if (world->chunk_requests == 3 && world->log[CF_TOPIC_PRICES].n == 48)
        world_publish(world, CF_TOPIC_PRICES, 2);
}

static void a_snapshot_that_changes_on_the_way_is_begun_again(void **state)
{
    (void)state;
    world_publish(&w, CF_TOPIC_PRICES, 48);
    w.snapshots_offered = 1U << CF_TOPIC_PRICES;
    w.during = publish_once; /* its last chunk is then gone */
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_all_topics_are_same();
    assert_int_equal(w.here[CF_TOPIC_PRICES].n, 50);
}

static enum fault every_fifth_bad(struct world *world, unsigned exchange, const char *path)
{
    (void)world;
    (void)path;
    return exchange % 5 == 4 ? FAULT_BIT : FAULT_NONE;
}

static void a_chunk_that_is_not_what_the_manifest_says_is_fetched_again(void **state)
{
    (void)state;
    world_publish(&w, CF_TOPIC_PRICES, 48);
    w.snapshots_offered = 1U << CF_TOPIC_PRICES;
    w.fault = every_fifth_bad;
    for (int i = 0; i < 20 && !world_topic_is_same(&w, CF_TOPIC_PRICES); i++)
        (void)!cf_sync_pull(w.sync, &report, &err);
    assert_true(world_topic_is_same(&w, CF_TOPIC_PRICES));
}

/* --- bad networks ------------------------------------------------------------------------------------------------- */

static enum fault anything_goes(struct world *world, unsigned exchange, const char *path)
{
    (void)path;
    static const enum fault faults[] = {FAULT_NONE, FAULT_NONE, FAULT_REQUEST_LOST, FAULT_ANSWER_LOST, FAULT_TIMEOUT,
                                        FAULT_BIT,  FAULT_NONE, FAULT_OLD_ANSWER,   FAULT_CUT,         FAULT_GARBAGE};
    world->fault_status = 502;
    return faults[(exchange * 7 + exchange / 3) % 10];
}

static bool is_prefix(enum cf_topic topic)
{
    const struct log *here = &w.here[topic], *there = &w.log[topic];
    return here->n <= there->n &&
           memcmp(here->digests[here->n].digest, there->digests[here->n].digest, CF_SHA256_BYTES) == 0;
}

static void whatever_the_network_does_the_till_holds_a_prefix(void **state)
{
    (void)state;
    w.fault = anything_goes;
    for (unsigned round = 0; round < 60; round++) {
        world_record(&w, 3);
        publish_all(1 + round % 3);
        w.snapshots_offered = round % 5 == 0 ? 1U << CF_TOPIC_REDEEMED | 1U << CF_TOPIC_PRICES : 0;
        if (round % 7 == 0)
            world_start(&w);
        (void)!cf_sync_cycle(w.sync, &report, &err);
        for (enum cf_topic topic = CF_TOPIC_KEYS; topic <= CF_TOPICS_MAX; topic++)
            assert_true(is_prefix(topic));
    }
    w.fault = NULL;
    w.snapshots_offered = 0;
    assert_int_equal(cf_sync_cycle(w.sync, &report, &err), CF_OK);
    assert_all_topics_are_same();
    assert_true(world_is_drained(&w));
}

static enum fault refused_pull(struct world *world, unsigned exchange, const char *path)
{
    (void)world;
    (void)exchange;
    return strcmp(path, CF_PATH_PULL) == 0 ? FAULT_REFUSED : FAULT_NONE;
}

static void a_pull_refused_as_fenced_sets_the_terminal_apart(void **state)
{
    (void)state;
    w.fault = refused_pull;
    w.fault_rc = CF_E_FENCED;
    world_record(&w, 2);
    assert_int_equal(cf_sync_cycle(w.sync, &report, &err), CF_E_FENCED);
    assert_true(report.fenced);
    assert_int_equal(w.watermark, 2);
}

static void a_sink_that_fails_ends_the_pull_with_its_own_word(void **state)
{
    (void)state;
    publish_all(3);
    w.sink_rc = CF_E_DISK_FULL;
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_E_DISK_FULL);
    w.sink_rc = CF_OK;
    assert_int_equal(cf_sync_pull(w.sync, &report, &err), CF_OK);
    assert_all_topics_are_same();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_FRESH(name) cmocka_unit_test_setup_teardown(name, setup_fresh, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_topics_come_down_in_pages),
        TEST(the_cursor_moves_only_when_all_is_here),
        TEST(a_page_that_nobody_signed_holds_no_other_topic),
        TEST(pages_for_another_place_are_refused),
        TEST(a_cycle_pushes_pulls_and_pushes_what_came_meanwhile),
        TEST(what_is_sold_during_a_pull_is_pushed_by_the_same_cycle),
        TEST_FRESH(a_fresh_till_begins_with_the_keys),
        TEST_FRESH(a_centre_without_keys_ends_the_pull),
        TEST(a_key_set_may_bring_the_key_that_signs_its_page),
        TEST(a_key_set_of_another_root_is_refused),
        TEST(keys_read_again_from_their_start_are_no_error),
        TEST(keys_of_a_centre_begun_anew_start_again_from_zero),
        TEST(a_page_that_does_not_follow_on_is_replaced_by_a_snapshot),
        TEST(a_till_whose_replica_the_centre_does_not_know_gets_a_snapshot),
        TEST(leases_start_again_from_zero_instead),
        TEST(a_gap_that_stays_is_given_up),
        TEST(an_empty_snapshot_is_one_too),
        TEST(a_snapshot_cut_at_any_chunk_goes_on_there),
        TEST(a_snapshot_that_changes_on_the_way_is_begun_again),
        TEST(a_chunk_that_is_not_what_the_manifest_says_is_fetched_again),
        TEST(whatever_the_network_does_the_till_holds_a_prefix),
        TEST(a_pull_refused_as_fenced_sets_the_terminal_apart),
        TEST(a_sink_that_fails_ends_the_pull_with_its_own_word),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
