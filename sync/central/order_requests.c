/*
 * sync/central/order_requests.c - see order_requests.h.
 */
#include "sync/central/order_requests.h"

#include "sync/central/catalogue.h"
#include "sync/central/down_log.h"
#include "sync/central/erase.h"
#include "sync/central/judge.h"
#include "sync/central/members.h"
#include "sync/central/places.h"

#include <stdlib.h>
#include <string.h>

#define WANTED_DAYS 90 /* that somebody waits for goods before the order is overdue */
#define KEPT_DAYS 30   /* that goods are kept where they are fetched */
#define S_PER_DAY INT64_C(86400)
#define DOWN_KEY_SPACE (INT64_C(1) << 32) /* orders have their own numbers as keys */

/* --- rows --------------------------------------------------------------------------------------------------------- */

static void take_text(const struct cf_value *v, char *ret, size_t size)
{
    size_t n = v->b.n < size ? v->b.n : size - 1; /* it was written from one of that size */
    memcpy(ret, v->b.p, n);
    ret[n] = '\0';
}

enum cf_rc cf_request_row_get(struct cf_central *central, uint32_t number, struct cf_request_row *ret, bool *ret_found,
                              struct cf_error *err)
{
    struct cf_value v[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ORDER_REQUEST_GET, CF_ARGS(cf_v_int(number)), v, ret_found, err);
    if (rc != CF_OK || !*ret_found) {
        return rc;
    }
    *ret = (struct cf_request_row){
        .number = (uint32_t)v[0].i,
        .record = (uint64_t)v[1].i,
        .of = {.terminal = (uint32_t)v[2].i, .epoch = (uint32_t)v[3].i, .seq = (uint64_t)v[4].i},
        .asking = (uint32_t)v[5].i,
        .asked = (uint32_t)v[6].i,
        .state = (enum cf_request_state)v[7].i,
        .is_member = v[8].i != 0,
        .has_who = v[9].kind == CF_VALUE_INT,
        .who = cf_sub_from_number(v[9].i),
        .at_us = v[13].i,
    };
    take_text(&v[10], ret->name, sizeof ret->name);
    take_text(&v[11], ret->reach, sizeof ret->reach);
    take_text(&v[12], ret->reason, sizeof ret->reason);
    return CF_OK;
}

static enum cf_rc put_row(struct cf_central *central, const struct cf_request_row *row, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_ORDER_REQUEST_PUT,
                        CF_ARGS(cf_v_int(row->number), cf_v_int((int64_t)row->record), cf_v_int(row->of.terminal),
                                cf_v_int(row->of.epoch), cf_v_int((int64_t)row->of.seq), cf_v_int(row->asking),
                                cf_v_int(row->asked), cf_v_int(row->state), cf_v_int(row->is_member),
                                row->has_who ? cf_v_int(cf_sub_number(row->who)) : cf_v_null(), cf_v_text(row->name),
                                cf_v_text(row->reach), cf_v_text(row->reason), cf_v_int(row->at_us)),
                        err);
}

static void drop_who(struct cf_request_row *row)
{
    row->is_member = row->has_who = false;
    memset(row->name, 0, sizeof row->name);
    memset(row->reach, 0, sizeof row->reach);
}

/* --- what the stores are told ------------------------------------------------------------------------------------- */

/* Is there something to do about it, or to be seen, in that store? */
static bool is_open_for(const struct cf_request_row *request, const struct cf_order *order, uint32_t store)
{
    if (store == request->asking) {
        return cf_request_is_open(request->state);
    }
    return request->state == CF_REQUEST_ASKED || request->state == CF_REQUEST_ACCEPTED ||
           request->state == CF_REQUEST_SENT || (request->state == CF_REQUEST_READY && order->store == store);
}

static enum cf_rc tell_store(struct cf_central *central, const struct cf_request_row *request,
                             const struct cf_order *order, uint32_t store, struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_REQUEST_GONE, .request_gone = {request->number, request->of}};
    struct cf_buf body;
    enum cf_rc rc = CF_OK;
    cf_buf_init(&body, CF_REQUEST_BYTES_MAX);
    if (is_open_for(request, order, store)) {
        struct cf_request_view view = {.number = request->number,
                                       .of = request->of,
                                       .asking = request->asking,
                                       .asked = request->asked,
                                       .at = order->store,
                                       .state = request->state,
                                       .asked_s = cf_wall_s((cf_wall){request->at_us}),
                                       .n_lines = order->n_lines};
        memcpy(view.reason, request->reason, sizeof view.reason);
        for (size_t i = 0; i < order->n_lines; i++) {
            view.lines[i].product = order->lines[i].product;
            memcpy(view.lines[i].name, order->lines[i].name, sizeof view.lines[i].name);
            view.lines[i].qty_milli = order->lines[i].qty_milli;
            view.lines[i].weighed = order->lines[i].weighed;
        }
        rc = cf_request_view_encode(&view, &body, err);
        entry.kind = CF_DOWN_REQUEST;
        entry.request = cf_buf_bytes(&body);
    }
    if (rc == CF_OK) {
        rc = cf_down_append(central, CF_TOPIC_ORDERS, store, DOWN_KEY_SPACE + request->number, &entry, err);
    }
    cf_buf_done(&body);
    return rc;
}

static enum cf_rc tell(struct cf_central *central, const struct cf_request_row *request, const struct cf_order *order,
                       struct cf_error *err)
{
    enum cf_rc rc = tell_store(central, request, order, request->asking, err);
    if (rc == CF_OK && request->asked != 0) {
        rc = tell_store(central, request, order, request->asked, err);
    }
    return rc;
}

/* --- what follows ------------------------------------------------------------------------------------------------- */

static enum cf_rc let_order_follow(struct cf_central *central, struct cf_order_row *row, enum cf_request_state before,
                                   enum cf_request_state now, int64_t expires_s, struct cf_error *err)
{
    bool open = cf_order_is_open(row->state);
    if (now == before || !open) {
        return CF_OK;
    }
    if (now == CF_REQUEST_READY && row->state == CF_ORDER_PLACED) {
        int64_t kept_s = cf_wall_s(cf_central_now(central)) + KEPT_DAYS * S_PER_DAY;
        enum cf_rc rc = cf_order_choose_home(central, row, err);
        row->online_only = rc == CF_E_STATE; /* no till is there yet: whoever comes asks */
        return rc == CF_OK || rc == CF_E_STATE ? cf_order_arrive(central, row, expires_s != 0 ? expires_s : kept_s, err)
                                               : rc;
    }
    if (now == CF_REQUEST_REFUSED || now == CF_REQUEST_WITHDRAWN) {
        return cf_order_recall(central, row, 0, err);
    }
    return CF_OK;
}

/* On its way to another store, and so not to be ended by either. Before anything of it is written. */
static enum cf_rc check_moving(const struct cf_order_row *row, enum cf_request_state now, struct cf_error *err)
{
    bool ends = now == CF_REQUEST_REFUSED || now == CF_REQUEST_WITHDRAWN;
    if (!ends || row->state != CF_ORDER_RECALLED || row->recall_to == 0) {
        return CF_OK;
    }
    return cf_fail(err, CF_E_ORDER_STATE, "order %lu is being moved", (unsigned long)row->order.number);
}

static enum cf_rc say(struct cf_central *central, struct cf_order_row *row, struct cf_request_row *request,
                      enum cf_request_act act, unsigned parties, const char *reason, int64_t expires_s,
                      struct cf_error *err)
{
    enum cf_request_state before = request->state, now = before;
    enum cf_rc rc = cf_request_step(before, act, parties, &now, err);
    if (rc == CF_OK) {
        rc = check_moving(row, now, err);
    }
    if (rc != CF_OK || now == before) {
        return rc;
    }
    request->state = now;
    if (request->state == CF_REQUEST_REFUSED) {
        memset(request->reason, 0, sizeof request->reason);
        memcpy(request->reason, reason, strnlen(reason, CF_REQUEST_REASON_MAX));
    }
    if (!cf_request_is_open(request->state)) {
        drop_who(request);
    }
    rc = put_row(central, request, err);
    if (rc == CF_OK) {
        rc = let_order_follow(central, row, before, request->state, expires_s, err);
    }
    return rc == CF_OK ? tell(central, request, &row->order, err) : rc;
}

enum cf_rc cf_request_shop_says(struct cf_central *central, struct cf_order_row *row, struct cf_request_row *request,
                                enum cf_request_act act, const char *reason, int64_t expires_s, struct cf_error *err)
{
    return say(central, row, request, act, CF_PARTY_SHOP, reason, expires_s, err);
}

enum cf_rc cf_request_follow(struct cf_central *central, uint32_t number, struct cf_error *err)
{
    struct cf_request_row request;
    bool found = false;
    enum cf_rc rc = cf_request_row_get(central, number, &request, &found, err);
    /* Of one that was refused the shopper is still to be told. */
    if (rc != CF_OK || !found || !cf_request_is_open(request.state) || request.state == CF_REQUEST_REFUSED) {
        return rc;
    }
    struct cf_order_row *row = calloc(1, sizeof *row);
    if (row == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    request.state = CF_REQUEST_OVER;
    drop_who(&request);
    rc = put_row(central, &request, err);
    if (rc == CF_OK) {
        rc = cf_order_row_get(central, number, row, err);
    }
    if (rc == CF_OK) {
        rc = tell(central, &request, &row->order, err);
    }
    free(row);
    return rc;
}

enum cf_rc cf_request_forget_who(struct cf_central *central, struct cf_request_row *request, struct cf_error *err)
{
    enum cf_rc rc = request->has_who ? cf_erase_person(central, request->who, err) : CF_OK;
    drop_who(request);
    return rc == CF_OK ? put_row(central, request, err) : rc;
}

/* --- a record that asks ------------------------------------------------------------------------------------------- */

struct asking {
    struct cf_central *central;
    const struct cf_log *log;
    uint64_t id;
    uint64_t seq;
    struct cf_request_record record;
    struct cf_request_row request;
    struct cf_order_row row;
};

/* The record is kept as it was, but nobody's: who it is for stands in a row that can be forgotten. */
static enum cf_rc keep_without_who(const struct asking *a, const struct cf_record *record, struct cf_error *err)
{
    struct cf_request_record *nobody = malloc(sizeof *nobody);
    struct cf_sha256 body_hash = cf_record_body_hash(record);
    struct cf_buf body;
    enum cf_rc rc = CF_OK;
    if (nobody == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    *nobody = a->record;
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    if (cf_request_forget(nobody)) {
        rc = cf_request_record_encode(nobody, &body, err);
        if (rc == CF_OK) {
            rc = cf_store_run(a->central->store, CF_Q_RECORD_FORGET,
                              CF_ARGS(cf_v_int((int64_t)a->id), cf_v_blob(body_hash.digest, CF_SHA256_BYTES),
                                      cf_v_bytes(cf_buf_bytes(&body))),
                              err);
        }
    }
    cf_buf_done(&body);
    free(nobody);
    return rc;
}

struct said {
    const struct cf_request_line *line;
    bool found;
};

static void look_at(struct said *said, const struct cf_product *product)
{
    const struct cf_request_line *line = said->line;
    said->found = said->found || (product->price_minor == line->unit_price_minor && product->tax_bp == line->tax_bp &&
                                  product->weighed == line->weighed && !product->open_price && !product->serialised);
}

static enum cf_rc look_back(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    (void)err;
    if (entry->kind == CF_DOWN_PRODUCT) {
        look_at(ctx, &entry->product);
    }
    return CF_OK;
}

/* Did the catalogue of the asking store ever have the goods at that price? */
static enum cf_rc judge_goods(const struct asking *a, enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    const struct cf_judging j = {.central = a->central, .log = a->log};
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && *ret_what == CF_OK && i < a->record.n_lines; i++) {
        struct said said = {.line = &a->record.lines[i]};
        int64_t product = (int64_t)said.line->product; /* at most INT64_MAX, by its decoder */
        rc = cf_judge_ever(&j, CF_TOPIC_PRICES, product, product, look_back, &said, err);
        if (rc == CF_OK && !said.found) {
            *ret_what = cf_fail(why, CF_E_ORDER_LINE, "line %zu: product %lld was never sold for %lld here", i + 1,
                                (long long)product, (long long)said.line->unit_price_minor);
        }
    }
    return rc;
}

static enum cf_rc judge_stores(const struct asking *a, enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct cf_store_settings here, there;
    uint32_t asked = a->record.asked;
    enum cf_rc rc = cf_store_settings_get(a->central, a->log->store, &here, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (asked == a->log->store || (a->record.at != a->log->store && (a->record.at != asked || asked == 0))) {
        *ret_what = cf_fail(why, CF_E_ORDER_HOME, "store %lu, fetched in store %lu", (unsigned long)asked,
                            (unsigned long)a->record.at);
        return CF_OK;
    }
    rc = asked != 0 ? cf_store_settings_get(a->central, asked, &there, err) : CF_OK;
    if (rc == CF_E_STORE_UNKNOWN) {
        *ret_what = cf_fail(why, CF_E_STORE_UNKNOWN, "store %lu", (unsigned long)asked);
        return CF_OK;
    }
    if (rc == CF_OK && asked != 0 && !cf_currency_equal(here.currency, there.currency)) {
        *ret_what = cf_fail(why, CF_E_CURRENCY, "store %lu sells in %.3s", (unsigned long)asked, there.currency.code);
    }
    return rc;
}

/* A till cannot fill the book: what was withdrawn makes room, and if that is not enough there is none. */
static enum cf_rc make_room(const struct asking *a, enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct cf_value v[CF_STORE_COLUMNS_MAX];
    const struct cf_value store = cf_v_int(a->log->store);
    bool found = false;
    enum cf_rc rc = cf_store_row(a->central->store, CF_Q_ORDER_REQUEST_COUNT, CF_ARGS(store), v, &found, err);
    if (rc != CF_OK || v[0].i < CF_REQUESTS_OF_STORE_MAX) {
        return rc;
    }
    rc = cf_store_row(a->central->store, CF_Q_ORDER_REQUEST_OLDEST, CF_ARGS(store), v, &found, err);
    if (rc == CF_OK && !found) {
        *ret_what = cf_fail(why, CF_E_LIMIT, "store %lu asked for goods %d times", (unsigned long)a->log->store,
                            CF_REQUESTS_OF_STORE_MAX);
        return CF_OK;
    }
    const struct cf_value oldest = cf_v_int(rc == CF_OK ? v[0].i : 0);
    if (rc == CF_OK) {
        rc = cf_store_run(a->central->store, CF_Q_ORDER_REQUEST_DROP, CF_ARGS(oldest), err);
    }
    return rc == CF_OK ? cf_store_run(a->central->store, CF_Q_ORDER_DROP, CF_ARGS(oldest), err) : rc;
}

/* Whoever was forgotten before this came is nobody; so is a member that there is not. */
static enum cf_rc put_who(struct asking *a, enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct cf_request_record *record = &a->record;
    struct cf_request_row *request = &a->request;
    bool erased = false;
    unsigned tier = 0;
    enum cf_rc rc = cf_erase_note_late(a->central, record->who, &erased, err);
    if (rc != CF_OK || erased) {
        return rc;
    }
    request->is_member = record->is_member;
    request->has_who = cf_request_forget(&(struct cf_request_record){.act = CF_REQUEST_ASK, .who = record->who});
    request->who = record->who;
    memcpy(request->name, record->name, sizeof request->name);
    memcpy(request->reach, record->reach, sizeof request->reach);
    if (!record->is_member) {
        return CF_OK;
    }
    rc = cf_member_check(a->central, record->who, &tier, err);
    if (rc == CF_E_MEMBER_UNKNOWN) {
        *ret_what = cf_fail(why, CF_E_MEMBER_UNKNOWN, "goods for a member that is not known");
        request->is_member = false;
        return CF_OK;
    }
    a->row.has_member = rc == CF_OK;
    a->row.member = record->who;
    return rc;
}

static enum cf_rc book(struct asking *a, enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    cf_wall now = cf_central_now(a->central);
    struct cf_order_row *row = &a->row;
    int64_t number = 0;
    if (cf_request_order(&a->record, cf_wall_s(now) + WANTED_DAYS * S_PER_DAY, &row->order, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    enum cf_rc rc = cf_store_insert(a->central->store, CF_Q_ORDER_NEW, CF_ARGS(cf_v_int(now.us)), &number, err);
    if (rc == CF_OK && number > UINT32_MAX) {
        rc = cf_fail(err, CF_E_LIMIT, "all numbers of orders are given out");
    }
    row->order.number = (uint32_t)number;
    row->state = CF_ORDER_PLACED;
    row->at_us = now.us;
    a->request.number = row->order.number;
    a->request.record = a->id;
    a->request.of = (struct cf_sale_ref){.terminal = a->log->terminal, .epoch = a->log->epoch, .seq = a->seq};
    a->request.asking = a->log->store;
    a->request.asked = a->record.asked;
    a->request.state = CF_REQUEST_ASKED;
    a->request.at_us = now.us;
    if (rc == CF_OK) {
        rc = put_who(a, ret_what, why, err);
    }
    if (rc == CF_OK) {
        rc = cf_order_row_put(a->central, row, err);
    }
    if (rc == CF_OK) {
        rc = put_row(a->central, &a->request, err);
    }
    return rc == CF_OK ? tell(a->central, &a->request, &row->order, err) : rc;
}

static enum cf_rc apply_ask(struct asking *a, const struct cf_record *record, enum cf_rc *ret_what,
                            struct cf_error *why, struct cf_error *err)
{
    enum cf_rc rc = keep_without_who(a, record, err);
    if (rc == CF_OK) {
        rc = judge_stores(a, ret_what, why, err);
    }
    if (rc == CF_OK && *ret_what == CF_OK) {
        rc = judge_goods(a, ret_what, why, err);
    }
    if (rc == CF_OK && *ret_what == CF_OK) {
        rc = make_room(a, ret_what, why, err);
    }
    return rc == CF_OK && *ret_what == CF_OK ? book(a, ret_what, why, err) : rc;
}

/* --- a record that answers ---------------------------------------------------------------------------------------- */

static enum cf_rc find(struct asking *a, bool *ret_found, struct cf_error *err)
{
    const struct cf_sale_ref *of = &a->record.of;
    struct cf_value v[CF_STORE_COLUMNS_MAX];
    struct cf_log_head head;
    *ret_found = false;
    enum cf_rc rc = cf_log_get(a->central, of->terminal, of->epoch, &head, err);
    if (rc == CF_E_CERTIFICATE || (rc == CF_OK && of->seq > CF_RECORD_SEQ_MAX)) {
        return CF_OK;
    }
    if (rc == CF_OK) {
        rc = cf_store_row(a->central->store, CF_Q_ORDER_REQUEST_OF,
                          CF_ARGS(cf_v_int((int64_t)cf_record_id(head.log.id, of->seq))), v, ret_found, err);
    }
    if (rc != CF_OK || !*ret_found) {
        return rc;
    }
    rc = cf_request_row_get(a->central, (uint32_t)v[0].i, &a->request, ret_found, err);
    return rc == CF_OK && *ret_found ? cf_order_row_get(a->central, a->request.number, &a->row, err) : rc;
}

/* Which part the store has in goods that `of` asked for, though no order stands in the book for it: the centre refused
 * it, or it was withdrawn and made room. */
static enum cf_rc parties_of_none(const struct asking *a, bool *ret_asked, unsigned *ret, struct cf_error *err)
{
    const struct cf_sale_ref *of = &a->record.of;
    struct cf_value v[CF_STORE_COLUMNS_MAX];
    struct cf_log_head head;
    bool found = false;
    *ret_asked = false;
    enum cf_rc rc = cf_log_get(a->central, of->terminal, of->epoch, &head, err);
    if (rc != CF_OK || of->seq > CF_RECORD_SEQ_MAX) {
        return rc == CF_E_CERTIFICATE ? CF_OK : rc;
    }
    const struct cf_value id = cf_v_int((int64_t)cf_record_id(head.log.id, of->seq));
    struct cf_request_record *asked = malloc(sizeof *asked);
    if (asked == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    rc = cf_store_row(a->central->store, CF_Q_RECORD_RANGE, CF_ARGS(id, id), v, &found, err);
    bool has_body = rc == CF_OK && found && v[1].i == CF_RECORD_ORDER && v[3].kind == CF_VALUE_BLOB;
    if (has_body && cf_request_record_decode(v[3].b, asked, NULL) == CF_OK && asked->act == CF_REQUEST_ASK) {
        *ret_asked = true;
        *ret = cf_request_parties(a->log->store, head.log.store, asked->asked, asked->at);
    }
    free(asked);
    return rc;
}

/* As of one that is over: what comes too late changes nothing, and is no lie of whoever may say it. */
static enum cf_rc apply_answer_to_none(const struct asking *a, enum cf_rc *ret_what, struct cf_error *why,
                                       struct cf_error *err)
{
    unsigned parties = CF_PARTY_NONE;
    bool asked = false;
    enum cf_request_state now = CF_REQUEST_WITHDRAWN;
    enum cf_rc rc = parties_of_none(a, &asked, &parties, err);
    if (rc == CF_OK && !asked) {
        *ret_what = cf_fail(why, CF_E_ORDER_UNKNOWN, "record %llu of terminal %lu asked for no goods",
                            (unsigned long long)a->record.of.seq, (unsigned long)a->record.of.terminal);
    } else if (rc == CF_OK) {
        *ret_what = cf_request_step(now, a->record.act, parties, &now, why);
    }
    return rc;
}

static enum cf_rc apply_answer(struct asking *a, enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct cf_request_row *request = &a->request;
    bool found = false;
    enum cf_rc rc = find(a, &found, err);
    if (rc != CF_OK || !found) {
        return rc != CF_OK ? rc : apply_answer_to_none(a, ret_what, why, err);
    }
    unsigned parties = cf_request_parties(a->log->store, request->asking, request->asked, a->row.order.store);
    struct cf_error odd = {.rc = CF_OK, .detail = ""};
    rc = say(a->central, &a->row, request, a->record.act, parties, a->record.reason, 0, &odd);
    if (rc == CF_E_ORDER_HOME || rc == CF_E_ORDER_STATE) {
        *ret_what = cf_fail(why, rc, "order %lu: %s", (unsigned long)request->number, odd.detail);
        return CF_OK;
    }
    if (rc != CF_OK && err != NULL) {
        *err = odd;
    }
    return rc;
}

enum cf_rc cf_request_apply(struct cf_central *central, const struct cf_log *log, uint64_t id,
                            const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                            struct cf_error *err)
{
    struct asking *a = calloc(1, sizeof *a);
    enum cf_rc rc = CF_OK;
    if (a == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    a->central = central;
    a->log = log;
    a->id = id;
    a->seq = record->seq;
    if (cf_request_record_decode(record->body, &a->record, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
    } else if (a->record.act == CF_REQUEST_ASK) {
        rc = apply_ask(a, record, ret_what, why, err);
    } else {
        rc = apply_answer(a, ret_what, why, err);
    }
    free(a);
    return rc;
}
