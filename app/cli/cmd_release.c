/*
 * app/cli/cmd_release.c - gives up a coupon that is pinned to this till, so that it can be used elsewhere.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/counter/counter.h"

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
            return cli_usage_option(&cli_release, argv);
    }
    if (!where.dir || optind + 1 != argc)
        return cli_usage(&cli_release, "it needs --dir and one coupon");
    struct cf_error err;
    struct cf_counter at;
    struct cf_coupon coupon = {.campaign = 0};
    enum cf_rc rc = cf_counter_open(&where, &at, &err);
    if (rc != CF_OK)
        return cli_fail(json, NULL, &err);
    rc = cf_till_release(at.till, cf_bytes_str(argv[optind]), &coupon, &err);
    cf_counter_close(&at);
    if (rc != CF_OK)
        return cli_fail(json, NULL, &err);
    if (json)
        cli_print_json(json_pack("{s:b, s:I, s:I, s:I}", "ok", 1, "campaign", (json_int_t)coupon.campaign, "index",
                                 (json_int_t)coupon.index, "generation", (json_int_t)coupon.generation));
    else
        printf("Coupon %u of campaign %u is given up here. Once this till has synced, the centre can give it another "
               "place.\n",
               coupon.index, coupon.campaign);
    return CLI_DONE;
}

const struct cli_command cli_release = {
    .name = "release",
    .summary = "give up a coupon that is pinned to this till",
    .help = "usage: counterfoil release --dir DIR [--json] CODE\n\n"
            "CODE is the coupon (CP1:...). It must be pinned to this till and not spent; from then on this till "
            "refuses it. After\n"
            "the next sync POST /v1/coupons/pin gives it another home, or none. Not while sell is at work there.\n",
    .run = run,
};
