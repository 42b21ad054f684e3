/*
 * app/terminal/open_sale.h - the open sale in memory: steps in, figures out.
 *
 * Applying the same steps gives the same sale, whether they come from the counter or from the journal after a kill.
 * Holds no database and asks nobody. Not thread-safe.
 */
#ifndef CF_TERMINAL_OPEN_SALE_H
#define CF_TERMINAL_OPEN_SALE_H

#include "app/core/pricing.h"
#include "app/core/tender.h"
#include "app/terminal/checkout.h"
#include "app/terminal/step.h"
#include "app/terminal/till.h"

struct cf_open_sale {
    enum cf_checkout_state state;
    struct cf_cart *cart;
    struct cf_priced *priced;
    bool has_member;
    struct cf_step_member member;
    size_t n_coupons;
    struct cf_step_coupon coupons[CF_SALE_COUPONS_MAX];
    struct cf_till_coupon shown[CF_SALE_COUPONS_MAX];
    bool has_asked; /* there are ASK steps */
    bool asking;    /* the centre was asked and its answer is not a step yet */
    struct cf_void_request asked;
    struct cf_tenders tenders;
    cf_wall priced_at; /* the price stands still from the first tender on */
    size_t n_offers;
    struct cf_offer offers[CF_OFFERS_MAX]; /* of the last pricing */
};

/* What prices depend on besides the sale itself. */
struct cf_offer_source {
    const struct cf_campaign *const *campaigns; /* all that the till knows */
    size_t n_campaigns;
    uint32_t store;
    enum cf_tax_mode tax_mode;
};

enum cf_rc cf_open_sale_init(struct cf_open_sale *sale, cf_currency currency, struct cf_error *err) CF_MUST_CHECK;
void cf_open_sale_done(struct cf_open_sale *sale);
void cf_open_sale_clear(struct cf_open_sale *sale);

/* Applies one step and prices anew at `now` (a tender keeps its own instant). On an error the sale is unchanged, but
 * for CF_E_OVERFLOW from pricing, after which the caller replays the journal. */
enum cf_rc cf_open_sale_apply(struct cf_open_sale *sale, const struct cf_step *step,
                              const struct cf_offer_source *source, cf_wall now, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_open_sale_price(struct cf_open_sale *sale, const struct cf_offer_source *source, cf_wall now,
                              struct cf_error *err) CF_MUST_CHECK;
/* 0 if there is none. */
uint32_t cf_open_sale_last_line(const struct cf_open_sale *sale);

const struct cf_campaign *cf_offer_source_find(const struct cf_offer_source *source, uint32_t campaign);

#endif
