/*
 * tests/sim/runner.c - see runner.h.
 */
#include "tests/sim/runner.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/plant.h"
#include "tests/sim/actors.h"
#include "tests/sim/check.h"

#define SHRINK_RUNS_MAX 2000

/* Abandoned processes of the simulation leave their memory behind on purpose. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static struct world world;

#ifdef CF_PLANTED_BUGS
const char *cf_planted;
bool runner_has_bugs(void)
{
    return true;
}
static void runner_plant(const char *bug)
{
    cf_planted = bug;
}
#else
bool runner_has_bugs(void)
{
    return false;
}
static void runner_plant(const char *bug)
{
    (void)bug;
}
#endif

void runner_begin(struct sim_scale scale)
{
    /* Memory that is given back to the kernel is asked for again at once. */
    mallopt(M_MMAP_THRESHOLD, 256 << 10); /* large and mostly untouched: fresh pages are cheaper than clearing */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 16 << 20);
    world_make(&world, scale);
}

struct sim_scale runner_scale(void)
{
    return world.scale;
}

static void run_history(const struct run *run, struct outcome *ret)
{
    struct plan plan;
    world.quiet = run->quiet;
    world.print_log = run->print_log;
    runner_plant(run->bug);
    plan_make(&plan, world.scale, run->seed);
    world.deaths_per_1000 = plan.deaths_per_1000;
    world_begin(&world, run->seed);
    for (size_t k = 0; k < plan.n && !world.failed; k++)
        if (!run->only || run->only[k])
            actors_do(&world, &plan.event[k]);
    if (!world.failed)
        actors_heal(&world);
    if (!world.failed)
        check_all(&world);
    *ret = (struct outcome){
        .violated = world.failed,
        .log_hash = world.log_hash,
        .n_events = (unsigned)plan.n,
        .sales = world.count.sales,
        .redeemed = world.count.redeemed,
        .refused = world.count.refused,
        .crashes = world.count.crashes,
        .reboots = world.count.reboots,
        .cuts = world.count.cuts,
        .cycles = world.count.cycles,
        .cycles_failed = world.count.cycles_failed,
        .lost = world.count.lost,
        .late = world.count.late,
        .orders = world.count.orders,
        .opened = world.count.opened,
        .z_reports = world.count.z_reports,
        .copies = world.count.copies,
        .restores = world.count.restores,
        .enrolled = world.count.enrolled,
        .forks = world.count.forks,
        .hubs = world.count.hubs,
        .hub_asks = world.count.hub_asks,
        .hub_uses = world.count.hub_uses,
        .returns = world.count.returns,
        .rotations = world.count.rotations,
        .rebuilt = world.count.rebuilt,
        .hub_pushed = world.count.hub_pushed,
        .subleases = world.count.subleases,
        .relayed = world.count.relayed,
        .vouchers = world.count.vouchers,
        .erased = world.count.erased,
        .values = world.count.values,
        .handed_out = world.count.handed_out,
        .parked = world.count.parked,
        .for_some = world.count.for_some,
        .by_phone = world.count.by_phone,
        .acts = world.count.acts,
        .moves = world.count.moves,
        .exchanged = world.count.exchanged,
    };
    memcpy(ret->invariant, world.invariant, sizeof ret->invariant);
}

/* In a child. A child that dies by itself has violated, too. */
struct outcome runner_run(const struct run *run)
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
        if (run->quiet) /* an assertion's words are for who runs it again */
            (void)!freopen("/dev/null", "w", stderr);
        run_history(run, &outcome);
        (void)fflush(stdout);
        _exit(write(ends[1], &outcome, sizeof outcome) == sizeof outcome ? 0 : 1);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], &outcome, sizeof outcome);
    close(ends[0]);
    int status = 0;
    (void)waitpid(child, &status, 0);
    if (n != sizeof outcome) {
        outcome = (struct outcome){.violated = true, .died = true, .invariant = "the code does not abort"};
        if (!run->quiet)
            printf("# seed %llu: the process ended with status %x\n", (unsigned long long)run->seed, (unsigned)status);
    }
    return outcome;
}

void runner_add(struct outcome *sum, const struct outcome *one)
{
    sum->sales += one->sales;
    sum->redeemed += one->redeemed;
    sum->refused += one->refused;
    sum->crashes += one->crashes;
    sum->reboots += one->reboots;
    sum->cuts += one->cuts;
    sum->cycles += one->cycles;
    sum->cycles_failed += one->cycles_failed;
    sum->lost += one->lost;
    sum->late += one->late;
    sum->orders += one->orders;
    sum->opened += one->opened;
    sum->z_reports += one->z_reports;
    sum->copies += one->copies;
    sum->restores += one->restores;
    sum->enrolled += one->enrolled;
    sum->forks += one->forks;
    sum->hubs += one->hubs;
    sum->hub_asks += one->hub_asks;
    sum->hub_uses += one->hub_uses;
    sum->returns += one->returns;
    sum->rotations += one->rotations;
    sum->rebuilt += one->rebuilt;
    sum->hub_pushed += one->hub_pushed;
    sum->subleases += one->subleases;
    sum->relayed += one->relayed;
    sum->vouchers += one->vouchers;
    sum->erased += one->erased;
    sum->values += one->values;
    sum->handed_out += one->handed_out;
    sum->parked += one->parked;
    sum->for_some += one->for_some;
    sum->by_phone += one->by_phone;
    sum->acts += one->acts;
    sum->moves += one->moves;
    sum->exchanged += one->exchanged;
}

/* --- making it smaller -------------------------------------------------------------------------------------------- */

static bool still_fails(const struct run *run, const bool *only, const char *invariant)
{
    struct run smaller = *run;
    smaller.only = only;
    smaller.quiet = true;
    smaller.print_log = false;
    struct outcome one = runner_run(&smaller);
    return one.violated && strcmp(one.invariant, invariant) == 0;
}

static size_t count(const bool *only, size_t n)
{
    size_t kept = 0;
    for (size_t k = 0; k < n; k++)
        kept += only[k];
    return kept;
}

/* Leaves out the part'th of `parts` equal parts of what is kept. */
static void without_part(const bool *only, size_t n, size_t parts, size_t part, bool *ret)
{
    size_t kept = count(only, n), seen = 0;
    for (size_t k = 0; k < n; k++) {
        bool in_part = only[k] && seen * parts / kept == part;
        seen += only[k];
        ret[k] = only[k] && !in_part;
    }
}

static void print_only(const bool *only, size_t n)
{
    const char *between = "";
    for (size_t k = 0; k < n; k++) {
        size_t last = k;
        if (!only[k])
            continue;
        while (last + 1 < n && only[last + 1])
            last++;
        if (last > k)
            printf("%s%zu-%zu", between, k, last);
        else
            printf("%s%zu", between, k);
        between = ",";
        k = last;
    }
}

bool *runner_parse_only(const char *text, size_t n)
{
    bool *only = calloc(n + 1, sizeof *only);
    while (only && *text) {
        char *end;
        unsigned long first = strtoul(text, &end, 10), last = first;
        if (end == text)
            break;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        for (unsigned long k = first; k <= last && k < n; k++)
            only[k] = true;
        text = *end == ',' ? end + 1 : end;
    }
    if (only && *text) {
        free(only);
        return NULL;
    }
    return only;
}

/* Delta debugging (Zeller, Hildebrandt 2002): parts are left out as long as the same invariant breaks. */
void runner_shrink(const struct run *run, const struct outcome *failed)
{
    size_t n = failed->n_events, parts = 2;
    unsigned runs = 0;
    bool *only = malloc(n + 1), *fewer = malloc(n + 1);
    if (!only || !fewer || failed->died) {
        printf("# it is not made smaller\n");
        free(only);
        free(fewer);
        return;
    }
    for (size_t k = 0; k < n; k++)
        only[k] = run->only ? run->only[k] : true;
    while (count(only, n) >= 2 && runs < SHRINK_RUNS_MAX) {
        bool left_out = false;
        for (size_t part = 0; part < parts && runs < SHRINK_RUNS_MAX; part++) {
            without_part(only, n, parts, part, fewer);
            runs++;
            if (still_fails(run, fewer, failed->invariant)) {
                memcpy(only, fewer, n);
                left_out = true;
                parts = parts > 2 ? parts - 1 : 2;
                break;
            }
        }
        if (left_out)
            continue;
        if (parts >= count(only, n))
            break;
        parts = 2 * parts < count(only, n) ? 2 * parts : count(only, n);
    }
    printf("# %zu of %zu events are enough (%u runs):\n", count(only, n), n, runs);
    struct run again = *run;
    again.only = only;
    again.quiet = false;
    again.print_log = true;
    (void)runner_run(&again);
    printf("# ./dev sim --tills %u --hubs %u --days %u%s%s --seed %llu --only ", world.scale.tills, world.scale.stores,
           world.scale.days, run->bug ? " --bug " : "", run->bug ? run->bug : "", (unsigned long long)run->seed);
    print_only(only, n);
    printf("\n");
    free(only);
    free(fewer);
}

/* --- planted bugs ------------------------------------------------------------------------------------------------- */

const char *runner_bug(size_t k)
{
    static const char *const names[] = {
        "risk_unbounded",    "restore_without_marker", "hub_forgets_claims",     "reclaim_dead_lease",
        "reclaim_at_expiry", "dedupe_by_seq",          "reenrol_same_epoch",     "fork_not_fenced",
        "centre_unsynced",   "journal_unsynced",       "lease_spent_again",      "pinned_anywhere",
        "void_revives",      "ranges_overlap",         "request_answered_twice", "rotation_drops_keys",
        "day_unbounded",     "money_unbounded",        "silence_is_no",          "home_spent_again",
        "held_for_ever",     "restored_card_pays",     "order_unasked",          "recall_unheard",
        "parked_stays_here", "segment_ignored",        "older_journals_kept",    "home_without_epoch",
        "permit_unasked",    "cursor_ahead",           "moved_unreleased",       "released_counts",
    };
    return k < sizeof names / sizeof *names ? names[k] : NULL;
}

unsigned runner_near(const char *bug)
{
    static const struct {
        const char *bug;
        unsigned seed;
    } near[] = {{"older_journals_kept", 455},    {"restored_card_pays", 580}, {"hub_forgets_claims", 50},
                {"restore_without_marker", 240}, {"money_unbounded", 70},     {"risk_unbounded", 40},
                {"home_without_epoch", 200},     {"void_revives", 350},       {"silence_is_no", 20}};
    for (size_t k = 0; k < sizeof near / sizeof *near; k++)
        if (strcmp(near[k].bug, bug) == 0)
            return near[k].seed;
    return 1;
}

unsigned runner_seeds_until_found(const char *bug, unsigned from, unsigned within, struct outcome *ret)
{
    for (unsigned seed = from; seed < from + within; seed++) {
        struct run run = {.seed = seed, .bug = bug, .quiet = true};
        *ret = runner_run(&run);
        if (!ret->violated)
            continue;
        run.bug = NULL;
        struct outcome without = runner_run(&run);
        if (!without.violated)
            return seed - from + 1;
    }
    return 0;
}
