/*
 * app/core/tax.h - tax of one amount, and whether it is rounded by document or by line.
 *
 * By document a rate is taken once of all that its lines cost, and shared over them; by line each line's tax is rounded
 * on its own, and the sale's tax is their sum. Which one a store uses is part of the tax mode that a sale records.
 * Pure.
 */
#ifndef CF_CORE_TAX_H
#define CF_CORE_TAX_H

#include "app/core/pricing.h"
#include "app/core/store_rules.h"

bool cf_tax_mode_is_known(enum cf_tax_mode mode);
bool cf_tax_is_inclusive(enum cf_tax_mode mode);
bool cf_tax_is_by_line(enum cf_tax_mode mode);
/* INCLUSIVE or EXCLUSIVE, with the store's rounding. */
enum cf_tax_mode cf_tax_mode_of(enum cf_tax_mode mode, enum cf_tax_rounding rounding);
/* In `net` if prices contain it, else on top of it; rounded once, half away from zero. CF_E_OVERFLOW. */
enum cf_rc cf_tax_of(enum cf_tax_mode mode, int64_t net_minor, uint32_t tax_bp, int64_t *ret,
                     struct cf_error *err) CF_MUST_CHECK;
/* Taxes each line of a priced cart anew, and sums. CF_E_OVERFLOW. */
enum cf_rc cf_tax_each_line(const struct cf_cart *cart, enum cf_tax_mode mode, struct cf_priced *priced,
                            struct cf_error *err) CF_MUST_CHECK;

#endif
