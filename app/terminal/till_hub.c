/*
 * app/terminal/till_hub.c - a till and its store's hub: the hub is asked before the centre and before any lease.
 *
 * A hub that says yes holds the right for this till until the till's log says otherwise. One that cannot be reached is
 * as none: then the till spends only what was given to it before. One that does not answer may have said yes: the
 * coupon is refused, and a record gives the right back.
 */
#include "app/terminal/till_internal.h"

#include <string.h>

#include "app/terminal/hub_link.h"

static struct cf_hub_link link_of(const struct cf_till *till)
{
    return (struct cf_hub_link){.env = till->env, .dir = till->dir, .hub = till->hub_entry};
}

bool till_has_hub(const struct cf_till *till)
{
    return till->ask_hub && till->hub_entry.terminal != 0;
}

bool till_may_ask_hub(struct cf_till *till)
{
    return till_has_hub(till) && cf_env_mono(till->env).us >= till->ask_hub_again_at.us && till_may_doubt(till);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static enum cf_rc exchange(struct cf_till *till, const struct cf_coupon *coupon, const uint8_t *key,
                           enum cf_rc *ret_verdict, struct cf_error *err)
{
    struct cf_hub_claim claim = {.terminal = till->terminal,
                                 .epoch = till->epoch,
                                 .campaign = coupon->campaign,
                                 .index = coupon->index,
                                 .generation = coupon->generation,
                                 .at_home = coupon->pinned};
    struct cf_buf body CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    struct cf_hub_link link = link_of(till);
    memcpy(claim.request_key, key, sizeof claim.request_key);
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    cf_buf_init(&reply, CF_HUB_MESSAGE_MAX);
    enum cf_rc rc = cf_hub_claim_encode(&claim, &body, err);
    if (rc == CF_OK)
        rc = cf_hub_link_ask(&link, CF_PATH_HUB_CLAIM, cf_buf_bytes(&body), till->sync.acknowledged_seq, &reply, err);
    return rc == CF_OK ? cf_hub_verdict_decode(cf_buf_bytes(&reply), ret_verdict, err) : rc;
}

static enum cf_rc begin_ask(struct cf_till *till, const struct cf_redemption *redemption, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_ASK};
    memcpy(step.ask.request_key, redemption->request_key, CF_REQUEST_KEY_BYTES);
    step.ask.campaign = redemption->campaign;
    step.ask.index = redemption->index;
    enum cf_rc rc = till_settle_ask(till, err);
    return rc == CF_OK ? till_take(till, &step, err) : rc;
}

enum cf_rc till_ask_hub(struct cf_till *till, const struct cf_coupon *coupon, struct cf_step_coupon *held,
                        struct cf_error *err)
{
    enum cf_rc verdict = CF_OK;
    struct cf_error why = {.rc = CF_OK};
    enum cf_rc rc = begin_ask(till, &held->redemption, err);
    if (rc != CF_OK)
        return rc;
    till_note_hub_key(till, held->redemption.request_key);
    rc = exchange(till, coupon, held->redemption.request_key, &verdict, &why);
    if (rc == CF_OK && verdict == CF_OK) {
        held->online = true; /* under its key, till our log says otherwise */
        return CF_OK;
    }
    bool apart = rc == CF_E_FENCED || rc == CF_E_FORK;
    till->sale.asking = rc != CF_OK && rc != CF_E_LINK_DOWN && !apart;
    if (rc == CF_OK)
        return cf_fail(err, verdict, "the store's hub refused it");
    if (apart)
        return cf_fail(err, CF_E_QUARANTINED, "%s", why.detail);
    till->ask_hub_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    if (rc == CF_E_LINK_DOWN)
        return cf_fail(err, rc, "%s", why.detail);
    rc = till_settle_ask(till, err);
    if (rc != CF_OK)
        return rc;
    return cf_fail(err, CF_E_COUPON_HUB,
                   "the hub did not answer (%s), so nobody knows whether it was used; try again after the next sync",
                   why.detail);
}

enum cf_rc till_tell_hub(struct cf_till *till, const struct cf_coupon *coupon, const uint8_t key[CF_REQUEST_KEY_BYTES],
                         struct cf_error *err)
{
    enum cf_rc verdict = CF_OK;
    struct cf_error why = {.rc = CF_OK};
    if (!till_may_ask_hub(till))
        return CF_OK;
    enum cf_rc rc = exchange(till, coupon, key, &verdict, &why);
    if (rc == CF_OK)
        return verdict == CF_OK ? CF_OK : cf_fail(err, verdict, "the store's hub refused it");
    if (rc == CF_E_FENCED || rc == CF_E_FORK)
        return cf_fail(err, CF_E_QUARANTINED, "%s", why.detail);
    till->ask_hub_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    return CF_OK;
}

enum cf_rc till_ask_hub_to_give_back(struct cf_till *till, const struct cf_hub_giveback_ask *ask,
                                     struct cf_hub_givebacks *ret, struct cf_error *err)
{
    struct cf_buf body CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    struct cf_hub_link link = link_of(till);
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    cf_buf_init(&reply, CF_HUB_MESSAGE_MAX);
    enum cf_rc rc = cf_hub_giveback_ask_encode(ask, &body, err);
    if (rc == CF_OK)
        rc =
            cf_hub_link_ask(&link, CF_PATH_HUB_GIVEBACK, cf_buf_bytes(&body), till->sync.acknowledged_seq, &reply, err);
    if (rc == CF_OK)
        rc = cf_hub_givebacks_decode(cf_buf_bytes(&reply), ret, err);
    if (rc != CF_OK)
        till->ask_hub_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    return rc;
}

enum cf_rc till_ask_hub_for_sale(struct cf_till *till, cf_bytes request, struct cf_buf *ret_reply, struct cf_error *err)
{
    struct cf_hub_link link = link_of(till);
    enum cf_rc rc = cf_hub_link_ask(&link, CF_PATH_HUB_SALE, request, till->sync.acknowledged_seq, ret_reply, err);
    if (rc != CF_OK)
        till->ask_hub_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    return rc;
}

enum cf_rc till_ask_hub_parked(struct cf_till *till, const char *path, cf_bytes body, struct cf_buf *ret_reply,
                               struct cf_error *err)
{
    struct cf_hub_link link = link_of(till);
    enum cf_rc rc = cf_hub_link_ask(&link, path, body, till->sync.acknowledged_seq, ret_reply, err);
    if (rc != CF_OK)
        till->ask_hub_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    return rc;
}

/* --- giving back -------------------------------------------------------------------------------------------------- */

/* The hub hears of it at once, so that another till may take the right; else with the records. */
bool till_release_at_hub(struct cf_till *till, const struct cf_void_request *request)
{
    struct cf_hub_release release = {
        .terminal = till->terminal, .epoch = till->epoch, .campaign = request->campaign, .index = request->index};
    struct cf_buf body CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    struct cf_hub_link link = link_of(till);
    enum cf_rc verdict = CF_OK;
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    cf_buf_init(&reply, CF_HUB_MESSAGE_MAX);
    if (!till_may_ask_hub(till))
        return false;
    memcpy(release.request_key, request->request_key, sizeof release.request_key);
    enum cf_rc rc = cf_hub_release_encode(&release, &body, NULL);
    if (rc == CF_OK)
        rc =
            cf_hub_link_ask(&link, CF_PATH_HUB_RELEASE, cf_buf_bytes(&body), till->sync.acknowledged_seq, &reply, NULL);
    if (rc == CF_OK)
        rc = cf_hub_verdict_decode(cf_buf_bytes(&reply), &verdict, NULL);
    if (rc != CF_OK)
        till->ask_hub_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    return rc == CF_OK && verdict == CF_OK;
}

void till_note_hub_key(struct cf_till *till, const uint8_t key[CF_REQUEST_KEY_BYTES])
{
    memcpy(till->hub_keys[till->next_hub_key], key, CF_REQUEST_KEY_BYTES);
    till->next_hub_key = (till->next_hub_key + 1) % TILL_HUB_KEYS;
}

void till_note_holder(struct cf_till *till, const struct cf_step_coupon *coupon)
{
    if (coupon->redemption.source != CF_RIGHT_CENTRE && coupon->redemption.source != CF_RIGHT_TICKET)
        till_note_hub_key(till, coupon->redemption.request_key);
}

void till_forget_hub_key(struct cf_till *till, const uint8_t key[CF_REQUEST_KEY_BYTES])
{
    for (size_t i = 0; i < TILL_HUB_KEYS; i++)
        if (memcmp(till->hub_keys[i], key, CF_REQUEST_KEY_BYTES) == 0)
            memset(till->hub_keys[i], 0, CF_REQUEST_KEY_BYTES);
}

bool till_is_hub_key(const struct cf_till *till, const uint8_t key[CF_REQUEST_KEY_BYTES])
{
    for (size_t i = 0; i < TILL_HUB_KEYS; i++)
        if (memcmp(till->hub_keys[i], key, CF_REQUEST_KEY_BYTES) == 0)
            return true;
    return false;
}
