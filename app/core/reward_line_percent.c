/*
 * app/core/reward_line_percent.c - a percentage off each covered line, rounded line by line.
 *
 * Pure; thread-safe.
 */
#include "app/core/reward.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    enum cf_rounding rounding = promotion->rounding == CF_ROUNDING_KIND ? CF_ROUNDING_LINE : promotion->rounding;
    (void)err;
    cf_reward_percent_off(promotion, covered, promotion->percent_bp, rounding, ret);
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    (void)given;
    cf_reason_percent(reason, promotion->percent_bp);
    cf_reason_text(reason, " off ");
    if (promotion->max_units > 0) {
        cf_reason_text(reason, "at most ");
        cf_reason_quantity(reason, (int64_t)promotion->max_units * 1000);
        cf_reason_text(reason, promotion->max_units_by_line ? " of each line" : " pieces");
        return;
    }
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
