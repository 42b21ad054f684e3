/*
 * sync/central/points.h - a member's points: every change has one cause, so the balance is the sum of its causes.
 *
 * Inside a transaction.
 */
#ifndef CF_CENTRAL_POINTS_H
#define CF_CENTRAL_POINTS_H

#include "sync/central/state.h"

/* Why, and the number of what: (cause, ref) is booked once. */
enum cf_points_cause {
    CF_POINTS_OPENING = 0,  /* what there was before causes were kept; ref: the member */
    CF_POINTS_SALE = 1,     /* earned at a till; its record */
    CF_POINTS_ONLINE = 2,   /* earned online; the redemption */
    CF_POINTS_VOUCHER = 3,  /* taken for a voucher; the voucher */
    CF_POINTS_REFUND = 4,   /* given back by the release of a voucher; the voucher */
    CF_POINTS_RETURN = 5,   /* taken back by a return; its record */
    CF_POINTS_TENDER = 6,   /* taken to pay at a till; what holds them */
    CF_POINTS_UNTENDER = 7, /* given back, since that sale did not come to pass; the same */
    CF_POINTS_REFUNDED = 8, /* given back by a return; its record */
    CF_POINTS_BASKET = 9,   /* earned online without a coupon; the basket */
};

/* Notes the cause of a change that the caller makes to the member itself. Nothing for 0 points. CF_E_EXISTS if it is
 * booked already. */
enum cf_rc cf_points_note(struct cf_central *central, cf_sub sub, int64_t points, enum cf_points_cause cause,
                          uint64_t ref, struct cf_error *err) CF_MUST_CHECK;
/* Moves the balance by `points` and notes the cause. CF_E_POINTS if the balance would fall below zero, unless it may:
 * what a return takes back may have been spent before. CF_E_MEMBER_UNKNOWN; CF_E_EXISTS as above. After an error the
 * caller's transaction must not stand. */
enum cf_rc cf_points_move(struct cf_central *central, cf_sub sub, int64_t points, bool may_be_negative,
                          enum cf_points_cause cause, uint64_t ref, struct cf_error *err) CF_MUST_CHECK;

#endif
