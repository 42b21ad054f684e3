/*
 * app/core/reward_gift.c - so many pieces of the covered goods are free, once or for each buy_qty or buy_minor of
 * `buy`.
 *
 * What of them is not in the basket is told as an effect, so that the cashier adds it; then it is free. Pure;
 * thread-safe.
 */
#include "app/core/units.h"

/* How often: by what is bought beside the gifts. */
static uint64_t how_often(const struct cf_promotion *p, const struct cf_covered *covered)
{
    uint64_t bought = 0, limit = p->max_times > 0 ? p->max_times : CF_GROUP_QTY_MAX, times = 1;
    int64_t spend = 0;
    for (size_t i = 0; i < covered->n; i++) {
        const struct cf_covered_line *line = &covered->lines[i];
        if (!line->bought || line->got)
            continue;
        bought += line->pieces;
        spend += line->left_minor;
    }
    if (p->buy_qty > 0)
        times = bought / p->buy_qty;
    if (p->buy_minor > 0)
        times = (uint64_t)spend / (uint64_t)p->buy_minor;
    return times < limit ? times : limit;
}

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    struct cf_promotion free_of = {.off = CF_OFF_PRICE, .ties = promotion->ties, .rank_tax = promotion->rank_tax};
    struct cf_pieces pieces;
    (void)err;
    ret->times = how_often(promotion, covered);
    uint64_t want = ret->times * promotion->get_qty;
    cf_pieces_begin(&pieces, &free_of, covered, ret);
    size_t n =
        cf_runs_make(&free_of, covered, 0, covered->n, CF_RUNS_GOT, promotion->pick == CF_PICK_DEAREST, covered->runs);
    for (size_t i = 0; i < n && want > 0; i++) {
        uint32_t here = covered->runs[i].n < want ? covered->runs[i].n : (uint32_t)want;
        cf_pieces_add(&pieces, &covered->runs[i], here);
        cf_pieces_use(&pieces, &covered->runs[i], here);
        want -= here;
    }
    cf_pieces_use_bought(&pieces, ret->times * promotion->buy_qty);
    ret->lacking_units = (int64_t)want;
    cf_pieces_finish(&pieces);
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    (void)promotion;
    cf_reward_explain_units(covered, given, reason);
    cf_reason_text(reason, " as a gift");
}

static enum cf_rc check(const struct cf_promotion *promotion, struct cf_error *err)
{
    if (promotion->goods.n_products == 0)
        return cf_fail(err, CF_E_RANGE, "goods name no product to give");
    if (promotion->get_qty == 0)
        return cf_fail(err, CF_E_RANGE, "get_qty is 0");
    return CF_OK;
}

const struct cf_reward cf_reward_gift = {.kind = CF_REWARD_GIFT, .give = give, .explain = explain, .check = check};
