/*
 * sync/central/files.h - the folder of a centre, and small things that init.c and open.c share.
 */
#ifndef CF_CENTRAL_FILES_H
#define CF_CENTRAL_FILES_H

#include "sync/central/state.h"

/* DIR/name; CF_E_LIMIT if it is too long. */
enum cf_rc cf_central_path(const char *dir, const char *name, char ret_path[CF_PATH_NAME_MAX],
                           struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_central_setting_put(struct cf_member_store *store, const char *name, cf_bytes value,
                                  struct cf_error *err) CF_MUST_CHECK;
/* Valid until the next call. CF_E_NOT_FOUND; CF_E_INTERNAL if it has not `bytes` bytes (0: any number). */
enum cf_rc cf_central_setting(struct cf_member_store *store, const char *name, size_t bytes, cf_bytes *ret,
                              struct cf_error *err) CF_MUST_CHECK;
/* A private key in NAME, a PEM file. CF_E_NOT_FOUND. Free with cf_private_key_free. */
enum cf_rc cf_central_read_key(const struct cf_env *env, const char *dir, const char *name, struct cf_private_key **ret,
                               struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_central_write_key(const struct cf_env *env, const char *dir, const char *name,
                                const struct cf_private_key *key, struct cf_error *err) CF_MUST_CHECK;

#define CF_DAY_S INT64_C(86400)
#define CF_ISSUER_DAYS 455 /* signs for 90, verifies for a year more */

/* A certificate's serial number: positive and not to be guessed. */
uint64_t cf_central_serial(const struct cf_env *env);
/* The first four bytes of the SHA-256 of a compressed key. */
cf_kid cf_central_kid(const cf_public_key *key);

#endif
