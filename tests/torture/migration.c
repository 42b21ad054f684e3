/*
 * tests/torture/migration.c - see migration.h.
 */
#include "tests/torture/migration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "app/store/journal_private.h"
#include "tests/store/sql_files_support.h"
#include "tests/torture/book.h"
#include "tests/torture/clerk.h"

#define STEPS 60
#define FATES_PER_CUT 3

struct shop shop;
unsigned n_cuts;
static struct shop origin;

/* A shop with some history, all closed. */
void migration_history(uint64_t seed)
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
void migration_make_older(const char *path, size_t version, const struct cf_db_schema *schema)
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

static bool is_whole(void)
{
    const char *kind = getenv("CF_BUILD_KIND");
    return !kind || getenv("CF_WHOLE");
}

/* Each write where a person asked for it (./dev torture, ./dev test --whole). Among all the other tests one in four is
 * enough, and one in sixteen under sanitizers, which look for something else. */
uint64_t migration_stride(void)
{
    const char *kind = getenv("CF_BUILD_KIND");
    if (is_whole())
        return 1;
    return strcmp(kind, "asan") == 0 ? 16 : 4;
}

int migration_fates(void)
{
    return is_whole() ? FATES_PER_CUT : 1;
}

/* --- cuts -----------------------------------------------------------------------------------------------------------
 */

/* Opens with the power going at operation n; true if it opened before that. */
static bool open_with_cut(struct cf_disk *disk, uint64_t n, migration_open_fn open_it, migration_close_fn close_it)
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

void migration_cut_at_each_write(struct cf_disk *disk, migration_open_fn open_it, migration_close_fn close_it,
                                 migration_check_fn check)
{
    static struct book book; /* goes back with the disk: a start that is done again is another record */
    struct cf_disk *image = cf_disk_copy(disk, 1);
    bool opened = false;
    book = shop.book;
    for (uint64_t n = 1; !opened; n += migration_stride())
        for (int fate = 0; fate < migration_fates() && !opened; fate++) {
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

void migration_check_till(struct shop *at)
{
    struct cf_journal_verdict verdict;
    at->book.n_states = 0;
    book_step(at);
    book_check_till(at);
    assert_int_equal(cf_journal_verify(cf_till_journal(at->till), &verdict, &shop_err), CF_OK);
}

int migration_begin(void **state)
{
    (void)state;
    shop_origin_make(&origin);
    return 0;
}

int migration_end(void **state)
{
    (void)state;
    shop_origin_done(&origin);
    return 0;
}
