/*
 * app/cli/cmd_classify.c - what scanned texts are, by their form alone: one text a line in, one JSON object a line out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/core/gs1_coupon.h"
#include "app/core/measure.h"

static void put_text(json_t *object, const char *name, const char *text)
{
    if (text[0])
        json_object_set_new(object, name, json_string(text));
}

static void put_date(json_t *object, const char *name, uint32_t yymmdd)
{
    char text[16];
    snprintf(text, sizeof text, "%06" PRIu32, yymmdd);
    if (yymmdd)
        json_object_set_new(object, name, json_string(text));
}

static void put_gs1(json_t *object, const struct cf_gs1 *gs1)
{
    put_text(object, "batch", gs1->batch);
    put_text(object, "serial", gs1->serial);
    put_date(object, "use_by", gs1->use_by);
    put_date(object, "sell_by", gs1->sell_by);
    put_date(object, "best_before", gs1->best_before);
    if (gs1->has_price)
        json_object_set_new(object, "price",
                            json_pack("{s:I, s:i, s:i}", "value", (json_int_t)gs1->price, "decimals",
                                      (int)gs1->price_decimals, "currency", (int)gs1->price_currency));
}

static void put_coupon(json_t *object, const struct cf_gs1 *gs1)
{
    struct cf_gs1_coupon coupon;
    struct cf_error why;
    json_object_set_new(object, "ai", json_integer(gs1->coupon_kind));
    if (cf_gs1_coupon_parse(gs1->coupon_kind, gs1->coupon, &coupon, &why) != CF_OK) {
        json_object_set_new(object, "error", cli_error_json(&why));
        return;
    }
    put_text(object, "funder", coupon.funder);
    json_object_set_new(object, "offer", json_integer(coupon.offer));
    put_text(object, "serial", coupon.serial);
    put_text(object, "retailer", coupon.retailer);
    put_date(object, "starts", coupon.starts);
    put_date(object, "expires", coupon.expires);
    if (coupon.n_requirements == 0)
        return;
    json_t *requirements = json_array();
    for (size_t i = 0; i < coupon.n_requirements; i++) {
        const struct cf_gs1_requirement *r = &coupon.requirements[i];
        json_array_append_new(requirements, json_pack("{s:I, s:i, s:i, s:s}", "value", (json_int_t)r->value, "code",
                                                      (int)r->code, "family", (int)r->family, "prefix", r->prefix));
    }
    json_object_set_new(object, "save_value", json_integer(coupon.save_value));
    json_object_set_new(object, "rules", json_integer(coupon.rules));
    json_object_set_new(object, "requirements", requirements);
}

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
    if (scan.kind == CF_SCAN_PRODUCT && cf_gtin_is_restricted(scan.gtin))
        json_object_set_new(object, "restricted", json_true());
    if (scan.qty_milli)
        json_object_set_new(object, "qty_milli", json_integer(scan.qty_milli));
    if (scan.kind == CF_SCAN_GS1)
        put_gs1(object, &scan.gs1);
    if (scan.kind == CF_SCAN_GS1_COUPON)
        put_coupon(object, &scan.gs1);
    if (scan.kind == CF_SCAN_PLU)
        json_object_set_new(object, "plu", json_integer(scan.plu));
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
        "Reads scanned texts, one a line, and prints a JSON object for each: kind (product, gs1, gs1_coupon, plu, "
        "sku,\n"
        "member_card, member_code, coupon, ticket, payment, command, unknown), the GTIN as 14 digits where there is "
        "one,\n"
        "what a GS1 code says of batch, dates, price and weight, the AIM symbology identifier if the text began with\n"
        "one, and for unknown texts the error that says why.\n"
        "Nothing is looked up and no signature is checked.\n",
    .run = run,
};
