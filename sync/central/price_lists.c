/*
 * sync/central/price_lists.c - price lists as JSON, and on their way down; and whether a price was ever said.
 *
 * A list has one number for the chain and stands in the stores that a request names, with each store's own products. It
 * is always given whole: what it no longer says is sent down as parts without prices.
 */
#include "sync/central/price_lists.h"

#include "sync/central/catalogue.h"
#include "sync/central/down_log.h"
#include "sync/central/handlers.h"
#include "sync/central/judge.h"
#include "sync/central/places.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAX 1000000
#define LIST_PRICES_MAX 20000
#define LIST_STORES_MAX 1000

enum cf_rc cf_price_note(struct cf_central *central, uint32_t store, uint64_t product, uint32_t list,
                         int64_t price_minor, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_PRICE_SAID_ADD,
                        CF_ARGS(cf_v_int(store), cf_v_int((int64_t)product), cf_v_int(list), cf_v_int(price_minor)),
                        err);
}

enum cf_rc cf_price_was_said(struct cf_central *central, uint32_t store, uint64_t product, uint32_t list,
                             int64_t price_minor, bool *ret_said, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_PRICE_SAID_GET,
                                 CF_ARGS(cf_v_int(store), cf_v_int(product <= INT64_MAX ? (int64_t)product : -1),
                                         cf_v_int(list), cf_v_int(price_minor)),
                                 row, &found, err);
    if (rc == CF_OK) {
        *ret_said = row[0].i != 0 || row[1].i == 0;
    }
    return rc;
}

static bool is_listed(const struct cf_sale_line *line)
{
    return line->extra.origin == CF_PRICE_CATALOGUE || line->extra.origin == CF_PRICE_LIST;
}

/* Most lines are sold at the catalogue's price of today, which is in memory. */
static bool is_price_now(const struct cf_judging *j, const struct cf_sale_line *line)
{
    struct cf_goods_said now;
    bool found = false;
    return line->extra.origin == CF_PRICE_CATALOGUE &&
           cf_judge_goods_now(j, line->product, &now, &found, NULL) == CF_OK && found &&
           now.price_minor == line->unit_price_minor;
}

enum cf_rc cf_judge_prices(const struct cf_judging *j, struct cf_error *err)
{
    for (size_t i = 0; i < j->sale->n_lines; i++) {
        const struct cf_sale_line *line = &j->sale->lines[i];
        bool said = true;
        enum cf_rc rc = CF_OK;
        if (is_listed(line) && !is_price_now(j, line)) {
            rc = cf_price_was_said(j->central, j->log->store, line->product, line->extra.list, line->unit_price_minor,
                                   &said, err);
        }
        if (rc != CF_OK) {
            return rc;
        }
        if (!said) { /* one is enough to have it looked at */
            return cf_judge_alarm(j, err, "line %zu: product %llu was sold for %lld, which %s %lu never said", i + 1,
                                  (unsigned long long)line->product, (long long)line->unit_price_minor,
                                  line->extra.list != 0 ? "price list" : "the catalogue of store",
                                  (unsigned long)(line->extra.list != 0 ? line->extra.list : j->log->store));
        }
    }
    return CF_OK;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct wanted_price {
    const char *code;
    int64_t price_minor;
};
struct wanted_list {
    struct cf_price_terms terms;
    char name[CF_NAME_MAX + 1];
    size_t n_stores;
    uint32_t stores[LIST_STORES_MAX];
    size_t n;
    struct wanted_price *prices; /* owned; codes are the JSON's */
};

static enum cf_rc read_tiers(const json_t *tiers, struct wanted_list *list, struct cf_error *err)
{
    /* Without the field a list is for everybody: for nobody is not what an empty one could mean. */
    enum cf_rc rc = tiers == NULL || json_array_size(tiers) > 0
                        ? CF_OK
                        : cf_fail(err, CF_E_JSON_RANGE, "tiers: empty; leave it out for everybody");
    for (size_t i = 0; tiers != NULL && i < json_array_size(tiers) && rc == CF_OK; i++) {
        int64_t tier = 0;
        rc = cf_json_item_int(tiers, i, "tiers", 0, CF_TIER_MAX, &tier, err);
        list->terms.tiers = (uint16_t)(list->terms.tiers | 1u << tier);
    }
    return rc;
}

static enum cf_rc read_stores(const json_t *stores, struct wanted_list *list, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < json_array_size(stores) && rc == CF_OK; i++) {
        int64_t store = 0;
        rc = cf_json_item_int(stores, i, "stores", 1, UINT32_MAX, &store, err);
        list->stores[list->n_stores++] = (uint32_t)store;
    }
    return rc == CF_OK && list->n_stores == 0 ? cf_fail(err, CF_E_JSON_RANGE, "stores: none") : rc;
}

static enum cf_rc read_prices(const json_t *prices, struct wanted_list *list, struct cf_error *err)
{
    size_t n = json_array_size(prices);
    list->prices = calloc(n + 1, sizeof *list->prices);
    if (list->prices == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "prices");
    }
    for (size_t i = 0; i < n; i++) {
        char code[CF_PRODUCT_CODE_MAX + 1];
        struct wanted_price *price = &list->prices[list->n++];
        const struct cf_json_field fields[] = {
            {.name = "code", .text = code, .cap = sizeof code, .min_bytes = 1},
            {.name = "price_minor", .integer = &price->price_minor, .max = CF_PRICE_MINOR_MAX},
        };
        struct cf_error why;
        enum cf_rc rc = CF_JSON_READ(json_array_get(prices, i), "prices[].", fields, &why);
        if (rc != CF_OK) {
            return cf_fail(err, rc, "prices[%zu]: %s", i, why.detail);
        }
        price->code = json_string_value(json_object_get(json_array_get(prices, i), "code"));
    }
    return CF_OK;
}

static enum cf_rc read_list(const json_t *json, struct wanted_list *list, struct cf_error *err)
{
    int64_t priority = 0;
    const json_t *stores = NULL, *tiers = NULL, *prices = NULL;
    const struct cf_json_field fields[] = {
        {.name = "name", .text = list->name, .cap = sizeof list->name, .min_bytes = 1},
        {.name = "stores", .array = &stores, .items_max = LIST_STORES_MAX},
        {.name = "priority", .integer = &priority, .max = CF_PRICE_PRIORITY_MAX, .optional = true},
        {.name = "reduced", .boolean = &list->terms.reduced, .optional = true},
        {.name = "tiers", .array = &tiers, .items_max = CF_TIER_MAX + 1, .optional = true},
        {.name = "from", .instant = &list->terms.from, .optional = true},
        {.name = "to", .instant = &list->terms.to, .optional = true},
        {.name = "prices", .array = &prices, .items_max = LIST_PRICES_MAX},
    };
    enum cf_rc rc = CF_JSON_READ(json, "", fields, err);
    list->terms.priority = (uint8_t)priority;
    if (rc == CF_OK && (list->terms.from.us % CF_US_PER_S != 0 || list->terms.to.us % CF_US_PER_S != 0)) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "from, to: whole seconds");
    }
    if (rc == CF_OK && list->terms.to.us != 0 && list->terms.to.us <= list->terms.from.us) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "to: not after from");
    }
    if (rc == CF_OK) {
        rc = read_tiers(tiers, list, err);
    }
    if (rc == CF_OK) {
        rc = read_stores(stores, list, err);
    }
    return rc == CF_OK ? read_prices(prices, list, err) : rc;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

struct item {
    uint64_t product;
    int64_t price_minor;
};

static int by_product(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return (x->product > y->product) - (x->product < y->product);
}

static enum cf_rc find_items(struct cf_central *central, uint32_t store, const struct wanted_list *list,
                             struct item *items, struct cf_error *err)
{
    for (size_t i = 0; i < list->n; i++) {
        struct cf_product product;
        struct cf_error why;
        enum cf_rc rc = cf_catalogue_by_code(central, store, list->prices[i].code, &product, &why);
        if (rc != CF_OK) {
            return cf_fail(err, rc, "store %lu, prices[%zu]: %s", (unsigned long)store, i, why.detail);
        }
        if (product.open_price) {
            return cf_fail(err, CF_E_PRICE, "prices[%zu]: a cashier enters the price of %s", i, list->prices[i].code);
        }
        items[i] = (struct item){product.id, list->prices[i].price_minor};
    }
    qsort(items, list->n, sizeof *items, by_product);
    for (size_t i = 1; i < list->n; i++) {
        if (items[i].product == items[i - 1].product) {
            return cf_fail(err, CF_E_JSON_RANGE, "prices: product %llu twice", (unsigned long long)items[i].product);
        }
    }
    return CF_OK;
}

/* One part, from item `from` on. */
static enum cf_rc send_part(struct cf_central *central, uint32_t store, const struct wanted_list *list, uint32_t part,
                            const struct item *items, size_t from, struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_PRICE_LIST};
    struct cf_price_list *out = &entry.price_list;
    *out = (struct cf_price_list){.terms = list->terms, .part = part};
    while (from + out->n < list->n && out->n < CF_PRICE_LIST_ITEMS_MAX) {
        const struct item *item = &items[from + out->n];
        out->items[out->n].product = item->product;
        out->items[out->n++].price_minor = item->price_minor;
        enum cf_rc rc = cf_price_note(central, store, item->product, list->terms.list, item->price_minor, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    /* Key 0 is the store's rules. */
    int64_t key = (int64_t)list->terms.list * CF_PRICE_LIST_PARTS_MAX + part;
    return cf_down_append(central, CF_TOPIC_RULES, store, key, &entry, err);
}

static enum cf_rc put_in_store(struct cf_central *central, uint32_t store, const struct wanted_list *list,
                               struct item *items, struct cf_error *err)
{
    struct cf_store_settings settings;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    int64_t list_no = list->terms.list;
    size_t parts = (list->n + CF_PRICE_LIST_ITEMS_MAX - 1) / CF_PRICE_LIST_ITEMS_MAX;
    enum cf_rc rc = cf_store_settings_get(central, store, &settings, err);
    if (rc == CF_OK) {
        rc = find_items(central, store, list, items, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_PRICE_LIST_PARTS, CF_ARGS(cf_v_int(store), cf_v_int(list_no)), row,
                          &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    size_t before = found ? (size_t)row[0].i : 0;
    for (size_t part = 0; (part < parts || part < before) && rc == CF_OK; part++) {
        rc = send_part(central, store, list, (uint32_t)part, items, part * CF_PRICE_LIST_ITEMS_MAX, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_PRICE_LIST_PUT,
                          CF_ARGS(cf_v_int(store), cf_v_int(list_no), cf_v_int((int64_t)parts), cf_v_text(list->name),
                                  cf_v_int((int64_t)list->n), cf_v_int(list->terms.from.us),
                                  cf_v_int(list->terms.to.us), cf_v_int(list->terms.tiers),
                                  cf_v_int(list->terms.priority), cf_v_int(list->terms.reduced)),
                          err);
    }
    return rc;
}

static enum cf_rc put_list(struct cf_central *central, const struct wanted_list *list, struct cf_error *err)
{
    struct item *items = calloc(list->n + 1, sizeof *items);
    enum cf_rc rc = items != NULL ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "prices");
    for (size_t i = 0; i < list->n_stores && rc == CF_OK; i++) {
        rc = put_in_store(central, list->stores[i], list, items, err);
    }
    free(items);
    return rc;
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

enum cf_rc cf_handle_price_list_put(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                    struct cf_error *err)
{
    struct wanted_list list = {.n = 0};
    uint64_t number;
    json_t *json;
    enum cf_rc rc = cf_call_number(call, 0, LIST_MAX, &number, err);
    if (rc == CF_OK) {
        rc = cf_call_json(call, &json, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    list.terms.list = (uint32_t)number;
    rc = read_list(json, &list, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
        if (rc == CF_OK) {
            rc = cf_central_end(central, put_list(central, &list, err), err);
        }
    }
    if (rc == CF_OK) {
        reply->json = json_object();
        cf_json_set_int(reply->json, "list", (int64_t)number);
        cf_json_set_int(reply->json, "stores", (int64_t)list.n_stores);
        cf_json_set_int(reply->json, "prices", (int64_t)list.n);
    }
    free(list.prices);
    json_decref(json);
    return rc;
}

static enum cf_rc list_one(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object(), *tiers = row[6].i != 0 ? json_array() : NULL;
    for (int64_t tier = 0; tier <= CF_TIER_MAX; tier++) {
        if ((row[6].i >> tier & 1) != 0) {
            (void)json_array_append_new(tiers, json_integer(tier));
        }
    }
    cf_json_set_int(json, "store", row[0].i);
    cf_json_set_int(json, "list", row[1].i);
    cf_json_set(json, "name", json_stringn((const char *)row[2].b.p, row[2].b.n));
    cf_json_set_int(json, "prices", row[3].i);
    if (row[4].i != 0) {
        cf_json_set_instant(json, "from", (cf_wall){row[4].i});
    }
    if (row[5].i != 0) {
        cf_json_set_instant(json, "to", (cf_wall){row[5].i});
    }
    if (tiers != NULL) { /* as a list is given: one for everybody names none */
        cf_json_set(json, "tiers", tiers);
    }
    cf_json_set_int(json, "priority", row[7].i);
    cf_json_set(json, "reduced", json_boolean(row[8].i != 0));
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

enum cf_rc cf_handle_price_list_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                     struct cf_error *err)
{
    uint64_t store = 0;
    bool present;
    json_t *lists = json_array();
    reply->json = json_object();
    cf_json_set(reply->json, "price_lists", lists);
    enum cf_rc rc = cf_call_query(call, "store", &store, &present, err);
    if (rc == CF_OK && store > UINT32_MAX) {
        rc = cf_fail(err, CF_E_ARGUMENT, "?store=ID");
    }
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_PRICE_LIST_LIST, CF_ARGS(cf_v_int((int64_t)store)),
                                       list_one, lists, err)
                       : rc;
}
