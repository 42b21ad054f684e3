/*
 * tests/torture/migrate_replica_test.c - the power goes at each write of a migration of the replica: afterwards it
 * opens, with all that it held.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/store/replica_private.h"
#include "tests/torture/migration.h"

static void a_replica_of_each_version_outlives_a_cut_at_each_write_of_its_migration(void **state)
{
    (void)state;
    n_cuts = 0;
    for (size_t version = 1; version <= cf_replica_schema.n; version++) {
        char path[300];
        migration_history(10 + version);
        (void)snprintf(path, sizeof path, "%s/replica.db", shop_till_dir(&shop));
        migration_make_older(path, version, &cf_replica_schema);
        migration_cut_at_each_write(shop.till_disk, shop_open_till, shop_close_till, migration_check_till);
        shop_end(&shop);
    }
    print_message("# %u cuts over %zu versions\n", n_cuts, cf_replica_schema.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replica_of_each_version_outlives_a_cut_at_each_write_of_its_migration),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, migration_begin, migration_end);
}
