/*
 * tests/unit/core/sale_return_test.c - what a return gives back: by hand, by chance, as bytes, and judged again.
 */
#include "app/core/sale_return.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

#define LINES 24
#define OFFERS 6

static struct cf_sale *sale;
static struct cf_priced *priced;
static struct cf_return *first, *second;
static int64_t before[CF_CART_LINES_MAX], qty[CF_CART_LINES_MAX];
static enum cf_on_return fates[CF_SALE_COUPONS_MAX];
static struct cf_return_goods goods = {.before_milli = before, .qty_milli = qty, .on_return = fates};
static const enum cf_tax_mode modes[] = {CF_TAX_INCLUSIVE, CF_TAX_EXCLUSIVE};

static int make_room(void **state)
{
    (void)state;
    return cf_sale_new(&sale, NULL) == CF_OK && cf_priced_new(&priced, NULL) == CF_OK &&
                   cf_return_new(&first, NULL) == CF_OK && cf_return_new(&second, NULL) == CF_OK
               ? 0
               : -1;
}

static int free_room(void **state)
{
    (void)state;
    cf_sale_free(sale);
    cf_priced_free(priced);
    cf_return_free(first);
    cf_return_free(second);
    return 0;
}

static int nothing_back(void **state)
{
    (void)state;
    memset(before, 0, sizeof before);
    memset(qty, 0, sizeof qty);
    memset(fates, 0, sizeof fates);
    goods.cash.step_minor = 0;
    goods.exchange_up_to = 0;
    goods.as_credit = false;
    return 0;
}

static void sell(const struct cf_cart_line *lines, size_t n, const struct cf_offer *offers, size_t n_offers,
                 enum cf_tax_mode mode)
{
    struct cf_cart *cart = core_cart(lines, n);
    core_price(cart, offers, n_offers, mode, priced);
    core_sale(cart, offers, priced, mode, sale);
    cf_cart_free(cart);
}

static void join(int64_t points)
{
    sale->has_member = true;
    memset(sale->member.b, 0x5C, CF_SUB_BYTES);
    sale->points = points;
}

/* What a till adds to what cf_return_make works out. */
static void name_it(struct cf_return *r)
{
    r->return_no = 4712;
    r->business_day = sale->business_day;
    (void)snprintf(r->cashier, sizeof r->cashier, "bob");
    r->of = (struct cf_sale_ref){1001, 2, 42, sale->sale_no};
}

static void take_back(struct cf_return *r)
{
    struct cf_error err = {0};
    if (cf_return_make(sale, &goods, r, &err) != CF_OK)
        fail_msg("cf_return_make: %s", err.detail);
    name_it(r);
}

static void take_all_back(struct cf_return *r)
{
    for (size_t i = 0; i < sale->n_lines; i++)
        qty[i] = sale->lines[i].qty_milli - before[i];
    take_back(r);
}

/* --- by hand -------------------------------------------------------------------------------------------------------
 */

static void one_piece_of_three_is_refunded_by_its_share(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 3000, 333, 0);
    struct cf_promotion p = core_promotion(7, CF_REWARD_ORDER_AMOUNT, 100);
    struct cf_offer offer = {&p, false, 0, false};
    static const int64_t refunds[] = {300, 299, 300}; /* of 899 */
    sell(&line, 1, &offer, 1, CF_TAX_INCLUSIVE);
    for (size_t i = 0; i < 3; i++) {
        before[0] = (int64_t)i * 1000;
        qty[0] = 1000;
        take_back(first);
        assert_int_equal(refunds[i], first->total_minor);
        assert_int_equal(first->lines[0].gross_minor - first->lines[0].discount_minor, first->total_minor);
        assert_int_equal(before[0], first->lines[0].before_milli);
    }
}

static void all_of_a_sale_comes_back_to_the_cent(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(1, 345, 2990, 900), core_line(2, 2000, 1999, 1300),
                                   core_line(3, 1000, 10, 1300)};
    struct cf_promotion p = core_promotion(7, CF_REWARD_ORDER_PERCENT, 1234);
    struct cf_offer offer = {&p, true, 0, false};
    p.needs_coupon = true;
    for (size_t m = 0; m < 2; m++) {
        sell(lines, 3, &offer, 1, modes[m]);
        join(43);
        take_all_back(first);
        assert_int_equal(sale->gross_minor, first->gross_minor);
        assert_int_equal(sale->discount_minor, first->discount_minor);
        assert_int_equal(sale->tax_minor, first->tax_minor);
        assert_int_equal(sale->total_minor, first->total_minor);
        assert_int_equal(43, first->points);
        assert_int_equal(1, first->n_rights);
        assert_int_equal(7, first->rights[0].campaign);
        assert_int_equal(sale->discount_minor, first->rights[0].cost_minor);
        assert_int_equal(CF_OK, cf_return_rejudge(sale, first, NULL));
        memset(before, 0, sizeof before);
    }
}

static void money_goes_to_the_card_first_and_change_was_never_the_shops(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 10000, 100, 0);
    sell(&line, 1, NULL, 0, CF_TAX_INCLUSIVE); /* 500 by card, then 577 in cash less 77 change */
    assert_int_equal(77, sale->change_minor);
    qty[0] = 4000;
    take_back(first);
    assert_int_equal(1, first->n_tenders);
    assert_int_equal(CF_TENDER_CARD, first->tenders[0].kind);
    assert_int_equal(400, first->tenders[0].amount_minor);
    before[0] = 4000;
    qty[0] = 6000;
    take_back(first);
    assert_int_equal(2, first->n_tenders);
    assert_int_equal(100, first->tenders[0].amount_minor);
    assert_int_equal(CF_TENDER_CASH, first->tenders[1].kind);
    assert_int_equal(500, first->tenders[1].amount_minor);
}

static void cash_is_refunded_last_and_change_comes_off_the_last_cash(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 10000, 100, 0);
    static const struct cf_tender tenders[] = {{.kind = CF_TENDER_CASH, .amount_minor = 300, .reference = ""},
                                               {.kind = CF_TENDER_MOBILE, .amount_minor = 100, .reference = "m1"},
                                               {.kind = CF_TENDER_CARD, .amount_minor = 350, .reference = "c1"},
                                               {.kind = CF_TENDER_CASH, .amount_minor = 300, .reference = ""}};
    static const struct cf_return_tender expected[] = {{.tender_no = 2, .kind = CF_TENDER_MOBILE, .amount_minor = 100},
                                                       {.tender_no = 3, .kind = CF_TENDER_CARD, .amount_minor = 350},
                                                       {.tender_no = 1, .kind = CF_TENDER_CASH, .amount_minor = 300},
                                                       {.tender_no = 4, .kind = CF_TENDER_CASH, .amount_minor = 250}};
    sell(&line, 1, NULL, 0, CF_TAX_INCLUSIVE);
    cf_tenders_init(&sale->tenders, 1000);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &tenders[i], NULL));
    sale->change_minor = 50;
    assert_int_equal(CF_OK, cf_sale_check(sale, NULL));
    take_all_back(first);
    assert_int_equal(4, first->n_tenders);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(expected[i].tender_no, first->tenders[i].tender_no);
        assert_int_equal(expected[i].kind, first->tenders[i].kind);
        assert_int_equal(expected[i].amount_minor, first->tenders[i].amount_minor);
    }
}

/* By a step and a way of rounding: what each part gives back of 39.99 that a card paid 5.00 of, and cash the rest. */
static void parts_in_cash_are_coins_and_come_to_what_was_paid(void **state)
{
    (void)state;
    static const struct cf_cash_rule rules[] = {{5, CF_CASH_NEAREST},    {10, CF_CASH_DOWN},     {10, CF_CASH_UP},
                                                {50, CF_CASH_NEAREST},   {100, CF_CASH_NEAREST}, {1000, CF_CASH_UP},
                                                {10000, CF_CASH_NEAREST}};
    unsigned noticed = 0;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        for (int rounded = 0; rounded < 2; rounded++) {
            struct cf_cart_line line = core_line(1, 7000, 571, 0);
            const struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = 500, .reference = "c1"};
            struct cf_tender cash = {.kind = CF_TENDER_CASH};
            int64_t by_card = 0, by_cash = 0, total = 0;
            (void)nothing_back(NULL);
            sell(&line, 1, NULL, 0, CF_TAX_INCLUSIVE);
            cf_tenders_init(&sale->tenders, sale->total_minor);
            if (rounded)
                sale->tenders.cash = rules[i];
            assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &card, NULL));
            cash.amount_minor = cf_tenders_due_in_cash(&sale->tenders);
            if (cash.amount_minor == 0)
                continue; /* no coin for so little */
            assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &cash, NULL));
            sale->change_minor = cf_tenders_change(&sale->tenders);
            assert_int_equal(CF_OK, cf_sale_check(sale, NULL));
            goods.cash = rules[i];
            for (before[0] = 0; before[0] < 7000; before[0] += 1000) {
                struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
                cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
                qty[0] = 1000;
                take_back(first);
                for (size_t k = 0; k < first->n_tenders; k++)
                    *(first->tenders[k].kind == CF_TENDER_CASH ? &by_cash : &by_card) += first->tenders[k].amount_minor;
                total += first->total_minor;
                if (before[0] < 6000)
                    assert_int_equal(by_cash % rules[i].step_minor == 0 || by_cash == cash.amount_minor, 1);
                assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
                assert_int_equal(CF_OK, cf_return_decode(cf_buf_bytes(&bytes), second, NULL));
                assert_int_equal(rules[i].step_minor, second->cash.step_minor);
                assert_int_equal(CF_OK, cf_return_rejudge(sale, second, NULL));
                second->cash.way = second->cash.way == CF_CASH_UP ? CF_CASH_DOWN : CF_CASH_UP;
                noticed += cf_return_rejudge(sale, second, NULL) == CF_E_RECORD;
            }
            assert_int_equal(sale->total_minor, total);
            assert_int_equal(500, by_card);
            assert_int_equal(cash.amount_minor, by_cash);
        }
    assert_in_range(noticed, 10, 98); /* another rule, another refund */
}

/* 12.34 of which 12.30 were paid: in parts or at once, what was paid goes back, and no more. */
static void what_was_rounded_is_shared_like_the_rest(void **state)
{
    (void)state;
    static const struct {
        int64_t cash, rounding;
    } rows[] = {{1230, -4}, {1235, 1}, {5000, -4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_cart_line line = core_line(1, 2000, 617, 0);
        struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = rows[i].cash};
        sell(&line, 1, NULL, 0, CF_TAX_INCLUSIVE);
        int64_t paid = sale->total_minor + rows[i].rounding;
        cf_tenders_init(&sale->tenders, sale->total_minor);
        sale->tenders.cash = (struct cf_cash_rule){rows[i].cash == 1235 ? 5 : 10, CF_CASH_NEAREST};
        assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &cash, NULL));
        assert_int_equal(rows[i].rounding, sale->tenders.rounding_minor);
        sale->change_minor = cf_tenders_change(&sale->tenders);
        assert_int_equal(CF_OK, cf_sale_check(sale, NULL));
        take_all_back(first);
        assert_int_equal(1, first->n_tenders);
        assert_int_equal(paid, first->tenders[0].amount_minor);
        struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
        cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
        assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
        assert_int_equal(CF_OK, cf_return_decode(cf_buf_bytes(&bytes), second, NULL));
        assert_int_equal(rows[i].rounding, second->rounding_minor);
        assert_int_equal(CF_OK, cf_return_rejudge(sale, second, NULL));
        int64_t back = 0;
        before[0] = 0;
        for (int part = 0; part < 2; part++, before[0] += 1000) {
            qty[0] = 1000;
            take_back(first);
            back += first->tenders[0].amount_minor;
        }
        assert_int_equal(paid, back);
        before[0] = 0;
    }
}

/* 39.97, of which a card paid 5.00, a gift card 10.00 and cash the rest. */
static void sell_for_three_kinds(void)
{
    struct cf_cart_line line = core_line(1, 7000, 571, 0);
    struct cf_tender gift = {
        .kind = CF_TENDER_GIFT_CARD, .amount_minor = 1000, .value = {.source = CF_VALUE_HOME, .account = 7}};
    const struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = 500, .reference = "c1"};
    const struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = 2497};
    sell(&line, 1, NULL, 0, CF_TAX_INCLUSIVE);
    cf_tenders_init(&sale->tenders, sale->total_minor);
    assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &card, NULL));
    assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &gift, NULL));
    assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &cash, NULL));
    sale->change_minor = 0;
    assert_int_equal(CF_OK, cf_sale_check(sale, NULL));
}

static int64_t paid_by(const struct cf_return *r, enum cf_tender_kind kind)
{
    struct cf_return_paid paid[CF_RETURN_PAID_MAX];
    int64_t sum = 0;
    size_t n = cf_return_paid(r, paid);
    for (size_t i = 0; i < n; i++)
        sum += paid[i].kind == kind ? paid[i].amount_minor : 0;
    return sum;
}

static void give_credit(struct cf_return *r)
{
    if (!r->has_credit)
        return;
    r->credit.kind = CF_GIFT_CREDIT;
    r->credit.account = 4711;
    r->credit.exp_s = 1795000000;
    r->credit.homed = true;
}

static void an_exchange_takes_cash_first_and_only_the_rest_in_cash_is_rounded(void **state)
{
    static const struct {
        int64_t up_to;
        bool as_credit;
        int64_t exchange, card, gift, cash, credit;
        const char *why;
    } rows[] = {
        {3997, false, 3997, 0, 0, 0, 0, "other goods for all of it, and no coin is needed"},
        {9999, false, 3997, 0, 0, 0, 0, "the goods cost more"},
        {2497, false, 2497, 500, 1000, 0, 0, "all of the cash"},
        {2000, false, 2000, 500, 1000, 495, 0, "4.97 in steps of 5"},
        {2496, false, 2496, 500, 1000, 0, 0, "0.01 is nothing"},
        {3000, false, 3000, 500, 497, 0, 0, "the gift card gets less, the card all"},
        {3997 - 1, false, 3996, 1, 0, 0, 0, "a card gets a cent"},
        {2000, true, 2000, 0, 1000, 0, 997, "the rest as credit, but for what a gift card paid"},
        {0, true, 0, 0, 1000, 0, 2997, "no exchange: cash and card as credit, to the cent"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
        cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
        (void)nothing_back(NULL);
        sell_for_three_kinds();
        goods.cash = (struct cf_cash_rule){5, CF_CASH_NEAREST};
        goods.exchange_up_to = rows[i].up_to;
        goods.as_credit = rows[i].as_credit;
        take_all_back(first);
        give_credit(first);
        const int64_t got[] = {first->exchange_minor, paid_by(first, CF_TENDER_CARD),
                               paid_by(first, CF_TENDER_GIFT_CARD), paid_by(first, CF_TENDER_CASH),
                               paid_by(first, CF_TENDER_STORE_CREDIT)};
        const int64_t want[] = {rows[i].exchange, rows[i].card, rows[i].gift, rows[i].cash, rows[i].credit};
        for (size_t k = 0; k < sizeof got / sizeof got[0]; k++)
            if (got[k] != want[k])
                fail_msg("%s: part %zu is %lld", rows[i].why, k, (long long)got[k]);
        assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
        assert_int_equal(CF_OK, cf_return_decode(cf_buf_bytes(&bytes), second, NULL));
        assert_int_equal(CF_OK, cf_return_rejudge(sale, second, NULL));
        if (second->exchange_minor == 3997) {
            second->exchange_minor++; /* more than came back, as if it were rounded: it still adds up */
            second->rounding_minor++;
            assert_int_equal(CF_E_RECORD, cf_return_rejudge(sale, second, NULL));
        }
    }
}

static void parts_of_exchanges_come_to_what_was_paid(void **state)
{
    (void)state;
    for (int64_t up_to = 1; up_to < 700; up_to += 37) {
        int64_t given = 0;
        (void)nothing_back(NULL);
        sell_for_three_kinds();
        goods.exchange_up_to = up_to;
        for (before[0] = 0; before[0] < 7000; before[0] += 1000) {
            qty[0] = 1000;
            assert_int_equal(CF_OK, cf_return_make(sale, &goods, first, NULL));
            assert_int_equal(up_to < 571 ? up_to : 571, first->exchange_minor);
            for (size_t k = 0; k < first->n_tenders; k++)
                given += first->tenders[k].amount_minor;
            given += first->exchange_minor;
            assert_int_equal(0, first->rounding_minor);
        }
        assert_int_equal(3997, given);
    }
}

static void store_credit_that_is_none_is_refused(void **state)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    (void)state;
    cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
    sell_for_three_kinds();
    goods.as_credit = true;
    take_all_back(first);
    assert_true(first->has_credit);
    give_credit(first);
    first->credit.kind = CF_GIFT_CARD; /* that is sold */
    assert_int_equal(CF_E_RECORD, cf_return_encode(first, &bytes, NULL));
    first->credit.kind = CF_GIFT_CREDIT;
    first->credit.homed = false;
    assert_int_equal(CF_E_RECORD, cf_return_encode(first, &bytes, NULL));
    first->credit.homed = true;
    first->credit.amount_minor++; /* more than came back */
    assert_int_equal(CF_E_RECORD, cf_return_encode(first, &bytes, NULL));
    first->credit.amount_minor--;
    assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
}

/* A sale that an exchange paid for, in part or all of it. */
static void pay_by_exchange(int64_t exchange_minor)
{
    struct cf_cart_line line = core_line(1, 1000, 1000, 0);
    const struct cf_tender exchange = {.kind = CF_TENDER_EXCHANGE, .amount_minor = exchange_minor};
    const struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = 1000 - exchange_minor, .reference = "c1"};
    sell(&line, 1, NULL, 0, CF_TAX_INCLUSIVE);
    cf_tenders_init(&sale->tenders, sale->total_minor);
    assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &exchange, NULL));
    if (card.amount_minor > 0)
        assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &card, NULL));
    sale->change_minor = 0;
    sale->has_exchange = true;
    sale->exchange = (struct cf_sale_ref){1001, 1, 41, 0};
}

static void what_an_exchange_had_paid_comes_back_in_cash_behind_the_cards(void **state)
{
    (void)state;
    pay_by_exchange(700);
    take_all_back(first);
    assert_int_equal(2, first->n_tenders);
    assert_int_equal(CF_TENDER_CARD, first->tenders[0].kind);
    assert_int_equal(300, first->tenders[0].amount_minor);
    assert_int_equal(CF_TENDER_CASH, first->tenders[1].kind);
    assert_int_equal(1, first->tenders[1].tender_no);
    assert_int_equal(700, first->tenders[1].amount_minor);
    assert_int_equal(CF_OK, cf_return_rejudge(sale, first, NULL));
}

static void a_sale_names_the_return_that_paid_for_it(void **state)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    struct cf_sale *read;
    (void)state;
    cf_buf_init(&bytes, CF_SALE_BYTES_MAX);
    assert_int_equal(CF_OK, cf_sale_new(&read, NULL));
    pay_by_exchange(1000);
    assert_int_equal(CF_OK, cf_sale_encode(sale, &bytes, NULL));
    assert_int_equal(CF_OK, cf_sale_decode(cf_buf_bytes(&bytes), read, NULL));
    assert_true(read->has_exchange);
    assert_int_equal(41, read->exchange.seq);
    cf_sale_free(read);
    sale->exchange.seq = 0; /* of no record */
    assert_int_equal(CF_E_RECORD, cf_sale_check(sale, NULL));
    pay_by_exchange(600);
    sale->has_exchange = false; /* goods that nobody names cannot pay */
    assert_int_equal(CF_E_RECORD, cf_sale_check(sale, NULL));
    pay_by_exchange(600);
    sale->tenders.tender[1] = sale->tenders.tender[0];
    sale->tenders.tender[1].amount_minor = 400; /* nor twice */
    assert_int_equal(CF_E_RECORD, cf_sale_check(sale, NULL));
}

static void a_right_comes_back_with_the_last_discounted_line(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(1, 1000, 500, 0), core_line(2, 1000, 500, 0), core_line(3, 1000, 500, 0)};
    struct cf_promotion p = core_promotion(9, CF_REWARD_LINE_PERCENT, 5000);
    struct cf_offer offer = {&p, true, 0, false};
    p.needs_coupon = true;
    p.goods.n_products = 2;
    p.goods.products[0] = 1;
    p.goods.products[1] = 2;
    sell(lines, 3, &offer, 1, CF_TAX_INCLUSIVE);
    fates[0] = CF_ON_RETURN_BURN;
    qty[0] = 1000;
    take_back(first);
    assert_int_equal(0, first->n_rights);
    before[0] = 1000;
    qty[0] = 0;
    qty[1] = 1000; /* the third line cost its full price: it has nothing to do with the coupon */
    take_back(first);
    assert_int_equal(1, first->n_rights);
    assert_int_equal(CF_ON_RETURN_BURN, first->rights[0].fate);
    assert_int_equal(500, first->rights[0].cost_minor);
    before[1] = 1000;
    qty[1] = 0;
    qty[2] = 1000;
    take_back(first);
    assert_int_equal(0, first->n_rights);
}

/* Of what a coupon gave beside money every piece of the sale has its part: a discount of something else brings it back
 * no sooner. */
static void a_right_that_gave_no_money_comes_back_with_the_last_line(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(1, 1000, 500, 0), core_line(2, 1000, 9500, 0)};
    struct cf_promotion week = core_promotion(8, CF_REWARD_LINE_PERCENT, 1000);
    struct cf_offer offer = {&week, false, 0, false};
    week.goods = (struct cf_goods){.n_products = 1, .products = {1}};
    sell(lines, 2, &offer, 1, CF_TAX_INCLUSIVE);
    sale->redemptions[0] = (struct cf_redemption){.campaign = 9, .index = 7, .policy = CF_POLICY_LEASED};
    sale->n_redemptions = 1;
    sale->effects[0] = (struct cf_sale_effect){.campaign = 9, .version = 1, .redemption = 0};
    sale->n_effects = 1;
    join(1000);
    qty[0] = 1000;
    take_back(first);
    assert_int_equal(0, first->n_rights);
    before[0] = 1000;
    qty[0] = 0;
    qty[1] = 1000;
    take_back(first);
    assert_int_equal(1, first->n_rights);
}

static void a_coupon_of_the_receipt_is_revoked_with_the_last_of_its_goods(void **state)
{
    (void)state;
    struct cf_cart_line lines[2] = {core_line(1, 2000, 1000, 1300), core_line(2, 1000, 500, 1300)};
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
    sell(lines, 2, NULL, 0, CF_TAX_INCLUSIVE);
    sale->n_issued = 2;
    sale->issued[0] = (struct cf_issued){.campaign = 15, .index = 1000};
    sale->issued[1] = (struct cf_issued){.campaign = 16, .index = 7};
    qty[0] = 2000;
    take_back(first);
    assert_int_equal(0, first->n_revoked); /* something stays: what it was given for is not priced again */
    before[0] = 2000;
    qty[0] = 0;
    qty[1] = 1000;
    take_back(first);
    assert_int_equal(2, first->n_revoked);
    assert_int_equal(16, first->revoked[1].campaign);
    first->revoked[1].used = true; /* the till's word */
    assert_int_equal(CF_OK, cf_return_rejudge(sale, first, NULL));
    assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
    assert_int_equal(CF_OK, cf_return_decode(cf_buf_bytes(&bytes), second, NULL));
    assert_int_equal(2, second->n_revoked);
    assert_true(!second->revoked[0].used && second->revoked[1].used);
    second->revoked[1].index++; /* another's coupon */
    assert_int_equal(CF_E_RECORD, cf_return_rejudge(sale, second, NULL));
    second->n_revoked = 1;
    assert_int_equal(CF_E_RECORD, cf_return_rejudge(sale, second, NULL));
    second->n_revoked = 0; /* a record from before coupons were revoked */
    assert_int_equal(CF_OK, cf_return_rejudge(sale, second, NULL));
    first->revoked[1] = first->revoked[0];
    cf_buf_clear(&bytes);
    assert_int_equal(CF_E_RECORD, cf_return_encode(first, &bytes, NULL));
}

static void a_return_says_why_and_one_that_does_not_is_as_it_always_was(void **state)
{
    static const char too_long[] = "1234567890123456789012345678901234567890123456789";
    (void)state;
    struct cf_cart_line lines[1] = {core_line(1, 2000, 1000, 1300)};
    struct cf_buf CF_CLEANUP(cf_buf_done) plain, says;
    cf_buf_init(&plain, CF_RETURN_BYTES_MAX);
    cf_buf_init(&says, CF_RETURN_BYTES_MAX);
    sell(lines, 1, NULL, 0, CF_TAX_INCLUSIVE);
    qty[0] = 1000;
    take_back(first);
    assert_int_equal(CF_OK, cf_return_encode(first, &plain, NULL));
    assert_int_equal(CF_OK, cf_return_decode(cf_buf_bytes(&plain), second, NULL));
    assert_string_equal("", second->reason);
    snprintf(first->reason, sizeof first->reason, "%s", "Does not fit 尺码不合");
    assert_int_equal(CF_OK, cf_return_encode(first, &says, NULL));
    assert_int_equal(CF_OK, cf_return_decode(cf_buf_bytes(&says), second, NULL));
    assert_string_equal("Does not fit 尺码不合", second->reason);
    assert_int_equal(CF_OK, cf_return_rejudge(sale, second, NULL)); /* whatever it says */
    memcpy(first->reason, too_long, sizeof first->reason);          /* without an end */
    cf_buf_clear(&says);
    assert_int_equal(CF_E_RECORD, cf_return_encode(first, &says, NULL));
    snprintf(first->reason, sizeof first->reason, "a\nb");
    assert_int_equal(CF_E_RECORD, cf_return_encode(first, &says, NULL));
    first->reason[0] = '\0';
    assert_int_equal(CF_OK, cf_return_encode(first, &says, NULL));
    assert_true(cf_bytes_equal(cf_buf_bytes(&plain), cf_buf_bytes(&says)));
}

/* A gift card that the sale sold does not come back, and was not what the coupon was given for. */
static void a_gift_card_that_stays_keeps_no_coupon(void **state)
{
    (void)state;
    struct cf_cart_line lines[2] = {core_line(1, 1000, 1000, 1300), core_line(CF_PRODUCT_GIFT_CARD, 1000, 500, 0)};
    int64_t back[2] = {1000, 0};
    struct cf_return_state is;
    sell(lines, 2, NULL, 0, CF_TAX_INCLUSIVE);
    cf_return_so_far(sale, back, &is);
    assert_true(is.issued);
    back[0] = 0;
    cf_return_so_far(sale, back, &is);
    assert_false(is.issued);
}

static void points_are_taken_back_pro_rata(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 3000, 1000, 0);
    int64_t sum = 0;
    sell(&line, 1, NULL, 0, CF_TAX_INCLUSIVE);
    join(10);
    static const int64_t expected[] = {3, 4, 3};
    for (size_t i = 0; i < 3; i++) {
        before[0] = (int64_t)i * 1000;
        qty[0] = 1000;
        take_back(first);
        assert_int_equal(expected[i], first->points);
        sum += first->points;
    }
    assert_int_equal(10, sum);
}

/* Of ten points campaign 5 gave seven; each is rounded down by itself, and all of it goes with the last. */
static void points_of_a_campaign_are_taken_back_with_the_goods(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 3000, 1000, 0);
    static const int64_t expected[] = {2, 2, 3};
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
    sell(&line, 1, NULL, 0, CF_TAX_INCLUSIVE);
    join(10);
    sale->n_points_by = 1;
    sale->points_by[0] = (struct cf_points_given){5, 7};
    for (size_t i = 0; i < 3; i++) {
        before[0] = (int64_t)i * 1000;
        qty[0] = 1000;
        take_back(first);
        assert_int_equal(first->n_points_by, 1);
        assert_int_equal(first->points_by[0].campaign, 5);
        assert_int_equal(first->points_by[0].points, expected[i]);
        cf_buf_clear(&bytes);
        assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
        assert_int_equal(CF_OK, cf_return_decode(cf_buf_bytes(&bytes), second, NULL));
        assert_int_equal(second->points_by[0].points, expected[i]);
        assert_int_equal(CF_OK, cf_return_rejudge(sale, second, NULL));
        second->points_by[0].points++;
        assert_int_equal(CF_E_RECORD, cf_return_rejudge(sale, second, NULL));
        second->points_by[0] = (struct cf_points_given){6, expected[i]};
        assert_int_equal(CF_E_RECORD, cf_return_rejudge(sale, second, NULL));
        second->n_points_by = 0; /* a till of before */
        assert_int_equal(CF_OK, cf_return_rejudge(sale, second, NULL));
        first->has_member = false;
        first->points = 0;
        assert_int_equal(CF_E_RECORD, cf_return_encode(first, &bytes, NULL));
    }
}

struct refused {
    const char *why;
    int64_t before, qty;
    enum cf_rc rc;
};
static const struct refused refused[] = {
    {"more than was sold", 0, 4000, CF_E_RETURN_QUANTITY},
    {"more than is left", 2000, 2000, CF_E_RETURN_QUANTITY},
    {"all is back", 3000, 1000, CF_E_RETURN_QUANTITY},
    {"more came back before than was sold", 4000, 1000, CF_E_RETURN_QUANTITY},
    {"a part of a piece", 0, 500, CF_E_RETURN_QUANTITY},
    {"less than nothing", 1000, -1000, CF_E_RETURN_QUANTITY},
    {"less than nothing before", -1000, 1000, CF_E_RETURN_QUANTITY},
    {"the sum does not fit", INT64_MAX, INT64_MAX, CF_E_RETURN_QUANTITY},
    {"nothing", 0, 0, CF_E_RETURN_EMPTY},
    {"nothing now", 1000, 0, CF_E_RETURN_EMPTY},
};

static void what_cannot_come_back_is_refused(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 3000, 1000, 0);
    sell(&line, 1, NULL, 0, CF_TAX_INCLUSIVE);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct cf_error err;
        before[0] = refused[i].before;
        qty[0] = refused[i].qty;
        first->total_minor = -77;
        if (cf_return_make(sale, &goods, first, &err) != refused[i].rc)
            fail_msg("%s: %s", refused[i].why, err.detail);
        assert_int_equal(-77, first->total_minor);
    }
}

static void a_sale_that_cost_nothing_can_come_back(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(1, 1000, 0, 1300), core_line(2, 2000, 100, 1300)};
    struct cf_promotion p = core_promotion(9, CF_REWARD_ORDER_PERCENT, 10000);
    struct cf_offer offer = {&p, true, 0, false};
    p.needs_coupon = true;
    sell(lines, 2, &offer, 1, CF_TAX_INCLUSIVE);
    assert_int_equal(0, sale->total_minor);
    take_all_back(first);
    assert_int_equal(0, first->total_minor);
    assert_int_equal(200, first->discount_minor);
    assert_int_equal(0, first->n_tenders);
    assert_int_equal(1, first->n_rights);
    assert_int_equal(CF_OK, cf_return_check(first, NULL));
}

static void odd_cents_of_a_stated_tax_come_back_too(void **state)
{
    (void)state;
    struct cf_cart_line lines[] = {core_line(1, 1000, 100, 1300), core_line(2, 1000, 100, 900),
                                   core_line(3, 1000, 0, 0)};
    sell(lines, 3, NULL, 0, CF_TAX_EXCLUSIVE);
    sale->tax_minor += 2; /* another way of rounding, as cf_sale_check lets pass */
    sale->total_minor += 2;
    sale->tenders.tender[1].amount_minor += 2;
    sale->tenders.total_minor += 2;
    assert_int_equal(CF_OK, cf_sale_check(sale, NULL));
    take_all_back(first);
    assert_int_equal(sale->total_minor, first->total_minor);
    assert_int_equal(sale->tax_minor, first->tax_minor);
}

/* --- by chance -----------------------------------------------------------------------------------------------------
 */

static void sell_by_chance(struct chance *chance)
{
    struct cf_cart_line lines[LINES];
    struct cf_promotion promotions[OFFERS];
    struct cf_offer offers[OFFERS];
    size_t n = 1 + chance_below(chance, LINES), n_offers = chance_below(chance, OFFERS + 1);
    for (size_t i = 0; i < n; i++)
        lines[i] = core_line_by_chance(chance);
    for (size_t i = 0; i < n_offers; i++) {
        promotions[i] = core_promotion_by_chance(chance, (uint32_t)(1 + i));
        offers[i] = (struct cf_offer){&promotions[i], promotions[i].needs_coupon, 0, false};
    }
    sell(lines, n, offers, n_offers, chance_of(chance, 50) ? CF_TAX_INCLUSIVE : CF_TAX_EXCLUSIVE);
    if (chance_of(chance, 60))
        join((int64_t)chance_below(chance, (uint64_t)sale->total_minor + 1));
}

/* Some of what is left; true if anything. */
static bool choose(struct chance *chance)
{
    bool any = false, all = chance_of(chance, 20);
    for (size_t i = 0; i < sale->n_lines; i++) {
        int64_t left = sale->lines[i].qty_milli - before[i];
        bool pieces = sale->lines[i].qty_milli % 1000 == 0;
        int64_t unit = pieces ? 1000 : 1;
        qty[i] = all                     ? left
                 : chance_of(chance, 40) ? (int64_t)chance_below(chance, (uint64_t)(left / unit) + 1) * unit
                                         : 0;
        any = any || qty[i] > 0;
    }
    return any;
}

struct sums {
    int64_t gross, discount, tax, total, points, tender[CF_TENDERS_MAX];
    size_t n_rights;
};

static void add(struct sums *sums, const struct cf_return *r)
{
    sums->gross += r->gross_minor;
    sums->discount += r->discount_minor;
    sums->tax += r->tax_minor;
    sums->total += r->total_minor;
    sums->points += r->points;
    sums->n_rights += r->n_rights;
    for (size_t i = 0; i < r->n_tenders; i++)
        sums->tender[r->tenders[i].tender_no - 1] += r->tenders[i].amount_minor;
}

static void assert_never_too_much(uint64_t seed, const struct sums *sums)
{
    struct cf_return_state so_far;
    if (sums->total > sale->total_minor || sums->points > sale->points || sums->gross > sale->gross_minor ||
        sums->discount > sale->discount_minor || sums->tax > sale->tax_minor || sums->n_rights > sale->n_redemptions)
        fail_msg("seed %llu: too much is given back", (unsigned long long)seed);
    for (size_t i = 0; i < sale->tenders.n; i++)
        assert_true(sums->tender[i] <= sale->tenders.tender[i].amount_minor);
    cf_return_so_far(sale, before, &so_far);
    assert_int_equal(sums->total, so_far.refunded_minor);
    assert_int_equal(sums->points, so_far.points);
}

static void any_sequence_of_returns_sums_to_the_sale_and_never_to_more(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct chance chance = {seed};
        struct sums sums = {0};
        sell_by_chance(&chance);
        memset(before, 0, sizeof before);
        for (int round = 0; round < 40; round++) {
            if (!choose(&chance))
                continue;
            take_back(first);
            assert_int_equal(CF_OK, cf_return_check(first, NULL));
            assert_int_equal(CF_OK, cf_return_rejudge(sale, first, NULL));
            assert_true(first->total_minor >= 0 && first->points >= 0);
            add(&sums, first);
            for (size_t i = 0; i < sale->n_lines; i++)
                before[i] += qty[i];
            assert_never_too_much(seed, &sums);
        }
        bool whole = true;
        for (size_t i = 0; i < sale->n_lines; i++)
            whole = whole && before[i] == sale->lines[i].qty_milli;
        if (!whole) {
            take_all_back(first);
            add(&sums, first);
        }
        assert_int_equal(sale->gross_minor, sums.gross);
        assert_int_equal(sale->discount_minor, sums.discount);
        assert_int_equal(sale->tax_minor, sums.tax);
        assert_int_equal(sale->total_minor, sums.total);
        assert_int_equal(sale->points, sums.points);
        assert_int_equal(sale->n_redemptions, sums.n_rights);
    }
}

static void returns_in_any_order_end_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 500; seed++) {
        struct chance chance = {seed};
        int64_t target[LINES];
        struct cf_return_state end;
        sell_by_chance(&chance);
        memset(before, 0, sizeof before);
        (void)!choose(&chance);
        memcpy(target, qty, sizeof target);
        cf_return_so_far(sale, target, &end);
        for (int way = 0; way < 3; way++) {
            struct sums sums = {0};
            memset(before, 0, sizeof before);
            memset(qty, 0, sizeof qty);
            for (size_t k = 0; k < sale->n_lines; k++) { /* a line at a time, from another one each way */
                size_t i = (k + (size_t)way * 7) % sale->n_lines;
                qty[i] = target[i];
                if (qty[i] > 0) {
                    take_back(first);
                    add(&sums, first);
                }
                before[i] = qty[i];
                qty[i] = 0;
            }
            assert_int_equal(end.refunded_minor, sums.total);
            assert_int_equal(end.points, sums.points);
        }
    }
}

/* --- as bytes ------------------------------------------------------------------------------------------------------
 */

static void make_rich_return(void)
{
    struct cf_cart_line lines[] = {core_line(1, 3000, 990, 300), core_line(2, 345, 2990, 900),
                                   core_line(3, 2000, 1000, 1300)};
    struct cf_promotion p = core_promotion(1042, CF_REWARD_ORDER_PERCENT, 1000);
    struct cf_offer offer = {&p, true, 0, false};
    p.needs_coupon = true;
    sell(lines, 3, &offer, 1, CF_TAX_INCLUSIVE);
    join(41);
    before[0] = 1000;
    take_all_back(first);
    first->claimed = true;
    memset(first->request_key, 0xA5, CF_REQUEST_KEY_BYTES);
}

static void a_return_comes_back_from_its_bytes(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes, again;
    cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
    cf_buf_init(&again, CF_RETURN_BYTES_MAX);
    make_rich_return();
    assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
    assert_int_equal(CF_OK, cf_return_decode(cf_buf_bytes(&bytes), second, NULL));
    assert_int_equal(CF_OK, cf_return_encode(second, &again, NULL));
    assert_true(cf_bytes_equal(cf_buf_bytes(&bytes), cf_buf_bytes(&again)));
    assert_int_equal(first->total_minor, second->total_minor);
    assert_int_equal(3, second->n_lines);
    assert_int_equal(1000, second->lines[0].before_milli);
    assert_int_equal(42, second->of.seq);
    assert_true(second->claimed && second->has_member);
    assert_string_equal("bob", second->cashier);
    assert_int_equal(CF_OK, cf_return_rejudge(sale, second, NULL));
    cf_buf_done(&again);
}

static void name_refund(size_t tender, uint8_t with)
{
    first->tenders[tender].has_id = true;
    memset(first->tenders[tender].id, with, CF_TENDER_ID_BYTES);
}

static void the_ids_of_refunds_come_back_from_their_bytes(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
    make_rich_return();
    assert_in_range(first->n_tenders, 2, CF_TENDERS_MAX);
    first->tenders[0].kind = CF_TENDER_CARD;
    first->tenders[1].kind = CF_TENDER_MOBILE;
    name_refund(1, 7);
    assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
    assert_int_equal(CF_OK, cf_return_decode(cf_buf_bytes(&bytes), second, NULL));
    assert_false(second->tenders[0].has_id);
    assert_true(second->tenders[1].has_id);
    assert_memory_equal(first->tenders[1].id, second->tenders[1].id, CF_TENDER_ID_BYTES);
    name_refund(0, 7);
    assert_int_equal(CF_E_RECORD, cf_return_encode(first, &bytes, NULL)); /* one id, two refunds */
    name_refund(0, 8);
    assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
    first->tenders[0].kind = CF_TENDER_CASH;
    assert_int_equal(CF_E_RECORD, cf_return_encode(first, &bytes, NULL)); /* nobody gives cash back but the till */
}

static void what_a_signing_device_said_comes_back_from_its_bytes(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes, plain;
    cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
    cf_buf_init(&plain, CF_RETURN_BYTES_MAX);
    make_rich_return();
    first->fiscal = (struct cf_fiscal_answer){.is = false};
    assert_int_equal(CF_OK, cf_return_encode(first, &plain, NULL));
    first->fiscal = (struct cf_fiscal_answer){true, "TSE-0042", 17, 34, "c2ln", 1795377598, 1795377600};
    assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
    assert_int_equal(CF_OK, cf_return_decode(cf_buf_bytes(&bytes), second, NULL));
    assert_true(second->fiscal.is && second->fiscal.transaction == 17 && second->fiscal.counter == 34);
    assert_string_equal(second->fiscal.serial, "TSE-0042");
    assert_string_equal(second->fiscal.signature, "c2ln");
    assert_int_equal(CF_OK, cf_return_rejudge(sale, second, NULL)); /* it is no figure of the return */
    for (size_t n = plain.n; n < bytes.n; n++)
        assert_int_equal(CF_E_RECORD, cf_return_decode(cf_bytes_of(bytes.p, n), second, NULL));
    first->fiscal = (struct cf_fiscal_answer){.is = true, .transaction = 17}; /* it failed */
    cf_buf_clear(&bytes);
    assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
    first->fiscal.counter = 34; /* and signed? */
    assert_int_equal(CF_E_RECORD, cf_return_encode(first, &bytes, NULL));
    first->fiscal = (struct cf_fiscal_answer){true, "TSE\n0042", 17, 34, "c2ln", 1795377598, 1795377600};
    assert_int_equal(CF_E_RECORD, cf_return_encode(first, &bytes, NULL));
    first->fiscal = (struct cf_fiscal_answer){.is = false};
    cf_buf_clear(&bytes);
    assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
    assert_true(cf_bytes_equal(cf_buf_bytes(&plain), cf_buf_bytes(&bytes)));
    cf_buf_done(&plain);
}

static void what_was_cut_or_extended_is_refused(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
    make_rich_return();
    assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
    second->total_minor = -5;
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_equal(CF_E_RECORD, cf_return_decode(cf_bytes_of(bytes.p, n), second, NULL));
    assert_int_equal(CF_OK, cf_buf_append(&bytes, (const uint8_t *)"", 1, NULL));
    assert_int_equal(CF_E_RECORD, cf_return_decode(cf_buf_bytes(&bytes), second, NULL));
    assert_int_equal(-5, second->total_minor);
}

static void no_flipped_bit_is_read_as_another_refund(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
    make_rich_return();
    assert_int_equal(CF_OK, cf_return_encode(first, &bytes, NULL));
    for (size_t bit = 0; bit < bytes.n * 8; bit++) {
        bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (cf_return_decode(cf_buf_bytes(&bytes), second, NULL) == CF_OK &&
            cf_return_rejudge(sale, second, NULL) == CF_OK) {
            assert_int_equal(first->total_minor, second->total_minor);
            assert_int_equal(first->points, second->points);
        }
        bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void spoil_total(struct cf_return *r)
{
    r->total_minor++;
}
static void spoil_both(struct cf_return *r)
{
    r->total_minor++;
    r->lines[2].gross_minor++;
    r->gross_minor++;
    r->tenders[0].amount_minor++;
}
static void spoil_refund(struct cf_return *r)
{
    r->tenders[0].amount_minor++;
}
static void spoil_twice(struct cf_return *r)
{
    r->tenders[1].tender_no = r->tenders[0].tender_no;
}
static void spoil_order(struct cf_return *r)
{
    r->lines[1].line_no = r->lines[0].line_no;
}
static void spoil_quantity(struct cf_return *r)
{
    r->lines[0].qty_milli = 3000;
}
static void spoil_void(struct cf_return *r)
{
    r->is_void = true;
}
static void spoil_points(struct cf_return *r)
{
    r->has_member = false;
}
static void spoil_sale(struct cf_return *r)
{
    r->of.seq = 0;
}
static void spoil_number(struct cf_return *r)
{
    r->return_no = 0;
}
static void spoil_fate(struct cf_return *r)
{
    r->rights[0].fate = (enum cf_on_return)2;
}
static void spoil_day(struct cf_return *r)
{
    r->business_day = 20261332;
}
static void spoil_negative(struct cf_return *r)
{
    r->lines[0].tax_minor = -1;
}
static const struct {
    const char *why;
    void (*spoil)(struct cf_return *r);
    bool sums_up; /* only the sale shows it */
} spoils[] = {
    {"the total is not the sum of its lines", spoil_total, false},
    {"one cent too much, written everywhere", spoil_both, true},
    {"more is refunded than is owed", spoil_refund, false},
    {"one tender is refunded twice", spoil_twice, false},
    {"lines out of order", spoil_order, false},
    {"more than was sold", spoil_quantity, false},
    {"a void of goods that came back before", spoil_void, false},
    {"points of nobody", spoil_points, false},
    {"no sale", spoil_sale, false},
    {"no number", spoil_number, false},
    {"a right has no such fate", spoil_fate, false},
    {"no such day", spoil_day, false},
    {"less than nothing of tax", spoil_negative, false},
};

static void what_does_not_add_up_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
        cf_buf_init(&bytes, CF_RETURN_BYTES_MAX);
        (void)nothing_back(NULL);
        make_rich_return();
        spoils[i].spoil(first);
        enum cf_rc rc =
            spoils[i].sums_up ? cf_return_rejudge(sale, first, NULL) : cf_return_encode(first, &bytes, NULL);
        if (rc != CF_E_RECORD)
            fail_msg("%s: %s", spoils[i].why, cf_rc_name(rc));
        assert_int_equal(0, bytes.n);
    }
}

static void a_return_is_judged_against_its_own_sale(void **state)
{
    (void)state;
    make_rich_return();
    assert_int_equal(CF_OK, cf_return_rejudge(sale, first, NULL));
    sale->sale_no++;
    assert_int_equal(CF_E_RECORD, cf_return_rejudge(sale, first, NULL));
    sale->sale_no--;
    sale->member.b[0] ^= 1;
    assert_int_equal(CF_E_RECORD, cf_return_rejudge(sale, first, NULL));
    sale->member.b[0] ^= 1;
    sale->lines[2].product++;
    assert_int_equal(CF_E_RECORD, cf_return_rejudge(sale, first, NULL));
    sale->lines[2].product--;
    sale->n_lines = 2;
    assert_int_equal(CF_E_RECORD, cf_return_rejudge(sale, first, NULL));
}

static void a_void_is_of_its_own_day(void **state)
{
    (void)state;
    struct cf_cart_line line = core_line(1, 3000, 990, 300);
    sell(&line, 1, NULL, 0, CF_TAX_INCLUSIVE);
    take_all_back(first);
    first->is_void = true;
    assert_int_equal(CF_OK, cf_return_rejudge(sale, first, NULL));
    first->business_day++;
    assert_int_equal(CF_E_RECORD, cf_return_rejudge(sale, first, NULL));
}

/* --- the sale's name -----------------------------------------------------------------------------------------------
 */

static void a_receipt_names_its_sale(void **state)
{
    (void)state;
    struct cf_sale_ref ref;
    char text[CF_SALE_REF_MAX];
    assert_true(cf_sale_ref_parse("1001-2-000042", &ref));
    assert_true(ref.terminal == 1001 && ref.epoch == 2 && ref.seq == 42);
    cf_sale_ref_code(&ref, text);
    assert_string_equal("CR1:1001-2-42", text);
    assert_true(cf_sale_ref_parse(text, &ref));
    static const char *const bad[] = {"",
                                      "42",
                                      "1-2",
                                      "1-2-",
                                      "1-2-3-",
                                      "1-2-3 ",
                                      "-1-2-3",
                                      "0-2-3",
                                      "1-0-3",
                                      "1-2-0",
                                      "1--3",
                                      "a-b-c",
                                      "CR1:",
                                      "CR2:1-2-3",
                                      "1-2-0x3",
                                      "+1-2-3",
                                      " 1-2-3",
                                      "4294967296-1-1",
                                      "1-1-9223372036854775808",
                                      "1-1-18446744073709551616"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (cf_sale_ref_parse(bad[i], &ref))
            fail_msg("\"%s\" was read", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_piece_of_three_is_refunded_by_its_share, nothing_back),
        cmocka_unit_test_setup(all_of_a_sale_comes_back_to_the_cent, nothing_back),
        cmocka_unit_test_setup(money_goes_to_the_card_first_and_change_was_never_the_shops, nothing_back),
        cmocka_unit_test_setup(cash_is_refunded_last_and_change_comes_off_the_last_cash, nothing_back),
        cmocka_unit_test_setup(parts_in_cash_are_coins_and_come_to_what_was_paid, nothing_back),
        cmocka_unit_test_setup(what_was_rounded_is_shared_like_the_rest, nothing_back),
        cmocka_unit_test_setup(an_exchange_takes_cash_first_and_only_the_rest_in_cash_is_rounded, nothing_back),
        cmocka_unit_test_setup(parts_of_exchanges_come_to_what_was_paid, nothing_back),
        cmocka_unit_test_setup(store_credit_that_is_none_is_refused, nothing_back),
        cmocka_unit_test_setup(what_an_exchange_had_paid_comes_back_in_cash_behind_the_cards, nothing_back),
        cmocka_unit_test_setup(a_sale_names_the_return_that_paid_for_it, nothing_back),
        cmocka_unit_test_setup(a_right_comes_back_with_the_last_discounted_line, nothing_back),
        cmocka_unit_test_setup(a_right_that_gave_no_money_comes_back_with_the_last_line, nothing_back),
        cmocka_unit_test_setup(a_return_says_why_and_one_that_does_not_is_as_it_always_was, nothing_back),
        cmocka_unit_test_setup(a_coupon_of_the_receipt_is_revoked_with_the_last_of_its_goods, nothing_back),
        cmocka_unit_test_setup(a_gift_card_that_stays_keeps_no_coupon, nothing_back),
        cmocka_unit_test_setup(points_are_taken_back_pro_rata, nothing_back),
        cmocka_unit_test_setup(points_of_a_campaign_are_taken_back_with_the_goods, nothing_back),
        cmocka_unit_test_setup(what_cannot_come_back_is_refused, nothing_back),
        cmocka_unit_test_setup(a_sale_that_cost_nothing_can_come_back, nothing_back),
        cmocka_unit_test_setup(odd_cents_of_a_stated_tax_come_back_too, nothing_back),
        cmocka_unit_test_setup(any_sequence_of_returns_sums_to_the_sale_and_never_to_more, nothing_back),
        cmocka_unit_test_setup(returns_in_any_order_end_the_same, nothing_back),
        cmocka_unit_test_setup(a_return_comes_back_from_its_bytes, nothing_back),
        cmocka_unit_test_setup(the_ids_of_refunds_come_back_from_their_bytes, nothing_back),
        cmocka_unit_test_setup(what_a_signing_device_said_comes_back_from_its_bytes, nothing_back),
        cmocka_unit_test_setup(what_was_cut_or_extended_is_refused, nothing_back),
        cmocka_unit_test_setup(no_flipped_bit_is_read_as_another_refund, nothing_back),
        cmocka_unit_test_setup(what_does_not_add_up_is_refused, nothing_back),
        cmocka_unit_test_setup(a_return_is_judged_against_its_own_sale, nothing_back),
        cmocka_unit_test_setup(a_void_is_of_its_own_day, nothing_back),
        cmocka_unit_test(a_receipt_names_its_sale),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_room, free_room);
}
