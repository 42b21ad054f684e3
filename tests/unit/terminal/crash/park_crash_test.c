/*
 * tests/unit/terminal/crash/park_crash_test.c - a sale on its way to the hub and back, on a disk that is full at any
 * write, and with the process ended after any message: it is at one place.
 */
#include <string.h>

#include "tests/support/sync_shim.h"
#include "tests/unit/terminal/park_support.h"
#include "tests/unit/terminal/terminal_cmocka.h"

#define PAUSE_S 31

static void pass(struct shop *shop)
{
    shop->wall_us += PAUSE_S * CF_US_PER_S;
    shop->mono_us += PAUSE_S * CF_US_PER_S;
}

/* How many sales there are: open here, parked here, at the hub. */
static size_t sales(struct shop *shop, const struct park_hub *hub)
{
    static struct cf_till_parked all[CF_TILL_PARKED_MAX];
    size_t n = 0, found = shop_view(shop).state == CF_CHECKOUT_SELLING;
    bool heard;
    assert_ok(cf_till_parked(shop->till, all, &n, &heard, &shop->err));
    assert_true(heard);
    for (size_t i = 0; i < n; i++)
        found += all[i].where == CF_TILL_PARKED_HERE;
    return found + park_waiting(hub);
}

/* Whatever was cut short is settled; then there is one sale, and it can be gone on with. */
static void assert_one(struct shop *shop, const struct park_hub *hub, const char *when, uint64_t n)
{
    shop->lan_silent_from = 0;
    shop_restart(shop);
    pass(shop);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    if (sales(shop, hub) != 1)
        fail_msg("%s, cut at %llu: %zu sales", when, (unsigned long long)n, sales(shop, hub));
    if (shop_view(shop).state == CF_CHECKOUT_IDLE)
        assert_ok(cf_till_recall(shop->till, "bag", &shop->err));
    assert_int_equal(shop_due(shop), 2500);
}

static void a_disk_that_is_full_at_any_write_of_parking_or_recalling_loses_no_sale_and_doubles_none(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    struct park_hub *hub = park_begin(shop);
    bool through = false;
    assert_ok(shop_scan(shop, TEA));
    for (uint64_t n = 0; n < 40 && !through; n++) {
        struct cf_till_handed handed = {.where = CF_TILL_PARKED_HERE};
        shim->full_from = shim->n_writes + 1 + n;
        enum cf_rc rc = cf_till_park_at_hub(shop->till, "bag", &handed, &shop->err);
        through = rc == CF_OK && handed.where == CF_TILL_PARKED_AT_HUB && shim->n_writes < shim->full_from;
        shim->full_from = 0;
        assert_one(shop, hub, "parking", n);
    }
    assert_true(through);
    through = false;
    for (uint64_t n = 0; n < 40 && !through; n++) {
        struct cf_till_handed handed;
        assert_ok(cf_till_park_at_hub(shop->till, "bag", &handed, &shop->err));
        assert_int_equal(handed.where, CF_TILL_PARKED_AT_HUB);
        shim->full_from = shim->n_writes + 1 + n;
        enum cf_rc rc = cf_till_recall(shop->till, "bag", &shop->err);
        through = rc == CF_OK && shim->n_writes < shim->full_from;
        shim->full_from = 0;
        assert_one(shop, hub, "recalling", n);
    }
    assert_true(through);
    assert_true(hub->n < PARK_ROWS);
    shop_verify(shop);
    park_done(shop);
}

static void answers_that_are_lost_at_any_message_lose_no_sale_and_double_none(void **state)
{
    struct shop *shop = *state;
    struct park_hub *hub = park_begin(shop);
    assert_ok(shop_scan(shop, TEA));
    for (unsigned n = 1; n <= 4; n++) {
        shop->lan_n_more = 0;
        shop->lan_silent_from = n;
        assert_ok(cf_till_park_at_hub(shop->till, "bag", NULL, &shop->err));
        assert_one(shop, hub, "parking", n);
        assert_ok(cf_till_park_at_hub(shop->till, "bag", NULL, &shop->err));
        shop->lan_n_more = 0;
        shop->lan_silent_from = n;
        (void)!cf_till_recall(shop->till, "bag", &shop->err);
        assert_one(shop, hub, "recalling", n);
    }
    shop_verify(shop);
    park_done(shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_disk_that_is_full_at_any_write_of_parking_or_recalling_loses_no_sale_and_doubles_none, shop_setup,
            shop_teardown),
        cmocka_unit_test_setup_teardown(answers_that_are_lost_at_any_message_lose_no_sale_and_double_none, shop_setup,
                                        shop_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
