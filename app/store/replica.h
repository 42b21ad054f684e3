/*
 * app/store/replica.h - replica.db: what the centre can send again.
 *
 * Catalogue, campaigns, key set, grants, leases, redeemed rights, results, and how far the sync has come. Written by
 * the sync (one process), read by the till. It is never precious: a broken one is built again. But a till sells with
 * what can be read of it until all of another has come. WAL, synchronous=NORMAL. Not thread-safe.
 */
#ifndef CF_STORE_REPLICA_H
#define CF_STORE_REPLICA_H

#include "app/core/down.h"

struct cf_replica;

enum cf_replica_mode {
    CF_REPLICA_SYNC, /* writes; makes the file if there is none, and a new one beside a broken one */
    CF_REPLICA_READ,
};
/* CF_E_REPLICA_NONE, CF_E_REPLICA_BROKEN (READ only), CF_E_SCHEMA_NEWER. *ret_rebuilt (nullable): a broken file is
 * being replaced: this is another, which readers see after cf_replica_publish. Close with cf_replica_close. */
enum cf_rc cf_replica_open(const char *dir, enum cf_replica_mode mode, struct cf_replica **ret, bool *ret_rebuilt,
                           struct cf_error *err) CF_MUST_CHECK;
/* Of the sync, once the centre was heard to the end: what was filled beside a broken file takes its place, and that is
 * put aside. Nothing where there is no such. On an error the one that was there serves; this can be tried again, also
 * after the replica was closed. */
enum cf_rc cf_replica_publish(struct cf_replica *replica, struct cf_error *err) CF_MUST_CHECK;
/* Keeps the sync out of the replica until the descriptor is closed; CF_E_BUSY if one has it open. */
enum cf_rc cf_replica_hold(const char *dir, int *ret_fd, struct cf_error *err) CF_MUST_CHECK;
/* Throws the replica away: what came down to one terminal, its leases above all, is nothing to another or to the next
 * epoch. Only while it is held. */
void cf_replica_discard(const char *dir);
void cf_replica_close(struct cf_replica *replica);
/* Has the file been replaced since it was opened (then open it again), or changed since the last call (then read again
 * what was cached)? Cheap: call before each sale. */
enum cf_rc cf_replica_changed(struct cf_replica *replica, bool *ret_replaced, bool *ret_changed,
                              struct cf_error *err) CF_MUST_CHECK;

/* --- the till reads ----------------------------------------------------------------------------------------------- */

/* code: a GTIN as 14 digits, or a shop's own code, exactly as in the catalogue. CF_E_PRODUCT_UNKNOWN. */
enum cf_rc cf_replica_product_by_code(struct cf_replica *replica, cf_bytes code, struct cf_product *ret,
                                      struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_product(struct cf_replica *replica, uint64_t id, struct cf_product *ret,
                              struct cf_error *err) CF_MUST_CHECK;
/* Goods of which a name holds the text, in capitals or not; at most `cap`. Reads all goods, so it is for a person who
 * types. */
enum cf_rc cf_replica_product_search(struct cf_replica *replica, const char *text, struct cf_product *ret, size_t cap,
                                     size_t *ret_n, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_product_count(struct cf_replica *replica, uint64_t *ret, struct cf_error *err) CF_MUST_CHECK;
/* CF_E_REPLICA_NONE before the first sync brought them. */
enum cf_rc cf_replica_store(struct cf_replica *replica, struct cf_store_settings *ret,
                            struct cf_error *err) CF_MUST_CHECK;

/* The defaults if none came. */
enum cf_rc cf_replica_store_rules(struct cf_replica *replica, struct cf_store_rules *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
/* What lists say that a product costs, whether they hold now or not. Of more than `max` the weightiest. */
enum cf_rc cf_replica_listed_prices(struct cf_replica *replica, uint64_t product, struct cf_listed_price *ret,
                                    size_t max, size_t *ret_n, struct cf_error *err) CF_MUST_CHECK;
/* The lowest that any list says, whomever and whenever it holds for; of equal ones the lowest list. */
enum cf_rc cf_replica_lowest_listed_price(struct cf_replica *replica, uint64_t product, struct cf_listed_price *ret,
                                          bool *ret_found, struct cf_error *err) CF_MUST_CHECK;

typedef enum cf_rc (*cf_replica_campaign_fn)(void *ctx, const struct cf_campaign *campaign, struct cf_error *err);
enum cf_rc cf_replica_campaigns(struct cf_replica *replica, cf_replica_campaign_fn each, void *ctx,
                                struct cf_error *err) CF_MUST_CHECK;
typedef enum cf_rc (*cf_replica_bytes_fn)(void *ctx, cf_bytes bytes, struct cf_error *err);
enum cf_rc cf_replica_keyset(struct cf_replica *replica, struct cf_buf *ret_cose, struct cf_error *err) CF_MUST_CHECK;
typedef enum cf_rc (*cf_replica_grant_fn)(void *ctx, cf_kid id, cf_bytes cose, struct cf_error *err);
enum cf_rc cf_replica_grants(struct cf_replica *replica, cf_replica_grant_fn each, void *ctx,
                             struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_grant_count(struct cf_replica *replica, size_t *ret, struct cf_error *err) CF_MUST_CHECK;
/* What this terminal was granted in this epoch; all zero if nothing. */
enum cf_rc cf_replica_lease(struct cf_replica *replica, uint32_t campaign, uint32_t epoch, struct cf_lease_grant *ret,
                            struct cf_error *err) CF_MUST_CHECK;
/* What of an account lies at this terminal alone in this epoch; granted_minor 0 if nothing does. */
enum cf_rc cf_replica_home_value(struct cf_replica *replica, uint32_t account, uint32_t epoch,
                                 struct cf_home_value *ret, struct cf_error *err) CF_MUST_CHECK;
/* Was this till told that the account is blocked? */
enum cf_rc cf_replica_value_blocked(struct cf_replica *replica, uint32_t account, bool *ret,
                                    struct cf_error *err) CF_MUST_CHECK;
typedef enum cf_rc (*cf_replica_home_value_fn)(void *ctx, const struct cf_home_value *home, struct cf_error *err);
enum cf_rc cf_replica_home_values(struct cf_replica *replica, uint32_t epoch, cf_replica_home_value_fn each, void *ctx,
                                  struct cf_error *err) CF_MUST_CHECK;
/* What the store was granted under this hub epoch; brought to the terminal that is its hub. */
enum cf_rc cf_replica_store_lease(struct cf_replica *replica, uint32_t campaign, uint32_t hub_epoch,
                                  struct cf_lease_grant *ret, struct cf_error *err) CF_MUST_CHECK;
/* The store's hub; terminal 0 if there is none or none was heard of. */
enum cf_rc cf_replica_hub(struct cf_replica *replica, struct cf_hub_entry *ret, struct cf_error *err) CF_MUST_CHECK;
/* A terminal of this store in one epoch; *ret_newest: no later epoch of it is known. CF_E_NOT_FOUND. */
enum cf_rc cf_replica_terminal(struct cf_replica *replica, uint32_t terminal, uint32_t epoch,
                               struct cf_terminal_entry *ret, bool *ret_newest, struct cf_error *err) CF_MUST_CHECK;
/* What each hub epoch ever sub-leased to this terminal in its epoch, and what of it is to be kept, in order. */
struct cf_sublease {
    uint32_t hub_epoch;
    int64_t granted;       /* cumulative */
    int64_t keep;          /* what is left beyond this many units goes back */
    int64_t granted_minor; /* cumulative; of a campaign that is money_limited */
    uint32_t day;          /* of a campaign with a limit a day, the newest day that was asked for (20261122); else 0 */
    int64_t day_granted;   /* so many of the uses may be on that day, and none on another */
};
typedef enum cf_rc (*cf_replica_sublease_fn)(void *ctx, const struct cf_sublease *sublease, struct cf_error *err);
enum cf_rc cf_replica_subleases(struct cf_replica *replica, uint32_t campaign, uint32_t epoch,
                                cf_replica_sublease_fn each, void *ctx, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_redeemed(struct cf_replica *replica, uint32_t campaign, uint32_t index, bool *ret_redeemed,
                               uint32_t *ret_generation, struct cf_error *err) CF_MUST_CHECK;
typedef enum cf_rc (*cf_replica_result_fn)(void *ctx, const struct cf_result *result, struct cf_error *err);
enum cf_rc cf_replica_results(struct cf_replica *replica, uint64_t from_seq, cf_replica_result_fn each, void *ctx,
                              struct cf_error *err) CF_MUST_CHECK;

/* All members to be forgotten, in no order that means anything. */
typedef enum cf_rc (*cf_replica_erasure_fn)(void *ctx, const struct cf_erase_mark *mark, struct cf_error *err);
enum cf_rc cf_replica_erasures(struct cf_replica *replica, cf_replica_erasure_fn each, void *ctx,
                               struct cf_error *err) CF_MUST_CHECK;

/* An order that this store hands out. CF_E_ORDER_UNKNOWN; of one that is over CF_E_ORDER_DONE or
 * CF_E_ORDER_CANCELLED. */
enum cf_rc cf_replica_order(struct cf_replica *replica, uint32_t number, struct cf_order *ret,
                            struct cf_error *err) CF_MUST_CHECK;
/* Those that are not over, by number from behind `after`, at most `max`. */
typedef enum cf_rc (*cf_replica_order_fn)(void *ctx, const struct cf_order *order, struct cf_error *err);
enum cf_rc cf_replica_orders(struct cf_replica *replica, uint32_t after, size_t max, cf_replica_order_fn each,
                             void *ctx, struct cf_error *err) CF_MUST_CHECK;
/* Goods that this store asked for, or was asked for. CF_E_ORDER_UNKNOWN; CF_E_ORDER_CANCELLED: there is nothing to do
 * about it any more. */
enum cf_rc cf_replica_request(struct cf_replica *replica, uint32_t number, struct cf_request_view *ret,
                              struct cf_error *err) CF_MUST_CHECK;
/* By the record that asked; 0: nothing of it has come down. */
enum cf_rc cf_replica_request_of(struct cf_replica *replica, const struct cf_sale_ref *of, uint32_t *ret_number,
                                 struct cf_error *err) CF_MUST_CHECK;
typedef enum cf_rc (*cf_replica_request_fn)(void *ctx, const struct cf_request_view *view, struct cf_error *err);
enum cf_rc cf_replica_requests(struct cf_replica *replica, uint32_t after, size_t max, cf_replica_request_fn each,
                               void *ctx, struct cf_error *err) CF_MUST_CHECK;
/* A user of this store. CF_E_USER_UNKNOWN. */
enum cf_rc cf_replica_user(struct cf_replica *replica, uint32_t user, struct cf_user *ret,
                           struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_user_by_badge(struct cf_replica *replica, const struct cf_badge_mark *badge, struct cf_user *ret,
                                    struct cf_error *err) CF_MUST_CHECK;
/* 0: the store has no users, and its tills one nameless cashier. */
enum cf_rc cf_replica_user_count(struct cf_replica *replica, uint64_t *ret, struct cf_error *err) CF_MUST_CHECK;

/* What the centre tells this machine to run, and which logs it asks for. Nothing was said: `none`, and number 0. */
enum cf_rc cf_replica_update_order(struct cf_replica *replica, struct cf_update_order *ret,
                                   struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_logs_ask(struct cf_replica *replica, struct cf_logs_ask *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- the sync writes ---------------------------------------------------------------------------------------------- */

struct cf_topic_state {
    uint64_t version; /* entries applied */
    struct cf_sha256 digest;
};
enum cf_rc cf_replica_topic(struct cf_replica *replica, enum cf_topic topic, struct cf_topic_state *ret,
                            struct cf_error *err) CF_MUST_CHECK;

/* Applies entries `from`+1 .. `from`+n of a topic in one transaction. The caller has checked the signature. CF_E_PAGE
 * if `from` is not the topic's version, the digest does not come out, or an entry cannot be decoded: nothing changed.
 */
enum cf_rc cf_replica_apply(struct cf_replica *replica, enum cf_topic topic, uint64_t from, const cf_bytes *entries,
                            size_t n, const struct cf_sha256 *digest_after, struct cf_error *err) CF_MUST_CHECK;
/* A snapshot: begin, add entries (any number of calls, resumable: it stays begun over a restart and knows how many
 * chunks it has), then swap it in with one transaction. Readers see the old state until then. With the manifest all
 * zero and no chunks the topic is read again from its start: emptied, but for leases, which never fall. */
enum cf_rc cf_replica_snapshot_begin(struct cf_replica *replica, enum cf_topic topic, const struct cf_sha256 *manifest,
                                     uint32_t *ret_chunks_done, struct cf_error *err) CF_MUST_CHECK;
/* How many chunks the one that was begun will have: for cf_replica_coming alone. */
enum cf_rc cf_replica_snapshot_announce(struct cf_replica *replica, enum cf_topic topic, uint32_t n_chunks,
                                        struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_snapshot_chunk(struct cf_replica *replica, enum cf_topic topic, uint32_t chunk, cf_bytes content,
                                     struct cf_error *err) CF_MUST_CHECK;
/* base NULL: in place of all there is. Else put onto just that state; CF_E_PAGE if the topic is at another. */
enum cf_rc cf_replica_snapshot_swap(struct cf_replica *replica, enum cf_topic topic, uint32_t n_chunks,
                                    const struct cf_topic_state *base, const struct cf_topic_state *state,
                                    struct cf_error *err) CF_MUST_CHECK;

/* What is on its way: of the largest snapshot that was begun and is not swapped in yet, what has come and what will. */
struct cf_replica_coming {
    bool is; /* false: nothing is on its way in chunks */
    enum cf_topic topic;
    uint32_t chunks, all;
};
enum cf_rc cf_replica_coming(struct cf_replica *replica, struct cf_replica_coming *ret,
                             struct cf_error *err) CF_MUST_CHECK;

/* How far the sync has come with this terminal's log, and what it learned of time. */
struct cf_sync_state {
    uint64_t sent_seq;
    uint64_t acknowledged_seq;
    struct cf_sha256 acknowledged_head;
    uint64_t down_cursor;
    bool fenced;
    bool has_time; /* the centre's signed time, and our clocks when it arrived */
    cf_wall centre_wall;
    cf_wall local_wall;
    cf_mono local_mono;
    uint8_t boot_id[CF_BOOT_ID_BYTES];
    cf_wall last_contact;
};
enum cf_rc cf_replica_sync_state(struct cf_replica *replica, struct cf_sync_state *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_set_sync_state(struct cf_replica *replica, const struct cf_sync_state *state,
                                     struct cf_error *err) CF_MUST_CHECK;

/* That the log of this epoch was acknowledged so far when this day (since 1970-01-01) began; once a day. A week is
 * kept.
 */
enum cf_rc cf_replica_note_day(struct cf_replica *replica, uint32_t epoch, int64_t day, uint64_t seq,
                               struct cf_error *err) CF_MUST_CHECK;
/* How far it was for sure before that day began; 0: that is not known. */
enum cf_rc cf_replica_acknowledged_before(struct cf_replica *replica, uint32_t epoch, int64_t day, uint64_t *ret_seq,
                                          struct cf_error *err) CF_MUST_CHECK;

/* --- what this terminal has of its store's hub -------------------------------------------------------------------- */

/* How far the hub has come with this terminal's own log. All zero: nothing yet. */
struct cf_hub_sync {
    uint32_t epoch; /* this terminal's */
    uint32_t hub_epoch;
    uint64_t seq;
    struct cf_sha256 head;
    bool fenced; /* the hub has another history of this terminal */
};
enum cf_rc cf_replica_hub_sync(struct cf_replica *replica, struct cf_hub_sync *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_set_hub_sync(struct cf_replica *replica, const struct cf_hub_sync *sync,
                                   struct cf_error *err) CF_MUST_CHECK;
/* Raises what was sub-leased to this terminal in its epoch; less than before is not believed. What to keep is. */
enum cf_rc cf_replica_set_sublease(struct cf_replica *replica, uint32_t campaign, uint32_t epoch,
                                   const struct cf_sublease *sublease, struct cf_error *err) CF_MUST_CHECK;

#endif
