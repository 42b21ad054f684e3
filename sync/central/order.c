/*
 * sync/central/order.c - see order.h.
 */
#include "sync/central/members.h"
#include "sync/central/order.h"

#include "app/core/tender.h"
#include "sync/central/adjudicate.h"
#include "sync/central/catalogue.h"
#include "sync/central/places.h"

#include <stdlib.h>
#include <string.h>

#define ORDER_LINES_MAX 500
#define AUTOMATIC_MAX (CF_OFFERS_MAX - 1)

struct cf_order_scratch {
    struct cf_cart *cart;
    struct cf_priced *priced;
    size_t n_promotions; /* the coupon's is the last, if there is one */
    struct cf_promotion promotions[CF_OFFERS_MAX];
    bool counted[CF_OFFERS_MAX];  /* each use takes a unit of its budget */
    bool left_out[CF_OFFERS_MAX]; /* of which too little is left */
    struct cf_offer offers[CF_OFFERS_MAX];
    size_t place[CF_OFFERS_MAX]; /* of an offer among the promotions */
    size_t n_uses;
    struct cf_order_use uses[CF_OFFERS_MAX];
};

enum cf_rc cf_order_scratch_new(struct cf_order_scratch **ret, struct cf_error *err)
{
    struct cf_order_scratch *scratch = calloc(1, sizeof *scratch);
    if (scratch == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    enum cf_rc rc = cf_priced_new(&scratch->priced, err);
    if (rc != CF_OK) {
        cf_order_scratch_free(scratch);
        return rc;
    }
    *ret = scratch;
    return CF_OK;
}

void cf_order_scratch_free(struct cf_order_scratch *scratch)
{
    if (scratch != NULL) {
        cf_cart_free(scratch->cart);
        cf_priced_free(scratch->priced);
        free(scratch);
    }
}

static enum cf_rc ready_cart(struct cf_order_scratch *scratch, cf_currency currency, struct cf_error *err)
{
    if (scratch->cart != NULL && cf_currency_equal(cf_cart_currency(scratch->cart), currency)) {
        cf_cart_clear(scratch->cart);
        return CF_OK;
    }
    cf_cart_free(scratch->cart);
    scratch->cart = NULL;
    return cf_cart_new(currency, &scratch->cart, err);
}

static enum cf_rc add_line(struct cf_central *central, uint32_t store, const json_t *json, struct cf_error *err)
{
    char code[CF_PRODUCT_CODE_MAX + 1];
    bool has_code, has_product;
    int64_t product_id = 0;
    struct cf_product product;
    struct cf_cart_line line = {0};
    uint32_t line_no;
    const struct cf_json_field fields[] = {
        {.name = "code", .text = code, .cap = sizeof code, .min_bytes = 1, .present = &has_code, .optional = true},
        {.name = "product",
         .integer = &product_id,
         .min = 1,
         .max = INT64_MAX,
         .present = &has_product,
         .optional = true},
        {.name = "qty_milli", .integer = &line.qty_milli, .min = 1, .max = CF_QTY_MILLI_MAX},
    };
    enum cf_rc rc = CF_JSON_READ(json, "order.lines.", fields, err);
    if (rc == CF_OK && has_code == has_product) {
        rc = cf_fail(err, CF_E_JSON_TYPE, "order.lines: either code or product");
    }
    if (rc == CF_OK) {
        rc = has_code ? cf_catalogue_by_code(central, store, code, &product, err)
                      : cf_catalogue_product(central, store, (uint64_t)product_id, &product, err);
    }
    if (rc == CF_OK && product.open_price) {
        rc = cf_fail(err, CF_E_GOODS_PRICE, "order.lines: %s has no price of its own", product.name);
    }
    if (rc == CF_OK && cf_product_is_recalled(&product, "")) {
        rc = cf_fail(err, CF_E_GOODS_RECALLED, "order.lines: all of %s is recalled", product.name);
    }
    if (rc != CF_OK) {
        return rc;
    }
    line.product = product.id;
    memcpy(line.name, product.name, sizeof line.name);
    line.unit_price_minor = product.price_minor;
    line.tax_bp = product.tax_bp;
    line.weighed = product.weighed;
    line.reduced = product.reduced;
    line.delivery = product.delivery;
    line.has_member_price = product.has_member_price;
    line.member_price_minor = product.member_price_minor;
    line.floor_minor = product.floor_minor;
    line.n_categories = product.n_categories;
    memcpy(line.categories, product.categories, sizeof line.categories);
    return cf_cart_add(central->order->cart, &line, &line_no, err);
}

/* *ret_tender: how it is paid, if the shop says so; else 0. */
static enum cf_rc read_order(const json_t *order, uint32_t *store, const json_t **ret_lines, uint32_t *ret_tender,
                             struct cf_error *err)
{
    int64_t named = *store;
    char tender[16];
    bool has_tender = false;
    enum cf_tender_kind kind = 0;
    const struct cf_json_field fields[] = {
        {.name = "lines", .array = ret_lines, .items_max = ORDER_LINES_MAX},
        {.name = "store", .integer = &named, .min = 1, .max = UINT32_MAX, .optional = true},
        {.name = "tender", .text = tender, .cap = sizeof tender, .present = &has_tender, .optional = true},
    };
    enum cf_rc rc = CF_JSON_READ(order, "order.", fields, err);
    if (rc == CF_OK && has_tender &&
        (!cf_tender_kind_parse(tender, &kind) || (kind != CF_TENDER_CARD && kind != CF_TENDER_MOBILE))) {
        rc = cf_fail(err, CF_E_JSON_TYPE, "order.tender: card or mobile expected");
    }
    *store = (uint32_t)named;
    *ret_tender = (uint32_t)kind;
    return rc;
}

static enum cf_rc add_lines(struct cf_central *central, uint32_t store, const json_t *lines, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        rc = json_is_object(line) ? add_line(central, store, line, err)
                                  : cf_fail(err, CF_E_JSON_TYPE, "order.lines[%zu]: an object expected", i);
    }
    if (rc == CF_OK && cf_cart_count(central->order->cart) == 0) {
        rc = cf_fail(err, CF_E_SALE_EMPTY, "order.lines");
    }
    return rc;
}

/* The automatic promotions of the online channel. */
static enum cf_rc collect_automatic(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_order_scratch *scratch = ctx;
    struct cf_campaign campaign;
    enum cf_rc rc = cf_campaign_decode(row[0].b, &campaign, err);
    bool applies = campaign.policy == CF_POLICY_AUTOMATIC || campaign.without_coupon;
    if (rc == CF_OK && applies && (campaign.channels & CF_CHANNEL_ONLINE) != 0 &&
        scratch->n_promotions < AUTOMATIC_MAX) {
        scratch->counted[scratch->n_promotions] = campaign.without_coupon;
        scratch->left_out[scratch->n_promotions] = false;
        scratch->promotions[scratch->n_promotions++] = campaign.promotion;
    }
    return rc;
}

/* Goods that would be free were they in the basket. */
static void put_gifts(const struct cf_priced *priced, json_t *json)
{
    json_t *gifts = json_array();
    for (size_t i = 0; i < priced->n_effects; i++) {
        const struct cf_effect *effect = &priced->effects[i];
        if (effect->kind != CF_EFFECT_GIFT) {
            continue;
        }
        json_t *gift = json_object();
        cf_json_set_int(gift, "product", (int64_t)effect->number);
        cf_json_set_int(gift, "qty_milli", effect->qty_milli);
        json_array_append_new(gifts, gift);
    }
    if (json_array_size(gifts) > 0) {
        cf_json_set(json, "gifts", gifts);
    } else {
        json_decref(gifts);
    }
}

static json_t *priced_json(const struct cf_order_scratch *scratch, const struct cf_store_settings *store)
{
    const struct cf_priced *priced = scratch->priced;
    json_t *json = json_object(), *lines = json_array(), *reasons = json_array();
    for (size_t i = 0; i < priced->n_lines; i++) {
        const struct cf_cart_line *line = cf_cart_at(scratch->cart, i);
        json_t *item = json_object();
        cf_json_set_int(item, "product", (int64_t)line->product);
        cf_json_set_text(item, "name", line->name);
        cf_json_set_int(item, "qty_milli", line->qty_milli);
        cf_json_set_int(item, "unit_price_minor", line->unit_price_minor);
        cf_json_set_int(item, "gross_minor", priced->lines[i].gross_minor);
        cf_json_set_int(item, "discount_minor", priced->lines[i].discount_minor);
        cf_json_set_int(item, "tax_minor", priced->lines[i].tax_minor);
        json_array_append_new(lines, item);
    }
    for (size_t i = 0; i < priced->n_applied; i++) {
        json_array_append_new(reasons, json_string(priced->applied[i].reason));
    }
    cf_json_set_text(json, "currency", store->currency.code);
    cf_json_set_int(json, "gross_minor", priced->gross_minor);
    cf_json_set_int(json, "discount_minor", priced->discount_minor);
    cf_json_set_int(json, "tax_minor", priced->tax_minor);
    cf_json_set_int(json, "total_minor", priced->total_minor);
    cf_json_set(json, "lines", lines);
    cf_json_set(json, "reasons", reasons);
    if (priced->free_delivery) {
        cf_json_set(json, "free_delivery", json_true());
    }
    put_gifts(priced, json);
    return json;
}

/* What promotions may ask about an order, now. */
static enum cf_rc gather_facts(struct cf_central *central, const struct cf_store_settings *settings,
                               const struct cf_campaign *coupon, const cf_sub *member, uint32_t tender,
                               struct cf_price_facts *ret, struct cf_error *err)
{
    cf_wall now = cf_central_now(central);
    struct cf_civil_time local = cf_civil_at(now, cf_store_offset_min(settings, now));
    struct cf_price_facts facts;
    struct cf_member_known known;
    unsigned tier = 0;
    memset(&facts, 0, sizeof facts);
    facts.channel = CF_CHANNEL_ONLINE;
    facts.local_date = local.date;
    facts.weekday = local.weekday;
    facts.minute = local.minute;
    facts.tenders = tender != 0 ? 1u << tender : 0;
    if (coupon != NULL) {
        facts.coupons[facts.n_coupons++] = coupon->id;
    }
    enum cf_rc rc = member != NULL ? cf_member_check(central, *member, &tier, err) : CF_OK;
    if (rc == CF_OK && member != NULL) {
        rc = cf_member_facts_get(central, *member, &known, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    facts.has_member = member != NULL;
    facts.tier = (uint8_t)tier;
    if (member != NULL && known.agreed) {
        facts.visits = known.claims.purchases + 1;
        facts.first_purchase = known.claims.purchases == 0;
        facts.birthday = known.claims.birthday;
        facts.n_segments = known.claims.n_segments;
        memcpy(facts.segments, known.claims.segments, known.claims.n_segments * sizeof *facts.segments);
    }
    *ret = facts;
    return CF_OK;
}

static int64_t money_of(const struct cf_priced *priced, size_t offer)
{
    for (size_t i = 0; i < priced->n_applied; i++) {
        if (priced->applied[i].offer == offer) {
            return priced->applied[i].amount_minor;
        }
    }
    return 0;
}

static bool gives(const struct cf_priced *priced, size_t offer)
{
    for (size_t i = 0; i < priced->n_effects; i++) {
        if (priced->effects[i].offer == offer) {
            return true;
        }
    }
    return money_of(priced, offer) > 0;
}

/* Did a promotion give something that goes with a coupon of this campaign? */
static bool goes_along(const struct cf_order_scratch *scratch, size_t n_offers, uint32_t campaign)
{
    for (size_t i = 0; i < n_offers; i++) {
        if (scratch->offers[i].promotion->with_campaign == campaign && gives(scratch->priced, i)) {
            return true;
        }
    }
    return false;
}

/* The coupon is the last offer: did it give something? */
static enum cf_rc check_coupon(const struct cf_priced *priced, size_t offer, int64_t *ret_minor, struct cf_error *err)
{
    if (gives(priced, offer)) {
        *ret_minor = money_of(priced, offer);
        return CF_OK;
    }
    for (size_t i = 0; i < priced->n_refused; i++) {
        if (priced->refused[i].offer == offer) {
            return cf_fail(err, priced->refused[i].rc, "%s", priced->refused[i].reason);
        }
    }
    return cf_fail(err, CF_E_COUPON_NO_EFFECT, "nothing is taken off");
}

/* --- promotions that are counted ---------------------------------------------------------------------------------- */

static struct cf_bill bill_of(uint32_t channel, const struct cf_order_use *use)
{
    return (struct cf_bill){.channel = channel, .cost_known = true, .cost_minor = use->cost_minor};
}

/* What each that gave something took; *ret_left_out: of one too little is left, and it is out. */
static enum cf_rc weigh_uses(struct cf_central *central, uint32_t channel, size_t n_offers, bool *ret_left_out,
                             struct cf_error *err)
{
    struct cf_order_scratch *scratch = central->order;
    enum cf_rc rc = CF_OK;
    scratch->n_uses = 0;
    *ret_left_out = false;
    for (size_t i = 0; rc == CF_OK && i < n_offers && !*ret_left_out; i++) {
        const struct cf_promotion *promotion = scratch->offers[i].promotion;
        struct cf_account *account;
        if (!scratch->counted[scratch->place[i]] || !gives(scratch->priced, i)) {
            continue;
        }
        struct cf_order_use *use = &scratch->uses[scratch->n_uses++];
        *use = (struct cf_order_use){promotion->campaign, promotion->version, money_of(scratch->priced, i)};
        const struct cf_bill bill = bill_of(channel, use);
        rc = cf_ledger_account(central, promotion->campaign, &account, err);
        if (rc == CF_OK) {
            rc = cf_ledger_may_take(central, account, &bill, false, err);
        }
        if (rc == CF_E_COUPON_BUDGET || rc == CF_E_COUPON_LIMIT) {
            scratch->left_out[scratch->place[i]] = *ret_left_out = true;
            rc = CF_OK;
        }
    }
    return rc;
}

enum cf_rc cf_order_take_uses(struct cf_central *central, const struct cf_order_priced *priced, uint32_t channel,
                              const char *request_id, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < priced->n_uses; i++) {
        const struct cf_order_use *taken = &priced->uses[i];
        const struct cf_bill bill = bill_of(channel, taken);
        const struct cf_sha256 key = cf_sha256(cf_bytes_str(request_id));
        struct cf_coupon_row none = {.campaign = taken->campaign, .index = CF_INDEX_NONE};
        struct cf_use use = {.policy = CF_POLICY_LEASED,
                             .at_us = cf_central_now(central).us,
                             .order_ms = cf_central_now(central).us / CF_US_PER_MS,
                             .cost_minor = taken->cost_minor,
                             .place = channel};
        struct cf_account *account;
        int64_t redemption = 0;
        memcpy(use.request_key, key.digest, sizeof use.request_key);
        rc = cf_ledger_account(central, taken->campaign, &account, err);
        if (rc == CF_OK) {
            rc = cf_ledger_take(central, account, &bill, false, &use.source, err);
        }
        if (rc == CF_OK) {
            rc = cf_adjudicate_use(central, account, &none, &use, &redemption, err);
        }
        if (rc == CF_OK) {
            rc = cf_ledger_sold(central, taken->campaign, taken->version, taken->cost_minor, err);
        }
    }
    return rc;
}

/* --- pricing ------------------------------------------------------------------------------------------------------ */

static size_t offer_all(struct cf_order_scratch *scratch, bool has_coupon)
{
    size_t n = 0;
    for (size_t i = 0; i < scratch->n_promotions; i++) {
        bool held = scratch->counted[i] || (has_coupon && i + 1 == scratch->n_promotions);
        if (scratch->left_out[i]) {
            continue;
        }
        scratch->place[n] = i;
        scratch->offers[n] = (struct cf_offer){&scratch->promotions[i], held, (uint32_t)i, false};
        n++;
    }
    return n;
}

/* With all of which enough is left. */
static enum cf_rc price_offers(struct cf_central *central, uint32_t channel, bool has_coupon,
                               const struct cf_store_settings *settings, const struct cf_price_facts *facts,
                               size_t *ret_n_offers, struct cf_error *err)
{
    struct cf_order_scratch *scratch = central->order;
    bool again = true;
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && again) { /* each round leaves one out */
        *ret_n_offers = offer_all(scratch, has_coupon);
        rc = cf_price(scratch->cart, scratch->offers, *ret_n_offers, settings->tax_mode, cf_central_now(central), facts,
                      scratch->priced, err);
        if (rc == CF_OK) {
            rc = weigh_uses(central, channel, *ret_n_offers, &again, err);
        }
    }
    return rc;
}

enum cf_rc cf_order_price(struct cf_central *central, uint32_t channel, uint32_t store, const json_t *order,
                          const struct cf_campaign *coupon, const cf_sub *member, struct cf_order_priced *ret,
                          struct cf_error *err)
{
    struct cf_order_scratch *scratch = central->order;
    struct cf_store_settings settings;
    const json_t *lines = NULL;
    uint32_t tender = 0;
    enum cf_rc rc = read_order(order, &store, &lines, &tender, err);
    if (rc == CF_OK) {
        rc = cf_store_settings_get(central, store, &settings, err);
    }
    if (rc == CF_OK) {
        rc = ready_cart(scratch, settings.currency, err);
    }
    if (rc == CF_OK) {
        rc = add_lines(central, store, lines, err);
    }
    scratch->n_promotions = 0;
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_CAMPAIGN_TERMS_RUNNING, CF_NO_ARGS, collect_automatic, scratch, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_price_facts facts;
    rc = gather_facts(central, &settings, coupon, member, tender, &facts, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (coupon != NULL) {
        scratch->counted[scratch->n_promotions] = scratch->left_out[scratch->n_promotions] = false;
        scratch->promotions[scratch->n_promotions++] = coupon->promotion;
    }
    size_t n_offers = 0;
    rc = price_offers(central, channel, coupon != NULL, &settings, &facts, &n_offers, err);
    ret->coupon_minor = 0;
    if (rc == CF_OK && coupon != NULL) {
        struct cf_error why = {.rc = CF_OK};
        rc = check_coupon(scratch->priced, n_offers - 1, &ret->coupon_minor, &why);
        if (rc != CF_OK && !goes_along(scratch, n_offers, coupon->id)) {
            return cf_fail(err, rc, "%s", why.detail);
        }
        rc = CF_OK;
    }
    if (rc == CF_OK) {
        ret->cart = scratch->cart;
        ret->priced = scratch->priced;
        ret->n_uses = scratch->n_uses;
        ret->uses = scratch->uses;
        ret->programme = settings.programme;
        ret->json = priced_json(scratch, &settings);
    }
    return rc;
}
