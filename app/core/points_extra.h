/*
 * app/core/points_extra.h - points by campaign, as records have them: [[campaign, points] ...], rising by campaign.
 *
 * Key 12 of a sale's map (given), key 16 of a return's (taken back). For sale_extra.c and sale_return_extra.c. Pure.
 */
#ifndef CF_CORE_POINTS_EXTRA_H
#define CF_CORE_POINTS_EXTRA_H

#include "app/core/pricing.h"
#include "base/cbor.h"

void cf_points_given_write(const struct cf_points_given *given, size_t n, struct cf_cbor_writer *w);
/* Shapes only: the check is next. */
void cf_points_given_read(struct cf_cbor_reader *r, struct cf_points_given ret[CF_EFFECTS_MAX], size_t *ret_n);
/* They rise, each is above 0, and all together are at most `all`. CF_E_RECORD. */
enum cf_rc cf_points_given_check(const struct cf_points_given *given, size_t n, int64_t all,
                                 struct cf_error *err) CF_MUST_CHECK;
/* Are they the same? CF_E_RECORD: the detail says which campaign differs. */
enum cf_rc cf_points_given_compare(const struct cf_points_given *recorded, size_t n_recorded,
                                   const struct cf_points_given *made, size_t n_made,
                                   struct cf_error *err) CF_MUST_CHECK;

#endif
