/*
 * tests/unit/terminal/till_open_return_test.c - goods come back without a receipt: at the lowest price, with a reason
 * and a permission, within a day's limit, and named in the day's report.
 */
#include <stdio.h>
#include <string.h>

#include "app/core/open_return.h"
#include "app/receipt/text_view.h"
#include "tests/unit/terminal/till_support.h"

#define PIN "271828"

static void send_user(struct shop *shop, uint32_t number, enum cf_role role)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_USER};
    entry.user = (struct cf_user){.store = SHOP_STORE, .user = number, .name = "Somebody", .role = role};
    entry.user.pin.memory_kib = CF_PIN_MEMORY_KIB_MIN;
    entry.user.pin.passes = 1;
    assert_int_equal(CF_OK, cf_pin_hash(cf_bytes_str(PIN), &entry.user.pin, NULL));
    shop_send(shop, CF_TOPIC_USERS, &entry);
}

static enum cf_rc take_back(struct shop *shop, const char *code, int64_t qty_milli, const char *reason,
                            struct cf_till_open_returned *ret)
{
    const struct cf_till_open_goods goods = {code, qty_milli};
    const struct cf_till_open_return what = {.n_goods = 1, .goods = &goods, .reason = reason};
    return cf_till_open_return(shop->till, &what, ret, &shop->err);
}

static void goods_come_back_at_what_they_cost_and_for_a_reason(void **state)
{
    struct shop *shop = *state;
    struct cf_till_open_returned back;
    struct cf_till_report report;
    assert_rc(take_back(shop, SOAP, 1000, "", &back), CF_E_USER_REASON);
    assert_rc(take_back(shop, SOAP, 1000, NULL, &back), CF_E_USER_REASON);
    assert_rc(take_back(shop, SOAP, 1000, "  \u3000 ", &back), CF_E_USER_REASON); /* blanks, the wide one too */
    assert_rc(take_back(shop, SOAP, 0, "gift", &back), CF_E_QUANTITY);
    assert_rc(take_back(shop, SOAP, 1500, "gift", &back), CF_E_QUANTITY);     /* a half piece */
    assert_rc(take_back(shop, GIFT, 1000, "gift", &back), CF_E_RETURN_EMPTY); /* for nothing nothing is given */
    assert_rc(take_back(shop, "4999999999990", 1000, "gift", &back), CF_E_PRODUCT_UNKNOWN);
    assert_rc(take_back(shop, shop_card(), 1000, "gift", &back), CF_E_PRODUCT_UNKNOWN);
    assert_int_equal(shop_facts(shop), 0);
    assert_ok(take_back(shop, SOAP, 3000, "gift", &back));
    assert_int_equal(back.cash_minor, 3000);
    assert_true(shop_last_is(shop, CF_RECORD_OPEN_RETURN));
    struct cf_till_sold sold = shop_sell(shop, TEA);
    assert_int_equal(sold.sale_no, back.return_no + 1); /* one row of numbers */
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    assert_int_equal(report.z.totals.returned.n_returns, 1);
    assert_int_equal(report.z.totals.returned.total_minor, 3000);
    assert_int_equal(report.z.totals.returned.tender_minor[CF_TENDER_CASH], 3000);
    assert_int_equal(report.expected_minor, 2500 - 3000);
    assert_int_equal(report.z.detail.n_users, 1);
    assert_int_equal(report.z.detail.users[0].n_open_returns, 1);
    assert_int_equal(report.z.detail.users[0].open_returned_minor, 3000);
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    shop_restart(shop);
    shop_verify(shop);
}

static void the_lowest_price_that_is_known_counts(void **state)
{
    struct shop *shop = *state;
    struct cf_till_open_returned back;
    struct cf_product product;
    struct cf_replica *replica = NULL;
    assert_ok(cf_replica_open(shop->dir, CF_REPLICA_READ, &replica, NULL, &shop->err));
    assert_ok(cf_replica_product_by_code(replica, cf_bytes_str("0" SOAP), &product, &shop->err));
    cf_replica_close(replica);
    struct cf_down_entry entry = {.kind = CF_DOWN_PRICE_LIST};
    entry.price_list.terms = (struct cf_price_terms){.list = 3, .tiers = 1u << 2}; /* for the few */
    entry.price_list.n = 1;
    entry.price_list.items[0].product = product.id;
    entry.price_list.items[0].price_minor = 700;
    shop_send(shop, CF_TOPIC_RULES, &entry);
    for (uint32_t dearer = 0; dearer < 40; dearer++) { /* which all weigh more */
        entry.price_list.terms = (struct cf_price_terms){.list = 100 + dearer, .priority = 9};
        entry.price_list.items[0].price_minor = 900 + (int64_t)dearer;
        shop_send(shop, CF_TOPIC_RULES, &entry);
    }
    assert_ok(take_back(shop, SOAP, 1000, "gift", &back));
    assert_int_equal(back.total_minor, 700);
    product.has_member_price = true; /* whoever brings it may have bought it as a member */
    product.member_price_minor = 600;
    entry = (struct cf_down_entry){.kind = CF_DOWN_PRODUCT, .product = product};
    shop_send(shop, CF_TOPIC_PRICES, &entry);
    assert_ok(take_back(shop, SOAP, 1000, "gift", &back));
    assert_int_equal(back.total_minor, 600);
}

static void a_day_has_its_limit(void **state)
{
    struct shop *shop = *state;
    struct cf_till_report report;
    for (int i = 0; i < 10; i++)
        assert_ok(take_back(shop, SOAP, 10000, "gift", NULL));
    assert_rc(take_back(shop, SOAP, 1000, "gift", NULL), CF_E_RETURN_LIMIT);
    shop_restart(shop);
    assert_rc(take_back(shop, SOAP, 1000, "gift", NULL), CF_E_RETURN_LIMIT);
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    assert_ok(take_back(shop, SOAP, 1000, "gift", NULL));
}

struct last {
    struct cf_open_return back;
};

static enum cf_rc read_last(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                            const struct cf_sha256 *hash, struct cf_error *err)
{
    struct last *last = ctx;
    (void)body_hash;
    (void)hash;
    return record->type == CF_RECORD_OPEN_RETURN ? cf_open_return_decode(record->body, &last->back, err) : CF_OK;
}

static void whoever_may_not_is_allowed_by_another_and_both_are_on_record(void **state)
{
    struct shop *shop = *state;
    struct last last;
    send_user(shop, 7, CF_ROLE_CASHIER);
    send_user(shop, 8, CF_ROLE_SUPERVISOR);
    send_user(shop, 90, CF_ROLE_MANAGER);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_rc(take_back(shop, SOAP, 1000, "gift", NULL), CF_E_USER_NONE);
    assert_ok(cf_till_login(shop->till, "7", PIN, &shop->err));
    assert_rc(take_back(shop, SOAP, 1000, "gift", NULL), CF_E_PERMIT);
    assert_ok(cf_till_override(shop->till, "90", PIN, "the box is ours", &shop->err));
    assert_ok(take_back(shop, SOAP, 1000, "gift", NULL));
    assert_ok(cf_journal_read(cf_till_journal(shop->till), 1, 1000, read_last, &last, &shop->err));
    assert_int_equal(last.back.user, 7);
    assert_int_equal(last.back.by, 90);
    assert_int_equal(last.back.by_role, CF_ROLE_MANAGER);
    assert_rc(take_back(shop, SOAP, 1000, "gift", NULL), CF_E_PERMIT); /* once */
    assert_ok(cf_till_login(shop->till, "8", PIN, &shop->err));
    assert_ok(take_back(shop, SOAP, 20000, "gift", NULL));
    assert_ok(cf_journal_read(cf_till_journal(shop->till), 1, 1000, read_last, &last, &shop->err));
    assert_int_equal(last.back.user, 8);
    assert_int_equal(last.back.by, 0);
    assert_rc(take_back(shop, SOAP, 21000, "gift", NULL), CF_E_PERMIT); /* up to 200.00 */
    shop_restart(shop);
    shop_verify(shop);
}

static void it_is_between_sales_and_on_paper(void **state)
{
    struct shop *shop = *state;
    struct cf_till_open_returned back;
    struct cf_receipt *receipt = NULL;
    struct cf_buf text CF_CLEANUP(cf_buf_done);
    cf_buf_init(&text, 65536);
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(take_back(shop, SOAP, 1000, "gift", &back), CF_E_SALE_OPEN);
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(take_back(shop, APPLES, 500, "rotten inside", &back));
    assert_int_equal(back.total_minor, 640);
    assert_ok(cf_till_receipt(shop->till, back.at.seq, &receipt, &shop->err));
    assert_ok(cf_receipt_text(receipt, 48, &text, &shop->err));
    cf_receipt_free(receipt);
    assert_ok(cf_buf_append(&text, "", 1, &shop->err));
    assert_non_null(strstr((const char *)text.p, "NO RECEIPT"));
    assert_non_null(strstr((const char *)text.p, "rotten inside"));
    assert_non_null(strstr((const char *)text.p, "6.40"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(goods_come_back_at_what_they_cost_and_for_a_reason, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(the_lowest_price_that_is_known_counts, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_day_has_its_limit, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(whoever_may_not_is_allowed_by_another_and_both_are_on_record, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(it_is_between_sales_and_on_paper, shop_setup, shop_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
