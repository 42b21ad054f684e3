/*
 * sync/wire/member_ask.h - a till asks the centre who a member is, for the eyes of its cashier and of the shopper; or
 * how often they bought, where a promotion asks for it: POST /t1/member. It takes nothing, and neither side keeps any
 * of it, but for what a promotion that gave something had asked for: that stands on the sale.
 *
 *   ask    [1, terminal, epoch, member(8)], or [.., true] for the visits too
 *   reply  [1, rc, null | [shown, tier, points, usable, [[name, n] ...]]]
 *          asked for visits: [.., null | [purchases, heard_seq, at_s]]   null: the member did not agree to it
 *
 * `shown` is a name that was masked at the centre ("王**"): no till ever gets the name itself.
 */
#ifndef CF_SYNC_MEMBER_ASK_H
#define CF_SYNC_MEMBER_ASK_H

#include "app/core/code.h"
#include "base/cbor.h"

#define CF_PATH_MEMBER "/t1/member"
#define CF_MEMBER_ASK_BYTES_MAX 64
#define CF_MEMBER_REPLY_BYTES_MAX 2048
#define CF_MEMBER_SHOWN_MAX 47
#define CF_MEMBER_COUPONS_MAX 6
#define CF_MEMBER_COUPON_NAME_MAX 127 /* a longer name is cut */

struct cf_member_ask {
    uint32_t terminal, epoch;
    cf_sub member;
    bool visits;
};
/* Coupons of one campaign. */
struct cf_member_coupons {
    char name[CF_MEMBER_COUPON_NAME_MAX + 1];
    uint32_t n;
};
struct cf_member_reply {
    enum cf_rc rc; /* of the rest only with CF_OK */
    char shown[CF_MEMBER_SHOWN_MAX + 1];
    uint8_t tier;
    int64_t points;
    uint32_t usable;  /* coupons that are good at this till today, of all campaigns */
    size_t n_coupons; /* of those with the most */
    struct cf_member_coupons coupons[CF_MEMBER_COUPONS_MAX];
    bool has_visits;    /* it was asked for them */
    bool knows_visits;  /* and may say: */
    uint32_t purchases; /* in stores, of which something is left, and orders that were paid online */
    uint64_t heard_seq; /* the last record of the till's log that it had heard of by then */
    int64_t at_s;       /* by its clock */
};

enum cf_rc cf_member_ask_encode(const struct cf_member_ask *ask, struct cf_buf *ret,
                                struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_member_ask_decode(cf_bytes bytes, struct cf_member_ask *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_member_reply_encode(const struct cf_member_reply *reply, struct cf_buf *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
/* On an error *ret is unchanged. */
enum cf_rc cf_member_reply_decode(cf_bytes bytes, struct cf_member_reply *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
