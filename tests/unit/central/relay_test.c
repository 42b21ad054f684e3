/*
 * tests/unit/central/relay_test.c - the phone relay at the centre: a right is taken for one till and nonce, counted
 * once, and comes back by that till's log alone.
 */
#include "tests/unit/central/centre.h"

#include "app/core/challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KEY_HEX "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define RELAY "/v1/coupons/relay"

struct claimed {
    char code[CF_CODE_TEXT_MAX];
    uint32_t campaign, index;
};

static struct claimed claim(struct centre *centre, uint32_t campaign, const char *extra)
{
    char body[256];
    struct claimed claimed = {.campaign = campaign};
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu%s}", (unsigned long)campaign, extra);
    json_t *json = centre_expect(centre, "POST", "/v1/coupons/claim", body, 201);
    (void)snprintf(claimed.code, sizeof claimed.code, "%s", json_text(json, "code"));
    claimed.index = (uint32_t)json_int(json, "index");
    json_decref(json);
    return claimed;
}

static struct cf_challenge shown_by(const struct centre *centre, const struct till *till, uint8_t nonce)
{
    struct cf_challenge challenge = {.till = till->terminal, .epoch = till->epoch, .store = centre->store_id};
    memset(challenge.nonce, nonce, sizeof challenge.nonce);
    return challenge;
}

static void relay_body(char body[1024], const char *code, const struct cf_challenge *challenge, const char *request,
                       const char *extra)
{
    char text[CF_CHALLENGE_TEXT_MAX];
    assert_int_equal(cf_challenge_text(challenge, text, NULL), CF_OK);
    (void)snprintf(body, 1024, "{\"code\":\"%s\",\"challenge\":\"%s\",\"request_id\":\"%s\"%s}", code, text, request,
                   extra);
}

static struct cf_ticket relays(struct centre *centre, const char *code, const struct cf_challenge *challenge,
                               const char *request, const char *extra)
{
    char body[1024];
    struct cf_code ticket;
    relay_body(body, code, challenge, request, extra);
    json_t *json = centre_expect(centre, "POST", RELAY, body, 200);
    assert_int_equal(cf_code_decode_text(cf_bytes_str(json_text(json, "ticket")), &ticket, NULL), CF_OK);
    assert_int_equal(ticket.kind, CF_CODE_TICKET);
    json_decref(json);
    return ticket.ticket;
}

static void relay_refused(struct centre *centre, const char *code, const struct cf_challenge *challenge,
                          const char *request, const char *extra, const char *name)
{
    char body[1024];
    relay_body(body, code, challenge, request, extra);
    centre_refuses(centre, "POST", RELAY, body, name);
}

/* The till's log closes the challenge. */
static void closes(struct centre *centre, struct till *till, const struct cf_challenge *challenge)
{
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct cf_buf buf;
    cf_buf_init(&buf, 64);
    assert_int_equal(cf_challenge_closed_encode(challenge->nonce, &buf, NULL), CF_OK);
    struct upload *upload = upload_new(till);
    upload_add(centre, till, upload, CF_RECORD_CHALLENGE, cf_buf_bytes(&buf));
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    upload_free(upload);
    cf_buf_done(&buf);
}

static struct sold sold_by(const struct claimed *claimed, const struct cf_challenge *challenge)
{
    struct sold sold = {.n_lines = 2,
                        .has_coupon = true,
                        .campaign = claimed->campaign,
                        .index = claimed->index,
                        .policy = CF_POLICY_ONLINE_ONLY,
                        .source = CF_RIGHT_TICKET};
    cf_challenge_key(challenge->till, challenge->epoch, challenge->nonce, sold.request_key);
    return sold;
}

static void expect_spent(struct centre *centre, uint32_t campaign, int64_t spent)
{
    assert_int_equal(centre_figures(centre, campaign).spent, spent);
    centre_adds_up(centre, campaign);
}

/* --- taking ------------------------------------------------------------------------------------------------------- */

static void a_relayed_right_is_taken_for_one_till_and_counted_once(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct claimed c = claim(centre, campaign, "");
    struct cf_challenge shown = shown_by(centre, &till, 7);
    struct cf_ticket ticket = relays(centre, c.code, &shown, "r1", "");
    assert_int_equal(ticket.campaign, campaign);
    assert_int_equal(ticket.index, c.index);
    assert_int_equal(ticket.till, till.terminal);
    assert_memory_equal(ticket.nonce, shown.nonce, sizeof shown.nonce);
    assert_int_equal(ticket.exp_s, CENTRE_START_S + CF_TICKET_VALID_S);
    expect_spent(centre, campaign, 1);
    struct sold sold = sold_by(&c, &shown);
    till_sells(centre, &till, &sold);
    expect_spent(centre, campaign, 1);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 0);
    closes(centre, &till, &shown); /* a log that says both: it was sold */
    expect_spent(centre, campaign, 1);
    till_done(&till);
}

static void asking_again_takes_nothing_more(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct claimed c = claim(centre, campaign, "");
    struct claimed other = claim(centre, campaign, "");
    struct cf_challenge shown = shown_by(centre, &till, 7);
    struct cf_challenge next = shown_by(centre, &till, 8);
    struct cf_ticket first = relays(centre, c.code, &shown, "r1", "");
    centre->now.us += 5 * CF_US_PER_S;
    struct cf_ticket again = relays(centre, c.code, &shown, "r1", "");
    assert_int_equal(first.exp_s, again.exp_s); /* the very answer */
    (void)relays(centre, c.code, &shown, "r2", "");
    relay_refused(centre, c.code, &next, "r1", "", "COUPON_REQUEST");      /* another challenge under the same id */
    relay_refused(centre, other.code, &shown, "r3", "", "COUPON_REQUEST"); /* another right for the same challenge */
    relay_refused(centre, c.code, &next, "r4", "", "COUPON_SPENT");        /* the same right for another */
    expect_spent(centre, campaign, 1);
    till_done(&till);
}

static void what_is_refused_has_a_name(void **state)
{
    struct centre *centre = *state;
    struct till till;
    char body[1024], extra[64];
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 1, "");
    uint32_t shop_only = centre_campaign(centre, "online_only", 9, ",\"channels\":[\"online\"]");
    uint32_t pinned = centre_campaign(centre, "pinned", 9, "");
    (void)snprintf(extra, sizeof extra, ",\"pin_store\":%lu", (unsigned long)centre->store_id);
    struct claimed c = claim(centre, campaign, ""), second = claim(centre, campaign, "");
    struct claimed o = claim(centre, shop_only, ""), p = claim(centre, pinned, extra);
    struct cf_challenge shown = shown_by(centre, &till, 7), bad = shown;
    relay_refused(centre, o.code, &shown, "r1", "", "COUPON_CHANNEL");
    relay_refused(centre, p.code, &shown, "r1", "", "COUPON_HOME");
    relay_refused(centre, c.code, &shown, "r1", ",\"member\":\"0102030405060708\"", "MEMBER_UNKNOWN");
    bad.till = 999;
    relay_refused(centre, c.code, &bad, "r1", "", "NOT_FOUND");
    bad = shown;
    bad.epoch++;
    relay_refused(centre, c.code, &bad, "r1", "", "NOT_FOUND");
    bad = shown;
    bad.store++;
    relay_refused(centre, c.code, &bad, "r1", "", "NOT_FOUND");
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"challenge\":\"CN1:ABC\",\"request_id\":\"r1\"}", c.code);
    centre_refuses(centre, "POST", RELAY, body, "CODE_SHAPE");
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"challenge\":\"CT1:ABC\",\"request_id\":\"r1\"}", c.code);
    centre_refuses(centre, "POST", RELAY, body, "CODE_PREFIX");
    (void)relays(centre, c.code, &shown, "r1", "");
    bad = shown_by(centre, &till, 8);
    relay_refused(centre, second.code, &bad, "r2", "", "COUPON_BUDGET");
    expect_spent(centre, campaign, 1);
    till_done(&till);
}

static void a_member_s_coupon_makes_a_member_s_ticket(void **state)
{
    struct centre *centre = *state;
    struct till till;
    char extra[64];
    cf_sub sub;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 9, "");
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"Li\",\"device_key\":\"" KEY_HEX "\"}", 201);
    (void)snprintf(extra, sizeof extra, ",\"member\":\"%s\"", json_text(json, "member"));
    assert_int_equal(cf_hex_decode(json_text(json, "member"), sub.b, sizeof sub.b, NULL), CF_OK);
    json_decref(json);
    struct claimed c = claim(centre, campaign, extra);
    struct cf_challenge shown = shown_by(centre, &till, 7);
    relay_refused(centre, c.code, &shown, "r1", "", "MEMBER_REQUIRED");
    struct cf_ticket ticket = relays(centre, c.code, &shown, "r1", extra);
    assert_true(cf_sub_equal(ticket.sub, sub));
    till_done(&till);
}

/* A relayed right is within every limit that one asked for by a till is within, and frees it again when it goes back.
 */
static void a_relayed_right_is_within_every_limit(void **state)
{
    static const struct {
        const char *limit;
        const char *why;
    } rows[] = {
        {",\"per_member_day\":1", "one a day for a member"},
        {",\"per_store\":1", "one in this store"},
        {",\"per_day\":1", "one a day in all"},
    };
    struct centre *centre = *state;
    struct till till;
    char member[64];
    till_enrol(centre, &till, centre->store_id);
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"Li\",\"device_key\":\"" KEY_HEX "\"}", 201);
    (void)snprintf(member, sizeof member, ",\"member\":\"%s\"", json_text(json, "member"));
    json_decref(json);
    for (uint8_t k = 0; k < 3; k++) {
        char a[16], b[16], c[16];
        (void)snprintf(a, sizeof a, "a%u", k);
        (void)snprintf(b, sizeof b, "b%u", k);
        (void)snprintf(c, sizeof c, "c%u", k);
        uint32_t campaign = centre_campaign(centre, "online_only", 10, rows[k].limit);
        struct claimed one = claim(centre, campaign, member), two = claim(centre, campaign, member);
        struct cf_challenge first = shown_by(centre, &till, (uint8_t)(10 + 3 * k));
        struct cf_challenge second = shown_by(centre, &till, (uint8_t)(11 + 3 * k));
        (void)relays(centre, one.code, &first, a, member);
        relay_refused(centre, two.code, &second, b, member, "COUPON_LIMIT");
        closes(centre, &till, &first);
        (void)relays(centre, two.code, &second, c, member);
        expect_spent(centre, campaign, 1);
    }
    till_done(&till);
}

/* --- giving back -------------------------------------------------------------------------------------------------- */

static void a_challenge_that_ended_unused_gives_the_right_back_once(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct claimed c = claim(centre, campaign, "");
    struct cf_challenge shown = shown_by(centre, &till, 7), late = shown_by(centre, &till, 8);
    (void)relays(centre, c.code, &shown, "r1", "");
    closes(centre, &till, &shown);
    expect_spent(centre, campaign, 0);
    relay_refused(centre, c.code, &shown, "r2", "", "COUPON_REQUEST"); /* the challenge is over */
    closes(centre, &till, &shown);
    closes(centre, &till, &late); /* the phone's ask is still on its way */
    relay_refused(centre, c.code, &late, "r3", "", "COUPON_REQUEST");
    expect_spent(centre, campaign, 0);
    late = shown_by(centre, &till, 9);
    (void)relays(centre, c.code, &late, "r4", "");
    expect_spent(centre, campaign, 1);
    till_done(&till);
}

/* Neither a year nor other records of the till are evidence. */
static void time_gives_nothing_back(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct claimed c = claim(centre, campaign, "");
    struct cf_challenge shown = shown_by(centre, &till, 7), next = shown_by(centre, &till, 8);
    (void)relays(centre, c.code, &shown, "r1", "");
    centre->now.us += 300 * 86400 * CF_US_PER_S;
    till_sells(centre, &till, &(struct sold){.n_lines = 1});
    expect_spent(centre, campaign, 1);
    relay_refused(centre, c.code, &next, "r2", "", "COUPON_SPENT");
    till_done(&till);
}

static void an_epoch_that_is_over_leaves_its_claims_stranded(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct claimed c = claim(centre, campaign, ""), other = claim(centre, campaign, "");
    struct cf_challenge sold_with = shown_by(centre, &till, 7), unused = shown_by(centre, &till, 8);
    (void)relays(centre, c.code, &sold_with, "r1", "");
    (void)relays(centre, other.code, &unused, "r2", "");
    struct till old = till;
    till.sign_key = NULL;
    till_enrol_again(centre, &till);
    struct cf_challenge after = shown_by(centre, &old, 9);
    relay_refused(centre, other.code, &after, "r3", "", "TICKET_CHALLENGE");
    after = shown_by(centre, &till, 8); /* the same nonce in the next epoch is another challenge */
    relay_refused(centre, other.code, &after, "r4", "", "COUPON_SPENT");
    closes(centre, &old, &unused); /* its twin may have sold with it */
    closes(centre, &till, &unused);
    expect_spent(centre, campaign, 2);
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct upload *late = upload_new(&old); /* facts stay facts */
    struct sold sold = sold_by(&c, &sold_with);
    upload_sale(centre, &old, late, &sold);
    assert_int_equal(upload_send(centre, &old, late, &answer, &refusal), 200);
    upload_free(late);
    expect_spent(centre, campaign, 2);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
    till_done(&old);
    till_done(&till);
}

static void a_record_that_closes_nothing_readable_is_set_aside(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_answer answer;
    struct cf_refusal refusal;
    till_enrol(centre, &till, centre->store_id);
    struct upload *upload = upload_new(&till);
    upload_add(centre, &till, upload, CF_RECORD_CHALLENGE, cf_bytes_of((const uint8_t *)"\x81\x01", 2));
    assert_int_equal(upload_send(centre, &till, upload, &answer, &refusal), 200);
    assert_int_equal(answer.n_results, 1);
    assert_int_equal(answer.results[0].rc, CF_E_RECORD);
    upload_free(upload);
    till_done(&till);
}

int main(void)
{
#define at_centre(test) cmocka_unit_test_setup_teardown(test, centre_start, centre_stop)
    const struct CMUnitTest tests[] = {
        at_centre(a_relayed_right_is_taken_for_one_till_and_counted_once),
        at_centre(asking_again_takes_nothing_more),
        at_centre(what_is_refused_has_a_name),
        at_centre(a_member_s_coupon_makes_a_member_s_ticket),
        at_centre(a_relayed_right_is_within_every_limit),
        at_centre(a_challenge_that_ended_unused_gives_the_right_back_once),
        at_centre(time_gives_nothing_back),
        at_centre(an_epoch_that_is_over_leaves_its_claims_stranded),
        at_centre(a_record_that_closes_nothing_readable_is_set_aside),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
