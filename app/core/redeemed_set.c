/*
 * app/core/redeemed_set.c - see redeemed_set.h.
 */
#include "app/core/redeemed_set.h"

#include <stdlib.h>
#include <string.h>

void cf_redeemed_set_init(struct cf_redeemed_set *set, size_t bytes_max)
{
    *set = (struct cf_redeemed_set){.bytes_max = bytes_max};
}

void cf_redeemed_set_done(struct cf_redeemed_set *set)
{
    free(set->bits);
    *set = (struct cf_redeemed_set){.bytes_max = set->bytes_max};
}

/* Room for `bytes`: half as much again while it is young, since serials mostly rise. */
static enum cf_rc grow(struct cf_redeemed_set *set, size_t bytes, struct cf_error *err)
{
    if (bytes <= set->bytes) {
        return CF_OK;
    }
    if (bytes > set->bytes_max) {
        return cf_fail(err, CF_E_LIMIT, "a set of %zu bytes, at most %zu", bytes, set->bytes_max);
    }
    uint8_t *bits = realloc(set->bits, bytes);
    if (bits == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "redeemed coupons");
    }
    memset(bits + set->bytes, 0, bytes - set->bytes);
    set->bits = bits;
    set->bytes = bytes;
    return CF_OK;
}

enum cf_rc cf_redeemed_set_put(struct cf_redeemed_set *set, uint32_t serial, struct cf_error *err)
{
    size_t wanted = (size_t)serial / 8 + 1;
    if (wanted > set->bytes) {
        size_t room = wanted + wanted / 2 > set->bytes_max ? set->bytes_max : wanted + wanted / 2;
        enum cf_rc rc = grow(set, room > wanted ? room : wanted, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    set->bits[serial / 8] = (uint8_t)(set->bits[serial / 8] | 1u << (serial % 8));
    return CF_OK;
}

void cf_redeemed_set_remove(struct cf_redeemed_set *set, uint32_t serial)
{
    if (serial / 8 < set->bytes) {
        set->bits[serial / 8] = (uint8_t)(set->bits[serial / 8] & ~(1u << (serial % 8)));
    }
}

enum cf_rc cf_redeemed_set_load(struct cf_redeemed_set *set, size_t at, cf_bytes bits, struct cf_error *err)
{
    enum cf_rc rc = grow(set, at + bits.n, err);
    if (rc == CF_OK && bits.n > 0) {
        memcpy(set->bits + at, bits.p, bits.n);
    }
    return rc;
}

/* The next byte that is not zero; set->bytes if there is none. Most of a set is empty. */
static size_t skip_empty(const struct cf_redeemed_set *set, size_t at)
{
    uint64_t eight = 0;
    while (at + sizeof eight <= set->bytes) {
        memcpy(&eight, set->bits + at, sizeof eight);
        if (eight != 0) {
            break;
        }
        at += sizeof eight;
    }
    while (at < set->bytes && set->bits[at] == 0) {
        at++;
    }
    return at;
}

bool cf_redeemed_set_next(const struct cf_redeemed_set *set, uint64_t from, uint32_t *ret_serial)
{
    size_t at = (size_t)(from / 8);
    if (at >= set->bytes) {
        return false;
    }
    uint8_t byte = (uint8_t)(set->bits[at] & 0xFFu << (from % 8));
    if (byte == 0) {
        at = skip_empty(set, at + 1);
        if (at == set->bytes) {
            return false;
        }
        byte = set->bits[at];
    }
    *ret_serial = (uint32_t)(8 * at) + (uint32_t)__builtin_ctz(byte);
    return true;
}
