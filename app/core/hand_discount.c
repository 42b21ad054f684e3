/*
 * app/core/hand_discount.c - see hand_discount.h.
 */
#include "app/core/hand_discount.h"

#include <string.h>

#include "app/core/cart.h"
#include "app/core/permit.h"
#include "base/text.h"

enum cf_rc cf_hand_discount_check(const struct cf_hand_discount *discount, struct cf_error *err)
{
    char copy[CF_HAND_REASON_MAX + 1];
    size_t n = strnlen(discount->reason, sizeof discount->reason);
    bool percent = discount->percent_bp != 0;
    if (percent ? discount->percent_bp > 10000 || discount->asked_minor != 0
                : discount->asked_minor < 1 || discount->asked_minor > CF_PRICE_MINOR_MAX)
        return cf_fail(err, CF_E_RANGE, "a discount of %lu.%02lu %% or %lld", (unsigned long)discount->percent_bp / 100,
                       (unsigned long)discount->percent_bp % 100, (long long)discount->asked_minor);
    if (discount->line_no > CF_CART_LINES_MAX || discount->user > CF_USER_NUMBER_MAX)
        return cf_fail(err, CF_E_RANGE, "a discount on line %lu by user %lu", (unsigned long)discount->line_no,
                       (unsigned long)discount->user);
    if (n == 0)
        return cf_fail(err, CF_E_USER_REASON, "a discount by hand has a reason");
    if (n == sizeof discount->reason)
        return cf_fail(err, CF_E_ENCODING, "a reason that does not end");
    return cf_text_accept(cf_bytes_of(discount->reason, n), copy, sizeof copy, err);
}
