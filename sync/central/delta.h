/*
 * sync/central/delta.h - what became of the redeemed rights since a terminal last heard: a snapshot of the changes.
 *
 * Entry by entry a hundred thousand redemptions are half a megabyte; packed (redeemed_pack.h) they are a fifth of it.
 * The newest deltas are held in memory, so that a terminal can fetch a chunk a while after its manifest, and tills of
 * the same version share one; a chunk that is gone is answered 404 and the terminal pulls again.
 */
#ifndef CF_CENTRAL_DELTA_H
#define CF_CENTRAL_DELTA_H

#include "app/core/down.h"
#include "sync/central/state.h"

struct cf_deltas;
enum cf_rc cf_deltas_new(struct cf_deltas **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_deltas_free(struct cf_deltas *deltas);

/* How far behind the newest entry a delta that is there may end. */
#define CF_DELTA_BEHIND 16
/* The changes of topic redeemed since entry `base`, whose digest is the log's own, up to `version` or a little less.
 * *ret_manifest (COSE) is valid until the next call. CF_E_LIMIT: they are so many that a whole snapshot is shorter. */
enum cf_rc cf_delta_get(struct cf_central *central, uint64_t base, const struct cf_sha256 *base_digest,
                        uint64_t version, uint64_t *ret_version, cf_bytes *ret_manifest,
                        struct cf_error *err) CF_MUST_CHECK;
/* A chunk of one that is held; false if it is not. */
bool cf_delta_chunk(const struct cf_central *central, const struct cf_sha256 *hash, cf_bytes *ret);

#endif
