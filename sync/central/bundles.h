/*
 * sync/central/bundles.h - the bundles of releases as files: DIR/releases/<SHA-256 in hex>.
 *
 * Each is written whole under another name, synced and renamed, and never changed: what has the name has the content.
 */
#ifndef CF_CENTRAL_BUNDLES_H
#define CF_CENTRAL_BUNDLES_H

#include "base/bytes.h"
#include "base/crypto/crypto.h"

/* Copies the file at `path` in. CF_E_RANGE: it is empty or too large; CF_E_IO, CF_E_DISK_FULL. */
enum cf_rc cf_bundle_add(const char *dir, const char *path, struct cf_sha256 *ret_hash, uint64_t *ret_size,
                         struct cf_error *err) CF_MUST_CHECK;
/* Appends at most n bytes from `from` on. CF_E_NOT_FOUND; CF_E_RANGE: it does not reach so far. */
enum cf_rc cf_bundle_read(const char *dir, const struct cf_sha256 *hash, uint64_t from, size_t n, struct cf_buf *ret,
                          uint64_t *ret_size, struct cf_error *err) CF_MUST_CHECK;

#endif
