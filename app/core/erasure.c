/*
 * app/core/erasure.c - see erasure.h.
 */
#include "app/core/erasure.h"

#include <string.h>

struct cf_erase_mark cf_erase_mark_of(cf_sub sub)
{
    struct cf_erase_mark mark;
    cf_bytes parts[] = {cf_bytes_str("cf-erase"), cf_bytes_of(sub.b, sizeof sub.b)};
    struct cf_sha256 hash = cf_sha256_parts(parts, 2);
    memcpy(mark.b, hash.digest, sizeof mark.b);
    return mark;
}
