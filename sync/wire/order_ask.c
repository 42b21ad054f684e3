/*
 * sync/wire/order_ask.c - see order_ask.h.
 */
#include "sync/wire/order_ask.h"

#include "base/cbor.h"

#define ASK_VERSION 1

enum cf_rc cf_order_ask_encode(const struct cf_order_ask *ask, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 6);
    cf_cbor_write_uint(&w, ASK_VERSION);
    cf_cbor_write_uint(&w, ask->terminal);
    cf_cbor_write_uint(&w, ask->epoch);
    cf_cbor_write_bytes(&w, cf_bytes_of(ask->request_key, CF_REQUEST_KEY_BYTES));
    cf_cbor_write_uint(&w, ask->order);
    cf_cbor_write_uint(&w, ask->generation);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_order_ask_decode(cf_bytes bytes, struct cf_order_ask *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_order_ask ask;
    uint64_t version = 0;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 6);
    cf_cbor_read_uint(&r, &version, ASK_VERSION);
    ask.terminal = cf_cbor_read_u32(&r);
    ask.epoch = cf_cbor_read_u32(&r);
    cf_cbor_read_bytes_of(&r, ask.request_key, CF_REQUEST_KEY_BYTES);
    ask.order = cf_cbor_read_u32(&r);
    ask.generation = cf_cbor_read_u32(&r);
    if (version != ASK_VERSION || ask.order == 0 || ask.generation == 0 || ask.generation > CF_ORDER_GENERATION_MAX)
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = ask;
    return rc;
}
