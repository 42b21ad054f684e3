/*
 * sync/central/replay.c - see replay.h.
 */
#include "sync/central/replay.h"

#include "base/plant.h"
#include "base/text.h"

#include <string.h>

#define REPLY_BYTES_MAX (256u << 10)

static enum cf_rc find(struct cf_central *central, enum cf_replay_kind kind, const char *key, cf_bytes body,
                       struct cf_reply *reply, bool *ret_replayed, struct cf_error *err)
{
    *ret_replayed = false;
    if (key == NULL) {
        return CF_OK;
    }
    size_t n = strlen(key);
    if (n == 0 || n > CF_REPLAY_KEY_MAX || !cf_text_is_utf8(cf_bytes_of(key, n))) {
        return cf_fail(err, CF_E_ARGUMENT, "a request's key has 1 to %d bytes", CF_REPLAY_KEY_MAX);
    }
    struct cf_sha256 hash = cf_sha256(body);
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_REQUEST_GET, CF_ARGS(cf_v_int(kind), cf_v_text(key)), row, &found, err);
    if (rc != CF_OK || !found || CF_PLANTED(request_answered_twice)) {
        return rc;
    }
    if (!cf_bytes_equal(row[0].b, cf_bytes_of(hash.digest, CF_SHA256_BYTES))) {
        return cf_fail(err, CF_E_COUPON_REQUEST, "key %s", key);
    }
    reply->status = (int)row[1].i;
    *ret_replayed = true;
    return cf_buf_append(reply->bytes, row[2].b.p, row[2].b.n, err);
}

static enum cf_rc keep(struct cf_central *central, enum cf_replay_kind kind, const char *key, cf_bytes body,
                       const struct cf_reply *reply, struct cf_error *err)
{
    if (key == NULL) {
        return CF_OK;
    }
    struct cf_sha256 hash = cf_sha256(body);
    struct cf_buf text;
    cf_buf_init(&text, REPLY_BYTES_MAX);
    enum cf_rc rc = cf_json_write(reply->json, &text, err);
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_REQUEST_ADD,
                          CF_ARGS(cf_v_int(kind), cf_v_text(key), cf_v_blob(hash.digest, CF_SHA256_BYTES),
                                  cf_v_int(reply->status), cf_v_bytes(cf_buf_bytes(&text)),
                                  cf_v_int(cf_central_now(central).us)),
                          err);
    }
    cf_buf_done(&text);
    return rc;
}

enum cf_rc cf_replay_once(struct cf_central *central, enum cf_replay_kind kind, const char *key, cf_bytes body,
                          cf_replay_effect_fn effect, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    bool replayed;
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = find(central, kind, key, body, reply, &replayed, err);
    if (rc == CF_OK && !replayed) {
        rc = effect(central, ctx, reply, err);
        if (rc == CF_OK) {
            rc = keep(central, kind, key, body, reply, err);
        }
    }
    return cf_central_end(central, rc, err);
}
