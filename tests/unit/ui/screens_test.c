/*
 * tests/unit/ui/screens_test.c - both windows under a display of the test's own, page by page; saves a picture of each
 * into $CF_PICTURES, if that is set. Skips without a display.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/terminal/till_support.h"
#include "tests/unit/ui/display_support.h"
#include "tests/unit/ui/look_support.h"

struct lane {
    struct shop shop;
    struct cf_desk *desk;
    struct cf_ui ui;
    int width, height;
    unsigned findings; /* of looking at the windows */
};

/* Looks at a window, and saves its picture if somebody wants it. */
static void take(struct lane *lane, GtkWindow *window, const char *name)
{
    const char *dir = getenv("CF_PICTURES");
    char path[SHOP_PATH_MAX];
    g_autoptr(GdkTexture) texture = display_picture(window);
    assert_int_equal(gdk_texture_get_width(texture), lane->width);
    assert_int_equal(gdk_texture_get_height(texture), lane->height);
    lane->findings += look_at(window, texture, name, cf_ui_scale_for(lane->width, lane->height), LOOK_NOTHING);
    if (dir != NULL) {
        snprintf(path, sizeof path, "%s/%s.png", dir, name);
        assert_true(gdk_texture_save_to_png(texture, path));
    }
}

static void picture(struct lane *lane, const char *name)
{
    char file[64];
    cf_ui_refresh(&lane->ui);
    display_drawn(&lane->ui);
    snprintf(file, sizeof file, "%s-cashier", name);
    take(lane, cf_cashier_window_widget(lane->ui.cashier), file);
    snprintf(file, sizeof file, "%s-shopper", name);
    take(lane, cf_shopper_window_widget(lane->ui.shopper), file);
}

static void a_sale_is_drawn_page_by_page(void **state)
{
    struct lane *lane = *state;
    const struct cf_desk_ports ports = {.ctx = NULL};
    assert_ok(cf_desk_new(lane->shop.till, "Till 1", &ports, &lane->desk, NULL));
    cf_desk_link(lane->desk, false, 12);
    lane->width = 1024;
    lane->height = 768;
    cf_ui_open(&lane->ui, lane->desk, lane->width, lane->height, false);
    picture(lane, "idle");
    const char *const goods[] = {CREAM, SOAP, TEA, APPLES, CREAM, SOAP, TEA, CREAM, SOAP, TEA, CREAM};
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
        cf_desk_scan(lane->desk, cf_bytes_str(goods[i]));
    }
    cf_desk_scan(lane->desk, cf_bytes_str(shop_member(&lane->shop, 1)));
    picture(lane, "lines");
    cf_desk_scan(lane->desk, cf_bytes_str("4999999999995"));
    picture(lane, "refused");
    cf_desk_scan(lane->desk, cf_bytes_str(shop_coupon(LEASED, 1)));
    cf_desk_act(lane->desk, CF_DO_COUPONS, 0);
    picture(lane, "coupons");
    cf_desk_act(lane->desk, CF_DO_BACK, 0);
    cf_desk_act(lane->desk, CF_DO_BACK, 0);
    cf_ui_refresh(&lane->ui);
    assert_true(cf_cashier_window_key(lane->ui.cashier, GDK_KEY_F9, 0));
    picture(lane, "cash");
    assert_true(cf_cashier_window_key(lane->ui.cashier, GDK_KEY_5, 0));
    assert_true(cf_cashier_window_key(lane->ui.cashier, GDK_KEY_0, 0));
    assert_true(cf_cashier_window_key(lane->ui.cashier, GDK_KEY_0, 0));
    assert_true(cf_cashier_window_key(lane->ui.cashier, GDK_KEY_Return, 0));
    picture(lane, "done");
    assert_true(shop_last_is(&lane->shop, CF_RECORD_SALE));
    cf_ui_close(&lane->ui);
    cf_desk_free(lane->desk);
    assert_int_equal(lane->findings, 0);
}

static int setup(void **state)
{
    static struct lane lane;
    memset(&lane, 0, sizeof lane);
    shop_init(&lane.shop);
    shop_open(&lane.shop);
    *state = &lane;
    return 0;
}

static int teardown(void **state)
{
    struct lane *lane = *state;
    shop_done(&lane->shop);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sale_is_drawn_page_by_page, setup, teardown),
    };
    (void)argc;
    if (!display_open(argv, "screens")) {
        return 0;
    }
    cf_ui_style();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
