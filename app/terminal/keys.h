/*
 * app/terminal/keys.h - a keyring filled with what the replica has.
 *
 * An empty replica, or none, is no error: codes are then refused by name. One thread.
 */
#ifndef CF_TERMINAL_KEYS_H
#define CF_TERMINAL_KEYS_H

#include "app/core/keyring.h"
#include "app/store/replica.h"

/* The key set: what the sync needs, to judge pages. */
enum cf_rc cf_keys_load_keyset(struct cf_replica *replica, struct cf_keyring *ring, struct cf_error *err) CF_MUST_CHECK;

/* The key set and the grants that are not over, this terminal's first: what a till needs, to judge codes. A grant's
 * signature is verified when a coupon of it is first met, so that a start does not verify thousands; one that is
 * damaged is left out, and others' beyond CF_KEYRING_GRANTS_MAX. */
enum cf_rc cf_keys_load(struct cf_replica *replica, uint32_t terminal, struct cf_keyring *ring,
                        struct cf_error *err) CF_MUST_CHECK;

#endif
