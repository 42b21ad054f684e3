/*
 * tests/unit/central/vouchers_test.c - points become a pinned coupon, and go back by the home's log alone; every
 * change of a balance has one cause.
 */
#include "tests/unit/central/centre.h"

#include "base/cbor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KEY_HEX "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"

struct member {
    char text[17];
    cf_sub sub;
};
struct voucher {
    char code[CF_CODE_TEXT_MAX];
    uint32_t campaign, index, generation, home;
};

static struct member join(struct centre *centre)
{
    struct member member;
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"Li\",\"device_key\":\"" KEY_HEX "\"}", 201);
    (void)snprintf(member.text, sizeof member.text, "%s", json_text(json, "member"));
    assert_int_equal(cf_hex_decode(member.text, member.sub.b, sizeof member.sub.b, NULL), CF_OK);
    json_decref(json);
    return member;
}

static int64_t figure(struct centre *centre, const struct member *member, const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/members/%s", member->text);
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    int64_t v = json_int(json, name);
    json_decref(json);
    return v;
}

static void expect_points(struct centre *centre, const struct member *member, int64_t points, int64_t in_vouchers)
{
    assert_int_equal(figure(centre, member, "points"), points);
    assert_int_equal(figure(centre, member, "points_in_vouchers"), in_vouchers);
    json_t *json = centre_expect(centre, "GET", "/v1/health", NULL, 200);
    assert_int_equal(json_int(json, "points_that_do_not_add_up"), 0);
    assert_int_equal(json_int(json, "budgets_that_do_not_add_up"), 0);
    assert_int_equal(json_int(json, "requests_that_do_not_add_up"), 0);
    json_decref(json);
}

/* A sale of n products of 10.00: 10 points each. */
static void earns(struct centre *centre, struct till *till, const struct member *member, size_t n)
{
    till_sells(centre, till, &(struct sold){.n_lines = n, .has_member = true, .member = member->sub});
}

static void order(char body[256], char path[80], const struct member *member, uint32_t campaign, const char *where,
                  uint32_t place, const char *request)
{
    (void)snprintf(path, 80, "/v1/members/%s/vouchers", member->text);
    (void)snprintf(body, 256, "{\"campaign\":%lu,\"%s\":%lu,\"request_id\":\"%s\"}", (unsigned long)campaign, where,
                   (unsigned long)place, request);
}

static struct voucher buy(struct centre *centre, const struct member *member, uint32_t campaign, uint32_t store,
                          const char *request)
{
    char body[256], path[80];
    struct voucher v = {.campaign = campaign};
    order(body, path, member, campaign, "store", store, request);
    json_t *json = centre_expect(centre, "POST", path, body, 201);
    (void)snprintf(v.code, sizeof v.code, "%s", json_text(json, "code"));
    v.index = (uint32_t)json_int(json, "index");
    v.generation = (uint32_t)json_int(json, "generation");
    v.home = (uint32_t)json_int(json, "home");
    json_decref(json);
    return v;
}

static void buy_refused(struct centre *centre, const struct member *member, uint32_t campaign, const char *where,
                        uint32_t place, const char *name)
{
    char body[256], path[80];
    order(body, path, member, campaign, where, place, "refused");
    centre_refuses(centre, "POST", path, body, name);
}

static uint16_t releases(struct centre *centre, struct till *till, const struct voucher *v)
{
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct cf_cbor_writer w;
    struct cf_buf buf;
    cf_buf_init(&buf, 64);
    cf_cbor_write_init(&w, &buf);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, v->campaign);
    cf_cbor_write_uint(&w, v->index);
    cf_cbor_write_uint(&w, v->generation);
    assert_int_equal(cf_cbor_write_end(&w, NULL), CF_OK);
    struct upload *upload = upload_new(till);
    upload_add(centre, till, upload, CF_RECORD_RELEASED, cf_buf_bytes(&buf));
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    upload_free(upload);
    cf_buf_done(&buf);
    return answer.n_results > 0 ? (uint16_t)answer.results[answer.n_results - 1].rc : 0;
}

static struct sold sold_with(const struct voucher *v, const struct member *member)
{
    return (struct sold){.n_lines = 2,
                         .has_coupon = true,
                         .campaign = v->campaign,
                         .index = v->index,
                         .generation = v->generation,
                         .policy = CF_POLICY_PINNED,
                         .has_member = true,
                         .member = member->sub};
}

#define PRICED(price) centre_campaign(centre, "pinned", 5, ",\"points_price\":" #price)

/* ------------------------------------------------------------------------------------------------------------------ */

static void points_become_a_coupon_that_redeems_at_its_home(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct member member = join(centre);
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = PRICED(30);
    earns(centre, &till, &member, 5);
    expect_points(centre, &member, 50, 0);
    struct voucher v = buy(centre, &member, campaign, centre->store_id, "v1");
    struct cf_code code;
    assert_int_equal(cf_code_decode_text(cf_bytes_str(v.code), &code, NULL), CF_OK);
    assert_true(code.coupon.bound && code.coupon.pinned);
    assert_true(cf_sub_equal(code.coupon.sub, member.sub));
    assert_int_equal(code.coupon.home, till.terminal);
    expect_points(centre, &member, 20, 30);
    assert_int_equal(centre_figures(centre, campaign).outstanding, 1);
    struct sold sold = sold_with(&v, &member);
    till_sells(centre, &till, &sold); /* 18 more points */
    expect_points(centre, &member, 38, 0);
    assert_int_equal(figure(centre, &member, "points_ever"), 68);
    assert_int_equal(centre_figures(centre, campaign).spent, 1);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
    till_done(&till);
}

static void a_balance_never_pays_more_than_it_has(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct member member = join(centre);
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = PRICED(30);
    earns(centre, &till, &member, 3);
    (void)buy(centre, &member, campaign, centre->store_id, "v1");
    buy_refused(centre, &member, campaign, "store", centre->store_id, "POINTS");
    expect_points(centre, &member, 0, 30);
    assert_int_equal(centre_figures(centre, campaign).outstanding, 1); /* what was refused took no unit */
    (void)buy(centre, &member, campaign, centre->store_id, "v1");      /* the same request: the same voucher */
    expect_points(centre, &member, 0, 30);
    till_done(&till);
}

static void what_cannot_be_bought_has_a_name(void **state)
{
    struct centre *centre = *state;
    struct till till;
    char body[256], path[80];
    struct member member = join(centre), nobody = member;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = PRICED(10), claimed = centre_campaign(centre, "pinned", 5, "");
    earns(centre, &till, &member, 9);
    nobody.text[0] = nobody.text[0] == '0' ? '1' : '0';
    buy_refused(centre, &nobody, campaign, "store", centre->store_id, "MEMBER_UNKNOWN");
    buy_refused(centre, &member, claimed, "store", centre->store_id, "CAMPAIGN_CLOSED");
    buy_refused(centre, &member, 99, "store", centre->store_id, "CAMPAIGN_UNKNOWN");
    buy_refused(centre, &member, campaign, "store", 99, "STORE_UNKNOWN");
    buy_refused(centre, &member, campaign, "place", 99, "NOT_FOUND");
    order(body, path, &member, campaign, "campaign_", 1, "x");
    centre_refuses(centre, "POST", path, body, "JSON_TYPE");
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu,\"request_id\":\"x\"}", (unsigned long)campaign);
    centre_refuses(centre, "POST", path, body, "JSON_TYPE"); /* nowhere */
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu}", (unsigned long)campaign);
    centre_refuses(centre, "POST", "/v1/coupons/claim", body, "CAMPAIGN_CLOSED"); /* not for nothing */
    centre_refuses(centre, "POST", "/v1/campaigns",
                   "{\"name\":\"x\",\"policy\":\"leased\",\"budget\":1,\"points_price\":5,"
                   "\"promotion\":{\"kind\":\"order_percent\",\"percent_bp\":1000}}",
                   "UNSUPPORTED");
    expect_points(centre, &member, 90, 0);
    till_done(&till);
}

static void a_voucher_can_be_for_one_lane(void **state)
{
    struct centre *centre = *state;
    struct till first, second;
    char body[256], path[80];
    struct member member = join(centre);
    till_enrol(centre, &first, centre->store_id);
    till_enrol(centre, &second, centre->store_id);
    uint32_t campaign = PRICED(10);
    earns(centre, &first, &member, 1);
    order(body, path, &member, campaign, "place", second.terminal, "v1");
    json_t *json = centre_expect(centre, "POST", path, body, 201);
    assert_int_equal(json_int(json, "home"), second.terminal);
    json_decref(json);
    expect_points(centre, &member, 0, 10);
    till_done(&first);
    till_done(&second);
}

static void a_release_by_its_home_gives_the_points_back_once(void **state)
{
    struct centre *centre = *state;
    struct till home, other;
    char body[1024];
    struct member member = join(centre);
    till_enrol(centre, &home, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    uint32_t campaign = PRICED(30);
    earns(centre, &home, &member, 3);
    struct voucher v = buy(centre, &member, campaign, centre->store_id, "v1");
    assert_int_equal(v.home, home.terminal);
    assert_int_equal(releases(centre, &other, &v), CF_E_RECORD); /* it was not its own to give */
    expect_points(centre, &member, 0, 30);
    assert_int_equal(releases(centre, &home, &v), CF_OK);
    expect_points(centre, &member, 30, 0);
    assert_int_equal(releases(centre, &home, &v), CF_E_RECORD);
    expect_points(centre, &member, 30, 0);
    assert_int_equal(centre_figures(centre, campaign).outstanding, 0);
    assert_int_equal(figure(centre, &member, "points_ever"), 30);
    /* The coupon is gone with the points. */
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"store\":%lu}", v.code, (unsigned long)centre->store_id);
    centre_refuses(centre, "POST", "/v1/coupons/pin", body, "STATE");
    (void)snprintf(
        body, sizeof body,
        "{\"code\":\"%s\",\"member\":\"%s\",\"request_id\":\"r1\",\"order\":{\"lines\":[{\"code\":\"" PRODUCT_CODE
        "\",\"qty_milli\":2000}]}}",
        v.code, member.text);
    centre_refuses(centre, "POST", "/v1/coupons/redeem", body, "COUPON_HOME");
    till_done(&home);
    till_done(&other);
}

/* A voucher that has expired may have been used offline on its last day. */
static void no_time_gives_points_back(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct member member = join(centre);
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = PRICED(30);
    earns(centre, &till, &member, 3);
    struct voucher v = buy(centre, &member, campaign, centre->store_id, "v1");
    centre->now.us += 500 * 86400 * CF_US_PER_S;
    till_sells(centre, &till, &(struct sold){.n_lines = 1});
    expect_points(centre, &member, 0, 30);
    assert_int_equal(releases(centre, &till, &v), CF_OK); /* but its home's word does, however late */
    expect_points(centre, &member, 30, 0);
    till_done(&till);
}

static void what_a_lost_home_held_is_lost(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct member member = join(centre);
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = PRICED(30);
    earns(centre, &till, &member, 3);
    struct voucher v = buy(centre, &member, campaign, centre->store_id, "v1");
    struct till old = till;
    till.sign_key = NULL;
    till_enrol_again(centre, &till);
    (void)releases(centre, &old, &v); /* a copy of it may have redeemed it */
    expect_points(centre, &member, 0, 30);
    assert_int_equal(releases(centre, &till, &v), CF_E_RECORD);
    expect_points(centre, &member, 0, 30);
    till_done(&old);
    till_done(&till);
}

static void a_redeemed_voucher_cannot_be_released(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct member member = join(centre);
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = PRICED(30);
    earns(centre, &till, &member, 3);
    struct voucher v = buy(centre, &member, campaign, centre->store_id, "v1");
    struct sold sold = sold_with(&v, &member);
    till_sells(centre, &till, &sold);
    assert_int_equal(releases(centre, &till, &v), CF_E_RECORD);
    expect_points(centre, &member, 18, 0);
    till_done(&till);
}

static void online_points_have_their_cause_too(void **state)
{
    struct centre *centre = *state;
    char body[1024];
    struct member member = join(centre);
    uint32_t campaign = centre_campaign(centre, "online_only", 5, "");
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu}", (unsigned long)campaign);
    json_t *json = centre_expect(centre, "POST", "/v1/coupons/claim", body, 201);
    (void)snprintf(
        body, sizeof body,
        "{\"code\":\"%s\",\"member\":\"%s\",\"request_id\":\"r1\",\"order\":{\"lines\":[{\"code\":\"" PRODUCT_CODE
        "\",\"qty_milli\":2000}]}}",
        json_text(json, "code"), member.text);
    json_decref(json);
    json_decref(centre_expect(centre, "POST", "/v1/coupons/redeem", body, 200));
    expect_points(centre, &member, 18, 0);
}

int main(void)
{
#define at_centre(test) cmocka_unit_test_setup_teardown(test, centre_start, centre_stop)
    const struct CMUnitTest tests[] = {
        at_centre(points_become_a_coupon_that_redeems_at_its_home),
        at_centre(a_balance_never_pays_more_than_it_has),
        at_centre(what_cannot_be_bought_has_a_name),
        at_centre(a_voucher_can_be_for_one_lane),
        at_centre(a_release_by_its_home_gives_the_points_back_once),
        at_centre(no_time_gives_points_back),
        at_centre(what_a_lost_home_held_is_lost),
        at_centre(a_redeemed_voucher_cannot_be_released),
        at_centre(online_points_have_their_cause_too),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
