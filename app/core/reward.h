/*
 * app/core/reward.h - what a kind of reward is: how much it takes off covered goods, from which lines, and in words.
 *
 * Private to app/core. A new kind is one file reward_<kind>.c, one declaration here and one row in reward.c. A reward
 * decides only its own arithmetic: order, conditions, caps and the sharing of cents are pricing.c's. Pure.
 */
#ifndef CF_CORE_REWARD_H
#define CF_CORE_REWARD_H

#include "app/core/reason.h"

/* The lines that a promotion covers, in the cart's settled order. For one that claims, without the pieces that others
 * claimed before it and what those cost. */
struct cf_covered_line {
    const struct cf_cart_line *line;
    int64_t gross_minor;
    int64_t left_minor; /* what earlier promotions left of it, >= 0 */
    int64_t room_minor; /* what may still be taken off: down to the floor price; <= left_minor */
    uint32_t pieces;    /* left_minor is shared over these; what is weighed is one piece */
    bool got;           /* among the covered goods */
    bool bought;        /* named by `buy` */
    uint8_t slots;      /* bit s: named by slot s */
};
struct cf_run;
struct cf_covered {
    size_t n;
    enum cf_tax_mode tax_mode;
    int64_t gross_minor; /* sums over the lines that are got */
    int64_t left_minor;
    int64_t room_minor;
    int64_t qty_milli;
    int64_t measure_minor; /* what minimum and tiers of spend are judged on, over min_over */
    int64_t measure_milli;
    const struct cf_covered_line *lines;
    struct cf_run *runs; /* scratch for CF_RUNS_MAX */
    int64_t *scratch;    /* for CF_CART_LINES_MAX */
};

/*
 * Gives `minor` off, to be shared in proportion to weight[0..covered->n). 0 <= weight[i] <= left_minor of line i, and
 * 0 <= minor <= the sum of them and the sum of room_minor; where it equals the sum of the weights and none is beyond
 * its room, each line gets its weight exactly, so a reward that decides line by line returns its lines' discounts as
 * weights.
 */
struct cf_given {
    int64_t *weight;
    uint32_t
        *used; /* pieces of each line that serve nothing else that claims; NULL: nobody asks. Zeroed by the caller */
    bool by_piece; /* `used` says which; else all pieces of each line that something comes off */
    int64_t minor;
    /* for the explanation */
    uint64_t units_got, units_of;
    uint64_t times;
    size_t tier;           /* of a TIERED */
    int64_t lacking_units; /* of a GIFT: not in the basket yet */
};
struct cf_reward {
    enum cf_reward_kind kind;
    enum cf_rc (*give)(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err);
    /* In a few words, how the amount came about: "20% of ¥97.50". May append nothing. */
    void (*explain)(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason);
    /* CF_E_RANGE naming the field that does not suit this kind. */
    enum cf_rc (*check)(const struct cf_promotion *promotion, struct cf_error *err);
};

extern const struct cf_reward cf_reward_order_percent;
extern const struct cf_reward cf_reward_order_amount;
extern const struct cf_reward cf_reward_line_percent;
extern const struct cf_reward cf_reward_unit_amount;
extern const struct cf_reward cf_reward_line_amount;
extern const struct cf_reward cf_reward_unit_price;
extern const struct cf_reward cf_reward_buy_get;
extern const struct cf_reward cf_reward_group;
extern const struct cf_reward cf_reward_bundle;
extern const struct cf_reward cf_reward_tiered;
extern const struct cf_reward cf_reward_member_price;
extern const struct cf_reward cf_reward_gift;
extern const struct cf_reward cf_reward_effect;

/* NULL for a kind that this version does not know. */
const struct cf_reward *cf_reward_of(enum cf_reward_kind kind);

/* --- what kinds share --------------------------------------------------------------------------------------------- */

enum cf_rc cf_reward_check_percent(const struct cf_promotion *promotion, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_reward_check_amount(const struct cf_promotion *promotion, struct cf_error *err) CF_MUST_CHECK;
/* The figure that `off` asks for. A price of nothing is a gift and allowed. */
enum cf_rc cf_reward_check_off(const struct cf_promotion *promotion, struct cf_error *err) CF_MUST_CHECK;

/* percent_bp of an amount >= 0, rounded as the promotion says. Never more than the amount. */
int64_t cf_reward_percent(const struct cf_promotion *promotion, uint32_t percent_bp, int64_t minor);
/* A percentage off the covered lines, of the units that the promotion reaches, rounded at `rounding`. */
void cf_reward_percent_off(const struct cf_promotion *promotion, const struct cf_covered *covered, uint32_t percent_bp,
                           enum cf_rounding rounding, struct cf_given *ret);
/* An amount off them together. */
void cf_reward_amount_off(const struct cf_covered *covered, int64_t amount_minor, struct cf_given *ret);
/* Each reached unit of line i down to price_minor: how much that takes off, at most its room. */
enum cf_rc cf_reward_price_line(const struct cf_covered_line *line, uint32_t reached, int64_t price_minor,
                                int64_t *ret_minor, struct cf_error *err) CF_MUST_CHECK;
/* Sums the weights into ret->minor, each cut to its room. */
void cf_reward_sum(const struct cf_covered *covered, struct cf_given *ret);
/* "free", "at half price", "at 20% off", "for ¥5.00", "¥5.00 off": what `off` does to goods. */
void cf_reward_explain_off(const struct cf_promotion *promotion, struct cf_reason *reason);
/* "2 of 3 masks": the name of the goods if they are all of one product. */
void cf_reward_explain_units(const struct cf_covered *covered, const struct cf_given *given, struct cf_reason *reason);

#endif
