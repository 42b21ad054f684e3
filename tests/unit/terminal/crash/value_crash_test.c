/*
 * tests/unit/terminal/crash/value_crash_test.c - a till that is killed at each write to its disk, and at each thing
 * that it asks the centre, while it sells for a gift card, gives back, and spends what lies at it: what the centre
 * holds is on a sale or on its way back, and nothing is spent twice.
 */
#include <stdlib.h>
#include <string.h>

#include "app/core/open_return.h"
#include "tests/support/sync_shim.h"
#include "tests/unit/terminal/accounts_support.h"
#include "sync/wire/redeem.h"
#include "tests/unit/terminal/crash/kill_support.h"
#include "tests/unit/terminal/till_support.h"

#define PUT_ON INT64_C(20000)
#define HOMED INT64_C(3000)
#define TOPPED_UP INT64_C(2000)

static struct shop untouched; /* copied for each kill */
static char card[CF_CODE_TEXT_MAX];

static int kill_setup(void **state)
{
    (void)state;
    const struct cf_value_code value = {.kind = CF_GIFT_CARD, .account = ACCOUNTS_CARD, .exp_s = TEST_NOW_S + 86400};
    struct cf_down_entry entry = {.kind = CF_DOWN_GIFT_CARD};
    struct cf_code code;
    assert_ok(cf_value_code_sign(&value, KID_ALL, test_key(ISSUER), &code, NULL));
    assert_ok(cf_code_text(&code, card, NULL));
    shop_init(&untouched);
    untouched.ask_online = true;
    entry.home = (struct cf_home_value){.kind = CF_GIFT_CARD,
                                        .account = ACCOUNTS_CARD,
                                        .epoch = untouched.epoch,
                                        .granted_minor = HOMED,
                                        .keep_minor = HOMED,
                                        .exp_s = TEST_NOW_S + 86400};
    shop_send(&untouched, CF_TOPIC_VALUE, &entry);
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

static enum cf_rc pay(struct shop *shop, int64_t amount_minor)
{
    const struct cf_till_value what = {.code = cf_bytes_str(card), .amount_minor = amount_minor};
    return cf_till_value(shop->till, &what, NULL, NULL, &shop->err);
}

/* TEA is 25.00: by card in two parts (the first from here and from the centre) and cash; one that is given back; one
 * that the card pays alone. */
static bool sell(struct shop *shop)
{
    bool ok = shop_scan(shop, TEA) == CF_OK;
    ok = ok && shop_scan(shop, TEA) == CF_OK && pay(shop, 4000) == CF_OK && pay(shop, 500) == CF_OK &&
         shop_pay(shop, CF_TENDER_CASH, 500, "", NULL) == CF_OK;
    ok = ok && shop_scan(shop, TEA) == CF_OK && pay(shop, 700) == CF_OK &&
         cf_till_untender(shop->till, &shop->err) == CF_OK && cf_till_cancel(shop->till, &shop->err) == CF_OK;
    return ok && shop_scan(shop, TEA) == CF_OK && pay(shop, 0) == CF_OK;
}

/* 20.00 more are put on the card, and then all that is on it is given back in cash: from here and from the centre. */
static bool top_up_and_take_back(struct shop *shop)
{
    return cf_till_top_up(shop->till, cf_bytes_str(card), TOPPED_UP, NULL, &shop->err) == CF_OK &&
           shop_pay(shop, CF_TENDER_CASH, TOPPED_UP, "", NULL) == CF_OK &&
           cf_till_card_back(shop->till, cf_bytes_str(card), "unwanted", NULL, &shop->err) == CF_OK;
}

struct upload {
    struct accounts *accounts;
    int64_t by_centre, by_home, put_on;
};

/* As the centre applies them. Twice is once. */
static enum cf_rc upload_record(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                                const struct cf_sha256 *hash, struct cf_error *err)
{
    struct upload *upload = ctx;
    struct cf_void_request request;
    struct cf_sale *sale = NULL;
    (void)body_hash;
    (void)hash;
    if (record->type == CF_RECORD_VOID_REQUEST) {
        assert_ok(cf_void_request_decode(record->body, &request, err));
        assert_int_equal(request.index, CF_TENDER_GIFT_CARD);
        accounts_void(upload->accounts, request.request_key);
    }
    if (record->type == CF_RECORD_OPEN_RETURN) {
        struct cf_open_return back;
        assert_ok(cf_open_return_decode(record->body, &back, err));
        assert_int_equal(back.cash_minor, back.card.home_minor + back.card.held_minor);
        upload->by_home += back.card.home_minor;
        upload->by_centre += back.card.held_minor;
        if (back.card.held_minor > 0 && !accounts_settle(upload->accounts, back.card.key, back.card.held_minor))
            fail_msg("%lld were given back that nobody holds", (long long)back.card.held_minor);
    }
    if (record->type != CF_RECORD_SALE)
        return CF_OK;
    assert_ok(cf_sale_new(&sale, err));
    assert_ok(cf_sale_decode(record->body, sale, err));
    for (size_t i = 0; i < sale->n_lines; i++)
        upload->put_on += cf_sale_line_tops_up(&sale->lines[i]) ? sale->lines[i].unit_price_minor : 0;
    for (size_t i = 0; i < sale->tenders.n; i++) {
        const struct cf_tender *tender = &sale->tenders.tender[i];
        if (tender->value.source == CF_VALUE_HOME)
            upload->by_home += tender->amount_minor;
        if (tender->value.source == CF_VALUE_CENTRE) {
            upload->by_centre += tender->amount_minor;
            if (!accounts_settle(upload->accounts, tender->value.key, tender->amount_minor))
                fail_msg("a sale was paid with %lld that nobody holds", (long long)tender->amount_minor);
        }
    }
    cf_sale_free(sale);
    return CF_OK;
}

static int64_t on_the_sale(struct shop *shop)
{
    struct cf_till_view view = shop_view(shop);
    int64_t sum = 0;
    for (size_t i = 0; view.state != CF_CHECKOUT_SELLING && view.state != CF_CHECKOUT_IDLE && i < view.tenders->n; i++)
        if (view.tenders->tender[i].value.source == CF_VALUE_CENTRE)
            sum += view.tenders->tender[i].amount_minor;
    return sum;
}

/* All records have come to the centre: it holds what is on the open sale, and nothing else. */
static void check_books(struct shop *shop, struct accounts *accounts)
{
    struct upload upload = {.accounts = accounts};
    assert_ok(cf_journal_read(cf_till_journal(shop->till), 1, 100000, upload_record, &upload, &shop->err));
    assert_int_equal(accounts_held(accounts), on_the_sale(shop));
    assert_int_equal(accounts_spent(accounts), upload.by_centre);
    assert_int_equal(accounts->balance + accounts_held(accounts) + accounts_spent(accounts), PUT_ON);
    assert_in_range(upload.by_home, 0, HOMED + upload.put_on);
}

/* However it stands: the shopper pays the rest in cash, or takes everything back. */
static void finish(struct shop *shop, bool sells)
{
    struct cf_till_view view = shop_view(shop);
    if (view.state == CF_CHECKOUT_IDLE)
        return;
    if (sells) {
        assert_ok(shop_pay(shop, CF_TENDER_CASH, shop_due(shop), "", NULL));
        return;
    }
    if (view.state != CF_CHECKOUT_SELLING)
        assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
}

/* Returns false when the script came to its end. */
static bool kill_once(bool (*script)(struct shop *shop), uint64_t at_write, unsigned at_ask, enum accounts_does then)
{
    struct shop shop;
    struct accounts *accounts = accounts_new(PUT_ON);
    uint64_t n = at_write + at_ask;
    shop_copy(&shop, &untouched);
    shop.accounts = accounts;
    cf_sync_shim()->kill_at = at_write;
    accounts->kill_at_ask = at_ask;
    bool killed = kill_in_child(&shop, script);
    cf_sync_shim()->kill_at = 0;
    accounts->kill_at_ask = 0;
    accounts->does = then;
    shop_open(&shop);
    check_books(&shop, accounts);
    finish(&shop, n % 2 == 0);
    check_books(&shop, accounts);
    if (n % 8 == 0)
        shop_verify(&shop);
    shop_close(&shop);
    shop_done(&shop);
    accounts_free(accounts);
    return killed;
}

static void a_kill_at_any_write_leaves_nothing_held_but_for_the_sale(void **state)
{
    (void)state;
    uint64_t n = 0;
    while (n < 400 && kill_once(sell, n + 1, 0, (enum accounts_does)(n % 3)))
        n++;
    assert_in_range(n, 20, 399);
}

static void a_kill_at_any_ask_leaves_nothing_held_but_for_the_sale(void **state)
{
    (void)state;
    unsigned n = 0;
    while (n < 100 && kill_once(sell, 0, n + 1, (enum accounts_does)(n % 3)))
        n++;
    assert_in_range(n, 4, 99);
}

static void a_kill_while_a_card_is_taken_back_gives_cash_once_or_leaves_it_on_the_card(void **state)
{
    (void)state;
    uint64_t n = 0;
    unsigned asks = 0;
    while (n < 200 && kill_once(top_up_and_take_back, n + 1, 0, (enum accounts_does)(n % 3)))
        n++;
    while (asks < 20 && kill_once(top_up_and_take_back, 0, asks + 1, (enum accounts_does)(asks % 3)))
        asks++;
    assert_in_range(n, 5, 199);
    assert_in_range(asks, 1, 19);
}

/* The disk fills up at any write of a payment or of giving it back. */
static void a_full_disk_at_any_write_keeps_the_money_on_the_sale_or_on_the_card(void **state)
{
    (void)state;
    struct cf_sync_shim *shim = cf_sync_shim();
    unsigned cut[2] = {0};
    for (uint64_t n = 0; n < 200; n++) {
        struct accounts *accounts = accounts_new(PUT_ON);
        struct shop shop;
        bool gives_back = n % 2;
        shop_copy(&shop, &untouched);
        shop.accounts = accounts;
        shop_open(&shop);
        assert_ok(shop_scan(&shop, TEA));
        assert_ok(shop_scan(&shop, TEA));
        if (gives_back)
            assert_ok(pay(&shop, 4000));
        shim->full_from = shim->n_writes + 1 + n / 2;
        enum cf_rc rc = gives_back ? cf_till_untender(shop.till, &shop.err) : pay(&shop, 0);
        bool whole = shim->n_writes < shim->full_from;
        shim->full_from = 0;
        if (rc != CF_OK && rc != CF_E_DISK_FULL)
            fail_msg("with room for %llu writes: %s: %s", (unsigned long long)(n / 2), cf_rc_name(rc), shop.err.detail);
        cut[gives_back] += rc != CF_OK;
        if (n % 4 < 2)
            shop_restart(&shop);
        if (shop_view(&shop).state == CF_CHECKOUT_PAID)
            assert_ok(cf_till_settle(shop.till, NULL, &shop.err));
        finish(&shop, false);
        check_books(&shop, accounts);
        shop_verify(&shop);
        shop_close(&shop);
        shop_done(&shop);
        accounts_free(accounts);
        if (whole && gives_back)
            break;
    }
    assert_true(cut[0] >= 2 && cut[1] >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_kill_at_any_write_leaves_nothing_held_but_for_the_sale, kill_setup,
                                        kill_teardown),
        cmocka_unit_test_setup_teardown(a_kill_at_any_ask_leaves_nothing_held_but_for_the_sale, kill_setup,
                                        kill_teardown),
        cmocka_unit_test_setup_teardown(a_kill_while_a_card_is_taken_back_gives_cash_once_or_leaves_it_on_the_card,
                                        kill_setup, kill_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_at_any_write_keeps_the_money_on_the_sale_or_on_the_card, kill_setup,
                                        kill_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
