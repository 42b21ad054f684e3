/*
 * app/core/pricing.h - from a cart and the offers on it to what is to be paid, and why.
 *
 * Both the till and the centre call cf_price: it is the one place where money is derived. It never goes below zero, its
 * parts sum to the whole to the cent, and it explains each discount and each refusal. Pure, no allocation after _new.
 * House rules with a default that a later promotion engine may turn into parameters: minimum spend is judged on covered
 * goods before discounts; promotions apply in order of priority on what earlier ones left; a percentage is rounded
 * once over the covered goods and shared by largest remainder; tax is computed once a rate and shared likewise.
 */
#ifndef CF_CORE_PRICING_H
#define CF_CORE_PRICING_H

#include "app/core/promotion.h"

#define CF_OFFERS_MAX 64
#define CF_REASON_MAX 160

enum cf_tax_mode { CF_TAX_INCLUSIVE = 1, CF_TAX_EXCLUSIVE = 2 };

/* A promotion offered to this cart; `tag` is the caller's (for a coupon: which one) and comes back in the result. */
struct cf_offer {
    const struct cf_promotion *promotion;
    bool coupon_held;
    uint32_t tag;
};

struct cf_priced_line {
    int64_t gross_minor;
    int64_t discount_minor; /* >= 0 */
    int64_t net_minor;      /* gross - discount; contains the tax in inclusive mode */
    int64_t tax_minor;
};
struct cf_applied {
    size_t offer;                   /* position in the offers given */
    int64_t amount_minor;           /* > 0 */
    char reason[CF_REASON_MAX + 1]; /* "Skin care week: -¥19.50 (20% of ¥97.50)" */
};
struct cf_refused {
    size_t offer;
    enum cf_rc rc;                  /* CF_E_COUPON_MINIMUM, _SCOPE, _EARLY, _ENDED, _COMBINE, _NO_EFFECT */
    int64_t shortfall_minor;        /* of _MINIMUM by spend: what is missing; else 0 */
    char reason[CF_REASON_MAX + 1]; /* "needs ¥200.00 of covered goods, basket has ¥109.80" */
};
struct cf_priced {
    size_t n_lines; /* as cf_cart_count: a voided line is all zero */
    struct cf_priced_line lines[CF_CART_LINES_MAX];
    size_t n_applied;
    struct cf_applied applied[CF_OFFERS_MAX];
    size_t n_refused; /* automatic promotions that simply do not apply are not reported */
    struct cf_refused refused[CF_OFFERS_MAX];
    int64_t gross_minor, discount_minor, net_minor, tax_minor;
    int64_t total_minor; /* inclusive: net; exclusive: net + tax */
};

/* About 100 KB: allocate once. Free with cf_priced_free. */
enum cf_rc cf_priced_new(struct cf_priced **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_priced_free(struct cf_priced *priced);

/*
 * n_offers <= CF_OFFERS_MAX, else CF_E_LIMIT. CF_E_OVERFLOW. CF_E_UNSUPPORTED for a kind of promotion without a row in
 * reward.c. On an error *ret is all zero; else only what the counts cover is written. An offer that needs a coupon
 * which is not held takes no part and is not reported. Neither the order of scanning nor that of the offers matters,
 * but for two offers of the same campaign and version: the first given applies first.
 */
enum cf_rc cf_price(const struct cf_cart *cart, const struct cf_offer *offers, size_t n_offers,
                    enum cf_tax_mode tax_mode, cf_wall now, struct cf_priced *ret, struct cf_error *err) CF_MUST_CHECK;

/* Points for a sale: net / minor_per_point * tier_bp / 10000, rounded down once. */
struct cf_programme {
    int64_t minor_per_point; /* > 0: 100 gives a point a whole yuan */
    uint32_t tier_bp[10];    /* multiplier by tier, 10000 is 1x */
    int64_t
        tier_from_points[10]; /* points ever earned from which a tier is reached; [0] is 0; INT64_MAX: tier unused */
};
/* CF_E_RANGE for a tier beyond the table, minor_per_point <= 0 or net_minor < 0; CF_E_OVERFLOW. */
enum cf_rc cf_points_earned(const struct cf_programme *programme, unsigned tier, int64_t net_minor, int64_t *ret_points,
                            struct cf_error *err) CF_MUST_CHECK;
unsigned cf_tier_of_points(const struct cf_programme *programme, int64_t points_ever);

#endif
