/*
 * sync/central/replay.h - the same request asked again gets the same answer, and does nothing twice.
 *
 * Only what took effect is remembered: a refusal took nothing and is judged anew.
 */
#ifndef CF_CENTRAL_REPLAY_H
#define CF_CENTRAL_REPLAY_H

#include "sync/central/handlers.h"

enum cf_replay_kind {
    CF_REPLAY_CLAIM = 1,
    CF_REPLAY_REDEEM = 2,
    CF_REPLAY_PIN = 3,
    CF_REPLAY_RELAY = 4,
    CF_REPLAY_VOUCHER = 5,
    CF_REPLAY_ORDER = 10,
    CF_REPLAY_GIFT_CARD = 20,
    CF_REPLAY_GIFT_SPEND = 21,
    CF_REPLAY_GIFT_HOME = 22,
    CF_REPLAY_BASKET = 23
};
#define CF_REPLAY_KEY_MAX 100

/* What a request does; the answer is left in reply->json. */
typedef enum cf_rc (*cf_replay_effect_fn)(struct cf_central *central, void *ctx, struct cf_reply *reply,
                                          struct cf_error *err);
/*
 * In a transaction of its own: does the effect and remembers its answer under the key (NULL: nothing is remembered). If
 * the key was answered before, that answer is put into `reply` and nothing is done. CF_E_COUPON_REQUEST if it came with
 * another body; CF_E_ARGUMENT for a key that is too long.
 */
enum cf_rc cf_replay_once(struct cf_central *central, enum cf_replay_kind kind, const char *key, cf_bytes body,
                          cf_replay_effect_fn effect, void *ctx, struct cf_reply *reply,
                          struct cf_error *err) CF_MUST_CHECK;

#endif
