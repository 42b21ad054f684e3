/*
 * app/core/reward_member_price.c - covered goods cost the price that the catalogue has for members.
 *
 * Whether there is a member is a condition: conditions.c. Pure; thread-safe.
 */
#include "app/core/reward.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    (void)promotion;
    for (size_t i = 0; rc == CF_OK && i < covered->n; i++) {
        const struct cf_covered_line *line = &covered->lines[i];
        ret->weight[i] = 0;
        if (line->line->has_member_price)
            rc = cf_reward_price_line(line, line->pieces, line->line->member_price_minor, &ret->weight[i], err);
        ret->units_got += ret->weight[i] > 0;
    }
    if (rc == CF_OK)
        cf_reward_sum(covered, ret);
    return rc;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    (void)promotion;
    (void)covered;
    cf_reason_text(reason, given->units_got == 1 ? "member price of 1 line" : "member prices of ");
    if (given->units_got == 1)
        return;
    cf_reason_quantity(reason, (int64_t)given->units_got * 1000);
    cf_reason_text(reason, " lines");
}

static enum cf_rc check(const struct cf_promotion *promotion, struct cf_error *err)
{
    if (promotion->guests_only)
        return cf_fail(err, CF_E_RANGE, "guests_only contradicts member prices");
    return CF_OK;
}

const struct cf_reward cf_reward_member_price = {
    .kind = CF_REWARD_MEMBER_PRICE, .give = give, .explain = explain, .check = check};
