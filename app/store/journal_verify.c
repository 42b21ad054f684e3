/*
 * app/store/journal_verify.c - is the journal whole? The chain, what follows from it, the rows beside it, the file.
 *
 * All of it happens within one read transaction, so that a reader may verify while the till sells. The chain is walked
 * record by record; each is folded into tables in memory, which must come out equal to those of the file.
 */
#include "app/store/journal_private.h"

#include <string.h>

/* --- the chain ---------------------------------------------------------------------------------------------------- */

struct chain_walk {
    struct cf_journal *journal;
    struct cf_journal_fold *fold; /* NULL: not from the first record, so nothing is folded */
    struct cf_journal_head head;  /* as far as all was good */
    uint64_t n_records;
    uint64_t n_erased;
    bool failed; /* at the record after head */
};

static enum cf_rc bad_record(struct chain_walk *walk, const char *how, struct cf_error *err)
{
    uint64_t seq = walk->head.seq + 1;
    walk->failed = true;
    return cf_fail(err, CF_E_JOURNAL_BROKEN, "record %llu is the first bad one: %s", (unsigned long long)seq, how);
}

static enum cf_rc check_record(struct chain_walk *walk, sqlite3_stmt *row, struct cf_error *err)
{
    struct cf_record record;
    struct cf_sha256 body_hash;
    struct cf_sha256 hash;
    uint64_t seq = walk->head.seq + 1;
    if (!cf_journal_record_of_row(row, &walk->journal->identity, &record, &body_hash, &hash)) {
        return bad_record(walk, "it does not have the shape of a record", err);
    }
    if (record.seq != seq) {
        return bad_record(walk, "it is missing", err);
    }
    if (record.body.p != NULL) {
        struct cf_sha256 expected = cf_record_body_hash(&record);
        if (memcmp(expected.digest, body_hash.digest, CF_SHA256_BYTES) != 0) {
            return bad_record(walk, "its body was changed", err);
        }
    } else {
        walk->n_erased++;
    }
    struct cf_sha256 expected = cf_record_chain(&walk->head.hash, &record, &body_hash);
    if (memcmp(expected.digest, hash.digest, CF_SHA256_BYTES) != 0) {
        return bad_record(walk, "it does not fit the chain", err);
    }
    /* Behind an erased record not all can be told: numbers and serials follow on what it held. The chain still can. */
    if (walk->fold != NULL && walk->n_erased == 0) {
        struct cf_error why = {0};
        enum cf_rc rc = cf_journal_fold_record(walk->fold, &record, &hash, &why);
        if (rc == CF_E_NO_MEMORY) {
            return cf_fail(err, rc, "%s", why.detail);
        }
        if (rc != CF_OK) {
            return bad_record(walk, why.detail, err);
        }
    } else if (walk->fold != NULL) {
        walk->fold->state.head = (struct cf_journal_head){seq, hash};
    }
    walk->head = (struct cf_journal_head){seq, hash};
    walk->n_records++;
    return CF_OK;
}

/* All records after walk->head. */
static enum cf_rc walk_chain(struct chain_walk *walk, struct cf_error *err)
{
    struct cf_db *db = &walk->journal->tables.db;
    sqlite3_stmt *rows = walk->journal->tables.q[CF_JQ_RECORD_PAGE];
    cf_bind_i64(rows, 1, (int64_t)walk->head.seq + 1);
    cf_bind_i64(rows, 2, -1);
    for (;;) {
        bool row = false;
        enum cf_rc rc = cf_db_step(db, rows, &row, err);
        if (rc != CF_OK) {
            return rc == CF_E_JOURNAL_BROKEN ? bad_record(walk, sqlite3_errmsg(db->handle), err) : rc;
        }
        if (!row) {
            return CF_OK;
        }
        rc = check_record(walk, rows, err);
        if (rc != CF_OK) {
            sqlite3_reset(rows);
            return rc;
        }
    }
}

/* --- what follows from the chain ---------------------------------------------------------------------------------- */

static const enum cf_journal_query derived[] = {
    CF_JQ_STATE,          CF_JQ_SPENT_ALL,           CF_JQ_RELEASED_ALL,       CF_JQ_LEASE_USE_ALL,
    CF_JQ_DAY_USE_ALL,    CF_JQ_ISSUED_ALL,          CF_JQ_MEMBER_COUNTER_ALL, CF_JQ_MEMBER_SALE_ALL,
    CF_JQ_RETURNED_ALL,   CF_JQ_SUBLEASE_USE_ALL,    CF_JQ_SESSION_ALL,        CF_JQ_WRONG_PIN_ALL,
    CF_JQ_VALUE_USE_ALL,  CF_JQ_SUBLEASE_RETURN_ALL, CF_JQ_SUBLEASE_DAY_ALL,   CF_JQ_REVOKED_ALL,
    CF_JQ_QUOTE_USED_ALL,
};
static const char *const derived_names[] = {
    "the head and the numbers",
    "spent rights",
    "released rights",
    "lease use",
    "lease use by day",
    "issued serials",
    "members' counters",
    "what members bought",
    "what came back",
    "sub-lease use",
    "who is logged in",
    "wrong PINs",
    "money that lies here alone",
    "sub-leases given back",
    "sub-lease use by day",
    "revoked coupons",
    "quotations that were used",
};

static bool same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
    int n = sqlite3_column_count(a);
    for (int k = 0; k < n; k++) {
        if (sqlite3_column_type(a, k) != sqlite3_column_type(b, k) ||
            !cf_bytes_equal(cf_column_bytes(a, k), cf_column_bytes(b, k))) {
            return false;
        }
    }
    return true;
}

static enum cf_rc compare_table(struct cf_journal_tables *file, struct cf_journal_tables *folded,
                                enum cf_journal_query query, const char *name, struct cf_error *err)
{
    sqlite3_stmt *a = file->q[query];
    sqlite3_stmt *b = folded->q[query];
    enum cf_rc rc = CF_OK;
    for (;;) {
        bool a_row = false;
        bool b_row = false;
        rc = cf_db_step(&file->db, a, &a_row, err);
        if (rc == CF_OK) {
            rc = cf_db_step(&folded->db, b, &b_row, err);
        }
        if (rc == CF_OK && (a_row != b_row || (a_row && !same_row(a, b)))) {
            rc = cf_fail(err, CF_E_JOURNAL_BROKEN, "%s: %s do not follow from its records", file->db.name, name);
        }
        if (rc != CF_OK || !a_row) {
            break;
        }
    }
    sqlite3_reset(a);
    sqlite3_reset(b);
    return rc;
}

static enum cf_rc compare_derived(struct cf_journal_tables *file, struct cf_journal_fold *folded, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_state_save(folded->tables, &folded->state, err);
    for (size_t k = 0; rc == CF_OK && k < sizeof derived / sizeof derived[0]; k++) {
        rc = compare_table(file, folded->tables, derived[k], derived_names[k], err);
    }
    return rc;
}

/* The tables and indexes are those that the migrations make: nothing added, nothing changed. */
static enum cf_rc compare_schema(struct cf_db *file, struct cf_db *made, struct cf_error *err)
{
    const char *sql = cf_db_common_sql("schema_all");
    sqlite3_stmt *a = NULL;
    sqlite3_stmt *b = NULL;
    enum cf_rc rc = cf_db_prepare(file, sql, &a, err);
    if (rc == CF_OK) {
        rc = cf_db_prepare(made, sql, &b, err);
    }
    bool row = true;
    while (rc == CF_OK && row) {
        bool b_row = false;
        rc = cf_db_step(file, a, &row, err);
        if (rc == CF_OK) {
            rc = cf_db_step(made, b, &b_row, err);
        }
        if (rc == CF_OK && (row != b_row || (row && !same_row(a, b)))) {
            rc = cf_db_broken(file, err, "its tables are not those that this program makes");
        }
    }
    sqlite3_finalize(a);
    sqlite3_finalize(b);
    return rc;
}

/* --- what stands beside the chain --------------------------------------------------------------------------------- */

static bool receipt_row_good(sqlite3_stmt *row)
{
    return cf_journal_receipt_good((uint64_t)cf_column_i64(row, 0), cf_column_bytes(row, 1), cf_column_bytes(row, 2));
}

static bool printing_row_good(sqlite3_stmt *row)
{
    return cf_journal_printing_good((uint64_t)cf_column_i64(row, 0), cf_column_i64(row, 1), cf_column_bytes(row, 2));
}

static bool step_row_good(sqlite3_stmt *row)
{
    uint64_t n = 0;
    cf_bytes body = {NULL, 0};
    return cf_journal_step_of_row(row, NULL, &n, &body);
}

static bool challenge_row_good(sqlite3_stmt *row)
{
    uint8_t nonce[CF_NONCE_BYTES];
    return cf_journal_challenge_of_row(row, nonce);
}

static enum cf_rc check_rows(struct cf_journal_tables *tables, enum cf_journal_query query,
                             bool (*good)(sqlite3_stmt *), const char *name, struct cf_error *err)
{
    sqlite3_stmt *rows = tables->q[query];
    for (;;) {
        bool row = false;
        enum cf_rc rc = cf_db_step(&tables->db, rows, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        if (!good(rows)) {
            rc = cf_fail(err, CF_E_JOURNAL_BROKEN, "%s: %s %lld is damaged", tables->db.name, name,
                         (long long)cf_column_i64(rows, 0));
            sqlite3_reset(rows);
            return rc;
        }
    }
}

static enum cf_rc check_parked(void *ctx, const char *label, uint32_t n_steps, struct cf_error *err)
{
    struct cf_journal_tables *tables = ctx;
    sqlite3_stmt *rows = tables->q[CF_JQ_PARKED_OF];
    cf_bind_text(rows, 1, label);
    uint32_t n = 0;
    for (;; n++) {
        bool row = false;
        enum cf_rc rc = cf_db_step(&tables->db, rows, &row, err);
        if (rc != CF_OK) {
            return rc;
        }
        if (!row) {
            break;
        }
        uint64_t at = 0;
        cf_bytes body = {NULL, 0};
        if (!cf_journal_step_of_row(rows, label, &at, &body)) {
            sqlite3_reset(rows);
            return cf_db_broken(&tables->db, err, "a parked sale is damaged");
        }
    }
    return n == n_steps ? CF_OK : cf_db_broken(&tables->db, err, "a parked sale is not whole");
}

static enum cf_rc check_beside(struct cf_journal *journal, struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    enum cf_rc rc = check_rows(tables, CF_JQ_RECEIPT_ALL, receipt_row_good, "the receipt of record", err);
    if (rc == CF_OK) {
        rc = check_rows(tables, CF_JQ_PRINTING_ALL, printing_row_good, "the print state of record", err);
    }
    if (rc == CF_OK) {
        rc = check_rows(tables, CF_JQ_UNPRINTED_ALL, printing_row_good, "the print state of record", err);
    }
    if (rc == CF_OK) {
        rc = check_rows(tables, CF_JQ_STEP_ALL, step_row_good, "the open sale's step", err);
    }
    if (rc == CF_OK) {
        rc = check_rows(tables, CF_JQ_CHALLENGE_ALL, challenge_row_good, "an open challenge", err);
    }
    if (rc == CF_OK) {
        rc = cf_journal_parked(journal, check_parked, tables, err);
    }
    if (rc == CF_OK) {
        rc = cf_journal_parked_notes(journal, NULL, NULL, err);
    }
    return rc != CF_OK ? rc : cf_journal_takings(journal, NULL, NULL, err);
}

/* A log that was cut short, or an older copy put back: records that were committed are not there. */
static enum cf_rc check_witness(struct cf_journal *journal, const struct cf_journal_witness *witness,
                                struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    const struct cf_journal_identity *mine = &journal->identity;
    if (witness->identity.terminal != mine->terminal || witness->identity.epoch != mine->epoch ||
        witness->head.seq == 0) {
        return CF_OK;
    }
    sqlite3_stmt *get = journal->tables.q[CF_JQ_RECORD_HASH];
    cf_bind_i64(get, 1, (int64_t)witness->head.seq);
    bool row = false;
    enum cf_rc rc = cf_db_step(db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_sha256 hash;
    bool same = row && cf_column_bytes_of(get, 0, hash.digest, CF_SHA256_BYTES) &&
                memcmp(hash.digest, witness->head.hash.digest, CF_SHA256_BYTES) == 0;
    sqlite3_reset(get);
    if (!same) {
        return cf_fail(err, CF_E_JOURNAL_BROKEN, "%s: record %llu was committed and is not there any more", db->name,
                       (unsigned long long)witness->head.seq);
    }
    return CF_OK;
}

/* --- together ----------------------------------------------------------------------------------------------------- */

/* With tables in memory, made as the file's were. */
static enum cf_rc verify_folding(struct cf_journal *journal, struct chain_walk *walk, struct cf_error *err)
{
    struct cf_journal_tables memory = {0};
    struct cf_journal_fold fold = {
        .tables = &memory,
        .state.head = walk->head,
        .sale = journal->fold.sale,
        .back = journal->fold.back,
        .sublease_from = journal->fold.sublease_from,
        .member_from = journal->fold.member_from,
    };
    enum cf_rc rc = cf_db_init(&memory.db, ":memory:", CF_DB_MAKE, "journal in memory", CF_E_INTERNAL, err);
    if (rc == CF_OK) {
        rc = cf_db_migrate(&memory.db, &cf_journal_schema, cf_journal_schema.n, err);
    }
    if (rc == CF_OK) {
        rc = cf_journal_tables_prepare(&memory, err);
    }
    if (rc == CF_OK) {
        rc = cf_db_begin_write(&memory.db, err);
    }
    if (rc == CF_OK) {
        walk->fold = &fold;
        rc = walk_chain(walk, err);
        /* What followed from an erased body cannot be told any more. */
        if (rc == CF_OK && walk->n_erased == 0) {
            rc = compare_derived(&journal->tables, &fold, err);
        }
        if (rc == CF_OK) {
            rc = compare_schema(&journal->tables.db, &memory.db, err);
        }
        cf_db_rollback(&memory.db);
    }
    cf_journal_tables_done(&memory);
    return rc;
}

static enum cf_rc verify_all(struct cf_journal *journal, struct chain_walk *walk, struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    walk->head =
        (struct cf_journal_head){0, cf_record_chain_start(journal->identity.terminal, journal->identity.epoch)};
    struct cf_journal_identity stored;
    enum cf_rc rc = cf_journal_identity_load(&journal->tables, &stored, err);
    if (rc == CF_OK) {
        rc = verify_folding(journal, walk, err);
    }
    if (rc == CF_OK) {
        rc = check_beside(journal, err);
    }
    return rc != CF_OK ? rc : cf_db_quick_check(db, err);
}

/* The newest records of a long journal only: their chain. */
static enum cf_rc verify_tail(struct cf_journal *journal, struct chain_walk *walk, uint64_t head_seq,
                              struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    uint64_t from = head_seq - CF_JOURNAL_VERIFY_AT_OPEN;
    sqlite3_stmt *get = journal->tables.q[CF_JQ_RECORD_HASH];
    cf_bind_i64(get, 1, (int64_t)from);
    bool row = false;
    enum cf_rc rc = cf_db_step(db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    walk->head.seq = from - 1;
    bool good = row && cf_column_bytes_of(get, 0, walk->head.hash.digest, CF_SHA256_BYTES);
    sqlite3_reset(get);
    if (!good) {
        return bad_record(walk, "it is missing", err);
    }
    walk->head.seq = from;
    rc = walk_chain(walk, err);
    struct cf_journal_state state;
    if (rc == CF_OK) {
        rc = cf_journal_state_load(&journal->tables, &state, err);
    }
    if (rc == CF_OK && (state.head.seq != walk->head.seq ||
                        memcmp(state.head.hash.digest, walk->head.hash.digest, CF_SHA256_BYTES) != 0)) {
        rc = cf_db_broken(db, err, "its head does not follow from its records");
    }
    return rc;
}

enum cf_rc cf_journal_verify(struct cf_journal *journal, struct cf_journal_verdict *ret, struct cf_error *err)
{
    struct cf_journal_witness witness;
    bool witnessed = cf_journal_witness_read(journal->dir, &witness); /* before the snapshot, so never ahead of it */
    struct chain_walk walk = {.journal = journal};
    enum cf_rc rc = cf_db_begin_read(&journal->tables.db, err);
    if (rc == CF_OK) {
        rc = verify_all(journal, &walk, err);
        if (rc == CF_OK && witnessed) {
            rc = check_witness(journal, &witness, err);
        }
        cf_db_rollback(&journal->tables.db);
    }
    if (rc == CF_OK || rc == CF_E_JOURNAL_BROKEN) {
        *ret = (struct cf_journal_verdict){.n_records = walk.n_records, .n_erased = walk.n_erased, .head = walk.head};
        ret->first_bad_seq = walk.failed ? walk.head.seq + 1 : 0;
    }
    return rc;
}

enum cf_rc cf_journal_verify_open(struct cf_journal *journal, struct cf_error *err)
{
    struct cf_journal_witness witness;
    bool witnessed = cf_journal_witness_read(journal->dir, &witness);
    struct chain_walk walk = {.journal = journal};
    uint64_t head_seq = journal->fold.state.head.seq;
    enum cf_rc rc = cf_db_begin_read(&journal->tables.db, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (head_seq > CF_JOURNAL_VERIFY_AT_OPEN) {
        rc = verify_tail(journal, &walk, head_seq, err);
    } else {
        rc = verify_all(journal, &walk, err);
    }
    if (rc == CF_OK && witnessed) {
        rc = check_witness(journal, &witness, err);
    }
    cf_db_rollback(&journal->tables.db);
    return rc;
}
