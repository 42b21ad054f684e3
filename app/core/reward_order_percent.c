/*
 * app/core/reward_order_percent.c - a percentage off the covered goods together, rounded once over them all.
 *
 * Pure; thread-safe.
 */
#include "app/core/reward.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, int64_t *ret_weight,
                       int64_t *ret_minor, struct cf_error *err)
{
    enum cf_rc rc = cf_muldiv_round(covered->left_minor, promotion->percent_bp, 10000, ret_minor, err);
    if (rc != CF_OK)
        return rc;
    for (size_t i = 0; i < covered->n; i++)
        ret_weight[i] = covered->lines[i].left_minor;
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_reason *reason)
{
    cf_reason_percent(reason, promotion->percent_bp);
    cf_reason_text(reason, " of ");
    cf_reason_money(reason, covered->left_minor);
}

const struct cf_reward cf_reward_order_percent = {
    .kind = CF_REWARD_ORDER_PERCENT, .give = give, .explain = explain, .check = cf_reward_check_percent};
