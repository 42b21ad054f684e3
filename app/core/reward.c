/*
 * app/core/reward.c - the table of kinds of reward, and what several of them do. Pure; thread-safe.
 */
#include "app/core/reward.h"

#include "app/core/units.h"

static const struct cf_reward *const rewards[CF_REWARD_KINDS + 1] = {
    [CF_REWARD_ORDER_PERCENT] = &cf_reward_order_percent,
    [CF_REWARD_ORDER_AMOUNT] = &cf_reward_order_amount,
    [CF_REWARD_LINE_PERCENT] = &cf_reward_line_percent,
    [CF_REWARD_UNIT_AMOUNT] = &cf_reward_unit_amount,
    [CF_REWARD_LINE_AMOUNT] = &cf_reward_line_amount,
    [CF_REWARD_UNIT_PRICE] = &cf_reward_unit_price,
    [CF_REWARD_BUY_GET] = &cf_reward_buy_get,
    [CF_REWARD_GROUP] = &cf_reward_group,
    [CF_REWARD_BUNDLE] = &cf_reward_bundle,
    [CF_REWARD_TIERED] = &cf_reward_tiered,
    [CF_REWARD_MEMBER_PRICE] = &cf_reward_member_price,
    [CF_REWARD_GIFT] = &cf_reward_gift,
    [CF_REWARD_EFFECT] = &cf_reward_effect,
};

const struct cf_reward *cf_reward_of(enum cf_reward_kind kind)
{
    return (unsigned)kind <= CF_REWARD_KINDS ? rewards[kind] : NULL;
}

enum cf_rc cf_reward_check_percent(const struct cf_promotion *promotion, struct cf_error *err)
{
    if (promotion->percent_bp < 1 || promotion->percent_bp > 10000)
        return cf_fail(err, CF_E_RANGE, "percent_bp %lu is not in 1..10000", (unsigned long)promotion->percent_bp);
    return CF_OK;
}

enum cf_rc cf_reward_check_amount(const struct cf_promotion *promotion, struct cf_error *err)
{
    if (promotion->amount_minor < 1 || promotion->amount_minor > CF_PRICE_MINOR_MAX)
        return cf_fail(err, CF_E_RANGE, "amount_minor %lld is not in 1..%lld", (long long)promotion->amount_minor,
                       (long long)CF_PRICE_MINOR_MAX);
    return CF_OK;
}

enum cf_rc cf_reward_check_off(const struct cf_promotion *promotion, struct cf_error *err)
{
    switch (promotion->off) {
    case CF_OFF_PERCENT:
        return cf_reward_check_percent(promotion, err);
    case CF_OFF_AMOUNT:
        return cf_reward_check_amount(promotion, err);
    case CF_OFF_PRICE:
        if (promotion->amount_minor < 0 || promotion->amount_minor > CF_PRICE_MINOR_MAX)
            return cf_fail(err, CF_E_RANGE, "amount_minor %lld is not in 0..%lld", (long long)promotion->amount_minor,
                           (long long)CF_PRICE_MINOR_MAX);
        return CF_OK;
    }
    return cf_fail(err, CF_E_RANGE, "off %d", (int)promotion->off);
}

int64_t cf_reward_percent(const struct cf_promotion *promotion, uint32_t percent_bp, int64_t minor)
{
    unsigned __int128 product = (unsigned __int128)(uint64_t)minor * percent_bp;
    uint64_t more = 5000;
    if (promotion->round_to != CF_ROUND_NEAREST)
        more = promotion->round_to == CF_ROUND_UP ? 9999 : 0;
    if (product <= UINT64_MAX - 9999)
        return (int64_t)(((uint64_t)product + more) / 10000);
    return (int64_t)((product + more) / 10000);
}

static int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void cf_reward_sum(const struct cf_covered *covered, struct cf_given *ret)
{
    int64_t sum = 0;
    for (size_t i = 0; i < covered->n; i++) {
        ret->weight[i] = at_most(ret->weight[i], covered->lines[i].room_minor);
        sum += ret->weight[i]; /* no overflow: a part of what the lines cost */
    }
    ret->minor = sum;
}

static int64_t percent_of_line(const struct cf_promotion *promotion, const struct cf_covered_line *line,
                               const uint32_t *reached, uint32_t percent_bp, enum cf_rounding rounding)
{
    struct cf_covered_line base = *line;
    uint32_t units = reached != NULL ? *reached : line->pieces;
    if (promotion->on_gross)
        base.left_minor = line->gross_minor;
    if (rounding != CF_ROUNDING_UNIT || base.pieces == 1)
        return cf_reward_percent(promotion, percent_bp,
                                 units == base.pieces ? base.left_minor : cf_units_value(&base, units));
    int64_t each = base.left_minor / base.pieces;
    uint32_t dearer = (uint32_t)(base.left_minor % base.pieces);
    dearer = dearer < units ? dearer : units;
    return cf_reward_percent(promotion, percent_bp, each + 1) * dearer +
           cf_reward_percent(promotion, percent_bp, each) * (units - dearer);
}

void cf_reward_percent_off(const struct cf_promotion *promotion, const struct cf_covered *covered, uint32_t percent_bp,
                           enum cf_rounding rounding, struct cf_given *ret)
{
    uint32_t room[CF_CART_LINES_MAX];
    const uint32_t *reached = cf_units_reached(promotion, covered, room);
    if (rounding != CF_ROUNDING_ORDER) {
        for (size_t i = 0; i < covered->n; i++)
            ret->weight[i] =
                percent_of_line(promotion, &covered->lines[i], reached ? &reached[i] : NULL, percent_bp, rounding);
        cf_units_use(covered, reached, ret);
        cf_reward_sum(covered, ret);
        return;
    }
    int64_t base = 0;
    for (size_t i = 0; i < covered->n; i++) {
        const struct cf_covered_line *line = &covered->lines[i];
        ret->weight[i] = reached ? cf_units_value(line, reached[i]) : line->left_minor;
        base += promotion->on_gross && !reached ? line->gross_minor : ret->weight[i];
    }
    ret->minor = at_most(cf_reward_percent(promotion, percent_bp, base), covered->room_minor);
    int64_t weights = 0;
    for (size_t i = 0; i < covered->n; i++)
        weights += ret->weight[i];
    cf_units_use(covered, reached, ret);
    ret->minor = at_most(ret->minor, weights);
}

void cf_reward_amount_off(const struct cf_covered *covered, int64_t amount_minor, struct cf_given *ret)
{
    for (size_t i = 0; i < covered->n; i++)
        ret->weight[i] = covered->lines[i].left_minor;
    ret->minor = at_most(amount_minor, covered->room_minor);
}

enum cf_rc cf_reward_price_line(const struct cf_covered_line *line, uint32_t reached, int64_t price_minor,
                                int64_t *ret_minor, struct cf_error *err)
{
    int64_t costs = reached == line->pieces ? line->left_minor : cf_units_value(line, reached), wanted;
    enum cf_rc rc = cf_muldiv_round(price_minor,
                                    line->line->qty_milli % 1000 != 0 ? line->line->qty_milli : (int64_t)reached * 1000,
                                    1000, &wanted, err);
    if (rc == CF_OK)
        *ret_minor = costs > wanted ? at_most(costs - wanted, line->room_minor) : 0;
    return rc;
}

void cf_reward_explain_off(const struct cf_promotion *promotion, struct cf_reason *reason)
{
    switch (promotion->off) {
    case CF_OFF_PERCENT:
        if (promotion->percent_bp == 10000) {
            cf_reason_text(reason, "free");
        } else if (promotion->percent_bp == 5000) {
            cf_reason_text(reason, "at half price");
        } else {
            cf_reason_text(reason, "at ");
            cf_reason_percent(reason, promotion->percent_bp);
            cf_reason_text(reason, " off");
        }
        return;
    case CF_OFF_AMOUNT:
        cf_reason_money(reason, promotion->amount_minor);
        cf_reason_text(reason, " off");
        return;
    case CF_OFF_PRICE:
        cf_reason_text(reason, "for ");
        cf_reason_money(reason, promotion->amount_minor);
        return;
    }
}

void cf_reward_explain_units(const struct cf_covered *covered, const struct cf_given *given, struct cf_reason *reason)
{
    const struct cf_cart_line *one = NULL;
    bool alike = true;
    for (size_t i = 0; i < covered->n; i++) {
        if (given->weight[i] == 0)
            continue;
        alike = alike && (one == NULL || one->product == covered->lines[i].line->product);
        one = covered->lines[i].line;
    }
    cf_reason_quantity(reason, (int64_t)given->units_got * 1000);
    if (given->units_of > given->units_got) {
        cf_reason_text(reason, " of ");
        cf_reason_quantity(reason, (int64_t)given->units_of * 1000);
    }
    cf_reason_text(reason, " ");
    cf_reason_text(reason, alike && one != NULL && one->name[0] != '\0' ? one->name : "pieces");
}
