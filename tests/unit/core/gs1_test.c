/*
 * tests/unit/core/gs1_test.c - what a GS1 code says of batch, dates, price and weight; and coupons of manufacturers.
 */
#include "app/core/gs1.h"

#include <stdio.h>
#include <string.h>

#include "app/core/gs1_coupon.h"
#include "tests/unit/core/core_cmocka.h"

#define GS "\x1d"
#define ITEM "(01)06901234567892"
#define LINK "https://example.com/01/06901234567892"

static enum cf_rc parse(const char *text, struct cf_gs1 *ret)
{
    cf_bytes bytes = cf_bytes_str(text);
    if (cf_gs1_is_link(bytes))
        return cf_gs1_parse_link(bytes, ret, NULL);
    return text[0] == '(' ? cf_gs1_parse_brackets(bytes, ret, NULL) : cf_gs1_parse_elements(bytes, ret, NULL);
}

static void what_a_code_states_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum cf_rc rc;
        struct cf_gs1 is;
        const char *why;
    } rows[] = {
        {"010690123456789217261231"
         "10LOT-7" GS "21S/1",
         CF_OK,
         {.use_by = 261231, .batch = "LOT-7", .serial = "S/1"},
         "one string"},
        {ITEM "(15)270100(16)261231", CF_OK, {.best_before = 270100, .sell_by = 261231}, "day 00 is a whole month"},
        {ITEM "(3203)001000", CF_OK, {.qty_milli = 454, .is_weight = true}, "a pound is 453.59237 g"},
        {ITEM "(3205)000001", CF_E_QUANTITY, {.price = 0}, "less than a gram"},
        {ITEM "(3200)999999", CF_E_QUANTITY, {.price = 0}, "450 tons"},
        {ITEM "(3206)000001", CF_E_CODE_PREFIX, {.price = 0}, "n is at most 5"},
        {ITEM "(3103)000454(3203)001000", CF_OK, {.qty_milli = 454, .is_weight = true}, "both, and the same"},
        {ITEM "(3103)000455(3203)001000", CF_E_QUANTITY, {.price = 0}, "both, and not the same"},
        {ITEM "(3103)000195(3922)1250",
         CF_OK,
         {.qty_milli = 195, .is_weight = true, .has_price = true, .price = 1250, .price_decimals = 2},
         "12.50"},
        {ITEM "(3932)1561250",
         CF_OK,
         {.has_price = true, .price = 1250, .price_decimals = 2, .price_currency = 156},
         "12.50 yuan"},
        {ITEM "(3922)1250(3902)1300",
         CF_OK,
         {.has_price = true, .price = 1250, .price_decimals = 2},
         "the price of the piece goes before an amount"},
        {ITEM "(3902)1300(3922)1250",
         CF_OK,
         {.has_price = true, .price = 1250, .price_decimals = 2},
         "also if it comes later"},
        {ITEM "(3912)1561300",
         CF_OK,
         {.has_price = true, .price = 1300, .price_decimals = 2, .price_currency = 156},
         "an amount alone"},
        {ITEM "(3922)1250(3922)1251", CF_E_CODE_PREFIX, {.price = 0}, "two prices"},
        {ITEM "(3932)156", CF_E_CODE_PREFIX, {.price = 0}, "a currency without a price"},
        {ITEM "(3922)1234567890123456", CF_E_CODE_PREFIX, {.price = 0}, "16 digits"},
        {ITEM "(3922)12.5", CF_E_CODE_PREFIX, {.price = 0}, "a point"},
        {ITEM "(17)261301", CF_E_GS1_DATE, {.price = 0}, "month 13"},
        {ITEM "(17)260001", CF_E_GS1_DATE, {.price = 0}, "month 0"},
        {ITEM "(17)260230", CF_E_GS1_DATE, {.price = 0}, "30 February"},
        {ITEM "(17)280229", CF_OK, {.use_by = 280229}, "a leap day"},
        {ITEM "(17)261231(17)270101", CF_E_CODE_PREFIX, {.price = 0}, "two dates"},
        {ITEM "(10)A(10)B", CF_E_CODE_PREFIX, {.price = 0}, "two batches"},
        {ITEM "(10)A(10)A", CF_OK, {.batch = "A"}, "the same twice"},
        {ITEM "(21)12345678901234567890", CF_OK, {.serial = "12345678901234567890"}, "20 characters"},
        {ITEM "(21)A B", CF_E_CODE_PREFIX, {.price = 0}, "a space is not in the set"},
        {ITEM "(10)\xe6\x89\xb9", CF_E_CODE_PREFIX, {.price = 0}, "nor is Chinese"},
        {ITEM "(10)A^B", CF_E_CODE_PREFIX, {.price = 0}, "nor a hat"},
        {LINK "/10/LOT-7/21/S%2F1?17=261231&3922=1250",
         CF_OK,
         {.use_by = 261231, .batch = "LOT-7", .serial = "S/1", .has_price = true, .price = 1250, .price_decimals = 2},
         "a link with all of it"},
        {LINK "/22/2A/10/A", CF_OK, {.batch = "A"}, "a variant before the batch"},
        {LINK "/reviews/10/A", CF_OK, {.price = 0}, "what follows is the site's"},
        {LINK "/10/A%", CF_E_CODE_PREFIX, {.price = 0}, "half an escape"},
        {LINK "/10/A%ZZ", CF_E_CODE_PREFIX, {.price = 0}, "no escape"},
        {LINK "/10/A%00", CF_E_CODE_PREFIX, {.price = 0}, "a NUL in it"},
        {LINK "/10/A%C3%9F", CF_E_CODE_PREFIX, {.price = 0}, "a letter that GS1 has not"},
        {LINK "/10/123456789012345678901", CF_E_CODE_PREFIX, {.price = 0}, "21 characters"},
        {LINK "?17=261399", CF_E_GS1_DATE, {.price = 0}, "a date that is none, in a link"},
        {LINK "?10=A", CF_OK, {.price = 0}, "a batch is no attribute"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_gs1 is = {0};
        enum cf_rc rc = parse(rows[i].text, &is);
        const struct cf_gs1 *want = &rows[i].is;
        bool same = rc == rows[i].rc && is.use_by == want->use_by && is.sell_by == want->sell_by &&
                    is.best_before == want->best_before && strcmp(is.batch, want->batch) == 0 &&
                    strcmp(is.serial, want->serial) == 0 && is.qty_milli == want->qty_milli &&
                    is.is_weight == want->is_weight && is.has_price == want->has_price && is.price == want->price &&
                    is.price_decimals == want->price_decimals && is.price_currency == want->price_currency;
        if (!same)
            fail_msg("%s: %s, \"%s\" \"%s\" %d %lld", rows[i].why, cf_rc_name(rc), is.batch, is.serial,
                     (int)is.qty_milli, (long long)is.price);
        assert_true((rc == CF_OK) == (is.gtin.number == 6901234567892));
    }
}

static void the_century_is_the_near_one(void **state)
{
    (void)state;
    static const struct {
        uint32_t yymmdd, today, day;
        const char *why;
    } rows[] = {
        {261122, 20261122, 20261122, "today"},
        {760101, 20261122, 20760101, "50 years ahead"},
        {770101, 20261122, 19770101, "51 ahead are 49 back"},
        {991231, 20261122, 19991231, "last century"},
        {10101, 20991122, 21010101, "next century"},
        {490101, 20991122, 21490101, "50 back are 50 ahead"},
        {500101, 20991122, 20500101, "49 back"},
        {260200, 20261122, 20260228, "a whole February"},
        {280200, 20261122, 20280229, "of a leap year"},
        {260400, 20261122, 20260430, "a whole April"},
        {261200, 20261122, 20261231, "a whole December"},
        {260431, 20261122, 0, "31 April"},
        {260000, 20261122, 0, "month 0"},
        {261332, 20261122, 0, "month 13"},
        {270229, 20261122, 0, "no leap year"},
        {1000101, 20261122, 0, "seven digits"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (cf_gs1_date(rows[i].yymmdd, rows[i].today) != rows[i].day)
            fail_msg("%s: %u", rows[i].why, (unsigned)cf_gs1_date(rows[i].yymmdd, rows[i].today));
}

static void goods_are_past_after_their_last_day(void **state)
{
    (void)state;
    uint32_t day = 0;
    struct cf_gs1 gs1 = {.use_by = 261122};
    assert_false(cf_gs1_is_past(&gs1, 20261122, true, &day));
    assert_true(cf_gs1_is_past(&gs1, 20261123, true, &day) && day == 20261122);
    gs1 = (struct cf_gs1){.use_by = 271122, .sell_by = 261101};
    assert_true(cf_gs1_is_past(&gs1, 20261122, true, &day) && day == 20261101);
    gs1 = (struct cf_gs1){.best_before = 261000};
    assert_false(cf_gs1_is_past(&gs1, 20261122, false, &day));
    assert_true(cf_gs1_is_past(&gs1, 20261122, true, &day) && day == 20261031);
    gs1 = (struct cf_gs1){0};
    assert_false(cf_gs1_is_past(&gs1, 20261122, true, &day));
}

static void a_price_is_in_the_shops_money_or_refused(void **state)
{
    (void)state;
    static const struct {
        int64_t price;
        unsigned decimals, number;
        const char *currency;
        enum cf_rc rc;
        int64_t minor;
        const char *why;
    } rows[] = {
        {1250, 2, 0, "CNY", CF_OK, 1250, "12.50"},
        {125, 1, 156, "CNY", CF_OK, 1250, "12.5 yuan"},
        {12500, 3, 156, "CNY", CF_OK, 1250, "12.500"},
        {12505, 3, 156, "CNY", CF_E_PRICE, 0, "half a fen"},
        {1250, 2, 978, "CNY", CF_E_CURRENCY, 0, "euros"},
        {1250, 0, 392, "JPY", CF_OK, 1250, "yen have no minor unit"},
        {1250, 1, 392, "JPY", CF_OK, 125, "125.0 yen"},
        {1255, 1, 392, "JPY", CF_E_PRICE, 0, "half a yen"},
        {12, 0, 414, "KWD", CF_OK, 12000, "three digits"},
        {0, 2, 0, "CNY", CF_E_PRICE, 0, "nothing"},
        {999999999999999, 0, 0, "CNY", CF_E_PRICE, 0, "more than any price"},
        {999999999999999, 9, 0, "CNY", CF_E_PRICE, 0, "finer than any price"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct cf_gs1 gs1 = {.has_price = true,
                                   .price = rows[i].price,
                                   .price_decimals = (uint8_t)rows[i].decimals,
                                   .price_currency = (uint16_t)rows[i].number};
        cf_currency currency;
        int64_t minor = 0;
        assert_int_equal(cf_currency_parse(rows[i].currency, &currency, NULL), CF_OK);
        enum cf_rc rc = cf_gs1_price(&gs1, currency, &minor, NULL);
        if (rc != rows[i].rc || minor != rows[i].minor)
            fail_msg("%s: %s %lld", rows[i].why, cf_rc_name(rc), (long long)minor);
    }
}

/* "Save 75 c on two of family 002", from the guideline's own layout, with all optional fields. */
#define COUPON                                                                                                         \
    "0614141"                                                                                                          \
    "012345"                                                                                                           \
    "2"                                                                                                                \
    "75"                                                                                                               \
    "1"                                                                                                                \
    "2"                                                                                                                \
    "0"                                                                                                                \
    "002"
static const char whole[] = COUPON "1"
                                   "1"
                                   "1"
                                   "3"
                                   "0"
                                   "003"
                                   "0"
                                   "614142"
                                   "2"
                                   "2"
                                   "50"
                                   "1"
                                   "004"
                                   "9"
                                   "3"
                                   "261231"
                                   "4"
                                   "261101"
                                   "5"
                                   "0"
                                   "123456"
                                   "6"
                                   "1"
                                   "1234567"
                                   "9"
                                   "0"
                                   "1"
                                   "0"
                                   "1";

static enum cf_rc parse_coupon(enum cf_gs1_coupon_kind kind, const char *digits, struct cf_gs1_coupon *ret)
{
    return cf_gs1_coupon_parse(kind, cf_bytes_str(digits), ret, NULL);
}

static void north_american_coupons_are_taken_apart(void **state)
{
    (void)state;
    struct cf_gs1_coupon c;
    assert_int_equal(parse_coupon(CF_GS1_COUPON_NORTH_AMERICA, whole, &c), CF_OK);
    assert_string_equal(c.funder, "614141");
    assert_int_equal(c.offer, 12345);
    assert_int_equal(c.save_value, 75);
    assert_int_equal(c.n_requirements, 3);
    assert_true(c.requirements[0].value == 2 && c.requirements[0].code == 0 && c.requirements[0].family == 2);
    assert_true(c.requirements[1].value == 3 && c.requirements[1].family == 3 && c.rules == 1);
    assert_string_equal(c.requirements[1].prefix, "614142");
    assert_true(c.requirements[2].value == 50 && c.requirements[2].code == 1 && c.requirements[2].prefix[0] == '\0');
    assert_true(c.expires == 261231 && c.starts == 261101 && c.no_doubling && c.save_item == 1);
    assert_string_equal(c.serial, "123456");
    assert_string_equal(c.retailer, "1234567");
    assert_int_equal(parse_coupon(CF_GS1_COUPON_NORTH_AMERICA, COUPON, &c), CF_OK);
    assert_int_equal(c.n_requirements, 1);
}

static void a_coupon_that_is_cut_or_odd_is_refused(void **state)
{
    (void)state;
    struct cf_gs1_coupon c;
    size_t n = strlen(whole), n_good = 0;
    for (size_t k = 0; k < n; k++) /* cut short it is only good at the end of a field */
        n_good +=
            cf_gs1_coupon_parse(CF_GS1_COUPON_NORTH_AMERICA, cf_bytes_of((const uint8_t *)whole, k), &c, NULL) == CF_OK;
    assert_int_equal(n_good, 7);
    static const char *const odd[] = {
        "",
        "7614141012345"
        "275"
        "120002", /* no prefix has 13 digits */
        "0614141012345"
        "0"
        "120002", /* no save value */
        "0614141012345"
        "275"
        "125002", /* no code 5 of a purchase */
        COUPON "3261231"
               "3261231", /* twice the same field */
        COUPON "4261101"
               "3261231",  /* fields rise */
        COUPON "7123",     /* no field 7 */
        COUPON "90109",    /* doubling is 0 or 1 */
        COUPON "3261231x", /* a letter */
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_equal(parse_coupon(CF_GS1_COUPON_NORTH_AMERICA, odd[i], &c), CF_E_CODE_SHAPE);
    assert_int_equal(parse_coupon(CF_GS1_COUPON_NORTH_AMERICA, COUPON "3261301", &c), CF_E_GS1_DATE);
    assert_int_equal(parse_coupon(CF_GS1_COUPON_NONE, COUPON, &c), CF_E_CODE_SHAPE);
}

static void positive_offer_coupons_are_taken_apart(void **state)
{
    (void)state;
    struct cf_gs1_coupon c;
    assert_int_equal(parse_coupon(CF_GS1_COUPON_POSITIVE_OFFER,
                                  "0"
                                  "0614141"
                                  "012345"
                                  "0123456",
                                  &c),
                     CF_OK);
    assert_true(c.format == 0 && c.offer == 12345 && c.n_requirements == 0);
    assert_string_equal(c.funder, "614141");
    assert_string_equal(c.serial, "123456");
    assert_int_equal(parse_coupon(CF_GS1_COUPON_POSITIVE_OFFER,
                                  "0"
                                  "0614141"
                                  "012345"
                                  "012345",
                                  &c),
                     CF_E_CODE_SHAPE);
    assert_int_equal(parse_coupon(CF_GS1_COUPON_POSITIVE_OFFER,
                                  "2"
                                  "0614141"
                                  "012345"
                                  "0123456",
                                  &c),
                     CF_E_CODE_SHAPE);
    struct cf_gs1 gs1;
    assert_int_equal(parse("(8110)" COUPON, &gs1), CF_OK);
    assert_true(gs1.coupon_kind == CF_GS1_COUPON_NORTH_AMERICA && gs1.gtin.number == 0);
    assert_int_equal(parse("8112"
                           "0"
                           "0614141"
                           "012345"
                           "0123456",
                           &gs1),
                     CF_OK);
    assert_int_equal(gs1.coupon_kind, CF_GS1_COUPON_POSITIVE_OFFER);
    assert_int_equal(parse("(8110)1(8112)2", &gs1), CF_E_CODE_PREFIX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_code_states_is_kept),
        cmocka_unit_test(the_century_is_the_near_one),
        cmocka_unit_test(goods_are_past_after_their_last_day),
        cmocka_unit_test(a_price_is_in_the_shops_money_or_refused),
        cmocka_unit_test(north_american_coupons_are_taken_apart),
        cmocka_unit_test(a_coupon_that_is_cut_or_odd_is_refused),
        cmocka_unit_test(positive_offer_coupons_are_taken_apart),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
