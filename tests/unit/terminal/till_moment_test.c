/*
 * tests/unit/terminal/till_moment_test.c - what a till makes of the hour, of midnight and of clocks that change while a
 * sale is open; and of promotions that it cannot read, or that would give money back. The record is judged as the
 * centre judges it.
 */
#include "tests/unit/terminal/till_support.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/terminal/terminal_cmocka.h"

#define HAPPY 30u
#define ZONE "CET-1CEST,M3.5.0,M10.5.0/3"

/* --- the clock ---------------------------------------------------------------------------------------------------- */

/* Both clocks go on to that instant. */
static void at(struct shop *shop, const char *utc)
{
    cf_wall then;
    assert_ok(cf_wall_parse(utc, &then, &shop->err));
    shop->mono_us += then.us - shop->wall_us;
    shop->wall_us = then.us;
}

static void move_to_europe(struct shop *shop)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE};
    entry.store = (struct cf_store_settings){.store = SHOP_STORE,
                                             .name = "Lotus Lane",
                                             .currency = {"CNY"},
                                             .tax_mode = CF_TAX_INCLUSIVE,
                                             .utc_offset_min = 60,
                                             .programme = {.minor_per_point = 100},
                                             .time_zone = ZONE};
    assert_ok(cf_zone_parse(ZONE, &entry.store.zone, &shop->err));
    for (size_t t = 0; t < 10; t++) {
        entry.store.programme.tier_bp[t] = 10000;
        entry.store.programme.tier_from_points[t] = t == 0 ? 0 : INT64_MAX;
    }
    shop_send(shop, CF_TOPIC_PRICES, &entry);
}

/* A tenth off within these minutes of a day. */
static void send_happy(struct shop *shop, unsigned from_min, unsigned to_min)
{
    struct cf_campaign campaign = shop_campaign(HAPPY);
    campaign.policy = CF_POLICY_AUTOMATIC;
    campaign.from = campaign.to = (cf_wall){0};
    campaign.promotion.kind = CF_REWARD_ORDER_PERCENT;
    campaign.promotion.amount_minor = 0;
    campaign.promotion.percent_bp = 1000;
    campaign.promotion.needs_coupon = false;
    campaign.promotion.n_hours = 1;
    campaign.promotion.hours[0].from_min = (uint16_t)from_min;
    campaign.promotion.hours[0].to_min = (uint16_t)to_min;
    shop_send_campaign(shop, &campaign);
    shop_restart(shop);
}

/* --- the centre's part -------------------------------------------------------------------------------------------- */

static bool no_categories(void *ctx, uint64_t product, uint32_t *ret, size_t max, size_t *ret_n)
{
    (void)ctx, (void)product, (void)ret, (void)max;
    *ret_n = 0;
    return true;
}

static const struct cf_campaign *happy_terms(void *ctx, uint32_t campaign, uint32_t version)
{
    assert_true(campaign == HAPPY && version == 1);
    return ctx;
}

/* Prices the newest sale again, and holds its moment against the record's, as sync/central/judge_sale.c does. */
static void judge(struct shop *shop, const struct cf_till_sold *sold, const struct cf_campaign *terms,
                  const struct cf_store_settings *settings)
{
    struct cf_sale *sale = shop_sale_of(shop, sold->at.seq);
    struct cf_cart *cart;
    struct cf_priced *priced;
    const struct cf_sale_lookup lookup = {(void *)(uintptr_t)terms, no_categories, happy_terms};
    cf_wall priced_at = {sold->at.wall.us / CF_US_PER_MS * CF_US_PER_MS - sale->priced_before_ms * CF_US_PER_MS};
    assert_ok(cf_cart_new(sale->currency, &cart, &shop->err));
    assert_ok(cf_priced_new(&priced, &shop->err));
    assert_ok(cf_sale_rejudge(sale, priced_at, &lookup, cart, priced, &shop->err));
    if (sale->facts.local_date != 0) {
        struct cf_civil_time local = cf_civil_at(priced_at, cf_store_offset_min(settings, priced_at));
        assert_int_equal(sale->facts.local_date, local.date);
        assert_int_equal(sale->facts.minute, local.minute);
    }
    cf_priced_free(priced);
    cf_cart_free(cart);
    cf_sale_free(sale);
}

static struct cf_campaign terms_of(unsigned from_min, unsigned to_min)
{
    struct cf_campaign campaign = shop_campaign(HAPPY);
    campaign.promotion.kind = CF_REWARD_ORDER_PERCENT;
    campaign.promotion.amount_minor = 0;
    campaign.promotion.percent_bp = 1000;
    campaign.promotion.needs_coupon = false;
    campaign.promotion.n_hours = 1;
    campaign.promotion.hours[0].from_min = (uint16_t)from_min;
    campaign.promotion.hours[0].to_min = (uint16_t)to_min;
    return campaign;
}

static const struct cf_store_settings china = {.utc_offset_min = 480};

static struct cf_store_settings europe(void)
{
    struct cf_store_settings settings = {.utc_offset_min = 60, .time_zone = ZONE};
    assert_ok(cf_zone_parse(ZONE, &settings.zone, NULL));
    return settings;
}

/* --- the edge of the hour ----------------------------------------------------------------------------------------- */

static void a_happy_hour_holds_from_its_first_instant_to_just_before_its_last(void **state)
{
    struct shop *shop = *state;
    static const struct {
        const char *why, *utc;
        int64_t due_minor;
    } rows[] = {
        {"a second before five", "2026-11-22T08:59:59Z", 1000},
        {"five", "2026-11-22T09:00:00Z", 900},
        {"a second before seven", "2026-11-22T10:59:59Z", 900},
        {"seven", "2026-11-22T11:00:00Z", 1000},
    };
    const struct cf_campaign terms = terms_of(17 * 60, 19 * 60);
    send_happy(shop, 17 * 60, 19 * 60);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("# %s\n", rows[i].why);
        at(shop, rows[i].utc);
        assert_ok(shop_scan(shop, SOAP));
        assert_int_equal(shop_due(shop), rows[i].due_minor);
        struct cf_till_sold sold = shop_pay_all(shop);
        judge(shop, &sold, &terms, &china);
    }
}

/* What was shown and partly paid stands still; what was only scanned is of the hour in which it is paid. */
static void a_sale_is_of_the_hour_of_its_first_payment(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    const struct cf_campaign terms = terms_of(17 * 60, 19 * 60);
    send_happy(shop, 17 * 60, 19 * 60);
    at(shop, "2026-11-22T10:59:50Z");
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 100, "", NULL));
    at(shop, "2026-11-22T11:00:10Z");
    assert_int_equal(shop_due(shop), 800);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 800, "", &sold));
    judge(shop, &sold, &terms, &china);
    at(shop, "2026-11-23T10:59:50Z");
    assert_ok(shop_scan(shop, SOAP));
    assert_int_equal(shop_due(shop), 900);
    at(shop, "2026-11-23T11:00:10Z");
    assert_ok(shop_scan(shop, SOAP));
    assert_int_equal(shop_due(shop), 2000);
    sold = shop_pay_all(shop);
    judge(shop, &sold, &terms, &china);
}

/* Nobody scans any more, and the hour ends. */
static void the_price_of_an_hour_that_ended_is_seen_before_money_is_taken(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    const struct cf_campaign terms = terms_of(17 * 60, 19 * 60);
    send_happy(shop, 17 * 60, 19 * 60);
    at(shop, "2026-11-22T10:59:50Z");
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_announce(shop->till, CF_TENDER_CASH, &shop->err));
    assert_int_equal(shop_due(shop), 900);
    at(shop, "2026-11-22T11:00:06Z");
    assert_ok(cf_till_announce(shop->till, CF_TENDER_CASH, &shop->err)); /* asked again */
    assert_int_equal(shop_due(shop), 1000);
    sold = shop_pay_all(shop);
    judge(shop, &sold, &terms, &china);

    at(shop, "2026-11-23T10:59:50Z");
    assert_ok(shop_scan(shop, SOAP));
    at(shop, "2026-11-23T11:00:06Z");
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 900, "", NULL), CF_E_PRICE_ROSE);
    assert_int_equal(shop_due(shop), 1000);
    assert_int_equal(shop_view(shop).tenders->n, 0);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1000, "", &sold));
    assert_true(sold.committed);
    judge(shop, &sold, &terms, &china);

    at(shop, "2026-11-24T08:59:50Z");
    assert_ok(shop_scan(shop, SOAP));
    assert_int_equal(shop_due(shop), 1000);
    at(shop, "2026-11-24T09:00:06Z");
    assert_ok(cf_till_total(shop->till, &shop->err));
    assert_int_equal(shop_due(shop), 900);
    at(shop, "2026-11-24T08:59:50Z"); /* a clock that was set back a little */
    assert_rc(shop_pay(shop, CF_TENDER_CARD, 900, "1", NULL), CF_E_PRICE_ROSE);
    at(shop, "2026-11-24T09:00:06Z"); /* the other way round nobody is asked twice */
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1000, "", &sold));
    assert_int_equal(sold.change_minor, 100);
    judge(shop, &sold, &terms, &china);
}

/* --- midnight ----------------------------------------------------------------------------------------------------- */

static void a_sale_over_midnight_has_the_price_of_before_and_the_date_of_after(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    const struct cf_campaign terms = terms_of(22 * 60, 0);
    send_happy(shop, 22 * 60, 0);
    at(shop, "2026-11-22T15:59:58Z"); /* 23:59:58 in the store */
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 100, "", NULL));
    at(shop, "2026-11-22T16:00:03Z");
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 800, "", &sold));
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->business_day, 20261123);
    assert_int_equal(sale->facts.local_date, 20261122);
    assert_int_equal(sale->facts.minute, 23 * 60 + 59);
    assert_int_equal(sale->priced_before_ms, 5000);
    cf_sale_free(sale);
    judge(shop, &sold, &terms, &china);
}

/* --- clocks that change ------------------------------------------------------------------------------------------- */

/* On 28 March 2027 two o'clock is three; on 31 October three o'clock is two, again. */
static void an_hour_that_is_not_there_or_there_twice_is_judged_alike(void **state)
{
    struct shop *shop = *state;
    static const struct {
        const char *why, *scanned, *paid;
        int64_t total_minor;
        unsigned minute;
    } rows[] = {
        {"before clocks go forward, paid after", "2027-03-28T00:59:50Z", "2027-03-28T01:00:10Z", 1000, 180},
        {"from two on, by the first clock", "2027-10-31T00:00:10Z", "2027-10-31T00:59:50Z", 900, 179},
        {"begun by the first clock, paid by the second", "2027-10-31T00:59:50Z", "2027-10-31T01:00:10Z", 900, 120},
        {"from two on, by the second clock", "2027-10-31T01:00:30Z", "2027-10-31T01:59:59Z", 900, 179},
        {"three", "2027-10-31T01:59:59Z", "2027-10-31T02:00:00Z", 1000, 180},
    };
    const struct cf_campaign terms = terms_of(2 * 60, 3 * 60);
    const struct cf_store_settings settings = europe();
    move_to_europe(shop);
    send_happy(shop, 2 * 60, 3 * 60);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("# %s\n", rows[i].why);
        at(shop, rows[i].scanned);
        assert_ok(shop_scan(shop, SOAP));
        at(shop, rows[i].paid);
        assert_ok(shop_scan(shop, GIFT)); /* looked at again */
        assert_int_equal(shop_due(shop), rows[i].total_minor);
        struct cf_till_sold sold = shop_pay_all(shop);
        struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
        assert_true(sale->facts.local_date == 0 || sale->facts.minute == rows[i].minute);
        cf_sale_free(sale);
        judge(shop, &sold, &terms, &settings);
    }
}

/* --- promotions that a till had better not have ------------------------------------------------------------------- */

/* Of a page's campaign a bit was changed, so that it is still CBOR, and no promotion that a centre would send. */
static void a_promotion_that_contradicts_itself_is_left_out_by_name(void **state)
{
    struct shop *shop = *state;
    struct cf_campaign campaign = shop_campaign(HAPPY);
    struct cf_down_entry entry = {.kind = CF_DOWN_CAMPAIGN};
    struct cf_buf page;
    const struct cf_till_ignored *ignored;
    size_t left_out = 0;
    campaign.policy = CF_POLICY_AUTOMATIC;
    campaign.promotion.needs_coupon = false;
    entry.campaign = campaign;
    cf_buf_init(&page, CF_DOWN_ENTRY_MAX);
    assert_ok(cf_down_encode(&entry, &page, &shop->err));
    for (size_t bit = 0; bit < page.n * 8 && left_out < 5; bit++) {
        struct cf_down_entry back;
        uint8_t mask = (uint8_t)(1u << bit % 8);
        page.p[bit / 8] ^= mask;
        if (cf_down_decode(cf_buf_bytes(&page), &back, NULL) == CF_OK && back.campaign.unread &&
            back.campaign.id == HAPPY && strcmp(back.campaign.name, campaign.name) == 0) {
            left_out++;
            shop_send_bytes(shop, CF_TOPIC_CAMPAIGNS, cf_buf_bytes(&page));
            shop_restart(shop);
            assert_int_equal(cf_till_ignored(shop->till, &ignored), 1);
            assert_int_equal(ignored[0].campaign, HAPPY);
            assert_string_equal(ignored[0].name, campaign.name);
            assert_ok(shop_scan(shop, CREAM)); /* and the others of the page apply */
            assert_int_equal(shop_due(shop), 3591);
            (void)shop_pay_all(shop);
        }
        page.p[bit / 8] ^= mask;
    }
    assert_int_equal(left_out, 5);
    cf_buf_done(&page);
    shop_send_campaign(shop, &campaign);
    shop_restart(shop);
    assert_int_equal(cf_till_ignored(shop->till, &ignored), 0);
}

static void no_promotion_gives_money_back(void **state)
{
    struct shop *shop = *state;
    struct cf_campaign campaign = shop_campaign(HAPPY);
    campaign.policy = CF_POLICY_AUTOMATIC;
    campaign.promotion.needs_coupon = false;
    campaign.promotion.amount_minor = INT64_C(1000000000000);
    shop_send_campaign(shop, &campaign);
    shop_restart(shop);
    assert_ok(shop_scan(shop, SOAP));
    assert_int_equal(shop_due(shop), 0);
    assert_ok(shop_scan(shop, GIFT)); /* of price zero */
    assert_int_equal(shop_due(shop), 0);
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_true(sale->total_minor == 0 && sale->discount_minor == 1000 && sale->change_minor == 0);
    cf_sale_free(sale);
    judge(shop, &sold, &campaign, &china);
}

/* --- amounts at the edge ------------------------------------------------------------------------------------------ */

static void amounts_at_the_edge_are_refused_by_name_and_leave_the_sale_as_it_was(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(cf_till_quantity(shop->till, 1, -1000, NULL), CF_E_QUANTITY);
    assert_rc(cf_till_quantity(shop->till, 1, INT64_MIN, NULL), CF_E_QUANTITY);
    assert_rc(cf_till_quantity(shop->till, 1, INT64_MAX, NULL), CF_E_QUANTITY);
    assert_rc(cf_till_price(shop->till, 1, INT64_MAX, NULL), CF_E_PRICE);
    assert_rc(cf_till_price(shop->till, 1, INT64_MIN, NULL), CF_E_PRICE);
    assert_int_equal(shop_due(shop), 1000);
    assert_ok(cf_till_price(shop->till, 1, CF_PRICE_MINOR_MAX, &shop->err));
    assert_ok(cf_till_quantity(shop->till, 1, 10000, &shop->err));
    int64_t due = shop_due(shop);
    assert_true(due == CF_SALE_MINOR_MAX);
    assert_rc(cf_till_quantity(shop->till, 1, CF_QTY_MILLI_MAX, NULL), CF_E_OVERFLOW);
    assert_rc(shop_scan(shop, SOAP), CF_E_OVERFLOW);
    assert_int_equal(shop_due(shop), due);
    struct cf_till_sold sold;
    assert_ok(shop_pay(shop, CF_TENDER_CARD, due, "edge", &sold));
    assert_ok(shop_scan(shop, SOAP));
    sold = shop_pay_all(shop);
}

/* Change of a thousand such sales still adds up, so that the day can be closed. */
static void cash_beyond_all_reason_is_refused_by_name(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(shop_pay(shop, CF_TENDER_CASH, INT64_MAX, "", NULL), CF_E_TENDER_CASH);
    assert_rc(shop_pay(shop, CF_TENDER_CASH, INT64_C(952000001007200), "", NULL), CF_E_TENDER_CASH);
    assert_int_equal(shop_due(shop), 1000);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1000 + CF_TENDER_CASH_MAX, "", &sold));
    assert_int_equal(sold.change_minor, CF_TENDER_CASH_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shop_setup, shop_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_happy_hour_holds_from_its_first_instant_to_just_before_its_last),
        TEST(a_sale_is_of_the_hour_of_its_first_payment),
        TEST(the_price_of_an_hour_that_ended_is_seen_before_money_is_taken),
        TEST(a_sale_over_midnight_has_the_price_of_before_and_the_date_of_after),
        TEST(an_hour_that_is_not_there_or_there_twice_is_judged_alike),
        TEST(a_promotion_that_contradicts_itself_is_left_out_by_name),
        TEST(no_promotion_gives_money_back),
        TEST(amounts_at_the_edge_are_refused_by_name_and_leave_the_sale_as_it_was),
        TEST(cash_beyond_all_reason_is_refused_by_name),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
