/*
 * tests/store/disk/disk_test.c - one sync a sale, and nothing recorded when the disk is full, fails or is read-only.
 */
#include "tests/store/store_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/sync_shim.h"

static int disk_setup(void **state)
{
    memset(cf_sync_shim(), 0, sizeof *cf_sync_shim());
    return folder_setup(state);
}

static int disk_teardown(void **state)
{
    memset(cf_sync_shim(), 0, sizeof *cf_sync_shim());
    return folder_teardown(state);
}

/* --- counting ----------------------------------------------------------------------------------------------------- */

static void expect_one_sync(struct cf_journal *journal, uint64_t sale_no, uint32_t index)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    uint64_t fdatasyncs = shim->n_fdatasync;
    uint64_t fsyncs = shim->n_fsync;
    struct cf_committed committed;
    assert_ok(sell(journal, sale_no, 10, 5, index, &committed));
    assert_ok(cf_journal_print_mark(journal, committed.seq, CF_PRINT_DONE, &err));
    assert_int_equal(shim->n_fdatasync - fdatasyncs, 1);
    assert_int_equal(shim->n_fsync - fsyncs, 0);
}

static void a_sale_costs_exactly_one_fdatasync(void **state)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_journal *journal = journal_made(*state);
    size_t n_rests = 0;
    for (uint32_t k = 1; k <= 600; k++) {
        expect_one_sync(journal, k, k);
        uint64_t before = shim->n_fdatasync;
        assert_ok(cf_journal_rest(journal, &err));
        n_rests += shim->n_fdatasync > before;
    }
    assert_true(n_rests >= 2); /* so that sales before and after a checkpoint are among them */
    cf_journal_close(journal);
}

static void the_first_sale_of_each_opening_costs_one_too(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    uint32_t k = 1;
    for (; k <= 4; k++) {
        expect_one_sync(journal, k, k);
        cf_journal_close(journal);
        journal = journal_opened(*state, CF_JOURNAL_TILL);
    }
    for (; k <= 8; k++) { /* while a reader keeps the log from going away */
        struct cf_journal *reader = journal_opened(*state, CF_JOURNAL_READ);
        cf_journal_close(journal);
        journal = journal_opened(*state, CF_JOURNAL_TILL);
        expect_one_sync(journal, k, k);
        cf_journal_close(reader);
    }
    cf_journal_close(journal);
}

struct selling_reader {
    struct cf_journal *till;
    uint64_t sale_no;
};

static enum cf_rc sell_meanwhile(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                                 const struct cf_sha256 *hash, struct cf_error *error)
{
    (void)record;
    (void)body_hash;
    (void)hash;
    (void)error;
    struct selling_reader *reader = ctx;
    expect_one_sync(reader->till, reader->sale_no, (uint32_t)reader->sale_no);
    reader->sale_no++;
    assert_ok(cf_journal_rest(reader->till, &err));
    return CF_OK;
}

static void a_reader_in_the_middle_of_a_page_costs_a_sale_nothing(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    for (uint32_t k = 1; k <= 200; k++)
        expect_one_sync(journal, k, k);
    struct cf_journal *reader = journal_opened(*state, CF_JOURNAL_READ);
    struct selling_reader selling = {journal, 201};
    assert_ok(cf_journal_read(reader, 1, 200, sell_meanwhile, &selling, &err));
    assert_int_equal(selling.sale_no, 401);
    assert_true(file_size(in_folder(*state, "journal.db-wal")) < 24u << 20); /* the log did start again */
    cf_journal_close(reader);
    cf_journal_close(journal);
}

static void steps_and_print_marks_cost_none(void **state)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_journal *journal = journal_made(*state);
    uint64_t before = shim->n_fdatasync + shim->n_fsync;
    for (int k = 0; k < 100; k++)
        assert_ok(cf_journal_step(journal, cf_bytes_str("scan 06901234567892"), &err));
    assert_ok(cf_journal_steps_clear(journal, &err));
    assert_int_equal(shim->n_fdatasync + shim->n_fsync, before);
    cf_journal_close(journal);
}

/* --- a full disk -------------------------------------------------------------------------------------------------- */

static void copy_journal(const char *folder, const char *to)
{
    static const char *const files[] = {"journal.db", "journal.db-wal", "journal.lock"};
    for (size_t k = 0; k < 3; k++)
        copy_file(in_folder(folder, files[k]), in_folder(to, files[k]));
}

static void expect_head(struct cf_journal *journal, uint64_t seq, size_t n_steps)
{
    struct cf_journal_head head;
    assert_ok(cf_journal_head(journal, &head, &err));
    assert_int_equal(head.seq, seq);
    assert_int_equal(count_steps(journal), n_steps);
}

/* The files as they are now, opened as after a crash. */
static void expect_after_crash(const char *folder, uint64_t seq, size_t n_steps)
{
    void *elsewhere = NULL;
    folder_setup(&elsewhere);
    copy_journal(folder, elsewhere);
    struct cf_journal *journal = journal_opened(elsewhere, CF_JOURNAL_TILL);
    expect_head(journal, seq, n_steps);
    cf_journal_close(journal);
    folder_teardown(&elsewhere);
}

/* Tries to commit sale 2 with the disk failing in the nth write or sync; true if it succeeded all the same. */
static bool try_sale(const char *folder, struct cf_journal *journal, const struct cf_sale *sale, enum cf_rc expected)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_committed committed;
    bool spent = true;
    enum cf_rc rc = cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err);
    shim->full_from = 0;
    shim->sync_fails_from = 0;
    if (rc == CF_OK)
        return true;
    assert_rc(rc, expected);
    expect_head(journal, 1, 2);
    assert_ok(cf_journal_is_spent(journal, 5, 2, &spent, &err));
    assert_false(spent);
    expect_after_crash(folder, 1, 2);
    return false;
}

static void nothing_is_recorded_when_the_disk_fills_at_any_write_of_a_sale(void **state)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_journal *journal = journal_made(*state);
    struct cf_sale *sale = NULL;
    assert_ok(cf_sale_new(&sale, &err));
    assert_ok(sell(journal, 1, 3, 5, 1, NULL));
    for (int k = 0; k < 2; k++)
        assert_ok(cf_journal_step(journal, cf_bytes_str("scan"), &err));
    fill_sale(sale, 2, 10, 5, 2);
    uint64_t n = 1;
    for (;; n++) {
        shim->full_from = shim->n_writes + n;
        if (try_sale(*state, journal, sale, CF_E_DISK_FULL))
            break;
    }
    assert_true(n > 10); /* each frame is two writes */
    expect_head(journal, 2, 0);
    struct cf_journal_verdict verdict;
    assert_ok(cf_journal_verify(journal, &verdict, &err));
    cf_sale_free(sale);
    cf_journal_close(journal);
    cf_journal_close(journal_opened(*state, CF_JOURNAL_TILL));
}

static void nothing_is_recorded_when_a_sync_fails(void **state)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_journal *journal = journal_made(*state);
    struct cf_sale *sale = NULL;
    assert_ok(cf_sale_new(&sale, &err));
    assert_ok(sell(journal, 1, 3, 5, 1, NULL));
    for (int k = 0; k < 2; k++)
        assert_ok(cf_journal_step(journal, cf_bytes_str("scan"), &err));
    fill_sale(sale, 2, 10, 5, 2);
    for (int k = 0; k < 3; k++) {
        shim->sync_fails_from = shim->n_fdatasync + shim->n_fsync + 1;
        assert_false(try_sale(*state, journal, sale, CF_E_IO));
    }
    assert_true(try_sale(*state, journal, sale, CF_OK));
    expect_after_crash(*state, 2, 0);
    cf_sale_free(sale);
    cf_journal_close(journal);
}

static void a_step_that_does_not_fit_on_the_disk_is_refused_and_the_others_stay(void **state)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_journal *journal = journal_made(*state);
    assert_ok(cf_journal_step(journal, cf_bytes_str("one"), &err));
    for (uint64_t n = 1; n <= 2; n++) {
        shim->full_from = shim->n_writes + n;
        assert_rc(cf_journal_step(journal, cf_bytes_str("two"), &err), CF_E_DISK_FULL);
        assert_rc(cf_journal_park(journal, "bag", &err), CF_E_DISK_FULL);
        assert_rc(cf_journal_steps_clear(journal, &err), CF_E_DISK_FULL);
        shim->full_from = 0;
        assert_int_equal(count_steps(journal), 1);
        expect_after_crash(*state, 0, 1);
    }
    assert_ok(cf_journal_step(journal, cf_bytes_str("two"), &err));
    assert_int_equal(count_steps(journal), 2);
    cf_journal_close(journal);
}

static void a_checkpoint_on_a_full_disk_loses_nothing(void **state)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_journal *journal = journal_made(*state);
    uint32_t k = 0;
    for (; file_size(in_folder(*state, "journal.db-wal")) < 9u << 20; k++)
        assert_ok(sell(journal, k + 1, 10, 5, k + 1, NULL));
    for (uint64_t n = 1; n <= 30; n += 7) {
        shim->full_from = shim->n_writes + n;
        enum cf_rc rc = cf_journal_rest(journal, &err);
        shim->full_from = 0;
        assert_true(rc == CF_OK || rc == CF_E_DISK_FULL);
        expect_after_crash(*state, k, 0);
        assert_ok(sell(journal, k + 1, 10, 5, k + 1, NULL));
        k++;
    }
    cf_journal_close(journal);
    cf_journal_close(journal_opened(*state, CF_JOURNAL_TILL));
}

static void a_full_disk_makes_no_journal_and_keeps_the_old_one(void **state)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_journal *journal = journal_made(*state);
    assert_ok(sell(journal, 1, 3, 5, 1, NULL));
    cf_journal_close(journal);
    struct cf_journal_identity identity = {TEST_TERMINAL, 2, TEST_STORE};
    for (uint64_t n = 1; n < 30; n += 3) {
        shim->full_from = shim->n_writes + n;
        enum cf_rc rc = cf_journal_create(*state, &identity, test_env(), &err);
        shim->full_from = 0;
        if (rc == CF_OK)
            break;
        assert_rc(rc, CF_E_DISK_FULL);
        journal = journal_opened(*state, CF_JOURNAL_TILL);
        expect_head(journal, 1, 0);
        cf_journal_close(journal);
    }
}

/* --- a disk that cannot be written -------------------------------------------------------------------------------- */

static void a_read_only_disk_is_named_as_such(void **state)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_journal *journal = journal_made(*state);
    struct cf_sale *sale = NULL;
    struct cf_committed committed;
    assert_ok(cf_sale_new(&sale, &err));
    assert_ok(sell(journal, 1, 3, 5, 1, NULL));
    assert_ok(cf_journal_step(journal, cf_bytes_str("scan"), &err));
    fill_sale(sale, 2, 10, 5, 2);
    shim->read_only = 1; /* remounted while it was open */
    assert_rc(cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err), CF_E_READ_ONLY);
    assert_rc(cf_journal_step(journal, cf_bytes_str("scan"), &err), CF_E_READ_ONLY);
    expect_head(journal, 1, 1);
    cf_journal_close(journal);
    assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &journal, &err), CF_E_READ_ONLY);
    shim->read_only = 0;
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    expect_head(journal, 1, 1);
    assert_ok(cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err));
    cf_sale_free(sale);
    cf_journal_close(journal);
}

static void a_replica_on_a_full_disk_stays_as_it_was(void **state)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_replica *sync = NULL;
    struct cf_down_entry entry;
    struct cf_buf buf;
    struct cf_topic_state topic;
    struct cf_sha256 digest = {{0}};
    memset(&entry, 0, sizeof entry);
    entry.kind = CF_DOWN_PRODUCT;
    entry.product.id = 1;
    snprintf(entry.product.name, sizeof entry.product.name, "Tea");
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    assert_ok(cf_down_encode(&entry, &buf, &err));
    cf_bytes bytes = cf_buf_bytes(&buf);
    digest = cf_down_digest(&digest, bytes);
    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &sync, NULL, &err));
    uint64_t n = 1;
    for (;; n++) {
        shim->full_from = shim->n_writes + n;
        enum cf_rc rc = cf_replica_apply(sync, CF_TOPIC_PRICES, 0, &bytes, 1, &digest, &err);
        shim->full_from = 0;
        if (rc == CF_OK)
            break;
        assert_rc(rc, CF_E_DISK_FULL);
        assert_ok(cf_replica_topic(sync, CF_TOPIC_PRICES, &topic, &err));
        assert_int_equal(topic.version, 0);
    }
    assert_true(n > 2);
    assert_ok(cf_replica_topic(sync, CF_TOPIC_PRICES, &topic, &err));
    assert_int_equal(topic.version, 1);
    cf_buf_done(&buf);
    cf_replica_close(sync);
}

#define test(name) cmocka_unit_test_setup_teardown(name, disk_setup, disk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_sale_costs_exactly_one_fdatasync),
        test(the_first_sale_of_each_opening_costs_one_too),
        test(a_reader_in_the_middle_of_a_page_costs_a_sale_nothing),
        test(steps_and_print_marks_cost_none),
        test(nothing_is_recorded_when_the_disk_fills_at_any_write_of_a_sale),
        test(nothing_is_recorded_when_a_sync_fails),
        test(a_step_that_does_not_fit_on_the_disk_is_refused_and_the_others_stay),
        test(a_checkpoint_on_a_full_disk_loses_nothing),
        test(a_full_disk_makes_no_journal_and_keeps_the_old_one),
        test(a_read_only_disk_is_named_as_such),
        test(a_replica_on_a_full_disk_stays_as_it_was),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
