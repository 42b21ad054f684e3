/*
 * sync/wire/value.h - a till asks the centre to hold money of an account for its open sale (POST /t1/value).
 *
 *   ask    [1, terminal, epoch, op, request_key(16), kind, null | card COSE bytes, null | sub(8), currency,
 *           amount_minor, up_to, points]
 *   reply  [1, rc, amount_minor, points, left_minor]
 *
 * TAKE holds exactly amount_minor, or with `up_to` as much as there is of it; of points at most `points`, for at most
 * amount_minor. The key is journalled before the ask is sent, and the same key asked again gets the same reply. The
 * sale's record carries the key and settles it; without an answer, or if the sale does not come to pass, a VOID_REQUEST
 * record undoes it (campaign 0, index = kind), and RELEASE says so at once. BALANCE changes nothing.
 */
#ifndef CF_SYNC_VALUE_H
#define CF_SYNC_VALUE_H

#include "app/core/value.h"

#define CF_PATH_VALUE "/t1/value"
#define CF_VALUE_ASK_BYTES_MAX 512

enum cf_value_op { CF_VALUE_TAKE = 1, CF_VALUE_RELEASE = 2, CF_VALUE_BALANCE = 3 };

struct cf_value_ask {
    uint32_t terminal;
    uint32_t epoch;
    enum cf_value_op op;
    uint8_t key[CF_VALUE_KEY_BYTES];
    enum cf_tender_kind kind; /* GIFT_CARD, STORE_CREDIT or POINTS */
    cf_bytes card;            /* COSE, a view; empty for POINTS and RELEASE */
    bool has_member;          /* a live member code was accepted on the sale */
    cf_sub member;
    cf_currency currency;
    int64_t amount_minor;
    bool up_to;
    int64_t points;
};
struct cf_value_reply {
    enum cf_rc rc;
    int64_t amount_minor; /* held under the key */
    int64_t points;
    int64_t left_minor; /* on the account beside it; of points, points */
};
enum cf_rc cf_value_ask_encode(const struct cf_value_ask *ask, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_value_ask_decode(cf_bytes bytes, struct cf_value_ask *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_value_reply_encode(const struct cf_value_reply *reply, struct cf_buf *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_value_reply_decode(cf_bytes bytes, struct cf_value_reply *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
