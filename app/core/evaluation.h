/*
 * app/core/evaluation.h - one pricing of one cart: what pricing.c, coverage.c, conditions.c and choice.c work on
 * together.
 *
 * Private to app/core. Lives on the stack of cf_price: about 700 KB, of which only what the cart's lines need is
 * touched. Pure.
 */
#ifndef CF_CORE_EVALUATION_H
#define CF_CORE_EVALUATION_H

#include "app/core/units.h"

/* What changes as offers apply; arrays are by place in the settled order. */
struct cf_standing {
    int64_t left_minor;   /* sum */
    size_t n_applied;     /* offers */
    uint16_t first_offer; /* of those, for words; and what they bar: */
    uint16_t last_offer;  /* after which none applies, if has_last */
    bool has_exclusive, has_last;
};

struct cf_evaluation {
    const struct cf_cart *cart;
    const struct cf_offer *offers;
    size_t n_offers;
    const struct cf_price_facts *facts; /* may be NULL */
    struct cf_priced *out;
    enum cf_tax_mode tax_mode;
    cf_wall now;
    uint16_t order[CF_OFFERS_MAX];  /* offers as they apply */
    bool applied[CF_OFFERS_MAX];    /* by offer */
    bool not_chosen[CF_OFFERS_MAX]; /* by offer: it competed and lost */
    bool has_alone;                 /* an exclusive offer takes the sale over all others: */
    uint16_t alone;
    size_t n_effects; /* offers whose effects are due, in order */
    uint16_t effects[CF_EFFECTS_MAX];
    int64_t lacking[CF_EFFECTS_MAX];                                      /* gifts that are not in the basket */
    uint64_t effect_lines[CF_EFFECTS_MAX][(CF_CART_LINES_MAX + 63) / 64]; /* a bit a line: covered when it applied */

    struct cf_money_form form;
    size_t n; /* live lines */
    bool has_floor, has_delivery;
    bool agreed[CF_CART_LINES_MAX]; /* cf_price_is_agreed, and no quotation that yields: promotions do not see it */
    const struct cf_cart_line *line[CF_CART_LINES_MAX];
    struct cf_priced_line *priced[CF_CART_LINES_MAX];
    uint64_t product_mask[CF_CART_LINES_MAX];
    uint64_t category_mask[CF_CART_LINES_MAX];
    int64_t gross[CF_CART_LINES_MAX];
    int64_t start[CF_CART_LINES_MAX]; /* before promotions: gross, less what a quotation that stands takes off */
    int64_t start_minor;              /* sum */
    int64_t floor[CF_CART_LINES_MAX];
    uint32_t pieces[CF_CART_LINES_MAX];

    struct cf_standing standing;
    int64_t left[CF_CART_LINES_MAX];
    uint32_t claimed[CF_CART_LINES_MAX];      /* pieces, by promotions that claim */
    int64_t claimed_minor[CF_CART_LINES_MAX]; /* what those still cost; kept only where some are claimed */

    /* of the offer or tax rate in hand */
    struct cf_covered covered;
    struct cf_covered_line covered_line[CF_CART_LINES_MAX];
    uint16_t covered_at[CF_CART_LINES_MAX]; /* place in the settled order */
    int64_t weight[CF_CART_LINES_MAX];
    int64_t room[CF_CART_LINES_MAX];
    int64_t share[CF_CART_LINES_MAX];
    uint32_t used[CF_CART_LINES_MAX];
    struct cf_run runs[CF_RUNS_MAX];
};

/* What comes of trying an offer. */
struct cf_outcome {
    enum cf_rc refused; /* CF_OK: it applied, or is an effect that holds */
    int64_t amount_minor;
};

/* One bit of 64 for an id: goods and lines whose bits do not meet need no closer look. */
static inline uint64_t cf_evaluation_mask(uint64_t id)
{
    return UINT64_C(1) << ((id * UINT64_C(0x9E3779B97F4A7C15)) >> 58);
}

/* --- coverage.c ----------------------------------------------------------------------------------------------------
 */

/* The lines that the promotion covers, as they stand now, into e->covered. */
enum cf_rc cf_evaluation_cover(struct cf_evaluation *e, const struct cf_promotion *promotion,
                               struct cf_error *err) CF_MUST_CHECK;

/* --- pricing.c -----------------------------------------------------------------------------------------------------
 */

/* Tries the offer on what stands, and takes off what it gives. With `tell`, notes it or its refusal in the result. */
enum cf_rc cf_evaluation_try(struct cf_evaluation *e, size_t offer, bool tell, struct cf_outcome *ret,
                             struct cf_error *err) CF_MUST_CHECK;
/* Back to where nothing was taken off; `applied` is the caller's to clear. */
void cf_evaluation_fresh(struct cf_evaluation *e);
/* Notes a refusal and opens its sentence; NULL for an automatic promotion, which is not reported. */
struct cf_refused *cf_evaluation_refuse(struct cf_evaluation *e, size_t offer, enum cf_rc rc, struct cf_reason *reason);

/* --- evaluation_tax.c ----------------------------------------------------------------------------------------------
 */

/* The tax of each line, and their sum, of what the lines cost now. */
enum cf_rc cf_evaluation_tax(struct cf_evaluation *e, struct cf_error *err) CF_MUST_CHECK;
/* What the sale would cost now, tax that is added included. */
enum cf_rc cf_evaluation_total(const struct cf_evaluation *e, int64_t *ret_minor, struct cf_error *err) CF_MUST_CHECK;

/* --- conditions.c --------------------------------------------------------------------------------------------------
 */

/* Time, shopper and place: what does not depend on the basket. CF_OK, or why not; with `tell`, in words. */
enum cf_rc cf_conditions_of_facts(struct cf_evaluation *e, size_t offer, bool tell);
/* Minimum and maximum, of the goods covered now. */
enum cf_rc cf_conditions_of_goods(struct cf_evaluation *e, size_t offer, bool tell);
/* What other offers bar. */
enum cf_rc cf_conditions_of_company(struct cf_evaluation *e, size_t offer, bool tell);

/* --- choice.c ------------------------------------------------------------------------------------------------------
 */

/* Sets not_chosen for the competing offers that the cheapest choice leaves out. */
enum cf_rc cf_choose_best(struct cf_evaluation *e, struct cf_error *err) CF_MUST_CHECK;

#endif
