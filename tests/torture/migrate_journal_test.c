/*
 * tests/torture/migrate_journal_test.c - the power goes at each write of a migration of the journal, and of a journal's
 * making: afterwards it opens, with all that it held.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "app/store/journal_private.h"
#include "tests/torture/migration.h"

/* The till first, as after an update: a sync asks for that. */
static enum cf_rc open_updated_till(struct shop *at, struct cf_error *err)
{
    struct cf_journal *journal = NULL;
    cf_disk_as(at->till_disk, 0);
    enum cf_rc rc = cf_journal_open(shop_till_dir(at), CF_JOURNAL_TILL, &at->till_env, &journal, err);
    if (rc != CF_OK)
        return rc;
    cf_journal_close(journal);
    return shop_open_till(at, err);
}

static void a_journal_of_each_version_outlives_a_cut_at_each_write_of_its_migration(void **state)
{
    (void)state;
    n_cuts = 0;
    for (size_t version = 1; version <= cf_journal_schema.n; version++) {
        char path[300];
        migration_history(version);
        (void)snprintf(path, sizeof path, "%s/journal.db", shop_till_dir(&shop));
        migration_make_older(path, version, &cf_journal_schema);
        migration_cut_at_each_write(shop.till_disk, open_updated_till, shop_close_till, migration_check_till);
        shop_end(&shop);
    }
    print_message("# %u cuts over %zu versions\n", n_cuts, cf_journal_schema.n);
}

/* --- a journal's making ---------------------------------------------------------------------------------------------
 */

static enum cf_rc enrol_anew(struct shop *at)
{
    struct cf_journal_identity identity = {at->terminal, at->epoch + 1, at->store_id};
    return cf_journal_create(shop_till_dir(at), &identity, &at->till_env, &shop_err);
}

/* The head of a journal's file, which need not be the till's. */
static int64_t head_of(const char *name)
{
    char path[300];
    sqlite3 *db = NULL;
    sqlite3_stmt *get = NULL;
    int64_t seq = -1;
    (void)snprintf(path, sizeof path, "%s/%s", shop_till_dir(&shop), name);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT count(*) FROM record", -1, &get, NULL) == SQLITE_OK &&
        sqlite3_step(get) == SQLITE_ROW)
        seq = sqlite3_column_int64(get, 0);
    (void)sqlite3_finalize(get);
    (void)sqlite3_close(db);
    return seq;
}

static void a_cut_while_a_new_journal_is_made_loses_neither_the_new_nor_the_old(void **state)
{
    (void)state;
    n_cuts = 0;
    migration_history(31);
    struct cf_disk *image = cf_disk_copy(shop.till_disk, 1);
    int64_t records = head_of("journal.db");
    assert_true(records > 0);
    bool done = false;
    for (uint64_t n = 1; !done; n += migration_stride())
        for (int fate = 0; fate < migration_fates() && !done; fate++) {
            cf_disk_restore(shop.till_disk, image);
            cf_disk_stop_at(shop.till_disk, n, CF_DISK_CUT, NULL, NULL);
            enum cf_rc rc = enrol_anew(&shop);
            done = !cf_disk_is_off(shop.till_disk);
            assert_true(!done || rc == CF_OK);
            n_cuts += !done;
            cf_disk_restart(shop.till_disk, CF_DISK_ANY);
            enum cf_rc again = enrol_anew(&shop);
            if (again != CF_OK && again != CF_E_EXISTS)
                fail_msg("after a cut at write %u: %s: %s", (unsigned)n, cf_rc_name(again), shop_err.detail);
            assert_true(rc != CF_OK || again == CF_E_EXISTS); /* what was done is done */
            struct cf_journal *journal = NULL;
            struct cf_journal_identity identity;
            enum cf_rc opened =
                cf_journal_open(shop_till_dir(&shop), CF_JOURNAL_TILL, &shop.till_env, &journal, &shop_err);
            if (opened != CF_OK)
                fail_msg("after a cut at write %u: %s: %s", (unsigned)n, cf_rc_name(opened), shop_err.detail);
            cf_journal_identity(journal, &identity);
            assert_int_equal(identity.epoch, shop.epoch + 1);
            cf_journal_close(journal);
            assert_int_equal(head_of("journal-1.db"), records);
        }
    print_message("# %u cuts\n", n_cuts);
    cf_disk_free(image);
    shop_end(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_journal_of_each_version_outlives_a_cut_at_each_write_of_its_migration),
        cmocka_unit_test(a_cut_while_a_new_journal_is_made_loses_neither_the_new_nor_the_old),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, migration_begin, migration_end);
}
