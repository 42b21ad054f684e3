/*
 * tests/unit/terminal/till_return_test.c - goods of an earlier sale come back: here, from another till, in doubt.
 */
#include <stdio.h>
#include <string.h>

#include "app/receipt/text_view.h"
#include "app/terminal/step.h"
#include "tests/unit/terminal/returns_support.h"

static enum cf_rc take_back(struct shop *shop, const char *receipt, struct cf_till_returned *ret)
{
    const struct cf_till_return what = {.receipt = receipt};
    return cf_till_return(shop->till, &what, ret, &shop->err);
}

static enum cf_rc take_line(struct shop *shop, const char *receipt, uint32_t line_no, int64_t qty_milli,
                            struct cf_till_returned *ret)
{
    const struct cf_asked_line line = {line_no, qty_milli};
    const struct cf_till_return what = {.receipt = receipt, .n_lines = 1, .lines = &line};
    return cf_till_return(shop->till, &what, ret, &shop->err);
}

static enum cf_rc void_sale(struct shop *shop, const char *receipt, struct cf_till_returned *ret)
{
    const struct cf_till_return what = {.receipt = receipt, .is_void = true};
    return cf_till_return(shop->till, &what, ret, &shop->err);
}

/* Three soaps (30.00) and a tea (25.00), cash. */
static struct cf_till_sold sell_basket(struct shop *shop)
{
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_quantity(shop->till, 0, 3000, &shop->err));
    assert_ok(shop_scan(shop, TEA));
    return shop_pay_all(shop);
}

/* --- this till's own sales -----------------------------------------------------------------------------------------
 */

static void goods_come_back_line_by_line_until_nothing_is_left(void **state)
{
    struct shop *shop = *state;
    struct cf_till_returned back;
    struct cf_till_sold sold = sell_basket(shop);
    const char *receipt = returns_receipt(sold.at.seq);
    assert_ok(take_line(shop, receipt, 1, 1000, &back));
    assert_int_equal(back.total_minor, 1000);
    assert_int_equal(back.return_no, sold.sale_no + 1);
    assert_int_equal(back.of.seq, sold.at.seq);
    assert_true(shop_last_is(shop, CF_RECORD_RETURN));
    assert_rc(take_line(shop, receipt, 1, 3000, NULL), CF_E_RETURN_QUANTITY);
    shop_restart(shop);
    assert_ok(take_line(shop, receipt, 1, 0, &back)); /* what is left of it */
    assert_int_equal(back.total_minor, 2000);
    assert_rc(take_line(shop, receipt, 1, 1000, NULL), CF_E_RETURN_QUANTITY);
    assert_rc(take_line(shop, receipt, 1, 0, NULL), CF_E_RETURN_EMPTY);
    assert_rc(take_line(shop, receipt, 3, 1000, NULL), CF_E_LINE_NONE);
    assert_ok(take_back(shop, receipt, &back));
    assert_int_equal(back.total_minor, 2500);
    assert_rc(take_back(shop, receipt, NULL), CF_E_RETURN_EMPTY);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    shop_verify(shop);
    shop_restart(shop);
    assert_rc(take_back(shop, receipt, NULL), CF_E_RETURN_EMPTY);
    assert_int_equal(shop_sell(shop, SOAP).sale_no, back.return_no + 1);
}

static void a_sale_is_found_by_its_number_its_receipt_or_its_code(void **state)
{
    struct shop *shop = *state;
    struct cf_till_returned back;
    char text[64];
    uint64_t seq[6];
    for (size_t i = 0; i < 6; i++) {
        seq[i] = shop_sell(shop, SOAP).at.seq;
        if (i == 2) { /* numbers that are no sale's */
            assert_ok(shop_scan(shop, SOAP));
            assert_ok(cf_till_cancel(shop->till, &shop->err));
        }
    }
    assert_ok(take_back(shop, "5", &back)); /* the cancelled one was number 4 */
    assert_int_equal(back.of.seq, seq[3]);
    assert_int_equal(back.of.sale_no, 5);
    snprintf(text, sizeof text, "CR1:%u-1-%llu", SHOP_TILL, (unsigned long long)seq[0]);
    assert_ok(take_back(shop, text, &back));
    assert_int_equal(back.of.seq, seq[0]);
    assert_ok(take_back(shop, returns_receipt(seq[5]), &back));
    for (size_t i = 0; i < 6; i++) { /* each number leads to its own sale */
        snprintf(text, sizeof text, "%zu", i < 3 ? i + 1 : i + 2);
        enum cf_rc rc = take_back(shop, text, &back);
        assert_true(i == 0 || i == 3 || i == 5 ? rc == CF_E_RETURN_EMPTY : rc == CF_OK && back.of.seq == seq[i]);
    }
}

static void what_is_no_sale_of_this_till_is_refused_by_name(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold = shop_sell(shop, SOAP);
    assert_ok(take_back(shop, "1", NULL));
    static const char *const none[] = {"4",
                                       "2",
                                       "99",
                                       "0",
                                       "",
                                       "soap",
                                       "21-1-000003", /* the return itself */
                                       "21-1-77",
                                       "21-1-0",
                                       "21-1-9223372036854775807",
                                       "99999999999999999999"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (take_back(shop, none[i], NULL) != CF_E_RETURN_SALE)
            fail_msg("\"%s\": %s", none[i], cf_rc_name(shop->err.rc));
    assert_int_equal(shop_records(shop), sold.at.seq + 1);
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(take_back(shop, "1", NULL), CF_E_SALE_OPEN);
}

static void a_void_takes_back_the_whole_sale_of_today(void **state)
{
    struct shop *shop = *state;
    struct cf_till_returned back;
    struct cf_till_sold one = sell_basket(shop), two = sell_basket(shop), three = sell_basket(shop);
    assert_ok(void_sale(shop, returns_receipt(one.at.seq), &back));
    assert_int_equal(back.total_minor, one.total_minor);
    assert_rc(void_sale(shop, returns_receipt(one.at.seq), NULL), CF_E_RETURN_VOID);
    assert_ok(take_line(shop, returns_receipt(two.at.seq), 2, 1000, NULL));
    assert_rc(void_sale(shop, returns_receipt(two.at.seq), NULL), CF_E_RETURN_VOID);
    shop->wall_us += 24 * 3600 * CF_US_PER_S;
    shop->mono_us += 24 * 3600 * CF_US_PER_S;
    assert_rc(void_sale(shop, returns_receipt(three.at.seq), NULL), CF_E_RETURN_VOID);
    assert_ok(take_back(shop, returns_receipt(three.at.seq), &back));
}

static void the_money_goes_back_to_the_card_before_the_drawer(void **state)
{
    struct shop *shop = *state;
    struct cf_till_returned back;
    struct cf_till_sold sold;
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_quantity(shop->till, 0, 2000, &shop->err));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1000, "", NULL));
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 3000, "A-1", NULL));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 2000, "", &sold));
    assert_int_equal(sold.change_minor, 1000);
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 1, 1000, &back));
    assert_int_equal(back.n_tenders, 1);
    assert_int_equal(back.tenders[0].kind, CF_TENDER_CARD);
    assert_int_equal(back.tenders[0].amount_minor, 2500);
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 1, 1000, &back));
    assert_int_equal(back.n_tenders, 3);
    assert_int_equal(back.tenders[0].amount_minor, 500);
    assert_int_equal(back.tenders[1].kind, CF_TENDER_CASH);
}

static void the_day_counts_returns_beside_sales(void **state)
{
    struct shop *shop = *state;
    struct cf_till_report report;
    struct cf_till_sold sold = sell_basket(shop);
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 2, 0, NULL));
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    assert_int_equal(report.z.totals.n_sales, 1);
    assert_int_equal(report.z.totals.total_minor, 5500);
    assert_int_equal(report.z.totals.returned.n_returns, 1);
    assert_int_equal(report.z.totals.returned.total_minor, 2500);
    assert_int_equal(report.z.totals.returned.tender_minor[CF_TENDER_CASH], 2500);
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    /* A return of yesterday's sale, on a day without sales. */
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 1, 1000, NULL));
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    assert_int_equal(report.z.totals.n_sales, 0);
    assert_int_equal(report.z.totals.returned.total_minor, 1000);
    shop_verify(shop);
}

static void the_receipt_of_a_return_names_the_sale(void **state)
{
    struct shop *shop = *state;
    struct cf_till_returned back;
    struct cf_receipt *receipt;
    struct cf_buf text;
    const char *printed;
    uint64_t waiting;
    struct cf_till_sold sold = sell_basket(shop);
    assert_ok(cf_till_printed(shop->till, sold.at.seq, CF_PRINT_DONE, &shop->err));
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 1, 2000, &back));
    assert_ok(cf_till_unprinted(shop->till, &waiting, &shop->err));
    assert_int_equal(waiting, back.at.seq);
    assert_ok(cf_till_receipt(shop->till, back.at.seq, &receipt, &shop->err));
    cf_buf_init(&text, CF_TEXT_VIEW_BYTES_MAX);
    assert_ok(cf_receipt_text(receipt, CF_TEXT_VIEW_COLUMNS, &text, &shop->err));
    assert_ok(cf_buf_cstr(&text, &printed, &shop->err));
    assert_non_null(strstr(printed, "RETURN"));
    assert_non_null(strstr(printed, returns_receipt(sold.at.seq)));
    assert_non_null(strstr(printed, "2 of 共 3"));
    assert_non_null(strstr(printed, "20.00"));
    cf_buf_done(&text);
    cf_receipt_free(receipt);
}

/* --- rights --------------------------------------------------------------------------------------------------------
 */

static struct cf_till_sold sell_with(struct shop *shop, uint32_t campaign, uint32_t index)
{
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_quantity(shop->till, 0, 3000, &shop->err));
    assert_ok(shop_scan(shop, shop_coupon(campaign, index)));
    return shop_pay_all(shop);
}

static void a_coupon_lives_again_when_its_goods_are_back(void **state)
{
    struct shop *shop = *state;
    struct cf_till_returned back;
    struct cf_till_sold sold = sell_with(shop, PINNED, 7);
    assert_rc(shop_scan(shop, shop_coupon(PINNED, 7)), CF_E_COUPON_SPENT);
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 1, 2000, &back));
    assert_int_equal(back.n_rights, 0);
    assert_rc(shop_scan(shop, shop_coupon(PINNED, 7)), CF_E_COUPON_SPENT);
    assert_ok(take_back(shop, returns_receipt(sold.at.seq), &back));
    assert_int_equal(back.n_rights, 1);
    assert_int_equal(back.rights[0].fate, CF_ON_RETURN_GIVE_BACK);
    assert_int_equal(back.rights[0].cost_minor, 300);
    shop_restart(shop);
    (void)sell_with(shop, PINNED, 7); /* once more, and no oftener */
    assert_rc(shop_scan(shop, shop_coupon(PINNED, 7)), CF_E_COUPON_SPENT);
    shop_verify(shop);
}

static void a_leased_right_that_came_back_takes_another_unit(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold = {0};
    for (int i = 0; i < 3; i++) { /* three units are leased; each sale uses one, whatever comes back */
        sold = sell_with(shop, LEASED, 1);
        assert_ok(take_back(shop, returns_receipt(sold.at.seq), NULL));
    }
    assert_ok(shop_scan(shop, TEA));
    assert_rc(shop_scan(shop, shop_coupon(LEASED, 1)), CF_E_COUPON_LEASE);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    shop_verify(shop);
}

static void a_coupon_that_the_campaign_burns_stays_spent(void **state)
{
    struct shop *shop = *state;
    struct cf_till_returned back;
    struct cf_campaign campaign = shop_campaign(PINNED);
    struct cf_till_sold sold = sell_with(shop, PINNED, 7);
    campaign.version = campaign.promotion.version = 2;
    campaign.on_return = CF_ON_RETURN_BURN;
    shop_send_campaign(shop, &campaign);
    assert_ok(void_sale(shop, returns_receipt(sold.at.seq), &back));
    assert_int_equal(back.n_rights, 1);
    assert_int_equal(back.rights[0].fate, CF_ON_RETURN_BURN);
    assert_rc(shop_scan(shop, shop_coupon(PINNED, 7)), CF_E_COUPON_SPENT);
    shop_restart(shop);
    assert_rc(shop_scan(shop, shop_coupon(PINNED, 7)), CF_E_COUPON_SPENT);
    shop_verify(shop);
}

/* The code on the receipt of that sale; valid until the next call but seven. */
static const char *coupon_of_receipt(struct shop *shop, uint64_t seq)
{
    struct cf_sale *sale = shop_sale_of(shop, seq);
    assert_int_equal(sale->n_issued, 1);
    const struct cf_coupon coupon = {
        .campaign = sale->issued[0].campaign, .index = sale->issued[0].index, .exp_s = sale->issued[0].exp_s};
    const char *text = shop_sign_coupon(&coupon, sale->issued[0].grant_id, TILL);
    cf_sale_free(sale);
    return text;
}

static void a_coupon_of_the_receipt_is_void_when_all_of_its_goods_are_back(void **state)
{
    struct shop *shop = *state;
    struct cf_till_returned back;
    struct cf_till_sold sold = sell_basket(shop);
    const char *coupon = coupon_of_receipt(shop, sold.at.seq);
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 1, 0, &back));
    assert_int_equal(back.n_revoked, 0);
    assert_ok(shop_scan(shop, TEA)); /* some of the goods stay, and it is good */
    assert_ok(shop_scan(shop, coupon));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(take_back(shop, returns_receipt(sold.at.seq), &back));
    assert_int_equal(back.n_revoked, 1);
    assert_int_equal(back.revoked[0].campaign, ISSUED);
    assert_false(back.revoked[0].used);
    assert_ok(shop_scan(shop, TEA));
    assert_rc(shop_scan(shop, coupon), CF_E_COUPON_REVOKED);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    shop_verify(shop);
    shop_restart(shop);
    assert_ok(shop_scan(shop, TEA));
    assert_rc(shop_scan(shop, coupon), CF_E_COUPON_REVOKED);
}

static void a_coupon_of_the_receipt_that_was_used_is_said_and_never_lives_again(void **state)
{
    struct shop *shop = *state;
    struct cf_till_returned back;
    struct cf_receipt *receipt = NULL;
    const char *printed = NULL;
    struct cf_campaign campaign = shop_campaign(ISSUED);
    struct cf_buf text CF_CLEANUP(cf_buf_done);
    campaign.version = campaign.promotion.version = 2;
    campaign.issue_min_minor = 5000; /* not on the sale that it is used for */
    shop_send_campaign(shop, &campaign);
    struct cf_till_sold first = sell_basket(shop);
    const char *coupon = coupon_of_receipt(shop, first.at.seq);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, coupon));
    struct cf_till_sold second = shop_pay_all(shop);
    assert_ok(take_back(shop, returns_receipt(first.at.seq), &back)); /* what was paid for them is given back */
    assert_int_equal(back.total_minor, first.total_minor);
    assert_int_equal(back.n_revoked, 1);
    assert_true(back.revoked[0].used);
    cf_buf_init(&text, 65536);
    assert_ok(cf_till_receipt(shop->till, back.at.seq, &receipt, &shop->err));
    assert_ok(cf_receipt_text(receipt, CF_TEXT_VIEW_COLUMNS, &text, &shop->err));
    assert_ok(cf_buf_cstr(&text, &printed, &shop->err));
    assert_non_null(strstr(printed, "Coupon given, was used"));
    cf_receipt_free(receipt);
    assert_ok(take_back(shop, returns_receipt(second.at.seq), &back)); /* its use is undone, and it stays void */
    assert_int_equal(back.n_rights, 1);
    assert_int_equal(back.rights[0].fate, CF_ON_RETURN_BURN); /* nobody is told that it is good again */
    assert_ok(shop_scan(shop, TEA));
    assert_rc(shop_scan(shop, coupon), CF_E_COUPON_REVOKED);
    shop_verify(shop);
}

/* It was on a parked sale when its goods came back. */
static void a_parked_sale_does_not_keep_a_coupon_whose_goods_are_back(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold = sell_basket(shop);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, coupon_of_receipt(shop, sold.at.seq)));
    assert_ok(cf_till_park(shop->till, "1", &shop->err));
    assert_ok(take_back(shop, returns_receipt(sold.at.seq), NULL));
    assert_ok(cf_till_recall(shop->till, "1", &shop->err));
    assert_rc(shop_pay(shop, CF_TENDER_CASH, shop_due(shop), "", NULL), CF_E_COUPON_REVOKED);
    assert_int_equal(shop_records(shop), sold.at.seq + 1);
    shop_verify(shop);
}

static void points_are_taken_back_with_the_goods(void **state)
{
    struct shop *shop = *state;
    struct cf_till_returned back;
    assert_ok(shop_scan(shop, shop_member(shop, 1)));
    struct cf_till_sold sold = sell_basket(shop);
    assert_true(sold.points > 0);
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 2, 0, &back));
    int64_t points = back.points;
    assert_true(points > 0 && points < sold.points);
    assert_ok(take_back(shop, returns_receipt(sold.at.seq), &back));
    assert_int_equal(points + back.points, sold.points);
}

/* --- another till's sales ------------------------------------------------------------------------------------------
 */

/* A sale as another till of the store made it, and what the centre says of it. */
static void make_other(struct shop *shop, struct other_sale *other)
{
    other_sale_of(shop, sell_basket(shop).at.seq, other);
}

static void a_sale_of_another_till_is_asked_for(void **state)
{
    struct shop *shop = *state;
    static struct other_sale other;
    struct cf_till_returned back;
    make_other(shop, &other);
    assert_rc(take_back(shop, "22-1-000009", NULL), CF_E_RETURN_ELSEWHERE);
    assert_non_null(strstr(shop->err.detail, "till 22"));
    assert_int_equal(shop->asked, 0); /* this till may not ask the centre */
    shop_go_online(shop, CF_OK);
    assert_ok(take_line(shop, "22-1-000009", 1, 1000, &back));
    assert_int_equal(shop->asked, 1);
    assert_int_equal(shop->asked_sale.terminal, 22);
    assert_int_equal(shop->asked_sale.seq, 9);
    assert_int_equal(back.total_minor, 1000);
    assert_true(shop_last_is(shop, CF_RECORD_RETURN));
    /* What this till took back itself it knows, whether or not the centre has heard of it. */
    assert_rc(take_line(shop, "22-1-9", 1, 3000, NULL), CF_E_RETURN_QUANTITY);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST)); /* the goods were kept for it: not any more */
    assert_ok(take_line(shop, "22-1-9", 1, 2000, NULL));
    other_sale_done(shop, &other);
    shop_verify(shop);
}

static void what_came_back_elsewhere_counts(void **state)
{
    struct shop *shop = *state;
    static struct other_sale other;
    struct cf_till_returned back;
    make_other(shop, &other);
    shop_go_online(shop, CF_OK);
    other.reply.n_before = 1;
    other.reply.before[0] = (struct cf_asked_line){1, 2000};
    assert_rc(take_line(shop, "22-1-9", 1, 2000, NULL), CF_E_RETURN_QUANTITY);
    assert_rc(void_sale(shop, "22-1-9", NULL), CF_E_RETURN_VOID);
    assert_ok(take_back(shop, "22-1-9", &back));
    assert_int_equal(back.total_minor, 1000 + 2500);
    other.reply.before[0].line_no = 3; /* nonsense */
    assert_rc(take_back(shop, "22-1-10", NULL), CF_E_RETURN_ELSEWHERE);
    other.reply.n_before = 0;
    other.reply.rc = CF_E_RETURN_QUANTITY;
    assert_rc(take_back(shop, "22-1-11", NULL), CF_E_RETURN_QUANTITY);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST)); /* of the nonsense */
    other_sale_done(shop, &other);
}

static void with_a_link_the_centre_is_asked_for_own_sales_too(void **state)
{
    struct shop *shop = *state;
    static struct other_sale other;
    struct cf_till_returned back;
    struct cf_till_sold sold = sell_basket(shop);
    const char *receipt = returns_receipt(sold.at.seq);
    make_other(shop, &other);
    shop_go_online(shop, CF_OK);
    other.reply.n_before = 1;
    other.reply.before[0] = (struct cf_asked_line){2, 1000}; /* the tea came back at another till */
    assert_rc(take_line(shop, returns_receipt(sold.at.seq), 2, 1000, NULL), CF_E_RETURN_QUANTITY);
    shop->sale_reply = NULL; /* the centre has not heard of the sale: then nobody else has either */
    assert_ok(take_line(shop, receipt, 1, 1000, &back));
    shop->net_rc = CF_E_LINK_DOWN;
    assert_ok(take_line(shop, receipt, 1, 1000, &back));
    shop->mono_us += 31 * CF_US_PER_S;
    shop->net_rc = CF_E_TIMEOUT; /* nobody knows */
    assert_rc(take_line(shop, receipt, 1, 1000, NULL), CF_E_RETURN_ELSEWHERE);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
    other_sale_done(shop, &other);
    shop_verify(shop);
}

/* The tea came back at another till, of which only the centre knows; then the link goes. */
static void what_the_centre_said_of_a_receipt_counts_when_it_cannot_be_asked(void **state)
{
    struct shop *shop = *state;
    static struct other_sale other;
    struct cf_till_sold sold = sell_basket(shop);
    make_other(shop, &other);
    shop_go_online(shop, CF_OK);
    other.reply.n_before = 1;
    other.reply.before[0] = (struct cf_asked_line){2, 1000};
    assert_rc(take_line(shop, returns_receipt(sold.at.seq), 2, 1000, NULL), CF_E_RETURN_QUANTITY);
    shop->net_rc = CF_E_LINK_DOWN;
    assert_rc(take_line(shop, returns_receipt(sold.at.seq), 2, 1000, NULL), CF_E_RETURN_QUANTITY);
    shop_restart(shop);
    assert_rc(take_line(shop, returns_receipt(sold.at.seq), 2, 1000, NULL), CF_E_RETURN_QUANTITY);
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 1, 1000, NULL)); /* the rest comes back as ever */
    shop->mono_us += 31 * CF_US_PER_S;
    shop->net_rc = CF_OK;
    other.reply.n_before = 0;
    other.reply.rc = CF_E_RETURN_EMPTY;
    assert_rc(take_back(shop, returns_receipt(sold.at.seq), NULL), CF_E_RETURN_EMPTY);
    shop->net_rc = CF_E_LINK_DOWN; /* how much of what was asked is back nobody said */
    assert_rc(take_line(shop, returns_receipt(sold.at.seq), 1, 1000, NULL), CF_E_RETURN_QUANTITY);
    shop->mono_us += 31 * CF_US_PER_S;
    shop->net_rc = CF_OK;
    other.reply.rc = CF_OK; /* whoever had it kept gave that up */
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 1, 1000, NULL));
    shop->net_rc = CF_E_LINK_DOWN;
    assert_ok(take_line(shop, returns_receipt(sold.at.seq), 2, 1000, NULL));
    other_sale_done(shop, &other);
    shop_verify(shop);
}

static void the_hub_is_asked_and_then_the_centre(void **state)
{
    struct shop *shop = *state;
    static struct other_sale other;
    make_other(shop, &other);
    shop_send_hub(shop, 1);
    shop_go_online(shop, CF_OK);
    assert_ok(take_line(shop, "22-1-9", 1, 1000, NULL));
    assert_int_equal(shop->hub_asked, 1);
    assert_int_equal(shop->asked, 1);
    shop->net_rc = CF_E_LINK_DOWN; /* the hub alone will do */
    assert_ok(take_line(shop, "22-1-9", 1, 1000, NULL));
    other.reply.rc = CF_E_RETURN_SALE; /* the hub does not know it, the centre is not there */
    assert_rc(take_line(shop, "22-1-9", 1, 1000, NULL), CF_E_RETURN_SALE);
    other.reply.rc = CF_E_RETURN_QUANTITY; /* a no of the hub is a no */
    unsigned asked = shop->asked;
    shop->mono_us += 31 * CF_US_PER_S;
    assert_rc(take_line(shop, "22-1-9", 1, 1000, NULL), CF_E_RETURN_QUANTITY);
    assert_int_equal(shop->asked, asked);
    other.reply.rc = CF_OK;
    shop->lan_rc = CF_E_TIMEOUT; /* nobody knows: the centre is not asked over its head */
    uint64_t records = shop_records(shop);
    assert_rc(take_line(shop, "22-1-9", 1, 1000, NULL), CF_E_RETURN_ELSEWHERE);
    assert_int_equal(shop->asked, asked);
    assert_int_equal(shop_records(shop), records + 1);
    shop->lan_rc = CF_OK;
    shop->mono_us += 31 * CF_US_PER_S;
    shop->net_rc = CF_E_TIMEOUT; /* the hub keeps them for us; whether the centre does nobody knows */
    assert_rc(take_line(shop, "22-1-9", 1, 1000, NULL), CF_E_RETURN_ELSEWHERE);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
    other_sale_done(shop, &other);
}

static void a_kill_between_the_answer_and_the_commit_gives_the_goods_free(void **state)
{
    struct shop *shop = *state;
    static struct other_sale other;
    make_other(shop, &other);
    shop_go_online(shop, CF_E_TIMEOUT);
    /* A journal that takes no more than the ask is what a kill there leaves. */
    struct cf_step step = {.kind = CF_STEP_ASK};
    struct cf_buf bytes;
    cf_buf_init(&bytes, 256);
    memset(step.ask.request_key, 0x7E, sizeof step.ask.request_key);
    assert_ok(cf_step_encode(&step, &bytes, &shop->err));
    assert_ok(cf_journal_step(cf_till_journal(shop->till), cf_buf_bytes(&bytes), &shop->err));
    shop_restart(shop);
    assert_true(shop_last_is(shop, CF_RECORD_VOID_REQUEST));
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    cf_buf_done(&bytes);
    other_sale_done(shop, &other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(goods_come_back_line_by_line_until_nothing_is_left, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_sale_is_found_by_its_number_its_receipt_or_its_code, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_sale_of_this_till_is_refused_by_name, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_void_takes_back_the_whole_sale_of_today, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(the_money_goes_back_to_the_card_before_the_drawer, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(the_day_counts_returns_beside_sales, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(the_receipt_of_a_return_names_the_sale, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_coupon_lives_again_when_its_goods_are_back, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_leased_right_that_came_back_takes_another_unit, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_coupon_that_the_campaign_burns_stays_spent, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_coupon_of_the_receipt_is_void_when_all_of_its_goods_are_back, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(a_coupon_of_the_receipt_that_was_used_is_said_and_never_lives_again, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(a_parked_sale_does_not_keep_a_coupon_whose_goods_are_back, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(points_are_taken_back_with_the_goods, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_sale_of_another_till_is_asked_for, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(what_came_back_elsewhere_counts, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(with_a_link_the_centre_is_asked_for_own_sales_too, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(what_the_centre_said_of_a_receipt_counts_when_it_cannot_be_asked, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(the_hub_is_asked_and_then_the_centre, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_kill_between_the_answer_and_the_commit_gives_the_goods_free, shop_setup,
                                        shop_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
