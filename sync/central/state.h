/*
 * sync/central/state.h - what the use cases of the centre share: the world, the store, the keys, and the transaction.
 *
 * Each use case keeps its own scratch space behind a pointer that only its file knows the inside of.
 */
#ifndef CF_CENTRAL_STATE_H
#define CF_CENTRAL_STATE_H

#include "app/core/keyring.h"
#include "app/core/pricing.h"
#include "sync/central/central.h"

#define CF_PATH_NAME_MAX 1024
#define CF_RECORD_ID_SHIFT 40
#define CF_RECORD_SEQ_MAX ((UINT64_C(1) << CF_RECORD_ID_SHIFT) - 1)

enum cf_place_kind { CF_PLACE_STORE = 1, CF_PLACE_TERMINAL = 2, CF_PLACE_CHANNEL = 3 };
enum cf_log_state { CF_LOG_ACTIVE = 1, CF_LOG_REPLACED = 2, CF_LOG_FORKED = 3 };

/* One signing key of the centre, by what it may sign. */
enum cf_issuer_slot { CF_ISSUER_CARD, CF_ISSUER_COUPON, CF_ISSUER_TICKET, CF_ISSUER_GRANT, CF_ISSUER_PAGE, CF_ISSUERS };
struct cf_issuer {
    cf_kid kid;
    struct cf_private_key *key;
};
struct cf_issuers;
extern const char *const cf_issuer_names[CF_ISSUERS]; /* "card", ... */
extern const enum cf_key_usage cf_issuer_usages[CF_ISSUERS];

struct cf_down_log;
struct cf_ledger;
struct cf_ingest;
struct cf_pull_scratch;
struct cf_deltas;
struct cf_order_scratch;

struct cf_central {
    char dir[CF_PATH_NAME_MAX];
    const struct cf_env *env;
    struct cf_member_store *store;
    char brand[CF_NAME_MAX + 1];
    struct cf_programme programme;
    cf_public_key roots[2];
    struct cf_keyring *ring;
    struct cf_issuers *issuers;
    struct cf_issuer issuer[CF_ISSUERS]; /* who signs now; their keys are those of issuers */
    char ca_pem[CF_PEM_MAX];
    struct cf_private_key *ca_key;
    uint8_t ca_fingerprint[CF_SHA256_BYTES];
    uint8_t api_key_hash[CF_SHA256_BYTES];
    uint16_t terminals_port;
    const struct cf_listener_counts *counts;
    struct cf_down_log *down;
    struct cf_ledger *ledger;
    struct cf_ingest *ingest;
    struct cf_pull_scratch *pull;
    struct cf_deltas *deltas;
    struct cf_order_scratch *order;
};

static inline cf_wall cf_central_now(const struct cf_central *central)
{
    return cf_env_wall(central->env);
}

/* A fresh ring of the current key set, without grants: at the start, and when the old one is full of grants. */
enum cf_rc cf_central_ring_new(struct cf_central *central, struct cf_error *err) CF_MUST_CHECK;

/* One fact, one transaction. End commits what the ledger and the downward log hold if rc is CF_OK, and rolls back
 * otherwise; it returns rc, or why it could not commit. */
enum cf_rc cf_central_begin(struct cf_central *central, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_central_end(struct cf_central *central, enum cf_rc rc, struct cf_error *err) CF_MUST_CHECK;

/* An alarm: something a person should look at. record 0: none. */
enum cf_rc cf_central_alarm(struct cf_central *central, uint64_t record, enum cf_rc what, const char *text,
                            struct cf_error *err) CF_MUST_CHECK;

/* One that is dropped when its cause is gone, so that the alarms there are do not depend on who was heard first. Kinds
 * of conflicts are those of adjudicate.h, by their redemption; a RETURN by its record. */
#define CF_ALARM_BUDGET 100 /* of a campaign */
#define CF_ALARM_CREDIT 101 /* of a return whose sale has not come */
struct cf_alarm_cause {
    int64_t kind, id;
};
enum cf_rc cf_central_alarm_of(struct cf_central *central, struct cf_alarm_cause cause, uint64_t record,
                               enum cf_rc what, const char *text, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_central_alarm_over(struct cf_central *central, struct cf_alarm_cause cause,
                                 struct cf_error *err) CF_MUST_CHECK;

/* (log, seq) as one number, and back. */
static inline uint64_t cf_record_id(uint64_t log, uint64_t seq)
{
    return log << CF_RECORD_ID_SHIFT | seq;
}
static inline int64_t cf_sub_number(cf_sub sub)
{
    return (int64_t)cf_get_be64(sub.b);
}
static inline cf_sub cf_sub_from_number(int64_t number)
{
    cf_sub sub;
    cf_put_be64(sub.b, (uint64_t)number);
    return sub;
}

#endif
