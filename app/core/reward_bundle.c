/*
 * app/core/reward_bundle.c - one piece, or some, of each slot together: mix and match at a price.
 *
 * Slots are filled in turn, each from what is left, dearest or cheapest first as `gather` says; the slot with the
 * fewest pieces to choose from goes first. So where slots overlap it can miss a bundle that a cleverer choice would
 * find: docs/pricing.md says so. Pure; thread-safe.
 */
#include "app/core/units.h"

#include <assert.h>
#include <string.h>

struct filling {
    const struct cf_promotion *promotion;
    const struct cf_covered *covered;
    size_t n; /* runs */
    size_t order[CF_SLOTS_MAX];
    uint32_t count[CF_RUNS_MAX]; /* of each run in the bundle in hand */
};

static bool serves(const struct filling *f, size_t run, size_t slot)
{
    return (f->covered->lines[f->covered->runs[run].line].slots >> slot & 1) != 0;
}

static void order_slots(struct filling *f)
{
    uint64_t choice[CF_SLOTS_MAX] = {0};
    for (size_t s = 0; s < f->promotion->n_slots; s++) {
        for (size_t i = 0; i < f->n; i++)
            choice[s] += serves(f, i, s) ? f->covered->runs[i].n : 0;
        size_t at = s;
        for (; at > 0 && choice[f->order[at - 1]] > choice[s]; at--)
            f->order[at] = f->order[at - 1];
        f->order[at] = s;
    }
}

/* Fills one bundle from the pieces that are not taken. */
static bool fill(struct filling *f)
{
    struct cf_run *runs = f->covered->runs;
    memset(f->count, 0, f->n * sizeof *f->count);
    for (size_t k = 0; k < f->promotion->n_slots; k++) {
        size_t slot = f->order[k];
        uint32_t want = f->promotion->slots[slot].qty;
        for (size_t i = 0; i < f->n && want > 0; i++) {
            uint32_t here = runs[i].n - runs[i].taken - f->count[i];
            if (here == 0 || !serves(f, i, slot))
                continue;
            here = here < want ? here : want;
            f->count[i] += here;
            want -= here;
        }
        if (want > 0)
            return false;
    }
    return true;
}

/* How often the bundle in hand can be made of the same runs. */
static uint32_t how_often(const struct filling *f, uint64_t limit)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->count[i] == 0)
            continue;
        uint64_t times = (f->covered->runs[i].n - f->covered->runs[i].taken) / f->count[i];
        limit = times < limit ? times : limit;
    }
    return (uint32_t)limit;
}

static enum cf_rc give(const struct cf_promotion *promotion, const struct cf_covered *covered, struct cf_given *ret,
                       struct cf_error *err)
{
    struct filling f = {.promotion = promotion, .covered = covered};
    struct cf_pieces pieces;
    uint64_t limit = promotion->max_times > 0 ? promotion->max_times : UINT32_MAX;
    enum cf_rc rc = CF_OK;
    cf_pieces_begin(&pieces, promotion, covered, ret);
    f.n = cf_runs_make(promotion, covered, 0, covered->n, CF_RUNS_GOT, promotion->gather == CF_GATHER_DEAREST,
                       covered->runs);
    order_slots(&f);
    while (rc == CF_OK && limit > 0 && fill(&f)) {
        const struct cf_run *runs[CF_RUNS_MAX];
        uint32_t count[CF_RUNS_MAX];
        uint32_t times = how_often(&f, limit);
        size_t parts = 0;
        assert(times > 0);
        for (size_t i = 0; i < f.n; i++) {
            if (f.count[i] == 0)
                continue;
            covered->runs[i].taken += f.count[i] * times;
            cf_pieces_use(&pieces, &covered->runs[i], (uint64_t)f.count[i] * times);
            runs[parts] = &covered->runs[i];
            count[parts++] = f.count[i];
        }
        rc = cf_pieces_add_set(&pieces, runs, count, parts, times, err);
        ret->times += times;
        limit -= times;
    }
    if (rc == CF_OK)
        cf_pieces_finish(&pieces);
    return rc;
}

static void explain(const struct cf_promotion *promotion, const struct cf_covered *covered,
                    const struct cf_given *given, struct cf_reason *reason)
{
    (void)covered;
    cf_reason_quantity(reason, (int64_t)given->times * 1000);
    cf_reason_text(reason, given->times == 1 ? " set " : " sets ");
    cf_reward_explain_off(promotion, reason);
    if (given->times > 1 && promotion->off != CF_OFF_PERCENT)
        cf_reason_text(reason, " each");
}

static enum cf_rc check(const struct cf_promotion *promotion, struct cf_error *err)
{
    if (promotion->n_slots == 0)
        return cf_fail(err, CF_E_RANGE, "slots: none");
    return cf_reward_check_off(promotion, err);
}

const struct cf_reward cf_reward_bundle = {.kind = CF_REWARD_BUNDLE, .give = give, .explain = explain, .check = check};
