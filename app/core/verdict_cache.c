/*
 * app/core/verdict_cache.c - see verdict_cache.h.
 */
#include "app/core/verdict_cache.h"

#include <assert.h>
#include <string.h>

static_assert(CF_VERDICT_SETS == 256, "a set is chosen by one byte of the hash");

bool cf_verdict_cache_find(const struct cf_verdict_cache *cache, const struct cf_sha256 *of, bool *ret_genuine)
{
    size_t set = of->digest[0];
    for (size_t k = 0; k < CF_VERDICT_WAYS; k++) {
        if (cache->ways[set][k].known && memcmp(&cache->ways[set][k].of, of, sizeof *of) == 0) {
            *ret_genuine = cache->ways[set][k].genuine;
            return true;
        }
    }
    return false;
}

void cf_verdict_cache_put(struct cf_verdict_cache *cache, const struct cf_sha256 *of, bool genuine)
{
    size_t set = of->digest[0];
    size_t way = cache->next_way[set];
    cache->next_way[set] = (uint8_t)((way + 1) % CF_VERDICT_WAYS);
    cache->ways[set][way].of = *of;
    cache->ways[set][way].known = true;
    cache->ways[set][way].genuine = genuine;
}

void cf_verdict_cache_clear(struct cf_verdict_cache *cache)
{
    memset(cache, 0, sizeof *cache);
}
