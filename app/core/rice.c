/*
 * app/core/rice.c - see rice.h. Pure; thread-safe.
 */
#include "app/core/rice.h"

#include <assert.h>
#include <string.h>

#define BITS_MAX (8u * CF_RICE_BYTES_MAX)

/* The largest k with 2^k at most the mean of the gaps times ln 2 (Kiely 2004, section 3), in whole numbers: 7/10. */
static uint8_t choose_k(const uint32_t *serials, size_t n)
{
    uint64_t span = (uint64_t)serials[n - 1] - serials[0];
    uint64_t bound = n > 1 ? span * 7 / (10 * (uint64_t)(n - 1)) : 0;
    uint8_t k = 0;
    while (k < CF_RICE_K_MAX && (UINT64_C(2) << k) <= bound) {
        k++;
    }
    return k;
}

static uint64_t cost_of(uint32_t gap, uint8_t k)
{
    return (uint64_t)(gap >> k) + 1 + k;
}

static size_t put_ones(uint8_t *bits, size_t at, uint32_t n)
{
    for (; n > 0; n--, at++) {
        bits[at / 8] = (uint8_t)(bits[at / 8] | 0x80u >> (at % 8));
    }
    return at;
}

static size_t put_gap(uint8_t *bits, size_t at, uint32_t gap, uint8_t k)
{
    at = put_ones(bits, at, gap >> k) + 1;
    for (unsigned b = k; b-- > 0; at++) {
        if ((gap >> b & 1) != 0) {
            bits[at / 8] = (uint8_t)(bits[at / 8] | 0x80u >> (at % 8));
        }
    }
    return at;
}

void cf_rice_encode(const uint32_t *serials, size_t n, uint8_t room[CF_RICE_BYTES_MAX], struct cf_rice_block *ret,
                    size_t *ret_n)
{
    assert(n > 0);
    if (n > CF_RICE_SERIALS_MAX) {
        n = CF_RICE_SERIALS_MAX;
    }
    uint8_t k = choose_k(serials, n);
    size_t at = 0;
    size_t taken = 1;
    memset(room, 0, CF_RICE_BYTES_MAX);
    for (; taken < n; taken++) {
        assert(serials[taken] > serials[taken - 1]);
        uint32_t gap = serials[taken] - serials[taken - 1] - 1;
        if (at + cost_of(gap, k) > BITS_MAX) {
            break;
        }
        at = put_gap(room, at, gap, k);
    }
    *ret = (struct cf_rice_block){serials[0], (uint32_t)taken, k, cf_bytes_of(room, (at + 7) / 8)};
    *ret_n = taken;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool bit_at(cf_bytes bits, size_t at)
{
    return (bits.p[at / 8] >> (7 - at % 8) & 1) != 0;
}

/* The gap at *at, which moves behind it; false if the bits end before it does, or it is 2^32 or more. */
static bool read_gap(cf_bytes bits, uint8_t k, size_t *at, uint32_t *ret)
{
    uint64_t gap = 0;
    size_t end = 8 * bits.n;
    size_t i = *at;
    while (i < end && bit_at(bits, i)) {
        gap++;
        i++;
    }
    if (end - i < 1u + k) {
        return false;
    }
    i++;
    for (unsigned b = 0; b < k; b++, i++) {
        gap = gap << 1 | bit_at(bits, i);
    }
    *at = i;
    *ret = (uint32_t)gap;
    return gap <= UINT32_MAX;
}

void cf_rice_begin(const struct cf_rice_block *block, struct cf_rice_reader *ret)
{
    *ret = (struct cf_rice_reader){.block = block, .left = block->n, .serial = block->first};
}

bool cf_rice_next(struct cf_rice_reader *reader, uint32_t *ret_serial)
{
    uint32_t gap;
    if (reader->left == 0) {
        return false;
    }
    if (reader->left < reader->block->n) {
        bool good = read_gap(reader->block->bits, reader->block->k, &reader->at, &gap);
        assert(good);
        reader->serial += gap + 1;
    }
    reader->left--;
    *ret_serial = reader->serial;
    return true;
}

bool cf_rice_check(const struct cf_rice_block *block)
{
    uint64_t serial = block->first;
    size_t at = 0;
    if (block->n == 0 || block->n > CF_RICE_SERIALS_MAX || block->k > CF_RICE_K_MAX ||
        block->bits.n > CF_RICE_BYTES_MAX) {
        return false;
    }
    for (uint32_t i = 1; i < block->n; i++) {
        uint32_t gap;
        if (!read_gap(block->bits, block->k, &at, &gap)) {
            return false;
        }
        serial += (uint64_t)gap + 1;
        if (serial > UINT32_MAX) {
            return false;
        }
    }
    if (block->bits.n != (at + 7) / 8) {
        return false;
    }
    for (; at < 8 * block->bits.n; at++) {
        if (bit_at(block->bits, at)) {
            return false;
        }
    }
    return true;
}
