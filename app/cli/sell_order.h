/*
 * app/cli/sell_order.h - orders in `counterfoil sell`: what was scanned, and what is handed out of it.
 */
#ifndef CF_CLI_SELL_ORDER_H
#define CF_CLI_SELL_ORDER_H

#include "app/cli/cli.h"

json_t *sell_order_json(const struct cf_order *order);
void sell_order_print(const struct cf_order *order, cf_currency currency);
json_t *sell_handed_out_json(const struct cf_till_handed_out *out, const char *receipt_no);
/* "1=2,3=0.5" or "1,3": all that is left of a line without a quantity, which is 0 here. CF_E_ARGUMENT, CF_E_QUANTITY.
 */
enum cf_rc sell_order_lines(const char *text, struct cf_taken_line ret[CF_ORDER_LINES_MAX], size_t *ret_n,
                            struct cf_error *err) CF_MUST_CHECK;

#endif
