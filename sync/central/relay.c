/*
 * sync/central/relay.c - POST /v1/coupons/relay: a phone asks for a right on behalf of a till that has no link.
 *
 * The till's challenge makes the request key; with it the right is taken exactly as for a till that asks by itself
 * (redeem.c), with every limit, and the ticket is the answer that the phone carries back. What was taken stays taken
 * until the till's log says otherwise: no clock, no sync and no new enrolment gives it back.
 */
#include "sync/central/relay.h"

#include "sync/central/genuine.h"
#include "sync/central/handlers.h"
#include "sync/central/members.h"
#include "sync/central/places.h"
#include "sync/central/redeem.h"
#include "sync/central/replay.h"

#include <string.h>

struct relay {
    char code_text[CF_CODE_TEXT_MAX];
    char challenge_text[CF_CHALLENGE_TEXT_MAX];
    char request_id[CF_REPLAY_KEY_MAX + 1];
    bool has_member;
    cf_sub member;
    struct cf_code code;
    struct cf_challenge challenge;
};

static enum cf_rc read_relay(const struct cf_call *call, struct relay *r, struct cf_error *err)
{
    const struct cf_json_field fields[] = {
        {.name = "code", .text = r->code_text, .cap = sizeof r->code_text, .min_bytes = 1},
        {.name = "challenge", .text = r->challenge_text, .cap = sizeof r->challenge_text, .min_bytes = 1},
        {.name = "member", .hex = r->member.b, .hex_bytes = CF_SUB_BYTES, .present = &r->has_member, .optional = true},
        {.name = "request_id", .text = r->request_id, .cap = sizeof r->request_id, .min_bytes = 1},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK) {
        rc = cf_coupon_code(r->code_text, &r->code, err);
    }
    return rc == CF_OK ? cf_challenge_decode_text(cf_bytes_str(r->challenge_text), &r->challenge, err) : rc;
}

/* A challenge of an epoch that is over can no longer be closed by its till, so nothing is taken for it. */
static enum cf_rc check_challenge(struct cf_central *central, const struct cf_challenge *challenge,
                                  struct cf_error *err)
{
    struct cf_log_head head;
    enum cf_rc rc = cf_log_get(central, challenge->till, challenge->epoch, &head, err);
    if (rc == CF_E_CERTIFICATE || (rc == CF_OK && head.log.store != challenge->store)) {
        return cf_fail(err, CF_E_NOT_FOUND, "store %lu has no till %lu of epoch %lu", (unsigned long)challenge->store,
                       (unsigned long)challenge->till, (unsigned long)challenge->epoch);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (head.log.state != CF_LOG_ACTIVE) {
        return cf_fail(err, CF_E_TICKET_CHALLENGE, "till %lu was set apart or enrolled again since",
                       (unsigned long)challenge->till);
    }
    return CF_OK;
}

static enum cf_rc sign_ticket(struct cf_central *central, const struct relay *r, struct cf_reply *reply,
                              struct cf_error *err)
{
    const struct cf_coupon *coupon = &r->code.coupon;
    const struct cf_issuer *issuer = &central->issuer[CF_ISSUER_TICKET];
    struct cf_ticket ticket = {.campaign = coupon->campaign,
                               .index = coupon->index,
                               .till = r->challenge.till,
                               .exp_s = cf_wall_s(cf_central_now(central)) + CF_TICKET_VALID_S};
    if (coupon->bound) {
        ticket.sub = coupon->sub;
    }
    if (ticket.exp_s > coupon->exp_s) {
        ticket.exp_s = coupon->exp_s;
    }
    memcpy(ticket.nonce, r->challenge.nonce, sizeof ticket.nonce);
    struct cf_code code;
    char text[CF_CODE_TEXT_MAX];
    enum cf_rc rc = cf_ticket_sign(&ticket, issuer->kid, issuer->key, &code, err);
    if (rc == CF_OK) {
        rc = cf_code_text(&code, text, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    reply->json = json_object();
    cf_json_set_text(reply->json, "ticket", text);
    cf_json_set_int(reply->json, "campaign", ticket.campaign);
    cf_json_set_int(reply->json, "index", ticket.index);
    cf_json_set_int(reply->json, "till", ticket.till);
    cf_json_set_instant(reply->json, "expires", cf_wall_from_s(ticket.exp_s));
    return CF_OK;
}

static enum cf_rc relay(struct cf_central *central, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    const struct relay *r = ctx;
    unsigned tier;
    struct cf_redeem_ask ask = {
        .terminal = r->challenge.till, .epoch = r->challenge.epoch, .has_member = r->has_member, .member = r->member};
    cf_challenge_key(r->challenge.till, r->challenge.epoch, r->challenge.nonce, ask.request_key);
    enum cf_rc rc = check_challenge(central, &r->challenge, err);
    /* What is pinned has one lane: its home takes the coupon itself, and no ticket beside it. */
    if (rc == CF_OK && r->code.coupon.pinned) {
        rc = cf_fail(err, CF_E_COUPON_HOME, "show the coupon itself at place %lu", (unsigned long)r->code.coupon.home);
    }
    if (rc == CF_OK && r->has_member) {
        rc = cf_member_check(central, r->member, &tier, err);
    }
    if (rc == CF_OK) {
        rc = cf_redeem_for_till(central, &ask, &r->code, err);
    }
    return rc == CF_OK ? sign_ticket(central, r, reply, err) : rc;
}

enum cf_rc cf_handle_relay(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                           struct cf_error *err)
{
    struct relay r = {.has_member = false};
    enum cf_rc rc = read_relay(call, &r, err);
    return rc == CF_OK
               ? cf_replay_once(central, CF_REPLAY_RELAY, r.request_id, call->request->body, relay, &r, reply, err)
               : rc;
}

enum cf_rc cf_relay_closed(struct cf_central *central, const struct cf_log *log, const uint8_t nonce[CF_NONCE_BYTES],
                           struct cf_error *err)
{
    uint8_t key[CF_REQUEST_KEY_BYTES];
    cf_challenge_key(log->terminal, log->epoch, nonce, key);
    return cf_redeem_void(central, log, key, 0, 0, err);
}
