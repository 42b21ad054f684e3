/*
 * app/cli/cmd_report.c - the X report (any time) and the Z report (closes the day).
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/cli/parked.h"
#include "app/cli/report.h"
#include "app/counter/counter.h"
#include "app/counter/printing.h"

static json_t *tenders_json(const int64_t *tender_minor)
{
    json_t *object = json_object();
    for (int kind = CF_TENDER_CASH; kind <= CF_REPORT_TENDERS_MAX; kind++)
        if (kind <= CF_TENDER_MOBILE || tender_minor[kind] != 0) /* of the later kinds those that were used */
            json_object_set_new(object, cf_tender_kind_name((enum cf_tender_kind)kind),
                                json_integer(tender_minor[kind]));
    return object;
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

static json_t *drawer_json(const struct cf_till_report *report)
{
    const struct cf_drawer_totals *d = &report->z.detail.drawer;
    json_t *object =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "float_minor", (json_int_t)d->float_minor, "paid_in_minor",
                  (json_int_t)d->paid_in_minor, "paid_out_minor", (json_int_t)d->paid_out_minor, "drop_minor",
                  (json_int_t)d->drop_minor, "no_sale", (json_int_t)d->n_no_sale, "counts", (json_int_t)d->n_counts,
                  "expected_minor", (json_int_t)report->expected_minor);
    if (d->n_counts > 0)
        json_object_update_new(object, json_pack("{s:I, s:I, s:I}", "counted_minor", (json_int_t)d->counted_minor,
                                                 "expected_at_count_minor", (json_int_t)d->expected_minor,
                                                 "variance_minor", (json_int_t)(d->counted_minor - d->expected_minor)));
    return object;
}

static json_t *users_json(const struct cf_day_detail *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->n_users; i++) {
        const struct cf_day_user *u = &d->users[i];
        json_array_append_new(
            list,
            json_pack(
                "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                "user", u->user, "sales", (json_int_t)u->n_sales, "sales_minor", (json_int_t)u->sales_minor, "returns",
                (json_int_t)u->n_returns, "voids", (json_int_t)u->n_voids, "returned_minor",
                (json_int_t)u->returned_minor, "cancelled", (json_int_t)u->n_cancelled, "cancelled_minor",
                (json_int_t)u->cancelled_minor, "void_lines", (json_int_t)u->n_void_lines, "void_lines_minor",
                (json_int_t)u->void_lines_minor, "overridden", (json_int_t)u->n_overridden, "allowed",
                (json_int_t)u->n_allowed, "no_sale", (json_int_t)u->n_no_sale, "by_hand", (json_int_t)u->n_by_hand,
                "by_hand_minor", (json_int_t)u->by_hand_minor, "reprints", (json_int_t)u->n_reprints, "open_returns",
                (json_int_t)u->n_open_returns, "open_returned_minor", (json_int_t)u->open_returned_minor,
                "price_changes", (json_int_t)u->n_priced, "price_changes_minor", (json_int_t)u->priced_minor));
    }
    return list;
}

static json_t *hours_json(const struct cf_day_detail *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < CF_DAY_HOURS; i++)
        if (d->hour[i].n_sales > 0)
            json_array_append_new(list, json_pack("{s:I, s:I, s:I}", "hour", (json_int_t)i, "sales",
                                                  (json_int_t)d->hour[i].n_sales, "total_minor",
                                                  (json_int_t)d->hour[i].total_minor));
    return list;
}

static json_t *campaigns_json(const struct cf_day_detail *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->n_campaigns; i++) {
        const struct cf_day_campaign *c = &d->campaigns[i];
        json_array_append_new(list,
                              json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "campaign", (json_int_t)c->campaign,
                                        "uses", (json_int_t)c->n_uses, "amount_minor", (json_int_t)c->amount_minor,
                                        "redeemed", (json_int_t)c->n_redeemed, "issued", (json_int_t)c->n_issued,
                                        "given_back", (json_int_t)c->n_given_back, "points", (json_int_t)c->points,
                                        "points_back", (json_int_t)c->points_back));
    }
    return list;
}

/* How a day's sums beside sales and returns are called. */
static const struct {
    const char *name, *count, *amount, *text;
} day_sums[CF_DAY_SUMS] = {
    [CF_DAY_PICKED_UP] = {"orders_handed_out", "orders", "paid_online_minor", "orders paid online"},
    [CF_DAY_ORDERS_PAID] = {"orders_paid_here", "orders", "paid_minor", "orders paid here"},
    [CF_DAY_CARDS_SOLD] = {"cards_sold", "cards", "amount_minor", "gift cards sold"},
    [CF_DAY_TOPPED_UP] = {"cards_topped_up", "cards", "amount_minor", "cards topped up"},
    [CF_DAY_CARDS_BACK] = {"cards_taken_back", "cards", "amount_minor", "cards taken back"},
};

static void put_detail_json(const struct cf_till_report *report, json_t *object)
{
    const struct cf_day_detail *d = &report->z.detail;
    json_object_set_new(object, "rounding_minor", json_integer(report->z.totals.rounding_minor));
    json_object_set_new(
        object, "cancelled",
        json_pack("{s:I, s:I}", "sales", (json_int_t)d->n_cancelled, "gross_minor", (json_int_t)d->cancelled_minor));
    for (size_t i = 0; i < CF_DAY_SUMS; i++)
        if (d->sums[i].n > 0)
            json_object_set_new(object, day_sums[i].name,
                                json_pack("{s:I, s:I}", day_sums[i].count, (json_int_t)d->sums[i].n, day_sums[i].amount,
                                          (json_int_t)d->sums[i].minor));
    json_object_set_new(object, "drawer", drawer_json(report));
    json_object_set_new(object, "users", users_json(d));
    json_object_set_new(object, "parked", cli_parked_json(report->parked, report->n_parked));
    json_object_set_new(object, "hours", hours_json(d));
    json_object_set_new(object, "campaigns", campaigns_json(d));
    json_object_set_new(object, "offline",
                        json_pack("{s:I, s:I, s:I, s:I}", "leased", (json_int_t)d->exposure.n_leased, "leased_minor",
                                  (json_int_t)d->exposure.leased_minor, "risked", (json_int_t)d->exposure.n_risked,
                                  "risked_minor", (json_int_t)d->exposure.risked_minor));
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
    put_detail_json(report, object);
    json_object_update_new(
        object,
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:b, s:o, s:o}", "conflicts_open", (json_int_t)report->conflicts_open,
                  "faults_open", (json_int_t)report->faults_open, "recorded", (json_int_t)report->recorded.seq, "sent",
                  (json_int_t)report->sent_seq, "acknowledged", (json_int_t)report->acknowledged_seq, "equal",
                  report->heads_agree, "recorded_head", cli_json_hex(report->recorded.hash.digest, CF_SHA256_BYTES),
                  "acknowledged_head", cli_json_hex(report->acknowledged_head.digest, CF_SHA256_BYTES)));
    return object;
}

/* Campaigns of a newer centre that this till goes on without. */
static json_t *ignored_json(const struct cf_till *till)
{
    const struct cf_till_ignored *ignored;
    json_t *list = json_array();
    size_t n = cf_till_ignored(till, &ignored);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, cli_json_ignored(&ignored[i]));
    return list;
}

json_t *cli_report_json(const struct cf_till *till, const struct cf_till_report *report)
{
    json_t *object = report_json(report);
    json_object_set_new(object, "promotions_ignored", ignored_json(till));
    return object;
}

static void print_ignored(json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) printf("  not understood: campaign %lld, %s (update this till)\n",
                                            (long long)json_integer_value(json_object_get(one, "campaign")),
                                            json_string_value(json_object_get(one, "name")));
}

static void print_amount(const char *name, int64_t minor, cf_currency currency)
{
    char text[CF_MONEY_TEXT_MAX];
    cf_money_format_signed((cf_money){minor, currency}, text);
    printf("  %-18s %16s\n", name, text);
}

static void print_detail(const struct cf_till_report *report)
{
    const struct cf_day_detail *d = &report->z.detail;
    char text[CF_MONEY_TEXT_MAX];
    print_amount("float", d->drawer.float_minor, report->currency);
    print_amount("paid in", d->drawer.paid_in_minor, report->currency);
    print_amount("paid out", -d->drawer.paid_out_minor, report->currency);
    print_amount("drops", -d->drawer.drop_minor, report->currency);
    print_amount("expected cash", report->expected_minor, report->currency);
    if (d->drawer.n_counts > 0)
        print_amount("variance at count", d->drawer.counted_minor - d->drawer.expected_minor, report->currency);
    for (size_t i = 0; i < d->n_users; i++) {
        const struct cf_day_user *u = &d->users[i];
        cf_money_format_signed((cf_money){u->sales_minor, report->currency}, text);
        printf("  by %-15s %16s  %llu sales, %llu returns, %llu cancelled, %llu void lines, %llu overrides\n", u->user,
               text, (unsigned long long)u->n_sales, (unsigned long long)u->n_returns,
               (unsigned long long)u->n_cancelled, (unsigned long long)u->n_void_lines,
               (unsigned long long)u->n_overridden);
    }
    for (size_t i = 0; i < CF_DAY_HOURS; i++)
        if (d->hour[i].n_sales > 0) {
            cf_money_format_signed((cf_money){d->hour[i].total_minor, report->currency}, text);
            printf("  %02zu:00              %16s  %llu sales\n", i, text, (unsigned long long)d->hour[i].n_sales);
        }
    for (size_t i = 0; i < CF_DAY_SUMS; i++)
        if (d->sums[i].n > 0)
            print_amount(day_sums[i].text, d->sums[i].minor, report->currency);
    for (size_t i = 0; i < d->n_campaigns; i++)
        if (d->campaigns[i].points != 0 || d->campaigns[i].points_back != 0)
            printf("  campaign %-9lu %16lld  points given, %lld taken back\n", (unsigned long)d->campaigns[i].campaign,
                   (long long)d->campaigns[i].points, (long long)d->campaigns[i].points_back);
    print_amount("offline on leases", d->exposure.leased_minor, report->currency);
    print_amount("offline at risk", d->exposure.risked_minor, report->currency);
}

static void print_parked(const struct cf_till_report *report)
{
    char text[CF_MONEY_TEXT_MAX];
    for (size_t i = 0; i < report->n_parked; i++) {
        cf_money_format_signed((cf_money){report->parked[i].total_minor, report->currency}, text);
        printf("  stays parked: %s, %s, by %s\n", report->parked[i].label, text, report->parked[i].user);
    }
}

void cli_print_report(const struct cf_till_report *report)
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
    printf("  %-18s %16lld\n", "points given", (long long)t->points);
    if (t->returned.points != 0)
        printf("  %-18s %16lld\n", "points taken back", (long long)t->returned.points);
    printf("  %-18s %16llu\n", "coupons redeemed", (unsigned long long)t->n_redemptions);
    printf("  %-18s %16llu\n", "coupons issued", (unsigned long long)t->n_issued);
    if (report->conflicts_open + report->faults_open > 0)
        printf("  %-18s %16llu\n  %-18s %16llu\n  (counterfoil results says which)\n", "open conflicts",
               (unsigned long long)report->conflicts_open, "records at fault", (unsigned long long)report->faults_open);
    print_detail(report);
    print_parked(report);
    printf("  recorded %llu %s acknowledged %llu (sent %llu)%s\n", (unsigned long long)report->recorded.seq,
           report->heads_agree ? "=" : "≠", (unsigned long long)report->acknowledged_seq,
           (unsigned long long)report->sent_seq, report->heads_agree ? ", same head on both ends" : "");
}

static enum cf_rc print_it(struct cf_printing *printing, const struct cf_till_report *report, struct cf_error *err)
{
    char name[CF_RECEIPT_NO_MAX];
    struct cf_receipt *receipt = NULL;
    if (report->is_z)
        return cf_print_or_skip(printing, report->at.seq, false, name, err);
    if (!cf_printing_is_on(printing))
        return CF_OK;
    enum cf_rc rc = cf_till_x_receipt(printing->at->till, report, &receipt, err);
    if (rc == CF_OK)
        rc = cf_print_document(printing, receipt, "x-report", err);
    cf_receipt_free(receipt);
    return rc;
}

static int make_report(const struct cf_counter_options *where, struct cf_printing *printing, bool json, bool z)
{
    struct cf_error err, print_error;
    struct cf_counter till = {0};
    struct cf_till_report report;
    json_t *ignored = NULL;
    enum cf_rc printed = CF_OK;
    enum cf_rc rc = cf_printing_check(printing, &err);
    if (rc == CF_OK)
        rc = cf_counter_open(where, &till, &err);
    if (rc == CF_OK)
        rc = cf_printing_open(printing, &till, &err);
    if (rc == CF_OK)
        rc = z ? cf_till_z_report(till.till, &report, &err) : cf_till_x_report(till.till, &report, &err);
    if (rc == CF_OK) {
        printed = print_it(printing, &report, &print_error);
        ignored = ignored_json(till.till);
    }
    cf_printing_close(printing);
    if (till.till)
        cf_counter_close(&till);
    if (rc != CF_OK)
        return cli_fail(json, NULL, &err);
    if (json) {
        json_t *object = report_json(&report);
        json_object_set(object, "promotions_ignored", ignored);
        cli_print_json(object);
    } else {
        cli_print_report(&report);
        print_ignored(ignored);
    }
    json_decref(ignored);
    return printed == CF_OK ? CLI_DONE : cli_fail(false, "the report was not printed", &print_error);
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"dir", required_argument, NULL, 'd'},
                                            {"print", required_argument, NULL, 'p'},
                                            {"views", no_argument, NULL, 'v'},
                                            {"printer", required_argument, NULL, 'P'},
                                            CF_PRINTING_OPTIONS,
                                            {0}};
    bool json = false;
    struct cf_counter_options where = {0};
    struct cf_printing printing = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            json = true;
        else if (option == 'd')
            where.dir = optarg;
        else if (option == 'p')
            printing.dir = optarg;
        else if (option == 'v')
            printing.views = true;
        else if (option == 'P')
            printing.place = optarg;
        else if (!cf_printing_option(option, optarg, &printing))
            return cli_usage_option(&cli_report, argv);
    }
    bool z = optind < argc && strcmp(argv[optind], "z") == 0;
    if (printing.dir != NULL && printing.place != NULL)
        return cli_usage(&cli_report, "receipts go to a folder or to a printer, not to both");
    if (!where.dir || optind + 1 != argc || (!z && strcmp(argv[optind], "x") != 0))
        return cli_usage(&cli_report, "it needs --dir and one of: x, z");
    where.look_only = !z;
    return make_report(&where, &printing, json, z);
}

const struct cli_command cli_report = {
    .name = "report",
    .summary = "X report, or Z report that closes the day",
    .help =
        "usage: counterfoil report x --dir DIR [--print FOLDER [--views]] [--json]\n"
        "       counterfoil report z --dir DIR [--print FOLDER [--views]] [--json]\n"
        "       Instead of --print: --printer PLACE [--printer-model NAME] [--logo FILE], as in `counterfoil sell`.\n\n"
        "Totals since the last Z, by tender, tax rate, user, hour and campaign, the drawer, and whether recorded = "
        "sent = acknowledged with the same "
        "chain\n"
        "head on both ends. Says how many conflicts the centre has found that nobody has settled. z closes the "
        "business day as a record of its own; it is refused while a sale is open.\n",
    .run = run,
};
