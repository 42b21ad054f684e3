/*
 * app/cli/price_cart.c - the cart, the shopper and the moment of a case of `counterfoil price`.
 */
#include <string.h>

#include "app/cli/price_job.h"
#include "app/core/campaign.h"
#include "app/core/tender.h"
#include "base/text.h"

/* --- the cart ----------------------------------------------------------------------------------------------------- */

static const char *const line_keys[] = {
    "line",
    "sku",
    "name",
    "title",
    "qty",
    "quantity",
    "unit_price",
    "price",
    "category",
    "categories",
    "tags",
    "product",
    "brand",
    "tax_bp",
    "tax_rate",
    "tax",
    "reduced",
    "discounted",
    "on_sale",
    "compare_at",
    "list_price",
    "compare_at_price",
    "original_price",
    "regular_price",
    "floor_price",
    "floor",
    "min_price",
    "minimum_price",
    "member_price",
    "delivery",
    "shipping",
    "discountable",
    "promotionable",
    "gift_card",
    "weighed",
    "variant",
    "id",
    "note",
    NULL,
};

static enum cf_rc add_category(struct price_job *job, const char *name, struct cf_cart_line *line, struct cf_error *err)
{
    if (line->n_categories == CF_LINE_CATEGORIES_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d categories on a line", CF_LINE_CATEGORIES_MAX);
    enum cf_rc rc = price_number_of(&job->categories, name, &line->categories[line->n_categories], err);
    line->n_categories += rc == CF_OK;
    return rc;
}

/* A text or a list of them. Tags, brands and products are sets of goods as categories are. */
static enum cf_rc read_categories(struct price_job *job, const json_t *item, struct cf_cart_line *line,
                                  struct cf_error *err)
{
    static const char *const keys[] = {"category", "categories", "tags", "brand", "product"};
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; rc == CF_OK && k < sizeof keys / sizeof *keys; k++) {
        const json_t *value = json_object_get(item, keys[k]), *name;
        size_t i;
        if (!value || json_is_null(value))
            continue;
        if (json_is_string(value)) {
            rc = add_category(job, json_string_value(value), line, err);
            continue;
        }
        if (!json_is_array(value))
            return cf_fail(err, CF_E_JSON_TYPE, "%s is not a list", keys[k]);
        json_array_foreach(value, i, name)
        {
            if (!json_is_string(name))
                return cf_fail(err, CF_E_JSON_TYPE, "%s: not a text", keys[k]);
            if ((rc = add_category(job, json_string_value(name), line, err)) != CF_OK)
                return rc;
        }
    }
    return rc;
}

/* The first of the keys that is there. */
static enum cf_rc first_int(const json_t *item, const char *const *keys, int64_t *ret, bool *ret_present,
                            struct cf_error *err)
{
    *ret_present = false;
    for (size_t i = 0; keys[i]; i++) {
        const json_t *value = json_object_get(item, keys[i]);
        if (value && !json_is_null(value)) {
            *ret_present = true;
            return price_get_int(item, keys[i], 0, ret, err);
        }
    }
    return CF_OK;
}

static enum cf_rc any_true(const json_t *item, const char *const *keys, bool *ret, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    *ret = false;
    for (size_t i = 0; rc == CF_OK && keys[i]; i++) {
        bool is = false;
        rc = price_get_bool(item, keys[i], false, &is, err);
        *ret = *ret || is;
    }
    return rc;
}

static enum cf_rc read_prices(const json_t *item, struct cf_cart_line *line, struct cf_error *err)
{
    static const char *const price[] = {"unit_price", "price", NULL};
    static const char *const before[] = {"compare_at",    "compare_at_price", "original_price",
                                         "regular_price", "list_price",       NULL};
    static const char *const floor[] = {"floor_price", "floor", "min_price", "minimum_price", NULL};
    static const char *const member[] = {"member_price", NULL};
    static const char *const reduced[] = {"reduced", "discounted", "on_sale", NULL};
    static const char *const delivery[] = {"delivery", "shipping", NULL};
    int64_t usual = 0;
    bool has = false, discountable = true, promotionable = true, gift_card = false;
    line->unit_price_minor = -1;
    enum cf_rc rc = first_int(item, price, &line->unit_price_minor, &has, err);
    if (rc == CF_OK)
        rc = first_int(item, floor, &line->floor_minor, &has, err);
    if (rc == CF_OK)
        rc = first_int(item, member, &line->member_price_minor, &line->has_member_price, err);
    if (rc == CF_OK)
        rc = any_true(item, delivery, &line->delivery, err);
    if (rc == CF_OK)
        rc = any_true(item, reduced, &line->reduced, err);
    if (rc == CF_OK)
        rc = first_int(item, before, &usual, &has, err);
    line->reduced = line->reduced || (has && usual > line->unit_price_minor);
    if (rc == CF_OK)
        rc = price_get_bool(item, "discountable", true, &discountable, err);
    if (rc == CF_OK)
        rc = price_get_bool(item, "promotionable", true, &promotionable, err);
    if (rc == CF_OK)
        rc = price_get_bool(item, "gift_card", false, &gift_card, err);
    if (rc == CF_OK && (!discountable || !promotionable || gift_card))
        line->floor_minor = line->unit_price_minor; /* nothing may be taken off */
    return rc;
}

static enum cf_rc read_tax(const json_t *item, struct cf_cart_line *line, struct cf_error *err)
{
    int64_t tax_bp = (int64_t)line->tax_bp;
    enum cf_rc rc = price_get_scaled(item, "tax", 100, tax_bp, &tax_bp, err);
    if (rc == CF_OK)
        rc = price_get_scaled(item, "tax_rate", 100, tax_bp, &tax_bp, err);
    if (rc == CF_OK)
        rc = price_get_int(item, "tax_bp", tax_bp, &tax_bp, err);
    if (rc == CF_OK && (tax_bp < 0 || tax_bp > CF_TAX_BP_MAX))
        rc = cf_fail(err, CF_E_RANGE, "a line's tax rate");
    line->tax_bp = (uint32_t)tax_bp;
    return rc;
}

static enum cf_rc read_line(struct price_job *job, const json_t *item, struct cf_error *err)
{
    struct cf_cart_line line = {.tax_bp = job->tax_bp};
    const char *sku = NULL, *name = NULL;
    uint32_t product = 0, line_no = 0;
    enum cf_rc rc = price_check_keys(item, "a cart line", line_keys, err);
    if (rc == CF_OK)
        rc = price_get_text(item, "sku", &sku, err);
    if (rc == CF_OK)
        rc = price_get_text(item, "line", &name, err);
    if (rc == CF_OK && !sku)
        sku = name;
    if (rc == CF_OK && !sku)
        rc = cf_fail(err, CF_E_JSON_TYPE, "a cart line has no sku");
    if (rc == CF_OK)
        rc = price_number_of(&job->products, sku, &product, err);
    if (rc == CF_OK)
        rc =
            price_get_scaled(item, json_object_get(item, "qty") ? "qty" : "quantity", 1000, 1000, &line.qty_milli, err);
    if (rc == CF_OK)
        rc = read_prices(item, &line, err);
    if (rc == CF_OK)
        rc = read_tax(item, &line, err);
    if (rc == CF_OK)
        rc = read_categories(job, item, &line, err);
    if (rc != CF_OK)
        return rc;
    line.product = product;
    line.weighed = line.qty_milli % 1000 != 0;
    cf_text_clean(cf_bytes_str(sku), line.name, sizeof line.name);
    rc = cf_cart_add(job->cart, &line, &line_no, err);
    if (rc == CF_OK)
        job->names_of_lines[line_no - 1] = name ? name : sku;
    return rc;
}

/* "shipping": 500, or {"price" or "amount": 500, "tax_rate": 20}: a line of its own. */
static enum cf_rc read_shipping(struct price_job *job, const json_t *value, struct cf_error *err)
{
    struct cf_cart_line line = {.qty_milli = 1000, .tax_bp = job->tax_bp, .delivery = true, .name = "shipping"};
    static const char *const known[] = {"price", "amount", "unit_price", "tax_rate", "tax_bp", "method", NULL};
    static const char *const amounts[] = {"price", "amount", "unit_price", NULL};
    uint32_t product, line_no;
    bool has = false;
    enum cf_rc rc = price_number_of(&job->products, "shipping", &product, err);
    if (rc != CF_OK || !value || json_is_null(value))
        return rc;
    if (json_is_integer(value)) {
        line.unit_price_minor = json_integer_value(value);
    } else if (json_is_object(value)) {
        rc = price_check_keys(value, "shipping", known, err);
        if (rc == CF_OK)
            rc = first_int(value, amounts, &line.unit_price_minor, &has, err);
        if (rc == CF_OK)
            rc = read_tax(value, &line, err);
    } else {
        rc = cf_fail(err, CF_E_JSON_TYPE, "shipping is an amount or an object");
    }
    if (rc != CF_OK)
        return rc;
    line.product = product;
    rc = cf_cart_add(job->cart, &line, &line_no, err);
    if (rc == CF_OK)
        job->names_of_lines[line_no - 1] = "shipping";
    return rc;
}

enum cf_rc price_read_cart(struct price_job *job, const json_t *root, struct cf_error *err)
{
    size_t i;
    const json_t *item, *list = json_object_get(root, "cart");
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
    const json_t *shipping = json_object_get(root, "shipping");
    return read_shipping(job, shipping ? shipping : json_object_get(job->context, "shipping"), err);
}

/* --- the shopper and the moment ----------------------------------------------------------------------------------- */

static const char *const context_keys[] = {
    "now",
    "date",
    "time",
    "utc_offset_min",
    "coupons",
    "coupon",
    "tax",
    "channel",
    "store",
    "customer",
    "member",
    "logged_in",
    "guest",
    "tier",
    "group",
    "groups",
    "customer_group",
    "customer_groups",
    "segment",
    "segments",
    "first_order",
    "first_purchase",
    "orders",
    "order_count",
    "previous_orders",
    "orders_placed",
    "nth_order",
    "visits",
    "birthday",
    "payment",
    "tender",
    "tenders",
    "payment_method",
    "shipping",
    "currency",
    "choose",
    "best",
    "weekday",
    "used",
    "usage",
    "note",
    NULL,
};
static const char *const customer_keys[] = {
    "id",       "name",           "email",           "group",         "groups",      "segment",
    "segments", "tier",           "member",          "logged_in",     "first_order", "first_purchase",
    "orders",   "order_count",    "previous_orders", "orders_placed", "nth_order",   "visits",
    "birthday", "customer_group", "customer_groups", "guest",         NULL,
};

static enum cf_rc add_segments(struct price_job *job, const json_t *value, const char *key, struct cf_error *err)
{
    size_t i;
    const json_t *name;
    enum cf_rc rc = CF_OK;
    struct cf_price_facts *f = &job->facts;
    if (!value || json_is_null(value))
        return CF_OK;
    size_t n = json_is_array(value) ? json_array_size(value) : 1;
    for (i = 0; rc == CF_OK && i < n; i++) {
        name = json_is_array(value) ? json_array_get(value, i) : value;
        if (!json_is_string(name))
            return cf_fail(err, CF_E_JSON_TYPE, "%s: not a text", key);
        if (f->n_segments == CF_FACT_SEGMENTS_MAX)
            return cf_fail(err, CF_E_LIMIT, "%s: more than %d", key, CF_FACT_SEGMENTS_MAX);
        rc = price_number_of(&job->segments, json_string_value(name), &f->segments[f->n_segments++], err);
        f->has_member = true;
    }
    return rc;
}

static enum cf_rc read_visits(struct price_job *job, const json_t *from, struct cf_error *err)
{
    static const char *const placed[] = {"orders", "order_count", "previous_orders", "orders_placed", NULL};
    static const char *const nth[] = {"nth_order", "visits", NULL};
    struct cf_price_facts *f = &job->facts;
    int64_t before = 0, visits = 0;
    bool has_before = false, has_nth = false, first = false;
    enum cf_rc rc = first_int(from, placed, &before, &has_before, err);
    if (rc == CF_OK)
        rc = first_int(from, nth, &visits, &has_nth, err);
    if (rc == CF_OK)
        rc = price_get_bool(from, json_object_get(from, "first_order") ? "first_order" : "first_purchase", false,
                            &first, err);
    if (rc != CF_OK)
        return rc;
    if (has_before && !has_nth)
        visits = before + 1;
    if (before < 0 || visits < 0 || visits > UINT32_MAX)
        return cf_fail(err, CF_E_RANGE, "orders");
    if (first && !has_nth && !has_before)
        visits = 1;
    f->visits = visits > 0 ? (uint32_t)visits : f->visits;
    f->first_purchase = f->first_purchase || first || visits == 1;
    f->has_member = f->has_member || visits > 0;
    return CF_OK;
}

/* "1980-11-22" or "11-22". */
static enum cf_rc read_birthday(struct price_job *job, const json_t *from, struct cf_error *err)
{
    const char *text = NULL;
    enum cf_rc rc = price_get_text(from, "birthday", &text, err);
    if (rc != CF_OK || !text)
        return rc;
    size_t n = strlen(text);
    const char *p = n == 10 ? text + 5 : text;
    unsigned digits[4], at[] = {0, 1, 3, 4};
    bool good = (n == 10 || n == 5) && p[2] == '-';
    for (size_t i = 0; good && i < 4; i++) {
        digits[i] = (unsigned)(p[at[i]] - '0');
        good = digits[i] <= 9;
    }
    if (!good)
        return cf_fail(err, CF_E_RANGE, "birthday is year-month-day or month-day");
    job->facts.birthday = (uint16_t)(digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3]);
    job->facts.has_member = true;
    return CF_OK;
}

/* What may stand in the context itself or in its customer. */
static enum cf_rc read_shopper(struct price_job *job, const json_t *from, struct cf_error *err)
{
    static const char *const groups[] = {"group",          "groups",          "segment", "segments",
                                         "customer_group", "customer_groups", NULL};
    struct cf_price_facts *f = &job->facts;
    bool member = false, logged_in = false, guest = false;
    int64_t tier = -1;
    enum cf_rc rc = price_get_bool(from, "member", false, &member, err);
    if (rc == CF_OK)
        rc = price_get_bool(from, "logged_in", false, &logged_in, err);
    if (rc == CF_OK)
        rc = price_get_bool(from, "guest", false, &guest, err);
    if (rc == CF_OK)
        rc = price_get_int(from, "tier", -1, &tier, err);
    if (rc == CF_OK && tier > 9)
        rc = cf_fail(err, CF_E_RANGE, "tier is not in 0..9");
    f->has_member = f->has_member || member || logged_in || tier >= 0;
    f->tier = tier >= 0 ? (uint8_t)tier : f->tier;
    for (size_t i = 0; rc == CF_OK && groups[i]; i++)
        rc = add_segments(job, json_object_get(from, groups[i]), groups[i], err);
    if (rc == CF_OK)
        rc = read_visits(job, from, err);
    if (rc == CF_OK)
        rc = read_birthday(job, from, err);
    if (rc == CF_OK && guest && f->has_member)
        rc = cf_fail(err, CF_E_RANGE, "a guest who is a customer");
    return rc;
}

static enum cf_rc read_tenders(struct price_job *job, struct cf_error *err)
{
    static const char *const keys[] = {"payment", "payment_method", "tender", "tenders", NULL};
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; keys[k]; k++) {
        const json_t *value = json_object_get(job->context, keys[k]);
        size_t n = json_is_array(value) ? json_array_size(value) : value && !json_is_null(value);
        for (size_t i = 0; rc == CF_OK && i < n; i++) {
            const json_t *name = json_is_array(value) ? json_array_get(value, i) : value;
            enum cf_tender_kind kind;
            if (!json_is_string(name) || !cf_tender_kind_parse(json_string_value(name), &kind))
                return cf_fail(err, CF_E_JSON_RANGE, "%s: no such tender", keys[k]);
            job->facts.tenders |= UINT32_C(1) << (unsigned)kind;
        }
    }
    return rc;
}

static enum cf_rc read_moment(struct price_job *job, struct cf_error *err)
{
    int64_t offset_min = 0;
    bool is_date = false, present = false;
    enum cf_rc rc = price_get_instant(job->context, json_object_get(job->context, "now") ? "now" : "date", &job->now,
                                      &is_date, &present, err);
    if (rc == CF_OK)
        rc = price_get_int(job->context, "utc_offset_min", 0, &offset_min, err);
    if (rc == CF_OK && (offset_min <= -1440 || offset_min >= 1440))
        rc = cf_fail(err, CF_E_RANGE, "utc_offset_min");
    if (rc != CF_OK)
        return rc;
    int64_t local_s = cf_wall_s(job->now) + offset_min * 60;
    int64_t day = local_s / 86400 - (local_s % 86400 < 0);
    job->facts.local_date = cf_wall_date(job->now, (int)offset_min);
    job->facts.weekday = (uint8_t)(((day + 3) % 7 + 7) % 7 + 1); /* 1970-01-01 was a Thursday */
    job->facts.minute = (uint16_t)((local_s - day * 86400) / 60);
    return CF_OK;
}

static enum cf_rc read_place(struct price_job *job, struct cf_error *err)
{
    const char *channel = NULL, *store = NULL;
    uint32_t number = 0;
    enum cf_rc rc = price_get_text(job->context, "channel", &channel, err);
    if (rc == CF_OK)
        rc = price_get_text(job->context, "store", &store, err);
    if (rc == CF_OK && channel) {
        rc = price_number_of(&job->channels, channel, &number, err);
        if (rc == CF_OK && number > 32)
            rc = cf_fail(err, CF_E_LIMIT, "more than 32 channels");
        job->facts.channel = rc == CF_OK ? UINT32_C(1) << (number - 1) : 0;
    }
    if (rc == CF_OK && store)
        rc = price_number_of(&job->stores, store, &job->facts.store, err);
    return rc;
}

static enum cf_rc read_tax_mode(struct price_job *job, struct cf_error *err)
{
    static const char *const known[] = {"mode", "rate", "inclusive", "included", NULL};
    const json_t *tax = json_object_get(job->context, "tax");
    const char *mode = NULL;
    int64_t rate_bp = 0;
    bool inclusive = true;
    enum cf_rc rc = price_check_keys(tax, "tax", known, err);
    if (rc == CF_OK)
        rc = price_get_text(tax, "mode", &mode, err);
    if (rc == CF_OK)
        rc = price_get_bool(tax, json_object_get(tax, "included") ? "included" : "inclusive", true, &inclusive, err);
    if (rc == CF_OK)
        rc = price_get_scaled(tax, "rate", 100, 0, &rate_bp, err);
    if (rc != CF_OK)
        return rc;
    if (rate_bp < 0 || rate_bp > CF_TAX_BP_MAX ||
        (mode && strcmp(mode, "exclusive") != 0 && strcmp(mode, "inclusive") != 0))
        return cf_fail(err, CF_E_RANGE, "tax: mode inclusive or exclusive, rate 0 to 1000");
    job->tax_mode = (mode && strcmp(mode, "exclusive") == 0) || !inclusive ? CF_TAX_EXCLUSIVE : CF_TAX_INCLUSIVE;
    job->tax_bp = (uint32_t)rate_bp;
    return CF_OK;
}

enum cf_rc price_read_context(struct price_job *job, const json_t *root, struct cf_error *err)
{
    const json_t *customer = json_object_get(json_object_get(root, "context"), "customer");
    const char *choose = NULL;
    job->context = json_object_get(root, "context");
    job->facts = (struct cf_price_facts){0};
    job->choose_best = false;
    enum cf_rc rc = price_check_keys(job->context, "a context", context_keys, err);
    if (rc == CF_OK && json_is_object(customer)) {
        rc = price_check_keys(customer, "a customer", customer_keys, err);
        job->facts.has_member = !json_is_true(json_object_get(customer, "guest"));
    }
    if (rc == CF_OK)
        rc = read_moment(job, err);
    if (rc == CF_OK)
        rc = read_tax_mode(job, err);
    if (rc == CF_OK)
        rc = read_place(job, err);
    if (rc == CF_OK)
        rc = read_tenders(job, err);
    if (rc == CF_OK)
        rc = read_shopper(job, job->context, err);
    if (rc == CF_OK && json_is_object(customer))
        rc = read_shopper(job, customer, err);
    if (rc == CF_OK)
        rc = price_get_text(job->context, "choose", &choose, err);
    if (rc == CF_OK)
        rc = price_get_bool(job->context, "best", choose && strcmp(choose, "best") == 0, &job->choose_best, err);
    return rc == CF_OK ? cf_price_facts_check(&job->facts, err) : rc;
}
