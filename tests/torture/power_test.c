/*
 * tests/torture/power_test.c - the power goes at any write of a till or of the centre, again and again. docs/power.md.
 *
 *   power_test                      CF_POWER_CUTS cuts (1500; 150 where CF_BUILD_KIND is asan), and the planted faults
 *   power_test --cuts N [--from S]  N cuts, from seed S on; nothing else
 *   power_test --seed S [--log] [--fault F]   one history; --log prints each event
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/torture/book.h"
#include "tests/torture/clerk.h"

#define CUTS_A_HISTORY 20
#define STEPS_MAX 400
#define FAULT_SEEDS 40

static struct shop origin;
static struct shop shop;

static void tell_seed(int number)
{
    /* By hand: a signal handler may not call snprintf. */
    char text[] = "# seed 00000000000000000000 was ended by a signal\n";
    size_t at = sizeof "# seed 00000000000000000000" - 1;
    for (uint64_t seed = shop.seed; seed > 0; seed /= 10)
        text[--at] = (char)('0' + seed % 10);
    if (write(STDOUT_FILENO, text, sizeof text - 1) != (ssize_t)(sizeof text - 1))
        _exit(1);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* --- one history ---------------------------------------------------------------------------------------------------
 */

static void arm(void)
{
    static const uint64_t spans[] = {6, 30, 30, 120, 500};
    bool centre = shop_percent(&shop, 35);
    uint64_t n = 1 + shop_chance(&shop, spans[shop_chance(&shop, sizeof spans / sizeof *spans)]);
    cf_disk_stop_at(centre ? shop.centre_disk : shop.till_disk, n, CF_DISK_CUT, NULL, NULL);
}

static void restart_till(void)
{
    shop_log(&shop, "-- the till's machine starts again");
    shop.count.cuts_till++;
    shop_close_till(&shop);
    /* Opening writes, too: now and then the power goes in it again. */
    for (int again = 0; again < 3; again++) {
        cf_disk_restart(shop.till_disk, CF_DISK_ANY);
        shop.boot++;
        shop.booted_us = shop.now_us;
        if (again < 2 && shop_percent(&shop, 20))
            cf_disk_stop_at(shop.till_disk, 1 + shop_chance(&shop, 12), CF_DISK_CUT, NULL, NULL);
        enum cf_rc rc = shop_open_till(&shop, &shop_err);
        if (shop_till_is_on(&shop)) {
            cf_disk_stop_at(shop.till_disk, 0, CF_DISK_CUT, NULL, NULL);
            if (rc != CF_OK)
                shop_violation(&shop, "the till does not open: %s: %s", cf_rc_name(rc), shop_err.detail);
            break;
        }
        shop.count.cuts_till++;
        shop_close_till(&shop);
    }
    if (!shop.failed) {
        book_check_till(&shop);
        clerk_reprint(&shop);
    }
}

static void restart_centre(void)
{
    shop_log(&shop, "-- the centre's machine starts again");
    shop.count.cuts_centre++;
    shop_close_centre(&shop);
    cf_disk_restart(shop.centre_disk, CF_DISK_ANY);
    if (shop_open_centre(&shop, &shop_err) != CF_OK)
        shop_violation(&shop, "the centre does not open: %s: %s", cf_rc_name(shop_err.rc), shop_err.detail);
    else
        book_check_centre(&shop);
}

static void run(uint64_t seed, enum torture_fault fault, bool quiet, bool print_log)
{
    shop_begin(&shop, &origin, seed, fault);
    shop.quiet = quiet;
    shop.print_log = print_log;
    unsigned cuts = 0;
    arm();
    for (int k = 0; k < STEPS_MAX && cuts < CUTS_A_HISTORY && !shop.failed; k++) {
        clerk_step(&shop);
        bool till_off = !shop_till_is_on(&shop), centre_off = cf_disk_is_off(shop.centre_disk);
        if (till_off && !shop.failed)
            restart_till();
        if (centre_off && !shop.failed)
            restart_centre();
        if (!shop.failed && (till_off || centre_off)) {
            cuts = shop.count.cuts_till + shop.count.cuts_centre;
            arm();
        }
    }
    cf_disk_stop_at(shop.till_disk, 0, CF_DISK_CUT, NULL, NULL);
    cf_disk_stop_at(shop.centre_disk, 0, CF_DISK_CUT, NULL, NULL);
    if (!shop.failed)
        clerk_finish(&shop);
    if (!shop.failed)
        book_check_all(&shop);
    shop_end(&shop);
}

/* --- many -----------------------------------------------------------------------------------------------------------
 */

static bool many(uint64_t cuts, uint64_t from)
{
    unsigned till = 0, centre = 0, sales = 0, returns = 0, found = 0, copies = 0, cycles = 0, orders = 0, rebuilt = 0,
             violated = 0;
    struct timespec started, ended;
    uint64_t seed = from;
    (void)clock_gettime(CLOCK_MONOTONIC, &started);
    for (; till + centre < cuts && violated < 3; seed++) {
        run(seed, TORTURE_NONE, false, false);
        violated += shop.failed;
        till += shop.count.cuts_till;
        centre += shop.count.cuts_centre;
        sales += shop.count.sales;
        returns += shop.count.returns;
        found += shop.count.found_after_cut;
        copies += shop.count.copies;
        cycles += shop.count.cycles;
        orders += shop.count.orders;
        rebuilt += shop.count.rebuilt;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &ended);
    printf(
        "# %u cuts (till %u, centre %u) in %llu histories, %.1f s: %u sales, %u returns, %u of them found after a cut "
        "in the middle, %u copies printed, %u syncs, %u orders, %u replicas made anew\n",
        till + centre, till, centre, (unsigned long long)(seed - from),
        (double)(ended.tv_sec - started.tv_sec) + 1e-9 * (double)(ended.tv_nsec - started.tv_nsec), sales, returns,
        found, copies, cycles, orders, rebuilt);
    return violated == 0;
}

/* How many histories it took; 0: not found. */
static unsigned found_after(enum torture_fault fault)
{
    for (uint64_t seed = 1; seed <= FAULT_SEEDS; seed++) {
        run(seed, fault, true, false);
        if (shop.failed)
            return (unsigned)seed;
    }
    return 0;
}

static unsigned n_tests, n_failed;

static void tell(bool good, const char *name)
{
    n_failed += !good;
    printf("%sok %u - %s\n", good ? "" : "not ", ++n_tests, name);
    (void)fflush(stdout);
}

static uint64_t cuts_wanted(void)
{
    const char *wanted = getenv("CF_POWER_CUTS"), *kind = getenv("CF_BUILD_KIND");
    if (wanted && *wanted)
        return strtoull(wanted, NULL, 10);
    return kind && strcmp(kind, "asan") == 0 ? 150 : 1500;
}

static int run_all(void)
{
    char name[120];
    uint64_t cuts = cuts_wanted();
    printf("1..%d\n", TORTURE_FAULTS);
    (void)snprintf(name, sizeof name, "nothing that was promised is lost or doubled in %llu power cuts",
                   (unsigned long long)cuts);
    tell(many(cuts, 1), name);
    for (int fault = TORTURE_NONE + 1; fault < TORTURE_FAULTS; fault++) {
        unsigned n = found_after((enum torture_fault)fault);
        (void)snprintf(name, sizeof name, "it finds %s", torture_fault_name((enum torture_fault)fault));
        printf("# %s: found in history %u\n", torture_fault_name((enum torture_fault)fault), n);
        tell(n > 0, name);
    }
    return n_failed > 0;
}

int main(int argc, char **argv)
{
    uint64_t seed = 0, cuts = 0, from = 1, fault = 0;
    bool print_log = false;
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--log") == 0)
            print_log = true;
        else if (strcmp(argv[k], "--seed") == 0 && k + 1 < argc)
            seed = strtoull(argv[++k], NULL, 10);
        else if (strcmp(argv[k], "--cuts") == 0 && k + 1 < argc)
            cuts = strtoull(argv[++k], NULL, 10);
        else if (strcmp(argv[k], "--from") == 0 && k + 1 < argc)
            from = strtoull(argv[++k], NULL, 10);
        else if (strcmp(argv[k], "--fault") == 0 && k + 1 < argc)
            fault = strtoull(argv[++k], NULL, 10) % TORTURE_FAULTS;
        else {
            (void)fprintf(stderr, "usage: power_test [--seed S [--log] [--fault F]] [--cuts N [--from S]]\n");
            return 2;
        }
    }
    (void)signal(SIGABRT, tell_seed);
    (void)signal(SIGSEGV, tell_seed);
    shop_origin_make(&origin);
    int status = 0;
    if (seed > 0) {
        run(seed, (enum torture_fault)fault, false, print_log);
        printf("# seed %llu: %s\n", (unsigned long long)seed, shop.failed ? "VIOLATED" : "good");
        status = shop.failed;
    } else {
        status = cuts > 0 ? !many(cuts, from) : run_all();
    }
    shop_origin_done(&origin);
    return status;
}
