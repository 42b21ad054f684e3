/*
 * app/core/reward_order_amount.c - an amount off the covered goods together, cut to what they are still worth.
 *
 * Pure; thread-safe.
 */
#include "app/core/reward.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, int64_t *ret_weight,
                       int64_t *ret_minor, struct cf_error *err)
{
    (void)err;
    for (size_t i = 0; i < covered->n; i++)
        ret_weight[i] = covered->lines[i].left_minor;
    *ret_minor = promotion->amount_minor < covered->left_minor ? promotion->amount_minor : covered->left_minor;
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_reason *reason)
{
    if (promotion->amount_minor <= covered->left_minor)
        return;
    cf_reason_money(reason, promotion->amount_minor);
    cf_reason_text(reason, " cut to what the goods still cost");
}

const struct cf_reward cf_reward_order_amount = {
    .kind = CF_REWARD_ORDER_AMOUNT, .give = give, .explain = explain, .check = cf_reward_check_amount};
