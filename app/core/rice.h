/*
 * app/core/rice.h - rising serials in few bits: their gaps in the Golomb-Rice code.
 *
 * The serials that were redeemed of a campaign are the set bits of a row of them that we number densely. A gap between
 * two set bits is geometrically distributed, for which the Golomb code is the shortest prefix code (Golomb 1966;
 * Gallager and van Voorhis 1975); Rice's restriction to powers of two (Rice and Plaunt 1971) costs under 2 % and needs
 * shifts only. One million of ten take 4.75 bits each.
 *
 * A block is n serials: the first in the clear, then n - 1 gaps g = (serial - the one before - 1), each as g >> k ones,
 * a zero, and the k low bits of g, from the highest bit of each byte down; the last byte is filled with zeros.
 * Decoding reads exactly what encoding writes. Pure; no allocation.
 */
#ifndef CF_CORE_RICE_H
#define CF_CORE_RICE_H

#include "base/bytes.h"

#define CF_RICE_K_MAX 31
#define CF_RICE_BYTES_MAX 15000 /* of the bits of one block */
#define CF_RICE_SERIALS_MAX (8u * CF_RICE_BYTES_MAX + 1)

struct cf_rice_block {
    uint32_t first;
    uint32_t n; /* at least 1 */
    uint8_t k;
    cf_bytes bits; /* a view */
};

/*
 * Writes a block of as many of the rising serials as fit, at least one; *ret_n says how many. The bits go into `room`,
 * of CF_RICE_BYTES_MAX bytes, and the block is a view of it. k is chosen from the serials' mean gap. n > 0 (asserted).
 */
void cf_rice_encode(const uint32_t *serials, size_t n, uint8_t room[CF_RICE_BYTES_MAX], struct cf_rice_block *ret,
                    size_t *ret_n);

/* Reads the serials of a block that cf_rice_check accepted, in order: exactly n of them. */
struct cf_rice_reader {
    const struct cf_rice_block *block;
    uint32_t left;
    uint32_t serial;
    size_t at; /* the next bit */
};
void cf_rice_begin(const struct cf_rice_block *block, struct cf_rice_reader *ret);
/* False when all were given. The block was checked. */
bool cf_rice_next(struct cf_rice_reader *reader, uint32_t *ret_serial);
/* Is it what an encoder with this k writes? n serials below 2^32, no byte too many, filled with zeros. */
bool cf_rice_check(const struct cf_rice_block *block);

#endif
