/*
 * app/core/reward.c - the table of kinds of reward. Pure; thread-safe.
 */
#include "app/core/reward.h"

static const struct cf_reward *const rewards[] = {
    &cf_reward_order_percent,
    &cf_reward_order_amount,
    &cf_reward_line_percent,
    &cf_reward_unit_amount,
};

const struct cf_reward *cf_reward_of(enum cf_reward_kind kind)
{
    for (size_t i = 0; i < sizeof rewards / sizeof rewards[0]; i++)
        if (rewards[i]->kind == kind)
            return rewards[i];
    return NULL;
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
