/*
 * app/core/reward_order_percent.c - a percentage off the covered goods together, rounded once over them all.
 *
 * Pure; thread-safe.
 */
#include "app/core/reward.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    enum cf_rounding rounding = promotion->rounding == CF_ROUNDING_KIND ? CF_ROUNDING_ORDER : promotion->rounding;
    (void)err;
    cf_reward_percent_off(promotion, covered, promotion->percent_bp, rounding, ret);
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    (void)given;
    cf_reason_percent(reason, promotion->percent_bp);
    cf_reason_text(reason, " of ");
    cf_reason_money(reason, promotion->on_gross ? covered->gross_minor : covered->left_minor);
}

const struct cf_reward cf_reward_order_percent = {
    .kind = CF_REWARD_ORDER_PERCENT, .give = give, .explain = explain, .check = cf_reward_check_percent};
