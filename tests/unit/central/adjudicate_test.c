/*
 * tests/unit/central/adjudicate_test.c - which use of a right was first, what the others cost, and that neither depends
 * on who was heard first.
 */
#include "tests/unit/central/centre.h"

#include "app/core/campaign.h"
#include "app/core/down.h"
#include "sync/central/store/member_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KEY_HEX "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define START_MS (CENTRE_START_S * 1000)

static void advance(struct centre *centre, int64_t ms)
{
    centre->now.us += ms * CF_US_PER_MS;
}

static int64_t now_ms(const struct centre *centre)
{
    return centre->now.us / CF_US_PER_MS;
}

static struct till_clock synced(int64_t at_ms)
{
    return (struct till_clock){1, at_ms - START_MS, at_ms, CF_TIME_SYNCED, 0};
}

static uint32_t campaign_of(struct centre *centre, const char *policy, int64_t budget, enum cf_loser loser,
                            const char *extra)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_campaign terms;
    struct cf_buf entry;
    bool found;
    uint32_t id = centre_campaign(centre, policy, budget, extra);
    assert_int_equal(cf_store_row(centre->store, CF_Q_CAMPAIGN_GET, CF_ARGS(cf_v_int(id)), row, &found, NULL), CF_OK);
    assert_int_equal(cf_campaign_decode(row[1].b, &terms, NULL), CF_OK);
    terms.loser = loser;
    cf_buf_init(&entry, 4096);
    assert_int_equal(cf_campaign_encode(&terms, &entry, NULL), CF_OK);
    assert_int_equal(
        cf_store_run(centre->store, CF_Q_CAMPAIGN_VERSION_PUT,
                     CF_ARGS(cf_v_int(id), row[0], cf_v_bytes(cf_buf_bytes(&entry)), row[2], row[3], cf_v_int(0)),
                     NULL),
        CF_OK);
    cf_buf_done(&entry);
    return id;
}

static void stop_campaign(struct centre *centre, uint32_t campaign)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu", (unsigned long)campaign);
    json_decref(centre_expect(centre, "PATCH", path, "{\"stopped\":true}", 200));
}

/* One sale with one coupon, written when `clock` says, and sent now. */
static void uses(struct centre *centre, struct till *till, uint32_t campaign, uint32_t index, enum cf_policy policy,
                 struct till_clock clock)
{
    struct sold sold = {.n_lines = 1, .has_coupon = true, .campaign = campaign, .index = index, .policy = policy};
    till->clock = &clock;
    till_sells(centre, till, &sold);
    till->clock = NULL;
}

static json_t *conflicts(struct centre *centre, const char *query, size_t expected)
{
    char path[100];
    (void)snprintf(path, sizeof path, "/v1/conflicts%s", query);
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    assert_int_equal(json_array_size(json_object_get(json, "conflicts")), expected);
    return json;
}

static const json_t *at(const json_t *json, size_t k)
{
    return json_array_get(json_object_get(json, "conflicts"), k);
}

static int64_t place_of(const json_t *conflict, const char *use)
{
    return json_int(json_object_get(conflict, use), "place");
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
}

/* What the till was told last about one of its records: the rc's name, "" if nothing. */
struct told {
    uint64_t seq;
    char name[40], text[128];
};
static enum cf_rc keep_told(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct told *told = ctx;
    struct cf_down_entry entry;
    assert_int_equal(cf_down_decode(row[0].b, &entry, err), CF_OK);
    if (entry.kind == CF_DOWN_RESULT && entry.result.seq == told->seq) {
        (void)snprintf(told->name, sizeof told->name, "%s", cf_rc_name(entry.result.rc));
        (void)snprintf(told->text, sizeof told->text, "%s", entry.result.text);
    }
    return CF_OK;
}
static struct told told_of(struct centre *centre, const struct till *till, uint64_t seq)
{
    struct told told = {.seq = seq};
    assert_int_equal(cf_store_each(centre->store, CF_Q_DOWN_STATE,
                                   CF_ARGS(cf_v_int(CF_TOPIC_RESULTS), cf_v_int(till->terminal)), keep_told, &told,
                                   NULL),
                     CF_OK);
    return told;
}

/* --- first and duplicate ------------------------------------------------------------------------------------------ */

static void a_late_upload_of_an_earlier_use_takes_the_right_over(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    uint32_t campaign = campaign_of(centre, "leased", 20, CF_LOSER_ABSORB, ",\"lease_per_terminal\":5");
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    advance(centre, DAY);
    uses(centre, &a, campaign, 7, CF_POLICY_LEASED, synced(now_ms(centre) - HOUR));
    assert_string_equal(told_of(centre, &a, 1).name, "");
    uses(centre, &b, campaign, 7, CF_POLICY_LEASED, synced(now_ms(centre) - 2 * HOUR));
    json_t *json = conflicts(centre, "", 1);
    assert_string_equal(json_text(at(json, 0), "kind"), "duplicate");
    assert_int_equal(place_of(at(json, 0), "first"), b.terminal);
    assert_int_equal(place_of(at(json, 0), "second"), a.terminal);
    assert_int_equal(json_int(at(json, 0), "cost_minor"), 100);
    json_decref(json);
    assert_string_equal(told_of(centre, &a, 1).name, "COUPON_SPENT"); /* it had been told nothing until then */
    assert_string_equal(told_of(centre, &b, 1).name, "");
    expect_figures(centre, campaign, (struct figures){20, 10, 8, 2, 0, 0}); /* each had a unit for it */
    centre_adds_up(centre, campaign);
    till_done(&a);
    till_done(&b);
}

static void n_uses_are_one_first_and_one_conflict_for_each_other(void **state)
{
    struct centre *centre = *state;
    enum { TILLS = 5 };
    struct till till[TILLS];
    uint32_t campaign = campaign_of(centre, "leased", 100, CF_LOSER_ABSORB, ",\"lease_per_terminal\":5");
    for (size_t i = 0; i < TILLS; i++) {
        till_enrol(centre, &till[i], centre->store_id);
    }
    advance(centre, DAY);
    for (size_t i = 0; i < TILLS; i++) { /* each earlier than all before */
        uses(centre, &till[i], campaign, 7, CF_POLICY_LEASED, synced(now_ms(centre) - (int64_t)(i + 1) * HOUR));
        json_t *json = conflicts(centre, "", i);
        for (size_t k = 0; k < i; k++) {
            assert_int_equal(place_of(at(json, k), "first"), till[i].terminal);
            assert_int_not_equal(place_of(at(json, k), "second"), till[i].terminal);
        }
        json_decref(json);
    }
    for (size_t i = 0; i < TILLS; i++) {
        assert_string_equal(told_of(centre, &till[i], 1).name, i == TILLS - 1 ? "" : "COUPON_SPENT");
        till_done(&till[i]);
    }
}

static void signed_time_after_weeks_turns_an_outcome_round(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    uint32_t campaign = campaign_of(centre, "leased", 20, CF_LOSER_ABSORB, ",\"lease_per_terminal\":5");
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    int64_t truth_ms = now_ms(centre) + HOUR;
    advance(centre, 20 * DAY);
    /* Its clock is ten years ahead and it has heard no time: whoever knows the time comes first. */
    uses(centre, &a, campaign, 7, CF_POLICY_LEASED,
         (struct till_clock){9, 5 * MINUTE, truth_ms + 10 * YEAR, CF_TIME_UNKNOWN, 0});
    uses(centre, &b, campaign, 7, CF_POLICY_LEASED, synced(truth_ms + DAY));
    json_t *json = conflicts(centre, "", 1);
    assert_int_equal(place_of(at(json, 0), "first"), b.terminal);
    json_decref(json);
    /* Then it hears the time, in the same boot: its sale was a day before the other. */
    uses(centre, &a, campaign, 8, CF_POLICY_LEASED,
         (struct till_clock){9, 5 * MINUTE + 19 * DAY, truth_ms + 19 * DAY, CF_TIME_SYNCED, 0});
    json = conflicts(centre, "", 1);
    assert_int_equal(place_of(at(json, 0), "first"), a.terminal);
    assert_int_equal(place_of(at(json, 0), "second"), b.terminal);
    char at_text[CF_WALL_TEXT_MAX];
    cf_wall_format((cf_wall){truth_ms * CF_US_PER_MS}, 0, at_text);
    assert_memory_equal(json_text(json_object_get(at(json, 0), "first"), "at"), at_text, 19);
    json_decref(json);
    assert_string_equal(told_of(centre, &a, 1).name, "OK");
    assert_string_equal(told_of(centre, &a, 1).text, "settled");
    char path[60]; /* the report of sales knows it, too */
    (void)snprintf(path, sizeof path, "/v1/sales?terminal=%lu", (unsigned long)a.terminal);
    json = centre_expect(centre, "GET", path, NULL, 200);
    const json_t *sale = json_array_get(json_object_get(json, "sales"), 1);
    assert_int_equal(json_int(sale, "seq"), 1);
    assert_memory_equal(json_text(sale, "at"), at_text, 19);
    assert_true(strcmp(json_text(sale, "earliest"), at_text) < 0 && strcmp(json_text(sale, "latest"), at_text) > 0);
    json_decref(json);
    assert_string_equal(told_of(centre, &b, 1).name, "COUPON_SPENT");
    till_done(&a);
    till_done(&b);
}

/* --- what it costs ------------------------------------------------------------------------------------------------ */

static void a_duplicate_that_nothing_covered_is_borne_as_the_campaign_says(void **state)
{
    struct centre *centre = *state;
    static const struct {
        const char *why;
        enum cf_loser loser;
        int64_t budget;
        struct figures after;
    } rows[] = {
        {"the brand bears it", CF_LOSER_ABSORB, 5, {5, 3, 0, 2, 0, 0}},
        {"the campaign pays a second unit", CF_LOSER_CHARGE, 5, {5, 2, 0, 3, 0, 0}},
        {"it has none", CF_LOSER_CHARGE, 2, {2, 0, 0, 2, 0, 0}},
        {"the brand bears it and the member is noted", CF_LOSER_FLAG_MEMBER, 5, {5, 3, 0, 2, 0, 0}},
    };
    struct till a, b;
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t campaign = campaign_of(centre, "leased", rows[i].budget, rows[i].loser,
                                        ",\"lease_per_terminal\":1,\"lease_reserve_percent\":0");
        stop_campaign(centre, campaign);
        advance(centre, DAY);
        /* Each has one unit and accepts two coupons, as a clone would: 7 is used in both. */
        uses(centre, &a, campaign, 7, CF_POLICY_LEASED, synced(now_ms(centre) - 3 * HOUR));
        uses(centre, &b, campaign, 8, CF_POLICY_LEASED, synced(now_ms(centre) - 2 * HOUR));
        uses(centre, &b, campaign, 7, CF_POLICY_LEASED, synced(now_ms(centre) - HOUR));
        expect_figures(centre, campaign, rows[i].after);
        centre_adds_up(centre, campaign);
        char query[40];
        (void)snprintf(query, sizeof query, "?campaign=%lu", (unsigned long)campaign);
        json_t *json = conflicts(centre, query, 2);
        assert_string_equal(json_text(at(json, 0), "kind"), "duplicate");
        assert_string_equal(json_text(at(json, 1), "kind"), "beyond");
        assert_true(json_is_null(json_object_get(at(json, 1), "first")));
        json_decref(json);
    }
    till_done(&a);
    till_done(&b);
}

static void the_member_of_a_bound_coupon_is_flagged_once_a_duplicate(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"Lin Mei\",\"device_key\":\"" KEY_HEX "\"}", 201);
    char member[20], body[100], path[60];
    (void)snprintf(member, sizeof member, "%s", json_text(json, "member"));
    json_decref(json);
    uint32_t campaign = campaign_of(centre, "leased", 20, CF_LOSER_FLAG_MEMBER, ",\"lease_per_terminal\":5");
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu,\"member\":\"%s\"}", (unsigned long)campaign, member);
    json = centre_expect(centre, "POST", "/v1/coupons/claim", body, 201);
    uint32_t index = (uint32_t)json_int(json, "index");
    json_decref(json);
    assert_int_equal(centre_count(centre, "/v1/members?flagged=1", "members"), 0);
    uses(centre, &a, campaign, index, CF_POLICY_LEASED, synced(now_ms(centre)));
    uses(centre, &b, campaign, index, CF_POLICY_LEASED, synced(now_ms(centre) - HOUR));
    uses(centre, &a, campaign, index + 1, CF_POLICY_LEASED, synced(now_ms(centre))); /* bound to nobody */
    uses(centre, &b, campaign, index + 1, CF_POLICY_LEASED, synced(now_ms(centre)));
    json = centre_expect(centre, "GET", "/v1/members?flagged=1", NULL, 200);
    const json_t *list = json_object_get(json, "members");
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_text(json_array_get(list, 0), "member"), member);
    assert_int_equal(json_int(json_array_get(list, 0), "conflicts"), 1);
    json_decref(json);
    (void)snprintf(path, sizeof path, "/v1/members/%s", member);
    json = centre_expect(centre, "GET", path, NULL, 200);
    assert_int_equal(json_int(json, "flags"), 1);
    json_decref(json);
    till_done(&a);
    till_done(&b);
}

/* --- other kinds -------------------------------------------------------------------------------------------------- */

static uint32_t claim_pinned(struct centre *centre, uint32_t campaign, uint32_t *ret_home)
{
    char body[100];
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu,\"pin_store\":1}", (unsigned long)campaign);
    json_t *json = centre_expect(centre, "POST", "/v1/coupons/claim", body, 201);
    uint32_t index = (uint32_t)json_int(json, "index");
    *ret_home = (uint32_t)json_int(json, "home");
    json_decref(json);
    return index;
}

static void a_pinned_right_used_away_or_after_its_home_was_lost_is_told_by_kind(void **state)
{
    struct centre *centre = *state;
    struct till home, away, old;
    uint32_t campaign = campaign_of(centre, "pinned", 20, CF_LOSER_ABSORB, ""), home_place;
    till_enrol(centre, &home, centre->store_id);
    till_enrol(centre, &away, centre->store_id);
    uint32_t pinned = claim_pinned(centre, campaign, &home_place), lost = claim_pinned(centre, campaign, &home_place);
    assert_int_equal(home_place, home.terminal);
    advance(centre, DAY);
    uses(centre, &away, campaign, pinned, CF_POLICY_PINNED, synced(now_ms(centre)));
    json_t *json = conflicts(centre, "", 1);
    assert_string_equal(json_text(at(json, 0), "kind"), "away");
    json_decref(json);
    assert_string_equal(told_of(centre, &away, 1).name, "COUPON_HOME");
    /* Used at home too, and earlier: the reserve was there for it, whoever is heard first. */
    uses(centre, &home, campaign, pinned, CF_POLICY_PINNED, synced(now_ms(centre) - HOUR));
    expect_figures(centre, campaign, (struct figures){20, 18, 1, 1, 0, 0});
    json_decref(conflicts(centre, "", 2));
    /* The home is enrolled anew: what it held is stranded, until its old log tells of a use. */
    old = home;
    home.sign_key = NULL;
    till_enrol_again(centre, &home);
    expect_figures(centre, campaign, (struct figures){20, 18, 0, 1, 1, 0});
    struct sold sold = {
        .n_lines = 1, .has_coupon = true, .campaign = campaign, .index = lost, .policy = CF_POLICY_PINNED};
    struct upload *late = upload_new(&old);
    struct cf_answer answer;
    struct cf_refusal refusal;
    upload_sale(centre, &old, late, &sold);
    assert_int_equal(upload_send(centre, &old, late, &answer, &refusal), 200);
    upload_free(late);
    expect_figures(centre, campaign, (struct figures){20, 18, 0, 2, 0, 0});
    json = conflicts(centre, "", 3);
    assert_string_equal(json_text(at(json, 2), "kind"), "stranded");
    json_decref(json);
    centre_adds_up(centre, campaign);
    till_done(&home);
    till_done(&away);
    till_done(&old);
}

static void a_new_epoch_is_not_told_of_the_records_of_the_old_one(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    uint32_t campaign = campaign_of(centre, "leased", 20, CF_LOSER_ABSORB, ",\"lease_per_terminal\":5");
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    uses(centre, &a, campaign, 7, CF_POLICY_LEASED, synced(now_ms(centre)));
    uses(centre, &b, campaign, 7, CF_POLICY_LEASED, synced(now_ms(centre) + 1));
    assert_string_equal(told_of(centre, &b, 1).name, "COUPON_SPENT");
    till_enrol_again(centre, &b);
    assert_string_equal(told_of(centre, &b, 1).name, "OK");
    json_decref(conflicts(centre, "?open=1", 1)); /* the manager still has it */
    uses(centre, &b, campaign, 8, CF_POLICY_LEASED, synced(now_ms(centre)));
    assert_string_equal(told_of(centre, &b, 1).name, "OK"); /* its own first record is in order */
    till_done(&a);
    till_done(&b);
}

static void a_settled_conflict_is_told_to_the_till_and_listed_as_such(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    uint32_t campaign = campaign_of(centre, "leased", 20, CF_LOSER_ABSORB, ",\"lease_per_terminal\":5");
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    uses(centre, &a, campaign, 7, CF_POLICY_LEASED, synced(now_ms(centre)));
    uses(centre, &b, campaign, 7, CF_POLICY_LEASED, synced(now_ms(centre) + 1));
    json_t *json = conflicts(centre, "?open=1", 1);
    char path[80];
    (void)snprintf(path, sizeof path, "/v1/conflicts/%lld/settle", (long long)json_int(at(json, 0), "conflict"));
    json_decref(json);
    assert_string_equal(told_of(centre, &b, 1).name, "COUPON_SPENT");
    json_decref(centre_expect(centre, "POST", path, NULL, 200));
    json_decref(centre_expect(centre, "POST", path, NULL, 200));
    assert_string_equal(told_of(centre, &b, 1).name, "OK");
    json_decref(conflicts(centre, "?open=1", 0));
    json_decref(conflicts(centre, "", 1));
    json_decref(conflicts(centre, "?store=1", 1));
    json_decref(conflicts(centre, "?store=99", 0));
    json_decref(conflicts(centre, "?campaign=99", 0));
    centre_refuses(centre, "POST", "/v1/conflicts/99/settle", NULL, "NOT_FOUND");
    centre_refuses(centre, "GET", "/v1/members", NULL, "ARGUMENT");
    till_done(&a);
    till_done(&b);
}

/* --- how far tills are behind ------------------------------------------------------------------------------------- */

static void the_slowest_till_is_told_first(void **state)
{
    struct centre *centre = *state;
    struct till a, b;
    till_enrol(centre, &a, centre->store_id);
    till_enrol(centre, &b, centre->store_id);
    json_t *json = centre_expect(centre, "GET", "/v1/reports/lag", NULL, 200);
    int64_t newest = json_int(json, "newest");
    json_decref(json);
    const struct sold sold = {.n_lines = 1};
    struct till_clock clock = synced(now_ms(centre));
    clock.down_cursor = (uint64_t)newest;
    a.clock = b.clock = &clock;
    till_sells(centre, &a, &sold);
    advance(centre, HOUR);
    uint32_t campaign = centre_campaign(centre, "online_only", 5, "");
    advance(centre, HOUR);
    clock = synced(now_ms(centre));
    clock.down_cursor = (uint64_t)newest + 1;
    till_sells(centre, &b, &sold);
    json = centre_expect(centre, "GET", "/v1/reports/lag?store=1", NULL, 200);
    const json_t *first = json_array_get(json_object_get(json, "terminals"), 0);
    const json_t *second = json_array_get(json_object_get(json, "terminals"), 1);
    assert_int_equal(json_int(first, "terminal"), a.terminal);
    assert_int_equal(json_int(first, "acknowledged"), 1);
    assert_int_equal(json_int(first, "unsent"), 0);
    assert_int_equal(json_int(first, "cursor"), newest);
    assert_int_equal(json_int(first, "behind_by"), json_int(json, "newest") - newest);
    cf_wall since;
    assert_int_equal(cf_wall_parse(json_text(first, "behind_since"), &since, NULL), CF_OK);
    assert_int_equal(since.us / CF_US_PER_MS, START_MS + HOUR);
    assert_int_equal(json_int(second, "terminal"), b.terminal);
    assert_int_equal(json_int(second, "behind_by"), 0);
    json_decref(json);
    assert_int_equal(campaign, 1);
    till_done(&a);
    till_done(&b);
}

/* --- whatever the order of uploads -------------------------------------------------------------------------------- */

#define TILLS 4
#define RECORDS 24
#define CAMPAIGNS 5
#define RIGHTS 7

/* One till's history, made before anything is sent: what it sold, and what its clocks said. */
struct history {
    struct sold sold[RECORDS];
    struct till_clock clock[RECORDS];
    int64_t true_ms[RECORDS];
    size_t batch[RECORDS]; /* the records of its k-th upload */
    size_t n_batches;
};
struct play {
    struct history history[TILLS];
    uint32_t online; /* of the leased campaign: redeemed online first */
};

static uint64_t roll(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Honest tills with clocks of every kind, which show the same few coupons to each other. */
static void write_history(struct history *h, uint64_t *seed)
{
    static const enum cf_policy policies[CAMPAIGNS] = {CF_POLICY_LEASED, CF_POLICY_LEASED, CF_POLICY_LEASED,
                                                       CF_POLICY_PINNED, CF_POLICY_OPTIMISTIC};
    int64_t now = START_MS + (int64_t)(roll(seed) % 1000) * 1000, mono = 1000;
    bool is_synced = false, ever = false;
    uint8_t boot = 1;
    *h = (struct history){.n_batches = 0};
    for (size_t i = 0; i < RECORDS; i++) {
        int64_t step = (int64_t)(roll(seed) % (8 * HOUR));
        uint32_t campaign = (uint32_t)(roll(seed) % CAMPAIGNS);
        now += step, mono += step;
        if (roll(seed) % 5 == 0) {
            boot++, mono = (int64_t)(roll(seed) % HOUR), is_synced = false;
        } else if (roll(seed) % 4 == 0) {
            is_synced = ever = true;
        }
        h->true_ms[i] = now;
        h->clock[i] = (struct till_clock){.boot = boot, .mono_ms = mono, .wall_ms = now, .quality = CF_TIME_SYNCED};
        if (!is_synced) {
            h->clock[i].quality = ever ? CF_TIME_HELD : CF_TIME_UNKNOWN;
            h->clock[i].wall_ms =
                ever ? now + (int64_t)(roll(seed) % 20000) : now + (int64_t)(roll(seed) % (20 * YEAR)) - 10 * YEAR;
        }
        h->sold[i] = (struct sold){.n_lines = 1 + roll(seed) % 3,
                                   .has_coupon = true,
                                   .campaign = campaign + 1,
                                   .index = (uint32_t)(roll(seed) % RIGHTS),
                                   .policy = policies[campaign]};
        h->sold[i].source = policies[campaign] == CF_POLICY_OPTIMISTIC ? CF_RIGHT_RISK : 0;
    }
    for (size_t left = RECORDS; left > 0; h->n_batches++) {
        size_t n = 1 + roll(seed) % 6;
        h->batch[h->n_batches] = n < left ? n : left;
        left -= h->batch[h->n_batches];
    }
}

/* Campaigns 1 to 3, one for each policy of losers, are leased and scarce; 4 is pinned, a part of it to the first till;
 * 5 is optimistic, with less risk and fewer units than the tills make use of. */
static void open_world(struct centre *centre, struct till tills[TILLS], const struct play *play)
{
    char code[CF_CODE_TEXT_MAX] = "", body[1024];
    uint32_t home;
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"Lin Mei\",\"device_key\":\"" KEY_HEX "\"}", 201);
    char member[20];
    (void)snprintf(member, sizeof member, "%s", json_text(json, "member"));
    json_decref(json);
    for (int loser = 0; loser < 3; loser++) {
        (void)campaign_of(centre, "leased", 18 + loser, (enum cf_loser)loser, ",\"lease_per_terminal\":4");
    }
    (void)campaign_of(centre, "pinned", 8, CF_LOSER_CHARGE, "");
    (void)campaign_of(centre, "optimistic", 5, CF_LOSER_CHARGE,
                      ",\"risk_budget_minor\":4000,\"risk_per_terminal_minor\":600");
    for (size_t i = 0; i < TILLS; i++) {
        till_enrol(centre, &tills[i], centre->store_id);
    }
    for (uint32_t i = 0; i < RIGHTS; i++) {
        for (uint32_t campaign = 1; campaign <= 3; campaign++) {
            (void)snprintf(body, sizeof body, "{\"campaign\":%lu%s%s%s}", (unsigned long)campaign,
                           i % 2 == 1 ? ",\"member\":\"" : "", i % 2 == 1 ? member : "", i % 2 == 1 ? "\"" : "");
            json = centre_expect(centre, "POST", "/v1/coupons/claim", body, 201);
            assert_int_equal(json_int(json, "index"), i);
            if (campaign == 1 && i == play->online) {
                (void)snprintf(code, sizeof code, "%s", json_text(json, "code"));
            }
            json_decref(json);
        }
        if (i < 4) {
            assert_int_equal(claim_pinned(centre, 4, &home), i);
        }
    }
    advance(centre, DAY);
    (void)snprintf(body, sizeof body,
                   "{\"code\":\"%s\",\"request_id\":\"r\"%s%s%s,\"order\":{\"lines\":[{\"code\":\"" PRODUCT_CODE
                   "\",\"qty_milli\":2000}]}}",
                   code, play->online % 2 == 1 ? ",\"member\":\"" : "", play->online % 2 == 1 ? member : "",
                   play->online % 2 == 1 ? "\"" : "");
    json_decref(centre_expect(centre, "POST", "/v1/coupons/redeem", body, 200));
    for (uint32_t campaign = 1; campaign <= CAMPAIGNS;
         campaign++) { /* no top-ups: those are the centre's own actions */
        stop_campaign(centre, campaign);
    }
    advance(centre, 30 * DAY);
}

static void send_batch(struct centre *centre, struct till *till, const struct history *h, size_t *next, size_t n)
{
    struct upload *upload = upload_new(till);
    struct cf_answer answer;
    struct cf_refusal refusal;
    for (size_t k = 0; k < n; k++) {
        till->clock = &h->clock[*next];
        upload_sale(centre, till, upload, &h->sold[(*next)++]);
    }
    till->clock = NULL;
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    assert_int_equal(answer.n_results, 0);
    upload_free(upload);
}

/* Everything that must not depend on the order, as one text. */
static char *outcome(struct centre *centre, const struct till tills[TILLS])
{
    json_t *all = json_object(), *told = json_array(), *list = json_object();
    for (uint32_t campaign = 1; campaign <= CAMPAIGNS; campaign++) {
        char name[20];
        struct figures f = centre_figures(centre, campaign);
        centre_adds_up(centre, campaign);
        (void)snprintf(name, sizeof name, "%lu", (unsigned long)campaign);
        char path[60];
        (void)snprintf(path, sizeof path, "/v1/campaigns/%lu/figures", (unsigned long)campaign);
        json_object_set_new(all, path, centre_expect(centre, "GET", path, NULL, 200));
        json_object_set_new(all, name,
                            json_pack("[I,I,I,I,I,I]", (json_int_t)f.budget, (json_int_t)f.free,
                                      (json_int_t)f.outstanding, (json_int_t)f.spent, (json_int_t)f.stranded,
                                      (json_int_t)f.over));
    }
    json_t *json = centre_expect(centre, "GET", "/v1/conflicts", NULL, 200);
    for (size_t k = 0; k < json_array_size(json_object_get(json, "conflicts")); k++) {
        const json_t *c = at(json, k), *first = json_object_get(c, "first"), *second = json_object_get(c, "second");
        char key[200];
        (void)snprintf(key, sizeof key, "%s %lld/%lld %s %s: %lld.%lld", json_text(c, "kind"),
                       (long long)json_int(c, "campaign"), (long long)json_int(c, "index"), json_text(c, "loser"),
                       json_string_value(json_object_get(c, "member")) != NULL ? "flagged" : "",
                       (long long)json_int(second, "place"),
                       (long long)json_integer_value(json_object_get(second, "seq")));
        assert_null(json_object_get(list, key));
        json_object_set_new(list, key,
                            json_is_null(first) ? json_null()
                                                : json_pack("[I,O]", (json_int_t)json_int(first, "place"),
                                                            json_object_get(first, "seq")));
    }
    json_decref(json);
    for (size_t i = 0; i < TILLS; i++) {
        for (uint64_t seq = 1; seq <= RECORDS; seq++) {
            struct told t = told_of(centre, &tills[i], seq);
            bool nothing = strcmp(t.name, "OK") == 0; /* told of what was then taken back, or never told */
            json_array_append_new(told, json_string(nothing ? "" : t.text));
        }
    }
    json_object_set_new(all, "conflicts", list);
    json_object_set_new(all, "told", told);
    json_object_set_new(all, "alarms", centre_alarms(centre));
    char *text = json_dumps(all, JSON_SORT_KEYS | JSON_INDENT(1));
    json_decref(all);
    return text;
}

static int64_t truth_of(const struct play *play, const struct till tills[TILLS], const json_t *use, bool *ret_certain)
{
    for (size_t i = 0; i < TILLS; i++) {
        if (tills[i].terminal == json_int(use, "place")) {
            const struct history *h = &play->history[i];
            size_t k = (size_t)json_int(use, "seq") - 1;
            *ret_certain = false;
            for (size_t j = 0; j < RECORDS; j++) {
                *ret_certain =
                    *ret_certain || (h->clock[j].boot == h->clock[k].boot && h->clock[j].quality == CF_TIME_SYNCED);
            }
            return h->true_ms[k];
        }
    }
    *ret_certain = true; /* online: a day after the beginning */
    return START_MS + DAY;
}

/* Where the time of both is known the first was first; and n uses are n - 1 duplicates. */
static void check_against_the_truth(struct centre *centre, const struct play *play, const struct till tills[TILLS])
{
    size_t used[CAMPAIGNS + 1][RIGHTS] = {0}, n_duplicates = 0, expected = 0;
    used[1][play->online]++;
    for (size_t i = 0; i < TILLS; i++) {
        for (size_t k = 0; k < RECORDS; k++) {
            used[play->history[i].sold[k].campaign][play->history[i].sold[k].index]++;
        }
    }
    for (size_t c = 1; c <= CAMPAIGNS; c++) {
        for (size_t i = 0; i < RIGHTS; i++) {
            expected += used[c][i] > 0 ? used[c][i] - 1 : 0;
        }
    }
    json_t *json = centre_expect(centre, "GET", "/v1/conflicts", NULL, 200);
    for (size_t k = 0; k < json_array_size(json_object_get(json, "conflicts")); k++) {
        const json_t *first = json_object_get(at(json, k), "first"), *second = json_object_get(at(json, k), "second");
        bool first_certain, second_certain;
        if (strcmp(json_text(at(json, k), "kind"), "duplicate") != 0) {
            continue;
        }
        n_duplicates++;
        int64_t first_ms = truth_of(play, tills, first, &first_certain);
        int64_t second_ms = truth_of(play, tills, second, &second_certain);
        assert_true(!first_certain || !second_certain || first_ms <= second_ms);
    }
    json_decref(json);
    assert_int_equal(n_duplicates, expected);
}

/* order[k]: whose upload is the k-th. */
static char *play_out(const struct play *play, const size_t *order, size_t n)
{
    void *state = NULL;
    struct till tills[TILLS] = {0};
    size_t next[TILLS] = {0}, batch[TILLS] = {0};
    assert_int_equal(centre_start(&state), 0);
    struct centre *centre = state;
    open_world(centre, tills, play);
    for (size_t k = 0; k < n; k++) {
        size_t who = order[k];
        send_batch(centre, &tills[who], &play->history[who], &next[who], play->history[who].batch[batch[who]]);
        batch[who]++;
        advance(centre, 7 * MINUTE);
    }
    char *text = outcome(centre, tills);
    check_against_the_truth(centre, play, tills);
    for (size_t i = 0; i < TILLS; i++) {
        till_done(&tills[i]);
    }
    (void)centre_stop(&state);
    return text;
}

static void conflicts_figures_and_alarms_are_the_same_for_every_order_of_uploads(void **state)
{
    (void)state;
    uint64_t seed = 0x9E3779B97F4A7C15;
    for (unsigned round = 0; round < 6; round++) {
        struct play *play = calloc(1, sizeof *play);
        size_t order[TILLS * RECORDS], n = 0;
        play->online = (uint32_t)(roll(&seed) % RIGHTS);
        for (size_t i = 0; i < TILLS; i++) {
            write_history(&play->history[i], &seed);
            for (size_t k = 0; k < play->history[i].n_batches; k++) {
                order[n++] = i;
            }
        }
        char *expected = play_out(play, order, n);
        for (unsigned permutation = 0; permutation < 5; permutation++) {
            for (size_t k = n; k-- > 1;) {
                size_t other = roll(&seed) % (k + 1), held = order[k];
                order[k] = order[other];
                order[other] = held;
            }
            char *got = play_out(play, order, n);
            if (strcmp(got, expected) != 0) {
                print_message("# round %u, permutation %u\n# expected %s\n# got %s\n", round, permutation, expected,
                              got);
            }
            assert_string_equal(got, expected);
            free(got);
        }
        free(expected);
        free(play);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, centre_start, centre_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_late_upload_of_an_earlier_use_takes_the_right_over),
        TEST(n_uses_are_one_first_and_one_conflict_for_each_other),
        TEST(signed_time_after_weeks_turns_an_outcome_round),
        TEST(a_duplicate_that_nothing_covered_is_borne_as_the_campaign_says),
        TEST(the_member_of_a_bound_coupon_is_flagged_once_a_duplicate),
        TEST(a_pinned_right_used_away_or_after_its_home_was_lost_is_told_by_kind),
        TEST(a_new_epoch_is_not_told_of_the_records_of_the_old_one),
        TEST(a_settled_conflict_is_told_to_the_till_and_listed_as_such),
        TEST(the_slowest_till_is_told_first),
        cmocka_unit_test(conflicts_figures_and_alarms_are_the_same_for_every_order_of_uploads),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
