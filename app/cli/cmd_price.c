/*
 * app/cli/cmd_price.c - prices carts given as JSON, one a line: what cf_price makes of them and why.
 *
 * The kinds of promotion are those of app/core/promotion.h under the names that this format has for them; docs/cli.md
 * has the format. A cart that needs more than that is refused by name, and the rest goes on.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/core/pricing.h"
#include "base/text.h"

#define LINE_BYTES_MAX (8u << 20)
#define DEPTH_MAX 32
#define NAMES_MAX 4096

/* Names of goods and categories as numbers, since the core knows no other. */
struct names {
    size_t n;
    const char *name[NAMES_MAX]; /* of the JSON document */
};

struct price_job {
    struct cf_cart *cart;
    struct cf_priced *priced;
    struct names products, categories;
    struct cf_promotion promotions[CF_OFFERS_MAX];
    struct cf_offer offers[CF_OFFERS_MAX];
    size_t n_offers;
    enum cf_tax_mode tax_mode;
    uint32_t tax_bp;
    cf_wall now;
};

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

static enum cf_rc get_int(const json_t *object, const char *key, int64_t otherwise, int64_t *ret, struct cf_error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value)) {
        *ret = otherwise;
        return CF_OK;
    }
    if (!json_is_integer(value))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not an integer", key);
    *ret = json_integer_value(value);
    return CF_OK;
}

/* A decimal such as 12.5 times `scale`, which must come out whole: 12.5 % are 1250 bp, 0.345 kg are 345 thousandths. */
static enum cf_rc get_scaled(const json_t *object, const char *key, int64_t scale, int64_t otherwise, int64_t *ret,
                             struct cf_error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value)) {
        *ret = otherwise;
        return CF_OK;
    }
    if (!json_is_number(value))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not a number", key);
    double scaled = json_number_value(value) * (double)scale;
    if (!(fabs(scaled) < 9e15))
        return cf_fail(err, CF_E_JSON_RANGE, "%s", key);
    int64_t whole = llround(scaled);
    if (fabs(scaled - (double)whole) > 1e-6)
        return cf_fail(err, CF_E_RANGE, "%s has too many decimals", key);
    *ret = whole;
    return CF_OK;
}

static enum cf_rc get_text(const json_t *object, const char *key, const char **ret, struct cf_error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value)) {
        *ret = NULL;
        return CF_OK;
    }
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not a text", key);
    *ret = json_string_value(value);
    return CF_OK;
}

static enum cf_rc number_of(struct names *names, const char *name, uint32_t *ret, struct cf_error *err)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->name[i], name) == 0) {
            *ret = (uint32_t)i + 1;
            return CF_OK;
        }
    if (names->n == NAMES_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d different names", NAMES_MAX);
    names->name[names->n++] = name;
    *ret = (uint32_t)names->n;
    return CF_OK;
}

/* --- the cart ----------------------------------------------------------------------------------------------------- */

static enum cf_rc read_categories(struct price_job *job, const json_t *list, struct cf_cart_line *line,
                                  struct cf_error *err)
{
    size_t i;
    const json_t *name;
    if (list && !json_is_array(list))
        return cf_fail(err, CF_E_JSON_TYPE, "categories is not a list");
    json_array_foreach(list, i, name)
    {
        if (!json_is_string(name))
            return cf_fail(err, CF_E_JSON_TYPE, "a category is not a text");
        if (line->n_categories == CF_LINE_CATEGORIES_MAX)
            return cf_fail(err, CF_E_LIMIT, "more than %d categories on a line", CF_LINE_CATEGORIES_MAX);
        enum cf_rc rc =
            number_of(&job->categories, json_string_value(name), &line->categories[line->n_categories], err);
        if (rc != CF_OK)
            return rc;
        line->n_categories++;
    }
    return CF_OK;
}

static enum cf_rc read_line(struct price_job *job, const json_t *item, struct cf_error *err)
{
    struct cf_cart_line line = {.tax_bp = job->tax_bp};
    const char *sku = NULL;
    uint32_t product = 0, line_no = 0;
    int64_t tax_bp = 0;
    enum cf_rc rc = get_text(item, "sku", &sku, err);
    if (rc == CF_OK && !sku)
        rc = get_text(item, "line", &sku, err);
    if (rc == CF_OK && !sku)
        rc = cf_fail(err, CF_E_JSON_TYPE, "a cart line has no sku");
    if (rc == CF_OK)
        rc = number_of(&job->products, sku, &product, err);
    if (rc == CF_OK)
        rc = get_scaled(item, "qty", 1000, 1000, &line.qty_milli, err);
    if (rc == CF_OK)
        rc = get_int(item, "unit_price", -1, &line.unit_price_minor, err);
    if (rc == CF_OK)
        rc = get_int(item, "tax_bp", (int64_t)job->tax_bp, &tax_bp, err);
    if (rc == CF_OK && (tax_bp < 0 || tax_bp > 100000))
        rc = cf_fail(err, CF_E_RANGE, "tax_bp");
    if (rc == CF_OK)
        rc = read_categories(job, json_object_get(item, "categories"), &line, err);
    if (rc != CF_OK)
        return rc;
    line.product = product;
    line.tax_bp = (uint32_t)tax_bp;
    line.weighed = line.qty_milli % 1000 != 0;
    cf_text_clean(cf_bytes_str(sku), line.name, sizeof line.name);
    return cf_cart_add(job->cart, &line, &line_no, err);
}

static enum cf_rc read_cart(struct price_job *job, const json_t *list, struct cf_error *err)
{
    size_t i;
    const json_t *item;
    enum cf_rc rc = CF_OK;
    if (!json_is_array(list))
        return cf_fail(err, CF_E_JSON_TYPE, "cart is not a list");
    json_array_foreach(list, i, item)
    {
        if (!json_is_object(item))
            return cf_fail(err, CF_E_JSON_TYPE, "a cart line is not an object");
        rc = read_line(job, item, err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

/* --- promotions --------------------------------------------------------------------------------------------------- */

/* What a promotion of this format may say; anything else it cannot be taken to mean. */
static const char *const promotion_keys[] = {
    "type", "plain",    "name",       "amount",   "percent", "min_total", "min_quantity", "category", "categories",
    "skus", "priority", "valid_from", "valid_to", "coupon",  "exclusive", "max_discount", NULL,
};

static enum cf_rc check_keys(const json_t *item, struct cf_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)item, key, value)
    {
        size_t k = 0;
        while (promotion_keys[k] && strcmp(promotion_keys[k], key) != 0)
            k++;
        if (!promotion_keys[k])
            return cf_fail(err, CF_E_UNSUPPORTED, "a promotion with \"%s\"", key);
    }
    return CF_OK;
}

static enum cf_rc read_kind(const json_t *item, struct cf_promotion *promotion, struct cf_error *err)
{
    static const struct {
        const char *name;
        enum cf_reward_kind kind;
    } kinds[] = {
        {"order_fixed", CF_REWARD_ORDER_AMOUNT},
        {"order_percent", CF_REWARD_ORDER_PERCENT},
        {"line_percent", CF_REWARD_LINE_PERCENT},
        {"line_fixed_per_unit", CF_REWARD_UNIT_AMOUNT},
    };
    const char *type = NULL;
    enum cf_rc rc = get_text(item, "type", &type, err);
    if (rc != CF_OK)
        return rc;
    if (!type)
        return cf_fail(err, CF_E_JSON_TYPE, "a promotion has no type");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, type) == 0) {
            promotion->kind = kinds[i].kind;
            return CF_OK;
        }
    return cf_fail(err, CF_E_UNSUPPORTED, "promotions of type %s", type);
}

static enum cf_rc read_scope(struct price_job *job, const json_t *item, struct cf_goods *goods, struct cf_error *err)
{
    size_t i;
    const json_t *name, *skus = json_object_get(item, "skus"), *categories = json_object_get(item, "categories");
    const char *category = NULL;
    uint32_t number = 0;
    enum cf_rc rc = get_text(item, "category", &category, err);
    if (rc == CF_OK && category)
        rc = number_of(&job->categories, category, &goods->categories[goods->n_categories++], err);
    if (rc != CF_OK)
        return rc;
    if ((skus && !json_is_array(skus)) || (categories && !json_is_array(categories)))
        return cf_fail(err, CF_E_JSON_TYPE, "skus and categories are lists");
    json_array_foreach(skus, i, name)
    {
        if (!json_is_string(name) || goods->n_products == CF_GOODS_PRODUCTS_MAX)
            return cf_fail(err, CF_E_LIMIT, "skus: at most %d texts", CF_GOODS_PRODUCTS_MAX);
        if ((rc = number_of(&job->products, json_string_value(name), &number, err)) != CF_OK)
            return rc;
        goods->products[goods->n_products++] = number;
    }
    json_array_foreach(categories, i, name)
    {
        if (!json_is_string(name) || goods->n_categories == CF_GOODS_CATEGORIES_MAX)
            return cf_fail(err, CF_E_LIMIT, "categories: at most %d texts", CF_GOODS_CATEGORIES_MAX);
        if ((rc = number_of(&job->categories, json_string_value(name), &goods->categories[goods->n_categories++],
                            err)) != CF_OK)
            return rc;
    }
    return CF_OK;
}

/* A date alone as the end of a window means the whole of that day. */
static enum cf_rc read_window(const json_t *item, struct cf_promotion *promotion, struct cf_error *err)
{
    const char *from = NULL, *to = NULL;
    enum cf_rc rc = get_text(item, "valid_from", &from, err);
    if (rc == CF_OK)
        rc = get_text(item, "valid_to", &to, err);
    if (rc != CF_OK || (!from && !to))
        return rc;
    promotion->from.us = INT64_C(-62135596800) * CF_US_PER_S; /* year 1 */
    promotion->to.us = INT64_C(253402300800) * CF_US_PER_S;   /* year 10000 */
    if (from)
        rc = cf_wall_parse(from, &promotion->from, err);
    if (rc == CF_OK && to) {
        rc = cf_wall_parse(to, &promotion->to, err);
        if (rc == CF_OK && strlen(to) == 10)
            promotion->to.us += INT64_C(86400) * CF_US_PER_S;
    }
    return rc;
}

static bool is_held(const json_t *held, const char *coupon)
{
    size_t i;
    const json_t *name;
    json_array_foreach(held, i, name)
    {
        if (json_is_string(name) && strcmp(json_string_value(name), coupon) == 0)
            return true;
    }
    return false;
}

static enum cf_rc read_figures(const json_t *item, struct cf_promotion *promotion, struct cf_error *err)
{
    int64_t percent_bp = 0, priority = 0;
    enum cf_rc rc = get_int(item, "amount", 0, &promotion->amount_minor, err);
    if (rc == CF_OK)
        rc = get_scaled(item, "percent", 100, 0, &percent_bp, err);
    if (rc == CF_OK && (percent_bp < 0 || percent_bp > 10000))
        rc = cf_fail(err, CF_E_RANGE, "percent is not in 0..100");
    if (rc == CF_OK)
        rc = get_int(item, "min_total", 0, &promotion->min_spend_minor, err);
    if (rc == CF_OK)
        rc = get_scaled(item, "min_quantity", 1000, 0, &promotion->min_qty_milli, err);
    if (rc == CF_OK)
        rc = get_int(item, "max_discount", 0, &promotion->max_discount_minor, err);
    if (rc == CF_OK)
        rc = get_int(item, "priority", 0, &priority, err);
    if (rc == CF_OK && (priority < INT32_MIN || priority > INT32_MAX))
        rc = cf_fail(err, CF_E_RANGE, "priority");
    promotion->percent_bp = (uint32_t)percent_bp;
    promotion->priority = (int32_t)priority;
    return rc;
}

static enum cf_rc read_promotion(struct price_job *job, const json_t *item, const json_t *held, struct cf_error *err)
{
    if (job->n_offers == CF_OFFERS_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d promotions", CF_OFFERS_MAX);
    struct cf_promotion *promotion = &job->promotions[job->n_offers];
    const char *coupon = NULL, *plain = NULL;
    *promotion = (struct cf_promotion){.campaign = (uint32_t)job->n_offers + 1, .version = 1};
    enum cf_rc rc = json_is_object(item) ? read_kind(item, promotion, err)
                                         : cf_fail(err, CF_E_JSON_TYPE, "a promotion is an object");
    if (rc == CF_OK)
        rc = check_keys(item, err);
    if (rc == CF_OK)
        rc = read_figures(item, promotion, err);
    if (rc == CF_OK)
        rc = read_scope(job, item, &promotion->goods, err);
    if (rc == CF_OK)
        rc = read_window(item, promotion, err);
    if (rc == CF_OK)
        rc = get_text(item, "coupon", &coupon, err);
    if (rc == CF_OK)
        rc = get_text(item, json_object_get(item, "plain") ? "plain" : "name", &plain, err);
    if (rc != CF_OK)
        return rc;
    promotion->exclusive = json_is_true(json_object_get(item, "exclusive"));
    promotion->needs_coupon = coupon != NULL;
    cf_text_clean(cf_bytes_str(plain ? plain : "promotion"), promotion->name, sizeof promotion->name);
    job->offers[job->n_offers] =
        (struct cf_offer){.promotion = promotion, .coupon_held = coupon && is_held(held, coupon)};
    job->n_offers++;
    return cf_promotion_check(promotion, err);
}

static enum cf_rc read_context(struct price_job *job, const json_t *context, struct cf_error *err)
{
    const char *now = NULL, *mode = NULL;
    const json_t *tax = json_object_get(context, "tax");
    int64_t rate_bp = 0;
    enum cf_rc rc = get_text(context, "now", &now, err);
    if (rc == CF_OK && now)
        rc = cf_wall_parse(now, &job->now, err);
    if (rc == CF_OK)
        rc = get_text(tax, "mode", &mode, err);
    if (rc == CF_OK)
        rc = get_scaled(tax, "rate", 100, 0, &rate_bp, err);
    if (rc != CF_OK)
        return rc;
    if (rate_bp < 0 || rate_bp > 100000 || (mode && strcmp(mode, "exclusive") != 0 && strcmp(mode, "inclusive") != 0))
        return cf_fail(err, CF_E_RANGE, "tax: mode inclusive or exclusive, rate 0 to 1000");
    job->tax_mode = mode && strcmp(mode, "exclusive") == 0 ? CF_TAX_EXCLUSIVE : CF_TAX_INCLUSIVE;
    job->tax_bp = (uint32_t)rate_bp;
    return CF_OK;
}

static enum cf_rc read_job(struct price_job *job, const json_t *root, struct cf_error *err)
{
    size_t i;
    const json_t *item, *context = json_object_get(root, "context"), *promotions = json_object_get(root, "promotions");
    cf_cart_clear(job->cart);
    job->products.n = job->categories.n = job->n_offers = 0;
    job->now = cf_env_wall(cf_env_system());
    enum cf_rc rc = read_context(job, context, err);
    if (rc == CF_OK)
        rc = read_cart(job, json_object_get(root, "cart"), err);
    if (rc == CF_OK && promotions && !json_is_array(promotions))
        rc = cf_fail(err, CF_E_JSON_TYPE, "promotions is not a list");
    if (rc != CF_OK)
        return rc;
    json_array_foreach(promotions, i, item)
    {
        rc = read_promotion(job, item, json_object_get(context, "coupons"), err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static const char *line_name(const json_t *cart, size_t i)
{
    const char *name = json_string_value(json_object_get(json_array_get(cart, i), "line"));
    return name ? name : json_string_value(json_object_get(json_array_get(cart, i), "sku"));
}

static json_t *answer(const struct price_job *job, const json_t *root)
{
    const struct cf_priced *priced = job->priced;
    const json_t *cart = json_object_get(root, "cart");
    json_t *lines = json_array(), *by_line = json_object(), *reasons = json_array(), *refused = json_array();
    for (size_t i = 0; i < priced->n_lines; i++) {
        const struct cf_priced_line *line = &priced->lines[i];
        const char *name = line_name(cart, i);
        json_array_append_new(lines,
                              json_pack("{s:s, s:I, s:I, s:I, s:I}", "line", name, "gross",
                                        (json_int_t)line->gross_minor, "discount", (json_int_t)line->discount_minor,
                                        "net", (json_int_t)line->net_minor, "tax", (json_int_t)line->tax_minor));
        json_int_t before = json_integer_value(json_object_get(by_line, name));
        json_object_set_new(by_line, name, json_integer(before + line->discount_minor));
    }
    for (size_t i = 0; i < priced->n_applied; i++)
        json_array_append_new(reasons, json_pack("{s:I, s:I, s:s}", "promotion", (json_int_t)priced->applied[i].offer,
                                                 "amount", (json_int_t)priced->applied[i].amount_minor, "text",
                                                 priced->applied[i].reason));
    for (size_t i = 0; i < priced->n_refused; i++)
        json_array_append_new(
            refused, json_pack("{s:I, s:s, s:I, s:s}", "promotion", (json_int_t)priced->refused[i].offer, "rule",
                               cf_rc_name(priced->refused[i].rc), "shortfall",
                               (json_int_t)priced->refused[i].shortfall_minor, "text", priced->refused[i].reason));
    int64_t with_tax = job->tax_mode == CF_TAX_EXCLUSIVE ? priced->total_minor : priced->net_minor;
    json_t *result = json_pack("{s:O, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "id",
                               json_object_get(root, "id") ? json_object_get(root, "id") : json_null(), "ok", 1,
                               "gross", (json_int_t)priced->gross_minor, "discount", (json_int_t)priced->discount_minor,
                               "total", (json_int_t)priced->net_minor, "tax", (json_int_t)priced->tax_minor,
                               "total_with_tax", (json_int_t)with_tax, "lines", lines, "line_discounts", by_line,
                               "reasons", reasons, "refused", refused);
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
    rc = read_job(job, root, err);
    if (rc == CF_OK)
        rc = cf_price(job->cart, job->offers, job->n_offers, job->tax_mode, job->now, NULL, job->priced, err);
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
    .help = "usage: counterfoil price [--json] [--currency CNY] < CARTS\n\n"
            "Reads one JSON object a line: {\"id\", \"cart\": [{\"line\", \"sku\", \"qty\", \"unit_price\", "
            "\"categories\"}],\n"
            "\"promotions\": [{\"type\", ...}], \"context\": {\"now\", \"coupons\", \"tax\": {\"mode\", \"rate\"}}}, "
            "amounts in minor\n"
            "units. Prints one object a line: gross, discount, total (before tax that is not in the price), tax,\n"
            "total_with_tax, each line, line_discounts, reasons and refusals. Types of promotion: order_fixed,\n"
            "order_percent, line_percent, line_fixed_per_unit. A cart that needs another is refused as UNSUPPORTED and "
            "the\n"
            "rest goes on; the exit status is then 1. docs/cli.md has every field.\n",
    .run = run,
};
