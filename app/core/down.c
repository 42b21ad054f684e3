/*
 * app/core/down.c - entries of what the centre sends down; see down.h. Pure.
 *
 *   KEYSET       [1, cose]
 *   STORE        [2, store, name, address, tax_id, currency, tax_mode, utc_offset_min,
 *                 [minor_per_point, [tier_bp x 10], [tier_from_points x 10]], time_zone if it has one]
 *   PRODUCT      [3, id, name, name_other, price_minor, tax_bp, weighed, [category ...], [code ...], {...}]
 *                the map only if it says something: 1 flags (1 open price, 2 serialised, 4 reduced, 8 delivery),
 *                2 min_age, 3 deposit, 4 floor_minor, 5 member_price_minor, 6 [batch ...]
 *   PRODUCT_GONE [4, id]
 *   CAMPAIGN     [5, campaign as cf_campaign_encode]
 *   REDEEMED     [6, campaign, [index ...]]
 *   GENERATION   [7, campaign, index, generation]
 *   GRANT        [8, cose]
 *   LEASE        [9, campaign, epoch, granted, granted_minor, per_day, keep]
 *   RESULT       [10, seq, rc, text]
 *   HUB          [11, store, hub_epoch, terminal, terminal_epoch, host, port]
 *   STORE_LEASE  [12, as LEASE]
 *   ERASE        [13, mark(16)]
 *   UNREDEEMED   [14, as REDEEMED]
 *   REDEEMED_BLOCK [15, campaign, used, first, n, k, bits]     rice.h
 *   TERMINAL     [16, terminal, epoch, fenced, sign_key(33)]
 *   USER         [17, store, user, gone, name, on_receipt, role, badge(0 or 16), [salt(16), memory_kib, passes,
 * hash(32)]]
 *   STORE_RULES  [18, as cf_store_rules_write]
 *   PRICE_LIST   [19, as cf_price_list_write]
 *   GIFT_CARD    [20, kind, account, epoch, granted_minor, keep_minor, exp_s]
 *   ORDER        [21, as cf_order_encode]
 *   ORDER_GONE   [22, order, generation, handed_out]
 *   REQUEST      [23, as cf_request_view_encode]
 *   REQUEST_GONE [24, number, terminal, epoch, seq]
 *   UPDATE       [26, as cf_update_order_write]
 *   LOGS         [27, number, until_s]
 *   VALUE_BLOCK  [28, account, blocked]
 */
#include "app/core/down.h"

#include <string.h>

#include "base/cbor.h"

#define TIERS (CF_TIER_MAX + 1)
#define TAX_BP_MAX 10000u
#define TIER_BP_MAX 1000000u
#define UTC_OFFSET_MIN_MAX (18 * 60)
#define RC_NUMBER_MAX 9999
#define ITEMS_MAX (1 + CF_UPDATE_ORDER_ITEMS)

const char *cf_topic_name(enum cf_topic topic)
{
    switch (topic) {
    case CF_TOPIC_KEYS:
        return "keys";
    case CF_TOPIC_PRICES:
        return "prices";
    case CF_TOPIC_CAMPAIGNS:
        return "campaigns";
    case CF_TOPIC_REDEEMED:
        return "redeemed";
    case CF_TOPIC_GRANTS:
        return "grants";
    case CF_TOPIC_LEASES:
        return "leases";
    case CF_TOPIC_RESULTS:
        return "results";
    case CF_TOPIC_ERASURES:
        return "erasures";
    case CF_TOPIC_HUB:
        return "hub";
    case CF_TOPIC_USERS:
        return "users";
    case CF_TOPIC_RULES:
        return "rules";
    case CF_TOPIC_VALUE:
        return "value";
    case CF_TOPIC_ORDERS:
        return "orders";
    case CF_TOPIC_MACHINE:
        return "machine";
    }
    return "unknown";
}

bool cf_result_is_conflict(enum cf_rc rc)
{
    return rc == CF_E_COUPON_SPENT || rc == CF_E_COUPON_HOME || rc == CF_E_COUPON_BUDGET || rc == CF_E_FENCED ||
           rc == CF_E_ORDER_DONE || rc == CF_E_ORDER_HOME || rc == CF_E_ORDER_CANCELLED;
}

uint32_t cf_topic_scope(enum cf_topic topic, uint32_t store, uint32_t terminal)
{
    switch (topic) {
    case CF_TOPIC_PRICES:
    case CF_TOPIC_HUB:
    case CF_TOPIC_USERS:
    case CF_TOPIC_RULES:
    case CF_TOPIC_ORDERS:
        return store;
    case CF_TOPIC_LEASES:
    case CF_TOPIC_RESULTS:
    case CF_TOPIC_VALUE:
    case CF_TOPIC_MACHINE:
        return terminal;
    case CF_TOPIC_KEYS:
    case CF_TOPIC_CAMPAIGNS:
    case CF_TOPIC_REDEEMED:
    case CF_TOPIC_GRANTS:
    case CF_TOPIC_ERASURES:
        break;
    }
    return 0;
}

struct cf_sha256 cf_down_digest(const struct cf_sha256 *previous, cf_bytes entry)
{
    const cf_bytes parts[] = {cf_bytes_of(previous->digest, CF_SHA256_BYTES), entry};
    return cf_sha256_parts(parts, sizeof parts / sizeof parts[0]);
}

int cf_store_offset_min(const struct cf_store_settings *store, cf_wall at)
{
    return store->time_zone[0] != '\0' ? cf_zone_offset_min(&store->zone, at) : store->utc_offset_min;
}

/* --- encoding ----------------------------------------------------------------------------------------------------- */

static void write_store(struct cf_cbor_writer *w, const struct cf_store_settings *store)
{
    cf_cbor_write_uint(w, store->store);
    cf_cbor_write_text(w, store->name);
    cf_cbor_write_text(w, store->address);
    cf_cbor_write_text(w, store->tax_id);
    cf_cbor_write_text(w, store->currency.code);
    cf_cbor_write_uint(w, store->tax_mode);
    cf_cbor_write_int(w, store->utc_offset_min);
    cf_cbor_write_array(w, 3);
    cf_cbor_write_int(w, store->programme.minor_per_point);
    cf_cbor_write_array(w, TIERS);
    for (size_t k = 0; k < TIERS; k++) {
        cf_cbor_write_uint(w, store->programme.tier_bp[k]);
    }
    cf_cbor_write_array(w, TIERS);
    for (size_t k = 0; k < TIERS; k++) {
        cf_cbor_write_int(w, store->programme.tier_from_points[k]);
    }
    if (store->time_zone[0] != '\0') {
        cf_cbor_write_text(w, store->time_zone);
    }
}

/* --- what most goods have not --- */

enum extra_key {
    EXTRA_FLAGS = 1,
    EXTRA_AGE = 2,
    EXTRA_DEPOSIT = 3,
    EXTRA_FLOOR = 4,
    EXTRA_MEMBER = 5,
    EXTRA_BATCHES = 6
};
enum extra_flag { FLAG_OPEN_PRICE = 1, FLAG_SERIALISED = 2, FLAG_REDUCED = 4, FLAG_DELIVERY = 8 };
#define FLAGS_ALL 15u

static unsigned flags_of(const struct cf_product *product)
{
    return (product->open_price ? (unsigned)FLAG_OPEN_PRICE : 0) |
           (product->serialised ? (unsigned)FLAG_SERIALISED : 0) | (product->reduced ? (unsigned)FLAG_REDUCED : 0) |
           (product->delivery ? (unsigned)FLAG_DELIVERY : 0);
}

static size_t extras_of(const struct cf_product *product)
{
    const bool there[] = {flags_of(product) != 0,    product->min_age != 0,     product->deposit != 0,
                          product->floor_minor != 0, product->has_member_price, product->n_recalled != 0};
    size_t n = 0;
    for (size_t k = 0; k < sizeof there / sizeof there[0]; k++) {
        n += there[k] ? 1 : 0;
    }
    return n;
}

static void write_extras(struct cf_cbor_writer *w, const struct cf_product *product)
{
    const struct {
        enum extra_key key;
        bool is_there;
        uint64_t value;
    } numbers[] = {
        {EXTRA_FLAGS, flags_of(product) != 0, flags_of(product)},
        {EXTRA_AGE, product->min_age != 0, product->min_age},
        {EXTRA_DEPOSIT, product->deposit != 0, product->deposit},
        {EXTRA_FLOOR, product->floor_minor != 0, (uint64_t)product->floor_minor},
        {EXTRA_MEMBER, product->has_member_price, (uint64_t)product->member_price_minor},
    };
    cf_cbor_write_map(w, extras_of(product));
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        if (numbers[k].is_there) {
            cf_cbor_write_uint(w, numbers[k].key);
            cf_cbor_write_uint(w, numbers[k].value);
        }
    }
    if (product->n_recalled != 0) {
        cf_cbor_write_uint(w, EXTRA_BATCHES);
        cf_cbor_write_array(w, product->n_recalled);
        for (size_t k = 0; k < product->n_recalled; k++) {
            cf_cbor_write_text(w, product->recalled[k]);
        }
    }
}

bool cf_product_is_recalled(const struct cf_product *product, const char *batch)
{
    for (size_t k = 0; k < product->n_recalled; k++) {
        if (strcmp(product->recalled[k], "*") == 0 || (batch[0] != '\0' && strcmp(product->recalled[k], batch) == 0)) {
            return true;
        }
    }
    return false;
}

static void write_product(struct cf_cbor_writer *w, const struct cf_product *product)
{
    cf_cbor_write_uint(w, product->id);
    cf_cbor_write_text(w, product->name);
    cf_cbor_write_text(w, product->name_other);
    cf_cbor_write_int(w, product->price_minor);
    cf_cbor_write_uint(w, product->tax_bp);
    cf_cbor_write_bool(w, product->weighed);
    cf_cbor_write_array(w, product->n_categories);
    for (size_t k = 0; k < product->n_categories; k++) {
        cf_cbor_write_uint(w, product->categories[k]);
    }
    cf_cbor_write_array(w, product->n_codes);
    for (size_t k = 0; k < product->n_codes; k++) {
        cf_cbor_write_text(w, product->codes[k]);
    }
    if (extras_of(product) != 0) {
        write_extras(w, product);
    }
}

static void write_lease(struct cf_cbor_writer *w, const struct cf_lease_grant *lease)
{
    cf_cbor_write_uint(w, lease->campaign);
    cf_cbor_write_uint(w, lease->epoch);
    cf_cbor_write_int(w, lease->granted);
    cf_cbor_write_int(w, lease->granted_minor);
    cf_cbor_write_uint(w, lease->per_day);
    cf_cbor_write_int(w, lease->keep);
}

static void write_hub(struct cf_cbor_writer *w, const struct cf_hub_entry *hub)
{
    cf_cbor_write_uint(w, hub->store);
    cf_cbor_write_uint(w, hub->hub_epoch);
    cf_cbor_write_uint(w, hub->terminal);
    cf_cbor_write_uint(w, hub->terminal_epoch);
    cf_cbor_write_text(w, hub->host);
    cf_cbor_write_uint(w, hub->port);
}

static void write_terminal(struct cf_cbor_writer *w, const struct cf_terminal_entry *terminal)
{
    cf_cbor_write_uint(w, terminal->terminal);
    cf_cbor_write_uint(w, terminal->epoch);
    cf_cbor_write_bool(w, terminal->fenced);
    cf_cbor_write_bytes(w, cf_bytes_of(terminal->sign_key.point, CF_P256_PUBLIC_BYTES));
}

static void write_user(struct cf_cbor_writer *w, const struct cf_user *user)
{
    cf_cbor_write_uint(w, user->store);
    cf_cbor_write_uint(w, user->user);
    cf_cbor_write_bool(w, user->gone);
    cf_cbor_write_text(w, user->name);
    cf_cbor_write_text(w, user->on_receipt);
    cf_cbor_write_uint(w, user->role);
    cf_cbor_write_bytes(w, cf_bytes_of(user->badge.b, user->has_badge ? CF_BADGE_MARK_BYTES : 0));
    cf_cbor_write_array(w, 4);
    cf_cbor_write_bytes(w, cf_bytes_of(user->pin.salt, CF_PIN_SALT_BYTES));
    cf_cbor_write_uint(w, user->pin.memory_kib);
    cf_cbor_write_uint(w, user->pin.passes);
    cf_cbor_write_bytes(w, cf_bytes_of(user->pin.hash, CF_PIN_HASH_BYTES));
}

static void write_redeemed(struct cf_cbor_writer *w, const struct cf_redeemed *redeemed)
{
    cf_cbor_write_uint(w, redeemed->campaign);
    cf_cbor_write_array(w, redeemed->n);
    for (size_t k = 0; k < redeemed->n; k++) {
        cf_cbor_write_uint(w, redeemed->index[k]);
    }
}

static void write_block(struct cf_cbor_writer *w, const struct cf_redeemed_block *block)
{
    cf_cbor_write_uint(w, block->campaign);
    cf_cbor_write_bool(w, block->used);
    cf_cbor_write_uint(w, block->serials.first);
    cf_cbor_write_uint(w, block->serials.n);
    cf_cbor_write_uint(w, block->serials.k);
    cf_cbor_write_bytes(w, block->serials.bits);
}

static enum cf_rc write_campaign(struct cf_cbor_writer *w, const struct cf_campaign *campaign, struct cf_error *err)
{
    struct cf_buf encoded;
    cf_buf_init(&encoded, CF_CAMPAIGN_BYTES_MAX);
    enum cf_rc rc = cf_campaign_encode(campaign, &encoded, err);
    if (rc == CF_OK) {
        cf_cbor_write_raw(w, cf_buf_bytes(&encoded));
    }
    cf_buf_done(&encoded);
    return rc;
}

/* What would be read past its end must not be written: counts first, the rest is checked by decoding. */
static enum cf_rc check_counts(const struct cf_down_entry *entry, struct cf_error *err)
{
    if (entry->kind == CF_DOWN_PRODUCT &&
        (entry->product.n_categories > CF_LINE_CATEGORIES_MAX || entry->product.n_codes > CF_PRODUCT_CODES_MAX ||
         entry->product.n_recalled > CF_PRODUCT_BATCHES_MAX)) {
        return cf_fail(err, CF_E_LIMIT, "product %llu has too many categories, codes or batches",
                       (unsigned long long)entry->product.id);
    }
    if (entry->kind == CF_DOWN_STORE_RULES) {
        return cf_store_rules_check(&entry->store_rules, err);
    }
    if (entry->kind == CF_DOWN_PRICE_LIST) {
        return cf_price_list_check(&entry->price_list, err);
    }
    if ((entry->kind == CF_DOWN_REDEEMED || entry->kind == CF_DOWN_UNREDEEMED) &&
        entry->redeemed.n > sizeof entry->redeemed.index / sizeof(uint32_t)) {
        return cf_fail(err, CF_E_LIMIT, "%zu redeemed rights in one entry", entry->redeemed.n);
    }
    return CF_OK;
}

static enum cf_rc write_entry(struct cf_cbor_writer *w, const struct cf_down_entry *entry, struct cf_error *err)
{
    static const uint8_t items[] = {
        [CF_DOWN_KEYSET] = 2,
        [CF_DOWN_STORE] = 9,
        [CF_DOWN_PRODUCT] = 9,
        [CF_DOWN_PRODUCT_GONE] = 2,
        [CF_DOWN_CAMPAIGN] = 2,
        [CF_DOWN_REDEEMED] = 3,
        [CF_DOWN_GENERATION] = 4,
        [CF_DOWN_GRANT] = 2,
        [CF_DOWN_LEASE] = 7,
        [CF_DOWN_RESULT] = 4,
        [CF_DOWN_HUB] = 7,
        [CF_DOWN_STORE_LEASE] = 7,
        [CF_DOWN_ERASE] = 2,
        [CF_DOWN_UNREDEEMED] = 3,
        [CF_DOWN_REDEEMED_BLOCK] = 7,
        [CF_DOWN_TERMINAL] = 5,
        [CF_DOWN_STORE_RULES] = 1 + CF_STORE_RULES_ITEMS,
        [CF_DOWN_PRICE_LIST] = 1 + CF_PRICE_LIST_ITEMS,
        [CF_DOWN_USER] = 9,
        [CF_DOWN_GIFT_CARD] = 7,
        [CF_DOWN_ORDER] = 2,
        [CF_DOWN_ORDER_GONE] = 4,
        [CF_DOWN_REQUEST] = 2,
        [CF_DOWN_REQUEST_GONE] = 5,
        [CF_DOWN_UPDATE] = 1 + CF_UPDATE_ORDER_ITEMS,
        [CF_DOWN_LOGS] = 3,
        [CF_DOWN_VALUE_BLOCK] = 3,
    };
    if ((size_t)entry->kind >= sizeof items || items[entry->kind] == 0) {
        return cf_fail(err, CF_E_RANGE, "entry kind %d", (int)entry->kind);
    }
    bool has_zone = entry->kind == CF_DOWN_STORE && entry->store.time_zone[0] != '\0';
    bool longer = has_zone || (entry->kind == CF_DOWN_PRODUCT && extras_of(&entry->product) != 0);
    size_t of_rules = entry->kind == CF_DOWN_STORE_RULES ? cf_store_rules_items(&entry->store_rules) : 0;
    bool no_update = entry->kind == CF_DOWN_UPDATE && entry->update.none;
    cf_cbor_write_array(w, of_rules > 0 ? 1 + of_rules : no_update ? 2 : items[entry->kind] + (longer ? 1u : 0u));
    cf_cbor_write_uint(w, entry->kind);
    switch (entry->kind) {
    case CF_DOWN_KEYSET:
        cf_cbor_write_bytes(w, entry->keyset);
        break;
    case CF_DOWN_STORE:
        write_store(w, &entry->store);
        break;
    case CF_DOWN_PRODUCT:
        write_product(w, &entry->product);
        break;
    case CF_DOWN_PRODUCT_GONE:
        cf_cbor_write_uint(w, entry->product_gone);
        break;
    case CF_DOWN_CAMPAIGN:
        return write_campaign(w, &entry->campaign, err);
    case CF_DOWN_REDEEMED:
    case CF_DOWN_UNREDEEMED:
        write_redeemed(w, &entry->redeemed);
        break;
    case CF_DOWN_GENERATION:
        cf_cbor_write_uint(w, entry->generation.campaign);
        cf_cbor_write_uint(w, entry->generation.index);
        cf_cbor_write_uint(w, entry->generation.generation);
        break;
    case CF_DOWN_GRANT:
        cf_cbor_write_bytes(w, entry->grant);
        break;
    case CF_DOWN_LEASE:
    case CF_DOWN_STORE_LEASE:
        write_lease(w, &entry->lease);
        break;
    case CF_DOWN_HUB:
        write_hub(w, &entry->hub);
        break;
    case CF_DOWN_STORE_RULES:
        cf_store_rules_write(&entry->store_rules, w);
        break;
    case CF_DOWN_PRICE_LIST:
        cf_price_list_write(&entry->price_list, w);
        break;
    case CF_DOWN_REDEEMED_BLOCK:
        write_block(w, &entry->redeemed_block);
        break;
    case CF_DOWN_TERMINAL:
        write_terminal(w, &entry->terminal);
        break;
    case CF_DOWN_USER:
        write_user(w, &entry->user);
        break;
    case CF_DOWN_GIFT_CARD:
        cf_cbor_write_uint(w, entry->home.kind);
        cf_cbor_write_uint(w, entry->home.account);
        cf_cbor_write_uint(w, entry->home.epoch);
        cf_cbor_write_int(w, entry->home.granted_minor);
        cf_cbor_write_int(w, entry->home.keep_minor);
        cf_cbor_write_int(w, entry->home.exp_s);
        break;
    case CF_DOWN_VALUE_BLOCK:
        cf_cbor_write_uint(w, entry->value_block.account);
        cf_cbor_write_bool(w, entry->value_block.blocked);
        break;
    case CF_DOWN_ERASE:
        cf_cbor_write_bytes(w, cf_bytes_of(entry->erase.b, CF_ERASE_MARK_BYTES));
        break;
    case CF_DOWN_ORDER:
        cf_cbor_write_raw(w, entry->order);
        break;
    case CF_DOWN_ORDER_GONE:
        cf_cbor_write_uint(w, entry->order_gone.order);
        cf_cbor_write_uint(w, entry->order_gone.generation);
        cf_cbor_write_bool(w, entry->order_gone.handed_out);
        break;
    case CF_DOWN_REQUEST:
        cf_cbor_write_raw(w, entry->request);
        break;
    case CF_DOWN_REQUEST_GONE:
        cf_cbor_write_uint(w, entry->request_gone.number);
        cf_cbor_write_uint(w, entry->request_gone.of.terminal);
        cf_cbor_write_uint(w, entry->request_gone.of.epoch);
        cf_cbor_write_uint(w, entry->request_gone.of.seq);
        break;
    case CF_DOWN_UPDATE:
        cf_update_order_write(&entry->update, w);
        break;
    case CF_DOWN_LOGS:
        cf_cbor_write_uint(w, entry->logs.number);
        cf_cbor_write_int(w, entry->logs.until_s);
        break;
    case CF_DOWN_RESULT:
        cf_cbor_write_uint(w, entry->result.seq);
        cf_cbor_write_int(w, entry->result.rc);
        cf_cbor_write_text(w, entry->result.text);
        break;
    }
    return CF_OK;
}

enum cf_rc cf_down_encode(const struct cf_down_entry *entry, struct cf_buf *ret, struct cf_error *err)
{
    size_t before = ret->n;
    struct cf_cbor_writer w;
    enum cf_rc rc = check_counts(entry, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_cbor_write_init(&w, ret);
    rc = write_entry(&w, entry, err);
    if (rc == CF_OK) {
        rc = cf_cbor_write_end(&w, err);
    }
    if (rc == CF_OK && ret->n - before > CF_DOWN_ENTRY_MAX) {
        rc = cf_fail(err, CF_E_LIMIT, "an entry of %zu bytes", ret->n - before);
    }
    if (rc == CF_OK) {
        /* What a till would refuse must not be sent: it would stop the topic there. One set of rules, in decoding. */
        struct cf_down_entry decoded;
        if (cf_down_decode(cf_bytes_of(ret->p + before, ret->n - before), &decoded, NULL) != CF_OK) {
            rc = cf_fail(err, CF_E_RANGE, "an entry of kind %d is out of range", (int)entry->kind);
        }
    }
    if (rc != CF_OK) {
        ret->n = before;
    }
    return rc;
}

/* --- decoding ----------------------------------------------------------------------------------------------------- */

static void read_programme(struct cf_cbor_reader *r, struct cf_programme *programme)
{
    uint64_t v = 0;
    cf_cbor_read_array_of(r, 3);
    cf_cbor_read_uint(r, &v, INT64_MAX);
    programme->minor_per_point = (int64_t)v;
    if (v == 0) {
        cf_cbor_read_refuse(r);
    }
    cf_cbor_read_array_of(r, TIERS);
    for (size_t k = 0; k < TIERS; k++) {
        cf_cbor_read_uint(r, &v, TIER_BP_MAX);
        programme->tier_bp[k] = (uint32_t)v;
    }
    cf_cbor_read_array_of(r, TIERS);
    for (size_t k = 0; k < TIERS; k++) {
        cf_cbor_read_uint(r, &v, INT64_MAX);
        programme->tier_from_points[k] = (int64_t)v;
        if ((k == 0 && v != 0) || (k > 0 && (int64_t)v < programme->tier_from_points[k - 1])) {
            cf_cbor_read_refuse(r);
        }
    }
}

static void read_store(struct cf_cbor_reader *r, bool has_zone, struct cf_store_settings *store)
{
    uint64_t v = 0;
    int64_t offset = 0;
    char currency[sizeof store->currency.code];
    cf_cbor_read_uint(r, &v, UINT32_MAX);
    store->store = (uint32_t)v;
    cf_cbor_read_cstr(r, store->name, sizeof store->name);
    cf_cbor_read_cstr(r, store->address, sizeof store->address);
    cf_cbor_read_cstr(r, store->tax_id, sizeof store->tax_id);
    if (!cf_cbor_read_cstr(r, currency, sizeof currency) ||
        cf_currency_parse(currency, &store->currency, NULL) != CF_OK) {
        cf_cbor_read_refuse(r);
    }
    cf_cbor_read_uint(r, &v, CF_TAX_EXCLUSIVE);
    if (v < CF_TAX_INCLUSIVE) {
        cf_cbor_read_refuse(r);
    }
    store->tax_mode = (enum cf_tax_mode)v;
    cf_cbor_read_int(r, &offset);
    if (offset < -UTC_OFFSET_MIN_MAX || offset > UTC_OFFSET_MIN_MAX) {
        cf_cbor_read_refuse(r);
    }
    store->utc_offset_min = (int32_t)offset;
    read_programme(r, &store->programme);
    if (!has_zone) {
        return;
    }
    cf_cbor_read_cstr(r, store->time_zone, sizeof store->time_zone);
    if (r->rc == CF_OK && cf_zone_parse(store->time_zone, &store->zone, NULL) != CF_OK) {
        cf_cbor_read_refuse(r);
    }
}

static void read_batches(struct cf_cbor_reader *r, struct cf_product *product)
{
    cf_cbor_read_array(r, &product->n_recalled, CF_PRODUCT_BATCHES_MAX);
    for (size_t k = 0; k < product->n_recalled; k++) {
        cf_cbor_read_cstr(r, product->recalled[k], sizeof product->recalled[k]);
        if (product->recalled[k][0] == '\0') {
            cf_cbor_read_refuse(r);
        }
    }
    if (product->n_recalled == 0) {
        cf_cbor_read_refuse(r); /* what says nothing is not there */
    }
}

static void read_extra(struct cf_cbor_reader *r, uint64_t key, struct cf_product *product)
{
    static const int64_t most[] = {[EXTRA_FLAGS] = FLAGS_ALL,
                                   [EXTRA_AGE] = CF_PRODUCT_AGE_MAX,
                                   [EXTRA_DEPOSIT] = INT64_MAX,
                                   [EXTRA_FLOOR] = CF_PRICE_MINOR_MAX,
                                   [EXTRA_MEMBER] = CF_PRICE_MINOR_MAX};
    uint64_t v = 0;
    if (key == EXTRA_BATCHES) {
        read_batches(r, product);
        return;
    }
    if (cf_cbor_read_uint(r, &v, (uint64_t)most[key]) && v == 0 && key != EXTRA_MEMBER) {
        cf_cbor_read_refuse(r);
    }
    switch ((enum extra_key)key) {
    case EXTRA_FLAGS:
        product->open_price = (v & FLAG_OPEN_PRICE) != 0;
        product->serialised = (v & FLAG_SERIALISED) != 0;
        product->reduced = (v & FLAG_REDUCED) != 0;
        product->delivery = (v & FLAG_DELIVERY) != 0;
        break;
    case EXTRA_AGE:
        product->min_age = (uint8_t)v;
        break;
    case EXTRA_DEPOSIT:
        product->deposit = v;
        break;
    case EXTRA_FLOOR:
        product->floor_minor = (int64_t)v;
        break;
    case EXTRA_MEMBER:
        product->has_member_price = true;
        product->member_price_minor = (int64_t)v;
        break;
    case EXTRA_BATCHES:
        break;
    }
}

static void read_extras(struct cf_cbor_reader *r, struct cf_product *product)
{
    size_t n = 0;
    uint64_t last = 0, key = 0;
    cf_cbor_read_map(r, &n, EXTRA_BATCHES);
    for (size_t k = 0; k < n; k++) {
        if (cf_cbor_read_uint(r, &key, EXTRA_BATCHES) && key <= last) {
            cf_cbor_read_refuse(r);
        }
        if (r->rc != CF_OK) {
            return;
        }
        read_extra(r, key, product);
        last = key;
    }
    if (n == 0 || product->deposit == product->id) {
        cf_cbor_read_refuse(r);
    }
}

static void read_product(struct cf_cbor_reader *r, bool has_extras, struct cf_product *product)
{
    uint64_t v = 0;
    /* Ids are row numbers on a till. */
    cf_cbor_read_uint(r, &product->id, INT64_MAX);
    cf_cbor_read_cstr(r, product->name, sizeof product->name);
    cf_cbor_read_cstr(r, product->name_other, sizeof product->name_other);
    cf_cbor_read_uint(r, &v, CF_PRICE_MINOR_MAX);
    product->price_minor = (int64_t)v;
    cf_cbor_read_uint(r, &v, TAX_BP_MAX);
    product->tax_bp = (uint32_t)v;
    cf_cbor_read_bool(r, &product->weighed);
    cf_cbor_read_array(r, &product->n_categories, CF_LINE_CATEGORIES_MAX);
    for (size_t k = 0; k < product->n_categories; k++) {
        cf_cbor_read_uint(r, &v, UINT32_MAX);
        product->categories[k] = (uint32_t)v;
    }
    cf_cbor_read_array(r, &product->n_codes, CF_PRODUCT_CODES_MAX);
    for (size_t k = 0; k < product->n_codes; k++) {
        cf_cbor_read_cstr(r, product->codes[k], sizeof product->codes[k]);
        if (product->codes[k][0] == '\0') {
            cf_cbor_read_refuse(r);
        }
    }
    if (product->name[0] == '\0') {
        cf_cbor_read_refuse(r);
    }
    if (has_extras) {
        read_extras(r, product);
    }
}

static void read_redeemed(struct cf_cbor_reader *r, struct cf_redeemed *redeemed)
{
    uint64_t v = 0;
    cf_cbor_read_uint(r, &v, UINT32_MAX);
    redeemed->campaign = (uint32_t)v;
    cf_cbor_read_array(r, &redeemed->n, sizeof redeemed->index / sizeof redeemed->index[0]);
    for (size_t k = 0; k < redeemed->n; k++) {
        cf_cbor_read_uint(r, &v, UINT32_MAX);
        redeemed->index[k] = (uint32_t)v;
        if (k > 0 && redeemed->index[k] <= redeemed->index[k - 1]) {
            cf_cbor_read_refuse(r);
        }
    }
}

static void read_three_u32(struct cf_cbor_reader *r, uint32_t *a, uint32_t *b, uint32_t *c)
{
    uint64_t v = 0;
    cf_cbor_read_uint(r, &v, UINT32_MAX);
    *a = (uint32_t)v;
    cf_cbor_read_uint(r, &v, UINT32_MAX);
    *b = (uint32_t)v;
    cf_cbor_read_uint(r, &v, UINT32_MAX);
    *c = (uint32_t)v;
}

static void read_block(struct cf_cbor_reader *r, struct cf_redeemed_block *block)
{
    block->campaign = cf_cbor_read_u32(r);
    cf_cbor_read_bool(r, &block->used);
    block->serials.first = cf_cbor_read_u32(r);
    block->serials.n = cf_cbor_read_u32(r);
    block->serials.k = cf_cbor_read_u8(r);
    if (cf_cbor_read_bytes(r, &block->serials.bits, CF_RICE_BYTES_MAX) && !cf_rice_check(&block->serials)) {
        cf_cbor_read_refuse(r);
    }
}

static int64_t read_amount(struct cf_cbor_reader *r)
{
    uint64_t v = 0;
    cf_cbor_read_uint(r, &v, INT64_MAX);
    return (int64_t)v;
}

static void read_lease(struct cf_cbor_reader *r, struct cf_lease_grant *lease)
{
    lease->campaign = cf_cbor_read_u32(r);
    lease->epoch = cf_cbor_read_u32(r);
    lease->granted = read_amount(r);
    lease->granted_minor = read_amount(r);
    lease->per_day = cf_cbor_read_u32(r);
    lease->keep = read_amount(r);
}

/* A host is a name or an address, not a text to be shown: letters, digits, and what stands between them. */
bool cf_hub_host_is_plausible(const char *host)
{
    for (const char *c = host; *c != '\0'; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        if (!letter && *c != '.' && *c != '-' && *c != ':') {
            return false;
        }
    }
    return true;
}

static void read_hub(struct cf_cbor_reader *r, struct cf_hub_entry *hub)
{
    uint64_t port = 0;
    hub->store = cf_cbor_read_u32(r);
    hub->hub_epoch = cf_cbor_read_u32(r);
    hub->terminal = cf_cbor_read_u32(r);
    hub->terminal_epoch = cf_cbor_read_u32(r);
    cf_cbor_read_cstr(r, hub->host, sizeof hub->host);
    cf_cbor_read_uint(r, &port, UINT16_MAX);
    hub->port = (uint16_t)port;
    if (hub->store == 0 || hub->hub_epoch == 0 || !cf_hub_host_is_plausible(hub->host)) {
        cf_cbor_read_refuse(r);
    }
}

static void read_terminal(struct cf_cbor_reader *r, struct cf_terminal_entry *terminal)
{
    terminal->terminal = cf_cbor_read_u32(r);
    terminal->epoch = cf_cbor_read_u32(r);
    cf_cbor_read_bool(r, &terminal->fenced);
    cf_cbor_read_bytes_of(r, terminal->sign_key.point, CF_P256_PUBLIC_BYTES);
    if (terminal->terminal == 0 || terminal->epoch == 0) {
        cf_cbor_read_refuse(r);
    }
}

static void read_user(struct cf_cbor_reader *r, struct cf_user *user)
{
    cf_bytes badge = {NULL, 0};
    user->store = cf_cbor_read_u32(r);
    user->user = cf_cbor_read_u32(r);
    cf_cbor_read_bool(r, &user->gone);
    cf_cbor_read_cstr(r, user->name, sizeof user->name);
    cf_cbor_read_cstr(r, user->on_receipt, sizeof user->on_receipt);
    user->role = (enum cf_role)cf_cbor_read_u8(r);
    if (cf_cbor_read_bytes(r, &badge, CF_BADGE_MARK_BYTES) && badge.n == CF_BADGE_MARK_BYTES) {
        user->has_badge = true;
        memcpy(user->badge.b, badge.p, CF_BADGE_MARK_BYTES);
    } else if (badge.n != 0) {
        cf_cbor_read_refuse(r);
    }
    cf_cbor_read_array_of(r, 4);
    cf_cbor_read_bytes_of(r, user->pin.salt, CF_PIN_SALT_BYTES);
    user->pin.memory_kib = cf_cbor_read_u32(r);
    user->pin.passes = cf_cbor_read_u32(r);
    cf_cbor_read_bytes_of(r, user->pin.hash, CF_PIN_HASH_BYTES);
    if (cf_user_check(user, NULL) != CF_OK) {
        cf_cbor_read_refuse(r);
    }
}

static void read_home(struct cf_cbor_reader *r, struct cf_home_value *home)
{
    home->kind = (enum cf_gift_kind)cf_cbor_read_u8(r);
    home->account = cf_cbor_read_u32(r);
    home->epoch = cf_cbor_read_u32(r);
    home->granted_minor = read_amount(r);
    home->keep_minor = read_amount(r);
    home->exp_s = read_amount(r);
    if ((home->kind != CF_GIFT_CARD && home->kind != CF_GIFT_CREDIT) || home->account == 0 || home->epoch == 0) {
        cf_cbor_read_refuse(r);
    }
}

static void read_result(struct cf_cbor_reader *r, struct cf_result *result)
{
    uint64_t number = 0;
    cf_cbor_read_uint(r, &result->seq, INT64_MAX);
    cf_cbor_read_uint(r, &number, RC_NUMBER_MAX);
    /* A number that a newer centre has must not stop the topic: the text says what it is. */
    if (number == CF_OK) {
        result->rc = CF_OK;
    } else if (!cf_rc_from_number((int64_t)number, &result->rc)) {
        result->rc = CF_E_RECORD;
    }
    cf_cbor_read_cstr(r, result->text, sizeof result->text);
}

static void read_campaign(struct cf_cbor_reader *r, struct cf_campaign *campaign)
{
    cf_bytes encoded;
    if (cf_cbor_read_any(r, &encoded) && cf_campaign_decode(encoded, campaign, NULL) != CF_OK &&
        cf_campaign_peek(encoded, campaign, NULL) != CF_OK) {
        cf_cbor_read_refuse(r);
    }
}

static void read_order(struct cf_cbor_reader *r, cf_bytes *ret)
{
    struct cf_order order;
    if (cf_cbor_read_any(r, ret) && cf_order_decode(*ret, &order, NULL) != CF_OK) {
        cf_cbor_read_refuse(r);
    }
}

static void read_order_gone(struct cf_cbor_reader *r, struct cf_order_gone *gone)
{
    gone->order = cf_cbor_read_u32(r);
    gone->generation = cf_cbor_read_u32(r);
    cf_cbor_read_bool(r, &gone->handed_out);
    if (gone->order == 0 || gone->generation == 0 || gone->generation > CF_ORDER_GENERATION_MAX) {
        cf_cbor_read_refuse(r);
    }
}

static void read_request(struct cf_cbor_reader *r, cf_bytes *ret)
{
    struct cf_request_view view;
    if (cf_cbor_read_any(r, ret) && cf_request_view_decode(*ret, &view, NULL) != CF_OK) {
        cf_cbor_read_refuse(r);
    }
}

static void read_request_gone(struct cf_cbor_reader *r, struct cf_request_gone *gone)
{
    gone->number = cf_cbor_read_u32(r);
    gone->of.terminal = cf_cbor_read_u32(r);
    gone->of.epoch = cf_cbor_read_u32(r);
    cf_cbor_read_uint(r, &gone->of.seq, INT64_MAX);
    if (gone->number == 0 || gone->of.terminal == 0 || gone->of.epoch == 0 || gone->of.seq == 0) {
        cf_cbor_read_refuse(r);
    }
}

static void read_body(struct cf_cbor_reader *r, size_t count, struct cf_down_entry *entry)
{
    size_t expected = 0;
    switch (entry->kind) {
    case CF_DOWN_KEYSET:
        expected = 2;
        cf_cbor_read_bytes(r, &entry->keyset, CF_DOWN_ENTRY_MAX);
        break;
    case CF_DOWN_STORE:
        expected = count == 10 ? 10 : 9;
        read_store(r, count == 10, &entry->store);
        break;
    case CF_DOWN_PRODUCT:
        expected = count == 10 ? 10 : 9;
        read_product(r, count == 10, &entry->product);
        break;
    case CF_DOWN_PRODUCT_GONE:
        expected = 2;
        cf_cbor_read_uint(r, &entry->product_gone, INT64_MAX);
        break;
    case CF_DOWN_CAMPAIGN:
        expected = 2;
        read_campaign(r, &entry->campaign);
        break;
    case CF_DOWN_REDEEMED:
    case CF_DOWN_UNREDEEMED:
        expected = 3;
        read_redeemed(r, &entry->redeemed);
        break;
    case CF_DOWN_GENERATION:
        expected = 4;
        read_three_u32(r, &entry->generation.campaign, &entry->generation.index, &entry->generation.generation);
        break;
    case CF_DOWN_GRANT:
        expected = 2;
        cf_cbor_read_bytes(r, &entry->grant, CF_CODE_BYTES_MAX);
        break;
    case CF_DOWN_LEASE:
    case CF_DOWN_STORE_LEASE:
        expected = 7;
        read_lease(r, &entry->lease);
        break;
    case CF_DOWN_HUB:
        expected = 7;
        read_hub(r, &entry->hub);
        break;
    case CF_DOWN_STORE_RULES:
        expected = count > 1 + CF_STORE_RULES_ITEMS && count <= 1 + CF_STORE_RULES_ITEMS_MAX ? count
                                                                                             : 1 + CF_STORE_RULES_ITEMS;
        cf_store_rules_read(r, expected - 1, &entry->store_rules);
        break;
    case CF_DOWN_PRICE_LIST:
        expected = 1 + CF_PRICE_LIST_ITEMS;
        cf_price_list_read(r, &entry->price_list);
        break;
    case CF_DOWN_REDEEMED_BLOCK:
        expected = 7;
        read_block(r, &entry->redeemed_block);
        break;
    case CF_DOWN_TERMINAL:
        expected = 5;
        read_terminal(r, &entry->terminal);
        break;
    case CF_DOWN_USER:
        expected = 9;
        read_user(r, &entry->user);
        break;
    case CF_DOWN_GIFT_CARD:
        expected = 7;
        read_home(r, &entry->home);
        break;
    case CF_DOWN_VALUE_BLOCK:
        expected = 3;
        entry->value_block.account = cf_cbor_read_u32(r);
        (void)cf_cbor_read_bool(r, &entry->value_block.blocked);
        if (entry->value_block.account == 0) {
            cf_cbor_read_refuse(r);
        }
        break;
    case CF_DOWN_ORDER:
        expected = 2;
        read_order(r, &entry->order);
        break;
    case CF_DOWN_ORDER_GONE:
        expected = 4;
        read_order_gone(r, &entry->order_gone);
        break;
    case CF_DOWN_REQUEST:
        expected = 2;
        read_request(r, &entry->request);
        break;
    case CF_DOWN_REQUEST_GONE:
        expected = 5;
        read_request_gone(r, &entry->request_gone);
        break;
    case CF_DOWN_UPDATE:
        expected = count == 2 ? 2 : 1 + CF_UPDATE_ORDER_ITEMS;
        cf_update_order_read(r, expected - 1, &entry->update);
        break;
    case CF_DOWN_LOGS:
        expected = 3;
        entry->logs.number = cf_cbor_read_u32(r);
        (void)cf_cbor_read_int(r, &entry->logs.until_s);
        break;
    case CF_DOWN_ERASE:
        expected = 2;
        cf_cbor_read_bytes_of(r, entry->erase.b, CF_ERASE_MARK_BYTES);
        break;
    case CF_DOWN_RESULT:
        expected = 4;
        read_result(r, &entry->result);
        break;
    }
    if (count != expected) {
        cf_cbor_read_refuse(r);
    }
}

enum cf_rc cf_down_decode(cf_bytes bytes, struct cf_down_entry *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    size_t count = 0;
    uint64_t kind = 0;
    if (bytes.n > CF_DOWN_ENTRY_MAX) {
        return cf_fail(err, CF_E_CBOR_SHAPE, "an entry of %zu bytes", bytes.n);
    }
    struct cf_down_entry entry;
    memset(&entry, 0, sizeof entry);
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array(&r, &count, ITEMS_MAX);
    cf_cbor_read_uint(&r, &kind, CF_DOWN_VALUE_BLOCK);
    if (kind < CF_DOWN_KEYSET || count == 0) { /* of a kind that was never given out nothing else is expected */
        cf_cbor_read_refuse(&r);
        return cf_cbor_read_end(&r, err);
    }
    entry.kind = (enum cf_down_kind)kind;
    read_body(&r, count, &entry);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK) {
        memcpy(ret, &entry, sizeof *ret);
    }
    return rc;
}
