/*
 * app/store/replica_redeemed.c - which rights were redeemed: pages of bits in the file, whole sets in the till's
 * memory.
 *
 * The sync writes pages of 4096 rights. The till loads a campaign's pages at the first coupon of it and then looks up
 * bits; it loads them again when the topic has moved. Sets beyond CACHE_BYTES in all are not kept: their pages are read
 * one by one, which is slower and says the same.
 */
#include "app/store/replica_private.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_SETS 64
#define CACHE_BYTES (8u << 20) /* six campaigns of ten million live coupons */

struct cached_set {
    uint32_t campaign;
    uint64_t version; /* of the topic, when it was loaded */
    uint64_t used_at;
    struct cf_redeemed_set set;
};
struct cf_replica_cache {
    int64_t data_version; /* of the file, when the topic's version was read */
    uint64_t topic_version;
    uint64_t clock;
    size_t n;
    struct cached_set sets[CACHE_SETS];
};

void cf_replica_cache_free(struct cf_replica *replica)
{
    struct cf_replica_cache *cache = replica->cache;
    for (size_t k = 0; cache != NULL && k < cache->n; k++) {
        cf_redeemed_set_done(&cache->sets[k].set);
    }
    free(cache);
    replica->cache = NULL;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static enum cf_rc load_page(struct cf_replica *replica, uint32_t campaign, uint32_t page,
                            uint8_t ret[CF_REDEEMED_PAGE_BYTES], struct cf_error *err)
{
    bool row = false;
    sqlite3_stmt *get = replica->q[CF_RQ_REDEEMED];
    cf_bind_i64(get, 1, campaign);
    cf_bind_i64(get, 2, page);
    enum cf_rc rc = cf_db_step(&replica->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    memset(ret, 0, CF_REDEEMED_PAGE_BYTES);
    bool good = !row || cf_column_bytes_of(get, 0, ret, CF_REDEEMED_PAGE_BYTES);
    sqlite3_reset(get);
    return good ? CF_OK : cf_db_broken(&replica->db, err, "a page of redeemed rights is damaged");
}

static enum cf_rc save_page(struct cf_replica *replica, uint32_t campaign, uint32_t page,
                            const uint8_t bits[CF_REDEEMED_PAGE_BYTES], struct cf_error *err)
{
    sqlite3_stmt *set = replica->q[CF_RQ_REDEEMED_SET];
    cf_bind_i64(set, 1, campaign);
    cf_bind_i64(set, 2, page);
    cf_bind_bytes(set, 3, cf_bytes_of(bits, CF_REDEEMED_PAGE_BYTES));
    return cf_db_run(&replica->db, set, err);
}

/* The page that rising serials are being written to. */
struct writing {
    struct cf_replica *replica;
    uint32_t campaign;
    bool used;
    bool open;
    uint32_t page;
    uint8_t bits[CF_REDEEMED_PAGE_BYTES];
};

static enum cf_rc end_page(struct writing *w, struct cf_error *err)
{
    bool open = w->open;
    w->open = false;
    return open ? save_page(w->replica, w->campaign, w->page, w->bits, err) : CF_OK;
}

static enum cf_rc write_serial(struct writing *w, uint32_t serial, struct cf_error *err)
{
    uint32_t page = serial / CF_REDEEMED_PAGE_RIGHTS;
    if (!w->open || w->page != page) {
        enum cf_rc rc = end_page(w, err);
        if (rc == CF_OK) {
            rc = load_page(w->replica, w->campaign, page, w->bits, err);
        }
        if (rc != CF_OK) {
            return rc;
        }
        w->open = true;
        w->page = page;
    }
    uint32_t at = serial % CF_REDEEMED_PAGE_RIGHTS;
    uint8_t bit = (uint8_t)(1u << (at % 8));
    w->bits[at / 8] = (uint8_t)(w->used ? w->bits[at / 8] | bit : w->bits[at / 8] & ~bit);
    return CF_OK;
}

enum cf_rc cf_replica_set_redeemed(struct cf_replica *replica, const struct cf_redeemed *redeemed, bool used,
                                   struct cf_error *err)
{
    struct writing w = {.replica = replica, .campaign = redeemed->campaign, .used = used};
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; k < redeemed->n && rc == CF_OK; k++) {
        rc = write_serial(&w, redeemed->index[k], err);
    }
    return rc == CF_OK ? end_page(&w, err) : rc;
}

enum cf_rc cf_replica_set_redeemed_block(struct cf_replica *replica, const struct cf_redeemed_block *block,
                                         struct cf_error *err)
{
    struct writing w = {.replica = replica, .campaign = block->campaign, .used = block->used};
    struct cf_rice_reader reader;
    uint32_t serial;
    enum cf_rc rc = CF_OK;
    cf_rice_begin(&block->serials, &reader);
    while (rc == CF_OK && cf_rice_next(&reader, &serial)) {
        rc = write_serial(&w, serial, err);
    }
    return rc == CF_OK ? end_page(&w, err) : rc;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* Sets loaded before the topic moved are stale. The version is read before any page, so a set is never older than its
 * version says. */
static enum cf_rc hear_topic(struct cf_replica *replica, struct cf_error *err)
{
    struct cf_replica_cache *cache = replica->cache;
    int64_t version = 0;
    struct cf_topic_state state;
    enum cf_rc rc = cf_replica_data_version(replica, &version, err);
    if (rc != CF_OK || version == cache->data_version) {
        return rc;
    }
    rc = cf_replica_topic(replica, CF_TOPIC_REDEEMED, &state, err);
    if (rc == CF_OK) {
        cache->data_version = version;
        cache->topic_version = state.version;
    }
    return rc;
}

/* Trailing zeros are not worth memory. */
static cf_bytes without_tail(cf_bytes bits)
{
    while (bits.n > 0 && bits.p[bits.n - 1] == 0) {
        bits.n--;
    }
    return bits;
}

static enum cf_rc load_set(struct cf_replica *replica, uint32_t campaign, struct cf_redeemed_set *set,
                           struct cf_error *err)
{
    sqlite3_stmt *all = replica->q[CF_RQ_REDEEMED_ALL];
    cf_bind_i64(all, 1, campaign);
    for (;;) {
        bool row = false;
        uint32_t page;
        enum cf_rc rc = cf_db_step(&replica->db, all, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        cf_bytes bits = cf_column_bytes(all, 1);
        if (!cf_column_u32(all, 0, &page) || bits.n != CF_REDEEMED_PAGE_BYTES ||
            page > UINT32_MAX / CF_REDEEMED_PAGE_RIGHTS) {
            rc = cf_db_broken(&replica->db, err, "a page of redeemed rights is damaged");
        } else {
            rc = cf_redeemed_set_load(set, (size_t)page * CF_REDEEMED_PAGE_BYTES, without_tail(bits), err);
        }
        if (rc != CF_OK) {
            sqlite3_reset(all);
            return rc;
        }
    }
}

static size_t cached_bytes(const struct cf_replica_cache *cache)
{
    size_t bytes = 0;
    for (size_t k = 0; k < cache->n; k++) {
        bytes += cache->sets[k].set.bytes;
    }
    return bytes;
}

static struct cached_set *find_set(struct cf_replica_cache *cache, uint32_t campaign)
{
    for (size_t k = 0; k < cache->n; k++) {
        if (cache->sets[k].campaign == campaign) {
            return &cache->sets[k];
        }
    }
    return NULL;
}

/* A place for another set: a free one, or that of the set used longest ago. */
static struct cached_set *place_for(struct cf_replica_cache *cache, uint32_t campaign)
{
    struct cached_set *oldest = &cache->sets[0];
    if (cache->n < CACHE_SETS) {
        oldest = &cache->sets[cache->n++];
    } else {
        for (size_t k = 1; k < cache->n; k++) {
            if (cache->sets[k].used_at < oldest->used_at) {
                oldest = &cache->sets[k];
            }
        }
        cf_redeemed_set_done(&oldest->set);
    }
    *oldest = (struct cached_set){.campaign = campaign};
    return oldest;
}

/* *ret stays NULL for a set that has no room. */
static enum cf_rc fresh_set(struct cf_replica *replica, uint32_t campaign, struct cached_set **ret,
                            struct cf_error *err)
{
    struct cf_replica_cache *cache = replica->cache;
    struct cached_set *found = find_set(cache, campaign);
    if (found != NULL && found->version == cache->topic_version) {
        found->used_at = ++cache->clock;
        *ret = found;
        return CF_OK;
    }
    if (found == NULL) {
        found = place_for(cache, campaign);
    }
    cf_redeemed_set_done(&found->set);
    found->version = 0;
    cf_redeemed_set_init(&found->set, CACHE_BYTES - cached_bytes(cache));
    struct cf_error why = {.rc = CF_OK};
    enum cf_rc rc = load_set(replica, campaign, &found->set, &why);
    if (rc != CF_OK) {
        cf_redeemed_set_done(&found->set);
        /* No room for it: the page it is on is read instead. Anything else is the caller's to hear. */
        return rc == CF_E_LIMIT || rc == CF_E_NO_MEMORY ? CF_OK : cf_fail(err, rc, "%s", why.detail);
    }
    found->version = cache->topic_version;
    found->used_at = ++cache->clock;
    *ret = found;
    return CF_OK;
}

static enum cf_rc read_generation(struct cf_replica *replica, uint32_t campaign, uint32_t index, uint32_t *ret,
                                  struct cf_error *err)
{
    bool row = false;
    sqlite3_stmt *get = replica->q[CF_RQ_GENERATION];
    cf_bind_i64(get, 1, campaign);
    cf_bind_i64(get, 2, index);
    enum cf_rc rc = cf_db_step(&replica->db, get, &row, err);
    if (rc == CF_OK) {
        *ret = row ? (uint32_t)cf_column_i64(get, 0) : 0;
        sqlite3_reset(get);
    }
    return rc;
}

static enum cf_rc read_bit(struct cf_replica *replica, uint32_t campaign, uint32_t index, bool *ret,
                           struct cf_error *err)
{
    uint8_t bits[CF_REDEEMED_PAGE_BYTES];
    uint32_t at = index % CF_REDEEMED_PAGE_RIGHTS;
    enum cf_rc rc = load_page(replica, campaign, index / CF_REDEEMED_PAGE_RIGHTS, bits, err);
    *ret = rc == CF_OK && (bits[at / 8] >> (at % 8) & 1) != 0;
    return rc;
}

static enum cf_rc is_redeemed(struct cf_replica *replica, uint32_t campaign, uint32_t index, bool *ret,
                              struct cf_error *err)
{
    struct cached_set *set = NULL;
    if (replica->mode == CF_REPLICA_SYNC) { /* the file does not tell a writer of its own changes */
        return read_bit(replica, campaign, index, ret, err);
    }
    if (replica->cache == NULL) {
        replica->cache = calloc(1, sizeof *replica->cache);
        if (replica->cache == NULL) {
            return cf_fail(err, CF_E_NO_MEMORY, "redeemed coupons");
        }
        replica->cache->data_version = INT64_MIN;
    }
    enum cf_rc rc = hear_topic(replica, err);
    if (rc == CF_OK) {
        rc = fresh_set(replica, campaign, &set, err);
    }
    if (rc == CF_OK && set == NULL) {
        rc = read_bit(replica, campaign, index, ret, err);
    } else if (rc == CF_OK) {
        *ret = cf_redeemed_set_has(&set->set, index);
    }
    return rc;
}

enum cf_rc cf_replica_redeemed(struct cf_replica *replica, uint32_t campaign, uint32_t index, bool *ret_redeemed,
                               uint32_t *ret_generation, struct cf_error *err)
{
    bool redeemed = false;
    uint32_t generation = 0;
    enum cf_rc rc = is_redeemed(replica, campaign, index, &redeemed, err);
    if (rc == CF_OK) {
        rc = read_generation(replica, campaign, index, &generation, err);
    }
    if (rc == CF_OK) {
        *ret_redeemed = redeemed;
        *ret_generation = generation;
    }
    return cf_replica_row_noted(replica, rc);
}
