/*
 * sync/wire/order_ask.h - a till asks the centre whether it may hand out an order that is at home there (POST
 * /t1/order).
 *
 *   ask    [1, terminal, epoch, request_key(16), order, generation]
 *   reply  as of redeem.h: [1, rc]; 0: this generation is the asking till's until its log says how it ended
 *
 * The key is journalled before the ask is sent, and stands in the PICK_UP record, or the sale's. The same key asked
 * again gets the same reply. Without an answer the till hands nothing out and records CF_RECORD_VOID_REQUEST with the
 * right of the order (app/core/order.h), which undoes the key whether it arrived or not.
 */
#ifndef CF_SYNC_ORDER_ASK_H
#define CF_SYNC_ORDER_ASK_H

#include "app/core/order.h"
#include "sync/wire/redeem.h"

#define CF_PATH_ORDER "/t1/order"

struct cf_order_ask {
    uint32_t terminal;
    uint32_t epoch;
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    uint32_t order, generation;
};
enum cf_rc cf_order_ask_encode(const struct cf_order_ask *ask, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
/* CF_E_CBOR_*. */
enum cf_rc cf_order_ask_decode(cf_bytes bytes, struct cf_order_ask *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
