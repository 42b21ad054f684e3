/*
 * sync/central/issuers.h - the keys that the centre signs with, and their rotation (docs/central.md, "Keys").
 *
 * A key set holds a few generations of issuer keys. All of them verify; of each kind the newest signs whose time has
 * come. A private key is in keys/<usage>-<kid>.key.pem of the centre's folder (keys/<usage>.key.pem: the first one).
 */
#ifndef CF_CENTRAL_ISSUERS_H
#define CF_CENTRAL_ISSUERS_H

#include "sync/central/state.h"

/* Reads the key set in force and its private keys; those of before stay on an error. */
enum cf_rc cf_issuers_open(struct cf_central *central, const char *dir, struct cf_error *err) CF_MUST_CHECK;
void cf_issuers_free(struct cf_issuers *issuers);
/* Before each request: whose time has come signs from now on. */
void cf_issuers_turn(struct cf_central *central);
/* Is this a key of the set? */
bool cf_issuers_has(const struct cf_issuers *issuers, cf_kid kid);

#endif
