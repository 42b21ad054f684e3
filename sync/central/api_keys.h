/*
 * sync/central/api_keys.h - who may ask the API: the owner, by the key that the centre was made with, and keys with a
 * role, each for a part of it.
 *
 * Which routes a role may use is the table in handle.c. Not about terminals, which have certificates.
 */
#ifndef CF_CENTRAL_API_KEYS_H
#define CF_CENTRAL_API_KEYS_H

#include "sync/central/state.h"

/* Numbers are in the store. */
enum cf_api_role {
    CF_API_OWNER = 0,
    CF_API_SHOP = 1, /* the online shop */
    CF_API_MARKETING = 2,
    CF_API_MANAGER = 3, /* of stores */
    CF_API_TECHNICIAN = 4,
    CF_API_AUDITOR = 5,
};
#define CF_API_ROLES 6
#define CF_API_KEYS_MAX 256 /* that are good at a time */

const char *cf_api_role_name(enum cf_api_role role);
/* Whose key is this? NULL is none. CF_E_TOKEN. Notes that it was used, to the minute. Outside a transaction. */
enum cf_rc cf_api_key_role(struct cf_central *central, const char *key, enum cf_api_role *ret,
                           struct cf_error *err) CF_MUST_CHECK;
/* A fresh secret, and the hash that is kept of it. */
void cf_api_key_draw(const struct cf_env *env, char ret_key[CF_API_KEY_TEXT_MAX], struct cf_sha256 *ret_hash);

#endif
