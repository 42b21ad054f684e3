/*
 * sync/client/client.c - carries out what the machine decides. See client.h. One thread.
 */
#include "sync/client/inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_FIRST_US (1 * CF_US_PER_S)
#define DELAY_LAST_US (300 * CF_US_PER_S)
#define PULLED_BYTES_MAX (CF_PULL_BYTES_MAX + (64u << 10))

enum cf_rc cf_sync_new(const struct cf_sync_config *config, struct cf_sync **ret, struct cf_error *err)
{
    assert(config->env != NULL && config->sign_key != NULL && config->keyring != NULL);
    assert(config->outbox.ops != NULL && config->sink.ops != NULL);
    struct cf_sync *sync = calloc(1, sizeof *sync);
    if (sync == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "the sync client");
    sync->config = *config;
    cf_buf_init(&sync->under_way.bodies, CF_BATCH_BYTES_MAX);
    cf_buf_init(&sync->under_way.encoded, CF_BATCH_BYTES_MAX);
    cf_buf_init(&sync->ahead.bodies, CF_BATCH_BYTES_MAX);
    cf_buf_init(&sync->ahead.encoded, CF_BATCH_BYTES_MAX);
    cf_buf_init(&sync->received, CF_ANSWER_BYTES_MAX);
    cf_buf_init(&sync->time_statement, CF_ANSWER_BYTES_MAX);
    cf_buf_init(&sync->request, CF_ANSWER_BYTES_MAX);
    cf_buf_init(&sync->pulled_bytes, PULLED_BYTES_MAX);
    cf_buf_init(&sync->chunk, CF_CHUNK_BYTES_MAX);
    enum cf_rc rc = config->sink.ops->progress(config->sink.ctx, &sync->progress, err);
    if (rc != CF_OK) {
        cf_sync_free(sync);
        return rc;
    }
    *ret = sync;
    return CF_OK;
}

void cf_sync_free(struct cf_sync *sync)
{
    if (sync == NULL)
        return;
    cf_buf_done(&sync->under_way.bodies);
    cf_buf_done(&sync->under_way.encoded);
    cf_buf_done(&sync->ahead.bodies);
    cf_buf_done(&sync->ahead.encoded);
    cf_buf_done(&sync->received);
    cf_buf_done(&sync->time_statement);
    cf_buf_done(&sync->request);
    cf_buf_done(&sync->pulled_bytes);
    cf_buf_done(&sync->chunk);
    free(sync);
}

/* --- what the actions share --------------------------------------------------------------------------------------- */

enum cf_rc cf_sync_exchange(struct cf_sync *sync, const struct cf_net_request *request, int *ret_status,
                            struct cf_buf *ret_body, struct cf_error *err)
{
    const struct cf_env *env = sync->config.env;
    cf_buf_clear(ret_body);
    sync->report->bytes_up += request->body.n;
    enum cf_rc rc = env->ops->net_exchange(env->ctx, request, ret_status, ret_body, err);
    if (rc != CF_OK)
        return rc;
    sync->report->bytes_down += ret_body->n;
    sync->progress.last_contact = cf_env_wall(env);
    return CF_OK;
}

static enum cf_rc rc_of_status(int status)
{
    switch (status) {
    case 401:
    case 403:
        return CF_E_CERTIFICATE;
    case 404:
        return CF_E_NOT_FOUND;
    case 408:
        return CF_E_TIMEOUT;
    case 413:
        return CF_E_BODY_SIZE;
    case 429:
        return CF_E_BUSY;
    default:
        return status >= 500 ? CF_E_SERVER : CF_E_PROTOCOL;
    }
}

enum cf_rc cf_sync_refusal(int status, cf_bytes body, struct cf_refusal *ret, struct cf_error *err)
{
    *ret = (struct cf_refusal){.rc = CF_OK};
    if (cf_refusal_decode(body, ret, NULL) != CF_OK)
        return ret->rc = cf_fail(err, rc_of_status(status), "the centre answered with HTTP status %d", status);
    return cf_fail(err, ret->rc, "the centre: %s", ret->detail);
}

enum cf_rc cf_sync_keep_progress(struct cf_sync *sync, struct cf_error *err)
{
    return sync->config.sink.ops->set_progress(sync->config.sink.ctx, &sync->progress, err);
}

/* --- time --------------------------------------------------------------------------------------------------------- */

bool cf_sync_true_time(void *ctx, cf_wall *ret)
{
    struct cf_sync *sync = ctx;
    const struct cf_env *env = sync->config.env;
    uint8_t boot[CF_BOOT_ID_BYTES];
    env->ops->boot_id(env->ctx, boot);
    if (!sync->progress.has_time || memcmp(boot, sync->progress.boot_id, sizeof boot) != 0)
        return false;
    int64_t passed_us = cf_mono_since(cf_env_mono(env), sync->progress.local_mono).us;
    if (passed_us < 0 || sync->progress.centre_wall.us > INT64_MAX - passed_us)
        return false;
    *ret = (cf_wall){sync->progress.centre_wall.us + passed_us};
    return true;
}

int64_t cf_sync_now_s(struct cf_sync *sync)
{
    cf_wall now;
    return cf_wall_s(cf_sync_true_time(sync, &now) ? now : cf_env_wall(sync->config.env));
}

/* --- a run -------------------------------------------------------------------------------------------------------- */

static enum cf_rc complete(struct cf_sync *sync, struct cf_sync_event *ret_event, struct cf_error *err)
{
    ret_event->kind = CF_SYNC_COMPLETED;
    sync->progress.down_cursor = sync->pulled.cursor;
    return cf_sync_keep_progress(sync, err);
}

static enum cf_rc carry_out(struct cf_sync *sync, const struct cf_sync_action *action, struct cf_sync_event *ret_event,
                            struct cf_error *err)
{
    switch (action->kind) {
    case CF_SYNC_DO_LOOK:
        return cf_sync_look(sync, ret_event, err);
    case CF_SYNC_DO_ASK:
        return cf_sync_send(sync, sync->machine.acknowledged + 1, true, ret_event, err);
    case CF_SYNC_DO_SEND:
        return cf_sync_send(sync, action->seq, false, ret_event, err);
    case CF_SYNC_DO_PULL:
        return cf_sync_ask_for(sync, action, ret_event, err);
    case CF_SYNC_DO_STORE:
        return cf_sync_store_page(sync, action->index, ret_event, err);
    case CF_SYNC_DO_BEGIN:
        return cf_sync_begin_snapshot(sync, action->index, ret_event, err);
    case CF_SYNC_DO_FETCH:
        return cf_sync_fetch_chunk(sync, action->index, ret_event, err);
    case CF_SYNC_DO_SWAP:
        return cf_sync_swap(sync, ret_event, err);
    case CF_SYNC_DO_COMPLETE:
        return complete(sync, ret_event, err);
    case CF_SYNC_DO_STOP:
        break;
    }
    assert(false && "an action that is not carried out");
    return CF_E_INTERNAL;
}

/* The error that goes with the rc of a run: the newest detail that was given for it. */
static enum cf_rc say(enum cf_rc rc, const struct cf_error *newest, struct cf_error *err)
{
    if (rc == CF_OK)
        return CF_OK;
    if (newest->rc == rc)
        return cf_fail(err, rc, "%s", newest->detail);
    return cf_fail(err, rc, "%s", cf_rc_text(rc));
}

static enum cf_rc run(struct cf_sync *sync, unsigned legs, struct cf_sync_report *ret, struct cf_error *err)
{
    struct cf_error newest = {.rc = CF_OK};
    *ret = (struct cf_sync_report){.fenced = sync->progress.fenced};
    /* Another process may have synced meanwhile. */
    enum cf_rc known = sync->config.sink.ops->progress(sync->config.sink.ctx, &sync->progress, err);
    if (known != CF_OK) {
        sync->failures++;
        return known;
    }
    sync->report = ret;
    sync->machine = (struct cf_sync_machine){.phase = CF_SYNC_IDLE};
    sync->time_tried = false;
    struct cf_sync_event event = {
        .kind = CF_SYNC_START, .legs = legs, .has_keys = cf_keyring_version(sync->config.keyring) > 0};
    struct cf_sync_action action = cf_sync_step(&sync->machine, &event);
    while (action.kind != CF_SYNC_DO_STOP) {
        struct cf_sync_event outcome = {.kind = CF_SYNC_FAILED};
        enum cf_rc rc = carry_out(sync, &action, &outcome, &newest);
        if (rc != CF_OK)
            outcome = (struct cf_sync_event){.kind = CF_SYNC_FAILED, .rc = rc};
        action = cf_sync_step(&sync->machine, &outcome);
    }
    sync->ahead.ready = false;
    ret->acknowledged = sync->progress.acknowledged_seq;
    ret->fenced = sync->progress.fenced;
    sync->report = NULL;
    sync->failures = action.rc == CF_OK ? 0 : sync->failures + 1;
    return say(action.rc, &newest, err);
}

enum cf_rc cf_sync_push(struct cf_sync *sync, struct cf_sync_report *ret, struct cf_error *err)
{
    return run(sync, CF_SYNC_LEG_PUSH, ret, err);
}

enum cf_rc cf_sync_pull(struct cf_sync *sync, struct cf_sync_report *ret, struct cf_error *err)
{
    return run(sync, CF_SYNC_LEG_PULL, ret, err);
}

enum cf_rc cf_sync_cycle(struct cf_sync *sync, struct cf_sync_report *ret, struct cf_error *err)
{
    return run(sync, CF_SYNC_LEG_PUSH | CF_SYNC_LEG_PULL | CF_SYNC_LEG_PUSH_AFTER, ret, err);
}

cf_duration cf_sync_delay(struct cf_sync *sync, cf_duration idle)
{
    if (sync->failures == 0)
        return idle;
    int64_t longest = DELAY_FIRST_US;
    for (unsigned i = 1; i < sync->failures && longest < DELAY_LAST_US; i++)
        longest *= 2;
    if (longest > DELAY_LAST_US)
        longest = DELAY_LAST_US;
    /* Half of it is chance, so that the tills of a store that lost its link together do not return together. */
    uint64_t chance;
    cf_env_random(sync->config.env, &chance, sizeof chance);
    return (cf_duration){longest / 2 + (int64_t)(chance % (uint64_t)(longest / 2 + 1))};
}
