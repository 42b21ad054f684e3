/*
 * app/core/reward_buy_get.c - for so many pieces bought of some goods, so many of the covered goods are cheaper.
 *
 * A piece that is bought is not also got. Where `buy` names nothing, the same goods are bought and got: then the
 * cheapest of all are got; or, with `pick` dearest, the goods form groups of buy_qty + get_qty from the dearest on, and
 * of each group those are got that are not dearer than what is bought. Pure; thread-safe.
 */
#include "app/core/units.h"

#include <assert.h>

/* How many pieces: got only, bought only, both. */
struct pieces_of {
    uint64_t got, bought, both;
    int64_t spend_minor; /* what the bought ones cost */
};

static struct pieces_of count_pieces(const struct cf_covered *covered)
{
    struct pieces_of of = {0};
    for (size_t i = 0; i < covered->n; i++) {
        const struct cf_covered_line *line = &covered->lines[i];
        of.got += line->got ? line->pieces : 0;
        of.bought += line->bought ? line->pieces : 0;
        of.both += line->got && line->bought ? line->pieces : 0;
        of.spend_minor += line->bought ? cf_units_value(line, line->pieces) : 0;
    }
    return of;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/*
 * Takes `want` pieces in the order of the runs, of those that could also be bought at most `spare`. What is taken
 * stands in runs[i].taken. Returns how many, and what of the spend on `buy` they take away.
 */
static uint64_t take(struct cf_run *runs, size_t n, const struct cf_covered *covered, uint64_t want, uint64_t spare,
                     int64_t *ret_spend_minor)
{
    uint64_t taken = 0;
    *ret_spend_minor = 0;
    for (size_t i = 0; i < n; i++) {
        const struct cf_covered_line *line = &covered->lines[runs[i].line];
        uint64_t here = least(runs[i].n, want - taken);
        if (line->bought) {
            here = least(here, spare);
            spare -= here;
            *ret_spend_minor += runs[i].value_minor * (int64_t)here;
        }
        runs[i].taken = (uint32_t)here;
        taken += here;
    }
    return taken;
}

/* By quantity: how often, and how many pieces then. */
static uint64_t pieces_by_quantity(const struct cf_promotion *p, const struct pieces_of *of, uint64_t limit,
                                   uint64_t *ret_times, uint64_t *ret_spare)
{
    uint64_t all = of->got + of->bought - of->both;
    uint64_t times = least(least(of->bought / p->buy_qty, of->got / p->get_qty), all / (p->buy_qty + p->get_qty));
    times = least(times, limit);
    uint64_t want = times * p->get_qty;
    if (p->partial && times < limit && of->bought >= (times + 1) * p->buy_qty) {
        uint64_t bought = (times + 1) * p->buy_qty;
        uint64_t more = least(of->got, all > bought ? all - bought : 0);
        more = least(more, want + p->get_qty);
        if (more > want) {
            want = more;
            times++;
        }
    }
    *ret_times = times;
    *ret_spare = of->bought - times * p->buy_qty;
    return want;
}

/* By spend: what is got does not count as bought. The most times that what is left pays for: with each time more less
 * is left, so a search by halves finds it. */
static uint64_t take_by_spend(const struct cf_promotion *p, const struct cf_covered *covered, struct cf_run *runs,
                              size_t n, const struct pieces_of *of, uint64_t limit, uint64_t *ret_times)
{
    int64_t away;
    uint64_t can = of->got / p->get_qty + (p->partial && of->got % p->get_qty != 0);
    uint64_t good = 0, most = least(least((uint64_t)of->spend_minor / (uint64_t)p->buy_minor, limit), can);
    while (good < most) {
        uint64_t times = good + (most - good + 1) / 2;
        (void)take(runs, n, covered, times * p->get_qty, UINT64_MAX, &away);
        if ((uint64_t)(of->spend_minor - away) / (uint64_t)p->buy_minor >= times)
            good = times;
        else
            most = times - 1;
    }
    *ret_times = good;
    return take(runs, n, covered, good * p->get_qty, UINT64_MAX, &away);
}

/* The same goods are bought and got. */
static enum cf_rc give_of_same(const struct cf_promotion *promotion, const struct cf_covered *covered,
                               struct cf_given *ret, struct cf_error *err)
{
    struct cf_promotion as_group = *promotion;
    struct cf_grouping grouping = {
        .group = promotion->buy_qty + promotion->get_qty, .get = promotion->get_qty, .units_max = UINT64_MAX};
    bool dearest = promotion->pick == CF_PICK_DEAREST;
    as_group.gather = dearest ? CF_GATHER_DEAREST : CF_GATHER_CHEAPEST;
    as_group.pick = CF_PICK_CHEAPEST;
    as_group.pick_across = !dearest || promotion->pick_across;
    return cf_group_pieces(&as_group, covered, &grouping, ret, err);
}

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    if (cf_goods_few_is_empty(&promotion->buy) && promotion->buy_minor == 0)
        return give_of_same(promotion, covered, ret, err);
    struct cf_pieces pieces;
    struct pieces_of of = count_pieces(covered);
    uint64_t limit = promotion->max_times > 0 ? promotion->max_times : UINT32_MAX, times = 0, spare = UINT64_MAX;
    int64_t away;
    cf_pieces_begin(&pieces, promotion, covered, ret);
    size_t n =
        cf_runs_make(promotion, covered, 0, covered->n, CF_RUNS_GOT, promotion->pick == CF_PICK_DEAREST, covered->runs);
    uint64_t want;
    if (promotion->buy_minor > 0) {
        want = take_by_spend(promotion, covered, covered->runs, n, &of, limit, &times);
    } else {
        want = pieces_by_quantity(promotion, &of, limit, &times, &spare);
        want = take(covered->runs, n, covered, want, spare, &away);
    }
    for (size_t i = 0; i < n && want > 0; i++)
        if (covered->runs[i].taken > 0) {
            cf_pieces_add(&pieces, &covered->runs[i], covered->runs[i].taken);
            cf_pieces_use(&pieces, &covered->runs[i], covered->runs[i].taken);
        }
    if (want > 0)
        cf_pieces_use_bought(&pieces, times * promotion->buy_qty);
    ret->units_of = of.got;
    ret->times = times;
    cf_pieces_finish(&pieces);
    return CF_OK;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    cf_reward_explain_units(covered, given, reason);
    cf_reason_text(reason, " ");
    cf_reward_explain_off(promotion, reason);
}

static enum cf_rc check(const struct cf_promotion *promotion, struct cf_error *err)
{
    if ((promotion->buy_qty == 0) == (promotion->buy_minor == 0))
        return cf_fail(err, CF_E_RANGE, "buy_qty or buy_minor, one of them");
    if (promotion->get_qty == 0)
        return cf_fail(err, CF_E_RANGE, "get_qty is 0");
    if (promotion->by_line && !cf_goods_few_is_empty(&promotion->buy))
        return cf_fail(err, CF_E_RANGE, "by_line with goods of its own to buy");
    return cf_reward_check_off(promotion, err);
}

const struct cf_reward cf_reward_buy_get = {
    .kind = CF_REWARD_BUY_GET, .give = give, .explain = explain, .check = check};
