/*
 * tests/unit/hub/http_in_test.c - a request head is taken exactly, or not at all.
 */
#include "sync/hub/http_in.h"
#include "sync/hub/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_head_is_measured_by_its_empty_line(void **state)
{
    (void)state;
    assert_int_equal(cf_hub_head_size(cf_bytes_str("")), 0);
    assert_int_equal(cf_hub_head_size(cf_bytes_str("GET / HTTP/1.1\r\n")), 0);
    assert_int_equal(cf_hub_head_size(cf_bytes_str("GET / HTTP/1.1\r\n\r\nbody")), 18);
}

static void heads_are_taken_as_the_rules_say(void **state)
{
    (void)state;
    static const struct {
        const char *why, *head;
        bool good;
        uint64_t length;
        bool keep;
    } rows[] = {
        {"as a till sends it", "POST /h1/claim HTTP/1.1\r\nHost: t1-e1\r\nContent-Length: 42\r\n\r\n", true, 42, true},
        {"without a body", "GET /h1/chunk/2/00 HTTP/1.1\r\n\r\n", true, 0, true},
        {"names in any case, space around values", "POST /x HTTP/1.1\r\ncontent-LENGTH: \t7 \r\n\r\n", true, 7, true},
        {"it will be closed", "POST /x HTTP/1.1\r\nConnection: close\r\n\r\n", true, 0, false},
        {"two lengths, though equal", "POST /x HTTP/1.1\r\nContent-Length: 7\r\nContent-Length: 7\r\n\r\n", false, 0,
         0},
        {"chunks", "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", false, 0, 0},
        {"a negative length", "POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n", false, 0, 0},
        {"no length at all", "POST /x HTTP/1.1\r\nContent-Length: \r\n\r\n", false, 0, 0},
        {"a length beyond all", "POST /x HTTP/1.1\r\nContent-Length: 9999999999999\r\n\r\n", false, 0, 0},
        {"another version", "POST /x HTTP/1.0\r\n\r\n", false, 0, 0},
        {"no method", " /x HTTP/1.1\r\n\r\n", false, 0, 0},
        {"a method that is too long", "PROPFINDS /x HTTP/1.1\r\n\r\n", false, 0, 0},
        {"a folded line", "POST /x HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", false, 0, 0},
        {"a field without a name's end", "POST /x HTTP/1.1\r\nHost\r\n\r\n", false, 0, 0},
        {"a control character", "POST /x HTTP/1.1\r\nHost: a\x01\r\n\r\n", false, 0, 0},
        {"a bare line feed", "POST /x HTTP/1.1\nHost: a\r\n\r\n", false, 0, 0},
        {"nothing", "\r\n\r\n", false, 0, 0},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct cf_hub_head head;
        enum cf_rc rc = cf_hub_head_read(cf_bytes_str(rows[k].head), &head, NULL);
        if ((rc == CF_OK) != rows[k].good ||
            (rc == CF_OK && (head.content_length != rows[k].length || head.keep != rows[k].keep)))
            fail_msg("%s", rows[k].why);
    }
}

static void a_path_that_is_too_long_is_none(void **state)
{
    (void)state;
    char head[400] = "GET /";
    struct cf_hub_head read;
    memset(head + 5, 'x', 300);
    memcpy(head + 305, " HTTP/1.1\r\n\r\n", 14);
    assert_int_equal(cf_hub_head_read(cf_bytes_str(head), &read, NULL), CF_E_PROTOCOL);
}

static void only_a_terminal_s_name_is_one(void **state)
{
    (void)state;
    static const char *const bad[] = {"",       "t1",    "t1-e",           "t-e1",     "x1-e1", "t1-e1 ", "t01-e1",
                                      "t1-e01", "t0-e1", "t4294967296-e1", "t1-e1-e1", "T1-e1", "t1e1"};
    uint32_t terminal = 0, epoch = 0;
    assert_true(cf_hub_parse_name("t4294967295-e12", &terminal, &epoch));
    assert_int_equal(terminal, UINT32_MAX);
    assert_int_equal(epoch, 12);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_false(cf_hub_parse_name(bad[k], &terminal, &epoch));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_measured_by_its_empty_line),
        cmocka_unit_test(heads_are_taken_as_the_rules_say),
        cmocka_unit_test(a_path_that_is_too_long_is_none),
        cmocka_unit_test(only_a_terminal_s_name_is_one),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("heads of requests", tests, NULL, NULL);
}
