/*
 * sync/central/quote.c - see quote.h.
 */
#include "sync/central/quote.h"

#include "sync/central/erase.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"

#include "app/core/sale_return.h"
#include "sync/wire/quote_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S INT64_C(86400)
#define REFERENCE_MAX 64

struct quote_row {
    uint64_t id; /* of its record */
    uint32_t store;
    uint64_t number;
    int64_t at_us, expires_s, total_minor;
    bool has_member;
    cf_sub member;
    uint64_t used_by;
    char used_as[REFERENCE_MAX + 1];
    int64_t used_us;
};

static bool is_used(const struct quote_row *row)
{
    return row->used_by != 0 || row->used_as[0] != '\0';
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

/* CF_E_QUOTE_UNKNOWN. */
static enum cf_rc find(struct cf_central *central, const struct cf_sale_ref *of, struct quote_row *ret,
                       struct cf_error *err)
{
    struct cf_value v[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_LOG_GET, CF_ARGS(cf_v_int(of->terminal), cf_v_int(of->epoch)), v,
                                 &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    uint64_t id = found && of->seq <= CF_RECORD_SEQ_MAX ? cf_record_id((uint64_t)v[0].i, of->seq) : 0;
    rc = cf_store_row(central->store, CF_Q_QUOTE_GET, CF_ARGS(cf_v_int((int64_t)id)), v, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_QUOTE_UNKNOWN, "%lu-%lu-%llu", (unsigned long)of->terminal, (unsigned long)of->epoch,
                     (unsigned long long)of->seq);
    }
    if (rc != CF_OK) {
        return rc;
    }
    *ret = (struct quote_row){.id = id,
                              .store = (uint32_t)v[0].i,
                              .number = (uint64_t)v[1].i,
                              .at_us = v[2].i,
                              .expires_s = v[3].i,
                              .total_minor = v[4].i,
                              .has_member = v[5].kind == CF_VALUE_INT,
                              .member = cf_sub_from_number(v[5].i),
                              .used_by = (uint64_t)v[6].i,
                              .used_us = v[8].i};
    if (v[7].b.n <= REFERENCE_MAX) {
        memcpy(ret->used_as, v[7].b.p, v[7].b.n);
    }
    return CF_OK;
}

/* The body of its record; a view until the next statement. */
static enum cf_rc read_body(struct cf_central *central, uint64_t id, cf_bytes *ret, struct cf_error *err)
{
    struct cf_value v[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_RECORD_RANGE,
                                 CF_ARGS(cf_v_int((int64_t)id), cf_v_int((int64_t)id)), v, &found, err);
    if (rc == CF_OK && (!found || v[1].i != CF_RECORD_QUOTE || v[3].kind != CF_VALUE_BLOB)) {
        rc = cf_fail(err, CF_E_QUOTE_UNKNOWN, "its goods are not kept any more");
    }
    if (rc == CF_OK) {
        *ret = v[3].b;
    }
    return rc;
}

static enum cf_rc read_tag(struct cf_central *central, uint64_t id, struct cf_quote_tag *ret, struct cf_error *err)
{
    struct cf_value v[CF_STORE_COLUMNS_MAX];
    struct cf_sha256 hash;
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_RECORD_HASH, CF_ARGS(cf_v_int((int64_t)id)), v, &found, err);
    if (rc == CF_OK && (!found || v[0].b.n != CF_SHA256_BYTES)) {
        rc = cf_fail(err, CF_E_QUOTE_UNKNOWN, "its record was never in order");
    }
    if (rc == CF_OK) {
        memcpy(hash.digest, v[0].b.p, CF_SHA256_BYTES);
        *ret = cf_quote_tag_of(&hash);
    }
    return rc;
}

static enum cf_rc use(struct cf_central *central, const struct quote_row *row, uint64_t by, const char *as,
                      int64_t at_us, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_QUOTE_USE,
                        CF_ARGS(cf_v_int((int64_t)row->id), cf_v_int((int64_t)by), cf_v_text(as), cf_v_int(at_us)),
                        err);
}

/* --- what tills tell ---------------------------------------------------------------------------------------------- */

enum cf_rc cf_quote_apply(struct cf_central *central, const struct cf_log *log, uint64_t id, cf_wall at,
                          const struct cf_sale *quoted, int64_t expires_s, enum cf_rc *ret_what, struct cf_error *why,
                          struct cf_error *err)
{
    bool erased = false;
    if (expires_s / DAY_S > cf_wall_s(at) / DAY_S + CF_QUOTE_DAYS_MAX + 2) {
        *ret_what = cf_fail(why, CF_E_RECORD, "a quotation that is good until %lld", (long long)expires_s);
        return CF_OK;
    }
    enum cf_rc rc =
        cf_store_run(central->store, CF_Q_QUOTE_ADD,
                     CF_ARGS(cf_v_int((int64_t)id), cf_v_int(log->store), cf_v_int((int64_t)quoted->sale_no),
                             cf_v_int(at.us), cf_v_int(expires_s), cf_v_int(quoted->total_minor),
                             quoted->has_member ? cf_v_int(cf_sub_number(quoted->member)) : cf_v_null()),
                     err);
    if (rc == CF_OK && quoted->has_member) {
        rc = cf_erase_note_late(central, quoted->member, &erased, err);
    }
    return rc;
}

/* CF_OK, or what is odd about a sale under it. */
static enum cf_rc judge_use(const struct quote_row *row, const struct cf_sale *quoted, uint64_t id, cf_wall at,
                            const struct cf_sale *sale, struct cf_error *why)
{
    enum cf_rc what = cf_quote_judge_sale(quoted, sale, why);
    if (what == CF_OK && is_used(row) && row->used_by != id) {
        what = cf_fail(why, CF_E_QUOTE_USED, "quotation %lu-%lu-%llu was used %s before",
                       (unsigned long)sale->quote.of.terminal, (unsigned long)sale->quote.of.epoch,
                       (unsigned long long)sale->quote.of.seq, row->used_by != 0 ? "in a store" : "online");
    }
    /* A day more: the sale may have been parked, and a till's clock may be off. */
    if (what == CF_OK && cf_wall_s(at) > row->expires_s + DAY_S) {
        what = cf_fail(why, CF_E_QUOTE_EXPIRED, "it was good until %lld", (long long)row->expires_s);
    }
    return what;
}

static enum cf_rc apply_use(struct cf_central *central, uint64_t id, cf_wall at, const struct cf_sale *sale,
                            struct cf_sale *quoted, enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct quote_row row;
    cf_bytes body;
    int64_t expires_s = 0;
    enum cf_rc rc = find(central, &sale->quote.of, &row, err);
    if (rc == CF_OK) {
        rc = read_body(central, row.id, &body, err);
    }
    if (rc == CF_OK && cf_quote_decode(body, quoted, &expires_s, NULL) != CF_OK) {
        rc = CF_E_QUOTE_UNKNOWN;
    }
    if (rc == CF_E_QUOTE_UNKNOWN) {
        *ret_what = cf_fail(why, rc, "sold under quotation %lu-%lu-%llu", (unsigned long)sale->quote.of.terminal,
                            (unsigned long)sale->quote.of.epoch, (unsigned long long)sale->quote.of.seq);
        return CF_OK;
    }
    if (rc != CF_OK) {
        return rc;
    }
    *ret_what = judge_use(&row, quoted, id, at, sale, why);
    return use(central, &row, id, "", at.us, err);
}

enum cf_rc cf_quote_apply_sale(struct cf_central *central, uint64_t id, cf_wall at, const struct cf_sale *sale,
                               enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct cf_sale *quoted = NULL;
    enum cf_rc what = CF_OK;
    struct cf_error odd = {.rc = CF_OK, .detail = ""};
    if (sale->quote.of.terminal == 0) {
        return CF_OK;
    }
    enum cf_rc rc = cf_sale_new(&quoted, err);
    if (rc == CF_OK) {
        rc = apply_use(central, id, at, sale, quoted, &what, &odd, err);
    }
    cf_sale_free(quoted);
    if (rc == CF_OK && what != CF_OK && *ret_what != CF_OK) { /* the record tells of one; this is the other */
        rc = cf_central_alarm(central, id, what, odd.detail, err);
    } else if (rc == CF_OK && what != CF_OK) {
        *ret_what = what;
        *why = odd;
    }
    return rc;
}

/* --- a till asks -------------------------------------------------------------------------------------------------- */

static enum cf_rc answer_ask(struct cf_central *central, const struct cf_quote_ask *ask, struct cf_quote_reply *reply,
                             struct cf_error *err)
{
    struct cf_log_head head;
    struct quote_row row;
    enum cf_rc rc = cf_log_get(central, ask->terminal, ask->epoch, &head, err);
    if (rc == CF_OK && head.log.state != CF_LOG_ACTIVE) {
        rc = cf_fail(err, CF_E_FENCED, "terminal %lu, epoch %lu", (unsigned long)ask->terminal,
                     (unsigned long)ask->epoch);
    }
    if (rc == CF_OK) {
        rc = find(central, &ask->of, &row, err);
    }
    if (rc == CF_OK) {
        rc = read_tag(central, row.id, &reply->tag, err);
    }
    if (rc == CF_OK) {
        reply->used = is_used(&row);
        rc = read_body(central, row.id, &reply->body, err);
    }
    return rc;
}

enum cf_rc cf_handle_till_quote(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    struct cf_quote_ask ask;
    struct cf_quote_reply answer = {.rc = CF_OK};
    if (cf_quote_ask_decode(call->request->body, &ask, NULL) != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "the ask has not the shape of one");
    }
    if (ask.terminal != call->request->terminal || ask.epoch != call->request->epoch) {
        return cf_fail(err, CF_E_CERTIFICATE, "it is of another terminal or epoch");
    }
    enum cf_rc rc = answer_ask(central, &ask, &answer, err);
    if (rc == CF_E_FENCED || (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)) {
        return rc;
    }
    answer.rc = rc; /* a rule's no is an answer */
    reply->content_type = "application/cbor";
    return cf_quote_reply_encode(&answer, reply->bytes, err);
}

/* --- the online shop ---------------------------------------------------------------------------------------------- */

/* By its number as printed, or by its code, whose tag is held against the record. */
static enum cf_rc find_by_path(struct cf_central *central, const struct cf_call *call, struct cf_sale_ref *ret_of,
                               struct quote_row *ret, struct cf_error *err)
{
    struct cf_quote_tag asked, tag;
    bool has_tag = false;
    if (!cf_quote_code_parse(call->param[0], ret_of, &has_tag, &asked)) {
        return cf_fail(err, CF_E_QUOTE_UNKNOWN, "a quotation is TILL-EPOCH-NUMBER, or its code");
    }
    enum cf_rc rc = find(central, ret_of, ret, err);
    if (rc == CF_OK && has_tag) {
        rc = read_tag(central, ret->id, &tag, err);
        if (rc == CF_OK && memcmp(tag.b, asked.b, sizeof tag.b) != 0) {
            rc = cf_fail(err, CF_E_QUOTE_ALTERED, "the code is not of the quotation that is on record");
        }
    }
    return rc;
}

static json_t *lines_json(const struct cf_sale *quoted)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < quoted->n_lines; i++) {
        const struct cf_sale_line *line = &quoted->lines[i];
        json_t *item = json_object();
        cf_json_set_int(item, "product", (int64_t)line->product);
        cf_json_set_int(item, "qty_milli", line->qty_milli);
        cf_json_set_int(item, "unit_price_minor", line->unit_price_minor);
        cf_json_set_int(item, "discount_minor", line->discount_minor);
        cf_json_set_int(item, "tax_bp", line->tax_bp);
        json_array_append_new(lines, item);
    }
    return lines;
}

static json_t *row_json(const struct cf_sale_ref *of, const struct quote_row *row, const struct cf_sale *quoted)
{
    char number[CF_SALE_REF_MAX];
    json_t *json = json_object();
    (void)snprintf(number, sizeof number, "%lu-%lu-%llu", (unsigned long)of->terminal, (unsigned long)of->epoch,
                   (unsigned long long)of->seq);
    cf_json_set_text(json, "quote", number);
    cf_json_set_int(json, "store", row->store);
    cf_json_set_int(json, "number", (int64_t)row->number);
    cf_json_set_instant(json, "at", (cf_wall){row->at_us});
    cf_json_set_instant(json, "expires", (cf_wall){row->expires_s * CF_US_PER_S});
    cf_json_set_text(json, "currency", quoted->currency.code);
    cf_json_set_int(json, "total_minor", row->total_minor);
    cf_json_set_int(json, "tax_minor", quoted->tax_minor);
    if (row->has_member) {
        cf_json_set_hex(json, "member", cf_bytes_of(row->member.b, sizeof row->member.b));
    }
    cf_json_set(json, "used", json_boolean(is_used(row)));
    if (is_used(row)) {
        cf_json_set_instant(json, "used_at", (cf_wall){row->used_us});
    }
    if (row->used_as[0] != '\0') {
        cf_json_set_text(json, "reference", row->used_as);
    }
    cf_json_set(json, "lines", lines_json(quoted));
    return json;
}

static enum cf_rc read_quoted(struct cf_central *central, uint64_t id, struct cf_sale **ret, struct cf_error *err)
{
    struct cf_sale *quoted = NULL;
    cf_bytes body = {NULL, 0};
    int64_t expires_s = 0;
    enum cf_rc rc = cf_sale_new(&quoted, err);
    if (rc == CF_OK) {
        rc = read_body(central, id, &body, err);
    }
    if (rc == CF_OK && cf_quote_decode(body, quoted, &expires_s, NULL) != CF_OK) {
        rc = cf_fail(err, CF_E_QUOTE_UNKNOWN, "its goods cannot be read");
    }
    if (rc != CF_OK) {
        cf_sale_free(quoted);
        return rc;
    }
    *ret = quoted;
    return CF_OK;
}

enum cf_rc cf_handle_quote_get(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                               struct cf_error *err)
{
    struct cf_sale_ref of;
    struct quote_row row;
    struct cf_sale *quoted = NULL;
    enum cf_rc rc = find_by_path(central, call, &of, &row, err);
    if (rc == CF_OK) {
        rc = read_quoted(central, row.id, &quoted, err);
    }
    if (rc == CF_OK) {
        reply->json = row_json(&of, &row, quoted);
    }
    cf_sale_free(quoted);
    return rc;
}

/* The shop sold under it: the same reference again changes nothing. */
static enum cf_rc use_online(struct cf_central *central, const struct cf_call *call, const char *reference,
                             json_t **ret, struct cf_error *err)
{
    struct cf_sale_ref of;
    struct quote_row row;
    struct cf_sale *quoted = NULL;
    cf_wall now = cf_central_now(central);
    enum cf_rc rc = find_by_path(central, call, &of, &row, err);
    bool same = rc == CF_OK && strcmp(row.used_as, reference) == 0;
    if (rc == CF_OK && is_used(&row) && !same) {
        rc = cf_fail(err, CF_E_QUOTE_USED, "%s", row.used_by != 0 ? "in a store" : row.used_as);
    }
    if (rc == CF_OK && !same && cf_wall_s(now) > row.expires_s) {
        rc = cf_fail(err, CF_E_QUOTE_EXPIRED, "it was good until %lld", (long long)row.expires_s);
    }
    if (rc == CF_OK && !same) {
        rc = use(central, &row, 0, reference, now.us, err);
    }
    if (rc == CF_OK) {
        rc = find(central, &of, &row, err);
    }
    if (rc == CF_OK) {
        rc = read_quoted(central, row.id, &quoted, err);
    }
    if (rc == CF_OK) {
        *ret = row_json(&of, &row, quoted);
    }
    cf_sale_free(quoted);
    return rc;
}

enum cf_rc cf_handle_quote_use(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                               struct cf_error *err)
{
    char reference[REFERENCE_MAX + 1];
    json_t *json = NULL;
    const struct cf_json_field fields[] = {
        {.name = "reference", .text = reference, .cap = sizeof reference, .min_bytes = 1},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, use_online(central, call, reference, &json, err), err);
    if (rc == CF_OK) {
        reply->json = json;
    } else {
        json_decref(json);
    }
    return rc;
}
