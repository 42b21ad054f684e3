/*
 * sync/central/promotion_goods.c - see promotion_goods.h.
 */
#include "sync/central/promotion_goods.h"

#include "sync/central/catalogue.h"

#include <stdio.h>

/* What is looked for, and what the stores that were asked so far mean by it. */
struct search {
    const struct cf_promotion_goods *goods;
    const char *path;
    size_t at;
    char code[CF_PRODUCT_CODE_MAX + 1]; /* "": by id */
    uint64_t id;                        /* 0: not found yet */
    uint32_t store;                     /* that had it first */
};

static enum cf_rc find_in_store(struct search *s, uint32_t store, uint64_t wanted, struct cf_error *err)
{
    struct cf_product product;
    struct cf_error why;
    struct cf_central *central = s->goods->central;
    enum cf_rc rc = s->code[0] != '\0' ? cf_catalogue_by_code(central, store, s->code, &product, &why)
                                       : cf_catalogue_product(central, store, wanted, &product, &why);
    if (rc == CF_E_PRODUCT_UNKNOWN) {
        return CF_OK;
    }
    if (rc != CF_OK) {
        return cf_fail(err, rc, "%s[%zu]: %s", s->path, s->at, why.detail);
    }
    if (s->id != 0 && s->id != product.id) {
        return cf_fail(err, CF_E_JSON_RANGE, "%s[%zu]: %s is product %llu in store %lu and %llu in store %lu", s->path,
                       s->at, s->code, (unsigned long long)s->id, (unsigned long)s->store,
                       (unsigned long long)product.id, (unsigned long)store);
    }
    s->store = s->id == 0 ? store : s->store;
    s->id = product.id;
    return CF_OK;
}

struct all_stores {
    struct search *search;
    uint64_t wanted;
};

static enum cf_rc find_in_row(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    const struct all_stores *all = ctx;
    return find_in_store(all->search, (uint32_t)row[0].i, all->wanted, err);
}

static enum cf_rc find_in_stores(struct search *s, uint64_t wanted, struct cf_error *err)
{
    const struct cf_campaign *terms = s->goods->terms;
    struct all_stores all = {s, wanted};
    enum cf_rc rc = CF_OK;
    if (terms->n_stores == 0) {
        return cf_store_each(s->goods->central->store, CF_Q_STORE_LIST, CF_NO_ARGS, find_in_row, &all, err);
    }
    for (size_t i = 0; rc == CF_OK && i < terms->n_stores; i++) {
        rc = find_in_store(s, terms->stores[i], wanted, err);
    }
    return rc;
}

enum cf_rc cf_promotion_goods_find(const struct cf_promotion_goods *goods, const json_t *list, size_t at,
                                   const char *path, uint64_t *ret, struct cf_error *err)
{
    struct search s = {.goods = goods, .path = path, .at = at, .code = ""};
    int64_t wanted = 0;
    enum cf_rc rc = json_is_string(json_array_get(list, at))
                        ? cf_json_item_text(list, at, path, s.code, sizeof s.code, err)
                        : cf_json_item_int(list, at, path, 1, INT64_MAX, &wanted, err);
    if (rc == CF_OK && wanted == 0 && s.code[0] == '\0') {
        rc = cf_fail(err, CF_E_JSON_RANGE, "%s[%zu]: empty", path, at);
    }
    if (rc == CF_OK) {
        rc = find_in_stores(&s, (uint64_t)wanted, err);
    }
    if (rc == CF_OK && s.id == 0) {
        rc = wanted != 0
                 ? cf_fail(err, CF_E_PRODUCT_UNKNOWN, "%s[%zu]: product %lld is in no catalogue of its stores", path,
                           at, (long long)wanted)
                 : cf_fail(err, CF_E_PRODUCT_UNKNOWN, "%s[%zu]: %s is in no catalogue of its stores", path, at, s.code);
    }
    if (rc == CF_OK) {
        *ret = s.id;
    }
    return rc;
}
