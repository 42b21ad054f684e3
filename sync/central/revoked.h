/*
 * sync/central/revoked.h - coupons that tills issued on receipts whose goods are all back: good nowhere any more.
 *
 * Inside a transaction. Whether one is revoked follows from what is back of its sale, and what that leads to from the
 * uses that there are of it: in whichever order both are heard of, each use of a revoked coupon is exactly one
 * conflict.
 */
#ifndef CF_CENTRAL_REVOKED_H
#define CF_CENTRAL_REVOKED_H

#include "sync/central/coupon_row.h"

/* All goods of the sale are back: its coupons are refused from now on, here and by all who hear of it. Again: nothing.
 * A number that its till was not granted is left alone, since an alarm said so when the sale came. */
enum cf_rc cf_revoke_issued(struct cf_central *central, const struct cf_sale *sale, uint64_t sale_id,
                            struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_is_revoked(struct cf_central *central, uint32_t campaign, uint32_t index, bool *ret,
                         struct cf_error *err) CF_MUST_CHECK;
/* A use was written down. */
enum cf_rc cf_revoked_used(struct cf_central *central, uint32_t campaign, uint32_t index, int64_t redemption,
                           uint64_t record, struct cf_error *err) CF_MUST_CHECK;
/* A use never was, or is undone. */
enum cf_rc cf_revoked_unused(struct cf_central *central, int64_t redemption, uint64_t record,
                             struct cf_error *err) CF_MUST_CHECK;

#endif
