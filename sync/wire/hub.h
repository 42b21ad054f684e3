/*
 * sync/wire/hub.h - the messages between the tills of a store and its hub, and what is said of a hub to the centre.
 *
 * Deterministic CBOR arrays in HTTP bodies over mutual TLS on the store's network; docs/hub.md tells the story.
 * Whatever is asked and answered stands in a frame, which tells the hub's place in its own history: a till that meets
 * an older one has met a copy, or an old disk.
 *
 *   ask       [1, hub_epoch, null | witness, acknowledged, body bytes]     acknowledged: what the centre has of its log
 *   answer    [1, hub_epoch, witness, 0, body bytes]       HTTP status 200; else the body is a refusal of wire.h
 *   witness   [incarnation, seq, head(32), signature(64)]  by the hub's signing key over "cf-hub-w" || store BE32 ||
 *             hub_epoch BE32 || incarnation BE64 || seq BE64 || head
 *
 *   /h1/claim     [1, terminal, epoch, request_key(16), campaign, index, generation, at_home]       -> verdict
 *   /h1/release   [1, terminal, epoch, request_key(16), campaign, index]                            -> verdict
 *   /h1/sublease  [1, terminal, epoch, [ask ...]]                                    -> [1, [sublease ...]]
 *   ask       [campaign, left, want, spent], or of one that is counted in money or by day
 *             [campaign, left, want, spent, left_minor, spent_minor, day, day_left]
 *   sublease  [campaign, granted, keep], or if its ask named a day [campaign, granted, keep, granted_minor, day,
 * day_granted] /h1/giveback  [1, terminal, epoch, [[campaign, keep] ...]]                       -> [1, [giveback ...]]
 *   giveback  [campaign, returned], or with money that was given back [campaign, returned, returned_minor]
 *   /h1/sale      an ask of sale_ask.h: goods of a sale come back          -> a reply of sale_ask.h
 *   /h1/records   a batch of wire.h, as it is                                -> an answer of wire.h without a time
 *   /h1/pull      a pull of wire.h                                           -> pulled of wire.h, cursor 0
 *   /h1/chunk/    GET, without a frame either way
 *   verdict       [1, rc]
 *
 *   /t1/relay     (to the centre) a batch of wire.h as its till signed it, brought by a terminal of its store -> answer
 *   /t1/hub       (to the centre) [1, store, hub_epoch, null | witness, null | witness]      -> [1, rc, null | witness]
 *                 the newest that the caller knows of the hub; and one by which the hub has seen that it is a copy
 *
 * Decoding makes views into the input and allocates nothing. Pure.
 */
#ifndef CF_SYNC_WIRE_HUB_H
#define CF_SYNC_WIRE_HUB_H

#include "app/core/sale.h"
#include "sync/wire/wire.h"

#define CF_PATH_HUB "/h1/" /* what all of these begin with */
#define CF_PATH_HUB_CLAIM "/h1/claim"
#define CF_PATH_HUB_RELEASE "/h1/release"
#define CF_PATH_HUB_SUBLEASE "/h1/sublease"
#define CF_PATH_HUB_GIVEBACK "/h1/giveback"
#define CF_PATH_HUB_SALE "/h1/sale"
#define CF_PATH_HUB_RECORDS "/h1/records"
#define CF_PATH_HUB_PULL "/h1/pull"
#define CF_PATH_HUB_CHUNK "/h1/chunk/"
#define CF_PATH_RELAY "/t1/relay"
#define CF_PATH_HUB_REPORT "/t1/hub"

#define CF_HUB_FRAME_OVERHEAD_MAX 256
#define CF_HUB_BODY_MAX (CF_BATCH_BYTES_MAX + (64u << 10))
#define CF_HUB_SUBLEASES_MAX 256
#define CF_HUB_SUBLEASE_WANT_MAX 1000000
#define CF_HUB_MESSAGE_MAX 16384 /* every message but those of wire.h and the answer to a sale */

/* How far the hub's own history has come. */
struct cf_hub_witness {
    uint64_t incarnation;
    uint64_t seq;
    struct cf_sha256 head;
    cf_signature signature;
};
#define CF_HUB_WITNESS_SIGNED_BYTES (8 + 4 + 4 + 8 + 8 + 32)
void cf_hub_witness_signed_bytes(const struct cf_hub_witness *witness, uint32_t store, uint32_t hub_epoch,
                                 uint8_t ret[CF_HUB_WITNESS_SIGNED_BYTES]);
/* a after b: a later incarnation, or the same one further on. */
bool cf_hub_witness_is_later(const struct cf_hub_witness *a, const struct cf_hub_witness *b);
/* As a file of its own, or a column: [1, hub_epoch, witness]. */
#define CF_HUB_WITNESS_BYTES_MAX 160
enum cf_rc cf_hub_witness_encode(uint32_t hub_epoch, const struct cf_hub_witness *witness, struct cf_buf *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_witness_decode(cf_bytes bytes, uint32_t *ret_hub_epoch, struct cf_hub_witness *ret,
                                 struct cf_error *err) CF_MUST_CHECK;

struct cf_hub_frame {
    uint32_t hub_epoch;
    bool has_witness; /* always in an answer */
    struct cf_hub_witness witness;
    uint64_t acknowledged; /* in an ask: seq up to which the centre has the asking till's log */
    cf_bytes body;         /* a view */
};
enum cf_rc cf_hub_frame_encode(const struct cf_hub_frame *frame, struct cf_buf *ret,
                               struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_frame_decode(cf_bytes bytes, struct cf_hub_frame *ret, struct cf_error *err) CF_MUST_CHECK;

/* May this right be used in the store, under this key? With CF_OK it is the asking till's until its log says otherwise.
 */
struct cf_hub_claim {
    uint32_t terminal, epoch;
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    uint32_t campaign, index, generation;
    bool at_home; /* the coupon is pinned to the store: the hub's word is all there is */
};
enum cf_rc cf_hub_claim_encode(const struct cf_hub_claim *claim, struct cf_buf *ret,
                               struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_claim_decode(cf_bytes bytes, struct cf_hub_claim *ret, struct cf_error *err) CF_MUST_CHECK;

/* The till has given the right up: its journal says so, in a CF_RECORD_VOID_REQUEST that is there already. */
struct cf_hub_release {
    uint32_t terminal, epoch;
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    uint32_t campaign, index;
};
enum cf_rc cf_hub_release_encode(const struct cf_hub_release *release, struct cf_buf *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_release_decode(cf_bytes bytes, struct cf_hub_release *ret, struct cf_error *err) CF_MUST_CHECK;

enum cf_rc cf_hub_verdict_encode(enum cf_rc verdict, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_verdict_decode(cf_bytes bytes, enum cf_rc *ret, struct cf_error *err) CF_MUST_CHECK;

/* What the till has left of its sub-lease of each campaign, what it wants to have, and what it ever spent of it; of a
 * campaign that is counted in money or by day with its business day, and what it has left of that day's share. */
struct cf_hub_sublease_ask {
    uint32_t terminal, epoch;
    size_t n;
    struct cf_hub_sublease_asked {
        uint32_t campaign;
        int64_t left, want, spent;
        uint32_t day; /* 20261122; 0: it is counted in units alone, and the three below are 0 */
        int64_t left_minor, spent_minor;
        int64_t day_left;
    } items[CF_HUB_SUBLEASES_MAX];
};
/* What was ever granted to this terminal in this epoch under this hub epoch: cumulative. What it has beyond `keep` is
 * wanted elsewhere: it goes back by a SUBLEASE_RETURN record. Of the store's share of the day that was asked for, how
 * many of its uses may be on that day: cumulative, and worth nothing on another. */
struct cf_hub_subleases {
    size_t n;
    struct cf_hub_subleased {
        uint32_t campaign;
        int64_t granted, keep; /* keep: at most CF_HUB_SUBLEASE_WANT_MAX, which is all */
        uint32_t day;          /* as in the ask; 0: the two below are 0 */
        int64_t granted_minor;
        int64_t day_granted; /* falls where the store's share of that day was cut */
    } items[CF_HUB_SUBLEASES_MAX];
};
/*
 * By the terminal that is the hub: of what the store was leased and is lent to nobody, the hub is to keep so much. The
 * answer is what it ever gave back under its hub epoch: durable, and lent to nobody any more, so a STORE_LEASE_RETURN
 * record may tell the centre.
 */
struct cf_hub_giveback_ask {
    uint32_t terminal, epoch;
    size_t n;
    struct {
        uint32_t campaign;
        int64_t keep;
    } items[CF_HUB_SUBLEASES_MAX];
};
struct cf_hub_givebacks {
    size_t n;
    struct {
        uint32_t campaign;
        int64_t returned, returned_minor;
    } items[CF_HUB_SUBLEASES_MAX];
};
enum cf_rc cf_hub_giveback_ask_encode(const struct cf_hub_giveback_ask *ask, struct cf_buf *ret,
                                      struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_giveback_ask_decode(cf_bytes bytes, struct cf_hub_giveback_ask *ret,
                                      struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_givebacks_encode(const struct cf_hub_givebacks *givebacks, struct cf_buf *ret,
                                   struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_givebacks_decode(cf_bytes bytes, struct cf_hub_givebacks *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_sublease_ask_encode(const struct cf_hub_sublease_ask *ask, struct cf_buf *ret,
                                      struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_sublease_ask_decode(cf_bytes bytes, struct cf_hub_sublease_ask *ret,
                                      struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_subleases_encode(const struct cf_hub_subleases *subleases, struct cf_buf *ret,
                                   struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_subleases_decode(cf_bytes bytes, struct cf_hub_subleases *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- to the centre ------------------------------------------------------------------------------------------------ */

struct cf_hub_report {
    uint32_t store, hub_epoch;
    bool has_witness;
    struct cf_hub_witness witness;
    bool has_proof; /* of the hub alone: signed by itself, and not in its history */
    struct cf_hub_witness proof;
};
struct cf_hub_report_reply {
    enum cf_rc rc; /* CF_OK, or CF_E_FENCED: this hub epoch is over */
    bool has_witness;
    struct cf_hub_witness witness; /* the newest that the centre was told */
};
enum cf_rc cf_hub_report_encode(const struct cf_hub_report *report, struct cf_buf *ret,
                                struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_report_decode(cf_bytes bytes, struct cf_hub_report *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_report_reply_encode(const struct cf_hub_report_reply *reply, struct cf_buf *ret,
                                      struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_hub_report_reply_decode(cf_bytes bytes, struct cf_hub_report_reply *ret,
                                      struct cf_error *err) CF_MUST_CHECK;

#endif
