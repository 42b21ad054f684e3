/*
 * tests/unit/wire/sale_ask_test.c - a till asks for a sale: bytes and back, and what is refused on the way.
 */
#include "sync/wire/sale_ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct cf_asked_line lines[CF_CART_LINES_MAX];
static struct cf_sale_reply reply, back;

static void an_ask_comes_back_as_it_went(void **state)
{
    (void)state;
    static const struct cf_asked_line two[] = {{1, 1000}, {7, 0}};
    struct cf_sale_ask ask = {.terminal = 21, .epoch = 2, .of = {22, 1, 42, 0}, .n_lines = 2, .lines = two}, read;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_SALE_ASK_BYTES_MAX);
    memset(ask.request_key, 0xA5, sizeof ask.request_key);
    assert_int_equal(cf_sale_ask_encode(&ask, &bytes, NULL), CF_OK);
    assert_int_equal(cf_sale_ask_decode(cf_buf_bytes(&bytes), lines, &read, NULL), CF_OK);
    assert_int_equal(read.of.seq, 42);
    assert_false(read.all);
    assert_int_equal(read.n_lines, 2);
    assert_int_equal(read.lines[1].line_no, 7);
    assert_memory_equal(read.request_key, ask.request_key, CF_REQUEST_KEY_BYTES);
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_not_equal(cf_sale_ask_decode(cf_bytes_of(bytes.p, n), lines, &read, NULL), CF_OK);
    cf_buf_clear(&bytes);
    ask.all = true;
    assert_int_equal(cf_sale_ask_encode(&ask, &bytes, NULL), CF_OK);
    assert_int_equal(cf_sale_ask_decode(cf_buf_bytes(&bytes), lines, &read, NULL), CF_OK);
    assert_true(read.all);
}

static void lines_rise_and_are_named_once(void **state)
{
    (void)state;
    static const struct cf_asked_line bad[][2] = {{{2, 1000}, {1, 1000}},
                                                  {{1, 1000}, {1, 1000}},
                                                  {{0, 1000}, {1, 1000}},
                                                  {{1, -1}, {2, 1000}},
                                                  {{1, 1000}, {CF_CART_LINES_MAX + 1, 1000}},
                                                  {{1, CF_QTY_MILLI_MAX + 1}, {2, 1}}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cf_sale_ask ask = {.terminal = 21, .epoch = 2, .of = {22, 1, 42, 0}, .n_lines = 2, .lines = bad[i]},
                           read;
        struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
        cf_buf_init(&bytes, CF_SALE_ASK_BYTES_MAX);
        assert_int_equal(cf_sale_ask_encode(&ask, &bytes, NULL), CF_OK);
        assert_int_not_equal(cf_sale_ask_decode(cf_buf_bytes(&bytes), lines, &read, NULL), CF_OK);
    }
}

static void the_largest_ask_fits(void **state)
{
    (void)state;
    static struct cf_asked_line most[CF_CART_LINES_MAX], read_lines[CF_CART_LINES_MAX];
    struct cf_sale_ask ask = {.terminal = UINT32_MAX,
                              .epoch = UINT32_MAX,
                              .of = {UINT32_MAX, UINT32_MAX, INT64_MAX, 0},
                              .n_lines = CF_CART_LINES_MAX,
                              .lines = most},
                       read;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_SALE_ASK_BYTES_MAX);
    for (uint32_t i = 0; i < CF_CART_LINES_MAX; i++)
        most[i] = (struct cf_asked_line){i + 1, CF_QTY_MILLI_MAX};
    assert_int_equal(cf_sale_ask_encode(&ask, &bytes, NULL), CF_OK);
    assert_int_equal(cf_sale_ask_decode(cf_buf_bytes(&bytes), read_lines, &read, NULL), CF_OK);
    assert_int_equal(read.n_lines, CF_CART_LINES_MAX);
}

static void a_reply_is_a_sale_or_a_reason(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_SALE_REPLY_BYTES_MAX);
    memset(&reply, 0, sizeof reply);
    reply.sale = cf_bytes_str("a sale");
    reply.n_before = 1;
    reply.before[0] = (struct cf_asked_line){3, 345};
    assert_int_equal(cf_sale_reply_encode(&reply, &bytes, NULL), CF_OK);
    assert_int_equal(cf_sale_reply_decode(cf_buf_bytes(&bytes), &back, NULL), CF_OK);
    assert_true(cf_bytes_equal(back.sale, reply.sale));
    assert_int_equal(back.before[0].qty_milli, 345);
    cf_buf_clear(&bytes);
    reply.rc = CF_E_RETURN_SALE;
    assert_int_equal(cf_sale_reply_encode(&reply, &bytes, NULL), CF_OK);
    assert_int_equal(cf_sale_reply_decode(cf_buf_bytes(&bytes), &back, NULL), CF_OK);
    assert_int_equal(back.rc, CF_E_RETURN_SALE);
    assert_int_equal(back.n_before, 0);
    static const uint8_t yes_without_a_sale[] = {0x84, 0x01, 0x00, 0xF6, 0x80};
    assert_int_not_equal(cf_sale_reply_decode(cf_bytes_of(yes_without_a_sale, sizeof yes_without_a_sale), &back, NULL),
                         CF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ask_comes_back_as_it_went),
        cmocka_unit_test(lines_rise_and_are_named_once),
        cmocka_unit_test(the_largest_ask_fits),
        cmocka_unit_test(a_reply_is_a_sale_or_a_reason),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
