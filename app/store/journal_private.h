/*
 * app/store/journal_private.h - what the files journal*.c share. Not for others.
 */
#ifndef CF_STORE_JOURNAL_PRIVATE_H
#define CF_STORE_JOURNAL_PRIVATE_H

#include "app/store/db.h"
#include "app/store/journal.h"
#include "app/store/row_sum.h"

#define CF_JOURNAL_FILE "journal.db"
#define CF_JOURNAL_LOCK "journal.lock"

/* --- tables and their statements ---------------------------------------------------------------------------------- */

/* One for each query/journal/<name>.sql; names in journal_sql.c. */
enum cf_journal_query {
    CF_JQ_CHALLENGE_ADD,
    CF_JQ_CHALLENGE_ALL,
    CF_JQ_CHALLENGE_REMOVE,
    CF_JQ_DAY_USE,
    CF_JQ_DAY_USE_ADD,
    CF_JQ_DAY_USE_ALL,
    CF_JQ_FORGETTING,
    CF_JQ_FORGETTING_SET,
    CF_JQ_IDENTITY,
    CF_JQ_IDENTITY_SET,
    CF_JQ_ISSUED,
    CF_JQ_ISSUED_ALL,
    CF_JQ_ISSUED_SET,
    CF_JQ_LEASE_USE,
    CF_JQ_LEASE_USE_ALL,
    CF_JQ_LEASE_USE_SET,
    CF_JQ_MEMBER_COUNTED,
    CF_JQ_MEMBER_COUNTER,
    CF_JQ_MEMBER_COUNTER_ALL,
    CF_JQ_MEMBER_COUNTER_SET,
    CF_JQ_MEMBER_COUNTER_REMOVE,
    CF_JQ_MEMBER_KNOWN,
    CF_JQ_MEMBER_SALES,
    CF_JQ_MEMBER_SALE_ADD,
    CF_JQ_MEMBER_SALE_ALL,
    CF_JQ_MEMBER_SALE_DROP,
    CF_JQ_MEMBER_SALE_ERASE,
    CF_JQ_MEMBER_SALE_REMOVE,
    CF_JQ_PARKED_ADD,
    CF_JQ_PARKED_COUNT,
    CF_JQ_PARKED_HAS,
    CF_JQ_PARKED_LIST,
    CF_JQ_PARKED_NOTE_ALL,
    CF_JQ_PARKED_NOTE_REMOVE,
    CF_JQ_PARKED_NOTE_SET,
    CF_JQ_PARKED_OF,
    CF_JQ_PARKED_REMOVE,
    CF_JQ_PRINTING_ADD,
    CF_JQ_PRINTING_ALL,
    CF_JQ_PRINTING_REMOVE,
    CF_JQ_PRINTING_WAITING,
    CF_JQ_QUARANTINE_FIRST,
    CF_JQ_QUOTE_USED,
    CF_JQ_QUOTE_USED_ADD,
    CF_JQ_QUOTE_USED_ALL,
    CF_JQ_RECEIPT,
    CF_JQ_RECEIPT_ADD,
    CF_JQ_RECEIPT_ALL,
    CF_JQ_RECEIPT_HAS,
    CF_JQ_RECEIPT_REMOVE,
    CF_JQ_RECORD_ADD,
    CF_JQ_RECORD_ERASE,
    CF_JQ_RECORD_ERASED,
    CF_JQ_RECORD_HASH,
    CF_JQ_RECORD_ORDERS,
    CF_JQ_RECORD_PAGE,
    CF_JQ_RECORD_QUOTES,
    CF_JQ_RELEASED,
    CF_JQ_RELEASED_ALL,
    CF_JQ_RELEASED_SET,
    CF_JQ_REST,
    CF_JQ_RETURNED,
    CF_JQ_RETURNED_ALL,
    CF_JQ_RETURNED_OF,
    CF_JQ_RETURNED_SET,
    CF_JQ_REVOKED,
    CF_JQ_REVOKED_ADD,
    CF_JQ_REVOKED_ALL,
    CF_JQ_SESSION,
    CF_JQ_SESSION_ALL,
    CF_JQ_SESSION_CLEAR,
    CF_JQ_SESSION_SET,
    CF_JQ_SPENT,
    CF_JQ_SPENT_ADD,
    CF_JQ_SPENT_ALL,
    CF_JQ_SPENT_REMOVE,
    CF_JQ_START_LAST,
    CF_JQ_STATE,
    CF_JQ_STATE_SET,
    CF_JQ_STEP_ADD,
    CF_JQ_STEP_ALL,
    CF_JQ_STEP_CLEAR,
    CF_JQ_STEP_LAST,
    CF_JQ_SUBLEASE_COUNTED,
    CF_JQ_SUBLEASE_DAY,
    CF_JQ_SUBLEASE_DAY_ADD,
    CF_JQ_SUBLEASE_DAY_ALL,
    CF_JQ_SUBLEASE_RETURN_ADD,
    CF_JQ_SUBLEASE_RETURN_ALL,
    CF_JQ_SUBLEASE_RETURN_NEXT,
    CF_JQ_SUBLEASE_USE,
    CF_JQ_SUBLEASE_USE_ADD,
    CF_JQ_SUBLEASE_USE_ALL,
    CF_JQ_TAKING_ALL,
    CF_JQ_TAKING_REMOVE,
    CF_JQ_TAKING_SET,
    CF_JQ_TOLD,
    CF_JQ_TOLD_FORGET,
    CF_JQ_TOLD_REMOVE,
    CF_JQ_TOLD_SET,
    CF_JQ_TOLD_TRIM,
    CF_JQ_UNPRINTED_ALL,
    CF_JQ_UNPRINTED_REMOVE,
    CF_JQ_UNPRINTED_SET,
    CF_JQ_VALUE_USE,
    CF_JQ_VALUE_USE_ALL,
    CF_JQ_VALUE_USE_HELD,
    CF_JQ_VALUE_USE_SET,
    CF_JQ_WRONG_PIN,
    CF_JQ_WRONG_PIN_ADD,
    CF_JQ_WRONG_PIN_ALL,
    CF_JQ_WRONG_PIN_REMOVE,
    CF_JQ_QUERIES,
};
const char *cf_journal_sql(const char *name);
extern const struct cf_db_schema cf_journal_schema;

/* A database with the journal's tables: the file, or one in memory that the records are folded into again. */
struct cf_journal_tables {
    struct cf_db db;
    sqlite3_stmt *q[CF_JQ_QUERIES];
};
enum cf_rc cf_journal_tables_prepare(struct cf_journal_tables *tables, struct cf_error *err) CF_MUST_CHECK;
struct cf_value_used;
/* All zero but the account if there is no row. */
/* The return by which a coupon was revoked here; 0: none did. */
enum cf_rc cf_journal_revoked_by(struct cf_journal_tables *tables, uint32_t campaign, uint32_t index, uint64_t *ret_seq,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_value_row(struct cf_journal_tables *tables, uint32_t account, struct cf_value_used *ret,
                                struct cf_error *err) CF_MUST_CHECK;
/* The record of the sale under that quotation; 0: there is none. */
enum cf_rc cf_journal_quote_row(struct cf_journal_tables *tables, const struct cf_sale_ref *of, uint64_t *ret_by,
                                struct cf_error *err) CF_MUST_CHECK;
void cf_journal_tables_done(struct cf_journal_tables *tables);

/* --- folding: what follows from records --------------------------------------------------------------------------- */

struct cf_journal_state {
    struct cf_journal_head head;
    uint64_t last_sale_no;
    uint32_t last_z_no;
    uint64_t last_z_seq;
};
struct cf_journal_fold {
    struct cf_journal_tables *tables;
    struct cf_journal_state state;
    struct cf_sale *sale; /* scratch */
    struct cf_return *back;
    uint64_t sublease_from; /* of sub-leases, money and days are counted in the records after this one */
    uint64_t member_from;   /* and what members bought after this one */
};
/* A card that this terminal gave out: its number follows on, and its amount is here alone if the card says so. For
 * every record that gives one out. */
enum cf_rc cf_journal_fold_card(struct cf_journal_fold *fold, uint64_t seq, const struct cf_value_card *card,
                                struct cf_error *err) CF_MUST_CHECK;
/*
 * Applies one record, which follows on the head, to tables and state. The same code at commit and when verifying.
 *
 *   CF_E_COUPON_SPENT, CF_E_COUPON_GENERATION  a right of it is not there any more
 *   CF_E_QUOTE_USED  this till sold under that quotation before
 *   CF_E_STATE  its sale or Z number does not follow on
 *   CF_E_COUPON_RANGE  an issued serial does not follow on
 *   CF_E_RETURN_QUANTITY  more came back before than a return knows of
 *   CF_E_CBOR_*, CF_E_RECORD, CF_E_OVERFLOW  the body
 *
 * On an error tables and state may hold a part of it: the caller rolls back and restores the state.
 */
enum cf_rc cf_journal_fold_record(struct cf_journal_fold *fold, const struct cf_record *record,
                                  const struct cf_sha256 *hash, struct cf_error *err) CF_MUST_CHECK;
/* journal_people.c: the part of it that a USER record has. */
enum cf_rc cf_journal_fold_user(struct cf_journal_tables *tables, const struct cf_record *record,
                                struct cf_error *err) CF_MUST_CHECK;
/* State to and from its table. */
enum cf_rc cf_journal_state_save(struct cf_journal_tables *tables, const struct cf_journal_state *state,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_state_load(struct cf_journal_tables *tables, struct cf_journal_state *ret,
                                 struct cf_error *err) CF_MUST_CHECK;

/* journal_steps.c: within a transaction, but for the last two. */
enum cf_rc cf_journal_park_within(struct cf_journal *journal, const char *label, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_add_parked(struct cf_journal *journal, const char *label, uint64_t n, cf_bytes step,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_is_parked(struct cf_journal *journal, const char *label, bool *ret,
                                struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_check_label(const char *label, struct cf_error *err) CF_MUST_CHECK;

/* --- the handle --------------------------------------------------------------------------------------------------- */

struct cf_journal {
    struct cf_journal_tables tables;
    enum cf_journal_mode mode;
    const struct cf_env *env;
    struct cf_journal_identity identity;
    struct cf_journal_fold fold;            /* till only: state is that of the head */
    int lock_fd;                            /* till only: the lock, and the witness of the head */
    struct cf_incarnation_store mark_store; /* ops NULL: none is kept */
    bool mark_synced;
    cf_mono mark_synced_at; /* when the till last rested long enough after the time before */
    struct cf_incarnation_mark mark;
    bool synced;           /* PRAGMA synchronous is FULL */
    int wal_frames;        /* in the write-ahead log, as of the last commit */
    int wal_frames_tried;  /* when the last checkpoint could not finish */
    uint64_t last_step;    /* till only */
    bool log_to_empty;     /* something was erased, and the log still holds it */
    bool cancelled_in_log; /* a sale was cancelled, and the log may still hold its steps */
    struct cf_buf body;    /* scratch */
    struct cf_buf receipt; /* scratch */
    char *dir;
};

/* Till only, else CF_E_READ_ONLY. Begins a transaction whose commit is on the disk when it returns (synced), or which
 * only survives the process. */
enum cf_rc cf_journal_begin(struct cf_journal *journal, bool synced, struct cf_error *err) CF_MUST_CHECK;
/* For a single statement that writes: the same without BEGIN and COMMIT around it. */
enum cf_rc cf_journal_write(struct cf_journal *journal, bool synced, sqlite3_stmt *statement,
                            struct cf_error *err) CF_MUST_CHECK;
/* Commits if rc is CF_OK, else rolls back; returns what went wrong first. */
enum cf_rc cf_journal_end(struct cf_journal *journal, enum cf_rc rc, struct cf_error *err) CF_MUST_CHECK;
/* A write of nothing: takes what SQLite does at the first write after a checkpoint or an open. */
enum cf_rc cf_journal_touch(struct cf_journal *journal, bool synced, struct cf_error *err) CF_MUST_CHECK;

/* The row of record_page that `statement` stands on. False if a column does not have the shape of a record. */
bool cf_journal_record_of_row(sqlite3_stmt *statement, const struct cf_journal_identity *identity,
                              struct cf_record *ret, struct cf_sha256 *ret_body_hash, struct cf_sha256 *ret_hash);
enum cf_rc cf_journal_identity_load(struct cf_journal_tables *tables, struct cf_journal_identity *ret,
                                    struct cf_error *err) CF_MUST_CHECK;
struct cf_row_sum cf_journal_identity_sum(const struct cf_journal_identity *identity);

/*
 * The witness: the head, written without a sync into the lock file after each commit. A write-ahead log whose frames
 * are damaged ends early for SQLite, without a word; the witness then knows of a record that is not there.
 */
struct cf_journal_witness {
    struct cf_journal_identity identity;
    struct cf_journal_head head;
};
void cf_journal_witness_write(int fd, const struct cf_journal_witness *witness);
/* False if there is none, or it is not whole: then it says nothing. */
bool cf_journal_witness_read(const char *dir, struct cf_journal_witness *ret);

/* The receipt waits from now on; and the sums of what receipts stand in. */
enum cf_rc cf_journal_printing_add(struct cf_journal_tables *tables, uint64_t seq, struct cf_error *err) CF_MUST_CHECK;
bool cf_journal_receipt_good(uint64_t seq, cf_bytes document, cf_bytes sum);
bool cf_journal_printing_good(uint64_t seq, int64_t state, cf_bytes sum);
/* A row of step_all (label NULL) or of parked_of: false if it is damaged. */
bool cf_journal_step_of_row(sqlite3_stmt *statement, const char *label, uint64_t *ret_n, cf_bytes *ret_body);

/* A row of challenge_all: false if it is damaged. */
bool cf_journal_challenge_of_row(sqlite3_stmt *statement, uint8_t ret_nonce[CF_NONCE_BYTES]);
/* The nonce is used or closed: no ticket for it is awaited any more. */
enum cf_rc cf_journal_challenge_remove(struct cf_journal_tables *tables, const uint8_t nonce[CF_NONCE_BYTES],
                                       struct cf_error *err) CF_MUST_CHECK;
/* Adds a step within a transaction; the caller counts it when that has committed. */
enum cf_rc cf_journal_step_within(struct cf_journal *journal, cf_bytes step, struct cf_error *err) CF_MUST_CHECK;

/* The part of cf_journal_verify that an open does. */
enum cf_rc cf_journal_verify_open(struct cf_journal *journal, struct cf_error *err) CF_MUST_CHECK;

#endif
