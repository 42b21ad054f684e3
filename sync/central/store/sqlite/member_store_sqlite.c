/*
 * sync/central/store/sqlite/member_store_sqlite.c - runs the named statements on SQLite.
 *
 * It knows no statement by meaning: it binds, steps and maps errors. Each statement is prepared once, when first used.
 * One thread.
 */
#include "sync/central/store/sqlite/member_store_sqlite.h"

#include "base/plant.h"

#include "sql_member_query.h"
#include "sql_member_schema.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 5000
#define ROW_BYTES_MAX (8u << 20)

struct statement {
    sqlite3_stmt *stmt;
    struct cf_buf row; /* copy of the row last given out */
};
struct adapter {
    struct cf_member_store store;
    sqlite3 *db;
    sqlite3_stmt *begin, *commit;
    struct statement statement[CF_STATEMENTS];
    const char *sql[CF_STATEMENTS];
};

static enum cf_rc fail_sqlite(sqlite3 *db, int code, struct cf_error *err, const char *what)
{
    const char *text = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    if ((code & 0xff) == SQLITE_CONSTRAINT) {
        int extended = db != NULL ? sqlite3_extended_errcode(db) : code;
        bool key = extended == SQLITE_CONSTRAINT_PRIMARYKEY || extended == SQLITE_CONSTRAINT_UNIQUE ||
                   extended == SQLITE_CONSTRAINT_ROWID;
        return cf_fail(err, key ? CF_E_EXISTS : CF_E_STATE, "%s: %s", what, text);
    }
    static const struct {
        int code;
        enum cf_rc rc;
    } map[] = {
        {SQLITE_FULL, CF_E_DISK_FULL}, {SQLITE_READONLY, CF_E_READ_ONLY}, {SQLITE_BUSY, CF_E_BUSY},
        {SQLITE_LOCKED, CF_E_BUSY},    {SQLITE_NOMEM, CF_E_NO_MEMORY},    {SQLITE_TOOBIG, CF_E_LIMIT},
    };
    for (size_t i = 0; i < sizeof map / sizeof *map; i++) {
        if ((code & 0xff) == map[i].code) {
            return cf_fail(err, map[i].rc, "%s: %s", what, text);
        }
    }
    return cf_fail(err, CF_E_IO, "%s: %s", what, text);
}

static enum cf_rc execute(struct adapter *a, const char *sql, struct cf_error *err)
{
    int code = sqlite3_exec(a->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? CF_OK : fail_sqlite(a->db, code, err, "member store");
}

/* --- schema ------------------------------------------------------------------------------------------------------- */

static enum cf_rc schema_version(struct adapter *a, int *ret, struct cf_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(a->db, "PRAGMA user_version", -1, &stmt, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(stmt);
    }
    enum cf_rc rc = CF_OK;
    if (code == SQLITE_ROW) {
        *ret = sqlite3_column_int(stmt, 0);
    } else {
        rc = fail_sqlite(a->db, code, err, "schema version");
    }
    sqlite3_finalize(stmt);
    return rc;
}

static enum cf_rc migrate(struct adapter *a, struct cf_error *err)
{
    const int newest = (int)(sizeof cf_sql_member_schema / sizeof *cf_sql_member_schema);
    enum cf_rc rc = execute(a, "BEGIN IMMEDIATE", err);
    if (rc != CF_OK) {
        return rc;
    }
    int version = 0;
    rc = schema_version(a, &version, err);
    if (rc == CF_OK && version > newest) {
        rc =
            cf_fail(err, CF_E_SCHEMA_NEWER, "member store has schema %d, this program knows up to %d", version, newest);
    }
    for (int v = version; rc == CF_OK && v < newest; v++) {
        rc = execute(a, cf_sql_member_schema[v].text, err);
    }
    if (rc == CF_OK && version < newest) {
        char pragma[40];
        sqlite3_snprintf((int)sizeof pragma, pragma, "PRAGMA user_version = %d", newest);
        rc = execute(a, pragma, err);
    }
    if (rc == CF_OK) {
        return execute(a, "COMMIT", err);
    }
    sqlite3_exec(a->db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

/* --- statements --------------------------------------------------------------------------------------------------- */

static enum cf_rc prepare(struct adapter *a, enum cf_statement statement, struct cf_error *err)
{
    const char *name = cf_statement_info(statement)->name;
    assert(a->sql[statement] != NULL);
    int code = sqlite3_prepare_v3(a->db, a->sql[statement], -1, SQLITE_PREPARE_PERSISTENT,
                                  &a->statement[statement].stmt, NULL);
    return code == SQLITE_OK ? CF_OK : fail_sqlite(a->db, code, err, name);
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct cf_value *value)
{
    switch (value->kind) {
    case CF_VALUE_NULL:
        return sqlite3_bind_null(stmt, at);
    case CF_VALUE_INT:
        return sqlite3_bind_int64(stmt, at, value->i);
    case CF_VALUE_TEXT:
        return sqlite3_bind_text64(stmt, at, value->b.n > 0 ? (const char *)value->b.p : "", value->b.n, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case CF_VALUE_BLOB:
        /* A blob of no bytes must not become NULL. */
        return sqlite3_bind_blob64(stmt, at, value->b.n > 0 ? (const void *)value->b.p : "", value->b.n, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

/* A statement that is ready to step, with its arguments bound. The caller resets it. */
static enum cf_rc start(struct adapter *a, enum cf_statement statement, const struct cf_value *args,
                        sqlite3_stmt **ret_stmt, struct cf_error *err)
{
    sqlite3_stmt *stmt = a->statement[statement].stmt;
    if (stmt == NULL) {
        enum cf_rc rc = prepare(a, statement, err);
        if (rc != CF_OK) {
            return rc;
        }
        stmt = a->statement[statement].stmt;
    }
    assert(!sqlite3_stmt_busy(stmt));
    const struct cf_statement_info *info = cf_statement_info(statement);
    for (size_t i = 0; i < info->n_args; i++) {
        int code = bind_one(stmt, (int)i + 1, &args[i]);
        if (code != SQLITE_OK) {
            return fail_sqlite(a->db, code, err, info->name);
        }
    }
    *ret_stmt = stmt;
    return CF_OK;
}

/* Views into the statement's own memory: valid until it steps again. */
static void read_row(sqlite3_stmt *stmt, size_t n_columns, struct cf_value *row)
{
    for (size_t i = 0; i < n_columns; i++) {
        int at = (int)i;
        switch (sqlite3_column_type(stmt, at)) {
        case SQLITE_INTEGER:
            row[i] = cf_v_int(sqlite3_column_int64(stmt, at));
            break;
        case SQLITE_TEXT:
            row[i] = (struct cf_value){CF_VALUE_TEXT, 0, {sqlite3_column_text(stmt, at), 0}};
            row[i].b.n = (size_t)sqlite3_column_bytes(stmt, at);
            break;
        case SQLITE_BLOB:
            row[i] = cf_v_blob(sqlite3_column_blob(stmt, at), 0);
            row[i].b.n = (size_t)sqlite3_column_bytes(stmt, at);
            break;
        default:
            row[i] = cf_v_null();
            break;
        }
    }
}

/* Moves the row's text and blobs into the statement's own buffer, so that the statement can be reset. */
static enum cf_rc keep_row(struct statement *s, size_t n_columns, struct cf_value *row, struct cf_error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < n_columns; i++) {
        total += row[i].b.n;
    }
    cf_buf_clear(&s->row);
    if (total == 0) {
        return CF_OK;
    }
    enum cf_rc rc = cf_buf_reserve(&s->row, total, err);
    for (size_t i = 0; i < n_columns && rc == CF_OK; i++) {
        if (row[i].b.n > 0) {
            size_t at = s->row.n;
            rc = cf_buf_append(&s->row, row[i].b.p, row[i].b.n, err);
            row[i].b.p = s->row.p + at;
        }
    }
    return rc;
}

static enum cf_rc op_run(void *ctx, enum cf_statement statement, const struct cf_value *args, uint64_t *ret_changed,
                         struct cf_error *err)
{
    struct adapter *a = ctx;
    sqlite3_stmt *stmt;
    enum cf_rc rc = start(a, statement, args, &stmt, err);
    if (rc != CF_OK) {
        return rc;
    }
    int code = sqlite3_step(stmt);
    if (code == SQLITE_DONE) {
        *ret_changed = (uint64_t)sqlite3_changes64(a->db);
    } else {
        rc = fail_sqlite(a->db, code, err, cf_statement_info(statement)->name);
    }
    sqlite3_reset(stmt);
    return rc;
}

static enum cf_rc op_insert(void *ctx, enum cf_statement statement, const struct cf_value *args, int64_t *ret_id,
                            struct cf_error *err)
{
    struct adapter *a = ctx;
    uint64_t changed;
    enum cf_rc rc = op_run(ctx, statement, args, &changed, err);
    if (rc == CF_OK) {
        *ret_id = sqlite3_last_insert_rowid(a->db);
    }
    return rc;
}

static enum cf_rc op_row(void *ctx, enum cf_statement statement, const struct cf_value *args, struct cf_value *ret_row,
                         bool *ret_found, struct cf_error *err)
{
    struct adapter *a = ctx;
    sqlite3_stmt *stmt;
    enum cf_rc rc = start(a, statement, args, &stmt, err);
    if (rc != CF_OK) {
        return rc;
    }
    int code = sqlite3_step(stmt);
    if (code == SQLITE_ROW) {
        size_t n = cf_statement_info(statement)->n_columns;
        read_row(stmt, n, ret_row);
        rc = keep_row(&a->statement[statement], n, ret_row, err);
        *ret_found = true;
    } else if (code == SQLITE_DONE) {
        *ret_found = false;
    } else {
        rc = fail_sqlite(a->db, code, err, cf_statement_info(statement)->name);
    }
    sqlite3_reset(stmt);
    return rc;
}

static enum cf_rc op_each(void *ctx, enum cf_statement statement, const struct cf_value *args, cf_store_row_fn fn,
                          void *fn_ctx, struct cf_error *err)
{
    struct adapter *a = ctx;
    sqlite3_stmt *stmt;
    enum cf_rc rc = start(a, statement, args, &stmt, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    int code;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        read_row(stmt, cf_statement_info(statement)->n_columns, row);
        rc = fn(fn_ctx, row, err);
        if (rc != CF_OK) {
            break;
        }
    }
    if (rc == CF_OK && code != SQLITE_DONE) {
        rc = fail_sqlite(a->db, code, err, cf_statement_info(statement)->name);
    }
    sqlite3_reset(stmt);
    return rc;
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

/* Each request has a transaction: prepared once, not parsed each time. */
static enum cf_rc step_once(struct adapter *a, sqlite3_stmt **stmt, const char *sql, struct cf_error *err)
{
    int code = *stmt != NULL ? SQLITE_OK : sqlite3_prepare_v3(a->db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(*stmt);
    }
    enum cf_rc rc = code == SQLITE_DONE ? CF_OK : fail_sqlite(a->db, code, err, "member store");
    sqlite3_reset(*stmt);
    return rc;
}

static enum cf_rc op_begin(void *ctx, struct cf_error *err)
{
    struct adapter *a = ctx;
    return step_once(a, &a->begin, "BEGIN IMMEDIATE", err);
}

static void op_rollback(void *ctx)
{
    struct adapter *a = ctx;
    sqlite3_exec(a->db, "ROLLBACK", NULL, NULL, NULL); /* fails only if SQLite has rolled back by itself */
}

static enum cf_rc op_commit(void *ctx, struct cf_error *err)
{
    struct adapter *a = ctx;
    enum cf_rc rc = step_once(a, &a->commit, "COMMIT", err);
    if (rc != CF_OK) {
        op_rollback(ctx);
    }
    return rc;
}

static enum cf_rc op_optimize(void *ctx, struct cf_error *err)
{
    return execute(ctx, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize;", err);
}

static void op_close(void *ctx)
{
    struct adapter *a = ctx;
    sqlite3_finalize(a->begin);
    sqlite3_finalize(a->commit);
    for (size_t i = 0; i < CF_STATEMENTS; i++) {
        sqlite3_finalize(a->statement[i].stmt);
        cf_buf_done(&a->statement[i].row);
    }
    sqlite3_close(a->db);
    free(a);
}

static const struct cf_member_store_ops ops = {
    .begin = op_begin,
    .commit = op_commit,
    .rollback = op_rollback,
    .run = op_run,
    .insert = op_insert,
    .row = op_row,
    .each = op_each,
    .optimize = op_optimize,
    .close = op_close,
};

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void find_texts(struct adapter *a)
{
    for (size_t s = 0; s < CF_STATEMENTS; s++) {
        for (size_t i = 0; i < sizeof cf_sql_member_query / sizeof *cf_sql_member_query; i++) {
            if (strcmp(cf_sql_member_query[i].name, cf_statement_info((enum cf_statement)s)->name) == 0) {
                a->sql[s] = cf_sql_member_query[i].text;
            }
        }
    }
}

static enum cf_rc open_file(struct adapter *a, const char *path, bool create, struct cf_error *err)
{
    /* Counting every allocation takes a mutex each time; refused, without harm, once SQLite is in use. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    int code = sqlite3_open_v2(path, &a->db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0), NULL);
    if (code != SQLITE_OK) {
        return fail_sqlite(a->db, code, err, path);
    }
    sqlite3_busy_timeout(a->db, BUSY_TIMEOUT_MS);
    sqlite3_extended_result_codes(a->db, 0);
    enum cf_rc rc = execute(a,
                            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                            "PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY;",
                            err);
    if (rc == CF_OK && CF_PLANTED(centre_unsynced)) {
        rc = execute(a, "PRAGMA synchronous = OFF", err);
    }
    return rc == CF_OK ? migrate(a, err) : rc;
}

enum cf_rc cf_member_store_sqlite_open(const char *path, bool create, struct cf_member_store **ret,
                                       struct cf_error *err)
{
    if (access(path, F_OK) == 0) {
        if (create) {
            return cf_fail(err, CF_E_EXISTS, "%s exists", path);
        }
    } else if (!create) {
        return cf_fail_errno(err, errno, "%s", path);
    }
    struct adapter *a = calloc(1, sizeof *a);
    if (a == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "member store");
    }
    a->store.ops = &ops;
    a->store.ctx = a;
    for (size_t i = 0; i < CF_STATEMENTS; i++) {
        cf_buf_init(&a->statement[i].row, ROW_BYTES_MAX);
    }
    find_texts(a);
    enum cf_rc rc = open_file(a, path, create, err);
    if (rc != CF_OK) {
        op_close(a);
        return rc;
    }
    *ret = &a->store;
    return CF_OK;
}

enum cf_rc cf_member_store_sqlite_check(struct cf_member_store *store, struct cf_error *err)
{
    struct adapter *a = store->ctx;
    for (size_t s = 0; s < CF_STATEMENTS; s++) {
        const struct cf_statement_info *info = cf_statement_info((enum cf_statement)s);
        if (a->sql[s] == NULL) {
            return cf_fail(err, CF_E_INTERNAL, "%s.sql is missing", info->name);
        }
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(a->db, a->sql[s], -1, &stmt, NULL);
        size_t n_args = (size_t)sqlite3_bind_parameter_count(stmt), n_columns = (size_t)sqlite3_column_count(stmt);
        sqlite3_finalize(stmt);
        if (code != SQLITE_OK) {
            return fail_sqlite(a->db, code, err, info->name);
        }
        if (n_args != info->n_args || n_columns != info->n_columns) {
            return cf_fail(err, CF_E_INTERNAL, "%s has %zu arguments and %zu columns, not %zu and %zu", info->name,
                           n_args, n_columns, info->n_args, info->n_columns);
        }
    }
    const size_t n_files = sizeof cf_sql_member_query / sizeof *cf_sql_member_query;
    return n_files == CF_STATEMENTS ? CF_OK : cf_fail(err, CF_E_INTERNAL, "%zu .sql files", n_files);
}
