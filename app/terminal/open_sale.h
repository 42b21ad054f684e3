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
#include "app/terminal/open_payment.h"
#include "app/terminal/step.h"
#include "app/terminal/till.h"

/* Why a held coupon, or an automatic promotion that is counted, is left out of the price: this place may not spend so
 * much on its own. */
struct cf_beyond {
    bool is;
    bool full;                       /* the record names no more rights */
    int64_t needs_minor, left_minor; /* INT64_MAX: not money is short, but rights are */
};
#define CF_UNIT_CAMPAIGNS_MAX 64 /* automatic promotions that a till counts at once; others do not apply */
#define CF_SALE_CHALLENGES_MAX CF_SALE_COUPONS_MAX
#define CF_OWED_VALUES_MAX (2 * CF_TENDERS_MAX)

struct cf_open_sale {
    enum cf_checkout_state state;
    struct cf_cart *cart;
    struct cf_priced *priced;
    bool has_member;
    struct cf_step_member member;
    size_t n_coupons;
    struct cf_step_coupon coupons[CF_SALE_COUPONS_MAX];
    struct cf_till_coupon shown[CF_SALE_COUPONS_MAX];
    struct cf_beyond beyond[CF_SALE_COUPONS_MAX]; /* of the last pricing */
    size_t n_left_out; /* automatic promotions that would have given something, had there been enough left here */
    struct cf_till_coupon left_out[CF_UNIT_CAMPAIGNS_MAX];
    bool has_asked; /* there are ASK steps */
    bool asking;    /* the centre was asked and its answer is not a step yet */
    struct cf_void_request asked;
    /* Requests for money of accounts under which the centre may hold something that is on no tender. */
    size_t n_owed;
    struct cf_owed_value {
        uint8_t key[CF_VALUE_KEY_BYTES];
        enum cf_tender_kind kind;
    } owed[CF_OWED_VALUES_MAX];
    bool has_order;              /* an order is paid here, or was until its lines were void */
    struct cf_order_claim order; /* as it was said yes to */
    /* Goods that come back for it. What they are worth pays first, as a tender, from the first payment on. */
    struct cf_open_exchange {
        bool is;
        uint8_t key[CF_REQUEST_KEY_BYTES];
        bool asked;
        int64_t amount_minor;
        size_t n;
        uint8_t body[CF_EXCHANGE_BODY_MAX]; /* as the step has it */
    } exchange;
    struct cf_step_quote quote; /* goods are sold under it, or were until its lines were void; terminal 0: none */
    uint32_t n_less;            /* times that pieces were taken off a line, and what these cost */
    int64_t less_minor;
    size_t n_overrides;
    struct cf_sale_override overrides[CF_SALE_OVERRIDES_MAX];
    size_t n_challenges;
    uint8_t challenges[CF_SALE_CHALLENGES_MAX][CF_NONCE_BYTES]; /* shown to phones */
    struct cf_tenders tenders;
    struct cf_open_payments payments; /* asked for elsewhere */
    cf_wall priced_at;                /* the price stands still from the first tender on */
    uint32_t announced;               /* how the shopper will pay, an enum cf_tender_kind; 0: nobody said */
    struct cf_price_facts facts;      /* by which it was priced last */
    size_t n_offers;
    struct cf_offer offers[CF_OFFERS_MAX]; /* of the last pricing */
};

/* What this place may still spend of a campaign without asking, by one source. INT64_MAX: not counted. */
struct cf_own_left {
    uint32_t campaign;
    enum cf_right_source source;
    uint32_t hub_epoch; /* of what a hub lent; else 0 */
    int64_t units;
    int64_t minor;
};
/* Is it what this redemption spends from? */
bool cf_own_left_is_of(const struct cf_own_left *left, const struct cf_redemption *redemption);
/* Did this sale show the nonce? */
bool cf_open_sale_challenged(const struct cf_open_sale *sale, const uint8_t nonce[CF_NONCE_BYTES]);
/* Does the sale hold a coupon under this request key? */
bool cf_open_sale_has_key(const struct cf_open_sale *sale, const uint8_t key[CF_REQUEST_KEY_BYTES]);

/* A tender of an account that the centre holds money for, and that does not stand on the sale: it is to be given back.
 * CF_E_LIMIT: ask no more before what is owed is settled. */
enum cf_rc cf_open_sale_owe(struct cf_open_sale *sale, const uint8_t key[CF_VALUE_KEY_BYTES], enum cf_tender_kind kind,
                            struct cf_error *err) CF_MUST_CHECK;
/* What prices depend on besides the sale itself. */
struct cf_offer_source {
    const struct cf_campaign *const *campaigns; /* all that the till knows */
    size_t n_campaigns;
    uint32_t store;
    enum cf_tax_mode tax_mode;
    const struct cf_store_settings *settings;         /* for the time of day; NULL: it is not known */
    size_t n_left;                                    /* a source of rights that is not here is not limited */
    struct cf_own_left left[CF_SALE_COUPONS_MAX + 1]; /* of the coupons held, and of one that comes */
    size_t n_units;                                   /* automatic promotions that are counted and run here */
    struct cf_own_left units[CF_UNIT_CAMPAIGNS_MAX];
};

enum cf_rc cf_open_sale_init(struct cf_open_sale *sale, cf_currency currency, struct cf_error *err) CF_MUST_CHECK;
void cf_open_sale_done(struct cf_open_sale *sale);
void cf_open_sale_clear(struct cf_open_sale *sale);

/* Applies one step and prices anew at `now` (a tender keeps its own instant). On an error the sale is unchanged, but
 * for CF_E_OVERFLOW from pricing, after which the caller replays the journal. */
enum cf_rc cf_open_sale_apply(struct cf_open_sale *sale, const struct cf_step *step,
                              const struct cf_offer_source *source, cf_wall now, struct cf_error *err) CF_MUST_CHECK;
/* Did the offer give anything, money or else? */
bool cf_open_sale_gives(const struct cf_open_sale *sale, size_t offer);
/* Does a coupon that gave nothing go with a promotion that asked for it and gave something? Then it is used up too. */
bool cf_open_sale_goes_along(const struct cf_open_sale *sale, size_t offer);
/* A held coupon that costs more than is left of its source has no effect and is no offer: the others are priced without
 * it. */
enum cf_rc cf_open_sale_price(struct cf_open_sale *sale, const struct cf_offer_source *source, cf_wall now,
                              struct cf_error *err) CF_MUST_CHECK;
/* Do the coupons and counted promotions that have an effect, as last priced, cost no more than what is left? Else
 * *ret_offer is the first that does not fit. */
bool cf_open_sale_fits(const struct cf_open_sale *sale, const struct cf_offer_source *source, size_t *ret_offer,
                       struct cf_beyond *ret);
/* Is the offer an automatic promotion that takes a unit of its budget? */
bool cf_open_sale_is_unit(const struct cf_open_sale *sale, size_t offer);
/* A promotion for those who pay in some way was given for the way that pays first: CF_E_TENDER_TERMS if this kind may
 * not pay the rest. */
enum cf_rc cf_open_sale_check_kind(const struct cf_open_sale *sale, uint32_t kind, struct cf_error *err) CF_MUST_CHECK;
/* What is left to pay, before the first payment as after it. */
int64_t cf_open_sale_due(const struct cf_open_sale *sale);
/* What was void on it, as a record says it: lines, and pieces that were taken off lines; what they cost. */
struct cf_open_voids {
    uint32_t n; /* no more than CF_CART_LINES_MAX are written down */
    int64_t minor;
};
struct cf_open_voids cf_open_sale_voids(const struct cf_open_sale *sale);
/* The line of the sale that is this line of its quotation; 0: none. */
uint32_t cf_open_sale_quoted_line(const struct cf_open_sale *sale, uint32_t quote_line);
/* Of goods: no deposit. 0 if there is none. */
uint32_t cf_open_sale_last_line(const struct cf_open_sale *sale);

/* What is left here of a counted promotion; NULL: nothing was. */
const struct cf_own_left *cf_offer_source_unit(const struct cf_offer_source *source, uint32_t campaign);
const struct cf_campaign *cf_offer_source_find(const struct cf_offer_source *source, uint32_t campaign);

#endif
