/*
 * tests/sim/sim_test.c - the simulation as a test: a fixed set of seeds, of small worlds and of a larger one.
 *
 * CF_SIM_SEEDS says how many histories (300; 30 where CF_BUILD_KIND is asan). docs/simulation.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/runner.h"

static unsigned n_tests, n_failed;

static void tell(bool good, const char *name)
{
    n_failed += !good;
    printf("%sok %u - %s\n", good ? "" : "not ", ++n_tests, name);
    (void)fflush(stdout);
}

static bool many(uint64_t from, uint64_t n_seeds)
{
    unsigned violated = 0;
    for (uint64_t seed = from; seed < from + n_seeds && violated < 3; seed++) {
        struct run run = {.seed = seed};
        struct outcome one = runner_run(&run);
        violated += one.violated;
        if (one.violated)
            runner_shrink(&run, &one);
    }
    return violated == 0;
}

static bool repeats_itself(void)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct run run = {.seed = seed, .quiet = true};
        struct outcome a = runner_run(&run), b = runner_run(&run);
        if (a.log_hash != b.log_hash || a.log_hash == 0)
            return false;
    }
    return true;
}

/* What a smaller history is worth: an event draws the same with and without the others. */
static bool keeps_events_apart(void)
{
    struct plan whole, again;
    plan_make(&whole, runner_scale(), 7);
    plan_make(&again, runner_scale(), 7);
    bool same = whole.n == again.n && whole.n > 20;
    for (size_t k = 0; k < whole.n && same; k++)
        same = whole.event[k].seed == again.event[k].seed && whole.event[k].at_us == again.event[k].at_us;
    bool *only = runner_parse_only("0-9,12", whole.n);
    struct run run = {.seed = 7, .only = only, .quiet = true};
    struct outcome a = runner_run(&run), b = runner_run(&run);
    free(only);
    plan_done(&whole);
    plan_done(&again);
    return same && !a.violated && a.log_hash == b.log_hash;
}

int main(void)
{
    const char *wanted = getenv("CF_SIM_SEEDS"), *kind = getenv("CF_BUILD_KIND");
    bool slow = kind && strcmp(kind, "asan") == 0;
    uint64_t n_seeds = wanted && *wanted ? strtoull(wanted, NULL, 10) : slow ? 30 : 300;
    char name[100];
    printf("1..3\n");
    runner_begin((struct sim_scale){.tills = 4, .stores = 2, .days = 2});
    (void)snprintf(name, sizeof name, "no invariant is violated in %llu histories", (unsigned long long)n_seeds);
    tell(many(1, n_seeds), name);
    tell(repeats_itself(), "a seed gives the same history twice");
    tell(keeps_events_apart(), "an event draws the same whether others happen or not");
    return n_failed > 0;
}
