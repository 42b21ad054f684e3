/*
 * app/core/sale_rejudge.c - prices a recorded sale again and holds the result against what the till charged.
 *
 * Judges the offers that the record names, not those that it should have named: a till that had not yet heard of a
 * promotion charged rightly. Rights (was the coupon spent, by whom) are the central service's. Pure.
 */
#include "app/core/sale.h"

#include <assert.h>
#include <stdio.h>

static enum cf_rc differs(struct cf_error *err, const char *what, int64_t recorded, int64_t priced)
{
    bool more = recorded > priced;
    return cf_fail(err, CF_E_RECORD, "%s is %lld in the record and %lld when priced again: %llu too %s", what,
                   (long long)recorded, (long long)priced,
                   more ? (unsigned long long)recorded - (unsigned long long)priced
                        : (unsigned long long)priced - (unsigned long long)recorded,
                   more ? "much" : "little");
}

/* Copies the promotions, since a look-up lasts until the next one. */
static enum cf_rc find_offers(const struct cf_sale *sale, const struct cf_sale_lookup *lookup,
                              struct cf_promotion *promotions, struct cf_offer *offers, bool *ret_by_category,
                              struct cf_error *err)
{
    *ret_by_category = false;
    for (size_t i = 0; i < sale->n_discounts; i++) {
        const struct cf_sale_discount *discount = &sale->discounts[i];
        const struct cf_campaign *campaign = lookup->campaign(lookup->ctx, discount->campaign, discount->version);
        if (campaign == NULL)
            return cf_fail(err, CF_E_RECORD, "discount %zu: campaign %lu version %lu is not known", i + 1,
                           (unsigned long)discount->campaign, (unsigned long)discount->version);
        if (campaign->promotion.needs_coupon && discount->redemption < 0)
            return cf_fail(err, CF_E_RECORD, "discount %zu: campaign %lu needs a coupon and none was redeemed", i + 1,
                           (unsigned long)discount->campaign);
        promotions[i] = campaign->promotion;
        offers[i] = (struct cf_offer){&promotions[i], discount->redemption >= 0, (uint32_t)i};
        *ret_by_category = *ret_by_category || promotions[i].goods.n_categories > 0;
    }
    return CF_OK;
}

static enum cf_rc fill_cart(const struct cf_sale *sale, const struct cf_sale_lookup *lookup, bool by_category,
                            struct cf_cart *cart, struct cf_error *err)
{
    cf_cart_clear(cart);
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
        line.weighed = sold->qty_milli % 1000 != 0;
        if (by_category && !lookup->categories(lookup->ctx, sold->product, line.categories, CF_LINE_CATEGORIES_MAX,
                                               &line.n_categories))
            return cf_fail(err, CF_E_RECORD, "line %zu: product %llu is not known", i + 1,
                           (unsigned long long)sold->product);
        if (cf_cart_add(cart, &line, &line_no, &why) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "line %zu: %s", i + 1, why.detail);
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
    for (size_t i = 0; i < sale->n_lines; i++) {
        if (priced->lines[i].discount_minor == sale->lines[i].discount_minor)
            continue;
        (void)snprintf(what, sizeof what, "line %zu: discount", i + 1);
        return differs(err, what, sale->lines[i].discount_minor, priced->lines[i].discount_minor);
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
    struct cf_promotion promotions[CF_OFFERS_MAX];
    struct cf_offer offers[CF_OFFERS_MAX];
    struct cf_error why;
    bool by_category;
    assert(sale->n_discounts <= CF_OFFERS_MAX);
    enum cf_rc rc = find_offers(sale, lookup, promotions, offers, &by_category, err);
    if (rc == CF_OK)
        rc = fill_cart(sale, lookup, by_category, cart, err);
    if (rc != CF_OK)
        return rc;
    if (cf_price(cart, offers, sale->n_discounts, sale->tax_mode, at, NULL, priced, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "cannot be priced again: %s", why.detail);
    rc = compare_discounts(sale, priced, err);
    if (rc == CF_OK)
        rc = compare_sums(sale, priced, err);
    return rc;
}
