/*
 * tests/unit/ui/logo_test.c - the shop's picture on the shopper's window: which files are one, and that it is seen
 * where no sale is open, in its own proportions.
 */
#include <stdio.h>
#include <string.h>

#include "app/ui/logo.h"
#include "tests/unit/terminal/till_support.h"
#include "tests/unit/ui/display_support.h"

#define RED 0xC8102EFFu

static void path_of(const struct shop *shop, const char *name, char ret[SHOP_PATH_MAX])
{
    assert_true(snprintf(ret, SHOP_PATH_MAX, "%s/%s", shop->dir, name) < SHOP_PATH_MAX);
}

/* All of one colour. */
static void save(const char *path, int width, int height)
{
    g_autoptr(GdkPixbuf) dots = gdk_pixbuf_new(GDK_COLORSPACE_RGB, FALSE, 8, width, height);
    assert_non_null(dots);
    gdk_pixbuf_fill(dots, RED);
    assert_true(gdk_pixbuf_save(dots, path, "png", NULL, NULL));
}

static void write_bytes(const char *path, const void *bytes, size_t n)
{
    assert_true(g_file_set_contents(path, bytes, (gssize)n, NULL));
}

static void a_logo_is_kept_no_larger_than_a_screen_shows_it(void **state)
{
    static const struct {
        int width, height, kept_width, kept_height;
        const char *why;
    } rows[] = {
        {200, 100, 200, 100, "is never made larger"},
        {2400, 400, 720, 120, "is wide"},
        {300, 4096, 18, 240, "is high, and as large as may be"},
    };
    char path[SHOP_PATH_MAX];
    path_of(*state, "logo.png", path);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        GdkTexture *texture = NULL;
        save(path, rows[i].width, rows[i].height);
        assert_int_equal(cf_logo_read(path, &texture, NULL), CF_OK);
        printf("# %s\n", rows[i].why);
        assert_int_equal(gdk_texture_get_width(texture), rows[i].kept_width);
        assert_int_equal(gdk_texture_get_height(texture), rows[i].kept_height);
        g_object_unref(texture);
    }
}

static void what_is_no_logo_is_said_and_nothing_is_kept(void **state)
{
    static const uint8_t bomb[33] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13,
                                     'I',  'H', 'D', 'R', 0,    1,    0,    0,    0, 1, 0, 0};
    static char large[2 * 1024 * 1024];
    char path[SHOP_PATH_MAX], broken[SHOP_PATH_MAX];
    gchar *bytes = NULL;
    gsize n = 0;
    GdkTexture *texture = NULL;
    path_of(*state, "logo.png", path);
    path_of(*state, "broken.png", broken);
    assert_int_equal(cf_logo_read(path, &texture, NULL), CF_E_NOT_FOUND);
    write_bytes(path, "", 0);
    assert_int_equal(cf_logo_read(path, &texture, NULL), CF_E_ARGUMENT);
    write_bytes(path, "<svg/>, which another program would draw", 40);
    assert_int_equal(cf_logo_read(path, &texture, NULL), CF_E_ARGUMENT);
    write_bytes(path, bomb, sizeof bomb); /* 65,536 x 65,536 dots */
    assert_int_equal(cf_logo_read(path, &texture, NULL), CF_E_LIMIT);
    write_bytes(path, large, sizeof large);
    assert_int_equal(cf_logo_read(path, &texture, NULL), CF_E_LIMIT);
    save(path, 64, 64);
    assert_true(g_file_get_contents(path, &bytes, &n, NULL));
    for (gsize cut = 8; cut < 56 && cut < n; cut++) {
        write_bytes(broken, bytes, cut);
        assert_true(cf_logo_read(broken, &texture, NULL) != CF_OK);
    }
    g_free(bytes);
    assert_null(texture);
}

/* Where the logo's colour is in a picture of the window. */
static bool find_red(GtkWindow *window, int *ret_width, int *ret_height)
{
    g_autoptr(GdkTexture) texture = display_picture(window);
    int width = gdk_texture_get_width(texture), height = gdk_texture_get_height(texture);
    int left = width, right = -1, top = height, bottom = -1;
    guint32 *dots = g_new(guint32, (gsize)width * (gsize)height);
    gdk_texture_download(texture, (guchar *)dots, (gsize)width * 4);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            if ((dots[(gsize)y * (gsize)width + (gsize)x] & 0xffffffu) == RED >> 8) {
                left = MIN(left, x);
                right = MAX(right, x);
                top = MIN(top, y);
                bottom = MAX(bottom, y);
            }
        }
    }
    g_free(dots);
    *ret_width = right - left + 1;
    *ret_height = bottom - top + 1;
    return right >= 0;
}

static void a_logo_is_seen_between_sales_in_its_own_proportions(void **state)
{
    struct shop *shop = *state;
    struct cf_desk_ports none = {.ctx = NULL};
    struct cf_desk *desk = NULL;
    struct cf_ui ui;
    GdkTexture *texture = NULL;
    char path[SHOP_PATH_MAX];
    int width, height;
    path_of(shop, "logo.png", path);
    save(path, 600, 300);
    assert_int_equal(cf_logo_read(path, &texture, NULL), CF_OK);
    assert_ok(cf_desk_new(shop->till, "Till 1", &none, &desk, NULL));
    cf_ui_open(&ui, desk, 1024, 768, false);
    display_drawn(&ui);
    assert_false(find_red(cf_shopper_window_widget(ui.shopper), &width, &height));
    cf_shopper_window_logo(ui.shopper, texture);
    g_object_unref(texture);
    display_drawn(&ui);
    assert_true(find_red(cf_shopper_window_widget(ui.shopper), &width, &height));
    assert_in_range(height, 100, 240);
    assert_in_range(width, 2 * height - 4, 2 * height + 4);
    cf_desk_scan(desk, cf_bytes_str(TEA));
    cf_ui_refresh(&ui);
    display_drawn(&ui);
    assert_false(find_red(cf_shopper_window_widget(ui.shopper), &width, &height));
    cf_ui_close(&ui);
    cf_desk_free(desk);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_logo_is_kept_no_larger_than_a_screen_shows_it, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_logo_is_said_and_nothing_is_kept, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_logo_is_seen_between_sales_in_its_own_proportions, shop_setup, shop_teardown),
    };
    (void)argc;
    if (!display_open(argv, "logo")) {
        return 0;
    }
    cf_ui_style();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
