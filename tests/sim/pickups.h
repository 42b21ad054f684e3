/*
 * tests/sim/pickups.h - orders of the online shop that are picked up in stores, in the simulated world.
 *
 * The shop places them, has them ready later, cancels them or moves them to another store; shoppers come with the code,
 * at the right till or another, twice, or for a part. What was handed out of each line is counted anew from the records
 * as they are committed: never more than was ordered.
 */
#ifndef CF_TESTS_SIM_PICKUPS_H
#define CF_TESTS_SIM_PICKUPS_H

#include "app/core/code.h"
#include "app/core/order.h"

struct world;
struct node;

#define PICKUP_LINES 2
struct pickup {
    uint32_t number, store, home; /* as the shop was told when it was placed */
    char text[CF_CODE_TEXT_MAX];
    int64_t ordered_milli[PICKUP_LINES], taken_milli[PICKUP_LINES];
    unsigned n_taken;  /* records */
    uint32_t last_one; /* generation of the newest */
};
struct pickups {
    bool on; /* in some histories the shop takes no such orders */
    size_t n, cap;
    struct pickup *pickup;
};

void pickups_begin(struct world *world);
/* The online shop. */
void pickups_shop(struct world *world);
/* A shopper comes for the goods: to this till, and now and then at once to another with the same code. */
void pickups_fetch(struct node *node);
/* A committed record. */
void pickups_saw(struct node *node, const struct cf_pick_up *taken);
/* When all is healed. */
void pickups_check(struct world *world);

#endif
