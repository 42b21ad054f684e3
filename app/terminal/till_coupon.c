/*
 * app/terminal/till_coupon.c - may this coupon be spent at this till now, by lease, by home, or because the centre says
 * so?
 *
 * With a link the centre is asked first (its answer is exact); without one the till spends what it was given before.
 * What it must never do is spend offline a right that it asked the centre for without hearing the answer.
 */
#include "app/terminal/till_internal.h"

#include <string.h>

#include "base/plant.h"
#include "base/text.h"

#define PRACTICE_UNITS 1000000 /* more than a session of training uses */
#define PRACTICE_MINOR INT64_C(1000000000000)

static int64_t held_on_this_sale(const struct cf_till *till, uint32_t campaign, enum cf_right_source source)
{
    int64_t n = 0;
    for (size_t i = 0; i < till->sale.n_coupons; i++)
        if (till->sale.coupons[i].redemption.campaign == campaign && till->sale.coupons[i].redemption.source == source)
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

/* --- what this till may spend on its own ---------------------------------------------------------------------------
 */

/* The till's own lease stays as it is: coupons are practised under one that is nobody's, with plenty left. */
static struct cf_lease_grant practice_lease(const struct cf_till *till, uint32_t campaign)
{
    return (struct cf_lease_grant){.campaign = campaign,
                                   .epoch = till->epoch,
                                   .granted = PRACTICE_UNITS,
                                   .granted_minor = PRACTICE_MINOR,
                                   .per_day = PRACTICE_UNITS,
                                   .keep = PRACTICE_UNITS};
}

enum cf_rc till_own_lease(const struct cf_till *till, uint32_t campaign, struct till_lease *ret, struct cf_error *err)
{
    struct cf_lease_used used;
    enum cf_rc rc = CF_OK;
    if (till->training)
        ret->grant = practice_lease(till, campaign);
    else
        rc = cf_replica_lease(till->replica, campaign, till->epoch, &ret->grant, err);
    if (rc == CF_OK)
        rc = cf_journal_lease_use(till->journal, campaign, &used, err);
    if (rc != CF_OK)
        return rc;
    /* None of these overflows: what was used and returned was granted before, or a damaged replica says less. */
    ret->units = ret->grant.granted - (CF_PLANTED(lease_spent_again) ? 0 : used.spent) - used.returned;
    ret->minor = ret->grant.granted_minor - used.spent_minor - used.returned_minor;
    return CF_OK;
}

uint32_t till_day_at(const struct cf_till *till, cf_wall now)
{
    return cf_wall_date(now, cf_store_offset_min(&till->settings, now));
}

/* Uses of the lease that today's share leaves. */
static enum cf_rc day_left(const struct cf_till *till, const struct cf_lease_grant *grant, cf_wall now, int64_t *ret,
                           struct cf_error *err)
{
    int64_t used = 0;
    enum cf_rc rc = cf_journal_day_used(till->journal, grant->campaign, till_day_at(till, now), &used, err);
    *ret = CF_PLANTED(day_unbounded) ? INT64_MAX : grant->per_day - used;
    return rc;
}

static enum cf_rc own_left(const struct cf_till *till, const struct cf_campaign *campaign,
                           const struct cf_redemption *redemption, cf_wall now, struct cf_own_left *ret,
                           struct cf_error *err)
{
    const enum cf_right_source source = redemption->source;
    struct till_lease lease;
    int64_t today = INT64_MAX;
    if (source == CF_RIGHT_SUBLEASE)
        return till_sublease_left(till, campaign, redemption->hub_epoch, now, ret, err);
    enum cf_rc rc = till_own_lease(till, campaign->id, &lease, err);
    if (rc == CF_OK && campaign->per_day != 0 && source == CF_RIGHT_LEASE)
        rc = day_left(till, &lease.grant, now, &today, err);
    if (rc != CF_OK)
        return rc;
    *ret = (struct cf_own_left){.campaign = campaign->id, .source = source, .units = INT64_MAX, .minor = INT64_MAX};
    if (source == CF_RIGHT_LEASE)
        ret->units = today < lease.units ? today : lease.units;
    if (campaign->money_limited && !CF_PLANTED(risk_unbounded) &&
        !(source == CF_RIGHT_LEASE && CF_PLANTED(money_unbounded)))
        ret->minor = lease.minor;
    return CF_OK;
}

static bool is_from_own_lease(enum cf_right_source source)
{
    return source == CF_RIGHT_LEASE || source == CF_RIGHT_RISK;
}

static bool has_left(const struct cf_offer_source *offers, const struct cf_redemption *redemption)
{
    for (size_t i = 0; i < offers->n_left; i++)
        if (cf_own_left_is_of(&offers->left[i], redemption))
            return true;
    return false;
}

void till_put_own_left(const struct cf_till *till, const struct cf_redemption *redemption, cf_wall now,
                       struct cf_offer_source *offers)
{
    const struct cf_campaign *campaign = cf_offer_source_find(offers, redemption->campaign);
    bool counted = is_from_own_lease(redemption->source) || redemption->source == CF_RIGHT_SUBLEASE;
    if (!campaign || !counted || has_left(offers, redemption))
        return;
    struct cf_own_left *left = &offers->left[offers->n_left++];
    /* What cannot be read now is as if there were nothing: the coupon has no effect, and the sale goes on. */
    if (own_left(till, campaign, redemption, now, left, NULL) != CF_OK)
        *left = (struct cf_own_left){
            .campaign = campaign->id, .source = redemption->source, .hub_epoch = redemption->hub_epoch};
}

/* Of the till's own lease; where that is used up, of what the hub lent to it. */
static struct cf_own_left unit_left(struct cf_till *till, const struct cf_campaign *campaign, cf_wall now)
{
    const struct cf_redemption own = {.campaign = campaign->id, .source = CF_RIGHT_LEASE};
    struct cf_own_left left, lent;
    if (own_left(till, campaign, &own, now, &left, NULL) != CF_OK)
        left = (struct cf_own_left){.campaign = campaign->id, .source = CF_RIGHT_LEASE};
    bool enough = left.units > 0 && left.minor >= cf_promotion_most_minor(&campaign->promotion);
    if (enough || (left.units > 0 && left.minor == INT64_MAX) ||
        till_find_sublease(till, campaign, now, &lent, NULL) != CF_OK || lent.hub_epoch == 0)
        return left;
    return left.units < 1 || lent.minor > left.minor ? lent : left;
}

void till_put_units(struct cf_till *till, cf_wall now, struct cf_offer_source *offers)
{
    if (till_is_quarantined(till))
        return; /* spends no rights */
    for (size_t i = 0; i < till->n_campaigns && offers->n_units < CF_UNIT_CAMPAIGNS_MAX; i++)
        if (till->campaigns[i]->without_coupon && cf_campaign_runs_in(till->campaigns[i], till->store, now))
            offers->units[offers->n_units++] = unit_left(till, till->campaigns[i], now);
}

/* --- the facts ------------------------------------------------------------------------------------------------------
 */

static enum cf_rc gather_lease(struct cf_till *till, struct cf_coupon_facts *facts, struct cf_error *err)
{
    const struct cf_campaign *campaign = facts->campaign;
    struct till_lease lease;
    if (!campaign || (campaign->policy != CF_POLICY_LEASED && campaign->policy != CF_POLICY_OPTIMISTIC))
        return CF_OK;
    enum cf_rc rc = till_own_lease(till, campaign->id, &lease, err);
    if (rc == CF_OK && campaign->per_day != 0)
        rc = day_left(till, &lease.grant, cf_till_clock(till).best, &facts->day_left, err);
    if (rc != CF_OK)
        return rc;
    int64_t held = held_on_this_sale(till, campaign->id, CF_RIGHT_LEASE);
    facts->lease_left = lease.units - held;
    facts->day_left -= held;
    facts->minor_left = lease.minor;
    for (size_t i = 0; i < till->sale.n_coupons; i++)
        if (till->sale.coupons[i].redemption.campaign == campaign->id &&
            is_from_own_lease(till->sale.coupons[i].redemption.source))
            facts->minor_left -= till->sale.shown[i].amount_minor;
    return CF_OK;
}

/* What was given up here is known here first, before the centre has told of a newer generation. */
static enum cf_rc raise_generation(struct cf_till *till, const struct cf_coupon *coupon, uint32_t *known,
                                   struct cf_error *err)
{
    bool was_released = false;
    uint32_t released = 0;
    enum cf_rc rc = cf_journal_released(till->journal, coupon->campaign, coupon->index, &was_released, &released, err);
    if (rc == CF_OK && was_released && released >= *known && released < UINT32_MAX && !CF_PLANTED(released_counts))
        *known = released + 1;
    return rc;
}

enum cf_rc till_coupon_facts(struct cf_till *till, const struct cf_coupon *coupon, struct cf_coupon_facts *facts,
                             struct cf_error *err)
{
    struct cf_offer_source offers = till_offers(till, NULL);
    bool spent_here = false, spent_elsewhere = false;
    *facts = (struct cf_coupon_facts){
        .now = cf_till_clock(till).now,
        .channel = CF_CHANNEL_STORE,
        .store = till->store,
        .place = till->terminal,
        .place_epoch = till->epoch,
        .utc_offset_min = cf_store_offset_min(&till->settings, cf_till_clock(till).best),
        .campaign = cf_offer_source_find(&offers, coupon->campaign),
        .has_member = till->sale.has_member && till->sale.member.live,
        .has_static_member = till->sale.has_member && !till->sale.member.live,
        .member = till->sale.member.sub,
        .on_this_sale = is_on_this_sale(till, coupon),
        .quarantined = till_is_quarantined(till),
    };
    enum cf_rc rc = cf_journal_is_spent(till->journal, coupon->campaign, coupon->index, &spent_here, err);
    if (rc == CF_OK)
        rc = cf_journal_is_revoked(till->journal, coupon->campaign, coupon->index, &facts->revoked, err);
    if (rc == CF_OK && !facts->revoked)
        rc = till_exchange_revokes(till, coupon->campaign, coupon->index, &facts->revoked, err);
    if (rc == CF_OK)
        rc = cf_replica_redeemed(till->replica, coupon->campaign, coupon->index, &spent_elsewhere,
                                 &facts->known_generation, err);
    if (rc == CF_OK)
        rc = raise_generation(till, coupon, &facts->known_generation, err);
    if (rc == CF_OK)
        rc = gather_lease(till, facts, err);
    facts->spent = spent_here || spent_elsewhere;
    return rc;
}

/* --- asking the centre -------------------------------------------------------------------------------------------- */

static bool may_ask(struct cf_till *till, enum cf_policy policy)
{
    return till->ask_online && policy != CF_POLICY_PINNED && policy != CF_POLICY_AUTOMATIC &&
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
    bool held = coupon->online; /* by the store's hub: the key is in the journal already */
    memcpy(step.ask.request_key, coupon->redemption.request_key, CF_REQUEST_KEY_BYTES);
    step.ask.campaign = coupon->redemption.campaign;
    step.ask.index = coupon->redemption.index;
    enum cf_rc rc = held ? CF_OK : till_settle_ask(till, err);
    if (rc == CF_OK && !held)
        rc = till_take(till, &step, err);
    if (rc != CF_OK)
        return rc;
    enum cf_rc reply = CF_OK;
    rc = exchange(till, code, coupon->redemption.request_key, &reply, err);
    if (rc == CF_OK && reply == CF_OK) {
        till_forget_hub_key(till, coupon->redemption.request_key);
        coupon->online = true;
        coupon->redemption.source = CF_RIGHT_CENTRE;
        return CF_OK;
    }
    bool sent = rc != CF_E_LINK_DOWN && rc != CF_E_TLS && rc != CF_E_CERTIFICATE; /* base/env.h */
    till->sale.asking = held || (rc != CF_OK && sent);
    if (rc == CF_OK)
        return cf_fail(err, reply, "the centre refused it");
    till->ask_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    if (!sent)
        return CF_E_LINK_DOWN;
    till_forget_hub_key(till, coupon->redemption.request_key);
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

/* Would one use cost more than the lease has, and perhaps not more than the hub lent? */
static bool pays_better(const struct cf_own_left *lent, const struct cf_coupon_facts *facts)
{
    return facts->campaign->money_limited && lent->minor > facts->minor_left &&
           facts->minor_left < cf_promotion_most_minor(&facts->campaign->promotion);
}

/* Where the till's own lease has nothing left, what the hub lent to it may do: *ret_hub_epoch, else 0. */
static enum cf_rc judge_lent(struct cf_till *till, const struct cf_coupon *coupon, const struct cf_coupon_facts *facts,
                             uint32_t *ret_hub_epoch, struct cf_error *err)
{
    struct cf_own_left lent;
    *ret_hub_epoch = 0;
    enum cf_rc rc = cf_coupon_judge(coupon, facts, err);
    bool used_up = rc == CF_E_COUPON_LEASE || rc == CF_E_COUPON_LIMIT;
    if ((rc != CF_OK && !used_up) || facts->campaign->policy != CF_POLICY_LEASED ||
        till_find_sublease(till, facts->campaign, cf_till_clock(till).best, &lent, NULL) != CF_OK ||
        lent.hub_epoch == 0 || (!used_up && !pays_better(&lent, facts)))
        return rc;
    struct cf_coupon_facts with = *facts;
    with.lease_left = with.day_left = lent.units; /* the fewer of both */
    with.minor_left = lent.minor;
    *ret_hub_epoch = lent.hub_epoch;
    return cf_coupon_judge(coupon, &with, err);
}

/* Whoever was to say yes has, or was not there: now what this till may do on its own. */
static enum cf_rc judge_own(struct cf_till *till, const struct cf_coupon *coupon, struct cf_coupon_facts *facts,
                            struct cf_step_coupon *ret, struct cf_error *err)
{
    facts->online = false;
    /* Our journal knows what was spent here, but only since we were enrolled; what was spent in an epoch before has
     * come down with the rest once a pull has brought all. A lease is of our own epoch. */
    if (facts->campaign && facts->campaign->policy == CF_POLICY_PINNED && till->sync.down_cursor == 0)
        return cf_fail(err, CF_E_COUPON_ONLINE, "this till has not heard all from the centre since it was enrolled");
    if (till_is_doubtful(till, coupon->campaign, coupon->index))
        return cf_fail(err, CF_E_COUPON_ONLINE,
                       "the centre was asked for it without an answer; try again after the next sync");
    uint32_t hub_epoch = 0;
    enum cf_rc rc = judge_lent(till, coupon, facts, &hub_epoch, err);
    if (rc == CF_OK && hub_epoch != 0) {
        ret->redemption.source = CF_RIGHT_SUBLEASE;
        ret->redemption.hub_epoch = hub_epoch;
    }
    return rc;
}

static bool is_pinned_to_store(const struct cf_till *till, const struct cf_coupon *coupon)
{
    return coupon->pinned && coupon->home == till->store;
}

/* The hub first, if there is one; then the centre; then what this till holds itself. */
static enum cf_rc judge_asking(struct cf_till *till, const struct cf_code *code, struct cf_coupon_facts *facts,
                               struct cf_step_coupon *ret, struct cf_error *err)
{
    const struct cf_coupon *coupon = &code->coupon;
    enum cf_rc rc = CF_OK;
    if (till_may_ask_hub(till) && facts->campaign->policy != CF_POLICY_ONLINE_ONLY &&
        ret->redemption.source != CF_RIGHT_HOME) {
        rc = till_ask_hub(till, coupon, ret, err);
        if (rc != CF_OK && rc != CF_E_LINK_DOWN)
            return rc;
    }
    if (is_pinned_to_store(till, coupon) && !ret->online)
        return cf_fail(err, CF_E_COUPON_HUB, "it is reserved for this store, whose hub does not answer%s%s",
                       rc != CF_OK && err ? ": " : "", rc != CF_OK && err ? err->detail : "");
    if (facts->online) {
        rc = ask_centre(till, code, ret, err);
        /* Nothing was sent; or all that is left of the budget or a limit is out on leases, of which one may be ours. */
        bool lease_may = rc == CF_E_LINK_DOWN || (ret->redemption.policy == CF_POLICY_LEASED &&
                                                  (rc == CF_E_COUPON_BUDGET || rc == CF_E_COUPON_LIMIT));
        if (!lease_may)
            return rc;
    }
    return judge_own(till, coupon, facts, ret, err);
}

/* The coupon was refused. What the hub holds for it goes back; a plain no is noted, else a restart would take it for an
 * ask without an answer. */
static enum cf_rc end_ask(struct cf_till *till, const struct cf_step_coupon *refused)
{
    const struct cf_void_request *asked = &till->sale.asked;
    struct cf_step step = {.kind = CF_STEP_REFUSED, .ask = *asked};
    bool this_one =
        till->sale.has_asked && memcmp(asked->request_key, refused->redemption.request_key, CF_REQUEST_KEY_BYTES) == 0;
    if (till->sale.asking)
        return refused->online ? till_settle_ask(till, NULL) : CF_OK; /* else it was tried, and is tried again */
    return this_one && !till_is_doubtful(till, asked->campaign, asked->index) ? till_take(till, &step, NULL) : CF_OK;
}

static enum cf_rc judge(struct cf_till *till, const struct cf_code *code, struct cf_step_coupon *ret,
                        struct cf_error *err)
{
    const struct cf_coupon *coupon = &code->coupon;
    struct cf_coupon_facts facts;
    enum cf_rc rc = till_coupon_facts(till, coupon, &facts, err);
    if (rc != CF_OK)
        return rc;
    facts.online = facts.campaign && may_ask(till, facts.campaign->policy);
    facts.hub = is_pinned_to_store(till, coupon);
    facts.hub_epoch = till->hub_entry.hub_epoch;
    uint32_t hub_epoch = 0;
    rc = judge_lent(till, coupon, &facts, &hub_epoch, err); /* before anybody is asked: could it be accepted at all? */
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
    if (is_pinned_to_store(till, coupon)) {
        ret->redemption.source = CF_RIGHT_STORE;
        ret->redemption.hub_epoch = till->hub_entry.hub_epoch;
    }
    cf_env_random(till->env, ret->redemption.request_key, CF_REQUEST_KEY_BYTES);
    rc = judge_asking(till, code, &facts, ret, err);
    if (rc == CF_OK)
        return CF_OK;
    enum cf_rc noted = end_ask(till, ret);
    return noted == CF_OK ? rc : cf_fail(err, noted, "what was asked for this coupon cannot be settled now");
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

/* A pinned coupon that was taken before it was heard that its generation is over. The centre goes by that: a record of
 * this till that was written after it had heard is evidence that nothing more is sold by it. */
static enum cf_rc check_generation(struct cf_till *till, const struct cf_redemption *redemption, struct cf_error *err)
{
    const struct cf_coupon coupon = {.campaign = redemption->campaign, .index = redemption->index};
    uint32_t known = 0;
    bool redeemed = false;
    if (redemption->source != CF_RIGHT_HOME)
        return CF_OK;
    enum cf_rc rc = cf_replica_redeemed(till->replica, redemption->campaign, redemption->index, &redeemed, &known, err);
    if (rc == CF_OK)
        rc = raise_generation(till, &coupon, &known, err);
    return rc == CF_OK && redemption->generation < known
               ? cf_fail(err, CF_E_COUPON_GENERATION, "coupon %u of campaign %u was called back meanwhile",
                         redemption->index, redemption->campaign)
               : rc;
}

enum cf_rc till_check_coupons(struct cf_till *till, struct cf_error *err)
{
    for (size_t i = 0; i < till->sale.n_coupons; i++) {
        const struct cf_redemption *redemption = &till->sale.coupons[i].redemption;
        bool spent = false, revoked = false;
        enum cf_rc rc = cf_journal_is_spent(till->journal, redemption->campaign, redemption->index, &spent, err);
        if (rc != CF_OK)
            return rc;
        if (till->sale.shown[i].rc == CF_OK && till_is_quarantined(till))
            return cf_fail(err, CF_E_QUARANTINED, "%s: cancel the sale and sell without the coupon",
                           cf_quarantine_text(cf_till_quarantine(till)));
        rc = cf_journal_is_revoked(till->journal, redemption->campaign, redemption->index, &revoked, err);
        if (rc != CF_OK)
            return rc;
        if (revoked && till->sale.shown[i].rc == CF_OK)
            return cf_fail(err, CF_E_COUPON_REVOKED, "coupon %u of campaign %u: its goods came back meanwhile",
                           redemption->index, redemption->campaign);
        if (spent && till->sale.shown[i].rc == CF_OK)
            return cf_fail(err, CF_E_COUPON_SPENT, "coupon %u of campaign %u was used in another sale meanwhile",
                           redemption->index, redemption->campaign);
        if (till->sale.shown[i].rc == CF_OK)
            rc = check_generation(till, redemption, err);
        if (rc != CF_OK)
            return rc;
    }
    struct cf_offer_source offers = till_offers(till, NULL);
    struct cf_beyond beyond;
    size_t offer;
    if (cf_open_sale_fits(&till->sale, &offers, &offer, &beyond))
        return CF_OK;
    /* Priced anew it has no effect; the shopper has to see that price first. */
    if (cf_open_sale_is_unit(&till->sale, offer))
        return cf_fail(err, CF_E_COUPON_LEASE, "campaign %u: what is left at this till does not cover it",
                       till->sale.offers[offer].promotion->campaign);
    const struct cf_redemption *redemption = &till->sale.coupons[till->sale.offers[offer].tag].redemption;
    return cf_fail(err, redemption->source == CF_RIGHT_RISK ? CF_E_COUPON_RISK : CF_E_COUPON_LEASE,
                   "campaign %u: what is left at this till does not cover coupon %u", redemption->campaign,
                   redemption->index);
}
