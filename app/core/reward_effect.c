/*
 * app/core/reward_effect.c - nothing off: only what a promotion gives beside money (points, a coupon, free delivery).
 *
 * Pure; thread-safe.
 */
#include "app/core/reward.h"

#include <string.h>

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    (void)promotion;
    (void)err;
    memset(ret->weight, 0, covered->n * sizeof *ret->weight);
    ret->minor = 0;
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    (void)promotion;
    (void)covered;
    (void)given;
    (void)reason;
}

static enum cf_rc check(const struct cf_promotion *promotion, struct cf_error *err)
{
    if (promotion->points_bp == 0 && promotion->points_more == 0 && promotion->issue_campaign == 0 &&
        !promotion->free_delivery)
        return cf_fail(err, CF_E_RANGE,
                       "an effect that has none: points_bp, points_more, issue_campaign, free_delivery");
    return CF_OK;
}

const struct cf_reward cf_reward_effect = {.kind = CF_REWARD_EFFECT, .give = give, .explain = explain, .check = check};
