/*
 * tests/sim/planted_test.c - the simulator must be able to fail: each mistake of base/plant.h is planted in turn, and
 * must be found within 2,000 seeds, begun where it was found last (CF_SIM_BUG_SEEDS; 5 where CF_BUILD_KIND is asan, and
 * most are then skipped).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/runner.h"

int main(void)
{
    const char *wanted = getenv("CF_SIM_BUG_SEEDS"), *kind = getenv("CF_BUILD_KIND"), *bug;
    bool slow = kind && strcmp(kind, "asan") == 0;
    unsigned within = wanted && *wanted ? (unsigned)strtoul(wanted, NULL, 10) : slow ? 5 : 2000, failed = 0, n = 0;
    while (runner_bug(n))
        n++;
    printf("1..%u\n", n);
    runner_begin((struct sim_scale){.tills = 4, .stores = 2, .days = 2});
    for (unsigned k = 0; (bug = runner_bug(k)) != NULL; k++) {
        struct outcome one;
        unsigned seeds = runner_seeds_until_found(bug, slow ? 1 : runner_near(bug), within, &one);
        failed += seeds == 0 && !slow;
        if (seeds > 0)
            printf("ok %u - %s is found after %u seeds: %s\n", k + 1, bug, seeds, one.invariant);
        else if (slow)
            printf("ok %u - %s is found # SKIP not within %u seeds, which is all that a slow build tries\n", k + 1, bug,
                   within);
        else
            printf("not ok %u - %s is found within %u seeds\n", k + 1, bug, within);
        (void)fflush(stdout);
    }
    return failed > 0;
}
