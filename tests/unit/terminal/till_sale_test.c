/*
 * tests/unit/terminal/till_sale_test.c - what a cashier does besides scanning: lines, tenders, parking, reports, texts.
 */
#include <stdio.h>
#include <string.h>

#include "app/receipt/text_view.h"
#include "base/text.h"
#include "tests/support/shared_data.h"
#include "tests/unit/terminal/till_support.h"

/* --- lines -----------------------------------------------------------------------------------------------------------
 */

static void lines_are_changed_until_money_lies_on_the_counter(void **state)
{
    struct shop *shop = *state;
    assert_rc(cf_till_quantity(shop->till, 0, 2000, NULL), CF_E_SALE_NONE);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, APPLES));
    assert_ok(cf_till_quantity(shop->till, 0, 345, &shop->err)); /* the last line: 0.345 kg */
    assert_ok(cf_till_quantity(shop->till, 1, 3000, &shop->err));
    assert_int_equal(shop_due(shop), 3000 + 442);
    assert_ok(cf_till_price(shop->till, 1, 900, &shop->err));
    assert_int_equal(shop_due(shop), 2700 + 442);
    assert_rc(cf_till_quantity(shop->till, 1, 500, NULL), CF_E_QUANTITY); /* half a soap */
    assert_rc(cf_till_quantity(shop->till, 1, 0, NULL), CF_E_QUANTITY);
    assert_rc(cf_till_quantity(shop->till, 9, 1000, NULL), CF_E_LINE_NONE);
    assert_rc(cf_till_price(shop->till, 1, -1, NULL), CF_E_PRICE);
    assert_ok(cf_till_void(shop->till, 1, &shop->err));
    assert_rc(cf_till_void(shop->till, 1, NULL), CF_E_LINE_VOID);
    assert_int_equal(shop_due(shop), 442);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 100, "", NULL));
    assert_rc(cf_till_quantity(shop->till, 2, 1000, NULL), CF_E_SALE_TENDERED);
    assert_rc(shop_scan(shop, SOAP), CF_E_SALE_TENDERED);
    assert_rc(shop_scan(shop, shop_coupon(PINNED, 1)), CF_E_SALE_TENDERED);
    assert_rc(cf_till_cancel(shop->till, NULL), CF_E_SALE_TENDERED);
    assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_ok(shop_scan(shop, SOAP));
    assert_int_equal(shop_due(shop), 1442);
}

static void every_line_void_leaves_nothing_to_sell(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_void(shop->till, 0, &shop->err));
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 0, "", NULL), CF_E_SALE_EMPTY);
    assert_rc(cf_till_void(shop->till, 0, NULL), CF_E_LINE_NONE);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_true(shop_last_is(shop, CF_RECORD_CANCELLED));
}

/* --- tenders ---------------------------------------------------------------------------------------------------------
 */

static void cash_gives_change_and_cards_do_not(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    assert_ok(shop_scan(shop, TEA));
    assert_rc(shop_pay(shop, CF_TENDER_CARD, 2501, "A-1", NULL), CF_E_TENDER_OVER);
    assert_rc(shop_pay(shop, CF_TENDER_CARD, 1000, "", NULL), CF_E_TENDER_REFERENCE);
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 0, "", NULL), CF_E_TENDER_ZERO);
    assert_rc(shop_pay(shop, CF_TENDER_CASH, -100, "", NULL), CF_E_TENDER_ZERO);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING); /* what was refused began nothing */
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 1000, "A-1", &sold));
    assert_false(sold.committed);
    assert_int_equal(shop_due(shop), 1500);
    assert_ok(shop_pay(shop, CF_TENDER_MOBILE, 500, "wx-2", NULL));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 2000, "", &sold));
    assert_true(sold.committed);
    assert_int_equal(sold.total_minor, 2500);
    assert_int_equal(sold.change_minor, 1000);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->tenders.n, 3);
    assert_string_equal(sale->cashier, "Li Na");
    cf_sale_free(sale);
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 100, "", NULL), CF_E_SALE_NONE);
}

static void a_price_for_one_way_of_paying_holds_for_that_way_alone(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    struct cf_campaign campaign = shop_campaign(7001);
    campaign.policy = CF_POLICY_AUTOMATIC;
    campaign.money_limited = false;
    campaign.issue_in_store = false;
    campaign.promotion = (struct cf_promotion){.campaign = 7001,
                                               .version = campaign.version,
                                               .kind = CF_REWARD_ORDER_PERCENT,
                                               .percent_bp = 1000,
                                               .tenders = 1u << CF_TENDER_CARD};
    shop_send_campaign(shop, &campaign);
    assert_ok(shop_scan(shop, TEA));
    assert_int_equal(shop_due(shop), 2500); /* nobody has said how it is paid */
    assert_ok(cf_till_announce(shop->till, CF_TENDER_CARD, &shop->err));
    assert_int_equal(shop_due(shop), 2250);
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 1000, "A-1", NULL));
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 1250, "", NULL), CF_E_TENDER_TERMS);
    assert_int_equal(shop_due(shop), 1250);
    assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1000, "", NULL)); /* what pays first counts, whatever was announced */
    assert_int_equal(shop_due(shop), 1500);
    assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 2250, "A-2", &sold));
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->facts.tenders, 1u << CF_TENDER_CARD);
    assert_int_equal(sale->facts.local_date, 0); /* nobody asked */
    cf_sale_free(sale);
}

static void a_free_basket_is_sold_for_nothing(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    assert_ok(shop_scan(shop, GIFT));
    assert_rc(shop_pay(shop, CF_TENDER_CARD, 100, "A-1", NULL), CF_E_STATE); /* nothing is due */
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 0, "", &sold));
    assert_true(sold.committed);
    assert_int_equal(sold.total_minor, 0);
    shop_verify(shop);
    /* By coupons too: three times 3.00 off 7.00. */
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_price(shop->till, 0, 700, &shop->err));
    for (uint32_t k = 0; k < 3; k++)
        assert_ok(shop_scan(shop, shop_coupon(PINNED, k)));
    assert_int_equal(shop_due(shop), 0);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 0, "", &sold));
    assert_true(sold.committed);
}

static void the_price_stands_still_from_the_first_tender_on(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, CREAM));
    assert_int_equal(shop_due(shop), 3591);
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 591, "A-1", NULL));
    /* The promotion ends while the shopper looks for her purse. */
    shop->mono_us += 40 * TEST_DAY_S * CF_US_PER_S;
    assert_int_equal(shop_due(shop), 3000);
    struct cf_till_sold sold;
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 3000, "", &sold));
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->priced_before_ms, 40 * TEST_DAY_S * 1000);
    cf_sale_free(sale);
}

/* --- parking ---------------------------------------------------------------------------------------------------------
 */

static void a_parked_sale_comes_back_whole(void **state)
{
    struct shop *shop = *state;
    assert_rc(cf_till_park(shop->till, "x", NULL), CF_E_SALE_NONE);
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(cf_till_quantity(shop->till, 0, 2000, &shop->err));
    assert_ok(shop_scan(shop, shop_member(shop, 41)));
    assert_ok(shop_scan(shop, shop_coupon(PINNED, 1)));
    int64_t due = shop_due(shop);
    assert_ok(cf_till_park(shop->till, "lady in red", &shop->err));
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    (void)shop_sell(shop, SOAP);
    shop_restart(shop);
    assert_rc(cf_till_recall(shop->till, "nobody", NULL), CF_E_PARKED_NONE);
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(cf_till_recall(shop->till, "lady in red", NULL), CF_E_SALE_OPEN);
    assert_rc(cf_till_park(shop->till, "lady in red", NULL), CF_E_EXISTS);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_SELLING); /* a refused parking loses nothing */
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(cf_till_recall(shop->till, "lady in red", &shop->err));
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.due_minor, due);
    assert_true(view.member_live);
    assert_int_equal(view.n_coupons, 1);
    (void)shop_pay_all(shop);
    assert_rc(cf_till_recall(shop->till, "lady in red", NULL), CF_E_PARKED_NONE);
    shop_verify(shop);
}

/* --- reports ---------------------------------------------------------------------------------------------------------
 */

static void x_and_z_report_what_was_sold(void **state)
{
    struct shop *shop = *state;
    struct cf_till_report report;
    (void)shop_sell(shop, TEA);
    (void)shop_sell(shop, SOAP);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, shop_coupon(PINNED, 1)));
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 700, "A-9", NULL));
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    assert_false(report.is_z);
    assert_int_equal(report.z.z_no, 1);
    assert_int_equal(report.z.totals.n_sales, 3);
    assert_int_equal(report.z.totals.total_minor, 2500 + 1000 + 700);
    assert_int_equal(report.z.totals.discount_minor, 300);
    assert_int_equal(report.z.totals.tender_minor[CF_TENDER_CASH], 3500);
    assert_int_equal(report.z.totals.tender_minor[CF_TENDER_CARD], 700);
    assert_int_equal(report.z.totals.n_redemptions, 1);
    assert_int_equal(report.z.totals.n_issued, 1);
    assert_false(report.heads_agree);
    shop_acknowledge(shop);
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    assert_true(report.heads_agree);
    assert_int_equal(report.recorded.seq, 1 + 3); /* the start, and the sales */
    assert_int_equal(report.acknowledged_seq, 1 + 3);

    assert_ok(shop_scan(shop, SOAP));
    assert_rc(cf_till_z_report(shop->till, &report, NULL), CF_E_SALE_OPEN);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    assert_true(report.is_z);
    assert_int_equal(report.z.totals.n_sales, 3);
    shop_restart(shop);
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    assert_int_equal(report.z.z_no, 2);
    assert_int_equal(report.z.totals.n_sales, 0);
    assert_rc(cf_till_z_report(shop->till, &report, NULL), CF_E_DAY_CLOSED); /* once */
    shop->wall_us += 86400 * CF_US_PER_S;
    shop->mono_us += 86400 * CF_US_PER_S;
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err)); /* a day without sales is closed too */
    assert_int_equal(report.z.z_no, 2);
    shop_verify(shop);
}

/* The replica changes while money lies on the counter, and somebody prints an X report. */
static void a_report_in_the_middle_of_paying_leaves_the_sale_alone(void **state)
{
    struct shop *shop = *state;
    struct cf_till_report report;
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(shop_scan(shop, shop_coupon(PINNED, 1)));
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 100, "A-1", NULL));
    int64_t due = shop_due(shop);
    struct cf_campaign campaign = shop_campaign(AUTOMATIC);
    campaign.version = campaign.promotion.version = 2;
    campaign.promotion.percent_bp = 5000;
    shop_send_campaign(shop, &campaign);
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    assert_int_equal(shop_due(shop), due);
    struct cf_till_sold sold;
    assert_ok(shop_pay(shop, CF_TENDER_CASH, due, "", &sold));
    assert_true(sold.committed);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_discounts, 2);
    for (size_t k = 0; k < sale->n_discounts; k++)
        assert_int_equal(sale->discounts[k].version, 1);
    cf_sale_free(sale);
}

/* Killed after a card paid a part; before the restart a promotion begins that makes it too much. */
static void a_price_that_changed_over_a_restart_gives_the_tenders_back(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 3000, "A-1", NULL));
    struct cf_campaign campaign = shop_campaign(AUTOMATIC);
    campaign.version = campaign.promotion.version = 2;
    campaign.promotion.percent_bp = 5000;
    shop_send_campaign(shop, &campaign);
    for (int k = 0; k < 3; k++) { /* and stays so */
        shop_restart(shop);
        struct cf_till_view view = shop_view(shop);
        assert_int_equal(view.state, CF_CHECKOUT_SELLING);
        assert_int_equal(view.tenders->n, 0);
        assert_int_equal(view.due_minor, 1995);
    }
    /* What fits still stands: part of it is paid, and more is due than before. */
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 1000, "A-2", NULL));
    campaign.version = campaign.promotion.version = 3;
    campaign.promotion.percent_bp = 1000;
    shop_send_campaign(shop, &campaign);
    shop_restart(shop);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_TENDERING);
    assert_int_equal(shop_due(shop), 2591);
    (void)shop_pay_all(shop);
    shop_verify(shop);
}

/* --- what comes down between sales -----------------------------------------------------------------------------------
 */

static void news_of_the_replica_are_taken_up_between_sales(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, CREAM));
    struct cf_campaign campaign = shop_campaign(AUTOMATIC);
    campaign.version = campaign.promotion.version = 2;
    campaign.promotion.percent_bp = 5000;
    shop_send_campaign(shop, &campaign);
    assert_ok(shop_scan(shop, SOAP));
    assert_int_equal(shop_due(shop), 3591 + 1000); /* not in the middle of one */
    (void)shop_pay_all(shop);
    assert_ok(shop_scan(shop, CREAM));
    assert_int_equal(shop_due(shop), 1995);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(cf_till_rest(shop->till, &shop->err));
}

static void garbage(const char *dir, const char *name)
{
    char path[SHOP_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int k = 0; k < 5000; k++)
        (void)fputs("no database ", file);
    (void)fclose(file);
}

static void a_replica_that_is_garbage_stops_the_start_by_name(void **state)
{
    struct shop *shop = *state;
    (void)shop_sell(shop, SOAP);
    shop_close(shop);
    garbage(shop->dir, "replica.db");
    assert_rc(shop_try_open(shop), CF_E_REPLICA_BROKEN);
    assert_null(shop->till);
}

static void a_journal_of_another_terminal_is_not_sold_on(void **state)
{
    struct shop *shop = *state;
    shop_close(shop);
    garbage(shop->dir, "journal.db");
    assert_rc(shop_try_open(shop), CF_E_JOURNAL_BROKEN);
}

/* --- receipts
 * ----------------------------------------------------------------------------------------------------------
 */

static void a_receipt_waits_until_it_is_printed(void **state)
{
    struct shop *shop = *state;
    uint64_t seq = 0;
    assert_rc(cf_till_unprinted(shop->till, &seq, NULL), CF_E_NOT_FOUND);
    struct cf_till_sold sold = shop_sell(shop, TEA);
    shop_restart(shop);
    assert_ok(cf_till_unprinted(shop->till, &seq, &shop->err));
    assert_int_equal(seq, sold.at.seq);
    assert_ok(cf_till_printed(shop->till, seq, CF_PRINT_DONE, &shop->err));
    assert_rc(cf_till_unprinted(shop->till, &seq, NULL), CF_E_NOT_FOUND);
    struct cf_receipt *receipt = NULL;
    assert_rc(cf_till_receipt(shop->till, 99, &receipt, NULL), CF_E_NOT_FOUND);
    assert_ok(cf_till_receipt(shop->till, seq, &receipt, &shop->err));
    cf_receipt_free(receipt);
}

/* --- naughty texts
 * -----------------------------------------------------------------------------------------------------
 */

static void assert_clean(struct cf_receipt *receipt, cf_bytes line)
{
    struct cf_buf out;
    cf_buf_init(&out, 1u << 20);
    assert_ok(cf_receipt_text(receipt, 48, &out, NULL));
    assert_true(cf_text_is_utf8(cf_buf_bytes(&out)));
    for (size_t at = 0; at < out.n;) {
        uint32_t c = cf_text_next(cf_buf_bytes(&out), &at);
        if (c != '\n' && cf_text_is_control(c))
            fail_msg("a control character of \"%.*s\" reached the receipt", (int)line.n, (const char *)line.p);
    }
    cf_buf_done(&out);
}

static void with_cashier(struct shop *shop, const char *text)
{
    static struct cf_env env;
    struct cf_journal_identity identity;
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_journal_identity(cf_till_journal(shop->till), &identity);
    cf_private_key_save(test_key(TILL), scalar);
    shop_close(shop);
    env = *cf_env_system();
    struct cf_till_config config = {.dir = shop->dir,
                                    .terminal = identity.terminal,
                                    .epoch = identity.epoch,
                                    .store = identity.store,
                                    .label = text,
                                    .cashier = text,
                                    .roots = {test_public(ROOT_A), test_public(ROOT_B)},
                                    .sign_key = scalar};
    assert_ok(cf_till_open(&config, &env, &shop->till, &shop->err));
}

static void naughty_texts_stay_harmless(void **state)
{
    static const char *const own[] = {"\x1b[31mred\x1b[0m", "a\r\nb\tc", "\xff\xfe\x80",
                                      /* NOLINTNEXTLINE(misc-misleading-bidirectional): that is the point */
                                      "\xe2\x80\xae"
                                      "esrever",
                                      "'; DROP TABLE record; --", "%s%n%x", "",
                                      "\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9"
                                      "\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9\xf0\x9f\x92\xa9"};
    struct shop *shop = *state;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        with_cashier(shop, own[i]);
        struct cf_till_sold sold = shop_sell(shop, TEA);
        struct cf_receipt *receipt = NULL;
        assert_ok(cf_till_receipt(shop->till, sold.at.seq, &receipt, &shop->err));
        assert_clean(receipt, cf_bytes_str(own[i]));
        cf_receipt_free(receipt);
        assert_ok(shop_scan(shop, SOAP));
        enum cf_rc rc = cf_till_park(shop->till, own[i], &shop->err);
        if (rc == CF_OK) /* a label that is taken comes back under the same name */
            assert_ok(cf_till_recall(shop->till, own[i], &shop->err));
        assert_ok(cf_till_cancel(shop->till, &shop->err));
    }
    shop_verify(shop);
}

static void every_naughty_string_as_scan_and_reference(void **state)
{
    struct shop *shop = *state;
    struct cf_buf all;
    cf_buf_init(&all, 4u << 20);
    if (!cf_shared_data_read("strings/blns.txt", &all)) {
        print_message("# no strings/blns.txt: skipped\n");
        cf_buf_done(&all);
        skip();
    }
    size_t at = 0, n = 0;
    cf_bytes line;
    while (cf_shared_data_line(cf_buf_bytes(&all), &at, &line)) {
        struct cf_till_scanned scanned;
        struct cf_tender tender = {.kind = CF_TENDER_CARD, .amount_minor = 1};
        if (cf_till_scan(shop->till, line, &scanned, &shop->err) == CF_OK)
            fail_msg("\"%.*s\" was taken as goods", (int)line.n, (const char *)line.p);
        assert_true(cf_text_is_utf8(cf_bytes_str(shop->err.detail)));
        if (line.n > CF_REFERENCE_MAX || ++n % 8 != 0)
            continue;
        memcpy(tender.reference, line.p, line.n);
        assert_ok(shop_scan(shop, SOAP));
        if (cf_till_tender(shop->till, &tender, NULL, &shop->err) == CF_OK)
            assert_ok(cf_till_untender(shop->till, &shop->err));
        shop_restart(shop); /* what was taken can be read back */
        assert_ok(cf_till_cancel(shop->till, &shop->err));
    }
    cf_buf_done(&all);
    shop_verify(shop);
}

/* --- coins, and other money ------------------------------------------------------------------------------------------
 */

static void send_rules(struct shop *shop, struct cf_cash_rule cash)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_RULES};
    cf_store_rules_default(&entry.store_rules);
    entry.store_rules.has_cash = true;
    entry.store_rules.cash = cash;
    entry.store_rules.n_rates = 1;
    entry.store_rules.rates[0] = (struct cf_store_rate){{{"USD"}, 712340000}, 100};
    shop_send(shop, CF_TOPIC_RULES, &entry);
    shop_restart(shop);
}

static void cash_is_rounded_to_what_there_are_coins_for(void **state)
{
    struct shop *shop = *state;
    int64_t due = 0;
    struct cf_till_sold sold;
    send_rules(shop, (struct cf_cash_rule){50, CF_CASH_DOWN});
    assert_ok(shop_scan(shop, APPLES));
    assert_ok(cf_till_quantity(shop->till, 0, 345, &shop->err)); /* 4.42 */
    assert_ok(cf_till_due_in_cash(shop->till, (cf_currency){"CNY"}, &due, &shop->err));
    assert_int_equal(due, 400);
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 100, "R1", NULL));
    assert_ok(cf_till_due_in_cash(shop->till, (cf_currency){"CNY"}, &due, &shop->err));
    assert_int_equal(due, 300);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 500, "", &sold));
    assert_true(sold.committed);
    assert_int_equal(sold.total_minor, 442);
    assert_int_equal(sold.change_minor, 200);
    struct cf_till_report report;
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    struct cf_till_return what = {.receipt = "1"};
    struct cf_till_returned back;
    assert_ok(cf_till_return(shop->till, &what, &back, &shop->err));
    assert_int_equal(back.tenders[0].amount_minor + back.tenders[1].amount_minor, 400); /* what was paid */
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    shop_verify(shop);
}

/* The rule of that moment stands in the record; where it changed between two tenders, over a restart, none does. */
static void the_record_names_the_rule_by_which_cash_was_rounded(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    send_rules(shop, (struct cf_cash_rule){50, CF_CASH_DOWN});
    sold = shop_sell(shop, CREAM); /* 35.91: 35.50 */
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->tenders.cash.step_minor, 50);
    assert_int_equal(sale->tenders.cash.way, CF_CASH_DOWN);
    assert_int_equal(sale->tenders.rounding_minor, -41);
    cf_sale_free(sale);
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 3549, "", NULL)); /* not settled: 1 short of the coin */
    send_rules(shop, (struct cf_cash_rule){100, CF_CASH_DOWN});
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 0, "", &sold)); /* what is left needs no coin any more */
    assert_true(sold.committed);
    sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->tenders.cash.step_minor, 0);
    cf_sale_free(sale);
    shop_verify(shop);
}

static void other_money_is_worth_what_the_store_says(void **state)
{
    struct shop *shop = *state;
    struct cf_tender dollars = {.kind = CF_TENDER_CASH, .foreign_minor = 100, .rate.currency = {"USD"}};
    struct cf_till_sold sold;
    int64_t due = 0;
    assert_ok(shop_scan(shop, TEA));
    assert_rc(cf_till_tender(shop->till, &dollars, NULL, NULL), CF_E_CURRENCY); /* no rate yet */
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    send_rules(shop, (struct cf_cash_rule){1, CF_CASH_NEAREST});
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_due_in_cash(shop->till, (cf_currency){"USD"}, &due, &shop->err));
    assert_int_equal(due, 400); /* 3.51, and no coins are taken */
    dollars.foreign_minor = 150;
    assert_rc(cf_till_tender(shop->till, &dollars, NULL, NULL), CF_E_RANGE); /* half a dollar */
    dollars.kind = CF_TENDER_CARD;
    assert_rc(cf_till_tender(shop->till, &dollars, NULL, NULL), CF_E_CURRENCY);
    dollars.kind = CF_TENDER_CASH;
    dollars.foreign_minor = 100;
    assert_ok(cf_till_tender(shop->till, &dollars, &sold, &shop->err));
    assert_int_equal(shop_due(shop), 2500 - 712);
    shop_restart(shop); /* a part in other money is kept like any other */
    assert_int_equal(shop_due(shop), 2500 - 712);
    dollars.foreign_minor = 300;
    assert_ok(cf_till_tender(shop->till, &dollars, &sold, &shop->err));
    assert_true(sold.committed);
    assert_int_equal(sold.change_minor, 712 + 2137 - 2500); /* in our own money */
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->tenders.tender[1].foreign_minor, 300);
    assert_int_equal(sale->tenders.tender[1].rate.rate_e8, 712340000);
    cf_sale_free(sale);
    shop_verify(shop);
}

int main(void)
{
#define in_shop(test) cmocka_unit_test_setup_teardown(test, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        in_shop(lines_are_changed_until_money_lies_on_the_counter),
        in_shop(every_line_void_leaves_nothing_to_sell),
        in_shop(cash_gives_change_and_cards_do_not),
        in_shop(cash_is_rounded_to_what_there_are_coins_for),
        in_shop(the_record_names_the_rule_by_which_cash_was_rounded),
        in_shop(other_money_is_worth_what_the_store_says),
        in_shop(a_price_for_one_way_of_paying_holds_for_that_way_alone),
        in_shop(a_free_basket_is_sold_for_nothing),
        in_shop(the_price_stands_still_from_the_first_tender_on),
        in_shop(a_parked_sale_comes_back_whole),
        in_shop(x_and_z_report_what_was_sold),
        in_shop(a_report_in_the_middle_of_paying_leaves_the_sale_alone),
        in_shop(a_price_that_changed_over_a_restart_gives_the_tenders_back),
        in_shop(news_of_the_replica_are_taken_up_between_sales),
        in_shop(a_replica_that_is_garbage_stops_the_start_by_name),
        in_shop(a_journal_of_another_terminal_is_not_sold_on),
        in_shop(a_receipt_waits_until_it_is_printed),
        in_shop(naughty_texts_stay_harmless),
        in_shop(every_naughty_string_as_scan_and_reference),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_keys_done();
    return failed;
}
