/*
 * app/core/campaign.h - a campaign: its promotion, who may redeem its coupons where, and by which policy.
 *
 * Made at the centre, sent down as CBOR, judged at both ends by coupon.h. Data only.
 */
#ifndef CF_CORE_CAMPAIGN_H
#define CF_CORE_CAMPAIGN_H

#include "app/core/promotion.h"

#define CF_CAMPAIGN_STORES_MAX 64
#define CF_CAMPAIGN_BYTES_MAX 8192

#define CF_ISSUE_BY_PROMOTION CF_PRICE_MINOR_MAX
/* How rights are divided between those who may be cut off from each other. */
enum cf_policy {
    CF_POLICY_AUTOMATIC = 0,   /* no coupon and no right: a plain promotion */
    CF_POLICY_ONLINE_ONLY = 1, /* the centre commits first */
    CF_POLICY_LEASED = 2,      /* a till spends what the centre leased to it */
    CF_POLICY_PINNED = 3,      /* redeemable at exactly one place: the coupon's home */
    CF_POLICY_OPTIMISTIC = 4,  /* a till accepts against a risk lease, counted in money */
};
enum cf_channel { CF_CHANNEL_STORE = 1, CF_CHANNEL_ONLINE = 2 };

/* Who bears the second of two redemptions of one right. Decided at the centre; the till only shows it. */
enum cf_loser {
    CF_LOSER_ABSORB = 0,      /* the brand: nothing follows */
    CF_LOSER_CHARGE = 1,      /* the campaign: its budget pays a second unit if it has one */
    CF_LOSER_FLAG_MEMBER = 2, /* the member whose coupon it was, if bound, is marked for marketing to see */
};
/* What a return of the sale does with the right that it had consumed. */
enum cf_on_return { CF_ON_RETURN_GIVE_BACK = 0, CF_ON_RETURN_BURN = 1 };

struct cf_campaign {
    uint32_t id;
    uint32_t version;
    char name[CF_NAME_MAX + 1];
    enum cf_policy policy;
    uint32_t channels;    /* of enum cf_channel, or-ed: where its coupons redeem */
    cf_wall from, to;     /* [from, to): when its coupons redeem; both 0 for always */
    bool accept_in_doubt; /* if the clock's interval straddles an expiry */
    bool stopped;         /* by marketing: nothing more is accepted or issued */
    size_t n_stores;      /* 0: all */
    uint32_t stores[CF_CAMPAIGN_STORES_MAX];
    struct cf_promotion promotion;
    bool issue_in_store;     /* a till with a grant issues one on each receipt of at least issue_min_minor */
    int64_t issue_min_minor; /* CF_ISSUE_BY_PROMOTION: only where a promotion gives one */
    uint32_t issue_valid_days;
    enum cf_loser loser;
    enum cf_on_return on_return;
    /* Limits beside the budget, 0: none. Exact wherever a coupon of the policy may be accepted: see cf_campaign_check.
     */
    uint32_t per_store;      /* redemptions in one store, ever */
    uint32_t per_day;        /* redemptions a day of the campaign's stores, all together */
    uint32_t per_member;     /* coupons that one member can get, each good once */
    uint32_t per_member_day; /* redemptions of one member a day */
    bool money_limited;      /* leases of it are counted in money as well: a money budget, or a risk budget */
    int64_t points_price;    /* a voucher: what minting one costs a member in points; 0: none */
    bool without_coupon;     /* leased: it applies by itself, and each use takes a unit that no coupon stands for */
    bool unread;             /* of a newer centre, in words that are not known here: only id, version and name are */
};

/* One of its stores: where its coupons redeem in a store at all. */
bool cf_campaign_has_store(const struct cf_campaign *campaign, uint32_t store);
/* Whoever holds a lease of it in this store needs it no more: it was stopped or has ended, or redeems elsewhere by now.
 */
bool cf_campaign_is_over_in(const struct cf_campaign *campaign, uint32_t store, cf_wall now);
/* Does it run in this store at that instant, as far as its own terms say? */
bool cf_campaign_runs_in(const struct cf_campaign *campaign, uint32_t store, cf_wall now);
/* CF_E_RANGE with a detail that names the field; CF_E_UNSUPPORTED for a policy or reward that this version lacks, and
 * for a limit that places which do not hear each other could not keep exactly: the detail says why. */
enum cf_rc cf_campaign_check(const struct cf_campaign *campaign, struct cf_error *err) CF_MUST_CHECK;
/* Appends a campaign that passes the check. On an error `ret` is unchanged. */
enum cf_rc cf_campaign_encode(const struct cf_campaign *campaign, struct cf_buf *ret,
                              struct cf_error *err) CF_MUST_CHECK;
/* Of one that _decode refuses but whose beginning is as ever: its number and name, and that it is stopped and unread.
 * For a till that meets a newer centre: it goes on without this campaign, and says so. CF_E_CBOR_*. */
enum cf_rc cf_campaign_peek(cf_bytes bytes, struct cf_campaign *ret, struct cf_error *err) CF_MUST_CHECK;
/* CF_E_CBOR_SHORT, _SHAPE, _TRAILING; then as the check. */
enum cf_rc cf_campaign_decode(cf_bytes bytes, struct cf_campaign *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
