/*
 * sync/central/snapshot.c - see snapshot.h.
 *
 * A chunk is found by its own hash, so one that did not change between two snapshots is stored, and fetched, once.
 */
#include "sync/central/snapshot.h"

#include "sync/wire/wire.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_TARGET (256u << 10)
#define CHUNK_ENTRIES_MAX 8192

struct builder {
    struct cf_central *central;
    enum cf_topic topic;
    uint32_t scope;
    struct cf_manifest manifest;
    size_t n_entries;
    size_t offset[CHUNK_ENTRIES_MAX + 1]; /* of each entry in `entries` */
    cf_bytes view[CHUNK_ENTRIES_MAX];
    struct cf_buf entries;
    struct cf_buf chunk;
};

static enum cf_rc end_chunk(struct builder *b, struct cf_error *err)
{
    if (b->n_entries == 0) {
        return CF_OK;
    }
    if (b->manifest.n_chunks == CF_MANIFEST_CHUNKS_MAX) {
        return cf_fail(err, CF_E_LIMIT, "topic %s needs more than %d chunks", cf_topic_name(b->topic),
                       CF_MANIFEST_CHUNKS_MAX);
    }
    for (size_t i = 0; i < b->n_entries; i++) {
        b->view[i] = cf_bytes_of(b->entries.p + b->offset[i], b->offset[i + 1] - b->offset[i]);
    }
    cf_buf_clear(&b->chunk);
    enum cf_rc rc = cf_chunk_encode(b->view, b->n_entries, &b->chunk, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_sha256 hash = cf_sha256(cf_buf_bytes(&b->chunk));
    b->manifest.chunks[b->manifest.n_chunks++] = hash;
    b->n_entries = 0;
    cf_buf_clear(&b->entries);
    return cf_store_run(b->central->store, CF_Q_CHUNK_PUT,
                        CF_ARGS(cf_v_int(b->topic), cf_v_blob(hash.digest, CF_SHA256_BYTES), cf_v_int(b->scope),
                                cf_v_int((int64_t)b->manifest.version), cf_v_bytes(cf_buf_bytes(&b->chunk))),
                        err);
}

static bool is_gone(cf_bytes entry)
{
    struct cf_cbor_reader r;
    size_t n;
    uint64_t kind;
    cf_cbor_read_init(&r, entry);
    return cf_cbor_read_array(&r, &n, 64) && cf_cbor_read_uint(&r, &kind, UINT32_MAX) && kind == CF_DOWN_PRODUCT_GONE;
}

static enum cf_rc add_entry(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct builder *b = ctx;
    cf_bytes entry = row[0].b;
    if (is_gone(entry)) {
        return CF_OK;
    }
    if (b->n_entries == CHUNK_ENTRIES_MAX || (b->n_entries > 0 && b->entries.n + entry.n > CHUNK_TARGET)) {
        enum cf_rc rc = end_chunk(b, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    b->offset[b->n_entries++] = b->entries.n;
    b->offset[b->n_entries] = b->entries.n + entry.n;
    return cf_buf_append(&b->entries, entry.p, entry.n, err);
}

static enum cf_rc sign_manifest(struct builder *b, struct cf_buf *ret_cose, struct cf_error *err)
{
    struct cf_buf payload;
    const struct cf_issuer *issuer = &b->central->issuer[CF_ISSUER_PAGE];
    cf_buf_init(&payload, CF_PULL_BYTES_MAX);
    enum cf_rc rc = cf_manifest_encode(&b->manifest, &payload, err);
    if (rc == CF_OK) {
        rc = cf_statement_sign("SN1", cf_buf_bytes(&payload), issuer->kid, issuer->key, ret_cose, err);
    }
    cf_buf_done(&payload);
    return rc;
}

static enum cf_rc build(struct builder *b, struct cf_error *err)
{
    struct cf_member_store *store = b->central->store;
    struct cf_buf cose;
    enum cf_rc rc =
        cf_store_each(store, CF_Q_DOWN_STATE, CF_ARGS(cf_v_int(b->topic), cf_v_int(b->scope)), add_entry, b, err);
    if (rc == CF_OK) {
        rc = end_chunk(b, err);
    }
    cf_buf_init(&cose, CF_PULL_BYTES_MAX);
    if (rc == CF_OK) {
        rc = sign_manifest(b, &cose, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(store, CF_Q_SNAPSHOT_PUT,
                          CF_ARGS(cf_v_int(b->topic), cf_v_int(b->scope), cf_v_int((int64_t)b->manifest.version),
                                  cf_v_bytes(cf_buf_bytes(&cose))),
                          err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(store, CF_Q_CHUNK_DROP,
                          CF_ARGS(cf_v_int(b->topic), cf_v_int(b->scope), cf_v_int((int64_t)b->manifest.version)), err);
    }
    cf_buf_done(&cose);
    return rc;
}

/* The topic is read again inside the transaction: it must not move between the state and the version it is of. */
static enum cf_rc make(struct cf_central *central, enum cf_topic topic, uint32_t scope, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    struct builder *b = calloc(1, sizeof *b);
    if (b == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "snapshot");
    }
    b->central = central;
    b->topic = topic;
    b->scope = scope;
    cf_buf_init(&b->entries, CF_CHUNK_BYTES_MAX);
    cf_buf_init(&b->chunk, CF_CHUNK_BYTES_MAX);
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_DOWN_TOPIC_GET, CF_ARGS(cf_v_int(topic), cf_v_int(scope)), row, &found,
                          err);
        b->manifest.topic = topic;
        b->manifest.scope = scope;
        if (rc == CF_OK && found) {
            b->manifest.version = (uint64_t)row[0].i;
            memcpy(b->manifest.digest.digest, row[1].b.p, CF_SHA256_BYTES);
        }
        if (rc == CF_OK) {
            rc = build(b, err);
        }
        rc = cf_central_end(central, rc, err);
    }
    cf_buf_done(&b->entries);
    cf_buf_done(&b->chunk);
    free(b);
    return rc;
}

enum cf_rc cf_snapshot_get(struct cf_central *central, enum cf_topic topic, uint32_t scope, uint64_t version,
                           uint64_t behind_max, uint64_t *ret_version, cf_bytes *ret_manifest, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_SNAPSHOT_GET, CF_ARGS(cf_v_int(topic), cf_v_int(scope)), row, &found, err);
    if (rc == CF_OK && (!found || (uint64_t)row[0].i + behind_max < version)) {
        rc = make(central, topic, scope, err);
        if (rc == CF_OK) {
            rc = cf_store_row(central->store, CF_Q_SNAPSHOT_GET, CF_ARGS(cf_v_int(topic), cf_v_int(scope)), row, &found,
                              err);
        }
    }
    if (rc == CF_OK) {
        *ret_version = (uint64_t)row[0].i;
        *ret_manifest = row[1].b;
    }
    return rc;
}
