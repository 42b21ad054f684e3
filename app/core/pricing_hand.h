/*
 * app/core/pricing_hand.h - takes discounts by hand off what promotions left. Private to app/core. Pure.
 */
#ifndef CF_CORE_PRICING_HAND_H
#define CF_CORE_PRICING_HAND_H

#include "app/core/evaluation.h"

/* The cart's, in their order, into e->left and the result. */
enum cf_rc cf_evaluation_by_hand(struct cf_evaluation *e, struct cf_error *err) CF_MUST_CHECK;

#endif
