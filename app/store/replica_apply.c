/*
 * app/store/replica_apply.c - entries that came down, applied to the tables; and the sync's own state.
 */
#include "app/store/replica_private.h"

#include <string.h>

static enum cf_rc run(struct cf_replica *replica, enum cf_replica_query query, struct cf_error *err)
{
    return cf_db_run(&replica->db, replica->q[query], err);
}

/* --- products ----------------------------------------------------------------------------------------------------- */

/* Codes wait in a queue and go into their tree in order: a million of them at random would touch a page each. */
static enum cf_rc flush_codes(struct cf_replica *replica, struct cf_error *err)
{
    if (replica->n_code_queue == 0) {
        return CF_OK;
    }
    enum cf_rc rc = run(replica, CF_RQ_CODE_QUEUE_FLUSH, err);
    if (rc == CF_OK) {
        rc = run(replica, CF_RQ_CODE_QUEUE_CLEAR, err);
    }
    if (rc == CF_OK) {
        replica->n_code_queue = 0;
    }
    return rc;
}

/* The product as it is now, with all queued codes in place; false if there is none. */
static enum cf_rc old_product(struct cf_replica *replica, uint64_t id, bool *ret_was, struct cf_down_entry *ret,
                              struct cf_error *err)
{
    bool row = false;
    sqlite3_stmt *get = replica->q[CF_RQ_PRODUCT];
    cf_bind_i64(get, 1, (int64_t)id);
    enum cf_rc rc = cf_db_step(&replica->db, get, &row, err);
    *ret_was = row;
    if (rc != CF_OK || !row) {
        return rc;
    }
    rc = cf_down_decode(cf_column_bytes(get, 0), ret, NULL);
    sqlite3_reset(get);
    if (rc != CF_OK || ret->kind != CF_DOWN_PRODUCT) {
        return cf_db_broken(&replica->db, err, "a stored product is damaged");
    }
    return flush_codes(replica, err);
}

/* Those of its codes that no other product has taken over. */
static enum cf_rc remove_codes(struct cf_replica *replica, const struct cf_product *product, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; rc == CF_OK && k < product->n_codes; k++) {
        sqlite3_stmt *remove = replica->q[CF_RQ_BARCODE_REMOVE];
        cf_bind_text(remove, 1, product->codes[k]);
        cf_bind_i64(remove, 2, (int64_t)product->id);
        rc = cf_db_run(&replica->db, remove, err);
    }
    return rc;
}

/* Do all these codes lead to the product already? Then a change of price need not touch their tree. */
static enum cf_rc has_codes(struct cf_replica *replica, const struct cf_product *product, bool *ret,
                            struct cf_error *err)
{
    for (size_t k = 0; k < product->n_codes; k++) {
        bool row = false;
        sqlite3_stmt *get = replica->q[CF_RQ_BARCODE];
        cf_bind_text(get, 1, product->codes[k]);
        enum cf_rc rc = cf_db_step(&replica->db, get, &row, err);
        if (rc != CF_OK) {
            return rc;
        }
        bool own = row && cf_column_i64(get, 0) == (int64_t)product->id;
        sqlite3_reset(get);
        if (!own) {
            *ret = false;
            return CF_OK;
        }
    }
    *ret = true;
    return CF_OK;
}

static bool same_codes(const struct cf_product *a, const struct cf_product *b)
{
    bool same = a->n_codes == b->n_codes;
    for (size_t k = 0; same && k < a->n_codes; k++) {
        same = strcmp(a->codes[k], b->codes[k]) == 0;
    }
    return same;
}

static enum cf_rc set_codes(struct cf_replica *replica, const struct cf_product *product, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; rc == CF_OK && k < product->n_codes; k++) {
        sqlite3_stmt *add = replica->q[CF_RQ_CODE_QUEUE_ADD];
        cf_bind_text(add, 1, product->codes[k]);
        cf_bind_i64(add, 2, (int64_t)product->id);
        rc = cf_db_run(&replica->db, add, err);
        replica->n_code_queue++;
    }
    return rc;
}

static enum cf_rc set_product(struct cf_replica *replica, const struct cf_product *product, cf_bytes entry,
                              struct cf_error *err)
{
    struct cf_down_entry old;
    bool was = false;
    bool keeps_codes = false;
    enum cf_rc rc = old_product(replica, product->id, &was, &old, err);
    if (rc == CF_OK && was && same_codes(&old.product, product)) {
        rc = has_codes(replica, product, &keeps_codes, err);
    }
    if (rc == CF_OK && was && !keeps_codes) {
        rc = remove_codes(replica, &old.product, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *set = replica->q[CF_RQ_PRODUCT_SET];
    cf_bind_i64(set, 1, (int64_t)product->id);
    cf_bind_bytes(set, 2, entry);
    rc = cf_db_run(&replica->db, set, err);
    replica->n_products += was ? 0 : 1;
    return rc != CF_OK || keeps_codes ? rc : set_codes(replica, product, err);
}

static enum cf_rc drop_product(struct cf_replica *replica, uint64_t id, struct cf_error *err)
{
    struct cf_down_entry old;
    bool was = false;
    enum cf_rc rc = old_product(replica, id, &was, &old, err);
    if (rc == CF_OK && was) {
        rc = remove_codes(replica, &old.product, err);
    }
    if (rc != CF_OK || !was) {
        return rc;
    }
    sqlite3_stmt *remove = replica->q[CF_RQ_PRODUCT_REMOVE];
    cf_bind_i64(remove, 1, (int64_t)id);
    replica->n_products--;
    return cf_db_run(&replica->db, remove, err);
}

/* --- rights ------------------------------------------------------------------------------------------------------- */

static enum cf_rc set_generation(struct cf_replica *replica, const struct cf_down_entry *entry, struct cf_error *err)
{
    sqlite3_stmt *set = replica->q[CF_RQ_GENERATION_SET];
    cf_bind_i64(set, 1, entry->generation.campaign);
    cf_bind_i64(set, 2, entry->generation.index);
    cf_bind_i64(set, 3, entry->generation.generation);
    return cf_db_run(&replica->db, set, err);
}

static enum cf_rc set_lease(struct cf_replica *replica, const struct cf_down_entry *entry, struct cf_error *err)
{
    bool store = entry->kind == CF_DOWN_STORE_LEASE;
    sqlite3_stmt *set = replica->q[store ? CF_RQ_STORE_LEASE_SET : CF_RQ_LEASE_SET];
    cf_bind_i64(set, 1, entry->lease.campaign);
    cf_bind_i64(set, 2, entry->lease.epoch);
    cf_bind_i64(set, 3, entry->lease.granted);
    cf_bind_i64(set, 4, entry->lease.granted_minor);
    cf_bind_i64(set, 5, entry->lease.per_day);
    cf_bind_i64(set, 6, entry->lease.keep);
    return cf_db_run(&replica->db, set, err);
}

static enum cf_rc set_home_value(struct cf_replica *replica, const struct cf_home_value *home, struct cf_error *err)
{
    sqlite3_stmt *set = replica->q[CF_RQ_HOME_VALUE_SET];
    cf_bind_i64(set, 1, home->account);
    cf_bind_i64(set, 2, home->epoch);
    cf_bind_i64(set, 3, home->kind);
    cf_bind_i64(set, 4, home->granted_minor);
    cf_bind_i64(set, 5, home->keep_minor);
    cf_bind_i64(set, 6, home->exp_s);
    return cf_db_run(&replica->db, set, err);
}

static enum cf_rc set_hub(struct cf_replica *replica, const struct cf_hub_entry *hub, cf_bytes bytes,
                          struct cf_error *err)
{
    sqlite3_stmt *set = replica->q[CF_RQ_HUB_SET];
    cf_bind_i64(set, 1, hub->hub_epoch);
    cf_bind_bytes(set, 2, bytes);
    return cf_db_run(&replica->db, set, err);
}

/* A part takes the place of that part as it was; one without prices leaves nothing. */
static enum cf_rc set_price_list(struct cf_replica *replica, const struct cf_price_list *list, struct cf_error *err)
{
    sqlite3_stmt *drop = replica->q[CF_RQ_LISTED_PRICE_DROP], *set = replica->q[CF_RQ_PRICE_LIST_SET];
    cf_bind_i64(drop, 1, list->terms.list);
    cf_bind_i64(drop, 2, list->part);
    enum cf_rc rc = cf_db_run(&replica->db, drop, err);
    cf_bind_i64(set, 1, list->terms.list);
    cf_bind_i64(set, 2, list->part);
    cf_bind_i64(set, 3, list->terms.priority);
    cf_bind_i64(set, 4, list->terms.reduced);
    cf_bind_i64(set, 5, list->terms.tiers);
    cf_bind_i64(set, 6, list->terms.from.us);
    cf_bind_i64(set, 7, list->terms.to.us);
    if (rc == CF_OK) {
        rc = cf_db_run(&replica->db, set, err);
    }
    for (size_t k = 0; rc == CF_OK && k < list->n; k++) {
        sqlite3_stmt *add = replica->q[CF_RQ_LISTED_PRICE_ADD];
        cf_bind_i64(add, 1, (int64_t)list->items[k].product);
        cf_bind_i64(add, 2, list->terms.list);
        cf_bind_i64(add, 3, list->part);
        cf_bind_i64(add, 4, list->items[k].price_minor);
        rc = cf_db_run(&replica->db, add, err);
    }
    return rc;
}

static enum cf_rc set_grant(struct cf_replica *replica, cf_bytes cose, struct cf_error *err)
{
    struct cf_code code;
    enum cf_rc rc = cf_code_decode_bytes(CF_CODE_GRANT, cose, &code, err);
    if (rc != CF_OK) {
        return cf_fail(err, CF_E_PAGE, "a grant that cannot be read");
    }
    sqlite3_stmt *set = replica->q[CF_RQ_TILL_GRANT_SET];
    cf_bind_bytes(set, 1, cf_bytes_of(code.grant.grant_id.b, CF_KID_BYTES));
    cf_bind_bytes(set, 2, cose);
    return cf_db_run(&replica->db, set, err);
}

/* --- any entry ---------------------------------------------------------------------------------------------------- */

static enum cf_rc set_terminal(struct cf_replica *replica, const struct cf_terminal_entry *terminal,
                               struct cf_error *err)
{
    sqlite3_stmt *set = replica->q[CF_RQ_TERMINAL_SET];
    cf_bind_i64(set, 1, terminal->terminal);
    cf_bind_i64(set, 2, terminal->epoch);
    cf_bind_i64(set, 3, terminal->fenced);
    cf_bind_bytes(set, 4, cf_bytes_of(terminal->sign_key.point, CF_P256_PUBLIC_BYTES));
    enum cf_rc rc = cf_db_run(&replica->db, set, err);
    cf_bind_null(set, 4);
    return rc;
}

/* Somebody who left is not here any more, nor is what verified the PIN. */
static enum cf_rc set_user(struct cf_replica *replica, const struct cf_user *user, cf_bytes entry, struct cf_error *err)
{
    sqlite3_stmt *set = replica->q[user->gone ? CF_RQ_USER_REMOVE : CF_RQ_USER_SET];
    cf_bind_i64(set, 1, user->user);
    if (user->gone) {
        return cf_db_run(&replica->db, set, err);
    }
    if (user->has_badge) {
        cf_bind_bytes(set, 2, cf_bytes_of(user->badge.b, CF_BADGE_MARK_BYTES));
    } else {
        cf_bind_null(set, 2);
    }
    cf_bind_bytes(set, 3, entry);
    return cf_db_run(&replica->db, set, err);
}

static enum cf_rc put_order(struct cf_replica *replica, uint32_t number, cf_bytes entry, struct cf_error *err)
{
    sqlite3_stmt *set = replica->q[CF_RQ_ORDER_SET];
    cf_bind_i64(set, 1, number);
    cf_bind_bytes(set, 2, entry);
    return cf_db_run(&replica->db, set, err);
}

static enum cf_rc set_order(struct cf_replica *replica, cf_bytes bytes, cf_bytes entry, struct cf_error *err)
{
    struct cf_order order;
    if (cf_order_decode(bytes, &order, NULL) != CF_OK) {
        return cf_fail(err, CF_E_PAGE, "an order that cannot be read");
    }
    return put_order(replica, order.number, entry, err);
}

static enum cf_rc put_request(struct cf_replica *replica, uint32_t number, const struct cf_sale_ref *of, bool open,
                              cf_bytes entry, struct cf_error *err)
{
    sqlite3_stmt *set = replica->q[CF_RQ_REQUEST_SET];
    cf_bind_i64(set, 1, number);
    cf_bind_i64(set, 2, of->terminal);
    cf_bind_i64(set, 3, of->epoch);
    cf_bind_i64(set, 4, (int64_t)of->seq);
    cf_bind_i64(set, 5, open);
    cf_bind_bytes(set, 6, entry);
    return cf_db_run(&replica->db, set, err);
}

static enum cf_rc set_request(struct cf_replica *replica, cf_bytes bytes, cf_bytes entry, struct cf_error *err)
{
    struct cf_request_view view;
    if (cf_request_view_decode(bytes, &view, NULL) != CF_OK) {
        return cf_fail(err, CF_E_PAGE, "a request that cannot be read");
    }
    return put_request(replica, view.number, &view.of, true, entry, err);
}

static bool is_of_topic(enum cf_down_kind kind, enum cf_topic topic)
{
    switch (kind) {
    case CF_DOWN_KEYSET:
        return topic == CF_TOPIC_KEYS;
    case CF_DOWN_STORE:
    case CF_DOWN_PRODUCT:
    case CF_DOWN_PRODUCT_GONE:
        return topic == CF_TOPIC_PRICES;
    case CF_DOWN_CAMPAIGN:
        return topic == CF_TOPIC_CAMPAIGNS;
    case CF_DOWN_REDEEMED:
    case CF_DOWN_UNREDEEMED:
    case CF_DOWN_REDEEMED_BLOCK:
    case CF_DOWN_GENERATION:
        return topic == CF_TOPIC_REDEEMED;
    case CF_DOWN_GRANT:
        return topic == CF_TOPIC_GRANTS;
    case CF_DOWN_LEASE:
    case CF_DOWN_STORE_LEASE:
        return topic == CF_TOPIC_LEASES;
    case CF_DOWN_HUB:
    case CF_DOWN_TERMINAL:
        return topic == CF_TOPIC_HUB;
    case CF_DOWN_STORE_RULES:
    case CF_DOWN_PRICE_LIST:
        return topic == CF_TOPIC_RULES;
    case CF_DOWN_ERASE:
        return topic == CF_TOPIC_ERASURES;
    case CF_DOWN_RESULT:
        return topic == CF_TOPIC_RESULTS;
    case CF_DOWN_USER:
        return topic == CF_TOPIC_USERS;
    case CF_DOWN_GIFT_CARD:
    case CF_DOWN_VALUE_BLOCK:
        return topic == CF_TOPIC_VALUE;
    case CF_DOWN_ORDER:
    case CF_DOWN_ORDER_GONE:
    case CF_DOWN_REQUEST:
    case CF_DOWN_REQUEST_GONE:
        return topic == CF_TOPIC_ORDERS;
    case CF_DOWN_UPDATE:
    case CF_DOWN_LOGS:
        return topic == CF_TOPIC_MACHINE;
    }
    return false;
}

enum cf_rc cf_replica_entry_decode(enum cf_topic topic, cf_bytes bytes, struct cf_down_entry *ret, struct cf_error *err)
{
    struct cf_error why = {0};
    if (cf_down_decode(bytes, ret, &why) != CF_OK) {
        return cf_fail(err, CF_E_PAGE, "%s: an entry that cannot be read: %s", cf_topic_name(topic), why.detail);
    }
    if (!is_of_topic(ret->kind, topic)) {
        return cf_fail(err, CF_E_PAGE, "%s: an entry of kind %d", cf_topic_name(topic), (int)ret->kind);
    }
    return CF_OK;
}

enum cf_rc cf_replica_apply_entry(struct cf_replica *replica, enum cf_topic topic, cf_bytes bytes, struct cf_error *err)
{
    struct cf_down_entry entry;
    enum cf_rc rc = cf_replica_entry_decode(topic, bytes, &entry, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *set = NULL;
    switch (entry.kind) {
    case CF_DOWN_KEYSET:
        set = replica->q[CF_RQ_KEYSET_SET];
        cf_bind_bytes(set, 1, entry.keyset);
        return cf_db_run(&replica->db, set, err);
    case CF_DOWN_STORE:
        set = replica->q[CF_RQ_STORE_SET];
        cf_bind_bytes(set, 1, bytes);
        return cf_db_run(&replica->db, set, err);
    case CF_DOWN_PRODUCT:
        return set_product(replica, &entry.product, bytes, err);
    case CF_DOWN_PRODUCT_GONE:
        return drop_product(replica, entry.product_gone, err);
    case CF_DOWN_CAMPAIGN:
        set = replica->q[CF_RQ_CAMPAIGN_SET];
        cf_bind_i64(set, 1, entry.campaign.id);
        cf_bind_bytes(set, 2, bytes);
        return cf_db_run(&replica->db, set, err);
    case CF_DOWN_REDEEMED:
        return cf_replica_set_redeemed(replica, &entry.redeemed, true, err);
    case CF_DOWN_UNREDEEMED:
        return cf_replica_set_redeemed(replica, &entry.redeemed, false, err);
    case CF_DOWN_REDEEMED_BLOCK:
        return cf_replica_set_redeemed_block(replica, &entry.redeemed_block, err);
    case CF_DOWN_GENERATION:
        return set_generation(replica, &entry, err);
    case CF_DOWN_GRANT:
        return set_grant(replica, entry.grant, err);
    case CF_DOWN_LEASE:
    case CF_DOWN_STORE_LEASE:
        return set_lease(replica, &entry, err);
    case CF_DOWN_HUB:
        return set_hub(replica, &entry.hub, bytes, err);
    case CF_DOWN_TERMINAL:
        return set_terminal(replica, &entry.terminal, err);
    case CF_DOWN_STORE_RULES:
        set = replica->q[CF_RQ_STORE_RULES_SET];
        cf_bind_bytes(set, 1, bytes);
        return cf_db_run(&replica->db, set, err);
    case CF_DOWN_PRICE_LIST:
        return set_price_list(replica, &entry.price_list, err);
    case CF_DOWN_ERASE: /* the till forgets, when it has time; the replica holds nothing of a member */
        set = replica->q[CF_RQ_ERASURE_SET];
        cf_bind_bytes(set, 1, cf_bytes_of(entry.erase.b, CF_ERASE_MARK_BYTES));
        return cf_db_run(&replica->db, set, err);
    case CF_DOWN_GIFT_CARD:
        return set_home_value(replica, &entry.home, err);
    case CF_DOWN_VALUE_BLOCK:
        set = replica->q[entry.value_block.blocked ? CF_RQ_VALUE_BLOCK_SET : CF_RQ_VALUE_BLOCK_REMOVE];
        cf_bind_i64(set, 1, entry.value_block.account);
        return cf_db_run(&replica->db, set, err);
    case CF_DOWN_ORDER:
        return set_order(replica, entry.order, bytes, err);
    case CF_DOWN_ORDER_GONE:
        return put_order(replica, entry.order_gone.order, bytes, err);
    case CF_DOWN_REQUEST:
        return set_request(replica, entry.request, bytes, err);
    case CF_DOWN_REQUEST_GONE:
        return put_request(replica, entry.request_gone.number, &entry.request_gone.of, false, bytes, err);
    case CF_DOWN_USER:
        return set_user(replica, &entry.user, bytes, err);
    case CF_DOWN_UPDATE:
    case CF_DOWN_LOGS:
        set = replica->q[CF_RQ_MACHINE_SET];
        cf_bind_i64(set, 1, entry.kind);
        cf_bind_bytes(set, 2, bytes);
        return cf_db_run(&replica->db, set, err);
    case CF_DOWN_RESULT:
        set = replica->q[CF_RQ_RESULT_SET];
        cf_bind_i64(set, 1, (int64_t)entry.result.seq);
        cf_bind_i64(set, 2, entry.result.rc);
        cf_bind_text(set, 3, entry.result.text);
        return cf_db_run(&replica->db, set, err);
    }
    return cf_fail(err, CF_E_INTERNAL, "an entry of no kind");
}

static enum cf_rc clear(struct cf_replica *replica, const enum cf_replica_query *queries, size_t n,
                        struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; rc == CF_OK && k < n; k++) {
        rc = run(replica, queries[k], err);
    }
    return rc;
}

enum cf_rc cf_replica_topic_clear(struct cf_replica *replica, enum cf_topic topic, struct cf_error *err)
{
    static const enum cf_replica_query prices[] = {CF_RQ_STORE_CLEAR, CF_RQ_PRODUCT_CLEAR, CF_RQ_BARCODE_CLEAR};
    static const enum cf_replica_query rules[] = {CF_RQ_STORE_RULES_CLEAR, CF_RQ_PRICE_LIST_CLEAR,
                                                  CF_RQ_LISTED_PRICE_CLEAR};
    static const enum cf_replica_query orders[] = {CF_RQ_ORDER_CLEAR, CF_RQ_REQUEST_CLEAR};
    static const enum cf_replica_query redeemed[] = {CF_RQ_REDEEMED_CLEAR, CF_RQ_GENERATION_CLEAR};
    switch (topic) {
    case CF_TOPIC_KEYS:
        return run(replica, CF_RQ_KEYSET_CLEAR, err);
    case CF_TOPIC_USERS:
        return run(replica, CF_RQ_USER_CLEAR, err);
    case CF_TOPIC_PRICES:
        replica->n_products = 0;
        return clear(replica, prices, sizeof prices / sizeof prices[0], err);
    case CF_TOPIC_CAMPAIGNS:
        return run(replica, CF_RQ_CAMPAIGN_CLEAR, err);
    case CF_TOPIC_REDEEMED:
        return clear(replica, redeemed, sizeof redeemed / sizeof redeemed[0], err);
    case CF_TOPIC_GRANTS:
        return run(replica, CF_RQ_TILL_GRANT_CLEAR, err);
    case CF_TOPIC_RESULTS:
        return run(replica, CF_RQ_RESULT_CLEAR, err);
    case CF_TOPIC_HUB: /* who the hub is stays: an older entry never replaces a newer one */
        return run(replica, CF_RQ_TERMINAL_CLEAR, err);
    case CF_TOPIC_RULES:
        return clear(replica, rules, sizeof rules / sizeof rules[0], err);
    case CF_TOPIC_ORDERS:
        return clear(replica, orders, sizeof orders / sizeof orders[0], err);
    case CF_TOPIC_MACHINE:
        return run(replica, CF_RQ_MACHINE_CLEAR, err);
    case CF_TOPIC_ERASURES:
    case CF_TOPIC_VALUE:
    case CF_TOPIC_LEASES: /* rights granted never go away: only the place in the log is forgotten */
        return CF_OK;
    }
    return cf_fail(err, CF_E_PAGE, "%s is no topic", cf_topic_name(topic));
}

enum cf_rc cf_replica_topic_set(struct cf_replica *replica, enum cf_topic topic, const struct cf_topic_state *state,
                                struct cf_error *err)
{
    if (state->version > INT64_MAX) {
        return cf_fail(err, CF_E_PAGE, "%s: version out of range", cf_topic_name(topic));
    }
    sqlite3_stmt *set = replica->q[CF_RQ_TOPIC_SET];
    replica->topics_known &= ~(1U << topic);
    cf_bind_i64(set, 1, topic);
    cf_bind_i64(set, 2, (int64_t)state->version);
    cf_bind_bytes(set, 3, cf_bytes_of(state->digest.digest, CF_SHA256_BYTES));
    return cf_db_run(&replica->db, set, err);
}

enum cf_rc cf_replica_apply_begin(struct cf_replica *replica, struct cf_error *err)
{
    bool row = false;
    sqlite3_stmt *get = replica->q[CF_RQ_TALLY];
    enum cf_rc rc = cf_db_step(&replica->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!row) {
        return cf_db_broken(&replica->db, err, "its tally is missing");
    }
    replica->n_products = replica->n_products_kept = cf_column_i64(get, 0);
    sqlite3_reset(get);
    /* A transaction that was rolled back took its queue with it. */
    replica->n_code_queue = 0;
    return CF_OK;
}

enum cf_rc cf_replica_apply_end(struct cf_replica *replica, struct cf_error *err)
{
    enum cf_rc rc = flush_codes(replica, err);
    if (rc != CF_OK || replica->n_products == replica->n_products_kept) {
        return rc;
    }
    sqlite3_stmt *set = replica->q[CF_RQ_TALLY_SET];
    cf_bind_i64(set, 1, replica->n_products);
    return cf_db_run(&replica->db, set, err);
}

static enum cf_rc apply_within(struct cf_replica *replica, enum cf_topic topic, uint64_t from, const cf_bytes *entries,
                               size_t n, const struct cf_sha256 *digest_after, struct cf_error *err)
{
    struct cf_topic_state state;
    enum cf_rc rc = cf_replica_topic(replica, topic, &state, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (state.version != from) {
        return cf_fail(err, CF_E_PAGE, "%s: entries after %llu, but %llu are here", cf_topic_name(topic),
                       (unsigned long long)from, (unsigned long long)state.version);
    }
    rc = cf_replica_apply_begin(replica, err);
    for (size_t k = 0; rc == CF_OK && k < n; k++) {
        rc = cf_replica_apply_entry(replica, topic, entries[k], err);
        state.digest = cf_down_digest(&state.digest, entries[k]);
    }
    if (rc == CF_OK && memcmp(state.digest.digest, digest_after->digest, CF_SHA256_BYTES) != 0) {
        rc = cf_fail(err, CF_E_PAGE, "%s: the digest after entry %llu does not come out", cf_topic_name(topic),
                     (unsigned long long)from + n);
    }
    state.version += n;
    if (rc == CF_OK) {
        rc = cf_replica_apply_end(replica, err);
    }
    return rc != CF_OK ? rc : cf_replica_topic_set(replica, topic, &state, err);
}

enum cf_rc cf_replica_apply(struct cf_replica *replica, enum cf_topic topic, uint64_t from, const cf_bytes *entries,
                            size_t n, const struct cf_sha256 *digest_after, struct cf_error *err)
{
    enum cf_rc rc = cf_replica_begin(replica, err);
    if (rc != CF_OK) {
        return rc;
    }
    return cf_replica_end(replica, apply_within(replica, topic, from, entries, n, digest_after, err), err);
}

/* --- the sync's own state ----------------------------------------------------------------------------------------- */

enum cf_rc cf_replica_set_sync_state(struct cf_replica *replica, const struct cf_sync_state *state,
                                     struct cf_error *err)
{
    if (state->sent_seq > INT64_MAX || state->acknowledged_seq > INT64_MAX || state->down_cursor > INT64_MAX) {
        return cf_fail(err, CF_E_RANGE, "a number of the sync's state");
    }
    enum cf_rc rc = cf_replica_begin(replica, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *set = replica->q[CF_RQ_SYNC_STATE_SET];
    cf_bind_i64(set, 1, (int64_t)state->sent_seq);
    cf_bind_i64(set, 2, (int64_t)state->acknowledged_seq);
    cf_bind_bytes(set, 3, cf_bytes_of(state->acknowledged_head.digest, CF_SHA256_BYTES));
    cf_bind_i64(set, 4, (int64_t)state->down_cursor);
    cf_bind_i64(set, 5, state->fenced);
    cf_bind_i64(set, 6, state->has_time);
    cf_bind_i64(set, 7, state->centre_wall.us);
    cf_bind_i64(set, 8, state->local_wall.us);
    cf_bind_i64(set, 9, state->local_mono.us);
    cf_bind_bytes(set, 10, cf_bytes_of(state->boot_id, sizeof state->boot_id));
    cf_bind_i64(set, 11, state->last_contact.us);
    return cf_replica_end(replica, cf_db_run(&replica->db, set, err), err);
}

enum cf_rc cf_replica_note_day(struct cf_replica *replica, uint32_t epoch, int64_t day, uint64_t seq,
                               struct cf_error *err)
{
    if (seq > INT64_MAX) {
        return cf_fail(err, CF_E_RANGE, "a number of the sync's state");
    }
    enum cf_rc rc = cf_replica_begin(replica, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *set = replica->q[CF_RQ_ACKNOWLEDGED_SET], *trim = replica->q[CF_RQ_ACKNOWLEDGED_TRIM];
    cf_bind_i64(set, 1, epoch);
    cf_bind_i64(set, 2, day);
    cf_bind_i64(set, 3, (int64_t)seq);
    rc = cf_db_run(&replica->db, set, err);
    if (rc == CF_OK) {
        cf_bind_i64(trim, 1, epoch);
        cf_bind_i64(trim, 2, day);
        rc = cf_db_run(&replica->db, trim, err);
    }
    return cf_replica_end(replica, rc, err);
}

/* --- what this terminal has of its store's hub -------------------------------------------------------------------- */

enum cf_rc cf_replica_set_hub_sync(struct cf_replica *replica, const struct cf_hub_sync *sync, struct cf_error *err)
{
    if (sync->seq > INT64_MAX) {
        return cf_fail(err, CF_E_RANGE, "a number of the hub's state");
    }
    enum cf_rc rc = cf_replica_begin(replica, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *set = replica->q[CF_RQ_HUB_SYNC_SET];
    cf_bind_i64(set, 1, sync->epoch);
    cf_bind_i64(set, 2, sync->hub_epoch);
    cf_bind_i64(set, 3, (int64_t)sync->seq);
    cf_bind_bytes(set, 4, cf_bytes_of(sync->head.digest, CF_SHA256_BYTES));
    cf_bind_i64(set, 5, sync->fenced);
    return cf_replica_end(replica, cf_db_run(&replica->db, set, err), err);
}

enum cf_rc cf_replica_set_sublease(struct cf_replica *replica, uint32_t campaign, uint32_t epoch,
                                   const struct cf_sublease *sublease, struct cf_error *err)
{
    enum cf_rc rc = cf_replica_begin(replica, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *set = replica->q[CF_RQ_SUBLEASE_SET];
    cf_bind_i64(set, 1, campaign);
    cf_bind_i64(set, 2, epoch);
    cf_bind_i64(set, 3, sublease->hub_epoch);
    cf_bind_i64(set, 4, sublease->granted);
    cf_bind_i64(set, 5, sublease->keep);
    cf_bind_i64(set, 6, sublease->granted_minor);
    cf_bind_i64(set, 7, sublease->day);
    cf_bind_i64(set, 8, sublease->day_granted);
    return cf_replica_end(replica, cf_db_run(&replica->db, set, err), err);
}
