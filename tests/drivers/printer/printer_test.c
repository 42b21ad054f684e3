/* Print jobs as files: durable, replaced as a whole, and never outside their folder. */
#include "drivers/printer/printer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[300];

static int make_folder(void **state)
{
    (void)state;
    const char *top = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/cf-printer-XXXXXX", top == NULL ? "/tmp" : top);
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static struct cf_printer *new_printer(void)
{
    struct cf_printer *printer = NULL;
    assert_int_equal(cf_printer_new_folder(cf_env_system(), folder, &printer, NULL), CF_OK);
    return printer;
}

static void assert_file(const char *path, const char *content)
{
    const struct cf_env *env = cf_env_system();
    struct cf_buf file;
    cf_buf_init(&file, 4096);
    assert_int_equal(env->ops->file_read(env->ctx, path, &file, NULL), CF_OK);
    assert_true(cf_bytes_equal(cf_buf_bytes(&file), cf_bytes_str(content)));
    cf_buf_done(&file);
}

static void a_job_is_a_file_and_the_same_job_again_replaces_it(void **state)
{
    (void)state;
    struct cf_printer *printer = new_printer();
    assert_string_equal(cf_printer_last_path(printer), "");
    assert_int_equal(cf_printer_print(printer, "1001-1-000042", cf_bytes_str("first"), NULL), CF_OK);
    assert_non_null(strstr(cf_printer_last_path(printer), "/1001-1-000042.escpos"));
    assert_file(cf_printer_last_path(printer), "first");
    assert_int_equal(cf_printer_print(printer, "1001-1-000042", cf_bytes_str("second"), NULL), CF_OK);
    assert_file(cf_printer_last_path(printer), "second");
    struct stat st;
    assert_int_equal(stat(cf_printer_last_path(printer), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600); /* a receipt tells what a member bought */
    assert_int_equal(unlink(cf_printer_last_path(printer)), 0);
    cf_printer_free(printer);
    cf_printer_free(NULL);
}

static void names_that_could_leave_the_folder_are_refused(void **state)
{
    (void)state;
    char long_name[CF_PRINT_JOB_NAME_MAX + 2];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    const char *const names[] = {"", ".", "..", "../a", "a/b", "a b", "a.b", "a\n", "\xff", "票", long_name};
    struct cf_printer *printer = new_printer();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(cf_printer_print(printer, names[i], cf_bytes_str("x"), NULL), CF_E_ARGUMENT);
    }
    assert_string_equal(cf_printer_last_path(printer), "");
    cf_printer_free(printer);
}

static void a_folder_that_is_not_there_is_an_error_of_the_job(void **state)
{
    (void)state;
    struct cf_printer *printer = NULL;
    assert_int_equal(cf_printer_new_folder(cf_env_system(), "", &printer, NULL), CF_E_ARGUMENT);
    char path[2000];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(cf_printer_new_folder(cf_env_system(), path, &printer, NULL), CF_E_ARGUMENT);
    assert_int_equal(cf_printer_new_folder(cf_env_system(), "/nowhere/printer", &printer, NULL), CF_OK);
    assert_int_equal(cf_printer_print(printer, "a", cf_bytes_str("x"), NULL), CF_E_NOT_FOUND);
    assert_string_equal(cf_printer_last_path(printer), "");
    cf_printer_free(printer);
}

static enum cf_rc disk_is_full(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err)
{
    (void)ctx, (void)path, (void)content, (void)mode;
    return cf_fail(err, CF_E_DISK_FULL, "no space");
}

static void a_full_disk_is_reported_and_the_last_path_stays(void **state)
{
    (void)state;
    const struct cf_env_ops ops = {.file_replace = disk_is_full};
    const struct cf_env env = {.ops = &ops};
    struct cf_printer *printer = NULL;
    assert_int_equal(cf_printer_new_folder(&env, folder, &printer, NULL), CF_OK);
    assert_int_equal(cf_printer_print(printer, "a", cf_bytes_str("x"), NULL), CF_E_DISK_FULL);
    assert_string_equal(cf_printer_last_path(printer), "");
    cf_bytes huge = cf_bytes_of("", CF_PRINT_JOB_BYTES_MAX + (size_t)1); /* only its length is looked at */
    assert_int_equal(cf_printer_print(printer, "a", huge, NULL), CF_E_LIMIT);
    cf_printer_free(printer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_is_a_file_and_the_same_job_again_replaces_it),
        cmocka_unit_test(names_that_could_leave_the_folder_are_refused),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error_of_the_job),
        cmocka_unit_test(a_full_disk_is_reported_and_the_last_path_stays),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
