/*
 * app/cli/cli.h - what the sub-commands of `counterfoil` share: how they are called, how they answer, how they end.
 *
 * A command is one file cmd_<name>.c. Results go to stdout, as text or (--json) as one JSON object a line; errors go to
 * stderr as text, or to stdout as JSON. Exit status: 0 done, 1 refused, 2 usage, 3 broken. docs/cli.md.
 */
#ifndef CF_CLI_CLI_H
#define CF_CLI_CLI_H

#include <jansson.h>

#include "app/terminal/till.h"
#include "sync/client/enrol.h"

enum { CLI_DONE = 0, CLI_REFUSED = 1, CLI_USAGE = 2, CLI_BROKEN = 3 };

struct cli_command {
    const char *name;
    const char *summary;
    const char *help; /* all of it, as --help prints it */
    int (*run)(int argc, char **argv);
};
extern const struct cli_command cli_sell, cli_decode, cli_classify, cli_price, cli_code, cli_journal, cli_report,
    cli_sync, cli_enrol, cli_return, cli_release, cli_results, cli_user, cli_drawer, cli_export, cli_devices,
    cli_health, cli_machine;

/* The exit status of an error, after telling it. `what` may be NULL: the file or the like that a text begins with. */
int cli_fail(bool json, const char *what, const struct cf_error *err);
int cli_usage(const struct cli_command *command, const char *format, ...) CF_PRINTF(2, 3);
/* For what getopt_long did not like, which has just been passed. */
int cli_usage_option(const struct cli_command *command, char **argv);
int cli_exit_status(enum cf_rc rc);
/* The last word of a command: `status`, unless its output went nowhere (a full disk), which is broken. */
int cli_end(int status);
/* {"name", "number", "text", "detail"} */
json_t *cli_error_json(const struct cf_error *err);
/* One line on stdout, control characters as escapes; takes the reference. */
void cli_print_json(json_t *object);
/* The same in ASCII: for texts from outside that must come out exactly. */
void cli_print_json_ascii(json_t *object);
/* Keys, hashes and ids: lower-case hex of at most CLI_HEX_BYTES_MAX bytes. */
#define CLI_HEX_BYTES_MAX 80
struct cf_till_ignored;
json_t *cli_json_ignored(const struct cf_till_ignored *ignored);
json_t *cli_json_hex(const void *p, size_t n);
/* Exactly the text if it is UTF-8 (print it with cli_print_json_ascii), else as cli_json_text. */
json_t *cli_json_exact(cf_bytes text);
/* Text that may hold anything, as a JSON string without control characters or malformed UTF-8. */
json_t *cli_json_text(cf_bytes text);
/* "sale" ...; "?" of a later version's. */
const char *cli_record_type(enum cf_record_type type);

/* Reads one line of any length up to max bytes, without its end of line, NUL-terminated after n. *ret_got is false at
 * the end. CF_E_LIMIT for a longer line: it is consumed whole, and *ret_got is true. */
enum cf_rc cli_read_line(void *stream, struct cf_buf *line, bool *ret_got, struct cf_error *err) CF_MUST_CHECK;

#endif
