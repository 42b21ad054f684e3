/*
 * tests/unit/terminal/crash/quote_crash_test.c - a quotation that is made, found again and sold under on a disk that is
 * full at any write: it is made once or not at all, and used once or not at all.
 */
#include <string.h>

#include "tests/support/sync_shim.h"
#include "tests/unit/terminal/terminal_cmocka.h"
#include "tests/unit/terminal/till_support.h"

#define WRITES_MAX 60

static enum cf_rc unquote(struct shop *shop, const char *name)
{
    const struct cf_till_unquote what = {.name = name};
    return cf_till_unquote(shop->till, &what, NULL, &shop->err);
}

static void a_disk_that_is_full_at_any_write_makes_no_quotation_or_one(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    bool through = false;
    for (uint64_t n = 0; n < WRITES_MAX && !through; n++) {
        struct cf_till_quoted quoted;
        if (shop_view(shop).state == CF_CHECKOUT_IDLE)
            assert_ok(shop_scan(shop, TEA));
        uint64_t facts = shop_facts(shop);
        shim->full_from = shim->n_writes + 1 + n;
        enum cf_rc rc = cf_till_quote(shop->till, 0, &quoted, &shop->err);
        through = rc == CF_OK && shim->n_writes < shim->full_from;
        shim->full_from = 0;
        shop_restart(shop);
        if (shop_facts(shop) != facts + (rc == CF_OK ? 1 : 0))
            fail_msg("cut at %llu", (unsigned long long)n);
        assert_int_equal(shop_view(shop).state, rc == CF_OK ? CF_CHECKOUT_IDLE : CF_CHECKOUT_SELLING);
    }
    assert_true(through);
    shop_verify(shop);
}

static void a_disk_that_is_full_at_any_write_of_its_sale_uses_it_once(void **state)
{
    struct shop *shop = *state;
    struct cf_sync_shim *shim = cf_sync_shim();
    struct cf_till_quoted quoted;
    bool sold = false;
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_quote(shop->till, 0, &quoted, &shop->err));
    for (uint64_t n = 0; n < WRITES_MAX && !sold; n++) {
        struct cf_till_sold ended = {.committed = false};
        shim->full_from = shim->n_writes + 1 + n;
        enum cf_rc rc = unquote(shop, quoted.code);
        if (rc == CF_OK)
            rc = shop_pay(shop, CF_TENDER_CASH, 3500, "", &ended);
        shim->full_from = 0;
        shop_restart(shop);
        sold = rc == CF_OK && ended.committed;
        assert_int_equal(unquote(shop, quoted.code), sold ? CF_E_QUOTE_USED : CF_OK); /* what is missing comes back */
        if (!sold)
            assert_int_equal(shop_due(shop), 3500);
    }
    assert_true(sold);
    shop_verify(shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_disk_that_is_full_at_any_write_makes_no_quotation_or_one, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(a_disk_that_is_full_at_any_write_of_its_sale_uses_it_once, shop_setup,
                                        shop_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
