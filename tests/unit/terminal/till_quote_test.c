/*
 * tests/unit/terminal/till_quote_test.c - quotations at a till: made of the open sale, sold under once, what is
 * refused, and what a shopper pays when prices, taxes and promotions are others by then.
 */
#include "tests/unit/terminal/till_support.h"

#include <string.h>

#include <cmocka.h>

static struct cf_till_quoted quote(struct shop *shop, uint32_t days)
{
    struct cf_till_quoted quoted;
    assert_ok(cf_till_quote(shop->till, days, &quoted, &shop->err));
    return quoted;
}

static enum cf_rc unquote(struct shop *shop, const char *name, bool today, struct cf_till_unquoted *ret)
{
    const struct cf_till_unquote what = {.name = name, .today = today};
    return cf_till_unquote(shop->till, &what, ret, &shop->err);
}

static void later(struct shop *shop, int64_t seconds)
{
    shop->wall_us += seconds * CF_US_PER_S;
    shop->mono_us += seconds * CF_US_PER_S;
}

/* What is known of goods changes, between sales: soap is 2, tea 3. */
static void change(struct shop *shop, uint64_t product, void (*how)(struct cf_product *product))
{
    struct cf_down_entry entry = {.kind = CF_DOWN_PRODUCT};
    struct cf_replica *replica = NULL;
    shop_close(shop);
    assert_ok(cf_replica_open(shop->dir, CF_REPLICA_READ, &replica, NULL, &shop->err));
    assert_ok(cf_replica_product(replica, product, &entry.product, &shop->err));
    cf_replica_close(replica);
    how(&entry.product);
    shop_send(shop, CF_TOPIC_PRICES, &entry);
    shop_open(shop);
}

static void costs_more(struct cf_product *product)
{
    product->price_minor += 500;
}

static void costs_less(struct cf_product *product)
{
    product->price_minor -= 500;
}

static void is_taxed_more(struct cf_product *product)
{
    product->tax_bp += 300;
}

static void is_recalled(struct cf_product *product)
{
    product->n_recalled = 1;
    memcpy(product->recalled[0], "*", 2);
}

static void is_for_adults(struct cf_product *product)
{
    product->min_age = 18;
}

static struct cf_sale *sell(struct shop *shop)
{
    const struct cf_till_sold sold = shop_pay_all(shop);
    return shop_sale_of(shop, sold.at.seq);
}

static void it_is_a_record_with_a_slip_and_sells_nothing(void **state)
{
    struct shop *shop = *state;
    struct cf_receipt *slip = NULL;
    uint64_t waiting = 0;
    assert_ok(shop_scan(shop, TEA));
    const struct cf_till_quoted quoted = quote(shop, 0);
    assert_true(shop_last_is(shop, CF_RECORD_QUOTE));
    assert_int_equal(quoted.total_minor, 2500);
    assert_true(quoted.expires_s > TEST_NOW_S + 29 * TEST_DAY_S && quoted.expires_s < TEST_NOW_S + 32 * TEST_DAY_S);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    assert_ok(cf_till_unprinted(shop->till, &waiting, &shop->err));
    assert_int_equal(waiting, quoted.at.seq);
    assert_ok(cf_till_receipt(shop->till, waiting, &slip, &shop->err));
    cf_receipt_free(slip);
    const struct cf_till_sold next = shop_sell(shop, TEA);
    assert_int_equal(next.sale_no, quoted.sale_no + 1); /* one row of numbers */
    shop_verify(shop);
}

static void what_has_no_place_in_it_is_refused_by_name(void **state)
{
    struct shop *shop = *state;
    struct cf_till_quoted quoted;
    assert_int_equal(cf_till_quote(shop->till, 0, &quoted, &shop->err), CF_E_SALE_NONE);
    assert_ok(shop_scan(shop, shop_card()));
    assert_int_equal(cf_till_quote(shop->till, 0, &quoted, &shop->err), CF_E_SALE_EMPTY);
    assert_ok(shop_scan(shop, TEA));
    assert_int_equal(cf_till_quote(shop->till, CF_QUOTE_DAYS_MAX + 1, &quoted, &shop->err), CF_E_RANGE);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 100, "", NULL));
    assert_int_equal(cf_till_quote(shop->till, 0, &quoted, &shop->err), CF_E_SALE_TENDERED);
    assert_ok(cf_till_untender(shop->till, &shop->err));
    const struct cf_till_quoted made = quote(shop, CF_QUOTE_DAYS_MAX);
    assert_ok(unquote(shop, made.code, false, NULL));
    assert_int_equal(cf_till_quote(shop->till, 0, &quoted, &shop->err), CF_E_QUOTE_GOODS);
    assert_ok(shop_scan(shop, SOAP));
    const struct cf_till_quoted other = made;
    assert_int_equal(unquote(shop, "999", false, NULL), CF_E_QUOTE_UNKNOWN);
    assert_ok(cf_till_void(shop->till, 1, &shop->err));
    assert_int_equal(unquote(shop, other.code, true, NULL), CF_E_QUOTE_TWICE); /* today's prices: an empty sale */
    shop_verify(shop);
}

static void coupons_leave_it_and_stay_good(void **state)
{
    struct shop *shop = *state;
    const char *coupon = shop_coupon(PINNED, 3);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, coupon));
    assert_int_equal(shop_due(shop), 2200);
    const struct cf_till_quoted quoted = quote(shop, 5);
    assert_int_equal(quoted.total_minor, 2500);
    assert_int_equal(quoted.n_coupons, 1);
    assert_ok(unquote(shop, quoted.code, false, NULL));
    assert_ok(shop_scan(shop, coupon)); /* gives more than was quoted: of a sale that is under one, too */
    assert_int_equal(shop_due(shop), 2200);
    struct cf_sale *sale = sell(shop);
    assert_false(sale->quote.stands);
    assert_int_equal(sale->n_redemptions, 1);
    cf_sale_free(sale);
    shop_verify(shop);
}

static void its_prices_stand_when_goods_cost_more_and_taxes_are_of_the_day(void **state)
{
    struct shop *shop = *state;
    struct cf_till_unquoted unquoted;
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, SOAP));
    const struct cf_till_quoted quoted = quote(shop, 5);
    change(shop, 3, costs_more);
    change(shop, 2, is_taxed_more);
    assert_ok(unquote(shop, quoted.code, false, &unquoted));
    assert_int_equal(unquoted.n_lines, 2);
    assert_int_equal(unquoted.n_taxed_anew, 1);
    assert_int_equal(unquoted.n_cheaper_now, 0);
    assert_int_equal(shop_due(shop), quoted.total_minor);
    assert_int_equal(cf_till_price(shop->till, 1, 1, &shop->err), CF_E_PRICE_AGREED);
    assert_int_equal(cf_till_quantity(shop->till, 1, 2000, &shop->err), CF_E_PRICE_AGREED);
    struct cf_sale *sale = sell(shop);
    assert_true(sale->quote.stands && sale->quote.of.seq == quoted.at.seq && sale->quote.of.sale_no == quoted.sale_no);
    cf_sale_free(sale);
    shop_verify(shop);
}

static void what_costs_less_today_is_told_and_sold_so_if_the_cashier_says_so(void **state)
{
    struct shop *shop = *state;
    struct cf_till_unquoted unquoted;
    assert_ok(shop_scan(shop, TEA));
    const struct cf_till_quoted quoted = quote(shop, 5);
    change(shop, 3, costs_less);
    assert_ok(unquote(shop, quoted.code, false, &unquoted));
    assert_int_equal(unquoted.n_cheaper_now, 1);
    assert_int_equal(shop_due(shop), 2500);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(unquote(shop, quoted.code, true, &unquoted));
    assert_int_equal(shop_due(shop), 2000);
    struct cf_sale *sale = sell(shop);
    assert_int_equal(sale->quote.of.terminal, 0);
    cf_sale_free(sale);
    assert_ok(unquote(shop, quoted.code, false, NULL)); /* it was not used by that */
    assert_int_equal(shop_due(shop), 2500);
}

static void it_is_used_once_also_by_a_sale_that_was_parked_meanwhile(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    assert_ok(shop_scan(shop, TEA));
    const struct cf_till_quoted quoted = quote(shop, 5);
    assert_ok(unquote(shop, quoted.code, false, NULL));
    assert_ok(cf_till_park(shop->till, "bag", &shop->err));
    assert_ok(unquote(shop, quoted.code, false, NULL));
    shop_restart(shop); /* it is still open, as it was */
    assert_int_equal(shop_due(shop), 2500);
    cf_sale_free(sell(shop));
    assert_int_equal(unquote(shop, quoted.code, false, NULL), CF_E_QUOTE_USED);
    assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
    assert_int_equal(shop_pay(shop, CF_TENDER_CARD, 500, "slip 7", &sold), CF_E_QUOTE_USED); /* no part of it either */
    assert_int_equal(shop_pay(shop, CF_TENDER_CASH, 2500, "", &sold), CF_E_QUOTE_USED);
    assert_ok(cf_till_void(shop->till, 1, &shop->err));
    assert_ok(shop_scan(shop, SOAP)); /* what is no more under it is sold */
    cf_sale_free(sell(shop));
    shop_verify(shop);
}

static void a_part_of_it_has_its_unit_prices_and_what_comes_back_makes_it_whole(void **state)
{
    struct shop *shop = *state;
    const struct cf_till_discount fifth = {.percent_bp = 2000, .reason = "regular"};
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_discount(shop->till, &fifth, &shop->err));
    const struct cf_till_quoted quoted = quote(shop, 5);
    assert_int_equal(quoted.total_minor, 2800);
    assert_ok(unquote(shop, quoted.code, false, NULL));
    assert_int_equal(shop_due(shop), 2800);
    assert_int_equal(cf_till_discount(shop->till, &fifth, &shop->err), CF_E_DISCOUNT_ROOM);
    assert_ok(cf_till_void(shop->till, 1, &shop->err));
    assert_int_equal(shop_due(shop), 1000);
    assert_int_equal(cf_till_discount(shop->till, &fifth, &shop->err), CF_E_DISCOUNT_ROOM);
    assert_ok(unquote(shop, quoted.code, false, NULL));
    assert_int_equal(shop_due(shop), 2800);
    struct cf_sale *sale = sell(shop); /* its lines stand in another order now */
    assert_true(sale->quote.stands && cf_sale_quoted_off(sale) == 700);
    cf_sale_free(sale);
    shop_verify(shop);
}

static void a_promotion_of_today_is_taken_where_it_gives_more(void **state)
{
    struct shop *shop = *state;
    const struct cf_till_discount some = {.amount_minor = 500, .reason = "regular"};
    assert_ok(shop_scan(shop, CREAM)); /* 39.90, and 10 % off its category */
    const struct cf_till_quoted plain = quote(shop, 5);
    assert_int_equal(plain.total_minor, 3591);
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(cf_till_discount(shop->till, &some, &shop->err));
    const struct cf_till_quoted by_hand = quote(shop, 5);
    assert_int_equal(by_hand.total_minor, 3091);
    struct cf_campaign campaign = shop_campaign(AUTOMATIC);
    campaign.policy = CF_POLICY_AUTOMATIC;
    campaign.version = 2;
    campaign.promotion.version = 2;
    campaign.promotion.needs_coupon = false;
    campaign.promotion.kind = CF_REWARD_ORDER_PERCENT;
    campaign.promotion.percent_bp = 2000;
    shop_send_campaign(shop, &campaign);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_ok(unquote(shop, plain.code, false, NULL));
    assert_int_equal(shop_due(shop), 3192); /* a fifth off the unit price that was quoted */
    assert_false(shop_view(shop).quote.stands);
    cf_sale_free(sell(shop));
    assert_ok(unquote(shop, by_hand.code, false, NULL));
    assert_int_equal(shop_due(shop), 3091); /* as quoted: the fifth gives less */
    assert_true(shop_view(shop).quote.stands);
    struct cf_sale *sale = sell(shop);
    assert_int_equal(sale->n_discounts, 0);
    assert_int_equal(cf_sale_quoted_off(sale), 899);
    cf_sale_free(sale);
    shop_verify(shop);
}

static void it_ends_with_the_day_it_says_and_in_doubt_is_good(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, TEA));
    const struct cf_till_quoted quoted = quote(shop, 1);
    later(shop, 3 * TEST_DAY_S);
    assert_int_equal(unquote(shop, quoted.code, false, NULL), CF_E_QUOTE_EXPIRED);
    assert_ok(unquote(shop, quoted.code, true, NULL));
    assert_int_equal(shop_due(shop), 2500);
}

static void a_sale_that_was_parked_until_it_ended_is_sold_at_todays_prices_alone(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, TEA));
    const struct cf_till_quoted quoted = quote(shop, 1);
    assert_ok(unquote(shop, quoted.code, false, NULL));
    assert_ok(cf_till_park(shop->till, "bag", &shop->err));
    later(shop, 3 * TEST_DAY_S);
    change(shop, 3, costs_more);
    assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
    shop_restart(shop); /* its end is in the journal */
    assert_int_equal(shop_pay(shop, CF_TENDER_CASH, 2500, "", NULL), CF_E_QUOTE_EXPIRED);
    assert_int_equal(shop_pay(shop, CF_TENDER_CARD, 500, "slip 7", NULL), CF_E_QUOTE_EXPIRED);
    assert_ok(cf_till_void(shop->till, 1, &shop->err));
    assert_ok(unquote(shop, quoted.code, true, NULL));
    assert_int_equal(shop_due(shop), 3000);
    struct cf_sale *sale = sell(shop);
    assert_int_equal(sale->quote.of.terminal, 0);
    cf_sale_free(sale);
    shop_verify(shop);
}

static void what_was_paid_before_its_end_is_sold_behind_it(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, TEA));
    const struct cf_till_quoted quoted = quote(shop, 1);
    assert_ok(unquote(shop, quoted.code, false, NULL));
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 500, "slip 7", NULL));
    later(shop, 3 * TEST_DAY_S);
    struct cf_till_sold sold;
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 2000, "", &sold));
    assert_true(sold.committed);
    shop_verify(shop);
}

static void goods_that_may_not_be_sold_now_keep_all_of_it_out_of_the_sale(void **state)
{
    struct shop *shop = *state;
    struct cf_till_answers of_age = {.of_age = true};
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, TEA));
    const struct cf_till_quoted quoted = quote(shop, 5);
    change(shop, 3, is_for_adults);
    assert_int_equal(unquote(shop, quoted.code, false, NULL), CF_E_GOODS_AGE);
    assert_int_equal(cf_cart_live_count(shop_view(shop).cart), 0);
    const struct cf_till_unquote grown_up = {.name = quoted.code, .answers = &of_age};
    assert_ok(cf_till_unquote(shop->till, &grown_up, NULL, &shop->err));
    assert_int_equal(shop_due(shop), 3500);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    change(shop, 3, is_recalled);
    assert_int_equal(unquote(shop, quoted.code, false, NULL), CF_E_GOODS_RECALLED);
    assert_int_equal(unquote(shop, quoted.code, true, NULL), CF_E_GOODS_RECALLED);
    assert_int_equal(cf_cart_live_count(shop_view(shop).cart), 0);
    shop_verify(shop);
}

static void they_are_listed_the_newest_first_with_what_became_of_them(void **state)
{
    static struct cf_till_quote list[CF_TILL_PAGE_MAX];
    struct shop *shop = *state;
    size_t n = 9;
    assert_ok(cf_till_quotes(shop->till, 0, list, &n, &shop->err));
    assert_int_equal(n, 0);
    assert_ok(shop_scan(shop, TEA));
    const struct cf_till_quoted tea = quote(shop, 1);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, TEA));
    const struct cf_till_quoted both = quote(shop, 5);
    (void)shop_sell(shop, SOAP);
    assert_ok(unquote(shop, both.code, false, NULL));
    cf_sale_free(sell(shop));
    later(shop, 3 * TEST_DAY_S);
    assert_ok(cf_till_quotes(shop->till, 0, list, &n, &shop->err));
    assert_int_equal(n, 2);
    assert_string_equal(list[0].code, both.code);
    assert_true(list[0].used && !list[0].expired && list[0].n_lines == 2 && list[0].total_minor == both.total_minor);
    assert_string_equal(list[1].code, tea.code);
    assert_true(!list[1].used && list[1].expired && list[1].number == tea.sale_no && list[1].first[0] != '\0');
    assert_ok(cf_till_quotes(shop->till, list[0].seq, list, &n, &shop->err));
    assert_true(n == 1 && list[0].seq == tea.at.seq);
}

/* A till that was enrolled again asks the centre for what it made before. */
static void of_another_till_the_centre_tells_and_without_it_nothing_is_sold(void **state)
{
    struct shop *shop = *state;
    struct cf_quote_reply reply = {.rc = CF_OK};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    struct cf_sale *quoted = NULL;
    struct cf_sha256 hash;
    int64_t expires_s = 0;
    char wrong[CF_QUOTE_CODE_MAX];
    cf_buf_init(&body, CF_QUOTE_BYTES_MAX);
    shop->ask_online = true;
    shop_restart(shop);
    assert_ok(shop_scan(shop, TEA));
    const struct cf_till_quoted made = quote(shop, 5);
    assert_ok(cf_sale_new(&quoted, NULL));
    assert_ok(cf_journal_quote(cf_till_journal(shop->till), made.at.seq, quoted, &expires_s, &hash, &shop->err));
    assert_ok(cf_quote_encode(quoted, expires_s, &body, NULL));
    cf_sale_free(quoted);
    shop_enrol_again(shop);

    shop->net_rc = CF_E_LINK_DOWN;
    assert_int_equal(unquote(shop, made.code, false, NULL), CF_E_QUOTE_ELSEWHERE);
    shop->net_rc = CF_OK;
    shop->net_status = 200;
    assert_int_equal(unquote(shop, made.code, false, NULL), CF_E_QUOTE_ELSEWHERE); /* not again so soon */
    later(shop, 31);
    assert_int_equal(unquote(shop, made.code, false, NULL), CF_E_QUOTE_UNKNOWN);
    reply.body = cf_bytes_str("no quotation");
    reply.tag = cf_quote_tag_of(&hash);
    shop->quote_reply = &reply;
    assert_int_equal(unquote(shop, made.code, false, NULL), CF_E_PROTOCOL);
    reply.body = cf_buf_bytes(&body);
    reply.used = true;
    assert_int_equal(unquote(shop, made.code, false, NULL), CF_E_QUOTE_USED);
    reply.used = false;
    memcpy(wrong, made.code, sizeof wrong);
    wrong[strlen(wrong) - 1] ^= 1;
    assert_int_equal(unquote(shop, wrong, false, NULL), CF_E_QUOTE_ALTERED);
    assert_ok(unquote(shop, made.code, false, NULL));
    assert_int_equal(shop_due(shop), 2500);
    cf_sale_free(sell(shop));
    assert_int_equal(unquote(shop, made.code, false, NULL), CF_E_QUOTE_USED); /* as our own journal says */
    shop_verify(shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_a_record_with_a_slip_and_sells_nothing, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(what_has_no_place_in_it_is_refused_by_name, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(coupons_leave_it_and_stay_good, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(its_prices_stand_when_goods_cost_more_and_taxes_are_of_the_day, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(what_costs_less_today_is_told_and_sold_so_if_the_cashier_says_so, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(it_is_used_once_also_by_a_sale_that_was_parked_meanwhile, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(a_part_of_it_has_its_unit_prices_and_what_comes_back_makes_it_whole, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(a_promotion_of_today_is_taken_where_it_gives_more, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(it_ends_with_the_day_it_says_and_in_doubt_is_good, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_sale_that_was_parked_until_it_ended_is_sold_at_todays_prices_alone,
                                        shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(what_was_paid_before_its_end_is_sold_behind_it, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(goods_that_may_not_be_sold_now_keep_all_of_it_out_of_the_sale, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(they_are_listed_the_newest_first_with_what_became_of_them, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(of_another_till_the_centre_tells_and_without_it_nothing_is_sold, shop_setup,
                                        shop_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
