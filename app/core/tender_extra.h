/*
 * app/core/tender_extra.h - what a sale says of its tenders beside kind, amount and reference: key 3 of sale_extra.h.
 *
 *   [rounding_minor, [[tender_no, null | [currency, foreign_minor, rate_e8], null | payment_id(16)] ...]]
 *
 * Tenders from 1, rising; only those of which there is something to say. For sale_extra.c only. Pure.
 */
#ifndef CF_CORE_TENDER_EXTRA_H
#define CF_CORE_TENDER_EXTRA_H

#include "app/core/sale.h"
#include "base/cbor.h"

bool cf_tender_extra_has(const struct cf_sale *sale);
void cf_tender_extra_write(const struct cf_sale *sale, struct cf_cbor_writer *w);
void cf_tender_extra_read(struct cf_cbor_reader *r, struct cf_sale *sale);
/* Foreign money is cash, and worth what the rate says; an id belongs to a payment that somebody else took. CF_E_RECORD.
 */
enum cf_rc cf_tender_extra_check(const struct cf_sale *sale, struct cf_error *err) CF_MUST_CHECK;

#endif
