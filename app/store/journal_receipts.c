/*
 * app/store/journal_receipts.c - receipts, and which of them are not known to be printed.
 *
 * That one was printed is committed without a sync: a power cut may lose it, and then the receipt is offered again,
 * marked as a reprint.
 */
#include "app/store/journal_private.h"

#include <string.h>

static struct cf_row_sum printing_sum(uint64_t seq, int64_t state)
{
    return cf_row_sum("printing", seq, (uint64_t)state, (cf_bytes){NULL, 0}, (cf_bytes){NULL, 0});
}

bool cf_journal_receipt_good(uint64_t seq, cf_bytes document, cf_bytes sum)
{
    struct cf_row_sum expected = cf_row_sum("receipt", seq, 0, (cf_bytes){NULL, 0}, document);
    return document.p != NULL && cf_bytes_equal(sum, cf_bytes_of(expected.b, sizeof expected.b));
}

bool cf_journal_printing_good(uint64_t seq, int64_t state, cf_bytes sum)
{
    struct cf_row_sum expected = printing_sum(seq, state);
    return cf_bytes_equal(sum, cf_bytes_of(expected.b, sizeof expected.b));
}

enum cf_rc cf_journal_printing_add(struct cf_journal_tables *tables, uint64_t seq, struct cf_error *err)
{
    struct cf_row_sum sum = printing_sum(seq, CF_PRINT_WAITING);
    sqlite3_stmt *add = tables->q[CF_JQ_PRINTING_ADD];
    cf_bind_i64(add, 1, (int64_t)seq);
    cf_bind_bytes(add, 2, cf_bytes_of(sum.b, sizeof sum.b));
    return cf_db_run(&tables->db, add, err);
}

enum cf_rc cf_journal_print_waiting(struct cf_journal *journal, uint64_t *ret_seq, struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_PRINTING_WAITING];
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!row) {
        return cf_fail(err, CF_E_NOT_FOUND, "no receipt waits to be printed");
    }
    *ret_seq = (uint64_t)cf_column_i64(get, 0);
    sqlite3_reset(get);
    return CF_OK;
}

static enum cf_rc has_receipt(struct cf_journal_tables *tables, uint64_t seq, struct cf_error *err)
{
    sqlite3_stmt *has = tables->q[CF_JQ_RECEIPT_HAS];
    cf_bind_i64(has, 1, (int64_t)seq);
    bool row = false;
    enum cf_rc rc = cf_db_step(&tables->db, has, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!row) {
        return cf_fail(err, CF_E_NOT_FOUND, "record %llu has no receipt", (unsigned long long)seq);
    }
    sqlite3_reset(has);
    return CF_OK;
}

static enum cf_rc set_unprinted(struct cf_journal_tables *tables, uint64_t seq, enum cf_print_state state,
                                struct cf_error *err)
{
    struct cf_row_sum sum = printing_sum(seq, state);
    sqlite3_stmt *set = tables->q[CF_JQ_UNPRINTED_SET];
    cf_bind_i64(set, 1, (int64_t)seq);
    cf_bind_i64(set, 2, state);
    cf_bind_bytes(set, 3, cf_bytes_of(sum.b, sizeof sum.b));
    return cf_db_run(&tables->db, set, err);
}

/* From any state to any other: out of both tables, then into the one where it belongs. */
static enum cf_rc mark_within(struct cf_journal_tables *tables, uint64_t seq, enum cf_print_state state,
                              struct cf_error *err)
{
    static const enum cf_journal_query removals[] = {CF_JQ_PRINTING_REMOVE, CF_JQ_UNPRINTED_REMOVE};
    enum cf_rc rc = has_receipt(tables, seq, err);
    for (size_t k = 0; rc == CF_OK && k < sizeof removals / sizeof removals[0]; k++) {
        cf_bind_i64(tables->q[removals[k]], 1, (int64_t)seq);
        rc = cf_db_run(&tables->db, tables->q[removals[k]], err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    switch (state) {
    case CF_PRINT_DONE:
        return CF_OK;
    case CF_PRINT_WAITING:
        return cf_journal_printing_add(tables, seq, err);
    case CF_PRINT_UNKNOWN:
    case CF_PRINT_SKIPPED:
        return set_unprinted(tables, seq, state, err);
    }
    return cf_fail(err, CF_E_ARGUMENT, "print state %d", (int)state);
}

enum cf_rc cf_journal_print_mark(struct cf_journal *journal, uint64_t seq, enum cf_print_state state,
                                 struct cf_error *err)
{
    enum cf_rc rc = cf_journal_begin(journal, false, err);
    return rc != CF_OK ? rc : cf_journal_end(journal, mark_within(&journal->tables, seq, state, err), err);
}

enum cf_rc cf_journal_receipt(struct cf_journal *journal, uint64_t seq, struct cf_buf *ret_receipt,
                              struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    sqlite3_stmt *get = journal->tables.q[CF_JQ_RECEIPT];
    cf_bind_i64(get, 1, (int64_t)seq);
    bool row = false;
    enum cf_rc rc = cf_db_step(db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!row) {
        return cf_fail(err, CF_E_NOT_FOUND, "record %llu has no receipt", (unsigned long long)seq);
    }
    cf_bytes document = cf_column_bytes(get, 0);
    if (cf_journal_receipt_good(seq, document, cf_column_bytes(get, 1))) {
        rc = cf_buf_append(ret_receipt, document.p, document.n, err);
    } else {
        rc = cf_fail(err, CF_E_JOURNAL_BROKEN, "the receipt of record %llu is damaged", (unsigned long long)seq);
    }
    sqlite3_reset(get);
    return rc;
}
