/*
 * tests/sim/lazy_sql.c - SQLite's statements, prepared when they are first used.
 *
 * A till prepares some 80 statements each time it starts, which a real one does once a day and a simulated one a
 * thousand times a second; most of them a short life never uses. So sqlite3_prepare gives out a note of the text here
 * (linked with --wrap, see CMakeLists.txt), and the first use prepares it. What differs from the real thing: a text
 * that cannot be prepared is told by its first use. SQLite itself is not touched.
 *
 * And the database in memory in which each start folds its journal anew is not made a thousand times a second either:
 * its migrations are most of a start. It is rolled back when a start is through with it; then it stands as the
 * migrations left it, and the next one gets it as it is, with its statements.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SPARE_MAX 256

/* What callers hold as their sqlite3_stmt. */
struct lazy {
    sqlite3_stmt *real;
    sqlite3 *db;
    unsigned flags;
    const char *sql; /* its own copy stands behind it, or it is of the program */
    char copy[];
};

#define REAL(name) __real_##name
#define WRAP(name) __wrap_##name

int __real_sqlite3_open_v2(const char *path, sqlite3 **ret, int flags, const char *vfs);
int __real_sqlite3_close(sqlite3 *db);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **ret, int flags, const char *vfs);
int __wrap_sqlite3_close(sqlite3 *db);
int __real_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int n, sqlite3_stmt **ret, const char **tail);
int __real_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int n, unsigned flags, sqlite3_stmt **ret,
                              const char **tail);
int __real_sqlite3_step(sqlite3_stmt *s);
int __real_sqlite3_reset(sqlite3_stmt *s);
int __real_sqlite3_finalize(sqlite3_stmt *s);
int __real_sqlite3_stmt_busy(sqlite3_stmt *s);
int __real_sqlite3_bind_int64(sqlite3_stmt *s, int k, sqlite3_int64 v);
int __real_sqlite3_bind_null(sqlite3_stmt *s, int k);
int __real_sqlite3_bind_blob64(sqlite3_stmt *s, int k, const void *p, sqlite3_uint64 n, void (*done)(void *));
int __real_sqlite3_bind_text(sqlite3_stmt *s, int k, const char *p, int n, void (*done)(void *));
int __real_sqlite3_bind_text64(sqlite3_stmt *s, int k, const char *p, sqlite3_uint64 n, void (*done)(void *),
                               unsigned char encoding);
int __real_sqlite3_bind_parameter_count(sqlite3_stmt *s);
int __real_sqlite3_column_count(sqlite3_stmt *s);
sqlite3_int64 __real_sqlite3_column_int64(sqlite3_stmt *s, int k);
int __real_sqlite3_column_int(sqlite3_stmt *s, int k);
int __real_sqlite3_column_type(sqlite3_stmt *s, int k);
int __real_sqlite3_column_bytes(sqlite3_stmt *s, int k);
const void *__real_sqlite3_column_blob(sqlite3_stmt *s, int k);
const unsigned char *__real_sqlite3_column_text(sqlite3_stmt *s, int k);

int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int n, sqlite3_stmt **ret, const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int n, unsigned flags, sqlite3_stmt **ret,
                              const char **tail);
int __wrap_sqlite3_step(sqlite3_stmt *s);
int __wrap_sqlite3_reset(sqlite3_stmt *s);
int __wrap_sqlite3_finalize(sqlite3_stmt *s);
int __wrap_sqlite3_stmt_busy(sqlite3_stmt *s);
int __wrap_sqlite3_bind_int64(sqlite3_stmt *s, int k, sqlite3_int64 v);
int __wrap_sqlite3_bind_null(sqlite3_stmt *s, int k);
int __wrap_sqlite3_bind_blob64(sqlite3_stmt *s, int k, const void *p, sqlite3_uint64 n, void (*done)(void *));
int __wrap_sqlite3_bind_text(sqlite3_stmt *s, int k, const char *p, int n, void (*done)(void *));
int __wrap_sqlite3_bind_text64(sqlite3_stmt *s, int k, const char *p, sqlite3_uint64 n, void (*done)(void *),
                               unsigned char encoding);
int __wrap_sqlite3_bind_parameter_count(sqlite3_stmt *s);
int __wrap_sqlite3_column_count(sqlite3_stmt *s);
sqlite3_int64 __wrap_sqlite3_column_int64(sqlite3_stmt *s, int k);
int __wrap_sqlite3_column_int(sqlite3_stmt *s, int k);
int __wrap_sqlite3_column_type(sqlite3_stmt *s, int k);
int __wrap_sqlite3_column_bytes(sqlite3_stmt *s, int k);
const void *__wrap_sqlite3_column_blob(sqlite3_stmt *s, int k);
const unsigned char *__wrap_sqlite3_column_text(sqlite3_stmt *s, int k);

/* --- the database in memory --------------------------------------------------------------------------------------- */

static struct {
    sqlite3 *db; /* NULL: there is none */
    bool in_use;
    size_t n;
    struct {
        const char *sql;
        sqlite3_stmt *real; /* NULL: it is in use */
    } spare[SPARE_MAX];
} scratch;

/* Whoever had it when it died in the middle of a call keeps it, and the next one gets another. */
int WRAP(sqlite3_open_v2)(const char *path, sqlite3 **ret, int flags, const char *vfs)
{
    bool is_scratch = strcmp(path, ":memory:") == 0;
    if (is_scratch && scratch.db && !scratch.in_use) {
        scratch.in_use = true;
        *ret = scratch.db;
        return SQLITE_OK;
    }
    int code = REAL(sqlite3_open_v2)(path, ret, flags, vfs);
    if (is_scratch && code == SQLITE_OK) {
        scratch.db = *ret;
        scratch.in_use = true;
        scratch.n = 0;
    }
    return code;
}

int WRAP(sqlite3_close)(sqlite3 *db)
{
    if (!db || db != scratch.db)
        return REAL(sqlite3_close)(db);
    if (sqlite3_get_autocommit(db) == 0)
        abort(); /* it was to be rolled back */
    scratch.in_use = false;
    return SQLITE_OK;
}

static sqlite3_stmt *take_spare(const struct lazy *lazy)
{
    for (size_t k = 0; lazy->db == scratch.db && k < scratch.n; k++)
        if (scratch.spare[k].sql == lazy->sql && scratch.spare[k].real) {
            sqlite3_stmt *real = scratch.spare[k].real;
            scratch.spare[k].real = NULL;
            return real;
        }
    return NULL;
}

static bool keep_spare(const struct lazy *lazy)
{
    size_t k = 0;
    if (!lazy->real || lazy->db != scratch.db || lazy->sql == lazy->copy)
        return false;
    while (k < scratch.n && scratch.spare[k].real)
        k++;
    if (k == SPARE_MAX)
        return false;
    scratch.n += k == scratch.n;
    (void)REAL(sqlite3_reset)(lazy->real);
    (void)sqlite3_clear_bindings(lazy->real);
    scratch.spare[k].sql = lazy->sql;
    scratch.spare[k].real = lazy->real;
    return true;
}

/* --- statements --------------------------------------------------------------------------------------------------- */

/* The program's own texts stay where they are. */
static bool is_of_program(const char *text)
{
    extern const char __executable_start, edata;
    return text >= &__executable_start && text < &edata;
}

int WRAP(sqlite3_prepare_v3)(sqlite3 *db, const char *sql, int n, unsigned flags, sqlite3_stmt **ret, const char **tail)
{
    if (n >= 0 || tail)
        abort(); /* nobody here asks for that */
    size_t bytes = is_of_program(sql) ? 0 : strlen(sql) + 1;
    struct lazy *lazy = malloc(sizeof *lazy + bytes);
    if (!lazy)
        return SQLITE_NOMEM;
    *lazy = (struct lazy){.db = db, .flags = flags, .sql = bytes > 0 ? lazy->copy : sql};
    if (bytes > 0)
        memcpy(lazy->copy, sql, bytes);
    *ret = (sqlite3_stmt *)lazy;
    return SQLITE_OK;
}

int WRAP(sqlite3_prepare_v2)(sqlite3 *db, const char *sql, int n, sqlite3_stmt **ret, const char **tail)
{
    return WRAP(sqlite3_prepare_v3)(db, sql, n, 0, ret, tail);
}

static struct lazy *lazy_of(sqlite3_stmt *s)
{
    return (struct lazy *)s;
}

/* NULL if it cannot be prepared: then SQLite's own functions say so (SQLITE_MISUSE), and the handle says why. */
static sqlite3_stmt *ready(sqlite3_stmt *s)
{
    struct lazy *lazy = lazy_of(s);
    if (lazy && !lazy->real)
        lazy->real = take_spare(lazy);
    if (lazy && !lazy->real)
        (void)REAL(sqlite3_prepare_v3)(lazy->db, lazy->sql, -1, lazy->flags, &lazy->real, NULL);
    return lazy ? lazy->real : NULL;
}

static sqlite3_stmt *prepared(sqlite3_stmt *s)
{
    return s ? lazy_of(s)->real : NULL;
}

int WRAP(sqlite3_step)(sqlite3_stmt *s)
{
    sqlite3_stmt *real = ready(s);
    return real ? REAL(sqlite3_step)(real) : sqlite3_extended_errcode(lazy_of(s)->db);
}

int WRAP(sqlite3_reset)(sqlite3_stmt *s)
{
    return REAL(sqlite3_reset)(prepared(s));
}

int WRAP(sqlite3_finalize)(sqlite3_stmt *s)
{
    int code = s && keep_spare(lazy_of(s)) ? SQLITE_OK : REAL(sqlite3_finalize)(prepared(s));
    free(s);
    return code;
}

int WRAP(sqlite3_stmt_busy)(sqlite3_stmt *s)
{
    return REAL(sqlite3_stmt_busy)(prepared(s));
}

/* A text that cannot be prepared has nothing to bind to; the step says why. */
int WRAP(sqlite3_bind_int64)(sqlite3_stmt *s, int k, sqlite3_int64 v)
{
    sqlite3_stmt *real = ready(s);
    return real ? REAL(sqlite3_bind_int64)(real, k, v) : SQLITE_OK;
}

int WRAP(sqlite3_bind_null)(sqlite3_stmt *s, int k)
{
    sqlite3_stmt *real = ready(s);
    return real ? REAL(sqlite3_bind_null)(real, k) : SQLITE_OK;
}

int WRAP(sqlite3_bind_blob64)(sqlite3_stmt *s, int k, const void *p, sqlite3_uint64 n, void (*done)(void *))
{
    sqlite3_stmt *real = ready(s);
    return real ? REAL(sqlite3_bind_blob64)(real, k, p, n, done) : SQLITE_OK;
}

int WRAP(sqlite3_bind_text)(sqlite3_stmt *s, int k, const char *p, int n, void (*done)(void *))
{
    sqlite3_stmt *real = ready(s);
    return real ? REAL(sqlite3_bind_text)(real, k, p, n, done) : SQLITE_OK;
}

int WRAP(sqlite3_bind_text64)(sqlite3_stmt *s, int k, const char *p, sqlite3_uint64 n, void (*done)(void *),
                              unsigned char encoding)
{
    sqlite3_stmt *real = ready(s);
    return real ? REAL(sqlite3_bind_text64)(real, k, p, n, done, encoding) : SQLITE_OK;
}

int WRAP(sqlite3_bind_parameter_count)(sqlite3_stmt *s)
{
    return REAL(sqlite3_bind_parameter_count)(ready(s));
}

int WRAP(sqlite3_column_count)(sqlite3_stmt *s)
{
    return REAL(sqlite3_column_count)(ready(s));
}

sqlite3_int64 WRAP(sqlite3_column_int64)(sqlite3_stmt *s, int k)
{
    return REAL(sqlite3_column_int64)(prepared(s), k);
}

int WRAP(sqlite3_column_int)(sqlite3_stmt *s, int k)
{
    return REAL(sqlite3_column_int)(prepared(s), k);
}

int WRAP(sqlite3_column_type)(sqlite3_stmt *s, int k)
{
    return REAL(sqlite3_column_type)(prepared(s), k);
}

int WRAP(sqlite3_column_bytes)(sqlite3_stmt *s, int k)
{
    return REAL(sqlite3_column_bytes)(prepared(s), k);
}

const void *WRAP(sqlite3_column_blob)(sqlite3_stmt *s, int k)
{
    return REAL(sqlite3_column_blob)(prepared(s), k);
}

const unsigned char *WRAP(sqlite3_column_text)(sqlite3_stmt *s, int k)
{
    return REAL(sqlite3_column_text)(prepared(s), k);
}
