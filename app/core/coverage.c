/*
 * app/core/coverage.c - the lines that a promotion covers, and what its minima and tiers are judged on.
 *
 * For a promotion that claims, pieces that others claimed before are not there: neither to be got nor for its minima.
 * Whether the minima are met is in conditions.c. Pure; thread-safe.
 */
#include "app/core/evaluation.h"

struct goods_mask {
    bool all;
    uint64_t products, categories;
};

static struct goods_mask mask_of_goods(const struct cf_goods *goods)
{
    struct goods_mask mask = {.all = goods->n_products == 0 && goods->n_categories == 0};
    for (size_t i = 0; i < goods->n_products; i++)
        mask.products |= cf_evaluation_mask(goods->products[i]);
    for (size_t i = 0; i < goods->n_categories; i++)
        mask.categories |= cf_evaluation_mask(goods->categories[i]);
    return mask;
}

/* Whether promotions of goods or of delivery reach it, and its price and past let them. */
static bool may_cover(const struct cf_evaluation *e, const struct cf_promotion *p, size_t k)
{
    const struct cf_cart_line *line = e->line[k];
    if (line->delivery ? p->covers == CF_COVERS_GOODS : p->covers == CF_COVERS_DELIVERY)
        return false;
    if ((p->skip_reduced && line->reduced) || (p->skip_discounted && e->left[k] < e->gross[k]))
        return false;
    if (line->unit_price_minor < p->unit_min_minor ||
        (p->unit_max_minor > 0 && line->unit_price_minor > p->unit_max_minor))
        return false;
    return cf_goods_few_is_empty(&p->except) || !cf_goods_few_name(&p->except, line);
}

static uint8_t slots_of(const struct cf_promotion *p, const struct cf_cart_line *line)
{
    unsigned slots = 0;
    for (size_t s = 0; s < p->n_slots; s++)
        if (cf_goods_few_is_empty(&p->slots[s].goods) || cf_goods_few_name(&p->slots[s].goods, line))
            slots |= 1u << s;
    return (uint8_t)slots;
}

/* Of the line without the pieces that others claimed before. */
struct unclaimed {
    uint32_t pieces;
    int64_t gross_minor, left_minor;
    int64_t qty_milli;
};

static struct unclaimed unclaimed_of(const struct cf_evaluation *e, const struct cf_promotion *p, size_t k)
{
    struct unclaimed of = {e->pieces[k], e->gross[k], e->left[k], e->line[k]->qty_milli};
    if (!p->claims || e->claimed[k] == 0)
        return of;
    of.pieces -= e->claimed[k];
    of.left_minor -= e->claimed_minor[k];
    of.gross_minor =
        of.pieces > 0
            ? cf_units_value(&(struct cf_covered_line){.left_minor = of.gross_minor, .pieces = e->pieces[k]}, of.pieces)
            : 0;
    of.qty_milli = (int64_t)of.pieces * 1000; /* what is weighed is one piece, and claimed whole */
    return of;
}

static void add_covered(struct cf_evaluation *e, const struct cf_promotion *p, size_t k, bool got, bool bought,
                        uint8_t slots)
{
    struct cf_covered *c = &e->covered;
    struct unclaimed of = unclaimed_of(e, p, k);
    int64_t room = e->left[k];
    if (of.pieces == 0)
        return;
    if (e->has_floor)
        room = room > e->floor[k] ? room - e->floor[k] : 0;
    room = room < of.left_minor ? room : of.left_minor;
    e->covered_line[c->n] = (struct cf_covered_line){.line = e->line[k],
                                                     .gross_minor = of.gross_minor,
                                                     .left_minor = of.left_minor,
                                                     .room_minor = room,
                                                     .pieces = of.pieces,
                                                     .got = got,
                                                     .bought = bought,
                                                     .slots = slots};
    e->room[c->n] = got ? room : 0;
    e->covered_at[c->n++] = (uint16_t)k;
    if (!got)
        return;
    /* No overflow: the cart's gross total fits, and 2,000 quantities of at most 10^8 do. */
    c->gross_minor += of.gross_minor;
    c->left_minor += of.left_minor;
    c->room_minor += room;
    c->qty_milli += of.qty_milli;
}

static enum cf_rc taxed(const struct cf_evaluation *e, const struct cf_promotion *p, size_t k, int64_t *minor,
                        struct cf_error *err)
{
    int64_t rate = 10000 + (int64_t)e->line[k]->tax_bp;
    if (p->min_tax == CF_TAX_WITH && e->tax_mode == CF_TAX_EXCLUSIVE)
        return cf_muldiv_round(*minor, rate, 10000, minor, err);
    if (p->min_tax == CF_TAX_WITHOUT && e->tax_mode == CF_TAX_INCLUSIVE)
        return cf_muldiv_round(*minor, 10000, rate, minor, err);
    return CF_OK;
}

/* Adds the unclaimed part of a line, as the promotion judges spend: of one whose price was agreed nothing. */
static enum cf_rc add_measure(const struct cf_evaluation *e, const struct cf_promotion *p, size_t k, int64_t *minor,
                              int64_t *qty_milli, struct cf_error *err)
{
    if (e->agreed[k])
        return CF_OK;
    struct unclaimed of = unclaimed_of(e, p, k);
    int64_t line_minor = p->min_after ? of.left_minor : of.gross_minor;
    enum cf_rc rc = taxed(e, p, k, &line_minor, err);
    if (rc == CF_OK)
        rc = cf_add_i64(*minor, line_minor, minor, err);
    if (rc == CF_OK)
        *qty_milli += of.qty_milli;
    return rc;
}

/* Of each product and category that `buy` names, and the least of these is what counts. */
static enum cf_rc measure_each(struct cf_evaluation *e, const struct cf_promotion *p, struct cf_error *err)
{
    struct cf_covered *c = &e->covered;
    size_t n = (size_t)p->buy.n_products + p->buy.n_categories;
    for (size_t i = 0; i < n; i++) {
        struct cf_goods_few one = {0};
        int64_t minor = 0, qty_milli = 0;
        if (i < p->buy.n_products)
            one.products[one.n_products++] = p->buy.products[i];
        else
            one.categories[one.n_categories++] = p->buy.categories[i - p->buy.n_products];
        for (size_t k = 0; k < e->n; k++) {
            enum cf_rc rc = cf_goods_few_name(&one, e->line[k]) ? add_measure(e, p, k, &minor, &qty_milli, err) : CF_OK;
            if (rc != CF_OK)
                return rc;
        }
        c->measure_minor = i == 0 || minor < c->measure_minor ? minor : c->measure_minor;
        c->measure_milli = i == 0 || qty_milli < c->measure_milli ? qty_milli : c->measure_milli;
    }
    return CF_OK;
}

/* What minima and tiers are judged on. */
static enum cf_rc measure(struct cf_evaluation *e, const struct cf_promotion *p, struct cf_error *err)
{
    struct cf_covered *c = &e->covered;
    bool aside = p->kind == CF_REWARD_GIFT || p->kind == CF_REWARD_EFFECT; /* the covered goods are what is given */
    bool over_all = p->min_over == CF_OVER_ALL || (p->min_over == CF_OVER_COVERED && aside);
    if (p->min_over == CF_OVER_COVERED && !over_all && p->min_tax == CF_TAX_AS_PRICED) {
        c->measure_minor = p->min_after ? c->left_minor : c->gross_minor;
        c->measure_milli = c->qty_milli;
        return CF_OK;
    }
    if (p->buy_each)
        return measure_each(e, p, err);
    size_t next = 0;
    for (size_t k = 0; k < e->n; k++) {
        bool is_covered = next < c->n && e->covered_at[next] == k;
        bool counts = is_covered && e->covered_line[next].got;
        next += is_covered;
        if (over_all)
            counts = !e->line[k]->delivery;
        else if (p->min_over == CF_OVER_BUY)
            counts = cf_goods_few_name(&p->buy, e->line[k]);
        if (!counts)
            continue;
        enum cf_rc rc = add_measure(e, p, k, &c->measure_minor, &c->measure_milli, err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

enum cf_rc cf_evaluation_cover(struct cf_evaluation *e, const struct cf_promotion *p, struct cf_error *err)
{
    struct goods_mask mask = mask_of_goods(&p->goods);
    bool by_buying = p->kind == CF_REWARD_BUY_GET || p->kind == CF_REWARD_GIFT;
    bool buys_any = cf_goods_few_is_empty(&p->buy), by_slots = p->kind == CF_REWARD_BUNDLE;
    bool simple = !e->has_delivery && p->covers == CF_COVERS_GOODS && !p->skip_reduced && !p->skip_discounted &&
                  p->unit_min_minor == 0 && p->unit_max_minor == 0 && cf_goods_few_is_empty(&p->except);
    e->covered =
        (struct cf_covered){.lines = e->covered_line, .tax_mode = e->tax_mode, .runs = e->runs, .scratch = e->share};
    for (size_t k = 0; k < e->n; k++) {
        if (e->agreed[k]) /* for this promotion it is not there */
            continue;
        bool got =
            mask.all || (((e->product_mask[k] & mask.products) != 0 || (e->category_mask[k] & mask.categories) != 0) &&
                         cf_goods_cover(&p->goods, e->line[k]));
        got = got && (simple || may_cover(e, p, k));
        uint8_t slots = by_slots && got ? slots_of(p, e->line[k]) : 0;
        got = got && (!by_slots || slots != 0);
        bool bought = by_buying && !e->line[k]->delivery && (buys_any || cf_goods_few_name(&p->buy, e->line[k]));
        if (got || bought)
            add_covered(e, p, k, got, bought, slots);
    }
    return measure(e, p, err);
}
