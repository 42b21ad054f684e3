/*
 * tests/unit/core/order_test.c - orders that are picked up: their bytes, who may hand them out, what is left, and what
 * becomes of them.
 */
#include "app/core/order.h"

#include <stdlib.h>
#include <string.h>

#include "app/core/down.h"
#include "base/env.h"
#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/keys_support.h"

static struct cf_order an_order(void)
{
    struct cf_order order = {.kind = CF_ORDER_PICK_UP,
                             .number = 7,
                             .generation = 1,
                             .store = 301,
                             .home = 21,
                             .home_epoch = 3,
                             .ready_s = TEST_NOW_S - TEST_DAY_S,
                             .expires_s = TEST_NOW_S + TEST_DAY_S,
                             .total_minor = 12000,
                             .n_lines = 2};
    order.lines[0] = (struct cf_order_line){.product = 5,
                                            .name = "面膜",
                                            .qty_milli = 3000,
                                            .unit_price_minor = 3990,
                                            .amount_minor = 10000,
                                            .tax_bp = 1300};
    order.lines[1] = (struct cf_order_line){.product = 6,
                                            .name = "Apples",
                                            .qty_milli = 1500,
                                            .unit_price_minor = 1333,
                                            .amount_minor = 2000,
                                            .tax_bp = 900,
                                            .weighed = true};
    return order;
}

static struct cf_order_facts here(void)
{
    return (struct cf_order_facts){.now = {cf_wall_from_s(TEST_NOW_S), cf_wall_from_s(TEST_NOW_S)},
                                   .store = 301,
                                   .terminal = 21,
                                   .epoch = 3,
                                   .code_generation = 1};
}

static enum cf_rc encode(const struct cf_order *order, struct cf_buf *ret)
{
    cf_buf_init(ret, CF_ORDER_BYTES_MAX);
    return cf_order_encode(order, ret, NULL);
}

static void an_order_comes_back_as_it_was(void **state)
{
    (void)state;
    struct cf_order order = an_order(), back;
    struct cf_buf bytes;
    for (int at_hub = 0; at_hub < 2; at_hub++) {
        order.home = at_hub ? order.store : order.home;
        order.home_epoch = at_hub ? 0 : order.home_epoch;
        assert_rc(encode(&order, &bytes), CF_OK);
        memset(&back, 0xff, sizeof back);
        assert_rc(cf_order_decode(cf_buf_bytes(&bytes), &back, NULL), CF_OK);
        assert_int_equal(back.n_lines, 2);
        assert_string_equal(back.lines[0].name, "面膜");
        assert_int_equal(back.home, order.home);
        struct cf_buf again;
        assert_rc(encode(&back, &again), CF_OK);
        assert_true(cf_bytes_equal(cf_buf_bytes(&bytes), cf_buf_bytes(&again)));
        cf_buf_done(&again);
        for (size_t n = 0; n < bytes.n; n++)
            assert_int_not_equal(cf_order_decode(cf_bytes_of(bytes.p, n), &back, NULL), CF_OK);
        cf_buf_done(&bytes);
    }
}

static void the_longest_order_fits_an_entry_of_the_downward_log(void **state)
{
    (void)state;
    struct cf_order order = an_order();
    order.n_lines = CF_ORDER_LINES_MAX;
    order.total_minor = 0;
    for (size_t i = 0; i < CF_ORDER_LINES_MAX; i++) {
        order.lines[i] = order.lines[1];
        memset(order.lines[i].name, 'x', CF_NAME_MAX);
        order.lines[i].name[CF_NAME_MAX] = '\0';
        order.lines[i].product = INT64_MAX;
        order.lines[i].amount_minor = order.lines[i].unit_price_minor = CF_PRICE_MINOR_MAX;
        order.lines[i].qty_milli = CF_QTY_MILLI_MAX;
        order.total_minor += CF_PRICE_MINOR_MAX;
    }
    struct cf_buf bytes, entry;
    assert_rc(encode(&order, &bytes), CF_OK);
    struct cf_down_entry down = {.kind = CF_DOWN_ORDER, .order = cf_buf_bytes(&bytes)};
    cf_buf_init(&entry, CF_DOWN_ENTRY_MAX);
    assert_rc(cf_down_encode(&down, &entry, NULL), CF_OK);
    cf_buf_done(&entry);
    cf_buf_done(&bytes);
}

static void what_is_no_order_is_not_encoded(void **state)
{
    (void)state;
    struct cf_order bad[12];
    for (size_t i = 0; i < 12; i++)
        bad[i] = an_order();
    bad[0].n_lines = 0;
    bad[1].total_minor++;
    bad[2].generation = 0;
    bad[3].home_epoch = 0; /* a terminal, in no epoch */
    bad[4].home = 301;     /* the hub, in an epoch of a terminal */
    bad[5].expires_s = bad[5].ready_s - 1;
    bad[6].lines[0].qty_milli = 500; /* half a piece */
    bad[7].lines[1].name[0] = '\n';
    bad[8].kind = 3; /* not known here */
    bad[9].lines[0].product = 0;
    bad[10].n_lines = CF_ORDER_LINES_MAX + 1;
    bad[11].number = 0;
    for (size_t i = 0; i < 12; i++) {
        struct cf_buf bytes;
        if (encode(&bad[i], &bytes) == CF_OK)
            fail_msg("order %zu was encoded", i);
        cf_buf_done(&bytes);
    }
}

static void only_its_home_hands_it_out(void **state)
{
    static const struct {
        uint32_t store, home, home_epoch;
        enum cf_rc rc;
        enum cf_order_asks asks;
        const char *why;
    } rows[] = {
        {301, 21, 3, CF_OK, CF_ORDER_ASKS_NOBODY, "this till"},
        {301, 301, 0, CF_OK, CF_ORDER_ASKS_HUB, "the store, through its hub"},
        {301, 0, 0, CF_OK, CF_ORDER_ASKS_CENTRE, "nowhere: the centre is asked"},
        {301, 22, 3, CF_E_ORDER_HOME, 0, "the till beside it"},
        {301, 21, 2, CF_E_ORDER_HOME, 0, "this till before it was enrolled again"},
        {302, 21, 3, CF_E_ORDER_HOME, 0, "another store"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_order order = an_order();
        struct cf_order_facts facts = here();
        enum cf_order_asks asks = 99;
        order.store = rows[i].store;
        order.home = rows[i].home;
        order.home_epoch = rows[i].home_epoch;
        enum cf_rc rc = cf_order_judge(&order, &facts, &asks, NULL);
        if (rc != rows[i].rc || (rc == CF_OK && asks != rows[i].asks))
            fail_msg("%s: %s", rows[i].why, cf_rc_name(rc));
    }
}

static void it_is_refused_by_name_and_in_doubt_the_shopper_has_the_benefit(void **state)
{
    (void)state;
    struct cf_order order = an_order();
    enum cf_order_asks asks;
    struct cf_order_facts facts = here();
    facts.done = true;
    assert_rc(cf_order_judge(&order, &facts, &asks, NULL), CF_E_ORDER_DONE);
    facts = here();
    facts.code_generation = 2;
    assert_rc(cf_order_judge(&order, &facts, &asks, NULL), CF_E_ORDER_GENERATION);
    facts.code_generation = 0;
    assert_rc(cf_order_judge(&order, &facts, &asks, NULL), CF_OK);
    facts = here();
    facts.quarantined = true;
    assert_rc(cf_order_judge(&order, &facts, &asks, NULL), CF_E_QUARANTINED);
    facts = here();
    facts.now.lo = facts.now.hi = cf_wall_from_s(order.ready_s - 1);
    assert_rc(cf_order_judge(&order, &facts, &asks, NULL), CF_E_ORDER_EARLY);
    facts.now.hi = cf_wall_from_s(order.ready_s);
    assert_rc(cf_order_judge(&order, &facts, &asks, NULL), CF_OK);
    facts.now.lo = facts.now.hi = cf_wall_from_s(order.expires_s + 1);
    assert_rc(cf_order_judge(&order, &facts, &asks, NULL), CF_E_ORDER_EXPIRED);
    facts.now.lo = cf_wall_from_s(order.expires_s);
    assert_rc(cf_order_judge(&order, &facts, &asks, NULL), CF_OK);
}

static void parts_sum_to_the_whole(void **state)
{
    (void)state;
    struct cf_order order = an_order();
    struct cf_pick_up taken = {.n_lines = 0};
    int64_t sum = 0;
    static const struct cf_taken_line parts[][2] = {{{1, 1000}, {2, 700}}, {{1, 1000}, {2, 1}}, {{1, 1000}, {2, 799}}};
    for (size_t i = 0; i < 3; i++) {
        assert_rc(cf_pick_up_make(&order, parts[i], 2, &taken, NULL), CF_OK);
        assert_int_equal(cf_pick_up_is_whole(&order, parts[i], 2), i == 2);
        sum += taken.amount_minor;
        assert_rc(cf_order_rest(&order, parts[i], 2, NULL), CF_OK);
        assert_int_equal(order.generation, i + 2);
    }
    assert_int_equal(sum, 12000);
    assert_int_equal(order.n_lines, 0);
    assert_int_equal(order.total_minor, 0);
}

static void nothing_is_taken_that_was_not_ordered(void **state)
{
    static const struct {
        struct cf_taken_line lines[2];
        size_t n;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {{{1, 1000}}, 0, CF_E_ORDER_LINE, "nothing"},
        {{{3, 1000}}, 1, CF_E_LINE_NONE, "a line that is not there"},
        {{{0, 1000}}, 1, CF_E_LINE_NONE, "line 0"},
        {{{1, 4000}}, 1, CF_E_ORDER_LINE, "more than was ordered"},
        {{{1, 500}}, 1, CF_E_ORDER_LINE, "a part of a piece"},
        {{{1, 0}}, 1, CF_E_ORDER_LINE, "none of it"},
        {{{1, -1000}}, 1, CF_E_ORDER_LINE, "less than none"},
        {{{1, 1000}, {1, 1000}}, 2, CF_E_ORDER_LINE, "a line twice"},
        {{{2, 1000}, {1, 1000}}, 2, CF_E_ORDER_LINE, "lines in another order"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_order order = an_order();
        struct cf_pick_up taken;
        enum cf_rc rc = cf_pick_up_make(&order, rows[i].lines, rows[i].n, &taken, NULL);
        if (rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].why, cf_rc_name(rc));
        assert_rc(cf_order_rest(&order, rows[i].lines, rows[i].n, NULL), rows[i].rc);
        assert_int_equal(order.generation, 1);
    }
}

static void what_was_handed_out_comes_back_as_it_was(void **state)
{
    (void)state;
    struct cf_pick_up taken = {.claim = {.order = 7, .generation = 2, .source = CF_RIGHT_STORE, .hub_epoch = 4},
                               .business_day = 20261122,
                               .cashier = "Li Na",
                               .amount_minor = 3333,
                               .n_lines = 2,
                               .lines = {{1, 1000}, {64, 345}}};
    struct cf_pick_up back;
    struct cf_buf bytes;
    memset(taken.claim.request_key, 9, sizeof taken.claim.request_key);
    cf_buf_init(&bytes, CF_PICK_UP_BYTES_MAX);
    assert_rc(cf_pick_up_encode(&taken, &bytes, NULL), CF_OK);
    assert_rc(cf_pick_up_decode(cf_buf_bytes(&bytes), &back, NULL), CF_OK);
    assert_memory_equal(&back, &taken, sizeof back);
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_not_equal(cf_pick_up_decode(cf_bytes_of(bytes.p, n), &back, NULL), CF_OK);
    size_t unsigned_n = bytes.n;
    taken.fiscal = (struct cf_fiscal_answer){true, "TSE-0042", 17, 34, "c2ln", 1795377598, 1795377600};
    cf_buf_clear(&bytes);
    assert_rc(cf_pick_up_encode(&taken, &bytes, NULL), CF_OK);
    assert_true(bytes.n > unsigned_n);
    assert_rc(cf_pick_up_decode(cf_buf_bytes(&bytes), &back, NULL), CF_OK);
    assert_memory_equal(&back, &taken, sizeof back);
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_not_equal(cf_pick_up_decode(cf_bytes_of(bytes.p, n), &back, NULL), CF_OK);
    size_t before = bytes.n;
    taken.claim.hub_epoch = 0; /* a hub's word, of no hub */
    assert_rc(cf_pick_up_encode(&taken, &bytes, NULL), CF_E_RECORD);
    taken.claim = (struct cf_order_claim){.order = 7, .generation = 2, .source = CF_RIGHT_LEASE};
    assert_rc(cf_pick_up_encode(&taken, &bytes, NULL), CF_E_RECORD);
    taken.claim.source = CF_RIGHT_HOME;
    taken.lines[1].line_no = 1;
    assert_rc(cf_pick_up_encode(&taken, &bytes, NULL), CF_E_RECORD);
    assert_int_equal(bytes.n, before);
    cf_buf_done(&bytes);
}

/* --- states ------------------------------------------------------------------------------------------------------- */

/* By state and event: what follows; 0: it cannot be; below 0: a fact that should not have been. */
static const int next_of[CF_ORDER_STATE_LAST + 1][CF_ORDER_EVENT_LAST + 1] = {
    /*                      ARRIVE RECALL CANCEL EXPIRE MOVE ALL PART */
    [CF_ORDER_PLACED] = {0, 2, 4, 0, 0, 0, -5, -1},     [CF_ORDER_READY] = {0, 0, 4, 0, 0, 0, 5, 3},
    [CF_ORDER_PARTLY] = {0, 0, 4, 0, 0, 0, 5, 3},       [CF_ORDER_RECALLED] = {0, 0, 4, 6, 7, 2, 5, 4},
    [CF_ORDER_HANDED_OUT] = {0, 0, 0, 0, 0, 0, -5, -5}, [CF_ORDER_CANCELLED] = {0, 0, 0, 0, 0, 0, -5, -6},
    [CF_ORDER_EXPIRED] = {0, 0, 0, 0, 0, 0, -5, -7},
};

static void every_state_says_what_follows_from_every_event(void **state)
{
    (void)state;
    for (int s = 1; s <= CF_ORDER_STATE_LAST; s++)
        for (int e = 1; e <= CF_ORDER_EVENT_LAST; e++) {
            enum cf_order_state next = 0;
            bool odd = false;
            int expected = next_of[s][e];
            enum cf_rc rc = cf_order_step((enum cf_order_state)s, (enum cf_order_event)e, &next, &odd, NULL);
            int got = rc == CF_OK ? (odd ? -(int)next : (int)next) : 0;
            if (got != expected || (rc != CF_OK && rc != CF_E_ORDER_STATE))
                fail_msg("%s, event %d: %d, not %d", cf_order_state_name((enum cf_order_state)s), e, got, expected);
        }
}

static void no_fact_is_refused_and_none_opens_an_order_again(void **state)
{
    (void)state;
    for (int s = 1; s <= CF_ORDER_STATE_LAST; s++)
        for (int e = CF_ORDER_TAKE_ALL; e <= CF_ORDER_TAKE_PART; e++) {
            enum cf_order_state next = 0;
            assert_rc(cf_order_step((enum cf_order_state)s, (enum cf_order_event)e, &next, NULL, NULL), CF_OK);
            assert_true(cf_order_is_open((enum cf_order_state)s) || !cf_order_is_open(next));
        }
}

static void a_code_of_an_order_is_genuine_and_strict(void **state)
{
    (void)state;
    const struct cf_order_code order = {.order = 7, .store = 301, .generation = 1, .exp_s = TEST_NOW_S + TEST_DAY_S};
    struct cf_keyring *ring = test_ring();
    struct cf_code code, back;
    char text[CF_CODE_TEXT_MAX];
    assert_rc(cf_order_code_sign(&order, KID_ALL, test_key(ISSUER), &code, NULL), CF_OK);
    assert_rc(cf_code_text(&code, text, NULL), CF_OK);
    assert_memory_equal(text, "PU1:", 4);
    assert_rc(cf_code_decode_text(cf_bytes_str(text), &back, NULL), CF_OK);
    assert_int_equal(back.kind, CF_CODE_ORDER);
    assert_int_equal(back.order.order, 7);
    assert_int_equal(back.order.store, 301);
    assert_int_equal(back.order.generation, 1);
    assert_int_equal(back.order.exp_s, order.exp_s);
    assert_rc(cf_keyring_verify(ring, &back, TEST_NOW_S, NULL), CF_OK);
    memcpy(text, "CT1:", 4); /* another kind */
    assert_rc(cf_code_decode_text(cf_bytes_str(text), &back, NULL), CF_E_CODE_SHAPE);
    assert_rc(cf_order_code_sign(&order, KID_ALL, test_key(STRANGER), &code, NULL), CF_OK);
    assert_rc(cf_keyring_verify(ring, &code, TEST_NOW_S, NULL), CF_E_CODE_SIGNATURE);
    assert_rc(cf_order_code_sign(&order, KID_PAGE, test_key(ISSUER), &code, NULL), CF_OK);
    assert_rc(cf_keyring_verify(ring, &code, TEST_NOW_S, NULL), CF_E_CODE_USAGE);
    const struct cf_order_code none = {.order = 0, .store = 1, .generation = 1};
    assert_rc(cf_order_code_sign(&none, KID_ALL, test_key(ISSUER), &code, NULL), CF_E_RANGE);
    cf_keyring_free(ring);
}

/* Of docs/codes.md. */
static void the_code_is_what_the_page_shows(void **state)
{
    (void)state;
    const struct cf_order_code order = {.order = 7, .store = 301, .generation = 1, .exp_s = INT64_C(1797926400)};
    const struct cf_env *env = cf_env_system();
    struct cf_code code;
    struct cf_buf page;
    const char *content;
    char text[CF_CODE_TEXT_MAX];
    assert_rc(cf_order_code_sign(&order, KID_ALL, test_key(ISSUER), &code, NULL), CF_OK);
    assert_rc(cf_code_text(&code, text, NULL), CF_OK);
    cf_buf_init(&page, 100000);
    assert_rc(env->ops->file_read(env->ctx, CF_SOURCE_DIR "/docs/codes.md", &page, NULL), CF_OK);
    assert_rc(cf_buf_cstr(&page, &content, NULL), CF_OK);
    if (strstr(content, text) == NULL)
        fail_msg("docs/codes.md has another PU1 than %s", text);
    cf_buf_done(&page);
}

static int forget_keys(void **state)
{
    (void)state;
    test_keys_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_comes_back_as_it_was),
        cmocka_unit_test(the_longest_order_fits_an_entry_of_the_downward_log),
        cmocka_unit_test(what_is_no_order_is_not_encoded),
        cmocka_unit_test(only_its_home_hands_it_out),
        cmocka_unit_test(it_is_refused_by_name_and_in_doubt_the_shopper_has_the_benefit),
        cmocka_unit_test(parts_sum_to_the_whole),
        cmocka_unit_test(nothing_is_taken_that_was_not_ordered),
        cmocka_unit_test(what_was_handed_out_comes_back_as_it_was),
        cmocka_unit_test(every_state_says_what_follows_from_every_event),
        cmocka_unit_test(no_fact_is_refused_and_none_opens_an_order_again),
        cmocka_unit_test(a_code_of_an_order_is_genuine_and_strict),
        cmocka_unit_test(the_code_is_what_the_page_shows),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, forget_keys);
}
