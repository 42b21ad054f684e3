/*
 * app/core/reward_line_percent.c - a percentage off each covered line, rounded line by line.
 *
 * Pure; thread-safe.
 */
#include "app/core/reward.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, int64_t *ret_weight,
                       int64_t *ret_minor, struct cf_error *err)
{
    int64_t sum = 0;
    for (size_t i = 0; i < covered->n; i++) {
        enum cf_rc rc =
            cf_muldiv_round(covered->lines[i].left_minor, promotion->percent_bp, 10000, &ret_weight[i], err);
        if (rc == CF_OK)
            rc = cf_add_i64(sum, ret_weight[i], &sum, err);
        if (rc != CF_OK)
            return rc;
    }
    *ret_minor = sum;
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_reason *reason)
{
    cf_reason_percent(reason, promotion->percent_bp);
    cf_reason_text(reason, " off ");
    if (covered->n == 1) {
        cf_reason_money(reason, covered->left_minor);
        return;
    }
    cf_reason_text(reason, "each of ");
    cf_reason_quantity(reason, (int64_t)covered->n * 1000);
    cf_reason_text(reason, " lines");
}

const struct cf_reward cf_reward_line_percent = {
    .kind = CF_REWARD_LINE_PERCENT, .give = give, .explain = explain, .check = cf_reward_check_percent};
