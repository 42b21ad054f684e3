/*
 * tests/unit/central/goods_test.c - what a catalogue says beyond a price, a store's own rules, and price lists.
 */
#include "tests/unit/central/centre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define ENTRIES_MAX 16
static struct cf_down_entry entries[ENTRIES_MAX];

static void import(struct centre *centre, const char *line)
{
    json_decref(centre_expect(centre, "POST", "/v1/catalogue?store=1", line, 200));
}

static void a_product_says_what_most_have_not(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    import(centre,
           "{\"code\":\"CRATE\",\"name\":\"Crate\",\"price_minor\":150}\n"
           "{\"code\":\"BEER\",\"plu\":7,\"name\":\"Beer\",\"price_minor\":2000,\"deposit\":\"CRATE\",\"min_age\":18,"
           "\"serialised\":true,\"reduced\":true,\"delivery\":true,\"floor_minor\":1000,"
           "\"member_price_minor\":0,\"recalled\":[\"LOT7\",\"LOT8\"]}\n"
           "{\"plu\":4011,\"name\":\"Banana\",\"price_minor\":0,\"open_price\":true,\"floor_minor\":5}");
    size_t n = centre_pulled(centre, &till, CF_TOPIC_PRICES, entries, ENTRIES_MAX);
    assert_int_equal(n, 5); /* the store, its pen and these */
    const struct cf_product *crate = &entries[2].product, *beer = &entries[3].product, *banana = &entries[4].product;
    assert_true(beer->deposit == crate->id && beer->min_age == 18 && beer->serialised && beer->reduced);
    assert_true(beer->delivery && beer->floor_minor == 1000 && beer->has_member_price && !beer->open_price);
    assert_int_equal(beer->n_recalled, 2);
    assert_string_equal(beer->recalled[1], "LOT8");
    assert_string_equal(beer->codes[1], "#7");
    assert_string_equal(banana->codes[0], "#4011");
    assert_true(banana->open_price && banana->id != 0);
    till_done(&till);
}

static void goods_that_make_no_sense_are_refused(void **state)
{
    struct centre *centre = *state;
    static const struct {
        const char *why, *more, *name;
    } rows[] = {
        {"a deposit on itself", ",\"deposit\":\"A\"", "JSON_RANGE"},
        {"a deposit that is no code", ",\"deposit\":\"4006381333932\"", "GTIN_CHECK"},
        {"a deposit that no product is", ",\"deposit\":\"NOPE\"", "PRODUCT_UNKNOWN"},
        {"a floor above the price", ",\"floor_minor\":2", "JSON_RANGE"},
        {"a PLU of seven digits", ",\"plu\":1000000", "JSON_RANGE"},
        {"PLU 0", ",\"plu\":0", "JSON_RANGE"},
        {"a hundred years", ",\"min_age\":100", "JSON_RANGE"},
        {"a batch of nothing", ",\"recalled\":[\"\"]", "JSON_RANGE"},
        {"a batch that is too long", ",\"recalled\":[\"123456789012345678901\"]", "JSON_RANGE"},
        {"more batches than an entry holds",
         ",\"recalled\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\","
         "\"15\",\"16\",\"17\"]",
         "JSON_RANGE"},
        {"a price for members below zero", ",\"member_price_minor\":-1", "JSON_RANGE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[400];
        (void)snprintf(body, sizeof body, "{\"code\":\"A\",\"name\":\"x\",\"price_minor\":1%s}", rows[i].more);
        print_message("# %s\n", rows[i].why);
        centre_refuses(centre, "POST", "/v1/catalogue?store=1", body, rows[i].name);
    }
}

static void a_deposit_is_found_by_any_code_of_its_product(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    /* Its number is not made of its code. */
    import(centre, "{\"id\":77,\"code\":\"CRATE\",\"plu\":9,\"name\":\"Crate\",\"price_minor\":150}\n"
                   "{\"code\":\"BEER\",\"name\":\"Beer\",\"price_minor\":2000,\"deposit\":\"CRATE\"}\n"
                   "{\"code\":\"ALE\",\"name\":\"Ale\",\"price_minor\":2000,\"deposit\":\"#9\"}");
    assert_int_equal(centre_pulled(centre, &till, CF_TOPIC_PRICES, entries, ENTRIES_MAX), 5);
    assert_int_equal(entries[3].product.deposit, 77);
    assert_int_equal(entries[4].product.deposit, 77);
    centre_refuses(centre, "POST", "/v1/catalogue?store=1",
                   "{\"id\":77,\"code\":\"CRATE\",\"name\":\"Crate\",\"price_minor\":150,\"deposit\":\"#9\"}",
                   "JSON_RANGE");
    till_done(&till);
}

static void rules_of_a_store_come_down(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    assert_int_equal(centre_pulled(centre, &till, CF_TOPIC_RULES, entries, ENTRIES_MAX), 0);
    json_decref(
        centre_expect(centre, "PUT", "/v1/stores/1/settings",
                      "{\"measures\":[{\"pattern\":\"02IIIIIVPPPPC\",\"decimals\":2}],\"tax_rounding\":\"line\","
                      "\"cash\":{\"step_minor\":10,\"way\":\"down\"},\"sells_past_best\":true,"
                      "\"rates\":[{\"currency\":\"HKD\",\"rate\":\"0.9125\"},"
                      "{\"currency\":\"USD\",\"rate\":\"7.1234\",\"step_minor\":100}],"
                      "\"return_window_days\":90,\"variance_limit\":2500}",
                      200));
    assert_int_equal(centre_pulled(centre, &till, CF_TOPIC_RULES, entries, ENTRIES_MAX), 1);
    const struct cf_store_rules *rules = &entries[0].store_rules;
    cf_currency cny = {"CNY"}, usd = {"USD"};
    assert_string_equal(rules->measures[0].pattern, "02IIIIIVPPPPC");
    assert_true(rules->tax_rounding == CF_TAX_BY_LINE && rules->sells_past_best);
    assert_int_equal(rules->return_window_days, 90);
    assert_int_equal(rules->variance_limit_minor, 2500);
    assert_true(cf_store_rules_cash(rules, cny).step_minor == 10 &&
                cf_store_rules_cash(rules, cny).way == CF_CASH_DOWN);
    assert_int_equal(cf_store_rules_rate(rules, usd)->rate.rate_e8, 712340000);
    assert_null(cf_store_rules_rate(rules, cny));
    json_t *shown = centre_expect(centre, "GET", "/v1/stores/1/settings", NULL, 200);
    assert_int_equal(json_integer_value(json_object_get(shown, "variance_limit")), 2500);
    json_decref(shown);
    shown = centre_expect(centre, "PUT", "/v1/stores/1/settings", "{}", 200);
    assert_null(json_object_get(shown, "variance_limit"));
    json_decref(shown);
    till_done(&till);
}

static void rules_that_make_no_sense_are_refused_by_their_field(void **state)
{
    struct centre *centre = *state;
    static const struct {
        const char *body, *name;
    } rows[] = {
        {"{\"measures\":[{\"pattern\":\"69IIIIIPPPPPC\",\"decimals\":2}]}", "RANGE"},
        {"{\"measures\":[{\"pattern\":\"21IIIIIPPPPPCC\",\"decimals\":2}]}", "JSON_RANGE"},
        {"{\"measures\":[{\"pattern\":\"21IIIIIPPPPPC\"}]}", "JSON_TYPE"},
        {"{\"measures\":[{\"pattern\":\"21IIIIIPPPPPC\",\"decimals\":5}]}", "JSON_RANGE"},
        {"{\"tax_rounding\":\"unit\"}", "JSON_RANGE"},
        {"{\"cash\":{\"step_minor\":0,\"way\":\"down\"}}", "JSON_RANGE"},
        {"{\"cash\":{\"step_minor\":10,\"way\":\"sideways\"}}", "JSON_RANGE"},
        {"{\"rates\":[{\"currency\":\"CNY\",\"rate\":\"1\"}]}", "CURRENCY"},
        {"{\"rates\":[{\"currency\":\"usd\",\"rate\":\"1\"}]}", "CURRENCY"},
        {"{\"rates\":[{\"currency\":\"XXQ\",\"rate\":\"1\"}]}", "CURRENCY"},
        {"{\"rates\":[{\"currency\":\"USD\",\"rate\":\"0\"}]}", "RANGE"},
        {"{\"rates\":[{\"currency\":\"USD\",\"rate\":\"1.2.3\"}]}", "MONEY_SYNTAX"},
        {"{\"rates\":[{\"currency\":\"USD\",\"rate\":\"7\"},{\"currency\":\"HKD\",\"rate\":\"1\"}]}", "RANGE"},
        {"{\"variance_limit\":0}", "JSON_RANGE"}, /* any cent needs a reason: not saying it is another thing */
        {"{\"variance_limit\":100000001}", "JSON_RANGE"},
        {"{\"variance_limit\":\"5.00\"}", "JSON_TYPE"},
        {"{\"rounding\":\"line\"}", "JSON_TYPE"},
        {"[]", "JSON_TYPE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("# %s\n", rows[i].body);
        centre_refuses(centre, "PUT", "/v1/stores/1/settings", rows[i].body, rows[i].name);
    }
    centre_refuses(centre, "PUT", "/v1/stores/99/settings", "{}", "STORE_UNKNOWN");
}

static void a_price_list_comes_down_in_parts_and_goes_away_again(void **state)
{
    struct centre *centre = *state;
    struct till till;
    static char body[65536];
    till_enrol(centre, &till, centre->store_id);
    size_t n = 0;
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(body + n, sizeof body - n, "{\"code\":\"P%d\",\"name\":\"x\",\"price_minor\":100}\n", i);
    import(centre, body);
    n = (size_t)snprintf(body, sizeof body,
                         "{\"name\":\"Week\",\"stores\":[1],\"priority\":9,\"reduced\":true,\"tiers\":[0,2],"
                         "\"from\":\"2026-11-01T00:00:00Z\",\"to\":\"2026-12-01T00:00:00Z\",\"prices\":[");
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(body + n, sizeof body - n, "%s{\"code\":\"P%d\",\"price_minor\":%d}", i ? "," : "", i, i);
    (void)snprintf(body + n, sizeof body - n, "]}");
    json_decref(centre_expect(centre, "PUT", "/v1/price-lists/7", body, 200));
    assert_int_equal(centre_pulled(centre, &till, CF_TOPIC_RULES, entries, ENTRIES_MAX), 2);
    const struct cf_price_list *list = &entries[1].price_list;
    assert_true(entries[0].price_list.n == CF_PRICE_LIST_ITEMS_MAX && list->n == 300 - CF_PRICE_LIST_ITEMS_MAX);
    assert_true(list->terms.list == 7 && list->part == 1 && list->terms.priority == 9 && list->terms.reduced);
    assert_int_equal(list->terms.tiers, 5);
    assert_true(list->terms.from.us < list->terms.to.us);
    json_decref(centre_expect(centre, "PUT", "/v1/price-lists/7",
                              "{\"name\":\"Week\",\"stores\":[1],\"prices\":[{\"code\":\"P1\",\"price_minor\":5}]}",
                              200));
    assert_int_equal(centre_pulled(centre, &till, CF_TOPIC_RULES, entries, ENTRIES_MAX), 4);
    assert_true(entries[2].price_list.n == 1 && entries[3].price_list.n == 0 && entries[3].price_list.part == 1);
    till_done(&till);
}

static void a_price_list_that_makes_no_sense_is_refused(void **state)
{
    struct centre *centre = *state;
    static const struct {
        const char *body, *name;
    } rows[] = {
        {"{\"name\":\"x\",\"stores\":[],\"prices\":[]}", "JSON_RANGE"},
        {"{\"name\":\"x\",\"stores\":[99],\"prices\":[]}", "STORE_UNKNOWN"},
        {"{\"name\":\"x\",\"stores\":[1],\"prices\":[{\"code\":\"none\",\"price_minor\":1}]}", "PRODUCT_UNKNOWN"},
        {"{\"name\":\"x\",\"stores\":[1],\"prices\":[{\"code\":\"" PRODUCT_CODE "\",\"price_minor\":-1}]}",
         "JSON_RANGE"},
        {"{\"name\":\"x\",\"stores\":[1],\"prices\":[{\"code\":\"" PRODUCT_CODE "\",\"price_minor\":1},"
         "{\"code\":\"0" PRODUCT_CODE "\",\"price_minor\":2}]}",
         "JSON_RANGE"},
        {"{\"name\":\"x\",\"stores\":[1],\"prices\":[{\"code\":\"#1\",\"price_minor\":1}]}", "PRICE"},
        {"{\"name\":\"x\",\"stores\":[1],\"prices\":[],\"tiers\":[10]}", "JSON_RANGE"},
        {"{\"name\":\"x\",\"stores\":[1],\"prices\":[],\"tiers\":[]}",
         "JSON_RANGE"}, /* for nobody, or for everybody? */
        {"{\"name\":\"x\",\"stores\":[1],\"prices\":[],\"from\":\"2026-11-01T00:00:00Z\","
         "\"to\":\"2026-11-01T00:00:00Z\"}",
         "JSON_RANGE"},
        {"{\"name\":\"x\",\"stores\":[1],\"prices\":[],\"priority\":101}", "JSON_RANGE"},
    };
    import(centre, "{\"plu\":1,\"name\":\"Open\",\"price_minor\":0,\"open_price\":true}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("# %s\n", rows[i].body);
        centre_refuses(centre, "PUT", "/v1/price-lists/7", rows[i].body, rows[i].name);
    }
    centre_refuses(centre, "PUT", "/v1/price-lists/1000001", rows[0].body, "NOT_FOUND");
    assert_int_equal(centre_count(centre, "/v1/price-lists", "price_lists"), 0);
}

static void goods_that_ask_a_person_are_not_sold_online(void **state)
{
    struct centre *centre = *state;
    char body[400];
    import(centre, "{\"code\":\"OPEN\",\"name\":\"Open\",\"price_minor\":0,\"open_price\":true}\n"
                   "{\"code\":\"BACK\",\"name\":\"Back\",\"price_minor\":5,\"recalled\":[\"*\"]}");
    uint32_t campaign = centre_campaign(centre, "online_only", 5, "");
    (void)snprintf(body, sizeof body, "{\"campaign\":%lu}", (unsigned long)campaign);
    json_t *claimed = centre_expect(centre, "POST", "/v1/coupons/claim", body, 201);
    static const char *const rows[][2] = {{"OPEN", "GOODS_PRICE"}, {"BACK", "GOODS_RECALLED"}};
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(body, sizeof body,
                       "{\"code\":\"%s\",\"order\":{\"lines\":[{\"code\":\"%s\",\"qty_milli\":1000}]}}",
                       json_string_value(json_object_get(claimed, "code")), rows[i][0]);
        centre_refuses(centre, "POST", "/v1/coupons/verify", body, rows[i][1]);
    }
    json_decref(claimed);
}

/* A till that has not heard of a new price charges rightly. A price that nobody ever said: tests/journey/goods_test.py.
 */
static void a_price_of_before_is_no_alarm(void **state)
{
    struct centre *centre = *state;
    struct till till;
    const struct sold sold = {.n_lines = 2};
    till_enrol(centre, &till, centre->store_id);
    for (int price = 1100; price < 1400; price += 100) {
        char line[200];
        (void)snprintf(line, sizeof line,
                       "{\"code\":\"" PRODUCT_CODE "\",\"name\":\"Pen\",\"price_minor\":%d,\"tax_bp\":1300}", price);
        import(centre, line);
        till_sells(centre, &till, &sold); /* at 10.00 */
    }
    import(centre, "{\"code\":\"" PRODUCT_CODE "\",\"name\":\"Pen\",\"price_minor\":1,\"gone\":true}");
    till_sells(centre, &till, &sold);
    assert_int_equal(centre_count(centre, "/v1/alarms", "alarms"), 0);
    till_done(&till);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, centre_start, centre_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_product_says_what_most_have_not),
        TEST(goods_that_make_no_sense_are_refused),
        TEST(a_deposit_is_found_by_any_code_of_its_product),
        TEST(rules_of_a_store_come_down),
        TEST(rules_that_make_no_sense_are_refused_by_their_field),
        TEST(a_price_list_comes_down_in_parts_and_goes_away_again),
        TEST(a_price_list_that_makes_no_sense_is_refused),
        TEST(goods_that_ask_a_person_are_not_sold_online),
        TEST(a_price_of_before_is_no_alarm),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
