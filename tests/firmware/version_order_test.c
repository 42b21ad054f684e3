/*
 * tests/firmware/version_order_test.c - which image is the later, and the program that RAUC asks before it writes a
 * slot.
 */
#include "firmware/appliance/process.h"
#include "firmware/appliance/version_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void the_later_of_two_versions_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
        const char *why;
    } rows[] = {
        {"0.1.0.5", "0.1.0.5", 0, "the same"},
        {"0.1.0.10", "0.1.0.9", 1, "numbers, not letters"},
        {"0.2.0.1", "0.1.9.9", 1, "the first that differs decides"},
        {"0.1.0", "0.1.0.0", -1, "one that ends earlier is the earlier"},
        {"0.1.0.1764000000", "0.1.0.1763999999", 1, "the time of a commit"},
        {"999999999999999999", "1", 1, "as long as a number may be"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int forth = 9, back = 9;
        assert_int_equal(CF_OK, cf_version_compare(rows[i].a, rows[i].b, &forth, NULL));
        assert_int_equal(CF_OK, cf_version_compare(rows[i].b, rows[i].a, &back, NULL));
        if (forth != rows[i].order || back != -rows[i].order)
            fail_msg("%s against %s: %d and %d (%s)", rows[i].a, rows[i].b, forth, back, rows[i].why);
    }
}

static void what_is_no_version_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", ".", "1.", ".1", "1..2", "1.2.3.4.5", "v1", "1-2", "-1", "1 ", "9999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int order = 9;
        if (cf_version_compare(wrong[i], "1", &order, NULL) != CF_E_ARGUMENT ||
            cf_version_compare("1", wrong[i], &order, NULL) != CF_E_ARGUMENT || order != 9)
            fail_msg("\"%s\" was taken for a version", wrong[i]);
    }
}

static char folder[] = "/tmp/cf-install-XXXXXX";

static void put(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int check(void)
{
    char release[128];
    snprintf(release, sizeof release, "%s/os-release", folder);
    const char *const words[] = {CF_BINARY_DIR "/bin/counterfoil-install-check", folder, release, NULL};
    int status = -1;
    assert_int_equal(CF_OK, cf_process_run(words, &status, NULL));
    return status;
}

static void only_a_later_bundle_is_installed(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    put("os-release", "NAME=\"Counterfoil\"\nIMAGE_VERSION=\"0.1.0.7\"\n");
    assert_int_equal(3, check()); /* a bundle that does not say what it is */
    put("version", "0.1.0.8\n");
    assert_int_equal(0, check());
    put("version", "0.1.0.7\n");
    assert_int_equal(1, check());
    put("version", "0.1.0.6\n");
    assert_int_equal(1, check());
    put("version", "newest\n");
    assert_int_equal(3, check());
    put("version", "0.1.0.8\n");
    put("os-release", "NAME=\"Debian\"\n");
    assert_int_equal(3, check());
    static const char *const names[] = {"os-release", "version"};
    for (size_t i = 0; i < 2; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_later_of_two_versions_is_found),
        cmocka_unit_test(what_is_no_version_is_refused),
        cmocka_unit_test(only_a_later_bundle_is_installed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
