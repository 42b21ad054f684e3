/*
 * sync/central/snapshot.c - see snapshot.h.
 */
#include "sync/central/snapshot.h"

#include "sync/central/chunk_list.h"
#include "sync/central/redeemed_pack.h"

#include <string.h>

struct builder {
    struct cf_central *central;
    struct cf_chunk_list *list;
    struct cf_redeemed_pack *pack; /* of topic redeemed, else NULL */
};

static enum cf_rc keep_chunk(void *ctx, const struct cf_sha256 *hash, cf_bytes content, struct cf_error *err)
{
    const struct builder *b = ctx;
    const struct cf_manifest *manifest = &b->list->manifest;
    return cf_store_run(b->central->store, CF_Q_CHUNK_PUT,
                        CF_ARGS(cf_v_int(manifest->topic), cf_v_blob(hash->digest, CF_SHA256_BYTES),
                                cf_v_int(manifest->scope), cf_v_int((int64_t)manifest->version), cf_v_bytes(content)),
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
    bool taken = is_gone(entry);
    enum cf_rc rc = CF_OK;
    if (!taken && b->pack != NULL) {
        rc = cf_redeemed_pack_add(b->pack, entry, &taken, err);
    }
    return rc == CF_OK && !taken ? cf_chunk_list_add(b->list, entry, err) : rc;
}

static enum cf_rc add_block(void *ctx, cf_bytes entry, struct cf_error *err)
{
    return cf_chunk_list_add(ctx, entry, err);
}

static enum cf_rc build(struct builder *b, struct cf_error *err)
{
    struct cf_member_store *store = b->central->store;
    const struct cf_manifest *manifest = &b->list->manifest;
    struct cf_buf cose;
    enum cf_rc rc = cf_store_each(store, CF_Q_DOWN_STATE, CF_ARGS(cf_v_int(manifest->topic), cf_v_int(manifest->scope)),
                                  add_entry, b, err);
    if (rc == CF_OK && b->pack != NULL) {
        rc = cf_redeemed_pack_each(b->pack, add_block, b->list, err);
    }
    cf_buf_init(&cose, CF_PULL_BYTES_MAX);
    if (rc == CF_OK) {
        rc = cf_chunk_list_end(b->list, &b->central->issuer[CF_ISSUER_PAGE], &cose, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(store, CF_Q_SNAPSHOT_PUT,
                          CF_ARGS(cf_v_int(manifest->topic), cf_v_int(manifest->scope),
                                  cf_v_int((int64_t)manifest->version), cf_v_bytes(cf_buf_bytes(&cose))),
                          err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(
            store, CF_Q_CHUNK_DROP,
            CF_ARGS(cf_v_int(manifest->topic), cf_v_int(manifest->scope), cf_v_int((int64_t)manifest->version)), err);
    }
    cf_buf_done(&cose);
    return rc;
}

/* The topic is read again inside the transaction: it must not move between the state and the version it is of. */
static enum cf_rc make_now(struct builder *b, enum cf_topic topic, uint32_t scope, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    struct cf_manifest *manifest = &b->list->manifest;
    enum cf_rc rc = cf_store_row(b->central->store, CF_Q_DOWN_TOPIC_GET, CF_ARGS(cf_v_int(topic), cf_v_int(scope)), row,
                                 &found, err);
    manifest->topic = topic;
    manifest->scope = scope;
    if (rc == CF_OK && found) {
        manifest->version = (uint64_t)row[0].i;
        memcpy(manifest->digest.digest, row[1].b.p, CF_SHA256_BYTES);
    }
    return rc == CF_OK ? build(b, err) : rc;
}

static enum cf_rc make(struct cf_central *central, enum cf_topic topic, uint32_t scope, struct cf_error *err)
{
    struct builder b = {.central = central};
    enum cf_rc rc = cf_chunk_list_new(keep_chunk, &b, &b.list, err);
    if (rc == CF_OK && topic == CF_TOPIC_REDEEMED) {
        rc = cf_redeemed_pack_new(false, &b.pack, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
        if (rc == CF_OK) {
            rc = cf_central_end(central, make_now(&b, topic, scope, err), err);
        }
    }
    cf_redeemed_pack_free(b.pack);
    cf_chunk_list_free(b.list);
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
