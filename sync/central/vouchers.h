/*
 * sync/central/vouchers.h - a pinned coupon that a member paid for with points.
 *
 * Inside a transaction.
 */
#ifndef CF_CENTRAL_VOUCHERS_H
#define CF_CENTRAL_VOUCHERS_H

#include "sync/central/coupon_row.h"

/* The home's log gave the coupon up. If it is a voucher, the points go back to the member, once, and *coupon becomes
 * one that nobody can use again; the caller writes it. */
enum cf_rc cf_voucher_released(struct cf_central *central, struct cf_coupon_row *coupon, uint64_t record,
                               struct cf_error *err) CF_MUST_CHECK;

#endif
