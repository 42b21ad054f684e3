/*
 * app/core/reward_group.c - of each so many covered pieces some are cheaper, or all of them together: n for m, the nth
 * piece at a percentage, the cheapest of three free, any four for 10.00.
 *
 * Pure; thread-safe.
 */
#include "app/core/units.h"

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    struct cf_grouping grouping = {.group = promotion->group_qty,
                                   .get = promotion->get_qty > 0 ? promotion->get_qty : promotion->group_qty,
                                   .skip = promotion->get_nth > 0 ? promotion->get_nth - 1 : 0,
                                   .units_max = promotion->max_units > 0 ? promotion->max_units : UINT64_MAX,
                                   .together = promotion->get_qty == 0};
    return cf_group_pieces(promotion, covered, &grouping, ret, err);
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    cf_reward_explain_units(covered, given, reason);
    cf_reason_text(reason, " ");
    cf_reward_explain_off(promotion, reason);
    if (promotion->get_qty == 0 && promotion->off != CF_OFF_PERCENT) {
        cf_reason_text(reason, " for each ");
        cf_reason_quantity(reason, (int64_t)promotion->group_qty * 1000);
    }
}

static enum cf_rc check(const struct cf_promotion *promotion, struct cf_error *err)
{
    if (promotion->group_qty < 1)
        return cf_fail(err, CF_E_RANGE, "group_qty is 0");
    if (promotion->get_qty > promotion->group_qty)
        return cf_fail(err, CF_E_RANGE, "get_qty %lu is beyond group_qty %lu", (unsigned long)promotion->get_qty,
                       (unsigned long)promotion->group_qty);
    if (promotion->get_qty == 0 && (promotion->get_nth > 0 || promotion->max_units > 0))
        return cf_fail(err, CF_E_RANGE, "%s of groups that get all together",
                       promotion->get_nth > 0 ? "get_nth" : "max_units");
    if (promotion->get_nth > 0 &&
        (promotion->partial || promotion->get_nth - 1 + promotion->get_qty > promotion->group_qty))
        return cf_fail(err, CF_E_RANGE, "get_nth %lu %s", (unsigned long)promotion->get_nth,
                       promotion->partial ? "with partial" : "and get_qty are beyond group_qty");
    return cf_reward_check_off(promotion, err);
}

const struct cf_reward cf_reward_group = {.kind = CF_REWARD_GROUP, .give = give, .explain = explain, .check = check};
