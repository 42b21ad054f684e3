/*
 * tests/store/schema_test.c - every statement is prepared on the newest schema, and every older version is opened.
 */
#include "tests/store/store_support.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/store/journal_private.h"
#include "app/store/replica_private.h"
#include "tests/store/sql_files_support.h"

/* --- statements --------------------------------------------------------------------------------------------------- */

static sqlite3 *database_at(const struct cf_db_schema *schema, size_t version)
{
    struct cf_db db;
    assert_ok(cf_db_init(&db, ":memory:", CF_DB_MAKE, "test", CF_E_INTERNAL, &err));
    assert_ok(cf_db_migrate(&db, schema, version, &err));
    cf_db_finalize_all(db.common, CF_DB_COMMON);
    return db.handle;
}

/* Each .sql file holds statements that SQLite takes on this schema, none of them empty. */
static void prepare_all(sqlite3 *handle, const struct sql_files *files, const char *but)
{
    for (size_t k = 0; k < files->n; k++) {
        if (but != NULL && strcmp(files->name[k], but) == 0)
            continue;
        const char *text = files->text[k];
        size_t n = 0;
        while (*text != '\0') {
            sqlite3_stmt *statement = NULL;
            if (sqlite3_prepare_v2(handle, text, -1, &statement, &text) != SQLITE_OK)
                fail_msg("%s: %s", files->name[k], sqlite3_errmsg(handle));
            n += statement != NULL;
            sqlite3_finalize(statement);
        }
        if (n == 0)
            fail_msg("%s holds no statement", files->name[k]);
    }
    assert_true(files->n > 0);
}

static void every_query_of_the_journal_is_prepared(void **state)
{
    (void)state;
    static struct sql_files files;
    sqlite3 *handle = database_at(&cf_journal_schema, cf_journal_schema.n);
    sql_files_read("app/store/query/journal", &files);
    prepare_all(handle, &files, NULL);
    sql_files_read("app/store/query/common", &files);
    prepare_all(handle, &files, NULL);
    sqlite3_close(handle);
}

static void every_query_of_the_replica_is_prepared(void **state)
{
    (void)state;
    static struct sql_files files;
    sqlite3 *handle = database_at(&cf_replica_schema, cf_replica_schema.n);
    sql_files_read("app/store/query/replica", &files);
    /* A writer's statements need the table that it makes for itself. */
    assert_int_equal(sqlite3_exec(handle, cf_replica_sql("code_queue_make"), NULL, NULL, NULL), SQLITE_OK);
    prepare_all(handle, &files, "code_queue_make.sql");
    sqlite3_close(handle);
}

static void every_table_is_strict(void **state)
{
    (void)state;
    const struct cf_db_schema *const schemas[] = {&cf_journal_schema, &cf_replica_schema};
    for (size_t s = 0; s < 2; s++) {
        sqlite3 *handle = database_at(schemas[s], schemas[s]->n);
        sqlite3_stmt *tables = NULL;
        size_t n = 0;
        assert_int_equal(sqlite3_prepare_v2(handle,
                                            "SELECT name, strict FROM pragma_table_list "
                                            "WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'",
                                            -1, &tables, NULL),
                         SQLITE_OK);
        for (; sqlite3_step(tables) == SQLITE_ROW; n++) {
            if (sqlite3_column_int(tables, 1) != 1)
                fail_msg("table %s is not STRICT", sqlite3_column_text(tables, 0));
        }
        assert_true(n > 5);
        sqlite3_finalize(tables);
        sqlite3_close(handle);
    }
}

/* --- versions ----------------------------------------------------------------------------------------------------- */

static void migrations_are_numbered_without_gaps(void **state)
{
    (void)state;
    static struct sql_files files;
    const char *const folders[] = {"app/store/schema/journal", "app/store/schema/replica"};
    const size_t n[] = {cf_journal_schema.n, cf_replica_schema.n};
    for (size_t s = 0; s < 2; s++) {
        sql_files_read(folders[s], &files);
        assert_int_equal(files.n, n[s]);
        for (size_t k = 0; k < files.n; k++) {
            char number[32];
            snprintf(number, sizeof number, "%04zu_", k + 1);
            assert_memory_equal(files.name[k], number, 5);
        }
    }
}

/* A database as the program of that version left it: its tables, the rows that every version has, nothing else. */
static void make_at_version(const char *path, const struct cf_db_schema *schema, size_t version, bool journal)
{
    struct cf_db db;
    char sql[400];
    char hex[2 * CF_SHA256_BYTES + 1];
    const struct cf_journal_identity identity = {TEST_TERMINAL, 1, TEST_STORE};
    remove(path);
    assert_ok(cf_db_init(&db, path, CF_DB_MAKE, "test", CF_E_INTERNAL, &err));
    assert_ok(cf_db_migrate(&db, schema, version, &err));
    if (journal) {
        struct cf_row_sum sum = cf_journal_identity_sum(&identity);
        cf_hex_encode(cf_bytes_of(sum.b, sizeof sum.b), hex);
        snprintf(sql, sizeof sql, "INSERT INTO identity VALUES (1, %u, 1, %u, x'%s')", TEST_TERMINAL, TEST_STORE, hex);
        assert_ok(cf_db_exec(&db, sql, &err));
        struct cf_sha256 start = cf_record_chain_start(TEST_TERMINAL, 1);
        cf_hex_encode(cf_bytes_of(start.digest, CF_SHA256_BYTES), hex);
        snprintf(sql, sizeof sql, "INSERT INTO state VALUES (1, 0, x'%s', 0, 0, 0)", hex);
        assert_ok(cf_db_exec(&db, sql, &err));
    }
    assert_ok(cf_db_exec(&db, "PRAGMA journal_mode = WAL", &err));
    cf_db_done(&db);
}

static void a_journal_of_each_version_is_brought_up_to_date_and_sells(void **state)
{
    for (size_t version = 1; version <= cf_journal_schema.n; version++) {
        make_at_version(in_folder(*state, "journal.db"), &cf_journal_schema, version, true);
        remove(in_folder(*state, "journal.lock"));
        struct cf_journal *journal = journal_opened(*state, CF_JOURNAL_TILL);
        assert_ok(sell(journal, 1, 10, 5, 1, NULL));
        cf_journal_close(journal);
        cf_journal_close(journal_opened(*state, CF_JOURNAL_TILL));
    }
}

static void a_replica_of_each_version_is_brought_up_to_date(void **state)
{
    for (size_t version = 1; version <= cf_replica_schema.n; version++) {
        struct cf_replica *replica = NULL;
        bool rebuilt = true;
        make_at_version(in_folder(*state, "replica.db"), &cf_replica_schema, version, false);
        assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err));
        assert_false(rebuilt);
        cf_replica_close(replica);
    }
}

/* As a program of that version leaves it, with which programs from `oldest` on can work. */
static void set_window(const char *path, int version, int oldest)
{
    char sql[100];
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    snprintf(sql, sizeof sql, "UPDATE schema_version SET version = %d; PRAGMA user_version = %d", version, oldest);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

static void set_version(const char *path, int version)
{
    set_window(path, version, version);
}

/* A machine whose new system was not healthy goes back to the one before, and no sale may be lost by it. */
static void the_program_after_this_one_may_leave_a_journal_that_this_one_goes_on_with(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_replica *replica = NULL;
    struct cf_journal_head before, after;
    int n = (int)cf_journal_schema.n, of_replica = (int)cf_replica_schema.n;
    assert_ok(sell(journal, 1, 2, 0, 0, NULL));
    assert_ok(cf_journal_head(journal, &before, &err));
    cf_journal_close(journal);
    set_window(in_folder(*state, "journal.db"), n + 1, n);
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    assert_ok(cf_journal_head(journal, &after, &err));
    assert_memory_equal(&before, &after, sizeof before);
    cf_journal_close(journal);
    cf_journal_close(journal_opened(*state, CF_JOURNAL_READ));
    /* Two versions on, or one that says that this program cannot. */
    set_window(in_folder(*state, "journal.db"), n + 2, n);
    assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &journal, &err), CF_E_SCHEMA_NEWER);
    set_window(in_folder(*state, "journal.db"), n + 1, n + 1);
    assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &journal, &err), CF_E_SCHEMA_NEWER);
    /* Files of before there was such a word. */
    set_window(in_folder(*state, "journal.db"), n + 1, 0);
    assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &journal, &err), CF_E_SCHEMA_NEWER);

    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, NULL, &err));
    cf_replica_close(replica);
    set_window(in_folder(*state, "replica.db"), of_replica + 1, of_replica);
    assert_ok(cf_replica_open(*state, CF_REPLICA_READ, &replica, NULL, &err));
    cf_replica_close(replica);
    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, NULL, &err));
    cf_replica_close(replica);
}

/* What an update says of itself is read off the migrations, not written by hand. */
static void the_window_is_what_the_newest_migration_says(void **state)
{
    struct cf_journal_format format;
    (void)state;
    assert_ok(cf_journal_format(&format, &err));
    assert_int_equal(format.schema, cf_journal_schema.n);
    assert_true(format.readable_from >= 1 && format.readable_from <= format.schema);
}

static void what_a_newer_program_wrote_is_left_alone(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    struct cf_replica *replica = NULL;
    bool rebuilt = false;
    cf_journal_close(journal);
    set_version(in_folder(*state, "journal.db"), (int)cf_journal_schema.n + 1);
    assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &journal, &err), CF_E_SCHEMA_NEWER);
    assert_rc(cf_journal_open(*state, CF_JOURNAL_READ, test_env(), &journal, &err), CF_E_SCHEMA_NEWER);
    set_version(in_folder(*state, "journal.db"), (int)cf_journal_schema.n);
    cf_journal_close(journal_opened(*state, CF_JOURNAL_TILL));

    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, NULL, &err));
    cf_replica_close(replica);
    set_version(in_folder(*state, "replica.db"), (int)cf_replica_schema.n + 1);
    assert_rc(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err), CF_E_SCHEMA_NEWER);
    assert_rc(cf_replica_open(*state, CF_REPLICA_READ, &replica, NULL, &err), CF_E_SCHEMA_NEWER);
    assert_false(rebuilt);
    assert_int_not_equal(access(in_folder(*state, "replica.broken.db"), F_OK), 0);

    set_version(in_folder(*state, "replica.db"), -1); /* none that ever was */
    assert_rc(cf_replica_open(*state, CF_REPLICA_READ, &replica, NULL, &err), CF_E_REPLICA_BROKEN);
    assert_ok(cf_replica_open(*state, CF_REPLICA_SYNC, &replica, &rebuilt, &err));
    assert_true(rebuilt);
    cf_replica_close(replica);
}

#define test(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(every_query_of_the_journal_is_prepared),
        test(every_query_of_the_replica_is_prepared),
        test(every_table_is_strict),
        test(migrations_are_numbered_without_gaps),
        test(a_journal_of_each_version_is_brought_up_to_date_and_sells),
        test(a_replica_of_each_version_is_brought_up_to_date),
        test(the_program_after_this_one_may_leave_a_journal_that_this_one_goes_on_with),
        test(the_window_is_what_the_newest_migration_says),
        test(what_a_newer_program_wrote_is_left_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
