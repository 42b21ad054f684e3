/*
 * app/store/row_sum.c - sums of journal rows; see row_sum.h. Pure.
 */
#include "app/store/row_sum.h"

#include <string.h>

/* FNV-1a, 64 bits (draft-eastlake-fnv): each step is a bijection of the state, so one changed byte always shows. */
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t add(uint64_t state, const void *p, size_t n)
{
    const uint8_t *bytes = p;
    for (size_t k = 0; k < n; k++) {
        state = (state ^ bytes[k]) * FNV_PRIME;
    }
    return state;
}

struct cf_row_sum cf_row_sum(const char *table, uint64_t a, uint64_t b, cf_bytes label, cf_bytes content)
{
    uint8_t numbers[4][8];
    struct cf_row_sum sum;
    cf_put_be64(numbers[0], a);
    cf_put_be64(numbers[1], b);
    cf_put_be64(numbers[2], label.n);
    cf_put_be64(numbers[3], content.n);
    uint64_t state = add(FNV_OFFSET, table, strlen(table));
    state = add(state, numbers, sizeof numbers);
    state = add(state, label.p, label.n);
    state = add(state, content.p, content.n);
    cf_put_be64(sum.b, state);
    return sum;
}
