/*
 * app/core/pricing.h - from a cart and the offers on it to what is to be paid, and why.
 *
 * Both the till and the centre call cf_price: it is the one place where money is derived. It never goes below zero nor
 * below a floor price, its parts sum to the whole to the cent, and it explains each discount and each refusal. Pure, no
 * allocation after _new. House rules are fields of the promotions; docs/pricing.md has each with its default.
 */
#ifndef CF_CORE_PRICING_H
#define CF_CORE_PRICING_H

#include "app/core/permit.h"
#include "app/core/promotion.h"

#define CF_OFFERS_MAX 512
#define CF_REASON_MAX 160
#define CF_EFFECTS_MAX 64
#define CF_FACT_SEGMENTS_MAX 32
#define CF_FACT_COUPONS_MAX 16
#define CF_CHOICE_EXACT_MAX 20 /* competing offers among which the best choice is proven */

/* Do prices contain tax? And is it rounded by document, or by line: app/core/tax.h. */
enum cf_tax_mode {
    CF_TAX_INCLUSIVE = 1,
    CF_TAX_EXCLUSIVE = 2,
    CF_TAX_INCLUSIVE_BY_LINE = 5,
    CF_TAX_EXCLUSIVE_BY_LINE = 6,
};

/* What promotions ask about the shopper and the place, as the caller knows it; recorded with the sale, so that the
 * centre judges by what the till saw. Zero is "not known", and then a condition on it does not hold. */
struct cf_price_facts {
    bool has_member;
    uint8_t tier; /* 0..9, of the member */
    bool first_purchase;
    bool not_first;    /* bought before, also where it is not known how often. Said to people, never recorded */
    uint32_t visits;   /* this is the member's nth visit: 1 is the first */
    uint16_t birthday; /* month * 100 + day */
    size_t n_segments; /* that the member is in */
    uint32_t segments[CF_FACT_SEGMENTS_MAX];
    uint32_t channel; /* one of enum cf_channel */
    uint32_t store;
    uint32_t local_date; /* 20261122, in the store's time zone */
    uint8_t weekday;     /* 1 Monday ... 7 Sunday */
    uint16_t minute;     /* of the local day; with a weekday, 0 is midnight */
    uint32_t tenders;    /* kinds chosen, or-ed: 1 << enum cf_tender_kind */
    size_t n_coupons;    /* campaigns of which the sale holds a coupon */
    uint32_t coupons[CF_FACT_COUPONS_MAX];
};
/* CF_E_RANGE naming the fact: for records from outside. cf_price asserts it. */
enum cf_rc cf_price_facts_check(const struct cf_price_facts *facts, struct cf_error *err) CF_MUST_CHECK;

/* A promotion offered to this cart; `tag` is the caller's (for a coupon: which one) and comes back in the result. */
struct cf_offer {
    const struct cf_promotion *promotion;
    bool coupon_held;
    uint32_t tag;
    bool chosen; /* of competing offers this one was chosen before, as a recorded sale says: it does not compete */
};

struct cf_priced_line {
    int64_t gross_minor;
    int64_t discount_minor; /* >= 0 */
    int64_t net_minor;      /* gross - discount; contains the tax in inclusive mode */
    int64_t tax_minor;
};
/* Which promotions took something off a line: how many, and which of them the most (position in `applied`). */
struct cf_priced_why {
    uint16_t n_applied, most;
    int64_t most_minor;
};
struct cf_applied {
    size_t offer;                   /* position in the offers given */
    int64_t amount_minor;           /* > 0 */
    char reason[CF_REASON_MAX + 1]; /* "Skin care week: -¥19.50 (20% of ¥97.50)" */
};
struct cf_refused {
    size_t offer;
    enum cf_rc rc;                  /* CF_E_COUPON_MINIMUM, _SCOPE, _EARLY, _ENDED, _COMBINE, _NO_EFFECT, _TERMS */
    int64_t shortfall_minor;        /* of _MINIMUM by spend: what is missing; else 0 */
    int64_t shortfall_milli;        /* of _MINIMUM by quantity: what is missing; else 0 */
    char reason[CF_REASON_MAX + 1]; /* "needs ¥200.00 of covered goods, basket has ¥109.80" */
};
/* What a promotion gives beside money. */
enum cf_effect_kind {
    CF_EFFECT_POINTS = 1,   /* already in points_net_minor and points_more */
    CF_EFFECT_COUPON = 2,   /* `number` is the campaign of which a coupon goes on the receipt */
    CF_EFFECT_DELIVERY = 3, /* delivery is free */
    CF_EFFECT_GIFT = 4,     /* qty_milli of product `number` is still to be added to the basket, which is then free */
};
struct cf_effect {
    size_t offer;
    enum cf_effect_kind kind;
    uint64_t number;
    int64_t qty_milli;
    /* Of POINTS: the campaign that gives them, and its part of points_net_minor and of points_more. */
    uint32_t campaign;
    int64_t points_net_minor, points_more;
};
/* What a discount by hand came to; by its place in the cart. */
struct cf_priced_hand {
    int64_t amount_minor;           /* 0: nothing was left that it could be taken off */
    uint32_t percent_bp;            /* of what was left of its line or of the sale */
    char reason[CF_REASON_MAX + 1]; /* "By hand: -¥5.00 (5% of ¥100.00, dented)" */
};
/* How the competing offers (`choose` is best) were chosen among. */
struct cf_choice {
    size_t n_competing; /* offers that could have given something */
    size_t n_chosen;
    bool exact;          /* no other choice is cheaper */
    int64_t bound_minor; /* else: none can be cheaper by more than this; 0 if exact */
};
struct cf_priced {
    size_t n_lines; /* as cf_cart_count: a voided line is all zero */
    struct cf_priced_line lines[CF_CART_LINES_MAX];
    struct cf_priced_why why[CF_CART_LINES_MAX]; /* as `lines` */
    size_t n_applied;
    struct cf_applied applied[CF_OFFERS_MAX];
    size_t n_refused; /* automatic promotions that simply do not apply are not reported */
    struct cf_refused refused[CF_OFFERS_MAX];
    size_t n_effects;
    struct cf_effect effects[CF_EFFECTS_MAX];
    int64_t points_net_minor; /* counts as this much more of net when points are worked out */
    int64_t points_more;      /* points beside those */
    bool free_delivery;
    struct cf_choice choice;
    size_t n_hand; /* as cf_cart_discounts */
    struct cf_priced_hand hand[CF_HAND_DISCOUNTS_MAX];
    int64_t gross_minor, discount_minor, net_minor, tax_minor;
    int64_t total_minor; /* inclusive: net; exclusive: net + tax */
};

/* About 300 KB: allocate once. Free with cf_priced_free. */
enum cf_rc cf_priced_new(struct cf_priced **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_priced_free(struct cf_priced *priced);

/*
 * `facts` may be NULL: nothing is known. n_offers <= CF_OFFERS_MAX, else CF_E_LIMIT. CF_E_OVERFLOW. CF_E_UNSUPPORTED
 * for a kind of promotion without a row in reward.c. On an error *ret is all zero; else only what the counts cover is
 * written. An offer that needs a coupon which is not held takes no part and is not reported. Neither the order of
 * scanning nor that of the offers matters, but for two offers of the same campaign and version: the first given applies
 * first.
 */
enum cf_rc cf_price(const struct cf_cart *cart, const struct cf_offer *offers, size_t n_offers,
                    enum cf_tax_mode tax_mode, cf_wall now, const struct cf_price_facts *facts, struct cf_priced *ret,
                    struct cf_error *err) CF_MUST_CHECK;

/*
 * What was taken off by hand, all of it together, for whoever has to permit it: many small discounts are one large one.
 * The percentages of one line add up, and those of the sale come on top. `priced` is of this cart.
 */
struct cf_act_size cf_priced_hand_size(const struct cf_cart *cart, const struct cf_priced *priced);

/* Points for a sale: net (with cf_priced's points_net_minor) / minor_per_point * tier_bp / 10000, rounded down once. */
struct cf_programme {
    int64_t minor_per_point; /* > 0: 100 gives a point a whole yuan */
    uint32_t tier_bp[10];    /* multiplier by tier, 10000 is 1x */
    int64_t
        tier_from_points[10]; /* points ever earned from which a tier is reached; [0] is 0; INT64_MAX: tier unused */
};
/* CF_E_RANGE for a tier beyond the table, minor_per_point <= 0 or net_minor < 0; CF_E_OVERFLOW. */
enum cf_rc cf_points_earned(const struct cf_programme *programme, unsigned tier, int64_t net_minor, int64_t *ret_points,
                            struct cf_error *err) CF_MUST_CHECK;
/* The same of a priced sale, with what its promotions add. */
enum cf_rc cf_points_of(const struct cf_programme *programme, unsigned tier, const struct cf_priced *priced,
                        int64_t *ret_points, struct cf_error *err) CF_MUST_CHECK;
/* Which of these points which campaign gave, beside those that the goods earn anyway: rising by campaign, none of them
 * 0. Each campaign gets what the rounding down leaves of its part once those before it have theirs, so that all parts
 * and the rest are cf_points_of together, whatever the order of the offers. Errors as of cf_points_of. */
struct cf_points_given {
    uint32_t campaign;
    int64_t points;
};
enum cf_rc cf_points_by_campaign(const struct cf_programme *programme, unsigned tier, const struct cf_priced *priced,
                                 struct cf_points_given ret[CF_EFFECTS_MAX], size_t *ret_n,
                                 struct cf_error *err) CF_MUST_CHECK;
unsigned cf_tier_of_points(const struct cf_programme *programme, int64_t points_ever);

#endif
