/*
 * tests/sim/plan.h - what a history is made of: events in the order of time, drawn from its seed.
 *
 * Each event has a seed of its own, from which all chance in it is drawn: leaving some events out does not change what
 * the others would draw, so that a failing history can be made smaller.
 */
#ifndef CF_TESTS_SIM_PLAN_H
#define CF_TESTS_SIM_PLAN_H

#include "tests/sim/world.h"

enum sim_kind {
    SIM_OPEN,  /* the day begins: processes that do not run are started */
    SIM_SERVE, /* a customer */
    SIM_SYNC,
    SIM_REST,
    SIM_RETURN, /* goods come back, or a whole sale is voided */
    SIM_CLOSE,  /* the Z report */
    SIM_CLAIM,  /* shoppers and the online shop */
    SIM_PIN,
    SIM_ORDER,
    SIM_EVERYWHERE, /* one coupon shown at many tills at once, and online */
    SIM_CHANGE,     /* marketing */
    SIM_CUT,        /* the network: a till, a store, one direction */
    SIM_END,        /* a process or a machine ends at once */
    SIM_LOSE,       /* a replica */
    SIM_CLOCK,      /* the clock of a running machine jumps */
    SIM_CENTRE_END,
    SIM_BACKUP,
    SIM_RESTORE,
    SIM_COPY,
    SIM_ENROL,
    SIM_HUB,     /* the centre makes a terminal the hub of its store, or takes the role away */
    SIM_THIEF,   /* old requests are sent again */
    SIM_FORGE,   /* somebody has a till's keys */
    SIM_CUT_LAN, /* the store's network */
    SIM_ROTATE,  /* the centre's keys: fresh ones will sign soon */
    SIM_ERASE,   /* a member wants to be forgotten */
    SIM_VALUE,   /* gift cards at the centre: bought, brought to a till, spent online */
    SIM_SHOP,    /* the online shop: orders that are picked up in stores */
    SIM_FETCH,   /* a shopper comes for one */
    SIM_HOME,    /* a coupon is claimed for a store, and shown at once at every machine that stands there or did */
    SIM_PEOPLE,  /* who works in a store */
    SIM_RELEASE, /* a home gives a coupon up, and it gets another */
    SIM_KINDS
};
const char *plan_kind_name(enum sim_kind kind);

struct sim_event {
    int64_t at_us;
    enum sim_kind kind;
    unsigned who; /* a till, where it matters */
    uint64_t seed;
};
struct plan {
    size_t n;
    struct sim_event *event;
    unsigned deaths_per_1000; /* of what processes do: they die in the middle of it */
};
/* In every second seed more happens: users with rights, coupons that move on, exchanges. The others are the histories
 * of before, so that what is rare is found where it was found: which seeds these are is chosen by that and nothing
 * else. */
bool plan_is_wide(uint64_t seed);
/* Free with plan_done. Aborts without memory. */
void plan_make(struct plan *plan, struct sim_scale scale, uint64_t seed);
void plan_done(struct plan *plan);

#endif
