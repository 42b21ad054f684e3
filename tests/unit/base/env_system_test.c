/* The real environment: clocks that go forward, randomness, whole files or none. */
#include "base/env.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[256];
static char path[300];

static int make_folder(void **state)
{
    (void)state;
    const char *top = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/cf-env-XXXXXX", top == NULL ? "/tmp" : top);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/file", folder);
    return 0;
}

/* Fails if a test left anything but its file: a torn temporary, say. */
static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static enum cf_rc read_whole(const char *file, struct cf_buf *ret, struct cf_error *err)
{
    const struct cf_env *env = cf_env_system();
    return env->ops->file_read(env->ctx, file, ret, err);
}

static enum cf_rc replace(const char *file, const char *content, unsigned mode, struct cf_error *err)
{
    const struct cf_env *env = cf_env_system();
    return env->ops->file_replace(env->ctx, file, cf_bytes_str(content), mode, err);
}

static void clocks_go_forward(void **state)
{
    (void)state;
    const struct cf_env *env = cf_env_system();
    cf_mono last = cf_env_mono(env);
    for (int i = 0; i < 1000; i++) {
        cf_mono now = cf_env_mono(env);
        assert_true(cf_mono_since(now, last).us >= 0);
        last = now;
    }
    assert_true(cf_env_wall(env).us > INT64_C(1700000000) * CF_US_PER_S);
}

static void a_boot_has_one_name(void **state)
{
    (void)state;
    const struct cf_env *env = cf_env_system();
    uint8_t a[CF_BOOT_ID_BYTES] = {0};
    uint8_t b[CF_BOOT_ID_BYTES];
    static const uint8_t zero[CF_BOOT_ID_BYTES];
    env->ops->boot_id(env->ctx, a);
    env->ops->boot_id(env->ctx, b);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, zero, sizeof a);
}

static void random_bytes_fill_all_that_was_asked_for(void **state)
{
    (void)state;
    static uint8_t bytes[100000];
    size_t seen[256] = {0};
    cf_env_random(cf_env_system(), bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        seen[bytes[i]]++;
    for (size_t i = 0; i < 256; i++) /* 391 on average; never this far off */
        assert_in_range(seen[i], 200, 600);
    cf_env_random(cf_env_system(), bytes, 0);
}

static void there_is_no_network(void **state)
{
    (void)state;
    const struct cf_env *env = cf_env_system();
    struct cf_net_request request = {.method = "GET", .path = "/t1/down"};
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_error err = {0};
    int status = 77;
    cf_buf_init(&body, 16);
    assert_int_equal(env->ops->net_exchange(env->ctx, &request, &status, &body, &err), CF_E_LINK_DOWN);
    assert_int_equal(status, 77);
    assert_int_equal(err.rc, CF_E_LINK_DOWN);
}

static void a_file_is_replaced_whole_with_its_mode(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) content;
    struct stat status;
    cf_buf_init(&content, 64);
    assert_int_equal(replace(path, "first", 0600, NULL), CF_OK);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(replace(path, "second", 0644, NULL), CF_OK);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    assert_int_equal(cf_buf_append_str(&content, "> ", NULL), CF_OK);
    assert_int_equal(read_whole(path, &content, NULL), CF_OK);
    assert_true(cf_bytes_equal(cf_buf_bytes(&content), cf_bytes_str("> second")));
    assert_int_equal(replace(path, "", 0600, NULL), CF_OK);
    cf_buf_clear(&content);
    assert_int_equal(read_whole(path, &content, NULL), CF_OK);
    assert_int_equal(content.n, 0);
}

static void a_file_without_a_folder_is_in_the_current_one(void **state)
{
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(replace("file", "x", 0600, NULL), CF_OK);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(access(path, R_OK), 0);
}

static void a_file_that_cannot_be_written_keeps_its_old_content(void **state)
{
    (void)state;
    assert_int_equal(replace(path, "precious", 0600, NULL), CF_OK);
    struct rlimit before;
    struct rlimit full;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    full = before;
    full.rlim_cur = 4;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    struct cf_error err = {0};
    enum cf_rc rc = replace(path, "does not fit", 0600, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(rc, CF_E_DISK_FULL);
    assert_int_equal(err.rc, rc);
    struct cf_buf CF_CLEANUP(cf_buf_done) content;
    cf_buf_init(&content, 64);
    assert_int_equal(read_whole(path, &content, NULL), CF_OK);
    assert_true(cf_bytes_equal(cf_buf_bytes(&content), cf_bytes_str("precious")));
}

static void what_cannot_be_read_leaves_the_buffer_alone(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) content;
    cf_buf_init(&content, 8);
    assert_int_equal(cf_buf_append_str(&content, "old", NULL), CF_OK);
    assert_int_equal(read_whole(path, &content, NULL), CF_E_NOT_FOUND);
    assert_int_equal(read_whole(folder, &content, NULL), CF_E_IO);
    assert_int_equal(replace(path, "six by", 0600, NULL), CF_OK);
    assert_int_equal(read_whole(path, &content, NULL), CF_E_LIMIT);
    assert_true(cf_bytes_equal(cf_buf_bytes(&content), cf_bytes_str("old")));
    assert_int_equal(replace(path, "five.", 0600, NULL), CF_OK);
    assert_int_equal(read_whole(path, &content, NULL), CF_OK);
    assert_true(cf_bytes_equal(cf_buf_bytes(&content), cf_bytes_str("oldfive.")));
}

static void a_large_file_is_read_whole(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) in;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&in, 1 << 20);
    cf_buf_init(&out, 1 << 20);
    assert_int_equal(cf_buf_reserve(&in, 300000, NULL), CF_OK);
    in.n = 300000;
    cf_env_random(cf_env_system(), in.p, in.n);
    const struct cf_env *env = cf_env_system();
    assert_int_equal(env->ops->file_replace(env->ctx, path, cf_buf_bytes(&in), 0600, NULL), CF_OK);
    assert_int_equal(read_whole(path, &out, NULL), CF_OK);
    assert_true(cf_bytes_equal(cf_buf_bytes(&in), cf_buf_bytes(&out)));
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    struct cf_error err = {0};
    assert_int_equal(replace("/nonexistent/file", "x", 0600, &err), CF_E_NOT_FOUND);
    assert_non_null(strstr(err.detail, "/nonexistent/file"));
    assert_int_equal(replace(folder, "x", 0600, &err), CF_E_IO); /* a folder in the file's place */
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_go_forward),
        cmocka_unit_test(a_boot_has_one_name),
        cmocka_unit_test(random_bytes_fill_all_that_was_asked_for),
        cmocka_unit_test(there_is_no_network),
        IN_FOLDER(a_file_is_replaced_whole_with_its_mode),
        IN_FOLDER(a_file_without_a_folder_is_in_the_current_one),
        IN_FOLDER(a_file_that_cannot_be_written_keeps_its_old_content),
        IN_FOLDER(what_cannot_be_read_leaves_the_buffer_alone),
        IN_FOLDER(a_large_file_is_read_whole),
        IN_FOLDER(a_missing_folder_is_named),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
