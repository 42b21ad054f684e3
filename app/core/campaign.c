/*
 * app/core/campaign.c - the checks and the CBOR of a campaign.
 *
 *   [3, id, version, name, policy, channels, from_us, to_us, accept_in_doubt, stopped, [stores], promotion,
 *    issue_in_store, issue_min_minor, issue_valid_days, loser, on_return, per_store, per_day, per_member,
 *    per_member_day, money_limited, points_price, without_coupon]
 *
 * The first number is 4 if it applies without a coupon; else without_coupon is not there, and it is 3 if the promotion
 * says more than its first sixteen fields, else 2, so that what a till of an earlier version can judge it can read.
 * Version 1 ended with issue_valid_days.
 *
 * Whether a coupon of it may be redeemed is coupon.h's to judge. Pure; thread-safe.
 */
#include "app/core/campaign.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define CAMPAIGN_VERSION_WITHOUT_COUPON 4
#define CAMPAIGN_VERSION 3
#define CAMPAIGN_VERSION_PLAIN 2
#define CAMPAIGN_VERSION_FIRST 1
#define CAMPAIGN_FIELDS 23 /* and without_coupon */
#define PEEKED_FIELDS 4
#define CAMPAIGN_FIELDS_FIRST 15
#define CHANNELS_ALL ((uint32_t)CF_CHANNEL_STORE | (uint32_t)CF_CHANNEL_ONLINE)
#define ISSUE_VALID_DAYS_MAX 3660
#define POINTS_PRICE_MAX INT64_C(1000000000)

bool cf_campaign_has_store(const struct cf_campaign *campaign, uint32_t store)
{
    assert(campaign->n_stores <= CF_CAMPAIGN_STORES_MAX);
    for (size_t k = 0; k < campaign->n_stores; k++) {
        if (campaign->stores[k] == store)
            return true;
    }
    return campaign->n_stores == 0;
}

bool cf_campaign_is_over_in(const struct cf_campaign *campaign, uint32_t store, cf_wall now)
{
    bool ended = campaign->to.us != 0 && now.us >= campaign->to.us;
    return campaign->stopped || ended || (campaign->channels & (uint32_t)CF_CHANNEL_STORE) == 0 ||
           !cf_campaign_has_store(campaign, store);
}

bool cf_campaign_runs_in(const struct cf_campaign *campaign, uint32_t store, cf_wall now)
{
    bool begun = campaign->to.us == 0 || now.us >= campaign->from.us;
    return begun && !cf_campaign_is_over_in(campaign, store, now);
}

static enum cf_rc check_name(const char name[CF_NAME_MAX + 1], struct cf_error *err)
{
    char copy[CF_NAME_MAX + 1];
    size_t n = strnlen(name, CF_NAME_MAX + 1);
    if (n == 0 || n > CF_NAME_MAX)
        return cf_fail(err, CF_E_RANGE, "name has not 1..%d bytes", CF_NAME_MAX);
    if (cf_text_accept(cf_bytes_of(name, n), copy, sizeof copy, NULL) != CF_OK)
        return cf_fail(err, CF_E_RANGE, "name is not UTF-8 without control characters");
    return CF_OK;
}

static enum cf_rc check_policy(const struct cf_campaign *campaign, struct cf_error *err)
{
    bool automatic = campaign->policy == CF_POLICY_AUTOMATIC;
    if (campaign->policy > CF_POLICY_OPTIMISTIC)
        return cf_fail(err, CF_E_UNSUPPORTED, "policy %d", (int)campaign->policy);
    if (campaign->promotion.needs_coupon == automatic)
        return cf_fail(err, CF_E_RANGE, "policy does not match the promotion, which %s a coupon",
                       automatic ? "needs" : "does not need");
    if ((campaign->channels & ~CHANNELS_ALL) != 0 || (campaign->channels == 0 && !automatic))
        return cf_fail(err, CF_E_RANGE, "channels %lu", (unsigned long)campaign->channels);
    if (campaign->issue_in_store && (automatic || campaign->without_coupon))
        return cf_fail(err, CF_E_RANGE, "issue_in_store without coupons");
    if (campaign->without_coupon && campaign->policy != CF_POLICY_LEASED)
        return cf_fail(err, CF_E_RANGE, "without_coupon: its uses are counted by leases");
    return CF_OK;
}

/*
 * A limit is kept to the unit under any partition or it is refused here: what a place may do alone must be a share that
 * was set aside for it before.
 */
static enum cf_rc check_limits(const struct cf_campaign *c, struct cf_error *err)
{
    if (c->policy == CF_POLICY_AUTOMATIC && (c->per_store != 0 || c->per_day != 0 || c->per_member != 0 ||
                                             c->per_member_day != 0 || c->money_limited || c->points_price != 0))
        return cf_fail(err, CF_E_RANGE, "an automatic promotion has no rights that could be limited");
    if (c->without_coupon && c->per_member != 0)
        return cf_fail(
            err, CF_E_UNSUPPORTED,
            "per_member: two tills apart cannot count what a member had of a promotion without a coupon; give "
            "members a coupon");
    if (c->per_store != 0 && c->policy == CF_POLICY_OPTIMISTIC)
        return cf_fail(
            err, CF_E_UNSUPPORTED,
            "per_store: a risk lease counts money, so tills apart cannot count a store's uses; lease instead");
    if (c->per_day != 0 && (c->policy == CF_POLICY_OPTIMISTIC || c->policy == CF_POLICY_PINNED))
        return cf_fail(err, CF_E_UNSUPPORTED,
                       "per_day: %s, so tills apart cannot count a day's uses; online_only or leased",
                       c->policy == CF_POLICY_PINNED ? "a pinned coupon is good at its home on any day"
                                                     : "a risk lease counts money");
    if (c->per_member != 0 && c->issue_in_store)
        return cf_fail(err, CF_E_UNSUPPORTED,
                       "per_member: coupons that tills issue belong to nobody, so they cannot be counted by member");
    if (c->per_member_day != 0 && c->policy != CF_POLICY_ONLINE_ONLY && c->policy != CF_POLICY_PINNED)
        return cf_fail(err, CF_E_UNSUPPORTED,
                       "per_member_day: two tills apart cannot count a member's day; online_only or pinned");
    if (c->per_member_day != 0 && c->issue_in_store)
        return cf_fail(
            err, CF_E_UNSUPPORTED,
            "per_member_day: coupons that tills issue belong to nobody, so they cannot be counted by member");
    if (c->policy == CF_POLICY_OPTIMISTIC && !c->money_limited)
        return cf_fail(err, CF_E_RANGE, "an optimistic campaign is limited in money: its risk budget");
    return CF_OK;
}

enum cf_rc cf_campaign_check(const struct cf_campaign *campaign, struct cf_error *err)
{
    if (campaign->id == 0)
        return cf_fail(err, CF_E_RANGE, "id is 0");
    if (campaign->unread)
        return cf_fail(err, CF_E_UNSUPPORTED, "it could not be read");
    if (campaign->promotion.campaign != campaign->id || campaign->promotion.version != campaign->version)
        return cf_fail(err, CF_E_RANGE, "promotion is of campaign %lu version %lu, not of %lu version %lu",
                       (unsigned long)campaign->promotion.campaign, (unsigned long)campaign->promotion.version,
                       (unsigned long)campaign->id, (unsigned long)campaign->version);
    enum cf_rc rc = check_name(campaign->name, err);
    if (rc == CF_OK)
        rc = check_policy(campaign, err);
    if (rc == CF_OK)
        rc = cf_promotion_check(&campaign->promotion, err);
    if (rc != CF_OK)
        return rc;
    if ((campaign->from.us != 0 || campaign->to.us != 0) && campaign->from.us >= campaign->to.us)
        return cf_fail(err, CF_E_RANGE, "from is not before to");
    if (campaign->n_stores > CF_CAMPAIGN_STORES_MAX)
        return cf_fail(err, CF_E_RANGE, "stores: %zu, at most %d", campaign->n_stores, CF_CAMPAIGN_STORES_MAX);
    if (campaign->issue_min_minor < 0 || campaign->issue_min_minor > CF_PRICE_MINOR_MAX)
        return cf_fail(err, CF_E_RANGE, "issue_min_minor %lld", (long long)campaign->issue_min_minor);
    if (campaign->issue_valid_days > ISSUE_VALID_DAYS_MAX ||
        (campaign->issue_in_store && campaign->issue_valid_days == 0))
        return cf_fail(err, CF_E_RANGE, "issue_valid_days %lu is not in 1..%d",
                       (unsigned long)campaign->issue_valid_days, ISSUE_VALID_DAYS_MAX);
    if (campaign->loser > CF_LOSER_FLAG_MEMBER || campaign->on_return > CF_ON_RETURN_BURN)
        return cf_fail(err, CF_E_RANGE, "loser %d, on_return %d", (int)campaign->loser, (int)campaign->on_return);
    if (campaign->points_price < 0 || campaign->points_price > POINTS_PRICE_MAX)
        return cf_fail(err, CF_E_RANGE, "points_price %lld", (long long)campaign->points_price);
    if (campaign->points_price > 0 && campaign->policy != CF_POLICY_PINNED)
        return cf_fail(err, CF_E_UNSUPPORTED,
                       "points_price: points can be spent offline where their coupon is pinned, and only there");
    return check_limits(campaign, err);
}

enum cf_rc cf_campaign_encode(const struct cf_campaign *campaign, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = cf_campaign_check(campaign, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, CAMPAIGN_FIELDS + campaign->without_coupon);
    cf_cbor_write_uint(&w, campaign->without_coupon                      ? CAMPAIGN_VERSION_WITHOUT_COUPON
                           : cf_promotion_is_plain(&campaign->promotion) ? CAMPAIGN_VERSION_PLAIN
                                                                         : CAMPAIGN_VERSION);
    cf_cbor_write_uint(&w, campaign->id);
    cf_cbor_write_uint(&w, campaign->version);
    cf_cbor_write_text(&w, campaign->name);
    cf_cbor_write_uint(&w, campaign->policy);
    cf_cbor_write_uint(&w, campaign->channels);
    cf_cbor_write_int(&w, campaign->from.us);
    cf_cbor_write_int(&w, campaign->to.us);
    cf_cbor_write_bool(&w, campaign->accept_in_doubt);
    cf_cbor_write_bool(&w, campaign->stopped);
    cf_cbor_write_array(&w, campaign->n_stores);
    for (size_t i = 0; i < campaign->n_stores; i++)
        cf_cbor_write_uint(&w, campaign->stores[i]);
    cf_promotion_encode(&campaign->promotion, &w);
    cf_cbor_write_bool(&w, campaign->issue_in_store);
    cf_cbor_write_int(&w, campaign->issue_min_minor);
    cf_cbor_write_uint(&w, campaign->issue_valid_days);
    cf_cbor_write_uint(&w, campaign->loser);
    cf_cbor_write_uint(&w, campaign->on_return);
    cf_cbor_write_uint(&w, campaign->per_store);
    cf_cbor_write_uint(&w, campaign->per_day);
    cf_cbor_write_uint(&w, campaign->per_member);
    cf_cbor_write_uint(&w, campaign->per_member_day);
    cf_cbor_write_bool(&w, campaign->money_limited);
    cf_cbor_write_int(&w, campaign->points_price);
    if (campaign->without_coupon)
        cf_cbor_write_bool(&w, true);
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_campaign_peek(cf_bytes bytes, struct cf_campaign *ret, struct cf_error *err)
{
    struct cf_campaign c;
    struct cf_cbor_reader r;
    size_t n = 0;
    uint64_t version;
    cf_bytes rest;
    memset(&c, 0, sizeof c);
    cf_cbor_read_init(&r, bytes);
    if (cf_cbor_read_array(&r, &n, UINT8_MAX) && n < PEEKED_FIELDS)
        cf_cbor_read_refuse(&r);
    (void)cf_cbor_read_uint(&r, &version, UINT64_MAX);
    c.id = cf_cbor_read_u32(&r);
    c.version = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_cstr(&r, c.name, sizeof c.name);
    for (size_t i = PEEKED_FIELDS; i < n && r.rc == CF_OK; i++)
        (void)cf_cbor_read_any(&r, &rest);
    if (r.rc == CF_OK && (c.id == 0 || c.name[0] == '\0'))
        cf_cbor_read_refuse(&r);
    c.unread = c.stopped = true;
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = c;
    return rc;
}

static size_t fields_of(uint32_t version)
{
    return version == CAMPAIGN_VERSION_FIRST            ? CAMPAIGN_FIELDS_FIRST
           : version == CAMPAIGN_VERSION_WITHOUT_COUPON ? CAMPAIGN_FIELDS + 1
                                                        : CAMPAIGN_FIELDS;
}

static void read_limits(struct cf_cbor_reader *r, struct cf_campaign *c)
{
    c->loser = (enum cf_loser)cf_cbor_read_u8(r);
    c->on_return = (enum cf_on_return)cf_cbor_read_u8(r);
    c->per_store = cf_cbor_read_u32(r);
    c->per_day = cf_cbor_read_u32(r);
    c->per_member = cf_cbor_read_u32(r);
    c->per_member_day = cf_cbor_read_u32(r);
    (void)cf_cbor_read_bool(r, &c->money_limited);
    (void)cf_cbor_read_int(r, &c->points_price);
}

enum cf_rc cf_campaign_decode(cf_bytes bytes, struct cf_campaign *ret, struct cf_error *err)
{
    struct cf_campaign c;
    struct cf_cbor_reader r;
    memset(&c, 0, sizeof c);
    size_t n_fields = 0;
    cf_cbor_read_init(&r, bytes);
    (void)cf_cbor_read_array(&r, &n_fields, CAMPAIGN_FIELDS + 1);
    uint32_t version = cf_cbor_read_u32(&r);
    if (version < CAMPAIGN_VERSION_FIRST || version > CAMPAIGN_VERSION_WITHOUT_COUPON || n_fields != fields_of(version))
        cf_cbor_read_refuse(&r);
    c.id = cf_cbor_read_u32(&r);
    c.version = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_cstr(&r, c.name, sizeof c.name);
    c.policy = (enum cf_policy)cf_cbor_read_u8(&r);
    c.channels = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_int(&r, &c.from.us);
    (void)cf_cbor_read_int(&r, &c.to.us);
    (void)cf_cbor_read_bool(&r, &c.accept_in_doubt);
    (void)cf_cbor_read_bool(&r, &c.stopped);
    if (cf_cbor_read_array(&r, &c.n_stores, CF_CAMPAIGN_STORES_MAX))
        for (size_t i = 0; i < c.n_stores; i++)
            c.stores[i] = cf_cbor_read_u32(&r);
    (void)cf_promotion_decode(&r, &c.promotion);
    (void)cf_cbor_read_bool(&r, &c.issue_in_store);
    (void)cf_cbor_read_int(&r, &c.issue_min_minor);
    c.issue_valid_days = cf_cbor_read_u32(&r);
    if (version != CAMPAIGN_VERSION_FIRST)
        read_limits(&r, &c);
    if (version == CAMPAIGN_VERSION_WITHOUT_COUPON) {
        if (cf_cbor_read_bool(&r, &c.without_coupon) && !c.without_coupon)
            cf_cbor_read_refuse(&r);
    } else if (cf_promotion_is_plain(&c.promotion) != (version < CAMPAIGN_VERSION)) {
        cf_cbor_read_refuse(&r);
    }
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        rc = cf_campaign_check(&c, err);
    if (rc == CF_OK)
        *ret = c;
    return rc;
}
