/*
 * sync/wire/member_ask.c - see member_ask.h.
 */
#include "sync/wire/member_ask.h"

#include "sync/wire/fields.h"

enum cf_rc cf_member_ask_encode(const struct cf_member_ask *ask, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, 4, ask->terminal, ask->epoch);
    cf_cbor_write_bytes(&w, cf_bytes_of(ask->member.b, CF_SUB_BYTES));
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_member_ask_decode(cf_bytes bytes, struct cf_member_ask *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_member_ask ask = {.terminal = 0};
    cf_cbor_read_init(&r, bytes);
    wire_read_opening(&r, 4, &ask.terminal, &ask.epoch);
    cf_cbor_read_bytes_of(&r, ask.member.b, CF_SUB_BYTES);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = ask;
    return rc;
}

static void write_member(struct cf_cbor_writer *w, const struct cf_member_reply *reply)
{
    cf_cbor_write_array(w, 5);
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
}

static void read_member(struct cf_cbor_reader *r, struct cf_member_reply *reply)
{
    cf_cbor_read_array_of(r, 5);
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
