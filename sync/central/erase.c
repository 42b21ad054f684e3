/*
 * sync/central/erase.c - see erase.h.
 */
#include "sync/central/erase.h"

#include <string.h>

#include "app/core/erasure.h"
#include "app/core/quote.h"
#include "app/core/record.h"
#include "app/core/sale_return.h"
#include "sync/central/down_log.h"
#include "sync/central/handlers.h"
#include "sync/central/members.h"

#define PENDING_MAX 256

/* --- records ------------------------------------------------------------------------------------------------------ */

/* Scratch for one record at a time. */
struct eraser {
    struct cf_central *central;
    struct cf_sale *sale;
    struct cf_return *back;
    struct cf_buf body;
};

/* A sale as it was, but nobody's: its figures are the shop's, and reports and returns go on by them. A quotation stays
 * good for whoever has its slip. */
static enum cf_rc without_member(struct eraser *e, cf_bytes body, enum cf_record_type type, struct cf_error *err)
{
    int64_t expires_s = 0;
    bool is_return = type == CF_RECORD_RETURN;
    cf_buf_clear(&e->body);
    enum cf_rc rc = is_return                 ? cf_return_decode(body, e->back, err)
                    : type == CF_RECORD_QUOTE ? cf_quote_decode(body, e->sale, &expires_s, err)
                                              : cf_sale_decode(body, e->sale, err);
    if (rc != CF_OK) {
        return rc;
    }
    e->sale->member = (cf_sub){{0}};
    e->sale->member_counter = 0;
    e->sale->visits = (struct cf_visits_basis){.own = 0};
    e->sale->facts = cf_sale_facts_of(&e->sale->facts, CF_FACTS_ALL & ~CF_FACTS_OF_MEMBER);
    e->back->member = (cf_sub){{0}};
    if (type == CF_RECORD_QUOTE) {
        return cf_quote_encode(e->sale, expires_s, &e->body, err);
    }
    return is_return ? cf_return_encode(e->back, &e->body, err) : cf_sale_encode(e->sale, &e->body, err);
}

static enum cf_rc erase_record(struct eraser *e, const struct cf_value *row, enum cf_record_type type,
                               struct cf_error *err)
{
    struct cf_central *central = e->central;
    enum cf_rc rc = CF_OK;
    if (row[1].kind == CF_VALUE_BLOB && row[2].kind == CF_VALUE_BLOB && row[1].b.n == CF_SALT_BYTES) {
        struct cf_record record = {.body = row[2].b};
        memcpy(record.salt, row[1].b.p, CF_SALT_BYTES);
        struct cf_sha256 body_hash = cf_record_body_hash(&record);
        /* One that cannot be read is not kept at all. */
        bool kept = without_member(e, row[2].b, type, NULL) == CF_OK;
        rc = cf_store_run(central->store, CF_Q_RECORD_FORGET,
                          CF_ARGS(row[0], cf_v_blob(body_hash.digest, CF_SHA256_BYTES),
                                  kept ? cf_v_bytes(cf_buf_bytes(&e->body)) : cf_v_null()),
                          err);
    }
    enum cf_statement forget = type == CF_RECORD_QUOTE ? CF_Q_QUOTE_FORGET : CF_Q_SALE_FORGET;
    return rc == CF_OK ? cf_store_run(central->store, forget, CF_ARGS(row[0]), err) : rc;
}

static enum cf_rc erase_sale(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    return erase_record(ctx, row, CF_RECORD_SALE, err);
}

static enum cf_rc erase_return(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    return erase_record(ctx, row, CF_RECORD_RETURN, err);
}

static enum cf_rc erase_quote(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    return erase_record(ctx, row, CF_RECORD_QUOTE, err);
}

struct pending {
    size_t n;
    struct {
        struct cf_erase_mark mark;
        int64_t sub;
    } at[PENDING_MAX];
};

static enum cf_rc take_pending(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct pending *pending = ctx;
    (void)err;
    if (pending->n < PENDING_MAX && row[0].b.n == CF_ERASE_MARK_BYTES) {
        memcpy(pending->at[pending->n].mark.b, row[0].b.p, CF_ERASE_MARK_BYTES);
        pending->at[pending->n++].sub = row[1].i;
    }
    return CF_OK;
}

static enum cf_rc settle_one(struct eraser *e, const struct cf_erase_mark *mark, int64_t sub, struct cf_error *err)
{
    struct cf_central *central = e->central;
    struct cf_value left[CF_STORE_COLUMNS_MAX];
    bool found = false;
    cf_sub bytes = cf_sub_from_number(sub);
    enum cf_rc rc = cf_store_each(central->store, CF_Q_MEMBER_RECORDS, CF_ARGS(cf_v_int(sub)), erase_sale, e, err);
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_MEMBER_QUOTES, CF_ARGS(cf_v_int(sub)), erase_quote, e, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_MEMBER_RETURNS, CF_ARGS(cf_v_blob(bytes.b, sizeof bytes.b)),
                           erase_return, e, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_MEMBER_SALES_LEFT, CF_ARGS(cf_v_int(sub)), left, &found, err);
    }
    if (rc == CF_OK && found && left[0].i == 0) {
        rc = cf_store_run(central->store, CF_Q_ERASURE_SUB_SET,
                          CF_ARGS(cf_v_blob(mark->b, sizeof mark->b), cf_v_null()), err);
    }
    return rc;
}

enum cf_rc cf_erase_settle(struct cf_central *central, struct cf_error *err)
{
    struct pending pending = {.n = 0};
    struct eraser e = {.central = central};
    enum cf_rc rc = cf_store_each(central->store, CF_Q_ERASURE_PENDING, CF_NO_ARGS, take_pending, &pending, err);
    if (rc != CF_OK || pending.n == 0) {
        return rc;
    }
    cf_buf_init(&e.body, CF_RECORD_BODY_MAX);
    rc = cf_sale_new(&e.sale, err);
    if (rc == CF_OK) {
        rc = cf_return_new(&e.back, err);
    }
    for (size_t i = 0; i < pending.n && rc == CF_OK; i++) {
        rc = settle_one(&e, &pending.at[i].mark, pending.at[i].sub, err);
    }
    cf_return_free(e.back);
    cf_sale_free(e.sale);
    cf_buf_done(&e.body);
    return rc;
}

enum cf_rc cf_erase_note_late(struct cf_central *central, cf_sub sub, bool *ret_erased, struct cf_error *err)
{
    struct cf_erase_mark mark = cf_erase_mark_of(sub);
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    struct cf_value key = cf_v_blob(mark.b, sizeof mark.b);
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ERASURE_GET, CF_ARGS(key), row, &found, err);
    if (rc == CF_OK && found) {
        rc = cf_store_run(central->store, CF_Q_ERASURE_SUB_SET, CF_ARGS(key, cf_v_int(cf_sub_number(sub))), err);
    }
    if (rc == CF_OK) {
        *ret_erased = found;
    }
    return rc;
}

/* --- the member --------------------------------------------------------------------------------------------------- */

static enum cf_rc drop_rows(struct cf_central *central, cf_sub sub, struct cf_error *err)
{
    static const enum cf_statement drops[] = {
        CF_Q_MEMBER_DROP_REQUESTS, CF_Q_MEMBER_DROP_CLAIMS,   CF_Q_MEMBER_DROP_COUPONS,
        CF_Q_MEMBER_DROP_POINTS,   CF_Q_MEMBER_DROP_VOUCHERS, CF_Q_MEMBER_DROP_CONFLICTS,
        CF_Q_MEMBER_DROP_DAYS,     CF_Q_MEMBER_DROP_TAKEN,    CF_Q_MEMBER_DROP_SAID,
        CF_Q_MEMBER_DROP_ORDERS,   CF_Q_MEMBER_DROP_HOLDS,    CF_Q_MEMBER_DROP_ORDER_REQUESTS,
        CF_Q_MEMBER_DROP_VISITS,   CF_Q_MEMBER_DROP_BASKETS};
    uint64_t changed = 0;
    struct cf_value key = cf_v_int(cf_sub_number(sub));
    enum cf_rc rc = cf_store_change(central->store, CF_Q_MEMBER_DROP, CF_ARGS(key), &changed, err);
    if (rc == CF_OK && changed == 0) {
        rc = cf_fail(err, CF_E_MEMBER_UNKNOWN, "nobody to forget");
    }
    for (size_t i = 0; i < sizeof drops / sizeof drops[0] && rc == CF_OK; i++) {
        rc = cf_store_run(central->store, drops[i], CF_ARGS(key), err);
    }
    return rc;
}

enum cf_rc cf_erase_person(struct cf_central *central, cf_sub sub, struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_ERASE, .erase = cf_erase_mark_of(sub)};
    uint8_t bytes[64];
    uint64_t version = 0;
    struct cf_buf encoded;
    cf_buf_init_fixed(&encoded, bytes, sizeof bytes - 1);
    enum cf_rc rc = cf_down_encode(&entry, &encoded, err);
    if (rc == CF_OK) {
        rc = cf_down_append_bytes(central, CF_TOPIC_ERASURES, 0, CF_DOWN_KEY_UNIQUE, cf_buf_bytes(&encoded), &version,
                                  err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_ERASURE_ADD,
                          CF_ARGS(cf_v_blob(entry.erase.b, sizeof entry.erase.b), cf_v_int(cf_sub_number(sub)),
                                  cf_v_int((int64_t)version), cf_v_int(cf_central_now(central).us)),
                          err);
    }
    return rc == CF_OK ? cf_erase_settle(central, err) : rc;
}

static enum cf_rc erase_member(struct cf_central *central, cf_sub sub, struct cf_error *err)
{
    enum cf_rc rc = drop_rows(central, sub, err);
    return rc == CF_OK ? cf_erase_person(central, sub, err) : rc;
}

enum cf_rc cf_handle_member_erase(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    cf_sub sub;
    enum cf_rc rc = cf_member_of_path(call, &sub, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, erase_member(central, sub, err), err);
    if (rc == CF_OK) {
        reply->json = json_object();
        cf_json_set(reply->json, "erased", json_true());
    }
    return rc;
}

/* --- the report --------------------------------------------------------------------------------------------------- */

static enum cf_rc list_erasure(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *one = json_object();
    (void)err;
    cf_json_set_instant(one, "erased_at", (cf_wall){row[0].i});
    cf_json_set_int(one, "entry", row[1].i);
    cf_json_set(one, "records_erased", json_boolean(row[2].i != 0));
    cf_json_set_int(one, "tills", row[3].i);
    cf_json_set_int(one, "tills_waiting", row[4].i);
    cf_json_set(one, "slowest_till", row[5].kind == CF_VALUE_INT ? json_integer(row[5].i) : json_null());
    if (row[6].kind == CF_VALUE_INT) {
        cf_json_set_instant(one, "slowest_heard_at", (cf_wall){row[6].i});
    } else {
        cf_json_set(one, "slowest_heard_at", json_null());
    }
    return json_array_append_new(ctx, one) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "erasures");
}

enum cf_rc cf_handle_erasures(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                              struct cf_error *err)
{
    (void)call;
    json_t *list = json_array();
    enum cf_rc rc = cf_store_each(central->store, CF_Q_ERASURE_LIST, CF_NO_ARGS, list_erasure, list, err);
    if (rc != CF_OK) {
        json_decref(list);
        return rc;
    }
    reply->json = json_object();
    cf_json_set(reply->json, "erasures", list);
    return CF_OK;
}
