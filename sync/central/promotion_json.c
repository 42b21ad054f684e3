/*
 * sync/central/promotion_json.c - see promotion_json.h.
 *
 * Single numbers come from the table in app/core/promotion_fields.h, so that a new one needs a row there and a
 * description in the schema. Lists, and masks that are lists of words to people, are here.
 */
#include "sync/central/promotion_json.h"

#include "app/core/campaign.h"
#include "app/core/code.h"
#include "app/core/promotion_fields.h"
#include "app/core/tender.h"
#include "base/zone.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_BYTES 64
#define FIELDS_MAX 96
#define DAY_US (INT64_C(86400) * CF_US_PER_S)
#define OFFSET_MAX_US (INT64_C(14) * 3600 * CF_US_PER_S)

/* --- words -------------------------------------------------------------------------------------------------------- */

static const char *const kinds[CF_REWARD_KINDS + 1] = {
    [CF_REWARD_ORDER_PERCENT] = "order_percent",
    [CF_REWARD_ORDER_AMOUNT] = "order_amount",
    [CF_REWARD_LINE_PERCENT] = "line_percent",
    [CF_REWARD_UNIT_AMOUNT] = "unit_amount",
    [CF_REWARD_LINE_AMOUNT] = "line_amount",
    [CF_REWARD_UNIT_PRICE] = "unit_price",
    [CF_REWARD_BUY_GET] = "buy_get",
    [CF_REWARD_GROUP] = "group",
    [CF_REWARD_BUNDLE] = "bundle",
    [CF_REWARD_TIERED] = "tiered",
    [CF_REWARD_MEMBER_PRICE] = "member_price",
    [CF_REWARD_GIFT] = "gift",
    [CF_REWARD_EFFECT] = "effect",
};

/* A mask whose bits have words: the first word is the lowest bit. */
struct mask {
    const char *field; /* of the table of fields */
    const char *name;  /* in the document */
    unsigned first_bit;
    const char *words[8];
};
static const struct mask masks[] = {
    {"weekdays", "weekdays", 0, {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}},
    {"channels", "channels", 0, {"store", "online"}},
    {"tenders", "tenders", 1, {"cash", "card", "mobile"}},
};
#define MASKS (sizeof masks / sizeof *masks)

static const struct mask *mask_of(const struct cf_promotion_field *field)
{
    for (size_t i = 0; i < MASKS; i++) {
        if (strcmp(masks[i].field, field->name) == 0) {
            return &masks[i];
        }
    }
    return NULL;
}

/* The members of a tier are a list of numbers in the document. */
static bool is_member_tiers(const struct cf_promotion_field *field)
{
    return strcmp(field->name, "tiers_mask") == 0;
}

static void list_words(const char *const *words, size_t max, char *ret, size_t cap)
{
    size_t n = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < max && words[i] != NULL && n < cap; i++) {
        int more = snprintf(ret + n, cap - n, "%s%s", i == 0 ? "" : ", ", words[i]);
        n += more > 0 ? (size_t)more : 0;
    }
}

static enum cf_rc find_word(const char *path, const char *const *words, size_t max, const char *word, size_t *ret,
                            struct cf_error *err)
{
    char known[160];
    for (size_t i = 0; i < max && words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0) {
            *ret = i;
            return CF_OK;
        }
    }
    list_words(words, max, known, sizeof known);
    return cf_fail(err, CF_E_JSON_TYPE, "%s: one of %s expected", path, known);
}

/* --- reading lists ------------------------------------------------------------------------------------------------ */

static enum cf_rc refuse_empty(const char *path, const json_t *list, struct cf_error *err)
{
    return json_array_size(list) > 0
               ? CF_OK
               : cf_fail(err, CF_E_JSON_RANGE, "%s: empty, so it could never hold; leave it out", path);
}

/* cf_json_read, but null is refused too: a condition that came out of somebody's program as null must not be taken for
 * one that was left out, since a promotion without it covers more. `where` ends in a dot. */
static enum cf_rc read_fields(const json_t *json, const char *where, const struct cf_json_field *fields, size_t n,
                              struct cf_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (json_is_null(json_object_get(json, fields[i].name))) {
            return cf_fail(err, CF_E_JSON_TYPE, "%s%s: null; leave it out", where, fields[i].name);
        }
    }
    return cf_json_read(json, where, fields, n, err);
}

static enum cf_rc read_mask(const struct mask *mask, const json_t *list, uint32_t *ret, struct cf_error *err)
{
    char path[PATH_MAX_BYTES], word[16];
    size_t at = 0;
    (void)snprintf(path, sizeof path, "promotion.%s", mask->name);
    enum cf_rc rc = refuse_empty(path, list, err);
    *ret = 0;
    for (size_t i = 0; rc == CF_OK && i < json_array_size(list); i++) {
        rc = cf_json_item_text(list, i, path, word, sizeof word, err);
        if (rc == CF_OK) {
            (void)snprintf(path, sizeof path, "promotion.%s[%zu]", mask->name, i);
            rc = find_word(path, mask->words, sizeof mask->words / sizeof *mask->words, word, &at, err);
            (void)snprintf(path, sizeof path, "promotion.%s", mask->name);
        }
        if (rc == CF_OK) {
            *ret |= 1u << (at + mask->first_bit);
        }
    }
    return rc;
}

static enum cf_rc read_member_tiers(const json_t *list, uint32_t *ret, struct cf_error *err)
{
    int64_t tier = 0;
    enum cf_rc rc = refuse_empty("promotion.member_tiers", list, err);
    *ret = 0;
    for (size_t i = 0; rc == CF_OK && i < json_array_size(list); i++) {
        rc = cf_json_item_int(list, i, "promotion.member_tiers", 0, CF_TIER_MAX, &tier, err);
        *ret |= 1u << tier;
    }
    return rc;
}

static enum cf_rc read_numbers(const char *path, const json_t *list, uint32_t *ret, size_t *ret_n, struct cf_error *err)
{
    int64_t v = 0;
    enum cf_rc rc = refuse_empty(path, list, err);
    *ret_n = 0;
    for (size_t i = 0; rc == CF_OK && i < json_array_size(list); i++) {
        rc = cf_json_item_int(list, i, path, 1, UINT32_MAX, &v, err);
        if (rc == CF_OK) {
            ret[(*ret_n)++] = (uint32_t)v;
        }
    }
    return rc;
}

static enum cf_rc read_products(const struct cf_promotion_goods *in, const char *path, const json_t *list,
                                uint64_t *ret, struct cf_error *err)
{
    enum cf_rc rc = list != NULL ? refuse_empty(path, list, err) : CF_OK;
    for (size_t i = 0; list != NULL && rc == CF_OK && i < json_array_size(list); i++) {
        rc = cf_promotion_goods_find(in, list, i, path, &ret[i], err);
    }
    return rc;
}

static enum cf_rc read_categories(const char *path, const json_t *list, uint32_t *ret, struct cf_error *err)
{
    int64_t v = 0;
    enum cf_rc rc = list != NULL ? refuse_empty(path, list, err) : CF_OK;
    for (size_t i = 0; list != NULL && rc == CF_OK && i < json_array_size(list); i++) {
        rc = cf_json_item_int(list, i, path, 1, UINT32_MAX, &v, err);
        ret[i] = (uint32_t)v;
    }
    return rc;
}

static enum cf_rc read_goods(const struct cf_promotion_goods *in, const json_t *scope, struct cf_goods *goods,
                             struct cf_error *err)
{
    const json_t *products = NULL, *categories = NULL;
    const struct cf_json_field fields[] = {
        {.name = "products", .array = &products, .items_max = CF_GOODS_PRODUCTS_MAX, .optional = true},
        {.name = "categories", .array = &categories, .items_max = CF_GOODS_CATEGORIES_MAX, .optional = true},
    };
    enum cf_rc rc = read_fields(scope, "promotion.scope.", fields, sizeof fields / sizeof *fields, err);
    if (rc == CF_OK) {
        rc = read_products(in, "promotion.scope.products", products, goods->products, err);
    }
    if (rc == CF_OK) {
        rc = read_categories("promotion.scope.categories", categories, goods->categories, err);
    }
    goods->n_products = products != NULL ? json_array_size(products) : 0;
    goods->n_categories = categories != NULL ? json_array_size(categories) : 0;
    return rc;
}

/* `where` ends in a dot. qty: NULL where there is none. */
static enum cf_rc read_few(const struct cf_promotion_goods *in, const json_t *json, const char *where, int64_t *qty,
                           struct cf_goods_few *few, struct cf_error *err)
{
    char path[PATH_MAX_BYTES];
    const json_t *products = NULL, *categories = NULL;
    const struct cf_json_field fields[] = {
        {.name = "products", .array = &products, .items_max = CF_FEW_PRODUCTS_MAX, .optional = true},
        {.name = "categories", .array = &categories, .items_max = CF_FEW_CATEGORIES_MAX, .optional = true},
        {.name = "qty", .integer = qty, .min = 1, .max = CF_GROUP_QTY_MAX},
    };
    enum cf_rc rc = read_fields(json, where, fields, qty != NULL ? 3 : 2, err);
    (void)snprintf(path, sizeof path, "%sproducts", where);
    if (rc == CF_OK) {
        rc = read_products(in, path, products, few->products, err);
    }
    (void)snprintf(path, sizeof path, "%scategories", where);
    if (rc == CF_OK) {
        rc = read_categories(path, categories, few->categories, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    few->n_products = (uint8_t)(products != NULL ? json_array_size(products) : 0);
    few->n_categories = (uint8_t)(categories != NULL ? json_array_size(categories) : 0);
    return cf_goods_few_is_empty(few)
               ? cf_fail(err, CF_E_JSON_RANGE, "%sproducts: neither products nor categories are named", where)
               : CF_OK;
}

static enum cf_rc item_object(const char *name, const json_t *list, size_t at, const json_t **ret, struct cf_error *err)
{
    *ret = json_array_get(list, at);
    return json_is_object(*ret) ? CF_OK
                                : cf_fail(err, CF_E_JSON_TYPE, "promotion.%s[%zu]: an object expected", name, at);
}

static enum cf_rc read_slots(const struct cf_promotion_goods *in, const json_t *list, struct cf_promotion *p,
                             struct cf_error *err)
{
    char where[PATH_MAX_BYTES];
    const json_t *item;
    enum cf_rc rc = refuse_empty("promotion.slots", list, err);
    for (size_t i = 0; rc == CF_OK && i < json_array_size(list); i++) {
        int64_t qty = 0;
        (void)snprintf(where, sizeof where, "promotion.slots[%zu].", i);
        rc = item_object("slots", list, i, &item, err);
        if (rc == CF_OK) {
            rc = read_few(in, item, where, &qty, &p->slots[i].goods, err);
        }
        p->slots[i].qty = (uint32_t)qty;
    }
    p->n_slots = json_array_size(list);
    return rc;
}

static enum cf_rc read_tiers(const json_t *list, struct cf_promotion *p, struct cf_error *err)
{
    char where[PATH_MAX_BYTES];
    const json_t *item;
    enum cf_rc rc = refuse_empty("promotion.tiers", list, err);
    for (size_t i = 0; rc == CF_OK && i < json_array_size(list); i++) {
        struct cf_tier *tier = &p->tiers[i];
        const struct cf_json_field fields[] = {
            {.name = "from", .integer = &tier->from, .max = CF_PRICE_MINOR_MAX},
            {.name = "value", .integer = &tier->value, .max = CF_PRICE_MINOR_MAX},
        };
        (void)snprintf(where, sizeof where, "promotion.tiers[%zu].", i);
        rc = item_object("tiers", list, i, &item, err);
        if (rc == CF_OK) {
            rc = read_fields(item, where, fields, sizeof fields / sizeof *fields, err);
        }
        if (rc == CF_OK && i > 0 && tier->from <= p->tiers[i - 1].from) {
            rc = cf_fail(err, CF_E_JSON_RANGE, "%sfrom: %lld, and it must be above the %lld before it", where,
                         (long long)tier->from, (long long)p->tiers[i - 1].from);
        }
    }
    p->n_tiers = json_array_size(list);
    return rc;
}

/* "09:30"; "24:00" is the end of a day. */
static bool parse_minutes(const char *text, uint16_t *ret)
{
    static const char digits[] = "0123456789";
    if (strlen(text) != 5 || text[2] != ':' || strspn(text, digits) != 2 || strspn(text + 3, digits) != 2) {
        return false;
    }
    unsigned hour = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
    unsigned minute = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
    if (hour > 24 || minute > 59 || (hour == 24 && minute != 0)) {
        return false;
    }
    *ret = (uint16_t)(hour * 60 + minute);
    return true;
}

static enum cf_rc read_hours(const json_t *list, struct cf_promotion *p, struct cf_error *err)
{
    char where[PATH_MAX_BYTES], from[8], to[8];
    const json_t *item;
    enum cf_rc rc = refuse_empty("promotion.hours", list, err);
    for (size_t i = 0; rc == CF_OK && i < json_array_size(list); i++) {
        struct cf_hours *hours = &p->hours[i];
        const struct cf_json_field fields[] = {
            {.name = "from", .text = from, .cap = sizeof from},
            {.name = "to", .text = to, .cap = sizeof to},
        };
        (void)snprintf(where, sizeof where, "promotion.hours[%zu].", i);
        rc = item_object("hours", list, i, &item, err);
        if (rc == CF_OK) {
            rc = read_fields(item, where, fields, sizeof fields / sizeof *fields, err);
        }
        if (rc == CF_OK && (!parse_minutes(from, &hours->from_min) || hours->from_min == 1440)) {
            rc = cf_fail(err, CF_E_JSON_RANGE, "%sfrom: a time such as 09:30 expected", where);
        }
        if (rc == CF_OK && !parse_minutes(to, &hours->to_min)) {
            rc = cf_fail(err, CF_E_JSON_RANGE, "%sto: a time such as 17:00 expected", where);
        }
        if (rc == CF_OK && hours->from_min == hours->to_min) {
            rc = cf_fail(err, CF_E_JSON_RANGE, "%sto: as `from`, so it would never open", where);
        }
    }
    p->n_hours = json_array_size(list);
    return rc;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* What cf_json_read puts down before it is taken into the promotion. */
struct draft {
    const json_t *scope, *except, *buy, *slots, *tiers, *hours, *segments, *stores, *member_tiers, *masks[MASKS];
    char kind[32];
    int64_t percent, priority;
    size_t n_fields;
    struct cf_json_field fields[FIELDS_MAX];
    struct value {
        const struct cf_promotion_field *field; /* NULL: not from the table */
        int64_t number;
        bool flag;
        char word[32];
    } values[FIELDS_MAX];
};

static void add(struct draft *d, struct cf_json_field field)
{
    field.optional = strcmp(field.name, "kind") != 0;
    d->fields[d->n_fields++] = field;
}

/* Fields that have code of their own. */
static void add_own(struct draft *d, struct cf_promotion *p)
{
    add(d, (struct cf_json_field){.name = "kind", .text = d->kind, .cap = sizeof d->kind});
    add(d, (struct cf_json_field){.name = "amount_minor", .integer = &p->amount_minor, .max = CF_PRICE_MINOR_MAX});
    add(d, (struct cf_json_field){.name = "percent_bp", .integer = &d->percent, .max = 10000});
    add(d, (struct cf_json_field){.name = "scope", .object = &d->scope});
    add(d, (struct cf_json_field){.name = "goods_name", .text = p->goods_name, .cap = sizeof p->goods_name});
    add(d, (struct cf_json_field){.name = "buy_name", .text = p->buy_name, .cap = sizeof p->buy_name});
    add(d,
        (struct cf_json_field){.name = "min_spend_minor", .integer = &p->min_spend_minor, .max = CF_PRICE_MINOR_MAX});
    add(d, (struct cf_json_field){.name = "min_qty_milli", .integer = &p->min_qty_milli, .max = CF_QTY_MILLI_MAX});
    add(d, (struct cf_json_field){
               .name = "max_discount_minor", .integer = &p->max_discount_minor, .max = CF_PRICE_MINOR_MAX});
    add(d, (struct cf_json_field){.name = "priority", .integer = &d->priority, .min = INT32_MIN, .max = INT32_MAX});
    add(d, (struct cf_json_field){.name = "exclusive", .boolean = &p->exclusive});
    add(d, (struct cf_json_field){.name = "except", .object = &d->except});
    add(d, (struct cf_json_field){.name = "buy", .object = &d->buy});
    add(d, (struct cf_json_field){.name = "slots", .array = &d->slots, .items_max = CF_SLOTS_MAX});
    add(d, (struct cf_json_field){.name = "tiers", .array = &d->tiers, .items_max = CF_TIERS_MAX});
    add(d, (struct cf_json_field){.name = "hours", .array = &d->hours, .items_max = CF_HOURS_MAX});
    add(d, (struct cf_json_field){.name = "segments", .array = &d->segments, .items_max = CF_PROMOTION_SEGMENTS_MAX});
    add(d, (struct cf_json_field){.name = "stores", .array = &d->stores, .items_max = CF_PROMOTION_STORES_MAX});
}

static void add_table(struct draft *d)
{
    for (size_t i = 0; i < cf_promotion_n_fields; i++) {
        const struct cf_promotion_field *field = &cf_promotion_fields[i];
        const struct mask *mask = mask_of(field);
        if (mask != NULL) {
            add(d, (struct cf_json_field){.name = mask->name, .array = &d->masks[mask - masks], .items_max = 16});
            continue;
        }
        if (is_member_tiers(field)) {
            add(d, (struct cf_json_field){.name = "member_tiers", .array = &d->member_tiers, .items_max = 10});
            continue;
        }
        struct value *value = &d->values[d->n_fields];
        value->field = field;
        switch (field->type) {
        case CF_FIELD_BOOL:
            add(d, (struct cf_json_field){.name = field->name, .boolean = &value->flag});
            break;
        case CF_FIELD_U32:
        case CF_FIELD_I64:
            add(d, (struct cf_json_field){.name = field->name, .integer = &value->number, .max = field->max});
            break;
        case CF_FIELD_WORD:
            add(d, (struct cf_json_field){
                       .name = field->name, .text = value->word, .cap = sizeof value->word, .min_bytes = 1});
            break;
        }
    }
}

static enum cf_rc take_table(const struct draft *d, struct cf_promotion *p, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < d->n_fields; i++) {
        const struct value *value = &d->values[i];
        char path[PATH_MAX_BYTES];
        size_t word = 0;
        if (value->field == NULL) {
            continue;
        }
        (void)snprintf(path, sizeof path, "promotion.%s", value->field->name);
        if (value->field->type == CF_FIELD_WORD && value->word[0] != '\0') {
            rc = find_word(path, value->field->words, CF_FIELD_WORDS_MAX, value->word, &word, err);
        }
        if (rc == CF_OK) {
            cf_promotion_set(p, value->field,
                             value->field->type == CF_FIELD_BOOL   ? value->flag
                             : value->field->type == CF_FIELD_WORD ? (int64_t)word
                                                                   : value->number);
        }
    }
    return rc;
}

static enum cf_rc take_lists(const struct cf_promotion_goods *in, const struct draft *d, struct cf_promotion *p,
                             struct cf_error *err)
{
    enum cf_rc rc = d->scope != NULL ? read_goods(in, d->scope, &p->goods, err) : CF_OK;
    uint32_t *const masked[MASKS] = {&p->weekdays, &p->channels, &p->tenders};
    if (rc == CF_OK && d->except != NULL) {
        rc = read_few(in, d->except, "promotion.except.", NULL, &p->except, err);
    }
    if (rc == CF_OK && d->buy != NULL) {
        rc = read_few(in, d->buy, "promotion.buy.", NULL, &p->buy, err);
    }
    if (rc == CF_OK && d->slots != NULL) {
        rc = read_slots(in, d->slots, p, err);
    }
    if (rc == CF_OK && d->tiers != NULL) {
        rc = read_tiers(d->tiers, p, err);
    }
    if (rc == CF_OK && d->hours != NULL) {
        rc = read_hours(d->hours, p, err);
    }
    if (rc == CF_OK && d->segments != NULL) {
        rc = read_numbers("promotion.segments", d->segments, p->segments, &p->n_segments, err);
    }
    if (rc == CF_OK && d->stores != NULL) {
        rc = read_numbers("promotion.stores", d->stores, p->stores, &p->n_stores, err);
    }
    if (rc == CF_OK && d->member_tiers != NULL) {
        rc = read_member_tiers(d->member_tiers, &p->tiers_mask, err);
    }
    for (size_t i = 0; rc == CF_OK && i < MASKS; i++) {
        if (d->masks[i] != NULL) {
            rc = read_mask(&masks[i], d->masks[i], masked[i], err);
        }
    }
    return rc;
}

/* --- which figures mean something for a kind ---------------------------------------------------------------------- */

#define KIND(kind) (1u << CF_REWARD_##kind)
#define HAS_OFF (KIND(BUY_GET) | KIND(GROUP) | KIND(BUNDLE) | KIND(TIERED) | KIND(ORDER_AMOUNT))

static enum cf_rc check_suits(const json_t *json, const struct cf_promotion *p, struct cf_error *err)
{
    for (size_t i = 0; i < cf_promotion_n_figures; i++) {
        const struct cf_promotion_figure *figure = &cf_promotion_figures[i];
        const json_t *value = json_object_get(json, figure->name);
        bool zero = json_is_integer(value) && json_integer_value(value) == 0;
        if (value == NULL || zero || json_is_false(value) || (figure->kinds >> p->kind & 1) != 0) {
            continue;
        }
        return cf_fail(err, CF_E_JSON_RANGE, "promotion.%s: a promotion of kind %s has none; it takes %s", figure->name,
                       kinds[p->kind], figure->instead);
    }
    return CF_OK;
}

enum cf_rc cf_promotion_json_read(const struct cf_promotion_goods *in, const json_t *json, struct cf_promotion *ret,
                                  struct cf_error *err)
{
    struct draft d;
    struct cf_promotion p;
    size_t kind = 0;
    memset(&d, 0, sizeof d);
    memset(&p, 0, sizeof p);
    add_own(&d, &p);
    add_table(&d);
    enum cf_rc rc = read_fields(json, "promotion.", d.fields, d.n_fields, err);
    if (rc == CF_OK) {
        rc = find_word("promotion.kind", &kinds[1], CF_REWARD_KINDS, d.kind, &kind, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    p.kind = (enum cf_reward_kind)(kind + 1);
    p.percent_bp = (uint32_t)d.percent;
    p.priority = (int32_t)d.priority;
    rc = take_table(&d, &p, err);
    if (rc == CF_OK) {
        rc = take_lists(in, &d, &p, err);
    }
    if (rc == CF_OK) {
        rc = check_suits(json, &p, err);
    }
    if (rc == CF_OK) {
        *ret = p;
    }
    return rc;
}

/* --- judging ------------------------------------------------------------------------------------------------------ */

static enum cf_rc judge_figure(const struct cf_promotion *p, struct cf_error *err)
{
    bool has_off = (HAS_OFF >> p->kind & 1) != 0;
    bool by_percent = p->off == CF_OFF_PERCENT && p->kind != CF_REWARD_ORDER_AMOUNT;
    if (has_off && p->kind != CF_REWARD_TIERED && by_percent && p->amount_minor != 0) {
        return cf_fail(err, CF_E_JSON_RANGE, "promotion.amount_minor: off is percent, so it takes percent_bp");
    }
    if (has_off && p->kind != CF_REWARD_TIERED && !by_percent && p->percent_bp != 0) {
        return cf_fail(err, CF_E_JSON_RANGE, "promotion.percent_bp: off is %s, so it takes amount_minor",
                       p->off == CF_OFF_PRICE ? "price" : "amount");
    }
    for (size_t i = 0; p->kind == CF_REWARD_TIERED && p->off == CF_OFF_PERCENT && i < p->n_tiers; i++) {
        if (p->tiers[i].value > 10000) {
            return cf_fail(err, CF_E_JSON_RANGE, "promotion.tiers[%zu].value: %lld is not in 0..10000", i,
                           (long long)p->tiers[i].value);
        }
    }
    return CF_OK;
}

/* Is there a day of the campaign, in whatever time zone, that is one of the weekdays? */
static enum cf_rc judge_days(const struct cf_promotion *p, struct cf_error *err)
{
    if (p->weekdays == 0 || p->to.us == 0 || p->to.us - p->from.us >= 7 * DAY_US) {
        return CF_OK;
    }
    for (int64_t us = p->from.us - OFFSET_MAX_US; us < p->to.us + OFFSET_MAX_US + DAY_US; us += DAY_US) {
        cf_wall at = {us < p->to.us + OFFSET_MAX_US ? us : p->to.us + OFFSET_MAX_US - 1};
        if ((p->weekdays >> (cf_civil_at(at, 0).weekday - 1) & 1) != 0) {
            return CF_OK;
        }
    }
    return cf_fail(err, CF_E_JSON_RANGE, "promotion.weekdays: none of them is between `from` and `to`");
}

static enum cf_rc judge_gift_of_itself(const struct cf_promotion *p, struct cf_error *err)
{
    if (p->issue_campaign != 0 && p->issue_campaign == p->campaign) {
        return cf_fail(err, CF_E_JSON_RANGE,
                       "promotion.issue_campaign: its own campaign, so that each coupon would bring the next");
    }
    if (p->with_campaign != 0 && p->with_campaign == p->campaign) {
        return cf_fail(err, CF_E_JSON_RANGE, "promotion.with_campaign: its own campaign, which says nothing");
    }
    return CF_OK;
}

enum cf_rc cf_promotion_json_judge(const struct cf_promotion *promotion, struct cf_error *err)
{
    struct cf_error why;
    enum cf_rc rc = judge_figure(promotion, err);
    if (rc == CF_OK) {
        rc = judge_days(promotion, err);
    }
    if (rc == CF_OK) {
        rc = judge_gift_of_itself(promotion, err);
    }
    if (rc == CF_OK && cf_promotion_check(promotion, &why) != CF_OK) {
        rc = cf_fail(err, why.rc, "promotion.%s", why.detail);
    }
    return rc;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static json_t *numbers_of(const uint32_t *numbers, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, json_integer(numbers[i]));
    }
    return list;
}

static json_t *products_of(const uint64_t *products, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, json_integer((json_int_t)products[i]));
    }
    return list;
}

/* Only lists that name something: what is shown must be accepted when it is sent back. */
static json_t *goods_of(const uint64_t *products, size_t n_products, const uint32_t *categories, size_t n_categories)
{
    json_t *json = json_object();
    if (n_products > 0) {
        cf_json_set(json, "products", products_of(products, n_products));
    }
    if (n_categories > 0) {
        cf_json_set(json, "categories", numbers_of(categories, n_categories));
    }
    return json;
}

static json_t *few_of(const struct cf_goods_few *few)
{
    return goods_of(few->products, few->n_products, few->categories, few->n_categories);
}

static json_t *words_of(const struct mask *mask, uint32_t bits)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof mask->words / sizeof *mask->words && mask->words[i] != NULL; i++) {
        if ((bits >> (i + mask->first_bit) & 1) != 0) {
            json_array_append_new(list, json_string(mask->words[i]));
        }
    }
    return list;
}

static void write_table(const struct cf_promotion *p, json_t *json)
{
    for (size_t i = 0; i < cf_promotion_n_fields; i++) {
        const struct cf_promotion_field *field = &cf_promotion_fields[i];
        const struct mask *mask = mask_of(field);
        int64_t value = cf_promotion_get(p, field);
        if (value == 0) {
            continue;
        }
        if (mask != NULL) {
            cf_json_set(json, mask->name, words_of(mask, (uint32_t)value));
        } else if (is_member_tiers(field)) {
            json_t *list = json_array();
            for (int tier = 0; tier <= CF_TIER_MAX; tier++) {
                if ((value >> tier & 1) != 0) {
                    json_array_append_new(list, json_integer(tier));
                }
            }
            cf_json_set(json, "member_tiers", list);
        } else if (field->type == CF_FIELD_BOOL) {
            cf_json_set(json, field->name, json_true());
        } else if (field->type == CF_FIELD_WORD) {
            cf_json_set_text(json, field->name, field->words[value]);
        } else {
            cf_json_set_int(json, field->name, value);
        }
    }
}

static void write_slots(const struct cf_promotion *p, json_t *json)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->n_slots; i++) {
        json_t *slot = few_of(&p->slots[i].goods);
        cf_json_set_int(slot, "qty", p->slots[i].qty);
        json_array_append_new(list, slot);
    }
    cf_json_set(json, "slots", list);
}

static void write_tiers(const struct cf_promotion *p, json_t *json)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->n_tiers; i++) {
        json_t *tier = json_object();
        cf_json_set_int(tier, "from", p->tiers[i].from);
        cf_json_set_int(tier, "value", p->tiers[i].value);
        json_array_append_new(list, tier);
    }
    cf_json_set(json, "tiers", list);
}

static void write_hours(const struct cf_promotion *p, json_t *json)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->n_hours; i++) {
        char from[16], to[16];
        json_t *hours = json_object();
        (void)snprintf(from, sizeof from, "%02d:%02d", p->hours[i].from_min / 60, p->hours[i].from_min % 60);
        (void)snprintf(to, sizeof to, "%02d:%02d", p->hours[i].to_min / 60, p->hours[i].to_min % 60);
        cf_json_set_text(hours, "from", from);
        cf_json_set_text(hours, "to", to);
        json_array_append_new(list, hours);
    }
    cf_json_set(json, "hours", list);
}

static void write_lists(const struct cf_promotion *p, json_t *json)
{
    if (!cf_goods_few_is_empty(&p->except)) {
        cf_json_set(json, "except", few_of(&p->except));
    }
    if (!cf_goods_few_is_empty(&p->buy)) {
        cf_json_set(json, "buy", few_of(&p->buy));
    }
    if (p->n_slots > 0) {
        write_slots(p, json);
    }
    if (p->n_tiers > 0) {
        write_tiers(p, json);
    }
    if (p->n_hours > 0) {
        write_hours(p, json);
    }
    if (p->n_segments > 0) {
        cf_json_set(json, "segments", numbers_of(p->segments, p->n_segments));
    }
    if (p->n_stores > 0) {
        cf_json_set(json, "stores", numbers_of(p->stores, p->n_stores));
    }
}

json_t *cf_promotion_json_write(const struct cf_promotion *p)
{
    const struct cf_goods *goods = &p->goods;
    json_t *json = json_object();
    cf_json_set_text(json, "kind", kinds[p->kind]);
    cf_json_set_int(json, "amount_minor", p->amount_minor);
    cf_json_set_int(json, "percent_bp", p->percent_bp);
    cf_json_set(json, "scope", goods_of(goods->products, goods->n_products, goods->categories, goods->n_categories));
    cf_json_set_int(json, "min_spend_minor", p->min_spend_minor);
    cf_json_set_int(json, "min_qty_milli", p->min_qty_milli);
    cf_json_set_int(json, "max_discount_minor", p->max_discount_minor);
    cf_json_set_int(json, "priority", p->priority);
    cf_json_set(json, "exclusive", json_boolean(p->exclusive));
    write_lists(p, json);
    write_table(p, json);
    if (p->goods_name[0] != '\0') {
        cf_json_set_text(json, "goods_name", p->goods_name);
    }
    if (p->buy_name[0] != '\0') {
        cf_json_set_text(json, "buy_name", p->buy_name);
    }
    return json;
}
