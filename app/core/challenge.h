/*
 * app/core/challenge.h - what a till without a link shows to a phone, and when the ticket that comes back counts.
 *
 * The phone gives the text to the centre, which takes the right for this till and nonce and signs a ticket (CT1,
 * code.h); the till accepts a ticket for a nonce that it waits for, once. docs/codes.md, "The phone relay".
 *
 *   CN1  = "CN1:" + base45(CBOR [1, till, epoch, nonce(8), store])
 *   key  = nonce || till BE32 || epoch BE32: the request key under which the centre takes the right
 *   record CHALLENGE = [nonce(8)]: it ended without a sale that used it
 *
 * A challenge is not signed: it gives nothing, it only says to which till and nonce the centre shall bind a right. The
 * epoch is part of it, so that a till that was enrolled anew meanwhile is not bound to a nonce that it knows nothing
 * of. Pure.
 */
#ifndef CF_CORE_CHALLENGE_H
#define CF_CORE_CHALLENGE_H

#include "app/core/coupon.h"
#include "app/core/sale.h"

#define CF_CHALLENGE_PREFIX "CN1:"
#define CF_CHALLENGE_BYTES_MAX 32
#define CF_CHALLENGE_TEXT_MAX 64 /* with the NUL */
/* How long a ticket counts at most; it never counts longer than its coupon. */
#define CF_TICKET_VALID_S INT64_C(86400)

struct cf_challenge {
    uint32_t till;
    uint32_t epoch;
    uint8_t nonce[CF_NONCE_BYTES];
    uint32_t store;
};

enum cf_rc cf_challenge_text(const struct cf_challenge *challenge, char ret[CF_CHALLENGE_TEXT_MAX],
                             struct cf_error *err) CF_MUST_CHECK;
/* CF_E_CODE_PREFIX, CF_E_CODE_SIZE, CF_E_BASE45, CF_E_CODE_SHAPE, CF_E_CODE_VERSION. */
enum cf_rc cf_challenge_decode_text(cf_bytes text, struct cf_challenge *ret, struct cf_error *err) CF_MUST_CHECK;

void cf_challenge_key(uint32_t till, uint32_t epoch, const uint8_t nonce[CF_NONCE_BYTES],
                      uint8_t ret[CF_REQUEST_KEY_BYTES]);

/* The body of CF_RECORD_CHALLENGE. */
enum cf_rc cf_challenge_closed_encode(const uint8_t nonce[CF_NONCE_BYTES], struct cf_buf *ret,
                                      struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_challenge_closed_decode(cf_bytes bytes, uint8_t ret_nonce[CF_NONCE_BYTES],
                                      struct cf_error *err) CF_MUST_CHECK;

struct cf_ticket_facts {
    struct cf_time_interval now;
    uint32_t till; /* ours */
    bool awaited;  /* the open sale showed its nonce, and no ticket for it was accepted */
};
/* CF_E_TICKET_TILL, CF_E_TICKET_CHALLENGE, CF_E_TICKET_EXPIRED, in this order. Whether its right may be spent is for
 * cf_coupon_judge to say, with the coupon of cf_ticket_coupon. */
enum cf_rc cf_ticket_judge(const struct cf_ticket *ticket, const struct cf_ticket_facts *facts,
                           struct cf_error *err) CF_MUST_CHECK;
/* The ticket's right as a coupon without a home: bound to a member unless sub is all zero. */
struct cf_coupon cf_ticket_coupon(const struct cf_ticket *ticket, uint32_t generation);

#endif
