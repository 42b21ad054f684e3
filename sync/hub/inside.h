/*
 * sync/hub/inside.h - what the files of the hub share. Inside sync/hub only.
 */
#ifndef CF_SYNC_HUB_INSIDE_H
#define CF_SYNC_HUB_INSIDE_H

#include "app/core/lease_return.h"
#include "app/core/sale_return.h"
#include "app/store/hub_store.h"
#include "app/store/replica.h"
#include "sync/hub/hub.h"
#include "sync/wire/hub.h"
#include "sync/wire/parked.h"
#include "sync/wire/sale_ask.h"

#define CF_HUB_VERIFIERS 64

struct cf_hub_verifier {
    uint32_t terminal, epoch;
    cf_public_key key;
    struct cf_verifier *verifier;
};
struct cf_hub {
    struct cf_hub_config config;
    char *dir;
    struct cf_hub_store *store;
    struct cf_replica *replica;
    struct cf_hub_state state;     /* as of the message under way */
    struct cf_hub_witness witness; /* signed for its seq; seq 0 and incarnation 0: none yet */
    bool heard;                    /* the centre, under this assignment; else it is looked up */
    int mark_fd;                   /* -1: nothing was intended yet */
    uint64_t marked_seq;
    struct cf_hub_verifier verifiers[CF_HUB_VERIFIERS];
    /* scratch of one message */
    struct cf_batch batch, stored_batch;
    struct cf_answer answer;
    enum cf_rc refusal; /* what the message says no with, after what it changed is kept */
    struct cf_page page;
    struct cf_sale *sale;
    struct cf_return *back;
    struct cf_asked_line asked[CF_CART_LINES_MAX];
    struct cf_sale_reply sale_reply;
    int64_t elsewhere[CF_CART_LINES_MAX], wanted[CF_CART_LINES_MAX]; /* by line of the sale */
    struct cf_pull pull;
    struct cf_pulled pulled;
    struct cf_hub_sublease_ask sublease_ask;
    struct cf_hub_subleases subleases;
    struct cf_hub_giveback_ask giveback_ask;
    struct cf_hub_givebacks givebacks;
    bool mark_durably; /* what this message did is to be in the mark before it is answered */
    struct cf_hub_parked_list parked;
    struct cf_buf body, pages, manifests, stored; /* stored: as stored_batch was read */
};
/* Who asks: a terminal of this store. */
struct cf_hub_caller {
    uint32_t terminal, epoch;
    cf_public_key sign_key;
    bool may_spend; /* its newest epoch, and not set apart */
};

/* Each decodes the body of an ask and appends that of the answer. They run within a transaction; what they change is a
 * step each of the hub's history. */
typedef enum cf_rc (*cf_hub_message_fn)(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body,
                                        struct cf_buf *ret, struct cf_error *err);
enum cf_rc cf_hub_claim_right(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_release_right(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body,
                                struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_sublease(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                           struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_give_lease_back(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body,
                                  struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_take_records(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body,
                               struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_find_sale(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                            struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_give_pages(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                             struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_park_sale(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                            struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_recall_sale(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_list_parked(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                              struct cf_error *err) CF_MUST_CHECK;
/* path: what follows CF_PATH_HUB_CHUNK. */
enum cf_rc cf_hub_give_chunk(struct cf_hub *hub, const char *path, struct cf_buf *ret,
                             struct cf_error *err) CF_MUST_CHECK;

/* What a step of the history says, hashed into its head: a kind, numbers and bytes. */
#define CF_HUB_STEP_NUMBERS_MAX 8
enum cf_hub_step {
    CF_HUB_STEP_START = 1,
    CF_HUB_STEP_CLAIM,
    CF_HUB_STEP_RELEASE,
    CF_HUB_STEP_SUBLEASE,
    CF_HUB_STEP_RECORDS,
    CF_HUB_STEP_KEEP,
    CF_HUB_STEP_GIVE_BACK,
    CF_HUB_STEP_PARK,
    CF_HUB_STEP_RECALL
};
enum cf_rc cf_hub_add_step(struct cf_hub *hub, enum cf_hub_step kind, const uint64_t *numbers, size_t n, cf_bytes bytes,
                           struct cf_error *err) CF_MUST_CHECK;
#define CF_HUB_NUMBERS(...) (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)

/* Is it said in the caller's own name? */
enum cf_rc cf_hub_check_caller(const struct cf_hub_caller *caller, uint32_t terminal, uint32_t epoch,
                               struct cf_error *err) CF_MUST_CHECK;
/* Does its log have two histories, or was it enrolled again, or set apart by the centre? Then it spends nothing. */
enum cf_rc cf_hub_check_spends(struct cf_hub *hub, const struct cf_hub_caller *caller,
                               struct cf_error *err) CF_MUST_CHECK;
/* goods.c: the goods that this terminal had kept under the key are free; and what a return's record says is back. */
enum cf_rc cf_hub_unkeep(struct cf_hub *hub, uint32_t terminal, uint32_t epoch, const uint8_t key[CF_REQUEST_KEY_BYTES],
                         struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_note_goods(struct cf_hub *hub, const struct cf_record *record, const struct cf_return *back,
                             struct cf_error *err) CF_MUST_CHECK;
/* leases.c: a till's record gives back of its sub-lease. */
enum cf_rc cf_hub_note_sublease_return(struct cf_hub *hub, const struct cf_record *record,
                                       const struct cf_hub_lease_return *given, struct cf_error *err) CF_MUST_CHECK;
/* The sale whose record is here, into hub->sale; its body is a view into hub->stored. */
enum cf_rc cf_hub_find_record(struct cf_hub *hub, const struct cf_sale_ref *of, cf_bytes *ret_body, bool *ret_found,
                              struct cf_error *err) CF_MUST_CHECK;
/* The key was given up; what it held is free again. */
enum cf_rc cf_hub_give_up(struct cf_hub *hub, uint32_t terminal, uint32_t epoch,
                          const uint8_t key[CF_REQUEST_KEY_BYTES], uint32_t campaign, uint32_t index,
                          struct cf_error *err) CF_MUST_CHECK;

/* mark.c: what stands outside of the folder. incarnation 0: nothing. */
struct cf_hub_mark {
    uint32_t terminal, epoch, hub_epoch;
    uint64_t incarnation;
    bool settled; /* that start is in hub.db; else it was meant to begin */
    uint64_t seq; /* the newest step that it knows of */
    struct cf_sha256 head;
};
enum cf_rc cf_hub_mark_read(const struct cf_hub_config *config, struct cf_hub_mark *ret,
                            struct cf_error *err) CF_MUST_CHECK;
/* Before a start (anew: the first of its assignment), durably; then once it is in hub.db, durably; and after each
 * message. */
enum cf_rc cf_hub_mark_intend(struct cf_hub *hub, uint64_t incarnation, bool anew, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_mark_start(struct cf_hub *hub, struct cf_error *err) CF_MUST_CHECK;
void cf_hub_mark_step(struct cf_hub *hub);
/* What it says is durable. */
enum cf_rc cf_hub_mark_sync(struct cf_hub *hub, struct cf_error *err) CF_MUST_CHECK;
void cf_hub_mark_close(struct cf_hub *hub);

struct cf_sha256 cf_hub_history_start(uint32_t store, uint32_t hub_epoch);
/* Is this point part of the history that the store holds? True also where it is too old to tell. */
enum cf_rc cf_hub_agrees(struct cf_hub_store *store, const struct cf_hub_state *state,
                         const struct cf_hub_witness *witness, bool *ret, struct cf_error *err) CF_MUST_CHECK;
bool cf_hub_witness_is_genuine(const struct cf_hub_witness *witness, uint32_t store, uint32_t hub_epoch,
                               const struct cf_private_key *sign_key);
enum cf_rc cf_hub_sign_witness(const struct cf_hub_state *state, const struct cf_private_key *sign_key,
                               struct cf_hub_witness *ret, struct cf_error *err) CF_MUST_CHECK;
/* Sets the hub apart for good; its own transaction. Gives CF_E_HUB_FENCED, or why that could not be kept. */
enum cf_rc cf_hub_fence(struct cf_hub_store *store, struct cf_hub_state *state, const char *why, struct cf_error *err);

#endif
