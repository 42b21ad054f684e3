/*
 * tests/sim/sim.c - ./dev sim: histories by seed. docs/simulation.md.
 *
 *   sim [--seeds N] [--from M] [--minutes M] [--tills T] [--hubs H] [--days D] [--bug NAME] [--whole]
 *   sim --seed N [--log] [--only LIST] ...     one history
 *   sim --fresh [--minutes M]                  seeds that nobody ran yet, for 3 minutes
 *   sim --bench                                how fast: JSON lines for ./dev bench
 *   sim --bugs [--within N]                    each planted bug, and how many seeds find it (in a build that has them)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/plant.h"
#include "tests/sim/runner.h"

struct options {
    struct sim_scale scale;
    uint64_t seed, n_seeds, from;
    double minutes;
    const char *bug, *only;
    bool print_log, bench, bugs, fresh;
    bool whole; /* what fails is told, not made smaller, and the next seed follows */
    uint64_t within;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Processor time of this process and of the histories that have ended. */
static double processor_s(void)
{
    struct rusage self, children;
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    const struct timeval parts[] = {self.ru_utime, self.ru_stime, children.ru_utime, children.ru_stime};
    double sum = 0;
    for (size_t k = 0; k < 4; k++)
        sum += (double)parts[k].tv_sec + 1e-6 * (double)parts[k].tv_usec;
    return sum;
}

static void print_sum(uint64_t n_seeds, const struct outcome *sum, double took_s)
{
    struct sim_scale scale = runner_scale();
    double till_days = (double)n_seeds * scale.tills * scale.days;
    printf(
        "# %llu seeds: %u sales, %u redeemed (%u online), %u coupons refused, %u Z reports; %u crashes (%u reboots, %u "
        "power cuts), %u starts, %u syncs (%u failed), %u messages lost, %u late; %u copies, %u restores, %u enrolled "
        "again, %u set apart; %u hubs, asked %u times, given %u records and brought up %u batches, asked for %u "
        "sub-leases, %u redeemed by their word; %u returns, %u new sets of keys, %u replicas filled anew, %u vouchers, "
        "%u members forgotten, "
        "%u times a card paid, %u times an order was handed out, %u sales parked at a hub, %u payments by phone, %u "
        "times a member got what is for some, %u times a price, a discount or a void was somebody's, %u coupons given "
        "up by their home, %u exchanges\n",
        (unsigned long long)n_seeds, sum->sales, sum->redeemed, sum->orders, sum->refused, sum->z_reports, sum->crashes,
        sum->reboots, sum->cuts, sum->opened, sum->cycles, sum->cycles_failed, sum->lost, sum->late, sum->copies,
        sum->restores, sum->enrolled, sum->forks, sum->hubs, sum->hub_asks, sum->hub_pushed, sum->relayed,
        sum->subleases, sum->hub_uses, sum->returns, sum->rotations, sum->rebuilt, sum->vouchers, sum->erased,
        sum->values, sum->handed_out, sum->parked, sum->by_phone, sum->for_some, sum->acts, sum->moves, sum->exchanged);
    printf("# %.0f till-days in %.1f s of a processor: %.0f a second\n", till_days, took_s, till_days / took_s);
}

static int run_one(const struct options *options)
{
    struct run run = {.seed = options->seed, .bug = options->bug, .print_log = options->print_log};
    struct plan plan;
    bool *only = NULL;
    plan_make(&plan, options->scale, options->seed);
    if (options->only && !(only = runner_parse_only(options->only, plan.n))) {
        (void)fprintf(stderr, "sim: --only is a list like 1,4-7\n");
        plan_done(&plan);
        return 2;
    }
    run.only = only;
    struct outcome one = runner_run(&run);
    printf("# seed %llu: %s, log %016llx\n", (unsigned long long)options->seed, one.violated ? "VIOLATED" : "good",
           (unsigned long long)one.log_hash);
    if (one.violated && !options->only)
        runner_shrink(&run, &one);
    free(only);
    plan_done(&plan);
    return one.violated;
}

static int run_many(const struct options *options)
{
    struct outcome sum = {.violated = false};
    double begin_s = now_s(), used_s = processor_s();
    unsigned violated = 0;
    uint64_t n = 0;
    for (; n < options->n_seeds && (violated < 3 || options->whole); n++) {
        struct run run = {.seed = options->from + n, .bug = options->bug, .quiet = options->whole};
        if (options->minutes > 0 && now_s() - begin_s > 60 * options->minutes)
            break;
        struct outcome one = runner_run(&run);
        runner_add(&sum, &one);
        if (!one.violated)
            continue;
        violated++;
        printf("# seed %llu failed: %s\n", (unsigned long long)run.seed, one.invariant);
        (void)fflush(stdout);
        if (!options->whole)
            runner_shrink(&run, &one);
    }
    print_sum(n, &sum, processor_s() - used_s);
    return violated > 0;
}

static int run_bugs(const struct options *options)
{
    unsigned missed = 0;
    const char *bug;
    if (!runner_has_bugs()) {
        (void)fprintf(stderr, "sim: this build has no planted bugs: sim_planted has\n");
        return 2;
    }
    printf("| planted bug | seeds until found | what breaks |\n|---|---|---|\n");
    for (size_t k = 0; (bug = runner_bug(k)) != NULL; k++) {
        struct outcome one;
        if (options->bug && strcmp(options->bug, bug) != 0)
            continue;
        unsigned seeds = runner_seeds_until_found(bug, 1, (unsigned)options->within, &one);
        missed += seeds == 0;
        if (seeds > 0)
            printf("| `%s` | %u | %s |\n", bug, seeds, one.invariant);
        else
            printf("| `%s` | not within %llu | |\n", bug, (unsigned long long)options->within);
        (void)fflush(stdout);
    }
    return missed > 0;
}

static void print_figure(const char *what, double value, const char *goal)
{
    printf("{\"row\": \"sim\", \"figure\": \"%s\", \"value\": %.1f, \"unit\": \"/s of a processor\"%s}\n", what, value,
           goal);
}

/* As the benches print them. A till-day is what plan.c makes of it: opening (a process that does not run is started,
 * the others look for news), four customers, two syncs, a Z report, and its share of shoppers, orders and faults;
 * healing and the checks at the end are counted in, making the world is not. */
static int run_bench(void)
{
    double best_s = 0;
    struct outcome best = {.sales = 0};
    struct sim_scale scale = runner_scale();
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct run run = {.seed = seed, .quiet = true};
        double used_s = processor_s();
        struct outcome one = runner_run(&run);
        used_s = processor_s() - used_s;
        if (one.violated)
            return 3;
        if (seed == 1 || used_s < best_s) {
            best_s = used_s;
            best = one;
        }
    }
    char what[120];
    double rate = (double)scale.tills * scale.days / best_s;
    (void)snprintf(what, sizeof what, "simulated till-days of %u tills, %u stores, %u days, best of three seeds",
                   scale.tills, scale.stores, scale.days);
    print_figure(what, rate,
                 rate >= 1000 ? ", \"goal\": \">= 1000 /s\", \"met\": true"
                              : ", \"goal\": \">= 1000 /s\", \"met\": false");
    print_figure("sales in it", best.sales / best_s, "");
    print_figure("syncs in it", best.cycles / best_s, "");
    return 0;
}

static bool parse(int argc, char **argv, struct options *ret)
{
    struct {
        const char *name;
        unsigned *small;
        uint64_t *large;
        const char **text;
        bool *flag;
    } table[] = {
        {"--tills", &ret->scale.tills, NULL, NULL, NULL}, {"--hubs", &ret->scale.stores, NULL, NULL, NULL},
        {"--days", &ret->scale.days, NULL, NULL, NULL},   {"--seed", NULL, &ret->seed, NULL, NULL},
        {"--seeds", NULL, &ret->n_seeds, NULL, NULL},     {"--from", NULL, &ret->from, NULL, NULL},
        {"--within", NULL, &ret->within, NULL, NULL},     {"--bug", NULL, NULL, &ret->bug, NULL},
        {"--only", NULL, NULL, &ret->only, NULL},         {"--log", NULL, NULL, NULL, &ret->print_log},
        {"--fresh", NULL, NULL, NULL, &ret->fresh},       {"--bench", NULL, NULL, NULL, &ret->bench},
        {"--bugs", NULL, NULL, NULL, &ret->bugs},         {"--whole", NULL, NULL, NULL, &ret->whole},
    };
    for (int k = 1; k < argc; k++) {
        size_t i = 0;
        while (i < sizeof table / sizeof *table && strcmp(argv[k], table[i].name) != 0)
            i++;
        if (strcmp(argv[k], "--minutes") == 0 && k + 1 < argc)
            ret->minutes = strtod(argv[++k], NULL);
        else if (i == sizeof table / sizeof *table || (!table[i].flag && k + 1 == argc))
            return false;
        else if (table[i].flag)
            *table[i].flag = true;
        else if (table[i].text)
            *table[i].text = argv[++k];
        else if (table[i].large)
            *table[i].large = strtoull(argv[++k], NULL, 10);
        else
            *table[i].small = (unsigned)strtoul(argv[++k], NULL, 10);
    }
    return ret->scale.tills > 0 && ret->scale.stores > 0 && ret->scale.stores <= ret->scale.tills &&
           ret->scale.days > 0;
}

int main(int argc, char **argv)
{
    struct options options = {.scale = {.tills = 4, .stores = 2, .days = 2}, .n_seeds = 200, .from = 1, .within = 2000};
    if (!parse(argc, argv, &options)) {
        (void)fprintf(stderr,
                      "usage: sim [--seeds N] [--from M] [--minutes M] [--seed N [--log] [--only LIST]] "
                      "[--tills T] [--hubs H] [--days D] [--bug NAME] [--bugs [--within N]] [--whole] [--bench]\n");
        return 2;
    }
    if (options.fresh) { /* nobody chose them: their numbers are told, so that any can be run again */
        options.from = (uint64_t)time(NULL) % 1000000 * 100000;
        options.n_seeds = UINT64_MAX;
        options.minutes = options.minutes > 0 ? options.minutes : 3;
        printf("# fresh seeds from %llu on, for %g minutes\n", (unsigned long long)options.from, options.minutes);
    }
    runner_begin(options.scale);
    if (options.bugs)
        return run_bugs(&options);
    if (options.bench)
        return run_bench();
    return options.seed > 0 ? run_one(&options) : run_many(&options);
}
