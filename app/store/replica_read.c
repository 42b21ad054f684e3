/*
 * app/store/replica_read.c - what the till asks of the replica.
 */
#include "app/store/replica_private.h"

#include <string.h>

#define RESULTS_PAGE 64

typedef enum cf_rc (*row_fn)(void *ctx, sqlite3_stmt *row, struct cf_error *err);

/* Calls back for each row, or once for a single row; *ret_rows (nullable) says how many there were. */
static enum cf_rc each_row(struct cf_replica *replica, sqlite3_stmt *rows, row_fn each, void *ctx, size_t *ret_rows,
                           struct cf_error *err)
{
    size_t n = 0;
    for (;; n++) {
        bool row = false;
        enum cf_rc rc = cf_db_step(&replica->db, rows, &row, err);
        if (rc != CF_OK) {
            return cf_replica_noted(replica, rc);
        }
        if (!row) {
            break;
        }
        rc = each(ctx, rows, err);
        if (rc != CF_OK) {
            sqlite3_reset(rows);
            return cf_replica_row_noted(replica, rc);
        }
    }
    if (ret_rows != NULL) {
        *ret_rows = n;
    }
    return CF_OK;
}

/* What was checked when it came in can fail to decode only by damage. */
static enum cf_rc decode_stored(sqlite3_stmt *row, enum cf_down_kind kind, struct cf_down_entry *ret,
                                struct cf_error *err)
{
    enum cf_rc rc = cf_down_decode(cf_column_bytes(row, 0), ret, err);
    if (rc != CF_OK || ret->kind != kind) {
        return cf_fail(err, CF_E_REPLICA_BROKEN, "a stored entry is damaged");
    }
    return CF_OK;
}

/* --- goods and the store ------------------------------------------------------------------------------------------ */

static enum cf_rc take_product(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct cf_product *ret = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = decode_stored(row, CF_DOWN_PRODUCT, &entry, err);
    if (rc == CF_OK) {
        *ret = entry.product;
    }
    return rc;
}

enum cf_rc cf_replica_product_by_code(struct cf_replica *replica, cf_bytes code, struct cf_product *ret,
                                      struct cf_error *err)
{
    size_t rows = 0;
    char text[CF_PRODUCT_CODE_MAX + 1];
    if (code.n == 0 || code.n > CF_PRODUCT_CODE_MAX || memchr(code.p, 0, code.n) != NULL) {
        return cf_fail(err, CF_E_PRODUCT_UNKNOWN, "a code of %zu bytes", code.n);
    }
    memcpy(text, code.p, code.n);
    text[code.n] = '\0';
    sqlite3_stmt *get = replica->q[CF_RQ_PRODUCT_BY_CODE];
    cf_bind_text(get, 1, text);
    enum cf_rc rc = each_row(replica, get, take_product, ret, &rows, err);
    cf_bind_null(get, 1); /* the text ends here */
    if (rc == CF_OK && rows == 0) {
        rc = cf_fail(err, CF_E_PRODUCT_UNKNOWN, "%s", text);
    }
    return rc;
}

enum cf_rc cf_replica_product(struct cf_replica *replica, uint64_t id, struct cf_product *ret, struct cf_error *err)
{
    size_t rows = 0;
    sqlite3_stmt *get = replica->q[CF_RQ_PRODUCT];
    cf_bind_i64(get, 1, id <= INT64_MAX ? (int64_t)id : -1);
    enum cf_rc rc = each_row(replica, get, take_product, ret, &rows, err);
    if (rc == CF_OK && rows == 0) {
        rc = cf_fail(err, CF_E_PRODUCT_UNKNOWN, "product %llu", (unsigned long long)id);
    }
    return rc;
}

struct found {
    const char *text;
    struct cf_product *at;
    size_t n, cap;
};

static enum cf_rc take_found(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct found *found = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = decode_stored(row, CF_DOWN_PRODUCT, &entry, err);
    if (rc != CF_OK) {
        return rc;
    }
    const struct cf_product *product = &entry.product; /* and not its codes, which the entry has too */
    bool is = strcasestr(product->name, found->text) != NULL || strcasestr(product->name_other, found->text) != NULL;
    if (is && found->n < found->cap) {
        found->at[found->n++] = *product;
    }
    return CF_OK;
}

enum cf_rc cf_replica_product_search(struct cf_replica *replica, const char *text, struct cf_product *ret, size_t cap,
                                     size_t *ret_n, struct cf_error *err)
{
    struct found found = {.text = text, .at = ret, .cap = cap};
    sqlite3_stmt *search = replica->q[CF_RQ_PRODUCT_SEARCH];
    cf_bind_text(search, 1, text);
    cf_bind_i64(search, 2, (int64_t)cap);
    enum cf_rc rc = each_row(replica, search, take_found, &found, NULL, err);
    cf_bind_null(search, 1); /* the text ends here */
    if (rc == CF_OK) {
        *ret_n = found.n;
    }
    return rc;
}

static enum cf_rc take_number(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    (void)err;
    int64_t *ret = ctx;
    *ret = cf_column_i64(row, 0);
    return CF_OK;
}

enum cf_rc cf_replica_product_count(struct cf_replica *replica, uint64_t *ret, struct cf_error *err)
{
    int64_t n = 0;
    enum cf_rc rc = each_row(replica, replica->q[CF_RQ_TALLY], take_number, &n, NULL, err);
    if (rc == CF_OK) {
        *ret = (uint64_t)n;
    }
    return rc;
}

static enum cf_rc take_store(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct cf_store_settings *ret = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = decode_stored(row, CF_DOWN_STORE, &entry, err);
    if (rc == CF_OK) {
        *ret = entry.store;
    }
    return rc;
}

enum cf_rc cf_replica_store(struct cf_replica *replica, struct cf_store_settings *ret, struct cf_error *err)
{
    size_t rows = 0;
    enum cf_rc rc = each_row(replica, replica->q[CF_RQ_STORE], take_store, ret, &rows, err);
    if (rc == CF_OK && rows == 0) {
        rc = cf_fail(err, CF_E_REPLICA_NONE, "the store's settings were not synced yet");
    }
    return rc;
}

static enum cf_rc take_rules(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct cf_store_rules *ret = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = decode_stored(row, CF_DOWN_STORE_RULES, &entry, err);
    if (rc == CF_OK) {
        *ret = entry.store_rules;
    }
    return rc;
}

enum cf_rc cf_replica_store_rules(struct cf_replica *replica, struct cf_store_rules *ret, struct cf_error *err)
{
    struct cf_store_rules rules;
    cf_store_rules_default(&rules);
    enum cf_rc rc = each_row(replica, replica->q[CF_RQ_STORE_RULES], take_rules, &rules, NULL, err);
    if (rc == CF_OK) {
        *ret = rules;
    }
    return rc;
}

struct listed_prices {
    struct cf_listed_price *ret;
    size_t n;
};

static enum cf_rc take_listed_price(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    (void)err;
    struct listed_prices *prices = ctx;
    prices->ret[prices->n++] = (struct cf_listed_price){
        .terms = {.list = (uint32_t)cf_column_i64(row, 0),
                  .priority = (uint8_t)cf_column_i64(row, 1),
                  .reduced = cf_column_i64(row, 2) != 0,
                  .tiers = (uint16_t)cf_column_i64(row, 3),
                  .from = {cf_column_i64(row, 4)},
                  .to = {cf_column_i64(row, 5)}},
        .price_minor = cf_column_i64(row, 6),
    };
    return CF_OK;
}

enum cf_rc cf_replica_listed_prices(struct cf_replica *replica, uint64_t product, struct cf_listed_price *ret,
                                    size_t max, size_t *ret_n, struct cf_error *err)
{
    struct listed_prices prices = {ret, 0};
    sqlite3_stmt *get = replica->q[CF_RQ_LISTED_PRICE];
    cf_bind_i64(get, 1, product <= INT64_MAX ? (int64_t)product : -1);
    cf_bind_i64(get, 2, (int64_t)max);
    enum cf_rc rc = each_row(replica, get, take_listed_price, &prices, NULL, err);
    if (rc == CF_OK) {
        *ret_n = prices.n;
    }
    return rc;
}

enum cf_rc cf_replica_lowest_listed_price(struct cf_replica *replica, uint64_t product, struct cf_listed_price *ret,
                                          bool *ret_found, struct cf_error *err)
{
    struct listed_prices prices = {ret, 0};
    sqlite3_stmt *get = replica->q[CF_RQ_LISTED_PRICE_LOWEST];
    cf_bind_i64(get, 1, product <= INT64_MAX ? (int64_t)product : -1);
    enum cf_rc rc = each_row(replica, get, take_listed_price, &prices, NULL, err);
    if (rc == CF_OK) {
        *ret_found = prices.n > 0;
    }
    return rc;
}

/* --- campaigns, keys, grants -------------------------------------------------------------------------------------- */

struct campaigns_walk {
    cf_replica_campaign_fn each;
    void *ctx;
};

static enum cf_rc give_campaign(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct campaigns_walk *walk = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = decode_stored(row, CF_DOWN_CAMPAIGN, &entry, err);
    return rc != CF_OK ? rc : walk->each(walk->ctx, &entry.campaign, err);
}

enum cf_rc cf_replica_campaigns(struct cf_replica *replica, cf_replica_campaign_fn each, void *ctx,
                                struct cf_error *err)
{
    struct campaigns_walk walk = {each, ctx};
    return each_row(replica, replica->q[CF_RQ_CAMPAIGN_ALL], give_campaign, &walk, NULL, err);
}

static enum cf_rc append_bytes(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    cf_bytes bytes = cf_column_bytes(row, 0);
    return cf_buf_append(ctx, bytes.p, bytes.n, err);
}

enum cf_rc cf_replica_keyset(struct cf_replica *replica, struct cf_buf *ret_cose, struct cf_error *err)
{
    size_t rows = 0;
    enum cf_rc rc = each_row(replica, replica->q[CF_RQ_KEYSET], append_bytes, ret_cose, &rows, err);
    if (rc == CF_OK && rows == 0) {
        rc = cf_fail(err, CF_E_REPLICA_NONE, "the key set was not synced yet");
    }
    return rc;
}

struct grants_walk {
    cf_replica_grant_fn each;
    void *ctx;
};

static enum cf_rc give_grant(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct grants_walk *walk = ctx;
    cf_kid id;
    if (!cf_column_bytes_of(row, 0, id.b, sizeof id.b)) {
        return cf_fail(err, CF_E_REPLICA_BROKEN, "a grant without its id");
    }
    return walk->each(walk->ctx, id, cf_column_bytes(row, 1), err);
}

enum cf_rc cf_replica_grants(struct cf_replica *replica, cf_replica_grant_fn each, void *ctx, struct cf_error *err)
{
    struct grants_walk walk = {each, ctx};
    return each_row(replica, replica->q[CF_RQ_TILL_GRANT_ALL], give_grant, &walk, NULL, err);
}

enum cf_rc cf_replica_grant_count(struct cf_replica *replica, size_t *ret, struct cf_error *err)
{
    int64_t n = 0;
    enum cf_rc rc = each_row(replica, replica->q[CF_RQ_TILL_GRANT_COUNT], take_number, &n, NULL, err);
    if (rc == CF_OK) {
        *ret = (size_t)n;
    }
    return rc;
}

/* --- rights ------------------------------------------------------------------------------------------------------- */

static enum cf_rc take_lease(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct cf_lease_grant *lease = ctx;
    (void)err;
    lease->granted = cf_column_i64(row, 0);
    lease->granted_minor = cf_column_i64(row, 1);
    lease->per_day = (uint32_t)cf_column_i64(row, 2);
    lease->keep = cf_column_i64(row, 3);
    return CF_OK;
}

static enum cf_rc read_lease(struct cf_replica *replica, enum cf_replica_query query, uint32_t campaign, uint32_t epoch,
                             struct cf_lease_grant *ret, struct cf_error *err)
{
    struct cf_lease_grant lease = {.campaign = campaign, .epoch = epoch};
    sqlite3_stmt *get = replica->q[query];
    cf_bind_i64(get, 1, campaign);
    cf_bind_i64(get, 2, epoch);
    enum cf_rc rc = each_row(replica, get, take_lease, &lease, NULL, err);
    if (rc == CF_OK) {
        *ret = lease;
    }
    return rc;
}

enum cf_rc cf_replica_lease(struct cf_replica *replica, uint32_t campaign, uint32_t epoch, struct cf_lease_grant *ret,
                            struct cf_error *err)
{
    return read_lease(replica, CF_RQ_LEASE, campaign, epoch, ret, err);
}

enum cf_rc cf_replica_store_lease(struct cf_replica *replica, uint32_t campaign, uint32_t hub_epoch,
                                  struct cf_lease_grant *ret, struct cf_error *err)
{
    return read_lease(replica, CF_RQ_STORE_LEASE, campaign, hub_epoch, ret, err);
}

struct home_walk {
    uint32_t epoch;
    cf_replica_home_value_fn each;
    void *ctx;
};

static enum cf_rc take_home(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    const struct home_walk *walk = ctx;
    const struct cf_home_value home = {
        .account = (uint32_t)cf_column_i64(row, 0),
        .epoch = walk->epoch,
        .kind = (enum cf_gift_kind)cf_column_i64(row, 1),
        .granted_minor = cf_column_i64(row, 2),
        .keep_minor = cf_column_i64(row, 3),
        .exp_s = cf_column_i64(row, 4),
    };
    return walk->each(walk->ctx, &home, err);
}

static enum cf_rc keep_home(void *ctx, const struct cf_home_value *home, struct cf_error *err)
{
    struct cf_home_value *ret = ctx;
    (void)err;
    *ret = *home;
    return CF_OK;
}

enum cf_rc cf_replica_home_value(struct cf_replica *replica, uint32_t account, uint32_t epoch,
                                 struct cf_home_value *ret, struct cf_error *err)
{
    struct cf_home_value home = {.account = account, .epoch = epoch};
    struct home_walk walk = {epoch, keep_home, &home};
    sqlite3_stmt *get = replica->q[CF_RQ_HOME_VALUE];
    cf_bind_i64(get, 1, account);
    cf_bind_i64(get, 2, epoch);
    enum cf_rc rc = each_row(replica, get, take_home, &walk, NULL, err);
    if (rc == CF_OK) {
        *ret = home;
    }
    return rc;
}

static enum cf_rc take_nothing(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    (void)ctx;
    (void)row;
    (void)err;
    return CF_OK;
}

enum cf_rc cf_replica_value_blocked(struct cf_replica *replica, uint32_t account, bool *ret, struct cf_error *err)
{
    sqlite3_stmt *get = replica->q[CF_RQ_VALUE_BLOCK];
    size_t rows = 0;
    cf_bind_i64(get, 1, account);
    enum cf_rc rc = each_row(replica, get, take_nothing, NULL, &rows, err);
    if (rc == CF_OK) {
        *ret = rows > 0;
    }
    return rc;
}

enum cf_rc cf_replica_home_values(struct cf_replica *replica, uint32_t epoch, cf_replica_home_value_fn each, void *ctx,
                                  struct cf_error *err)
{
    struct home_walk walk = {epoch, each, ctx};
    sqlite3_stmt *all = replica->q[CF_RQ_HOME_VALUE_ALL];
    cf_bind_i64(all, 1, epoch);
    return each_row(replica, all, take_home, &walk, NULL, err);
}

static enum cf_rc take_hub(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct cf_down_entry entry;
    enum cf_rc rc = decode_stored(row, CF_DOWN_HUB, &entry, err);
    if (rc == CF_OK) {
        *(struct cf_hub_entry *)ctx = entry.hub;
    }
    return rc;
}

struct terminal_row {
    bool found;
    struct cf_terminal_entry entry;
};

static enum cf_rc take_terminal(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct terminal_row *ret = ctx;
    ret->found = true;
    ret->entry.fenced = cf_column_i64(row, 0) != 0;
    return cf_column_bytes_of(row, 1, ret->entry.sign_key.point, CF_P256_PUBLIC_BYTES)
               ? CF_OK
               : cf_fail(err, CF_E_REPLICA_BROKEN, "a terminal's key is damaged");
}

enum cf_rc cf_replica_terminal(struct cf_replica *replica, uint32_t terminal, uint32_t epoch,
                               struct cf_terminal_entry *ret, bool *ret_newest, struct cf_error *err)
{
    struct terminal_row found = {.entry = {.terminal = terminal, .epoch = epoch}};
    int64_t newest = 0;
    sqlite3_stmt *get = replica->q[CF_RQ_TERMINAL];
    cf_bind_i64(get, 1, terminal);
    cf_bind_i64(get, 2, epoch);
    enum cf_rc rc = each_row(replica, get, take_terminal, &found, NULL, err);
    if (rc == CF_OK && !found.found) {
        return cf_fail(err, CF_E_NOT_FOUND, "terminal %u, epoch %u is none of this store", terminal, epoch);
    }
    cf_bind_i64(replica->q[CF_RQ_TERMINAL_NEWEST], 1, terminal);
    if (rc == CF_OK) {
        rc = each_row(replica, replica->q[CF_RQ_TERMINAL_NEWEST], take_number, &newest, NULL, err);
    }
    if (rc == CF_OK) {
        *ret = found.entry;
        *ret_newest = newest == epoch;
    }
    return rc;
}

struct sublease_walk {
    cf_replica_sublease_fn each;
    void *ctx;
};

static enum cf_rc take_sublease(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    const struct sublease_walk *walk = ctx;
    const struct cf_sublease sublease = {.hub_epoch = (uint32_t)cf_column_i64(row, 0),
                                         .granted = cf_column_i64(row, 1),
                                         .keep = cf_column_i64(row, 2),
                                         .granted_minor = cf_column_i64(row, 3),
                                         .day = (uint32_t)cf_column_i64(row, 4),
                                         .day_granted = cf_column_i64(row, 5)};
    return walk->each(walk->ctx, &sublease, err);
}

enum cf_rc cf_replica_subleases(struct cf_replica *replica, uint32_t campaign, uint32_t epoch,
                                cf_replica_sublease_fn each, void *ctx, struct cf_error *err)
{
    struct sublease_walk walk = {each, ctx};
    sqlite3_stmt *all = replica->q[CF_RQ_SUBLEASE_ALL];
    cf_bind_i64(all, 1, campaign);
    cf_bind_i64(all, 2, epoch);
    return each_row(replica, all, take_sublease, &walk, NULL, err);
}

static enum cf_rc take_hub_sync(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct cf_hub_sync *sync = ctx;
    sync->epoch = (uint32_t)cf_column_i64(row, 0);
    sync->hub_epoch = (uint32_t)cf_column_i64(row, 1);
    sync->seq = (uint64_t)cf_column_i64(row, 2);
    sync->fenced = cf_column_i64(row, 4) != 0;
    return cf_column_bytes_of(row, 3, sync->head.digest, CF_SHA256_BYTES)
               ? CF_OK
               : cf_fail(err, CF_E_REPLICA_BROKEN, "the state of the hub is damaged");
}

enum cf_rc cf_replica_hub_sync(struct cf_replica *replica, struct cf_hub_sync *ret, struct cf_error *err)
{
    struct cf_hub_sync sync = {.epoch = 0};
    enum cf_rc rc = each_row(replica, replica->q[CF_RQ_HUB_SYNC], take_hub_sync, &sync, NULL, err);
    if (rc == CF_OK) {
        *ret = sync;
    }
    return rc;
}

enum cf_rc cf_replica_hub(struct cf_replica *replica, struct cf_hub_entry *ret, struct cf_error *err)
{
    struct cf_hub_entry hub = {.terminal = 0};
    enum cf_rc rc = each_row(replica, replica->q[CF_RQ_HUB], take_hub, &hub, NULL, err);
    if (rc == CF_OK) {
        *ret = hub;
    }
    return rc;
}

/* --- orders ------------------------------------------------------------------------------------------------------- */

struct order_row {
    bool found;
    enum cf_rc over; /* of one that is over: why */
    struct cf_order *ret;
};

static enum cf_rc take_order(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct order_row *found = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = cf_down_decode(cf_column_bytes(row, 0), &entry, err);
    found->found = true;
    if (rc == CF_OK && entry.kind == CF_DOWN_ORDER_GONE) {
        found->over = entry.order_gone.handed_out ? CF_E_ORDER_DONE : CF_E_ORDER_CANCELLED;
        return CF_OK;
    }
    if (rc != CF_OK || entry.kind != CF_DOWN_ORDER || cf_order_decode(entry.order, found->ret, NULL) != CF_OK) {
        return cf_fail(err, CF_E_REPLICA_BROKEN, "a stored order is damaged");
    }
    return CF_OK;
}

static enum cf_rc find_order(struct cf_replica *replica, sqlite3_stmt *get, struct cf_order *ret, struct cf_error *err)
{
    struct order_row row = {.over = CF_OK, .ret = ret};
    enum cf_rc rc = each_row(replica, get, take_order, &row, NULL, err);
    if (rc == CF_OK && !row.found) {
        rc = cf_fail(err, CF_E_ORDER_UNKNOWN, "nothing of it has come down");
    }
    if (rc == CF_OK && row.over != CF_OK) {
        rc = cf_fail(err, row.over, "as the centre says");
    }
    return rc;
}

enum cf_rc cf_replica_order(struct cf_replica *replica, uint32_t number, struct cf_order *ret, struct cf_error *err)
{
    cf_bind_i64(replica->q[CF_RQ_ORDER], 1, number);
    return find_order(replica, replica->q[CF_RQ_ORDER], ret, err);
}

struct order_page {
    cf_replica_order_fn each;
    void *ctx;
    struct cf_order order;
};

static enum cf_rc give_order(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct order_page *page = ctx;
    struct order_row found = {.ret = &page->order};
    enum cf_rc rc = take_order(&found, row, err);
    return rc == CF_OK ? page->each(page->ctx, &page->order, err) : rc;
}

enum cf_rc cf_replica_orders(struct cf_replica *replica, uint32_t after, size_t max, cf_replica_order_fn each,
                             void *ctx, struct cf_error *err)
{
    sqlite3_stmt *rows = replica->q[CF_RQ_ORDER_PAGE];
    struct order_page page = {.each = each, .ctx = ctx};
    cf_bind_i64(rows, 1, after);
    cf_bind_i64(rows, 2, (int64_t)max);
    return each_row(replica, rows, give_order, &page, NULL, err);
}

/* --- goods that were asked for ------------------------------------------------------------------------------------ */

struct request_page {
    cf_replica_request_fn each;
    void *ctx;
    struct cf_request_view view;
};

static enum cf_rc give_request(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct request_page *page = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = cf_down_decode(cf_column_bytes(row, 0), &entry, err);
    if (rc == CF_OK && entry.kind == CF_DOWN_REQUEST_GONE) {
        return cf_fail(err, CF_E_ORDER_CANCELLED, "there is nothing to do about request %u any more",
                       entry.request_gone.number);
    }
    if (rc != CF_OK || entry.kind != CF_DOWN_REQUEST ||
        cf_request_view_decode(entry.request, &page->view, NULL) != CF_OK) {
        return cf_fail(err, CF_E_REPLICA_BROKEN, "a stored request is damaged");
    }
    return page->each(page->ctx, &page->view, err);
}

static enum cf_rc take_request(void *ctx, const struct cf_request_view *view, struct cf_error *err)
{
    struct cf_request_view *ret = ctx;
    (void)err;
    *ret = *view;
    return CF_OK;
}

enum cf_rc cf_replica_request(struct cf_replica *replica, uint32_t number, struct cf_request_view *ret,
                              struct cf_error *err)
{
    struct request_page page = {.each = take_request, .ctx = ret};
    size_t rows = 0;
    cf_bind_i64(replica->q[CF_RQ_REQUEST], 1, number);
    enum cf_rc rc = each_row(replica, replica->q[CF_RQ_REQUEST], give_request, &page, &rows, err);
    return rc == CF_OK && rows == 0 ? cf_fail(err, CF_E_ORDER_UNKNOWN, "nothing of it has come down") : rc;
}

static enum cf_rc take_request_number(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    return cf_column_u32(row, 0, ctx) ? CF_OK : cf_fail(err, CF_E_REPLICA_BROKEN, "a stored request is damaged");
}

enum cf_rc cf_replica_request_of(struct cf_replica *replica, const struct cf_sale_ref *of, uint32_t *ret_number,
                                 struct cf_error *err)
{
    sqlite3_stmt *get = replica->q[CF_RQ_REQUEST_OF];
    uint32_t number = 0;
    cf_bind_i64(get, 1, of->terminal);
    cf_bind_i64(get, 2, of->epoch);
    cf_bind_i64(get, 3, (int64_t)of->seq);
    enum cf_rc rc = each_row(replica, get, take_request_number, &number, NULL, err);
    if (rc == CF_OK) {
        *ret_number = number;
    }
    return rc;
}

enum cf_rc cf_replica_requests(struct cf_replica *replica, uint32_t after, size_t max, cf_replica_request_fn each,
                               void *ctx, struct cf_error *err)
{
    sqlite3_stmt *rows = replica->q[CF_RQ_REQUEST_PAGE];
    struct request_page page = {.each = each, .ctx = ctx};
    cf_bind_i64(rows, 1, after);
    cf_bind_i64(rows, 2, (int64_t)max);
    return each_row(replica, rows, give_request, &page, NULL, err);
}

/* --- users -------------------------------------------------------------------------------------------------------- */

struct user_row {
    bool found;
    struct cf_user user;
};

static enum cf_rc take_user(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct user_row *ret = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = decode_stored(row, CF_DOWN_USER, &entry, err);
    if (rc == CF_OK) {
        ret->found = true;
        ret->user = entry.user;
    }
    return rc;
}

static enum cf_rc find_user(struct cf_replica *replica, sqlite3_stmt *get, struct cf_user *ret, struct cf_error *err)
{
    struct user_row row = {.found = false};
    enum cf_rc rc = each_row(replica, get, take_user, &row, NULL, err);
    if (rc == CF_OK && !row.found) {
        rc = cf_fail(err, CF_E_USER_UNKNOWN, "not in this store");
    }
    if (rc == CF_OK) {
        *ret = row.user;
    }
    return rc;
}

enum cf_rc cf_replica_user(struct cf_replica *replica, uint32_t user, struct cf_user *ret, struct cf_error *err)
{
    cf_bind_i64(replica->q[CF_RQ_USER], 1, user);
    return find_user(replica, replica->q[CF_RQ_USER], ret, err);
}

enum cf_rc cf_replica_user_by_badge(struct cf_replica *replica, const struct cf_badge_mark *badge, struct cf_user *ret,
                                    struct cf_error *err)
{
    sqlite3_stmt *get = replica->q[CF_RQ_USER_BY_BADGE];
    cf_bind_bytes(get, 1, cf_bytes_of(badge->b, CF_BADGE_MARK_BYTES));
    enum cf_rc rc = find_user(replica, get, ret, err);
    cf_bind_null(get, 1);
    return rc;
}

enum cf_rc cf_replica_user_count(struct cf_replica *replica, uint64_t *ret, struct cf_error *err)
{
    int64_t n = 0;
    enum cf_rc rc = each_row(replica, replica->q[CF_RQ_USER_COUNT], take_request_number, &n, NULL, err);
    if (rc == CF_OK) {
        *ret = (uint64_t)n;
    }
    return rc;
}

/* --- results ------------------------------------------------------------------------------------------------------ */

struct results_page {
    size_t n;
    struct cf_result result[RESULTS_PAGE];
};

static enum cf_rc take_result(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct results_page *page = ctx;
    struct cf_result *result = &page->result[page->n];
    const char *text = (const char *)sqlite3_column_text(row, 2);
    result->seq = (uint64_t)cf_column_i64(row, 0);
    int64_t number = cf_column_i64(row, 1);
    result->rc = CF_OK; /* what was told before is settled */
    if (text == NULL || strlen(text) >= sizeof result->text ||
        (number != CF_OK && !cf_rc_from_number(number, &result->rc))) {
        return cf_fail(err, CF_E_REPLICA_BROKEN, "the result of record %llu is damaged",
                       (unsigned long long)result->seq);
    }
    memcpy(result->text, text, strlen(text) + 1);
    page->n++;
    return CF_OK;
}

enum cf_rc cf_replica_results(struct cf_replica *replica, uint64_t from_seq, cf_replica_result_fn each, void *ctx,
                              struct cf_error *err)
{
    struct results_page page;
    do {
        sqlite3_stmt *get = replica->q[CF_RQ_RESULT_PAGE];
        cf_bind_i64(get, 1, from_seq <= INT64_MAX ? (int64_t)from_seq : INT64_MAX);
        cf_bind_i64(get, 2, RESULTS_PAGE);
        page.n = 0;
        enum cf_rc rc = each_row(replica, get, take_result, &page, NULL, err);
        for (size_t k = 0; rc == CF_OK && k < page.n; k++) {
            rc = each(ctx, &page.result[k], err);
        }
        if (rc != CF_OK) {
            return rc;
        }
        if (page.n > 0) {
            from_seq = page.result[page.n - 1].seq + 1;
        }
    } while (page.n == RESULTS_PAGE);
    return CF_OK;
}

/* --- erasures ----------------------------------------------------------------------------------------------------- */

enum cf_rc cf_replica_erasures(struct cf_replica *replica, cf_replica_erasure_fn each, void *ctx, struct cf_error *err)
{
    sqlite3_stmt *rows = replica->q[CF_RQ_ERASURE_ALL];
    for (;;) {
        struct cf_erase_mark mark;
        bool row = false;
        enum cf_rc rc = cf_db_step(&replica->db, rows, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        rc = cf_column_bytes_of(rows, 0, mark.b, sizeof mark.b)
                 ? each(ctx, &mark, err)
                 : cf_fail(err, CF_E_REPLICA_BROKEN, "an erasure is damaged");
        if (rc != CF_OK) {
            sqlite3_reset(rows);
            return rc;
        }
    }
}

/* --- how far the sync has come ------------------------------------------------------------------------------------ */

static enum cf_rc take_topic(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct cf_topic_state *state = ctx;
    state->version = (uint64_t)cf_column_i64(row, 0);
    if (!cf_column_bytes_of(row, 1, state->digest.digest, CF_SHA256_BYTES)) {
        return cf_fail(err, CF_E_REPLICA_BROKEN, "a topic's digest is damaged");
    }
    return CF_OK;
}

enum cf_rc cf_replica_topic(struct cf_replica *replica, enum cf_topic topic, struct cf_topic_state *ret,
                            struct cf_error *err)
{
    struct cf_topic_state state = {0}; /* digest(0) is all zero */
    sqlite3_stmt *get = replica->q[CF_RQ_TOPIC];
    if ((replica->topics_known & 1U << topic) != 0) {
        *ret = replica->topic[topic];
        return CF_OK;
    }
    cf_bind_i64(get, 1, topic);
    enum cf_rc rc = each_row(replica, get, take_topic, &state, NULL, err);
    if (rc == CF_OK) {
        *ret = state;
    }
    if (rc == CF_OK && replica->mode == CF_REPLICA_SYNC) {
        replica->topic[topic] = state;
        replica->topics_known |= 1U << topic;
    }
    return rc;
}

static enum cf_rc take_sync_state(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct cf_sync_state *state = ctx;
    state->sent_seq = (uint64_t)cf_column_i64(row, 0);
    state->acknowledged_seq = (uint64_t)cf_column_i64(row, 1);
    state->down_cursor = (uint64_t)cf_column_i64(row, 3);
    state->fenced = cf_column_i64(row, 4) != 0;
    state->has_time = cf_column_i64(row, 5) != 0;
    state->centre_wall.us = cf_column_i64(row, 6);
    state->local_wall.us = cf_column_i64(row, 7);
    state->local_mono.us = cf_column_i64(row, 8);
    state->last_contact.us = cf_column_i64(row, 10);
    if (!cf_column_bytes_of(row, 2, state->acknowledged_head.digest, CF_SHA256_BYTES) ||
        !cf_column_bytes_of(row, 9, state->boot_id, sizeof state->boot_id)) {
        return cf_fail(err, CF_E_REPLICA_BROKEN, "the sync's state is damaged");
    }
    return CF_OK;
}

static enum cf_rc take_seq(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    (void)err;
    *(uint64_t *)ctx = (uint64_t)cf_column_i64(row, 0);
    return CF_OK;
}

enum cf_rc cf_replica_acknowledged_before(struct cf_replica *replica, uint32_t epoch, int64_t day, uint64_t *ret_seq,
                                          struct cf_error *err)
{
    sqlite3_stmt *get = replica->q[CF_RQ_ACKNOWLEDGED_BEFORE];
    *ret_seq = 0;
    cf_bind_i64(get, 1, epoch);
    cf_bind_i64(get, 2, day);
    return each_row(replica, get, take_seq, ret_seq, NULL, err);
}

enum cf_rc cf_replica_sync_state(struct cf_replica *replica, struct cf_sync_state *ret, struct cf_error *err)
{
    struct cf_sync_state state = {0};
    enum cf_rc rc = each_row(replica, replica->q[CF_RQ_SYNC_STATE], take_sync_state, &state, NULL, err);
    if (rc == CF_OK) {
        *ret = state;
    }
    return rc;
}

/* --- the machine -------------------------------------------------------------------------------------------------- */

struct machine_row {
    enum cf_down_kind kind;
    bool found;
    struct cf_down_entry entry;
};

static enum cf_rc take_machine(void *ctx, sqlite3_stmt *row, struct cf_error *err)
{
    struct machine_row *ret = ctx;
    ret->found = true;
    return decode_stored(row, ret->kind, &ret->entry, err);
}

static enum cf_rc find_machine(struct cf_replica *replica, enum cf_down_kind kind, struct machine_row *ret,
                               struct cf_error *err)
{
    sqlite3_stmt *get = replica->q[CF_RQ_MACHINE];
    ret->kind = kind;
    ret->found = false;
    cf_bind_i64(get, 1, kind);
    return each_row(replica, get, take_machine, ret, NULL, err);
}

enum cf_rc cf_replica_update_order(struct cf_replica *replica, struct cf_update_order *ret, struct cf_error *err)
{
    struct machine_row row;
    enum cf_rc rc = find_machine(replica, CF_DOWN_UPDATE, &row, err);
    if (rc == CF_OK) {
        *ret = row.found ? row.entry.update : (struct cf_update_order){.none = true};
    }
    return rc;
}

enum cf_rc cf_replica_logs_ask(struct cf_replica *replica, struct cf_logs_ask *ret, struct cf_error *err)
{
    struct machine_row row;
    enum cf_rc rc = find_machine(replica, CF_DOWN_LOGS, &row, err);
    if (rc == CF_OK) {
        *ret = row.found ? row.entry.logs : (struct cf_logs_ask){.number = 0};
    }
    return rc;
}
