/*
 * sync/wire/value.c - see value.h.
 */
#include "sync/wire/value.h"

#include "sync/wire/fields.h"

#define ASK_ITEMS 12

enum cf_rc cf_value_ask_encode(const struct cf_value_ask *ask, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, ASK_ITEMS);
    cf_cbor_write_uint(&w, 1);
    cf_cbor_write_uint(&w, ask->terminal);
    cf_cbor_write_uint(&w, ask->epoch);
    cf_cbor_write_uint(&w, (uint64_t)ask->op);
    cf_cbor_write_bytes(&w, cf_bytes_of(ask->key, sizeof ask->key));
    cf_cbor_write_uint(&w, (uint64_t)ask->kind);
    if (ask->card.n > 0)
        cf_cbor_write_bytes(&w, ask->card);
    else
        cf_cbor_write_null(&w);
    if (ask->has_member)
        cf_cbor_write_bytes(&w, cf_bytes_of(ask->member.b, CF_SUB_BYTES));
    else
        cf_cbor_write_null(&w);
    cf_cbor_write_text(&w, ask->currency.code);
    cf_cbor_write_int(&w, ask->amount_minor);
    cf_cbor_write_bool(&w, ask->up_to);
    cf_cbor_write_int(&w, ask->points);
    return cf_cbor_write_end(&w, err);
}

static bool is_sound(const struct cf_value_ask *ask)
{
    cf_currency currency;
    bool points = ask->kind == CF_TENDER_POINTS;
    if (ask->op < CF_VALUE_TAKE || ask->op > CF_VALUE_BALANCE || !cf_tender_is_value(ask->kind) ||
        ask->amount_minor < 0 || ask->points < 0 || cf_currency_parse(ask->currency.code, &currency, NULL) != CF_OK)
        return false;
    if (ask->op == CF_VALUE_RELEASE)
        return true;
    return points ? ask->has_member && ask->card.n == 0 : ask->card.n > 0 && ask->points == 0;
}

enum cf_rc cf_value_ask_decode(cf_bytes bytes, struct cf_value_ask *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_value_ask ask = {.terminal = 0};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, ASK_ITEMS);
    wire_read_version(&r);
    ask.terminal = cf_cbor_read_u32(&r);
    ask.epoch = cf_cbor_read_u32(&r);
    ask.op = (enum cf_value_op)cf_cbor_read_u8(&r);
    cf_cbor_read_bytes_of(&r, ask.key, sizeof ask.key);
    ask.kind = (enum cf_tender_kind)cf_cbor_read_u8(&r);
    if (!cf_cbor_read_null(&r))
        cf_cbor_read_bytes(&r, &ask.card, CF_CODE_BYTES_MAX);
    if (!cf_cbor_read_null(&r))
        ask.has_member = cf_cbor_read_bytes_of(&r, ask.member.b, CF_SUB_BYTES);
    cf_cbor_read_cstr(&r, ask.currency.code, sizeof ask.currency.code);
    cf_cbor_read_int(&r, &ask.amount_minor);
    cf_cbor_read_bool(&r, &ask.up_to);
    cf_cbor_read_int(&r, &ask.points);
    if (r.rc == CF_OK && !is_sound(&ask))
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = ask;
    return rc;
}

enum cf_rc cf_value_reply_encode(const struct cf_value_reply *reply, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 5);
    cf_cbor_write_uint(&w, 1);
    cf_cbor_write_uint(&w, (uint64_t)reply->rc);
    cf_cbor_write_int(&w, reply->amount_minor);
    cf_cbor_write_int(&w, reply->points);
    cf_cbor_write_int(&w, reply->left_minor);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_value_reply_decode(cf_bytes bytes, struct cf_value_reply *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint64_t number = 0;
    struct cf_value_reply reply = {.rc = CF_OK};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 5);
    wire_read_version(&r);
    cf_cbor_read_uint(&r, &number, UINT16_MAX);
    cf_cbor_read_int(&r, &reply.amount_minor);
    cf_cbor_read_int(&r, &reply.points);
    cf_cbor_read_int(&r, &reply.left_minor);
    if (r.rc == CF_OK && (reply.amount_minor < 0 || reply.points < 0 || reply.left_minor < 0))
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc != CF_OK)
        return rc;
    /* A reason of a newer centre is still a refusal. */
    if (number != 0 && !cf_rc_from_number((int64_t)number, &reply.rc))
        reply.rc = CF_E_SERVER;
    *ret = reply;
    return CF_OK;
}
