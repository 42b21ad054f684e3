/*
 * app/cli/cmd_classify.c - what scanned texts are, by their form alone: one text a line in, one JSON object a line out.
 */
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"

static json_t *classified(cf_bytes text)
{
    struct cf_scan scan;
    cf_scan_classify(text, &scan);
    json_t *object = json_pack("{s:o, s:s}", "text", cli_json_exact(text), "kind", cf_scan_kind_name(scan.kind));
    if (scan.aim[0])
        json_object_set_new(object, "aim", json_string(scan.aim));
    if (scan.kind == CF_SCAN_PRODUCT || scan.kind == CF_SCAN_GS1) {
        char gtin[CF_GTIN_TEXT_MAX];
        cf_gtin_format(scan.gtin, gtin);
        json_object_set_new(object, "gtin", json_string(gtin));
    }
    if (scan.qty_milli)
        json_object_set_new(object, "qty_milli", json_integer(scan.qty_milli));
    if (scan.kind == CF_SCAN_UNKNOWN) {
        struct cf_error why = {.rc = scan.rc};
        json_object_set_new(object, "error", cli_error_json(&why));
    }
    return object;
}

static int run(int argc, char **argv)
{
    if (argc > 1 && (argc > 2 || strcmp(argv[1], "--json") != 0)) /* --json: what it prints anyway */
        return cli_usage(&cli_classify, "it takes no argument: %s", argv[1]);
    struct cf_buf line;
    cf_buf_init(&line, 1u << 20);
    struct cf_error err;
    enum cf_rc rc;
    bool got = false;
    int status = CLI_DONE;
    while (true) {
        rc = cli_read_line(stdin, &line, &got, &err);
        if (rc == CF_OK && !got)
            break;
        if (rc == CF_E_LIMIT) {
            err.rc = CF_E_CODE_SIZE;
            cli_print_json(json_pack("{s:n, s:s, s:o}", "text", "kind", "unknown", "error", cli_error_json(&err)));
            continue;
        }
        if (rc != CF_OK) {
            status = cli_fail(true, NULL, &err);
            break;
        }
        cli_print_json_ascii(classified(cf_buf_bytes(&line)));
    }
    cf_buf_done(&line);
    return status;
}

const struct cli_command cli_classify = {
    .name = "classify",
    .summary = "say what scanned texts are",
    .help =
        "usage: counterfoil classify [--json] < TEXTS\n\n"
        "Reads scanned texts, one a line, and prints a JSON object for each: kind (product, gs1, sku, member_card,\n"
        "member_code, coupon, ticket, payment, command, unknown), the GTIN as 14 digits where there is one, the AIM\n"
        "symbology identifier if the text began with one, and for unknown texts the error that says why.\n"
        "Nothing is looked up and no signature is checked.\n",
    .run = run,
};
