/*
 * app/cli/price_cart.c - the cart of a case of `counterfoil price`.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/price_job.h"
#include "base/text.h"

/* --- goods by number ---------------------------------------------------------------------------------------------- */

/* As people sort names: "item2" before "item10". */
static int compare_names(const void *a, const void *b)
{
    const unsigned char *p = *(const unsigned char *const *)a, *q = *(const unsigned char *const *)b;
    while (*p != '\0' && *q != '\0') {
        size_t n = 0, m = 0;
        while (isdigit(p[n]))
            n++;
        while (isdigit(q[m]))
            m++;
        if (n > 0 && m > 0 && n != m)
            return n < m ? -1 : 1;
        if (*p != *q)
            return *p < *q ? -1 : 1;
        p++;
        q++;
    }
    return (*p != '\0') - (*q != '\0');
}

static const char *text_of(const json_t *line, const char *key)
{
    const json_t *value = json_object_get(line, key);
    return json_is_string(value) ? json_string_value(value) : NULL;
}

/* The settled order of a cart goes by the numbers of its goods: they follow the names, not the order of scanning. */
static enum cf_rc number_goods(struct price_job *job, const json_t *lines, struct cf_error *err)
{
    const char **names = calloc(json_array_size(lines) + 1, sizeof *names);
    size_t i, n = 0;
    const json_t *line;
    enum cf_rc rc = CF_OK;
    uint32_t number;
    if (!names)
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a cart");
    json_array_foreach(lines, i, line)
    {
        const char *name = text_of(line, "sku") ? text_of(line, "sku") : text_of(line, "line");
        if (name)
            names[n++] = name;
    }
    qsort(names, n, sizeof *names, compare_names);
    for (i = 0; rc == CF_OK && i < n; i++)
        rc = price_number_of(&job->products, names[i], &number, err);
    free(names);
    return rc;
}

/* --- a line ------------------------------------------------------------------------------------------------------- */

/* Tags, brands, products and variants are sets of goods as categories are. */
static enum cf_rc read_categories(struct price_job *job, json_t *open, struct cf_cart_line *line, struct cf_error *err)
{
    static const char *const keys[] = {"category", "categories", "tags", "brand", "product", "variant"};
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; rc == CF_OK && k < sizeof keys / sizeof *keys; k++)
        rc = price_take_names(open, keys[k], &job->categories, line->categories, CF_LINE_CATEGORIES_MAX,
                              &line->n_categories, err);
    return rc;
}

/* "kind": what sort of line it is. */
static enum cf_rc read_kind(json_t *open, struct cf_cart_line *line, bool *ret_untouched, struct cf_error *err)
{
    const char *kind = NULL;
    enum cf_rc rc = price_take_text(open, "kind", &kind, err);
    if (rc != CF_OK || !kind || strcmp(kind, "product") == 0 || strcmp(kind, "item") == 0 || strcmp(kind, "goods") == 0)
        return rc;
    if (strcmp(price_word_of(kind), "delivery") == 0)
        line->delivery = true;
    else if (strcmp(kind, "gift_card") == 0)
        *ret_untouched = true;
    else
        return cf_fail(err, CF_E_UNSUPPORTED, "a cart line of kind %s", kind);
    return CF_OK;
}

static enum cf_rc read_prices(json_t *open, struct cf_cart_line *line, bool *ret_untouched, struct cf_error *err)
{
    int64_t usual = 0;
    bool discountable = true, gift_card = false;
    line->has_member_price = price_has(open, "member_price");
    enum cf_rc rc = price_take_int(open, "unit_price", -1, &line->unit_price_minor, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "floor_price", 0, &line->floor_minor, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "member_price", 0, &line->member_price_minor, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "delivery", false, &line->delivery, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "reduced", false, &line->reduced, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "compare_at", 0, &usual, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "discountable", true, &discountable, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "gift_card", false, &gift_card, err);
    line->reduced = line->reduced || usual > line->unit_price_minor;
    *ret_untouched = !discountable || gift_card;
    return rc == CF_OK ? read_kind(open, line, ret_untouched, err) : rc;
}

static enum cf_rc read_tax(json_t *open, struct cf_cart_line *line, struct cf_error *err)
{
    int64_t tax_bp = (int64_t)line->tax_bp;
    enum cf_rc rc = price_take_scaled(open, "tax_rate", 100, tax_bp, &tax_bp, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "tax_bp", tax_bp, &tax_bp, err);
    if (rc == CF_OK && (tax_bp < 0 || tax_bp > CF_TAX_BP_MAX))
        rc = cf_fail(err, CF_E_RANGE, "a line's tax rate");
    line->tax_bp = (uint32_t)tax_bp;
    return rc;
}

static enum cf_rc add_line(struct price_job *job, struct cf_cart_line *line, const char *sku, const char *name,
                           struct cf_error *err)
{
    uint32_t product = 0, line_no = 0;
    enum cf_rc rc = price_number_of(&job->products, sku, &product, err);
    if (rc != CF_OK)
        return rc;
    line->product = product;
    line->weighed = line->qty_milli % 1000 != 0;
    cf_text_clean(cf_bytes_str(sku), line->name, sizeof line->name);
    rc = cf_cart_add(job->cart, line, &line_no, err);
    if (rc == CF_OK)
        job->names_of_lines[line_no - 1] = name;
    return rc;
}

static enum cf_rc leave_untouched(struct price_job *job, uint64_t product, struct cf_error *err)
{
    struct cf_goods_few *few = &job->untouched;
    if (few->n_products == CF_FEW_PRODUCTS_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d products that are not discountable", CF_FEW_PRODUCTS_MAX);
    few->products[few->n_products++] = product;
    return CF_OK;
}

static enum cf_rc read_open_line(struct price_job *job, json_t *open, struct cf_error *err)
{
    struct cf_cart_line line = {.tax_bp = job->tax_bp};
    const char *sku = NULL, *name = NULL, *id = NULL;
    bool untouched = false, weighed = false;
    enum cf_rc rc = price_take_text(open, "sku", &sku, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "line", &name, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "id", &id, err);
    name = name ? name : id;
    if (rc == CF_OK && !sku && !name)
        rc = cf_fail(err, CF_E_JSON_TYPE, "a cart line has no sku");
    if (rc == CF_OK)
        rc = price_take_scaled(open, "qty", 1000, 1000, &line.qty_milli, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "weighed", false, &weighed, err);
    if (rc == CF_OK)
        rc = read_prices(open, &line, &untouched, err);
    if (rc == CF_OK)
        rc = read_tax(open, &line, err);
    if (rc == CF_OK)
        rc = read_categories(job, open, &line, err);
    (void)price_take(open, "note");
    if (rc == CF_OK)
        rc = price_close(open, "a cart line", err);
    if (rc == CF_OK)
        rc = add_line(job, &line, sku ? sku : name, name ? name : sku, err);
    return rc == CF_OK && untouched ? leave_untouched(job, line.product, err) : rc;
}

/* --- delivery ----------------------------------------------------------------------------------------------------- */

/* "shipping": 500, or {"price": 500, "tax_rate": 20}: a line of its own. */
static enum cf_rc read_shipping(struct price_job *job, struct cf_error *err)
{
    struct cf_cart_line line = {.qty_milli = 1000, .tax_bp = job->tax_bp, .delivery = true};
    json_t *open = NULL;
    enum cf_rc rc = CF_OK;
    if (!job->shipping)
        return CF_OK;
    if (json_is_integer(job->shipping)) {
        line.unit_price_minor = json_integer_value(job->shipping);
    } else {
        rc = price_open(job->shipping, PRICE_WORDS_SHIPPING, "shipping", &open, err);
        if (rc == CF_OK)
            rc = price_take_int(open, "price", -1, &line.unit_price_minor, err);
        if (rc == CF_OK)
            rc = read_tax(open, &line, err);
        (void)price_take(open, "method");
        if (rc == CF_OK)
            rc = price_close(open, "shipping", err);
        json_decref(open);
    }
    return rc == CF_OK ? add_line(job, &line, "shipping", "shipping", err) : rc;
}

enum cf_rc price_read_cart(struct price_job *job, const json_t *lines, struct cf_error *err)
{
    size_t i;
    const json_t *line;
    if (!json_is_array(lines))
        return cf_fail(err, CF_E_JSON_TYPE, "cart is not a list");
    enum cf_rc rc = number_goods(job, lines, err);
    job->untouched = (struct cf_goods_few){0};
    json_array_foreach(lines, i, line)
    {
        json_t *open = NULL;
        if (rc == CF_OK)
            rc = price_open(line, PRICE_WORDS_LINE, "a cart line", &open, err);
        if (rc == CF_OK)
            rc = read_open_line(job, open, err);
        json_decref(open);
        if (rc != CF_OK)
            return rc;
    }
    return rc == CF_OK ? read_shipping(job, err) : rc;
}
