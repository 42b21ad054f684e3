/*
 * app/core/cart.h - the open sale: its lines, in scan order.
 *
 * A cart is what the shopper is buying, without tax, discount or tender; pricing.h derives those from it. Beside the
 * lines it holds which discounts were given by hand, for pricing.h to reckon with.
 * It does no I/O and reads no clock, so that replaying the journal rebuilds it exactly. Not thread-safe.
 */
#ifndef CF_CORE_CART_H
#define CF_CORE_CART_H

#include "app/core/hand_discount.h"
#include "app/core/line_extra.h"
#include "base/money.h"

#define CF_CART_LINES_MAX 2000
#define CF_LINE_CATEGORIES_MAX 8
#define CF_NAME_MAX 96                     /* bytes of UTF-8 */
#define CF_QTY_MILLI_MAX INT64_C(99999000) /* 99,999 units or kilograms */
#define CF_PRICE_MINOR_MAX INT64_C(1000000000000)
#define CF_SALE_MINOR_MAX INT64_C(10000000000000) /* a till sells no more at once: sums over days of it fit */
#define CF_TAX_BP_MAX 100000                      /* 1,000 % */

struct cf_cart_line {
    uint32_t line_no; /* 1, 2, ... in scan order; set by the cart */
    uint64_t product; /* product id of the catalogue */
    char name[CF_NAME_MAX + 1];
    int64_t qty_milli;        /* thousandths: 2000 is two pieces, 345 is 0.345 kg */
    int64_t unit_price_minor; /* for 1.000 of it; with or without tax as the store has it */
    uint32_t tax_bp;          /* 1300 is 13 %; at most CF_TAX_BP_MAX */
    bool weighed;
    bool voided;
    bool reduced;          /* unit_price_minor is below the usual price already: some promotions leave it alone */
    bool delivery;         /* a delivery charge: promotions reach it only if they say so */
    bool has_member_price; /* member_price_minor, for 1.000, is what a MEMBER_PRICE promotion asks */
    int64_t member_price_minor;
    int64_t floor_minor;      /* no discount brings 1.000 of it below this; 0: none */
    int64_t shelf_minor;      /* what 1.000 cost before a cashier changed it; 0: nobody did. Set by the cart */
    int64_t quoted_off_minor; /* of CF_PRICE_QUOTE: what the quotation takes off the whole line; else 0 */
    size_t n_categories;
    uint32_t categories[CF_LINE_CATEGORIES_MAX];
    struct cf_line_extra extra; /* moves no money */
};

struct cf_cart;

/* Free with cf_cart_free. */
enum cf_rc cf_cart_new(cf_currency currency, struct cf_cart **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_cart_free(struct cf_cart *cart);
void cf_cart_clear(struct cf_cart *cart);
cf_currency cf_cart_currency(const struct cf_cart *cart);

/*
 * Appends a copy of `line` and numbers it; line->line_no and ->voided are not read.
 *
 *   CF_E_QUANTITY  qty_milli is not in 1..CF_QTY_MILLI_MAX, or not whole for goods that are not weighed
 *   CF_E_PRICE     unit_price_minor, member_price_minor or floor_minor is not in 0..CF_PRICE_MINOR_MAX
 *   CF_E_RANGE     tax_bp or n_categories is beyond its maximum
 *   CF_E_LIMIT     the cart has CF_CART_LINES_MAX lines
 *   CF_E_OVERFLOW  the gross total would not fit
 *
 * On an error the cart is unchanged and *ret_line_no is not written.
 */
enum cf_rc cf_cart_add(struct cf_cart *cart, const struct cf_cart_line *line, uint32_t *ret_line_no,
                       struct cf_error *err) CF_MUST_CHECK;
/* CF_E_LINE_NONE, CF_E_LINE_VOID, CF_E_QUANTITY, CF_E_PRICE, CF_E_OVERFLOW; on an error the cart is unchanged. */
enum cf_rc cf_cart_set_quantity(struct cf_cart *cart, uint32_t line_no, int64_t qty_milli,
                                struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_cart_set_price(struct cf_cart *cart, uint32_t line_no, int64_t unit_price_minor,
                             struct cf_error *err) CF_MUST_CHECK;
/* As set_price, for a price that comes from elsewhere: `reduced` is whether it is below the usual one already. */
enum cf_rc cf_cart_reprice(struct cf_cart *cart, uint32_t line_no, int64_t unit_price_minor,
                           enum cf_price_origin origin, uint32_t list, bool reduced,
                           struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_cart_void(struct cf_cart *cart, uint32_t line_no, struct cf_error *err) CF_MUST_CHECK;

/* Appends a copy. CF_E_LIMIT beyond CF_HAND_DISCOUNTS_MAX; CF_E_LINE_NONE, CF_E_LINE_VOID; of cf_hand_discount_check.
 */
enum cf_rc cf_cart_discount(struct cf_cart *cart, const struct cf_hand_discount *discount,
                            struct cf_error *err) CF_MUST_CHECK;
/* Takes off those on that line, or on the whole sale (0). CF_E_NOT_FOUND if there are none. */
enum cf_rc cf_cart_undiscount(struct cf_cart *cart, uint32_t line_no, struct cf_error *err) CF_MUST_CHECK;
/*
 * Goods of a quotation (CF_PRICE_QUOTE) stand at what was quoted for them, which promotions do not see. Where it
 * yields, they are goods like others at the unit prices that were quoted, for promotions alone. Not yielding after
 * _clear.
 */
void cf_cart_quote_yield(struct cf_cart *cart, bool yields);
bool cf_cart_quote_yields(const struct cf_cart *cart);
/* Takes off the last one; there is one. */
void cf_cart_drop_discount(struct cf_cart *cart);
size_t cf_cart_discounts(const struct cf_cart *cart, const struct cf_hand_discount **ret);

size_t cf_cart_count(const struct cf_cart *cart);      /* voided lines included */
size_t cf_cart_live_count(const struct cf_cart *cart); /* without them */
/* position < count; owned by the cart, valid until it changes. */
const struct cf_cart_line *cf_cart_at(const struct cf_cart *cart, size_t position);

/*
 * The position of the k-th live line (k < live count) in the cart's settled order: by product, then price, quantity,
 * tax, categories, and what promotions may do with it. It depends on what was scanned and not on when, so whoever
 * shares odd cents along it gives the same totals whatever the order of scanning.
 */
size_t cf_cart_settled(const struct cf_cart *cart, size_t k);

/* unit price * quantity, rounded once (cf_muldiv_round). */
enum cf_rc cf_line_gross(const struct cf_cart_line *line, int64_t *ret_minor, struct cf_error *err) CF_MUST_CHECK;

#endif
