/*
 * app/cli/parked.h - tells of parked sales.
 */
#ifndef CF_CLI_PARKED_H
#define CF_CLI_PARKED_H

#include <jansson.h>

#include "app/terminal/till.h"

json_t *cli_handed_json(const struct cf_till_handed *handed);
void cli_print_handed(const struct cf_till_handed *handed);
json_t *cli_parked_json(const struct cf_till_parked *parked, size_t n);
void cli_print_parked(const struct cf_till_parked *parked, size_t n, bool hub, cf_currency currency);

#endif
