/*
 * app/core/reward_unit_amount.c - an amount off each covered unit, cut to what the line is still worth.
 *
 * A unit is 1.000 of the quantity, as for prices: of weighed goods it is a kilogram, and 0.345 kg takes off 0.345 of
 * the amount, rounded once a line. Pure; thread-safe.
 */
#include "app/core/reward.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, int64_t *ret_weight,
                       int64_t *ret_minor, struct cf_error *err)
{
    int64_t sum = 0;
    for (size_t i = 0; i < covered->n; i++) {
        const struct cf_covered_line *c = &covered->lines[i];
        int64_t off;
        enum cf_rc rc = cf_muldiv_round(promotion->amount_minor, c->line->qty_milli, 1000, &off, err);
        if (rc != CF_OK)
            return rc;
        ret_weight[i] = off < c->left_minor ? off : c->left_minor;
        rc = cf_add_i64(sum, ret_weight[i], &sum, err);
        if (rc != CF_OK)
            return rc;
    }
    *ret_minor = sum;
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_reason *reason)
{
    cf_reason_money(reason, promotion->amount_minor);
    cf_reason_text(reason, " off each of ");
    cf_reason_quantity(reason, covered->qty_milli);
}

const struct cf_reward cf_reward_unit_amount = {
    .kind = CF_REWARD_UNIT_AMOUNT, .give = give, .explain = explain, .check = cf_reward_check_amount};
