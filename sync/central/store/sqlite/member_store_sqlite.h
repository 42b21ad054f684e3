/*
 * sync/central/store/sqlite/member_store_sqlite.h - the member store in one SQLite file.
 *
 * WAL, synchronous=FULL: what commit acknowledges survives a power cut. One writer at a time over all processes.
 */
#ifndef CF_CENTRAL_MEMBER_STORE_SQLITE_H
#define CF_CENTRAL_MEMBER_STORE_SQLITE_H

#include "sync/central/store/member_store.h"

/*
 * Opens PATH, or makes it if `create`; brings the schema to the newest version. Close with cf_store_close.
 *
 *   CF_E_NOT_FOUND     there is none and `create` is false
 *   CF_E_EXISTS        there is one and `create` is true
 *   CF_E_SCHEMA_NEWER  written by a newer version
 *   CF_E_IO, CF_E_READ_ONLY, CF_E_DISK_FULL, CF_E_BUSY
 */
enum cf_rc cf_member_store_sqlite_open(const char *path, bool create, struct cf_member_store **ret,
                                       struct cf_error *err) CF_MUST_CHECK;

/* Prepares every statement and holds its arguments and columns against statements.def: for a test. CF_E_INTERNAL names
 * the first that does not fit. */
enum cf_rc cf_member_store_sqlite_check(struct cf_member_store *store, struct cf_error *err) CF_MUST_CHECK;

#endif
