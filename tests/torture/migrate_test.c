/*
 * tests/torture/migrate_test.c - the power goes at each write of a migration, and of a journal's making: afterwards it
 * opens, with all that it held.
 *
 * An older file is made from a new one: the tables of the older schema, filled with the columns that both know.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "app/store/journal_private.h"
#include "app/store/replica_private.h"
#include "tests/store/sql_files_support.h"
#include "tests/torture/book.h"
#include "tests/torture/clerk.h"

#define STEPS 60
#define FATES_PER_CUT 3

static struct shop origin;
static struct shop shop;
static unsigned n_cuts;

/* A shop with some history, all closed. */
static void make_history(uint64_t seed)
{
    shop_begin(&shop, &origin, seed, TORTURE_NONE);
    shop.loss_percent = 0;
    shop.no_returns = true;
    for (int k = 0; k < STEPS && !shop.failed; k++)
        clerk_step(&shop);
    if (!shop.failed)
        clerk_finish(&shop);
    assert_false(shop.failed);
    shop_close_till(&shop);
    shop_close_centre(&shop);
}

/* --- older files ----------------------------------------------------------------------------------------------------
 */

static void run(sqlite3 *db, const char *sql)
{
    char *said = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &said) != SQLITE_OK)
        fail_msg("%s: %s", sql, said);
}

/* "a,b,c": the columns that a table has in both. */
static void common_columns(sqlite3 *db, const char *table, char *ret, size_t room)
{
    sqlite3_stmt *get = NULL;
    size_t n = 0;
    ret[0] = '\0';
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT name FROM pragma_table_info(?1, 'main') WHERE name IN (SELECT name "
                                        "FROM pragma_table_info(?1, 'newer'))",
                                        -1, &get, NULL),
                     SQLITE_OK);
    (void)sqlite3_bind_text(get, 1, table, -1, SQLITE_STATIC);
    while (sqlite3_step(get) == SQLITE_ROW) {
        int more = snprintf(ret + n, room - n, "%s\"%s\"", n > 0 ? "," : "", sqlite3_column_text(get, 0));
        assert_true(more > 0 && (size_t)more < room - n);
        n += (size_t)more;
    }
    (void)sqlite3_finalize(get);
}

static void fill_older(sqlite3 *db)
{
    char columns[2000], sql[4400];
    sqlite3_stmt *tables = NULL;
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                                        "'sqlite%' AND name <> 'schema_version' AND name IN (SELECT name FROM "
                                        "newer.sqlite_schema)",
                                        -1, &tables, NULL),
                     SQLITE_OK);
    while (sqlite3_step(tables) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);
        common_columns(db, table, columns, sizeof columns);
        (void)snprintf(sql, sizeof sql,
                       "DELETE FROM main.\"%s\"; INSERT INTO main.\"%s\" (%s) SELECT %s FROM newer.\"%s\"", table,
                       table, columns, columns, table);
        run(db, sql);
    }
    (void)sqlite3_finalize(tables);
}

/* The file at `path` becomes one of an older version; make(db, version, ctx) makes its empty tables. */
static void make_older(const char *path, size_t version, const struct cf_db_schema *schema)
{
    static struct sql_files files;
    char newer[300], sql[400];
    struct cf_db db = {.name = "older"};
    (void)snprintf(newer, sizeof newer, "%s.newer", path);
    assert_int_equal(rename(path, newer), 0);
    assert_int_equal(cf_db_init(&db, path, CF_DB_MAKE, "older", CF_E_INTERNAL, &shop_err), CF_OK);
    if (schema) {
        run(db.handle, cf_journal_sql("page_size"));
        assert_int_equal(cf_db_migrate(&db, schema, version, &shop_err), CF_OK);
    } else {
        sql_files_read("sync/central/store/sqlite/schema", &files);
        for (size_t k = 0; k < version; k++)
            run(db.handle, files.text[k]);
        (void)snprintf(sql, sizeof sql, "PRAGMA user_version = %zu", version);
        run(db.handle, sql);
    }
    (void)snprintf(sql, sizeof sql, "PRAGMA foreign_keys = OFF; ATTACH '%s' AS newer", newer);
    run(db.handle, sql);
    run(db.handle, "BEGIN");
    fill_older(db.handle);
    run(db.handle, "COMMIT");
    run(db.handle, "DETACH newer; PRAGMA journal_mode = WAL");
    cf_db_done(&db);
    assert_int_equal(unlink(newer), 0);
}

/* Under sanitizers each fourth write is enough. */
static uint64_t stride(void)
{
    const char *kind = getenv("CF_BUILD_KIND");
    return kind && strcmp(kind, "asan") == 0 ? 4 : 1;
}

static int fates(void)
{
    return stride() == 1 ? FATES_PER_CUT : 1;
}

/* --- cuts -----------------------------------------------------------------------------------------------------------
 */

typedef enum cf_rc (*open_fn)(struct shop *shop, struct cf_error *err);
typedef void (*close_fn)(struct shop *shop);

/* Opens with the power going at operation n; true if it opened before that. */
static bool open_with_cut(struct cf_disk *disk, uint64_t n, open_fn open_it, close_fn close_it)
{
    cf_disk_stop_at(disk, n, CF_DISK_CUT, NULL, NULL);
    enum cf_rc rc = open_it(&shop, &shop_err);
    bool cut = cf_disk_is_off(disk);
    close_it(&shop);
    if (!cut && rc != CF_OK)
        fail_msg("it does not open: %s: %s", cf_rc_name(rc), shop_err.detail);
    cf_disk_stop_at(disk, 0, CF_DISK_CUT, NULL, NULL);
    n_cuts += cut;
    cf_disk_restart(disk, CF_DISK_ANY);
    return !cut;
}

static void cut_at_each_write(struct cf_disk *disk, open_fn open_it, close_fn close_it, void (*check)(struct shop *))
{
    static struct book book; /* goes back with the disk: a start that is done again is another record */
    struct cf_disk *image = cf_disk_copy(disk, 1);
    bool opened = false;
    book = shop.book;
    for (uint64_t n = 1; !opened; n += stride())
        for (int fate = 0; fate < fates() && !opened; fate++) {
            cf_disk_restore(disk, image);
            shop.book = book;
            opened = open_with_cut(disk, n, open_it, close_it);
            enum cf_rc rc = open_it(&shop, &shop_err);
            if (rc != CF_OK)
                fail_msg("after a cut at write %u it does not open: %s: %s", (unsigned)n, cf_rc_name(rc),
                         shop_err.detail);
            check(&shop);
            assert_false(shop.failed);
            close_it(&shop);
        }
    cf_disk_free(image);
}

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

static void check_till(struct shop *at)
{
    struct cf_journal_verdict verdict;
    at->book.n_states = 0;
    book_step(at);
    book_check_till(at);
    assert_int_equal(cf_journal_verify(cf_till_journal(at->till), &verdict, &shop_err), CF_OK);
}

static void a_journal_of_each_version_outlives_a_cut_at_each_write_of_its_migration(void **state)
{
    (void)state;
    n_cuts = 0;
    for (size_t version = 1; version <= cf_journal_schema.n; version++) {
        char path[300];
        make_history(version);
        (void)snprintf(path, sizeof path, "%s/journal.db", shop_till_dir(&shop));
        make_older(path, version, &cf_journal_schema);
        cut_at_each_write(shop.till_disk, open_updated_till, shop_close_till, check_till);
        shop_end(&shop);
    }
    print_message("# %u cuts over %zu versions\n", n_cuts, cf_journal_schema.n);
}

static void a_replica_of_each_version_outlives_a_cut_at_each_write_of_its_migration(void **state)
{
    (void)state;
    n_cuts = 0;
    for (size_t version = 1; version <= cf_replica_schema.n; version++) {
        char path[300];
        make_history(10 + version);
        (void)snprintf(path, sizeof path, "%s/replica.db", shop_till_dir(&shop));
        make_older(path, version, &cf_replica_schema);
        cut_at_each_write(shop.till_disk, shop_open_till, shop_close_till, check_till);
        shop_end(&shop);
    }
    print_message("# %u cuts over %zu versions\n", n_cuts, cf_replica_schema.n);
}

static void a_centre_of_each_version_outlives_a_cut_at_each_write_of_its_migration(void **state)
{
    static struct sql_files files;
    (void)state;
    n_cuts = 0;
    sql_files_read("sync/central/store/sqlite/schema", &files);
    for (size_t version = 1; version <= files.n; version++) {
        make_history(20 + version);
        make_older(shop_centre_path(&shop, "member.db"), version, NULL);
        cut_at_each_write(shop.centre_disk, shop_open_centre, shop_close_centre, book_check_centre);
        shop_end(&shop);
    }
    print_message("# %u cuts over %zu versions\n", n_cuts, files.n);
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
    make_history(31);
    struct cf_disk *image = cf_disk_copy(shop.till_disk, 1);
    int64_t records = head_of("journal.db");
    assert_true(records > 0);
    bool done = false;
    for (uint64_t n = 1; !done; n += stride())
        for (int fate = 0; fate < fates() && !done; fate++) {
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

static int make_origin(void **state)
{
    (void)state;
    shop_origin_make(&origin);
    return 0;
}

static int drop_origin(void **state)
{
    (void)state;
    shop_origin_done(&origin);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_journal_of_each_version_outlives_a_cut_at_each_write_of_its_migration),
        cmocka_unit_test(a_replica_of_each_version_outlives_a_cut_at_each_write_of_its_migration),
        cmocka_unit_test(a_centre_of_each_version_outlives_a_cut_at_each_write_of_its_migration),
        cmocka_unit_test(a_cut_while_a_new_journal_is_made_loses_neither_the_new_nor_the_old),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_origin, drop_origin);
}
