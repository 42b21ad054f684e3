/*
 * app/core/reward_order_amount.c - an amount off the covered goods together, cut to what they are still worth; or, as
 * a price, what they cost together at most.
 *
 * Pure; thread-safe.
 */
#include "app/core/reward.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    int64_t off = promotion->amount_minor;
    (void)err;
    if (promotion->off == CF_OFF_PRICE)
        off = covered->left_minor > off ? covered->left_minor - off : 0;
    cf_reward_amount_off(covered, off, ret);
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    if (promotion->off == CF_OFF_PRICE)
        cf_reward_explain_off(promotion, reason);
    if (promotion->off == CF_OFF_PRICE || promotion->amount_minor <= given->minor)
        return;
    cf_reason_money(reason, promotion->amount_minor);
    cf_reason_text(reason, covered->room_minor < covered->left_minor ? " cut to the goods' floor prices"
                                                                     : " cut to what the goods still cost");
}

const struct cf_reward cf_reward_order_amount = {
    .kind = CF_REWARD_ORDER_AMOUNT, .give = give, .explain = explain, .check = cf_reward_check_amount};
