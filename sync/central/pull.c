/*
 * sync/central/pull.c - POST /t1/pull and GET /t1/chunk: the log goes down (docs/protocol.md, "Down").
 *
 * Entries go in signed pages. A page that ends at a multiple of PAGE_ENTRIES, or is full by its bytes, will never be
 * other than it is, so it is signed once and kept for the next till in a bounded cache.
 */
#include "sync/central/pull.h"

#include "sync/central/delta.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"
#include "sync/central/snapshot.h"

#include "sync/wire/wire.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_ENTRIES 512
#define PAGE_BYTES_TARGET (128u << 10)
#define PAGE_BYTES_MAX (512u << 10)
#define DELTA_FROM 64        /* entries of redeemed rights from which they are packed */
#define SNAPSHOT_BEHIND 8192 /* entries from which a snapshot is the shorter way */
#define CACHE_PAGES 128
#define ANSWER_BYTES_MIN 4096

struct cached_page {
    enum cf_topic topic; /* 0: empty */
    uint32_t scope;
    uint64_t from, to;
    uint64_t used_at;
    struct cf_buf cose;
};
struct cf_pull_scratch {
    struct cf_pull pull;
    struct cf_pulled pulled;
    struct cf_page page;
    struct cf_buf entries; /* of the page being made */
    size_t offset[PAGE_ENTRIES + 1];
    struct cf_buf payload;
    struct cf_buf out; /* pages and manifests of this answer, one after another */
    size_t page_at[CF_PULL_PAGES_MAX + 1];
    struct cf_buf manifests;
    size_t manifest_at[CF_TOPICS_MAX + 1];
    uint64_t clock; /* of the cache */
    struct cached_page cache[CACHE_PAGES];
};

enum cf_rc cf_pull_scratch_new(struct cf_pull_scratch **ret, struct cf_error *err)
{
    struct cf_pull_scratch *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "pages");
    }
    cf_buf_init(&s->entries, PAGE_BYTES_MAX);
    cf_buf_init(&s->payload, PAGE_BYTES_MAX + 4096);
    cf_buf_init(&s->out, CF_PULL_BYTES_MAX + 2 * PAGE_BYTES_MAX);
    cf_buf_init(&s->manifests, CF_PULL_BYTES_MAX);
    for (size_t i = 0; i < CACHE_PAGES; i++) {
        cf_buf_init(&s->cache[i].cose, PAGE_BYTES_MAX + 8192);
    }
    *ret = s;
    return CF_OK;
}

void cf_pull_scratch_free(struct cf_pull_scratch *s)
{
    if (s == NULL) {
        return;
    }
    cf_buf_done(&s->entries);
    cf_buf_done(&s->payload);
    cf_buf_done(&s->out);
    cf_buf_done(&s->manifests);
    for (size_t i = 0; i < CACHE_PAGES; i++) {
        cf_buf_done(&s->cache[i].cose);
    }
    free(s);
}

/* --- one page ----------------------------------------------------------------------------------------------------- */

struct topic_state {
    enum cf_topic topic;
    uint32_t scope;
    uint64_t version;
    struct cf_sha256 digest;
};

/* Where the terminal stands in a topic while the answer is made. */
struct reader {
    uint64_t version;
    struct cf_sha256 digest;
};

static enum cf_rc add_page_entry(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_pull_scratch *s = ctx;
    struct cf_page *page = &s->page;
    cf_bytes entry = row[1].b;
    if (page->n_entries > 0 && s->entries.n + entry.n > PAGE_BYTES_TARGET) {
        return CF_OK; /* the page is full: what follows is left for the next */
    }
    if ((uint64_t)row[0].i != page->from + page->n_entries + 1) {
        return CF_OK;
    }
    if (row[2].b.n != CF_SHA256_BYTES) {
        return cf_fail(err, CF_E_INTERNAL, "digest of a downward entry");
    }
    s->offset[page->n_entries++] = s->entries.n;
    memcpy(page->after.digest, row[2].b.p, CF_SHA256_BYTES);
    return cf_buf_append(&s->entries, entry.p, entry.n, err);
}

static enum cf_rc make_page(struct cf_central *central, const struct topic_state *topic, const struct reader *reader,
                            struct cf_buf *ret_cose, struct cf_error *err)
{
    struct cf_pull_scratch *s = central->pull;
    struct cf_page *page = &s->page;
    const struct cf_issuer *issuer = &central->issuer[CF_ISSUER_PAGE];
    page->topic = topic->topic;
    page->scope = topic->scope;
    page->from = reader->version;
    page->previous = reader->digest;
    page->n_entries = 0;
    cf_buf_clear(&s->entries);
    int64_t limit = (int64_t)(PAGE_ENTRIES - reader->version % PAGE_ENTRIES);
    enum cf_rc rc = cf_store_each(
        central->store, CF_Q_DOWN_ENTRY_RANGE,
        CF_ARGS(cf_v_int(topic->topic), cf_v_int(topic->scope), cf_v_int((int64_t)reader->version), cf_v_int(limit)),
        add_page_entry, s, err);
    if (rc == CF_OK && page->n_entries == 0) {
        rc = cf_fail(err, CF_E_INTERNAL, "topic %s lacks entry %llu", cf_topic_name(topic->topic),
                     (unsigned long long)reader->version + 1);
    }
    if (rc != CF_OK) {
        return rc;
    }
    s->offset[page->n_entries] = s->entries.n;
    for (size_t i = 0; i < page->n_entries; i++) {
        page->entries[i] = cf_bytes_of(s->entries.p + s->offset[i], s->offset[i + 1] - s->offset[i]);
    }
    cf_buf_clear(&s->payload);
    rc = cf_page_encode(page, &s->payload, err);
    if (rc == CF_OK) {
        rc = cf_statement_sign("PG1", cf_buf_bytes(&s->payload), issuer->kid, issuer->key, ret_cose, err);
    }
    return rc;
}

static struct cached_page *find_cached(struct cf_pull_scratch *s, const struct topic_state *topic, uint64_t from)
{
    for (size_t i = 0; i < CACHE_PAGES; i++) {
        struct cached_page *c = &s->cache[i];
        if (c->topic == topic->topic && c->scope == topic->scope && c->from == from) {
            c->used_at = ++s->clock;
            return c;
        }
    }
    return NULL;
}

static struct cached_page *oldest_cached(struct cf_pull_scratch *s)
{
    struct cached_page *oldest = &s->cache[0];
    for (size_t i = 1; i < CACHE_PAGES; i++) {
        if (s->cache[i].used_at < oldest->used_at) {
            oldest = &s->cache[i];
        }
    }
    return oldest;
}

/* Appends the page after `reader` to the answer and moves the reader behind it. */
static enum cf_rc add_page(struct cf_central *central, const struct topic_state *topic, struct reader *reader,
                           struct cf_error *err)
{
    struct cf_pull_scratch *s = central->pull;
    struct cached_page *cached = find_cached(s, topic, reader->version);
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    if (cached == NULL) {
        cached = oldest_cached(s);
        cached->topic = 0;
        cf_buf_clear(&cached->cose);
        enum cf_rc rc = make_page(central, topic, reader, &cached->cose, err);
        if (rc != CF_OK) {
            return rc;
        }
        cached->scope = topic->scope;
        cached->from = reader->version;
        cached->to = reader->version + s->page.n_entries;
        if (cached->to % PAGE_ENTRIES == 0 || cached->to < topic->version) { /* final: nothing will join this page */
            cached->topic = topic->topic;
            cached->used_at = ++s->clock;
        }
    }
    enum cf_rc rc = cf_store_row(central->store, CF_Q_DOWN_ENTRY_AT,
                                 CF_ARGS(cf_v_int(topic->topic), cf_v_int(topic->scope), cf_v_int((int64_t)cached->to)),
                                 row, &found, err);
    if (rc == CF_OK && (!found || row[0].b.n != CF_SHA256_BYTES)) {
        rc = cf_fail(err, CF_E_INTERNAL, "digest of a downward entry");
    }
    if (rc == CF_OK) {
        rc = cf_buf_append(&s->out, cached->cose.p, cached->cose.n, err);
    }
    if (rc == CF_OK) {
        reader->version = cached->to;
        memcpy(reader->digest.digest, row[0].b.p, CF_SHA256_BYTES);
        s->page_at[++s->pulled.n_pages] = s->out.n;
    }
    return rc;
}

/* --- one topic ---------------------------------------------------------------------------------------------------- */

static enum cf_rc read_topic(struct cf_central *central, enum cf_topic topic, const struct cf_log *log,
                             struct topic_state *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    *ret = (struct topic_state){.topic = topic, .scope = cf_topic_scope(topic, log->store, log->terminal)};
    enum cf_rc rc = cf_store_row(central->store, CF_Q_DOWN_TOPIC_GET, CF_ARGS(cf_v_int(topic), cf_v_int(ret->scope)),
                                 row, &found, err);
    if (rc == CF_OK && found) {
        ret->version = (uint64_t)row[0].i;
        memcpy(ret->digest.digest, row[1].b.p, CF_SHA256_BYTES);
    }
    return rc;
}

/* Is what the terminal says it has a part of this log? */
static enum cf_rc is_known(struct cf_central *central, const struct topic_state *topic, const struct reader *reader,
                           bool *ret_known, struct cf_error *err)
{
    static const struct cf_sha256 zero;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    if (reader->version == 0) {
        *ret_known = memcmp(reader->digest.digest, zero.digest, CF_SHA256_BYTES) == 0;
        return CF_OK;
    }
    if (reader->version > topic->version) {
        *ret_known = false;
        return CF_OK;
    }
    enum cf_rc rc = cf_store_row(
        central->store, CF_Q_DOWN_ENTRY_AT,
        CF_ARGS(cf_v_int(topic->topic), cf_v_int(topic->scope), cf_v_int((int64_t)reader->version)), row, &found, err);
    *ret_known = rc == CF_OK && found && cf_bytes_equal(row[0].b, cf_bytes_of(reader->digest.digest, CF_SHA256_BYTES));
    return rc;
}

static enum cf_rc add_manifest(struct cf_pull_scratch *s, cf_bytes manifest, struct cf_error *err)
{
    enum cf_rc rc = cf_buf_append(&s->manifests, manifest.p, manifest.n, err);
    if (rc == CF_OK) {
        s->manifest_at[++s->pulled.n_manifests] = s->manifests.n;
    }
    return rc;
}

/* What changed since the reader's version, in place of many pages. CF_E_LIMIT: a snapshot is the shorter way. */
static enum cf_rc add_delta(struct cf_central *central, const struct topic_state *topic, struct reader *reader,
                            struct cf_error *err)
{
    cf_bytes manifest;
    uint64_t version = 0;
    enum cf_rc rc = cf_delta_get(central, reader->version, &reader->digest, topic->version, &version, &manifest, err);
    if (rc == CF_OK) {
        rc = add_manifest(central->pull, manifest, err);
    }
    if (rc == CF_OK) {
        reader->version = version;
    }
    return rc;
}

static enum cf_rc add_snapshot(struct cf_central *central, const struct topic_state *topic, struct reader *reader,
                               struct cf_error *err)
{
    cf_bytes manifest;
    enum cf_rc rc = cf_snapshot_get(central, topic->topic, topic->scope, topic->version, SNAPSHOT_BEHIND,
                                    &reader->version, &manifest, err);
    return rc == CF_OK ? add_manifest(central->pull, manifest, err) : rc;
}

/* *cursor falls to the entry before the first that the terminal will not have. */
static enum cf_rc lower_cursor(struct cf_central *central, const struct topic_state *topic, const struct reader *reader,
                               uint64_t *cursor, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    if (reader->version >= topic->version) {
        return CF_OK;
    }
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_DOWN_ENTRY_AT,
                     CF_ARGS(cf_v_int(topic->topic), cf_v_int(topic->scope), cf_v_int((int64_t)reader->version + 1)),
                     row, &found, err);
    if (rc == CF_OK && found && (uint64_t)row[1].i - 1 < *cursor) {
        *cursor = (uint64_t)row[1].i - 1;
    }
    return rc;
}

static enum cf_rc answer_topic(struct cf_central *central, const struct cf_log *log, size_t k, uint32_t max_bytes,
                               uint64_t *cursor, struct cf_error *err)
{
    struct cf_pull_scratch *s = central->pull;
    struct topic_state topic;
    struct reader reader = {s->pull.topics[k].version, s->pull.topics[k].digest};
    bool known = false;
    enum cf_rc rc = read_topic(central, s->pull.topics[k].topic, log, &topic, err);
    if (rc == CF_OK) {
        rc = is_known(central, &topic, &reader, &known, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    /* Leases are cumulative and keys must come before anything that they verify: pages only. */
    bool pages_only = topic.topic == CF_TOPIC_LEASES || topic.topic == CF_TOPIC_KEYS;
    if (pages_only && !known) {
        reader = (struct reader){0};
    }
    uint64_t behind = topic.version - reader.version;
    bool packed = topic.topic == CF_TOPIC_REDEEMED && known && reader.version > 0 && behind > DELTA_FROM;
    if (!pages_only && (packed || !known || behind > SNAPSHOT_BEHIND)) {
        rc = packed ? add_delta(central, &topic, &reader, err) : CF_E_LIMIT;
        if (rc == CF_E_LIMIT) {
            rc = add_snapshot(central, &topic, &reader, err);
        }
        s->pulled.more = s->pulled.more || reader.version < topic.version;
        return rc == CF_OK ? lower_cursor(central, &topic, &reader, cursor, err) : rc;
    }
    while (rc == CF_OK && reader.version < topic.version) {
        bool full = s->pulled.n_pages == CF_PULL_PAGES_MAX || (s->out.n >= max_bytes && s->pulled.n_pages > 0);
        if (full) {
            s->pulled.more = true;
            break;
        }
        rc = add_page(central, &topic, &reader, err);
    }
    return rc == CF_OK ? lower_cursor(central, &topic, &reader, cursor, err) : rc;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static enum cf_rc encode_pulled(struct cf_pull_scratch *s, struct cf_reply *reply, struct cf_error *err)
{
    for (size_t i = 0; i < s->pulled.n_pages; i++) {
        s->pulled.pages[i] = cf_bytes_of(s->out.p + s->page_at[i], s->page_at[i + 1] - s->page_at[i]);
    }
    for (size_t i = 0; i < s->pulled.n_manifests; i++) {
        s->pulled.manifests[i] =
            cf_bytes_of(s->manifests.p + s->manifest_at[i], s->manifest_at[i + 1] - s->manifest_at[i]);
    }
    reply->content_type = "application/cbor";
    return cf_pulled_encode(&s->pulled, reply->bytes, err);
}

enum cf_rc cf_handle_pull(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                          struct cf_error *err)
{
    struct cf_pull_scratch *s = central->pull;
    struct cf_log_head head;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_error why;
    bool found;
    if (cf_pull_decode(call->request->body, &s->pull, &why) != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    }
    if (s->pull.terminal != call->request->terminal || s->pull.epoch != call->request->epoch) {
        return cf_fail(err, CF_E_CERTIFICATE, "it is of another terminal or epoch");
    }
    enum cf_rc rc = cf_log_get(central, s->pull.terminal, s->pull.epoch, &head, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_DOWN_LAST_ID, CF_NO_ARGS, row, &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    uint64_t cursor = (uint64_t)row[0].i;
    uint32_t max_bytes = s->pull.max_bytes > CF_PULL_BYTES_MAX / 2 ? CF_PULL_BYTES_MAX / 2 : s->pull.max_bytes;
    max_bytes = max_bytes < ANSWER_BYTES_MIN ? ANSWER_BYTES_MIN : max_bytes;
    s->pulled.more = false;
    s->pulled.n_pages = 0;
    s->pulled.n_manifests = 0;
    cf_buf_clear(&s->out);
    cf_buf_clear(&s->manifests);
    for (size_t k = 0; k < s->pull.n_topics && rc == CF_OK; k++) {
        rc = answer_topic(central, &head.log, k, max_bytes, &cursor, err);
    }
    s->pulled.cursor = cursor;
    return rc == CF_OK ? encode_pulled(s, reply, err) : rc;
}

enum cf_rc cf_handle_chunk(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                           struct cf_error *err)
{
    uint64_t topic;
    struct cf_sha256 hash;
    struct cf_log_head head;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_call_number(call, 0, CF_TOPICS_MAX, &topic, err);
    if (rc == CF_OK && (strlen(call->param[1]) != 2 * CF_SHA256_BYTES ||
                        cf_hex_decode(call->param[1], hash.digest, CF_SHA256_BYTES, NULL) != CF_OK)) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "a chunk is named by %d hexadecimal digits", 2 * CF_SHA256_BYTES);
    }
    if (rc == CF_OK) {
        rc = cf_log_get(central, call->request->terminal, call->request->epoch, &head, err);
    }
    cf_bytes held;
    if (rc == CF_OK && topic == CF_TOPIC_REDEEMED && cf_delta_chunk(central, &hash, &held)) {
        reply->content_type = "application/cbor";
        return cf_buf_append(reply->bytes, held.p, held.n, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_CHUNK_GET,
                          CF_ARGS(cf_v_int((int64_t)topic),
                                  cf_v_int(cf_topic_scope((enum cf_topic)topic, head.log.store, head.log.terminal)),
                                  cf_v_blob(hash.digest, CF_SHA256_BYTES)),
                          row, &found, err);
    }
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "chunk %s", call->param[1]);
    }
    reply->content_type = "application/cbor";
    return rc == CF_OK ? cf_buf_append(reply->bytes, row[0].b.p, row[0].b.n, err) : rc;
}
