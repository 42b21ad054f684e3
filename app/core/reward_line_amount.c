/*
 * app/core/reward_line_amount.c - an amount off each covered line, cut to what it still costs.
 *
 * Pure; thread-safe.
 */
#include "app/core/reward.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    (void)err;
    for (size_t i = 0; i < covered->n; i++)
        ret->weight[i] = promotion->amount_minor;
    cf_reward_sum(covered, ret);
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    (void)given;
    cf_reason_money(reason, promotion->amount_minor);
    cf_reason_text(reason, " off each of ");
    cf_reason_quantity(reason, (int64_t)covered->n * 1000);
    cf_reason_text(reason, " lines");
}

const struct cf_reward cf_reward_line_amount = {
    .kind = CF_REWARD_LINE_AMOUNT, .give = give, .explain = explain, .check = cf_reward_check_amount};
