/*
 * app/store/journal_steps.c - the open sale, step by step, and parked sales.
 *
 * Steps are committed without a sync: they survive the end of the process, and reach the disk with the sale's record.
 */
#include "app/store/journal_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PARKED_MAX 32
#define LABEL_BYTES_MAX 64

static struct cf_row_sum step_sum(uint64_t n, cf_bytes body)
{
    return cf_row_sum("step", n, 0, (cf_bytes){NULL, 0}, body);
}

static struct cf_row_sum parked_sum(const char *label, uint64_t n, cf_bytes body)
{
    return cf_row_sum("parked", n, 0, cf_bytes_str(label), body);
}

static sqlite3_stmt *bind_step(struct cf_journal *journal, uint64_t n, cf_bytes body, const struct cf_row_sum *sum)
{
    sqlite3_stmt *add = journal->tables.q[CF_JQ_STEP_ADD];
    cf_bind_i64(add, 1, (int64_t)n);
    cf_bind_bytes(add, 2, body);
    cf_bind_bytes(add, 3, cf_bytes_of(sum->b, sizeof sum->b));
    return add;
}

enum cf_rc cf_journal_step_within(struct cf_journal *journal, cf_bytes step, struct cf_error *err)
{
    if (step.n > CF_STEP_BYTES_MAX) {
        return cf_fail(err, CF_E_LIMIT, "a step of %zu bytes", step.n);
    }
    uint64_t n = journal->last_step + 1;
    struct cf_row_sum sum = step_sum(n, step);
    return cf_db_run(&journal->tables.db, bind_step(journal, n, step, &sum), err);
}

enum cf_rc cf_journal_step(struct cf_journal *journal, cf_bytes step, struct cf_error *err)
{
    if (step.n > CF_STEP_BYTES_MAX) {
        return cf_fail(err, CF_E_LIMIT, "a step of %zu bytes", step.n);
    }
    uint64_t n = journal->last_step + 1;
    struct cf_row_sum sum = step_sum(n, step);
    enum cf_rc rc = cf_journal_write(journal, false, bind_step(journal, n, step, &sum), err);
    if (rc == CF_OK) {
        journal->last_step = n;
    }
    return rc;
}

enum cf_rc cf_journal_step_durable(struct cf_journal *journal, cf_bytes step, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_begin(journal, true, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_journal_end(journal, cf_journal_step_within(journal, step, err), err);
    if (rc == CF_OK) {
        journal->last_step++;
    }
    return rc;
}

bool cf_journal_step_of_row(sqlite3_stmt *statement, const char *label, uint64_t *ret_n, cf_bytes *ret_body)
{
    struct cf_row_sum sum;
    uint64_t n = (uint64_t)cf_column_i64(statement, 0);
    cf_bytes body = cf_column_bytes(statement, 1);
    if (body.p == NULL || !cf_column_bytes_of(statement, 2, sum.b, sizeof sum.b)) {
        return false;
    }
    struct cf_row_sum expected = label != NULL ? parked_sum(label, n, body) : step_sum(n, body);
    *ret_n = n;
    *ret_body = body;
    return memcmp(sum.b, expected.b, sizeof sum.b) == 0;
}

typedef enum cf_rc (*row_fn)(void *ctx, uint64_t n, cf_bytes body, struct cf_error *err);

static enum cf_rc each_row(struct cf_journal *journal, sqlite3_stmt *statement, const char *label, row_fn each,
                           void *ctx, struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    for (;;) {
        bool row = false;
        enum cf_rc rc = cf_db_step(db, statement, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        uint64_t n = 0;
        cf_bytes body = {NULL, 0};
        if (!cf_journal_step_of_row(statement, label, &n, &body)) {
            rc = cf_db_broken(db, err, label != NULL ? "a parked sale is damaged" : "the open sale is damaged");
        } else {
            rc = each(ctx, n, body, err);
        }
        if (rc != CF_OK) {
            sqlite3_reset(statement);
            return rc;
        }
    }
}

struct steps_walk {
    cf_journal_step_fn each;
    void *ctx;
};

static enum cf_rc give_step(void *ctx, uint64_t n, cf_bytes body, struct cf_error *err)
{
    (void)n;
    struct steps_walk *walk = ctx;
    return walk->each(walk->ctx, body, err);
}

enum cf_rc cf_journal_steps(struct cf_journal *journal, cf_journal_step_fn each, void *ctx, struct cf_error *err)
{
    struct steps_walk walk = {each, ctx};
    return each_row(journal, journal->tables.q[CF_JQ_STEP_ALL], NULL, give_step, &walk, err);
}

enum cf_rc cf_journal_steps_clear(struct cf_journal *journal, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_write(journal, false, journal->tables.q[CF_JQ_STEP_CLEAR], err);
    if (rc == CF_OK) {
        journal->last_step = 0;
    }
    return rc;
}

/* --- parked sales ------------------------------------------------------------------------------------------------- */

enum cf_rc cf_journal_is_parked(struct cf_journal *journal, const char *label, bool *ret, struct cf_error *err)
{
    sqlite3_stmt *has = journal->tables.q[CF_JQ_PARKED_HAS];
    cf_bind_text(has, 1, label);
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, has, &row, err);
    if (rc == CF_OK) {
        if (row) {
            sqlite3_reset(has);
        }
        *ret = row;
    }
    return rc;
}

struct park {
    struct cf_journal *journal;
    const char *label;
};

enum cf_rc cf_journal_add_parked(struct cf_journal *journal, const char *label, uint64_t n, cf_bytes step,
                                 struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    struct cf_row_sum sum = parked_sum(label, n, step);
    sqlite3_stmt *add = tables->q[CF_JQ_PARKED_ADD];
    cf_bind_text(add, 1, label);
    cf_bind_i64(add, 2, (int64_t)n);
    cf_bind_bytes(add, 3, step);
    cf_bind_bytes(add, 4, cf_bytes_of(sum.b, sizeof sum.b));
    return cf_db_run(&tables->db, add, err);
}

static enum cf_rc park_step(void *ctx, uint64_t n, cf_bytes body, struct cf_error *err)
{
    struct park *park = ctx;
    return cf_journal_add_parked(park->journal, park->label, n, body, err);
}

enum cf_rc cf_journal_park_within(struct cf_journal *journal, const char *label, struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    bool parked = false;
    enum cf_rc rc = cf_journal_is_parked(journal, label, &parked, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (parked) {
        return cf_fail(err, CF_E_EXISTS, "a sale is parked as \"%s\" already", label);
    }
    sqlite3_stmt *count = tables->q[CF_JQ_PARKED_COUNT];
    bool row = false;
    rc = cf_db_step(&tables->db, count, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    int64_t n_parked = row ? cf_column_i64(count, 0) : 0;
    sqlite3_reset(count);
    if (n_parked >= PARKED_MAX) {
        return cf_fail(err, CF_E_LIMIT, "%d sales are parked already", PARKED_MAX);
    }
    struct park park = {journal, label};
    rc = each_row(journal, tables->q[CF_JQ_STEP_ALL], NULL, park_step, &park, err);
    return rc != CF_OK ? rc : cf_db_run(&tables->db, tables->q[CF_JQ_STEP_CLEAR], err);
}

enum cf_rc cf_journal_check_label(const char *label, struct cf_error *err)
{
    char copy[LABEL_BYTES_MAX + 1];
    if (label[0] == '\0') {
        return cf_fail(err, CF_E_ARGUMENT, "a parked sale needs a label");
    }
    return cf_text_accept(cf_bytes_str(label), copy, sizeof copy, err);
}

enum cf_rc cf_journal_park(struct cf_journal *journal, const char *label, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_check_label(label, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (journal->last_step == 0 && journal->mode == CF_JOURNAL_TILL) {
        return cf_fail(err, CF_E_SALE_NONE, "there is nothing to park");
    }
    rc = cf_journal_begin(journal, true, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_journal_end(journal, cf_journal_park_within(journal, label, err), err);
    if (rc == CF_OK) {
        journal->last_step = 0;
    }
    return rc;
}

struct recall {
    struct cf_journal *journal;
    uint64_t last;
};

static enum cf_rc recall_step(void *ctx, uint64_t n, cf_bytes body, struct cf_error *err)
{
    struct recall *recall = ctx;
    struct cf_row_sum sum = step_sum(n, body);
    recall->last = n;
    return cf_db_run(&recall->journal->tables.db, bind_step(recall->journal, n, body, &sum), err);
}

static enum cf_rc recall_within(struct cf_journal *journal, const char *label, uint64_t *ret_last, struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    struct recall recall = {journal, 0};
    sqlite3_stmt *of = tables->q[CF_JQ_PARKED_OF];
    cf_bind_text(of, 1, label);
    enum cf_rc rc = each_row(journal, of, label, recall_step, &recall, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (recall.last == 0) {
        return cf_fail(err, CF_E_NOT_FOUND, "no sale is parked as \"%s\"", label);
    }
    sqlite3_stmt *remove = tables->q[CF_JQ_PARKED_REMOVE], *note = tables->q[CF_JQ_PARKED_NOTE_REMOVE];
    cf_bind_text(remove, 1, label);
    cf_bind_text(note, 1, label);
    rc = cf_db_run(&tables->db, remove, err);
    if (rc == CF_OK) {
        rc = cf_db_run(&tables->db, note, err);
    }
    if (rc == CF_OK) {
        *ret_last = recall.last;
    }
    return rc;
}

enum cf_rc cf_journal_recall(struct cf_journal *journal, const char *label, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_check_label(label, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (journal->last_step != 0) {
        return cf_fail(err, CF_E_SALE_OPEN, "a sale of %llu steps", (unsigned long long)journal->last_step);
    }
    rc = cf_journal_begin(journal, false, err);
    if (rc != CF_OK) {
        return rc;
    }
    uint64_t last = 0;
    rc = cf_journal_end(journal, recall_within(journal, label, &last, err), err);
    if (rc == CF_OK) {
        journal->last_step = last;
    }
    return rc;
}

enum cf_rc cf_journal_parked(struct cf_journal *journal, cf_journal_parked_fn each, void *ctx, struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    sqlite3_stmt *list = journal->tables.q[CF_JQ_PARKED_LIST];
    for (;;) {
        bool row = false;
        enum cf_rc rc = cf_db_step(db, list, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        const char *label = (const char *)sqlite3_column_text(list, 0);
        rc = label != NULL ? each(ctx, label, (uint32_t)cf_column_i64(list, 1), err)
                           : cf_fail(err, CF_E_NO_MEMORY, "a label");
        if (rc != CF_OK) {
            sqlite3_reset(list);
            return rc;
        }
    }
}

enum cf_rc cf_journal_parked_steps(struct cf_journal *journal, const char *label, cf_journal_step_fn each, void *ctx,
                                   struct cf_error *err)
{
    struct steps_walk walk = {each, ctx};
    sqlite3_stmt *of = journal->tables.q[CF_JQ_PARKED_OF];
    cf_bind_text(of, 1, label);
    return each_row(journal, of, label, give_step, &walk, err);
}
