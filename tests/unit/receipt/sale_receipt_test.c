/*
 * What is printed for a sale, held against the texts of golden/.
 *
 * After a change that is meant: CF_GOLDEN_WRITE=1 sale_receipt_test, then read the difference.
 */
#include "app/receipt/sale_receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/receipt/text_view.h"
#include "base/env.h"
#include "base/text.h"
#include "tests/unit/receipt/sample.h"

static struct cf_buf text_of(const struct cf_sale_receipt *facts, const char *copy_mark)
{
    struct cf_receipt *receipt = NULL;
    struct cf_buf text;
    cf_buf_init(&text, CF_TEXT_VIEW_BYTES_MAX);
    assert_int_equal(cf_sale_receipt_build(facts, &receipt, NULL), CF_OK);
    assert_int_equal(cf_receipt_set_copy(receipt, copy_mark, NULL), CF_OK);
    assert_int_equal(cf_receipt_text(receipt, CF_TEXT_VIEW_COLUMNS, &text, NULL), CF_OK);
    cf_receipt_free(receipt);
    return text;
}

static void assert_golden(const char *name, struct cf_buf *text)
{
    const struct cf_env *env = cf_env_system();
    char path[512];
    (void)snprintf(path, sizeof path, CF_SOURCE_DIR "/tests/unit/receipt/golden/%s.txt", name);
    if (getenv("CF_GOLDEN_WRITE") != NULL) {
        assert_int_equal(env->ops->file_replace(env->ctx, path, cf_buf_bytes(text), 0644, NULL), CF_OK);
    }
    struct cf_buf golden;
    cf_buf_init(&golden, CF_TEXT_VIEW_BYTES_MAX);
    assert_int_equal(env->ops->file_read(env->ctx, path, &golden, NULL), CF_OK);
    const char *got, *expected;
    assert_int_equal(cf_buf_cstr(text, &got, NULL), CF_OK);
    assert_int_equal(cf_buf_cstr(&golden, &expected, NULL), CF_OK);
    assert_string_equal(got, expected);
    cf_buf_done(&golden);
    cf_buf_done(text);
}

static struct sample sample;

static void a_sale_with_everything_on_it(void **state)
{
    (void)state;
    sample_init(&sample);
    struct cf_buf text = text_of(&sample.facts, NULL);
    assert_golden("everything", &text);
}

static void a_reprint_says_so_first_and_last(void **state)
{
    (void)state;
    sample_init(&sample);
    sample.sale.n_lines = 1;
    sample.facts.n_coupons_issued = 0;
    struct cf_buf text = text_of(&sample.facts, CF_RECEIPT_COPY_MARK);
    assert_golden("reprint", &text);
}

static void tax_on_top_stands_above_the_total(void **state)
{
    (void)state;
    sample_init(&sample);
    sample.sale.tax_mode = CF_TAX_EXCLUSIVE;
    sample.sale.currency = (cf_currency){"USD"};
    sample.sale.n_lines = 2;
    sample.sale_lines[0].tax_bp = 888;
    sample.sale_lines[1].tax_bp = 0;
    sample.sale.gross_minor = 34790;
    sample.sale.n_discounts = 0;
    sample.sale_lines[0].discount_minor = sample.sale_lines[1].discount_minor = 0;
    sample.sale.tax_minor = 2291;
    sample.sale.total_minor = 37081;
    sample.sale.has_member = false;
    sample.sale.n_redemptions = 0;
    sample.facts.n_coupons_issued = 0;
    sample.sale.tenders.n = 1;
    sample.sale.tenders.tender[0] =
        (struct cf_tender){.kind = CF_TENDER_MOBILE, .amount_minor = 37081, .reference = "wx-1"};
    sample.sale.change_minor = 0;
    struct cf_buf text = text_of(&sample.facts, NULL);
    assert_golden("tax_on_top", &text);
}

static void what_is_not_known_is_left_out_or_numbered(void **state)
{
    (void)state;
    sample_init(&sample);
    sample.store = (struct cf_store_info){.name = "Shop"};
    sample.facts.discount_reasons = NULL;
    sample.facts.coupons_used = NULL;
    sample.facts.chain_tag = NULL;
    sample.facts.n_coupons_issued = 0;
    sample.sale.cashier[0] = '\0';
    sample.sale.n_lines = 1;
    sample.lines[0].name = NULL;
    struct cf_buf text = text_of(&sample.facts, NULL);
    assert_golden("unknown", &text);
}

static void only_the_last_four_digits_of_a_member_are_printed(void **state)
{
    (void)state;
    sample_init(&sample);
    struct cf_buf text = text_of(&sample.facts, NULL);
    const char *c;
    assert_int_equal(cf_buf_cstr(&text, &c, NULL), CF_OK);
    assert_non_null(strstr(c, "**** 9abc"));
    assert_null(strstr(c, "5566"));
    assert_null(strstr(c, "669abc"));
    cf_buf_done(&text);
}

static void the_largest_amounts_are_never_cut(void **state)
{
    (void)state;
    sample_init(&sample);
    sample.sale.n_lines = 1;
    sample.sale_lines[0] = (struct cf_sale_line){
        .qty_milli = CF_QTY_MILLI_MAX, .unit_price_minor = CF_PRICE_MINOR_MAX, .discount_minor = 99, .tax_bp = 1300};
    sample.sale.gross_minor = INT64_C(99999000000000000);
    sample.sale.total_minor = INT64_C(99999000000000000) - 99;
    struct cf_buf text = text_of(&sample.facts, NULL);
    const char *c;
    assert_int_equal(cf_buf_cstr(&text, &c, NULL), CF_OK);
    assert_non_null(strstr(c, " 999990000000000.00\n"));
    assert_non_null(strstr(c, "¥999989999999999.01\n"));
    cf_buf_done(&text);
}

static void a_sale_of_the_most_lines_fits(void **state)
{
    (void)state;
    sample_init(&sample);
    struct cf_sale_line *lines = calloc(CF_CART_LINES_MAX, sizeof *lines);
    struct cf_receipt_line *labels = calloc(CF_CART_LINES_MAX, sizeof *labels);
    for (size_t i = 0; i < CF_CART_LINES_MAX; i++) {
        lines[i] = sample.sale_lines[1];
        labels[i] = sample.lines[1];
    }
    sample.sale.lines = lines;
    sample.facts.lines = labels;
    sample.sale.n_lines = CF_CART_LINES_MAX;
    struct cf_buf text = text_of(&sample.facts, NULL);
    assert_true(text.n > CF_CART_LINES_MAX * 100u);
    cf_buf_done(&text);
    free(lines);
    free(labels);
}

static void too_many_tax_rates_and_a_bad_coupon_are_errors(void **state)
{
    (void)state;
    struct cf_sale_line lines[CF_SALE_RATES_MAX + 1];
    struct cf_receipt_line labels[CF_SALE_RATES_MAX + 1];
    struct cf_receipt *receipt = NULL;
    sample_init(&sample);
    for (size_t i = 0; i <= CF_SALE_RATES_MAX; i++) {
        lines[i] = (struct cf_sale_line){.qty_milli = 1000, .unit_price_minor = 100, .tax_bp = (uint32_t)(100 + i)};
        labels[i] = (struct cf_receipt_line){.name = "x"};
    }
    sample.sale.lines = lines;
    sample.facts.lines = labels;
    sample.sale.n_lines = CF_SALE_RATES_MAX;
    assert_int_equal(cf_sale_receipt_build(&sample.facts, &receipt, NULL), CF_OK);
    cf_receipt_free(receipt);
    receipt = NULL;
    sample.sale.n_lines = CF_SALE_RATES_MAX + 1;
    assert_int_equal(cf_sale_receipt_build(&sample.facts, &receipt, NULL), CF_E_LIMIT);
    assert_null(receipt);

    sample_init(&sample);
    sample.issued[0].qr_text = "CP1:\n";
    assert_int_equal(cf_sale_receipt_build(&sample.facts, &receipt, NULL), CF_E_ENCODING);
    assert_null(receipt);
}

static void receipt_numbers_are_terminal_epoch_and_sequence(void **state)
{
    (void)state;
    char no[CF_RECEIPT_NO_MAX];
    cf_receipt_no_format(1001, 3, 42, no);
    assert_string_equal(no, "1001-3-000042");
    cf_receipt_no_format(UINT32_MAX, UINT32_MAX, UINT64_MAX, no);
    assert_string_equal(no, "4294967295-4294967295-18446744073709551615");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sale_with_everything_on_it),
        cmocka_unit_test(a_reprint_says_so_first_and_last),
        cmocka_unit_test(tax_on_top_stands_above_the_total),
        cmocka_unit_test(what_is_not_known_is_left_out_or_numbered),
        cmocka_unit_test(only_the_last_four_digits_of_a_member_are_printed),
        cmocka_unit_test(the_largest_amounts_are_never_cut),
        cmocka_unit_test(a_sale_of_the_most_lines_fits),
        cmocka_unit_test(too_many_tax_rates_and_a_bad_coupon_are_errors),
        cmocka_unit_test(receipt_numbers_are_terminal_epoch_and_sequence),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
