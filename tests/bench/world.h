/*
 * tests/bench/world.h - a till's folder as an enrolment and a sync would leave it, with as many products as asked.
 *
 * Everything in it is made by the shipped code (journal, replica, keys, codes), only the centre is missing: it holds no
 * identity, so it opens by cf_till_open and not by `counterfoil`. Keys are fixed. Any failure ends the program.
 */
#ifndef CF_TESTS_BENCH_WORLD_H
#define CF_TESTS_BENCH_WORLD_H

#include "app/store/replica.h"
#include "app/terminal/till.h"

#define WORLD_STORE 1
#define WORLD_TERMINAL 2
#define WORLD_EPOCH 1
#define WORLD_CAMPAIGN 7   /* of the coupons: 10 % off, leased, as many as an index can count */
#define WORLD_AUTOMATIC 10 /* campaigns without a coupon, each on one category in 20 */
#define WORLD_PATH_MAX 512

struct world {
    char dir[WORLD_PATH_MAX];
    uint64_t n_products;
    struct cf_private_key *issuer;
    struct cf_private_key *till_key;
    cf_public_key roots[2];
    cf_wall now;
};

/* Makes DIR/journal.db and DIR/replica.db. DIR exists and is empty, or holds a replica.db of that many products made
 * here before, which is kept. */
void world_init(struct world *world, const char *dir, uint64_t n_products);
void world_done(struct world *world);
struct cf_till *world_open(const struct world *world);

/* Puts products 1..n in place of the catalogue of a replica, ours or that of a till enrolled at a real centre, as a
 * snapshot would; the store's settings stay. */
void world_add_products(struct cf_replica *replica, uint64_t n_products);

/* One topic's entries on their way into the replica, a page at a time. */
#define WORLD_FEED_ENTRIES 64
struct world_feed {
    struct cf_replica *replica;
    enum cf_topic topic;
    uint64_t version;
    struct cf_sha256 digest;
    size_t n;
    size_t end[WORLD_FEED_ENTRIES]; /* of entry i in `bytes` */
    struct cf_buf bytes;
};
void world_feed_init(struct world_feed *feed, struct cf_replica *replica, enum cf_topic topic);
void world_feed_entry(struct world_feed *feed, const struct cf_down_entry *entry);
void world_feed_done(struct world_feed *feed);

/* Product k (1, 2, ...) as its EAN-13 is scanned. */
void world_barcode(uint64_t k, char text[14]);
/* A genuine coupon of WORLD_CAMPAIGN; each index is another right. */
void world_coupon(const struct world *world, uint32_t index, char text[CF_CODE_TEXT_MAX]);
/* Any coupon, signed by the issuer. */
void world_sign_coupon(const struct world *world, const struct cf_coupon *coupon, char text[CF_CODE_TEXT_MAX]);

#endif
