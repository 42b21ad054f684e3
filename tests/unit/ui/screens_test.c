/*
 * tests/unit/ui/screens_test.c - both windows under a display of the test's own, page by page; saves a picture of each
 * into $CF_PICTURES, if that is set. Skips without a display.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ui/ui.h"
#include "tests/unit/terminal/till_support.h"

struct lane {
    struct shop shop;
    struct cf_desk *desk;
    struct cf_ui ui;
};

static void settle(void)
{
    gint64 end = g_get_monotonic_time() + 200000;
    while (g_get_monotonic_time() < end) {
        if (!g_main_context_iteration(NULL, FALSE)) {
            g_usleep(1000);
        }
    }
}

static void save(GtkWindow *window, const char *name)
{
    const char *dir = getenv("CF_PICTURES");
    char path[SHOP_PATH_MAX];
    if (dir == NULL) {
        return;
    }
    g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(GTK_WIDGET(window));
    int width = gdk_paintable_get_intrinsic_width(paintable), height = gdk_paintable_get_intrinsic_height(paintable);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    gdk_paintable_snapshot(paintable, snapshot, width, height);
    g_autoptr(GskRenderNode) node = gtk_snapshot_free_to_node(snapshot);
    graphene_rect_t all = GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height);
    g_autoptr(GdkTexture) texture =
        gsk_renderer_render_texture(gtk_native_get_renderer(GTK_NATIVE(window)), node, &all);
    snprintf(path, sizeof path, "%s/%s.png", dir, name);
    assert_true(gdk_texture_save_to_png(texture, path));
}

static void picture(struct lane *lane, const char *name)
{
    char file[64];
    cf_ui_refresh(&lane->ui);
    settle();
    snprintf(file, sizeof file, "%s-cashier", name);
    save(cf_cashier_window_widget(lane->ui.cashier), file);
    snprintf(file, sizeof file, "%s-shopper", name);
    save(cf_shopper_window_widget(lane->ui.shopper), file);
}

static void a_sale_is_drawn_page_by_page(void **state)
{
    struct lane *lane = *state;
    const struct cf_desk_ports ports = {.ctx = NULL};
    assert_ok(cf_desk_new(lane->shop.till, "Till 1", &ports, &lane->desk, NULL));
    cf_desk_link(lane->desk, false, 12);
    cf_ui_open(&lane->ui, lane->desk, 1024, 768);
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
    settle();
    cf_desk_free(lane->desk);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sale_is_drawn_page_by_page, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (!gtk_init_check()) {
        puts("1..1\nok 1 - screens # SKIP there is no display");
        return 0;
    }
    cf_ui_style(100);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
