/* Buffers keep to their maximum and survive their errors; hex and big-endian integers are exact. */
#include "base/bytes.h"
#include "tests/unit/base/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_buffer_holds_up_to_its_maximum_and_no_more(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    cf_buf_init(&buf, 5);
    assert_int_equal(cf_buf_append(&buf, "abc", 3, NULL), CF_OK);
    struct cf_error err = {0};
    assert_int_equal(cf_buf_append(&buf, "def", 3, &err), CF_E_LIMIT);
    assert_int_equal(err.rc, CF_E_LIMIT);
    assert_true(cf_bytes_equal(cf_buf_bytes(&buf), cf_bytes_str("abc")));
    assert_int_equal(cf_buf_append(&buf, "de", 2, NULL), CF_OK);
    assert_int_equal(cf_buf_append(&buf, "", 0, NULL), CF_OK);
    assert_int_equal(cf_buf_append(&buf, NULL, 0, NULL), CF_OK);
    assert_int_equal(cf_buf_append(&buf, "f", 1, NULL), CF_E_LIMIT);
    assert_true(cf_bytes_equal(cf_buf_bytes(&buf), cf_bytes_str("abcde")));
}

static void a_full_buffer_is_still_readable_as_a_string(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    cf_buf_init(&buf, 64);
    for (int i = 0; i < 64; i++)
        assert_int_equal(cf_buf_append(&buf, "x", 1, NULL), CF_OK);
    const char *text;
    assert_int_equal(cf_buf_cstr(&buf, &text, NULL), CF_OK);
    assert_int_equal(strlen(text), 64);
    assert_int_equal(buf.n, 64);
}

static void an_empty_buffer_is_the_empty_string(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    cf_buf_init(&buf, 0);
    const char *text;
    assert_int_equal(cf_buf_cstr(&buf, &text, NULL), CF_OK);
    assert_string_equal(text, "");
    assert_int_equal(cf_buf_append(&buf, "a", 1, NULL), CF_E_LIMIT);
}

static void lengths_that_would_wrap_are_refused(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    cf_buf_init(&buf, 100);
    assert_int_equal(cf_buf_append_str(&buf, "abc", NULL), CF_OK);
    assert_int_equal(cf_buf_reserve(&buf, SIZE_MAX, NULL), CF_E_LIMIT);
    assert_int_equal(cf_buf_reserve(&buf, SIZE_MAX - 2, NULL), CF_E_LIMIT);
    assert_int_equal(cf_buf_reserve(&buf, 97, NULL), CF_OK);
    assert_int_equal(cf_buf_reserve(&buf, 98, NULL), CF_E_LIMIT);
}

static void printf_appends_whole_or_not_at_all(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    cf_buf_init(&buf, 10);
    assert_int_equal(cf_buf_printf(&buf, NULL, "%d-%s", 12, "abc"), CF_OK);
    assert_int_equal(cf_buf_printf(&buf, NULL, "%s", "12345"), CF_E_LIMIT);
    assert_int_equal(cf_buf_printf(&buf, NULL, "%s", "1234"), CF_OK);
    assert_int_equal(cf_buf_printf(&buf, NULL, "%s", ""), CF_OK);
    assert_true(cf_bytes_equal(cf_buf_bytes(&buf), cf_bytes_str("12-abc1234")));
}

static void a_buffer_can_be_cleared_done_twice_and_used_again(void **state)
{
    (void)state;
    struct cf_buf buf;
    cf_buf_init(&buf, 10);
    assert_int_equal(cf_buf_append_str(&buf, "abc", NULL), CF_OK);
    cf_buf_clear(&buf);
    assert_int_equal(buf.n, 0);
    cf_buf_done(&buf);
    cf_buf_done(&buf);
    assert_int_equal(cf_buf_append_str(&buf, "again", NULL), CF_OK);
    cf_buf_done(&buf);
    struct cf_buf zeroed = {0};
    cf_buf_done(&zeroed);
}

static void growth_keeps_the_contents(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    cf_buf_init(&buf, 100000);
    for (unsigned i = 0; i < 100000; i++) {
        uint8_t byte = (uint8_t)(i * 7);
        assert_int_equal(cf_buf_append(&buf, &byte, 1, NULL), CF_OK);
    }
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(buf.p[i], (uint8_t)(i * 7));
    assert_true(buf.cap <= buf.max + 1);
}

static void a_buffer_without_memory_is_unchanged(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    cf_buf_init(&buf, 1000);
    assert_int_equal(cf_buf_append_str(&buf, "kept", NULL), CF_OK);
    char more[500] = "";
    struct cf_error err = {0};
    heap_calls_left = 0;
    enum cf_rc append = cf_buf_append(&buf, more, sizeof more, &err);
    enum cf_rc printed = cf_buf_printf(&buf, NULL, "%500s", "x");
    heap_calls_left = -1;
    assert_int_equal(append, CF_E_NO_MEMORY);
    assert_int_equal(err.rc, CF_E_NO_MEMORY);
    assert_int_equal(printed, CF_E_NO_MEMORY);
    assert_true(cf_bytes_equal(cf_buf_bytes(&buf), cf_bytes_str("kept")));
    assert_int_equal(cf_buf_append(&buf, more, sizeof more, NULL), CF_OK);
}

static void views_compare_by_content(void **state)
{
    (void)state;
    assert_true(cf_bytes_equal(cf_bytes_of(NULL, 0), cf_bytes_str("")));
    assert_true(cf_bytes_equal(cf_bytes_str("a"), cf_bytes_str("a")));
    assert_false(cf_bytes_equal(cf_bytes_str("a"), cf_bytes_str("b")));
    assert_false(cf_bytes_equal(cf_bytes_str("a"), cf_bytes_str("ab")));
    assert_true(cf_bytes_equal_secret("abc", "abc", 3));
    assert_false(cf_bytes_equal_secret("abc", "abd", 3));
    assert_false(cf_bytes_equal_secret("xbc", "abc", 3));
    assert_true(cf_bytes_equal_secret("x", "y", 0));
}

static void wiping_leaves_zeros(void **state)
{
    (void)state;
    uint8_t secret[4] = {1, 2, 3, 4};
    cf_bytes_wipe(secret, 3);
    assert_memory_equal(secret, "\0\0\0\4", 4);
    cf_bytes_wipe(NULL, 0);
}

static void hex_is_exact(void **state)
{
    (void)state;
    char text[9];
    cf_hex_encode(cf_bytes_of("\x00\x7f\xff\xa0", 4), text);
    assert_string_equal(text, "007fffa0");
    uint8_t out[4];
    assert_int_equal(cf_hex_decode("007FffA0", out, 4, NULL), CF_OK);
    assert_memory_equal(out, "\x00\x7f\xff\xa0", 4);
    assert_int_equal(cf_hex_decode("", out, 0, NULL), CF_OK);

    static const char *const refused[] = {"",         "00",       "007fffa",  "007fffa0a",     "007fffa0aa",
                                          "007fffg0", " 007fffa", "0x7fffa0", "007fff\xc3\xa9"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(cf_hex_decode(refused[i], out, 4, NULL), CF_E_ENCODING);
        assert_memory_equal(out, "\x00\x7f\xff\xa0", 4);
    }
    assert_int_equal(cf_hex_decode("00", out, 0, NULL), CF_E_ENCODING);
}

static void integers_are_big_endian(void **state)
{
    (void)state;
    uint8_t p[8];
    cf_put_be32(p, 0x01020304);
    assert_memory_equal(p, "\1\2\3\4", 4);
    assert_int_equal(cf_get_be32(p), 0x01020304);
    cf_put_be64(p, UINT64_C(0x0102030405060708));
    assert_memory_equal(p, "\1\2\3\4\5\6\7\10", 8);
    assert_true(cf_get_be64(p) == UINT64_C(0x0102030405060708));
    cf_put_be64(p, UINT64_MAX);
    assert_true(cf_get_be64(p) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_holds_up_to_its_maximum_and_no_more),
        cmocka_unit_test(a_full_buffer_is_still_readable_as_a_string),
        cmocka_unit_test(an_empty_buffer_is_the_empty_string),
        cmocka_unit_test(lengths_that_would_wrap_are_refused),
        cmocka_unit_test(printf_appends_whole_or_not_at_all),
        cmocka_unit_test(a_buffer_can_be_cleared_done_twice_and_used_again),
        cmocka_unit_test(growth_keeps_the_contents),
        cmocka_unit_test(a_buffer_without_memory_is_unchanged),
        cmocka_unit_test(views_compare_by_content),
        cmocka_unit_test(wiping_leaves_zeros),
        cmocka_unit_test(hex_is_exact),
        cmocka_unit_test(integers_are_big_endian),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
