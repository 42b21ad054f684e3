/*
 * tests/unit/core/challenge_test.c - challenges of a till, and the tickets that answer them.
 */
#include "app/core/challenge.h"

#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/keys_support.h"

/* Of docs/codes.md. */
#define EXAMPLE "CN1:T GOT2S49KB0*M0DY0311V60"

static struct cf_challenge example(void)
{
    return (struct cf_challenge){.till = 21, .epoch = 3, .nonce = {1, 2, 3, 4, 5, 6, 7, 8}, .store = 301};
}

static enum cf_rc decode(const char *text, struct cf_challenge *ret)
{
    return cf_challenge_decode_text(cf_bytes_str(text), ret, NULL);
}

static void a_challenge_is_what_the_page_shows(void **state)
{
    (void)state;
    struct cf_challenge challenge = example(), back;
    char text[CF_CHALLENGE_TEXT_MAX];
    assert_rc(cf_challenge_text(&challenge, text, NULL), CF_OK);
    assert_string_equal(text, EXAMPLE);
    assert_rc(decode(text, &back), CF_OK);
    assert_memory_equal(&back, &challenge, sizeof back);
    const struct cf_env *env = cf_env_system();
    struct cf_buf page;
    const char *content;
    cf_buf_init(&page, 100000);
    assert_rc(env->ops->file_read(env->ctx, CF_SOURCE_DIR "/docs/codes.md", &page, NULL), CF_OK);
    assert_rc(cf_buf_cstr(&page, &content, NULL), CF_OK);
    assert_non_null(strstr(content, EXAMPLE));
    cf_buf_done(&page);
}

static void the_longest_challenge_comes_back(void **state)
{
    (void)state;
    struct cf_challenge challenge = {UINT32_MAX, UINT32_MAX, {0}, UINT32_MAX}, back;
    char text[CF_CHALLENGE_TEXT_MAX];
    memset(challenge.nonce, 0xff, sizeof challenge.nonce);
    assert_rc(cf_challenge_text(&challenge, text, NULL), CF_OK);
    assert_rc(decode(text, &back), CF_OK);
    assert_memory_equal(&back, &challenge, sizeof back);
}

static void what_is_no_challenge_is_refused_by_name(void **state)
{
    static const struct {
        const char *text;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {"", CF_E_CODE_PREFIX, "nothing"},
        {"CN1", CF_E_CODE_PREFIX, "half a prefix"},
        {"cn1:T GOT2S49KB0*M0DY0311V60", CF_E_CODE_PREFIX, "lower case"},
        {"CT1:T GOT2S49KB0*M0DY0311V60", CF_E_CODE_PREFIX, "a ticket's prefix"},
        {"CN1:", CF_E_CODE_SHAPE, "nothing behind it"},
        {"CN1:t", CF_E_BASE45, "a foreign character"},
        {"CN1:T", CF_E_BASE45, "a length of 1 modulo 3"},
        {"CN1:T GOT2S49KB0*M0DY0311V", CF_E_BASE45, "cut"},
        {"CN1:T GOT2S49KB0*M0DY0311", CF_E_CODE_SHAPE, "cut between two groups"},
        {"CN1:T GOT2S49KB0*M0DY0311V60000", CF_E_CODE_SHAPE, "extended"},
        {"CN1:T GOT2S49KB0*M0DY0311V60T GOT2S49KB0*M0DY0311V60T GOT2S49KB0", CF_E_CODE_SIZE, "too long"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct cf_challenge back = example();
        back.till = 99;
        enum cf_rc rc = decode(rows[k].text, &back);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
        assert_int_equal(back.till, 99);
    }
}

/* There is one way to write a challenge: whatever reads, writes itself again. */
static void a_flipped_bit_gives_another_challenge_or_none(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    size_t read = 0;
    for (size_t at = 4; at < sizeof EXAMPLE - 1; at++)
        for (size_t c = 0; c < 45; c++) {
            char text[] = EXAMPLE, again[CF_CHALLENGE_TEXT_MAX];
            struct cf_challenge back;
            text[at] = alphabet[c];
            if (decode(text, &back) != CF_OK)
                continue;
            read++;
            assert_rc(cf_challenge_text(&back, again, NULL), CF_OK);
            assert_string_equal(again, text);
        }
    assert_true(read > 45);
}

static void the_key_tells_nonce_till_and_epoch(void **state)
{
    (void)state;
    static const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 21, 0, 0, 0, 3};
    struct cf_challenge c = example();
    uint8_t key[CF_REQUEST_KEY_BYTES];
    cf_challenge_key(c.till, c.epoch, c.nonce, key);
    assert_memory_equal(key, expected, sizeof key);
}

static void the_record_of_a_closed_challenge_comes_back(void **state)
{
    (void)state;
    struct cf_challenge c = example();
    uint8_t nonce[CF_NONCE_BYTES] = {0};
    struct cf_buf buf;
    cf_buf_init(&buf, 64);
    assert_rc(cf_challenge_closed_encode(c.nonce, &buf, NULL), CF_OK);
    assert_rc(cf_challenge_closed_decode(cf_buf_bytes(&buf), nonce, NULL), CF_OK);
    assert_memory_equal(nonce, c.nonce, sizeof nonce);
    memset(nonce, 0, sizeof nonce);
    for (size_t n = 0; n < buf.n; n++)
        assert_rc(cf_challenge_closed_decode(cf_bytes_of(buf.p, n), nonce, NULL), CF_E_CBOR_SHORT);
    assert_rc(cf_buf_append(&buf, (const uint8_t *)"", 1, NULL), CF_OK);
    assert_rc(cf_challenge_closed_decode(cf_buf_bytes(&buf), nonce, NULL), CF_E_CBOR_TRAILING);
    assert_int_equal(nonce[0], 0);
    cf_buf_done(&buf);
}

static void a_ticket_counts_here_and_now_or_is_refused_by_name(void **state)
{
    static const struct {
        const char *why;
        uint32_t till;
        bool awaited;
        int64_t lo_s, hi_s; /* from the ticket's end */
        enum cf_rc rc;
    } rows[] = {
        {"in order", 21, true, -60, -60, CF_OK},
        {"at the very end", 21, true, 0, 0, CF_OK},
        {"perhaps over: the campaign says", 21, true, -60, 60, CF_OK},
        {"over", 21, true, 1, 1, CF_E_TICKET_EXPIRED},
        {"another till's, whatever else", 22, false, 1, 1, CF_E_TICKET_TILL},
        {"nobody waits for it", 21, false, 1, 1, CF_E_TICKET_CHALLENGE},
    };
    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct cf_ticket ticket = test_ticket();
        struct cf_ticket_facts facts = {
            .now = {cf_wall_from_s(ticket.exp_s + rows[k].lo_s), cf_wall_from_s(ticket.exp_s + rows[k].hi_s)},
            .till = rows[k].till,
            .awaited = rows[k].awaited,
        };
        enum cf_rc rc = cf_ticket_judge(&ticket, &facts, NULL);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
}

static void a_ticket_of_nobody_is_a_bearer_s(void **state)
{
    (void)state;
    struct cf_ticket ticket = test_ticket();
    struct cf_coupon coupon = cf_ticket_coupon(&ticket, 3);
    assert_true(coupon.bound);
    assert_true(cf_sub_equal(coupon.sub, ticket.sub));
    assert_int_equal(coupon.generation, 3);
    assert_false(coupon.pinned);
    memset(&ticket.sub, 0, sizeof ticket.sub);
    assert_false(cf_ticket_coupon(&ticket, 0).bound);
}

static int teardown(void **state)
{
    (void)state;
    test_keys_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_challenge_is_what_the_page_shows),
        cmocka_unit_test(the_longest_challenge_comes_back),
        cmocka_unit_test(what_is_no_challenge_is_refused_by_name),
        cmocka_unit_test(a_flipped_bit_gives_another_challenge_or_none),
        cmocka_unit_test(the_key_tells_nonce_till_and_epoch),
        cmocka_unit_test(the_record_of_a_closed_challenge_comes_back),
        cmocka_unit_test(a_ticket_counts_here_and_now_or_is_refused_by_name),
        cmocka_unit_test(a_ticket_of_nobody_is_a_bearer_s),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, teardown);
}
