/*
 * app/terminal/till_coupon.c - may this coupon be spent at this till now, by lease, by home, or because the centre says
 * so?
 *
 * With a link the centre is asked first (its answer is exact); without one the till spends what it was given before.
 * What it must never do is spend offline a right that it asked the centre for without hearing the answer.
 */
#include "app/terminal/till_internal.h"

#include <string.h>

#include "base/text.h"

static int64_t held_on_this_sale(const struct cf_till *till, uint32_t campaign)
{
    int64_t n = 0;
    for (size_t i = 0; i < till->sale.n_coupons; i++)
        if (till->sale.coupons[i].redemption.campaign == campaign &&
            till->sale.coupons[i].redemption.source == CF_RIGHT_LEASE)
            n++;
    return n;
}

static bool is_on_this_sale(const struct cf_till *till, const struct cf_coupon *coupon)
{
    for (size_t i = 0; i < till->sale.n_coupons; i++)
        if (till->sale.coupons[i].redemption.campaign == coupon->campaign &&
            till->sale.coupons[i].redemption.index == coupon->index)
            return true;
    return false;
}

static enum cf_rc lease_left(struct cf_till *till, uint32_t campaign, int64_t *ret, struct cf_error *err)
{
    struct cf_lease_grant lease;
    int64_t spent = 0, returned = 0;
    enum cf_rc rc = cf_replica_lease(till->replica, campaign, till->epoch, &lease, err);
    if (rc == CF_OK)
        rc = cf_journal_lease_used(till->journal, campaign, &spent, &returned, err);
    if (rc == CF_OK)
        *ret = lease.granted - spent - returned;
    return rc;
}

static enum cf_rc gather(struct cf_till *till, const struct cf_coupon *coupon, struct cf_coupon_facts *facts,
                         struct cf_error *err)
{
    struct cf_offer_source offers = till_offers(till);
    bool spent_here = false, spent_elsewhere = false;
    *facts = (struct cf_coupon_facts){
        .now = cf_till_clock(till).now,
        .channel = CF_CHANNEL_STORE,
        .store = till->store,
        .place = till->terminal,
        .campaign = cf_offer_source_find(&offers, coupon->campaign),
        .has_member = till->sale.has_member && till->sale.member.live,
        .has_static_member = till->sale.has_member && !till->sale.member.live,
        .member = till->sale.member.sub,
        .on_this_sale = is_on_this_sale(till, coupon),
        .quarantined = till->sync.fenced,
    };
    enum cf_rc rc = cf_journal_is_spent(till->journal, coupon->campaign, coupon->index, &spent_here, err);
    if (rc == CF_OK)
        rc = cf_replica_redeemed(till->replica, coupon->campaign, coupon->index, &spent_elsewhere,
                                 &facts->known_generation, err);
    if (rc == CF_OK)
        rc = lease_left(till, coupon->campaign, &facts->lease_left, err);
    facts->lease_left -= held_on_this_sale(till, coupon->campaign);
    facts->spent = spent_here || spent_elsewhere;
    return rc;
}

/* --- asking the centre -------------------------------------------------------------------------------------------- */

static bool may_ask(struct cf_till *till, enum cf_policy policy)
{
    return till->ask_online && (policy == CF_POLICY_ONLINE_ONLY || policy == CF_POLICY_LEASED) &&
           cf_env_mono(till->env).us >= till->ask_again_at.us && till_may_doubt(till);
}

static enum cf_rc exchange(struct cf_till *till, const struct cf_code *code, const uint8_t *key, enum cf_rc *ret_reply,
                           struct cf_error *err)
{
    struct cf_redeem_ask ask = {
        .terminal = till->terminal,
        .epoch = till->epoch,
        .coupon = cf_bytes_of(code->cose, code->cose_n),
        .has_member = till->sale.has_member && till->sale.member.live,
        .member = till->sale.member.sub,
    };
    memcpy(ask.request_key, key, sizeof ask.request_key);
    struct cf_buf request CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    cf_buf_init(&request, CF_REDEEM_BYTES_MAX);
    cf_buf_init(&reply, CF_REDEEM_BYTES_MAX);
    int status = 0;
    enum cf_rc rc = cf_redeem_ask_encode(&ask, &request, err);
    if (rc != CF_OK)
        return rc;
    struct cf_net_request post = {
        .method = "POST", .path = CF_PATH_REDEEM, .content_type = "application/cbor", .body = cf_buf_bytes(&request)};
    rc = till->env->ops->net_exchange(till->env->ctx, &post, &status, &reply, err);
    if (rc != CF_OK)
        return rc;
    if (status != 200)
        return cf_fail(err, CF_E_SERVER, "the centre answered with status %d", status);
    return cf_redeem_reply_decode(cf_buf_bytes(&reply), ret_reply, err);
}

/*
 * Asks the centre, with the key in the journal first. CF_OK: the right is ours. CF_E_LINK_DOWN: nothing was sent (no
 * link, or no secure one), so the lease may be used. Anything else: refused; if the answer is missing, a record that
 * undoes the ask is journalled.
 */
static enum cf_rc ask_centre(struct cf_till *till, const struct cf_code *code, struct cf_step_coupon *coupon,
                             struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_ASK};
    memcpy(step.ask.request_key, coupon->redemption.request_key, CF_REQUEST_KEY_BYTES);
    step.ask.campaign = coupon->redemption.campaign;
    step.ask.index = coupon->redemption.index;
    enum cf_rc rc = till_settle_ask(till, err);
    if (rc == CF_OK)
        rc = till_take(till, &step, err);
    if (rc != CF_OK)
        return rc;
    enum cf_rc reply = CF_OK;
    rc = exchange(till, code, coupon->redemption.request_key, &reply, err);
    if (rc == CF_OK && reply == CF_OK) {
        coupon->online = true;
        coupon->redemption.source = CF_RIGHT_CENTRE;
        return CF_OK;
    }
    bool sent = rc != CF_E_LINK_DOWN && rc != CF_E_TLS && rc != CF_E_CERTIFICATE; /* base/env.h */
    till->sale.asking = rc != CF_OK && sent;
    if (rc == CF_OK)
        return cf_fail(err, reply, "the centre refused it");
    till->ask_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    if (!sent)
        return CF_E_LINK_DOWN;
    enum cf_rc voided = till_settle_ask(till, err);
    if (voided != CF_OK)
        return voided;
    return cf_fail(err, CF_E_COUPON_ONLINE,
                   "the centre did not answer, so nobody knows whether it was used; try again after the next sync");
}

/* --- the verdict -------------------------------------------------------------------------------------------------- */

/* By what right a coupon is spent if the centre is not asked. */
static enum cf_right_source offline_source(enum cf_policy policy)
{
    switch (policy) {
    case CF_POLICY_LEASED:
        return CF_RIGHT_LEASE;
    case CF_POLICY_PINNED:
        return CF_RIGHT_HOME;
    case CF_POLICY_OPTIMISTIC:
        return CF_RIGHT_RISK;
    case CF_POLICY_AUTOMATIC:
    case CF_POLICY_ONLINE_ONLY:
        break;
    }
    return CF_RIGHT_CENTRE;
}

static enum cf_rc judge(struct cf_till *till, const struct cf_code *code, struct cf_step_coupon *ret,
                        struct cf_error *err)
{
    const struct cf_coupon *coupon = &code->coupon;
    struct cf_coupon_facts facts;
    enum cf_rc rc = gather(till, coupon, &facts, err);
    if (rc != CF_OK)
        return rc;
    facts.online = facts.campaign && may_ask(till, facts.campaign->policy);
    rc = cf_coupon_judge(coupon, &facts, err);
    if (rc != CF_OK)
        return rc;
    *ret = (struct cf_step_coupon){
        .redemption = {.campaign = coupon->campaign,
                       .index = coupon->index,
                       .generation = coupon->generation,
                       .policy = facts.campaign->policy,
                       .source = offline_source(facts.campaign->policy)},
        .exp_s = coupon->exp_s,
    };
    cf_env_random(till->env, ret->redemption.request_key, CF_REQUEST_KEY_BYTES);
    if (facts.online) {
        rc = ask_centre(till, code, ret, err);
        /* Nothing was sent; or all that is left of the budget is out on leases, of which one may be ours. */
        bool lease_may =
            rc == CF_E_LINK_DOWN || (rc == CF_E_COUPON_BUDGET && ret->redemption.policy == CF_POLICY_LEASED);
        if (!lease_may)
            return rc;
        facts.online = false;
    }
    /* Our journal knows what was spent here, but only since we were enrolled; what was spent in an epoch before has
     * come down with the rest once a pull has brought all. A lease is of our own epoch. */
    if (facts.campaign && facts.campaign->policy == CF_POLICY_PINNED && till->sync.down_cursor == 0)
        return cf_fail(err, CF_E_COUPON_ONLINE, "this till has not heard all from the centre since it was enrolled");
    if (till_is_doubtful(till, coupon->campaign, coupon->index))
        return cf_fail(err, CF_E_COUPON_ONLINE,
                       "the centre was asked for it without an answer; try again after the next sync");
    return cf_coupon_judge(coupon, &facts, err);
}

enum cf_rc till_scan_coupon(struct cf_till *till, const struct cf_code *code, struct cf_error *err)
{
    struct cf_checkout_facts facts = {.has_goods = cf_cart_live_count(till->sale.cart) > 0};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_COUPON, &facts, &next, err);
    if (rc == CF_OK)
        rc = cf_keyring_verify(till->keyring, code, cf_wall_s(cf_till_clock(till).best), err);
    struct cf_step step = {.kind = CF_STEP_COUPON};
    if (rc == CF_OK && till->sale.n_coupons == CF_SALE_COUPONS_MAX)
        rc = cf_fail(err, CF_E_LIMIT, "a sale takes at most %d coupons", CF_SALE_COUPONS_MAX);
    if (rc == CF_OK)
        rc = judge(till, code, &step.coupon, err);
    if (rc == CF_OK)
        return till_take(till, &step, err);
    /* If that cannot be kept now it is done at the next start; the refusal stands. */
    (void)!till_forget_asks(till, NULL);
    return rc;
}

enum cf_rc till_check_coupons(struct cf_till *till, struct cf_error *err)
{
    for (size_t i = 0; i < till->sale.n_coupons; i++) {
        const struct cf_redemption *redemption = &till->sale.coupons[i].redemption;
        bool spent = false;
        enum cf_rc rc = cf_journal_is_spent(till->journal, redemption->campaign, redemption->index, &spent, err);
        if (rc != CF_OK)
            return rc;
        if (spent && till->sale.shown[i].rc == CF_OK)
            return cf_fail(err, CF_E_COUPON_SPENT, "coupon %u of campaign %u was used in another sale meanwhile",
                           redemption->index, redemption->campaign);
        if (redemption->source != CF_RIGHT_LEASE || till->sale.shown[i].rc != CF_OK)
            continue;
        int64_t left = 0;
        rc = lease_left(till, redemption->campaign, &left, err);
        if (rc == CF_OK && left < held_on_this_sale(till, redemption->campaign))
            rc = cf_fail(err, CF_E_COUPON_LEASE, "campaign %u has %lld left at this till", redemption->campaign,
                         (long long)left);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}
