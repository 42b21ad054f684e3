/*
 * tests/unit/central/value_test.c - accounts at the centre: what tills ask and record, in every order and twice; what
 * was spent and was not there is one conflict; the figures add up after each step.
 */
#include "tests/unit/central/centre.h"

#include "app/core/open_return.h"
#include "sync/wire/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TWO_LINES INT64_C(2000)
#define KEY_HEX "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"

struct card {
    uint32_t account;
    struct cf_code code;
};

static struct card issue(struct centre *centre, int64_t amount_minor)
{
    static unsigned n;
    char body[160];
    struct card card = {.account = 0};
    (void)snprintf(body, sizeof body, "{\"amount_minor\": %lld, \"currency\": \"CNY\", \"request_id\": \"r%u\"}",
                   (long long)amount_minor, ++n);
    json_t *json = centre_expect(centre, "POST", "/v1/gift-cards", body, 201);
    card.account = (uint32_t)json_int(json, "account");
    assert_int_equal(cf_code_decode_text(cf_bytes_str(json_text(json, "code")), &card.code, NULL), CF_OK);
    json_decref(json);
    return card;
}

static void figures_are(struct centre *centre, uint32_t account, int64_t balance, int64_t homed, int64_t held,
                        int64_t spent, int64_t over)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/gift-cards/%u", (unsigned)account);
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    assert_int_equal(json_int(json, "balance_minor"), balance);
    assert_int_equal(json_int(json, "homed_minor"), homed);
    assert_int_equal(json_int(json, "held_minor"), held);
    assert_int_equal(json_int(json, "spent_minor"), spent);
    assert_int_equal(json_int(json, "over_minor"), over);
    assert_int_equal(json_int(json, "issued_minor") + over, balance + homed + held + spent);
    json_decref(json);
    assert_int_equal(centre_count(centre, "/v1/reports/invariants", "broken"), 0);
}

static void home(struct centre *centre, const struct till *till, uint32_t account, int64_t amount_minor)
{
    static unsigned n;
    char path[64], body[160];
    (void)snprintf(path, sizeof path, "/v1/gift-cards/%u/home", (unsigned)account);
    (void)snprintf(body, sizeof body, "{\"terminal\": %u, \"amount_minor\": %lld, \"request_id\": \"h%u\"}",
                   (unsigned)till->terminal, (long long)amount_minor, ++n);
    json_decref(centre_expect(centre, "POST", path, body, 200));
}

/* --- what a till does --------------------------------------------------------------------------------------------- */

static struct cf_value_reply ask(struct centre *centre, const struct till *till, const struct card *card, uint8_t key,
                                 enum cf_value_op op, int64_t amount_minor, bool up_to)
{
    struct cf_value_ask what = {.terminal = till->terminal,
                                .epoch = till->epoch,
                                .op = op,
                                .kind = CF_TENDER_GIFT_CARD,
                                .card = cf_bytes_of(card->code.cose, card->code.cose_n),
                                .currency = {"CNY"},
                                .amount_minor = amount_minor,
                                .up_to = up_to};
    struct cf_value_reply reply = {.rc = CF_E_INTERNAL};
    struct cf_buf buf CF_CLEANUP(cf_buf_done);
    cf_buf_init(&buf, CF_VALUE_ASK_BYTES_MAX);
    memset(what.key, key, sizeof what.key);
    assert_int_equal(cf_value_ask_encode(&what, &buf, NULL), CF_OK);
    if (centre_terminal_call(centre, till, "POST", CF_PATH_VALUE, cf_buf_bytes(&buf)) == 200)
        assert_int_equal(cf_value_reply_decode(cf_buf_bytes(&centre->response.body), &reply, NULL), CF_OK);
    return reply;
}

static void takes(struct centre *centre, const struct till *till, const struct card *card, uint8_t key,
                  int64_t amount_minor, enum cf_rc rc)
{
    struct cf_value_reply reply = ask(centre, till, card, key, CF_VALUE_TAKE, amount_minor, false);
    assert_string_equal(cf_rc_name(reply.rc), cf_rc_name(rc));
    if (rc == CF_OK)
        assert_int_equal(reply.amount_minor, amount_minor);
}

static struct cf_tender by_centre(const struct card *card, uint8_t key, int64_t amount_minor)
{
    struct cf_tender tender = {.kind = CF_TENDER_GIFT_CARD, .amount_minor = amount_minor};
    tender.value.source = CF_VALUE_CENTRE;
    tender.value.account = card->account;
    memset(tender.value.key, key, sizeof tender.value.key);
    return tender;
}

static struct cf_tender from_home(const struct card *card, int64_t amount_minor)
{
    struct cf_tender tender = {.kind = CF_TENDER_GIFT_CARD, .amount_minor = amount_minor};
    tender.value.source = CF_VALUE_HOME;
    tender.value.account = card->account;
    return tender;
}

/* A sale of two pieces, 20.00, by these tenders and cash. Its record's number. */
static uint64_t add_sale(struct centre *centre, struct till *till, struct upload *upload, const struct cf_tender *first,
                         size_t n)
{
    const struct sold sold = {.n_lines = 2};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_SALE_BYTES_MAX);
    till_sale(centre, till, &sold, &body);
    assert_int_equal(cf_sale_decode(cf_buf_bytes(&body), centre->sale, NULL), CF_OK);
    cf_tenders_init(&centre->sale->tenders, centre->sale->total_minor);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(cf_tenders_add(&centre->sale->tenders, &first[i], NULL), CF_OK);
    struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = cf_tenders_due(&centre->sale->tenders)};
    if (cash.amount_minor > 0)
        assert_int_equal(cf_tenders_add(&centre->sale->tenders, &cash, NULL), CF_OK);
    centre->sale->change_minor = 0;
    cf_buf_clear(&body);
    assert_int_equal(cf_sale_encode(centre->sale, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_SALE, cf_buf_bytes(&body));
    return till->seq;
}

static void add_void(struct centre *centre, struct till *till, struct upload *upload, uint8_t key)
{
    struct cf_void_request request = {.index = CF_TENDER_GIFT_CARD};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, 64);
    memset(request.request_key, key, sizeof request.request_key);
    assert_int_equal(cf_void_request_encode(&request, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_VOID_REQUEST, cf_buf_bytes(&body));
}

static void add_release(struct centre *centre, struct till *till, struct upload *upload, uint32_t account,
                        int64_t amount_minor)
{
    const struct cf_value_release release = {account, amount_minor};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, 64);
    assert_int_equal(cf_value_release_encode(&release, &body, NULL), CF_OK);
    upload_add(centre, till, upload, CF_RECORD_VALUE, cf_buf_bytes(&body));
}

static void send(struct centre *centre, struct till *till, struct upload *upload)
{
    struct cf_answer answer;
    struct cf_refusal refusal;
    assert_int_equal(upload_send(centre, till, upload, &answer, &refusal), 200);
    upload_free(upload);
}

static void sells(struct centre *centre, struct till *till, const struct cf_tender *first, size_t n)
{
    struct upload *upload = upload_new(till);
    (void)add_sale(centre, till, upload, first, n);
    send(centre, till, upload);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void a_key_takes_once_and_its_sale_settles_it(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    struct card card = issue(centre, 5000);
    takes(centre, &till, &card, 1, 2000, CF_OK);
    takes(centre, &till, &card, 1, 2000, CF_OK); /* the same key again */
    figures_are(centre, card.account, 3000, 0, 2000, 0, 0);
    takes(centre, &till, &card, 2, 3001, CF_E_VALUE_SHORT);
    takes(centre, &till, &card, 2, 1000, CF_E_VALUE_SHORT); /* a copy of what was refused */
    struct cf_value_reply reply = ask(centre, &till, &card, 3, CF_VALUE_TAKE, 9000, true);
    assert_int_equal(reply.amount_minor, 3000);
    takes(centre, &till, &card, 4, 1, CF_E_VALUE_EMPTY);
    const struct cf_tender tender = by_centre(&card, 1, 2000);
    sells(centre, &till, &tender, 1);
    figures_are(centre, card.account, 0, 0, 3000, 2000, 0);
    assert_int_equal(ask(centre, &till, &card, 3, CF_VALUE_RELEASE, 0, false).rc, CF_OK);
    figures_are(centre, card.account, 3000, 0, 0, 2000, 0);
    takes(centre, &till, &card, 3, 3000, CF_E_VALUE_REQUEST); /* undone is undone */
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
    till_done(&till);
}

static void a_record_undoes_a_key_before_and_after_its_ask(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    struct card card = issue(centre, 5000);
    takes(centre, &till, &card, 1, 2000, CF_OK);
    struct upload *upload = upload_new(&other);
    add_void(centre, &other, upload, 1); /* not its own */
    send(centre, &other, upload);
    figures_are(centre, card.account, 3000, 0, 2000, 0, 0);
    upload = upload_new(&till);
    add_void(centre, &till, upload, 1);
    add_void(centre, &till, upload, 1);
    add_void(centre, &till, upload, 2); /* the ask is still on its way */
    send(centre, &till, upload);
    figures_are(centre, card.account, 5000, 0, 0, 0, 0);
    takes(centre, &till, &card, 2, 2000, CF_E_VALUE_REQUEST);
    figures_are(centre, card.account, 5000, 0, 0, 0, 0);
    till_done(&till);
    till_done(&other);
}

static void what_an_epoch_of_before_held_comes_back_to_nobody(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    struct card card = issue(centre, 5000);
    takes(centre, &till, &card, 1, 2000, CF_OK);
    home(centre, &till, card.account, 1000);
    till_enrol_again(centre, &till);
    assert_int_equal(ask(centre, &till, &card, 1, CF_VALUE_RELEASE, 0, false).rc, CF_OK);
    figures_are(centre, card.account, 2000, 1000, 2000, 0, 0);
    json_t *json = centre_expect(centre, "GET", "/v1/reports/value", NULL, 200);
    assert_int_equal(json_int(json_array_get(json_object_get(json, "accounts"), 0), "stranded_minor"), 1000);
    json_decref(json);
    till_done(&till);
}

static void what_lies_at_a_till_is_spent_and_given_up_by_its_records_alone(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    struct card card = issue(centre, 5000);
    home(centre, &till, card.account, 3000);
    figures_are(centre, card.account, 2000, 3000, 0, 0, 0);
    struct cf_down_entry entries[4];
    assert_int_equal(centre_pulled(centre, &other, CF_TOPIC_VALUE, entries, 4), 0);
    assert_int_equal(centre_pulled(centre, &till, CF_TOPIC_VALUE, entries, 4), 1);
    assert_int_equal(entries[0].home.granted_minor, 3000);
    const struct cf_tender tender = from_home(&card, 1500);
    struct upload *upload = upload_new(&till);
    (void)add_sale(centre, &till, upload, &tender, 1);
    add_release(centre, &till, upload, card.account, 1500);
    add_release(centre, &till, upload, card.account, 1); /* more than there is: without effect, and told */
    send(centre, &till, upload);
    figures_are(centre, card.account, 3500, 0, 0, 1500, 0);
    upload = upload_new(&other);
    add_release(centre, &other, upload, card.account, 100); /* of what it does not hold */
    send(centre, &other, upload);
    figures_are(centre, card.account, 3500, 0, 0, 1500, 0);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
    till_done(&till);
    till_done(&other);
}

static void what_was_not_there_is_a_fact_with_one_conflict(void **state)
{
    struct centre *centre = *state;
    struct till till, clone;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &clone, centre->store_id);
    struct card card = issue(centre, 2000);
    home(centre, &till, card.account, 1000);
    const struct cf_tender here = from_home(&card, 1000), twice = from_home(&card, 1500),
                           keyed = by_centre(&card, 9, 400);
    sells(centre, &till, &here, 1);
    figures_are(centre, card.account, 1000, 0, 0, 1000, 0);
    sells(centre, &clone, &twice, 1); /* a copy of its disk, enrolled elsewhere: 10.00 are there, 5.00 are not */
    figures_are(centre, card.account, 0, 0, 0, 2500, 500);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 1);
    sells(centre, &clone, &keyed, 1); /* by a key that nobody gave */
    figures_are(centre, card.account, 0, 0, 0, 2900, 900);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 2);
    json_t *json = centre_expect(centre, "GET", "/v1/conflicts", NULL, 200);
    const json_t *first = json_array_get(json_object_get(json, "conflicts"), 0);
    assert_string_equal(json_text(first, "kind"), "value");
    assert_int_equal(json_int(first, "index"), card.account);
    json_decref(json);
    till_done(&till);
    till_done(&clone);
}

static uint32_t topped_account;

static void tops_up(struct cf_sale *sale)
{
    struct cf_sale_line *line = &sale->lines[0];
    *line = (struct cf_sale_line){.product = CF_PRODUCT_GIFT_CARD,
                                  .qty_milli = 1000,
                                  .unit_price_minor = 1000,
                                  .delivery = true,
                                  .floor_minor = 1000,
                                  .extra = {.origin = CF_PRICE_ENTERED, .account = topped_account}};
    sale->tax_minor = 0;
}

static void add_card_back(struct centre *centre, struct till *till, struct upload *upload, const struct card *card,
                          int64_t home_minor, int64_t held_minor, uint8_t key)
{
    struct cf_open_return back = {.return_no = ++till->sale_no,
                                  .business_day = 20260107,
                                  .reason = "unwanted",
                                  .currency = {"CNY"},
                                  .tax_mode = CF_TAX_INCLUSIVE,
                                  .cash = {1, CF_CASH_NEAREST},
                                  .n_lines = 1,
                                  .lines = {{CF_PRODUCT_GIFT_CARD, 1000, home_minor + held_minor, 0, 0}},
                                  .has_card = true,
                                  .card = {CF_GIFT_CARD, card->account, home_minor, held_minor, {0}}};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, 4096);
    const struct cf_tender by = by_centre(card, key, 1);
    memcpy(back.card.key, by.value.key, sizeof back.card.key);
    assert_int_equal(cf_open_return_add_up(&back, NULL), CF_OK);
    struct cf_error why = {.detail = ""};
    if (cf_open_return_encode(&back, &body, &why) != CF_OK) {
        fail_msg("%s", why.detail);
    }
    upload_add(centre, till, upload, CF_RECORD_OPEN_RETURN, cf_buf_bytes(&body));
}

static void what_is_put_on_a_card_lies_at_the_till_and_is_given_back_of_it_once(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    struct card card = issue(centre, 5000);
    topped_account = card.account;
    const struct sold sold = {.n_lines = 1, .forge = tops_up};
    till_sells(centre, &till, &sold);
    figures_are(centre, card.account, 5000, 1000, 0, 0, 0);
    struct upload *upload = upload_new(&other);
    add_release(centre, &other, upload, card.account, 1000); /* it lies elsewhere */
    send(centre, &other, upload);
    figures_are(centre, card.account, 5000, 1000, 0, 0, 0);
    takes(centre, &till, &card, 1, 5000, CF_OK);
    upload = upload_new(&till);
    add_card_back(centre, &till, upload, &card, 1000, 5000, 1);
    send(centre, &till, upload);
    figures_are(centre, card.account, 0, 0, 0, 6000, 0);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 0);
    upload = upload_new(&till);
    add_card_back(centre, &till, upload, &card, 0, 700, 1); /* again, by the same word of the centre: it is overdrawn */
    send(centre, &till, upload);
    figures_are(centre, card.account, 0, 0, 0, 6700, 700);
    assert_int_equal(centre_count(centre, "/v1/conflicts", "conflicts"), 1);
    int64_t before = (int64_t)centre_count(centre, "/v1/alarms", "alarms");
    topped_account = 4000000000; /* of which nobody told */
    till_sells(centre, &till, &sold);
    assert_int_equal((int64_t)centre_count(centre, "/v1/alarms", "alarms"), before + 1);
    till_done(&till);
    till_done(&other);
}

static void a_return_refunds_its_account_and_never_more_than_that_gave(void **state)
{
    struct centre *centre = *state;
    struct till till;
    till_enrol(centre, &till, centre->store_id);
    struct card card = issue(centre, 5000);
    takes(centre, &till, &card, 1, 1500, CF_OK);
    const struct cf_tender tender = by_centre(&card, 1, 1500);
    struct upload *upload = upload_new(&till);
    uint64_t seq = add_sale(centre, &till, upload, &tender, 1);
    struct cf_return *back;
    assert_int_equal(cf_return_new(&back, NULL), CF_OK);
    for (int twice = 0; twice < 2; twice++) { /* the second takes the same goods back again */
        const int64_t before[2] = {0, 0}, qty[2] = {centre->sale->lines[0].qty_milli, centre->sale->lines[1].qty_milli};
        const struct cf_return_goods goods = {.before_milli = before, .qty_milli = qty};
        struct cf_buf body CF_CLEANUP(cf_buf_done);
        cf_buf_init(&body, CF_RETURN_BYTES_MAX);
        assert_int_equal(cf_return_make(centre->sale, &goods, back, NULL), CF_OK);
        back->return_no = ++till.sale_no;
        back->business_day = centre->sale->business_day;
        (void)snprintf(back->cashier, sizeof back->cashier, "Li");
        back->of = (struct cf_sale_ref){till.terminal, till.epoch, seq, centre->sale->sale_no};
        assert_int_equal(cf_return_encode(back, &body, NULL), CF_OK);
        upload_add(centre, &till, upload, CF_RECORD_RETURN, cf_buf_bytes(&body));
    }
    send(centre, &till, upload);
    figures_are(centre, card.account, 5000, 0, 0, 0, 0);
    cf_return_free(back);
    till_done(&till);
}

static void a_blocked_or_foreign_card_pays_nothing(void **state)
{
    struct centre *centre = *state;
    struct till till;
    char path[64];
    till_enrol(centre, &till, centre->store_id);
    struct card card = issue(centre, 5000), forged = card;
    (void)snprintf(path, sizeof path, "/v1/gift-cards/%u/block", (unsigned)card.account);
    json_decref(centre_expect(centre, "POST", path, "{\"blocked\": true}", 200));
    takes(centre, &till, &card, 1, 100, CF_E_VALUE_BLOCKED);
    json_decref(centre_expect(centre, "POST", path, "{\"blocked\": false}", 200));
    forged.code.cose[forged.code.cose_n - 1] ^= 1;
    takes(centre, &till, &forged, 2, 100, CF_E_CODE_SIGNATURE);
    centre->now.us += INT64_C(366) * 86400 * CF_US_PER_S;
    takes(centre, &till, &card, 3, 100, CF_E_VALUE_EXPIRED);
    till_done(&till);
}

static void a_till_asks_in_the_currency_of_its_store(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_code code;
    struct cf_value_reply reply = {.rc = CF_E_INTERNAL};
    struct cf_buf buf CF_CLEANUP(cf_buf_done);
    till_enrol(centre, &till, centre->store_id);
    json_t *json = centre_expect(centre, "POST", "/v1/gift-cards",
                                 "{\"amount_minor\": 500, \"currency\": \"JPY\", \"request_id\": \"yen\"}", 201);
    assert_int_equal(cf_code_decode_text(cf_bytes_str(json_text(json, "code")), &code, NULL), CF_OK);
    struct cf_value_ask what = {.terminal = till.terminal,
                                .epoch = till.epoch,
                                .op = CF_VALUE_TAKE,
                                .key = {1},
                                .kind = CF_TENDER_GIFT_CARD,
                                .card = cf_bytes_of(code.cose, code.cose_n),
                                .currency = {"JPY"},
                                .amount_minor = 500};
    cf_buf_init(&buf, CF_VALUE_ASK_BYTES_MAX);
    assert_int_equal(cf_value_ask_encode(&what, &buf, NULL), CF_OK);
    assert_int_equal(centre_terminal_call(centre, &till, "POST", CF_PATH_VALUE, cf_buf_bytes(&buf)), 200);
    assert_int_equal(cf_value_reply_decode(cf_buf_bytes(&centre->response.body), &reply, NULL), CF_OK);
    assert_int_equal(reply.rc, CF_E_CURRENCY);
    figures_are(centre, (uint32_t)json_int(json, "account"), 500, 0, 0, 0, 0);
    json_decref(json);
    till_done(&till);
}

/* A till with its key says what it likes. The numbers that it makes up are nobody's card afterwards. */
static void a_number_that_a_till_made_up_is_given_to_nobody(void **state)
{
    struct centre *centre = *state;
    struct till liar;
    till_enrol(centre, &liar, centre->store_id);
    const struct card next = {.account = 1}, after = {.account = 2};
    const struct cf_tender lies[] = {from_home(&next, 1000), from_home(&after, 500)};
    sells(centre, &liar, lies, 2);
    struct card card = issue(centre, 5000);
    assert_int_equal(card.account, 3);
    figures_are(centre, card.account, 5000, 0, 0, 0, 0);
    figures_are(centre, next.account, 0, 0, 0, 1000, 1000);
    till_done(&liar);
}

/* Returns of a record that another till has not sent yet, of amounts that no sum holds. */
static void a_return_that_lies_holds_up_nobody(void **state)
{
    struct centre *centre = *state;
    struct till till, liar;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &liar, centre->store_id);
    struct card card = issue(centre, 5000);
    takes(centre, &till, &card, 1, 1500, CF_OK);
    const struct cf_tender tender = by_centre(&card, 1, 1500);
    struct upload *upload = upload_new(&till), *lies = upload_new(&liar);
    uint64_t seq = add_sale(centre, &till, upload, &tender, 1);
    struct cf_return *back;
    assert_int_equal(cf_return_new(&back, NULL), CF_OK);
    for (int n = 1; n <= 2; n++) {
        const int64_t before[2] = {0, 0}, qty[2] = {centre->sale->lines[0].qty_milli, 0};
        const struct cf_return_goods goods = {.before_milli = before, .qty_milli = qty};
        struct cf_buf body CF_CLEANUP(cf_buf_done);
        cf_buf_init(&body, CF_RETURN_BYTES_MAX);
        assert_int_equal(cf_return_make(centre->sale, &goods, back, NULL), CF_OK);
        back->return_no = (uint64_t)n;
        back->business_day = centre->sale->business_day;
        (void)snprintf(back->cashier, sizeof back->cashier, "Li");
        back->of = (struct cf_sale_ref){till.terminal, till.epoch, seq, centre->sale->sale_no};
        assert_int_equal(back->n_tenders, 1);
        back->lines[0].gross_minor = back->gross_minor = back->total_minor = INT64_MAX;
        back->lines[0].discount_minor = back->discount_minor = 0;
        back->lines[0].tax_minor = back->tax_minor = 0;
        back->tenders[0].amount_minor = INT64_MAX;
        assert_int_equal(cf_return_encode(back, &body, NULL), CF_OK);
        upload_add(centre, &liar, lies, CF_RECORD_RETURN, cf_buf_bytes(&body));
    }
    send(centre, &liar, lies);
    send(centre, &till, upload);
    figures_are(centre, card.account, 5000, 0, 0, 0, 0); /* what it gave, and no more */
    cf_return_free(back);
    till_done(&till);
    till_done(&liar);
}

static void points_that_nobody_held_do_not_come_back_as_points(void **state)
{
    struct centre *centre = *state;
    struct till liar;
    char path[60];
    till_enrol(centre, &liar, centre->store_id);
    json_t *json =
        centre_expect(centre, "POST", "/v1/members", "{\"name\":\"Lin Mei\",\"device_key\":\"" KEY_HEX "\"}", 201);
    (void)snprintf(path, sizeof path, "/v1/members/%s", json_text(json, "member"));
    struct cf_sale *sale = centre->sale;
    struct upload *upload = upload_new(&liar);
    const struct sold sold = {.n_lines = 1};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_SALE_BYTES_MAX);
    till_sale(centre, &liar, &sold, &body);
    assert_int_equal(cf_sale_decode(cf_buf_bytes(&body), sale, NULL), CF_OK);
    sale->has_member = sale->member_live = true;
    assert_int_equal(cf_hex_decode(json_text(json, "member"), sale->member.b, CF_SUB_BYTES, NULL), CF_OK);
    json_decref(json);
    cf_tenders_init(&sale->tenders, sale->total_minor);
    struct cf_tender points = {.kind = CF_TENDER_POINTS, .amount_minor = sale->total_minor};
    points.value = (struct cf_tender_value){.source = CF_VALUE_CENTRE, .points = INT64_MAX, .key = {9}};
    assert_int_equal(cf_tenders_add(&sale->tenders, &points, NULL), CF_OK);
    sale->change_minor = 0;
    cf_buf_clear(&body);
    assert_int_equal(cf_sale_encode(sale, &body, NULL), CF_OK);
    upload_add(centre, &liar, upload, CF_RECORD_SALE, cf_buf_bytes(&body));
    const int64_t before[1] = {0}, qty[1] = {sale->lines[0].qty_milli};
    const struct cf_return_goods goods = {.before_milli = before, .qty_milli = qty};
    struct cf_return *back;
    struct cf_buf returned CF_CLEANUP(cf_buf_done);
    cf_buf_init(&returned, CF_RETURN_BYTES_MAX);
    assert_int_equal(cf_return_new(&back, NULL), CF_OK);
    assert_int_equal(cf_return_make(sale, &goods, back, NULL), CF_OK);
    back->return_no = 1;
    back->business_day = sale->business_day;
    (void)snprintf(back->cashier, sizeof back->cashier, "Li");
    back->of = (struct cf_sale_ref){liar.terminal, liar.epoch, liar.seq, sale->sale_no};
    assert_int_equal(cf_return_encode(back, &returned, NULL), CF_OK);
    upload_add(centre, &liar, upload, CF_RECORD_RETURN, cf_buf_bytes(&returned));
    send(centre, &liar, upload);
    json = centre_expect(centre, "GET", path, NULL, 200);
    assert_true(json_int(json, "points") <= 0);
    json_decref(json);
    cf_return_free(back);
    till_done(&liar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_takes_once_and_its_sale_settles_it, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(a_record_undoes_a_key_before_and_after_its_ask, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(what_an_epoch_of_before_held_comes_back_to_nobody, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(what_lies_at_a_till_is_spent_and_given_up_by_its_records_alone, centre_start,
                                        centre_stop),
        cmocka_unit_test_setup_teardown(what_is_put_on_a_card_lies_at_the_till_and_is_given_back_of_it_once,
                                        centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(what_was_not_there_is_a_fact_with_one_conflict, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(a_return_refunds_its_account_and_never_more_than_that_gave, centre_start,
                                        centre_stop),
        cmocka_unit_test_setup_teardown(a_blocked_or_foreign_card_pays_nothing, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(a_till_asks_in_the_currency_of_its_store, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(a_number_that_a_till_made_up_is_given_to_nobody, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(a_return_that_lies_holds_up_nobody, centre_start, centre_stop),
        cmocka_unit_test_setup_teardown(points_that_nobody_held_do_not_come_back_as_points, centre_start, centre_stop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
