/*
 * app/core/lease_return.h - the body of a LEASE_RETURN record: a holder gives back what it was leased and will not use.
 *
 *   [campaign, units, minor]
 *
 * And the bodies of SUBLEASE_RETURN and STORE_LEASE_RETURN: the same of what a hub lent to the till, and of what the
 * store was leased through the hub that this terminal is.
 *
 *   [hub_epoch, campaign, units, minor]
 *
 * The record is the evidence: from it on the holder can never spend what it gave back, so somebody else may. Pure.
 */
#ifndef CF_CORE_LEASE_RETURN_H
#define CF_CORE_LEASE_RETURN_H

#include "base/bytes.h"

struct cf_lease_return {
    uint32_t campaign;
    int64_t units; /* >= 0 */
    int64_t minor; /* >= 0: money, of a campaign that is money_limited */
};
/* Appends. On an error `ret` is unchanged. */
enum cf_rc cf_lease_return_encode(const struct cf_lease_return *back, struct cf_buf *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
/* CF_E_CBOR_SHORT, _SHAPE, _TRAILING. */
enum cf_rc cf_lease_return_decode(cf_bytes bytes, struct cf_lease_return *ret, struct cf_error *err) CF_MUST_CHECK;

/* No record gives back more than this at once. */
#define CF_HUB_LEASE_RETURN_MAX INT64_C(1000000000000)
struct cf_hub_lease_return {
    uint32_t hub_epoch;
    struct cf_lease_return back;
};
/* Appends. On an error `ret` is unchanged. */
enum cf_rc cf_hub_lease_return_encode(const struct cf_hub_lease_return *back, struct cf_buf *ret,
                                      struct cf_error *err) CF_MUST_CHECK;
/* CF_E_CBOR_SHORT, _SHAPE, _TRAILING. */
enum cf_rc cf_hub_lease_return_decode(cf_bytes bytes, struct cf_hub_lease_return *ret,
                                      struct cf_error *err) CF_MUST_CHECK;

#endif
