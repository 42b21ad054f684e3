/*
 * sync/client/pull.c - what comes down: pages and snapshots, each genuine and in order before it is stored. One thread.
 */
#include "sync/client/inside.h"

#include <stdio.h>
#include <string.h>

/* Asked for at a time: it bounds the client's memory, and a page may still be larger. */
#define PULL_BYTES (1u << 20)

#define CHUNK_PATH_MAX (sizeof CF_PATH_CHUNK + 2 + 64)

/* Topics that have no snapshots begin again from their first page. */
static bool has_snapshots(enum cf_topic topic)
{
    return topic != CF_TOPIC_KEYS && topic != CF_TOPIC_LEASES;
}

static uint32_t scope_of(const struct cf_sync *sync, enum cf_topic topic)
{
    return cf_topic_scope(topic, sync->config.store, sync->config.terminal);
}

static enum cf_rc topic_state(struct cf_sync *sync, enum cf_topic topic, struct cf_sync_topic *ret,
                              struct cf_error *err)
{
    return sync->config.sink.ops->topic(sync->config.sink.ctx, topic, ret, err);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static enum cf_rc encode_request(struct cf_sync *sync, const struct cf_sync_action *action, struct cf_error *err)
{
    struct cf_pull pull = {.terminal = sync->config.terminal, .epoch = sync->config.epoch, .max_bytes = PULL_BYTES};
    for (unsigned topic = 1; topic <= CF_TOPICS_MAX; topic++) {
        if ((action->topics & 1U << topic) == 0)
            continue;
        struct cf_sync_topic state;
        enum cf_rc rc = topic_state(sync, (enum cf_topic)topic, &state, err);
        if (rc != CF_OK)
            return rc;
        /* A digest that the centre cannot know. */
        if ((action->snapshots & 1U << topic) != 0)
            memset(state.digest.digest, 0xff, CF_SHA256_BYTES);
        pull.topics[pull.n_topics].topic = (enum cf_topic)topic;
        pull.topics[pull.n_topics].version = state.version;
        pull.topics[pull.n_topics].digest = state.digest;
        pull.n_topics++;
    }
    cf_buf_clear(&sync->request);
    return cf_pull_encode(&pull, &sync->request, err);
}

enum cf_rc cf_sync_ask_for(struct cf_sync *sync, const struct cf_sync_action *action, struct cf_sync_event *ret_event,
                           struct cf_error *err)
{
    enum cf_rc rc = encode_request(sync, action, err);
    if (rc != CF_OK)
        return rc;
    const struct cf_net_request request = {.method = "POST",
                                           .path = CF_PATH_PULL,
                                           .content_type = "application/cbor",
                                           .body = cf_buf_bytes(&sync->request)};
    int status = 0;
    rc = cf_sync_exchange(sync, &request, &status, &sync->pulled_bytes, err);
    if (rc != CF_OK)
        return rc;
    if (status != 200) {
        struct cf_refusal refusal;
        rc = cf_sync_refusal(status, cf_buf_bytes(&sync->pulled_bytes), &refusal, err);
        if (rc != CF_E_FENCED && rc != CF_E_FORK)
            return rc;
        *ret_event = (struct cf_sync_event){.kind = CF_SYNC_SET_APART, .rc = rc};
        sync->progress.fenced = true;
        return cf_sync_keep_progress(sync, err);
    }
    if (cf_pulled_decode(cf_buf_bytes(&sync->pulled_bytes), &sync->pulled, err) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "the centre's answer to a pull cannot be read");
    *ret_event = (struct cf_sync_event){.kind = CF_SYNC_PULLED,
                                        .n_pages = sync->pulled.n_pages,
                                        .n_manifests = sync->pulled.n_manifests,
                                        .more = sync->pulled.more};
    return CF_OK;
}

/* --- pages -------------------------------------------------------------------------------------------------------- */

static enum cf_rc refuse(struct cf_sync *sync, enum cf_sync_event_kind kind, enum cf_topic topic,
                         struct cf_sync_event *ret_event)
{
    sync->report->pages_refused++;
    *ret_event = (struct cf_sync_event){.kind = kind, .topic = topic};
    return CF_OK;
}

/* The key sets of a page of keys, each verified by the pinned roots alone, so that the page may be signed by a key that
 * it brings itself. An older one than ours is no error: a topic read again from its start holds them. */
static enum cf_rc load_keysets(struct cf_sync *sync, struct cf_error *err)
{
    for (size_t i = 0; i < sync->page.n_entries; i++) {
        enum cf_rc rc = cf_down_decode(sync->page.entries[i], &sync->entry, err);
        if (rc == CF_OK && sync->entry.kind == CF_DOWN_KEYSET)
            rc = cf_keyring_load_keyset(sync->config.keyring, sync->entry.keyset, err);
        if (rc != CF_OK && rc != CF_E_STATE)
            return rc;
    }
    cf_sync_try_time(sync);
    return CF_OK;
}

/* Decodes into sync->page and verifies. The topic is written as soon as it is known. */
static enum cf_rc open_page(struct cf_sync *sync, cf_bytes cose, enum cf_topic *ret_topic, struct cf_error *err)
{
    cf_bytes payload;
    enum cf_rc rc = cf_cose_peek(cose, &payload, err);
    if (rc == CF_OK)
        rc = cf_page_decode(payload, &sync->page, err);
    if (rc != CF_OK)
        return rc;
    *ret_topic = sync->page.topic;
    if (sync->page.topic == CF_TOPIC_KEYS) {
        rc = load_keysets(sync, err);
        if (rc != CF_OK)
            return rc;
    }
    if (sync->page.scope != scope_of(sync, sync->page.topic))
        return cf_fail(err, CF_E_PAGE, "a page of %s is for %u", cf_topic_name(sync->page.topic), sync->page.scope);
    return cf_keyring_open(sync->config.keyring, "PG1", CF_USAGE_PAGE, cose, cf_sync_now_s(sync), &payload, err);
}

static bool is_zero(const struct cf_sha256 *hash)
{
    static const struct cf_sha256 zero;
    return memcmp(hash->digest, zero.digest, CF_SHA256_BYTES) == 0;
}

/* Empties a topic without snapshots, which the centre sends again from its start. */
static enum cf_rc empty_topic(struct cf_sync *sync, enum cf_topic topic, struct cf_error *err)
{
    const struct cf_sync_topic nothing = {.version = 0};
    struct cf_sha256 no_manifest = {{0}};
    uint32_t chunks_done;
    const struct cf_sink *sink = &sync->config.sink;
    enum cf_rc rc = sink->ops->snapshot_begin(sink->ctx, topic, &no_manifest, &chunks_done, err);
    if (rc != CF_OK)
        return rc;
    return sink->ops->snapshot_swap(sink->ctx, topic, 0, NULL, &nothing, err);
}

enum cf_rc cf_sync_store_page(struct cf_sync *sync, size_t index, struct cf_sync_event *ret_event, struct cf_error *err)
{
    enum cf_topic topic = (enum cf_topic)0;
    if (open_page(sync, sync->pulled.pages[index], &topic, err) != CF_OK)
        return refuse(sync, CF_SYNC_PAGE_DOUBTED, topic, ret_event);
    const struct cf_page *page = &sync->page;
    struct cf_sync_topic state;
    enum cf_rc rc = topic_state(sync, topic, &state, err);
    if (rc != CF_OK)
        return rc;
    if (page->from == 0 && state.version > 0 && is_zero(&page->previous) && !has_snapshots(topic)) {
        rc = empty_topic(sync, topic, err);
        if (rc != CF_OK)
            return rc;
        state = (struct cf_sync_topic){.version = 0};
    }
    if (page->from != state.version || memcmp(page->previous.digest, state.digest.digest, CF_SHA256_BYTES) != 0) {
        (void)cf_fail(err, CF_E_PAGE, "a page of %s goes on from entry %llu, not from %llu as it is here",
                      cf_topic_name(topic), (unsigned long long)page->from, (unsigned long long)state.version);
        return refuse(sync, CF_SYNC_PAGE_DISORDERED, topic, ret_event);
    }
    rc = sync->config.sink.ops->apply(sync->config.sink.ctx, topic, page->from, page->entries, page->n_entries,
                                      &page->after, err);
    if (rc == CF_E_PAGE)
        return refuse(sync, CF_SYNC_PAGE_DISORDERED, topic, ret_event);
    if (rc != CF_OK)
        return rc;
    sync->report->pages++;
    sync->report->entries += page->n_entries;
    if (sync->config.sink.ops->keep_page != NULL)
        sync->config.sink.ops->keep_page(sync->config.sink.ctx, topic, page->from, page->from + page->n_entries,
                                         &page->previous, sync->pulled.pages[index]);
    *ret_event = (struct cf_sync_event){.kind = CF_SYNC_PAGE_STORED,
                                        .topic = topic,
                                        .n_entries = page->n_entries,
                                        .has_keys = cf_keyring_version(sync->config.keyring) > 0};
    return CF_OK;
}

/* --- snapshots ---------------------------------------------------------------------------------------------------- */

static enum cf_rc open_manifest(struct cf_sync *sync, cf_bytes cose, cf_bytes *ret_payload, enum cf_topic *ret_topic,
                                struct cf_error *err)
{
    enum cf_rc rc =
        cf_keyring_open(sync->config.keyring, "SN1", CF_USAGE_PAGE, cose, cf_sync_now_s(sync), ret_payload, err);
    if (rc == CF_OK)
        rc = cf_manifest_decode(*ret_payload, &sync->manifest, err);
    if (rc != CF_OK)
        return rc;
    *ret_topic = sync->manifest.topic;
    if (!has_snapshots(sync->manifest.topic) || sync->manifest.scope != scope_of(sync, sync->manifest.topic))
        return cf_fail(err, CF_E_PAGE, "a snapshot of %s for %u", cf_topic_name(sync->manifest.topic),
                       sync->manifest.scope);
    return CF_OK;
}

enum cf_rc cf_sync_begin_snapshot(struct cf_sync *sync, size_t index, struct cf_sync_event *ret_event,
                                  struct cf_error *err)
{
    enum cf_topic topic = (enum cf_topic)0;
    cf_bytes payload;
    if (open_manifest(sync, sync->pulled.manifests[index], &payload, &topic, err) != CF_OK)
        return refuse(sync, CF_SYNC_PAGE_DOUBTED, topic, ret_event);
    struct cf_sync_topic state;
    enum cf_rc rc = topic_state(sync, topic, &state, err);
    if (rc != CF_OK)
        return rc;
    if (sync->manifest.base != 0 &&
        (sync->manifest.base != state.version ||
         memcmp(sync->manifest.base_digest.digest, state.digest.digest, CF_SHA256_BYTES) != 0)) {
        (void)cf_fail(err, CF_E_PAGE, "changes of %s since entry %llu, not %llu as it is here", cf_topic_name(topic),
                      (unsigned long long)sync->manifest.base, (unsigned long long)state.version);
        return refuse(sync, CF_SYNC_PAGE_DISORDERED, topic, ret_event);
    }
    struct cf_sha256 identity = cf_sha256(payload);
    uint32_t chunks_done = 0;
    rc = sync->config.sink.ops->snapshot_begin(sync->config.sink.ctx, topic, &identity, &chunks_done, err);
    if (rc != CF_OK)
        return rc;
    if (sync->config.sink.ops->announce != NULL)
        sync->config.sink.ops->announce(sync->config.sink.ctx, topic, (uint32_t)sync->manifest.n_chunks);
    /* Only whole ones: what changed since one state is of use to who is just there. */
    if (chunks_done == 0 && sync->manifest.base == 0 && sync->config.sink.ops->keep_manifest != NULL)
        sync->config.sink.ops->keep_manifest(sync->config.sink.ctx, topic, sync->manifest.version,
                                             sync->pulled.manifests[index]);
    *ret_event = (struct cf_sync_event){
        .kind = CF_SYNC_BEGUN, .chunk = chunks_done, .n_chunks = (uint32_t)sync->manifest.n_chunks};
    return CF_OK;
}

enum cf_rc cf_sync_fetch_chunk(struct cf_sync *sync, size_t index, struct cf_sync_event *ret_event,
                               struct cf_error *err)
{
    const struct cf_sha256 *wanted = &sync->manifest.chunks[index];
    char hex[2 * CF_SHA256_BYTES + 1];
    char path[CHUNK_PATH_MAX + 1];
    cf_hex_encode(cf_bytes_of(wanted->digest, CF_SHA256_BYTES), hex);
    snprintf(path, sizeof path, CF_PATH_CHUNK "%u/%s", (unsigned)sync->manifest.topic, hex);
    const struct cf_net_request request = {.method = "GET", .path = path};
    int status = 0;
    enum cf_rc rc = cf_sync_exchange(sync, &request, &status, &sync->chunk, err);
    if (rc != CF_OK)
        return rc;
    if (status == 404) {
        *ret_event = (struct cf_sync_event){.kind = CF_SYNC_CHUNK_GONE};
        return CF_OK;
    }
    if (status != 200) {
        struct cf_refusal refusal;
        return cf_sync_refusal(status, cf_buf_bytes(&sync->chunk), &refusal, err);
    }
    struct cf_sha256 got = cf_sha256(cf_buf_bytes(&sync->chunk));
    if (memcmp(got.digest, wanted->digest, CF_SHA256_BYTES) != 0) {
        sync->report->pages_refused++;
        (void)cf_fail(err, CF_E_PAGE, "chunk %zu of %s is not what the manifest says", index,
                      cf_topic_name(sync->manifest.topic));
        *ret_event = (struct cf_sync_event){.kind = CF_SYNC_CHUNK_GONE};
        return CF_OK;
    }
    rc = sync->config.sink.ops->snapshot_chunk(sync->config.sink.ctx, sync->manifest.topic, (uint32_t)index,
                                               cf_buf_bytes(&sync->chunk), err);
    if (rc != CF_OK)
        return rc;
    sync->report->chunks++;
    if (sync->manifest.base == 0 && sync->config.sink.ops->keep_chunk != NULL)
        sync->config.sink.ops->keep_chunk(sync->config.sink.ctx, sync->manifest.topic, cf_buf_bytes(&sync->chunk));
    *ret_event = (struct cf_sync_event){.kind = CF_SYNC_CHUNK_STORED};
    return CF_OK;
}

enum cf_rc cf_sync_swap(struct cf_sync *sync, struct cf_sync_event *ret_event, struct cf_error *err)
{
    const struct cf_sync_topic state = {.version = sync->manifest.version, .digest = sync->manifest.digest};
    const struct cf_sync_topic base = {.version = sync->manifest.base, .digest = sync->manifest.base_digest};
    enum cf_rc rc = sync->config.sink.ops->snapshot_swap(sync->config.sink.ctx, sync->manifest.topic,
                                                         (uint32_t)sync->manifest.n_chunks,
                                                         base.version > 0 ? &base : NULL, &state, err);
    if (rc != CF_OK)
        return rc;
    sync->report->snapshots++;
    *ret_event = (struct cf_sync_event){.kind = CF_SYNC_SWAPPED, .topic = sync->manifest.topic};
    return CF_OK;
}
