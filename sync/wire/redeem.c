/*
 * sync/wire/redeem.c - see redeem.h.
 */
#include "sync/wire/redeem.h"

#include "sync/wire/fields.h"

enum cf_rc cf_redeem_ask_encode(const struct cf_redeem_ask *ask, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 6);
    cf_cbor_write_uint(&w, 1);
    cf_cbor_write_uint(&w, ask->terminal);
    cf_cbor_write_uint(&w, ask->epoch);
    cf_cbor_write_bytes(&w, cf_bytes_of(ask->request_key, CF_REQUEST_KEY_BYTES));
    cf_cbor_write_bytes(&w, ask->coupon);
    if (ask->has_member)
        cf_cbor_write_bytes(&w, cf_bytes_of(ask->member.b, CF_SUB_BYTES));
    else
        cf_cbor_write_null(&w);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_redeem_ask_decode(cf_bytes bytes, struct cf_redeem_ask *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_redeem_ask ask = {0};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 6);
    wire_read_version(&r);
    ask.terminal = cf_cbor_read_u32(&r);
    ask.epoch = cf_cbor_read_u32(&r);
    cf_cbor_read_bytes_of(&r, ask.request_key, CF_REQUEST_KEY_BYTES);
    cf_cbor_read_bytes(&r, &ask.coupon, CF_CODE_BYTES_MAX);
    if (!cf_cbor_read_null(&r))
        ask.has_member = cf_cbor_read_bytes_of(&r, ask.member.b, CF_SUB_BYTES);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = ask;
    return rc;
}

enum cf_rc cf_redeem_reply_encode(enum cf_rc reply, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 2);
    cf_cbor_write_uint(&w, 1);
    cf_cbor_write_uint(&w, (uint64_t)reply);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_redeem_reply_decode(cf_bytes bytes, enum cf_rc *ret_reply, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint64_t number = 0;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 2);
    wire_read_version(&r);
    cf_cbor_read_uint(&r, &number, UINT16_MAX);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc != CF_OK)
        return rc;
    enum cf_rc reply = CF_OK;
    /* A reason of a newer centre is still a refusal. */
    if (number != 0 && !cf_rc_from_number((int64_t)number, &reply))
        reply = CF_E_SERVER;
    *ret_reply = reply;
    return CF_OK;
}

enum cf_rc cf_void_request_encode(const struct cf_void_request *request, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_bytes(&w, cf_bytes_of(request->request_key, CF_REQUEST_KEY_BYTES));
    cf_cbor_write_uint(&w, request->campaign);
    cf_cbor_write_uint(&w, request->index);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_void_request_decode(cf_bytes bytes, struct cf_void_request *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_void_request request = {0};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 3);
    cf_cbor_read_bytes_of(&r, request.request_key, CF_REQUEST_KEY_BYTES);
    request.campaign = cf_cbor_read_u32(&r);
    request.index = cf_cbor_read_u32(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = request;
    return rc;
}
