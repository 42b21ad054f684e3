/*
 * app/core/keyset.h - the bytes of a key set (see keyring.h): for keyring.c. cf_keyset_sign is in keyring.h.
 */
#ifndef CF_CORE_KEYSET_H
#define CF_CORE_KEYSET_H

#include "app/core/keyring.h"

#define CF_KEYSET_AAD "KS1"

/* The first four bytes of SHA-256 of the root's compressed point. */
cf_kid cf_keyset_root_kid(const cf_public_key *root);

/* CF_E_CODE_VERSION; CF_E_CODE_SHAPE, also for a kid that is there twice. */
enum cf_rc cf_keyset_decode(cf_bytes payload, struct cf_keyset *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
