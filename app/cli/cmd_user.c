/*
 * app/cli/cmd_user.c - who is at the till: login, lock, who.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/cli/people.h"
#include "app/counter/counter.h"

#define PIN_BYTES_MAX 64

/* Not an argument: those are seen by everybody on the machine. */
static enum cf_rc read_pin(struct cf_buf *pin, struct cf_error *err)
{
    bool got = false;
    enum cf_rc rc = cli_read_line(stdin, pin, &got, err);
    return rc == CF_OK && !got ? cf_fail(err, CF_E_ARGUMENT, "the PIN is read from the standard input") : rc;
}

static enum cf_rc act(struct cf_till *till, const char *verb, const char *who, struct cf_error *err)
{
    struct cf_buf pin;
    if (strcmp(verb, "who") == 0)
        return CF_OK;
    if (strcmp(verb, "lock") == 0)
        return cf_till_lock(till, err);
    cf_buf_init(&pin, PIN_BYTES_MAX);
    enum cf_rc rc = read_pin(&pin, err);
    if (rc == CF_OK)
        rc = cf_till_login(till, who, (const char *)pin.p, err);
    if (pin.n > 0)
        cf_bytes_wipe(pin.p, pin.n);
    cf_buf_done(&pin);
    return rc;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"dir", required_argument, NULL, 'd'}, {0}};
    bool json = false;
    struct cf_counter_options where = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            json = true;
        else if (option == 'd')
            where.dir = optarg;
        else
            return cli_usage_option(&cli_user, argv);
    }
    int n = argc - optind;
    const char *verb = n > 0 ? argv[optind] : "";
    bool login = strcmp(verb, "login") == 0, who = strcmp(verb, "who") == 0, lock = strcmp(verb, "lock") == 0;
    if (!where.dir || !((login && n == 2) || ((who || lock) && n == 1)))
        return cli_usage(&cli_user, "it needs --dir and one of: login USER, lock, who");
    struct cf_error err;
    struct cf_counter till;
    where.look_only = who;
    enum cf_rc rc = cf_counter_open(&where, &till, &err);
    if (rc != CF_OK)
        return cli_fail(json, NULL, &err);
    rc = act(till.till, verb, login ? argv[optind + 1] : NULL, &err);
    int status = CLI_DONE;
    if (rc != CF_OK) {
        status = cli_fail(json, NULL, &err);
    } else if (json) {
        json_t *object = cli_user_json(till.till);
        json_object_set_new(object, "ok", json_true());
        cli_print_json(object);
    } else {
        cli_print_user(till.till);
        putchar('\n');
    }
    cf_counter_close(&till);
    return status;
}

const struct cli_command cli_user = {
    .name = "user",
    .summary = "who is at the till: login, lock",
    .help =
        "usage: counterfoil user login --dir DIR [--json] USER < PIN\n"
        "       counterfoil user lock|who --dir DIR [--json]\n\n"
        "USER is a number, or the text of a badge. The PIN is read from the standard input. A login lasts until the "
        "lock,\n"
        "the next boot, or a quarter of an hour without anything done; sell and report z go on under it. After five "
        "wrong\n"
        "PINs in a row each costs a wait, which a restart does not shorten.\n",
    .run = run,
};
