/*
 * sync/wire/redeem.h - a till asks the centre to redeem one coupon now (POST /t1/redeem), while it has a link.
 *
 *   ask    [1, terminal, epoch, request_key(16), coupon COSE bytes, null | sub(8)]
 *   reply  [1, rc]          0: the right is taken for this request key; the sale's record will carry the same key
 *
 * The key is journalled before the ask is sent. The same key asked again gets the same reply. Without an answer the
 * till refuses the coupon and records CF_RECORD_VOID_REQUEST, which undoes the key at the centre whether it arrived or
 * not.
 */
#ifndef CF_SYNC_REDEEM_H
#define CF_SYNC_REDEEM_H

#include "app/core/code.h"
#include "app/core/sale.h"

#define CF_PATH_REDEEM "/t1/redeem"
#define CF_REDEEM_BYTES_MAX 512

struct cf_redeem_ask {
    uint32_t terminal;
    uint32_t epoch;
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    cf_bytes coupon; /* COSE; a view */
    bool has_member; /* a live member code was accepted on the sale */
    cf_sub member;
};
enum cf_rc cf_redeem_ask_encode(const struct cf_redeem_ask *ask, struct cf_buf *ret,
                                struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_redeem_ask_decode(cf_bytes bytes, struct cf_redeem_ask *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_redeem_reply_encode(enum cf_rc reply, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_redeem_reply_decode(cf_bytes bytes, enum cf_rc *ret_reply, struct cf_error *err) CF_MUST_CHECK;

/* The body of CF_RECORD_VOID_REQUEST: [request_key(16), campaign, index]. */
struct cf_void_request {
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    uint32_t campaign, index;
};
enum cf_rc cf_void_request_encode(const struct cf_void_request *request, struct cf_buf *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_void_request_decode(cf_bytes bytes, struct cf_void_request *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
