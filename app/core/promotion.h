/*
 * app/core/promotion.h - one promotion: what it gives, on which goods, under which conditions.
 *
 * Data only, plain and bounded; pricing.h applies it. A kind of reward is one file reward_<kind>.c and one row of the
 * table in reward.c, so that a new kind adds a file. A promotion stands alone (automatic) or behind a coupon
 * (needs_coupon). Zero in every field below `max_discount_minor` means the default, and house rules that shops answer
 * differently are fields too, so that a version of a campaign carries them and both ends judge by the same.
 */
#ifndef CF_CORE_PROMOTION_H
#define CF_CORE_PROMOTION_H

#include "app/core/cart.h"
#include "base/cbor.h"
#include "base/time.h"

#define CF_GOODS_NAME_MAX 60 /* bytes */
#define CF_GOODS_PRODUCTS_MAX 64
#define CF_GOODS_CATEGORIES_MAX 16
#define CF_FEW_PRODUCTS_MAX 16
#define CF_FEW_CATEGORIES_MAX 8
#define CF_SLOTS_MAX 8
#define CF_TIERS_MAX 12
#define CF_HOURS_MAX 4
#define CF_PROMOTION_SEGMENTS_MAX 8
#define CF_PROMOTION_STORES_MAX 16
#define CF_GROUP_QTY_MAX 10000 /* units of one group, of one application */

enum cf_reward_kind {
    CF_REWARD_ORDER_PERCENT = 1, /* percent_bp off the covered goods, shared over their lines */
    CF_REWARD_ORDER_AMOUNT = 2,  /* amount_minor off the covered goods together */
    CF_REWARD_LINE_PERCENT = 3,  /* percent_bp off each covered line */
    CF_REWARD_UNIT_AMOUNT = 4,   /* amount_minor off each covered unit */
    CF_REWARD_LINE_AMOUNT = 5,   /* amount_minor off each covered line */
    CF_REWARD_UNIT_PRICE = 6,    /* each covered unit costs amount_minor, if it costs more */
    CF_REWARD_BUY_GET = 7,       /* for each buy_qty (or buy_minor) of `buy`: get_qty of the covered goods at `off` */
    CF_REWARD_GROUP = 8,   /* of each group_qty covered units get_qty of them (0: all) at `off`: n for m, nth unit */
    CF_REWARD_BUNDLE = 9,  /* the goods of all slots together at `off` */
    CF_REWARD_TIERED = 10, /* the tier reached says how much: a percentage, an amount, or a unit price */
    CF_REWARD_MEMBER_PRICE = 11, /* each covered line that has a member price costs it */
    CF_REWARD_GIFT = 12,         /* get_qty of the covered goods free; what the basket lacks of them is an effect */
    CF_REWARD_EFFECT = 13,       /* no money: points, a coupon on the receipt, free delivery */
};
#define CF_REWARD_KINDS 13

/* How a kind's figure is meant, where it could be more than one. */
enum cf_off {
    CF_OFF_PERCENT = 0, /* percent_bp of what the units cost */
    CF_OFF_AMOUNT = 1,  /* amount_minor off: each unit got, each group or bundle together, the tier's goods together */
    CF_OFF_PRICE = 2,   /* they cost amount_minor: each unit got, each group or bundle together, each unit of a tier */
};
enum cf_tier_by { CF_TIER_BY_SPEND = 0, CF_TIER_BY_QTY = 1 };

/* --- house rules: zero is the default ------------------------------------------------------------------------------
 */

enum cf_rounding {
    CF_ROUNDING_KIND = 0, /* as the kind does: order_percent and percent tiers once, others line by line */
    CF_ROUNDING_UNIT = 1,
    CF_ROUNDING_LINE = 2,
    CF_ROUNDING_ORDER = 3,
};
enum cf_round_to { CF_ROUND_NEAREST = 0, CF_ROUND_DOWN = 1, CF_ROUND_UP = 2 }; /* of a percentage; half: away from 0 */
enum cf_share { CF_SHARE_REMAINDER = 0, CF_SHARE_LAST = 1, CF_SHARE_FIRST = 2 }; /* who takes odd cents */
enum cf_with_tax { CF_TAX_AS_PRICED = 0, CF_TAX_WITH = 1, CF_TAX_WITHOUT = 2 };
enum cf_pick { CF_PICK_CHEAPEST = 0, CF_PICK_DEAREST = 1 };             /* which units get the reward */
enum cf_gather { CF_GATHER_DEAREST = 0, CF_GATHER_CHEAPEST = 1 };       /* which units form groups and bundles first */
enum cf_ties { CF_TIES_FIRST = 0, CF_TIES_LAST = 1 };                   /* in the cart's settled order */
enum cf_over { CF_OVER_COVERED = 0, CF_OVER_ALL = 1, CF_OVER_BUY = 2 }; /* the goods that a minimum is judged on */
enum cf_choose { CF_CHOOSE_ORDER = 0, CF_CHOOSE_BEST = 1 };
enum cf_covers { CF_COVERS_GOODS = 0, CF_COVERS_DELIVERY = 1, CF_COVERS_BOTH = 2 };
enum cf_exclusive_how { CF_EXCLUSIVE_IN_ORDER = 0, CF_EXCLUSIVE_OVER_ALL = 1 };

/* Which goods: all if both lists are empty, else those whose product or any category is named. */
struct cf_goods {
    size_t n_products;
    uint64_t products[CF_GOODS_PRODUCTS_MAX];
    size_t n_categories;
    uint32_t categories[CF_GOODS_CATEGORIES_MAX];
};
bool cf_goods_cover(const struct cf_goods *goods, const struct cf_cart_line *line);

/* The same with less room, for the sets beside the covered goods; both lists empty: the set is not used. */
struct cf_goods_few {
    uint64_t products[CF_FEW_PRODUCTS_MAX];
    uint32_t categories[CF_FEW_CATEGORIES_MAX];
    uint8_t n_products, n_categories;
};
bool cf_goods_few_is_empty(const struct cf_goods_few *few);
bool cf_goods_few_name(const struct cf_goods_few *few, const struct cf_cart_line *line);

struct cf_slot {
    uint32_t qty; /* units of a bundle that come from here; 0: no such slot */
    struct cf_goods_few goods;
};
/* From `from` on (included): minor units of spend, or thousandths of quantity. */
struct cf_tier {
    int64_t from;
    int64_t value; /* basis points, or minor units: as `off` says */
};
/* Minutes of the local day, [from, to); from > to passes midnight. */
struct cf_hours {
    uint16_t from_min, to_min;
};

struct cf_promotion {
    uint32_t campaign;
    uint32_t version; /* of the campaign */
    char name[CF_NAME_MAX + 1];
    int32_t priority; /* higher first; equal: lower campaign first */
    enum cf_reward_kind kind;
    int64_t amount_minor;
    uint32_t percent_bp; /* 0..10000 */
    struct cf_goods goods;
    char goods_name[CF_GOODS_NAME_MAX + 1]; /* what shoppers call them, for a shortfall; "": "covered goods" */
    char buy_name[CF_GOODS_NAME_MAX + 1];   /* and those to buy */
    int64_t min_spend_minor;                /* of covered goods before any discount; 0: none */
    int64_t min_qty_milli;
    cf_wall from, to; /* [from, to): both 0 for always */
    bool needs_coupon;
    bool exclusive;             /* no other promotion on the sale beside it: the first in order wins */
    int64_t max_discount_minor; /* 0: no cap */

    /* --- sets --- */
    struct cf_goods_few except; /* never covered */
    struct cf_goods_few buy;    /* what must be bought, for BUY_GET and min_over */
    size_t n_slots;             /* of a BUNDLE */
    struct cf_slot slots[CF_SLOTS_MAX];
    size_t n_tiers; /* ascending by `from` */
    struct cf_tier tiers[CF_TIERS_MAX];
    size_t n_hours; /* local; none: any hour */
    struct cf_hours hours[CF_HOURS_MAX];
    size_t n_segments; /* the member is in any of them; none: anybody */
    uint32_t segments[CF_PROMOTION_SEGMENTS_MAX];
    size_t n_stores; /* none: any */
    uint32_t stores[CF_PROMOTION_STORES_MAX];

    /* --- what it gives; see promotion_fields.h for ranges --- */
    enum cf_off off;
    enum cf_covers covers;
    int64_t unit_min_minor; /* covered are goods that cost at least this a unit */
    int64_t unit_max_minor; /* and at most this; 0: any */
    uint32_t buy_qty;       /* whole units */
    int64_t buy_minor;      /* instead of buy_qty: spend so much on `buy` */
    uint32_t get_qty;       /* whole units */
    uint32_t group_qty;     /* whole units */
    uint32_t max_times;     /* applications on a sale, 0: no limit */
    uint32_t get_nth;       /* GROUP: get_qty pieces from the nth on in the order of `pick`; 0: from the first */
    uint32_t max_units;     /* units that line and unit rewards reach, and that groups give to, 0: all */
    bool max_units_by_line; /* max_units is of each line */
    uint32_t unit_step;     /* unit rewards reach whole multiples of so many units of a line */
    int64_t first_minor;    /* UNIT_AMOUNT: the first unit of a line gets this instead */
    uint32_t skip_units;    /* UNIT_AMOUNT: the first so many units of a line get nothing */
    enum cf_tier_by tier_by;
    bool tier_by_line;       /* each line's own spend or quantity */
    bool on_gross;           /* a percentage is of what goods cost before other discounts */
    uint32_t points_bp;      /* points on the covered goods: 20000 is twice; 0: as always */
    uint32_t points_more;    /* points beside */
    uint32_t issue_campaign; /* a coupon of this campaign on the receipt */
    bool free_delivery;

    /* --- conditions --- */
    enum cf_over min_over;
    bool buy_each;            /* min_over buy: minima are of each product and category that buy names */
    bool min_after;           /* minima are judged on what earlier promotions left, not on gross */
    enum cf_with_tax min_tax; /* minima of spend with or without tax */
    int64_t max_spend_minor;  /* at most, judged as the minimum; 0: no limit */
    int64_t max_qty_milli;
    uint32_t tiers_mask; /* bit t: members of tier t; 0: any */
    bool members_only;
    bool guests_only; /* only without a member */
    bool first_purchase;
    uint32_t visit_nth; /* the member's nth visit; 0: any */
    bool visit_every;   /* every nth */
    bool birthday;      /* in the member's birthday window: */
    uint32_t birthday_before_days, birthday_after_days;
    uint32_t weekdays;      /* bit 0 Monday ... bit 6 Sunday; 0: any */
    uint32_t channels;      /* mask of enum cf_channel; 0: any */
    uint32_t tenders;       /* mask of 1 << enum cf_tender_kind: paid only so; 0: any */
    uint32_t with_campaign; /* a coupon of this campaign is on the sale too */
    bool skip_reduced;      /* lines whose price is already reduced are not covered */
    bool skip_discounted;   /* nor are lines that an earlier promotion took something off */

    /* --- combination --- */
    enum cf_choose choose; /* best: competes, see pricing.h */
    uint32_t group;        /* at most one promotion of a group applies; 0: none */
    bool last;             /* after it has applied, no later one does */
    enum cf_exclusive_how exclusive_how;

    /* --- house rules --- */
    enum cf_rounding rounding;
    enum cf_round_to round_to;
    enum cf_share share;
    enum cf_with_tax rank_tax; /* cheapest and dearest by prices with or without tax */
    enum cf_pick pick;
    enum cf_gather gather;
    bool pick_across; /* the cheapest of all groups' units together, not of each group */
    bool by_line;     /* groups and buy-get within one line only */
    bool partial;     /* a last application may get fewer units than get_qty */
    enum cf_ties ties;
    bool claims; /* units that it used serve no other promotion that claims */
};

/* CF_E_RANGE with a detail that names the field; CF_E_UNSUPPORTED for a kind that reward.c has no row for. */
enum cf_rc cf_promotion_check(const struct cf_promotion *promotion, struct cf_error *err) CF_MUST_CHECK;
/* Does any of its sets name a category? Else lines need none to be judged. */
bool cf_promotion_names_categories(const struct cf_promotion *promotion);
/* Does it use nothing but the fields up to max_discount_minor? Then it is written as earlier versions read it. */
bool cf_promotion_is_plain(const struct cf_promotion *promotion);
/* What one use takes off at most, in minor units; INT64_MAX if nothing bounds it. */
int64_t cf_promotion_most_minor(const struct cf_promotion *promotion);
/* A promotion that was checked. */
void cf_promotion_encode(const struct cf_promotion *promotion, struct cf_cbor_writer *w);
/* Shape only: whoever decodes checks next. A plain promotion has one encoding, and so has each other. */
bool cf_promotion_decode(struct cf_cbor_reader *r, struct cf_promotion *ret);

#endif
