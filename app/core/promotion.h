/*
 * app/core/promotion.h - one promotion: what it gives, on which goods, under which conditions.
 *
 * Data only; pricing.h applies it. A kind of reward is one file reward_<kind>.c and one row of the table in reward.c,
 * so that a new kind adds a file. A promotion stands alone (automatic) or behind a coupon (needs_coupon).
 */
#ifndef CF_CORE_PROMOTION_H
#define CF_CORE_PROMOTION_H

#include "app/core/cart.h"
#include "base/cbor.h"
#include "base/time.h"

#define CF_GOODS_PRODUCTS_MAX 64
#define CF_GOODS_CATEGORIES_MAX 16

enum cf_reward_kind {
    CF_REWARD_ORDER_PERCENT = 1, /* percent_bp off the covered goods, shared over their lines */
    CF_REWARD_ORDER_AMOUNT = 2,  /* amount_minor off the covered goods together */
    CF_REWARD_LINE_PERCENT = 3,  /* percent_bp off each covered line */
    CF_REWARD_UNIT_AMOUNT = 4,   /* amount_minor off each covered unit */
};

/* Which goods: all if both lists are empty, else those whose product or any category is named. */
struct cf_goods {
    size_t n_products;
    uint64_t products[CF_GOODS_PRODUCTS_MAX];
    size_t n_categories;
    uint32_t categories[CF_GOODS_CATEGORIES_MAX];
};
bool cf_goods_cover(const struct cf_goods *goods, const struct cf_cart_line *line);

struct cf_promotion {
    uint32_t campaign;
    uint32_t version; /* of the campaign */
    char name[CF_NAME_MAX + 1];
    int32_t priority; /* higher first; equal: lower campaign first */
    enum cf_reward_kind kind;
    int64_t amount_minor;
    uint32_t percent_bp; /* 0..10000 */
    struct cf_goods goods;
    int64_t min_spend_minor; /* of covered goods before any discount; 0: none */
    int64_t min_qty_milli;
    cf_wall from, to; /* [from, to): both 0 for always */
    bool needs_coupon;
    bool exclusive;             /* no other promotion on the sale beside it: the first in order wins */
    int64_t max_discount_minor; /* 0: no cap */
};

/* CF_E_RANGE with a detail that names the field; CF_E_UNSUPPORTED for a kind that reward.c has no row for. */
enum cf_rc cf_promotion_check(const struct cf_promotion *promotion, struct cf_error *err) CF_MUST_CHECK;
/* A promotion that was checked. */
void cf_promotion_encode(const struct cf_promotion *promotion, struct cf_cbor_writer *w);
/* Shape only: whoever decodes checks next. */
bool cf_promotion_decode(struct cf_cbor_reader *r, struct cf_promotion *ret);

#endif
