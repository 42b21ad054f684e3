/*
 * tests/unit/terminal/till_scan_test.c - goods, members and coupons in any order, and what a sale of them records.
 */
#include <string.h>

#include "tests/unit/terminal/till_support.h"

static void goods_make_lines_with_the_store_s_prices(void **state)
{
    struct shop *shop = *state;
    struct cf_till_scanned scanned;
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(cf_till_scan(shop->till, cf_bytes_str("]E0" SOAP), &scanned, &shop->err));
    assert_int_equal(scanned.kind, CF_SCAN_PRODUCT);
    assert_int_equal(scanned.line_no, 2);
    assert_ok(shop_scan(shop, "(01)05901234123457"));
    assert_ok(shop_scan(shop, APPLES));
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(cf_cart_count(view.cart), 4);
    assert_int_equal(view.priced->gross_minor, 3990 + 1000 + 2500 + 1280);
    assert_int_equal(view.priced->discount_minor, 399); /* the automatic promotion on category 7 */
    assert_int_equal(view.due_minor, 8371);
    assert_string_equal(cf_cart_at(view.cart, 1)->name, "Soap");
}

static void what_is_not_in_the_catalogue_is_not_found(void **state)
{
    struct shop *shop = *state;
    static const struct {
        const char *text;
        enum cf_rc rc;
    } rows[] = {
        {"6901234567908", CF_E_PRODUCT_UNKNOWN}, /* a right check digit, nothing of ours */
        {"6901234567893", CF_E_GTIN_CHECK},
        {"NO-SUCH-THING", CF_E_PRODUCT_UNKNOWN},
        {"", CF_E_SCAN_EMPTY},
        {"134567890123456789", CF_E_UNSUPPORTED}, /* a payment code: not read as goods */
        {"CF:DRAWER", CF_E_UNSUPPORTED},
        {"cp1:ABC", CF_E_BASE45},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum cf_rc rc = shop_scan(shop, rows[i].text);
        if (rc != rows[i].rc && !(rows[i].rc == CF_E_BASE45 && rc != CF_OK))
            fail_msg("\"%s\": %s", rows[i].text, cf_rc_name(rc));
    }
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE); /* nothing was opened by a refusal */
    assert_int_equal(shop_facts(shop), 0);
}

/* The six orders of goods, member and coupon: the same sale. */
static void order_does_not_matter(void **state)
{
    static const char orders[6][4] = {"gmc", "gcm", "mgc", "mcg", "cgm", "cmg"};
    struct shop *shop = *state;
    for (size_t k = 0; k < 6; k++) {
        for (const char *at = orders[k]; *at; at++) {
            if (*at == 'g') {
                assert_ok(shop_scan(shop, CREAM));
                assert_ok(shop_scan(shop, TEA));
            } else if (*at == 'm') {
                assert_ok(shop_scan(shop, shop_member(shop, 41 + k)));
            } else {
                assert_ok(shop_scan(shop, shop_coupon(PINNED, (uint32_t)k)));
            }
        }
        struct cf_till_view view = shop_view(shop);
        assert_int_equal(view.due_minor, 3990 + 2500 - 300 - 381); /* 10 % of what the coupon left of the cream */
        assert_true(view.has_member && view.member_live);
        assert_int_equal(view.points, 72); /* 58.09 of 1 yuan each, times 1.25, rounded down once */
        struct cf_till_sold sold = shop_pay_all(shop);
        assert_int_equal(sold.sale_no, k + 1);
        assert_int_equal(sold.points, 72);
        shop->wall_us += 20 * CF_US_PER_S;
        shop->mono_us += 20 * CF_US_PER_S;
    }
    shop_verify(shop);
}

static void a_coupon_below_its_minimum_is_held_until_it_takes_effect(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
    assert_ok(shop_scan(shop, CREAM));
    struct cf_till_view view = shop_view(shop);
    assert_int_equal(view.n_coupons, 1);
    assert_int_equal(view.coupons[0].rc, CF_E_COUPON_MINIMUM);
    assert_int_equal(view.coupons[0].amount_minor, 0);
    assert_non_null(strstr(view.coupons[0].reason, "50.00"));
    assert_int_equal(view.due_minor, 3591);
    assert_ok(shop_scan(shop, TEA));
    view = shop_view(shop);
    assert_int_equal(view.coupons[0].rc, CF_OK);
    assert_true(view.coupons[0].amount_minor > 0);
    assert_int_equal(view.due_minor, 3990 + 2500 - view.priced->discount_minor);
    /* Voided below it again, and back. */
    assert_ok(cf_till_void(shop->till, 0, &shop->err));
    assert_int_equal(shop_view(shop).coupons[0].rc, CF_E_COUPON_MINIMUM);
    assert_ok(shop_scan(shop, TEA));
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_redemptions, 1);
    assert_int_equal(sale->redemptions[0].campaign, LEASED);
    assert_int_equal(sale->n_lines, 2); /* the void one is not recorded */
    cf_sale_free(sale);
}

static void a_coupon_without_effect_is_not_used_up(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
    struct cf_till_sold sold = shop_sell(shop, SOAP);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_redemptions, 0);
    cf_sale_free(sale);
    /* The next sale may use it. */
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
    assert_int_equal(shop_view(shop).coupons[0].rc, CF_OK);
    (void)shop_pay_all(shop);
}

static void a_sale_has_one_live_member(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, shop_card()));
    assert_false(shop_view(shop).member_live);
    assert_ok(shop_scan(shop, shop_member(shop, 41))); /* the phone after the card */
    assert_true(shop_view(shop).member_live);
    assert_rc(shop_scan(shop, shop_member(shop, 42)), CF_E_MEMBER_TWICE);
    assert_rc(shop_scan(shop, shop_card()), CF_E_MEMBER_TWICE);
    (void)shop_sell(shop, SOAP);
    /* Its counter is known now: a picture of it is a copy. */
    assert_rc(shop_scan(shop, shop_member(shop, 41)), CF_E_MEMBER_COPIED);
    assert_rc(shop_scan(shop, shop_member(shop, 40)), CF_E_MEMBER_COPIED);
    shop_restart(shop);
    assert_rc(shop_scan(shop, shop_member(shop, 41)), CF_E_MEMBER_COPIED);
    assert_ok(shop_scan(shop, shop_member(shop, 42)));
}

static void a_picture_of_a_member_code_goes_stale(void **state)
{
    struct shop *shop = *state;
    const char *shot = shop_member(shop, 41);
    shop->mono_us += 55 * CF_US_PER_S;
    assert_ok(shop_scan(shop, shot));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    shop->mono_us += 30 * CF_US_PER_S;
    assert_rc(shop_scan(shop, shot), CF_E_MEMBER_STALE);
    shop->wall_us += 300 * CF_US_PER_S; /* a phone that is ahead */
    shot = shop_member(shop, 43);
    shop->wall_us -= 300 * CF_US_PER_S;
    assert_rc(shop_scan(shop, shot), CF_E_MEMBER_FUTURE);
}

static void a_static_card_earns_points(void **state)
{
    struct shop *shop = *state;
    assert_ok(shop_scan(shop, shop_card()));
    assert_ok(shop_scan(shop, TEA));
    assert_int_equal(shop_view(shop).points, 31);
    struct cf_till_sold sold = shop_pay_all(shop);
    assert_int_equal(sold.points, 31);
    assert_true(sold.has_member);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_true(sale->has_member && !sale->member_live);
    cf_sale_free(sale);
}

static void damaged_codes_are_refused_and_change_nothing(void **state)
{
    struct shop *shop = *state;
    char text[CF_CODE_TEXT_MAX + 8], whole[CF_CODE_TEXT_MAX];
    const char *const codes[] = {shop_coupon(PINNED, 7), shop_member(shop, 41), shop_card()};
    for (size_t c = 0; c < sizeof codes / sizeof *codes; c++) {
        size_t n = strlen(codes[c]);
        memcpy(whole, codes[c], n + 1);
        for (size_t cut = 4; cut < n; cut += 3) {
            memcpy(text, whole, cut);
            text[cut] = '\0';
            assert_true(shop_scan(shop, text) != CF_OK);
        }
        for (size_t at = 4; at < n; at++) {
            memcpy(text, whole, n + 1);
            text[at] = text[at] == 'A' ? 'B' : 'A';
            if (shop_scan(shop, text) == CF_OK)
                fail_msg("code %zu with another character at %zu was taken", c, at);
        }
        memcpy(text, whole, n);
        memcpy(text + n, "00", 3);
        assert_true(shop_scan(shop, text) != CF_OK);
    }
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
}

static bool is_coupon(const struct cf_receipt *receipt, size_t block)
{
    struct cf_receipt_block b = cf_receipt_at(receipt, block);
    return b.kind == CF_RECEIPT_QR && strncmp(b.text, "CP1:", 4) == 0;
}

static void coupons_of_receipts_verify_by_the_grant_and_never_repeat(void **state)
{
    struct shop *shop = *state;
    uint32_t expected = 1000;
    for (int k = 0; k < 7; k++) {
        struct cf_till_sold sold = shop_sell(shop, k == 1 ? SOAP : TEA);
        struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
        struct cf_receipt *receipt = NULL;
        const char *qr = NULL;
        assert_ok(cf_till_receipt(shop->till, sold.at.seq, &receipt, &shop->err));
        for (size_t b = 0; b < cf_receipt_count(receipt); b++)
            if (is_coupon(receipt, b))
                qr = cf_receipt_at(receipt, b).text;
        if (k == 1 || expected > 1004) { /* too small a sale; the range is used up: a sale without a gift */
            assert_int_equal(sale->n_issued, 0);
            assert_null(qr);
        } else {
            struct cf_code code;
            assert_int_equal(sale->n_issued, 1);
            assert_non_null(qr);
            assert_ok(cf_code_decode_text(cf_bytes_str(qr), &code, &shop->err));
            assert_int_equal(code.coupon.index, expected);
            assert_int_equal(sale->issued[0].index, expected);
            assert_int_equal(code.coupon.exp_s, sale->issued[0].exp_s);
            assert_ok(cf_keyring_verify(cf_till_keyring(shop->till), &code, TEST_NOW_S, &shop->err));
            expected++;
        }
        cf_receipt_free(receipt);
        cf_sale_free(sale);
        if (k % 2)
            shop_restart(shop);
    }
    assert_int_equal(expected, 1005);
    shop_verify(shop);
}

static void a_coupon_of_this_till_s_own_receipt_redeems_here_too(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold = shop_sell(shop, TEA);
    struct cf_receipt *receipt = NULL;
    char text[CF_CODE_TEXT_MAX] = "";
    assert_ok(cf_till_receipt(shop->till, sold.at.seq, &receipt, &shop->err));
    for (size_t b = 0; b < cf_receipt_count(receipt); b++)
        if (is_coupon(receipt, b))
            memcpy(text, cf_receipt_at(receipt, b).text, strlen(cf_receipt_at(receipt, b).text) + 1);
    cf_receipt_free(receipt);
    assert_ok(shop_scan(shop, text));
    assert_ok(shop_scan(shop, SOAP));
    assert_int_equal(shop_due(shop), 700);
    (void)shop_pay_all(shop);
    assert_rc(shop_scan(shop, text), CF_E_COUPON_SPENT);
}

int main(void)
{
#define in_shop(test) cmocka_unit_test_setup_teardown(test, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        in_shop(goods_make_lines_with_the_store_s_prices),
        in_shop(what_is_not_in_the_catalogue_is_not_found),
        in_shop(order_does_not_matter),
        in_shop(a_coupon_below_its_minimum_is_held_until_it_takes_effect),
        in_shop(a_coupon_without_effect_is_not_used_up),
        in_shop(a_sale_has_one_live_member),
        in_shop(a_picture_of_a_member_code_goes_stale),
        in_shop(a_static_card_earns_points),
        in_shop(damaged_codes_are_refused_and_change_nothing),
        in_shop(coupons_of_receipts_verify_by_the_grant_and_never_repeat),
        in_shop(a_coupon_of_this_till_s_own_receipt_redeems_here_too),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_keys_done();
    return failed;
}
