/*
 * tests/unit/terminal/till_hub_test.c - what a till accepts with its store's hub, without it, and in doubt.
 */
#include "tests/unit/terminal/till_support.h"

#include <string.h>

#include <cmocka.h>

#define NO_HUB CF_E_LINK_DOWN

/* The store has a hub, and this till has sub-leases of NO_LEASE, of which it was leased nothing itself. */
static void join_hub(struct shop *shop)
{
    shop_send_hub(shop, 4);
    shop_send_sublease(shop, NO_LEASE, 4, 2);
    shop_restart(shop);
}

static struct cf_redemption sold_by(struct shop *shop, const char *coupon)
{
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, coupon));
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_redemptions, 1);
    struct cf_redemption redemption = sale->redemptions[0];
    cf_sale_free(sale);
    return redemption;
}

static const char *store_coupon_of(uint32_t hub_epoch, uint32_t index)
{
    struct cf_coupon coupon = shop_coupon_fields(PINNED, index);
    coupon.pinned = true;
    coupon.home = SHOP_STORE;
    coupon.home_epoch = hub_epoch;
    return shop_sign_coupon(&coupon, KID_ALL, ISSUER);
}

static const char *store_coupon(uint32_t index)
{
    return store_coupon_of(4, index);
}

static struct cf_sublease_used used_of(struct shop *shop, uint32_t campaign, uint32_t hub_epoch)
{
    struct cf_sublease_used used;
    assert_ok(cf_journal_sublease_use(cf_till_journal(shop->till), campaign, hub_epoch, &used, &shop->err));
    return used;
}

static void rest_later(struct shop *shop)
{
    shop->mono_us += 3600 * CF_US_PER_S;
    shop->wall_us += 3600 * CF_US_PER_S;
    assert_ok(cf_till_rest(shop->till, &shop->err));
}

/* By the calendar of the store, which is eight hours ahead. */
static uint32_t till_today(const struct shop *shop)
{
    return cf_wall_date((cf_wall){shop->wall_us}, 480);
}

static void after_the_pause(struct shop *shop)
{
    shop->mono_us += 31 * CF_US_PER_S;
    shop->wall_us += 31 * CF_US_PER_S;
}

/* --- the hub answers ---------------------------------------------------------------------------------------------- */

static void the_hub_is_asked_before_a_lease_is_spent(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    struct cf_redemption r = sold_by(shop, shop_coupon(LEASED, 1));
    assert_int_equal(shop->claimed, 1);
    assert_memory_equal(r.request_key, shop->claimed_key, sizeof r.request_key);
    assert_int_equal(r.source, CF_RIGHT_LEASE);
    assert_int_equal(shop->released, 0);
    assert_true(shop->lan_asked.hub_epoch == 4);
    shop_verify(shop);
}

static void what_the_hub_refuses_is_refused_by_its_reason(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    uint64_t records = shop_records(shop);
    shop->lan_verdict = CF_E_COUPON_SPENT;
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_SPENT);
    assert_rc(shop_scan(shop, store_coupon(2)), CF_E_COUPON_SPENT);
    assert_int_equal(shop_records(shop), records); /* nothing was taken, so nothing goes back */
    shop->lan_verdict = CF_OK;
    (void)sold_by(shop, shop_coupon(LEASED, 1));
}

static void the_hub_then_the_centre_are_asked_with_one_key(void **state)
{
    struct shop *shop = *state;
    shop->ask_online = true;
    shop->net_rc = CF_OK;
    join_hub(shop);
    struct cf_redemption r = sold_by(shop, shop_coupon(LEASED, 1));
    assert_int_equal(r.source, CF_RIGHT_CENTRE);
    assert_int_equal(shop->claimed, 1);
    assert_int_equal(shop->asked, 1);
    assert_memory_equal(shop->asked_key, shop->claimed_key, sizeof shop->asked_key);
    /* What the centre alone decides is not the hub's business. */
    (void)sold_by(shop, shop_coupon(ONLINE_ONLY, 1));
    assert_int_equal(shop->claimed, 1);
}

static void a_refusal_of_the_hub_leaves_no_doubt_over_a_restart(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    assert_ok(shop_scan(shop, TEA));
    shop->lan_verdict = CF_E_COUPON_SPENT; /* another till holds it */
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_SPENT);
    shop_restart(shop);
    assert_false(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
    shop->lan_verdict = CF_OK; /* and has given it up */
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
    shop_restart(shop);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    (void)sold_by(shop, shop_coupon(LEASED, 1)); /* in another process, too, it is known that only the hub held it */
}

static void what_the_centre_refuses_goes_back_to_the_hub(void **state)
{
    struct shop *shop = *state;
    shop->ask_online = true;
    shop->net_rc = CF_OK;
    join_hub(shop);
    shop->net_reply = CF_E_COUPON_SPENT;
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_SPENT);
    assert_int_equal(shop->released, 1);
    assert_memory_equal(shop->released_key, shop->claimed_key, sizeof shop->released_key);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
    shop->net_rc = CF_E_LINK_DOWN; /* the hub has heard: no doubt is left */
    (void)sold_by(shop, shop_coupon(LEASED, 1));
    shop_verify(shop);
}

static void a_coupon_without_anything_left_for_it_is_not_asked_for(void **state)
{
    struct shop *shop = *state;
    shop_send_hub(shop, 4);
    shop_restart(shop);
    assert_rc(shop_scan(shop, shop_coupon(NO_LEASE, 1)), CF_E_COUPON_LEASE);
    assert_int_equal(shop->claimed, 0);
}

/* --- sub-leases --------------------------------------------------------------------------------------------------- */

static void a_sub_lease_is_spent_once_the_own_lease_is_used_up_and_no_further(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    shop->lan_rc = NO_HUB;
    for (uint32_t k = 0; k < 2; k++) {
        struct cf_redemption r = sold_by(shop, shop_coupon(NO_LEASE, k));
        assert_int_equal(r.source, CF_RIGHT_SUBLEASE);
        assert_int_equal(r.hub_epoch, 4);
        shop_restart(shop);
    }
    assert_rc(shop_scan(shop, shop_coupon(NO_LEASE, 2)), CF_E_COUPON_LEASE);
    shop_send_sublease(shop, LEASED, 4, 1);
    shop_restart(shop);
    for (uint32_t k = 0; k < 3; k++)
        assert_int_equal(sold_by(shop, shop_coupon(LEASED, k)).source, CF_RIGHT_LEASE);
    assert_int_equal(sold_by(shop, shop_coupon(LEASED, 3)).source, CF_RIGHT_SUBLEASE);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 4)), CF_E_COUPON_LEASE);
    shop_verify(shop);
}

static void sub_leases_of_two_hubs_are_spent_each_for_itself(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    shop_send_sublease(shop, NO_LEASE, 5, 1);
    shop_send_hub(shop, 5);
    shop->lan_rc = NO_HUB;
    shop_restart(shop);
    unsigned of[6] = {0};
    for (uint32_t k = 0; k < 3; k++)
        of[sold_by(shop, shop_coupon(NO_LEASE, k)).hub_epoch]++;
    assert_int_equal(of[4], 2);
    assert_int_equal(of[5], 1);
    assert_rc(shop_scan(shop, shop_coupon(NO_LEASE, 3)), CF_E_COUPON_LEASE);
}

static void a_parked_sale_cannot_spend_a_sub_lease_that_is_gone(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    shop->lan_rc = NO_HUB;
    (void)sold_by(shop, shop_coupon(NO_LEASE, 0));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, shop_coupon(NO_LEASE, 1)));
    assert_ok(cf_till_park(shop->till, "bag", &shop->err));
    (void)sold_by(shop, shop_coupon(NO_LEASE, 2));
    assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
    assert_rc(shop_view(shop).coupons[0].rc, CF_E_COUPON_LEASE); /* the shopper sees the price without it */
    assert_int_equal(shop_due(shop), 5000);
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_redemptions, 0);
    cf_sale_free(sale);
    shop_verify(shop);
}

/* --- money and days ----------------------------------------------------------------------------------------------- */

static void lend(struct shop *shop, uint32_t campaign, struct cf_sublease lent)
{
    lent.hub_epoch = 4;
    if (lent.keep == 0)
        lent.keep = CF_HUB_SUBLEASE_WANT_MAX;
    shop_send_hub(shop, 4);
    shop_send_sublease_of(shop, campaign, &lent);
    shop_restart(shop);
    shop->lan_rc = NO_HUB;
}

/* Each takes 3.00 off. */
static void what_the_hub_lent_in_money_is_not_exceeded_by_a_cent(void **state)
{
    struct shop *shop = *state;
    static const enum cf_right_source from[] = {CF_RIGHT_LEASE, CF_RIGHT_LEASE, CF_RIGHT_SUBLEASE, CF_RIGHT_SUBLEASE};
    lend(shop, CASHED, (struct cf_sublease){.granted = 5, .granted_minor = 700});
    for (uint32_t k = 0; k < 4; k++) { /* after two, 1.00 of its own is left, which is not enough */
        assert_int_equal(sold_by(shop, shop_coupon(CASHED, k)).source, from[k]);
        shop_restart(shop);
    }
    struct cf_sublease_used used = used_of(shop, CASHED, 4);
    assert_true(used.spent == 2 && used.spent_minor == 600);
    assert_ok(shop_scan(shop, SOAP)); /* of both 1.00 is left, and rights */
    assert_ok(shop_scan(shop, shop_coupon(CASHED, 4)));
    assert_rc(shop_view(shop).coupons[0].rc, CF_E_COUPON_LEASE);
    assert_int_equal(shop_due(shop), 1000);
    (void)shop_pay_all(shop);
    assert_int_equal(used_of(shop, CASHED, 4).spent, 2);
    shop_verify(shop);
}

static void coupons_of_one_basket_share_what_the_hub_lent(void **state)
{
    struct shop *shop = *state;
    (void)sold_by(shop, shop_coupon(CASHED, 1));
    (void)sold_by(shop, shop_coupon(CASHED, 2)); /* of its own 1.00 is left */
    lend(shop, CASHED, (struct cf_sublease){.granted = 9, .granted_minor = 800});
    assert_ok(shop_scan(shop, TEA));
    for (uint32_t k = 3; k < 6; k++)
        assert_ok(shop_scan(shop, shop_coupon(CASHED, k)));
    assert_int_equal(shop_view(shop).priced->discount_minor, 600);
    (void)shop_pay_all(shop);
    assert_int_equal(used_of(shop, CASHED, 4).spent_minor, 600);
    shop_verify(shop);
}

static void a_share_of_a_day_that_the_hub_lent_is_worth_nothing_on_another(void **state)
{
    struct shop *shop = *state;
    struct cf_sublease lent = {.granted = 5, .day = till_today(shop), .day_granted = 1};
    lend(shop, DAILY, lent);
    for (uint32_t k = 0; k < 3; k++) /* two of its own share, one of what was lent */
        assert_int_equal(sold_by(shop, shop_coupon(DAILY, k)).source, k < 2 ? CF_RIGHT_LEASE : CF_RIGHT_SUBLEASE);
    assert_rc(shop_scan(shop, shop_coupon(DAILY, 3)), CF_E_COUPON_LIMIT);
    shop->wall_us += 86400 * CF_US_PER_S;
    shop->mono_us += 86400 * CF_US_PER_S;
    shop_restart(shop);
    assert_int_equal(sold_by(shop, shop_coupon(DAILY, 3)).source, CF_RIGHT_LEASE);
    assert_rc(shop_scan(shop, shop_coupon(DAILY, 4)), CF_E_COUPON_LEASE); /* four are lent still, none for today */
    lent.day = till_today(shop);
    lend(shop, DAILY, lent);
    assert_int_equal(sold_by(shop, shop_coupon(DAILY, 4)).source, CF_RIGHT_SUBLEASE);
    assert_rc(shop_scan(shop, shop_coupon(DAILY, 5)), CF_E_COUPON_LEASE);
    shop_verify(shop);
}

static void money_goes_back_to_the_hub_in_proportion_and_is_not_spent(void **state)
{
    struct shop *shop = *state;
    struct cf_campaign campaign = shop_campaign(CASHED);
    lend(shop, CASHED, (struct cf_sublease){.granted = 4, .granted_minor = 1200, .keep = 3});
    rest_later(shop);
    assert_true(used_of(shop, CASHED, 4).returned == 1 && used_of(shop, CASHED, 4).returned_minor == 300);
    campaign.version = campaign.promotion.version = 2;
    campaign.stopped = true;
    shop_send_campaign(shop, &campaign);
    rest_later(shop);
    assert_true(used_of(shop, CASHED, 4).returned == 4 && used_of(shop, CASHED, 4).returned_minor == 1200);
    shop_verify(shop);
}

/* --- giving back -------------------------------------------------------------------------------------------------- */

static void what_is_lent_beyond_what_is_to_be_kept_goes_back_and_is_not_spent(void **state)
{
    struct shop *shop = *state;
    uint64_t seq = 0;
    shop_send_hub(shop, 4);
    shop_send_sublease(shop, NO_LEASE, 3, 1); /* of a hub that is over: nobody to give it to */
    shop_send_sublease_to_keep(shop, NO_LEASE, 4, 5, 2);
    shop_restart(shop);
    shop->lan_rc = NO_HUB;
    (void)sold_by(shop, shop_coupon(NO_LEASE, 0));
    assert_int_equal(used_of(shop, NO_LEASE, 4).returned, 0);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_int_equal(used_of(shop, NO_LEASE, 4).returned, 0); /* a sale is open */
    (void)shop_pay_all(shop);
    rest_later(shop);
    assert_true(shop_last_is(shop, CF_RECORD_SUBLEASE_RETURN));
    assert_int_equal(used_of(shop, NO_LEASE, 4).returned, 2);
    assert_int_equal(used_of(shop, NO_LEASE, 3).returned, 0);
    uint64_t records = shop_records(shop);
    rest_later(shop);
    assert_int_equal(shop_records(shop), records);
    assert_ok(cf_journal_next_sublease_return(cf_till_journal(shop->till), 4, 0, &seq, &shop->err));
    assert_int_equal(seq, records);
    assert_ok(cf_journal_next_sublease_return(cf_till_journal(shop->till), 4, seq, &seq, &shop->err));
    assert_int_equal(seq, 0);
    assert_ok(cf_journal_next_sublease_return(cf_till_journal(shop->till), 3, 0, &seq, &shop->err));
    assert_int_equal(seq, 0);
    shop_restart(shop);
    for (uint32_t k = 1; k < 4; k++) /* two of hub 4, one of hub 3 */
        (void)sold_by(shop, shop_coupon(NO_LEASE, k));
    assert_rc(shop_scan(shop, shop_coupon(NO_LEASE, 4)), CF_E_COUPON_LEASE);
    shop_verify(shop);
}

static void of_a_campaign_that_is_over_all_goes_back_but_what_a_parked_sale_may_need(void **state)
{
    struct shop *shop = *state;
    struct cf_campaign campaign = shop_campaign(NO_LEASE);
    struct cf_till_report report;
    join_hub(shop);
    shop->lan_rc = NO_HUB;
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, shop_coupon(NO_LEASE, 1)));
    assert_ok(cf_till_park(shop->till, "bag", &shop->err));
    campaign.version = campaign.promotion.version = 2;
    campaign.stopped = true;
    shop_send_campaign(shop, &campaign);
    rest_later(shop);
    assert_int_equal(used_of(shop, NO_LEASE, 4).returned, 0);
    assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    assert_int_equal(used_of(shop, NO_LEASE, 4).returned, 2);
    shop_verify(shop);
}

static void the_hub_s_till_tells_what_the_hub_lowered_once(void **state)
{
    struct shop *shop = *state;
    shop_send_hub_role(shop, 4);
    shop_send_store_lease(shop, NO_LEASE, 4, 9, 5);
    shop_restart(shop);
    shop->lan_rc = NO_HUB;
    rest_later(shop);
    assert_int_equal(used_of(shop, NO_LEASE, 4).store_returned, 0);
    shop->lan_rc = CF_E_TIMEOUT; /* it did as asked, and the answer was lost */
    shop->lan_lowered = 3;
    rest_later(shop);
    assert_int_equal(used_of(shop, NO_LEASE, 4).store_returned, 0);
    shop->lan_rc = CF_OK;
    rest_later(shop);
    assert_int_equal(shop->lan_keep, 5);
    assert_true(shop_last_is(shop, CF_RECORD_STORE_LEASE_RETURN));
    assert_int_equal(used_of(shop, NO_LEASE, 4).store_returned, 3);
    shop_restart(shop);
    uint64_t records = shop_records(shop);
    rest_later(shop);
    assert_int_equal(shop_records(shop), records);
    shop->lan_lowered = 4;
    shop->lan_lowered_minor = 120;
    rest_later(shop);
    assert_int_equal(used_of(shop, NO_LEASE, 4).store_returned, 4);
    assert_int_equal(used_of(shop, NO_LEASE, 4).store_returned_minor, 120);
    struct cf_campaign campaign = shop_campaign(NO_LEASE);
    campaign.version = campaign.promotion.version = 2;
    campaign.stopped = true;
    shop_send_campaign(shop, &campaign);
    rest_later(shop);
    assert_int_equal(shop->lan_keep, 0);
    shop_verify(shop);
}

static void only_the_hub_s_own_till_gives_back_for_the_store(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    shop_send_store_lease(shop, NO_LEASE, 4, 9, 0);
    shop->lan_lowered = 3;
    rest_later(shop);
    assert_int_equal(shop->givebacks, 0);
    assert_int_equal(used_of(shop, NO_LEASE, 4).store_returned, 0);
}

/* --- coupons pinned to the store ---------------------------------------------------------------------------------- */

static void a_coupon_pinned_to_the_store_needs_the_hub(void **state)
{
    struct shop *shop = *state;
    assert_rc(shop_scan(shop, store_coupon(1)), CF_E_COUPON_HOME_NEWER); /* no hub was heard of */
    join_hub(shop);
    struct cf_redemption r = sold_by(shop, store_coupon(1));
    assert_int_equal(r.source, CF_RIGHT_STORE);
    assert_int_equal(r.hub_epoch, 4);
    assert_int_equal(r.policy, CF_POLICY_PINNED);
    shop->lan_rc = NO_HUB;
    assert_rc(shop_scan(shop, store_coupon(2)), CF_E_COUPON_HUB);
    assert_rc(shop_scan(shop, store_coupon(2)), CF_E_COUPON_HUB);
    /* One that is pinned to this very till needs nobody. */
    assert_int_equal(sold_by(shop, shop_coupon(PINNED, 3)).source, CF_RIGHT_HOME);
    shop->lan_rc = CF_OK;
    after_the_pause(shop);
    (void)sold_by(shop, store_coupon(2));
    shop_verify(shop);
}

/* Lanes that still hear the hub before may honour what was pinned to it, and lanes that hear the next one what is
 * pinned since: no coupon is good at both. */
static void a_coupon_pinned_to_the_store_is_good_by_one_hub(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    assert_rc(shop_scan(shop, store_coupon_of(3, 1)), CF_E_COUPON_HOME_LOST);
    assert_rc(shop_scan(shop, store_coupon_of(5, 2)), CF_E_COUPON_HOME_NEWER);
    assert_int_equal(shop->claimed, 0); /* nobody was asked for them */
    (void)sold_by(shop, store_coupon(3));
    shop_verify(shop);
}

/* --- without the hub, and in doubt -------------------------------------------------------------------------------- */

static void without_the_hub_each_till_spends_its_own(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    shop->lan_rc = NO_HUB;
    assert_int_equal(sold_by(shop, shop_coupon(LEASED, 1)).source, CF_RIGHT_LEASE);
    assert_int_equal(shop->claimed, 0);
    shop->lan_rc = CF_OK; /* it is back, but is given a moment */
    (void)sold_by(shop, shop_coupon(LEASED, 2));
    assert_int_equal(shop->claimed, 0);
    after_the_pause(shop);
    (void)sold_by(shop, shop_coupon(LEASED, 3));
    assert_int_equal(shop->claimed, 1);
}

static void a_hub_that_says_it_is_none_is_as_none(void **state)
{
    static const enum cf_rc ways[] = {CF_E_HUB_FENCED, CF_E_HUB_EPOCH, CF_E_CERTIFICATE};
    struct shop *shop = *state;
    join_hub(shop);
    for (uint32_t k = 0; k < 3; k++) {
        shop->lan_refusal = ways[k];
        assert_int_equal(sold_by(shop, shop_coupon(LEASED, k)).source, CF_RIGHT_LEASE);
        after_the_pause(shop);
    }
    assert_int_equal(shop->released, 0);
}

static void a_hub_that_does_not_answer_leaves_doubt(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    shop->lan_rc = CF_E_TIMEOUT;
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_HUB);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
    assert_int_equal(shop->claimed, 1);
    /* Until that is settled this till does not accept the same right by its own lease; another one it does. */
    shop->lan_rc = NO_HUB;
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_ONLINE);
    (void)sold_by(shop, shop_coupon(LEASED, 2));
    shop_restart(shop);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_ONLINE);
    shop_acknowledge(shop);
    shop_restart(shop);
    (void)sold_by(shop, shop_coupon(LEASED, 1));
    shop_verify(shop);
}

static void a_kill_between_asking_and_answer_gives_the_right_back(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    assert_ok(shop_scan(shop, TEA));
    shop->lan_refusal = CF_E_BUSY; /* it may have been taken: as a kill before the answer was kept */
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_HUB);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
}

static void a_cancelled_sale_gives_back_what_the_hub_held(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_int_equal(shop->released, 1);
    assert_memory_equal(shop->released_key, shop->claimed_key, sizeof shop->released_key);
    (void)sold_by(shop, shop_coupon(LEASED, 1)); /* no doubt is left: the hub heard, and the centre was not asked */
    /* If the hub does not hear it, the record tells it later; until then the right is in doubt here. */
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 2)));
    shop->lan_rc = NO_HUB;
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 2)), CF_E_COUPON_ONLINE);
}

static void a_coupon_without_effect_goes_back_to_the_hub(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    assert_ok(shop_scan(shop, SOAP)); /* below the minimum */
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
    (void)shop_pay_all(shop);
    assert_int_equal(shop->released, 1);
    assert_memory_equal(shop->released_key, shop->claimed_key, sizeof shop->released_key);
}

static void a_till_that_the_hub_sets_apart_spends_nothing(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    shop->lan_refusal = CF_E_FENCED;
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_QUARANTINED);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_QUARANTINED);
}

/* --- a hub that fell back ----------------------------------------------------------------------------------------- */

static void a_hub_that_fell_back_is_not_believed(void **state)
{
    struct shop *shop = *state;
    join_hub(shop);
    shop->lan_witness.seq = 50;
    (void)sold_by(shop, shop_coupon(LEASED, 1));
    assert_ok(shop_scan(shop, TEA));
    shop->lan_witness.seq = 10; /* an old disk */
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 2)), CF_E_COUPON_HUB);
    assert_true(shop->lan_asked.has_witness);
    assert_int_equal(shop->lan_asked.witness.seq, 51); /* it was shown what this till had seen */
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
    shop_restart(shop);
    after_the_pause(shop);
    shop->lan_witness.seq = 11; /* and is remembered over a restart */
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 3)), CF_E_COUPON_HUB);
    shop_send_hub(shop, 5); /* until there is a new one */
    shop_restart(shop);
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 4)));
}

int main(void)
{
#define in_shop(test) cmocka_unit_test_setup_teardown(test, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        in_shop(the_hub_is_asked_before_a_lease_is_spent),
        in_shop(what_the_hub_refuses_is_refused_by_its_reason),
        in_shop(the_hub_then_the_centre_are_asked_with_one_key),
        in_shop(a_refusal_of_the_hub_leaves_no_doubt_over_a_restart),
        in_shop(what_the_centre_refuses_goes_back_to_the_hub),
        in_shop(a_coupon_without_anything_left_for_it_is_not_asked_for),
        in_shop(a_sub_lease_is_spent_once_the_own_lease_is_used_up_and_no_further),
        in_shop(sub_leases_of_two_hubs_are_spent_each_for_itself),
        in_shop(a_parked_sale_cannot_spend_a_sub_lease_that_is_gone),
        in_shop(what_is_lent_beyond_what_is_to_be_kept_goes_back_and_is_not_spent),
        in_shop(of_a_campaign_that_is_over_all_goes_back_but_what_a_parked_sale_may_need),
        in_shop(what_the_hub_lent_in_money_is_not_exceeded_by_a_cent),
        in_shop(coupons_of_one_basket_share_what_the_hub_lent),
        in_shop(a_share_of_a_day_that_the_hub_lent_is_worth_nothing_on_another),
        in_shop(money_goes_back_to_the_hub_in_proportion_and_is_not_spent),
        in_shop(the_hub_s_till_tells_what_the_hub_lowered_once),
        in_shop(only_the_hub_s_own_till_gives_back_for_the_store),
        in_shop(a_coupon_pinned_to_the_store_needs_the_hub),
        in_shop(a_coupon_pinned_to_the_store_is_good_by_one_hub),
        in_shop(without_the_hub_each_till_spends_its_own),
        in_shop(a_hub_that_says_it_is_none_is_as_none),
        in_shop(a_hub_that_does_not_answer_leaves_doubt),
        in_shop(a_kill_between_asking_and_answer_gives_the_right_back),
        in_shop(a_cancelled_sale_gives_back_what_the_hub_held),
        in_shop(a_coupon_without_effect_goes_back_to_the_hub),
        in_shop(a_till_that_the_hub_sets_apart_spends_nothing),
        in_shop(a_hub_that_fell_back_is_not_believed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("tills and their hub", tests, NULL, NULL);
}
