/*
 * app/store/db.c - SQLite as this folder uses it; see db.h. Not thread-safe.
 */
#include "app/store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/private_files.h"
#include "sql_common_query.h"

const char *cf_db_common_sql(const char *name)
{
    for (size_t k = 0; k < sizeof cf_sql_common_query / sizeof cf_sql_common_query[0]; k++) {
        if (strcmp(cf_sql_common_query[k].name, name) == 0) {
            return cf_sql_common_query[k].text;
        }
    }
    assert(false); /* there is no query of this name */
    return NULL;
}

/* --- errors ------------------------------------------------------------------------------------------------------- */

/* SQLite does not keep the errno of a write that failed in a commit: then the file system is asked. */
static bool is_on_read_only(const struct cf_db *db)
{
    const char *path = sqlite3_db_filename(db->handle, "main");
    return path != NULL && path[0] != '\0' && access(path, W_OK) != 0 && errno == EROFS;
}

static enum cf_rc rc_of_errno(const struct cf_db *db, int errnum)
{
    switch (errnum) {
    case 0:
        return is_on_read_only(db) ? CF_E_READ_ONLY : CF_E_IO;
    case ENOSPC:
    case EDQUOT:
        return CF_E_DISK_FULL;
    case EROFS:
        return CF_E_READ_ONLY;
    default:
        return CF_E_IO;
    }
}

static enum cf_rc rc_of_sqlite(const struct cf_db *db, int code, int errnum)
{
    switch (code) {
    case SQLITE_IOERR_SHORT_READ: /* the file ends before a page that it should have */
    case SQLITE_IOERR_CORRUPTFS:
        return db->broken;
    case SQLITE_IOERR_SHMSIZE: /* SQLite does not keep the errno of this one; it is the file that would not grow */
        return CF_E_DISK_FULL;
    default:
        break;
    }
    switch (code & 0xff) {
    case SQLITE_FULL:
        return CF_E_DISK_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return CF_E_READ_ONLY;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return rc_of_errno(db, errnum);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return CF_E_BUSY;
    case SQLITE_NOMEM:
        return CF_E_NO_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_CONSTRAINT: /* our statements keep the constraints: what breaks one was not written by us */
    case SQLITE_MISMATCH:
    case SQLITE_ERROR: /* a table or column is not there, though the schema's version says so */
        return db->broken;
    default:
        return CF_E_INTERNAL;
    }
}

enum cf_rc cf_db_fail(const struct cf_db *db, struct cf_error *err)
{
    if (db->handle == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "%s: out of memory", db->name);
    }
    int code = sqlite3_extended_errcode(db->handle);
    int errnum = sqlite3_system_errno(db->handle);
    return cf_fail(err, rc_of_sqlite(db, code, errnum), "%s: %s (%d, %d)", db->name, sqlite3_errmsg(db->handle), code,
                   errnum);
}

enum cf_rc cf_db_broken(const struct cf_db *db, struct cf_error *err, const char *what)
{
    return cf_fail(err, db->broken, "%s: %s", db->name, what);
}

/* --- open --------------------------------------------------------------------------------------------------------- */

/* SQLite makes a database for its owner alone to write, and gives its log and index the same mode: in a folder that
 * several users share it has to be there before. An empty file is a new database. */
static void make_for_all_of_a_shared_folder(const char *path)
{
    mode_t mode = cf_private_mode(path, 0600);
    int fd = mode != 0600 ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode) : -1;
    if (fd >= 0)
        close(fd);
}

static enum cf_rc open_handle(struct cf_db *db, const char *path, enum cf_db_how how, struct cf_error *err)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    switch (how) {
    case CF_DB_READ:
        flags |= SQLITE_OPEN_READONLY;
        break;
    case CF_DB_WRITE:
        flags |= SQLITE_OPEN_READWRITE;
        break;
    case CF_DB_MAKE:
        flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        make_for_all_of_a_shared_folder(path);
        break;
    }
    if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
        return cf_db_fail(db, err);
    }
    db->read_only_file = how != CF_DB_READ && sqlite3_db_readonly(db->handle, "main") == 1;
    sqlite3_busy_timeout(db->handle, CF_DB_BUSY_TIMEOUT_MS);
    /* A file that somebody prepared may not bring code with it. */
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    if (how == CF_DB_READ) {
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    return cf_db_exec(db, cf_db_common_sql("settings"), err);
}

enum cf_rc cf_db_init(struct cf_db *db, const char *path, enum cf_db_how how, const char *name, enum cf_rc broken,
                      struct cf_error *err)
{
    static const char *const names[CF_DB_COMMON] = {
        [CF_DB_BEGIN_READ] = "begin_read",
        [CF_DB_BEGIN_WRITE] = "begin_write",
        [CF_DB_COMMIT] = "commit",
        [CF_DB_ROLLBACK] = "rollback",
    };
    *db = (struct cf_db){.name = name, .broken = broken};
    enum cf_rc rc = open_handle(db, path, how, err);
    if (rc == CF_OK) {
        rc = cf_db_prepare_all(db, cf_db_common_sql, names, CF_DB_COMMON, db->common, err);
    }
    if (rc != CF_OK) {
        cf_db_done(db);
    }
    return rc;
}

void cf_db_done(struct cf_db *db)
{
    cf_db_finalize_all(db->common, CF_DB_COMMON);
    if (db->handle != NULL) {
        int code = sqlite3_close(db->handle);
        assert(code == SQLITE_OK); /* else a statement was not finalized */
        db->handle = NULL;
    }
}

/* --- statements --------------------------------------------------------------------------------------------------- */

enum cf_rc cf_db_exec(struct cf_db *db, const char *sql, struct cf_error *err)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? CF_OK : cf_db_fail(db, err);
}

enum cf_rc cf_db_prepare(struct cf_db *db, const char *sql, sqlite3_stmt **ret, struct cf_error *err)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        return cf_db_fail(db, err);
    }
    *ret = statement;
    return CF_OK;
}

enum cf_rc cf_db_prepare_all(struct cf_db *db, cf_db_sql_fn sql, const char *const *names, size_t n, sqlite3_stmt **ret,
                             struct cf_error *err)
{
    for (size_t k = 0; k < n; k++) {
        enum cf_rc rc = cf_db_prepare(db, sql(names[k]), &ret[k], err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    return CF_OK;
}

void cf_db_finalize_all(sqlite3_stmt **statements, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        sqlite3_finalize(statements[k]);
        statements[k] = NULL;
    }
}

enum cf_rc cf_db_step(struct cf_db *db, sqlite3_stmt *statement, bool *ret_row, struct cf_error *err)
{
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *ret_row = true;
        return CF_OK;
    }
    enum cf_rc rc = code == SQLITE_DONE ? CF_OK : cf_db_fail(db, err);
    sqlite3_reset(statement);
    if (rc == CF_OK) {
        *ret_row = false;
    }
    return rc;
}

enum cf_rc cf_db_run(struct cf_db *db, sqlite3_stmt *statement, struct cf_error *err)
{
    bool row = false;
    enum cf_rc rc = cf_db_step(db, statement, &row, err);
    if (row) {
        sqlite3_reset(statement);
    }
    return rc;
}

enum cf_rc cf_db_number(struct cf_db *db, const char *sql, int64_t *ret, struct cf_error *err)
{
    sqlite3_stmt *statement = NULL;
    enum cf_rc rc = cf_db_prepare(db, sql, &statement, err);
    if (rc != CF_OK) {
        return rc;
    }
    bool row = false;
    rc = cf_db_step(db, statement, &row, err);
    if (rc == CF_OK && !row) {
        rc = cf_db_broken(db, err, "a row is missing");
    }
    if (rc == CF_OK) {
        *ret = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return rc;
}

/* Without copies nothing is allocated, so binding can fail only by a mistake of ours. */

void cf_bind_i64(sqlite3_stmt *statement, int k, int64_t v)
{
    int code = sqlite3_bind_int64(statement, k, v);
    assert(code == SQLITE_OK);
    (void)code;
}

void cf_bind_bytes(sqlite3_stmt *statement, int k, cf_bytes v)
{
    /* A NULL pointer would bind SQL NULL: empty bytes are not that. */
    const void *p = v.p != NULL ? (const void *)v.p : "";
    int code = sqlite3_bind_blob64(statement, k, p, v.n, SQLITE_STATIC);
    assert(code == SQLITE_OK);
    (void)code;
}

void cf_bind_text(sqlite3_stmt *statement, int k, const char *v)
{
    int code = sqlite3_bind_text(statement, k, v, -1, SQLITE_STATIC);
    assert(code == SQLITE_OK);
    (void)code;
}

void cf_bind_null(sqlite3_stmt *statement, int k)
{
    int code = sqlite3_bind_null(statement, k);
    assert(code == SQLITE_OK);
    (void)code;
}

int64_t cf_column_i64(sqlite3_stmt *statement, int k)
{
    return sqlite3_column_int64(statement, k);
}

cf_bytes cf_column_bytes(sqlite3_stmt *statement, int k)
{
    if (sqlite3_column_type(statement, k) == SQLITE_NULL) {
        return (cf_bytes){NULL, 0};
    }
    const void *p = sqlite3_column_blob(statement, k);
    int n = sqlite3_column_bytes(statement, k);
    if (p == NULL || n <= 0) {
        return cf_bytes_of("", 0);
    }
    return cf_bytes_of(p, (size_t)n);
}

bool cf_column_bytes_of(sqlite3_stmt *statement, int k, void *ret, size_t n)
{
    cf_bytes bytes = cf_column_bytes(statement, k);
    if (bytes.p == NULL || bytes.n != n) {
        return false;
    }
    memcpy(ret, bytes.p, n);
    return true;
}

bool cf_column_u32(sqlite3_stmt *statement, int k, uint32_t *ret)
{
    int64_t v = sqlite3_column_int64(statement, k);
    if (v < 0 || v > UINT32_MAX) {
        return false;
    }
    *ret = (uint32_t)v;
    return true;
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

enum cf_rc cf_db_begin_read(struct cf_db *db, struct cf_error *err)
{
    return cf_db_run(db, db->common[CF_DB_BEGIN_READ], err);
}

enum cf_rc cf_db_begin_write(struct cf_db *db, struct cf_error *err)
{
    return cf_db_run(db, db->common[CF_DB_BEGIN_WRITE], err);
}

enum cf_rc cf_db_commit(struct cf_db *db, struct cf_error *err)
{
    enum cf_rc rc = cf_db_run(db, db->common[CF_DB_COMMIT], err);
    if (rc != CF_OK) {
        cf_db_rollback(db);
    }
    return rc;
}

void cf_db_rollback(struct cf_db *db)
{
    if (sqlite3_get_autocommit(db->handle) == 0) {
        /* Its own error says nothing new: SQLite drops the transaction in any case. */
        sqlite3_step(db->common[CF_DB_ROLLBACK]);
        sqlite3_reset(db->common[CF_DB_ROLLBACK]);
    }
}

/* --- schema ------------------------------------------------------------------------------------------------------- */

enum cf_rc cf_db_schema_version(struct cf_db *db, int64_t *ret, struct cf_error *err)
{
    int64_t tables = 0;
    enum cf_rc rc = cf_db_number(db, cf_db_common_sql("has_schema_version"), &tables, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (tables == 0) {
        *ret = 0;
        return CF_OK;
    }
    return cf_db_number(db, cf_db_common_sql("schema_version"), ret, err);
}

static enum cf_rc migrate_within(struct cf_db *db, const struct cf_db_schema *schema, size_t from, size_t target,
                                 struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t k = from; rc == CF_OK && k < target; k++) {
        char only_its_own[48];
        (void)snprintf(only_its_own, sizeof only_its_own, "PRAGMA user_version = %zu", k + 1);
        rc = cf_db_exec(db, only_its_own, err);
        if (rc == CF_OK) {
            rc = cf_db_exec(db, schema->text(k), err); /* which may say that an older program can work with it too */
        }
    }
    sqlite3_stmt *set = NULL;
    if (rc == CF_OK) {
        rc = cf_db_prepare(db, cf_db_common_sql("schema_version_set"), &set, err);
    }
    if (rc == CF_OK) {
        cf_bind_i64(set, 1, (int64_t)target);
        rc = cf_db_run(db, set, err);
    }
    sqlite3_finalize(set);
    return rc;
}

/* Written by the program after this one, whose last migration said that this one can work with it: a machine that went
 * back to its older system sells on. */
static bool is_in_window(struct cf_db *db, const struct cf_db_schema *schema, int64_t version)
{
    int64_t oldest = 0;
    return (uint64_t)version == schema->n + 1 &&
           cf_db_number(db, cf_db_common_sql("user_version"), &oldest, NULL) == CF_OK && oldest > 0 &&
           (uint64_t)oldest <= schema->n;
}

enum cf_rc cf_db_schema_window(const struct cf_db_schema *schema, uint32_t *ret_oldest, struct cf_error *err)
{
    struct cf_db memory = {0};
    int64_t oldest = 0;
    enum cf_rc rc = cf_db_init(&memory, ":memory:", CF_DB_MAKE, "in memory", CF_E_INTERNAL, err);
    if (rc == CF_OK) {
        rc = cf_db_migrate(&memory, schema, schema->n, err);
    }
    if (rc == CF_OK) {
        rc = cf_db_number(&memory, cf_db_common_sql("user_version"), &oldest, err);
    }
    cf_db_done(&memory);
    if (rc == CF_OK) {
        *ret_oldest = (uint32_t)oldest;
    }
    return rc;
}

enum cf_rc cf_db_schema_check(struct cf_db *db, const struct cf_db_schema *schema, int64_t *ret_version,
                              struct cf_error *err)
{
    int64_t version = 0;
    int64_t application_id = 0;
    enum cf_rc rc = cf_db_schema_version(db, &version, err);
    if (rc == CF_OK) {
        rc = cf_db_number(db, cf_db_common_sql("application_id"), &application_id, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (version <= 0 || application_id != schema->application_id) {
        return cf_db_broken(db, err, "this is not such a file");
    }
    if ((uint64_t)version > schema->n && is_in_window(db, schema, version)) {
        version = (int64_t)schema->n;
    }
    if ((uint64_t)version > schema->n) {
        return cf_fail(err, CF_E_SCHEMA_NEWER, "%s: schema version %lld, this program knows %zu", db->name,
                       (long long)version, schema->n);
    }
    *ret_version = version;
    return CF_OK;
}

enum cf_rc cf_db_migrate(struct cf_db *db, const struct cf_db_schema *schema, size_t target, struct cf_error *err)
{
    assert(target <= schema->n);
    int64_t version = 0;
    enum cf_rc rc = cf_db_schema_version(db, &version, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (version < 0) {
        return cf_db_broken(db, err, "its schema version is negative");
    }
    if ((size_t)version >= target) {
        return CF_OK;
    }
    rc = cf_db_begin_write(db, err);
    if (rc == CF_OK) {
        rc = migrate_within(db, schema, (size_t)version, target, err);
        if (rc == CF_OK) {
            return cf_db_commit(db, err);
        }
        cf_db_rollback(db);
    }
    return rc;
}

enum cf_rc cf_db_quick_check(struct cf_db *db, struct cf_error *err)
{
    sqlite3_stmt *check = NULL;
    enum cf_rc rc = cf_db_prepare(db, cf_db_common_sql("quick_check"), &check, err);
    if (rc != CF_OK) {
        return rc;
    }
    bool row = false;
    rc = cf_db_step(db, check, &row, err);
    if (rc == CF_OK) {
        const char *said = row ? (const char *)sqlite3_column_text(check, 0) : NULL;
        if (said == NULL || strcmp(said, "ok") != 0) {
            rc = cf_db_broken(db, err, said != NULL ? said : "no answer");
        }
    }
    sqlite3_finalize(check);
    return rc;
}
