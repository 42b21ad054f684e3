/*
 * app/store/hub_store.h - hub.db: what a terminal keeps while it is the hub of its store.
 *
 * Who holds which right in the store, what was sub-leased to whom, the other tills' records that the centre may not
 * have yet, and signed pages for tills that reach only this hub. WAL, synchronous=FULL: what a commit says is durable
 * before it returns. It keeps and finds; sync/hub decides. The hub's server and the sync of the same terminal may have
 * it open at the same time. Not thread-safe; a handle belongs to the thread that opened it.
 */
#ifndef CF_STORE_HUB_STORE_H
#define CF_STORE_HUB_STORE_H

#include "app/core/down.h"
#include "app/core/sale_return.h"

#define CF_HUB_WHY_MAX 120
/* How many of the newest steps of its history a hub can still be asked for. */
#define CF_HUB_STEPS_MAX 100000
/* Records of one till that the centre has not acknowledged, in bytes. */
#define CF_HUB_TILL_BYTES_MAX (512u << 20)

struct cf_hub_store;

/* Opens DIR/hub.db, and makes it if there is none. Close with cf_hub_store_close (accepts NULL). CF_E_HUB_BROKEN for a
 * damaged file, CF_E_SCHEMA_NEWER, CF_E_READ_ONLY, CF_E_DISK_FULL, CF_E_IO. */
enum cf_rc cf_hub_store_open(const char *dir, struct cf_hub_store **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_hub_store_close(struct cf_hub_store *store);
bool cf_hub_store_exists(const char *dir);

/* One writer at a time; waits a few seconds for the other, then CF_E_BUSY. */
enum cf_rc cf_hub_store_begin(struct cf_hub_store *store, struct cf_error *err) CF_MUST_CHECK;
/* Commits if rc is CF_OK, else rolls back; gives rc, or why it could not commit. */
enum cf_rc cf_hub_store_end(struct cf_hub_store *store, enum cf_rc rc, struct cf_error *err) CF_MUST_CHECK;

/* --- which hub, and its history ----------------------------------------------------------------------------------- */

struct cf_hub_state {
    uint32_t store, terminal, epoch;
    uint32_t hub_epoch; /* 0: it never was a hub */
    uint64_t incarnation;
    uint64_t seq;
    struct cf_sha256 head;
    bool fenced; /* this hub epoch is over for good */
    char why[CF_HUB_WHY_MAX + 1];
};
enum cf_rc cf_hub_store_state(struct cf_hub_store *store, struct cf_hub_state *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_set_state(struct cf_hub_store *store, const struct cf_hub_state *state,
                                  struct cf_error *err) CF_MUST_CHECK;
/* The hash of a step; old ones are forgotten. Add forgets what is too old; clear forgets all. */
enum cf_rc cf_hub_store_step(struct cf_hub_store *store, uint64_t seq, struct cf_sha256 *ret, bool *ret_found,
                             struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_add_step(struct cf_hub_store *store, uint64_t seq, const struct cf_sha256 *hash,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_clear_steps(struct cf_hub_store *store, struct cf_error *err) CF_MUST_CHECK;

/* Under this assignment the terminal has pulled to the end at the centre. The setter opens its own transaction. */
enum cf_rc cf_hub_store_heard(struct cf_hub_store *store, uint32_t hub_epoch, bool *ret,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_set_heard(struct cf_hub_store *store, uint32_t hub_epoch, struct cf_error *err) CF_MUST_CHECK;

/* --- rights ------------------------------------------------------------------------------------------------------- */

enum cf_hub_claim_state { CF_HUB_HELD = 1, CF_HUB_USED = 2 };
struct cf_hub_right {
    uint32_t campaign, index;
    uint32_t terminal, epoch;
    uint64_t seq; /* of the record that says that it was used; 0: it is held. Not read back */
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    enum cf_hub_claim_state state;
};
/* One of those that used it; else who holds it. */
enum cf_rc cf_hub_store_right(struct cf_hub_store *store, uint32_t campaign, uint32_t index, struct cf_hub_right *ret,
                              bool *ret_found, struct cf_error *err) CF_MUST_CHECK;
/* The right that is held under this key. */
enum cf_rc cf_hub_store_right_of_key(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES],
                                     uint32_t *ret_campaign, uint32_t *ret_index, bool *ret_found,
                                     struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_set_right(struct cf_hub_store *store, const struct cf_hub_right *right,
                                  struct cf_error *err) CF_MUST_CHECK;
/* This hold, or this use, and no other of the same right. *ret_removed: there was one. */
enum cf_rc cf_hub_store_remove_right(struct cf_hub_store *store, const struct cf_hub_right *right, bool *ret_removed,
                                     struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_is_released(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES], bool *ret,
                                    struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_add_released(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES], cf_wall at,
                                     struct cf_error *err) CF_MUST_CHECK;

/* What was ever granted to a terminal in an epoch, cumulative, and what of it came back by that terminal's records. */
struct cf_hub_sublease {
    uint32_t hub_epoch, campaign, terminal, epoch;
    int64_t granted, returned;
    int64_t spent, demand_milli, demand_us; /* as it told: for how much to lend (app/core/demand.h) */
    int64_t lacks_us;                       /* when it got less than it asked for; 0: it got that */
    int64_t granted_minor, returned_minor;  /* the same in money, of a campaign that is money_limited */
    int64_t spent_minor;
};
/* All zero if there is none. */
enum cf_rc cf_hub_store_sublease(struct cf_hub_store *store, uint32_t hub_epoch, uint32_t campaign, uint32_t terminal,
                                 uint32_t epoch, struct cf_hub_sublease *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_set_sublease(struct cf_hub_store *store, const struct cf_hub_sublease *sublease,
                                     struct cf_error *err) CF_MUST_CHECK;
/* Units that all together were granted, have not given back and have not told as spent. */
enum cf_rc cf_hub_store_unspent(struct cf_hub_store *store, uint32_t hub_epoch, uint32_t campaign, int64_t *ret,
                                struct cf_error *err) CF_MUST_CHECK;
/* Did another one get less than it asked for since then, and nothing more yet? */
enum cf_rc cf_hub_store_others_lack(struct cf_hub_store *store, const struct cf_hub_sublease *sublease, cf_wall since,
                                    bool *ret, struct cf_error *err) CF_MUST_CHECK;
/* What the store was granted, what of it was given back to the centre (cumulative, and lent to nobody any more), and
 * what is out on sub-leases: the schema holds these two together at no more than the first, in units and in money. */
struct cf_hub_store_lease {
    uint32_t hub_epoch, campaign;
    int64_t granted, returned, lent;
    int64_t granted_minor, returned_minor, lent_minor;
};
/* After it is raised to what came down as granted. Before any sub-lease of it is written. */
enum cf_rc cf_hub_store_lease(struct cf_hub_store *store, const struct cf_lease_grant *grant,
                              struct cf_hub_store_lease *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_return_lease(struct cf_hub_store *store, const struct cf_hub_store_lease *lease,
                                     struct cf_error *err) CF_MUST_CHECK;
/* Of the store's share of one day: what all its tills were lent, and what this one was. */
struct cf_hub_store_day {
    uint32_t hub_epoch, campaign, day, terminal, epoch;
    int64_t lent, granted;
};
/* Fills in the last two. */
enum cf_rc cf_hub_store_day(struct cf_hub_store *store, struct cf_hub_store_day *day,
                            struct cf_error *err) CF_MUST_CHECK;
/* Of how many days this till was lent a share. */
enum cf_rc cf_hub_store_days(struct cf_hub_store *store, const struct cf_hub_store_day *day, int64_t *ret,
                             struct cf_error *err) CF_MUST_CHECK;
/* Writes `granted`; the schema holds that all together are no more than the share, or than what was lent of it before
 * it was cut. */
enum cf_rc cf_hub_store_lend_day(struct cf_hub_store *store, const struct cf_hub_store_day *day, int64_t share,
                                 struct cf_error *err) CF_MUST_CHECK;

/* --- the tills' records ------------------------------------------------------------------------------------------- */

struct cf_hub_till {
    uint32_t terminal, epoch;
    uint64_t seq; /* up to here they are, or were, here */
    struct cf_sha256 head;
    uint64_t acknowledged; /* by the centre, as far as is known here */
    bool forked;           /* it has two histories */
};
enum cf_rc cf_hub_store_till(struct cf_hub_store *store, uint32_t terminal, uint32_t epoch, struct cf_hub_till *ret,
                             bool *ret_found, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_set_till(struct cf_hub_store *store, const struct cf_hub_till *till,
                                 struct cf_error *err) CF_MUST_CHECK;
/* Only ever raises it; opens its own transaction. */
enum cf_rc cf_hub_store_acknowledge(struct cf_hub_store *store, uint32_t terminal, uint32_t epoch, uint64_t seq,
                                    struct cf_error *err) CF_MUST_CHECK;

struct cf_hub_batch {
    int64_t id;
    uint32_t terminal, epoch;
    uint64_t first_seq, last_seq;
};
/* CF_E_LIMIT if the till has CF_HUB_TILL_BYTES_MAX here already that the centre does not have. */
enum cf_rc cf_hub_store_add_batch(struct cf_hub_store *store, const struct cf_hub_batch *batch, cf_wall at,
                                  cf_bytes content, struct cf_error *err) CF_MUST_CHECK;
/* The next one after `after_id` that came before `before` and is not acknowledged; its bytes are appended to
 * ret_content. */
enum cf_rc cf_hub_store_next_batch(struct cf_hub_store *store, int64_t after_id, cf_wall before,
                                   struct cf_hub_batch *ret, struct cf_buf *ret_content, bool *ret_found,
                                   struct cf_error *err) CF_MUST_CHECK;
/* The batch that holds this record. */
enum cf_rc cf_hub_store_batch_with(struct cf_hub_store *store, uint32_t terminal, uint32_t epoch, uint64_t seq,
                                   struct cf_buf *ret_content, bool *ret_found, struct cf_error *err) CF_MUST_CHECK;
/* Forgets what came before this and nobody can ask for any more: batches that are acknowledged; goods of sales that are
 * not here and whose records the centre has; keys of asks that were given up (a copy that comes even later holds
 * something that nobody needs, and gives nothing away); parked sales that are over. Sub-leases of hub epochs that are
 * over go too. Opens its own transaction. */
enum cf_rc cf_hub_store_prune(struct cf_hub_store *store, cf_wall before, struct cf_error *err) CF_MUST_CHECK;

/*
 * This terminal has heard the centre to the end, in a round that began after the call before this one. So of each use
 * whose record the centre had then, what came down says all there is to say, and its row is forgotten. Opens its own
 * transaction.
 */
enum cf_rc cf_hub_store_settle(struct cf_hub_store *store, struct cf_error *err) CF_MUST_CHECK;

/* The next batch after `after_id` with records that are acknowledged and in which not all of so many members were
 * looked for; its bytes are appended. */
enum cf_rc cf_hub_store_next_forgettable(struct cf_hub_store *store, int64_t after_id, uint64_t marks,
                                         struct cf_hub_batch *ret, uint64_t *ret_acknowledged,
                                         struct cf_buf *ret_content, bool *ret_found,
                                         struct cf_error *err) CF_MUST_CHECK;
/* They were looked for up to record seq. content: what is left of the batch; p NULL: all of it. Opens its own
 * transaction. What is replaced here, or pruned, is written over, but stands in the log until that is emptied. */
enum cf_rc cf_hub_store_set_forgotten(struct cf_hub_store *store, int64_t id, uint64_t marks, uint64_t seq,
                                      cf_bytes content, struct cf_error *err) CF_MUST_CHECK;
/* Empties the write-ahead log, if anything was erased since; if a reader is in the way, the next call tries again. */
void cf_hub_store_empty_log(struct cf_hub_store *store);

/* --- goods that come back ----------------------------------------------------------------------------------------- */

/* By whom, and of which sale (sale_no is not kept). */
struct cf_hub_kept {
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    uint32_t terminal, epoch;
    struct cf_sale_ref of;
};
enum cf_rc cf_hub_store_kept(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES],
                             struct cf_hub_kept *ret, bool *ret_found, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_keep(struct cf_hub_store *store, const struct cf_hub_kept *kept, cf_wall at,
                             struct cf_error *err) CF_MUST_CHECK;
/* line_no 0: the sale is not known here. */
enum cf_rc cf_hub_store_keep_line(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES], uint32_t line_no,
                                  int64_t qty_milli, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_unkeep(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES],
                               struct cf_error *err) CF_MUST_CHECK;
/* A key under which this terminal keeps what is not known of the sale. */
enum cf_rc cf_hub_store_kept_unknown(struct cf_hub_store *store, const struct cf_sale_ref *of, uint32_t terminal,
                                     uint32_t epoch, uint8_t ret_key[CF_REQUEST_KEY_BYTES], bool *ret_found,
                                     struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_add_returned(struct cf_hub_store *store, const struct cf_sale_ref *of, uint32_t line_no,
                                     uint32_t terminal, uint32_t epoch, int64_t qty_milli, cf_wall at,
                                     struct cf_error *err) CF_MUST_CHECK;
/* What of a line is back, whoever took it. */
enum cf_rc cf_hub_store_returned(struct cf_hub_store *store, const struct cf_sale_ref *of, uint32_t line_no,
                                 int64_t *ret, struct cf_error *err) CF_MUST_CHECK;
/* What of a line is back, or kept, at others than this terminal in this epoch. */
enum cf_rc cf_hub_store_elsewhere(struct cf_hub_store *store, const struct cf_sale_ref *of, uint32_t line_no,
                                  uint32_t terminal, uint32_t epoch, int64_t *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- parked sales ------------------------------------------------------------------------------------------------- */

#define CF_HUB_LABEL_MAX 64
#define CF_HUB_USER_MAX 32
/* Numbers stand in hub.db. Of OVER and GIVEN_UP nothing is kept but who it was and the key. */
enum cf_hub_parked_state {
    CF_HUB_PARKED = 1,
    CF_HUB_PARKED_TAKEN = 2,
    CF_HUB_PARKED_OVER = 3,
    CF_HUB_PARKED_GIVEN_UP = 4
};
struct cf_hub_parked_row {
    uint8_t key[CF_REQUEST_KEY_BYTES];
    enum cf_hub_parked_state state;
    uint32_t terminal, epoch;       /* that parked it */
    uint32_t by_terminal, by_epoch; /* that took it; 0: nobody */
    char label[CF_HUB_LABEL_MAX + 1];
    char user[CF_HUB_USER_MAX + 1];
    int64_t at_ms;
    uint32_t n_lines;
    int64_t total_minor;
    char first_line[CF_NAME_MAX + 1];
};
/* Its steps are appended. */
enum cf_rc cf_hub_store_parked(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES],
                               struct cf_hub_parked_row *ret, struct cf_buf *ret_steps, bool *ret_found,
                               struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_set_parked(struct cf_hub_store *store, const struct cf_hub_parked_row *row, cf_bytes steps,
                                   cf_wall at, struct cf_error *err) CF_MUST_CHECK;
/* Of those that wait: how many, and how many under this label. */
enum cf_rc cf_hub_store_count_parked(struct cf_hub_store *store, const char *label, int64_t *ret_all,
                                     int64_t *ret_of_label, struct cf_error *err) CF_MUST_CHECK;
/* Those that wait, the oldest first. */
typedef enum cf_rc (*cf_hub_parked_fn)(void *ctx, const struct cf_hub_parked_row *row, struct cf_error *err);
enum cf_rc cf_hub_store_each_parked(struct cf_hub_store *store, cf_hub_parked_fn each, void *ctx,
                                    struct cf_error *err) CF_MUST_CHECK;

/* --- signed pages, as they came ----------------------------------------------------------------------------------- */

struct cf_hub_page {
    enum cf_topic topic;
    uint64_t from, after; /* entries from + 1 .. after */
    struct cf_sha256 previous;
};
/* The setters open their own transactions. */
enum cf_rc cf_hub_store_set_page(struct cf_hub_store *store, const struct cf_hub_page *page, cf_bytes cose,
                                 struct cf_error *err) CF_MUST_CHECK;
/* The page that goes on from (from, previous); its bytes are appended. */
enum cf_rc cf_hub_store_page(struct cf_hub_store *store, enum cf_topic topic, uint64_t from,
                             const struct cf_sha256 *previous, uint64_t *ret_after, struct cf_buf *ret_cose,
                             bool *ret_found, struct cf_error *err) CF_MUST_CHECK;
/* A new snapshot: pages and chunks from before it are forgotten. */
enum cf_rc cf_hub_store_set_manifest(struct cf_hub_store *store, enum cf_topic topic, uint64_t version, cf_bytes cose,
                                     struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_manifest(struct cf_hub_store *store, enum cf_topic topic, uint64_t *ret_version,
                                 struct cf_buf *ret_cose, bool *ret_found, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_set_chunk(struct cf_hub_store *store, enum cf_topic topic, cf_bytes content,
                                  struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_store_chunk(struct cf_hub_store *store, enum cf_topic topic, const struct cf_sha256 *hash,
                              struct cf_buf *ret, bool *ret_found, struct cf_error *err) CF_MUST_CHECK;

#endif
