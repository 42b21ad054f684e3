/*
 * tests/bench/world.c - see world.h.
 */
#include "tests/bench/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/wire/wire.h"
#include "tests/bench/bench.h"

#define CHUNK_ENTRIES 4000
#define KID ((cf_kid){{0x10, 0, 0, 1}})
#define DAY_S INT64_C(86400)

/* --- entries ------------------------------------------------------------------------------------------------------ */

void world_feed_init(struct world_feed *feed, struct cf_replica *replica, enum cf_topic topic)
{
    struct cf_topic_state state;
    struct cf_error err;
    bench_check(cf_replica_topic(replica, topic, &state, &err), &err, "topic");
    *feed = (struct world_feed){.replica = replica, .topic = topic, .version = state.version, .digest = state.digest};
    cf_buf_init(&feed->bytes, WORLD_FEED_ENTRIES * CF_DOWN_ENTRY_MAX);
}

static void feed_flush(struct world_feed *feed)
{
    cf_bytes entries[WORLD_FEED_ENTRIES];
    struct cf_error err;
    size_t from = 0;
    if (feed->n == 0) {
        return;
    }
    for (size_t i = 0; i < feed->n; i++) {
        entries[i] = cf_bytes_of(feed->bytes.p + from, feed->end[i] - from);
        feed->digest = cf_down_digest(&feed->digest, entries[i]);
        from = feed->end[i];
    }
    bench_check(cf_replica_apply(feed->replica, feed->topic, feed->version, entries, feed->n, &feed->digest, &err),
                &err, "filling the replica");
    feed->version += feed->n;
    feed->n = 0;
    cf_buf_clear(&feed->bytes);
}

void world_feed_entry(struct world_feed *feed, const struct cf_down_entry *entry)
{
    struct cf_error err;
    bench_check(cf_down_encode(entry, &feed->bytes, &err), &err, "entry");
    feed->end[feed->n++] = feed->bytes.n;
    if (feed->n == WORLD_FEED_ENTRIES) {
        feed_flush(feed);
    }
}

void world_feed_done(struct world_feed *feed)
{
    feed_flush(feed);
    cf_buf_done(&feed->bytes);
}

/* --- goods -------------------------------------------------------------------------------------------------------- */

void world_barcode(uint64_t k, char text[14])
{
    /* Scattered over the number space, as bought goods are, and different for each k below 10^9. */
    unsigned long long number = 400000000000ULL + k * 387420489ULL % 100000000000ULL;
    unsigned sum = 0;
    snprintf(text, 14, "%012llu", number % 1000000000000ULL);
    for (size_t i = 0; i < 12; i++) {
        sum += (unsigned)(text[i] - '0') * (i % 2 ? 3 : 1);
    }
    text[12] = (char)('0' + (10 - sum % 10) % 10);
    text[13] = '\0';
}

static void product_of(uint64_t k, struct cf_product *ret)
{
    static const char *const words[] = {"Rose", "Jasmine", "Rice", "Charcoal", "Aloe", "Oat", "Honey", "Green tea"};
    static const char *const things[] = {"face mask", "hand cream", "shampoo", "crackers", "noodles", "lip balm"};
    *ret = (struct cf_product){.id = k, .price_minor = 99 + (int64_t)(k * 7919 % 20000), .tax_bp = 1300};
    snprintf(ret->name, sizeof ret->name, "%s %s %llu ml", words[k % 8], things[k % 6], (unsigned long long)k);
    snprintf(ret->name_other, sizeof ret->name_other, "玫瑰面膜 %llu", (unsigned long long)k);
    ret->n_categories = 2;
    ret->categories[0] = 1 + (uint32_t)(k % 20);
    ret->categories[1] = 100 + (uint32_t)(k % 300);
    ret->n_codes = 1;
    ret->codes[0][0] = '0';
    world_barcode(k, ret->codes[0] + 1);
}

/* A snapshot on its way into the replica, a chunk at a time: as a sync brings a large catalogue. */
struct snapshot {
    struct cf_replica *replica;
    struct cf_topic_state state;
    uint32_t n_chunks;
    size_t n;
    size_t end[CHUNK_ENTRIES];
    struct cf_buf entries, chunk;
};

static void snapshot_flush(struct snapshot *snapshot)
{
    cf_bytes entries[CHUNK_ENTRIES];
    struct cf_error err;
    size_t from = 0;
    for (size_t i = 0; i < snapshot->n; i++) {
        entries[i] = cf_bytes_of(snapshot->entries.p + from, snapshot->end[i] - from);
        snapshot->state.digest = cf_down_digest(&snapshot->state.digest, entries[i]);
        from = snapshot->end[i];
    }
    cf_buf_clear(&snapshot->chunk);
    bench_check(cf_chunk_encode(entries, snapshot->n, &snapshot->chunk, &err), &err, "chunk");
    bench_check(cf_replica_snapshot_chunk(snapshot->replica, CF_TOPIC_PRICES, snapshot->n_chunks++,
                                          cf_buf_bytes(&snapshot->chunk), &err),
                &err, "chunk");
    snapshot->state.version += snapshot->n;
    snapshot->n = 0;
    cf_buf_clear(&snapshot->entries);
}

static void snapshot_entry(struct snapshot *snapshot, const struct cf_down_entry *entry)
{
    struct cf_error err;
    bench_check(cf_down_encode(entry, &snapshot->entries, &err), &err, "entry");
    snapshot->end[snapshot->n++] = snapshot->entries.n;
    if (snapshot->n == CHUNK_ENTRIES) {
        snapshot_flush(snapshot);
    }
}

void world_add_products(struct cf_replica *replica, uint64_t n_products)
{
    struct snapshot snapshot = {.replica = replica};
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE};
    struct cf_sha256 manifest = cf_sha256(cf_bytes_str("a bench's catalogue"));
    struct cf_error err;
    uint32_t done = 0;
    cf_buf_init(&snapshot.entries, CF_CHUNK_BYTES_MAX);
    cf_buf_init(&snapshot.chunk, CF_CHUNK_BYTES_MAX);
    bench_check(cf_replica_snapshot_begin(replica, CF_TOPIC_PRICES, &manifest, &done, &err), &err, "snapshot");
    bench_check(cf_replica_store(replica, &entry.store, &err), &err, "the store's settings");
    snapshot_entry(&snapshot, &entry);
    entry.kind = CF_DOWN_PRODUCT;
    for (uint64_t k = 1; k <= n_products; k++) {
        product_of(k, &entry.product);
        snapshot_entry(&snapshot, &entry);
    }
    snapshot_flush(&snapshot);
    bench_check(cf_replica_snapshot_swap(replica, CF_TOPIC_PRICES, snapshot.n_chunks, NULL, &snapshot.state, &err),
                &err, "swapping the catalogue in");
    cf_buf_done(&snapshot.entries);
    cf_buf_done(&snapshot.chunk);
}

/* --- store, keys, campaigns ------------------------------------------------------------------------------------- */

static struct cf_private_key *key_of(uint8_t number)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    struct cf_private_key *key = NULL;
    struct cf_error err;
    memset(scalar, number, sizeof scalar);
    bench_check(cf_private_key_load(scalar, &key, &err), &err, "key");
    return key;
}

static void add_store(struct cf_replica *replica)
{
    struct world_feed feed;
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE};
    entry.store = (struct cf_store_settings){
        .store = WORLD_STORE,
        .name = "Bench store",
        .address = "1 Measure Lane",
        .tax_id = "91310000MA1FL0000X",
        .currency = {"CNY"},
        .tax_mode = CF_TAX_INCLUSIVE,
        .utc_offset_min = 480,
        .programme = {.minor_per_point = 100},
    };
    for (size_t i = 0; i < 10; i++) {
        entry.store.programme.tier_bp[i] = 10000;
        entry.store.programme.tier_from_points[i] = i == 0 ? 0 : INT64_MAX;
    }
    world_feed_init(&feed, replica, CF_TOPIC_PRICES);
    world_feed_entry(&feed, &entry);
    world_feed_done(&feed);
}

static void add_keys(const struct world *world, struct cf_replica *replica)
{
    struct cf_private_key *root = key_of(1);
    struct cf_keyset keyset = {.version = 1, .n_keys = 1};
    struct cf_error err;
    struct cf_buf cose;
    keyset.keys[0] = (struct cf_keyset_key){
        .kid = KID,
        .usage = CF_USAGE_CARD | CF_USAGE_COUPON | CF_USAGE_TICKET | CF_USAGE_GRANT | CF_USAGE_PAGE,
        .not_before_s = cf_wall_s(world->now) - 30 * DAY_S,
        .not_after_s = cf_wall_s(world->now) + 60 * DAY_S,
    };
    cf_private_key_public(world->issuer, &keyset.keys[0].key);
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    bench_check(cf_keyset_sign(&keyset, root, &cose, &err), &err, "key set");
    struct cf_down_entry entry = {.kind = CF_DOWN_KEYSET, .keyset = cf_buf_bytes(&cose)};
    struct world_feed feed;
    world_feed_init(&feed, replica, CF_TOPIC_KEYS);
    world_feed_entry(&feed, &entry);
    world_feed_done(&feed);
    cf_buf_done(&cose);
    cf_private_key_free(root);
}

static void add_campaigns(struct cf_replica *replica)
{
    struct world_feed feed;
    world_feed_init(&feed, replica, CF_TOPIC_CAMPAIGNS);
    for (uint32_t i = 0; i <= WORLD_AUTOMATIC; i++) {
        bool coupon = i == 0;
        struct cf_down_entry entry = {.kind = CF_DOWN_CAMPAIGN};
        struct cf_campaign *campaign = &entry.campaign;
        *campaign = (struct cf_campaign){
            .id = coupon ? WORLD_CAMPAIGN : 100 + i,
            .version = 1,
            .policy = coupon ? CF_POLICY_LEASED : CF_POLICY_AUTOMATIC,
            .channels = CF_CHANNEL_STORE | CF_CHANNEL_ONLINE,
            .accept_in_doubt = true,
        };
        snprintf(campaign->name, sizeof campaign->name, coupon ? "Welcome back" : "Category week %u", i);
        campaign->promotion = (struct cf_promotion){
            .campaign = campaign->id,
            .version = 1,
            .priority = (int32_t)i,
            .kind = CF_REWARD_ORDER_PERCENT,
            .percent_bp = coupon ? 1000 : 500,
            .needs_coupon = coupon,
        };
        memcpy(campaign->promotion.name, campaign->name, sizeof campaign->name);
        if (!coupon) {
            campaign->promotion.goods.n_categories = 1;
            campaign->promotion.goods.categories[0] = i;
        }
        world_feed_entry(&feed, &entry);
    }
    world_feed_done(&feed);
    struct cf_down_entry lease = {.kind = CF_DOWN_LEASE};
    lease.lease.campaign = WORLD_CAMPAIGN;
    lease.lease.granted = INT32_MAX;
    lease.lease.keep = INT32_MAX;
    lease.lease.epoch = WORLD_EPOCH;
    world_feed_init(&feed, replica, CF_TOPIC_LEASES);
    world_feed_entry(&feed, &lease);
    world_feed_done(&feed);
}

/* The centre's time, seen in this boot. */
static void add_time(const struct world *world, struct cf_replica *replica)
{
    const struct cf_env *env = cf_env_system();
    struct cf_sync_state state;
    struct cf_error err;
    bench_check(cf_replica_sync_state(replica, &state, &err), &err, "sync state");
    state.has_time = true;
    state.centre_wall = state.local_wall = state.last_contact = world->now;
    state.local_mono = cf_env_mono(env);
    env->ops->boot_id(env->ctx, state.boot_id);
    bench_check(cf_replica_set_sync_state(replica, &state, &err), &err, "sync state");
}

/* --- the world ---------------------------------------------------------------------------------------------------- */

static void fill(const struct world *world)
{
    struct cf_replica *replica = NULL;
    struct cf_error err;
    uint64_t n = 0;
    bench_check(cf_replica_open(world->dir, CF_REPLICA_SYNC, &replica, NULL, &err), &err, "replica");
    bench_check(cf_replica_product_count(replica, &n, &err), &err, "products");
    if (n == 0) {
        add_keys(world, replica);
        add_store(replica);
        add_campaigns(replica);
        world_add_products(replica, world->n_products);
    } else if (n != world->n_products) {
        bench_die("%s holds %llu products", world->dir, (unsigned long long)n);
    }
    add_time(world, replica);
    cf_replica_close(replica);
}

void world_init(struct world *world, const char *dir, uint64_t n_products)
{
    struct cf_error err;
    *world = (struct world){.n_products = n_products, .now = cf_env_wall(cf_env_system())};
    if ((size_t)snprintf(world->dir, sizeof world->dir, "%s", dir) >= sizeof world->dir) {
        bench_die("%s is too long", dir);
    }
    world->issuer = key_of(3);
    world->till_key = key_of(5);
    for (uint8_t i = 0; i < 2; i++) {
        struct cf_private_key *root = key_of((uint8_t)(i + 1));
        cf_private_key_public(root, &world->roots[i]);
        cf_private_key_free(root);
    }
    struct cf_journal_identity identity = {.terminal = WORLD_TERMINAL, .epoch = WORLD_EPOCH, .store = WORLD_STORE};
    bench_check(cf_journal_create(dir, &identity, cf_env_system(), &err), &err, "journal");
    fill(world);
}

void world_done(struct world *world)
{
    cf_private_key_free(world->issuer);
    cf_private_key_free(world->till_key);
    *world = (struct world){0};
}

struct cf_till *world_open(const struct world *world)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_private_key_save(world->till_key, scalar);
    struct cf_till_config config = {
        .dir = world->dir,
        .terminal = WORLD_TERMINAL,
        .epoch = WORLD_EPOCH,
        .store = WORLD_STORE,
        .label = "Till 1",
        .cashier = "Bench",
        .roots = {world->roots[0], world->roots[1]},
        .sign_key = scalar,
    };
    struct cf_till *till = NULL;
    struct cf_error err;
    bench_check(cf_till_open(&config, cf_env_system(), &till, &err), &err, "opening the till");
    return till;
}

void world_sign_coupon(const struct world *world, const struct cf_coupon *coupon, char text[CF_CODE_TEXT_MAX])
{
    struct cf_code code;
    struct cf_error err;
    bench_check(cf_coupon_sign(coupon, KID, world->issuer, &code, &err), &err, "coupon");
    bench_check(cf_code_text(&code, text, &err), &err, "coupon");
}

void world_coupon(const struct world *world, uint32_t index, char text[CF_CODE_TEXT_MAX])
{
    struct cf_coupon coupon = {.campaign = WORLD_CAMPAIGN, .index = index, .exp_s = cf_wall_s(world->now) + 30 * DAY_S};
    world_sign_coupon(world, &coupon, text);
}
