/*
 * app/core/record.h - one record of a till's log, and the chain that binds it to those before.
 *
 *   header  = CBOR [terminal, epoch, seq, boot_id(16), mono_ms, wall_ms, time_quality, down_cursor, type]
 *   body_hash = SHA-256(salt || body)
 *   hash(i) = SHA-256(hash(i-1) || header || body_hash);  hash(0) of an epoch = SHA-256("cf-chain" || terminal BE32 ||
 * epoch BE32)
 *
 * The chain commits to salted hashes, so erasing salt and body later leaves it verifiable. Pure.
 */
#ifndef CF_CORE_RECORD_H
#define CF_CORE_RECORD_H

#include "base/crypto/crypto.h"
#include "base/env.h"

#define CF_SALT_BYTES 16
#define CF_RECORD_BODY_MAX 131072

enum cf_record_type {
    CF_RECORD_SALE = 1,         /* body: sale.h */
    CF_RECORD_Z_REPORT = 2,     /* body: report.h */
    CF_RECORD_LEASE_RETURN = 3, /* body: lease_return.h */
    CF_RECORD_RELEASED = 4,     /* body: [campaign, index, generation]: a pinned right given up by its home */
    CF_RECORD_CANCELLED = 5,    /* body: day.h: a sale cancelled before payment */
    CF_RECORD_START = 6,        /* body: incarnation.h: one at each start of the till */
    CF_RECORD_VOID_REQUEST =
        7, /* body: [request_key(16), campaign, index]: an online redemption without an answer; undo it */
    CF_RECORD_RETURN = 8,      /* body: sale_return.h */
    CF_RECORD_CHALLENGE = 9,   /* body: challenge.h: a challenge that was shown to a phone ended unused */
    CF_RECORD_QUARANTINE = 10, /* body: incarnation.h: spends no rights from here on */
    CF_RECORD_PAYMENT = 13,    /* body: payment.h: a payment that ended without its sale, or a decision about one */
    CF_RECORD_DRAWER = 11,     /* body: drawer.h: cash that is no sale, and counts */
    CF_RECORD_VALUE = 18,      /* body: value.h: money that lay at this terminal alone is given up */
    CF_RECORD_USER = 12,       /* body: user.h: a login, a wrong PIN, an override */
    CF_RECORD_SUBLEASE_RETURN = 16,    /* body: lease_return.h: to the store's hub, which lends it to another till */
    CF_RECORD_STORE_LEASE_RETURN = 17, /* body: lease_return.h: the hub's terminal, of what the store was leased */
    CF_RECORD_PICK_UP = 14,            /* body: order.h: an order, or a part of it, was handed out */
    CF_RECORD_OPEN_RETURN = 19,        /* body: open_return.h: goods came back without a receipt */
    CF_RECORD_ORDER = 15, /* body: order_request.h: goods that a store has not were asked for, or what became of it */
    CF_RECORD_QUOTE = 20, /* body: quote.h: goods were offered at their prices; nothing was sold */
};
enum cf_time_quality {
    CF_TIME_UNKNOWN = 0, /* never synced */
    CF_TIME_HELD = 1,    /* synced in an earlier boot */
    CF_TIME_SYNCED = 2,  /* the centre's signed time was seen in this boot */
};

struct cf_record {
    uint32_t terminal;
    uint32_t epoch;
    uint64_t seq; /* 1, 2, ... without gaps within an epoch */
    uint8_t boot_id[CF_BOOT_ID_BYTES];
    int64_t mono_ms;
    int64_t wall_ms;
    enum cf_time_quality time_quality;
    uint64_t down_cursor; /* how much of the centre's log this till had when it wrote this */
    enum cf_record_type type;
    uint8_t salt[CF_SALT_BYTES];
    cf_bytes body; /* a view; owner as the producer says */
};

struct cf_sha256 cf_record_chain_start(uint32_t terminal, uint32_t epoch);
struct cf_sha256 cf_record_body_hash(const struct cf_record *record);
/* hash of this record, given that of the one before. body_hash as above, or as stored for an erased record. */
struct cf_sha256 cf_record_chain(const struct cf_sha256 *previous, const struct cf_record *record,
                                 const struct cf_sha256 *body_hash);

#endif
