/*
 * app/core/redeemed_set.h - the redeemed serials of one campaign: a bit each, since we number them densely from 0.
 *
 * Ten million live coupons take 1.25 MB and a look-up is one load. It grows to the highest serial that was set, up to
 * the bound that it was made with. Pure; a set belongs to one thread.
 */
#ifndef CF_CORE_REDEEMED_SET_H
#define CF_CORE_REDEEMED_SET_H

#include "app/core/rice.h"

struct cf_redeemed_set {
    uint8_t *bits;
    size_t bytes;     /* of bits; serials beyond are not in the set */
    size_t bytes_max; /* it may grow so far */
};

void cf_redeemed_set_init(struct cf_redeemed_set *set, size_t bytes_max);
void cf_redeemed_set_done(struct cf_redeemed_set *set); /* accepts a zeroed struct */

static inline bool cf_redeemed_set_has(const struct cf_redeemed_set *set, uint32_t serial)
{
    return serial / 8 < set->bytes && (set->bits[serial / 8] >> (serial % 8) & 1) != 0;
}
/* CF_E_LIMIT beyond bytes_max, CF_E_NO_MEMORY: unchanged then. */
enum cf_rc cf_redeemed_set_put(struct cf_redeemed_set *set, uint32_t serial, struct cf_error *err) CF_MUST_CHECK;
void cf_redeemed_set_remove(struct cf_redeemed_set *set, uint32_t serial);
/* Overwrites the bits of n bytes from serial 8 * at on: how pages of a till's replica are loaded. */
enum cf_rc cf_redeemed_set_load(struct cf_redeemed_set *set, size_t at, cf_bytes bits,
                                struct cf_error *err) CF_MUST_CHECK;
/* The lowest serial of the set that is not below `from`; false if there is none. */
bool cf_redeemed_set_next(const struct cf_redeemed_set *set, uint64_t from, uint32_t *ret_serial);

#endif
