/*
 * tests/torture/migrate_centre_test.c - the power goes at each write of a migration of the centre: afterwards it opens,
 * with all that it held.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/store/sql_files_support.h"
#include "tests/torture/book.h"
#include "tests/torture/migration.h"

static void a_centre_of_each_version_outlives_a_cut_at_each_write_of_its_migration(void **state)
{
    static struct sql_files files;
    (void)state;
    n_cuts = 0;
    sql_files_read("sync/central/store/sqlite/schema", &files);
    for (size_t version = 1; version <= files.n; version++) {
        migration_history(20 + version);
        migration_make_older(shop_centre_path(&shop, "member.db"), version, NULL);
        migration_cut_at_each_write(shop.centre_disk, shop_open_centre, shop_close_centre, book_check_centre);
        shop_end(&shop);
    }
    print_message("# %u cuts over %zu versions\n", n_cuts, files.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_centre_of_each_version_outlives_a_cut_at_each_write_of_its_migration),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, migration_begin, migration_end);
}
