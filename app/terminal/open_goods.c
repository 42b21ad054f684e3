/*
 * app/terminal/open_goods.c - see open_goods.h.
 */
#include "app/terminal/open_goods.h"

#include <assert.h>
#include <string.h>

/* NULL: no such line, or it is void. */
static const struct cf_cart_line *live(const struct cf_cart *cart, uint32_t line_no)
{
    if (line_no == 0 || line_no > cf_cart_count(cart))
        return NULL;
    const struct cf_cart_line *line = cf_cart_at(cart, line_no - 1);
    return line->voided ? NULL : line;
}

/* The deposit of a line; 0: it has none. It stands right behind its goods. */
static uint32_t deposit_of(const struct cf_cart *cart, uint32_t line_no)
{
    const struct cf_cart_line *next = live(cart, line_no + 1);
    return next != NULL && next->extra.deposit_of == line_no ? next->line_no : 0;
}

static enum cf_rc add(struct cf_cart *cart, const struct cf_step *step, struct cf_error *err)
{
    const struct cf_cart_line *line = &step->line;
    uint32_t line_no = 0, deposit_no = 0;
    for (size_t i = 0; line->extra.serial[0] != '\0' && i < cf_cart_count(cart); i++) {
        const struct cf_cart_line *other = cf_cart_at(cart, i);
        if (!other->voided && other->product == line->product && strcmp(other->extra.serial, line->extra.serial) == 0)
            return cf_fail(err, CF_E_GOODS_SERIAL_TWICE, "%s is line %lu", line->extra.serial,
                           (unsigned long)other->line_no);
    }
    if (step->has_deposit && cf_cart_count(cart) + 2 > CF_CART_LINES_MAX)
        return cf_fail(err, CF_E_LIMIT, "a sale has at most %d lines", CF_CART_LINES_MAX);
    enum cf_rc rc = cf_cart_add(cart, line, &line_no, err);
    if (rc != CF_OK || !step->has_deposit)
        return rc;
    struct cf_cart_line deposit = step->deposit;
    deposit.extra.deposit_of = line_no;
    if (line->extra.origin == CF_PRICE_QUOTE) { /* where it stands behind its goods too */
        deposit.extra.origin = CF_PRICE_QUOTE;
        deposit.extra.list = line->extra.list + 1;
    }
    rc = cf_cart_add(cart, &deposit, &deposit_no, err);
    /* Whatever is wrong with it, the caller builds the sale again. */
    return rc == CF_OK ? CF_OK : cf_fail(err, CF_E_OVERFLOW, "the deposit of line %lu", (unsigned long)line_no);
}

static enum cf_rc set_quantity(struct cf_cart *cart, uint32_t line_no, int64_t qty_milli, struct cf_error *err)
{
    const struct cf_cart_line *line = live(cart, line_no);
    uint32_t deposit = deposit_of(cart, line_no);
    if (line != NULL && line->extra.serial[0] != '\0' && qty_milli != 1000)
        return cf_fail(err, CF_E_QUANTITY, "a serial number is one piece");
    if (line != NULL && line->product == CF_PRODUCT_GIFT_CARD)
        return cf_fail(err, CF_E_VALUE_CARD, "sell another card");
    enum cf_rc rc = cf_cart_set_quantity(cart, line_no, qty_milli, err);
    if (rc == CF_OK && deposit != 0 && cf_cart_set_quantity(cart, deposit, qty_milli, err) != CF_OK)
        rc = cf_fail(err, CF_E_OVERFLOW, "the deposit of line %lu", (unsigned long)line_no);
    return rc;
}

static enum cf_rc set_price(struct cf_cart *cart, const struct cf_step *step, struct cf_error *err)
{
    const struct cf_cart_line *line = live(cart, step->change.line_no);
    bool listed = step->change.origin == CF_PRICE_LIST;
    bool reduced = listed ? step->change.reduced : line != NULL && line->reduced;
    return cf_cart_reprice(cart, step->change.line_no, step->change.value, listed ? CF_PRICE_LIST : CF_PRICE_OVERRIDE,
                           listed ? step->change.list : 0, reduced, err);
}

void cf_open_goods_drop_order(struct cf_cart *cart)
{
    for (size_t i = 0; i < cf_cart_count(cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(cart, i);
        if (!line->voided && line->extra.origin == CF_PRICE_ORDER)
            (void)!cf_cart_void(cart, line->line_no, NULL); /* live, so it can be */
    }
}

enum cf_rc cf_open_goods_take(struct cf_cart *cart, const struct cf_step *step, struct cf_error *err)
{
    if (step->kind == CF_STEP_LINE)
        return add(cart, step, err);
    uint32_t line_no = step->change.line_no;
    const struct cf_cart_line *line = live(cart, line_no);
    if (line != NULL && line->extra.deposit_of != 0)
        return cf_fail(err, CF_E_GOODS_DEPOSIT, "line %lu is the deposit of line %lu", (unsigned long)line_no,
                       (unsigned long)line->extra.deposit_of);
    if (line != NULL && step->kind != CF_STEP_VOID && cf_price_is_agreed(line->extra.origin))
        return cf_fail(err, CF_E_PRICE_AGREED, "line %lu", (unsigned long)line_no);
    if (step->kind == CF_STEP_QUANTITY)
        return set_quantity(cart, line_no, step->change.value, err);
    if (step->kind == CF_STEP_PRICE)
        return set_price(cart, step, err);
    assert(step->kind == CF_STEP_VOID);
    uint32_t deposit = deposit_of(cart, line_no);
    enum cf_rc rc = cf_cart_void(cart, line_no, err);
    if (rc == CF_OK && deposit != 0)
        rc = cf_cart_void(cart, deposit, err); /* live, so it can be */
    return rc;
}
