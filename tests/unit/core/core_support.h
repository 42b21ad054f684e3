/*
 * tests/unit/core/core_support.h - carts, promotions and sales for the tests of app/core, by hand and by chance.
 *
 * Chance is a seeded generator of our own, so that a failing seed fails everywhere.
 */
#ifndef CF_TESTS_CORE_SUPPORT_H
#define CF_TESTS_CORE_SUPPORT_H

#include "app/core/sale.h"

/* splitmix64 */
struct chance {
    uint64_t state;
};
uint64_t chance_next(struct chance *chance);
uint64_t chance_below(struct chance *chance, uint64_t n); /* 0..n-1 */
bool chance_of(struct chance *chance, unsigned percent);

extern const cf_currency core_cny;
extern const cf_wall core_now;

/* Product p is in categories p % 4 and 10 + p % 3, as in_categories says to cf_sale_rejudge. */
bool core_categories(void *ctx, uint64_t product, uint32_t *ret, size_t max, size_t *ret_n);
struct cf_cart_line core_line(uint64_t product, int64_t qty_milli, int64_t unit_price_minor, uint32_t tax_bp);
struct cf_cart_line core_line_by_chance(struct chance *chance);
struct cf_promotion core_promotion(uint32_t campaign, enum cf_reward_kind kind, int64_t amount_or_bp);
struct cf_promotion core_promotion_by_chance(struct chance *chance, uint32_t campaign);

/* Of any kind, with conditions, limits, combination and house rules by chance; it passes its check. */
struct cf_promotion core_any_promotion_by_chance(struct chance *chance, uint32_t campaign);
/* With a floor price, a member price, a mark for reduced prices or for delivery by chance. */
struct cf_cart_line core_any_line_by_chance(struct chance *chance);
/* A member on a Sunday morning, with what the promotions above may ask for. */
struct cf_price_facts core_facts(void);

struct cf_cart *core_cart(const struct cf_cart_line *lines, size_t n);
/* Aborts the test on an error. */
void core_price(const struct cf_cart *cart, const struct cf_offer *offers, size_t n_offers, enum cf_tax_mode mode,
                struct cf_priced *ret);
/* A sale of this cart as a till would record it, paid in cash and by card, every coupon as a redemption. */
void core_sale(const struct cf_cart *cart, const struct cf_offer *offers, const struct cf_priced *priced,
               enum cf_tax_mode mode, struct cf_sale *ret);
/* Parts sum to wholes, nothing is below zero. Fails the test where not. */
void core_assert_consistent(const struct cf_cart *cart, const struct cf_priced *priced, enum cf_tax_mode mode);

#endif
