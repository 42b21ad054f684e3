/*
 * app/cli/cmd_drawer.c - the cash drawer: float, paid in, paid out, drop, no sale, count.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/cli/people.h"
#include "app/counter/counter.h"
#include "app/counter/printing.h"

static enum sell_verb verb_of(const char *name)
{
    static const enum sell_verb verbs[] = {SELL_FLOAT, SELL_PAID_IN, SELL_PAID_OUT,
                                           SELL_DROP,  SELL_NO_SALE, SELL_COUNT};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(sell_verb_name(verbs[i]), name) == 0)
            return verbs[i];
    return SELL_NOTHING;
}

static int tell(bool json, const struct cf_till_drawer *drawer, cf_currency currency, const char *receipt_no,
                const struct cf_error *print_error)
{
    if (json) {
        json_t *object = json_pack("{s:b, s:o}", "ok", 1, "drawer", cli_drawer_json(drawer, receipt_no));
        if (print_error)
            json_object_set_new(object, "print_error", cli_error_json(print_error));
        cli_print_json(object);
        return print_error ? CLI_BROKEN : CLI_DONE;
    }
    cli_print_drawer(drawer, currency, receipt_no);
    putchar('\n');
    return print_error ? cli_fail(false, "recorded, but the slip was not printed", print_error) : CLI_DONE;
}

static int do_it(const struct cf_counter_options *where, struct cf_printing *printing, bool json, enum sell_verb verb,
                 const char *amount, const char *reason)
{
    struct cf_counter at = {0};
    struct cf_till_drawer drawer;
    struct cf_error err, print_error;
    char receipt_no[CF_RECEIPT_NO_MAX];
    int status;
    enum cf_rc rc = cf_printing_check(printing, &err);
    if (rc == CF_OK)
        rc = cf_counter_open(where, &at, &err);
    if (rc == CF_OK)
        rc = cf_printing_open(printing, &at, &err);
    if (rc == CF_OK)
        rc = cli_drawer_step(at.till, verb, amount, reason, &drawer, &err);
    if (rc == CF_OK) {
        rc = cf_print_or_skip(printing, drawer.at.seq, false, receipt_no, &print_error);
        status = tell(json, &drawer, cf_till_store(at.till)->currency, receipt_no, rc == CF_OK ? NULL : &print_error);
    } else {
        status = cli_fail(json, NULL, &err);
    }
    cf_printing_close(printing);
    if (at.till)
        cf_counter_close(&at);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"dir", required_argument, NULL, 'd'},
                                            {"print", required_argument, NULL, 'p'},
                                            {"views", no_argument, NULL, 'v'},
                                            {"reason", required_argument, NULL, 'r'},
                                            {"printer", required_argument, NULL, 'P'},
                                            CF_PRINTING_OPTIONS,
                                            {0}};
    bool json = false;
    struct cf_counter_options where = {0};
    struct cf_printing printing = {0};
    const char *reason = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'j':
            json = true;
            break;
        case 'd':
            where.dir = optarg;
            break;
        case 'p':
            printing.dir = optarg;
            break;
        case 'v':
            printing.views = true;
            break;
        case 'r':
            reason = optarg;
            break;
        case 'P':
            printing.place = optarg;
            break;
        default:
            if (!cf_printing_option(option, optarg, &printing))
                return cli_usage_option(&cli_drawer, argv);
        }
    }
    if (printing.dir != NULL && printing.place != NULL)
        return cli_usage(&cli_drawer, "receipts go to a folder or to a printer, not to both");
    enum sell_verb verb = optind < argc ? verb_of(argv[optind]) : SELL_NOTHING;
    int n = verb == SELL_NO_SALE ? 1 : 2;
    if (!where.dir || verb == SELL_NOTHING || argc - optind != n)
        return cli_usage(&cli_drawer, "it needs --dir and one of: float, paid-in, paid-out, drop AMOUNT, count PIECES, "
                                      "no-sale");
    return do_it(&where, &printing, json, verb, n == 2 ? argv[optind + 1] : NULL, reason);
}

const struct cli_command cli_drawer = {
    .name = "drawer",
    .summary = "float, paid in, paid out, drop, no sale, count",
    .help =
        "usage: counterfoil drawer float|drop --dir DIR [--reason TEXT] [--print FOLDER [--views]] [--json] AMOUNT\n"
        "       counterfoil drawer paid-in|paid-out --dir DIR --reason TEXT [...] AMOUNT\n"
        "       counterfoil drawer no-sale --dir DIR --reason TEXT [...]\n"
        "       counterfoil drawer count --dir DIR [--reason TEXT] [...] PIECES\n"
        "       Instead of --print: --printer PLACE [--printer-model NAME] [--logo FILE], as in `counterfoil sell`.\n\n"
        "PIECES are notes and coins by value, as 100x3,50x2,0.5x10; \"none\" for an empty drawer. A count is blind: "
        "what is\n"
        "expected is told to a manager only, and a count that is off by more than the limit is kept with a reason "
        "only.\n",
    .run = run,
};
