/*
 * app/core/pricing.c - offers one after the other over what earlier ones left, then tax, then the sums.
 *
 * What a kind of reward takes off is in reward_*.c; the sentences are here. All lines are walked in the cart's settled
 * order, so that odd cents fall on the same goods whatever the order of scanning. Scratch space is on the stack, about
 * 150 KB of which only what the cart's lines need is touched. Pure; thread-safe.
 */
#include "app/core/pricing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/reward.h"
#include "app/core/tax.h"

/* One evaluation. Arrays are by place in the settled order. */
struct evaluation {
    const struct cf_cart *cart;
    const struct cf_offer *offers;
    struct cf_priced *out;
    cf_wall now;
    size_t n; /* live lines */
    const struct cf_cart_line *line[CF_CART_LINES_MAX];
    struct cf_priced_line *priced[CF_CART_LINES_MAX];
    uint64_t product_mask[CF_CART_LINES_MAX];
    uint64_t category_mask[CF_CART_LINES_MAX];
    /* of the offer or tax rate in hand */
    struct cf_covered covered;
    struct cf_covered_line covered_line[CF_CART_LINES_MAX];
    struct cf_priced_line *covered_priced[CF_CART_LINES_MAX];
    int64_t weight[CF_CART_LINES_MAX];
    int64_t share[CF_CART_LINES_MAX];
};
static_assert(CF_CART_LINES_MAX <= CF_ALLOCATE_MAX, "any number of lines can be shared over");

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

/* One bit of 64 for an id: goods and lines whose bits do not meet need no closer look. */
static uint64_t mask_of(uint64_t id)
{
    return UINT64_C(1) << ((id * UINT64_C(0x9E3779B97F4A7C15)) >> 58);
}

static enum cf_rc start(struct evaluation *e, struct cf_error *err)
{
    struct cf_priced *out = e->out;
    out->n_lines = cf_cart_count(e->cart);
    out->n_applied = 0;
    out->n_refused = 0;
    out->n_effects = 0;
    out->points_net_minor = out->points_more = 0;
    out->free_delivery = false;
    out->choice = (struct cf_choice){.exact = true};
    out->gross_minor = out->discount_minor = out->net_minor = out->tax_minor = out->total_minor = 0;
    memset(out->lines, 0, out->n_lines * sizeof out->lines[0]);

    e->n = cf_cart_live_count(e->cart);
    for (size_t k = 0; k < e->n; k++) {
        size_t position = cf_cart_settled(e->cart, k);
        const struct cf_cart_line *line = cf_cart_at(e->cart, position);
        struct cf_priced_line *priced = &out->lines[position];
        int64_t gross;
        enum cf_rc rc = cf_line_gross(line, &gross, err);
        if (rc == CF_OK)
            rc = cf_add_i64(out->gross_minor, gross, &out->gross_minor, err);
        if (rc != CF_OK)
            return rc;
        priced->gross_minor = gross;
        priced->net_minor = gross;
        e->line[k] = line;
        e->priced[k] = priced;
        e->product_mask[k] = mask_of(line->product);
        e->category_mask[k] = 0;
        for (size_t i = 0; i < line->n_categories; i++)
            e->category_mask[k] |= mask_of(line->categories[i]);
    }
    out->net_minor = out->gross_minor;
    return CF_OK;
}

/* Priority first, then the older campaign; the order given only for two offers of one campaign and version. */
static bool applies_before(const struct cf_offer *a, const struct cf_offer *b)
{
    const struct cf_promotion *p = a->promotion, *q = b->promotion;
    if (p->priority != q->priority)
        return p->priority > q->priority;
    if (p->campaign != q->campaign)
        return p->campaign < q->campaign;
    return p->version < q->version;
}

static void order_offers(const struct cf_offer *offers, size_t n, uint16_t order[CF_OFFERS_MAX])
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        while (at > 0 && applies_before(&offers[i], &offers[order[at - 1]])) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = (uint16_t)i;
    }
}

static void cover(struct evaluation *e, const struct cf_goods *goods)
{
    bool all = goods->n_products == 0 && goods->n_categories == 0;
    uint64_t products = 0, categories = 0;
    for (size_t i = 0; i < goods->n_products; i++)
        products |= mask_of(goods->products[i]);
    for (size_t i = 0; i < goods->n_categories; i++)
        categories |= mask_of(goods->categories[i]);

    struct cf_covered *c = &e->covered;
    *c = (struct cf_covered){.lines = e->covered_line};
    for (size_t k = 0; k < e->n; k++) {
        bool maybe = all || (e->product_mask[k] & products) != 0 || (e->category_mask[k] & categories) != 0;
        if (!maybe || !(all || cf_goods_cover(goods, e->line[k])))
            continue;
        struct cf_priced_line *priced = e->priced[k];
        e->covered_line[c->n] = (struct cf_covered_line){e->line[k], priced->gross_minor, priced->net_minor};
        e->covered_priced[c->n] = priced;
        c->n++;
        /* No overflow: the cart's gross total fits, and 2,000 quantities of at most 10^8 do. */
        c->gross_minor += priced->gross_minor;
        c->left_minor += priced->net_minor;
        c->qty_milli += e->line[k]->qty_milli;
    }
}

/* Notes a refusal and opens its sentence; NULL for an automatic promotion, which is not reported. */
static struct cf_refused *refuse(struct evaluation *e, size_t offer, enum cf_rc rc, struct cf_reason *reason)
{
    if (!e->offers[offer].coupon_held)
        return NULL;
    struct cf_refused *refused = &e->out->refused[e->out->n_refused++];
    refused->offer = offer;
    refused->rc = rc;
    refused->shortfall_minor = 0;
    cf_reason_init(reason, refused->reason, cf_cart_currency(e->cart));
    return refused;
}

static bool refused_by_time(struct evaluation *e, size_t offer)
{
    const struct cf_promotion *p = e->offers[offer].promotion;
    struct cf_reason reason;
    if (p->from.us == 0 && p->to.us == 0)
        return false;
    if (e->now.us < p->from.us) {
        if (refuse(e, offer, CF_E_COUPON_EARLY, &reason) != NULL) {
            cf_reason_text(&reason, "valid from ");
            cf_reason_date(&reason, p->from);
        }
        return true;
    }
    if (e->now.us >= p->to.us) {
        if (refuse(e, offer, CF_E_COUPON_ENDED, &reason) != NULL) {
            cf_reason_text(&reason, "ended ");
            cf_reason_date(&reason, p->to);
        }
        return true;
    }
    return false;
}

static bool refused_by_company(struct evaluation *e, size_t offer)
{
    struct cf_reason reason;
    const struct cf_promotion *beside = NULL;
    if (e->out->n_applied > 0)
        beside = e->offers[e->out->applied[0].offer].promotion;
    if (beside == NULL || !(beside->exclusive || e->offers[offer].promotion->exclusive))
        return false;
    if (refuse(e, offer, CF_E_COUPON_COMBINE, &reason) != NULL) {
        cf_reason_text(&reason, "cannot be combined with ");
        cf_reason_text(&reason, beside->name[0] != '\0' ? beside->name : "another promotion");
    }
    return true;
}

static void explain_minimum(struct cf_reason *reason, const struct cf_goods *goods)
{
    if (goods->n_products != 0 || goods->n_categories != 0)
        cf_reason_text(reason, " of covered goods");
    cf_reason_text(reason, ", basket has ");
}

static bool refused_by_goods(struct evaluation *e, size_t offer)
{
    const struct cf_promotion *p = e->offers[offer].promotion;
    struct cf_reason reason;
    if (e->covered.n == 0) {
        if (refuse(e, offer, CF_E_COUPON_SCOPE, &reason) != NULL)
            cf_reason_text(&reason, "nothing in the basket is covered");
        return true;
    }
    if (e->covered.gross_minor < p->min_spend_minor) {
        struct cf_refused *refused = refuse(e, offer, CF_E_COUPON_MINIMUM, &reason);
        if (refused != NULL) {
            refused->shortfall_minor = p->min_spend_minor - e->covered.gross_minor;
            cf_reason_text(&reason, "needs ");
            cf_reason_money(&reason, p->min_spend_minor);
            explain_minimum(&reason, &p->goods);
            cf_reason_money(&reason, e->covered.gross_minor);
        }
        return true;
    }
    if (e->covered.qty_milli < p->min_qty_milli) {
        if (refuse(e, offer, CF_E_COUPON_MINIMUM, &reason) != NULL) {
            cf_reason_text(&reason, "needs ");
            cf_reason_quantity(&reason, p->min_qty_milli);
            explain_minimum(&reason, &p->goods);
            cf_reason_quantity(&reason, e->covered.qty_milli);
        }
        return true;
    }
    return false;
}

static void refuse_without_effect(struct evaluation *e, size_t offer)
{
    struct cf_reason reason;
    if (refuse(e, offer, CF_E_COUPON_NO_EFFECT, &reason) == NULL)
        return;
    cf_reason_text(&reason, "takes nothing off goods that cost ");
    cf_reason_money(&reason, e->covered.left_minor);
    if (e->covered.left_minor != e->covered.gross_minor)
        cf_reason_text(&reason, " after other discounts");
}

static void explain_applied(struct evaluation *e, const struct cf_reward *reward, const struct cf_promotion *p,
                            bool capped, struct cf_applied *applied)
{
    char how[CF_REASON_MAX + 1];
    struct cf_reason part, reason;
    cf_reason_init(&part, how, cf_cart_currency(e->cart));
    reward->explain(p, &e->covered, &part);
    if (capped) {
        cf_reason_text(&part, part.n > 0 ? ", at most " : "at most ");
        cf_reason_money(&part, p->max_discount_minor);
    }
    cf_reason_init(&reason, applied->reason, cf_cart_currency(e->cart));
    cf_reason_text(&reason, p->name[0] != '\0' ? p->name : "Promotion");
    cf_reason_text(&reason, ": ");
    cf_reason_money(&reason, -applied->amount_minor);
    if (part.n > 0) {
        cf_reason_text(&reason, " (");
        cf_reason_text(&reason, how);
        cf_reason_text(&reason, ")");
    }
}

/* Shares `amount` by e->weight over the covered lines and takes it off each. */
static enum cf_rc take_off(struct evaluation *e, int64_t amount, int64_t weight_sum, struct cf_error *err)
{
    const int64_t *share = e->weight;
    if (amount != weight_sum) {
        enum cf_rc rc = cf_allocate(amount, e->weight, e->covered.n, e->share, err);
        if (rc != CF_OK)
            return rc;
        share = e->share;
    }
    for (size_t i = 0; i < e->covered.n; i++) {
        struct cf_priced_line *priced = e->covered_priced[i];
        assert(share[i] >= 0 && share[i] <= priced->net_minor);
        priced->discount_minor += share[i];
        priced->net_minor -= share[i];
    }
    e->out->discount_minor += amount;
    e->out->net_minor -= amount;
    return CF_OK;
}

static enum cf_rc apply_offer(struct evaluation *e, size_t offer, struct cf_error *err)
{
    const struct cf_promotion *p = e->offers[offer].promotion;
    const struct cf_reward *reward = cf_reward_of(p->kind);
    if (reward == NULL)
        return cf_fail(err, CF_E_UNSUPPORTED, "campaign %lu: kind of reward %d", (unsigned long)p->campaign,
                       (int)p->kind);
    enum cf_rc rc = reward->check(p, err);
    if (rc != CF_OK)
        return rc;
    if (p->needs_coupon && !e->offers[offer].coupon_held)
        return CF_OK;
    if (refused_by_time(e, offer))
        return CF_OK;
    cover(e, &p->goods);
    if (refused_by_goods(e, offer) || refused_by_company(e, offer))
        return CF_OK;

    int64_t amount, weight_sum = 0;
    rc = reward->give(p, &e->covered, e->weight, &amount, err);
    if (rc != CF_OK)
        return rc;
    for (size_t i = 0; i < e->covered.n; i++)
        weight_sum += e->weight[i]; /* <= left_minor */
    assert(amount >= 0 && amount <= weight_sum && weight_sum <= e->covered.left_minor);
    bool capped = p->max_discount_minor > 0 && amount > p->max_discount_minor;
    if (capped)
        amount = p->max_discount_minor;
    if (amount == 0) {
        refuse_without_effect(e, offer);
        return CF_OK;
    }
    rc = take_off(e, amount, weight_sum, err);
    if (rc != CF_OK)
        return rc;
    struct cf_applied *applied = &e->out->applied[e->out->n_applied++];
    applied->offer = offer;
    applied->amount_minor = amount;
    explain_applied(e, reward, p, capped, applied);
    return CF_OK;
}

/* The tax of all lines of one rate together, rounded once and shared by what they cost. */
static enum cf_rc tax_rate(struct evaluation *e, uint32_t tax_bp, enum cf_tax_mode tax_mode, size_t n, int64_t net,
                           struct cf_error *err)
{
    int64_t tax;
    enum cf_rc rc =
        cf_muldiv_round(net, tax_bp, tax_mode == CF_TAX_INCLUSIVE ? 10000 + (int64_t)tax_bp : 10000, &tax, err);
    if (rc != CF_OK || tax == 0)
        return rc;
    rc = cf_allocate(tax, e->weight, n, e->share, err);
    if (rc == CF_OK)
        rc = cf_add_i64(e->out->tax_minor, tax, &e->out->tax_minor, err);
    if (rc != CF_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        e->covered_priced[i]->tax_minor = e->share[i];
    return CF_OK;
}

static enum cf_rc tax_lines(struct evaluation *e, enum cf_tax_mode tax_mode, struct cf_error *err)
{
    /* Each round takes the rate of the first line that is left and moves the other rates' lines up. */
    size_t left = e->n;
    while (left > 0) {
        uint32_t tax_bp = e->line[0]->tax_bp;
        size_t n = 0, others = 0;
        int64_t net = 0;
        for (size_t k = 0; k < left; k++) {
            if (e->line[k]->tax_bp == tax_bp) {
                e->covered_priced[n] = e->priced[k];
                e->weight[n++] = e->priced[k]->net_minor;
                net += e->priced[k]->net_minor;
            } else {
                e->line[others] = e->line[k];
                e->priced[others++] = e->priced[k];
            }
        }
        enum cf_rc rc = tax_rate(e, tax_bp, tax_mode, n, net, err);
        if (rc != CF_OK)
            return rc;
        left = others;
    }
    return CF_OK;
}

static enum cf_rc evaluate(struct evaluation *e, size_t n_offers, enum cf_tax_mode tax_mode, struct cf_error *err)
{
    uint16_t order[CF_OFFERS_MAX];
    enum cf_rc rc = start(e, err);
    if (rc != CF_OK)
        return rc;
    order_offers(e->offers, n_offers, order);
    for (size_t i = 0; i < n_offers; i++) {
        rc = apply_offer(e, order[i], err);
        if (rc != CF_OK)
            return rc;
    }
    rc = tax_lines(e, tax_mode, err);
    if (rc != CF_OK)
        return rc;
    e->out->total_minor = e->out->net_minor;
    if (tax_mode == CF_TAX_EXCLUSIVE)
        rc = cf_add_i64(e->out->net_minor, e->out->tax_minor, &e->out->total_minor, err);
    return rc;
}

enum cf_rc cf_price(const struct cf_cart *cart, const struct cf_offer *offers, size_t n_offers,
                    enum cf_tax_mode tax_mode, cf_wall now, const struct cf_price_facts *facts, struct cf_priced *ret,
                    struct cf_error *err)
{
    assert(cf_tax_mode_is_known(tax_mode));
    /* Offers are weighed by document; tax by line is worked out of what they left. */
    const enum cf_tax_mode asked_mode = tax_mode;
    tax_mode = cf_tax_mode_of(tax_mode, CF_TAX_BY_DOCUMENT);
    enum cf_rc rc;
    assert(facts == NULL || cf_price_facts_check(facts, NULL) == CF_OK);
    if (n_offers > CF_OFFERS_MAX) {
        rc = cf_fail(err, CF_E_LIMIT, "%zu offers, at most %d", n_offers, CF_OFFERS_MAX);
    } else {
        struct evaluation e;
        e.cart = cart;
        e.offers = offers;
        e.out = ret;
        e.now = now;
        rc = evaluate(&e, n_offers, tax_mode, err);
    }
    if (rc == CF_OK && cf_tax_is_by_line(asked_mode))
        rc = cf_tax_each_line(cart, asked_mode, ret, err);
    if (rc != CF_OK)
        memset(ret, 0, sizeof *ret);
    return rc;
}
