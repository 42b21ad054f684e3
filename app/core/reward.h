/*
 * app/core/reward.h - what a kind of reward is: how much it takes off covered goods, from which lines, and in words.
 *
 * Private to app/core. A new kind is one file reward_<kind>.c, one declaration here and one row in reward.c. A reward
 * decides only its own arithmetic: order, conditions, caps and the sharing of cents are pricing.c's. Pure.
 */
#ifndef CF_CORE_REWARD_H
#define CF_CORE_REWARD_H

#include "app/core/reason.h"

/* The lines that a promotion covers, in the cart's settled order. */
struct cf_covered_line {
    const struct cf_cart_line *line;
    int64_t gross_minor;
    int64_t left_minor; /* what earlier promotions left of it, >= 0 */
};
struct cf_covered {
    size_t n;
    int64_t gross_minor; /* sums over the lines */
    int64_t left_minor;
    int64_t qty_milli;
    const struct cf_covered_line *lines;
};

/*
 * Gives *ret_minor off, to be shared in proportion to ret_weight[0..covered->n). 0 <= ret_weight[i] <= left_minor of
 * line i, and 0 <= *ret_minor <= sum of ret_weight; where it equals that sum each line gets its weight exactly, so a
 * reward that decides line by line returns its lines' discounts as weights.
 */
struct cf_reward {
    enum cf_reward_kind kind;
    enum cf_rc (*give)(const struct cf_promotion *promotion, const struct cf_covered *covered, int64_t *ret_weight,
                       int64_t *ret_minor, struct cf_error *err);
    /* In a few words, how the amount came about: "20% of ¥97.50". May append nothing. */
    void (*explain)(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_reason *reason);
    /* CF_E_RANGE naming the field that does not suit this kind. */
    enum cf_rc (*check)(const struct cf_promotion *promotion, struct cf_error *err);
};

extern const struct cf_reward cf_reward_order_percent;
extern const struct cf_reward cf_reward_order_amount;
extern const struct cf_reward cf_reward_line_percent;
extern const struct cf_reward cf_reward_unit_amount;

/* NULL for a kind that this version does not know. */
const struct cf_reward *cf_reward_of(enum cf_reward_kind kind);

/* The two checks that kinds share. */
enum cf_rc cf_reward_check_percent(const struct cf_promotion *promotion, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_reward_check_amount(const struct cf_promotion *promotion, struct cf_error *err) CF_MUST_CHECK;

#endif
