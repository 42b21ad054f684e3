/*
 * tests/unit/desk/weigh_test.c - goods that are sold by weight, at a desk with a scale and at one whose scale is off.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/desk/desk_support.h"

static void put_on(struct counter *counter, enum cf_rc rc, int32_t grams)
{
    counter->scale_rc = rc;
    counter->scale_g = grams;
    (void)cf_desk_tick(counter->desk, 1000);
    counter_look(counter);
}

/* A desk with a scale that has moved, and a ham of 20.00 a kilogram. */
static int setup(void **state)
{
    if (counter_setup(state) != 0)
        return -1;
    struct counter *counter = *state;
    struct cf_down_entry entry = {.kind = CF_DOWN_PRODUCT};
    entry.product = (struct cf_product){.id = 50, .price_minor = 2000, .tax_bp = 1300, .n_codes = 1, .weighed = true};
    (void)snprintf(entry.product.name, sizeof entry.product.name, "Ham");
    (void)snprintf(entry.product.codes[0], sizeof entry.product.codes[0], "#12345");
    shop_send(&counter->shop, CF_TOPIC_PRICES, &entry);
    cf_till_weighs(counter->shop.till, true);
    cf_desk_free(counter->desk);
    counter->has_scale = true;
    counter->scale_rc = CF_E_SCALE_MOVING;
    counter_open(counter);
    return 0;
}

static const struct cf_cart_line *last_line(struct counter *counter)
{
    struct cf_till_view view;
    cf_till_view(counter->shop.till, &view);
    return cf_cart_at(view.cart, cf_cart_count(view.cart) - 1);
}

static size_t n_lines(struct counter *counter)
{
    struct cf_till_view view;
    cf_till_view(counter->shop.till, &view);
    return cf_cart_count(view.cart);
}

static const char *on_scale(struct counter *counter)
{
    return counter_field(counter->cashier.fields, counter->cashier.n_fields, "On the scale");
}

static void what_is_on_the_scale_is_seen_and_then_confirmed(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, "#12345");
    assert_int_equal(counter_look(counter), CF_PAGE_ASK);
    assert_string_equal(on_scale(counter), "–");
    assert_false(counter_key(counter, CF_DO_ENTER)->enabled);
    assert_non_null(strstr(counter->cashier.bar.what, "not at rest"));
    assert_true(cf_desk_press(counter->desk, "Enter"));
    assert_int_equal(n_lines(counter), 0); /* what moves never sells */
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    put_on(counter, CF_OK, 345);
    assert_int_equal(counter_look(counter), CF_PAGE_ASK);
    assert_string_equal(on_scale(counter), "0.345 kg");
    assert_true(counter_key(counter, CF_DO_ENTER)->enabled);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_int_equal(last_line(counter)->qty_milli, 345);
}

static void each_state_of_the_scale_is_a_line_for_the_cashier(void **state)
{
    static const enum cf_rc rows[] = {CF_E_SCALE_MOVING, CF_E_SCALE_EMPTY, CF_E_SCALE_UNDER, CF_E_SCALE_OVER,
                                      CF_E_SCALE_ZERO,   CF_E_SCALE_FAULT, CF_E_SCALE_OFF};
    struct counter *counter = *state;
    counter_scan(counter, "#12345");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put_on(counter, rows[i], 0);
        assert_string_equal(counter->cashier.bar.what, cf_rc_text(rows[i]));
        cf_desk_act(counter->desk, CF_DO_ENTER, 0);
        counter_look(counter);
        assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
        assert_int_equal(n_lines(counter), 0);
        cf_desk_act(counter->desk, CF_DO_BACK, 0);
        assert_int_equal(counter_look(counter), CF_PAGE_ASK);
    }
}

static void a_tare_is_typed_and_comes_off(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, "#12345");
    put_on(counter, CF_OK, 345);
    counter_type(counter, "0.4");
    cf_desk_act(counter->desk, CF_DO_TARE, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED); /* more than there is */
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    counter_type(counter, "0.045");
    cf_desk_act(counter->desk, CF_DO_TARE, 0);
    counter_look(counter);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Tare"), "0.045 kg");
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_int_equal(last_line(counter)->qty_milli, 300);
    counter_scan(counter, "#12345"); /* the next goods begin without one */
    counter_look(counter);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Tare"), "");
}

static void with_the_scale_off_the_weight_is_typed(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, "#12345");
    put_on(counter, CF_E_SCALE_OFF, 0);
    counter_enter(counter, "heavy");
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    counter_enter(counter, "0.250");
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_int_equal(last_line(counter)->qty_milli, 250);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, counter_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_on_the_scale_is_seen_and_then_confirmed),
        TEST(each_state_of_the_scale_is_a_line_for_the_cashier),
        TEST(a_tare_is_typed_and_comes_off),
        TEST(with_the_scale_off_the_weight_is_typed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
