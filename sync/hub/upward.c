/*
 * sync/hub/upward.c - see upward.h.
 */
#include "sync/hub/upward.h"

#include "sync/hub/inside.h"

#include <stdio.h>
#include <string.h>

#define FAILED_TILLS_MAX 4 /* in one round */

static enum cf_rc post(const struct cf_env *env, const char *path, cf_bytes body, int *ret_status,
                       struct cf_buf *ret_answer, struct cf_error *err)
{
    const struct cf_net_request request = {
        .method = "POST", .path = path, .content_type = "application/cbor", .body = body};
    cf_buf_clear(ret_answer);
    return env->ops->net_exchange(env->ctx, &request, ret_status, ret_answer, err);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* What the centre says of a batch: how far it has that till's log. False if it says nothing of it. */
static bool read_watermark(int status, cf_bytes answer, uint64_t *ret_seq)
{
    struct cf_answer taken;
    struct cf_refusal refusal;
    if (status == 200 && cf_answer_decode(answer, &taken, NULL) == CF_OK) {
        *ret_seq = taken.ack_seq;
        return true;
    }
    if (status != 200 && cf_refusal_decode(answer, &refusal, NULL) == CF_OK && refusal.rc == CF_E_GAP) {
        *ret_seq = refusal.ack_seq;
        return true;
    }
    return false;
}

/* Tills of whose batches the centre failed in this round. */
struct failed {
    size_t n;
    struct {
        uint32_t terminal, epoch;
    } till[FAILED_TILLS_MAX];
};

static bool has_failed(const struct failed *failed, const struct cf_hub_batch *batch)
{
    for (size_t i = 0; i < failed->n; i++)
        if (failed->till[i].terminal == batch->terminal && failed->till[i].epoch == batch->epoch)
            return true;
    return false;
}

/* One batch to the centre, and what it says of it. */
static enum cf_rc relay_one(struct cf_hub_store *store, const struct cf_env *env, const struct cf_hub_batch *batch,
                            cf_bytes content, struct cf_buf *answer, struct failed *failed, struct cf_hub_relayed *ret,
                            struct cf_error *err)
{
    int status = 0;
    uint64_t seq = 0;
    enum cf_rc rc = post(env, CF_PATH_RELAY, content, &status, answer, err);
    if (rc != CF_OK)
        return rc;
    if (status >= 500) {
        failed->till[failed->n].terminal = batch->terminal;
        failed->till[failed->n++].epoch = batch->epoch;
        return CF_OK;
    }
    bool told = read_watermark(status, cf_buf_bytes(answer), &seq);
    ret->batches += told;
    ret->refused += !told;
    return told && seq > 0 ? cf_hub_store_acknowledge(store, batch->terminal, batch->epoch, seq, err) : CF_OK;
}

/* A batch at which the centre fails keeps back its own till alone, until the next round. A centre that fails at a few
 * of them is not asked on. */
enum cf_rc cf_hub_relay(struct cf_hub_store *store, const struct cf_env *env, cf_wall before,
                        struct cf_hub_relayed *ret, struct cf_error *err)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) content, CF_CLEANUP(cf_buf_done) answer;
    struct cf_hub_batch batch = {.id = 0};
    struct failed failed = {.n = 0};
    bool found = true;
    enum cf_rc rc = CF_OK;
    *ret = (struct cf_hub_relayed){0};
    cf_buf_init(&content, CF_BATCH_BYTES_MAX + (64u << 10));
    cf_buf_init(&answer, CF_ANSWER_BYTES_MAX);
    while (rc == CF_OK && found && failed.n < FAILED_TILLS_MAX) {
        cf_buf_clear(&content);
        rc = cf_hub_store_next_batch(store, batch.id, before, &batch, &content, &found, err);
        if (rc == CF_OK && found && !has_failed(&failed, &batch))
            rc = relay_one(store, env, &batch, cf_buf_bytes(&content), &answer, &failed, ret, err);
    }
    if (rc == CF_OK && failed.n > 0)
        rc = cf_fail(err, CF_E_SERVER, "the centre failed at relayed batches of %zu tills, first of terminal %lu",
                     failed.n, (unsigned long)failed.till[0].terminal);
    return rc;
}

/* --- what nobody can ask for any more ----------------------------------------------------------------------------- */

enum cf_rc cf_hub_tidy(struct cf_hub_store *store, struct cf_replica *replica, const struct cf_env *env, bool heard,
                       struct cf_error *err)
{
    struct cf_store_rules rules;
    enum cf_rc rc = cf_replica_store_rules(replica, &rules, err);
    if (rc == CF_OK)
        rc = cf_hub_store_prune(
            store, (cf_wall){cf_env_wall(env).us - (int64_t)rules.return_window_days * 86400 * CF_US_PER_S}, err);
    return rc == CF_OK && heard ? cf_hub_store_settle(store, err) : rc;
}

/* --- the history -------------------------------------------------------------------------------------------------- */

static enum cf_rc report(const struct cf_env *env, const struct cf_hub_report *report, struct cf_hub_report_reply *ret,
                         struct cf_error *err)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body, CF_CLEANUP(cf_buf_done) answer;
    int status = 0;
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    cf_buf_init(&answer, CF_HUB_MESSAGE_MAX);
    enum cf_rc rc = cf_hub_report_encode(report, &body, err);
    if (rc == CF_OK)
        rc = post(env, CF_PATH_HUB_REPORT, cf_buf_bytes(&body), &status, &answer, err);
    if (rc != CF_OK)
        return rc;
    if (status != 200)
        return cf_fail(err, CF_E_SERVER, "the centre answered the hub's report with status %d", status);
    return cf_hub_report_reply_decode(cf_buf_bytes(&answer), ret, err);
}

/* The hub has moved on meanwhile: what it is held against is read again, after the witness came. */
static enum cf_rc judge_reply(struct cf_hub_store *store, const struct cf_hub_report_reply *reply,
                              const struct cf_private_key *sign_key, struct cf_hub_state *state, bool *ret_agrees,
                              struct cf_error *err)
{
    enum cf_rc rc = cf_hub_store_begin(store, err);
    if (rc != CF_OK)
        return rc;
    rc = cf_hub_store_state(store, state, err);
    if (rc == CF_OK && reply->has_witness)
        rc = cf_hub_agrees(store, state, &reply->witness, ret_agrees, err);
    rc = cf_hub_store_end(store, rc, err);
    if (rc == CF_OK && !*ret_agrees &&
        !cf_hub_witness_is_genuine(&reply->witness, state->store, state->hub_epoch, sign_key))
        rc = cf_fail(err, CF_E_PROTOCOL, "the centre told of a witness that this hub never signed");
    return rc;
}

enum cf_rc cf_hub_tell_centre(struct cf_hub_store *store, const struct cf_env *env,
                              const struct cf_private_key *sign_key, struct cf_error *err)
{
    struct cf_hub_state state;
    struct cf_hub_report_reply reply;
    bool agrees = true;
    enum cf_rc rc = cf_hub_store_state(store, &state, err);
    if (rc != CF_OK || state.hub_epoch == 0)
        return rc;
    struct cf_hub_report told = {.store = state.store, .hub_epoch = state.hub_epoch, .has_witness = true};
    uint32_t hub_epoch = state.hub_epoch;
    rc = cf_hub_sign_witness(&state, sign_key, &told.witness, err);
    if (rc == CF_OK)
        rc = report(env, &told, &reply, err);
    if (rc != CF_OK)
        return rc;
    rc = judge_reply(store, &reply, sign_key, &state, &agrees, err);
    if (rc != CF_OK || state.hub_epoch != hub_epoch)
        return rc;
    if (reply.rc != CF_OK && !state.fenced)
        return cf_hub_fence(store, &state, "the centre set it apart", err);
    if (agrees || reply.rc != CF_OK)
        return state.fenced ? cf_fail(err, CF_E_HUB_FENCED, "%s", state.why) : CF_OK;
    /* First kept here, if its own start did not see it before; then told, with what shows it. */
    rc = state.fenced ? cf_fail(err, CF_E_HUB_FENCED, "%s", state.why)
                      : cf_hub_fence(store, &state, "the centre was told of steps that are not in its history", err);
    told.has_proof = true;
    told.proof = reply.witness;
    (void)!report(env, &told, &reply, NULL);
    return rc;
}
