/*
 * app/cli/cmd_results.c - what the centre has found about this till's records: conflicts over coupons, records at
 * fault.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"

struct listing {
    bool json, all;
    uint64_t shown;
};

static enum cf_rc show(void *ctx, const struct cf_result *result, struct cf_error *err)
{
    struct listing *listing = ctx;
    bool open = result->rc != CF_OK;
    (void)err;
    if (!open && !listing->all)
        return CF_OK;
    listing->shown++;
    if (listing->json)
        cli_print_json(json_pack("{s:I, s:s, s:b, s:b, s:o}", "seq", (json_int_t)result->seq, "result",
                                 cf_rc_name(result->rc), "open", open, "conflict", cf_result_is_conflict(result->rc),
                                 "text", cli_json_text(cf_bytes_str(result->text))));
    else
        printf("record %llu: %s: %s\n", (unsigned long long)result->seq, open ? cf_rc_name(result->rc) : "settled",
               result->text);
    return CF_OK;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"all", no_argument, NULL, 'a'}, {"dir", required_argument, NULL, 'd'}, {0}};
    struct listing listing = {.json = false};
    const char *dir = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            listing.json = true;
        else if (option == 'a')
            listing.all = true;
        else if (option == 'd')
            dir = optarg;
        else
            return cli_usage_option(&cli_results, argv);
    }
    if (!dir || optind != argc)
        return cli_usage(&cli_results, "it needs --dir");
    struct cf_error err;
    struct cf_replica *replica = NULL;
    enum cf_rc rc = cf_replica_open(dir, CF_REPLICA_READ, &replica, NULL, &err);
    if (rc == CF_OK)
        rc = cf_replica_results(replica, 0, show, &listing, &err);
    else if (rc == CF_E_REPLICA_NONE)
        rc = CF_OK; /* it has heard nothing yet */
    cf_replica_close(replica);
    if (rc != CF_OK)
        return cli_fail(listing.json, NULL, &err);
    if (!listing.json && listing.shown == 0)
        puts("Nothing is open.");
    return CLI_DONE;
}

const struct cli_command cli_results = {
    .name = "results",
    .summary = "what the centre has found about this till's records",
    .help = "usage: counterfoil results --dir DIR [--all] [--json]\n\n"
            "One line a record: a coupon that had been used elsewhere before, one that is reserved for another place,\n"
            "more than this till may accept alone, or a record that is wrong in itself. --all: also what is settled.\n"
            "Works beside a running till; as new as the last sync.\n",
    .run = run,
};
