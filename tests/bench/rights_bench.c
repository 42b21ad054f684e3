/*
 * tests/bench/rights_bench.c - ten million live coupons of which one million are redeemed, on a till: how large they
 * are, how fast one is looked up, and how long it takes to accept or refuse one offline, under every policy.
 *
 * The floors: a bit array of the same size, read at the same places; and one bare ECDSA verification.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/redeemed_set.h"
#include "tests/bench/bare.h"
#include "tests/bench/bench.h"
#include "tests/bench/world.h"

#define LIVE 10000000u
#define ONE_IN 10
#define DELTA_ONE_IN 100
#define CAMPAIGNS 1000
#define FIRST_CAMPAIGN 2000
#define LOOKUPS 4000000u
#define LOOKUP_ROUNDS 7
#define DECISIONS 500 /* of each policy */
#define SALE_COUPONS 8

/* --- the set ------------------------------------------------------------------------------------------------------ */

static size_t pick(uint32_t one_in, uint32_t *serials)
{
    uint64_t chance = 11;
    size_t n = 0;
    for (uint32_t serial = 0; serial < LIVE; serial++) {
        if (bench_random(&chance) % one_in == 0) {
            serials[n++] = serial;
        }
    }
    return n;
}

/* The bytes of all entries that bring these serials. Given to the replica too, if there is one. */
static size_t packed_bytes(const uint32_t *serials, size_t n, struct world_feed *feed)
{
    static uint8_t room[CF_RICE_BYTES_MAX];
    struct cf_down_entry *entry = calloc(1, sizeof *entry);
    struct cf_buf encoded;
    struct cf_error err;
    size_t bytes = 0;
    if (entry == NULL) {
        bench_die("no memory");
    }
    cf_buf_init(&encoded, CF_DOWN_ENTRY_MAX);
    entry->kind = CF_DOWN_REDEEMED_BLOCK;
    for (size_t done = 0; done < n;) {
        size_t taken;
        entry->redeemed_block = (struct cf_redeemed_block){.campaign = WORLD_CAMPAIGN, .used = true};
        cf_rice_encode(serials + done, n - done, room, &entry->redeemed_block.serials, &taken);
        cf_buf_clear(&encoded);
        bench_check(cf_down_encode(entry, &encoded, &err), &err, "block");
        bytes += encoded.n;
        done += taken;
        if (feed != NULL) {
            world_feed_entry(feed, entry);
        }
    }
    cf_buf_done(&encoded);
    free(entry);
    return bytes;
}

static double lookup_ns(const struct cf_redeemed_set *set, uint64_t *found)
{
    uint64_t chance = 17, hits = 0;
    int64_t from = bench_now_ns();
    for (uint32_t k = 0; k < LOOKUPS; k++) {
        hits += cf_redeemed_set_has(set, (uint32_t)(bench_random(&chance) % LIVE));
    }
    *found += hits;
    return (double)(bench_now_ns() - from) / LOOKUPS;
}

static double bare_lookup_ns(const uint8_t *bits, uint64_t *found)
{
    uint64_t chance = 17, hits = 0;
    int64_t from = bench_now_ns();
    for (uint32_t k = 0; k < LOOKUPS; k++) {
        uint32_t at = (uint32_t)(bench_random(&chance) % LIVE);
        hits += bits[at / 8] >> (at % 8) & 1u;
    }
    *found += hits;
    return (double)(bench_now_ns() - from) / LOOKUPS;
}

static void measure_lookups(const struct cf_redeemed_set *set)
{
    struct bench_samples ours, bare, ratios;
    uint64_t found = 0, expected = 0;
    uint8_t *bits = malloc(LIVE / 8 + 1);
    if (bits == NULL) {
        bench_die("no memory");
    }
    memset(bits, 0, LIVE / 8 + 1);
    memcpy(bits, set->bits, set->bytes);
    bench_samples_init(&ours, LOOKUP_ROUNDS);
    bench_samples_init(&bare, LOOKUP_ROUNDS);
    bench_samples_init(&ratios, LOOKUP_ROUNDS);
    for (unsigned round = 0; round < LOOKUP_ROUNDS; round++) {
        double floor = bare_lookup_ns(bits, &expected);
        double value = lookup_ns(set, &found);
        bench_samples_add(&bare, floor);
        bench_samples_add(&ours, value);
        bench_samples_add(&ratios, value / floor);
    }
    if (found != expected) {
        bench_die("the set says %llu, the bits %llu", (unsigned long long)found, (unsigned long long)expected);
    }
    double value = bench_samples_at(&ours, 500);
    bench_print(&(struct bench_figure){.row = "redeemed",
                                       .what = "one look-up in the set, its place drawn at random",
                                       .unit = "ns",
                                       .value = value,
                                       .floor = "a bit of a plain array, the same places",
                                       .floor_value = bench_samples_at(&bare, 500),
                                       .ratio = bench_samples_at(&ratios, 500),
                                       .goal = "<= 200 ns",
                                       .met = value <= 200});
    bench_samples_done(&ours);
    bench_samples_done(&bare);
    bench_samples_done(&ratios);
    free(bits);
}

static void print_size(const char *what, size_t bytes, const char *floor, size_t floor_bytes, const char *goal,
                       double most)
{
    double mb = (double)bytes / 1e6;
    bench_print(&(struct bench_figure){.row = "redeemed",
                                       .what = what,
                                       .unit = "MB",
                                       .value = mb,
                                       .floor = floor,
                                       .floor_value = (double)floor_bytes / 1e6,
                                       .ratio = (double)bytes / (double)floor_bytes,
                                       .goal = goal,
                                       .met = mb <= most});
}

/* Leaves the million in the replica. */
static void measure_set(struct cf_replica *replica)
{
    uint32_t *serials = malloc((size_t)LIVE / ONE_IN * 2 * sizeof *serials);
    struct cf_redeemed_set set;
    struct cf_error err;
    struct world_feed feed;
    if (serials == NULL) {
        bench_die("no memory");
    }
    size_t n = pick(DELTA_ONE_IN, serials);
    size_t delta = packed_bytes(serials, n, NULL);
    n = pick(ONE_IN, serials);
    world_feed_init(&feed, replica, CF_TOPIC_REDEEMED);
    size_t snapshot = packed_bytes(serials, n, &feed);
    world_feed_done(&feed);
    cf_redeemed_set_init(&set, LIVE / 8);
    for (size_t k = n; k-- > 0;) { /* from the highest, so that it grows once */
        bench_check(cf_redeemed_set_put(&set, serials[k], &err), &err, "set");
    }
    print_size("1 M redeemed of 10 M live, in memory", set.bytes, "10 M bits", LIVE / 8, "<= 1.25 MB", 1.25);
    /* The entropy of n of LIVE: n log2(LIVE / n) + (LIVE - n) log2(LIVE / (LIVE - n)) = 0.469 bits a coupon at 1 in 10,
     * 0.0808 at 1 in 100. */
    print_size("the same as entries of a snapshot", snapshot, "its entropy", (size_t)(0.469 * LIVE / 8), "<= 0.7 MB",
               0.7);
    print_size("100,000 of them as entries of a delta", delta, "its entropy", (size_t)(0.0808 * LIVE / 8), "<= 0.11 MB",
               0.11);
    measure_lookups(&set);
    cf_redeemed_set_done(&set);
    free(serials);
}

/* --- decisions ---------------------------------------------------------------------------------------------------- */

static const struct policy {
    const char *what;
    enum cf_policy policy;
    enum cf_rc expected;
} policies[] = {
    {"leased: accepted", CF_POLICY_LEASED, CF_OK},
    {"pinned: accepted", CF_POLICY_PINNED, CF_OK},
    {"optimistic: accepted", CF_POLICY_OPTIMISTIC, CF_OK},
    {"online_only: refused", CF_POLICY_ONLINE_ONLY, CF_E_COUPON_ONLINE},
};
#define POLICIES (sizeof policies / sizeof *policies)

/* Campaign FIRST_CAMPAIGN + k has policy k mod 4. */
static void add_campaigns(struct cf_replica *replica)
{
    struct world_feed campaigns, leases;
    struct cf_down_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        bench_die("no memory");
    }
    world_feed_init(&campaigns, replica, CF_TOPIC_CAMPAIGNS);
    world_feed_init(&leases, replica, CF_TOPIC_LEASES);
    for (uint32_t k = 0; k < CAMPAIGNS; k++) {
        uint32_t id = FIRST_CAMPAIGN + k;
        memset(entry, 0, sizeof *entry);
        entry->kind = CF_DOWN_CAMPAIGN;
        struct cf_campaign *campaign = &entry->campaign;
        campaign->id = id;
        campaign->version = 1;
        campaign->policy = policies[k % POLICIES].policy;
        campaign->channels = CF_CHANNEL_STORE | CF_CHANNEL_ONLINE;
        campaign->money_limited = campaign->policy == CF_POLICY_OPTIMISTIC;
        memcpy(campaign->name, "Campaign", sizeof "Campaign");
        campaign->promotion = (struct cf_promotion){.campaign = id,
                                                    .version = 1,
                                                    .name = "Campaign",
                                                    .kind = CF_REWARD_ORDER_AMOUNT,
                                                    .amount_minor = 10,
                                                    .needs_coupon = true};
        world_feed_entry(&campaigns, entry);
        memset(entry, 0, sizeof *entry);
        entry->kind = CF_DOWN_LEASE;
        entry->lease = (struct cf_lease_grant){
            .campaign = id, .epoch = WORLD_EPOCH, .granted = INT32_MAX, .granted_minor = INT32_MAX, .keep = INT32_MAX};
        world_feed_entry(&leases, entry);
    }
    world_feed_done(&campaigns);
    world_feed_done(&leases);
    free(entry);
}

static void open_sale(struct cf_till *till, bool first)
{
    struct cf_error err;
    char barcode[14];
    if (!first) {
        bench_check(cf_till_cancel(till, &err), &err, "cancelling");
    }
    for (uint64_t k = 1; k <= 10; k++) {
        world_barcode(k, barcode);
        bench_check(cf_till_scan(till, cf_bytes_str(barcode), NULL, &err), &err, "goods");
    }
}

static double decide_ms(const struct world *world, struct cf_till *till, const struct cf_coupon *coupon,
                        enum cf_rc expected)
{
    char text[CF_CODE_TEXT_MAX];
    struct cf_error err = {0};
    world_sign_coupon(world, coupon, text);
    int64_t from = bench_now_ns();
    enum cf_rc rc = cf_till_scan(till, cf_bytes_str(text), NULL, &err);
    int64_t to = bench_now_ns();
    if (rc != expected) {
        bench_die("coupon %u of campaign %u: %s (%s), not %s", coupon->index, coupon->campaign, cf_rc_name(rc),
                  err.detail, cf_rc_name(expected));
    }
    return (double)(to - from) / 1e6;
}

static void report(const char *what, struct bench_samples *samples, double bare_ms)
{
    char text[120];
    double p99 = bench_samples_at(samples, 990);
    (void)snprintf(text, sizeof text, "%s, p99", what);
    bench_print(&(struct bench_figure){.row = "decision",
                                       .what = text,
                                       .unit = "ms",
                                       .value = p99,
                                       .floor = "one mbedtls_ecdsa_verify, p50",
                                       .floor_value = bare_ms,
                                       .ratio = p99 / bare_ms,
                                       .goal = "<= 5 ms",
                                       .met = p99 <= 5});
}

static struct cf_coupon coupon_of(const struct world *world, enum cf_policy policy, uint32_t campaign, uint32_t index)
{
    return (struct cf_coupon){.campaign = campaign,
                              .index = index,
                              .exp_s = cf_wall_s(world->now) + 86400,
                              .pinned = policy == CF_POLICY_PINNED,
                              .home = policy == CF_POLICY_PINNED ? WORLD_TERMINAL : 0,
                              .home_epoch = policy == CF_POLICY_PINNED ? 1 : 0};
}

static void measure_decisions(const struct world *world, struct cf_till *till)
{
    struct bench_samples all, bare;
    struct bare verifier;
    bare_init(&verifier, world->issuer);
    bench_samples_init(&bare, POLICIES * DECISIONS);
    open_sale(till, true);
    for (size_t p = 0; p < POLICIES; p++) {
        bench_samples_init(&all, DECISIONS);
        for (uint32_t k = 0; k < DECISIONS; k++) {
            if (k % SALE_COUPONS == 0) {
                open_sale(till, false);
            }
            uint32_t campaign = FIRST_CAMPAIGN + (uint32_t)p + 4 * (k % (CAMPAIGNS / 4));
            struct cf_coupon coupon = coupon_of(world, policies[p].policy, campaign, k);
            bench_samples_add(&bare, bare_verify_ms(&verifier));
            bench_samples_add(&all, decide_ms(world, till, &coupon, policies[p].expected));
        }
        report(policies[p].what, &all, bench_samples_at(&bare, 500));
        bench_samples_done(&all);
    }
    /* Of the ten million: refused because it is redeemed, which is known without verifying anything. */
    bench_samples_init(&all, DECISIONS);
    uint32_t redeemed = 0;
    uint64_t chance = 11;
    for (uint32_t serial = 0; serial < LIVE && redeemed < DECISIONS; serial++) {
        if (bench_random(&chance) % ONE_IN == 0) {
            struct cf_coupon coupon = coupon_of(world, CF_POLICY_LEASED, WORLD_CAMPAIGN, serial);
            bench_samples_add(&all, decide_ms(world, till, &coupon, CF_E_COUPON_SPENT));
            redeemed++;
        }
    }
    report("leased, redeemed elsewhere: refused", &all, bench_samples_at(&bare, 500));
    bench_samples_done(&all);
    bench_samples_done(&bare);
    bare_done(&verifier);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        bench_die("usage: rights_bench EMPTY-FOLDER");
    }
    struct world world;
    struct cf_replica *replica = NULL;
    struct cf_sync_state state;
    struct cf_error err;
    world_init(&world, argv[1], 20000);
    bench_check(cf_replica_open(world.dir, CF_REPLICA_SYNC, &replica, NULL, &err), &err, "replica");
    add_campaigns(replica);
    measure_set(replica);
    bench_check(cf_replica_sync_state(replica, &state, &err), &err, "sync state");
    state.acknowledged_head = cf_record_chain_start(WORLD_TERMINAL, WORLD_EPOCH);
    state.down_cursor = 1; /* the till has heard from the centre since it was enrolled */
    bench_check(cf_replica_set_sync_state(replica, &state, &err), &err, "sync state");
    cf_replica_close(replica);
    struct cf_till *till = world_open(&world);
    measure_decisions(&world, till);
    cf_till_close(till);
    world_done(&world);
    return 0;
}
