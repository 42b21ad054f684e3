/*
 * app/store/journal_commit.c - one record, one transaction, one sync.
 */
#include "app/store/journal_private.h"

#include <string.h>

#include "app/core/quote.h"

struct commit {
    enum cf_record_type type;
    cf_bytes body;
    bool clear_steps;
    size_t n_steps; /* to be kept behind that */
    const cf_bytes *steps;
    const struct cf_stamp *stamp;
    cf_journal_receipt_fn receipt; /* NULL: none */
    void *ctx;
};

static enum cf_rc add_record(struct cf_journal *journal, const struct cf_record *record,
                             const struct cf_sha256 *body_hash, const struct cf_sha256 *hash, struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    sqlite3_stmt *add = tables->q[CF_JQ_RECORD_ADD];
    cf_bind_i64(add, 1, (int64_t)record->seq);
    cf_bind_bytes(add, 2, cf_bytes_of(record->boot_id, sizeof record->boot_id));
    cf_bind_i64(add, 3, record->mono_ms);
    cf_bind_i64(add, 4, record->wall_ms);
    cf_bind_i64(add, 5, record->time_quality);
    cf_bind_i64(add, 6, (int64_t)record->down_cursor);
    cf_bind_i64(add, 7, record->type);
    cf_bind_bytes(add, 8, cf_bytes_of(record->salt, sizeof record->salt));
    cf_bind_bytes(add, 9, record->body);
    cf_bind_bytes(add, 10, cf_bytes_of(body_hash->digest, CF_SHA256_BYTES));
    cf_bind_bytes(add, 11, cf_bytes_of(hash->digest, CF_SHA256_BYTES));
    return cf_db_run(&tables->db, add, err);
}

static enum cf_rc add_receipt(struct cf_journal *journal, const struct commit *commit,
                              const struct cf_committed *committed, struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    cf_buf_clear(&journal->receipt);
    enum cf_rc rc = commit->receipt(commit->ctx, committed, &journal->receipt, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_bytes document = cf_buf_bytes(&journal->receipt);
    struct cf_row_sum sum = cf_row_sum("receipt", committed->seq, 0, (cf_bytes){NULL, 0}, document);
    sqlite3_stmt *add = tables->q[CF_JQ_RECEIPT_ADD];
    cf_bind_i64(add, 1, (int64_t)committed->seq);
    cf_bind_bytes(add, 2, document);
    cf_bind_bytes(add, 3, cf_bytes_of(sum.b, sizeof sum.b));
    rc = cf_db_run(&tables->db, add, err);
    return rc != CF_OK ? rc : cf_journal_printing_add(tables, committed->seq, err);
}

static enum cf_rc commit_within(struct cf_journal *journal, const struct commit *commit, const struct cf_record *record,
                                struct cf_committed *ret, struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    struct cf_journal_fold *fold = &journal->fold;
    struct cf_sha256 body_hash = cf_record_body_hash(record);
    struct cf_sha256 hash = cf_record_chain(&fold->state.head.hash, record, &body_hash);
    struct cf_committed committed = {record->seq, hash, {record->wall_ms * CF_US_PER_MS}};
    enum cf_rc rc = cf_journal_fold_record(fold, record, &hash, err);
    if (rc == CF_OK) {
        rc = add_record(journal, record, &body_hash, &hash, err);
    }
    if (rc == CF_OK) {
        rc = cf_journal_state_save(tables, &fold->state, err);
    }
    if (rc == CF_OK && commit->receipt != NULL) {
        rc = add_receipt(journal, commit, &committed, err);
    }
    if (rc == CF_OK && commit->clear_steps) {
        rc = cf_db_run(&tables->db, tables->q[CF_JQ_STEP_CLEAR], err);
    }
    if (rc == CF_OK && commit->clear_steps) {
        journal->last_step = 0;
        journal->cancelled_in_log |= record->type == CF_RECORD_CANCELLED;
    }
    for (size_t i = 0; rc == CF_OK && i < commit->n_steps; i++) {
        rc = cf_journal_step_within(journal, commit->steps[i], err);
        journal->last_step += rc == CF_OK;
    }
    if (rc == CF_OK) {
        *ret = committed;
    }
    return rc;
}

static enum cf_rc make_record(struct cf_journal *journal, const struct commit *commit, struct cf_record *ret,
                              struct cf_error *err)
{
    const struct cf_env *env = journal->env;
    if (commit->body.n > CF_RECORD_BODY_MAX) {
        return cf_fail(err, CF_E_LIMIT, "a record of %zu bytes", commit->body.n);
    }
    if (commit->stamp->down_cursor > INT64_MAX) {
        return cf_fail(err, CF_E_RANGE, "down_cursor");
    }
    *ret = (struct cf_record){
        .terminal = journal->identity.terminal,
        .epoch = journal->identity.epoch,
        .seq = journal->fold.state.head.seq + 1,
        .mono_ms = cf_env_mono(env).us / CF_US_PER_MS,
        .wall_ms = commit->stamp->wall.us / CF_US_PER_MS,
        .time_quality = commit->stamp->time_quality,
        .down_cursor = commit->stamp->down_cursor,
        .type = commit->type,
        .body = commit->body,
    };
    env->ops->boot_id(env->ctx, ret->boot_id);
    cf_env_random(env, ret->salt, sizeof ret->salt);
    return CF_OK;
}

/* The head, outside of the folder too: a folder put back as it was earlier in this start does not have it. */
static void note_mark(struct cf_journal *journal)
{
    if (journal->mark_store.ops == NULL) {
        return;
    }
    journal->mark.settled = true;
    journal->mark.seq = journal->fold.state.head.seq;
    journal->mark.hash = journal->fold.state.head.hash;
    journal->mark_store.ops->settle(journal->mark_store.ctx, &journal->mark);
}

/* All of them, in their order, in one transaction. */
static enum cf_rc commit_records(struct cf_journal *journal, const struct commit *commits, size_t n,
                                 struct cf_committed *ret, struct cf_error *err)
{
    struct cf_record record;
    struct cf_journal_state before = journal->fold.state;
    uint64_t last_step = journal->last_step;
    enum cf_rc rc = cf_journal_begin(journal, true, err);
    if (rc != CF_OK) {
        return rc;
    }
    for (size_t i = 0; rc == CF_OK && i < n; i++) {
        rc = make_record(journal, &commits[i], &record, err);
        if (rc == CF_OK) {
            rc = commit_within(journal, &commits[i], &record, &ret[i], err);
        }
    }
    rc = cf_journal_end(journal, rc, err);
    if (rc != CF_OK) {
        journal->fold.state = before;
        journal->last_step = last_step;
        return rc;
    }
    struct cf_journal_witness witness = {journal->identity, journal->fold.state.head};
    cf_journal_witness_write(journal->lock_fd, &witness);
    note_mark(journal);
    return CF_OK;
}

static enum cf_rc commit_record(struct cf_journal *journal, const struct commit *commit, struct cf_committed *ret,
                                struct cf_error *err)
{
    struct cf_committed committed;
    enum cf_rc rc = commit_records(journal, commit, 1, &committed, err);
    if (rc == CF_OK) {
        *ret = committed;
    }
    return rc;
}

enum cf_rc cf_journal_commit_sale(struct cf_journal *journal, const struct cf_sale *sale, const struct cf_stamp *stamp,
                                  cf_journal_receipt_fn receipt, void *ctx, struct cf_committed *ret,
                                  struct cf_error *err)
{
    cf_buf_clear(&journal->body);
    enum cf_rc rc = cf_sale_encode(sale, &journal->body, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct commit commit = {
        .type = CF_RECORD_SALE,
        .body = cf_buf_bytes(&journal->body),
        .clear_steps = true,
        .stamp = stamp,
        .receipt = receipt,
        .ctx = ctx,
    };
    return commit_record(journal, &commit, ret, err);
}

/* Each right that this return gives back is one that the sale spent here. Not part of the fold: there the sale may have
 * been erased since. */
static enum cf_rc check_given_back(struct cf_journal *journal, const struct cf_return *r, struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    if (r->of.terminal != journal->identity.terminal || r->of.epoch != journal->identity.epoch) {
        return CF_OK;
    }
    for (size_t k = 0; k < r->n_rights; k++) {
        const struct cf_return_right *right = &r->rights[k];
        sqlite3_stmt *spent = tables->q[CF_JQ_SPENT];
        if (right->index == CF_INDEX_NONE) {
            continue;
        }
        cf_bind_i64(spent, 1, right->campaign);
        cf_bind_i64(spent, 2, right->index);
        bool row = false;
        enum cf_rc rc = cf_db_step(&tables->db, spent, &row, err);
        if (rc != CF_OK) {
            return rc;
        }
        bool by_this_sale = row && (uint64_t)cf_column_i64(spent, 0) == r->of.seq;
        sqlite3_reset(spent);
        if (!by_this_sale) {
            return cf_fail(err, CF_E_STATE, "campaign %u, coupon %u: record %llu did not spend it", right->campaign,
                           right->index, (unsigned long long)r->of.seq);
        }
    }
    return CF_OK;
}

enum cf_rc cf_journal_commit_return(struct cf_journal *journal, const struct cf_return *r, const struct cf_stamp *stamp,
                                    const struct cf_journal_owed *owed, cf_journal_receipt_fn receipt, void *ctx,
                                    struct cf_committed *ret, struct cf_error *err)
{
    cf_buf_clear(&journal->body);
    enum cf_rc rc = check_given_back(journal, r, err);
    if (rc == CF_OK) {
        rc = cf_return_encode(r, &journal->body, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct commit commit = {
        .type = CF_RECORD_RETURN,
        .body = cf_buf_bytes(&journal->body),
        .clear_steps = true,
        .n_steps = owed != NULL ? owed->n : 0,
        .steps = owed != NULL ? owed->steps : NULL,
        .stamp = stamp,
        .receipt = receipt,
        .ctx = ctx,
    };
    return commit_record(journal, &commit, ret, err);
}

static bool names_return(const struct cf_journal *journal, const struct cf_sale *sale, const struct cf_return *r)
{
    const struct cf_sale_ref *of = &sale->exchange;
    return sale->has_exchange && of->terminal == journal->identity.terminal && of->epoch == journal->identity.epoch &&
           of->seq == journal->fold.state.head.seq + 1 && sale->tenders.n > 0 &&
           sale->tenders.tender[0].kind == CF_TENDER_EXCHANGE &&
           sale->tenders.tender[0].amount_minor == r->exchange_minor;
}

enum cf_rc cf_journal_commit_exchange(struct cf_journal *journal, const struct cf_return *r, const struct cf_sale *sale,
                                      const struct cf_stamp *stamp, const struct cf_journal_owed *owed,
                                      cf_journal_receipt_fn receipt, void *ctx, struct cf_committed *ret_return,
                                      struct cf_committed *ret_sale, struct cf_error *err)
{
    struct cf_committed committed[2];
    struct cf_buf back CF_CLEANUP(cf_buf_done);
    cf_buf_init(&back, CF_RECORD_BODY_MAX);
    if (!names_return(journal, sale, r)) {
        return cf_fail(err, CF_E_STATE, "the sale does not name the return that pays for it");
    }
    cf_buf_clear(&journal->body);
    enum cf_rc rc = check_given_back(journal, r, err);
    if (rc == CF_OK) {
        rc = cf_return_encode(r, &back, err);
    }
    if (rc == CF_OK) {
        rc = cf_sale_encode(sale, &journal->body, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    const struct commit commits[2] = {
        {.type = CF_RECORD_RETURN, .body = cf_buf_bytes(&back), .stamp = stamp},
        {.type = CF_RECORD_SALE,
         .body = cf_buf_bytes(&journal->body),
         .clear_steps = true,
         .n_steps = owed->n,
         .steps = owed->steps,
         .stamp = stamp,
         .receipt = receipt,
         .ctx = ctx},
    };
    rc = commit_records(journal, commits, 2, committed, err);
    if (rc == CF_OK) {
        *ret_return = committed[0];
        *ret_sale = committed[1];
    }
    return rc;
}

enum cf_rc cf_journal_commit_pick_up(struct cf_journal *journal, cf_bytes body, const struct cf_stamp *stamp,
                                     cf_journal_receipt_fn receipt, void *ctx, struct cf_committed *ret,
                                     struct cf_error *err)
{
    struct commit commit = {
        .type = CF_RECORD_PICK_UP, .body = body, .clear_steps = true, .stamp = stamp, .receipt = receipt, .ctx = ctx};
    return commit_record(journal, &commit, ret, err);
}

enum cf_rc cf_journal_commit_request(struct cf_journal *journal, cf_bytes body, const struct cf_stamp *stamp,
                                     cf_journal_receipt_fn receipt, void *ctx, struct cf_committed *ret,
                                     struct cf_error *err)
{
    struct commit commit = {
        .type = CF_RECORD_ORDER, .body = body, .clear_steps = true, .stamp = stamp, .receipt = receipt, .ctx = ctx};
    return commit_record(journal, &commit, ret, err);
}

enum cf_rc cf_journal_commit_card_back(struct cf_journal *journal, cf_bytes body, const struct cf_stamp *stamp,
                                       cf_journal_receipt_fn receipt, void *ctx, struct cf_committed *ret,
                                       struct cf_error *err)
{
    struct commit commit = {.type = CF_RECORD_OPEN_RETURN,
                            .body = body,
                            .clear_steps = true,
                            .stamp = stamp,
                            .receipt = receipt,
                            .ctx = ctx};
    return commit_record(journal, &commit, ret, err);
}

enum cf_rc cf_journal_commit_quote(struct cf_journal *journal, const struct cf_sale *quoted, int64_t expires_s,
                                   const struct cf_stamp *stamp, cf_journal_receipt_fn receipt, void *ctx,
                                   struct cf_committed *ret, struct cf_error *err)
{
    cf_buf_clear(&journal->body);
    enum cf_rc rc = cf_quote_encode(quoted, expires_s, &journal->body, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct commit commit = {.type = CF_RECORD_QUOTE,
                            .body = cf_buf_bytes(&journal->body),
                            .clear_steps = true,
                            .stamp = stamp,
                            .receipt = receipt,
                            .ctx = ctx};
    return commit_record(journal, &commit, ret, err);
}

enum cf_rc cf_journal_append(struct cf_journal *journal, enum cf_record_type type, cf_bytes body, bool clear_steps,
                             const struct cf_stamp *stamp, struct cf_committed *ret, struct cf_error *err)
{
    struct commit commit = {.type = type, .body = body, .clear_steps = clear_steps, .stamp = stamp};
    if (type == CF_RECORD_SALE || type == CF_RECORD_RETURN) {
        return cf_fail(err, CF_E_ARGUMENT, "a sale or return is committed by a function of its own");
    }
    return commit_record(journal, &commit, ret, err);
}

enum cf_rc cf_journal_append_step(struct cf_journal *journal, enum cf_record_type type, cf_bytes body, cf_bytes step,
                                  const struct cf_stamp *stamp, struct cf_committed *ret, struct cf_error *err)
{
    struct commit commit = {.type = type, .body = body, .n_steps = 1, .steps = &step, .stamp = stamp};
    if (type == CF_RECORD_SALE || type == CF_RECORD_RETURN) {
        return cf_fail(err, CF_E_ARGUMENT, "a sale or return is committed by a function of its own");
    }
    return commit_record(journal, &commit, ret, err);
}

enum cf_rc cf_journal_append_printed(struct cf_journal *journal, enum cf_record_type type, cf_bytes body,
                                     const struct cf_stamp *stamp, cf_journal_receipt_fn receipt, void *ctx,
                                     struct cf_committed *ret, struct cf_error *err)
{
    struct commit commit = {.type = type, .body = body, .stamp = stamp, .receipt = receipt, .ctx = ctx};
    if (type == CF_RECORD_SALE || type == CF_RECORD_RETURN) {
        return cf_fail(err, CF_E_ARGUMENT, "a sale or return is committed by a function of its own");
    }
    return commit_record(journal, &commit, ret, err);
}
