/*
 * sync/central/chunk_list.c - see chunk_list.h.
 */
#include "sync/central/chunk_list.h"

#include <stdlib.h>

#define CHUNK_TARGET (256u << 10)

enum cf_rc cf_chunk_list_new(cf_chunk_keep_fn keep, void *ctx, struct cf_chunk_list **ret, struct cf_error *err)
{
    struct cf_chunk_list *list = calloc(1, sizeof *list);
    if (list == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "snapshot");
    }
    list->keep = keep;
    list->ctx = ctx;
    cf_buf_init(&list->entries, CF_CHUNK_BYTES_MAX);
    cf_buf_init(&list->chunk, CF_CHUNK_BYTES_MAX);
    *ret = list;
    return CF_OK;
}

void cf_chunk_list_free(struct cf_chunk_list *list)
{
    if (list != NULL) {
        cf_buf_done(&list->entries);
        cf_buf_done(&list->chunk);
        free(list);
    }
}

static enum cf_rc end_chunk(struct cf_chunk_list *list, struct cf_error *err)
{
    if (list->n_entries == 0) {
        return CF_OK;
    }
    if (list->manifest.n_chunks == CF_MANIFEST_CHUNKS_MAX) {
        return cf_fail(err, CF_E_LIMIT, "topic %s needs more than %d chunks", cf_topic_name(list->manifest.topic),
                       CF_MANIFEST_CHUNKS_MAX);
    }
    for (size_t i = 0; i < list->n_entries; i++) {
        list->view[i] = cf_bytes_of(list->entries.p + list->offset[i], list->offset[i + 1] - list->offset[i]);
    }
    cf_buf_clear(&list->chunk);
    enum cf_rc rc = cf_chunk_encode(list->view, list->n_entries, &list->chunk, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_sha256 hash = cf_sha256(cf_buf_bytes(&list->chunk));
    list->manifest.chunks[list->manifest.n_chunks++] = hash;
    list->n_entries = 0;
    cf_buf_clear(&list->entries);
    return list->keep(list->ctx, &hash, cf_buf_bytes(&list->chunk), err);
}

enum cf_rc cf_chunk_list_add(struct cf_chunk_list *list, cf_bytes entry, struct cf_error *err)
{
    bool full = list->n_entries == CF_CHUNK_ENTRIES_MAX || list->entries.n + entry.n > CHUNK_TARGET;
    if (full && list->n_entries > 0) {
        enum cf_rc rc = end_chunk(list, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    list->offset[list->n_entries++] = list->entries.n;
    list->offset[list->n_entries] = list->entries.n + entry.n;
    return cf_buf_append(&list->entries, entry.p, entry.n, err);
}

enum cf_rc cf_chunk_list_end(struct cf_chunk_list *list, const struct cf_issuer *issuer, struct cf_buf *ret_cose,
                             struct cf_error *err)
{
    struct cf_buf payload;
    cf_buf_init(&payload, CF_PULL_BYTES_MAX);
    enum cf_rc rc = end_chunk(list, err);
    if (rc == CF_OK) {
        rc = cf_manifest_encode(&list->manifest, &payload, err);
    }
    if (rc == CF_OK) {
        rc = cf_statement_sign("SN1", cf_buf_bytes(&payload), issuer->kid, issuer->key, ret_cose, err);
    }
    cf_buf_done(&payload);
    return rc;
}
