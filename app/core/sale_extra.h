/*
 * app/core/sale_extra.h - the last, optional element of a sale's array: a map of what sales have learnt to say since.
 *
 *   {1: facts, 2: of lines, 3: of tenders, 4: people, 5: effects, 6: fiscal, 7: by hand, 8: value accounts,
 *   9: order, 10: exchange, 11: quote, 12: points by campaign, 13: rule of cash,
 *   14: whose word the number of visits is}
 *
 * Keys ascend and each is there only if it says something; the map itself too, so that a sale without any keeps the
 * bytes that it always had. A new key is a row of the table in sale_extra.c. For sale.c, sale_check.c
 * and the steps of an open sale. Pure.
 */
#ifndef CF_CORE_SALE_EXTRA_H
#define CF_CORE_SALE_EXTRA_H

#include "app/core/sale.h"
#include "base/cbor.h"

bool cf_sale_has_extra(const struct cf_sale *sale);
void cf_sale_extra_write(const struct cf_sale *sale, struct cf_cbor_writer *w);
/* Shapes only: cf_sale_extra_check is next. The sale's other fields are read already. */
void cf_sale_extra_read(struct cf_cbor_reader *r, struct cf_sale *sale);
/* CF_E_RECORD. */
enum cf_rc cf_sale_extra_check(const struct cf_sale *sale, struct cf_error *err) CF_MUST_CHECK;

/* What one line says there, as a map: for the step that makes a line too. */
bool cf_sale_line_has_extra(const struct cf_sale_line *line);
void cf_sale_line_extra_write(const struct cf_sale_line *line, struct cf_cbor_writer *w);
void cf_sale_line_extra_read(struct cf_cbor_reader *r, struct cf_sale_line *line);
/* Of a line alone. CF_E_RANGE, CF_E_ENCODING. */
enum cf_rc cf_sale_line_extra_check(const struct cf_sale_line *line, struct cf_error *err) CF_MUST_CHECK;

#endif
