/*
 * app/cli/returned.h - a return told in words and in JSON, for the commands that take goods back.
 */
#ifndef CF_CLI_RETURNED_H
#define CF_CLI_RETURNED_H

#include "app/cli/cli.h"

/* "returned: ¥12.50 (cash ¥12.50) of 1001-1-000042, receipt 1001-1-000043", without the end of the line */
void cli_print_returned(const struct cf_till_returned *back, cf_currency currency, const char *receipt_no);
json_t *cli_returned_json(const struct cf_till_returned *back, const char *receipt_no);

/* Store credit that was given out. */
/* The number of a coupon; null for what no coupon stood for. */
json_t *cli_index_json(uint32_t index);
json_t *cli_credit_json(const struct cf_till_card *credit);

/* "2", "0.345" in thousandths. CF_E_QUANTITY. */
enum cf_rc cli_parse_milli(const char *text, int64_t *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
