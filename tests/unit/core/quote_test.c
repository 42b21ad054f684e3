/*
 * tests/unit/core/quote_test.c - quotations: what one may hold, its code, whether it may be sold by, and what a sale
 * under one has to cost.
 */
#include "app/core/quote.h"

#include <string.h>

#include "tests/unit/core/core_cmocka.h"

#define CNY ((cf_currency){"CNY"})
#define NOW_S INT64_C(1795334400)

/* Three masks at 39.90 with 12.00 off, and a bottle at 5.00 with its deposit of 0.25. */
static struct cf_sale *a_sale(void)
{
    struct cf_sale *sale;
    assert_true(cf_sale_new(&sale, NULL) == CF_OK);
    sale->sale_no = 7;
    sale->business_day = 20261122;
    sale->currency = CNY;
    sale->tax_mode = CF_TAX_INCLUSIVE;
    sale->n_lines = 3;
    sale->lines[0] = (struct cf_sale_line){
        .product = 1, .qty_milli = 3000, .unit_price_minor = 3990, .discount_minor = 1200, .tax_bp = 0};
    sale->lines[1] = (struct cf_sale_line){.product = 2, .qty_milli = 1000, .unit_price_minor = 500};
    sale->lines[2] = (struct cf_sale_line){.product = 3, .qty_milli = 1000, .unit_price_minor = 25};
    sale->lines[2].delivery = true;
    sale->lines[2].floor_minor = 25;
    sale->lines[2].extra.deposit_of = 2;
    sale->n_discounts = 1;
    sale->discounts[0] = (struct cf_sale_discount){.campaign = 9, .version = 1, .redemption = -1, .amount_minor = 1200};
    sale->gross_minor = 12495;
    sale->discount_minor = 1200;
    sale->total_minor = 11295;
    return sale;
}

static struct cf_sale *a_quotation(void)
{
    struct cf_sale *sale = a_sale();
    cf_quote_make(sale);
    return sale;
}

static void what_was_quoted_comes_back_byte_for_byte(void **state)
{
    (void)state;
    struct cf_sale *sale = a_quotation(), *back;
    struct cf_buf bytes CF_CLEANUP(cf_buf_done), again CF_CLEANUP(cf_buf_done);
    int64_t expires_s = 0;
    cf_buf_init(&bytes, CF_QUOTE_BYTES_MAX);
    cf_buf_init(&again, CF_QUOTE_BYTES_MAX);
    assert_true(cf_sale_new(&back, NULL) == CF_OK);
    assert_true(cf_quote_encode(sale, NOW_S, &bytes, NULL) == CF_OK);
    assert_true(cf_quote_decode(cf_buf_bytes(&bytes), back, &expires_s, NULL) == CF_OK);
    assert_true(expires_s == NOW_S && back->total_minor == 11295 && back->n_lines == 3);
    assert_true(cf_quote_encode(back, expires_s, &again, NULL) == CF_OK);
    assert_true(cf_bytes_equal(cf_buf_bytes(&bytes), cf_buf_bytes(&again)));
    for (size_t n = 0; n < bytes.n; n++) /* cut short anywhere */
        assert_true(cf_quote_decode(cf_bytes_of(bytes.p, n), back, &expires_s, NULL) == CF_E_RECORD);
    cf_sale_free(sale);
    cf_sale_free(back);
}

static void it_holds_goods_at_their_prices_and_nothing_else(void **state)
{
    (void)state;
    struct cf_sale *sale = a_quotation();
    assert_true(cf_quote_check(sale, NOW_S, NULL) == CF_OK);
    assert_true(cf_quote_check(sale, 0, NULL) == CF_E_RECORD);         /* it never was good */
    assert_true(cf_quote_check(sale, INT64_MAX, NULL) == CF_E_RECORD); /* beyond all calendars */
    sale->lines[1].product = CF_PRODUCT_GIFT_CARD;                     /* money, not goods */
    assert_true(cf_quote_check(sale, NOW_S, NULL) == CF_E_QUOTE_GOODS);
    cf_sale_free(sale);

    sale = a_quotation();
    sale->lines[0].extra.origin = CF_PRICE_ORDER; /* its price was agreed elsewhere */
    sale->lines[0].extra.list = 1;
    assert_true(cf_quote_check(sale, NOW_S, NULL) == CF_E_QUOTE_GOODS);
    cf_sale_free(sale);

    sale = a_sale(); /* somebody paid it */
    sale->tenders = (struct cf_tenders){.total_minor = 11295, .n = 1};
    sale->tenders.tender[0] = (struct cf_tender){.kind = CF_TENDER_CASH, .amount_minor = 11295};
    assert_true(cf_sale_check(sale, NULL) == CF_OK && cf_quote_check(sale, NOW_S, NULL) == CF_E_RECORD);
    cf_sale_free(sale);

    sale = a_quotation(); /* whose member could spend by it */
    sale->has_member = sale->member_live = true;
    sale->member_counter = 4;
    assert_true(cf_quote_check(sale, NOW_S, NULL) == CF_E_RECORD);
    cf_quote_make(sale);
    assert_true(cf_quote_check(sale, NOW_S, NULL) == CF_OK);
    cf_sale_free(sale);
}

static void its_code_names_its_record_and_its_number_does_without_the_tag(void **state)
{
    (void)state;
    static const struct {
        const char *why, *text;
        bool reads, has_tag;
    } rows[] = {
        {"as printed", "CQ1:1001-2-42-0A1B2C3D", true, true},
        {"typed in small letters", "CQ1:1001-2-42-0a1b2c3d", true, true},
        {"the receipt's number", "1001-2-000042", true, false},
        {"a sale's code", "CR1:1001-2-42", false, false},
        {"a sale's code inside", "CQ1:CR1:1001-2-42-0A1B2C3D", false, false},
        {"no tag", "CQ1:1001-2-42", false, false},
        {"a short tag", "CQ1:1001-2-42-0A1B2C", false, false},
        {"a long tag", "CQ1:1001-2-42-0A1B2C3D4E", false, false},
        {"a number alone", "42", false, false},
        {"nothing", "", false, false},
        {"the prefix alone", "CQ1:", false, false},
        {"longer than any", "CQ1:11111111111111111111111111111111111111111111111111111111111111111-2-42-0A1B2C3D",
         false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cf_sale_ref ref = {.terminal = 0};
        struct cf_quote_tag tag;
        bool has_tag = false;
        bool reads = cf_quote_code_parse(rows[i].text, &ref, &has_tag, &tag);
        if (reads != rows[i].reads || (reads && (has_tag != rows[i].has_tag || ref.terminal != 1001 || ref.epoch != 2 ||
                                                 ref.seq != 42 || (has_tag && tag.b[3] != 0x3D))))
            fail_msg("%s", rows[i].why);
    }
    char text[CF_QUOTE_CODE_MAX];
    const struct cf_sale_ref ref = {.terminal = UINT32_MAX, .epoch = UINT32_MAX, .seq = INT64_MAX};
    cf_quote_code(&ref, (struct cf_quote_tag){{0xAB, 0, 1, 0xFF}}, text);
    assert_string_equal(text, "CQ1:4294967295-4294967295-9223372036854775807-AB0001FF");
}

static void it_may_be_sold_by_once_until_it_ends_and_as_it_was(void **state)
{
    (void)state;
    const struct {
        const char *why;
        struct cf_quote_facts facts;
        enum cf_rc rc;
    } rows[] = {
        {"good", {.currency = CNY, .tax_mode = CF_TAX_INCLUSIVE}, CF_OK},
        {"the tax is rounded in another way", {.currency = CNY, .tax_mode = CF_TAX_INCLUSIVE_BY_LINE}, CF_OK},
        {"another record's slip",
         {.currency = CNY, .tax_mode = CF_TAX_INCLUSIVE, .other_tag = true},
         CF_E_QUOTE_ALTERED},
        {"other money", {.currency = {"EUR"}, .tax_mode = CF_TAX_INCLUSIVE}, CF_E_QUOTE_ALTERED},
        {"prices without tax", {.currency = CNY, .tax_mode = CF_TAX_EXCLUSIVE}, CF_E_QUOTE_ALTERED},
        {"used", {.currency = CNY, .tax_mode = CF_TAX_INCLUSIVE, .used = true}, CF_E_QUOTE_USED},
    };
    struct cf_sale *sale = a_quotation();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cf_quote_facts facts = rows[i].facts;
        facts.now = (struct cf_time_interval){cf_wall_from_s(NOW_S), cf_wall_from_s(NOW_S)};
        if (cf_quote_judge(sale, NOW_S, &facts, NULL) != rows[i].rc)
            fail_msg("%s", rows[i].why);
        if (rows[i].rc != CF_OK)
            continue;
        facts.now.lo = facts.now.hi = cf_wall_from_s(NOW_S + 1);
        assert_true(cf_quote_judge(sale, NOW_S, &facts, NULL) == CF_E_QUOTE_EXPIRED);
        facts.now.lo = cf_wall_from_s(NOW_S - 100); /* in doubt */
        assert_true(cf_quote_judge(sale, NOW_S, &facts, NULL) == CF_OK);
    }
    cf_sale_free(sale);
}

/* All of it, with something else that is bought besides. */
static struct cf_sale *sold_under_it(bool stands)
{
    struct cf_sale *sale = a_sale();
    sale->sale_no = 8;
    for (size_t i = 0; i < 3; i++) {
        sale->lines[i].extra.origin = CF_PRICE_QUOTE;
        sale->lines[i].extra.list = (uint32_t)i + 1;
    }
    sale->lines[3] = (struct cf_sale_line){.product = 4, .qty_milli = 1000, .unit_price_minor = 100};
    sale->n_lines = 4;
    sale->n_discounts = 0;
    sale->gross_minor += 100;
    sale->total_minor += 100;
    sale->quote = (struct cf_quote_use){{.terminal = 21, .epoch = 1, .seq = 42, .sale_no = 7}, stands};
    sale->tenders = (struct cf_tenders){.total_minor = sale->total_minor, .n = 1};
    sale->tenders.tender[0] = (struct cf_tender){.kind = CF_TENDER_CASH, .amount_minor = sale->total_minor};
    return sale;
}

static void a_sale_under_it_is_held_against_it(void **state)
{
    (void)state;
    struct cf_sale *quoted = a_quotation(), *sold = sold_under_it(true);
    assert_true(cf_sale_check(sold, NULL) == CF_OK && cf_sale_quoted_off(sold) == 1200);
    assert_true(cf_quote_judge_sale(quoted, sold, NULL) == CF_OK);
    sold->lines[0].discount_minor = 1201; /* more off than was quoted */
    assert_true(cf_quote_judge_sale(quoted, sold, NULL) == CF_E_QUOTE_ALTERED);
    sold->quote.stands = false; /* promotions gave it */
    assert_true(cf_quote_judge_sale(quoted, sold, NULL) == CF_OK);
    sold->lines[0].unit_price_minor--;
    assert_true(cf_quote_judge_sale(quoted, sold, NULL) == CF_E_QUOTE_ALTERED);
    sold->lines[0].unit_price_minor++;
    sold->lines[0].qty_milli = 4000; /* more of it than was quoted */
    assert_true(cf_quote_judge_sale(quoted, sold, NULL) == CF_E_QUOTE_ALTERED);
    sold->lines[0].qty_milli = 3000;
    sold->lines[0].extra.list = 4; /* a line that it has not */
    assert_true(cf_quote_judge_sale(quoted, sold, NULL) == CF_E_QUOTE_ALTERED);
    sold->lines[0].extra = (struct cf_line_extra){.origin = CF_PRICE_CATALOGUE}; /* a part of it */
    assert_true(cf_quote_judge_sale(quoted, sold, NULL) == CF_OK);
    sold->quote.stands = true; /* whose discounts are of the whole */
    assert_true(cf_quote_judge_sale(quoted, sold, NULL) == CF_E_QUOTE_ALTERED);
    sold->quote.of.sale_no = 6;
    assert_true(cf_quote_judge_sale(quoted, sold, NULL) == CF_E_QUOTE_ALTERED);
    cf_sale_free(sold);
    cf_sale_free(quoted);
}

static void what_a_record_says_of_its_quotation_is_whole_or_refused(void **state)
{
    (void)state;
    struct cf_sale *sold = sold_under_it(true), *back;
    struct cf_buf bytes CF_CLEANUP(cf_buf_done);
    cf_buf_init(&bytes, CF_SALE_BYTES_MAX);
    assert_true(cf_sale_new(&back, NULL) == CF_OK);
    assert_true(cf_sale_encode(sold, &bytes, NULL) == CF_OK);
    assert_true(cf_sale_decode(cf_buf_bytes(&bytes), back, NULL) == CF_OK);
    assert_true(back->quote.stands && back->quote.of.seq == 42 && back->quote.of.sale_no == 7);
    sold->lines[1].extra.list = 1; /* one line of it twice */
    assert_true(cf_sale_check(sold, NULL) == CF_E_RECORD);
    sold->lines[1].extra.list = CF_CART_LINES_MAX + 1;
    assert_true(cf_sale_check(sold, NULL) == CF_E_RECORD);
    sold->lines[1].extra.list = 2;
    sold->quote.of.terminal = 0; /* lines of none */
    assert_true(cf_sale_check(sold, NULL) == CF_E_RECORD);
    sold->quote.of.terminal = 21;
    for (size_t i = 0; i < 3; i++) { /* none of its lines */
        sold->lines[i].extra.origin = CF_PRICE_CATALOGUE;
        sold->lines[i].extra.list = 0;
    }
    assert_true(cf_sale_check(sold, NULL) == CF_E_RECORD);
    cf_sale_free(back);
    cf_sale_free(sold);
}

/* --- pricing ------------------------------------------------------------------------------------------------------ */

static void what_stands_is_seen_by_no_promotion_and_what_yields_by_each(void **state)
{
    (void)state;
    struct cf_cart *cart;
    struct cf_priced *priced;
    struct cf_promotion tenth = {.kind = CF_REWARD_ORDER_PERCENT, .campaign = 5, .version = 1, .percent_bp = 1000};
    const struct cf_offer offer = {.promotion = &tenth};
    struct cf_cart_line line = {.product = 1, .qty_milli = 3000, .unit_price_minor = 1000, .quoted_off_minor = 500};
    const struct cf_hand_discount by_hand = {.percent_bp = 1000, .reason = "nice"};
    uint32_t no;
    assert_int_equal(cf_cart_new(CNY, &cart, NULL), CF_OK);
    assert_int_equal(cf_priced_new(&priced, NULL), CF_OK);
    assert_true(cf_cart_add(cart, &line, &no, NULL) == CF_E_PRICE); /* of a quotation alone */
    line.extra.origin = CF_PRICE_QUOTE;
    line.extra.list = 1;
    line.quoted_off_minor = 3001; /* more than it costs */
    assert_true(cf_cart_add(cart, &line, &no, NULL) == CF_E_PRICE);
    line.quoted_off_minor = 500;
    assert_true(cf_cart_add(cart, &line, &no, NULL) == CF_OK);
    const struct cf_cart_line other = {.product = 2, .qty_milli = 1000, .unit_price_minor = 1000};
    assert_true(cf_cart_add(cart, &other, &no, NULL) == CF_OK);

    assert_true(cf_price(cart, &offer, 1, CF_TAX_INCLUSIVE, (cf_wall){0}, NULL, priced, NULL) == CF_OK);
    assert_true(priced->lines[0].net_minor == 2500 && priced->lines[1].net_minor == 900 && priced->total_minor == 3400);
    assert_true(priced->gross_minor == 4000 && priced->discount_minor == 600);

    cf_cart_quote_yield(cart, true);
    assert_true(cf_price(cart, &offer, 1, CF_TAX_INCLUSIVE, (cf_wall){0}, NULL, priced, NULL) == CF_OK);
    assert_true(priced->lines[0].net_minor == 2700 && priced->lines[1].net_minor == 900);

    /* nobody takes anything off it by hand, neither way */
    assert_true(cf_cart_discount(cart, &by_hand, NULL) == CF_OK);
    assert_true(cf_price(cart, &offer, 1, CF_TAX_INCLUSIVE, (cf_wall){0}, NULL, priced, NULL) == CF_OK);
    assert_true(priced->lines[0].net_minor == 2700 && priced->lines[1].net_minor == 810);
    cf_cart_quote_yield(cart, false);
    assert_true(cf_price(cart, &offer, 1, CF_TAX_INCLUSIVE, (cf_wall){0}, NULL, priced, NULL) == CF_OK);
    assert_true(priced->lines[0].net_minor == 2500 && priced->lines[1].net_minor == 810);
    cf_cart_clear(cart);
    assert_false(cf_cart_quote_yields(cart));
    cf_priced_free(priced);
    cf_cart_free(cart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_quoted_comes_back_byte_for_byte),
        cmocka_unit_test(it_holds_goods_at_their_prices_and_nothing_else),
        cmocka_unit_test(its_code_names_its_record_and_its_number_does_without_the_tag),
        cmocka_unit_test(it_may_be_sold_by_once_until_it_ends_and_as_it_was),
        cmocka_unit_test(a_sale_under_it_is_held_against_it),
        cmocka_unit_test(what_a_record_says_of_its_quotation_is_whole_or_refused),
        cmocka_unit_test(what_stands_is_seen_by_no_promotion_and_what_yields_by_each),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
