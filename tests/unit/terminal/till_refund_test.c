/*
 * tests/unit/terminal/till_refund_test.c - what a card or phone had paid goes back where it came from: every answer, no
 * answer, restarts, a manager's word; the till's journal against the bank's books.
 */
#include <stdio.h>
#include <string.h>

#include "app/receipt/text_view.h"
#include "tests/unit/terminal/bank_support.h"
#include "tests/unit/terminal/till_support.h"

static struct bank *bank;

static int refund_setup(void **state)
{
    int rc = shop_setup(state);
    struct shop *shop = *state;
    bank = bank_new();
    shop->card = shop->mobile = bank_port(bank);
    shop_restart(shop);
    return rc;
}

static int refund_teardown(void **state)
{
    bank_free(bank);
    return shop_teardown(state);
}

/* Three soaps: 10.00 by one card, 10.00 in cash, 10.00 by another card. */
static const char *sell(struct shop *shop)
{
    static char no[64];
    struct cf_till_pay card = {.kind = CF_TENDER_CARD, .amount_minor = 1000};
    struct cf_till_sold sold;
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(cf_till_quantity(shop->till, 0, 3000, &shop->err));
    assert_ok(cf_till_pay(shop->till, &card, NULL, &shop->err));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1000, "", NULL));
    assert_ok(cf_till_pay(shop->till, &card, &sold, &shop->err));
    assert_true(sold.committed);
    (void)snprintf(no, sizeof no, "%u-%u-%06llu", SHOP_TILL, shop->epoch, (unsigned long long)sold.at.seq);
    return no;
}

static struct cf_till_returned take_back(struct shop *shop, const char *receipt, int64_t qty_milli, bool by_hand)
{
    const struct cf_asked_line line = {1, qty_milli};
    const struct cf_till_return what = {
        .receipt = receipt, .n_lines = qty_milli != 0, .lines = &line, .by_hand = by_hand};
    struct cf_till_returned back;
    assert_ok(cf_till_return(shop->till, &what, &back, &shop->err));
    return back;
}

struct books {
    int64_t sold_minor, refunded_minor; /* by card */
    int64_t elsewhere_minor;
    unsigned records;
    struct cf_payment_record last;
};

static enum cf_rc read_books(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                             const struct cf_sha256 *hash, struct cf_error *err)
{
    struct books *books = ctx;
    (void)body_hash;
    (void)hash;
    if (record->type == CF_RECORD_SALE) {
        struct cf_sale *sale = NULL;
        assert_ok(cf_sale_new(&sale, err));
        assert_ok(cf_sale_decode(record->body, sale, err));
        for (size_t i = 0; i < sale->tenders.n; i++)
            if (sale->tenders.tender[i].kind != CF_TENDER_CASH)
                books->sold_minor += sale->tenders.tender[i].amount_minor;
        cf_sale_free(sale);
    } else if (record->type == CF_RECORD_PAYMENT) {
        assert_ok(cf_payment_record_decode(record->body, &books->last, err));
        books->records++;
        if (books->last.state == CF_PAYMENT_REFUNDED)
            books->refunded_minor += books->last.amount_minor;
        if (books->last.state == CF_PAYMENT_ELSEWHERE)
            books->elsewhere_minor += books->last.amount_minor;
    }
    return CF_OK;
}

static struct books books_of(struct shop *shop)
{
    struct books books = {.records = 0};
    assert_ok(cf_journal_read(cf_till_journal(shop->till), 1, 100000, read_books, &books, &shop->err));
    return books;
}

static void check_books(struct shop *shop)
{
    struct books books = books_of(shop);
    assert_int_equal(bank_holds(bank), books.sold_minor - books.refunded_minor);
}

static void what_cards_paid_goes_back_to_them_on_record(void **state)
{
    struct shop *shop = *state;
    const char *receipt = sell(shop);
    struct cf_till_returned back = take_back(shop, receipt, 0, false);
    assert_int_equal(back.refund.rc, CF_OK);
    assert_int_equal(back.n_tenders, 3);
    assert_true(back.tenders[0].has_id && back.tenders[1].has_id && !back.tenders[2].has_id);
    assert_int_equal(bank_holds(bank), 0);
    assert_int_equal(bank->refunded, 2);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    struct books books = books_of(shop);
    assert_int_equal(books.records, 2);
    assert_int_equal(books.last.state, CF_PAYMENT_REFUNDED);
    assert_int_equal(books.last.return_seq, back.at.seq);
    assert_int_equal(books.last.tender_no, 3);
    assert_memory_equal(books.last.id, back.tenders[1].id, CF_TENDER_ID_BYTES);
    check_books(shop);
    (void)shop_sell(shop, TEA); /* and the till goes on */
    shop_restart(shop);
    assert_int_equal(bank->refunded, 2);
    shop_verify(shop);
}

static void parts_go_back_as_the_goods_do(void **state)
{
    struct shop *shop = *state;
    const char *receipt = sell(shop);
    for (int i = 0; i < 3; i++) {
        struct cf_till_returned back = take_back(shop, receipt, 1000, false);
        assert_int_equal(back.refund.rc, CF_OK);
        check_books(shop);
    }
    assert_int_equal(bank_holds(bank), 0);
    assert_int_equal(books_of(shop).records, 2); /* the third was cash */
}

static void everything_stands_still(struct shop *shop, enum cf_payment_state expected)
{
    struct cf_till_report report;
    struct cf_till_view view = shop_view(shop);
    const struct cf_till_return again = {.receipt = "1"};
    assert_int_equal(view.state, CF_CHECKOUT_PAYING);
    assert_true(view.has_payment);
    assert_int_equal(view.payment.state, expected);
    assert_rc(shop_scan(shop, SOAP), CF_E_PAYMENT_OPEN);
    assert_rc(cf_till_cancel(shop->till, NULL), CF_E_PAYMENT_OPEN);
    assert_rc(cf_till_untender(shop->till, NULL), CF_E_PAYMENT_OPEN);
    assert_rc(cf_till_park(shop->till, "x", NULL), CF_E_PAYMENT_OPEN);
    assert_rc(cf_till_return(shop->till, &again, NULL, NULL), CF_E_SALE_OPEN);
    assert_rc(cf_till_z_report(shop->till, &report, NULL), CF_E_SALE_OPEN);
    assert_ok(cf_till_x_report(shop->till, &report, &shop->err));
}

static void a_refund_without_an_answer_is_asked_about(void **state)
{
    static const struct {
        enum bank_does refunds;
        bool given;
    } rows[] = {{BANK_NEVER_HEARS, false}, {BANK_IS_NOT_HEARD, true}, {BANK_NO_IS_NOT_HEARD, false}};
    struct shop *shop = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int restart = 0; restart < 2; restart++) {
            const char *receipt = sell(shop);
            bank->refunds = rows[i].refunds;
            bank->answers = BANK_NEVER_HEARS;
            struct cf_till_returned back = take_back(shop, receipt, 1000, false);
            assert_int_equal(back.refund.rc, CF_E_PAYMENT_UNKNOWN);
            everything_stands_still(shop, CF_PAYMENT_REFUND_UNKNOWN);
            assert_rc(cf_till_payment_query(shop->till, NULL, NULL), CF_E_PAYMENT_UNKNOWN);
            shop_restart(shop);
            everything_stands_still(shop, CF_PAYMENT_REFUND_UNKNOWN);
            bank->refunds = bank->answers = BANK_AGREES;
            if (restart)
                shop_reboot(shop);
            else
                assert_rc(cf_till_payment_query(shop->till, NULL, NULL), rows[i].given ? CF_OK : CF_E_PAYMENT_KEPT);
            if (!rows[i].given) {
                everything_stands_still(shop, CF_PAYMENT_OWED); /* surely not given: it is owed */
                assert_rc(cf_till_payment_query(shop->till, NULL, NULL), CF_E_PAYMENT_KEPT);
                assert_ok(cf_till_payment_retry(shop->till, NULL, NULL, &shop->err));
            }
            assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
            check_books(shop);
        }
    shop_verify(shop);
}

static void a_retry_gives_it_back_once(void **state)
{
    struct shop *shop = *state;
    const char *receipt = sell(shop);
    bank->refunds = BANK_IS_NOT_HEARD;
    bank->answers = BANK_NEVER_HEARS;
    (void)take_back(shop, receipt, 0, false);
    assert_rc(cf_till_payment_retry(shop->till, NULL, NULL, NULL), CF_E_PAYMENT_UNKNOWN);
    bank->refunds = BANK_AGREES;
    assert_ok(cf_till_payment_retry(shop->till, NULL, NULL, &shop->err)); /* and then the other card */
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    assert_int_equal(bank_holds(bank), 0);
    assert_int_equal(bank->n, 4); /* two payments and two refunds, each under one id */
    check_books(shop);
}

static void what_is_refused_is_owed_and_may_be_asked_for_again(void **state)
{
    struct shop *shop = *state;
    const char *receipt = sell(shop);
    bank->refunds = BANK_REFUSES;
    struct cf_till_returned back = take_back(shop, receipt, 0, false);
    assert_int_equal(back.refund.rc, CF_E_PAYMENT_KEPT);
    everything_stands_still(shop, CF_PAYMENT_OWED);
    assert_rc(cf_till_payment_retry(shop->till, NULL, NULL, NULL), CF_E_PAYMENT_KEPT);
    shop_restart(shop);
    everything_stands_still(shop, CF_PAYMENT_OWED);
    bank->refunds = BANK_AGREES;
    assert_ok(cf_till_payment_retry(shop->till, NULL, NULL, &shop->err));
    assert_int_equal(bank_holds(bank), 0);
    check_books(shop);
    shop_verify(shop);
}

static void a_manager_settles_it_elsewhere(void **state)
{
    struct shop *shop = *state;
    const char *receipt = sell(shop);
    bank->refunds = BANK_REFUSES;
    (void)take_back(shop, receipt, 1000, false);
    struct cf_till_decision what = {
        .event = CF_PAYMENT_SETTLE_ELSEWHERE, .by = "Wang", .reason = "paid out in cash, slip 17"};
    assert_ok(cf_till_payment_decide(shop->till, &what, NULL, &shop->err));
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    struct books books = books_of(shop);
    assert_int_equal(books.elsewhere_minor, 1000);
    assert_string_equal(books.last.by, "Wang");
    assert_int_equal(books.last.tender_no, 1);
    shop_restart(shop);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    shop_verify(shop);
}

static void send_user(struct shop *shop, uint32_t number, enum cf_role role)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_USER};
    entry.user = (struct cf_user){.store = SHOP_STORE, .user = number, .name = "Somebody", .role = role};
    entry.user.pin.memory_kib = CF_PIN_MEMORY_KIB_MIN;
    entry.user.pin.passes = 1;
    assert_int_equal(CF_OK, cf_pin_hash(cf_bytes_str("271828"), &entry.user.pin, NULL));
    shop_send(shop, CF_TOPIC_USERS, &entry);
}

/* Whatever name is typed, it is that of a user who may. */
static void who_decides_is_a_user_who_may(void **state)
{
    struct shop *shop = *state;
    struct cf_till_decision what = {
        .event = CF_PAYMENT_SETTLE_ELSEWHERE, .by = "Wang", .reason = "paid out in cash, slip 17"};
    send_user(shop, 7, CF_ROLE_CASHIER);
    send_user(shop, 90, CF_ROLE_MANAGER);
    assert_ok(cf_till_rest(shop->till, &shop->err));
    assert_ok(cf_till_login(shop->till, "7", "271828", &shop->err));
    for (int alone = 0; alone < 2; alone++) {
        const char *receipt = sell(shop);
        bank->refunds = BANK_REFUSES;
        (void)take_back(shop, receipt, 1000, false);
        assert_rc(cf_till_payment_decide(shop->till, &what, NULL, &shop->err), CF_E_PERMIT);
        if (alone)
            assert_ok(cf_till_login(shop->till, "90", "271828", &shop->err));
        else
            assert_ok(cf_till_override(shop->till, "90", "271828", "the bank says no", &shop->err));
        assert_ok(cf_till_payment_decide(shop->till, &what, NULL, &shop->err));
        assert_string_equal(books_of(shop).last.by, "90");
        assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    }
    shop_verify(shop);
}

static void nothing_comes_back_while_nobody_could_refund_it(void **state)
{
    struct shop *shop = *state;
    const char *receipt = sell(shop);
    uint64_t facts = shop_facts(shop);
    const struct cf_till_return what = {.receipt = receipt};
    bank->pays = BANK_IS_AWAY;
    assert_rc(cf_till_return(shop->till, &what, NULL, &shop->err), CF_E_PAYMENT_LINK);
    assert_int_equal(shop_facts(shop), facts);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
    struct cf_till_returned back = take_back(shop, receipt, 0, true); /* by hand, at the terminal */
    assert_int_equal(back.refund.rc, CF_OK);
    assert_false(back.tenders[0].has_id || back.tenders[1].has_id);
    assert_int_equal(bank->refunded, 0);
    assert_int_equal(shop_view(shop).state, CF_CHECKOUT_IDLE);
}

/* The receipt tells the cashier where to give back what. */
static void the_receipt_says_who_gives_it_back(void **state)
{
    struct shop *shop = *state;
    for (int by_hand = 0; by_hand < 2; by_hand++) {
        struct cf_receipt *receipt = NULL;
        struct cf_buf text CF_CLEANUP(cf_buf_done);
        cf_buf_init(&text, 65536);
        struct cf_till_returned back = take_back(shop, sell(shop), 1000, by_hand);
        assert_ok(cf_till_receipt(shop->till, back.at.seq, &receipt, &shop->err));
        assert_ok(cf_receipt_text(receipt, 48, &text, &shop->err));
        cf_receipt_free(receipt);
        assert_ok(cf_buf_append(&text, "", 1, &shop->err));
        bool says = strstr((const char *)text.p, "by hand") != NULL;
        assert_int_equal(says, by_hand);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_cards_paid_goes_back_to_them_on_record, refund_setup, refund_teardown),
        cmocka_unit_test_setup_teardown(parts_go_back_as_the_goods_do, refund_setup, refund_teardown),
        cmocka_unit_test_setup_teardown(a_refund_without_an_answer_is_asked_about, refund_setup, refund_teardown),
        cmocka_unit_test_setup_teardown(a_retry_gives_it_back_once, refund_setup, refund_teardown),
        cmocka_unit_test_setup_teardown(what_is_refused_is_owed_and_may_be_asked_for_again, refund_setup,
                                        refund_teardown),
        cmocka_unit_test_setup_teardown(a_manager_settles_it_elsewhere, refund_setup, refund_teardown),
        cmocka_unit_test_setup_teardown(who_decides_is_a_user_who_may, refund_setup, refund_teardown),
        cmocka_unit_test_setup_teardown(nothing_comes_back_while_nobody_could_refund_it, refund_setup, refund_teardown),
        cmocka_unit_test_setup_teardown(the_receipt_says_who_gives_it_back, refund_setup, refund_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
