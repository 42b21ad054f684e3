/*
 * app/core/reward_unit_amount.c - an amount off each covered unit, cut to what the line is still worth.
 *
 * A unit is 1.000 of the quantity, as for prices: of weighed goods it is a kilogram, and 0.345 kg takes off 0.345 of
 * the amount, rounded once a line. Where only so many pieces are reached, what is weighed is one piece. Pure;
 * thread-safe.
 */
#include "app/core/units.h"

/* Of whole pieces: the first may get an amount of its own, or some nothing. */
static enum cf_rc off_pieces(const struct cf_promotion *promotion, int64_t qty_milli, int64_t *ret,
                             struct cf_error *err)
{
    int64_t first = 0, skipped = (int64_t)promotion->skip_units * 1000;
    qty_milli = qty_milli > skipped ? qty_milli - skipped : 0;
    if (promotion->first_minor > 0 && qty_milli >= 1000) {
        first = promotion->first_minor;
        qty_milli -= 1000;
    }
    enum cf_rc rc = cf_muldiv_round(promotion->amount_minor, qty_milli, 1000, ret, err);
    return rc == CF_OK ? cf_add_i64(*ret, first, ret, err) : rc;
}

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    uint32_t room[CF_CART_LINES_MAX];
    const uint32_t *reached = cf_units_reached(promotion, covered, room);
    for (size_t i = 0; i < covered->n; i++) {
        const struct cf_covered_line *c = &covered->lines[i];
        uint32_t pieces = reached == NULL ? c->pieces : reached[i];
        bool is_part = c->line->qty_milli % 1000 != 0 && pieces == 1; /* weighed: one piece, of so much */
        enum cf_rc rc =
            off_pieces(promotion, is_part ? c->line->qty_milli : (int64_t)pieces * 1000, &ret->weight[i], err);
        if (rc != CF_OK)
            return rc;
        int64_t costs = cf_units_value(c, pieces);
        ret->weight[i] = ret->weight[i] < costs ? ret->weight[i] : costs;
    }
    cf_units_use(covered, reached, ret);
    cf_reward_sum(covered, ret);
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    (void)given;
    cf_reason_money(reason, promotion->amount_minor);
    cf_reason_text(reason, " off each of ");
    if (promotion->max_units > 0)
        cf_reason_text(reason, "at most ");
    cf_reason_quantity(reason, promotion->max_units > 0 ? (int64_t)promotion->max_units * 1000 : covered->qty_milli);
    if (promotion->skip_units == 0)
        return;
    cf_reason_text(reason, ", after the first ");
    cf_reason_quantity(reason, (int64_t)promotion->skip_units * 1000);
    cf_reason_text(reason, " of a line");
}

static enum cf_rc check(const struct cf_promotion *promotion, struct cf_error *err)
{
    if (promotion->first_minor > 0 && promotion->skip_units > 0)
        return cf_fail(err, CF_E_RANGE, "first_minor contradicts skip_units");
    return cf_reward_check_amount(promotion, err);
}

const struct cf_reward cf_reward_unit_amount = {
    .kind = CF_REWARD_UNIT_AMOUNT, .give = give, .explain = explain, .check = check};
