/*
 * tests/unit/ui/monkey_test.c - a thousand things that nobody would do on purpose, at both windows: keys of the screen
 * and of the keyboard, scans of good and bad codes, touches on rows, at random from a seed that is printed ($CF_SEED
 * repeats one). Nothing crashes or leaks, and the journal is sound.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/terminal/till_support.h"
#include "tests/unit/ui/display_support.h"

#define ACTIONS 1000
#define DRAW_EACH 25 /* a frame after so many */

struct monkey {
    struct shop shop;
    struct cf_desk *desk;
    struct cf_ui ui;
    GRand *dice;
    gint64 now_ms;
    uint32_t coupon;
    bool seen[CF_PAGES];
};

static int roll(struct monkey *monkey, int sides)
{
    return g_rand_int_range(monkey->dice, 0, sides);
}

static void touch_a_key(struct monkey *monkey)
{
    static struct cf_cashier_page page;
    cf_desk_cashier(monkey->desk, &page);
    if (page.n_keys > 0) {
        const struct cf_page_key *key = &page.keys[roll(monkey, (int)page.n_keys)];
        if (key->enabled) {
            cf_desk_act(monkey->desk, key->act, key->arg);
        }
    }
}

static void press_a_key(struct monkey *monkey)
{
    static const guint keys[] = {GDK_KEY_Return, GDK_KEY_Return, GDK_KEY_Return, GDK_KEY_Escape, GDK_KEY_BackSpace,
                                 GDK_KEY_Up,     GDK_KEY_Down,   GDK_KEY_F1,     GDK_KEY_F2,     GDK_KEY_F3,
                                 GDK_KEY_F4,     GDK_KEY_F5,     GDK_KEY_F6,     GDK_KEY_F7,     GDK_KEY_F8,
                                 GDK_KEY_F9,     GDK_KEY_F10,    GDK_KEY_F11,    GDK_KEY_F12,    GDK_KEY_Tab,
                                 GDK_KEY_Home,   GDK_KEY_Delete, GDK_KEY_period, GDK_KEY_space,  GDK_KEY_KP_Add};
    guint key = roll(monkey, 2) == 0 ? GDK_KEY_0 + (guint)roll(monkey, 10) : keys[roll(monkey, G_N_ELEMENTS(keys))];
    cf_cashier_window_key(monkey->ui.cashier, key, 0);
}

static void scan_something(struct monkey *monkey)
{
    static const char *const goods[] = {CREAM, SOAP, TEA, GIFT, APPLES, "", "CP1:", "\x01\xff\xfe", "CF!cash", "CF!"};
    char text[200];
    switch (roll(monkey, 8)) {
    case 0:
        cf_desk_scan(monkey->desk, cf_bytes_str(shop_coupon(LEASED, ++monkey->coupon % 50)));
        break;
    case 1:
        cf_desk_scan(monkey->desk, cf_bytes_str(shop_member(&monkey->shop, ++monkey->coupon)));
        break;
    case 2:
        for (size_t i = 0; i < sizeof text; i++) {
            text[i] = (char)roll(monkey, 256);
        }
        cf_desk_scan(monkey->desk, (cf_bytes){(const uint8_t *)text, (size_t)roll(monkey, (int)sizeof text)});
        break;
    default:
        cf_desk_scan(monkey->desk, cf_bytes_str(goods[roll(monkey, G_N_ELEMENTS(goods))]));
        break;
    }
}

/* What a page asks for, more or less: without an answer now and then nothing lies behind a page. */
static void answer(struct monkey *monkey)
{
    static const char *const answers[] = {"1", "2", "10", "100.00", "0.50", "because", "", "500"};
    for (const char *c = answers[roll(monkey, G_N_ELEMENTS(answers))]; *c != '\0'; c++) {
        cf_desk_type(monkey->desk, *c);
    }
    cf_desk_act(monkey->desk, CF_DO_ENTER, 0);
}

/* Goods that there are, and often enough money for them. */
static void sell(struct monkey *monkey)
{
    static const char *const goods[] = {CREAM, SOAP, TEA};
    for (int n = roll(monkey, 3); n >= 0; n--) {
        cf_desk_scan(monkey->desk, cf_bytes_str(goods[roll(monkey, G_N_ELEMENTS(goods))]));
    }
    if (roll(monkey, 3) != 0) {
        cf_desk_act(monkey->desk, CF_DO_NOTE, 100000);
    }
}

/* Back to where a sale can begin, as a cashier does who is lost. */
static void back_out(struct monkey *monkey)
{
    for (int i = 0; i < 4; i++) {
        cf_desk_act(monkey->desk, CF_DO_BACK, 0);
    }
}

static void act(struct monkey *monkey)
{
    static const struct {
        void (*what)(struct monkey *monkey);
        int weight;
    } acts[] = {{touch_a_key, 6}, {press_a_key, 4}, {scan_something, 3}, {answer, 4}, {sell, 4}, {back_out, 1}};
    int at = roll(monkey, 25);
    for (gsize i = 0; i < G_N_ELEMENTS(acts); i++) {
        if (at < acts[i].weight) {
            acts[i].what(monkey);
            return;
        }
        at -= acts[i].weight;
    }
    if (at == 0) {
        cf_desk_point(monkey->desk, (size_t)roll(monkey, 12));
    } else {
        monkey->now_ms += roll(monkey, 20000);
        cf_desk_tick(monkey->desk, monkey->now_ms);
    }
}

static void note_page(struct monkey *monkey)
{
    static struct cf_cashier_page page;
    cf_desk_cashier(monkey->desk, &page);
    monkey->seen[page.id] = true;
}

static int pages_seen(const struct monkey *monkey)
{
    int n = 0;
    for (int i = 0; i < CF_PAGES; i++) {
        n += monkey->seen[i];
    }
    return n;
}

static void a_thousand_random_actions_harm_nothing(void **state)
{
    static struct monkey monkey;
    const struct cf_desk_ports ports = {.ctx = NULL};
    const char *given = getenv("CF_SEED");
    guint32 seed = given != NULL ? (guint32)strtoul(given, NULL, 10) : g_random_int();
    (void)state;
    printf("# CF_SEED=%u\n", seed);
    fflush(stdout);
    memset(&monkey, 0, sizeof monkey);
    monkey.dice = g_rand_new_with_seed(seed);
    shop_init(&monkey.shop);
    shop_open(&monkey.shop);
    assert_ok(cf_desk_new(monkey.shop.till, "Till 1", &ports, &monkey.desk, NULL));
    cf_ui_open(&monkey.ui, monkey.desk, 1024, 768, false);
    for (int i = 0; i < ACTIONS; i++) {
        act(&monkey);
        note_page(&monkey);
        cf_ui_refresh(&monkey.ui);
        if (i % DRAW_EACH == 0) {
            display_drawn(&monkey.ui);
        }
    }
    cf_ui_close(&monkey.ui);
    cf_desk_free(monkey.desk);
    shop_verify(&monkey.shop);
    shop_restart(&monkey.shop);
    shop_verify(&monkey.shop);
    printf("# %llu records, %d pages\n", (unsigned long long)shop_records(&monkey.shop), pages_seen(&monkey));
    shop_done(&monkey.shop);
    g_rand_free(monkey.dice);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_thousand_random_actions_harm_nothing)};
    (void)argc;
    if (!display_open(argv, "monkey")) {
        return 0;
    }
    cf_ui_style();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
