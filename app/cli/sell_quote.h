/*
 * app/cli/sell_quote.h - quotations in `counterfoil sell`: what was quoted, and what is sold under one.
 */
#ifndef CF_CLI_SELL_QUOTE_H
#define CF_CLI_SELL_QUOTE_H

#include "app/cli/cli.h"

json_t *sell_quoted_json(const struct cf_till_quoted *quoted, const char *receipt_no);
void sell_quoted_print(const struct cf_till_quoted *quoted, const char *receipt_no, cf_currency currency,
                       int32_t utc_offset_min);
json_t *sell_unquoted_json(const struct cf_till_unquoted *unquoted);
void sell_unquoted_print(const struct cf_till_unquoted *unquoted, cf_currency currency);
/* The words of `unquote NAME [today] [seen]`: views into them. CF_E_ARGUMENT. */
enum cf_rc sell_unquote_words(const char *const *word, size_t n, struct cf_till_answers *answers,
                              struct cf_till_unquote *ret, struct cf_error *err) CF_MUST_CHECK;
/* The days of `quote [DAYS]`; "" is 0: as the default has it. CF_E_ARGUMENT. */
enum cf_rc sell_quote_days(const char *text, uint32_t *ret, struct cf_error *err) CF_MUST_CHECK;
/* What `quotes` lists: those of this till, the newest first. */
enum cf_rc sell_quotes_json(struct cf_till *till, json_t **ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc sell_quotes_print(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

#endif
