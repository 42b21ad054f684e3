/*
 * tests/unit/core/core_support.c - see core_support.h.
 */
#include "tests/unit/core/core_support.h"

#include <stdio.h>
#include <string.h>

#include "app/core/promotion_fields.h"
#include "tests/unit/core/core_cmocka.h"

const cf_currency core_cny = {"CNY"};
const cf_wall core_now = {INT64_C(1795330800) * CF_US_PER_S}; /* 2026-11-22T07:00:00Z */

uint64_t chance_next(struct chance *chance)
{
    uint64_t z = (chance->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint64_t chance_below(struct chance *chance, uint64_t n)
{
    return chance_next(chance) % n;
}

bool chance_of(struct chance *chance, unsigned percent)
{
    return chance_below(chance, 100) < percent;
}

bool core_categories(void *ctx, uint64_t product, uint32_t *ret, size_t max, size_t *ret_n)
{
    (void)ctx;
    if (max < 2)
        return false;
    ret[0] = (uint32_t)(product % 4);
    ret[1] = (uint32_t)(10 + product % 3);
    *ret_n = 2;
    return true;
}

struct cf_cart_line core_line(uint64_t product, int64_t qty_milli, int64_t unit_price_minor, uint32_t tax_bp)
{
    struct cf_cart_line line = {0};
    line.product = product;
    line.qty_milli = qty_milli;
    line.unit_price_minor = unit_price_minor;
    line.tax_bp = tax_bp;
    line.weighed = qty_milli % 1000 != 0;
    (void)snprintf(line.name, sizeof line.name, "product %llu", (unsigned long long)product);
    (void)core_categories(NULL, product, line.categories, CF_LINE_CATEGORIES_MAX, &line.n_categories);
    return line;
}

struct cf_cart_line core_line_by_chance(struct chance *chance)
{
    static const int64_t prices[] = {0, 1, 33, 99, 100, 333, 1990, 2999, 10000, 123457};
    static const uint32_t rates[] = {0, 300, 900, 1300};
    uint64_t product = 1 + chance_below(chance, 12);
    int64_t qty = (int64_t)(1 + chance_below(chance, 5)) * 1000;
    if (chance_of(chance, 20))
        qty = (int64_t)(1 + chance_below(chance, 3000));
    /* The rate belongs to the product, the price may change within a sale. */
    return core_line(product, qty, prices[chance_below(chance, 10)], rates[product % 4]);
}

struct cf_promotion core_promotion(uint32_t campaign, enum cf_reward_kind kind, int64_t amount_or_bp)
{
    struct cf_promotion p = {0};
    p.campaign = campaign;
    p.version = 1;
    p.kind = kind;
    if (kind == CF_REWARD_ORDER_PERCENT || kind == CF_REWARD_LINE_PERCENT)
        p.percent_bp = (uint32_t)amount_or_bp;
    else
        p.amount_minor = amount_or_bp;
    (void)snprintf(p.name, sizeof p.name, "Promotion %lu", (unsigned long)campaign);
    return p;
}

struct cf_promotion core_promotion_by_chance(struct chance *chance, uint32_t campaign)
{
    enum cf_reward_kind kind = (enum cf_reward_kind)(1 + chance_below(chance, 4));
    bool percent = kind == CF_REWARD_ORDER_PERCENT || kind == CF_REWARD_LINE_PERCENT;
    struct cf_promotion p = core_promotion(campaign, kind, (int64_t)(1 + chance_below(chance, percent ? 10000 : 3000)));
    p.priority = (int32_t)chance_below(chance, 3) - 1;
    if (chance_of(chance, 40))
        for (size_t n = 1 + chance_below(chance, 3); p.goods.n_products < n;)
            p.goods.products[p.goods.n_products++] = 1 + chance_below(chance, 14);
    if (chance_of(chance, 40))
        p.goods.categories[p.goods.n_categories++] = (uint32_t)chance_below(chance, 14);
    if (chance_of(chance, 30))
        p.min_spend_minor = (int64_t)chance_below(chance, 20000);
    if (chance_of(chance, 20))
        p.min_qty_milli = (int64_t)chance_below(chance, 10000);
    if (chance_of(chance, 30))
        p.max_discount_minor = (int64_t)(1 + chance_below(chance, 2000));
    if (chance_of(chance, 20)) {
        p.from.us = core_now.us - 1000;
        p.to.us = core_now.us + (int64_t)chance_below(chance, 3);
    }
    p.needs_coupon = chance_of(chance, 50);
    p.exclusive = chance_of(chance, 5);
    return p;
}

static void few_by_chance(struct chance *chance, struct cf_goods_few *few)
{
    *few = (struct cf_goods_few){0};
    for (size_t n = 1 + chance_below(chance, 3); few->n_products < n;)
        few->products[few->n_products++] = 1 + chance_below(chance, 14);
    if (chance_of(chance, 50))
        few->categories[few->n_categories++] = (uint32_t)chance_below(chance, 14);
}

static void figures_by_chance(struct chance *chance, struct cf_promotion *p)
{
    p->off = (enum cf_off)chance_below(chance, 3);
    p->amount_minor = (int64_t)(1 + chance_below(chance, 3000));
    p->percent_bp = chance_of(chance, 30) ? 10000 : (uint32_t)(1 + chance_below(chance, 10000));
    p->get_qty = (uint32_t)(1 + chance_below(chance, 2));
    p->group_qty = p->get_qty + (uint32_t)chance_below(chance, 3);
    if (p->kind == CF_REWARD_GROUP && chance_of(chance, 40))
        p->get_qty = 0;
    if (chance_of(chance, 70))
        p->buy_qty = (uint32_t)(1 + chance_below(chance, 3));
    else
        p->buy_minor = (int64_t)(1 + chance_below(chance, 4000));
    if (chance_of(chance, 60))
        few_by_chance(chance, &p->buy);
    for (p->n_slots = 0; p->kind == CF_REWARD_BUNDLE && p->n_slots < 1 + p->percent_bp % 3; p->n_slots++) {
        p->slots[p->n_slots].qty = (uint32_t)(1 + chance_below(chance, 2));
        few_by_chance(chance, &p->slots[p->n_slots].goods);
    }
    int64_t from = 0;
    for (p->n_tiers = 0; p->kind == CF_REWARD_TIERED && p->n_tiers < 1 + p->percent_bp % 4; p->n_tiers++) {
        p->tiers[p->n_tiers] = (struct cf_tier){from, (int64_t)chance_below(chance, 5000)};
        from += 1 + (int64_t)chance_below(chance, 9000);
    }
    if (p->kind == CF_REWARD_GIFT)
        p->goods = (struct cf_goods){.n_products = 1, .products = {1 + chance_below(chance, 14)}};
    if (p->kind == CF_REWARD_EFFECT || chance_of(chance, 5))
        p->points_bp = 20000;
}

/* Each of these now and then, at a value that a basket of chance can meet. */
static void rules_by_chance(struct chance *chance, struct cf_promotion *p)
{
    static const struct {
        const char *name;
        unsigned percent;
        uint64_t below; /* 1..below */
    } rules[] = {
        {"covers", 5, 2},
        {"max_times", 15, 3},
        {"max_units", 15, 4},
        {"max_units_by_line", 10, 1},
        {"unit_step", 5, 2},
        {"first_minor", 5, 500},
        {"skip_units", 5, 2},
        {"tier_by", 40, 1},
        {"tier_by_line", 20, 1},
        {"on_gross", 15, 1},
        {"min_after", 10, 1},
        {"min_tax", 10, 2},
        {"max_spend_minor", 5, 90000},
        {"tiers_mask", 5, 1023},
        {"members_only", 5, 1},
        {"visit_nth", 5, 4},
        {"birthday", 5, 1},
        {"weekdays", 5, 127},
        {"tenders", 3, 7},
        {"skip_reduced", 10, 1},
        {"skip_discounted", 10, 1},
        {"group", 20, 2},
        {"last", 5, 1},
        {"exclusive_how", 20, 1},
        {"rounding", 30, 3},
        {"round_to", 20, 2},
        {"share", 20, 2},
        {"rank_tax", 20, 2},
        {"pick", 40, 1},
        {"gather", 40, 1},
        {"pick_across", 30, 1},
        {"by_line", 20, 1},
        {"partial", 40, 1},
        {"ties", 30, 1},
        {"claims", 15, 1},
        {"get_nth", 15, 3},
        {"unit_min_minor", 5, 90},
        {"unit_max_minor", 5, 20000},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct cf_promotion_field *field = cf_promotion_field_named(rules[i].name);
        assert_non_null(field);
        if (chance_of(chance, rules[i].percent))
            cf_promotion_set(p, field, (int64_t)(1 + chance_below(chance, rules[i].below)));
    }
    if (chance_of(chance, 10))
        few_by_chance(chance, &p->except);
    if (chance_of(chance, 5))
        p->hours[p->n_hours++] = (struct cf_hours){540, 720};
}

struct cf_promotion core_any_promotion_by_chance(struct chance *chance, uint32_t campaign)
{
    for (;;) {
        struct cf_promotion p = core_promotion_by_chance(chance, campaign);
        if (chance_of(chance, 80))
            p.kind = (enum cf_reward_kind)(1 + chance_below(chance, CF_REWARD_KINDS));
        figures_by_chance(chance, &p);
        rules_by_chance(chance, &p);
        if (cf_promotion_check(&p, NULL) == CF_OK)
            return p;
    }
}

struct cf_cart_line core_any_line_by_chance(struct chance *chance)
{
    struct cf_cart_line line = core_line_by_chance(chance);
    line.delivery = chance_of(chance, 5);
    line.reduced = chance_of(chance, 20);
    if (chance_of(chance, 30))
        line.floor_minor = (int64_t)chance_below(chance, (uint64_t)line.unit_price_minor + 2);
    line.has_member_price = chance_of(chance, 30);
    if (line.has_member_price)
        line.member_price_minor = (int64_t)chance_below(chance, (uint64_t)line.unit_price_minor + 2);
    return line;
}

struct cf_price_facts core_facts(void)
{
    return (struct cf_price_facts){.has_member = true,
                                   .tier = 2,
                                   .visits = 2,
                                   .birthday = 1122,
                                   .channel = 1,
                                   .store = 3,
                                   .local_date = 20261122,
                                   .weekday = 7,
                                   .minute = 600,
                                   .tenders = 2};
}

struct cf_cart *core_cart(const struct cf_cart_line *lines, size_t n)
{
    struct cf_cart *cart;
    uint32_t line_no;
    assert_int_equal(CF_OK, cf_cart_new(core_cny, &cart, NULL));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(CF_OK, cf_cart_add(cart, &lines[i], &line_no, NULL));
        assert_int_equal(i + 1, line_no);
    }
    return cart;
}

void core_price(const struct cf_cart *cart, const struct cf_offer *offers, size_t n_offers, enum cf_tax_mode mode,
                struct cf_priced *ret)
{
    struct cf_error err = {0};
    if (cf_price(cart, offers, n_offers, mode, core_now, NULL, ret, &err) != CF_OK)
        fail_msg("cf_price: %s", err.detail);
}

void core_assert_consistent(const struct cf_cart *cart, const struct cf_priced *priced, enum cf_tax_mode mode)
{
    int64_t gross = 0, discount = 0, net = 0, tax = 0, applied = 0;
    assert_int_equal(cf_cart_count(cart), priced->n_lines);
    for (size_t i = 0; i < priced->n_lines; i++) {
        const struct cf_priced_line *l = &priced->lines[i];
        assert_true(l->discount_minor >= 0 && l->net_minor >= 0 && l->tax_minor >= 0);
        assert_int_equal(l->gross_minor - l->discount_minor, l->net_minor);
        if (cf_cart_at(cart, i)->voided)
            assert_int_equal(0, l->gross_minor);
        gross += l->gross_minor;
        discount += l->discount_minor;
        net += l->net_minor;
        tax += l->tax_minor;
    }
    for (size_t i = 0; i < priced->n_applied; i++) {
        assert_true(priced->applied[i].amount_minor > 0);
        assert_true(priced->applied[i].reason[0] != '\0');
        applied += priced->applied[i].amount_minor;
    }
    for (size_t i = 0; i < priced->n_hand; i++) {
        assert_true(priced->hand[i].amount_minor >= 0);
        applied += priced->hand[i].amount_minor;
    }
    assert_int_equal(gross, priced->gross_minor);
    assert_int_equal(discount, priced->discount_minor);
    assert_int_equal(applied, priced->discount_minor);
    assert_int_equal(net, priced->net_minor);
    assert_int_equal(tax, priced->tax_minor);
    assert_int_equal(mode == CF_TAX_INCLUSIVE ? net : net + tax, priced->total_minor);
}

static void record_offers(const struct cf_offer *offers, const struct cf_priced *priced, struct cf_sale *sale)
{
    for (size_t i = 0; i < priced->n_applied; i++) {
        const struct cf_offer *offer = &offers[priced->applied[i].offer];
        struct cf_sale_discount *discount = &sale->discounts[sale->n_discounts++];
        discount->campaign = offer->promotion->campaign;
        discount->version = offer->promotion->version;
        discount->amount_minor = priced->applied[i].amount_minor;
        discount->redemption = -1;
        if (!offer->coupon_held)
            continue;
        struct cf_redemption *redemption = &sale->redemptions[sale->n_redemptions];
        discount->redemption = (int32_t)sale->n_redemptions++;
        redemption->campaign = offer->promotion->campaign;
        redemption->index = 123456;
        redemption->policy = CF_POLICY_LEASED;
        redemption->source = CF_RIGHT_LEASE;
        memset(redemption->request_key, 0xA5, CF_REQUEST_KEY_BYTES);
    }
}

/* As a till writes them: see till_commit.c. */
static void record_by_hand(const struct cf_cart *cart, const struct cf_priced *priced, struct cf_sale *sale)
{
    const struct cf_hand_discount *asked;
    size_t n = cf_cart_discounts(cart, &asked);
    for (size_t i = 0; i < n; i++) {
        struct cf_hand_given *given = &sale->by_hand[sale->n_by_hand];
        if (priced->hand[i].amount_minor == 0)
            continue;
        *given = (struct cf_hand_given){asked[i], priced->hand[i].amount_minor};
        for (size_t k = 0; k < asked[i].line_no; k++)
            given->asked.line_no -= cf_cart_at(cart, k)->voided ? 1 : 0;
        sale->n_by_hand++;
    }
}

static void pay(struct cf_sale *sale)
{
    struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = sale->total_minor / 2};
    struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = sale->total_minor - card.amount_minor + 77};
    (void)snprintf(card.reference, sizeof card.reference, "A1B2C3D4E5F6");
    cf_tenders_init(&sale->tenders, sale->total_minor);
    if (card.amount_minor > 0)
        assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &card, NULL));
    if (sale->total_minor > 0)
        assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &cash, NULL));
    sale->change_minor = cf_tenders_change(&sale->tenders);
}

void core_sale(const struct cf_cart *cart, const struct cf_offer *offers, const struct cf_priced *priced,
               enum cf_tax_mode mode, struct cf_sale *ret)
{
    struct cf_sale_line *lines = ret->lines;
    memset(ret, 0, sizeof *ret);
    ret->lines = lines;
    ret->sale_no = 4711;
    ret->business_day = 20261122;
    (void)snprintf(ret->cashier, sizeof ret->cashier, "amy");
    ret->priced_before_ms = 8250;
    ret->currency = cf_cart_currency(cart);
    ret->tax_mode = mode;
    for (size_t i = 0; i < cf_cart_count(cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(cart, i);
        if (line->voided)
            continue;
        lines[ret->n_lines++] = (struct cf_sale_line){.product = line->product,
                                                      .qty_milli = line->qty_milli,
                                                      .unit_price_minor = line->unit_price_minor,
                                                      .discount_minor = priced->lines[i].discount_minor,
                                                      .tax_bp = line->tax_bp,
                                                      .reduced = line->reduced,
                                                      .delivery = line->delivery,
                                                      .has_member_price = line->has_member_price,
                                                      .member_price_minor = line->member_price_minor,
                                                      .floor_minor = line->floor_minor,
                                                      .extra = line->extra};
    }
    ret->gross_minor = priced->gross_minor;
    ret->discount_minor = priced->discount_minor;
    ret->tax_minor = priced->tax_minor;
    ret->total_minor = priced->total_minor;
    record_offers(offers, priced, ret);
    record_by_hand(cart, priced, ret);
    pay(ret);
}
