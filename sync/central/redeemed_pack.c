/*
 * sync/central/redeemed_pack.c - see redeemed_pack.h.
 */
#include "sync/central/redeemed_pack.h"

#include "app/core/redeemed_set.h"

#include <stdlib.h>
#include <string.h>

#define SET_BYTES_MAX (UINT32_MAX / 8 + 1) /* every serial there can be */
#define SERIALS_AT_ONCE 65536

struct packed {
    uint32_t campaign;
    struct cf_redeemed_set used;
    struct cf_redeemed_set freed; /* of changes only */
};
struct cf_redeemed_pack {
    bool changes;
    size_t n, cap;
    struct packed *packed; /* by campaign, rising */
    struct cf_down_entry entry;
    struct cf_buf encoded;
    uint8_t bits[CF_RICE_BYTES_MAX];
    uint32_t serials[SERIALS_AT_ONCE];
};

enum cf_rc cf_redeemed_pack_new(bool changes, struct cf_redeemed_pack **ret, struct cf_error *err)
{
    struct cf_redeemed_pack *pack = calloc(1, sizeof *pack);
    if (pack == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "redeemed rights");
    }
    pack->changes = changes;
    cf_buf_init(&pack->encoded, CF_DOWN_ENTRY_MAX);
    *ret = pack;
    return CF_OK;
}

void cf_redeemed_pack_free(struct cf_redeemed_pack *pack)
{
    if (pack != NULL) {
        for (size_t i = 0; i < pack->n; i++) {
            cf_redeemed_set_done(&pack->packed[i].used);
            cf_redeemed_set_done(&pack->packed[i].freed);
        }
        free(pack->packed);
        cf_buf_done(&pack->encoded);
        free(pack);
    }
}

/* --- adding ------------------------------------------------------------------------------------------------------- */

/* The place of a campaign among those that are there, or where it would stand. */
static size_t place_of(const struct cf_redeemed_pack *pack, uint32_t campaign)
{
    size_t low = 0;
    size_t high = pack->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pack->packed[middle].campaign < campaign) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static enum cf_rc packed_of(struct cf_redeemed_pack *pack, uint32_t campaign, struct packed **ret, struct cf_error *err)
{
    size_t place = place_of(pack, campaign);
    if (place == pack->n || pack->packed[place].campaign != campaign) {
        if (pack->n == pack->cap) {
            size_t cap = pack->cap == 0 ? 16 : 2 * pack->cap;
            struct packed *more = realloc(pack->packed, cap * sizeof *more);
            if (more == NULL) {
                return cf_fail(err, CF_E_NO_MEMORY, "redeemed rights");
            }
            pack->packed = more;
            pack->cap = cap;
        }
        memmove(pack->packed + place + 1, pack->packed + place, (pack->n - place) * sizeof *pack->packed);
        pack->n++;
        pack->packed[place] = (struct packed){.campaign = campaign};
        cf_redeemed_set_init(&pack->packed[place].used, SET_BYTES_MAX);
        cf_redeemed_set_init(&pack->packed[place].freed, SET_BYTES_MAX);
    }
    *ret = &pack->packed[place];
    return CF_OK;
}

static enum cf_rc add_serials(struct cf_redeemed_pack *pack, const struct cf_redeemed *redeemed, bool used,
                              struct cf_error *err)
{
    struct packed *packed = NULL;
    enum cf_rc rc = packed_of(pack, redeemed->campaign, &packed, err);
    for (size_t i = 0; i < redeemed->n && rc == CF_OK; i++) {
        if (used) {
            cf_redeemed_set_remove(&packed->freed, redeemed->index[i]);
            rc = cf_redeemed_set_put(&packed->used, redeemed->index[i], err);
        } else {
            cf_redeemed_set_remove(&packed->used, redeemed->index[i]);
            rc = pack->changes ? cf_redeemed_set_put(&packed->freed, redeemed->index[i], err) : CF_OK;
        }
    }
    return rc;
}

enum cf_rc cf_redeemed_pack_add(struct cf_redeemed_pack *pack, cf_bytes entry, bool *ret_taken, struct cf_error *err)
{
    enum cf_rc rc = cf_down_decode(entry, &pack->entry, err);
    if (rc != CF_OK) {
        return rc;
    }
    *ret_taken = pack->entry.kind == CF_DOWN_REDEEMED || pack->entry.kind == CF_DOWN_UNREDEEMED;
    return *ret_taken ? add_serials(pack, &pack->entry.redeemed, pack->entry.kind == CF_DOWN_REDEEMED, err) : CF_OK;
}

/* --- the blocks --------------------------------------------------------------------------------------------------- */

static size_t collect(struct cf_redeemed_pack *pack, const struct cf_redeemed_set *set, uint64_t from)
{
    size_t n = 0;
    while (n < SERIALS_AT_ONCE && cf_redeemed_set_next(set, from, &pack->serials[n])) {
        from = (uint64_t)pack->serials[n] + 1;
        n++;
    }
    return n;
}

static enum cf_rc give_set(struct cf_redeemed_pack *pack, uint32_t campaign, const struct cf_redeemed_set *set,
                           bool used, cf_redeemed_pack_fn each, void *ctx, struct cf_error *err)
{
    uint64_t from = 0;
    for (;;) {
        size_t taken;
        size_t n = collect(pack, set, from);
        if (n == 0) {
            return CF_OK;
        }
        pack->entry.kind = CF_DOWN_REDEEMED_BLOCK;
        pack->entry.redeemed_block = (struct cf_redeemed_block){.campaign = campaign, .used = used};
        cf_rice_encode(pack->serials, n, pack->bits, &pack->entry.redeemed_block.serials, &taken);
        cf_buf_clear(&pack->encoded);
        enum cf_rc rc = cf_down_encode(&pack->entry, &pack->encoded, err);
        if (rc == CF_OK) {
            rc = each(ctx, cf_buf_bytes(&pack->encoded), err);
        }
        if (rc != CF_OK) {
            return rc;
        }
        from = (uint64_t)pack->serials[taken - 1] + 1;
    }
}

enum cf_rc cf_redeemed_pack_each(struct cf_redeemed_pack *pack, cf_redeemed_pack_fn each, void *ctx,
                                 struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < pack->n && rc == CF_OK; i++) {
        const struct packed *packed = &pack->packed[i];
        rc = give_set(pack, packed->campaign, &packed->used, true, each, ctx, err);
        if (rc == CF_OK) {
            rc = give_set(pack, packed->campaign, &packed->freed, false, each, ctx, err);
        }
    }
    return rc;
}
