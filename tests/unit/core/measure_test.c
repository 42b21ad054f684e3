/*
 * tests/unit/core/measure_test.c - labels of the shop's own scale: which digits are the goods, the price, the weight.
 */
#include "app/core/measure.h"

#include <stdio.h>
#include <string.h>

#include "app/core/cart.h"
#include "tests/unit/core/core_cmocka.h"

static struct cf_measure template_of(const char *pattern, unsigned decimals)
{
    struct cf_measure measure = {.decimals = (uint8_t)decimals};
    (void)snprintf(measure.pattern, sizeof measure.pattern, "%s", pattern);
    return measure;
}

static unsigned check_digit(const char *text)
{
    uint8_t digits[5];
    size_t n = strlen(text);
    for (size_t k = 0; k < n; k++)
        digits[k] = (uint8_t)(text[k] - '0');
    return cf_measure_check_digit(digits, n);
}

static void check_digits_of_prices_are_those_of_the_standard(void **state)
{
    (void)state;
    assert_int_equal(check_digit("2875"), 9);  /* the example of 7.9.3 */
    assert_int_equal(check_digit("14685"), 6); /* the example of 7.9.4 */
    assert_int_equal(check_digit("0000"), 0);
    assert_int_equal(check_digit("00000"), 0);
}

static void every_single_wrong_digit_of_a_price_is_seen(void **state)
{
    (void)state;
    for (unsigned price = 0; price < 10000; price += 7) {
        char text[8], other[8];
        (void)snprintf(text, sizeof text, "%04u", price);
        for (size_t k = 0; k < 4; k++)
            for (int c = '0'; c <= '9'; c++) {
                (void)snprintf(other, sizeof other, "%s", text);
                other[k] = (char)c;
                assert_true(c == text[k] || check_digit(other) != check_digit(text));
            }
    }
}

static void templates_that_mean_nothing_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        unsigned decimals;
        bool is_good;
        const char *why;
    } rows[] = {
        {"21IIIIIPPPPPC", 2, true, "a price of five digits"},
        {"02IIIIIVPPPPC", 2, true, "a UPC-A label: price of four with its check digit"},
        {"20IIIIVPPPPPC", 2, true, "a price of five with its check digit"},
        {"23IIIIIWWWWWC", 3, true, "a weight in grams"},
        {"2800IIIWWWWWC", 3, true, "some digits of the shop's own"},
        {"29IIWWWWWWWWC", 4, true, "a long weight"},
        {"69IIIIIPPPPPC", 2, false, "69 is China's, not the shop's"},
        {"03IIIIIPPPPPC", 2, false, "nor is 03"},
        {"21IIIIIPPPPP0", 2, false, "no check digit"},
        {"21IIIIICPPPPC", 2, false, "two check digits"},
        {"21IIIIIPPPPPP", 2, false, "the last digit is the check digit"},
        {"21IIIIIPPWWWC", 2, false, "price and weight"},
        {"21IIIIIPPPPIC", 2, false, "the item in two parts"},
        {"21IIIPPIIPPPC", 2, false, "the price in two parts"},
        {"2100000PPPPPC", 2, false, "no item"},
        {"21IIIIIIIIPPC", 2, false, "a price of two digits"},
        {"21IIIIII0000C", 2, false, "neither price nor weight"},
        {"21VIIIIPPPPPC", 2, false, "the price's check digit elsewhere"},
        {"21IIIVPPPPPPC", 2, false, "no check digit is made of six"},
        {"21IIIVVPPPPPC", 2, false, "two of them"},
        {"21IIIIIPPPPPC", 5, false, "five digits after the point"},
        {"21IIIIIPPPPP", 2, false, "twelve characters"},
        {"21IIIIIPPPPPXC", 2, false, "more"},
        {"21iiiiipppppc", 2, false, "small letters"},
        {"", 0, false, "nothing"},
        {"IIIIIIIPPPPPC", 2, false, "whose is it?"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_measure measure = template_of(rows[i].pattern, rows[i].decimals);
        if (strlen(rows[i].pattern) > CF_MEASURE_DIGITS)
            continue; /* cut by the field: what is left lacks its C, as the row above does */
        if ((cf_measure_check(&measure, NULL) == CF_OK) != rows[i].is_good)
            fail_msg("%s: %s", rows[i].pattern, rows[i].why);
    }
    struct cf_measure unended;
    memset(&unended, '2', sizeof unended);
    assert_int_equal(cf_measure_check(&unended, NULL), CF_E_RANGE);
}

static cf_gtin gtin_of(uint64_t without_check)
{
    return (cf_gtin){without_check * 10 + cf_gtin_check_digit(without_check)};
}

static void labels_are_read_by_the_first_template_that_fits(void **state)
{
    (void)state;
    const struct cf_measure measures[] = {
        template_of("2100IIIPPPPPC", 2), template_of("21IIIIIPPPPPC", 1), template_of("02IIIIIVPPPPC", 2),
        template_of("23IIIIIWWWWWC", 3), template_of("24IIIIIWWWWWC", 4), template_of("25IIIIIPPPPPC", 3),
        template_of("29IIWWWWWWWWC", 0),
    };
    static const struct {
        uint64_t number; /* without its check digit */
        enum cf_rc rc;
        bool found;
        uint32_t item;
        int64_t price;
        int32_t qty;
        const char *why;
    } rows[] = {
        {210012301995, CF_OK, true, 123, 1995, 0, "the first template, of a part of 21"},
        {211234501995, CF_OK, true, 12345, 19950, 0, "the second: one digit after the point"},
        {21234592875, CF_OK, true, 12345, 2875, 0, "28.75 with its check digit 9"},
        {21234582875, CF_E_MEASURE_CHECK, false, 0, 0, 0, "a digit of the price was misread"},
        {21234500000, CF_E_PRICE, false, 0, 0, 0, "a price of nothing"},
        {231234500345, CF_OK, true, 12345, 0, 345, "345 g"},
        {231234500000, CF_E_QUANTITY, false, 0, 0, 0, "nothing on the scale"},
        {241234503450, CF_OK, true, 12345, 0, 345, "0.3450 kg is a whole number of grams"},
        {241234503455, CF_E_QUANTITY, false, 0, 0, 0, "half a gram is not sold"},
        {251234519950, CF_OK, true, 12345, 1995, 0, "19.950 is 19.95"},
        {251234519955, CF_E_PRICE, false, 0, 0, 0, "half a cent is not money"},
        {291299999999, CF_E_QUANTITY, false, 0, 0, 0, "a hundred thousand tons"},
        {221234501995, CF_OK, false, 0, 0, 0, "22 has no template: some other label of the shop"},
        {690123456789, CF_OK, false, 0, 0, 0, "no label of the shop"},
        {2112345019950, CF_OK, false, 0, 0, 0, "a GTIN-14 never is"},
    };
    cf_currency cny;
    assert_int_equal(cf_currency_parse("CNY", &cny, NULL), CF_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_measured m = {0};
        bool found = false;
        enum cf_rc rc = cf_measure_read(measures, sizeof measures / sizeof measures[0], gtin_of(rows[i].number), cny,
                                        &found, &m, NULL);
        if (rc != rows[i].rc || found != rows[i].found || m.item != rows[i].item || m.price_minor != rows[i].price ||
            m.qty_milli != rows[i].qty)
            fail_msg("%s: %s %d %u %lld %d", rows[i].why, cf_rc_name(rc), found, (unsigned)m.item,
                     (long long)m.price_minor, (int)m.qty_milli);
        if (found)
            assert_true(m.item_gtin.number % 10 == cf_gtin_check_digit(m.item_gtin.number / 10));
    }
    struct cf_measured m = {0};
    bool found = false;
    assert_int_equal(cf_measure_read(measures, 7, gtin_of(231234500345), cny, &found, &m, NULL), CF_OK);
    assert_true(m.item_gtin.number == gtin_of(231234500000).number);
    assert_true(cf_gtin_is_restricted(gtin_of(231234500345)) && cf_gtin_is_restricted(gtin_of(21234592875)));
    assert_false(cf_gtin_is_restricted(gtin_of(690123456789)) || cf_gtin_is_restricted(gtin_of(2112345019950)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_digits_of_prices_are_those_of_the_standard),
        cmocka_unit_test(every_single_wrong_digit_of_a_price_is_seen),
        cmocka_unit_test(templates_that_mean_nothing_are_refused),
        cmocka_unit_test(labels_are_read_by_the_first_template_that_fits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
