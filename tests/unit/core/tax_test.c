/*
 * tests/unit/core/tax_test.c - tax by line and by document, on the till, in the record and when goods come back.
 */
#include "app/core/tax.h"

#include <string.h>

#include "app/core/sale_return.h"
#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

static struct cf_cart *cart_of(const int64_t *prices, size_t n, uint32_t tax_bp)
{
    struct cf_cart *cart = NULL;
    const cf_currency cny = {"CNY"};
    assert_int_equal(cf_cart_new(cny, &cart, NULL), CF_OK);
    for (size_t i = 0; i < n; i++) {
        struct cf_cart_line line = {
            .product = i + 1, .qty_milli = 1000, .unit_price_minor = prices[i], .tax_bp = tax_bp};
        uint32_t line_no;
        assert_int_equal(cf_cart_add(cart, &line, &line_no, NULL), CF_OK);
    }
    return cart;
}

static void cents_of_tax_are_rounded_by_line_or_by_document(void **state)
{
    (void)state;
    static const int64_t prices[] = {105, 105, 105};
    static const struct {
        enum cf_tax_mode mode;
        int64_t tax, total;
        const char *why;
    } rows[] = {
        {CF_TAX_EXCLUSIVE, 32, 347, "10 % of 3.15 are 31.5 cents"},
        {CF_TAX_EXCLUSIVE_BY_LINE, 33, 348, "three times 10.5 cents, each rounded"},
        {CF_TAX_INCLUSIVE, 29, 315, "in 3.15 are 28.6"},
        {CF_TAX_INCLUSIVE_BY_LINE, 30, 315, "in 1.05 are 9.5, three times"},
    };
    struct cf_cart *cart = cart_of(prices, 3, 1000);
    struct cf_priced *priced;
    assert_int_equal(cf_priced_new(&priced, NULL), CF_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(cf_price(cart, NULL, 0, rows[i].mode, (cf_wall){0}, NULL, priced, NULL), CF_OK);
        int64_t sum = 0;
        for (size_t k = 0; k < 3; k++)
            sum += priced->lines[k].tax_minor;
        if (priced->tax_minor != rows[i].tax || priced->total_minor != rows[i].total || sum != priced->tax_minor)
            fail_msg("%s: %lld of %lld", rows[i].why, (long long)priced->tax_minor, (long long)priced->total_minor);
    }
    cf_priced_free(priced);
    cf_cart_free(cart);
}

static void modes_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(cf_tax_mode_of(CF_TAX_INCLUSIVE, CF_TAX_BY_LINE), CF_TAX_INCLUSIVE_BY_LINE);
    assert_int_equal(cf_tax_mode_of(CF_TAX_EXCLUSIVE_BY_LINE, CF_TAX_BY_DOCUMENT), CF_TAX_EXCLUSIVE);
    assert_int_equal(cf_tax_mode_of(CF_TAX_EXCLUSIVE, CF_TAX_BY_LINE), CF_TAX_EXCLUSIVE_BY_LINE);
    for (int mode = 0; mode < 10; mode++)
        assert_int_equal(cf_tax_mode_is_known((enum cf_tax_mode)mode),
                         mode == 1 || mode == 2 || mode == 5 || mode == 6);
    int64_t tax = 99;
    assert_int_equal(cf_tax_of(CF_TAX_EXCLUSIVE, INT64_MAX, 20000, &tax, NULL), CF_E_OVERFLOW);
    assert_int_equal(cf_tax_of(CF_TAX_INCLUSIVE, INT64_MAX, 10000, &tax, NULL), CF_OK);
    assert_true(tax == INT64_MAX / 2 + 1);
}

static const struct cf_campaign *no_campaign(void *ctx, uint32_t campaign, uint32_t version)
{
    (void)ctx;
    (void)campaign;
    (void)version;
    return NULL;
}

static bool no_categories(void *ctx, uint64_t product, uint32_t *ret, size_t max, size_t *ret_n)
{
    (void)ctx;
    (void)product;
    (void)ret;
    (void)max;
    *ret_n = 0;
    return true;
}

/* A sale of three lines at 1.05 with 10 % on top, by line: 3.48. */
static struct cf_sale *sale_by_line(void)
{
    struct cf_sale *sale;
    assert_int_equal(cf_sale_new(&sale, NULL), CF_OK);
    sale->sale_no = 1;
    sale->business_day = 20261122;
    memcpy(sale->currency.code, "CNY", 4);
    sale->tax_mode = CF_TAX_EXCLUSIVE_BY_LINE;
    for (size_t i = 0; i < 3; i++)
        sale->lines[sale->n_lines++] =
            (struct cf_sale_line){.product = i + 1, .qty_milli = 1000, .unit_price_minor = 105, .tax_bp = 1000};
    sale->gross_minor = 315;
    sale->tax_minor = 33;
    sale->total_minor = 348;
    cf_tenders_init(&sale->tenders, 348);
    const struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = 348};
    assert_int_equal(cf_tenders_add(&sale->tenders, &cash, NULL), CF_OK);
    return sale;
}

static void the_record_says_how_it_was_rounded_and_is_judged_so(void **state)
{
    (void)state;
    static const int64_t prices[] = {1};
    struct cf_sale *sale = sale_by_line(), *back;
    struct cf_cart *cart = cart_of(prices, 1, 0);
    struct cf_priced *priced;
    struct cf_buf buf;
    const struct cf_sale_lookup lookup = {NULL, no_categories, no_campaign};
    cf_buf_init(&buf, CF_SALE_BYTES_MAX);
    assert_int_equal(cf_priced_new(&priced, NULL), CF_OK);
    assert_int_equal(cf_sale_new(&back, NULL), CF_OK);
    assert_int_equal(cf_sale_encode(sale, &buf, NULL), CF_OK);
    assert_int_equal(cf_sale_decode(cf_buf_bytes(&buf), back, NULL), CF_OK);
    assert_int_equal(back->tax_mode, CF_TAX_EXCLUSIVE_BY_LINE);
    assert_int_equal(cf_sale_rejudge(back, (cf_wall){0}, &lookup, cart, priced, NULL), CF_OK);
    back->tax_mode = CF_TAX_EXCLUSIVE; /* by document it is a cent less */
    assert_int_equal(cf_sale_rejudge(back, (cf_wall){0}, &lookup, cart, priced, NULL), CF_E_RECORD);
    cf_buf_done(&buf);
    cf_priced_free(priced);
    cf_cart_free(cart);
    cf_sale_free(back);
    cf_sale_free(sale);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cents_of_tax_are_rounded_by_line_or_by_document),
        cmocka_unit_test(modes_are_told_apart),
        cmocka_unit_test(the_record_says_how_it_was_rounded_and_is_judged_so),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
