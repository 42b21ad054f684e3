/*
 * tests/unit/central/member_ask_test.c - who a member is, for the eyes of a till: masked, in no other form, and nothing
 * for whoever may not ask.
 */
#include "base/text.h"
#include "sync/central/masked_name.h"
#include "sync/wire/member_ask.h"
#include "tests/unit/central/centre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define KEY_HEX "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define NAME "Lin Meihua"

/* --- masking ------------------------------------------------------------------------------------------------------ */

static void of_each_word_its_first_letter_is_shown(void **state)
{
    static const struct {
        const char *name, *masked; /* why it is here */
    } rows[] = {
        {"Lin Meihua", "L** M**"},
        {"王小明", "王**"},                                /* no spaces, three bytes a letter */
        {"  Anna   Maria\tvon Hohenstein", "A** M** H**"}, /* a tab is no space, and nothing to show */
        {"Anna\xE3\x80\x80Li", "A** L**"},                 /* the wide space of Chinese */
        {"a b c d e f", "a** b** c**"},                    /* not behind the third */
        {"13800138000", "1**"},                            /* somebody gave a number as a name */
        /* NOLINTNEXTLINE(misc-misleading-bidirectional): that is the point */
        {"\xE2\x80\xAE\xD7\x90\xD7\x91", "\xD7\x90**"}, /* a turned direction first */
        {"\xCC\x81"
         "a",
         "a**"},                                          /* a mark that stands on nothing */
        {"\xF0\x9F\x98\x80 x", "\xF0\x9F\x98\x80** x**"}, /* four bytes */
        {"\xFF\xFE", ""},                                 /* no UTF-8 */
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char shown[48];
        cf_masked_name(cf_bytes_str(rows[i].name), shown, sizeof shown);
        assert_string_equal(shown, rows[i].masked);
        assert_true(cf_text_is_utf8(cf_bytes_str(shown)));
    }
}

static void the_longest_name_fits_what_is_sent(void **state)
{
    char name[CF_NAME_MAX + 1], shown[CF_NAME_MAX + 1];
    (void)state;
    memset(name, ' ', sizeof name);
    for (size_t i = 0; i + 6 < sizeof name; i += 5)
        memcpy(name + i, "\xF0\x9F\x98\x80", 4);
    cf_masked_name(cf_bytes_of(name, sizeof name - 1), shown, sizeof shown);
    assert_true(strlen(shown) <= CF_MEMBER_SHOWN_MAX);
}

/* --- the route ---------------------------------------------------------------------------------------------------- */

static cf_sub join_member(struct centre *centre, char text[17])
{
    cf_sub sub;
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"" NAME "\",\"device_key\":\"" KEY_HEX "\"}", 201);
    (void)snprintf(text, 17, "%s", json_text(json, "member"));
    assert_int_equal(cf_hex_decode(text, sub.b, sizeof sub.b, NULL), CF_OK);
    json_decref(json);
    return sub;
}

static void claim(struct centre *centre, uint32_t campaign, const char *member)
{
    char body[128];
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu,\"member\":\"%s\"}", (unsigned long)campaign, member);
    json_decref(centre_expect(centre, "POST", "/v1/coupons/claim", body, 201));
}

static int ask_as(struct centre *centre, const struct till *till, const struct cf_member_ask *ask)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_MEMBER_ASK_BYTES_MAX);
    assert_int_equal(cf_member_ask_encode(ask, &bytes, NULL), CF_OK);
    return centre_terminal_call(centre, till, "POST", CF_PATH_MEMBER, cf_buf_bytes(&bytes));
}

static struct cf_member_reply asked(struct centre *centre, const struct till *till, cf_sub member)
{
    const struct cf_member_ask ask = {.terminal = till->terminal, .epoch = till->epoch, .member = member};
    struct cf_member_reply reply;
    assert_int_equal(ask_as(centre, till, &ask), 200);
    assert_int_equal(cf_member_reply_decode(cf_buf_bytes(&centre->response.body), &reply, NULL), CF_OK);
    return reply;
}

static void a_till_is_told_a_masked_name_points_and_coupons(void **state)
{
    struct centre *centre = *state;
    struct till till;
    char member[17];
    cf_sub sub = join_member(centre, member);
    till_enrol(centre, &till, centre->store_id);
    till_sells(centre, &till, &(struct sold){.n_lines = 5, .has_member = true, .member = sub});
    uint32_t here = centre_campaign(centre, "leased", 10, "");
    uint32_t online = centre_campaign(centre, "leased", 10, ",\"channels\":[\"online\"]");
    uint32_t past = centre_campaign(centre, "leased", 10, "");
    claim(centre, here, member);
    claim(centre, here, member);
    claim(centre, online, member);
    claim(centre, past, member);
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu", (unsigned long)past);
    json_decref(centre_expect(centre, "PATCH", path, "{\"stopped\":true}", 200));
    struct cf_member_reply reply = asked(centre, &till, sub);
    assert_int_equal(reply.rc, CF_OK);
    assert_string_equal(reply.shown, "L** M**");
    assert_int_equal(reply.points, 50);
    assert_int_equal(reply.usable, 2); /* not the online shop's, nor those of a campaign that was stopped */
    assert_int_equal(reply.n_coupons, 1);
    assert_int_equal(reply.coupons[0].n, 2);
    till_done(&till);
}

/* Where a promotion asks for it, and of members who agreed to that. */
static void a_till_that_asks_is_told_how_often_somebody_bought(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    struct cf_member_reply reply;
    char member[17], path[64];
    cf_sub sub = join_member(centre, member);
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    const struct sold sold = {.n_lines = 1, .has_member = true, .member = sub};
    till_sells(centre, &till, &sold);
    till_sells(centre, &other, &sold);
    const struct cf_member_ask ask = {.terminal = till.terminal, .epoch = till.epoch, .member = sub, .visits = true};
    for (int agreed = 0; agreed < 2; agreed++) {
        assert_int_equal(ask_as(centre, &till, &ask), 200);
        assert_int_equal(cf_member_reply_decode(cf_buf_bytes(&centre->response.body), &reply, NULL), CF_OK);
        assert_true(reply.has_visits);
        assert_int_equal(reply.knows_visits, agreed);
        (void)snprintf(path, sizeof path, "/v1/members/%s/facts", member);
        json_decref(centre_expect(centre, "POST", path, "{}", 200));
    }
    assert_int_equal(reply.purchases, 2);
    assert_int_equal(reply.heard_seq, 1); /* of its own log */
    assert_int_equal(reply.at_s, cf_wall_s(centre->now));
    assert_false(asked(centre, &till, sub).has_visits); /* the windows do not ask */
    till_done(&till);
    till_done(&other);
}

static bool holds(cf_bytes bytes, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= bytes.n; i++)
        if (memcmp(bytes.p + i, text, n) == 0)
            return true;
    return false;
}

static void no_answer_holds_more_of_a_name(void **state)
{
    struct centre *centre = *state;
    struct till till;
    char member[17];
    cf_sub sub = join_member(centre, member);
    till_enrol(centre, &till, centre->store_id);
    assert_string_equal(asked(centre, &till, sub).shown, "L** M**");
    cf_bytes body = cf_buf_bytes(&centre->response.body);
    assert_true(holds(body, "L**")); /* the search finds what is there */
    assert_false(holds(body, "Lin"));
    assert_false(holds(body, "Meihua"));
    assert_false(holds(body, "ei"));
    till_done(&till);
}

static void who_is_nobody_has_no_name(void **state)
{
    struct centre *centre = *state;
    struct till till;
    char member[17], path[64];
    cf_sub sub = join_member(centre, member);
    till_enrol(centre, &till, centre->store_id);
    assert_int_equal(asked(centre, &till, (cf_sub){{1, 2, 3, 4, 5, 6, 7, 8}}).rc, CF_E_MEMBER_UNKNOWN);
    (void)snprintf(path, sizeof path, "/v1/members/%s/erase", member);
    json_decref(centre_expect(centre, "POST", path, "{}", 200));
    struct cf_member_reply reply = asked(centre, &till, sub);
    assert_int_equal(reply.rc, CF_E_MEMBER_UNKNOWN);
    assert_string_equal(reply.shown, "");
    till_done(&till);
}

static void only_a_till_that_is_one_may_ask(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    struct cf_refusal refusal;
    char member[17];
    cf_sub sub = join_member(centre, member);
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    struct cf_member_ask ask = {.terminal = other.terminal, .epoch = other.epoch, .member = sub};
    assert_int_not_equal(ask_as(centre, &till, &ask), 200); /* in another's name */
    assert_int_equal(centre_terminal_call(centre, &till, "POST", CF_PATH_MEMBER, cf_bytes_str("\x80")), 400);
    struct till again = till;
    till_enrol_again(centre, &again); /* this till was replaced: its old certificate opens nothing */
    ask = (struct cf_member_ask){.terminal = till.terminal, .epoch = till.epoch, .member = sub};
    assert_int_not_equal(ask_as(centre, &till, &ask), 200);
    assert_int_equal(cf_refusal_decode(cf_buf_bytes(&centre->response.body), &refusal, NULL), CF_OK);
    assert_int_equal(refusal.rc, CF_E_FENCED);
    till_done(&again);
    till_done(&other);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_each_word_its_first_letter_is_shown),
        cmocka_unit_test(the_longest_name_fits_what_is_sent),
        cmocka_unit_test_setup_teardown(a_till_is_told_a_masked_name_points_and_coupons, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(a_till_that_asks_is_told_how_often_somebody_bought, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(no_answer_holds_more_of_a_name, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(who_is_nobody_has_no_name, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(only_a_till_that_is_one_may_ask, centre_start, centre_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
