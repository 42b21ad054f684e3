/*
 * app/cli/cmd_price.c - prices carts given as JSON, one a line: what cf_price makes of them and why.
 *
 * price_cart.c and price_promotion.c read the format, which docs/cli.md has. A cart that needs more than that is
 * refused by name, and the rest goes on.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/cli/price_job.h"
#include "base/env.h"

#define LINE_BYTES_MAX (8u << 20)
#define DEPTH_MAX 32

/* --- reading JSON ------------------------------------------------------------------------------------------------- */

/* jansson recurses; count brackets first. */
static enum cf_rc check_depth(cf_bytes text, struct cf_error *err)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        if (in_string) {
            if (text.p[i] == '\\')
                i++;
            else if (text.p[i] == '"')
                in_string = false;
        } else if (text.p[i] == '"') {
            in_string = true;
        } else if (text.p[i] == '{' || text.p[i] == '[') {
            if (++depth > DEPTH_MAX)
                return cf_fail(err, CF_E_JSON_DEPTH, "deeper than %d", DEPTH_MAX);
        } else if ((text.p[i] == '}' || text.p[i] == ']') && depth > 0) {
            depth--;
        }
    }
    return CF_OK;
}

static enum cf_rc parse(cf_bytes text, json_t **ret, struct cf_error *err)
{
    json_error_t why;
    enum cf_rc rc = check_depth(text, err);
    if (rc != CF_OK)
        return rc;
    json_t *root = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        return cf_fail(err, json_error_code(&why) == json_error_numeric_overflow ? CF_E_JSON_RANGE : CF_E_JSON_SYNTAX,
                       "%s", why.text);
    if (!json_is_object(root)) {
        json_decref(root);
        return cf_fail(err, CF_E_JSON_TYPE, "a line is one object");
    }
    *ret = root;
    return CF_OK;
}

static void forget(struct price_job *job)
{
    cf_cart_clear(job->cart);
    job->products.n = job->categories.n = job->segments.n = job->groups.n = job->channels.n = job->coupons.n = 0;
    job->stores.n = job->n_offers = 0;
    job->now = cf_env_wall(cf_env_system());
}

static enum cf_rc read_case(struct price_job *job, json_t *open, struct cf_error *err)
{
    static const char *const remarks[] = {"id", "tags", "release", "src", "title", "expect", "note", "policy", "plain"};
    size_t i;
    const json_t *item, *lines = price_take(open, "cart"), *promotions = price_take(open, "promotions");
    for (i = 0; i < sizeof remarks / sizeof *remarks; i++)
        (void)price_take(open, remarks[i]);
    job->shipping = price_take(open, "shipping");
    job->choose = price_take(open, "choose");
    enum cf_rc rc = price_read_context(job, price_take(open, "context"), err);
    if (rc == CF_OK)
        rc = price_close(open, "a case", err);
    if (rc == CF_OK)
        rc = price_read_cart(job, lines, err);
    if (rc == CF_OK && promotions && !json_is_array(promotions))
        rc = cf_fail(err, CF_E_JSON_TYPE, "promotions is not a list");
    if (rc != CF_OK)
        return rc;
    json_array_foreach(promotions, i, item)
    {
        rc = price_read_promotion(job, item, i, err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

/* What its offer would take off is more than is left of its budget: it does not apply, and the others are weighed
 * without it. */
static bool drop_beyond_budget(struct price_job *job)
{
    for (size_t i = 0; i < job->priced->n_applied; i++) {
        size_t at = job->priced->applied[i].offer;
        if (job->budget_minor[at] < 0 || job->priced->applied[i].amount_minor <= job->budget_minor[at])
            continue;
        job->n_offers--;
        for (size_t k = at; k < job->n_offers; k++) {
            job->offers[k] = job->offers[k + 1];
            job->index[k] = job->index[k + 1];
            job->budget_minor[k] = job->budget_minor[k + 1];
        }
        return true;
    }
    return false;
}

static enum cf_rc price_case(struct price_job *job, const json_t *root, struct cf_error *err)
{
    json_t *open = NULL;
    forget(job);
    enum cf_rc rc = price_open(root, PRICE_WORDS_CASE, "a case", &open, err);
    if (rc == CF_OK)
        rc = read_case(job, open, err);
    while (rc == CF_OK) {
        rc = cf_price(job->cart, job->offers, job->n_offers, job->tax_mode, job->now, &job->facts, job->priced, err);
        if (rc == CF_OK && !drop_beyond_budget(job))
            break;
    }
    json_decref(open);
    return rc;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static json_t *effects_json(const struct price_job *job)
{
    static const char *const kinds[] = {"", "points", "coupon", "free_delivery", "gift"};
    const struct cf_priced *priced = job->priced;
    json_t *list = json_array();
    for (size_t i = 0; i < priced->n_effects; i++) {
        const struct cf_effect *effect = &priced->effects[i];
        json_t *json =
            json_pack("{s:I, s:s}", "promotion", (json_int_t)job->index[effect->offer], "kind", kinds[effect->kind]);
        if (effect->kind == CF_EFFECT_COUPON)
            json_object_set_new(json, "coupon", json_string(job->coupons.name[effect->number - 1]));
        if (effect->kind == CF_EFFECT_GIFT) {
            json_object_set_new(json, "sku", json_string(job->products.name[effect->number - 1]));
            json_object_set_new(json, "quantity", json_integer(effect->qty_milli / 1000));
        }
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *lines_json(const struct price_job *job, json_t *by_line)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < job->priced->n_lines; i++) {
        const struct cf_priced_line *line = &job->priced->lines[i];
        const char *name = job->names_of_lines[i];
        json_array_append_new(lines,
                              json_pack("{s:s, s:I, s:I, s:I, s:I}", "line", name, "gross",
                                        (json_int_t)line->gross_minor, "discount", (json_int_t)line->discount_minor,
                                        "net", (json_int_t)line->net_minor, "tax", (json_int_t)line->tax_minor));
        json_int_t before = json_integer_value(json_object_get(by_line, name));
        json_object_set_new(by_line, name, json_integer(before + line->discount_minor));
    }
    return lines;
}

static json_t *answer(const struct price_job *job, const json_t *root)
{
    const struct cf_priced *priced = job->priced;
    json_t *by_line = json_object(), *reasons = json_array(), *refused = json_array();
    json_t *lines = lines_json(job, by_line);
    for (size_t i = 0; i < priced->n_applied; i++)
        json_array_append_new(reasons, json_pack("{s:I, s:I, s:s}", "promotion",
                                                 (json_int_t)job->index[priced->applied[i].offer], "amount",
                                                 (json_int_t)priced->applied[i].amount_minor, "text",
                                                 priced->applied[i].reason));
    for (size_t i = 0; i < priced->n_refused; i++)
        json_array_append_new(refused, json_pack("{s:I, s:s, s:I, s:I, s:s}", "promotion",
                                                 (json_int_t)job->index[priced->refused[i].offer], "rule",
                                                 cf_rc_name(priced->refused[i].rc), "shortfall",
                                                 (json_int_t)priced->refused[i].shortfall_minor, "shortfall_milli",
                                                 (json_int_t)priced->refused[i].shortfall_milli, "text",
                                                 priced->refused[i].reason));
    int64_t with_tax = priced->total_minor;
    json_t *result = json_pack("{s:O, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "id",
                               json_object_get(root, "id") ? json_object_get(root, "id") : json_null(), "ok", 1,
                               "gross", (json_int_t)priced->gross_minor, "discount", (json_int_t)priced->discount_minor,
                               "total", (json_int_t)priced->net_minor, "tax", (json_int_t)priced->tax_minor,
                               "total_with_tax", (json_int_t)with_tax, "lines", lines, "line_discounts", by_line,
                               "reasons", reasons, "refused", refused);
    json_object_set_new(result, "effects", effects_json(job));
    json_object_set_new(result, "choice",
                        json_pack("{s:I, s:I, s:b, s:I}", "competing", (json_int_t)priced->choice.n_competing, "chosen",
                                  (json_int_t)priced->choice.n_chosen, "exact", priced->choice.exact, "bound",
                                  (json_int_t)priced->choice.bound_minor));
    return result;
}

static enum cf_rc price_line(struct price_job *job, cf_bytes text, struct cf_error *err)
{
    json_t *root = NULL;
    enum cf_rc rc = parse(text, &root, err);
    if (rc != CF_OK) {
        cli_print_json(json_pack("{s:n, s:b, s:o}", "id", "ok", 0, "error", cli_error_json(err)));
        return rc;
    }
    rc = price_case(job, root, err);
    json_t *id = json_object_get(root, "id");
    cli_print_json(
        rc == CF_OK ? answer(job, root)
                    : json_pack("{s:O, s:b, s:o}", "id", id ? id : json_null(), "ok", 0, "error", cli_error_json(err)));
    json_decref(root);
    return rc;
}

static int price_all(struct price_job *job)
{
    struct cf_buf line;
    struct cf_error err;
    bool got = false;
    int status = CLI_DONE;
    cf_buf_init(&line, LINE_BYTES_MAX);
    while (true) {
        enum cf_rc rc = cli_read_line(stdin, &line, &got, &err);
        if (rc == CF_OK && !got)
            break;
        if (rc == CF_OK && line.n == 0)
            continue;
        if (rc == CF_OK)
            rc = price_line(job, cf_buf_bytes(&line), &err);
        else
            cli_fail(true, NULL, &err);
        if (rc == CF_E_IO)
            status = CLI_BROKEN;
        if (rc == CF_E_IO)
            break;
        if (rc != CF_OK && status == CLI_DONE)
            status = CLI_REFUSED;
    }
    cf_buf_done(&line);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"currency", required_argument, NULL, 'c'}, {0}};
    const char *code = "CNY";
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c')
            code = optarg;
        else if (option != 'j') /* --json: what it prints anyway */
            return cli_usage_option(&cli_price, argv);
    }
    if (optind != argc)
        return cli_usage(&cli_price, "it takes no argument: %s", argv[optind]);
    struct cf_error err;
    cf_currency currency;
    struct price_job *job = calloc(1, sizeof *job);
    if (!job)
        return CLI_BROKEN;
    enum cf_rc rc = cf_currency_parse(code, &currency, &err);
    if (rc == CF_OK)
        rc = cf_cart_new(currency, &job->cart, &err);
    if (rc == CF_OK)
        rc = cf_priced_new(&job->priced, &err);
    int status = rc == CF_OK ? price_all(job) : cli_fail(true, NULL, &err);
    cf_cart_free(job->cart);
    cf_priced_free(job->priced);
    free(job);
    return status;
}

const struct cli_command cli_price = {
    .name = "price",
    .summary = "price carts given as JSON",
    .help =
        "usage: counterfoil price [--json] [--currency CNY] < CARTS\n\n"
        "Reads one JSON object a line: {\"id\", \"cart\": [{\"line\", \"sku\", \"qty\", \"unit_price\", "
        "\"categories\"}],\n"
        "\"promotions\": [{\"type\", ...}], \"context\": {\"now\", \"coupons\", \"tax\": {\"mode\", \"rate\"}}}, "
        "amounts in minor\n"
        "units. Prints one object a line: gross, discount, total (before tax that is not in the price), tax,\n"
        "total_with_tax, each line, line_discounts, reasons, refusals and effects. A cart that needs a type of\n"
        "promotion or a field that is not known is refused as UNSUPPORTED, naming it, and the rest goes on; the exit\n"
        "status is then 1. docs/cli.md has every type and field.\n",
    .run = run,
};
