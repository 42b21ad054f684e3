/*
 * app/cli/sell_request.h - goods that the store has not, in `counterfoil sell`: asked for, answered, listed; and the
 * orders that it has to hand out.
 */
#ifndef CF_CLI_SELL_REQUEST_H
#define CF_CLI_SELL_REQUEST_H

#include "app/cli/cli.h"

/* Who wants them, as typed: "Li Na, 138 0013 8000", or nothing for the member of the sale. */
struct sell_who {
    char name[CF_REQUEST_NAME_MAX + 1];
    char reach[CF_REQUEST_NAME_MAX + 1];
};
/* CF_E_ARGUMENT. */
enum cf_rc sell_who_parse(const char *text, struct sell_who *ret, struct cf_error *err) CF_MUST_CHECK;
/* "17", or the number of a slip of this till: "1001-1-000042". CF_E_ARGUMENT. */
enum cf_rc sell_request_parse(const char *text, uint32_t *ret_number, struct cf_sale_ref *ret_of,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc sell_store_parse(const char *text, uint32_t *ret, struct cf_error *err) CF_MUST_CHECK;

json_t *sell_asked_json(const struct cf_till_asked *asked, const char *receipt_no);
/* All of them, page by page, into *ret, which the caller frees; or printed. */
enum cf_rc sell_requests_json(struct cf_till *till, json_t **ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc sell_requests_print(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc sell_orders_json(struct cf_till *till, json_t **ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc sell_orders_print(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

#endif
