/*
 * tests/unit/ui/screens_test.c - every page of the desk in both windows, in each language and on each size of screen,
 * under a display of the test's own: nothing is cut, overlaps, is too small or too pale (look_support.h). Saves the
 * pictures into $CF_PICTURES, if that is set (docs/ui.md).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/desk/language.h"
#include "tests/unit/terminal/till_support.h"
#include "tests/unit/ui/display_support.h"
#include "tests/unit/ui/look_support.h"

#define PAGES_MAX 64
#define EXPLORE_MAX 3 /* keys one after the other */

struct lane {
    struct shop shop;
    struct cf_desk *desk;
    struct cf_ui ui;
    const char *language;
    bool chinese;
    int width, height;
    bool seen[PAGES_MAX];
    unsigned findings, pictures;
};

/* --- a shop with goods that look like goods -------------------------------------------------------------------------
 */

static const struct {
    const char *code, *english, *chinese;
    int64_t price_minor;
    bool weighed, open_price;
    uint8_t min_age;
} goods[] = {
    {"9520000010072", "Hydrating mask 5 pcs", "补水面膜 5片", 3990, false, false, 0},
    {"9520000010638", "Hyaluronic serum 50 ml", "玻尿酸精华液 50毫升", 23900, false, false, 0},
    {"9520000013783", "Shampoo repair 400 ml", "洗发水 修护 400毫升", 5290, false, false, 0},
    {"9520000016302", "Eggs 10 pcs", "鸡蛋 10枚", 1390, false, false, 0},
    {"9520000016937", "Green tea 500 ml", "绿茶 500毫升", 400, false, false, 0},
    {"9520000017569", "Orange juice 1 l", "橙汁 1升", 1590, false, false, 0},
    {"9520000023867", "Cucumbers loose", "黄瓜 散装", 690, true, false, 0},
    {"9520000011895", "Lip balm honey", "润唇膏 蜂蜜", 1990, false, false, 0},
    {"9520000023232", "Beer 330 ml", "啤酒 330毫升", 590, false, false, 18},
    {"9520000099990", "Flowers", "鲜花", 0, false, true, 0},
};
#define BEER 8
#define FLOWERS 9

static void stock(struct lane *lane)
{
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
        struct cf_down_entry entry = {.kind = CF_DOWN_PRODUCT};
        struct cf_product *product = &entry.product;
        product->id = 900 + i;
        product->price_minor = goods[i].price_minor;
        product->tax_bp = 1300;
        product->weighed = goods[i].weighed;
        product->open_price = goods[i].open_price;
        product->min_age = goods[i].min_age;
        product->n_codes = 1;
        snprintf(product->codes[0], sizeof product->codes[0], "0%s", goods[i].code);
        snprintf(product->name, sizeof product->name, "%s", lane->chinese ? goods[i].chinese : goods[i].english);
        shop_send(&lane->shop, CF_TOPIC_PRICES, &entry);
    }
}

/* --- pictures -------------------------------------------------------------------------------------------------------
 */

static GtkWidget *find_class(GtkWidget *widget, const char *style)
{
    if (gtk_widget_has_css_class(widget, style)) {
        return widget;
    }
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child; child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = find_class(child, style);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

/* Looks at a window, and saves its picture if somebody wants it. */
static void take(struct lane *lane, GtkWindow *window, const char *who, const char *page)
{
    const char *dir = getenv("CF_PICTURES");
    char name[96], path[SHOP_PATH_MAX];
    snprintf(name, sizeof name, "%s-%s-%s-%dx%d", page, who, lane->chinese ? "zh" : "en", lane->width, lane->height);
    g_autoptr(GdkTexture) texture = display_picture(window);
    if (gdk_texture_get_width(texture) != lane->width || gdk_texture_get_height(texture) != lane->height) {
        printf("# %s: needs %d x %d\n", name, gdk_texture_get_width(texture), gdk_texture_get_height(texture));
        lane->findings++;
    }
    lane->findings += look_at(window, texture, name, cf_ui_scale_for(lane->width, lane->height), LOOK_NOTHING);
    lane->pictures++;
    if (dir != NULL) {
        snprintf(path, sizeof path, "%s/%s.png", dir, name);
        assert_true(gdk_texture_save_to_png(texture, path));
    }
}

static enum cf_page_id page_of(struct lane *lane)
{
    static struct cf_cashier_page page;
    cf_desk_cashier(lane->desk, &page);
    assert_true((int)page.id < PAGES_MAX);
    return page.id;
}

/* `shopper`: her window too, since it shows something else than before. */
static void picture(struct lane *lane, const char *name, bool shopper)
{
    lane->seen[page_of(lane)] = true;
    cf_ui_refresh(&lane->ui);
    gtk_label_set_text(GTK_LABEL(find_class(GTK_WIDGET(cf_cashier_window_widget(lane->ui.cashier)), "clock")), "09:41");
    display_drawn(&lane->ui);
    take(lane, cf_cashier_window_widget(lane->ui.cashier), "cashier", name);
    if (shopper) {
        take(lane, cf_shopper_window_widget(lane->ui.shopper), "shopper", name);
    }
}

/* --- the pages ------------------------------------------------------------------------------------------------------
 */

static void scan(struct lane *lane, const char *text)
{
    cf_desk_scan(lane->desk, cf_bytes_str(text));
}

static void act(struct lane *lane, enum cf_desk_do what)
{
    cf_desk_act(lane->desk, what, 0);
}

static void type(struct lane *lane, const char *text)
{
    for (; *text != '\0'; text++) {
        cf_desk_type(lane->desk, *text);
    }
}

/* Turns to a page, takes its picture, and comes back. */
static void visit(struct lane *lane, enum cf_desk_do what, const char *name)
{
    enum cf_page_id before = page_of(lane);
    act(lane, what);
    picture(lane, name, false);
    for (int i = 0; i < 4 && page_of(lane) != before; i++) {
        act(lane, CF_DO_BACK);
    }
}

static void fill_basket(struct lane *lane)
{
    for (size_t i = 0; i < BEER; i++) {
        scan(lane, goods[i].code);
    }
    scan(lane, CREAM);
}

static void sell_one(struct lane *lane)
{
    picture(lane, "idle", true);
    scan(lane, goods[FLOWERS].code);
    picture(lane, "ask-price", false);
    act(lane, CF_DO_BACK);
    act(lane, CF_DO_BACK);
    scan(lane, goods[BEER].code);
    picture(lane, "ask-age", false);
    act(lane, CF_DO_BACK);
    act(lane, CF_DO_BACK);
    fill_basket(lane);
    picture(lane, "lines", true);
    scan(lane, shop_member(&lane->shop, 1));
    scan(lane, shop_coupon(LEASED, 1));
    scan(lane, goods[0].code);
    picture(lane, "member", true);
    scan(lane, "9520000999992");
    picture(lane, "refused", false);
    act(lane, CF_DO_BACK);
    visit(lane, CF_DO_COUPONS, "coupons");
    visit(lane, CF_DO_QUANTITY, "quantity");
    visit(lane, CF_DO_PRICE, "price");
    visit(lane, CF_DO_PARK, "park");
    visit(lane, CF_DO_CANCEL, "cancel");
    act(lane, CF_DO_CASH);
    type(lane, "500");
    picture(lane, "cash", true);
    act(lane, CF_DO_ENTER);
    assert_true(shop_last_is(&lane->shop, CF_RECORD_SALE));
    picture(lane, "done", true);
}

/* --- whatever else there is -----------------------------------------------------------------------------------------
 */

static const char *const names[CF_PAGES] = {
    [CF_PAGE_SIGN_ON] = "sign-on",
    [CF_PAGE_LOCKED] = "locked",
    [CF_PAGE_IDLE] = "idle",
    [CF_PAGE_LINES] = "lines",
    [CF_PAGE_ASK] = "ask",
    [CF_PAGE_QUANTITY] = "quantity",
    [CF_PAGE_PRICE] = "price",
    [CF_PAGE_COUPONS] = "coupons",
    [CF_PAGE_CASH] = "cash",
    [CF_PAGE_DONE] = "done",
    [CF_PAGE_PARK] = "park",
    [CF_PAGE_RECALL] = "recall",
    [CF_PAGE_CANCEL] = "cancel",
    [CF_PAGE_OVERRIDE] = "override",
    [CF_PAGE_SEARCH] = "search",
    [CF_PAGE_MEMBER] = "member-page",
    [CF_PAGE_DISCOUNT] = "discount",
    [CF_PAGE_TENDER] = "tender",
    [CF_PAGE_SLIP] = "slip",
    [CF_PAGE_MOBILE] = "mobile",
    [CF_PAGE_GIFT] = "gift",
    [CF_PAGE_WAIT] = "wait",
    [CF_PAGE_UNKNOWN] = "unknown",
    [CF_PAGE_DECIDE] = "decide",
    [CF_PAGE_RETURN] = "return",
    [CF_PAGE_RETURN_LINES] = "return-lines",
    [CF_PAGE_OPEN_RETURN] = "open-return",
    [CF_PAGE_PICK_UP] = "pick-up",
    [CF_PAGE_MANAGER] = "manager",
    [CF_PAGE_DAY] = "day",
    [CF_PAGE_CLOSE] = "close",
    [CF_PAGE_CLOSING] = "closing",
    [CF_PAGE_CLOSED] = "closed",
    [CF_PAGE_COUNT] = "count",
    [CF_PAGE_DRAWER] = "drawer",
    [CF_PAGE_USERS] = "users",
    [CF_PAGE_DEVICES] = "devices",
    [CF_PAGE_SYNC] = "sync",
    [CF_PAGE_COMMANDS] = "commands",
};

static bool go_back_to(struct lane *lane, enum cf_page_id page)
{
    for (int i = 0; i < 6 && page_of(lane) != page; i++) {
        act(lane, CF_DO_BACK);
    }
    return page_of(lane) == page;
}

struct path {
    enum cf_page_id base;
    size_t n;
    const struct cf_page_key *keys[EXPLORE_MAX];
};

/* From wherever the last key led. */
static bool walk_to(struct lane *lane, const struct path *path)
{
    if (!go_back_to(lane, path->base)) {
        return false;
    }
    for (size_t i = 0; i < path->n; i++) {
        cf_desk_act(lane->desk, path->keys[i]->act, path->keys[i]->arg);
    }
    return true;
}

/* Follows each key of the page at hand to pages that were not seen yet, and theirs too. */
static void explore(struct lane *lane, struct path path)
{
    struct cf_cashier_page page;
    cf_desk_cashier(lane->desk, &page);
    for (size_t i = 0; i < page.n_keys && path.n < EXPLORE_MAX; i++) {
        if (!page.keys[i].enabled || page.keys[i].act == CF_DO_ENTER || page.keys[i].act == CF_DO_BACK) {
            continue;
        }
        if (!walk_to(lane, &path) || page_of(lane) != page.id) {
            return;
        }
        cf_desk_act(lane->desk, page.keys[i].act, page.keys[i].arg);
        enum cf_page_id there = page_of(lane);
        if (there != page.id && !lane->seen[there]) {
            picture(lane, names[there], false);
            struct path further = path;
            further.keys[further.n++] = &page.keys[i];
            explore(lane, further);
        }
    }
    go_back_to(lane, path.base);
}

static void park_and_recall(struct lane *lane)
{
    fill_basket(lane);
    act(lane, CF_DO_PARK);
    type(lane, "Umbrella");
    act(lane, CF_DO_ENTER);
    visit(lane, CF_DO_RECALL, "recall");
    explore(lane, (struct path){.base = page_of(lane)});
    scan(lane, goods[0].code);
    explore(lane, (struct path){.base = page_of(lane)});
}

/* --------------------------------------------------------------------------------------------------------------------
 */

static void look_through(struct lane *lane, const char *language, int width, int height)
{
    const struct cf_desk_ports ports = {.ctx = NULL};
    lane->language = language;
    lane->chinese = strcmp(language, "en") != 0;
    lane->width = width;
    lane->height = height;
    cf_language_use(language);
    shop_init(&lane->shop);
    shop_open(&lane->shop);
    stock(lane);
    assert_ok(cf_desk_new(lane->shop.till, "Till 1", &ports, &lane->desk, NULL));
    cf_desk_link(lane->desk, lane->chinese, 12);
    cf_ui_open(&lane->ui, lane->desk, width, height, false);
    sell_one(lane);
    park_and_recall(lane);
    cf_ui_close(&lane->ui);
    cf_desk_free(lane->desk);
    shop_verify(&lane->shop);
    shop_done(&lane->shop);
    printf("# %u pictures, %u findings: %s, %d x %d\n", lane->pictures, lane->findings, language, width, height);
    assert_int_equal(lane->findings, 0);
}

static bool speaks(const char *language)
{
    cf_language_use(language);
    return strcmp(_("Cash"), "Cash") != 0;
}

static void try_out(const char *language, int width, int height)
{
    static struct lane lane;
    memset(&lane, 0, sizeof lane);
    if (strcmp(language, "en") != 0 && !speaks(language)) {
        printf("# no catalogue of %s was built\n", language);
        skip();
    }
    look_through(&lane, language, width, height);
}

static void english_on_a_small_screen(void **state)
{
    (void)state;
    try_out("en", 1024, 768);
}

static void english_on_a_large_screen(void **state)
{
    (void)state;
    try_out("en", 1920, 1080);
}

static void english_on_the_smallest_screen(void **state)
{
    (void)state;
    try_out("en", 800, 600);
}

static void chinese_on_a_small_screen(void **state)
{
    (void)state;
    try_out("zh_CN", 1024, 768);
}

static void chinese_on_a_large_screen(void **state)
{
    (void)state;
    try_out("zh_CN", 1920, 1080);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(english_on_a_small_screen),      cmocka_unit_test(english_on_a_large_screen),
        cmocka_unit_test(english_on_the_smallest_screen), cmocka_unit_test(chinese_on_a_small_screen),
        cmocka_unit_test(chinese_on_a_large_screen),
    };
    (void)argc;
    if (!display_open(argv, "screens")) {
        return 0;
    }
    cf_language_init(CF_BINARY_DIR "/locale");
    cf_ui_style();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
