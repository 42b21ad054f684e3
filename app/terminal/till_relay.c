/*
 * app/terminal/till_relay.c - the phone relay: a challenge for the shopper's phone, and the ticket that comes back.
 *
 * A challenge is in the journal, on the disk, before it is shown: the centre may take a right for it from then on, and
 * only this till's log can say that it was not used. So each challenge ends in exactly one way: the sale that showed it
 * is committed with its ticket, or a record closes it once no open or parked sale waits for it any more.
 */
#include "app/terminal/till_internal.h"

#include <string.h>

/* --- the challenge ------------------------------------------------------------------------------------------------ */

static enum cf_rc keep_challenge(struct cf_till *till, const struct cf_step *step, struct cf_error *err)
{
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_step_encode(step, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_journal_challenge_open(till->journal, step->nonce, cf_buf_bytes(&till->scratch), err);
    if (rc == CF_OK)
        return CF_OK;
    enum cf_rc again = till_replay(till, NULL);
    return again == CF_OK ? rc : cf_fail(err, CF_E_JOURNAL_BROKEN, "the open sale cannot be read back");
}

enum cf_rc cf_till_challenge(struct cf_till *till, char ret_text[CF_CHALLENGE_TEXT_MAX], struct cf_error *err)
{
    struct cf_challenge challenge = {.till = till->terminal, .epoch = till->epoch, .store = till->store};
    struct cf_step step = {.kind = CF_STEP_CHALLENGE};
    char text[CF_CHALLENGE_TEXT_MAX];
    enum cf_rc rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc != CF_OK)
        return rc;
    if (till_is_quarantined(till))
        return cf_fail(err, CF_E_QUARANTINED, "no ticket would be taken here");
    if (till->training)
        return cf_fail(err, CF_E_TRAINING, "the centre would take a right for it");
    if (till->sale.state == CF_CHECKOUT_IDLE)
        rc = till_refresh(till, err);
    cf_env_random(till->env, challenge.nonce, sizeof challenge.nonce);
    memcpy(step.nonce, challenge.nonce, sizeof step.nonce);
    if (rc == CF_OK)
        rc = cf_challenge_text(&challenge, text, err);
    if (rc == CF_OK)
        rc = till_try(till, &step, err);
    if (rc == CF_OK)
        rc = keep_challenge(till, &step, err);
    if (rc == CF_OK)
        memcpy(ret_text, text, sizeof text);
    return rc;
}

/* --- the ticket --------------------------------------------------------------------------------------------------- */

/* The centre judged the newest generation; a till that gave the coupon up before may not have heard of it yet. */
static enum cf_rc newest_generation(struct cf_till *till, const struct cf_ticket *ticket, uint32_t known, uint32_t *ret,
                                    struct cf_error *err)
{
    bool was_released = false;
    uint32_t released = 0;
    enum cf_rc rc = cf_journal_released(till->journal, ticket->campaign, ticket->index, &was_released, &released, err);
    if (rc == CF_OK)
        *ret = was_released && released >= known && released < UINT32_MAX ? released + 1 : known;
    return rc;
}

static enum cf_rc judge(struct cf_till *till, const struct cf_ticket *ticket, struct cf_step_coupon *ret,
                        struct cf_error *err)
{
    struct cf_redemption redemption = {.campaign = ticket->campaign, .index = ticket->index, .source = CF_RIGHT_TICKET};
    cf_challenge_key(ticket->till, till->epoch, ticket->nonce, redemption.request_key);
    struct cf_ticket_facts awaited = {
        .now = cf_till_clock(till).now,
        .till = till->terminal,
        .awaited = cf_open_sale_challenged(&till->sale, ticket->nonce) &&
                   !cf_open_sale_has_key(&till->sale, redemption.request_key),
    };
    struct cf_coupon coupon = cf_ticket_coupon(ticket, 0);
    struct cf_coupon_facts facts;
    enum cf_rc rc = cf_ticket_judge(ticket, &awaited, err);
    if (rc == CF_OK)
        rc = till_coupon_facts(till, &coupon, &facts, err);
    if (rc == CF_OK)
        rc = newest_generation(till, ticket, facts.known_generation, &coupon.generation, err);
    if (rc != CF_OK)
        return rc;
    facts.online = true; /* the centre has committed: the ticket says so */
    rc = cf_coupon_judge(&coupon, &facts, err);
    if (rc == CF_OK && facts.campaign->policy != CF_POLICY_ONLINE_ONLY) /* which the centre alone gives */
        rc = till_tell_hub(till, &coupon, redemption.request_key, err);
    if (rc != CF_OK)
        return rc;
    redemption.generation = coupon.generation;
    redemption.policy = facts.campaign->policy;
    *ret = (struct cf_step_coupon){.redemption = redemption, .exp_s = ticket->exp_s};
    return CF_OK;
}

enum cf_rc till_scan_ticket(struct cf_till *till, const struct cf_code *code, struct cf_error *err)
{
    struct cf_checkout_facts facts = {.has_goods = cf_cart_live_count(till->sale.cart) > 0};
    struct cf_step step = {.kind = CF_STEP_COUPON};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_COUPON, &facts, &next, err);
    if (rc == CF_OK)
        rc = cf_keyring_verify(till->keyring, code, cf_wall_s(cf_till_clock(till).best), err);
    if (rc == CF_OK)
        rc = judge(till, &code->ticket, &step.coupon, err);
    return rc == CF_OK ? till_take(till, &step, err) : rc;
}

/* --- the end of challenges ---------------------------------------------------------------------------------------- */

struct open_challenges {
    size_t n;
    uint8_t nonce[CF_JOURNAL_CHALLENGES_MAX][CF_NONCE_BYTES];
    struct cf_till *till;
};

static void still_awaited(struct open_challenges *open, const uint8_t nonce[CF_NONCE_BYTES])
{
    for (size_t i = 0; i < open->n; i++)
        if (memcmp(open->nonce[i], nonce, CF_NONCE_BYTES) == 0) {
            memmove(open->nonce[i], open->nonce[--open->n], CF_NONCE_BYTES);
            return;
        }
}

static enum cf_rc keep_of_step(void *ctx, cf_bytes bytes, struct cf_error *err)
{
    struct cf_step step;
    enum cf_rc rc = cf_step_decode(bytes, &step, err);
    if (rc == CF_OK && step.kind == CF_STEP_CHALLENGE)
        still_awaited(ctx, step.nonce);
    return rc;
}

static enum cf_rc keep_of_parked(void *ctx, const char *label, uint32_t n_steps, struct cf_error *err)
{
    struct open_challenges *open = ctx;
    (void)n_steps;
    return cf_journal_parked_steps(open->till->journal, label, keep_of_step, open, err);
}

static enum cf_rc close_one(struct cf_till *till, const uint8_t nonce[CF_NONCE_BYTES], struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_committed at;
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_challenge_closed_encode(nonce, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_journal_append(till->journal, CF_RECORD_CHALLENGE, cf_buf_bytes(&till->scratch), false, &stamp, &at,
                               err);
    if (rc == CF_OK)
        till_note_time(till, at.wall, stamp.time_quality);
    return rc;
}

enum cf_rc till_close_challenges(struct cf_till *till, struct cf_error *err)
{
    struct open_challenges open = {.till = till};
    enum cf_rc rc = cf_journal_challenges(till->journal, open.nonce, &open.n, err);
    if (rc != CF_OK || open.n == 0)
        return rc;
    rc = cf_journal_steps(till->journal, keep_of_step, &open, err);
    if (rc == CF_OK)
        rc = cf_journal_parked(till->journal, keep_of_parked, &open, err);
    for (size_t i = 0; rc == CF_OK && i < open.n; i++)
        rc = close_one(till, open.nonce[i], err);
    return rc;
}
