/*
 * sync/wire/member_ask.c - see member_ask.h.
 */
#include "sync/wire/member_ask.h"

#include "sync/wire/fields.h"

#define AT_S_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

enum cf_rc cf_member_ask_encode(const struct cf_member_ask *ask, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, ask->visits ? 5 : 4, ask->terminal, ask->epoch);
    cf_cbor_write_bytes(&w, cf_bytes_of(ask->member.b, CF_SUB_BYTES));
    if (ask->visits)
        cf_cbor_write_bool(&w, true);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_member_ask_decode(cf_bytes bytes, struct cf_member_ask *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_member_ask ask = {.terminal = 0};
    cf_cbor_read_init(&r, bytes);
    size_t n = 0;
    (void)cf_cbor_read_array(&r, &n, 5);
    wire_read_version(&r);
    ask.terminal = cf_cbor_read_u32(&r);
    ask.epoch = cf_cbor_read_u32(&r);
    cf_cbor_read_bytes_of(&r, ask.member.b, CF_SUB_BYTES);
    if (n == 5 && cf_cbor_read_bool(&r, &ask.visits) && !ask.visits)
        cf_cbor_read_refuse(&r);
    else if (n < 4)
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = ask;
    return rc;
}

static void write_visits(struct cf_cbor_writer *w, const struct cf_member_reply *reply)
{
    if (!reply->knows_visits) {
        cf_cbor_write_null(w);
        return;
    }
    cf_cbor_write_array(w, 3);
    cf_cbor_write_uint(w, reply->purchases);
    cf_cbor_write_uint(w, reply->heard_seq);
    cf_cbor_write_int(w, reply->at_s);
}

static void read_visits(struct cf_cbor_reader *r, struct cf_member_reply *reply)
{
    reply->has_visits = true;
    reply->knows_visits = !cf_cbor_read_null(r);
    if (!reply->knows_visits)
        return;
    cf_cbor_read_array_of(r, 3);
    reply->purchases = cf_cbor_read_u32(r);
    (void)cf_cbor_read_uint(r, &reply->heard_seq, INT64_MAX);
    if (cf_cbor_read_int(r, &reply->at_s) && (reply->at_s < 0 || reply->at_s > AT_S_MAX))
        cf_cbor_read_refuse(r);
}

static void write_member(struct cf_cbor_writer *w, const struct cf_member_reply *reply)
{
    cf_cbor_write_array(w, reply->has_visits ? 6 : 5);
    cf_cbor_write_text(w, reply->shown);
    cf_cbor_write_uint(w, reply->tier);
    cf_cbor_write_int(w, reply->points);
    cf_cbor_write_uint(w, reply->usable);
    cf_cbor_write_array(w, reply->n_coupons);
    for (size_t i = 0; i < reply->n_coupons; i++) {
        cf_cbor_write_array(w, 2);
        cf_cbor_write_text(w, reply->coupons[i].name);
        cf_cbor_write_uint(w, reply->coupons[i].n);
    }
    if (reply->has_visits)
        write_visits(w, reply);
}

static void read_member(struct cf_cbor_reader *r, struct cf_member_reply *reply)
{
    size_t n = 0;
    (void)cf_cbor_read_array(r, &n, 6);
    if (n < 5)
        cf_cbor_read_refuse(r);
    (void)cf_cbor_read_cstr(r, reply->shown, sizeof reply->shown);
    reply->tier = cf_cbor_read_u8(r);
    (void)cf_cbor_read_int(r, &reply->points);
    reply->usable = cf_cbor_read_u32(r);
    (void)cf_cbor_read_array(r, &reply->n_coupons, CF_MEMBER_COUPONS_MAX);
    for (size_t i = 0; i < reply->n_coupons && r->rc == CF_OK; i++) {
        cf_cbor_read_array_of(r, 2);
        (void)cf_cbor_read_cstr(r, reply->coupons[i].name, sizeof reply->coupons[i].name);
        reply->coupons[i].n = cf_cbor_read_u32(r);
    }
    if (n == 6)
        read_visits(r, reply);
}

enum cf_rc cf_member_reply_encode(const struct cf_member_reply *reply, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, (uint64_t)reply->rc);
    if (reply->rc == CF_OK)
        write_member(&w, reply);
    else
        cf_cbor_write_null(&w);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_member_reply_decode(cf_bytes bytes, struct cf_member_reply *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_member_reply reply = {.rc = CF_OK};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 3);
    wire_read_version(&r);
    reply.rc = wire_read_rc(&r);
    bool none = cf_cbor_read_null(&r);
    if (!none)
        read_member(&r, &reply);
    if (none != (reply.rc != CF_OK))
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = reply;
    return rc;
}
