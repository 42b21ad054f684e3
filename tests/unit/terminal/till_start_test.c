/*
 * Tests of the start of a till: copies and older states are noticed, whatever is cut short is not mistaken for one, and
 * a till in quarantine sells and spends no rights until it is enrolled again.
 */
#include "tests/unit/terminal/till_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/core/incarnation.h"

static enum cf_quarantine_why standing(struct shop *shop)
{
    return cf_till_quarantine(shop->till);
}

/* Sells, earns, verifies codes, and refuses every coupon by name; also after any number of restarts. */
static void assert_in_quarantine(struct shop *shop, enum cf_quarantine_why why)
{
    for (int k = 0; k < 3; k++) {
        assert_int_equal(standing(shop), why);
        assert_ok(shop_scan(shop, CREAM));
        assert_rc(shop_scan(shop, shop_coupon(LEASED, 7)), CF_E_QUARANTINED);
        assert_rc(shop_scan(shop, shop_coupon(PINNED, 7)), CF_E_QUARANTINED);
        struct cf_till_sold sold = shop_pay_all(shop);
        assert_true(sold.committed);
        struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
        assert_int_equal(sale->n_redemptions, 0);
        assert_int_equal(sale->n_issued, 0); /* a right as well */
        cf_sale_free(sale);
        shop_verify(shop);
        shop_restart(shop);
    }
}

/* As the machine of `from` with the folder of `older`. */
static void put_back(struct shop *shop, const struct shop *older)
{
    char mark[SHOP_PATH_MAX + 20], kept[SHOP_PATH_MAX + 40];
    shop_close(shop);
    snprintf(kept, sizeof kept, "%s.kept", shop_mark_path(shop, mark));
    assert_int_equal(rename(mark, kept), 0);
    struct shop copy;
    shop_copy(&copy, older);
    char other[SHOP_PATH_MAX + 20];
    assert_int_equal(rename(kept, shop_mark_path(&copy, other)), 0);
    char folder[SHOP_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", shop->dir);
    shop_done(shop);
    *shop = copy;
    shop_open(shop);
}

static void a_till_that_is_started_again_is_in_order(void **state)
{
    struct shop *shop = *state;
    for (uint64_t n = 1; n < 5; n++) {
        struct cf_journal_standing now;
        assert_ok(cf_journal_standing(cf_till_journal(shop->till), &now, &shop->err));
        assert_int_equal(now.incarnation, n);
        assert_int_equal(now.quarantine, CF_QUARANTINE_NONE);
        (void)shop_sell(shop, TEA);
        shop_restart(shop);
    }
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(shop_scan(shop, shop_coupon(LEASED, 1)));
    (void)shop_pay_all(shop);
    shop_verify(shop);
}

static void a_folder_put_back_as_it_was_is_noticed(void **state)
{
    struct shop *shop = *state;
    struct shop older;
    (void)shop_sell(shop, TEA);
    shop_close(shop);
    shop_copy(&older, shop);
    shop_open(shop);
    (void)shop_sell(shop, TEA);
    put_back(shop, &older);
    assert_in_quarantine(shop, CF_QUARANTINE_RESTORED);
    shop_done(&older);
}

/* What the centre holds for the open sale is perhaps on a sale that this state does not know. */
static void a_card_that_had_paid_pays_no_more_once_the_folder_is_put_back(void **state)
{
    struct shop *shop = *state;
    struct shop older;
    char card[CF_CODE_TEXT_MAX];
    struct cf_code code;
    const struct cf_value_code value = {.kind = CF_GIFT_CARD, .account = ACCOUNTS_CARD, .exp_s = TEST_NOW_S + 86400};
    struct accounts *accounts = shop->accounts = accounts_new(20000);
    shop->ask_online = true;
    shop_restart(shop);
    assert_ok(cf_value_code_sign(&value, KID_ALL, test_key(ISSUER), &code, NULL));
    assert_ok(cf_code_text(&code, card, NULL));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_value(shop->till, &(struct cf_till_value){.code = cf_bytes_str(card), .amount_minor = 1000}, NULL,
                            NULL, &shop->err));
    shop_copy(&older, shop);
    older.till = NULL;
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1500, "", NULL));
    put_back(shop, &older);
    assert_int_equal(standing(shop), CF_QUARANTINE_RESTORED);
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 1500, "", NULL), CF_E_QUARANTINED);
    assert_ok(cf_till_untender(shop->till, &shop->err));
    struct cf_sale *sale = shop_sale_of(shop, shop_pay_all(shop).at.seq);
    assert_int_equal(sale->tenders.n, 1);
    assert_int_equal(sale->tenders.tender[0].kind, CF_TENDER_CASH);
    cf_sale_free(sale);
    shop_done(&older);
    accounts_free(accounts);
}

/* Both states are of one start: no number has risen between them. */
static void a_folder_put_back_within_one_start_is_noticed(void **state)
{
    struct shop *shop = *state;
    struct shop older;
    (void)shop_sell(shop, TEA);
    shop_copy(&older, shop); /* while it is open, as a snapshot of the disk is */
    older.till = NULL;
    (void)shop_sell(shop, TEA);
    put_back(shop, &older);
    assert_in_quarantine(shop, CF_QUARANTINE_RESTORED);
    shop_done(&older);
}

static void a_till_whose_mark_is_gone_or_damaged_is_in_quarantine(void **state)
{
    struct shop *shop = *state;
    char mark[SHOP_PATH_MAX + 20];
    (void)shop_sell(shop, TEA);
    shop_close(shop);
    struct shop other;
    shop_copy(&other, shop);
    assert_int_equal(remove(shop_mark_path(shop, mark)), 0);
    shop_open(shop);
    assert_in_quarantine(shop, CF_QUARANTINE_MARK_GONE);
    assert_int_equal(truncate(shop_mark_path(&other, mark), 100), 0);
    shop_open(&other);
    assert_in_quarantine(&other, CF_QUARANTINE_MARK_DAMAGED);
    shop_done(&other);
}

static void an_enrolment_is_the_way_out(void **state)
{
    struct shop *shop = *state;
    char mark[SHOP_PATH_MAX + 20];
    (void)shop_sell(shop, TEA);
    shop_close(shop);
    assert_int_equal(remove(shop_mark_path(shop, mark)), 0);
    shop_open(shop);
    assert_int_equal(standing(shop), CF_QUARANTINE_MARK_GONE);
    shop_enrol_again(shop);
    assert_int_equal(standing(shop), CF_QUARANTINE_NONE);
    shop_restart(shop);
    assert_int_equal(standing(shop), CF_QUARANTINE_NONE);
    shop_verify(shop);
}

static void fence(struct shop *shop, struct cf_sync_state *sync)
{
    (void)shop;
    sync->fenced = true;
}

static void unfence(struct shop *shop, struct cf_sync_state *sync)
{
    (void)shop;
    sync->fenced = false;
}

static void what_the_centre_said_outlives_the_replica_that_it_stands_in(void **state)
{
    struct shop *shop = *state;
    shop_sync(shop, fence);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_int_equal(standing(shop), CF_QUARANTINE_FENCED);
    shop_restart(shop);
    shop_sync(shop, unfence); /* as after a replica was lost */
    shop_restart(shop);
    assert_in_quarantine(shop, CF_QUARANTINE_FENCED);
}

static void a_coupon_on_a_sale_that_quarantine_overtakes_is_not_spent(void **state)
{
    struct shop *shop = *state;
    char mark[SHOP_PATH_MAX + 20];
    assert_ok(shop_scan(shop, CREAM));
    assert_ok(shop_scan(shop, shop_coupon(PINNED, 1)));
    shop_close(shop);
    assert_int_equal(remove(shop_mark_path(shop, mark)), 0);
    shop_open(shop);
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 100000, "", NULL), CF_E_QUARANTINED);
    assert_non_null(strstr(shop->err.detail, "cancel the sale"));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_in_quarantine(shop, CF_QUARANTINE_MARK_GONE);
}

/* --- cut short at any point --------------------------------------------------------------------------------------- */

/* A store in memory that fails at the chosen call, before or after it has written. */
struct memory {
    bool has;
    struct cf_incarnation_mark mark;
    int fail_intend;  /* 1: before writing, 2: after */
    bool lose_settle; /* what a power cut does to what was not synced */
};

static enum cf_rc memory_read(void *ctx, enum cf_mark_found *ret_found, struct cf_incarnation_mark *ret_mark,
                              struct cf_error *err)
{
    struct memory *memory = ctx;
    (void)err;
    *ret_found = memory->has ? CF_MARK_FOUND : CF_MARK_NONE;
    if (memory->has)
        *ret_mark = memory->mark;
    return CF_OK;
}

static enum cf_rc memory_intend(void *ctx, const struct cf_incarnation_mark *mark, struct cf_error *err)
{
    struct memory *memory = ctx;
    if (memory->fail_intend == 1)
        return cf_fail(err, CF_E_IO, "as the test wants it");
    memory->has = true;
    memory->mark = *mark;
    return memory->fail_intend == 2 ? cf_fail(err, CF_E_IO, "as the test wants it") : CF_OK;
}

static void memory_settle(void *ctx, const struct cf_incarnation_mark *mark)
{
    struct memory *memory = ctx;
    if (!memory->lose_settle)
        memory->mark = *mark;
}

static void memory_sync(void *ctx)
{
    (void)ctx;
}

static const struct cf_incarnation_ops memory_ops = {memory_read, memory_intend, memory_settle, memory_sync};

static void a_start_cut_short_anywhere_is_no_quarantine(void **state)
{
    (void)state;
    struct memory memory = {.has = false};
    struct cf_incarnation_store store = {&memory_ops, &memory};
    struct shop fresh;
    shop_init(&fresh);
    fresh.incarnation = &store;
    for (int round = 0; round < 24; round++) {
        int how = round % 4; /* cut before the intent, after it, after the record, and not at all */
        memory.fail_intend = how == 0 ? 1 : how == 1 ? 2 : 0;
        memory.lose_settle = how == 2;
        enum cf_rc rc = shop_try_open(&fresh);
        assert_int_equal(rc, how < 2 ? CF_E_IO : CF_OK);
        if (rc == CF_OK) {
            assert_int_equal(standing(&fresh), CF_QUARANTINE_NONE);
            if (how == 3)
                (void)shop_sell(&fresh, TEA);
            shop_close(&fresh);
        }
    }
    memory.fail_intend = 0;
    memory.lose_settle = false;
    shop_open(&fresh);
    assert_int_equal(standing(&fresh), CF_QUARANTINE_NONE);
    shop_verify(&fresh);
    shop_done(&fresh);
}

int main(void)
{
#define in_a_shop(test) cmocka_unit_test_setup_teardown(test, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        in_a_shop(a_till_that_is_started_again_is_in_order),
        in_a_shop(a_folder_put_back_as_it_was_is_noticed),
        in_a_shop(a_card_that_had_paid_pays_no_more_once_the_folder_is_put_back),
        in_a_shop(a_folder_put_back_within_one_start_is_noticed),
        in_a_shop(a_till_whose_mark_is_gone_or_damaged_is_in_quarantine),
        in_a_shop(an_enrolment_is_the_way_out),
        in_a_shop(what_the_centre_said_outlives_the_replica_that_it_stands_in),
        in_a_shop(a_coupon_on_a_sale_that_quarantine_overtakes_is_not_spent),
        cmocka_unit_test(a_start_cut_short_anywhere_is_no_quarantine),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
