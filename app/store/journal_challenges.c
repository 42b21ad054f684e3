/*
 * app/store/journal_challenges.c - the challenges that a phone was shown and that are neither used nor closed.
 *
 * They stand in no record before they end, so each row carries a sum of its own. What ends one is journal_fold.c's.
 */
#include "app/store/journal_private.h"

#include <string.h>

static struct cf_row_sum challenge_sum(const uint8_t nonce[CF_NONCE_BYTES])
{
    return cf_row_sum("challenge", 0, 0, (cf_bytes){NULL, 0}, cf_bytes_of(nonce, CF_NONCE_BYTES));
}

bool cf_journal_challenge_of_row(sqlite3_stmt *statement, uint8_t ret_nonce[CF_NONCE_BYTES])
{
    struct cf_row_sum sum;
    if (!cf_column_bytes_of(statement, 0, ret_nonce, CF_NONCE_BYTES) ||
        !cf_column_bytes_of(statement, 1, sum.b, sizeof sum.b)) {
        return false;
    }
    struct cf_row_sum expected = challenge_sum(ret_nonce);
    return memcmp(sum.b, expected.b, sizeof sum.b) == 0;
}

enum cf_rc cf_journal_challenges(struct cf_journal *journal, uint8_t ret[CF_JOURNAL_CHALLENGES_MAX][CF_NONCE_BYTES],
                                 size_t *ret_n, struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    sqlite3_stmt *all = journal->tables.q[CF_JQ_CHALLENGE_ALL];
    size_t n = 0;
    for (;;) {
        bool row = false;
        enum cf_rc rc = cf_db_step(db, all, &row, err);
        if (rc != CF_OK) {
            return rc;
        }
        if (!row) {
            *ret_n = n;
            return CF_OK;
        }
        if (n == CF_JOURNAL_CHALLENGES_MAX || !cf_journal_challenge_of_row(all, ret[n])) {
            rc = cf_db_broken(db, err, "its open challenges are damaged");
            sqlite3_reset(all);
            return rc;
        }
        n++;
    }
}

static enum cf_rc open_within(struct cf_journal *journal, const uint8_t nonce[CF_NONCE_BYTES], cf_bytes step,
                              struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    uint8_t open[CF_JOURNAL_CHALLENGES_MAX][CF_NONCE_BYTES];
    size_t n = 0;
    enum cf_rc rc = cf_journal_challenges(journal, open, &n, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (n == CF_JOURNAL_CHALLENGES_MAX) {
        return cf_fail(err, CF_E_LIMIT, "%d challenges are open already", CF_JOURNAL_CHALLENGES_MAX);
    }
    struct cf_row_sum sum = challenge_sum(nonce);
    sqlite3_stmt *add = tables->q[CF_JQ_CHALLENGE_ADD];
    cf_bind_bytes(add, 1, cf_bytes_of(nonce, CF_NONCE_BYTES));
    cf_bind_bytes(add, 2, cf_bytes_of(sum.b, sizeof sum.b));
    rc = cf_db_run(&tables->db, add, err);
    return rc != CF_OK ? rc : cf_journal_step_within(journal, step, err);
}

enum cf_rc cf_journal_challenge_open(struct cf_journal *journal, const uint8_t nonce[CF_NONCE_BYTES], cf_bytes step,
                                     struct cf_error *err)
{
    enum cf_rc rc = cf_journal_begin(journal, true, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_journal_end(journal, open_within(journal, nonce, step, err), err);
    if (rc == CF_OK) {
        journal->last_step++;
    }
    return rc;
}

enum cf_rc cf_journal_challenge_remove(struct cf_journal_tables *tables, const uint8_t nonce[CF_NONCE_BYTES],
                                       struct cf_error *err)
{
    sqlite3_stmt *remove = tables->q[CF_JQ_CHALLENGE_REMOVE];
    cf_bind_bytes(remove, 1, cf_bytes_of(nonce, CF_NONCE_BYTES));
    return cf_db_run(&tables->db, remove, err);
}
