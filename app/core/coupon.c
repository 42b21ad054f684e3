/*
 * app/core/coupon.c - see coupon.h.
 */
#include "app/core/coupon.h"

#include "base/plant.h"

#include <assert.h>

/* What a span of time says of a clock that is only known to be in [lo, hi]. */
enum side { BEFORE, INSIDE, AFTER, DOUBTFUL };

static enum cf_rc fail_at(struct cf_error *err, enum cf_rc rc, const char *what, cf_wall at)
{
    char text[CF_WALL_TEXT_MAX];
    cf_wall_format(at, 0, text);
    return cf_fail(err, rc, "%s %s", what, text);
}

/* [from, to), both 0 for always. */
static enum side campaign_side(const struct cf_campaign *campaign, struct cf_time_interval now)
{
    if (campaign->from.us == 0 && campaign->to.us == 0)
        return INSIDE;
    if (now.lo.us >= campaign->to.us)
        return AFTER;
    if (now.hi.us < campaign->from.us)
        return BEFORE;
    return now.lo.us >= campaign->from.us && now.hi.us < campaign->to.us ? INSIDE : DOUBTFUL;
}

#define DAY_S INT64_C(86400)
#define MINUTE_S INT64_C(60)

int64_t cf_coupon_last_s(int64_t exp_s, int32_t utc_offset_min)
{
    int64_t offset_s = (int64_t)utc_offset_min * MINUTE_S, local_s, last_s;
    if (__builtin_add_overflow(exp_s, offset_s, &local_s))
        return exp_s;
    int64_t into_day_s = (local_s % DAY_S + DAY_S) % DAY_S;
    return __builtin_add_overflow(exp_s, DAY_S - 1 - into_day_s, &last_s) ? exp_s : last_s;
}

/* Good through the second exp_s itself. */
static enum side expiry_side(int64_t exp_s, struct cf_time_interval now)
{
    if (cf_wall_s(now.lo) > exp_s)
        return AFTER;
    return cf_wall_s(now.hi) > exp_s ? DOUBTFUL : INSIDE;
}

static enum cf_rc judge_time(const struct cf_coupon *coupon, const struct cf_coupon_facts *facts, struct cf_error *err)
{
    const struct cf_campaign *campaign = facts->campaign;
    enum side of_campaign = campaign_side(campaign, facts->now);
    int64_t last_s = cf_coupon_last_s(coupon->exp_s, facts->utc_offset_min);
    enum side of_coupon = expiry_side(last_s, facts->now);
    if (campaign->stopped)
        return cf_fail(err, CF_E_COUPON_ENDED, "campaign %u was stopped", (unsigned)campaign->id);
    if (of_campaign == AFTER)
        return fail_at(err, CF_E_COUPON_ENDED, "ended", campaign->to);
    if (of_campaign == BEFORE)
        return fail_at(err, CF_E_COUPON_EARLY, "begins", campaign->from);
    if (of_coupon == AFTER)
        return fail_at(err, CF_E_COUPON_EXPIRED, "expired", cf_wall_from_s(last_s));
    if ((of_campaign == DOUBTFUL || of_coupon == DOUBTFUL) && !campaign->accept_in_doubt)
        return fail_at(err, CF_E_CLOCK_DOUBT, "it may be as late as", facts->now.hi);
    return CF_OK;
}

/* A home is a terminal, or a store through its hub, in one epoch. Whoever had that place before may be out of reach and
 * go on honouring what was reserved for it, and whoever has it after may not be known here yet. */
static enum cf_rc judge_home(const struct cf_coupon *coupon, const struct cf_coupon_facts *facts, struct cf_error *err)
{
    const bool by_hub = facts->hub && coupon->home == facts->store;
    const uint32_t epoch = by_hub ? facts->hub_epoch : facts->place_epoch;
    if (!by_hub && coupon->home != facts->place)
        return CF_PLANTED(pinned_anywhere) ? CF_OK
                                           : cf_fail(err, CF_E_COUPON_HOME, "reserved for place %u, this is %u",
                                                     (unsigned)coupon->home, (unsigned)facts->place);
    if (coupon->home_epoch == epoch || CF_PLANTED(home_without_epoch))
        return CF_OK;
    return cf_fail(err, coupon->home_epoch < epoch ? CF_E_COUPON_HOME_LOST : CF_E_COUPON_HOME_NEWER,
                   "reserved for %s %u of place %u, this is %u", by_hub ? "hub" : "epoch", (unsigned)coupon->home_epoch,
                   (unsigned)coupon->home, (unsigned)epoch);
}

static enum cf_rc judge_place(const struct cf_coupon *coupon, const struct cf_coupon_facts *facts, struct cf_error *err)
{
    if ((facts->campaign->channels & (uint32_t)facts->channel) == 0)
        return cf_fail(err, CF_E_COUPON_CHANNEL, "not for %s",
                       facts->channel == CF_CHANNEL_STORE ? "stores" : "the online shop");
    if (facts->channel == CF_CHANNEL_STORE && !cf_campaign_has_store(facts->campaign, facts->store))
        return cf_fail(err, CF_E_COUPON_STORE, "not for store %u", (unsigned)facts->store);
    enum cf_rc rc = coupon->pinned ? judge_home(coupon, facts, err) : CF_OK;
    if (rc != CF_OK)
        return rc;
    if (coupon->generation < facts->known_generation)
        return cf_fail(err, CF_E_COUPON_GENERATION, "generation %u, the newest is %u", (unsigned)coupon->generation,
                       (unsigned)facts->known_generation);
    return CF_OK;
}

static enum cf_rc judge_member(const struct cf_coupon *coupon, const struct cf_coupon_facts *facts,
                               struct cf_error *err)
{
    if (!coupon->bound)
        return CF_OK;
    if (!facts->has_member && facts->has_static_member)
        return cf_fail(err, CF_E_MEMBER_STATIC, "the coupon belongs to a member, and only a printed card was shown");
    if (!facts->has_member)
        return cf_fail(err, CF_E_MEMBER_REQUIRED, "the coupon belongs to a member, and none was shown");
    if (!cf_sub_equal(coupon->sub, facts->member))
        return cf_fail(err, CF_E_MEMBER_OTHER, "the coupon belongs to another member");
    return CF_OK;
}

/* What a place may do without asking the centre first. */
static enum cf_rc judge_policy(const struct cf_coupon *coupon, const struct cf_coupon_facts *facts,
                               struct cf_error *err)
{
    if (facts->quarantined)
        return cf_fail(err, CF_E_QUARANTINED, "place %u spends no coupons", (unsigned)facts->place);
    if (facts->online)
        return CF_OK;
    switch (facts->campaign->policy) {
    case CF_POLICY_LEASED:
        if (facts->lease_left < 1 || (facts->campaign->money_limited && facts->minor_left < 1))
            return cf_fail(err, CF_E_COUPON_LEASE, "nothing is left of the offline reserve of campaign %u",
                           (unsigned)facts->campaign->id);
        if (facts->campaign->per_day != 0 && facts->day_left < 1)
            return cf_fail(err, CF_E_COUPON_LIMIT, "nothing is left of today's share of campaign %u here",
                           (unsigned)facts->campaign->id);
        return CF_OK;
    case CF_POLICY_PINNED:
        /* judge_place has seen that a pinned coupon is at home; one without a home is the centre's to redeem. */
        if (coupon->pinned)
            return CF_OK;
        return cf_fail(err, CF_E_COUPON_ONLINE, "the coupon is reserved for no place, so the centre must commit first");
    case CF_POLICY_ONLINE_ONLY:
        return cf_fail(err, CF_E_COUPON_ONLINE, "the centre must commit first");
    case CF_POLICY_OPTIMISTIC:
        if (facts->minor_left < 1)
            return cf_fail(err, CF_E_COUPON_RISK, "nothing is left of what may be risked here for campaign %u",
                           (unsigned)facts->campaign->id);
        return CF_OK;
    case CF_POLICY_AUTOMATIC:
        break;
    }
    assert(false && "refused by cf_coupon_judge");
    return CF_E_INTERNAL;
}

enum cf_rc cf_coupon_judge(const struct cf_coupon *coupon, const struct cf_coupon_facts *facts, struct cf_error *err)
{
    const struct cf_campaign *campaign = facts->campaign;
    assert(campaign == NULL || campaign->id == coupon->campaign); /* the caller looks up the coupon's own campaign */
    if (campaign == NULL)
        return cf_fail(err, CF_E_COUPON_CAMPAIGN, "campaign %u is not known here", (unsigned)coupon->campaign);
    if (campaign->policy == CF_POLICY_AUTOMATIC || campaign->without_coupon)
        return cf_fail(err, CF_E_COUPON_CAMPAIGN, "campaign %u has no coupons", (unsigned)coupon->campaign);
    if (facts->on_this_sale)
        return cf_fail(err, CF_E_COUPON_TWICE, "coupon %u of campaign %u", (unsigned)coupon->index,
                       (unsigned)coupon->campaign);
    if (facts->revoked)
        return cf_fail(err, CF_E_COUPON_REVOKED, "coupon %u of campaign %u", (unsigned)coupon->index,
                       (unsigned)coupon->campaign);
    if (facts->spent)
        return cf_fail(err, CF_E_COUPON_SPENT, "coupon %u of campaign %u", (unsigned)coupon->index,
                       (unsigned)coupon->campaign);
    enum cf_rc rc = judge_time(coupon, facts, err);
    if (rc == CF_OK)
        rc = judge_place(coupon, facts, err);
    if (rc == CF_OK)
        rc = judge_member(coupon, facts, err);
    return rc == CF_OK ? judge_policy(coupon, facts, err) : rc;
}

enum cf_rc cf_card_judge(const struct cf_card *card, struct cf_time_interval now, struct cf_error *err)
{
    /* In doubt a card counts: it earns, and what it may spend is for the coupon's own expiry to say. */
    if (expiry_side(card->exp_s, now) == AFTER)
        return fail_at(err, CF_E_MEMBER_EXPIRED, "expired", cf_wall_from_s(card->exp_s));
    return CF_OK;
}

enum cf_rc cf_member_code_judge(const struct cf_member_code *code, const struct cf_member_facts *facts,
                                struct cf_error *err)
{
    enum cf_rc rc = cf_card_judge(&code->card, facts->now, err);
    if (rc != CF_OK)
        return rc;
    int64_t lo_s = cf_wall_s(facts->now.lo);
    int64_t hi_s = cf_wall_s(facts->now.hi);
    /* at_s is at most that of the year 9999, so nothing here overflows. */
    if (lo_s > code->at_s + CF_MEMBER_CODE_PAST_S)
        return fail_at(err, CF_E_MEMBER_STALE, "shown by the phone at", cf_wall_from_s(code->at_s));
    if (hi_s < code->at_s - CF_MEMBER_CODE_AHEAD_S)
        return fail_at(err, CF_E_MEMBER_FUTURE, "shown by the phone at", cf_wall_from_s(code->at_s));
    if (hi_s - lo_s > CF_MEMBER_CODE_DOUBT_S)
        return fail_at(err, CF_E_CLOCK_DOUBT, "it may be as late as", facts->now.hi);
    if (facts->has_last_counter && code->counter <= facts->last_counter)
        return cf_fail(err, CF_E_MEMBER_COPIED, "counter %llu, the last was %llu", (unsigned long long)code->counter,
                       (unsigned long long)facts->last_counter);
    if (code->has_challenge && code->till != facts->till)
        return cf_fail(err, CF_E_MEMBER_TILL, "made for till %u, this is %u", (unsigned)code->till,
                       (unsigned)facts->till);
    return CF_OK;
}
