/*
 * sync/wire/quote_ask.c - see quote_ask.h.
 */
#include "sync/wire/quote_ask.h"

#include "sync/wire/fields.h"

enum cf_rc cf_quote_ask_encode(const struct cf_quote_ask *ask, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 4);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, ask->terminal);
    cf_cbor_write_uint(&w, ask->epoch);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, ask->of.terminal);
    cf_cbor_write_uint(&w, ask->of.epoch);
    cf_cbor_write_uint(&w, ask->of.seq);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_quote_ask_decode(cf_bytes bytes, struct cf_quote_ask *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_quote_ask ask = {.terminal = 0};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 4);
    wire_read_version(&r);
    ask.terminal = cf_cbor_read_u32(&r);
    ask.epoch = cf_cbor_read_u32(&r);
    cf_cbor_read_array_of(&r, 3);
    ask.of.terminal = cf_cbor_read_u32(&r);
    ask.of.epoch = cf_cbor_read_u32(&r);
    cf_cbor_read_uint(&r, &ask.of.seq, INT64_MAX);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = ask;
    return rc;
}

enum cf_rc cf_quote_reply_encode(const struct cf_quote_reply *reply, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, (uint64_t)reply->rc);
    if (reply->rc == CF_OK) {
        cf_cbor_write_array(&w, 3);
        cf_cbor_write_bytes(&w, reply->body);
        cf_cbor_write_bytes(&w, cf_bytes_of(reply->tag.b, sizeof reply->tag.b));
        cf_cbor_write_bool(&w, reply->used);
    } else {
        cf_cbor_write_null(&w);
    }
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_quote_reply_decode(cf_bytes bytes, struct cf_quote_reply *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_quote_reply reply = {.rc = CF_OK};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 3);
    wire_read_version(&r);
    reply.rc = wire_read_rc(&r);
    bool none = cf_cbor_read_null(&r);
    if (!none) {
        cf_cbor_read_array_of(&r, 3);
        (void)cf_cbor_read_bytes(&r, &reply.body, CF_QUOTE_BYTES_MAX);
        cf_cbor_read_bytes_of(&r, reply.tag.b, sizeof reply.tag.b);
        cf_cbor_read_bool(&r, &reply.used);
    }
    if (none != (reply.rc != CF_OK))
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = reply;
    return rc;
}
