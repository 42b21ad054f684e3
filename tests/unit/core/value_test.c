/*
 * tests/unit/core/value_test.c - cards as codes, what a sale says of accounts, and what points are worth.
 */
#include "app/core/value.h"

#include <stdio.h>
#include <string.h>

#include "app/core/keyring.h"
#include "app/core/scan.h"
#include "app/core/value_extra.h"
#include "app/core/sale_return.h"
#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"
#include "tests/unit/core/keys_support.h"

static struct cf_code sign(enum cf_gift_kind kind, uint32_t account, cf_kid kid, enum test_key key)
{
    const struct cf_value_code value = {.kind = kind, .account = account, .exp_s = TEST_NOW_S + 86400};
    struct cf_code code;
    assert_rc(cf_value_code_sign(&value, kid, test_key(key), &code, NULL), CF_OK);
    return code;
}

static void a_card_comes_back_from_its_text(void **state)
{
    (void)state;
    const enum cf_gift_kind kinds[] = {CF_GIFT_CARD, CF_GIFT_CREDIT};
    for (size_t k = 0; k < 2; k++) {
        struct cf_code code = sign(kinds[k], UINT32_MAX - (uint32_t)k, KID_ALL, ISSUER), back;
        struct cf_scan scan;
        char text[CF_CODE_TEXT_MAX];
        assert_rc(cf_code_text(&code, text, NULL), CF_OK);
        assert_memory_equal(text, "GC1:", 4);
        cf_scan_classify(cf_bytes_str(text), &scan);
        assert_int_equal(scan.kind, CF_SCAN_VALUE);
        assert_rc(cf_code_decode_text(cf_bytes_str(text), &back, NULL), CF_OK);
        assert_int_equal(back.kind, CF_CODE_VALUE);
        assert_int_equal(back.value.kind, kinds[k]);
        assert_int_equal(back.value.account, UINT32_MAX - (uint32_t)k);
        assert_int_equal(back.value.exp_s, TEST_NOW_S + 86400);
        print_message("# %zu bytes, %zu characters\n", code.cose_n, strlen(text));
    }
}

static void what_is_no_card_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        struct cf_value_code value;
    } rows[] = {
        {"no account", {CF_GIFT_CARD, 0, TEST_NOW_S}},
        {"a kind of tender that is no card", {(enum cf_gift_kind)6, 1, TEST_NOW_S}},
        {"a kind below", {(enum cf_gift_kind)3, 1, TEST_NOW_S}},
        {"before 1970", {CF_GIFT_CARD, 1, -1}},
        {"behind the year 9999", {CF_GIFT_CARD, 1, INT64_C(253402300800)}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_code code;
        if (cf_value_code_sign(&rows[i].value, KID_ALL, test_key(ISSUER), &code, NULL) != CF_E_RANGE)
            fail_msg("%s: signed", rows[i].why);
    }
    /* Each byte changed: refused, or another card that nobody signed. */
    struct cf_code code = sign(CF_GIFT_CARD, 42, KID_ALL, ISSUER);
    for (size_t at = 0; at < code.cose_n - CF_P256_SIGNATURE_BYTES; at++)
        for (unsigned bit = 1; bit < 256; bit <<= 1) {
            struct cf_code copy = code, back;
            copy.cose[at] ^= (uint8_t)bit;
            enum cf_rc rc = cf_code_decode_bytes(CF_CODE_VALUE, cf_bytes_of(copy.cose, copy.cose_n), &back, NULL);
            assert_true(rc == CF_OK || rc == CF_E_CODE_SHAPE || rc == CF_E_CODE_VERSION);
        }
}

static void a_card_is_genuine_by_an_issuer_or_by_a_range_of_accounts(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_grant accounts = test_grant(), coupons = test_grant();
    accounts.grant_id = (cf_kid){{0x20, 0, 0, 9}};
    accounts.campaign = CF_GRANT_OF_ACCOUNTS;
    struct cf_code signed_grant;
    assert_rc(cf_grant_sign(&accounts, KID_ALL, test_key(ISSUER), &signed_grant, NULL), CF_OK);
    assert_rc(cf_keyring_add_grant(ring, cf_bytes_of(signed_grant.cose, signed_grant.cose_n), NULL), CF_OK);
    assert_rc(cf_grant_sign(&coupons, KID_ALL, test_key(ISSUER), &signed_grant, NULL), CF_OK);
    assert_rc(cf_keyring_add_grant(ring, cf_bytes_of(signed_grant.cose, signed_grant.cose_n), NULL), CF_OK);

    struct cf_code code = sign(CF_GIFT_CARD, 42, KID_ALL, ISSUER);
    assert_rc(cf_keyring_verify(ring, &code, TEST_NOW_S, NULL), CF_OK);
    code.cose[code.cose_n - 1] ^= 1;
    assert_rc(cf_keyring_verify(ring, &code, TEST_NOW_S, NULL), CF_E_CODE_SIGNATURE);
    code = sign(CF_GIFT_CARD, accounts.first, accounts.grant_id, TILL);
    assert_rc(cf_keyring_verify(ring, &code, TEST_NOW_S, NULL), CF_OK);
    code = sign(CF_GIFT_CARD, accounts.last + 1, accounts.grant_id, TILL);
    assert_rc(cf_keyring_verify(ring, &code, TEST_NOW_S, NULL), CF_E_CODE_USAGE);
    code = sign(CF_GIFT_CARD, coupons.first, coupons.grant_id, TILL); /* by a range of coupons */
    assert_rc(cf_keyring_verify(ring, &code, TEST_NOW_S, NULL), CF_E_CODE_USAGE);
    struct cf_coupon coupon = {.campaign = CF_GRANT_OF_ACCOUNTS, .index = accounts.first, .exp_s = TEST_NOW_S};
    code = test_sign_coupon(&coupon, accounts.grant_id, TILL); /* a coupon by a range of accounts */
    assert_rc(cf_keyring_verify(ring, &code, TEST_NOW_S, NULL), CF_E_CODE_USAGE);
    cf_keyring_free(ring);
}

static void nobody_gets_a_part_of_a_cent_for_points(void **state)
{
    (void)state;
    static const struct {
        struct cf_points_rate rate;
        int64_t points, due, amount, taken;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {{1, 1}, 500, 1000, 500, 500, CF_OK, "all of them"},
        {{1, 1}, 500, 300, 300, 300, CF_OK, "no more than is due"},
        {{100, 1}, 250, 1000, 2, 200, CF_OK, "a hundred a cent: what is left over stays"},
        {{1, 5}, 10, 12, 12, 3, CF_OK, "5 cents each: a part of the third is lost to the shopper, never given twice"},
        {{3, 2}, 4, 100, 2, 3, CF_OK, "three for two cents"},
        {{100, 1}, 99, 1000, 0, 0, CF_E_TENDER_ZERO, "worth nothing"},
        {{0, 0}, 99, 1000, 0, 0, CF_E_VALUE_RATE, "no rate"},
        {{1, 1}, 0, 1000, 0, 0, CF_E_TENDER_ZERO, "no points"},
        {{1, 1}, 5, 0, 0, 0, CF_E_TENDER_ZERO, "nothing due"},
        {{1, INT64_MAX}, INT64_MAX, INT64_MAX, INT64_MAX, 1, CF_OK, "the largest numbers"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t amount = 0, taken = 0;
        enum cf_rc rc = cf_points_worth(&rows[i].rate, rows[i].points, rows[i].due, &amount, &taken, NULL);
        if (rc != rows[i].rc || amount != rows[i].amount || taken != rows[i].taken)
            fail_msg("%s: %s, %lld for %lld", rows[i].why, cf_rc_name(rc), (long long)amount, (long long)taken);
    }
}

static void a_release_comes_back_and_is_never_of_nothing(void **state)
{
    (void)state;
    struct cf_value_release release = {42, 1999}, back = {0};
    struct cf_buf buf CF_CLEANUP(cf_buf_done);
    cf_buf_init(&buf, 100);
    assert_rc(cf_value_release_encode(&release, &buf, NULL), CF_OK);
    assert_rc(cf_value_release_decode(cf_buf_bytes(&buf), &back, NULL), CF_OK);
    assert_int_equal(back.account, 42);
    assert_int_equal(back.amount_minor, 1999);
    for (size_t n = 0; n < buf.n; n++)
        assert_true(cf_value_release_decode(cf_bytes_of(buf.p, n), &back, NULL) != CF_OK);
    release.amount_minor = 0;
    assert_rc(cf_value_release_encode(&release, &buf, NULL), CF_E_RANGE);
    release = (struct cf_value_release){0, 1};
    assert_rc(cf_value_release_encode(&release, &buf, NULL), CF_E_RANGE);
}

static void people_see_four_digits(void **state)
{
    (void)state;
    char text[CF_VALUE_MASK_MAX];
    cf_value_mask(1230042, text);
    assert_string_equal(text, "**** 0042");
    cf_value_mask(7, text);
    assert_string_equal(text, "**** 0007");
}

/* --- on a sale ---------------------------------------------------------------------------------------------------- */

/* A card for 50.00 and goods for 30.00, paid by 20.00 of an account, 10.00 that lie here, 5.00 in points, and cash. */
static struct cf_sale *make_sale(void)
{
    struct cf_sale *sale;
    assert_rc(cf_sale_new(&sale, NULL), CF_OK);
    sale->sale_no = 7;
    sale->business_day = 20261122;
    snprintf(sale->cashier, sizeof sale->cashier, "Li");
    memcpy(sale->currency.code, "CNY", 4);
    sale->tax_mode = CF_TAX_INCLUSIVE;
    sale->has_member = sale->member_live = true;
    memset(sale->member.b, 0x5C, CF_SUB_BYTES);
    sale->n_lines = 2;
    sale->lines[0] = (struct cf_sale_line){.product = 10, .qty_milli = 1000, .unit_price_minor = 3000};
    sale->lines[1] = (struct cf_sale_line){.product = CF_PRODUCT_GIFT_CARD,
                                           .qty_milli = 1000,
                                           .unit_price_minor = 5000,
                                           .delivery = true,
                                           .floor_minor = 5000,
                                           .extra = {.origin = CF_PRICE_ENTERED}};
    sale->n_cards = 1;
    sale->cards[0] = (struct cf_sold_card){2, {CF_GIFT_CARD, KID_GRANT, 5000, 5000, 2000000000, true}};
    sale->gross_minor = sale->total_minor = 8000;
    cf_tenders_init(&sale->tenders, 8000);
    struct cf_tender tenders[] = {
        {.kind = CF_TENDER_GIFT_CARD, .amount_minor = 2000, .value = {CF_VALUE_CENTRE, 41, 0, {1}, 0}},
        {.kind = CF_TENDER_STORE_CREDIT, .amount_minor = 1000, .value = {CF_VALUE_HOME, 42, 0, {0}, 0}},
        {.kind = CF_TENDER_POINTS, .amount_minor = 500, .value = {CF_VALUE_CENTRE, 0, 500, {2}, 0}},
        {.kind = CF_TENDER_CASH, .amount_minor = 5000},
    };
    for (size_t i = 0; i < sizeof tenders / sizeof tenders[0]; i++)
        assert_rc(cf_tenders_add(&sale->tenders, &tenders[i], NULL), CF_OK);
    sale->change_minor = cf_tenders_change(&sale->tenders);
    return sale;
}

static void what_a_sale_says_of_accounts_comes_back(void **state)
{
    (void)state;
    struct cf_sale *sale = make_sale(), *back;
    struct cf_buf buf CF_CLEANUP(cf_buf_done), again CF_CLEANUP(cf_buf_done);
    struct cf_error err;
    cf_buf_init(&buf, CF_SALE_BYTES_MAX);
    cf_buf_init(&again, CF_SALE_BYTES_MAX);
    assert_rc(cf_sale_new(&back, NULL), CF_OK);
    if (cf_sale_encode(sale, &buf, &err) != CF_OK)
        fail_msg("%s", err.detail);
    assert_rc(cf_sale_decode(cf_buf_bytes(&buf), back, NULL), CF_OK);
    assert_int_equal(back->n_cards, 1);
    assert_int_equal(back->cards[0].card.account, 5000);
    assert_true(back->cards[0].card.homed);
    assert_int_equal(back->tenders.tender[1].value.source, CF_VALUE_HOME);
    assert_int_equal(back->tenders.tender[2].value.points, 500);
    assert_int_equal(back->tenders.tender[0].value.key[0], 1);
    assert_rc(cf_sale_encode(back, &again, NULL), CF_OK);
    assert_true(cf_bytes_equal(cf_buf_bytes(&buf), cf_buf_bytes(&again)));
    /* Every byte changed: refused, or one encoding of a sale that adds up. */
    for (size_t at = 0; at < buf.n; at++)
        for (unsigned bit = 1; bit < 256; bit <<= 1) {
            buf.p[at] ^= (uint8_t)bit;
            if (cf_sale_decode(cf_buf_bytes(&buf), back, NULL) == CF_OK) {
                cf_buf_clear(&again);
                assert_rc(cf_sale_encode(back, &again, NULL), CF_OK);
                assert_true(cf_bytes_equal(cf_buf_bytes(&buf), cf_buf_bytes(&again)));
            }
            buf.p[at] ^= (uint8_t)bit;
        }
    cf_sale_free(back);
    cf_sale_free(sale);
}

/* Else 100.00 would earn twice: when the card is bought, and when it is spent. */
static void a_card_that_is_sold_earns_no_points(void **state)
{
    (void)state;
    const struct cf_programme programme = {.minor_per_point = 100, .tier_bp = {10000}};
    struct cf_cart_line lines[] = {core_line(10, 1000, 3000, 0), core_line(CF_PRODUCT_GIFT_CARD, 1000, 5000, 0)};
    struct cf_priced *priced;
    struct cf_return_state back;
    int64_t points;
    lines[1].delivery = true;
    lines[1].floor_minor = 5000;
    struct cf_cart *cart = core_cart(lines, 2);
    assert_rc(cf_priced_new(&priced, NULL), CF_OK);
    core_price(cart, NULL, 0, CF_TAX_INCLUSIVE, priced);
    assert_int_equal(priced->total_minor, 8000);
    assert_rc(cf_points_of(&programme, 0, priced, &points, NULL), CF_OK);
    assert_int_equal(points, 30);
    cf_priced_free(priced);
    cf_cart_free(cart);

    /* and the goods take back all that they earned */
    struct cf_sale *sale = make_sale();
    sale->points = points;
    cf_return_so_far(sale, (const int64_t[]){1000, 0}, &back);
    assert_int_equal(back.refunded_minor, 3000);
    assert_int_equal(back.points, 30);
    cf_sale_free(sale);
}

static void a_card_that_was_sold_does_not_come_back_as_goods(void **state)
{
    (void)state;
    struct cf_sale *sale = make_sale();
    struct cf_return *back;
    const int64_t before[2] = {0, 0}, both[2] = {1000, 1000}, goods_alone[2] = {1000, 0};
    struct cf_return_goods goods = {.before_milli = before, .qty_milli = both};
    assert_rc(cf_return_new(&back, NULL), CF_OK);
    assert_rc(cf_return_make(sale, &goods, back, NULL), CF_E_VALUE_CARD);
    goods.qty_milli = goods_alone;
    assert_rc(cf_return_make(sale, &goods, back, NULL), CF_OK);
    assert_int_equal(back->total_minor, 3000);
    cf_return_free(back);
    cf_sale_free(sale);
}

static void a_sale_that_lies_about_accounts_is_no_sale(void **state)
{
    (void)state;
    for (int row = 0; row < 13; row++) {
        struct cf_sale *sale = make_sale();
        struct cf_tender *tender = sale->tenders.tender;
        const char *why = "";
        switch (row) {
        case 0:
            why = "an account that nobody names";
            tender[0].value.source = (enum cf_value_source)0;
            break;
        case 1:
            why = "cash of an account";
            tender[3].value.source = CF_VALUE_HOME;
            break;
        case 2:
            why = "points that lie at a till";
            tender[2].value.source = CF_VALUE_HOME;
            break;
        case 3:
            why = "points of nobody";
            sale->has_member = sale->member_live = false;
            break;
        case 4:
            why = "points of a printed card";
            sale->member_live = false;
            break;
        case 5:
            why = "two tenders by one request";
            tender[2].value.key[0] = 1;
            break;
        case 12:
            why = "more than any account ever had";
            sale->lines[0].unit_price_minor += CF_VALUE_MINOR_MAX;
            sale->gross_minor += CF_VALUE_MINOR_MAX;
            sale->total_minor += CF_VALUE_MINOR_MAX;
            sale->tenders.total_minor += CF_VALUE_MINOR_MAX;
            tender[0].amount_minor += CF_VALUE_MINOR_MAX;
            break;
        case 6:
            why = "a card that no line is";
            sale->cards[0].line_no = 1;
            break;
        case 7:
            why = "a line that no card is";
            sale->n_cards = 0;
            break;
        case 8:
            why = "more on the card than was paid";
            sale->cards[0].card.amount_minor = 5001;
            break;
        case 9:
            why = "a card with a discount";
            sale->lines[1].delivery = false;
            break;
        case 10:
            why = "store credit that is sold";
            sale->cards[0].card.kind = CF_GIFT_CREDIT;
            break;
        case 11:
            why = "account 0";
            tender[1].value.account = 0;
            break;
        default:
            break;
        }
        if (cf_sale_check(sale, NULL) != CF_E_RECORD)
            fail_msg("%s: taken", why);
        cf_sale_free(sale);
    }
}

static int done(void **state)
{
    (void)state;
    test_keys_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_comes_back_from_its_text),
        cmocka_unit_test(what_is_no_card_is_refused),
        cmocka_unit_test(a_card_is_genuine_by_an_issuer_or_by_a_range_of_accounts),
        cmocka_unit_test(nobody_gets_a_part_of_a_cent_for_points),
        cmocka_unit_test(a_release_comes_back_and_is_never_of_nothing),
        cmocka_unit_test(people_see_four_digits),
        cmocka_unit_test(what_a_sale_says_of_accounts_comes_back),
        cmocka_unit_test(a_card_that_is_sold_earns_no_points),
        cmocka_unit_test(a_card_that_was_sold_does_not_come_back_as_goods),
        cmocka_unit_test(a_sale_that_lies_about_accounts_is_no_sale),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, done);
}
