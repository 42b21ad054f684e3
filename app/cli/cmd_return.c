/*
 * app/cli/cmd_return.c - takes goods of an earlier sale back, or voids a whole sale of today.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/cli/returned.h"
#include "app/counter/counter.h"
#include "app/counter/payers.h"
#include "app/counter/printing.h"

struct taking {
    bool json;
    struct cf_till_return what;
    struct cf_asked_line lines[CF_CART_LINES_MAX];
    struct cf_counter_options where;
    struct cf_printing printing;
    struct cf_payer_options pay;
};

/* --quantity belongs to the --line before it. */
static enum cf_rc take_line(struct taking *t, const char *text, struct cf_error *err)
{
    char *end;
    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (errno || *end || *text < '0' || *text > '9' || v < 1 || v > CF_CART_LINES_MAX)
        return cf_fail(err, CF_E_LINE_NONE, "\"%s\" is not the number of a line", text);
    if (t->what.n_lines > 0 && v <= t->lines[t->what.n_lines - 1].line_no)
        return cf_fail(err, CF_E_ARGUMENT, "lines are named once, in rising order");
    t->lines[t->what.n_lines++] = (struct cf_asked_line){.line_no = (uint32_t)v};
    return CF_OK;
}

static enum cf_rc take_quantity(struct taking *t, const char *text, struct cf_error *err)
{
    int64_t qty_milli;
    if (t->what.n_lines == 0)
        return cf_fail(err, CF_E_ARGUMENT, "--quantity comes behind its --line");
    enum cf_rc rc = cli_parse_milli(text, &qty_milli, err);
    if (rc == CF_OK && (qty_milli <= 0 || qty_milli > CF_QTY_MILLI_MAX))
        rc = cf_fail(err, CF_E_QUANTITY, "\"%s\" does not come back", text);
    if (rc == CF_OK)
        t->lines[t->what.n_lines - 1].qty_milli = qty_milli;
    return rc;
}

static int tell(const struct taking *t, const struct cf_till_returned *back, cf_currency currency,
                const char *receipt_no, const struct cf_error *print_error)
{
    if (t->json) {
        json_t *object = json_pack("{s:b, s:o}", "ok", 1, "returned", cli_returned_json(back, receipt_no));
        if (cf_printing_is_on(&t->printing))
            json_object_set_new(object, "printed", json_boolean(print_error == NULL));
        if (print_error)
            json_object_set_new(object, "print_error", cli_error_json(print_error));
        cli_print_json(object);
    } else {
        cli_print_returned(back, currency, receipt_no);
        putchar('\n');
    }
    if (print_error && !t->json)
        return cli_fail(false, "taken back, but the receipt was not printed", print_error);
    return print_error ? CLI_BROKEN : CLI_DONE;
}

static int take_back(struct taking *t)
{
    struct cf_counter at = {0};
    struct cf_payers payers = {0};
    struct cf_till_returned back;
    struct cf_error err, print_error;
    char receipt_no[CF_RECEIPT_NO_MAX];
    int status;
    enum cf_rc rc = cf_printing_check(&t->printing, &err);
    if (rc == CF_OK)
        rc = cf_payers_open(&t->pay, &payers, &err);
    cf_payers_put(&payers, &t->where);
    if (rc == CF_OK)
        rc = cf_counter_open(&t->where, &at, &err);
    if (rc == CF_OK)
        rc = cf_printing_open(&t->printing, &at, &err);
    if (rc == CF_OK)
        rc = cf_till_return(at.till, &t->what, &back, &err);
    if (rc == CF_OK) {
        rc = cf_print_or_skip(&t->printing, back.at.seq, false, receipt_no, &print_error);
        status = tell(t, &back, cf_till_store(at.till)->currency, receipt_no, rc == CF_OK ? NULL : &print_error);
    } else {
        status = cli_fail(t->json, NULL, &err);
    }
    cf_printing_close(&t->printing);
    if (at.till)
        cf_counter_close(&at);
    cf_payers_close(&payers);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"dir", required_argument, NULL, 'd'},
        {"print", required_argument, NULL, 'p'},
        {"views", no_argument, NULL, 'v'},
        {"label", required_argument, NULL, 'l'},
        {"cashier", required_argument, NULL, 'c'},
        {"online", no_argument, NULL, 'o'},
        {"line", required_argument, NULL, 'n'},
        {"quantity", required_argument, NULL, 'q'},
        {"void", no_argument, NULL, 'x'},
        {"by-hand", no_argument, NULL, 'h'},
        {"as-credit", no_argument, NULL, 'R'},
        {"reason", required_argument, NULL, 'W'},
        {"printer", required_argument, NULL, 'D'},
        CF_PRINTING_OPTIONS,
        CF_PAYER_OPTIONS,
        {0},
    };
    static struct taking t;
    struct cf_error err;
    enum cf_rc rc = CF_OK;
    int option;
    t.what.lines = t.lines;
    while (rc == CF_OK && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'j':
            t.json = true;
            break;
        case 'd':
            t.where.dir = optarg;
            break;
        case 'p':
            t.printing.dir = optarg;
            break;
        case 'v':
            t.printing.views = true;
            break;
        case 'l':
            t.where.label = optarg;
            break;
        case 'c':
            t.where.cashier = optarg;
            break;
        case 'o':
            t.where.ask_online = true;
            break;
        case 'n':
            rc = take_line(&t, optarg, &err);
            break;
        case 'q':
            rc = take_quantity(&t, optarg, &err);
            break;
        case 'x':
            t.what.is_void = true;
            break;
        case 'h':
            t.what.by_hand = true;
            break;
        case 'R':
            t.what.as_credit = true;
            break;
        case 'W':
            t.what.reason = optarg;
            break;
        case 'D':
            t.printing.place = optarg;
            break;
        default:
            if (!cf_printing_option(option, optarg, &t.printing) && !cf_payer_option(option, optarg, &t.pay))
                return cli_usage_option(&cli_return, argv);
        }
    }
    if (rc != CF_OK)
        return cli_fail(t.json, NULL, &err);
    if (t.printing.dir != NULL && t.printing.place != NULL)
        return cli_usage(&cli_return, "receipts go to a folder or to a printer, not to both");
    if (!t.where.dir || optind + 1 != argc)
        return cli_usage(&cli_return, "it needs --dir and the number of one receipt");
    t.what.receipt = argv[optind];
    return take_back(&t);
}

const struct cli_command cli_return = {
    .name = "return",
    .summary = "take goods of an earlier sale back, or void a sale",
    .help =
        "usage: counterfoil return RECEIPT --dir DIR [--line N [--quantity Q]]... [--void] [--online]\n"
        "                          [--print FOLDER [--views]] [--label TEXT] [--cashier NAME] [--json]\n"
        "                          [--card HOST:PORT [--card-password DIGITS]] [--psp HOST:PORT --psp-ca FILE "
        "--psp-key "
        "FILE]\n"
        "                          [--by-hand] [--as-credit] [--reason TEXT]\n"
        "                          [--printer PLACE [--printer-model NAME]] [--logo FILE]\n\n"
        "RECEIPT is a receipt's number (1001-1-000042), its code, or the number of a sale of this till. Without --line "
        "all that\n"
        "is left of the sale comes back; --line N is a line of the receipt, all that is left of it unless --quantity "
        "says how\n"
        "much. --void takes a whole sale of today back. The money goes back to the cards that paid, then to the "
        "drawer.\n\n"
        "What a card terminal or provider took through this till is given back by it (as for sell), unless --by-hand "
        "says "
        "that the\n"
        "cashier does it there; a refund that is owed or not known is settled in a sell script: pay-query, pay-retry, "
        "pay-decide.\n\n"
        "--as-credit: what would be given back in money is put on store credit, whose code is on the receipt.\n\n"
        "A sale of this till needs no link; one of another till of the store needs its hub, or the centre and "
        "--online.\n",
    .run = run,
};
