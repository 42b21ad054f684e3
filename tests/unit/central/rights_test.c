/*
 * tests/unit/central/rights_test.c - coupons at the centre: who may redeem what, once, within the budget.
 */
#include "tests/unit/central/centre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KEY_HEX "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"

struct claimed {
    char code[CF_CODE_TEXT_MAX];
    uint32_t index;
    uint32_t generation;
    uint32_t home; /* 0: none */
    uint32_t home_epoch;
};

static struct claimed read_claimed(const json_t *json)
{
    struct claimed claimed;
    (void)snprintf(claimed.code, sizeof claimed.code, "%s", json_text(json, "code"));
    claimed.index = (uint32_t)json_int(json, "index");
    claimed.generation = (uint32_t)json_int(json, "generation");
    claimed.home = (uint32_t)json_integer_value(json_object_get(json, "home"));
    claimed.home_epoch = (uint32_t)json_integer_value(json_object_get(json, "home_epoch"));
    return claimed;
}

/* extra: more fields, beginning with a comma. */
static struct claimed claim(struct centre *centre, uint32_t campaign, const char *extra)
{
    char body[256];
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu%s}", (unsigned long)campaign, extra);
    json_t *json = centre_expect(centre, "POST", "/v1/coupons/claim", body, 201);
    struct claimed claimed = read_claimed(json);
    json_decref(json);
    return claimed;
}

static void redeem_body(char body[1024], const char *code, const char *request, const char *extra)
{
    (void)snprintf(body, 1024,
                   "{\"code\":\"%s\",\"request_id\":\"%s\",\"order\":{\"lines\":[{\"code\":\"" PRODUCT_CODE
                   "\",\"qty_milli\":2000}]}%s}",
                   code, request, extra);
}

static void redeems(struct centre *centre, const char *code, const char *request, const char *extra)
{
    char body[1024];
    redeem_body(body, code, request, extra);
    json_t *json = centre_expect(centre, "POST", "/v1/coupons/redeem", body, 200);
    assert_int_equal(json_int(json, "discount_minor"), 200);
    assert_int_equal(json_int(json, "total_minor"), 1800);
    json_decref(json);
}

static void redeem_refused(struct centre *centre, const char *code, const char *request, const char *extra,
                           const char *name)
{
    char body[1024];
    redeem_body(body, code, request, extra);
    centre_refuses(centre, "POST", "/v1/coupons/redeem", body, name);
}

static void pin_body(char body[1024], const char *code, uint32_t store)
{
    if (store != 0) {
        (void)snprintf(body, 1024, "{\"code\":\"%s\",\"store\":%lu}", code, (unsigned long)store);
    } else {
        (void)snprintf(body, 1024, "{\"code\":\"%s\",\"store\":null}", code);
    }
}

static void new_member(struct centre *centre, char text[17])
{
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"Li\",\"device_key\":\"" KEY_HEX "\"}", 201);
    (void)snprintf(text, 17, "%s", json_text(json, "member"));
    json_decref(json);
}

static struct sold with_coupon(uint32_t campaign, const struct claimed *claimed, enum cf_policy policy)
{
    return (struct sold){.n_lines = 2,
                         .has_coupon = true,
                         .campaign = campaign,
                         .index = claimed->index,
                         .generation = claimed->generation,
                         .policy = policy};
}

static void expect_figures(struct centre *centre, uint32_t campaign, struct figures expected)
{
    struct figures f = centre_figures(centre, campaign);
    assert_int_equal(f.budget, expected.budget);
    assert_int_equal(f.free, expected.free);
    assert_int_equal(f.outstanding, expected.outstanding);
    assert_int_equal(f.spent, expected.spent);
    assert_int_equal(f.stranded, expected.stranded);
    assert_int_equal(f.over, expected.over);
    centre_adds_up(centre, campaign);
}

/* --- the online channel ------------------------------------------------------------------------------------------- */

static void a_claimed_coupon_redeems_online_once(void **state)
{
    struct centre *centre = *state;
    uint32_t campaign = centre_campaign(centre, "online_only", 5, "");
    struct claimed c = claim(centre, campaign, "");
    redeems(centre, c.code, "r1", "");
    redeems(centre, c.code, "r1", ""); /* the same request: the same answer, nothing more */
    expect_figures(centre, campaign, (struct figures){5, 4, 0, 1, 0, 0});
    redeem_refused(centre, c.code, "r2", "", "COUPON_SPENT");
    redeem_refused(centre, c.code, "r1", ",\"channel\":2", "COUPON_REQUEST");
    expect_figures(centre, campaign, (struct figures){5, 4, 0, 1, 0, 0});
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
}

static void verifying_has_no_effect(void **state)
{
    struct centre *centre = *state;
    uint32_t campaign = centre_campaign(centre, "online_only", 1, "");
    struct claimed c = claim(centre, campaign, "");
    char body[1024];
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\"}", c.code);
    for (size_t i = 0; i < 3; i++) {
        json_decref(centre_expect(centre, "POST", "/v1/coupons/verify", body, 200));
    }
    expect_figures(centre, campaign, (struct figures){1, 1, 0, 0, 0, 0});
    redeems(centre, c.code, "r1", "");
    centre_refuses(centre, "POST", "/v1/coupons/verify", body, "COUPON_SPENT");
}

/* What the till would print: a coupon of its first grant. */
static void issue(struct centre *centre, const struct till *till, struct cf_issued *ret, char text[CF_CODE_TEXT_MAX])
{
    json_t *json = centre_expect(centre, "GET", "/v1/grants", NULL, 200);
    const json_t *grant = json_array_get(json_object_get(json, "grants"), 0);
    struct cf_code code;
    assert_int_equal(cf_hex_decode(json_text(grant, "grant"), ret->grant_id.b, CF_KID_BYTES, NULL), CF_OK);
    ret->campaign = (uint32_t)json_int(grant, "campaign");
    ret->index = (uint32_t)json_int(grant, "first");
    ret->exp_s = CENTRE_START_S + 30 * 86400;
    json_decref(json);
    struct cf_coupon coupon = {.campaign = ret->campaign, .index = ret->index, .exp_s = ret->exp_s};
    assert_int_equal(cf_coupon_sign(&coupon, ret->grant_id, till->sign_key, &code, NULL), CF_OK);
    assert_int_equal(cf_code_text(&code, text, NULL), CF_OK);
}

/* The shop of the online channel is in Shanghai: coupons are good until its midnight, 16:00 of UTC. */
static void a_coupon_is_good_online_to_the_end_of_its_day_in_the_channels_store(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct sold sold = {.n_lines = 1, .issues = true};
    char text[CF_CODE_TEXT_MAX];
    struct cf_code code;
    json_t *json = centre_expect(centre, "POST", "/v1/stores",
                                 "{\"name\":\"Shanghai\",\"currency\":\"CNY\",\"utc_offset_min\":480}", 201);
    char body[1024], extra[40];
    uint32_t shanghai = (uint32_t)json_int(json, "store");
    json_decref(json);
    (void)snprintf(body, sizeof body, "{\"name\":\"Web 2\",\"store\":%lu}", (unsigned long)shanghai);
    json = centre_expect(centre, "POST", "/v1/channels", body, 201);
    (void)snprintf(extra, sizeof extra, ",\"channel\":%lu", (unsigned long)json_int(json, "channel"));
    json_decref(json);
    (void)snprintf(body, sizeof body, "/v1/catalogue?store=%lu", (unsigned long)shanghai);
    json_decref(centre_expect(centre, "POST", body,
                              "{\"code\":\"" PRODUCT_CODE "\",\"name\":\"Pen\",\"price_minor\":1000}\n", 200));
    till_enrol(centre, &till, centre->store_id);
    (void)centre_campaign(centre, "online_only", 10,
                          ",\"issue_in_store\":{\"valid_days\":30,\"range_per_terminal\":8}");
    issue(centre, &till, &sold.issued, text);
    int64_t exp_s = (CENTRE_START_S / 86400 + 3) * 86400 + 3600; /* 01:00 of UTC, 09:00 there */
    for (uint32_t k = 0; k < 2; k++) {
        const struct cf_coupon coupon = {
            .campaign = sold.issued.campaign, .index = sold.issued.index + k, .exp_s = exp_s};
        assert_int_equal(cf_coupon_sign(&coupon, sold.issued.grant_id, till.sign_key, &code, NULL), CF_OK);
        assert_int_equal(cf_code_text(&code, text, NULL), CF_OK);
        centre->now = cf_wall_from_s(exp_s / 86400 * 86400 + 16 * 3600 - (k == 0));
        if (k == 0) {
            redeems(centre, text, "r0", extra);
        } else {
            redeem_refused(centre, text, "r1", extra, "COUPON_EXPIRED");
            (void)snprintf(extra, sizeof extra, ",\"channel\":%lu", (unsigned long)centre->channel_id);
            redeems(centre, text, "r1", extra); /* the other channel's store has UTC: its day has eight hours left */
        }
    }
    till_done(&till);
}

static void the_budget_is_never_exceeded_online(void **state)
{
    struct centre *centre = *state;
    uint32_t campaign = centre_campaign(centre, "online_only", 2, "");
    struct claimed c[3];
    char request[8];
    for (size_t i = 0; i < 3; i++) {
        c[i] = claim(centre, campaign, "");
    }
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(request, sizeof request, "r%zu", i);
        redeems(centre, c[i].code, request, "");
    }
    redeem_refused(centre, c[2].code, "r9", "", "COUPON_BUDGET");
    expect_figures(centre, campaign, (struct figures){2, 0, 0, 2, 0, 0});
    centre_refuses(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1}", "COUPON_BUDGET");
    json_decref(centre_expect(centre, "PATCH", "/v1/campaigns/1", "{\"budget\":3}", 200));
    redeems(centre, c[2].code, "r9", ""); /* a refusal took nothing, so the same request may succeed later */
    expect_figures(centre, campaign, (struct figures){3, 0, 0, 3, 0, 0});
}

static void what_is_leased_out_is_not_redeemed_online(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    /* A quarter of what is left is for the online channel and for tills to come: it is never leased. */
    uint32_t campaign = centre_campaign(centre, "leased", 4, ",\"lease_per_terminal\":4");
    expect_figures(centre, campaign, (struct figures){4, 1, 3, 0, 0, 0});
    struct claimed c = claim(centre, campaign, ""), d = claim(centre, campaign, "");
    redeems(centre, c.code, "r1", "");
    redeem_refused(centre, d.code, "r2", "", "COUPON_BUDGET");
    uint32_t all = centre_campaign(centre, "leased", 4, ",\"lease_per_terminal\":4,\"lease_reserve_percent\":0");
    expect_figures(centre, all, (struct figures){4, 0, 4, 0, 0, 0});
    till_done(&till);
}

static void a_claim_is_repeated_by_its_key(void **state)
{
    struct centre *centre = *state;
    int status;
    (void)centre_campaign(centre, "online_only", 5, "");
    json_t *first = centre_call_as(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1}", "k1", &status);
    assert_int_equal(status, 201);
    json_t *again = centre_call_as(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1}", "k1", &status);
    assert_int_equal(status, 201);
    assert_true(json_equal(first, again));
    json_t *other = centre_call_as(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1}", "k2", &status);
    assert_int_equal(json_int(other, "index"), 1);
    json_t *clash = centre_call_as(centre, "POST", "/v1/coupons/claim", "{\"campaign\": 1}", "k1", &status);
    assert_int_equal(status, 409);
    assert_string_equal(json_text(json_object_get(clash, "error"), "name"), "COUPON_REQUEST");
    json_decref(first);
    json_decref(again);
    json_decref(other);
    json_decref(clash);
}

static void a_member_claims_no_more_than_allowed(void **state)
{
    struct centre *centre = *state;
    char member[17], extra[64], body[128];
    new_member(centre, member);
    uint32_t campaign = centre_campaign(centre, "online_only", 5, ",\"per_member_claims\":2");
    (void)snprintf(extra, sizeof extra, ",\"member\":\"%s\"", member);
    struct claimed c = claim(centre, campaign, extra);
    (void)claim(centre, campaign, extra);
    (void)snprintf(body, sizeof body, "{\"campaign\":1%s}", extra);
    centre_refuses(centre, "POST", "/v1/coupons/claim", body, "CLAIM_LIMIT");
    centre_refuses(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1}", "MEMBER_REQUIRED");
    centre_refuses(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1,\"member\":\"0000000000000001\"}",
                   "MEMBER_UNKNOWN");
    redeem_refused(centre, c.code, "r1", "", "MEMBER_REQUIRED");
    redeem_refused(centre, c.code, "r1", ",\"member\":\"0000000000000001\"", "MEMBER_UNKNOWN");
    char other[17], with_other[64];
    new_member(centre, other);
    (void)snprintf(with_other, sizeof with_other, ",\"member\":\"%s\"", other);
    redeem_refused(centre, c.code, "r1", with_other, "MEMBER_OTHER");
    redeems(centre, c.code, "r1", extra);
}

static void each_way_a_code_can_be_wrong_has_its_name(void **state)
{
    struct centre *centre = *state;
    uint32_t campaign =
        centre_campaign(centre, "online_only", 5, ",\"from\":\"2026-11-18T11:00:00Z\",\"to\":\"2026-12-01T00:00:00Z\"");
    struct claimed c = claim(centre, campaign, "");
    char bent[CF_CODE_TEXT_MAX];
    redeem_refused(centre, "CP1:", "r", "", "CODE_SHAPE");
    redeem_refused(centre, "XX1:ABC", "r", "", "CODE_PREFIX");
    redeem_refused(centre, "cp1:abc", "r", "", "CODE_PREFIX");
    memcpy(bent, c.code, sizeof bent);
    bent[strlen(bent) - 1] = '\0';
    redeem_refused(centre, bent, "r", "", "BASE45");
    memcpy(bent, c.code, sizeof bent);
    bent[strlen(bent) - 4] = bent[strlen(bent) - 4] == '0' ? '1' : '0'; /* inside the signature */
    redeem_refused(centre, bent, "r", "", "CODE_SIGNATURE");
    centre->now = cf_wall_from_s(CENTRE_START_S - 3600);
    redeem_refused(centre, c.code, "r", "", "COUPON_EARLY");
    centre->now = cf_wall_from_s(CENTRE_START_S + 30 * 86400);
    redeem_refused(centre, c.code, "r", "", "COUPON_ENDED");
    centre_refuses(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1}", "CAMPAIGN_CLOSED");
    centre->now = cf_wall_from_s(CENTRE_START_S);
    json_decref(centre_expect(centre, "PATCH", "/v1/campaigns/1", "{\"stopped\":true}", 200));
    redeem_refused(centre, c.code, "r", "", "COUPON_ENDED");
    centre_refuses(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1}", "CAMPAIGN_CLOSED");
    centre_refuses(centre, "POST", "/v1/coupons/claim", "{\"campaign\":77}", "CAMPAIGN_UNKNOWN");
}

static void a_coupon_that_helps_nothing_is_not_used(void **state)
{
    struct centre *centre = *state;
    (void)centre_campaign(centre, "online_only", 5, "");
    json_decref(centre_expect(centre, "PATCH", "/v1/campaigns/1",
                              "{\"promotion\":{\"kind\":\"order_amount\",\"amount_minor\":500,"
                              "\"min_spend_minor\":100000}}",
                              200));
    struct claimed c = claim(centre, 1, "");
    redeem_refused(centre, c.code, "r", "", "COUPON_MINIMUM");
    json_decref(centre_expect(
        centre, "PATCH", "/v1/campaigns/1",
        "{\"promotion\":{\"kind\":\"order_amount\",\"amount_minor\":500,\"scope\":{\"categories\":[99]}}}", 200));
    redeem_refused(centre, c.code, "r", "", "COUPON_SCOPE");
    expect_figures(centre, 1, (struct figures){5, 5, 0, 0, 0, 0});
}

/* --- tills -------------------------------------------------------------------------------------------------------- */

static void a_till_spends_its_lease_and_is_topped_up(void **state)
{
    struct centre *centre = *state;
    struct till till;
    uint32_t campaign = centre_campaign(centre, "leased", 15, ",\"lease_per_terminal\":4");
    till_enrol(centre, &till, centre->store_id);
    expect_figures(centre, campaign, (struct figures){15, 11, 4, 0, 0, 0});
    for (uint32_t i = 0; i < 2; i++) {
        struct claimed c = claim(centre, campaign, "");
        struct sold sold = with_coupon(campaign, &c, CF_POLICY_LEASED);
        till_sells(centre, &till, &sold);
    }
    expect_figures(centre, campaign, (struct figures){15, 9, 4, 2, 0, 0}); /* 2 left were half: filled up again */
    till_done(&till);
}

static void enrolling_again_strands_the_lease_and_late_sales_still_count(void **state)
{
    struct centre *centre = *state;
    struct till till;
    uint32_t campaign = centre_campaign(centre, "leased", 20, ",\"lease_per_terminal\":5");
    till_enrol(centre, &till, centre->store_id);
    struct claimed c = claim(centre, campaign, "");
    struct till old = till;
    till.sign_key = NULL;
    till_enrol_again(centre, &till);
    assert_int_equal(till.epoch, 2);
    expect_figures(centre, campaign, (struct figures){20, 10, 5, 0, 5, 0});
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct upload *late = upload_new(&old);
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_LEASED);
    upload_sale(centre, &old, late, &sold);
    assert_int_equal(upload_send(centre, &old, late, &answer, &refusal), 200);
    assert_int_equal(answer.results[0].rc, CF_E_FENCED);
    expect_figures(centre, campaign, (struct figures){20, 10, 5, 1, 4, 0});
    upload_free(late);
    till_done(&old);
    till_done(&till);
}

static void a_right_used_twice_is_one_conflict_and_counted_twice(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    uint32_t campaign = centre_campaign(centre, "leased", 20, ",\"lease_per_terminal\":5");
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    struct claimed c = claim(centre, campaign, "");
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_LEASED);
    till_sells(centre, &a, &sold);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
    till_sells(centre, &b, &sold);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 1);
    expect_figures(centre, campaign, (struct figures){20, 10, 8, 2, 0, 0});
    json_t *json = centre_expect(centre, "GET", "/v1/conflicts", NULL, 200);
    const json_t *conflict = json_array_get(json_object_get(json, "conflicts"), 0);
    assert_int_equal(json_int(json_object_get(conflict, "first"), "place"), a.terminal);
    assert_int_equal(json_int(json_object_get(conflict, "second"), "place"), b.terminal);
    json_decref(json);
    redeem_refused(centre, c.code, "r1", "", "COUPON_SPENT");
    till_done(&a);
    till_done(&b);
}

static void a_use_beyond_the_budget_is_counted_and_alarmed(void **state)
{
    struct centre *centre = *state;
    struct till till;
    uint32_t campaign = centre_campaign(centre, "leased", 1, ",\"lease_per_terminal\":1,\"lease_reserve_percent\":0");
    till_enrol(centre, &till, centre->store_id);
    struct claimed c = claim(centre, campaign, "");
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_LEASED);
    till_sells(centre, &till, &sold);
    sold.index++; /* what a clone of the till would do */
    till_sells(centre, &till, &sold);
    expect_figures(centre, campaign, (struct figures){1, 0, 0, 2, 0, 1});
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 2); /* the use, and the campaign */
    till_done(&till);
}

static void a_lease_is_returned_by_record(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_answer answer;
    struct cf_refusal refusal;
    uint32_t campaign = centre_campaign(centre, "leased", 20, ",\"lease_per_terminal\":5");
    till_enrol(centre, &till, centre->store_id);
    struct upload *upload = upload_new(&till);
    upload_add(centre, &till, upload, CF_RECORD_LEASE_RETURN, cf_bytes_of("\x83\x01\x03\x00", 4));
    upload_add(centre, &till, upload, CF_RECORD_LEASE_RETURN, cf_bytes_of("\x83\x01\x03\x00", 4)); /* only 2 are left */
    assert_int_equal(upload_send(centre, &till, upload, &answer, &refusal), 200);
    assert_int_equal(answer.n_results, 1);
    assert_int_equal(answer.results[0].seq, 2);
    expect_figures(centre, campaign, (struct figures){20, 18, 2, 0, 0, 0});
    upload_free(upload);
    till_done(&till);
}

/* --- issued in the store ------------------------------------------------------------------------------------------ */

static void a_coupon_issued_offline_redeems_online_before_the_till_uploads(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct sold sold = {.n_lines = 1, .issues = true};
    char text[CF_CODE_TEXT_MAX];
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign =
        centre_campaign(centre, "online_only", 10, ",\"issue_in_store\":{\"valid_days\":30,\"range_per_terminal\":8}");
    issue(centre, &till, &sold.issued, text);
    redeems(centre, text, "r1", "");
    redeem_refused(centre, text, "r2", "", "COUPON_SPENT");
    till_sells(centre, &till, &sold); /* only now does the centre hear that it was issued */
    redeem_refused(centre, text, "r3", "", "COUPON_SPENT");
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 0);
    /* Outside its range, or by another till's key, nothing is genuine. */
    struct cf_code code;
    struct cf_coupon beyond = {.campaign = campaign, .index = 8, .exp_s = sold.issued.exp_s};
    assert_int_equal(cf_coupon_sign(&beyond, sold.issued.grant_id, till.sign_key, &code, NULL), CF_OK);
    assert_int_equal(cf_code_text(&code, text, NULL), CF_OK);
    redeem_refused(centre, text, "r4", "", "CODE_USAGE");
    struct cf_private_key *thief;
    beyond.index = 3;
    assert_int_equal(cf_private_key_generate(&thief, NULL), CF_OK);
    assert_int_equal(cf_coupon_sign(&beyond, sold.issued.grant_id, thief, &code, NULL), CF_OK);
    assert_int_equal(cf_code_text(&code, text, NULL), CF_OK);
    redeem_refused(centre, text, "r5", "", "CODE_SIGNATURE");
    cf_private_key_free(thief);
    till_done(&till);
}

static void an_issuing_range_that_runs_low_is_followed_by_another(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct sold sold = {.n_lines = 1, .issues = true};
    char text[CF_CODE_TEXT_MAX];
    till_enrol(centre, &till, centre->store_id);
    (void)centre_campaign(centre, "online_only", 10,
                          ",\"issue_in_store\":{\"valid_days\":30,\"range_per_terminal\":4}");
    issue(centre, &till, &sold.issued, text);
    for (size_t i = 0; i < 4; i++) {
        till_sells(centre, &till, &sold);
        sold.issued.index++;
    }
    assert_int_equal(centre_count(centre, "/v1/grants", "grants"), 2);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 0);
    till_sells(centre, &till, &sold); /* beyond the range: told, not refused */
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 1);
    till_done(&till);
}

static void a_coupon_that_its_sale_did_not_earn_is_told(void **state)
{
    struct centre *centre = *state;
    static const char *const issued[] = {"\"by_promotion\":true", "\"min_spend_minor\":100000"};
    for (size_t k = 0; k < 2; k++) {
        struct till till;
        struct sold sold = {.n_lines = 1, .issues = true};
        char extra[128];
        till_enrol(centre, &till, centre->store_id);
        (void)snprintf(extra, sizeof extra, ",\"issue_in_store\":{%s,\"valid_days\":30,\"range_per_terminal\":8}",
                       issued[k]);
        uint32_t campaign = centre_campaign(centre, "online_only", 10, extra);
        json_t *json = centre_expect(centre, "GET", "/v1/grants", NULL, 200);
        size_t i;
        json_t *grant;
        json_array_foreach(json_object_get(json, "grants"), i, grant)
        {
            if (json_int(grant, "campaign") == campaign) {
                assert_int_equal(cf_hex_decode(json_text(grant, "grant"), sold.issued.grant_id.b, CF_KID_BYTES, NULL),
                                 CF_OK);
                sold.issued.index = (uint32_t)json_int(grant, "first");
            }
        }
        json_decref(json);
        sold.issued.campaign = campaign;
        sold.issued.exp_s = CENTRE_START_S + 30 * 86400;
        till_sells(centre, &till, &sold);
        assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), k + 1);
        till_done(&till);
    }
}

static void cash_is_rounded_by_less_than_a_coin_of_the_store(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct sold sold = {.n_lines = 1, .rounding_minor = -900};
    char path[64];
    till_enrol(centre, &till, centre->store_id);
    till_sells(centre, &till, &sold); /* goods of 10.00 for 1.00 */
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 1);
    (void)snprintf(path, sizeof path, "/v1/stores/%lu/settings", (unsigned long)centre->store_id);
    json_decref(centre_expect(centre, "PUT", path, "{\"cash\":{\"step_minor\":10,\"way\":\"down\"}}", 200));
    sold.rounding_minor = -9;
    till_sells(centre, &till, &sold);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 1);
    sold.rounding_minor = -10;
    till_sells(centre, &till, &sold);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 2);
    till_done(&till);
}

/* 10.00 in steps of 0.70 is 9.80. */
static void round_by_seventy(struct cf_sale *sale)
{
    sale->tenders.cash = (struct cf_cash_rule){70, CF_CASH_DOWN};
}

static void cash_is_judged_by_the_rule_that_the_record_names(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct sold sold = {.n_lines = 1, .rounding_minor = -20, .forge = round_by_seventy};
    char path[64];
    till_enrol(centre, &till, centre->store_id);
    till_sells(centre, &till, &sold);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 1); /* never the store's */
    (void)snprintf(path, sizeof path, "/v1/stores/%lu/settings", (unsigned long)centre->store_id);
    json_decref(centre_expect(centre, "PUT", path, "{\"cash\":{\"step_minor\":70,\"way\":\"down\"}}", 200));
    json_decref(centre_expect(centre, "PUT", path, "{\"cash\":{\"step_minor\":1,\"way\":\"nearest\"}}", 200));
    till_sells(centre, &till, &sold); /* sold before that changed */
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 1);
    till_done(&till);
}

/* --- pinned ------------------------------------------------------------------------------------------------------- */

static void released_body(struct cf_buf *buf, uint32_t campaign, const struct claimed *c)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, buf);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, campaign);
    cf_cbor_write_uint(&w, c->index);
    cf_cbor_write_uint(&w, c->generation);
    assert_int_equal(cf_cbor_write_end(&w, NULL), CF_OK);
}

static void a_pinned_coupon_redeems_at_its_home_alone(void **state)
{
    struct centre *centre = *state;
    struct till home, other;
    till_enrol(centre, &home, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "pinned", 10, "");
    struct claimed c = claim(centre, campaign, ",\"pin_store\":1");
    assert_int_equal(c.home, home.terminal);
    expect_figures(centre, campaign, (struct figures){10, 9, 1, 0, 0, 0});
    redeem_refused(centre, c.code, "r1", "", "COUPON_HOME");
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_PINNED);
    till_sells(centre, &home, &sold);
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    redeem_refused(centre, c.code, "r1", "", "COUPON_SPENT");
    till_done(&home);
    till_done(&other);
}

static void a_pinned_coupon_moves_only_when_its_home_gave_it_up(void **state)
{
    struct centre *centre = *state;
    struct till home;
    struct cf_answer answer;
    struct cf_refusal refusal;
    char body[1024];
    till_enrol(centre, &home, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "pinned", 10, "");
    struct claimed c = claim(centre, campaign, "");
    pin_body(body, c.code, 1); /* it has no home yet: at once, with a new generation */
    json_t *json = centre_expect(centre, "POST", "/v1/coupons/pin", body, 200);
    struct claimed pinned = read_claimed(json);
    json_decref(json);
    assert_int_equal(pinned.generation, 1);
    expect_figures(centre, campaign, (struct figures){10, 9, 1, 0, 0, 0});
    redeem_refused(centre, c.code, "r1", "", "COUPON_GENERATION");
    pin_body(body, pinned.code, 0);
    centre_refuses(centre, "POST", "/v1/coupons/pin", body, "STATE");
    struct upload *upload = upload_new(&home);
    struct cf_buf released;
    cf_buf_init(&released, 64);
    released_body(&released, campaign, &pinned);
    upload_add(centre, &home, upload, CF_RECORD_RELEASED, cf_buf_bytes(&released));
    cf_buf_done(&released);
    assert_int_equal(upload_send(centre, &home, upload, &answer, &refusal), 200);
    assert_int_equal(answer.n_results, 0);
    upload_free(upload);
    expect_figures(centre, campaign, (struct figures){10, 10, 0, 0, 0, 0});
    json = centre_expect(centre, "POST", "/v1/coupons/pin", body, 200);
    struct claimed free_again = read_claimed(json);
    json_decref(json);
    assert_int_equal(free_again.home, 0);
    redeem_refused(centre, pinned.code, "r1", "", "COUPON_HOME");
    redeems(centre, free_again.code, "r2", "");
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    till_done(&home);
}

static void a_home_that_is_lost_strands_what_was_pinned_to_it(void **state)
{
    struct centre *centre = *state;
    struct till home;
    char body[1024];
    till_enrol(centre, &home, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "pinned", 10, "");
    struct claimed c = claim(centre, campaign, ",\"pin_store\":1");
    struct till old = home;
    home.sign_key = NULL;
    till_enrol_again(centre, &home);
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 0, 1, 0});
    pin_body(body, c.code, 1);
    centre_refuses(centre, "POST", "/v1/coupons/pin", body, "COUPON_GENERATION");
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct upload *late = upload_new(&old); /* it had been used there, as now turns out */
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_PINNED);
    upload_sale(centre, &old, late, &sold);
    assert_int_equal(upload_send(centre, &old, late, &answer, &refusal), 200);
    upload_free(late);
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    till_done(&old);
    till_done(&home);
}

/* The machine that was lost may go on, and never hear of it: what is pinned since is not its own. */
static void what_is_pinned_after_an_enrolment_is_the_new_machine_s_alone(void **state)
{
    struct centre *centre = *state;
    struct till home;
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct cf_code code;
    till_enrol(centre, &home, centre->store_id);
    struct till old = home;
    home.sign_key = NULL;
    till_enrol_again(centre, &home);
    uint32_t campaign = centre_campaign(centre, "pinned", 10, "");
    struct claimed c = claim(centre, campaign, ",\"pin_store\":1");
    assert_int_equal(c.home, home.terminal);
    assert_int_equal(c.home_epoch, 2);
    assert_int_equal(cf_code_decode_text(cf_bytes_str(c.code), &code, NULL), CF_OK);
    assert_int_equal(code.coupon.home_epoch, 2);
    struct upload *lie = upload_new(&old); /* a shipped till refuses it */
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_PINNED);
    upload_sale(centre, &old, lie, &sold);
    assert_int_equal(upload_send(centre, &old, lie, &answer, &refusal), 200);
    upload_free(lie);
    expect_figures(centre, campaign, (struct figures){10, 8, 1, 1, 0, 0}); /* the home still has its own */
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 1);
    till_sells(centre, &home, &sold);
    expect_figures(centre, campaign, (struct figures){10, 8, 0, 2, 0, 0});
    till_done(&old);
    till_done(&home);
}

/* There may be copies of it, of which each would honour the coupon. */
static void nothing_is_pinned_to_a_till_that_was_set_apart(void **state)
{
    struct centre *centre = *state;
    struct till first, second;
    till_enrol(centre, &first, centre->store_id);
    till_enrol(centre, &second, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "pinned", 10, "");
    struct sold one = {.n_lines = 1}, another = {.n_lines = 2};
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct till twin = first;
    till_sells(centre, &first, &one);
    struct upload *forked = upload_new(&twin);
    upload_sale(centre, &twin, forked, &another);
    assert_int_equal(upload_send(centre, &twin, forked, &answer, &refusal), 409);
    assert_int_equal(refusal.rc, CF_E_FORK);
    upload_free(forked);
    struct claimed c = claim(centre, campaign, ",\"pin_store\":1");
    assert_int_equal(c.home, second.terminal);
    till_done(&first);
    till_done(&second);
}

static void pinning_asks_for_what_can_be(void **state)
{
    struct centre *centre = *state;
    char body[1024];
    json_decref(centre_expect(centre, "POST", "/v1/stores", "{\"name\":\"Empty\",\"currency\":\"CNY\"}", 201));
    (void)centre_campaign(centre, "pinned", 10, "");
    (void)centre_campaign(centre, "leased", 10, "");
    struct claimed leased = claim(centre, 2, "");
    centre_refuses(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1,\"pin_store\":1}", "STATE"); /* no lane */
    centre_refuses(centre, "POST", "/v1/coupons/claim", "{\"campaign\":1,\"pin_store\":99}", "STORE_UNKNOWN");
    pin_body(body, leased.code, 1);
    centre_refuses(centre, "POST", "/v1/coupons/pin", body, "STATE");
}

/* --- a till with a link ------------------------------------------------------------------------------------------- */

static enum cf_rc ask(struct centre *centre, const struct till *till, const char *code_text, uint8_t key_byte)
{
    struct cf_redeem_ask ask = {.terminal = till->terminal, .epoch = till->epoch};
    struct cf_code code;
    struct cf_buf buf;
    enum cf_rc reply = CF_E_INTERNAL;
    memset(ask.request_key, key_byte, sizeof ask.request_key);
    assert_int_equal(cf_code_decode_text(cf_bytes_str(code_text), &code, NULL), CF_OK);
    ask.coupon = cf_bytes_of(code.cose, code.cose_n);
    cf_buf_init(&buf, CF_REDEEM_BYTES_MAX);
    assert_int_equal(cf_redeem_ask_encode(&ask, &buf, NULL), CF_OK);
    assert_int_equal(centre_terminal_call(centre, till, "POST", CF_PATH_REDEEM, cf_buf_bytes(&buf)), 200);
    cf_buf_done(&buf);
    assert_int_equal(cf_redeem_reply_decode(cf_buf_bytes(&centre->response.body), &reply, NULL), CF_OK);
    return reply;
}

static void voids(struct centre *centre, struct till *till, uint32_t campaign, uint32_t index, uint8_t key_byte)
{
    struct cf_void_request request = {.campaign = campaign, .index = index};
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct cf_buf buf;
    memset(request.request_key, key_byte, sizeof request.request_key);
    cf_buf_init(&buf, 128);
    assert_int_equal(cf_void_request_encode(&request, &buf, NULL), CF_OK);
    struct upload *upload = upload_new(till);
    upload_add(centre, till, upload, CF_RECORD_VOID_REQUEST, cf_buf_bytes(&buf));
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    assert_int_equal(answer.n_results, 0);
    upload_free(upload);
    cf_buf_done(&buf);
}

static void a_right_taken_online_by_a_till_is_counted_once(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct claimed c = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &till, c.code, 1), CF_OK);
    assert_int_equal(ask(centre, &till, c.code, 1), CF_OK);
    assert_int_equal(ask(centre, &till, c.code, 2), CF_E_COUPON_SPENT);
    redeem_refused(centre, c.code, "r1", "", "COUPON_SPENT");
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_ONLINE_ONLY);
    memset(sold.request_key, 1, sizeof sold.request_key);
    till_sells(centre, &till, &sold);
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
    voids(centre, &till, campaign, c.index, 1); /* too late: it was sold */
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    till_done(&till);
}

static void a_voided_request_gives_the_right_back(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct claimed c = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &till, c.code, 1), CF_OK);
    voids(centre, &till, campaign, c.index, 1);
    expect_figures(centre, campaign, (struct figures){10, 10, 0, 0, 0, 0});
    assert_int_equal(ask(centre, &till, c.code, 1), CF_E_COUPON_REQUEST); /* the ask comes late */
    voids(centre, &till, campaign, c.index, 7);                           /* one that never arrived */
    assert_int_equal(ask(centre, &till, c.code, 7), CF_E_COUPON_REQUEST);
    redeems(centre, c.code, "r1", "");
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    till_done(&till);
}

static void a_void_does_not_revive_a_right_that_another_till_used(void **state)
{
    struct centre *centre = *state;
    struct till asker, seller;
    till_enrol(centre, &asker, centre->store_id);
    till_enrol(centre, &seller, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "leased", 20, ",\"lease_per_terminal\":5");
    struct claimed c = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &asker, c.code, 1), CF_OK);
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_LEASED);
    till_sells(centre, &seller, &sold); /* offline, from its lease */
    voids(centre, &asker, campaign, c.index, 1);
    redeem_refused(centre, c.code, "r1", "", "COUPON_SPENT");
    expect_figures(centre, campaign, (struct figures){20, 10, 9, 1, 0, 0});
    till_done(&asker);
    till_done(&seller);
}

static void a_void_of_an_epoch_set_apart_gives_nothing_back(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct claimed c = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &till, c.code, 1), CF_OK);
    struct till old = till;
    till.sign_key = NULL;
    till_enrol_again(centre, &till);
    struct cf_void_request request = {.campaign = campaign, .index = c.index};
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct cf_buf buf;
    memset(request.request_key, 1, sizeof request.request_key);
    cf_buf_init(&buf, 128);
    assert_int_equal(cf_void_request_encode(&request, &buf, NULL), CF_OK);
    struct upload *upload = upload_new(&old); /* its twin may have sold with it */
    upload_add(centre, &old, upload, CF_RECORD_VOID_REQUEST, cf_buf_bytes(&buf));
    assert_int_equal(upload_send(centre, &old, upload, &answer, &refusal), 200);
    upload_free(upload);
    cf_buf_done(&buf);
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    redeem_refused(centre, c.code, "r1", "", "COUPON_SPENT");
    till_done(&old);
    till_done(&till);
}

static void an_epoch_says_nothing_of_what_another_epoch_asked_for(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "online_only", 10, "");
    struct claimed c = claim(centre, campaign, ""), d = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &till, c.code, 1), CF_OK);
    struct till old = till;
    till.sign_key = NULL;
    till_enrol_again(centre, &till);
    voids(centre, &till, campaign, c.index, 1); /* the old disk may have sold with it */
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    redeem_refused(centre, c.code, "r1", "", "COUPON_SPENT");
    /* Nor is a sale of the old disk the use that the new epoch asked for: it is another one. */
    assert_int_equal(ask(centre, &till, d.code, 2), CF_OK);
    struct sold sold = with_coupon(campaign, &d, CF_POLICY_ONLINE_ONLY);
    memset(sold.request_key, 2, sizeof sold.request_key);
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct upload *upload = upload_new(&old);
    upload_sale(centre, &old, upload, &sold);
    assert_int_equal(upload_send(centre, &old, upload, &answer, &refusal), 200);
    upload_free(upload);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 2); /* beyond its lease, and used twice */
    voids(centre, &till, campaign, d.index, 2);
    redeem_refused(centre, d.code, "r2", "", "COUPON_SPENT");
    centre_adds_up(centre, campaign);
    till_done(&old);
    till_done(&till);
}

/* --- very many ---------------------------------------------------------------------------------------------------- */

static void a_till_is_enrolled_however_many_campaigns_run(void **state)
{
    struct centre *centre = *state;
    struct till till;
    const uint32_t n = 260; /* more than the ledger holds at once */
    for (uint32_t i = 0; i < n; i++) {
        (void)centre_campaign(centre, "leased", 20, ",\"lease_per_terminal\":5");
    }
    till_enrol(centre, &till, centre->store_id);
    for (uint32_t campaign = 1; campaign <= n; campaign++) {
        assert_int_equal(centre_figures(centre, campaign).outstanding, 5);
    }
    struct till old = till;
    till.sign_key = NULL;
    till_enrol_again(centre, &till);
    expect_figures(centre, 1, (struct figures){20, 10, 5, 0, 5, 0});
    expect_figures(centre, n, (struct figures){20, 10, 5, 0, 5, 0});
    till_done(&old);
    till_done(&till);
}

static void a_campaign_without_numbers_left_holds_no_records_up(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct sold sold = {.n_lines = 1, .issues = true};
    char text[CF_CODE_TEXT_MAX];
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign =
        centre_campaign(centre, "online_only", 10, ",\"issue_in_store\":{\"valid_days\":30,\"range_per_terminal\":1}");
    issue(centre, &till, &sold.issued, text);
    assert_int_equal(cf_store_run(centre->store, CF_Q_CAMPAIGN_FIGURES,
                                  CF_ARGS(cf_v_int(campaign), cf_v_int(UINT32_MAX), cf_v_int(10), cf_v_int(0),
                                          cf_v_int(0), cf_v_int(0), cf_v_int(0), cf_v_int(0), cf_v_int(0)),
                                  NULL),
                     CF_OK);
    till_sells(centre, &till, &sold); /* its range is used up, and there is no other */
    assert_int_equal(centre_count(centre, "/v1/grants", "grants"), 1);
    till_enrol_again(centre, &till);
    till_done(&till);
}

static void a_home_of_very_many_coupons_can_be_lost(void **state)
{
    struct centre *centre = *state;
    struct till home;
    const int64_t n = 8200;
    till_enrol(centre, &home, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "pinned", 10000, "");
    assert_int_equal(cf_store_begin(centre->store, NULL), CF_OK);
    for (int64_t i = 0; i < n; i++) {
        assert_int_equal(
            cf_store_run(centre->store, CF_Q_COUPON_PUT,
                         CF_ARGS(cf_v_int(campaign), cf_v_int(i), cf_v_null(), cf_v_int(CENTRE_START_S + 86400),
                                 cf_v_int(home.terminal), cf_v_int(1), cf_v_int(0), cf_v_int(-1), cf_v_int(1),
                                 cf_v_int(1), cf_v_int(1), cf_v_null(), cf_v_int(0)),
                         NULL),
            CF_OK);
    }
    assert_int_equal(cf_store_run(centre->store, CF_Q_CAMPAIGN_FIGURES,
                                  CF_ARGS(cf_v_int(campaign), cf_v_int(n), cf_v_int(10000 - n), cf_v_int(n),
                                          cf_v_int(0), cf_v_int(0), cf_v_int(0), cf_v_int(0), cf_v_int(0)),
                                  NULL),
                     CF_OK);
    assert_int_equal(cf_store_commit(centre->store, NULL), CF_OK);
    till_enrol_again(centre, &home);
    expect_figures(centre, campaign, (struct figures){10000, 10000 - n, 0, 0, n, 0});
    till_done(&home);
}

/* --- the sum, whatever happens ------------------------------------------------------------------------------------ */

#define TILLS 3
#define STEPS 250

static void one_step(struct centre *centre, struct till *tills, uint32_t campaign, uint32_t *n_claimed, size_t step)
{
    struct till *till = &tills[centre_chance(centre, TILLS)];
    struct claimed any = {.index = *n_claimed > 0 ? centre_chance(centre, *n_claimed) : 0};
    char body[256];
    int status;
    switch (centre_chance(centre, 8)) {
    case 0:
    case 1:
        (void)snprintf(body, sizeof body, "{\"campaign\":%lu}", (unsigned long)campaign);
        json_decref(centre_call(centre, "POST", "/v1/coupons/claim", body, &status));
        *n_claimed += status == 201;
        break;
    case 2:
    case 3:
    case 4: { /* a till sells with any coupon, used or not, leased or not */
        struct sold sold = with_coupon(campaign, &any, CF_POLICY_LEASED);
        struct upload *upload = upload_new(till);
        struct cf_answer answer;
        struct cf_refusal refusal;
        upload_sale(centre, till, upload, &sold);
        assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
        upload_free(upload);
        break;
    }
    case 5:
        (void)snprintf(body, sizeof body, "{\"budget\":%zu}", 20 + step / 5);
        json_decref(centre_call(centre, "PATCH", "/v1/campaigns/1", body, &status));
        break;
    case 6: {
        uint8_t record[4] = {0x83, 0x01, (uint8_t)centre_chance(centre, 4), 0};
        struct upload *upload = upload_new(till);
        struct cf_answer answer;
        struct cf_refusal refusal;
        upload_add(centre, till, upload, CF_RECORD_LEASE_RETURN, cf_bytes_of(record, sizeof record));
        assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
        upload_free(upload);
        break;
    }
    default:
        if (centre_chance(centre, 6) == 0) {
            till_enrol_again(centre, till);
        }
        break;
    }
}

static void the_figures_add_up_after_every_step_of_anything(void **state)
{
    struct centre *centre = *state;
    struct till tills[TILLS];
    uint32_t n_claimed = 0;
    centre->chance = 20261122;
    uint32_t campaign = centre_campaign(centre, "leased", 20, ",\"lease_per_terminal\":4");
    for (size_t i = 0; i < TILLS; i++) {
        till_enrol(centre, &tills[i], centre->store_id);
    }
    for (size_t step = 0; step < STEPS; step++) {
        one_step(centre, tills, campaign, &n_claimed, step);
        centre_adds_up(centre, campaign);
    }
    assert_true(centre_figures(centre, campaign).spent > 20);
    for (size_t i = 0; i < TILLS; i++) {
        till_done(&tills[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, centre_start, centre_stop)
        TEST(a_claimed_coupon_redeems_online_once),
        TEST(verifying_has_no_effect),
        TEST(a_coupon_is_good_online_to_the_end_of_its_day_in_the_channels_store),
        TEST(the_budget_is_never_exceeded_online),
        TEST(what_is_leased_out_is_not_redeemed_online),
        TEST(a_claim_is_repeated_by_its_key),
        TEST(a_member_claims_no_more_than_allowed),
        TEST(each_way_a_code_can_be_wrong_has_its_name),
        TEST(a_coupon_that_helps_nothing_is_not_used),
        TEST(a_till_spends_its_lease_and_is_topped_up),
        TEST(enrolling_again_strands_the_lease_and_late_sales_still_count),
        TEST(a_right_used_twice_is_one_conflict_and_counted_twice),
        TEST(a_use_beyond_the_budget_is_counted_and_alarmed),
        TEST(a_lease_is_returned_by_record),
        TEST(a_coupon_issued_offline_redeems_online_before_the_till_uploads),
        TEST(a_coupon_that_its_sale_did_not_earn_is_told),
        TEST(cash_is_rounded_by_less_than_a_coin_of_the_store),
        TEST(cash_is_judged_by_the_rule_that_the_record_names),
        TEST(an_issuing_range_that_runs_low_is_followed_by_another),
        TEST(a_pinned_coupon_redeems_at_its_home_alone),
        TEST(a_pinned_coupon_moves_only_when_its_home_gave_it_up),
        TEST(a_home_that_is_lost_strands_what_was_pinned_to_it),
        TEST(what_is_pinned_after_an_enrolment_is_the_new_machine_s_alone),
        TEST(nothing_is_pinned_to_a_till_that_was_set_apart),
        TEST(pinning_asks_for_what_can_be),
        TEST(a_right_taken_online_by_a_till_is_counted_once),
        TEST(a_voided_request_gives_the_right_back),
        TEST(a_void_does_not_revive_a_right_that_another_till_used),
        TEST(a_void_of_an_epoch_set_apart_gives_nothing_back),
        TEST(an_epoch_says_nothing_of_what_another_epoch_asked_for),
        TEST(a_till_is_enrolled_however_many_campaigns_run),
        TEST(a_campaign_without_numbers_left_holds_no_records_up),
        TEST(a_home_of_very_many_coupons_can_be_lost),
        TEST(the_figures_add_up_after_every_step_of_anything),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
