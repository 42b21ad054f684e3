/*
 * app/terminal/open_sale.c - see open_sale.h.
 */
#include "app/terminal/open_sale.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/terminal/open_goods.h"

/* Of an offer; else it is the place of its coupon. */
#define TAG_AUTOMATIC UINT32_MAX
#define TAG_UNIT (UINT32_MAX - 1)

enum cf_rc cf_open_sale_init(struct cf_open_sale *sale, cf_currency currency, struct cf_error *err)
{
    memset(sale, 0, sizeof *sale);
    enum cf_rc rc = cf_cart_new(currency, &sale->cart, err);
    if (rc == CF_OK)
        rc = cf_priced_new(&sale->priced, err);
    if (rc != CF_OK)
        cf_open_sale_done(sale);
    return rc;
}

void cf_open_sale_done(struct cf_open_sale *sale)
{
    cf_cart_free(sale->cart);
    cf_priced_free(sale->priced);
    memset(sale, 0, sizeof *sale);
}

void cf_open_sale_clear(struct cf_open_sale *sale)
{
    struct cf_cart *cart = sale->cart;
    struct cf_priced *priced = sale->priced;
    memset(sale, 0, sizeof *sale);
    sale->cart = cart;
    sale->priced = priced;
    cf_cart_clear(cart);
    priced->n_lines = priced->n_applied = priced->n_refused = priced->n_hand = 0;
    priced->gross_minor = priced->discount_minor = priced->net_minor = priced->tax_minor = priced->total_minor = 0;
}

const struct cf_campaign *cf_offer_source_find(const struct cf_offer_source *source, uint32_t campaign)
{
    for (size_t i = 0; i < source->n_campaigns; i++)
        if (source->campaigns[i]->id == campaign)
            return source->campaigns[i];
    return NULL;
}

const struct cf_own_left *cf_offer_source_unit(const struct cf_offer_source *source, uint32_t campaign)
{
    for (size_t i = 0; i < source->n_units; i++)
        if (source->units[i].campaign == campaign)
            return &source->units[i];
    return NULL;
}

static bool is_coupon(const struct cf_offer *offer)
{
    return offer->tag < CF_SALE_COUPONS_MAX;
}

bool cf_open_sale_is_unit(const struct cf_open_sale *sale, size_t offer)
{
    return sale->offers[offer].tag == TAG_UNIT;
}

static bool is_left_out(const struct cf_open_sale *sale, uint32_t campaign)
{
    for (size_t i = 0; i < sale->n_left_out; i++)
        if (sale->left_out[i].campaign == campaign)
            return true;
    return false;
}

/* One that is counted is offered as a coupon that is held: it applies for a unit of its budget, which the sale takes.
 */
static bool offer_automatic(const struct cf_open_sale *sale, const struct cf_offer_source *source,
                            const struct cf_campaign *campaign, cf_wall now, struct cf_offer *ret)
{
    if (!cf_campaign_runs_in(campaign, source->store, now))
        return false;
    if (campaign->without_coupon) {
        *ret = (struct cf_offer){.promotion = &campaign->promotion, .coupon_held = true, .tag = TAG_UNIT};
        return cf_offer_source_unit(source, campaign->id) != NULL && !is_left_out(sale, campaign->id);
    }
    *ret = (struct cf_offer){.promotion = &campaign->promotion, .tag = TAG_AUTOMATIC};
    return campaign->policy == CF_POLICY_AUTOMATIC;
}

/* Held coupons first, so that a shop with many automatic promotions never crowds a shopper's coupon out. */
static void collect_offers(struct cf_open_sale *sale, const struct cf_offer_source *source, cf_wall now)
{
    sale->n_offers = 0;
    for (size_t i = 0; i < sale->n_coupons; i++) {
        const struct cf_campaign *campaign = cf_offer_source_find(source, sale->coupons[i].redemption.campaign);
        if (campaign && !sale->beyond[i].is)
            sale->offers[sale->n_offers++] =
                (struct cf_offer){.promotion = &campaign->promotion, .coupon_held = true, .tag = (uint32_t)i};
    }
    for (size_t i = 0; i < source->n_campaigns && sale->n_offers < CF_OFFERS_MAX; i++)
        if (offer_automatic(sale, source, source->campaigns[i], now, &sale->offers[sale->n_offers]))
            sale->n_offers++;
}

/* --- facts --------------------------------------------------------------------------------------------------------
 */

static void add_coupon_fact(struct cf_price_facts *facts, uint32_t campaign)
{
    size_t at = 0;
    while (at < facts->n_coupons && facts->coupons[at] < campaign)
        at++;
    if ((at < facts->n_coupons && facts->coupons[at] == campaign) || facts->n_coupons == CF_FACT_COUPONS_MAX)
        return;
    memmove(&facts->coupons[at + 1], &facts->coupons[at], (facts->n_coupons - at) * sizeof *facts->coupons);
    facts->coupons[at] = campaign;
    facts->n_coupons++;
}

/* What promotions may ask, at that instant. tender: the kind that pays first, or 0. */
static struct cf_price_facts gather_facts(const struct cf_open_sale *sale, const struct cf_offer_source *source,
                                          cf_wall at, uint32_t tender)
{
    struct cf_price_facts facts;
    memset(&facts, 0, sizeof facts);
    if (sale->has_member) {
        facts.has_member = true;
        facts.tier = sale->member.tier;
        facts.visits = sale->member.visits;
        facts.first_purchase = sale->member.first_purchase;
        facts.not_first = sale->member.not_first;
        facts.birthday = sale->member.birthday;
        facts.n_segments = sale->member.n_segments;
        memcpy(facts.segments, sale->member.segments, sale->member.n_segments * sizeof *facts.segments);
    }
    facts.channel = CF_CHANNEL_STORE;
    facts.store = source->store;
    if (source->settings) {
        struct cf_civil_time local = cf_civil_at(at, cf_store_offset_min(source->settings, at));
        bool plausible = local.date >= 19700101;
        facts.local_date = plausible ? local.date : 0;
        facts.weekday = plausible ? local.weekday : 0;
        facts.minute = plausible ? local.minute : 0;
    }
    facts.tenders = tender != 0 ? 1u << tender : 0;
    for (size_t i = 0; i < sale->n_coupons; i++)
        if (!sale->beyond[i].is)
            add_coupon_fact(&facts, sale->coupons[i].redemption.campaign);
    return facts;
}

/* --- what this place may spend on its own --------------------------------------------------------------------------
 */

bool cf_own_left_is_of(const struct cf_own_left *left, const struct cf_redemption *redemption)
{
    return left->campaign == redemption->campaign && left->source == redemption->source &&
           left->hub_epoch == redemption->hub_epoch;
}

static const struct cf_own_left *find_left(const struct cf_offer_source *source, const struct cf_redemption *redemption)
{
    for (size_t i = 0; i < source->n_left; i++)
        if (cf_own_left_is_of(&source->left[i], redemption))
            return &source->left[i];
    return NULL;
}

static int64_t money_of(const struct cf_priced *priced, size_t offer)
{
    for (size_t i = 0; i < priced->n_applied; i++)
        if (priced->applied[i].offer == offer)
            return priced->applied[i].amount_minor;
    return 0;
}

bool cf_open_sale_gives(const struct cf_open_sale *sale, size_t offer)
{
    for (size_t i = 0; i < sale->priced->n_effects; i++)
        if (sale->priced->effects[i].offer == offer)
            return true;
    return money_of(sale->priced, offer) > 0;
}

/* Of several coupons of that campaign one goes along: one that gives something itself, else the first. */
bool cf_open_sale_goes_along(const struct cf_open_sale *sale, size_t offer)
{
    uint32_t campaign = sale->offers[offer].promotion->campaign;
    bool asked_for = false;
    if (!is_coupon(&sale->offers[offer]) || cf_open_sale_gives(sale, offer))
        return false;
    for (size_t i = 0; i < sale->n_offers; i++) {
        const struct cf_promotion *promotion = sale->offers[i].promotion;
        bool gives = cf_open_sale_gives(sale, i);
        asked_for = asked_for || (gives && promotion->with_campaign == campaign);
        if (is_coupon(&sale->offers[i]) && promotion->campaign == campaign && (gives || i < offer))
            return false;
    }
    return asked_for;
}

/* What the offer spends from, and what of that this sale uses already; NULL: it is not counted here. */
struct use_so_far {
    int64_t units, minor;
};
static const struct cf_own_left *left_for(const struct cf_open_sale *sale, const struct cf_offer_source *source,
                                          size_t offer, struct use_so_far *coupons, struct use_so_far *unit,
                                          struct use_so_far **ret_used)
{
    const struct cf_offer *what = &sale->offers[offer];
    const struct cf_own_left *left = NULL;
    if (is_coupon(what)) {
        left = find_left(source, &sale->coupons[what->tag].redemption);
        *ret_used = left != NULL ? &coupons[left - source->left] : unit;
    } else if (what->tag == TAG_UNIT) {
        left = cf_offer_source_unit(source, what->promotion->campaign);
        *unit = (struct use_so_far){0, 0}; /* one offer a campaign */
        *ret_used = unit;
    }
    return left;
}

bool cf_open_sale_fits(const struct cf_open_sale *sale, const struct cf_offer_source *source, size_t *ret_offer,
                       struct cf_beyond *ret)
{
    static const struct cf_own_left nothing = {0};
    struct use_so_far coupons[CF_SALE_COUPONS_MAX + 1] = {{0}}, unit, *used = NULL; /* by place in source->left */
    size_t n_rights = 0;
    for (size_t i = 0; i < sale->n_offers; i++) {
        bool counted = sale->offers[i].tag != TAG_AUTOMATIC;
        if (!counted || !(cf_open_sale_gives(sale, i) || cf_open_sale_goes_along(sale, i)))
            continue;
        bool full = n_rights++ == CF_SALE_COUPONS_MAX; /* coupons stand first: there are no more of these */
        const struct cf_own_left *left = left_for(sale, source, i, coupons, &unit, &used);
        if (left == NULL && is_coupon(&sale->offers[i]))
            continue;
        left = left != NULL ? left : &nothing;
        int64_t amount_minor = money_of(sale->priced, i);
        bool money_short = amount_minor > left->minor - used->minor;
        bool units_short = used->units >= left->units;
        if (full || money_short || units_short) {
            bool by_money = money_short && !full && !(cf_open_sale_is_unit(sale, i) && units_short);
            *ret_offer = i;
            *ret = (struct cf_beyond){true, full, amount_minor, by_money ? left->minor - used->minor : INT64_MAX};
            return false;
        }
        used->units++;
        used->minor += amount_minor;
    }
    return true;
}

static void show_beyond(const struct cf_open_sale *sale, const struct cf_beyond *beyond, enum cf_rc rc,
                        struct cf_till_coupon *shown)
{
    cf_currency currency = cf_cart_currency(sale->cart);
    char needs[CF_MONEY_TEXT_MAX], left[CF_MONEY_TEXT_MAX], more[CF_MONEY_TEXT_MAX];
    shown->rc = rc;
    snprintf(shown->reason, sizeof shown->reason, "%s", cf_rc_text(shown->rc));
    if (beyond->left_minor == INT64_MAX)
        return;
    int64_t left_minor = beyond->left_minor > 0 ? beyond->left_minor : 0;
    cf_money_format_signed((cf_money){beyond->needs_minor, currency}, needs);
    cf_money_format_signed((cf_money){left_minor, currency}, left);
    cf_money_format_signed((cf_money){beyond->needs_minor - left_minor, currency}, more);
    snprintf(shown->reason, sizeof shown->reason, "takes %s off, %s is left offline: %s too much", needs, left, more);
}

/* The others are priced without it; cashier and shopper see why. */
static void leave_out(struct cf_open_sale *sale, size_t offer, const struct cf_beyond *beyond)
{
    const struct cf_promotion *promotion = sale->offers[offer].promotion;
    struct cf_till_coupon *shown = &sale->left_out[sale->n_left_out++];
    *shown = (struct cf_till_coupon){.campaign = promotion->campaign, .index = CF_INDEX_NONE};
    snprintf(shown->name, sizeof shown->name, "%s", promotion->name);
    show_beyond(sale, beyond, beyond->full ? CF_E_LIMIT : CF_E_COUPON_LEASE, shown);
    if (beyond->left_minor == INT64_MAX)
        snprintf(shown->reason, sizeof shown->reason, "%s",
                 beyond->full ? "a sale uses no more coupons and counted promotions"
                              : "nothing is left of it at this till until the next sync");
}

static const char *effect_text(enum cf_effect_kind kind)
{
    switch (kind) {
    case CF_EFFECT_POINTS:
        return "gives points";
    case CF_EFFECT_COUPON:
        return "gives a coupon on the receipt";
    case CF_EFFECT_DELIVERY:
        return "makes delivery free";
    case CF_EFFECT_GIFT:
        return "gives goods: scan them";
    }
    return "";
}

static void show_coupons(struct cf_open_sale *sale, const struct cf_offer_source *source)
{
    for (size_t i = 0; i < sale->n_coupons; i++) {
        struct cf_till_coupon *shown = &sale->shown[i];
        const struct cf_campaign *campaign = cf_offer_source_find(source, sale->coupons[i].redemption.campaign);
        *shown = (struct cf_till_coupon){
            .campaign = sale->coupons[i].redemption.campaign,
            .index = sale->coupons[i].redemption.index,
            .rc = campaign ? CF_E_COUPON_NO_EFFECT : CF_E_COUPON_CAMPAIGN,
        };
        snprintf(shown->name, sizeof shown->name, "%s", campaign ? campaign->name : "");
        snprintf(shown->reason, sizeof shown->reason, "%s", cf_rc_text(shown->rc));
        if (sale->beyond[i].is)
            show_beyond(sale, &sale->beyond[i],
                        sale->coupons[i].redemption.source == CF_RIGHT_RISK ? CF_E_COUPON_RISK : CF_E_COUPON_LEASE,
                        shown);
    }
    for (size_t i = 0; i < sale->priced->n_refused; i++) {
        const struct cf_refused *refused = &sale->priced->refused[i];
        uint32_t tag = sale->offers[refused->offer].tag;
        if (tag >= CF_SALE_COUPONS_MAX)
            continue;
        sale->shown[tag].rc = refused->rc;
        snprintf(sale->shown[tag].reason, sizeof sale->shown[tag].reason, "%s", refused->reason);
    }
    for (size_t i = 0; i < sale->priced->n_effects; i++) {
        uint32_t tag = sale->offers[sale->priced->effects[i].offer].tag;
        if (tag >= CF_SALE_COUPONS_MAX)
            continue;
        sale->shown[tag].rc = CF_OK;
        snprintf(sale->shown[tag].reason, sizeof sale->shown[tag].reason, "%s",
                 effect_text(sale->priced->effects[i].kind));
    }
    for (size_t i = 0; i < sale->priced->n_applied; i++) {
        const struct cf_applied *applied = &sale->priced->applied[i];
        uint32_t tag = sale->offers[applied->offer].tag;
        if (tag >= CF_SALE_COUPONS_MAX)
            continue;
        sale->shown[tag].rc = CF_OK;
        sale->shown[tag].amount_minor = applied->amount_minor;
        snprintf(sale->shown[tag].reason, sizeof sale->shown[tag].reason, "%s", applied->reason);
    }
    for (size_t i = 0; i < sale->n_offers; i++) {
        if (!cf_open_sale_goes_along(sale, i))
            continue;
        struct cf_till_coupon *shown = &sale->shown[sale->offers[i].tag];
        shown->rc = CF_OK;
        snprintf(shown->reason, sizeof shown->reason, "used with another promotion");
    }
}

static enum cf_rc price_once(struct cf_open_sale *sale, const struct cf_offer_source *source, cf_wall now,
                             uint32_t tender, struct cf_error *err)
{
    size_t offer;
    struct cf_beyond beyond;
    memset(sale->beyond, 0, sizeof sale->beyond);
    sale->n_left_out = 0;
    for (;;) { /* each round leaves one coupon, or one counted promotion, out */
        collect_offers(sale, source, now);
        sale->facts = gather_facts(sale, source, now, tender);
        enum cf_rc rc =
            cf_price(sale->cart, sale->offers, sale->n_offers, source->tax_mode, now, &sale->facts, sale->priced, err);
        if (rc != CF_OK)
            return rc;
        if (cf_open_sale_fits(sale, source, &offer, &beyond))
            break;
        if (cf_open_sale_is_unit(sale, offer))
            leave_out(sale, offer, &beyond);
        else
            sale->beyond[sale->offers[offer].tag] = beyond;
    }
    sale->priced_at = now;
    show_coupons(sale, source);
    return CF_OK;
}

uint32_t cf_open_sale_quoted_line(const struct cf_open_sale *sale, uint32_t quote_line)
{
    for (size_t i = 0; i < cf_cart_count(sale->cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(sale->cart, i);
        if (!line->voided && line->extra.origin == CF_PRICE_QUOTE && line->extra.list == quote_line)
            return line->line_no;
    }
    return 0;
}

/* What a quotation takes off, it takes off all of its goods together: three for two are no offer of the third alone. */
static bool has_whole_quote(const struct cf_open_sale *sale)
{
    uint32_t n = 0;
    for (size_t i = 0; i < cf_cart_count(sale->cart) && sale->quote.of.terminal != 0; i++) {
        const struct cf_cart_line *line = cf_cart_at(sale->cart, i);
        n += !line->voided && line->extra.origin == CF_PRICE_QUOTE;
    }
    return n != 0 && n == sale->quote.n_lines;
}

/* Goods of a quotation: as they were quoted, or with what promotions give at their unit prices; the shopper has the
 * cheaper of it, and the quotation where they are equal. */
static enum cf_rc price_at(struct cf_open_sale *sale, const struct cf_offer_source *source, cf_wall now,
                           uint32_t tender, struct cf_error *err)
{
    bool whole = has_whole_quote(sale);
    cf_cart_quote_yield(sale->cart, !whole);
    enum cf_rc rc = price_once(sale, source, now, tender, err);
    if (rc != CF_OK || !whole)
        return rc;
    int64_t quoted = sale->priced->total_minor;
    cf_cart_quote_yield(sale->cart, true);
    rc = price_once(sale, source, now, tender, err);
    if (rc != CF_OK || sale->priced->total_minor < quoted)
        return rc;
    cf_cart_quote_yield(sale->cart, false);
    return price_once(sale, source, now, tender, err);
}

enum cf_rc cf_open_sale_price(struct cf_open_sale *sale, const struct cf_offer_source *source, cf_wall now,
                              struct cf_error *err)
{
    return price_at(sale, source, now, sale->announced, err);
}

struct cf_open_voids cf_open_sale_voids(const struct cf_open_sale *sale)
{
    struct cf_open_voids voids = {.n = sale->n_less, .minor = sale->less_minor};
    for (size_t i = 0; i < cf_cart_count(sale->cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(sale->cart, i);
        int64_t gross = 0;
        if (!line->voided || cf_line_gross(line, &gross, NULL) != CF_OK)
            continue;
        voids.n++;
        if (cf_add_i64(voids.minor, gross, &voids.minor, NULL) != CF_OK)
            voids.minor = INT64_MAX;
    }
    if (voids.n > CF_CART_LINES_MAX)
        voids.n = CF_CART_LINES_MAX;
    return voids;
}

uint32_t cf_open_sale_last_line(const struct cf_open_sale *sale)
{
    for (size_t i = cf_cart_count(sale->cart); i-- > 0;)
        if (!cf_cart_at(sale->cart, i)->voided && cf_cart_at(sale->cart, i)->extra.deposit_of == 0)
            return cf_cart_at(sale->cart, i)->line_no;
    return 0;
}

/* A refund is asked for while the till stands still for it. */
static enum cf_checkout_event event_of_payment(const struct cf_open_sale *sale, const struct cf_step_payment *what)
{
    const struct cf_open_payment *payment = cf_open_payments_find(&sale->payments, what->id);
    bool refund = payment != NULL && payment->return_seq != 0;
    return what->event == CF_PAYMENT_REVERSE && !refund ? CF_EVENT_REVERSE : CF_EVENT_PAYMENT;
}

static enum cf_checkout_event event_of(const struct cf_open_sale *sale, const struct cf_step *step)
{
    switch (step->kind) {
    case CF_STEP_LINE:
    case CF_STEP_ORDER:
    case CF_STEP_QUOTE:
        return CF_EVENT_GOODS;
    case CF_STEP_MEMBER:
    case CF_STEP_EXCHANGE: /* before goods or behind them, until something is paid */
        return CF_EVENT_MEMBER;
    case CF_STEP_COUPON:
    case CF_STEP_ASK:
    case CF_STEP_REFUSED:
    case CF_STEP_CHALLENGE:
        return CF_EVENT_COUPON;
    case CF_STEP_QUANTITY:
    case CF_STEP_PRICE:
    case CF_STEP_VOID:
    case CF_STEP_ANNOUNCE:
    case CF_STEP_UNCOUPON:
    case CF_STEP_MANUAL_DISCOUNT:
    case CF_STEP_OVERRIDE: /* at any time of a sale: see cf_open_sale_apply */
        return CF_EVENT_CHANGE_LINE;
    case CF_STEP_TENDER:
        return CF_EVENT_TENDER;
    case CF_STEP_VALUE: /* while something is to be paid, or was: see cf_open_sale_apply */
    case CF_STEP_UNTENDER:
        return CF_EVENT_UNTENDER;
    case CF_STEP_PAY:
        return CF_EVENT_PAY;
    case CF_STEP_PAYMENT:
        return event_of_payment(sale, &step->payment);
    case CF_STEP_REFUND:
        return CF_EVENT_REFUND;
    }
    assert(false && "a step kind of ours");
    return CF_EVENT_GOODS;
}

static int64_t exchanged(const struct cf_open_sale *sale)
{
    int64_t total = sale->priced->total_minor;
    return !sale->exchange.is ? 0 : sale->exchange.amount_minor < total ? sale->exchange.amount_minor : total;
}

/* The price stands: what came back for it has paid already. */
static enum cf_rc begin_tenders(struct cf_open_sale *sale, struct cf_error *err)
{
    const struct cf_tender tender = {.kind = CF_TENDER_EXCHANGE, .amount_minor = exchanged(sale)};
    cf_tenders_init(&sale->tenders, sale->priced->total_minor);
    if (!sale->exchange.is)
        return CF_OK;
    return tender.amount_minor > 0 ? cf_tenders_add(&sale->tenders, &tender, err)
                                   : cf_fail(err, CF_E_TENDER_ZERO, "the goods of the exchange cost nothing");
}

int64_t cf_open_sale_due(const struct cf_open_sale *sale)
{
    bool paying =
        sale->state == CF_CHECKOUT_TENDERING || sale->state == CF_CHECKOUT_PAID || sale->state == CF_CHECKOUT_PAYING;
    return paying ? cf_tenders_due(&sale->tenders) : sale->priced->total_minor - exchanged(sale);
}

static enum cf_rc add_tender(struct cf_open_sale *sale, const struct cf_tender *tender, const struct cf_cash_rule *cash,
                             struct cf_error *err)
{
    enum cf_rc rc = sale->state == CF_CHECKOUT_SELLING ? begin_tenders(sale, err) : CF_OK;
    sale->tenders.cash = *cash;
    /* A basket of which nothing is due is settled by a cash tender of zero, which leaves no tender behind. */
    if (rc != CF_OK ||
        (cf_tenders_due(&sale->tenders) == 0 && tender->kind == CF_TENDER_CASH && tender->amount_minor == 0))
        return rc;
    return cf_tenders_add(&sale->tenders, tender, err);
}

bool cf_open_sale_challenged(const struct cf_open_sale *sale, const uint8_t nonce[CF_NONCE_BYTES])
{
    for (size_t i = 0; i < sale->n_challenges; i++)
        if (memcmp(sale->challenges[i], nonce, CF_NONCE_BYTES) == 0)
            return true;
    return false;
}

bool cf_open_sale_has_key(const struct cf_open_sale *sale, const uint8_t key[CF_REQUEST_KEY_BYTES])
{
    for (size_t i = 0; i < sale->n_coupons; i++)
        if (memcmp(sale->coupons[i].redemption.request_key, key, CF_REQUEST_KEY_BYTES) == 0)
            return true;
    return false;
}

/* A coupon, or the goods of an exchange. */
static void drop_held(struct cf_open_sale *sale, const uint8_t request_key[CF_REQUEST_KEY_BYTES])
{
    if (sale->exchange.is && memcmp(sale->exchange.key, request_key, CF_REQUEST_KEY_BYTES) == 0)
        sale->exchange.is = false;
    for (size_t i = 0; i < sale->n_coupons; i++)
        if (memcmp(sale->coupons[i].redemption.request_key, request_key, CF_REQUEST_KEY_BYTES) == 0) {
            sale->n_coupons--;
            memmove(&sale->coupons[i], &sale->coupons[i + 1], (sale->n_coupons - i) * sizeof *sale->coupons);
            return;
        }
}

enum cf_rc cf_open_sale_owe(struct cf_open_sale *sale, const uint8_t key[CF_VALUE_KEY_BYTES], enum cf_tender_kind kind,
                            struct cf_error *err)
{
    for (size_t i = 0; i < sale->n_owed; i++)
        if (memcmp(sale->owed[i].key, key, CF_VALUE_KEY_BYTES) == 0)
            return CF_OK;
    if (sale->n_owed == CF_OWED_VALUES_MAX)
        return cf_fail(err, CF_E_LIMIT, "%d requests are unsettled", CF_OWED_VALUES_MAX);
    sale->owed[sale->n_owed].kind = kind;
    memcpy(sale->owed[sale->n_owed++].key, key, CF_VALUE_KEY_BYTES);
    return CF_OK;
}

/* Whoever asks about the order of the sale again puts it in doubt: it leaves with its goods. */
static void drop_order(struct cf_open_sale *sale, const uint8_t request_key[CF_REQUEST_KEY_BYTES])
{
    if (!sale->has_order || memcmp(sale->order.request_key, request_key, CF_REQUEST_KEY_BYTES) != 0)
        return;
    cf_open_goods_drop_order(sale->cart);
    sale->has_order = false;
}

static enum cf_rc take_order(struct cf_open_sale *sale, const struct cf_order_claim *claim, struct cf_error *err)
{
    if (sale->has_order)
        return cf_fail(err, CF_E_ORDER_TWICE, "order %lu", (unsigned long)sale->order.order);
    sale->has_order = true;
    sale->order = *claim;
    if (memcmp(claim->request_key, sale->asked.request_key, CF_REQUEST_KEY_BYTES) == 0)
        sale->asking = false;
    return CF_OK;
}

static bool is_same_quote(const struct cf_sale_ref *a, const struct cf_sale_ref *b)
{
    return a->terminal == b->terminal && a->epoch == b->epoch && a->seq == b->seq;
}

/* Once it has no lines any more, another may take its place. */
static enum cf_rc take_quote(struct cf_open_sale *sale, const struct cf_step_quote *quote, struct cf_error *err)
{
    bool same = is_same_quote(&sale->quote.of, &quote->of);
    for (size_t i = 0; i < cf_cart_count(sale->cart) && !same; i++)
        if (!cf_cart_at(sale->cart, i)->voided)
            return cf_fail(err, CF_E_QUOTE_TWICE, "there are goods in the sale");
    sale->quote = *quote;
    return CF_OK;
}

/* A line of a quotation is one of that which the sale is under, and there once. */
static enum cf_rc take_line(struct cf_open_sale *sale, const struct cf_step *step, struct cf_error *err)
{
    const struct cf_line_extra *extra = &step->line.extra;
    if (extra->origin == CF_PRICE_QUOTE &&
        (sale->quote.of.terminal == 0 || extra->list + step->has_deposit > sale->quote.n_lines ||
         cf_open_sale_quoted_line(sale, extra->list) != 0))
        return cf_fail(err, CF_E_QUOTE_ALTERED, "line %lu of it", (unsigned long)extra->list);
    return cf_open_goods_take(sale->cart, step, err);
}

/* It is on the sale, or nothing is held under it. */
static void settle_owed(struct cf_open_sale *sale, const uint8_t key[CF_VALUE_KEY_BYTES])
{
    for (size_t i = 0; i < sale->n_owed; i++)
        if (memcmp(sale->owed[i].key, key, CF_VALUE_KEY_BYTES) == 0) {
            sale->n_owed--;
            memmove(&sale->owed[i], &sale->owed[i + 1], (sale->n_owed - i) * sizeof *sale->owed);
            return;
        }
}

static enum cf_rc take_exchange(struct cf_open_sale *sale, const struct cf_step_exchange *what, struct cf_error *err)
{
    struct cf_open_exchange *exchange = &sale->exchange;
    if (exchange->is)
        return cf_fail(err, CF_E_EXCHANGE_OPEN, "goods came back for this sale already");
    if (what->body.n > sizeof exchange->body)
        return cf_fail(err, CF_E_LIMIT, "an exchange of %zu bytes", what->body.n);
    exchange->is = true;
    exchange->asked = what->asked;
    exchange->amount_minor = what->amount_minor;
    exchange->n = what->body.n;
    memcpy(exchange->key, what->key, sizeof exchange->key);
    memcpy(exchange->body, what->body.p, what->body.n);
    if (memcmp(exchange->key, sale->asked.request_key, CF_REQUEST_KEY_BYTES) == 0)
        sale->asking = false;
    return CF_OK;
}

static enum cf_rc take_value(struct cf_open_sale *sale, const struct cf_step *step, struct cf_error *err)
{
    if (step->value.open)
        return cf_open_sale_owe(sale, step->value.key, step->value.kind, err);
    settle_owed(sale, step->value.key);
    return CF_OK;
}

/* What the centre holds for the tenders is owed to it from now on. */
static enum cf_rc take_untender(struct cf_open_sale *sale, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (sale->payments.n > 0)
        return cf_fail(err, CF_E_PAYMENT_OPEN, "a payment has not gone back");
    for (size_t i = 0; rc == CF_OK && i < sale->tenders.n; i++)
        if (sale->tenders.tender[i].value.source == CF_VALUE_CENTRE)
            rc = cf_open_sale_owe(sale, sale->tenders.tender[i].value.key, sale->tenders.tender[i].kind, err);
    if (rc == CF_OK)
        cf_tenders_init(&sale->tenders, 0);
    return rc;
}

/* Fewer pieces of a line: the others are void, and counted as that. */
static enum cf_rc take_quantity(struct cf_open_sale *sale, const struct cf_step *step, struct cf_error *err)
{
    struct cf_cart_line fewer = {.qty_milli = 0};
    int64_t gross = 0;
    if (step->change.line_no > 0 && step->change.line_no <= cf_cart_count(sale->cart))
        fewer = *cf_cart_at(sale->cart, step->change.line_no - 1);
    enum cf_rc rc = cf_open_goods_take(sale->cart, step, err);
    if (rc != CF_OK)
        return rc;
    fewer.qty_milli -= step->change.value; /* no overflow: the cart took it as a quantity */
    if (fewer.qty_milli <= 0 || cf_line_gross(&fewer, &gross, NULL) != CF_OK)
        return CF_OK;
    sale->n_less++;
    if (cf_add_i64(sale->less_minor, gross, &sale->less_minor, NULL) != CF_OK)
        sale->less_minor = INT64_MAX;
    return CF_OK;
}

/* The phone of the same member: counted again after a recall, or where nobody had said which visit it is. */
static bool says_more(const struct cf_step_member *member, const struct cf_step_member *before)
{
    return member->live && memcmp(member->sub.b, before->sub.b, CF_SUB_BYTES) == 0 &&
           (member->counter == before->counter || (before->visits == 0 && member->visits != 0));
}

static enum cf_rc take_step(struct cf_open_sale *sale, const struct cf_step *step, struct cf_error *err)
{
    switch (step->kind) {
    case CF_STEP_QUANTITY:
        return take_quantity(sale, step, err);
    case CF_STEP_LINE:
        return take_line(sale, step, err);
    case CF_STEP_PRICE:
    case CF_STEP_VOID:
        return cf_open_goods_take(sale->cart, step, err);
    case CF_STEP_QUOTE:
        return take_quote(sale, &step->quote, err);
    case CF_STEP_MANUAL_DISCOUNT:
        if (step->by_hand.percent_bp == 0 && step->by_hand.asked_minor == 0)
            return cf_cart_undiscount(sale->cart, step->by_hand.line_no, err);
        return cf_cart_discount(sale->cart, &step->by_hand, err);
    case CF_STEP_MEMBER:
        if (sale->has_member && sale->member.live && !says_more(&step->member, &sale->member))
            return cf_fail(err, CF_E_MEMBER_TWICE, "the sale has a member");
        sale->has_member = true;
        sale->member = step->member;
        return CF_OK;
    case CF_STEP_COUPON:
        if (sale->n_coupons == CF_SALE_COUPONS_MAX)
            return cf_fail(err, CF_E_LIMIT, "a sale takes at most %d coupons", CF_SALE_COUPONS_MAX);
        sale->coupons[sale->n_coupons++] = step->coupon;
        if (memcmp(step->coupon.redemption.request_key, sale->asked.request_key, CF_REQUEST_KEY_BYTES) == 0)
            sale->asking = false;
        return CF_OK;
    case CF_STEP_EXCHANGE:
        return take_exchange(sale, &step->exchange, err);
    case CF_STEP_UNCOUPON:
        drop_held(sale, step->ask.request_key);
        return CF_OK;
    case CF_STEP_ORDER:
        return take_order(sale, &step->order, err);
    case CF_STEP_ASK: /* asking about a coupon that is held puts it in doubt again: it leaves the sale */
        drop_held(sale, step->ask.request_key);
        drop_order(sale, step->ask.request_key);
        sale->has_asked = true;
        sale->asking = true;
        sale->asked = step->ask;
        return CF_OK;
    case CF_STEP_REFUSED:
        if (memcmp(step->ask.request_key, sale->asked.request_key, CF_REQUEST_KEY_BYTES) == 0)
            sale->asking = false;
        return CF_OK;
    case CF_STEP_CHALLENGE:
        if (sale->n_challenges == CF_SALE_CHALLENGES_MAX)
            return cf_fail(err, CF_E_LIMIT, "a sale shows at most %d challenges", CF_SALE_CHALLENGES_MAX);
        memcpy(sale->challenges[sale->n_challenges++], step->nonce, CF_NONCE_BYTES);
        return CF_OK;
    case CF_STEP_ANNOUNCE:
        sale->announced = step->announced;
        return CF_OK;
    case CF_STEP_OVERRIDE:
        if (sale->n_overrides < CF_SALE_OVERRIDES_MAX) /* each is a record of its own, too */
            sale->overrides[sale->n_overrides++] = step->override;
        return CF_OK;
    case CF_STEP_TENDER: {
        enum cf_rc rc = add_tender(sale, &step->tender.tender, &step->tender.cash, err);
        if (rc == CF_OK && step->tender.tender.value.source == CF_VALUE_CENTRE)
            settle_owed(sale, step->tender.tender.value.key);
        return rc;
    }
    case CF_STEP_VALUE:
        return take_value(sale, step, err);
    case CF_STEP_UNTENDER:
        return take_untender(sale, err);
    case CF_STEP_PAY:
        if (sale->state == CF_CHECKOUT_SELLING) {
            enum cf_rc rc = begin_tenders(sale, err);
            if (rc != CF_OK)
                return rc;
        }
        return cf_open_payments_ask(&sale->payments, &step->pay, err);
    case CF_STEP_PAYMENT:
        return cf_open_payments_take(&sale->payments, &sale->tenders, &step->payment, err);
    case CF_STEP_REFUND:
        return cf_open_payments_owe(&sale->payments, &step->refund, err);
    }
    return cf_fail(err, CF_E_INTERNAL, "no such step");
}

/* The kind of tender that the step brings or asks for; 0: none. */
static uint32_t kind_of(const struct cf_step *step)
{
    if (step->kind == CF_STEP_TENDER)
        return (uint32_t)step->tender.tender.kind;
    return step->kind == CF_STEP_PAY ? (uint32_t)step->pay.kind : 0;
}

enum cf_rc cf_open_sale_check_kind(const struct cf_open_sale *sale, uint32_t kind, struct cf_error *err)
{
    if (kind == 0 || (sale->facts.tenders >> kind & 1) != 0)
        return CF_OK;
    for (size_t i = 0; i < sale->n_offers; i++)
        if (sale->offers[i].promotion->tenders != 0 && cf_open_sale_gives(sale, i))
            return cf_fail(err, CF_E_TENDER_TERMS, "%s was not announced, and %s depends on how all is paid",
                           cf_tender_kind_name((enum cf_tender_kind)kind), sale->offers[i].promotion->name);
    return CF_OK;
}

/* The instant by which the sale is priced for the last time, if this step is its first payment. */
static bool stands_still(const struct cf_open_sale *sale, const struct cf_step *step, cf_wall *ret_at)
{
    if (sale->state != CF_CHECKOUT_SELLING || kind_of(step) == 0)
        return false;
    ret_at->us = (step->kind == CF_STEP_TENDER ? step->tender.priced_at_ms : step->pay.priced_at_ms) * CF_US_PER_MS;
    return true;
}

static struct cf_checkout_facts facts_of(const struct cf_open_sale *sale)
{
    bool misfit = cf_open_payments_misfit(&sale->payments);
    return (struct cf_checkout_facts){
        .has_goods = cf_cart_live_count(sale->cart) > 0,
        .settled = cf_tenders_due(&sale->tenders) == 0 && !misfit,
        .payment_open = cf_open_payments_open(&sale->payments) != NULL,
        .has_paid = sale->tenders.n > (sale->exchange.is ? 1 : 0) || sale->payments.n > 0,
    };
}

enum cf_rc cf_open_sale_apply(struct cf_open_sale *sale, const struct cf_step *step,
                              const struct cf_offer_source *source, cf_wall now, struct cf_error *err)
{
    struct cf_checkout_facts facts = {.has_goods = cf_cart_live_count(sale->cart) > 0};
    enum cf_checkout_state next;
    enum cf_checkout_event event = event_of(sale, step);
    cf_wall priced_at;
    if (step->kind == CF_STEP_OVERRIDE || step->kind == CF_STEP_VALUE) /* change neither state nor price */
        return take_step(sale, step, err);
    enum cf_rc rc = cf_checkout_step(sale->state, event, &facts, &next, err);
    if (rc == CF_OK && step->kind == CF_STEP_TENDER && cf_open_payments_misfit(&sale->payments))
        rc = cf_fail(err, CF_E_PAYMENT_PRICE, "a payment does not fit the price");
    if (rc == CF_OK && stands_still(sale, step, &priced_at))
        rc = price_at(sale, source, priced_at, kind_of(step), err);
    if (rc == CF_OK && step->kind == CF_STEP_TENDER) /* a payment that was asked for elsewhere is a fact */
        rc = cf_open_sale_check_kind(sale, kind_of(step), err);
    if (rc == CF_OK)
        rc = take_step(sale, step, err);
    if (rc != CF_OK && sale->state == CF_CHECKOUT_SELLING && kind_of(step) != 0)
        (void)!cf_open_sale_price(sale, source, now, NULL); /* that way of paying is off again, and so is its price */
    if (rc != CF_OK)
        return rc;
    if (event == CF_EVENT_TENDER || event == CF_EVENT_PAYMENT) {
        facts = facts_of(sale);
        rc = cf_checkout_step(sale->state, event, &facts, &next, err);
    }
    bool still =
        event == CF_EVENT_TENDER || event == CF_EVENT_PAY || event == CF_EVENT_REVERSE || event == CF_EVENT_REFUND;
    if (rc == CF_OK && !still && (event != CF_EVENT_PAYMENT || next == CF_CHECKOUT_SELLING))
        rc = cf_open_sale_price(sale, source, now, err);
    /* Asking opens no sale: the answer may be no. */
    if (rc == CF_OK && step->kind != CF_STEP_ASK && step->kind != CF_STEP_REFUSED)
        sale->state = next;
    return rc;
}
