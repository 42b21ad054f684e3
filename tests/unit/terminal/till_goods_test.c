/*
 * tests/unit/terminal/till_goods_test.c - goods that ask something: labels, dates, batches, ages, serial numbers,
 * deposits, prices of lists.
 */
#include <stdio.h>
#include <string.h>

#include "app/core/line_extra.h"
#include "tests/unit/terminal/till_support.h"

#define HAM "2112345000005"   /* an item of the shop's own labels; 21: a price, 23: a weight */
#define BEER "4000417025005"  /* 20.00, from 18 on, with a deposit of 0.25 */
#define PHONE "4002590700014" /* 3000.00, by serial number */
#define FLOWERS "FLOWERS"     /* without a price of their own */
#define GS1(gtin) "(01)0" gtin

static struct cf_product product_of(uint64_t id, const char *name, const char *code, int64_t price_minor)
{
    struct cf_product product = {.id = id, .price_minor = price_minor, .tax_bp = 1300, .n_codes = 1};
    (void)snprintf(product.name, sizeof product.name, "%s", name);
    (void)snprintf(product.codes[0], sizeof product.codes[0], "%s%s", strlen(code) == 13 ? "0" : "", code);
    return product;
}

static void send(struct shop *shop, const struct cf_product *product)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_PRODUCT, .product = *product};
    shop_send(shop, CF_TOPIC_PRICES, &entry);
}

/* A shop with goods that ask something, and templates for its labels. */
static int setup(void **state)
{
    if (shop_setup(state) != 0)
        return -1;
    struct shop *shop = *state;
    struct cf_product product = product_of(50, "Ham", "#12345", 2000);
    product.weighed = true;
    send(shop, &product);
    product = product_of(51, "Beer", BEER, 2000);
    product.min_age = 18;
    product.deposit = 52;
    send(shop, &product);
    product = product_of(52, "Bottle", "BOTTLE", 25);
    send(shop, &product);
    product = product_of(53, "Phone", PHONE, 300000);
    product.serialised = true;
    send(shop, &product);
    product = product_of(54, "Flowers", FLOWERS, 0);
    product.open_price = true;
    send(shop, &product);
    product = product_of(55, "Banana", "#4011", 199);
    product.n_recalled = 2;
    (void)snprintf(product.recalled[0], sizeof product.recalled[0], "LOT7");
    (void)snprintf(product.recalled[1], sizeof product.recalled[1], "LOT8");
    product.n_codes = 2;
    (void)snprintf(product.codes[1], sizeof product.codes[1], "05012345678900");
    send(shop, &product);
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_RULES};
    cf_store_rules_default(&entry.store_rules);
    entry.store_rules.n_measures = 2;
    entry.store_rules.measures[0] = (struct cf_measure){"21IIIIIPPPPPC", 2};
    entry.store_rules.measures[1] = (struct cf_measure){"23IIIIIWWWWWC", 3};
    shop_send(shop, CF_TOPIC_RULES, &entry);
    return 0;
}

static void send_list(struct shop *shop, uint32_t list, unsigned tiers, bool reduced, uint64_t product,
                      int64_t price_minor)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_PRICE_LIST};
    entry.price_list =
        (struct cf_price_list){.terms = {.list = list, .tiers = (uint16_t)tiers, .reduced = reduced}, .n = 1};
    entry.price_list.items[0].product = product;
    entry.price_list.items[0].price_minor = price_minor;
    shop_send(shop, CF_TOPIC_RULES, &entry);
}

static enum cf_rc scan_with(struct shop *shop, const char *text, struct cf_till_answers answers)
{
    shop->err = (struct cf_error){.rc = CF_OK};
    return cf_till_scan_with(shop->till, cf_bytes_str(text), &answers, NULL, &shop->err);
}

static const struct cf_cart_line *line_at(struct shop *shop, size_t position)
{
    return cf_cart_at(shop_view(shop).cart, position);
}

static struct cf_sale *sold(struct shop *shop)
{
    struct cf_till_sold sold = shop_pay_all(shop);
    return shop_sale_of(shop, sold.at.seq);
}

static const char *label(char text[16], uint64_t without_check)
{
    (void)snprintf(text, 16, "%012llu%u", (unsigned long long)without_check, cf_gtin_check_digit(without_check));
    return text;
}

static void labels_of_the_scale_hold_price_or_weight(void **state)
{
    struct shop *shop = *state;
    char text[16];
    assert_ok(shop_scan(shop, label(text, 211234501995)));
    assert_ok(shop_scan(shop, label(text, 231234500345)));
    const struct cf_cart_line *priced = line_at(shop, 0), *weighed = line_at(shop, 1);
    assert_true(priced->product == 50 && priced->unit_price_minor == 1995 && priced->qty_milli == 1000);
    assert_true(priced->extra.origin == CF_PRICE_IN_CODE && !priced->weighed);
    assert_true(weighed->unit_price_minor == 2000 && weighed->qty_milli == 345 && weighed->weighed);
    assert_rc(shop_scan(shop, label(text, 211234500000)), CF_E_PRICE);
    assert_rc(shop_scan(shop, label(text, 239999900345)), CF_E_PRODUCT_UNKNOWN);
    assert_rc(shop_scan(shop, label(text, 220000100345)), CF_E_PRODUCT_UNKNOWN); /* no template, no such product */
    assert_int_equal(cf_cart_count(shop_view(shop).cart), 2);
    struct cf_sale *sale = sold(shop);
    assert_int_equal(sale->gross_minor, 1995 + 690);
    assert_int_equal(sale->lines[0].extra.origin, CF_PRICE_IN_CODE);
    cf_sale_free(sale);
}

static void goods_that_are_old_or_recalled_are_refused_by_name(void **state)
{
    struct shop *shop = *state;
    static const struct {
        const char *text;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {GS1("5012345678900") "(17)200101", CF_E_GOODS_EXPIRED, "years ago"},
        {GS1("5012345678900") "(16)200101(17)301231", CF_E_GOODS_EXPIRED, "the earliest date counts"},
        {GS1("5012345678900") "(15)200100", CF_E_GOODS_EXPIRED, "past its best"},
        {GS1("5012345678900") "(17)301200", CF_OK, "good to the end of that month"},
        {GS1("5012345678900") "(10)LOT7", CF_E_GOODS_RECALLED, "a recalled batch"},
        {GS1("5012345678900") "(10)LOT8(17)200101", CF_E_GOODS_RECALLED, "both: the recall is what matters"},
        {GS1("5012345678900") "(10)lot7", CF_OK, "batches are told by the letter"},
        {GS1("5012345678900"), CF_OK, "a batch that nobody knows"},
        {GS1("5012345678900") "(17)301301", CF_E_GS1_DATE, "no date"},
        {GS1("5012345678900") "(3922)995", CF_OK, "its own price"},
        {GS1("5012345678900") "(3932)978995", CF_E_CURRENCY, "a price in euros"},
        {"(8110)061414101234527512000", CF_E_GS1_COUPON, "a manufacturer's coupon"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum cf_rc rc = shop_scan(shop, rows[i].text);
        if (rc != rows[i].rc)
            fail_msg("%s: %s (%s)", rows[i].why, cf_rc_name(rc), shop->err.detail);
    }
    assert_int_equal(line_at(shop, 3)->unit_price_minor, 995);
    struct cf_sale *sale = sold(shop);
    assert_true(sale->n_lines == 4 && sale->lines[0].extra.use_by == 20301231);
    assert_string_equal(sale->lines[1].extra.batch, "lot7");
    cf_sale_free(sale);
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_RULES};
    cf_store_rules_default(&entry.store_rules);
    entry.store_rules.sells_past_best = true;
    shop_send(shop, CF_TOPIC_RULES, &entry);
    assert_ok(shop_scan(shop, GS1("5012345678900") "(15)200100"));
}

static void a_price_that_goods_have_not_is_asked_for(void **state)
{
    struct shop *shop = *state;
    assert_rc(shop_scan(shop, FLOWERS), CF_E_GOODS_PRICE);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    assert_rc(scan_with(shop, FLOWERS, (struct cf_till_answers){.has_price = true}), CF_E_PRICE);
    assert_rc(scan_with(shop, FLOWERS, (struct cf_till_answers){.has_price = true, .price_minor = -1}), CF_E_PRICE);
    assert_rc(scan_with(shop, FLOWERS, (struct cf_till_answers){.has_price = true, .price_minor = INT64_MAX}),
              CF_E_PRICE);
    assert_ok(scan_with(shop, FLOWERS, (struct cf_till_answers){.has_price = true, .price_minor = 1500}));
    assert_ok(scan_with(shop, SOAP, (struct cf_till_answers){.has_price = true, .price_minor = 1})); /* not asked */
    assert_int_equal(line_at(shop, 1)->unit_price_minor, 1000);
    assert_ok(cf_till_price(shop->till, 2, 900, &shop->err));
    struct cf_sale *sale = sold(shop);
    assert_true(sale->lines[0].unit_price_minor == 1500 && sale->lines[0].extra.origin == CF_PRICE_ENTERED);
    assert_true(sale->lines[1].unit_price_minor == 900 && sale->lines[1].extra.origin == CF_PRICE_OVERRIDE);
    cf_sale_free(sale);
}

static void with_a_scale_nothing_is_a_kilogram_for_granted(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, "#12345")); /* without one the cashier types the quantity afterwards */
    assert_int_equal(line_at(shop, 0)->qty_milli, 1000);
    cf_till_weighs(shop->till, true);
    assert_rc(shop_scan(shop, "#12345"), CF_E_GOODS_WEIGHT);
    assert_rc(scan_with(shop, "#12345", (struct cf_till_answers){.weight_milli = -1}), CF_E_QUANTITY);
    assert_rc(scan_with(shop, "#12345", (struct cf_till_answers){.weight_milli = INT64_MAX}), CF_E_QUANTITY);
    assert_ok(scan_with(shop, "#12345", (struct cf_till_answers){.weight_milli = 345}));
    assert_int_equal(line_at(shop, 1)->qty_milli, 345);
    assert_ok(shop_scan(shop, "2312345006783")); /* its label says what it weighs */
    assert_int_equal(line_at(shop, 2)->qty_milli, 678);
    assert_ok(shop_scan(shop, "2112345001999"));                                     /* or costs */
    assert_ok(scan_with(shop, SOAP, (struct cf_till_answers){.weight_milli = 345})); /* not asked */
    assert_int_equal(line_at(shop, 4)->qty_milli, 1000);
    struct cf_sale *sale = sold(shop);
    assert_int_equal(sale->lines[1].qty_milli, 345);
    cf_sale_free(sale);
}

static void an_age_is_asked_for_once_a_sale_and_recorded(void **state)
{
    struct shop *shop = *state;
    assert_rc(shop_scan(shop, BEER), CF_E_GOODS_AGE);
    assert_rc(scan_with(shop, BEER, (struct cf_till_answers){.birth_date = 20200101}), CF_E_GOODS_YOUNG);
    assert_rc(scan_with(shop, BEER, (struct cf_till_answers){.birth_date = 20200101, .of_age = true}),
              CF_E_GOODS_YOUNG); /* a date says more than a look */
    assert_rc(scan_with(shop, BEER, (struct cf_till_answers){.birth_date = 20990101}), CF_E_RANGE);
    assert_rc(scan_with(shop, BEER, (struct cf_till_answers){.birth_date = 19901301}), CF_E_RANGE);
    assert_ok(scan_with(shop, BEER, (struct cf_till_answers){.birth_date = 19900131}));
    assert_ok(shop_scan(shop, BEER)); /* the same shopper */
    shop_restart(shop);
    assert_ok(shop_scan(shop, BEER)); /* also after a kill */
    struct cf_sale *sale = sold(shop);
    assert_int_equal(sale->n_lines, 6);
    for (size_t i = 0; i < 6; i += 2) {
        assert_int_equal(sale->lines[i].extra.age_check, CF_AGE_BIRTH);
        assert_int_equal(sale->lines[i].extra.min_age, 18);
        assert_true(sale->lines[i].extra.asked_by[0] != '\0');
    }
    cf_sale_free(sale);
    assert_rc(shop_scan(shop, BEER), CF_E_GOODS_AGE); /* the next shopper */
    assert_ok(scan_with(shop, BEER, (struct cf_till_answers){.of_age = true}));
    assert_int_equal(line_at(shop, 0)->extra.age_check, CF_AGE_SEEN);
}

static void a_birthday_is_the_day_on_which_one_may(void **state)
{
    struct shop *shop = *state;
    uint32_t today = cf_wall_date((cf_wall){shop->wall_us}, cf_till_store(shop->till)->utc_offset_min);
    assert_rc(scan_with(shop, BEER, (struct cf_till_answers){.birth_date = today - 180000 + 1}), CF_E_GOODS_YOUNG);
    assert_ok(scan_with(shop, BEER, (struct cf_till_answers){.birth_date = today - 180000}));
}

static void a_piece_is_sold_by_its_number_and_not_twice(void **state)
{
    struct shop *shop = *state;
    assert_rc(shop_scan(shop, PHONE), CF_E_GOODS_SERIAL);
    assert_rc(scan_with(shop, PHONE, (struct cf_till_answers){.serial = ""}), CF_E_GOODS_SERIAL);
    assert_rc(scan_with(shop, PHONE, (struct cf_till_answers){.serial = "A\x1b[2J"}), CF_E_GOODS_SERIAL);
    assert_rc(scan_with(shop, PHONE, (struct cf_till_answers){.serial = "123456789012345678901"}), CF_E_GOODS_SERIAL);
    assert_ok(scan_with(shop, PHONE, (struct cf_till_answers){.serial = "S1"}));
    assert_rc(shop_scan(shop, GS1(PHONE) "(21)S1"), CF_E_GOODS_SERIAL_TWICE);
    assert_ok(shop_scan(shop, GS1(PHONE) "(21)S2"));
    assert_rc(cf_till_quantity(shop->till, 1, 2000, &shop->err), CF_E_QUANTITY);
    assert_rc(shop_scan(shop, GS1(PHONE) "(21)S3(30)2"), CF_E_QUANTITY);
    assert_ok(cf_till_void(shop->till, 1, &shop->err));
    assert_ok(shop_scan(shop, GS1(PHONE) "(21)S1"));
    struct cf_sale *sale = sold(shop);
    assert_int_equal(sale->n_lines, 2);
    assert_string_equal(sale->lines[0].extra.serial, "S2");
    assert_string_equal(sale->lines[1].extra.serial, "S1");
    cf_sale_free(sale);
}

static void a_deposit_follows_its_goods(void **state)
{
    struct shop *shop = *state;
    const struct cf_till_answers of_age = {.of_age = true};
    assert_ok(scan_with(shop, BEER, of_age));
    assert_ok(scan_with(shop, BEER, of_age));
    assert_ok(shop_scan(shop, SOAP));
    assert_int_equal(cf_cart_count(shop_view(shop).cart), 5);
    assert_int_equal(line_at(shop, 3)->extra.deposit_of, 3);
    assert_ok(cf_till_quantity(shop->till, 3, 6000, &shop->err));
    assert_int_equal(line_at(shop, 3)->qty_milli, 6000);
    assert_rc(cf_till_quantity(shop->till, 4, 1000, &shop->err), CF_E_GOODS_DEPOSIT);
    assert_rc(cf_till_price(shop->till, 4, 1, &shop->err), CF_E_GOODS_DEPOSIT);
    assert_rc(cf_till_void(shop->till, 4, &shop->err), CF_E_GOODS_DEPOSIT);
    assert_ok(cf_till_void(shop->till, 1, &shop->err));
    assert_true(line_at(shop, 0)->voided && line_at(shop, 1)->voided);
    shop_restart(shop);
    assert_true(line_at(shop, 1)->voided && line_at(shop, 3)->qty_milli == 6000);
    assert_ok(cf_till_quantity(shop->till, 0, 2000, &shop->err)); /* the last goods */
    assert_int_equal(line_at(shop, 4)->qty_milli, 2000);
    struct cf_sale *sale = sold(shop);
    assert_true(sale->n_lines == 3 && sale->lines[1].extra.deposit_of == 1 && sale->lines[1].product == 52);
    assert_int_equal(sale->gross_minor, 6 * 2000 + 6 * 25 + 2000);
    cf_sale_free(sale);
}

static int64_t take_back(struct shop *shop, const struct cf_till_sold *sold, uint32_t line_no, int64_t qty_milli)
{
    char receipt[64];
    struct cf_till_returned back = {.total_minor = -1};
    const struct cf_asked_line line = {line_no, qty_milli};
    (void)snprintf(receipt, sizeof receipt, "%u-%u-%06llu", SHOP_TILL, shop->epoch, (unsigned long long)sold->at.seq);
    const struct cf_till_return what = {.receipt = receipt, .n_lines = 1, .lines = &line};
    assert_ok(cf_till_return(shop->till, &what, &back, &shop->err));
    return back.total_minor;
}

static void a_deposit_comes_back_with_its_goods_or_before_them(void **state)
{
    struct shop *shop = *state;
    assert_ok(scan_with(shop, BEER, (struct cf_till_answers){.of_age = true}));
    assert_ok(cf_till_quantity(shop->till, 1, 5000, &shop->err));
    struct cf_till_sold sold = shop_pay_all(shop);
    assert_int_equal(take_back(shop, &sold, 1, 1000), 2025);
    assert_int_equal(take_back(shop, &sold, 2, 3000), 75);   /* three empty bottles */
    assert_int_equal(take_back(shop, &sold, 1, 2000), 4025); /* and two full ones: of one the bottle was paid back */
    assert_int_equal(take_back(shop, &sold, 1, 0), 4000);
}

static void promotions_leave_deposits_alone(void **state)
{
    struct shop *shop = *state;
    assert_ok(scan_with(shop, BEER, (struct cf_till_answers){.of_age = true}));
    assert_ok(cf_till_quantity(shop->till, 1, 10000, &shop->err));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1))); /* 20 % off from 50.00 on */
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.priced->discount_minor, 4000);
    assert_int_equal(view.priced->lines[1].discount_minor, 0);
    assert_int_equal(view.priced->total_minor, 16000 + 250);
}

static void a_deposit_that_the_till_does_not_know_stops_its_goods(void **state)
{
    struct shop *shop = *state;
    struct cf_down_entry entry = {.kind = CF_DOWN_PRODUCT_GONE, .product_gone = 52};
    shop_send(shop, CF_TOPIC_PRICES, &entry);
    assert_rc(scan_with(shop, BEER, (struct cf_till_answers){.of_age = true}), CF_E_PRODUCT_UNKNOWN);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
}

static void lists_say_prices_for_a_time_and_for_members(void **state)
{
    struct shop *shop = *state;
    send_list(shop, 7, 0, true, 2, 800);
    send_list(shop, 8, 4, false, 3, 2000); /* tier 2 only */
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, TEA));
    assert_true(line_at(shop, 0)->unit_price_minor == 800 && line_at(shop, 0)->reduced);
    assert_int_equal(line_at(shop, 1)->unit_price_minor, 2500);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_price(shop->till, 3, 2400, &shop->err));
    assert_ok(shop_scan(shop, shop_card())); /* tier 2 */
    assert_int_equal(shop_view(shop).tier, 2);
    assert_int_equal(line_at(shop, 1)->unit_price_minor, 2000);
    assert_int_equal(line_at(shop, 2)->unit_price_minor, 2400); /* what a cashier said stays */
    shop_restart(shop);
    assert_int_equal(line_at(shop, 1)->unit_price_minor, 2000);
    assert_ok(shop_scan(shop, TEA));
    struct cf_sale *sale = sold(shop);
    assert_true(sale->lines[0].extra.origin == CF_PRICE_LIST && sale->lines[0].extra.list == 7 &&
                sale->lines[0].reduced);
    assert_true(sale->lines[1].extra.origin == CF_PRICE_LIST && sale->lines[1].extra.list == 8);
    assert_int_equal(sale->lines[2].extra.origin, CF_PRICE_OVERRIDE);
    assert_int_equal(sale->lines[3].unit_price_minor, 2000);
    cf_sale_free(sale);
    send_list(shop, 7, 0, true, 1, 1); /* the list says it no longer */
    assert_ok(shop_scan(shop, SOAP));
    assert_int_equal(line_at(shop, 0)->unit_price_minor, 1000);
}

static void numbers_that_are_typed_find_their_goods(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, "#4011"));
    assert_ok(shop_scan(shop, "004011"));
    assert_ok(shop_scan(shop, "4011"));
    assert_rc(shop_scan(shop, "#4012"), CF_E_PRODUCT_UNKNOWN);
    assert_rc(shop_scan(shop, "4012"), CF_E_PRODUCT_UNKNOWN);
    assert_rc(shop_scan(shop, "#0"), CF_E_CODE_PREFIX);
    assert_int_equal(cf_cart_count(shop_view(shop).cart), 3);
    assert_int_equal(line_at(shop, 2)->product, 55);
}

static void tax_is_rounded_as_the_store_says_from_the_next_sale_on(void **state)
{
    struct shop *shop = *state;
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_RULES};
    cf_store_rules_default(&entry.store_rules);
    entry.store_rules.tax_rounding = CF_TAX_BY_LINE;
    assert_ok(shop_scan(shop, SOAP));
    shop_send(shop, CF_TOPIC_RULES, &entry);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, SOAP));
    struct cf_sale *sale = sold(shop);
    assert_true(sale->tax_mode == CF_TAX_INCLUSIVE && sale->tax_minor == 345); /* 30.00 * 13 / 113 are 3.451 */
    cf_sale_free(sale);
    for (int i = 0; i < 3; i++)
        assert_ok(shop_scan(shop, SOAP));
    sale = sold(shop);
    assert_true(sale->tax_mode == CF_TAX_INCLUSIVE_BY_LINE && sale->tax_minor == 345); /* three times 1.15 */
    cf_sale_free(sale);
    for (int i = 0; i < 10; i++)
        assert_ok(shop_scan(shop, SOAP));
    struct cf_till_sold sold = shop_pay_all(shop);
    sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->tax_minor, 1150); /* 100.00 * 13 / 113 are 11.504 */
    cf_sale_free(sale);
    assert_int_equal(take_back(shop, &sold, 3, 0), 1000);
}

static void a_plain_sale_keeps_its_bytes(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, SOAP));
    struct cf_sale *sale = sold(shop);
    struct cf_buf buf;
    cf_buf_init(&buf, CF_SALE_BYTES_MAX);
    assert_ok(cf_sale_encode(sale, &buf, NULL));
    assert_int_equal(buf.p[0], 0x94); /* 20 items, and no map at the end */
    cf_buf_done(&buf);
    cf_sale_free(sale);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, shop_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(labels_of_the_scale_hold_price_or_weight),
        TEST(goods_that_are_old_or_recalled_are_refused_by_name),
        TEST(a_price_that_goods_have_not_is_asked_for),
        TEST(with_a_scale_nothing_is_a_kilogram_for_granted),
        TEST(an_age_is_asked_for_once_a_sale_and_recorded),
        TEST(a_birthday_is_the_day_on_which_one_may),
        TEST(a_piece_is_sold_by_its_number_and_not_twice),
        TEST(a_deposit_follows_its_goods),
        TEST(a_deposit_comes_back_with_its_goods_or_before_them),
        TEST(promotions_leave_deposits_alone),
        TEST(a_deposit_that_the_till_does_not_know_stops_its_goods),
        TEST(lists_say_prices_for_a_time_and_for_members),
        TEST(numbers_that_are_typed_find_their_goods),
        TEST(tax_is_rounded_as_the_store_says_from_the_next_sale_on),
        TEST(a_plain_sale_keeps_its_bytes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
