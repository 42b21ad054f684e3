/*
 * sync/central/delta.c - see delta.h.
 */
#include "sync/central/delta.h"

#include "sync/central/chunk_list.h"
#include "sync/central/redeemed_pack.h"

#include <stdlib.h>
#include <string.h>

#define DELTAS 8
#define CHUNKS_MAX 4 /* of one: more than a megabyte is no delta */
#define ENTRIES_AT_ONCE 512

struct delta {
    uint64_t base, version; /* version 0: none */
    struct cf_sha256 base_digest;
    uint64_t used_at;
    struct cf_buf manifest;
    size_t n_chunks;
    struct cf_sha256 hash[CHUNKS_MAX];
    struct cf_buf chunk[CHUNKS_MAX];
};
struct cf_deltas {
    uint64_t clock;
    struct delta delta[DELTAS];
};

static void clear(struct delta *delta)
{
    delta->version = 0;
    delta->n_chunks = 0;
    cf_buf_done(&delta->manifest);
    cf_buf_init(&delta->manifest, CF_PULL_BYTES_MAX);
    for (size_t i = 0; i < CHUNKS_MAX; i++) {
        cf_buf_done(&delta->chunk[i]);
        cf_buf_init(&delta->chunk[i], CF_CHUNK_BYTES_MAX);
    }
}

enum cf_rc cf_deltas_new(struct cf_deltas **ret, struct cf_error *err)
{
    struct cf_deltas *deltas = calloc(1, sizeof *deltas);
    if (deltas == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "deltas");
    }
    for (size_t i = 0; i < DELTAS; i++) {
        clear(&deltas->delta[i]);
    }
    *ret = deltas;
    return CF_OK;
}

void cf_deltas_free(struct cf_deltas *deltas)
{
    for (size_t i = 0; deltas != NULL && i < DELTAS; i++) {
        clear(&deltas->delta[i]);
    }
    free(deltas);
}

/* --- building ----------------------------------------------------------------------------------------------------- */

struct builder {
    struct cf_central *central;
    struct delta *delta;
    struct cf_chunk_list *list;
    struct cf_redeemed_pack *pack;
    uint64_t at; /* the newest entry read */
};

static enum cf_rc keep_chunk(void *ctx, const struct cf_sha256 *hash, cf_bytes content, struct cf_error *err)
{
    struct delta *delta = ((struct builder *)ctx)->delta;
    if (delta->n_chunks == CHUNKS_MAX) {
        return cf_fail(err, CF_E_LIMIT, "changes since entry %llu are too many", (unsigned long long)delta->base);
    }
    delta->hash[delta->n_chunks] = *hash;
    return cf_buf_append(&delta->chunk[delta->n_chunks++], content.p, content.n, err);
}

static enum cf_rc add_entry(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct builder *b = ctx;
    bool taken = false;
    b->at = (uint64_t)row[0].i;
    if (row[2].b.n != CF_SHA256_BYTES) {
        return cf_fail(err, CF_E_INTERNAL, "digest of a downward entry");
    }
    b->list->manifest.version = b->at;
    memcpy(b->list->manifest.digest.digest, row[2].b.p, CF_SHA256_BYTES);
    enum cf_rc rc = cf_redeemed_pack_add(b->pack, row[1].b, &taken, err);
    return rc == CF_OK && !taken ? cf_chunk_list_add(b->list, row[1].b, err) : rc;
}

static enum cf_rc add_block(void *ctx, cf_bytes entry, struct cf_error *err)
{
    return cf_chunk_list_add(ctx, entry, err);
}

/* Entries are only ever added, so those up to `version` are the same at each look. */
static enum cf_rc build(struct builder *b, uint64_t version, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && b->at < version) {
        uint64_t left = version - b->at;
        int64_t limit = left < ENTRIES_AT_ONCE ? (int64_t)left : ENTRIES_AT_ONCE;
        rc = cf_store_each(b->central->store, CF_Q_DOWN_ENTRY_RANGE,
                           CF_ARGS(cf_v_int(CF_TOPIC_REDEEMED), cf_v_int(0), cf_v_int((int64_t)b->at), cf_v_int(limit)),
                           add_entry, b, err);
    }
    if (rc == CF_OK) {
        rc = cf_redeemed_pack_each(b->pack, add_block, b->list, err);
    }
    return rc == CF_OK ? cf_chunk_list_end(b->list, &b->central->issuer[CF_ISSUER_PAGE], &b->delta->manifest, err) : rc;
}

static enum cf_rc make(struct cf_central *central, struct delta *delta, uint64_t version, struct cf_error *err)
{
    struct builder b = {.central = central, .delta = delta, .at = delta->base};
    enum cf_rc rc = cf_chunk_list_new(keep_chunk, &b, &b.list, err);
    if (rc == CF_OK) {
        rc = cf_redeemed_pack_new(true, &b.pack, err);
    }
    if (rc == CF_OK) {
        b.list->manifest.topic = CF_TOPIC_REDEEMED;
        b.list->manifest.base = delta->base;
        b.list->manifest.base_digest = delta->base_digest;
        rc = build(&b, version, err);
    }
    if (rc == CF_OK) {
        delta->version = b.list->manifest.version;
    }
    cf_redeemed_pack_free(b.pack);
    cf_chunk_list_free(b.list);
    return rc;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

static struct delta *find(struct cf_deltas *deltas, uint64_t base, const struct cf_sha256 *base_digest,
                          uint64_t version)
{
    for (size_t i = 0; i < DELTAS; i++) {
        struct delta *d = &deltas->delta[i];
        if (d->version != 0 && d->base == base && d->version <= version && d->version + CF_DELTA_BEHIND >= version &&
            memcmp(d->base_digest.digest, base_digest->digest, CF_SHA256_BYTES) == 0) {
            return d;
        }
    }
    return NULL;
}

static struct delta *oldest(struct cf_deltas *deltas)
{
    struct delta *oldest = &deltas->delta[0];
    for (size_t i = 1; i < DELTAS; i++) {
        if (deltas->delta[i].used_at < oldest->used_at) {
            oldest = &deltas->delta[i];
        }
    }
    return oldest;
}

enum cf_rc cf_delta_get(struct cf_central *central, uint64_t base, const struct cf_sha256 *base_digest,
                        uint64_t version, uint64_t *ret_version, cf_bytes *ret_manifest, struct cf_error *err)
{
    struct delta *delta = find(central->deltas, base, base_digest, version);
    if (delta == NULL) {
        delta = oldest(central->deltas);
        clear(delta);
        delta->base = base;
        delta->base_digest = *base_digest;
        enum cf_rc rc = make(central, delta, version, err);
        if (rc != CF_OK) {
            clear(delta);
            return rc;
        }
    }
    delta->used_at = ++central->deltas->clock;
    *ret_version = delta->version;
    *ret_manifest = cf_buf_bytes(&delta->manifest);
    return CF_OK;
}

bool cf_delta_chunk(const struct cf_central *central, const struct cf_sha256 *hash, cf_bytes *ret)
{
    for (size_t i = 0; i < DELTAS; i++) {
        const struct delta *d = &central->deltas->delta[i];
        for (size_t k = 0; d->version != 0 && k < d->n_chunks; k++) {
            if (memcmp(d->hash[k].digest, hash->digest, CF_SHA256_BYTES) == 0) {
                *ret = cf_buf_bytes(&d->chunk[k]);
                return true;
            }
        }
    }
    return false;
}
