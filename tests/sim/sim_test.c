/*
 * tests/sim/sim_test.c - histories by seed: the shipped code of tills, sync and centre in a world that loses messages,
 * cuts links, kills processes and lies about the time. docs/simulation.md.
 *
 *   sim_test                        CF_SIM_SEEDS histories (1000; 100 where CF_BUILD_KIND is asan), as TAP
 *   sim_test --seed N [--log]       one history; --log prints each event, --keep keeps its folders if it fails
 *   sim_test --seeds N [--from M]
 *
 * Each history runs in a process of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/actors.h"
#include "tests/sim/check.h"

#define EVENTS_MIN 50
#define EVENTS_SPREAD 90

/* Abandoned processes of the simulation leave their memory behind on purpose. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

struct outcome {
    bool violated;
    bool died; /* not by a check */
    uint64_t log_hash;
    unsigned sales, redeemed, refused, crashes, reboots, cycles, cycles_failed, lost, late, orders;
};

static struct sim_origin origin;
static bool keep; /* the folders of a history that failed, to look into */

static void run_history(uint64_t seed, enum sim_bug bug, bool quiet, bool print_log, struct outcome *ret)
{
    static struct world world;
    world_begin(&world, &origin, seed, bug);
    world.quiet = quiet;
    world.print_log = print_log;
    for (uint64_t n = EVENTS_MIN + sim_chance(&world, EVENTS_SPREAD); n > 0 && !world.failed; n--)
        actors_step(&world);
    if (!world.failed)
        actors_heal(&world);
    check_all(&world);
    *ret = (struct outcome){
        .violated = world.failed,
        .log_hash = world.log_hash,
        .sales = world.count.sales,
        .redeemed = world.count.redeemed,
        .refused = world.count.refused,
        .crashes = world.count.crashes,
        .reboots = world.count.reboots,
        .cycles = world.count.cycles,
        .cycles_failed = world.count.cycles_failed,
        .lost = world.count.lost,
        .late = world.count.late,
        .orders = world.count.orders,
    };
    if (!world.failed)
        world_end(&world);
    else if (!keep)
        sim_remove_folder(world.dir);
    else
        printf("# kept in %s\n", world.dir);
}

/* In a child. A child that dies by itself has violated, too. */
static struct outcome run_seed(uint64_t seed, enum sim_bug bug, bool quiet, bool print_log)
{
    struct outcome outcome = {.violated = true};
    int ends[2];
    (void)fflush(stdout);
    if (pipe(ends) != 0)
        abort();
    pid_t child = fork();
    if (child < 0)
        abort();
    if (child == 0) {
        run_history(seed, bug, quiet, print_log, &outcome);
        (void)fflush(stdout);
        _exit(write(ends[1], &outcome, sizeof outcome) == sizeof outcome ? 0 : 1);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], &outcome, sizeof outcome);
    close(ends[0]);
    int status = 0;
    (void)waitpid(child, &status, 0);
    if (n != sizeof outcome) {
        outcome = (struct outcome){.violated = true, .died = true};
        if (!quiet)
            printf("# seed %llu: the process ended with status %x\n", (unsigned long long)seed, (unsigned)status);
    }
    if (outcome.violated && !quiet)
        printf("# seed %llu failed: run again with --seed %llu --log\n", (unsigned long long)seed,
               (unsigned long long)seed);
    return outcome;
}

static void add(struct outcome *sum, const struct outcome *one)
{
    sum->sales += one->sales;
    sum->redeemed += one->redeemed;
    sum->refused += one->refused;
    sum->crashes += one->crashes;
    sum->reboots += one->reboots;
    sum->cycles += one->cycles;
    sum->cycles_failed += one->cycles_failed;
    sum->lost += one->lost;
    sum->late += one->late;
    sum->orders += one->orders;
}

static unsigned n_tests, n_failed;

static void tell(bool good, const char *name)
{
    n_failed += !good;
    printf("%sok %u - %s\n", good ? "" : "not ", ++n_tests, name);
    (void)fflush(stdout);
}

static bool many(uint64_t from, uint64_t n_seeds)
{
    struct outcome sum = {.violated = false};
    unsigned violated = 0;
    for (uint64_t seed = from; seed < from + n_seeds && violated < 3; seed++) {
        struct outcome one = run_seed(seed, SIM_BUG_NONE, false, false);
        violated += one.violated;
        add(&sum, &one);
    }
    printf("# %llu seeds: %u sales, %u redeemed (%u online), %u coupons refused, %u crashes (%u reboots), %u syncs (%u "
           "failed), %u messages lost, %u late\n",
           (unsigned long long)n_seeds, sum.sales, sum.redeemed, sum.orders, sum.refused, sum.crashes, sum.reboots,
           sum.cycles, sum.cycles_failed, sum.lost, sum.late);
    return violated == 0;
}

static bool repeats_itself(void)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct outcome a = run_seed(seed, SIM_BUG_NONE, false, false), b = run_seed(seed, SIM_BUG_NONE, true, false);
        if (a.log_hash != b.log_hash || a.log_hash == 0)
            return false;
    }
    return true;
}

/* Some seed out of 60 must find it. */
static bool is_caught(enum sim_bug bug)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct outcome one = run_seed(seed, bug, true, false);
        if (one.died)
            return false;
        if (one.violated)
            return true;
    }
    return false;
}

static uint64_t seeds_wanted(void)
{
    const char *wanted = getenv("CF_SIM_SEEDS"), *kind = getenv("CF_BUILD_KIND");
    if (wanted && *wanted)
        return strtoull(wanted, NULL, 10);
    return kind && strcmp(kind, "asan") == 0 ? 100 : 1000;
}

static int run_all(void)
{
    uint64_t n_seeds = seeds_wanted();
    char name[80];
    printf("1..%d\n", 1 + SIM_BUGS);
    (void)snprintf(name, sizeof name, "no invariant is violated in %llu histories", (unsigned long long)n_seeds);
    tell(many(1, n_seeds), name);
    tell(repeats_itself(), "a seed gives the same history twice");
    for (int bug = SIM_BUG_NONE + 1; bug < SIM_BUGS; bug++) {
        (void)snprintf(name, sizeof name, "the checks catch the planted bug \"%s\"", sim_bug_name((enum sim_bug)bug));
        tell(is_caught((enum sim_bug)bug), name);
    }
    return n_failed > 0;
}

int main(int argc, char **argv)
{
    uint64_t seed = 0, n_seeds = 0, from = 1;
    enum sim_bug bug = SIM_BUG_NONE;
    bool print_log = false;
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--log") == 0)
            print_log = true;
        else if (strcmp(argv[k], "--keep") == 0)
            keep = true;
        else if (strcmp(argv[k], "--seed") == 0 && k + 1 < argc)
            seed = strtoull(argv[++k], NULL, 10);
        else if (strcmp(argv[k], "--seeds") == 0 && k + 1 < argc)
            n_seeds = strtoull(argv[++k], NULL, 10);
        else if (strcmp(argv[k], "--from") == 0 && k + 1 < argc)
            from = strtoull(argv[++k], NULL, 10);
        else if (strcmp(argv[k], "--bug") == 0 && k + 1 < argc)
            bug = (enum sim_bug)(strtoull(argv[++k], NULL, 10) % SIM_BUGS);
        else {
            (void)fprintf(stderr, "usage: sim_test [--seed N [--log] [--keep] [--bug K]] [--seeds N [--from M]]\n");
            return 2;
        }
    }
    sim_origin_make(&origin);
    int status = 0;
    if (seed > 0) {
        struct outcome one = run_seed(seed, bug, false, print_log);
        printf("# seed %llu: %s, log %016llx\n", (unsigned long long)seed, one.violated ? "VIOLATED" : "good",
               (unsigned long long)one.log_hash);
        status = one.violated;
    } else if (n_seeds > 0) {
        status = !many(from, n_seeds);
    } else {
        status = run_all();
    }
    if (!keep)
        sim_origin_remove(&origin);
    return status;
}
