/* The registry is in order and complete; a detail is bounded and harmless. */
#include "base/error.h"
#include "base/text.h"
#include "tests/support/shared_data.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void each_registered_error_is_whole_and_in_order(void **state)
{
    (void)state;
    enum cf_rc rc;
    int64_t last = 0;
    size_t count = 0;
    for (; cf_rc_at(count, &rc); count++) {
        assert_true((int64_t)rc > last); /* the look-up halves its way through */
        last = (int64_t)rc;
        assert_true(strlen(cf_rc_name(rc)) > 0);
        const char *text = cf_rc_text(rc);
        size_t n = strlen(text);
        assert_true(n > 5 && n < 120 && text[n - 1] == '.');
        assert_true(cf_text_columns(text) == n); /* plain ASCII: every printer has it */
        assert_in_range(cf_rc_http_status(rc), 400, 599);
        enum cf_error_class class = cf_rc_class(rc);
        assert_true(class == CF_CLASS_REFUSED || class == CF_CLASS_USAGE || class == CF_CLASS_BROKEN);
        (void)cf_rc_retry(rc);
        enum cf_rc again = CF_OK;
        assert_true(cf_rc_from_number((int64_t)rc, &again));
        assert_int_equal(again, rc);
    }
    assert_true(count > 100);
    assert_string_equal(cf_rc_name(CF_E_COUPON_SPENT), "COUPON_SPENT");
    assert_int_equal(cf_rc_http_status(CF_E_COUPON_SPENT), 409);
    assert_false(cf_rc_retry(CF_E_COUPON_SPENT));
    assert_true(cf_rc_retry(CF_E_LINK_DOWN));
}

static void no_two_errors_share_a_name(void **state)
{
    (void)state;
    enum cf_rc a;
    enum cf_rc b;
    for (size_t i = 0; cf_rc_at(i, &a); i++)
        for (size_t j = i + 1; cf_rc_at(j, &b); j++)
            assert_string_not_equal(cf_rc_name(a), cf_rc_name(b));
}

static void ok_has_a_name_and_a_status(void **state)
{
    (void)state;
    assert_string_equal(cf_rc_name(CF_OK), "OK");
    assert_int_equal(cf_rc_http_status(CF_OK), 200);
    assert_false(cf_rc_retry(CF_OK));
}

static void numbers_that_are_not_registered_are_refused(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0, 1, 99, -1, 149, 99999, INT64_MAX, INT64_MIN, 100 + (INT64_C(1) << 32)};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        enum cf_rc rc = CF_E_IO;
        assert_false(cf_rc_from_number(numbers[i], &rc));
        assert_int_equal(rc, CF_E_IO);
    }
}

static void an_rc_that_is_not_registered_aborts(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)signal(SIGABRT, SIG_DFL);
        volatile int number = 7;
        (void)cf_rc_text((enum cf_rc)number);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void failing_sets_the_error_and_returns_its_code(void **state)
{
    (void)state;
    struct cf_error err = {0};
    assert_int_equal(cf_fail(&err, CF_E_RANGE, "%d of %s", 5, "3"), CF_E_RANGE);
    assert_int_equal(err.rc, CF_E_RANGE);
    assert_string_equal(err.detail, "5 of 3");
    assert_int_equal(cf_fail(NULL, CF_E_IO, "nobody listens"), CF_E_IO);
    /* A detail may be wrapped into the next one. */
    assert_int_equal(cf_fail(&err, CF_E_STATE, "line 7: %s", err.detail), CF_E_STATE);
    assert_string_equal(err.detail, "line 7: 5 of 3");
}

static void a_detail_is_cut_between_characters(void **state)
{
    (void)state;
    char text[1000];
    struct cf_error err;
    for (size_t lead = 0; lead < 4; lead++) {
        memset(text, 'a', lead);
        for (size_t i = lead; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "水", 4);
        (void)cf_fail(&err, CF_E_IO, "%s", text);
        size_t n = strlen(err.detail);
        assert_true(n <= CF_ERROR_DETAIL_MAX && n > CF_ERROR_DETAIL_MAX - 3);
        assert_true(cf_text_is_utf8(cf_bytes_str(err.detail)));
        assert_memory_equal(err.detail, text, n);
    }
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)cf_fail(&err, CF_E_IO, "%s", text);
    assert_int_equal(strlen(err.detail), CF_ERROR_DETAIL_MAX);
    /* Even of text that shrinks most, a full detail is left. */
    for (size_t i = 0; i + 3 < sizeof text; i += 3)
        memcpy(text + i, "\xe2\x80\xa8", 4);
    (void)cf_fail(&err, CF_E_IO, "%s", text);
    assert_int_equal(strspn(err.detail, "?"), CF_ERROR_DETAIL_MAX);
}

static void control_characters_become_question_marks(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *out;
    } rows[] = {
        {"a\x1b[2Jb", "a?[2Jb"},
        {"a\r\nb", "a??b"},
        {"\x7f", "?"},
        {"\xc2\x9b[2J", "?[2J"},
        {"\xe2\x80\xaex\xe2\x80\xac", "?x?"},
        {"\xff\xfe", "??"},
        {"\xef\xbf\xbd", "\xef\xbf\xbd"},
        {"\xe6\xb0", "??"},
        {"水", "水"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_error err;
        (void)cf_fail(&err, CF_E_IO, "%s", rows[i].in);
        assert_string_equal(err.detail, rows[i].out);
    }
}

static void no_naughty_string_gets_a_control_character_into_a_detail(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) file;
    cf_buf_init(&file, 1 << 20);
    if (!cf_shared_data_read("strings/blns.txt", &file))
        skip();
    cf_bytes line;
    for (size_t at = 0; cf_shared_data_line(cf_buf_bytes(&file), &at, &line);) {
        struct cf_error err;
        (void)cf_fail(&err, CF_E_IO, "%.*s", (int)line.n, (const char *)line.p);
        cf_bytes detail = cf_bytes_str(err.detail);
        assert_true(cf_text_is_utf8(detail));
        for (size_t i = 0; i < detail.n;)
            assert_false(cf_text_is_control(cf_text_next(detail, &i)));
    }
}

static void system_errors_map_to_ours(void **state)
{
    (void)state;
    static const struct {
        int errnum;
        enum cf_rc rc;
    } rows[] = {
        {ENOSPC, CF_E_DISK_FULL},
        {EDQUOT, CF_E_DISK_FULL},
        {EROFS, CF_E_READ_ONLY},
        {ENOENT, CF_E_NOT_FOUND},
        {ENOTDIR, CF_E_NOT_FOUND},
        {EACCES, CF_E_DENIED},
        {EPERM, CF_E_DENIED},
        {ENOMEM, CF_E_NO_MEMORY},
        {EEXIST, CF_E_EXISTS},
        {EBUSY, CF_E_BUSY},
        {EAGAIN, CF_E_BUSY},
        {ETIMEDOUT, CF_E_TIMEOUT},
        {EIO, CF_E_IO},
        {EISDIR, CF_E_IO},
        {ECONNREFUSED, CF_E_LINK_DOWN},
        {ENETUNREACH, CF_E_LINK_DOWN},
        {0x7ffe, CF_E_IO},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_error err = {0};
        assert_int_equal(cf_fail_errno(&err, rows[i].errnum, "writing %s", "x"), rows[i].rc);
        assert_int_equal(err.rc, rows[i].rc);
        assert_int_equal(cf_fail_errno(NULL, rows[i].errnum, "x"), rows[i].rc);
    }
}

static void the_reason_of_the_system_survives_a_long_path(void **state)
{
    (void)state;
    struct cf_error err;
    (void)cf_fail_errno(&err, ENOSPC, "writing %s", "/var/x");
    assert_string_equal(err.detail, "writing /var/x: No space left on device");
    char path[600];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    (void)cf_fail_errno(&err, ENOSPC, "writing %s", path);
    assert_int_equal(strlen(err.detail), CF_ERROR_DETAIL_MAX);
    assert_non_null(strstr(err.detail, "p: No space left on device"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_registered_error_is_whole_and_in_order),
        cmocka_unit_test(no_two_errors_share_a_name),
        cmocka_unit_test(ok_has_a_name_and_a_status),
        cmocka_unit_test(numbers_that_are_not_registered_are_refused),
        cmocka_unit_test(an_rc_that_is_not_registered_aborts),
        cmocka_unit_test(failing_sets_the_error_and_returns_its_code),
        cmocka_unit_test(a_detail_is_cut_between_characters),
        cmocka_unit_test(control_characters_become_question_marks),
        cmocka_unit_test(no_naughty_string_gets_a_control_character_into_a_detail),
        cmocka_unit_test(system_errors_map_to_ours),
        cmocka_unit_test(the_reason_of_the_system_survives_a_long_path),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
