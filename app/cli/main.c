/*
 * app/cli/main.c - `counterfoil`: the use cases of a till from a shell. One sub-command a file; this only finds it.
 */
#include "app/cli/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const struct cli_command *const commands[] = {
    &cli_sell,    &cli_return, &cli_decode,  &cli_classify, &cli_price,  &cli_code,
    &cli_journal, &cli_report, &cli_results, &cli_sync,     &cli_enrol,  &cli_release,
    &cli_user,    &cli_drawer, &cli_export,  &cli_devices,  &cli_health, &cli_machine,
};

static void overview(FILE *out)
{
    fputs("counterfoil - a checkout terminal that redeems coupons offline\n\n"
          "usage: counterfoil COMMAND [OPTION...] [ARGUMENT...]\n\n",
          out);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\ncounterfoil COMMAND --help tells the rest. Exit status: 0 done, 1 refused, 2 usage, 3 broken.\n", out);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        overview(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        overview(stdout);
        return CLI_DONE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[1], commands[i]->name) != 0)
            continue;
        for (int k = 2; k < argc; k++)
            if (strcmp(argv[k], "--help") == 0) {
                fputs(commands[i]->help, stdout);
                return CLI_DONE;
            }
        opterr = 0; /* getopt would quote the word as it is */
        return cli_end(commands[i]->run(argc - 1, argv + 1));
    }
    fputs("counterfoil: there is no such command\n", stderr);
    overview(stderr);
    return CLI_USAGE;
}
