/*
 * app/cli/price_promotion.c - one promotion of a case of `counterfoil price`: words of shops into the core's fields.
 *
 * Most fields are rows of the tables below. A field that no table knows is refused by name, and so is one that the
 * type does not take: a promotion is never guessed at.
 */
#include <stddef.h>
#include <string.h>

#include "app/cli/price_job.h"
#include "app/core/campaign.h"
#include "app/core/promotion_fields.h"
#include "app/core/tender.h"
#include "base/text.h"

/* What a type stands for, before its other fields. */
struct price_type {
    const char *name;
    enum cf_reward_kind kind;
    enum cf_off off;
    enum cf_covers covers;
    uint32_t percent_bp; /* if the type says it all */
    uint32_t max_units;
    bool dearest;
    enum cf_tier_by tier_by;
    bool by_line;
    enum cf_rounding rounding;
};

#define PERCENT .off = CF_OFF_PERCENT
#define AMOUNT .off = CF_OFF_AMOUNT
#define PRICE .off = CF_OFF_PRICE
static const struct price_type types[] = {
    {.name = "order_fixed", .kind = CF_REWARD_ORDER_AMOUNT},
    {.name = "order_amount", .kind = CF_REWARD_ORDER_AMOUNT},
    {.name = "cart_fixed", .kind = CF_REWARD_ORDER_AMOUNT},
    {.name = "order_percent", .kind = CF_REWARD_ORDER_PERCENT},
    {.name = "cart_percent", .kind = CF_REWARD_ORDER_PERCENT},
    {.name = "order_price", .kind = CF_REWARD_ORDER_AMOUNT, PRICE},
    {.name = "order_fixed_price", .kind = CF_REWARD_ORDER_AMOUNT, PRICE},
    {.name = "line_percent", .kind = CF_REWARD_LINE_PERCENT},
    {.name = "product_percent", .kind = CF_REWARD_LINE_PERCENT},
    {.name = "category_percent", .kind = CF_REWARD_LINE_PERCENT},
    {.name = "unit_percent", .kind = CF_REWARD_LINE_PERCENT, .rounding = CF_ROUNDING_UNIT},
    {.name = "line_percent_per_unit", .kind = CF_REWARD_LINE_PERCENT, .rounding = CF_ROUNDING_UNIT},
    {.name = "line_fixed", .kind = CF_REWARD_LINE_AMOUNT},
    {.name = "line_amount", .kind = CF_REWARD_LINE_AMOUNT},
    {.name = "line_fixed_per_line", .kind = CF_REWARD_LINE_AMOUNT},
    {.name = "line_fixed_per_unit", .kind = CF_REWARD_UNIT_AMOUNT},
    {.name = "unit_fixed", .kind = CF_REWARD_UNIT_AMOUNT},
    {.name = "unit_amount", .kind = CF_REWARD_UNIT_AMOUNT},
    {.name = "flexi_rate", .kind = CF_REWARD_UNIT_AMOUNT},
    {.name = "flexi", .kind = CF_REWARD_UNIT_AMOUNT},
    {.name = "fixed_price", .kind = CF_REWARD_UNIT_PRICE},
    {.name = "unit_price", .kind = CF_REWARD_UNIT_PRICE},
    {.name = "line_fixed_price", .kind = CF_REWARD_UNIT_PRICE},
    {.name = "unit_fixed_price", .kind = CF_REWARD_UNIT_PRICE},
    {.name = "buy_x_get_y", .kind = CF_REWARD_BUY_GET},
    {.name = "buy_x_get_x", .kind = CF_REWARD_BUY_GET},
    {.name = "group", .kind = CF_REWARD_GROUP},
    {.name = "n_for_m", .kind = CF_REWARD_GROUP, .percent_bp = 10000},
    {.name = "nth", .kind = CF_REWARD_GROUP},
    {.name = "nth_unit", .kind = CF_REWARD_GROUP},
    {.name = "nth_percent", .kind = CF_REWARD_GROUP},
    {.name = "nth_fixed", .kind = CF_REWARD_GROUP, AMOUNT},
    {.name = "nth_price", .kind = CF_REWARD_GROUP, PRICE},
    {.name = "bundle", .kind = CF_REWARD_BUNDLE},
    {.name = "mix_and_match", .kind = CF_REWARD_BUNDLE},
    {.name = "tier_percent", .kind = CF_REWARD_TIERED},
    {.name = "tier_fixed", .kind = CF_REWARD_TIERED, AMOUNT},
    {.name = "tier_amount", .kind = CF_REWARD_TIERED, AMOUNT},
    {.name = "tier_flat", .kind = CF_REWARD_TIERED, AMOUNT},
    {.name = "tier_price", .kind = CF_REWARD_TIERED, PRICE, .tier_by = CF_TIER_BY_QTY, .by_line = true},
    {.name = "cheapest_percent", .kind = CF_REWARD_LINE_PERCENT, .max_units = 1},
    {.name = "cheapest_free", .kind = CF_REWARD_LINE_PERCENT, .max_units = 1, .percent_bp = 10000},
    {.name = "cheapest_fixed", .kind = CF_REWARD_UNIT_AMOUNT, .max_units = 1},
    {.name = "dearest_percent", .kind = CF_REWARD_LINE_PERCENT, .max_units = 1, .dearest = true},
    {.name = "shipping_percent", .kind = CF_REWARD_ORDER_PERCENT, .covers = CF_COVERS_DELIVERY},
    {.name = "shipping_fixed", .kind = CF_REWARD_ORDER_AMOUNT, .covers = CF_COVERS_DELIVERY},
    {.name = "shipping_price", .kind = CF_REWARD_ORDER_AMOUNT, PRICE, .covers = CF_COVERS_DELIVERY},
    {.name = "free_shipping", .kind = CF_REWARD_ORDER_PERCENT, .covers = CF_COVERS_DELIVERY, .percent_bp = 10000},
    {.name = "free_gift", .kind = CF_REWARD_GIFT},
    {.name = "gift", .kind = CF_REWARD_GIFT},
    {.name = "member_price", .kind = CF_REWARD_MEMBER_PRICE},
    {.name = "points", .kind = CF_REWARD_EFFECT},
    {.name = "effect", .kind = CF_REWARD_EFFECT},
};

/* Whole numbers and yes-or-no that go straight into a field; a house rule's own name is a row too. */
static const struct {
    const char *key, *field;
    int64_t scale; /* of what JSON says: 100 for percent in bp, 1000 for quantities in thousandths */
} numbers[] = {
    {"buy_quantity", "buy_qty", 1},
    {"buy_amount", "buy_minor", 1},
    {"buy_total", "buy_minor", 1},
    {"get_quantity", "get_qty", 1},
    {"gift_quantity", "get_qty", 1},
    {"group_size", "group_qty", 1},
    {"nth", "group_qty", 1},
    {"every", "group_qty", 1},
    {"n", "group_qty", 1},
    {"max_applications", "max_times", 1},
    {"max_groups", "max_times", 1},
    {"times", "max_times", 1},
    {"max_quantity", "max_units", 1},
    {"max_items", "max_units", 1},
    {"max_units", "max_units", 1},
    {"step", "unit_step", 1},
    {"first_amount", "first_minor", 1},
    {"first_item", "first_minor", 1},
    {"max_total", "max_spend_minor", 1},
    {"max_order_quantity", "max_qty_milli", 1000},
    {"price_min", "unit_min_minor", 1},
    {"price_max", "unit_max_minor", 1},
    {"min_price", "unit_min_minor", 1},
    {"max_price", "unit_max_minor", 1},
    {"min_unit_price", "unit_min_minor", 1},
    {"max_unit_price", "unit_max_minor", 1},
    {"nth_order", "visit_nth", 1},
    {"nth_visit", "visit_nth", 1},
    {"birthday_before_days", "birthday_before_days", 1},
    {"birthday_after_days", "birthday_after_days", 1},
    {"points_more", "points_more", 1},
    {"points_bonus", "points_more", 1},
};
static const struct {
    const char *key, *field;
    bool negated;
} flags[] = {
    {"max_units_by_line", "max_units_by_line", false},
    {"on_gross", "on_gross", false},
    {"on_original", "on_gross", false},
    {"tier_by_line", "tier_by_line", false},
    {"per_line", "by_line", false},
    {"by_line", "by_line", false},
    {"across_groups", "pick_across", false},
    {"pick_across", "pick_across", false},
    {"per_group", "pick_across", true},
    {"partial", "partial", false},
    {"partial_groups", "partial", false},
    {"allow_partial", "partial", false},
    {"partial_get", "partial", false},
    {"claims", "claims", false},
    {"min_after", "min_after", false},
    {"min_after_discounts", "min_after", false},
    {"exclude_reduced", "skip_reduced", false},
    {"exclude_discounted", "skip_discounted", false},
    {"stop", "last", false},
    {"stop_further", "last", false},
    {"last", "last", false},
    {"first_order", "first_purchase", false},
    {"first_purchase", "first_purchase", false},
    {"every_nth", "visit_every", false},
    {"birthday", "birthday", false},
    {"members_only", "members_only", false},
    {"logged_in", "members_only", false},
    {"guests_only", "guests_only", false},
    {"free_delivery", "free_delivery", false},
    {"free_shipping", "free_delivery", false},
};
/* One of the field's words, or another word for it. */
static const struct {
    const char *key, *field;
} words[] = {
    {"pick", "pick"},
    {"group_order", "gather"},
    {"gather", "gather"},
    {"rounding", "rounding"},
    {"round", "rounding"},
    {"round_to", "round_to"},
    {"rounding_mode", "round_to"},
    {"allocation", "share"},
    {"share", "share"},
    {"rank_tax", "rank_tax"},
    {"pick_tax", "rank_tax"},
    {"min_tax", "min_tax"},
    {"min_over", "min_over"},
    {"ties", "ties"},
    {"tier_by", "tier_by"},
    {"exclusive_how", "exclusive_how"},
    {"covers", "covers"},
    {"choose", "choose"},
};
static const struct {
    const char *word, *is;
} synonyms[] = {
    {"most_expensive", "dearest"},
    {"expensive", "dearest"},
    {"highest", "dearest"},
    {"price_desc", "dearest"},
    {"least_expensive", "cheapest"},
    {"lowest", "cheapest"},
    {"price_asc", "cheapest"},
    {"half_up", "nearest"},
    {"floor", "down"},
    {"ceil", "up"},
    {"up", "up"},
    {"largest_remainder", "remainder"},
    {"proportional", "remainder"},
    {"total", "spend"},
    {"amount", "spend"},
    {"qty", "quantity"},
    {"gross", "with"},
    {"net", "without"},
    {"order", "order"},
    {"inclusive", "with"},
    {"exclusive", "without"},
    {"shipping", "delivery"},
    {"item", "unit"},
    {"cart", "order"},
};

/* Read by code below. */
static const char *const other_keys[] = {
    "type",
    "plain",
    "name",
    "title",
    "code",
    "amount",
    "percent",
    "price",
    "additional_amount",
    "additional_item",
    "group_price",
    "group_percent",
    "group_amount",
    "group_fixed",
    "group_unit_price",
    "group_pick",
    "bundle_price",
    "bundle_percent",
    "bundle_amount",
    "unit_price",
    "take",
    "pay",
    "m",
    "pay_quantity",
    "free_quantity",
    "free",
    "min_total",
    "min_spend",
    "min_quantity",
    "min_category",
    "min_categories",
    "min_skus",
    "min_total_category",
    "category",
    "categories",
    "skus",
    "sku",
    "products",
    "tags",
    "brand",
    "exclude_skus",
    "exclude_categories",
    "excluded_skus",
    "excluded_categories",
    "exclude_category",
    "exclude_sku",
    "buy_skus",
    "buy_sku",
    "buy_category",
    "buy_categories",
    "get_skus",
    "get_sku",
    "get_category",
    "get_categories",
    "requires_skus",
    "requires_sku",
    "requires_category",
    "requires_categories",
    "gift_sku",
    "gift_skus",
    "items",
    "slots",
    "parts",
    "tiers",
    "base_percent",
    "priority",
    "valid_from",
    "valid_to",
    "starts_at",
    "ends_at",
    "coupon",
    "coupon_valid_to",
    "coupon_expires",
    "exclusive",
    "stackable",
    "exclusive_group",
    "stack_group",
    "best_of",
    "max_discount",
    "active",
    "enabled",
    "usage_limit",
    "used",
    "usage_limit_per_customer",
    "used_by_customer",
    "coupon_usage_limit",
    "coupon_used",
    "per_customer_limit",
    "channels",
    "channel",
    "stores",
    "store",
    "groups",
    "customer_group",
    "customer_groups",
    "segments",
    "segment",
    "tier",
    "member_tiers",
    "weekdays",
    "hours",
    "payment",
    "tenders",
    "points_multiplier",
    "issue_coupon",
    "note",
    NULL,
};

/* --- keys --------------------------------------------------------------------------------------------------------- */

static bool is_known(const char *key)
{
    for (size_t i = 0; other_keys[i]; i++)
        if (strcmp(other_keys[i], key) == 0)
            return true;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(numbers[i].key, key) == 0)
            return true;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(flags[i].key, key) == 0)
            return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].key, key) == 0)
            return true;
    return false;
}

static enum cf_rc check_keys(const json_t *item, struct cf_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)item, key, value)
    {
        if (!is_known(key))
            return cf_fail(err, CF_E_UNSUPPORTED, "a promotion with \"%s\"", key);
    }
    return CF_OK;
}

static bool has(const json_t *item, const char *key)
{
    const json_t *value = json_object_get(item, key);
    return value && !json_is_null(value);
}

static enum cf_rc read_type(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    const char *type = NULL;
    enum cf_rc rc = price_get_text(item, "type", &type, err);
    if (rc != CF_OK)
        return rc;
    if (!type)
        return cf_fail(err, CF_E_JSON_TYPE, "a promotion has no type");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct price_type *t = &types[i];
        if (strcmp(t->name, type) != 0)
            continue;
        p->kind = t->kind;
        p->off = t->off;
        p->covers = t->covers;
        p->percent_bp = t->percent_bp;
        p->max_units = t->max_units;
        p->pick = t->dearest ? CF_PICK_DEAREST : CF_PICK_CHEAPEST;
        p->tier_by = t->tier_by;
        p->tier_by_line = t->by_line;
        p->rounding = t->rounding;
        if (strncmp(type, "nth", 3) == 0)
            p->get_qty = 1;
        if (strncmp(type, "flexi", 5) == 0)
            p->max_units_by_line = true;
        return CF_OK;
    }
    return cf_fail(err, CF_E_UNSUPPORTED, "promotions of type %s", type);
}

/* --- fields that are a row ---------------------------------------------------------------------------------------- */

static enum cf_rc set_field(struct cf_promotion *p, const char *key, const char *field, int64_t value,
                            struct cf_error *err)
{
    const struct cf_promotion_field *f = cf_promotion_field_named(field);
    if (value < 0 || value > f->max)
        return cf_fail(err, CF_E_RANGE, "%s is not in 0..%lld", key, (long long)f->max);
    cf_promotion_set(p, f, value);
    return CF_OK;
}

static enum cf_rc set_word(struct cf_promotion *p, const char *key, const char *field, const char *word,
                           struct cf_error *err)
{
    const struct cf_promotion_field *f = cf_promotion_field_named(field);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i <= f->max; i++)
            if (strcmp(f->words[i], word) == 0) {
                cf_promotion_set(p, f, i);
                return CF_OK;
            }
        for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
            if (strcmp(synonyms[i].word, word) == 0) {
                word = synonyms[i].is;
                break;
            }
    }
    return cf_fail(err, CF_E_UNSUPPORTED, "a promotion with \"%s\": \"%s\"", key, word);
}

static enum cf_rc read_rows(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sizeof numbers / sizeof *numbers; i++) {
        int64_t value = 0;
        if (!has(item, numbers[i].key))
            continue;
        rc = price_get_scaled(item, numbers[i].key, numbers[i].scale, 0, &value, err);
        if (rc == CF_OK)
            rc = set_field(p, numbers[i].key, numbers[i].field, value, err);
    }
    for (size_t i = 0; rc == CF_OK && i < sizeof flags / sizeof *flags; i++) {
        bool value = false;
        if (!has(item, flags[i].key))
            continue;
        rc = price_get_bool(item, flags[i].key, false, &value, err);
        if (rc == CF_OK)
            cf_promotion_set(p, cf_promotion_field_named(flags[i].field), value != flags[i].negated);
    }
    for (size_t i = 0; rc == CF_OK && i < sizeof words / sizeof *words; i++) {
        const char *word = NULL;
        rc = price_get_text(item, words[i].key, &word, err);
        if (rc == CF_OK && word)
            rc = set_word(p, words[i].key, words[i].field, word, err);
    }
    if (json_is_true(json_object_get(item, "exclude_reduced")) ||
        json_is_true(json_object_get(item, "exclude_discounted")))
        p->skip_reduced = p->skip_discounted = true; /* reduced on the shelf, or by a promotion before */
    return rc;
}

/* --- goods -------------------------------------------------------------------------------------------------------- */

/* Walks a text or a list of them; `add` numbers each and puts it away. */
struct goods_target {
    struct price_names *names;
    uint64_t *products; /* one of both */
    uint32_t *categories;
    size_t max, n;
};

static enum cf_rc add_names(struct goods_target *to, const json_t *value, const char *key, struct cf_error *err)
{
    size_t n = json_is_array(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i < n; i++) {
        const json_t *name = json_is_array(value) ? json_array_get(value, i) : value;
        uint32_t number = 0;
        if (!json_is_string(name) || to->n == to->max)
            return cf_fail(err, CF_E_LIMIT, "%s: at most %zu texts", key, to->max);
        enum cf_rc rc = price_number_of(to->names, json_string_value(name), &number, err);
        if (rc != CF_OK)
            return rc;
        if (to->products)
            to->products[to->n++] = number;
        else
            to->categories[to->n++] = number;
    }
    return CF_OK;
}

static enum cf_rc read_goods(struct price_job *job, const json_t *item, const char *const *sku_keys,
                             const char *const *category_keys, struct cf_goods *goods, struct cf_error *err)
{
    struct goods_target skus = {
        .names = &job->products, .products = goods->products, .max = CF_GOODS_PRODUCTS_MAX, .n = goods->n_products};
    struct goods_target categories = {.names = &job->categories,
                                      .categories = goods->categories,
                                      .max = CF_GOODS_CATEGORIES_MAX,
                                      .n = goods->n_categories};
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && sku_keys[i]; i++)
        if (has(item, sku_keys[i]))
            rc = add_names(&skus, json_object_get(item, sku_keys[i]), sku_keys[i], err);
    for (size_t i = 0; rc == CF_OK && category_keys[i]; i++)
        if (has(item, category_keys[i]))
            rc = add_names(&categories, json_object_get(item, category_keys[i]), category_keys[i], err);
    goods->n_products = skus.n;
    goods->n_categories = categories.n;
    return rc;
}

static enum cf_rc read_few(struct price_job *job, const json_t *item, const char *const *sku_keys,
                           const char *const *category_keys, struct cf_goods_few *few, struct cf_error *err)
{
    struct cf_goods goods = {0};
    enum cf_rc rc = read_goods(job, item, sku_keys, category_keys, &goods, err);
    if (rc != CF_OK)
        return rc;
    if (few->n_products + goods.n_products > CF_FEW_PRODUCTS_MAX ||
        few->n_categories + goods.n_categories > CF_FEW_CATEGORIES_MAX)
        return cf_fail(err, CF_E_LIMIT, "%s: at most %d goods and %d categories", sku_keys[0], CF_FEW_PRODUCTS_MAX,
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
    if (buy->n_products != get->n_products || buy->n_categories != get->n_categories)
        return false;
    for (size_t i = 0; i < get->n_products; i++)
        if (buy->products[i] != get->products[i])
            return false;
    for (size_t i = 0; i < get->n_categories; i++)
        if (buy->categories[i] != get->categories[i])
            return false;
    return true;
}

static enum cf_rc read_slots(struct price_job *job, const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    static const char *const known[] = {"quantity", "qty", "sku", "skus", "category", "categories", NULL};
    static const char *const skus[] = {"sku", "skus", NULL}, *const categories[] = {"category", "categories", NULL};
    static const char *const keys[] = {"items", "slots", "parts", NULL};
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; keys[k]; k++) {
        const json_t *list = json_object_get(item, keys[k]), *part;
        size_t i;
        if (list && !json_is_array(list))
            return cf_fail(err, CF_E_JSON_TYPE, "%s is not a list", keys[k]);
        json_array_foreach(list, i, part)
        {
            int64_t qty = 1;
            if (p->n_slots == CF_SLOTS_MAX)
                return cf_fail(err, CF_E_LIMIT, "%s: at most %d", keys[k], CF_SLOTS_MAX);
            struct cf_slot *slot = &p->slots[p->n_slots++];
            rc = price_check_keys(part, "a part of a bundle", known, err);
            if (rc == CF_OK)
                rc = price_get_int(part, json_object_get(part, "qty") ? "qty" : "quantity", 1, &qty, err);
            if (rc == CF_OK && (qty < 1 || qty > CF_GROUP_QTY_MAX))
                rc = cf_fail(err, CF_E_RANGE, "the quantity of a part");
            if (rc == CF_OK)
                rc = read_few(job, part, skus, categories, &slot->goods, err);
            if (rc != CF_OK)
                return rc;
            slot->qty = (uint32_t)qty;
        }
    }
    return rc;
}

/* Sets of goods: covered, excepted, to buy, to get, to give, and those that only have to be there. */
static enum cf_rc read_sets(struct price_job *job, const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    static const char *const none[] = {NULL};
    static const char *const skus[] = {"skus", "sku", "products", "get_skus", "get_sku", NULL};
    static const char *const categories[] = {"category",     "categories",     "tags", "brand",
                                             "get_category", "get_categories", NULL};
    static const char *const gifts[] = {"gift_sku", "gift_skus", NULL};
    static const char *const except_skus[] = {"exclude_skus", "excluded_skus", "exclude_sku", NULL};
    static const char *const except_categories[] = {"exclude_categories", "excluded_categories", "exclude_category",
                                                    NULL};
    static const char *const buy_skus[] = {"buy_skus", "buy_sku", NULL};
    static const char *const buy_categories[] = {"buy_category", "buy_categories", NULL};
    static const char *const need_skus[] = {"requires_skus", "requires_sku", "min_skus", NULL};
    static const char *const need_categories[] = {"requires_category", "requires_categories", "min_category",
                                                  "min_categories",    "min_total_category",  NULL};
    enum cf_rc rc = read_goods(job, item, p->kind == CF_REWARD_GIFT ? none : skus,
                               p->kind == CF_REWARD_GIFT ? none : categories, &p->goods, err);
    if (rc == CF_OK && p->kind == CF_REWARD_GIFT)
        rc =
            read_goods(job, item, has(item, "gift_sku") || has(item, "gift_skus") ? gifts : skus, none, &p->goods, err);
    if (rc == CF_OK)
        rc = read_few(job, item, except_skus, except_categories, &p->except, err);
    if (rc == CF_OK)
        rc = read_few(job, item, buy_skus, buy_categories, &p->buy, err);
    if (rc != CF_OK)
        return rc;
    if (p->kind == CF_REWARD_BUY_GET && same_goods(&p->buy, &p->goods))
        p->buy = (struct cf_goods_few){0};
    struct cf_goods_few needed = {0};
    rc = read_few(job, item, need_skus, need_categories, &needed, err);
    if (rc != CF_OK || cf_goods_few_is_empty(&needed))
        return rc;
    if (!cf_goods_few_is_empty(&p->buy))
        return cf_fail(err, CF_E_UNSUPPORTED, "goods to buy and others that are required");
    p->buy = needed;
    p->min_over = CF_OVER_BUY;
    if (p->min_spend_minor == 0 && p->min_qty_milli == 0)
        p->min_qty_milli = 1;
    return CF_OK;
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

static enum cf_rc percent_of(const json_t *item, const char *key, struct cf_promotion *p, struct cf_error *err)
{
    int64_t bp = 0;
    enum cf_rc rc = price_get_scaled(item, key, 100, p->percent_bp, &bp, err);
    if (rc == CF_OK && (bp < 0 || bp > 10000))
        rc = cf_fail(err, CF_E_RANGE, "%s is not in 0..100", key);
    p->percent_bp = (uint32_t)bp;
    return rc;
}

/* The figure of a kind that takes a percentage, an amount or a price: whichever is there says which. */
static enum cf_rc read_off(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    static const struct {
        const char *key;
        enum cf_off off;
        bool each;
    } keys[] = {
        {"percent", CF_OFF_PERCENT, false},        {"group_percent", CF_OFF_PERCENT, false},
        {"bundle_percent", CF_OFF_PERCENT, false}, {"amount", CF_OFF_AMOUNT, false},
        {"group_amount", CF_OFF_AMOUNT, false},    {"group_fixed", CF_OFF_AMOUNT, false},
        {"bundle_amount", CF_OFF_AMOUNT, false},   {"price", CF_OFF_PRICE, false},
        {"group_price", CF_OFF_PRICE, false},      {"bundle_price", CF_OFF_PRICE, false},
        {"unit_price", CF_OFF_PRICE, true},        {"group_unit_price", CF_OFF_PRICE, true},
    };
    bool open = p->kind == CF_REWARD_BUY_GET || p->kind == CF_REWARD_GROUP || p->kind == CF_REWARD_BUNDLE;
    const char *found = NULL;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sizeof keys / sizeof *keys; i++) {
        if (!has(item, keys[i].key))
            continue;
        if (found && open)
            return cf_fail(err, CF_E_RANGE, "%s and %s", found, keys[i].key);
        found = keys[i].key;
        if (keys[i].off == CF_OFF_PERCENT)
            rc = percent_of(item, keys[i].key, p, err);
        else
            rc = price_get_int(item, keys[i].key, 0, &p->amount_minor, err);
        p->off = open ? keys[i].off : p->off;
        if (keys[i].each && p->kind == CF_REWARD_GROUP && p->get_qty == 0)
            p->amount_minor *= p->group_qty;
    }
    if (rc == CF_OK && has(item, "additional_amount"))
        rc = price_get_int(item, "additional_amount", 0, &p->amount_minor, err);
    if (rc == CF_OK && has(item, "additional_item"))
        rc = price_get_int(item, "additional_item", 0, &p->amount_minor, err);
    return rc;
}

/* "take 3, pay 2", or so many of a group free. */
static enum cf_rc read_group(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    static const char *const pays[] = {"pay", "m", "pay_quantity"}, *const frees[] = {"free_quantity", "free"};
    const char *order = NULL;
    int64_t n = 0, pay = -1, free = -1;
    enum cf_rc rc = price_get_int(item, "take", p->group_qty, &n, err);
    for (size_t i = 0; rc == CF_OK && i < 3; i++)
        rc = price_get_int(item, pays[i], pay, &pay, err);
    for (size_t i = 0; rc == CF_OK && i < 2; i++)
        rc = price_get_int(item, frees[i], free, &free, err);
    if (rc == CF_OK)
        rc = price_get_text(item, "group_pick", &order, err);
    if (rc != CF_OK)
        return rc;
    if (n < 0 || n > CF_GROUP_QTY_MAX || pay > n || free > n)
        return cf_fail(err, CF_E_RANGE, "the size of a group");
    p->group_qty = (uint32_t)n;
    if (pay >= 0)
        p->get_qty = (uint32_t)(n - pay);
    if (free >= 0)
        p->get_qty = (uint32_t)free;
    if ((pay >= 0 || free >= 0) && !has(item, "percent") && !has(item, "group_percent"))
        p->percent_bp = 10000;
    if (order) /* which units make up the groups first, and of a group which get it */
        rc = set_word(p, "group_pick", "gather", order, err);
    if (rc == CF_OK && order && !has(item, "pick"))
        rc = set_word(p, "group_pick", "pick", order, err);
    return rc;
}

static enum cf_rc read_tier(const json_t *tier, const struct cf_promotion *p, struct cf_tier *ret, struct cf_error *err)
{
    static const char *const froms[] = {"from", "min", "min_total", "min_quantity", "quantity", "threshold"};
    static const char *const values[] = {"percent", "amount", "value", "price"};
    static const char *const known[] = {"from",    "min",    "min_total", "min_quantity", "quantity", "threshold",
                                        "percent", "amount", "value",     "price",        NULL};
    int64_t from_scale = p->tier_by == CF_TIER_BY_QTY ? 1000 : 1, value_scale = p->off == CF_OFF_PERCENT ? 100 : 1;
    json_t *pair = NULL;
    enum cf_rc rc = CF_OK;
    if (json_is_array(tier) && json_array_size(tier) == 2) {
        pair = json_pack("{s:O, s:O}", "from", json_array_get(tier, 0), "value", json_array_get(tier, 1));
        tier = pair;
    }
    if (!json_is_object(tier)) {
        json_decref(pair);
        return cf_fail(err, CF_E_JSON_TYPE, "a tier is [from, value]");
    }
    rc = price_check_keys(tier, "a tier", known, err);
    for (size_t i = 0; rc == CF_OK && i < sizeof froms / sizeof *froms; i++)
        if (has(tier, froms[i]))
            rc = price_get_scaled(tier, froms[i], from_scale, 0, &ret->from, err);
    for (size_t i = 0; rc == CF_OK && i < sizeof values / sizeof *values; i++)
        if (has(tier, values[i]))
            rc = price_get_scaled(tier, values[i], value_scale, 0, &ret->value, err);
    json_decref(pair);
    return rc;
}

/* Pairs of a bound that is included and what comes off from it on; by quantity if tier_by says so. */
static enum cf_rc read_tiers(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    size_t i;
    const json_t *tier, *list = json_object_get(item, "tiers");
    int64_t base_bp = 0;
    if (list && !json_is_array(list))
        return cf_fail(err, CF_E_JSON_TYPE, "tiers is not a list");
    enum cf_rc rc = price_get_scaled(item, "base_percent", 100, 0, &base_bp, err);
    if (rc == CF_OK && base_bp > 0)
        p->tiers[p->n_tiers++] = (struct cf_tier){0, base_bp};
    json_array_foreach(list, i, tier)
    {
        struct cf_tier one = {0};
        if (p->n_tiers == CF_TIERS_MAX)
            return cf_fail(err, CF_E_LIMIT, "tiers: at most %d", CF_TIERS_MAX);
        if (rc == CF_OK)
            rc = read_tier(tier, p, &one, err);
        if (rc != CF_OK)
            return rc;
        size_t at = p->n_tiers++;
        for (; at > 0 && p->tiers[at - 1].from > one.from; at--) /* in any order */
            p->tiers[at] = p->tiers[at - 1];
        p->tiers[at] = one;
    }
    return rc;
}

static enum cf_rc read_figures(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    int64_t priority = 0, times_bp = 0;
    enum cf_rc rc = CF_OK;
    if (p->kind == CF_REWARD_GROUP)
        rc = read_group(item, p, err);
    if (rc == CF_OK)
        rc = read_off(item, p, err);
    if (rc == CF_OK)
        rc = price_get_int(item, has(item, "min_spend") ? "min_spend" : "min_total", 0, &p->min_spend_minor, err);
    if (rc == CF_OK)
        rc = price_get_scaled(item, "min_quantity", 1000, 0, &p->min_qty_milli, err);
    if (rc == CF_OK)
        rc = price_get_int(item, "max_discount", 0, &p->max_discount_minor, err);
    if (rc == CF_OK)
        rc = price_get_int(item, "priority", 0, &priority, err);
    if (rc == CF_OK && (priority < INT32_MIN || priority > INT32_MAX))
        rc = cf_fail(err, CF_E_RANGE, "priority");
    if (rc == CF_OK)
        rc = price_get_scaled(item, "points_multiplier", 10000, 0, &times_bp, err);
    if (rc == CF_OK)
        rc = set_field(p, "points_multiplier", "points_bp", times_bp, err);
    if (rc == CF_OK)
        rc = read_tiers(item, p, err);
    p->priority = (int32_t)priority;
    if ((p->kind == CF_REWARD_BUY_GET || p->kind == CF_REWARD_GIFT) && p->get_qty == 0)
        p->get_qty = 1;
    if (p->kind == CF_REWARD_BUY_GET && p->off == CF_OFF_PERCENT && p->percent_bp == 0)
        p->percent_bp = 10000; /* "get" alone is free */
    if (p->kind == CF_REWARD_BUY_GET && !has(item, "claims"))
        p->claims = true; /* a piece is bought once */
    return rc;
}

/* --- conditions --------------------------------------------------------------------------------------------------- */

static enum cf_rc read_window(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    static const char *const froms[] = {"valid_from", "starts_at"};
    static const char *const tos[] = {"valid_to", "ends_at", "coupon_valid_to", "coupon_expires"};
    bool from = false, to = false;
    enum cf_rc rc = CF_OK;
    p->from.us = INT64_C(-62135596800) * CF_US_PER_S; /* year 1 */
    p->to.us = INT64_C(253402300800) * CF_US_PER_S;   /* year 10000 */
    for (size_t i = 0; rc == CF_OK && i < 2; i++) {
        bool is_date, present;
        rc = price_get_instant(item, froms[i], &p->from, &is_date, &present, err);
        from = from || present;
    }
    for (size_t i = 0; rc == CF_OK && i < 4; i++) {
        bool is_date = false, present;
        cf_wall end = p->to;
        rc = price_get_instant(item, tos[i], &end, &is_date, &present, err);
        if (rc != CF_OK || !present)
            continue;
        if (is_date) /* a date alone as the end of a window means the whole of that day */
            end.us += INT64_C(86400) * CF_US_PER_S;
        p->to = end.us < p->to.us ? end : p->to;
        to = true;
    }
    if (rc == CF_OK && !from && !to)
        p->from.us = p->to.us = 0;
    return rc;
}

static enum cf_rc read_numbers(struct price_names *names, const json_t *item, const char *const *keys, uint32_t *ret,
                               size_t max, size_t *n, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    struct goods_target to = {.names = names, .categories = ret, .max = max, .n = *n};
    for (size_t i = 0; rc == CF_OK && keys[i]; i++)
        if (has(item, keys[i]))
            rc = add_names(&to, json_object_get(item, keys[i]), keys[i], err);
    *n = to.n;
    return rc;
}

static enum cf_rc read_place(struct price_job *job, const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    static const char *const segments[] = {"groups", "customer_group", "customer_groups", "segments", "segment", NULL};
    static const char *const stores[] = {"stores", "store", NULL}, *const channels[] = {"channels", "channel", NULL};
    uint32_t numbers_of[32];
    size_t n_channels = 0;
    enum cf_rc rc =
        read_numbers(&job->segments, item, segments, p->segments, CF_PROMOTION_SEGMENTS_MAX, &p->n_segments, err);
    if (rc == CF_OK)
        rc = read_numbers(&job->stores, item, stores, p->stores, CF_PROMOTION_STORES_MAX, &p->n_stores, err);
    if (rc == CF_OK)
        rc = read_numbers(&job->channels, item, channels, numbers_of, 32, &n_channels, err);
    for (size_t i = 0; rc == CF_OK && i < n_channels; i++) {
        if (numbers_of[i] > 32)
            return cf_fail(err, CF_E_LIMIT, "more than 32 channels");
        p->channels |= UINT32_C(1) << (numbers_of[i] - 1);
    }
    return rc;
}

static enum cf_rc read_tiers_of_members(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    static const char *const keys[] = {"tier", "member_tiers"};
    for (size_t k = 0; k < 2; k++) {
        const json_t *value = json_object_get(item, keys[k]);
        size_t n = json_is_array(value) ? json_array_size(value) : value && !json_is_null(value);
        for (size_t i = 0; i < n; i++) {
            const json_t *tier = json_is_array(value) ? json_array_get(value, i) : value;
            if (!json_is_integer(tier) || json_integer_value(tier) < 0 || json_integer_value(tier) > 9)
                return cf_fail(err, CF_E_RANGE, "%s is not in 0..9", keys[k]);
            p->tiers_mask |= UINT32_C(1) << (unsigned)json_integer_value(tier);
        }
    }
    return CF_OK;
}

static enum cf_rc read_weekdays(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    size_t i;
    const json_t *day, *list = json_object_get(item, "weekdays");
    if (list && !json_is_array(list))
        return cf_fail(err, CF_E_JSON_TYPE, "weekdays is not a list");
    json_array_foreach(list, i, day)
    {
        int number = json_is_integer(day) ? (int)json_integer_value(day) - 1 : -1;
        for (int k = 0; json_is_string(day) && k < 7; k++)
            if (strncasecmp(json_string_value(day), names[k], 3) == 0)
                number = k;
        if (number < 0 || number > 6)
            return cf_fail(err, CF_E_RANGE, "weekdays are 1 to 7 or their names");
        p->weekdays |= UINT32_C(1) << number;
    }
    return CF_OK;
}

static bool read_clock(const json_t *value, uint16_t *ret_min)
{
    const char *text = json_string_value(value);
    if (!text || strlen(text) != 5 || text[2] != ':')
        return false;
    for (size_t i = 0; i < 5; i++)
        if (i != 2 && (text[i] < '0' || text[i] > '9'))
            return false;
    unsigned minutes =
        (unsigned)((text[0] - '0') * 10 + text[1] - '0') * 60 + (unsigned)((text[3] - '0') * 10 + text[4] - '0');
    *ret_min = (uint16_t)minutes;
    return minutes <= 1440;
}

/* [["17:00", "19:00"], ...] */
static enum cf_rc read_hours(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    size_t i;
    const json_t *window, *list = json_object_get(item, "hours");
    if (list && !json_is_array(list))
        return cf_fail(err, CF_E_JSON_TYPE, "hours is not a list");
    json_array_foreach(list, i, window)
    {
        if (p->n_hours == CF_HOURS_MAX || json_array_size(window) != 2 ||
            !read_clock(json_array_get(window, 0), &p->hours[p->n_hours].from_min) ||
            !read_clock(json_array_get(window, 1), &p->hours[p->n_hours].to_min))
            return cf_fail(err, CF_E_RANGE, "hours: at most %d pairs such as [\"17:00\", \"19:00\"]", CF_HOURS_MAX);
        p->n_hours++;
    }
    return CF_OK;
}

static enum cf_rc read_tenders(const json_t *item, struct cf_promotion *p, struct cf_error *err)
{
    static const char *const keys[] = {"payment", "tenders"};
    for (size_t k = 0; k < 2; k++) {
        const json_t *value = json_object_get(item, keys[k]);
        size_t n = json_is_array(value) ? json_array_size(value) : value && !json_is_null(value);
        for (size_t i = 0; i < n; i++) {
            const json_t *name = json_is_array(value) ? json_array_get(value, i) : value;
            enum cf_tender_kind kind;
            if (!json_is_string(name) || !cf_tender_kind_parse(json_string_value(name), &kind))
                return cf_fail(err, CF_E_JSON_RANGE, "%s: no such tender", keys[k]);
            p->tenders |= UINT32_C(1) << (unsigned)kind;
        }
    }
    return CF_OK;
}

static enum cf_rc read_conditions(struct price_job *job, const json_t *item, struct cf_promotion *p,
                                  struct cf_error *err)
{
    enum cf_rc rc = read_window(item, p, err);
    if (rc == CF_OK)
        rc = read_place(job, item, p, err);
    if (rc == CF_OK)
        rc = read_tiers_of_members(item, p, err);
    if (rc == CF_OK)
        rc = read_weekdays(item, p, err);
    if (rc == CF_OK)
        rc = read_hours(item, p, err);
    return rc == CF_OK ? read_tenders(item, p, err) : rc;
}

/* --- combination and use ------------------------------------------------------------------------------------------ */

static enum cf_rc read_combination(struct price_job *job, const json_t *item, struct cf_promotion *p,
                                   struct cf_error *err)
{
    static const char *const groups[] = {"exclusive_group", "stack_group"};
    const char *group = NULL;
    bool stackable = true, exclusive = false;
    enum cf_rc rc = price_get_bool(item, "exclusive", false, &exclusive, err);
    if (rc == CF_OK)
        rc = price_get_bool(item, "stackable", true, &stackable, err);
    for (size_t i = 0; rc == CF_OK && i < 2; i++) {
        rc = price_get_text(item, groups[i], &group, err);
        if (rc == CF_OK && group)
            rc = price_number_of(&job->groups, group, &p->group, err);
    }
    const json_t *best = json_object_get(item, "best_of");
    if (rc == CF_OK && json_is_string(best))
        rc = price_number_of(&job->groups, json_string_value(best), &p->group, err);
    if (json_is_string(best) || json_is_true(best) || job->choose_best)
        p->choose = CF_CHOOSE_BEST;
    p->exclusive = exclusive || !stackable;
    /* "Exclusive" takes the sale for itself; what does not stack is only alone if its turn comes. */
    if (exclusive && !has(item, "exclusive_how"))
        p->exclusive_how = CF_EXCLUSIVE_OVER_ALL;
    return rc;
}

/* A promotion that is off or used up is no offer. */
static enum cf_rc is_usable(const json_t *item, bool *ret, struct cf_error *err)
{
    static const struct {
        const char *limit, *used;
    } limits[] = {
        {"usage_limit", "used"},
        {"usage_limit_per_customer", "used_by_customer"},
        {"per_customer_limit", "used_by_customer"},
        {"coupon_usage_limit", "coupon_used"},
    };
    bool active = true, enabled = true;
    enum cf_rc rc = price_get_bool(item, "active", true, &active, err);
    if (rc == CF_OK)
        rc = price_get_bool(item, "enabled", true, &enabled, err);
    *ret = active && enabled;
    for (size_t i = 0; rc == CF_OK && i < sizeof limits / sizeof *limits; i++) {
        int64_t limit = -1, used = 0;
        rc = price_get_int(item, limits[i].limit, -1, &limit, err);
        if (rc == CF_OK)
            rc = price_get_int(item, limits[i].used, 0, &used, err);
        *ret = *ret && (limit < 0 || used < limit);
    }
    return rc;
}

static bool is_held(const json_t *context, const char *coupon)
{
    static const char *const keys[] = {"coupons", "coupon"};
    for (size_t k = 0; k < 2; k++) {
        const json_t *held = json_object_get(context, keys[k]);
        size_t n = json_is_array(held) ? json_array_size(held) : held != NULL;
        for (size_t i = 0; i < n; i++) {
            const char *name = json_string_value(json_is_array(held) ? json_array_get(held, i) : held);
            if (name && strcmp(name, coupon) == 0)
                return true;
        }
    }
    return false;
}

enum cf_rc price_read_promotion(struct price_job *job, const json_t *item, size_t index, struct cf_error *err)
{
    if (job->n_offers == CF_OFFERS_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d promotions", CF_OFFERS_MAX);
    struct cf_promotion *p = &job->promotions[job->n_offers];
    const char *coupon = NULL, *plain = NULL, *issued = NULL;
    bool usable = true;
    *p = (struct cf_promotion){.campaign = (uint32_t)index + 1, .version = 1};
    enum cf_rc rc =
        json_is_object(item) ? read_type(item, p, err) : cf_fail(err, CF_E_JSON_TYPE, "a promotion is an object");
    if (rc == CF_OK)
        rc = check_keys(item, err);
    if (rc == CF_OK)
        rc = read_rows(item, p, err);
    if (rc == CF_OK)
        rc = read_figures(item, p, err);
    if (rc == CF_OK)
        rc = read_sets(job, item, p, err);
    if (rc == CF_OK && p->kind == CF_REWARD_BUNDLE)
        rc = read_slots(job, item, p, err);
    if (rc == CF_OK)
        rc = read_conditions(job, item, p, err);
    if (rc == CF_OK)
        rc = read_combination(job, item, p, err);
    if (rc == CF_OK)
        rc = is_usable(item, &usable, err);
    if (rc == CF_OK)
        rc = price_get_text(item, "coupon", &coupon, err);
    if (rc == CF_OK)
        rc = price_get_text(item, "issue_coupon", &issued, err);
    if (rc == CF_OK && issued)
        rc = price_number_of(&job->coupons, issued, &p->issue_campaign, err);
    if (rc == CF_OK)
        rc = price_get_text(item, has(item, "plain") ? "plain" : "name", &plain, err);
    if (rc != CF_OK || !usable)
        return rc;
    p->needs_coupon = coupon != NULL;
    cf_text_clean(cf_bytes_str(plain ? plain : "promotion"), p->name, sizeof p->name);
    job->index[job->n_offers] = index;
    job->offers[job->n_offers++] =
        (struct cf_offer){.promotion = p, .coupon_held = coupon && is_held(job->context, coupon)};
    return cf_promotion_check(p, err);
}
