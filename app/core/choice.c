/*
 * app/core/choice.c - which of the competing offers make the sale cheapest.
 *
 * Depth first over "with it" and "without it", in the order in which offers apply, against a bound on what the offers
 * that are left could still take off. Of two choices that cost the same the one found first wins: the one that keeps
 * the earlier offer. Up to CF_CHOICE_EXACT_MAX competing offers the answer is proven. Beyond that the oldest campaigns
 * are searched so, and the others come one by one, in the order of their campaigns' numbers: each is taken if that
 * makes the sale cheaper, and then what there is by then is improved by one offer at a time. What comes later plays no
 * part in what was settled before, so that one campaign more never makes the sale dearer; and the result says how far
 * off it can be. Stack: about 1 MB, of which only what the cart's lines need is touched. Pure; thread-safe.
 */
#include "app/core/evaluation.h"

#include <assert.h>
#include <string.h>

/* Beyond the limit, offers tried on a basket of up to 32 lines each time that one is taken; of the first so many. */
#define IMPROVE_TRIES_MAX 1000
#define IMPROVED_MAX 48
#define GROUP_BITS 64

/* What could still come of an offer, at most. */
struct prospect {
    uint16_t offer;
    bool competes;
    bool ends_group;        /* the last of its group: its bound is the group's */
    int64_t promised_minor; /* by itself, on any basket that earlier offers left */
    int64_t most_minor;     /* the same, or the most of its group so far */
    uint32_t percent_bp;    /* if it is also at most this share of what is left; else 10000 */
    int64_t slack_minor;    /* roundings beside that share */
    uint64_t group_bit;     /* 0: none, or one too many */
};

struct frame {
    size_t at; /* the prospect that branches here */
    bool without;
    size_t n_trail;
    uint64_t groups;
    struct cf_standing standing;
    int64_t left[CF_CART_LINES_MAX];
    uint32_t claimed[CF_CART_LINES_MAX];
    int64_t claimed_minor[CF_CART_LINES_MAX];
};

struct search {
    struct cf_evaluation *e;
    size_t n;
    struct prospect prospect[CF_OFFERS_MAX];
    struct prospect all[CF_OFFERS_MAX]; /* beyond the limit, while some of them are searched */
    bool skipped[CF_OFFERS_MAX];        /* by prospect, as it stands */
    bool best_skipped[CF_OFFERS_MAX];
    int64_t best_minor;
    bool found;
    uint64_t groups; /* that have applied */
    size_t n_trail;
    uint16_t trail[CF_OFFERS_MAX]; /* offers that have applied */
    uint32_t tax_bp_max;
    int64_t tax_slack_minor;
    uint64_t tries_left; /* of an improvement */
    size_t depth;
    struct frame frame[CF_CHOICE_EXACT_MAX];
};

/* --- what an offer promises --------------------------------------------------------------------------------------- */

static void reset(struct cf_evaluation *e, size_t offer)
{
    e->applied[offer] = false;
    cf_evaluation_fresh(e);
}

/* Could other offers make it give more than on the fresh basket, or bring it below a maximum? Then only the goods bound
 * it. */
static bool may_grow(const struct cf_promotion *p)
{
    return p->skip_discounted || p->claims || p->min_after;
}

static void bound_share(struct search *s, const struct cf_promotion *p, struct prospect *ret)
{
    int64_t pieces = 0;
    ret->percent_bp = 10000;
    ret->slack_minor = 0;
    if ((p->kind != CF_REWARD_ORDER_PERCENT && p->kind != CF_REWARD_LINE_PERCENT) || p->on_gross)
        return;
    for (size_t i = 0; i < s->e->covered.n; i++)
        pieces += p->rounding == CF_ROUNDING_UNIT ? s->e->covered_line[i].pieces : 1;
    ret->percent_bp = p->percent_bp;
    ret->slack_minor = pieces + 1;
}

/* False if the offer can give nothing on this sale whatever else applies. */
static enum cf_rc promise(struct search *s, uint16_t offer, struct prospect *ret, bool *ret_alive, struct cf_error *err)
{
    struct cf_evaluation *e = s->e;
    const struct cf_promotion *p = e->offers[offer].promotion;
    struct cf_outcome outcome;
    *ret_alive = false;
    if ((p->needs_coupon && !e->offers[offer].coupon_held) || cf_conditions_of_facts(e, offer, false) != CF_OK)
        return CF_OK;
    enum cf_rc rc = cf_evaluation_cover(e, p, err);
    if (rc != CF_OK || (!may_grow(p) && cf_conditions_of_goods(e, offer, false) != CF_OK))
        return rc;
    *ret = (struct prospect){.offer = offer, .competes = p->choose == CF_CHOOSE_BEST && !e->offers[offer].chosen};
    bound_share(s, p, ret);
    ret->promised_minor = e->covered.room_minor;
    if (!may_grow(p)) {
        rc = cf_evaluation_try(e, offer, false, &outcome, err);
        ret->promised_minor = outcome.amount_minor;
        *ret_alive = rc == CF_OK && outcome.refused == CF_OK;
        reset(e, offer);
        return rc;
    }
    if (p->max_discount_minor > 0 && p->max_discount_minor < ret->promised_minor)
        ret->promised_minor = p->max_discount_minor;
    *ret_alive = e->covered.qty_milli > 0 || p->kind == CF_REWARD_GIFT || p->kind == CF_REWARD_EFFECT;
    return CF_OK;
}

/* A group's bound is its largest, and stands where its last offer stands. */
static void bind_groups(struct search *s)
{
    uint32_t groups[GROUP_BITS];
    size_t n_groups = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct prospect *one = &s->prospect[i];
        uint32_t group = s->e->offers[one->offer].promotion->group;
        size_t g = 0;
        one->ends_group = true;
        one->most_minor = one->promised_minor;
        one->group_bit = 0;
        if (group == 0)
            continue;
        while (g < n_groups && groups[g] != group)
            g++;
        if (g == n_groups && n_groups < GROUP_BITS)
            groups[n_groups++] = group;
        one->group_bit = g < n_groups ? UINT64_C(1) << g : 0;
        if (one->group_bit == 0)
            continue;
        for (size_t k = i; k-- > 0;) {
            if (s->prospect[k].group_bit != one->group_bit)
                continue;
            if (s->prospect[k].most_minor > one->most_minor)
                one->most_minor = s->prospect[k].most_minor;
            s->prospect[k].ends_group = false;
            break; /* that one had the largest of those before it */
        }
        one->percent_bp = 10000;
    }
}

static void bound_tax(struct search *s)
{
    const struct cf_evaluation *e = s->e;
    s->tax_bp_max = 0;
    s->tax_slack_minor = 0;
    if (e->tax_mode == CF_TAX_INCLUSIVE)
        return;
    for (size_t k = 0; k < e->n; k++) {
        if (e->line[k]->tax_bp > s->tax_bp_max)
            s->tax_bp_max = e->line[k]->tax_bp;
        bool seen = false;
        for (size_t i = 0; i < k && !seen; i++)
            seen = e->line[i]->tax_bp == e->line[k]->tax_bp;
        s->tax_slack_minor += !seen;
    }
}

/* --- the search --------------------------------------------------------------------------------------------------- */

/*
 * No choice among the prospects from `at` on costs less. Each is given all it could take off: a step from what is left
 * to what is left after it, and each such step keeps "less before" at "less after", so taking all of them is a bound.
 */
static enum cf_rc lower_bound(const struct search *s, size_t at, int64_t *ret_minor, struct cf_error *err)
{
    const struct cf_standing *standing = &s->e->standing;
    int64_t total;
    enum cf_rc rc = cf_evaluation_total(s->e, &total, err);
    if (rc != CF_OK)
        return rc;
    int64_t left = standing->left_minor;
    bool over = standing->has_exclusive || standing->has_last;
    for (size_t i = at; !over && i < s->n; i++) {
        const struct prospect *one = &s->prospect[i];
        /* What stands for its group is barred only if all of the group is. */
        bool barred = standing->n_applied > 0 && one->group_bit == 0 && s->e->offers[one->offer].promotion->exclusive;
        if (barred || !one->ends_group || (s->groups & one->group_bit) != 0)
            continue;
        int64_t most = one->most_minor;
        if (one->percent_bp < 10000) {
            int64_t share = (int64_t)((__int128)left * one->percent_bp / 10000) + one->slack_minor;
            most = share < most ? share : most;
        }
        left = left > most ? left - most : 0;
    }
    __int128 gone = standing->left_minor - left;
    if (s->e->tax_mode == CF_TAX_EXCLUSIVE && gone > 0)
        gone += gone * s->tax_bp_max / 10000 + 1 + 2 * (__int128)s->tax_slack_minor;
    *ret_minor = gone < total ? total - (int64_t)gone : 0;
    return CF_OK;
}

static enum cf_rc try_one(struct search *s, size_t at, bool *ret_applied, struct cf_error *err)
{
    struct cf_outcome outcome;
    const struct prospect *one = &s->prospect[at];
    enum cf_rc rc = cf_evaluation_try(s->e, one->offer, false, &outcome, err);
    s->tries_left -= s->tries_left > 0;
    *ret_applied = rc == CF_OK && outcome.refused == CF_OK;
    if (*ret_applied) {
        s->trail[s->n_trail++] = one->offer;
        s->groups |= one->group_bit;
    }
    return rc;
}

static void save(struct search *s, size_t at)
{
    struct frame *frame = &s->frame[s->depth++];
    frame->at = at;
    frame->without = false;
    frame->n_trail = s->n_trail;
    frame->groups = s->groups;
    frame->standing = s->e->standing;
    memcpy(frame->left, s->e->left, s->e->n * sizeof *frame->left);
    memcpy(frame->claimed, s->e->claimed, s->e->n * sizeof *frame->claimed);
    memcpy(frame->claimed_minor, s->e->claimed_minor, s->e->n * sizeof *frame->claimed_minor);
}

static void restore(struct search *s, const struct frame *frame)
{
    while (s->n_trail > frame->n_trail)
        s->e->applied[s->trail[--s->n_trail]] = false;
    s->groups = frame->groups;
    s->e->standing = frame->standing;
    memcpy(s->e->left, frame->left, s->e->n * sizeof *frame->left);
    memcpy(s->e->claimed, frame->claimed, s->e->n * sizeof *frame->claimed);
    memcpy(s->e->claimed_minor, frame->claimed_minor, s->e->n * sizeof *frame->claimed_minor);
}

/* Down to a leaf, each time "with it", or until nothing below can be better. */
static enum cf_rc go_down(struct search *s, size_t at, struct cf_error *err)
{
    bool applied;
    enum cf_rc rc = CF_OK;
    for (; rc == CF_OK && at < s->n; at++) {
        const struct prospect *one = &s->prospect[at];
        if (!one->competes) {
            rc = try_one(s, at, &applied, err);
            continue;
        }
        int64_t bound;
        rc = s->found ? lower_bound(s, at, &bound, err) : CF_OK;
        if (rc != CF_OK || (s->found && bound >= s->best_minor))
            return rc;
        save(s, at);
        s->skipped[at] = false;
        rc = try_one(s, at, &applied, err);
        if (rc == CF_OK && !applied)
            s->frame[s->depth - 1].without = true; /* with it is as without it */
    }
    int64_t total;
    if (rc == CF_OK)
        rc = cf_evaluation_total(s->e, &total, err);
    if (rc != CF_OK || (s->found && total >= s->best_minor))
        return rc;
    s->found = true;
    s->best_minor = total;
    memcpy(s->best_skipped, s->skipped, s->n * sizeof *s->skipped);
    return CF_OK;
}

/* Sees the whole tree. */
static enum cf_rc search_all(struct search *s, struct cf_error *err)
{
    enum cf_rc rc = go_down(s, 0, err);
    while (rc == CF_OK) {
        while (s->depth > 0 && s->frame[s->depth - 1].without) {
            s->skipped[s->frame[s->depth - 1].at] = false;
            s->depth--;
        }
        if (s->depth == 0)
            break;
        struct frame *frame = &s->frame[s->depth - 1];
        restore(s, frame);
        frame->without = true;
        s->skipped[frame->at] = true;
        rc = go_down(s, frame->at + 1, err);
    }
    return rc;
}

static void start_over(struct search *s)
{
    while (s->n_trail > 0)
        s->e->applied[s->trail[--s->n_trail]] = false;
    s->groups = 0;
    cf_evaluation_fresh(s->e);
}

/* --- beyond the limit --------------------------------------------------------------------------------------------- */

/* What the sale costs if of the competing offers those in `out`, by prospect, are not tried. */
static enum cf_rc cost_without(struct search *s, const bool *out, int64_t *ret_minor, struct cf_error *err)
{
    bool applied;
    enum cf_rc rc = CF_OK;
    start_over(s);
    for (size_t i = 0; rc == CF_OK && i < s->n; i++) {
        if (!s->prospect[i].competes || !out[i])
            rc = try_one(s, i, &applied, err);
    }
    return rc == CF_OK ? cf_evaluation_total(s->e, ret_minor, err) : rc;
}

/* Puts out what would bar the offer, or be barred by it. */
static void make_room(const struct search *s, size_t at, bool *out)
{
    const struct cf_promotion *wanted = s->e->offers[s->prospect[at].offer].promotion;
    for (size_t i = 0; i < s->n; i++) {
        const struct cf_promotion *p = s->e->offers[s->prospect[i].offer].promotion;
        bool same_group = p->group != 0 && p->group == wanted->group;
        if (i != at && (wanted->exclusive || p->exclusive || same_group || (p->last && i < at)))
            out[i] = true;
    }
}

/* By prospect: what beyond the limit is settled so far. */
struct settled {
    size_t n; /* that compete */
    uint16_t by_age[CF_OFFERS_MAX];
    uint16_t by_promise[CF_OFFERS_MAX]; /* all, also those that do not compete */
    bool came[CF_OFFERS_MAX];
    bool out[CF_OFFERS_MAX];
};

static bool is_older(const struct search *s, uint16_t a, uint16_t b)
{
    const struct cf_promotion *p = s->e->offers[s->prospect[a].offer].promotion;
    const struct cf_promotion *q = s->e->offers[s->prospect[b].offer].promotion;
    if (p->campaign != q->campaign)
        return p->campaign < q->campaign;
    return p->version != q->version ? p->version < q->version : s->prospect[a].offer < s->prospect[b].offer;
}

static void sort(const struct search *s, struct settled *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < s->n; i++) {
        size_t k = i;
        for (; k > 0 && s->prospect[ret->by_promise[k - 1]].promised_minor < s->prospect[i].promised_minor; k--)
            ret->by_promise[k] = ret->by_promise[k - 1];
        ret->by_promise[k] = (uint16_t)i;
        if (!s->prospect[i].competes)
            continue;
        for (k = ret->n++; k > 0 && is_older(s, (uint16_t)i, ret->by_age[k - 1]); k--)
            ret->by_age[k] = ret->by_age[k - 1];
        ret->by_age[k] = (uint16_t)i;
    }
}

/* Changes what is out by one offer at a time, one more in the place of those that it bars or one fewer, as long as one
 * such change makes the sale cheaper and tries are left. Those that promise most are taken first. */
static enum cf_rc improve(struct search *s, const struct settled *settled, bool *out, int64_t *cost_minor,
                          struct cf_error *err)
{
    bool other[CF_OFFERS_MAX];
    enum cf_rc rc = CF_OK;
    s->tries_left = IMPROVE_TRIES_MAX / (1 + s->e->n / 32);
    for (bool better = true; better;) {
        better = false;
        for (size_t k = 0; rc == CF_OK && k < s->n && s->tries_left > 0; k++) {
            size_t at = settled->by_promise[k];
            int64_t minor = 0;
            if (!s->prospect[at].competes || !settled->came[at])
                continue;
            memcpy(other, out, s->n * sizeof *other);
            if (out[at])
                make_room(s, at, other);
            other[at] = !out[at];
            rc = cost_without(s, other, &minor, err);
            if (rc != CF_OK || minor >= *cost_minor)
                continue;
            memcpy(out, other, s->n * sizeof *out);
            *cost_minor = minor;
            better = true;
        }
        better = better && rc == CF_OK && s->tries_left > 0;
    }
    return rc;
}

/* The oldest among themselves, as if there were no others. */
static enum cf_rc settle_oldest(struct search *s, struct settled *settled, struct cf_error *err)
{
    uint16_t place[CF_OFFERS_MAX];
    const size_t n = s->n;
    memcpy(s->all, s->prospect, n * sizeof *s->all);
    for (size_t i = 0; i < n; i++)
        settled->came[i] = settled->out[i] = false;
    for (size_t k = 0; k < settled->n; k++) {
        settled->came[settled->by_age[k]] = k < CF_CHOICE_EXACT_MAX;
        settled->out[settled->by_age[k]] = true;
    }
    s->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->all[i].competes && !settled->came[i])
            continue;
        place[s->n] = (uint16_t)i;
        s->prospect[s->n++] = s->all[i];
    }
    bind_groups(s);
    enum cf_rc rc = search_all(s, err);
    for (size_t i = 0; rc == CF_OK && i < s->n; i++)
        settled->out[place[i]] = s->best_skipped[i];
    start_over(s);
    s->n = n;
    memcpy(s->prospect, s->all, n * sizeof *s->all);
    return rc;
}

/* One more comes: beside the others, or in the place of those that it bars. */
static enum cf_rc settle_next(struct search *s, struct settled *settled, size_t at, bool *ret_taken,
                              struct cf_error *err)
{
    bool other[CF_OFFERS_MAX];
    enum cf_rc rc = CF_OK;
    settled->came[at] = true;
    *ret_taken = false;
    for (int with_room = 0; rc == CF_OK && with_room < 2 && !*ret_taken; with_room++) {
        int64_t minor = 0;
        memcpy(other, settled->out, s->n * sizeof *other);
        if (with_room)
            make_room(s, at, other);
        other[at] = false;
        rc = cost_without(s, other, &minor, err);
        *ret_taken = rc == CF_OK && minor < s->best_minor;
        if (*ret_taken) {
            memcpy(settled->out, other, s->n * sizeof *other);
            s->best_minor = minor;
        }
    }
    return rc;
}

/* From none of them, and from all that came: a way that one more at a time does not lead to. */
static enum cf_rc settle_anew(struct search *s, struct settled *settled, struct cf_error *err)
{
    bool out[CF_OFFERS_MAX];
    enum cf_rc rc = CF_OK;
    for (int all = 0; rc == CF_OK && all < 2; all++) {
        int64_t minor = 0;
        for (size_t i = 0; i < s->n; i++)
            out[i] = s->prospect[i].competes && !(all && settled->came[i]);
        rc = cost_without(s, out, &minor, err);
        if (rc == CF_OK)
            rc = improve(s, settled, out, &minor, err);
        if (rc == CF_OK && minor < s->best_minor) {
            memcpy(settled->out, out, s->n * sizeof *out);
            s->best_minor = minor;
        }
    }
    return rc;
}

static enum cf_rc search_beyond(struct search *s, struct cf_error *err)
{
    struct settled settled;
    sort(s, &settled);
    enum cf_rc rc = settle_oldest(s, &settled, err);
    for (size_t k = CF_CHOICE_EXACT_MAX; rc == CF_OK && k < settled.n; k++) {
        bool taken;
        rc = settle_next(s, &settled, settled.by_age[k], &taken, err);
        if (rc == CF_OK && taken && k < IMPROVED_MAX)
            rc = improve(s, &settled, settled.out, &s->best_minor, err);
        if (rc == CF_OK && k < IMPROVED_MAX)
            rc = settle_anew(s, &settled, err);
    }
    if (rc == CF_OK)
        memcpy(s->best_skipped, settled.out, s->n * sizeof *settled.out);
    return rc;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static enum cf_rc choose(struct search *s, size_t n_competing, struct cf_error *err)
{
    struct cf_choice *choice = &s->e->out->choice;
    bool few = n_competing <= CF_CHOICE_EXACT_MAX;
    int64_t root = 0;
    enum cf_rc rc = lower_bound(s, 0, &root, err);
    if (rc == CF_OK)
        rc = few ? search_all(s, err) : search_beyond(s, err);
    if (rc != CF_OK)
        return rc;
    assert(s->found);
    choice->n_competing = n_competing;
    choice->exact = few;
    choice->bound_minor = few || s->best_minor < root ? 0 : s->best_minor - root;
    for (size_t i = 0; i < s->n; i++) {
        bool out = s->prospect[i].competes && s->best_skipped[i];
        s->e->not_chosen[s->prospect[i].offer] = out;
        choice->n_chosen += s->prospect[i].competes && !out;
    }
    start_over(s);
    return CF_OK;
}

enum cf_rc cf_choose_best(struct cf_evaluation *e, struct cf_error *err)
{
    struct search s;
    size_t n_competing = 0;
    if (e->has_alone)
        return CF_OK;
    s.e = e;
    s.n = s.n_trail = s.depth = 0;
    s.groups = 0;
    s.found = false;
    s.best_minor = 0;
    s.tries_left = 0;
    for (size_t i = 0; i < e->n_offers; i++) {
        bool alive;
        enum cf_rc rc = promise(&s, e->order[i], &s.prospect[s.n], &alive, err);
        if (rc != CF_OK)
            return rc;
        s.skipped[s.n] = false;
        n_competing += alive && s.prospect[s.n].competes;
        s.n += alive;
    }
    if (n_competing == 0)
        return CF_OK;
    bind_groups(&s);
    bound_tax(&s);
    return choose(&s, n_competing, err);
}
