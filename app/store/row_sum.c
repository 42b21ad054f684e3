/*
 * app/store/row_sum.c - sums of journal rows; see row_sum.h. Pure.
 */
#include "app/store/row_sum.h"

#include <string.h>

#include "base/crypto/crypto.h"

struct cf_row_sum cf_row_sum(const char *table, uint64_t a, uint64_t b, cf_bytes label, cf_bytes content)
{
    uint8_t numbers[4][8];
    cf_put_be64(numbers[0], a);
    cf_put_be64(numbers[1], b);
    cf_put_be64(numbers[2], label.n);
    cf_put_be64(numbers[3], content.n);
    const cf_bytes parts[] = {
        cf_bytes_of(table, strlen(table) + 1),
        cf_bytes_of(numbers, sizeof numbers),
        label,
        content,
    };
    struct cf_sha256 hash = cf_sha256_parts(parts, sizeof parts / sizeof parts[0]);
    struct cf_row_sum sum;
    memcpy(sum.b, hash.digest, sizeof sum.b);
    return sum;
}
