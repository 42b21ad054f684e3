/*
 * app/core/sale_return_extra.h - the last, optional element of a return's array: a map of what returns have learnt to
 * say since.
 *
 *   {3: rounding_minor, 4: [step_minor, way], 6: fiscal_answer.h, 11: [[tender_no, id(16)] ...],
 *    12: exchange_minor, 13: reason, 14: the store credit that was given out, as value.h writes a card,
 *    15: [[campaign, index, used] ...] coupons of the sale's receipt that are revoked, 16: points by campaign,
 *    17: true, nothing of a member's sale is left}
 *
 * Keys ascend and each is there only if it says something; the map itself too, so that a return without any keeps the
 * bytes that it always had. For sale_return_cbor.c only. Pure.
 */
#ifndef CF_CORE_SALE_RETURN_EXTRA_H
#define CF_CORE_SALE_RETURN_EXTRA_H

#include "app/core/sale_return.h"
#include "base/cbor.h"

bool cf_return_has_extra(const struct cf_return *r);
void cf_return_extra_write(const struct cf_return *r, struct cf_cbor_writer *w);
/* Shapes only: cf_return_extra_check is next. The return's other fields are read already. */
void cf_return_extra_read(struct cf_cbor_reader *in, struct cf_return *r);
/* CF_E_RECORD. */
enum cf_rc cf_return_extra_check(const struct cf_return *r, struct cf_error *err) CF_MUST_CHECK;

#endif
