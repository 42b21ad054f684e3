/*
 * app/core/verdict_cache.h - which signed bytes were found genuine, and which not, so that a repeated code costs no
 * second verification.
 *
 * Keyed by the SHA-256 of what was signed, signature included. A verdict holds as long as the keys do: whoever changes
 * keys clears it. Bounded and set-associative: a flood of forged codes only pushes verdicts out. Not thread-safe.
 */
#ifndef CF_CORE_VERDICT_CACHE_H
#define CF_CORE_VERDICT_CACHE_H

#include "base/crypto/crypto.h"

#define CF_VERDICT_SETS 256
#define CF_VERDICT_WAYS 4

/* All zero is empty. */
struct cf_verdict_cache {
    struct {
        struct cf_sha256 of;
        bool known;
        bool genuine;
    } ways[CF_VERDICT_SETS][CF_VERDICT_WAYS];
    uint8_t next_way[CF_VERDICT_SETS];
};

/* Is there a verdict? */
bool cf_verdict_cache_find(const struct cf_verdict_cache *cache, const struct cf_sha256 *of, bool *ret_genuine);
void cf_verdict_cache_put(struct cf_verdict_cache *cache, const struct cf_sha256 *of, bool genuine);
void cf_verdict_cache_clear(struct cf_verdict_cache *cache);

#endif
