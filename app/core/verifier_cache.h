/*
 * app/core/verifier_cache.h - the verifiers last used, for keys that come and go: members' phones, tills with a grant.
 *
 * Making a verifier (point decompression, then the first verification's table) costs about as much as verifying. The
 * cache knows keys only, not what they may sign; so nothing in it ever becomes untrue. Not thread-safe.
 */
#ifndef CF_CORE_VERIFIER_CACHE_H
#define CF_CORE_VERIFIER_CACHE_H

#include "base/crypto/crypto.h"

#define CF_VERIFIER_CACHE_MAX 32

/* All zero is empty. */
struct cf_verifier_cache {
    uint64_t clock;
    struct {
        cf_public_key key;
        struct cf_verifier *verifier; /* NULL: free */
        uint64_t used;                /* `clock` at the last use */
    } slots[CF_VERIFIER_CACHE_MAX];
};

/* The verifier of this key, made if need be in place of the one unused for longest. Valid until the next call.
 * CF_E_CODE_KEY if it is no point of the curve. */
enum cf_rc cf_verifier_cache_get(struct cf_verifier_cache *cache, const cf_public_key *key, struct cf_verifier **ret,
                                 struct cf_error *err) CF_MUST_CHECK;
void cf_verifier_cache_done(struct cf_verifier_cache *cache);

#endif
