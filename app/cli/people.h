/*
 * app/cli/people.h - the steps of a sell script, and the commands, that are about people and the drawer.
 */
#ifndef CF_CLI_PEOPLE_H
#define CF_CLI_PEOPLE_H

#include "app/cli/cli.h"
#include "app/cli/sell_script.h"

/* "100x3,50x2": pieces of each denomination. CF_E_DRAWER_COUNT, CF_E_MONEY_SYNTAX, CF_E_ARGUMENT. */
enum cf_rc cli_parse_count(const char *text, cf_currency currency, struct cf_drawer_count *ret,
                           struct cf_error *err) CF_MUST_CHECK;
/* A step of the drawer; `reason` may be NULL. */
enum cf_rc cli_drawer_step(struct cf_till *till, enum sell_verb verb, const char *amount, const char *reason,
                           struct cf_till_drawer *ret, struct cf_error *err) CF_MUST_CHECK;
json_t *cli_drawer_json(const struct cf_till_drawer *drawer, const char *receipt_no);
json_t *cli_user_json(const struct cf_till *till);
void cli_print_drawer(const struct cf_till_drawer *drawer, cf_currency currency, const char *receipt_no);
void cli_print_user(const struct cf_till *till);

#endif
