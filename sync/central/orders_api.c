/*
 * sync/central/orders_api.c - the online shop's orders that are picked up in a store: /v1/orders.
 */
#include "sync/central/handlers.h"

#include "sync/central/apply_return.h"
#include "sync/central/baskets.h"
#include "sync/central/catalogue.h"
#include "sync/central/members.h"
#include "sync/central/order_requests.h"
#include "sync/central/places.h"
#include "sync/central/replay.h"
#include "sync/central/returns_of_sale.h"

#include <stdlib.h>
#include <string.h>

#define BY_MAX 64
#define REASON_MAX 120

/* --- the answer --------------------------------------------------------------------------------------------------- */

static json_t *lines_json(const struct cf_order *order)
{
    json_t *list = json_array();
    for (size_t i = 0; i < order->n_lines; i++) {
        const struct cf_order_line *line = &order->lines[i];
        json_t *json = json_object();
        cf_json_set_int(json, "line", (int64_t)i + 1);
        cf_json_set_int(json, "product", (int64_t)line->product);
        cf_json_set_text(json, "name", line->name);
        cf_json_set_int(json, "qty_milli", line->qty_milli);
        cf_json_set_int(json, "unit_price_minor", line->unit_price_minor);
        cf_json_set_int(json, "amount_minor", line->amount_minor);
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *order_json(const struct cf_central *central, const struct cf_order_row *row)
{
    const struct cf_order *order = &row->order;
    json_t *json = json_object();
    cf_json_set_int(json, "order", order->number);
    cf_json_set_text(json, "kind", cf_order_kind_name(order->kind));
    cf_json_set_text(json, "state", cf_order_state_name(row->state));
    cf_json_set_int(json, "generation", order->generation);
    cf_json_set_int(json, "store", order->store);
    cf_json_set_int(json, "home", order->home);
    cf_json_set_instant(json, "placed_at", (cf_wall){row->at_us});
    cf_json_set_instant(json, "ready_from", cf_wall_from_s(order->ready_s));
    cf_json_set_instant(json, "expires", cf_wall_from_s(order->expires_s));
    cf_json_set(json, "overdue",
                json_boolean(cf_order_is_open(row->state) && cf_wall_s(cf_central_now(central)) > order->expires_s));
    cf_json_set_int(json, "total_minor", order->total_minor);
    if (row->reference[0] != '\0') {
        cf_json_set_text(json, "reference", row->reference);
    }
    if (row->has_member) {
        cf_json_set_hex(json, "member", cf_bytes_of(row->member.b, CF_SUB_BYTES));
    }
    if (row->state == CF_ORDER_RECALLED) {
        cf_json_set(json, "goes_to", row->recall_to != 0 ? json_integer(row->recall_to) : json_null());
    }
    cf_json_set(json, "lines", lines_json(order));
    return json;
}

/* What the shopper shows: as good for a later generation. */
static enum cf_rc put_code(struct cf_central *central, const struct cf_order_row *row, json_t *json,
                           struct cf_error *err)
{
    const struct cf_order_code code = {.order = row->order.number,
                                       .store = row->order.store,
                                       .generation = row->order.generation,
                                       .exp_s = row->order.expires_s};
    const struct cf_issuer *issuer = &central->issuer[CF_ISSUER_TICKET];
    struct cf_code made;
    char text[CF_CODE_TEXT_MAX];
    if (!cf_order_is_open(row->state)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_order_code_sign(&code, issuer->kid, issuer->key, &made, err);
    if (rc == CF_OK) {
        rc = cf_code_text(&made, text, err);
    }
    if (rc == CF_OK) {
        cf_json_set_text(json, "code", text);
    }
    return rc;
}

/* Of goods that a store had not: who has them, what they said, and whom to tell. */
static enum cf_rc put_request(struct cf_central *central, const struct cf_order_row *row, json_t *json,
                              struct cf_error *err)
{
    struct cf_request_row request;
    bool found = false;
    enum cf_rc rc = cf_request_row_get(central, row->order.number, &request, &found, err);
    if (rc != CF_OK || !found) {
        return rc;
    }
    json_t *one = json_object();
    cf_json_set_text(one, "state", cf_request_state_name(request.state));
    cf_json_set_int(one, "asking", request.asking);
    cf_json_set(one, "asked", request.asked != 0 ? json_integer(request.asked) : json_null());
    cf_json_set_int(one, "terminal", request.of.terminal);
    cf_json_set_int(one, "epoch", request.of.epoch);
    cf_json_set_int(one, "seq", (int64_t)request.of.seq);
    if (request.reason[0] != '\0') {
        cf_json_set_text(one, "reason", request.reason);
    }
    if (request.name[0] != '\0') {
        cf_json_set_text(one, "name", request.name);
    }
    if (request.reach[0] != '\0') {
        cf_json_set_text(one, "reach", request.reach);
    }
    cf_json_set(json, "request", one);
    return CF_OK;
}

static enum cf_rc answer(struct cf_central *central, const struct cf_order_row *row, struct cf_reply *reply,
                         struct cf_error *err)
{
    reply->json = order_json(central, row);
    enum cf_rc rc = put_request(central, row, reply->json, err);
    return rc == CF_OK ? put_code(central, row, reply->json, err) : rc;
}

/* --- placing ------------------------------------------------------------------------------------------------------ */

struct placing {
    struct cf_order_row row;
    json_t *json; /* the request */
    const json_t *lines, *pick_up;
    char request_id[CF_REPLAY_KEY_MAX + 1];
    int64_t channel; /* that sold it, and by whose promotions the centre prices it; 0: the shop says what was paid */
    bool has_ready;
};

static enum cf_rc read_pick_up(struct placing *p, struct cf_error *err)
{
    struct cf_order *order = &p->row.order;
    int64_t store = 0, terminal = 0;
    cf_wall ready = {0}, expires = {0};
    const struct cf_json_field fields[] = {
        {.name = "store", .integer = &store, .min = 1, .max = UINT32_MAX},
        {.name = "terminal", .integer = &terminal, .min = 1, .max = UINT32_MAX, .optional = true},
        {.name = "online_only", .boolean = &p->row.online_only, .optional = true},
        {.name = "ready_from", .instant = &ready, .present = &p->has_ready, .optional = true},
        {.name = "expires", .instant = &expires},
    };
    enum cf_rc rc = CF_JSON_READ(p->pick_up, "pick_up.", fields, err);
    order->store = (uint32_t)store;
    p->row.terminal = (uint32_t)terminal;
    order->ready_s = cf_wall_s(ready);
    order->expires_s = cf_wall_s(expires);
    if (rc == CF_OK && (order->ready_s < 0 || order->expires_s < order->ready_s)) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "pick_up.expires: before it is ready");
    }
    if (rc == CF_OK && p->row.online_only && terminal != 0) {
        rc = cf_fail(err, CF_E_JSON_TYPE, "pick_up: either online_only or terminal");
    }
    return rc;
}

static enum cf_rc read_placing(const struct cf_call *call, struct placing *p, struct cf_error *err)
{
    struct cf_order_row *row = &p->row;
    bool paid = true;
    const struct cf_json_field fields[] = {
        {.name = "paid", .boolean = &paid, .optional = true},
        {.name = "reference", .text = row->reference, .cap = sizeof row->reference, .min_bytes = 1, .optional = true},
        {.name = "member",
         .hex = row->member.b,
         .hex_bytes = CF_SUB_BYTES,
         .present = &row->has_member,
         .optional = true},
        {.name = "channel", .integer = &p->channel, .min = 1, .max = UINT32_MAX, .optional = true},
        {.name = "lines", .array = &p->lines, .items_max = CF_ORDER_LINES_MAX},
        {.name = "pick_up", .object = &p->pick_up},
        {.name = "request_id", .text = p->request_id, .cap = sizeof p->request_id, .min_bytes = 1},
    };
    enum cf_rc rc = cf_call_json(call, &p->json, err);
    if (rc == CF_OK) {
        rc = CF_JSON_READ(p->json, "", fields, err);
    }
    row->order.kind = paid ? CF_ORDER_PICK_UP : CF_ORDER_UNPAID;
    if (rc == CF_OK && p->channel != 0 && !paid) {
        rc = cf_fail(err, CF_E_JSON_TYPE, "channel: what is paid in the store is no online basket");
    }
    return rc == CF_OK ? read_pick_up(p, err) : rc;
}

static enum cf_rc find_product(struct cf_central *central, uint32_t store, const char *code, bool has_code,
                               int64_t product, struct cf_product *ret, struct cf_error *err)
{
    enum cf_rc rc = has_code ? cf_catalogue_by_code(central, store, code, ret, err)
                             : cf_catalogue_product(central, store, (uint64_t)product, ret, err);
    if (rc == CF_OK && cf_product_is_recalled(ret, "")) {
        rc = cf_fail(err, CF_E_GOODS_RECALLED, "lines: all of %s is recalled", ret->name);
    }
    return rc;
}

static enum cf_rc add_line(struct cf_central *central, struct cf_order *order, const json_t *json, struct cf_error *err)
{
    struct cf_order_line *line = &order->lines[order->n_lines];
    char code[CF_PRODUCT_CODE_MAX + 1];
    bool has_code, has_product, has_price, has_amount;
    int64_t product_id = 0, price = 0, amount = 0;
    struct cf_product product;
    const struct cf_json_field fields[] = {
        {.name = "code", .text = code, .cap = sizeof code, .min_bytes = 1, .present = &has_code, .optional = true},
        {.name = "product",
         .integer = &product_id,
         .min = 1,
         .max = INT64_MAX,
         .present = &has_product,
         .optional = true},
        {.name = "qty_milli", .integer = &line->qty_milli, .min = 1, .max = CF_QTY_MILLI_MAX},
        {.name = "unit_price_minor",
         .integer = &price,
         .min = 0,
         .max = CF_PRICE_MINOR_MAX,
         .present = &has_price,
         .optional = true},
        {.name = "amount_minor",
         .integer = &amount,
         .min = 0,
         .max = CF_PRICE_MINOR_MAX,
         .present = &has_amount,
         .optional = true},
    };
    enum cf_rc rc = CF_JSON_READ(json, "lines.", fields, err);
    if (rc == CF_OK && has_code == has_product) {
        rc = cf_fail(err, CF_E_JSON_TYPE, "lines: either code or product");
    }
    if (rc == CF_OK) {
        rc = find_product(central, order->store, code, has_code, product_id, &product, err);
    }
    if (rc == CF_OK && !product.weighed && line->qty_milli % 1000 != 0) {
        rc = cf_fail(err, CF_E_QUANTITY, "%s is sold in pieces", product.name);
    }
    if (rc != CF_OK) {
        return rc;
    }
    line->product = product.id;
    memcpy(line->name, product.name, sizeof line->name);
    line->unit_price_minor = has_price ? price : product.price_minor;
    line->tax_bp = product.tax_bp;
    line->weighed = product.weighed;
    const struct cf_cart_line goods = {.qty_milli = line->qty_milli, .unit_price_minor = line->unit_price_minor};
    rc = cf_line_gross(&goods, &line->amount_minor, err);
    if (rc == CF_OK && has_amount && order->kind == CF_ORDER_UNPAID && amount != line->amount_minor) {
        rc = cf_fail(err, CF_E_JSON_RANGE,
                     "lines.amount_minor: %s comes to %lld by its price, which is what is paid in the store",
                     product.name, (long long)line->amount_minor);
    }
    line->amount_minor = has_amount ? amount : line->amount_minor;
    order->total_minor += line->amount_minor;
    order->n_lines++;
    return rc;
}

static enum cf_rc add_lines(struct cf_central *central, struct placing *p, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < json_array_size(p->lines); i++) {
        const json_t *line = json_array_get(p->lines, i);
        rc = json_is_object(line) ? add_line(central, &p->row.order, line, err)
                                  : cf_fail(err, CF_E_JSON_TYPE, "lines[%zu]: an object expected", i);
    }
    return rc;
}

/* The centre says what its lines were sold at; *ret_json is the caller's, also on an error. */
static enum cf_rc sell_basket(struct cf_central *central, struct placing *p, json_t **ret_json, struct cf_error *err)
{
    struct cf_order_row *row = &p->row;
    struct cf_order *order = &row->order;
    struct cf_basket basket = {.has_member = row->has_member,
                               .member = row->member,
                               .reference = row->reference,
                               .request_id = p->request_id,
                               .ordered = true};
    struct cf_order_priced priced;
    enum cf_rc rc = cf_channel_get(central, (uint32_t)p->channel, &basket.channel, &basket.store, err);
    if (rc != CF_OK) {
        return rc;
    }
    json_t *asked = json_object();
    json_object_set(asked, "lines", json_object_get(p->json, "lines"));
    rc = cf_order_price(central, basket.channel, basket.store, asked, NULL, row->has_member ? &row->member : NULL,
                        &priced, err);
    json_decref(asked);
    if (rc != CF_OK) {
        return rc;
    }
    *ret_json = priced.json;
    bool with_tax = priced.priced->total_minor != priced.priced->net_minor;
    for (size_t i = 0; i < priced.priced->n_lines; i++) {
        const struct cf_cart_line *sold = cf_cart_at(priced.cart, i);
        const struct cf_priced_line *paid = &priced.priced->lines[i];
        struct cf_order_line *line = &order->lines[order->n_lines++];
        line->product = sold->product;
        memcpy(line->name, sold->name, sizeof line->name);
        line->qty_milli = sold->qty_milli;
        line->unit_price_minor = sold->unit_price_minor;
        line->tax_bp = sold->tax_bp;
        line->weighed = sold->weighed;
        line->amount_minor = paid->net_minor + (with_tax ? paid->tax_minor : 0);
        order->total_minor += line->amount_minor;
    }
    return cf_basket_buy(central, &basket, &priced, err);
}

static enum cf_rc place(struct cf_central *central, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    struct placing *p = ctx;
    struct cf_order_row *row = &p->row;
    struct cf_store_settings settings;
    json_t *basket = NULL;
    unsigned tier;
    int64_t number = 0;
    enum cf_rc rc = cf_store_settings_get(central, row->order.store, &settings, err);
    if (rc == CF_OK && row->has_member) {
        rc = cf_member_check(central, row->member, &tier, err);
    }
    if (rc == CF_OK) {
        rc = p->channel != 0 ? sell_basket(central, p, &basket, err) : add_lines(central, p, err);
    }
    if (rc == CF_OK) {
        rc = cf_order_choose_home(central, row, err);
    }
    row->at_us = cf_central_now(central).us;
    if (rc == CF_OK) {
        rc = cf_store_insert(central->store, CF_Q_ORDER_NEW, CF_ARGS(cf_v_int(row->at_us)), &number, err);
    }
    row->order.number = (uint32_t)number;
    row->order.generation = 1;
    row->state = p->has_ready ? CF_ORDER_READY : CF_ORDER_PLACED;
    if (rc == CF_OK) {
        rc = number > UINT32_MAX ? cf_fail(err, CF_E_LIMIT, "all numbers of orders are given out")
                                 : cf_order_check(&row->order, err);
    }
    if (rc == CF_OK) {
        rc = cf_order_row_put(central, row, err);
    }
    if (rc == CF_OK && p->has_ready) {
        rc = cf_order_tell(central, row, err);
    }
    reply->status = 201;
    if (rc == CF_OK) {
        rc = answer(central, row, reply, err);
    }
    if (rc == CF_OK && basket != NULL) {
        json_object_set(reply->json, "priced", basket);
    }
    json_decref(basket);
    return rc;
}

enum cf_rc cf_handle_order_add(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                               struct cf_error *err)
{
    struct placing *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    enum cf_rc rc = read_placing(call, p, err);
    if (rc == CF_OK) {
        rc = cf_replay_once(central, CF_REPLAY_ORDER, p->request_id, call->request->body, place, p, reply, err);
    }
    json_decref(p->json);
    free(p);
    return rc;
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

struct listing {
    const struct cf_central *central;
    json_t *list;
};

static enum cf_rc list_order(void *ctx, const struct cf_value *v, struct cf_error *err)
{
    struct listing *listing = ctx;
    json_t *json = json_object();
    struct cf_order *order = calloc(1, sizeof *order);
    if (order == NULL || cf_order_decode(v[2].b, order, NULL) != CF_OK) {
        free(order);
        json_decref(json);
        return cf_fail(err, CF_E_INTERNAL, "a stored order is damaged");
    }
    cf_json_set_int(json, "order", v[0].i);
    cf_json_set_text(json, "kind", cf_order_kind_name(order->kind));
    cf_json_set_text(json, "state", cf_order_state_name((enum cf_order_state)v[1].i));
    cf_json_set_int(json, "store", order->store);
    cf_json_set_int(json, "total_minor", order->total_minor);
    cf_json_set_instant(json, "expires", cf_wall_from_s(order->expires_s));
    cf_json_set(json, "overdue",
                json_boolean(cf_order_is_open((enum cf_order_state)v[1].i) &&
                             cf_wall_s(cf_central_now(listing->central)) > order->expires_s));
    cf_json_set(json, "reference", v[5].b.n > 0 ? json_stringn((const char *)v[5].b.p, v[5].b.n) : json_null());
    if (v[10].kind == CF_VALUE_INT) {
        cf_json_set_text(json, "request", cf_request_state_name((enum cf_request_state)v[10].i));
        cf_json_set_int(json, "asking", v[11].i);
    }
    free(order);
    return json_array_append_new(listing->list, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

/* ?store=&state=&request=&after= */
enum cf_rc cf_handle_order_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    static const char *const names[] = {"after", "store", "state", "request"};
    uint64_t by[4] = {0};
    bool present;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < 4; i++) {
        rc = cf_call_query(call, names[i], &by[i], &present, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct listing listing = {central, json_array()};
    reply->json = json_object();
    cf_json_set(reply->json, "orders", listing.list);
    return cf_store_each(
        central->store, CF_Q_ORDER_LIST,
        CF_ARGS(cf_v_int((int64_t)by[0]), cf_v_int((int64_t)by[1]), cf_v_int((int64_t)by[2]), cf_v_int((int64_t)by[3])),
        list_order, &listing, err);
}

static enum cf_rc list_taken(void *ctx, const struct cf_value *v, struct cf_error *err)
{
    struct cf_pick_up taken;
    json_t *json = json_object(), *lines = json_array();
    if (cf_pick_up_decode(v[1].b, &taken, NULL) != CF_OK) {
        json_decref(json);
        json_decref(lines);
        return cf_fail(err, CF_E_INTERNAL, "what was handed out is damaged");
    }
    for (size_t i = 0; i < taken.n_lines; i++) {
        json_t *line = json_object();
        cf_json_set_int(line, "line", taken.lines[i].line_no);
        cf_json_set_int(line, "qty_milli", taken.lines[i].qty_milli);
        json_array_append_new(lines, line);
    }
    cf_json_set_int(json, "terminal", v[4].i);
    cf_json_set_int(json, "epoch", v[5].i);
    cf_json_set_int(json, "seq", v[0].i & (int64_t)CF_RECORD_SEQ_MAX);
    cf_json_set_int(json, "generation", taken.claim.generation);
    cf_json_set_int(json, "business_day", taken.business_day);
    cf_json_set_text(json, "cashier", taken.cashier);
    cf_json_set_int(json, "amount_minor", taken.amount_minor);
    cf_json_set_instant(json, "heard_at", (cf_wall){v[2].i});
    cf_json_set(json, "conflict", json_boolean(v[3].i != 0));
    cf_json_set(json, "sale", json_boolean(v[6].i != 0));
    cf_json_set(json, "lines", lines);
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

/* Goods that were paid in a sale and came back since: as all returns of that sale say, by lines of the order. */
static enum cf_rc list_returned(struct cf_central *central, json_t *taken, uint64_t record, struct cf_error *err)
{
    struct cf_returns_of_sale *returns = malloc(sizeof *returns);
    struct cf_sale *sale = NULL;
    bool found = false;
    enum cf_rc rc = returns != NULL ? cf_sale_new(&sale, err) : cf_fail(err, CF_E_NO_MEMORY, "orders");
    if (rc == CF_OK) {
        rc = cf_return_original(central, record, sale, NULL, &found, err);
        if (rc == CF_E_RETURN_SALE || rc == CF_E_RETURN_ERASED) { /* what it was nobody knows any more */
            rc = CF_OK;
            found = false;
        }
    }
    if (rc == CF_OK && found) {
        rc = cf_returns_read(central, record, sale, returns, err);
    }
    json_t *list = json_array();
    for (size_t i = 0; rc == CF_OK && found && i < sale->n_lines; i++) {
        const struct cf_sale_line *sold = &sale->lines[i];
        if (sold->extra.origin == CF_PRICE_ORDER && returns->back_milli[i] > 0) {
            json_t *line = json_object();
            cf_json_set_int(line, "line", sold->extra.list);
            cf_json_set_int(line, "qty_milli", returns->back_milli[i]);
            json_array_append_new(list, line);
        }
    }
    cf_json_set(taken, "returned", list);
    cf_sale_free(sale);
    free(returns);
    return rc;
}

/* Of each of them that is a sale. */
static enum cf_rc put_returned(struct cf_central *central, const json_t *handed_out, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < json_array_size(handed_out); i++) {
        json_t *taken = json_array_get(handed_out, i);
        struct cf_log_head head;
        if (!json_is_true(json_object_get(taken, "sale"))) {
            continue;
        }
        rc = cf_log_get(central, (uint32_t)json_integer_value(json_object_get(taken, "terminal")),
                        (uint32_t)json_integer_value(json_object_get(taken, "epoch")), &head, err);
        if (rc == CF_OK) {
            rc = list_returned(central, taken,
                               cf_record_id(head.log.id, (uint64_t)json_integer_value(json_object_get(taken, "seq"))),
                               err);
        }
    }
    return rc;
}

static enum cf_rc order_of_path(struct cf_central *central, const struct cf_call *call, struct cf_order_row *row,
                                struct cf_error *err)
{
    uint64_t number;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &number, err);
    return rc == CF_OK ? cf_order_row_get(central, (uint32_t)number, row, err) : rc;
}

static enum cf_rc look(struct cf_central *central, const struct cf_call *call, struct cf_order_row *row,
                       struct cf_reply *reply, struct cf_error *err)
{
    enum cf_rc rc = order_of_path(central, call, row, err);
    if (rc == CF_OK) {
        rc = answer(central, row, reply, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    json_t *list = json_array();
    cf_json_set(reply->json, "handed_out", list);
    rc = cf_store_each(central->store, CF_Q_ORDER_TAKEN_LIST, CF_ARGS(cf_v_int(row->order.number)), list_taken, list,
                       err);
    return rc == CF_OK ? put_returned(central, list, err) : rc;
}

enum cf_rc cf_handle_order_get(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                               struct cf_error *err)
{
    struct cf_order_row *row = calloc(1, sizeof *row);
    if (row == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    enum cf_rc rc = look(central, call, row, reply, err);
    free(row);
    return rc;
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

struct change {
    enum cf_request_act act;
    int64_t store;
    cf_wall expires;
    bool has_expires;
    char by[BY_MAX + 1], reason[REASON_MAX + 1];
};
typedef enum cf_rc (*change_fn)(struct cf_central *central, struct cf_order_row *row, const struct change *change,
                                struct cf_error *err);

static enum cf_rc change_order(struct cf_central *central, const struct cf_call *call, change_fn fn,
                               const struct change *change, struct cf_reply *reply, struct cf_error *err)
{
    struct cf_order_row *row = calloc(1, sizeof *row);
    if (row == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc == CF_OK) {
        rc = order_of_path(central, call, row, err);
        if (rc == CF_OK) {
            rc = fn(central, row, change, err);
        }
        rc = cf_central_end(central, rc, err);
    }
    if (rc == CF_OK) {
        rc = answer(central, row, reply, err);
    }
    free(row);
    return rc;
}

static enum cf_rc do_ready(struct cf_central *central, struct cf_order_row *row, const struct change *change,
                           struct cf_error *err)
{
    struct cf_request_row request;
    bool asked = false;
    int64_t expires_s = change->has_expires ? cf_wall_s(change->expires) : 0;
    enum cf_rc rc = cf_request_row_get(central, row->order.number, &request, &asked, err);
    if (rc == CF_OK && asked) {
        return cf_request_shop_says(central, row, &request, CF_REQUEST_ARRIVE, "", expires_s, err);
    }
    return rc == CF_OK ? cf_order_arrive(central, row, change->has_expires ? expires_s : row->order.expires_s, err)
                       : rc;
}

static enum cf_rc do_cancel(struct cf_central *central, struct cf_order_row *row, const struct change *change,
                            struct cf_error *err)
{
    struct cf_request_row request;
    bool asked = false;
    (void)change;
    enum cf_rc rc = cf_request_row_get(central, row->order.number, &request, &asked, err);
    if (rc == CF_OK && asked && cf_request_is_open(request.state)) {
        return cf_request_shop_says(central, row, &request, CF_REQUEST_WITHDRAW, "", 0, err);
    }
    return rc == CF_OK ? cf_order_recall(central, row, 0, err) : rc;
}

/* What the shop says of goods that a store asked for. */
static enum cf_rc do_answer(struct cf_central *central, struct cf_order_row *row, const struct change *change,
                            struct cf_error *err)
{
    struct cf_request_row request;
    bool asked = false;
    enum cf_rc rc = cf_request_row_get(central, row->order.number, &request, &asked, err);
    if (rc == CF_OK && !asked) {
        rc = cf_fail(err, CF_E_ORDER_STATE, "nobody asked a store or the shop for these goods");
    }
    return rc == CF_OK ? cf_request_shop_says(central, row, &request, change->act, change->reason,
                                              change->has_expires ? cf_wall_s(change->expires) : 0, err)
                       : rc;
}

static enum cf_rc do_forget(struct cf_central *central, struct cf_order_row *row, const struct change *change,
                            struct cf_error *err)
{
    struct cf_request_row request;
    bool asked = false;
    (void)change;
    enum cf_rc rc = cf_request_row_get(central, row->order.number, &request, &asked, err);
    if (rc == CF_OK && asked && request.is_member) {
        rc = cf_fail(err, CF_E_STATE, "a member wants it: forget the member");
    }
    return rc == CF_OK && asked ? cf_request_forget_who(central, &request, err) : rc;
}

/* What a store asked for is fetched where it was asked to be, until it is there. */
static enum cf_rc do_move(struct cf_central *central, struct cf_order_row *row, const struct change *change,
                          struct cf_error *err)
{
    struct cf_request_row request;
    bool asked = false;
    enum cf_rc rc = cf_request_row_get(central, row->order.number, &request, &asked, err);
    if (rc == CF_OK && asked && row->state == CF_ORDER_PLACED) {
        rc = cf_fail(err, CF_E_ORDER_STATE, "a store asked for its goods, and they are not there yet");
    }
    if (rc != CF_OK) {
        return rc;
    }
    return cf_order_recall(central, row, (uint32_t)change->store, err);
}

static enum cf_rc do_force(struct cf_central *central, struct cf_order_row *row, const struct change *change,
                           struct cf_error *err)
{
    return cf_order_force(central, row, change->by, change->reason, err);
}

enum cf_rc cf_handle_order_ready(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                 struct cf_error *err)
{
    struct change change = {.store = 0};
    const struct cf_json_field fields[] = {
        {.name = "expires", .instant = &change.expires, .present = &change.has_expires, .optional = true},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    return rc == CF_OK ? change_order(central, call, do_ready, &change, reply, err) : rc;
}

enum cf_rc cf_handle_order_answer(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    struct change change = {.store = 0};
    char act[16];
    const struct cf_json_field fields[] = {
        {.name = "act", .text = act, .cap = sizeof act, .min_bytes = 1},
        {.name = "reason", .text = change.reason, .cap = sizeof change.reason, .min_bytes = 1, .optional = true},
        {.name = "expires", .instant = &change.expires, .present = &change.has_expires, .optional = true},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK && (cf_request_act_parse(act, &change.act, NULL) != CF_OK || change.act == CF_REQUEST_ASK)) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "act: accept, refuse, send, ready or withdraw");
    }
    if (rc == CF_OK && change.act == CF_REQUEST_REFUSE && change.reason[0] == '\0') {
        rc = cf_fail(err, CF_E_JSON_RANGE, "reason: whoever waits for the goods is told why not");
    }
    return rc == CF_OK ? change_order(central, call, do_answer, &change, reply, err) : rc;
}

enum cf_rc cf_handle_order_forget(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    const struct change change = {.store = 0};
    return change_order(central, call, do_forget, &change, reply, err);
}

enum cf_rc cf_handle_order_cancel(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    const struct change change = {.store = 0};
    return change_order(central, call, do_cancel, &change, reply, err);
}

enum cf_rc cf_handle_order_move(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    struct change change = {.store = 0};
    const struct cf_json_field fields[] = {
        {.name = "store", .integer = &change.store, .min = 1, .max = UINT32_MAX},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    return rc == CF_OK ? change_order(central, call, do_move, &change, reply, err) : rc;
}

enum cf_rc cf_handle_order_force(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                 struct cf_error *err)
{
    struct change change = {.store = 0};
    const struct cf_json_field fields[] = {
        {.name = "by", .text = change.by, .cap = sizeof change.by, .min_bytes = 1},
        {.name = "reason", .text = change.reason, .cap = sizeof change.reason, .min_bytes = 1},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    return rc == CF_OK ? change_order(central, call, do_force, &change, reply, err) : rc;
}
