/*
 * sync/central/store/member_store.h - the port through which the centre keeps what it knows.
 *
 * A store runs named statements (statements.def says what each takes, gives and means) in transactions. The names and
 * their meaning are the contract; the SQL behind them belongs to an adapter (sqlite/ now, PostgreSQL joins behind the
 * same names), and tests/store/member_store runs one suite on every adapter. No business rule lives behind this port
 * but the constraints of the schema: the use cases of sync/central decide. One store handle belongs to one thread.
 */
#ifndef CF_CENTRAL_MEMBER_STORE_H
#define CF_CENTRAL_MEMBER_STORE_H

#include "base/bytes.h"

enum cf_statement {
#define CF_STATEMENT(name, file, n_args, n_columns) CF_Q_##name,
#include "sync/central/store/statements.def"
#undef CF_STATEMENT
    CF_STATEMENTS
};
struct cf_statement_info {
    const char *name; /* of the .sql file */
    size_t n_args;
    size_t n_columns;
};
/* statement < CF_STATEMENTS. */
const struct cf_statement_info *cf_statement_info(enum cf_statement statement);

#define CF_STORE_ARGS_MAX 24
#define CF_STORE_COLUMNS_MAX 24

enum cf_value_kind { CF_VALUE_NULL, CF_VALUE_INT, CF_VALUE_TEXT, CF_VALUE_BLOB };
struct cf_value {
    enum cf_value_kind kind;
    int64_t i;
    cf_bytes b; /* of TEXT and BLOB */
};
static inline struct cf_value cf_v_int(int64_t i)
{
    return (struct cf_value){CF_VALUE_INT, i, {NULL, 0}};
}
static inline struct cf_value cf_v_null(void)
{
    return (struct cf_value){CF_VALUE_NULL, 0, {NULL, 0}};
}
static inline struct cf_value cf_v_blob(const void *p, size_t n)
{
    return (struct cf_value){CF_VALUE_BLOB, 0, {p, n}};
}
static inline struct cf_value cf_v_bytes(cf_bytes b)
{
    return (struct cf_value){CF_VALUE_BLOB, 0, b};
}
struct cf_value cf_v_text(const char *text);
/* CF_ARGS(cf_v_int(1), cf_v_text("x")): the two arguments `args, n_args` of the functions below. */
#define CF_ARGS(...)                                                                                                   \
    (const struct cf_value[]){__VA_ARGS__}, sizeof((const struct cf_value[]){__VA_ARGS__}) / sizeof(struct cf_value)
#define CF_NO_ARGS NULL, 0

/* Columns of one row; an error ends the walk and is returned. The views in it are valid during the call. */
typedef enum cf_rc (*cf_store_row_fn)(void *ctx, const struct cf_value *row, struct cf_error *err);

/*
 * What an adapter does. `args` has exactly the statement's n_args, rows have its n_columns (the wrappers assert both).
 *
 *   begin     one writer at a time: waits at most a few seconds, then CF_E_BUSY. Not nested.
 *   commit    durable when it returns CF_OK; otherwise everything since begin is undone
 *   rollback  cannot fail
 *   run       a statement without rows; *ret_changed is how many rows it touched
 *   insert    as run, for a statement that adds one row to a table whose key is a number: tells that number
 *   row       the first row, copied: valid until the same statement runs again
 *   each      all rows in the statement's order; the callback may run other statements
 *   optimize  after a bulk load: refreshes what the planner knows
 *
 * Errors: CF_E_EXISTS for a key that is there already, CF_E_STATE for a broken CHECK or foreign key, CF_E_DISK_FULL,
 * CF_E_READ_ONLY, CF_E_BUSY, CF_E_IO, CF_E_NO_MEMORY. After an error inside a transaction the caller rolls back.
 */
struct cf_member_store_ops {
    enum cf_rc (*begin)(void *ctx, struct cf_error *err);
    enum cf_rc (*commit)(void *ctx, struct cf_error *err);
    void (*rollback)(void *ctx);
    enum cf_rc (*run)(void *ctx, enum cf_statement statement, const struct cf_value *args, uint64_t *ret_changed,
                      struct cf_error *err);
    enum cf_rc (*insert)(void *ctx, enum cf_statement statement, const struct cf_value *args, int64_t *ret_id,
                         struct cf_error *err);
    enum cf_rc (*row)(void *ctx, enum cf_statement statement, const struct cf_value *args, struct cf_value *ret_row,
                      bool *ret_found, struct cf_error *err);
    enum cf_rc (*each)(void *ctx, enum cf_statement statement, const struct cf_value *args, cf_store_row_fn fn,
                       void *fn_ctx, struct cf_error *err);
    enum cf_rc (*optimize)(void *ctx, struct cf_error *err);
    void (*close)(void *ctx);
};
struct cf_member_store {
    const struct cf_member_store_ops *ops;
    void *ctx;
    bool in_transaction;
};

enum cf_rc cf_store_begin(struct cf_member_store *store, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_store_commit(struct cf_member_store *store, struct cf_error *err) CF_MUST_CHECK;
void cf_store_rollback(struct cf_member_store *store);
/* A statement that gives no rows. */
enum cf_rc cf_store_run(struct cf_member_store *store, enum cf_statement statement, const struct cf_value *args,
                        size_t n_args, struct cf_error *err) CF_MUST_CHECK;
/* As above, telling how many rows it changed. */
enum cf_rc cf_store_change(struct cf_member_store *store, enum cf_statement statement, const struct cf_value *args,
                           size_t n_args, uint64_t *ret_changed, struct cf_error *err) CF_MUST_CHECK;
/* Adds a row and tells its number: for the statements whose description says so. */
enum cf_rc cf_store_insert(struct cf_member_store *store, enum cf_statement statement, const struct cf_value *args,
                           size_t n_args, int64_t *ret_id, struct cf_error *err) CF_MUST_CHECK;
/* ret_row has CF_STORE_COLUMNS_MAX places, of which the statement's n_columns are written; none if nothing is found.
 * Text and blobs are valid until the same statement runs again. */
enum cf_rc cf_store_row(struct cf_member_store *store, enum cf_statement statement, const struct cf_value *args,
                        size_t n_args, struct cf_value *ret_row, bool *ret_found, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_store_each(struct cf_member_store *store, enum cf_statement statement, const struct cf_value *args,
                         size_t n_args, cf_store_row_fn fn, void *fn_ctx, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_store_optimize(struct cf_member_store *store, struct cf_error *err) CF_MUST_CHECK;
/* Rolls back what is open. Accepts NULL. */
void cf_store_close(struct cf_member_store *store);

#endif
