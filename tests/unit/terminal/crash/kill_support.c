/*
 * tests/unit/terminal/crash/kill_support.c - see kill_support.h.
 */
#include "tests/unit/terminal/crash/kill_support.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/sync_shim.h"

bool kill_in_child(struct shop *shop, bool (*act)(struct shop *shop))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        uint64_t kill_at = cf_sync_shim()->kill_at;
        cf_sync_shim()->kill_at = 0;
        shop_open(shop);
        cf_sync_shim()->n_writes = 0;
        cf_sync_shim()->kill_at = kill_at;
        _exit(act(shop) ? 0 : 2);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        fail_msg("the child refused something");
    return WIFSIGNALED(status);
}
