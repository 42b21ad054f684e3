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

/* Goods that have to be there, with a total or a quantity of them: fields of the promotion, or an object. */
static enum cf_rc read_required(struct price_job *job, json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    struct cf_goods_few needed = {0};
    int64_t total = 0, qty_milli = 0;
    json_t *inner = NULL;
    enum cf_rc rc = price_open(price_take(open, "requires"), PRICE_WORDS_REQUIRED, "what is required", &inner, err);
    if (rc == CF_OK)
        rc = read_few(job, inner, "", &needed, err);
    if (rc == CF_OK)
        rc = price_take_int(inner, "total", 0, &total, err);
    if (rc == CF_OK)
        rc = price_take_scaled(inner, "quantity", 1000, 0, &qty_milli, err);
    if (rc == CF_OK)
        rc = price_close(inner, "what is required", err);
    json_decref(inner);
    if (rc == CF_OK)
        rc = read_few(job, open, "requires_", &needed, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "requires_total", total, &total, err);
    if (rc == CF_OK)
        rc = price_take_scaled(open, "requires_quantity", 1000, qty_milli, &qty_milli, err);
    if (rc != CF_OK || (cf_goods_few_is_empty(&needed) && total == 0 && qty_milli == 0))
        return rc;
    bool named = !cf_goods_few_is_empty(&needed);
    if (named && !cf_goods_few_is_empty(&p->buy))
        return cf_fail(err, CF_E_UNSUPPORTED, "goods to buy and others that are required");
    if ((total != 0 && p->min_spend_minor != 0) || (qty_milli != 0 && p->min_qty_milli != 0))
        return cf_fail(err, CF_E_UNSUPPORTED, "a minimum of the basket and one of required goods");
    p->min_spend_minor = total != 0 ? total : p->min_spend_minor;
    p->min_qty_milli = qty_milli != 0 ? qty_milli : p->min_qty_milli;
    p->min_over = named ? CF_OVER_BUY : CF_OVER_COVERED;
    p->buy = named ? needed : p->buy;
    if (p->min_spend_minor == 0 && p->min_qty_milli == 0)
        p->min_qty_milli = 1;
    return CF_OK;
}

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
