/*
 * app/terminal/link.c - see link.h.
 */
#include "app/terminal/link.h"

#include <stdlib.h>
#include <string.h>

#include "app/store/hub_store.h"
#include "app/terminal/keys.h"

#define DAY_S 86400

struct cf_link {
    struct cf_hub_store *pages; /* of a hub; NULL: this is none */
    const struct cf_env *env;
    int64_t noted_day; /* 0: none yet */
    struct cf_journal *journal;
    struct cf_replica *replica;
};

/* --- the outbox --------------------------------------------------------------------------------------------------- */

static enum cf_rc outbox_head(void *ctx, struct cf_outbox_head *ret, struct cf_error *err)
{
    struct cf_link *link = ctx;
    struct cf_journal_head head;
    struct cf_journal_standing standing;
    /* The standing first: a start between the two looks is then told of by the next batch, never the other way. */
    enum cf_rc rc = cf_journal_standing(link->journal, &standing, err);
    if (rc == CF_OK)
        rc = cf_journal_head(link->journal, &head, err);
    if (rc == CF_OK)
        *ret = (struct cf_outbox_head){.seq = head.seq, .hash = head.hash, .incarnation = standing.incarnation};
    return rc;
}

static enum cf_rc outbox_read(void *ctx, uint64_t from_seq, size_t max_n, cf_outbox_record_fn each, void *each_ctx,
                              struct cf_error *err)
{
    struct cf_link *link = ctx;
    return cf_journal_read(link->journal, from_seq, max_n, each, each_ctx, err);
}

static const struct cf_outbox_ops outbox_ops = {.head = outbox_head, .read = outbox_read};

/* --- the sink ----------------------------------------------------------------------------------------------------- */

static enum cf_rc sink_topic(void *ctx, enum cf_topic topic, struct cf_sync_topic *ret, struct cf_error *err)
{
    struct cf_link *link = ctx;
    struct cf_topic_state state;
    enum cf_rc rc = cf_replica_topic(link->replica, topic, &state, err);
    if (rc == CF_OK)
        *ret = (struct cf_sync_topic){.version = state.version, .digest = state.digest};
    return rc;
}

static enum cf_rc sink_apply(void *ctx, enum cf_topic topic, uint64_t from, const cf_bytes *entries, size_t n,
                             const struct cf_sha256 *digest_after, struct cf_error *err)
{
    struct cf_link *link = ctx;
    return cf_replica_apply(link->replica, topic, from, entries, n, digest_after, err);
}

static enum cf_rc sink_snapshot_begin(void *ctx, enum cf_topic topic, const struct cf_sha256 *manifest,
                                      uint32_t *ret_chunks_done, struct cf_error *err)
{
    struct cf_link *link = ctx;
    return cf_replica_snapshot_begin(link->replica, topic, manifest, ret_chunks_done, err);
}

/* Best effort: without it nobody sees how far it is. */
static void sink_announce(void *ctx, enum cf_topic topic, uint32_t n_chunks)
{
    struct cf_link *link = ctx;
    (void)!cf_replica_snapshot_announce(link->replica, topic, n_chunks, NULL);
}

static enum cf_rc sink_snapshot_chunk(void *ctx, enum cf_topic topic, uint32_t chunk, cf_bytes content,
                                      struct cf_error *err)
{
    struct cf_link *link = ctx;
    return cf_replica_snapshot_chunk(link->replica, topic, chunk, content, err);
}

static enum cf_rc sink_snapshot_swap(void *ctx, enum cf_topic topic, uint32_t n_chunks,
                                     const struct cf_sync_topic *base, const struct cf_sync_topic *state,
                                     struct cf_error *err)
{
    struct cf_link *link = ctx;
    struct cf_topic_state after = {.version = state->version, .digest = state->digest};
    struct cf_topic_state before = {.version = 0};
    if (base)
        before = (struct cf_topic_state){.version = base->version, .digest = base->digest};
    return cf_replica_snapshot_swap(link->replica, topic, n_chunks, base ? &before : NULL, &after, err);
}

static enum cf_rc sink_progress(void *ctx, struct cf_sync_progress *ret, struct cf_error *err)
{
    struct cf_link *link = ctx;
    struct cf_sync_state state;
    enum cf_rc rc = cf_replica_sync_state(link->replica, &state, err);
    if (rc != CF_OK)
        return rc;
    *ret = (struct cf_sync_progress){
        .sent_seq = state.sent_seq,
        .acknowledged_seq = state.acknowledged_seq,
        .acknowledged_head = state.acknowledged_head,
        .down_cursor = state.down_cursor,
        .fenced = state.fenced,
        .has_time = state.has_time,
        .centre_wall = state.centre_wall,
        .local_wall = state.local_wall,
        .local_mono = state.local_mono,
        .last_contact = state.last_contact,
    };
    memcpy(ret->boot_id, state.boot_id, sizeof ret->boot_id);
    return CF_OK;
}

/* With the first acknowledgement of a day: how far it was before. By whichever clock is further: a day too late says
 * less of what was known by then, never more. */
static enum cf_rc note_day(struct cf_link *link, const struct cf_sync_progress *progress, struct cf_error *err)
{
    struct cf_journal_identity identity;
    struct cf_sync_state before;
    int64_t now_s = cf_wall_s(cf_env_wall(link->env));
    if (progress->has_time && cf_wall_s(progress->centre_wall) > now_s)
        now_s = cf_wall_s(progress->centre_wall);
    if (now_s / DAY_S == link->noted_day)
        return CF_OK;
    cf_journal_identity(link->journal, &identity);
    enum cf_rc rc = cf_replica_sync_state(link->replica, &before, err);
    if (rc == CF_OK && before.acknowledged_seq > progress->acknowledged_seq) /* of an epoch before */
        before.acknowledged_seq = 0;
    if (rc == CF_OK)
        rc = cf_replica_note_day(link->replica, identity.epoch, now_s / DAY_S, before.acknowledged_seq, err);
    if (rc == CF_OK)
        link->noted_day = now_s / DAY_S;
    return rc;
}

static enum cf_rc sink_set_progress(void *ctx, const struct cf_sync_progress *progress, struct cf_error *err)
{
    struct cf_link *link = ctx;
    struct cf_sync_state state = {
        .sent_seq = progress->sent_seq,
        .acknowledged_seq = progress->acknowledged_seq,
        .acknowledged_head = progress->acknowledged_head,
        .down_cursor = progress->down_cursor,
        .fenced = progress->fenced,
        .has_time = progress->has_time,
        .centre_wall = progress->centre_wall,
        .local_wall = progress->local_wall,
        .local_mono = progress->local_mono,
        .last_contact = progress->last_contact,
    };
    memcpy(state.boot_id, progress->boot_id, sizeof state.boot_id);
    enum cf_rc rc = note_day(link, progress, err);
    return rc == CF_OK ? cf_replica_set_sync_state(link->replica, &state, err) : rc;
}

/* What is for one terminal alone is not for others. Best effort: what is not kept here the tills get from the centre.
 */
static bool is_kept(const struct cf_link *link, enum cf_topic topic)
{
    return link->pages != NULL && topic != CF_TOPIC_LEASES && topic != CF_TOPIC_RESULTS;
}

static void sink_keep_page(void *ctx, enum cf_topic topic, uint64_t from, uint64_t after,
                           const struct cf_sha256 *previous, cf_bytes cose)
{
    struct cf_link *link = ctx;
    struct cf_hub_page page = {.topic = topic, .from = from, .after = after, .previous = *previous};
    if (is_kept(link, topic))
        (void)!cf_hub_store_set_page(link->pages, &page, cose, NULL);
}

static void sink_keep_manifest(void *ctx, enum cf_topic topic, uint64_t version, cf_bytes cose)
{
    struct cf_link *link = ctx;
    if (is_kept(link, topic))
        (void)!cf_hub_store_set_manifest(link->pages, topic, version, cose, NULL);
}

static void sink_keep_chunk(void *ctx, enum cf_topic topic, cf_bytes content)
{
    struct cf_link *link = ctx;
    if (is_kept(link, topic))
        (void)!cf_hub_store_set_chunk(link->pages, topic, content, NULL);
}

static const struct cf_sink_ops sink_ops = {
    .keep_page = sink_keep_page,
    .keep_manifest = sink_keep_manifest,
    .keep_chunk = sink_keep_chunk,
    .topic = sink_topic,
    .apply = sink_apply,
    .snapshot_begin = sink_snapshot_begin,
    .announce = sink_announce,
    .snapshot_chunk = sink_snapshot_chunk,
    .snapshot_swap = sink_snapshot_swap,
    .progress = sink_progress,
    .set_progress = sink_set_progress,
};

/* --- the link ----------------------------------------------------------------------------------------------------- */

enum cf_rc cf_link_new(const char *dir, const struct cf_env *env, struct cf_link **ret, bool *ret_rebuilt,
                       struct cf_error *err)
{
    struct cf_link *link = calloc(1, sizeof *link);
    if (!link)
        return cf_fail(err, CF_E_NO_MEMORY, "link");
    link->env = env;
    enum cf_rc rc = cf_journal_open(dir, CF_JOURNAL_READ, env, &link->journal, err);
    if (rc == CF_OK)
        rc = cf_replica_open(dir, CF_REPLICA_SYNC, &link->replica, ret_rebuilt, err);
    if (rc != CF_OK) {
        cf_link_free(link);
        return rc;
    }
    *ret = link;
    return CF_OK;
}

void cf_link_free(struct cf_link *link)
{
    if (!link)
        return;
    cf_replica_close(link->replica);
    cf_journal_close(link->journal);
    free(link);
}

void cf_link_keep_pages(struct cf_link *link, struct cf_hub_store *store)
{
    link->pages = store;
}

struct cf_journal *cf_link_journal(struct cf_link *link)
{
    return link->journal;
}

struct cf_replica *cf_link_replica(struct cf_link *link)
{
    return link->replica;
}

struct cf_outbox cf_link_outbox(struct cf_link *link)
{
    return (struct cf_outbox){.ops = &outbox_ops, .ctx = link};
}

struct cf_sink cf_link_sink(struct cf_link *link)
{
    return (struct cf_sink){.ops = &sink_ops, .ctx = link};
}

enum cf_rc cf_link_load_keys(struct cf_link *link, struct cf_keyring *ring, struct cf_error *err)
{
    return cf_keys_load_keyset(link->replica, ring, err);
}
