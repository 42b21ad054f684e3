/*
 * tests/unit/terminal/till_coupon_test.c - when a till takes a coupon offline or by the centre's word, and each refusal
 * by its name.
 */
#include <string.h>

#include "tests/unit/terminal/till_support.h"

/* A sale with one cream, tea and this coupon, paid. */
static struct cf_till_sold redeem(struct shop *shop, const char *coupon)
{
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, coupon));
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.coupons[view.n_coupons - 1].rc, CF_OK);
    return shop_pay_all(shop);
}

static void an_offline_till_takes_what_was_leased_or_pinned_to_it(void **state)
{
    struct shop *shop = *state;
    (void)redeem(shop, shop_coupon(LEASED, 1));
    (void)redeem(shop, shop_coupon(PINNED, 1));
    assert_int_equal(shop->asked, 0);
    shop_verify(shop);
}

static const char *pinned_in_epoch(uint32_t epoch, uint32_t index)
{
    struct cf_coupon coupon = shop_coupon_fields(PINNED, index);
    coupon.home_epoch = epoch;
    return shop_sign_coupon(&coupon, KID_ALL, ISSUER);
}

/* Its old journal, which knew what was spent here, is gone, and the replica was filled before. */
static void a_till_enrolled_again_spends_nothing_pinned_before_it_has_pulled(void **state)
{
    struct shop *shop = *state;
    shop_acknowledge(shop);
    shop_enrol_again(shop);
    assert_rc(shop_scan(shop, pinned_in_epoch(2, 1)), CF_E_COUPON_ONLINE);
    struct cf_till_report report;
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    assert_int_equal(report.acknowledged_seq, 0);
    assert_rc(shop_scan(shop, pinned_in_epoch(2, 1)), CF_E_COUPON_ONLINE);
    shop_sell(shop, TEA); /* a record of the new epoch, which the old acknowledgement does not cover */
    shop_restart(shop);
    assert_rc(shop_scan(shop, pinned_in_epoch(2, 1)), CF_E_COUPON_ONLINE);
    shop_send_redeemed(shop, PINNED, 1);
    shop_pulled(shop);
    shop_restart(shop);
    assert_rc(shop_scan(shop, pinned_in_epoch(2, 1)), CF_E_COUPON_SPENT);
    (void)redeem(shop, pinned_in_epoch(2, 2));
}

/* A machine that was given up for lost goes on, and is never told: it has what was pinned before, its successor what
 * is pinned since, and neither takes or gives up what is the other's. */
static void what_is_pinned_belongs_to_one_epoch_of_its_till(void **state)
{
    struct shop *shop = *state;
    const char *before = shop_coupon(PINNED, 1), *since = pinned_in_epoch(2, 2);
    struct cf_coupon coupon;
    assert_rc(shop_scan(shop, since), CF_E_COUPON_HOME_NEWER);
    assert_rc(cf_till_release(shop->till, cf_bytes_str(since), &coupon, &shop->err), CF_E_COUPON_HOME);
    (void)redeem(shop, before);
    shop_enrol_again(shop);
    shop_pulled(shop);
    shop_restart(shop);
    assert_rc(shop_scan(shop, shop_coupon(PINNED, 3)), CF_E_COUPON_HOME_LOST); /* it may have been used there */
    assert_rc(cf_till_release(shop->till, cf_bytes_str(shop_coupon(PINNED, 3)), &coupon, &shop->err), CF_E_COUPON_HOME);
    (void)redeem(shop, since);
    assert_rc(shop_scan(shop, since), CF_E_COUPON_SPENT);
    assert_ok(cf_till_release(shop->till, cf_bytes_str(pinned_in_epoch(2, 4)), &coupon, &shop->err));
    assert_rc(shop_scan(shop, pinned_in_epoch(2, 4)), CF_E_COUPON_GENERATION);
}

static size_t issued_on_the_next_sale(struct shop *shop)
{
    (void)shop_sell(shop, TEA);
    struct cf_sale *sale = shop_sale_of(shop, shop_records(shop));
    size_t n = sale->n_issued;
    cf_sale_free(sale);
    return n;
}

/* Of a chain's thousands of grants a till has its own, and those that are over take no place. */
static void a_till_finds_its_own_grant_among_thousands(void **state)
{
    struct shop *shop = *state;
    assert_int_equal(issued_on_the_next_sale(shop), 1);
    shop_close(shop);
    shop_send_grants(shop, CF_KEYRING_GRANTS_MAX, TEST_NOW_S + TEST_DAY_S);
    shop_open(shop);
    assert_int_equal(issued_on_the_next_sale(shop), 1);
}

static void grants_that_are_over_take_no_place(void **state)
{
    struct shop *shop = *state;
    shop_close(shop);
    shop_send_grants(shop, CF_KEYRING_GRANTS_MAX, TEST_NOW_S - 30 * TEST_DAY_S);
    shop_open(shop);
    assert_null(cf_keyring_grant(cf_till_keyring(shop->till), (cf_kid){{0, 0, 0, 1}}));
    assert_non_null(cf_keyring_grant(cf_till_keyring(shop->till), test_grant().grant_id));
}

static const cf_sub stranger = {{9, 9, 9, 9, 9, 9, 9, 9}};

struct row {
    enum cf_rc rc;
    uint32_t campaign;
    const char *why;
    void (*change)(struct cf_coupon *coupon);
    cf_kid kid; /* 0: the issuer's */
    enum test_key key;
    int member; /* 0: none, 1: a card, 2: a phone */
};

static void expired(struct cf_coupon *coupon)
{
    coupon->exp_s = TEST_NOW_S - TEST_DAY_S;
}

static void elsewhere(struct cf_coupon *coupon)
{
    coupon->home = SHOP_TILL + 1;
}

static void unpinned(struct cf_coupon *coupon)
{
    coupon->pinned = false;
    coupon->home = coupon->home_epoch = 0;
}

static void of_the_member(struct cf_coupon *coupon)
{
    coupon->bound = true;
    coupon->sub = test_card().sub;
}

static void of_a_stranger(struct cf_coupon *coupon)
{
    coupon->bound = true;
    coupon->sub = stranger;
}

static void a_refusal_has_a_name(void **state)
{
    struct shop *shop = *state;
    static const struct row rows[] = {
        {CF_E_COUPON_CAMPAIGN, 999, "a campaign that this till does not know", NULL, {{0}}, ISSUER, 0},
        {CF_E_COUPON_EXPIRED, LEASED, "good until yesterday", expired, {{0}}, ISSUER, 0},
        {CF_E_COUPON_EARLY, EARLY, "the campaign begins tomorrow", NULL, {{0}}, ISSUER, 0},
        {CF_E_COUPON_ENDED, ENDED, "the campaign ended yesterday", NULL, {{0}}, ISSUER, 0},
        {CF_E_COUPON_ENDED, STOPPED, "stopped by marketing", NULL, {{0}}, ISSUER, 0},
        {CF_E_COUPON_STORE, OTHER_STORE, "for another store", NULL, {{0}}, ISSUER, 0},
        {CF_E_COUPON_CHANNEL, ONLINE_SHOP, "for the online shop", NULL, {{0}}, ISSUER, 0},
        {CF_E_COUPON_HOME, PINNED, "reserved for another place", elsewhere, {{0}}, ISSUER, 0},
        {CF_E_COUPON_ONLINE, PINNED, "of a pinned campaign, but pinned nowhere", unpinned, {{0}}, ISSUER, 0},
        {CF_E_COUPON_ONLINE, ONLINE_ONLY, "online only, and there is no link", NULL, {{0}}, ISSUER, 0},
        {CF_E_COUPON_LEASE, NO_LEASE, "nothing was leased to this till", NULL, {{0}}, ISSUER, 0},
        {CF_E_MEMBER_REQUIRED, LEASED, "bound, and nobody was scanned", of_the_member, {{0}}, ISSUER, 0},
        {CF_E_MEMBER_STATIC, LEASED, "bound, and only a printed card", of_the_member, {{0}}, ISSUER, 1},
        {CF_E_MEMBER_OTHER, LEASED, "bound to somebody else", of_a_stranger, {{0}}, ISSUER, 2},
        {CF_E_CODE_KEY, LEASED, "signed by nobody we know", NULL, {{0x66, 0x66, 0x66, 0x66}}, STRANGER, 0},
        {CF_E_CODE_SIGNATURE, LEASED, "signed by another than the kid says", NULL, {{0x10, 0, 0, 1}}, STRANGER, 0},
        {CF_E_CODE_USAGE, LEASED, "a key for pages only", NULL, {{0x10, 0, 0, 2}}, ISSUER, 0},
        {CF_E_CODE_KEY, LEASED, "a key that ended a week ago", NULL, {{0x10, 0, 0, 3}}, ISSUER, 0},
        {CF_E_CODE_KEY, LEASED, "a key that begins in a week", NULL, {{0x10, 0, 0, 4}}, ISSUER, 0},
        {CF_E_CODE_USAGE, LEASED, "a till's grant, but for another campaign", NULL, {{0x20, 0, 0, 1}}, TILL, 0},
        {CF_E_CODE_USAGE, ISSUED, "a serial outside the till's grant", NULL, {{0x20, 0, 0, 1}}, TILL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct cf_coupon coupon = shop_coupon_fields(row->campaign, 500 + (uint32_t)i);
        if (row->change)
            row->change(&coupon);
        if (row->member)
            assert_ok(shop_scan(shop, row->member == 1 ? shop_card() : shop_member(shop, 100 + i)));
        cf_kid kid = row->kid.b[0] ? row->kid : KID_ALL;
        size_t before = shop_view(shop).n_coupons;
        enum cf_rc rc = shop_scan(shop, shop_sign_coupon(&coupon, kid, row->key));
        if (rc != row->rc)
            fail_msg("%s: %s (%s), not %s", row->why, cf_rc_name(rc), shop->err.detail, cf_rc_name(row->rc));
        assert_int_equal(shop_view(shop).n_coupons, before);
        if (row->member)
            assert_ok(cf_till_cancel(shop->till, &shop->err));
        assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    }
}

static void a_spent_right_stays_spent(void **state)
{
    struct shop *shop = *state;
    (void)redeem(shop, shop_coupon(LEASED, 1));
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_SPENT);
    shop_restart(shop);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_SPENT);
    /* The same right in other bytes: pinned, with another expiry. */
    struct cf_coupon again = shop_coupon_fields(LEASED, 1);
    again.exp_s += 1000;
    assert_rc(shop_scan(shop, shop_sign_coupon(&again, KID_ALL, ISSUER)), CF_E_COUPON_SPENT);
    /* The centre says that it was redeemed elsewhere. */
    shop_send_redeemed(shop, LEASED, 2);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 2)), CF_E_COUPON_SPENT);
}

static void a_coupon_is_on_a_sale_once(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, shop_coupon(PINNED, 1)));
    assert_rc(shop_scan(shop, shop_coupon(PINNED, 1)), CF_E_COUPON_TWICE);
    shop_restart(shop);
    assert_rc(shop_scan(shop, shop_coupon(PINNED, 1)), CF_E_COUPON_TWICE);
}

static void a_sale_takes_so_many_coupons(void **state)
{
    struct shop *shop = *state;
    for (uint32_t k = 0; k < CF_SALE_COUPONS_MAX; k++)
        assert_ok(shop_scan(shop, shop_coupon(PINNED, k)));
    assert_rc(shop_scan(shop, shop_coupon(PINNED, CF_SALE_COUPONS_MAX)), CF_E_LIMIT);
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_quantity(shop->till, 0, 9000, &shop->err));
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_redemptions, CF_SALE_COUPONS_MAX);
    cf_sale_free(sale);
}

static void a_lease_is_spent_and_no_more(void **state)
{
    struct shop *shop = *state;
    (void)redeem(shop, shop_coupon(LEASED, 1));
    (void)redeem(shop, shop_coupon(LEASED, 2));
    shop_restart(shop);
    (void)redeem(shop, shop_coupon(LEASED, 3));
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 4)), CF_E_COUPON_LEASE);
    shop_restart(shop);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 4)), CF_E_COUPON_LEASE);
    shop_send_lease(shop, LEASED, 4); /* cumulative: one more */
    (void)redeem(shop, shop_coupon(LEASED, 4));
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 5)), CF_E_COUPON_LEASE);
}

static void coupons_on_the_open_sale_count_against_the_lease(void **state)
{
    struct shop *shop = *state;
    for (uint32_t k = 0; k < 3; k++)
        assert_ok(shop_scan(shop, shop_coupon(LENIENT, k)));
    assert_rc(shop_scan(shop, shop_coupon(LENIENT, 3)), CF_E_COUPON_LEASE);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(shop_scan(shop, shop_coupon(LENIENT, 3))); /* a cancelled sale spent nothing */
}

/* Two parked sales hold the same coupon; the first that is paid has it. */
static void a_coupon_of_two_parked_sales_is_spent_once(void **state)
{
    struct shop *shop = *state;
    const char *const labels[2] = {"one", "two"};
    for (size_t k = 0; k < 2; k++) {
        assert_ok(shop_scan(shop, SOAP));
        assert_ok(shop_scan(shop, shop_coupon(PINNED, 1)));
        assert_ok(cf_till_park(shop->till, labels[k], &shop->err));
    }
    assert_ok(cf_till_recall(shop->till, "one", &shop->err));
    (void)shop_pay_all(shop);
    assert_ok(cf_till_recall(shop->till, "two", &shop->err));
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 700, "", NULL), CF_E_COUPON_SPENT);
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.state, CF_CHECKOUT_SELLING); /* still open, the money was given back */
    assert_int_equal(view.tenders->n, 0);
    shop_restart(shop);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    shop_verify(shop);
}

/* Nor is one spent that was called back while the sale waited: what this till writes then is evidence that it is not.
 */
static void a_pinned_coupon_of_a_parked_sale_is_not_spent_once_its_generation_is_over(void **state)
{
    struct shop *shop = *state;
    struct cf_down_entry over = {.kind = CF_DOWN_GENERATION};
    struct cf_coupon coupon = shop_coupon_fields(PINNED, 1);
    over.generation.campaign = PINNED;
    over.generation.index = 1;
    over.generation.generation = coupon.generation + 1;
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, shop_coupon(PINNED, 1)));
    assert_ok(cf_till_park(shop->till, "one", &shop->err));
    shop_send(shop, CF_TOPIC_REDEEMED, &over);
    (void)shop_sell(shop, SOAP);
    assert_ok(cf_till_recall(shop->till, "one", &shop->err));
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 700, "", NULL), CF_E_COUPON_GENERATION);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    (void)shop_sell(shop, SOAP);
    shop_verify(shop);
}

/* The same with the last right of a lease. */
static void a_lease_of_two_parked_sales_is_spent_once(void **state)
{
    struct shop *shop = *state;
    for (uint32_t k = 0; k < 4; k++) {
        const char *const labels[4] = {"a", "b", "c", "d"};
        assert_ok(shop_scan(shop, SOAP));
        assert_ok(shop_scan(shop, shop_coupon(LENIENT, k)));
        assert_ok(cf_till_park(shop->till, labels[k], &shop->err));
    }
    assert_ok(cf_till_recall(shop->till, "a", &shop->err));
    (void)shop_pay_all(shop);
    assert_ok(cf_till_recall(shop->till, "b", &shop->err));
    (void)shop_pay_all(shop);
    assert_ok(cf_till_recall(shop->till, "c", &shop->err));
    (void)shop_pay_all(shop);
    assert_ok(cf_till_recall(shop->till, "d", &shop->err));
    struct cf_till_view view = shop_view(shop);
    assert_rc(view.coupons[0].rc, CF_E_COUPON_LEASE); /* it has no effect any more, and the price says so */
    assert_int_equal(shop_due(shop), 1000);
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_redemptions, 0);
    cf_sale_free(sale);
    shop_verify(shop);
}

/* --- money and days -------------------------------------------------------------------------------------------------
 */

static struct cf_redemption redemption_of(struct shop *shop, uint64_t seq)
{
    struct cf_sale *sale = shop_sale_of(shop, seq);
    assert_int_equal(sale->n_redemptions, 1);
    struct cf_redemption redemption = sale->redemptions[0];
    cf_sale_free(sale);
    return redemption;
}

static void what_is_risked_offline_never_passes_the_risk_lease(void **state)
{
    struct shop *shop = *state;
    for (uint32_t k = 0; k < 3; k++) {
        struct cf_till_sold sold = redeem(shop, shop_coupon(RISKY, k));
        assert_int_equal(redemption_of(shop, sold.at.seq).source, CF_RIGHT_RISK);
    }
    shop_restart(shop);
    /* 1.00 is left: the fourth is genuine and held, and would take 3.00 off. */
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, shop_coupon(RISKY, 4)));
    struct cf_till_view view = shop_view(shop);
    assert_rc(view.coupons[0].rc, CF_E_COUPON_RISK);
    assert_string_equal(view.coupons[0].reason, "takes \xc2\xa5"
                                                "3.00 off, \xc2\xa5"
                                                "1.00 is left offline: \xc2\xa5"
                                                "2.00 too much");
    assert_int_equal(shop_due(shop), 1000);
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_redemptions, 0);
    cf_sale_free(sale);
    /* More is granted once what was used is known at the centre: cumulative. */
    shop_send_grant_of(shop,
                       &(struct cf_lease_grant){.campaign = RISKY, .epoch = 1, .granted_minor = 1200, .keep = 1200});
    (void)redeem(shop, shop_coupon(RISKY, 4));
    assert_rc(shop_scan(shop, shop_coupon(RISKY, 5)), CF_E_COUPON_RISK);
    shop_verify(shop);
}

/* A basket may take more than one: what both cost together counts, and the last cent may be given. */
static void coupons_of_one_basket_share_what_may_be_risked(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, TEA));
    for (uint32_t k = 0; k < 4; k++)
        assert_ok(shop_scan(shop, shop_coupon(RISKY, k)));
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.priced->discount_minor, 900);
    assert_rc(view.coupons[3].rc, CF_E_COUPON_RISK);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    shop_send_grant_of(shop,
                       &(struct cf_lease_grant){.campaign = RISKY, .epoch = 1, .granted_minor = 1200, .keep = 1200});
    assert_ok(shop_scan(shop, TEA));
    for (uint32_t k = 0; k < 4; k++)
        assert_ok(shop_scan(shop, shop_coupon(RISKY, k)));
    assert_int_equal(shop_view(shop).priced->discount_minor, 1200);
    (void)shop_pay_all(shop);
    struct cf_lease_used used;
    assert_ok(cf_journal_lease_use(cf_till_journal(shop->till), RISKY, &used, &shop->err));
    assert_true(used.spent == 0 && used.spent_minor == 1200);
    assert_rc(shop_scan(shop, shop_coupon(RISKY, 9)), CF_E_COUPON_RISK);
}

static void a_lease_in_money_is_not_exceeded_by_a_cent(void **state)
{
    struct shop *shop = *state;
    (void)redeem(shop, shop_coupon(CASHED, 1));
    (void)redeem(shop, shop_coupon(CASHED, 2));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, shop_coupon(CASHED, 3))); /* a right is left, and 1.00 */
    assert_rc(shop_view(shop).coupons[0].rc, CF_E_COUPON_LEASE);
    (void)shop_pay_all(shop);
    shop_send_grant_of(shop,
                       &(struct cf_lease_grant){.campaign = CASHED, .epoch = 1, .granted = 3, .granted_minor = 900});
    (void)redeem(shop, shop_coupon(CASHED, 3));
    assert_rc(shop_scan(shop, shop_coupon(CASHED, 4)), CF_E_COUPON_LEASE);
}

static void the_share_of_a_day_is_used_up_and_comes_again_tomorrow(void **state)
{
    struct shop *shop = *state;
    (void)redeem(shop, shop_coupon(DAILY, 1));
    (void)redeem(shop, shop_coupon(DAILY, 2));
    assert_rc(shop_scan(shop, shop_coupon(DAILY, 3)), CF_E_COUPON_LIMIT);
    shop_restart(shop);
    assert_rc(shop_scan(shop, shop_coupon(DAILY, 3)), CF_E_COUPON_LIMIT);
    shop->wall_us += 86400 * CF_US_PER_S;
    shop->mono_us += 86400 * CF_US_PER_S;
    (void)redeem(shop, shop_coupon(DAILY, 3));
    assert_rc(shop_scan(shop, shop_coupon(DAILY, 4)), CF_E_COUPON_LEASE);
    shop_verify(shop);
}

/* --- giving back ----------------------------------------------------------------------------------------------------
 */

static void assert_given_back(struct shop *shop, uint32_t campaign, int64_t units, int64_t minor)
{
    struct cf_lease_used used;
    assert_ok(cf_journal_lease_use(cf_till_journal(shop->till), campaign, &used, &shop->err));
    assert_int_equal(used.returned, units);
    assert_int_equal(used.returned_minor, minor);
}

static void what_is_not_to_be_kept_is_given_back_once_the_till_rests(void **state)
{
    struct shop *shop = *state;
    uint64_t before = shop_records(shop);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_int_equal(shop_records(shop), before);
    (void)redeem(shop, shop_coupon(CASHED, 1));
    before = shop_records(shop);
    shop_send_lease(shop, LENIENT, 3);
    shop_send_grant_of(shop, &(struct cf_lease_grant){.campaign = LENIENT, .epoch = 1, .granted = 3, .keep = 1});
    shop_send_grant_of(
        shop, &(struct cf_lease_grant){.campaign = CASHED, .epoch = 1, .granted = 3, .granted_minor = 700, .keep = 1});
    shop_send_grant_of(shop,
                       &(struct cf_lease_grant){.campaign = RISKY, .epoch = 1, .granted_minor = 1000, .keep = 250});
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_int_equal(shop_records(shop), before); /* a sale is open */
    (void)shop_pay_all(shop);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_int_equal(shop_records(shop), before + 1 + 3);
    assert_given_back(shop, LENIENT, 2, 0);
    assert_given_back(shop, CASHED, 1, 100); /* of two rights and 4.00 a half, but for the 3.00 of one use */
    assert_given_back(shop, RISKY, 0, 750);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_int_equal(shop_records(shop), before + 1 + 3);
    (void)redeem(shop, shop_coupon(LENIENT, 1));
    assert_rc(shop_scan(shop, shop_coupon(LENIENT, 2)), CF_E_COUPON_LEASE);
    shop_verify(shop);
}

static void a_campaign_that_is_over_is_given_back_whole(void **state)
{
    struct shop *shop = *state;
    struct cf_campaign campaign = shop_campaign(CASHED);
    struct cf_till_report report;
    (void)redeem(shop, shop_coupon(CASHED, 1));
    campaign.version = campaign.promotion.version = 2;
    campaign.stopped = true;
    shop_send_campaign(shop, &campaign);
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    assert_given_back(shop, CASHED, 2, 400);
    shop->wall_us += 31 * 86400 * CF_US_PER_S; /* all others end by their own date */
    shop->mono_us += 31 * 86400 * CF_US_PER_S;
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_given_back(shop, LENIENT, 3, 0);
    assert_given_back(shop, RISKY, 0, 1000);
    shop_verify(shop);
}

/* Its stores are others now, or it is for the online shop alone: what is leased here is of no use to anybody. */
static void what_a_campaign_no_longer_gives_here_is_given_back_whole(void **state)
{
    struct shop *shop = *state;
    struct cf_campaign elsewhere = shop_campaign(CASHED), online = shop_campaign(LENIENT);
    struct cf_till_report report;
    (void)redeem(shop, shop_coupon(CASHED, 1));
    elsewhere.version = elsewhere.promotion.version = 2;
    elsewhere.n_stores = 1;
    elsewhere.stores[0] = SHOP_STORE + 1;
    shop_send_campaign(shop, &elsewhere);
    online.version = online.promotion.version = 2;
    online.channels = CF_CHANNEL_ONLINE;
    shop_send_campaign(shop, &online);
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    assert_given_back(shop, CASHED, 2, 400);
    assert_given_back(shop, LENIENT, 3, 0);
    shop_verify(shop);
}

static void a_parked_sale_keeps_what_it_may_need(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, shop_coupon(LENIENT, 1)));
    assert_ok(cf_till_park(shop->till, "blue bag", &shop->err));
    shop_send_grant_of(shop, &(struct cf_lease_grant){.campaign = LENIENT, .epoch = 1, .granted = 3});
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_given_back(shop, LENIENT, 0, 0);
    assert_ok(cf_till_recall(shop->till, "blue bag", &shop->err));
    (void)shop_pay_all(shop);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    shop->mono_us += 3600 * CF_US_PER_S;
    shop->wall_us += 3600 * CF_US_PER_S;
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_given_back(shop, LENIENT, 2, 0);
}

/* Whatever is scanned, parked, cancelled, granted, asked back or killed in between. */
static void no_history_spends_more_than_was_leased(void **state)
{
    struct shop *shop = *state;
    static const uint32_t campaigns[] = {RISKY, CASHED, LENIENT, DAILY};
    static const char *const goods[] = {SOAP, TEA, CREAM};
    struct cf_lease_grant lease[4] = {
        {.campaign = RISKY, .epoch = 1, .granted_minor = 1000, .keep = 1000},
        {.campaign = CASHED, .epoch = 1, .granted = 3, .granted_minor = 700, .keep = 3},
        {.campaign = LENIENT, .epoch = 1, .granted = 3, .keep = 3},
        {.campaign = DAILY, .epoch = 1, .granted = 3, .per_day = 2, .keep = 3},
    };
    uint64_t chance = 20261122;
    uint32_t next = 100;
    int64_t spent = 0, returned = 0;
    int sold = 0;
    for (int step = 0; step < 400; step++) {
        chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint32_t r = (uint32_t)(chance >> 33), which = r / 16 % 4;
        switch (r % 16) {
        case 0:
        case 1:
        case 2:
        case 3:
            (void)shop_scan(shop, goods[r / 64 % 3]);
            break;
        case 4:
        case 5:
        case 6:
        case 7: /* mostly new ones; some that were shown before */
            (void)shop_scan(shop, shop_coupon(campaigns[which], r / 64 % 5 == 0 ? 100 + r / 512 % 50 : next++));
            break;
        case 8:
            (void)!cf_till_quantity(shop->till, 0, (1 + r / 64 % 4) * 1000, &shop->err);
            break;
        case 9:
        case 10:
            if (shop_view(shop).state == CF_CHECKOUT_SELLING && cf_cart_live_count(shop_view(shop).cart) > 0)
                sold += (int)shop_pay_all(shop).committed;
            break;
        case 11:
            if (r / 64 % 4 == 0)
                (void)!cf_till_park(shop->till, "blue bag", &shop->err);
            break;
        case 12:
            (void)!cf_till_recall(shop->till, "blue bag", &shop->err);
            break;
        case 13:
            lease[which].granted += which != 0;
            lease[which].granted_minor += which < 2 ? 250 : 0;
            lease[which].keep = r / 64 % 3 == 0 ? 0 : INT64_MAX;
            shop_send_grant_of(shop, &lease[which]);
            break;
        case 14:
            shop_restart(shop);
            break;
        default:
            assert_ok(cf_till_rest(shop->till, &shop->err));
            shop->wall_us += 3600 * CF_US_PER_S;
            shop->mono_us += 3600 * CF_US_PER_S;
            break;
        }
        for (size_t k = 0; k < 4; k++) {
            struct cf_lease_used used;
            assert_ok(cf_journal_lease_use(cf_till_journal(shop->till), campaigns[k], &used, &shop->err));
            assert_true(used.spent + used.returned <= lease[k].granted);
            assert_true(k > 1 || used.spent_minor + used.returned_minor <= lease[k].granted_minor);
            spent += step == 399 ? used.spent_minor : 0;
            returned += step == 399 ? used.returned + used.returned_minor : 0;
        }
    }
    assert_true(sold > 20 && spent > 1500 && returned > 0); /* things did happen */
    shop_verify(shop);
}

/* --- with a link ----------------------------------------------------------------------------------------------------
 */

static void connect(struct shop *shop, enum cf_rc net_rc, enum cf_rc reply)
{
    shop->net_rc = net_rc;
    shop->net_reply = reply;
    if (!shop->ask_online) {
        shop->ask_online = true;
        shop_restart(shop);
    }
}

static void with_a_link_the_centre_is_asked_first(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_OK, CF_OK);
    struct cf_till_sold sold = redeem(shop, shop_coupon(ONLINE_ONLY, 1));
    assert_int_equal(shop->asked, 1);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_memory_equal(sale->redemptions[0].request_key, shop->asked_key, sizeof shop->asked_key);
    cf_sale_free(sale);
    /* A pinned right is here and nowhere else: nobody is asked. */
    (void)redeem(shop, shop_coupon(PINNED, 1));
    assert_int_equal(shop->asked, 1);
}

/* The offline reserve is for the time without a link: what the centre gave does not use it up. */
static void what_the_centre_gave_is_not_taken_from_the_lease(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_OK, CF_OK);
    for (uint32_t k = 0; k < 5; k++)
        (void)redeem(shop, shop_coupon(LEASED, k));
    assert_int_equal(shop->asked, 5);
    int64_t spent = 0, returned = 0;
    assert_ok(cf_journal_lease_used(cf_till_journal(shop->till), LEASED, &spent, &returned, &shop->err));
    assert_int_equal(spent, 0);
    connect(shop, CF_E_LINK_DOWN, CF_OK);
    for (uint32_t k = 10; k < 13; k++)
        (void)redeem(shop, shop_coupon(LEASED, k));
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 13)), CF_E_COUPON_LEASE);
}

static void the_centre_s_refusal_is_final(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_OK, CF_E_COUPON_SPENT);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_SPENT);
    connect(shop, CF_OK, CF_E_COUPON_BUDGET);
    assert_rc(shop_scan(shop, shop_coupon(ONLINE_ONLY, 2)), CF_E_COUPON_BUDGET);
    assert_int_equal(shop->asked, 2);
}

static void a_refusal_by_the_centre_opens_no_sale(void **state)
{
    static const enum cf_rc ways[] = {CF_OK, CF_E_TIMEOUT, CF_E_LINK_DOWN};
    struct shop *shop = *state;
    struct cf_till_report report;
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_park(shop->till, "x", &shop->err));
    for (size_t k = 0; k < 3; k++) {
        connect(shop, ways[k], CF_E_COUPON_SPENT);
        shop->mono_us += 31 * CF_US_PER_S;
        assert_true(shop_scan(shop, shop_coupon(ONLINE_ONLY, (uint32_t)k)) != CF_OK);
        assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
        if (k == 0) /* what was asked stands in no way of it; the others find the day closed */
            assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
        else
            assert_rc(cf_till_z_report(shop->till, &report, NULL), CF_E_DAY_CLOSED);
        assert_ok(cf_till_recall(shop->till, "x", &shop->err));
        assert_ok(cf_till_park(shop->till, "x", &shop->err));
        shop_restart(shop);
        assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    }
    assert_int_equal(shop->asked, 3);
    shop_verify(shop);
}

/* All that is left of the budget may be out on leases: then the till's own is what there is. */
static void a_lease_serves_when_the_centre_has_nothing_left(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_OK, CF_E_COUPON_BUDGET);
    for (uint32_t k = 0; k < 3; k++)
        (void)redeem(shop, shop_coupon(LEASED, k));
    assert_int_equal(shop->asked, 3);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 3)), CF_E_COUPON_LEASE);
    int64_t spent = 0, returned = 0;
    assert_ok(cf_journal_lease_used(cf_till_journal(shop->till), LEASED, &spent, &returned, &shop->err));
    assert_int_equal(spent, 3);
}

/* A captive portal, or a certificate that ran out: nothing of ours was sent through it. */
static void a_link_that_is_not_secure_is_as_none(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_E_TLS, CF_OK);
    (void)redeem(shop, shop_coupon(LEASED, 1));
    shop_restart(shop);
    connect(shop, CF_E_CERTIFICATE, CF_OK);
    (void)redeem(shop, shop_coupon(LEASED, 2));
    int64_t spent = 0, returned = 0;
    assert_ok(cf_journal_lease_used(cf_till_journal(shop->till), LEASED, &spent, &returned, &shop->err));
    assert_int_equal(spent, 2);
}

static void without_a_link_the_lease_is_used(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_E_LINK_DOWN, CF_OK);
    (void)redeem(shop, shop_coupon(LEASED, 1));
    assert_int_equal(shop->asked, 1);
    (void)redeem(shop, shop_coupon(LEASED, 2)); /* and the next shopper does not wait for the network */
    assert_int_equal(shop->asked, 1);
    assert_rc(shop_scan(shop, shop_coupon(ONLINE_ONLY, 1)), CF_E_COUPON_ONLINE);
    shop->mono_us += 31 * CF_US_PER_S;
    connect(shop, CF_OK, CF_OK);
    (void)redeem(shop, shop_coupon(ONLINE_ONLY, 1));
    assert_int_equal(shop->asked, 2);
}

static void a_right_whose_answer_is_missing_is_not_taken_until_the_centre_knows(void **state)
{
    static const enum cf_rc lost[] = {CF_E_TIMEOUT, CF_E_SERVER, CF_E_PROTOCOL};
    struct shop *shop = *state;
    for (uint32_t k = 0; k < 3; k++) {
        uint32_t index = 20 + k;
        connect(shop, lost[k], CF_OK);
        shop->mono_us += 31 * CF_US_PER_S;
        assert_rc(shop_scan(shop, shop_coupon(LEASED, index)), CF_E_COUPON_ONLINE);
        assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
        /* Not by the lease either, not after a restart, not with the link gone. */
        shop->net_rc = CF_E_LINK_DOWN;
        assert_rc(shop_scan(shop, shop_coupon(LEASED, index)), CF_E_COUPON_ONLINE);
        shop_restart(shop);
        assert_rc(shop_scan(shop, shop_coupon(LEASED, index)), CF_E_COUPON_ONLINE);
        assert_rc(shop_scan(shop, shop_coupon(LEASED, index)), CF_E_COUPON_ONLINE);
        /* Another coupon of the same campaign is not in doubt. */
        assert_ok(shop_scan(shop, shop_coupon(LEASED, 90)));
        assert_ok(cf_till_cancel(shop->till, &shop->err));
        /* The centre has the record: what it says of the right now holds. */
        shop_acknowledge(shop);
        assert_ok(shop_scan(shop, shop_coupon(LEASED, index)));
        assert_ok(cf_till_cancel(shop->till, &shop->err));
    }
    shop_verify(shop);
}

static void a_status_that_is_no_answer_leaves_doubt(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_OK, CF_OK);
    shop->net_status = 503;
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_ONLINE);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
}

static void a_cancelled_sale_gives_back_what_the_centre_gave(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_OK, CF_OK);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
    uint64_t before = shop_records(shop);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_int_equal(shop_records(shop), before + 2); /* the void, the cancellation */
}

/* By its number, or the last; what is left of the sale is as if it had never been shown. */
static void a_coupon_is_taken_off_the_sale_before_anything_is_paid(void **state)
{
    struct shop *shop = *state;
    assert_rc(cf_till_untake(shop->till, 0, &shop->err), CF_E_SALE_NONE);
    assert_ok(shop_scan(shop, TEA));
    assert_rc(cf_till_untake(shop->till, 0, &shop->err), CF_E_NOT_FOUND);
    for (uint32_t k = 0; k < 3; k++)
        assert_ok(shop_scan(shop, shop_coupon(LENIENT, k)));
    assert_rc(shop_scan(shop, shop_coupon(LENIENT, 3)), CF_E_COUPON_LEASE);
    assert_rc(cf_till_untake(shop->till, 4, &shop->err), CF_E_NOT_FOUND);
    uint64_t before = shop_records(shop);
    assert_ok(cf_till_untake(shop->till, 1, &shop->err));
    assert_int_equal(shop_records(shop), before); /* nobody else had to be told */
    assert_ok(shop_scan(shop, shop_coupon(LENIENT, 3)));
    assert_ok(cf_till_untake(shop->till, 0, &shop->err));
    shop_restart(shop);
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.n_coupons, 2);
    assert_int_equal(view.coupons[0].index, 1);
    assert_int_equal(view.coupons[1].index, 2);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 100, "", NULL));
    assert_rc(cf_till_untake(shop->till, 1, &shop->err), CF_E_SALE_TENDERED);
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_redemptions, 2);
    assert_int_equal(sale->redemptions[0].index, 1);
    assert_int_equal(sale->redemptions[1].index, 2);
    cf_sale_free(sale);
    (void)redeem(shop, shop_coupon(LENIENT, 0));
    shop_verify(shop);
}

static void a_coupon_taken_off_the_sale_gives_back_what_the_centre_gave(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_OK, CF_OK);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 2)));
    uint64_t before = shop_records(shop);
    assert_ok(cf_till_untake(shop->till, 1, &shop->err));
    assert_int_equal(shop_records(shop), before + 1);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
    assert_int_equal(shop_view(shop).n_coupons, 1);
    assert_int_equal(shop_view(shop).coupons[0].index, 2);
    shop_restart(shop);
    assert_int_equal(shop_view(shop).n_coupons, 1);
    (void)shop_pay_all(shop);
    shop_verify(shop);
}

static void a_coupon_that_had_no_effect_goes_back_to_the_centre(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_OK, CF_OK);
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1))); /* below its minimum */
    struct cf_till_sold sold = shop_sell(shop, SOAP);
    assert_int_equal(shop_records(shop), sold.at.seq + 1);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
}

/* More unanswered asks than a till remembers: then it no longer asks, rather than forget one. */
static void doubt_is_never_forgotten(void **state)
{
    struct shop *shop = *state;
    connect(shop, CF_E_TIMEOUT, CF_OK);
    for (uint32_t k = 0; k < 600; k++) {
        shop->mono_us += 31 * CF_US_PER_S;
        shop->net_rc = CF_E_TIMEOUT;
        (void)shop_scan(shop, shop_coupon(LEASED, 100 + k));
        if (shop_view(shop).state != CF_CHECKOUT_IDLE)
            assert_ok(cf_till_cancel(shop->till, &shop->err));
    }
    unsigned asked = shop->asked;
    assert_true(asked >= 400 && asked < 600);
    shop->net_rc = CF_E_LINK_DOWN;
    for (uint32_t k = 0; k < asked; k += 7) {
        shop->mono_us += 31 * CF_US_PER_S;
        assert_rc(shop_scan(shop, shop_coupon(LEASED, 100 + k)), CF_E_COUPON_ONLINE);
    }
    shop_restart(shop);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 100)), CF_E_COUPON_ONLINE);
    shop_acknowledge(shop);
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 100)));
}

/* --- when the clock is in doubt -----------------------------------------------------------------------------------
 */

static void a_clock_in_doubt_refuses_by_name_unless_the_campaign_says_otherwise(void **state)
{
    static const int64_t years[] = {-10, 70};
    struct shop *shop = *state;
    for (size_t k = 0; k < 2; k++) {
        shop->wall_us = TEST_NOW_S * CF_US_PER_S + years[k] * 365 * TEST_DAY_S * CF_US_PER_S;
        shop_reboot(shop);
        assert_int_equal(cf_till_clock(shop->till).quality, CF_TIME_UNKNOWN);
        assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_CLOCK_DOUBT);
        assert_rc(shop_scan(shop, shop_coupon(PINNED, 1)), CF_E_CLOCK_DOUBT);
        assert_rc(shop_scan(shop, shop_member(shop, 41)), CF_E_CLOCK_DOUBT);
        assert_ok(shop_scan(shop, shop_coupon(LENIENT, (uint32_t)k)));
        struct cf_till_sold sold = shop_sell(shop, TEA); /* goods are sold, and a static card would earn */
        assert_true(sold.at.wall.us == TEST_NOW_S * CF_US_PER_S);
    }
    shop_verify(shop);
}

static void an_expired_coupon_is_expired_even_when_the_clock_is_in_doubt(void **state)
{
    struct shop *shop = *state;
    struct cf_coupon coupon = shop_coupon_fields(LENIENT, 7);
    coupon.exp_s = TEST_NOW_S - TEST_DAY_S;
    shop->wall_us -= 3650 * TEST_DAY_S * CF_US_PER_S; /* set back so that it would be valid again */
    shop_reboot(shop);
    assert_rc(shop_scan(shop, shop_sign_coupon(&coupon, KID_ALL, ISSUER)), CF_E_COUPON_EXPIRED);
}

static void set_apart(struct shop *shop, struct cf_sync_state *sync)
{
    (void)shop;
    sync->fenced = true;
}

static void a_till_that_was_set_apart_sells_but_spends_and_gives_no_rights(void **state)
{
    struct shop *shop = *state;
    shop_sync(shop, set_apart);
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_QUARANTINED);
    assert_rc(shop_scan(shop, shop_coupon(PINNED, 1)), CF_E_QUARANTINED);
    struct cf_till_sold sold = shop_sell(shop, TEA);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_issued, 0);
    cf_sale_free(sale);
}

int main(void)
{
#define in_shop(test) cmocka_unit_test_setup_teardown(test, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        in_shop(an_offline_till_takes_what_was_leased_or_pinned_to_it),
        in_shop(a_till_finds_its_own_grant_among_thousands),
        in_shop(grants_that_are_over_take_no_place),
        in_shop(a_till_enrolled_again_spends_nothing_pinned_before_it_has_pulled),
        in_shop(what_is_pinned_belongs_to_one_epoch_of_its_till),
        in_shop(a_refusal_has_a_name),
        in_shop(a_spent_right_stays_spent),
        in_shop(a_coupon_is_on_a_sale_once),
        in_shop(a_sale_takes_so_many_coupons),
        in_shop(a_lease_is_spent_and_no_more),
        in_shop(coupons_on_the_open_sale_count_against_the_lease),
        in_shop(a_coupon_of_two_parked_sales_is_spent_once),
        in_shop(a_pinned_coupon_of_a_parked_sale_is_not_spent_once_its_generation_is_over),
        in_shop(a_lease_of_two_parked_sales_is_spent_once),
        in_shop(what_is_risked_offline_never_passes_the_risk_lease),
        in_shop(coupons_of_one_basket_share_what_may_be_risked),
        in_shop(a_lease_in_money_is_not_exceeded_by_a_cent),
        in_shop(the_share_of_a_day_is_used_up_and_comes_again_tomorrow),
        in_shop(what_is_not_to_be_kept_is_given_back_once_the_till_rests),
        in_shop(a_campaign_that_is_over_is_given_back_whole),
        in_shop(what_a_campaign_no_longer_gives_here_is_given_back_whole),
        in_shop(a_parked_sale_keeps_what_it_may_need),
        in_shop(no_history_spends_more_than_was_leased),
        in_shop(with_a_link_the_centre_is_asked_first),
        in_shop(what_the_centre_gave_is_not_taken_from_the_lease),
        in_shop(the_centre_s_refusal_is_final),
        in_shop(a_refusal_by_the_centre_opens_no_sale),
        in_shop(a_lease_serves_when_the_centre_has_nothing_left),
        in_shop(a_link_that_is_not_secure_is_as_none),
        in_shop(without_a_link_the_lease_is_used),
        in_shop(a_right_whose_answer_is_missing_is_not_taken_until_the_centre_knows),
        in_shop(a_status_that_is_no_answer_leaves_doubt),
        in_shop(a_cancelled_sale_gives_back_what_the_centre_gave),
        in_shop(a_coupon_is_taken_off_the_sale_before_anything_is_paid),
        in_shop(a_coupon_taken_off_the_sale_gives_back_what_the_centre_gave),
        in_shop(a_coupon_that_had_no_effect_goes_back_to_the_centre),
        in_shop(doubt_is_never_forgotten),
        in_shop(a_clock_in_doubt_refuses_by_name_unless_the_campaign_says_otherwise),
        in_shop(an_expired_coupon_is_expired_even_when_the_clock_is_in_doubt),
        in_shop(a_till_that_was_set_apart_sells_but_spends_and_gives_no_rights),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_keys_done();
    return failed;
}
