/*
 * tests/unit/terminal/till_park_test.c - a sale that is put aside at the hub is at one till or at the hub, once,
 * whatever is lost on the way.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/terminal/park_support.h"
#include "tests/unit/terminal/terminal_cmocka.h"

#define PAUSE_S 31 /* until a silent hub is asked again */

static void pass(struct shop *shop)
{
    shop->wall_us += PAUSE_S * CF_US_PER_S;
    shop->mono_us += PAUSE_S * CF_US_PER_S;
}

/* From the nth message about parked sales on answers are lost; 2: the list is heard, and then nothing. 0: none. */
static void be_silent_from(struct shop *shop, unsigned nth)
{
    shop->lan_n_more = 0;
    shop->lan_silent_from = nth;
}

static void forget_hub(const struct shop *shop)
{
    char path[SHOP_PATH_MAX + 16];
    sqlite3 *db = NULL;
    (void)snprintf(path, sizeof path, "%s/replica.db", shop->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DELETE FROM hub", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static struct cf_till_handed park(struct shop *shop, const char *label)
{
    struct cf_till_handed handed;
    assert_ok(cf_till_park_at_hub(shop->till, label, &handed, &shop->err));
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    return handed;
}

static size_t listed(struct shop *shop, struct cf_till_parked *first)
{
    static struct cf_till_parked all[CF_TILL_PARKED_MAX];
    size_t n = 0;
    bool hub;
    assert_ok(cf_till_parked(shop->till, all, &n, &hub, &shop->err));
    if (n > 0 && first)
        *first = all[0];
    return n;
}

static void fill(struct shop *shop)
{
    const struct cf_till_discount off = {.percent_bp = 1000, .reason = "a torn bag"};
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_quantity(shop->till, 2, 3000, &shop->err));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_void(shop->till, 3, &shop->err));
    assert_ok(cf_till_discount(shop->till, &off, &shop->err));
    assert_int_equal(shop_due(shop), 4950);
}

static void a_sale_at_the_hub_is_no_longer_here_and_comes_back_whole(void **state)
{
    struct shop *shop = *state;
    struct park_hub *hub = park_begin(shop);
    struct cf_till_parked parked;
    fill(shop);
    assert_int_equal(park(shop, "bag").where, CF_TILL_PARKED_AT_HUB);
    assert_int_equal(park_waiting(hub), 1);
    assert_int_equal(listed(shop, &parked), 1);
    assert_int_equal(parked.where, CF_TILL_PARKED_AT_HUB);
    assert_int_equal(parked.total_minor, 4950);
    assert_int_equal(parked.n_lines, 2);
    assert_string_equal(parked.user, "Li Na");
    assert_true(parked.first_line[0] != '\0' && parked.at.us != 0);
    shop_restart(shop);
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(cf_till_park_at_hub(shop->till, "bag", NULL, NULL), CF_E_EXISTS);
    assert_rc(cf_till_recall(shop->till, "bag", NULL), CF_E_SALE_OPEN);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_rc(cf_till_recall(shop->till, "hat", NULL), CF_E_PARKED_NONE);
    assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
    assert_int_equal(shop_due(shop), 4950);
    shop_restart(shop);
    assert_int_equal(shop_due(shop), 4950);
    assert_int_equal(listed(shop, NULL), 0);
    assert_rc(park_other_takes(hub, "bag"), CF_E_PARKED_NONE);
    (void)shop_pay_all(shop);
    shop_verify(shop);
    park_done(shop);
}

static void what_another_till_took_is_gone_here(void **state)
{
    struct shop *shop = *state;
    struct park_hub *hub = park_begin(shop);
    fill(shop);
    (void)park(shop, "bag");
    assert_rc(park_other_takes(hub, "bag"), CF_OK);
    assert_rc(cf_till_recall(shop->till, "bag", NULL), CF_E_PARKED_NONE); /* it waits for nobody */
    assert_int_equal(listed(shop, NULL), 0);
    shop_verify(shop);
    park_done(shop);
}

static void without_a_hub_it_is_parked_here_and_says_so(void **state)
{
    struct shop *shop = *state;
    struct cf_till_parked parked;
    fill(shop);
    struct cf_till_handed handed = park(shop, "no hub");
    assert_int_equal(handed.where, CF_TILL_PARKED_HERE);
    assert_int_equal(handed.why, CF_E_LINK_DOWN);
    struct park_hub *hub = park_begin(shop);
    shop->lan_rc = CF_E_LINK_DOWN;
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
    handed = park(shop, "cable");
    assert_int_equal(handed.where, CF_TILL_PARKED_HERE);
    assert_int_equal(handed.n_coupons, 0); /* they stay on it */
    assert_rc(cf_till_recall(shop->till, "other", NULL), CF_E_PARKED_NONE);
    assert_int_equal(listed(shop, &parked), 2);
    assert_int_equal(parked.where, CF_TILL_PARKED_HERE);
    assert_ok(cf_till_recall(shop->till, "no hub", &shop->err));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(cf_till_recall(shop->till, "cable", &shop->err));
    assert_int_equal(shop_view(shop).n_coupons, 1);
    assert_int_equal(park_waiting(hub), 0);
    shop_verify(shop);
    park_done(shop);
}

/* Coupons stay with whoever may spend them; whoever goes on with the sale scans them again. */
static void coupons_are_given_back_before_a_sale_goes_to_the_hub(void **state)
{
    struct shop *shop = *state;
    struct park_hub *hub = park_begin(shop);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_quantity(shop->till, 1, 3000, &shop->err));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1))); /* the hub holds it for this till */
    assert_ok(shop_scan(shop, shop_coupon(PINNED, 2)));
    assert_int_equal(shop_view(shop).n_coupons, 2);
    struct cf_till_handed handed = park(shop, "bag");
    assert_int_equal(handed.where, CF_TILL_PARKED_AT_HUB);
    assert_int_equal(handed.n_coupons, 2);
    assert_int_equal(shop->released, 1);
    assert_int_equal(park_waiting(hub), 1);
    assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
    assert_int_equal(shop_view(shop).n_coupons, 0);
    assert_ok(shop_scan(shop, shop_coupon(PINNED, 2)));
    (void)shop_pay_all(shop);
    shop_verify(shop);
    park_done(shop);
}

static void a_sale_with_money_on_it_stays(void **state)
{
    struct shop *shop = *state;
    struct park_hub *hub = park_begin(shop);
    fill(shop);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 100, "", NULL));
    assert_rc(cf_till_park_at_hub(shop->till, "bag", NULL, NULL), CF_E_SALE_TENDERED);
    assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_int_equal(park(shop, "bag").where, CF_TILL_PARKED_AT_HUB); /* nothing of it is left */
    assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
    assert_int_equal(shop_due(shop), 4950);
    assert_int_equal(park_waiting(hub), 0);
    park_done(shop);
}

/* Only the hub knows whether it has it: until it is heard, the sale is nowhere to be sold. */
static void an_offer_without_an_answer_is_settled_when_the_hub_is_heard(void **state)
{
    struct shop *shop = *state;
    for (int taken = 0; taken < 2; taken++) {
        struct park_hub *hub = park_begin(shop);
        struct cf_till_parked parked;
        fill(shop);
        shop->lan_rc = CF_OK;
        pass(shop);
        be_silent_from(shop, 2);
        struct cf_till_handed handed = park(shop, "bag");
        assert_int_equal(handed.where, CF_TILL_PARKED_IN_DOUBT);
        assert_int_equal(park_waiting(hub), 1); /* it did arrive */
        shop_restart(shop);
        if (!taken) /* who asks for it has it from then on, answer or not */
            assert_rc(cf_till_recall(shop->till, "bag", NULL), CF_E_PARKED_DOUBT);
        assert_int_equal(listed(shop, &parked), 1);
        assert_int_equal(parked.where, CF_TILL_PARKED_IN_DOUBT);
        be_silent_from(shop, 0);
        assert_rc(park_other_takes(hub, "bag"), taken ? CF_OK : CF_E_PARKED_TAKEN);
        pass(shop);
        if (taken) {
            assert_rc(cf_till_recall(shop->till, "bag", NULL), CF_E_PARKED_TAKEN);
            assert_int_equal(listed(shop, NULL), 0);
        } else {
            assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
            assert_int_equal(shop_due(shop), 4950);
            assert_rc(park_other_takes(hub, "bag"), CF_E_PARKED_NONE);
            assert_ok(cf_till_cancel(shop->till, &shop->err));
        }
        shop_verify(shop);
        park_done(shop);
    }
}

static void an_offer_in_doubt_goes_through_at_the_next_rest(void **state)
{
    struct shop *shop = *state;
    struct park_hub *hub = park_begin(shop);
    struct cf_till_parked parked;
    fill(shop);
    be_silent_from(shop, 2);
    assert_int_equal(park(shop, "bag").where, CF_TILL_PARKED_IN_DOUBT);
    be_silent_from(shop, 0);
    pass(shop);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_int_equal(listed(shop, &parked), 1);
    assert_int_equal(parked.where, CF_TILL_PARKED_AT_HUB);
    assert_int_equal(park_waiting(hub), 1);
    park_done(shop);
}

static void a_recall_without_an_answer_brings_the_sale_when_the_hub_is_heard(void **state)
{
    struct shop *shop = *state;
    struct park_hub *hub = park_begin(shop);
    struct cf_till_parked parked;
    fill(shop);
    (void)park(shop, "bag");
    be_silent_from(shop, 2);
    assert_rc(cf_till_recall(shop->till, "bag", NULL), CF_E_PARKED_DOUBT);
    assert_rc(park_other_takes(hub, "bag"), CF_E_PARKED_TAKEN); /* it is ours, wherever it is */
    be_silent_from(shop, 0);
    shop_restart(shop);
    pass(shop);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_int_equal(listed(shop, &parked), 1);
    assert_int_equal(parked.where, CF_TILL_PARKED_HERE);
    assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
    assert_int_equal(shop_due(shop), 4950);
    (void)shop_pay_all(shop);
    shop_verify(shop);
    park_done(shop);
}

static void a_hub_that_is_none_any_more_keeps_no_sale_from_its_till(void **state)
{
    struct shop *shop = *state;
    (void)park_begin(shop);
    fill(shop);
    be_silent_from(shop, 2);
    assert_int_equal(park(shop, "bag").where, CF_TILL_PARKED_IN_DOUBT);
    shop_send_hub(shop, 2);
    be_silent_from(shop, 0);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
    assert_int_equal(shop_due(shop), 4950);
    park_done(shop);
}

/* A power cut takes what the replica had not synced: who the hub is, but never what was asked of it. */
static void a_replica_that_is_older_than_the_offer_brings_no_sale_back(void **state)
{
    struct shop *shop = *state;
    struct park_hub *hub = park_begin(shop);
    fill(shop);
    be_silent_from(shop, 2);
    assert_int_equal(park(shop, "bag").where, CF_TILL_PARKED_IN_DOUBT);
    be_silent_from(shop, 0);
    pass(shop);
    shop_close(shop);
    forget_hub(shop);
    shop_open(shop);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_rc(park_other_takes(hub, "bag"), CF_OK);
    assert_rc(cf_till_recall(shop->till, "bag", NULL), CF_E_PARKED_DOUBT);
    shop_send_hub(shop, shop->hub_epoch);
    shop_restart(shop);
    assert_rc(cf_till_recall(shop->till, "bag", NULL), CF_E_PARKED_TAKEN);
    park_done(shop);
}

/* A hub is a till of the store; if it is out of its mind, this till must open again all the same. */
static void a_sale_that_cannot_be_read_is_not_taken(void **state)
{
    struct shop *shop = *state;
    struct park_hub *hub = park_begin(shop);
    fill(shop);
    (void)park(shop, "bag");
    for (size_t at = 1; at < hub->rows[0].sale.steps.n; at += 7) {
        hub->rows[0].steps[at] ^= 0x55;
        hub->rows[0].state = 1;
        enum cf_rc rc = cf_till_recall(shop->till, "bag", &shop->err);
        if (rc == CF_OK) {
            assert_ok(cf_till_cancel(shop->till, &shop->err));
        } else {
            assert_rc(rc, CF_E_UNSUPPORTED);
            assert_int_equal(hub->rows[0].state, 1); /* it waits for a till that can read it */
        }
        hub->rows[0].steps[at] ^= 0x55;
        shop_restart(shop);
        assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    }
    shop_verify(shop);
    park_done(shop);
}

int main(void)
{
#define in_shop(test) cmocka_unit_test_setup_teardown(test, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        in_shop(a_sale_at_the_hub_is_no_longer_here_and_comes_back_whole),
        in_shop(what_another_till_took_is_gone_here),
        in_shop(without_a_hub_it_is_parked_here_and_says_so),
        in_shop(coupons_are_given_back_before_a_sale_goes_to_the_hub),
        in_shop(a_sale_with_money_on_it_stays),
        in_shop(an_offer_without_an_answer_is_settled_when_the_hub_is_heard),
        in_shop(an_offer_in_doubt_goes_through_at_the_next_rest),
        in_shop(a_recall_without_an_answer_brings_the_sale_when_the_hub_is_heard),
        in_shop(a_hub_that_is_none_any_more_keeps_no_sale_from_its_till),
        in_shop(a_replica_that_is_older_than_the_offer_brings_no_sale_back),
        in_shop(a_sale_that_cannot_be_read_is_not_taken),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
