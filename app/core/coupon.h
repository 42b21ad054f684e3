/*
 * app/core/coupon.h - may this genuine coupon be redeemed here and now? And: is this genuine member code live?
 *
 * Pure decisions over facts that the caller gathered (from journal and replica on a till, from the member store at the
 * centre). Nothing here costs what a signature costs, so a caller may ask before verifying it, and refuse cheaply.
 * What was redeemed is always the right (campaign, index), never the code's bytes: an ECDSA signature (r, s) is as
 * genuine as (r, n-s), so one right can be shown as two texts. Same code at both ends.
 */
#ifndef CF_CORE_COUPON_H
#define CF_CORE_COUPON_H

#include "app/core/campaign.h"
#include "app/core/code.h"

/* True time is somewhere in [lo, hi]; equal where the clock is trusted. */
struct cf_time_interval {
    cf_wall lo, hi;
};

struct cf_coupon_facts {
    struct cf_time_interval now;
    enum cf_channel channel;            /* where we are */
    uint32_t store;                     /* 0 online */
    uint32_t place;                     /* our own place id: the terminal, or the online channel */
    uint32_t place_epoch;               /* of the terminal; 0 online */
    int32_t utc_offset_min;             /* of the store, or of the one by whose prices the channel sells */
    const struct cf_campaign *campaign; /* the coupon's own (asserted); NULL: unknown here */
    bool has_member;                    /* a *rotating* code was accepted on this sale */
    bool has_static_member;             /* only a printed card was */
    cf_sub member;
    bool on_this_sale;         /* the same right is on the sale already */
    bool spent;                /* this right is known as redeemed */
    bool revoked;              /* it was issued with goods that came back since */
    uint32_t known_generation; /* highest generation known of this right */
    int64_t lease_left;        /* rights of the campaign that this place may still spend offline */
    int64_t day_left;          /* of these, today; looked at if the campaign has a limit a day */
    int64_t minor_left;        /* what this place may still give away in money; looked at if money_limited */
    bool online;               /* the centre commits first (at the centre itself: true) */
    bool hub;                  /* the store's hub says yes first: the whole store is home to what is pinned to it */
    uint32_t hub_epoch;        /* of that hub, as far as is known here; 0: none is */
    bool quarantined;
};

/* The last second at which a coupon that names `exp_s` is good: the local day of the store that contains that instant
 * is its day, to the end. */
int64_t cf_coupon_last_s(int64_t exp_s, int32_t utc_offset_min);

/*
 * CF_OK or the first of, in this order: CF_E_COUPON_CAMPAIGN, _TWICE, _REVOKED, _SPENT, _ENDED/_EARLY (campaign),
 * _EXPIRED, CLOCK_DOUBT, COUPON_CHANNEL, _STORE, _HOME, _HOME_LOST, _HOME_NEWER, _GENERATION, MEMBER_STATIC,
 * MEMBER_REQUIRED, MEMBER_OTHER, QUARANTINED, COUPON_ONLINE, COUPON_LEASE, COUPON_LIMIT, COUPON_RISK. The detail says
 * the figures ("ended 2026-11-20", "reserved for place 12").
 */
enum cf_rc cf_coupon_judge(const struct cf_coupon *coupon, const struct cf_coupon_facts *facts,
                           struct cf_error *err) CF_MUST_CHECK;

#define CF_MEMBER_CODE_PAST_S 60
#define CF_MEMBER_CODE_AHEAD_S 30
/* Where the clock is less certain than this, no code can be called live: a picture of one would pass as well. */
#define CF_MEMBER_CODE_DOUBT_S 600

struct cf_member_facts {
    struct cf_time_interval now;
    uint32_t till; /* our terminal */
    bool has_last_counter;
    uint64_t last_counter; /* highest counter seen of this member's device */
};
/* CF_E_MEMBER_EXPIRED (card), CF_E_MEMBER_STALE (more than 60 s old), CF_E_MEMBER_FUTURE (more than 30 s ahead),
 * CF_E_CLOCK_DOUBT (nothing to tell by), CF_E_MEMBER_COPIED (counter not above the last), CF_E_MEMBER_TILL (challenge
 * of another till), in this order. Within the interval the member has the benefit of the doubt. */
enum cf_rc cf_member_code_judge(const struct cf_member_code *code, const struct cf_member_facts *facts,
                                struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_card_judge(const struct cf_card *card, struct cf_time_interval now, struct cf_error *err) CF_MUST_CHECK;

#endif
