/*
 * app/core/hand_discount.h - a discount that somebody at the till gives by hand: by amount or percent, on a line or on
 * the whole sale, with a reason.
 *
 * The cart holds what was given; cf_price takes it off after all promotions, in the order in which it was given. Pure.
 */
#ifndef CF_CORE_HAND_DISCOUNT_H
#define CF_CORE_HAND_DISCOUNT_H

#include "base/cbor.h"

#define CF_HAND_DISCOUNTS_MAX 16 /* on a sale */
#define CF_HAND_REASON_MAX 80

struct cf_hand_discount {
    uint32_t line_no;    /* of the cart; in a record its line's place + 1. 0: the whole sale, but for charges */
    uint32_t percent_bp; /* of what promotions and earlier discounts by hand left; 1 to 10000. 0: an amount */
    int64_t asked_minor; /* the amount, > 0; with a percentage 0 */
    uint32_t user;       /* who gave it; 0: the store has no users */
    char reason[CF_HAND_REASON_MAX + 1]; /* never "" */
};
/* A discount on a sale's record, with what it came to when the sale was priced. */
struct cf_hand_given {
    struct cf_hand_discount asked;
    int64_t amount_minor; /* > 0: one that came to nothing is not on the record */
};

/* CF_E_RANGE: neither or both of amount and percentage, or too much of it; CF_E_USER_REASON, CF_E_ENCODING. */
enum cf_rc cf_hand_discount_check(const struct cf_hand_discount *discount, struct cf_error *err) CF_MUST_CHECK;

#endif
