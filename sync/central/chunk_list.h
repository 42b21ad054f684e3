/*
 * sync/central/chunk_list.h - entries into chunks, and the signed manifest that names the chunks.
 *
 * A chunk is found by its own hash, so one that did not change between two snapshots is kept, and fetched, once.
 */
#ifndef CF_CENTRAL_CHUNK_LIST_H
#define CF_CENTRAL_CHUNK_LIST_H

#include "sync/central/state.h"
#include "sync/wire/wire.h"

#define CF_CHUNK_ENTRIES_MAX 8192

/* Takes a chunk that is complete; the content is valid during the call. */
typedef enum cf_rc (*cf_chunk_keep_fn)(void *ctx, const struct cf_sha256 *hash, cf_bytes content, struct cf_error *err);

/* manifest: topic, scope, base and version are the caller's to fill in; the chunks are filled in here. */
struct cf_chunk_list {
    struct cf_manifest manifest;
    cf_chunk_keep_fn keep;
    void *ctx;
    size_t n_entries;
    size_t offset[CF_CHUNK_ENTRIES_MAX + 1]; /* of each entry in `entries` */
    cf_bytes view[CF_CHUNK_ENTRIES_MAX];
    struct cf_buf entries;
    struct cf_buf chunk;
};
enum cf_rc cf_chunk_list_new(cf_chunk_keep_fn keep, void *ctx, struct cf_chunk_list **ret,
                             struct cf_error *err) CF_MUST_CHECK;
void cf_chunk_list_free(struct cf_chunk_list *list);
/* CF_E_LIMIT for more chunks than a manifest names. */
enum cf_rc cf_chunk_list_add(struct cf_chunk_list *list, cf_bytes entry, struct cf_error *err) CF_MUST_CHECK;
/* Keeps the last chunk and signs the manifest, which is appended to ret_cose. */
enum cf_rc cf_chunk_list_end(struct cf_chunk_list *list, const struct cf_issuer *issuer, struct cf_buf *ret_cose,
                             struct cf_error *err) CF_MUST_CHECK;

#endif
