/*
 * app/core/price_facts.c - the range of what a caller knows about the shopper and the place.
 *
 * What promotions make of it is conditions.c's. Pure; thread-safe.
 */
#include "app/core/pricing.h"

#include <string.h>

enum cf_rc cf_price_facts_check(const struct cf_price_facts *facts, struct cf_error *err)
{
    unsigned month = facts->birthday / 100, day = facts->birthday % 100;
    if (facts->tier > 9)
        return cf_fail(err, CF_E_RANGE, "tier %d", facts->tier);
    if (facts->birthday != 0 && (month < 1 || month > 12 || day < 1 || day > 31))
        return cf_fail(err, CF_E_RANGE, "birthday %d", facts->birthday);
    if (facts->n_segments > CF_FACT_SEGMENTS_MAX || facts->n_coupons > CF_FACT_COUPONS_MAX)
        return cf_fail(err, CF_E_RANGE, "%zu segments, %zu coupons", facts->n_segments, facts->n_coupons);
    if (facts->weekday > 7 || facts->minute >= 1440)
        return cf_fail(err, CF_E_RANGE, "weekday %d, minute %d", facts->weekday, facts->minute);
    if (!facts->has_member && (facts->tier != 0 || facts->first_purchase || facts->not_first || facts->visits != 0 ||
                               facts->birthday != 0 || facts->n_segments != 0))
        return cf_fail(err, CF_E_RANGE, "facts of a member, and no member");
    return CF_OK;
}
