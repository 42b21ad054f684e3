/*
 * app/cli/report.h - an X or Z report as the command and the steps of a sell script tell it.
 */
#ifndef CF_CLI_REPORT_H
#define CF_CLI_REPORT_H

#include "app/cli/cli.h"
#include "app/terminal/till.h"

/* With the promotions that this till goes on without. Owned by the caller. */
json_t *cli_report_json(const struct cf_till *till, const struct cf_till_report *report);
void cli_print_report(const struct cf_till_report *report);

#endif
