/*
 * tests/unit/client/push_test.c - records go up: each once, whatever the network does, and what the centre says of
 * them.
 */
#include "tests/unit/client/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct world w;
static struct cf_sync_report report;
static struct cf_error err;

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

/* --- the plain way ------------------------------------------------------------------------------------------------ */

static void all_records_are_acknowledged(void **state)
{
    (void)state;
    world_record(&w, 600);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
    assert_int_equal(report.recorded, 600);
    assert_int_equal(report.acknowledged, 600);
    assert_int_equal(report.pushed, 600);
    assert_int_equal(report.batches, 4); /* the watermark asked for, then 256 + 256 + 88 */
    assert_true(report.bytes_up > 0 && report.bytes_down > 0);
}

static void pushing_again_changes_nothing(void **state)
{
    (void)state;
    world_record(&w, 10);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_int_equal(report.pushed, 0);
    assert_int_equal(report.acknowledged, 10);
    assert_true(world_is_drained(&w));
}

static void with_nothing_to_send_the_time_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(report.time_verified);
    assert_int_equal(w.record_requests, 1);
    assert_true(w.progress.has_time);
    assert_int_equal(w.progress.centre_wall.us, w.centre_wall_ms * 1000);
}

static void a_restart_goes_on_where_it_was(void **state)
{
    (void)state;
    world_record(&w, 300);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    world_record(&w, 20);
    world_start(&w);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_int_equal(report.pushed, 20);
    assert_int_equal(report.batches, 1);
    assert_true(world_is_drained(&w));
}

static void a_rebuilt_replica_asks_before_it_sends_all_again(void **state)
{
    (void)state;
    world_record(&w, 1000);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    w.progress = (struct cf_sync_progress){.sent_seq = 0};
    world_record(&w, 1);
    world_start(&w);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_int_equal(report.batches, 2);
    assert_int_equal(report.pushed, 1);
    assert_true(world_is_drained(&w));
}

static void progress_of_another_epoch_is_not_believed(void **state)
{
    (void)state;
    world_record(&w, 10);
    w.progress = (struct cf_sync_progress){.acknowledged_seq = 5, .sent_seq = 5, .fenced = true, .down_cursor = 88};
    world_start(&w);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
    assert_int_equal(w.progress.down_cursor, 0); /* till a pull of this one brought all */
    assert_false(w.progress.fenced);             /* the old epoch was, this one is not */
}

static void what_another_process_pushed_is_not_pushed_again(void **state)
{
    (void)state;
    struct cf_sync *daemon = w.sync;
    world_record(&w, 300);
    w.sync = NULL;
    world_start(&w); /* a technician's `sync now` */
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    world_stop(&w);
    w.sync = daemon;
    world_record(&w, 1);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_int_equal(report.pushed, 1);
    assert_int_equal(report.batches, 1);
    assert_true(world_is_drained(&w));
}

static void record_more(struct world *world)
{
    if (world->n_records < 500)
        world_record(world, 100);
}

static void what_is_recorded_meanwhile_goes_along(void **state)
{
    (void)state;
    w.during = record_more;
    world_record(&w, 10);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(w.n_records >= 500);
    assert_true(world_is_drained(&w));
}

static void a_batch_ends_at_the_seventeenth_boot(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        world_record_of(&w, 20, (uint8_t)i);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
    assert_int_equal(report.batches, 1 + 7); /* 16 boots a batch */
}

static void a_batch_ends_before_it_grows_too_large(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 70; i++)
        world_record_of(&w, CF_RECORD_BODY_MAX, 1);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
    assert_int_equal(report.batches, 1 + 3); /* 31 of 128 KB fit in 4 MB */
}

static void read_ahead(struct world *world)
{
    cf_sync_read_ahead(world->sync);
    cf_sync_read_ahead(world->sync);
}

static void batches_read_ahead_are_the_same(void **state)
{
    (void)state;
    world_record(&w, 1000);
    w.during = read_ahead;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
    assert_int_equal(report.batches, 5);
    assert_int_equal(w.outbox_reads, 4); /* each batch read once */
}

/* --- losses ------------------------------------------------------------------------------------------------------- */

static enum fault third_answer_lost(struct world *world, unsigned exchange, const char *path)
{
    (void)world;
    (void)path;
    return exchange == 2 ? FAULT_ANSWER_LOST : FAULT_NONE;
}

static void an_answer_lost_after_the_batch_was_applied_is_harmless(void **state)
{
    (void)state;
    world_record(&w, 600);
    w.fault = third_answer_lost;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_E_TIMEOUT);
    assert_int_equal(report.acknowledged, 256);
    assert_int_equal(w.progress.sent_seq, 512); /* perhaps sent: never called unsent */
    assert_int_equal(w.watermark, 512);
    w.fault = NULL;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
}

static enum fault anything_goes(struct world *world, unsigned exchange, const char *path)
{
    (void)path;
    static const enum fault faults[] = {FAULT_NONE,    FAULT_NONE, FAULT_REQUEST_LOST, FAULT_ANSWER_LOST, FAULT_TIMEOUT,
                                        FAULT_GARBAGE, FAULT_CUT,  FAULT_OLD_ANSWER,   FAULT_NONE,        FAULT_STATUS};
    world->fault_status = 502;
    return faults[(exchange * 7 + exchange / 3) % 10];
}

static void whatever_the_network_does_each_record_is_applied_once(void **state)
{
    (void)state;
    w.fault = anything_goes;
    for (unsigned round = 0; round < 60; round++) {
        world_record(&w, 30);
        if (round % 7 == 0)
            world_start(&w);
        enum cf_rc rc = cf_sync_push(w.sync, &report, &err);
        assert_true(w.progress.acknowledged_seq <= w.watermark);
        assert_int_not_equal(rc, CF_E_FORK);
        assert_false(w.progress.fenced);
    }
    w.fault = NULL;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
}

static enum fault second_is_old(struct world *world, unsigned exchange, const char *path)
{
    (void)world;
    (void)path;
    return exchange == 2 ? FAULT_OLD_ANSWER : FAULT_NONE;
}

static void an_old_answer_only_costs_a_batch(void **state)
{
    (void)state;
    world_record(&w, 600);
    w.fault = second_is_old;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
}

/* --- what the centre says ----------------------------------------------------------------------------------------- */

static void a_centre_that_lost_records_gets_them_again(void **state)
{
    (void)state;
    world_record(&w, 600);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    w.watermark = 100; /* restored from a backup */
    w.applied = 100;
    world_record(&w, 1);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
}

static void a_centre_that_lost_all_gets_it_again(void **state)
{
    (void)state;
    world_record(&w, 300);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    w.watermark = 0;
    w.applied = 0;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
}

static void a_fork_stops_the_push_and_sets_the_terminal_apart(void **state)
{
    (void)state;
    world_record(&w, 10);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    w.centre_hashes[10].digest[0] ^= 1; /* a copy of this till wrote another tenth record */
    world_record(&w, 10);
    world_publish(&w, CF_TOPIC_PRICES, 3);
    assert_int_equal(cf_sync_cycle(w.sync, &report, &err), CF_E_FORK);
    assert_true(report.fenced);
    assert_true(w.progress.fenced);
    assert_int_equal(w.record_requests, 3);
    assert_int_equal(report.acknowledged, 10);
    assert_true(world_topic_is_same(&w, CF_TOPIC_PRICES)); /* it still sells, so it still wants prices */
}

static void a_restored_journal_is_found_out(void **state)
{
    (void)state;
    world_record(&w, 20);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    w.n_records = 15; /* a backup of yesterday */
    world_start(&w);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_E_FORK);
    assert_true(w.progress.fenced);
    w.n_records = 20; /* the right journal put back: the same till again */
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_false(w.progress.fenced);
    assert_true(world_is_drained(&w));
}

static void a_fenced_epoch_still_delivers_its_facts(void **state)
{
    (void)state;
    w.fenced = true;
    world_record(&w, 300);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
    assert_true(report.fenced);
    assert_true(w.progress.fenced);
    assert_int_equal(report.n_results, 0);
}

static enum fault refused_first(struct world *world, unsigned exchange, const char *path)
{
    (void)world;
    (void)path;
    return exchange == 0 ? FAULT_REFUSED : FAULT_NONE;
}

static void a_refusal_as_fenced_stops_the_push(void **state)
{
    (void)state;
    w.fault = refused_first;
    w.fault_rc = CF_E_FENCED;
    world_record(&w, 10);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_E_FENCED);
    assert_true(w.progress.fenced);
    assert_int_equal(w.exchanges, 1);
}

static enum fault always_refused(struct world *world, unsigned exchange, const char *path)
{
    (void)world;
    (void)exchange;
    (void)path;
    return FAULT_REFUSED;
}

static void a_till_that_fell_back_is_told_and_says_so(void **state)
{
    (void)state;
    w.incarnation = 2;
    w.known_incarnation = 6;
    world_record(&w, 300);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(report.fenced && w.fenced); /* at the first contact */
    assert_true(world_is_drained(&w));      /* and its facts are taken */
    assert_int_equal(report.acknowledged, 300);
}

static void a_till_started_while_its_sync_was_at_work_is_not_set_apart(void **state)
{
    (void)state;
    w.incarnation = 5;
    w.incarnation_later = 6; /* after the sync had looked */
    w.known_incarnation = 6;
    world_record(&w, 300);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_false(report.fenced || w.fenced);
    assert_true(world_is_drained(&w));
}

/* A centre that was restored asks for records again, of which one was erased since: the chain goes up all the same. */
static void a_record_that_was_erased_goes_up_without_its_body(void **state)
{
    (void)state;
    world_record(&w, 10);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    w.watermark = 3;
    w.erased_seq = 7;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_int_equal(report.acknowledged, 10);
    assert_int_equal(w.erased_seen, 7);
}

static void gaps_without_end_end_the_push(void **state)
{
    (void)state;
    w.fault = always_refused;
    w.fault_rc = CF_E_GAP;
    world_record(&w, 10);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_E_GAP);
    assert_true(w.exchanges <= 4);
}

static void a_centre_that_never_advances_ends_the_push(void **state)
{
    (void)state;
    w.never_advance = true;
    world_record(&w, 10);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_E_PROTOCOL);
    assert_true(w.exchanges <= 5);
}

static void records_set_aside_are_reported_and_block_nothing(void **state)
{
    (void)state;
    w.bad_seq = 17;
    world_record(&w, 300);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
    assert_int_equal(report.n_results, 1);
    assert_int_equal(report.results[0].seq, 17);
    assert_int_equal(report.results[0].rc, CF_E_RECORD);
}

static enum fault the_fault;

static enum fault always(struct world *world, unsigned exchange, const char *path)
{
    (void)world;
    (void)exchange;
    (void)path;
    return the_fault;
}

static void answers_that_are_none_have_a_name(void **state)
{
    (void)state;
    static const struct {
        enum fault fault;
        int status;
        enum cf_rc rc; /* of a refusal */
        enum cf_rc want;
    } rows[] = {
        {FAULT_REQUEST_LOST, 0, CF_OK, CF_E_LINK_DOWN},
        {FAULT_TIMEOUT, 0, CF_OK, CF_E_TIMEOUT},
        {FAULT_GARBAGE, 0, CF_OK, CF_E_PROTOCOL},
        {FAULT_CUT, 0, CF_OK, CF_E_PROTOCOL},
        {FAULT_STATUS, 500, CF_OK, CF_E_SERVER},
        {FAULT_STATUS, 503, CF_OK, CF_E_SERVER},
        {FAULT_STATUS, 403, CF_OK, CF_E_CERTIFICATE},
        {FAULT_STATUS, 413, CF_OK, CF_E_BODY_SIZE},
        {FAULT_STATUS, 429, CF_OK, CF_E_BUSY},
        {FAULT_STATUS, 302, CF_OK, CF_E_PROTOCOL},
        {FAULT_REFUSED, 0, CF_E_CERTIFICATE, CF_E_CERTIFICATE},
        {FAULT_REFUSED, 0, CF_E_PROTOCOL, CF_E_PROTOCOL},
        {FAULT_REFUSED, 0, CF_E_DISK_FULL, CF_E_DISK_FULL},
    };
    world_record(&w, 3);
    w.fault = always;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        the_fault = rows[i].fault;
        w.fault_status = rows[i].status;
        w.fault_rc = rows[i].rc;
        enum cf_rc rc = cf_sync_push(w.sync, &report, &err);
        if (rc != rows[i].want)
            fail_msg("row %zu: %s", i, cf_rc_name(rc));
        assert_int_equal(err.rc, rc);
        assert_false(w.progress.fenced);
        assert_int_equal(w.progress.acknowledged_seq, 0);
    }
}

static void an_answer_whose_head_is_not_ours_is_a_fork(void **state)
{
    (void)state;
    world_record(&w, 10);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    w.fault = refused_first;
    w.exchanges = 0;
    w.fault_rc = CF_E_GAP; /* which names record 4, but not ours */
    w.fault_ack = 4;
    w.centre_hashes[4].digest[9] ^= 1;
    world_record(&w, 1);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_E_FORK);
}

/* --- the signed time ---------------------------------------------------------------------------------------------- */

static void a_clock_that_is_years_off_is_corrected(void **state)
{
    (void)state;
    static const int64_t offsets_years[] = {-10, 70};
    for (size_t i = 0; i < 2; i++) {
        w.wall_us = w.centre_wall_ms * 1000 + offsets_years[i] * INT64_C(31557600000000);
        world_start(&w);
        assert_int_equal(cf_sync_cycle(w.sync, &report, &err), CF_OK);
        assert_true(report.time_verified);
        cf_wall now;
        w.mono_us += 5000000;
        assert_true(cf_sync_true_time(w.sync, &now));
        int64_t off_us = now.us - (w.centre_wall_ms * 1000 + 5000000);
        assert_true(off_us >= 0 && off_us <= 200000);
        w.boot++; /* in another boot it is not known any more */
        assert_false(cf_sync_true_time(w.sync, &now));
    }
}

static void a_time_that_answers_another_question_is_not_believed(void **state)
{
    (void)state;
    w.forget_nonce = true;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_false(report.time_verified);
    assert_int_equal(report.time_rc, CF_E_PAGE);
    assert_false(w.progress.has_time);
}

static void a_time_signed_by_a_stranger_is_not_believed(void **state)
{
    (void)state;
    w.sign_with_next = true; /* a key that no key set names */
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_false(report.time_verified);
    assert_int_equal(report.time_rc, CF_E_CODE_KEY);
    assert_false(w.progress.has_time);
}

static void a_time_that_was_long_on_its_way_is_not_used(void **state)
{
    (void)state;
    w.round_trip_us = 9000000;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_false(report.time_verified);
    w.round_trip_us = 1000000;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(report.time_verified);
    /* Our clocks are those of the middle of the exchange. */
    assert_int_equal(w.progress.local_mono.us, w.mono_us - 500000);
}

static void only_one_signature_of_time_is_verified_a_run(void **state)
{
    (void)state;
    world_record(&w, 1000);
    uint64_t before = cf_keyring_verifications(w.keyring);
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_int_equal(cf_keyring_verifications(w.keyring) - before, 1);
}

/* --- back-off ----------------------------------------------------------------------------------------------------- */

static void the_delay_doubles_to_five_minutes_and_is_reset(void **state)
{
    (void)state;
    const cf_duration idle = {30 * CF_US_PER_S};
    int64_t longest = CF_US_PER_S;
    bool differed = false;
    w.fault = always;
    the_fault = FAULT_REQUEST_LOST;
    assert_int_equal(cf_sync_delay(w.sync, idle).us, idle.us);
    for (int i = 0; i < 15; i++) {
        assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_E_LINK_DOWN);
        int64_t a = cf_sync_delay(w.sync, idle).us, b = cf_sync_delay(w.sync, idle).us;
        assert_in_range(a, longest / 2, longest);
        assert_in_range(b, longest / 2, longest);
        differed = differed || a != b;
        longest = longest * 2 > 300 * CF_US_PER_S ? 300 * CF_US_PER_S : longest * 2;
    }
    assert_true(differed);
    w.fault = NULL;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_int_equal(cf_sync_delay(w.sync, idle).us, idle.us);
}

static void a_sink_that_fails_ends_the_push_with_its_own_word(void **state)
{
    (void)state;
    world_record(&w, 10);
    w.sink_rc = CF_E_DISK_FULL;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_E_DISK_FULL);
    assert_int_equal(err.rc, CF_E_DISK_FULL);
    w.sink_rc = CF_OK;
    assert_int_equal(cf_sync_push(w.sync, &report, &err), CF_OK);
    assert_true(world_is_drained(&w));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_records_are_acknowledged),
        TEST(pushing_again_changes_nothing),
        TEST(with_nothing_to_send_the_time_is_asked_for),
        TEST(a_restart_goes_on_where_it_was),
        TEST(a_rebuilt_replica_asks_before_it_sends_all_again),
        TEST(progress_of_another_epoch_is_not_believed),
        TEST(what_another_process_pushed_is_not_pushed_again),
        TEST(what_is_recorded_meanwhile_goes_along),
        TEST(a_batch_ends_at_the_seventeenth_boot),
        TEST(a_batch_ends_before_it_grows_too_large),
        TEST(batches_read_ahead_are_the_same),
        TEST(an_answer_lost_after_the_batch_was_applied_is_harmless),
        TEST(whatever_the_network_does_each_record_is_applied_once),
        TEST(an_old_answer_only_costs_a_batch),
        TEST(a_centre_that_lost_records_gets_them_again),
        TEST(a_centre_that_lost_all_gets_it_again),
        TEST(a_fork_stops_the_push_and_sets_the_terminal_apart),
        TEST(a_restored_journal_is_found_out),
        TEST(a_fenced_epoch_still_delivers_its_facts),
        TEST(a_refusal_as_fenced_stops_the_push),
        TEST(a_till_that_fell_back_is_told_and_says_so),
        TEST(a_till_started_while_its_sync_was_at_work_is_not_set_apart),
        TEST(a_record_that_was_erased_goes_up_without_its_body),
        TEST(gaps_without_end_end_the_push),
        TEST(a_centre_that_never_advances_ends_the_push),
        TEST(records_set_aside_are_reported_and_block_nothing),
        TEST(answers_that_are_none_have_a_name),
        TEST(an_answer_whose_head_is_not_ours_is_a_fork),
        TEST(a_clock_that_is_years_off_is_corrected),
        TEST(a_time_that_answers_another_question_is_not_believed),
        TEST(a_time_signed_by_a_stranger_is_not_believed),
        TEST(a_time_that_was_long_on_its_way_is_not_used),
        TEST(only_one_signature_of_time_is_verified_a_run),
        TEST(the_delay_doubles_to_five_minutes_and_is_reset),
        TEST(a_sink_that_fails_ends_the_push_with_its_own_word),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
