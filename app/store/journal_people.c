/*
 * app/store/journal_people.c - who is logged in, and who guesses at PINs: what follows from USER records.
 */
#include "app/store/journal_private.h"

static enum cf_rc run_with(struct cf_journal_tables *tables, enum cf_journal_query query, int64_t a, int64_t b,
                           struct cf_error *err)
{
    sqlite3_stmt *statement = tables->q[query];
    int n = sqlite3_bind_parameter_count(statement);
    if (n > 0) {
        cf_bind_i64(statement, 1, a);
    }
    if (n > 1) {
        cf_bind_i64(statement, 2, b);
    }
    return cf_db_run(&tables->db, statement, err);
}

enum cf_rc cf_journal_fold_user(struct cf_journal_tables *tables, const struct cf_record *record, struct cf_error *err)
{
    struct cf_user_event event;
    enum cf_rc rc = cf_user_event_decode(record->body, &event, err);
    if (rc != CF_OK) {
        return rc;
    }
    switch (event.kind) {
    case CF_USER_LOGIN:
        rc = run_with(tables, CF_JQ_WRONG_PIN_REMOVE, event.user, 0, err);
        return rc != CF_OK ? rc : run_with(tables, CF_JQ_SESSION_SET, (int64_t)record->seq, 0, err);
    case CF_USER_LOGOUT:
    case CF_USER_LOCK:
        return run_with(tables, CF_JQ_SESSION_CLEAR, 0, 0, err);
    case CF_USER_WRONG_PIN:
        return run_with(tables, CF_JQ_WRONG_PIN_ADD, event.user, (int64_t)record->seq, err);
    case CF_USER_REPRINT:
        return CF_OK;
    case CF_USER_OVERRIDE: /* the PIN of whoever allowed it was right */
        return run_with(tables, CF_JQ_WRONG_PIN_REMOVE, event.by, 0, err);
    }
    return CF_OK;
}

enum cf_rc cf_journal_session(struct cf_journal *journal, struct cf_journal_session *ret, struct cf_error *err)
{
    struct cf_journal_session session = {.is = false};
    struct cf_user_event event;
    sqlite3_stmt *get = journal->tables.q[CF_JQ_SESSION];
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (row) {
        if (!cf_column_bytes_of(get, 0, session.boot_id, sizeof session.boot_id) ||
            cf_user_event_decode(cf_column_bytes(get, 3), &event, NULL) != CF_OK || event.kind != CF_USER_LOGIN) {
            rc = cf_db_broken(&journal->tables.db, err, "the record of a login is damaged");
        } else {
            session.is = true;
            session.mono_ms = cf_column_i64(get, 1);
            session.user = event.user;
            session.role = event.role;
        }
        sqlite3_reset(get);
    }
    if (rc == CF_OK) {
        *ret = session;
    }
    return rc;
}

enum cf_rc cf_journal_wrong_pins(struct cf_journal *journal, uint32_t user, struct cf_journal_wrong_pins *ret,
                                 struct cf_error *err)
{
    struct cf_journal_wrong_pins wrong = {.n = 0};
    sqlite3_stmt *get = journal->tables.q[CF_JQ_WRONG_PIN];
    bool row = false;
    cf_bind_i64(get, 1, user);
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (row) {
        int64_t n = cf_column_i64(get, 0);
        wrong.n = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
        wrong.mono_ms = cf_column_i64(get, 2);
        if (!cf_column_bytes_of(get, 1, wrong.boot_id, sizeof wrong.boot_id)) {
            rc = cf_db_broken(&journal->tables.db, err, "the record of a wrong PIN is damaged");
        }
        sqlite3_reset(get);
    }
    if (rc == CF_OK) {
        *ret = wrong;
    }
    return rc;
}
