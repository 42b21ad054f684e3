/*
 * app/core/value_extra.h - what a sale says of value accounts: key 8 of sale_extra.h.
 *
 *   [[[tender_no, source, account, points, null | request_key(16)] ...], [[line_no, card] ...]]
 *
 * Tenders and lines from 1, rising; every tender of kinds 4, 5 and 6, every line that is a gift card. The account of
 * points is the sale's member, and stands there alone: who is forgotten is forgotten in one place. For sale_extra.c
 * only.
 */
#ifndef CF_CORE_VALUE_EXTRA_H
#define CF_CORE_VALUE_EXTRA_H

#include "app/core/sale.h"
#include "base/cbor.h"

bool cf_value_extra_has(const struct cf_sale *sale);
void cf_value_extra_write(const struct cf_sale *sale, struct cf_cbor_writer *w);
void cf_value_extra_read(struct cf_cbor_reader *r, struct cf_sale *sale);
/* CF_E_RECORD. */
enum cf_rc cf_value_extra_check(const struct cf_sale *sale, struct cf_error *err) CF_MUST_CHECK;

/* Of one tender, without the sale: CF_E_RECORD. */
enum cf_rc cf_tender_value_check(const struct cf_tender *tender, struct cf_error *err) CF_MUST_CHECK;

#endif
