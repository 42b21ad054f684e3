/*
 * sync/central/judge_sale.c - see judge_sale.h. The table stands at the end.
 *
 * Made for a long queue: each campaign is decoded once, a product's categories are read once.
 */
#include "sync/central/judge.h"

#include "app/core/points_extra.h"
#include "sync/central/catalogue_past.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TERMS_CACHE 64
#define LISTS_CACHE 16
#define PRODUCTS_CACHE 16384 /* a power of two */

struct cached_product {
    uint64_t product; /* 0: empty */
    uint64_t reading; /* of which catalogue: see struct cf_judge */
    struct cf_goods_said goods;
    size_t n;
    uint32_t category[CF_LINE_CATEGORIES_MAX];
};
struct said_list {
    uint32_t list;
    bool plain, reduced;
};
struct cf_judge {
    struct cf_cart *cart;
    struct cf_priced *priced;
    struct cf_catalogue_past *past;
    struct cf_store_settings settings; /* of the store of the last batch; store 0: none */
    uint64_t prices_version;
    uint64_t reading; /* counts stores and versions of prices: what was read of another is not valid */
    struct cached_product *products;
    size_t n_terms, next_terms;
    struct cf_campaign terms[TERMS_CACHE];
    size_t n_lists, next_list; /* of this batch */
    struct said_list lists[LISTS_CACHE];
    struct cf_central *central; /* during a batch, for the look-ups */
    enum cf_rc lookup_rc;       /* a look-up met an error of the store */
};

enum cf_rc cf_judge_new(struct cf_judge **ret, struct cf_error *err)
{
    struct cf_judge *judge = calloc(1, sizeof *judge);
    if (judge == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "sales");
    }
    enum cf_rc rc = cf_priced_new(&judge->priced, err);
    if (rc == CF_OK) {
        rc = cf_catalogue_past_new(&judge->past, err);
    }
    judge->products = calloc(PRODUCTS_CACHE, sizeof *judge->products);
    if (rc == CF_OK && judge->products == NULL) {
        rc = cf_fail(err, CF_E_NO_MEMORY, "sales");
    }
    if (rc != CF_OK) {
        cf_judge_free(judge);
        return rc;
    }
    *ret = judge;
    return CF_OK;
}

void cf_judge_free(struct cf_judge *judge)
{
    if (judge != NULL) {
        cf_cart_free(judge->cart);
        cf_priced_free(judge->priced);
        cf_catalogue_past_free(judge->past);
        free(judge->products);
        free(judge);
    }
}

/* --- the batch ---------------------------------------------------------------------------------------------------- */

static enum cf_rc change_store(struct cf_central *central, struct cf_judge *judge, uint32_t store, struct cf_error *err)
{
    struct cf_cart *cart;
    judge->settings.store = 0;
    enum cf_rc rc = cf_store_settings_get(central, store, &judge->settings, err);
    if (rc == CF_OK && judge->cart != NULL &&
        cf_currency_equal(cf_cart_currency(judge->cart), judge->settings.currency)) {
        return CF_OK;
    }
    if (rc == CF_OK) {
        rc = cf_cart_new(judge->settings.currency, &cart, err);
    }
    if (rc != CF_OK) {
        judge->settings.store = 0;
        return rc;
    }
    cf_cart_free(judge->cart);
    judge->cart = cart;
    return CF_OK;
}

enum cf_rc cf_judge_begin(struct cf_central *central, struct cf_judge *judge, const struct cf_log *log,
                          struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    judge->central = central;
    judge->lookup_rc = CF_OK;
    judge->n_lists = judge->next_list = 0;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_DOWN_TOPIC_GET,
                                 CF_ARGS(cf_v_int(CF_TOPIC_PRICES), cf_v_int(log->store)), row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    uint64_t version = found ? (uint64_t)row[0].i : 0;
    if (judge->settings.store != log->store || judge->prices_version != version) {
        judge->reading++;
        judge->prices_version = version;
    }
    if (judge->settings.store != log->store) {
        rc = change_store(central, judge, log->store, err);
    }
    cf_catalogue_past_begin(judge->past, log->store);
    return rc;
}

/* --- what a sale does not carry ----------------------------------------------------------------------------------- */

/* NULL: the catalogue of now has no such goods, or the look-up failed (lookup_rc). */
static const struct cached_product *look_up_product(struct cf_judge *judge, uint64_t product)
{
    struct cached_product *slot = &judge->products[(product * UINT64_C(0x9E3779B97F4A7C15)) >> 50];
    if (slot->product == product && slot->reading == judge->reading && product != 0) {
        return slot;
    }
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_down_entry entry;
    bool found;
    enum cf_rc rc =
        cf_store_row(judge->central->store, CF_Q_PRODUCT_GET,
                     CF_ARGS(cf_v_int(judge->settings.store), cf_v_int((int64_t)product)), row, &found, NULL);
    if (rc != CF_OK) {
        judge->lookup_rc = rc;
        return NULL;
    }
    if (!found || cf_down_decode(row[1].b, &entry, NULL) != CF_OK || entry.kind != CF_DOWN_PRODUCT) {
        return NULL;
    }
    slot->product = product;
    slot->reading = judge->reading;
    slot->n = entry.product.n_categories;
    memcpy(slot->category, entry.product.categories, sizeof slot->category);
    cf_goods_said_of(&entry.product, &slot->goods);
    return slot;
}

static bool look_up_categories(void *ctx, uint64_t product, uint32_t *ret, size_t max, size_t *ret_n)
{
    const struct cached_product *found = look_up_product(ctx, product);
    if (found == NULL) {
        return false;
    }
    *ret_n = found->n < max ? found->n : max;
    memcpy(ret, found->category, *ret_n * sizeof *ret);
    return true;
}

static const struct cf_campaign *look_up_terms(void *ctx, uint32_t campaign, uint32_t version)
{
    struct cf_judge *judge = ctx;
    for (size_t i = 0; i < judge->n_terms; i++) {
        if (judge->terms[i].id == campaign && judge->terms[i].version == version) {
            return &judge->terms[i];
        }
    }
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(judge->central->store, CF_Q_CAMPAIGN_VERSION_GET,
                                 CF_ARGS(cf_v_int(campaign), cf_v_int(version)), row, &found, NULL);
    if (rc != CF_OK) {
        judge->lookup_rc = rc;
        return NULL;
    }
    struct cf_campaign *slot = &judge->terms[judge->next_terms];
    if (!found || cf_campaign_decode(row[0].b, slot, NULL) != CF_OK) {
        slot->id = 0;
        return NULL;
    }
    judge->next_terms = (judge->next_terms + 1) % TERMS_CACHE;
    judge->n_terms = judge->n_terms < TERMS_CACHE ? judge->n_terms + 1 : TERMS_CACHE;
    return slot;
}

/* --- what was ever said ------------------------------------------------------------------------------------------- */

enum cf_rc cf_judge_goods_now(const struct cf_judging *j, uint64_t product, struct cf_goods_said *ret, bool *ret_found,
                              struct cf_error *err)
{
    const struct cached_product *found = look_up_product(j->judge, product);
    if (j->judge->lookup_rc != CF_OK) {
        return cf_fail(err, j->judge->lookup_rc, "looking up goods");
    }
    *ret_found = found != NULL;
    if (found != NULL) {
        *ret = found->goods;
    }
    return CF_OK;
}

struct ever {
    cf_judge_entry_fn *look;
    void *ctx;
};

static enum cf_rc look_at_entry(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct ever *ever = ctx;
    struct cf_down_entry entry;
    return cf_down_decode(row[0].b, &entry, NULL) == CF_OK ? ever->look(ever->ctx, &entry, err) : CF_OK;
}

enum cf_rc cf_judge_ever(const struct cf_judging *j, enum cf_topic topic, int64_t first_key, int64_t last_key,
                         cf_judge_entry_fn *look, void *ctx, struct cf_error *err)
{
    struct ever ever = {look, ctx};
    return cf_store_each(j->central->store, CF_Q_DOWN_EVER,
                         CF_ARGS(cf_v_int(topic), cf_v_int(j->log->store), cf_v_int(first_key), cf_v_int(last_key)),
                         look_at_entry, &ever, err);
}

static enum cf_rc look_at_list(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    struct said_list *said = ctx;
    (void)err;
    if (entry->kind == CF_DOWN_PRICE_LIST) {
        said->plain = said->plain || !entry->price_list.terms.reduced;
        said->reduced = said->reduced || entry->price_list.terms.reduced;
    }
    return CF_OK;
}

enum cf_rc cf_judge_list_said(const struct cf_judging *j, uint32_t list, bool *ret_plain, bool *ret_reduced,
                              struct cf_error *err)
{
    struct cf_judge *judge = j->judge;
    struct said_list *said = NULL;
    for (size_t i = 0; i < judge->n_lists && said == NULL; i++) {
        said = judge->lists[i].list == list ? &judge->lists[i] : NULL;
    }
    if (said == NULL) {
        int64_t key = (int64_t)list * CF_PRICE_LIST_PARTS_MAX;
        struct said_list fresh = {.list = list};
        enum cf_rc rc =
            cf_judge_ever(j, CF_TOPIC_RULES, key, key + CF_PRICE_LIST_PARTS_MAX - 1, look_at_list, &fresh, err);
        if (rc != CF_OK) {
            return rc;
        }
        said = &judge->lists[judge->next_list];
        judge->next_list = (judge->next_list + 1) % LISTS_CACHE;
        judge->n_lists = judge->n_lists < LISTS_CACHE ? judge->n_lists + 1 : LISTS_CACHE;
        *said = fresh;
    }
    *ret_plain = said->plain;
    *ret_reduced = said->reduced;
    return CF_OK;
}

/* --- to the cent -------------------------------------------------------------------------------------------------- */

static cf_wall priced_at(const struct cf_record *record, const struct cf_sale *sale)
{
    int64_t ms, us;
    if (__builtin_sub_overflow(record->wall_ms, sale->priced_before_ms, &ms) ||
        __builtin_mul_overflow(ms, CF_US_PER_MS, &us)) {
        us = record->wall_ms < 0 ? INT64_MIN : INT64_MAX;
    }
    return (cf_wall){us};
}

/* A till of before did not say which campaign gave them. */
static enum cf_rc judge_points_by(const struct cf_judging *j, struct cf_error *why)
{
    const struct cf_sale *sale = j->sale;
    struct cf_points_given given[CF_EFFECTS_MAX];
    size_t n = 0;
    if (sale->n_points_by == 0) {
        return CF_OK;
    }
    if (!sale->has_member ||
        cf_points_by_campaign(&j->settings->programme, sale->member_tier, j->priced, given, &n, NULL) != CF_OK) {
        n = 0;
    }
    return cf_points_given_compare(sale->points_by, sale->n_points_by, given, n, why);
}

/* Points are money too. */
static enum cf_rc judge_points(const struct cf_judging *j, struct cf_error *why)
{
    const struct cf_sale *sale = j->sale;
    int64_t points = 0;
    if (sale->has_member &&
        cf_points_of(&j->settings->programme, sale->member_tier, j->priced, &points, NULL) != CF_OK) {
        points = 0;
    }
    return sale->points == points
               ? judge_points_by(j, why)
               : cf_fail(why, CF_E_RECORD, "points are %lld in the record and %lld when reckoned again",
                         (long long)sale->points, (long long)points);
}

/* *ret_what: CF_E_RECORD if the money of the record is not right to the cent. */
static enum cf_rc judge_money(const struct cf_judging *j, enum cf_rc *ret_what, struct cf_error *why,
                              struct cf_error *err)
{
    struct cf_judge *judge = j->judge;
    const struct cf_sale_lookup lookup = {judge, look_up_categories, look_up_terms};
    enum cf_rc rc = CF_OK;
    *ret_what = cf_sale_rejudge(j->sale, j->priced_at, &lookup, judge->cart, judge->priced, why);
    if (*ret_what == CF_E_NO_MEMORY) {
        return cf_fail(err, CF_E_NO_MEMORY, "pricing a sale again");
    }
    if (*ret_what != CF_OK && judge->lookup_rc == CF_OK) {
        rc = cf_catalogue_past_rejudge(j->central, judge->past, j->sale, j->priced_at, &lookup, judge->cart,
                                       judge->priced, ret_what, err);
    }
    if (rc == CF_OK && *ret_what == CF_OK) {
        *ret_what = judge_points(j, why);
    }
    if (rc == CF_OK && judge->lookup_rc != CF_OK) {
        rc = cf_fail(err, judge->lookup_rc, "looking up what a sale was priced by");
    }
    return rc;
}

/* --- coupons on the receipt --------------------------------------------------------------------------------------- */

static bool is_for_spend(const struct cf_campaign *campaign, int64_t total_minor)
{
    return campaign != NULL && campaign->issue_in_store && campaign->issue_min_minor != CF_ISSUE_BY_PROMOTION &&
           total_minor >= campaign->issue_min_minor;
}

/* How many coupons of the campaign the sale may have given: one for each promotion that says so, and one for what was
 * spent, by any of its versions: a till may not have heard of the newest. */
static size_t issues_earned(const struct cf_judging *j, const struct cf_campaign *terms)
{
    uint32_t campaign = terms->id, version = terms->version;
    bool for_spend = is_for_spend(terms, j->sale->total_minor);
    while (!for_spend && --version > 0) {
        for_spend = is_for_spend(look_up_terms(j->judge, campaign, version), j->sale->total_minor);
    }
    size_t n = for_spend ? 1 : 0;
    for (size_t i = 0; i < j->priced->n_effects; i++) {
        const struct cf_effect *effect = &j->priced->effects[i];
        n += effect->kind == CF_EFFECT_COUPON && effect->number == campaign;
    }
    return n;
}

/* Of a sale that was priced again: coupons on its receipt are worth money, so it must have earned them. */
static enum cf_rc judge_issued(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_sale *sale = j->sale;
    if (!j->is_right) {
        return CF_OK; /* what it earned is not known */
    }
    for (size_t i = 0; i < sale->n_issued; i++) {
        uint32_t campaign = sale->issued[i].campaign;
        struct cf_account *account;
        size_t nth = 1;
        for (size_t k = 0; k < i; k++) {
            nth += sale->issued[k].campaign == campaign;
        }
        enum cf_rc rc = cf_ledger_account(j->central, campaign, &account, err);
        if (rc == CF_E_CAMPAIGN_UNKNOWN) {
            continue; /* there is no grant for it either, which is told */
        }
        if (rc == CF_OK && nth > issues_earned(j, &account->terms)) {
            return cf_judge_alarm(j, err, "issued coupon %lu of campaign %lu, which the sale did not earn",
                                  (unsigned long)sale->issued[i].index, (unsigned long)campaign);
        }
        if (rc != CF_OK) {
            return rc;
        }
    }
    return j->judge->lookup_rc == CF_OK ? CF_OK
                                        : cf_fail(err, j->judge->lookup_rc, "looking up what a coupon was issued by");
}

/* A promotion that goes with a coupon uses that coupon up. */
static enum cf_rc judge_companions(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_sale *sale = j->sale;
    for (size_t i = 0; i < sale->n_discounts + sale->n_effects; i++) {
        bool is_discount = i < sale->n_discounts;
        const struct cf_sale_effect *effect = is_discount ? NULL : &sale->effects[i - sale->n_discounts];
        uint32_t campaign = is_discount ? sale->discounts[i].campaign : effect->campaign;
        const struct cf_campaign *terms =
            look_up_terms(j->judge, campaign, is_discount ? sale->discounts[i].version : effect->version);
        uint32_t held = terms != NULL ? terms->promotion.with_campaign : 0;
        bool redeemed = held == 0;
        for (size_t k = 0; k < sale->n_redemptions; k++) {
            redeemed = redeemed || sale->redemptions[k].campaign == held;
        }
        if (!redeemed) {
            return cf_judge_alarm(j, err, "campaign %lu goes with a coupon of campaign %lu, and none was redeemed",
                                  (unsigned long)campaign, (unsigned long)held);
        }
    }
    return j->judge->lookup_rc == CF_OK ? CF_OK : cf_fail(err, j->judge->lookup_rc, "looking up a promotion");
}

/* A campaign without coupons is counted by units, and every other by its coupons. */
static enum cf_rc judge_units(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_sale *sale = j->sale;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sale->n_redemptions; i++) {
        const struct cf_redemption *right = &sale->redemptions[i];
        struct cf_account *account;
        rc = cf_ledger_account(j->central, right->campaign, &account, err);
        if (rc == CF_OK && account->terms.without_coupon != (right->index == CF_INDEX_NONE)) {
            rc = cf_judge_alarm(j, err, "campaign %lu: a use %s a coupon", (unsigned long)right->campaign,
                                account->terms.without_coupon ? "with" : "without");
        }
        rc = rc == CF_E_CAMPAIGN_UNKNOWN ? CF_OK : rc; /* an alarm says so where the use is counted */
    }
    return rc;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

enum cf_rc cf_judge_alarm(const struct cf_judging *j, struct cf_error *err, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return cf_central_alarm(j->central, j->id, j->alarm, text, err);
}

/* What a sale claims, what it is held against, and the alarm. That its money comes out to the cent stands before. */
static const struct row {
    const char *claim;
    cf_judge_row_fn *judge;
    enum cf_rc alarm;
} rows[] = {
    /* against the prices that the catalogue and price lists of the store ever said */
    {"prices of goods", cf_judge_prices, CF_E_PRICE},
    /* against all that the catalogue of the store ever said of the goods at once */
    {"tax, floor, member price, reduced, delivery, weighed, entered, deposit", cf_judge_goods, CF_E_FACT},
    /* against the users that the store ever had, and what their roles may do */
    {"who sold", cf_judge_user, CF_E_PERMIT},
    {"who allowed what, and how much", cf_judge_overrides, CF_E_PERMIT},
    {"who changed a price, and by how much", cf_judge_changed_prices, CF_E_PERMIT},
    {"who gave a discount by hand, and how much", cf_judge_by_hand, CF_E_PERMIT},
    /* against all that the settings of the store ever were */
    {"tax mode", cf_judge_tax_mode, CF_E_FACT},
    {"cash rounding", cf_judge_rounding, CF_E_FACT},
    {"rates of foreign cash", cf_judge_rates, CF_E_FACT},
    /* against the till's own place, the record's time and the store's time zone */
    {"channel and store", cf_judge_place, CF_E_FACT},
    {"local time", cf_judge_clock, CF_E_FACT},
    /* against the member, and what cards ever claimed of them */
    {"tier", cf_judge_tier, CF_E_FACT},
    {"first purchase", cf_judge_first, CF_E_FACT},
    {"visits", cf_judge_visits, CF_E_FACT},
    {"birthday", cf_judge_birthday, CF_E_FACT},
    {"segments", cf_judge_segments, CF_E_FACT},
    /* against the coupons that the sale redeems */
    {"coupons held", judge_companions, CF_E_FACT},
    {"what a use is counted by", judge_units, CF_E_FACT},
    /* against what the promotions on the sale gave, and what was spent */
    {"coupons on the receipt", judge_issued, CF_E_FACT},
};

enum cf_rc cf_judge_sale(struct cf_central *central, struct cf_judge *judge, const struct cf_log *log, uint64_t id,
                         const struct cf_record *record, const struct cf_sale *sale, cf_wall sold_at,
                         enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct cf_judging j = {.central = central,
                           .judge = judge,
                           .log = log,
                           .id = id,
                           .cursor = record->down_cursor,
                           .settings = &judge->settings,
                           .sale = sale,
                           .cart = judge->cart,
                           .priced = judge->priced,
                           .priced_at = priced_at(record, sale),
                           .sold_at = sold_at};
    enum cf_rc what = CF_OK;
    enum cf_rc rc = judge_money(&j, &what, why, err);
    j.is_right = what == CF_OK;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rc == CF_OK; i++) {
        j.alarm = rows[i].alarm;
        rc = rows[i].judge(&j, err);
    }
    if (rc == CF_OK) {
        *ret_what = what;
    }
    return rc;
}
