/*
 * app/core/sale_rejudge.c - prices a recorded sale again and holds the result against what the till charged.
 *
 * Judges the offers that the record names, not those that it should have named: a till that had not yet heard of a
 * promotion charged rightly. Rights (was the coupon spent, by whom) are the central service's. Pure.
 */
#include "app/core/sale.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static enum cf_rc differs(struct cf_error *err, const char *what, int64_t recorded, int64_t priced)
{
    bool more = recorded > priced;
    return cf_fail(err, CF_E_RECORD, "%s is %lld in the record and %lld when priced again: %llu too %s", what,
                   (long long)recorded, (long long)priced,
                   more ? (unsigned long long)recorded - (unsigned long long)priced
                        : (unsigned long long)priced - (unsigned long long)recorded,
                   more ? "much" : "little");
}

/* What the record says of an offer: a discount, or an effect without one. */
struct named {
    const char *what;
    size_t no; /* from 1 */
    uint32_t campaign, version;
    int32_t redemption;
};

static struct named named_at(const struct cf_sale *sale, size_t i)
{
    if (i < sale->n_discounts) {
        const struct cf_sale_discount *d = &sale->discounts[i];
        return (struct named){"discount", i + 1, d->campaign, d->version, d->redemption};
    }
    const struct cf_sale_effect *e = &sale->effects[i - sale->n_discounts];
    return (struct named){"effect", i - sale->n_discounts + 1, e->campaign, e->version, e->redemption};
}

/* Discounts first, then effects. Copies the promotions, since a look-up lasts until the next one. */
static enum cf_rc find_offers(const struct cf_sale *sale, const struct cf_sale_lookup *lookup,
                              struct cf_promotion *promotions, struct cf_offer *offers, struct cf_error *err)
{
    for (size_t i = 0; i < sale->n_discounts + sale->n_effects; i++) {
        const struct named named = named_at(sale, i);
        const struct cf_campaign *campaign = lookup->campaign(lookup->ctx, named.campaign, named.version);
        if (campaign == NULL)
            return cf_fail(err, CF_E_RECORD, "%s %zu: campaign %lu version %lu is not known", named.what, named.no,
                           (unsigned long)named.campaign, (unsigned long)named.version);
        if (campaign->promotion.needs_coupon && named.redemption < 0)
            return cf_fail(err, CF_E_RECORD, "%s %zu: campaign %lu needs %s", named.what, named.no,
                           (unsigned long)named.campaign,
                           campaign->without_coupon ? "a unit of its budget and none was taken"
                                                    : "a coupon and none was redeemed");
        promotions[i] = campaign->promotion;
        offers[i] = (struct cf_offer){
            .promotion = &promotions[i], .coupon_held = named.redemption >= 0, .tag = (uint32_t)i, .chosen = true};
    }
    return CF_OK;
}

/* A coupon that gave nothing itself, and was used up since another promotion on the sale asked for it. */
static bool goes_along(const struct cf_sale *sale, const struct cf_promotion *promotions, size_t effect)
{
    const struct cf_sale_effect *e = &sale->effects[effect];
    for (size_t i = 0; i < sale->n_discounts + sale->n_effects && e->redemption >= 0; i++)
        if (promotions[i].with_campaign == e->campaign)
            return true;
    return false;
}

/* Of which nothing but money could come, and none came: it is not to be tried again, since what kept it from giving may
 * not be on the record. */
static void leave_out_companions(const struct cf_sale *sale, struct cf_promotion *promotions)
{
    for (size_t i = 0; i < sale->n_effects; i++) {
        struct cf_promotion *p = &promotions[sale->n_discounts + i];
        bool has_effects = p->points_bp != 0 || p->points_more != 0 || p->issue_campaign != 0 || p->free_delivery ||
                           p->kind == CF_REWARD_GIFT || p->kind == CF_REWARD_EFFECT;
        if (!has_effects && goes_along(sale, promotions, i))
            p->from = p->to = (cf_wall){1}; /* a time that never was */
    }
}

/* The facts that the record has, and what it says of its member elsewhere. */
static struct cf_price_facts facts_of(const struct cf_sale *sale)
{
    struct cf_price_facts facts = sale->facts;
    facts.has_member = sale->has_member;
    facts.tier = sale->has_member ? sale->member_tier : 0;
    return facts;
}

static enum cf_rc fill_cart(const struct cf_sale *sale, const struct cf_sale_lookup *lookup, bool by_category,
                            struct cf_cart *cart, struct cf_error *err)
{
    cf_cart_clear(cart);
    cf_cart_quote_yield(cart, !sale->quote.stands);
    if (!cf_currency_equal(cf_cart_currency(cart), sale->currency))
        return cf_fail(err, CF_E_RECORD, "the sale is in %.3s, the store's goods are in %.3s", sale->currency.code,
                       cf_cart_currency(cart).code);
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_sale_line *sold = &sale->lines[i];
        struct cf_cart_line line = {0};
        struct cf_error why;
        uint32_t line_no;
        line.product = sold->product;
        line.qty_milli = sold->qty_milli;
        line.unit_price_minor = sold->unit_price_minor;
        line.tax_bp = sold->tax_bp;
        line.weighed = sold->qty_milli % 1000 != 0 || sold->weighed_whole;
        line.reduced = sold->reduced;
        line.delivery = sold->delivery;
        line.has_member_price = sold->has_member_price;
        line.member_price_minor = sold->member_price_minor;
        line.floor_minor = sold->floor_minor;
        line.extra.origin = cf_price_is_agreed(sold->extra.origin) ? sold->extra.origin : CF_PRICE_CATALOGUE;
        if (line.extra.origin == CF_PRICE_QUOTE && sale->quote.stands)
            line.quoted_off_minor = sold->discount_minor;
        if (by_category && sold->product != CF_PRODUCT_GIFT_CARD &&
            !lookup->categories(lookup->ctx, sold->product, line.categories, CF_LINE_CATEGORIES_MAX,
                                &line.n_categories))
            return cf_fail(err, CF_E_RECORD, "line %zu: product %llu is not known", i + 1,
                           (unsigned long long)sold->product);
        if (cf_cart_add(cart, &line, &line_no, &why) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "line %zu: %s", i + 1, why.detail);
    }
    for (size_t i = 0; i < sale->n_by_hand; i++) {
        struct cf_error why;
        if (cf_cart_discount(cart, &sale->by_hand[i].asked, &why) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "discount by hand %zu: %s", i + 1, why.detail);
    }
    return CF_OK;
}

static int64_t applied_to(const struct cf_priced *priced, size_t offer)
{
    for (size_t i = 0; i < priced->n_applied; i++)
        if (priced->applied[i].offer == offer)
            return priced->applied[i].amount_minor;
    return 0;
}

static enum cf_rc compare_discounts(const struct cf_sale *sale, const struct cf_priced *priced, struct cf_error *err)
{
    char what[80];
    for (size_t i = 0; i < sale->n_discounts; i++) {
        int64_t amount = applied_to(priced, i);
        if (amount == sale->discounts[i].amount_minor)
            continue;
        (void)snprintf(what, sizeof what, "discount %zu (campaign %lu)", i + 1,
                       (unsigned long)sale->discounts[i].campaign);
        return differs(err, what, sale->discounts[i].amount_minor, amount);
    }
    for (size_t i = 0; i < sale->n_by_hand; i++) {
        if (priced->hand[i].amount_minor == sale->by_hand[i].amount_minor)
            continue;
        (void)snprintf(what, sizeof what, "discount by hand %zu", i + 1);
        return differs(err, what, sale->by_hand[i].amount_minor, priced->hand[i].amount_minor);
    }
    for (size_t i = 0; i < sale->n_lines; i++) {
        if (priced->lines[i].discount_minor == sale->lines[i].discount_minor)
            continue;
        (void)snprintf(what, sizeof what, "line %zu: discount", i + 1);
        return differs(err, what, sale->lines[i].discount_minor, priced->lines[i].discount_minor);
    }
    return CF_OK;
}

static enum cf_rc compare_effects(const struct cf_sale *sale, const struct cf_promotion *promotions,
                                  const struct cf_priced *priced, struct cf_error *err)
{
    for (size_t i = 0; i < sale->n_effects; i++) {
        bool found = goes_along(sale, promotions, i);
        for (size_t k = 0; k < priced->n_effects; k++)
            found = found || priced->effects[k].offer == sale->n_discounts + i;
        if (!found)
            return cf_fail(err, CF_E_RECORD, "effect %zu (campaign %lu) is none when priced again", i + 1,
                           (unsigned long)sale->effects[i].campaign);
    }
    return CF_OK;
}

static enum cf_rc compare_sums(const struct cf_sale *sale, const struct cf_priced *priced, struct cf_error *err)
{
    if (sale->gross_minor != priced->gross_minor)
        return differs(err, "gross", sale->gross_minor, priced->gross_minor);
    if (sale->discount_minor != priced->discount_minor)
        return differs(err, "discount", sale->discount_minor, priced->discount_minor);
    if (sale->tax_minor != priced->tax_minor)
        return differs(err, "tax", sale->tax_minor, priced->tax_minor);
    if (sale->total_minor != priced->total_minor)
        return differs(err, "total", sale->total_minor, priced->total_minor);
    return CF_OK;
}

enum cf_rc cf_sale_rejudge(const struct cf_sale *sale, cf_wall at, const struct cf_sale_lookup *lookup,
                           struct cf_cart *cart, struct cf_priced *priced, struct cf_error *err)
{
    struct cf_error why;
    size_t n = sale->n_discounts + sale->n_effects;
    bool by_category = false;
    assert(n <= CF_OFFERS_MAX);
    struct cf_promotion *promotions = calloc(n + 1, sizeof *promotions);
    struct cf_offer *offers = calloc(n + 1, sizeof *offers);
    enum cf_rc rc = promotions != NULL && offers != NULL ? find_offers(sale, lookup, promotions, offers, err)
                                                         : cf_fail(err, CF_E_NO_MEMORY, "offers of a sale");
    for (size_t i = 0; rc == CF_OK && i < n; i++)
        by_category = by_category || cf_promotion_names_categories(&promotions[i]);
    if (rc == CF_OK)
        leave_out_companions(sale, promotions);
    if (rc == CF_OK)
        rc = fill_cart(sale, lookup, by_category, cart, err);
    const struct cf_price_facts facts = facts_of(sale);
    if (rc == CF_OK && cf_price(cart, offers, n, sale->tax_mode, at, &facts, priced, &why) != CF_OK)
        rc = cf_fail(err, CF_E_RECORD, "cannot be priced again: %s", why.detail);
    if (rc == CF_OK)
        rc = compare_discounts(sale, priced, err);
    if (rc == CF_OK)
        rc = compare_effects(sale, promotions, priced, err);
    if (rc == CF_OK)
        rc = compare_sums(sale, priced, err);
    free(promotions);
    free(offers);
    return rc;
}
