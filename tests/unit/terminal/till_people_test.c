/*
 * tests/unit/terminal/till_people_test.c - who is at the till, over restarts and boots; which day a Z closes.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/terminal/terminal_cmocka.h"
#include "tests/unit/terminal/till_support.h"

#define ANNA "7"
#define MARA "90"
#define PIN "271828"

static void send_user(struct shop *shop, uint32_t number, enum cf_role role, bool gone)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_USER};
    entry.user = (struct cf_user){.store = SHOP_STORE, .user = number, .gone = gone, .name = "Somebody", .role = role};
    entry.user.pin.memory_kib = CF_PIN_MEMORY_KIB_MIN; /* a test need not wait */
    entry.user.pin.passes = 1;
    assert_int_equal(CF_OK, cf_pin_hash(cf_bytes_str(PIN), &entry.user.pin, NULL));
    shop_send(shop, CF_TOPIC_USERS, &entry);
}

static struct shop *with_users(void **state)
{
    struct shop *shop = *state;
    send_user(shop, 7, CF_ROLE_CASHIER, false);
    send_user(shop, 90, CF_ROLE_MANAGER, false);
    assert_ok(cf_till_rest(shop->till, &shop->err)); /* news are taken up between sales */
    return shop;
}

static enum cf_rc take_cursor(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                              const struct cf_sha256 *hash, struct cf_error *err)
{
    uint64_t *cursor = ctx;
    (void)body_hash;
    (void)hash;
    (void)err;
    *cursor = record->down_cursor;
    return CF_OK;
}

static uint64_t last_cursor(struct shop *shop)
{
    uint64_t cursor = 0;
    assert_ok(cf_journal_read(cf_till_journal(shop->till), shop_records(shop), 1, take_cursor, &cursor, &shop->err));
    return cursor;
}

static void hear_more(struct shop *shop, struct cf_sync_state *sync)
{
    (void)shop;
    sync->down_cursor = 78;
}

/* By its cursor the centre judges who may have sold, and what a till has forgotten. */
static void a_record_names_no_page_that_its_till_has_not_read(void **state)
{
    struct shop *shop = *state;
    struct cf_till_link link;
    assert_ok(shop_scan(shop, SOAP));
    send_user(shop, 7, CF_ROLE_CASHIER, false);
    shop_sync(shop, hear_more);
    assert_ok(cf_till_link(shop->till, &link, &shop->err)); /* a window looks at the link all the time */
    (void)shop_pay_all(shop);                               /* nobody is logged in: there was nobody */
    assert_int_equal(last_cursor(shop), 77);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_rc(shop_scan(shop, SOAP), CF_E_USER_NONE);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_int_equal(last_cursor(shop), 78);
}

static bool is_in(struct shop *shop)
{
    struct cf_till_user user;
    cf_till_user(shop->till, &user);
    return user.is;
}

static void pass(struct shop *shop, int64_t s)
{
    shop->wall_us += s * CF_US_PER_S;
    shop->mono_us += s * CF_US_PER_S;
}

static void a_login_lasts_over_a_restart_and_ends_with_the_boot_or_by_idling(void **state)
{
    struct shop *shop = with_users(state);
    assert_rc(shop_scan(shop, SOAP), CF_E_USER_NONE);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_scan(shop, SOAP));
    shop_restart(shop);
    assert_true(is_in(shop));
    assert_ok(shop_scan(shop, SOAP));
    pass(shop, 899);
    assert_ok(shop_scan(shop, SOAP)); /* any act counts */
    pass(shop, 899);
    assert_ok(shop_scan(shop, SOAP));
    pass(shop, 901);
    assert_rc(shop_scan(shop, SOAP), CF_E_USER_NONE);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    shop_reboot(shop);
    assert_false(is_in(shop));
    assert_ok(cf_till_login(shop->till, MARA, PIN, &shop->err)); /* the sale is still open: a fast switch */
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 4000, "", NULL));
    shop_verify(shop);
}

static void guesses_wait_and_neither_restart_nor_boot_forgives_them(void **state)
{
    struct shop *shop = with_users(state);
    for (int i = 0; i < 5; i++)
        assert_rc(cf_till_login(shop->till, ANNA, "999990", NULL), CF_E_USER_PIN);
    assert_rc(cf_till_login(shop->till, ANNA, PIN, NULL), CF_E_USER_LOCKED); /* not even looked at */
    assert_ok(cf_till_login(shop->till, MARA, PIN, &shop->err));             /* another's PIN is another's */
    pass(shop, 29);
    shop_restart(shop);
    assert_rc(cf_till_login(shop->till, ANNA, PIN, NULL), CF_E_USER_LOCKED);
    pass(shop, 1);
    assert_rc(cf_till_login(shop->till, ANNA, "999990", NULL), CF_E_USER_PIN); /* the sixth: 60 s */
    pass(shop, 59);
    shop_reboot(shop);
    shop->mono_us = 59 * CF_US_PER_S; /* of this boot; the wall clock is nobody's witness */
    shop->wall_us += 86400 * CF_US_PER_S;
    assert_rc(cf_till_login(shop->till, ANNA, PIN, NULL), CF_E_USER_LOCKED);
    shop->mono_us = 60 * CF_US_PER_S;
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_rc(cf_till_login(shop->till, ANNA, "999990", NULL), CF_E_USER_PIN); /* forgotten: the first again */
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    shop_verify(shop);
}

static void an_override_is_for_one_act_within_a_minute_and_as_far_as_its_giver_may(void **state)
{
    struct shop *shop = with_users(state);
    struct cf_till_sold sold;
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_scan(shop, TEA));
    assert_rc(cf_till_price(shop->till, 0, 2000, NULL), CF_E_PERMIT);
    assert_rc(cf_till_override(shop->till, ANNA, PIN, "myself", NULL), CF_E_PERMIT);
    assert_rc(cf_till_override(shop->till, MARA, PIN, "", NULL), CF_E_USER_REASON);
    assert_rc(cf_till_override(shop->till, MARA, PIN, "   ", NULL), CF_E_USER_REASON);
    assert_rc(cf_till_override(shop->till, MARA, "999990", "torn", NULL), CF_E_USER_PIN);
    assert_ok(cf_till_override(shop->till, MARA, PIN, "torn", &shop->err));
    pass(shop, 61);
    assert_rc(cf_till_price(shop->till, 0, 2000, NULL), CF_E_PERMIT);
    assert_ok(cf_till_override(shop->till, MARA, PIN, "torn", &shop->err));
    assert_ok(cf_till_price(shop->till, 0, 2000, &shop->err));
    assert_rc(cf_till_price(shop->till, 0, 1900, NULL), CF_E_PERMIT);
    shop_restart(shop); /* the step is kept */
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 2000, "", &sold));
    struct cf_sale *sale;
    assert_ok(cf_sale_new(&sale, &shop->err));
    assert_ok(cf_journal_sale(cf_till_journal(shop->till), sold.at.seq, sale, &shop->err));
    assert_int_equal(sale->people.user, 7);
    assert_string_equal(sale->cashier, "7");
    assert_int_equal(sale->people.n_overrides, 1);
    assert_int_equal(sale->people.overrides[0].by, 90);
    assert_int_equal(sale->people.overrides[0].size.percent_bp, 2000);
    cf_sale_free(sale);
    shop_verify(shop);
}

static void a_price_is_lowered_by_what_the_shelf_said_however_often(void **state)
{
    struct shop *shop = with_users(state);
    send_user(shop, 50, CF_ROLE_SUPERVISOR, false);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_ok(cf_till_login(shop->till, "50", PIN, &shop->err));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_price(shop->till, 0, 2000, &shop->err));        /* 20 % of 25.00 */
    assert_rc(cf_till_price(shop->till, 0, 1600, NULL), CF_E_PERMIT); /* 36 %, and not 20 % again */
    assert_ok(cf_till_price(shop->till, 0, 9000, &shop->err));        /* dearer, and back */
    assert_rc(cf_till_price(shop->till, 0, 1900, NULL), CF_E_PERMIT);
    shop_restart(shop);
    assert_rc(cf_till_price(shop->till, 0, 1900, NULL), CF_E_PERMIT);
    assert_ok(cf_till_price(shop->till, 0, 2000, &shop->err));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 2000, "", NULL));
    shop_verify(shop);
}

static enum cf_rc give(struct shop *shop, uint32_t line_no, uint32_t percent_bp, int64_t amount_minor)
{
    const struct cf_till_discount what = {
        .line_no = line_no, .percent_bp = percent_bp, .amount_minor = amount_minor, .reason = "dented"};
    return cf_till_discount(shop->till, &what, &shop->err);
}

static void small_discounts_by_hand_add_up_and_a_kill_keeps_them(void **state)
{
    struct shop *shop = with_users(state);
    struct cf_till_sold sold;
    assert_rc(give(shop, 0, 100, 0), CF_E_USER_NONE);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_rc(give(shop, 0, 100, 0), CF_E_SALE_NONE);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(give(shop, 3, 100, 0), CF_E_LINE_NONE);
    assert_rc(give(shop, 1, 600, 0), CF_E_PERMIT);
    assert_ok(give(shop, 1, 300, 0)); /* 0.75 off 25.00 */
    assert_int_equal(shop_due(shop), 3425);
    assert_rc(give(shop, 1, 300, 0), CF_E_PERMIT); /* 6 % together */
    assert_rc(give(shop, 0, 300, 0), CF_E_PERMIT); /* on top of the line's */
    assert_int_equal(shop_due(shop), 3425);
    shop_restart(shop);
    assert_int_equal(shop_due(shop), 3425);
    assert_rc(give(shop, 1, 300, 0), CF_E_PERMIT);
    assert_ok(cf_till_override(shop->till, MARA, PIN, "the box was open", &shop->err));
    assert_ok(give(shop, 0, 0, 425));
    assert_rc(give(shop, 0, 0, 9999), CF_E_DISCOUNT_ROOM);
    shop_restart(shop);
    assert_int_equal(shop_due(shop), 3000);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 3000, "", &sold));
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->n_by_hand, 2);
    assert_int_equal(sale->by_hand[0].asked.user, 7);
    assert_int_equal(sale->by_hand[0].asked.line_no, 1);
    assert_int_equal(sale->by_hand[1].amount_minor, 425);
    assert_int_equal(sale->people.n_overrides, 1);
    assert_int_equal(sale->people.overrides[0].act, CF_ACT_DISCOUNT);
    cf_sale_free(sale);
    shop_verify(shop);
}

/* A percentage of much is much: what was little when it was given is asked for again before it is paid. */
static void goods_scanned_after_a_discount_make_it_one_that_somebody_has_to_allow(void **state)
{
    struct shop *shop = with_users(state);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(give(shop, 0, 500, 0));
    assert_ok(cf_till_quantity(shop->till, 1, 100000, &shop->err)); /* 125.00 off 2500.00 */
    assert_rc(shop_pay(shop, CF_TENDER_CASH, 237500, "", NULL), CF_E_PERMIT);
    assert_ok(cf_till_override(shop->till, MARA, PIN, "a good customer", &shop->err));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 100000, "", NULL));
    assert_ok(cf_till_untender(shop->till, &shop->err));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 237500, "", NULL)); /* so much was allowed */
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_login(shop->till, MARA, PIN, &shop->err)); /* a fast switch */
    assert_ok(give(shop, 0, 5000, 0));
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1250, "", NULL)); /* the manager gave it */
    shop_verify(shop);
}

/* A card that lies at the till pays: with little of it the rest would be paid unasked. */
static void no_way_of_paying_goes_past_whoever_has_to_allow_a_discount(void **state)
{
    struct shop *shop = with_users(state);
    const struct cf_value_code value = {.kind = CF_GIFT_CARD, .account = ACCOUNTS_CARD, .exp_s = TEST_NOW_S + 86400};
    struct cf_down_entry entry = {.kind = CF_DOWN_GIFT_CARD};
    struct cf_code code;
    char card[CF_CODE_TEXT_MAX];
    assert_ok(cf_value_code_sign(&value, KID_ALL, test_key(ISSUER), &code, NULL));
    assert_ok(cf_code_text(&code, card, NULL));
    entry.home = (struct cf_home_value){.kind = CF_GIFT_CARD,
                                        .account = ACCOUNTS_CARD,
                                        .epoch = shop->epoch,
                                        .granted_minor = 3000,
                                        .keep_minor = 3000,
                                        .exp_s = TEST_NOW_S + 86400};
    shop_send(shop, CF_TOPIC_VALUE, &entry);
    const struct cf_till_value what = {.code = cf_bytes_str(card), .amount_minor = 100};
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(give(shop, 0, 500, 0));
    assert_ok(cf_till_quantity(shop->till, 1, 100000, &shop->err)); /* 125.00 off 2500.00 */
    assert_rc(cf_till_value(shop->till, &what, NULL, NULL, &shop->err), CF_E_PERMIT);
    assert_ok(cf_till_override(shop->till, MARA, PIN, "a good customer", &shop->err));
    assert_ok(cf_till_value(shop->till, &what, NULL, NULL, &shop->err));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 237400, "", NULL));
    shop_verify(shop);
}

static void a_discount_by_hand_is_taken_back_and_goes_with_the_goods(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    struct cf_till_returned back;
    struct cf_till_discount none = {.line_no = 0};
    struct cf_asked_line line = {.line_no = 2};
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(cf_till_discount(shop->till, &none, NULL), CF_E_NOT_FOUND);
    assert_ok(give(shop, 0, 1000, 0));
    assert_ok(cf_till_discount(shop->till, &none, &shop->err));
    assert_int_equal(shop_due(shop), 3500);
    assert_ok(give(shop, 0, 1000, 0));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 3150, "", &sold));
    char receipt[32];
    (void)snprintf(receipt, sizeof receipt, "%llu", (unsigned long long)sold.sale_no);
    const struct cf_till_return what = {.receipt = receipt, .n_lines = 1, .lines = &line};
    assert_ok(cf_till_return(shop->till, &what, &back, &shop->err));
    assert_int_equal(back.total_minor, 900); /* its own part of the discount is gone with it */
    shop_verify(shop);
}

static void taking_pieces_off_a_line_is_voiding_them(void **state)
{
    struct shop *shop = with_users(state);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_quantity(shop->till, 0, 10000, &shop->err));
    assert_rc(cf_till_void(shop->till, 0, NULL), CF_E_PERMIT);           /* 250.00 */
    assert_rc(cf_till_quantity(shop->till, 0, 1000, NULL), CF_E_PERMIT); /* 225.00 */
    assert_ok(cf_till_quantity(shop->till, 0, 2000, &shop->err));        /* 200.00 */
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 5000, "", NULL));
    shop_verify(shop);
}

static void pieces_taken_off_a_line_count_as_void_on_the_record(void **state)
{
    struct shop *shop = with_users(state);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_quantity(shop->till, 1, 5000, &shop->err));
    assert_ok(cf_till_quantity(shop->till, 1, 3000, &shop->err)); /* 20.00 */
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_void(shop->till, 2, &shop->err)); /* 25.00 */
    shop_restart(shop);
    assert_ok(cf_till_quantity(shop->till, 1, 2000, &shop->err)); /* 10.00 */
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->people.n_void_lines, 3);
    assert_int_equal(sale->people.void_lines_minor, 5500);
    cf_sale_free(sale);
    sold = shop_sell(shop, SOAP);
    sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->people.n_void_lines, 0);
    cf_sale_free(sale);
}

/* 500.00 a day, however small each is; a Z report begins a new day. */
static void small_voids_add_up_over_the_sales_of_a_day(void **state)
{
    struct shop *shop = with_users(state);
    struct cf_till_report report;
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    for (int k = 0; k < 3; k++) { /* 160.00 each */
        assert_ok(shop_scan(shop, SOAP));
        assert_ok(cf_till_quantity(shop->till, 1, 17000, &shop->err));
        assert_ok(cf_till_quantity(shop->till, 1, 1000, &shop->err));
        (void)shop_pay_all(shop);
    }
    shop_restart(shop);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_void(shop->till, 1, &shop->err)); /* 490.00 */
    assert_rc(cf_till_void(shop->till, 3, NULL), CF_E_PERMIT);
    assert_ok(cf_till_override(shop->till, MARA, PIN, "wrong tea", &shop->err));
    assert_ok(cf_till_void(shop->till, 3, &shop->err));
    assert_rc(cf_till_void(shop->till, 2, NULL), CF_E_PERMIT);
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_true(sale->people.n_overrides == 1 && sale->people.overrides[0].act == CF_ACT_VOIDS);
    assert_int_equal(sale->people.overrides[0].size.minor, 51500);
    cf_sale_free(sale);
    assert_ok(cf_till_login(shop->till, MARA, PIN, &shop->err));
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_void(shop->till, 1, &shop->err));
}

/* Else each sale that is put aside would begin anew. */
static void voids_of_sales_that_are_parked_add_up_too(void **state)
{
    static const char *const labels[] = {"a", "b", "c"};
    struct shop *shop = with_users(state);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    for (int k = 0; k < 3; k++) { /* 160.00 each */
        assert_ok(shop_scan(shop, SOAP));
        assert_ok(cf_till_quantity(shop->till, 1, 17000, &shop->err));
        assert_ok(cf_till_quantity(shop->till, 1, 1000, &shop->err));
        assert_ok(cf_till_park(shop->till, labels[k], &shop->err));
    }
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_scan(shop, TEA));
    assert_rc(cf_till_void(shop->till, 1, NULL), CF_E_PERMIT); /* 505.00 */
    assert_ok(cf_till_park(shop->till, "d", &shop->err));
    assert_ok(cf_till_login(shop->till, MARA, PIN, &shop->err));
    assert_ok(cf_till_recall(shop->till, "d", &shop->err));
    assert_ok(cf_till_void(shop->till, 1, &shop->err));
    assert_ok(cf_till_park(shop->till, "d", &shop->err));
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_void(shop->till, 1, &shop->err)); /* 490.00: what Mara voided is hers */
}

static const struct cf_day_user *row_of(const struct cf_till_report *report, const char *user)
{
    for (size_t i = 0; i < report->z.detail.n_users; i++)
        if (strcmp(report->z.detail.users[i].user, user) == 0)
            return &report->z.detail.users[i];
    return NULL;
}

/* Voided one by one, and what was left of it cancelled: nothing is sold, and all of it is seen. */
static void voids_of_a_cancelled_sale_count_for_their_user_and_towards_the_limit(void **state)
{
    struct shop *shop = with_users(state);
    struct cf_till_report report;
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    for (int k = 0; k < 2; k++) { /* 240.00 each: a line, and pieces of a line */
        assert_ok(shop_scan(shop, SOAP));
        assert_ok(cf_till_quantity(shop->till, 1, 16000, &shop->err));
        assert_ok(cf_till_quantity(shop->till, 1, 1000, &shop->err));
        assert_ok(shop_scan(shop, SOAP));
        assert_ok(cf_till_quantity(shop->till, 2, 9000, &shop->err));
        assert_ok(cf_till_void(shop->till, 2, &shop->err));
        assert_ok(cf_till_cancel(shop->till, &shop->err));
    }
    shop_restart(shop);
    assert_ok(shop_scan(shop, TEA));
    assert_rc(cf_till_void(shop->till, 1, NULL), CF_E_PERMIT); /* 505.00 */
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(cf_till_login(shop->till, MARA, PIN, &shop->err));
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    const struct cf_day_user *anna = row_of(&report, ANNA);
    assert_non_null(anna);
    assert_int_equal(anna->n_cancelled, 3);
    assert_int_equal(anna->cancelled_minor, 2 * 1000 + 2500); /* what was still on them */
    assert_int_equal(anna->n_void_lines, 4);
    assert_int_equal(anna->void_lines_minor, 48000);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_void(shop->till, 1, &shop->err)); /* another day */
    shop_verify(shop);
}

/* A manager needs nobody's leave, and X and Z say it nevertheless. */
static void changed_prices_are_counted_by_who_sold_at_them(void **state)
{
    struct shop *shop = with_users(state);
    struct cf_till_report report;
    assert_ok(cf_till_login(shop->till, MARA, PIN, &shop->err));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_quantity(shop->till, 0, 2000, &shop->err));
    assert_ok(cf_till_price(shop->till, 0, 100, &shop->err)); /* twice 24.00 off */
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_price(shop->till, 0, 1500, &shop->err)); /* dearer */
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_price(shop->till, 0, 900, &shop->err));
    assert_ok(cf_till_price(shop->till, 0, 1000, &shop->err)); /* and back */
    (void)shop_pay_all(shop);
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    const struct cf_day_user *mara = row_of(&report, MARA);
    assert_non_null(mara);
    assert_int_equal(mara->n_priced, 2);
    assert_int_equal(mara->priced_minor, 4800);
    assert_int_equal(mara->n_overridden, 0);
    shop_verify(shop);
}

/* 10.00 are in the drawer. */
static void a_drop_of_more_than_the_drawer_holds_needs_leave(void **state)
{
    struct shop *shop = with_users(state);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    (void)shop_sell(shop, SOAP);
    assert_rc(cf_till_drawer(shop->till, CF_DRAWER_DROP, 9999900, "", NULL, NULL), CF_E_PERMIT);
    assert_rc(cf_till_drawer(shop->till, CF_DRAWER_DROP, 1001, "", NULL, NULL), CF_E_PERMIT);
    assert_ok(cf_till_drawer(shop->till, CF_DRAWER_DROP, 400, "", NULL, &shop->err));
    assert_ok(cf_till_drawer(shop->till, CF_DRAWER_DROP, 600, "", NULL, &shop->err));
    assert_rc(cf_till_drawer(shop->till, CF_DRAWER_DROP, 1, "", NULL, NULL), CF_E_PERMIT);
    assert_ok(cf_till_override(shop->till, MARA, PIN, "the float was not noted", &shop->err));
    assert_ok(cf_till_drawer(shop->till, CF_DRAWER_DROP, 5000, "", NULL, &shop->err));
    shop_verify(shop);
}

/* As counterfoil report z does: the till is started for it. */
static void a_start_for_the_report_alone_leaves_all_acknowledged(void **state)
{
    struct shop *shop = *state;
    struct cf_till_report report;
    (void)shop_sell(shop, SOAP);
    shop_acknowledge(shop);
    shop_restart(shop);
    uint64_t start = shop_records(shop);
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    assert_true(report.heads_agree);
    assert_int_equal(report.recorded.seq, start - 1);
    assert_int_equal(report.z.last_seq, start);
    shop_acknowledge(shop);
    shop_restart(shop);
    (void)shop_sell(shop, SOAP);
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    assert_false(report.heads_agree);
    shop_verify(shop);
}

static void in_a_store_without_users_sales_and_cancelled_ones_are_of_one_name(void **state)
{
    struct shop *shop = *state;
    struct cf_till_report report;
    (void)shop_sell(shop, SOAP);
    assert_ok(shop_scan(shop, TEA));
    assert_ok(cf_till_cancel(shop->till, &shop->err));
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
    assert_int_equal(report.z.detail.n_users, 1);
    assert_int_equal(report.z.detail.users[0].n_sales, 1);
    assert_int_equal(report.z.detail.users[0].n_cancelled, 1);
}

/* One piece is cheaper by what a manager allowed; ten of them are not. */
static void more_pieces_at_a_lowered_price_need_leave_again(void **state)
{
    struct shop *shop = with_users(state);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_override(shop->till, MARA, PIN, "dented", &shop->err));
    assert_ok(cf_till_price(shop->till, 1, 900, &shop->err));
    assert_rc(cf_till_quantity(shop->till, 1, 10000, NULL), CF_E_PERMIT);
    assert_ok(cf_till_override(shop->till, MARA, PIN, "all of them", &shop->err));
    assert_ok(cf_till_quantity(shop->till, 1, 10000, &shop->err));
    assert_ok(cf_till_quantity(shop->till, 1, 8000, &shop->err));
    struct cf_till_sold sold = shop_pay_all(shop);
    struct cf_sale *sale = shop_sale_of(shop, sold.at.seq);
    assert_int_equal(sale->lines[0].shelf_minor, 1000);
    assert_int_equal(sale->people.n_overrides, 2);
    assert_int_equal(sale->people.overrides[1].size.minor, 1000);
    cf_sale_free(sale);
}

static void who_was_taken_away_is_out_between_two_sales(void **state)
{
    struct shop *shop = with_users(state);
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    send_user(shop, 7, CF_ROLE_CASHIER, true);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_false(is_in(shop));
    assert_rc(cf_till_login(shop->till, ANNA, PIN, NULL), CF_E_USER_UNKNOWN);
}

/* A shop that sells past midnight closes the day that it opened; what is sold then has the new date. */
static void a_z_after_midnight_closes_the_day_on_which_it_began(void **state)
{
    struct shop *shop = *state;
    struct cf_till_report report;
    struct cf_till_sold sold;
    struct cf_sale *sale;
    int32_t offset_min = cf_till_store(shop->till)->utc_offset_min;
    int64_t local_s = shop->wall_us / CF_US_PER_S + offset_min * 60;
    pass(shop, 86400 - local_s % 86400 - 600); /* ten minutes to midnight */
    uint32_t day = cf_wall_date((cf_wall){shop->wall_us}, offset_min);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1000, "", &sold));
    assert_ok(shop_scan(shop, TEA)); /* begun before midnight, paid after it */
    pass(shop, 1200);
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 2500, "", &sold));
    assert_ok(cf_sale_new(&sale, &shop->err));
    assert_ok(cf_journal_sale(cf_till_journal(shop->till), sold.at.seq, sale, &shop->err));
    assert_int_equal(sale->business_day, cf_wall_date((cf_wall){shop->wall_us}, offset_min));
    assert_true(sale->business_day > day);
    cf_sale_free(sale);
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    assert_int_equal(report.z.business_day, day);
    assert_int_equal(report.z.detail.hour[23].n_sales, 1);
    assert_int_equal(report.z.detail.hour[0].n_sales, 1);
    /* The new day has not been closed: it is, once. */
    assert_ok(cf_till_z_report(shop->till, &report, &shop->err));
    assert_rc(cf_till_z_report(shop->till, &report, NULL), CF_E_DAY_CLOSED);
    shop->wall_us -= 7200 * CF_US_PER_S; /* a clock that is put back opens no day again */
    assert_rc(cf_till_z_report(shop->till, &report, NULL), CF_E_DAY_CLOSED);
    shop_verify(shop);
}

static void a_count_tells_nothing_to_a_cashier_and_all_to_a_manager(void **state)
{
    struct shop *shop = with_users(state);
    struct cf_till_drawer drawer;
    struct cf_drawer_count count = {.n = 0};
    assert_ok(cf_till_login(shop->till, ANNA, PIN, &shop->err));
    assert_ok(cf_till_drawer(shop->till, CF_DRAWER_FLOAT, 20000, NULL, &drawer, &shop->err));
    assert_rc(cf_till_drawer(shop->till, CF_DRAWER_PAID_IN, 500, NULL, &drawer, NULL), CF_E_USER_REASON);
    assert_rc(cf_till_drawer(shop->till, CF_DRAWER_DROP, 0, NULL, &drawer, NULL), CF_E_RANGE);
    assert_ok(cf_drawer_count_add(&count, cf_till_store(shop->till)->currency, 10000, 2, &shop->err));
    assert_ok(cf_till_count(shop->till, &count, NULL, &drawer, &shop->err));
    assert_false(drawer.sees_expected);
    count.pieces[0].n = 1;
    assert_rc(cf_till_count(shop->till, &count, NULL, &drawer, NULL), CF_E_DRAWER_VARIANCE);
    assert_ok(cf_till_count(shop->till, &count, "a note is missing", &drawer, &shop->err));
    assert_ok(cf_till_login(shop->till, MARA, PIN, &shop->err));
    assert_ok(cf_till_count(shop->till, &count, "as before", &drawer, &shop->err));
    assert_true(drawer.sees_expected);
    assert_int_equal(drawer.event.expected_minor, 20000);
    assert_ok(shop_scan(shop, SOAP));
    assert_rc(cf_till_drawer(shop->till, CF_DRAWER_NO_SALE, 0, "coins", &drawer, NULL), CF_E_SALE_OPEN);
    shop_verify(shop);
}

static enum cf_rc count_notes(struct shop *shop, int64_t value_minor)
{
    struct cf_drawer_count count = {.n = 0};
    assert_ok(cf_drawer_count_add(&count, cf_till_store(shop->till)->currency, value_minor, 1, &shop->err));
    return cf_till_count(shop->till, &count, NULL, NULL, NULL);
}

static void a_count_may_be_off_by_what_the_till_else_the_store_says(void **state)
{
    struct shop *shop = *state;
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_RULES};
    cf_store_rules_default(&entry.store_rules);
    assert_rc(count_notes(shop, 2000), CF_E_DRAWER_VARIANCE); /* 10.00, as nobody says anything */
    entry.store_rules.variance_limit_minor = 2000;
    shop_send(shop, CF_TOPIC_RULES, &entry);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_ok(count_notes(shop, 2000));
    assert_rc(count_notes(shop, 5000), CF_E_DRAWER_VARIANCE);
    shop->variance_limit_minor = 500;
    shop_restart(shop);
    assert_rc(count_notes(shop, 1000), CF_E_DRAWER_VARIANCE);
    assert_ok(count_notes(shop, 500));
    shop_verify(shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_names_no_page_that_its_till_has_not_read, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_login_lasts_over_a_restart_and_ends_with_the_boot_or_by_idling, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(guesses_wait_and_neither_restart_nor_boot_forgives_them, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(an_override_is_for_one_act_within_a_minute_and_as_far_as_its_giver_may,
                                        shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_price_is_lowered_by_what_the_shelf_said_however_often, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(small_discounts_by_hand_add_up_and_a_kill_keeps_them, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(goods_scanned_after_a_discount_make_it_one_that_somebody_has_to_allow,
                                        shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(no_way_of_paying_goes_past_whoever_has_to_allow_a_discount, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(a_discount_by_hand_is_taken_back_and_goes_with_the_goods, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(taking_pieces_off_a_line_is_voiding_them, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(pieces_taken_off_a_line_count_as_void_on_the_record, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(more_pieces_at_a_lowered_price_need_leave_again, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(small_voids_add_up_over_the_sales_of_a_day, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(changed_prices_are_counted_by_who_sold_at_them, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_start_for_the_report_alone_leaves_all_acknowledged, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(a_drop_of_more_than_the_drawer_holds_needs_leave, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(in_a_store_without_users_sales_and_cancelled_ones_are_of_one_name, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(voids_of_sales_that_are_parked_add_up_too, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(voids_of_a_cancelled_sale_count_for_their_user_and_towards_the_limit,
                                        shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(who_was_taken_away_is_out_between_two_sales, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_z_after_midnight_closes_the_day_on_which_it_began, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_count_tells_nothing_to_a_cashier_and_all_to_a_manager, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(a_count_may_be_off_by_what_the_till_else_the_store_says, shop_setup,
                                        shop_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
