/*
 * tests/unit/central/returns_test.c - goods that came back: points, rights and money once, whoever tells of it first.
 */
#include "tests/unit/central/centre.h"

#include "app/core/campaign.h"
#include "app/core/down.h"
#include "app/core/payment.h"
#include "app/core/sale_return.h"
#include "sync/central/store/member_store.h"
#include "sync/wire/sale_ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KEY_HEX "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define LINES 4 /* of each sale here: one piece each, 10.00, 10 % off with a coupon */

struct claimed {
    uint32_t index, generation;
    char code[300];
};
/* A sale that a till has made, whether or not it has told of it. */
struct receipt {
    struct cf_buf body;
    struct cf_sale_ref ref;
};

/* --- members and coupons ------------------------------------------------------------------------------------------ */

static cf_sub new_member(struct centre *centre)
{
    cf_sub sub;
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"Li\",\"device_key\":\"" KEY_HEX "\"}", 201);
    assert_int_equal(cf_hex_decode(json_text(json, "member"), sub.b, CF_SUB_BYTES, NULL), CF_OK);
    json_decref(json);
    return sub;
}

static int64_t points_of(struct centre *centre, cf_sub sub)
{
    char path[64], hex[2 * CF_SUB_BYTES + 1];
    cf_hex_encode(cf_bytes_of(sub.b, CF_SUB_BYTES), hex);
    (void)snprintf(path, sizeof path, "/v1/members/%s", hex);
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    int64_t points = json_int(json, "points");
    json_decref(json);
    return points;
}

static struct claimed claim(struct centre *centre, uint32_t campaign, const char *extra)
{
    char body[256];
    struct claimed claimed;
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu%s}", (unsigned long)campaign, extra);
    json_t *json = centre_expect(centre, "POST", "/v1/coupons/claim", body, 201);
    claimed.index = (uint32_t)json_int(json, "index");
    claimed.generation = (uint32_t)json_int(json, "generation");
    (void)snprintf(claimed.code, sizeof claimed.code, "%s", json_text(json, "code"));
    json_decref(json);
    return claimed;
}

/* NULL: the online shop would take it. */
static void verify(struct centre *centre, const struct claimed *claimed, const char *refused)
{
    char body[400];
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\"}", claimed->code);
    if (refused != NULL) {
        centre_refuses(centre, "POST", "/v1/coupons/verify", body, refused);
    } else {
        json_decref(centre_expect(centre, "POST", "/v1/coupons/verify", body, 200));
    }
}

/* A second version of the campaign, which burns. */
static void add_burning_version(struct centre *centre, uint32_t campaign)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_campaign terms;
    struct cf_buf entry;
    bool found;
    assert_int_equal(cf_store_row(centre->store, CF_Q_CAMPAIGN_VERSION_GET, CF_ARGS(cf_v_int(campaign), cf_v_int(1)),
                                  row, &found, NULL),
                     CF_OK);
    assert_int_equal(cf_campaign_decode(row[0].b, &terms, NULL), CF_OK);
    terms.on_return = CF_ON_RETURN_BURN;
    terms.version = terms.promotion.version = 2;
    cf_buf_init(&entry, 4096);
    assert_int_equal(cf_campaign_encode(&terms, &entry, NULL), CF_OK);
    assert_int_equal(cf_store_run(centre->store, CF_Q_CAMPAIGN_VERSION_ADD,
                                  CF_ARGS(cf_v_int(campaign), cf_v_int(2), cf_v_bytes(cf_buf_bytes(&entry))), NULL),
                     CF_OK);
    cf_buf_done(&entry);
}

/* --- sales and returns -------------------------------------------------------------------------------------------- */

static struct sold with_coupon(uint32_t campaign, const struct claimed *claimed, enum cf_policy policy)
{
    return (struct sold){.n_lines = LINES,
                         .has_coupon = true,
                         .campaign = campaign,
                         .index = claimed->index,
                         .generation = claimed->generation,
                         .policy = policy};
}

static struct receipt add_sale(struct centre *centre, struct till *till, struct upload *upload, const struct sold *sold)
{
    struct receipt receipt;
    cf_buf_init(&receipt.body, CF_SALE_BYTES_MAX);
    till_sale(centre, till, sold, &receipt.body);
    upload_add(centre, till, upload, CF_RECORD_SALE, cf_buf_bytes(&receipt.body));
    receipt.ref = (struct cf_sale_ref){till->terminal, till->epoch, till->seq, till->sale_no};
    return receipt;
}

/* What comes back: of line i from `from` to `to`. */
struct coming {
    size_t from, to; /* lines */
    size_t n_before; /* lines 0 .. n_before - 1 had come back before */
    bool burn;
    const uint8_t *key;
    int64_t cents;          /* too much, written everywhere */
    int64_t exchange_minor; /* of it, that pays for other goods */
    bool as_credit;
    const char *reason; /* NULL: not said */
};

static void make_return(struct till *till, const struct receipt *receipt, struct coming coming, struct cf_return *ret)
{
    int64_t before[LINES] = {0}, qty[LINES] = {0};
    enum cf_on_return fates[CF_SALE_COUPONS_MAX] = {coming.burn ? CF_ON_RETURN_BURN : CF_ON_RETURN_GIVE_BACK};
    const struct cf_return_goods goods = {.before_milli = before,
                                          .qty_milli = qty,
                                          .on_return = fates,
                                          .exchange_up_to = coming.exchange_minor,
                                          .as_credit = coming.as_credit};
    struct cf_sale *sale;
    assert_int_equal(cf_sale_new(&sale, NULL), CF_OK);
    assert_int_equal(cf_sale_decode(cf_buf_bytes(&receipt->body), sale, NULL), CF_OK);
    for (size_t i = 0; i < LINES; i++) {
        before[i] = i < coming.n_before ? 1000 : 0;
        qty[i] = i >= coming.from && i < coming.to ? 1000 : 0;
    }
    assert_int_equal(cf_return_make(sale, &goods, ret, NULL), CF_OK);
    ret->return_no = ++till->sale_no;
    ret->business_day = 20261118;
    ret->of = receipt->ref;
    (void)snprintf(ret->reason, sizeof ret->reason, "%s", coming.reason != NULL ? coming.reason : "");
    if (ret->has_credit) {
        ret->credit.kind = CF_GIFT_CREDIT;
        ret->credit.account = 7;
        ret->credit.homed = true;
    }
    if (coming.key != NULL) {
        ret->claimed = true;
        memcpy(ret->request_key, coming.key, CF_REQUEST_KEY_BYTES);
    }
    if (coming.cents != 0) {
        ret->lines[ret->n_lines - 1].gross_minor += coming.cents;
        ret->gross_minor += coming.cents;
        ret->total_minor += coming.cents;
        ret->tenders[0].amount_minor += coming.cents;
    }
    cf_sale_free(sale);
}

static void add_return(struct centre *centre, struct till *till, struct upload *upload, const struct receipt *receipt,
                       struct coming coming)
{
    struct cf_return *back;
    struct cf_buf body;
    cf_buf_init(&body, CF_RETURN_BYTES_MAX);
    assert_int_equal(cf_return_new(&back, NULL), CF_OK);
    make_return(till, receipt, coming, back);
    assert_int_equal(cf_return_encode(back, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_RETURN, cf_buf_bytes(&body));
    cf_return_free(back);
    cf_buf_done(&body);
}

/* Sends what was made; what the centre says of it: the rc of the last result, CF_OK if there is none. */
static enum cf_rc send(struct centre *centre, struct till *till, struct upload *upload)
{
    struct cf_answer answer;
    struct cf_refusal refusal = {.rc = CF_OK, .detail = ""};
    int status = upload_send(centre, till, upload, &answer, &refusal);
    if (status != 200) {
        fail_msg("upload: %s %s", cf_rc_name(refusal.rc), refusal.detail);
    }
    upload_free(upload);
    return answer.n_results > 0 ? answer.results[answer.n_results - 1].rc : CF_OK;
}

static struct receipt sell(struct centre *centre, struct till *till, const struct sold *sold)
{
    struct upload *upload = upload_new(till);
    struct receipt receipt = add_sale(centre, till, upload, sold);
    assert_int_equal(send(centre, till, upload), CF_OK);
    return receipt;
}

static enum cf_rc returns(struct centre *centre, struct till *till, const struct receipt *receipt, struct coming coming)
{
    struct upload *upload = upload_new(till);
    add_return(centre, till, upload, receipt, coming);
    return send(centre, till, upload);
}

static const struct coming everything = {.to = LINES};

static int64_t conflicts(struct centre *centre)
{
    return centre_count(centre, "/v1/conflicts", "conflicts");
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

/* --- members who are forgotten ------------------------------------------------------------------------------------ */

static void forget(struct centre *centre, cf_sub sub)
{
    char path[64], hex[2 * CF_SUB_BYTES + 1];
    cf_hex_encode(cf_bytes_of(sub.b, CF_SUB_BYTES), hex);
    (void)snprintf(path, sizeof path, "/v1/members/%s/erase", hex);
    json_decref(centre_expect(centre, "POST", path, NULL, 200));
}

static enum cf_rc count_row(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    (void)row;
    (void)err;
    ++*(size_t *)ctx;
    return CF_OK;
}

static void expect_nothing_of(struct centre *centre, cf_sub sub)
{
    size_t n = 0;
    assert_int_equal(
        cf_store_each(centre->store, CF_Q_MEMBER_RETURNS, CF_ARGS(cf_v_blob(sub.b, CF_SUB_BYTES)), count_row, &n, NULL),
        CF_OK);
    assert_int_equal(n, 0);
}

static void goods_of_a_member_who_was_forgotten_meanwhile_come_back_as_nobodys(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    struct sold sold = {.n_lines = LINES, .has_member = true, .member = new_member(centre)};
    struct receipt receipt = sell(centre, &till, &sold);
    /* Of another sale the goods came back first: its record has not come here yet. */
    struct upload *late = upload_new(&other);
    struct receipt waiting = add_sale(centre, &other, late, &sold);
    assert_int_equal(returns(centre, &till, &waiting, everything), CF_OK);
    forget(centre, sold.member);
    assert_int_equal(returns(centre, &till, &receipt, everything), CF_OK); /* the sale is nobody's by now */
    expect_nothing_of(centre, sold.member);
    assert_int_equal(send(centre, &other, late), CF_OK); /* the return is, and the sale not yet */
    expect_nothing_of(centre, sold.member);
    assert_int_equal(conflicts(centre), 0);
    cf_buf_done(&receipt.body);
    cf_buf_done(&waiting.body);
    till_done(&till);
    till_done(&other);
}

/* --- once --------------------------------------------------------------------------------------------------------- */

static void a_return_takes_points_and_gives_the_right_back_once(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "leased", 10, ",\"lease_per_terminal\":4");
    struct claimed c = claim(centre, campaign, "");
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_LEASED);
    sold.has_member = true;
    sold.member = new_member(centre);
    struct receipt receipt = sell(centre, &till, &sold);
    assert_int_equal(points_of(centre, sold.member), 36);
    expect_figures(centre, campaign, (struct figures){10, 6, 3, 1, 0, 0});
    verify(centre, &c, "COUPON_SPENT");

    assert_int_equal(returns(centre, &till, &receipt, everything), CF_OK);
    assert_int_equal(points_of(centre, sold.member), 0); /* not kept */
    expect_figures(centre, campaign, (struct figures){10, 7, 3, 0, 0, 0});
    verify(centre, &c, NULL);
    /* Once more, as a clone or a confused cashier would: not taken twice. */
    assert_int_equal(returns(centre, &till, &receipt, everything), CF_OK);
    assert_int_equal(points_of(centre, sold.member), 0);
    expect_figures(centre, campaign, (struct figures){10, 7, 3, 0, 0, 0});
    assert_int_equal(conflicts(centre), 1);
    /* The right is used again, and that use is the only one. */
    sold.has_member = false;
    struct receipt again = sell(centre, &till, &sold);
    verify(centre, &c, "COUPON_SPENT");
    assert_int_equal(conflicts(centre), 1);
    cf_buf_done(&receipt.body);
    cf_buf_done(&again.body);
    till_done(&till);
}

static void parts_take_their_share_and_the_right_waits_for_the_last(void **state)
{
    struct centre *centre = *state;
    struct till till;
    static const int64_t left[] = {27, 18, 9, 0};
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "leased", 10, ",\"lease_per_terminal\":4");
    struct claimed c = claim(centre, campaign, "");
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_LEASED);
    sold.has_member = true;
    sold.member = new_member(centre);
    struct receipt receipt = sell(centre, &till, &sold);
    for (size_t i = 0; i < LINES; i++) {
        verify(centre, &c, "COUPON_SPENT");
        assert_int_equal(returns(centre, &till, &receipt, (struct coming){.from = i, .to = i + 1, .n_before = i}),
                         CF_OK);
        assert_int_equal(points_of(centre, sold.member), left[i]);
    }
    verify(centre, &c, NULL);
    assert_int_equal(conflicts(centre), 0);
    cf_buf_done(&receipt.body);
    till_done(&till);
}

/* What counts is what the campaign said when the sale was made. */
static void a_right_that_the_campaign_burns_stays_spent(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_sale *sale;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "leased", 10, ",\"lease_per_terminal\":4");
    add_burning_version(centre, campaign);
    struct claimed c = claim(centre, campaign, "");
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_LEASED);
    struct receipt receipt;
    cf_buf_init(&receipt.body, CF_SALE_BYTES_MAX);
    till_sale(centre, &till, &sold, &receipt.body);
    assert_int_equal(cf_sale_new(&sale, NULL), CF_OK);
    assert_int_equal(cf_sale_decode(cf_buf_bytes(&receipt.body), sale, NULL), CF_OK);
    sale->discounts[0].version = 2;
    cf_buf_clear(&receipt.body);
    assert_int_equal(cf_sale_encode(sale, &receipt.body, NULL), CF_OK);
    cf_sale_free(sale);
    struct upload *upload = upload_new(&till);
    upload_add(centre, &till, upload, CF_RECORD_SALE, cf_buf_bytes(&receipt.body));
    receipt.ref = (struct cf_sale_ref){till.terminal, till.epoch, till.seq, till.sale_no};
    assert_int_equal(send(centre, &till, upload), CF_OK);
    assert_int_equal(returns(centre, &till, &receipt, (struct coming){.to = LINES, .burn = true}), CF_OK);
    verify(centre, &c, "COUPON_SPENT");
    expect_figures(centre, campaign, (struct figures){10, 6, 3, 1, 0, 0});
    cf_buf_done(&receipt.body);
    till_done(&till);
}

static void a_pinned_right_is_reserved_for_its_home_again(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "pinned", 10, "");
    struct claimed c = claim(centre, campaign, ",\"pin_store\":1");
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_PINNED);
    struct receipt receipt = sell(centre, &till, &sold);
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    assert_int_equal(returns(centre, &till, &receipt, everything), CF_OK);
    expect_figures(centre, campaign, (struct figures){10, 9, 1, 0, 0, 0}); /* reserved for its home again */
    verify(centre, &c, "COUPON_HOME");
    struct receipt again = sell(centre, &till, &sold);
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    assert_int_equal(conflicts(centre), 0);
    cf_buf_done(&receipt.body);
    cf_buf_done(&again.body);
    till_done(&till);
}

/* In the order in which a till hears it: the newest generation of the coupon, and whether it was told of before the
 * coupon was told to be good again. */
struct heard {
    struct centre *centre;
    uint32_t index;
    int64_t generation;
    bool good, in_time;
};

static enum cf_rc hear(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct heard *heard = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = cf_down_decode(row[0].b, &entry, err);
    if (rc == CF_OK && entry.kind == CF_DOWN_GENERATION && entry.generation.index == heard->index) {
        heard->generation = entry.generation.generation;
    }
    if (rc == CF_OK && entry.kind == CF_DOWN_UNREDEEMED && entry.redeemed.index[0] == heard->index) {
        heard->good = true;
        heard->in_time = heard->generation == 1;
    }
    return rc;
}

static struct heard what_is_told(struct centre *centre, const struct claimed *c)
{
    struct heard heard = {.centre = centre, .index = c->index, .generation = c->generation};
    assert_int_equal(cf_store_each(centre->store, CF_Q_DOWN_STATE, CF_ARGS(cf_v_int(CF_TOPIC_REDEEMED), cf_v_int(0)),
                                   hear, &heard, NULL),
                     CF_OK);
    return heard;
}

/* All that the centre has told until now. */
static uint64_t told(struct centre *centre)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    assert_int_equal(cf_store_row(centre->store, CF_Q_DOWN_LAST_ID, CF_NO_ARGS, row, &found, NULL), CF_OK);
    return (uint64_t)row[0].i;
}

/* The till writes something when it has heard all up to here. */
static void writes_with(struct centre *centre, struct till *till, uint64_t cursor)
{
    const struct till_clock clock = {.boot = 1,
                                     .mono_ms = 1000,
                                     .wall_ms = centre->now.us / CF_US_PER_MS,
                                     .quality = CF_TIME_SYNCED,
                                     .down_cursor = cursor};
    const struct sold pens = {.n_lines = 1};
    till->clock = &clock;
    till_sells(centre, till, &pens);
    till->clock = NULL;
}

static void pin_again(struct centre *centre, const struct claimed *c, const char *refused)
{
    char body[400];
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"store\":%lu}", c->code, (unsigned long)centre->store_id);
    if (refused != NULL) {
        centre_refuses(centre, "POST", "/v1/coupons/pin", body, refused);
        return;
    }
    json_t *json = centre_expect(centre, "POST", "/v1/coupons/pin", body, 200);
    assert_int_equal(json_int(json, "generation"), c->generation + 1);
    json_decref(json);
}

/* A campaign whose coupon is pinned to `home`, which has sold by it. */
struct away {
    struct till home, other;
    uint32_t campaign;
    struct claimed c;
    struct sold sold;
    struct receipt receipt;
};

static void away_begin(struct centre *centre, struct away *a)
{
    till_enrol(centre, &a->home, centre->store_id);
    a->campaign = centre_campaign(centre, "pinned", 10, "");
    a->c = claim(centre, a->campaign, ",\"pin_store\":1");
    till_enrol(centre, &a->other, centre->store_id);
    a->sold = with_coupon(a->campaign, &a->c, CF_POLICY_PINNED);
    a->receipt = sell(centre, &a->home, &a->sold);
}

static void away_end(struct away *a)
{
    cf_buf_done(&a->receipt.body);
    till_done(&a->home);
    till_done(&a->other);
}

static void a_pinned_right_leaves_a_home_that_did_not_take_the_goods_back_once_it_has_heard(void **state)
{
    struct centre *centre = *state;
    struct away a;
    away_begin(centre, &a);
    uint64_t before = told(centre);
    assert_int_equal(returns(centre, &a.other, &a.receipt, everything), CF_OK);
    uint64_t after = told(centre);
    writes_with(centre, &a.home, before); /* it may take the goods back too: nobody told it not to */
    writes_with(centre, &a.other, after);
    expect_figures(centre, a.campaign, (struct figures){10, 9, 0, 1, 0, 0});
    verify(centre, &a.c, "COUPON_SPENT");
    pin_again(centre, &a.c, "COUPON_SPENT");
    assert_int_equal(what_is_told(centre, &a.c).generation, a.c.generation + 1);
    assert_false(what_is_told(centre, &a.c).good);
    writes_with(centre, &a.home, after);
    expect_figures(centre, a.campaign, (struct figures){10, 10, 0, 0, 0, 0});
    /* A till that was enrolled again does not have it as spent in its journal: the generation is over for it first. */
    assert_true(what_is_told(centre, &a.c).in_time);
    pin_again(centre, &a.c, NULL);
    centre_adds_up(centre, a.campaign);
    away_end(&a);
}

static void a_home_that_is_cut_off_may_take_the_same_goods_back_and_honour_the_right_again(void **state)
{
    struct centre *centre = *state;
    struct away a;
    away_begin(centre, &a);
    uint64_t before = told(centre);
    assert_int_equal(returns(centre, &a.other, &a.receipt, everything), CF_OK);
    uint64_t after = told(centre);
    /* It did, and sold by it once more. */
    struct upload *upload = upload_new(&a.home);
    add_return(centre, &a.home, upload, &a.receipt, everything);
    struct receipt again = add_sale(centre, &a.home, upload, &a.sold);
    pin_again(centre, &a.c, "COUPON_SPENT");
    (void)send(centre, &a.home, upload);
    expect_figures(centre, a.campaign, (struct figures){10, 9, 0, 1, 0, 0});
    assert_int_equal(conflicts(centre), 1); /* of the goods; the right was used once at a time */
    writes_with(centre, &a.home, before);
    writes_with(centre, &a.home, after);
    expect_figures(centre, a.campaign, (struct figures){10, 9, 0, 1, 0, 0});
    verify(centre, &a.c, "COUPON_SPENT");
    /* It has heard by now that this generation is over: its own journal does not honour it any more. */
    assert_int_equal(returns(centre, &a.home, &again, everything), CF_OK);
    expect_figures(centre, a.campaign, (struct figures){10, 10, 0, 0, 0, 0});
    pin_again(centre, &a.c, NULL);
    centre_adds_up(centre, a.campaign);
    cf_buf_done(&again.body);
    away_end(&a);
}

static void a_home_that_took_the_same_goods_back_has_the_right_until_it_has_heard(void **state)
{
    struct centre *centre = *state;
    struct away a;
    away_begin(centre, &a);
    assert_int_equal(returns(centre, &a.other, &a.receipt, everything), CF_OK);
    uint64_t after = told(centre);
    assert_int_equal(returns(centre, &a.home, &a.receipt, everything),
                     CF_OK); /* which of them went too far, time says */
    expect_figures(centre, a.campaign, (struct figures){10, 9, 1, 0, 0, 0});
    verify(centre, &a.c, "COUPON_HOME");
    pin_again(centre, &a.c, "STATE");
    writes_with(centre, &a.home, after);
    expect_figures(centre, a.campaign, (struct figures){10, 10, 0, 0, 0, 0});
    pin_again(centre, &a.c, NULL);
    centre_adds_up(centre, a.campaign);
    away_end(&a);
}

static void nothing_comes_back_from_a_home_that_was_enrolled_again(void **state)
{
    struct centre *centre = *state;
    struct away a;
    away_begin(centre, &a);
    struct till again = {.terminal = a.home.terminal};
    till_enrol_again(centre, &again);
    assert_int_equal(returns(centre, &a.other, &a.receipt, everything), CF_OK);
    writes_with(centre, &again, told(centre)); /* its old disk may be elsewhere, and has heard nothing */
    expect_figures(centre, a.campaign, (struct figures){10, 9, 0, 1, 0, 0});
    verify(centre, &a.c, "COUPON_SPENT");
    till_done(&again);
    away_end(&a);
}

/* --- and hubs ----------------------------------------------------------------------------------------------------- */

static void assign_hub(struct centre *centre, const struct till *till)
{
    char path[60], body[80];
    (void)snprintf(path, sizeof path, "/v1/stores/%lu/hub", (unsigned long)centre->store_id);
    (void)snprintf(body, sizeof body, "{\"terminal\":%lu,\"host\":\"10.0.0.5\",\"port\":8443}",
                   (unsigned long)till->terminal);
    json_decref(centre_expect(centre, "POST", path, body, 201));
}

/* The hub frees the coupon for its store as soon as it hears of the return, whether or not it hears of the centre. */
static void a_right_pinned_to_a_store_stays_with_the_hub_that_gave_it_out(void **state)
{
    struct centre *centre = *state;
    for (int replaced = 0; replaced < 2; replaced++) {
        struct till hub, till;
        till_enrol(centre, &hub, centre->store_id);
        till_enrol(centre, &till, centre->store_id);
        assign_hub(centre, &hub);
        uint32_t campaign = centre_campaign(centre, "pinned", 10, "");
        struct claimed c = claim(centre, campaign, ",\"pin_store\":1");
        struct sold sold = with_coupon(campaign, &c, CF_POLICY_PINNED);
        sold.source = CF_RIGHT_STORE;
        sold.hub_epoch = replaced == 0 ? 1 : 2;
        struct receipt receipt = sell(centre, &till, &sold);
        expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
        if (replaced) {
            assign_hub(centre, &till);
        }
        assert_int_equal(returns(centre, &till, &receipt, everything), CF_OK);
        /* The old hub may give it out again, and nobody can know: so nothing comes back. */
        expect_figures(centre, campaign,
                       replaced ? (struct figures){10, 9, 0, 1, 0, 0} : (struct figures){10, 9, 1, 0, 0, 0});
        char body[400];
        (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"store\":%lu}", c.code, (unsigned long)centre->store_id);
        centre_refuses(centre, "POST", "/v1/coupons/pin", body, replaced ? "COUPON_SPENT" : "STATE");
        if (!replaced) {
            struct receipt again = sell(centre, &hub, &sold);
            expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
            assert_int_equal(conflicts(centre), 0);
            cf_buf_done(&again.body);
        }
        cf_buf_done(&receipt.body);
        till_done(&hub);
        till_done(&till);
    }
}

/* --- what was stranded -------------------------------------------------------------------------------------------- */

static void a_late_sale_of_an_epoch_that_is_over_is_unwound_and_adds_up(void **state)
{
    static const char *const policies[] = {"pinned", "leased"};
    struct centre *centre = *state;
    for (size_t i = 0; i < 2; i++) {
        struct till home, other;
        till_enrol(centre, &home, centre->store_id);
        uint32_t campaign = centre_campaign(centre, policies[i], 10, i == 1 ? ",\"lease_per_terminal\":2" : "");
        struct claimed c = claim(centre, campaign, i == 0 ? ",\"pin_store\":1" : "");
        till_enrol(centre, &other, centre->store_id);
        struct sold sold = with_coupon(campaign, &c, i == 1 ? CF_POLICY_LEASED : CF_POLICY_PINNED);
        struct upload *upload = upload_new(&home);
        struct receipt receipt = add_sale(centre, &home, upload, &sold);
        struct till again = {.terminal = home.terminal};
        till_enrol_again(centre, &again);
        (void)send(centre, &home, upload);
        centre_adds_up(centre, campaign);
        assert_int_equal(returns(centre, &other, &receipt, everything), CF_OK);
        centre_adds_up(centre, campaign);
        cf_buf_done(&receipt.body);
        till_done(&home);
        till_done(&again);
        till_done(&other);
    }
}

static void a_use_away_from_home_that_came_back_leaves_the_home_what_it_holds(void **state)
{
    struct centre *centre = *state;
    struct till home, liar;
    till_enrol(centre, &home, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "pinned", 10, "");
    struct claimed c = claim(centre, campaign, ",\"pin_store\":1");
    till_enrol(centre, &liar, centre->store_id);
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_PINNED);
    struct receipt lie = sell(centre, &liar, &sold);
    assert_int_equal(returns(centre, &liar, &lie, everything), CF_OK);
    expect_figures(centre, campaign, (struct figures){10, 9, 1, 0, 0, 0});
    struct receipt receipt = sell(centre, &home, &sold);
    expect_figures(centre, campaign, (struct figures){10, 9, 0, 1, 0, 0});
    cf_buf_done(&receipt.body);
    cf_buf_done(&lie.body);
    till_done(&home);
    till_done(&liar);
}

static uint32_t money_campaign(struct centre *centre, const char *policy)
{
    char body[400];
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"C\",\"policy\":\"%s\",\"budget\":10,\"budget_minor\":100000,\"promotion\":{\"kind\":"
                   "\"order_percent\",\"percent_bp\":1000,\"max_discount_minor\":500}}",
                   policy);
    json_t *json = centre_expect(centre, "POST", "/v1/campaigns", body, 201);
    uint32_t campaign = (uint32_t)json_int(json, "campaign");
    json_decref(json);
    return campaign;
}

/* The health report adds up uses and budgets in money again. */
static void a_budget_in_money_is_given_back_too(void **state)
{
    static const char *const policies[] = {"leased", "pinned"};
    struct centre *centre = *state;
    struct till till, other;
    till_enrol(centre, &till, centre->store_id);
    for (size_t i = 0; i < 2; i++) {
        uint32_t campaign = money_campaign(centre, policies[i]);
        if (i == 1) {
            till_enrol(centre, &other, centre->store_id);
        }
        struct claimed c = claim(centre, campaign, i == 1 ? ",\"pin_store\":1" : "");
        struct sold sold = with_coupon(campaign, &c, i == 0 ? CF_POLICY_LEASED : CF_POLICY_PINNED);
        for (int round = 0; round < 2; round++) {
            struct receipt receipt = sell(centre, &till, &sold);
            assert_int_equal(returns(centre, i == 1 && round == 1 ? &other : &till, &receipt, everything), CF_OK);
            centre_adds_up(centre, campaign);
            cf_buf_done(&receipt.body);
        }
    }
    till_done(&till);
    till_done(&other);
}

static int64_t lost_of(struct centre *centre, uint32_t campaign)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu/figures", (unsigned long)campaign);
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    int64_t lost = json_int(json_object_get(json, "risk"), "lost_minor");
    json_decref(json);
    return lost;
}

/* What came back was not lost, and a coupon that is good again is not used twice. */
static void a_use_at_risk_that_came_back_is_no_loss(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    uint32_t campaign =
        centre_campaign(centre, "optimistic", 10, ",\"risk_budget_minor\":9000,\"risk_per_terminal_minor\":2000");
    struct claimed c = claim(centre, campaign, "");
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_OPTIMISTIC);
    sold.source = CF_RIGHT_RISK;
    for (int round = 0; round < 2; round++) {
        struct receipt receipt = sell(centre, &till, &sold);
        assert_int_equal(lost_of(centre, campaign), 0);
        assert_int_equal(returns(centre, &till, &receipt, everything), CF_OK);
        centre_adds_up(centre, campaign);
        cf_buf_done(&receipt.body);
    }
    struct receipt first = sell(centre, &till, &sold), second = sell(centre, &other, &sold);
    assert_int_equal(lost_of(centre, campaign), 100 * LINES);
    assert_int_equal(returns(centre, &till, &first, everything), CF_OK);
    assert_int_equal(lost_of(centre, campaign), 0);
    centre_adds_up(centre, campaign);
    cf_buf_done(&first.body);
    cf_buf_done(&second.body);
    till_done(&till);
    till_done(&other);
}

/* A second use, by a till that lies or is lost, must not take the money that other pinned coupons hold, nor hold up the
 * till that takes the goods back. */
static void a_return_beside_a_duplicate_takes_no_money_that_others_hold(void **state)
{
    struct centre *centre = *state;
    struct till home, liar;
    till_enrol(centre, &home, centre->store_id);
    uint32_t campaign = money_campaign(centre, "pinned");
    struct claimed c = claim(centre, campaign, ",\"pin_store\":1");
    till_enrol(centre, &liar, centre->store_id);
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_PINNED);
    struct receipt receipt = sell(centre, &home, &sold), lie = sell(centre, &liar, &sold);
    centre_adds_up(centre, campaign);
    assert_int_equal(returns(centre, &home, &receipt, everything), CF_OK);
    centre_adds_up(centre, campaign);
    cf_buf_done(&receipt.body);
    cf_buf_done(&lie.body);
    till_done(&home);
    till_done(&liar);
}

/* That the centre itself committed a use is for the centre to say. */
static void a_till_that_says_the_centre_had_committed_its_use_frees_no_loss(void **state)
{
    struct centre *centre = *state;
    struct till till, liar;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &liar, centre->store_id);
    uint32_t campaign =
        centre_campaign(centre, "optimistic", 10, ",\"risk_budget_minor\":9000,\"risk_per_terminal_minor\":2000");
    struct claimed c = claim(centre, campaign, "");
    char body[500];
    (void)snprintf(body, sizeof body,
                   "{\"code\":\"%s\",\"channel\":%lu,\"request_id\":\"r\",\"order\":{\"lines\":[{\"code\":\"%s\","
                   "\"qty_milli\":1000}]}}",
                   c.code, (unsigned long)centre->channel_id, PRODUCT_CODE);
    json_decref(centre_expect(centre, "POST", "/v1/coupons/redeem", body, 200));
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_OPTIMISTIC);
    sold.source = CF_RIGHT_RISK;
    struct receipt honest = sell(centre, &till, &sold);
    assert_int_equal(lost_of(centre, campaign), 100 * LINES);
    sold.source = CF_RIGHT_CENTRE;
    sold.request_key[0] = 77;
    struct receipt lie = sell(centre, &liar, &sold);
    assert_int_equal(lost_of(centre, campaign), 2 * 100 * LINES);
    assert_int_equal(returns(centre, &liar, &lie, everything), CF_OK);
    assert_int_equal(lost_of(centre, campaign), 100 * LINES);
    centre_adds_up(centre, campaign);
    cf_buf_done(&honest.body);
    cf_buf_done(&lie.body);
    till_done(&till);
    till_done(&liar);
}

/* --- wrong -------------------------------------------------------------------------------------------------------- */

static void a_wrong_cent_is_told_and_the_goods_are_back_all_the_same(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    struct sold sold = {.n_lines = LINES, .has_member = true, .member = new_member(centre)};
    struct receipt receipt = sell(centre, &till, &sold);
    assert_int_equal(returns(centre, &till, &receipt, (struct coming){.to = LINES, .cents = 1}), CF_E_RECORD);
    assert_int_equal(points_of(centre, sold.member), 0);
    cf_buf_done(&receipt.body);
    till_done(&till);
}

/* --- exchanges ------------------------------------------------------------------------------------------------------
 */

/* A sale that goods paid for altogether, as record `of` of the same log says. */
static void add_exchanged(struct centre *centre, struct till *till, struct upload *upload, uint64_t of)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    const struct sold sold = {.n_lines = LINES};
    struct cf_sale *sale;
    cf_buf_init(&body, CF_SALE_BYTES_MAX);
    till_sale(centre, till, &sold, &body);
    assert_int_equal(cf_sale_new(&sale, NULL), CF_OK);
    assert_int_equal(cf_sale_decode(cf_buf_bytes(&body), sale, NULL), CF_OK);
    cf_tenders_init(&sale->tenders, sale->total_minor);
    const struct cf_tender exchange = {.kind = CF_TENDER_EXCHANGE, .amount_minor = sale->total_minor};
    assert_int_equal(cf_tenders_add(&sale->tenders, &exchange, NULL), CF_OK);
    sale->change_minor = 0;
    sale->has_exchange = true;
    sale->exchange = (struct cf_sale_ref){till->terminal, till->epoch, of, 0};
    cf_buf_clear(&body);
    assert_int_equal(cf_sale_encode(sale, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_SALE, cf_buf_bytes(&body));
    cf_sale_free(sale);
}

static int64_t total_of(const struct receipt *receipt)
{
    struct cf_sale *sale;
    assert_int_equal(cf_sale_new(&sale, NULL), CF_OK);
    assert_int_equal(cf_sale_decode(cf_buf_bytes(&receipt->body), sale, NULL), CF_OK);
    int64_t total = sale->total_minor;
    cf_sale_free(sale);
    return total;
}

static void both_records_of_an_exchange_are_held_against_each_other(void **state)
{
    static const struct {
        int64_t less;  /* than all of it went into the exchange, by the return's record */
        uint64_t off;  /* the sale names another record */
        bool apart;    /* it comes in another batch */
        bool between;  /* and another record stands between them */
        bool no_sale;  /* but another sale */
        enum cf_rc rc; /* of the last record */
        int64_t alarms;
        const char *why;
    } rows[] = {
        {.why = "as tills do it"},
        {.apart = true, .why = "in two batches"},
        {.less = 100, .rc = CF_E_RECORD, .alarms = 2, .why = "the sale says that more came back"},
        {.off = 1, .rc = CF_E_RECORD, .alarms = 2, .why = "it names another record"},
        {.between = true, .rc = CF_E_RECORD, .alarms = 2, .why = "a sale stands between"},
        {.apart = true, .between = true, .rc = CF_E_RECORD, .alarms = 2, .why = "the same in two batches"},
        {.no_sale = true, .alarms = 1, .why = "goods came back and none went out"},
        {.apart = true, .no_sale = true, .alarms = 1, .why = "the same in two batches"},
    };
    struct centre *centre = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct till till;
        const struct sold sold = {.n_lines = LINES};
        int64_t alarms = centre_count(centre, "/v1/alarms", "alarms");
        till_enrol(centre, &till, centre->store_id);
        struct receipt receipt = sell(centre, &till, &sold);
        struct coming coming = everything;
        coming.exchange_minor = total_of(&receipt) - rows[i].less;
        struct upload *upload = upload_new(&till);
        add_return(centre, &till, upload, &receipt, coming);
        uint64_t of = till.seq - rows[i].off;
        if (rows[i].apart) {
            assert_int_equal(send(centre, &till, upload), CF_OK);
            upload = upload_new(&till);
        }
        if (rows[i].between || rows[i].no_sale) {
            struct receipt other = add_sale(centre, &till, upload, &sold);
            cf_buf_done(&other.body);
        }
        if (!rows[i].no_sale)
            add_exchanged(centre, &till, upload, of);
        enum cf_rc rc = send(centre, &till, upload);
        int64_t more = centre_count(centre, "/v1/alarms", "alarms") - alarms;
        if (rc != rows[i].rc || more != rows[i].alarms)
            fail_msg("%s: %s, %lld alarms", rows[i].why, cf_rc_name(rc), (long long)more);
        cf_buf_done(&receipt.body);
        till_done(&till);
    }
}

/* Alarms of that name. */
static size_t alarms_of(struct centre *centre, enum cf_rc name)
{
    size_t n = 0;
    json_t *json = centre_expect(centre, "GET", "/v1/alarms", NULL, 200);
    const json_t *list = json_object_get(json, "alarms");
    for (size_t i = 0; i < json_array_size(list); i++)
        n += strcmp(json_text(json_array_get(list, i), "name"), cf_rc_name(name)) == 0 ? 1 : 0;
    json_decref(json);
    return n;
}

/* Whoever has the code has the money at once; a till that lies might name a sale that never comes. */
static void store_credit_for_a_sale_that_has_not_come_is_an_alarm_until_it_does(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    const struct sold sold = {.n_lines = LINES};
    struct upload *late = upload_new(&other);
    struct receipt waiting = add_sale(centre, &other, late, &sold);
    struct coming credit = everything;
    credit.as_credit = true;
    assert_int_equal(returns(centre, &till, &waiting, credit), CF_OK);
    assert_int_equal(alarms_of(centre, CF_E_RETURN_SALE), 1);
    assert_int_equal(send(centre, &other, late), CF_OK);
    assert_int_equal(alarms_of(centre, CF_E_RETURN_SALE), 0);
    assert_int_equal(returns(centre, &till, &waiting, credit), CF_OK); /* twice, but of a sale that is here */
    assert_int_equal(alarms_of(centre, CF_E_RETURN_SALE), 0);
    cf_buf_done(&waiting.body);
    till_done(&till);
    till_done(&other);
}

static void why_goods_came_back_is_added_up_by_store(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    struct sold sold = {.n_lines = LINES};
    for (int i = 0; i < 3; i++) {
        struct receipt receipt = sell(centre, &till, &sold);
        const struct coming coming = {.from = 0, .to = 1, .reason = i < 2 ? "Does not fit" : NULL};
        assert_int_equal(returns(centre, &till, &receipt, coming), CF_OK);
        cf_buf_done(&receipt.body);
    }
    json_t *json = centre_expect(centre, "GET", "/v1/reports/returns?store=1", NULL, 200);
    const json_t *list = json_object_get(json, "reasons");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_text(json_array_get(list, 0), "reason"), "Does not fit");
    assert_int_equal(json_int(json_array_get(list, 0), "returns"), 2);
    assert_int_equal(json_int(json_array_get(list, 0), "total_minor"), 2 * PRODUCT_PRICE);
    assert_string_equal(json_text(json_array_get(list, 1), "reason"), "");
    json_decref(json);
    assert_int_equal(centre_count(centre, "/v1/reports/returns?store=99", "reasons"), 0);
    till_done(&till);
}

static void a_return_of_no_sale_is_told_and_holds_nothing_up(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    struct sold sold = {.n_lines = LINES};
    struct receipt receipt = sell(centre, &till, &sold), wrong = receipt;
    wrong.ref.terminal = 999;
    assert_int_equal(returns(centre, &till, &wrong, everything), CF_E_RETURN_SALE);
    wrong.ref = receipt.ref;
    wrong.ref.seq = till.seq; /* a return */
    assert_int_equal(returns(centre, &till, &wrong, everything), CF_E_RETURN_SALE);
    wrong.ref.seq = till.seq + 40;
    assert_int_equal(returns(centre, &till, &wrong, everything), CF_E_RETURN_SALE);
    wrong.ref = receipt.ref;
    wrong.ref.sale_no++;
    assert_int_equal(returns(centre, &till, &wrong, everything), CF_E_RECORD);
    struct upload *upload = upload_new(&till);
    upload_add(centre, &till, upload, CF_RECORD_RETURN, cf_bytes_str("no return at all"));
    assert_int_equal(send(centre, &till, upload), CF_E_RECORD);
    assert_int_equal(returns(centre, &till, &receipt, everything), CF_OK); /* none of these took the goods */
    assert_int_equal(conflicts(centre), 0);
    cf_buf_done(&receipt.body);
    till_done(&till);
}

/* --- coupons of the receipt -----------------------------------------------------------------------------------------
 */

static uint32_t issuing_campaign(struct centre *centre)
{
    return centre_campaign(centre, "leased", 100,
                           ",\"on_return\":\"give_back\",\"lease_per_terminal\":3,\"issue_in_store\":{\"valid_days\":"
                           "30,\"range_per_terminal\":8}");
}

/* The first coupon of the till's grant of that campaign, as the till would print it. */
static struct cf_issued issue(struct centre *centre, const struct till *till, uint32_t campaign, struct claimed *ret)
{
    struct cf_issued issued = {.campaign = campaign, .exp_s = CENTRE_START_S + 30 * 86400};
    json_t *json = centre_expect(centre, "GET", "/v1/grants", NULL, 200), *grant;
    struct cf_code code;
    size_t i;
    json_array_foreach(json_object_get(json, "grants"), i, grant)
    {
        if (json_int(grant, "campaign") == campaign && json_int(grant, "terminal") == till->terminal) {
            assert_int_equal(cf_hex_decode(json_text(grant, "grant"), issued.grant_id.b, CF_KID_BYTES, NULL), CF_OK);
            issued.index = (uint32_t)json_int(grant, "first");
        }
    }
    json_decref(json);
    const struct cf_coupon coupon = {.campaign = campaign, .index = issued.index, .exp_s = issued.exp_s};
    assert_int_equal(cf_coupon_sign(&coupon, issued.grant_id, till->sign_key, &code, NULL), CF_OK);
    char text[CF_CODE_TEXT_MAX];
    assert_int_equal(cf_code_text(&code, text, NULL), CF_OK);
    *ret = (struct claimed){.index = issued.index};
    (void)snprintf(ret->code, sizeof ret->code, "%.299s", text);
    return issued;
}

static bool is_redeemed_below(struct centre *centre, const struct till *till, uint32_t campaign, uint32_t index)
{
    static struct cf_down_entry entries[64];
    bool is = false;
    size_t n = centre_pulled(centre, till, CF_TOPIC_REDEEMED, entries, 64);
    for (size_t i = 0; i < n; i++)
        if (entries[i].kind == CF_DOWN_REDEEMED || entries[i].kind == CF_DOWN_UNREDEEMED)
            for (size_t k = 0; k < entries[i].redeemed.n; k++)
                if (entries[i].redeemed.campaign == campaign && entries[i].redeemed.index[k] == index)
                    is = entries[i].kind == CF_DOWN_REDEEMED;
    return is;
}

static void a_coupon_of_the_receipt_is_refused_everywhere_once_its_goods_are_back(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct claimed c;
    char body[400];
    till_enrol(centre, &till, centre->store_id);
    uint32_t campaign = issuing_campaign(centre);
    struct sold sold = {.n_lines = LINES, .issues = true, .issued = issue(centre, &till, campaign, &c)};
    struct receipt receipt = sell(centre, &till, &sold);
    assert_int_equal(returns(centre, &till, &receipt, (struct coming){.to = 3}), CF_OK);
    verify(centre, &c, NULL); /* a part of the goods is back: it stays */
    assert_int_equal(returns(centre, &till, &receipt, (struct coming){.from = 3, .to = LINES, .n_before = 3}), CF_OK);
    verify(centre, &c, "COUPON_REVOKED");
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"store\":%lu}", c.code, (unsigned long)centre->store_id);
    centre_refuses(centre, "POST", "/v1/coupons/pin", body, "COUPON_REVOKED");
    assert_true(is_redeemed_below(centre, &till, campaign, c.index));
    assert_int_equal(conflicts(centre), 0);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 0);
    centre_adds_up(centre, campaign);
    cf_buf_done(&receipt.body);
    till_done(&till);
}

/* A's sale gives the coupon and its goods come back at B, C uses it, and takes back what it was used for. */
static void a_coupon_that_was_used_is_one_conflict_in_any_order(void **state)
{
    struct centre *centre = *state;
    static const size_t in_order[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < 6; i++) {
        struct till tills[3];
        struct upload *uploads[3];
        struct claimed c;
        for (size_t k = 0; k < 3; k++)
            till_enrol(centre, &tills[k], centre->store_id);
        uint32_t campaign = issuing_campaign(centre);
        struct sold sold = {.n_lines = LINES, .issues = true, .issued = issue(centre, &tills[0], campaign, &c)};
        struct sold uses = with_coupon(campaign, &c, CF_POLICY_LEASED);
        for (size_t k = 0; k < 3; k++)
            uploads[k] = upload_new(&tills[k]);
        struct receipt receipt = add_sale(centre, &tills[0], uploads[0], &sold);
        add_return(centre, &tills[1], uploads[1], &receipt, everything);
        struct receipt used = add_sale(centre, &tills[2], uploads[2], &uses);
        for (size_t k = 0; k < 3; k++)
            (void)send(centre, &tills[in_order[i][k]], uploads[in_order[i][k]]);
        verify(centre, &c, "COUPON_SPENT");
        assert_int_equal(conflicts(centre), 1);
        assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 1);
        json_t *json = centre_expect(centre, "GET", "/v1/conflicts", NULL, 200);
        assert_string_equal(json_text(json_array_get(json_object_get(json, "conflicts"), 0), "kind"), "revoked");
        json_decref(json);
        assert_int_equal(returns(centre, &tills[2], &used, everything), CF_OK); /* it never was: and lives no more */
        assert_int_equal(conflicts(centre), 0);
        assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 0);
        verify(centre, &c, "COUPON_REVOKED");
        assert_true(is_redeemed_below(centre, &tills[1], campaign, c.index));
        centre_adds_up(centre, campaign);
        cf_buf_done(&receipt.body);
        cf_buf_done(&used.body);
        for (size_t k = 0; k < 3; k++)
            till_done(&tills[k]);
    }
}

static void a_till_revokes_no_coupon_that_it_was_not_granted(void **state)
{
    struct centre *centre = *state;
    struct till till, liar;
    struct claimed c;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &liar, centre->store_id);
    uint32_t campaign = issuing_campaign(centre);
    struct sold sold = {.n_lines = LINES, .issues = true, .issued = issue(centre, &till, campaign, &c)};
    struct receipt receipt = sell(centre, &till, &sold);
    struct upload *upload = upload_new(&liar);
    struct receipt lie = add_sale(centre, &liar, upload, &sold);
    add_return(centre, &liar, upload, &lie, everything);
    (void)send(centre, &liar, upload);
    verify(centre, &c, NULL);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 1); /* it was not granted */
    cf_buf_done(&receipt.body);
    cf_buf_done(&lie.body);
    till_done(&till);
    till_done(&liar);
}

/* --- whoever tells first ------------------------------------------------------------------------------------------ */

/* Three logs with one record each, sent in an order: A's sale, A's or B's return, and C's. */
struct told {
    int64_t points, conflicts, alarms;
    struct figures figures;
};

static struct told tell_in_order(struct centre *centre, const size_t order[3], bool twice)
{
    struct till tills[3];
    struct upload *uploads[3];
    struct told told;
    for (size_t i = 0; i < 3; i++) {
        till_enrol(centre, &tills[i], centre->store_id);
    }
    uint32_t campaign = centre_campaign(centre, "leased", 100, ",\"lease_per_terminal\":2");
    struct claimed c = claim(centre, campaign, "");
    struct sold sold = with_coupon(campaign, &c, CF_POLICY_LEASED);
    sold.has_member = true;
    sold.member = new_member(centre);
    for (size_t i = 0; i < 3; i++) {
        uploads[i] = upload_new(&tills[i]);
    }
    struct receipt receipt = add_sale(centre, &tills[0], uploads[0], &sold);
    add_return(centre, &tills[1], uploads[1], &receipt, twice ? everything : (struct coming){.to = 2});
    add_return(centre, &tills[2], uploads[2], &receipt,
               twice ? everything : (struct coming){.from = 2, .to = LINES, .n_before = 2});
    for (size_t i = 0; i < 3; i++) {
        (void)send(centre, &tills[order[i]], uploads[order[i]]);
    }
    told.points = points_of(centre, sold.member);
    told.conflicts = conflicts(centre);
    told.alarms = centre_count(centre, "/v1/alarms", "alarms");
    told.figures = centre_figures(centre, campaign);
    centre_adds_up(centre, campaign);
    verify(centre, &c, NULL);
    cf_buf_done(&receipt.body);
    for (size_t i = 0; i < 3; i++) {
        till_done(&tills[i]);
    }
    return told;
}

static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

static void parts_in_any_order_and_before_their_sale_come_to_the_same(void **state)
{
    struct centre *centre = *state;
    for (size_t i = 0; i < 6; i++) {
        struct told told = tell_in_order(centre, orders[i], false);
        assert_int_equal(told.points, 0);
        assert_int_equal(told.conflicts, 0);
        assert_int_equal(told.alarms, 0);
        assert_int_equal(told.figures.spent, 0);
    }
}

static void goods_that_came_back_twice_are_one_conflict_in_any_order(void **state)
{
    struct centre *centre = *state;
    for (size_t i = 0; i < 6; i++) {
        struct told told = tell_in_order(centre, orders[i], true);
        assert_int_equal(told.points, 0);
        assert_int_equal(told.conflicts, (int64_t)i + 1); /* one more each round */
        assert_int_equal(told.alarms, (int64_t)i + 1);
        assert_int_equal(told.figures.spent, 0);
        assert_int_equal(told.figures.over, 0);
    }
    json_t *json = centre_expect(centre, "GET", "/v1/conflicts", NULL, 200);
    assert_string_equal(json_text(json_array_get(json_object_get(json, "conflicts"), 0), "kind"), "return");
    json_decref(json);
}

static void the_later_return_is_the_one_too_many(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    struct sold sold = {.n_lines = LINES};
    struct receipt receipt = sell(centre, &a, &sold);
    struct upload *early = upload_new(&a), *late = upload_new(&b);
    add_return(centre, &a, early, &receipt, everything);
    centre->now.us += 60 * CF_US_PER_S;
    add_return(centre, &b, late, &receipt, everything);
    (void)send(centre, &b, late);
    assert_int_equal(conflicts(centre), 0);
    (void)send(centre, &a, early);
    json_t *alarms = centre_alarms(centre);
    assert_int_equal(json_object_size(alarms), 1);
    json_decref(alarms);
    json_t *json = centre_expect(centre, "GET", "/v1/conflicts", NULL, 200);
    const json_t *list = json_object_get(json, "conflicts");
    assert_int_equal(json_array_size(list), 1);
    json_decref(json);
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    assert_int_equal(cf_store_row(centre->store, CF_Q_CONFLICT_GET, CF_ARGS(cf_v_int(1)), row, &found, NULL), CF_OK);
    assert_true(found);
    assert_int_equal((uint64_t)row[1].i & ((UINT64_C(1) << 40) - 1), b.seq);
    cf_buf_done(&receipt.body);
    till_done(&a);
    till_done(&b);
}

/* What was one too many when it was heard of is none once an earlier one is heard of. */
static void alarms_of_returns_are_the_same_in_any_order(void **state)
{
    struct centre *centre = *state;
    struct till tills[4];
    for (size_t i = 0; i < 4; i++) {
        till_enrol(centre, &tills[i], centre->store_id);
    }
    json_t *expected = NULL;
    for (size_t i = 0; i < 6; i++) {
        struct sold sold = {.n_lines = LINES};
        struct upload *uploads[3];
        struct receipt receipt = sell(centre, &tills[3], &sold);
        for (size_t k = 0; k < 3; k++) {
            uploads[k] = upload_new(&tills[k]);
            centre->now.us += 60 * CF_US_PER_S;
            add_return(centre, &tills[k], uploads[k], &receipt, everything);
        }
        for (size_t k = 0; k < 3; k++) {
            (void)send(centre, &tills[orders[i][k]], uploads[orders[i][k]]);
        }
        json_t *alarms = centre_alarms(centre);
        assert_int_equal(json_object_size(alarms), 2 * (i + 1));
        json_decref(expected);
        expected = alarms;
        cf_buf_done(&receipt.body);
    }
    const char *key;
    json_t *n;
    json_object_foreach(expected, key, n)
    {
        char first[24];
        (void)snprintf(first, sizeof first, "%lu.", (unsigned long)tills[0].terminal);
        assert_true(strncmp(key, first, strlen(first)) != 0); /* the earliest is never the one too many */
    }
    json_decref(expected);
    for (size_t i = 0; i < 4; i++) {
        till_done(&tills[i]);
    }
}

static void a_return_of_what_turns_out_to_be_no_sale_is_told_whoever_tells_first(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    struct sold sold = {.n_lines = LINES};
    for (int round = 0; round < 2; round++) {
        struct upload *sale = upload_new(&a), *back = upload_new(&b);
        struct receipt receipt = add_sale(centre, &a, sale, &sold);
        assert_int_equal(send(centre, &a, sale), CF_OK);
        struct upload *other = upload_new(&a);
        upload_add(centre, &a, other, CF_RECORD_CANCELLED, cf_bytes_str("\x83\x01\x00\x00"));
        receipt.ref.seq = a.seq;
        add_return(centre, &b, back, &receipt, everything);
        if (round == 0) {
            assert_int_equal(send(centre, &a, other), CF_OK);
            assert_int_equal(send(centre, &b, back), CF_E_RETURN_SALE);
        } else {
            assert_int_equal(send(centre, &b, back), CF_OK); /* not yet */
            assert_int_equal(send(centre, &a, other), CF_OK);
        }
        assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), round + 1);
        cf_buf_done(&receipt.body);
    }
    till_done(&a);
    till_done(&b);
}

static void a_day_with_returns_agrees(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    struct sold sold = {.n_lines = LINES};
    struct receipt receipt = sell(centre, &till, &sold);
    assert_int_equal(returns(centre, &till, &receipt, everything), CF_OK);
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/reports/terminals/%u", till.terminal);
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    const json_t *totals = json_object_get(json_array_get(json_object_get(json, "epochs"), 0), "totals");
    assert_int_equal(json_int(totals, "total_minor"), 4000);
    assert_int_equal(json_int(json_object_get(totals, "returned"), "total_minor"), 4000);
    json_decref(json);
    cf_buf_done(&receipt.body);
    till_done(&till);
}

/* --- asking for a sale -------------------------------------------------------------------------------------------- */

static struct cf_sale_reply *ask(struct centre *centre, const struct till *till, uint8_t key,
                                 const struct cf_sale_ref *of, const struct cf_asked_line *lines, size_t n)
{
    static struct cf_sale_reply reply;
    struct cf_sale_ask asked = {
        .terminal = till->terminal, .epoch = till->epoch, .of = *of, .all = n == 0, .n_lines = n, .lines = lines};
    struct cf_buf buf;
    cf_buf_init(&buf, CF_SALE_ASK_BYTES_MAX);
    memset(asked.request_key, key, sizeof asked.request_key);
    assert_int_equal(cf_sale_ask_encode(&asked, &buf, NULL), CF_OK);
    assert_int_equal(centre_terminal_call(centre, till, "POST", CF_PATH_SALE, cf_buf_bytes(&buf)), 200);
    assert_int_equal(cf_sale_reply_decode(cf_buf_bytes(&centre->response.body), &reply, NULL), CF_OK);
    cf_buf_done(&buf);
    return &reply;
}

static void undo(struct centre *centre, struct till *till, uint8_t key)
{
    struct cf_void_request request = {.campaign = 0};
    struct cf_buf buf;
    struct upload *upload = upload_new(till);
    cf_buf_init(&buf, 256);
    memset(request.request_key, key, sizeof request.request_key);
    assert_int_equal(cf_void_request_encode(&request, &buf, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_VOID_REQUEST, cf_buf_bytes(&buf));
    assert_int_equal(send(centre, till, upload), CF_OK);
    cf_buf_done(&buf);
}

static void goods_are_kept_for_who_asked_first(void **state)
{
    struct centre *centre = *state;
    struct till a, b, c;
    uint8_t key[CF_REQUEST_KEY_BYTES];
    const struct cf_asked_line two[] = {{1, 1000}, {2, 0}}, first = {1, 1000}, nine = {9, 1000};
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    till_enrol(centre, &c, centre->store_id);
    struct sold sold = {.n_lines = LINES};
    struct receipt receipt = sell(centre, &a, &sold);
    const struct cf_sale_ref *of = &receipt.ref;

    struct cf_sale_reply *reply = ask(centre, &b, 1, of, two, 2);
    assert_int_equal(reply->rc, CF_OK);
    assert_int_equal(reply->n_before, 0);
    assert_true(cf_bytes_equal(reply->sale, cf_buf_bytes(&receipt.body)));
    assert_int_equal(ask(centre, &b, 1, of, two, 2)->rc, CF_OK); /* the same key, the same goods */
    assert_int_equal(ask(centre, &c, 2, of, &first, 1)->rc, CF_E_RETURN_QUANTITY);
    assert_int_equal(ask(centre, &c, 3, of, &nine, 1)->rc, CF_E_LINE_NONE);
    reply = ask(centre, &c, 4, of, NULL, 0);
    assert_int_equal(reply->rc, CF_OK); /* the other two lines */
    assert_int_equal(reply->n_before, 2);
    assert_int_equal(reply->before[1].line_no, 2);
    assert_int_equal(reply->before[1].qty_milli, 1000);
    assert_int_equal(ask(centre, &c, 1, of, two, 2)->rc, CF_E_COUPON_REQUEST); /* not its key */
    /* B gives up; then the goods are there for C. What was undone is never kept again. */
    undo(centre, &b, 1);
    assert_int_equal(ask(centre, &b, 1, of, two, 2)->rc, CF_E_COUPON_REQUEST);
    assert_int_equal(ask(centre, &c, 5, of, &first, 1)->rc, CF_OK);
    /* An ask that comes behind its own undoing. */
    undo(centre, &b, 6);
    assert_int_equal(ask(centre, &b, 6, of, NULL, 0)->rc, CF_E_COUPON_REQUEST);
    /* The return itself ends what was kept for it, and is counted instead. */
    memset(key, 5, sizeof key);
    assert_int_equal(returns(centre, &c, &receipt, (struct coming){.to = 1, .key = key}), CF_OK);
    reply = ask(centre, &a, 7, of, &first, 1);
    assert_int_equal(reply->rc, CF_E_RETURN_QUANTITY);
    reply = ask(centre, &c, 8, of, two + 1, 1);
    assert_int_equal(reply->rc, CF_OK);
    assert_int_equal(reply->n_before, 0); /* what it took back itself it knows */
    cf_buf_done(&receipt.body);
    till_done(&a);
    till_done(&b);
    till_done(&c);
}

static void what_is_not_of_this_store_is_not_told(void **state)
{
    struct centre *centre = *state;
    struct till a, far;
    json_t *json = centre_expect(centre, "POST", "/v1/stores", "{\"name\":\"Far\",\"currency\":\"CNY\"}", 201);
    uint32_t store = (uint32_t)json_int(json, "store");
    json_decref(json);
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &far, store);
    struct sold sold = {.n_lines = LINES};
    struct receipt receipt = sell(centre, &a, &sold);
    assert_int_equal(ask(centre, &far, 1, &receipt.ref, NULL, 0)->rc, CF_E_RETURN_SALE);
    struct cf_sale_ref none = receipt.ref;
    none.seq += 5;
    assert_int_equal(ask(centre, &a, 2, &none, NULL, 0)->rc, CF_E_RETURN_SALE);
    none.terminal = 4000000000u;
    assert_int_equal(ask(centre, &a, 3, &none, NULL, 0)->rc, CF_E_RETURN_SALE);
    assert_int_equal(centre_terminal_call(centre, &a, "POST", CF_PATH_SALE, cf_bytes_str("nonsense")), 400);
    cf_buf_done(&receipt.body);
    till_done(&a);
    till_done(&far);
}

/* --- refunds --------------------------------------------------------------------------------------------------------
 */

/* A sale that a card has paid, at a port. */
static struct receipt sell_by_card(struct centre *centre, struct till *till)
{
    const struct sold sold = {.n_lines = LINES};
    struct upload *upload = upload_new(till);
    struct cf_sale *sale;
    struct cf_buf body;
    cf_buf_init(&body, CF_SALE_BYTES_MAX);
    till_sale(centre, till, &sold, &body);
    assert_int_equal(cf_sale_new(&sale, NULL), CF_OK);
    assert_int_equal(cf_sale_decode(cf_buf_bytes(&body), sale, NULL), CF_OK);
    sale->tenders.tender[0] = (struct cf_tender){
        .kind = CF_TENDER_CARD, .amount_minor = sale->total_minor, .reference = "52500038-0001-000501", .has_id = true};
    sale->tenders.n = 1;
    sale->change_minor = 0;
    struct receipt receipt;
    cf_buf_init(&receipt.body, CF_SALE_BYTES_MAX);
    assert_int_equal(cf_sale_encode(sale, &receipt.body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_SALE, cf_buf_bytes(&receipt.body));
    receipt.ref = (struct cf_sale_ref){till->terminal, till->epoch, till->seq, till->sale_no};
    assert_int_equal(send(centre, till, upload), CF_OK);
    cf_sale_free(sale);
    cf_buf_done(&body);
    return receipt;
}

static struct cf_payment_record return_by_card(struct centre *centre, struct till *till, const struct receipt *receipt)
{
    struct upload *upload = upload_new(till);
    struct cf_return *back;
    struct cf_buf body;
    cf_buf_init(&body, CF_RETURN_BYTES_MAX);
    assert_int_equal(cf_return_new(&back, NULL), CF_OK);
    make_return(till, receipt, everything, back);
    back->tenders[0].has_id = true;
    memset(back->tenders[0].id, 9, sizeof back->tenders[0].id);
    assert_int_equal(cf_return_encode(back, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_RETURN, cf_buf_bytes(&body));
    struct cf_payment_record refund = {.kind = CF_TENDER_CARD,
                                       .amount_minor = back->tenders[0].amount_minor,
                                       .currency = back->currency,
                                       .state = CF_PAYMENT_REFUNDED,
                                       .business_day = back->business_day,
                                       .return_seq = till->seq,
                                       .tender_no = 1};
    assert_int_equal(send(centre, till, upload), CF_OK);
    cf_return_free(back);
    cf_buf_done(&body);
    return refund;
}

static enum cf_rc tell_refund(struct centre *centre, struct till *till, const struct cf_payment_record *refund)
{
    struct upload *upload = upload_new(till);
    struct cf_buf body;
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    assert_int_equal(cf_payment_record_encode(refund, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_PAYMENT, cf_buf_bytes(&body));
    cf_buf_done(&body);
    return send(centre, till, upload);
}

static void a_refund_is_one_that_its_return_owes_and_once(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    struct receipt receipt = sell_by_card(centre, &till);
    struct cf_payment_record refund = return_by_card(centre, &till, &receipt), wrong = refund;
    wrong.amount_minor++;
    assert_int_equal(tell_refund(centre, &till, &wrong), CF_E_RECORD);
    wrong = refund;
    wrong.tender_no = 2;
    assert_int_equal(tell_refund(centre, &till, &wrong), CF_E_RECORD);
    wrong = refund;
    wrong.return_seq--; /* the sale */
    assert_int_equal(tell_refund(centre, &till, &wrong), CF_E_RECORD);
    wrong.return_seq = till.seq + 7;
    assert_int_equal(tell_refund(centre, &till, &wrong), CF_E_RECORD);
    wrong = refund;
    wrong.state = CF_PAYMENT_OWED; /* a manager: it was surely not given; so it is asked for again */
    (void)snprintf(wrong.by, sizeof wrong.by, "Wang");
    (void)snprintf(wrong.reason, sizeof wrong.reason, "looked at the slips");
    assert_int_equal(tell_refund(centre, &till, &wrong), CF_OK);
    memset(refund.id, 4, sizeof refund.id);
    assert_int_equal(tell_refund(centre, &till, &refund), CF_OK);
    assert_int_equal(tell_refund(centre, &till, &refund), CF_E_RECORD);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 5);
    cf_buf_done(&receipt.body);
    till_done(&till);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, centre_start, centre_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(goods_of_a_member_who_was_forgotten_meanwhile_come_back_as_nobodys),
        TEST(a_return_takes_points_and_gives_the_right_back_once),
        TEST(parts_take_their_share_and_the_right_waits_for_the_last),
        TEST(a_right_that_the_campaign_burns_stays_spent),
        TEST(a_pinned_right_is_reserved_for_its_home_again),
        TEST(a_pinned_right_leaves_a_home_that_did_not_take_the_goods_back_once_it_has_heard),
        TEST(a_home_that_is_cut_off_may_take_the_same_goods_back_and_honour_the_right_again),
        TEST(a_home_that_took_the_same_goods_back_has_the_right_until_it_has_heard),
        TEST(nothing_comes_back_from_a_home_that_was_enrolled_again),
        TEST(a_right_pinned_to_a_store_stays_with_the_hub_that_gave_it_out),
        TEST(a_late_sale_of_an_epoch_that_is_over_is_unwound_and_adds_up),
        TEST(a_use_away_from_home_that_came_back_leaves_the_home_what_it_holds),
        TEST(a_budget_in_money_is_given_back_too),
        TEST(a_return_beside_a_duplicate_takes_no_money_that_others_hold),
        TEST(a_use_at_risk_that_came_back_is_no_loss),
        TEST(a_till_that_says_the_centre_had_committed_its_use_frees_no_loss),
        TEST(a_wrong_cent_is_told_and_the_goods_are_back_all_the_same),
        TEST(both_records_of_an_exchange_are_held_against_each_other),
        TEST(store_credit_for_a_sale_that_has_not_come_is_an_alarm_until_it_does),
        TEST(why_goods_came_back_is_added_up_by_store),
        TEST(a_return_of_no_sale_is_told_and_holds_nothing_up),
        TEST(a_coupon_of_the_receipt_is_refused_everywhere_once_its_goods_are_back),
        TEST(a_coupon_that_was_used_is_one_conflict_in_any_order),
        TEST(a_till_revokes_no_coupon_that_it_was_not_granted),
        TEST(parts_in_any_order_and_before_their_sale_come_to_the_same),
        TEST(goods_that_came_back_twice_are_one_conflict_in_any_order),
        TEST(the_later_return_is_the_one_too_many),
        TEST(alarms_of_returns_are_the_same_in_any_order),
        TEST(a_return_of_what_turns_out_to_be_no_sale_is_told_whoever_tells_first),
        TEST(a_day_with_returns_agrees),
        TEST(goods_are_kept_for_who_asked_first),
        TEST(what_is_not_of_this_store_is_not_told),
        TEST(a_refund_is_one_that_its_return_owes_and_once),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
