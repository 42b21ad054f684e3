/*
 * sync/client/identity.h - what enrol.c and identity.c share. Inside sync/client only.
 */
#ifndef CF_SYNC_CLIENT_IDENTITY_H
#define CF_SYNC_CLIENT_IDENTITY_H

#include "sync/client/enrol.h"

enum cf_rc cf_identity_save(const struct cf_env *env, const char *dir, const struct cf_identity *identity,
                            struct cf_error *err) CF_MUST_CHECK;
/* Do certificate, key and names belong together? CF_E_CERTIFICATE. */
enum cf_rc cf_identity_check(const struct cf_identity *identity, struct cf_error *err) CF_MUST_CHECK;
/* A name or address that can stand in a Host field. */
bool cf_host_is_plausible(const char *host);

#endif
