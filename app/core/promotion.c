/*
 * app/core/promotion.c - which goods a promotion covers; its checks and its CBOR.
 *
 *   [campaign, version, name, priority, kind, amount_minor, percent_bp, [products], [categories], min_spend_minor,
 *    min_qty_milli, from_us, to_us, needs_coupon, exclusive, max_discount_minor]
 *
 * What it takes off is pricing.c's and reward_*.c's. Pure; thread-safe.
 */
#include "app/core/promotion.h"

#include <string.h>

#include "app/core/reward.h"
#include "base/text.h"

#define PROMOTION_FIELDS 16

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

static enum cf_rc check_range(const char *field, int64_t value, int64_t max, struct cf_error *err)
{
    if (value < 0 || value > max)
        return cf_fail(err, CF_E_RANGE, "%s %lld is not in 0..%lld", field, (long long)value, (long long)max);
    return CF_OK;
}

static enum cf_rc check_name(const char name[CF_NAME_MAX + 1], struct cf_error *err)
{
    char copy[CF_NAME_MAX + 1];
    size_t n = strnlen(name, CF_NAME_MAX + 1);
    if (n > CF_NAME_MAX)
        return cf_fail(err, CF_E_RANGE, "name is longer than %d bytes", CF_NAME_MAX);
    if (cf_text_accept(cf_bytes_of(name, n), copy, sizeof copy, NULL) != CF_OK)
        return cf_fail(err, CF_E_RANGE, "name is not UTF-8 without control characters");
    return CF_OK;
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
        rc = check_name(promotion->name, err);
    if (rc == CF_OK && (promotion->from.us != 0 || promotion->to.us != 0) && promotion->from.us >= promotion->to.us)
        rc = cf_fail(err, CF_E_RANGE, "from is not before to");
    return rc;
}

void cf_promotion_encode(const struct cf_promotion *promotion, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, PROMOTION_FIELDS);
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

bool cf_promotion_decode(struct cf_cbor_reader *r, struct cf_promotion *ret)
{
    struct cf_promotion p;
    memset(&p, 0, sizeof p);
    uint64_t kind;
    (void)cf_cbor_read_array_of(r, PROMOTION_FIELDS);
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
    if (!cf_cbor_read_int(r, &p.max_discount_minor))
        return false;
    *ret = p;
    return true;
}
