/*
 * app/core/promotion.c - which goods a promotion covers; its checks and its CBOR.
 *
 *   [campaign, version, name, priority, kind, amount_minor, percent_bp, [products], [categories], min_spend_minor,
 *    min_qty_milli, from_us, to_us, needs_coupon, exclusive, max_discount_minor, [key, value, ...]]
 *
 * The last is there only if it is not empty; its keys ascend. Keys 1 to 7 are lists (enum list_key), the others the
 * numbers of promotion_fields.c, left out where they are zero; 100 and 101 are what shoppers call the covered goods and
 * those to buy.
 *
 * What it takes off is pricing.c's and reward_*.c's. Pure; thread-safe.
 */
#include "app/core/promotion.h"

#include <string.h>

#include "app/core/promotion_fields.h"
#include "app/core/reward.h"
#include "base/text.h"

#define PLAIN_FIELDS 16
#define PAIRS_MAX 128
#define MINUTES_A_DAY 1440

enum list_key {
    LIST_EXCEPT = 1,   /* [[products], [categories]] */
    LIST_BUY = 2,      /* the same */
    LIST_SLOTS = 3,    /* [qty, [products], [categories], ...] */
    LIST_TIERS = 4,    /* [from, value, ...] */
    LIST_HOURS = 5,    /* [from_min, to_min, ...] */
    LIST_SEGMENTS = 6, /* [segment, ...] */
    LIST_STORES = 7,   /* [store, ...] */
    LISTS_END = 8,
};
/* Behind all numbers. */
enum name_key { NAME_GOODS = 100, NAME_BUY = 101 };

bool cf_goods_cover(const struct cf_goods *goods, const struct cf_cart_line *line)
{
    if (goods->n_products == 0 && goods->n_categories == 0)
        return true;
    for (size_t i = 0; i < goods->n_products; i++)
        if (goods->products[i] == line->product)
            return true;
    for (size_t i = 0; i < goods->n_categories; i++)
        for (size_t k = 0; k < line->n_categories; k++)
            if (goods->categories[i] == line->categories[k])
                return true;
    return false;
}

bool cf_goods_few_is_empty(const struct cf_goods_few *few)
{
    return few->n_products == 0 && few->n_categories == 0;
}

bool cf_goods_few_name(const struct cf_goods_few *few, const struct cf_cart_line *line)
{
    for (size_t i = 0; i < few->n_products; i++)
        if (few->products[i] == line->product)
            return true;
    for (size_t i = 0; i < few->n_categories; i++)
        for (size_t k = 0; k < line->n_categories; k++)
            if (few->categories[i] == line->categories[k])
                return true;
    return false;
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

static enum cf_rc check_range(const char *field, int64_t value, int64_t max, struct cf_error *err)
{
    if (value < 0 || value > max)
        return cf_fail(err, CF_E_RANGE, "%s %lld is not in 0..%lld", field, (long long)value, (long long)max);
    return CF_OK;
}

static enum cf_rc check_text(const char *field, const char *text, size_t max, struct cf_error *err)
{
    char copy[CF_NAME_MAX + 1];
    size_t n = strnlen(text, max + 1);
    if (n > max)
        return cf_fail(err, CF_E_RANGE, "%s is longer than %zu bytes", field, max);
    if (cf_text_accept(cf_bytes_of(text, n), copy, sizeof copy, NULL) != CF_OK)
        return cf_fail(err, CF_E_RANGE, "%s is not UTF-8 without control characters", field);
    return CF_OK;
}

static enum cf_rc check_names(const struct cf_promotion *p, struct cf_error *err)
{
    enum cf_rc rc = check_text("name", p->name, CF_NAME_MAX, err);
    if (rc == CF_OK)
        rc = check_text("goods_name", p->goods_name, CF_GOODS_NAME_MAX, err);
    return rc == CF_OK ? check_text("buy_name", p->buy_name, CF_GOODS_NAME_MAX, err) : rc;
}

static enum cf_rc check_goods(const struct cf_goods *goods, struct cf_error *err)
{
    if (goods->n_products > CF_GOODS_PRODUCTS_MAX)
        return cf_fail(err, CF_E_RANGE, "goods names %zu products, at most %d", goods->n_products,
                       CF_GOODS_PRODUCTS_MAX);
    if (goods->n_categories > CF_GOODS_CATEGORIES_MAX)
        return cf_fail(err, CF_E_RANGE, "goods names %zu categories, at most %d", goods->n_categories,
                       CF_GOODS_CATEGORIES_MAX);
    return CF_OK;
}

static enum cf_rc check_few(const char *field, const struct cf_goods_few *few, struct cf_error *err)
{
    if (few->n_products > CF_FEW_PRODUCTS_MAX || few->n_categories > CF_FEW_CATEGORIES_MAX)
        return cf_fail(err, CF_E_RANGE, "%s names %d products and %d categories, at most %d and %d", field,
                       few->n_products, few->n_categories, CF_FEW_PRODUCTS_MAX, CF_FEW_CATEGORIES_MAX);
    return CF_OK;
}

static enum cf_rc check_count(const char *field, size_t n, size_t max, struct cf_error *err)
{
    if (n > max)
        return cf_fail(err, CF_E_RANGE, "%s: %zu, at most %zu", field, n, max);
    return CF_OK;
}

static enum cf_rc check_slots(const struct cf_promotion *p, struct cf_error *err)
{
    enum cf_rc rc = check_count("slots", p->n_slots, CF_SLOTS_MAX, err);
    for (size_t i = 0; rc == CF_OK && i < p->n_slots; i++) {
        if (p->slots[i].qty < 1 || p->slots[i].qty > CF_GROUP_QTY_MAX)
            return cf_fail(err, CF_E_RANGE, "slots[%zu].qty %lu is not in 1..%d", i, (unsigned long)p->slots[i].qty,
                           CF_GROUP_QTY_MAX);
        rc = check_few("slots", &p->slots[i].goods, err);
    }
    return rc;
}

static enum cf_rc check_tiers(const struct cf_promotion *p, struct cf_error *err)
{
    enum cf_rc rc = check_count("tiers", p->n_tiers, CF_TIERS_MAX, err);
    for (size_t i = 0; rc == CF_OK && i < p->n_tiers; i++) {
        rc = check_range("tiers.from", p->tiers[i].from, CF_PRICE_MINOR_MAX, err);
        if (rc == CF_OK)
            rc = check_range("tiers.value", p->tiers[i].value, p->off == CF_OFF_PERCENT ? 10000 : CF_PRICE_MINOR_MAX,
                             err);
        if (rc == CF_OK && i > 0 && p->tiers[i].from <= p->tiers[i - 1].from)
            rc = cf_fail(err, CF_E_RANGE, "tiers[%zu].from does not ascend", i);
    }
    return rc;
}

static enum cf_rc check_lists(const struct cf_promotion *p, struct cf_error *err)
{
    enum cf_rc rc = check_few("except", &p->except, err);
    if (rc == CF_OK)
        rc = check_few("buy", &p->buy, err);
    if (rc == CF_OK)
        rc = check_slots(p, err);
    if (rc == CF_OK)
        rc = check_tiers(p, err);
    if (rc == CF_OK)
        rc = check_count("hours", p->n_hours, CF_HOURS_MAX, err);
    for (size_t i = 0; rc == CF_OK && i < p->n_hours; i++)
        if (p->hours[i].from_min >= MINUTES_A_DAY || p->hours[i].to_min > MINUTES_A_DAY)
            rc = cf_fail(err, CF_E_RANGE, "hours[%zu]: %d to %d is not within a day of %d minutes", i,
                         p->hours[i].from_min, p->hours[i].to_min, MINUTES_A_DAY);
    if (rc == CF_OK)
        rc = check_count("segments", p->n_segments, CF_PROMOTION_SEGMENTS_MAX, err);
    if (rc == CF_OK)
        rc = check_count("stores", p->n_stores, CF_PROMOTION_STORES_MAX, err);
    return rc;
}

/* What contradicts itself is refused when it is made: a till could only ever ignore it. */
static enum cf_rc check_sense(const struct cf_promotion *p, struct cf_error *err)
{
    if (p->members_only && p->guests_only)
        return cf_fail(err, CF_E_RANGE, "guests_only contradicts members_only");
    if (p->guests_only && (p->tiers_mask != 0 || p->n_segments != 0 || p->birthday || p->visit_nth != 0))
        return cf_fail(err, CF_E_RANGE, "guests_only contradicts a condition on members");
    if (p->max_spend_minor > 0 && p->max_spend_minor < p->min_spend_minor)
        return cf_fail(err, CF_E_RANGE, "max_spend_minor is below min_spend_minor");
    if (p->max_qty_milli > 0 && p->max_qty_milli < p->min_qty_milli)
        return cf_fail(err, CF_E_RANGE, "max_qty_milli is below min_qty_milli");
    if (p->min_over == CF_OVER_BUY && cf_goods_few_is_empty(&p->buy))
        return cf_fail(err, CF_E_RANGE, "min_over is buy, and buy names nothing");
    if (p->buy_each && p->min_over != CF_OVER_BUY)
        return cf_fail(err, CF_E_RANGE, "buy_each without min_over buy");
    if (p->visit_every && p->visit_nth == 0)
        return cf_fail(err, CF_E_RANGE, "visit_every without visit_nth");
    if ((p->birthday_before_days != 0 || p->birthday_after_days != 0) && !p->birthday)
        return cf_fail(err, CF_E_RANGE, "birthday_before_days and birthday_after_days without birthday");
    return CF_OK;
}

static enum cf_rc check_more(const struct cf_promotion *p, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < cf_promotion_n_fields; i++) {
        const struct cf_promotion_field *field = &cf_promotion_fields[i];
        rc = check_range(field->name, cf_promotion_get(p, field), field->max, err);
    }
    if (rc == CF_OK)
        rc = check_lists(p, err);
    return rc == CF_OK ? check_sense(p, err) : rc;
}

enum cf_rc cf_promotion_check(const struct cf_promotion *promotion, struct cf_error *err)
{
    const struct cf_reward *reward = cf_reward_of(promotion->kind);
    if (reward == NULL)
        return cf_fail(err, CF_E_UNSUPPORTED, "kind of reward %d", (int)promotion->kind);
    enum cf_rc rc = reward->check(promotion, err);
    if (rc == CF_OK)
        rc = check_range("amount_minor", promotion->amount_minor, CF_PRICE_MINOR_MAX, err);
    if (rc == CF_OK)
        rc = check_range("percent_bp", promotion->percent_bp, 10000, err);
    if (rc == CF_OK)
        rc = check_range("min_spend_minor", promotion->min_spend_minor, CF_PRICE_MINOR_MAX, err);
    if (rc == CF_OK)
        rc = check_range("min_qty_milli", promotion->min_qty_milli, CF_QTY_MILLI_MAX, err);
    if (rc == CF_OK)
        rc = check_range("max_discount_minor", promotion->max_discount_minor, CF_PRICE_MINOR_MAX, err);
    if (rc == CF_OK)
        rc = check_goods(&promotion->goods, err);
    if (rc == CF_OK)
        rc = check_names(promotion, err);
    if (rc == CF_OK && (promotion->from.us != 0 || promotion->to.us != 0) && promotion->from.us >= promotion->to.us)
        rc = cf_fail(err, CF_E_RANGE, "from is not before to");
    if (rc == CF_OK)
        rc = check_more(promotion, err);
    return rc;
}

bool cf_promotion_names_categories(const struct cf_promotion *p)
{
    bool names = p->goods.n_categories > 0 || p->except.n_categories > 0 || p->buy.n_categories > 0;
    for (size_t i = 0; i < p->n_slots; i++)
        names = names || p->slots[i].goods.n_categories > 0;
    return names;
}

int64_t cf_promotion_most_minor(const struct cf_promotion *p)
{
    bool bounded = p->kind == CF_REWARD_ORDER_AMOUNT && p->off != CF_OFF_PRICE;
    int64_t most = bounded ? p->amount_minor : p->kind == CF_REWARD_EFFECT ? 0 : INT64_MAX;
    return p->max_discount_minor > 0 && p->max_discount_minor < most ? p->max_discount_minor : most;
}

bool cf_promotion_is_plain(const struct cf_promotion *p)
{
    for (size_t i = 0; i < cf_promotion_n_fields; i++)
        if (cf_promotion_get(p, &cf_promotion_fields[i]) != 0)
            return false;
    return cf_goods_few_is_empty(&p->except) && cf_goods_few_is_empty(&p->buy) && p->n_slots == 0 && p->n_tiers == 0 &&
           p->n_hours == 0 && p->n_segments == 0 && p->n_stores == 0 && p->goods_name[0] == '\0' &&
           p->buy_name[0] == '\0';
}

/* --- CBOR --------------------------------------------------------------------------------------------------------- */

static void write_few(const struct cf_goods_few *few, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, few->n_products);
    for (size_t i = 0; i < few->n_products; i++)
        cf_cbor_write_uint(w, few->products[i]);
    cf_cbor_write_array(w, few->n_categories);
    for (size_t i = 0; i < few->n_categories; i++)
        cf_cbor_write_uint(w, few->categories[i]);
}

static bool has_list(const struct cf_promotion *p, enum list_key key)
{
    switch (key) {
    case LIST_EXCEPT:
        return !cf_goods_few_is_empty(&p->except);
    case LIST_BUY:
        return !cf_goods_few_is_empty(&p->buy);
    case LIST_SLOTS:
        return p->n_slots != 0;
    case LIST_TIERS:
        return p->n_tiers != 0;
    case LIST_HOURS:
        return p->n_hours != 0;
    case LIST_SEGMENTS:
        return p->n_segments != 0;
    case LIST_STORES:
        return p->n_stores != 0;
    case LISTS_END:
        return false;
    }
    return false;
}

static void write_numbers(const uint32_t *numbers, size_t n, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, n);
    for (size_t i = 0; i < n; i++)
        cf_cbor_write_uint(w, numbers[i]);
}

static void write_list(const struct cf_promotion *p, enum list_key key, struct cf_cbor_writer *w)
{
    switch (key) {
    case LIST_EXCEPT:
    case LIST_BUY:
        cf_cbor_write_array(w, 2);
        write_few(key == LIST_BUY ? &p->buy : &p->except, w);
        break;
    case LIST_SLOTS:
        cf_cbor_write_array(w, 3 * p->n_slots);
        for (size_t i = 0; i < p->n_slots; i++) {
            cf_cbor_write_uint(w, p->slots[i].qty);
            write_few(&p->slots[i].goods, w);
        }
        break;
    case LIST_TIERS:
        cf_cbor_write_array(w, 2 * p->n_tiers);
        for (size_t i = 0; i < p->n_tiers; i++) {
            cf_cbor_write_int(w, p->tiers[i].from);
            cf_cbor_write_int(w, p->tiers[i].value);
        }
        break;
    case LIST_HOURS:
        cf_cbor_write_array(w, 2 * p->n_hours);
        for (size_t i = 0; i < p->n_hours; i++) {
            cf_cbor_write_uint(w, p->hours[i].from_min);
            cf_cbor_write_uint(w, p->hours[i].to_min);
        }
        break;
    case LIST_SEGMENTS:
        write_numbers(p->segments, p->n_segments, w);
        break;
    case LIST_STORES:
        write_numbers(p->stores, p->n_stores, w);
        break;
    case LISTS_END:
        break;
    }
}

static void write_name(enum name_key key, const char *name, struct cf_cbor_writer *w)
{
    if (name[0] == '\0')
        return;
    cf_cbor_write_uint(w, key);
    cf_cbor_write_text(w, name);
}

static void write_more(const struct cf_promotion *p, struct cf_cbor_writer *w)
{
    size_t n = 0;
    for (enum list_key key = LIST_EXCEPT; key < LISTS_END; key++)
        n += has_list(p, key);
    for (size_t i = 0; i < cf_promotion_n_fields; i++)
        n += cf_promotion_get(p, &cf_promotion_fields[i]) != 0;
    n += p->goods_name[0] != '\0';
    n += p->buy_name[0] != '\0';
    cf_cbor_write_array(w, 2 * n);
    for (enum list_key key = LIST_EXCEPT; key < LISTS_END; key++) {
        if (!has_list(p, key))
            continue;
        cf_cbor_write_uint(w, key);
        write_list(p, key, w);
    }
    for (size_t i = 0; i < cf_promotion_n_fields; i++) {
        int64_t value = cf_promotion_get(p, &cf_promotion_fields[i]);
        if (value == 0)
            continue;
        cf_cbor_write_uint(w, cf_promotion_fields[i].key);
        cf_cbor_write_int(w, value);
    }
    write_name(NAME_GOODS, p->goods_name, w);
    write_name(NAME_BUY, p->buy_name, w);
}

void cf_promotion_encode(const struct cf_promotion *promotion, struct cf_cbor_writer *w)
{
    bool plain = cf_promotion_is_plain(promotion);
    cf_cbor_write_array(w, PLAIN_FIELDS + (size_t)!plain);
    cf_cbor_write_uint(w, promotion->campaign);
    cf_cbor_write_uint(w, promotion->version);
    cf_cbor_write_text(w, promotion->name);
    cf_cbor_write_int(w, promotion->priority);
    cf_cbor_write_uint(w, promotion->kind);
    cf_cbor_write_int(w, promotion->amount_minor);
    cf_cbor_write_uint(w, promotion->percent_bp);
    cf_cbor_write_array(w, promotion->goods.n_products);
    for (size_t i = 0; i < promotion->goods.n_products; i++)
        cf_cbor_write_uint(w, promotion->goods.products[i]);
    cf_cbor_write_array(w, promotion->goods.n_categories);
    for (size_t i = 0; i < promotion->goods.n_categories; i++)
        cf_cbor_write_uint(w, promotion->goods.categories[i]);
    cf_cbor_write_int(w, promotion->min_spend_minor);
    cf_cbor_write_int(w, promotion->min_qty_milli);
    cf_cbor_write_int(w, promotion->from.us);
    cf_cbor_write_int(w, promotion->to.us);
    cf_cbor_write_bool(w, promotion->needs_coupon);
    cf_cbor_write_bool(w, promotion->exclusive);
    cf_cbor_write_int(w, promotion->max_discount_minor);
    if (!plain)
        write_more(promotion, w);
}

static int32_t read_i32(struct cf_cbor_reader *r)
{
    int64_t v;
    if (!cf_cbor_read_int(r, &v))
        return 0;
    if (v < INT32_MIN || v > INT32_MAX) {
        cf_cbor_read_refuse(r);
        return 0;
    }
    return (int32_t)v;
}

static void read_goods(struct cf_cbor_reader *r, struct cf_goods *goods)
{
    if (cf_cbor_read_array(r, &goods->n_products, CF_GOODS_PRODUCTS_MAX))
        for (size_t i = 0; i < goods->n_products; i++)
            (void)cf_cbor_read_uint(r, &goods->products[i], UINT64_MAX);
    if (cf_cbor_read_array(r, &goods->n_categories, CF_GOODS_CATEGORIES_MAX))
        for (size_t i = 0; i < goods->n_categories; i++)
            goods->categories[i] = cf_cbor_read_u32(r);
}

static void read_few(struct cf_cbor_reader *r, struct cf_goods_few *few)
{
    size_t n_products = 0, n_categories = 0;
    if (cf_cbor_read_array(r, &n_products, CF_FEW_PRODUCTS_MAX))
        for (size_t i = 0; i < n_products; i++)
            (void)cf_cbor_read_uint(r, &few->products[i], UINT64_MAX);
    if (cf_cbor_read_array(r, &n_categories, CF_FEW_CATEGORIES_MAX))
        for (size_t i = 0; i < n_categories; i++)
            few->categories[i] = cf_cbor_read_u32(r);
    few->n_products = (uint8_t)n_products;
    few->n_categories = (uint8_t)n_categories;
}

static uint16_t read_minutes(struct cf_cbor_reader *r)
{
    uint64_t v = 0;
    return cf_cbor_read_uint(r, &v, MINUTES_A_DAY) ? (uint16_t)v : 0;
}

/* The length of a flat list of items of `width` numbers each. */
static size_t read_items(struct cf_cbor_reader *r, size_t width, size_t max)
{
    size_t n = 0;
    if (cf_cbor_read_array(r, &n, width * max) && n % width != 0)
        cf_cbor_read_refuse(r);
    return r->rc == CF_OK ? n / width : 0;
}

static void read_list(struct cf_cbor_reader *r, enum list_key key, struct cf_promotion *p)
{
    switch (key) {
    case LIST_EXCEPT:
    case LIST_BUY:
        (void)cf_cbor_read_array_of(r, 2);
        read_few(r, key == LIST_BUY ? &p->buy : &p->except);
        break;
    case LIST_SLOTS:
        p->n_slots = read_items(r, 3, CF_SLOTS_MAX);
        for (size_t i = 0; i < p->n_slots; i++) {
            p->slots[i].qty = cf_cbor_read_u32(r);
            read_few(r, &p->slots[i].goods);
        }
        break;
    case LIST_TIERS:
        p->n_tiers = read_items(r, 2, CF_TIERS_MAX);
        for (size_t i = 0; i < p->n_tiers; i++) {
            (void)cf_cbor_read_int(r, &p->tiers[i].from);
            (void)cf_cbor_read_int(r, &p->tiers[i].value);
        }
        break;
    case LIST_HOURS:
        p->n_hours = read_items(r, 2, CF_HOURS_MAX);
        for (size_t i = 0; i < p->n_hours; i++) {
            p->hours[i].from_min = read_minutes(r);
            p->hours[i].to_min = read_minutes(r);
        }
        break;
    case LIST_SEGMENTS:
        p->n_segments = read_items(r, 1, CF_PROMOTION_SEGMENTS_MAX);
        for (size_t i = 0; i < p->n_segments; i++)
            p->segments[i] = cf_cbor_read_u32(r);
        break;
    case LIST_STORES:
        p->n_stores = read_items(r, 1, CF_PROMOTION_STORES_MAX);
        for (size_t i = 0; i < p->n_stores; i++)
            p->stores[i] = cf_cbor_read_u32(r);
        break;
    case LISTS_END:
        break;
    }
    if (!has_list(p, key))
        cf_cbor_read_refuse(r);
}

static const struct cf_promotion_field *field_of_key(uint64_t key)
{
    for (size_t i = 0; i < cf_promotion_n_fields; i++)
        if (cf_promotion_fields[i].key == key)
            return &cf_promotion_fields[i];
    return NULL;
}

static void read_name(struct cf_cbor_reader *r, char name[CF_GOODS_NAME_MAX + 1])
{
    (void)cf_cbor_read_cstr(r, name, CF_GOODS_NAME_MAX + 1);
    if (name[0] == '\0')
        cf_cbor_read_refuse(r);
}

static void read_more(struct cf_cbor_reader *r, struct cf_promotion *p)
{
    size_t n = read_items(r, 2, PAIRS_MAX);
    uint64_t key, before = 0;
    if (n == 0)
        cf_cbor_read_refuse(r);
    for (size_t i = 0; i < n && cf_cbor_read_uint(r, &key, UINT8_MAX); i++) {
        const struct cf_promotion_field *field = field_of_key(key);
        int64_t value;
        bool is_name = key == NAME_GOODS || key == NAME_BUY;
        if (key <= before || (key >= LISTS_END && field == NULL && !is_name)) {
            cf_cbor_read_refuse(r);
        } else if (is_name) {
            read_name(r, key == NAME_GOODS ? p->goods_name : p->buy_name);
        } else if (key < LISTS_END) {
            read_list(r, (enum list_key)key, p);
        } else if (cf_cbor_read_int(r, &value)) {
            if (value < 1 || value > field->max)
                cf_cbor_read_refuse(r);
            else
                cf_promotion_set(p, field, value);
        }
        before = key;
    }
}

bool cf_promotion_decode(struct cf_cbor_reader *r, struct cf_promotion *ret)
{
    struct cf_promotion p;
    memset(&p, 0, sizeof p);
    uint64_t kind;
    size_t n_fields = 0;
    if (cf_cbor_read_array(r, &n_fields, PLAIN_FIELDS + 1) && n_fields < PLAIN_FIELDS)
        cf_cbor_read_refuse(r);
    p.campaign = cf_cbor_read_u32(r);
    p.version = cf_cbor_read_u32(r);
    (void)cf_cbor_read_cstr(r, p.name, sizeof p.name);
    p.priority = read_i32(r);
    (void)cf_cbor_read_uint(r, &kind, UINT8_MAX);
    p.kind = (enum cf_reward_kind)kind;
    (void)cf_cbor_read_int(r, &p.amount_minor);
    p.percent_bp = cf_cbor_read_u32(r);
    read_goods(r, &p.goods);
    (void)cf_cbor_read_int(r, &p.min_spend_minor);
    (void)cf_cbor_read_int(r, &p.min_qty_milli);
    (void)cf_cbor_read_int(r, &p.from.us);
    (void)cf_cbor_read_int(r, &p.to.us);
    (void)cf_cbor_read_bool(r, &p.needs_coupon);
    (void)cf_cbor_read_bool(r, &p.exclusive);
    (void)cf_cbor_read_int(r, &p.max_discount_minor);
    if (n_fields > PLAIN_FIELDS)
        read_more(r, &p);
    if (r->rc != CF_OK)
        return false;
    *ret = p;
    return true;
}
