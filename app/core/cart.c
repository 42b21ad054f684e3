/*
 * app/core/cart.c - the lines of the open sale, and the settled order along which odd cents are shared.
 *
 * Knows nothing of discounts, tax or tender. No I/O, no clock, no allocation after cf_cart_new. Not thread-safe.
 */
#include "app/core/cart.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct cf_cart {
    cf_currency currency;
    size_t n;
    size_t n_live;
    int64_t gross_minor; /* of live lines */
    size_t n_discounts;
    bool quote_yields;
    struct cf_hand_discount discounts[CF_HAND_DISCOUNTS_MAX];
    uint16_t settled[CF_CART_LINES_MAX];
    struct cf_cart_line lines[CF_CART_LINES_MAX];
};
static_assert(CF_CART_LINES_MAX <= UINT16_MAX, "a position fits a settled entry");

enum cf_rc cf_cart_new(cf_currency currency, struct cf_cart **ret, struct cf_error *err)
{
    struct cf_cart *cart = calloc(1, sizeof *cart);
    if (cart == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a cart");
    cart->currency = currency;
    *ret = cart;
    return CF_OK;
}

void cf_cart_free(struct cf_cart *cart)
{
    free(cart);
}

void cf_cart_clear(struct cf_cart *cart)
{
    cart->n = 0;
    cart->n_live = 0;
    cart->gross_minor = 0;
    cart->n_discounts = 0;
    cart->quote_yields = false;
}

void cf_cart_quote_yield(struct cf_cart *cart, bool yields)
{
    cart->quote_yields = yields;
}

bool cf_cart_quote_yields(const struct cf_cart *cart)
{
    return cart->quote_yields;
}

cf_currency cf_cart_currency(const struct cf_cart *cart)
{
    return cart->currency;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static uint64_t flags_of(const struct cf_cart_line *line)
{
    return (uint64_t)line->reduced | (uint64_t)line->delivery << 1 | (uint64_t)line->has_member_price << 2 |
           (uint64_t)cf_price_is_agreed(line->extra.origin) << 3;
}

/* Names, line numbers and "weighed" take no part: none of them moves money, and a sale record carries none of them. */
static int compare_lines(const struct cf_cart_line *a, const struct cf_cart_line *b)
{
    int c = compare_u64(a->product, b->product);
    if (c == 0)
        c = compare_i64(a->unit_price_minor, b->unit_price_minor);
    if (c == 0)
        c = compare_i64(a->qty_milli, b->qty_milli);
    if (c == 0)
        c = compare_u64(a->tax_bp, b->tax_bp);
    if (c == 0)
        c = compare_u64(a->n_categories, b->n_categories);
    for (size_t i = 0; c == 0 && i < a->n_categories; i++)
        c = compare_u64(a->categories[i], b->categories[i]);
    if (c == 0)
        c = compare_i64(a->floor_minor, b->floor_minor);
    if (c == 0)
        c = compare_i64(a->member_price_minor, b->member_price_minor);
    if (c == 0)
        c = compare_u64(flags_of(a), flags_of(b));
    return c;
}

static int compare_positions(const struct cf_cart *cart, size_t a, size_t b)
{
    int c = compare_lines(&cart->lines[a], &cart->lines[b]);
    return c != 0 ? c : compare_u64(a, b);
}

/* The first entry that is not below `position`. */
static size_t settled_find(const struct cf_cart *cart, size_t position)
{
    size_t low = 0, high = cart->n_live;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_positions(cart, cart->settled[middle], position) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void settled_insert(struct cf_cart *cart, size_t position)
{
    size_t at = settled_find(cart, position);
    assert(cart->n_live < CF_CART_LINES_MAX);
    memmove(&cart->settled[at + 1], &cart->settled[at], (cart->n_live - at) * sizeof cart->settled[0]);
    cart->settled[at] = (uint16_t)position;
    cart->n_live++;
}

static void settled_remove(struct cf_cart *cart, size_t position)
{
    size_t at = settled_find(cart, position);
    assert(at < cart->n_live && cart->settled[at] == position);
    cart->n_live--;
    memmove(&cart->settled[at], &cart->settled[at + 1], (cart->n_live - at) * sizeof cart->settled[0]);
}

enum cf_rc cf_line_gross(const struct cf_cart_line *line, int64_t *ret_minor, struct cf_error *err)
{
    return cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, ret_minor, err);
}

/* A quotation takes off no more than a line costs. */
static enum cf_rc check_quoted(const struct cf_cart_line *line, struct cf_error *err)
{
    int64_t gross = 0;
    if (line->quoted_off_minor == 0)
        return CF_OK;
    enum cf_rc rc = cf_line_gross(line, &gross, err);
    if (rc == CF_OK &&
        (line->extra.origin != CF_PRICE_QUOTE || line->quoted_off_minor < 0 || line->quoted_off_minor > gross))
        rc = cf_fail(err, CF_E_PRICE, "a quotation takes %lld off %lld", (long long)line->quoted_off_minor,
                     (long long)gross);
    return rc;
}

static enum cf_rc check_line(const struct cf_cart_line *line, struct cf_error *err)
{
    if (line->qty_milli < 1 || line->qty_milli > CF_QTY_MILLI_MAX)
        return cf_fail(err, CF_E_QUANTITY, "quantity %lld thousandths is not in 1..%lld", (long long)line->qty_milli,
                       (long long)CF_QTY_MILLI_MAX);
    if (!line->weighed && line->qty_milli % 1000 != 0)
        return cf_fail(err, CF_E_QUANTITY, "%lld thousandths of goods that are not weighed",
                       (long long)line->qty_milli);
    if (line->unit_price_minor < 0 || line->unit_price_minor > CF_PRICE_MINOR_MAX)
        return cf_fail(err, CF_E_PRICE, "price %lld is not in 0..%lld", (long long)line->unit_price_minor,
                       (long long)CF_PRICE_MINOR_MAX);
    if (line->member_price_minor < 0 || line->member_price_minor > CF_PRICE_MINOR_MAX ||
        (!line->has_member_price && line->member_price_minor != 0))
        return cf_fail(err, CF_E_PRICE, "member price %lld is not in 0..%lld, or is none",
                       (long long)line->member_price_minor, (long long)CF_PRICE_MINOR_MAX);
    if (line->floor_minor < 0 || line->floor_minor > CF_PRICE_MINOR_MAX)
        return cf_fail(err, CF_E_PRICE, "floor price %lld is not in 0..%lld", (long long)line->floor_minor,
                       (long long)CF_PRICE_MINOR_MAX);
    if (line->tax_bp > CF_TAX_BP_MAX)
        return cf_fail(err, CF_E_RANGE, "tax rate %lu is above %d", (unsigned long)line->tax_bp, CF_TAX_BP_MAX);
    if (line->n_categories > CF_LINE_CATEGORIES_MAX)
        return cf_fail(err, CF_E_RANGE, "%zu categories, at most %d", line->n_categories, CF_LINE_CATEGORIES_MAX);
    return check_quoted(line, err);
}

/* The cart's gross total with one live line of `old_minor` replaced by `line`. */
static enum cf_rc gross_with(const struct cf_cart *cart, int64_t old_minor, const struct cf_cart_line *line,
                             int64_t *ret_minor, struct cf_error *err)
{
    int64_t gross, total;
    enum cf_rc rc = cf_line_gross(line, &gross, err);
    if (rc != CF_OK)
        return rc;
    assert(cart->gross_minor >= old_minor);
    rc = cf_add_i64(cart->gross_minor - old_minor, gross, &total, err);
    if (rc == CF_OK)
        *ret_minor = total;
    return rc;
}

enum cf_rc cf_cart_add(struct cf_cart *cart, const struct cf_cart_line *line, uint32_t *ret_line_no,
                       struct cf_error *err)
{
    int64_t total;
    enum cf_rc rc = check_line(line, err);
    if (rc != CF_OK)
        return rc;
    if (cart->n == CF_CART_LINES_MAX)
        return cf_fail(err, CF_E_LIMIT, "a sale has at most %d lines", CF_CART_LINES_MAX);
    rc = gross_with(cart, 0, line, &total, err);
    if (rc != CF_OK)
        return rc;

    size_t position = cart->n++;
    struct cf_cart_line *added = &cart->lines[position];
    *added = *line;
    added->name[CF_NAME_MAX] = '\0';
    added->line_no = (uint32_t)position + 1;
    added->voided = false;
    cart->gross_minor = total;
    settled_insert(cart, position);
    *ret_line_no = added->line_no;
    return CF_OK;
}

static enum cf_rc find_live(const struct cf_cart *cart, uint32_t line_no, size_t *ret_position, struct cf_error *err)
{
    if (line_no == 0 || line_no > cart->n)
        return cf_fail(err, CF_E_LINE_NONE, "line %lu of %zu", (unsigned long)line_no, cart->n);
    if (cart->lines[line_no - 1].voided)
        return cf_fail(err, CF_E_LINE_VOID, "line %lu", (unsigned long)line_no);
    *ret_position = line_no - 1;
    return CF_OK;
}

/* Puts `changed` in place of the live line at `position`, or nothing. */
static enum cf_rc replace_line(struct cf_cart *cart, size_t position, const struct cf_cart_line *changed,
                               struct cf_error *err)
{
    int64_t old_minor, total;
    enum cf_rc rc = check_line(changed, err);
    if (rc == CF_OK)
        rc = cf_line_gross(&cart->lines[position], &old_minor, err);
    if (rc == CF_OK)
        rc = gross_with(cart, old_minor, changed, &total, err);
    if (rc != CF_OK)
        return rc;
    settled_remove(cart, position);
    cart->lines[position] = *changed;
    settled_insert(cart, position);
    cart->gross_minor = total;
    return CF_OK;
}

enum cf_rc cf_cart_set_quantity(struct cf_cart *cart, uint32_t line_no, int64_t qty_milli, struct cf_error *err)
{
    size_t position = 0;
    enum cf_rc rc = find_live(cart, line_no, &position, err);
    if (rc != CF_OK)
        return rc;
    struct cf_cart_line changed = cart->lines[position];
    changed.qty_milli = qty_milli;
    return replace_line(cart, position, &changed, err);
}

enum cf_rc cf_cart_set_price(struct cf_cart *cart, uint32_t line_no, int64_t unit_price_minor, struct cf_error *err)
{
    size_t position = 0;
    enum cf_rc rc = find_live(cart, line_no, &position, err);
    if (rc != CF_OK)
        return rc;
    struct cf_cart_line changed = cart->lines[position];
    changed.unit_price_minor = unit_price_minor;
    return replace_line(cart, position, &changed, err);
}

enum cf_rc cf_cart_reprice(struct cf_cart *cart, uint32_t line_no, int64_t unit_price_minor,
                           enum cf_price_origin origin, uint32_t list, bool reduced, struct cf_error *err)
{
    size_t position = 0;
    enum cf_rc rc = find_live(cart, line_no, &position, err);
    if (rc != CF_OK)
        return rc;
    struct cf_cart_line changed = cart->lines[position];
    if (origin != CF_PRICE_OVERRIDE)
        changed.shelf_minor = 0;
    else if (changed.shelf_minor == 0)
        changed.shelf_minor = changed.unit_price_minor;
    changed.unit_price_minor = unit_price_minor;
    changed.extra.origin = origin;
    changed.extra.list = list;
    changed.reduced = reduced;
    return replace_line(cart, position, &changed, err);
}

enum cf_rc cf_cart_void(struct cf_cart *cart, uint32_t line_no, struct cf_error *err)
{
    size_t position = 0;
    int64_t gross;
    enum cf_rc rc = find_live(cart, line_no, &position, err);
    if (rc == CF_OK)
        rc = cf_line_gross(&cart->lines[position], &gross, err);
    if (rc != CF_OK)
        return rc;
    settled_remove(cart, position);
    cart->lines[position].voided = true;
    cart->gross_minor -= gross;
    return CF_OK;
}

enum cf_rc cf_cart_discount(struct cf_cart *cart, const struct cf_hand_discount *discount, struct cf_error *err)
{
    size_t position = 0;
    enum cf_rc rc = cf_hand_discount_check(discount, err);
    if (rc == CF_OK && discount->line_no != 0)
        rc = find_live(cart, discount->line_no, &position, err);
    if (rc == CF_OK && cart->n_discounts == CF_HAND_DISCOUNTS_MAX)
        rc = cf_fail(err, CF_E_LIMIT, "a sale takes at most %d discounts by hand", CF_HAND_DISCOUNTS_MAX);
    if (rc == CF_OK)
        cart->discounts[cart->n_discounts++] = *discount;
    return rc;
}

enum cf_rc cf_cart_undiscount(struct cf_cart *cart, uint32_t line_no, struct cf_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < cart->n_discounts; i++)
        if (cart->discounts[i].line_no != line_no)
            cart->discounts[kept++] = cart->discounts[i];
    if (kept == cart->n_discounts)
        return cf_fail(err, CF_E_NOT_FOUND, "there is no discount by hand on it");
    cart->n_discounts = kept;
    return CF_OK;
}

void cf_cart_drop_discount(struct cf_cart *cart)
{
    assert(cart->n_discounts > 0);
    cart->n_discounts--;
}

size_t cf_cart_discounts(const struct cf_cart *cart, const struct cf_hand_discount **ret)
{
    *ret = cart->discounts;
    return cart->n_discounts;
}

size_t cf_cart_count(const struct cf_cart *cart)
{
    return cart->n;
}

size_t cf_cart_live_count(const struct cf_cart *cart)
{
    return cart->n_live;
}

const struct cf_cart_line *cf_cart_at(const struct cf_cart *cart, size_t position)
{
    assert(position < cart->n);
    return &cart->lines[position];
}

size_t cf_cart_settled(const struct cf_cart *cart, size_t k)
{
    assert(k < cart->n_live);
    return cart->settled[k];
}
