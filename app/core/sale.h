/*
 * app/core/sale.h - the fact of a sale, as it stands in the journal and arrives at the centre.
 *
 * Compact deterministic CBOR (cf_sale_encode); about 20 bytes a line. The centre rebuilds the cart from it, prices it
 * with cf_price, and holds the result against what the till charged (cf_sale_rejudge). Names are not part of it.
 */
#ifndef CF_CORE_SALE_H
#define CF_CORE_SALE_H

#include "app/core/coupon.h"
#include "app/core/fiscal_answer.h"
#include "app/core/permit.h"
#include "app/core/pricing.h"
#include "app/core/sale_facts.h"
#include "app/core/tender.h"
#include "app/core/value.h"

#define CF_SALE_COUPONS_MAX 16
#define CF_SALE_ISSUED_MAX 8
#define CF_SALE_RATES_MAX 16 /* different tax rates on one sale */
#define CF_SALE_BYTES_MAX 131072
#define CF_REQUEST_KEY_BYTES 16

/* The sale that goods come back from: its record, and its number at its till. As text: terminal-epoch-seq. */
struct cf_sale_ref {
    uint32_t terminal, epoch;
    uint64_t seq;
    uint64_t sale_no;
};
struct cf_sale_line {
    uint64_t product;
    int64_t qty_milli;
    int64_t unit_price_minor;
    int64_t discount_minor;
    uint32_t tax_bp;
    /* What follows stands in the map at the record's end. As in cf_cart_line: */
    bool reduced, delivery, has_member_price;
    bool weighed_whole; /* weighed, and the scale read whole units: to a promotion that counts pieces it is one */
    int64_t member_price_minor;
    int64_t floor_minor;
    int64_t shelf_minor; /* what 1.000 cost before a cashier changed it; 0: nobody did, or nothing was said */
    struct cf_line_extra extra;
};
/* Who let this place spend the right: what the centre books it on. */
enum cf_right_source {
    CF_RIGHT_CENTRE = 1,   /* the centre was asked and said yes, by the request key */
    CF_RIGHT_LEASE = 2,    /* this terminal's own lease */
    CF_RIGHT_SUBLEASE = 3, /* what the store's hub sub-leased to this terminal from the store's lease */
    CF_RIGHT_HOME = 4,     /* the coupon is pinned to this terminal */
    CF_RIGHT_STORE = 5,    /* the coupon is pinned to this store, and its hub said yes, by the request key */
    CF_RIGHT_RISK = 6,     /* this terminal's own risk lease */
    CF_RIGHT_TICKET = 7,   /* a claim ticket that the shopper's phone fetched */
};
/* A right consumed by this sale. The key is made and journalled before the redemption is sent anywhere. */
#define CF_INDEX_NONE UINT32_MAX /* no coupon: a unit of the campaign's budget, and nobody else can have that one */
struct cf_redemption {
    uint32_t campaign;
    uint32_t index;
    uint32_t generation;
    enum cf_policy policy; /* the campaign's, when it was accepted */
    enum cf_right_source source;
    uint32_t hub_epoch; /* of the hub that spoke; 0: none did */
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
};
/* A generation of an order that is handed out (order.h), by whose word: CENTRE, HOME or STORE. */
struct cf_order_claim {
    uint32_t order;
    uint32_t generation;
    enum cf_right_source source;
    uint32_t hub_epoch; /* of the hub that spoke; 0: none did */
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
};
/* A quotation (quote.h) under which goods are sold: lines of CF_PRICE_QUOTE. */
struct cf_quote_use {
    struct cf_sale_ref of; /* its record, and its number at its till; terminal 0: none */
    /* It stands: all of it is sold, each line at what was quoted for it. Else promotions gave more, or a part is sold:
     * the unit prices are those that were quoted. */
    bool stands;
};
/* A promotion that gave something: automatic, or through redemption number `redemption` (-1 if automatic). */
struct cf_sale_discount {
    uint32_t campaign;
    uint32_t version;
    int32_t redemption;
    int64_t amount_minor;
};
/* A promotion that took nothing off and gave something else: points, a coupon on the receipt, free delivery. Or that of
 * a coupon which gave nothing itself and went along: another promotion on the sale asked for it (with_campaign). */
struct cf_sale_effect {
    uint32_t campaign;
    uint32_t version;
    int32_t redemption; /* as of a discount */
};
/* A coupon that this till issued on the receipt. */
struct cf_issued {
    cf_kid grant_id;
    uint32_t campaign;
    uint32_t index;
    int64_t exp_s;
};
/* Who sold, and what was not sold as scanned. */
#define CF_SALE_OVERRIDES_MAX 16
#define CF_SALE_REASON_MAX 80
struct cf_sale_override {
    enum cf_act act;
    uint32_t by; /* the user who allowed it */
    struct cf_act_size size;
    char reason[CF_SALE_REASON_MAX + 1];
};
struct cf_sale_people {
    uint32_t user; /* who was logged in at the end; 0: the store has no users */
    uint32_t n_void_lines;
    int64_t void_lines_minor;
    size_t n_overrides;
    struct cf_sale_override overrides[CF_SALE_OVERRIDES_MAX];
};
/* Is it money that is put on a card which there was before? Its amount is the line's price. */
static inline bool cf_sale_line_tops_up(const struct cf_sale_line *line)
{
    return line->extra.account != 0;
}

/* A gift card that this sale sold: a line of its own, at what is put on it. */
#define CF_SALE_CARDS_MAX 8
struct cf_sale {
    uint64_t sale_no;      /* 1, 2, ... of this terminal */
    uint32_t business_day; /* 20261122 */
    char cashier[33];
    int64_t priced_before_ms; /* the goods were priced this long before the record's wall_ms (first tender): >= 0 */
    cf_currency currency;
    enum cf_tax_mode tax_mode;
    bool has_member;
    bool member_live; /* rotating code (may spend); false: printed card */
    cf_sub member;
    uint64_t member_counter;
    uint8_t member_tier;
    size_t n_lines;             /* only lines that were not voided */
    struct cf_sale_line *lines; /* owned; CF_CART_LINES_MAX allocated by _new */
    size_t n_discounts;
    struct cf_sale_discount discounts[CF_OFFERS_MAX];
    size_t n_redemptions;
    struct cf_redemption redemptions[CF_SALE_COUPONS_MAX];
    size_t n_issued;
    struct cf_issued issued[CF_SALE_ISSUED_MAX];
    struct cf_tenders tenders;
    int64_t gross_minor, discount_minor, tax_minor, total_minor, change_minor;
    int64_t points;
    /* What follows stands in the map at the record's end: see sale_extra.h. */
    struct cf_price_facts facts;   /* those that a promotion on this sale asked for */
    struct cf_visits_basis visits; /* of VISITS and FIRST among them */
    size_t n_effects;
    struct cf_sale_effect effects[CF_EFFECTS_MAX];
    struct cf_sale_people people;
    struct cf_fiscal_answer fiscal;
    size_t n_by_hand;
    struct cf_hand_given by_hand[CF_HAND_DISCOUNTS_MAX];
    size_t n_cards;
    struct cf_sold_card cards[CF_SALE_CARDS_MAX];
    /* An order that is paid and handed out by this sale: its lines are those of CF_PRICE_ORDER. Number 0: none. */
    struct cf_order_claim order;
    /* Goods came back for it, and their refund is its first tender (CF_TENDER_EXCHANGE): the record of that return,
     * which stands right before it in the same log. */
    bool has_exchange;
    struct cf_sale_ref exchange; /* sale_no is not kept */
    struct cf_quote_use quote;
    /* Of the points, those that campaigns gave: rising by campaign. The rest its goods earned anyway. None in records
     * from before tills said so, whatever gave the points. */
    size_t n_points_by;
    struct cf_points_given points_by[CF_EFFECTS_MAX];
};

/* A zeroed sale with room for lines. Free with cf_sale_free. */
enum cf_rc cf_sale_new(struct cf_sale **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_sale_free(struct cf_sale *sale);

/*
 * Are all values in range, and do the sums add up? Lines to gross, discounts to lines and total, tenders to total and
 * change. Tax is held to within one minor unit a line here; to the cent by cf_sale_rejudge. CF_E_RECORD; CF_E_LIMIT for
 * more than CF_SALE_RATES_MAX rates.
 */
enum cf_rc cf_sale_check(const struct cf_sale *sale, struct cf_error *err) CF_MUST_CHECK;
/*
 * Appends the sale to `ret`. Refuses what cf_sale_decode would refuse, so that no till records a sale that the centre
 * must set aside: see cf_sale_check. On an error `ret` is unchanged.
 */
enum cf_rc cf_sale_encode(const struct cf_sale *sale, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
/* Into a sale made by cf_sale_new. Checks shapes, ranges and that the sums add up: CF_E_RECORD with a detail. */
enum cf_rc cf_sale_decode(cf_bytes bytes, struct cf_sale *ret, struct cf_error *err) CF_MUST_CHECK;

/* What the sale's redemption took off: the sum of the discounts that name it. */
int64_t cf_sale_redemption_value(const struct cf_sale *sale, size_t redemption);
/* The campaign version by which it did; 0 if neither a discount nor an effect names it. */
uint32_t cf_sale_redemption_version(const struct cf_sale *sale, size_t redemption);

/* Looks up what the record does not carry; false if unknown. */
struct cf_sale_lookup {
    void *ctx;
    /* categories of a product, for scopes */
    bool (*categories)(void *ctx, uint64_t product, uint32_t *ret, size_t max, size_t *ret_n);
    /* the campaign at that version; valid until the next call */
    const struct cf_campaign *(*campaign)(void *ctx, uint32_t campaign, uint32_t version);
};
/* What discounts by hand took off: part of discount_minor. */
int64_t cf_sale_by_hand(const struct cf_sale *sale);

/* What a quotation that stands took off: part of discount_minor, and of no promotion. */
int64_t cf_sale_quoted_off(const struct cf_sale *sale);

/* Prices the sale's goods again under the same offers and by the facts that the record has, at the instant they were
 * priced (`at` = the record's wall_ms less priced_before_ms, worked out by the caller). CF_OK: to the cent the same.
 * CF_E_RECORD: the detail says which figure differs and by how much. cart and priced are scratch space of the caller,
 * reused between calls. */
enum cf_rc cf_sale_rejudge(const struct cf_sale *sale, cf_wall at, const struct cf_sale_lookup *lookup,
                           struct cf_cart *cart, struct cf_priced *priced, struct cf_error *err) CF_MUST_CHECK;

#endif
