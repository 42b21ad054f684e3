/*
 * tests/unit/central/limits_test.c - what is risked, what it costs in money, and limits beside the budget: kept to the
 * unit and to the cent, after every step and whatever the order of uploads.
 */
#include "tests/unit/central/centre.h"

#include "app/core/code.h"
#include "app/core/lease_return.h"
#include "sync/central/places.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KEY_HEX "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
/* 10 % off, at most 5.00: n lines of 10.00 take n times 1.00 off, up to five. */
#define TEN_PERCENT "\"promotion\":{\"kind\":\"order_percent\",\"percent_bp\":1000,\"max_discount_minor\":500}"

static uint32_t launch(struct centre *centre, const char *policy, int64_t budget, const char *more)
{
    char body[1024];
    (void)snprintf(body, sizeof body, "{\"name\":\"x\",\"policy\":\"%s\",\"budget\":%lld," TEN_PERCENT "%s}", policy,
                   (long long)budget, more);
    json_t *json = centre_expect(centre, "POST", "/v1/campaigns", body, 201);
    uint32_t id = (uint32_t)json_int(json, "campaign");
    json_decref(json);
    return id;
}

static void change(struct centre *centre, uint32_t campaign, const char *body)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu", (unsigned long)campaign);
    json_decref(centre_expect(centre, "PATCH", path, body, 200));
}

static json_t *figures(struct centre *centre, uint32_t campaign)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu/figures", (unsigned long)campaign);
    return centre_expect(centre, "GET", path, NULL, 200);
}

static int64_t figure(struct centre *centre, uint32_t campaign, const char *group, const char *name)
{
    json_t *json = figures(centre, campaign);
    int64_t v = json_int(json_object_get(json, group), name);
    json_decref(json);
    return v;
}

/* Of the terminal that was enrolled as number n. */
static int64_t of_holder(struct centre *centre, uint32_t campaign, size_t n, const char *name)
{
    json_t *json = figures(centre, campaign);
    int64_t v = json_int(json_array_get(json_object_get(json, "holders"), n), name);
    json_decref(json);
    return v;
}

struct risk {
    int64_t free, outstanding, stranded, lost, over;
};

static struct risk risk_of(struct centre *centre, uint32_t campaign)
{
    json_t *json = figures(centre, campaign);
    const json_t *r = json_object_get(json, "risk");
    struct risk risk = {json_int(r, "free_minor"), json_int(r, "outstanding_minor"), json_int(r, "stranded_minor"),
                        json_int(r, "lost_minor"), json_int(r, "over_minor")};
    json_decref(json);
    return risk;
}

/* Everything that the centre can reckon again is as it says. */
static void all_adds_up(struct centre *centre)
{
    json_t *json = centre_expect(centre, "GET", "/v1/reports/invariants", NULL, 200);
    const json_t *broken = json_object_get(json, "broken");
    if (json_array_size(broken) != 0) {
        char *text = json_dumps(broken, 0);
        fail_msg("%s", text);
    }
    json_decref(json);
}

static struct sold use(uint32_t campaign, uint32_t index, enum cf_right_source source, size_t n_lines)
{
    static const enum cf_policy policy_of[] = {
        [CF_RIGHT_CENTRE] = CF_POLICY_ONLINE_ONLY,
        [CF_RIGHT_LEASE] = CF_POLICY_LEASED,
        [CF_RIGHT_HOME] = CF_POLICY_PINNED,
        [CF_RIGHT_RISK] = CF_POLICY_OPTIMISTIC,
    };
    return (struct sold){.n_lines = n_lines,
                         .has_coupon = true,
                         .campaign = campaign,
                         .index = index,
                         .policy = policy_of[source],
                         .source = source};
}

static void risks(struct centre *centre, struct till *till, uint32_t campaign, uint32_t index, size_t n_lines)
{
    struct sold sold = use(campaign, index, CF_RIGHT_RISK, n_lines);
    till_sells(centre, till, &sold);
}

/* --- codes, asks and voids ---------------------------------------------------------------------------------------- */

struct claimed {
    char code[CF_CODE_TEXT_MAX];
    uint32_t index;
};

/* false: refused by `name`. */
static bool claims(struct centre *centre, uint32_t campaign, const char *more, struct claimed *ret, const char *name)
{
    char body[256];
    int status;
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu%s}", (unsigned long)campaign, more);
    json_t *json = centre_call(centre, "POST", "/v1/coupons/claim", body, &status);
    if (status == 201) {
        (void)snprintf(ret->code, sizeof ret->code, "%s", json_text(json, "code"));
        ret->index = (uint32_t)json_int(json, "index");
    } else if (name != NULL) {
        assert_string_equal(json_text(json_object_get(json, "error"), "name"), name);
    }
    json_decref(json);
    return status == 201;
}

static struct claimed claim(struct centre *centre, uint32_t campaign, const char *more)
{
    struct claimed claimed;
    assert_true(claims(centre, campaign, more, &claimed, "CF_OK"));
    return claimed;
}

/* One use online of n_lines goods; the name of the refusal, or "OK". */
static const char *redeem(struct centre *centre, const char *code, const char *request, int n_lines, const char *more)
{
    static char name[64];
    char body[1024];
    int status;
    (void)snprintf(body, sizeof body,
                   "{\"code\":\"%s\",\"request_id\":\"%s\",\"order\":{\"lines\":[{\"code\":\"" PRODUCT_CODE
                   "\",\"qty_milli\":%d}]}%s}",
                   code, request, n_lines * 1000, more);
    json_t *json = centre_call(centre, "POST", "/v1/coupons/redeem", body, &status);
    (void)snprintf(name, sizeof name, "%s", status == 200 ? "OK" : json_text(json_object_get(json, "error"), "name"));
    json_decref(json);
    return name;
}

static enum cf_rc ask(struct centre *centre, const struct till *till, const char *code_text, uint32_t key)
{
    struct cf_redeem_ask ask = {.terminal = till->terminal, .epoch = till->epoch};
    struct cf_code code;
    struct cf_buf buf;
    enum cf_rc reply = CF_E_INTERNAL;
    cf_put_be32(ask.request_key, key);
    assert_int_equal(cf_code_decode_text(cf_bytes_str(code_text), &code, NULL), CF_OK);
    ask.coupon = cf_bytes_of(code.cose, code.cose_n);
    cf_buf_init(&buf, CF_REDEEM_BYTES_MAX);
    assert_int_equal(cf_redeem_ask_encode(&ask, &buf, NULL), CF_OK);
    assert_int_equal(centre_terminal_call(centre, till, "POST", CF_PATH_REDEEM, cf_buf_bytes(&buf)), 200);
    cf_buf_done(&buf);
    assert_int_equal(cf_redeem_reply_decode(cf_buf_bytes(&centre->response.body), &reply, NULL), CF_OK);
    return reply;
}

static void sends(struct centre *centre, struct till *till, enum cf_record_type type, cf_bytes body)
{
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct upload *upload = upload_new(till);
    upload_add(centre, till, upload, type, body);
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    upload_free(upload);
}

static void voids(struct centre *centre, struct till *till, uint32_t campaign, uint32_t index, uint32_t key)
{
    struct cf_void_request request = {.campaign = campaign, .index = index};
    struct cf_buf buf;
    cf_put_be32(request.request_key, key);
    cf_buf_init(&buf, 128);
    assert_int_equal(cf_void_request_encode(&request, &buf, NULL), CF_OK);
    sends(centre, till, CF_RECORD_VOID_REQUEST, cf_buf_bytes(&buf));
    cf_buf_done(&buf);
}

static void returns(struct centre *centre, struct till *till, uint32_t campaign, int64_t units, int64_t minor)
{
    struct cf_lease_return back = {campaign, units, minor};
    struct cf_buf buf;
    cf_buf_init(&buf, 64);
    assert_int_equal(cf_lease_return_encode(&back, &buf, NULL), CF_OK);
    sends(centre, till, CF_RECORD_LEASE_RETURN, cf_buf_bytes(&buf));
    cf_buf_done(&buf);
}

/* --- optimistic --------------------------------------------------------------------------------------------------- */

#define RISKY ",\"risk_budget_minor\":4000,\"risk_per_terminal_minor\":1000"

static void assert_risk(struct centre *centre, uint32_t campaign, struct risk expected)
{
    struct risk r = risk_of(centre, campaign);
    assert_int_equal(r.free, expected.free);
    assert_int_equal(r.outstanding, expected.outstanding);
    assert_int_equal(r.stranded, expected.stranded);
    assert_int_equal(r.lost, expected.lost);
    assert_int_equal(r.over, expected.over);
    all_adds_up(centre);
}

static void a_verified_use_frees_what_it_had_at_risk(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = launch(centre, "optimistic", 50, RISKY);
    assert_risk(centre, campaign, (struct risk){3000, 1000, 0, 0, 0});
    risks(centre, &till, campaign, 1, 4);
    assert_risk(centre, campaign, (struct risk){3400, 600, 0, 0, 0}); /* above its low-water mark */
    risks(centre, &till, campaign, 2, 3);
    assert_risk(centre, campaign, (struct risk){3000, 1000, 0, 0, 0}); /* filled up again */
    assert_int_equal(figure(centre, campaign, "units", "spent"), 2);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 0);
    till_done(&till);
}

static void of_a_right_used_twice_what_exceeds_its_dearest_use_is_lost(void **state)
{
    struct centre *centre = *state;
    struct till a, b, c;
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    till_enrol(centre, &c, centre->store_id);
    const size_t orders[][3] = {{2, 3, 1}, {1, 2, 3}, {3, 2, 1}};
    for (size_t i = 0; i < 3; i++) {
        uint32_t campaign = launch(centre, "optimistic", 50, RISKY);
        risks(centre, &a, campaign, 7, orders[i][0]);
        risks(centre, &b, campaign, 7, orders[i][1]);
        risks(centre, &c, campaign, 7, orders[i][2]);
        struct risk r = risk_of(centre, campaign);
        assert_int_equal(r.lost, 300);
        assert_int_equal(r.free + r.outstanding, 3700);
        assert_int_equal(figure(centre, campaign, "units", "spent"), 1);
        all_adds_up(centre);
    }
    till_done(&a);
    till_done(&b);
    till_done(&c);
}

static void beyond_the_budget_the_cheapest_rights_are_lost(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    for (int turn = 0; turn < 2; turn++) {
        uint32_t campaign = launch(centre, "optimistic", 2, RISKY);
        risks(centre, turn == 0 ? &a : &b, campaign, 1, turn == 0 ? 5 : 1);
        risks(centre, turn == 0 ? &a : &b, campaign, 2, turn == 0 ? 4 : 2);
        risks(centre, turn == 0 ? &b : &a, campaign, 3, turn == 0 ? 2 : 4);
        risks(centre, turn == 0 ? &b : &a, campaign, 4, turn == 0 ? 1 : 5);
        assert_int_equal(risk_of(centre, campaign).lost, 300);
        assert_int_equal(figure(centre, campaign, "units", "over"), 2);
        all_adds_up(centre);
        change(centre, campaign, "{\"budget\":3}"); /* one of them is paid for after all: the dearer one */
        assert_int_equal(risk_of(centre, campaign).lost, 100);
        all_adds_up(centre);
    }
    till_done(&a);
    till_done(&b);
}

static void what_the_centre_gave_makes_every_use_at_risk_a_loss_until_it_is_undone(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    uint32_t campaign = launch(centre, "optimistic", 50, RISKY);
    struct claimed coupon = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &a, coupon.code, 1), CF_OK);
    risks(centre, &b, campaign, coupon.index, 4); /* it was offline */
    assert_int_equal(risk_of(centre, campaign).lost, 400);
    all_adds_up(centre);
    voids(centre, &a, campaign, coupon.index, 1); /* its sale was cancelled */
    assert_int_equal(risk_of(centre, campaign).lost, 0);
    assert_int_equal(figure(centre, campaign, "units", "spent"), 1);
    all_adds_up(centre);
    till_done(&a);
    till_done(&b);
}

static void what_a_lost_till_had_at_risk_stays_stranded_but_for_what_it_proves(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = launch(centre, "optimistic", 50, RISKY);
    struct till old = till;
    till.sign_key = NULL;
    till_enrol_again(centre, &till);
    assert_risk(centre, campaign, (struct risk){2000, 1000, 1000, 0, 0});
    struct upload *late = upload_new(&old);
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct sold sold = use(campaign, 3, CF_RIGHT_RISK, 4);
    upload_sale(centre, &old, late, &sold);
    assert_int_equal(upload_send(centre, &old, late, &answer, &refusal), 200);
    upload_free(late);
    assert_risk(centre, campaign, (struct risk){2400, 1000, 600, 0, 0});
    returns(centre, &old, campaign, 0, 600); /* a twin may have spent it: nothing moves */
    assert_risk(centre, campaign, (struct risk){2400, 1000, 600, 0, 0});
    till_done(&old);
    till_done(&till);
}

/* Four honest tills sell within their risk leases; whoever tells first, the loss is the same, and never with what is
 * unverified beyond the budget. */
#define TILLS 4
#define USES 3

static void exposure_and_loss_stay_within_the_risk_budget_in_every_order(void **state)
{
    struct centre *centre = *state;
    struct till tills[TILLS];
    uint32_t index[TILLS][USES];
    size_t lines[TILLS][USES];
    centre->chance = 4711;
    for (size_t i = 0; i < TILLS; i++) {
        till_enrol(centre, &tills[i], centre->store_id);
    }
    for (size_t round = 0; round < 6; round++) {
        struct risk first = {0};
        int64_t first_spent = 0, first_over = 0;
        for (size_t i = 0; i < TILLS * USES; i++) {
            index[i / USES][i % USES] = centre_chance(centre, 5); /* every coupon is shown everywhere */
            lines[i / USES][i % USES] = 1 + centre_chance(centre, 3);
        }
        for (size_t order = 0; order < 6; order++) {
            uint32_t campaign = launch(centre, "optimistic", 3 + (int64_t)round % 3, RISKY);
            size_t told[TILLS] = {0};
            for (size_t n = 0; n < TILLS * USES;) {
                size_t i = centre_chance(centre, TILLS);
                if (told[i] == USES) {
                    continue;
                }
                risks(centre, &tills[i], campaign, index[i][told[i]], lines[i][told[i]]);
                told[i]++;
                n++;
                struct risk r = risk_of(centre, campaign);
                assert_int_equal(r.free + r.outstanding + r.stranded + r.lost, 4000);
                assert_int_equal(r.over, 0);
            }
            all_adds_up(centre);
            struct risk r = risk_of(centre, campaign);
            int64_t spent = figure(centre, campaign, "units", "spent"),
                    over = figure(centre, campaign, "units", "over");
            if (order == 0) {
                first = r;
                first_spent = spent;
                first_over = over;
            }
            assert_int_equal(r.lost, first.lost);
            assert_int_equal(spent, first_spent);
            assert_int_equal(over, first_over);
        }
    }
    for (size_t i = 0; i < TILLS; i++) {
        till_done(&tills[i]);
    }
}

/* --- money, stores and days --------------------------------------------------------------------------------------- */

static void a_budget_in_money_is_held_until_a_sale_says_what_it_cost(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = launch(centre, "online_only", 10, ",\"budget_minor\":1200");
    struct claimed c[3] = {claim(centre, campaign, ""), claim(centre, campaign, ""), claim(centre, campaign, "")};
    assert_int_equal(ask(centre, &till, c[0].code, 1), CF_OK);
    assert_int_equal(ask(centre, &till, c[1].code, 2), CF_OK);
    assert_int_equal(figure(centre, campaign, "money", "outstanding_minor"), 1000);
    assert_int_equal(ask(centre, &till, c[2].code, 3), CF_E_COUPON_BUDGET); /* it may cost 5.00, 2.00 is free */
    assert_string_equal(redeem(centre, c[2].code, "r1", 3, ""), "COUPON_BUDGET");
    char body[CF_CODE_TEXT_MAX + 64]; /* verifying says the same, without effect */
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\"}", c[2].code);
    centre_refuses(centre, "POST", "/v1/coupons/verify", body, "COUPON_BUDGET");
    assert_string_equal(redeem(centre, c[2].code, "r2", 2, ""), "OK"); /* an order's cost is known: it fits */
    all_adds_up(centre);
    struct sold sold = use(campaign, c[0].index, CF_RIGHT_CENTRE, 2);
    cf_put_be32(sold.request_key, 1);
    till_sells(centre, &till, &sold);
    assert_int_equal(figure(centre, campaign, "money", "spent_minor"), 400);
    assert_int_equal(figure(centre, campaign, "money", "free_minor"), 300);
    voids(centre, &till, campaign, c[1].index, 2);
    assert_int_equal(figure(centre, campaign, "money", "free_minor"), 800);
    assert_int_equal(figure(centre, campaign, "money", "over_minor"), 0);
    all_adds_up(centre);
    till_done(&till);
}

static void what_is_held_for_an_epoch_that_is_over_is_stranded_until_its_sale_comes(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = launch(centre, "online_only", 10, ",\"budget_minor\":2000");
    struct claimed c[2] = {claim(centre, campaign, ""), claim(centre, campaign, "")};
    assert_int_equal(ask(centre, &till, c[0].code, 1), CF_OK);
    assert_int_equal(ask(centre, &till, c[1].code, 2), CF_OK);
    struct till old = till;
    till.sign_key = NULL;
    till_enrol_again(centre, &till);
    assert_int_equal(figure(centre, campaign, "money", "outstanding_minor"), 0);
    assert_int_equal(figure(centre, campaign, "money", "stranded_minor"), 1000);
    all_adds_up(centre);
    voids(centre, &till, campaign, c[1].index, 2); /* the epoch that follows says nothing of what it asked for */
    assert_int_equal(figure(centre, campaign, "money", "stranded_minor"), 1000);
    struct sold sold = use(campaign, c[0].index, CF_RIGHT_CENTRE, 2);
    cf_put_be32(sold.request_key, 1);
    struct upload *late = upload_new(&old);
    struct cf_answer answer;
    struct cf_refusal refusal;
    upload_sale(centre, &old, late, &sold);
    assert_int_equal(upload_send(centre, &old, late, &answer, &refusal), 200);
    upload_free(late);
    assert_int_equal(figure(centre, campaign, "money", "stranded_minor"), 500);
    assert_int_equal(figure(centre, campaign, "money", "spent_minor"), 200);
    assert_int_equal(figure(centre, campaign, "money", "free_minor"), 1300);
    all_adds_up(centre);
    till_done(&old);
    till_done(&till);
}

static void a_refused_ask_takes_nothing_when_its_copy_comes_late(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    uint32_t campaign = launch(centre, "online_only", 1, "");
    struct claimed c = claim(centre, campaign, ""), d = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &a, c.code, 1), CF_OK);
    assert_int_equal(ask(centre, &b, d.code, 2), CF_E_COUPON_BUDGET);
    voids(centre, &a, campaign, c.index, 1);                           /* a unit is free again */
    assert_int_equal(ask(centre, &b, d.code, 2), CF_E_COUPON_BUDGET);  /* the same bytes, late: the till has gone on */
    assert_int_equal(ask(centre, &a, d.code, 2), CF_E_COUPON_REQUEST); /* somebody else's key */
    assert_int_equal(figure(centre, campaign, "units", "free"), 1);
    assert_int_equal(ask(centre, &b, d.code, 3), CF_OK);
    till_done(&a);
    till_done(&b);
}

static void a_store_never_gets_more_than_its_limit(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    uint32_t campaign = launch(centre, "leased", 100, ",\"lease_per_terminal\":4,\"per_store\":7");
    assert_int_equal(figure(centre, campaign, "units", "outstanding"), 7); /* 4 and 3 */
    struct claimed c = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &a, c.code, 1), CF_E_COUPON_LIMIT);
    returns(centre, &a, campaign, 2, 0); /* evidence: room again */
    assert_int_equal(ask(centre, &a, c.code, 2), CF_OK);
    struct claimed d = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &b, d.code, 3), CF_OK);
    struct claimed e = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &b, e.code, 4), CF_E_COUPON_LIMIT);
    assert_string_equal(redeem(centre, e.code, "r1", 1, ""), "OK"); /* the online channel is no store */
    voids(centre, &b, campaign, d.index, 3);
    struct claimed f = claim(centre, campaign, "");
    assert_int_equal(ask(centre, &b, f.code, 5), CF_OK);
    all_adds_up(centre);
    till_done(&a);
    till_done(&b);
}

static void a_day_is_shared_between_tills_and_the_centre(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    char request[8];
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    uint32_t campaign = launch(centre, "leased", 100, ",\"lease_per_terminal\":4,\"per_day\":8");
    json_t *json = figures(centre, campaign);
    assert_int_equal(json_int(json, "shared_per_day"), 6);
    json_decref(json);
    struct claimed c[4];
    for (size_t i = 0; i < 4; i++) {
        c[i] = claim(centre, campaign, "");
    }
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(request, sizeof request, "r%zu", i);
        assert_string_equal(redeem(centre, c[i].code, request, 1, ""), "OK");
    }
    assert_string_equal(redeem(centre, c[2].code, "r2", 1, ""), "COUPON_LIMIT");
    assert_int_equal(ask(centre, &a, c[2].code, 7), CF_E_COUPON_LIMIT); /* it has its own share, offline */
    centre->now.us += 86400 * CF_US_PER_S;
    assert_string_equal(redeem(centre, c[2].code, "r3", 1, ""), "OK");
    change(centre, campaign, "{\"per_day\":5}"); /* shares fall with it */
    assert_int_equal(of_holder(centre, campaign, 0, "per_day"), 1);
    json = figures(centre, campaign);
    assert_int_equal(json_int(json, "shared_per_day"), 2);
    json_decref(json);
    char path[64];
    /* A till may be away since before: what it may still sell today must not be given to others as well. */
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu", (unsigned long)campaign);
    centre_refuses(centre, "PATCH", path, "{\"per_day\":8}", "UNSUPPORTED");
    change(centre, campaign, "{\"per_day\":4}");
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu",
                   (unsigned long)launch(centre, "leased", 100, ",\"lease_per_terminal\":4"));
    centre_refuses(centre, "PATCH", path, "{\"per_day\":5}", "UNSUPPORTED");
    /* A till would give back by the new terms what the centre burns by those of the sale. */
    json_decref(centre_expect(centre, "PATCH", path, "{\"on_return\":\"burn\"}", 200));
    centre_refuses(centre, "PATCH", path, "{\"on_return\":\"give_back\"}", "UNSUPPORTED");
    all_adds_up(centre);
    till_done(&a);
    till_done(&b);
}

static void a_member_never_has_more_than_a_days_worth(void **state)
{
    struct centre *centre = *state;
    struct till till;
    char more[128];
    till_enrol(centre, &till, centre->store_id);
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"Li\",\"device_key\":\"" KEY_HEX "\"}", 201);
    const char *policies[] = {"online_only", "pinned"};
    for (size_t i = 0; i < 2; i++) {
        struct claimed c[3], none;
        uint32_t campaign = launch(centre, policies[i], 100, ",\"per_member_day\":2");
        (void)snprintf(more, sizeof more, ",\"member\":\"%s\"", json_text(json, "member"));
        assert_false(claims(centre, campaign, "", &none, "MEMBER_REQUIRED"));
        for (size_t k = 0; k < 3; k++) {
            c[k] = claim(centre, campaign, more);
        }
        if (i == 0) {
            assert_string_equal(redeem(centre, c[0].code, "m0", 1, more), "OK");
            assert_string_equal(redeem(centre, c[1].code, "m1", 1, more), "OK");
            assert_string_equal(redeem(centre, c[2].code, "m2", 1, more), "COUPON_LIMIT");
            centre->now.us += 86400 * CF_US_PER_S;
            assert_string_equal(redeem(centre, c[2].code, "m3", 1, more), "OK");
            centre->now.us -= 86400 * CF_US_PER_S;
            continue;
        }
        /* Two may lie at homes, where nobody else counts them; one used there makes no room before its day is over. */
        (void)snprintf(more, sizeof more, ",\"member\":\"%s\",\"pin_store\":%lu", json_text(json, "member"),
                       (unsigned long)centre->store_id);
        struct claimed at_home = claim(centre, campaign, more);
        (void)claim(centre, campaign, more);
        assert_false(claims(centre, campaign, more, &none, "COUPON_LIMIT"));
        struct sold sold = use(campaign, at_home.index, CF_RIGHT_HOME, 1);
        till_sells(centre, &till, &sold);
        assert_false(claims(centre, campaign, more, &none, "COUPON_LIMIT"));
    }
    json_decref(json);
    all_adds_up(centre);
    till_done(&till);
}

static void what_is_set_aside_for_a_channel_is_spent_by_it_first_and_by_nobody_else(void **state)
{
    struct centre *centre = *state;
    struct till till;
    char path[64], body[64];
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = launch(centre, "online_only", 3, "");
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu/channel-leases", (unsigned long)campaign);
    (void)snprintf(body, sizeof body, "{\"channel\":%lu,\"units\":2}", (unsigned long)centre->channel_id);
    json_decref(centre_expect(centre, "POST", path, body, 200));
    struct claimed c[3] = {claim(centre, campaign, ""), claim(centre, campaign, ""), claim(centre, campaign, "")};
    assert_int_equal(ask(centre, &till, c[0].code, 1), CF_OK);
    assert_int_equal(ask(centre, &till, c[1].code, 2),
                     CF_E_COUPON_BUDGET); /* the two that are left are the channel's */
    assert_string_equal(redeem(centre, c[1].code, "r1", 1, ""), "OK");
    all_adds_up(centre);
    (void)snprintf(body, sizeof body, "{\"channel\":%lu,\"units\":0}", (unsigned long)centre->channel_id);
    json_decref(centre_expect(centre, "POST", path, body, 200));
    assert_int_equal(ask(centre, &till, c[2].code, 3), CF_OK);
    all_adds_up(centre);
    till_done(&till);
}

static void a_lease_grows_with_demand_and_is_asked_back_where_none_is(void **state)
{
    struct centre *centre = *state;
    struct till busy, idle;
    till_enrol(centre, &busy, centre->store_id);
    till_enrol(centre, &idle, centre->store_id);
    uint32_t wide = launch(centre, "leased", 200, ",\"lease_per_terminal\":10");
    uint32_t scarce = launch(centre, "leased", 30, ",\"lease_per_terminal\":10");
    for (uint32_t i = 0; i < 12; i++) {
        struct sold sold = use(wide, i, CF_RIGHT_LEASE, 1);
        till_sells(centre, &busy, &sold);
    }
    assert_int_equal(of_holder(centre, wide, 0, "left"), 24); /* twice what it used of late */
    assert_int_equal(of_holder(centre, wide, 1, "left"), 10);
    for (uint32_t i = 0; i < 5; i++) {
        struct sold sold = use(scarce, i, CF_RIGHT_LEASE, 1);
        till_sells(centre, &busy, &sold);
    }
    assert_int_equal(of_holder(centre, scarce, 0, "left"), 9);  /* one less than it should have */
    assert_int_equal(of_holder(centre, scarce, 1, "left"), 10); /* nothing is taken from anybody */
    assert_int_equal(of_holder(centre, scarce, 1, "keep"), 1);  /* but asked for */
    returns(centre, &idle, scarce, 9, 0);
    centre->now.us += 60 * 86400 * CF_US_PER_S; /* by then nobody remembers the rush */
    struct sold sold = use(wide, 90, CF_RIGHT_LEASE, 1);
    till_sells(centre, &busy, &sold);
    assert_int_equal(of_holder(centre, wide, 0, "left"), 23);
    all_adds_up(centre);
    till_done(&busy);
    till_done(&idle);
}

/* As a batch does that spends from very many campaigns' leases. */
static void a_lease_is_filled_up_however_many_others_are_read(void **state)
{
    struct centre *centre = *state;
    struct cf_central *central = centre->central;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = launch(centre, "leased", 100, ",\"lease_per_terminal\":4");
    struct cf_log_head head;
    struct cf_account *account;
    struct cf_lease *lease;
    enum cf_source source;
    assert_int_equal(cf_central_begin(central, NULL), CF_OK);
    assert_int_equal(cf_log_get(central, till.terminal, till.epoch, &head, NULL), CF_OK);
    const struct cf_holder holder = cf_holder_of_log(&head.log);
    assert_int_equal(cf_ledger_account(central, campaign, &account, NULL), CF_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(cf_ledger_spend(central, account, &holder, 0, &source, NULL), CF_OK);
    }
    for (uint32_t i = 0; i < 3000; i++) {
        const struct cf_holder other = cf_holder_of_channel(1000000 + i);
        assert_int_equal(cf_ledger_lease(central, campaign, &other, &lease, NULL), CF_OK);
    }
    assert_int_equal(cf_ledger_spend(central, account, &holder, 0, &source, NULL), CF_OK);
    for (uint32_t i = 0; i < 3000; i++) {
        const struct cf_holder other = cf_holder_of_channel(1000000 + i);
        assert_int_equal(cf_ledger_lease(central, campaign, &other, &lease, NULL), CF_OK);
    }
    assert_int_equal(cf_ledger_top_up_used(central, &head.log, NULL), CF_OK);
    assert_int_equal(cf_ledger_lease(central, campaign, &holder, &lease, NULL), CF_OK);
    assert_int_equal(lease->spent, 4);
    assert_int_equal(lease->granted, 4 + 8);                                       /* twice what it used of late */
    assert_int_equal(cf_central_end(central, CF_E_INTERNAL, NULL), CF_E_INTERNAL); /* as if nothing had been */
    till_done(&till);
}

static void what_was_sold_under_which_version_is_told(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = launch(centre, "leased", 60, ",\"lease_per_terminal\":10");
    struct claimed c = claim(centre, campaign, "");
    change(centre, campaign, "{\"name\":\"stricter\",\"per_store\":5}");
    struct sold sold = use(campaign, 50, CF_RIGHT_LEASE, 3); /* offline meanwhile: by version 1, and it stands */
    till_sells(centre, &till, &sold);
    assert_string_equal(redeem(centre, c.code, "r1", 2, ""), "OK");
    json_t *json = figures(centre, campaign);
    const json_t *versions = json_object_get(json, "versions");
    assert_int_equal(json_array_size(versions), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(json_int(json_array_get(versions, i), "version"), i + 1);
        assert_int_equal(json_int(json_array_get(versions, i), "uses"), 1);
        assert_int_equal(json_int(json_array_get(versions, i), "discount_minor"), i == 0 ? 300 : 200);
    }
    json_decref(json);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 0);
    all_adds_up(centre);
    till_done(&till);
}

/* --- anything at all ---------------------------------------------------------------------------------------------- */

struct story {
    struct till tills[3];
    uint32_t campaign[4]; /* leased in money, optimistic, online only in money, pinned in money */
    struct claimed coupon[4][40];
    uint32_t n[4];
    struct {
        uint32_t campaign, index, till;
    } asked[600];
    uint32_t n_asked;
};

static void sell_any(struct centre *centre, struct story *s, struct till *till, uint32_t which)
{
    static const enum cf_right_source source[] = {CF_RIGHT_LEASE, CF_RIGHT_RISK, CF_RIGHT_CENTRE, CF_RIGHT_HOME};
    struct cf_answer answer;
    struct cf_refusal refusal;
    struct sold sold = use(s->campaign[which], centre_chance(centre, 40), source[which], 1 + centre_chance(centre, 5));
    cf_put_be32(sold.request_key, s->n_asked > 0 ? centre_chance(centre, s->n_asked) : 0);
    if (s->n_asked > 0) { /* perhaps one that was asked for */
        uint32_t key = centre_chance(centre, s->n_asked);
        cf_put_be32(sold.request_key, key);
        sold.campaign = s->asked[key].campaign;
        sold.index = s->asked[key].index;
        till = &s->tills[s->asked[key].till];
    }
    if (centre_chance(centre, 3) != 0) {
        sold = use(s->campaign[which], centre_chance(centre, 40), source[which], 1 + centre_chance(centre, 5));
    }
    struct upload *upload = upload_new(till);
    upload_sale(centre, till, upload, &sold);
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    upload_free(upload);
}

static void step(struct centre *centre, struct story *s, size_t n)
{
    uint32_t t = centre_chance(centre, 3), which = centre_chance(centre, 4);
    struct till *till = &s->tills[t];
    char text[128], request[16];
    int status;
    struct claimed *any = s->n[which] > 0 ? &s->coupon[which][centre_chance(centre, s->n[which])] : NULL;
    switch (centre_chance(centre, 9)) {
    case 0:
        (void)snprintf(text, sizeof text, ",\"pin_store\":%lu", (unsigned long)centre->store_id);
        if (s->n[which] < 40 && claims(centre, s->campaign[which], which == 3 && centre_chance(centre, 4) ? text : "",
                                       &s->coupon[which][s->n[which]], NULL)) {
            s->n[which]++;
        }
        break;
    case 1:
    case 2:
    case 3:
        sell_any(centre, s, till, which);
        break;
    case 4:
        if (any != NULL && s->n_asked < 600) {
            s->asked[s->n_asked].campaign = s->campaign[which];
            s->asked[s->n_asked].index = any->index;
            s->asked[s->n_asked].till = t;
            (void)ask(centre, till, any->code, s->n_asked++);
        }
        break;
    case 5:
        if (s->n_asked > 0) {
            uint32_t key = centre_chance(centre, s->n_asked);
            voids(centre, &s->tills[s->asked[key].till], s->asked[key].campaign, s->asked[key].index, key);
        }
        break;
    case 6:
        (void)snprintf(request, sizeof request, "q%zu", n);
        if (any != NULL) {
            (void)redeem(centre, any->code, request, 1 + (int)centre_chance(centre, 5), "");
        }
        break;
    case 7:
        returns(centre, till, s->campaign[which % 2], which % 2 == 0 ? centre_chance(centre, 3) : 0,
                centre_chance(centre, 300));
        break;
    default:
        if (centre_chance(centre, 5) == 0) {
            till_enrol_again(centre, till);
        } else if (centre_chance(centre, 3) == 0) {
            (void)snprintf(text, sizeof text, "{\"budget\":%zu}", 20 + n / 8);
            (void)snprintf(request, sizeof request, "%lu", (unsigned long)s->campaign[which]);
            char path[64];
            (void)snprintf(path, sizeof path, "/v1/campaigns/%s", request);
            json_decref(centre_call(centre, "PATCH", path, text, &status));
        } else {
            char path[64];
            (void)snprintf(path, sizeof path, "/v1/campaigns/%lu/channel-leases", (unsigned long)s->campaign[which]);
            (void)snprintf(text, sizeof text, "{\"channel\":%lu,\"units\":%lu}", (unsigned long)centre->channel_id,
                           (unsigned long)centre_chance(centre, 4));
            json_decref(centre_call(centre, "POST", path, text, &status));
        }
        centre->now.us += (int64_t)centre_chance(centre, 20) * 3600 * CF_US_PER_S;
        break;
    }
}

/* Clones too: a till here sells whatever it likes, leased or not. */
static void every_figure_adds_up_after_every_step_of_anything(void **state)
{
    struct centre *centre = *state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct story *s = calloc(1, sizeof *s);
        assert_non_null(s);
        centre->chance = seed * 7919;
        for (size_t i = 0; i < 3; i++) {
            till_enrol(centre, &s->tills[i], centre->store_id);
        }
        s->campaign[0] =
            launch(centre, "leased", 20, ",\"lease_per_terminal\":4,\"budget_minor\":6000,\"per_store\":30");
        s->campaign[1] = launch(centre, "optimistic", 20, RISKY);
        s->campaign[2] = launch(centre, "online_only", 20, ",\"budget_minor\":6000,\"per_day\":9");
        s->campaign[3] = launch(centre, "pinned", 20, ",\"budget_minor\":9000,\"per_store\":12");
        for (size_t n = 0; n < 250; n++) {
            step(centre, s, n);
            all_adds_up(centre);
            struct risk r = risk_of(centre, s->campaign[1]);
            assert_int_equal(r.free + r.outstanding + r.stranded + r.lost, 4000 + r.over);
        }
        for (size_t i = 0; i < 4; i++) {
            assert_true(figure(centre, s->campaign[i], "units", "spent") > 5);
        }
        for (size_t i = 0; i < 3; i++) {
            till_done(&s->tills[i]);
        }
        free(s);
    }
}

/* An automatic promotion that is counted: no coupon, and yet no use but from a lease. */
static void units_without_a_coupon_are_counted_and_beyond_a_lease_reported(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign =
        launch(centre, "automatic", 3, ",\"lease_per_terminal\":2,\"channels\":[\"store\"],\"budget_minor\":1000");
    const struct sold sold = use(campaign, CF_INDEX_NONE, CF_RIGHT_LEASE, 1);
    assert_int_equal(figure(centre, campaign, "units", "outstanding"), 2);
    for (int i = 0; i < 3; i++) { /* the third is topped up after the first two */
        till_sells(centre, &till, &sold);
        all_adds_up(centre);
    }
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 0);
    assert_int_equal(figure(centre, campaign, "units", "spent"), 3);
    assert_int_equal(figure(centre, campaign, "money", "spent_minor"), 300);
    till_sells(centre, &till, &sold); /* what it never had */
    all_adds_up(centre);
    assert_int_equal(figure(centre, campaign, "units", "over"), 1);
    json_t *json = centre_expect(centre, "GET", "/v1/conflicts", NULL, 200);
    const json_t *first = json_array_get(json_object_get(json, "conflicts"), 0);
    assert_string_equal(json_text(first, "kind"), "beyond");
    assert_true(json_is_null(json_object_get(first, "index")));
    json_decref(json);
    /* A coupon is nothing that this campaign has: the use counts, and somebody is told. */
    const struct sold coupon = use(campaign, 7, CF_RIGHT_LEASE, 1);
    int64_t alarms = centre_count(centre, "/v1/alarms", "alarms");
    till_sells(centre, &till, &coupon);
    all_adds_up(centre);
    assert_true(centre_count(centre, "/v1/alarms", "alarms") > alarms + 1); /* FACT, and beyond its lease */
    struct claimed none;
    assert_false(claims(centre, campaign, "", &none, "CAMPAIGN_CLOSED"));
    till_done(&till);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, centre_start, centre_stop)
        TEST(a_verified_use_frees_what_it_had_at_risk),
        TEST(of_a_right_used_twice_what_exceeds_its_dearest_use_is_lost),
        TEST(beyond_the_budget_the_cheapest_rights_are_lost),
        TEST(what_the_centre_gave_makes_every_use_at_risk_a_loss_until_it_is_undone),
        TEST(what_a_lost_till_had_at_risk_stays_stranded_but_for_what_it_proves),
        TEST(exposure_and_loss_stay_within_the_risk_budget_in_every_order),
        TEST(a_budget_in_money_is_held_until_a_sale_says_what_it_cost),
        TEST(what_is_held_for_an_epoch_that_is_over_is_stranded_until_its_sale_comes),
        TEST(a_refused_ask_takes_nothing_when_its_copy_comes_late),
        TEST(a_store_never_gets_more_than_its_limit),
        TEST(a_day_is_shared_between_tills_and_the_centre),
        TEST(a_member_never_has_more_than_a_days_worth),
        TEST(what_is_set_aside_for_a_channel_is_spent_by_it_first_and_by_nobody_else),
        TEST(a_lease_grows_with_demand_and_is_asked_back_where_none_is),
        TEST(a_lease_is_filled_up_however_many_others_are_read),
        TEST(what_was_sold_under_which_version_is_told),
        TEST(every_figure_adds_up_after_every_step_of_anything),
        TEST(units_without_a_coupon_are_counted_and_beyond_a_lease_reported),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
