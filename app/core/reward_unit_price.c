/*
 * app/core/reward_unit_price.c - each covered unit costs a fixed price, if it costs more.
 *
 * A unit is 1.000 of the quantity. Pure; thread-safe.
 */
#include "app/core/units.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    uint32_t room[CF_CART_LINES_MAX];
    const uint32_t *reached = cf_units_reached(promotion, covered, room);
    for (size_t i = 0; i < covered->n; i++) {
        const struct cf_covered_line *c = &covered->lines[i];
        enum cf_rc rc = cf_reward_price_line(c, reached != NULL ? reached[i] : c->pieces, promotion->amount_minor,
                                             &ret->weight[i], err);
        if (rc != CF_OK)
            return rc;
    }
    cf_units_use(covered, reached, ret);
    cf_reward_sum(covered, ret);
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    (void)covered;
    (void)given;
    cf_reason_money(reason, promotion->amount_minor);
    cf_reason_text(reason, " each");
}

static enum cf_rc check(const struct cf_promotion *promotion, struct cf_error *err)
{
    if (promotion->amount_minor < 0 || promotion->amount_minor > CF_PRICE_MINOR_MAX)
        return cf_fail(err, CF_E_RANGE, "amount_minor %lld is not in 0..%lld", (long long)promotion->amount_minor,
                       (long long)CF_PRICE_MINOR_MAX);
    return CF_OK;
}

const struct cf_reward cf_reward_unit_price = {
    .kind = CF_REWARD_UNIT_PRICE, .give = give, .explain = explain, .check = check};
