/*
 * tests/unit/core/coupon_test.c - the verdict on coupons and member codes: one row a reason, and the order of reasons.
 */
#include "app/core/coupon.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/keys_support.h"

#define S CF_US_PER_S
#define DAY (TEST_DAY_S * S)

static const cf_wall now = {TEST_NOW_S * CF_US_PER_S};

static struct cf_time_interval at(int64_t lo_s, int64_t hi_s)
{
    return (struct cf_time_interval){{now.us + lo_s * S}, {now.us + hi_s * S}};
}

/* Everything is in order: an offline till of store 301, with a lease, and the member at the counter. */
struct shop {
    struct cf_coupon coupon;
    struct cf_campaign campaign;
    struct cf_coupon_facts facts;
};

static void open_shop(struct shop *shop)
{
    memset(shop, 0, sizeof *shop);
    shop->coupon = test_coupon();
    shop->campaign = (struct cf_campaign){
        .id = 12,
        .policy = CF_POLICY_LEASED,
        .channels = CF_CHANNEL_STORE | CF_CHANNEL_ONLINE,
        .from = {now.us - DAY},
        .to = {now.us + DAY},
        .n_stores = 2,
        .stores = {300, 301},
    };
    shop->facts = (struct cf_coupon_facts){
        .now = at(0, 0),
        .channel = CF_CHANNEL_STORE,
        .store = 301,
        .place = 21,
        .place_epoch = 1,
        .campaign = &shop->campaign,
        .has_member = true,
        .member = test_card().sub,
        .known_generation = 1,
        .lease_left = 1,
    };
}

static enum cf_rc judge(const struct shop *shop)
{
    return cf_coupon_judge(&shop->coupon, &shop->facts, NULL);
}

static void a_coupon_in_order_is_accepted(void **state)
{
    (void)state;
    struct shop shop;
    open_shop(&shop);
    assert_rc(judge(&shop), CF_OK);
    /* A bearer coupon asks for nobody, and goes anywhere. */
    shop.coupon.bound = false;
    shop.coupon.pinned = false;
    shop.facts.has_member = false;
    assert_rc(judge(&shop), CF_OK);
    shop.facts.has_static_member = true;
    assert_rc(judge(&shop), CF_OK);
    /* No limits of time or place. */
    shop.campaign.from.us = shop.campaign.to.us = 0;
    shop.campaign.n_stores = 0;
    shop.facts.store = 999;
    assert_rc(judge(&shop), CF_OK);
    shop.coupon.generation = 5; /* newer than known here */
    assert_rc(judge(&shop), CF_OK);
}

/* Each fault, in the order of the header. A coupon with the faults of this row and of all later ones is refused for
 * this one. */
static void fault(struct shop *shop, int which)
{
    switch (which) {
    case 0:
        shop->facts.campaign = NULL;
        break;
    case 1:
        shop->facts.on_this_sale = true;
        break;
    case 2:
        shop->facts.spent = true;
        break;
    case 3:
        shop->campaign.from = shop->campaign.to = (cf_wall){now.us - DAY};
        break;
    case 4:
        shop->coupon.exp_s = TEST_NOW_S - TEST_DAY_S;
        break;
    case 5:
        shop->facts.now = at(-DAY / S * 10, 10);
        break;
    case 6:
        shop->campaign.channels = CF_CHANNEL_ONLINE;
        break;
    case 7:
        shop->facts.store = 302;
        break;
    case 8:
        shop->coupon.home = 22;
        break;
    case 9:
        shop->facts.known_generation = 2;
        break;
    case 10:
        shop->facts.has_member = false;
        shop->facts.has_static_member = true;
        break;
    case 11:
        shop->facts.has_member = false;
        break;
    case 12:
        shop->facts.member.b[7] ^= 1;
        break;
    case 13:
        shop->facts.quarantined = true;
        break;
    case 14:
        shop->campaign.policy = CF_POLICY_ONLINE_ONLY;
        break;
    default:
        shop->facts.lease_left = 0;
        break;
    }
}

static const enum cf_rc refusals[] = {
    CF_E_COUPON_CAMPAIGN, CF_E_COUPON_TWICE,      CF_E_COUPON_SPENT,   CF_E_COUPON_ENDED,
    CF_E_COUPON_EXPIRED,  CF_E_CLOCK_DOUBT,       CF_E_COUPON_CHANNEL, CF_E_COUPON_STORE,
    CF_E_COUPON_HOME,     CF_E_COUPON_GENERATION, CF_E_MEMBER_STATIC,  CF_E_MEMBER_REQUIRED,
    CF_E_MEMBER_OTHER,    CF_E_QUARANTINED,       CF_E_COUPON_ONLINE,  CF_E_COUPON_LEASE,
};
enum { FAULTS = sizeof refusals / sizeof refusals[0] };

static void each_fault_is_refused_by_its_name(void **state)
{
    (void)state;
    for (int which = 0; which < FAULTS; which++) {
        struct shop shop;
        open_shop(&shop);
        fault(&shop, which);
        assert_rc(judge(&shop), refusals[which]);
    }
}

static void of_several_faults_the_first_is_named(void **state)
{
    (void)state;
    for (int which = 0; which < FAULTS; which++) {
        struct shop shop;
        open_shop(&shop);
        for (int later = FAULTS - 1; later >= which; later--) {
            bool hides = later == 5 || (which == 10 && later == 11); /* a doubtful clock would hide what is certain */
            if (!hides || later == which)
                fault(&shop, later);
        }
        assert_rc(judge(&shop), refusals[which]);
    }
}

static void times_are_judged_by_what_is_certain(void **state)
{
    (void)state;
    static const struct {
        int64_t from_s, to_s; /* of the campaign, from now */
        int64_t exp_s;        /* the end of the coupon's last day, from now */
        int64_t lo_s, hi_s;   /* the clock, from now */
        bool accept_in_doubt;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {-9, 9, 9, 0, 0, false, CF_OK, "inside"},
        {0, 9, 9, 0, 0, false, CF_OK, "the campaign's first instant"},
        {1, 9, 9, 0, 0, false, CF_E_COUPON_EARLY, "a second early"},
        {-9, 0, 9, 0, 0, false, CF_E_COUPON_ENDED, "the end is not part of it"},
        {-9, 9, 0, 0, 0, false, CF_OK, "the coupon's last second"},
        {-9, 9, -1, 0, 0, false, CF_E_COUPON_EXPIRED, "a second late"},
        {-9, 9, 9, -5, 5, false, CF_OK, "a clock that is not sure, but sure enough"},
        {-9, 9, 9, -5, 9, false, CF_E_CLOCK_DOUBT, "the campaign may have ended"},
        {-9, 9, 9, -5, 9, true, CF_OK, "and marketing does not mind"},
        {-4, 9, 9, -5, 5, false, CF_E_CLOCK_DOUBT, "it may not have begun"},
        {-4, 9, 9, -5, 5, true, CF_OK, "nor does marketing mind that"},
        {-9, 9, 4, -5, 5, false, CF_E_CLOCK_DOUBT, "the coupon may have expired"},
        {-9, 9, 4, -5, 5, true, CF_OK, "good will"},
        {-9, 9, -6, -5, 5, true, CF_E_COUPON_EXPIRED, "it surely has: good will has an end"},
        {-9, -5, 9, -5, 5, true, CF_E_COUPON_ENDED, "so has the campaign"},
        {6, 9, 9, -5, 5, true, CF_E_COUPON_EARLY, "it surely has not begun"},
        {-9, 9, -99, -5, 9, false, CF_E_COUPON_EXPIRED, "certainty goes before doubt"},
        {-9, 9, 9, -315360000, 0, false, CF_E_CLOCK_DOUBT, "a clock that may be ten years slow"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct shop shop;
        open_shop(&shop);
        int64_t end_s = cf_coupon_last_s(TEST_NOW_S, 0), now_s = end_s - rows[k].exp_s;
        shop.campaign.from.us = (now_s + rows[k].from_s) * S;
        shop.campaign.to.us = (now_s + rows[k].to_s) * S;
        shop.campaign.accept_in_doubt = rows[k].accept_in_doubt;
        shop.coupon.exp_s = end_s - TEST_DAY_S / 3; /* it names an instant in the afternoon */
        shop.facts.now = (struct cf_time_interval){{(now_s + rows[k].lo_s) * S}, {(now_s + rows[k].hi_s) * S}};
        enum cf_rc rc = judge(&shop);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
    struct shop shop;
    open_shop(&shop);
    shop.campaign.stopped = true;
    assert_rc(judge(&shop), CF_E_COUPON_ENDED);
}

static void a_coupon_is_good_to_the_end_of_its_day_where_it_is_shown(void **state)
{
    (void)state;
    static const struct {
        const char *why, *expires;
        int32_t utc_offset_min;
        const char *last;
    } rows[] = {
        {"noon in Shanghai", "2026-11-22T04:00:00Z", 480, "2026-11-22T15:59:59Z"},
        {"the last second of a day is its own", "2026-11-22T15:59:59Z", 480, "2026-11-22T15:59:59Z"},
        {"the next one is of the next day", "2026-11-22T16:00:00Z", 480, "2026-11-23T15:59:59Z"},
        {"the same instant is a day before in Honolulu", "2026-11-22T04:00:00Z", -600, "2026-11-22T09:59:59Z"},
        {"offsets of a quarter of an hour", "2026-11-22T18:14:59Z", 345, "2026-11-22T18:14:59Z"},
        {"the end of a leap day", "2028-02-29T12:00:00Z", 0, "2028-02-29T23:59:59Z"},
        {"before 1970 days end too", "1969-12-31T12:00:00Z", 60, "1969-12-31T22:59:59Z"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        cf_wall expires, last;
        assert_rc(cf_wall_parse(rows[k].expires, &expires, NULL), CF_OK);
        assert_rc(cf_wall_parse(rows[k].last, &last, NULL), CF_OK);
        if (cf_coupon_last_s(cf_wall_s(expires), rows[k].utc_offset_min) != cf_wall_s(last))
            fail_msg("%s", rows[k].why);
        struct shop shop;
        open_shop(&shop);
        shop.campaign.from = shop.campaign.to = (cf_wall){0};
        shop.coupon.exp_s = cf_wall_s(expires);
        shop.facts.utc_offset_min = rows[k].utc_offset_min;
        shop.facts.now = (struct cf_time_interval){last, last};
        assert_rc(judge(&shop), CF_OK);
        shop.facts.now.hi.us += S; /* the clock is not sure of the last second: the campaign decides */
        assert_rc(judge(&shop), CF_E_CLOCK_DOUBT);
        shop.campaign.accept_in_doubt = true;
        assert_rc(judge(&shop), CF_OK);
        shop.facts.now.lo.us += S;
        assert_rc(judge(&shop), CF_E_COUPON_EXPIRED);
    }
    assert_int_equal(cf_coupon_last_s(INT64_MAX, 720), INT64_MAX);
    assert_int_equal(cf_coupon_last_s(INT64_MAX - 5, 0), INT64_MAX - 5);
    assert_true(cf_coupon_last_s(INT64_MIN, -720) <= INT64_MIN + TEST_DAY_S);
}

static void policies_decide_what_goes_offline(void **state)
{
    (void)state;
    static const struct {
        enum cf_policy policy;
        bool pinned, online;
        int64_t lease_left;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {CF_POLICY_ONLINE_ONLY, false, true, 0, CF_OK, "the centre commits"},
        {CF_POLICY_ONLINE_ONLY, false, false, 9, CF_E_COUPON_ONLINE, "no link"},
        {CF_POLICY_LEASED, false, true, 0, CF_OK, "online needs no lease"},
        {CF_POLICY_LEASED, false, false, 1, CF_OK, "the last of the lease"},
        {CF_POLICY_LEASED, false, false, 0, CF_E_COUPON_LEASE, "an empty lease"},
        {CF_POLICY_LEASED, false, false, -1, CF_E_COUPON_LEASE, "an overdrawn lease"},
        {CF_POLICY_LEASED, true, false, 0, CF_E_COUPON_LEASE, "a home does not replace the budget"},
        {CF_POLICY_PINNED, true, false, 0, CF_OK, "at home, even if never heard of"},
        {CF_POLICY_PINNED, false, false, 9, CF_E_COUPON_ONLINE, "without a home it is the centre's"},
        {CF_POLICY_PINNED, false, true, 0, CF_OK, "and the centre may"},
        {CF_POLICY_OPTIMISTIC, false, false, 0, CF_OK, "against a risk lease, whatever is leased in units"},
        {CF_POLICY_OPTIMISTIC, false, true, 0, CF_OK, "but online it is like any"},
        {CF_POLICY_AUTOMATIC, false, true, 9, CF_E_COUPON_CAMPAIGN, "a promotion without coupons"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct shop shop;
        open_shop(&shop);
        shop.campaign.policy = rows[k].policy;
        shop.coupon.pinned = rows[k].pinned;
        shop.facts.online = rows[k].online;
        shop.facts.lease_left = rows[k].lease_left;
        shop.facts.minor_left = 1;
        enum cf_rc rc = judge(&shop);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
    struct shop shop;
    open_shop(&shop);
    shop.facts.online = true;
    shop.facts.quarantined = true;
    assert_rc(judge(&shop), CF_E_QUARANTINED);
}

static void what_is_set_aside_for_a_place_is_counted_in_units_days_and_money(void **state)
{
    (void)state;
    static const struct {
        enum cf_policy policy;
        bool money_limited;
        uint32_t per_day;
        int64_t lease_left, day_left, minor_left;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {CF_POLICY_LEASED, false, 0, 1, 0, 0, CF_OK, "only units are limited"},
        {CF_POLICY_LEASED, false, 5, 1, 1, 0, CF_OK, "today's last"},
        {CF_POLICY_LEASED, false, 5, 9, 0, 0, CF_E_COUPON_LIMIT, "today's share is used up, tomorrow there is more"},
        {CF_POLICY_LEASED, true, 0, 9, 0, 1, CF_OK, "the last cent: whether it fits is known when it is priced"},
        {CF_POLICY_LEASED, true, 0, 9, 0, 0, CF_E_COUPON_LEASE, "units are left, money is not"},
        {CF_POLICY_LEASED, true, 5, 0, 0, 9, CF_E_COUPON_LEASE, "money is left, units are not"},
        {CF_POLICY_OPTIMISTIC, true, 0, 0, 0, 1, CF_OK, "a cent may be risked"},
        {CF_POLICY_OPTIMISTIC, true, 0, 9, 9, 0, CF_E_COUPON_RISK, "nothing may be risked"},
        {CF_POLICY_OPTIMISTIC, true, 0, 9, 9, -5, CF_E_COUPON_RISK, "an overdrawn risk lease"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct shop shop;
        open_shop(&shop);
        shop.campaign.policy = rows[k].policy;
        shop.campaign.money_limited = rows[k].money_limited;
        shop.campaign.per_day = rows[k].per_day;
        shop.coupon.pinned = false;
        shop.facts.online = false;
        shop.facts.lease_left = rows[k].lease_left;
        shop.facts.day_left = rows[k].day_left;
        shop.facts.minor_left = rows[k].minor_left;
        enum cf_rc rc = judge(&shop);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
}

static void channels_and_stores_are_kept_apart(void **state)
{
    (void)state;
    struct shop shop;
    open_shop(&shop);
    shop.facts.channel = CF_CHANNEL_ONLINE;
    shop.facts.store = 0;
    shop.facts.online = true;
    assert_rc(judge(&shop), CF_OK); /* the list of stores is about stores */
    shop.campaign.channels = CF_CHANNEL_STORE;
    assert_rc(judge(&shop), CF_E_COUPON_CHANNEL);
    struct cf_error err;
    assert_rc(cf_coupon_judge(&shop.coupon, &shop.facts, &err), CF_E_COUPON_CHANNEL);
    assert_string_equal(err.detail, "not for the online shop");
}

static void details_say_the_figures(void **state)
{
    (void)state;
    struct cf_error err;
    struct shop shop;
    open_shop(&shop);
    shop.coupon.home = 12;
    assert_rc(cf_coupon_judge(&shop.coupon, &shop.facts, &err), CF_E_COUPON_HOME);
    assert_string_equal(err.detail, "reserved for place 12, this is 21");
    shop.campaign.to.us = now.us - 2 * DAY;
    assert_rc(cf_coupon_judge(&shop.coupon, &shop.facts, &err), CF_E_COUPON_ENDED);
    assert_string_equal(err.detail, "ended 2026-11-20T08:00:00Z");
}

/* The machine that had this place before may never hear that it was replaced, and the one that has it now may not have
 * heard of a newer hub: each honours what names its own epoch alone. */
static void a_home_is_a_place_in_one_epoch(void **state)
{
    (void)state;
    static const struct {
        uint32_t home, epoch;            /* the coupon's */
        uint32_t place_epoch, hub_epoch; /* ours */
        enum cf_rc rc;
        const char *detail, *why;
    } rows[] = {
        {21, 1, 1, 0, CF_OK, "", "the first machine"},
        {21, 2, 2, 0, CF_OK, "", "its successor"},
        {21, 1, 2, 0, CF_E_COUPON_HOME_LOST, "reserved for epoch 1 of place 21, this is 2",
         "what the first may have used"},
        {21, 2, 1, 0, CF_E_COUPON_HOME_NEWER, "reserved for epoch 2 of place 21, this is 1", "the first does not know"},
        {21, 2, 1, 2, CF_E_COUPON_HOME_NEWER, "reserved for epoch 2 of place 21, this is 1",
         "a hub's epoch is another"},
        {301, 3, 1, 3, CF_OK, "", "the store, by its hub"},
        {301, 2, 2, 3, CF_E_COUPON_HOME_LOST, "reserved for hub 2 of place 301, this is 3", "the hub before"},
        {301, 4, 4, 3, CF_E_COUPON_HOME_NEWER, "reserved for hub 4 of place 301, this is 3", "a hub not heard of"},
        {301, 1, 1, 0, CF_E_COUPON_HOME_NEWER, "reserved for hub 1 of place 301, this is 0", "no hub was heard of"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct shop shop;
        struct cf_error err = {.detail = ""};
        open_shop(&shop);
        shop.facts.hub = rows[k].home == shop.facts.store;
        shop.coupon.home = rows[k].home;
        shop.coupon.home_epoch = rows[k].epoch;
        shop.facts.place_epoch = rows[k].place_epoch;
        shop.facts.hub_epoch = rows[k].hub_epoch;
        enum cf_rc rc = cf_coupon_judge(&shop.coupon, &shop.facts, &err);
        if (rc != rows[k].rc || strcmp(err.detail, rows[k].detail) != 0)
            fail_msg("%s: %s, %s", rows[k].why, cf_rc_name(rc), err.detail);
    }
}

/* The twin signature (r, n - s) decodes to the same right, and facts are looked up by right: see keyring_test.c. */
static void a_right_is_spent_whatever_bytes_show_it(void **state)
{
    (void)state;
    struct shop shop;
    open_shop(&shop);
    struct cf_code code = test_sign_coupon(&shop.coupon, KID_ALL, ISSUER);
    struct cf_code reissued = test_sign_coupon(&shop.coupon, KID_ALL, STRANGER);
    assert_memory_not_equal(code.cose, reissued.cose, code.cose_n);
    assert_rc(cf_coupon_judge(&code.coupon, &shop.facts, NULL), CF_OK);
    shop.facts.spent = true; /* (campaign 12, index 100234) */
    assert_rc(cf_coupon_judge(&code.coupon, &shop.facts, NULL), CF_E_COUPON_SPENT);
    assert_rc(cf_coupon_judge(&reissued.coupon, &shop.facts, NULL), CF_E_COUPON_SPENT);
}

static void a_member_code_is_live_or_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        int64_t at_s; /* from now */
        int64_t lo_s, hi_s;
        uint64_t counter;
        bool has_last;
        bool has_challenge;
        uint32_t till;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {0, 0, 0, 41, false, false, 0, CF_OK, "just made"},
        {-60, 0, 0, 41, false, false, 0, CF_OK, "60 s old"},
        {-61, 0, 0, 41, false, false, 0, CF_E_MEMBER_STALE, "61 s old: a screenshot"},
        {30, 0, 0, 41, false, false, 0, CF_OK, "a phone 30 s ahead"},
        {31, 0, 0, 41, false, false, 0, CF_E_MEMBER_FUTURE, "31 s ahead"},
        {-70, -10, 10, 41, false, false, 0, CF_OK, "the benefit of the doubt"},
        {-71, -10, 10, 41, false, false, 0, CF_E_MEMBER_STALE, "but no more"},
        {40, -10, 10, 41, false, false, 0, CF_OK, "the same ahead"},
        {0, -300, 300, 41, false, false, 0, CF_OK, "ten minutes of doubt"},
        {0, -300, 301, 41, false, false, 0, CF_E_CLOCK_DOUBT, "more than that, and a picture would do as well"},
        {0, 0, 0, 42, true, false, 0, CF_OK, "the next counter"},
        {0, 0, 0, 41, true, false, 0, CF_E_MEMBER_COPIED, "the same counter again"},
        {0, 0, 0, 3, true, false, 0, CF_E_MEMBER_COPIED, "an older counter"},
        {0, 0, 0, 3, false, false, 0, CF_OK, "none seen before"},
        {0, 0, 0, 42, true, true, 21, CF_OK, "our own challenge"},
        {0, 0, 0, 42, true, true, 22, CF_E_MEMBER_TILL, "another till's"},
        {-315360000, 0, 0, 41, false, false, 0, CF_E_MEMBER_STALE, "a phone ten years slow"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct cf_member_code code = {.card = test_card(), .at_s = TEST_NOW_S + rows[k].at_s};
        code.counter = rows[k].counter;
        code.has_challenge = rows[k].has_challenge;
        code.till = rows[k].till;
        struct cf_member_facts facts = {.now = at(rows[k].lo_s, rows[k].hi_s),
                                        .till = 21,
                                        .has_last_counter = rows[k].has_last,
                                        .last_counter = 41};
        enum cf_rc rc = cf_member_code_judge(&code, &facts, NULL);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
}

static void a_card_ends_when_it_has_surely_ended(void **state)
{
    (void)state;
    struct cf_card card = test_card();
    card.exp_s = TEST_NOW_S;
    assert_rc(cf_card_judge(&card, at(0, 0), NULL), CF_OK);
    assert_rc(cf_card_judge(&card, at(1, 1), NULL), CF_E_MEMBER_EXPIRED);
    assert_rc(cf_card_judge(&card, at(0, 9), NULL), CF_OK);
    struct cf_member_code code = {.card = card, .at_s = TEST_NOW_S - 3600};
    struct cf_member_facts facts = {.now = at(1, 1)};
    assert_rc(cf_member_code_judge(&code, &facts, NULL), CF_E_MEMBER_EXPIRED); /* before it is called stale */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_coupon_in_order_is_accepted),
        cmocka_unit_test(each_fault_is_refused_by_its_name),
        cmocka_unit_test(of_several_faults_the_first_is_named),
        cmocka_unit_test(times_are_judged_by_what_is_certain),
        cmocka_unit_test(a_coupon_is_good_to_the_end_of_its_day_where_it_is_shown),
        cmocka_unit_test(policies_decide_what_goes_offline),
        cmocka_unit_test(what_is_set_aside_for_a_place_is_counted_in_units_days_and_money),
        cmocka_unit_test(channels_and_stores_are_kept_apart),
        cmocka_unit_test(details_say_the_figures),
        cmocka_unit_test(a_home_is_a_place_in_one_epoch),
        cmocka_unit_test(a_right_is_spent_whatever_bytes_show_it),
        cmocka_unit_test(a_member_code_is_live_or_refused_by_name),
        cmocka_unit_test(a_card_ends_when_it_has_surely_ended),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_keys_done();
    return failed;
}
