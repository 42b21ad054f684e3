/*
 * app/core/pricing.c - offers one after the other over what earlier ones left, then tax, then the sums.
 *
 * What a kind of reward takes off is in reward_*.c, whether an offer may apply in conditions.c, which of the competing
 * ones do in choice.c; the sentences on what was given are here. All lines are walked in the cart's settled order, so
 * that odd cents fall on the same goods whatever the order of scanning. Scratch space is on the stack. Pure;
 * thread-safe.
 */
#include "app/core/pricing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/evaluation.h"
#include "app/core/pricing_hand.h"
#include "app/core/share.h"
#include "app/core/tax.h"
#include "app/core/value.h"

static_assert(CF_CART_LINES_MAX <= CF_ALLOCATE_MAX, "any number of lines can be shared over");
static_assert(CF_CART_LINES_MAX <= UINT16_MAX, "a place fits covered_at");

enum cf_rc cf_priced_new(struct cf_priced **ret, struct cf_error *err)
{
    struct cf_priced *priced = calloc(1, sizeof *priced);
    if (priced == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a priced cart");
    *ret = priced;
    return CF_OK;
}

void cf_priced_free(struct cf_priced *priced)
{
    free(priced);
}

/* --- the lines ---------------------------------------------------------------------------------------------------- */

static enum cf_rc start_line(struct cf_evaluation *e, size_t k, size_t position, struct cf_error *err)
{
    const struct cf_cart_line *line = cf_cart_at(e->cart, position);
    struct cf_priced_line *priced = &e->out->lines[position];
    int64_t gross, floor = 0;
    enum cf_rc rc = cf_line_gross(line, &gross, err);
    if (rc == CF_OK && line->floor_minor > 0)
        rc = cf_muldiv_round(line->floor_minor, line->qty_milli, 1000, &floor, err);
    if (rc == CF_OK)
        rc = cf_add_i64(e->out->gross_minor, gross, &e->out->gross_minor, err);
    if (rc != CF_OK)
        return rc;
    bool quoted = line->extra.origin == CF_PRICE_QUOTE, yields = quoted && cf_cart_quote_yields(e->cart);
    int64_t start = gross - (quoted && !yields ? line->quoted_off_minor : 0);
    e->agreed[k] = cf_price_is_agreed(line->extra.origin) && !yields;
    if (e->agreed[k])
        floor = start;
    priced->gross_minor = gross;
    e->line[k] = line;
    e->priced[k] = priced;
    e->gross[k] = gross;
    e->start[k] = e->left[k] = start;
    e->start_minor += start; /* no overflow: at most the gross total */
    e->floor[k] = floor;
    e->pieces[k] = line->qty_milli % 1000 == 0 ? (uint32_t)(line->qty_milli / 1000) : 1;
    e->claimed[k] = 0;
    e->claimed_minor[k] = 0;
    e->has_floor = e->has_floor || floor > 0;
    e->has_delivery = e->has_delivery || line->delivery;
    e->product_mask[k] = cf_evaluation_mask(line->product);
    e->category_mask[k] = 0;
    for (size_t i = 0; i < line->n_categories; i++)
        e->category_mask[k] |= cf_evaluation_mask(line->categories[i]);
    return CF_OK;
}

static enum cf_rc start(struct cf_evaluation *e, struct cf_error *err)
{
    struct cf_priced *out = e->out;
    out->n_lines = cf_cart_count(e->cart);
    out->n_applied = out->n_refused = out->n_effects = 0;
    out->points_net_minor = out->points_more = 0;
    out->n_hand = 0;
    out->free_delivery = false;
    out->choice = (struct cf_choice){.exact = true};
    out->gross_minor = out->discount_minor = out->net_minor = out->tax_minor = out->total_minor = 0;
    memset(out->lines, 0, out->n_lines * sizeof out->lines[0]);
    memset(out->why, 0, out->n_lines * sizeof out->why[0]);

    e->n = cf_cart_live_count(e->cart);
    e->has_floor = e->has_delivery = e->has_alone = false;
    e->start_minor = 0;
    e->n_effects = 0;
    e->standing = (struct cf_standing){0};
    e->form = cf_money_form_of(cf_cart_currency(e->cart));
    memset(e->applied, 0, e->n_offers * sizeof e->applied[0]);
    memset(e->not_chosen, 0, e->n_offers * sizeof e->not_chosen[0]);
    for (size_t k = 0; k < e->n; k++) {
        enum cf_rc rc = start_line(e, k, cf_cart_settled(e->cart, k), err);
        if (rc != CF_OK)
            return rc;
    }
    e->standing.left_minor = e->start_minor;
    return CF_OK;
}

void cf_evaluation_fresh(struct cf_evaluation *e)
{
    e->standing = (struct cf_standing){.left_minor = e->start_minor};
    memcpy(e->left, e->start, e->n * sizeof *e->left);
    memset(e->claimed, 0, e->n * sizeof *e->claimed);
    memset(e->claimed_minor, 0, e->n * sizeof *e->claimed_minor);
}

/* Priority first, then the older campaign; the order given only for two offers of one campaign and version. */
static bool applies_before(const struct cf_offer *offers, uint16_t a, uint16_t b)
{
    const struct cf_promotion *p = offers[a].promotion, *q = offers[b].promotion;
    if (p->priority != q->priority)
        return p->priority > q->priority;
    if (p->campaign != q->campaign)
        return p->campaign < q->campaign;
    if (p->version != q->version)
        return p->version < q->version;
    return a < b;
}

/* A merge sort from the bottom: offers mostly come in order already, and then nothing moves. */
static void order_offers(struct cf_evaluation *e)
{
    uint16_t other[CF_OFFERS_MAX];
    size_t n = e->n_offers;
    bool in_order = true;
    for (size_t i = 0; i < n; i++) {
        e->order[i] = (uint16_t)i;
        in_order = in_order && (i == 0 || applies_before(e->offers, (uint16_t)(i - 1), (uint16_t)i));
    }
    for (size_t width = 1; !in_order && width < n; width *= 2) {
        for (size_t low = 0; low < n; low += 2 * width) {
            size_t middle = low + width < n ? low + width : n, high = low + 2 * width < n ? low + 2 * width : n;
            size_t a = low, b = middle;
            for (size_t at = low; at < high; at++) {
                bool first = b == high || (a < middle && applies_before(e->offers, e->order[a], e->order[b]));
                other[at] = first ? e->order[a++] : e->order[b++];
            }
        }
        memcpy(e->order, other, n * sizeof *other);
    }
}

/* --- words -------------------------------------------------------------------------------------------------------- */

struct cf_refused *cf_evaluation_refuse(struct cf_evaluation *e, size_t offer, enum cf_rc rc, struct cf_reason *reason)
{
    if (!e->offers[offer].coupon_held)
        return NULL;
    struct cf_refused *refused = &e->out->refused[e->out->n_refused++];
    refused->offer = offer;
    refused->rc = rc;
    refused->shortfall_minor = 0;
    refused->shortfall_milli = 0;
    cf_reason_init(reason, refused->reason, &e->form);
    return refused;
}

static void refuse_without_effect(struct cf_evaluation *e, size_t offer)
{
    struct cf_reason reason;
    if (cf_evaluation_refuse(e, offer, CF_E_COUPON_NO_EFFECT, &reason) == NULL)
        return;
    cf_reason_text(&reason, "takes nothing off goods that cost ");
    cf_reason_money(&reason, e->covered.left_minor);
    if (e->covered.left_minor != e->covered.gross_minor)
        cf_reason_text(&reason, " after other discounts");
}

static void explain_applied(struct cf_evaluation *e, const struct cf_reward *reward, const struct cf_promotion *p,
                            const struct cf_given *given, bool capped, struct cf_applied *applied)
{
    char how[CF_REASON_MAX + 1];
    struct cf_reason part, reason;
    cf_reason_init(&part, how, &e->form);
    reward->explain(p, &e->covered, given, &part);
    if (capped) {
        cf_reason_text(&part, part.n > 0 ? ", at most " : "at most ");
        cf_reason_money(&part, p->max_discount_minor);
    }
    cf_reason_init(&reason, applied->reason, &e->form);
    cf_reason_text(&reason, p->name[0] != '\0' ? p->name : "Promotion");
    cf_reason_text(&reason, ": ");
    cf_reason_money(&reason, -applied->amount_minor);
    if (part.n > 0) {
        cf_reason_text(&reason, " (");
        cf_reason_text(&reason, how);
        cf_reason_text(&reason, ")");
    }
}

/* --- one offer ---------------------------------------------------------------------------------------------------- */

/* Keeps apart the pieces that this one used, at what they cost before less what it gave on their line. */
static void claim(struct cf_evaluation *e, size_t i, bool by_piece)
{
    const struct cf_covered_line *line = &e->covered_line[i];
    uint32_t whole = e->share[i] > 0 ? line->pieces : 0, used = by_piece ? e->used[i] : whole;
    size_t k = e->covered_at[i];
    assert(used <= line->pieces);
    if (used == 0)
        return;
    int64_t cost = cf_units_value(line, used);
    e->claimed[k] += used;
    e->claimed_minor[k] += cost > e->share[i] ? cost - e->share[i] : 0;
}

/* What one that does not claim takes off a line it takes off claimed pieces and others alike. */
static void take_of_claimed(struct cf_evaluation *e, size_t i)
{
    size_t k = e->covered_at[i];
    int64_t before = e->left[k];
    if (e->claimed_minor[k] > 0)
        e->claimed_minor[k] = (int64_t)((__int128)e->claimed_minor[k] * (before - e->share[i]) / before);
}

/* Shares `amount` by the weights over the covered lines and takes it off each. */
static enum cf_rc take_off(struct cf_evaluation *e, const struct cf_promotion *p, int64_t amount, bool by_piece,
                           struct cf_error *err)
{
    size_t n = e->covered.n;
    int64_t sum = 0;
    bool fits = true;
    for (size_t i = 0; i < n; i++) {
        sum += e->weight[i]; /* <= left_minor */
        fits = fits && e->weight[i] <= e->room[i];
    }
    assert(amount >= 0 && amount <= sum && sum <= e->out->gross_minor);
    if (fits && sum == amount) {
        memcpy(e->share, e->weight, n * sizeof *e->share);
    } else {
        enum cf_rc rc = cf_share_out(amount, e->weight, e->room, n, p->share, p->ties, e->share, err);
        if (rc != CF_OK)
            return rc;
    }
    for (size_t i = 0; i < n; i++) {
        assert(e->share[i] >= 0 && e->share[i] <= e->room[i]);
        if (p->claims)
            claim(e, i, by_piece);
        else
            take_of_claimed(e, i);
        e->left[e->covered_at[i]] -= e->share[i];
    }
    e->standing.left_minor -= amount;
    return CF_OK;
}

static void stand(struct cf_evaluation *e, size_t offer)
{
    const struct cf_promotion *p = e->offers[offer].promotion;
    struct cf_standing *s = &e->standing;
    e->applied[offer] = true;
    if (s->n_applied++ == 0)
        s->first_offer = (uint16_t)offer;
    s->has_exclusive = s->has_exclusive || p->exclusive;
    if (p->last && !s->has_last)
        s->last_offer = (uint16_t)offer;
    s->has_last = s->has_last || p->last;
}

static bool has_effects(const struct cf_promotion *p)
{
    return p->points_bp != 0 || p->points_more != 0 || p->issue_campaign != 0 || p->free_delivery;
}

static void note_effect(struct cf_evaluation *e, size_t offer, int64_t lacking_units)
{
    if (e->n_effects == CF_EFFECTS_MAX)
        return;
    uint64_t *lines = e->effect_lines[e->n_effects];
    memset(lines, 0, sizeof e->effect_lines[0]);
    for (size_t i = 0; i < e->covered.n; i++)
        if (e->covered_line[i].got)
            lines[e->covered_at[i] / 64] |= UINT64_C(1) << (e->covered_at[i] % 64);
    e->lacking[e->n_effects] = lacking_units;
    e->effects[e->n_effects++] = (uint16_t)offer;
}

/* The shares of the promotion in hand, which is applied[at]. */
static void note_shares(struct cf_evaluation *e, size_t at)
{
    for (size_t i = 0; i < e->covered.n; i++) {
        struct cf_priced_why *why = &e->out->why[e->priced[e->covered_at[i]] - e->out->lines];
        if (e->share[i] == 0)
            continue;
        why->n_applied++;
        if (e->share[i] > why->most_minor) {
            why->most = (uint16_t)at;
            why->most_minor = e->share[i];
        }
    }
}

static enum cf_rc give(struct cf_evaluation *e, size_t offer, bool tell, struct cf_outcome *ret, struct cf_error *err)
{
    const struct cf_promotion *p = e->offers[offer].promotion;
    const struct cf_reward *reward = cf_reward_of(p->kind);
    struct cf_given given = {.weight = e->weight, .used = p->claims ? e->used : NULL};
    if (p->claims)
        memset(e->used, 0, e->covered.n * sizeof *e->used);
    enum cf_rc rc = reward->give(p, &e->covered, &given, err);
    if (rc != CF_OK)
        return rc;
    bool capped = p->max_discount_minor > 0 && given.minor > p->max_discount_minor;
    int64_t amount = capped ? p->max_discount_minor : given.minor;
    bool effect = has_effects(p) && (amount > 0 || p->kind == CF_REWARD_EFFECT);
    effect = effect || given.lacking_units > 0;
    ret->amount_minor = amount;
    if (amount == 0 && !effect) {
        ret->refused = CF_E_COUPON_NO_EFFECT;
        if (tell)
            refuse_without_effect(e, offer);
        return CF_OK;
    }
    if (amount > 0)
        rc = take_off(e, p, amount, given.by_piece, err);
    if (rc != CF_OK)
        return rc;
    stand(e, offer);
    if (!tell)
        return CF_OK;
    if (effect)
        note_effect(e, offer, given.lacking_units);
    if (amount == 0)
        return CF_OK;
    note_shares(e, e->out->n_applied);
    struct cf_applied *applied = &e->out->applied[e->out->n_applied++];
    applied->offer = offer;
    applied->amount_minor = amount;
    explain_applied(e, reward, p, &given, capped, applied);
    return CF_OK;
}

enum cf_rc cf_evaluation_try(struct cf_evaluation *e, size_t offer, bool tell, struct cf_outcome *ret,
                             struct cf_error *err)
{
    const struct cf_promotion *p = e->offers[offer].promotion;
    *ret = (struct cf_outcome){.refused = CF_E_COUPON_TERMS};
    if (p->needs_coupon && !e->offers[offer].coupon_held)
        return CF_OK;
    ret->refused = cf_conditions_of_facts(e, offer, tell);
    if (ret->refused != CF_OK)
        return CF_OK;
    enum cf_rc rc = cf_evaluation_cover(e, p, err);
    if (rc != CF_OK)
        return rc;
    bool needs_goods = p->kind != CF_REWARD_GIFT && p->kind != CF_REWARD_EFFECT;
    if (needs_goods && e->covered.qty_milli == 0) {
        struct cf_reason reason;
        ret->refused = CF_E_COUPON_SCOPE;
        if (tell && cf_evaluation_refuse(e, offer, CF_E_COUPON_SCOPE, &reason) != NULL)
            cf_reason_text(&reason, "nothing in the basket is covered");
        return CF_OK;
    }
    ret->refused = cf_conditions_of_goods(e, offer, tell);
    if (ret->refused == CF_OK)
        ret->refused = cf_conditions_of_company(e, offer, tell);
    return ret->refused == CF_OK ? give(e, offer, tell, ret, err) : CF_OK;
}

/* --- beside money ------------------------------------------------------------------------------------------------- */

/* Beyond CF_EFFECTS_MAX there are none: each takes a promotion of its own. */
static void add_effect(struct cf_evaluation *e, struct cf_effect effect)
{
    if (e->out->n_effects < CF_EFFECTS_MAX)
        e->out->effects[e->out->n_effects++] = effect;
}

/* Points on what the goods that it covered cost in the end. Which those are was seen when it applied: what it took off
 * or claimed itself does not put them out. */
static enum cf_rc add_points(struct cf_evaluation *e, size_t effect, struct cf_error *err)
{
    size_t offer = e->effects[effect];
    const struct cf_promotion *p = e->offers[offer].promotion;
    struct cf_priced *out = e->out;
    int64_t cost = 0, more = 0;
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; k < e->n; k++)
        if ((e->effect_lines[effect][k / 64] >> (k % 64) & 1) != 0)
            cost += e->left[k]; /* no overflow: the cart's gross total fits */
    if (p->points_bp > 10000)
        rc = cf_muldiv_round(cost, (int64_t)p->points_bp - 10000, 10000, &more, err);
    if (rc == CF_OK)
        rc = cf_add_i64(out->points_net_minor, more, &out->points_net_minor, err);
    if (rc == CF_OK)
        rc = cf_add_i64(out->points_more, p->points_more, &out->points_more, err);
    if (rc == CF_OK)
        add_effect(e, (struct cf_effect){.offer = offer,
                                         .kind = CF_EFFECT_POINTS,
                                         .number = p->points_bp,
                                         .campaign = p->campaign,
                                         .points_net_minor = more,
                                         .points_more = p->points_more});
    return rc;
}

static enum cf_rc settle_effects(struct cf_evaluation *e, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < e->n_effects; i++) {
        size_t offer = e->effects[i];
        const struct cf_promotion *p = e->offers[offer].promotion;
        if (p->points_bp != 0 || p->points_more != 0)
            rc = add_points(e, i, err);
        if (p->issue_campaign != 0)
            add_effect(e, (struct cf_effect){.offer = offer, .kind = CF_EFFECT_COUPON, .number = p->issue_campaign});
        if (p->free_delivery)
            add_effect(e, (struct cf_effect){.offer = offer, .kind = CF_EFFECT_DELIVERY});
        e->out->free_delivery = e->out->free_delivery || p->free_delivery;
        if (e->lacking[i] > 0)
            add_effect(e, (struct cf_effect){.offer = offer,
                                             .kind = CF_EFFECT_GIFT,
                                             .number = p->goods.products[0],
                                             .qty_milli = e->lacking[i] * 1000});
    }
    return rc;
}

/* A gift card earns nothing when it is sold: what is bought with it does. */
static void leave_out_cards(struct cf_evaluation *e)
{
    for (size_t k = 0; k < e->n; k++)
        if (e->line[k]->product == CF_PRODUCT_GIFT_CARD)
            e->out->points_net_minor -= e->left[k]; /* no overflow: the cart's gross total fits */
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* Does it take the sale for itself? One that competes does so by being the best choice only. */
static bool is_over_all(const struct cf_promotion *p)
{
    return p->exclusive && p->exclusive_how == CF_EXCLUSIVE_OVER_ALL && p->choose != CF_CHOOSE_BEST;
}

static enum cf_rc check_offers(const struct cf_evaluation *e, bool *ret_choice, bool *ret_alone, struct cf_error *err)
{
    *ret_choice = *ret_alone = false;
    for (size_t i = 0; i < e->n_offers; i++) {
        const struct cf_promotion *p = e->offers[i].promotion;
        const struct cf_reward *reward = cf_reward_of(p->kind);
        if (reward == NULL)
            return cf_fail(err, CF_E_UNSUPPORTED, "campaign %lu: kind of reward %d", (unsigned long)p->campaign,
                           (int)p->kind);
        enum cf_rc rc = reward->check(p, err);
        if (rc != CF_OK)
            return rc;
        *ret_choice = *ret_choice || (p->choose == CF_CHOOSE_BEST && !e->offers[i].chosen);
        *ret_alone = *ret_alone || is_over_all(p);
    }
    return CF_OK;
}

/* The first offer that takes the sale for itself, if it gives anything: tried on the fresh basket. */
static enum cf_rc find_alone(struct cf_evaluation *e, struct cf_error *err)
{
    for (size_t i = 0; i < e->n_offers && !e->has_alone; i++) {
        const struct cf_promotion *p = e->offers[e->order[i]].promotion;
        struct cf_outcome outcome;
        if (!is_over_all(p))
            continue;
        enum cf_rc rc = cf_evaluation_try(e, e->order[i], false, &outcome, err);
        if (rc != CF_OK)
            return rc;
        e->has_alone = outcome.refused == CF_OK;
        e->alone = e->order[i];
    }
    if (e->has_alone) { /* it applied as a trial: back to the start */
        e->applied[e->alone] = false;
        cf_evaluation_fresh(e);
    }
    return CF_OK;
}

static enum cf_rc sum_up(struct cf_evaluation *e, struct cf_error *err)
{
    struct cf_priced *out = e->out;
    enum cf_rc rc = cf_evaluation_by_hand(e, err);
    if (rc == CF_OK)
        rc = settle_effects(e, err);
    if (rc == CF_OK)
        leave_out_cards(e);
    if (rc == CF_OK)
        rc = cf_evaluation_tax(e, err);
    if (rc != CF_OK)
        return rc;
    for (size_t k = 0; k < e->n; k++) {
        e->priced[k]->net_minor = e->left[k];
        e->priced[k]->discount_minor = e->gross[k] - e->left[k];
    }
    out->net_minor = out->total_minor = e->standing.left_minor;
    out->discount_minor = out->gross_minor - out->net_minor;
    if (e->tax_mode == CF_TAX_EXCLUSIVE)
        rc = cf_add_i64(out->net_minor, out->tax_minor, &out->total_minor, err);
    return rc;
}

static enum cf_rc evaluate(struct cf_evaluation *e, struct cf_error *err)
{
    bool choice, alone;
    enum cf_rc rc = start(e, err);
    if (rc == CF_OK)
        rc = check_offers(e, &choice, &alone, err);
    if (rc != CF_OK)
        return rc;
    order_offers(e);
    if (alone)
        rc = find_alone(e, err);
    if (rc == CF_OK && choice)
        rc = cf_choose_best(e, err);
    for (size_t i = 0; rc == CF_OK && i < e->n_offers; i++) {
        struct cf_outcome outcome;
        rc = cf_evaluation_try(e, e->order[i], true, &outcome, err);
    }
    return rc == CF_OK ? sum_up(e, err) : rc;
}

enum cf_rc cf_price(const struct cf_cart *cart, const struct cf_offer *offers, size_t n_offers,
                    enum cf_tax_mode tax_mode, cf_wall now, const struct cf_price_facts *facts, struct cf_priced *ret,
                    struct cf_error *err)
{
    assert(cf_tax_mode_is_known(tax_mode));
    /* Offers are weighed by document; tax by line is worked out of what they left. */
    const enum cf_tax_mode asked_mode = tax_mode;
    tax_mode = cf_tax_mode_of(tax_mode, CF_TAX_BY_DOCUMENT);
    assert(facts == NULL || cf_price_facts_check(facts, NULL) == CF_OK);
    enum cf_rc rc;
    if (n_offers > CF_OFFERS_MAX) {
        rc = cf_fail(err, CF_E_LIMIT, "%zu offers, at most %d", n_offers, CF_OFFERS_MAX);
    } else {
        struct cf_evaluation e;
        e.cart = cart;
        e.offers = offers;
        e.n_offers = n_offers;
        e.facts = facts;
        e.out = ret;
        e.tax_mode = tax_mode;
        e.now = now;
        rc = evaluate(&e, err);
    }
    if (rc == CF_OK && cf_tax_is_by_line(asked_mode))
        rc = cf_tax_each_line(cart, asked_mode, ret, err);
    if (rc != CF_OK)
        memset(ret, 0, sizeof *ret);
    return rc;
}
