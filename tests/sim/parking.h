/*
 * tests/sim/parking.h - sales that are parked at a store's hub and recalled at any of its tills.
 *
 * Such a sale has a line of apples that weighs what no other does, by which it is known again, whoever goes on with it:
 * it is in one place, and sold once.
 */
#ifndef CF_TESTS_SIM_PARKING_H
#define CF_TESTS_SIM_PARKING_H

#include "app/core/sale.h"

struct world;
struct node;

#define PARKING_MAX 4096
struct parking {
    bool on; /* in some histories nobody parks at a hub */
    unsigned n;
    struct parked_sale {
        enum parked_where { PARKED_ANYWHERE, PARKED_AT_HUB, PARKED_AT_TILL, PARKED_SOLD } where;
        unsigned machine; /* of AT_TILL */
        unsigned label;   /* the newest */
    } sale[PARKING_MAX];
    unsigned n_labels;
};

void parking_begin(struct world *world);
/* The open sale goes to the hub, if it can. False: it was not tried. */
bool parking_park(struct node *node);
/* A sale of the store goes on at this till. */
void parking_recall(struct node *node);
/* All that is parked here or can be had from the hub is recalled and given up. */
void parking_finish(struct node *node);
/* A committed sale. */
void parking_saw_sale(struct node *node, const struct cf_sale *sale);

#endif
