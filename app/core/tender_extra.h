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

/*
 * Key 13: by which rule what was left for cash was rounded, [step_minor, way]. There where the store rounds and cash
 * was taken, or was due and rounded to nothing. What was rounded follows from it and the tenders: CF_E_RECORD if not.
 */
bool cf_cash_extra_has(const struct cf_sale *sale);
void cf_cash_extra_write(const struct cf_sale *sale, struct cf_cbor_writer *w);
void cf_cash_extra_read(struct cf_cbor_reader *r, struct cf_sale *sale);
enum cf_rc cf_cash_extra_check(const struct cf_sale *sale, struct cf_error *err) CF_MUST_CHECK;

#endif
