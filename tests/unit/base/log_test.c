/* The log: bounded in memory and on disk, harmless to a terminal, and never in the way. */
#include "base/log.h"
#include "base/text.h"
#include "tests/support/shared_data.h"
#include "tests/unit/base/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

static cf_wall fixed_wall(void *ctx)
{
    (void)ctx;
    return (cf_wall){INT64_C(1795331109000000)};
}

static const struct cf_env_ops fixed_ops = {.wall_now = fixed_wall};
static const struct cf_env fixed_env = {.ops = &fixed_ops};

/* A folder of this test's own; the log's path in it. */
static char folder[256];
static char path[300];
static char old_path[310];

static int make_folder(void **state)
{
    (void)state;
    const char *top = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/cf-log-XXXXXX", top == NULL ? "/tmp" : top);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/a.log", folder);
    (void)snprintf(old_path, sizeof old_path, "%s.1", path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)unlink(old_path);
    (void)rmdir(path);
    (void)rmdir(old_path);
    return rmdir(folder);
}

static struct cf_log *log_at(const char *file, size_t bytes_max)
{
    struct cf_log *log = NULL;
    assert_int_equal(cf_log_new(&fixed_env, file, bytes_max, CF_LOG_INFO, &log, NULL), CF_OK);
    return log;
}

static size_t size_of(const char *file)
{
    struct stat status;
    return stat(file, &status) == 0 ? (size_t)status.st_size : 0;
}

static void read_file(const char *file, struct cf_buf *ret)
{
    const struct cf_env *env = cf_env_system();
    assert_int_equal(env->ops->file_read(env->ctx, file, ret, NULL), CF_OK);
}

static void a_line_has_time_level_area_and_text(void **state)
{
    (void)state;
    struct cf_log *log = log_at(NULL, 0);
    cf_log_write(log, CF_LOG_WARN, "sync", "%d records wait", 7);
    assert_string_equal(cf_log_recent(log, 0), "2026-11-22T07:05:09Z WARN sync: 7 records wait");
    cf_log_write(log, CF_LOG_ERROR, "till", "x");
    assert_string_equal(cf_log_recent(log, 0), "2026-11-22T07:05:09Z ERROR till: x");
    assert_string_equal(cf_log_recent(log, 1), "2026-11-22T07:05:09Z WARN sync: 7 records wait");
    assert_null(cf_log_recent(log, 2));
    cf_log_free(log);
}

static void lines_below_the_level_are_left_out(void **state)
{
    (void)state;
    struct cf_log *log = log_at(NULL, 0);
    cf_log_write(log, CF_LOG_DEBUG, "a", "x");
    assert_null(cf_log_recent(log, 0));
    cf_log_write(log, CF_LOG_INFO, "a", "x");
    assert_non_null(cf_log_recent(log, 0));
    cf_log_free(log);
}

static void no_log_is_a_log_too(void **state)
{
    (void)state;
    cf_log_write(NULL, CF_LOG_ERROR, "a", "%d", 1);
    cf_log_echo(NULL, stderr);
    assert_null(cf_log_recent(NULL, 0));
    assert_int_equal(cf_log_dropped(NULL), 0);
    cf_log_free(NULL);
}

static void the_ring_keeps_the_last_lines(void **state)
{
    (void)state;
    struct cf_log *log = log_at(NULL, 0);
    for (int i = 0; i < 1000; i++)
        cf_log_write(log, CF_LOG_INFO, "a", "line %d.", i);
    for (size_t k = 0; k < CF_LOG_RING_LINES; k++) {
        char wanted[64];
        (void)snprintf(wanted, sizeof wanted, "2026-11-22T07:05:09Z INFO a: line %zu.", 999 - k);
        assert_string_equal(cf_log_recent(log, k), wanted);
    }
    assert_null(cf_log_recent(log, CF_LOG_RING_LINES));
    assert_null(cf_log_recent(log, SIZE_MAX));
    cf_log_free(log);
}

static void assert_harmless(const char *line)
{
    cf_bytes in = cf_bytes_str(line);
    assert_true(in.n <= CF_LOG_LINE_MAX);
    assert_true(cf_text_is_utf8(in));
    for (size_t at = 0; at < in.n;)
        assert_false(cf_text_is_control(cf_text_next(in, &at)));
}

static void long_lines_are_cut_between_characters(void **state)
{
    (void)state;
    struct cf_log *log = log_at(NULL, 0);
    char text[3000];
    for (size_t lead = 0; lead < 4; lead++) {
        memset(text, 'a', lead);
        for (size_t i = lead; i + 4 < sizeof text; i += 4)
            memcpy(text + i, "\xf0\x9f\x8d\xb5", 5);
        cf_log_write(log, CF_LOG_INFO, "a", "%s", text);
        assert_harmless(cf_log_recent(log, 0));
        size_t n = strlen(cf_log_recent(log, 0));
        assert_true(n > CF_LOG_LINE_MAX - 4);
        assert_null(strstr(cf_log_recent(log, 0), "\xef\xbf\xbd")); /* cut, not broken */
    }
    cf_log_write(log, CF_LOG_INFO, text, "%s", text);
    assert_harmless(cf_log_recent(log, 0));
    cf_log_free(log);
}

static void control_characters_never_reach_the_log(void **state)
{
    (void)state;
    struct cf_log *log = log_at(path, 4096);
    cf_log_write(log, CF_LOG_INFO, "a\nb", "one\ntwo \x1b[2J \xe2\x80\xae\xe2\x80\xac \xff");
    assert_string_equal(cf_log_recent(log, 0), "2026-11-22T07:05:09Z INFO a\xef\xbf\xbd"
                                               "b: one\xef\xbf\xbdtwo "
                                               "\xef\xbf\xbd[2J \xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd");
    cf_log_free(log);
    struct cf_buf CF_CLEANUP(cf_buf_done) file;
    cf_buf_init(&file, 4096);
    read_file(path, &file);
    /* One line, whatever was in it: nobody can forge a second one. */
    assert_ptr_equal(memchr(file.p, '\n', file.n), file.p + file.n - 1);
}

static void no_naughty_string_gets_a_control_character_into_the_log(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) file;
    cf_buf_init(&file, 1 << 20);
    if (!cf_shared_data_read("strings/blns.txt", &file))
        skip();
    struct cf_log *log = log_at(NULL, 0);
    cf_bytes line;
    for (size_t at = 0; cf_shared_data_line(cf_buf_bytes(&file), &at, &line);) {
        cf_log_write(log, CF_LOG_INFO, "name", "%.*s", (int)line.n, (const char *)line.p);
        assert_harmless(cf_log_recent(log, 0));
    }
    cf_log_free(log);
}

static void the_file_turns_over_at_its_cap_and_keeps_one_old_one(void **state)
{
    (void)state;
    struct cf_log *log = log_at(path, 4096);
    for (int i = 0; i < 500; i++) {
        cf_log_write(log, CF_LOG_INFO, "a", "line %d.", i);
        assert_true(size_of(path) <= 4096 && size_of(old_path) <= 4096);
    }
    assert_int_equal(cf_log_dropped(log), 0);
    cf_log_free(log);
    struct cf_buf CF_CLEANUP(cf_buf_done) both;
    cf_buf_init(&both, 8192);
    read_file(old_path, &both);
    read_file(path, &both);
    const char *text;
    assert_int_equal(cf_buf_cstr(&both, &text, NULL), CF_OK);
    /* The last lines, whole, one after the other. */
    static const char head[] = "2026-11-22T07:05:09Z INFO a: line ";
    long next = -1;
    for (const char *at = text; *at != '\0';) {
        assert_memory_equal(at, head, strlen(head));
        char *end;
        long number = strtol(at + strlen(head), &end, 10);
        assert_memory_equal(end, ".\n", 2);
        assert_true(next < 0 || number == next);
        next = number + 1;
        at = end + 2;
    }
    assert_int_equal(next, 500);
}

static void a_file_is_continued_after_a_restart(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct cf_log *log = log_at(path, 4096);
        cf_log_write(log, CF_LOG_INFO, "a", "start %d", i);
        cf_log_free(log);
    }
    assert_int_equal(size_of(path), 3 * strlen("2026-11-22T07:05:09Z INFO a: start 0\n"));
}

static void a_log_that_cannot_write_counts_and_goes_on(void **state)
{
    (void)state;
    struct cf_log *log = log_at(path, 4096);
    struct rlimit before;
    struct rlimit full;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    full = before;
    full.rlim_cur = 100; /* in the middle of the third line */
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    for (int i = 0; i < 5; i++)
        cf_log_write(log, CF_LOG_INFO, "a", "line %d", i);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(cf_log_dropped(log), 3);
    assert_string_equal(cf_log_recent(log, 0), "2026-11-22T07:05:09Z INFO a: line 4");
    cf_log_write(log, CF_LOG_INFO, "a", "line 5");
    cf_log_free(log);
    struct cf_buf CF_CLEANUP(cf_buf_done) file;
    cf_buf_init(&file, 4096);
    read_file(path, &file);
    const char *text;
    assert_int_equal(cf_buf_cstr(&file, &text, NULL), CF_OK);
    assert_string_equal(text, "2026-11-22T07:05:09Z INFO a: line 0\n2026-11-22T07:05:09Z INFO a: line 1\n"
                              "2026-11-22T07:05:09Z INFO a: line 5\n");
}

static void a_log_that_cannot_turn_over_counts_and_goes_on(void **state)
{
    (void)state;
    /* A folder in the old file's place: rename fails, for root too. */
    assert_int_equal(mkdir(old_path, 0700), 0);
    struct cf_log *log = log_at(path, 4096);
    for (int i = 0; i < 500; i++)
        cf_log_write(log, CF_LOG_INFO, "a", "line %d", i);
    assert_true(size_of(path) <= 4096);
    assert_true(cf_log_dropped(log) > 0);
    assert_int_equal(rmdir(old_path), 0);
    uint64_t dropped = cf_log_dropped(log);
    cf_log_write(log, CF_LOG_INFO, "a", "works again");
    assert_int_equal(cf_log_dropped(log), dropped);
    assert_int_equal(size_of(path), strlen("2026-11-22T07:05:09Z INFO a: works again\n"));
    cf_log_free(log);
}

static void what_is_no_plain_file_is_refused(void **state)
{
    (void)state;
    struct cf_log *log = NULL;
    struct cf_error err = {0};
    assert_int_equal(cf_log_new(&fixed_env, path, 4095, CF_LOG_INFO, &log, &err), CF_E_RANGE);
    assert_int_equal(cf_log_new(&fixed_env, "/nonexistent/a.log", 4096, CF_LOG_INFO, &log, &err), CF_E_NOT_FOUND);
    assert_int_equal(cf_log_new(&fixed_env, folder, 4096, CF_LOG_INFO, &log, &err), CF_E_IO);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_not_equal(cf_log_new(&fixed_env, path, 4096, CF_LOG_INFO, &log, &err), CF_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/dev/null", path), 0);
    assert_int_not_equal(cf_log_new(&fixed_env, path, 4096, CF_LOG_INFO, &log, &err), CF_OK);
    assert_null(log);
}

static void a_log_without_memory_says_so(void **state)
{
    (void)state;
    struct cf_log *log = NULL;
    struct cf_error err = {0};
    heap_calls_left = 0;
    enum cf_rc rc = cf_log_new(&fixed_env, NULL, 0, CF_LOG_INFO, &log, &err);
    heap_calls_left = -1;
    assert_int_equal(rc, CF_E_NO_MEMORY);
    assert_int_equal(err.rc, CF_E_NO_MEMORY);
    assert_null(log);
}

static void lines_are_echoed_if_asked(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n = 0;
    FILE *stream = open_memstream(&text, &n);
    assert_non_null(stream);
    struct cf_log *log = log_at(NULL, 0);
    cf_log_echo(log, stream);
    cf_log_write(log, CF_LOG_INFO, "a", "x\ny");
    cf_log_echo(log, NULL);
    cf_log_write(log, CF_LOG_INFO, "a", "unheard");
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(text, "2026-11-22T07:05:09Z INFO a: x\xef\xbf\xbdy\n");
    free(text);
    cf_log_free(log);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_area_and_text),
        cmocka_unit_test(lines_below_the_level_are_left_out),
        cmocka_unit_test(no_log_is_a_log_too),
        cmocka_unit_test(the_ring_keeps_the_last_lines),
        cmocka_unit_test(long_lines_are_cut_between_characters),
        IN_FOLDER(control_characters_never_reach_the_log),
        cmocka_unit_test(no_naughty_string_gets_a_control_character_into_the_log),
        IN_FOLDER(the_file_turns_over_at_its_cap_and_keeps_one_old_one),
        IN_FOLDER(a_file_is_continued_after_a_restart),
        IN_FOLDER(a_log_that_cannot_write_counts_and_goes_on),
        IN_FOLDER(a_log_that_cannot_turn_over_counts_and_goes_on),
        IN_FOLDER(what_is_no_plain_file_is_refused),
        cmocka_unit_test(a_log_without_memory_says_so),
        cmocka_unit_test(lines_are_echoed_if_asked),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
