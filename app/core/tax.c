/*
 * app/core/tax.c - see tax.h.
 */
#include "app/core/tax.h"

bool cf_tax_mode_is_known(enum cf_tax_mode mode)
{
    return mode == CF_TAX_INCLUSIVE || mode == CF_TAX_EXCLUSIVE || mode == CF_TAX_INCLUSIVE_BY_LINE ||
           mode == CF_TAX_EXCLUSIVE_BY_LINE;
}

bool cf_tax_is_inclusive(enum cf_tax_mode mode)
{
    return mode == CF_TAX_INCLUSIVE || mode == CF_TAX_INCLUSIVE_BY_LINE;
}

bool cf_tax_is_by_line(enum cf_tax_mode mode)
{
    return mode == CF_TAX_INCLUSIVE_BY_LINE || mode == CF_TAX_EXCLUSIVE_BY_LINE;
}

enum cf_tax_mode cf_tax_mode_of(enum cf_tax_mode mode, enum cf_tax_rounding rounding)
{
    bool inclusive = cf_tax_is_inclusive(mode);
    if (rounding == CF_TAX_BY_LINE)
        return inclusive ? CF_TAX_INCLUSIVE_BY_LINE : CF_TAX_EXCLUSIVE_BY_LINE;
    return inclusive ? CF_TAX_INCLUSIVE : CF_TAX_EXCLUSIVE;
}

enum cf_rc cf_tax_of(enum cf_tax_mode mode, int64_t net_minor, uint32_t tax_bp, int64_t *ret, struct cf_error *err)
{
    return cf_muldiv_round(net_minor, tax_bp, cf_tax_is_inclusive(mode) ? 10000 + (int64_t)tax_bp : 10000, ret, err);
}

enum cf_rc cf_tax_each_line(const struct cf_cart *cart, enum cf_tax_mode mode, struct cf_priced *priced,
                            struct cf_error *err)
{
    int64_t sum = 0;
    for (size_t i = 0; i < priced->n_lines; i++) {
        const struct cf_cart_line *line = cf_cart_at(cart, i);
        int64_t tax = 0;
        enum cf_rc rc = line->voided ? CF_OK : cf_tax_of(mode, priced->lines[i].net_minor, line->tax_bp, &tax, err);
        if (rc == CF_OK)
            rc = cf_add_i64(sum, tax, &sum, err);
        if (rc != CF_OK)
            return rc;
        priced->lines[i].tax_minor = tax;
    }
    priced->tax_minor = sum;
    priced->total_minor = priced->net_minor;
    return cf_tax_is_inclusive(mode) ? CF_OK : cf_add_i64(priced->net_minor, sum, &priced->total_minor, err);
}
