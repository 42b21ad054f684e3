/*
 * sync/central/snapshot.h - the state of a topic as chunks, for a terminal that is far behind.
 */
#ifndef CF_CENTRAL_SNAPSHOT_H
#define CF_CENTRAL_SNAPSHOT_H

#include "app/core/down.h"
#include "sync/central/state.h"

/* A snapshot that ends at most `behind_max` entries before `version` (the topic's newest): the one
 * that is there, or a new one. *ret_manifest (COSE) is valid until the next call. Outside a transaction. */
enum cf_rc cf_snapshot_get(struct cf_central *central, enum cf_topic topic, uint32_t scope, uint64_t version,
                           uint64_t behind_max, uint64_t *ret_version, cf_bytes *ret_manifest,
                           struct cf_error *err) CF_MUST_CHECK;

#endif
