/*
 * app/cli/cmd_report.c - the X report (any time) and the Z report (closes the day).
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"

static json_t *tenders_json(const int64_t *tender_minor)
{
    return json_pack("{s:I, s:I, s:I}", "cash", (json_int_t)tender_minor[CF_TENDER_CASH], "card",
                     (json_int_t)tender_minor[CF_TENDER_CARD], "mobile", (json_int_t)tender_minor[CF_TENDER_MOBILE]);
}

static json_t *rates_json(const struct cf_rate_total *rate, size_t n)
{
    json_t *rates = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rates, json_pack("{s:I, s:I}", "tax_bp", (json_int_t)rate[i].tax_bp, "net_minor",
                                               (json_int_t)rate[i].net_minor));
    return rates;
}

static json_t *returned_json(const struct cf_return_totals *t)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "returns",
                     (json_int_t)t->n_returns, "voids", (json_int_t)t->n_voids, "lines", (json_int_t)t->n_lines,
                     "gross_minor", (json_int_t)t->gross_minor, "discount_minor", (json_int_t)t->discount_minor,
                     "tax_minor", (json_int_t)t->tax_minor, "total_minor", (json_int_t)t->total_minor, "points",
                     (json_int_t)t->points, "coupons_given_back", (json_int_t)t->n_given_back, "coupons_burnt",
                     (json_int_t)t->n_burnt, "rates", rates_json(t->rate, t->n_rates), "tenders",
                     tenders_json(t->tender_minor));
}

static json_t *report_json(const struct cf_till_report *report)
{
    const struct cf_totals *t = &report->z.totals;
    json_t *rates = rates_json(t->rate, t->n_rates);
    json_t *object =
        json_pack("{s:b, s:s, s:I, s:I, s:s, s:I, s:I}", "ok", 1, "report", report->is_z ? "z" : "x", "z_no",
                  (json_int_t)report->z.z_no, "business_day", (json_int_t)report->z.business_day, "currency",
                  report->currency.code, "sales", (json_int_t)t->n_sales, "lines", (json_int_t)t->n_lines);
    json_object_update_new(object,
                           json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "gross_minor",
                                     (json_int_t)t->gross_minor, "discount_minor", (json_int_t)t->discount_minor,
                                     "tax_minor", (json_int_t)t->tax_minor, "total_minor", (json_int_t)t->total_minor,
                                     "points", (json_int_t)t->points, "coupons_redeemed", (json_int_t)t->n_redemptions,
                                     "coupons_issued", (json_int_t)t->n_issued, "rates", rates));
    json_object_set_new(object, "tenders", tenders_json(t->tender_minor));
    json_object_set_new(object, "returned", returned_json(&t->returned));
    json_object_update_new(
        object,
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:b, s:o, s:o}", "conflicts_open", (json_int_t)report->conflicts_open,
                  "faults_open", (json_int_t)report->faults_open, "recorded", (json_int_t)report->recorded.seq, "sent",
                  (json_int_t)report->sent_seq, "acknowledged", (json_int_t)report->acknowledged_seq, "equal",
                  report->heads_agree, "recorded_head", cli_json_hex(report->recorded.hash.digest, CF_SHA256_BYTES),
                  "acknowledged_head", cli_json_hex(report->acknowledged_head.digest, CF_SHA256_BYTES)));
    return object;
}

static void print_amount(const char *name, int64_t minor, cf_currency currency)
{
    char text[CF_MONEY_TEXT_MAX];
    cf_money_format_signed((cf_money){minor, currency}, text);
    printf("  %-18s %16s\n", name, text);
}

static void print_report(const struct cf_till_report *report)
{
    const struct cf_totals *t = &report->z.totals;
    printf("%s report %u, business day %u\n", report->is_z ? "Z" : "X", report->z.z_no, report->z.business_day);
    printf("  %-18s %16llu\n", "sales", (unsigned long long)t->n_sales);
    print_amount("gross", t->gross_minor, report->currency);
    print_amount("discounts", -t->discount_minor, report->currency);
    print_amount("tax", t->tax_minor, report->currency);
    print_amount("total", t->total_minor, report->currency);
    print_amount("cash", t->tender_minor[CF_TENDER_CASH], report->currency);
    print_amount("card", t->tender_minor[CF_TENDER_CARD], report->currency);
    print_amount("mobile", t->tender_minor[CF_TENDER_MOBILE], report->currency);
    if (t->returned.n_returns > 0) {
        printf("  %-18s %16llu\n", "returns", (unsigned long long)t->returned.n_returns);
        print_amount("refunded", -t->returned.total_minor, report->currency);
        print_amount("of it in cash", -t->returned.tender_minor[CF_TENDER_CASH], report->currency);
    }
    printf("  %-18s %16llu\n", "coupons redeemed", (unsigned long long)t->n_redemptions);
    printf("  %-18s %16llu\n", "coupons issued", (unsigned long long)t->n_issued);
    if (report->conflicts_open + report->faults_open > 0)
        printf("  %-18s %16llu\n  %-18s %16llu\n  (counterfoil results says which)\n", "open conflicts",
               (unsigned long long)report->conflicts_open, "records at fault", (unsigned long long)report->faults_open);
    printf("  recorded %llu %s acknowledged %llu (sent %llu)%s\n", (unsigned long long)report->recorded.seq,
           report->heads_agree ? "=" : "≠", (unsigned long long)report->acknowledged_seq,
           (unsigned long long)report->sent_seq, report->heads_agree ? ", same head on both ends" : "");
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"dir", required_argument, NULL, 'd'}, {0}};
    bool json = false;
    struct cli_till_options where = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            json = true;
        else if (option == 'd')
            where.dir = optarg;
        else
            return cli_usage_option(&cli_report, argv);
    }
    bool z = optind < argc && strcmp(argv[optind], "z") == 0;
    if (!where.dir || optind + 1 != argc || (!z && strcmp(argv[optind], "x") != 0))
        return cli_usage(&cli_report, "it needs --dir and one of: x, z");
    struct cf_error err;
    struct cli_till till;
    struct cf_till_report report;
    where.look_only = !z;
    enum cf_rc rc = cli_till_open(&where, &till, &err);
    if (rc != CF_OK)
        return cli_fail(json, NULL, &err);
    rc = z ? cf_till_z_report(till.till, &report, &err) : cf_till_x_report(till.till, &report, &err);
    cli_till_close(&till);
    if (rc != CF_OK)
        return cli_fail(json, NULL, &err);
    if (json)
        cli_print_json(report_json(&report));
    else
        print_report(&report);
    return CLI_DONE;
}

const struct cli_command cli_report = {
    .name = "report",
    .summary = "X report, or Z report that closes the day",
    .help = "usage: counterfoil report x --dir DIR [--json]\n"
            "       counterfoil report z --dir DIR [--json]\n\n"
            "Totals since the last Z, by tender and tax rate, and whether recorded = sent = acknowledged with the same "
            "chain\n"
            "head on both ends. Says how many conflicts the centre has found that nobody has settled. z closes the "
            "business day as a record of its own; it is refused while a sale is open.\n",
    .run = run,
};
