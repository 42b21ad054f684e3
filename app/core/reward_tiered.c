/*
 * app/core/reward_tiered.c - the more one spends or takes the more comes off: the highest tier that is reached counts.
 *
 * Spend is judged as minima are (min_over, min_after, min_tax), or of each line by itself. Pure; thread-safe.
 */
#include "app/core/units.h"

#include <string.h>

/* The highest tier from which on `measure` is; n_tiers if it is below them all. */
static size_t tier_of(const struct cf_promotion *promotion, int64_t measure)
{
    size_t reached = promotion->n_tiers;
    for (size_t i = 0; i < promotion->n_tiers && promotion->tiers[i].from <= measure; i++)
        reached = i;
    return reached;
}

static enum cf_rc price_lines(const struct cf_covered *covered, int64_t price_minor, struct cf_given *ret,
                              struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < covered->n; i++)
        rc = cf_reward_price_line(&covered->lines[i], covered->lines[i].pieces, price_minor, &ret->weight[i], err);
    if (rc == CF_OK)
        cf_reward_sum(covered, ret);
    return rc;
}

static enum cf_rc give_line(const struct cf_promotion *promotion, const struct cf_covered_line *line, int64_t value,
                            int64_t *ret_minor, struct cf_error *err)
{
    switch (promotion->off) {
    case CF_OFF_PERCENT:
        *ret_minor =
            cf_reward_percent(promotion, (uint32_t)value, promotion->on_gross ? line->gross_minor : line->left_minor);
        return CF_OK;
    case CF_OFF_AMOUNT:
        *ret_minor = value;
        return CF_OK;
    case CF_OFF_PRICE:
        return cf_reward_price_line(line, line->pieces, value, ret_minor, err);
    }
    return CF_OK;
}

static enum cf_rc give_by_line(const struct cf_promotion *promotion, const struct cf_covered *covered,
                               struct cf_given *ret, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < covered->n; i++) {
        const struct cf_covered_line *line = &covered->lines[i];
        int64_t spend = promotion->min_after ? line->left_minor : line->gross_minor;
        size_t tier = tier_of(promotion, promotion->tier_by == CF_TIER_BY_QTY ? line->line->qty_milli : spend);
        ret->weight[i] = 0;
        if (tier < promotion->n_tiers) {
            ret->tier = tier;
            rc = give_line(promotion, line, promotion->tiers[tier].value, &ret->weight[i], err);
        }
    }
    if (rc == CF_OK)
        cf_reward_sum(covered, ret);
    return rc;
}

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    if (promotion->tier_by_line)
        return give_by_line(promotion, covered, ret, err);
    size_t tier =
        tier_of(promotion, promotion->tier_by == CF_TIER_BY_QTY ? covered->measure_milli : covered->measure_minor);
    ret->minor = 0;
    memset(ret->weight, 0, covered->n * sizeof *ret->weight);
    ret->tier = tier;
    if (tier == promotion->n_tiers)
        return CF_OK;
    int64_t value = promotion->tiers[tier].value;
    switch (promotion->off) {
    case CF_OFF_PERCENT:
        cf_reward_percent_off(promotion, covered, (uint32_t)value,
                              promotion->rounding == CF_ROUNDING_KIND ? CF_ROUNDING_ORDER : promotion->rounding, ret);
        return CF_OK;
    case CF_OFF_AMOUNT:
        cf_reward_amount_off(covered, value, ret);
        return CF_OK;
    case CF_OFF_PRICE:
        return price_lines(covered, value, ret, err);
    }
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    const struct cf_tier *tier = &promotion->tiers[given->tier < promotion->n_tiers ? given->tier : 0];
    (void)covered;
    switch (promotion->off) {
    case CF_OFF_PERCENT:
        cf_reason_percent(reason, (uint32_t)tier->value);
        break;
    case CF_OFF_AMOUNT:
        cf_reason_money(reason, tier->value);
        break;
    case CF_OFF_PRICE:
        cf_reason_money(reason, tier->value);
        cf_reason_text(reason, " each");
        break;
    }
    cf_reason_text(reason, " from ");
    if (promotion->tier_by == CF_TIER_BY_QTY)
        cf_reason_quantity(reason, tier->from);
    else
        cf_reason_money(reason, tier->from);
    cf_reason_text(reason, " on");
}

static enum cf_rc check(const struct cf_promotion *promotion, struct cf_error *err)
{
    if (promotion->n_tiers == 0 || promotion->n_tiers > CF_TIERS_MAX)
        return cf_fail(err, CF_E_RANGE, "tiers: %zu, not 1 to %d", promotion->n_tiers, CF_TIERS_MAX);
    for (size_t i = 0; i < promotion->n_tiers; i++)
        if (promotion->tiers[i].value < 0 ||
            promotion->tiers[i].value > (promotion->off == CF_OFF_PERCENT ? 10000 : CF_PRICE_MINOR_MAX))
            return cf_fail(err, CF_E_RANGE, "tiers[%zu].value %lld", i, (long long)promotion->tiers[i].value);
    return CF_OK;
}

const struct cf_reward cf_reward_tiered = {.kind = CF_REWARD_TIERED, .give = give, .explain = explain, .check = check};
