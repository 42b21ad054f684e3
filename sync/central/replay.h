/*
 * sync/central/replay.h - the same request asked again gets the same answer, and does nothing twice.
 *
 * Only what took effect is remembered: a refusal took nothing and is judged anew. Inside a transaction.
 */
#ifndef CF_CENTRAL_REPLAY_H
#define CF_CENTRAL_REPLAY_H

#include "sync/central/handlers.h"

enum cf_replay_kind {
    CF_REPLAY_CLAIM = 1,
    CF_REPLAY_REDEEM = 2,
    CF_REPLAY_PIN = 3,
    CF_REPLAY_RELAY = 4,
    CF_REPLAY_VOUCHER = 5
};
#define CF_REPLAY_KEY_MAX 100

/* Looks the key up (NULL: nothing is replayed). If it was answered before, the answer is put into `reply` and
 * *ret_replayed is true. CF_E_COUPON_REQUEST if it came with another body; CF_E_ARGUMENT for a key that is too long. */
enum cf_rc cf_replay_find(struct cf_central *central, enum cf_replay_kind kind, const char *key, cf_bytes body,
                          struct cf_reply *reply, bool *ret_replayed, struct cf_error *err) CF_MUST_CHECK;
/* Remembers reply->json under the key (NULL: nothing is remembered). */
enum cf_rc cf_replay_keep(struct cf_central *central, enum cf_replay_kind kind, const char *key, cf_bytes body,
                          const struct cf_reply *reply, struct cf_error *err) CF_MUST_CHECK;

#endif
