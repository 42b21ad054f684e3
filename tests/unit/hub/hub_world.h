/*
 * tests/unit/hub/hub_world.h - a hub in a folder, the tills of its store, and messages between them.
 */
#ifndef CF_TESTS_HUB_WORLD_H
#define CF_TESTS_HUB_WORLD_H

#include "app/core/challenge.h"
#include "app/core/lease_return.h"
#include "app/core/order.h"
#include "app/store/hub_store.h"
#include "sync/hub/hub.h"
#include "sync/hub/upward.h"
#include "sync/wire/hub.h"
#include "tests/store/store_support.h"

#define HUB_STORE 3u
#define HUB_TERMINAL 11u /* that is the hub */
#define HUB_TILLS 3u     /* terminals 11, 12, 13 */
#define OTHER_TERMINAL 99u

struct hub_till {
    uint32_t terminal, epoch;
    struct cf_private_key *key;
    uint64_t seq;
    struct cf_sha256 head;
    bool has_witness;
    struct cf_hub_witness witness; /* the newest it saw */
};
struct hub_world {
    char *folder;
    char *incarnation_path;
    struct cf_env env;
    struct cf_env_ops ops;
    uint32_t hub_epoch; /* that tills ask for */
    bool is_new;        /* it does not hear the centre when it opens */
    struct cf_replica *replica;
    uint64_t hub_entries, lease_entries, redeemed_entries, erasure_entries, campaign_entries;
    struct cf_sha256 hub_digest, lease_digest, redeemed_digest, erasure_digest, campaign_digest;
    struct hub_till till[HUB_TILLS];
    struct cf_hub *hub;
    struct cf_hub_response response;
    struct cf_hub_frame frame; /* of the last answer */
    /* a centre that answers what the test says */
    enum cf_rc net_rc;
    int net_status;
    struct cf_buf net_answer, net_asked;
    unsigned net_calls;
    void (*net_fn)(struct hub_world *world, const struct cf_net_request *request);
};

/* Test states: *state is the world. The hub is assigned (hub epoch 1) and open, with three tills. */
int hub_setup(void **state);
/* The same in a folder of the caller's. */
struct hub_world *hub_world_in(char *folder);
void hub_world_free(struct hub_world *world);
int hub_teardown(void **state);

enum cf_rc hub_reopen(struct hub_world *world); /* as after a restart */
void hub_shut(struct hub_world *world);
void hub_hears(struct hub_world *world); /* the centre, to the end */
struct cf_hub_config hub_config(struct hub_world *world);

/* What comes down to the hub's terminal. */
void down_terminal(struct hub_world *world, uint32_t terminal, uint32_t epoch, bool fenced,
                   const struct cf_private_key *key);
void down_store_lease(struct hub_world *world, uint32_t campaign, uint32_t hub_epoch, int64_t granted);
/* The same with money, and with a share of each day. */
void down_store_grant(struct hub_world *world, const struct cf_lease_grant *grant);
/* One that takes up to most_minor off, with a budget in money if money_limited, with a limit a day unless that is 0. */
void down_counted_campaign(struct hub_world *world, uint32_t campaign, bool money_limited, int64_t most_minor,
                           uint32_t per_day);
void down_campaign(struct hub_world *world, uint32_t campaign, enum cf_on_return on_return);
void down_erase(struct hub_world *world, cf_sub member);
void down_redeemed(struct hub_world *world, uint32_t campaign, uint32_t index);

/* Puts a body to the hub as this till, with its witness; gives CF_OK and world->frame, or the refusal's rc. */
enum cf_rc hub_ask(struct hub_world *world, struct hub_till *till, const char *path, cf_bytes body);
/* The verdict, or the refusal. Key: 16 times this byte. */
enum cf_rc hub_claim(struct hub_world *world, struct hub_till *till, uint8_t key, uint32_t campaign, uint32_t index);
enum cf_rc hub_release(struct hub_world *world, struct hub_till *till, uint8_t key, uint32_t campaign, uint32_t index);
/* What is granted after the ask; -1 with *ret_rc if it was refused. */
int64_t hub_sublease(struct hub_world *world, struct hub_till *till, uint32_t campaign, int64_t left, int64_t want);
/* What one item of an ask is answered with; granted -1 if it was refused. */
struct cf_hub_subleased hub_lend(struct hub_world *world, struct hub_till *till, struct cf_hub_sublease_asked asked);
/* The same of a till that tells what it spent. What it is to keep: *ret_keep. */
int64_t hub_sublease_spent(struct hub_world *world, struct hub_till *till, uint32_t campaign, int64_t left,
                           int64_t want, int64_t spent, int64_t *ret_keep);
/* What the hub ever gave back of the store's lease; -1 with an refusal. */
int64_t hub_giveback(struct hub_world *world, struct hub_till *till, uint32_t campaign, int64_t keep);
int64_t hub_giveback_money(struct hub_world *world, struct hub_till *till, uint32_t campaign, int64_t keep,
                           int64_t *ret_minor);

/* The till's next record: a sale of a coupon (campaign 0: none), or a void of a key. */
void make_sale(struct hub_till *till, struct cf_batch *batch, uint32_t campaign, uint32_t index, uint8_t key);
void make_void(struct hub_till *till, struct cf_batch *batch, uint32_t campaign, uint32_t index, uint8_t key);
/* Hands out a generation of an order. */
void make_pick_up(struct hub_till *till, struct cf_batch *batch, uint32_t order, uint32_t generation, uint8_t key);
/* Gives back of its sub-lease. */
void make_sublease_return(struct hub_till *till, struct cf_batch *batch, const struct cf_hub_lease_return *given);
/* A sale with a coupon on its receipt. */
void make_issuing_sale(struct hub_till *till, struct cf_batch *batch, uint32_t campaign, uint32_t index);
/* A sale to a member. */
void make_member_sale(struct hub_till *till, struct cf_batch *batch, cf_sub member);
/* A challenge with this nonce ended unused. */
void make_closed(struct hub_till *till, struct cf_batch *batch, const uint8_t nonce[CF_NONCE_BYTES]);
/* A return of all of a sale with a coupon, made by make_sale as record `seq` of `seller`: the right is given back. */
void make_return(struct hub_till *till, struct cf_batch *batch, const struct hub_till *seller, uint64_t seq,
                 uint32_t campaign, uint32_t index);
/* The same, but so much of the line with the discount is said to have come back elsewhere before. */
void make_false_return(struct hub_till *till, struct cf_batch *batch, const struct hub_till *seller, uint64_t seq,
                       uint32_t campaign, uint32_t index, int64_t before_milli);
/* A return of all of a sale without a coupon, taken back under a key (0: nobody was asked). */
void make_plain_return(struct hub_till *till, struct cf_batch *batch, const struct hub_till *seller, uint64_t seq,
                       uint8_t key);
/* Begins a batch that follows on the till's log; ends it: head and signature, and moves the till's log on. */
void batch_begin(struct hub_till *till, struct cf_batch *batch);
void batch_sign(struct hub_till *till, struct cf_batch *batch, struct cf_buf *ret);
enum cf_rc hub_push(struct hub_world *world, struct hub_till *till, const struct cf_batch *batch);
extern struct cf_answer hub_answer; /* to the last push */

#endif
