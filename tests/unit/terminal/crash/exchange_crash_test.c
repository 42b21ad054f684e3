/*
 * tests/unit/terminal/crash/exchange_crash_test.c - a till that is killed, or whose disk is full, at any write of an
 * exchange: goods came back and went out, or neither, and what is open can be finished.
 */
#include <string.h>

#include "tests/support/sync_shim.h"
#include "tests/unit/terminal/crash/kill_support.h"
#include "tests/unit/terminal/returns_support.h"

static struct shop untouched; /* with one tea sold by card and cash; copied for each kill */
static uint64_t sold_seq;

static int kill_setup(void **state)
{
    struct cf_till_sold sold;
    (void)state;
    shop_init(&untouched);
    shop_open(&untouched);
    assert_ok(shop_scan(&untouched, TEA));
    assert_ok(shop_pay(&untouched, CF_TENDER_CARD, 1200, "slip 1", NULL));
    assert_ok(shop_pay(&untouched, CF_TENDER_CASH, 1300, "", &sold));
    sold_seq = sold.at.seq;
    shop_close(&untouched);
    return 0;
}

static int kill_teardown(void **state)
{
    (void)state;
    memset(cf_sync_shim(), 0, sizeof *cf_sync_shim());
    shop_done(&untouched);
    test_keys_done();
    return 0;
}

static enum cf_rc begin(struct shop *shop)
{
    const struct cf_till_return what = {.receipt = returns_receipt(sold_seq)};
    return cf_till_exchange(shop->till, &what, NULL, &shop->err);
}

/* One that is cancelled, then a tea (25.00) for a soap (10.00): the card gets 12.00, the drawer gives 3.00. */
static bool exchange(struct shop *shop)
{
    bool ok = begin(shop) == CF_OK && shop_scan(shop, SOAP) == CF_OK && cf_till_cancel(shop->till, &shop->err) == CF_OK;
    return ok && begin(shop) == CF_OK && shop_scan(shop, SOAP) == CF_OK &&
           shop_pay(shop, CF_TENDER_CASH, 0, "", NULL) == CF_OK;
}

/* Whatever was cut short is finished by hand; then the goods are back once, and the books say so. */
static void finish(struct shop *shop, uint64_t n)
{
    struct cf_till_report report;
    struct cf_till_view view = shop_view(shop);
    if (view.state == CF_CHECKOUT_SELLING && view.exchange_minor == 0) { /* a coupon's way off: the goods are off it */
        assert_ok(cf_till_cancel(shop->till, &shop->err));
        view = shop_view(shop);
    }
    if (view.state == CF_CHECKOUT_SELLING) {
        if (cf_cart_live_count(view.cart) == 0)
            assert_ok(shop_scan(shop, SOAP));
        assert_ok(shop_pay(shop, CF_TENDER_CASH, 0, "", NULL));
    } else if (begin(shop) == CF_OK) {
        assert_ok(shop_scan(shop, SOAP));
        assert_ok(shop_pay(shop, CF_TENDER_CASH, 0, "", NULL));
    }
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    assert_rc(begin(shop), CF_E_RETURN_EMPTY);
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    const struct cf_totals *totals = &report.z.totals;
    if (totals->n_sales != 2 || totals->returned.n_returns != 1 || totals->tender_minor[CF_TENDER_EXCHANGE] != 1000 ||
        totals->returned.tender_minor[CF_TENDER_EXCHANGE] != 1000 ||
        totals->returned.tender_minor[CF_TENDER_CARD] != 1200 || report.expected_minor != 1300 - 300)
        fail_msg("cut at write %llu: %llu sales, %llu returns, %lld in the drawer", (unsigned long long)n,
                 (unsigned long long)totals->n_sales, (unsigned long long)totals->returned.n_returns,
                 (long long)report.expected_minor);
    shop_verify(shop);
}

static void a_kill_at_any_write_leaves_both_done_or_neither(void **state)
{
    bool through = false;
    unsigned n_kills = 0;
    (void)state;
    for (uint64_t n = 1; n < 200 && !through; n++) {
        struct shop shop;
        shop_copy(&shop, &untouched);
        cf_sync_shim()->n_writes = 0;
        cf_sync_shim()->kill_at = n;
        through = !kill_in_child(&shop, exchange);
        cf_sync_shim()->kill_at = 0;
        n_kills += !through;
        shop_open(&shop);
        finish(&shop, n);
        shop_close(&shop);
        shop_done(&shop);
    }
    assert_true(through && n_kills >= 8);
}

static void a_full_disk_at_any_write_leaves_both_done_or_neither(void **state)
{
    struct cf_sync_shim *shim = cf_sync_shim();
    bool through = false;
    (void)state;
    for (uint64_t n = 1; n < 200 && !through; n++) {
        struct shop shop;
        shop_copy(&shop, &untouched);
        shop_open(&shop);
        shim->full_from = shim->n_writes + n;
        through = exchange(&shop) && shim->n_writes < shim->full_from;
        shim->full_from = 0;
        if (n % 2 == 0) /* the till that saw it, or the next one */
            shop_restart(&shop);
        finish(&shop, n);
        shop_close(&shop);
        shop_done(&shop);
    }
    assert_true(through);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_kill_at_any_write_leaves_both_done_or_neither, kill_setup, kill_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_at_any_write_leaves_both_done_or_neither, kill_setup,
                                        kill_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
