/*
 * tests/sim/runner.h - runs histories, each in a fork of the one world that was made, and makes failing ones smaller.
 */
#ifndef CF_TESTS_SIM_RUNNER_H
#define CF_TESTS_SIM_RUNNER_H

#include "tests/sim/plan.h"

struct outcome {
    bool violated;
    bool died; /* not by a check */
    uint64_t log_hash;
    unsigned n_events;
    char invariant[64];
    unsigned sales, redeemed, refused, crashes, reboots, cuts, cycles, cycles_failed, lost, late, orders, opened;
    unsigned z_reports, copies, restores, enrolled, forks, hubs, hub_asks, hub_uses, returns, rotations, rebuilt,
        hub_pushed, subleases, relayed, vouchers, erased, values, handed_out, parked, for_some, by_phone, acts, moves,
        exchanged;
};

/* How a history is run. */
struct run {
    uint64_t seed;
    const char *bug;  /* a planted one, by name; NULL: none */
    const bool *only; /* of each event of the plan: does it happen? NULL: all do */
    bool quiet, print_log;
};

void runner_begin(struct sim_scale scale);
struct outcome runner_run(const struct run *run);
void runner_add(struct outcome *sum, const struct outcome *one);
/* Finds a smaller set of events that breaks the same invariant, prints its history and the command that repeats it. */
void runner_shrink(const struct run *run, const struct outcome *failed);
struct sim_scale runner_scale(void);
/* The mistakes of base/plant.h: how many seeds, from `from` on, until the simulator sees this one (a seed that also
 * fails without it does not count); 0 if none of them does. */
#define RUNNER_BUGS_MAX 64
const char *runner_bug(size_t k); /* NULL after the last */
bool runner_has_bugs(void);       /* is this a build with them? */
unsigned runner_seeds_until_found(const char *bug, unsigned from, unsigned within, struct outcome *ret);
/* A seed shortly before the first that found this one when somebody looked last: where a test that has little time
 * begins. 1 for most. */
unsigned runner_near(const char *bug);
/* "1,4-7" of a plan with n events; NULL if it is no such list. */
bool *runner_parse_only(const char *text, size_t n);

#endif
