/*
 * sync/central/reports.c - what the centre can tell: grants, sales, a terminal's state, alarms, health.
 */
#include "sync/central/boots.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"

#include "app/core/report.h"

#include <string.h>

#define SALES_MAX 500

static enum cf_rc append(json_t *list, json_t *item, struct cf_error *err)
{
    return json_array_append_new(list, item) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

static void set_seq(json_t *json, const char *name, const struct cf_value *record)
{
    cf_json_set(json, name,
                record->kind == CF_VALUE_INT ? json_integer((json_int_t)((uint64_t)record->i & CF_RECORD_SEQ_MAX))
                                             : json_null());
}

/* --- grants ------------------------------------------------------------------------------------------------------- */

static enum cf_rc list_grant(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    uint8_t id[CF_KID_BYTES];
    json_t *json = json_object();
    cf_put_be32(id, (uint32_t)row[0].i);
    cf_json_set_hex(json, "grant", cf_bytes_of(id, sizeof id));
    cf_json_set_int(json, "campaign", row[1].i);
    cf_json_set_int(json, "terminal", row[2].i);
    cf_json_set_int(json, "epoch", row[3].i);
    cf_json_set_int(json, "first", row[4].i);
    cf_json_set_int(json, "last", row[5].i);
    cf_json_set_instant(json, "expires", cf_wall_from_s(row[6].i));
    cf_json_set_int(json, "issued", row[7].i);
    return append(ctx, json, err);
}

enum cf_rc cf_handle_grants(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                            struct cf_error *err)
{
    (void)call;
    json_t *list = json_array();
    reply->json = json_object();
    cf_json_set(reply->json, "grants", list);
    return cf_store_each(central->store, CF_Q_ISSUE_RANGE_LIST, CF_NO_ARGS, list_grant, list, err);
}

/* --- a terminal's logs -------------------------------------------------------------------------------------------- */

#define LOGS_MAX 64

struct log_row {
    uint64_t id;
    int64_t epoch;
    enum cf_log_state state;
    int64_t seq, reported_seq;
    struct cf_sha256 head;
};
struct log_rows {
    size_t n;
    struct log_row row[LOGS_MAX]; /* the newest, if there are more */
};

static enum cf_rc collect_log(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct log_rows *rows = ctx;
    if (rows->n == LOGS_MAX) {
        memmove(&rows->row[0], &rows->row[1], (LOGS_MAX - 1) * sizeof *rows->row);
        rows->n--;
    }
    struct log_row *log = &rows->row[rows->n++];
    *log = (struct log_row){.id = (uint64_t)row[0].i,
                            .epoch = row[1].i,
                            .state = (enum cf_log_state)row[2].i,
                            .seq = row[3].i,
                            .reported_seq = row[5].i};
    if (row[4].b.n != CF_SHA256_BYTES) {
        return cf_fail(err, CF_E_INTERNAL, "head of a log");
    }
    memcpy(log->head.digest, row[4].b.p, CF_SHA256_BYTES);
    return CF_OK;
}

static enum cf_rc find_logs(struct cf_central *central, uint64_t terminal, struct log_rows *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    ret->n = 0;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(cf_v_int((int64_t)terminal)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "terminal %llu", (unsigned long long)terminal);
    }
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_LOG_OF_TERMINAL, CF_ARGS(cf_v_int((int64_t)terminal)),
                                       collect_log, ret, err)
                       : rc;
}

/* --- sales -------------------------------------------------------------------------------------------------------- */

struct sale_list {
    struct cf_central *central;
    json_t *list;
    int64_t epoch;
};

static enum cf_rc list_line(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_int(json, "product", row[0].i);
    cf_json_set_int(json, "qty_milli", row[1].i);
    cf_json_set_int(json, "unit_price_minor", row[2].i);
    cf_json_set_int(json, "discount_minor", row[3].i);
    cf_json_set_int(json, "tax_bp", row[4].i);
    return append(ctx, json, err);
}

static enum cf_rc list_tender(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_text(json, "kind", cf_tender_kind_name((enum cf_tender_kind)row[0].i));
    cf_json_set_int(json, "amount_minor", row[1].i);
    cf_json_set(json, "reference", json_stringn((const char *)row[2].b.p, row[2].b.n));
    return append(ctx, json, err);
}

static enum cf_rc list_discount(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_int(json, "campaign", row[0].i);
    cf_json_set_int(json, "version", row[1].i);
    cf_json_set_int(json, "amount_minor", row[2].i);
    return append(ctx, json, err);
}

/* When it was, by what is known today; what stands in its row was known when it came. */
static enum cf_rc set_time(struct cf_central *central, json_t *json, const struct cf_value *row, struct cf_error *err)
{
    struct cf_record_time time;
    cf_wall at = {row[3].i}, lo = at, hi = at;
    bool known;
    enum cf_rc rc = cf_boots_time_of(central, (uint64_t)row[0].i, &time, &known, err);
    if (rc == CF_OK && known) {
        at = cf_wall_from_ms(time.at_ms);
        lo = cf_wall_from_ms(time.lo_ms);
        hi = cf_wall_from_ms(time.hi_ms);
    }
    cf_json_set_instant(json, "at", at);
    cf_json_set_instant(json, "latest", hi);
    if (lo.us != INT64_MIN) {
        cf_json_set_instant(json, "earliest", lo);
    } else {
        cf_json_set(json, "earliest", json_null());
    }
    return rc;
}

static enum cf_rc list_sale(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct sale_list *sales = ctx;
    struct cf_member_store *store = sales->central->store;
    json_t *json = json_object(), *lines = json_array(), *tenders = json_array(), *discounts = json_array();
    char member[2 * CF_SUB_BYTES + 1];
    cf_sub sub = cf_sub_from_number(row[5].i);
    cf_hex_encode(cf_bytes_of(sub.b, CF_SUB_BYTES), member);
    cf_json_set_int(json, "epoch", sales->epoch);
    set_seq(json, "seq", &row[0]);
    cf_json_set_int(json, "sale_no", row[1].i);
    cf_json_set_int(json, "business_day", row[2].i);
    cf_json_set(json, "cashier", json_stringn((const char *)row[4].b.p, row[4].b.n));
    cf_json_set(json, "member", row[5].kind == CF_VALUE_INT ? json_string(member) : json_null());
    cf_json_set_int(json, "gross_minor", row[7].i);
    cf_json_set_int(json, "discount_minor", row[8].i);
    cf_json_set_int(json, "tax_minor", row[9].i);
    cf_json_set_int(json, "total_minor", row[10].i);
    cf_json_set_int(json, "change_minor", row[11].i);
    cf_json_set_int(json, "points", row[12].i);
    cf_json_set(json, "lines", lines);
    cf_json_set(json, "tenders", tenders);
    cf_json_set(json, "discounts", discounts);
    enum cf_rc rc = append(sales->list, json, err);
    if (rc == CF_OK) {
        rc = set_time(sales->central, json, row, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_each(store, CF_Q_SALE_LINES, CF_ARGS(row[0]), list_line, lines, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_each(store, CF_Q_SALE_TENDERS, CF_ARGS(row[0]), list_tender, tenders, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_each(store, CF_Q_SALE_DISCOUNTS, CF_ARGS(row[0]), list_discount, discounts, err);
    }
    return rc;
}

/* The newest first, over all epochs of the terminal. */
enum cf_rc cf_handle_sales(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                           struct cf_error *err)
{
    uint64_t terminal = 0, limit = 50;
    bool present, limited;
    struct log_rows logs;
    enum cf_rc rc = cf_call_query(call, "terminal", &terminal, &present, err);
    if (rc == CF_OK && !present) {
        rc = cf_fail(err, CF_E_ARGUMENT, "say which terminal: ?terminal=ID");
    }
    if (rc == CF_OK) {
        rc = cf_call_query(call, "limit", &limit, &limited, err);
    }
    if (rc == CF_OK) {
        rc = find_logs(central, terminal, &logs, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    limit = limit > SALES_MAX ? SALES_MAX : limit;
    struct sale_list sales = {.central = central, .list = json_array()};
    reply->json = json_object();
    cf_json_set(reply->json, "sales", sales.list);
    for (size_t i = logs.n; i-- > 0 && rc == CF_OK && json_array_size(sales.list) < limit;) {
        sales.epoch = logs.row[i].epoch;
        rc = cf_store_each(central->store, CF_Q_SALE_RANGE,
                           CF_ARGS(cf_v_int((int64_t)cf_record_id(logs.row[i].id, 0)),
                                   cf_v_int((int64_t)cf_record_id(logs.row[i].id, CF_RECORD_SEQ_MAX)),
                                   cf_v_int((int64_t)(limit - json_array_size(sales.list)))),
                           list_sale, &sales, err);
    }
    return rc;
}

/* --- recorded = sent = acknowledged ------------------------------------------------------------------------------- */

struct fold {
    struct cf_sale *sale;
    struct cf_return *back;
    struct cf_totals totals;
    uint64_t set_aside; /* records that are stored but could not be read, or are flagged */
};

static enum cf_rc fold_record(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct fold *fold = ctx;
    fold->set_aside += row[2].i != CF_OK;
    bool is_there = row[3].kind == CF_VALUE_BLOB;
    if (is_there && row[1].i == CF_RECORD_SALE && cf_sale_decode(row[3].b, fold->sale, NULL) == CF_OK) {
        return cf_totals_add(&fold->totals, fold->sale, err);
    }
    if (is_there && row[1].i == CF_RECORD_RETURN && cf_return_decode(row[3].b, fold->back, NULL) == CF_OK) {
        return cf_totals_add_return(&fold->totals, fold->back, err);
    }
    return CF_OK;
}

static json_t *tenders_json(const int64_t *tender_minor)
{
    json_t *json = json_object();
    for (int kind = CF_TENDER_CASH; kind <= CF_REPORT_TENDERS_MAX; kind++) {
        if (kind > CF_TENDER_MOBILE && tender_minor[kind] == 0)
            continue; /* of the later kinds those that were used */
        cf_json_set_int(json, cf_tender_kind_name((enum cf_tender_kind)kind), tender_minor[kind]);
    }
    return json;
}

static json_t *returned_json(const struct cf_return_totals *t)
{
    json_t *json = json_object();
    cf_json_set_int(json, "returns", (int64_t)t->n_returns);
    cf_json_set_int(json, "voids", (int64_t)t->n_voids);
    cf_json_set_int(json, "lines", (int64_t)t->n_lines);
    cf_json_set_int(json, "gross_minor", t->gross_minor);
    cf_json_set_int(json, "discount_minor", t->discount_minor);
    cf_json_set_int(json, "tax_minor", t->tax_minor);
    cf_json_set_int(json, "total_minor", t->total_minor);
    cf_json_set_int(json, "points", t->points);
    cf_json_set_int(json, "coupons_given_back", (int64_t)t->n_given_back);
    cf_json_set_int(json, "coupons_burnt", (int64_t)t->n_burnt);
    cf_json_set(json, "tender_minor", tenders_json(t->tender_minor));
    return json;
}

static json_t *totals_json(const struct cf_totals *t)
{
    json_t *json = json_object(), *rates = json_array();
    cf_json_set_int(json, "sales", (int64_t)t->n_sales);
    cf_json_set_int(json, "lines", (int64_t)t->n_lines);
    cf_json_set_int(json, "gross_minor", t->gross_minor);
    cf_json_set_int(json, "discount_minor", t->discount_minor);
    cf_json_set_int(json, "tax_minor", t->tax_minor);
    cf_json_set_int(json, "total_minor", t->total_minor);
    cf_json_set_int(json, "change_minor", t->change_minor);
    cf_json_set_int(json, "points", t->points);
    cf_json_set_int(json, "redemptions", (int64_t)t->n_redemptions);
    cf_json_set_int(json, "issued", (int64_t)t->n_issued);
    for (size_t i = 0; i < t->n_rates; i++) {
        json_t *rate = json_object();
        cf_json_set_int(rate, "tax_bp", t->rate[i].tax_bp);
        cf_json_set_int(rate, "net_minor", t->rate[i].net_minor);
        json_array_append_new(rates, rate);
    }
    cf_json_set(json, "tender_minor", tenders_json(t->tender_minor));
    cf_json_set(json, "rates", rates);
    cf_json_set(json, "returned", returned_json(&t->returned));
    return json;
}

static enum cf_rc list_z(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    set_seq(json, "seq", &row[0]);
    cf_json_set_int(json, "z_no", row[1].i);
    cf_json_set_int(json, "business_day", row[2].i);
    cf_json_set_int(json, "first_seq", row[3].i);
    cf_json_set_int(json, "last_seq", row[4].i);
    cf_json_set(json, "agrees", json_boolean(row[5].i != 0));
    return append(ctx, json, err);
}

static enum cf_rc epoch_report(struct cf_central *central, const struct log_row *log, struct fold *fold, json_t *ret,
                               struct cf_error *err)
{
    struct cf_value first = cf_v_int((int64_t)cf_record_id(log->id, 0));
    struct cf_value last = cf_v_int((int64_t)cf_record_id(log->id, CF_RECORD_SEQ_MAX));
    json_t *z_reports = json_array();
    memset(&fold->totals, 0, sizeof fold->totals);
    fold->set_aside = 0;
    cf_json_set(ret, "z_reports", z_reports);
    enum cf_rc rc = cf_store_each(central->store, CF_Q_Z_REPORT_RANGE, CF_ARGS(first, last), list_z, z_reports, err);
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_RECORD_RANGE, CF_ARGS(first, last), fold_record, fold, err);
    }
    int64_t recorded = log->reported_seq > log->seq ? log->reported_seq : log->seq;
    cf_json_set_int(ret, "epoch", log->epoch);
    cf_json_set_text(ret, "state",
                     log->state == CF_LOG_ACTIVE     ? "active"
                     : log->state == CF_LOG_REPLACED ? "replaced"
                                                     : "fenced");
    cf_json_set_int(ret, "recorded", recorded);
    cf_json_set_int(ret, "sent", log->reported_seq > log->seq ? log->reported_seq : log->seq);
    cf_json_set_int(ret, "acknowledged", log->seq);
    cf_json_set_hex(ret, "head", cf_bytes_of(log->head.digest, CF_SHA256_BYTES));
    cf_json_set_int(ret, "set_aside", (int64_t)fold->set_aside);
    cf_json_set(ret, "totals", totals_json(&fold->totals));
    return rc;
}

enum cf_rc cf_handle_terminal_report(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                     struct cf_error *err)
{
    uint64_t terminal;
    struct log_rows logs;
    struct fold fold = {.set_aside = 0};
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &terminal, err);
    if (rc == CF_OK) {
        rc = find_logs(central, terminal, &logs, err);
    }
    if (rc == CF_OK) {
        rc = cf_sale_new(&fold.sale, err);
    }
    if (rc == CF_OK) {
        rc = cf_return_new(&fold.back, err);
    }
    if (rc != CF_OK) {
        cf_sale_free(fold.sale);
        return rc;
    }
    json_t *epochs = json_array();
    reply->json = json_object();
    cf_json_set_int(reply->json, "terminal", (int64_t)terminal);
    cf_json_set(reply->json, "epochs", epochs);
    for (size_t i = logs.n; i-- > 0 && rc == CF_OK;) { /* the newest first */
        json_t *json = json_object();
        rc = epoch_report(central, &logs.row[i], &fold, json, err);
        if (json_array_append_new(epochs, json) != 0 && rc == CF_OK) {
            rc = cf_fail(err, CF_E_NO_MEMORY, "list");
        }
    }
    cf_sale_free(fold.sale);
    cf_return_free(fold.back);
    return rc;
}

/* --- alarms, health ----------------------------------------------------------------------------------------------- */

static enum cf_rc list_alarm(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    enum cf_rc what = CF_E_INTERNAL;
    (void)cf_rc_from_number(row[5].i, &what);
    cf_json_set_int(json, "alarm", row[0].i);
    cf_json_set_instant(json, "at", (cf_wall){row[1].i});
    cf_json_set(json, "terminal", row[2].kind == CF_VALUE_INT ? json_integer(row[2].i) : json_null());
    cf_json_set(json, "epoch", row[3].kind == CF_VALUE_INT ? json_integer(row[3].i) : json_null());
    set_seq(json, "seq", &row[4]);
    cf_json_set_text(json, "name", cf_rc_name(what));
    cf_json_set(json, "text", json_stringn((const char *)row[6].b.p, row[6].b.n));
    return append(ctx, json, err);
}

/* Page by page: ?after=ID, at most 1000. */
enum cf_rc cf_handle_alarms(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                            struct cf_error *err)
{
    return cf_call_list(central, call, "after", CF_Q_ALARM_LIST, list_alarm, "alarms", reply, err);
}

enum cf_rc cf_handle_health(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                            struct cf_error *err)
{
    (void)call;
    static const struct cf_listener_counts none;
    const struct cf_listener_counts *counts = central->counts != NULL ? central->counts : &none;
    struct cf_value alarms[CF_STORE_COLUMNS_MAX], broken[CF_STORE_COLUMNS_MAX];
    struct cf_value points[CF_STORE_COLUMNS_MAX], requests[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ALARM_COUNT, CF_NO_ARGS, alarms, &found, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_FIGURES_BROKEN, CF_NO_ARGS, broken, &found, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_POINTS_BROKEN, CF_NO_ARGS, points, &found, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_TILL_REQUEST_BROKEN, CF_NO_ARGS, requests, &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    json_t *json = json_object(), *listener = json_object();
    cf_json_set_text(json, "brand", central->brand);
    cf_json_set_instant(json, "now", cf_central_now(central));
    cf_json_set_int(json, "alarms", alarms[0].i);
    cf_json_set_int(json, "budgets_that_do_not_add_up", broken[0].i);
    cf_json_set_int(json, "points_that_do_not_add_up", points[0].i);
    cf_json_set_int(json, "requests_that_do_not_add_up", requests[0].i);
    cf_json_set_int(listener, "handshakes_full", (int64_t)counts->handshakes_full);
    cf_json_set_int(listener, "handshakes_resumed", (int64_t)counts->handshakes_resumed);
    cf_json_set_int(listener, "handshakes_failed", (int64_t)counts->handshakes_failed);
    cf_json_set_int(listener, "connections", (int64_t)counts->connections);
    cf_json_set_int(listener, "connections_refused", (int64_t)counts->connections_refused);
    cf_json_set_int(listener, "closed_slow", (int64_t)counts->closed_slow);
    cf_json_set_int(listener, "requests", (int64_t)counts->requests);
    cf_json_set(json, "listener", listener);
    reply->json = json;
    return CF_OK;
}
