/*
 * tests/unit/ui/screens_test.c - every page of the desk in both windows, in each language and on each size of screen,
 * under a display of the test's own: nothing is cut, overlaps, is too small or too pale (look_support.h). Saves the
 * pictures into $CF_PICTURES, if that is set (docs/ui.md).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/order.h"
#include "app/core/user.h"
#include "app/desk/language.h"
#include "tests/unit/terminal/bank_support.h"
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
    enum look_allowed allowed;
    bool seen[PAGES_MAX];
    unsigned findings, pictures;
    struct bank *bank;                 /* takes cards and phones */
    enum cf_desk_payer_state terminal; /* of whoever asks it */
    bool asks;                         /* for receipts */
    int64_t now_ms;
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
    lane->findings += look_at(window, texture, name, cf_ui_scale_for(lane->width, lane->height), lane->allowed);
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

static GtkWidget *find_key(GtkWidget *widget, const char *label)
{
    if (GTK_IS_BUTTON(widget) && g_strcmp0(gtk_button_get_label(GTK_BUTTON(widget)), label) == 0) {
        return widget;
    }
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child; child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = find_key(child, label);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

/* Goods are looked for by fingers alone. */
static void search(struct lane *lane)
{
    enum cf_page_id before = page_of(lane);
    act(lane, CF_DO_SEARCH);
    picture(lane, "search", false);
    g_signal_emit_by_name(find_key(GTK_WIDGET(cf_cashier_window_widget(lane->ui.cashier)), "ABC"), "clicked");
    picture(lane, "letters", false);
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

static void tick(struct lane *lane)
{
    lane->now_ms += 200;
    cf_desk_tick(lane->desk, lane->now_ms);
}

static void fill_part(GdkPixbuf *dots, int x, int y, int width, int height, guint32 colour)
{
    g_autoptr(GdkPixbuf) part = gdk_pixbuf_new_subpixbuf(dots, x, y, width, height);
    gdk_pixbuf_fill(part, colour);
}

/* The shopper's window with a shop's mark: four leaves. */
static void picture_with_logo(struct lane *lane, const char *name)
{
    g_autoptr(GdkPixbuf) dots = gdk_pixbuf_new(GDK_COLORSPACE_RGB, TRUE, 8, 480, 160);
    gdk_pixbuf_fill(dots, 0);
    for (int i = 0; i < 4; i++) {
        fill_part(dots, i * 120, i % 2 * 60, 100, 100, i % 2 == 0 ? 0x0B6E4FFFu : 0x6BBF59FFu);
    }
    g_autoptr(GdkTexture) texture = gdk_texture_new_for_pixbuf(dots);
    cf_shopper_window_logo(lane->ui.shopper, texture);
    display_drawn(&lane->ui);
    take(lane, cf_shopper_window_widget(lane->ui.shopper), "shopper", name);
    cf_shopper_window_logo(lane->ui.shopper, NULL);
}

static void sell_one(struct lane *lane)
{
    picture(lane, "idle", true);
    picture_with_logo(lane, "idle-logo");
    assert_ok(cf_desk_join(lane->desk, "https://shop.example/join?store=301", NULL));
    picture(lane, "welcome-join", true);
    picture_with_logo(lane, "welcome-join-logo");
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
    search(lane);
    scan(lane, shop_member(&lane->shop, 1));
    scan(lane, shop_coupon(LEASED, 1));
    scan(lane, goods[0].code);
    picture(lane, "member-offline", true);
    tick(lane);
    tick(lane);
    picture(lane, "member", true);
    visit(lane, CF_DO_MEMBER, "member-page");
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
    [CF_PAGE_RETURN_WHY] = "return-why",
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
    [CF_PAGE_FIRST] = "first-sync",
    [CF_PAGE_TRANSFER] = "transfer",
    [CF_PAGE_REQUESTS] = "requests",
    [CF_PAGE_EXPORT] = "export",
    [CF_PAGE_WORK] = "closing-the-day",
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
        if (!page.keys[i].enabled || page.keys[i].act == CF_DO_ENTER || page.keys[i].act == CF_DO_BACK ||
            page.keys[i].act == CF_DO_LANGUAGE) { /* which language it is, the lane says */
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

/* A basket that the shopper thinks over. */
static void quote(struct lane *lane)
{
    fill_basket(lane);
    act(lane, CF_DO_PARK);
    act(lane, CF_DO_QUOTE);
    assert_true(shop_last_is(&lane->shop, CF_RECORD_QUOTE));
    picture(lane, "quoted", false);
    act(lane, CF_DO_BACK);
}

/* Goods that the store has not. */
static void ask_for_goods(struct lane *lane)
{
    scan(lane, goods[0].code);
    scan(lane, goods[1].code);
    act(lane, CF_DO_PARK);
    type(lane, "Li Na, 13800138000");
    act(lane, CF_DO_TRANSFER);
    type(lane, "302");
    picture(lane, "transfer", false);
    go_back_to(lane, CF_PAGE_LINES);
    act(lane, CF_DO_PARK);
    type(lane, "Li Na, 13800138000");
    act(lane, CF_DO_SPECIAL);
    assert_true(shop_last_is(&lane->shop, CF_RECORD_ORDER));
    act(lane, CF_DO_BACK);
    visit(lane, CF_DO_REQUESTS, "requests");
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

/* --- paying by card and phone ---------------------------------------------------------------------------------------
 */

static enum cf_desk_payer_state payer_state(void *ctx)
{
    const struct lane *lane = ctx;
    return lane->terminal;
}

static void ask_member(void *ctx, cf_sub member)
{
    (void)ctx;
    (void)member;
}

static void forget_member(void *ctx)
{
    (void)ctx;
}

/* As the centre tells it. */
static enum cf_desk_heard hear_member(void *ctx, struct cf_desk_member *ret)
{
    const struct lane *lane = ctx;
    *ret = (struct cf_desk_member){.points = 1240, .n_usable = 3, .n_coupons = 2};
    snprintf(ret->shown, sizeof ret->shown, "%s", lane->chinese ? "王**" : "L** M**");
    snprintf(ret->coupons[0].name, sizeof ret->coupons[0].name, "%s",
             lane->chinese ? "护肤满200减10" : "10.00 off skin care from 200.00");
    snprintf(ret->coupons[1].name, sizeof ret->coupons[1].name, "%s", lane->chinese ? "生日九折" : "Birthday: 10% off");
    ret->coupons[0].n = 2;
    ret->coupons[1].n = 1;
    return CF_DESK_HEARD;
}

static enum cf_rc print(void *ctx, uint64_t seq, bool copy, struct cf_error *err)
{
    const struct lane *lane = ctx;
    (void)copy;
    return cf_till_printed(lane->shop.till, seq, CF_PRINT_DONE, err);
}

static enum cf_rc ask_paper(void *ctx, uint64_t seq, struct cf_error *err)
{
    (void)ctx;
    (void)seq;
    (void)err;
    return CF_OK;
}

static enum cf_rc skip_paper(void *ctx, uint64_t seq, struct cf_error *err)
{
    const struct lane *lane = ctx;
    return cf_till_printed(lane->shop.till, seq, CF_PRINT_SKIPPED, err);
}

static enum cf_rc export_day(void *ctx, enum cf_desk_form form, uint32_t z_no, struct cf_error *err)
{
    (void)ctx;
    (void)form;
    (void)z_no;
    (void)err;
    return CF_OK;
}

static bool exporting(void *ctx, struct cf_desk_exporting *ret)
{
    (void)ctx;
    *ret = (struct cf_desk_exporting){.done = 5120, .all = 20480};
    return true;
}

static void open_desk(struct lane *lane, bool payers)
{
    struct cf_desk_ports ports = {.ctx = lane,
                                  .members = {ask_member, hear_member, forget_member},
                                  .export_day = export_day,
                                  .exporting = exporting};
    if (lane->asks) {
        ports.print = print;
        ports.ask = ask_paper;
        ports.skip = skip_paper;
    }
    if (payers) {
        ports.card = ports.mobile = (struct cf_desk_payer){.is = true, .ctx = lane, .state = payer_state};
    }
    assert_ok(cf_desk_new(lane->shop.till, "Till 1", &ports, &lane->desk, NULL));
    cf_desk_link(lane->desk, lane->chinese, 12);
    cf_desk_language(lane->desk, lane->language);
    cf_ui_open(&lane->ui, lane->desk, lane->width, lane->height, false);
}

static void close_desk(struct lane *lane)
{
    cf_ui_close(&lane->ui);
    cf_desk_free(lane->desk);
}

static enum cf_rc sync_now(void *ctx, struct cf_error *err)
{
    (void)ctx;
    (void)err;
    return CF_OK;
}

/* A till that has nothing yet. */
static void be_set_up(struct lane *lane)
{
    const struct cf_desk_ports ports = {.ctx = lane, .send = sync_now};
    const struct cf_first_sync first = {.last_contact = {1},
                                        .coming = {.is = true, .topic = CF_TOPIC_PRICES, .chunks = 27, .all = 64}};
    assert_ok(cf_desk_new(NULL, "Till 1", &ports, &lane->desk, NULL));
    cf_desk_language(lane->desk, lane->language);
    cf_desk_first(lane->desk, &first);
    cf_ui_open(&lane->ui, lane->desk, lane->width, lane->height, false);
    picture(lane, "first-sync", true);
    close_desk(lane);
}

static void pay_by_slip(struct lane *lane)
{
    scan(lane, goods[1].code);
    act(lane, CF_DO_TENDER);
    picture(lane, "tender", true);
    act(lane, CF_DO_CARD);
    assert_int_equal(page_of(lane), CF_PAGE_SLIP);
    picture(lane, "slip", false);
    go_back_to(lane, CF_PAGE_LINES);
    act(lane, CF_DO_CANCEL);
    act(lane, CF_DO_ENTER);
}

static void pay_by_whoever_is_waited_for(struct lane *lane)
{
    lane->bank->pays = lane->bank->answers = BANK_NEVER_HEARS;
    fill_basket(lane);
    act(lane, CF_DO_TENDER);
    act(lane, CF_DO_GIFT);
    picture(lane, "gift", true);
    act(lane, CF_DO_BACK);
    act(lane, CF_DO_MOBILE);
    picture(lane, "mobile", true);
    act(lane, CF_DO_BACK);
    lane->terminal = CF_DESK_PAYER_BUSY;
    act(lane, CF_DO_CARD);
    assert_int_equal(page_of(lane), CF_PAGE_WAIT);
    picture(lane, "wait", true);
    lane->terminal = CF_DESK_PAYER_IDLE;
    lane->now_ms += 2000;
    cf_desk_tick(lane->desk, lane->now_ms);
    assert_int_equal(page_of(lane), CF_PAGE_UNKNOWN);
    act(lane, CF_DO_BACK); /* what was said of it */
    picture(lane, "unknown", true);
    act(lane, CF_DO_DECIDE);
    picture(lane, "decide", false);
    act(lane, CF_DO_NOT_TAKEN);
    type(lane, "slip says no");
    picture(lane, "decide-why", false);
    act(lane, CF_DO_ENTER);
    assert_int_equal(page_of(lane), CF_PAGE_LINES);
    cf_desk_act(lane->desk, CF_DO_NOTE, 50000);
    assert_int_equal(page_of(lane), CF_PAGE_DONE);
}

static void be_asked_for_a_receipt(struct lane *lane)
{
    lane->asks = true;
    open_desk(lane, false);
    scan(lane, goods[0].code);
    cf_desk_act(lane->desk, CF_DO_NOTE, 10000);
    picture(lane, "done-asked", false);
    act(lane, CF_DO_NO_PAPER);
    picture(lane, "done-none", false);
    act(lane, CF_DO_BACK);
    close_desk(lane);
    lane->asks = false;
}

/* --- goods that come back, and goods that are handed out -------------------------------------------------------------
 */

static void bring_back(struct lane *lane)
{
    act(lane, CF_DO_RETURN);
    type(lane, "1");
    act(lane, CF_DO_ENTER);
    assert_int_equal(page_of(lane), CF_PAGE_RETURN_LINES);
    act(lane, CF_DO_ENTER);
    picture(lane, "return-lines", true);
    act(lane, CF_DO_TAKE_BACK);
    assert_int_equal(page_of(lane), CF_PAGE_RETURN_WHY);
    picture(lane, "return-why", false);
    act(lane, CF_DO_ENTER);
    picture(lane, "returned", false);
    act(lane, CF_DO_BACK);
}

/* What is left of the same receipt pays for something else: less than it is worth, then more. */
static void exchange(struct lane *lane)
{
    act(lane, CF_DO_RETURN);
    type(lane, "1");
    act(lane, CF_DO_ENTER);
    act(lane, CF_DO_NEXT);
    act(lane, CF_DO_ENTER);
    act(lane, CF_DO_EXCHANGE);
    act(lane, CF_DO_ENTER);
    assert_int_equal(page_of(lane), CF_PAGE_LINES);
    picture(lane, "exchange", true);
    act(lane, CF_DO_BACK);
    scan(lane, goods[2].code);
    picture(lane, "exchange-back", true);
    scan(lane, goods[1].code);
    scan(lane, goods[3].code);
    picture(lane, "exchange-pay", true);
    act(lane, CF_DO_CASH);
    picture(lane, "exchange-cash", true);
    cf_desk_act(lane->desk, CF_DO_NOTE, 50000);
    assert_int_equal(page_of(lane), CF_PAGE_DONE);
    picture(lane, "exchange-done", true);
    act(lane, CF_DO_BACK);
}

/* An order comes down for this till, and the shopper shows its code. */
static void pick_up(struct lane *lane)
{
    struct cf_order order = {.kind = CF_ORDER_PICK_UP,
                             .number = 10482,
                             .generation = 1,
                             .store = SHOP_STORE,
                             .home = SHOP_TILL,
                             .home_epoch = lane->shop.epoch,
                             .ready_s = TEST_NOW_S - TEST_DAY_S,
                             .expires_s = TEST_NOW_S + TEST_DAY_S,
                             .n_lines = 3};
    for (size_t i = 0; i < order.n_lines; i++) {
        struct cf_order_line *line = &order.lines[i];
        *line = (struct cf_order_line){.product = 900 + i,
                                       .qty_milli = 1000,
                                       .unit_price_minor = goods[i].price_minor,
                                       .amount_minor = goods[i].price_minor};
        snprintf(line->name, sizeof line->name, "%s", lane->chinese ? goods[i].chinese : goods[i].english);
        order.total_minor += line->amount_minor;
    }
    struct cf_down_entry entry = {.kind = CF_DOWN_ORDER};
    struct cf_buf bytes;
    cf_buf_init(&bytes, CF_ORDER_BYTES_MAX);
    assert_ok(cf_order_encode(&order, &bytes, NULL));
    entry.order = cf_buf_bytes(&bytes);
    shop_pulled(&lane->shop);
    shop_send(&lane->shop, CF_TOPIC_ORDERS, &entry);
    cf_buf_done(&bytes);
    assert_ok(cf_till_rest(lane->shop.till, &lane->shop.err));
    const struct cf_order_code fields = {order.number, SHOP_STORE, order.generation, order.expires_s};
    struct cf_code code;
    char text[CF_CODE_TEXT_MAX];
    assert_ok(cf_order_code_sign(&fields, KID_ALL, test_key(ISSUER), &code, NULL));
    assert_ok(cf_code_text(&code, text, NULL));
    scan(lane, text);
    assert_int_equal(page_of(lane), CF_PAGE_PICK_UP);
    act(lane, CF_DO_ENTER);
    picture(lane, "pick-up", false);
    act(lane, CF_DO_BACK);
}

/* --- people, and the end of the day ---------------------------------------------------------------------------------
 */

#define PIN "271828"

static void send_user(struct lane *lane, uint32_t number, const char *name, enum cf_role role)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_USER};
    entry.user = (struct cf_user){.store = SHOP_STORE, .user = number, .role = role};
    snprintf(entry.user.name, sizeof entry.user.name, "%s", name);
    entry.user.pin.memory_kib = CF_PIN_MEMORY_KIB_MIN; /* a test need not wait */
    entry.user.pin.passes = 1;
    assert_ok(cf_pin_hash(cf_bytes_str(PIN), &entry.user.pin, NULL));
    shop_send(&lane->shop, CF_TOPIC_USERS, &entry);
}

static void sign_on(struct lane *lane, const char *number)
{
    type(lane, number);
    act(lane, CF_DO_ENTER);
    type(lane, PIN);
    act(lane, CF_DO_ENTER);
}

static void work_by_name(struct lane *lane)
{
    send_user(lane, 7, lane->chinese ? "王芳" : "Anna", CF_ROLE_CASHIER);
    send_user(lane, 8, lane->chinese ? "李伟" : "Boris", CF_ROLE_MANAGER);
    assert_ok(cf_till_rest(lane->shop.till, &lane->shop.err));
    assert_int_equal(page_of(lane), CF_PAGE_SIGN_ON);
    type(lane, "7");
    picture(lane, "sign-on", true);
    picture_with_logo(lane, "closed-logo");
    act(lane, CF_DO_ERASE);
    sign_on(lane, "7");
    assert_int_equal(page_of(lane), CF_PAGE_IDLE);
    scan(lane, goods[1].code);
    act(lane, CF_DO_LOCK);
    assert_int_equal(page_of(lane), CF_PAGE_LOCKED);
    type(lane, "7");
    act(lane, CF_DO_ENTER);
    type(lane, "2718");
    picture(lane, "locked", true);
    act(lane, CF_DO_BACK);
    act(lane, CF_DO_BACK);
    sign_on(lane, "7");
    assert_int_equal(page_of(lane), CF_PAGE_LINES);
    act(lane, CF_DO_PRICE);
    type(lane, "1.00");
    act(lane, CF_DO_ENTER);
    picture(lane, "not-allowed", false);
    act(lane, CF_DO_OVERRIDE);
    assert_int_equal(page_of(lane), CF_PAGE_OVERRIDE);
    picture(lane, "override", false);
    go_back_to(lane, CF_PAGE_LINES);
    cf_desk_act(lane->desk, CF_DO_NOTE, 50000);
    act(lane, CF_DO_BACK);
}

static void close_day(struct lane *lane)
{
    act(lane, CF_DO_LOCK);
    sign_on(lane, "8");
    act(lane, CF_DO_CLOSE);
    act(lane, CF_DO_CLOSE);
    assert_int_equal(page_of(lane), CF_PAGE_CLOSING);
    act(lane, CF_DO_ENTER);
    picture(lane, "closing-the-day", true);
    while (cf_desk_is_busy(lane->desk)) {
        tick(lane);
    }
    assert_int_equal(page_of(lane), CF_PAGE_CLOSED);
    picture(lane, "closed", true);
    act(lane, CF_DO_EXPORT);
    act(lane, CF_DO_NEXT);
    act(lane, CF_DO_EXPORT_CSV);
    tick(lane);
    picture(lane, "exporting", false);
}

static void every_page_was_seen(struct lane *lane)
{
    for (size_t i = 0; i < CF_PAGES; i++) {
        if (!lane->seen[i]) {
            printf("# no picture of %s\n", names[i] != NULL ? names[i] : "a new page");
            lane->findings++;
        }
    }
}

/* --- input that nobody wants ----------------------------------------------------------------------------------------
 */

static const struct {
    const char *code, *name;
    const char *why;
} awkward[] = {
    {"9520000010072", "A cream that has a name as long as goods may have one, and then a little more, to be s",
     "as long as a name comes down"},
    {"9520000010638", "شامبو للشعر الجاف ٤٠٠ مل", "reads from the right"},
    {"9520000016302", "Hi 👩‍👩‍👧‍👦 🧴🧴🧴 mask", "is pictures, joined"},
    {"9520000017569", "ＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷ",
     "is wider than any other of its length"},
};

static void send_awkward_goods(struct lane *lane)
{
    for (size_t i = 0; i < sizeof awkward / sizeof awkward[0]; i++) {
        struct cf_down_entry entry = {.kind = CF_DOWN_PRODUCT};
        struct cf_product *product = &entry.product;
        product->id = 900 + i;
        product->price_minor = i == 0 ? 9999999999 : 100;
        product->n_codes = 1;
        snprintf(product->codes[0], sizeof product->codes[0], "0%s", awkward[i].code);
        snprintf(product->name, sizeof product->name, "%s", awkward[i].name);
        shop_send(&lane->shop, CF_TOPIC_PRICES, &entry);
    }
}

static void bad_input_stays_in_its_place(int width, int height)
{
    static struct lane lane;
    memset(&lane, 0, sizeof lane);
    lane.width = width;
    lane.height = height;
    lane.allowed = LOOK_CUT_NAMES;
    lane.language = "en";
    cf_language_use(lane.language);
    shop_init(&lane.shop);
    shop_open(&lane.shop);
    send_awkward_goods(&lane);
    open_desk(&lane, false);
    display_drawn(&lane.ui);
    for (size_t i = sizeof awkward / sizeof awkward[0]; i-- > 0;) {
        scan(&lane, awkward[i].code);
        act(&lane, CF_DO_QUANTITY);
        type(&lane, "9999");
        act(&lane, CF_DO_ENTER);
    }
    picture(&lane, "awkward", true);
    GtkWidget *total = find_class(GTK_WIDGET(cf_cashier_window_widget(lane.ui.cashier)), "total");
    assert_false(pango_layout_is_ellipsized(gtk_label_get_layout(GTK_LABEL(total))));
    visit(&lane, CF_DO_CASH, "awkward-cash");
    cf_desk_act(lane.desk, CF_DO_NOTE, 0);
    picture(&lane, "awkward-done", true);
    close_desk(&lane);
    shop_verify(&lane.shop);
    shop_done(&lane.shop);
    printf("# %u pictures, %u findings: bad input, %d x %d\n", lane.pictures, lane.findings, width, height);
    assert_int_equal(lane.findings, 0);
}

static void names_and_figures_that_are_too_long_stay_in_their_place(void **state)
{
    (void)state;
    bad_input_stays_in_its_place(1024, 768);
    bad_input_stays_in_its_place(1920, 1080);
    bad_input_stays_in_its_place(800, 600);
}

/* --------------------------------------------------------------------------------------------------------------------
 */

static void look_through(struct lane *lane, const char *language, int width, int height)
{
    lane->language = language;
    lane->chinese = strcmp(language, "en") != 0;
    lane->width = width;
    lane->height = height;
    cf_language_use(language);
    lane->bank = bank_new();
    shop_init(&lane->shop);
    lane->shop.card = lane->shop.mobile = bank_port(lane->bank);
    shop_open(&lane->shop);
    stock(lane);
    be_set_up(lane);
    open_desk(lane, false);
    sell_one(lane);
    pay_by_slip(lane);
    quote(lane);
    ask_for_goods(lane);
    park_and_recall(lane);
    close_desk(lane);
    be_asked_for_a_receipt(lane);
    open_desk(lane, true);
    pay_by_whoever_is_waited_for(lane);
    bring_back(lane);
    exchange(lane);
    pick_up(lane);
    work_by_name(lane);
    close_day(lane);
    every_page_was_seen(lane);
    close_desk(lane);
    shop_verify(&lane->shop);
    shop_done(&lane->shop);
    bank_free(lane->bank);
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
        cmocka_unit_test(english_on_a_small_screen),
        cmocka_unit_test(english_on_a_large_screen),
        cmocka_unit_test(english_on_the_smallest_screen),
        cmocka_unit_test(chinese_on_a_small_screen),
        cmocka_unit_test(chinese_on_a_large_screen),
        cmocka_unit_test(names_and_figures_that_are_too_long_stay_in_their_place),
    };
    (void)argc;
    if (!display_open(argv, "screens")) {
        return 0;
    }
    cf_language_init(CF_BINARY_DIR "/locale");
    cf_ui_style();
    cmocka_set_test_filter(getenv("CF_TEST_FILTER")); /* one of them alone, for tests/ui/fonts_test.py */
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
