/*
 * app/core/units.c - see units.h.
 *
 * Pure; thread-safe.
 */
#include "app/core/units.h"

#include <assert.h>
#include <string.h>

#include "app/core/share.h"

/* A piece's price on the shelf, with or without tax. No overflow: prices and rates are bounded. */
static int64_t rank_of(const struct cf_promotion *promotion, enum cf_tax_mode mode, const struct cf_cart_line *line)
{
    int64_t price = line->unit_price_minor;
    int64_t rate = 10000 + (int64_t)line->tax_bp;
    if (line->qty_milli % 1000 != 0 && cf_muldiv_round(price, line->qty_milli, 1000, &price, NULL) != CF_OK)
        price = INT64_MAX;
    /* Times 10000, so that two prices that differ never rank equal for a rounding. */
    if (price > INT64_MAX / 1000000)
        return INT64_MAX;
    if (promotion->rank_tax == CF_TAX_WITHOUT && mode == CF_TAX_INCLUSIVE)
        return price * 1000000 / rate;
    if (promotion->rank_tax == CF_TAX_WITH && mode == CF_TAX_EXCLUSIVE)
        return price * rate / 100;
    return price * 100;
}

struct rank_order {
    bool dearest_first, last_first;
};

static bool comes_before(const struct rank_order *order, const struct cf_run *a, const struct cf_run *b)
{
    if (a->rank_minor != b->rank_minor)
        return order->dearest_first ? a->rank_minor > b->rank_minor : a->rank_minor < b->rank_minor;
    if (a->line != b->line)
        return order->last_first ? a->line > b->line : a->line < b->line;
    return order->dearest_first ? a->value_minor > b->value_minor : a->value_minor < b->value_minor;
}

/* Heap sort where many, insertion where few: no two runs are equal, so both give the one order. */
static void sift(const struct rank_order *order, struct cf_run *runs, size_t at, size_t n)
{
    struct cf_run run = runs[at];
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && comes_before(order, &runs[child], &runs[child + 1]))
            child++;
        if (!comes_before(order, &run, &runs[child]))
            break;
        runs[at] = runs[child];
        at = child;
    }
    runs[at] = run;
}

static void sort_runs(const struct rank_order *order, struct cf_run *runs, size_t n)
{
    if (n <= 24) {
        for (size_t i = 1; i < n; i++) {
            struct cf_run run = runs[i];
            size_t at = i;
            for (; at > 0 && comes_before(order, &run, &runs[at - 1]); at--)
                runs[at] = runs[at - 1];
            runs[at] = run;
        }
        return;
    }
    for (size_t i = n / 2; i-- > 0;)
        sift(order, runs, i, n);
    for (size_t last = n - 1; last > 0; last--) {
        struct cf_run first = runs[0];
        runs[0] = runs[last];
        runs[last] = first;
        sift(order, runs, 0, last);
    }
}

/* Of a line's pieces the dearer ones, by a cent, come first. */
static size_t runs_of_line(const struct cf_covered_line *line, uint16_t at, int64_t rank_minor, struct cf_run *ret)
{
    size_t n = 0;
    int64_t each = line->left_minor / line->pieces;
    uint32_t dearer = (uint32_t)(line->left_minor % line->pieces);
    if (dearer > 0)
        ret[n++] = (struct cf_run){.rank_minor = rank_minor, .value_minor = each + 1, .n = dearer, .line = at};
    ret[n++] = (struct cf_run){.rank_minor = rank_minor, .value_minor = each, .n = line->pieces - dearer, .line = at};
    return n;
}

size_t cf_runs_make(const struct cf_promotion *promotion, const struct cf_covered *covered, size_t first, size_t last,
                    enum cf_runs_of of, bool dearest_first, struct cf_run *ret)
{
    struct rank_order order = {dearest_first, promotion->ties == CF_TIES_LAST};
    size_t n = 0;
    for (size_t i = first; i < last; i++) {
        const struct cf_covered_line *line = &covered->lines[i];
        if (of == CF_RUNS_ALL || line->got)
            n += runs_of_line(line, (uint16_t)i, rank_of(promotion, covered->tax_mode, line->line), &ret[n]);
    }
    assert(n <= CF_RUNS_MAX);
    sort_runs(&order, ret, n);
    return n;
}

uint64_t cf_runs_count(const struct cf_run *runs, size_t n)
{
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += runs[i].n;
    return count;
}

int64_t cf_units_value(const struct cf_covered_line *line, uint32_t units)
{
    assert(units <= line->pieces);
    int64_t each = line->left_minor / line->pieces;
    uint32_t dearer = (uint32_t)(line->left_minor % line->pieces);
    return each * units + (units < dearer ? units : dearer);
}

const uint32_t *cf_units_reached(const struct cf_promotion *promotion, const struct cf_covered *covered, uint32_t *ret)
{
    if (promotion->max_units == 0 && promotion->unit_step == 0)
        return NULL;
    uint64_t sum = 0;
    for (size_t i = 0; i < covered->n; i++) {
        uint32_t units = covered->lines[i].pieces;
        if (promotion->unit_step > 0)
            units -= units % promotion->unit_step;
        if (promotion->max_units > 0 && promotion->max_units_by_line && units > promotion->max_units)
            units = promotion->max_units;
        ret[i] = units;
        sum += units;
    }
    if (promotion->max_units == 0 || promotion->max_units_by_line || sum <= promotion->max_units)
        return ret;
    size_t n =
        cf_runs_make(promotion, covered, 0, covered->n, CF_RUNS_GOT, promotion->pick == CF_PICK_DEAREST, covered->runs);
    uint32_t left = promotion->max_units;
    uint32_t allowed[CF_CART_LINES_MAX];
    memcpy(allowed, ret, covered->n * sizeof *allowed);
    memset(ret, 0, covered->n * sizeof *ret);
    for (size_t i = 0; i < n && left > 0; i++) {
        size_t at = covered->runs[i].line;
        uint32_t more = allowed[at] - ret[at];
        more = more < covered->runs[i].n ? more : covered->runs[i].n;
        more = more < left ? more : left;
        ret[at] += more;
        left -= more;
    }
    return ret;
}

void cf_units_use(const struct cf_covered *covered, const uint32_t *reached, struct cf_given *given)
{
    if (given->used == NULL || reached == NULL)
        return;
    given->by_piece = true;
    for (size_t i = 0; i < covered->n; i++)
        given->used[i] = given->weight[i] > 0 ? reached[i] : 0;
}

/* --- what is given to pieces -------------------------------------------------------------------------------------- */

void cf_pieces_begin(struct cf_pieces *pieces, const struct cf_promotion *promotion, const struct cf_covered *covered,
                     struct cf_given *given)
{
    *pieces = (struct cf_pieces){promotion, covered, given};
    given->by_piece = true;
    memset(given->weight, 0, covered->n * sizeof *given->weight);
}

static bool rounds_units(const struct cf_promotion *promotion)
{
    return promotion->rounding == CF_ROUNDING_UNIT;
}

void cf_pieces_use(struct cf_pieces *pieces, const struct cf_run *run, uint64_t n)
{
    if (pieces->given->used != NULL)
        pieces->given->used[run->line] += (uint32_t)n;
}

void cf_pieces_use_bought(struct cf_pieces *pieces, uint64_t bought)
{
    const struct cf_covered *covered = pieces->covered;
    uint32_t *used = pieces->given->used;
    for (unsigned pass = 0; used != NULL && pass < 2; pass++)
        for (size_t i = 0; i < covered->n && bought > 0; i++) {
            const struct cf_covered_line *line = &covered->lines[i];
            if (!line->bought || line->got != (pass == 1))
                continue;
            uint64_t here = line->pieces - used[i] < bought ? line->pieces - used[i] : bought;
            used[i] += (uint32_t)here;
            bought -= here;
        }
}

void cf_pieces_add(struct cf_pieces *pieces, const struct cf_run *run, uint32_t n)
{
    const struct cf_promotion *p = pieces->promotion;
    int64_t each = run->value_minor;
    switch (p->off) {
    case CF_OFF_PERCENT:
        if (rounds_units(p))
            each = cf_reward_percent(p, p->percent_bp, each);
        break;
    case CF_OFF_AMOUNT:
        each = p->amount_minor < each ? p->amount_minor : each;
        break;
    case CF_OFF_PRICE:
        each = each > p->amount_minor ? each - p->amount_minor : 0;
        break;
    }
    pieces->given->weight[run->line] += each * n; /* no overflow: a part of what the line costs */
    pieces->given->units_got += n;
}

enum cf_rc cf_pieces_add_set(struct cf_pieces *pieces, const struct cf_run *const *runs, const uint32_t *count,
                             size_t n, uint32_t times, struct cf_error *err)
{
    const struct cf_promotion *p = pieces->promotion;
    int64_t weight[CF_RUNS_MAX], share[CF_RUNS_MAX], sum = 0;
    assert(n <= CF_RUNS_MAX);
    for (size_t i = 0; i < n; i++)
        sum += weight[i] = runs[i]->value_minor * count[i];
    int64_t off = p->amount_minor < sum ? p->amount_minor : sum;
    if (p->off == CF_OFF_PRICE)
        off = sum - off;
    if (p->off == CF_OFF_PERCENT) {
        for (size_t i = 0; i < n; i++)
            cf_pieces_add(pieces, runs[i], count[i] * times);
        return CF_OK;
    }
    for (size_t i = 0; i < n; i++)
        pieces->given->units_got += (uint64_t)count[i] * times;
    if (off == 0)
        return CF_OK;
    enum cf_rc rc = CF_OK;
    if (n == 1)
        share[0] = off;
    else
        rc = cf_allocate(off, weight, n, share, err);
    for (size_t i = 0; rc == CF_OK && i < n; i++)
        pieces->given->weight[runs[i]->line] += share[i] * times;
    return rc;
}

void cf_pieces_finish(struct cf_pieces *pieces)
{
    const struct cf_promotion *p = pieces->promotion;
    struct cf_given *given = pieces->given;
    if (p->off != CF_OFF_PERCENT || rounds_units(p)) {
        cf_reward_sum(pieces->covered, given);
        return;
    }
    if (p->rounding == CF_ROUNDING_ORDER) {
        int64_t sum = 0;
        for (size_t i = 0; i < pieces->covered->n; i++)
            sum += given->weight[i];
        sum = cf_reward_percent(p, p->percent_bp, sum);
        given->minor = sum < pieces->covered->room_minor ? sum : pieces->covered->room_minor;
        return;
    }
    for (size_t i = 0; i < pieces->covered->n; i++)
        given->weight[i] = cf_reward_percent(p, p->percent_bp, given->weight[i]);
    cf_reward_sum(pieces->covered, given);
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

/* Where the walk over the runs stands. */
struct walk {
    const struct cf_run *runs;
    size_t n, at;
    uint32_t used; /* of runs[at] */
};

/* The next `want` pieces as parts of runs. */
static size_t next_pieces(struct walk *walk, uint32_t want, const struct cf_run **ret_runs, uint32_t *ret_count)
{
    size_t parts = 0;
    while (want > 0 && walk->at < walk->n) {
        uint32_t here = walk->runs[walk->at].n - walk->used;
        uint32_t take = here < want ? here : want;
        ret_runs[parts] = &walk->runs[walk->at];
        ret_count[parts++] = take;
        want -= take;
        walk->used += take;
        if (walk->used == walk->runs[walk->at].n) {
            walk->at++;
            walk->used = 0;
        }
    }
    return parts;
}

/* Of the parts of a group keeps `get` pieces after the first `skip`, from the one end or the other. Returns how many
 * parts are left. */
static size_t keep_some(const struct cf_run **runs, uint32_t *count, size_t parts, uint32_t skip, uint32_t get,
                        bool from_end)
{
    for (size_t k = 0; k < parts; k++) {
        size_t i = from_end ? parts - 1 - k : k;
        uint32_t passed = count[i] < skip ? count[i] : skip;
        uint32_t here = count[i] - passed < get ? count[i] - passed : get;
        count[i] = here;
        skip -= passed;
        get -= here;
    }
    size_t kept = 0;
    for (size_t i = 0; i < parts; i++) {
        if (count[i] == 0)
            continue;
        runs[kept] = runs[i];
        count[kept++] = count[i];
    }
    return kept;
}

static enum cf_rc give_set(struct cf_pieces *pieces, const struct cf_grouping *grouping,
                           const struct cf_run *const *runs, const uint32_t *count, size_t parts, uint32_t times,
                           struct cf_error *err)
{
    if (grouping->together)
        return cf_pieces_add_set(pieces, runs, count, parts, times, err);
    for (size_t i = 0; i < parts; i++)
        cf_pieces_add(pieces, runs[i], count[i] * times);
    return CF_OK;
}

static enum cf_rc give_groups(struct cf_pieces *pieces, const struct cf_grouping *grouping, struct walk *walk,
                              uint64_t groups, bool from_end, struct cf_error *err)
{
    const struct cf_run *runs[CF_RUNS_MAX];
    uint32_t count[CF_RUNS_MAX];
    while (groups > 0) {
        uint32_t here = walk->runs[walk->at].n - walk->used;
        uint32_t times = here / grouping->group; /* groups of one run's pieces alone are alike */
        times = times > groups ? (uint32_t)groups : times;
        size_t parts = next_pieces(walk, grouping->group, runs, count);
        if (times > 1)
            walk->used += (times - 1) * grouping->group;
        if (times > 1 && walk->used == walk->runs[walk->at].n) {
            walk->at++;
            walk->used = 0;
        }
        times = times == 0 ? 1 : times;
        for (size_t i = 0; i < parts; i++)
            cf_pieces_use(pieces, runs[i], (uint64_t)count[i] * times);
        parts = keep_some(runs, count, parts, grouping->skip, grouping->get, from_end);
        enum cf_rc rc = give_set(pieces, grouping, runs, count, parts, times, err);
        if (rc != CF_OK)
            return rc;
        groups -= times;
    }
    return CF_OK;
}

/* Of all that were gathered: `get` pieces after the first `skip`, from the one end or the other. */
static void give_across(struct cf_pieces *pieces, const struct cf_run *runs, size_t n, uint64_t gathered, uint64_t skip,
                        uint64_t get, bool from_end)
{
    skip = from_end ? gathered - get - skip : skip;
    for (size_t i = 0; i < n && gathered > 0; i++) {
        uint64_t here = runs[i].n < gathered ? runs[i].n : gathered;
        uint64_t passed = skip < here ? skip : here;
        cf_pieces_use(pieces, &runs[i], here);
        gathered -= here;
        skip -= passed;
        here -= passed;
        here = here < get ? here : get;
        if (here > 0)
            cf_pieces_add(pieces, &runs[i], (uint32_t)here);
        get -= here;
    }
}

/* What may still be given, over all lines. */
struct allowance {
    uint64_t times, units;
};

/* Whole groups, and of the pieces that are left over those beyond what one group pays for. */
static uint64_t left_over(const struct cf_promotion *p, const struct cf_grouping *grouping, uint64_t units,
                          uint64_t groups, const struct allowance *allowance)
{
    if (!p->partial || groups >= allowance->times)
        return 0;
    uint64_t pays = grouping->group - grouping->get, over = units - groups * grouping->group;
    return over > pays ? over - pays : 0;
}

static enum cf_rc give_each(struct cf_pieces *pieces, const struct cf_grouping *grouping, struct walk *walk,
                            uint64_t groups, const struct cf_grouping *last, bool from_end, struct cf_error *err)
{
    enum cf_rc rc = give_groups(pieces, grouping, walk, groups, from_end, err);
    return rc == CF_OK && last->get > 0 ? give_groups(pieces, last, walk, 1, from_end, err) : rc;
}

static enum cf_rc group_lines(struct cf_pieces *pieces, const struct cf_grouping *grouping, size_t first, size_t last,
                              struct allowance *allowance, struct cf_error *err)
{
    const struct cf_promotion *p = pieces->promotion;
    struct cf_run *runs = pieces->covered->runs;
    bool dearest_first = p->gather == CF_GATHER_DEAREST;
    size_t n = cf_runs_make(p, pieces->covered, first, last, CF_RUNS_GOT, dearest_first, runs);
    uint64_t units = cf_runs_count(runs, n);
    uint64_t groups = units / grouping->group;
    groups = groups < allowance->times ? groups : allowance->times;
    uint64_t rest = left_over(p, grouping, units, groups, allowance);
    struct cf_grouping last_group = {
        .group = (uint32_t)(units - groups * grouping->group), .get = (uint32_t)rest, .together = grouping->together};
    bool from_end = dearest_first == (p->pick == CF_PICK_CHEAPEST), across = p->pick_across && !grouping->together;
    uint64_t gathered = groups * grouping->group + (rest > 0 ? last_group.group : 0);
    uint64_t get = groups * grouping->get + rest, skip = groups * grouping->skip;
    if (get > allowance->units && !across) { /* the last group that gets any gets what may still be given */
        groups = allowance->units / grouping->get;
        last_group = *grouping;
        last_group.get = (uint32_t)(allowance->units % grouping->get);
    }
    get = get < allowance->units ? get : allowance->units;
    pieces->given->units_of += units;
    pieces->given->times += groups + (last_group.get > 0);
    allowance->times -= groups + (last_group.get > 0);
    allowance->units -= get;
    if (across) {
        give_across(pieces, runs, n, gathered, skip, get, from_end);
        return CF_OK;
    }
    struct walk walk = {.runs = runs, .n = n};
    return give_each(pieces, grouping, &walk, groups, &last_group, from_end, err);
}

enum cf_rc cf_group_pieces(const struct cf_promotion *promotion, const struct cf_covered *covered,
                           const struct cf_grouping *grouping, struct cf_given *ret, struct cf_error *err)
{
    struct cf_pieces pieces;
    struct allowance allowance = {.times = promotion->max_times > 0 ? promotion->max_times : UINT64_MAX,
                                  .units = grouping->units_max};
    enum cf_rc rc = CF_OK;
    assert(grouping->get >= 1 && grouping->skip + grouping->get <= grouping->group);
    cf_pieces_begin(&pieces, promotion, covered, ret);
    if (!promotion->by_line)
        rc = group_lines(&pieces, grouping, 0, covered->n, &allowance, err);
    for (size_t i = 0; promotion->by_line && rc == CF_OK && i < covered->n; i++) {
        if (covered->lines[i].got)
            rc = group_lines(&pieces, grouping, i, i + 1, &allowance, err);
    }
    if (rc == CF_OK)
        cf_pieces_finish(&pieces);
    return rc;
}
