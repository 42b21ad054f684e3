/*
 * app/terminal/hub_sync.c - see hub_sync.h.
 */
#include "app/terminal/hub_sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/terminal/clock.h"
#include "app/terminal/hub_link.h"
#include "base/env_net.h"

struct cf_hub_sync_session {
    struct cf_hub_sync_config config;
    struct cf_sink sink;   /* the link's own */
    struct cf_env_net net; /* what the client asks as if it were the centre, framed for the hub */
    struct cf_hub_entry hub;
    uint64_t acknowledged; /* by the centre */
    struct cf_sync *sync;
    struct cf_hub_witness told; /* to the centre */
    struct cf_hub_sublease_ask ask;
    uint32_t asked_up_to; /* campaigns until here were in an ask of this cycle */
    struct cf_hub_subleases granted;
    uint32_t today;
};

static struct cf_hub_link link_of(const struct cf_hub_sync_session *session)
{
    return (struct cf_hub_link){.env = session->config.env, .dir = session->config.dir, .hub = session->hub};
}

/* --- the hub in the centre's place -------------------------------------------------------------------------------- */

static enum cf_rc answer_refusal(enum cf_rc why, int *ret_status, struct cf_buf *ret_body, struct cf_error *err)
{
    struct cf_refusal refusal = {.rc = why};
    *ret_status = cf_rc_http_status(why);
    return cf_refusal_encode(&refusal, ret_body, err);
}

static enum cf_rc net_exchange(void *ctx, const struct cf_net_request *request, int *ret_status,
                               struct cf_buf *ret_body, struct cf_error *err)
{
    struct cf_hub_sync_session *session = ctx;
    struct cf_hub_link link = link_of(session);
    const size_t chunk_n = sizeof CF_PATH_CHUNK - 1;
    char path[CF_NET_PATH_MAX + 1];
    const char *to = NULL;
    if (strcmp(request->path, CF_PATH_RECORDS) == 0)
        to = CF_PATH_HUB_RECORDS;
    else if (strcmp(request->path, CF_PATH_PULL) == 0)
        to = CF_PATH_HUB_PULL;
    if (to != NULL) {
        enum cf_rc rc = cf_hub_link_ask(&link, to, request->body, session->acknowledged, ret_body, err);
        if (rc == CF_E_FORK || rc == CF_E_FENCED || rc == CF_E_GAP)
            return answer_refusal(rc, ret_status, ret_body, err);
        *ret_status = 200;
        return rc;
    }
    if (strncmp(request->path, CF_PATH_CHUNK, chunk_n) != 0 ||
        sizeof CF_PATH_HUB_CHUNK + strlen(request->path + chunk_n) > sizeof path)
        return cf_fail(err, CF_E_LINK_DOWN, "not a question for a hub");
    (void)snprintf(path, sizeof path, "%s%s", CF_PATH_HUB_CHUNK, request->path + chunk_n);
    struct cf_net_request get = *request;
    get.path = path;
    return session->config.env->ops->net_exchange(session->config.env->ctx, &get, ret_status, ret_body, err);
}

/* --- the sink, with a progress of its own ------------------------------------------------------------------------- */

static enum cf_rc sink_topic(void *ctx, enum cf_topic topic, struct cf_sync_topic *ret, struct cf_error *err)
{
    const struct cf_sink *sink = &((struct cf_hub_sync_session *)ctx)->sink;
    return sink->ops->topic(sink->ctx, topic, ret, err);
}

static enum cf_rc sink_apply(void *ctx, enum cf_topic topic, uint64_t from, const cf_bytes *entries, size_t n,
                             const struct cf_sha256 *digest_after, struct cf_error *err)
{
    const struct cf_sink *sink = &((struct cf_hub_sync_session *)ctx)->sink;
    return sink->ops->apply(sink->ctx, topic, from, entries, n, digest_after, err);
}

static enum cf_rc sink_snapshot_begin(void *ctx, enum cf_topic topic, const struct cf_sha256 *manifest,
                                      uint32_t *ret_chunks_done, struct cf_error *err)
{
    const struct cf_sink *sink = &((struct cf_hub_sync_session *)ctx)->sink;
    return sink->ops->snapshot_begin(sink->ctx, topic, manifest, ret_chunks_done, err);
}

static void sink_announce(void *ctx, enum cf_topic topic, uint32_t n_chunks)
{
    const struct cf_sink *sink = &((struct cf_hub_sync_session *)ctx)->sink;
    if (sink->ops->announce != NULL)
        sink->ops->announce(sink->ctx, topic, n_chunks);
}

static enum cf_rc sink_snapshot_chunk(void *ctx, enum cf_topic topic, uint32_t chunk, cf_bytes content,
                                      struct cf_error *err)
{
    const struct cf_sink *sink = &((struct cf_hub_sync_session *)ctx)->sink;
    return sink->ops->snapshot_chunk(sink->ctx, topic, chunk, content, err);
}

static enum cf_rc sink_snapshot_swap(void *ctx, enum cf_topic topic, uint32_t n_chunks,
                                     const struct cf_sync_topic *from, const struct cf_sync_topic *state,
                                     struct cf_error *err)
{
    const struct cf_sink *sink = &((struct cf_hub_sync_session *)ctx)->sink;
    return sink->ops->snapshot_swap(sink->ctx, topic, n_chunks, from, state, err);
}

static enum cf_rc take_head(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                            const struct cf_sha256 *hash, struct cf_error *err)
{
    (void)record;
    (void)body_hash;
    (void)err;
    *(struct cf_sha256 *)ctx = *hash;
    return CF_OK;
}

/* A record that gives back to the hub is brought to it though the centre has it: the hub alone takes the units in. */
static enum cf_rc step_back(struct cf_hub_sync_session *session, uint64_t hub_has, struct cf_sync_progress *progress,
                            struct cf_error *err)
{
    struct cf_journal *journal = cf_link_journal(session->config.link);
    const struct cf_identity *identity = session->config.identity;
    uint64_t seq = 0;
    enum cf_rc rc = cf_journal_next_sublease_return(journal, session->hub.hub_epoch, hub_has, &seq, err);
    if (rc != CF_OK || seq == 0 || seq > progress->acknowledged_seq)
        return rc;
    struct cf_sha256 head = cf_record_chain_start(identity->terminal, identity->epoch);
    if (seq > 1)
        rc = cf_journal_read(journal, seq - 1, 1, take_head, &head, err);
    if (rc != CF_OK)
        return rc;
    progress->acknowledged_seq = seq - 1;
    progress->acknowledged_head = head;
    return CF_OK;
}

/* What the centre has need not go to the hub: it begins behind that, and goes on from what the hub has. */
static enum cf_rc sink_progress(void *ctx, struct cf_sync_progress *ret, struct cf_error *err)
{
    struct cf_hub_sync_session *session = ctx;
    struct cf_sync_progress progress;
    struct cf_hub_sync at;
    enum cf_rc rc = session->sink.ops->progress(session->sink.ctx, &progress, err);
    if (rc == CF_OK)
        rc = cf_replica_hub_sync(cf_link_replica(session->config.link), &at, err);
    if (rc != CF_OK)
        return rc;
    session->acknowledged = progress.acknowledged_seq;
    bool same = at.epoch == session->config.identity->epoch && at.hub_epoch == session->hub.hub_epoch;
    if (same && at.seq > progress.acknowledged_seq) {
        progress.acknowledged_seq = at.seq;
        progress.acknowledged_head = at.head;
    }
    rc = step_back(session, same ? at.seq : 0, &progress, err);
    if (rc != CF_OK)
        return rc;
    progress.sent_seq = progress.acknowledged_seq;
    progress.fenced = same && at.fenced;
    *ret = progress;
    return CF_OK;
}

static enum cf_rc sink_set_progress(void *ctx, const struct cf_sync_progress *progress, struct cf_error *err)
{
    struct cf_hub_sync_session *session = ctx;
    struct cf_hub_sync at = {.epoch = session->config.identity->epoch,
                             .hub_epoch = session->hub.hub_epoch,
                             .seq = progress->acknowledged_seq,
                             .head = progress->acknowledged_head,
                             .fenced = progress->fenced};
    return cf_replica_set_hub_sync(cf_link_replica(session->config.link), &at, err);
}

static const struct cf_sink_ops sink_ops = {
    .topic = sink_topic,
    .apply = sink_apply,
    .snapshot_begin = sink_snapshot_begin,
    .announce = sink_announce,
    .snapshot_chunk = sink_snapshot_chunk,
    .snapshot_swap = sink_snapshot_swap,
    .progress = sink_progress,
    .set_progress = sink_set_progress,
};

/* --- making it ---------------------------------------------------------------------------------------------------- */

enum cf_rc cf_hub_sync_session_new(const struct cf_hub_sync_config *config, struct cf_hub_sync_session **ret,
                                   struct cf_error *err)
{
    struct cf_hub_sync_session *session = calloc(1, sizeof *session);
    if (!session)
        return cf_fail(err, CF_E_NO_MEMORY, "the hub's sync");
    session->config = *config;
    session->sink = cf_link_sink(config->link);
    cf_env_net_init(&session->net, config->env, net_exchange, session);
    struct cf_sync_config client = {
        .env = &session->net.env,
        .terminal = config->identity->terminal,
        .epoch = config->identity->epoch,
        .store = config->identity->store,
        .sign_key = config->identity->sign_key,
        .keyring = config->ring,
        .outbox = cf_link_outbox(config->link),
        .sink = {.ops = &sink_ops, .ctx = session},
    };
    enum cf_rc rc = cf_sync_new(&client, &session->sync, err);
    if (rc != CF_OK) {
        cf_hub_sync_session_free(session);
        return rc;
    }
    *ret = session;
    return CF_OK;
}

void cf_hub_sync_session_free(struct cf_hub_sync_session *session)
{
    if (!session)
        return;
    cf_sync_free(session->sync);
    free(session);
}

/* --- sub-leases --------------------------------------------------------------------------------------------------- */

struct need {
    struct cf_hub_sync_session *session;
    struct cf_sublease lent;
};

static enum cf_rc weigh(void *ctx, const struct cf_sublease *sublease, struct cf_error *err)
{
    struct need *need = ctx;
    (void)err;
    if (sublease->hub_epoch == need->session->hub.hub_epoch)
        need->lent = *sublease;
    return CF_OK;
}

/* The till's business day: its share of another day would be of no use. */
static enum cf_rc find_today(struct cf_hub_sync_session *session, struct cf_error *err)
{
    struct cf_replica *replica = cf_link_replica(session->config.link);
    struct cf_sync_state sync;
    struct cf_store_settings settings;
    struct cf_clock_reading clock;
    enum cf_rc rc = cf_replica_sync_state(replica, &sync, err);
    if (rc == CF_OK)
        rc = cf_replica_store(replica, &settings, err);
    session->today = 0;
    if (rc != CF_OK) /* before the first sync nobody knows its calendar, and nothing is lent that goes by it */
        return rc == CF_E_REPLICA_NONE ? CF_OK : rc;
    cf_clock_read(&sync, (cf_wall){0}, session->config.env, &clock);
    session->today = cf_wall_date(clock.best, cf_store_offset_min(&settings, clock.best));
    return CF_OK;
}

/* What is counted beside units. */
static enum cf_rc add_counts(struct cf_hub_sync_session *session, const struct cf_campaign *campaign,
                             const struct cf_sublease *lent, const struct cf_sublease_used *used,
                             struct cf_hub_sublease_asked *item, struct cf_error *err)
{
    int64_t day_used = 0, minor = lent->granted_minor - used->spent_minor - used->returned_minor;
    if (!campaign->money_limited && campaign->per_day == 0)
        return CF_OK;
    enum cf_rc rc = cf_journal_sublease_day_used(cf_link_journal(session->config.link), campaign->id,
                                                 session->hub.hub_epoch, session->today, &day_used, err);
    int64_t today = (lent->day == session->today ? lent->day_granted : 0) - day_used;
    item->day = session->today;
    item->left_minor = minor > 0 ? minor : 0;
    item->spent_minor = used->spent_minor;
    item->day_left = today > 0 ? today : 0;
    return rc;
}

/* A campaign of which this terminal has a lease: as much again, by half. */
static enum cf_rc add_need(void *ctx, const struct cf_campaign *campaign, struct cf_error *err)
{
    struct cf_hub_sync_session *session = ctx;
    const struct cf_identity *identity = session->config.identity;
    struct cf_lease_grant lease;
    struct need need = {.session = session};
    struct cf_sublease_used used = {0};
    struct cf_hub_sublease_ask *ask = &session->ask;
    bool over = cf_campaign_is_over_in(campaign, identity->store, cf_env_wall(session->config.env));
    if (over || campaign->policy != CF_POLICY_LEASED || campaign->id <= session->asked_up_to ||
        ask->n == CF_HUB_SUBLEASES_MAX)
        return CF_OK;
    struct cf_replica *replica = cf_link_replica(session->config.link);
    enum cf_rc rc = cf_replica_lease(replica, campaign->id, identity->epoch, &lease, err);
    if (rc == CF_OK)
        rc = cf_replica_subleases(replica, campaign->id, identity->epoch, weigh, &need, err);
    if (rc == CF_OK)
        rc = cf_journal_sublease_use(cf_link_journal(session->config.link), campaign->id, session->hub.hub_epoch, &used,
                                     err);
    int64_t want = (lease.keep + 1) / 2;
    if (rc != CF_OK || want == 0)
        return rc;
    struct cf_hub_sublease_asked *item = &ask->items[ask->n];
    int64_t left = need.lent.granted - used.spent - used.returned;
    *item = (struct cf_hub_sublease_asked){.campaign = campaign->id,
                                           .left = left > 0 ? left : 0,
                                           .want = want < CF_HUB_SUBLEASE_WANT_MAX ? want : CF_HUB_SUBLEASE_WANT_MAX,
                                           .spent = used.spent};
    rc = add_counts(session, campaign, &need.lent, &used, item, err);
    ask->n += rc == CF_OK;
    return rc;
}

/* One message: of the campaigns beyond those that were asked for, as many as it holds. */
static enum cf_rc ask_for_subleases(struct cf_hub_sync_session *session, struct cf_hub_sync_report *report,
                                    struct cf_error *err)
{
    const struct cf_identity *identity = session->config.identity;
    struct cf_replica *replica = cf_link_replica(session->config.link);
    struct cf_hub_link link = link_of(session);
    struct cf_buf body CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    cf_buf_init(&reply, CF_HUB_MESSAGE_MAX);
    session->ask = (struct cf_hub_sublease_ask){.terminal = identity->terminal, .epoch = identity->epoch};
    enum cf_rc rc = cf_replica_campaigns(replica, add_need, session, err);
    if (rc != CF_OK || session->ask.n == 0)
        return rc;
    session->asked_up_to = session->ask.items[session->ask.n - 1].campaign;
    rc = cf_hub_sublease_ask_encode(&session->ask, &body, err);
    if (rc == CF_OK)
        rc = cf_hub_link_ask(&link, CF_PATH_HUB_SUBLEASE, cf_buf_bytes(&body), session->acknowledged, &reply, err);
    if (rc == CF_OK)
        rc = cf_hub_subleases_decode(cf_buf_bytes(&reply), &session->granted, err);
    for (size_t i = 0; rc == CF_OK && i < session->granted.n; i++) {
        const struct cf_hub_subleased *item = &session->granted.items[i];
        const struct cf_sublease sublease = {.hub_epoch = session->hub.hub_epoch,
                                             .granted = item->granted,
                                             .keep = item->keep,
                                             .granted_minor = item->granted_minor,
                                             .day = item->day,
                                             .day_granted = item->day_granted};
        if (sublease.granted == 0)
            continue;
        report->granted++;
        rc = cf_replica_set_sublease(replica, item->campaign, identity->epoch, &sublease, err);
    }
    return rc;
}

static enum cf_rc fetch_subleases(struct cf_hub_sync_session *session, struct cf_hub_sync_report *report,
                                  struct cf_error *err)
{
    session->asked_up_to = 0;
    enum cf_rc rc = find_today(session, err);
    do {
        if (rc == CF_OK)
            rc = ask_for_subleases(session, report, err);
    } while (rc == CF_OK && session->ask.n == CF_HUB_SUBLEASES_MAX);
    return rc;
}

/* --- what this terminal saw of the hub ---------------------------------------------------------------------------- */

/* Best effort: the next contact tells it again. */
static void tell_centre(struct cf_hub_sync_session *session)
{
    struct cf_hub_link link = link_of(session);
    struct cf_hub_report report = {.store = session->hub.store, .hub_epoch = session->hub.hub_epoch};
    struct cf_buf body CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    int status = 0;
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    cf_buf_init(&reply, CF_HUB_MESSAGE_MAX);
    cf_hub_link_witness(&link, &report.witness, &report.has_witness);
    if (!report.has_witness || memcmp(&report.witness, &session->told, sizeof session->told) == 0 ||
        cf_hub_report_encode(&report, &body, NULL) != CF_OK)
        return;
    const struct cf_net_request post = {
        .method = "POST", .path = CF_PATH_HUB_REPORT, .content_type = "application/cbor", .body = cf_buf_bytes(&body)};
    const struct cf_env *env = session->config.env;
    if (env->ops->net_exchange(env->ctx, &post, &status, &reply, NULL) == CF_OK && status == 200)
        session->told = report.witness;
}

/* --- a cycle ------------------------------------------------------------------------------------------------------ */

enum cf_rc cf_hub_sync_session_cycle(struct cf_hub_sync_session *session, bool centre, struct cf_hub_sync_report *ret,
                                     struct cf_error *err)
{
    struct cf_sync_report report = {0};
    *ret = (struct cf_hub_sync_report){.has_hub = false};
    enum cf_rc rc = cf_replica_hub(cf_link_replica(session->config.link), &session->hub, err);
    if (rc != CF_OK || session->hub.terminal == 0)
        return rc;
    ret->has_hub = true;
    rc = cf_sync_push(session->sync, &report, err);
    ret->pushed = report.pushed;
    if (rc == CF_OK && !centre) {
        rc = cf_sync_pull(session->sync, &report, err);
        ret->entries = report.entries;
    }
    if (rc == CF_OK)
        rc = fetch_subleases(session, ret, err);
    if (centre)
        tell_centre(session);
    return rc;
}
