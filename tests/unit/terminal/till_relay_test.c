/*
 * tests/unit/terminal/till_relay_test.c - the phone relay at the till: each challenge ends exactly once, whatever
 * happens, and a ticket counts for the sale that asked for it, once.
 */
#include "tests/unit/terminal/till_support.h"

#include <string.h>

/* --- the phone and the centre ------------------------------------------------------------------------------------- */

static struct cf_challenge challenge(struct shop *shop)
{
    char text[CF_CHALLENGE_TEXT_MAX];
    struct cf_challenge read;
    assert_ok(cf_till_challenge(shop->till, text, &shop->err));
    assert_ok(cf_challenge_decode_text(cf_bytes_str(text), &read, &shop->err));
    assert_int_equal(read.till, SHOP_TILL);
    assert_int_equal(read.epoch, shop->epoch);
    assert_int_equal(read.store, SHOP_STORE);
    return read;
}

static struct cf_ticket ticket_of(const struct cf_challenge *asked, uint32_t campaign, uint32_t index)
{
    struct cf_ticket ticket = {
        .campaign = campaign, .index = index, .till = asked->till, .exp_s = TEST_NOW_S + CF_TICKET_VALID_S};
    memcpy(ticket.nonce, asked->nonce, sizeof ticket.nonce);
    return ticket;
}

static const char *sign(const struct cf_ticket *ticket)
{
    static char texts[4][CF_CODE_TEXT_MAX];
    static unsigned next;
    char *text = texts[next++ % 4];
    struct cf_code code;
    assert_ok(cf_ticket_sign(ticket, KID_ALL, test_key(ISSUER), &code, NULL));
    assert_ok(cf_code_text(&code, text, NULL));
    return text;
}

static const char *fetch(const struct cf_challenge *asked, uint32_t index)
{
    struct cf_ticket ticket = ticket_of(asked, ONLINE_ONLY, index);
    return sign(&ticket);
}

/* The newest records that close challenges, counted from the end. */
struct closed {
    size_t n;
    uint8_t nonce[CF_NONCE_BYTES];
};

static enum cf_rc count_closed(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                               const struct cf_sha256 *hash, struct cf_error *err)
{
    struct closed *closed = ctx;
    uint8_t nonce[CF_NONCE_BYTES];
    (void)body_hash;
    (void)hash;
    if (record->type != CF_RECORD_CHALLENGE)
        return CF_OK;
    assert_ok(cf_challenge_closed_decode(record->body, nonce, err));
    closed->n += memcmp(nonce, closed->nonce, sizeof nonce) == 0;
    return CF_OK;
}

/* How many records close this challenge. */
static size_t n_closed(struct shop *shop, const struct cf_challenge *asked)
{
    struct closed closed = {0};
    memcpy(closed.nonce, asked->nonce, sizeof closed.nonce);
    assert_ok(cf_journal_read(cf_till_journal(shop->till), 1, 100000, count_closed, &closed, &shop->err));
    return closed.n;
}

static size_t n_open(struct shop *shop)
{
    uint8_t nonce[CF_JOURNAL_CHALLENGES_MAX][CF_NONCE_BYTES];
    size_t n = 0;
    assert_ok(cf_journal_challenges(cf_till_journal(shop->till), nonce, &n, &shop->err));
    return n;
}

/* --- a ticket ----------------------------------------------------------------------------------------------------- */

static void a_ticket_redeems_what_the_till_may_not_redeem_alone(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(shop_scan(shop, shop_coupon(ONLINE_ONLY, 1)), CF_E_COUPON_ONLINE);
    struct cf_challenge asked = challenge(shop);
    assert_ok(shop_scan(shop, fetch(&asked, 1)));
    assert_int_equal(shop_due(shop), 700);
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    uint8_t key[CF_REQUEST_KEY_BYTES];
    cf_challenge_key(SHOP_TILL, shop->epoch, asked.nonce, key);
    assert_int_equal(sale->n_redemptions, 1);
    assert_int_equal(sale->redemptions[0].source, CF_RIGHT_TICKET);
    assert_int_equal(sale->redemptions[0].index, 1);
    assert_memory_equal(sale->redemptions[0].request_key, key, sizeof key);
    cf_sale_free(sale);
    assert_int_equal(n_open(shop), 0);
    assert_int_equal(n_closed(shop, &asked), 0);
    shop_verify(shop);
}

/* The challenge stands as long as the sale: the ticket may come again, or a record closes it. */
static void a_ticket_that_is_taken_off_the_sale_goes_back_with_its_end(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, SOAP));
    struct cf_challenge asked = challenge(shop);
    const char *ticket = fetch(&asked, 1);
    for (int round = 0; round < 2; round++) {
        assert_ok(shop_scan(shop, ticket));
        assert_ok(cf_till_untake(shop->till, 0, &shop->err));
        shop_restart(shop);
    }
    assert_int_equal(n_closed(shop, &asked), 0);
    (void)shop_pay_all(shop);
    assert_int_equal(n_closed(shop, &asked), 1);
    assert_rc(shop_scan(shop, ticket), CF_E_TICKET_CHALLENGE);
    shop_verify(shop);
}

static void a_ticket_is_accepted_once(void **state)
{
    struct shop *shop = *state;
    struct cf_challenge asked = challenge(shop);
    const char *ticket = fetch(&asked, 1);
    assert_ok(shop_scan(shop, ticket));
    assert_rc(shop_scan(shop, ticket), CF_E_TICKET_CHALLENGE);
    assert_rc(shop_scan(shop, fetch(&asked, 2)), CF_E_TICKET_CHALLENGE); /* nor another for the same nonce */
    (void)shop_sell(shop, SOAP);
    assert_rc(shop_scan(shop, ticket), CF_E_TICKET_CHALLENGE);
    shop_restart(shop);
    assert_rc(shop_scan(shop, ticket), CF_E_TICKET_CHALLENGE);
    struct cf_challenge again = challenge(shop);
    assert_rc(shop_scan(shop, fetch(&again, 1)), CF_E_COUPON_SPENT); /* the right itself is gone */
}

static void what_a_ticket_is_refused_for_has_a_name(void **state)
{
    static const struct {
        const char *why;
        uint32_t campaign;
        uint32_t till;
        int64_t exp_s;
        uint8_t flip; /* in the nonce */
        enum cf_rc rc;
    } rows[] = {
        {"made for the till beside this one", ONLINE_ONLY, SHOP_TILL + 1, TEST_NOW_S + 60, 0, CF_E_TICKET_TILL},
        {"a nonce that nobody showed", ONLINE_ONLY, SHOP_TILL, TEST_NOW_S + 60, 1, CF_E_TICKET_CHALLENGE},
        {"fetched too long ago", ONLINE_ONLY, SHOP_TILL, TEST_NOW_S - 60, 0, CF_E_TICKET_EXPIRED},
        {"a campaign that the till does not know", 999, SHOP_TILL, TEST_NOW_S + 60, 0, CF_E_COUPON_CAMPAIGN},
        {"a campaign of other stores", OTHER_STORE, SHOP_TILL, TEST_NOW_S + 60, 0, CF_E_COUPON_STORE},
        {"a campaign of the online shop", ONLINE_SHOP, SHOP_TILL, TEST_NOW_S + 60, 0, CF_E_COUPON_CHANNEL},
        {"a campaign that was stopped", STOPPED, SHOP_TILL, TEST_NOW_S + 60, 0, CF_E_COUPON_ENDED},
        {"a promotion without coupons", AUTOMATIC, SHOP_TILL, TEST_NOW_S + 60, 0, CF_E_COUPON_CAMPAIGN},
    };
    struct shop *shop = *state;
    struct cf_challenge asked = challenge(shop);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct cf_ticket ticket = ticket_of(&asked, rows[k].campaign, 1);
        ticket.till = rows[k].till;
        ticket.exp_s = rows[k].exp_s;
        ticket.nonce[0] ^= rows[k].flip;
        enum cf_rc rc = shop_scan(shop, sign(&ticket));
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
    assert_ok(shop_scan(shop, fetch(&asked, 1)));
}

static void a_ticket_that_the_centre_did_not_sign_is_not_genuine(void **state)
{
    struct shop *shop = *state;
    struct cf_challenge asked = challenge(shop);
    struct cf_ticket ticket = ticket_of(&asked, ONLINE_ONLY, 1);
    struct cf_code code;
    char text[CF_CODE_TEXT_MAX];
    assert_ok(cf_ticket_sign(&ticket, KID_ALL, test_key(DEVICE), &code, NULL));
    assert_ok(cf_code_text(&code, text, NULL));
    assert_rc(shop_scan(shop, text), CF_E_CODE_SIGNATURE);
    assert_ok(cf_ticket_sign(&ticket, KID_PAGE, test_key(ISSUER), &code, NULL));
    assert_ok(cf_code_text(&code, text, NULL));
    assert_int_not_equal(shop_scan(shop, text), CF_OK); /* a key for pages signs no tickets */
}

static void a_member_s_ticket_needs_that_member_live(void **state)
{
    struct shop *shop = *state;
    struct cf_challenge asked = challenge(shop);
    struct cf_ticket ticket = ticket_of(&asked, ONLINE_ONLY, 1);
    ticket.sub = test_ticket().sub;
    assert_rc(shop_scan(shop, sign(&ticket)), CF_E_MEMBER_REQUIRED);
    assert_ok(shop_scan(shop, shop_card()));
    assert_rc(shop_scan(shop, sign(&ticket)), CF_E_MEMBER_STATIC);
    assert_ok(shop_scan(shop, shop_member(shop, 41)));
    ticket.sub.b[0] ^= 1;
    assert_rc(shop_scan(shop, sign(&ticket)), CF_E_MEMBER_OTHER);
    ticket.sub = test_ticket().sub;
    assert_ok(shop_scan(shop, sign(&ticket)));
}

/* --- how a challenge ends ----------------------------------------------------------------------------------------- */

static void a_cancelled_sale_closes_its_challenges(void **state)
{
    struct shop *shop = *state;
    struct cf_challenge used = challenge(shop);
    struct cf_challenge unused = challenge(shop);
    assert_ok(shop_scan(shop, fetch(&used, 1)));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_int_equal(n_closed(shop, &used), 1);
    assert_int_equal(n_closed(shop, &unused), 1);
    assert_int_equal(n_open(shop), 0);
    assert_rc(shop_scan(shop, fetch(&used, 1)), CF_E_TICKET_CHALLENGE);
    shop_verify(shop);
}

static void a_sale_that_did_not_use_a_challenge_closes_it(void **state)
{
    struct shop *shop = *state;
    struct cf_challenge unused = challenge(shop);
    struct cf_challenge useless = challenge(shop);
    struct cf_challenge used = challenge(shop);
    struct cf_ticket below = ticket_of(&useless, LEASED, 5); /* 20 % off from 50.00 on */
    assert_ok(shop_scan(shop, sign(&below)));
    assert_ok(shop_scan(shop, fetch(&used, 1)));
    struct cf_till_sold sold = shop_sell(shop, SOAP);
    assert_int_equal(shop_records(shop), sold.at.seq + 2);
    assert_int_equal(n_closed(shop, &unused), 1);
    assert_int_equal(n_closed(shop, &useless), 1);
    assert_int_equal(n_closed(shop, &used), 0);
    assert_int_equal(n_open(shop), 0);
    int64_t spent = 0, returned = 0;
    assert_ok(cf_journal_lease_used(cf_till_journal(shop->till), LEASED, &spent, &returned, &shop->err));
    assert_int_equal(spent, 0);
}

static void a_ticket_takes_nothing_from_the_lease(void **state)
{
    struct shop *shop = *state;
    struct cf_challenge asked = challenge(shop);
    struct cf_ticket ticket = ticket_of(&asked, ISSUED, 5);
    assert_ok(shop_scan(shop, sign(&ticket)));
    (void)shop_sell(shop, SOAP);
    int64_t spent = 0, returned = 0;
    assert_ok(cf_journal_lease_used(cf_till_journal(shop->till), ISSUED, &spent, &returned, &shop->err));
    assert_int_equal(spent, 0);
}

static void a_parked_sale_keeps_waiting_and_no_other_takes_its_ticket(void **state)
{
    struct shop *shop = *state;
    struct cf_challenge asked = challenge(shop);
    const char *ticket = fetch(&asked, 1);
    assert_ok(cf_till_park(shop->till, "x", &shop->err));
    assert_rc(shop_scan(shop, ticket), CF_E_TICKET_CHALLENGE);
    (void)shop_sell(shop, SOAP);
    shop_restart(shop);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_int_equal(n_open(shop), 1);
    assert_int_equal(n_closed(shop, &asked), 0);
    assert_ok(cf_till_recall(shop->till, "x", &shop->err));
    assert_ok(shop_scan(shop, ticket));
    (void)shop_sell(shop, SOAP);
    assert_int_equal(n_open(shop), 0);
    assert_int_equal(n_closed(shop, &asked), 0);
    shop_verify(shop);
}

static void a_restart_forgets_neither_challenge_nor_ticket(void **state)
{
    struct shop *shop = *state;
    struct cf_challenge asked = challenge(shop);
    shop_restart(shop);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING);
    assert_ok(shop_scan(shop, fetch(&asked, 1)));
    shop_restart(shop);
    assert_int_equal(shop_view(shop).n_coupons, 1);
    assert_rc(shop_scan(shop, fetch(&asked, 1)), CF_E_TICKET_CHALLENGE);
    (void)shop_sell(shop, SOAP);
    assert_int_equal(n_closed(shop, &asked), 0);
    shop_verify(shop);
}

/* A kill between the end of a sale and the record that closes its challenge. */
static void what_was_left_open_is_closed_at_the_next_start(void **state)
{
    struct shop *shop = *state;
    struct cf_challenge asked = challenge(shop);
    assert_ok(cf_journal_steps_clear(cf_till_journal(shop->till), &shop->err));
    shop_restart(shop);
    assert_int_equal(n_closed(shop, &asked), 1);
    assert_int_equal(n_open(shop), 0);
    shop_restart(shop);
    assert_int_equal(n_closed(shop, &asked), 1);
    shop_verify(shop);
}

static void open_challenges_have_a_bound(void **state)
{
    struct shop *shop = *state;
    char text[CF_CHALLENGE_TEXT_MAX];
    char label[8] = "x0";
    size_t n = 0;
    for (; label[1] <= '9'; label[1]++) {
        enum cf_rc rc = CF_OK;
        for (size_t k = 0; k < 16 && rc == CF_OK; k++) {
            rc = cf_till_challenge(shop->till, text, &shop->err);
            n += rc == CF_OK;
        }
        if (rc != CF_OK) {
            assert_int_equal(rc, CF_E_LIMIT);
            break;
        }
        assert_rc(cf_till_challenge(shop->till, text, &shop->err), CF_E_LIMIT); /* of one sale */
        assert_ok(cf_till_park(shop->till, label, &shop->err));
    }
    assert_int_equal(n, CF_JOURNAL_CHALLENGES_MAX);
    shop_restart(shop);
    assert_ok(cf_till_recall(shop->till, "x0", &shop->err));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_int_equal(n_open(shop), CF_JOURNAL_CHALLENGES_MAX - 16);
    (void)challenge(shop);
    shop_verify(shop);
}

static void the_store_s_hub_is_told_and_may_refuse(void **state)
{
    struct shop *shop = *state;
    uint8_t key[CF_REQUEST_KEY_BYTES];
    shop_send_hub(shop, 4);
    shop_restart(shop);
    struct cf_challenge asked = challenge(shop);
    struct cf_ticket ticket = ticket_of(&asked, LENIENT, 7);
    shop->lan_verdict = CF_E_COUPON_SPENT; /* at the till beside this one */
    assert_rc(shop_scan(shop, sign(&ticket)), CF_E_COUPON_SPENT);
    assert_int_equal(shop_view(shop).n_coupons, 0);
    shop->lan_verdict = CF_OK;
    assert_ok(shop_scan(shop, sign(&ticket)));
    cf_challenge_key(SHOP_TILL, shop->epoch, asked.nonce, key);
    assert_memory_equal(shop->claimed_key, key, sizeof key);
    unsigned claimed = shop->claimed;
    struct cf_challenge next = challenge(shop);
    assert_ok(shop_scan(shop, fetch(&next, 8))); /* what the centre alone gives is not the hub's business */
    assert_int_equal(shop->claimed, claimed);
    (void)shop_sell(shop, SOAP);
    assert_int_equal(n_closed(shop, &asked), 0);
    assert_int_equal(n_closed(shop, &next), 0);
}

/* It may hold the right for us, under our own key: nothing is in doubt. */
static void a_hub_that_does_not_answer_stops_no_ticket(void **state)
{
    struct shop *shop = *state;
    shop_send_hub(shop, 4);
    shop_restart(shop);
    struct cf_challenge asked = challenge(shop);
    struct cf_ticket ticket = ticket_of(&asked, LENIENT, 7);
    shop->lan_rc = CF_E_TIMEOUT;
    assert_ok(shop_scan(shop, sign(&ticket)));
    (void)shop_sell(shop, SOAP);
    assert_int_equal(n_closed(shop, &asked), 0);
}

static void after_payment_began_no_phone_is_asked(void **state)
{
    struct shop *shop = *state;
    char text[CF_CHALLENGE_TEXT_MAX];
    struct cf_challenge asked = challenge(shop);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 100, "", NULL));
    assert_rc(cf_till_challenge(shop->till, text, &shop->err), CF_E_SALE_TENDERED);
    assert_rc(shop_scan(shop, fetch(&asked, 1)), CF_E_SALE_TENDERED);
    assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_ok(shop_scan(shop, fetch(&asked, 1)));
}

static void set_apart(struct shop *shop, struct cf_sync_state *sync)
{
    (void)shop;
    sync->fenced = true;
}

static void a_till_that_was_set_apart_takes_no_ticket(void **state)
{
    struct shop *shop = *state;
    char text[CF_CHALLENGE_TEXT_MAX];
    struct cf_challenge asked = challenge(shop);
    assert_ok(cf_till_park(shop->till, "x", &shop->err));
    shop_sync(shop, set_apart);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_ok(cf_till_recall(shop->till, "x", &shop->err));
    assert_rc(shop_scan(shop, fetch(&asked, 1)), CF_E_QUARANTINED);
    assert_rc(cf_till_challenge(shop->till, text, &shop->err), CF_E_QUARANTINED);
}

int main(void)
{
#define in_shop(test) cmocka_unit_test_setup_teardown(test, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        in_shop(a_ticket_redeems_what_the_till_may_not_redeem_alone),
        in_shop(a_ticket_that_is_taken_off_the_sale_goes_back_with_its_end),
        in_shop(a_ticket_is_accepted_once),
        in_shop(what_a_ticket_is_refused_for_has_a_name),
        in_shop(a_ticket_that_the_centre_did_not_sign_is_not_genuine),
        in_shop(a_member_s_ticket_needs_that_member_live),
        in_shop(a_cancelled_sale_closes_its_challenges),
        in_shop(a_sale_that_did_not_use_a_challenge_closes_it),
        in_shop(a_ticket_takes_nothing_from_the_lease),
        in_shop(a_parked_sale_keeps_waiting_and_no_other_takes_its_ticket),
        in_shop(a_restart_forgets_neither_challenge_nor_ticket),
        in_shop(what_was_left_open_is_closed_at_the_next_start),
        in_shop(open_challenges_have_a_bound),
        in_shop(the_store_s_hub_is_told_and_may_refuse),
        in_shop(a_hub_that_does_not_answer_stops_no_ticket),
        in_shop(after_payment_began_no_phone_is_asked),
        in_shop(a_till_that_was_set_apart_takes_no_ticket),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_keys_done();
    return failed;
}
