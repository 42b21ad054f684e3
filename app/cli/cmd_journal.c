/*
 * app/cli/cmd_journal.c - walks the journal: is every record as it was written, and what do they say?
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/returned.h"
#include "app/cli/cli.h"
#include "app/receipt/sale_receipt.h"

struct show {
    bool json;
    struct cf_sale *sale;
    struct cf_return *back;
    uint64_t next;
};

const char *cli_record_type(enum cf_record_type type)
{
    switch (type) {
    case CF_RECORD_SALE:
        return "sale";
    case CF_RECORD_Z_REPORT:
        return "z_report";
    case CF_RECORD_LEASE_RETURN:
        return "lease_return";
    case CF_RECORD_RELEASED:
        return "released";
    case CF_RECORD_CANCELLED:
        return "cancelled";
    case CF_RECORD_START:
        return "start";
    case CF_RECORD_VOID_REQUEST:
        return "void_request";
    case CF_RECORD_RETURN:
        return "return";
    case CF_RECORD_OPEN_RETURN:
        return "open_return";
    case CF_RECORD_CHALLENGE:
        return "challenge";
    case CF_RECORD_QUARANTINE:
        return "quarantine";
    case CF_RECORD_PAYMENT:
        return "payment";
    case CF_RECORD_DRAWER:
        return "drawer";
    case CF_RECORD_USER:
        return "user";
    case CF_RECORD_VALUE:
        return "value";
    case CF_RECORD_SUBLEASE_RETURN:
        return "sublease_return";
    case CF_RECORD_STORE_LEASE_RETURN:
        return "store_lease_return";
    case CF_RECORD_PICK_UP:
        return "pick_up";
    case CF_RECORD_ORDER:
        return "order";
    case CF_RECORD_QUOTE:
        return "quote";
    }
    return "?";
}

static json_t *points_json(const struct cf_points_given *by, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            list, json_pack("{s:I, s:I}", "campaign", (json_int_t)by[i].campaign, "points", (json_int_t)by[i].points));
    return list;
}

static json_t *sale_json(const struct cf_sale *sale)
{
    json_t *redeemed = json_array(), *issued = json_array();
    for (size_t i = 0; i < sale->n_redemptions; i++)
        json_array_append_new(redeemed, json_pack("{s:I, s:o}", "campaign", (json_int_t)sale->redemptions[i].campaign,
                                                  "index", cli_index_json(sale->redemptions[i].index)));
    for (size_t i = 0; i < sale->n_issued; i++)
        json_array_append_new(issued, json_pack("{s:I, s:I}", "campaign", (json_int_t)sale->issued[i].campaign, "index",
                                                (json_int_t)sale->issued[i].index));
    return json_pack("{s:I, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:o, s:o, s:o}", "sale_no",
                     (json_int_t)sale->sale_no, "business_day", (json_int_t)sale->business_day, "currency",
                     sale->currency.code, "lines", (json_int_t)sale->n_lines, "gross_minor",
                     (json_int_t)sale->gross_minor, "discount_minor", (json_int_t)sale->discount_minor, "tax_minor",
                     (json_int_t)sale->tax_minor, "total_minor", (json_int_t)sale->total_minor, "member",
                     sale->has_member, "points", (json_int_t)sale->points, "redeemed", redeemed, "issued", issued,
                     "points_by", points_json(sale->points_by, sale->n_points_by));
}

static json_t *return_json(const struct cf_return *back)
{
    char of[CF_RECEIPT_NO_MAX];
    json_t *rights = json_array();
    cf_receipt_no_format(back->of.terminal, back->of.epoch, back->of.seq, of);
    for (size_t i = 0; i < back->n_rights; i++)
        json_array_append_new(rights, json_pack("{s:I, s:o, s:b}", "campaign", (json_int_t)back->rights[i].campaign,
                                                "index", cli_index_json(back->rights[i].index), "given_back",
                                                back->rights[i].fate == CF_ON_RETURN_GIVE_BACK));
    return json_pack("{s:I, s:I, s:s, s:b, s:s, s:s, s:I, s:I, s:I, s:o, s:o}", "return_no",
                     (json_int_t)back->return_no, "business_day", (json_int_t)back->business_day, "of", of, "void",
                     back->is_void, "reason", back->reason, "currency", back->currency.code, "lines",
                     (json_int_t)back->n_lines, "total_minor", (json_int_t)back->total_minor, "points",
                     (json_int_t)back->points, "rights", rights, "points_by",
                     points_json(back->points_by, back->n_points_by));
}

static enum cf_rc show_record(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                              const struct cf_sha256 *hash, struct cf_error *err)
{
    struct show *show = ctx;
    char when[CF_WALL_TEXT_MAX], head[2 * CF_SHA256_BYTES + 1];
    (void)body_hash;
    cf_wall_format((cf_wall){record->wall_ms * CF_US_PER_MS}, 0, when);
    cf_hex_encode(cf_bytes_of(hash->digest, CF_SHA256_BYTES), head);
    show->next = record->seq + 1;
    bool is_sale = record->type == CF_RECORD_SALE && record->body.p;
    bool is_return = record->type == CF_RECORD_RETURN && record->body.p;
    if (is_sale && cf_sale_decode(record->body, show->sale, err) != CF_OK)
        return err->rc;
    if (is_return && cf_return_decode(record->body, show->back, err) != CF_OK)
        return err->rc;
    if (show->json) {
        json_t *object = json_pack("{s:I, s:s, s:s, s:I, s:s}", "seq", (json_int_t)record->seq, "type",
                                   cli_record_type(record->type), "at", when, "down_cursor",
                                   (json_int_t)record->down_cursor, "hash", head);
        if (is_sale)
            json_object_set_new(object, "sale", sale_json(show->sale));
        if (is_return)
            json_object_set_new(object, "return", return_json(show->back));
        cli_print_json(object);
        return CF_OK;
    }
    printf("%8llu  %s  %.8s  %s", (unsigned long long)record->seq, when, head, cli_record_type(record->type));
    if (is_sale) {
        char total[CF_MONEY_TEXT_MAX];
        cf_money_format_signed((cf_money){show->sale->total_minor, show->sale->currency}, total);
        printf(" %llu: %zu lines, %s, %zu coupons used, %zu issued", (unsigned long long)show->sale->sale_no,
               show->sale->n_lines, total, show->sale->n_redemptions, show->sale->n_issued);
    }
    if (is_return) {
        char total[CF_MONEY_TEXT_MAX], of[CF_RECEIPT_NO_MAX];
        cf_receipt_no_format(show->back->of.terminal, show->back->of.epoch, show->back->of.seq, of);
        cf_money_format_signed((cf_money){show->back->total_minor, show->back->currency}, total);
        printf(" %llu: of %s, %s%s%s%s", (unsigned long long)show->back->return_no, of, total,
               show->back->is_void ? ", void" : "", show->back->reason[0] != '\0' ? ", " : "", show->back->reason);
    }
    putchar('\n');
    return CF_OK;
}

static int show_all(struct cf_journal *journal, bool json, uint64_t from, struct cf_error *err)
{
    struct show show = {.json = json, .next = from};
    struct cf_journal_head head;
    enum cf_rc rc = cf_sale_new(&show.sale, err);
    if (rc == CF_OK)
        rc = cf_return_new(&show.back, err);
    if (rc == CF_OK)
        rc = cf_journal_head(journal, &head, err);
    while (rc == CF_OK && show.next <= head.seq) {
        uint64_t before = show.next;
        rc = cf_journal_read(journal, show.next, 256, show_record, &show, err);
        if (rc == CF_OK && show.next == before)
            rc = cf_fail(err, CF_E_JOURNAL_BROKEN, "record %llu is missing", (unsigned long long)before);
    }
    cf_sale_free(show.sale);
    cf_return_free(show.back);
    return rc == CF_OK ? CLI_DONE : cli_fail(json, NULL, err);
}

static int verify(struct cf_journal *journal, bool json, struct cf_error *err)
{
    struct cf_journal_verdict verdict = {0};
    char head[2 * CF_SHA256_BYTES + 1];
    enum cf_rc rc = cf_journal_verify(journal, &verdict, err);
    cf_hex_encode(cf_bytes_of(verdict.head.hash.digest, CF_SHA256_BYTES), head);
    if (json) {
        json_t *object = json_pack("{s:b, s:I, s:I, s:I, s:s}", "ok", rc == CF_OK, "records",
                                   (json_int_t)verdict.n_records, "erased", (json_int_t)verdict.n_erased, "first_bad",
                                   (json_int_t)verdict.first_bad_seq, "head", head);
        if (rc != CF_OK)
            json_object_set_new(object, "error", cli_error_json(err));
        cli_print_json(object);
        return cli_exit_status(rc);
    }
    if (rc != CF_OK) {
        if (verdict.first_bad_seq)
            printf("first bad record: %llu\n", (unsigned long long)verdict.first_bad_seq);
        return cli_fail(false, NULL, err);
    }
    printf("%llu records, all as they were written; head %s\n", (unsigned long long)verdict.n_records, head);
    if (verdict.n_erased)
        printf("%llu of them were erased: the chain holds over their hashes\n", (unsigned long long)verdict.n_erased);
    return CLI_DONE;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"dir", required_argument, NULL, 'd'},
                                            {"from", required_argument, NULL, 'f'},
                                            {0}};
    bool json = false;
    const char *dir = NULL;
    unsigned long long from = 1;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            json = true;
        else if (option == 'd')
            dir = optarg;
        else if (option == 'f')
            from = strtoull(optarg, NULL, 10);
        else
            return cli_usage_option(&cli_journal, argv);
    }
    bool is_verify = optind < argc && strcmp(argv[optind], "verify") == 0;
    if (!dir || from < 1 || optind + 1 != argc || (!is_verify && strcmp(argv[optind], "show") != 0))
        return cli_usage(&cli_journal, "it needs --dir and one of: verify, show");
    struct cf_error err;
    struct cf_journal *journal = NULL;
    if (cf_journal_open(dir, CF_JOURNAL_READ, cf_env_system(), &journal, &err) != CF_OK)
        return cli_fail(json, NULL, &err);
    int status = is_verify ? verify(journal, json, &err) : show_all(journal, json, from, &err);
    cf_journal_close(journal);
    return status;
}

const struct cli_command cli_journal = {
    .name = "journal",
    .summary = "verify the journal's chain, or show its records",
    .help = "usage: counterfoil journal verify --dir DIR [--json]\n"
            "       counterfoil journal show --dir DIR [--from SEQ] [--json]\n\n"
            "verify walks the whole chain, folds what follows from the records (spent coupons, leases, issued serials) "
            "and\n"
            "names the first bad record; exit status 3 if there is one. Both may run while the till sells.\n",
    .run = run,
};
