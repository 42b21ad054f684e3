/*
 * sync/hub/rights.c - who holds which right in the store.
 *
 * A right that a till holds stays its own until the till's own log says otherwise: it was sold, or given up. Nothing
 * here looks at a clock, and a till that burns keeps what it held.
 */
#include "sync/hub/inside.h"

#include <string.h>

#include "app/core/order.h"

#include "base/plant.h"

enum cf_rc cf_hub_check_caller(const struct cf_hub_caller *caller, uint32_t terminal, uint32_t epoch,
                               struct cf_error *err)
{
    if (terminal != caller->terminal || epoch != caller->epoch)
        return cf_fail(err, CF_E_CERTIFICATE, "it is of another terminal or epoch");
    return CF_OK;
}

enum cf_rc cf_hub_check_spends(struct cf_hub *hub, const struct cf_hub_caller *caller, struct cf_error *err)
{
    struct cf_hub_till till = {.forked = false};
    bool found = false;
    enum cf_rc rc = cf_hub_store_till(hub->store, caller->terminal, caller->epoch, &till, &found, err);
    if (rc == CF_OK && (!caller->may_spend || (found && till.forked)))
        rc = cf_fail(err, CF_E_FENCED, "terminal %u, epoch %u", caller->terminal, caller->epoch);
    return rc;
}

/* --- claims ------------------------------------------------------------------------------------------------------- */

static bool is_same_claim(const struct cf_hub_right *right, const struct cf_hub_claim *claim)
{
    return right->terminal == claim->terminal && right->epoch == claim->epoch &&
           memcmp(right->request_key, claim->request_key, CF_REQUEST_KEY_BYTES) == 0;
}

/* A generation of an order: it may be handed out as long as the centre has told of no end or later one. Of an order
 * that has not come down here the till knows more than its hub. */
static enum cf_rc judge_order(struct cf_hub *hub, const struct cf_hub_claim *claim, enum cf_rc *ret_verdict,
                              struct cf_error *err)
{
    struct cf_order order;
    enum cf_rc rc = cf_replica_order(hub->replica, claim->index, &order, err);
    if (rc == CF_OK && order.generation > claim->generation)
        *ret_verdict = CF_E_COUPON_SPENT;
    else if (rc == CF_E_ORDER_DONE || rc == CF_E_ORDER_CANCELLED)
        *ret_verdict = CF_E_COUPON_SPENT;
    return rc == CF_E_ORDER_DONE || rc == CF_E_ORDER_CANCELLED || rc == CF_E_ORDER_UNKNOWN ? CF_OK : rc;
}

/* What the centre has told of the right, as far as it has come down. */
static enum cf_rc judge_known(struct cf_hub *hub, const struct cf_hub_claim *claim, enum cf_rc *ret_verdict,
                              struct cf_error *err)
{
    bool redeemed = false, released = false;
    uint32_t generation = 0;
    enum cf_rc rc = cf_replica_redeemed(hub->replica, claim->campaign, claim->index, &redeemed, &generation, err);
    if (rc == CF_OK)
        rc = cf_hub_store_is_released(hub->store, claim->request_key, &released, err);
    if (rc == CF_OK && cf_is_order_space(claim->campaign))
        rc = judge_order(hub, claim, ret_verdict, err);
    if (rc != CF_OK)
        return rc;
    if (released)
        *ret_verdict = CF_E_COUPON_REQUEST;
    else if (redeemed)
        *ret_verdict = CF_E_COUPON_SPENT;
    else if (claim->generation < generation)
        *ret_verdict = CF_E_COUPON_GENERATION;
    return CF_OK;
}

static enum cf_rc take_right(struct cf_hub *hub, const struct cf_hub_claim *claim, struct cf_error *err)
{
    struct cf_hub_right right = {.campaign = claim->campaign,
                                 .index = claim->index,
                                 .terminal = claim->terminal,
                                 .epoch = claim->epoch,
                                 .state = CF_HUB_HELD};
    memcpy(right.request_key, claim->request_key, sizeof right.request_key);
    enum cf_rc rc = cf_hub_store_set_right(hub->store, &right, err);
    return rc == CF_OK ? cf_hub_add_step(hub, CF_HUB_STEP_CLAIM,
                                         CF_HUB_NUMBERS(claim->terminal, claim->epoch, claim->campaign, claim->index),
                                         cf_bytes_of(claim->request_key, CF_REQUEST_KEY_BYTES), err)
                       : rc;
}

static enum cf_rc judge_claim(struct cf_hub *hub, const struct cf_hub_claim *claim, enum cf_rc *ret_verdict,
                              struct cf_error *err)
{
    struct cf_hub_right right;
    bool found = false;
    *ret_verdict = CF_OK;
    enum cf_rc rc = cf_hub_store_right(hub->store, claim->campaign, claim->index, &right, &found, err);
    if (rc != CF_OK)
        return rc;
    if (found && !CF_PLANTED(hub_forgets_claims)) {
        /* The same ask again gets the same answer, unless its sale was made since. */
        if (right.state != CF_HUB_HELD || !is_same_claim(&right, claim))
            *ret_verdict = CF_E_COUPON_SPENT;
        return CF_OK;
    }
    rc = judge_known(hub, claim, ret_verdict, err);
    return rc == CF_OK && *ret_verdict == CF_OK ? take_right(hub, claim, err) : rc;
}

enum cf_rc cf_hub_claim_right(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                              struct cf_error *err)
{
    struct cf_hub_claim claim;
    struct cf_error why;
    enum cf_rc verdict = CF_OK;
    if (cf_hub_claim_decode(body, &claim, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    enum cf_rc rc = cf_hub_check_caller(caller, claim.terminal, claim.epoch, err);
    if (rc == CF_OK)
        rc = cf_hub_check_spends(hub, caller, err);
    if (rc == CF_OK)
        rc = judge_claim(hub, &claim, &verdict, err);
    return rc == CF_OK ? cf_hub_verdict_encode(verdict, ret, err) : rc;
}

enum cf_rc cf_hub_give_up(struct cf_hub *hub, uint32_t terminal, uint32_t epoch,
                          const uint8_t key[CF_REQUEST_KEY_BYTES], uint32_t campaign, uint32_t index,
                          struct cf_error *err)
{
    struct cf_hub_right right = {
        .campaign = campaign, .index = index, .terminal = terminal, .epoch = epoch, .state = CF_HUB_HELD};
    bool held = false, released = false;
    memcpy(right.request_key, key, sizeof right.request_key);
    enum cf_rc rc = cf_hub_store_is_released(hub->store, key, &released, err);
    if (rc == CF_OK)
        rc = cf_hub_store_remove_right(hub->store, &right, &held, err);
    if (rc == CF_OK)
        rc = cf_hub_unkeep(hub, terminal, epoch, key, err);
    if (rc != CF_OK || (released && !held))
        return rc;
    rc = cf_hub_store_add_released(hub->store, key, cf_env_wall(hub->config.env), err);
    return rc == CF_OK ? cf_hub_add_step(hub, CF_HUB_STEP_RELEASE, CF_HUB_NUMBERS(terminal, epoch, campaign, index),
                                         cf_bytes_of(key, CF_REQUEST_KEY_BYTES), err)
                       : rc;
}

enum cf_rc cf_hub_release_right(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body,
                                struct cf_buf *ret, struct cf_error *err)
{
    struct cf_hub_release release;
    struct cf_error why;
    if (cf_hub_release_decode(body, &release, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    enum cf_rc rc = cf_hub_check_caller(caller, release.terminal, release.epoch, err);
    if (rc == CF_OK)
        rc = cf_hub_check_spends(hub, caller, err); /* a copy of the till may have sold with it */
    if (rc == CF_OK)
        rc = cf_hub_give_up(hub, release.terminal, release.epoch, release.request_key, release.campaign, release.index,
                            err);
    return rc == CF_OK ? cf_hub_verdict_encode(CF_OK, ret, err) : rc;
}
