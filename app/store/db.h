/*
 * app/store/db.h - SQLite as this folder uses it: open, prepare, run, migrate, and its errors as ours.
 *
 * Private to app/store and its tests: no other folder sees a type or a number of SQLite. A struct cf_db belongs to the
 * thread that opened it. Statements are prepared once, when a database is opened, and reset after each use, so that no
 * read transaction outlives the call that needed it.
 */
#ifndef CF_STORE_DB_H
#define CF_STORE_DB_H

#include <sqlite3.h>

#include "base/bytes.h"

#define CF_DB_BUSY_TIMEOUT_MS 5000

enum cf_db_common { CF_DB_BEGIN_READ, CF_DB_BEGIN_WRITE, CF_DB_COMMIT, CF_DB_ROLLBACK, CF_DB_COMMON };

struct cf_db {
    sqlite3 *handle;
    const char *name;    /* of the file, for details of errors; static */
    enum cf_rc broken;   /* what damage is called here: CF_E_JOURNAL_BROKEN or CF_E_REPLICA_BROKEN */
    bool read_only_file; /* asked for writing, got reading */
    sqlite3_stmt *common[CF_DB_COMMON];
};

enum cf_db_how { CF_DB_READ, CF_DB_WRITE, CF_DB_MAKE };

/* path ":memory:" is a database of its own in memory. Done with cf_db_done, which accepts a zeroed struct. */
enum cf_rc cf_db_init(struct cf_db *db, const char *path, enum cf_db_how how, const char *name, enum cf_rc broken,
                      struct cf_error *err) CF_MUST_CHECK;
void cf_db_done(struct cf_db *db);

/* The last error of SQLite as one of ours: CF_E_DISK_FULL, _READ_ONLY, _BUSY, _NO_MEMORY, _IO, _INTERNAL, or broken. */
enum cf_rc cf_db_fail(const struct cf_db *db, struct cf_error *err);
/* Damage that we found ourselves. */
enum cf_rc cf_db_broken(const struct cf_db *db, struct cf_error *err, const char *what);

/* --- statements ------------------------------------------------------------------------------------------------- */

/* The text of one query/<folder>/<name>.sql; an unknown name is a mistake of ours and aborts. */
typedef const char *(*cf_db_sql_fn)(const char *name);
const char *cf_db_common_sql(const char *name);

/* For statements without results, and for those whose results do not matter. */
enum cf_rc cf_db_exec(struct cf_db *db, const char *sql, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_db_prepare(struct cf_db *db, const char *sql, sqlite3_stmt **ret, struct cf_error *err) CF_MUST_CHECK;
/* Prepares names[0..n) into ret[0..n). On an error some may be prepared: cf_db_finalize_all accepts that. */
enum cf_rc cf_db_prepare_all(struct cf_db *db, cf_db_sql_fn sql, const char *const *names, size_t n, sqlite3_stmt **ret,
                             struct cf_error *err) CF_MUST_CHECK;
void cf_db_finalize_all(sqlite3_stmt **statements, size_t n);
/* Next row, or none; without one, or on an error, the statement is reset already. */
enum cf_rc cf_db_step(struct cf_db *db, sqlite3_stmt *statement, bool *ret_row, struct cf_error *err) CF_MUST_CHECK;
/* Steps once and resets: for statements that give no row. */
enum cf_rc cf_db_run(struct cf_db *db, sqlite3_stmt *statement, struct cf_error *err) CF_MUST_CHECK;
/* A number that a text without parameters gives, once. */
enum cf_rc cf_db_number(struct cf_db *db, const char *sql, int64_t *ret, struct cf_error *err) CF_MUST_CHECK;

/* Bound bytes and texts are not copied: they must live until the statement is reset. */
void cf_bind_i64(sqlite3_stmt *statement, int k, int64_t v);
void cf_bind_bytes(sqlite3_stmt *statement, int k, cf_bytes v);
void cf_bind_text(sqlite3_stmt *statement, int k, const char *v);
void cf_bind_null(sqlite3_stmt *statement, int k);
/* Columns; views live until the statement is stepped or reset. */
int64_t cf_column_i64(sqlite3_stmt *statement, int k);
cf_bytes cf_column_bytes(sqlite3_stmt *statement, int k); /* p NULL for an SQL NULL */
bool cf_column_bytes_of(sqlite3_stmt *statement, int k, void *ret, size_t n);
bool cf_column_u32(sqlite3_stmt *statement, int k, uint32_t *ret);

/* --- transactions ------------------------------------------------------------------------------------------------- */

enum cf_rc cf_db_begin_read(struct cf_db *db, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_db_begin_write(struct cf_db *db, struct cf_error *err) CF_MUST_CHECK;
/* On an error the transaction is rolled back. */
enum cf_rc cf_db_commit(struct cf_db *db, struct cf_error *err) CF_MUST_CHECK;
void cf_db_rollback(struct cf_db *db); /* harmless outside a transaction */

/* --- schema ------------------------------------------------------------------------------------------------------- */

/* The migrations of a database in order: file k (0, 1, ...) brings it from version k to version k + 1. */
struct cf_db_schema {
    size_t n;
    const char *(*text)(size_t k);
    int32_t application_id; /* which the first migration sets */
};
/* A migration that leaves all that the program before it reads and writes as it was may end in `PRAGMA user_version =
 * N`: programs from version N on can work with what it made. Without one only its own program can. The oldest of the
 * newest version: */
enum cf_rc cf_db_schema_window(const struct cf_db_schema *schema, uint32_t *ret_oldest,
                               struct cf_error *err) CF_MUST_CHECK;
/* 0 for a database without a table schema_version. */
enum cf_rc cf_db_schema_version(struct cf_db *db, int64_t *ret, struct cf_error *err) CF_MUST_CHECK;
/* Brings it to version `target` (at most schema->n) in one transaction; one that is there or beyond is left alone. */
enum cf_rc cf_db_migrate(struct cf_db *db, const struct cf_db_schema *schema, size_t target,
                         struct cf_error *err) CF_MUST_CHECK;
/* A database of ours, of version 1 .. schema->n? Else broken, or CF_E_SCHEMA_NEWER; but for one that is a single
 * version newer and whose migration says that this program can work with it: it counts as our newest. */
enum cf_rc cf_db_schema_check(struct cf_db *db, const struct cf_db_schema *schema, int64_t *ret_version,
                              struct cf_error *err) CF_MUST_CHECK;
/* SQLite's own look at the structure of the file. */
enum cf_rc cf_db_quick_check(struct cf_db *db, struct cf_error *err) CF_MUST_CHECK;

#endif
