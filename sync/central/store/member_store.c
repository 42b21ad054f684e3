/*
 * sync/central/store/member_store.c - the wrappers of the port: they hold callers to the contract, adapters do the
 * work.
 */
#include "sync/central/store/member_store.h"

#include <assert.h>
#include <string.h>

static const struct cf_statement_info infos[CF_STATEMENTS] = {
#define CF_STATEMENT(name, file, n_args, n_columns) [CF_Q_##name] = {#file, n_args, n_columns},
#include "sync/central/store/statements.def"
#undef CF_STATEMENT
};

const struct cf_statement_info *cf_statement_info(enum cf_statement statement)
{
    assert(statement < CF_STATEMENTS);
    return &infos[statement];
}

struct cf_value cf_v_text(const char *text)
{
    return (struct cf_value){CF_VALUE_TEXT, 0, cf_bytes_str(text)};
}

enum cf_rc cf_store_begin(struct cf_member_store *store, struct cf_error *err)
{
    assert(!store->in_transaction);
    enum cf_rc rc = store->ops->begin(store->ctx, err);
    store->in_transaction = rc == CF_OK;
    return rc;
}

enum cf_rc cf_store_commit(struct cf_member_store *store, struct cf_error *err)
{
    assert(store->in_transaction);
    store->in_transaction = false;
    return store->ops->commit(store->ctx, err);
}

void cf_store_rollback(struct cf_member_store *store)
{
    if (store->in_transaction) {
        store->in_transaction = false;
        store->ops->rollback(store->ctx);
    }
}

enum cf_rc cf_store_change(struct cf_member_store *store, enum cf_statement statement, const struct cf_value *args,
                           size_t n_args, uint64_t *ret_changed, struct cf_error *err)
{
    assert(statement < CF_STATEMENTS && n_args == infos[statement].n_args && infos[statement].n_columns == 0);
    return store->ops->run(store->ctx, statement, args, ret_changed, err);
}

enum cf_rc cf_store_run(struct cf_member_store *store, enum cf_statement statement, const struct cf_value *args,
                        size_t n_args, struct cf_error *err)
{
    uint64_t changed;
    return cf_store_change(store, statement, args, n_args, &changed, err);
}

enum cf_rc cf_store_insert(struct cf_member_store *store, enum cf_statement statement, const struct cf_value *args,
                           size_t n_args, int64_t *ret_id, struct cf_error *err)
{
    assert(statement < CF_STATEMENTS && n_args == infos[statement].n_args && infos[statement].n_columns == 0);
    return store->ops->insert(store->ctx, statement, args, ret_id, err);
}

enum cf_rc cf_store_row(struct cf_member_store *store, enum cf_statement statement, const struct cf_value *args,
                        size_t n_args, struct cf_value *ret_row, bool *ret_found, struct cf_error *err)
{
    assert(statement < CF_STATEMENTS && n_args == infos[statement].n_args && infos[statement].n_columns > 0);
    return store->ops->row(store->ctx, statement, args, ret_row, ret_found, err);
}

enum cf_rc cf_store_each(struct cf_member_store *store, enum cf_statement statement, const struct cf_value *args,
                         size_t n_args, cf_store_row_fn fn, void *fn_ctx, struct cf_error *err)
{
    assert(statement < CF_STATEMENTS && n_args == infos[statement].n_args && infos[statement].n_columns > 0);
    return store->ops->each(store->ctx, statement, args, fn, fn_ctx, err);
}

enum cf_rc cf_store_optimize(struct cf_member_store *store, struct cf_error *err)
{
    return store->ops->optimize(store->ctx, err);
}

void cf_store_close(struct cf_member_store *store)
{
    if (store != NULL) {
        cf_store_rollback(store);
        store->ops->close(store->ctx);
    }
}
