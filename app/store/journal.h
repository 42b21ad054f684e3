/*
 * app/store/journal.h - journal.db: what a till must never lose.
 *
 * The chained records (record.h), the receipts of its sales, the open sale step by step, and what follows from the
 * records: spent rights, lease use, issued ranges, members' counters. WAL, synchronous=FULL: a record is one
 * transaction and exactly one fdatasync; checkpoints run between sales (cf_journal_rest). Only the till's process
 * writes, under a lock file; cf-sync and reports open it for reading and keep their own state in replica.db, so a sale
 * never waits for them. What follows from records is computed here from the record itself, in the same transaction, and
 * verified again by folding the chain. Not thread-safe; a handle belongs to the thread that opened it.
 */
#ifndef CF_STORE_JOURNAL_H
#define CF_STORE_JOURNAL_H

#include "app/core/erasure.h"
#include "app/core/order_request.h"
#include "app/core/record.h"
#include "app/core/report.h"
#include "app/core/sale.h"
#include "app/core/user.h"
#include "app/store/incarnation.h"

struct cf_journal;

enum cf_journal_mode {
    CF_JOURNAL_TILL, /* the one writer */
    CF_JOURNAL_READ,
};
struct cf_journal_identity {
    uint32_t terminal;
    uint32_t epoch;
    uint32_t store;
};

/* Makes DIR/journal.db for a fresh epoch. CF_E_EXISTS if there is one of this epoch or a later one; an older epoch's
 * file is kept beside it as journal-<epoch>.db. */
enum cf_rc cf_journal_create(const char *dir, const struct cf_journal_identity *identity, const struct cf_env *env,
                             struct cf_error *err) CF_MUST_CHECK;

/* The same in two steps, for who has more to change than the journal: keeps every till out until the descriptor is
 * closed (CF_E_JOURNAL_LOCKED if one is at it), then makes the file while it is held. */
enum cf_rc cf_journal_hold(const char *dir, int *ret_fd, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_create_held(const char *dir, const struct cf_journal_identity *identity, const struct cf_env *env,
                                  struct cf_error *err) CF_MUST_CHECK;

/*
 * Opens and, for the till, verifies: the newest CF_JOURNAL_VERIFY_AT_OPEN records' chain, and all that follows from
 * records if the journal is not longer than that. Close with cf_journal_close.
 *
 *   CF_E_JOURNAL_NONE, CF_E_JOURNAL_LOCKED, CF_E_SCHEMA_NEWER, CF_E_READ_ONLY
 *   CF_E_JOURNAL_BROKEN  the detail names the first bad record; the till must not sell
 */
#define CF_JOURNAL_VERIFY_AT_OPEN 5000
enum cf_rc cf_journal_open(const char *dir, enum cf_journal_mode mode, const struct cf_env *env,
                           struct cf_journal **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_journal_close(struct cf_journal *journal);
void cf_journal_identity(const struct cf_journal *journal, struct cf_journal_identity *ret);

struct cf_journal_head {
    uint64_t seq; /* 0: no record yet */
    struct cf_sha256 hash;
};
enum cf_rc cf_journal_head(struct cf_journal *journal, struct cf_journal_head *ret, struct cf_error *err) CF_MUST_CHECK;

/* The version of the format that this program writes, and the oldest one whose program can work with it still. */
struct cf_journal_format {
    uint32_t schema, readable_from;
};
enum cf_rc cf_journal_format(struct cf_journal_format *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- the open sale ---------------------------------------------------------------------------------------------- */

#define CF_STEP_BYTES_MAX 8192

/* Remembers one event of the open sale, in order. Survives a kill of the process; it is not synced to disk by itself,
 * so a power cut may lose the last steps of a sale that was not committed. */
enum cf_rc cf_journal_step(struct cf_journal *journal, cf_bytes step, struct cf_error *err) CF_MUST_CHECK;
/* The same, on the disk when it returns: for what must be known after a power cut because others act on it. */
enum cf_rc cf_journal_step_durable(struct cf_journal *journal, cf_bytes step, struct cf_error *err) CF_MUST_CHECK;
/* Calls back for each step in order; a callback's error ends the walk and is returned. */
typedef enum cf_rc (*cf_journal_step_fn)(void *ctx, cf_bytes step, struct cf_error *err);
enum cf_rc cf_journal_steps(struct cf_journal *journal, cf_journal_step_fn each, void *ctx,
                            struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_steps_clear(struct cf_journal *journal, struct cf_error *err) CF_MUST_CHECK;
/* Puts the open sale's steps aside under a label (at most 32 parked sales; CF_E_LIMIT, CF_E_EXISTS), or takes them back
 * (CF_E_NOT_FOUND; CF_E_SALE_OPEN if steps are there). */
enum cf_rc cf_journal_park(struct cf_journal *journal, const char *label, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_recall(struct cf_journal *journal, const char *label, struct cf_error *err) CF_MUST_CHECK;
typedef enum cf_rc (*cf_journal_parked_fn)(void *ctx, const char *label, uint32_t n_steps, struct cf_error *err);
enum cf_rc cf_journal_parked(struct cf_journal *journal, cf_journal_parked_fn each, void *ctx,
                             struct cf_error *err) CF_MUST_CHECK;

/* The steps of one parked sale; none if there is no such sale. */
enum cf_rc cf_journal_parked_steps(struct cf_journal *journal, const char *label, cf_journal_step_fn each, void *ctx,
                                   struct cf_error *err) CF_MUST_CHECK;

/* A parked sale as a cashier knows it again, and where it is. */
#define CF_JOURNAL_LABEL_MAX 64
#define CF_JOURNAL_PARKED_USER_MAX 32
enum cf_journal_parked_where {
    CF_JOURNAL_PARKED_HERE = 1,
    CF_JOURNAL_PARKED_OFFERED = 2, /* the store's hub may have it: only the hub knows */
};
struct cf_journal_parked_note {
    char label[CF_JOURNAL_LABEL_MAX + 1];
    uint32_t n_steps; /* not set by the caller */
    bool is_noted;    /* not set by the caller; false: parked before there were notes, and nothing below is known */
    enum cf_journal_parked_where where;
    uint8_t key[CF_REQUEST_KEY_BYTES]; /* OFFERED: by which the hub knows it */
    uint32_t hub_epoch;                /* OFFERED: of the hub that was asked; else 0 */
    char user[CF_JOURNAL_PARKED_USER_MAX + 1];
    int64_t at_ms;
    uint32_t n_lines;
    int64_t total_minor;
    char first_line[CF_NAME_MAX + 1];
};
/* As cf_journal_park. Durable when it returns: an offer is here before the hub hears of it. */
enum cf_rc cf_journal_park_noted(struct cf_journal *journal, const struct cf_journal_parked_note *note,
                                 struct cf_error *err) CF_MUST_CHECK;
/* The hub has it: its steps are no longer here. CF_E_NOT_FOUND. */
enum cf_rc cf_journal_park_given(struct cf_journal *journal, const char *label, struct cf_error *err) CF_MUST_CHECK;
/* The note of a parked sale is another now: the hub does not have it. */
enum cf_rc cf_journal_park_note(struct cf_journal *journal, const struct cf_journal_parked_note *note,
                                struct cf_error *err) CF_MUST_CHECK;
/* `each` may be NULL: only that the rows are sound. */
typedef enum cf_rc (*cf_journal_parked_note_fn)(void *ctx, const struct cf_journal_parked_note *note,
                                                struct cf_error *err);
enum cf_rc cf_journal_parked_notes(struct cf_journal *journal, cf_journal_parked_note_fn each, void *ctx,
                                   struct cf_error *err) CF_MUST_CHECK;

/* A sale at the hub that this till asked for: durable before it asks. */
struct cf_journal_taking {
    uint8_t key[CF_REQUEST_KEY_BYTES];
    char label[CF_JOURNAL_LABEL_MAX + 1];
    uint32_t hub_epoch;
};
enum cf_rc cf_journal_take(struct cf_journal *journal, const struct cf_journal_taking *taking,
                           struct cf_error *err) CF_MUST_CHECK;
/* It will not come. */
enum cf_rc cf_journal_take_none(struct cf_journal *journal, const uint8_t key[CF_REQUEST_KEY_BYTES],
                                struct cf_error *err) CF_MUST_CHECK;
/* It came: parked here under note->label, durable when this returns. Errors of cf_journal_park. */
enum cf_rc cf_journal_take_came(struct cf_journal *journal, const uint8_t key[CF_REQUEST_KEY_BYTES],
                                const struct cf_journal_parked_note *note, const cf_bytes *steps, size_t n_steps,
                                struct cf_error *err) CF_MUST_CHECK;
typedef enum cf_rc (*cf_journal_taking_fn)(void *ctx, const struct cf_journal_taking *taking, struct cf_error *err);
enum cf_rc cf_journal_takings(struct cf_journal *journal, cf_journal_taking_fn each, void *ctx,
                              struct cf_error *err) CF_MUST_CHECK;

/* Challenges (app/core/challenge.h) that were shown and not used or closed yet, of the open sale, of parked ones, and
 * of sales that are over. */
#define CF_JOURNAL_CHALLENGES_MAX 64
/* Remembers a nonce, and the step of the open sale that says so, before it is shown: on the disk when it returns, since
 * what was shown must be closed one day. CF_E_LIMIT if too many are open; nothing was written. */
enum cf_rc cf_journal_challenge_open(struct cf_journal *journal, const uint8_t nonce[CF_NONCE_BYTES], cf_bytes step,
                                     struct cf_error *err) CF_MUST_CHECK;
/* In no particular order. */
enum cf_rc cf_journal_challenges(struct cf_journal *journal, uint8_t ret[CF_JOURNAL_CHALLENGES_MAX][CF_NONCE_BYTES],
                                 size_t *ret_n, struct cf_error *err) CF_MUST_CHECK;

/* --- records ---------------------------------------------------------------------------------------------------- */

/* What the till knows about time and the centre at this moment; boot id, monotonic clock and salt are taken from env.
 */
struct cf_stamp {
    cf_wall wall; /* the till's best estimate of the true time, whole milliseconds: the record's wall_ms */
    enum cf_time_quality time_quality;
    uint64_t down_cursor;
};
struct cf_committed {
    uint64_t seq;
    struct cf_sha256 hash;
    cf_wall wall;
};

/* Builds the receipt once seq, hash and time are known, inside the transaction; its error rolls everything back. */
typedef enum cf_rc (*cf_journal_receipt_fn)(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                                            struct cf_error *err);
/*
 * One transaction, one fdatasync: the record; its rights as spent and leases as used; issued serials; the member's
 * counter; the receipt as waiting to be printed; the open sale's steps gone.
 *
 *   CF_E_COUPON_SPENT, CF_E_COUPON_GENERATION  a right of the sale is spent or was released: nothing was written
 *   CF_E_COUPON_RANGE  an issued serial does not follow on the last one of its grant
 *   CF_E_STATE  sale_no is not above that of the last sale or cancelled sale
 *   CF_E_DISK_FULL, CF_E_READ_ONLY, CF_E_IO: nothing was written, the open sale is still there
 */
enum cf_rc cf_journal_commit_sale(struct cf_journal *journal, const struct cf_sale *sale, const struct cf_stamp *stamp,
                                  cf_journal_receipt_fn receipt, void *ctx, struct cf_committed *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
/*
 * A return, the same way: what came back of each line of its sale; the rights that it gives back as not spent, if this
 * journal's own sale had spent them; the receipt; and the steps that say what it owes, in the place of those before.
 *
 *   CF_E_RETURN_QUANTITY  this journal knows of more that came back before than the return does
 *   CF_E_STATE  return_no is not above the last number; a right that it gives back is not one that the sale spent
 */
struct cf_journal_owed {
    size_t n;
    const cf_bytes *steps;
};
enum cf_rc cf_journal_commit_return(struct cf_journal *journal, const struct cf_return *r, const struct cf_stamp *stamp,
                                    const struct cf_journal_owed *owed, cf_journal_receipt_fn receipt, void *ctx,
                                    struct cf_committed *ret, struct cf_error *err) CF_MUST_CHECK;
/*
 * Both records of an exchange, the return right before the sale that names it, in one transaction, with the sale's
 * receipt and the steps that say what the return owes. Errors of both.
 *
 *   CF_E_STATE  also where the sale does not name the return, or not what it paid
 */
enum cf_rc cf_journal_commit_exchange(struct cf_journal *journal, const struct cf_return *r, const struct cf_sale *sale,
                                      const struct cf_stamp *stamp, const struct cf_journal_owed *owed,
                                      cf_journal_receipt_fn receipt, void *ctx, struct cf_committed *ret_return,
                                      struct cf_committed *ret_sale, struct cf_error *err) CF_MUST_CHECK;
/*
 * What was handed out of an order (the body of a PICK_UP record), the same way; the steps of asking for it are gone.
 *
 *   CF_E_ORDER_DONE  this generation of the order was handed out here
 */
enum cf_rc cf_journal_commit_pick_up(struct cf_journal *journal, cf_bytes body, const struct cf_stamp *stamp,
                                     cf_journal_receipt_fn receipt, void *ctx, struct cf_committed *ret,
                                     struct cf_error *err) CF_MUST_CHECK;
/* Goods that were asked for (the body of an ORDER record), the same way: what stood in the open sale is in it. */
enum cf_rc cf_journal_commit_request(struct cf_journal *journal, cf_bytes body, const struct cf_stamp *stamp,
                                     cf_journal_receipt_fn receipt, void *ctx, struct cf_committed *ret,
                                     struct cf_error *err) CF_MUST_CHECK;
/* A quotation, the same way, out of the open sale, which is over. CF_E_STATE as of a sale. */
enum cf_rc cf_journal_commit_quote(struct cf_journal *journal, const struct cf_sale *quoted, int64_t expires_s,
                                   const struct cf_stamp *stamp, cf_journal_receipt_fn receipt, void *ctx,
                                   struct cf_committed *ret, struct cf_error *err) CF_MUST_CHECK;
/* Any other record, the same way; clear_steps also forgets the open sale (a cancelled one). */
enum cf_rc cf_journal_append(struct cf_journal *journal, enum cf_record_type type, cf_bytes body, bool clear_steps,
                             const struct cf_stamp *stamp, struct cf_committed *ret,
                             struct cf_error *err) CF_MUST_CHECK;
/* The same with a step of the open sale that says so: both or neither. */
enum cf_rc cf_journal_append_step(struct cf_journal *journal, enum cf_record_type type, cf_bytes body, cf_bytes step,
                                  const struct cf_stamp *stamp, struct cf_committed *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
/* The same with a receipt, which waits to be printed like that of a sale. */
enum cf_rc cf_journal_append_printed(struct cf_journal *journal, enum cf_record_type type, cf_bytes body,
                                     const struct cf_stamp *stamp, cf_journal_receipt_fn receipt, void *ctx,
                                     struct cf_committed *ret, struct cf_error *err) CF_MUST_CHECK;
/* A card that was taken back (the body of an OPEN_RETURN record), the same way; the step that says under which key it
 * was asked for is gone, since the record settles that. */
enum cf_rc cf_journal_commit_card_back(struct cf_journal *journal, cf_bytes body, const struct cf_stamp *stamp,
                                       cf_journal_receipt_fn receipt, void *ctx, struct cf_committed *ret,
                                       struct cf_error *err) CF_MUST_CHECK;
/* Checkpoint and other rest work: call between sales, never inside one. */
enum cf_rc cf_journal_rest(struct cf_journal *journal, struct cf_error *err) CF_MUST_CHECK;

/* --- what follows from the records ------------------------------------------------------------------------------- */

enum cf_rc cf_journal_is_spent(struct cf_journal *journal, uint32_t campaign, uint32_t index, bool *ret_spent,
                               struct cf_error *err) CF_MUST_CHECK;
/* Was this coupon issued on a receipt whose goods came back here? Such coupons are refused with CF_E_COUPON_REVOKED. */
enum cf_rc cf_journal_is_revoked(struct cf_journal *journal, uint32_t campaign, uint32_t index, bool *ret_revoked,
                                 struct cf_error *err) CF_MUST_CHECK;
/* Was this right, when pinned here, given up (CF_RECORD_RELEASED), and up to which generation? Such coupons are refused
 * with CF_E_COUPON_GENERATION; a later generation may be pinned here again. */
enum cf_rc cf_journal_released(struct cf_journal *journal, uint32_t campaign, uint32_t index, bool *ret_released,
                               uint32_t *ret_generation, struct cf_error *err) CF_MUST_CHECK;
/* Rights of `campaign` spent from this terminal's lease, and returned from it, in this epoch. */
enum cf_rc cf_journal_lease_used(struct cf_journal *journal, uint32_t campaign, int64_t *ret_spent,
                                 int64_t *ret_returned, struct cf_error *err) CF_MUST_CHECK;
struct cf_lease_used {
    int64_t spent, returned;             /* rights */
    int64_t spent_minor, returned_minor; /* money: of what a campaign that is money_limited leased */
};
/* The same with the money of it; sales at risk (CF_RIGHT_RISK) use money alone. */
enum cf_rc cf_journal_lease_use(struct cf_journal *journal, uint32_t campaign, struct cf_lease_used *ret,
                                struct cf_error *err) CF_MUST_CHECK;
/* Rights of `campaign` that this terminal spent of what the hub of `hub_epoch` sub-leased to it, and gave back of that;
 * store_returned: as that hub, of what the store was leased. */
struct cf_sublease_used {
    int64_t spent, returned;
    int64_t store_returned;
    int64_t spent_minor, returned_minor, store_returned_minor; /* the same in money */
};
enum cf_rc cf_journal_sublease_use(struct cf_journal *journal, uint32_t campaign, uint32_t hub_epoch,
                                   struct cf_sublease_used *ret, struct cf_error *err) CF_MUST_CHECK;
/* Rights of `campaign` spent from that on one business day (20261122). */
enum cf_rc cf_journal_sublease_day_used(struct cf_journal *journal, uint32_t campaign, uint32_t hub_epoch, uint32_t day,
                                        int64_t *ret, struct cf_error *err) CF_MUST_CHECK;
/* The first record after `after` that gives back to this hub, which is to see it; 0: none. */
enum cf_rc cf_journal_next_sublease_return(struct cf_journal *journal, uint32_t hub_epoch, uint64_t after,
                                           uint64_t *ret_seq, struct cf_error *err) CF_MUST_CHECK;
/* Rights of `campaign` spent from this terminal's lease on one business day (20261122). */
enum cf_rc cf_journal_day_used(struct cf_journal *journal, uint32_t campaign, uint32_t day, int64_t *ret,
                               struct cf_error *err) CF_MUST_CHECK;
/* Of one account, what this terminal did with money of it that lay here alone. */
struct cf_value_used {
    uint32_t account;
    enum cf_gift_kind kind;
    int64_t issued_minor; /* given out by this terminal itself */
    int64_t spent_minor, released_minor;
    int64_t exp_s; /* of one that it gave out */
    uint64_t seq;  /* of the record that did; 0: another gave it out */
};
enum cf_rc cf_journal_value_used(struct cf_journal *journal, uint32_t account, struct cf_value_used *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
typedef enum cf_rc (*cf_journal_value_fn)(void *ctx, const struct cf_value_used *used, struct cf_error *err);
/* Those that this terminal gave out and has neither spent nor given up. `each` must not write to the journal. */
enum cf_rc cf_journal_values_held(struct cf_journal *journal, cf_journal_value_fn each, void *ctx,
                                  struct cf_error *err) CF_MUST_CHECK;
/* How many coupons were issued under a grant: the next index is grant.first + this. */
enum cf_rc cf_journal_issued(struct cf_journal *journal, cf_kid grant_id, uint32_t *ret_count,
                             struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_member_counter(struct cf_journal *journal, cf_sub sub, bool *ret_known, uint64_t *ret_counter,
                                     struct cf_error *err) CF_MUST_CHECK;
/* What a member bought at this terminal in this epoch and did not bring back to it: by whatever card was shown. */
struct cf_journal_since {
    uint64_t known_seq; /* up to here whoever said how often they bought had heard of it */
    uint64_t sent_seq;  /* behind this they have not, */
    int64_t after_ms;   /* nor of what was sold then or later, by a clock that was not in doubt */
};
struct cf_journal_purchases {
    uint64_t n;
    uint64_t later;   /* behind known_seq */
    uint64_t certain; /* of these, those that were not heard of for sure */
};
enum cf_rc cf_journal_purchases(struct cf_journal *journal, cf_sub sub, const struct cf_journal_since *since,
                                struct cf_journal_purchases *ret, struct cf_error *err) CF_MUST_CHECK;
/* How often it was started, and whether it is in quarantine, by its own records. */
struct cf_journal_standing {
    uint64_t incarnation;              /* of the newest START record; 0: none */
    enum cf_quarantine_why quarantine; /* the first reason; never left in this epoch */
};
enum cf_rc cf_journal_standing(struct cf_journal *journal, struct cf_journal_standing *ret,
                               struct cf_error *err) CF_MUST_CHECK;
/* Is there a record of this number with this hash? */
enum cf_rc cf_journal_holds(struct cf_journal *journal, uint64_t seq, const struct cf_sha256 *hash, bool *ret,
                            struct cf_error *err) CF_MUST_CHECK;
/* From now on each record is noted in the mark outside as well; both are borrowed. The mark's place is told by seq. */
void cf_journal_keep_mark(struct cf_journal *journal, const struct cf_incarnation_store *store,
                          const struct cf_incarnation_mark *mark);
/* Who is logged in, by the newest record of it, and when in which boot that was. */
struct cf_journal_session {
    bool is;
    uint32_t user;
    enum cf_role role;
    uint8_t boot_id[CF_BOOT_ID_BYTES];
    int64_t mono_ms;
};
enum cf_rc cf_journal_session(struct cf_journal *journal, struct cf_journal_session *ret,
                              struct cf_error *err) CF_MUST_CHECK;
/* How many wrong PINs in a row of this user, and when in which boot the last one was. */
struct cf_journal_wrong_pins {
    uint32_t n;
    uint8_t boot_id[CF_BOOT_ID_BYTES];
    int64_t mono_ms;
};
enum cf_rc cf_journal_wrong_pins(struct cf_journal *journal, uint32_t user, struct cf_journal_wrong_pins *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
/* Of the next sale, return or quotation. */
enum cf_rc cf_journal_next_sale_no(struct cf_journal *journal, uint64_t *ret, struct cf_error *err) CF_MUST_CHECK;
/* What the centre said of a sale when it was asked for goods of it last, for when it cannot be asked: no record, and
 * forgotten with the return window. */
#define CF_JOURNAL_TOLD_MAX 4096 /* sales; beyond that the oldest are forgotten */
struct cf_journal_told {
    struct cf_sale_ref of; /* sale_no is not kept */
    bool refused;          /* it would not have them taken back */
    size_t n_lines;        /* of which something is back elsewhere, or kept for somebody */
    struct {
        uint32_t line_no;
        int64_t qty_milli;
    } lines[CF_CART_LINES_MAX];
};
/* Nothing is kept of an answer that says nothing. */
enum cf_rc cf_journal_tell(struct cf_journal *journal, const struct cf_journal_told *told, int64_t at_ms,
                           struct cf_error *err) CF_MUST_CHECK;
/* Says nothing where nothing was said. About 18 KB: keep one. */
enum cf_rc cf_journal_told(struct cf_journal *journal, const struct cf_sale_ref *of, struct cf_journal_told *ret,
                           struct cf_error *err) CF_MUST_CHECK;
/* How much of each line of a sale came back by this journal's returns: CF_CART_LINES_MAX entries. The sale may be
 * another terminal's. */
enum cf_rc cf_journal_returned(struct cf_journal *journal, const struct cf_sale_ref *sale, int64_t *ret_milli,
                               struct cf_error *err) CF_MUST_CHECK;

/* --- sales of before --------------------------------------------------------------------------------------------- */

/* The record of the sale with this number. CF_E_RETURN_SALE if there is none (a cancelled one is none). */
enum cf_rc cf_journal_find_sale(struct cf_journal *journal, uint64_t sale_no, uint64_t *ret_seq,
                                struct cf_error *err) CF_MUST_CHECK;
/* The sale of a record, into one made by cf_sale_new. CF_E_RETURN_SALE if it is no sale; CF_E_RETURN_ERASED. */
enum cf_rc cf_journal_sale(struct cf_journal *journal, uint64_t seq, struct cf_sale *ret,
                           struct cf_error *err) CF_MUST_CHECK;

/* --- quotations --------------------------------------------------------------------------------------------------- */

/* The record of the quotation with this number, in the row of sale numbers. CF_E_QUOTE_UNKNOWN. */
enum cf_rc cf_journal_find_quote(struct cf_journal *journal, uint64_t sale_no, uint64_t *ret_seq,
                                 struct cf_error *err) CF_MUST_CHECK;
/* That quotation, into a sale made by cf_sale_new, and the hash of its record. CF_E_QUOTE_UNKNOWN if the record is
 * none, or was erased. */
enum cf_rc cf_journal_quote(struct cf_journal *journal, uint64_t seq, struct cf_sale *ret, int64_t *ret_expires_s,
                            struct cf_sha256 *ret_hash, struct cf_error *err) CF_MUST_CHECK;
/* One that was made here, and is not erased. */
struct cf_journal_quote {
    uint64_t seq;
    cf_wall at;
    struct cf_sha256 hash; /* of its record */
    int64_t expires_s;
    const struct cf_sale *sale; /* a view during the call */
};
typedef enum cf_rc (*cf_journal_quote_fn)(void *ctx, const struct cf_journal_quote *quote, struct cf_error *err);
/* Those from before `before_seq` (0: all), the newest first, at most `max`. */
enum cf_rc cf_journal_quotes(struct cf_journal *journal, uint64_t before_seq, size_t max, cf_journal_quote_fn each,
                             void *ctx, struct cf_error *err) CF_MUST_CHECK;
/* Did this till sell under it? It may be another till's. */
enum cf_rc cf_journal_quote_used(struct cf_journal *journal, const struct cf_sale_ref *of, bool *ret_used,
                                 struct cf_error *err) CF_MUST_CHECK;

/* --- receipts ----------------------------------------------------------------------------------------------------- */

enum cf_print_state { CF_PRINT_WAITING = 1, CF_PRINT_DONE = 2, CF_PRINT_UNKNOWN = 3, CF_PRINT_SKIPPED = 4 };

/* The oldest receipt that is still CF_PRINT_WAITING: found after a restart, it was committed but perhaps not printed,
 * and is offered as a marked reprint. CF_E_NOT_FOUND if none. */
enum cf_rc cf_journal_print_waiting(struct cf_journal *journal, uint64_t *ret_seq, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_print_mark(struct cf_journal *journal, uint64_t seq, enum cf_print_state state,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_journal_receipt(struct cf_journal *journal, uint64_t seq, struct cf_buf *ret_receipt,
                              struct cf_error *err) CF_MUST_CHECK;

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* record->body is valid during the call. An erased record has body.p NULL; body_hash is always given. */
typedef enum cf_rc (*cf_journal_record_fn)(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                                           const struct cf_sha256 *hash, struct cf_error *err);
/* Records from_seq, from_seq + 1, ... at most max_n. */
enum cf_rc cf_journal_read(struct cf_journal *journal, uint64_t from_seq, size_t max_n, cf_journal_record_fn each,
                           void *ctx, struct cf_error *err) CF_MUST_CHECK;
/* Goods that were asked for here and that the journal still says of whom: of the newest `max` records about such goods,
 * the newest first. */
typedef enum cf_rc (*cf_journal_request_fn)(void *ctx, uint64_t seq, cf_wall at,
                                            const struct cf_request_record *request, struct cf_error *err);
enum cf_rc cf_journal_requests(struct cf_journal *journal, size_t max, cf_journal_request_fn each, void *ctx,
                               struct cf_error *err) CF_MUST_CHECK;

/* --- forgetting --------------------------------------------------------------------------------------------------- */

/*
 * What is to be forgotten: salt, body and receipt of records; the chain keeps their hashes. Only of records that the
 * centre has acknowledged (a fact is never lost) and of closed business days (a Z report is never changed).
 */
struct cf_journal_forget {
    uint64_t acknowledged_seq;
    const struct cf_erase_mark *marks; /* members, each once; all there are */
    size_t n_marks;
    cf_wall sealed_before; /* sales and returns of before this instant, whoever's they are */
    cf_wall now;           /* 0: not known */
};
/* A journal that was set aside as broken is left this long to whoever can still read some of it, once anybody is to be
 * forgotten: nobody can say whose records it holds. */
#define CF_JOURNAL_BROKEN_KEEP_S (INT64_C(7) * 86400)
/* Between sales. Cheap when there is nothing new; goes on where it was. Journals of epochs before, beside this one, are
 * treated as well, at the first call with a mark that they have not seen; broken ones go when their time is over.
 * *ret_n: records erased. */
enum cf_rc cf_journal_forget(struct cf_journal *journal, const struct cf_journal_forget *what, uint64_t *ret_n,
                             struct cf_error *err) CF_MUST_CHECK;

struct cf_journal_verdict {
    uint64_t n_records;
    uint64_t n_erased;      /* of them: only what the chain needs is left */
    uint64_t first_bad_seq; /* 0: all good, or what is bad is not a record */
    struct cf_journal_head head;
};
/* Walks the whole chain and folds what follows from it; checks SQLite's own structure. CF_E_JOURNAL_BROKEN with a
 * detail, and *ret is written then too. */
enum cf_rc cf_journal_verify(struct cf_journal *journal, struct cf_journal_verdict *ret,
                             struct cf_error *err) CF_MUST_CHECK;

/* Totals of the sales after the last Z record (the open business day), and what it covers. */
struct cf_journal_day {
    uint32_t z_no;                /* of the next Z */
    uint64_t first_seq, last_seq; /* first > last: empty */
    int64_t first_wall_ms;        /* of the first sale, return or event of the drawer; has_first: there is one */
    bool has_first;
    struct cf_day day;
};
/* utc_offset_min: of the store now, by which hours are reckoned. *ret is large: some 20 kB. */
enum cf_rc cf_journal_day(struct cf_journal *journal, int32_t utc_offset_min, struct cf_journal_day *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/* Goes on with a day that is kept (all zero: none yet) by at most max_n records; *ret_left: how many more there are.
 * One that a Z report has closed meanwhile, or that is of another offset, begins anew. After an error it does, too. */
enum cf_rc cf_journal_day_on(struct cf_journal *journal, int32_t utc_offset_min, size_t max_n,
                             struct cf_journal_day *day, uint64_t *ret_left, struct cf_error *err) CF_MUST_CHECK;
/* The Z report before the open day; z_no 0: there is none, or its body is gone. */
enum cf_rc cf_journal_last_z(struct cf_journal *journal, struct cf_z_report *ret, struct cf_error *err) CF_MUST_CHECK;
/* The one before the day that begins with record first_seq (0: the open day), and which record it is (0: none). So
 * closed days are walked back, from each report's own first_seq. */
enum cf_rc cf_journal_z_before(struct cf_journal *journal, uint64_t first_seq, struct cf_z_report *ret,
                               uint64_t *ret_seq, cf_wall *ret_at, struct cf_error *err) CF_MUST_CHECK;

#endif
