/*
 * tests/unit/terminal/fiscal_port_test.c - a double of a signing device: it signs, it is slow to answer, it is gone.
 */
#include <stdio.h>
#include <string.h>

#include "app/receipt/text_view.h"
#include "tests/unit/terminal/terminal_cmocka.h"
#include "tests/unit/terminal/till_support.h"

/* A device with counters of its own, that may be out of order at either call. */
struct tse {
    bool no_start, no_finish, garbage, clock_back;
    uint64_t transactions, signatures;
    struct cf_fiscal_facts seen;
    struct shop *shop;        /* NULL: nobody wants to know ... */
    uint64_t facts_at_finish; /* ... what stood in the journal when it was asked to finish */
};

static enum cf_rc tse_start(void *ctx, enum cf_fiscal_kind kind, uint64_t number, uint64_t *ret_transaction,
                            struct cf_error *err)
{
    struct tse *tse = ctx;
    (void)kind;
    (void)number;
    if (tse->no_start)
        return cf_fail(err, CF_E_FISCAL, "no answer");
    *ret_transaction = ++tse->transactions;
    return CF_OK;
}

static enum cf_rc tse_finish(void *ctx, uint64_t transaction, const struct cf_fiscal_facts *facts,
                             struct cf_fiscal_answer *ret, struct cf_error *err)
{
    struct tse *tse = ctx;
    if (tse->shop != NULL)
        tse->facts_at_finish = shop_facts(tse->shop);
    if (tse->no_finish)
        return cf_fail(err, CF_E_FISCAL, "transaction %llu was not finished", (unsigned long long)transaction);
    tse->seen = *facts;
    ret->counter = ++tse->signatures;
    ret->end_s = cf_wall_s(facts->at);
    ret->start_s = tse->clock_back ? ret->end_s + 1 : ret->end_s - 1;
    snprintf(ret->serial, sizeof ret->serial, "TSE-0042");
    snprintf(ret->signature, sizeof ret->signature, tse->garbage ? "\x1b[31m" : "c2lnbmF0dXJl%llu",
             (unsigned long long)tse->signatures);
    return CF_OK;
}

static const struct cf_fiscal_ops ops = {tse_start, tse_finish};

static void plug_in(struct shop *shop, struct tse *tse)
{
    shop->fiscal = (struct cf_fiscal_port){&ops, tse};
    shop_restart(shop);
}

static void read_receipt(struct shop *shop, uint64_t seq, char receipt[8192])
{
    struct cf_receipt *document;
    struct cf_buf text CF_CLEANUP(cf_buf_done);
    const char *plain;
    assert_ok(cf_till_receipt(shop->till, seq, &document, &shop->err));
    cf_buf_init(&text, CF_TEXT_VIEW_BYTES_MAX);
    assert_ok(cf_receipt_text(document, CF_TEXT_VIEW_COLUMNS, &text, &shop->err));
    assert_ok(cf_buf_cstr(&text, &plain, &shop->err));
    snprintf(receipt, 8192, "%s", plain);
    cf_receipt_free(document);
}

/* Soap at 10.00 and tea at 25.00, by card and in cash. */
static struct cf_till_sold sell_both(struct shop *shop)
{
    struct cf_till_sold sold;
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_scan(shop, TEA));
    assert_ok(shop_pay(shop, CF_TENDER_CARD, 1500, "C1", NULL));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 5000, "", &sold));
    assert_true(sold.committed);
    return sold;
}

static struct cf_sale *sell(struct shop *shop, struct tse *tse, char receipt[8192])
{
    struct cf_sale *sale;
    plug_in(shop, tse);
    struct cf_till_sold sold = sell_both(shop);
    assert_ok(cf_sale_new(&sale, &shop->err));
    assert_ok(cf_journal_sale(cf_till_journal(shop->till), sold.at.seq, sale, &shop->err));
    read_receipt(shop, sold.at.seq, receipt);
    return sale;
}

/* What the record at `seq` says of the device, whatever it is of. */
struct said {
    uint64_t seq;
    struct cf_fiscal_answer fiscal;
};

static enum cf_rc read_said(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                            const struct cf_sha256 *hash, struct cf_error *err)
{
    struct said *said = ctx;
    struct cf_open_return open;
    struct cf_drawer_event event;
    struct cf_return *back = NULL;
    enum cf_rc rc = CF_OK;
    (void)body_hash;
    (void)hash;
    if (record->seq != said->seq)
        return CF_OK;
    if (record->type == CF_RECORD_RETURN) {
        assert_ok(cf_return_new(&back, err));
        rc = cf_return_decode(record->body, back, err);
        said->fiscal = back->fiscal;
        cf_return_free(back);
    } else if (record->type == CF_RECORD_OPEN_RETURN) {
        rc = cf_open_return_decode(record->body, &open, err);
        said->fiscal = open.fiscal;
    } else if (record->type == CF_RECORD_PICK_UP) {
        struct cf_pick_up taken;
        rc = cf_pick_up_decode(record->body, &taken, err);
        said->fiscal = taken.fiscal;
    } else {
        assert_int_equal(record->type, CF_RECORD_DRAWER);
        rc = cf_drawer_event_decode(record->body, &event, err);
        said->fiscal = event.fiscal;
    }
    return rc;
}

static struct cf_fiscal_answer answer_at(struct shop *shop, uint64_t seq)
{
    struct said said = {.seq = seq};
    assert_ok(cf_journal_read(cf_till_journal(shop->till), seq, 1, read_said, &said, &shop->err));
    return said.fiscal;
}

static int64_t due_of(const struct cf_fiscal_facts *facts)
{
    int64_t due = 0;
    for (size_t i = 0; i < facts->n_rates; i++) {
        assert_true(facts->kind == CF_FISCAL_SALE ? facts->rates[i].due_minor > 0 : facts->rates[i].due_minor < 0);
        due += facts->rates[i].due_minor;
    }
    return due;
}

static void a_device_signs_what_was_sold_and_the_receipt_says_so(void **state)
{
    struct shop *shop = *state;
    struct tse tse = {.no_start = false};
    char receipt[8192];
    struct cf_sale *sale = sell(shop, &tse, receipt);
    assert_true(sale->fiscal.is);
    assert_string_equal(sale->fiscal.serial, "TSE-0042");
    assert_int_equal(sale->fiscal.transaction, 1);
    assert_int_equal(sale->fiscal.end_s, cf_wall_s(tse.seen.at));
    assert_int_equal(sale->fiscal.start_s, sale->fiscal.end_s - 1);
    assert_int_equal(tse.seen.total_minor, 3500);
    assert_int_equal(tse.seen.other_minor, 1500);
    assert_int_equal(tse.seen.cash_minor, 2000); /* change taken off */
    assert_int_equal(tse.seen.kind, CF_FISCAL_SALE);
    assert_int_equal(tse.seen.number, sale->sale_no);
    assert_int_equal(due_of(&tse.seen), 3500);
    assert_non_null(strstr(receipt, "c2lnbmF0dXJl1"));
    cf_sale_free(sale);
    tse.clock_back = true; /* it signs, and what its clock says is left out */
    sale = sell(shop, &tse, receipt);
    assert_int_equal(sale->fiscal.end_s, 0);
    assert_non_null(strstr(receipt, "c2lnbmF0dXJl2"));
    cf_sale_free(sale);
    shop_verify(shop);
}

static void an_outage_stops_no_sale_and_is_on_record(void **state)
{
    struct shop *shop = *state;
    static const struct {
        struct tse tse;
        uint64_t transaction;
        const char *why;
    } rows[] = {
        {{.no_start = true}, 0, "the device is gone"},
        {{.no_finish = true}, 1, "it went in between"},
        {{.garbage = true}, 1, "what it says is no text"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tse tse = rows[i].tse;
        char receipt[8192];
        struct cf_sale *sale = sell(shop, &tse, receipt);
        if (!sale->fiscal.is || sale->fiscal.signature[0] != '\0' || sale->fiscal.transaction != rows[i].transaction)
            fail_msg("%s", rows[i].why);
        assert_non_null(strstr(receipt, "Signing device out of order"));
        cf_sale_free(sale);
    }
    shop_verify(shop);
}

/* --- what comes back, and cash besides sales ------------------------------------------------------------------------
 */

/* What happens at a till besides sales, and what of it is to be signed. */
static uint64_t take_back(struct shop *shop, bool is_void)
{
    struct cf_till_sold sold = sell_both(shop);
    struct cf_till_returned back;
    char number[32];
    snprintf(number, sizeof number, "%llu", (unsigned long long)sold.sale_no);
    const struct cf_till_return what = {.receipt = number, .is_void = is_void};
    assert_ok(cf_till_return(shop->till, &what, &back, &shop->err));
    return back.at.seq;
}

static uint64_t do_return(struct shop *shop)
{
    return take_back(shop, false);
}

static uint64_t do_void(struct shop *shop)
{
    return take_back(shop, true);
}

static uint64_t do_open_return(struct shop *shop)
{
    const struct cf_till_open_goods goods = {SOAP, 3000};
    const struct cf_till_open_return what = {.n_goods = 1, .goods = &goods, .reason = "a gift"};
    struct cf_till_open_returned back;
    assert_ok(cf_till_open_return(shop->till, &what, &back, &shop->err));
    return back.at.seq;
}

static uint64_t move_cash(struct shop *shop, enum cf_drawer_kind kind)
{
    struct cf_till_drawer drawer;
    assert_ok(cf_till_drawer(shop->till, kind, 700, "why", &drawer, &shop->err));
    return drawer.at.seq;
}

static uint64_t do_float(struct shop *shop)
{
    return move_cash(shop, CF_DRAWER_FLOAT);
}

static uint64_t do_paid_in(struct shop *shop)
{
    return move_cash(shop, CF_DRAWER_PAID_IN);
}

static uint64_t do_paid_out(struct shop *shop)
{
    return move_cash(shop, CF_DRAWER_PAID_OUT);
}

static uint64_t do_drop(struct shop *shop)
{
    return move_cash(shop, CF_DRAWER_DROP);
}

static const struct {
    uint64_t (*act)(struct shop *shop);
    enum cf_fiscal_kind kind;
    enum cf_drawer_kind drawer;
    int64_t cash_minor, other_minor, due_minor;
    const char *why;
} acts[] = {
    {do_return, CF_FISCAL_RETURN, 0, -2000, -1500, -3500, "a return goes back to whoever paid"},
    {do_void, CF_FISCAL_VOID, 0, -2000, -1500, -3500, "a void is told from a return"},
    {do_open_return, CF_FISCAL_OPEN_RETURN, 0, -3000, 0, -3000, "without a receipt it is cash alone"},
    {do_float, CF_FISCAL_DRAWER, CF_DRAWER_FLOAT, 700, 0, 0, "a float comes in"},
    {do_paid_in, CF_FISCAL_DRAWER, CF_DRAWER_PAID_IN, 700, 0, 0, "so does what is paid in"},
    {do_paid_out, CF_FISCAL_DRAWER, CF_DRAWER_PAID_OUT, -700, 0, 0, "what is paid out leaves"},
    {do_drop, CF_FISCAL_DRAWER, CF_DRAWER_DROP, -700, 0, 0, "so does a drop"},
};
#define ACTS (sizeof acts / sizeof acts[0])

static void what_the_till_gives_is_signed_below_zero(void **state)
{
    struct shop *shop = *state;
    struct tse tse = {.shop = NULL};
    plug_in(shop, &tse);
    for (size_t i = 0; i < ACTS; i++) {
        char receipt[8192], signature[40];
        uint64_t seq = acts[i].act(shop);
        const struct cf_fiscal_answer said = answer_at(shop, seq);
        const struct cf_fiscal_facts *seen = &tse.seen;
        if (seen->kind != acts[i].kind || seen->drawer != acts[i].drawer || seen->cash_minor != acts[i].cash_minor ||
            seen->other_minor != acts[i].other_minor || due_of(seen) != acts[i].due_minor ||
            seen->total_minor != acts[i].cash_minor + acts[i].other_minor)
            fail_msg("%s: %lld in cash", acts[i].why, (long long)seen->cash_minor);
        assert_true((seen->number != 0) == (acts[i].kind != CF_FISCAL_DRAWER));
        assert_true((seen->tax_minor < 0) == (acts[i].kind != CF_FISCAL_DRAWER) && seen->tax_minor <= 0);
        assert_true(said.is);
        assert_int_equal(said.transaction, tse.transactions);
        assert_int_equal(said.counter, tse.signatures);
        snprintf(signature, sizeof signature, "c2lnbmF0dXJl%llu", (unsigned long long)tse.signatures);
        assert_string_equal(said.signature, signature);
        read_receipt(shop, seq, receipt);
        assert_non_null(strstr(receipt, signature));
        assert_non_null(strstr(receipt, "TSE-0042"));
    }
    shop_restart(shop);
    shop_verify(shop);
}

static void a_part_tells_only_of_what_comes_back_now(void **state)
{
    struct shop *shop = *state;
    struct tse tse = {.shop = NULL};
    struct cf_till_returned back;
    char number[32];
    plug_in(shop, &tse);
    struct cf_till_sold sold = sell_both(shop);
    snprintf(number, sizeof number, "%llu", (unsigned long long)sold.sale_no);
    const struct cf_asked_line soap = {.line_no = 1, .qty_milli = 1000};
    const struct cf_till_return part = {.receipt = number, .n_lines = 1, .lines = &soap}, rest = {.receipt = number};
    assert_ok(cf_till_return(shop->till, &part, &back, &shop->err));
    assert_int_equal(tse.seen.n_rates, 1);
    assert_int_equal(due_of(&tse.seen), -1000);
    assert_int_equal(tse.seen.other_minor, -1000);
    assert_int_equal(tse.seen.number, back.return_no);
    assert_ok(cf_till_return(shop->till, &rest, &back, &shop->err));
    assert_int_equal(tse.seen.n_rates, 1); /* the soap's line is on record, and nothing of it now */
    assert_int_equal(due_of(&tse.seen), -2500);
    assert_int_equal(tse.seen.other_minor, -500);
    assert_int_equal(tse.seen.cash_minor, -2000);
}

static void an_outage_stops_nothing_else_either(void **state)
{
    struct shop *shop = *state;
    for (size_t i = 0; i < ACTS; i++)
        for (int how = 0; how < 3; how++) {
            struct tse tse = {.no_start = how == 0, .no_finish = how == 1, .garbage = how == 2};
            char receipt[8192];
            plug_in(shop, &tse);
            uint64_t seq = acts[i].act(shop);
            const struct cf_fiscal_answer said = answer_at(shop, seq);
            if (!said.is || said.signature[0] != '\0' || said.serial[0] != '\0' || said.counter != 0 ||
                said.transaction != tse.transactions)
                fail_msg("%s: outage %d", acts[i].why, how);
            read_receipt(shop, seq, receipt);
            assert_non_null(strstr(receipt, "Signing device out of order"));
        }
    shop->fiscal = (struct cf_fiscal_port){NULL, NULL};
    shop_restart(shop);
    shop_verify(shop);
}

/* So a crash in between leaves the device a transaction of which no record tells. */
static void nothing_stands_in_the_journal_before_the_device_has_finished(void **state)
{
    struct shop *shop = *state;
    struct tse tse = {.shop = shop};
    plug_in(shop, &tse);
    for (size_t i = 0; i < ACTS; i++) {
        (void)acts[i].act(shop);
        assert_int_equal(tse.facts_at_finish + 1, shop_facts(shop));
    }
}

static void what_moves_no_cash_or_is_refused_is_not_told(void **state)
{
    struct shop *shop = *state;
    struct tse tse = {.shop = NULL};
    struct cf_till_drawer drawer;
    const struct cf_drawer_count count = {.n = 0};
    const struct cf_till_return unknown = {.receipt = "77"};
    const struct cf_till_open_goods goods = {SOAP, 3000};
    const struct cf_till_open_return mute = {.n_goods = 1, .goods = &goods, .reason = ""};
    plug_in(shop, &tse);
    assert_ok(cf_till_drawer(shop->till, CF_DRAWER_NO_SALE, 0, "coins", &drawer, &shop->err));
    assert_false(answer_at(shop, drawer.at.seq).is);
    assert_ok(cf_till_count(shop->till, &count, "empty", &drawer, &shop->err));
    assert_false(answer_at(shop, drawer.at.seq).is);
    assert_int_not_equal(cf_till_drawer(shop->till, CF_DRAWER_DROP, INT64_MAX, "all", &drawer, NULL), CF_OK);
    assert_int_not_equal(cf_till_return(shop->till, &unknown, NULL, NULL), CF_OK);
    assert_rc(cf_till_open_return(shop->till, &mute, NULL, &shop->err), CF_E_USER_REASON);
    assert_int_equal(tse.transactions, 0);
}

static void without_a_device_the_record_has_not_a_byte_more(void **state)
{
    struct shop *shop = *state;
    struct cf_till_sold sold;
    struct cf_sale *sale;
    for (size_t i = 0; i < ACTS; i++)
        assert_false(answer_at(shop, acts[i].act(shop)).is);
    assert_ok(shop_scan(shop, SOAP));
    assert_ok(shop_pay(shop, CF_TENDER_CASH, 1000, "", &sold));
    assert_ok(cf_sale_new(&sale, &shop->err));
    assert_ok(cf_journal_sale(cf_till_journal(shop->till), sold.at.seq, sale, &shop->err));
    assert_false(sale->fiscal.is);
    cf_sale_free(sale);
}

/* An order that was paid online: no money and no tax of this till, under the order's number. */
static void goods_that_were_paid_online_are_signed_when_they_are_handed_out(void **state)
{
    struct shop *shop = *state;
    struct tse tse = {.no_start = false};
    struct cf_order order = {.kind = CF_ORDER_PICK_UP,
                             .number = 7,
                             .generation = 1,
                             .store = SHOP_STORE,
                             .home = SHOP_TILL,
                             .home_epoch = shop->epoch,
                             .ready_s = TEST_NOW_S - TEST_DAY_S,
                             .expires_s = TEST_NOW_S + TEST_DAY_S,
                             .total_minor = 7000,
                             .n_lines = 1};
    struct cf_down_entry entry = {.kind = CF_DOWN_ORDER};
    struct cf_till_handed_out out;
    struct cf_code code;
    struct cf_buf bytes CF_CLEANUP(cf_buf_done);
    char text[CF_CODE_TEXT_MAX], receipt[8192];
    order.lines[0] = (struct cf_order_line){
        .product = 1, .name = "Cream", .qty_milli = 2000, .unit_price_minor = 3500, .amount_minor = 7000};
    cf_buf_init(&bytes, CF_ORDER_BYTES_MAX);
    shop_pulled(shop);
    for (int gone = 0; gone < 2; gone++) {
        const struct cf_order_code fields = {7 + (uint32_t)gone, SHOP_STORE, 1, TEST_NOW_S + TEST_DAY_S};
        order.number = fields.order;
        cf_buf_clear(&bytes);
        assert_ok(cf_order_encode(&order, &bytes, NULL));
        entry.order = cf_buf_bytes(&bytes);
        shop_send(shop, CF_TOPIC_ORDERS, &entry);
        assert_ok(cf_order_code_sign(&fields, KID_ALL, test_key(ISSUER), &code, NULL));
        assert_ok(cf_code_text(&code, text, NULL));
        tse.no_finish = gone != 0; /* and then it stops nothing */
        plug_in(shop, &tse);
        assert_ok(shop_scan(shop, text));
        assert_ok(cf_till_hand_out(shop->till, NULL, 0, &out, &shop->err));
        const struct cf_fiscal_answer said = answer_at(shop, out.at.seq);
        assert_true(said.is);
        assert_int_equal(said.signature[0] == '\0', gone);
        assert_int_equal(said.transaction, tse.transactions);
        read_receipt(shop, out.at.seq, receipt);
        assert_non_null(strstr(receipt, gone ? "out of order" : "TSE-0042"));
    }
    assert_int_equal(tse.seen.kind, CF_FISCAL_PICK_UP);
    assert_int_equal(tse.seen.number, 7);
    assert_int_equal(tse.seen.total_minor + tse.seen.cash_minor + tse.seen.other_minor + tse.seen.tax_minor, 0);
    assert_int_equal(tse.seen.n_rates, 0);
    shop_verify(shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_device_signs_what_was_sold_and_the_receipt_says_so, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(an_outage_stops_no_sale_and_is_on_record, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(what_the_till_gives_is_signed_below_zero, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(a_part_tells_only_of_what_comes_back_now, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(an_outage_stops_nothing_else_either, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(nothing_stands_in_the_journal_before_the_device_has_finished, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(what_moves_no_cash_or_is_refused_is_not_told, shop_setup, shop_teardown),
        cmocka_unit_test_setup_teardown(goods_that_were_paid_online_are_signed_when_they_are_handed_out, shop_setup,
                                        shop_teardown),
        cmocka_unit_test_setup_teardown(without_a_device_the_record_has_not_a_byte_more, shop_setup, shop_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
