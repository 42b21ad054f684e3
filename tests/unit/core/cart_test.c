/*
 * tests/unit/core/cart_test.c - what goes into a cart, what is refused, and that refusals change nothing.
 */
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

static void a_line_is_numbered_in_scan_order_and_copied(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(9, 1000, 500, 1300), core_line(3, 2000, 250, 900)};
    struct cf_cart *cart = core_cart(lines, 2);
    lines[0].unit_price_minor = 1;
    assert_int_equal(2, cf_cart_count(cart));
    assert_int_equal(1, cf_cart_at(cart, 0)->line_no);
    assert_int_equal(500, cf_cart_at(cart, 0)->unit_price_minor);
    assert_string_equal("product 3", cf_cart_at(cart, 1)->name);
    cf_cart_free(cart);
}

static void a_line_out_of_range_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int64_t qty, price;
        uint32_t tax_bp;
        bool weighed;
        enum cf_rc rc;
    } rows[] = {
        {"nothing is not a quantity", 0, 100, 0, false, CF_E_QUANTITY},
        {"returns are another use case", -1000, 100, 0, false, CF_E_QUANTITY},
        {"half a bottle", 500, 100, 0, false, CF_E_QUANTITY},
        {"half a kilogram", 500, 100, 0, true, CF_OK},
        {"one gram", 1, 100, 0, true, CF_OK},
        {"the largest quantity", CF_QTY_MILLI_MAX, 100, 0, false, CF_OK},
        {"one more than that", CF_QTY_MILLI_MAX + 1000, 100, 0, false, CF_E_QUANTITY},
        {"int64 edge", INT64_MAX, 100, 0, true, CF_E_QUANTITY},
        {"int64 edge", INT64_MIN, 100, 0, true, CF_E_QUANTITY},
        {"a gift", 1000, 0, 0, false, CF_OK},
        {"a price below zero", 1000, -1, 0, false, CF_E_PRICE},
        {"the largest price", 1000, CF_PRICE_MINOR_MAX, 0, false, CF_OK},
        {"one more than that", 1000, CF_PRICE_MINOR_MAX + 1, 0, false, CF_E_PRICE},
        {"int64 edge", 1000, INT64_MAX, 0, false, CF_E_PRICE},
        {"the largest tax", 1000, 100, CF_TAX_BP_MAX, false, CF_OK},
        {"one more than that", 1000, 100, CF_TAX_BP_MAX + 1, false, CF_E_RANGE},
        {"largest price of the largest quantity fits", CF_QTY_MILLI_MAX, CF_PRICE_MINOR_MAX, 0, false, CF_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_cart *cart = core_cart(NULL, 0);
        struct cf_cart_line line = core_line(1, 1000, rows[i].price, rows[i].tax_bp);
        struct cf_error err = {0};
        uint32_t line_no = 77;
        line.qty_milli = rows[i].qty;
        line.weighed = rows[i].weighed;
        enum cf_rc rc = cf_cart_add(cart, &line, &line_no, &err);
        if (rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].why, cf_rc_name(rc));
        assert_int_equal(rc == CF_OK ? 1 : 77, line_no);
        assert_int_equal(rc == CF_OK ? 1 : 0, cf_cart_count(cart));
        assert_int_equal(rc == CF_OK, err.detail[0] == '\0');
        cf_cart_free(cart);
    }
}

static void the_2001st_line_is_refused(void **state)
{
    (void)state;
    struct cf_cart *cart = core_cart(NULL, 0);
    struct cf_cart_line line = core_line(1, 1000, 1, 0);
    uint32_t line_no;
    for (size_t i = 0; i < CF_CART_LINES_MAX; i++)
        assert_int_equal(CF_OK, cf_cart_add(cart, &line, &line_no, NULL));
    assert_int_equal(CF_E_LIMIT, cf_cart_add(cart, &line, &line_no, NULL));
    assert_int_equal(CF_CART_LINES_MAX, cf_cart_live_count(cart));
    cf_cart_clear(cart);
    assert_int_equal(0, cf_cart_count(cart));
    assert_int_equal(CF_OK, cf_cart_add(cart, &line, &line_no, NULL));
    assert_int_equal(1, line_no);
    cf_cart_free(cart);
}

static void a_total_beyond_int64_is_refused_by_every_way_in(void **state)
{
    (void)state;
    /* 92 lines of 99,999 * 10^12 fit into int64, the 93rd does not. */
    struct cf_cart *cart = core_cart(NULL, 0);
    struct cf_cart_line big = core_line(1, CF_QTY_MILLI_MAX, CF_PRICE_MINOR_MAX, 0);
    struct cf_cart_line small = core_line(2, 1000, 1, 0);
    uint32_t line_no;
    for (size_t i = 0; i < 92; i++)
        assert_int_equal(CF_OK, cf_cart_add(cart, &big, &line_no, NULL));
    assert_int_equal(CF_E_OVERFLOW, cf_cart_add(cart, &big, &line_no, NULL));
    assert_int_equal(92, cf_cart_count(cart));
    small.unit_price_minor = CF_PRICE_MINOR_MAX;
    assert_int_equal(CF_OK, cf_cart_add(cart, &small, &line_no, NULL));
    assert_int_equal(CF_E_OVERFLOW, cf_cart_set_quantity(cart, line_no, CF_QTY_MILLI_MAX, NULL));
    assert_int_equal(1000, cf_cart_at(cart, 92)->qty_milli);
    assert_int_equal(CF_OK, cf_cart_set_price(cart, line_no, 5, NULL));
    assert_int_equal(CF_OK, cf_cart_set_quantity(cart, line_no, CF_QTY_MILLI_MAX, NULL));
    assert_int_equal(CF_E_OVERFLOW, cf_cart_set_price(cart, line_no, CF_PRICE_MINOR_MAX, NULL));
    assert_int_equal(5, cf_cart_at(cart, 92)->unit_price_minor);
    assert_int_equal(CF_OK, cf_cart_void(cart, 1, NULL));
    assert_int_equal(CF_OK, cf_cart_set_price(cart, line_no, CF_PRICE_MINOR_MAX, NULL));
    cf_cart_free(cart);
}

static void a_line_that_is_not_there_or_void_cannot_change(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(9, 1000, 500, 1300), core_line(3, 2000, 250, 900)};
    struct cf_cart *cart = core_cart(lines, 2);
    assert_int_equal(CF_E_LINE_NONE, cf_cart_void(cart, 0, NULL));
    assert_int_equal(CF_E_LINE_NONE, cf_cart_void(cart, 3, NULL));
    assert_int_equal(CF_E_LINE_NONE, cf_cart_set_quantity(cart, UINT32_MAX, 1000, NULL));
    assert_int_equal(CF_OK, cf_cart_void(cart, 2, NULL));
    assert_int_equal(CF_E_LINE_VOID, cf_cart_void(cart, 2, NULL));
    assert_int_equal(CF_E_LINE_VOID, cf_cart_set_price(cart, 2, 1, NULL));
    assert_int_equal(CF_E_LINE_VOID, cf_cart_set_quantity(cart, 2, 1000, NULL));
    assert_int_equal(2, cf_cart_count(cart));
    assert_int_equal(1, cf_cart_live_count(cart));
    assert_true(cf_cart_at(cart, 1)->voided);
    assert_int_equal(CF_E_QUANTITY, cf_cart_set_quantity(cart, 1, 1500, NULL));
    assert_int_equal(CF_E_PRICE, cf_cart_set_price(cart, 1, -1, NULL));
    assert_int_equal(1000, cf_cart_at(cart, 0)->qty_milli);
    cf_cart_free(cart);
}

static void the_settled_order_names_each_live_line_once_whatever_happens(void **state)
{
    (void)state;
    struct chance chance = {1};
    struct cf_cart *cart = core_cart(NULL, 0);
    uint32_t line_no;
    for (int step = 0; step < 3000; step++) {
        uint64_t what = chance_below(&chance, 10);
        struct cf_cart_line line = core_line_by_chance(&chance);
        uint32_t any = (uint32_t)(1 + chance_below(&chance, cf_cart_count(cart) + 1));
        if (what < 5)
            (void)!cf_cart_add(cart, &line, &line_no, NULL);
        else if (what < 7)
            (void)!cf_cart_void(cart, any, NULL);
        else if (what < 9)
            (void)!cf_cart_set_price(cart, any, line.unit_price_minor, NULL);
        else
            (void)!cf_cart_set_quantity(cart, any, line.qty_milli, NULL);
    }
    static bool seen[CF_CART_LINES_MAX];
    memset(seen, 0, sizeof seen);
    uint64_t last_product = 0;
    for (size_t k = 0; k < cf_cart_live_count(cart); k++) {
        size_t position = cf_cart_settled(cart, k);
        const struct cf_cart_line *line = cf_cart_at(cart, position);
        assert_false(seen[position]);
        assert_false(line->voided);
        assert_true(line->product >= last_product);
        last_product = line->product;
        seen[position] = true;
    }
    for (size_t i = 0; i < cf_cart_count(cart); i++)
        assert_int_equal(!cf_cart_at(cart, i)->voided, seen[i]);
    cf_cart_free(cart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_numbered_in_scan_order_and_copied),
        cmocka_unit_test(a_line_out_of_range_is_refused_and_changes_nothing),
        cmocka_unit_test(the_2001st_line_is_refused),
        cmocka_unit_test(a_total_beyond_int64_is_refused_by_every_way_in),
        cmocka_unit_test(a_line_that_is_not_there_or_void_cannot_change),
        cmocka_unit_test(the_settled_order_names_each_live_line_once_whatever_happens),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
