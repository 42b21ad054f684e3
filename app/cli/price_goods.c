/*
 * app/cli/price_goods.c - which goods a promotion of `counterfoil price` is about: covered, excepted, bought, got,
 * given, required.
 */
#include <stdio.h>
#include <string.h>

#include "app/cli/price_job.h"

/* What "products" names is a product of its own or, if a line says so, a set of goods with their variants. */
static enum cf_rc read_products(struct price_job *job, json_t *open, const char *key, struct cf_goods *goods,
                                struct cf_error *err)
{
    const json_t *value = price_take(open, key);
    size_t n = json_is_array(value) ? json_array_size(value) : value != NULL;
    for (size_t i = 0; i < n; i++) {
        const json_t *name = json_is_array(value) ? json_array_get(value, i) : value;
        const char *text = json_is_string(name) ? json_string_value(name) : NULL;
        uint32_t number = text ? price_find_number(&job->categories, text) : 0;
        if (!text || goods->n_products == CF_GOODS_PRODUCTS_MAX || goods->n_categories == CF_GOODS_CATEGORIES_MAX)
            return cf_fail(err, CF_E_LIMIT, "%s: at most %d texts", key, CF_GOODS_CATEGORIES_MAX);
        if (number != 0 && price_find_number(&job->products, text) == 0) {
            goods->categories[goods->n_categories++] = number;
            continue;
        }
        enum cf_rc rc = price_number_of(&job->products, text, &number, err);
        if (rc != CF_OK)
            return rc;
        goods->products[goods->n_products++] = number;
    }
    return CF_OK;
}

/* The goods of a part: "skus", "buy_category", "exclude_products". */
static enum cf_rc read_goods(struct price_job *job, json_t *open, const char *part, struct cf_goods *goods,
                             struct cf_error *err)
{
    char key[32];
    uint32_t numbers_of[CF_GOODS_PRODUCTS_MAX];
    size_t n = 0;
    (void)snprintf(key, sizeof key, "%sskus", part);
    enum cf_rc rc = price_take_names(open, key, &job->products, numbers_of, CF_GOODS_PRODUCTS_MAX, &n, err);
    for (size_t i = 0; rc == CF_OK && i < n; i++)
        goods->products[goods->n_products++] = numbers_of[i];
    (void)snprintf(key, sizeof key, "%sproducts", part);
    if (rc == CF_OK)
        rc = read_products(job, open, key, goods, err);
    (void)snprintf(key, sizeof key, "%scategories", part);
    if (rc == CF_OK)
        rc = price_take_names(open, key, &job->categories, goods->categories, CF_GOODS_CATEGORIES_MAX,
                              &goods->n_categories, err);
    return rc;
}

static enum cf_rc read_few(struct price_job *job, json_t *open, const char *part, struct cf_goods_few *few,
                           struct cf_error *err)
{
    struct cf_goods goods = {0};
    enum cf_rc rc = read_goods(job, open, part, &goods, err);
    if (rc != CF_OK)
        return rc;
    if (few->n_products + goods.n_products > CF_FEW_PRODUCTS_MAX ||
        few->n_categories + goods.n_categories > CF_FEW_CATEGORIES_MAX)
        return cf_fail(err, CF_E_LIMIT, "%sgoods: at most %d and %d categories", part, CF_FEW_PRODUCTS_MAX,
                       CF_FEW_CATEGORIES_MAX);
    for (size_t i = 0; i < goods.n_products; i++)
        few->products[few->n_products++] = goods.products[i];
    for (size_t i = 0; i < goods.n_categories; i++)
        few->categories[few->n_categories++] = goods.categories[i];
    return CF_OK;
}

/* Are the goods to buy and those to get named by the same words? Then a piece of them is either. */
static bool same_goods(const struct cf_goods_few *buy, const struct cf_goods *get)
{
    return buy->n_products == get->n_products && buy->n_categories == get->n_categories &&
           memcmp(buy->products, get->products, get->n_products * sizeof *get->products) == 0 &&
           memcmp(buy->categories, get->categories, get->n_categories * sizeof *get->categories) == 0;
}

static enum cf_rc read_slot(struct price_job *job, const json_t *part, struct cf_slot *slot, struct cf_error *err)
{
    int64_t qty = 1;
    json_t *open = NULL;
    enum cf_rc rc = price_open(part, PRICE_WORDS_SLOT, "a part of a bundle", &open, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "qty", 1, &qty, err);
    if (rc == CF_OK && (qty < 1 || qty > CF_GROUP_QTY_MAX))
        rc = cf_fail(err, CF_E_RANGE, "the quantity of a part is not in 1..%d", CF_GROUP_QTY_MAX);
    if (rc == CF_OK)
        rc = read_few(job, open, "", &slot->goods, err);
    if (rc == CF_OK)
        rc = price_close(open, "a part of a bundle", err);
    slot->qty = (uint32_t)qty;
    json_decref(open);
    return rc;
}

static enum cf_rc read_slots(struct price_job *job, json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    const json_t *list = price_take(open, "items");
    enum cf_rc rc = CF_OK;
    if (list && !json_is_array(list))
        return cf_fail(err, CF_E_JSON_TYPE, "items is not a list");
    for (size_t i = 0; rc == CF_OK && i < json_array_size(list); i++) {
        if (p->n_slots == CF_SLOTS_MAX)
            return cf_fail(err, CF_E_LIMIT, "items: at most %d", CF_SLOTS_MAX);
        rc = read_slot(job, json_array_get(list, i), &p->slots[p->n_slots++], err);
    }
    return rc;
}

/* --- goods that have to be there ---------------------------------------------------------------------------------- */

struct required {
    struct cf_goods_few goods;
    int64_t total_minor, qty_milli; /* of them together, or, with `each`, of each that is named */
    bool each;
};

static enum cf_rc read_required_open(struct price_job *job, json_t *inner, struct required *r, struct cf_error *err)
{
    enum cf_rc rc = read_few(job, inner, "", &r->goods, err);
    if (rc == CF_OK)
        rc = price_take_int(inner, "total", r->total_minor, &r->total_minor, err);
    if (rc == CF_OK)
        rc = price_take_scaled(inner, "quantity", 1000, r->qty_milli, &r->qty_milli, err);
    return rc == CF_OK ? price_close(inner, "what is required", err) : rc;
}

/* {"category": "Mugs", "total": 3000} */
static enum cf_rc read_required_object(struct price_job *job, const json_t *value, struct required *r,
                                       struct cf_error *err)
{
    json_t *inner = NULL;
    enum cf_rc rc = price_open(value, PRICE_WORDS_REQUIRED, "what is required", &inner, err);
    if (rc == CF_OK)
        rc = read_required_open(job, inner, r, err);
    json_decref(inner);
    return rc;
}

/* A name, any of several names, an object; or several objects, which all hold: of the same minimum, since the core has
 * one. */
static enum cf_rc read_required_value(struct price_job *job, const json_t *value, struct required *r,
                                      struct cf_error *err)
{
    size_t n = json_is_array(value) ? json_array_size(value) : value != NULL, n_objects = 0;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < n; i++) {
        const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
        struct required before = *r;
        if (json_is_string(one)) {
            json_t *named = json_pack("{s:[O]}", "products", one);
            rc = read_required_object(job, named, r, err);
            json_decref(named);
            continue;
        }
        rc = read_required_object(job, one, r, err);
        n_objects++;
        if (rc == CF_OK && i > 0 && (r->total_minor != before.total_minor || r->qty_milli != before.qty_milli))
            rc = cf_fail(err, CF_E_UNSUPPORTED, "goods that are required with minima of their own");
    }
    r->each = r->each || n_objects > 1;
    return rc;
}

/* "match": any of the goods, all of them, or none. */
static enum cf_rc read_match(json_t *open, bool *ret_all, bool *ret_none, struct cf_error *err)
{
    const char *match = NULL;
    enum cf_rc rc = price_take_text(open, "match", &match, err);
    if (rc != CF_OK || !match || strcmp(match, "any") == 0)
        return rc;
    *ret_all = strcmp(match, "all") == 0 || strcmp(match, "each") == 0;
    *ret_none = strcmp(match, "none") == 0;
    return *ret_all || *ret_none ? CF_OK : cf_fail(err, CF_E_UNSUPPORTED, "match \"%s\": any, all or none", match);
}

/* "requires_all": true beside the goods, or the goods themselves. */
static enum cf_rc read_all(struct price_job *job, json_t *open, struct required *r, struct cf_error *err)
{
    const json_t *all = price_take(open, "requires_all");
    enum cf_rc rc = CF_OK;
    if (json_is_boolean(all))
        r->each = json_is_true(all);
    else if (all) {
        r->each = true;
        rc = read_required_value(job, all, r, err);
    }
    struct cf_goods_few named = r->goods;
    if (rc == CF_OK)
        rc = read_few(job, open, "all_", &r->goods, err);
    r->each = r->each || r->goods.n_products != named.n_products || r->goods.n_categories != named.n_categories;
    return rc;
}

/* The fields that name goods and how much of them; where a minimum is an object it names its goods itself. */
static enum cf_rc read_required_fields(struct price_job *job, json_t *open, struct required *r, struct cf_error *err)
{
    static const char *const minima[] = {"requires_total", "requires_quantity"};
    int64_t *const figures[] = {&r->total_minor, &r->qty_milli};
    enum cf_rc rc = read_required_value(job, price_take(open, "requires"), r, err);
    if (rc == CF_OK)
        rc = read_all(job, open, r, err);
    if (rc == CF_OK)
        rc = read_few(job, open, "requires_", &r->goods, err);
    for (size_t i = 0; rc == CF_OK && i < 2; i++) {
        const json_t *value = price_take(open, minima[i]);
        if (json_is_object(value) || json_is_array(value))
            rc = read_required_value(job, value, r, err);
        else if (value)
            rc = price_scaled(value, minima[i], i == 0 ? 1 : 1000, figures[i], err);
    }
    return rc;
}

/* A basket with goods that bar it: at most nothing of them. */
static enum cf_rc read_barred(struct price_job *job, json_t *open, bool none, const struct required *r,
                              struct cf_promotion *p, struct cf_error *err)
{
    struct cf_goods_few barred = {0};
    enum cf_rc rc = read_few(job, open, "none_", &barred, err);
    if (rc == CF_OK && none)
        barred = r->goods;
    if (rc != CF_OK || cf_goods_few_is_empty(&barred))
        return rc;
    if (!cf_goods_few_is_empty(&p->buy) || (!none && !cf_goods_few_is_empty(&r->goods)))
        return cf_fail(err, CF_E_UNSUPPORTED, "goods that must be there and others that must not");
    p->buy = barred;
    p->min_over = CF_OVER_BUY;
    p->max_qty_milli = 1;
    return CF_OK;
}

/* Goods that have to be there, with a total or a quantity of them. */
static enum cf_rc read_required(struct price_job *job, json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    struct required r = {.each = false};
    bool all = false, none = false;
    enum cf_rc rc = read_required_fields(job, open, &r, err);
    if (rc == CF_OK)
        rc = read_match(open, &all, &none, err);
    if (rc == CF_OK)
        rc = read_barred(job, open, none, &r, p, err);
    if (rc != CF_OK || none || (cf_goods_few_is_empty(&r.goods) && r.total_minor == 0 && r.qty_milli == 0))
        return rc;
    bool named = !cf_goods_few_is_empty(&r.goods);
    if (named && !cf_goods_few_is_empty(&p->buy))
        return cf_fail(err, CF_E_UNSUPPORTED, "goods to buy and others that are required");
    if ((r.total_minor != 0 && p->min_spend_minor != 0) || (r.qty_milli != 0 && p->min_qty_milli != 0))
        return cf_fail(err, CF_E_UNSUPPORTED, "a minimum of the basket and one of required goods");
    p->min_spend_minor = r.total_minor != 0 ? r.total_minor : p->min_spend_minor;
    p->min_qty_milli = r.qty_milli != 0 ? r.qty_milli : p->min_qty_milli;
    p->min_over = named ? CF_OVER_BUY : CF_OVER_COVERED;
    p->buy_each = named && (r.each || all);
    p->buy = named ? r.goods : p->buy;
    if (p->min_spend_minor == 0 && p->min_qty_milli == 0)
        p->min_qty_milli = 1;
    return CF_OK;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

/* Sets of goods: covered, excepted, to buy, to get, to give, and those that only have to be there. */
enum cf_rc price_read_goods(struct price_job *job, json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    bool gives = p->kind == CF_REWARD_GIFT;
    p->except = job->untouched;
    enum cf_rc rc = gives ? read_goods(job, open, "gift_", &p->goods, err) : CF_OK;
    if (rc == CF_OK)
        rc = read_goods(job, open, "", &p->goods, err);
    if (rc == CF_OK)
        rc = read_goods(job, open, "get_", &p->goods, err);
    if (rc == CF_OK)
        rc = read_few(job, open, "exclude_", &p->except, err);
    if (rc == CF_OK)
        rc = read_few(job, open, "buy_", &p->buy, err);
    if (rc == CF_OK && p->kind == CF_REWARD_BUY_GET && same_goods(&p->buy, &p->goods))
        p->buy = (struct cf_goods_few){0};
    if (rc == CF_OK && p->kind == CF_REWARD_BUNDLE)
        rc = read_slots(job, open, p, err);
    return rc == CF_OK ? read_required(job, open, p, err) : rc;
}
