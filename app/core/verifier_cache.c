/*
 * app/core/verifier_cache.c - see verifier_cache.h.
 */
#include "app/core/verifier_cache.h"

#include <string.h>

enum cf_rc cf_verifier_cache_get(struct cf_verifier_cache *cache, const cf_public_key *key, struct cf_verifier **ret,
                                 struct cf_error *err)
{
    size_t oldest = 0;
    for (size_t k = 0; k < CF_VERIFIER_CACHE_MAX; k++) {
        if (cache->slots[k].verifier != NULL && memcmp(&cache->slots[k].key, key, sizeof *key) == 0) {
            cache->slots[k].used = ++cache->clock;
            *ret = cache->slots[k].verifier;
            return CF_OK;
        }
        if (cache->slots[k].used < cache->slots[oldest].used)
            oldest = k;
    }
    struct cf_verifier *made;
    enum cf_rc rc = cf_verifier_new(key, &made, err);
    if (rc != CF_OK)
        return rc;
    cf_verifier_free(cache->slots[oldest].verifier);
    cache->slots[oldest].verifier = made;
    cache->slots[oldest].key = *key;
    cache->slots[oldest].used = ++cache->clock;
    *ret = made;
    return CF_OK;
}

void cf_verifier_cache_done(struct cf_verifier_cache *cache)
{
    for (size_t k = 0; k < CF_VERIFIER_CACHE_MAX; k++)
        cf_verifier_free(cache->slots[k].verifier);
    memset(cache, 0, sizeof *cache);
}
